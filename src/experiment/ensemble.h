/* experiment/ensemble.h -- orbit ensembles: how far the mean network is from being equivariant, against time
 *
 *   A_k(0) = Pi_L rho(k) A_0,  k in K            Phibar_t(x) = (1 / |K|) sum_k Phi_(A_k(t))(x)
 *
 *   e(t)   = max over x and g in K of |Phibar_t(rho_X(g) x) - rho_Y(g) Phibar_t(x)| / max over x of |Phibar_t(x)|
 *   e_1(t)   the same of the first member alone
 *
 * Under the augmented flow e = 0 at all times, whatever A_0 in L [NF24]; under the nominal flow at t = 0 only.  Every member is integrated by itself:
 * nothing is averaged beforehand.
 *
 * Noise.  The defect D_g(x) = Phi(rho_X(g) x) - rho_Y(g) Phi(x) is linear in the outputs, so that of the mean is the mean of the members'.  Some members
 * are integrated once more with tolerances a hundred times tighter (looser, where rtol would fall below 1e-13); d(t) is the largest change of their defects.
 * As long as the tighter integration halves the error at least, defects are known to 2 d.  To this comes what rounding explains of outputs:
 *
 *   noise(t) = (2 d + 16 s + 64 u max |Phi|) / max |Phibar|
 *
 * with u = 2^-53 and s how far outputs of the first member move when each of its weights moves by one unit in the last place.  An estimate, no bound; below
 * it e means nothing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_EXPERIMENT_ENSEMBLE_H
#define FS_EXPERIMENT_ENSEMBLE_H

#include "base/watch.h"
#include "experiment/orbit.h"
#include "flow/flow.h"

/* One flow.  Rows are times; what is not known is NaN. */
typedef struct {
    fs_flow_kind kind;
    size_t n;                   /* rows: the first n of fs_ensemble.t, those that every member reached */
    double *mean_error;         /* (n) e */
    double *member_error;       /* (n) e_1 */
    double *noise;              /* (n) of e; NaN where the second integrations did not come to */
    double *size;               /* (n) max over x of |Phibar_t(x)|: what e and noise are relative to */
    size_t worst;               /* the row where e is largest (NaN counts as largest), 0 where there is none */
    size_t beyond;              /* rows where e > noise */
    long steps, evaluations;    /* of all integrations: steps, velocities */
    char note[240];             /* why n is less than all rows, or noise is missing; "" */
} fs_ensemble_flow;

enum {
    FS_ENSEMBLE_FLOWS = 2,
    FS_ENSEMBLE_TIMES = 101,    /* equally spaced, t = 0 first */
    FS_ENSEMBLE_DATA = 8,
    FS_ENSEMBLE_RANDOM = 4,
    FS_ENSEMBLE_ELEMENTS = 24,
    FS_ENSEMBLE_SECOND = 8
};

typedef struct {
    const fs_problem *problem;  /* borrowed */
    fs_orbit K;
    size_t members;             /* |K| */
    size_t elements;            /* g that e looks at: all of K, or FS_ENSEMBLE_ELEMENTS of them, generators among them */
    size_t inputs;              /* x before they are moved: up to FS_ENSEMBLE_DATA samples and FS_ENSEMBLE_RANDOM random ones */
    size_t second;              /* members that were integrated twice: all, or FS_ENSEMBLE_SECOND evenly spread ones */
    double gamma, distance;     /* |Y_0| of the first member */
    uint64_t seed;
    double t_end, rtol, atol;
    double outside;             /* largest |(1 - Pi_L) rho(k) A_0| / |A_0|, cut off at the start */
    double apart;               /* largest |A_k(0) - A_0| / |A_0| */
    fs_verdict applies;         /* the ensemble theorem for K on this model ... */
    char because[240];          /* ... and the hypothesis that fails or is undecided */
    size_t n_times;
    double *t;                  /* (n_times) */
    size_t n_flows;
    fs_ensemble_flow flow[FS_ENSEMBLE_FLOWS];
    int stopped;                /* the watch asked to stop: flows behind are missing */
    double wall_s;
} fs_ensemble;

/* Plain: what to do. */
typedef struct {
    size_t n_kinds;             /* 1 or 2 */
    const fs_flow_kind *kind;   /* nominal, augmented; each once */
    double gamma;
    uint64_t seed;
    double distance;            /* |Y_0|; negative: the model's, or that of the weights */
    const double *weights;      /* natural-order start (n_par), or NULL: drawn from the seed */
    double t_end, rtol, atol;   /* 0: the model's */
    long max_steps;             /* of one integration; 0: 1 000 000 */
    int threads;                /* members share them; never changes a result */
    size_t keep_limit;          /* bytes of kept primal one integration may use, see fs_risk_work_create */
    const fs_watch *watch;      /* borrowed; called by one thread at a time */
} fs_ensemble_options;

/* Integrates the members of every flow, one flow after the other.  Memory: (times, parameters) for each thread, never for each member.  An integration that
 * fails on the way shortens its flow, with a note.  FS_EINPUT: no finite K, or options out of range; FS_ESTOPPED: asked to stop before one flow was complete.
 * Borrows p, which must outlive *out. */
fs_status fs_ensemble_compute(fs_ensemble **out, const fs_problem *p, const fs_ensemble_options *options, fs_err *err);
void fs_ensemble_destroy(fs_ensemble *e);

#endif
