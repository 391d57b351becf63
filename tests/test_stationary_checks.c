/* tests/test_stationary_checks.c -- Theorem 1.2, Theorem 2 and its missing converse, Remark 2 and its basin, on models whose answers are known exactly
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "flows.h"
#include "model_text.h"
#include "theory_checks/points.h"
#include "theory_checks/statements.h"

/* A model at hand. */
typedef struct {
    fs_problem *p;
    fs_check_context *c;
} bench;

static const char small_data[] = "data.count=3", small_net[] = "layers.0.conv.out=1";     /* a convolutional network in a second */

static bench stand(const char *model, double gamma, const char *set, const char *other)
{
    const fs_check_options o = { .gamma = gamma, .distance = -1.0, .seed = 1, .threads = 1 };
    bench b = { .p = load_model(model, set, other, NULL) };
    fs_err err = { 0 };
    assert_ok(fs_check_context_create(&b.c, b.p, &o, &err), err);
    return b;
}

static void clear(bench *b)
{
    fs_check_context_destroy(b->c);
    fs_problem_destroy(b->p);
}

static fs_finding ask(const bench *b, const fs_statement *statement)
{
    fs_finding f;
    fs_err err = { 0 };
    assert_ok(fs_check_run(b->c, statement, &f, &err), err);
    return f;
}

static void assert_verdict(const fs_finding *f, fs_verdict expected)
{
    if (f->applies && f->verdict == expected) return;
    print_error("applies %d, %s: measured %.3g +- %.1g, bound %.3g, control %.9g of %.9g (%s); %s %s\n", f->applies, fs_verdict_name(f->verdict),
        f->measured, f->error,
                f->bound, f->control.measured, f->control.predicted, fs_verdict_name(f->control.verdict), f->vacuous, f->note);
    fail();
}

static double quantity(const fs_finding *f, const char *name)
{
    const fs_quantity *q = fs_finding_quantity(f, name);
    assert_non_null(q);
    return q->value;
}

static fs_finding holds(const char *model, double gamma, const fs_statement *statement)
{
    bench b = stand(model, gamma, NULL, NULL);
    fs_finding f = ask(&b, statement);
    assert_verdict(&f, FS_HOLDS);
    assert_int_equal(f.control.verdict, FS_HOLDS);
    clear(&b);
    return f;
}

static void is_absent(const char *model, const fs_statement *statement, const char *word)
{
    bench b = stand(model, -1.0, NULL, NULL);
    fs_finding f = ask(&b, statement);
    assert_false(f.applies);
    if (!strstr(f.note, word)) {
        print_error("\"%s\" without \"%s\"\n", f.note, word);
        fail();
    }
    clear(&b);
}

/* --- exact thresholds and rates -------------------------------------------------------------- */

