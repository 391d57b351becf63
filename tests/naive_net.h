/* tests/naive_net.h -- the twin of network/ and risk/: one sample, one number at a time, plain loops
 *
 * Every layer is applied as it is listed: a convolution is direct and then pooled, nothing is merged, padded or
 * vectorised.  Numbers are complex, so that the gradient at A + i h v carries the Hessian's product with v, to rounding, in
 * its imaginary part.  Only for tests.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_TESTS_NAIVE_NET_H
#define FS_TESTS_NAIVE_NET_H

#include "law.h"
#include "risk/risk.h"

#include <complex.h>

enum { NAIVE_MOST = 16 };

static inline size_t naive_size(fs_shape s)
{
    return s.channels * s.height * s.width;
}

static inline int naive_is(const fs_layer_spec *l, const char *kind)
{
    return strcmp(l->kind, kind) == 0;
}

static inline double *naive_array(size_t n)
{
    double *x = calloc(n ? n : 1, sizeof *x);
    if (!x) abort();
    return x;
}

typedef double complex naive_number;

/* CMPLX, which not every compiler has. */
static inline naive_number naive_complex(double re, double im)
{
    const union { double part[2]; naive_number z; } u = { { re, im } };
    return u.z;
}

static inline naive_number *naive_numbers(size_t n)
{
    naive_number *x = calloc(n ? n : 1, sizeof *x);
    if (!x) abort();
    return x;
}

static inline fs_shape naive_out(const fs_layer_spec *l, fs_shape in)
{
    if (naive_is(l, "conv")) return (fs_shape){ l->out, in.height, in.width };
    if (naive_is(l, "dense")) return (fs_shape){ l->out, 1, 1 };
    if (naive_is(l, "pool")) return (fs_shape){ in.channels, in.height / l->size, in.width / l->size };
    if (naive_is(l, "mean")) return (fs_shape){ in.channels, 1, 1 };
    if (naive_is(l, "constant")) return (fs_shape){ in.channels + 1, in.height, in.width };
    if (naive_is(l, "gated")) return (fs_shape){ in.channels - l->blocks, in.height, in.width };
    if (naive_is(l, "invariants")) return (fs_shape){ l->scalars + l->blocks, in.height, in.width };
    return in;
}

static inline size_t naive_weights(const fs_layer_spec *l, fs_shape in)
{
    if (naive_is(l, "conv")) return l->out * in.channels * l->size * l->size;
    return naive_is(l, "dense") ? l->out * naive_size(in) : 0;
}

/* --- layers: y = layer(x), or, where yb is given, wb and xb += their derivatives ------------------- */

static inline void naive_conv(const fs_layer_spec *l, fs_shape in, const naive_number *w, const naive_number *x,
                              naive_number *y, const naive_number *yb, naive_number *wb, naive_number *xb)
{
    long H = (long)in.height, W = (long)in.width, q = (long)l->size, D = (long)in.channels;
    for (long o = 0; o < (long)l->out; o++)
        for (long i = 0; i < D; i++)
            for (long a = 0; a < q; a++)
                for (long b = 0; b < q; b++) {
                    if (l->support && !l->support[a * q + b]) continue;
                    for (long r = 0; r < H; r++)
                        for (long c = 0; c < W; c++) {
                            long R = r + a - q / 2, C = c + b - q / 2;
                            if (l->circular) R = (R + H) % H, C = (C + W) % W;
                            if (R < 0 || R >= H || C < 0 || C >= W) continue;
                            long k = ((o * D + i) * q + a) * q + b, from = (i * H + R) * W + C, to = (o * H + r) * W + c;
                            if (yb) {
                                wb[k] += yb[to] * x[from];
                                xb[from] += yb[to] * w[k];
                            } else {
                                y[to] += w[k] * x[from];
                            }
                        }
                }
}

static inline naive_number naive_logistic(naive_number z)
{
    return 1.0 / (1.0 + cexp(-z));
}

/* log(1 + e^z), in the first order of the imaginary part */
static inline naive_number naive_softplus(naive_number z)
{
    naive_number e = cexp(creal(z) > 0 ? -z : z);
    return (creal(z) > 0 ? z : 0.0) + naive_complex(log1p(creal(e)), cimag(e) / (1.0 + creal(e)));
}

