/* theory_checks/ensemble.c -- the ensemble theorem on orbit ensembles: their mean output is equivariant at all times, exactly
 *
 *   Phibar_t(x) = (1 / |K|) sum_(k in K) Phi_(A_k(t))(x),   A_k(0) = rho(k) A_0:      Phibar_t(rho_X(g) x) = rho_Y(g) Phibar_t(x)    [NF24]
 *
 * for g in K, whatever A_0 in L.  K is the group where it is enumerated, else a finite subgroup under which the augmentation's rule is invariant.  Every member
 * is integrated by itself, all on one grid of fixed steps, so that the members commute with K up to rounding: nothing is averaged beforehand.
 *
 * Budget: each member is within z(t) of its place on the orbit of the first, z' = -lambda_min(Hess S) z + delta, and a distance z in the weights moves the
 * outputs by no more than L z, L the norm of the derivative of Phi in the weights over all inputs.  L^2 is the norm of the Hessian of a squared loss
 * at residual zero (Gauss and Newton), found by the power method.
 *
 * The control is the same ensemble under the nominal flow: equivariant at t = 0, not later.
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

enum { STARTS = 4, ROWS = 5, INPUTS_DATA = 4, INPUTS_RANDOM = 2, TERM_MEMBERS = 8 };
/* The model's gamma and start; where these members come to E, or go nowhere, before the risk has changed: without the penalty, and from further out. */
static const struct { int penalty; double scale; } starts[STARTS] = { { 1, 1.0 }, { 0, 1.0 }, { 0, 2.0 }, { 0, 4.0 } };
static const double off_least = 1e-3;           /* |Y(T)| / |Y(0)| of a member */
static const double not_small = 1e-2;           /* |grad R - grad R^aug| / |grad R| at the start */
static const fs_grid enough = { .travelled = 0.0, .changed = 0.01 };
static const double differ = 1e-3;              /* members, relative to |Y_0| */
static const double tells = 1e6;                /* one member alone must be off by so many bounds, and the nominal ensemble too */
static const double stages = 4.0, arithmetic = 32.0;    /* sum |b_i| of rk8pd is 3.1; sums of one step, u h |F| each */
static const double evaluation = 64.0;          /* u (L |A| + |Phi|) of a network's output */
static const double below = 1.2;                /* what the power method may be below a norm */
static const double commutes = 1e-9;
static const double fallback_distance = 0.1;    /* |Y_0| / |X_0| where the model starts on E */

typedef struct {
    fs_check_context *c;
    const fs_problem *p;
    const fs_basis *basis;
    size_t n, m;                /* dim L; members */
    fs_orbit K;                 /* (m) elements */
    fs_flow *augmented, *nominal;       /* owned */
    fs_flow *plain;             /* owned: without a parametrisation, for Hessians */
    fs_metric metric;
    double gamma;
    int attempt;                /* row of starts */
    double distance;            /* |Y_0| */
    double *w0;                 /* (m, n) members at the start */
    fs_grid grid;
    fs_fixed_path **path, **path_nominal;       /* (m) */
    fs_orbit_inputs at;         /* moved by all of K */
    double *sum, *z;            /* (all, out) twice: outputs at the test inputs */
    double *A;                  /* (n_par) */
    double *budget;             /* (rows) */
} orbit;

static int moves(const orbit *o)
{
    return fs_grid_arrived(&o->grid, &enough) && o->grid.off >= off_least;
}

/* --- the first member ----------------------------------------------------------------------- */

/* The first member: that of the model's start law, scaled. */
static fs_status place_first(orbit *o, double scale, fs_err *err)
{
    const fs_check_options *options = fs_check_options_of(o->c);
    o->distance = options->distance;
    FS_TRY(fs_problem_start_state(o->p, options->seed, 0.0, o->w0, err));
    if (!(o->distance > 0.0)) o->distance = o->basis->dim_E ? fallback_distance * fs_norm(o->basis->dim_E, o->w0) : 1.0;
    FS_TRY(fs_problem_start_state(o->p, options->seed, o->distance, o->w0, err));
    for (size_t i = 0; i < o->n; i++) o->w0[i] *= scale;
    o->distance *= scale;
    return FS_OK;
}

/* --- outputs -------------------------------------------------------------------------------------- */

