/* integrate/newton.h -- zeros of a flow's velocity by SUNDIALS KINSOL, with exact Jacobians
 *
 *   F(w) = grad S(w) = 0,    step d = -(H^2 + mu^2)^-1 H F,   H = Hess S(w),   mu = c |F|
 *
 * Levenberg's safeguard of Newton's method for |grad S|^2: along flat directions, where H has no inverse, nothing moves, and
 * elsewhere the step is Newton's up to mu^2; with mu = |F| convergence stays quadratic near a manifold of zeros on which H has constant
 * rank [Yamashita, Fukushima 2001].  c is 1, and more while the line search has to shorten steps.  Saddles attract it as minima do.  A line search of
 * KINSOL guards every step.
 * Above FS_NEWTON_DENSE_LIMIT unknowns the system is solved by Lanczos' method on exact products (integrate/levenberg.h).
 *
 * Deflation [Farrell, Birkisson, Funke 2015]: zeros w_i already known are divided out,
 *
 *   G(w) = prod_i (1 + 1 / |w - w_i|^2) F(w),    d_G = d_F / (1 - d_F . grad log m(w)),   m the product
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_INTEGRATE_NEWTON_H
#define FS_INTEGRATE_NEWTON_H

#include "base/watch.h"
#include "flow/flow.h"
#include "problem/problem.h"

enum { FS_NEWTON_DENSE_LIMIT = 1024 };

/* Plain. */
typedef struct {
    double tolerance;           /* on |F|; 0: what rounding leaves, 64 u |H| (1 + |w|), H at the point itself */
    long max_iterations;        /* 0: 200 */
    fs_solver solver;           /* auto: by size */
    double radius;              /* gives up where |w - w_0| exceeds it; 0: 1e3 (1 + |w_0|) */
    size_t n_known;             /* zeros to stay away from */
    const double *known;        /* (n_known, dim); with them "best" below means smallest |G| */
    const fs_watch *watch;
} fs_newton_options;

/* Plain. */
typedef struct {
    int converged;              /* residual <= tolerance, inside the radius */
    int stopped;
    double residual;            /* |F(w)| by a fresh evaluation */
    double tolerance;           /* that was used */
    double correction;          /* |d| at w: how far the set of zeros may be; NaN where it was not computed */
    double hessian_norm;        /* |H| at w (Krylov: from below); NaN where it was not computed */
    double lowest;              /* lowest eigenvalue of H at w (Krylov: an upper bound of it); NaN likewise */
    int left;                   /* gave up because the iteration wanted to leave the radius */
    long iterations, velocities, products, jacobians;
    char status[240];           /* "converged", or what went wrong and what is known, in words */
} fs_newton;

/* w (dim of f): the start, and on return the best point seen (smallest |F|).  No convergence is no failure.  f may be any of the three flows; dim 0
 * converges at once.  FS_EINPUT, FS_ENOMEM; FS_ENAN where F is not finite at the start. */
fs_status fs_newton_solve(fs_newton *out, fs_flow *f, double *w, const fs_newton_options *options, fs_err *err);

#endif
