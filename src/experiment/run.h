/* experiment/run.h -- the flows of one model from one start, for a list of gammas and seeds
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_EXPERIMENT_RUN_H
#define FS_EXPERIMENT_RUN_H

#include "experiment/chain.h"
#include "experiment/checkpoint.h"
#include "integrate/trajectory.h"

/* How |Y| decays, measured and predicted.  NaN where there is no statement; `note` then says why. */
typedef struct {
    double measured;            /* -d log|Y| / dt over the window, from |Y| itself */
    double exponent;            /* mean of gamma + hbar over the same window, from the quadrature: the exact identity says equal */
    double t0, t1;              /* the window: the last third (in time) of the stretch with |Y| >= 1e3 atol_N */
    double predicted;           /* gamma + lambda_min(H_N(X(t_end))): the asymptotic rate of the augmented flow [Theorem 3] */
    double lambda_min;          /* lambda_min(H_N) at X(t_end), Hessian of the flow's own risk */
    double lambda_error;        /* residual bound of that eigenvalue */
    double groenwall_bound;     /* min of gamma + lambda_min(H_N(X + s Y)) over nodes of the path up to t1 and s = 0, 1/2, 1: |Y| decays
                                   at least at this rate while it is resolved; sampled, so no proof, and may exceed `predicted` */
    size_t n_bound;             /* curve |Y_0| exp(-int (gamma + lambda)) at bound_t, or 0 */
    double *bound_t, *bound;
    char note[200];
} fs_rate;

typedef struct {
    fs_flow_kind kind;
    double gamma;
    uint64_t seed;
    fs_trajectory *trajectory;
    fs_rate rate;
} fs_run_flow;

typedef struct {
    const fs_problem *problem;  /* borrowed */
    size_t n_gamma, n_seed, n_kinds;
    double *gamma;
    uint64_t *seed;
    fs_flow_kind kind[FS_FLOW_COUNT];
    size_t n;                   /* n_gamma * n_seed * n_kinds, gamma outermost, then seed, then kind */
    fs_run_flow *flow;
    fs_bounds *bounds;          /* of the augmented flow, where they were asked for; else NULL */
    double distance;            /* |Y_0| */
    double wall_s;
} fs_run;

/* Plain: what to run. */
typedef struct {
    size_t n_gamma, n_seed, n_kinds;
    const double *gamma;
    const uint64_t *seed;
    const fs_flow_kind *kind;
    double distance;            /* |Y_0|; negative: the model's */
    const double *weights;      /* natural-order start (n_par), or NULL: drawn from the seed */
    fs_integrate_options integrate;     /* progress and context are replaced by the ones below */
    int bounds;                 /* measure the chain of bounds after the flows: one gamma, one seed, the augmented flow among the kinds */
    const fs_watch *watch;      /* of that measurement; stopped: bounds->stopped, and the flows are kept */
    int threads;                /* tasks and sample blocks share them; never changes a result */
    size_t keep_limit;          /* bytes of kept primal a flow may use, see fs_risk_work_create */
    /* called after every step of task `index`, from its thread; nonzero stops that task (FS_ESTOPPED) */
    int (*progress)(void *context, size_t index, const fs_run_flow *flow, double t, double h, long step, const fs_flow_point *p);
    void *context;
    /* Restart.  With a path every flow re-initialises its solver at FS_RUN_BARRIERS - 1 fixed times and the file is written there, at most
     * every checkpoint_s seconds, and when a flow was stopped. */
    const char *checkpoint_path;        /* NULL: no checkpoints */
    double checkpoint_s;
    const char *words;                  /* words_size bytes kept in the file, see fs_checkpoint_parts */
    size_t words_size;
    fs_checkpoint *resume;              /* its trajectories are taken over; NULL: from the start */
} fs_run_options;

enum { FS_RUN_BARRIERS = 16 };

/* Integrates every (gamma, seed, kind).  A flow that stops early is kept with its code and status in words; the call fails only when
 * nothing could be set up.  Borrows p, which must outlive *out. */
fs_status fs_run_compute(fs_run **out, const fs_problem *p, const fs_run_options *options, fs_err *err);
void fs_run_destroy(fs_run *run);

#endif