/* z (all, out) at state w */
static fs_status outputs(orbit *o, const double *w, double *z, fs_err *err)
{
    fs_basis_expand(o->basis, w, o->A);
    return fs_net_apply(fs_problem_net(o->p), o->A, o->at.all, o->at.x, z, err);
}

/* The defect of the mean over the members at row r; alone (NULL: not wanted) that of the first member. */
static fs_status mean_defect(orbit *o, fs_fixed_path *const *path, size_t r, double *largest, double *alone, fs_err *err)
{
    size_t count = o->at.all * o->at.out;
    memset(o->sum, 0, count * sizeof *o->sum);
    for (size_t k = 0; k < o->m; k++) {
        FS_TRY(outputs(o, path[k]->w + r * o->n, o->z, err));
        if (k == 0 && alone) FS_TRY(fs_orbit_defect(&o->at, o->z, alone, err));
        for (size_t i = 0; i < count; i++) o->sum[i] += o->z[i] / (double)o->m;
    }
    return fs_orbit_defect(&o->at, o->sum, largest, err);
}

/* --- the budget ------------------------------------------------------------------------------------ */

typedef struct { const fs_risk *risk; fs_risk_work *work; const double *A; } gauss_newton;

static fs_status gauss_newton_product(void *context, const double *v, double *Hv)
{
    const gauss_newton *k = context;
    return fs_risk_hvp(k->risk, k->A, v, Hv, k->work);
}

/* A bound on |d Phi_A(x) / dA| over all inputs x, at state w; size: the largest |Phi_A(x)|. */
static fs_status sensitivity(orbit *o, const double *w, double *L, double *size, fs_err *err)
{
    const fs_loss squared = { FS_LOSS_SQUARED, NULL };
    fs_dataset *data = NULL;
    fs_risk *risk = NULL;
    fs_risk_work *work = NULL;
    double norm = 0.0;
    long products = 0;
    int stopped = 0;
    FS_TRY(outputs(o, w, o->z, err));
    fs_status status = fs_dataset_create(&data, o->at.all, o->at.in, o->at.out, err);
    if (status == FS_OK) {
        memcpy(data->x, o->at.x, o->at.all * o->at.in * sizeof *o->at.x);
        memcpy(data->y, o->z, o->at.all * o->at.out * sizeof *o->z);
        status = fs_risk_create(&risk, fs_problem_net(o->p), &squared, data, err);
    }
    if (status == FS_OK) status = fs_risk_work_create(&work, risk, 1, (size_t)1 << 26, err);
    if (status == FS_OK) {
        gauss_newton k = { risk, work, o->A };
        const fs_lanczos_options options = { .n = o->basis->n_par, .apply = gauss_newton_product, .context = &k, .watch = fs_check_watch(o->c) };
        status = fs_lanczos_norm(&options, &norm, &products, &stopped, err);
        if (stopped && status == FS_OK) status = fs_fail(err, FS_ESTOPPED, "stopped while measuring the network's derivative");
    }
    *L = sqrt(below * norm * (double)o->at.all);
    *size = 0.0;
    for (size_t i = 0; i < o->at.all; i++) *size = fs_larger(*size, fs_norm(o->at.out, o->z + i * o->at.out));
    fs_risk_work_destroy(work);
    fs_risk_destroy(risk);
    fs_dataset_destroy(data);
    return status;
}

/* What rounding does to the projected gradient of R^aug at row r of the first member; the terms are averaged over members, the orbit of the samples. */
static fs_status field_rounding(orbit *o, size_t r, double *delta, fs_err *err)
{
    const fs_basis *b = o->basis;
    const fs_risk *risk = fs_problem_risk(o->p, 1);
    size_t members = o->m < TERM_MEMBERS ? o->m : TERM_MEMBERS;
    double terms = 0.0, scatter = 0.0, one, *moved = fs_calloc(3 * b->n_par + o->n, sizeof *moved);
    gsl_rng *rng = fs_rng_stream(fs_check_options_of(o->c)->seed, FS_STREAM_HYPOTHESES);
    fs_risk_work *work;
    fs_status status = moved && rng ? fs_check_risk_work(o->c, 1, &work, err) : fs_fail(err, FS_ENOMEM, "gradients of %zu weights", b->n_par);
    for (size_t k = 0; k < members && status == FS_OK; k++) {
        fs_basis_expand(b, o->path[k]->w + r * o->n, o->A);
        status = fs_sum_of_terms(o->c, o->A, &one, err);
        terms += one / (double)members;
    }
    double *first = moved + b->n_par, *second = first + b->n_par, *w = second + b->n_par;
    if (status == FS_OK) {
        fs_basis_expand(b, o->path[0]->w + r * o->n, o->A);
        status = fs_risk_gradient(risk, o->A, NULL, first, work);
    }
    for (int copy = 0; copy < FS_ROUNDING_COPIES && status == FS_OK; copy++) {
        fs_move_one_ulp(rng, b->n_par, o->A, moved);
        if ((status = fs_risk_gradient(risk, moved, NULL, second, work)) != FS_OK) break;
        for (size_t j = 0; j < b->n_par; j++) second[j] -= first[j];
        fs_basis_project(b, second, w);
        scatter = fs_larger(scatter, fs_norm(o->n, w));
    }
    *delta = FS_ROUNDING_TERMS * FS_ROUNDOFF * terms + FS_ROUNDING_SCATTER * scatter;
    if (rng) gsl_rng_free(rng);
    free(moved);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "the rounding of the gradient off E: %s", fs_status_text(status));
}

