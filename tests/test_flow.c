/* tests/test_flow.c -- laws of the three vector fields
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "flows.h"

#include <gsl/gsl_randist.h>

/* A small net whose group is not abelian and whose output representation is not trivial, and the real images. */
static const struct { const char *model, *set; } cases[] = {
    { "cnn_c4", "data.count=3" },
    { "mirror_c4", NULL },
    { "mlp_d4", NULL },
};
enum { CASES = sizeof cases / sizeof *cases };

static double *gaussian(gsl_rng *rng, size_t n)
{
    double *x = calloc(n, sizeof *x);
    assert_non_null(x);
    fs_rng_gaussian(rng, n, x);
    return x;
}

static void velocity_is_minus_gradient_of_objective(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("velocity_is_minus_gradient_of_objective");
    for (size_t m = 0; m < CASES; m++) {
        fs_problem *p = load_model(cases[m].model, cases[m].set, NULL, NULL);
        for (int kind = 0; kind < FS_FLOW_COUNT; kind++) {
            fs_flow *f = make_flow(p, (fs_flow_kind)kind, 0.7);
            size_t n = fs_flow_dim(f);
            double *w = start_of(p, 5, 0.5), *v = gaussian(rng, n), *at = calloc(n, sizeof *at), *dw = calloc(n, sizeof *dw);
            double length = norm_of(v, n), S[4];
            const double h = 1e-3, step[4] = { -2, -1, 1, 2 };
            for (size_t i = 0; i < n; i++) v[i] /= length;
            for (size_t k = 0; k < 4; k++) {
                fs_flow_point point;
                for (size_t i = 0; i < n; i++) at[i] = w[i] + step[k] * h * v[i];
                assert_int_equal(fs_flow_evaluate(f, at, &point, NULL), FS_OK);
                S[k] = point.objective;
            }
            assert_int_equal(fs_flow_velocity(f, w, dw), FS_OK);
            /* fourth-order difference: error h^4 D^5 S / 30 + rounding u S / h */
            double slope = (S[0] - 8.0 * S[1] + 8.0 * S[2] - S[3]) / (12.0 * h);
            assert_near(-dot_of(dw, v, n), slope, 1e-9 * (1.0 + fabs(slope)));
            free(w), free(v), free(at), free(dw);
            fs_flow_destroy(f);
        }
        fs_problem_destroy(p);
    }
    gsl_rng_free(rng);
}

static void jacobian_product_matches_difference_of_velocities(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("jacobian_product_matches_difference_of_velocities");
    for (size_t m = 0; m < CASES; m++) {
        fs_problem *p = load_model(cases[m].model, cases[m].set, NULL, NULL);
        for (int kind = 0; kind < FS_FLOW_COUNT; kind++) {
            fs_flow *f = make_flow(p, (fs_flow_kind)kind, 3.0);
            size_t n = fs_flow_dim(f);
            double *w = start_of(p, 6, 0.5), *v = gaussian(rng, n), *at = calloc(n, sizeof *at), *Jv = calloc(n, sizeof *Jv);
            double *up = calloc(n, sizeof *up), *down = calloc(n, sizeof *down), *far_up = calloc(n, sizeof *up),
                   *far_down = calloc(n, sizeof *down), length = norm_of(v, n), worst = 0.0;
            const double h = 1e-3;
            for (size_t i = 0; i < n; i++) v[i] /= length;
            double *const value[4] = { far_down, down, up, far_up };
            for (int k = 0; k < 4; k++) {
                const double offset[4] = { -2, -1, 1, 2 };
                for (size_t i = 0; i < n; i++) at[i] = w[i] + offset[k] * h * v[i];
                assert_int_equal(fs_flow_velocity(f, at, value[k]), FS_OK);
            }
            assert_int_equal(fs_flow_jacobian_product(f, w, v, Jv), FS_OK);
            for (size_t i = 0; i < n; i++) {
                double slope = (far_down[i] - 8.0 * down[i] + 8.0 * up[i] - far_up[i]) / (12.0 * h);
                double d = fabs(slope - Jv[i]);
                if (!(d <= worst)) worst = d;
            }
            assert_at_most(worst, 1e-8 * (1.0 + norm_of(Jv, n)));
            free(w), free(v), free(at), free(Jv), free(up), free(down), free(far_up), free(far_down);
            fs_flow_destroy(f);
        }
        fs_problem_destroy(p);
    }
    gsl_rng_free(rng);
}