static void critical_gammas_are_those_of_the_closed_forms(void **state)
{
    static const struct { const char *model; double gamma_c; } exact[] = {
        { "pitchfork", 1.0 },       /* y2 */
        { "tanh_swap_pitchfork", 1.31072 },     /* -d^2 (1 - t^2)^2 (1 - 3 t), t = 0.6, d = 2 */
        { "tanh_swap", -1.47456 },  /* t = 0.2 */
        { "c3_transcritical", 0.5 }, { "toy_sine", -0.5 }, { "toy_quartic", -2.0 }, { "rotations_so2", 1.0 }, { "rotations_so3", 2.0 / 3.0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++) {
        fs_finding f = holds(exact[i].model, -1.0, &fs_statement_remark_2);
        double c = exact[i].gamma_c, unit = c > 0.0 ? 1e-3 * c : -c;
        assert_near(quantity(&f, "gamma_c"), c, 1e-10);
        assert_true(f.bound < 0.5);
        /* growth below the threshold, decay above; below |gamma_c| decay on both sides where gamma_c is negative */
        assert_near(quantity(&f, "rate_below"), c > 0.0 ? unit : -unit, f.bound * unit);
        assert_near(quantity(&f, "rate_above"), c > 0.0 ? -unit : -2.0 * unit, 2.0 * f.bound * unit);
    }
}

static void minima_on_E_are_left_at_the_rate_of_the_lowest_eigenvalue(void **state)
{
    static const struct { const char *model; double rate; } exact[] = {
        { "pitchfork", 1.0 }, { "tanh_swap_pitchfork", 1.31072 }, { "c3_transcritical", 0.5 }, { "rotations_so2", 1.0 }, { "mirror_c4", 0.0646164 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++) {
        fs_finding f = holds(exact[i].model, -1.0, &fs_statement_theorem_2_converse);
        assert_near(quantity(&f, "gamma_c"), exact[i].rate, 1e-7);
        assert_near(quantity(&f, "lambda_min"), -exact[i].rate, 1e-7);
        assert_near(quantity(&f, "rate"), exact[i].rate, 0.01 * exact[i].rate);
        assert_at_most(f.bound, 0.01);
        assert_near(f.control.measured, 2.0, 0.02);
    }
}

static void degenerate_minima_count_where_the_flow_on_E_came_to_rest(void **state)
{
    (void)state;
    fs_finding f = holds("missing_irreps", -1.0, &fs_statement_theorem_2_converse);
    assert_true(quantity(&f, "gamma_c") > 0.0);
    assert_non_null(strstr(f.note, "came to rest"));
    is_absent("tanh_mlp", &fs_statement_theorem_2_converse, "degenerate");
    is_absent("toy_quartic", &fs_statement_theorem_2_converse, "stable across E as well");
}

/* Where the threshold is negative there is no gamma >= 0 below it, and half of the claim has nothing to exclude. */
static void below_a_negative_threshold_nothing_is_claimed(void **state)
{
    static const struct { const char *model; int negative; } known[] = { { "toy_sine", 1 }, { "toy_quartic", 1 }, { "tanh_swap", 1 }, { "pitchfork", 0 } };
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        fs_finding f = holds(known[i].model, -1.0, &fs_statement_remark_2);
        assert_int_equal(strstr(f.note, "Attracts at every gamma >= 0: that is all that was verified") != NULL, known[i].negative);
        assert_int_equal(quantity(&f, "thresholds") > 0.0, !known[i].negative);
    }
}

/* --- quadratic risks ---------------------------------------------------------------------------- */

static bench regression(const char *group, const char *targets, int count, int seed)
{
    const fs_check_options o = { .gamma = -1.0, .distance = -1.0, .seed = (uint64_t)seed, .threads = 1 };
    int scalar = strcmp(targets, "1") == 0;
    char text[600];
    bench b;
    fs_err err = { 0 };
    snprintf(text, sizeof text, "group: %s\ndata: {source: synthetic, targets: %s, count: %d, seed: %d}\ninput: {vector: [natural]}\n"
             "layers: [{dense: {out: %s}}]\nloss: squared\noutput: %s\n", group, targets, count, seed, scalar ? "1" : "[natural]", scalar ? "trivial" : "[natural]");
    b.p = model_of(text);
    assert_ok(fs_check_context_create(&b.c, b.p, &o, &err), err);
    return b;
}

static const struct { const char *group, *targets; int count; } regressions[] = { { "C2", "1", 5 }, { "C4", "4", 3 }, { "S3", "3", 2 }, { "S3", "1", 4 } };
enum { REGRESSIONS = sizeof regressions / sizeof *regressions };

/* No nonlinearity and hardly a residual: the integrator's own error is all there is. */
static void quadratic_risks_break_no_theorem(void **state)
{
    (void)state;
    for (size_t i = 0; i < REGRESSIONS; i++)
        for (int seed = 1; seed <= 5; seed++) {
            bench b = regression(regressions[i].group, regressions[i].targets, regressions[i].count, seed);
            fs_finding f = ask(&b, &fs_statement_theorem_2);
            assert_verdict(&f, FS_HOLDS);
            assert_at_most(f.bound, 1e-4);
            f = ask(&b, &fs_statement_remark_2);
            assert_verdict(&f, FS_HOLDS);
            assert_at_most(f.bound, 1e-4);
            clear(&b);
        }
}

/* A v = kappa v exactly: |d(t)| = |d(0)| e^(-kappa t), and whatever is off is the integrator's. */
static void the_error_of_the_integration_is_within_what_is_allowed(void **state)
{
    (void)state;
    for (size_t i = 0; i < REGRESSIONS; i++)
        for (int seed = 1; seed <= 5; seed++) {
            bench b = regression(regressions[i].group, regressions[i].targets, regressions[i].count, seed);
            const fs_stability *s;
            fs_exponent x;
            fs_err err = { 0 };
            assert_ok(fs_check_stability(b.c, &s, &err), err);
            const fs_stability_point *point = &s->point[0];
            assert_true(fs_point_strict(b.c, point));
            double curvature = point->spectrum->E.lowest;
            const fs_exponent_request r = { .gamma = 0.0, .w = point->at->w, .v = point->spectrum->E.lowest_vector, .curvature = curvature,
                                            .horizon = 1.0 / curvature, .max_step = 0.5 / curvature, .accuracy = 1e-3 * curvature };
            assert_ok(fs_exponent_measure(b.c, &r, &x, &err), err);
            assert_near(x.rate, curvature, x.bound);
            assert_near(x.second, curvature, x.bound);
            assert_near(x.loose, curvature, 10.0 * x.bound);
            assert_true(x.integration > 0.5 * x.bound && x.bound < 1e-4 * curvature);
            assert_true(x.error >= fabs(x.rate - x.loose) && x.error >= fabs(x.rate - x.second));
            clear(&b);
        }
}

/* --- the basin -------------------------------------------------------------------------------- */

static void the_basin_has_its_exact_radius(void **state)
{
    static const struct { const char *model; double lambda_0, radius; } exact[] = {
        { "toy_sine", 0.5, 1.0 },                           /* |D^3| = sin 2 r up to r = pi / 4, 1 beyond */
        { "pitchfork", 0.5, 0.14549722436790281 },          /* r 6 (1 + r) = 2 lambda_0 */
        { "toy_quartic", 2.0, 0.45742710775633810 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++) {
        fs_finding f = holds(exact[i].model, -1.0, &fs_statement_remark_2_basin);
        assert_near(quantity(&f, "lambda_0"), exact[i].lambda_0, 1e-9);
        assert_near(quantity(&f, "radius"), exact[i].radius, 1e-3 * exact[i].radius);
        assert_true(f.measured < 0.0);
        assert_true(quantity(&f, "radius") < quantity(&f, "nearest"));
    }
    is_absent("mirror_c4", &fs_statement_remark_2_basin, "degenerate");
}

static bench stand_text(const char *text)
{
    const fs_check_options o = { .gamma = -1.0, .distance = -1.0, .seed = 1, .threads = 1 };
    bench b = { .p = model_of(text) };
    fs_err err = { 0 };
    assert_ok(fs_check_context_create(&b.c, b.p, &o, &err), err);
    return b;
}

static bench one_weight(double input, const char *activation, double gamma)
{
    char text[400];
    snprintf(text, sizeof text, "group: Z2-sign\ndata: {source: inline, x: [[%g]], targets: [[1]]}\ninput: {vector: [sign]}\n"
             "layers: [{dense: {out: 1}}, {%s: {}}]\nloss: squared\nflow: {gamma: %.17g}\n", input, activation, gamma);
    return stand_text(text);
}

/* S = tanh(a w)^2 / 2 + gamma w^2 / 2: its third derivative is zero at 0 and where tanh is saturated, which is nearly everywhere in a large ball.
 * a^3 (8 t - 12 t^3) (1 - t^2) = 2 lambda_0 / r, lambda_0 = a^2 + gamma, t = tanh(a r), up to the largest of the left side. */
static void a_third_derivative_that_is_zero_at_the_minimum_and_far_out_is_found(void **state)
{
    static const double input[] = { 0.1, 1.0, 2.0, 7.0, 100.0, 1e4 }, strength[] = { 0.0, 0.175, 1.0, 10.0 };
    const double top = sqrt((120.0 - sqrt(6720.0)) / 240.0);
    (void)state;
    for (size_t i = 0; i < sizeof input / sizeof *input; i++)
        for (size_t k = 0; k < sizeof strength / sizeof *strength; k++) {
            /* with x = a w: x M = 2 (1 + gamma / a^2) */
            double a = input[i], lambda = 1.0 + strength[k], low = 0.0, high = 1e3;
            for (int j = 0; j < 200; j++) {
                double x = 0.5 * (low + high), t = tanh(x) < top ? tanh(x) : top;
                if (x * (8.0 * t - 12.0 * t * t * t) * (1.0 - t * t) < 2.0 * lambda) low = x;
                else high = x;
            }
            bench b = one_weight(a, "tanh", strength[k] * a * a);
            fs_finding f = ask(&b, &fs_statement_remark_2_basin);
            assert_verdict(&f, FS_HOLDS);
            assert_near(quantity(&f, "lambda_0") / (a * a), lambda, 1e-9);
            assert_near(a * quantity(&f, "radius"), low, 2e-4 * low);
            clear(&b);
        }
}

/* A ball without an end is all of L where the risk is quadratic. */
static void a_quadratic_risk_attracts_from_everywhere(void **state)
{
    static const char *const linear[] = {
        "group: C2\ndata: {source: inline, x: [[1, 0]], targets: [[1]]}\ninput: {vector: [natural]}\nlayers: [{dense: {out: 1}}]\nloss: squared\noutput: trivial\n",
        "group: Z2-sign\ndata: {source: inline, x: [[3]], targets: [[1]]}\ninput: {vector: [sign]}\nlayers: [{dense: {out: 1}}]\nloss: squared\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof linear / sizeof *linear; i++) {
        bench b = stand_text(linear[i]);
        fs_finding f = ask(&b, &fs_statement_remark_2_basin);
        assert_verdict(&f, FS_HOLDS);
        assert_true(quantity(&f, "radius") >= 1e3);
        assert_near(quantity(&f, "M3"), 0.0, 1e-9);
        clear(&b);
    }
}

/* S = tanh(w / 1000)^2 / 2 + w^2 / 2: no third derivative bounds the ball, for the Hessian changes by a millionth, and yet it changes. */
static void a_ball_that_was_not_bounded_is_no_verdict(void **state)
{
    (void)state;
    bench b = one_weight(1e-3, "tanh", 1.0);
    fs_finding f = ask(&b, &fs_statement_remark_2_basin);
    assert_verdict(&f, FS_UNDECIDED);
    assert_non_null(strstr(f.vacuous, "not quadratic"));
    assert_true(isnan(f.measured));
    clear(&b);
}

/* --- the implication of Theorem 2 ---------------------------------------------------------------- */

static void stability_is_inherited_by_E(void **state)
{
    static const char *const model[] = { "pitchfork", "c3_transcritical", "toy_quartic", "toy_sine", "tanh_swap", "tanh_swap_pitchfork", "missing_irreps" };
    (void)state;
    for (size_t i = 0; i < sizeof model / sizeof *model; i++) {
        fs_finding f = holds(model[i], -1.0, &fs_statement_theorem_2);
        assert_true(quantity(&f, "stable") + quantity(&f, "unstable") > 0.0);
        assert_near(quantity(&f, "rate"), quantity(&f, "lambda_E"), 0.01 * fabs(quantity(&f, "lambda_E")));
        assert_at_most(quantity(&f, "lambda_L"), quantity(&f, "lambda_E") + 1e-12);
    }
    is_absent("mirror_c4", &fs_statement_theorem_2, "degenerate");
    is_absent("rotations_so2", &fs_statement_theorem_2, "dim E = 0");
}

/* Rounding across E grows 75 times as fast as the flow along E leaves the saddle, and two eigenvalues that are equal differ by the rounding of the products:
 * neither is a counterexample. */
static void rounding_that_grows_across_the_direction_is_no_counterexample(void **state)
{
    static const char *const data[] = { "{source: inline, x: [[-1.675, 1.328]], targets: [[1.209]]}",
                                        "{source: inline, x: [[1.189, -0.056], [0.212, 1.806]], targets: [[-1.751], [-2.519]]}" };
    (void)state;
    for (size_t i = 0; i < sizeof data / sizeof *data; i++) {
        char text[400];
        snprintf(text, sizeof text, "group: C2\ndata: %s\ninput: {vector: [natural]}\nlayers: [{dense: {out: 1}}, {sin: {}}]\nloss: squared\n"
                 "output: trivial\nflow: {gamma: 0.01, t_end: 20}\n", data[i]);
        bench b = stand_text(text);
        fs_finding f = ask(&b, &fs_statement_theorem_2);
        assert_verdict(&f, FS_HOLDS);
        clear(&b);
    }
}

/* What is known to 5 per cent only tells nothing, and is no failure either. */
static void a_wide_budget_neither_passes_nor_fails(void **state)
{
    (void)state;
    bench b = stand("pitchfork", -1.0, NULL, NULL);
    const fs_stability *s;
    fs_err err = { 0 };
    assert_ok(fs_check_stability(b.c, &s, &err), err);
    for (size_t i = 0; i < s->n_points; i++) {
        s->point[i].shift = 0.05 * fabs(s->point[i].spectrum->E.lowest);
        s->point[i].gamma_error = 0.05 * fabs(s->point[i].gamma_critical);
        s->point[i].gamma_critical *= 1.02;
    }
    fs_finding f = ask(&b, &fs_statement_theorem_2);
    assert_verdict(&f, FS_UNDECIDED);
    assert_non_null(strstr(f.vacuous, "1 per cent"));
    f = ask(&b, &fs_statement_theorem_2_converse);
    assert_verdict(&f, FS_UNDECIDED);
    assert_non_null(strstr(f.vacuous, "1 per cent"));
    f = ask(&b, &fs_statement_remark_2);
    assert_verdict(&f, FS_UNDECIDED);
    clear(&b);
}

/* --- Theorem 1.2 -------------------------------------------------------------------------------- */

static void stationary_points_agree_saddles_included(void **state)
{
    static const char *const model[] = { "c3_transcritical", "tanh_swap", "missing_irreps", "tanh_mlp", "tiny_mlp", "mirror_c4" };
    (void)state;
    for (size_t i = 0; i < sizeof model / sizeof *model; i++) {
        fs_finding f = holds(model[i], -1.0, &fs_statement_theorem_1_2);
        assert_true(quantity(&f, "points_from_L") > 0.0);
        assert_near(f.control.measured, f.control.predicted, 1e-6 * f.control.predicted);
    }
}

static void a_network_has_the_same_saddles_and_no_minimum(void **state)
{
    (void)state;
    bench b = stand("cnn_c4", -1.0, small_data, small_net);
    fs_finding f = ask(&b, &fs_statement_theorem_1_2);
    assert_verdict(&f, FS_HOLDS);
    f = ask(&b, &fs_statement_remark_2);
    assert_false(f.applies);
    assert_non_null(strstr(f.note, "saddle"));
    clear(&b);
}

static void without_compatibility_the_sets_differ(void **state)
{
    (void)state;
    bench b = stand("cnn_c4_skew", -1.0, small_data, small_net);
    fs_finding f = ask(&b, &fs_statement_theorem_1_2);
    assert_verdict(&f, FS_VIOLATED);
    assert_true(f.measured > 1e6 * f.bound);
    assert_non_null(strstr(f.because, "compatibility"));
    clear(&b);
}

static void a_metric_moves_no_stationary_point(void **state)
{
    (void)state;
    fs_finding f = holds("atlas/sheared", -1.0, &fs_statement_theorem_1_2);
    assert_true(quantity(&f, "points_from_L") > 0.0);
    is_absent("atlas/sheared", &fs_statement_theorem_2, "coordinates of their own");
    is_absent("atlas/sheared", &fs_statement_remark_2, "coordinates of their own");
}

static void where_nothing_can_be_seen_nothing_passes(void **state)
{
    static const char *const model[] = { "pitchfork", "toy_quartic", "toy_sine", "cyclic_linear", "wrong_rep" };
    (void)state;
    for (size_t i = 0; i < sizeof model / sizeof *model; i++) {
        bench b = stand(model[i], -1.0, NULL, NULL);
        fs_finding f = ask(&b, &fs_statement_theorem_1_2);
        assert_verdict(&f, FS_UNDECIDED);
        assert_true(f.vacuous[0] != 0);
        clear(&b);
    }
}

/* --- the instruments ------------------------------------------------------------------------------ */

static void the_tightest_measurement_is_kept_and_nan_stays(void **state)
{
    (void)state;
    fs_worst t = { 0 };
    fs_finding f = { .measured = 7.0 };
    fs_worst_report(&t, &f);
    assert_near(f.measured, 7.0, 0.0);
    fs_worst_add(&t, 1.0, 0.0, 10.0);
    fs_worst_add(&t, 0.125, 0.875, 2.0);     /* half its bound with the error, less than the first without */
    fs_worst_add(&t, 3.0, 0.0, 100.0);
    assert_near(t.measured, 0.125, 0.0);
    fs_worst_add(&t, -0.25, 0.0, 0.0);
    assert_near(t.measured, 0.125, 0.0);
    fs_worst_add(&t, (double)NAN, 0.0, 1.0);
    fs_worst_add(&t, 1e3, 0.0, 1.0);
    assert_true(isnan(t.measured));
    assert_int_equal(t.count, 6);
}

static void exact_zeros_hide_nothing(void **state)
{
    static const double measured[] = { 1.0, 1e-300, HUGE_VAL, (double)NAN };
    (void)state;
    for (size_t i = 0; i < sizeof measured / sizeof *measured; i++) {
        fs_worst t = { 0 };
        fs_worst_add(&t, 0.0, 0.0, 0.0);
        fs_worst_add(&t, 0.0, 0.0, 1.0);
        fs_worst_add(&t, measured[i], 0.0, i % 2 ? 0.0 : 10.0);
        fs_worst_add(&t, 0.0, 0.0, 0.0);
        assert_true(i == 3 ? isnan(t.measured) : t.measured == measured[i]);
    }
}

static void what_tells_nothing_is_left_out_unless_it_exceeds_its_bound(void **state)
{
    (void)state;
    fs_worst t = { 0 };
    assert_false(fs_worst_add_telling(&t, 0.01, 0.0, 0.02, 0.01));
    assert_int_equal(t.count, 0);
    assert_true(fs_worst_add_telling(&t, 0.005, 0.0, 0.01, 0.01));
    assert_true(fs_worst_add_telling(&t, 0.015, 0.01, 0.02, 0.01));
    assert_near(t.bound, 0.02, 0.0);
    assert_true(fs_worst_add_telling(&t, 0.0, 0.0, (double)NAN, 0.01));
    assert_true(isnan(t.bound));
    t = (fs_worst){ 0 };
    assert_true(fs_worst_add_telling(&t, (double)NAN, 0.0, 1.0, 0.01));
    assert_true(isnan(t.measured));
}

/* <Y, grad S> / |Y|^2 at gamma on the pitchfork's axis, exactly: gamma - y2 + v^2 */
static void exponents_follow_gamma_with_the_right_sign(void **state)
{
    (void)state;
    bench b = stand("pitchfork", -1.0, NULL, NULL);
    const double u[2] = { 1.0, 0.0 }, v[2] = { 0.0, 1.0 };
    fs_err err = { 0 };
    for (int i = 0; i < 4; i++) {
        double gamma = 0.5 * i, curvature = gamma - 1.0;
        if (i == 2) continue;
        fs_exponent x;
        fs_exponent_request r = { .gamma = gamma, .w = u, .v = v, .curvature = curvature, .horizon = 1.0, .max_step = 0.5, .accuracy = 1e-4 };
        assert_ok(fs_exponent_measure(b.c, &r, &x, &err), err);
        assert_near(x.rate, curvature, x.bound + x.error);
        assert_near(x.second, curvature, x.bound + x.error);
        assert_at_most(x.bound, 2e-4);
        /* v^2 = m / (1 + (m / v0^2 - 1) e^(-2 m t)), m = 1 - gamma */
        double m = 1.0 - gamma, square = m / (1.0 + (m / (x.start * x.start) - 1.0) * exp(-2.0 * m));
        assert_near(x.end, sqrt(square), 1e-6 * x.end);
        /* a wrong sign of gamma would be seen */
        assert_true(gamma <= 0.0 || fabs(x.rate - (-gamma - 1.0)) > 1e3 * (x.bound + x.error));
    }
    clear(&b);
}

static void the_lowest_curvature_is_that_of_the_objective(void **state)
{
    (void)state;
    bench b = stand("pitchfork", -1.0, NULL, NULL);
    const double u[2] = { 1.0, 0.0 };
    double value, error;
    fs_flow *f = NULL;
    fs_err err = { 0 };
    assert_ok(fs_check_plain_flow(b.c, FS_FLOW_AUGMENTED, 0.25, &f, &err), err);
    assert_ok(fs_point_lowest(b.c, f, u, &value, &error, &err), err);
    assert_near(value, -0.75, error + 1e-12);
    fs_flow_destroy(f);
    assert_ok(fs_check_plain_flow(b.c, FS_FLOW_EQUIVARIANT, 0.0, &f, &err), err);
    assert_ok(fs_point_lowest(b.c, f, u, &value, &error, &err), err);
    assert_near(value, 2.0, error + 1e-12);
    fs_flow_destroy(f);
    clear(&b);
}

/* --- faults ------------------------------------------------------------------------------------------- */

static int any(fs_check_context *c, const fs_stability_point *point)
{
    return fs_point_strict(c, point);
}

/* The threshold that a fault would give, put into the point: the flow contradicts it. */
static void a_wrong_threshold_is_contradicted_by_the_flow(void **state)
{
    static const double factor[] = { -1.0, 0.5, 1.01, 2.0 };
    (void)state;
    for (size_t i = 0; i < sizeof factor / sizeof *factor; i++) {
        bench b = stand("pitchfork", -1.0, NULL, NULL);
        const fs_stability *s;
        const fs_stability_point *point[4];
        size_t all;
        fs_err err = { 0 };
        assert_ok(fs_check_stability(b.c, &s, &err), err);
        size_t n = fs_points_choose(b.c, s, any, 4, point, &all);
        assert_int_equal(n, 2);
        assert_int_equal(all, 2);
        for (size_t k = 0; k < n; k++) ((fs_stability_point *)(uintptr_t)point[k])->gamma_critical *= factor[i];
        fs_finding f = ask(&b, &fs_statement_remark_2);
        assert_verdict(&f, FS_VIOLATED);
        if (factor[i] > 0.0) {
            f = ask(&b, &fs_statement_theorem_2_converse);
            assert_verdict(&f, FS_VIOLATED);
        }
        clear(&b);
    }
}

/* The gradient there is not what the search promised. */
static void points_beside_the_stationary_ones_are_found_out(void **state)
{
    (void)state;
    bench b = stand("tanh_swap", -1.0, NULL, NULL);
    const fs_stability *s;
    fs_err err = { 0 };
    assert_ok(fs_check_stability(b.c, &s, &err), err);
    for (size_t i = 0; i < s->n_points; i++) s->point[i].at->w[0] += 1e-3;
    fs_finding f = ask(&b, &fs_statement_theorem_1_2);
    assert_verdict(&f, FS_VIOLATED);
    clear(&b);
}

int main(void)
{
    gsl_set_error_handler_off();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(critical_gammas_are_those_of_the_closed_forms),
        cmocka_unit_test(minima_on_E_are_left_at_the_rate_of_the_lowest_eigenvalue),
        cmocka_unit_test(degenerate_minima_count_where_the_flow_on_E_came_to_rest),
        cmocka_unit_test(below_a_negative_threshold_nothing_is_claimed),
        cmocka_unit_test(quadratic_risks_break_no_theorem),
        cmocka_unit_test(the_error_of_the_integration_is_within_what_is_allowed),
        cmocka_unit_test(the_basin_has_its_exact_radius),
        cmocka_unit_test(a_third_derivative_that_is_zero_at_the_minimum_and_far_out_is_found),
        cmocka_unit_test(a_quadratic_risk_attracts_from_everywhere),
        cmocka_unit_test(a_ball_that_was_not_bounded_is_no_verdict),
        cmocka_unit_test(stability_is_inherited_by_E),
        cmocka_unit_test(rounding_that_grows_across_the_direction_is_no_counterexample),
        cmocka_unit_test(a_wide_budget_neither_passes_nor_fails),
        cmocka_unit_test(stationary_points_agree_saddles_included),
        cmocka_unit_test(a_network_has_the_same_saddles_and_no_minimum),
        cmocka_unit_test(without_compatibility_the_sets_differ),
        cmocka_unit_test(a_metric_moves_no_stationary_point),
        cmocka_unit_test(where_nothing_can_be_seen_nothing_passes),
        cmocka_unit_test(the_tightest_measurement_is_kept_and_nan_stays),
        cmocka_unit_test(exact_zeros_hide_nothing),
        cmocka_unit_test(what_tells_nothing_is_left_out_unless_it_exceeds_its_bound),
        cmocka_unit_test(exponents_follow_gamma_with_the_right_sign),
        cmocka_unit_test(the_lowest_curvature_is_that_of_the_objective),
        cmocka_unit_test(a_wrong_threshold_is_contradicted_by_the_flow),
        cmocka_unit_test(points_beside_the_stationary_ones_are_found_out),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
