/* theory_checks/theorem_1_1_field.c -- Theorem 1.1 on the vector field: the augmented flow does not leave E
 *
 *   X in E:   Pi_N F(X) = 0,   F = -Pi_L grad R^aug - gamma Y        [NOF23, Theorem 1.1]
 *
 * decides, because no integrator is involved: at random points of E and where the augmented flow from the model's start passes E (its states projected), whatever
 * gamma (on E the penalty vanishes).  The control gives the identity an excess of
 * weight, nu = (1 - beta) mu + beta delta_e, beta = 1e-2 ... 1e-12: the leak must be beta |Pi_N (F_nominal - F)|, linear in beta down to where rounding hides it.
 * The smallest beta that is seen says how small a violation would have been found.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "rounding.h"
#include "statements.h"
#include "step_grid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCALES = 3, SETS = SCALES + 1, POINTS = 67, POINTS_COSTLY = 20, PATH_POINTS = 64, BIASES = 11, DENSE_LIMIT = 512 };
static const double scale[SCALES] = { 1.0 / 16.0, 1.0, 16.0 };     /* times the start law */
static const double costly = 1e8;               /* operations of a gradient: 5 ms at 2e10 a second, which is what one core was seen to do */
static const double path_work = 1e11;           /* operations of the path: some 5 s */
static const double hessians = 50.0, gradients = 1e4;       /* that a path asks for: a dense Hessian, which costs less than dim L gradients, up to dim L = 512 */
static const double not_small = 1e-2;           /* |Pi_N grad R| / |grad R| at some point */
static const double countable = 1e-3;           /* of the largest |Pi_E F| (|Pi_N grad R|): quotients by less are left out */
static const double resolution = 100.0, linearity = 0.02;      /* leaks 100 budgets large are known to 2 % */

/* One point of E. */
typedef struct {
    double leak, bound;         /* |Pi_N F| and what rounding explains of it */
    double along, size;         /* |Pi_E F|, |F| */
    double nominal_N, nominal;  /* |Pi_N grad R|, |Pi_L grad R| */
} sample;

typedef struct {
    fs_check_context *c;
    const fs_basis *basis;
    fs_flow *flow, *nominal;    /* borrowed */
    fs_metric metric;
    const fs_trajectory *path;  /* borrowed; NULL: none */
    size_t count, each, on_path;        /* points: SCALES each, and those of the path */
    sample *point;              /* (count) */
    size_t worst, best[SETS];   /* largest leak / bound; of each scale, and of the path, the largest |Pi_N grad R| / bound */
    char no_path[160];          /* why there is none */
    double *w, *F, *G, *A, *grad;       /* (dim L) thrice, (n_par) twice */
} survey;

/* --- the points -------------------------------------------------------------------------- */

/* The path of the run, if it can be had: where the flow fails or is dear there are random points still. */
static fs_status find_path(survey *s, double cost, fs_err *err)
{
    fs_err failed = { 0 };
    size_t dim = s->basis->dim_E + s->basis->dim_N;
    double asked = dim <= DENSE_LIMIT ? hessians * (double)dim : gradients;
    snprintf(s->no_path, sizeof s->no_path, "no path of the run: it is too dear");
    if (!s->basis->dim_E) snprintf(s->no_path, sizeof s->no_path, "no path: E is a point");
    if (!s->basis->dim_E || !(cost * asked <= path_work)) return FS_OK;
    fs_status status = fs_check_trajectory(s->c, &s->path, &failed);
    if (status == FS_ESTOPPED || status == FS_ENOMEM) return fs_fail(err, status, "%s", failed.text);
    if (status != FS_OK) {
        s->path = NULL;
        snprintf(s->no_path, sizeof s->no_path, "no path of the run: %.120s", failed.text);
        return FS_OK;
    }
    s->on_path = s->path->n_nodes < PATH_POINTS ? s->path->n_nodes : PATH_POINTS;
    return FS_OK;
}

/* 0, 1, 2: the scale of point i; SCALES: it is on the path. */
static size_t set_of(const survey *s, size_t i)
{
    return i < SCALES * s->each ? i / s->each : SCALES;
}

