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

enum { STARTS = 4, ROWS = 5, INPUTS_DATA = 4, INPUTS_RANDOM = 2, SUBGROUP_MOST = 8, MEMBERS_MOST = 1024, TERM_MEMBERS = 8 };
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
static const double same_matrix = 1e-9, commutes = 1e-9;
static const double fallback_distance = 0.1;    /* |Y_0| / |X_0| where the model starts on E */

typedef struct {
    fs_check_context *c;
    const fs_problem *p;
    const fs_basis *basis;
    size_t n, m;                /* dim L; members */
    size_t *element;            /* (m) points of the group, a finite group of their own; the identity first */
    fs_flow *augmented, *nominal;       /* owned */
    fs_flow *plain;             /* owned: without a parametrisation, for Hessians */
    fs_metric metric;
    double gamma;
    int attempt;                /* row of starts */
    double distance;            /* |Y_0| */
    double *w0;                 /* (m, n) members at the start */
    fs_grid grid;
    fs_fixed_path **path, **path_nominal;       /* (m) */
    size_t in, out, inputs, all;        /* dim X, dim Y; test inputs x, and all rho(g) x, x slowest inside g */
    double *x;                  /* (all, in) */
    double *sum, *z;            /* (all, out) twice */
    double *A;                  /* (n_par) */
    double *budget;             /* (rows) */
} orbit;

static int moves(const orbit *o)
{
    return fs_grid_arrived(&o->grid, &enough) && o->grid.off >= off_least;
}

/* --- which elements ------------------------------------------------------------------------- */

/* Is point g's matrix a b? */
static int is_product(const fs_group *G, size_t g, const double *a, const double *b)
{
    size_t d = 0;
    const double *c = fs_group_matrix(G, g, &d);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) {
            double sum = 0.0;
            for (size_t k = 0; k < d; k++) sum += a[i * d + k] * b[k * d + j];
            if (!(fabs(c[i * d + j] - sum) <= same_matrix)) return 0;
        }
    return 1;
}

/* The first point g h; SIZE_MAX when there is none. */
static size_t product_point(const fs_group *G, size_t g, size_t h)
{
    size_t d, k = 0;
    const double *a = fs_group_matrix(G, g, &d), *b = fs_group_matrix(G, h, &d);
    while (k < fs_group_points(G) && !is_product(G, k, a, b)) k++;
    return k < fs_group_points(G) ? k : SIZE_MAX;
}

/* What the rule gives to g h; nodes of several quadratures may be equal. */
static double weight_of_product(const fs_group *G, const double *rule, size_t g, size_t h)
{
    size_t d;
    const double *a = fs_group_matrix(G, g, &d), *b = fs_group_matrix(G, h, &d);
    double sum = 0.0;
    for (size_t k = 0; k < fs_group_points(G); k++)
        if (rule[k] != 0.0 && is_product(G, k, a, b)) sum += rule[k];
    return sum;
}

/* Is the rule the same after multiplication by g from the left? */
static int keeps_rule(const fs_group *G, const double *rule, size_t g)
{
    for (size_t h = 0; h < fs_group_points(G); h++) {
        if (rule[h] == 0.0) continue;
        double before = weight_of_product(G, rule, 0, h), after = weight_of_product(G, rule, g, h);
        if (!(fabs(after - before) <= same_matrix * before)) return 0;
    }
    return 1;
}

/* The powers of g to element, if they are points and no more than SUBGROUP_MOST; else 0. */
static size_t powers(const fs_group *G, size_t g, size_t *element)
{
    size_t count = 0, at = 0;
    do {
        if (count == SUBGROUP_MOST) return 0;
        element[count++] = at;
        at = product_point(G, g, at);
    } while (at != 0 && at != SIZE_MAX);
    return at == 0 ? count : 0;
}

/* SO(d), O(d): the largest cyclic group of at most SUBGROUP_MOST points that keeps the rule. */
static void find_subgroup(orbit *o, const fs_group *G)
{
    const double *rule = fs_problem_measure(o->p);
    size_t d = 0, tried[SUBGROUP_MOST];
    o->m = 0;
    if (!fs_group_matrix(G, 0, &d) || d > 3) return;
    for (size_t g = 1; g < fs_group_points(G) && o->m < SUBGROUP_MOST; g++) {
        if (rule[g] == 0.0) continue;
        size_t count = powers(G, g, tried);
        if (count <= o->m || count < 2 || !keeps_rule(G, rule, g)) continue;
        o->m = count;
        memcpy(o->element, tried, count * sizeof *tried);
    }
}

/* o->m and o->element, or m = 0 and why not. */
static void choose_elements(orbit *o, char *why, size_t size)
{
    const fs_group *G = fs_problem_group(o->p);
    size_t points = fs_group_points(G);
    o->m = 0;
    if (fs_group_is_enumerated(G)) {
        if (points <= MEMBERS_MOST) o->m = points;
        for (size_t g = 0; g < o->m; g++) o->element[g] = g;
        snprintf(why, size, "an orbit has %zu members, more than can be integrated one by one", points);
    } else if (fs_group_is_continuous(G)) {
        find_subgroup(o, G);
        snprintf(why, size, "orbits are continuous, and no finite subgroup of %s was found that keeps the augmentation's rule", fs_group_name(G));
    } else {
        snprintf(why, size, "%s is too large for orbit ensembles", fs_group_name(G));
    }
}

