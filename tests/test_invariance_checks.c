/* tests/test_invariance_checks.c -- the checks of Theorem 1.1 and of the ensemble theorem: what holds, what must not, and by how much it fails
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "flows.h"

#include "theory_checks/statements.h"
#include "theory_checks/step_grid.h"

#include <gsl/gsl_errno.h>

/* The finding of one statement on a shipped model with up to two overrides; distance negative: the model's. */
static fs_finding finding_at(const fs_statement *statement, const char *model, const char *a, const char *b, uint64_t seed, double start)
{
    fs_problem *p = load_model(model, a, b, NULL);
    const fs_check_options options = { .gamma = -1.0, .distance = start, .seed = seed };
    fs_check_context *c = NULL;
    fs_finding found;
    fs_err err = { 0 };
    assert_ok(fs_check_context_create(&c, p, &options, &err), err);
    assert_ok(fs_check_run(c, statement, &found, &err), err);
    fs_check_context_destroy(c);
    fs_problem_destroy(p);
    return found;
}

static fs_finding finding_of(const fs_statement *statement, const char *model, const char *a, const char *b)
{
    return finding_at(statement, model, a, b, 1, -1.0);
}

static double quantity_of(const fs_finding *found, const char *name)
{
    const fs_quantity *q = fs_finding_quantity(found, name);
    assert_non_null(q);
    return q->value;
}

static void expect(const fs_finding *found, const char *model, fs_verdict verdict)
{
    if (found->verdict != verdict)
        print_error("%s: %s, expected %s: %.3g against %.3g; %s %s\n", model, fs_verdict_name(found->verdict), fs_verdict_name(verdict), found->measured, found->bound,
                    found->vacuous, found->because);
    assert_true(found->applies);
    assert_int_equal(found->verdict, verdict);
}

/* Holds, the control failed as predicted, and there is room between them. */
static void expect_holds(const fs_statement *statement, const char *model, const char *a)
{
    fs_finding found = finding_of(statement, model, a, NULL);
    expect(&found, model, FS_HOLDS);
    assert_int_equal(found.control.verdict, FS_HOLDS);
    assert_true(found.control.measured > found.bound);
}

static void expect_violated(const fs_statement *statement, const char *model, const char *a, const char *word)
{
    fs_finding found = finding_of(statement, model, a, NULL);
    expect(&found, model, FS_VIOLATED);
    assert_true(found.measured > 1e6 * found.bound);
    if (!strstr(found.because, word)) print_error("%s: because \"%s\"\n", model, found.because);
    assert_non_null(strstr(found.because, word));
}

/* --- the field ----------------------------------------------------------------------------- */

static void field_keeps_E_on_good_models(void **state)
{
    (void)state;
    const char *models[] = { "tiny_mlp", "mlp_d4", "toy_sine", "cyclic_linear", "tanh_mlp", "c3_transcritical", "atlas/compatible_filters" };
    for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
        fs_finding found = finding_of(&fs_statement_theorem_1_1_field, models[m], NULL, NULL);
        expect(&found, models[m], FS_HOLDS);
        assert_int_equal(found.control.verdict, FS_HOLDS);
        assert_true(quantity_of(&found, "path_points") >= 8.0 && quantity_of(&found, "path_points") <= 64.0);
        assert_true(quantity_of(&found, "points") >= 200.0 + quantity_of(&found, "path_points"));
        assert_non_null(strstr(found.note, "on the path of the run"));
        assert_true(quantity_of(&found, "detection_limit") < 2e-11);
        assert_near(found.control.measured, found.control.predicted, 0.02 * found.control.predicted);
    }
}

/* A run that overflows on its first step takes nothing from the check but its own points. */
static void field_does_without_a_path_that_fails(void **state)
{
    (void)state;
    fs_finding found = finding_at(&fs_statement_theorem_1_1_field, "c3_transcritical", NULL, NULL, 1, 1e200);
    expect(&found, "c3_transcritical", FS_HOLDS);
    assert_near(quantity_of(&found, "path_points"), 0.0, 0.0);
    assert_true(quantity_of(&found, "points") >= 200.0);
    assert_non_null(strstr(found.note, "no path of the run: "));
}