/* Point i to s->w. */
static fs_status place(survey *s, size_t i, fs_err *err)
{
    size_t E = s->basis->dim_E, N = s->basis->dim_N, k = set_of(s, i);
    memset(s->w + E, 0, N * sizeof *s->w);
    if (k < SCALES) return fs_point_of_E(s->c, i, scale[k], s->w, err);
    size_t node = (i - SCALES * s->each) * (s->path->n_nodes - 1) / (s->on_path > 1 ? s->on_path - 1 : 1);
    memcpy(s->w, s->path->node_w + node * s->path->dim, E * sizeof *s->w);
    return FS_OK;
}

static fs_status look(survey *s, size_t i, fs_err *err)
{
    const fs_basis *b = s->basis;
    size_t n = b->dim_E + b->dim_N;
    sample *p = &s->point[i];
    fs_risk_work *work;
    fs_rounding r;
    FS_TRY(place(s, i, err));
    fs_status status = fs_flow_velocity(s->flow, s->w, s->F);
    if (status != FS_OK) return fs_fail(err, status, "the augmented flow at point %zu of E: %s", i, fs_status_text(status));
    FS_TRY(fs_gradient_rounding(s->c, s->w, &r, NULL, err));
    p->along = fs_norm(b->dim_E, s->F);
    p->leak = fs_norm(b->dim_N, s->F + b->dim_E);
    p->size = hypot(p->along, p->leak);
    p->bound = r.N;
    if (fs_flow_parametrisation(s->flow)) p->bound = s->metric.high * (r.L + FS_ROUNDING_TERMS * FS_ROUNDOFF * p->size / s->metric.low);
    FS_TRY(fs_check_risk_work(s->c, 0, &work, err));
    fs_basis_expand(b, s->w, s->A);
    status = fs_risk_gradient(fs_problem_risk(fs_check_problem(s->c), 0), s->A, NULL, s->grad, work);
    if (status != FS_OK) return fs_fail(err, status, "the nominal gradient at point %zu of E: %s", i, fs_status_text(status));
    fs_basis_project(b, s->grad, s->G);
    p->nominal_N = fs_norm(b->dim_N, s->G + b->dim_E);
    p->nominal = fs_norm(n, s->G);
    return FS_OK;
}

static fs_status survey_points(survey *s, fs_err *err)
{
    fs_worst worst = { 0 };
    for (size_t k = 0; k < SETS; k++) s->best[k] = k * s->each;
    for (size_t i = 0; i < s->count; i++) {
        FS_TRY(look(s, i, err));
        FS_TRY(fs_watch_report(fs_check_watch(s->c), "the field on E", (double)(i + 1) / (double)s->count));
        const sample *p = &s->point[i], *best = &s->point[s->best[set_of(s, i)]];
        if (fs_worst_keep(&worst, p->leak, p->bound)) s->worst = i;
        if (fs_share(p->nominal_N, 0.0, p->bound) > fs_share(best->nominal_N, 0.0, best->bound)) s->best[set_of(s, i)] = i;
    }
    return FS_OK;
}

/* --- the control --------------------------------------------------------------------------- */

/* What the biased measures did. */
typedef struct {
    double leak, predicted, off, beta;  /* the response that is worst off the prediction */
    double least_beta, least_leak;      /* detected, and that leak relative to |F| */
} response;

/* |Pi_N (F_nu - F)| at s->w; F at s->w in s->F. */
static fs_status biased_leak(survey *s, fs_flow *biased, double *leak, fs_err *err)
{
    size_t E = s->basis->dim_E, N = s->basis->dim_N;
    fs_status status = fs_flow_velocity(biased, s->w, s->G);
    if (status != FS_OK) return fs_fail(err, status, "the flow of the biased measure: %s", fs_status_text(status));
    for (size_t i = E; i < E + N; i++) s->G[i] -= s->F[i];
    *leak = fs_norm(N, s->G + E);
    return FS_OK;
}

