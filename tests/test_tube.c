/* tests/test_tube.c -- the constants of Theorem 3 on tubes around E, and the gammas that follow from them
 *
 * Closed forms: third turns, R^aug = (1 - rho^2 / 2 + rho^3 cos(3 phi) / 2 + 3 rho^4 / 8) / 2 across E; the sine, quartic, pitchfork and tanh neurons under a swap.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "flows.h"
#include "model_text.h"
#include "observe/transverse.h"
#include "observe/tube.h"

static const double pi = 3.14159265358979323846, root_2 = 1.41421356237309504880;

/* What searches promise where the extreme is found: values are of second order in the place's error, and derivatives are exact to
 * about 1e-12 of the risk's derivatives, which are of order 10 here. */
static const double found = 1e-10;

/* A model's augmented flow and a tube around points of E that are given as weights. */
typedef struct { fs_problem *p; fs_flow *f; fs_tube *t; double *x; size_t n_points; } fixture;

static fixture around_points(fs_problem *p, size_t n_points, const double *A, uint64_t seed)
{
    fixture F = { .p = p, .n_points = n_points };
    fs_err err = { 0 };
    F.f = make_flow(F.p, FS_FLOW_AUGMENTED, 0.0);
    size_t n = fs_flow_dim(F.f), E = fs_flow_dim_E(F.f), n_par = fs_problem_basis(F.p)->n_par;
    double *w = calloc(n, sizeof *w);
    F.x = calloc(n_points * E + 1, sizeof *F.x);
    assert_true(w && F.x);
    for (size_t k = 0; k < n_points; k++) {
        assert_ok(fs_problem_state_of_weights(F.p, A + k * n_par, w, &err), err);
        for (size_t i = E; i < n; i++) assert_near(w[i], 0.0, 1e-15);
        memcpy(F.x + k * E, w, E * sizeof *w);
    }
    free(w);
    fs_tube_options o = { .n_points = n_points, .x = F.x, .seed = seed };
    assert_ok(fs_tube_create(&F.t, F.f, &o, &err), err);
    return F;
}

static fixture around(const char *model, size_t n_points, const double *A, uint64_t seed)
{
    return around_points(load_model(model, NULL, NULL, NULL), n_points, A, seed);
}

/* The same around points that the model's own distribution draws on E. */
static fixture around_drawn(const char *model, size_t n_points, size_t starts, uint64_t seed, const fs_watch *watch)
{
    fixture F = { .p = load_model(model, NULL, NULL, NULL), .n_points = n_points };
    fs_err err = { 0 };
    F.f = make_flow(F.p, FS_FLOW_AUGMENTED, 0.0);
    size_t E = fs_flow_dim_E(F.f);
    F.x = calloc(n_points * E + 1, sizeof *F.x);
    assert_non_null(F.x);
    for (size_t k = 0; k < n_points; k++) {
        double *w = start_of(F.p, k, 0.0);
        memcpy(F.x + k * E, w, E * sizeof *w);
        free(w);
    }
    fs_tube_options o = { .n_points = n_points, .x = F.x, .starts = starts, .seed = seed, .watch = watch };
    assert_ok(fs_tube_create(&F.t, F.f, &o, &err), err);
    return F;
}

static void clear(fixture *F)
{
    fs_tube_destroy(F->t);
    fs_flow_destroy(F->f);
    fs_problem_destroy(F->p);
    free(F->x);
}

static fs_tube_constants measured(fixture *F, double radius)
{
    fs_tube_constants c;
    fs_err err = { 0 };
    assert_ok(fs_tube_measure(F->t, radius, &c, &err), err);
    assert_int_equal(c.stopped, 0);
    assert_int_equal(c.converged, 1);
    assert_true(c.products > 0);
    assert_true(c.c_error >= 0.0 && c.c_error < 1e-12);
    const fs_tube_extreme *e[4] = { &c.M3, &c.hbar_min, &c.ray_min, &c.lambda_min };
    for (size_t i = 0; i < 4; i++) {
        assert_true(e[i]->s >= 0.0 && e[i]->s <= radius && e[i]->point < F->n_points);
        assert_near(norm_of(e[i]->y, fs_flow_dim(F->f) - fs_flow_dim_E(F->f)), 1.0, 1e-14);
    }
    return c;
}

static double paper_tube(fixture *F, double c, double delta, double R0, double *K)
{
    double gamma;
    fs_err err = { 0 };
    assert_ok(fs_bound_paper_tube(F->t, c, delta, R0, &gamma, K, &err), err);
    return gamma;
}

/* The root of gamma + c = M3(K) K / 2, K^2 = delta^2 + 2 R0 / gamma, by bisection. */
static double paper_root(double (*M3)(double K), double c, double delta, double R0)
{
    double low = 1e-6, high = 1e6;
    for (int i = 0; i < 200; i++) {
        double gamma = 0.5 * (low + high), K = sqrt(delta * delta + 2.0 * R0 / gamma);
        if (gamma + c < 0.5 * M3(K) * K) low = gamma;
        else high = gamma;
    }
    return 0.5 * (low + high);
}

/* w = X + s y for a place of the tube */
static void state_of(const fixture *F, size_t point, double s, const double *y, double *w)
{
    size_t n = fs_flow_dim(F->f), E = fs_flow_dim_E(F->f);
    for (size_t i = 0; i < n; i++) w[i] = i < E ? F->x[point * E + i] : s * y[i - E];
}

/* phi'(s), phi(s) = R^aug(X + s y) */
static double slope(const fixture *F, size_t point, double s, const double *y)
{
    size_t n = fs_flow_dim(F->f), E = fs_flow_dim_E(F->f);
    double *w = calloc(2 * n, sizeof *w);
    assert_non_null(w);
    state_of(F, point, s, y, w);
    assert_int_equal(fs_flow_velocity(F->f, w, w + n), FS_OK);
    double d = -dot_of(y, w + n + E, n - E);
    free(w);
    return d;
}

