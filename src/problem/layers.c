/* problem/layers.c -- the kinds of layers of a model file: what each does to the stage, and which weights it has
 *
 *   conv         rho_H += out tensor in tensor taps       dense   rho_H += out tensor stage
 *   dense, bias  a layer in front appends the constant 1 (trivial), so the bias is the last column of the weights
 *   radial       every summand of the channels is a block:   v -> v / sqrt(1 + |v|^2)
 *   gated        [s + k trivial, k others]  ->  [s trivial, k others]:   (s, h, v) -> (tanh s, v_k / (1 + e^-h_k))
 *   invariants   [s trivial, k others]  ->  [s + k trivial]:             (s, v) -> (s, |v_k|^2)
 *
 * The network is defined on all of H: it uses the union of g . support over the group, so that R(rho(g) A) exists for A
 * in L; L itself (the mask) has the support's own taps.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "problem/builder.h"

#include <stdlib.h>
#include <string.h>

/* Powers of their inputs that layers contain, as fs_problem's powers has them. */
enum { CONSTANT = 1 << 0, LINEAR = 1 << 1, QUADRATIC = 1 << 2, NO_POLYNOMIAL = 0 };

/* --- the stage ---------------------------------------------------------------------- */

fs_status fs_builder_check_stage(const builder *b, const fs_yaml *at)
{
    size_t pixels = b->shape.height * b->shape.width;
    if (b->shape.channels <= FS_PROBLEM_STAGE_LIMIT / pixels) return FS_OK;
    return fs_yaml_fail(at, b->err, "expected at most %zu entries in a stage, found %zu x %zu x %zu", FS_PROBLEM_STAGE_LIMIT,
                        b->shape.channels, b->shape.height, b->shape.width);
}

fs_status fs_builder_pixels(builder *b)
{
    fs_rep_destroy(b->pixels);
    b->pixels = NULL;
    if (b->space == FS_SPACE_VECTOR) return FS_OK;
    if (b->space == FS_SPACE_SET) return fs_rep_create_points(&b->pixels, b->p->group, b->shape.height, b->err);
    return fs_rep_create_image_with_values(&b->pixels, b->p->group, b->shape.height, b->shape.width, b->on_values, b->err);
}

fs_status fs_builder_stage(builder *b)
{
    fs_rep *factor[2] = { b->channels.rep, b->pixels };
    if (b->pixels) return fs_rep_create_tensor(&b->p->stage[b->n], 2, factor, b->err);
    b->p->stage[b->n] = fs_rep_retain(b->channels.rep);
    return FS_OK;
}

/* Records a layer of the network; its output's stage is not there yet. */
static void record(builder *b, const char *kind, const fs_layer_spec *spec, unsigned powers)
{
    snprintf(b->p->kind[b->n], sizeof b->p->kind[b->n], "%s", kind);
    b->p->place[b->n] = b->at;
    b->p->powers[b->n] = powers;
    b->spec[b->n++] = *spec;
}

/* A layer that leaves the representation as it is, */
static fs_status push_same(builder *b, const char *kind, const fs_layer_spec *spec, unsigned powers)
{
    record(b, kind, spec, powers);
    b->p->stage[b->n] = fs_rep_retain(b->p->stage[b->n - 1]);
    return FS_OK;
}

/* and one that gives the stage new channels (taken, also on failure), or with NULL a new shape. */
static fs_status push(builder *b, const fs_yaml *layer, const char *kind, const fs_layer_spec *spec, unsigned powers, features *channels)
{
    if (channels) {
        fs_features_clear(&b->channels);
        b->channels = *channels;
        b->shape.channels = fs_rep_dim(channels->rep);
    }
    FS_TRY(fs_builder_check_stage(b, layer->key[0]));
    record(b, kind, spec, powers);
    return fs_yaml_locate(layer->key[0], fs_builder_stage(b), b->err);
}

