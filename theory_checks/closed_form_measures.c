/* theory_checks/closed_form_measures.c -- exact numbers measured with the instruments of the library
 *
 *   state w = (x, y) of weights (a, b, ...), dim L <= MOST; arguments as in closed_form_measures.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "closed_form_measures.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 16, SEARCHES = 16, GRID = 64, REFINEMENTS = 100, BISECTIONS = 40 };
static const size_t keep = (size_t)1 << 20;
static const double tight = 1e-12, loose = 1e-11;      /* rtol of flows and of the flow they are compared with */

static size_t dim_of(const fs_problem *p)
{
    return fs_problem_basis(p)->dim_E + fs_problem_basis(p)->dim_N;
}

/* A (MOST) */
static fs_status weights_of(const fs_problem *p, double a, double b, double *A, fs_err *err)
{
    size_t n = fs_net_parameters(fs_problem_net(p));
    if (n < 2 || n > MOST) return fs_fail(err, FS_EINPUT, "%s: expected 2 to %d weights, found %zu", fs_problem_name(p), MOST, n);
    memset(A, 0, MOST * sizeof *A);
    A[0] = a;
    A[n % 4 ? 1 : 3] = b;
    for (size_t i = 4; n % 4 == 0 && i < n; i++) A[i] = A[i - 4];
    return FS_OK;
}

/* w (MOST): the state of the weights */
static fs_status state_of(const fs_problem *p, double a, double b, double *w, fs_err *err)
{
    double A[MOST];
    FS_TRY(weights_of(p, a, b, A, err));
    return fs_problem_state_of_weights(p, A, w, err);
}

static fs_status flow_of(fs_flow **f, const fs_problem *p, fs_flow_kind kind, double gamma, fs_err *err)
{
    return fs_flow_create(f, kind, fs_problem_basis(p), fs_problem_risk(p, kind == FS_FLOW_AUGMENTED), gamma, 1, keep, err);
}

static double along_of(const fs_problem *p, const double *w)
{
    return fs_norm(fs_problem_basis(p)->dim_E, w);
}

static double distance_of(const fs_problem *p, const double *w)
{
    return fs_norm(fs_problem_basis(p)->dim_N, w + fs_problem_basis(p)->dim_E);
}

static double first_weight(const fs_problem *p, const double *w)
{
    double A[MOST];
    fs_basis_expand(fs_problem_basis(p), w, A);
    return A[0];
}

/* --- thresholds ---------------------------------------------------------------------- */

fs_status fs_measure_gamma_critical(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    uint64_t seed = (uint64_t)form->argument[0];
    fs_stability_options options = { .kind = FS_FLOW_EQUIVARIANT, .n_seed = 1, .seed = &seed, .distance = -1.0, .threads = 1, .keep_limit = keep };
    fs_stability *s = NULL;
    FS_TRY(fs_stability_compute(&s, p, &options, err));
    *value = s->point[0].gamma_critical;
    *error = s->point[0].gamma_error;
    fs_stability_destroy(s);
    return FS_OK;
}

static fs_status critical_of(const fs_closed_form *form, const fs_problem *p, const fs_critical_options *asked, fs_critical **c, fs_err *err)
{
    fs_critical_options options = *asked;
    uint64_t seed = 1;
    double A[MOST], w[MOST], distance;
    FS_TRY(weights_of(p, form->argument[0], form->argument[1], A, err));
    FS_TRY(fs_problem_state_of_weights(p, A, w, err));
    distance = distance_of(p, w);
    options.n_distance = options.n_seed = 1;
    options.distance = &distance;
    options.seed = &seed;
    options.weights = A;
    options.threads = options.attraction.threads = 1;
    options.keep_limit = options.attraction.keep_limit = keep;
    return fs_critical_compute(c, p, &options, err);
}