/* phi''(s) by one product; phi'''(s) from gradients: second differences of phi' and Richardson, error about h^4 |phi^(7)| / 90 + 16 u / h^2. */
static double bend(const fixture *F, size_t point, double s, const double *y)
{
    size_t n = fs_flow_dim(F->f), E = fs_flow_dim_E(F->f);
    double *w = calloc(3 * n, sizeof *w);
    assert_non_null(w);
    state_of(F, point, s, y, w);
    memcpy(w + n + E, y, (n - E) * sizeof *w);
    assert_int_equal(fs_flow_jacobian_product(F->f, w, w + n, w + 2 * n), FS_OK);
    double d = -dot_of(y, w + 2 * n + E, n - E);
    free(w);
    return d;
}

static double twist(const fixture *F, size_t point, double s, const double *y)
{
    double d[2];
    for (int i = 0; i < 2; i++) {
        double h = i == 0 ? 0.01 : 0.005;
        d[i] = (slope(F, point, s + h, y) - 2.0 * slope(F, point, s, y) + slope(F, point, s - h, y)) / (h * h);
    }
    return (4.0 * d[1] - d[0]) / 3.0;
}

static double lambda_at(const fixture *F, size_t point, double s, const double *y)
{
    double *w = calloc(fs_flow_dim(F->f), sizeof *w);
    fs_transverse spectrum;
    fs_err err = { 0 };
    assert_non_null(w);
    state_of(F, point, s, y, w);
    assert_ok(fs_transverse_compute(F->f, w, NULL, &spectrum, NULL, &err), err);
    assert_int_equal(spectrum.converged, 1);
    free(w);
    return spectrum.lambda_min;
}

/* phi'''(s) from products: central differences and Richardson, error about h^4 |phi^(7)| / 480 + 4 u |H| / h. */
static double third(const fixture *F, size_t point, double s, const double *y)
{
    double d[2];
    for (int i = 0; i < 2; i++) {
        double h = i == 0 ? 2e-3 : 1e-3;
        d[i] = (bend(F, point, s + h, y) - bend(F, point, s - h, y)) / (2.0 * h);
    }
    return (4.0 * d[1] - d[0]) / 3.0;
}

/* phi'(s) / s, by the mean of phi'' where that is 0 / 0 */
static double mean_bend(const fixture *F, size_t point, double s, const double *y)
{
    return s > 1e-4 ? slope(F, point, s, y) / s : bend(F, point, 0.5 * s, y);
}

/* The extremes are attained where they are said to be, and no place nearby is more extreme. */
static void assert_attained(const fixture *F, const fs_tube_constants *c, gsl_rng *rng)
{
    static double (*const functions[4])(const fixture *F, size_t point, double s, const double *y) = { mean_bend, bend, lambda_at, third };
    const fs_tube_extreme *extremes[4] = { &c->hbar_min, &c->ray_min, &c->lambda_min, &c->M3 };
    size_t N = fs_flow_dim(F->f) - fs_flow_dim_E(F->f);
    double *y = calloc(N, sizeof *y);
    assert_non_null(y);
    for (size_t q = 0; q < 4; q++) {
        const fs_tube_extreme *e = extremes[q];
        double there = functions[q](F, e->point, e->s, e->y), tol = 1e-9 * (1.0 + fabs(e->value));
        assert_near(q == 3 ? fabs(there) : there, e->value, tol);
        for (int i = 0; i < 24; i++) {
            double s = e->s + 0.02 * c->radius * (gsl_rng_uniform(rng) - 0.5), size = i % 2 == 0 ? 1e-2 : 1e-3;
            if (s > c->radius || i % 3 == 0) s = e->s;
            if (s < 0.0) s = 0.0;
            fs_rng_gaussian(rng, N, y);
            double length = norm_of(y, N);
            for (size_t j = 0; j < N; j++) y[j] = e->y[j] + size * y[j] / length;
            length = norm_of(y, N);
            for (size_t j = 0; j < N; j++) y[j] /= length;
            double value = functions[q](F, e->point, s, y);
            if (q == 3) assert_at_most(fabs(value), e->value + tol);
            else assert_at_most(e->value, value + tol);
        }
    }
    free(y);
}

/* --- third turns -------------------------------------------------------------------------------------- */

static double third_turn_M3(double K)
{
    return 1.5 + 4.5 * K;
}

/* hbar tube 1/2 + 3/4 d (1 - d) up to d = 1/2, 11/16 beyond; rays 1/2 + 3/2 d - 9/4 d^2 up to 1/3, 3/4 beyond; eigenvalues
 * 1/2 + 3/2 d - 3/4 d^2 up to 1; Bernoulli 1/2 + (3/4 + 9/4 d) d; paper from A_0 on the rays cos(3 phi) = -1, w0 + w0^2 = 1. */