/* "a vector of 4", "an image", "a set of 5 points" */
static const char *stage_text(const builder *b, char text[64])
{
    if (b->space == FS_SPACE_VECTOR) snprintf(text, 64, "a vector of %zu", b->shape.channels);
    if (b->space == FS_SPACE_IMAGE) snprintf(text, 64, "an image of %zu x %zu x %zu", b->shape.channels, b->shape.height, b->shape.width);
    if (b->space == FS_SPACE_SET) snprintf(text, 64, "a set of %zu points", b->shape.height);
    return text;
}

static fs_status need_image(const builder *b, const fs_yaml *layer)
{
    char text[64];
    if (b->space == FS_SPACE_IMAGE) return FS_OK;
    return fs_yaml_fail(layer->key[0], b->err, "expected an image before %s, found %s", layer->key[0]->text, stage_text(b, text));
}

static fs_status need_pixels(const builder *b, const fs_yaml *layer)
{
    char text[64];
    if (b->space != FS_SPACE_VECTOR) return FS_OK;
    return fs_yaml_fail(layer->key[0], b->err, "expected an image or a set of points before %s, found %s", layer->key[0]->text, stage_text(b, text));
}

/* --- conv --------------------------------------------------------------------------- */

static fs_status need_three(const fs_yaml *node, size_t size, fs_err *err)
{
    return size == 3 ? FS_OK : fs_yaml_fail(node, err, "expected size 3 for the support %s, found %zu", node->text, size);
}

/* (size, size): 2 where the support has a tap, 0 elsewhere. */
static fs_status read_support(const fs_yaml *node, size_t size, unsigned char *used, fs_err *err)
{
    static const size_t skew[][2] = { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 2 }, { 2, 1 } };
    if (node->kind == FS_YAML_LIST) {
        for (size_t i = 0; i < node->count; i++) {
            uint64_t row = fs_yaml_whole(node->item[i]->item[0]), column = fs_yaml_whole(node->item[i]->item[1]);
            if (row >= size || column >= size)
                return fs_yaml_fail(node->item[i], err, "expected a tap inside a filter of size %zu (0 to %zu), found [%llu, %llu]", size,
                                    size - 1, (unsigned long long)row, (unsigned long long)column);
            if (used[row * size + column])
                return fs_yaml_fail(node->item[i], err, "expected every tap once, found [%llu, %llu] twice", (unsigned long long)row,
                                    (unsigned long long)column);
            used[row * size + column] = 2;
        }
    } else if (!strcmp(node->text, "cross")) {
        size_t middle = size / 2;
        for (size_t i = middle - (middle > 0); i <= middle + (middle > 0); i++)
            used[middle * size + i] = used[i * size + middle] = 2;
    } else if (!strcmp(node->text, "skew")) {
        FS_TRY(need_three(node, size, err));
        for (size_t i = 0; i < sizeof skew / sizeof *skew; i++) used[skew[i][0] * size + skew[i][1]] = 2;
    } else {
        if (!strcmp(node->text, "compatible")) FS_TRY(need_three(node, size, err));
        memset(used, 2, size * size);
    }
    return FS_OK;
}

/* Marks with 1 what the group makes of the support. */
static void saturate(const fs_rep *taps, unsigned char *used)
{
    size_t n = fs_rep_dim(taps), points = fs_group_points(fs_rep_group(taps));
    for (size_t g = 0; g < points; g++)
        for (size_t j = 0; j < n; j++) {
            int sign;
            if (used[j] != 2) continue;
            size_t i = fs_rep_image_of_basis(taps, g, j, &sign);
            if (!used[i]) used[i] = 1;
        }
}

/* Adds a block of out x in x taps weights. */
static fs_status count_weights(builder *b, const fs_yaml *layer, size_t out, size_t in, size_t taps)
{
    if (in && taps && out > FS_PROBLEM_WEIGHT_LIMIT / in / taps)
        return fs_yaml_fail(layer->key[0], b->err, "expected at most %zu weights, found %zu x %zu x %zu in one layer", FS_PROBLEM_WEIGHT_LIMIT, out,
                            in, taps);
    b->weights += out * in * taps;
    if (b->weights <= FS_PROBLEM_WEIGHT_LIMIT) return FS_OK;
    return fs_yaml_fail(layer->key[0], b->err, "expected at most %zu weights, found %zu up to this layer", FS_PROBLEM_WEIGHT_LIMIT, b->weights);
}

