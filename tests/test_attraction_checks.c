/* tests/test_attraction_checks.c -- Theorem 3 and Remark 1 as checks: exact constants and rates, controls of the predicted size, models where they must fail
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "flows.h"

#include "theory_checks/decay.h"
#include "theory_checks/statements.h"

#include <gsl/gsl_errno.h>

/* One statement on a model of the source tree, with overrides; gamma and distance negative: the model's; rtol 0: the model's. */
static fs_finding finding_of(const fs_statement *statement, const char *model, fs_check_options options)
{
    fs_problem *p = load_model(model, NULL, NULL, NULL);
    fs_check_context *c;
    fs_finding found;
    fs_err err = { 0 };
    assert_ok(fs_check_context_create(&c, p, &options, &err), err);
    assert_ok(fs_check_run(c, statement, &found, &err), err);
    fs_check_context_destroy(c);
    fs_problem_destroy(p);
    return found;
}

static fs_finding finding_at(const fs_statement *statement, const char *model, double gamma, double distance)
{
    return finding_of(statement, model, (fs_check_options){ .gamma = gamma, .distance = distance });
}

static fs_finding finding(const fs_statement *statement, const char *model)
{
    return finding_at(statement, model, -1.0, -1.0);
}

static double quantity(const fs_finding *found, const char *name)
{
    const fs_quantity *q = fs_finding_quantity(found, name);
    assert_non_null(q);
    return q->value;
}

static void assert_verdict(const fs_finding *found, fs_verdict verdict)
{
    if (found->verdict != verdict)
        print_error("%s, not %s: measured %g, error %g, bound %g; control %g, predicted %g; %s %s %s\n", fs_verdict_name(found->verdict), fs_verdict_name(verdict),
                    found->measured, found->error, found->bound, found->control.measured, found->control.predicted, found->vacuous, found->because, found->note);
    assert_int_equal(found->verdict, verdict);
}

/* --- decay.h ----------------------------------------------------------------------------------- */

/* toy_sine: R^aug = (1 - cos(sqrt2 u) cos(sqrt2 v)) / 4, so that hbar = cos(sqrt2 u) sin(sqrt2 v) / (2 sqrt2 v). */
static void mean_curvature_of_the_sine_is_its_closed_form(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("mean_curvature_of_the_sine_is_its_closed_form");
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.3);
    fs_err err = { 0 };
    for (int i = 0; i < 20; i++) {
        double w[2] = { 4.0 * gsl_rng_uniform(rng) - 2.0, 0.1 + 2.0 * gsl_rng_uniform(rng) };
        fs_decay_ray r;
        assert_ok(fs_decay_ray_at(f, f, w, &r, &err), err);
        double exact = 0.3 + cos(sqrt(2.0) * w[0]) * sin(sqrt(2.0) * w[1]) / (2.0 * sqrt(2.0) * w[1]);
        assert_near(r.mean, exact, 1e-13 + r.mean_error);
        assert_at_most(r.mean_error, 1e-10);
        assert_near(r.velocity, exact, 1e-13 + r.rounding);
        assert_at_most(r.rounding, 1e-12);
        assert_near(r.on_E, 0.3 + 0.5 * cos(sqrt(2.0) * w[0]), 1e-13);
        assert_at_most(r.lowest, r.mean + 1e-15);
        assert_near(r.lowest, 0.3 + 0.5 * cos(sqrt(2.0) * w[0]) * cos(sqrt(2.0) * r.at * w[1]), 1e-13);
        assert_near(r.size, w[1], 1e-15);
    }
    double on_E[2] = { 1.0, 0.0 };
    fs_decay_ray r;
    assert_fails(fs_decay_ray_at(f, f, on_E, &r, &err), FS_EINPUT, err, "off E");
    fs_flow_destroy(f);
    fs_problem_destroy(p);
    gsl_rng_free(rng);
}

