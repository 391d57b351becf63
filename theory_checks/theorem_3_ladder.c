/* theory_checks/theorem_3_ladder.c -- however far from E the flow starts, some gamma is large enough
 *
 *   for every delta there is a gamma such that from |Y_0| = delta the augmented flow converges to E exponentially          [NF25, Theorem 3]
 *
 * At a quarter of the model's distance, at it, and at four times it: gamma is doubled, from what the lowest eigenvalue of H_N at X_0 asks for, until
 *
 *   nu = gamma + min over s of lambda_min(H_N(X + s Y)) > 0 at all states of the path      (the certificate: then |Y|' <= -nu |Y|), and
 *   the flow is attracted, decided with step caps and by two families of integrators (beyond dim L = 100 from the farthest start alone, beyond 300 by one
 *   family; likewise where a Hessian-vector product is costly).
 *
 * What is measured: |Y| at all steps and output times against delta exp(-int nu dt), that is, eigenvalues of Hessians against the flow.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "decay.h"
#include "statements.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNGS = 3, NODES = 8, NODES_LARGE = 4, RAY = 3, RAY_LARGE = 2, SMALL = 100, LARGE = 300, DOUBLINGS = 16, REFUSALS = 3 };
static const double costly = 1e6;                         /* operations of one Hessian-vector product beyond which few decisions must do */
static const double rung[RUNGS] = { 0.25, 1.0, 4.0 };     /* times the model's distance */
static const double decay = 1e-6;                         /* |Y| / delta at the end */
static const double reached = 1e-3;                       /* |Y| / delta by t_end, or gamma is doubled */
static const double floor_of_gamma = 0.05;                /* the first gamma over |H_N(X_0)|, at least */

static int is_costly(const fs_flow *f)
{
    return fs_risk_hvp_flops(fs_flow_risk(f)) > costly;
}

/* One distance. */
typedef struct {
    double delta, gamma;        /* NaN: none was found */
    double least;               /* min nu over the path */
    double excess, numerics;    /* log |Y| - log promised, the largest at any step or output time down to the floor; what errors explain of it */
    double range;               /* log(delta / |Y|) at the last of them */
    size_t seen;                /* output times among them */
    fs_attraction decided;
} step;

/* nu at state w: gamma + lowest eigenvalue across E at points of the ray. */
static fs_status certificate(fs_flow *curved, const double *w, double gamma, double *nu, double *error, fs_err *err)
{
    size_t dim = fs_flow_dim(curved), E = fs_flow_dim_E(curved), points = dim > LARGE ? RAY_LARGE : RAY;
    double *state = fs_calloc(dim, sizeof *state), s_of[RAY], lambda[RAY];
    if (!state) return fs_fail(err, FS_ENOMEM, "a state of dimension %zu", dim);
    fs_status status = FS_OK;
    *nu = (double)INFINITY;
    for (size_t k = 0; k < points && status == FS_OK; k++) {
        fs_transverse H;
        s_of[k] = (double)k / (double)(points - 1);
        memcpy(state, w, dim * sizeof *state);
        for (size_t i = E; i < dim; i++) state[i] *= s_of[k];
        status = fs_transverse_compute(curved, state, NULL, &H, NULL, err);
        if (status != FS_OK) break;
        lambda[k] = H.converged ? H.lambda_min : (double)NAN;
        fs_lower_to(nu, gamma + lambda[k]);
        fs_raise_to(error, H.error);
    }
    if (status == FS_OK) *nu -= fs_chain_dip(points, s_of, lambda);
    free(state);
    return status;
}

/* |Y| <= delta exp(-int nu) at time t, which falls into [t[k], t[k + 1]] of the nodes (n): low (n - 1) the least nu in each; times come in order, *k and *promised (at
 * t[*k]) go along. */
static void worse(step *s, size_t n, const double *t, const double *low, double at, double distance, size_t *k, double *promised)
{
    while (*k + 2 < n && t[*k + 1] < at) {
        *promised += (t[*k + 1] - t[*k]) * low[*k];
        ++*k;
    }
    double excess = log(distance / s->delta) + *promised + (at - t[*k]) * low[*k];
    fs_raise_to(&s->excess, excess);
}

/* At all steps and all output times of T down to the floor. */
static void compare(step *s, const fs_trajectory *T, double rtol, double error, size_t n, const double *t, const double *low)
{
    double floor = fs_chain_floor(T, rtol), promised = 0.0;
    size_t k = 0, last = 0;
    s->excess = s->range = s->numerics = 0.0;
    s->seen = 0;
    if (n < 2) return;
    for (size_t i = 1; i < T->n_steps_kept && T->step_distance[i] >= floor; i++) {
        worse(s, n, t, low, T->step_t[i], T->step_distance[i], &k, &promised);
        last = i;
    }
    promised = 0.0;
    k = 0;
    for (size_t i = 0; i < T->n_rows && T->row[i].t <= T->step_t[last]; i++) {
        worse(s, n, t, low, T->row[i].t, T->row[i].distance, &k, &promised);
        s->seen++;
    }
    s->range = fabs(log(s->delta / T->step_distance[last]));
    s->numerics = fs_chain_integration(T, rtol, last) + error * T->step_t[last];
}

