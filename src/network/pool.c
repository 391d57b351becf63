/* network/pool.c -- averages over windows of k x l pixels
 *
 *   y[c][r][s] = 1/(k l) sum_(a < k, b < l) x[c][k r + a][l s + b]
 *
 * pool: k = l, and only where no convolution stands before it; otherwise see conv.c.  mean: the window is the image.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "network/layer.h"

static fs_status shape(const fs_layer_spec *spec, size_t layer, fs_shape in, fs_shape *out, fs_err *err)
{
    size_t k = spec->size;
    if (k == 0 || in.height % k != 0 || in.width % k != 0)
        return fs_fail(err, FS_EINPUT, "layer %zu, pool: expected a size that divides %zu x %zu, found %zu", layer,
                       in.height, in.width, k);
    *out = (fs_shape){ in.channels, in.height / k, in.width / k };
    return FS_OK;
}

static fs_status shape_of_mean(const fs_layer_spec *spec, size_t layer, fs_shape in, fs_shape *out, fs_err *err)
{
    (void)spec;
    (void)layer;
    (void)err;
    *out = (fs_shape){ in.channels, 1, 1 };
    return FS_OK;
}

static void average(const fs_step *s, const fs_v8 *x, fs_v8 *y)
{
    size_t width = s->in.width, k = s->in.height / s->out.height, l = width / s->out.width;
    for (size_t row = 0; row < s->out.height; row++)
        for (size_t col = 0; col < s->out.width; col++) {
            fs_v8 sum = fs_v8_splat(0.0);
            for (size_t a = 0; a < k; a++)
                for (size_t b = 0; b < l; b++) sum += x[(row * k + a) * width + col * l + b];
            *y++ = sum * (1.0 / (double)(k * l));
        }
}

static void spread(const fs_step *s, const fs_v8 *y, fs_v8 *x)
{
    size_t width = s->in.width, k = s->in.height / s->out.height, l = width / s->out.width;
    for (size_t row = 0; row < s->in.height; row++)
        for (size_t col = 0; col < width; col++)
            *x++ = y[row / k * s->out.width + col / l] * (1.0 / (double)(k * l));
}

/* Linear, so its tangent and the adjoint of that are itself. */
FS_VEC void average_copy(const fs_step *s, const fs_frame *f, fs_range r, int copy)
{
    for (size_t c = r.c0; c < r.c1; c++)
        for (size_t k = 0; k < r.chunks; k++)
            average(s, fs_at(f, s->val_in[copy], c) + k * fs_pixels(s->in), fs_at(f, s->val_out[copy], c) + k * fs_pixels(s->out));
}

FS_VEC void spread_copy(const fs_step *s, const fs_frame *f, fs_range r, int copy)
{
    for (size_t c = r.c0; c < r.c1; c++)
        for (size_t k = 0; k < r.chunks; k++)
            spread(s, fs_at(f, s->bar_out[copy], c) + k * fs_pixels(s->out), fs_at(f, s->bar_in[copy], c) + k * fs_pixels(s->in));
}

static void forward(const fs_step *s, const fs_frame *f, fs_range r)
{
    average_copy(s, f, r, FS_PRIMAL);
}

static void backward(const fs_step *s, const fs_frame *f, fs_range r)
{
    spread_copy(s, f, r, FS_PRIMAL);
}

static void tangent(const fs_step *s, const fs_frame *f, fs_range r)
{
    average_copy(s, f, r, FS_DOT);
}

static void tangent_backward(const fs_step *s, const fs_frame *f, fs_range r)
{
    spread_copy(s, f, r, FS_DOT);
}

#define AVERAGE(word, shape_of)                                                             \
    extern const fs_layer_kind FS_ISA_NAME(fs_layer_##word);                                \
    const fs_layer_kind FS_ISA_NAME(fs_layer_##word) = {                                    \
        .name = #word, .shape = shape_of,                                                   \
        .forward = forward, .backward = backward, .tangent = tangent, .tangent_backward = tangent_backward,  \
    };

AVERAGE(pool, shape)
AVERAGE(mean, shape_of_mean)
