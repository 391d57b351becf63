/* tests/test_lanczos.c -- extreme eigenvalues of operators whose spectrum is known
 *
 * A = Q diag(d) Q with the reflection Q = 1 - 2 q q^T, q a random unit vector: products cost O(n), eigenvectors are Q e_i.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "flows.h"
#include "observe/lanczos.h"
#include "observe/transverse.h"

/* The operator, and what it is told to do. */
typedef struct {
    size_t n;
    double *d, *q;
    long calls, fail_at;        /* 0: never */
    fs_status failure;          /* FS_OK: a NaN instead */
    double low, high;           /* extreme Rayleigh quotients of what was multiplied */
} mirror;

static fs_status apply(void *context, const double *x, double *y)
{
    mirror *m = context;
    double qx = dot_of(m->q, x, m->n), qy;
    if (++m->calls == m->fail_at && m->failure != FS_OK) return m->failure;
    for (size_t i = 0; i < m->n; i++) y[i] = m->d[i] * (x[i] - 2.0 * qx * m->q[i]);
    qy = dot_of(m->q, y, m->n);
    for (size_t i = 0; i < m->n; i++) y[i] -= 2.0 * qy * m->q[i];
    double quotient = dot_of(x, y, m->n) / dot_of(x, x, m->n);
    if (m->calls == 1 || quotient < m->low) m->low = quotient;
    if (m->calls == 1 || quotient > m->high) m->high = quotient;
    if (m->calls == m->fail_at) y[0] = (double)NAN;
    return FS_OK;
}

static mirror mirror_of(gsl_rng *rng, size_t n)
{
    mirror m = { .n = n, .d = calloc(n, sizeof(double)), .q = calloc(n, sizeof(double)) };
    assert_true(m.d && m.q);
    fs_rng_gaussian(rng, n, m.q);
    double length = norm_of(m.q, n);
    for (size_t i = 0; i < n; i++) m.q[i] /= length;
    return m;
}

static void mirror_free(mirror *m)
{
    free(m->d);
    free(m->q);
}

static double largest_of(const mirror *m)
{
    double largest = 0.0;
    for (size_t i = 0; i < m->n; i++)
        if (fabs(m->d[i]) > largest) largest = fabs(m->d[i]);
    return largest;
}

