/* problem/architecture.c -- from the model file's input, layers and output to a network and its representations
 *
 *   rho_0 = rho_X, ..., rho_m = rho_Y on the stages;   rho_H = sum over weight blocks of out tensor in (tensor taps)
 *
 * L is the coordinates that the mask marks; where a support is the span of patterns, it is the span of those, filter by
 * filter, and of the other layers' coordinates.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "problem/builder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- input -------------------------------------------------------------------------- */

/* Channels as a number or a list. */
static fs_status read_channels(builder *b, const fs_yaml *node)
{
    if (node->kind == FS_YAML_LIST) return fs_features_read(&b->channels, b->p->group, node, b->err);
    return fs_yaml_locate(node, fs_features_trivial(&b->channels, b->p->group, fs_yaml_whole(node), b->err), b->err);
}

/* natural x natural, for a group whose natural representation permutes n points. */
static fs_status read_graph(builder *b, const fs_yaml *node)
{
    size_t n = fs_yaml_whole(node);
    const char *group = fs_group_name(b->p->group);
    fs_rep *natural = NULL;
    fs_status status = fs_yaml_locate(node, fs_rep_create_named(&natural, b->p->group, "natural", b->err), b->err);
    if (status == FS_OK && !(fs_rep_is_permutation(natural) && fs_rep_dim(natural) == n))
        status = fs_yaml_fail(node, b->err, "expected a group that permutes %zu nodes, such as S%zu, found %s, whose natural representation %s %zu %s", n,
                              n, group, fs_rep_is_permutation(natural) ? "permutes" : "acts by matrices on", fs_rep_dim(natural),
                              fs_rep_is_permutation(natural) ? "points" : "coordinates");
    fs_rep *factor[2] = { natural, natural };
    b->channels.part = fs_calloc(1, sizeof(fs_rep *));
    if (status == FS_OK && !b->channels.part) status = fs_fail(b->err, FS_ENOMEM, "a representation on graphs");
    if (status == FS_OK) status = fs_rep_create_tensor(&b->channels.part[0], 2, factor, b->err);
    if (status == FS_OK) {
        b->channels.count = 1;
        b->channels.rep = fs_rep_retain(b->channels.part[0]);
    }
    fs_rep_destroy(natural);
    return status;
}

/* S_n moves n points; on another number of them it must have features to act on. */
static fs_status check_set(const builder *b, const fs_yaml *node, size_t points)
{
    const fs_group *G = b->p->group;
    if (fs_group_family(G) != FS_FAMILY_SYMMETRIC || fs_group_parameter(G, 0) == points || !fs_rep_is_trivial(b->channels.rep)) return FS_OK;
    return fs_yaml_fail(node, b->err, "expected a set of %zu points, which %s permutes, or features on which it acts, found %zu points with trivial features",
                        fs_group_parameter(G, 0), fs_group_name(G), points);
}

/* Which factors of the group act on the values of a picture. */
static fs_status find_actors(builder *b)
{
    size_t factors = fs_group_factors(b->p->group);
    b->on_values = fs_calloc(factors, 1);
    if (!b->on_values) return fs_fail(b->err, FS_ENOMEM, "%zu factors of %s", factors, fs_group_name(b->p->group));
    return fs_features_acting(&b->channels, b->on_values, b->err);
}

/* rho_X and the shape of x_0. */
static fs_status add_input(builder *b)
{
    const fs_yaml *at = fs_model_find(b->model, "input"), *image = fs_yaml_get(at, "image"), *set = fs_yaml_get(at, "set"),
                  *vector = fs_yaml_get(at, "vector"), *graph = fs_yaml_get(at, "graph");
    size_t edge = image ? fs_yaml_whole(image) : 1, points = set ? fs_yaml_whole(set) : edge;
    b->space = image ? FS_SPACE_IMAGE : set ? FS_SPACE_SET : FS_SPACE_VECTOR;
    if (graph) FS_TRY(read_graph(b, graph));
    else FS_TRY(read_channels(b, image ? fs_yaml_get(at, "channels") : set ? fs_yaml_get(at, "features") : vector));
    if (image) FS_TRY(find_actors(b));
    b->input = b->shape = (fs_shape){ fs_rep_dim(b->channels.rep), points, edge };
    const fs_yaml *place = image ? image : set ? set : vector ? vector : graph;
    FS_TRY(fs_builder_check_stage(b, place));
    if (set) FS_TRY(check_set(b, set, points));
    FS_TRY(fs_yaml_locate(place, fs_builder_pixels(b), b->err));
    return fs_yaml_locate(place, fs_builder_stage(b), b->err);
}

