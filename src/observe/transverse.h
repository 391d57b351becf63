/* observe/transverse.h -- the transverse Hessian H_N and its lowest eigenvalue
 *
 *   H_N(A) = Q_N^T Hess R(A) Q_N,   lambda_min(H_N(X)) + gamma > 0: E attracts at X      [NF25, Remark 2]
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_OBSERVE_TRANSVERSE_H
#define FS_OBSERVE_TRANSVERSE_H

#include "base/watch.h"
#include "flow/flow.h"

/* Up to this dim L the Hessian is formed and given to LAPACK; above it ARPACK's Lanczos iteration runs on Hessian-vector products. */
enum { FS_TRANSVERSE_DENSE_LIMIT = 1024 };

typedef struct {
    double lambda_min;
    double error;           /* dense: n u |H_N|; Lanczos: |H_N v - lambda v| for the unit vector found (and see converged) */
    int converged;          /* 0: the Krylov iteration ended early or was stopped; lambda_min is the lowest Ritz value (or NaN), an upper bound only */
    long products;          /* Hessian-vector products used */
} fs_transverse;

/* At state w of f (dim L; f must not be the equivariant flow), Hessian of f's own risk, without gamma.  vector (dim N) receives the unit
 * eigenvector, or is NULL; it is left alone when not converged.
 * FS_EINPUT when dim N = 0.  An iteration that does not converge is no failure: see converged. */
fs_status fs_transverse_compute(fs_flow *f, const double *w, const fs_watch *watch, fs_transverse *out, double *vector, fs_err *err);

#endif