static fs_status read_channels(features *out, const builder *b, const fs_yaml *layer, const fs_yaml *keys)
{
    const fs_yaml *node = fs_yaml_get(keys, "out"), *how = fs_yaml_get(keys, "channels");
    if (node->kind == FS_YAML_LIST && how)
        return fs_yaml_fail(how, b->err, "expected no channels beside a list of representations in out, found %s", how->text);
    if (node->kind == FS_YAML_LIST) return fs_features_read(out, b->p->group, node, b->err);
    size_t n = fs_yaml_whole(node);
    int regular = how && !strcmp(how->text, "regular");
    return fs_yaml_locate(layer->key[0],
                          regular ? fs_features_regular(out, b->p->group, n, b->err) : fs_features_trivial(out, b->p->group, n, b->err), b->err);
}

static fs_status conv_weights(builder *b, const fs_yaml *layer, const fs_yaml *keys, const features *out, size_t size, layer_parts *part)
{
    const fs_yaml *support = fs_yaml_get(keys, "support");
    fs_rep *factor[3] = { out->rep, b->channels.rep, NULL };
    FS_TRY(count_weights(b, layer, fs_rep_dim(out->rep), b->shape.channels, size * size));
    part->used = fs_calloc(size * size, 1);
    if (!part->used) return fs_fail(b->err, FS_ENOMEM, "a filter of size %zu", size);
    FS_TRY(read_support(support, size, part->used, b->err));
    part->patterns = support->kind == FS_YAML_SCALAR && !strcmp(support->text, "compatible") ? support : NULL;
    if (b->space == FS_SPACE_IMAGE) FS_TRY(fs_rep_create_taps_with_values(&factor[2], b->p->group, size, size, b->on_values, b->err));
    if (factor[2]) saturate(factor[2], part->used);
    fs_status status = fs_rep_create_tensor(&b->block[b->n_blocks], factor[2] ? 3 : 2, factor, b->err);
    fs_rep_destroy(factor[2]);
    if (status == FS_OK) b->n_blocks++;
    return status;
}

static fs_status add_conv(builder *b, const fs_yaml *layer, const fs_yaml *keys)
{
    const fs_yaml *size_node = fs_yaml_get(keys, "size");
    size_t size = fs_yaml_whole(size_node);
    layer_parts *part = &b->part[b->n];
    features out = { 0 };
    FS_TRY(need_pixels(b, layer));
    if (size % 2 == 0) return fs_yaml_fail(size_node, b->err, "expected an odd size, found %zu", size);
    if (b->space == FS_SPACE_SET && size > 1)
        return fs_yaml_fail(size_node, b->err, "expected size 1 on a set of %zu points, which have no neighbours, found %zu", b->shape.height, size);
    FS_TRY(read_channels(&out, b, layer, keys));
    fs_status status = conv_weights(b, layer, keys, &out, size, part);
    if (status != FS_OK) {
        fs_features_clear(&out);
        return status;
    }
    fs_layer_spec spec = { .kind = "conv", .out = fs_rep_dim(out.rep), .size = size, .support = part->used,
                           .circular = !strcmp(fs_yaml_get(keys, "padding")->text, "circular") };
    return push(b, layer, "conv", &spec, LINEAR, &out);
}

/* --- dense -------------------------------------------------------------------------- */

/* The representation on the outputs of a dense layer; a number in the last layer with weights means what `output` says. */
static fs_status read_units(features *out, const builder *b, const fs_yaml *units)
{
    const fs_yaml *output = b->at == b->last_weights && b->keeps_output ? fs_model_find(b->model, "output") : NULL;
    if (units->kind == FS_YAML_LIST) return fs_features_read(out, b->p->group, units, b->err);
    size_t n = fs_yaml_whole(units);
    if (!output || output->kind != FS_YAML_LIST) return fs_features_trivial(out, b->p->group, n, b->err);
    FS_TRY(fs_features_read(out, b->p->group, output, b->err));
    size_t dim = fs_rep_dim(out->rep);
    if (dim == n) return FS_OK;
    fs_features_clear(out);
    return fs_yaml_fail(output, b->err, "expected representations of total dimension %zu, as the last dense layer has, found %zu", n, dim);
}