/* o->budget: bounds of the defect at every row. */
static fs_status find_budget(orbit *o, fs_err *err)
{
    const fs_fixed_path *path = o->path[0];
    size_t rows = path->n_rows;
    double delta = 0.0, L = 0.0, size = 0.0;
    fs_grid_node *node = fs_calloc(rows, sizeof *node);
    fs_status status = node ? FS_OK : fs_fail(err, FS_ENOMEM, "the budget of %zu rows", rows);
    for (size_t r = 0; r < rows && status == FS_OK; r++) {
        const double *w = path->w + r * o->n;
        status = fs_grid_lowest(o->plain, w, 0, o->n, fs_check_watch(o->c), &node[r].rate, err);
        if (status == FS_OK) status = field_rounding(o, r, &delta, err);
        node[r].noise = o->grid.h * (stages * o->metric.high * delta + arithmetic * FS_ROUNDOFF * path->point[r].speed) + FS_ROUNDOFF * fs_norm(o->n, w);
    }
    if (status == FS_OK) fs_grid_budget(path, node, &o->metric, 16.0 * FS_ROUNDOFF * fs_norm(o->n, path->w), o->budget);
    for (size_t r = 0; r < rows && status == FS_OK; r++) {
        const double *w = path->w + r * o->n;
        status = sensitivity(o, w, &L, &size, err);
        o->budget[r] = 2.0 * L * o->budget[r] + 2.0 * evaluation * FS_ROUNDOFF * (L * fs_norm(o->n, w) + size);
    }
    free(node);
    return status;
}

/* --- guards ------------------------------------------------------------------------------------------ */

/* |grad R - grad R^aug| / |grad R| at the first member's start, as the flows have them */
static fs_status difference_of_risks(orbit *o, double *gap, fs_err *err)
{
    double *F = fs_calloc(o->n, 2 * sizeof *F), sum = 0.0;
    fs_status status = F ? fs_flow_velocity(o->nominal, o->w0, F) : FS_ENOMEM;
    if (status == FS_OK) status = fs_flow_velocity(o->augmented, o->w0, F + o->n);
    for (size_t i = 0; i < o->n && status == FS_OK; i++) sum += (F[i] - F[o->n + i]) * (F[i] - F[o->n + i]);
    if (status == FS_OK) *gap = fs_share(sqrt(sum), 0.0, fs_norm(o->n, F));
    free(F);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "the flows at the start: %s", fs_status_text(status));
}

static fs_status guard(orbit *o, double alone, fs_finding *found, fs_err *err)
{
    double off, gap = (double)NAN, apart = 0.0;
    for (size_t k = 1; k < o->m; k++) {
        double sum = 0.0;
        for (size_t i = 0; i < o->n; i++) sum += (o->w0[k * o->n + i] - o->w0[i]) * (o->w0[k * o->n + i] - o->w0[i]);
        if (sqrt(sum) > apart) apart = sqrt(sum);
    }
    FS_TRY(fs_orbit_metric_defect(&o->K, o->p, o->w0, &off, err));
    FS_TRY(difference_of_risks(o, &gap, err));
    if (!(gap >= not_small)) {
        found->control.measured = (double)NAN;
        fs_check_vacuous(found, "|grad R - grad R^aug| = %.1e |grad R| at the start: the data are as good as augmented", gap);
    }
    if (!(off <= commutes)) fs_check_vacuous(found, "the metric of the weights does not commute with the group: off by %.1e", off);
    if (!(apart >= differ * o->distance)) fs_check_vacuous(found, "the members are equal: |rho(g) A_0 - A_0| <= %.1e", apart);
    if (!moves(o)) fs_check_vacuous(found, "the risk changed by %.1e of itself while |Y| went to %.1e of itself", o->grid.changed, o->grid.off);
    if (!(alone >= tells * found->bound)) fs_check_vacuous(found, "one member alone is equivariant within %.1e: there is nothing for the mean to do", alone);
    return FS_OK;
}

