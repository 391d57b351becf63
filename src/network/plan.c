/* network/plan.c -- from a list of layers to steps, tensors and tables
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "network/plan.h"

#include <stdlib.h>
#include <string.h>

/* Vectors that fit beside each other in the second-level cache while a group of chunks is processed, and the most
 * chunks of a group. */
enum { GROUP_VECTORS = 4096, GROUP_MOST = 8 };

/* The most values that one sample may have at one stage, and the most weights of a layer. */
enum { MOST_FEATURES = 1 << 24, MOST_WEIGHTS = 1 << 28 };

static const fs_kernels *kernels_of(fs_isa isa)
{
    switch (isa) {
#ifdef FS_HAVE_AVX512
    case FS_ISA_AVX512: return &fs_kernels_avx512;
#endif
#ifdef FS_HAVE_AVX2
    case FS_ISA_AVX2: return &fs_kernels_avx2;
#endif
    default: return &fs_kernels_baseline;
    }
}

static fs_status find_kind(const fs_kernels *kernels, const char *name, size_t layer, const fs_layer_kind **out, fs_err *err)
{
    char known[256] = "";
    for (const fs_layer_kind *const *k = kernels->kinds; *k; k++) {
        if (name && strcmp(name, (*k)->name) == 0) {
            *out = *k;
            return FS_OK;
        }
        strcat(strcat(known, *known ? ", " : ""), (*k)->name);
    }
    return fs_fail(err, FS_EINPUT, "layer %zu: unknown kind \"%s\"; known: %s", layer, name ? name : "", known);
}

/* --- layers and shapes ----------------------------------------------------------------------- */

static int too_many(fs_shape s)
{
    size_t n;
    return __builtin_mul_overflow(s.channels, s.height, &n) || __builtin_mul_overflow(n, s.width, &n) || n > MOST_FEATURES;
}

fs_status fs_plan_check_blocks(const fs_layer_spec *spec, size_t layer, size_t scalars, size_t gates, fs_shape in, fs_err *err)
{
    size_t n = spec->block ? spec->blocks : 0, sum = 0;
    if (n < 1 || n > in.channels)
        return fs_fail(err, FS_EINPUT, "layer %zu, %s: expected 1 to %zu blocks of %zu channels, found %zu", layer, spec->kind,
                       in.channels, in.channels, n);
    for (size_t k = 0; k < n; k++) {
        if (spec->block[k] < 1 || spec->block[k] > in.channels)
            return fs_fail(err, FS_EINPUT, "layer %zu, %s: expected blocks of 1 to %zu channels, found %zu in block %zu", layer,
                           spec->kind, in.channels, spec->block[k], k);
        sum += spec->block[k];
    }
    if (scalars > in.channels || scalars + gates * n + sum != in.channels)
        return fs_fail(err, FS_EINPUT,
                       "layer %zu, %s: expected scalars, gates and blocks of %zu channels together, found %zu, %zu and %zu",
                       layer, spec->kind, in.channels, scalars, gates * n, sum);
    return FS_OK;
}

/* Shape and weights of one layer. */
static fs_status plan_layer(fs_net *net, size_t i, const fs_layer_spec *spec, const fs_layer_kind *kind, fs_err *err)
{
    fs_shape in = net->shape[i], *out = &net->shape[i + 1];
    FS_TRY(kind->shape(spec, i, in, out, err));
    if (too_many(*out))
        return fs_fail(err, FS_EINPUT, "layer %zu, %s: expected at most %d values, found %zu x %zu x %zu", i, kind->name,
                       MOST_FEATURES, out->channels, out->height, out->width);
    if (!kind->linear) return FS_OK;
    int conv = kind->prepare != NULL;
    size_t inputs = conv ? in.channels * spec->size * spec->size : fs_features(in), count;
    if (__builtin_mul_overflow(spec->out, inputs, &count) || count > MOST_WEIGHTS)
        return fs_fail(err, FS_EINPUT, "layer %zu, %s: expected at most %d weights, found %zu x %zu", i, kind->name,
                       MOST_WEIGHTS, spec->out, inputs);
    net->block[net->blocks++] = (fs_weight_block){ i, kind->name, net->parameters, count, spec->out,
                                                   conv ? in.channels : inputs, conv ? spec->size : 0 };
    net->parameters += count;
    return FS_OK;
}

