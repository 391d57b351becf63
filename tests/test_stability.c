/* tests/test_stability.c -- stationary points with known spectra, what is said of them, and the path to them
 *
 * Models under the swap have u = (w1 + w2) / sqrt 2 along E and v = (w1 - w2) / sqrt 2 across it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "experiment/stability.h"
#include "flows.h"

/* Eigenvalues of small closed forms after a handful of roundings each; |H| is of order 1. */
static const double rounding = 64.0 * DBL_EPSILON;

static fs_stability_options options_of(const uint64_t *seed)
{
    fs_stability_options o = { .kind = FS_FLOW_EQUIVARIANT, .n_seed = 1, .seed = seed, .distance = -1.0, .threads = 1, .keep_limit = (size_t)1 << 24 };
    o.spectrum.split = 1;
    return o;
}

static fs_stability *compute(const fs_problem *p, const fs_stability_options *o)
{
    fs_stability *s = NULL;
    fs_err err = { 0 };
    assert_ok(fs_stability_compute(&s, p, o, &err), err);
    assert_true(s->n_points > 0);
    return s;
}

/* That the text names the words. */
static void assert_says(const char *text, const char *words)
{
    if (!strstr(text, words)) {
        print_error("\"%s\" does not say \"%s\"\n", text, words);
        fail();
    }
}

static const uint64_t one = 1;

/* CF3: diag(2 y1, -y2) at u = sqrt y1 */
static void pitchfork_is_a_minimum_on_E_and_a_saddle(void **state)
{
    (void)state;
    fs_problem *p = load_model("pitchfork", "data.targets=[[0.7], [1.9]]", NULL, NULL);
    fs_stability_options o = options_of(&one);
    fs_stability *s = compute(p, &o);
    const fs_stability_point *q = &s->point[0];
    assert_int_equal(q->at->outcome, FS_SEARCH_FOUND);
    assert_int_equal(q->on_E, FS_POINT_MINIMUM);
    assert_int_equal(q->on_L, FS_POINT_SADDLE);
    assert_int_equal(q->E.positive, 1);
    assert_int_equal(q->N.negative, 1);
    assert_near(q->spectrum->E.value[0], 1.4, rounding * 2.0 + q->shift);
    assert_near(q->gamma_critical, 1.9, q->gamma_error + rounding);
    assert_at_most(q->gamma_error, rounding);
    assert_says(q->verdict, "a strict minimum on E and a saddle of the augmented risk");
    assert_says(q->verdict, "Theorem 2 has no converse");
    assert_says(q->verdict, "attracts for gamma > 1.9");
    fs_stability_destroy(s);
    fs_problem_destroy(p);
}

/* At gamma beyond -lambda_min the same point is a minimum of the objective, and flows off E find the same. */
static void gamma_turns_the_saddle_into_a_minimum(void **state)
{
    (void)state;
    fs_problem *p = load_model("pitchfork", NULL, NULL, NULL);
    static const struct { double gamma; fs_point on_L; } rows[] = { { 0.999, FS_POINT_SADDLE }, { 1.0, FS_POINT_DEGENERATE }, { 1.001, FS_POINT_MINIMUM } };
    for (size_t i = 0; i < 3; i++) {
        fs_stability_options o = options_of(&one);
        o.gamma = rows[i].gamma;
        fs_stability *s = compute(p, &o);
        assert_int_equal(s->point[0].on_L, rows[i].on_L);
        assert_near(s->point[0].gamma_critical, 1.0, s->point[0].gamma_error + rounding);
        fs_stability_destroy(s);
    }
    fs_problem_destroy(p);
}

/* CF2: u = +-sqrt 2 (1, 2), u = 0 (-1, -1) / (v = 0): the three equilibria of E, the flow's first */
static void search_finds_all_equilibria_of_the_quartic(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_stability_options o = options_of(&one);
    o.starts = 12;
    fs_stability *s = compute(p, &o);
    assert_int_equal(s->n_points, 3);
    assert_true(s->point[0].at->by_flow);
    size_t minima = 0, maxima = 0;
    for (size_t i = 0; i < 3; i++) {
        const fs_stability_point *q = &s->point[i];
        if (q->on_E == FS_POINT_MINIMUM) {
            minima++;
            assert_near(q->gamma_critical, -2.0, q->gamma_error + rounding);
            assert_int_equal(q->on_L, FS_POINT_MINIMUM);
            assert_says(q->verdict, "attracts at every gamma");
        }
        if (q->on_E == FS_POINT_MAXIMUM) {
            maxima++;
            assert_near(q->gamma_critical, 1.0, q->gamma_error + rounding);
        }
    }
    assert_int_equal(minima, 2);
    assert_int_equal(maxima, 1);
    assert_true(s->starts >= 12);
    fs_stability_destroy(s);
    fs_problem_destroy(p);
}