/* --- what was found --------------------------------------------------------------------------------- */

static fs_status integrate(orbit *o, fs_flow *f, fs_fixed_path **path, const char *name, fs_err *err)
{
    size_t every = (o->grid.steps + ROWS - 1) / ROWS;
    for (size_t k = 0; k < o->m; k++) {
        FS_TRY(fs_fixed_path_compute(&path[k], f, o->w0 + k * o->n, o->grid.h, o->grid.steps, every, fs_check_watch(o->c), err));
        if (path[k]->stopped) return fs_fail(err, FS_ESTOPPED, "stopped at member %zu of %zu of the %s ensemble", k + 1, o->m, name);
    }
    return FS_OK;
}

static fs_status compare(orbit *o, fs_finding *found, fs_err *err)
{
    double first = 0.0, last = 0.0, alone = 0.0, nominal_first, nominal_last, d;
    char from[80] = "";
    if (o->attempt) snprintf(from, sizeof from, "; without the penalty, from %g times the start", starts[o->attempt].scale);
    size_t rows = o->path[0]->n_rows;
    fs_worst worst = { 0 };
    for (size_t r = 0; r < rows; r++) {
        FS_TRY(mean_defect(o, o->path, r, &d, &alone, err));
        if (r == 0) first = d;
        last = d;
        fs_worst_keep(&worst, d, o->budget[r]);
    }
    fs_worst_report(&worst, found);
    FS_TRY(mean_defect(o, o->path_nominal, 0, &nominal_first, NULL, err));
    FS_TRY(mean_defect(o, o->path_nominal, rows - 1, &nominal_last, NULL, err));
    found->control.measured = nominal_last;
    snprintf(found->control.what, sizeof found->control.what, "the same %zu members under the nominal flow: defect %.1e at t = 0, at t = %.3g as shown", o->m, nominal_first,
             o->path[0]->t[rows - 1]);
    fs_check_quantity(found, (double)o->m, 0.0, "members");
    fs_check_quantity(found, first, o->budget[0], "defect_start");
    fs_check_quantity(found, last, o->budget[rows - 1], "defect_end");
    fs_check_quantity(found, alone, 0.0, "member_end");
    fs_check_quantity(found, nominal_first, o->budget[0], "nominal_start");
    fs_check_quantity(found, nominal_last, 0.0, "nominal_end");
    snprintf(found->note, sizeof found->note, "%zu members integrated one by one, %zu steps to t = %.3g, risk changed by %.1f %%: mean output equivariant to %.1e at t = 0 and %.1e at the end (one member alone %.1e)%s%s", o->m,
             o->grid.steps, o->path[0]->t[rows - 1], 100.0 * o->grid.changed, first, last, alone, from,
             o->K.whole ? "" : "; K: a cyclic group that keeps the rule");
    return guard(o, alone, found, err);
}

static fs_status create_flows(orbit *o, fs_err *err)
{
    fs_flow_destroy(o->augmented);
    fs_flow_destroy(o->nominal);
    fs_flow_destroy(o->plain);
    o->nominal = o->plain = NULL;
    FS_TRY(fs_check_flow_at(o->c, FS_FLOW_AUGMENTED, o->gamma, &o->augmented, err));
    FS_TRY(fs_check_flow_at(o->c, FS_FLOW_NOMINAL, o->gamma, &o->nominal, err));
    FS_TRY(fs_check_flow_at(o->c, FS_FLOW_AUGMENTED, o->gamma, &o->plain, err));
    return fs_flow_set_parametrisation(o->plain, NULL, err);
}

