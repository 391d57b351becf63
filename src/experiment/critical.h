/* experiment/critical.h -- critical gamma: of an equilibrium, of a start, of all starts
 *
 *   at an equilibrium X of E       gamma_c = -lambda_min(H_N(X))                                     [NF25, Remark 2]
 *   of a start A_0, |Y_0| = delta  the gammas at which the augmented flow from A_0 converges to E    [NF25, Theorem 3]
 *   gamma_gen                      beyond it almost every start converges: no attractor off E is left, and the minima on E attract across E
 *   gamma_all                      beyond it every start converges: no equilibrium of any kind off E is left, and all those on E attract across E
 *
 * The set of good gammas of a start need not be an interval, because the motion along E changes with gamma: it is scanned, then
 * every change of outcome is bisected.
 *
 * An outcome is a verdict on one run.  Attracted: the state is in a ball around a strict minimum on E in which the Hessian of the objective stays
 * positive (its Lipschitz constant measured, not proved); or |Y| is small and gamma + lambda_min(H_N(X)) > its error there and along the rest of the path in E.
 * Escaped: the flow came to rest off E at a stationary point that Newton confirms, that is told from E and whose Hessian is not indefinite, or is slow in the
 * basin of a strict minimum there.  Away: at t_end neither, E does not attract where the flow is and |Y| does not shrink at a rate that compares.
 * Steps are capped by half the largest transverse growth time, so that an implicit method cannot hold the state on a repelling E, and the ends of every
 * bracket are run again with Adams' method.  Anything else, and any disagreement, is undecided with the reason.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_EXPERIMENT_CRITICAL_H
#define FS_EXPERIMENT_CRITICAL_H

#include "experiment/stability.h"
#include "observe/tube.h"

/* away: at t_end E does not attract where the flow is, and |Y| does not shrink at a rate that compares; what comes later is not known (a slow passage of a saddle
 * off E looks like that, and so does a network whose weights grow for ever). */
typedef enum { FS_ATTRACTED, FS_ESCAPED, FS_AWAY, FS_ATTRACTION_UNDECIDED, FS_ATTRACTION_COUNT } fs_attraction_outcome;
const char *fs_attraction_name(fs_attraction_outcome outcome);     /* "attracted", "escaped", "away", "undecided" */

/* One run and its verdict.  Plain. */
typedef struct {
    double gamma;
    fs_attraction_outcome outcome;
    double t, distance;             /* where it ended */
    double margin, margin_error;    /* gamma + lambda_min(H_N(X)) there; NaN when not computed */
    double speed;                   /* |w'| there */
    int confirmed;                  /* a second solver family agreed (ends of brackets only) */
    long steps;
    char why[200];
} fs_attraction;

/* Plain. */
typedef struct {
    double t_end;                   /* 0: 50 times the model's; runs end as soon as the outcome is certain */
    double rtol, atol;              /* 0: the model's */
    fs_method method;
    fs_solver solver;
    int second;                     /* also run the other family, and compare */
    double *w_end;                  /* (dim L) receives the last state, or NULL */
    int threads;
    size_t keep_limit;
    const fs_watch *watch;
} fs_attraction_options;

/* Does the augmented flow from w0 (dim L) at gamma converge to E? */
fs_status fs_attraction_decide(fs_attraction *out, const fs_problem *p, const double *w0, double gamma, const fs_attraction_options *options, fs_err *err);

/* One start distance and direction. */
typedef struct {
    double distance;
    uint64_t seed;
    size_t n_runs;
    fs_attraction *run;             /* by increasing gamma: the scan and all bisections */
    int decided;                    /* 1: both ends of the bracket are certain, attracted above and escaped below (or attracted at gamma = 0).  0: the lower end
                                     * was only away at t_end, or there is no bracket (NaN) */
    double gamma_critical;          /* the lowest gamma found from which on everything scanned is attracted: upper end of the last bracket */
    double bracket[2];              /* escaped or away at the lower end, attracted at the upper; [0, 0] when attracted already at gamma = 0 */
    int monotone;                   /* the good gammas found are one interval that goes on upwards */
    size_t n_good;
    double (*good)[2];              /* intervals of good gammas found, the last one to infinity */
    struct { double tube, ray, lambda, bernoulli, paper; } bound;      /* gammas that suffice, max(0, .); NaN when not measured, see note */
    struct { double tube, ray, lambda, bernoulli, paper; } tightness;  /* bound / gamma_critical; NaN when gamma_critical is 0 */
    double c, c_error, M3, K;       /* the constants behind them; M3 on the tube of radius distance, K the paper's radius */
    double risk_start;              /* R^aug(A_0) */
    char note[240];
} fs_critical_start;

/* Plain. */
typedef struct {
    const fs_problem *problem;
    fs_stability *equilibria;       /* of E: [0] by the flow from the first start; more with `starts` */
    double gamma_critical;          /* -lambda_min(H_N) at equilibria->point[0], NaN when there is none */
    double gamma_gen, gamma_all;    /* thresholds from all equilibria found, on and off E; lower bounds if some were missed; NaN when not asked
                                     * for (starts = 0) or not looked for (dim L > 1500) */
    double gen_error;               /* of gamma_gen; infinity: gamma_gen and gamma_all are lower bounds whatever was found, as gen_note says: a minimum on E is one of
                                     * a continuum, whose points differ in -lambda_min(H_N), or is not known; or the flow in E came to no finite minimum */
    char gen_note[480];             /* what sets them: "an attractor off E, stationary until gamma = 0.318" */
    size_t n_starts;                /* distances times seeds, distance outermost */
    fs_critical_start *start;
    int applies;                    /* the hypotheses of Theorem 3's local form hold (Remark 2 applies) */
    char because[240];
    int stopped;
    double wall_s;
} fs_critical;

/* Plain. */
typedef struct {
    size_t n_distance, n_seed, n_gamma;
    const double *distance;         /* (n_distance) > 0, increasing */
    const uint64_t *seed;
    const double *gamma;            /* (n_gamma) increasing: the scan; NULL: from 0 until twice what was attracted first, SCAN points */
    const double *weights;          /* natural-order start, whose Y is scaled to every distance; NULL: drawn from the seeds */
    double accuracy;                /* width of a bracket relative to its upper end; 0: 1e-4 */
    size_t starts;                  /* Newton searches on E and off E for gamma_gen and gamma_all; 0: not asked for */
    int bounds;                     /* measure the bounds, where the hypotheses hold: else they promise nothing */
    fs_attraction_options attraction;       /* second and w_end are set by the experiment */
    fs_stationary_options search;
    int threads;
    size_t keep_limit;
    const fs_watch *watch;
} fs_critical_options;

fs_status fs_critical_compute(fs_critical **out, const fs_problem *p, const fs_critical_options *options, fs_err *err);
void fs_critical_destroy(fs_critical *c);

#endif