static void dense_jacobian_has_the_products_as_columns(void **state)
{
    (void)state;
    for (size_t m = 0; m < CASES; m++) {
        fs_problem *p = load_model(cases[m].model, cases[m].set, NULL, NULL);
        for (int kind = 0; kind < FS_FLOW_COUNT; kind++) {
            fs_flow *f = make_flow(p, (fs_flow_kind)kind, 2.0);
            size_t n = fs_flow_dim(f);
            double *w = start_of(p, 7, 0.3), *e = calloc(n, sizeof *e), *Je = calloc(n, sizeof *Je), *J = calloc(n * n, sizeof *J);
            assert_int_equal(fs_flow_jacobian(f, w, J), FS_OK);
            double scale = norm_of(J, n * n);
            for (size_t j = 0; j < n; j += 1 + n / 17) {
                memset(e, 0, n * sizeof *e);
                e[j] = 1.0;
                assert_int_equal(fs_flow_jacobian_product(f, w, e, Je), FS_OK);
                for (size_t i = 0; i < n; i++) assert_near(J[i * n + j], Je[i], 64.0 * (double)n * DBL_EPSILON * scale);
            }
            for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < i; j++) assert_true(!(J[i * n + j] < J[j * n + i]) && !(J[i * n + j] > J[j * n + i]));
            free(w), free(e), free(Je), free(J);
            fs_flow_destroy(f);
        }
        fs_problem_destroy(p);
    }
}

/* Theorem 1.1 on the vector field: at points of E the augmented velocity has no part in N.  The nominal velocity is the
 * control: it must have one, at scale 1 (in small weights the logits vanish, in large ones tanh saturates, and the asymmetry
 * with them).  Budget: 64 u times the size of the terms that cancel, as the nominal part in N measures them. */
static void augmented_velocity_is_tangent_to_E_and_nominal_is_not(void **state)
{
    (void)state;
    const double scales[] = { 1e-2, 1.0, 10.0 };
    for (size_t m = 0; m < CASES; m++) {
        fs_problem *p = load_model(cases[m].model, cases[m].set, NULL, NULL);
        fs_flow *augmented = make_flow(p, FS_FLOW_AUGMENTED, 1.0), *nominal = make_flow(p, FS_FLOW_NOMINAL, 1.0);
        size_t n = dim_L(p), E = fs_flow_dim_E(augmented);
        double *da = calloc(n, sizeof *da), *dn = calloc(n, sizeof *dn), leak = 0.0, control = 1e300;
        for (uint64_t seed = 0; seed < 70; seed++)
            for (size_t k = 0; k < 3; k++) {
                double *w = start_of(p, seed, 0.0);
                for (size_t i = 0; i < E; i++) w[i] *= scales[k];
                assert_int_equal(fs_flow_velocity(augmented, w, da), FS_OK);
                assert_int_equal(fs_flow_velocity(nominal, w, dn), FS_OK);
                double terms = norm_of(dn, n), ratio = norm_of(da + E, n - E) / terms, other = norm_of(dn + E, n - E) / terms;
                if (!(ratio <= leak)) leak = ratio;
                if (k == 1 && !(other >= control)) control = other;
                free(w);
            }
        printf("# %s: largest part in N %.2e of the nominal velocity; control, smallest nominal part %.2e\n", cases[m].model, leak,
               control);
        assert_at_most(leak, 64.0 * DBL_EPSILON);
        assert_at_most(1e10 * leak, control);
        free(da), free(dn);
        fs_flow_destroy(augmented);
        fs_flow_destroy(nominal);
        fs_problem_destroy(p);
    }
}

