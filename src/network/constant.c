/* network/constant.c -- appends a channel that is 1 everywhere:  x -> (x, 1),  x' -> (x', 0),  (yb, wb) -> yb
 *
 * A dense layer behind it has a bias.  Whole, because the number of channels changes, but no channel meets another.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "network/layer.h"

static fs_status shape(const fs_layer_spec *spec, size_t layer, fs_shape in, fs_shape *out, fs_err *err)
{
    (void)spec;
    (void)layer;
    (void)err;
    *out = (fs_shape){ in.channels + 1, in.height, in.width };
    return FS_OK;
}

FS_VEC void copy_channels(const fs_step *s, const fs_frame *f, fs_range r, fs_tensor from, fs_tensor to)
{
    for (size_t c = r.c0, n = r.chunks * fs_pixels(s->in); c < r.c1; c++) {
        const fs_v8 *x = fs_at(f, from, c);
        fs_v8 *y = fs_at(f, to, c);
        for (size_t q = 0; q < n; q++) y[q] = x[q];
    }
}

FS_VEC void append(const fs_step *s, const fs_frame *f, fs_range r, const int copy, const double value)
{
    fs_v8 *y = fs_at(f, s->val_out[copy], s->in.channels);
    copy_channels(s, f, r, s->val_in[copy], s->val_out[copy]);
    for (size_t q = 0; q < r.chunks * fs_pixels(s->in); q++) y[q] = fs_v8_splat(value);
}

static void forward(const fs_step *s, const fs_frame *f, fs_range r)
{
    append(s, f, r, FS_PRIMAL, 1.0);
}

static void tangent(const fs_step *s, const fs_frame *f, fs_range r)
{
    append(s, f, r, FS_DOT, 0.0);
}

static void backward(const fs_step *s, const fs_frame *f, fs_range r)
{
    copy_channels(s, f, r, s->bar_out[0], s->bar_in[0]);
}

static void tangent_backward(const fs_step *s, const fs_frame *f, fs_range r)
{
    copy_channels(s, f, r, s->bar_out[1], s->bar_in[1]);
}

extern const fs_layer_kind FS_ISA_NAME(fs_layer_constant);
const fs_layer_kind FS_ISA_NAME(fs_layer_constant) = {
    .name = "constant", .whole = 1, .shape = shape,
    .forward = forward, .backward = backward, .tangent = tangent, .tangent_backward = tangent_backward,
};
