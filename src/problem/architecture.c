/* problem/architecture.c -- from the model file's group, input, layers and output to a network and its representations
 *
 *   rho_0 = rho_X, ..., rho_m = rho_Y on the stages;   rho_H = sum over weight blocks of out tensor in (tensor taps)
 *
 * The network is defined on all of H: it uses the union of g . support over the group, so that R(rho(g) A) exists for A
 * in L; L itself (the mask) has the support's own taps.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "problem/parts.h"

#include <stdlib.h>
#include <string.h>

/* The stage the next layer acts on, and what is collected layer by layer. */
typedef struct {
    fs_problem *p;
    const fs_model *model;
    fs_err *err;
    fs_shape shape;
    int image;                      /* an image, or a vector (n, 1, 1) */
    fs_rep *channels;               /* borrowed from reps: how the group acts on the channels of an image */
    size_t last_dense;              /* index of the last dense layer */
    size_t weights;                 /* so far */
    size_t n_blocks;
    fs_layer_spec *spec;            /* (layers) */
    unsigned char **used;           /* (layers) taps of conv layers: 2 in the support, 1 in its orbit only */
    fs_rep **block;                 /* (layers) action on the weights of each block so far */
    fs_rep **kept;                  /* (layers + 1) channel representations of the stages */
} builder;

/* --- group and representations ---------------------------------------------------- */

static fs_status build_group(fs_problem *p, const fs_model *m, fs_err *err)
{
    const fs_yaml *node = fs_model_find(m, "group");
    char found[FS_YAML_FOUND];
    size_t n = 0, digits = strspn(node->text + 1, "0123456789");
    int known = (node->text[0] == 'C' || node->text[0] == 'D') && digits && digits <= 3 && !node->text[1 + digits] &&
                node->text[1] != '0';
    for (size_t i = 1; known && i <= digits; i++) n = 10 * n + (size_t)(node->text[i] - '0');
    if (!known || n > 256)
        return fs_yaml_fail(node, err, "unknown group %s; known: C<n> and D<n> with n from 1 to 256",
                            fs_yaml_found(node, found));
    return fs_yaml_locate(node,
                          node->text[0] == 'C' ? fs_group_create_cyclic(&p->group, n, err)
                                               : fs_group_create_dihedral(&p->group, n, err),
                          err);
}

/* "3 trivial" or "regular": k copies, index (copy, entry). */
static fs_status read_part(fs_rep **out, const fs_group *G, const fs_yaml *node, fs_err *err)
{
    char *name = node->text, found[FS_YAML_FOUND];
    unsigned long copies = 1;
    *out = NULL;
    if (name[0] >= '0' && name[0] <= '9') {
        copies = strtoul(name, &name, 10);
        name += strspn(name, " ");
        if (!copies || copies > FS_PROBLEM_STAGE_LIMIT || !*name)
            return fs_yaml_fail(node, err, "expected a representation such as \"3 trivial\", found %s",
                                fs_yaml_found(node, found));
    }
    if (!strcmp(name, "trivial")) return fs_yaml_locate(node, fs_rep_create_trivial(out, G, copies, err), err);
    fs_rep *factor[2] = { NULL, NULL };
    fs_status status = fs_yaml_locate(node, fs_rep_create_named(&factor[1], G, name, err), err);
    if (status == FS_OK && copies == 1) {
        *out = factor[1];
        return FS_OK;
    }
    if (status == FS_OK) status = fs_rep_create_trivial(&factor[0], G, copies, err);
    if (status == FS_OK) status = fs_yaml_locate(node, fs_rep_create_tensor(out, 2, factor, err), err);
    fs_rep_destroy(factor[0]);
    fs_rep_destroy(factor[1]);
    return status;
}

fs_status fs_problem_read_rep(fs_rep **out, const fs_group *G, const fs_yaml *names, fs_err *err)
{
    *out = NULL;
    size_t done = 0, dim = 0;
    fs_rep **part = fs_calloc(names->count, sizeof(fs_rep *));
    fs_status status = part ? FS_OK : fs_fail(err, FS_ENOMEM, "%zu representations", names->count);
    while (status == FS_OK && done < names->count) {
        status = read_part(&part[done], G, names->item[done], err);
        if (status != FS_OK) break;
        dim += fs_rep_dim(part[done++]);
        if (dim > FS_PROBLEM_STAGE_LIMIT)
            status = fs_yaml_fail(names, err, "expected a space of dimension at most %zu, found more",
                                  FS_PROBLEM_STAGE_LIMIT);
    }
    if (status == FS_OK) status = done == 1 ? FS_OK : fs_rep_create_sum(out, done, part, err);
    if (status == FS_OK && done == 1) *out = fs_rep_retain(part[0]);
    for (size_t i = 0; i < done; i++) fs_rep_destroy(part[i]);
    free(part);
    return status;
}