/* CF2 at gamma = 0.3: sinks (0, +-sqrt 1.4), mixed saddles u^2 = 1.1 / 4, v^2 = 2.3 / 4 */
static void equilibria_off_E_have_their_kinds(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_stability_options o = options_of(&one);
    o.kind = FS_FLOW_AUGMENTED;
    o.gamma = 0.3;
    o.starts = 20;
    fs_stability *s = compute(p, &o);
    size_t sinks = 0, saddles = 0;
    for (size_t i = 0; i < s->n_points; i++) {
        const fs_stability_point *q = &s->point[i];
        if (!(q->at->distance > 0.1)) {
            assert_true(!isnan(q->gamma_critical));
            continue;
        }
        assert_true(isnan(q->gamma_critical));
        assert_says(q->verdict, "stationary off E");
        if (q->on_L == FS_POINT_MINIMUM) {
            assert_near(q->at->distance, sqrt(1.4), rounding);
            sinks++;
        }
        if (q->on_L == FS_POINT_SADDLE) {
            assert_near(q->at->distance, sqrt(2.3 / 4.0), rounding);
            saddles++;
        }
    }
    assert_true(sinks > 0);
    assert_true(saddles > 0);
    fs_stability_destroy(s);
    fs_problem_destroy(p);
}

/* CF7: the transverse Hessian of a tanh network at weights given, its E-minima a manifold */
static void tanh_network_has_its_transverse_eigenvalues(void **state)
{
    (void)state;
    double b = 0.8, bias = 2.0 * tanh(b);
    const double A[9] = { 0.3, 0.3, -b, 0.3, 0.3, b, 1.0, -1.0, bias };
    fs_problem *p = load_model("tanh_mlp", NULL, NULL, NULL);
    fs_stability_options o = options_of(&one);
    o.weights = A;
    fs_stability *s = compute(p, &o);
    const fs_stability_point *q = &s->point[0];
    assert_int_equal(q->at->outcome, FS_SEARCH_FOUND);
    assert_int_equal(q->spectrum->N.count, 2);
    /* the thirteen digits that are known */
    assert_near(q->spectrum->N.value[0], -0.7424663759649, 1e-12);
    assert_near(q->spectrum->N.value[1], -0.1173810148287, 1e-12);
    assert_near(q->gamma_critical, 0.7424663759649, 1e-12);
    assert_int_equal(q->on_E, FS_POINT_DEGENERATE);
    assert_int_equal(q->on_L, FS_POINT_SADDLE);
    assert_int_equal(q->E.undecided, 6);
    assert_int_equal(q->flat_E.dim, 6);
    assert_int_equal(q->flat_N.dim, 0);
    assert_says(q->verdict, "6 flat directions");
    fs_stability_destroy(s);
    fs_problem_destroy(p);
}

/* CF6: at the origin the transverse eigenvalues are +-1, each twice */
static void missing_irreducibles_break_at_the_singular_value(void **state)
{
    (void)state;
    fs_problem *p = load_model("missing_irreps", NULL, NULL, NULL);
    fs_stability_options o = options_of(&one);
    o.starts = 1;
    fs_stability *s = compute(p, &o);
    size_t origins = 0;
    for (size_t i = 0; i < s->n_points; i++) {
        const fs_stability_point *q = &s->point[i];
        if (q->at->size > 0.0) continue;
        origins++;
        assert_near(q->gamma_critical, 1.0, q->gamma_error + rounding);
        assert_string_equal(q->irreducible, "sign");
        assert_int_equal(q->N.negative, 2);
        assert_int_equal(q->N.positive, 2);
        assert_int_equal(q->on_E, FS_POINT_SADDLE);
    }
    assert_int_equal(origins, 1);
    fs_stability_destroy(s);
    fs_problem_destroy(p);
}

