/* integrate/levenberg.h -- Levenberg's step for a zero of a gradient
 *
 *   d = -(H^2 + mu^2)^-1 H F = -Re (H + i mu)^-1 F,    H = Hess S(w),  F = grad S(w),  mu = c |F|,  c >= 1
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_INTEGRATE_LEVENBERG_H
#define FS_INTEGRATE_LEVENBERG_H

#include "flow/flow.h"

/* Opaque: one flow's solver with its scratch; remembers what it found at the last point. */
typedef struct fs_levenberg fs_levenberg;

/* Borrows f, whose dimension must not be 0.  dense: the whole of H and LAPACK; else Lanczos' method on exact products.  FS_ENOMEM. */
fs_status fs_levenberg_create(fs_levenberg **out, fs_flow *f, int dense, fs_err *err);
void fs_levenberg_destroy(fs_levenberg *s);

/* What is known of H at the point of the last step.  Plain. */
typedef struct {
    double norm;                /* |H|: largest |eigenvalue|, or Ritz value (a lower bound) */
    double lowest;              /* lowest eigenvalue, or Ritz value (an upper bound) */
    double residual;            /* |(H + i mu) z - F| of the linear system; dense: 0 */
    long products;              /* of the last step */
} fs_levenberg_found;
fs_levenberg_found fs_levenberg_found_of(const fs_levenberg *s);

/* d (n) at w where the gradient is F, damped by c >= 1.  tolerance: on the residual of the linear system, absolute; dense: not used.  At the w, F and c of
 * the last call (bit for bit) nothing is computed again, unless the tolerance became smaller.
 * FS_ENOMEM; FS_ENAN where H is not finite; FS_ESOLVER where LAPACK failed. */
fs_status fs_levenberg_step(fs_levenberg *s, const double *w, const double *F, double c, double tolerance, double *d);

#endif
