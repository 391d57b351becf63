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
 * gamma is at least 1.2 times what Bernoulli asks for; where that is far beyond the model's gamma the start is moved closer to E, as the statement is one
 * for every distance.  M3 is radial, sup |D^3 R^aug(X + s y)[y, y, y]| over unit y of N and s <= delta, which is all that the proof needs; it is searched for on the
 * tube around states that the flow took, then around those next to the place where it was found.  Sampled, no proof.
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

enum { NODES = 24, NODES_COSTLY = 8, POINTS = 4, POINTS_LARGE = 7, POINTS_COSTLY = 2, STARTS = 4, STARTS_COSTLY = 1, FINER = 4, SMALL = 100, PASSES = 4, EIGEN = 4 };
static const double margin = 1.2;               /* gamma over that of Bernoulli's bound */
static const double far = 10.0;                 /* gamma over that of the model, at most: else the start moves closer */
static const double decay = 1e-6;               /* |Y| / |Y_0| at the end */
static const double costly = 1e6;               /* operations of one Hessian-vector product beyond which few searches must do */

/* One flow with its constants. */
typedef struct {
    double gamma, delta;
    double lowest;              /* eigenvalue of H_N at X_0 */
    int slow;                   /* a product is costly: fewer searches */
    double *w0;                 /* (dim) */
    fs_trajectory *T;
    size_t n;                   /* nodes, the end included: every FINER-th state that T keeps */
    double *t, *c, *w;          /* (n), (n), (n, dim) */
    double *x;                  /* (n, dim E) */
    double c_min, c_error, dip; /* min c(t), error of an eigenvalue, how far c(t) may fall between nodes */
    double M3, M3_K, K, R0;
} chain;

/* The remainder <Y, .> of the third order is int_0^1 (1 - s) D^3 R^aug(X + s Y)[Y, Y, Y] ds. */
static double C_of(double M3)
{
    return 0.5 * M3;
}

static void chain_clear(chain *s)
{
    fs_trajectory_destroy(s->T);
    free(s->t);
    s->T = NULL;
    s->t = s->c = s->x = s->w = NULL;
}

/* Nodes of the path, the end included, and c(t) there. */
static fs_status path_of(chain *s, fs_flow *curved, fs_err *err)
{
    size_t E = fs_flow_dim_E(curved), dim = fs_flow_dim(curved), kept = (s->T->n_nodes + FINER - 1) / FINER;
    s->n = kept + (s->T->node_t[(kept - 1) * FINER] < s->T->t_reached);
    s->t = fs_calloc(s->n, (2 + E + dim) * sizeof *s->t);
    double *state = fs_calloc(dim, sizeof *state);
    if (!s->t || !state) {
        free(state);
        return fs_fail(err, FS_ENOMEM, "%zu states of dimension %zu", s->n, dim);
    }
    s->c = s->t + s->n;
    s->x = s->c + s->n;
    s->w = s->x + s->n * E;
    s->c_min = (double)INFINITY;
    s->c_error = 0.0;
    fs_status status = FS_OK;
    for (size_t k = 0; k < s->n && status == FS_OK; k++) {
        fs_transverse H;
        s->t[k] = k < kept ? s->T->node_t[k * FINER] : s->T->t_reached;
        memcpy(s->w + k * dim, k < kept ? s->T->node_w + k * FINER * dim : s->T->w_end, dim * sizeof *s->w);
        memcpy(state, s->w + k * dim, E * sizeof *state);
        if (E) memcpy(s->x + k * E, state, E * sizeof *state);
        status = fs_transverse_compute(curved, state, NULL, &H, NULL, err);
        if (status != FS_OK) break;
        s->c[k] = H.converged ? H.lambda_min - H.error : (double)NAN;
        fs_lower_to(&s->c_min, s->c[k]);
        fs_raise_to(&s->c_error, H.error);
    }
    free(state);
    s->dip = fs_decay_dip(s->n, s->t, s->c);
    s->c_min -= s->dip;
    return status;
}

/* Radial M3 on the tubes of both radii around these points of E (n); *at: the point of the one of radius delta, or NULL.  One search, on the larger, where products are
 * costly: what bounds D^3 there bounds it nearer, too. */
