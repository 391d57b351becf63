/* experiment/stability_private.h -- shared by the experiments on stability
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_EXPERIMENT_STABILITY_PRIVATE_H
#define FS_EXPERIMENT_STABILITY_PRIVATE_H

#include "experiment/critical.h"

/* Largest dim L whose Hessian these experiments decompose themselves. */
enum { FS_STABILITY_DENSE_LIMIT = FS_SPECTRUM_AUTO_LIMIT };

/* Eigenvalues of the symmetric A (n, n), ascending; row i of A becomes the unit eigenvector of value[i].  FS_ENAN, FS_ESOLVER. */
fs_status fs_symmetric_eigen(size_t n, double *A, double *value, fs_err *err);

/* H (n, n) = Hess S at w, S the objective of f (gamma included). */
fs_status fs_objective_hessian(fs_flow *f, const double *w, double *H, fs_err *err);

/* |A - B|_F, or |A|_F when B is NULL; n numbers. */
double fs_frobenius(size_t n, const double *A, const double *B);

/* Why the spectrum of H_N says nothing about this model, NULL when it does. [NF25, Remark 2] */
const char *fs_remark_2_fails(const fs_problem *p);

/* The flow of this kind on its own risk, in orthonormal coordinates: its Jacobian is minus the Hessian of its objective. */
fs_status fs_problem_flow(fs_flow **out, const fs_problem *p, fs_flow_kind kind, double gamma, int threads, size_t keep_limit, fs_err *err);
/* The same as the model's weights move, with its parametrisation: for integration. */
fs_status fs_problem_moving_flow(fs_flow **out, const fs_problem *p, fs_flow_kind kind, double gamma, int threads, size_t keep_limit, fs_err *err);

/* The state at the start (dim L) of one seed, or from natural-order weights; distance < 0: the model's, or that of the weights. */
fs_status fs_start_of(const fs_problem *p, uint64_t seed, const double *weights, double distance, double *w, fs_err *err);

/* --- point_kind.c --- */

/* The signs of b's eigenvalues + add, where every error grows by extra, if all are known; else 0, 0, 0. */
fs_inertia fs_point_counts(const fs_spectrum_block *b, double add, double extra);
/* What signs make of a stationary point; unknown where there are none. */
fs_point fs_point_of_counts(fs_inertia counts);
/* The same from a block's eigenvalues, for the flow in that block. */
fs_point fs_point_of(const fs_spectrum_block *b, double add, double extra);
/* On the direct sum of two blocks; one of dimension 0 says nothing. */
fs_point fs_point_of_sum(const fs_spectrum_block *a, fs_point on_a, const fs_spectrum_block *b, fs_point on_b);

/* observer: of the Hessian whose eigenvalues are asked for; own: on all of L, of the objective whose stationary point it is, and may be the observer. */
typedef struct {
    const fs_problem *problem;
    fs_flow *observer, *own;
    int threads;
    size_t keep_limit;
} fs_point_flows;

/* What the distance of `at` to the true point adds to the errors of eigenvalues, see fs_stability_point; infinity: nothing is decided.  H (dim L, dim L) = Hess S
 * there, of the observer. */
fs_status fs_point_shift(double *shift, const fs_point_flows *x, const fs_stationary *at, const double *H, fs_err *err);
/* The same along the lowest eigenvectors, by products; *shift stays as it is where none is known. */
fs_status fs_point_shift_of_lowest(double *shift, const fs_point_flows *x, const fs_stationary *at, const fs_spectrum *spectrum, fs_err *err);

/* --- attraction.c --- */

/* Whether the zero w of f's velocity is surely off E: between E and w the velocity across E is well above tolerance, what Newton leaves of |velocity|.  Near E,
 * where it is not, every point passes for a zero.  scratch: (2, dim L). */
fs_status fs_told_from_E(fs_flow *f, const double *w, double tolerance, double *scratch, int *told, fs_err *err);

/* What the run `other` of another solver family from the same start makes of *a, which is not undecided: confirmed, and away where one of them is away and the
 * other escaped; or undecided. */
void fs_attraction_compare(fs_attraction *a, const fs_attraction *other);

/* --- thresholds.c --- */

/* What is known before the equilibria off E are looked for: thresholds are raised from here. */
typedef struct {
    const fs_problem *problem;
    const fs_critical_options *options;
    const fs_stability *equilibria;     /* of E */
    double largest;                     /* the largest critical gamma of a start, 0 where there is none */
    size_t n_ends;                      /* states at rest off E and their gammas, where escaped runs ended */
    const double *end, *end_gamma;      /* (n_ends, dim L), (n_ends) */
} fs_threshold_search;

typedef struct {
    double gen, all, error;
    char note[480];
    int stopped;
} fs_thresholds;

fs_status fs_thresholds_compute(fs_thresholds *out, const fs_threshold_search *search, fs_err *err);

/* --- intervals.c --- */

/* What the runs (by increasing gamma) say together: good intervals [lowest, highest gamma of consecutive attracted runs], the last one to infinity
 * where the last decided run is attracted; good has room for n.  bracket: the last run that escaped or was away before the last interval, and that interval's
 * first gamma; [0, 0] where none was and the first run is attracted at gamma 0; NaN where neither holds or the last decided run is not attracted.
 * monotone: the last decided run is attracted and none that escaped or was away stands between attracted ones.
 * Returns 1 when there is a bracket whose lower end escaped or which is [0, 0]. */
int fs_good_gammas(size_t n, const fs_attraction *run, size_t *n_good, double (*good)[2], double bracket[2], int *monotone);

#endif
