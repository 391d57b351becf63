/* tests/test_variational.c -- transverse exponents along paths in E: closed forms, the shift by gamma, traces, lower bounds
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "flows.h"
#include "integrate/variational.h"

#include <lapacke.h>

static const double root_2 = 1.4142135623730951;

/* gamma, columns and tolerance as given; the path must be complete */
static fs_variational *path_of(fs_flow *f, const double *x0, size_t n, const double *times, double rtol, size_t count)
{
    fs_variational *v = NULL;
    fs_err err = { 0 };
    fs_variational_options o = { .n_times = n, .times = times, .rtol = rtol, .atol = rtol, .count = count };
    assert_ok(fs_variational_compute(&v, f, x0, &o, &err), err);
    if (v->n_times != n) print_error("%s\n", v->status);
    assert_int_equal(v->n_times, n);
    assert_false(v->stopped);
    assert_non_null(strstr(v->status, "reached t = "));
    return v;
}

/* What the header promises: rtol of every step in every singular value, X to rtol, times the rates that this meets. */
static double tolerance(const fs_variational *v, double rtol, double rate)
{
    double t = v->t[v->n_times - 1];
    return 8.0 * (rtol + 64.0 * DBL_EPSILON) * ((double)v->steps / t + rate * (1.0 + rate));
}

/* --- closed forms ------------------------------------------------------------------------------------ */

/* u^2 = 2 / (1 + kappa e^-2t),  V = e^{(1 - gamma) t} [(1 + kappa) / (e^2t + kappa)]^{3/2} */
static void quartic_exponent_is_the_closed_form(void **state)
{
    (void)state;
    const double times[] = { 0.0, 0.1, 0.5, 1.0, 2.0, 5.0, 12.0 }, gammas[] = { 0.0, 0.3, 10.0 }, starts[] = { 0.05, 0.7, -1.3, 2.5 };
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    for (size_t g = 0; g < 3; g++)
        for (size_t a = 0; a < 4; a++) {
            fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, gammas[g]);
            double kappa = 2.0 / (starts[a] * starts[a]) - 1.0;
            fs_variational *v = path_of(f, &starts[a], 7, times, 1e-10, 0);
            assert_true(v->complete);
            assert_int_equal(v->count, 1);
            assert_true(isnan(v->exponent[0]));
            assert_near(v->x[0], starts[a], 0.0);
            for (size_t k = 1; k < 7; k++) {
                double t = times[k], u = sqrt(2.0 / (1.0 + kappa * exp(-2.0 * t)));
                double exact = 1.0 - gammas[g] + 1.5 * (log(fabs(1.0 + kappa)) - log(fabs(exp(2.0 * t) + kappa))) / t;
                assert_near(v->t[k], t, 0.0);
                assert_near(fabs(v->x[k]), u, 1e-8 * u);
                assert_near(v->exponent[k], exact, tolerance(v, 1e-10, 10.0) / (t < 1.0 ? t : 1.0));
            }
            fs_variational_destroy(v);
            fs_flow_destroy(f);
        }
    fs_problem_destroy(p);
}