/* Appends layer i to the steps: none for an identity; a pool behind a convolution joins it. */
static void plan_step(fs_net *net, size_t i, const fs_layer_spec *spec, const fs_layer_kind *kind)
{
    fs_step *last = net->steps ? &net->step[net->steps - 1] : NULL;
    int pool = strcmp(kind->name, "pool") == 0;
    if (!kind->linear && !kind->forward) return;
    if (pool && last && last->kind->prepare && last->pool == 1 && last->layer + 1 == i) {
        last->pool = spec->size;
        last->out = net->shape[i + 1];
        return;
    }
    net->step[net->steps++] = (fs_step){ .kind = kind, .layer = i, .size = spec->size, .pool = 1, .pad = spec->size / 2,
                                         .circular = spec->circular, .eps = spec->eps, .scalars = spec->scalars,
                                         .blocks = spec->blocks, .block = spec->block, .coefficients = spec->coefficients,
                                         .coefficient = spec->coefficient, .in = net->shape[i], .out = net->shape[i + 1] };
}

/* Copy of a sound specification, with the array that its kind reads. */
static int copy_spec(fs_net *net, size_t i, const fs_layer_spec *spec, const fs_layer_kind *kind)
{
    const void *from = kind->prepare ? (const void *)spec->support : kind->blocked ? (const void *)spec->block
                       : kind->polynomial ? (const void *)spec->coefficient : NULL;
    size_t count = kind->prepare ? spec->size * spec->size : kind->blocked ? spec->blocks : spec->coefficients;
    size_t size = kind->prepare ? sizeof *spec->support : kind->blocked ? sizeof *spec->block : sizeof *spec->coefficient;
    net->spec[i] = *spec;
    net->spec[i].kind = kind->name;
    if (from) {
        net->copy[i] = fs_calloc(count, size);
        if (!net->copy[i]) return 0;
        memcpy(net->copy[i], from, count * size);
    }
    net->spec[i].support = kind->prepare ? net->copy[i] : NULL;
    net->spec[i].block = kind->blocked ? net->copy[i] : NULL;
    net->spec[i].coefficient = kind->polynomial ? net->copy[i] : NULL;
    return 1;
}

/* --- tensors ----------------------------------------------------------------------------------- */

static fs_tensor tensor(fs_net *net, fs_arena arena, size_t channels, size_t plane)
{
    fs_tensor t = { arena, net->arena_size[arena], net->group * plane, plane };
    net->arena_size[arena] += channels * t.stride;
    return t;
}

static fs_tensor stage_tensor(fs_net *net, fs_arena arena, fs_shape shape)
{
    return tensor(net, arena, shape.channels, fs_pixels(shape));
}

static int lasts(const fs_step *s)
{
    return s->kind->linear || s->kind->activation || s->kind->whole;
}

/* Values, up the network. */
static void place_values(fs_net *net)
{
    int bare = net->steps == 0 || (net->first == 0 && !net->step[0].prepares);
    fs_tensor last = net->input = stage_tensor(net, bare ? FS_DATA : FS_WORK, net->shape[0]), last_dot = last;
    for (size_t i = 0; i < net->steps; i++) {
        fs_step *s = &net->step[i];
        s->val_in[FS_PRIMAL] = s->prep[FS_PRIMAL] = last;
        s->val_in[FS_DOT] = s->prep[FS_DOT] = last_dot;
        if (s->prepares) {
            s->prep[FS_PRIMAL] = stage_tensor(net, i == net->first ? FS_DATA : FS_WORK, s->prepared);
            if (i > net->first) s->prep[FS_DOT] = stage_tensor(net, FS_TANGENT, s->prepared);
        }
        if (i < net->first) {
            int feeds = i + 1 == net->first && net->first < net->steps && !net->step[net->first].prepares;
            last = stage_tensor(net, feeds ? FS_DATA : FS_WORK, s->out);
        } else if (!(s->kind->in_place && net->step[i - 1].kind->linear)) {
            last = stage_tensor(net, lasts(s) ? FS_KEPT : FS_WORK, s->out);
            last_dot = stage_tensor(net, FS_TANGENT, s->out);
        }
        if (s->kind->curved) {
            s->work_aux = tensor(net, FS_WORK, s->out.channels, 1);
            s->kept_aux = tensor(net, FS_KEPT, s->out.channels, 1);
            s->tangent_aux = tensor(net, FS_TANGENT, s->out.channels, 1);
        }
        if (s->kind->scales)
            s->scale = tensor(net, i < net->first ? FS_WORK : FS_KEPT, s->kind->scales(s), fs_pixels(s->in));
        s->val_out[FS_PRIMAL] = last;
        s->val_out[FS_DOT] = last_dot;
    }
    net->logits = last;
    net->logits_dot = last_dot;
    net->loss_aux = stage_tensor(net, FS_KEPT, net->shape[net->layers]);
}

/* A normalisation may overwrite bar_out with bar_in, unless the step behind it needs that or recomputes it. */
static int overwrites(const fs_net *net, size_t i)
{
    const fs_layer_kind *behind = i + 1 < net->steps ? net->step[i + 1].kind : NULL;
    return net->step[i].kind->curved && !(behind && (behind->activation || behind->curved));
}