static inline naive_number naive_power(naive_number z, size_t k)
{
    naive_number y = 1.0;
    while (k-- > 0) y *= z;
    return y;
}

static inline naive_number naive_f(const fs_layer_spec *l, naive_number z, naive_number *slope)
{
    naive_number y = z;
    *slope = 1.0;
    if (naive_is(l, "tanh")) y = ctanh(z), *slope = 1.0 - y * y;
    if (naive_is(l, "softplus")) y = naive_softplus(z), *slope = naive_logistic(z);
    if (naive_is(l, "square")) y = z * z, *slope = 2.0 * z;
    if (naive_is(l, "sin")) y = csin(z), *slope = ccos(z);
    if (naive_is(l, "polynomial")) {
        y = *slope = 0.0;
        for (size_t k = 0; k < l->coefficients; k++) {
            y += l->coefficient[k] * naive_power(z, k);
            if (k > 0) *slope += (double)k * l->coefficient[k] * naive_power(z, k - 1);
        }
    }
    return y;
}

/* n numbers, so far from each other: y = r (x - m), r = (c |x - m|^2 + e)^(-1/2), m the mean or 0; by the matrix dy/dx. */
static inline void naive_scaled(size_t n, size_t stride, int centred, double c, double e, const naive_number *x,
                                naive_number *y, const naive_number *yb, naive_number *xb)
{
    naive_number m = 0, q = 0;
    for (size_t i = 0; centred && i < n; i++) m += x[i * stride] / (double)n;
    for (size_t i = 0; i < n; i++) q += (x[i * stride] - m) * (x[i * stride] - m);
    naive_number r = 1.0 / csqrt(c * q + e);
    for (size_t i = 0; y && i < n; i++) y[i * stride] = r * (x[i * stride] - m);
    for (size_t i = 0; yb && i < n; i++)
        for (size_t j = 0; j < n; j++)
            xb[j * stride] += yb[i * stride] * (r * ((i == j) - (centred ? 1.0 / (double)n : 0.0))
                                                - r * r * r * c * (x[i * stride] - m) * (x[j * stride] - m));
}

/* Radial, gated and invariants at one pixel; channels are so far from each other. */
static inline void naive_blocks(const fs_layer_spec *l, size_t stride, const naive_number *x, naive_number *y,
                                const naive_number *yb, naive_number *xb)
{
    int gated = naive_is(l, "gated"), radial = naive_is(l, "radial");
    size_t scalars = radial ? 0 : l->scalars, in = scalars + (gated ? l->blocks : 0), out = scalars;
    for (size_t c = 0; c < scalars; c++) {
        naive_number t = gated ? ctanh(x[c * stride]) : x[c * stride];
        if (yb) xb[c * stride] += (gated ? 1.0 - t * t : 1.0) * yb[c * stride];
        else y[c * stride] = t;
    }
    for (size_t k = 0; k < l->blocks; in += l->block[k++]) {
        size_t n = l->block[k], h = (scalars + k) * stride;
        if (radial) {
            naive_scaled(n, stride, 0, 1.0, 1.0, x + in * stride, yb ? NULL : y + in * stride, yb ? yb + in * stride : NULL,
                         yb ? xb + in * stride : NULL);
            continue;
        }
        naive_number g = gated ? naive_logistic(x[h]) : 0.0;
        for (size_t i = in; i < in + n; i++) {
            naive_number v = x[i * stride];
            if (gated && yb) xb[i * stride] += g * yb[out * stride], xb[h] += naive_logistic(-x[h]) * g * v * yb[out * stride];
            if (gated && !yb) y[out * stride] = g * v;
            if (!gated && yb) xb[i * stride] += 2.0 * v * yb[h];
            if (!gated && !yb) y[h] += v * v;
            out++;
        }
    }
}

