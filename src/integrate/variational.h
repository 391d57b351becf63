/* integrate/variational.h -- transverse finite-time exponents along a path in E
 *
 *   X' = -Pi_E grad R(X),    V' = -(gamma + H_N(X(t))) V,  V(0) = 1        (the linearisation of the augmented flow across E)
 *   exponent_i(t) = (1 / t) log sigma_i(V(t)),   largest first
 *
 * gamma is a normal parameter: it shifts every exponent by exactly -gamma.  Where dim N is too large for all of V, V(0) has `count` orthonormal
 * columns and the exponents are lower bounds (Courant and Fischer).  V W, W orthogonal, is kept as orthonormal columns with the logarithms of their
 * lengths, the singular values, so that neither growth nor decay overflows and small ones are as accurate as large ones: an exponent is off by a
 * few rtol times the steps per unit of time, beside what the error of X does to H_N.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_INTEGRATE_VARIATIONAL_H
#define FS_INTEGRATE_VARIATIONAL_H

#include "base/watch.h"
#include "flow/flow.h"

/* Plain. */
typedef struct {
    size_t n_times;
    const double *times;        /* increasing, the first >= 0 */
    double rtol, atol;          /* 1e-14 <= rtol <= 1e-2, atol > 0 */
    size_t count;               /* columns; 0: all dim N up to FS_VARIATIONAL_ALL, else 4 */
    const double *columns;      /* (count, dim N) orthonormal rows to start from; NULL: the unit matrix, or fixed random ones when count < dim N */
    long max_steps;             /* 0: 1 000 000 */
    const fs_watch *watch;
} fs_variational_options;

enum { FS_VARIATIONAL_ALL = 64 };

/* Plain. */
typedef struct {
    size_t n_times;             /* reached: fewer than asked for when stopped or failed */
    size_t count, dim_E;
    int complete;               /* count = dim N: exact up to the tolerance; else lower bounds */
    int stopped;
    double *t;
    double *x;                  /* (n_times, dim_E) X(t) */
    double *exponent;           /* (n_times, count) descending; NaN at t = 0 */
    long steps, velocities, products;
    char status[240];           /* "reached t = 20", or why not */
} fs_variational;

/* f: the augmented flow (its gamma is used) or the nominal one with gamma.  x0 (dim_E).  FS_EINPUT when dim N = 0.  A flow that blows up, a tolerance that
 * cannot be kept and a watch that asks to stop are no failures: the times reached are kept, and status says why there are no more. */
fs_status fs_variational_compute(fs_variational **out, fs_flow *f, const double *x0, const fs_variational_options *options, fs_err *err);
void fs_variational_destroy(fs_variational *v);

#endif
