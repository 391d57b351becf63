/* tests/naive_net.h -- the twin of network/ and risk/: one sample, one number at a time, plain loops
 *
 * Every layer is applied as it is listed: a convolution is direct and then pooled, nothing is merged, padded or
 * vectorised.  Only for tests.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_TESTS_NAIVE_NET_H
#define FS_TESTS_NAIVE_NET_H

#include "law.h"
#include "risk/risk.h"

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

static inline fs_shape naive_out(const fs_layer_spec *l, fs_shape in)
{
    if (naive_is(l, "conv")) return (fs_shape){ l->out, in.height, in.width };
    if (naive_is(l, "dense")) return (fs_shape){ l->out, 1, 1 };
    if (naive_is(l, "pool")) return (fs_shape){ in.channels, in.height / l->size, in.width / l->size };
    return in;
}

static inline size_t naive_weights(const fs_layer_spec *l, fs_shape in)
{
    if (naive_is(l, "conv")) return l->out * in.channels * l->size * l->size;
    return naive_is(l, "dense") ? l->out * naive_size(in) : 0;
}

/* y += w x, or its two adjoints (wb += yb x, xb += w yb) where yb is given; convolution of one sample. */
static inline void naive_conv(const fs_layer_spec *l, fs_shape in, const double *w, const double *x, double *y,
                              const double *yb, double *wb, double *xb)
{
    long H = (long)in.height, W = (long)in.width, q = (long)l->size, I = (long)in.channels;
    for (long o = 0; o < (long)l->out; o++)
        for (long i = 0; i < I; i++)
            for (long a = 0; a < q; a++)
                for (long b = 0; b < q; b++) {
                    if (l->support && !l->support[a * q + b]) continue;
                    for (long r = 0; r < H; r++)
                        for (long c = 0; c < W; c++) {
                            long R = r + a - q / 2, C = c + b - q / 2;
                            if (l->circular) R = (R + H) % H, C = (C + W) % W;
                            if (R < 0 || R >= H || C < 0 || C >= W) continue;
                            long k = ((o * I + i) * q + a) * q + b, from = (i * H + R) * W + C, to = (o * H + r) * W + c;
                            if (yb) {
                                wb[k] += yb[to] * x[from];
                                xb[from] += yb[to] * w[k];
                            } else {
                                y[to] += w[k] * x[from];
                            }
                        }
                }
}

static inline double naive_f(const fs_layer_spec *l, double z, double *slope)
{
    double y = z;
    *slope = 1.0;
    if (naive_is(l, "tanh")) y = tanh(z), *slope = 1.0 - y * y;
    if (naive_is(l, "softplus")) y = (z > 0 ? z : 0.0) + log1p(exp(-fabs(z))), *slope = 1.0 / (1.0 + exp(-z));
    if (naive_is(l, "square")) y = z * z, *slope = 2.0 * z;
    if (naive_is(l, "sin")) y = sin(z), *slope = cos(z);
    return y;
}

/* One channel: y, and xb where yb is given. */
static inline void naive_norm(double eps, size_t n, const double *x, double *y, const double *yb, double *xb)
{
    double m = 0, v = 0, mean = 0, b = 0;
    for (size_t i = 0; i < n; i++) m += x[i] / (double)n;
    for (size_t i = 0; i < n; i++) v += (x[i] - m) * (x[i] - m) / (double)n;
    double r = 1.0 / sqrt(v + eps);
    for (size_t i = 0; y && i < n; i++) y[i] = (x[i] - m) * r;
    if (!yb) return;
    for (size_t i = 0; i < n; i++) mean += yb[i] / (double)n, b += yb[i] * (x[i] - m) * r / (double)n;
    for (size_t i = 0; i < n; i++) xb[i] += r * (yb[i] - mean - (x[i] - m) * r * b);
}

/* y = layer(x), or xb, wb += their derivatives where yb is given. */
static inline void naive_layer(const fs_layer_spec *l, fs_shape in, const double *w, const double *x, double *y,
                               const double *yb, double *wb, double *xb)
{
    size_t n = naive_size(in), plane = in.height * in.width;
    if (naive_is(l, "conv")) {
        naive_conv(l, in, w, x, y, yb, wb, xb);
    } else if (naive_is(l, "dense")) {
        for (size_t o = 0; o < l->out; o++)
            for (size_t j = 0; j < n; j++) {
                if (yb) wb[o * n + j] += yb[o] * x[j], xb[j] += yb[o] * w[o * n + j];
                else y[o] += w[o * n + j] * x[j];
            }
    } else if (naive_is(l, "pool")) {
        for (size_t j = 0; j < n; j++) {
            size_t c = j / plane, r = j % plane / in.width, s = j % in.width, k = l->size;
            size_t to = (c * (in.height / k) + r / k) * (in.width / k) + s / k;
            if (yb) xb[j] += yb[to] / (double)(k * k);
            else y[to] += x[j] / (double)(k * k);
        }
    } else if (naive_is(l, "norm")) {
        for (size_t c = 0; c < in.channels; c++)
            naive_norm(l->eps, plane, x + c * plane, yb ? NULL : y + c * plane, yb ? yb + c * plane : NULL, yb ? xb + c * plane : NULL);
    } else {
        for (size_t j = 0; j < n; j++) {
            double slope, f = naive_f(l, x[j], &slope);
            if (yb) xb[j] += slope * yb[j];
            else y[j] = f;
        }
    }
}