static void rest_across_E_is_a_zero_of_the_velocity_there(void **state)
{
    (void)state;
    static const char *const model[] = { "tanh_swap_pitchfork", "tiny_mlp", "cnn_c4" };
    static const double gamma[] = { 8.0, 20.0, 30.0 };
    for (int i = 0; i < 3; i++) {
        fs_problem *p = load_model(model[i], NULL, NULL, NULL);
        fs_flow *f = make_flow(p, FS_FLOW_NOMINAL, gamma[i]);
        size_t E = fs_flow_dim_E(f), n = fs_flow_dim(f);
        double *w = start_of(p, 3, 0.7), *F = calloc(n, sizeof *F), x = E ? w[0] : 0.0, across, all;
        int found;
        fs_err err = { 0 };
        assert_ok(fs_decay_rest(f, w, &found, &err), err);
        assert_true(found);
        assert_int_equal(fs_flow_velocity(f, w, F), FS_OK);
        assert_near(w[0], x, 0.0);
        assert_ok(fs_decay_leak(f, w, &across, &all, NULL, &err), err);
        assert_at_most(norm_of(F + E, n - E), 1e-11 * across);
        assert_true(norm_of(w + E, n - E) > 0.1 * across / (2.0 * gamma[i]));
        free(w);
        free(F);
        fs_flow_destroy(f);
        fs_problem_destroy(p);
    }
}

/* A parabola that bends upwards dips below its chord by h^2 / 4 at the most where its second derivative is 2; a straight line does not. */
static void dip_covers_a_parabola_and_spares_a_line(void **state)
{
    (void)state;
    double t[5] = { 0.0, 0.4, 1.0, 1.5, 2.5 }, bent[5], line[5];
    for (int k = 0; k < 5; k++) {
        bent[k] = (t[k] - 0.7) * (t[k] - 0.7);
        line[k] = 3.0 - 2.0 * t[k];
    }
    assert_at_most(0.25 * 1.0 * 1.0, fs_chain_dip(5, t, bent));
    assert_at_most(fs_chain_dip(5, t, line), 1e-14);
    assert_at_most(fs_chain_dip(2, t, bent), 0.0);
}