/* rho_channels tensor the action on h x w pixels; borrows both factors' meaning from the stage. */
static fs_status image_rep(fs_rep **out, const builder *b, fs_rep *channels, size_t height, size_t width)
{
    fs_rep *factor[2] = { channels, NULL };
    FS_TRY(fs_rep_create_image(&factor[1], b->p->group, height, width, b->err));
    fs_status status = fs_rep_create_tensor(out, 2, factor, b->err);
    fs_rep_destroy(factor[1]);
    return status;
}

/* Do two representations act by the same matrices? */
static fs_status same_action(const fs_rep *a, const fs_rep *b, int *same, fs_err *err)
{
    size_t n = fs_rep_dim(a), count;
    const size_t *generator = fs_group_generators(fs_rep_group(a), &count);
    *same = n == fs_rep_dim(b);
    double *x = fs_calloc(n, 3 * sizeof *x);
    if (!x) return fs_fail(err, FS_ENOMEM, "vectors of %zu entries", n);
    fs_status status = FS_OK;
    for (size_t k = 0; *same && k < count; k++)
        for (size_t j = 0; *same && j < n && status == FS_OK; j++) {
            x[j] = 1.0;
            status = fs_rep_apply(a, generator[k], x, x + n);
            if (status == FS_OK) status = fs_rep_apply(b, generator[k], x, x + 2 * n);
            for (size_t i = 0; i < n && status == FS_OK; i++) {
                double defect = x[n + i] - x[2 * n + i];
                if (!(defect <= 1e-12 && defect >= -1e-12)) *same = 0;
            }
            x[j] = 0.0;
        }
    free(x);
    return status;
}

/* --- layers ----------------------------------------------------------------------- */

/* (size, size): 2 where the support has a tap, 0 elsewhere. */
static fs_status read_support(const fs_yaml *node, size_t size, unsigned char *used, fs_err *err)
{
    static const size_t skew[][2] = { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 2 }, { 2, 1 } };
    if (node->kind == FS_YAML_LIST) {
        for (size_t i = 0; i < node->count; i++) {
            uint64_t row = fs_yaml_whole(node->item[i]->item[0]), column = fs_yaml_whole(node->item[i]->item[1]);
            if (row >= size || column >= size)
                return fs_yaml_fail(node->item[i], err,
                                    "expected a tap inside a filter of size %zu (0 to %zu), found [%llu, %llu]", size,
                                    size - 1, (unsigned long long)row, (unsigned long long)column);
            if (used[row * size + column])
                return fs_yaml_fail(node->item[i], err, "expected every tap once, found [%llu, %llu] twice",
                                    (unsigned long long)row, (unsigned long long)column);
            used[row * size + column] = 2;
        }
    } else if (!strcmp(node->text, "full")) {
        memset(used, 2, size * size);
    } else if (!strcmp(node->text, "cross")) {
        size_t middle = size / 2;
        for (size_t i = middle - (middle > 0); i <= middle + (middle > 0); i++)
            used[middle * size + i] = used[i * size + middle] = 2;
    } else {
        if (size != 3) return fs_yaml_fail(node, err, "expected size 3 for the support skew, found %zu", size);
        for (size_t i = 0; i < sizeof skew / sizeof *skew; i++) used[skew[i][0] * size + skew[i][1]] = 2;
    }
    return FS_OK;
}

/* Marks with 1 what the group makes of the support. */
static void saturate(const fs_rep *taps, unsigned char *used)
{
    size_t n = fs_rep_dim(taps), order = fs_group_order(fs_rep_group(taps));
    for (size_t g = 0; g < order; g++)
        for (size_t j = 0; j < n; j++) {
            int sign;
            if (used[j] != 2) continue;
            size_t i = fs_rep_image_of_basis(taps, g, j, &sign);
            if (!used[i]) used[i] = 1;
        }
}

static fs_status need_image(const builder *b, const fs_yaml *layer)
{
    if (b->image) return FS_OK;
    return fs_yaml_fail(layer->key[0], b->err, "expected an image before %s, found a vector of %zu",
                        layer->key[0]->text, b->shape.channels);
}