/* tan(u / sqrt 2) = tan(u_0 / sqrt 2) e^{-t/2}, and log V = -int cos(sqrt2 u) / 2 dt has the derivative of log (sin(sqrt2 u)) along u' = -sqrt2 / 4 sin(sqrt2 u) */
static void sine_exponent_is_the_closed_form(void **state)
{
    (void)state;
    const double times[] = { 0.25, 1.0, 3.0, 9.0 }, starts[] = { 0.4, 1.5, 2.2 };
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.6);
    for (size_t a = 0; a < 3; a++) {
        fs_variational *v = path_of(f, &starts[a], 4, times, 1e-10, 0);
        for (size_t k = 0; k < 4; k++) {
            double t = times[k], u = root_2 * atan(tan(starts[a] / root_2) * exp(-0.5 * t));
            double exact = -0.6 + log(sin(root_2 * u) / sin(root_2 * starts[a])) / t;
            assert_near(v->x[k], u, 1e-8);
            assert_near(v->exponent[k], exact, tolerance(v, 1e-10, 2.0) / (t < 1.0 ? t : 1.0));
        }
        fs_variational_destroy(v);
    }
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* Constant Hessian: exponents are minus the eigenvalues 1 (3 times), 1/2 (6), 0 (3), less gamma; V loses 160 powers of ten and more. */
static void linear_regression_has_constant_exponents(void **state)
{
    (void)state;
    const double times[] = { 0.5, 20.0, 400.0 }, gammas[] = { 0.0, 2.0 };
    fs_problem *p = load_model("cyclic_linear", NULL, NULL, NULL);
    double *w = start_of(p, 1, 0.0);
    for (size_t g = 0; g < 2; g++) {
        fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, gammas[g]);
        fs_variational *v = path_of(f, w, 3, times, 1e-9, 0);
        assert_int_equal(v->count, 12);
        for (size_t k = 0; k < 3; k++)
            for (size_t i = 0; i < 12; i++)
                assert_near(v->exponent[k * 12 + i], -gammas[g] - (i < 3 ? 0.0 : i < 9 ? 0.5 : 1.0), tolerance(v, 1e-9, 3.0));
        fs_variational_destroy(v);
        fs_flow_destroy(f);
    }
    free(w);
    fs_problem_destroy(p);
}

/* --- identities on networks ---------------------------------------------------------------------------- */

static void gamma_shifts_every_exponent(void **state)
{
    (void)state;
    const double times[] = { 0.5, 3.0, 8.0 }, gammas[] = { 0.0, 0.3, 10.0 };
    const char *models[] = { "tiny_mlp", "tanh_mlp", "missing_irreps" };
    for (size_t m = 0; m < 3; m++) {
        fs_problem *p = load_model(models[m], NULL, NULL, NULL);
        double *w = start_of(p, 2, 0.0);
        fs_variational *v[3];
        for (size_t g = 0; g < 3; g++) {
            fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, gammas[g]);
            v[g] = path_of(f, w, 3, times, 1e-10, 0);
            fs_flow_destroy(f);
        }
        for (size_t g = 1; g < 3; g++)
            for (size_t i = 0; i < 3 * v[0]->count; i++)
                assert_near(v[g]->exponent[i] + gammas[g], v[0]->exponent[i], 4.0 * (tolerance(v[g], 1e-10, 3.0) + tolerance(v[0], 1e-10, 3.0)));
        for (size_t g = 0; g < 3; g++) fs_variational_destroy(v[g]);
        free(w);
        fs_problem_destroy(p);
    }
}

/* H_N (N, N) of f at (x, 0), without gamma */
static double *transverse_hessian(fs_flow *f, const double *x)
{
    size_t n = fs_flow_dim(f), E = fs_flow_dim_E(f), N = n - E;
    double *w = calloc(n, sizeof *w), *J = calloc(n * n, sizeof *J), *H = calloc(N * N, sizeof *H);
    assert_true(w && J && H);
    memcpy(w, x, E * sizeof *w);
    assert_int_equal(fs_flow_jacobian(f, w, J), FS_OK);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) H[i * N + j] = -J[(E + i) * n + E + j] - (i == j ? fs_flow_gamma(f) : 0.0);
    free(w);
    free(J);
    return H;
}

/* Liouville: t (sum of exponents) = -int trace(H_N + gamma) dt, the integral by Simpson's rule on the same path. */
static void exponents_sum_to_the_trace(void **state)
{
    (void)state;
    enum { PANELS = 200 };
    double times[PANELS + 1], integral = 0.0, sum = 0.0;
    for (size_t k = 0; k <= PANELS; k++) times[k] = 2.0 * (double)k / PANELS;
    fs_problem *p = load_model("tiny_mlp", NULL, NULL, NULL);
    double *w = start_of(p, 3, 0.0), half[2] = { 0.0, 0.0 };
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.3);
    fs_variational *v = path_of(f, w, PANELS + 1, times, 1e-10, 0);
    size_t N = v->count;
    for (size_t k = 0; k <= PANELS; k++) {
        double *H = transverse_hessian(f, v->x + k * v->dim_E), trace = 0.3 * (double)N;
        for (size_t i = 0; i < N; i++) trace += H[i * N + i];
        integral += trace * (k == 0 || k == PANELS ? 1.0 : k % 2 ? 4.0 : 2.0) * 2.0 / (3.0 * PANELS);
        if (k % 2 == 0) half[0] += trace * (k == 0 || k == PANELS ? 1.0 : k % 4 ? 4.0 : 2.0) * 4.0 / (3.0 * PANELS);
        free(H);
    }
    half[1] = fabs(integral - half[0]);             /* Simpson's own error, times 15 */
    for (size_t i = 0; i < N; i++) sum += v->exponent[PANELS * N + i];
    assert_near(2.0 * sum, -integral, half[1] + 2.0 * (double)N * tolerance(v, 1e-10, 3.0));
    fs_variational_destroy(v);
    fs_flow_destroy(f);
    free(w);
    fs_problem_destroy(p);
}

