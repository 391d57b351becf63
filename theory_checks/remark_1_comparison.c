/* theory_checks/remark_1_comparison.c -- on E augmentation does not make curvature across E worse
 *
 *   c(X) = lambda_min(Pi_N Hess R^aug(X) Pi_N) >= lambda_min(Pi_N Hess R(X) Pi_N) = c~(X),   X in E, L invariant          [NF25, Remark 1]
 *
 * Hess R^aug(X) is the average of rho(g)^-1 Hess R(X) rho(g), and rho(g) keeps N when it keeps L.  Off E it can be the other way round.  Where every
 * rho(g) acts on N by a sign (dim N = 1; two elements) both are equal.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "decay.h"
#include "statements.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RANDOM = 9, LARGE = 300, RANDOM_LARGE = 3 };       /* beyond dim L = LARGE few points, and no search for stationary ones */

typedef struct {
    fs_flow *augmented, *nominal;
    size_t points;
    double worst, gap, error;   /* max c~ - c, max c - c~, errors of the eigenvalues */
} comparison;

/* At the point of E under w. */
static fs_status compare_at(comparison *k, const double *w, double *X, fs_err *err)
{
    fs_transverse a, b;
    memcpy(X, w, fs_flow_dim_E(k->augmented) * sizeof *X);
    FS_TRY(fs_transverse_compute(k->augmented, X, NULL, &a, NULL, err));
    FS_TRY(fs_transverse_compute(k->nominal, X, NULL, &b, NULL, err));
    double difference = a.converged && b.converged ? a.lambda_min - b.lambda_min : (double)NAN, error = a.error + b.error;
    fs_raise_to(&k->worst, -difference);
    fs_raise_to(&k->gap, difference);
    fs_raise_to(&k->error, error);
    k->points++;
    return FS_OK;
}

/* The model's start law at scales 1, 1/2 and 2, the end of the path, and the stationary points. */
static fs_status everywhere(fs_check_context *c, comparison *k, fs_err *err)
{
    static const double scales[] = { 1.0, 0.5, 2.0 };
    const fs_basis *b = fs_check_basis(c);
    size_t dim = b->dim_E + b->dim_N, count = dim > LARGE ? RANDOM_LARGE : RANDOM;
    double *w = fs_calloc(dim, 2 * sizeof *w), *X = w ? w + dim : NULL;
    const fs_stability *found = NULL;
    const fs_trajectory *T = NULL;
    fs_status status = w ? FS_OK : fs_fail(err, FS_ENOMEM, "a point of E of dimension %zu", dim);
    for (size_t i = 0; i < count && status == FS_OK; i++) {
        status = fs_problem_start_state(fs_check_problem(c), fs_check_options_of(c)->seed + i, 0.0, w, err);
        for (size_t j = 0; j < b->dim_E; j++) w[j] *= scales[i % 3];
        if (status == FS_OK) status = compare_at(k, w, X, err);
    }
    if (status == FS_OK) status = fs_check_trajectory(c, &T, err);
    if (status == FS_OK) status = compare_at(k, T->w_end, X, err);
    if (status == FS_OK && dim <= LARGE) status = fs_check_stability(c, &found, err);
    for (size_t i = 0; found && status == FS_OK && i < found->n_points && i < count; i++)
        if (found->point[i].at->outcome == FS_SEARCH_FOUND) status = compare_at(k, found->point[i].at->w, X, err);
    free(w);
    return status;
}

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    const fs_basis *b = fs_check_basis(c);
    if (!b->dim_N) return fs_check_absent(found, "dim N = 0: nothing is transverse to E");
    if (b->dim_N == 1) return fs_check_absent(found, "dim N = 1: rho(g) acts on N by a sign, and both curvatures are equal");
    comparison k = { .worst = -DBL_MAX, .gap = -DBL_MAX };
    fs_status status = fs_check_plain_flow(c, FS_FLOW_AUGMENTED, 0.0, &k.augmented, err);
    if (status == FS_OK) status = fs_check_plain_flow(c, FS_FLOW_NOMINAL, 0.0, &k.nominal, err);
    if (status == FS_OK) status = everywhere(c, &k, err);
    fs_flow_destroy(k.augmented);
    fs_flow_destroy(k.nominal);
    FS_TRY(status);
    if (fabs(k.gap) <= k.error && fabs(k.worst) <= k.error)
        return fs_check_absent(found, "c = c~ to rounding at all of %zu points of E: augmentation changes nothing of what is compared", k.points);
    found->measured = k.worst;
    found->error = 0.0;
    found->bound = k.error;
    found->control.measured = k.gap;
    snprintf(found->control.what, sizeof found->control.what, "the roles of R and R^aug exchanged");
    fs_check_quantity(found, k.worst, k.error, "worst");
    fs_check_quantity(found, k.gap, k.error, "gap");
    snprintf(found->note, sizeof found->note, "c - c~ between %.4g and %.4g at %zu points of E", -k.worst, k.gap, k.points);
    return FS_OK;
}

const fs_statement fs_statement_remark_1_comparison = {
    .id = "remark_1_comparison",
    .code = "R1c",
    .name = "Remark 1, curvature",
    .claim = "lambda_min(Pi_N Hess R^aug Pi_N) >= lambda_min(Pi_N Hess R Pi_N) at every point of E, L invariant",
    .source = "[NF25, Remark 1]",
    .needs = FS_NEEDS_RATES | FS_NEEDS_INVARIANCE,
    .measures = "largest excess of the nominal risk's lowest eigenvalue across E, at random and stationary points of E",
    .budget = "errors of the two eigenvalues",
    .controls = "the roles of R and R^aug exchanged: fails somewhere, by far more than 1e6 errors",
    .measure = measure,
};
