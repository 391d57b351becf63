/* theory_checks/theorem_3_chain.c -- the bounds on |Y(t)|, each weaker than the one before, at every step of a flow
 *
 *   exact <= path <= Bernoulli <= paper                                                                     [NF25, Theorem 3]
 *   path         y' = -(gamma + c(t)) y + C y^2,   c(t) = lambda_min(H_N(X(t)))
 *   Bernoulli    y' = -(gamma + c) y + C y^2,      c = min_t c(t),  C = M3(delta) / 2
 *   paper        y' = -(gamma + c - C(K) K) y,     K^2 = delta^2 + 2 R^aug(A_0) / gamma
 *
 * and at states of the path the reasons:  hbar >= min_s <u, H u> >= min_s lambda_min(H_N(X + s Y)),  hbar >= c(t) - C |Y|, u = Y / |Y|; what is lacking counts for the
 * whole length of the flow, so that every violation is one of log |Y|.
 *
 * Constants and bounds are those of experiment/chain.h.  gamma is at least 1.2 times what Bernoulli asks for; where that is far beyond the model's gamma the start is
 * moved closer to E, as the statement is one for every distance.  Sampled, no proof.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "decay.h"
#include "statements.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NODES = 24, NODES_COSTLY = 8, FINER = 4, SMALL = 100, PASSES = 4, EIGEN = 4 };
static const double margin = 1.2;               /* gamma over that of Bernoulli's bound */
static const double far = 10.0;                 /* gamma over that of the model, at most: else the start moves closer */
static const double decay = 1e-6;               /* |Y| / |Y_0| at the end */

/* One flow with its constants; FINER: stride of its nodes among the states that T keeps. */
typedef struct {
    fs_chain s;
    double lowest;              /* eigenvalue of H_N at X_0 */
    double *w0;                 /* (dim) */
    fs_trajectory *T;
} chain;

static void chain_clear(chain *m)
{
    fs_trajectory_destroy(m->T);
    m->T = NULL;
    fs_chain_clear(&m->s);
}

static fs_status constants(fs_check_context *c, chain *m, fs_flow *curved, int all, fs_err *err)
{
    return fs_chain_constants(&m->s, curved, m->T, all, fs_check_options_of(c)->seed, fs_check_watch(c), err);
}

/* m->T at its gamma from m->w0 at its delta, with c(t). */
static fs_status flow_once(fs_check_context *c, chain *m, fs_flow *curved, fs_err *err)
{
    const fs_check_options *o = fs_check_options_of(c);
    fs_flow *f = NULL;
    double t_end = o->t_end > 0.0 ? o->t_end : fs_problem_settings(fs_check_problem(c))->t_end;
    size_t nodes = FINER * (fs_chain_costly(curved) ? NODES_COSTLY : NODES);
    chain_clear(m);
    m->s.radius = m->s.delta;
    fs_status status = fs_check_flow_at(c, FS_FLOW_AUGMENTED, m->s.gamma, &f, err);
    if (status == FS_OK) status = fs_decay_run_rows(c, f, m->w0, t_end, log(1.0 / decay) / (m->s.gamma + m->lowest), fs_decay_rtol(c), decay * m->s.delta, nodes,
                                                    &m->T, err);
    if (status == FS_OK) status = fs_chain_path(&m->s, curved, m->T, FINER, (double)INFINITY, fs_check_watch(c), err);
    fs_flow_destroy(f);
    return status;
}

static void move_closer(chain *m, size_t E, size_t N, double delta)
{
    for (size_t i = 0; i < N; i++) m->w0[E + i] *= delta / m->s.delta;
    m->s.delta = delta;
}

/* gamma that Bernoulli's bound asks for, with the margin. */
static double needed_by(const fs_chain *s)
{
    return margin * fs_bound_bernoulli(s->c_min, fs_chain_C(s->M3), s->delta);
}

