/* network/gated.c -- scalars s, a gate h_k for each block, blocks v_k of channels, at each pixel
 *
 *   (s, h, v) -> (tanh s, g_k v_k),   g = 1 / (1 + e^-h)
 *
 * With yb = dR/dy, d = g (1 - g) and y = tanh s:
 *
 *   adjoint                 sb = (1 - y^2) yb,   hb = d v.yb,   vb = g yb
 *   tangent                 y' = (1 - y^2) s',   g' = d h',     (g v)' = g' v + g v'
 *   tangent of the adjoint  sb' = (1 - y^2) yb' - 2 y y' yb,   hb' = d (v'.yb + v.yb') + (1 - 2 g) g' v.yb,   vb' = g' yb + g yb'
 *
 * Commutes with orthogonal maps of each block that leave scalars and gates alone.  scale: g.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "network/layer.h"
#include "network/tanh.h"

static fs_status shape(const fs_layer_spec *spec, size_t layer, fs_shape in, fs_shape *out, fs_err *err)
{
    FS_TRY(fs_plan_check_blocks(spec, layer, spec->scalars, 1, in, err));
    *out = (fs_shape){ in.channels - spec->blocks, in.height, in.width };
    return FS_OK;
}

static size_t one_a_block(const fs_step *s)
{
    return s->blocks;
}

/* Chunks of a channel follow each other: one run of entries. */
FS_VEC size_t entries(const fs_step *s, fs_range r)
{
    return r.chunks * fs_pixels(s->in);
}

/* The gate of block k is channel scalars + k; channel c of the output is channel c + blocks of the input. */

static void forward(const fs_step *s, const fs_frame *f, fs_range r)
{
    const size_t n = entries(s, r);
    for (size_t c = 0; c < s->scalars; c++) {
        const fs_v8 *x = fs_at(f, s->val_in[0], c);
        fs_v8 *y = fs_at(f, s->val_out[0], c);
        for (size_t q = 0; q < n; q++) y[q] = fs_quick_tanh(x[q]);
    }
    for (size_t k = 0, c = s->scalars; k < s->blocks; k++) {
        const fs_v8 *h = fs_at(f, s->val_in[0], s->scalars + k);
        fs_v8 *g = fs_at(f, s->scale, k);
        for (size_t q = 0; q < n; q++) g[q] = fs_v8_logistic(h[q]);
        for (size_t end = c + s->block[k]; c < end; c++) {
            const fs_v8 *x = fs_at(f, s->val_in[0], c + s->blocks);
            fs_v8 *y = fs_at(f, s->val_out[0], c);
            for (size_t q = 0; q < n; q++) y[q] = g[q] * x[q];
        }
    }
}

static void backward(const fs_step *s, const fs_frame *f, fs_range r)
{
    const size_t n = entries(s, r);
    for (size_t c = 0; c < s->scalars; c++) {
        const fs_v8 *y = fs_at(f, s->val_out[0], c), *yb = fs_at(f, s->bar_out[0], c);
        fs_v8 *xb = fs_at(f, s->bar_in[0], c);
        for (size_t q = 0; q < n; q++) xb[q] = (1.0 - y[q] * y[q]) * yb[q];
    }
    for (size_t k = 0, c = s->scalars; k < s->blocks; k++) {
        const fs_v8 *g = fs_at(f, s->scale, k);
        fs_v8 *hb = fs_at(f, s->bar_in[0], s->scalars + k);
        for (size_t q = 0; q < n; q++) hb[q] = fs_v8_splat(0.0);
        for (size_t end = c + s->block[k]; c < end; c++) {
            const fs_v8 *x = fs_at(f, s->val_in[0], c + s->blocks), *yb = fs_at(f, s->bar_out[0], c);
            fs_v8 *xb = fs_at(f, s->bar_in[0], c + s->blocks);
            for (size_t q = 0; q < n; q++) {
                hb[q] += x[q] * yb[q];
                xb[q] = g[q] * yb[q];
            }
        }
        for (size_t q = 0; q < n; q++) hb[q] *= g[q] * (1.0 - g[q]);
    }
}