/* E a single point: only N speaks.  C8: gamma_c = 2 y r^2 / d */
static void one_point_can_be_all_of_E(void **state)
{
    (void)state;
    fs_problem *p = load_model("rotations_so2", NULL, NULL, NULL);
    fs_stability_options o = options_of(&one);
    fs_stability *s = compute(p, &o);
    assert_int_equal(s->point[0].on_E, FS_POINT_UNKNOWN);
    assert_int_equal(s->point[0].on_L, FS_POINT_MAXIMUM);
    assert_near(s->point[0].gamma_critical, 1.0, s->point[0].gamma_error + rounding);
    assert_says(s->point[0].verdict, "E is one point");
    fs_stability_destroy(s);
    fs_problem_destroy(p);
}

/* A glyph and its mirror image: 20 of 48 transverse eigenvalues negative, 21 zeros and one positive on E, which are explained */
static void mirror_images_meet_at_a_saddle(void **state)
{
    (void)state;
    fs_problem *p = load_model("mirror_c4", NULL, NULL, NULL);
    fs_stability_options o = options_of(&one);
    fs_stability *s = compute(p, &o);
    const fs_stability_point *q = &s->point[0];
    assert_int_equal(q->at->outcome, FS_SEARCH_FOUND);
    assert_near(q->at->risk, log(2.0), rounding);
    assert_int_equal(q->E.negative, 0);
    assert_int_equal(q->E.undecided, 21);
    assert_int_equal(q->E.positive, 1);
    assert_int_equal(q->N.negative, 20);
    assert_int_equal(q->on_E, FS_POINT_DEGENERATE);
    assert_int_equal(q->on_L, FS_POINT_SADDLE);
    assert_int_equal(q->flat_E.dim, 21);
    assert_int_equal(q->flat_E.softmax, 2);
    assert_string_equal(q->irreducible, "sign");
    assert_true(q->gamma_critical > q->gamma_error);
    fs_stability_destroy(s);
    fs_problem_destroy(p);
}

/* Cross-entropy on separable data: said plainly, and the spectrum is that of the place where the search ended. */
static void separable_data_have_no_stationary_point(void **state)
{
    (void)state;
    fs_problem *p = load_model("cnn_c4", NULL, NULL, NULL);
    fs_stability_options o = options_of(&one);
    fs_stability *s = compute(p, &o);
    const fs_stability_point *q = &s->point[0];
    assert_int_equal(s->n_points, 1);
    assert_int_equal(q->at->outcome, FS_SEARCH_SEPARABLE);
    assert_int_equal(q->on_E, FS_POINT_UNKNOWN);
    assert_int_equal(q->on_L, FS_POINT_UNKNOWN);
    assert_true(isnan(q->gamma_critical));
    assert_non_null(q->spectrum);
    assert_says(q->verdict, "no finite minimum: proved");
    fs_stability_destroy(s);
    fs_problem_destroy(p);
}

static void model_without_the_hypotheses_makes_no_claim(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_sine", "measure=[0.65, 0.35]", NULL, NULL);
    fs_stability_options o = options_of(&one);
    fs_stability *s = compute(p, &o);
    assert_says(s->point[0].verdict, "no claim on attraction");
    assert_null(strstr(s->point[0].verdict, "attracts"));
    fs_stability_destroy(s);
    fs_problem_destroy(p);
}

/* u^4 has a minimum whose second derivative is 0: Newton stops some way off, and what it finds there is not called positive. */
static void flat_minimum_is_never_called_strict(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", "data.targets=[[0]]", NULL, NULL);
    fs_stability_options o = options_of(&one);
    fs_stability *s = compute(p, &o);
    for (size_t i = 0; i < s->n_points; i++) {
        assert_int_not_equal(s->point[i].on_E, FS_POINT_MINIMUM);
        assert_int_not_equal(s->point[i].on_L, FS_POINT_MINIMUM);
    }
    fs_stability_destroy(s);
    fs_problem_destroy(p);
}