static inline void naive_layer(const fs_layer_spec *l, fs_shape in, const naive_number *w, const naive_number *x,
                               naive_number *y, const naive_number *yb, naive_number *wb, naive_number *xb)
{
    size_t n = naive_size(in), C = in.channels, plane = in.height * in.width;
    int features = naive_is(l, "features");
    if (naive_is(l, "conv")) {
        naive_conv(l, in, w, x, y, yb, wb, xb);
    } else if (naive_is(l, "dense")) {
        for (size_t o = 0; o < l->out; o++)
            for (size_t j = 0; j < n; j++) {
                if (yb) wb[o * n + j] += yb[o] * x[j], xb[j] += yb[o] * w[o * n + j];
                else y[o] += w[o * n + j] * x[j];
            }
    } else if (naive_is(l, "pool") || naive_is(l, "mean")) {
        int all = naive_is(l, "mean");
        size_t k = all ? in.height : l->size, m = all ? in.width : l->size;
        for (size_t j = 0; j < n; j++) {
            size_t c = j / plane, r = j % plane / in.width, s = j % in.width;
            size_t to = (c * (in.height / k) + r / k) * (in.width / m) + s / m;
            if (yb) xb[j] += yb[to] / (double)(k * m);
            else y[to] += x[j] / (double)(k * m);
        }
    } else if (naive_is(l, "norm")) {
        for (size_t c = 0; c < C * plane; c += plane)
            naive_scaled(plane, 1, 1, 1.0 / (double)plane, l->eps, x + c, yb ? NULL : y + c, yb ? yb + c : NULL,
                         yb ? xb + c : NULL);
    } else if (features || naive_is(l, "rms")) {
        for (size_t q = 0; q < plane; q++)
            naive_scaled(C, plane, features, 1.0 / (double)C, l->eps, x + q, yb ? NULL : y + q, yb ? yb + q : NULL,
                         yb ? xb + q : NULL);
    } else if (naive_is(l, "radial") || naive_is(l, "gated") || naive_is(l, "invariants")) {
        for (size_t q = 0; q < plane; q++)
            naive_blocks(l, plane, x + q, yb ? NULL : y + q, yb ? yb + q : NULL, yb ? xb + q : NULL);
    } else if (naive_is(l, "constant")) {
        for (size_t j = 0; j < n + plane; j++) {
            if (yb && j < n) xb[j] += yb[j];
            if (!yb) y[j] = j < n ? x[j] : 1.0;
        }
    } else {
        for (size_t j = 0; j < n; j++) {
            naive_number slope, f = naive_f(l, x[j], &slope);
            if (yb) xb[j] += slope * yb[j];
            else y[j] = f;
        }
    }
}

static inline naive_number naive_loss(const fs_loss *loss, size_t k, const naive_number *z, const double *y, naive_number *zb)
{
    naive_number value = 0, S = 0;
    double m = creal(z[0]), total = 0;
    for (size_t j = 0; j < k; j++) m = creal(z[j]) > m ? creal(z[j]) : m, total += y[j];
    for (size_t j = 0; j < k; j++) S += cexp(z[j] - m);
    for (size_t j = 0; j < k; j++) {
        double omega = loss->omega ? loss->omega[j] : 1.0;
        if (loss->kind == FS_LOSS_SQUARED) value += 0.5 * omega * (z[j] - y[j]) * (z[j] - y[j]), zb[j] = omega * (z[j] - y[j]);
        else value += y[j] * (m + clog(S) - z[j]), zb[j] = total * cexp(z[j] - m) / S - y[j];
    }
    return value;
}

/* --- networks ---------------------------------------------------------------------------------------- */

typedef struct {
    fs_shape input;
    const fs_layer_spec *layer;
    size_t count;
} naive_net;

static inline size_t naive_parameters(const naive_net *net)
{
    size_t P = 0;
    fs_shape s = net->input;
    for (size_t i = 0; i < net->count; i++) P += naive_weights(&net->layer[i], s), s = naive_out(&net->layer[i], s);
    return P;
}

