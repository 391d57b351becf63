/* network/norm.c -- spatial layer normalisation, no affine map: for each sample and channel
 *
 *   y = r (x - mean x),   r = (mean (x - mean x)^2 + eps)^(-1/2)          means over height x width
 *
 * Adjoint, with xb = dR/dx, yb = dR/dy and b = mean(yb y):      xb = r (yb - mean yb - y b)
 * Tangent, with s = mean(y x'):                                 y' = r (x' - mean x' - y s),   r' = -r^2 s
 * Tangent of the adjoint:  xb' = r (yb' - mean yb' - y' b - y b') - r s xb,   b' = mean(yb' y) + mean(yb y'),
 *
 * where mean(yb y') = mean(xb y') / r + b eps r^3 s, because yb = xb / r + mean yb + y b, mean y' = 0 and
 * mean(y y') = r s (1 - mean y^2) = eps r^3 s: so yb itself need not be kept.
 *
 * work_aux: r; kept_aux: b; tangent_aux: s.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "network/layer.h"

static fs_status shape(const fs_layer_spec *spec, size_t layer, fs_shape in, fs_shape *out, fs_err *err)
{
    if (!(spec->eps > 0 && spec->eps <= 1e300))
        return fs_fail(err, FS_EINPUT, "layer %zu, norm: expected a finite eps > 0, found %g", layer, spec->eps);
    *out = in;
    return FS_OK;
}

FS_VEC fs_v8 mean(size_t n, const fs_v8 *x)
{
    fs_v8 even = fs_v8_splat(0.0), odd = fs_v8_splat(0.0);
    size_t i = 0;
    for (; i + 1 < n; i += 2) {
        even += x[i];
        odd += x[i + 1];
    }
    if (i < n) even += x[i];
    return (even + odd) * (1.0 / (double)n);
}

FS_VEC fs_v8 mean_product(size_t n, const fs_v8 *x, const fs_v8 *y)
{
    fs_v8 even = fs_v8_splat(0.0), odd = fs_v8_splat(0.0);
    size_t i = 0;
    for (; i + 1 < n; i += 2) {
        even += x[i] * y[i];
        odd += x[i + 1] * y[i + 1];
    }
    if (i < n) even += x[i] * y[i];
    return (even + odd) * (1.0 / (double)n);
}

FS_VEC void forward_plane(size_t n, double eps, const fs_v8 *x, fs_v8 *y, fs_v8 *r)
{
    fs_v8 m = mean(n, x), variance;
    for (size_t i = 0; i < n; i++) y[i] = x[i] - m;
    variance = mean_product(n, y, y) + eps;
    for (size_t l = 0; l < FS_LANES; l++) variance[l] = sqrt(variance[l]);
    *r = 1.0 / variance;
    for (size_t i = 0; i < n; i++) y[i] *= *r;
}

FS_VEC void backward_plane(size_t n, const fs_v8 *y, fs_v8 r, const fs_v8 *yb, fs_v8 *b, fs_v8 *xb)
{
    fs_v8 m = mean(n, yb);
    *b = mean_product(n, yb, y);
    for (size_t i = 0; i < n; i++) xb[i] = r * (yb[i] - m - y[i] * *b);
}

FS_VEC void tangent_plane(size_t n, const fs_v8 *y, fs_v8 r, const fs_v8 *x_dot, fs_v8 *s, fs_v8 *y_dot)
{
    fs_v8 m = mean(n, x_dot);
    *s = mean_product(n, y, x_dot);
    for (size_t i = 0; i < n; i++) y_dot[i] = r * (x_dot[i] - m - y[i] * *s);
}

static void forward(const fs_step *s, const fs_frame *f, fs_range range)
{
    size_t n = fs_pixels(s->in);
    for (size_t c = range.c0; c < range.c1; c++) {
        const fs_v8 *x = fs_at(f, s->val_in[0], c);
        fs_v8 *y = fs_at(f, s->val_out[0], c), *r = fs_at(f, s->work_aux, c);
        for (size_t k = 0; k < range.chunks; k++) forward_plane(n, s->eps, x + k * n, y + k * n, r + k);
    }
}

static void backward(const fs_step *s, const fs_frame *f, fs_range range)
{
    size_t n = fs_pixels(s->in);
    for (size_t c = range.c0; c < range.c1; c++) {
        const fs_v8 *y = fs_at(f, s->val_out[0], c), *r = fs_at(f, s->work_aux, c), *yb = fs_at(f, s->bar_out[0], c);
        fs_v8 *b = fs_at(f, s->kept_aux, c), *xb = fs_at(f, s->bar_in[0], c);
        for (size_t k = 0; k < range.chunks; k++) backward_plane(n, y + k * n, r[k], yb + k * n, b + k, xb + k * n);
    }
}

static void tangent(const fs_step *s, const fs_frame *f, fs_range range)
{
    size_t n = fs_pixels(s->in);
    for (size_t c = range.c0; c < range.c1; c++) {
        const fs_v8 *y = fs_at(f, s->val_out[0], c), *r = fs_at(f, s->work_aux, c), *x_dot = fs_at(f, s->val_in[1], c);
        fs_v8 *q = fs_at(f, s->tangent_aux, c), *y_dot = fs_at(f, s->val_out[1], c);
        for (size_t k = 0; k < range.chunks; k++) tangent_plane(n, y + k * n, r[k], x_dot + k * n, q + k, y_dot + k * n);
    }
}

static void tangent_backward(const fs_step *s, const fs_frame *f, fs_range range)
{
    size_t n = fs_pixels(s->in);
    for (size_t c = range.c0; c < range.c1; c++)
        for (size_t k = 0; k < range.chunks; k++) {
            const fs_v8 *y = fs_at(f, s->val_out[0], c) + k * n, *y_dot = fs_at(f, s->val_out[1], c) + k * n;
            const fs_v8 *xb = fs_at(f, s->bar_in[0], c) + k * n, *yb_dot = fs_at(f, s->bar_out[1], c) + k * n;
            fs_v8 *xb_dot = fs_at(f, s->bar_in[1], c) + k * n;
            fs_v8 r = fs_at(f, s->work_aux, c)[k], b = fs_at(f, s->kept_aux, c)[k], q = fs_at(f, s->tangent_aux, c)[k];
            fs_v8 m = mean(n, yb_dot), rq = r * q;
            fs_v8 b_dot = mean_product(n, yb_dot, y) + mean_product(n, xb, y_dot) / r + b * s->eps * (r * r) * rq;
            for (size_t i = 0; i < n; i++)
                xb_dot[i] = r * (yb_dot[i] - m - y_dot[i] * b - y[i] * b_dot) - rq * xb[i];
        }
}

extern const fs_layer_kind FS_ISA_NAME(fs_layer_norm);
const fs_layer_kind FS_ISA_NAME(fs_layer_norm) = {
    .name = "norm", .curved = 1, .shape = shape,
    .forward = forward, .backward = backward, .tangent = tangent, .tangent_backward = tangent_backward,
};
