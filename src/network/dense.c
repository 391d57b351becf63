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

/* out[r] = sum over cols of w[r][col] in[col] */
static int plan_gather(fs_gather *g, size_t rows, size_t cols)
{
    fs_gather_class *c = g->classed = fs_calloc(1, sizeof *g->classed);
    if (!c) return 0;
    g->rows = rows;
    g->cols = cols;
    g->plane = g->classes = 1;
    c->terms = cols;
    c->positions = 1;
    c->term = fs_calloc(cols, sizeof *c->term);
    c->in = fs_calloc(1, sizeof *c->in);
    c->out = fs_calloc(1, sizeof *c->out);
    if (!c->term || !c->in || !c->out) return 0;
    for (size_t n = 0; n < cols; n++) c->term[n] = (fs_term){ (int32_t)n, (int32_t)n };
    return 1;
}

static fs_product *plan(const fs_step *s, const unsigned char *support)
{
    (void)support;
    fs_product *p = fs_calloc(1, sizeof *p);
    if (!p) return NULL;
    p->rows = s->out.channels;
    p->cols = p->natural_row = fs_features(s->in);
    p->taps = p->plane = p->positions = 1;
    p->channel_cols = fs_pixels(s->in);
    p->natural = fs_calloc(p->cols, sizeof *p->natural);
    p->x_of = fs_calloc(p->cols, sizeof *p->x_of);
    p->in = fs_calloc(1, sizeof *p->in);
    if (!p->natural || !p->x_of || !p->in || !plan_gather(&p->forward, p->rows, p->cols)
        || !plan_gather(&p->adjoint, p->cols, p->rows)) {
        fs_product_destroy(p);
        return NULL;
    }
    for (size_t n = 0; n < p->cols; n++) {
        p->x_of[n] = (int32_t)n;
        p->natural[n] = n;
    }
    return p;
}

extern const fs_layer_kind FS_ISA_NAME(fs_layer_dense);
const fs_layer_kind FS_ISA_NAME(fs_layer_dense) = { .name = "dense", .linear = 1, .shape = shape, .plan = plan };