/* ((u^2 - 1e5)^2 + v^4) / 4: the curvature across E is 0, and what is measured where Newton stops is neither rounding nor the truth. */
static void zero_beside_a_large_curvature_is_not_positive(void **state)
{
    (void)state;
    fs_problem *p = load_model("pitchfork", "data.targets=[[1e5], [0]]", "start.scale=30", NULL);
    fs_stability_options o = options_of(&one);
    o.kind = FS_FLOW_AUGMENTED;
    o.distance = 10.0;
    o.starts = 6;
    fs_stability *s = compute(p, &o);
    size_t found = 0;
    for (size_t i = 0; i < s->n_points; i++) {
        const fs_stability_point *q = &s->point[i];
        if (q->at->outcome != FS_SEARCH_FOUND) continue;
        found++;
        assert_int_not_equal(q->on_L, FS_POINT_MINIMUM);
        assert_true(q->shift >= 0.0);
        assert_int_equal(fs_sign_of(q->spectrum->N.value[0], q->spectrum->N.error[0] + q->shift), FS_SIGN_UNDECIDED);
    }
    assert_true(found > 0);
    fs_stability_destroy(s);
    fs_problem_destroy(p);
}

/* A cubic network near its origin: |H| is 1e-15 of the penalty, whose rounding says nothing about it, and every sign on E is what Newton left. */
static void penalty_does_not_hide_what_the_point_may_move(void **state)
{
    (void)state;
    static const uint64_t two = 2;
    fs_problem *p = load_model("so3_points", NULL, NULL, NULL);
    fs_stability_options o = options_of(&two);
    o.gamma = 1.0;
    o.starts = 4;
    fs_stability *s = compute(p, &o);
    for (size_t i = 0; i < s->n_points; i++) {
        const fs_stability_point *q = &s->point[i];
        if (q->spectrum->norm < 1e-10 && q->spectrum->norm > 0.0) assert_int_equal(q->on_E, FS_POINT_DEGENERATE);
    }
    fs_stability_destroy(s);
    fs_problem_destroy(p);
}

/* What counts as undecided is what is explained: -2e-15 is between the rounding of two numbers and that of the Hessian's entries. */
static void every_undecided_direction_is_explained(void **state)
{
    (void)state;
    static const struct { const char *name, *set; } rows[] = {
        { "pitchfork", "data.targets=[[1], [2e-15]]" }, { "mirror_c4", NULL }, { "missing_irreps", NULL }, { "tanh_mlp", NULL } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fs_problem *p = load_model(rows[i].name, rows[i].set, NULL, NULL);
        fs_stability_options o = options_of(&one);
        o.starts = 3;
        fs_stability *s = compute(p, &o);
        for (size_t k = 0; k < s->n_points; k++) {
            const fs_stability_point *q = &s->point[k];
            if (q->at->outcome != FS_SEARCH_FOUND) continue;
            assert_int_equal(q->flat_E.dim, q->E.undecided);
            assert_int_equal(q->flat_N.dim, q->N.undecided);
            if (!i) assert_int_equal(q->flat_N.dim, 1);
        }
        fs_stability_destroy(s);
        fs_problem_destroy(p);
    }
}

/* The distance to the true point is measured also where another risk is looked at. */
static void spectra_of_the_nominal_risk_have_their_shift(void **state)
{
    (void)state;
    fs_problem *p = load_model("pitchfork", NULL, NULL, NULL);
    fs_stability_options o = options_of(&one);
    o.nominal = 1;
    fs_stability *s = compute(p, &o);
    assert_int_equal(s->point[0].at->outcome, FS_SEARCH_FOUND);
    assert_true(s->point[0].shift >= 0.0);
    assert_at_most(s->point[0].shift, 1e-9);
    fs_stability_destroy(s);
    fs_problem_destroy(p);
}

/* Too large to be formed: measured along the lowest eigenvectors.  At the origin of a linear network with one hidden layer H is linear in w, the next
 * correction 0. */
static void large_points_have_their_shift(void **state)
{
    (void)state;
    fs_problem *p = load_model("cyclic_linear", "input={vector: [natural]}", "layers=[{dense: {out: [60 natural]}}, {dense: {out: [natural]}}]", NULL);
    double *A = calloc(fs_problem_basis(p)->n_par, sizeof *A);
    assert_non_null(A);
    assert_true(dim_L(p) > 1500);
    fs_stability_options o = options_of(&one);
    o.weights = A;
    fs_stability *s = compute(p, &o);
    assert_int_equal(s->point[0].at->outcome, FS_SEARCH_FOUND);
    assert_int_equal(s->point[0].spectrum->dense, 0);
    assert_near(s->point[0].shift, 0.0, 0.0);
    assert_int_equal(s->point[0].on_L, FS_POINT_SADDLE);
    assert_true(s->point[0].gamma_critical > s->point[0].gamma_error);
    fs_stability_destroy(s);
    free(A);
    fs_problem_destroy(p);
}