static void tangent(const fs_step *s, const fs_frame *f, fs_range r)
{
    const size_t n = entries(s, r);
    for (size_t c = 0; c < s->scalars; c++) {
        const fs_v8 *y = fs_at(f, s->val_out[0], c), *x_dot = fs_at(f, s->val_in[1], c);
        fs_v8 *y_dot = fs_at(f, s->val_out[1], c);
        for (size_t q = 0; q < n; q++) y_dot[q] = (1.0 - y[q] * y[q]) * x_dot[q];
    }
    for (size_t k = 0, c = s->scalars; k < s->blocks; k++) {
        const fs_v8 *g = fs_at(f, s->scale, k), *h_dot = fs_at(f, s->val_in[1], s->scalars + k);
        for (size_t end = c + s->block[k]; c < end; c++) {
            const fs_v8 *x = fs_at(f, s->val_in[0], c + s->blocks), *x_dot = fs_at(f, s->val_in[1], c + s->blocks);
            fs_v8 *y_dot = fs_at(f, s->val_out[1], c);
            for (size_t q = 0; q < n; q++) y_dot[q] = g[q] * ((1.0 - g[q]) * h_dot[q] * x[q] + x_dot[q]);
        }
    }
}

static void tangent_backward(const fs_step *s, const fs_frame *f, fs_range r)
{
    const size_t n = entries(s, r);
    for (size_t c = 0; c < s->scalars; c++) {
        const fs_v8 *y = fs_at(f, s->val_out[0], c), *y_dot = fs_at(f, s->val_out[1], c);
        const fs_v8 *yb = fs_at(f, s->bar_out[0], c), *yb_dot = fs_at(f, s->bar_out[1], c);
        fs_v8 *xb_dot = fs_at(f, s->bar_in[1], c);
        for (size_t q = 0; q < n; q++) xb_dot[q] = (1.0 - y[q] * y[q]) * yb_dot[q] - 2.0 * y[q] * y_dot[q] * yb[q];
    }
    for (size_t k = 0, c = s->scalars; k < s->blocks; k++) {
        const fs_v8 *g = fs_at(f, s->scale, k), *h_dot = fs_at(f, s->val_in[1], s->scalars + k);
        fs_v8 *hb_dot = fs_at(f, s->bar_in[1], s->scalars + k);
        for (size_t q = 0; q < n; q++) hb_dot[q] = fs_v8_splat(0.0);
        for (size_t end = c + s->block[k]; c < end; c++) {
            const fs_v8 *x = fs_at(f, s->val_in[0], c + s->blocks), *x_dot = fs_at(f, s->val_in[1], c + s->blocks);
            const fs_v8 *yb = fs_at(f, s->bar_out[0], c), *yb_dot = fs_at(f, s->bar_out[1], c);
            fs_v8 *xb_dot = fs_at(f, s->bar_in[1], c + s->blocks);
            for (size_t q = 0; q < n; q++) {
                hb_dot[q] += x_dot[q] * yb[q] + x[q] * yb_dot[q] + (1.0 - 2.0 * g[q]) * h_dot[q] * (x[q] * yb[q]);
                xb_dot[q] = g[q] * ((1.0 - g[q]) * h_dot[q] * yb[q] + yb_dot[q]);
            }
        }
        for (size_t q = 0; q < n; q++) hb_dot[q] *= g[q] * (1.0 - g[q]);
    }
}

extern const fs_layer_kind FS_ISA_NAME(fs_layer_gated);
const fs_layer_kind FS_ISA_NAME(fs_layer_gated) = {
    .name = "gated", .whole = 1, .mixing = 1, .blocked = 1, .shape = shape, .scales = one_a_block,
    .forward = forward, .backward = backward, .tangent = tangent, .tangent_backward = tangent_backward,
};
