/* theory_checks/step_grid.h -- flows on one shared grid of fixed steps, and how far rounding can drive them apart
 *
 *   z' = -r(t) z + delta(t):   z_{k+1} = e^(-r h) z_k + max(1, e^(-r h)) noise
 *
 * bounds the distance of two computed paths that coincide in exact arithmetic: r is the lowest eigenvalue of Hess S on the part of L where they differ,
 * noise what rounding adds in a step.  Truncation errors are the same for both and do not enter.
 *
 * With a metric M in front of the gradient distances are measured in |.|_(M^-1), in which the flow is a gradient flow again: r >= m r_1 with m the lowest
 * eigenvalue of M where r_1 > 0 and the highest elsewhere, and z grows by the square root of their ratio.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_CHECK_STEP_GRID_H
#define FS_CHECK_STEP_GRID_H

#include "check.h"

/* Extreme eigenvalues of M = B B^T on L; 1 and 1 without a parametrisation. */
typedef struct { double low, high; } fs_metric;
fs_status fs_metric_measure(fs_check_context *c, fs_metric *m, fs_err *err);

/* A grid and how far a flow comes on it. */
typedef struct {
    double h;
    size_t steps;
    double travelled, changed;  /* |A(T) - A_0| / |A_0|, |R(T) - R(0)| / |R(0)| */
    double off;                 /* |Y(T)| / |Y(0)|; NaN on E */
} fs_grid;

/* At most how many steps `paths` paths of flow f may take together: by the operations of a gradient, at least 40 and at most 3000; 0 where 40 cost ten times too
 * much. */
size_t fs_grid_most_steps(const fs_flow *f, size_t paths);

/* Follows `walker` from the leading part of w0 (dim of f) in steps that the curvature of f allows all the way, until it has travelled and changed as much as `enough`
 * says, or for `most` steps. */
fs_status fs_grid_choose(fs_grid *grid, fs_flow *f, fs_flow *walker, const double *w0, const fs_grid *enough, size_t most, const fs_watch *watch, fs_err *err);
int fs_grid_arrived(const fs_grid *grid, const fs_grid *enough);

/* The lowest eigenvalue (its lower end within the residual) of Hess S = Hess R + gamma 1_N at w on the coordinates first .. first + count - 1.  f without a
 * parametrisation.  +infinity where count = 0. */
fs_status fs_grid_lowest(fs_flow *f, const double *w, size_t first, size_t count, const fs_watch *watch, double *lowest, fs_err *err);

/* What the steps of a path see: at its rows. */
typedef struct { double rate, noise; } fs_grid_node;       /* lowest eigenvalue; noise of one step */

/* z (rows) from z0: between two rows the lower rate and the larger noise count. */
void fs_grid_budget(const fs_fixed_path *path, const fs_grid_node *node, const fs_metric *m, double z0, double *z);

#endif