/* Phi_A(x) into z where given; with loss: its value, and grad += weight gradient where given. */
static inline naive_number naive_sample(const naive_net *net, const naive_number *A, const double *x, double *z,
                                        const fs_loss *loss, const double *target, double weight, naive_number *grad)
{
    naive_number *val[NAIVE_MOST + 1], *bar[NAIVE_MOST + 1], value = 0;
    fs_shape shape[NAIVE_MOST + 1] = { net->input };
    size_t offset[NAIVE_MOST + 1] = { 0 }, last = net->count, k;
    for (size_t i = 0; i < last; i++) {
        shape[i + 1] = naive_out(&net->layer[i], shape[i]);
        offset[i + 1] = offset[i] + naive_weights(&net->layer[i], shape[i]);
    }
    for (size_t i = 0; i <= last; i++) val[i] = naive_numbers(naive_size(shape[i])), bar[i] = naive_numbers(naive_size(shape[i]));
    k = naive_size(shape[last]);
    for (size_t j = 0; j < naive_size(shape[0]); j++) val[0][j] = x[j];
    for (size_t i = 0; i < last; i++) naive_layer(&net->layer[i], shape[i], A + offset[i], val[i], val[i + 1], NULL, NULL, NULL);
    for (size_t j = 0; z && j < k; j++) z[j] = creal(val[last][j]);
    if (loss) value = weight * naive_loss(loss, k, val[last], target, bar[last]);
    for (size_t j = 0; j < k; j++) bar[last][j] *= weight;
    for (size_t i = last; grad && i-- > 0;)
        naive_layer(&net->layer[i], shape[i], A + offset[i], val[i], NULL, bar[i + 1], grad + offset[i], bar[i]);
    for (size_t i = 0; i <= last; i++) free(val[i]), free(bar[i]);
    return value;
}

/* Far below the square root of the smallest difference that a real part can show. */
#define NAIVE_STEP 0x1p-300

/* Of A + i h v: the value, the gradient and, from the imaginary part of that, the product of the Hessian with v; all but the
 * value where given. */
static inline double naive_product(const naive_net *net, const double *A, const double *v, const fs_loss *loss,
                                   const fs_dataset *d, double *grad, double *Hv)
{
    size_t P = naive_parameters(net);
    naive_number *B = naive_numbers(P), *g = naive_numbers(P), value = 0;
    for (size_t i = 0; i < P; i++) B[i] = naive_complex(A[i], v ? NAIVE_STEP * v[i] : 0.0);
    for (size_t i = 0; i < d->n; i++)
        value += naive_sample(net, B, d->x + i * d->inputs, NULL, loss, d->y + i * d->outputs, d->weight[i],
                              grad || Hv ? g : NULL);
    for (size_t i = 0; grad && i < P; i++) grad[i] = creal(g[i]);
    for (size_t i = 0; Hv && i < P; i++) Hv[i] = cimag(g[i]) / NAIVE_STEP;
    free(B), free(g);
    return creal(value);
}

static inline double naive_risk(const naive_net *net, const double *A, const fs_loss *loss, const fs_dataset *d, double *grad)
{
    return naive_product(net, A, NULL, loss, d, grad, NULL);
}

static inline void naive_apply(const naive_net *net, const double *A, const double *x, double *z)
{
    size_t P = naive_parameters(net);
    naive_number *B = naive_numbers(P);
    for (size_t i = 0; i < P; i++) B[i] = A[i];
    naive_sample(net, B, x, z, NULL, NULL, 1.0, NULL);
    free(B);
}

/* --- networks of every layer, at awkward sizes -------------------------------------------------- */

#define CONV(n, k) { .kind = "conv", .out = (n), .size = (k) }
#define ROUND(n, k) { .kind = "conv", .out = (n), .size = (k), .circular = 1 }
#define MASKED(n, k, mask) { .kind = "conv", .out = (n), .size = (k), .support = (mask) }
#define POOL(k) { .kind = "pool", .size = (k) }
#define DENSE(n) { .kind = "dense", .out = (n) }
#define NORM(e) { .kind = "norm", .eps = (e) }
#define F(word) { .kind = #word }
#define FEATURES(e) { .kind = "features", .eps = (e) }
#define RMS(e) { .kind = "rms", .eps = (e) }
#define SIZES(...) sizeof((const size_t[]){ __VA_ARGS__ }) / sizeof(size_t), .block = (const size_t[]){ __VA_ARGS__ }
#define RADIAL(...) { .kind = "radial", .blocks = SIZES(__VA_ARGS__) }
#define GATED(n, ...) { .kind = "gated", .scalars = (n), .blocks = SIZES(__VA_ARGS__) }
#define INVARIANTS(n, ...) { .kind = "invariants", .scalars = (n), .blocks = SIZES(__VA_ARGS__) }
#define POLYNOMIAL(...) { .kind = "polynomial", .coefficients = sizeof((const double[]){ __VA_ARGS__ }) / sizeof(double), \
                          .coefficient = (const double[]){ __VA_ARGS__ } }

