/* theory_checks/theorem_1_1_trajectories.c -- Theorem 1.1 on trajectories: started on E, the augmented and the equivariant flow take the same path
 *
 *   |X_aug(t) - X_eq(t)| <= z_E(t),   |Y_aug(t)| <= z_N(t),   z_E' = -lambda_min(H_E) z_E + delta_E,   z_N' = -(gamma + lambda_min(H_N)) z_N + delta_N
 *
 * on one grid of fixed steps, where truncation errors are the same for both and only rounding is left [NOF23, Theorem 1.1].  A second solver confirms: BDF
 * with a dense exact Jacobian, which keeps a linear invariant subspace as well, must stay within 10 z_N.
 *
 * The control is the nominal flow, which leaves E at the speed |Pi_N grad R|; what is compared is how far it gets from the augmented flow in a time t
 * so short that the path is straight: |Y| / t at t, 2 t and 4 t agree to 0.2 %.
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

enum { LEAST_STEPS = 40, ROWS = 12, CONTROL_STEPS = 4, HALVINGS = 40, DENSE_LIMIT = 512, STARTS = 3 };
static const double start_scale[STARTS] = { 1.0, 2.0, 4.0 };   /* the model's start; random points of E where the flow from there goes nowhere */
/* Guards: |A - A_0| / |A_0| and the change of the risk together, either way (most weights may not matter to the data); |Pi_N grad R| / |grad R|. */
static const fs_grid enough = { .travelled = 0.1, .changed = 0.01 }, enough_of_risk = { .travelled = 0.01, .changed = 0.1 };
static const double not_small = 1e-2;
static const double stages = 4.0;               /* sum |b_i| of rk8pd is 3.1 */
static const double arithmetic = 32.0;          /* u h |F| of the sums in one step */
static const double bent = 0.002;               /* how far the path of the control may be from straight */
static const double confirmation = 10.0;        /* times z_N for BDF */

/* The two paths and what belongs to them. */
typedef struct {
    fs_check_context *c;
    const fs_basis *basis;
    size_t n, E, N;
    fs_flow *augmented, *equivariant, *nominal;         /* borrowed */
    fs_flow *plain;                                     /* owned: the augmented flow without a parametrisation, for Hessians */
    fs_metric metric;
    double *w0;                 /* (n) the start on E */
    int attempt;                /* whose scale it has */
    fs_grid grid;
    fs_fixed_path *path, *path_E;
    double *z_N, *z_E;          /* (rows) */
    fs_worst bdf;               /* |Y| against 10 z_N; nothing: not run */
} race;

/* |a - b| */
static double distance(size_t n, const double *a, const double *b)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(sum);
}

/* --- the start and the grid ------------------------------------------------------------------- */

static int moved(const race *r)
{
    return fs_grid_arrived(&r->grid, &enough) || fs_grid_arrived(&r->grid, &enough_of_risk);
}

static fs_status choose_grid(race *r, fs_err *err)
{
    size_t most = fs_grid_most_steps(r->augmented, 2);
    return fs_grid_choose(&r->grid, r->augmented, r->equivariant, r->w0, &enough, most ? most : LEAST_STEPS, fs_check_watch(r->c), err);
}

static fs_status choose_start(race *r, fs_err *err)
{
    const double *start;
    FS_TRY(fs_check_start(r->c, &start, err));
    memcpy(r->w0, start, r->E * sizeof *r->w0);
    FS_TRY(choose_grid(r, err));
    while (!moved(r) && r->attempt + 1 < STARTS) {
        r->attempt++;
        FS_TRY(fs_point_of_E(r->c, (size_t)r->attempt, start_scale[r->attempt], r->w0, err));
        FS_TRY(choose_grid(r, err));
    }
    return FS_OK;
}

/* --- the budget ------------------------------------------------------------------------------- */

/* Rates and the noise of one step at row i.  On E both flows round; across it the state itself is exact until the field leaks into it. */
static fs_status look(race *r, size_t i, fs_grid_node *N, fs_grid_node *E, fs_err *err)
{
    const double *w = r->path->w + i * r->n, unit = FS_ROUNDOFF, h = r->grid.h, high = r->metric.high;
    fs_rounding g;
    FS_TRY(fs_gradient_rounding(r->c, w, &g, NULL, err));
    FS_TRY(fs_grid_lowest(r->plain, w, r->E, r->N, fs_check_watch(r->c), &N->rate, err));
    FS_TRY(fs_grid_lowest(r->plain, w, 0, r->E, fs_check_watch(r->c), &E->rate, err));
    int mixed = fs_flow_parametrisation(r->augmented) != NULL;
    double speed = arithmetic * unit * r->path->point[i].speed;
    N->noise = h * stages * high * (mixed ? g.L : g.N) + (mixed ? h * speed : 0.0);
    E->noise = 2.0 * (h * (stages * high * (mixed ? g.L : g.E) + speed) + unit * fs_norm(r->E, w));
    return FS_OK;
}