static void norm_across_E_is_the_largest_eigenvalue(void **state)
{
    (void)state;
    fs_problem *p = load_model("cyclic_linear", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.0);
    double *w = start_of(p, 0, 0.0), norm;
    fs_err err = { 0 };
    assert_ok(fs_decay_norm(f, w, &norm, &err), err);
    assert_near(norm, 1.0, 1e-3);       /* Sigma_G has the eigenvalues 1, 1/2, 0, 1/2 */
    free(w);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* Cross-entropy: one readout pattern added to all classes changes nothing, so it decays as exp(-gamma t), nominal or augmented. */
static void softmax_zero_mode_decays_at_gamma_exactly(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("softmax_zero_mode_decays_at_gamma_exactly");
    fs_problem *p = load_model("cnn_c4", NULL, NULL, NULL);
    const fs_basis *b = fs_problem_basis(p);
    const fs_weight_block *block;
    const fs_weight_block *last = NULL;
    size_t blocks = fs_net_blocks(fs_problem_net(p), &block), n = dim_L(p), half;
    last = &block[blocks - 1];
    half = last->count / 2;
    double *A = calloc(b->n_par, sizeof *A), *z = calloc(n, sizeof *z), *w = start_of(p, 1, 0.0), *F = calloc(n, sizeof *F);
    fs_rng_gaussian(rng, half, A + last->offset);
    memcpy(A + last->offset + half, A + last->offset, half * sizeof *A);        /* both classes */
    fs_basis_project(b, A, z);
    memcpy(w + b->dim_E, z + b->dim_E, b->dim_N * sizeof *w);
    double size = norm_of(w + b->dim_E, b->dim_N);
    assert_true(size > 0.5);
    for (int kind = FS_FLOW_NOMINAL; kind <= FS_FLOW_AUGMENTED; kind++) {
        fs_flow *f = make_flow(p, (fs_flow_kind)kind, 2.5);
        fs_decay_ray r;
        fs_err err = { 0 };
        assert_ok(fs_decay_ray_at(f, f, w, &r, &err), err);
        assert_near(r.velocity, 2.5, 1e-13);
        assert_near(r.mean, 2.5, 1e-13);
        assert_int_equal(fs_flow_velocity(f, w, F), FS_OK);
        double off = 0.0;
        for (size_t i = b->dim_E; i < n; i++) off += (F[i] + 2.5 * w[i]) * (F[i] + 2.5 * w[i]);
        if (kind == FS_FLOW_AUGMENTED) assert_at_most(sqrt(off), 1e-13 * size);
        else assert_true(sqrt(off) > 1e-3);
        fs_flow_destroy(f);
    }
    free(A);
    free(z);
    free(w);
    free(F);
    fs_problem_destroy(p);
    gsl_rng_free(rng);
}

/* --- Theorem 3, identity --------------------------------------------------------------------------- */

static void identity_holds_from_toys_to_a_network(void **state)
{
    (void)state;
    static const char *const model[] = { "toy_sine", "c3_transcritical", "pitchfork", "cyclic_linear", "tanh_swap", "tiny_mlp", "missing_irreps", "wrong_rep", "cnn_c4" };
    for (size_t i = 0; i < sizeof model / sizeof *model; i++) {
        fs_finding found = finding(&fs_statement_theorem_3_identity, model[i]);
        assert_verdict(&found, FS_HOLDS);
        assert_at_most(found.bound, 1e-2);
        assert_at_most(1e3 * found.bound, found.control.measured);
        assert_near(found.control.measured, found.control.predicted, 1e-4 * found.control.predicted);
    }
}

/* The identity is one of log |Y|, decaying or not: below gamma_c = 1 the pitchfork grows to |Y|^2 = 1 - gamma. */
static void identity_holds_where_E_repels(void **state)
{
    (void)state;
    fs_finding found = finding_at(&fs_statement_theorem_3_identity, "pitchfork", 0.5, 1e-3);
    assert_verdict(&found, FS_HOLDS);
    assert_near(quantity(&found, "change"), log(sqrt(0.5) / 1e-3), 1e-4);
}

static void skew_filters_violate_theorem_3(void **state)
{
    (void)state;
    fs_finding found = finding(&fs_statement_theorem_3_identity, "cnn_c4_skew");
    assert_verdict(&found, FS_VIOLATED);
    assert_non_null(strstr(found.because, "compatibility"));
    found = finding(&fs_statement_theorem_3_chain, "cnn_c4_skew");
    assert_verdict(&found, FS_VIOLATED);
    found = finding(&fs_statement_theorem_3_ladder, "cnn_c4_skew");
    assert_verdict(&found, FS_VIOLATED);
}

static void nothing_is_said_of_a_start_on_E(void **state)
{
    (void)state;
    static const fs_statement *const statement[] = { &fs_statement_theorem_3_identity, &fs_statement_theorem_3_chain, &fs_statement_theorem_3_ladder };
    for (size_t i = 0; i < 3; i++) {
        fs_finding found = finding_at(statement[i], "toy_sine", -1.0, 0.0);
        assert_false(found.applies);
        assert_verdict(&found, FS_UNDECIDED);
        assert_non_null(strstr(found.note, "Y_0 = 0"));
    }
}

/* --- Theorem 3, bounds --------------------------------------------------------------------------------- */

/* M3 = sqrt2 / 2 once the tube is wide enough for sin(sqrt2 v) = 1. */
static void sine_constants_are_exact(void **state)
{
    (void)state;
    fs_finding found = finding(&fs_statement_theorem_3_chain, "toy_sine");
    assert_verdict(&found, FS_HOLDS);
    double C = quantity(&found, "C"), c = quantity(&found, "c");
    assert_near(C, sqrt(2.0) / 4.0, 1e-6);
    assert_near(quantity(&found, "gamma_bernoulli"), 1.5 * C - c, 1e-12);
    assert_true(quantity(&found, "slack_path") > 0.0);
    assert_true(quantity(&found, "slack_bernoulli") > 0.0);
    assert_true(quantity(&found, "slack_paper") > 0.0);
    assert_near(fs_bound_paper(-0.5, sqrt(2.0) / 4.0, 1.0, 0.5), 1.0, 1e-12);
    assert_near(fs_bound_bernoulli(-0.5, sqrt(2.0) / 4.0, 1.0), 0.5 + sqrt(2.0) / 4.0, 1e-15);
}

static void transcritical_constants_are_those_of_the_table(void **state)
{
    (void)state;
    static const double delta[] = { 0.1, 0.2, 0.5 }, bernoulli[] = { 0.5975, 0.74, 1.4375 };
    for (int i = 0; i < 3; i++) {
        fs_finding found = finding_at(&fs_statement_theorem_3_chain, "c3_transcritical", -1.0, delta[i]);
        assert_verdict(&found, FS_HOLDS);
        assert_near(quantity(&found, "c"), -0.5, 1e-9);
        assert_near(quantity(&found, "M3"), 1.5 + 4.5 * delta[i], 1e-6);
        assert_near(quantity(&found, "gamma_bernoulli"), bernoulli[i], 1e-6);
    }
}

/* On cos 3 phi = -1: rho' = -a rho + 3/4 rho^2 - 3/4 rho^3, a = gamma - 1/2. */
static double exact_radius(double a, double rho, double t)
{
    enum { STEPS = 4000 };
    double h = t / STEPS;
    for (int i = 0; i < STEPS; i++) {
        double k[4], at = rho;
        for (int j = 0; j < 4; j++) {
            k[j] = -a * at + 0.75 * at * at - 0.75 * at * at * at;
            at = rho + (j < 2 ? 0.5 : 1.0) * h * k[j];
        }
        rho += h * (k[0] + 2.0 * k[1] + 2.0 * k[2] + k[3]) / 6.0;
    }
    return rho;
}

static void half_of_M3_bounds_the_transcritical_flow_and_a_quarter_does_not(void **state)
{
    (void)state;
    fs_problem *p = load_model("c3_transcritical", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.6);
    double w[3] = { 0.3, 0.0, 0.0 }, lowest = DBL_MAX, best = 0.0, delta = 0.1, t = 5.0, C = 0.5 * (1.5 + 4.5 * delta);
    for (int i = 0; i < 3600; i++) {        /* the radius on which the cubic term pushes outwards */
        double phi = i * acos(-1.0) / 1800.0, z[3] = { 0.3, delta * cos(phi), delta * sin(phi) };
        fs_flow_point point;
        assert_int_equal(fs_flow_evaluate(f, z, &point, NULL), FS_OK);
        if (point.risk < lowest) {
            lowest = point.risk;
            best = phi;
        }
    }
    w[1] = delta * cos(best);
    w[2] = delta * sin(best);
    fs_trajectory *T = NULL;
    const fs_integrate_options o = { .t_end = t, .rtol = 1e-10, .atol = 1e-12, .method = FS_METHOD_BDF };
    fs_err err = { 0 };
    assert_ok(fs_trajectory_compute(&T, f, w, &o, &err), err);
    double exact = exact_radius(0.1, delta, t), found = T->last.distance;
    assert_near(found, exact, 1e-5 * exact);
    assert_true(found <= fs_bound_bernoulli_at(-0.5, C, 0.6, delta, t));
    double wrong = fs_bound_bernoulli_at(-0.5, 0.5 * C, 0.6, delta, t);
    assert_true(found > wrong);
    assert_near(log(found / wrong), log(exact / wrong), 1e-5);
    assert_true(log(found / wrong) > 0.05);
    fs_trajectory_destroy(T);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

static void bounds_hold_and_the_nominal_plateau_breaks_them(void **state)
{
    (void)state;
    static const char *const model[] = { "tanh_swap", "tiny_mlp", "cyclic_linear", "toy_quartic", "tanh_mlp" };
    for (size_t i = 0; i < sizeof model / sizeof *model; i++) {
        fs_finding found = finding(&fs_statement_theorem_3_chain, model[i]);
        assert_verdict(&found, FS_HOLDS);
        assert_true(found.control.measured > 5.0);
        assert_non_null(strstr(found.control.what, "nominal"));
    }
}

/* R = R^aug: there is no nominal plateau, and the flow without the penalty is the control. */
static void bounds_hold_where_nominal_is_augmented(void **state)
{
    (void)state;
    static const char *const model[] = { "pitchfork", "rotations_so2", "wrong_rep" };
    for (size_t i = 0; i < 3; i++) {
        fs_finding found = finding(&fs_statement_theorem_3_chain, model[i]);
        assert_verdict(&found, FS_HOLDS);
        assert_non_null(strstr(found.control.what, "without the penalty"));
    }
}

/* --- Theorem 3, rate ------------------------------------------------------------------------------------- */

static void rates_are_those_of_closed_forms(void **state)
{
    (void)state;
    /* curvature across E where the flow comes to rest on it: sine 1/2, pitchfork -1, quartic 2, Sigma_G 0, rotations of the plane -1, tanh_swap lambda* */
    static const struct { const char *model; double lambda; } exact[] = {
        { "toy_sine", 0.5 }, { "pitchfork", -1.0 }, { "toy_quartic", 2.0 }, { "cyclic_linear", 0.0 }, { "rotations_so2", -1.0 }, { "rotations_so3", -2.0 / 3.0 },
        { "tanh_swap", 1.47456 }, { "tanh_swap_pitchfork", -1.31072 }, { "c3_transcritical", -0.5 },
    };
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++) {
        fs_finding found = finding(&fs_statement_theorem_3_rate, exact[i].model);
        assert_verdict(&found, FS_HOLDS);
        assert_near(quantity(&found, "rate"), quantity(&found, "gamma") + exact[i].lambda, found.bound + 1e-5);
        assert_at_most(found.bound, 1e-2 * quantity(&found, "rate"));
        assert_near(found.control.measured, quantity(&found, "gamma"), 1e-2 * quantity(&found, "gamma"));
        assert_true(quantity(&found, "generic_rate") >= quantity(&found, "rate") - found.bound);
    }
}

static void rate_holds_on_a_network_that_never_rests(void **state)
{
    (void)state;
    fs_finding found = finding(&fs_statement_theorem_3_rate, "cnn_c4");
    assert_verdict(&found, FS_HOLDS);
}

/* --- Theorem 3, every distance ---------------------------------------------------------------------------- */

static void every_distance_has_its_gamma(void **state)
{
    (void)state;
    static const char *const model[] = { "toy_sine", "tanh_swap", "c3_transcritical", "pitchfork", "tiny_mlp" };
    for (size_t i = 0; i < sizeof model / sizeof *model; i++) {
        fs_finding found = finding(&fs_statement_theorem_3_ladder, model[i]);
        assert_verdict(&found, FS_HOLDS);
        double before = 0.0;
        for (size_t k = 0; k < found.n_quantity; k++) {
            if (strncmp(found.quantity[k].name, "gamma:", 6) != 0) continue;
            assert_true(found.quantity[k].value >= before && found.quantity[k].value > 0.0);
            before = found.quantity[k].value;
        }
    }
}

/* --- nothing is shown where nothing is compared ------------------------------------------------------------- */

static const char *const small_models[] = { "toy_sine", "tiny_mlp", "toy_quartic", "tanh_swap" };

static void a_loose_tolerance_does_not_blind_the_checks(void **state)
{
    (void)state;
    static const fs_statement *const statement[] = { &fs_statement_theorem_3_identity, &fs_statement_theorem_3_chain, &fs_statement_theorem_3_rate,
                                                     &fs_statement_theorem_3_ladder };
    static const double rtol[] = { 1e-3, 1e-2 };
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; k < 8; k++) {
            fs_finding found = finding_of(statement[i], small_models[k / 2], (fs_check_options){ .gamma = -1.0, .distance = -1.0, .rtol = rtol[k % 2] });
            assert_verdict(&found, FS_HOLDS);
            assert_at_most(found.bound, 0.01);
        }
    }
}