/* Finds gamma and delta and the flow there. */
static fs_status settle(fs_check_context *c, chain *m, fs_flow *curved, fs_err *err)
{
    fs_chain *s = &m->s;
    size_t E = fs_flow_dim_E(curved), N = fs_flow_dim(curved) - E;
    fs_transverse H;
    double *state = fs_calloc(E + N, sizeof *state);
    if (!state) return fs_fail(err, FS_ENOMEM, "a state of dimension %zu", E + N);
    memcpy(state, m->w0, E * sizeof *state);
    fs_status status = fs_transverse_compute(curved, state, NULL, &H, NULL, err);
    free(state);
    FS_TRY(status);
    m->lowest = H.lambda_min;
    double usual = s->gamma > fabs(H.lambda_min) ? s->gamma : fabs(H.lambda_min);
    if (s->gamma < -margin * H.lambda_min) s->gamma = -margin * H.lambda_min;
    if (!(s->gamma > 0.0)) s->gamma = 1e-3 * usual;
    for (int pass = 0, all = fs_chain_costly(curved) || E + N > SMALL; pass < PASSES; pass++) {
        FS_TRY(flow_once(c, m, curved, err));
        FS_TRY(constants(c, m, curved, all || pass + 1 == PASSES, err));
        double needed = needed_by(s), C = fs_chain_C(s->M3);
        if (needed <= s->gamma && !all) {
            all = 1;
            FS_TRY(constants(c, m, curved, all, err));
            C = fs_chain_C(s->M3);
            needed = needed_by(s);
        }
        if (needed <= s->gamma || pass + 1 == PASSES) break;
        if (needed > far * usual && C > 0.0 && far * usual / margin + s->c_min > 0.0) {
            move_closer(m, E, N, (far * usual / margin + s->c_min) / C < s->delta ? (far * usual / margin + s->c_min) / C : s->delta);
            needed = far * usual;
        }
        s->gamma = needed;
    }
    return FS_OK;
}

/* --- what is violated ------------------------------------------------------------------ */

/* What the pointwise inequalities lack at the nodes, times t; *error: what errors explain of it. */
static fs_status reasons(const fs_chain *s, fs_flow *moving, fs_flow *curved, double floor, double t, double *lacking, double *error, fs_err *err)
{
    size_t dim = fs_flow_dim(curved), E = fs_flow_dim_E(curved);
    double *state = fs_calloc(dim, sizeof *state);
    if (!state) return fs_fail(err, FS_ENOMEM, "a state of dimension %zu", dim);
    fs_status status = FS_OK;
    *lacking = *error = 0.0;
    for (size_t k = 0; k < s->n && status == FS_OK; k++) {
        const double *w = s->w + k * dim;
        fs_decay_ray r;
        fs_transverse H;
        if (!(fs_norm(dim - E, w + E) >= floor)) break;
        status = fs_decay_ray_at(moving, curved, w, &r, err);
        if (status != FS_OK) break;
        double hbar = r.velocity - s->gamma, lack = r.lowest - hbar, other = s->c[k] - fs_chain_C(s->M3) * r.size - hbar;
        fs_raise_to(&lack, other);
        if (k % (1 + s->n / EIGEN) == 0) {
            memcpy(state, w, dim * sizeof *state);
            for (size_t i = E; i < dim; i++) state[i] *= r.at;
            status = fs_transverse_compute(curved, state, NULL, &H, NULL, err);
            if (status == FS_OK && !(H.lambda_min - r.lowest <= lack)) lack = H.lambda_min - r.lowest;
        }
        fs_raise_to(lacking, lack * t);
        fs_raise_to(error, (r.rounding + r.mean_error) * t);
    }
    free(state);
    *error += s->c_error * t;
    return status;
}

/* At a gamma at which the nominal flow surely settles; every bound holds there all the more. */
static fs_status control(fs_check_context *c, const chain *m, fs_finding *found, fs_err *err)
{
    const fs_chain *s = &m->s;
    double C = fs_chain_C(s->M3), slower = C * s->delta - s->c_min;
    fs_decay_fault fault;
    FS_TRY(fs_decay_fault_run(c, m->w0, s->gamma, slower, &fault, err));
    if (!(fault.gamma > slower)) return FS_OK;
    fs_decay_fault_report(&fault, log(fs_bound_bernoulli_at(s->c_min, C, fault.gamma, s->delta, fault.t)), "Bernoulli's bound", found);
    return FS_OK;
}