static fs_status budget(race *r, fs_err *err)
{
    size_t rows = r->path->n_rows;
    fs_grid_node *node = fs_calloc(rows, 2 * sizeof *node);
    r->z_N = fs_calloc(rows, 2 * sizeof *r->z_N);
    fs_status status = node && r->z_N ? FS_OK : fs_fail(err, FS_ENOMEM, "the budget of %zu rows", rows);
    for (size_t i = 0; i < rows && status == FS_OK; i++) status = look(r, i, node + i, node + rows + i, err);
    if (status == FS_OK) {
        r->z_E = r->z_N + rows;
        fs_grid_budget(r->path, node, &r->metric, 0.0, r->z_N);
        fs_grid_budget(r->path, node + rows, &r->metric, 0.0, r->z_E);
    }
    free(node);
    return status;
}

/* --- the second solver ------------------------------------------------------------------------ */

/* z_N at time t, between rows the larger one. */
static double budget_at(const race *r, double t)
{
    size_t i = 1;
    while (i + 1 < r->path->n_rows && r->path->t[i] < t) i++;
    return r->z_N[i] > r->z_N[i - 1] ? r->z_N[i] : r->z_N[i - 1];
}

static fs_status confirm(race *r, fs_err *err)
{
    const fs_check_options *o = fs_check_options_of(r->c);
    double t_end = r->grid.h * (double)r->grid.steps, rate;
    fs_trajectory *T = NULL;
    if (r->n > DENSE_LIMIT) return FS_OK;
    FS_TRY(fs_grid_lowest(r->plain, r->path->w + (r->path->n_rows - 1) * r->n, r->E, r->N, fs_check_watch(r->c), &rate, err));
    const fs_integrate_options asked = { .t_end = t_end, .rtol = o->rtol, .atol = o->atol, .method = FS_METHOD_BDF, .solver = FS_SOLVER_DENSE,
                                         .max_step = rate < 0.0 ? -0.5 / (rate * r->metric.high) : 0.0 };
    fs_status status = fs_trajectory_compute(&T, r->augmented, r->w0, &asked, err);
    if (status == FS_OK && T->code != FS_OK) status = fs_fail(err, T->code, "the augmented flow by BDF: %s", T->status);
    for (size_t k = 0; status == FS_OK && k < T->n_steps_kept; k++)
        fs_worst_keep(&r->bdf, T->step_distance[k], confirmation * budget_at(r, T->step_t[k]));
    fs_trajectory_destroy(T);
    return status;
}

/* --- the control ------------------------------------------------------------------------------- */

/* Pi_N of velocities and accelerations at the start, nominal less augmented; work (4 n). */
static fs_status derivatives(const race *r, double *first, double *second, double *work)
{
    double *a = work, *b = a + r->n, *Ja = b + r->n, *Jb = Ja + r->n;
    FS_TRY(fs_flow_velocity(r->nominal, r->w0, a));
    FS_TRY(fs_flow_jacobian_product(r->nominal, r->w0, a, Ja));
    FS_TRY(fs_flow_velocity(r->augmented, r->w0, b));
    FS_TRY(fs_flow_jacobian_product(r->augmented, r->w0, b, Jb));
    *first = distance(r->N, a + r->E, b + r->E);
    *second = distance(r->N, Ja + r->E, Jb + r->E);
    return FS_OK;
}

/* *speed = |Y(t)| / t of the nominal flow from the start, less what the augmented flow has. */
static fs_status mean_speed(const race *r, double t, double *speed, fs_err *err)
{
    fs_fixed_path *nominal = NULL, *augmented = NULL;
    double h = t / CONTROL_STEPS;
    fs_status status = fs_fixed_path_compute(&nominal, r->nominal, r->w0, h, CONTROL_STEPS, CONTROL_STEPS, NULL, err);
    if (status == FS_OK) status = fs_fixed_path_compute(&augmented, r->augmented, r->w0, h, CONTROL_STEPS, CONTROL_STEPS, NULL, err);
    if (status == FS_OK) *speed = distance(r->N, nominal->w + r->n + r->E, augmented->w + r->n + r->E) / (h * CONTROL_STEPS);
    fs_fixed_path_destroy(nominal);
    fs_fixed_path_destroy(augmented);
    return status;
}