/* The first start from which there is something to see, and its grid. */
static fs_status choose_start(orbit *o, size_t most, fs_err *err)
{
    for (o->attempt = 0; o->attempt < STARTS; o->attempt++) {
        o->gamma = starts[o->attempt].penalty ? fs_check_options_of(o->c)->gamma : 0.0;
        FS_TRY(create_flows(o, err));
        FS_TRY(place_first(o, starts[o->attempt].scale, err));
        FS_TRY(fs_grid_choose(&o->grid, o->augmented, o->augmented, o->w0, &enough, most, fs_check_watch(o->c), err));
        if (moves(o)) return FS_OK;
    }
    o->attempt = STARTS - 1;
    return FS_OK;
}

static fs_status run(orbit *o, fs_finding *found, fs_err *err)
{
    size_t most = fs_grid_most_steps(o->augmented, o->m);
    if (!most) return fs_check_absent(found, "an orbit has %zu members, too many to integrate each by itself on this model", o->m);
    FS_TRY(choose_start(o, most, err));
    FS_TRY(fs_orbit_place(&o->K, o->p, o->w0, NULL, err));
    FS_TRY(integrate(o, o->augmented, o->path, "augmented", err));
    FS_TRY(integrate(o, o->nominal, o->path_nominal, "nominal", err));
    FS_TRY(find_budget(o, err));
    return compare(o, found, err);
}

static fs_status allocate(orbit *o, fs_err *err)
{
    FS_TRY(fs_orbit_inputs_create(&o->at, o->p, o->m, o->K.element, INPUTS_DATA, INPUTS_RANDOM, fs_check_options_of(o->c)->seed, err));
    size_t count = o->at.all * o->at.out;
    o->w0 = fs_calloc(o->m * o->n, sizeof *o->w0);
    o->path = fs_calloc(o->m, 2 * sizeof(fs_fixed_path *));
    o->sum = fs_calloc(count, 2 * sizeof *o->sum);
    o->A = fs_calloc(o->basis->n_par, sizeof *o->A);
    o->budget = fs_calloc(ROWS + 2, sizeof *o->budget);
    if (!o->w0 || !o->path || !o->sum || !o->A || !o->budget) return fs_fail(err, FS_ENOMEM, "an ensemble of %zu members", o->m);
    o->path_nominal = o->path + o->m;
    o->z = o->sum + count;
    return FS_OK;
}

static void release(orbit *o)
{
    for (size_t k = 0; k < 2 * o->m && o->path; k++) fs_fixed_path_destroy(o->path[k]);
    fs_flow_destroy(o->augmented);
    fs_flow_destroy(o->nominal);
    fs_flow_destroy(o->plain);
    fs_orbit_clear(&o->K);
    free(o->w0);
    free(o->path);
    fs_orbit_inputs_clear(&o->at);
    free(o->sum);
    free(o->A);
    free(o->budget);
}

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    const fs_problem *p = fs_check_problem(c);
    const fs_basis *b = fs_check_basis(c);
    orbit o = { .c = c, .p = p, .basis = b, .n = b->dim_E + b->dim_N };
    if (!b->dim_N) return fs_check_absent(found, "dim N = 0: every member is equivariant by itself");
    FS_TRY(fs_metric_measure(c, &o.metric, err));
    FS_TRY(fs_orbit_choose(&o.K, p, err));
    o.m = o.K.n;
    fs_status status = FS_OK;
    if (!o.m) {
        status = fs_check_absent(found, "%s", o.K.why);
    } else {
        o.gamma = fs_check_options_of(c)->gamma;
        status = create_flows(&o, err);
        if (status == FS_OK) status = allocate(&o, err);
        if (status == FS_OK) status = run(&o, found, err);
    }
    release(&o);
    return status;
}

const fs_statement fs_statement_ensemble = {
    .id = "ensemble",
    .code = "Ens",
    .name = "Ensembles",
    .claim = "the mean output of an ensemble that starts on an orbit is equivariant at all times",
    .source = "[NF24]",
    .needs = FS_NEEDS_KEY_LEMMA | FS_NEEDS_INVARIANCE | FS_NEEDS_ORTHONORMAL,
    .measures = "|Phibar_t(rho_X(g) x) - rho_Y(g) Phibar_t(x)|, largest over data, random inputs and elements, at the row worst against its budget",
    .budget = "2 L z + rounding of the outputs: z' = -lambda_min(Hess S) z + delta between members, L = |d Phi / dA| over all inputs",
    .controls = "the same ensemble under the nominal flow: no defect at t = 0, at least 1e6 bounds at the end",
    .measure = measure,
};