static void field_leaves_E_where_a_hypothesis_fails(void **state)
{
    (void)state;
    expect_violated(&fs_statement_theorem_1_1_field, "atlas/skew_filters", NULL, "compatibility");
    expect_violated(&fs_statement_theorem_1_1_field, "atlas/weighted_loss", NULL, "loss");
    expect_violated(&fs_statement_theorem_1_1_field, "atlas/tanh_on_rotation", NULL, "nonlinearity");
    expect_violated(&fs_statement_theorem_1_1_field, "toy_sine", "measure=[0.65, 0.35]", "measure");
}

/* The measure (1 + b, 1 - b) / 2 on the sine toy: Pi_N F = b Pi_N (-grad R) at every point of E, for any b. */
static void leak_of_a_biased_measure_is_the_bias(void **state)
{
    (void)state;
    const struct { const char *set; double b; } rows[] = { { "measure=[0.65, 0.35]", 0.3 }, { "measure=[0.5005, 0.4995]", 1e-3 },
                                                           { "measure=[0.5000000005, 0.4999999995]", 1e-9 }, { "measure=[0.4, 0.6]", 0.2 } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fs_finding found = finding_of(&fs_statement_theorem_1_1_field, "toy_sine", rows[i].set, NULL);
        expect(&found, rows[i].set, FS_VIOLATED);
        const fs_quantity *q = fs_finding_quantity(&found, "leak_over_nominal");
        assert_non_null(q);
        /* u / b relative: the measure's entries and the field are rounded */
        assert_near(q->value, rows[i].b, 64.0 * DBL_EPSILON + 64.0 * DBL_EPSILON * rows[i].b);
        assert_at_most(q->error, 1e4 * DBL_EPSILON);
    }
}

/* Sheared coordinates w = B v, B = [[1, 0], [k, 1]]: v' / u' = -k^2 / (2 + 2 k + k^2) on E.  A metric that commutes with the group is harmless. */
static void leak_of_sheared_coordinates_is_as_computed_by_hand(void **state)
{
    (void)state;
    fs_finding found = finding_of(&fs_statement_theorem_1_1_field, "toy_sine", "space={parametrisation: {shear: 0.5}}", NULL);
    expect(&found, "sheared", FS_VIOLATED);
    assert_near(quantity_of(&found, "leak_over_E"), 1.0 / 13.0, 64.0 * DBL_EPSILON);
    assert_non_null(strstr(found.because, "parametrisation"));
    expect_holds(&fs_statement_theorem_1_1_field, "atlas/scaled", NULL);
    expect_holds(&fs_statement_theorem_1_1_trajectories, "atlas/scaled", NULL);
    expect_violated(&fs_statement_theorem_1_1_trajectories, "toy_sine", "space={parametrisation: {shear: 0.5}}", "parametrisation");
}

/* Data that are symmetric, or E stationary throughout: nothing was shown, and nothing is claimed. */
static void nothing_to_take_away_is_no_pass(void **state)
{
    (void)state;
    const fs_statement *statements[] = { &fs_statement_theorem_1_1_field, &fs_statement_theorem_1_1_trajectories, &fs_statement_ensemble };
    for (size_t s = 0; s < 3; s++) {
        fs_finding symmetric = finding_of(statements[s], "pitchfork", NULL, NULL), still = finding_of(statements[s], "wrong_rep", NULL, NULL);
        expect(&symmetric, "pitchfork", FS_UNDECIDED);
        expect(&still, "wrong_rep", FS_UNDECIDED);
        assert_true(symmetric.vacuous[0] && still.vacuous[0]);
    }
}

/* --- trajectories ------------------------------------------------------------------------------ */

static void paths_coincide_on_good_models(void **state)
{
    (void)state;
    expect_holds(&fs_statement_theorem_1_1_trajectories, "tiny_mlp", NULL);
    expect_holds(&fs_statement_theorem_1_1_trajectories, "mlp_d4", NULL);
    expect_holds(&fs_statement_theorem_1_1_trajectories, "toy_sine", NULL);
    expect_holds(&fs_statement_theorem_1_1_trajectories, "tiny_mlp", "flow.gamma=0");
    expect_holds(&fs_statement_theorem_1_1_trajectories, "tiny_mlp", "flow.gamma=300");
    expect_holds(&fs_statement_theorem_1_1_trajectories, "atlas/compatible_filters", NULL);
}

