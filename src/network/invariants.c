/* network/invariants.c -- scalars s and the squared length of each block v_k of channels, at each pixel
 *
 *   (s, v) -> (s, |v_k|^2)
 *
 *   adjoint  vb = 2 yb v       tangent  y' = 2 v.v'       tangent of the adjoint  vb' = 2 (yb' v + yb v')
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "network/layer.h"

static fs_status shape(const fs_layer_spec *spec, size_t layer, fs_shape in, fs_shape *out, fs_err *err)
{
    FS_TRY(fs_plan_check_blocks(spec, layer, spec->scalars, 0, in, err));
    *out = (fs_shape){ spec->scalars + spec->blocks, in.height, in.width };
    return FS_OK;
}

/* Chunks of a channel follow each other: one run of entries. */
FS_VEC size_t entries(const fs_step *s, fs_range r)
{
    return r.chunks * fs_pixels(s->in);
}

/* The scalars, the same in both directions and in both copies. */
FS_VEC void copy_scalars(const fs_step *s, const fs_frame *f, fs_range r, fs_tensor from, fs_tensor to)
{
    for (size_t c = 0, n = entries(s, r); c < s->scalars; c++) {
        const fs_v8 *x = fs_at(f, from, c);
        fs_v8 *y = fs_at(f, to, c);
        for (size_t q = 0; q < n; q++) y[q] = x[q];
    }
}

/* y = factor sum over the block of a b,  a = val_in, b = val_in[copy] */
FS_VEC void squares(const fs_step *s, const fs_frame *f, fs_range r, const double factor, const int copy)
{
    const size_t n = entries(s, r);
    copy_scalars(s, f, r, s->val_in[copy], s->val_out[copy]);
    for (size_t k = 0, c = s->scalars; k < s->blocks; k++) {
        fs_v8 *y = fs_at(f, s->val_out[copy], s->scalars + k);
        for (size_t q = 0; q < n; q++) y[q] = fs_v8_splat(0.0);
        for (size_t end = c + s->block[k]; c < end; c++) {
            const fs_v8 *a = fs_at(f, s->val_in[0], c), *b = fs_at(f, s->val_in[copy], c);
            for (size_t q = 0; q < n; q++) y[q] += factor * a[q] * b[q];
        }
    }
}

static void forward(const fs_step *s, const fs_frame *f, fs_range r)
{
    squares(s, f, r, 1.0, FS_PRIMAL);
}

static void tangent(const fs_step *s, const fs_frame *f, fs_range r)
{
    squares(s, f, r, 2.0, FS_DOT);
}

static void backward(const fs_step *s, const fs_frame *f, fs_range r)
{
    const size_t n = entries(s, r);
    copy_scalars(s, f, r, s->bar_out[0], s->bar_in[0]);
    for (size_t k = 0, c = s->scalars; k < s->blocks; k++) {
        const fs_v8 *yb = fs_at(f, s->bar_out[0], s->scalars + k);
        for (size_t end = c + s->block[k]; c < end; c++) {
            const fs_v8 *x = fs_at(f, s->val_in[0], c);
            fs_v8 *xb = fs_at(f, s->bar_in[0], c);
            for (size_t q = 0; q < n; q++) xb[q] = 2.0 * yb[q] * x[q];
        }
    }
}

static void tangent_backward(const fs_step *s, const fs_frame *f, fs_range r)
{
    const size_t n = entries(s, r);
    copy_scalars(s, f, r, s->bar_out[1], s->bar_in[1]);
    for (size_t k = 0, c = s->scalars; k < s->blocks; k++) {
        const fs_v8 *yb = fs_at(f, s->bar_out[0], s->scalars + k), *yb_dot = fs_at(f, s->bar_out[1], s->scalars + k);
        for (size_t end = c + s->block[k]; c < end; c++) {
            const fs_v8 *x = fs_at(f, s->val_in[0], c), *x_dot = fs_at(f, s->val_in[1], c);
            fs_v8 *xb_dot = fs_at(f, s->bar_in[1], c);
            for (size_t q = 0; q < n; q++) xb_dot[q] = 2.0 * (yb_dot[q] * x[q] + yb[q] * x_dot[q]);
        }
    }
}

extern const fs_layer_kind FS_ISA_NAME(fs_layer_invariants);
const fs_layer_kind FS_ISA_NAME(fs_layer_invariants) = {
    .name = "invariants", .whole = 1, .mixing = 1, .blocked = 1, .shape = shape,
    .forward = forward, .backward = backward, .tangent = tangent, .tangent_backward = tangent_backward,
};