static const unsigned char naive_cross[9] = { 0, 1, 0, 1, 1, 1, 0, 1, 0 }, naive_skew[9] = { 1, 1, 0, 0, 0, 1, 0, 1, 0 };
static const unsigned char naive_ends[25] = { 1, [4] = 1, [7] = 1, [24] = 1 };

typedef struct {
    const char *name;
    fs_shape input;
    fs_layer_spec layer[NAIVE_MOST];
} naive_example;

static const naive_example naive_examples[] = {
    { "softmax regression", { 5, 1, 1 }, { DENSE(3) } },
    { "one weight", { 1, 1, 1 }, { DENSE(1) } },
    { "perceptron", { 7, 1, 1 }, { DENSE(9), F(tanh), DENSE(4), F(sin), DENSE(2) } },
    { "linear twice", { 3, 2, 2 }, { DENSE(5), DENSE(2) } },
    { "image to dense", { 2, 3, 5 }, { DENSE(6), F(softplus), DENSE(3) } },
    { "two convolutions", { 1, 8, 8 }, { CONV(4, 3), POOL(2), F(tanh), CONV(4, 3), POOL(2), F(tanh), DENSE(3) } },
    { "odd image", { 2, 5, 7 }, { CONV(3, 3), F(tanh), CONV(5, 3), F(sin), DENSE(2) } },
    { "circular", { 1, 6, 4 }, { ROUND(3, 3), POOL(2), F(tanh), ROUND(2, 3), F(softplus), DENSE(2) } },
    { "circular, wide", { 1, 3, 3 }, { ROUND(2, 7), F(tanh), ROUND(2, 5), POOL(3), F(tanh), DENSE(2) } },
    { "supports", { 2, 6, 6 }, { MASKED(3, 3, naive_cross), POOL(2), F(tanh), MASKED(3, 3, naive_skew), F(tanh), DENSE(2) } },
    { "five by five", { 1, 7, 5 }, { CONV(2, 5), F(tanh), MASKED(3, 5, naive_ends), F(square), DENSE(3) } },
    { "five by five, pooled", { 1, 9, 6 }, { CONV(2, 5), POOL(3), F(tanh), CONV(3, 5), F(tanh), DENSE(2) } },
    { "one by one", { 3, 4, 4 }, { CONV(4, 1), F(tanh), CONV(5, 1), POOL(2), F(sin), CONV(2, 1), DENSE(2) } },
    { "pools", { 1, 12, 12 }, { CONV(2, 3), POOL(3), POOL(2), F(tanh), CONV(2, 3), POOL(1), POOL(2), DENSE(2) } },
    { "pool without convolution", { 2, 6, 6 }, { POOL(2), CONV(3, 3), F(tanh), POOL(3), DENSE(3) } },
    { "whole-image pool", { 1, 4, 6 }, { CONV(5, 3), F(softplus), CONV(7, 3), POOL(2), F(tanh), DENSE(2) } },
    { "normalised", { 1, 8, 8 }, { CONV(3, 3), POOL(2), F(tanh), NORM(1e-5), CONV(3, 3), F(tanh), NORM(1e-2), DENSE(3) } },
    { "norm first", { 2, 4, 4 }, { NORM(1e-3), F(tanh), CONV(3, 3), NORM(0.1), F(tanh), NORM(0.5), NORM(0.3), DENSE(2) } },
    { "norm then pool", { 1, 6, 6 }, { CONV(3, 3), NORM(0.1), POOL(2), F(sin), POOL(3), DENSE(3) } },
    { "many functions", { 4, 1, 1 }, { F(sin), DENSE(6), F(identity), F(tanh), F(tanh), F(softplus), F(square), F(sin), DENSE(2) } },
    { "not odd", { 1, 6, 6 }, { CONV(4, 3), F(softplus), CONV(3, 3), POOL(2), F(square), DENSE(3) } },
    { "ends in an image", { 1, 4, 4 }, { CONV(3, 3), F(tanh), CONV(2, 3), POOL(2), F(tanh) } },
    { "ends in a norm", { 1, 3, 4 }, { CONV(2, 3), NORM(0.2) } },
    { "linear convolutions", { 1, 5, 5 }, { CONV(2, 3), CONV(3, 3), DENSE(2) } },
    { "one chunk at a time", { 1, 40, 24 }, { CONV(2, 3), F(tanh), POOL(8), DENSE(3) } },
    { "many channels", { 1, 4, 4 }, { CONV(9, 3), F(tanh), CONV(17, 3), POOL(2), F(tanh), DENSE(11) } },
    { "biases", { 3, 1, 1 }, { F(constant), DENSE(5), F(tanh), F(constant), DENSE(4), F(sin), F(constant), DENSE(2) } },
    { "constant image", { 1, 4, 3 }, { CONV(2, 3), F(tanh), CONV(3, 3), F(constant), CONV(2, 3), F(constant), NORM(0.3), DENSE(2) } },
    { "polynomials", { 2, 3, 3 }, { POLYNOMIAL(0.1, 1.0, -0.5), CONV(3, 3), POLYNOMIAL(0.2, -0.7, 0.1, 0.05, 0.01, -0.01, 0.002, 0, 1e-4),
      DENSE(3), POLYNOMIAL(0.3, 1.5), DENSE(4), POLYNOMIAL(0.25), DENSE(2) } },
    { "means", { 2, 3, 5 }, { F(mean), F(constant), DENSE(4), F(mean), F(tanh), DENSE(2) } },
    { "mean of a wide image", { 1, 2, 5 }, { CONV(3, 3), F(tanh), CONV(2, 3), F(mean), F(sin), DENSE(2) } },
    { "points", { 3, 7, 1 }, { CONV(7, 1), F(tanh), CONV(5, 1), F(softplus), F(mean), DENSE(3) } },
    { "points, mixed", { 3, 5, 1 }, { CONV(8, 1), RADIAL(1, 2, 5), CONV(9, 1), GATED(2, 3, 2), F(mean), INVARIANTS(2, 3, 2), DENSE(2) } },
    { "features", { 4, 1, 1 }, { FEATURES(0.5), DENSE(7), FEATURES(0.1), F(tanh), DENSE(2), FEATURES(0.3), DENSE(3) } },
    { "features of images", { 2, 3, 4 }, { FEATURES(0.2), CONV(5, 3), POOL(1), FEATURES(0.1), CONV(2, 3), F(tanh), FEATURES(0.5), DENSE(2) } },
    { "one channel", { 1, 3, 3 }, { RMS(0.5), RADIAL(1), CONV(1, 3), RMS(0.1), RADIAL(1), INVARIANTS(0, 1), F(constant), FEATURES(0.1), DENSE(2) } },
    { "nothing left", { 2, 1, 1 }, { DENSE(1), FEATURES(0.1), F(constant), DENSE(2) } },
    { "many mixings", { 9, 2, 2 }, { RADIAL(2, 2, 5), FEATURES(0.3), CONV(12, 1), GATED(0, 3, 5, 1), RMS(0.2), F(constant), RADIAL(5, 3, 2),
      INVARIANTS(3, 2, 5), FEATURES(0.4), F(tanh), NORM(0.2), RMS(0.3), NORM(0.5), POOL(2), RADIAL(1, 2, 2), DENSE(3) } },
    { "ends gated", { 2, 1, 1 }, { DENSE(7), F(tanh), DENSE(7), GATED(1, 3, 1) } },
    { "ends in features", { 2, 3, 3 }, { CONV(5, 3), POOL(3), FEATURES(0.2) } },
    { "ends in invariants", { 2, 2, 1 }, { CONV(8, 1), INVARIANTS(1, 5, 2) } },
    { "ends in a constant", { 2, 2, 2 }, { CONV(3, 3), RMS(1.0), F(constant) } },
};