static void third_turns_have_the_constants_and_bounds_in_closed_form(void **state)
{
    (void)state;
    static const struct { double delta, ray, lambda, bernoulli, paper; } rows[] = {
        { 0.1, 0.6275, 0.6425, 0.5975, 2.1059 }, { 0.2, 0.71, 0.77, 0.74, 2.1433 }, { 0.5, 0.75, 1.0625, 1.4375, 2.4189 }, { 1.0, 0.75, 1.25, 3.5, 3.7609 },
    };
    const double golden = 0.5 * (sqrt(5.0) - 1.0), A[3] = { golden, 0.0, 0.0 };
    gsl_rng *rng = law_rng(__func__);
    fixture F = around("c3_transcritical", 1, A, 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double delta = rows[i].delta, K, hbar = delta <= 0.5 ? 0.5 + 0.75 * delta * (1.0 - delta) : 0.6875;
        const double A0[3] = { golden, -delta, 0.0 };
        double w[3];
        fs_flow_point p;
        fs_err err = { 0 };
        fs_tube_constants c = measured(&F, delta);
        assert_near(c.c, -0.5, found);
        assert_near(-c.hbar_min.value, hbar, found);
        assert_near(-c.ray_min.value, rows[i].ray, found);
        assert_near(-c.lambda_min.value, rows[i].lambda, found);
        assert_near(c.M3.value, third_turn_M3(delta), found);
        assert_near(fs_bound_bernoulli(c.c, 0.5 * c.M3.value, delta), rows[i].bernoulli, found);
        assert_near(c.M3.s, delta, found);
        assert_attained(&F, &c, rng);
        assert_near(c.hbar_min.s, delta < 0.5 ? delta : 0.5, 1e-4);
        assert_near(c.ray_min.s, delta < 1.0 / 3.0 ? delta : 1.0 / 3.0, 1e-4);
        assert_ok(fs_problem_state_of_weights(F.p, A0, w, &err), err);
        assert_int_equal(fs_flow_evaluate(F.f, w, &p, NULL), FS_OK);
        double gamma = paper_tube(&F, c.c, delta, p.risk, &K);
        assert_near(gamma, rows[i].paper, 5.1e-5);
        assert_near(gamma, paper_root(third_turn_M3, -0.5, delta, p.risk), 1e-7);
        assert_near(K * K, delta * delta + 2.0 * p.risk / gamma, 1e-6);
    }
    clear(&F);
    /* where phi' / t is no longer resolved as a quotient */
    static const double short_rays[] = { 1e-7, 4e-6, 2e-5 };
    F = around("c3_transcritical", 1, A, 1);
    for (size_t i = 0; i < 3; i++) {
        fs_tube_constants c = measured(&F, short_rays[i]);
        assert_near(-c.hbar_min.value, 0.5 + 0.75 * short_rays[i] * (1.0 - short_rays[i]), found);
        assert_near(c.M3.value, 1.5 + 4.5 * short_rays[i], found);
    }
    clear(&F);
    gsl_rng_free(rng);
}

/* gamma*(delta) = 1/2 + 3/4 delta + ...: C = M3 / 2 meets the slope, C = M3 does not. */
static void half_of_M3_is_sharp(void **state)
{
    (void)state;
    const double A[3] = { 0.3, 0.0, 0.0 }, delta = 1e-3;
    fixture F = around("c3_transcritical", 1, A, 2);
    fs_tube_constants c = measured(&F, delta);
    double exact = 0.5 + 0.75 * delta * (1.0 - delta);
    double half = (fs_bound_bernoulli(c.c, 0.5 * c.M3.value, delta) - exact) / delta, whole = (fs_bound_bernoulli(c.c, c.M3.value, delta) - exact) / delta;
    assert_near(half, 3.0 * delta, 1e-6);           /* 9/4 + 3/4 */
    assert_true(whole > 0.74);
    clear(&F);
}

/* --- swaps --------------------------------------------------------------------------------------------- */

static double sine_M3(double K)
{
    return root_2 * K < 0.5 * pi ? 0.5 * root_2 * sin(root_2 * K) : 0.5 * root_2;
}

static void sine_toy_has_the_global_constants(void **state)
{
    (void)state;
    static const double radii[] = { 0.0, 0.05, 0.3, 0.7, 1.0, 1.2, 3.0, 10.0 };
    const double A[6] = { 0.0, 0.0, 0.25 * pi, 0.25 * pi, 0.5 * pi, 0.5 * pi };     /* sqrt2 u = w1 + w2 */
    fixture F = around("toy_sine", 3, A, 3);
    for (size_t i = 0; i < sizeof radii / sizeof *radii; i++) {
        fs_tube_constants c = measured(&F, radii[i]);
        assert_near(c.c, -0.5, 1e-15);
        assert_near(c.hbar_min.value, -0.5, found);
        assert_near(c.ray_min.value, -0.5, found);
        assert_near(c.lambda_min.value, -0.5, found);
        assert_near(c.M3.value, sine_M3(radii[i]), found);
    }
    double K, gamma = paper_tube(&F, -0.5, 0.1, 0.5, &K);
    assert_near(gamma, paper_root(sine_M3, -0.5, 0.1, 0.5), 1e-7);
    assert_near(paper_tube(&F, -0.5, 1.0, 0.5, &K), 1.0, 1e-7);
    assert_near(K, root_2, 1e-7);
    clear(&F);
}

static void paper_bound_of_the_sine_toy_is_the_table(void **state)
{
    (void)state;
    static const double table[][2] = { { 0.1, 0.878799975406 }, { 0.5, 0.910527736864 }, { 1.0, 1.0 },
                                       { 2.0, 1.273409138442 }, { 5.0, 2.283184815603 }, { 10.0, 4.039906962987 } };
    for (size_t i = 0; i < 6; i++) {
        double delta = table[i][0], C = 0.25 * root_2;
        assert_near(fs_bound_paper(-0.5, C, delta, 0.5), table[i][1], 1e-12);
        assert_near(fs_bound_bernoulli(-0.5, C, delta), 0.5 + 0.25 * root_2 * delta, 1e-15);
        assert_true(fs_bound_bernoulli(-0.5, C, delta) < fs_bound_paper(-0.5, C, delta, 0.5));
    }
    assert_near(fs_bound_paper(-0.5, 0.25 * root_2, 1.0, 0.5), 1.0, 4.0 * DBL_EPSILON);
}

/* --- wide tubes ------------------------------------------------------------------------------------------- */