static void a_distance_below_what_the_integration_resolves_shows_nothing(void **state)
{
    (void)state;
    static const fs_statement *const statement[] = { &fs_statement_theorem_3_identity, &fs_statement_theorem_3_chain, &fs_statement_theorem_3_ladder };
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 0; k < 4; k++) {
            fs_finding found = finding_at(statement[i], small_models[k], -1.0, 1e-12);
            assert_verdict(&found, FS_UNDECIDED);
            assert_true(found.vacuous[0]);
        }
    }
}

/* Beside gamma = 1e6 curvatures of size 1 are not seen. */
static void a_rate_in_which_lambda_is_not_seen_shows_nothing(void **state)
{
    (void)state;
    for (size_t k = 1; k < 4; k++) {
        fs_finding found = finding_at(&fs_statement_theorem_3_rate, small_models[k], 1e6, -1.0);
        assert_verdict(&found, FS_UNDECIDED);
        assert_non_null(strstr(found.vacuous, "lambda_min"));
    }
}

static void guards_ask_for_range_output_times_and_a_bound_that_tells(void **state)
{
    (void)state;
    static const struct { double range; size_t count; double bound; int trips; } cell[] = {
        { 11.0, 90, 1e-4, 0 }, { 11.0, 90, 0.6, 1 }, { 11.0, 3, 1e-4, 1 }, { 0.0, 90, 0.0, 1 }, { 2.0, 90, 1e-4, 1 }, { (double)NAN, 90, 1e-4, 1 }, { 11.0, 90, (double)NAN, 1 },
    };
    for (size_t i = 0; i < sizeof cell / sizeof *cell; i++) {
        fs_finding found = { 0 };
        fs_decay_guard(&found, cell[i].range, cell[i].count, cell[i].bound);
        assert_int_equal(found.vacuous[0] != 0, cell[i].trips);
    }
}