static int agree(double a, double b)
{
    return fabs(a - b) <= bent * fabs(b);
}

/* Halves *t until the mean speeds over *t, 2 *t and 4 *t agree: two might by chance.  *speed is the last; *t = 0 where they never do.  Y starts as 0 exactly, so that
 * a short time costs no digits. */
static fs_status straighten(const race *r, double *t, double *speed, fs_err *err)
{
    double over[3] = { (double)NAN, (double)NAN, (double)NAN };
    for (int k = 0; k < HALVINGS; k++, *t *= 0.5) {
        over[0] = over[1];
        over[1] = over[2];
        FS_TRY(mean_speed(r, *t, &over[2], err));
        *speed = over[2];
        if (agree(over[0], over[1]) && agree(over[1], over[2])) return FS_OK;
    }
    *t = 0.0;
    return FS_OK;
}

static fs_status control(const race *r, fs_finding *found, fs_err *err)
{
    double first = 0.0, second = 0.0, speed = 0.0, *work = fs_calloc(r->n, 4 * sizeof *work);
    fs_status status = work ? derivatives(r, &first, &second, work) : FS_ENOMEM;
    free(work);
    if (status != FS_OK) return fs_fail(err, status, "the nominal flow at the start: %s", fs_status_text(status));
    if (!(first > 0.0)) return FS_OK;
    /* the second derivative says where to begin: 4 t at what it bends by 0.4 %, but no longer than the grid's steps */
    double longest = CONTROL_STEPS * r->grid.h, t = second > 0.0 ? 4.0 * bent * first / second : longest;
    if (!(t <= longest)) t = longest;
    FS_TRY(straighten(r, &t, &speed, err));
    if (t > 0.0) {
        found->control.measured = t * speed;
        found->control.predicted = t * first;
        snprintf(found->control.what, sizeof found->control.what,
                 "the nominal flow from the same start leaves E: |Y| at t = %.3g, where |Y| / t has settled to 0.2 %%, against t |Pi_N grad R|", t);
    } else {
        fs_check_vacuous(found, "the nominal flow leaves E on no straight path: |Y| / t does not settle to 0.2 %% in 40 halvings of t");
    }
    return FS_OK;
}

/* --- what was found ------------------------------------------------------------------------------ */

static fs_status guard(const race *r, fs_finding *found, fs_err *err)
{
    const fs_basis *b = r->basis;
    double *A = fs_calloc(2 * b->n_par + r->n, sizeof *A);
    fs_risk_work *work;
    if (!A) return fs_fail(err, FS_ENOMEM, "a gradient of %zu weights", b->n_par);
    double *grad = A + b->n_par, *g = grad + b->n_par;
    fs_status status = fs_check_risk_work(r->c, 0, &work, err);
    if (status == FS_OK) {
        fs_basis_expand_E(b, r->w0, A);
        status = fs_risk_gradient(fs_problem_risk(fs_check_problem(r->c), 0), A, NULL, grad, work);
        if (status != FS_OK) fs_fail(err, status, "the nominal gradient at the start");
    }
    if (status == FS_OK) {
        fs_basis_project(b, grad, g);
        double part = fs_share(fs_norm(r->N, g + r->E), 0.0, fs_norm(r->n, g));
        if (!moved(r))
            fs_check_vacuous(found, "along the path on E the weights moved by %.1e |A_0| and the risk changed by %.1e of itself only", r->grid.travelled, r->grid.changed);
        if (!(part >= not_small))
            fs_check_vacuous(found, "|Pi_N grad R| = %.1e |grad R| at the start: the nominal flow does not leave E either", part);
    }
    free(A);
    return status;
}