/* Tubes of their own: nothing is known from narrower ones. */
static void sine_toy_has_its_constants_on_any_tube_at_once(void **state)
{
    (void)state;
    static const double radii[] = { 1e-3, 0.01, 0.1, 1.0, 3.0, 10.0, 31.0, 100.0, 1e3 };
    const double A[2] = { 0.0, 0.0 };       /* cos(sqrt2 u) = 1: <y, grad R> / s lowest at tan(x) = x, and Hess R = cos(sqrt2 v) / 2 */
    for (size_t i = 0; i < sizeof radii / sizeof *radii; i++) {
        fixture F = around("toy_sine", 1, A, 3);
        fs_tube_constants c = measured(&F, radii[i]);
        assert_near(c.M3.value, sine_M3(radii[i]), found);
        assert_near(c.ray_min.value, root_2 * radii[i] < pi ? 0.5 * cos(root_2 * radii[i]) : -0.5, found);
        if (radii[i] > 3.5) assert_near(c.hbar_min.value, 0.5 * -0.21723362821122165740, found);
        clear(&F);
    }
}

/* R^aug = tanh(a w)^2 / 2 + 1 / 2, t = tanh(a w): a^2 (1 - t^2) (1 - 3 t^2) and a^3 (12 t^3 - 8 t) (1 - t^2), extreme at t^2 = 2/3 and at 120 t^4 - 120 t^2 + 16 = 0.
 * Far out there is nothing but zeros, and at 0 the third derivative is zero as well. */
static void one_saturated_weight_has_its_constants_on_any_tube(void **state)
{
    (void)state;
    static const double inputs[] = { 0.05, 1.0, 2.0, 10.0 }, lengths[] = { 0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0, 2e3 };
    const double A[1] = { 0.0 }, top = sqrt((120.0 - sqrt(6720.0)) / 240.0), turn = sqrt(2.0 / 3.0);
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
            char text[300];
            double a = inputs[i], t = tanh(lengths[k]), T = t < top ? t : top, low = t < turn ? t : turn;
            /* differences of step 2^-10 by Richardson: h^4 / 480 |D^7 R|, of which tanh has no more than 8! (2 / pi)^9 a^7 here */
            double off = found + pow(0x1p-10 * a, 4.0) / 480.0 * 700.0;
            snprintf(text, sizeof text, "group: Z2-sign\ndata: {source: inline, x: [[%g]], targets: [[1]]}\ninput: {vector: [sign]}\n"
                     "layers: [{dense: {out: 1}}, {tanh: {}}]\nloss: squared\n", a);
            fixture F = around_points(model_of(text), 1, A, 5);
            fs_tube_constants c = measured(&F, lengths[k] / a);
            assert_near(c.c / (a * a), 1.0, 1e-14);
            assert_near(c.M3.value / (a * a * a), (8.0 * T - 12.0 * T * T * T) * (1.0 - T * T), off);
            assert_near(c.ray_min.value / (a * a), (1.0 - low * low) * (1.0 - 3.0 * low * low), found);
            assert_near(c.lambda_min.value, c.ray_min.value, found * a * a);
            clear(&F);
        }
}

/* phi(v) = (6 u^2 v^2 + v^4) / 8 - v^2 / 2 and (v^2 - 1)^2 / 4: the lowest curvatures are on E, M3 is 3 delta and 6 delta. */
static void quartic_risks_have_linear_M3(void **state)
{
    (void)state;
    static const double radii[] = { 1e-3, 0.1, 0.7, 2.0 };
    const double A[4] = { 0.3, 0.3, -0.8, -0.8 };
    fixture quartic = around("toy_quartic", 2, A, 4), pitchfork = around("pitchfork", 2, A, 4);
    for (size_t i = 0; i < 4; i++) {
        fs_tube_constants c = measured(&quartic, radii[i]), d = measured(&pitchfork, radii[i]);
        double low = 1.5 * 2.0 * 0.09 - 1.0, size = 1.0 + radii[i] * radii[i];
        assert_near(c.c, low, found);
        assert_near(c.hbar_min.value, low, found);
        assert_near(c.ray_min.value, low, found);
        assert_near(c.lambda_min.value, low, found);
        assert_near(c.M3.value, 3.0 * radii[i], found * size);
        assert_int_equal(c.hbar_min.point, 0);
        assert_near(d.c, -1.0, found);
        assert_near(d.hbar_min.value, -1.0, found);
        assert_near(d.M3.value, 6.0 * radii[i], found * size);
    }
    clear(&quartic);
    clear(&pitchfork);
}

/* (1 - t) / 4 sum over +-q of g(sqrt2 (p + d q)), g = (1 + tanh)^2 / 2, t = 0.2, d = 2: derivatives by q */
static void tanh_swap_across(double p, double q, double out[3])
{
    const double d = 2.0 * root_2;
    double g[2][3];
    for (int i = 0; i < 2; i++) {
        double T = tanh(root_2 * p + (i == 0 ? d * q : -d * q)), D = (1.0 - T) * (1.0 + T), cubic = 1.0 - 2.0 * T - 3.0 * T * T;
        g[i][0] = (1.0 + T) * D;
        g[i][1] = D * cubic;
        g[i][2] = -2.0 * D * (T * cubic + (3.0 * T + 1.0) * D);
    }
    out[0] = 0.2 * d * (g[0][0] - g[1][0]);
    out[1] = 0.2 * d * d * (g[0][1] + g[1][1]);
    out[2] = 0.2 * d * d * d * (g[0][2] - g[1][2]);
}