static void start_and_end_are_taken_as_they_are(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    double *w = start_of(p, 1, -1.0);
    fs_stability_options o = options_of(&one);
    o.where = FS_AT_START;
    fs_stability *s = compute(p, &o);
    assert_near(s->point[0].at->w[0], w[0], 0.0);
    assert_near(s->point[0].at->w[1], 0.0, 0.0);
    assert_near(s->point[0].spectrum->N.value[0], 1.5 * w[0] * w[0] - 1.0, rounding);
    assert_int_equal(s->point[0].on_E, FS_POINT_UNKNOWN);
    fs_stability_destroy(s);
    o.where = FS_AT_END;
    o.search.t_end = 60.0;
    s = compute(p, &o);
    assert_near(fabs(s->point[0].at->w[0]), sqrt(2.0), 1e-6);      /* rtol 1e-8 at the stable end */
    assert_near(s->point[0].at->t_flow, 60.0, 0.0);
    assert_int_equal(s->point[0].on_E, FS_POINT_UNKNOWN);
    assert_says(s->point[0].verdict, "the flow's end at t = 60");
    fs_stability_destroy(s);
    free(w);
    fs_problem_destroy(p);
}

/* A gradient of 0 is called that; a flow that fails on the way says so. */
static void what_a_start_and_an_end_are_not_is_said(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    const double origin[2] = { 0.0, 0.0 };
    fs_stability_options o = options_of(&one);
    o.where = FS_AT_START;
    o.weights = origin;
    fs_stability *s = compute(p, &o);
    assert_says(s->point[0].verdict, "the gradient there is 0");
    fs_stability_destroy(s);
    o = options_of(&one);
    o.where = FS_AT_END;
    s = compute(p, &o);
    assert_string_equal(s->point[0].at->note, "");
    fs_stability_destroy(s);
    const double far[2] = { 1e40, 1e40 };           /* no first step */
    o.weights = far;
    s = compute(p, &o);
    assert_int_equal(s->point[0].at->outcome, FS_SEARCH_UNREACHED);
    assert_says(s->point[0].at->note, "the flow did not reach t = ");
    assert_says(s->point[0].verdict, s->point[0].at->note);
    fs_stability_destroy(s);
    fs_problem_destroy(p);
}

/* CF2 on E: u^2 = 2 / (1 + kappa e^(-2t)), V(t) = e^t ((1 + kappa) / (e^(2t) + kappa))^(3/2) */
static void path_has_the_eigenvalue_and_the_exponent(void **state)
{
    (void)state;
    static const double times[] = { 0.0, 0.5, 2.0, 6.0 };
    double u0 = 0.3, h = 0.70710678118654752;
    const double A[2] = { h * u0, h * u0 };
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_stability_options o = options_of(&one);
    o.weights = A;
    o.n_times = 4;
    o.times = times;
    fs_stability *s = compute(p, &o);
    assert_int_equal(s->path.n, 4);
    assert_int_equal(s->path.exponents, 1);
    assert_true(s->path.complete);
    double kappa = 2.0 / (u0 * u0) - 1.0;
    for (size_t i = 0; i < 4; i++) {
        double t = times[i], uu = 2.0 / (1.0 + kappa * exp(-2.0 * t));
        /* rtol 1e-8 a step, errors grow with e^t while u leaves 0 */
        assert_near(s->path.lambda_min[i], 1.5 * uu - 1.0, 1e-5);
        if (i) assert_near(s->path.exponent[i], 1.0 + 1.5 / t * log((1.0 + kappa) / (exp(2.0 * t) + kappa)), 1e-5);
    }
    assert_true(isnan(s->path.exponent[0]));
    fs_stability_destroy(s);
    /* tolerances asked for are those of the path */
    o.search.rtol = 1e-12;
    o.search.atol = 1e-14;
    s = compute(p, &o);
    for (size_t i = 0; i < 4; i++) assert_near(s->path.lambda_min[i], 3.0 / (1.0 + kappa * exp(-2.0 * times[i])) - 1.0, 1e-9);
    fs_stability_destroy(s);
    o.search.rtol = o.search.atol = 1e-3;
    s = compute(p, &o);
    assert_true(fabs(s->path.lambda_min[2] - (3.0 / (1.0 + kappa * exp(-4.0)) - 1.0)) > 1e-6);
    fs_stability_destroy(s);
    fs_problem_destroy(p);
}