/* Biases from large to small at one point. */
static fs_status respond(survey *s, size_t i, fs_flow *const *biased, const double *beta, response *r, fs_err *err)
{
    const sample *p = &s->point[i];
    double leak, full, largest = fs_larger(p->bound, s->point[s->worst].bound);
    FS_TRY(place(s, i, err));
    if (fs_flow_velocity(s->flow, s->w, s->F) != FS_OK) return fs_fail(err, FS_ENAN, "the augmented flow at point %zu of E", i);
    FS_TRY(biased_leak(s, s->nominal, &full, err));
    for (size_t k = 0, seen = 1; k < BIASES; k++) {
        FS_TRY(biased_leak(s, biased[k], &leak, err));
        double predicted = beta[k] * full, off = fabs(leak - predicted) / predicted;
        seen = seen && leak > p->bound;
        if (seen && !(leak / p->size >= r->least_leak)) {
            r->least_beta = beta[k];
            r->least_leak = leak / p->size;
        }
        if (fs_counts(predicted, resolution, largest) && !isnan(r->off) && !(off <= r->off)) *r = (response){ leak, predicted, off, beta[k], r->least_beta, r->least_leak };
    }
    return FS_OK;
}

static fs_status create_biased(survey *s, double beta, fs_risk **risk, fs_flow **flow, fs_err *err)
{
    const fs_check_options *o = fs_check_options_of(s->c);
    FS_TRY(fs_biased_risk(s->c, beta, risk, err));
    FS_TRY(fs_flow_create(flow, FS_FLOW_AUGMENTED, s->basis, *risk, o->gamma, o->threads, 0, err));
    return fs_flow_set_parametrisation(*flow, fs_flow_parametrisation(s->flow), err);
}

static fs_status control(survey *s, response *r, fs_err *err)
{
    fs_risk *risk[BIASES] = { NULL };
    fs_flow *biased[BIASES] = { NULL };
    double beta[BIASES];
    fs_status status = FS_OK;
    *r = (response){ .leak = (double)NAN, .predicted = (double)NAN, .off = -1.0, .beta = (double)NAN, .least_beta = (double)NAN, .least_leak = (double)NAN };
    for (int k = 0; k < BIASES && status == FS_OK; k++) {
        beta[k] = pow(10.0, -2.0 - k);
        status = create_biased(s, beta[k], &risk[k], &biased[k], err);
    }
    for (size_t k = 0; k < (s->on_path ? SETS : SCALES) && status == FS_OK; k++) status = respond(s, s->best[k], biased, beta, r, err);
    for (int k = 0; k < BIASES; k++) {
        fs_flow_destroy(biased[k]);
        fs_risk_destroy(risk[k]);
    }
    return status;
}

/* --- what was found ------------------------------------------------------------------------- */

/* Mean of quotients over the points whose denominator counts, with half their range. */
static void quotient(const survey *s, fs_finding *found, const char *name, size_t below)
{
    double largest = 0.0, sum = 0.0, low = HUGE_VAL, high = -HUGE_VAL, count = 0.0;
    for (size_t i = 0; i < s->count; i++) {
        double d = *(const double *)((const char *)&s->point[i] + below);
        if (d > largest) largest = d;
    }
    for (size_t i = 0; i < s->count; i++) {
        double d = *(const double *)((const char *)&s->point[i] + below), q = s->point[i].leak / d;
        if (!(d >= countable * largest && d > 0.0)) continue;
        sum += q;
        count += 1.0;
        low = fs_smaller(low, q);
        high = fs_larger(high, q);
    }
    if (count > 0.0) fs_check_quantity(found, sum / count, 0.5 * (high - low), "%s", name);
}

