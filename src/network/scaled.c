/* network/scaled.c -- at each pixel, blocks of n channels divided by something like their length
 *
 *   y = r (x - m),   r = (c |x - m|^2 + e)^(-1/2)
 *
 *   features   one block, m = mean x, c = 1/n, e = eps      layer normalisation over the channels, no affine map
 *   rms        one block, m = 0,      c = 1/n, e = eps
 *   radial     the blocks of the specification, m = 0, c = 1, e = 1: commutes with orthogonal maps of each block
 *
 * Adjoint, with b = c yb.y:         xb = r (yb - mean yb - y b)
 * Tangent, with s = c y.x':         y' = r (x' - mean x' - y s),   r' = -r^2 s
 * Tangent of the adjoint:           xb' = r (yb' - mean yb' - y' b - y b' - s xb),   b' = c (yb'.y + yb.y')
 *
 * where the means are taken for features alone.  scale: r.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "network/layer.h"

static fs_status shape(const fs_layer_spec *spec, size_t layer, fs_shape in, fs_shape *out, fs_err *err)
{
    if (!(spec->eps > 0 && spec->eps <= 1e300))
        return fs_fail(err, FS_EINPUT, "layer %zu, %s: expected a finite eps > 0, found %g", layer, spec->kind, spec->eps);
    *out = in;
    return FS_OK;
}

static fs_status shape_of_radial(const fs_layer_spec *spec, size_t layer, fs_shape in, fs_shape *out, fs_err *err)
{
    *out = in;
    return fs_plan_check_blocks(spec, layer, 0, 0, in, err);
}

static size_t one(const fs_step *s)
{
    (void)s;
    return 1;
}

static size_t one_a_block(const fs_step *s)
{
    return s->blocks;
}

typedef enum { FEATURES, RMS, RADIAL } function;

/* A block at one pixel: n channels, so many vectors from one to the next. */
typedef struct {
    size_t n, stride;
    double c, e;
    int centred;
} block;

/* Sums run in several chains, added in fixed order, because one chain of additions would wait for itself. */
enum { CHAINS = 4 };

