/* tests/test_fixed_step.c -- flows by fixed steps: the order, E kept to rounding, flows that coincide on E
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "flows.h"

#include "integrate/fixed_step.h"

#include <gsl/gsl_errno.h>

static fs_fixed_path *path_of(fs_flow *f, const double *w0, double h, size_t steps, size_t every)
{
    fs_fixed_path *path = NULL;
    fs_err err = { 0 };
    assert_ok(fs_fixed_path_compute(&path, f, w0, h, steps, every, NULL, &err), err);
    return path;
}

/* The sine toy without penalty: tan w_i(t) = tan w_i(0) e^(-t/2) for both weights. */
static double sine_error(const fs_problem *p, size_t steps)
{
    const double w[2] = { 0.7, 1.1 }, t = 4.0;
    double start[2], A[2], error = 0.0;
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.0);
    fs_basis_project(fs_problem_basis(p), w, start);
    fs_fixed_path *path = path_of(f, start, t / (double)steps, steps, steps);
    fs_flow_weights(f, path->w + 2, A);
    for (int i = 0; i < 2; i++) error += fabs(A[i] - atan(tan(w[i]) * exp(-0.5 * t)));
    fs_fixed_path_destroy(path);
    fs_flow_destroy(f);
    return error;
}

static void halving_the_step_shows_order_eight(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    double coarse = sine_error(p, 4), middle = sine_error(p, 8), fine = sine_error(p, 16);
    assert_near(log2(coarse / middle), 8.0, 1.0);
    assert_near(log2(middle / fine), 8.0, 0.5);
    assert_at_most(sine_error(p, 200), 64.0 * DBL_EPSILON);
    fs_problem_destroy(p);
}

static void rows_are_every_so_many_steps_and_the_end(void **state)
{
    (void)state;
    fs_problem *p = load_model("tiny_mlp", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 1.0);
    double *w0 = start_of(p, 3, 0.5);
    size_t n = dim_L(p), E = fs_problem_basis(p)->dim_E;
    fs_fixed_path *path = path_of(f, w0, 0.05, 7, 3), *halves = path_of(f, w0, 0.05, 3, 3), *rest = path_of(f, halves->w + n, 0.05, 4, 1);
    assert_int_equal(path->n_rows, 4);
    assert_int_equal(path->velocities, 7 * 13);
    assert_memory_equal(path->w, w0, n * sizeof *w0);
    for (size_t r = 0; r < 4; r++) {
        size_t step = r == 3 ? 7 : 3 * r;
        fs_flow_point point;
        assert_near(path->t[r], 0.05 * (double)step, 4.0 * DBL_EPSILON);
        assert_int_equal(fs_flow_evaluate(f, path->w + r * n, &point, NULL), FS_OK);
        assert_memory_equal(&point, &path->point[r], sizeof point);
        assert_true(path->step_distance[step] == norm_of(path->w + r * n + E, n - E));
    }
    assert_memory_equal(path->w + 3 * n, rest->w + 4 * n, n * sizeof *w0);        /* the same bits from the middle on */
    fs_fixed_path_destroy(path);
    fs_fixed_path_destroy(halves);
    fs_fixed_path_destroy(rest);
    free(w0);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* Rounding of the field is at most some 64 u |grad| a stage (measured scatter is a tenth of that), and the flows below contract or grow by less than e^2. */
static void augmented_flow_stays_on_E_and_is_the_equivariant_flow(void **state)
{
    (void)state;
    const char *models[] = { "tiny_mlp", "mlp_d4", "toy_quartic", "cyclic_conv" };
    for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
        fs_problem *p = load_model(models[m], NULL, NULL, NULL);
        fs_flow *a = make_flow(p, FS_FLOW_AUGMENTED, 1.0), *e = make_flow(p, FS_FLOW_EQUIVARIANT, 1.0);
        double *w0 = start_of(p, 5, 0.0), h;
        size_t n = dim_L(p), E = fs_problem_basis(p)->dim_E, steps = 60;
        fs_err err = { 0 };
        assert_ok(fs_fixed_step(a, 1, w0, &h, &err), err);
        fs_fixed_path *on_L = path_of(a, w0, h, steps, steps), *on_E = path_of(e, w0, h, steps, steps);
        double bound = 64.0 * DBL_EPSILON * exp(2.0) * (norm_of(w0, E) + h * (double)steps * on_L->point[0].gradient_norm), apart = 0.0;
        for (size_t k = 0; k <= steps; k++) assert_at_most(on_L->step_distance[k], bound);
        for (size_t i = 0; i < E; i++) apart += (on_L->w[n + i] - on_E->w[E + i]) * (on_L->w[n + i] - on_E->w[E + i]);
        assert_at_most(sqrt(apart), bound);
        assert_true(on_L->point[1].risk < on_L->point[0].risk);
        fs_fixed_path_destroy(on_L);
        fs_fixed_path_destroy(on_E);
        free(w0);
        fs_flow_destroy(a);
        fs_flow_destroy(e);
        fs_problem_destroy(p);
    }
}