static void report(const survey *s, const response *r, fs_finding *found)
{
    const sample *worst = &s->point[s->worst];
    double fraction = 0.0, leak = 0.0, low = HUGE_VAL, high = 0.0;
    for (size_t i = 0; i < s->count; i++) {
        const sample *p = &s->point[i];
        if (p->nominal > 0.0 && p->nominal_N / p->nominal > fraction) fraction = p->nominal_N / p->nominal;
        leak += p->leak / (double)s->count;
        low = fs_smaller(low, p->leak);
        high = fs_larger(high, p->leak);
    }
    found->measured = worst->leak;
    found->error = 0.0;
    found->bound = worst->bound;
    found->control = (fs_control){ .measured = r->leak, .predicted = r->predicted, .tolerance = linearity };
    snprintf(found->control.what, sizeof found->control.what, "leak for measures (1 - beta) mu + beta delta_e, beta = 1e-2 ... 1e-12; shown: beta = %.0e, where it is worst off beta |Pi_N grad R|",
             r->beta);
    fs_check_quantity(found, leak, 0.5 * (high - low), "leak");
    quotient(s, found, "leak_over_E", offsetof(sample, along));
    quotient(s, found, "leak_over_nominal", offsetof(sample, nominal_N));
    fs_check_quantity(found, r->least_leak, 0.0, "detection_limit");
    fs_check_quantity(found, r->least_beta, 0.0, "detection_beta");
    fs_check_quantity(found, (double)s->count, 0.0, "points");
    fs_check_quantity(found, (double)s->on_path, 0.0, "path_points");
    if (!(fraction >= not_small))
        fs_check_vacuous(found, "|Pi_N grad R| <= %.1e |grad R| at all points of E: averaging over the group has nothing to take away", fraction);
    char also[200];
    if (s->on_path) snprintf(also, sizeof also, "%zu on the path of the run", s->on_path);
    else snprintf(also, sizeof also, "%s", s->no_path);
    int length = snprintf(found->note, sizeof found->note, "%zu points of E: %zu at 1/16, 1 and 16 times the start law, %s; worst against its budget: |Pi_N F| = %.2g of |F| = %.2g",
                          s->count, SCALES * s->each, also, worst->leak, worst->size);
    if (r->least_leak > 0.0 && length > 0 && (size_t)length < sizeof found->note)
        snprintf(found->note + length, sizeof found->note - (size_t)length, "; a leak of %.1e |F| (beta = %.0e) would be seen", r->least_leak, r->least_beta);
}

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    const fs_basis *b = fs_check_basis(c);
    size_t n = b->dim_E + b->dim_N;
    survey s = { .c = c, .basis = b };
    response r;
    if (!b->dim_N) return fs_check_absent(found, "dim N = 0: E is all of L, and nothing could leave it");
    double cost = fs_risk_gradient_flops(fs_problem_risk(fs_check_problem(c), 1));
    s.each = b->dim_E == 0 ? 1 : cost <= costly ? POINTS : POINTS_COSTLY;
    FS_TRY(find_path(&s, cost, err));
    s.count = SCALES * s.each + s.on_path;
    FS_TRY(fs_check_flow(c, FS_FLOW_AUGMENTED, &s.flow, err));
    FS_TRY(fs_check_flow(c, FS_FLOW_NOMINAL, &s.nominal, err));
    FS_TRY(fs_metric_measure(c, &s.metric, err));
    s.point = fs_calloc(s.count, sizeof *s.point);
    s.w = fs_calloc(3 * n + 2 * b->n_par, sizeof *s.w);
    fs_status status = s.point && s.w ? FS_OK : fs_fail(err, FS_ENOMEM, "%zu points of E", s.count);
    if (status == FS_OK) {
        s.F = s.w + n;
        s.G = s.F + n;
        s.A = s.G + n;
        s.grad = s.A + b->n_par;
        status = survey_points(&s, err);
    }
    if (status == FS_OK) status = control(&s, &r, err);
    if (status == FS_OK) report(&s, &r, found);
    free(s.point);
    free(s.w);
    return status;
}

const fs_statement fs_statement_theorem_1_1_field = {
    .id = "theorem_1_1_field",
    .code = "1.1",
    .name = "Theorem 1.1, field",
    .claim = "E is invariant under the augmented flow, at every gamma",
    .source = "[NOF23, Theorem 1.1]",
    .needs = FS_NEEDS_FLOW,
    .measures = "|Pi_N F(X)| at random points X of E and at the states of the augmented flow projected on E, the worst against its budget",
    .budget = "64 u sum_i weight_i |grad l_i(X)| + 16 u times the sum of what relative moves of weights and data do to the grad l_i + 16 times the scatter of Pi_N grad R^aug over copies of X one unit in the last place away",
    .controls = "biased measures (1 - beta) mu + beta delta_e, beta = 1e-2 ... 1e-12: leak = beta |Pi_N grad R|, linear to 2 %",
    .measure = measure,
};
