/* theory_checks/pulled_back.h -- derivatives of R at rho(g) A, carried back to A, and their average over the group
 *
 *   t(g) = rho(g)^-1 grad R(rho(g) A)    or    rho(g)^-1 Hess R(rho(g) A) rho(g) v         [NF25, Lemma 3.11]
 *
 *   grad R^aug(A) = sum_g mu_g t(g),     Hess R^aug(A) v likewise
 *
 * By the key lemma t(g) is the derivative at A itself of the risk on the samples moved by g^-1: the second route, which predicts what a wrong element does.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_CHECK_PULLED_BACK_H
#define FS_CHECK_PULLED_BACK_H

#include "check.h"

/* y = rho(g)^-1 x = rho(g)^T x; row, value: fs_rep_column_room(rho) entries of scratch; x and y must not overlap. */
void fs_apply_inverse(const fs_rep *rho, size_t g, const double *x, double *y, size_t *row, double *value);

/* The identity of Lemma 3.11 for the gradient (hessian = 0) or for Hessian-vector products (1): everything but the record. */
fs_status fs_lemma_3_11(fs_check_context *c, int hessian, fs_finding *found, fs_err *err);

#endif
