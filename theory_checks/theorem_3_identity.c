/* theory_checks/theorem_3_identity.c -- the exact law of the distance to E
 *
 *   |Y(t)| = |Y_0| exp(-int_0^t (gamma + hbar)),   hbar = int_0^1 <u, Hess R^aug(X + s Y) u> ds,   u = Y / |Y|            [NF25, Theorem 3, proof]
 *
 * Two halves.  Along the path: log |Y| plus the quadrature of gamma + <Y, grad R^aug> / |Y|^2 stays put, up to the integrator's local errors.  At states of the
 * path: the velocity and the Hessians give the same gamma + hbar, which is where Facts A and B enter: the gradient at X itself has no part across E.  The defect
 * of the whole is at most the sum of the two.
 *
 * The integrator does not test the quadrature's error.  Global errors go as rtol^(q / (q + 1)), q >= 1 the order, so at a tenth of the tolerance at most
 * 1 / sqrt(10) is left: |D(rtol) - D(rtol / 10)| / (sqrt(10) - 1) bounds what is left, and an identity that is false by the same at both adds nothing to that.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "decay.h"
#include "statements.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { NODES = 24 };
static const double moved = 0.1;        /* log |Y| changes by at least so much, or nothing was seen */

/* The largest |log(|Y| / |Y_0|) + exponent - without t| over the steps of T down to the floor; *last: index of the last of them. */
static double defect_of(const fs_trajectory *T, double floor, double without, size_t *last)
{
    double most = 0.0;
    *last = 0;
    for (size_t k = 1; k < T->n_steps_kept && T->step_distance[k] >= floor; k++) {
        double d = fabs(log(T->step_distance[k] / T->step_distance[0]) + T->step_exponent[k] - without * T->step_t[k]);
        fs_raise_to(&most, d);
        *last = k;
    }
    return most;
}

/* Integrals over the nodes of T, trapezoidal: of the mismatch between velocity and Hessians, what explains it, the same for the nominal risk and its prediction. */
typedef struct { double mismatch, error, nominal, predicted; } pointwise;

/* <Y, Pi_N grad R(X)> / |Y|^2: what the nominal risk's mean of Hessians misses */
static fs_status missing_of(fs_flow *nominal, const double *w, double *value, double *scratch, fs_err *err)
{
    size_t n = fs_flow_dim(nominal), E = fs_flow_dim_E(nominal);
    double across, all;
    FS_TRY(fs_decay_leak(nominal, w, &across, &all, scratch, err));
    *value = fabs(fs_dot(n - E, w + E, scratch)) / fs_dot(n - E, w + E, w + E);
    return FS_OK;
}

static fs_status compare(fs_flow *moving, fs_flow *plain, fs_flow *nominal, const fs_trajectory *T, double floor, pointwise *sum, fs_err *err)
{
    size_t E = fs_flow_dim_E(plain), N = fs_flow_dim(plain) - E;
    double *scratch = fs_calloc(N, sizeof *scratch), before[4] = { 0 };
    fs_status status = scratch ? FS_OK : fs_fail(err, FS_ENOMEM, "a gradient of dimension %zu", N);
    *sum = (pointwise){ 0 };
    for (size_t k = 0; k < T->n_nodes && status == FS_OK; k++) {
        const double *w = T->node_w + k * T->dim;
        fs_decay_ray a, b;
        double missing;
        if (!(fs_norm(N, w + E) >= floor)) break;
        status = fs_decay_ray_at(moving, plain, w, &a, err);
        if (status == FS_OK) status = fs_decay_ray_at(nominal, nominal, w, &b, err);
        if (status == FS_OK) status = missing_of(nominal, w, &missing, scratch, err);
        if (status != FS_OK) break;
        double now[4] = { fabs(a.velocity - a.mean), a.rounding + a.mean_error, fabs(b.velocity - b.mean), missing };
        double *into[4] = { &sum->mismatch, &sum->error, &sum->nominal, &sum->predicted };
        for (size_t j = 0; j < 4; j++) {
            if (k) *into[j] += 0.5 * (T->node_t[k] - T->node_t[k - 1]) * (before[j] + now[j]);
            before[j] = now[j];
        }
    }
    free(scratch);
    return status;
}

static void control(fs_finding *found, const pointwise *sum, const fs_trajectory *T, double floor)
{
    fs_control *k = &found->control;
    size_t last;
    if (sum->predicted > 10.0 * found->bound) {
        snprintf(k->what, sizeof k->what, "the nominal risk at the same states: its Hessians miss <Y, Pi_N grad R(X)> / |Y|^2");
        k->measured = sum->nominal;
        k->predicted = sum->predicted;
        return;
    }
    snprintf(k->what, sizeof k->what, "the penalty left out of the exponent (R^aug = R across E here): off by gamma t");
    k->measured = defect_of(T, floor, T->gamma, &last);
    k->predicted = T->gamma * T->step_t[last];
}