/* Along a path that bends late: on tanh_swap the second derivative at the start of some seeds nearly vanishes, and says nothing about the time that is straight. */
static void control_is_predicted_on_every_seed(void **state)
{
    (void)state;
    const char *models[] = { "tanh_swap", "tiny_mlp", "toy_sine", "cyclic_linear" };
    for (size_t m = 0; m < sizeof models / sizeof *models; m++)
        for (uint64_t seed = 1; seed <= 6; seed++) {
            fs_finding found = finding_at(&fs_statement_theorem_1_1_trajectories, models[m], NULL, NULL, seed, -1.0);
            expect(&found, models[m], FS_HOLDS);
            assert_int_equal(found.control.verdict, FS_HOLDS);
            assert_near(found.control.measured, found.control.predicted, 0.004 * found.control.predicted);
        }
}

static void paths_part_where_a_hypothesis_fails(void **state)
{
    (void)state;
    expect_violated(&fs_statement_theorem_1_1_trajectories, "atlas/skew_filters", NULL, "compatibility");
    expect_violated(&fs_statement_theorem_1_1_trajectories, "toy_sine", "measure=[0.65, 0.35]", "measure");
    expect_violated(&fs_statement_theorem_1_1_trajectories, "toy_sine", "measure=[0.5000005, 0.4999995]", "measure");
    /* a loss that is not invariant averages to another one along E as well */
    fs_finding found = finding_of(&fs_statement_theorem_1_1_trajectories, "atlas/weighted_loss", NULL, NULL);
    expect(&found, "weighted_loss", FS_VIOLATED);
    assert_true(quantity_of(&found, "apart") > 1e-3 && quantity_of(&found, "Y") > 1e-3 && quantity_of(&found, "Y_bdf") > 1e-3);
}

static void a_point_has_no_paths(void **state)
{
    (void)state;
    fs_finding found = finding_of(&fs_statement_theorem_1_1_trajectories, "rotations_so2", NULL, NULL);
    assert_false(found.applies);
    assert_non_null(strstr(found.note, "one point"));
}

/* --- ensembles ---------------------------------------------------------------------------------- */

static void ensemble_mean_is_equivariant_on_good_models(void **state)
{
    (void)state;
    const char *models[] = { "tiny_mlp", "mlp_d4", "cyclic_linear", "rotations_so2", "toy_sine", "atlas/scaled" };
    for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
        fs_finding found = finding_of(&fs_statement_ensemble, models[m], NULL, NULL);
        expect(&found, models[m], FS_HOLDS);
        assert_int_equal(found.control.verdict, FS_HOLDS);
        assert_at_most(quantity_of(&found, "nominal_start"), 1e-14);
        assert_true(quantity_of(&found, "nominal_end") >= 1e6 * found.bound);
        assert_true(quantity_of(&found, "member_end") >= 1e6 * found.bound);
        assert_at_most(quantity_of(&found, "defect_end"), 1e-14);
    }
}

/* A start on E has an orbit of one point: another one is taken. */
static void ensemble_of_a_model_that_starts_on_E(void **state)
{
    (void)state;
    expect_holds(&fs_statement_ensemble, "tiny_mlp", "start.distance=0");
}

/* Taps that are compatible but not invariant: Theorem 1.1 holds, the ensemble theorem does not, and that already at t = 0. */
static void ensemble_needs_an_invariant_L(void **state)
{
    (void)state;
    fs_finding found = finding_of(&fs_statement_ensemble, "atlas/compatible_filters", NULL, NULL);
    expect(&found, "compatible_filters", FS_VIOLATED);
    assert_non_null(strstr(found.because, "invariance"));
    assert_true(quantity_of(&found, "defect_start") > 1e-6);
    expect_violated(&fs_statement_ensemble, "atlas/skew_filters", NULL, "invariance");
}