static fs_status evaluate(fs_check_context *c, const chain *m, fs_flow *curved, fs_finding *found, fs_err *err)
{
    const fs_chain *s = &m->s;
    const fs_trajectory *T = m->T;
    double rtol = fs_decay_rtol(c), floor = fs_chain_floor(T, rtol), lacking = 0.0, error = 0.0;
    fs_flow *moving = NULL;
    fs_chain_comparison all;
    fs_chain_compare(s, T, (double)INFINITY, floor, &all);
    double t = T->step_t[all.last], C = fs_chain_C(s->M3);
    fs_status status = fs_check_flow_at(c, FS_FLOW_AUGMENTED, s->gamma, &moving, err);
    if (status == FS_OK) status = reasons(s, moving, curved, floor, t, &lacking, &error, err);
    fs_flow_destroy(moving);
    FS_TRY(status);
    found->measured = lacking;
    fs_raise_to(&found->measured, fs_chain_violation(&all));
    found->error = 0.0;
    found->bound = fs_chain_integration(T, rtol, all.last) + error + 1e-12;
    FS_TRY(control(c, m, found, err));
    if (!(s->gamma + s->c_min > C * s->delta)) fs_check_vacuous(found, "no gamma was found at which Bernoulli's bound decays: %.3g at delta = %.3g", s->gamma, s->delta);
    fs_decay_guard(found, fabs(log(s->delta / T->step_distance[all.last])), all.seen, found->bound);
    fs_check_quantity(found, s->c_min, s->c_error, "c");
    fs_check_quantity(found, C, 0.0, "C");
    fs_check_quantity(found, s->M3, 0.0, "M3");
    fs_check_quantity(found, s->gamma, 0.0, "gamma");
    fs_check_quantity(found, s->delta, 0.0, "delta");
    fs_check_quantity(found, s->K, 0.0, "K");
    fs_check_quantity(found, fs_bound_bernoulli(s->c_min, C, s->delta), 0.0, "gamma_bernoulli");
    fs_check_quantity(found, fs_bound_paper(s->c_min, fs_chain_C(s->M3_K), s->delta, s->R0), 0.0, "gamma_paper");
    fs_check_quantity(found, all.end[0], 0.0, "slack_path");
    fs_check_quantity(found, all.end[1], 0.0, "slack_bernoulli");
    fs_check_quantity(found, all.end[2], 0.0, "slack_paper");
    snprintf(found->note, sizeof found->note, "from |Y_0| = %.4g at gamma = %.4g (Bernoulli asks for %.4g), c = %.4g, C = %.4g (radial), K = %.3g; at t = %.4g, |Y| = %.2e: "
             "log path / exact %.2e, Bernoulli / path %.2e, paper / Bernoulli %.2e", s->delta, s->gamma, fs_bound_bernoulli(s->c_min, C, s->delta), s->c_min, C, s->K, t,
             T->step_distance[all.last], all.end[0], all.end[1], all.end[2]);
    return FS_OK;
}

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    const fs_basis *b = fs_check_basis(c);
    const fs_check_options *o = fs_check_options_of(c);
    chain m = { .s = { .gamma = o->gamma, .delta = o->distance } };
    fs_flow *curved = NULL;
    const double *start;
    if (!b->dim_N) return fs_check_absent(found, "dim N = 0: there is no distance to E");
    if (!(o->distance > 0.0)) return fs_check_absent(found, "Y_0 = 0: the flow starts on E");
    FS_TRY(fs_check_start(c, &start, err));
    m.w0 = fs_calloc(b->dim_E + b->dim_N, sizeof *m.w0);
    if (!m.w0) return fs_fail(err, FS_ENOMEM, "a start of dimension %zu", b->dim_E + b->dim_N);
    memcpy(m.w0, start, (b->dim_E + b->dim_N) * sizeof *m.w0);
    fs_status status = fs_check_plain_flow(c, FS_FLOW_AUGMENTED, 0.0, &curved, err);
    if (status == FS_OK) status = settle(c, &m, curved, err);
    if (status == FS_OK) status = evaluate(c, &m, curved, found, err);
    chain_clear(&m);
    free(m.w0);
    fs_flow_destroy(curved);
    return status;
}

const fs_statement fs_statement_theorem_3_chain = {
    .id = "theorem_3_chain",
    .code = "3c",
    .name = "Theorem 3, bounds",
    .claim = "|Y(t)| <= path <= Bernoulli <= paper at all times, as hbar >= lambda_min(H_N(X)) - M3 |Y| / 2",
    .source = "[NF25, Theorem 3]",
    .needs = FS_NEEDS_RATES,
    .measures = "largest violation of any of the inequalities, in units of log |Y|; 0 where there is none",
    .budget = "local errors of all steps, 10 sqrt(dim L) (rtol + atol_N / |Y|) each; errors of eigenvalues and of hbar times the length of the flow",
    .controls = "the nominal flow: it stays at its plateau, the predicted size, while the bound falls; without a plateau, the flow without the penalty",
    .measure = measure,
};