/* Derivatives, down the network.  Kept: what an activation, a whole step (bar_out) or a normalisation (bar_in) needs for its
 * second derivative, and what a linear step needs (bar_out), unless an activation gives it back.  In the tangent, steps
 * that keep the shape overwrite bar_out with bar_in. */
static void place_derivatives(fs_net *net)
{
    fs_tensor bar, bar_dot;
    if (net->first == net->steps) return;
    const fs_step *top = &net->step[net->steps - 1];
    bar = net->logits_bar = stage_tensor(net, lasts(top) || top->kind->curved ? FS_KEPT : FS_WORK, top->out);
    bar_dot = net->logits_bar_dot = stage_tensor(net, FS_TANGENT, top->out);
    for (size_t i = net->steps; i-- > net->first;) {
        fs_step *s = &net->step[i];
        s->bar_out[FS_PRIMAL] = bar;
        s->bar_out[FS_DOT] = bar_dot;
        if (i == net->first) break;
        int keep = s->kind->curved || overwrites(net, i - 1) || (!s->kind->activation && lasts(&net->step[i - 1]));
        if (!overwrites(net, i)) bar = stage_tensor(net, keep ? FS_KEPT : FS_WORK, s->in);
        if (s->kind->linear || fs_features(s->in) != fs_features(s->out))
            bar_dot = stage_tensor(net, FS_TANGENT, s->in);
        s->bar_in[FS_PRIMAL] = s->prep_bar[FS_PRIMAL] = bar;
        s->bar_in[FS_DOT] = s->prep_bar[FS_DOT] = bar_dot;
        if (s->prepares) {
            s->prep_bar[FS_PRIMAL] = stage_tensor(net, FS_WORK, s->prepared);
            s->prep_bar[FS_DOT] = s->prep[FS_DOT];      /* read for the last time just before */
        }
    }
}

/* --- tables -------------------------------------------------------------------------------------- */

/* Tall blocks where no class has more positions than those are wide. */
static size_t gather_width(const fs_gather *g, size_t group, const fs_product_kernels *kernels)
{
    size_t most = 0;
    for (size_t c = 0; c < g->classes; c++)
        if (g->classed[c].positions > most) most = g->classed[c].positions;
    return most * group <= kernels->wide_across ? kernels->wide : kernels->width;
}

static fs_status plan_products(fs_net *net, fs_err *err)
{
    size_t block = 0;
    for (size_t i = 0; i < net->steps; i++) {
        fs_step *s = &net->step[i];
        if (!s->kind->linear) continue;
        fs_product *p = s->product = s->kind->plan(s, net->group, net->spec[s->layer].support);
        if (!p) return fs_fail(err, FS_ENOMEM, "tables of layer %zu", s->layer);
        s->weights = net->block[block++].offset;
        s->packed = net->packed;
        s->gradient = net->gradient;
        net->packed += 2 * p->rows * p->cols;
        net->entries += p->rows * p->cols;
        p->by_columns = p->positions * net->group <= 2 && p->cols >= FS_LANES;
        net->gradient += p->rows * (p->by_columns ? (p->cols + FS_LANES - 1) / FS_LANES : p->cols);
        p->forward.width = gather_width(&p->forward, net->group, net->kernels->product);
        p->adjoint.width = gather_width(&p->adjoint, net->group, net->kernels->product);
    }
    return FS_OK;
}

/* Natural place of each weight in a gather's blocks. */
static void plan_packing(const fs_step *s, const fs_gather *g, int adjoint, uint32_t *natural)
{
    const fs_product *p = s->product;
    for (size_t row = 0; row < g->rows; row += g->width) {
        size_t next = row + g->width < g->rows ? row + g->width : g->rows;
        for (size_t c = 0; c < g->cols; c++)
            for (size_t r = row; r < next; r++)
                *natural++ = (uint32_t)(s->weights + (adjoint ? c / p->taps * p->natural_row + p->natural[r * p->taps + c % p->taps]
                                                              : r * p->natural_row + p->natural[c]));
    }
}

static int plan_pack(fs_net *net)
{
    net->natural = fs_calloc(net->packed, sizeof *net->natural);
    if (!net->natural) return 0;
    for (size_t i = net->first; i < net->steps; i++) {
        const fs_step *s = &net->step[i];
        if (!s->kind->linear) continue;
        plan_packing(s, &s->product->forward, 0, net->natural + s->packed);
        plan_packing(s, &s->product->adjoint, 1, net->natural + s->packed + s->product->rows * s->product->cols);
    }
    return 1;
}

