/* theory_checks/closed_form_measures.h -- what a row of the closed forms is measured with
 *
 * Each names its arguments in the order of form->argument.  Weights (a, b): the first two in natural order, the rest 0; in a network of 2 x 2 layers
 * diag(a, b) in each.  u and v are the coordinates along E and across it of two weights under the swap: a, b = (u +- v) / sqrt 2.
 *
 * *error is the numerical error of *value: the difference from a tolerance ten times as loose, an eigenvalue's bound, the width of a bracket.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_CHECK_CLOSED_FORM_MEASURES_H
#define FS_CHECK_CLOSED_FORM_MEASURES_H

#include "closed_forms.h"

typedef fs_status fs_closed_form_measure(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err);

/* --- thresholds ---------------------------------------------------------------------- */

fs_closed_form_measure fs_measure_gamma_critical;       /* seed: -lambda_min(H_N) where the flow in E from there ends */
fs_closed_form_measure fs_measure_gamma_gen;            /* a, b, gamma: from flows that start at (a, b) with 0 and this gamma, and from searches */
fs_closed_form_measure fs_measure_gamma_all;
fs_closed_form_measure fs_measure_gamma_of_start;       /* a, b, accuracy: the critical gamma of the start (a, b) */
fs_closed_form_measure fs_measure_edge_of_basin;        /* b, gamma, low, high: the largest a in [low, high] from which the flow comes to E */

/* --- derivatives on E ------------------------------------------------------------------ */

fs_closed_form_measure fs_measure_eigenvalue;           /* a, b, index, gamma: of H_N + gamma at (a, b), ascending */
fs_closed_form_measure fs_measure_fitted_eigenvalue;    /* index: of H_N where two tanh units fit exactly (CF7) */
fs_closed_form_measure fs_measure_lowest_curvature;     /* low, high: least lambda_min(H_N) at (a, a), low <= a <= high */
fs_closed_form_measure fs_measure_exponent;             /* a, b, gamma, t: the largest transverse exponent along the path in E from (a, b) */
fs_closed_form_measure fs_measure_leak;                 /* seed: |velocity across E| / |velocity along E| at a start on E */
fs_closed_form_measure fs_measure_risk;                 /* a, b: R^aug */
fs_closed_form_measure fs_measure_largest_risk;         /* low, high: of R^aug on a grid of [low, high]^2 */

/* --- bounds of Theorem 3 ------------------------------------------------------------------ */

fs_closed_form_measure fs_measure_third;                /* a, b, radius: C = M3 / 2 on the tube around the projection of (a, b) onto E */
fs_closed_form_measure fs_measure_tube;                 /* a, b: gammas that suffice for this start, from the tube around its X of radius |Y| */
fs_closed_form_measure fs_measure_tube_ray;
fs_closed_form_measure fs_measure_tube_lambda;
fs_closed_form_measure fs_measure_tube_bernoulli;
fs_closed_form_measure fs_measure_tube_paper;
fs_closed_form_measure fs_measure_bernoulli;            /* a, b, delta, radius: with c and R_0 at (a, b) in E, and C on the tube of this radius */
fs_closed_form_measure fs_measure_paper;

/* --- flows -------------------------------------------------------------------------------- */

fs_closed_form_measure fs_measure_flow_weight;          /* a, b, gamma, t: the first weight, |X| and |Y| at time t on the augmented flow from (a, b) */
fs_closed_form_measure fs_measure_flow_along;
fs_closed_form_measure fs_measure_flow_distance;
fs_closed_form_measure fs_measure_flow_rate;            /* the same: rate at which |Y| falls between t / 2 and t */
fs_closed_form_measure fs_measure_quadric;              /* a, b, k, t: a^2 + k b^2 at time t on the flow at gamma = 0 */
fs_closed_form_measure fs_measure_rest_along;           /* a, b, gamma: |X| and |Y| where the augmented flow from (a, b) comes to rest */
fs_closed_form_measure fs_measure_rest_distance;
fs_closed_form_measure fs_measure_nominal_distance;     /* the same of the nominal flow */
fs_closed_form_measure fs_measure_zero_along;           /* the same of the stationary point that Newton finds from (a, b), a saddle for instance */
fs_closed_form_measure fs_measure_zero_distance;

#endif