/* --- controls where X moves, and where the plateau is small ------------------------------------------------- */

static void controls_have_the_predicted_size_from_moving_states_and_at_large_gamma(void **state)
{
    (void)state;
    static const fs_statement *const statement[] = { &fs_statement_theorem_3_chain, &fs_statement_theorem_3_ladder };
    for (size_t i = 0; i < 2; i++) {
        for (uint64_t seed = 1; seed <= 6; seed++) {
            fs_finding found = finding_of(statement[i], "toy_sine", (fs_check_options){ .gamma = -1.0, .distance = -1.0, .seed = seed });
            assert_verdict(&found, FS_HOLDS);
        }
        fs_finding found = finding_at(statement[i], "toy_quartic", 1e6, -1.0);
        assert_verdict(&found, FS_HOLDS);
    }
}

/* The integrator does not test the error of its quadratures: this start is one of long swings of the exponent. */
static void identity_holds_on_a_path_of_a_thousand_steps(void **state)
{
    (void)state;
    fs_finding found = finding_of(&fs_statement_theorem_3_identity, "wrong_rep", (fs_check_options){ .gamma = -1.0, .distance = -1.0, .seed = 4 });
    assert_verdict(&found, FS_HOLDS);
    assert_at_most(found.bound, 1e-3);
    assert_near(found.error, 0.0, 0.0);
}