/* Two seeds that flow to two points, and one point counted once. */
static void seeds_come_in_order_and_points_once(void **state)
{
    (void)state;
    static const uint64_t seeds[] = { 3, 4, 5, 6, 7, 8 };
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_stability_options o = options_of(seeds);
    o.n_seed = 6;
    fs_stability *s = compute(p, &o);
    assert_int_equal(s->n_points, 2);
    assert_int_equal(s->point[0].at->seed, 3);
    double *w = start_of(p, 3, -1.0);
    assert_true(w[0] * s->point[0].at->w[0] > 0.0);
    assert_true(s->point[0].at->w[0] * s->point[1].at->w[0] < 0.0);
    free(w);
    fs_stability_destroy(s);
    fs_problem_destroy(p);
}

static int after_some(void *context, const char *stage, double fraction)
{
    (void)stage;
    (void)fraction;
    return --*(long *)context < 0;
}

static void watch_stops_with_what_is_known(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    size_t stopped = 0;
    for (long calls = 0; calls < 4000; calls = 2 * calls + 1) {
        long left = calls;
        fs_watch watch = { after_some, &left };
        fs_stability_options o = options_of(&one);
        fs_stability *s = NULL;
        fs_err err = { 0 };
        static const double times[] = { 1.0 };
        o.starts = 6;
        o.n_times = 1;
        o.times = times;
        o.watch = &watch;
        assert_ok(fs_stability_compute(&s, p, &o, &err), err);
        assert_true(s->n_points > 0 || s->stopped);
        if (s->stopped) stopped++;
        else assert_true(left >= 0);
        fs_stability_destroy(s);
    }
    assert_true(stopped > 0);
    fs_problem_destroy(p);
}

static void bad_input_is_named(void **state)
{
    (void)state;
    static const double backwards[] = { 1.0, 0.5 };
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_stability *s = NULL;
    fs_err err = { 0 };
    fs_stability_options o = options_of(&one);
    o.n_seed = 0;
    assert_fails(fs_stability_compute(&s, p, &o, &err), FS_EINPUT, err, "seed");
    o = options_of(&one);
    o.gamma = (double)NAN;
    assert_fails(fs_stability_compute(&s, p, &o, &err), FS_EINPUT, err, "gamma");
    o = options_of(&one);
    o.n_times = 2;
    o.times = backwards;
    assert_fails(fs_stability_compute(&s, p, &o, &err), FS_EINPUT, err, "increasing times");
    assert_null(s);
    fs_stability_destroy(NULL);
    for (int k = 0; k < FS_POINT_COUNT; k++) assert_true(strlen(fs_point_name((fs_point)k)) > 0);
    fs_problem_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pitchfork_is_a_minimum_on_E_and_a_saddle),
        cmocka_unit_test(gamma_turns_the_saddle_into_a_minimum),
        cmocka_unit_test(search_finds_all_equilibria_of_the_quartic),
        cmocka_unit_test(equilibria_off_E_have_their_kinds),
        cmocka_unit_test(tanh_network_has_its_transverse_eigenvalues),
        cmocka_unit_test(missing_irreducibles_break_at_the_singular_value),
        cmocka_unit_test(one_point_can_be_all_of_E),
        cmocka_unit_test(mirror_images_meet_at_a_saddle),
        cmocka_unit_test(separable_data_have_no_stationary_point),
        cmocka_unit_test(model_without_the_hypotheses_makes_no_claim),
        cmocka_unit_test(flat_minimum_is_never_called_strict),
        cmocka_unit_test(zero_beside_a_large_curvature_is_not_positive),
        cmocka_unit_test(penalty_does_not_hide_what_the_point_may_move),
        cmocka_unit_test(every_undecided_direction_is_explained),
        cmocka_unit_test(spectra_of_the_nominal_risk_have_their_shift),
        cmocka_unit_test(large_points_have_their_shift),
        cmocka_unit_test(start_and_end_are_taken_as_they_are),
        cmocka_unit_test(what_a_start_and_an_end_are_not_is_said),
        cmocka_unit_test(path_has_the_eigenvalue_and_the_exponent),
        cmocka_unit_test(seeds_come_in_order_and_points_once),
        cmocka_unit_test(watch_stops_with_what_is_known),
        cmocka_unit_test(bad_input_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
