/* experiment/branch.h -- one equilibrium off E, continued in gamma
 *
 *   grad S_gamma(w) = 0,   S_gamma = R^aug + gamma / 2 |Y|^2,   |Y| > 0
 *
 * Newton's method from the equilibrium at one gamma to the one at the next.  A zero counts as off E only where it is told from E, and as the same equilibrium only
 * where it is near: a longer way is another branch.  Followed to a gamma beyond which no step leads, a branch ends there: in a fold, on E, or on another branch.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_EXPERIMENT_BRANCH_H
#define FS_EXPERIMENT_BRANCH_H

#include "experiment/stability.h"

/* One equilibrium at one gamma.  Plain. */
typedef struct {
    double gamma, distance, risk, objective;    /* |Y|, R^aug, S */
    double norm, relative;      /* |H|_F, H = Hess S, 0: not known; its lowest eigenvalue over |H|_F */
    double *w;                  /* (dim L) whoever holds the node owns it */
} fs_branch_node;

/* What all steps share.  Plain. */
typedef struct {
    const fs_problem *problem;  /* borrowed */
    int threads;
    size_t keep_limit;
    const fs_watch *watch;
    size_t n, E;                /* dim L, dim E */
    int far_is_off;             /* a zero with a large |Y| is off E, also where all points between are zeros, or as good as: of a continuum */
    int stopped;                /* the watch asked to stop */
    double *next;               /* (n) where the last step ended */
    double *H, *value;          /* (n, n), (n): after a step that found one, rows: unit eigenvectors of Hess S there; eigenvalues, ascending */
    double *scratch;            /* (2, n) */
} fs_branch_tracer;

/* Borrows problem and watch.  A tracer of zeros may be ended. */
fs_status fs_branch_begin(fs_branch_tracer *t, const fs_problem *problem, int threads, size_t keep_limit, const fs_watch *watch, fs_err *err);
void fs_branch_end(fs_branch_tracer *t);

/* The equilibrium at gamma next to `from`: *found, and then in *to, whose w (dim L) is overwritten only then; it may be that of from. */
fs_status fs_branch_step(fs_branch_tracer *t, const fs_branch_node *from, double gamma, fs_branch_node *to, int *found, fs_err *err);
/* The same from any state w (dim L). */
fs_status fs_branch_stand(fs_branch_tracer *t, const double *w, double gamma, fs_branch_node *to, int *found, fs_err *err);

/* tangent (dim L) = dw/dgamma = -H^+ Y at the node that the last step found; eigenvalues below 1e-8 |H| count as zero, whose directions stand still. */
void fs_branch_tangent(const fs_branch_tracer *t, const fs_branch_node *node, double *tangent);

/* No eigenvalue is surely negative on the scale of |H|. */
int fs_branch_attracts(const fs_branch_node *node);
/* The same up to the group, by |Y|, S and the lowest eigenvalue; both at one gamma. */
int fs_branch_alike(const fs_branch_node *a, const fs_branch_node *b);
/* So near E that it may end there. */
int fs_branch_is_beside_E(const fs_branch_tracer *t, const fs_branch_node *node);

/* What the signs of all eigenvalues of Hess S say.  Plain. */
typedef struct {
    double lowest, error;       /* of every eigenvalue: rounding, and what the distance to the true point moves it */
    fs_inertia signs;
    fs_point kind;
} fs_branch_stability;

/* Of the node that the last step found. */
fs_status fs_branch_judge(fs_branch_tracer *t, const fs_branch_node *node, fs_branch_stability *out, fs_err *err);

/* Where and how a branch that ends beside E joins it: the zero of grad R in E beside the node, and the eigenvalue of H_N there next to -gamma. */
typedef struct {
    int found;
    double gamma, error;        /* minus that eigenvalue */
    double risk;
    double *w;                  /* (dim L) overwritten */
} fs_branch_junction;
fs_status fs_branch_join(fs_branch_tracer *t, const fs_branch_node *node, fs_branch_junction *out, fs_err *err);

#endif