/* Appends the constant channel. */
static fs_status add_constant(builder *b, const fs_yaml *layer)
{
    fs_layer_spec spec = { .kind = "constant" };
    fs_rep *part[2] = { b->p->stage[b->n], NULL };
    features with = { 0 };
    FS_TRY(fs_rep_create_trivial(&part[1], b->p->group, 1, b->err));
    fs_status status = fs_rep_create_sum(&with.rep, 2, part, b->err);
    fs_rep_destroy(part[1]);
    return status == FS_OK ? push(b, layer, "bias", &spec, CONSTANT | LINEAR, &with) : status;
}

static fs_status add_dense(builder *b, const fs_yaml *layer, const fs_yaml *keys)
{
    const fs_yaml *bias = fs_yaml_get(keys, "bias");
    char text[64];
    features out = { 0 };
    int biased = !strcmp(bias->text, "true");
    if (biased && b->space != FS_SPACE_VECTOR)
        return fs_yaml_fail(bias, b->err, "expected a vector before a dense layer with a bias, found %s: put mean or a dense layer without bias in between",
                            stage_text(b, text));
    FS_TRY(read_units(&out, b, fs_yaml_get(keys, "out")));
    size_t in = b->shape.channels * b->shape.height * b->shape.width + (size_t)biased;
    fs_status status = count_weights(b, layer, fs_rep_dim(out.rep), in, 1);
    if (status == FS_OK && biased) status = add_constant(b, layer);
    if (status == FS_OK) {
        fs_rep *factor[2] = { out.rep, b->p->stage[b->n] };
        status = fs_yaml_locate(layer->key[0], fs_rep_create_tensor(&b->block[b->n_blocks], 2, factor, b->err), b->err);
    }
    if (status != FS_OK) {
        fs_features_clear(&out);
        return status;
    }
    b->n_blocks++;
    b->space = FS_SPACE_VECTOR;
    b->shape = (fs_shape){ fs_rep_dim(out.rep), 1, 1 };
    fs_layer_spec spec = { .kind = "dense", .out = fs_rep_dim(out.rep) };
    status = fs_builder_pixels(b);
    if (status == FS_OK) return push(b, layer, "dense", &spec, LINEAR, &out);
    fs_features_clear(&out);
    return status;
}

/* --- averages and norms --------------------------------------------------------------- */

/* The first factor of the group that moves pictures by shifts, or NULL. */
static const fs_group *shifting_factor(const fs_group *G)
{
    for (size_t k = 0; k < fs_group_factors(G); k++) {
        const fs_group *F = fs_group_factor(G, k);
        if (fs_group_family(F) == FS_FAMILY_TRANSLATION || fs_group_family(F) == FS_FAMILY_P4) return F;
    }
    return NULL;
}

static fs_status add_pool(builder *b, const fs_yaml *layer, const fs_yaml *keys)
{
    const fs_yaml *node = fs_yaml_get(keys, "average");
    size_t size = fs_yaml_whole(node);
    fs_layer_spec spec = { .kind = "pool", .size = size };
    FS_TRY(need_image(b, layer));
    if (b->shape.height % size)
        return fs_yaml_fail(node, b->err, "expected a divisor of the image's edge %zu, found %zu: other windows would break the symmetry",
                            b->shape.height, size);
    const fs_group *shifts = size > 1 ? shifting_factor(b->p->group) : NULL;
    if (shifts)
        return fs_yaml_fail(node, b->err, "expected mean, which averages over all pixels, or no pool, under the shifts of %s: averages over windows "
                            "of %zu x %zu pixels do not commute with them, found pool", fs_group_name(shifts), size, size);
    b->shape.height /= size;
    b->shape.width /= size;
    FS_TRY(fs_yaml_locate(layer->key[0], fs_builder_pixels(b), b->err));
    return push(b, layer, "pool", &spec, LINEAR, NULL);
}