enum { NAIVE_EXAMPLES = sizeof naive_examples / sizeof *naive_examples };

static inline naive_net naive_of(const naive_example *e)
{
    naive_net net = { e->input, e->layer, 0 };
    while (net.count < NAIVE_MOST && e->layer[net.count].kind) net.count++;
    return net;
}

/* --- random networks ------------------------------------------------------------------------------------ */

enum { NAIVE_WIDEST = 24 };

/* Its layers point into it. */
typedef struct {
    naive_example example;
    size_t block[NAIVE_MOST][NAIVE_WIDEST];
    double coefficient[NAIVE_MOST][9];
    unsigned char support[NAIVE_MOST][25];
} naive_random_net;

static inline size_t naive_pick(gsl_rng *rng, size_t n, const size_t *choice)
{
    return choice[gsl_rng_uniform_int(rng, n)];
}

/* Blocks of 1, 2, 3 or 5 of so many channels, of which each block takes `gates` more; what is left. */
static inline size_t naive_random_blocks(gsl_rng *rng, size_t channels, size_t gates, int all, size_t *blocks, size_t *block)
{
    static const size_t sizes[] = { 1, 2, 3, 5 };
    *blocks = 0;
    while (channels > gates && (all || *blocks == 0 || gsl_rng_uniform_int(rng, 4))) {
        size_t n = naive_pick(rng, 4, sizes);
        if (n + gates > channels) n = 1;
        block[(*blocks)++] = n;
        channels -= n + gates;
    }
    return channels;
}