/* --- members and inputs ----------------------------------------------------------------------- */

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

/* w_k = Q^T rho(k) A_0: on L where L is invariant, its projection elsewhere. */
static fs_status place_members(orbit *o, fs_err *err)
{
    const fs_basis *b = o->basis;
    const fs_rep *rho = fs_problem_rho_H(o->p);
    double *moved = fs_calloc(b->n_par, sizeof *moved);
    if (!moved) return fs_fail(err, FS_ENOMEM, "members of %zu weights", b->n_par);
    fs_basis_expand(b, o->w0, o->A);
    fs_status status = FS_OK;
    for (size_t k = 1; k < o->m && status == FS_OK; k++) {
        status = fs_rep_apply(rho, o->element[k], o->A, moved);
        fs_basis_project(b, moved, o->w0 + k * o->n);
    }
    free(moved);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "the orbit of the start: %s", fs_status_text(status));
}

/* Samples and random vectors of their size, moved by all elements. */
static fs_status place_inputs(orbit *o, fs_err *err)
{
    const fs_dataset *d = fs_problem_data(o->p);
    gsl_rng *rng = fs_rng_stream(fs_check_options_of(o->c)->seed, FS_STREAM_HYPOTHESES);
    if (!rng) return fs_fail(err, FS_ENOMEM, "random numbers");
    fs_status status = FS_OK;
    for (size_t i = 0; i < o->inputs; i++) {
        double *x = o->x + i * o->in;
        const double *of = d->x + (i * d->n / o->inputs) * o->in;
        if (i < o->inputs - INPUTS_RANDOM) {
            memcpy(x, of, o->in * sizeof *x);
        } else {
            fs_rng_gaussian(rng, o->in, x);
            double size = fs_norm(o->in, of) / fs_norm(o->in, x);
            for (size_t j = 0; j < o->in; j++) x[j] *= size;
        }
        for (size_t k = 1; k < o->m && status == FS_OK; k++)
            status = fs_rep_apply(fs_problem_rho_X(o->p), o->element[k], x, o->x + (k * o->inputs + i) * o->in);
    }
    gsl_rng_free(rng);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "test inputs: %s", fs_status_text(status));
}

/* --- outputs -------------------------------------------------------------------------------------- */

/* z (all, out) at state w */
static fs_status outputs(orbit *o, const double *w, double *z, fs_err *err)
{
    fs_basis_expand(o->basis, w, o->A);
    return fs_net_apply(fs_problem_net(o->p), o->A, o->all, o->x, z, err);
}

/* max over g and x of |f(rho_X(g) x) - rho_Y(g) f(x)|, f given at all inputs */
static fs_status defect(const orbit *o, const double *f, double *largest, fs_err *err)
{
    double *moved = fs_calloc(o->out, sizeof *moved);
    fs_status status = moved ? FS_OK : FS_ENOMEM;
    *largest = 0.0;
    for (size_t k = 1; k < o->m; k++)
        for (size_t i = 0; i < o->inputs && status == FS_OK; i++) {
            status = fs_rep_apply(fs_problem_rho_Y(o->p), o->element[k], f + i * o->out, moved);
            for (size_t j = 0; j < o->out; j++) moved[j] -= f[(k * o->inputs + i) * o->out + j];
            *largest = fs_larger(*largest, fs_norm(o->out, moved));
        }
    free(moved);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "the defect of %zu outputs", o->out);
}