/* Adds a block of out x in x taps weights. */
static fs_status count_weights(builder *b, const fs_yaml *layer, size_t out, size_t in, size_t taps)
{
    if (in && taps && out > FS_PROBLEM_WEIGHT_LIMIT / in / taps)
        return fs_yaml_fail(layer->key[0], b->err, "expected at most %zu weights, found %zu x %zu x %zu in one layer",
                            FS_PROBLEM_WEIGHT_LIMIT, out, in, taps);
    b->weights += out * in * taps;
    if (b->weights <= FS_PROBLEM_WEIGHT_LIMIT) return FS_OK;
    return fs_yaml_fail(layer->key[0], b->err, "expected at most %zu weights, found %zu up to this layer",
                        FS_PROBLEM_WEIGHT_LIMIT, b->weights);
}

static fs_status check_stage(const builder *b, const fs_yaml *at)
{
    size_t pixels = b->shape.height * b->shape.width;
    if (b->shape.channels <= FS_PROBLEM_STAGE_LIMIT / pixels) return FS_OK;
    return fs_yaml_fail(at, b->err, "expected at most %zu entries in a stage, found %zu x %zu x %zu",
                        FS_PROBLEM_STAGE_LIMIT, b->shape.channels, b->shape.height, b->shape.width);
}

static fs_status add_conv(builder *b, size_t i, const fs_yaml *layer, const fs_yaml *keys)
{
    const fs_yaml *size_node = fs_yaml_get(keys, "size");
    size_t size = fs_yaml_whole(size_node), copies = fs_yaml_whole(fs_yaml_get(keys, "out"));
    int regular = !strcmp(fs_yaml_get(keys, "channels")->text, "regular");
    size_t out = copies * (regular ? fs_group_order(b->p->group) : 1), in = b->shape.channels;
    FS_TRY(need_image(b, layer));
    if (size % 2 == 0) return fs_yaml_fail(size_node, b->err, "expected an odd size, found %zu", size);
    FS_TRY(count_weights(b, layer, out, in, size * size));
    b->shape.channels = out;
    FS_TRY(check_stage(b, layer->key[0]));

    b->used[i] = fs_calloc(size * size, 1);
    if (!b->used[i]) return fs_fail(b->err, FS_ENOMEM, "a filter of size %zu", size);
    FS_TRY(read_support(fs_yaml_get(keys, "support"), size, b->used[i], b->err));
    b->spec[i] = (fs_layer_spec){ .kind = "conv", .out = out, .size = size, .support = b->used[i],
                                  .circular = !strcmp(fs_yaml_get(keys, "padding")->text, "circular") };

    fs_rep *factor[3] = { NULL, b->channels, NULL }, *part[2] = { NULL, NULL };
    fs_status status = fs_rep_create_image(&factor[2], b->p->group, size, size, b->err);
    if (status == FS_OK) saturate(factor[2], b->used[i]);
    if (status == FS_OK) status = fs_rep_create_trivial(&part[0], b->p->group, copies, b->err);
    if (status == FS_OK && regular) status = fs_rep_create_regular(&part[1], b->p->group, b->err);
    if (status == FS_OK) status = regular ? fs_rep_create_tensor(&factor[0], 2, part, b->err) : FS_OK;
    if (status == FS_OK && !regular) factor[0] = fs_rep_retain(part[0]);
    if (status == FS_OK) status = fs_rep_create_tensor(&b->block[b->n_blocks], 3, factor, b->err);
    if (status == FS_OK) {
        b->n_blocks++;
        b->kept[i + 1] = b->channels = fs_rep_retain(factor[0]);
        status = image_rep(&b->p->stage[i + 1], b, b->channels, b->shape.height, b->shape.width);
    }
    for (size_t k = 0; k < 2; k++) fs_rep_destroy(part[k]);
    fs_rep_destroy(factor[0]);
    fs_rep_destroy(factor[2]);
    return fs_yaml_locate(layer->key[0], status, b->err);
}

/* The representation on the outputs of a dense layer; the last one has `output`'s. */
static fs_status dense_rep(fs_rep **out, const builder *b, size_t i, const fs_yaml *units)
{
    const fs_yaml *output = i == b->last_dense ? fs_model_find(b->model, "output") : NULL;
    fs_rep *own = NULL, *asked = NULL;
    fs_status status = FS_OK;
    int same = 1;
    if (units->kind == FS_YAML_LIST) status = fs_problem_read_rep(&own, b->p->group, units, b->err);
    size_t dim = own ? fs_rep_dim(own) : fs_yaml_whole(units);
    if (status == FS_OK && output && output->kind == FS_YAML_LIST)
        status = fs_problem_read_rep(&asked, b->p->group, output, b->err);
    if (status == FS_OK && !asked && (output || !own)) status = fs_rep_create_trivial(&asked, b->p->group, dim, b->err);
    if (status == FS_OK && asked && fs_rep_dim(asked) != dim)
        status = fs_yaml_fail(output, b->err,
                              "expected representations of total dimension %zu, as the last dense layer has, found %zu",
                              dim, fs_rep_dim(asked));
    if (status == FS_OK && asked && own) status = same_action(asked, own, &same, b->err);
    if (status == FS_OK && !same)
        status =
            fs_yaml_fail(output, b->err, "expected the representation of the last dense layer (%s), found another (%s)",
                         fs_rep_name(own), fs_rep_name(asked));
    if (status == FS_OK) *out = fs_rep_retain(own ? own : asked);
    fs_rep_destroy(own);
    fs_rep_destroy(asked);
    return status;
}