static fs_status thresholds_of(const fs_closed_form *form, const fs_problem *p, double *gen, double *all, double *error, fs_err *err)
{
    const double gammas[2] = { 0.0, form->argument[2] };
    const fs_critical_options asked = { .n_gamma = 2, .gamma = gammas, .accuracy = 0.1, .starts = SEARCHES };
    fs_critical *c = NULL;
    FS_TRY(critical_of(form, p, &asked, &c, err));
    *gen = c->gamma_gen;
    *all = c->gamma_all;
    *error = c->gen_error;
    fs_critical_destroy(c);
    return FS_OK;
}

fs_status fs_measure_gamma_gen(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    double all;
    return thresholds_of(form, p, value, &all, error, err);
}

fs_status fs_measure_gamma_all(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    double gen;
    return thresholds_of(form, p, &gen, value, error, err);
}

fs_status fs_measure_gamma_of_start(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    const fs_critical_options asked = { .accuracy = form->argument[2] };
    fs_critical *c = NULL;
    FS_TRY(critical_of(form, p, &asked, &c, err));
    const fs_critical_start *s = &c->start[0];
    *value = 0.5 * (s->bracket[0] + s->bracket[1]);
    *error = s->decided && s->monotone ? 0.5 * (s->bracket[1] - s->bracket[0]) : (double)NAN;
    fs_critical_destroy(c);
    return FS_OK;
}

/* --- derivatives on E ------------------------------------------------------------------ */

static fs_status eigenvalue_of(const fs_problem *p, const double *w, size_t index, double *value, double *error, fs_err *err)
{
    fs_flow *f = NULL;
    fs_spectrum *s = NULL;
    const fs_spectrum_options options = { .method = FS_SOLVER_DENSE };
    FS_TRY(flow_of(&f, p, FS_FLOW_AUGMENTED, 0.0, err));
    fs_status status = fs_spectrum_compute(&s, p, f, w, &options, err);
    fs_flow_destroy(f);
    if (status != FS_OK) return status;
    int there = index < s->N.count;
    *value = there ? s->N.value[index] : (double)NAN;
    *error = there ? s->N.error[index] : (double)NAN;
    fs_spectrum_destroy(s);
    return FS_OK;
}

fs_status fs_measure_eigenvalue(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    double w[MOST];
    FS_TRY(state_of(p, form->argument[0], form->argument[1], w, err));
    FS_TRY(eigenvalue_of(p, w, (size_t)form->argument[2], value, error, err));
    *value += form->argument[3];
    return FS_OK;
}

/* Rows (W_j, b_j) with W_j along (1, 1) and b = (-0.8, 0.8), then a = (1, -1) and the output bias that makes Phi(0) = 0. */
fs_status fs_measure_fitted_eigenvalue(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    const double A[9] = { 0.37, 0.37, -0.8, -1.1, -1.1, 0.8, 1.0, -1.0, 2.0 * tanh(0.8) };
    double w[MOST];
    if (fs_net_parameters(fs_problem_net(p)) != sizeof A / sizeof *A)
        return fs_fail(err, FS_EINPUT, "%s: expected 9 weights, found %zu", fs_problem_name(p), fs_net_parameters(fs_problem_net(p)));
    FS_TRY(fs_problem_state_of_weights(p, A, w, err));
    return eigenvalue_of(p, w, (size_t)form->argument[0], value, error, err);
}

static fs_status curvature_at(const fs_problem *p, fs_flow *f, double a, fs_transverse *H, fs_err *err)
{
    double w[MOST];
    FS_TRY(state_of(p, a, a, w, err));
    return fs_transverse_compute(f, w, NULL, H, NULL, err);
}