static inline fs_layer_spec naive_random_conv(gsl_rng *rng, fs_shape in, unsigned char *support)
{
    static const size_t outs[] = { 1, 2, 3, 5, 7 };
    size_t most = in.height < in.width ? in.height : in.width, size = 1 + 2 * gsl_rng_uniform_int(rng, most > 1 ? 3 : 2);
    fs_layer_spec l = CONV(naive_pick(rng, 5, outs), size);
    l.circular = (int)gsl_rng_uniform_int(rng, 2);
    if (gsl_rng_uniform_int(rng, 3)) return l;
    for (size_t t = 0; t < size * size; t++) support[t] = (unsigned char)gsl_rng_uniform_int(rng, 2);
    support[gsl_rng_uniform_int(rng, size * size)] = 1;
    l.support = support;
    return l;
}

/* Layer i, of any kind that can follow; those that square at most `squares` times, so that values stay moderate. */
static inline fs_layer_spec naive_random_layer(gsl_rng *rng, naive_random_net *r, size_t i, fs_shape in, size_t *squares)
{
    static const char *const kinds[] = { "conv", "conv", "conv", "conv", "dense", "pool", "mean", "norm", "features", "rms", "tanh", "softplus", "identity",
                                         "square", "sin", "polynomial", "constant", "radial", "gated", "invariants" };
    static const size_t outs[] = { 1, 2, 3, 5, 7, 11 };
    for (;;) {
        fs_layer_spec l = { .kind = kinds[gsl_rng_uniform_int(rng, sizeof kinds / sizeof *kinds)] };
        size_t C = in.channels, plane = in.height * in.width;
        if (naive_is(&l, "conv")) return naive_random_conv(rng, in, r->support[i]);
        if (naive_is(&l, "dense")) l.out = naive_pick(rng, 6, outs);
        if (naive_is(&l, "pool")) {
            l.size = 2 + gsl_rng_uniform_int(rng, 2);
            if (in.height % l.size || in.width % l.size) continue;
        }
        if (naive_is(&l, "norm") && plane < 3) continue;
        if (naive_is(&l, "constant") && C + 1 > NAIVE_WIDEST) continue;
        if (naive_is(&l, "gated") && C < 2) continue;
        if (naive_is(&l, "square") || naive_is(&l, "polynomial") || naive_is(&l, "invariants")) {
            if (*squares == 0) continue;
            --*squares;
        }
        l.eps = 0.2 + gsl_rng_uniform(rng);
        l.block = r->block[i];
        l.coefficient = r->coefficient[i];
        if (naive_is(&l, "radial")) naive_random_blocks(rng, C, 0, 1, &l.blocks, r->block[i]);
        if (naive_is(&l, "gated")) l.scalars = naive_random_blocks(rng, C, 1, 0, &l.blocks, r->block[i]);
        if (naive_is(&l, "invariants")) l.scalars = naive_random_blocks(rng, C, 0, 0, &l.blocks, r->block[i]);
        if (naive_is(&l, "polynomial")) {
            l.coefficients = 1 + gsl_rng_uniform_int(rng, 9);
            fs_rng_gaussian(rng, 9, r->coefficient[i]);
            for (size_t k = 1; k < 9; k++) r->coefficient[i][k] /= pow(4.0, (double)k - 1.0) * tgamma((double)k);
        }
        return l;
    }
}

