/* observe/lanczos.h -- extreme eigenvalues of a symmetric operator known by its products, by ARPACK
 *
 *   A v = lambda v,    |A v - lambda v| = residual: an eigenvalue of A lies within `residual` of lambda
 *
 * Ritz values are one-sided whatever converged: the lowest one is an upper bound of lambda_min(A), the highest a lower bound of
 * lambda_max(A).  That nothing lower was missed is not proved: a start vector without a component along an eigenvector does not see it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_OBSERVE_LANCZOS_H
#define FS_OBSERVE_LANCZOS_H

#include "base/watch.h"

/* y = A x, x and y (n), no overlap. */
typedef fs_status fs_operator(void *context, const double *x, double *y);

/* Plain. */
typedef struct {
    size_t n;
    fs_operator *apply;
    void *context;
    int highest;                /* 0: the lowest eigenvalues, 1: the highest */
    size_t wanted;              /* from 1 to n - 1 (more are cut to that); n = 1 is answered by one product */
    double tolerance;           /* of the residual, relative to |A|; 0: 1e-10 */
    size_t krylov;              /* vectors kept; 0: by wanted and n */
    size_t products;            /* most products; 0: 20 000 */
    double norm;                /* an estimate of |A| from below where one is known; 0: by the power method */
    const double *start;        /* (n); NULL: a fixed vector without structure */
    const char *stage;          /* for the watch; NULL: "Lanczos" */
    const fs_watch *watch;
} fs_lanczos_options;

/* Plain. */
typedef struct {
    size_t count;               /* eigenvalues that converged */
    double *value, *residual;   /* (count) ascending, also for the highest; the residual is recomputed from v, |v| = 1 */
    double *vector;             /* (count, n) orthonormal */
    int converged;              /* all that were wanted */
    int stopped;                /* the watch asked to stop */
    double ritz, ritz_residual; /* the most extreme Ritz value and its residual as the iteration estimates it: known also without convergence; NaN
                                 * where it was stopped before the first */
    double norm;                /* |A|, estimated from below */
    long products;
} fs_lanczos;

/* What did not converge is in *out, which the caller clears with fs_lanczos_clear; the call fails with FS_EINPUT (n = 0, wanted = 0, too many vectors), FS_ENOMEM, FS_ESOLVER
 * (ARPACK's own errors) or what apply returned.  ARPACK keeps its state in static variables: calls wait for each other. */
fs_status fs_lanczos_compute(fs_lanczos *out, const fs_lanczos_options *options, fs_err *err);
void fs_lanczos_clear(fs_lanczos *l);

/* An estimate of |A| from below by a few steps of the power method; of the options n, apply, context, start, stage, products and watch count.  0 where A start = 0;
 * *products grows by the products made. */
fs_status fs_lanczos_norm(const fs_lanczos_options *options, double *norm, long *products, int *stopped, fs_err *err);

#endif