/* Grid, then golden section around its lowest point. */
static fs_status lowest_curvature(const fs_problem *p, fs_flow *f, double low, double high, fs_transverse *least, fs_err *err)
{
    const double golden = 0.61803398874989485, step = (high - low) / GRID;
    double at = low;
    fs_transverse H;
    *least = (fs_transverse){ .lambda_min = DBL_MAX, .error = (double)NAN };
    for (int i = 0; i <= GRID; i++) {
        FS_TRY(curvature_at(p, f, low + i * step, &H, err));
        if (isnan(H.lambda_min)) return fs_fail(err, FS_ENAN, "the lowest curvature across E is not a number");
        if (H.lambda_min < least->lambda_min) {
            *least = H;
            at = low + i * step;
        }
    }
    double from = at - step, to = at + step;
    for (int i = 0; i < REFINEMENTS; i++) {
        fs_transverse left, right;
        double a = to - golden * (to - from), b = from + golden * (to - from);
        FS_TRY(curvature_at(p, f, a, &left, err));
        FS_TRY(curvature_at(p, f, b, &right, err));
        H = left.lambda_min < right.lambda_min ? left : right;
        if (H.lambda_min < least->lambda_min) *least = H;
        *(left.lambda_min < right.lambda_min ? &to : &from) = left.lambda_min < right.lambda_min ? b : a;
    }
    return FS_OK;
}

fs_status fs_measure_lowest_curvature(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    fs_flow *f = NULL;
    fs_transverse least = { .error = (double)NAN };
    FS_TRY(flow_of(&f, p, FS_FLOW_AUGMENTED, 0.0, err));
    fs_status status = lowest_curvature(p, f, form->argument[0], form->argument[1], &least, err);
    fs_flow_destroy(f);
    if (status != FS_OK) return status;
    *value = least.lambda_min;
    *error = least.error;
    return FS_OK;
}

static fs_status exponent_of(fs_flow *f, const double *x, double t, double rtol, double *value, fs_err *err)
{
    const fs_variational_options options = { .n_times = 1, .times = &t, .rtol = rtol, .atol = 1e-2 * rtol };
    fs_variational *v = NULL;
    FS_TRY(fs_variational_compute(&v, f, x, &options, err));
    *value = v->n_times == 1 && v->complete ? v->exponent[0] : (double)NAN;
    fs_variational_destroy(v);
    return FS_OK;
}

fs_status fs_measure_exponent(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    const double *k = form->argument;
    double w[MOST], other;
    fs_flow *f = NULL;
    FS_TRY(state_of(p, k[0], k[1], w, err));
    FS_TRY(flow_of(&f, p, FS_FLOW_AUGMENTED, k[2], err));
    fs_status status = exponent_of(f, w, k[3], tight, value, err);
    if (status == FS_OK) status = exponent_of(f, w, k[3], loose, &other, err);
    fs_flow_destroy(f);
    if (status == FS_OK) *error = fabs(*value - other);
    return status;
}

fs_status fs_measure_leak(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    double w[MOST], F[MOST];
    fs_flow *f = NULL;
    if (dim_of(p) > MOST) return fs_fail(err, FS_EINPUT, "%s: expected at most %d weights, found %zu", fs_problem_name(p), MOST, dim_of(p));
    FS_TRY(fs_problem_start_state(p, (uint64_t)form->argument[0], 0.0, w, err));
    FS_TRY(flow_of(&f, p, FS_FLOW_AUGMENTED, 0.0, err));
    fs_status status = fs_flow_velocity(f, w, F);
    fs_flow_destroy(f);
    if (status != FS_OK) return fs_fail(err, status, "the velocity on E: %s", fs_status_text(status));
    *value = distance_of(p, F) / along_of(p, F);
    *error = 64.0 * DBL_EPSILON * (1.0 + *value);
    return FS_OK;
}

static fs_status risk_at(const fs_problem *p, fs_risk_work *work, double a, double b, double *value, fs_err *err)
{
    double A[MOST];
    FS_TRY(weights_of(p, a, b, A, err));
    fs_status status = fs_risk_value(fs_problem_risk(p, 1), A, value, work);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "R^aug(%g, %g): %s", a, b, fs_status_text(status));
}

fs_status fs_measure_risk(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    fs_risk_work *work = NULL;
    FS_TRY(fs_risk_work_create(&work, fs_problem_risk(p, 1), 1, 0, err));
    fs_status status = risk_at(p, work, form->argument[0], form->argument[1], value, err);
    fs_risk_work_destroy(work);
    *error = 64.0 * DBL_EPSILON;
    return status;
}