static void tanh_swap_extremes_are_those_of_a_fine_grid(void **state)
{
    (void)state;
    enum { GRID = 20000 };
    static const double radii[] = { 0.1, 0.5, 1.5 }, at[2] = { 0.14334, 0.6 };
    const double A[4] = { at[0] / root_2, at[0] / root_2, at[1] / root_2, at[1] / root_2 };
    fixture F = around("tanh_swap", 2, A, 5);
    for (size_t r = 0; r < 3; r++) {
        double low[3] = { (double)INFINITY, (double)INFINITY, 0.0 }, d[3];
        for (size_t k = 0; k < 2; k++)
            for (int i = 1; i <= GRID; i++) {
                double q = radii[r] * i / GRID;
                tanh_swap_across(at[k], q, d);
                if (d[0] / q < low[0]) low[0] = d[0] / q;
                if (d[1] < low[1]) low[1] = d[1];
                if (fabs(d[2]) > low[2]) low[2] = fabs(d[2]);
            }
        /* between two nodes a smooth function is off by a second derivative: at most (2 sqrt2)^5 times a few */
        double step = radii[r] / GRID, grid = 500.0 * step * step + 20.0 * step * (radii[r] < 0.2), tol = found * 100.0;
        fs_tube_constants c = measured(&F, radii[r]);
        assert_at_most(c.hbar_min.value, low[0] + tol);
        assert_near(c.hbar_min.value, low[0], tol + grid);
        assert_at_most(c.ray_min.value, low[1] + tol);
        assert_near(c.ray_min.value, low[1], tol + grid);
        assert_near(c.lambda_min.value, c.ray_min.value, tol);
        assert_at_most(low[2], c.M3.value + tol);
        assert_near(c.M3.value, low[2], tol + grid);
        tanh_swap_across(at[c.M3.point], c.M3.s, d);
        assert_near(c.M3.value, fabs(d[2]), 1e-11 * 100.0);
    }
    clear(&F);
}

/* --- any network ----------------------------------------------------------------------------------------- */

/* No random point of the tube beats an extreme, and the extremes come in order. */
static void assert_extreme(const fixture *F, const fs_tube_constants *c, gsl_rng *rng, size_t samples)
{
    size_t N = fs_flow_dim(F->f) - fs_flow_dim_E(F->f);
    double *y = calloc(N, sizeof *y);
    assert_non_null(y);
    for (size_t i = 0; i < samples; i++) {
        size_t point = (size_t)gsl_rng_uniform_int(rng, F->n_points);
        double s = c->radius * gsl_rng_uniform_pos(rng);
        fs_rng_gaussian(rng, N, y);
        double length = norm_of(y, N);
        for (size_t j = 0; j < N; j++) y[j] /= length;
        assert_at_most(c->hbar_min.value, mean_bend(F, point, s, y) + 1e-10);
        assert_at_most(c->ray_min.value, bend(F, point, s, y) + 1e-10);
        assert_at_most(c->lambda_min.value, lambda_at(F, point, s, y) + 1e-10);
        assert_at_most(fabs(third(F, point, s, y)), c->M3.value + 1e-9);
        assert_near(third(F, point, s, y), twist(F, point, s, y), 1e-6);
    }
    free(y);
    assert_at_most(c->ray_min.value, c->hbar_min.value + 1e-12);
    assert_at_most(c->lambda_min.value, c->ray_min.value + 1e-12);
    assert_at_most(c->hbar_min.value, c->c + 1e-12);
    assert_near(fabs(twist(F, c->M3.point, c->M3.s, c->M3.y)), c->M3.value, 1e-5);
    assert_attained(F, c, rng);
}

static void no_sample_of_a_small_network_beats_the_extremes(void **state)
{
    (void)state;
    static const double radii[] = { 0.0, 0.1, 0.5, 1.0 };
    static const char *const models[] = { "tiny_mlp", "tiny_mlp_trivial" };
    gsl_rng *rng = law_rng(__func__);
    for (size_t m = 0; m < 2; m++) {
        fixture F = around_drawn(models[m], 2, 0, (uint64_t)gsl_rng_get(rng), NULL);
        fs_tube_constants c[4];
        for (size_t i = 0; i < 4; i++) {
            c[i] = measured(&F, radii[i]);
            assert_extreme(&F, &c[i], rng, i == 0 ? 0 : 150);
            if (i == 0) continue;
            assert_at_most(c[i].hbar_min.value, c[i - 1].hbar_min.value);
            assert_at_most(c[i].ray_min.value, c[i - 1].ray_min.value);
            assert_at_most(c[i].lambda_min.value, c[i - 1].lambda_min.value);
            assert_at_most(c[i - 1].M3.value, c[i].M3.value);
            assert_at_most(-c[i].hbar_min.value, fs_bound_bernoulli(c[i].c, 0.5 * c[i].M3.value, radii[i]) + 1e-10);
        }
        /* the swap turns N over: nothing changes to first order in s, and yet eigenvalues sink */
        assert_true(c[1].lambda_min.value < c[1].c - 1e-4);
        assert_near(c[0].hbar_min.value, c[0].c, 1e-12);
        assert_near(c[0].lambda_min.value, c[0].c, 1e-12);
        if (m == 1) assert_true(c[3].ray_min.value < c[3].c - 0.1);
        clear(&F);
    }
    gsl_rng_free(rng);
}

static void no_sample_of_a_convolutional_network_beats_the_extremes(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng(__func__);
    fixture F = around_drawn("cnn_c4", 1, 2, (uint64_t)gsl_rng_get(rng), NULL);
    fs_tube_constants c = measured(&F, 0.1);
    assert_extreme(&F, &c, rng, 10);
    assert_true(c.lambda_min.value < c.c - 1e-3);
    clear(&F);
    gsl_rng_free(rng);
}