static fs_status add_mean(builder *b, const fs_yaml *layer, const fs_yaml *keys)
{
    (void)keys;
    fs_layer_spec spec = { .kind = "mean" };
    FS_TRY(need_pixels(b, layer));
    b->space = FS_SPACE_VECTOR;
    b->shape.height = b->shape.width = 1;
    FS_TRY(fs_builder_pixels(b));
    return push(b, layer, "mean", &spec, LINEAR, NULL);
}

static fs_status add_norm(builder *b, const fs_yaml *layer, const fs_yaml *keys)
{
    const char *over = fs_yaml_get(keys, "layer")->text;
    int spatial = !strcmp(over, "spatial");
    fs_layer_spec spec = { .kind = spatial ? "norm" : !strcmp(over, "rms") ? "rms" : "features", .eps = fs_yaml_real(fs_yaml_get(keys, "eps")) };
    if (spatial) FS_TRY(need_pixels(b, layer));
    return push_same(b, "norm", &spec, NO_POLYNOMIAL);
}

/* --- entry by entry ------------------------------------------------------------------- */

static fs_status add_polynomial(builder *b, const fs_yaml *layer, const fs_yaml *keys)
{
    const fs_yaml *node = fs_yaml_get(keys, "coefficients");
    double *coefficient = fs_calloc(node->count, sizeof *coefficient);
    fs_layer_spec spec = { .kind = "polynomial", .coefficients = node->count, .coefficient = coefficient };
    unsigned powers = 0;
    (void)layer;
    if (!coefficient) return fs_fail(b->err, FS_ENOMEM, "a polynomial of %zu coefficients", node->count);
    b->part[b->n].coefficient = coefficient;
    if (node->count > 9) return fs_yaml_fail(node, b->err, "expected at most 9 coefficients (degree 8), found %zu", node->count);
    for (size_t k = 0; k < node->count; k++) {
        coefficient[k] = fs_yaml_real(node->item[k]);
        if (coefficient[k] != 0.0) powers |= 1u << k;
    }
    if (!powers) return fs_yaml_fail(node, b->err, "expected a coefficient other than 0, found none");
    return push_same(b, "polynomial", &spec, powers);
}

static fs_status add_identity(builder *b, const fs_yaml *layer, const fs_yaml *keys)
{
    (void)keys;
    return push_same(b, layer->key[0]->text, &(fs_layer_spec){ .kind = layer->key[0]->text }, LINEAR);
}

static fs_status add_square(builder *b, const fs_yaml *layer, const fs_yaml *keys)
{
    (void)keys;
    return push_same(b, layer->key[0]->text, &(fs_layer_spec){ .kind = layer->key[0]->text }, QUADRATIC);
}

static fs_status add_activation(builder *b, const fs_yaml *layer, const fs_yaml *keys)
{
    (void)keys;
    return push_same(b, layer->key[0]->text, &(fs_layer_spec){ .kind = layer->key[0]->text }, NO_POLYNOMIAL);
}

/* --- blocks of channels ----------------------------------------------------------------- */

/* The channels taken apart: `lead` trivial ones in front, then `others` blocks of the sizes block[0 .. others-1]. */
typedef struct {
    size_t lead, others, *block;
    size_t late;                    /* trivial ones behind others */
} blocks;

static fs_status take_apart(blocks *c, const builder *b, int keep_trivial)
{
    size_t count;
    unsigned char *trivial = NULL;
    *c = (blocks){ 0 };
    FS_TRY(fs_rep_summands(b->channels.rep, &count, &c->block, &trivial, b->err));
    while (!keep_trivial && c->lead < count && trivial[c->lead]) c->lead++;
    c->others = count - c->lead;
    for (size_t i = c->lead; i < count; i++) c->late += trivial[i] != 0;
    memmove(c->block, c->block + c->lead, c->others * sizeof *c->block);
    free(trivial);
    return FS_OK;
}