/* At a strict minimum on E the path comes to rest exponentially: t (exponent_i + gamma + lambda_i) settles, so exponents approach -spec(H_N) like 1 / t. */
static void exponents_tend_to_the_spectrum_at_the_end(void **state)
{
    (void)state;
    const double times[] = { 100.0, 200.0 };
    const char *models[] = { "tanh_swap", "pitchfork", "cyclic_linear" };
    for (size_t m = 0; m < 3; m++) {
        fs_problem *p = load_model(models[m], NULL, NULL, NULL);
        fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.5);
        double *w = start_of(p, 4, 0.0), e[12];
        fs_variational *v = path_of(f, w, 2, times, 1e-9, 0);
        size_t N = v->count;
        double *H = transverse_hessian(f, v->x + v->dim_E);
        assert_int_equal(LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'N', 'U', (int)N, H, (int)N, e), 0);
        for (size_t i = 0; i < N; i++) {
            double constant = 100.0 * (v->exponent[i] + 0.5 + e[i]), later = 200.0 * (v->exponent[N + i] + 0.5 + e[i]);
            assert_near(later, constant, 1e-5);
        }
        free(H);
        free(w);
        fs_variational_destroy(v);
        fs_flow_destroy(f);
        fs_problem_destroy(p);
    }
}