static void nominal_flow_leaves_E_at_the_speed_of_its_normal_gradient(void **state)
{
    (void)state;
    fs_problem *p = load_model("tiny_mlp", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_NOMINAL, 1.0);
    double *w0 = start_of(p, 5, 0.0), *F = calloc(dim_L(p), sizeof *F), t = 1e-5;
    size_t n = dim_L(p), E = fs_problem_basis(p)->dim_E;
    assert_non_null(F);
    assert_int_equal(fs_flow_velocity(f, w0, F), FS_OK);
    fs_fixed_path *path = path_of(f, w0, t, 1, 1);
    assert_near(path->step_distance[1] / t, norm_of(F + E, n - E), 1e-3 * norm_of(F + E, n - E));
    fs_fixed_path_destroy(path);
    free(F);
    free(w0);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* A metric that mixes E and N drives the flow off E in one step as its velocity says. */
static void parametrisation_acts_in_every_stage(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.6);
    fs_sparse *B = NULL;
    fs_err err = { 0 };
    assert_ok(fs_sparse_create(&B, 2, 2, 3, &err), err);
    memcpy(B->ptr, (size_t[]){ 0, 1, 3 }, 3 * sizeof *B->ptr);
    memcpy(B->col, (uint32_t[]){ 0, 0, 1 }, 3 * sizeof *B->col);
    memcpy(B->val, (double[]){ 1.0, 0.5, 1.0 }, 3 * sizeof *B->val);
    assert_ok(fs_flow_set_parametrisation(f, B, &err), err);
    const double k = 0.5, w0[2] = { 1.0, 0.0 }, h = 1e-6;
    fs_fixed_path *path = path_of(f, w0, h, 1, 1);
    /* |v' / u'| = k^2 / (2 + 2 k + k^2) for B = [[1, 0], [k, 1]], up to terms of order h */
    assert_near(fabs(path->w[3] / (path->w[2] - 1.0)), k * k / (2.0 + 2.0 * k + k * k), 1e-5);
    fs_fixed_path_destroy(path);
    fs_sparse_destroy(B);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* At A = 0 the Hessian of the sine toy is 1/2 on both weights; at sqrt2 u = pi it is -1/2, of the same norm. */
static void step_is_a_fifth_over_gamma_and_curvature(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.6);
    double h, w[4] = { 0.0, 0.0, acos(-1.0) / sqrt(2.0), 0.0 };
    fs_err err = { 0 };
    assert_ok(fs_fixed_step(f, 1, w, &h, &err), err);
    assert_near(h, 0.2 / 1.1, 1e-12);
    assert_ok(fs_fixed_step(f, 2, w, &h, &err), err);
    assert_near(h, 0.2 / 1.1, 1e-12);
    w[0] = 0.5 * acos(-1.0) / sqrt(2.0);      /* no curvature here: gamma alone */
    assert_ok(fs_fixed_step(f, 1, w, &h, &err), err);
    assert_near(h, 0.2 / 0.6, 1e-12);
    w[0] = (double)NAN;
    assert_fails(fs_fixed_step(f, 1, w, &h, &err), FS_ENAN, err, "state 0");
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

static int stop_at_third(void *context, const char *stage, double fraction)
{
    (void)stage;
    (void)fraction;
    return ++*(int *)context >= 3;
}

static void watch_stops_and_what_is_known_is_kept(void **state)
{
    (void)state;
    fs_problem *p = load_model("tiny_mlp", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 1.0);
    double *w0 = start_of(p, 3, 0.5);
    size_t n = dim_L(p);
    int asked = 0;
    const fs_watch watch = { stop_at_third, &asked };
    fs_fixed_path *path = NULL, *whole = path_of(f, w0, 0.05, 3, 3);
    fs_err err = { 0 };
    assert_ok(fs_fixed_path_compute(&path, f, w0, 0.05, 10, 5, &watch, &err), err);
    assert_true(path->stopped);
    assert_int_equal(path->steps, 3);
    assert_int_equal(path->n_rows, 2);
    assert_memory_equal(path->w + n, whole->w + n, n * sizeof *w0);
    fs_fixed_path_destroy(path);
    fs_fixed_path_destroy(whole);
    free(w0);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL), *point = load_model("rotations_so2", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.7), *none = make_flow(point, FS_FLOW_EQUIVARIANT, 0.7);
    fs_fixed_path *path = NULL;
    fs_err err = { 0 };
    const double w0[2] = { 1.0, 0.5 }, far[2] = { 1e60, 0.0 }, nan[2] = { (double)NAN, 0.0 };
    assert_fails(fs_fixed_path_compute(&path, f, w0, 0.0, 1, 1, NULL, &err), FS_EINPUT, err, "step length");
    assert_fails(fs_fixed_path_compute(&path, f, w0, (double)NAN, 1, 1, NULL, &err), FS_EINPUT, err, "step length");
    assert_fails(fs_fixed_path_compute(&path, f, w0, (double)INFINITY, 1, 1, NULL, &err), FS_EINPUT, err, "step length");
    assert_fails(fs_fixed_path_compute(&path, f, w0, 0.1, 0, 1, NULL, &err), FS_EINPUT, err, "0 steps");
    assert_fails(fs_fixed_path_compute(&path, f, w0, 0.1, 1, 0, NULL, &err), FS_EINPUT, err, "a row every");
    assert_fails(fs_fixed_path_compute(&path, f, far, 0.1, 5, 1, NULL, &err), FS_ENAN, err, "beyond the range");
    assert_fails(fs_fixed_path_compute(&path, f, nan, 0.1, 5, 1, NULL, &err), FS_ENAN, err, "t = 0");
    assert_fails(fs_fixed_path_compute(&path, none, w0, 0.1, 1, 1, NULL, &err), FS_EINPUT, err, "dimension 0");
    assert_null(path);
    fs_fixed_path_destroy(NULL);
    fs_flow_destroy(f);
    fs_flow_destroy(none);
    fs_problem_destroy(p);
    fs_problem_destroy(point);
}

int main(void)
{
    gsl_set_error_handler_off();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(halving_the_step_shows_order_eight),
        cmocka_unit_test(rows_are_every_so_many_steps_and_the_end),
        cmocka_unit_test(augmented_flow_stays_on_E_and_is_the_equivariant_flow),
        cmocka_unit_test(nominal_flow_leaves_E_at_the_speed_of_its_normal_gradient),
        cmocka_unit_test(parametrisation_acts_in_every_stage),
        cmocka_unit_test(step_is_a_fifth_over_gamma_and_curvature),
        cmocka_unit_test(watch_stops_and_what_is_known_is_kept),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