/* toy_quartic and others: M3 is a supremum over the path, so a search around all its states finds no less than one around its start. */
static void M3_is_that_of_the_whole_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        fs_finding found = finding(&fs_statement_theorem_3_chain, small_models[i]);
        fs_problem *p = load_model(small_models[i], NULL, NULL, NULL);
        fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.0), *moving = make_flow(p, FS_FLOW_AUGMENTED, quantity(&found, "gamma"));
        double delta = quantity(&found, "delta"), *w = start_of(p, 0, delta), times[40];
        size_t E = fs_flow_dim_E(f), n = fs_flow_dim(f);
        fs_trajectory *T = NULL;
        fs_err err = { 0 };
        for (size_t k = 0; k < 40; k++) times[k] = (double)(k + 1) / 20.0;
        const fs_integrate_options o = { .t_end = 2.0, .rtol = 1e-8, .atol = 1e-10, .method = FS_METHOD_BDF, .n_times = 40, .times = times, .keep_nodes = 100 };
        assert_ok(fs_trajectory_compute(&T, moving, w, &o, &err), err);
        for (size_t k = 0; k < T->n_nodes; k += 3) {
            fs_tube *tube = NULL;
            double M3, *x = calloc(n, sizeof *x);
            memcpy(x, T->node_w + k * n, E * sizeof *x);
            const fs_tube_options asked = { .n_points = 1, .x = x, .starts = 4 };
            assert_ok(fs_tube_create(&tube, f, &asked, &err), err);
            assert_ok(fs_tube_third(tube, delta, &M3, &err), err);
            assert_at_most(M3, 1.01 * quantity(&found, "M3"));
            fs_tube_destroy(tube);
            free(x);
        }
        fs_trajectory_destroy(T);
        free(w);
        fs_flow_destroy(f);
        fs_flow_destroy(moving);
        fs_problem_destroy(p);
    }
}