static void report(const race *r, fs_finding *found)
{
    double apart = 0.0, off = 0.0, Y_bdf = r->bdf.count ? r->bdf.measured : (double)NAN;
    fs_worst worst = { 0 };
    for (size_t i = 1; i < r->path->n_rows; i++) {
        double d = distance(r->E, r->path->w + i * r->n, r->path_E->w + i * r->E), y = r->path->point[i].distance;
        fs_worst_keep(&worst, d, r->z_E[i]);
        fs_worst_keep(&worst, y, r->z_N[i]);
        apart = fs_larger(apart, d);
        off = fs_larger(off, y);
    }
    if (r->bdf.count) fs_worst_keep(&worst, r->bdf.measured, r->bdf.bound);
    fs_worst_report(&worst, found);
    fs_check_quantity(found, apart, 0.0, "apart");
    fs_check_quantity(found, off, 0.0, "Y");
    fs_check_quantity(found, Y_bdf, 0.0, "Y_bdf");
    fs_check_quantity(found, r->grid.travelled, 0.0, "travelled");
    fs_check_quantity(found, r->grid.changed, 0.0, "risk_change");
    fs_check_quantity(found, r->grid.h * (double)r->grid.steps, 0.0, "t_end");
    char confirmed[80] = "no second solver beyond dim L = 512", from[90] = "";
    if (r->attempt) snprintf(from, sizeof from, " (at %g times the start law, where there is a way to go)", start_scale[r->attempt]);
    if (r->bdf.count) snprintf(confirmed, sizeof confirmed, "|Y| <= %.1e by BDF", Y_bdf);
    snprintf(found->note, sizeof found->note, "%zu steps of %.2g to t = %.3g, %.2f |A_0| from the start%s, risk changed by %.1f %%: the augmented flow stays within %.1e of the equivariant one, |Y| <= %.1e; %s",
             r->grid.steps, r->grid.h, r->grid.h * (double)r->grid.steps, r->grid.travelled, from, 100.0 * r->grid.changed, apart, off, confirmed);
}

static fs_status run(race *r, fs_finding *found, fs_err *err)
{
    const fs_watch *watch = fs_check_watch(r->c);
    FS_TRY(choose_start(r, err));
    size_t steps = r->grid.steps, every = (steps + ROWS - 1) / ROWS;
    FS_TRY(fs_fixed_path_compute(&r->path, r->augmented, r->w0, r->grid.h, steps, every, watch, err));
    FS_TRY(fs_fixed_path_compute(&r->path_E, r->equivariant, r->w0, r->grid.h, steps, every, watch, err));
    if (r->path->stopped || r->path_E->stopped) return fs_fail(err, FS_ESTOPPED, "stopped on the way along E");
    FS_TRY(budget(r, err));
    FS_TRY(confirm(r, err));
    FS_TRY(control(r, found, err));
    FS_TRY(guard(r, found, err));
    report(r, found);
    return FS_OK;
}

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    const fs_basis *b = fs_check_basis(c);
    race r = { .c = c, .basis = b, .n = b->dim_E + b->dim_N, .E = b->dim_E, .N = b->dim_N };
    if (!r.N) return fs_check_absent(found, "dim N = 0: E is all of L, and nothing could leave it");
    if (!r.E) return fs_check_absent(found, "E is one point: there is no path on it");
    FS_TRY(fs_check_flow(c, FS_FLOW_AUGMENTED, &r.augmented, err));
    FS_TRY(fs_check_flow(c, FS_FLOW_EQUIVARIANT, &r.equivariant, err));
    FS_TRY(fs_check_flow(c, FS_FLOW_NOMINAL, &r.nominal, err));
    FS_TRY(fs_metric_measure(c, &r.metric, err));
    fs_status status = fs_check_flow_at(c, FS_FLOW_AUGMENTED, fs_check_options_of(c)->gamma, &r.plain, err);
    if (status == FS_OK) status = fs_flow_set_parametrisation(r.plain, NULL, err);
    if (status == FS_OK && !(r.w0 = fs_calloc(r.n, sizeof *r.w0))) status = fs_fail(err, FS_ENOMEM, "a state of dimension %zu", r.n);
    if (status == FS_OK) status = run(&r, found, err);
    fs_flow_destroy(r.plain);
    fs_fixed_path_destroy(r.path);
    fs_fixed_path_destroy(r.path_E);
    free(r.z_N);
    free(r.w0);
    return status;
}

const fs_statement fs_statement_theorem_1_1_trajectories = {
    .id = "theorem_1_1_trajectories",
    .code = "1.1t",
    .name = "Theorem 1.1, paths",
    .claim = "started on E, the augmented and the equivariant flow take the same path",
    .source = "[NOF23, Theorem 1.1]",
    .needs = FS_NEEDS_FLOW,
    .measures = "|X_aug - X_eq| and |Y_aug| on one grid of fixed steps, and |Y| by BDF with a dense Jacobian; the worst against its budget",
    .budget = "z' = -(gamma + lambda_min(H_N)) z + delta across E, z' = -lambda_min(H_E) z + delta along it, delta the rounding of the field and of the steps; 10 z for BDF",
    .controls = "the nominal flow: |Y(t)| = t |Pi_N grad R(A_0)| for short t, to 1 %",
    .measure = measure,
};
