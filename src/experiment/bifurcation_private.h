/* experiment/bifurcation_private.h -- a bifurcation diagram in the making
 *
 * Seeds (states and their gammas) wait in a queue: from searches, from beyond folds, from where a branch meets another.  A seed that lies on no known branch starts
 * a new one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_EXPERIMENT_BIFURCATION_PRIVATE_H
#define FS_EXPERIMENT_BIFURCATION_PRIVATE_H

#include "experiment/bifurcation.h"

enum { FS_DIAGRAM_BRANCHES = 64, FS_DIAGRAM_ALONE = 64 };      /* at most */
#define FS_DIAGRAM_SMOOTH 0.02  /* of the largest |Y|, the longest step across */

/* A state that may start a branch; what waits for the answer, if anything. */
typedef struct {
    double gamma;
    double *w;
    size_t copies, branch;      /* SIZE_MAX: nobody asked */
    int end;
} fs_diagram_seed;

typedef struct {
    const fs_problem *p;
    const fs_bifurcation_options *o;
    fs_bifurcation *out;
    fs_branch_tracer trace;
    double known;               /* the largest gamma at which something happens */
    double height;              /* the largest |Y| */
    size_t n_seeds, room;
    fs_diagram_seed *seed;
    int more;                   /* branches than there is room for */
    int searches_failed;
    double hessian, work;       /* floating-point operations of a Hessian with its eigenvalues, and of all so far */
    int cut;                    /* the work asked for was done before the end */
    /* of the branch that is followed */
    fs_bifurcation_branch *b;
    size_t b_room;
    double *guess;              /* (dim L) */
} fs_diagram;

/* --- bifurcation_trace.c --- */

fs_status fs_diagram_no_memory(fs_err *err);
/* What gammas are compared with: the largest at which something is known to happen, or 1. */
double fs_diagram_scale(const fs_diagram *d);
/* The end of the range to which branches are followed: the largest (side = 1) or smallest gamma. */
double fs_diagram_end(const fs_diagram *d, int side);
/* Whether so many Hessians are within the given part of the work; counted by operations, so that the same is done on every machine. */
int fs_diagram_affordable(fs_diagram *d, double hessians, double part);

fs_status fs_diagram_plant(fs_diagram *d, const double *w, double gamma, size_t copies, size_t branch, int end, fs_err *err);
fs_status fs_diagram_add_event(fs_diagram *d, const fs_bifurcation_event *event, fs_err *err);

/* A node with room for a state of n numbers; and *to, which has that, becomes *from. */
fs_status fs_diagram_node(fs_bifurcation_node *node, size_t n, fs_err *err);
void fs_diagram_copy(fs_bifurcation_node *to, const fs_bifurcation_node *from, size_t n);

/* The equilibrium between the nodes a and b of a branch, at a gamma between theirs. */
fs_status fs_diagram_step_between(fs_diagram *d, const fs_branch_node *a, const fs_branch_node *b, double gamma, fs_branch_node *to, int *found, fs_err *err);

/* A new branch through the equilibrium *at, or one more point of none; and the event that an end of it is. */
fs_status fs_diagram_trace(fs_diagram *d, const fs_bifurcation_node *at, size_t copies, fs_err *err);
fs_status fs_diagram_add_end(fs_diagram *d, size_t branch, int side, fs_err *err);
void fs_diagram_clear_branch(fs_bifurcation_branch *b);

/* --- bifurcation_search.c --- */

fs_status fs_diagram_find_E(fs_diagram *d, fs_err *err);
/* Where the lowest eigenvalue across E changes its sign; once for points alike, and not for those of a continuum, of which any was found. */
fs_status fs_diagram_add_E(fs_diagram *d, fs_err *err);

/* Branches leave E at gamma_c along the lowest eigenvector of H_N, to lower or higher gammas, on either side of E. */
fs_status fs_diagram_look_beside_E(fs_diagram *d, fs_err *err);
/* At the gammas of the list, the largest first: branches are followed down to where continua begin. */
fs_status fs_diagram_search_list(fs_diagram *d, fs_err *err);
/* First where something is known to happen; then over the range that came out of it, again where that grew. */
fs_status fs_diagram_search_range(fs_diagram *d, fs_err *err);

#endif