fs_status fs_measure_largest_risk(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    const double low = form->argument[0], step = (form->argument[1] - low) / GRID;
    fs_risk_work *work = NULL;
    FS_TRY(fs_risk_work_create(&work, fs_problem_risk(p, 1), 1, 0, err));
    fs_status status = FS_OK;
    *value = 0.0;
    for (int i = 0; status == FS_OK && i <= GRID; i++)
        for (int j = 0; status == FS_OK && j <= GRID; j++) {
            double R = (double)NAN;
            status = risk_at(p, work, low + i * step, low + j * step, &R, err);
            fs_raise_to(value, R);
        }
    fs_risk_work_destroy(work);
    *error = 64.0 * DBL_EPSILON;
    return status;
}

/* --- bounds of Theorem 3 ------------------------------------------------------------------ */

/* Searches for extremes converge to the square root of rounding in the place, to rounding in the value. */
static double searched(double value)
{
    return 1e-12 * (1.0 + fabs(value));
}

/* What a bound is made of: one tube around X of the start, of radius |Y| unless radius > 0. */
typedef struct {
    double delta, R_start, R_on_E;      /* |Y|, R^aug at the start and at X */
    fs_tube_constants constants;
    double paper;                       /* fs_bound_paper_tube, where asked for */
} tube_of_start;

static fs_status on_tube(fs_flow *f, const fs_problem *p, const double *w, double radius, int paper, tube_of_start *out, fs_err *err)
{
    const fs_tube_options options = { .n_points = 1, .x = w, .seed = 1 };
    double on_E[MOST] = { 0 }, K;
    fs_flow_point at;
    fs_tube *t = NULL;
    memcpy(on_E, w, fs_problem_basis(p)->dim_E * sizeof *w);
    out->delta = distance_of(p, w);
    fs_status status = fs_flow_evaluate(f, w, &at, NULL);
    if (status == FS_OK) {
        out->R_start = at.risk;
        status = fs_flow_evaluate(f, on_E, &at, NULL);
    }
    if (status == FS_OK) out->R_on_E = at.risk;
    else return fs_fail(err, status, "R^aug at the start: %s", fs_status_text(status));
    FS_TRY(fs_tube_create(&t, f, &options, err));
    status = fs_tube_measure(t, radius > 0.0 ? radius : out->delta, &out->constants, err);
    if (status == FS_OK && paper) status = fs_bound_paper_tube(t, out->constants.c, out->delta, out->R_start, &out->paper, &K, err);
    fs_tube_destroy(t);
    return status;
}

static fs_status tube_of(const fs_closed_form *form, const fs_problem *p, double radius, int paper, tube_of_start *out, fs_err *err)
{
    double w[MOST];
    fs_flow *f = NULL;
    memset(out, 0, sizeof *out);
    FS_TRY(state_of(p, form->argument[0], form->argument[1], w, err));
    FS_TRY(flow_of(&f, p, FS_FLOW_AUGMENTED, 0.0, err));
    fs_status status = on_tube(f, p, w, radius, paper, out, err);
    fs_flow_destroy(f);
    return status;
}

fs_status fs_measure_third(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    tube_of_start t;
    FS_TRY(tube_of(form, p, form->argument[2], 0, &t, err));
    *value = 0.5 * t.constants.M3.value;
    *error = searched(*value);
    return FS_OK;
}

fs_status fs_measure_tube(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    tube_of_start t;
    FS_TRY(tube_of(form, p, 0.0, 0, &t, err));
    *value = -t.constants.hbar_min.value;
    *error = searched(*value);
    return FS_OK;
}

fs_status fs_measure_tube_ray(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    tube_of_start t;
    FS_TRY(tube_of(form, p, 0.0, 0, &t, err));
    *value = -t.constants.ray_min.value;
    *error = searched(*value);
    return FS_OK;
}