static fs_status add_dense(builder *b, size_t i, const fs_yaml *layer, const fs_yaml *keys)
{
    size_t in = b->shape.channels * b->shape.height * b->shape.width;
    FS_TRY(dense_rep(&b->p->stage[i + 1], b, i, fs_yaml_get(keys, "out")));
    size_t out = fs_rep_dim(b->p->stage[i + 1]);
    FS_TRY(count_weights(b, layer, out, in, 1));
    b->spec[i] = (fs_layer_spec){ .kind = "dense", .out = out };
    b->shape = (fs_shape){ out, 1, 1 };
    b->image = 0;
    b->channels = b->p->stage[i + 1];
    fs_rep *factor[2] = { b->p->stage[i + 1], b->p->stage[i] };
    FS_TRY(fs_yaml_locate(layer->key[0], fs_rep_create_tensor(&b->block[b->n_blocks], 2, factor, b->err), b->err));
    b->n_blocks++;
    return FS_OK;
}

static fs_status add_pool(builder *b, size_t i, const fs_yaml *layer, const fs_yaml *keys)
{
    const fs_yaml *node = fs_yaml_get(keys, "average");
    size_t size = fs_yaml_whole(node);
    FS_TRY(need_image(b, layer));
    if (b->shape.height % size)
        return fs_yaml_fail(
            node, b->err,
            "expected a divisor of the image's edge %zu, found %zu: other windows would break the symmetry",
            b->shape.height, size);
    b->shape.height /= size;
    b->shape.width /= size;
    b->spec[i] = (fs_layer_spec){ .kind = "pool", .size = size };
    return fs_yaml_locate(layer->key[0],
                          image_rep(&b->p->stage[i + 1], b, b->channels, b->shape.height, b->shape.width), b->err);
}

static fs_status add_norm(builder *b, size_t i, const fs_yaml *layer, const fs_yaml *keys)
{
    FS_TRY(need_image(b, layer));
    b->spec[i] = (fs_layer_spec){ .kind = "norm", .eps = fs_yaml_real(fs_yaml_get(keys, "eps")) };
    b->p->stage[i + 1] = fs_rep_retain(b->p->stage[i]);
    return FS_OK;
}

static fs_status add_activation(builder *b, size_t i, const fs_yaml *layer, const fs_yaml *keys)
{
    (void)keys;
    b->spec[i] = (fs_layer_spec){ .kind = layer->key[0]->text };
    b->p->stage[i + 1] = fs_rep_retain(b->p->stage[i]);
    return FS_OK;
}

static const struct {
    const char *kind;
    fs_status (*add)(builder *b, size_t i, const fs_yaml *layer, const fs_yaml *keys);
} layers[] = {
    { "conv", add_conv }, { "dense", add_dense }, { "pool", add_pool }, { "norm", add_norm },
};

static fs_status add_layer(builder *b, size_t i, const fs_yaml *layer)
{
    for (size_t k = 0; k < sizeof layers / sizeof *layers; k++)
        if (!strcmp(layers[k].kind, layer->key[0]->text)) return layers[k].add(b, i, layer, layer->item[0]);
    return add_activation(b, i, layer, layer->item[0]);
}

/* rho_X and the shape of x_0. */
static fs_status add_input(builder *b)
{
    const fs_yaml *vector = fs_model_find(b->model, "input.vector"), *image = fs_model_find(b->model, "input.image");
    if (vector) {
        FS_TRY(fs_problem_read_rep(&b->p->stage[0], b->p->group, vector, b->err));
        b->shape = (fs_shape){ fs_rep_dim(b->p->stage[0]), 1, 1 };
        b->channels = b->p->stage[0];
        return FS_OK;
    }
    size_t edge = fs_yaml_whole(image);
    b->shape = (fs_shape){ fs_model_whole(b->model, "input.channels"), edge, edge };
    b->image = 1;
    FS_TRY(check_stage(b, image));
    FS_TRY(fs_rep_create_trivial(&b->kept[0], b->p->group, b->shape.channels, b->err));
    b->channels = b->kept[0];
    return fs_yaml_locate(image, image_rep(&b->p->stage[0], b, b->channels, edge, edge), b->err);
}