/* The first of the parts behind the leading trivial channels; count + 1 when a part has both. */
static size_t first_other_part(const features *f, size_t lead)
{
    size_t dim = 0, i = 0;
    while (i < f->count && dim < lead) dim += fs_rep_dim(f->part[i++]);
    return dim == lead ? i : f->count + 1;
}

static fs_status add_radial(builder *b, const fs_yaml *layer, const fs_yaml *keys)
{
    (void)keys;
    blocks c;
    FS_TRY(fs_yaml_locate(layer->key[0], take_apart(&c, b, 1), b->err));
    b->part[b->n].block = c.block;
    return push_same(b, "radial", &(fs_layer_spec){ .kind = "radial", .blocks = c.others, .block = c.block }, NO_POLYNOMIAL);
}

/* The channels in blocks, which the layer's specification borrows; some of them must not be trivial. */
static fs_status take_acted_on(blocks *c, builder *b, const fs_yaml *layer)
{
    FS_TRY(fs_yaml_locate(layer->key[0], take_apart(c, b, 0), b->err));
    b->part[b->n].block = c->block;
    if (c->others) return FS_OK;
    return fs_yaml_fail(layer->key[0], b->err, "expected channels that the group acts on before %s, found %zu trivial ones", layer->key[0]->text, c->lead);
}

static fs_status add_gated(builder *b, const fs_yaml *layer, const fs_yaml *keys)
{
    (void)keys;
    blocks c;
    features out = { 0 };
    FS_TRY(take_acted_on(&c, b, layer));
    if (c.late)
        return fs_yaml_fail(layer->key[0], b->err, "expected all trivial channels in front of the others before gated, found %zu behind some", c.late);
    if (c.lead < c.others)
        return fs_yaml_fail(layer->key[0], b->err, "expected at least %zu trivial channels in front, one gate for each of the %zu others, found %zu",
                            c.others, c.others, c.lead);
    size_t from = first_other_part(&b->channels, c.lead);
    if (from > b->channels.count)
        return fs_yaml_fail(layer->key[0], b->err, "expected the trivial channels as entries of their own before gated, as in [%zu trivial, ...], found some in a sum with others",
                            c.lead);
    FS_TRY(fs_features_tail(&out, c.lead - c.others, &b->channels, from, b->err));
    fs_layer_spec spec = { .kind = "gated", .scalars = c.lead - c.others, .blocks = c.others, .block = c.block };
    return push(b, layer, "gated", &spec, NO_POLYNOMIAL, &out);
}

static fs_status add_invariants(builder *b, const fs_yaml *layer, const fs_yaml *keys)
{
    (void)keys;
    blocks c;
    features out = { 0 };
    FS_TRY(take_acted_on(&c, b, layer));
    FS_TRY(fs_features_trivial(&out, b->p->group, c.lead + c.others, b->err));
    fs_layer_spec spec = { .kind = "invariants", .scalars = c.lead, .blocks = c.others, .block = c.block };
    return push(b, layer, "invariants", &spec, QUADRATIC | (c.lead ? LINEAR : 0u), &out);
}

/* --- the table ---------------------------------------------------------------------------- */

static const struct {
    const char *kind;
    fs_status (*add)(builder *b, const fs_yaml *layer, const fs_yaml *keys);
} kinds[] = {
    { "conv", add_conv },           { "dense", add_dense },         { "pool", add_pool },     { "mean", add_mean },
    { "norm", add_norm },           { "tanh", add_activation },     { "softplus", add_activation }, { "sin", add_activation },
    { "identity", add_identity },   { "square", add_square },       { "polynomial", add_polynomial },
    { "radial", add_radial },       { "gated", add_gated },         { "invariants", add_invariants },
};

fs_status fs_builder_add(builder *b, const fs_yaml *layer)
{
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (!strcmp(kinds[k].kind, layer->key[0]->text)) return kinds[k].add(b, layer, layer->item[0]);
    return fs_yaml_fail(layer->key[0], b->err, "expected a known layer, found %s", layer->key[0]->text);
}