fs_status fs_measure_tube_lambda(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    tube_of_start t;
    FS_TRY(tube_of(form, p, 0.0, 0, &t, err));
    *value = -t.constants.lambda_min.value;
    *error = searched(*value);
    return FS_OK;
}

fs_status fs_measure_tube_bernoulli(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    tube_of_start t;
    FS_TRY(tube_of(form, p, 0.0, 0, &t, err));
    *value = fs_bound_bernoulli(t.constants.c, 0.5 * t.constants.M3.value, t.delta);
    *error = searched(*value) + t.constants.c_error;
    return FS_OK;
}

fs_status fs_measure_tube_paper(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    tube_of_start t;
    FS_TRY(tube_of(form, p, 0.0, 1, &t, err));
    *value = t.paper;
    *error = searched(*value) + t.constants.c_error;
    return FS_OK;
}

fs_status fs_measure_bernoulli(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    tube_of_start t;
    FS_TRY(tube_of(form, p, form->argument[3], 0, &t, err));
    *value = fs_bound_bernoulli(t.constants.c, 0.5 * t.constants.M3.value, form->argument[2]);
    *error = searched(*value) + t.constants.c_error;
    return FS_OK;
}

fs_status fs_measure_paper(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    tube_of_start t;
    FS_TRY(tube_of(form, p, form->argument[3], 0, &t, err));
    *value = fs_bound_paper(t.constants.c, 0.5 * t.constants.M3.value, form->argument[2], t.R_on_E);
    *error = searched(*value) + t.constants.c_error;
    return FS_OK;
}

/* --- flows -------------------------------------------------------------------------------- */

typedef double reading(const fs_problem *p, const double *w);

/* Dense Newton from w0; |Y| in the middle and at the end when distances is not NULL. */
static fs_status integrate(fs_flow *f, const double *w0, double t, double rtol, double *w, double *distances, fs_err *err)
{
    const double times[2] = { 0.5 * t, t };
    const fs_integrate_options options = { .t_end = t, .rtol = rtol, .atol = 1e-2 * rtol, .method = FS_METHOD_BDF, .solver = FS_SOLVER_DENSE,
                                           .n_times = 2, .times = times };
    fs_trajectory *T = NULL;
    FS_TRY(fs_trajectory_compute(&T, f, w0, &options, err));
    fs_status status = T->code == FS_OK ? FS_OK : fs_fail(err, T->code, "%s", T->status);
    if (status == FS_OK) memcpy(w, T->w_end, T->dim * sizeof *w);
    for (size_t i = 0; status == FS_OK && distances && i < 2; i++) distances[i] = T->row[i].distance;
    fs_trajectory_destroy(T);
    return status;
}

/* The state at time t from (a, b), by a tight and by a loose tolerance, and |Y| half way and there. */
static fs_status follow(const fs_closed_form *form, const fs_problem *p, double gamma, double w[2][MOST], double distances[2][2], fs_err *err)
{
    double w0[MOST];
    fs_flow *f = NULL;
    FS_TRY(state_of(p, form->argument[0], form->argument[1], w0, err));
    FS_TRY(flow_of(&f, p, FS_FLOW_AUGMENTED, gamma, err));
    fs_status status = integrate(f, w0, form->argument[3], tight, w[0], distances[0], err);
    if (status == FS_OK) status = integrate(f, w0, form->argument[3], loose, w[1], distances[1], err);
    fs_flow_destroy(f);
    return status;
}

static fs_status read_flow(const fs_closed_form *form, const fs_problem *p, reading *read, double *value, double *error, fs_err *err)
{
    double w[2][MOST], distances[2][2];
    FS_TRY(follow(form, p, form->argument[2], w, distances, err));
    *value = read(p, w[0]);
    *error = fabs(*value - read(p, w[1]));
    return FS_OK;
}

fs_status fs_measure_flow_weight(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    return read_flow(form, p, first_weight, value, error, err);
}