static fs_status search(fs_check_context *c, const chain *s, fs_flow *curved, size_t n, const double *x, double *M3, double *M3_K, size_t *at, fs_err *err)
{
    fs_tube_options o = { .n_points = n, .x = x, .starts = s->slow ? STARTS_COSTLY : STARTS, .seed = fs_check_options_of(c)->seed, .watch = fs_check_watch(c) };
    fs_tube_constants all;
    fs_tube *tube = NULL;
    fs_status status = fs_tube_create(&tube, curved, &o, err);
    if (status == FS_OK && at) {
        status = fs_tube_measure(tube, s->delta, &all, err);
        if (status == FS_OK && all.stopped) status = fs_fail(err, FS_ESTOPPED, "stopped on request");
        if (status == FS_OK) {
            *M3 = all.M3.value;
            *at = all.M3.point;
        }
    } else if (status == FS_OK && !s->slow) status = fs_tube_third(tube, s->delta, M3, err);
    if (status == FS_OK) status = fs_tube_third(tube, s->K, M3_K, err);
    if (s->slow) *M3 = *M3_K;
    fs_tube_destroy(tube);
    return status;
}

/* The same around the states that T keeps next to node `at`, for what lies between the nodes. */
static fs_status search_closer(fs_check_context *c, chain *s, fs_flow *curved, size_t at, fs_err *err)
{
    size_t E = fs_flow_dim_E(curved), dim = fs_flow_dim(curved), from = at > 0 ? (at - 1) * FINER : 0, to = (at + 1) * FINER, n = 0;
    double *x = fs_calloc(2 * FINER + 1, (E ? E : 1) * sizeof *x), M3 = 0.0, M3_K = 0.0;
    if (!x) return fs_fail(err, FS_ENOMEM, "%d points of E", 2 * FINER + 1);
    for (size_t k = from; k <= to && k < s->T->n_nodes; k++, n++) memcpy(x + n * E, s->T->node_w + k * dim, E * sizeof *x);
    fs_status status = n ? search(c, s, curved, n, x, &M3, &M3_K, NULL, err) : FS_OK;
    if (status == FS_OK && n && !(M3 <= s->M3)) s->M3 = M3;
    if (status == FS_OK && n && !(M3_K <= s->M3_K)) s->M3_K = M3_K;
    free(x);
    return status;
}

/* Around a few nodes, to find gamma; around all, then closer to the place found.  Costly products: around the ends of the path alone; beyond SMALL dimensions around some, and no closer. */
static fs_status constants(fs_check_context *c, chain *s, fs_flow *curved, int all, fs_err *err)
{
    size_t E = fs_flow_dim_E(curved), most = s->slow ? POINTS_COSTLY : fs_flow_dim(curved) > SMALL ? POINTS_LARGE : all ? s->n : POINTS, at = 0;
    size_t *place = all && !s->slow && fs_flow_dim(curved) <= SMALL && E ? &at : NULL;
    if (most > s->n) most = s->n;
    double *x = fs_calloc(most, (E ? E : 1) * sizeof *x);
    if (!x) return fs_fail(err, FS_ENOMEM, "%zu points of E", most);
    for (size_t k = 0; k < most && E; k++) memcpy(x + k * E, s->x + (most > 1 ? k * (s->n - 1) / (most - 1) : 0) * E, E * sizeof *x);
    s->K = sqrt(s->delta * s->delta + 2.0 * s->R0 / s->gamma);
    fs_status status = search(c, s, curved, most, x, &s->M3, &s->M3_K, place, err);
    free(x);
    return status == FS_OK && place ? search_closer(c, s, curved, at, err) : status;
}

/* s->T at s->gamma from s->w0 at distance s->delta, with c(t). */
static fs_status flow_once(fs_check_context *c, chain *s, fs_flow *curved, fs_err *err)
{
    const fs_check_options *o = fs_check_options_of(c);
    fs_flow *f = NULL;
    double t_end = o->t_end > 0.0 ? o->t_end : fs_problem_settings(fs_check_problem(c))->t_end;
    chain_clear(s);
    fs_status status = fs_check_flow_at(c, FS_FLOW_AUGMENTED, s->gamma, &f, err);
    if (status == FS_OK) status = fs_decay_run_rows(c, f, s->w0, t_end, log(1.0 / decay) / (s->gamma + s->lowest), fs_decay_rtol(c), decay * s->delta,
                                                    FINER * (s->slow ? NODES_COSTLY : NODES), &s->T, err);
    if (status == FS_OK) {
        s->R0 = s->T->first.risk;
        status = path_of(s, curved, err);
    }
    fs_flow_destroy(f);
    return status;
}

static void move_closer(chain *s, size_t E, size_t N, double delta)
{
    for (size_t i = 0; i < N; i++) s->w0[E + i] *= delta / s->delta;
    s->delta = delta;
}