static void equivariant_velocity_is_the_augmented_one_on_E(void **state)
{
    (void)state;
    for (size_t m = 0; m < CASES; m++) {
        fs_problem *p = load_model(cases[m].model, cases[m].set, NULL, NULL);
        fs_flow *augmented = make_flow(p, FS_FLOW_AUGMENTED, 4.0), *equivariant = make_flow(p, FS_FLOW_EQUIVARIANT, 4.0);
        size_t n = dim_L(p), E = fs_flow_dim(equivariant);
        double *w = start_of(p, 9, 0.0), *da = calloc(n, sizeof *da), *de = calloc(E, sizeof *de);
        assert_int_equal(fs_flow_velocity(augmented, w, da), FS_OK);
        assert_int_equal(fs_flow_velocity(equivariant, w, de), FS_OK);
        for (size_t i = 0; i < E; i++) assert_near(da[i], de[i], 256.0 * DBL_EPSILON * (1.0 + norm_of(de, E)));
        free(w), free(da), free(de);
        fs_flow_destroy(augmented);
        fs_flow_destroy(equivariant);
        fs_problem_destroy(p);
    }
}

static void gamma_acts_on_y_alone(void **state)
{
    (void)state;
    fs_problem *p = load_model("cnn_c4", "data.count=2", NULL, NULL);
    fs_flow *without = make_flow(p, FS_FLOW_AUGMENTED, 0.0), *with = make_flow(p, FS_FLOW_AUGMENTED, 8.0);
    size_t n = dim_L(p), E = fs_flow_dim_E(with);
    double *w = start_of(p, 3, 2.0), *a = calloc(n, sizeof *a), *b = calloc(n, sizeof *b);
    assert_int_equal(fs_flow_velocity(without, w, a), FS_OK);
    assert_int_equal(fs_flow_velocity(with, w, b), FS_OK);
    assert_memory_equal(a, b, E * sizeof *a);
    for (size_t i = E; i < n; i++) assert_near(b[i], a[i] - 8.0 * w[i], 4.0 * DBL_EPSILON * (fabs(a[i]) + 8.0 * fabs(w[i])));
    free(w), free(a), free(b);
    fs_flow_destroy(without);
    fs_flow_destroy(with);
    fs_problem_destroy(p);
}

