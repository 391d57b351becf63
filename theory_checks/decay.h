/* theory_checks/decay.h -- |Y| along a flow: curvature of rays from E, plateaus
 *
 *   |Y|' = -(gamma + hbar) |Y|,   hbar = int_0^1 <u, Hess R(X + s Y) u> ds,   u = Y / |Y|        [NF25, Theorem 3]
 *   nominal flow at rest across E:  gamma Y + Pi_N grad R(X + Y) = 0                               [NF25, Remark 1]
 *
 * States w = (x, y) in adapted coordinates; `plain` flows have no parametrisation, so that their Jacobian is -(Hess R + gamma 1_N).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_CHECK_DECAY_H
#define FS_CHECK_DECAY_H

#include "check.h"


/* f from w0 until t_end, or until |Y| <= floor where floor > 0: both are successes, w_end is where it ended.  About `nodes` states are kept, the one at w_end
 * only when t_end was reached.  FS_ESOLVER when the integrator gave up. */
fs_status fs_decay_run(fs_check_context *c, fs_flow *f, const double *w0, double t_end, double rtol, double floor, size_t nodes, fs_trajectory **out, fs_err *err);
/* The same with output times, 100 on the time `scale` and at most 400 in all. */
fs_status fs_decay_run_rows(fs_check_context *c, fs_flow *f, const double *w0, double t_end, double scale, double rtol, double floor, size_t nodes,
                            fs_trajectory **out, fs_err *err);

/* The relative tolerance of the checks on |Y|: the options', but at most 1e-8, so that a loose one does not blind them. */
double fs_decay_rtol(const fs_check_context *c);

/* The largest bound on a violation in log |Y| beside the change of log |Y| that was seen, and the least such change: beyond these nothing was shown. */
#define FS_DECAY_TELLING 0.05
#define FS_DECAY_RANGE 3.0
/* The guards: log |Y| was followed over a change `range` at `count` output times, with this bound on what is wrong. */
void fs_decay_guard(fs_finding *found, double range, size_t count, double bound);

/* gamma + curvature on the ray from X to w = X + Y, 1/t. */
typedef struct {
    double size;                /* |Y| */
    double velocity;            /* -<Y, w'> / |Y|^2: by the flow itself */
    double rounding;            /* of it: scatter over copies of w moved by one unit in the last place */
    double mean, mean_error;    /* gamma + hbar by Hessian-vector products at Gauss nodes; error: against half as many nodes */
    double lowest, at;          /* gamma + min over the nodes of <u, Hess R(X + s Y) u>, and that s */
    double on_E;                /* gamma + <u, Hess R(X) u> */
} fs_decay_ray;
/* moving: whose velocity is meant; plain: the flow of the same risk and gamma without parametrisation.  Y = 0: FS_EINPUT. */
fs_status fs_decay_ray_at(fs_flow *moving, fs_flow *plain, const double *w, fs_decay_ray *out, fs_err *err);

/* int (gamma + hbar) dt over T by the trapezoidal rule on its nodes, hbar by Hessians. */
fs_status fs_decay_exponent(fs_flow *plain, const fs_trajectory *T, double *exponent, fs_err *err);

/* Hv = Q_N^T Hess R(w) Q_N v (dim N), without gamma; z (2 dim L) scratch. */
fs_status fs_decay_product(fs_flow *plain, const double *w, const double *v, double *Hv, double *z);
/* |H_N(w)| by the power method, from below. */
fs_status fs_decay_norm(fs_flow *plain, const double *w, double *norm, fs_err *err);

/* Parts of grad R at (x, 0): |Pi_N grad R|, and |Pi_L grad R|; leak (dim N) or NULL. */
fs_status fs_decay_leak(fs_flow *plain, const double *w, double *across, double *all, double *leak, fs_err *err);

/* y of w is replaced by the zero of gamma y + Pi_N grad R(x, y) that Newton's method finds from 0 at fixed x: where |Y| of a slow flow settles.  *found 0: none. */
fs_status fs_decay_rest(fs_flow *plain, double *w, int *found, fs_err *err);

/* *gamma is raised to 20 |H_N(X_0)|, H_N of the nominal risk: there the nominal flow settles fast at its plateau. */
fs_status fs_decay_settling(fs_check_context *c, const double *w0, double *gamma, fs_err *err);

/* A flow that must not decay as Theorem 3 says, from w0 for time t: the nominal flow at gamma, which settles at its plateau; or, where that plateau is too small for the
 * integration to see (R^aug = R across E at X_0, or nearly), the augmented flow without the penalty.  gamma: the given one, raised until the plateau follows X with
 * a small lag; t: until the start is forgotten there, 1e-4 of the plateau, and a promise that falls at the rate gamma - slower has fallen by 1e-6.
 * log_distance: log |Y(t)|; predicted: of the plateau that fs_decay_rest finds at X(t - 1 / gamma), or by Hessians.  lag: by how much log of the plateau moves in the
 * time 1 / gamma; where it is not small the prediction is none. */
typedef struct { double gamma, t, log_distance, predicted, plateau, lag; int nominal; } fs_decay_fault;
fs_status fs_decay_fault_run(fs_check_context *c, const double *w0, double gamma, double slower, fs_decay_fault *out, fs_err *err);
/* To found->control, as the log of what the faulty flow reaches over exp(promised); where nothing can be predicted a guard says so. */
void fs_decay_fault_report(const fs_decay_fault *fault, double promised, const char *what, fs_finding *found);

#endif