/* --- weights ---------------------------------------------------------------------- */

/* The mask of L and the fan-in of every block, in natural order. */
static fs_status build_mask(const builder *b)
{
    fs_problem *p = b->p;
    const fs_weight_block *block;
    size_t blocks = fs_net_blocks(p->net, &block);
    p->mask = fs_calloc(fs_net_parameters(p->net), 1);
    p->fan_in = fs_calloc(blocks, sizeof *p->fan_in);
    if (!p->mask || !p->fan_in) return fs_fail(b->err, FS_ENOMEM, "the mask of %zu weights", fs_net_parameters(p->net));
    for (size_t k = 0; k < blocks; k++) {
        const unsigned char *used = b->used[block[k].layer];
        size_t taps = block[k].size ? block[k].size * block[k].size : 1, in_support = used ? 0 : 1;
        for (size_t t = 0; used && t < taps; t++) in_support += used[t] == 2;
        for (size_t j = 0; j < block[k].count; j++) p->mask[block[k].offset + j] = !used || used[j % taps] == 2;
        p->fan_in[k] = block[k].in * in_support;
    }
    return FS_OK;
}

static fs_status build_layers(builder *b)
{
    const fs_yaml *list = fs_model_find(b->model, "layers");
    size_t last_weights = SIZE_MAX;
    b->last_dense = SIZE_MAX;
    for (size_t i = 0; i < list->count; i++) {
        int dense = !strcmp(list->item[i]->key[0]->text, "dense"), conv = !strcmp(list->item[i]->key[0]->text, "conv");
        if (dense) b->last_dense = i;
        if (dense || conv) last_weights = i;
        snprintf(b->p->kind[i], sizeof b->p->kind[i], "%s", list->item[i]->key[0]->text);
    }
    if (last_weights == SIZE_MAX) return fs_yaml_fail(list, b->err, "expected a layer with weights, found none");
    if (last_weights != b->last_dense)
        return fs_yaml_fail(list->item[last_weights]->key[0], b->err,
                            "expected a dense layer as the last one with weights, found conv");

    FS_TRY(add_input(b));
    for (size_t i = 0; i < list->count; i++) FS_TRY(add_layer(b, i, list->item[i]));

    fs_problem *p = b->p;
    const fs_yaml *vector = fs_model_find(b->model, "input.vector"), *input = fs_model_find(b->model, "input.image");
    size_t edge = vector ? 1 : fs_yaml_whole(input);
    fs_shape shape = { vector ? fs_rep_dim(p->stage[0]) : fs_model_whole(b->model, "input.channels"), edge, edge };
    FS_TRY(fs_yaml_locate(list, fs_net_create(&p->net, shape, b->spec, list->count, b->err), b->err));
    FS_TRY(b->n_blocks == 1 ? FS_OK : fs_rep_create_sum(&p->rho_H, b->n_blocks, b->block, b->err));
    if (b->n_blocks == 1) p->rho_H = fs_rep_retain(b->block[0]);
    return build_mask(b);
}

fs_status fs_problem_build_network(fs_problem *p, const fs_model *m, fs_err *err)
{
    FS_TRY(build_group(p, m, err));
    p->n_layers = fs_model_find(m, "layers")->count;
    p->kind = fs_calloc(p->n_layers, sizeof *p->kind);
    p->stage = fs_calloc(p->n_layers + 1, sizeof(fs_rep *));
    builder b = { .p = p, .model = m, .err = err };
    b.spec = fs_calloc(p->n_layers, sizeof *b.spec);
    b.used = fs_calloc(p->n_layers, sizeof(unsigned char *));
    b.block = fs_calloc(p->n_layers, sizeof(fs_rep *));
    b.kept = fs_calloc(p->n_layers + 1, sizeof(fs_rep *));
    fs_status status = p->kind && p->stage && b.spec && b.used && b.block && b.kept
                           ? build_layers(&b)
                           : fs_fail(err, FS_ENOMEM, "%zu layers", p->n_layers);
    for (size_t i = 0; i < p->n_layers; i++) {
        if (b.used) free(b.used[i]);
        if (b.block) fs_rep_destroy(b.block[i]);
    }
    for (size_t i = 0; i <= p->n_layers; i++)
        if (b.kept) fs_rep_destroy(b.kept[i]);
    free(b.spec);
    free(b.used);
    free(b.block);
    free(b.kept);
    return status;
}