/* One flow from w at gamma: fills in s, except for what is decided.  slowest: a rate at which |Y| falls at the start. */
static fs_status descend(fs_check_context *c, fs_flow *curved, const double *w, double gamma, double slowest, step *s, int *good, fs_err *err)
{
    const fs_check_options *o = fs_check_options_of(c);
    double t_end = o->t_end > 0.0 ? o->t_end : fs_problem_settings(fs_check_problem(c))->t_end, rtol = fs_decay_rtol(c), error = 0.0;
    double nu[NODES + 1], t[NODES + 1], low[NODES + 1];
    fs_flow *f = NULL;
    fs_trajectory *T = NULL;
    *good = 0;
    fs_status status = fs_check_flow_at(c, FS_FLOW_AUGMENTED, gamma, &f, err);
    if (status == FS_OK) status = fs_decay_run_rows(c, f, w, t_end, log(1.0 / decay) / slowest, rtol, decay * s->delta,
                                                    fs_flow_dim(curved) > LARGE ? NODES_LARGE : NODES, &T, err);
    size_t n = 0;
    for (size_t k = 0; status == FS_OK && k <= T->n_nodes; k++) {
        t[n] = k < T->n_nodes ? T->node_t[k] : T->t_reached;
        if (n && !(t[n] > t[n - 1])) continue;
        status = certificate(curved, k < T->n_nodes ? T->node_w + k * T->dim : T->w_end, gamma, &nu[n], &error, err);
        n++;
    }
    if (status != FS_OK) goto done;
    double dip = fs_chain_dip(n, t, nu);
    s->least = (double)INFINITY;
    for (size_t k = 0; k < n; k++)
        fs_lower_to(&s->least, nu[k] - dip - error);
    for (size_t k = 0; k + 1 < n; k++) low[k] = (nu[k] < nu[k + 1] ? nu[k] : nu[k + 1]) - dip;
    compare(s, T, rtol, error, n, t, low);
    *good = s->least > 0.0 && T->last.distance <= reached * s->delta;
done:
    fs_flow_destroy(f);
    fs_trajectory_destroy(T);
    return status;
}

static fs_status decide(fs_check_context *c, const fs_flow *curved, const double *w, double gamma, step *s, fs_err *err)
{
    const fs_check_options *o = fs_check_options_of(c);
    const fs_attraction_options asked = {
        .t_end = fs_problem_settings(fs_check_problem(c))->t_end, .rtol = fs_decay_rtol(c), .atol = o->atol, .method = FS_METHOD_BDF, .solver = FS_SOLVER_AUTO,
        .second = fs_flow_dim(curved) <= LARGE && !is_costly(curved), .threads = o->threads, .keep_limit = o->keep_limit, .watch = o->watch,
    };
    return fs_attraction_decide(&s->decided, fs_check_problem(c), w, gamma, &asked, err);
}

/* The first gamma, doubled from the given one, at which both agree; lowest: eigenvalue of H_N at X_0. */
static fs_status climb(fs_check_context *c, fs_flow *curved, const double *w, double gamma, double lowest, int farthest, step *s, fs_err *err)
{
    s->gamma = (double)NAN;
    for (int k = 0, refused = 0; k < DOUBLINGS && refused < REFUSALS; k++, gamma *= 2.0) {
        int good;
        fs_status status = descend(c, curved, w, gamma, gamma + lowest, s, &good, err);
        if (status == FS_ESTOPPED || status == FS_ENOMEM) return status;
        if (status == FS_OK && s->least > 0.0 && s->excess > s->numerics) break;      /* the certificate's promise is broken: a larger gamma mends nothing */
        if (status != FS_OK || !good) continue;
        if (farthest || (fs_flow_dim(curved) <= SMALL && !is_costly(curved))) {
            FS_TRY(decide(c, curved, w, gamma, s, err));
            refused++;
            if (s->decided.outcome != FS_ATTRACTED) continue;
        }
        s->gamma = gamma;
        break;
    }
    return FS_OK;
}

static void place_at(const double *start, size_t E, size_t N, double from, double delta, double *w)
{
    memcpy(w, start, (E + N) * sizeof *w);
    for (size_t i = E; i < E + N; i++) w[i] *= delta / from;
}