static void point_agrees_with_its_definitions(void **state)
{
    (void)state;
    fs_problem *p = load_model("cnn_c4", "data.count=2", NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 1.5);
    size_t n = dim_L(p), E = fs_flow_dim_E(f);
    double *w = start_of(p, 4, 0.25), *dw = calloc(n, sizeof *dw);
    fs_flow_point point;
    assert_int_equal(fs_flow_evaluate(f, w, &point, dw), FS_OK);
    assert_near(point.distance, 0.25, 1e-15);
    assert_near(point.speed, norm_of(dw, n), 1e-14 * point.speed);
    for (size_t i = E; i < n; i++) dw[i] += 1.5 * w[i];         /* the penalty taken away: minus the gradient of the risk */
    assert_near(point.gradient_norm, norm_of(dw, n), 1e-13 * point.gradient_norm);
    for (size_t i = E; i < n; i++) dw[i] -= 1.5 * w[i];
    assert_near(point.objective, point.risk + 0.75 * 0.25 * 0.25, 1e-14 * point.objective);
    /* <y, y'> = -(gamma + hbar) |y|^2 */
    assert_near(dot_of(w + E, dw + E, n - E), -(1.5 + point.hbar) * 0.0625, 1e-14 * point.speed);
    memset(w + E, 0, (n - E) * sizeof *w);
    assert_int_equal(fs_flow_evaluate(f, w, &point, NULL), FS_OK);
    assert_near(point.hbar, 0.0, 0.0);
    free(w), free(dw);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* --- other coordinates ---------------------------------------------------------------- */

static fs_flow *make_moving(const fs_problem *p, fs_flow_kind kind, double gamma)
{
    fs_flow *f = make_flow(p, kind, gamma);
    fs_err err = { 0 };
    assert_non_null(fs_problem_parametrisation(p));
    assert_ok(fs_flow_set_parametrisation(f, fs_problem_parametrisation(p), &err), err);
    assert_ptr_equal(fs_flow_parametrisation(f), fs_problem_parametrisation(p));
    return f;
}

/* The sine toy, w1 = v1, w2 = v2 + k v1: on E v' / u' = -k^2 / (2 + 2 k + k^2), whatever u is. */
static void sheared_coordinates_lead_out_of_E_at_the_known_rate(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("sheared_coordinates_lead_out_of_E_at_the_known_rate");
    static const struct { const char *set; double k; } shear[] = {
        { "space={parametrisation: {shear: 0.5}}", 0.5 }, { "space={parametrisation: non-orthonormal}", 0.5 }, { "space={parametrisation: {shear: -1}}", -1.0 },
        { "space={parametrisation: {shear: 7}}", 7.0 },   { "space={parametrisation: {shear: 1e-3}}", 1e-3 },
    };
    for (size_t i = 0; i < sizeof shear / sizeof *shear; i++) {
        fs_problem *p = load_model("toy_sine", shear[i].set, NULL, NULL);
        fs_flow *f = make_moving(p, FS_FLOW_AUGMENTED, 0.6);
        double k = shear[i].k;
        for (int point = 0; point < 20; point++) {
            double w[2] = { gsl_ran_gaussian(rng, 2.0), 0.0 }, dw[2], dA[2];
            assert_int_equal(fs_flow_velocity(f, w, dw), FS_OK);
            fs_flow_weights(f, dw, dA);
            double du = dA[0] + dA[1], dv = dA[0] - dA[1];
            /* both are sums of terms of the size (1 + k)^2 |grad| */
            assert_near(dv * (2.0 + 2.0 * k + k * k), -k * k * du, 64.0 * DBL_EPSILON * pow(1.0 + fabs(k), 4.0));
            assert_true(fabs(du) > 1e-9);
        }
        fs_flow_destroy(f);
        fs_problem_destroy(p);
    }
    gsl_rng_free(rng);
}

/* y = Q^T B B^T Q x with B written out. */
static void naive_metric(const fs_problem *p, const fs_flow *f, const double *x, double *y)
{
    const fs_sparse *B = fs_problem_parametrisation(p);
    size_t n = B->rows;
    double *dense = calloc(n * n, sizeof *dense), *A = calloc(n, sizeof *A), *MA = calloc(n, sizeof *MA);
    assert_true(dense && A && MA);
    for (size_t i = 0; i < n; i++)
        for (size_t e = B->ptr[i]; e < B->ptr[i + 1]; e++) dense[i * n + B->col[e]] = B->val[e];
    fs_flow_weights(f, x, A);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) MA[i] += dot_of(dense + i * n, dense + j * n, n) * A[j];
    if (fs_flow_kind_of(f) == FS_FLOW_EQUIVARIANT) fs_basis_project_E(fs_flow_basis(f), MA, y);
    else fs_basis_project(fs_flow_basis(f), MA, y);
    free(dense), free(A), free(MA);
}

static const char *const metrics[] = { "space={parametrisation: {shear: -0.7}}", "space={parametrisation: {scale: 1.5}}" };