static void ensemble_needs_the_haar_measure(void **state)
{
    (void)state;
    fs_finding found = finding_of(&fs_statement_ensemble, "tiny_mlp", "measure=[0.65, 0.35]", NULL);
    expect(&found, "biased", FS_VIOLATED);
    assert_at_most(quantity_of(&found, "defect_start"), 1e-14);
    assert_true(quantity_of(&found, "defect_end") > 1e-6);
}

static void ensembles_without_a_finite_orbit_do_not_apply(void **state)
{
    (void)state;
    fs_finding found = finding_of(&fs_statement_ensemble, "rotations_so3", NULL, NULL);
    assert_false(found.applies);
    assert_non_null(strstr(found.note, "continuous"));
}

/* --- their instruments -------------------------------------------------------------------------- */

/* Constant rate and noise: z_k = q^k z_0 + noise max(1, q) (1 - q^k) / (1 - q), q = e^(-r h). */
static void budget_is_a_geometric_sum(void **state)
{
    (void)state;
    double t[3] = { 0.0, 0.5, 1.25 }, z[3];
    const fs_fixed_path path = { .n_rows = 3, .h = 0.25, .t = t };
    const fs_metric one = { 1.0, 1.0 }, stretched = { 0.5, 2.0 };
    const double rates[] = { 2.0, -3.0 };
    for (int i = 0; i < 2; i++) {
        const fs_grid_node node[3] = { { rates[i], 1e-3 }, { rates[i], 1e-3 }, { rates[i], 1e-3 } };
        double q = exp(-0.25 * rates[i]), each = q > 1.0 ? 1e-3 * q : 1e-3;
        fs_grid_budget(&path, node, &one, 0.5, z);
        assert_near(z[0], 0.5, 0.0);
        assert_near(z[1], pow(q, 2.0) * 0.5 + each * (1.0 - pow(q, 2.0)) / (1.0 - q), 1e-14 * z[1]);
        assert_near(z[2], pow(q, 5.0) * 0.5 + each * (1.0 - pow(q, 5.0)) / (1.0 - q), 1e-14 * z[2]);
        /* in another metric growth is faster and decay slower, and norms differ by sqrt(4) */
        q = exp(-0.25 * rates[i] * (rates[i] < 0.0 ? 2.0 : 0.5));
        each = q > 1.0 ? 1e-3 * q : 1e-3;
        fs_grid_budget(&path, node, &stretched, 0.5, z);
        assert_near(z[2], 2.0 * (pow(q, 5.0) * 0.5 + each * (1.0 - pow(q, 5.0)) / (1.0 - q)), 1e-13 * z[2]);
    }
    const fs_grid_node unknown[3] = { { 2.0, (double)NAN }, { 2.0, 0.0 }, { 2.0, 0.0 } }, rateless[3] = { { 2.0, 0.0 }, { 2.0, 0.0 }, { (double)NAN, 0.0 } };
    fs_grid_budget(&path, unknown, &one, 0.0, z);
    assert_true(isnan(z[1]) && isnan(z[2]));
    fs_grid_budget(&path, rateless, &one, 0.5, z);
    assert_true(z[1] > 0.0 && isnan(z[2]));
    const fs_grid_node worse[3] = { { 2.0, 0.0 }, { -1.0, 1.0 }, { 2.0, 0.0 } };       /* the lower rate and the larger noise on both sides */
    fs_grid_budget(&path, worse, &one, 0.0, z);
    assert_near(z[1], exp(0.25) * (1.0 + exp(0.25)), 1e-14 * z[1]);
}