/* Finds gamma and delta and the flow there. */
static fs_status settle(fs_check_context *c, chain *s, fs_flow *curved, fs_err *err)
{
    size_t E = fs_flow_dim_E(curved), N = fs_flow_dim(curved) - E;
    fs_transverse H;
    double *state = fs_calloc(E + N, sizeof *state);
    if (!state) return fs_fail(err, FS_ENOMEM, "a state of dimension %zu", E + N);
    memcpy(state, s->w0, E * sizeof *state);
    fs_status status = fs_transverse_compute(curved, state, NULL, &H, NULL, err);
    free(state);
    FS_TRY(status);
    s->lowest = H.lambda_min;
    double usual = s->gamma > fabs(H.lambda_min) ? s->gamma : fabs(H.lambda_min);
    if (s->gamma < -margin * H.lambda_min) s->gamma = -margin * H.lambda_min;
    if (!(s->gamma > 0.0)) s->gamma = 1e-3 * usual;
    for (int pass = 0, all = s->slow || E + N > SMALL; pass < PASSES; pass++) {
        FS_TRY(flow_once(c, s, curved, err));
        FS_TRY(constants(c, s, curved, all || pass + 1 == PASSES, err));
        double C = C_of(s->M3), needed = margin * fs_bound_bernoulli(s->c_min, C, s->delta);
        if (needed <= s->gamma && !all) {
            all = 1;
            FS_TRY(constants(c, s, curved, all, err));
            C = C_of(s->M3);
            needed = margin * fs_bound_bernoulli(s->c_min, C, s->delta);
        }
        if (needed <= s->gamma || pass + 1 == PASSES) break;
        if (needed > far * usual && C > 0.0 && far * usual / margin + s->c_min > 0.0) {
            move_closer(s, E, N, (far * usual / margin + s->c_min) / C < s->delta ? (far * usual / margin + s->c_min) / C : s->delta);
            needed = far * usual;
        }
        s->gamma = needed;
    }
    return FS_OK;
}

/* --- what is violated ------------------------------------------------------------------ */

/* Largest violations; end: logs of path / exact, Bernoulli / path, paper / Bernoulli at the end; index of the last step and output times compared. */
typedef struct { double path, bernoulli, paper, end[3]; size_t last, seen; } comparison;

/* The bound by the path: its value y at node k, where the comparison has come to. */
typedef struct { double y; size_t k; } walk;

static void worse(double *most, double lower, double upper)
{
    if (isinf(upper)) return;
    double v = log(lower / upper);
    fs_raise_to(most, v);
}

static double lower_of(const chain *s, size_t k)
{
    return (s->c[k] < s->c[k + 1] ? s->c[k] : s->c[k + 1]) - s->dip;
}

/* |Y| = distance at time t; times come in order.  From node to node with the smaller c of the two. */
static void compare_at(const chain *s, double t, double distance, walk *at, comparison *out)
{
    double C = C_of(s->M3);
    for (; at->k + 2 < s->n && s->t[at->k + 1] < t; at->k++) at->y = fs_bound_bernoulli_at(lower_of(s, at->k), C, s->gamma, at->y, s->t[at->k + 1] - s->t[at->k]);
    double path = isinf(at->y) ? at->y : fs_bound_bernoulli_at(lower_of(s, at->k), C, s->gamma, at->y, t - s->t[at->k]);
    double bernoulli = fs_bound_bernoulli_at(s->c_min, C, s->gamma, s->delta, t);
    double paper = s->delta * exp(-(s->gamma + s->c_min - C_of(s->M3_K) * s->K) * t);
    worse(&out->path, distance, path);
    worse(&out->bernoulli, path, bernoulli);
    worse(&out->paper, bernoulli, paper);
    out->end[0] = log(path / distance);
    out->end[1] = log(bernoulli / path);
    out->end[2] = log(paper / bernoulli);
}

/* All steps and all output times down to the floor. */
static void compare(const chain *s, double floor, comparison *out)
{
    const fs_trajectory *T = s->T;
    walk at = { .y = s->delta };
    *out = (comparison){ 0 };
    if (s->n < 2) return;
    for (size_t i = 1; i < T->n_steps_kept && T->step_distance[i] >= floor; i++) out->last = i;
    for (; out->seen < T->n_rows && T->row[out->seen].t <= T->step_t[out->last]; out->seen++)
        compare_at(s, T->row[out->seen].t, T->row[out->seen].distance, &at, out);
    at = (walk){ .y = s->delta };
    for (size_t i = 1; i <= out->last; i++) compare_at(s, T->step_t[i], T->step_distance[i], &at, out);
}