static void a_parametrisation_puts_its_metric_in_front_of_everything_that_moves(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("a_parametrisation_puts_its_metric_in_front_of_everything_that_moves");
    for (size_t m = 0; m < 2; m++)
        for (int kind = 0; kind < FS_FLOW_COUNT; kind++) {
            fs_problem *p = load_model("tiny_mlp", metrics[m], NULL, NULL);
            fs_flow *f = make_moving(p, (fs_flow_kind)kind, 0.7), *plain = make_flow(p, (fs_flow_kind)kind, 0.7);
            size_t n = fs_flow_dim(f);
            double *w = start_of(p, 3, 0.8), *v = gaussian(rng, n), *F = calloc(n, sizeof *F), *G = calloc(n, sizeof *G), *MG = calloc(n, sizeof *MG),
                   *J = calloc(n * n, sizeof *J), *Jv = calloc(n, sizeof *Jv);
            assert_true(F && G && MG && J && Jv);
            assert_int_equal(fs_flow_velocity(plain, w, G), FS_OK);
            assert_int_equal(fs_flow_velocity(f, w, F), FS_OK);
            naive_metric(p, f, G, MG);
            double tolerance = 64.0 * (double)n * DBL_EPSILON * norm_of(MG, n);
            for (size_t i = 0; i < n; i++) assert_near(F[i], MG[i], tolerance);
            fs_flow_point at, there;
            assert_int_equal(fs_flow_evaluate(plain, w, &at, NULL), FS_OK);
            assert_int_equal(fs_flow_evaluate(f, w, &there, F), FS_OK);
            for (size_t i = 0; i < n; i++) assert_near(F[i], MG[i], tolerance);
            assert_near(there.speed, norm_of(MG, n), tolerance);
            assert_near(there.descent, dot_of(G, MG, n), tolerance * norm_of(G, n));
            assert_near(at.descent, at.speed * at.speed, 0.0);
            assert_near(there.risk, at.risk, 0.0);
            assert_near(there.objective, at.objective, 0.0);
            assert_near(there.gradient_norm, at.gradient_norm, 0.0);
            assert_near(there.distance, at.distance, 0.0);
            assert_near(there.hbar, at.hbar, 0.0);
            assert_int_equal(fs_flow_jacobian_product(plain, w, v, G), FS_OK);
            assert_int_equal(fs_flow_jacobian_product(f, w, v, Jv), FS_OK);
            assert_int_equal(fs_flow_jacobian(f, w, J), FS_OK);
            naive_metric(p, f, G, MG);
            tolerance = 64.0 * (double)n * DBL_EPSILON * (norm_of(MG, n) + norm_of(J, n * n) * norm_of(v, n));
            double skew = 0.0;
            for (size_t i = 0; i < n; i++) {
                assert_near(Jv[i], MG[i], tolerance);
                assert_near(dot_of(J + i * n, v, n), MG[i], tolerance);
                for (size_t j = 0; j < i; j++)
                    if (fabs(J[i * n + j] - J[j * n + i]) > skew) skew = fabs(J[i * n + j] - J[j * n + i]);
            }
            assert_true(skew > 1e-2 * norm_of(J, n * n) / (double)n);      /* the transposed one would have been seen */
            free(w), free(v), free(F), free(G), free(MG), free(J), free(Jv);
            fs_flow_destroy(f);
            fs_flow_destroy(plain);
            fs_problem_destroy(p);
        }
    gsl_rng_free(rng);
}

/* A metric that commutes with Pi_E: on E the augmented flow is the equivariant one, as in orthonormal coordinates. */
static void a_metric_that_commutes_keeps_E_and_its_flow(void **state)
{
    (void)state;
    fs_problem *p = load_model("tiny_mlp", metrics[1], NULL, NULL);
    fs_flow *f = make_moving(p, FS_FLOW_AUGMENTED, 2.0), *inside = make_moving(p, FS_FLOW_EQUIVARIANT, 2.0);
    size_t n = fs_flow_dim(f), E = fs_flow_dim_E(f);
    double *w = start_of(p, 8, 0.0), *F = calloc(n, sizeof *F), *G = calloc(E, sizeof *G);
    assert_true(F && G);
    assert_int_equal(fs_flow_velocity(f, w, F), FS_OK);
    assert_int_equal(fs_flow_velocity(inside, w, G), FS_OK);
    double tolerance = 256.0 * (double)n * DBL_EPSILON * norm_of(F, n);
    for (size_t i = 0; i < E; i++) assert_near(F[i], G[i], tolerance);
    assert_at_most(norm_of(F + E, n - E), tolerance);
    free(w), free(F), free(G);
    fs_flow_destroy(f);
    fs_flow_destroy(inside);
    fs_problem_destroy(p);
}