static void plan_steps(fs_net *net)
{
    net->first = net->steps;
    for (size_t i = net->steps; i-- > 0;) {
        fs_step *s = &net->step[i];
        s->prepares = s->kind->prepare && (s->size > 1 || s->pool > 1);
        s->prepared = s->in;
        if (s->prepares) {
            s->prepared.height += s->size - s->pool;
            s->prepared.width += s->size - s->pool;
        }
        if (s->kind->linear) net->first = i;
    }
    net->group = 1;
    place_values(net);
    place_derivatives(net);
    size_t vectors = net->arena_size[FS_KEPT] + net->arena_size[FS_WORK];
    net->group = vectors ? GROUP_VECTORS / vectors : GROUP_MOST;
    net->group = net->group > GROUP_MOST ? GROUP_MOST : net->group < 1 ? 1 : net->group;
    memset(net->arena_size, 0, sizeof net->arena_size);
    place_values(net);
    place_derivatives(net);
}

fs_status fs_plan_create(fs_net **out, fs_shape input, const fs_layer_spec *layers, size_t count, fs_isa isa,
                         int needs_weights, fs_err *err)
{
    fs_status status = FS_ENOMEM;
    *out = NULL;
    if (!fs_isa_available(isa))
        return fs_fail(err, FS_EINPUT, "expected an instruction set of this build and processor, found \"%s\"", fs_isa_name(isa));
    if (count == 0) return fs_fail(err, FS_EINPUT, "expected a network of at least one layer, found none");
    if (fs_features(input) == 0 || too_many(input))
        return fs_fail(err, FS_EINPUT, "expected an input of 1 to %d values, found %zu x %zu x %zu", MOST_FEATURES,
                       input.channels, input.height, input.width);
    fs_net *net = fs_calloc(1, sizeof *net);
    if (!net) goto nomem;
    net->kernels = kernels_of(isa);
    net->isa = isa;
    net->layers = count;
    net->shape = fs_calloc(count + 1, sizeof *net->shape);
    net->step = fs_calloc(count, sizeof *net->step);
    net->block = fs_calloc(count, sizeof *net->block);
    net->spec = fs_calloc(count, sizeof *net->spec);
    net->copy = fs_calloc(count, sizeof *net->copy);
    if (!net->shape || !net->step || !net->block || !net->spec || !net->copy) goto nomem;
    net->shape[0] = input;
    for (size_t i = 0; i < count; i++) {
        const fs_layer_kind *kind;
        if ((status = find_kind(net->kernels, layers[i].kind, i, &kind, err)) != FS_OK) goto out;
        if ((status = plan_layer(net, i, &layers[i], kind, err)) != FS_OK) goto out;
        if (!copy_spec(net, i, &layers[i], kind)) goto nomem;
        plan_step(net, i, &net->spec[i], kind);
    }
    if (needs_weights && net->blocks == 0) {
        status = fs_fail(err, FS_EINPUT, "expected at least one conv or dense layer, found none in %zu layers", count);
        goto out;
    }
    plan_steps(net);
    if ((status = plan_products(net, err)) != FS_OK) goto out;
    status = FS_ENOMEM;
    if (!plan_pack(net)) goto nomem;
    *out = net;
    return FS_OK;
nomem:
    status = fs_fail(err, FS_ENOMEM, "network of %zu layers", count);
out:
    fs_net_destroy(net);
    return status;
}

static void gather_free(fs_gather *g)
{
    for (size_t c = 0; g->classed && c < g->classes; c++) {
        free(g->classed[c].term);
        free(g->classed[c].in);
        free(g->classed[c].out);
    }
    free(g->classed);
}

void fs_product_destroy(fs_product *p)
{
    if (!p) return;
    gather_free(&p->forward);
    gather_free(&p->adjoint);
    free(p->natural);
    free(p->x_of);
    free(p->in);
    free(p);
}

void fs_net_destroy(fs_net *net)
{
    if (!net) return;
    for (size_t i = 0; net->step && i < net->steps; i++) fs_product_destroy(net->step[i].product);
    for (size_t i = 0; net->copy && i < net->layers; i++) free(net->copy[i]);
    free(net->step);
    free(net->shape);
    free(net->block);
    free(net->spec);
    free(net->copy);
    free(net->natural);
    free(net);
}

void fs_plan_load(size_t n, size_t channels, size_t plane, const double *x, size_t first, size_t stride, fs_v8 *lanes)
{
    size_t features = channels * plane;
    for (size_t j = 0; j < features; j++)
        for (size_t l = 0; l < FS_LANES; l++)
            lanes[j / plane * stride + j % plane][l] = first + l < n ? x[(first + l) * features + j] : 0.0;
}
