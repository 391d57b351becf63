/* tests/jets.h -- value, gradient and Hessian of a formula, by the chain rule, for closed forms written once
 *
 *   f(a + eps) = v + g . eps + eps^T h eps / 2 + ...
 *
 * Shares nothing with the passes under test.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_TESTS_JETS_H
#define FS_TESTS_JETS_H

#include <math.h>
#include <stddef.h>

enum { JET_MOST = 17 };             /* variables: those that are not used stay zero */

typedef struct {
    double v, g[JET_MOST], h[JET_MOST][JET_MOST];
} jet;

static inline jet jet_constant(double c)
{
    return (jet){ .v = c };
}

static inline jet jet_variable(size_t i, double x)
{
    jet a = { .v = x };
    a.g[i] = 1.0;
    return a;
}

/* s a + t b */
static inline jet jet_sum(double s, jet a, double t, jet b)
{
    a.v = s * a.v + t * b.v;
    for (size_t i = 0; i < JET_MOST; i++) {
        a.g[i] = s * a.g[i] + t * b.g[i];
        for (size_t j = 0; j < JET_MOST; j++) a.h[i][j] = s * a.h[i][j] + t * b.h[i][j];
    }
    return a;
}

static inline jet jet_plus(jet a, jet b)
{
    return jet_sum(1.0, a, 1.0, b);
}

static inline jet jet_scaled(double s, jet a)
{
    return jet_sum(s, a, 0.0, a);
}

/* a + c */
static inline jet jet_shifted(jet a, double c)
{
    a.v += c;
    return a;
}

static inline jet jet_product(jet a, jet b)
{
    jet c = { .v = a.v * b.v };
    for (size_t i = 0; i < JET_MOST; i++) {
        c.g[i] = a.v * b.g[i] + b.v * a.g[i];
        for (size_t j = 0; j < JET_MOST; j++)
            c.h[i][j] = a.v * b.h[i][j] + b.v * a.h[i][j] + a.g[i] * b.g[j] + b.g[i] * a.g[j];
    }
    return c;
}

static inline jet jet_square(jet a)
{
    return jet_product(a, a);
}

/* f(a) from f, f', f'' at a.v */
static inline jet jet_function(jet a, double f, double f1, double f2)
{
    jet c = { .v = f };
    for (size_t i = 0; i < JET_MOST; i++) {
        c.g[i] = f1 * a.g[i];
        for (size_t j = 0; j < JET_MOST; j++) c.h[i][j] = f1 * a.h[i][j] + f2 * a.g[i] * a.g[j];
    }
    return c;
}

static inline jet jet_sin(jet a)
{
    return jet_function(a, sin(a.v), cos(a.v), -sin(a.v));
}

static inline jet jet_cos(jet a)
{
    return jet_function(a, cos(a.v), -sin(a.v), -cos(a.v));
}

static inline jet jet_tanh(jet a)
{
    double t = tanh(a.v), d = (1.0 - t) * (1.0 + t);
    return jet_function(a, t, d, -2.0 * t * d);
}

#endif