/* A quadratic risk has no third derivative, one curvature everywhere, and no root: next to nothing suffices where c > 0. */
static void linear_networks_have_constant_curvature(void **state)
{
    (void)state;
    fixture F = around_drawn("cyclic_linear", 2, 0, 6, NULL);
    fs_tube_constants c = measured(&F, 0.7);
    double size = fabs(c.c) + 1.0, K;
    assert_near(c.lambda_min.value, c.c, 1e-12 * size);
    assert_near(c.hbar_min.value, c.c, 1e-10 * size);
    assert_near(c.M3.value, 0.0, 1e-10 * size);
    assert_near(paper_tube(&F, 0.5, 0.7, 1.0, &K), 0.0, 1e-8);
    assert_near(paper_tube(&F, -0.5, 0.7, 1.0, &K), 0.5, 1e-8);
    assert_near(paper_tube(&F, 0.5, 0.7, 0.0, &K), -0.5, 1e-9);
    assert_near(K, 0.7, 0.0);
    clear(&F);
}

static void same_seed_gives_the_same_bits(void **state)
{
    (void)state;
    fs_tube_constants c[2];
    fixture F[2];
    for (int i = 0; i < 2; i++) {
        F[i] = around_drawn("tiny_mlp", 2, 3, 77, NULL);
        c[i] = measured(&F[i], 0.4);
    }
    assert_memory_equal(&c[0].M3.value, &c[1].M3.value, sizeof c[0].M3.value);
    assert_memory_equal(&c[0].lambda_min.value, &c[1].lambda_min.value, sizeof c[0].lambda_min.value);
    assert_memory_equal(c[0].M3.y, c[1].M3.y, (fs_flow_dim(F[0].f) - fs_flow_dim_E(F[0].f)) * sizeof *c[0].M3.y);
    assert_int_equal(c[0].products, c[1].products);
    clear(&F[0]);
    clear(&F[1]);
}

static void M3_alone_is_that_of_the_measurement(void **state)
{
    (void)state;
    fixture F = around_drawn("tiny_mlp", 2, 0, 8, NULL), G = around_drawn("tiny_mlp", 2, 0, 8, NULL);
    double wide, narrow, again;
    fs_err err = { 0 };
    fs_tube_constants c = measured(&F, 0.5);
    assert_ok(fs_tube_third(G.t, 0.5, &wide, &err), err);
    assert_near(wide, c.M3.value, 1e-9);
    assert_ok(fs_tube_third(G.t, 0.3, &narrow, &err), err);
    assert_true(narrow < wide);
    c = measured(&F, 0.3);
    assert_near(narrow, c.M3.value, 1e-9);
    assert_ok(fs_tube_third(G.t, 0.5, &again, &err), err);
    assert_true(again >= wide);
    assert_near(again, wide, 1e-9);
    clear(&F);
    clear(&G);
}

/* --- formulas ------------------------------------------------------------------------------------------------ */

static double log_uniform(gsl_rng *rng, double low, double high)
{
    return low * pow(high / low, gsl_rng_uniform(rng));
}

static void paper_bound_solves_its_equation(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng(__func__);
    for (int i = 0; i < 5000; i++) {
        double c = (gsl_rng_uniform(rng) < 0.5 ? -1.0 : 1.0) * log_uniform(rng, 1e-4, 1e4), C = log_uniform(rng, 1e-6, 1e6);
        double delta = log_uniform(rng, 1e-6, 1e3), R0 = log_uniform(rng, 1e-6, 1e6), gamma = fs_bound_paper(c, C, delta, R0);
        assert_true(gamma > 0.0);
        /* f is increasing: it changes its sign within rounding of the root, the sum's rounding over the slope added */
        double K = sqrt(delta * delta + 2.0 * R0 / gamma), slope_there = 1.0 + C * R0 / (gamma * gamma * K);
        assert_near((gamma + c - C * K) / slope_there, 0.0, 8.0 * DBL_EPSILON * (gamma + (fabs(c) + C * K) / slope_there));
        assert_true(gamma >= fs_bound_bernoulli(c, C, delta) - 4.0 * DBL_EPSILON * (C * delta + fabs(c)));
        assert_true(fs_bound_paper(c, C, delta, 2.0 * R0) >= gamma * (1.0 - 1e-12));
    }
    gsl_rng_free(rng);
}

static void bounds_have_their_edge_cases(void **state)
{
    (void)state;
    assert_near(fs_bound_paper(-0.7, 0.0, 2.0, 3.0), 0.7, 0.0);
    assert_near(fs_bound_paper(0.7, 0.0, 2.0, 3.0), -0.7, 0.0);
    assert_near(fs_bound_paper(5.0, 1.5, 2.0, 0.0), -2.0, 0.0);
    assert_near(fs_bound_paper(-5.0, 1.5, 2.0, 0.0), 8.0, 0.0);
    /* delta = 0: (gamma + c)^2 gamma = 2 C^2 R0 */
    assert_near(fs_bound_paper(0.0, 2.0, 0.0, 1.0), 2.0, 1e-14);
    assert_near(fs_bound_paper(1.0, 2.0, 0.0, 0.5), 1.0, 1e-14);
    assert_near(fs_bound_paper(1e200, 1.0, 1.0, 1.0), 0.0, 1e-300);
    assert_near(fs_bound_paper(-1e200, 1.0, 1.0, 1.0) / 1e200, 1.0, 1e-15);
    assert_near(fs_bound_paper(0.0, 1e150, 0.0, 1e200) / (cbrt(2.0) * cbrt(1e200) * 1e100), 1.0, 1e-13);
    assert_true(fs_bound_paper(0.0, 1e-150, 0.0, 1e-200) > 0.0);
    assert_true(isnan(fs_bound_paper((double)NAN, 1.0, 1.0, 1.0)));
    assert_true(isnan(fs_bound_paper(1.0, (double)NAN, 1.0, 1.0)));
    assert_true(isnan(fs_bound_paper(1.0, 1.0, -1.0, 1.0)));
    assert_true(isnan(fs_bound_paper(1.0, 1.0, 1.0, -1.0)));
    assert_near(fs_bound_bernoulli(3.0, 1.0, 2.0), -1.0, 0.0);
    assert_true(isnan(fs_bound_bernoulli((double)NAN, 1.0, 2.0)));
}

