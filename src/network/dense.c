/* network/dense.c -- full linear layer  z[o] = sum_j w[o][j] x[j],  j = (channel, row, column)
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "network/layer.h"

static fs_status shape(const fs_layer_spec *spec, size_t layer, fs_shape in, fs_shape *out, fs_err *err)
{
    (void)in;
    if (spec->out == 0) return fs_fail(err, FS_EINPUT, "layer %zu, dense: expected out >= 1 units, found 0", layer);
    *out = (fs_shape){ spec->out, 1, 1 };
    return FS_OK;
}

/* One position a chunk. */
static int plan_class(fs_gather_class *c, size_t group, size_t terms)
{
    c->terms = terms;
    c->positions = 1;
    c->term = fs_calloc(terms, sizeof *c->term);
    c->in = fs_calloc(group, sizeof *c->in);
    c->out = fs_calloc(group, sizeof *c->out);
    return c->term && c->in && c->out;
}

static int plan_forward(const fs_step *s, size_t group, fs_product *p)
{
    fs_gather *g = &p->forward;
    size_t pixels = fs_pixels(s->in);
    fs_gather_class *c = g->classed = fs_calloc(1, sizeof *g->classed);
    g->rows = p->rows;
    g->cols = p->cols;
    g->stride = p->stride;
    g->classes = 1;
    if (!c || !plan_class(c, group, p->cols)) return 0;
    for (size_t n = 0; n < p->cols; n++) {
        p->natural[n] = n;
        p->x_of[n] = (int32_t)(n / pixels * group * pixels + n % pixels);
        c->term[n] = (fs_term){ p->x_of[n], (int32_t)n };
    }
    for (size_t k = 0; k < group; k++) {
        p->in[k] = c->in[k] = (int32_t)(k * pixels);
        c->out[k] = (int32_t)k;
    }
    return 1;
}

/* Rows are input channels; each pixel is a class. */
static int plan_adjoint(const fs_step *s, size_t group, fs_product *p)
{
    fs_gather *g = &p->adjoint;
    size_t pixels = fs_pixels(s->in);
    g->classed = fs_calloc(pixels, sizeof *g->classed);
    g->rows = s->in.channels;
    g->cols = p->rows * pixels;
    g->stride = group * pixels;
    if (!g->classed) return 0;
    for (g->classes = 0; g->classes < pixels;) {
        size_t q = g->classes++;
        fs_gather_class *c = &g->classed[q];
        if (!plan_class(c, group, p->rows)) return 0;
        for (size_t o = 0; o < p->rows; o++) c->term[o] = (fs_term){ (int32_t)(o * group), (int32_t)(o * pixels + q) };
        for (size_t k = 0; k < group; k++) {
            c->in[k] = (int32_t)k;
            c->out[k] = (int32_t)(k * pixels + q);
        }
    }
    return 1;
}

static fs_product *plan(const fs_step *s, size_t group, const unsigned char *support)
{
    (void)support;
    fs_product *p = fs_calloc(1, sizeof *p);
    if (!p) return NULL;
    p->rows = s->out.channels;
    p->cols = p->natural_row = fs_features(s->in);
    p->taps = p->channel_cols = fs_pixels(s->in);
    p->positions = 1;
    p->stride = group;
    p->natural = fs_calloc(p->cols, sizeof *p->natural);
    p->x_of = fs_calloc(p->cols, sizeof *p->x_of);
    p->in = fs_calloc(group, sizeof *p->in);
    if (p->natural && p->x_of && p->in && plan_forward(s, group, p) && plan_adjoint(s, group, p)) return p;
    fs_product_destroy(p);
    return NULL;
}

extern const fs_layer_kind FS_ISA_NAME(fs_layer_dense);
const fs_layer_kind FS_ISA_NAME(fs_layer_dense) = { .name = "dense", .linear = 1, .shape = shape, .plan = plan };