static void a_parametrisation_can_be_taken_back_and_must_fit(void **state)
{
    (void)state;
    fs_problem *p = load_model("tiny_mlp", metrics[0], NULL, NULL), *other = load_model("toy_sine", metrics[0], NULL, NULL);
    fs_flow *f = make_moving(p, FS_FLOW_AUGMENTED, 0.3), *plain = make_flow(p, FS_FLOW_AUGMENTED, 0.3);
    fs_err err = { 0 };
    size_t n = fs_flow_dim(f);
    double *w = start_of(p, 4, 0.5), *F = calloc(n, sizeof *F), *G = calloc(n, sizeof *G);
    assert_true(F && G);
    assert_fails(fs_flow_set_parametrisation(f, fs_problem_parametrisation(other), &err), FS_EINPUT, err,
                 "expected a parametrisation of the network's 17 parameters, found a matrix of 2 rows and 2 columns");
    assert_ptr_equal(fs_flow_parametrisation(f), fs_problem_parametrisation(p));
    assert_ok(fs_flow_set_parametrisation(f, NULL, &err), err);
    assert_int_equal(fs_flow_velocity(f, w, F), FS_OK);
    assert_int_equal(fs_flow_velocity(plain, w, G), FS_OK);
    assert_memory_equal(F, G, n * sizeof *F);
    free(w), free(F), free(G);
    fs_flow_destroy(f);
    fs_flow_destroy(plain);
    fs_problem_destroy(p);
    fs_problem_destroy(other);
}

static void bad_gamma_is_refused(void **state)
{
    (void)state;
    fs_problem *p = load_model("mirror_c4", NULL, NULL, NULL);
    const double bad[] = { -1.0, (double)NAN, (double)INFINITY };
    fs_err err = { 0 };
    for (size_t i = 0; i < 3; i++) {
        fs_flow *f = NULL;
        assert_fails(fs_flow_create(&f, FS_FLOW_NOMINAL, fs_problem_basis(p), fs_problem_risk(p, 0), bad[i], 1, 0, &err), FS_EINPUT,
                     err, "gamma");
        assert_null(f);
    }
    assert_int_equal(fs_flow_from_name("augmented"), FS_FLOW_AUGMENTED);
    assert_int_equal(fs_flow_from_name("sideways"), FS_FLOW_COUNT);
    fs_problem_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(velocity_is_minus_gradient_of_objective),
        cmocka_unit_test(jacobian_product_matches_difference_of_velocities),
        cmocka_unit_test(dense_jacobian_has_the_products_as_columns),
        cmocka_unit_test(augmented_velocity_is_tangent_to_E_and_nominal_is_not),
        cmocka_unit_test(equivariant_velocity_is_the_augmented_one_on_E),
        cmocka_unit_test(gamma_acts_on_y_alone),
        cmocka_unit_test(point_agrees_with_its_definitions),
        cmocka_unit_test(sheared_coordinates_lead_out_of_E_at_the_known_rate),
        cmocka_unit_test(a_parametrisation_puts_its_metric_in_front_of_everything_that_moves),
        cmocka_unit_test(a_metric_that_commutes_keeps_E_and_its_flow),
        cmocka_unit_test(a_parametrisation_can_be_taken_back_and_must_fit),
        cmocka_unit_test(bad_gamma_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