static void bernoulli_bound_solves_its_equation(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng(__func__);
    for (int i = 0; i < 3000; i++) {
        double a = 4.0 * gsl_rng_uniform(rng) - 2.0, C = 2.0 * gsl_rng_uniform(rng), y0 = 2.0 * gsl_rng_uniform_pos(rng), c = -0.5;
        if (i % 3 == 0) a *= 1e-9;
        double s = gsl_rng_uniform(rng), t = gsl_rng_uniform(rng), middle = fs_bound_bernoulli_at(c, C, a - c, y0, s);
        double y = fs_bound_bernoulli_at(c, C, a - c, y0, s + t);
        if (!isfinite(y) || y > 10.0) continue;
        /* a semigroup with the right derivative at 0 */
        assert_near(fs_bound_bernoulli_at(c, C, a - c, middle, t), y, 1e-12 * (1.0 + y * y));
        double h = 1e-5, rate = (fs_bound_bernoulli_at(c, C, a - c, y0, h) - fs_bound_bernoulli_at(c, C, a - c, y0, -h)) / (2.0 * h);
        /* |y'''| <= (|a| + 2 C y)^3 y */
        assert_near(rate, -a * y0 + C * y0 * y0, h * h * pow(fabs(a) + 2.0 * C * y0, 3.0) * y0 + 16.0 * DBL_EPSILON / h * y0);
        assert_near(fs_bound_bernoulli_at(c, C, a - c, y0, 0.0), y0, 0.0);
    }
    gsl_rng_free(rng);
}

static void bernoulli_bound_blows_up_where_it_should(void **state)
{
    (void)state;
    static const double rates[] = { 0.5, 1e-12, 0.0, -1e-12, -0.7 };
    for (size_t i = 0; i < 5; i++) {
        double a = rates[i], C = 1.25, y0 = 0.8, end = fabs(a) > 1e-6 ? log(C * y0 / (C * y0 - a)) / a : 1.0 / (C * y0);
        assert_true(isfinite(fs_bound_bernoulli_at(0.0, C, a, y0, end * (1.0 - 1e-9))));
        assert_true(fs_bound_bernoulli_at(0.0, C, a, y0, end * (1.0 - 1e-6)) > 1e5);
        assert_true(isinf(fs_bound_bernoulli_at(0.0, C, a, y0, end * (1.0 + 1e-9))));
        assert_true(isinf(fs_bound_bernoulli_at(0.0, C, a, y0, 1e300)));
    }
    assert_near(fs_bound_bernoulli_at(0.0, 1.0, 2.0, 2.0, 1e300), 2.0, 0.0);         /* at rest at a / C */
    assert_near(fs_bound_bernoulli_at(0.0, 1.0, 2.0, 1.5, 1e300), 0.0, 0.0);
    assert_near(fs_bound_bernoulli_at(0.0, 0.0, 2.0, 1.5, 3.0), 1.5 * exp(-6.0), 1e-17);
    assert_true(isinf(fs_bound_bernoulli_at(-3.0, 0.0, 2.0, 1.5, 1e300)));
    assert_near(fs_bound_bernoulli_at(-3.0, 1.0, 2.0, 0.0, 1e300), 0.0, 0.0);
    assert_true(isnan(fs_bound_bernoulli_at((double)NAN, 1.0, 2.0, 0.5, 1.0)));
    /* late: y exp(a t) tends to y_0 / (1 - C y_0 / a) */
    assert_near(fs_bound_bernoulli_at(0.5, 1.0, 1.5, 1.0, 40.0) * exp(80.0), 2.0, 1e-12);
}

/* --- refusals, stops ------------------------------------------------------------------------------------------- */

static void bad_input_is_refused(void **state)
{
    (void)state;
    fs_problem *p = load_model("tiny_mlp", NULL, NULL, NULL), *trivial = load_model("cnn_c4", "group=C1", NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.0), *penalised = make_flow(p, FS_FLOW_AUGMENTED, 1.0);
    fs_flow *nominal = make_flow(p, FS_FLOW_NOMINAL, 0.0), *equivariant = make_flow(p, FS_FLOW_EQUIVARIANT, 0.0);
    fs_flow *all_E = make_flow(trivial, FS_FLOW_AUGMENTED, 0.0);
    double x[64] = { 0 }, M3, gamma, K;
    fs_err err = { 0 };
    fs_tube *t = NULL;
    fs_tube_constants c;
    fs_tube_options o = { .n_points = 1, .x = x };
    assert_fails(fs_tube_create(&t, penalised, &o, &err), FS_EINPUT, err, "gamma = 1");
    assert_fails(fs_tube_create(&t, nominal, &o, &err), FS_EINPUT, err, "nominal");
    assert_fails(fs_tube_create(&t, equivariant, &o, &err), FS_EINPUT, err, "equivariant");
    assert_int_equal(fs_flow_dim(all_E), fs_flow_dim_E(all_E));
    assert_fails(fs_tube_create(&t, all_E, &o, &err), FS_EINPUT, err, "dim N");
    o.n_points = 0;
    assert_fails(fs_tube_create(&t, f, &o, &err), FS_EINPUT, err, "at least one point");
    o.n_points = 1;
    x[2] = (double)NAN;
    assert_fails(fs_tube_create(&t, f, &o, &err), FS_EINPUT, err, "finite points");
    assert_null(t);
    x[2] = 0.0;
    assert_ok(fs_tube_create(&t, f, &o, &err), err);
    assert_fails(fs_tube_measure(t, -0.1, &c, &err), FS_EINPUT, err, "radius");
    assert_fails(fs_tube_measure(t, (double)INFINITY, &c, &err), FS_EINPUT, err, "radius");
    assert_fails(fs_tube_third(t, (double)NAN, &M3, &err), FS_EINPUT, err, "radius");
    assert_fails(fs_bound_paper_tube(t, -0.5, -1.0, 1.0, &gamma, &K, &err), FS_EINPUT, err, "delta = -1");
    assert_fails(fs_bound_paper_tube(t, -0.5, 1.0, (double)NAN, &gamma, &K, &err), FS_EINPUT, err, "R0");
    assert_fails(fs_bound_paper_tube(t, (double)NAN, 0.1, 1.0, &gamma, &K, &err), FS_EINPUT, err, "a number c");
    fs_tube_destroy(t);
    fs_tube_destroy(NULL);
    fs_flow *flows[] = { f, penalised, nominal, equivariant, all_E };
    for (size_t i = 0; i < 5; i++) fs_flow_destroy(flows[i]);
    fs_problem_destroy(p);
    fs_problem_destroy(trivial);
}