static fs_status evaluate(fs_check_context *c, fs_finding *found, const fs_trajectory *coarse, const fs_trajectory *T, fs_flow *moving, fs_flow *plain,
                          fs_flow *nominal, fs_err *err)
{
    double rtol = fs_decay_rtol(c), floor = fs_chain_floor(coarse, rtol);
    pointwise sum;
    size_t last, ignored;
    FS_TRY(compare(moving, plain, nominal, T, floor, &sum, err));
    double along = defect_of(T, floor, 0.0, &last), first = defect_of(coarse, floor, 0.0, &ignored);
    if (fs_flow_parametrisation(moving)) along = first = 0.0;     /* no exponent is kept: the velocity at the states alone decides */
    found->measured = along + sum.mismatch;
    found->error = 0.0;
    double quadrature = fabs(first - along) / (sqrt(10.0) - 1.0);
    found->bound = fs_chain_integration(T, 0.1 * rtol, last) + sum.error + quadrature;
    control(found, &sum, T, floor);
    double change = fabs(log(T->step_distance[last] / T->step_distance[0]));
    if (!(change >= moved)) fs_check_vacuous(found, "log |Y| changed by %.2g only", change);
    if (!(found->bound <= FS_DECAY_TELLING * change)) fs_check_vacuous(found, "the bound of %.2g would hide much of the change of log |Y|, %.2g", found->bound, change);
    fs_check_quantity(found, along, quadrature, "along");
    fs_check_quantity(found, sum.mismatch, sum.error, "mismatch");
    fs_check_quantity(found, first, 0.0, "coarse");
    fs_check_quantity(found, T->step_t[last], 0.0, "t");
    fs_check_quantity(found, change, 0.0, "change");
    snprintf(found->note, sizeof found->note, "|Y| from %.3g to %.3g in t = %.4g, %zu steps: log |Y| + int (gamma + hbar) moves by %.1e (%.1e at ten times the tolerance); "
             "velocity against Hessians: %.1e, of which errors explain %.1e", T->step_distance[0], T->step_distance[last], T->step_t[last], last, along, first,
             sum.mismatch, sum.error);
    return FS_OK;
}

/* The trajectory of the model's checks at a tolerance of our own. */
static fs_status tighter(fs_check_context *c, fs_flow *moving, double rtol, fs_trajectory **T, fs_err *err)
{
    const fs_check_options *o = fs_check_options_of(c);
    const double *start;
    FS_TRY(fs_check_start(c, &start, err));
    return fs_decay_run(c, moving, start, o->t_end > 0.0 ? o->t_end : fs_problem_settings(fs_check_problem(c))->t_end, rtol, 0.0, 0, T, err);
}

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    const fs_check_options *o = fs_check_options_of(c);
    fs_flow *moving, *plain = NULL, *nominal = NULL;
    const fs_trajectory *coarse = NULL;
    fs_trajectory *own = NULL, *fine = NULL;
    double rtol = fs_decay_rtol(c);
    if (!fs_check_basis(c)->dim_N) return fs_check_absent(found, "dim N = 0: there is no distance to E");
    if (!(o->distance > 0.0)) return fs_check_absent(found, "Y_0 = 0: the flow starts on E");
    FS_TRY(fs_check_flow(c, FS_FLOW_AUGMENTED, &moving, err));
    fs_status status = rtol < o->rtol ? tighter(c, moving, rtol, &own, err) : fs_check_trajectory(c, &coarse, err);
    if (own) coarse = own;
    if (status == FS_OK) status = fs_check_plain_flow(c, FS_FLOW_AUGMENTED, o->gamma, &plain, err);
    if (status == FS_OK) status = fs_check_plain_flow(c, FS_FLOW_NOMINAL, o->gamma, &nominal, err);
    double tenth = 0.1 * rtol < 1e-14 ? 1e-14 : 0.1 * rtol;
    if (status == FS_OK) status = fs_decay_run(c, moving, coarse->w_start, coarse->t_reached, tenth, fs_chain_floor(coarse, rtol), NODES, &fine, err);
    if (status == FS_OK) status = evaluate(c, found, coarse, fine, moving, plain, nominal, err);
    fs_flow_destroy(plain);
    fs_flow_destroy(nominal);
    fs_trajectory_destroy(fine);
    fs_trajectory_destroy(own);
    return status;
}

const fs_statement fs_statement_theorem_3_identity = {
    .id = "theorem_3_identity",
    .code = "3i",
    .name = "Theorem 3, identity",
    .claim = "|Y(t)| = |Y_0| exp(-int (gamma + hbar)), hbar the mean of <u, Hess R^aug u> on the ray from X to X + Y",
    .source = "[NF25, Theorem 3]",
    .needs = FS_NEEDS_RATES,
    .measures = "largest |log(|Y| / |Y_0|) + exponent| over the steps, plus int |velocity - Hessians| over states of the path",
    .budget = "local errors of all steps, 10 sqrt(dim L) (rtol + atol_N / |Y|) each at a tenth of the tolerance; the quadrature by comparison with the whole one; rounding of the velocity (copies one unit apart); Gauss quadrature",
    .controls = "the nominal risk: its Hessians miss <Y, Pi_N grad R(X)> / |Y|^2, the predicted size",
    .measure = measure,
};