FS_VEC fs_v8 join(const fs_v8 *sum)
{
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* Zero where the block is not centred. */
FS_VEC fs_v8 mean(block k, const fs_v8 *x)
{
    fs_v8 sum[CHAINS] = { { 0 } };
    size_t i = 0;
    if (!k.centred) return sum[0];
    for (; i + CHAINS <= k.n; i += CHAINS)
        for (size_t j = 0; j < CHAINS; j++) sum[j] += x[(i + j) * k.stride];
    for (; i < k.n; i++) sum[0] += x[i * k.stride];
    return join(sum) * (1.0 / (double)k.n);
}

/* c x.y */
FS_VEC fs_v8 product(block k, const fs_v8 *x, const fs_v8 *y)
{
    fs_v8 sum[CHAINS] = { { 0 } };
    size_t i = 0;
    for (; i + CHAINS <= k.n; i += CHAINS)
        for (size_t j = 0; j < CHAINS; j++) sum[j] += x[(i + j) * k.stride] * y[(i + j) * k.stride];
    for (; i < k.n; i++) sum[0] += x[i * k.stride] * y[i * k.stride];
    return join(sum) * k.c;
}

FS_VEC void divide(block k, const fs_v8 *x, fs_v8 *y, fs_v8 *r)
{
    fs_v8 m = mean(k, x);
    for (size_t i = 0; i < k.n; i++) y[i * k.stride] = x[i * k.stride] - m;
    fs_v8 square = product(k, y, y) + k.e;
    for (size_t l = 0; l < FS_LANES; l++) square[l] = sqrt(square[l]);
    *r = 1.0 / square;
    for (size_t i = 0; i < k.n; i++) y[i * k.stride] *= *r;
}

/* xb = r (yb - mean yb - y b); the tangent is the same map of x'. */
FS_VEC void project(block k, const fs_v8 *y, fs_v8 r, const fs_v8 *yb, fs_v8 *xb)
{
    fs_v8 m = mean(k, yb), b = product(k, yb, y);
    for (size_t i = 0; i < k.n; i++) xb[i * k.stride] = r * (yb[i * k.stride] - m - y[i * k.stride] * b);
}

FS_VEC void project_tangent(block k, const fs_v8 *y, const fs_v8 *y_dot, fs_v8 r, const fs_v8 *x_dot, const fs_v8 *yb,
                            const fs_v8 *yb_dot, fs_v8 *xb_dot)
{
    fs_v8 m = mean(k, yb), m_dot = mean(k, yb_dot), s = product(k, y, x_dot);
    fs_v8 b = product(k, yb, y), b_dot = product(k, yb_dot, y) + product(k, yb, y_dot);
    for (size_t i = 0, at = 0; i < k.n; i++, at += k.stride) {
        fs_v8 xb = r * (yb[at] - m - y[at] * b);
        xb_dot[at] = r * (yb_dot[at] - m_dot - y_dot[at] * b - y[at] * b_dot - s * xb);
    }
}

/* Block i, which begins at channel c. */
FS_VEC block block_of(const function which, const fs_step *s, size_t i)
{
    size_t n = which == RADIAL ? s->block[i] : s->in.channels;
    return (block){ n, s->val_in[FS_PRIMAL].stride, which == RADIAL ? 1.0 : 1.0 / (double)n, which == RADIAL ? 1.0 : s->eps,
                    which == FEATURES };
}

FS_VEC size_t blocks(const function which, const fs_step *s)
{
    return which == RADIAL ? s->blocks : 1;
}

/* Chunks of a channel follow each other: one run of entries. */
FS_VEC size_t entries(const fs_step *s, fs_range r)
{
    return r.chunks * fs_pixels(s->in);
}

FS_VEC void forward(const function which, const fs_step *s, const fs_frame *f, fs_range range)
{
    for (size_t i = 0, c = 0, n = entries(s, range); i < blocks(which, s); i++) {
        const block k = block_of(which, s, i);
        const fs_v8 *x = fs_at(f, s->val_in[0], c);
        fs_v8 *y = fs_at(f, s->val_out[0], c), *r = fs_at(f, s->scale, i);
        for (size_t q = 0; q < n; q++) divide(k, x + q, y + q, r + q);
        c += k.n;
    }
}

/* The adjoint and the tangent are the same map: bar_out to bar_in, val_in' to val_out'. */
FS_VEC void project_all(const function which, const fs_step *s, const fs_frame *f, fs_range range, fs_tensor from, fs_tensor to)
{
    for (size_t i = 0, c = 0, n = entries(s, range); i < blocks(which, s); i++) {
        const block k = block_of(which, s, i);
        const fs_v8 *y = fs_at(f, s->val_out[0], c), *r = fs_at(f, s->scale, i), *u = fs_at(f, from, c);
        fs_v8 *v = fs_at(f, to, c);
        for (size_t q = 0; q < n; q++) project(k, y + q, r[q], u + q, v + q);
        c += k.n;
    }
}

FS_VEC void backward(const function which, const fs_step *s, const fs_frame *f, fs_range range)
{
    project_all(which, s, f, range, s->bar_out[0], s->bar_in[0]);
}

FS_VEC void tangent(const function which, const fs_step *s, const fs_frame *f, fs_range range)
{
    project_all(which, s, f, range, s->val_in[1], s->val_out[1]);
}

FS_VEC void tangent_backward(const function which, const fs_step *s, const fs_frame *f, fs_range range)
{
    for (size_t i = 0, c = 0, n = entries(s, range); i < blocks(which, s); i++) {
        const block k = block_of(which, s, i);
        const fs_v8 *y = fs_at(f, s->val_out[0], c), *y_dot = fs_at(f, s->val_out[1], c), *x_dot = fs_at(f, s->val_in[1], c);
        const fs_v8 *r = fs_at(f, s->scale, i), *yb = fs_at(f, s->bar_out[0], c), *yb_dot = fs_at(f, s->bar_out[1], c);
        fs_v8 *xb_dot = fs_at(f, s->bar_in[1], c);
        for (size_t q = 0; q < n; q++)
            project_tangent(k, y + q, y_dot + q, r[q], x_dot + q, yb + q, yb_dot + q, xb_dot + q);
        c += k.n;
    }
}

#define SWEEP(word, which, action)                                                          \
    static void word##_##action(const fs_step *s, const fs_frame *f, fs_range r)            \
    {                                                                                       \
        action(which, s, f, r);                                                             \
    }

#define SCALED(word, which, shape_of, count)                                                \
    SWEEP(word, which, forward)                                                             \
    SWEEP(word, which, backward)                                                            \
    SWEEP(word, which, tangent)                                                             \
    SWEEP(word, which, tangent_backward)                                                    \
    extern const fs_layer_kind FS_ISA_NAME(fs_layer_##word);                                \
    const fs_layer_kind FS_ISA_NAME(fs_layer_##word) = {                                    \
        .name = #word, .whole = 1, .mixing = 1, .blocked = (which) == RADIAL,               \
        .shape = shape_of, .scales = count,                                                 \
        .forward = word##_forward, .backward = word##_backward,                             \
        .tangent = word##_tangent, .tangent_backward = word##_tangent_backward,             \
    };

SCALED(features, FEATURES, shape, one)
SCALED(rms, RMS, shape, one)
SCALED(radial, RADIAL, shape_of_radial, one_a_block)