static void rate_waits_until_E_rests(void **state)
{
    (void)state;
    fs_finding found = finding(&fs_statement_theorem_3_rate, "mlp_d4");
    assert_verdict(&found, FS_HOLDS);
}

/* --- Remark 1 ------------------------------------------------------------------------------------------------ */

static void nominal_plateau_is_the_leak_over_gamma(void **state)
{
    (void)state;
    static const char *const model[] = { "toy_sine", "c3_transcritical", "tanh_swap", "tiny_mlp", "cyclic_linear", "cnn_c4" };
    for (size_t i = 0; i < sizeof model / sizeof *model; i++) {
        fs_finding found = finding(&fs_statement_remark_1_plateau, model[i]);
        assert_verdict(&found, FS_HOLDS);
        assert_near(quantity(&found, "limit"), 1.0, 1e-4);
        assert_at_most(fabs(quantity(&found, "augmented")), 1e-6);
        assert_near(found.control.measured, 1.0, 1e-6);
    }
}

static void no_plateau_where_augmentation_removes_nothing(void **state)
{
    (void)state;
    fs_finding found = finding(&fs_statement_remark_1_plateau, "pitchfork");
    assert_false(found.applies);
}

/* tanh_swap at t = 0.6: where the nominal flow comes to rest across E. */
static void nominal_flow_of_the_tanh_swap_rests_where_it_is_known_to(void **state)
{
    (void)state;
    static const double gamma[] = { 0.1, 0.5, 1.0, 2.0, 4.0 }, q[] = { 0.781, 0.509, 0.388, 0.270, 0.162 };
    fs_problem *p = load_model("tanh_swap_pitchfork", NULL, NULL, NULL);
    for (int i = 0; i < 5; i++) {
        fs_flow *f = make_flow(p, FS_FLOW_NOMINAL, gamma[i]);
        double *w = start_of(p, 0, 0.1);
        const fs_integrate_options o = { .t_end = 400.0, .rtol = 1e-8, .atol = 1e-10, .method = FS_METHOD_BDF };
        fs_trajectory *T = NULL;
        fs_err err = { 0 };
        int found;
        assert_ok(fs_trajectory_compute(&T, f, w, &o, &err), err);
        assert_near(T->last.distance, q[i], 6e-4);
        assert_ok(fs_decay_rest(f, T->w_end, &found, &err), err);
        if (gamma[i] >= 2.0) {
            assert_true(found);
            assert_near(fabs(T->w_end[1]), q[i], 6e-4);
        }
        fs_trajectory_destroy(T);
        free(w);
        fs_flow_destroy(f);
    }
    fs_problem_destroy(p);
}

/* c3_transcritical: across E the nominal Hessian is diag(-1, 0), the augmented one -1/2. */
static void averaging_lifts_the_lowest_curvature_by_a_half(void **state)
{
    (void)state;
    fs_finding found = finding(&fs_statement_remark_1_comparison, "c3_transcritical");
    assert_verdict(&found, FS_HOLDS);
    assert_near(quantity(&found, "worst"), -0.5, 1e-12);
    assert_near(quantity(&found, "gap"), 0.5, 1e-12);
    found = finding(&fs_statement_remark_1_comparison, "rotations_so2");     /* at w = 0: diag(-2, 0) and -1 */
    assert_verdict(&found, FS_HOLDS);
    assert_near(quantity(&found, "gap"), 1.0, 1e-12);
}