/* Spectra: 0 spread out, 1 in clusters of three equal ones, 2 all equal, 3 nearly all zero, 4 zero, 5 two close ones at either end. */
enum { SPECTRA = 6 };
static void fill(gsl_rng *rng, int kind, mirror *m)
{
    for (size_t i = 0; i < m->n; i++) {
        double x = (double)i, n = (double)m->n;
        if (kind == 0) m->d[i] = 2.0 * gsl_rng_uniform(rng) - 1.0;
        if (kind == 1) m->d[i] = (double)(i / 3) / n - 0.1;
        if (kind == 2) m->d[i] = -0.75;
        if (kind == 3) m->d[i] = i < 3 ? x - 1.0 : 0.0;
        if (kind == 4) m->d[i] = 0.0;
        if (kind == 5) m->d[i] = x / n + (i == 0 ? 1.0 / n - 1e-9 : i + 1 == m->n ? 1e-9 - 1.0 / n : 0.0);
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double distance_to_spectrum(const mirror *m, double value)
{
    double nearest = DBL_MAX;
    for (size_t i = 0; i < m->n; i++)
        if (fabs(value - m->d[i]) < nearest) nearest = fabs(value - m->d[i]);
    return nearest;
}

/* Ascending, orthonormal, residuals as stated, an eigenvalue within each: what holds of every result, converged or not. */
static void assert_consistent(mirror *m, const fs_lanczos *l)
{
    size_t n = m->n;
    double *Av = calloc(n, sizeof *Av), rounding = 16.0 * (double)(n + 8) * DBL_EPSILON;
    double size = largest_of(m) + DBL_MIN;
    assert_non_null(Av);
    for (size_t i = 0; i < l->count; i++) {
        const double *v = l->vector + i * n;
        double residual = 0.0;
        assert_int_equal(apply(m, v, Av), FS_OK);
        for (size_t j = 0; j < n; j++) residual += (Av[j] - l->value[i] * v[j]) * (Av[j] - l->value[i] * v[j]);
        assert_near(l->residual[i], sqrt(residual), rounding * size);
        assert_at_most(distance_to_spectrum(m, l->value[i]), l->residual[i] + rounding * size);
        for (size_t j = 0; j <= i; j++) assert_near(dot_of(v, l->vector + j * n, n), i == j, 1e-8);
        if (i) assert_at_most(l->value[i - 1], l->value[i]);
    }
    free(Av);
}

static fs_lanczos_options options_of(mirror *m, int highest, size_t wanted)
{
    return (fs_lanczos_options){ .n = m->n, .apply = apply, .context = m, .highest = highest, .wanted = wanted };
}

/* --- what it finds ------------------------------------------------------------------------- */

static void extreme_eigenvalues_are_those_of_the_spectrum(void **state)
{
    (void)state;
    const size_t sizes[] = { 1, 2, 3, 7, 33, 64, 65, 150, 301 };
    gsl_rng *rng = law_rng(__func__);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int kind = 0; kind < SPECTRA; kind++)
            for (int highest = 0; highest < 2; highest++) {
                mirror m = mirror_of(rng, sizes[s]);
                fs_lanczos l;
                fs_err err = { 0 };
                fs_lanczos_options o = options_of(&m, highest, 1 + s % 3);
                fill(rng, kind, &m);
                o.products = 4000;
                o.krylov = s % 2 ? 0 : 40;
                assert_ok(fs_lanczos_compute(&l, &o, &err), err);
                assert_consistent(&m, &l);
                qsort(m.d, m.n, sizeof *m.d, ascending);
                size_t wanted = m.n == 1 ? 1 : o.wanted < m.n ? o.wanted : m.n - 1;
                double size = largest_of(&m), tol = (1e-10 + 32.0 * (double)(m.n + 8) * DBL_EPSILON) * size;
                assert_true(l.converged);
                assert_int_equal(l.count, wanted);
                assert_near(l.ritz, highest ? m.d[m.n - 1] : m.d[0], tol);
                assert_at_most(l.norm, size * (1.0 + 1e-12));
                for (size_t i = 0; i < wanted; i++) {
                    assert_at_most(l.residual[i], tol);
                    /* of equal eigenvalues the iteration may see fewer than there are; the extreme one it sees */
                    if (kind == 0) assert_near(l.value[i], m.d[highest ? m.n - wanted + i : i], tol);
                }
                if (m.n == 1) assert_int_equal(l.products, 1);
                fs_lanczos_clear(&l);
                mirror_free(&m);
            }
    gsl_rng_free(rng);
}

static void a_scale_far_from_one_changes_nothing(void **state)
{
    (void)state;
    const double scale[] = { 1e-120, 1e-9, 1e9, 1e120 };
    gsl_rng *rng = law_rng(__func__);
    for (size_t s = 0; s < 4; s++) {
        mirror m = mirror_of(rng, 150);
        fs_lanczos l;
        fs_err err = { 0 };
        fs_lanczos_options o = options_of(&m, 0, 2);
        o.krylov = 30;
        fill(rng, 0, &m);
        for (size_t i = 0; i < m.n; i++) m.d[i] *= scale[s];
        assert_ok(fs_lanczos_compute(&l, &o, &err), err);
        qsort(m.d, m.n, sizeof *m.d, ascending);
        assert_true(l.converged);
        for (size_t i = 0; i < 2; i++) assert_near(l.value[i], m.d[i], 1e-9 * scale[s]);
        fs_lanczos_clear(&l);
        mirror_free(&m);
    }
    gsl_rng_free(rng);
}

/* The eigenvector of the lowest eigenvalue as the start: an invariant space of dimension one. */
static void an_eigenvector_is_a_start_vector_like_any_other(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng(__func__);
    mirror m = mirror_of(rng, 120);
    double *start = calloc(m.n, sizeof *start);
    fs_lanczos l;
    fs_err err = { 0 };
    fs_lanczos_options o = options_of(&m, 0, 3);
    assert_non_null(start);
    fill(rng, 0, &m);
    qsort(m.d, m.n, sizeof *m.d, ascending);
    for (size_t i = 0; i < m.n; i++) start[i] = (i == 0) - 2.0 * m.q[0] * m.q[i];
    o.start = start;
    o.krylov = 30;
    assert_ok(fs_lanczos_compute(&l, &o, &err), err);
    assert_true(l.converged);
    for (size_t i = 0; i < 3; i++) assert_near(l.value[i], m.d[i], 1e-9);
    fs_lanczos_clear(&l);
    free(start);
    mirror_free(&m);
    gsl_rng_free(rng);
}

static void the_power_method_bounds_the_norm_from_below(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng(__func__);
    for (int kind = 0; kind < SPECTRA; kind++) {
        mirror m = mirror_of(rng, 100);
        double norm = (double)NAN;
        long products = 5;
        int stopped = 1;
        fs_err err = { 0 };
        fs_lanczos_options o = options_of(&m, 0, 0);
        fill(rng, kind, &m);
        assert_ok(fs_lanczos_norm(&o, &norm, &products, &stopped, &err), err);
        assert_at_most(norm, largest_of(&m) * (1.0 + 64.0 * 100.0 * DBL_EPSILON));
        assert_true(norm >= 0.5 * largest_of(&m));
        assert_int_equal(products, 5 + m.calls);
        assert_int_equal(stopped, 0);
        mirror_free(&m);
    }
    gsl_rng_free(rng);
}

/* --- ending early ---------------------------------------------------------------------------- */

/* Ritz values are one-sided wherever the products run out. */
static void ritz_values_are_bounds_when_products_run_out(void **state)
{
    (void)state;
    const size_t most[] = { 1, 2, 5, 12, 13, 20, 40, 61, 90 };
    gsl_rng *rng = law_rng(__func__);
    for (size_t s = 0; s < sizeof most / sizeof *most; s++)
        for (int highest = 0; highest < 2; highest++) {
            mirror m = mirror_of(rng, 500);
            fs_lanczos l;
            fs_err err = { 0 };
            fs_lanczos_options o = options_of(&m, highest, 3);
            double sign = highest ? -1.0 : 1.0, lowest = DBL_MAX;
            for (size_t i = 0; i < m.n; i++) m.d[i] = cos(3.14159 * (double)i / 499.0);    /* dense at both ends */
            o.products = most[s];
            o.krylov = 20;
            assert_ok(fs_lanczos_compute(&l, &o, &err), err);
            assert_false(l.converged || l.stopped);
            assert_int_equal(l.products, m.calls);
            assert_at_most((double)l.products, (double)most[s]);
            assert_at_most(sign * l.ritz, sign * (highest ? m.high : m.low) + 1e-13);
            assert_consistent(&m, &l);
            for (size_t i = 0; i < m.n; i++)
                if (sign * m.d[i] < lowest) lowest = sign * m.d[i];
            assert_at_most(lowest, sign * l.ritz + 1e-13);
            assert_at_most(sign * l.ritz, 1.0);
            assert_at_most(distance_to_spectrum(&m, l.ritz), l.ritz_residual + 1e-13);
            if (most[s] >= 40) assert_at_most(sign * l.ritz, -0.9);
            fs_lanczos_clear(&l);
            mirror_free(&m);
        }
    gsl_rng_free(rng);
}

/* Ten eigenvalues far below the rest converge long before the eleventh does. */
static void what_converged_is_kept_without_the_rest(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng(__func__);
    mirror m = mirror_of(rng, 2000);
    fs_lanczos l;
    fs_err err = { 0 };
    fs_lanczos_options o = options_of(&m, 0, 8);
    for (size_t i = 0; i < m.n; i++) m.d[i] = i < 4 ? -2.0 - (double)i : cos(3.14159 * (double)i / 1999.0);
    o.products = 200;
    o.krylov = 40;
    assert_ok(fs_lanczos_compute(&l, &o, &err), err);
    assert_false(l.converged);
    assert_true(l.count >= 4 && l.count < 8);
    assert_consistent(&m, &l);
    for (size_t i = 0; i < 4; i++) assert_near(l.value[i], -5.0 + (double)i, 1e-9);
    assert_near(l.ritz, l.value[0], 0.0);
    fs_lanczos_clear(&l);
    mirror_free(&m);
    gsl_rng_free(rng);
}

typedef struct { long polls, stop_at; } countdown;

static int stop_at(void *context, const char *stage, double fraction)
{
    countdown *c = context;
    assert_string_equal(stage, "here");
    assert_true(fraction <= 1.0);
    return ++c->polls >= c->stop_at;
}

static void a_watch_stops_within_one_product(void **state)
{
    (void)state;
    const size_t sizes[] = { 1, 7, 500 };
    const long when[] = { 1, 2, 5, 13, 30, 60 };
    gsl_rng *rng = law_rng(__func__);
    for (size_t s = 0; s < 3; s++)
        for (size_t w = 0; w < 6; w++) {
            mirror m = mirror_of(rng, sizes[s]);
            countdown c = { 0, when[w] };
            fs_watch watch = { stop_at, &c };
            fs_lanczos l;
            fs_err err = { 0 };
            fs_lanczos_options o = options_of(&m, 0, 1);
            fill(rng, 0, &m);
            o.watch = &watch;
            o.stage = "here";
            o.krylov = 20;
            o.tolerance = 1e-14;
            assert_ok(fs_lanczos_compute(&l, &o, &err), err);
            if (c.polls < when[w]) {            /* it was quicker */
                assert_true(l.converged && !l.stopped);
            } else {
                assert_true(l.stopped && !l.converged);
                assert_int_equal(c.polls, when[w]);
                assert_int_equal(m.calls, when[w] - 1);
                assert_int_equal(l.count, 0);
                if (when[w] == 1) assert_true(isnan(l.ritz) && isnan(l.ritz_residual));
                else assert_at_most(distance_to_spectrum(&m, l.ritz), l.ritz_residual + 1e-13);
            }
            fs_lanczos_clear(&l);
            mirror_free(&m);
        }
    gsl_rng_free(rng);
}

static void errors_are_named(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng(__func__);
    const size_t sizes[] = { 5, 200 };
    for (size_t s = 0; s < 2; s++) {
        mirror m = mirror_of(rng, sizes[s]);
        fs_lanczos l;
        fs_err err = { 0 };
        fs_lanczos_options o = options_of(&m, 0, 0);
        fill(rng, 0, &m);
        assert_fails(fs_lanczos_compute(&l, &o, &err), FS_EINPUT, err, "at least one");
        o.wanted = 1;
        o.n = 0;
        assert_fails(fs_lanczos_compute(&l, &o, &err), FS_EINPUT, err, "n >= 1");
        o.n = 100000;
        o.wanted = 60000;       /* 60002^2 > 2^31 */
        assert_fails(fs_lanczos_compute(&l, &o, &err), FS_EINPUT, err, "Krylov vectors");
        o.wanted = 1;
        o.n = m.n;
        for (long at = 1; at < 60; at += 19) {
            m.calls = 0;
            m.fail_at = at;
            m.failure = FS_ESOLVER;
            if (s || at <= 5) assert_fails(fs_lanczos_compute(&l, &o, &err), FS_ESOLVER, err, "product");
            m.calls = 0;
            m.failure = FS_OK;
            if (s || at <= 5) assert_fails(fs_lanczos_compute(&l, &o, &err), FS_ENAN, err, "not finite");
            assert_int_equal(l.count, 0);
            assert_null(l.vector);
        }
        mirror_free(&m);
    }
    gsl_rng_free(rng);
}

/* --- the transverse Hessian ----------------------------------------------------------------- */

/* A flow's transverse Hessian, written anew. */
typedef struct { fs_flow *f; const double *w; double *z; } block;

static fs_status apply_N(void *context, const double *v, double *Hv)
{
    block *b = context;
    size_t n = fs_flow_dim(b->f), E = fs_flow_dim_E(b->f);
    double *Jz = b->z + n;
    memset(b->z, 0, E * sizeof *v);
    memcpy(b->z + E, v, (n - E) * sizeof *v);
    fs_status status = fs_flow_jacobian_product(b->f, b->w, b->z, Jz);
    for (size_t i = E; i < n; i++) Hv[i - E] = -Jz[i];
    return status;
}

static void dense_and_lanczos_agree_on_the_transverse_hessian(void **state)
{
    (void)state;
    fs_problem *p = load_model("cnn_c4", "data.count=3", NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.0);
    size_t n = fs_flow_dim(f), N = n - fs_flow_dim_E(f);
    double *w = start_of(p, 1, 0.0), *z = calloc(2 * n, sizeof *z), *v = calloc(N, sizeof *v), *Hv = calloc(N, sizeof *Hv);
    block b = { f, w, z };
    fs_transverse H;
    fs_lanczos l;
    fs_err err = { 0 };
    fs_lanczos_options o = { .n = N, .apply = apply_N, .context = &b, .wanted = 1, .krylov = 40 };
    assert_true(z && v && Hv);
    assert_ok(fs_transverse_compute(f, w, NULL, &H, v, &err), err);
    assert_ok(fs_lanczos_compute(&l, &o, &err), err);
    assert_true(H.converged && l.converged);
    assert_near(l.value[0], H.lambda_min, H.error + l.residual[0]);
    assert_near(norm_of(v, N), 1.0, 1e-12);
    assert_int_equal(apply_N(&b, v, Hv), FS_OK);
    for (size_t i = 0; i < N; i++) Hv[i] -= H.lambda_min * v[i];
    assert_at_most(norm_of(Hv, N), H.error);
    fs_lanczos_clear(&l);
    free(w);
    free(z);
    free(v);
    free(Hv);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* w^2 overflows: an error, and no call of LAPACK that need not return. */
static void a_transverse_hessian_that_overflows_is_an_error(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.0);
    const double far[2][2] = { { 1e155, 0.0 }, { (double)NAN, 0.0 } };
    fs_transverse H;
    fs_err err = { 0 };
    for (size_t i = 0; i < 2; i++) assert_fails(fs_transverse_compute(f, far[i], NULL, &H, NULL, &err), FS_ENAN, err, "transverse Hessian");
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

static int stop_now(void *context, const char *stage, double fraction)
{
    (void)stage;
    (void)fraction;
    return ++*(long *)context > 3;
}

/* Above the dense limit: converged with its residual and vector, stopped with a bound and the vector left alone. */
static void large_transverse_hessians_go_through_lanczos(void **state)
{
    (void)state;
    fs_problem *p = load_model("cyclic_linear", "input={vector: [natural]}", "layers=[{dense: {out: [70 natural]}}, {dense: {out: [natural]}}]", NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.0), *shifted = make_flow(p, FS_FLOW_AUGMENTED, 100.0);
    size_t N = fs_flow_dim(f) - fs_flow_dim_E(f);
    double *w = start_of(p, 1, 0.0), *v = calloc(N, sizeof *v);
    long polls = 0;
    fs_watch watch = { stop_now, &polls };
    fs_transverse H, S, stopped;
    fs_err err = { 0 };
    assert_non_null(v);
    assert_true(fs_flow_dim(f) > FS_TRANSVERSE_DENSE_LIMIT);
    assert_ok(fs_transverse_compute(f, w, &watch, &stopped, v, &err), err);
    assert_false(stopped.converged);
    assert_int_equal(stopped.products, 3);
    assert_near(norm_of(v, N), 0.0, 0.0);
    assert_ok(fs_transverse_compute(f, w, NULL, &H, v, &err), err);
    assert_ok(fs_transverse_compute(shifted, w, NULL, &S, NULL, &err), err);
    assert_true(H.converged && S.converged && H.products > 0);
    assert_near(norm_of(v, N), 1.0, 1e-12);
    assert_near(S.lambda_min, H.lambda_min, S.error + H.error);
    assert_at_most(H.lambda_min - H.error, stopped.lambda_min);
    free(w);
    free(v);
    fs_flow_destroy(f);
    fs_flow_destroy(shifted);
    fs_problem_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extreme_eigenvalues_are_those_of_the_spectrum),
        cmocka_unit_test(a_scale_far_from_one_changes_nothing),
        cmocka_unit_test(an_eigenvector_is_a_start_vector_like_any_other),
        cmocka_unit_test(the_power_method_bounds_the_norm_from_below),
        cmocka_unit_test(ritz_values_are_bounds_when_products_run_out),
        cmocka_unit_test(what_converged_is_kept_without_the_rest),
        cmocka_unit_test(a_watch_stops_within_one_product),
        cmocka_unit_test(errors_are_named),
        cmocka_unit_test(dense_and_lanczos_agree_on_the_transverse_hessian),
        cmocka_unit_test(a_transverse_hessian_that_overflows_is_an_error),
        cmocka_unit_test(large_transverse_hessians_go_through_lanczos),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