/* The risk overflows far out: said, not searched past. */
static void risk_that_is_not_finite_is_an_error(void **state)
{
    (void)state;
    const double A[2] = { 0.3, 0.3 };
    fixture F = around("toy_quartic", 1, A, 9);
    fs_tube_constants c;
    fs_err err = { 0 };
    assert_fails(fs_tube_measure(F.t, 1e120, &c, &err), FS_ENAN, err, "not finite");
    clear(&F);
}

typedef struct { long calls, most; int disorder; double fraction; char last[64]; } counter;

static int count_reports(void *context, const char *stage, double fraction)
{
    counter *c = context;
    c->calls++;
    if (!(fraction <= 1.0)) c->disorder = 1;
    snprintf(c->last, sizeof c->last, "%s", stage);
    return c->calls > c->most;
}

static void stopped_measurement_keeps_what_is_known(void **state)
{
    (void)state;
    counter count = { .most = 1000000000L };
    fs_watch watch = { count_reports, &count };
    fixture F = around_drawn("tiny_mlp", 2, 2, 10, &watch), G = around_drawn("tiny_mlp", 2, 2, 10, NULL);
    fs_err err = { 0 };
    fs_tube_constants full = measured(&G, 0.5), c = measured(&F, 0.5);
    long all = count.calls;
    assert_true(all > 20);
    assert_int_equal(count.disorder, 0);
    clear(&F);
    for (long i = 0; i < 12; i++) {
        count.calls = 0;
        count.most = i * all / 12;
        F = around_drawn("tiny_mlp", 2, 2, 10, &watch);
        assert_ok(fs_tube_measure(F.t, 0.5, &c, &err), err);
        assert_int_equal(c.stopped, 1);
        assert_true(count.calls <= count.most + 4);
        assert_non_null(c.M3.y);
        if (i == 0) assert_true(isnan(c.c) && isnan(c.M3.value) && c.converged == 0);
        if (!isnan(c.c)) assert_near(c.c, full.c, 0.0);
        assert_true(isnan(c.hbar_min.value) || c.hbar_min.value >= full.hbar_min.value - 1e-9);
        assert_true(isnan(c.lambda_min.value) || c.lambda_min.value >= full.lambda_min.value - 1e-9);
        assert_true(isnan(c.M3.value) || c.M3.value <= full.M3.value + 1e-7);
        /* asked again without a stop it gets there */
        count.most = 1000000000L;
        c = measured(&F, 0.5);
        assert_near(c.c, full.c, 0.0);
        assert_near(c.M3.value, full.M3.value, 1e-7);
        assert_near(c.lambda_min.value, full.lambda_min.value, 1e-7);
        clear(&F);
    }
    count = (counter){ .most = 5 };
    F = around_drawn("tiny_mlp", 2, 2, 10, &watch);
    double M3, gamma, K;
    assert_fails(fs_tube_third(F.t, 0.5, &M3, &err), FS_ESTOPPED, err, "tube");
    assert_true(isnan(M3));
    assert_fails(fs_bound_paper_tube(F.t, -0.5, 0.5, 1.0, &gamma, &K, &err), FS_ESTOPPED, err, "tube");
    clear(&F);
    clear(&G);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(third_turns_have_the_constants_and_bounds_in_closed_form),
        cmocka_unit_test(half_of_M3_is_sharp),
        cmocka_unit_test(sine_toy_has_the_global_constants),
        cmocka_unit_test(paper_bound_of_the_sine_toy_is_the_table),
        cmocka_unit_test(sine_toy_has_its_constants_on_any_tube_at_once),
        cmocka_unit_test(one_saturated_weight_has_its_constants_on_any_tube),
        cmocka_unit_test(quartic_risks_have_linear_M3),
        cmocka_unit_test(tanh_swap_extremes_are_those_of_a_fine_grid),
        cmocka_unit_test(no_sample_of_a_small_network_beats_the_extremes),
        cmocka_unit_test(no_sample_of_a_convolutional_network_beats_the_extremes),
        cmocka_unit_test(linear_networks_have_constant_curvature),
        cmocka_unit_test(same_seed_gives_the_same_bits),
        cmocka_unit_test(M3_alone_is_that_of_the_measurement),
        cmocka_unit_test(paper_bound_solves_its_equation),
        cmocka_unit_test(bounds_have_their_edge_cases),
        cmocka_unit_test(bernoulli_bound_solves_its_equation),
        cmocka_unit_test(bernoulli_bound_blows_up_where_it_should),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(risk_that_is_not_finite_is_an_error),
        cmocka_unit_test(stopped_measurement_keeps_what_is_known),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