static void where_the_group_acts_by_signs_there_is_nothing_to_compare(void **state)
{
    (void)state;
    fs_finding found = finding(&fs_statement_remark_1_comparison, "toy_sine");
    assert_false(found.applies);
    assert_non_null(strstr(found.note, "dim N = 1"));
    found = finding(&fs_statement_remark_1_comparison, "tanh_mlp");        /* the swap is -1 on all of N */
    assert_false(found.applies);
    assert_non_null(strstr(found.note, "changes nothing"));
}

/* --- stopping -------------------------------------------------------------------------------------------------- */

static int stop_in_a_flow(void *context, const char *stage, double fraction)
{
    (void)context;
    (void)fraction;
    return strcmp(stage, "a flow") == 0;
}

static void checks_stop_when_asked(void **state)
{
    (void)state;
    static const fs_statement *const statement[] = { &fs_statement_theorem_3_identity, &fs_statement_theorem_3_chain, &fs_statement_theorem_3_rate,
                                                     &fs_statement_theorem_3_ladder, &fs_statement_remark_1_plateau };
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    const fs_watch watch = { stop_in_a_flow, NULL };
    const fs_check_options options = { .gamma = -1.0, .distance = -1.0, .watch = &watch };
    fs_check_context *c;
    fs_err err = { 0 };
    assert_ok(fs_check_context_create(&c, p, &options, &err), err);
    for (size_t i = 0; i < sizeof statement / sizeof *statement; i++) {
        fs_finding found;
        assert_fails(fs_check_run(c, statement[i], &found, &err), FS_ESTOPPED, err, "stopped");
    }
    fs_check_context_destroy(c);
    fs_problem_destroy(p);
}

int main(void)
{
    gsl_set_error_handler_off();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mean_curvature_of_the_sine_is_its_closed_form),
        cmocka_unit_test(rest_across_E_is_a_zero_of_the_velocity_there),
        cmocka_unit_test(dip_covers_a_parabola_and_spares_a_line),
        cmocka_unit_test(norm_across_E_is_the_largest_eigenvalue),
        cmocka_unit_test(softmax_zero_mode_decays_at_gamma_exactly),
        cmocka_unit_test(identity_holds_from_toys_to_a_network),
        cmocka_unit_test(identity_holds_where_E_repels),
        cmocka_unit_test(skew_filters_violate_theorem_3),
        cmocka_unit_test(nothing_is_said_of_a_start_on_E),
        cmocka_unit_test(sine_constants_are_exact),
        cmocka_unit_test(transcritical_constants_are_those_of_the_table),
        cmocka_unit_test(half_of_M3_bounds_the_transcritical_flow_and_a_quarter_does_not),
        cmocka_unit_test(bounds_hold_and_the_nominal_plateau_breaks_them),
        cmocka_unit_test(bounds_hold_where_nominal_is_augmented),
        cmocka_unit_test(rates_are_those_of_closed_forms),
        cmocka_unit_test(rate_holds_on_a_network_that_never_rests),
        cmocka_unit_test(every_distance_has_its_gamma),
        cmocka_unit_test(a_loose_tolerance_does_not_blind_the_checks),
        cmocka_unit_test(a_distance_below_what_the_integration_resolves_shows_nothing),
        cmocka_unit_test(a_rate_in_which_lambda_is_not_seen_shows_nothing),
        cmocka_unit_test(guards_ask_for_range_output_times_and_a_bound_that_tells),
        cmocka_unit_test(controls_have_the_predicted_size_from_moving_states_and_at_large_gamma),
        cmocka_unit_test(identity_holds_on_a_path_of_a_thousand_steps),
        cmocka_unit_test(M3_is_that_of_the_whole_path),
        cmocka_unit_test(rate_waits_until_E_rests),
        cmocka_unit_test(nominal_plateau_is_the_leak_over_gamma),
        cmocka_unit_test(no_plateau_where_augmentation_removes_nothing),
        cmocka_unit_test(nominal_flow_of_the_tanh_swap_rests_where_it_is_known_to),
        cmocka_unit_test(averaging_lifts_the_lowest_curvature_by_a_half),
        cmocka_unit_test(where_the_group_acts_by_signs_there_is_nothing_to_compare),
        cmocka_unit_test(checks_stop_when_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
