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

/* Sums run in several chains, added in fixed order, because one chain of additions would wait for itself. */
enum { CHAINS = 4 };

FS_VEC fs_v8 join(const fs_v8 *sum, double factor)
{
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) * factor;
}

FS_VEC fs_v8 mean(size_t n, const fs_v8 *x)
{
    fs_v8 sum[CHAINS] = { { 0 } };
    size_t i = 0;
    for (; i + CHAINS <= n; i += CHAINS)
        for (size_t j = 0; j < CHAINS; j++) sum[j] += x[i + j];
    for (; i < n; i++) sum[0] += x[i];
    return join(sum, 1.0 / (double)n);
}

/* mean(x) and mean(x y) */
FS_VEC void means(size_t n, const fs_v8 *x, const fs_v8 *y, fs_v8 *m, fs_v8 *product)
{
    fs_v8 sum[CHAINS] = { { 0 } }, both[CHAINS] = { { 0 } };
    size_t i = 0;
    for (; i + CHAINS <= n; i += CHAINS)
        for (size_t j = 0; j < CHAINS; j++) {
            sum[j] += x[i + j];
            both[j] += x[i + j] * y[i + j];
        }
    for (; i < n; i++) {
        sum[0] += x[i];
        both[0] += x[i] * y[i];
    }
    *m = join(sum, 1.0 / (double)n);
    *product = join(both, 1.0 / (double)n);
}

/* y = x - m, and mean(y^2) */
FS_VEC fs_v8 centre(size_t n, const fs_v8 *x, fs_v8 m, fs_v8 *y)
{
    fs_v8 sum[CHAINS] = { { 0 } };
    size_t i = 0;
    for (; i + CHAINS <= n; i += CHAINS)
        for (size_t j = 0; j < CHAINS; j++) {
            fs_v8 d = x[i + j] - m;
            y[i + j] = d;
            sum[j] += d * d;
        }
    for (; i < n; i++) {
        y[i] = x[i] - m;
        sum[0] += y[i] * y[i];
    }
    return join(sum, 1.0 / (double)n);
}

FS_VEC void forward_plane(size_t n, double eps, const fs_v8 *x, fs_v8 *y, fs_v8 *r)
{
    fs_v8 variance = centre(n, x, mean(n, x), y) + eps;
    for (size_t l = 0; l < FS_LANES; l++) variance[l] = sqrt(variance[l]);
    *r = 1.0 / variance;
    for (size_t i = 0; i < n; i++) y[i] *= *r;
}

/* xb = r (yb - mean yb - y b), b = mean(yb y); xb may be yb.  The tangent is the same map of x'. */
FS_VEC void project(size_t n, const fs_v8 *y, fs_v8 r, const fs_v8 *yb, fs_v8 *b, fs_v8 *xb)
{
    fs_v8 m, q;
    means(n, yb, y, &m, &q);
    *b = q;
    for (size_t i = 0; i < n; i++) xb[i] = r * (yb[i] - m - y[i] * q);
}

FS_VEC void tangent_backward_plane(size_t n, double eps, const fs_v8 *y, const fs_v8 *y_dot, fs_v8 r, fs_v8 b, fs_v8 s,
                                   const fs_v8 *xb, const fs_v8 *yb_dot, fs_v8 *xb_dot)
{
    fs_v8 m, q, unused, bend, rs = r * s;
    means(n, yb_dot, y, &m, &q);
    means(n, xb, y_dot, &unused, &bend);
    q += bend / r + b * eps * (r * r) * rs;
    for (size_t i = 0; i < n; i++) xb_dot[i] = r * (yb_dot[i] - m - y_dot[i] * b - y[i] * q) - rs * xb[i];
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
        for (size_t k = 0; k < range.chunks; k++) project(n, y + k * n, r[k], yb + k * n, b + k, xb + k * n);
    }
}

static void tangent(const fs_step *s, const fs_frame *f, fs_range range)
{
    size_t n = fs_pixels(s->in);
    for (size_t c = range.c0; c < range.c1; c++) {
        const fs_v8 *y = fs_at(f, s->val_out[0], c), *r = fs_at(f, s->work_aux, c), *x_dot = fs_at(f, s->val_in[1], c);
        fs_v8 *q = fs_at(f, s->tangent_aux, c), *y_dot = fs_at(f, s->val_out[1], c);
        for (size_t k = 0; k < range.chunks; k++) project(n, y + k * n, r[k], x_dot + k * n, q + k, y_dot + k * n);
    }
}

static void tangent_backward(const fs_step *s, const fs_frame *f, fs_range range)
{
    size_t n = fs_pixels(s->in);
    for (size_t c = range.c0; c < range.c1; c++) {
        const fs_v8 *y = fs_at(f, s->val_out[0], c), *y_dot = fs_at(f, s->val_out[1], c), *xb = fs_at(f, s->bar_in[0], c);
        const fs_v8 *r = fs_at(f, s->work_aux, c), *b = fs_at(f, s->kept_aux, c), *q = fs_at(f, s->tangent_aux, c);
        const fs_v8 *yb_dot = fs_at(f, s->bar_out[1], c);
        fs_v8 *xb_dot = fs_at(f, s->bar_in[1], c);
        for (size_t k = 0; k < range.chunks; k++)
            tangent_backward_plane(n, s->eps, y + k * n, y_dot + k * n, r[k], b[k], q[k], xb + k * n, yb_dot + k * n,
                                   xb_dot + k * n);
    }
}

extern const fs_layer_kind FS_ISA_NAME(fs_layer_norm);
const fs_layer_kind FS_ISA_NAME(fs_layer_norm) = {
    .name = "norm", .curved = 1, .shape = shape,
    .forward = forward, .backward = backward, .tangent = tangent, .tangent_backward = tangent_backward,
};