/* What the pointwise inequalities lack at the nodes, times t; *error: what errors explain of it. */
static fs_status reasons(const chain *s, fs_flow *moving, fs_flow *curved, double floor, double t, double *lacking, double *error, fs_err *err)
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
        double hbar = r.velocity - s->gamma, lack = r.lowest - hbar, other = s->c[k] - C_of(s->M3) * r.size - hbar;
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
static fs_status control(fs_check_context *c, const chain *s, fs_finding *found, fs_err *err)
{
    double C = C_of(s->M3), slower = C * s->delta - s->c_min;
    fs_decay_fault fault;
    FS_TRY(fs_decay_fault_run(c, s->w0, s->gamma, slower, &fault, err));
    if (!(fault.gamma > slower)) return FS_OK;
    fs_decay_fault_report(&fault, log(fs_bound_bernoulli_at(s->c_min, C, fault.gamma, s->delta, fault.t)), "Bernoulli's bound", found);
    return FS_OK;
}

static fs_status evaluate(fs_check_context *c, const chain *s, fs_flow *curved, fs_finding *found, fs_err *err)
{
    double rtol = fs_decay_rtol(c), floor = fs_decay_floor(s->T, rtol), lacking = 0.0, error = 0.0;
    fs_flow *moving = NULL;
    comparison all;
    compare(s, floor, &all);
    double t = s->T->step_t[all.last], C = C_of(s->M3);
    fs_status status = fs_check_flow_at(c, FS_FLOW_AUGMENTED, s->gamma, &moving, err);
    if (status == FS_OK) status = reasons(s, moving, curved, floor, t, &lacking, &error, err);
    fs_flow_destroy(moving);
    FS_TRY(status);
    found->measured = lacking;
    fs_raise_to(&found->measured, all.path);
    fs_raise_to(&found->measured, all.bernoulli);
    fs_raise_to(&found->measured, all.paper);
    found->error = 0.0;
    found->bound = fs_decay_integration(s->T, rtol, all.last) + error + 1e-12;
    FS_TRY(control(c, s, found, err));
    if (!(s->gamma + s->c_min > C * s->delta)) fs_check_vacuous(found, "no gamma was found at which Bernoulli's bound decays: %.3g at delta = %.3g", s->gamma, s->delta);
    fs_decay_guard(found, fabs(log(s->delta / s->T->step_distance[all.last])), all.seen, found->bound);
    fs_check_quantity(found, s->c_min, s->c_error, "c");
    fs_check_quantity(found, C, 0.0, "C");
    fs_check_quantity(found, s->M3, 0.0, "M3");
    fs_check_quantity(found, s->gamma, 0.0, "gamma");
    fs_check_quantity(found, s->delta, 0.0, "delta");
    fs_check_quantity(found, s->K, 0.0, "K");
    fs_check_quantity(found, fs_bound_bernoulli(s->c_min, C, s->delta), 0.0, "gamma_bernoulli");
    fs_check_quantity(found, fs_bound_paper(s->c_min, C_of(s->M3_K), s->delta, s->R0), 0.0, "gamma_paper");
    fs_check_quantity(found, all.end[0], 0.0, "slack_path");
    fs_check_quantity(found, all.end[1], 0.0, "slack_bernoulli");
    fs_check_quantity(found, all.end[2], 0.0, "slack_paper");
    snprintf(found->note, sizeof found->note, "from |Y_0| = %.4g at gamma = %.4g (Bernoulli asks for %.4g), c = %.4g, C = %.4g (radial), K = %.3g; at t = %.4g, |Y| = %.2e: "
             "log path / exact %.2e, Bernoulli / path %.2e, paper / Bernoulli %.2e", s->delta, s->gamma, fs_bound_bernoulli(s->c_min, C, s->delta), s->c_min, C, s->K, t,
             s->T->step_distance[all.last], all.end[0], all.end[1], all.end[2]);
    return FS_OK;
}

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    const fs_basis *b = fs_check_basis(c);
    const fs_check_options *o = fs_check_options_of(c);
    chain s = { .gamma = o->gamma, .delta = o->distance };
    fs_flow *curved = NULL;
    const double *start;
    if (!b->dim_N) return fs_check_absent(found, "dim N = 0: there is no distance to E");
    if (!(o->distance > 0.0)) return fs_check_absent(found, "Y_0 = 0: the flow starts on E");
    FS_TRY(fs_check_start(c, &start, err));
    s.w0 = fs_calloc(b->dim_E + b->dim_N, sizeof *s.w0);
    if (!s.w0) return fs_fail(err, FS_ENOMEM, "a start of dimension %zu", b->dim_E + b->dim_N);
    memcpy(s.w0, start, (b->dim_E + b->dim_N) * sizeof *s.w0);
    fs_status status = fs_check_plain_flow(c, FS_FLOW_AUGMENTED, 0.0, &curved, err);
    if (status == FS_OK) {
        s.slow = fs_risk_hvp_flops(fs_flow_risk(curved)) > costly;
        status = settle(c, &s, curved, err);
    }
    if (status == FS_OK) status = evaluate(c, &s, curved, found, err);
    chain_clear(&s);
    free(s.w0);
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