/* --- output ------------------------------------------------------------------------- */

/* What the model says about Y must be what the layers make. */
static fs_status check_output(const builder *b)
{
    const fs_yaml *node = fs_model_find(b->model, "output");
    fs_rep *made = b->p->stage[b->n];
    features asked = { 0 };
    int same = 1;
    if (!node) return FS_OK;
    FS_TRY(node->kind == FS_YAML_LIST ? fs_features_read(&asked, b->p->group, node, b->err)
                                      : fs_features_trivial(&asked, b->p->group, fs_rep_dim(made), b->err));
    size_t dim = fs_rep_dim(asked.rep);
    fs_status status = fs_same_action(asked.rep, made, &same, b->err);
    if (status == FS_OK && dim != fs_rep_dim(made))
        status = fs_yaml_fail(node, b->err, "expected representations of total dimension %zu, as the last layer has outputs, found %zu", fs_rep_dim(made), dim);
    else if (status == FS_OK && !same)
        status = fs_yaml_fail(node, b->err, "expected the representation of the last layer's outputs (%s), or output left out, found another (%s)",
                              fs_rep_name(made), fs_rep_name(asked.rep));
    fs_features_clear(&asked);
    return status;
}

/* --- weights ------------------------------------------------------------------------ */

/* The mask of L and the fan-in of every block, in natural order; a bias is no input. */
static fs_status build_mask(const builder *b)
{
    fs_problem *p = b->p;
    const fs_weight_block *block;
    size_t count = fs_net_blocks(p->net, &block);
    p->mask = fs_calloc(fs_net_parameters(p->net), 1);
    p->fan_in = fs_calloc(count, sizeof *p->fan_in);
    if (!p->mask || !p->fan_in) return fs_fail(b->err, FS_ENOMEM, "the mask of %zu weights", fs_net_parameters(p->net));
    for (size_t k = 0; k < count; k++) {
        size_t i = block[k].layer, biased = i && !strcmp(p->kind[i - 1], "bias");
        const unsigned char *used = b->part[i].used;
        size_t taps = block[k].size ? block[k].size * block[k].size : 1, in_support = used ? 0 : 1;
        for (size_t t = 0; used && t < taps; t++) in_support += used[t] == 2;
        for (size_t j = 0; j < block[k].count; j++) p->mask[block[k].offset + j] = !used || used[j % taps] == 2;
        p->fan_in[k] = (block[k].in - biased) * in_support;
    }
    return FS_OK;
}

enum { PATTERNS = 4, TAPS = 9 };

/* Centre, sides, corners, north - south: orthonormal; the first three span what quarter turns fix. */
static void fill_patterns(double pattern[PATTERNS][TAPS])
{
    memset(pattern, 0, PATTERNS * sizeof *pattern);
    pattern[0][4] = 1.0;
    for (size_t t = 0; t < TAPS; t++)
        if (t != 4) pattern[t % 2 ? 1 : 2][t] = 0.5;
    pattern[3][1] = sqrt(0.5);
    pattern[3][7] = -sqrt(0.5);
}

/* Rows of the span: PATTERNS for every filter of a layer with patterns, one for every other weight of the mask. */
static size_t count_span(const builder *b, const fs_weight_block *block, size_t blocks)
{
    size_t rows = 0;
    for (size_t k = 0; k < blocks; k++) {
        int patterns = b->part[block[k].layer].patterns != NULL;
        for (size_t j = 0; j < block[k].count && !patterns; j++) rows += b->p->mask[block[k].offset + j];
        if (patterns) rows += PATTERNS * (block[k].count / TAPS);
    }
    return rows;
}