static inline double naive_loss(const fs_loss *loss, size_t k, const double *z, const double *y, double *zb)
{
    double value = 0, m = z[0], S = 0, total = 0;
    for (size_t j = 0; j < k; j++) m = z[j] > m ? z[j] : m, total += y[j];
    for (size_t j = 0; j < k; j++) S += exp(z[j] - m);
    for (size_t j = 0; j < k; j++) {
        double omega = loss->omega ? loss->omega[j] : 1.0;
        if (loss->kind == FS_LOSS_SQUARED) value += 0.5 * omega * (z[j] - y[j]) * (z[j] - y[j]), zb[j] = omega * (z[j] - y[j]);
        else value += y[j] * (m + log(S) - z[j]), zb[j] = total * exp(z[j] - m) / S - y[j];
    }
    return value;
}

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

/* Phi_A(x) into z; with loss: its value, and grad += weight gradient where given. */
static inline double naive_sample(const naive_net *net, const double *A, const double *x, double *z, const fs_loss *loss,
                                  const double *target, double weight, double *grad)
{
    double *val[NAIVE_MOST + 1], *bar[NAIVE_MOST + 1], value = 0;
    fs_shape shape[NAIVE_MOST + 1] = { net->input };
    size_t offset[NAIVE_MOST + 1] = { 0 }, last = net->count, k;
    for (size_t i = 0; i < last; i++) {
        shape[i + 1] = naive_out(&net->layer[i], shape[i]);
        offset[i + 1] = offset[i] + naive_weights(&net->layer[i], shape[i]);
    }
    for (size_t i = 0; i <= last; i++) val[i] = naive_array(naive_size(shape[i])), bar[i] = naive_array(naive_size(shape[i]));
    k = naive_size(shape[last]);
    memcpy(val[0], x, naive_size(shape[0]) * sizeof *x);
    for (size_t i = 0; i < last; i++) naive_layer(&net->layer[i], shape[i], A + offset[i], val[i], val[i + 1], NULL, NULL, NULL);
    if (z) memcpy(z, val[last], k * sizeof *z);
    if (loss) value = weight * naive_loss(loss, k, val[last], target, bar[last]);
    for (size_t j = 0; j < k; j++) bar[last][j] *= weight;
    for (size_t i = last; grad && i-- > 0;)
        naive_layer(&net->layer[i], shape[i], A + offset[i], val[i], NULL, bar[i + 1], grad + offset[i], bar[i]);
    for (size_t i = 0; i <= last; i++) free(val[i]), free(bar[i]);
    return value;
}

static inline double naive_risk(const naive_net *net, const double *A, const fs_loss *loss, const fs_dataset *d, double *grad)
{
    double value = 0;
    if (grad) memset(grad, 0, naive_parameters(net) * sizeof *grad);
    for (size_t i = 0; i < d->n; i++)
        value += naive_sample(net, A, d->x + i * d->inputs, NULL, loss, d->y + i * d->outputs, d->weight[i], grad);
    return value;
}

/* --- networks of every layer, at awkward sizes -------------------------------------------------- */

#define CONV(n, k) { .kind = "conv", .out = (n), .size = (k) }
#define ROUND(n, k) { .kind = "conv", .out = (n), .size = (k), .circular = 1 }
#define MASKED(n, k, mask) { .kind = "conv", .out = (n), .size = (k), .support = (mask) }
#define POOL(k) { .kind = "pool", .size = (k) }
#define DENSE(n) { .kind = "dense", .out = (n) }
#define NORM(e) { .kind = "norm", .eps = (e) }
#define F(word) { .kind = #word }

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
};

enum { NAIVE_EXAMPLES = sizeof naive_examples / sizeof *naive_examples };

static inline naive_net naive_of(const naive_example *e)
{
    naive_net net = { e->input, e->layer, 0 };
    while (net.count < NAIVE_MOST && e->layer[net.count].kind) net.count++;
    return net;
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