/* V by itself, as one matrix without re-orthonormalisation, with many small Runge-Kutta steps of order 4: singular values of a path on which they stay in range. */
static void exponents_are_those_of_the_naive_product(void **state)
{
    (void)state;
    enum { STEPS = 400 };
    const double t_end[] = { 2.0 };
    fs_problem *p = load_model("tanh_mlp", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.2);
    double *w = start_of(p, 5, 0.0), h = t_end[0] / STEPS;
    fs_variational *v = path_of(f, w, 1, t_end, 1e-11, 0);
    size_t L = fs_flow_dim(f), E = v->dim_E, N = v->count;
    double *V = calloc(N, N * sizeof *V), *y = calloc(L, sizeof *y), *k[4], *stage = calloc(L, sizeof *stage), *direction = calloc(L, sizeof *direction);
    double *x = calloc(L, sizeof *x), *next = calloc(L, sizeof *next), sigma[64], unused[64];
    for (size_t s = 0; s < 4; s++) k[s] = calloc(L, sizeof *k[s]);
    static const double node[] = { 0.0, 0.5, 0.5, 1.0 }, weight[] = { 1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0 };
    for (size_t column = 0; column < N; column++) {
        memcpy(x, w, E * sizeof *x);
        memset(x + E, 0, N * sizeof *x);
        memset(y, 0, L * sizeof *y);
        y[E + column] = 1.0;
        for (size_t step = 0; step < STEPS; step++) {
            memcpy(next, x, E * sizeof *x);
            double *y_next = calloc(L, sizeof *y_next);
            memcpy(y_next, y, L * sizeof *y);
            for (size_t s = 0; s < 4; s++) {
                for (size_t i = 0; i < E; i++) stage[i] = x[i] + (s ? node[s] * h * k[s - 1][i] : 0.0);
                for (size_t i = E; i < L; i++) direction[i] = y[i] + (s ? node[s] * h * k[s - 1][i] : 0.0);
                double *velocity = calloc(L, sizeof *velocity);
                assert_int_equal(fs_flow_velocity(f, stage, velocity), FS_OK);
                assert_int_equal(fs_flow_jacobian_product(f, stage, direction, k[s]), FS_OK);
                memcpy(k[s], velocity, E * sizeof *velocity);
                free(velocity);
                for (size_t i = 0; i < E; i++) next[i] += h * weight[s] * k[s][i];
                for (size_t i = E; i < L; i++) y_next[i] += h * weight[s] * k[s][i];
            }
            memcpy(x, next, E * sizeof *x);
            memcpy(y, y_next, L * sizeof *y);
            free(y_next);
        }
        memcpy(V + column * N, y + E, N * sizeof *V);
    }
    assert_int_equal(LAPACKE_dgesvd(LAPACK_ROW_MAJOR, 'N', 'N', (int)N, (int)N, V, (int)N, sigma, NULL, 1, NULL, 1, unused), 0);
    for (size_t i = 0; i < N; i++) assert_near(v->exponent[i], log(sigma[i]) / t_end[0], 1e-7);
    for (size_t s = 0; s < 4; s++) free(k[s]);
    free(V);
    free(y);
    free(stage);
    free(direction);
    free(x);
    free(next);
    free(w);
    fs_variational_destroy(v);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* sigma_{i + N - m}(V) <= sigma_i(V C) <= sigma_i(V) for m orthonormal columns C, and one more column moves every exponent up */
static void fewer_columns_are_lower_bounds_and_interlace(void **state)
{
    (void)state;
    const double times[] = { 0.3, 2.0 };
    fs_problem *p = load_model("mirror_c4", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.1);
    gsl_rng *rng = law_rng("columns interlace");
    double *w = start_of(p, 6, 0.0);
    fs_variational *all = path_of(f, w, 2, times, 1e-9, 0), *before = NULL;
    size_t N = all->count, m = 5;
    double *C = calloc(m, N * sizeof *C), tau[8];
    fs_rng_gaussian(rng, m * N, C);
    assert_int_equal(LAPACKE_dgelqf(LAPACK_ROW_MAJOR, (int)m, (int)N, C, (int)N, tau), 0);
    assert_int_equal(LAPACKE_dorglq(LAPACK_ROW_MAJOR, (int)m, (int)N, (int)m, C, (int)N, tau), 0);
    for (size_t count = 1; count <= m; count++) {
        fs_variational *v = NULL;
        fs_err err = { 0 };
        fs_variational_options o = { .n_times = 2, .times = times, .rtol = 1e-9, .atol = 1e-9, .count = count, .columns = C };
        assert_ok(fs_variational_compute(&v, f, w, &o, &err), err);
        assert_false(v->complete);
        double slack = tolerance(v, 1e-9, 3.0) + tolerance(all, 1e-9, 3.0);
        for (size_t k = 0; k < 2; k++)
            for (size_t i = 0; i < count; i++) {
                assert_at_most(v->exponent[k * count + i], all->exponent[k * N + i] + slack);
                assert_at_most(all->exponent[k * N + i + N - count], v->exponent[k * count + i] + slack);
                if (before && i + 1 < count) {
                    assert_at_most(before->exponent[k * (count - 1) + i], v->exponent[k * count + i] + slack);
                    assert_at_most(v->exponent[k * count + i + 1], before->exponent[k * (count - 1) + i] + slack);
                }
            }
        fs_variational_destroy(before);
        before = v;
    }
    fs_variational_destroy(before);
    fs_variational_destroy(all);
    gsl_rng_free(rng);
    free(C);
    free(w);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* Any orthonormal basis of N to start from gives the same exponents. */
static void all_columns_may_start_from_any_basis(void **state)
{
    (void)state;
    const double times[] = { 1.0, 30.0 };
    fs_problem *p = load_model("tiny_mlp", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 1.0);
    gsl_rng *rng = law_rng("any basis of N");
    double *w = start_of(p, 7, 0.0);
    fs_variational *unit = path_of(f, w, 2, times, 1e-9, 0), *v = NULL;
    size_t N = unit->count;
    double *C = calloc(N, N * sizeof *C), *tau = calloc(N, sizeof *tau);
    fs_err err = { 0 };
    fs_rng_gaussian(rng, N * N, C);
    assert_int_equal(LAPACKE_dgelqf(LAPACK_ROW_MAJOR, (int)N, (int)N, C, (int)N, tau), 0);
    assert_int_equal(LAPACKE_dorglq(LAPACK_ROW_MAJOR, (int)N, (int)N, (int)N, C, (int)N, tau), 0);
    fs_variational_options o = { .n_times = 2, .times = times, .rtol = 1e-9, .atol = 1e-9, .count = N, .columns = C };
    assert_ok(fs_variational_compute(&v, f, w, &o, &err), err);
    assert_true(v->complete);
    for (size_t i = 0; i < 2 * N; i++) assert_near(v->exponent[i], unit->exponent[i], 4.0 * (tolerance(v, 1e-9, 3.0) + tolerance(unit, 1e-9, 3.0)));
    fs_variational_destroy(v);
    fs_variational_destroy(unit);
    gsl_rng_free(rng);
    free(C);
    free(tau);
    free(w);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* dim N = 144 is more than 64: four columns, lower bounds; the same call gives the same bits. */
static void large_normal_spaces_get_a_few_columns(void **state)
{
    (void)state;
    const double times[] = { 1.0, 5.0 };
    fs_problem *p = load_model("cnn_c4", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.0);
    double *w = start_of(p, 1, 0.0);
    fs_variational *v = path_of(f, w, 2, times, 1e-6, 0), *again = path_of(f, w, 2, times, 1e-6, 0);
    assert_int_equal(v->count, 4);
    assert_false(v->complete);
    printf("# cnn_c4: %ld steps, %ld velocities, %ld products, largest exponent at least %.3g\n", v->steps, v->velocities, v->products, v->exponent[4]);
    assert_memory_equal(v->exponent, again->exponent, 8 * sizeof *v->exponent);
    assert_true(v->products == 4 * v->velocities);
    fs_variational_destroy(again);
    fs_variational_destroy(v);
    free(w);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* --- E a point; what is asked wrongly; what stops -------------------------------------------------------- */

/* E = {0}, |x| = 1, target 1: H_N = -1, twice. */
static void nothing_moves_when_E_is_a_point(void **state)
{
    (void)state;
    const double times[] = { 3.0 };
    fs_problem *p = load_model("rotations_so2", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.2);
    double none = 0.0;
    assert_int_equal(fs_problem_basis(p)->dim_E, 0);
    fs_variational *v = path_of(f, &none, 1, times, 1e-10, 0);
    assert_int_equal(v->dim_E, 0);
    for (size_t i = 0; i < v->count; i++) assert_near(v->exponent[i], 1.0 - 0.2, tolerance(v, 1e-10, 1.0));
    fs_variational_destroy(v);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

typedef struct { int calls, most; double fraction; } counter;

static int stop_after(void *context, const char *stage, double fraction)
{
    counter *c = context;
    assert_non_null(stage);
    assert_true(fraction > c->fraction && fraction <= 1.0);
    c->fraction = fraction;
    return ++c->calls >= c->most;
}

static void a_path_that_ends_early_keeps_the_times_reached(void **state)
{
    (void)state;
    const double times[] = { 0.0, 0.01, 5.0 };
    fs_problem *p = load_model("tiny_mlp", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.0);
    double *w = start_of(p, 1, 0.0);
    fs_variational *v = NULL;
    fs_err err = { 0 };
    counter c = { .most = 4 };
    fs_watch watch = { stop_after, &c };
    fs_variational_options o = { .n_times = 3, .times = times, .rtol = 1e-8, .atol = 1e-8, .watch = &watch };
    assert_ok(fs_variational_compute(&v, f, w, &o, &err), err);
    assert_true(v->stopped);
    assert_int_equal(c.calls, 4);
    assert_int_equal(v->n_times, 2);
    assert_non_null(strstr(v->status, "on request"));
    fs_variational_destroy(v);
    o.watch = NULL;
    o.max_steps = 3;
    assert_ok(fs_variational_compute(&v, f, w, &o, &err), err);
    assert_false(v->stopped);
    assert_true(v->n_times < 3);
    assert_int_equal(v->steps, 3);
    assert_non_null(strstr(v->status, "step limit"));
    fs_variational_destroy(v);
    free(w);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* u' = u - u^3 / 2 from 1e110: u^3 is beyond the range of double. */
static void a_velocity_that_overflows_is_said(void **state)
{
    (void)state;
    const double times[] = { 1.0 }, far = 1e110;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.0);
    fs_variational *v = NULL;
    fs_err err = { 0 };
    fs_variational_options o = { .n_times = 1, .times = times, .rtol = 1e-8, .atol = 1e-8 };
    assert_ok(fs_variational_compute(&v, f, &far, &o, &err), err);
    assert_int_equal(v->n_times, 0);
    assert_non_null(strstr(v->status, "could not be evaluated"));
    fs_variational_destroy(v);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

static void what_is_asked_wrongly_is_refused(void **state)
{
    (void)state;
    const double good[] = { 1.0, 2.0 }, falling[] = { 2.0, 1.0 }, negative[] = { -1.0, 1.0 }, none[] = { 0.0, (double)NAN }, skew[] = { 1.0, 1e-3 };
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.0), *inside = make_flow(p, FS_FLOW_EQUIVARIANT, 0.0);
    fs_variational *v = NULL;
    fs_err err = { 0 };
    double x = 1.0, bad = (double)NAN;
    const fs_variational_options o = { .n_times = 2, .times = good, .rtol = 1e-8, .atol = 1e-8 };
    fs_variational_options q = o;
    assert_fails(fs_variational_compute(&v, inside, &x, &o, &err), FS_EINPUT, err, "equivariant");
    assert_null(v);
    assert_fails(fs_variational_compute(&v, f, &bad, &o, &err), FS_EINPUT, err, "finite");
    q.times = falling;
    assert_fails(fs_variational_compute(&v, f, &x, &q, &err), FS_EINPUT, err, "increasing");
    q.times = negative;
    assert_fails(fs_variational_compute(&v, f, &x, &q, &err), FS_EINPUT, err, "increasing");
    q.times = none;
    assert_fails(fs_variational_compute(&v, f, &x, &q, &err), FS_EINPUT, err, "increasing");
    q = o;
    q.n_times = 0;
    assert_fails(fs_variational_compute(&v, f, &x, &q, &err), FS_EINPUT, err, "none");
    q = o;
    q.rtol = (double)NAN;
    assert_fails(fs_variational_compute(&v, f, &x, &q, &err), FS_EINPUT, err, "rtol");
    q = o;
    q.atol = 0.0;
    assert_fails(fs_variational_compute(&v, f, &x, &q, &err), FS_EINPUT, err, "atol");
    q = o;
    q.count = 2;
    assert_fails(fs_variational_compute(&v, f, &x, &q, &err), FS_EINPUT, err, "at most dim N = 1");
    q = o;
    q.columns = skew + 1;
    assert_fails(fs_variational_compute(&v, f, &x, &q, &err), FS_EINPUT, err, "orthonormal");
    fs_flow_destroy(f);
    fs_flow_destroy(inside);
    fs_problem_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quartic_exponent_is_the_closed_form),
        cmocka_unit_test(sine_exponent_is_the_closed_form),
        cmocka_unit_test(linear_regression_has_constant_exponents),
        cmocka_unit_test(gamma_shifts_every_exponent),
        cmocka_unit_test(exponents_sum_to_the_trace),
        cmocka_unit_test(exponents_tend_to_the_spectrum_at_the_end),
        cmocka_unit_test(exponents_are_those_of_the_naive_product),
        cmocka_unit_test(fewer_columns_are_lower_bounds_and_interlace),
        cmocka_unit_test(all_columns_may_start_from_any_basis),
        cmocka_unit_test(large_normal_spaces_get_a_few_columns),
        cmocka_unit_test(nothing_moves_when_E_is_a_point),
        cmocka_unit_test(a_path_that_ends_early_keeps_the_times_reached),
        cmocka_unit_test(a_velocity_that_overflows_is_said),
        cmocka_unit_test(what_is_asked_wrongly_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