static fs_status build_span(const builder *b)
{
    enum { ROWS = 2000, NUMBERS = 1 << 25 };        /* of fs_basis_create_span */
    fs_problem *p = b->p;
    const fs_yaml *node = NULL;
    const fs_weight_block *block;
    size_t blocks = fs_net_blocks(p->net, &block), n_par = fs_net_parameters(p->net), row = 0;
    double pattern[PATTERNS][TAPS];
    for (size_t i = 0; i < b->n; i++)
        if (b->part[i].patterns) node = b->part[i].patterns;
    if (!node) return FS_OK;
    size_t rows = count_span(b, block, blocks);
    if (rows > ROWS || rows > NUMBERS / n_par)
        return fs_yaml_fail(node, b->err, "expected a network of at most %d dimensions (times weights: %d) for a support that is a span of patterns, found %zu dimensions and %zu weights",
                            ROWS, NUMBERS, rows, n_par);
    p->span = fs_calloc(rows, n_par * sizeof *p->span);
    if (!p->span) return fs_fail(b->err, FS_ENOMEM, "%zu x %zu numbers for a basis of L", rows, n_par);
    p->n_span = rows;
    fill_patterns(pattern);
    for (size_t k = 0; k < blocks; k++) {
        int patterns = b->part[block[k].layer].patterns != NULL;
        size_t step = patterns ? TAPS : 1;
        for (size_t j = 0; j < block[k].count; j += step) {
            size_t at = block[k].offset + j;
            for (size_t i = 0; patterns && i < PATTERNS; i++) memcpy(p->span + row++ * n_par + at, pattern[i], sizeof pattern[i]);
            if (!patterns && p->mask[at]) p->span[row++ * n_par + at] = 1.0;
        }
    }
    return FS_OK;
}

/* --- the network -------------------------------------------------------------------- */

/* Layers that may follow the last one with weights without changing what the group does to the outputs. */
static int keeps_representation(const char *kind)
{
    static const char *const changes[] = { "pool", "mean", "gated", "invariants" };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        if (!strcmp(changes[i], kind)) return 0;
    return 1;
}

static fs_status find_last_weights(builder *b, const fs_yaml *list)
{
    b->last_weights = SIZE_MAX;
    for (size_t i = 0; i < list->count; i++) {
        const char *kind = list->item[i]->key[0]->text;
        if (!strcmp(kind, "dense") || !strcmp(kind, "conv")) {
            b->last_weights = i;
            b->keeps_output = 1;
        } else if (!keeps_representation(kind)) {
            b->keeps_output = 0;
        }
    }
    return b->last_weights < SIZE_MAX ? FS_OK : fs_yaml_fail(list, b->err, "expected a layer with weights, found none");
}

static fs_status build(builder *b)
{
    const fs_yaml *list = fs_model_find(b->model, "layers");
    fs_problem *p = b->p;
    FS_TRY(find_last_weights(b, list));
    FS_TRY(add_input(b));
    for (b->at = 0; b->at < list->count; b->at++) FS_TRY(fs_builder_add(b, list->item[b->at]));
    p->n_layers = b->n;
    FS_TRY(check_output(b));
    FS_TRY(fs_yaml_locate(list, fs_net_create(&p->net, b->input, b->spec, b->n, b->err), b->err));
    FS_TRY(b->n_blocks == 1 ? FS_OK : fs_rep_create_sum(&p->rho_H, b->n_blocks, b->block, b->err));
    if (b->n_blocks == 1) p->rho_H = fs_rep_retain(b->block[0]);
    FS_TRY(build_mask(b));
    return build_span(b);
}

fs_status fs_problem_build_network(fs_problem *p, const fs_model *m, fs_err *err)
{
    size_t most = 2 * fs_model_find(m, "layers")->count;
    builder b = { .p = p, .model = m, .err = err };
    p->n_layers = most;             /* until it is known: what has been built is freed */
    p->kind = fs_calloc(most, sizeof *p->kind);
    p->place = fs_calloc(most, sizeof *p->place);
    p->powers = fs_calloc(most, sizeof *p->powers);
    p->stage = fs_calloc(most + 1, sizeof(fs_rep *));
    b.spec = fs_calloc(most, sizeof *b.spec);
    b.part = fs_calloc(most, sizeof *b.part);
    b.block = fs_calloc(most, sizeof(fs_rep *));
    fs_status status = p->kind && p->place && p->powers && p->stage && b.spec && b.part && b.block ? build(&b) : fs_fail(err, FS_ENOMEM, "%zu layers", most);
    for (size_t i = 0; i < most; i++) {
        if (b.block) fs_rep_destroy(b.block[i]);
        if (!b.part) continue;
        free(b.part[i].used);
        free(b.part[i].block);
        free(b.part[i].coefficient);
    }
    fs_features_clear(&b.channels);
    fs_rep_destroy(b.pixels);
    free(b.on_values);
    free(b.spec);
    free(b.part);
    free(b.block);
    return status;
}