/* A vector, a set of points or an image, and up to 10 layers, a linear one among them. */
static inline void naive_random(gsl_rng *rng, naive_random_net *r)
{
    static const size_t channels[] = { 1, 2, 3, 7 }, edges[] = { 1, 2, 3, 4, 6 };
    size_t count = 1 + gsl_rng_uniform_int(rng, 9), form = gsl_rng_uniform_int(rng, 3), squares = 1, weights = 0;
    memset(r, 0, sizeof *r);
    r->example.name = "random";
    fs_shape s = { naive_pick(rng, 4, channels), form ? naive_pick(rng, 5, edges) : 1, form == 2 ? naive_pick(rng, 5, edges) : 1 };
    r->example.input = s;
    for (size_t i = 0; i < count; i++) {
        r->example.layer[i] = naive_random_layer(rng, r, i, s, &squares);
        weights += naive_weights(&r->example.layer[i], s);
        s = naive_out(&r->example.layer[i], s);
    }
    if (weights == 0 || naive_size(s) > 64) r->example.layer[count] = (fs_layer_spec)DENSE(3);
}

static inline void naive_print(const naive_example *e)
{
    print_error("input %zu x %zu x %zu:", e->input.channels, e->input.height, e->input.width);
    for (const fs_layer_spec *l = e->layer; l < e->layer + NAIVE_MOST && l->kind; l++) {
        print_error(" %s", l->kind);
        if (naive_is(l, "conv") || naive_is(l, "dense")) print_error(" %zu", l->out);
        if (naive_is(l, "conv") || naive_is(l, "pool")) print_error(" size %zu", l->size);
        if (l->scalars || l->blocks) print_error(" %zu +", l->scalars);
        for (size_t k = 0; k < l->blocks; k++) print_error(" %zu", l->block[k]);
        print_error(";");
    }
    print_error("\n");
}

/* Weights of size about 1 / sqrt(fan-in) times scale. */
static inline void naive_gaussian(const naive_net *net, double scale, gsl_rng *rng, double *A)
{
    fs_shape s = net->input;
    for (size_t i = 0; i < net->count; i++) {
        size_t n = naive_weights(&net->layer[i], s);
        fs_rng_gaussian(rng, n, A);
        for (size_t j = 0; j < n; j++) A[j] *= scale * sqrt((double)net->layer[i].out / (double)n);
        A += n;
        s = naive_out(&net->layer[i], s);
    }
}

static inline double naive_norm2(size_t n, const double *x)
{
    double s = 0;
    for (size_t i = 0; i < n; i++) s += x[i] * x[i];
    return sqrt(s);
}

static inline double naive_dot(size_t n, const double *x, const double *y)
{
    double s = 0;
    for (size_t i = 0; i < n; i++) s += x[i] * y[i];
    return s;
}

static inline double naive_distance(size_t n, const double *x, const double *y)
{
    double s = 0;
    for (size_t i = 0; i < n; i++) s += (x[i] - y[i]) * (x[i] - y[i]);
    return sqrt(s);
}

#endif