fs_status fs_measure_flow_along(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    return read_flow(form, p, along_of, value, error, err);
}

fs_status fs_measure_flow_distance(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    return read_flow(form, p, distance_of, value, error, err);
}

fs_status fs_measure_flow_rate(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    double w[2][MOST], distances[2][2], half = 0.5 * form->argument[3];
    FS_TRY(follow(form, p, form->argument[2], w, distances, err));
    *value = log(distances[0][0] / distances[0][1]) / half;
    *error = fabs(*value - log(distances[1][0] / distances[1][1]) / half);
    return FS_OK;
}

fs_status fs_measure_quadric(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    double w[2][MOST], distances[2][2], form_of[2];
    FS_TRY(follow(form, p, 0.0, w, distances, err));
    for (int i = 0; i < 2; i++) {
        double A[MOST];
        fs_basis_expand(fs_problem_basis(p), w[i], A);
        form_of[i] = A[0] * A[0] + form->argument[2] * A[1] * A[1];
    }
    *value = form_of[0];
    *error = fabs(form_of[0] - form_of[1]);
    return FS_OK;
}

/* (a, b) is inside when |Y| falls a hundredfold by the model's t_end. */
fs_status fs_measure_edge_of_basin(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    const double *k = form->argument, t = fs_problem_settings(p)->t_end;
    double inside = k[2], outside = k[3], w0[MOST], w[MOST];
    fs_flow *f = NULL;
    FS_TRY(flow_of(&f, p, FS_FLOW_AUGMENTED, k[1], err));
    fs_status status = FS_OK;
    for (int i = 0; status == FS_OK && i < BISECTIONS && outside - inside > 1e-9 * outside; i++) {
        double middle = 0.5 * (inside + outside);
        status = state_of(p, middle, k[0], w0, err);
        if (status == FS_OK) status = integrate(f, w0, t, tight, w, NULL, err);
        if (status != FS_OK) break;
        *(distance_of(p, w) <= 1e-2 * distance_of(p, w0) ? &inside : &outside) = middle;
    }
    fs_flow_destroy(f);
    *value = 0.5 * (inside + outside);
    *error = 0.5 * (outside - inside);
    return status;
}

/* By the flow until Newton converges, or by Newton alone. */
static fs_status rest_of(const fs_closed_form *form, const fs_problem *p, fs_flow_kind kind, int by_flow, reading *read, double *value, double *error,
                         fs_err *err)
{
    const fs_stationary_options options = { .threads = 1, .keep_limit = keep };
    double w0[MOST];
    fs_stationary *s = NULL;
    FS_TRY(state_of(p, form->argument[0], form->argument[1], w0, err));
    if (by_flow) FS_TRY(fs_stationary_find(&s, p, kind, form->argument[2], w0, &options, err));
    else FS_TRY(fs_stationary_newton(&s, p, kind, form->argument[2], w0, 0, NULL, &options, err));
    fs_status status = s->outcome == FS_SEARCH_FOUND ? FS_OK : fs_fail(err, FS_ESOLVER, "no stationary point: %s", s->note);
    *value = read(p, s->w);
    *error = s->correction;
    fs_stationary_destroy(s);
    return status;
}

fs_status fs_measure_rest_along(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    return rest_of(form, p, FS_FLOW_AUGMENTED, 1, along_of, value, error, err);
}

fs_status fs_measure_rest_distance(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    return rest_of(form, p, FS_FLOW_AUGMENTED, 1, distance_of, value, error, err);
}

fs_status fs_measure_nominal_distance(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    return rest_of(form, p, FS_FLOW_NOMINAL, 1, distance_of, value, error, err);
}

fs_status fs_measure_zero_along(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    return rest_of(form, p, FS_FLOW_AUGMENTED, 0, along_of, value, error, err);
}

fs_status fs_measure_zero_distance(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    return rest_of(form, p, FS_FLOW_AUGMENTED, 0, distance_of, value, error, err);
}