/* The sine toy on E: H_N = H_E = cos(sqrt2 u) / 2. */
static void lowest_eigenvalues_are_those_of_the_closed_form(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.6);
    fs_err err = { 0 };
    for (int i = 0; i < 8; i++) {
        double w[2] = { 0.5 * i, 0.0 }, N, E, half = 0.5 * cos(sqrt(2.0) * w[0]);
        assert_ok(fs_grid_lowest(f, w, 1, 1, NULL, &N, &err), err);
        assert_ok(fs_grid_lowest(f, w, 0, 1, NULL, &E, &err), err);
        assert_near(N, 0.6 + half, 16.0 * DBL_EPSILON);
        assert_near(E, half, 16.0 * DBL_EPSILON);
        assert_ok(fs_grid_lowest(f, w, 1, 0, NULL, &N, &err), err);
        assert_true(isinf(N) && N > 0.0);
    }
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* M = [[1, k], [k, 1 + k^2]], k = 1/2: eigenvalues (2 + k^2 +- k sqrt(4 + k^2)) / 2. */
static void metric_has_the_eigenvalues_of_the_shear(void **state)
{
    (void)state;
    const fs_check_options options = { .gamma = -1.0, .distance = -1.0, .seed = 1 };
    const char *sets[] = { "space={parametrisation: {shear: 0.5}}", NULL };
    for (int i = 0; i < 2; i++) {
        fs_problem *p = load_model("toy_sine", sets[i], NULL, NULL);
        fs_check_context *c = NULL;
        fs_metric m;
        fs_err err = { 0 };
        assert_ok(fs_check_context_create(&c, p, &options, &err), err);
        assert_ok(fs_metric_measure(c, &m, &err), err);
        double half = i ? 0.0 : 0.25 * sqrt(4.25), middle = i ? 1.0 : 1.125;
        assert_near(m.low, middle - half, 16.0 * DBL_EPSILON);
        assert_near(m.high, middle + half, 16.0 * DBL_EPSILON);
        fs_check_context_destroy(c);
        fs_problem_destroy(p);
    }
}

/* The grid ends where both thresholds are passed, and not before 40 steps. */
static void grid_goes_as_far_as_it_must(void **state)
{
    (void)state;
    fs_problem *p = load_model("tiny_mlp", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 1.0), *e = make_flow(p, FS_FLOW_EQUIVARIANT, 1.0);
    double *w0 = start_of(p, 1, 0.0);
    const fs_grid little = { .travelled = 1e-6, .changed = 1e-6 }, much = { .travelled = 0.4, .changed = 0.3 }, never = { .travelled = 1e6, .changed = 0.0 };
    fs_grid grid;
    fs_err err = { 0 };
    assert_ok(fs_grid_choose(&grid, f, e, w0, &little, 500, NULL, &err), err);
    assert_int_equal(grid.steps, 40);
    assert_ok(fs_grid_choose(&grid, f, e, w0, &much, 3000, NULL, &err), err);
    assert_true(fs_grid_arrived(&grid, &much) && grid.steps > 40 && grid.steps < 3000);
    assert_ok(fs_grid_choose(&grid, f, e, w0, &never, 100, NULL, &err), err);
    assert_int_equal(grid.steps, 100);
    assert_false(fs_grid_arrived(&grid, &never));
    assert_int_equal(fs_grid_most_steps(f, 1), 3000);
    assert_int_equal(fs_grid_most_steps(f, SIZE_MAX), 0);
    free(w0);
    fs_flow_destroy(f);
    fs_flow_destroy(e);
    fs_problem_destroy(p);
}

int main(void)
{
    gsl_set_error_handler_off();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(field_keeps_E_on_good_models),
        cmocka_unit_test(field_does_without_a_path_that_fails),
        cmocka_unit_test(field_leaves_E_where_a_hypothesis_fails),
        cmocka_unit_test(leak_of_a_biased_measure_is_the_bias),
        cmocka_unit_test(leak_of_sheared_coordinates_is_as_computed_by_hand),
        cmocka_unit_test(nothing_to_take_away_is_no_pass),
        cmocka_unit_test(paths_coincide_on_good_models),
        cmocka_unit_test(control_is_predicted_on_every_seed),
        cmocka_unit_test(paths_part_where_a_hypothesis_fails),
        cmocka_unit_test(a_point_has_no_paths),
        cmocka_unit_test(ensemble_mean_is_equivariant_on_good_models),
        cmocka_unit_test(ensemble_of_a_model_that_starts_on_E),
        cmocka_unit_test(ensemble_needs_an_invariant_L),
        cmocka_unit_test(ensemble_needs_the_haar_measure),
        cmocka_unit_test(ensembles_without_a_finite_orbit_do_not_apply),
        cmocka_unit_test(budget_is_a_geometric_sum),
        cmocka_unit_test(lowest_eigenvalues_are_those_of_the_closed_form),
        cmocka_unit_test(metric_has_the_eigenvalues_of_the_shear),
        cmocka_unit_test(grid_goes_as_far_as_it_must),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
