/* experiment/stability.h -- the stationary points of one model, their spectra on E, N and the irreducibles, and the path to them
 *
 * A point of E is stable for the equivariant flow by H_E, for the augmented flow by H_E and H_N + gamma [NOF23, Theorem 2; NF25, Remark 2]:
 *
 *   gamma_c = -lambda_min(H_N):  attracting for gamma > gamma_c, a saddle below, if it is a strict minimum on E
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_EXPERIMENT_STABILITY_H
#define FS_EXPERIMENT_STABILITY_H

#include "observe/flat.h"
#include "observe/spectrum.h"
#include "observe/stationary.h"

/* What the signs of eigenvalues make of a point.  An eigenvalue that is zero within its error is never counted as stable. */
typedef enum {
    FS_POINT_MINIMUM,           /* all positive: strict, attracts */
    FS_POINT_DEGENERATE,        /* none negative, some undecided: no verdict from second derivatives */
    FS_POINT_SADDLE,            /* some negative, some not */
    FS_POINT_MAXIMUM,           /* all negative */
    FS_POINT_UNKNOWN,           /* not stationary, not enough eigenvalues known, or dimension 0 (see dims) */
    FS_POINT_COUNT
} fs_point;
const char *fs_point_name(fs_point kind);       /* "strict minimum", "degenerate", "saddle", "maximum", "unknown" */

/* One point.  Plain. */
typedef struct {
    fs_stationary *at;
    fs_spectrum *spectrum;
    fs_inertia E, N;            /* counts, where the blocks are complete; else all 0 */
    fs_point on_E;              /* for the flow inside E */
    fs_point on_L;              /* for the augmented (or the search's own) flow at its gamma: H + gamma 1_N */
    fs_flat flat_E, flat_N;     /* why there are zeros; dim = 0 when there are none, or none were looked at (Lanczos) */
    double shift;               /* 3 |H(w + d) - H(w)|_F (dense) for the next correction d: what the distance to the true point adds to
                                 * eigenvalues, also where Newton converges linearly; too large for that: the largest 3 |(H(w + d) - H(w)) v|, v the lowest
                                 * eigenvectors.  Infinity: beyond all numbers, NaN: not measured (no stationary point, stopped, no eigenvector known); where
                                 * it is not finite no sign counts as decided at a stationary point */
    double gamma_critical;      /* -lambda_min(H_N), NaN when not known */
    double gamma_error;         /* eigenvalue error + shift; infinity when only a bound is known (then gamma_critical is a lower bound, the shift allowed for) */
    char irreducible[48];       /* of that eigenvalue, "" when N is not split */
    char verdict[500];          /* the point in words: what it is on E and on L, at which gamma it attracts, what the flat directions are */
} fs_stability_point;

/* Along the path X(t) in E that leads to the first point. */
typedef struct {
    size_t n;
    double *t, *risk, *lambda_min, *lambda_error;      /* (n) */
    size_t exponents;           /* columns */
    int complete;               /* exact; else lower bounds, see integrate/variational.h */
    double *exponent;           /* (n, exponents) at gamma = 0, largest first; NaN at t = 0 */
    char note[240];
} fs_stability_path;

/* Not stationary: the first point's outcome is FS_SEARCH_UNREACHED, and its note is empty unless the flow failed before t_end: then it says why. */
typedef enum { FS_AT_STATIONARY, FS_AT_START, FS_AT_END } fs_stability_at;

/* Plain. */
typedef struct {
    const fs_problem *problem;  /* borrowed */
    fs_flow_kind kind;
    fs_stability_at where;
    double gamma;
    size_t n_points;
    fs_stability_point *point;  /* first those of the flow, seed by seed, each once, or, where no flow found one, the place where the first search ended with its
                                 * spectrum and outcome; then the others by risk.  At least one */
    size_t starts, missed;      /* of the Newton searches */
    fs_stability_path path;     /* n = 0: not asked for, or not possible (note) */
    int stopped;                /* interrupted: what is here is right, but not all that was asked for */
    double wall_s;
} fs_stability;

/* Plain. */
typedef struct {
    fs_flow_kind kind;          /* equivariant: points of E.  augmented, nominal: anywhere in L, at gamma */
    fs_stability_at where;      /* stationary; start: the spectrum at the start as it is; end: where the flow is at t_end, no Newton */
    double gamma;
    size_t n_seed;
    const uint64_t *seed;
    double distance;            /* |Y_0|, negative: the model's */
    const double *weights;      /* natural-order start or NULL */
    size_t starts;              /* Newton searches for more points (saddles), 0: none */
    int nominal;                /* 1: spectra of R in place of R^aug (a control: nothing makes its blocks decouple) */
    size_t n_times;             /* of the path; 0: none */
    const double *times;
    fs_stationary_options search;
    fs_spectrum_options spectrum;
    int threads;
    size_t keep_limit;
    const fs_watch *watch;      /* replaces those of search and spectrum */
} fs_stability_options;

fs_status fs_stability_compute(fs_stability **out, const fs_problem *p, const fs_stability_options *options, fs_err *err);
void fs_stability_destroy(fs_stability *s);

#endif