/* The defect of the mean over the members at row r; alone (NULL: not wanted) that of the first member. */
static fs_status mean_defect(orbit *o, fs_fixed_path *const *path, size_t r, double *largest, double *alone, fs_err *err)
{
    memset(o->sum, 0, o->all * o->out * sizeof *o->sum);
    for (size_t k = 0; k < o->m; k++) {
        FS_TRY(outputs(o, path[k]->w + r * o->n, o->z, err));
        if (k == 0 && alone) FS_TRY(defect(o, o->z, alone, err));
        for (size_t i = 0; i < o->all * o->out; i++) o->sum[i] += o->z[i] / (double)o->m;
    }
    return defect(o, o->sum, largest, err);
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
    fs_status status = fs_dataset_create(&data, o->all, o->in, o->out, err);
    if (status == FS_OK) {
        memcpy(data->x, o->x, o->all * o->in * sizeof *o->x);
        memcpy(data->y, o->z, o->all * o->out * sizeof *o->z);
        status = fs_risk_create(&risk, fs_problem_net(o->p), &squared, data, err);
    }
    if (status == FS_OK) status = fs_risk_work_create(&work, risk, 1, (size_t)1 << 26, err);
    if (status == FS_OK) {
        gauss_newton k = { risk, work, o->A };
        const fs_lanczos_options options = { .n = o->basis->n_par, .apply = gauss_newton_product, .context = &k, .watch = fs_check_watch(o->c) };
        status = fs_lanczos_norm(&options, &norm, &products, &stopped, err);
        if (stopped && status == FS_OK) status = fs_fail(err, FS_ESTOPPED, "stopped while measuring the network's derivative");
    }
    *L = sqrt(below * norm * (double)o->all);
    *size = 0.0;
    for (size_t i = 0; i < o->all; i++) *size = fs_larger(*size, fs_norm(o->out, o->z + i * o->out));
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

/* Does the metric commute with the elements?  |rho M v - M rho v| / |M v| at a random v of L. */
static fs_status metric_defect(orbit *o, double *worst, fs_err *err)
{
    const fs_sparse *B = fs_problem_parametrisation(o->p);
    const fs_rep *rho = fs_problem_rho_H(o->p);
    size_t n = o->basis->n_par;
    *worst = 0.0;
    if (!B) return FS_OK;
    double *v = fs_calloc(n, 5 * sizeof *v);
    if (!v) return fs_fail(err, FS_ENOMEM, "the metric of %zu weights", n);
    double *t = v + n, *Mv = t + n, *gv = Mv + n, *MgV = gv + n;
    fs_status status = FS_OK;
    fs_basis_expand(o->basis, o->w0, v);
    fs_sparse_mul_transpose_add(B, v, t);
    fs_sparse_mul(B, t, Mv);
    for (size_t k = 1; k < o->m && status == FS_OK; k++) {
        status = fs_rep_apply(rho, o->element[k], v, gv);
        memset(t, 0, n * sizeof *t);
        fs_sparse_mul_transpose_add(B, gv, t);
        fs_sparse_mul(B, t, MgV);
        if (status == FS_OK) status = fs_rep_apply(rho, o->element[k], Mv, gv);
        for (size_t j = 0; j < n; j++) gv[j] -= MgV[j];
        *worst = fs_larger(*worst, fs_norm(n, gv) / fs_norm(n, Mv));
    }
    free(v);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "the metric of the weights under the group");
}

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
    FS_TRY(metric_defect(o, &off, err));
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
             fs_group_is_continuous(fs_problem_group(o->p)) ? "; K: a cyclic group that keeps the rule" : "");
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
    FS_TRY(place_members(o, err));
    FS_TRY(place_inputs(o, err));
    FS_TRY(integrate(o, o->augmented, o->path, "augmented", err));
    FS_TRY(integrate(o, o->nominal, o->path_nominal, "nominal", err));
    FS_TRY(find_budget(o, err));
    return compare(o, found, err);
}

static fs_status allocate(orbit *o, fs_err *err)
{
    const fs_dataset *d = fs_problem_data(o->p);
    o->in = d->inputs;
    o->out = d->outputs;
    o->inputs = (d->n < INPUTS_DATA ? d->n : INPUTS_DATA) + INPUTS_RANDOM;
    o->all = o->m * o->inputs;
    o->w0 = fs_calloc(o->m * o->n, sizeof *o->w0);
    o->path = fs_calloc(o->m, 2 * sizeof(fs_fixed_path *));
    o->x = fs_calloc(o->all * o->in, sizeof *o->x);
    o->sum = fs_calloc(o->all * o->out, 2 * sizeof *o->sum);
    o->A = fs_calloc(o->basis->n_par, sizeof *o->A);
    o->budget = fs_calloc(ROWS + 2, sizeof *o->budget);
    if (!o->w0 || !o->path || !o->x || !o->sum || !o->A || !o->budget) return fs_fail(err, FS_ENOMEM, "an ensemble of %zu members", o->m);
    o->path_nominal = o->path + o->m;
    o->z = o->sum + o->all * o->out;
    return FS_OK;
}

static void release(orbit *o)
{
    for (size_t k = 0; k < 2 * o->m && o->path; k++) fs_fixed_path_destroy(o->path[k]);
    fs_flow_destroy(o->augmented);
    fs_flow_destroy(o->nominal);
    fs_flow_destroy(o->plain);
    free(o->element);
    free(o->w0);
    free(o->path);
    free(o->x);
    free(o->sum);
    free(o->A);
    free(o->budget);
}

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    const fs_problem *p = fs_check_problem(c);
    const fs_basis *b = fs_check_basis(c);
    orbit o = { .c = c, .p = p, .basis = b, .n = b->dim_E + b->dim_N };
    char why[200];
    if (!b->dim_N) return fs_check_absent(found, "dim N = 0: every member is equivariant by itself");
    FS_TRY(fs_metric_measure(c, &o.metric, err));
    o.element = fs_calloc(MEMBERS_MOST, sizeof *o.element);
    if (!o.element) return fs_fail(err, FS_ENOMEM, "elements of the group");
    choose_elements(&o, why, sizeof why);
    fs_status status = FS_OK;
    if (!o.m) {
        status = fs_check_absent(found, "%s", why);
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
