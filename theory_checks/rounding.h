/* theory_checks/rounding.h -- random points of E, faulty risks for controls, and what rounding explains of a gradient
 *
 *   budget(A) = 64 u sum_i weight_i |grad l_i(A)| + 16 max_k |P (F(A_k) - F(A))|
 *
 * The first term bounds the rounding of the sum over samples; the second measures the rest: A_k are copies of A moved by about one unit in the last place,
 * which changes every rounding error on the way and nothing else, so that errors show as scatter while a true leak shows in all of them alike.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_CHECK_ROUNDING_H
#define FS_CHECK_ROUNDING_H

#include "check.h"

/* x (dim E): the index-th random point of E, the model's start law times scale. */
fs_status fs_point_of_E(fs_check_context *c, size_t index, double scale, double *x, fs_err *err);

/* sum_i weight_i |grad l_i(A)| over the nominal samples (those of the orbit have the same norms on E); A natural order. */
fs_status fs_sum_of_terms(fs_check_context *c, const double *A, double *sum, fs_err *err);

/* Budgets at state x of E for the parts of grad R^aug: along E, across it (N), both (L); natural-order gradient in grad (n_par) when not NULL. */
typedef struct { double terms, scatter_E, scatter_N, E, N, L; } fs_rounding;
fs_status fs_gradient_rounding(fs_check_context *c, const double *x, fs_rounding *out, double *grad, fs_err *err);

/* The augmented risk with the measure (1 - beta) mu + beta delta_e in place of the model's mu: on E, Pi_N grad R^nu = beta Pi_N grad R exactly. */
fs_status fs_biased_risk(fs_check_context *c, double beta, fs_risk **out, fs_err *err);

#endif
