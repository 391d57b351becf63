/* integrate/fixed_step.h -- a flow by an explicit Runge-Kutta method with fixed steps (GSL's rk8pd)
 *
 * Every Runge-Kutta method maps a linear invariant subspace to itself, and two flows that coincide on it take the same path bit for bit up to rounding when
 * they share the step grid: so what is left between them is rounding, amplified by the flow, not truncation error.  The step must respect the stability
 * limit: h <= 0.2 / (gamma + Lambda), Lambda the largest curvature met.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_INTEGRATE_FIXED_STEP_H
#define FS_INTEGRATE_FIXED_STEP_H

#include "base/watch.h"
#include "flow/flow.h"

/* Plain after creation. */
typedef struct {
    size_t n_rows, dim;
    double h;
    size_t steps, every;
    double *t;                  /* (n_rows) 0, every h, 2 every h, ..., and the end */
    double *w;                  /* (n_rows, dim) */
    fs_flow_point *point;       /* (n_rows) */
    double *step_distance;      /* (steps + 1) |Y| after every step */
    long velocities;
    int stopped;
} fs_fixed_path;

/* From w0 (dim of f), `steps` steps of length h, a row every `every` steps.  A watch that asks to stop is no failure: the steps taken are kept, the last row is where
 * they end, `steps` is their number.  FS_EINPUT: h not positive and finite, no steps, every = 0, a flow without coordinates; FS_ENAN when the flow blows up. */
fs_status fs_fixed_path_compute(fs_fixed_path **out, fs_flow *f, const double *w0, double h, size_t steps, size_t every, const fs_watch *watch, fs_err *err);
void fs_fixed_path_destroy(fs_fixed_path *path);

/* 0.2 / (gamma + Lambda), Lambda the largest curvature at the n states w (n, dim): the spectral norm of the Hessian of f's risk, by the power method to about one
 * per cent (from below; the method itself is stable to some thirty times this step).  With a parametrisation it is that of M (Hess + gamma 1_N) - gamma 1_N.
 * Infinite where there is neither curvature nor gamma. */
fs_status fs_fixed_step(fs_flow *f, size_t n, const double *w, double *h, fs_err *err);

#endif