static fs_status control(fs_check_context *c, const step *s, const double *w, fs_finding *found, fs_err *err)
{
    fs_decay_fault fault;
    FS_TRY(fs_decay_fault_run(c, w, s->gamma, s->gamma - s->least, &fault, err));
    double rate = s->least + fault.gamma - s->gamma;
    fs_decay_fault_report(&fault, log(s->delta) - rate * fault.t, "what is promised from the farthest start", found);
    return FS_OK;
}

static fs_status up_the_ladder(fs_check_context *c, fs_flow *curved, double *w, fs_finding *found, fs_err *err)
{
    const fs_basis *b = fs_check_basis(c);
    double distance = fs_check_options_of(c)->distance, norm, error = 0.0, nu;
    const double *start;
    step s[RUNGS];
    int missing = 0;
    FS_TRY(fs_check_start(c, &start, err));
    place_at(start, b->dim_E, b->dim_N, distance, 0.0, w);
    FS_TRY(certificate(curved, w, 0.0, &nu, &error, err));
    FS_TRY(fs_decay_norm(curved, w, &norm, err));
    double first = -2.0 * nu > floor_of_gamma * norm ? -2.0 * nu : floor_of_gamma * norm;
    if (!(first > 0.0)) first = 1.0;
    found->measured = found->error = 0.0;
    found->bound = 0.0;
    for (size_t k = 0; k < RUNGS; k++) {
        s[k] = (step){ .delta = rung[k] * distance };
        place_at(start, b->dim_E, b->dim_N, distance, s[k].delta, w);
        FS_TRY(climb(c, curved, w, k && s[k - 1].gamma > first ? s[k - 1].gamma : first, nu, k + 1 == RUNGS, &s[k], err));
        fs_check_quantity(found, s[k].gamma, 0.0, "gamma:%.4g", s[k].delta);
        fs_check_quantity(found, s[k].excess, s[k].numerics, "excess:%.4g", s[k].delta);
        fs_raise_to(&found->measured, s[k].excess);
        fs_raise_to(&found->bound, s[k].numerics);
        missing |= !(s[k].gamma > 0.0);
    }
    for (size_t k = 0; k < RUNGS && !missing; k++) fs_decay_guard(found, s[k].range, s[k].seen, s[k].numerics);
    /* no gamma up to the last one tried is no counterexample; a flow that breaks what its certificate promises is */
    if (missing && !(found->measured > found->bound)) found->measured = (double)NAN;
    snprintf(found->note, sizeof found->note, "|Y_0| = %.4g, %.4g, %.4g: attracted at gamma = %.4g, %.4g, %.4g (doubled from %.4g); log |Y| over what was promised: %.3g, %.3g, %.3g; %.120s",
             s[0].delta, s[1].delta, s[2].delta, s[0].gamma, s[1].gamma, s[2].gamma, first, s[0].excess, s[1].excess, s[2].excess, s[2].decided.why);
    return s[RUNGS - 1].gamma > 0.0 ? control(c, &s[RUNGS - 1], w, found, err) : FS_OK;
}

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    const fs_basis *b = fs_check_basis(c);
    if (!b->dim_N) return fs_check_absent(found, "dim N = 0: there is no distance to E");
    if (!(fs_check_options_of(c)->distance > 0.0)) return fs_check_absent(found, "Y_0 = 0: the flow starts on E");
    fs_flow *curved = NULL;
    double *w = fs_calloc(b->dim_E + b->dim_N, sizeof *w);
    fs_status status = w ? fs_check_plain_flow(c, FS_FLOW_AUGMENTED, 0.0, &curved, err) : fs_fail(err, FS_ENOMEM, "a state of dimension %zu", b->dim_E + b->dim_N);
    if (status == FS_OK) status = up_the_ladder(c, curved, w, found, err);
    fs_flow_destroy(curved);
    free(w);
    return status;
}

const fs_statement fs_statement_theorem_3_ladder = {
    .id = "theorem_3_ladder",
    .code = "3d",
    .name = "Theorem 3, every distance",
    .claim = "for every distance of the start there is a gamma at which the augmented flow converges to E exponentially",
    .source = "[NF25, Theorem 3]",
    .needs = FS_NEEDS_RATES,
    .measures = "at the gamma found for 1/4, 1 and 4 times the distance: log |Y| at all steps and output times over what the eigenvalue certificate promises; NaN where no gamma was found",
    .budget = "local errors of all steps, 10 sqrt(dim L) (rtol + atol_N / |Y|) each; errors of eigenvalues times the length of the flow",
    .controls = "the nominal flow from the farthest start: it stays at its plateau, the predicted size; without one, the flow without the penalty",
    .measure = measure,
};
