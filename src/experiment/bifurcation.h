/* experiment/bifurcation.h -- the stationary points of the augmented flow against gamma
 *
 *   S_gamma = R^aug + gamma / 2 |Y|^2
 *
 * On E they do not depend on gamma; each attracts, if it is a strict minimum on E, for gamma > gamma_c = -lambda_min(H_N) [NF25, Remark 2].  Off E they form
 * branches.  A branch is found by searches at some gammas and followed both ways, to a fold, to E, to another branch, to infinity, or to an end of the range.
 * Beyond a fold the other branch is looked for by reflection, so that a fold counts as one only where both are known.  Points that the group moves into each other
 * are one branch: |Y|, S and the spectrum are the same.
 *
 * Stability is that of computed eigenvalues of Hess S with their errors.  What a search finds is not all there is: branches may be missing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_EXPERIMENT_BIFURCATION_H
#define FS_EXPERIMENT_BIFURCATION_H

#include "experiment/branch.h"

/* Plain. */
typedef struct {
    fs_branch_node at;
    fs_branch_stability is;     /* of Hess S on all of L */
} fs_bifurcation_node;

/* goes on: at an end of the range (gamma = 0 is one), or followed no farther.  lost: no step leads on, and none of the others is certain. */
typedef enum { FS_BRANCH_GOES_ON, FS_BRANCH_FOLD, FS_BRANCH_JOINS_E, FS_BRANCH_MEETS, FS_BRANCH_INFINITY, FS_BRANCH_LOST, FS_BRANCH_END_COUNT } fs_branch_end_kind;
const char *fs_branch_end_name(fs_branch_end_kind kind);   /* "goes on", "fold", "joins E", "meets a branch", "infinity", "lost" */

/* One end of a branch.  Plain. */
typedef struct {
    fs_branch_end_kind kind;
    double gamma, error;        /* it ends at gamma +- error */
    double distance;
    size_t partner;             /* the branch it turns into or meets, the point of E (of equilibria) it joins; SIZE_MAX: none, or not among those known */
    char irreducible[48];       /* joins E: of the eigenvalue that vanishes there; "" when not known */
} fs_bifurcation_end;

/* Plain. */
typedef struct {
    size_t n;
    fs_bifurcation_node *node;  /* by increasing gamma */
    fs_bifurcation_end end[2];  /* at its lowest and its highest gamma */
    size_t copies;              /* the most different points of it that one search found: images under the group, or of equal values by chance */
} fs_bifurcation_branch;

typedef enum { FS_EVENT_FOLD, FS_EVENT_JOINS_E, FS_EVENT_MEETS, FS_EVENT_STABILITY, FS_EVENT_COUNT } fs_event_kind;
const char *fs_event_name(fs_event_kind kind);     /* "fold", "joins E", "branches meet", "stability changes" */

/* Plain. */
typedef struct {
    fs_event_kind kind;
    double gamma, error, distance;
    size_t branch[2];           /* SIZE_MAX: none */
    size_t equilibrium;         /* joins E, or an equilibrium of E changes: which; SIZE_MAX: none, or not among those known */
    size_t negative[2];         /* stability changes: negative eigenvalues of Hess S below and above */
    char irreducible[48];       /* of the eigenvalue that changes sign on E */
} fs_bifurcation_event;

/* Plain. */
typedef struct {
    const fs_problem *problem;  /* borrowed */
    fs_stability *equilibria;   /* of E */
    double low, high;           /* the range of gamma: given, or 0 and 1.3 times the largest event */
    size_t n_searches;
    double *search;             /* gammas at which branches were looked for, increasing */
    size_t starts, missed;      /* Newton starts made there, and those that found nothing new */
    size_t n_branches;
    fs_bifurcation_branch *branch;      /* by their largest |Y|, the largest first */
    size_t n_alone;
    fs_bifurcation_node *alone; /* equilibria off E from which no step leads on either way: of a continuum, which gamma > 0 breaks */
    size_t n_events;
    fs_bifurcation_event *event;        /* by increasing gamma */
    char note[700];             /* what is missing or not said; first, from how many starts all this is */
    int stopped;                /* what is here is right, but not all that was asked for */
    double wall_s;
} fs_bifurcation;

/* Plain. */
typedef struct {
    size_t n_gamma;             /* 0: the range and the gammas of searches are chosen; else at least two, increasing: the searches, from lowest to highest */
    const double *gamma;
    size_t starts;              /* Newton searches at every one of them, and in E */
    uint64_t seed;
    double work;                /* floating-point operations after which searches and branches are cut short, about; 0: none */
    fs_stationary_options search;
    int threads;
    size_t keep_limit;
    const fs_watch *watch;
} fs_bifurcation_options;

/* FS_EINPUT: dim N = 0, dim L > 1500 (Hessians are formed), a list of gammas that is none. */
fs_status fs_bifurcation_compute(fs_bifurcation **out, const fs_problem *p, const fs_bifurcation_options *options, fs_err *err);
void fs_bifurcation_destroy(fs_bifurcation *b);

/* What an equilibrium of E is on all of L at gamma, by its critical gamma: a minimum that attracts, a saddle, degenerate where the sign is not decided; unknown where
 * Remark 2 says nothing, or nothing was found. */
fs_point fs_equilibrium_at(const fs_problem *p, const fs_stability_point *point, double gamma);
/* More zeros on E than softmax explains: any point of a continuum was found. */
int fs_equilibrium_is_of_continuum(const fs_stability_point *point);
/* Of the same kind, risk and critical gamma. */
int fs_equilibria_alike(const fs_stability_point *a, const fs_stability_point *b);

#endif
