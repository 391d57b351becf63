/* tests/test_critical.c -- one flow's verdict, scans over gamma, thresholds and bounds, against models whose answers are exact
 *
 * Models under the swap have u = (w1 + w2) / sqrt 2 along E and v = (w1 - w2) / sqrt 2 across it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "experiment/critical.h"
#include "experiment/stability_private.h"
#include "flows.h"
#include "integrate/newton.h"

static const double half_root = 0.70710678118654752;
static const double rounding = 64.0 * DBL_EPSILON;
static const uint64_t one = 1;

static fs_attraction_options run_options(void)
{
    return (fs_attraction_options){ .threads = 1, .keep_limit = (size_t)1 << 24 };
}

static fs_attraction decide(const fs_problem *p, const double *w, double gamma, const fs_attraction_options *o)
{
    fs_attraction a;
    fs_err err = { 0 };
    assert_ok(fs_attraction_decide(&a, p, w, gamma, o, &err), err);
    return a;
}

static void assert_outcome(const fs_attraction *a, fs_attraction_outcome outcome)
{
    if (a->outcome != outcome) print_error("gamma = %.9g: %s (%s)\n", a->gamma, fs_attraction_name(a->outcome), a->why);
    assert_int_equal(a->outcome, outcome);
}

static fs_critical_options scan_options(const double *weights, size_t n, const double *distance)
{
    return (fs_critical_options){ .n_distance = n, .distance = distance, .n_seed = 1, .seed = &one, .weights = weights, .threads = 1,
                                  .keep_limit = (size_t)1 << 24 };
}

static fs_critical *compute(const fs_problem *p, const fs_critical_options *o)
{
    fs_critical *c = NULL;
    fs_err err = { 0 };
    assert_ok(fs_critical_compute(&c, p, o, &err), err);
    return c;
}

/* --- one flow ---------------------------------------------------------------------------------- */

/* CF3: v^2 -> y2 - gamma below y2, exponential decay at rate gamma - y2 above, both families of solvers. */
static void pitchfork_escapes_below_and_is_attracted_above(void **state)
{
    (void)state;
    const double w[2] = { 0.5, 0.1 };
    double end[2];
    fs_problem *p = load_model("pitchfork", NULL, NULL, NULL);
    fs_attraction_options o = run_options();
    o.second = 1;
    o.w_end = end;
    fs_attraction a = decide(p, w, 0.9, &o);
    assert_outcome(&a, FS_ESCAPED);
    assert_true(a.confirmed);
    assert_near(fabs(end[1]), sqrt(0.1), rounding);
    assert_near(a.margin, -0.1, a.margin_error);
    a = decide(p, w, 1.1, &o);
    assert_outcome(&a, FS_ATTRACTED);
    assert_true(a.confirmed);
    assert_near(a.margin, 0.1, a.margin_error);
    fs_problem_destroy(p);
}

/* At gamma = y2 the decay is 1 / sqrt t: not exponential, no claim. */
static void algebraic_decay_is_not_attraction(void **state)
{
    (void)state;
    const double w[2] = { 0.5, 0.1 };
    fs_problem *p = load_model("pitchfork", NULL, NULL, NULL);
    fs_attraction_options o = run_options();
    fs_attraction a = decide(p, w, 1.0, &o);
    assert_outcome(&a, FS_ATTRACTION_UNDECIDED);
    assert_near(a.distance, 0.1 / sqrt(1.0 + 0.02 * a.t), 1e-6);       /* rtol 1e-8 over some hundred steps */
    /* the last segment before t_end is short here: what |Y| loses in it says little */
    double *beside = start_of(p, 1, 0.025);
    a = decide(p, beside, 1.0, &o);
    assert_outcome(&a, FS_ATTRACTION_UNDECIDED);
    free(beside);
    fs_problem_destroy(p);
}

/* CF2: u = 0 is a line of starts that goes to the saddle v^2 = 2 - 2 gamma; beside it the flow stays there long before it turns to E. */
static void slow_passage_of_a_saddle_is_away(void **state)
{
    (void)state;
    const double w[2] = { 0.005, 2.0 }, A[2] = { half_root * 2.005, half_root * -1.995 }, d = 2.0, gammas[] = { 0.7, 0.9, 1.5 };
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_attraction_options o = run_options();
    o.t_end = 20.0;
    o.second = 1;
    fs_attraction a = decide(p, w, 0.7, &o);
    assert_outcome(&a, FS_AWAY);
    assert_true(a.confirmed);
    assert_true(a.margin < 0.0);
    o.t_end = 0.0;
    a = decide(p, w, 0.7, &o);
    assert_outcome(&a, FS_ATTRACTED);
    fs_critical_options co = scan_options(A, 1, &d);
    co.attraction.t_end = 20.0;
    co.gamma = gammas;
    co.n_gamma = 3;
    fs_critical *c = compute(p, &co);
    const fs_critical_start *s = &c->start[0];
    assert_int_equal(s->decided, 0);
    assert_true(s->bracket[0] >= 0.7 && s->bracket[0] < s->bracket[1]);
    assert_near(s->gamma_critical, s->bracket[1], 0.0);
    assert_non_null(strstr(s->note, "not surely escaped"));
    fs_critical_destroy(c);
    fs_problem_destroy(p);
}

/* Where |grad S| is within Newton's tolerance all of the neighbourhood of E passes for zeros, and Newton from beside a minimum on E ends beside it. */
static void zeros_beside_E_are_no_escapes(void **state)
{
    (void)state;
    static const double distance[] = { 1e-12, 1e-10, 1e-7, 1e-6, 3e-6, 1e-5, 1e-3 };
    static const double above[] = { -1e-7, 0.0, 1e-13, 1e-9, 1e-8, 1e-6, 1e-4 }, frozen[] = { 0.0, 1e-16, 1e-14, 1e-12 };
    fs_problem *p = load_model("pitchfork", NULL, NULL, NULL);
    fs_attraction_options o = run_options();
    for (size_t i = 0; i < 7; i++)
        for (size_t k = 0; k < 7; k++) {
            const double w[2] = { 0.6, distance[i] };
            fs_attraction a = decide(p, w, 1.0 + above[k], &o);
            assert_true(a.outcome != FS_ESCAPED);
            if (above[k] <= 0.0) assert_true(a.outcome != FS_ATTRACTED);
        }
    fs_problem_destroy(p);
    /* linear: no equilibrium off E for any gamma > 0 */
    p = load_model("cyclic_linear", NULL, NULL, NULL);
    double *w = start_of(p, 1, 0.5);
    for (size_t k = 0; k < 4; k++) {
        fs_attraction a = decide(p, w, frozen[k], &o);
        assert_true(a.outcome == FS_AWAY || a.outcome == FS_ATTRACTION_UNDECIDED);
    }
    free(w);
    fs_problem_destroy(p);
}

static void weaker_of_two_families_stays(void **state)
{
    (void)state;
    static const fs_attraction_outcome U = FS_ATTRACTION_UNDECIDED;
    static const struct { fs_attraction_outcome a, other, outcome; int confirmed; } rows[] = {
        { FS_ATTRACTED, FS_ATTRACTED, FS_ATTRACTED, 1 }, { FS_ESCAPED, FS_ESCAPED, FS_ESCAPED, 1 }, { FS_AWAY, FS_AWAY, FS_AWAY, 1 },
        { FS_ESCAPED, FS_AWAY, FS_AWAY, 1 }, { FS_AWAY, FS_ESCAPED, FS_AWAY, 1 }, { FS_ATTRACTED, FS_AWAY, U, 0 }, { FS_ESCAPED, FS_ATTRACTED, U, 0 },
        { FS_AWAY, FS_ATTRACTED, U, 0 }, { FS_ATTRACTED, U, U, 0 }, { FS_AWAY, U, U, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fs_attraction a = { .outcome = rows[i].a, .why = "this" }, other = { .outcome = rows[i].other, .why = "that" };
        fs_attraction_compare(&a, &other);
        assert_int_equal(a.outcome, rows[i].outcome);
        assert_int_equal(a.confirmed, rows[i].confirmed);
        assert_non_null(strstr(a.why, a.outcome == rows[i].a ? "this" : "that"));
    }
    assert_string_equal(fs_attraction_name(FS_AWAY), "away");
}

/* The other family is really another: explicit in effect, it uses up its steps where the curvature along E is 2e6, and what one family alone can integrate is
 * undecided. */
static void what_one_family_alone_can_integrate_is_undecided(void **state)
{
    (void)state;
    const double w[2] = { 900.0, 0.1 }, distance[] = { 0.1 }, gamma[] = { 0.5, 2.0 };
    fs_problem *p = load_model("pitchfork", "data.targets=[[1e6], [1]]", NULL, NULL);
    fs_attraction_options o = run_options();
    fs_attraction a = decide(p, w, 2.0, &o);
    assert_outcome(&a, FS_ATTRACTED);
    o.second = 1;
    a = decide(p, w, 2.0, &o);
    assert_outcome(&a, FS_ATTRACTION_UNDECIDED);
    assert_false(a.confirmed);
    assert_non_null(strstr(a.why, "other family"));
    fs_critical_options scan = scan_options(NULL, 1, distance);
    scan.accuracy = 0.1;
    scan.n_gamma = 2;
    scan.gamma = gamma;
    fs_critical *c = compute(p, &scan);
    size_t unconfirmed = 0;
    for (size_t i = 0; i < c->start[0].n_runs; i++) unconfirmed += strstr(c->start[0].run[i].why, "other family") != NULL;
    assert_true(unconfirmed > 0);
    assert_int_equal(c->start[0].decided, 0);
    fs_critical_destroy(c);
    fs_problem_destroy(p);
}

/* The risk is finite at the start, the square of the velocity is not: that says nothing about the run, and is no failure of a scan. */
static void run_without_derivatives_is_undecided(void **state)
{
    (void)state;
    const double w[2] = { 1e70, 3e69 };
    fs_problem *p = load_model("pitchfork", NULL, NULL, NULL);
    fs_attraction_options o = run_options();
    fs_attraction a = decide(p, w, 0.5, &o);
    assert_outcome(&a, FS_ATTRACTION_UNDECIDED);
    assert_non_null(strstr(a.why, "not finite"));
    fs_problem_destroy(p);
}

/* E repels: an implicit method at loose tolerances with long steps would stay on it.  The smaller offset is two units in the last place of
 * the weights; below that the gradient across E rounds to 0 and no method could leave. */
static void repelling_E_is_never_a_false_attractor(void **state)
{
    (void)state;
    static const double gammas[] = { 0.0, 0.3, 0.7, 0.95 }, tolerances[] = { 1e-2, 1e-4 }, offsets[] = { 5e-16, 1e-10 };
    fs_problem *p = load_model("pitchfork", NULL, NULL, NULL);
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 2; j++)
            for (size_t k = 0; k < 2; k++) {
                const double w[2] = { 1.0, offsets[k] };
                fs_attraction_options o = run_options();
                o.rtol = tolerances[j];
                o.atol = tolerances[j];
                fs_attraction a = decide(p, w, gammas[i], &o);
                assert_outcome(&a, FS_ESCAPED);
                assert_near(a.distance, sqrt(1.0 - gammas[i]), rounding / (1.0 - gammas[i]));
            }
    fs_problem_destroy(p);
}

/* CF1 without penalty: tan w_i(t) = tan w_i(0) e^(-t/2), so w_i goes to the multiple of pi nearest to it, and the start is attracted by E exactly when both
 * go to the same one.  Starts far out: the Hessian at every other minimum is that of the minimum on E. */
static void sine_starts_go_to_the_nearest_multiples(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("sine starts");
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_attraction_options o = run_options();
    const double pi = acos(-1.0);
    size_t attracted = 0;
    for (int start = 0; start < 60; start++) {
        double a = 16.0 * gsl_rng_uniform(rng) - 8.0, b = a + 8.0 * gsl_rng_uniform(rng) - 4.0;
        const double w[2] = { (a + b) / sqrt(2.0), (a - b) / sqrt(2.0) };
        fs_attraction found = decide(p, w, 0.0, &o);
        int same = !(fabs(round(a / pi) - round(b / pi)) > 0.5);
        assert_outcome(&found, same ? FS_ATTRACTED : FS_ESCAPED);
        attracted += same ? 1u : 0u;
    }
    assert_true(attracted > 5 && attracted < 55);
    gsl_rng_free(rng);
    fs_problem_destroy(p);
}

/* An augmentation that prefers one element leaks across E: |Y| settles near leak / gamma, and no gamma attracts however fast |Y| falls at first.  With the
 * right measure the same starts are attracted. */
static void a_leak_across_E_is_no_attraction(void **state)
{
    (void)state;
    static const double gammas[] = { 2.0, 20.0, 200.0 }, w[2] = { 0.3, 0.4 };
    fs_problem *p[2] = { load_model("tanh_swap", NULL, NULL, NULL), load_model("tanh_swap", "measure=[0.7, 0.3]", NULL, NULL) };
    fs_attraction_options o = run_options();
    for (size_t i = 0; i < 3; i++) {
        fs_attraction right = decide(p[0], w, gammas[i], &o), biased = decide(p[1], w, gammas[i], &o);
        assert_outcome(&right, FS_ATTRACTED);
        assert_true(biased.outcome != FS_ATTRACTED);
        assert_true(biased.distance > 1e-4 / gammas[i]);
    }
    fs_problem_destroy(p[0]);
    fs_problem_destroy(p[1]);
}

/* CF5: gamma = 1, q_0 = 0.2, separatrix p_0 = 0.4365; beyond it |Y| falls like t^(-1/6), which is no attraction. */
static void climbing_the_valley_is_not_attraction(void **state)
{
    (void)state;
    fs_problem *p = load_model("wrong_rep", NULL, NULL, NULL);
    fs_attraction_options o = run_options();
    const double inside[2] = { 0.2, 0.435 }, outside[2] = { 0.2, 0.438 };
    fs_attraction a = decide(p, inside, 1.0, &o);
    assert_outcome(&a, FS_ATTRACTED);
    a = decide(p, outside, 1.0, &o);
    assert_outcome(&a, FS_ATTRACTION_UNDECIDED);
    assert_true(a.margin < 0.0);
    /* early on E attracts at X, and Y still pushes X to where it does not */
    const double pushed[2] = { 0.2, 0.45 };
    const struct { const double *w; double t_end; } early[] = { { pushed, 100.0 }, { pushed, 1000.0 }, { outside, 1e4 } };
    for (size_t i = 0; i < sizeof early / sizeof *early; i++) {
        o.t_end = early[i].t_end;
        a = decide(p, early[i].w, 1.0, &o);
        if (a.outcome == FS_ATTRACTED) assert_outcome(&a, FS_ATTRACTION_UNDECIDED);
    }
    fs_problem_destroy(p);
}

/* Theorem 2 on images: a thousandth above and below -lambda_min(H_N) at the saddle */
static void mirror_images_change_at_the_eigenvalue(void **state)
{
    (void)state;
    fs_problem *p = load_model("mirror_c4", NULL, NULL, NULL);
    fs_stability_options so = { .kind = FS_FLOW_EQUIVARIANT, .n_seed = 1, .seed = &one, .distance = -1.0, .threads = 1, .keep_limit = (size_t)1 << 24 };
    fs_stability *s = NULL;
    fs_err err = { 0 };
    assert_ok(fs_stability_compute(&s, p, &so, &err), err);
    const fs_stability_point *q = &s->point[0];
    size_t n = dim_L(p), E = fs_problem_basis(p)->dim_E;
    double *w = start_of(p, 1, 1e-3), critical = q->gamma_critical;
    memcpy(w, q->at->w, E * sizeof *w);
    assert_true(n > E);
    fs_attraction_options o = run_options();
    o.t_end = 5e5;          /* growth and decay at a thousandth of 0.065 take 1e5 */
    fs_attraction a = decide(p, w, critical * (1.0 + 1e-3), &o);
    assert_outcome(&a, FS_ATTRACTED);
    /* |Y| grows a thousandfold, but cross-entropy has no minimum there: the weights go on growing */
    a = decide(p, w, critical * (1.0 - 1e-3), &o);
    assert_outcome(&a, FS_AWAY);
    assert_true(a.distance > 100.0 * 1e-3);
    free(w);
    fs_stability_destroy(s);
    fs_problem_destroy(p);
}

static void flow_without_directions_across_E_is_refused(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", "input={vector: [trivial, trivial]}", NULL, NULL);
    const double w[2] = { 0.5, 0.1 }, d = 0.1;
    fs_attraction a;
    fs_critical *c = NULL;
    fs_err err = { 0 };
    fs_attraction_options o = run_options();
    fs_critical_options co = scan_options(NULL, 1, &d);
    assert_int_equal(fs_problem_basis(p)->dim_N, 0);
    assert_fails(fs_attraction_decide(&a, p, w, 1.0, &o, &err), FS_EINPUT, err, "dim N");
    assert_fails(fs_critical_compute(&c, p, &co, &err), FS_EINPUT, err, "dim N");
    fs_problem_destroy(p);
}

/* --- thresholds of a start ------------------------------------------------------------------------- */

/* CF2: reference values of gamma* to the digits given, from an independent integration */
static void quartic_starts_have_their_critical_gamma(void **state)
{
    (void)state;
    static const struct { double u, v, gamma, digits; } rows[] = {
        { 1.0, 1.2, 0.22737, 1e-5 }, { 0.5, 1.0, 0.51261, 1e-5 }, { 0.5, 1.4, 0.639534, 1e-6 }, { 1.0, 2.0, 0.63824, 1e-5 }, { 0.1, 1.0, 0.66253, 1e-5 },
    };
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    for (size_t i = 0; i < 5; i++) {
        const double A[2] = { half_root * (rows[i].u + rows[i].v), half_root * (rows[i].u - rows[i].v) };
        fs_critical_options o = scan_options(A, 1, &rows[i].v);
        o.accuracy = 5e-6;
        fs_critical *c = compute(p, &o);
        const fs_critical_start *s = &c->start[0];
        assert_true(s->decided);
        assert_true(s->monotone);
        assert_near(s->gamma_critical, rows[i].gamma, rows[i].digits + s->bracket[1] - s->bracket[0]);
        for (size_t k = 0; k < s->n_runs; k++) {
            const fs_attraction *r = &s->run[k];
            if (r->gamma >= s->bracket[1] && r->gamma <= s->bracket[1]) assert_true(r->confirmed);
            if (k) assert_true(r->gamma > s->run[k - 1].gamma);
        }
        fs_critical_destroy(c);
    }
    fs_problem_destroy(p);
}

/* gamma + c = C K,  K^2 = delta^2 + 2 R_0 / gamma, with C = 3/4 + 9/4 K, by bisection */
static double paper_bound(double delta, double R0)
{
    double low = 0.5, high = 1e3;
    for (int i = 0; i < 200; i++) {
        double gamma = 0.5 * (low + high), K = sqrt(delta * delta + 2.0 * R0 / gamma);
        if (gamma - 0.5 < (0.75 + 2.25 * K) * K) low = gamma;
        else high = gamma;
    }
    return high;
}

/* CF9: gamma*(delta) = 1/2 + 3/4 delta (1 - delta) up to delta = 1/2, 11/16 beyond, and every column of bounds in closed form */
static void third_turns_have_the_exact_curve(void **state)
{
    (void)state;
    static const double distance[] = { 0.1, 0.2, 0.3, 0.5, 1.0 };
    static const double ray[] = { 0.6275, 0.71, 0.7475, 0.75, 0.75 }, lambda[] = { 0.6425, 0.77, 0.8825, 1.0625, 1.25 };
    const double A[3] = { 0.61803398874989485, -0.5, 0.0 };
    fs_problem *p = load_model("c3_transcritical", NULL, NULL, NULL);
    fs_critical_options o = scan_options(A, 5, distance);
    o.bounds = 1;
    fs_critical *c = compute(p, &o);
    assert_near(c->gamma_critical, 0.5, rounding);
    assert_true(c->applies);
    assert_int_equal(c->n_starts, 5);
    for (size_t i = 0; i < 5; i++) {
        const fs_critical_start *s = &c->start[i];
        double d = distance[i], exact = d <= 0.5 ? 0.5 + 0.75 * d * (1.0 - d) : 0.6875;
        double R0 = 0.5 * (1.0 - 0.5 * d * d - 0.5 * d * d * d + 0.375 * d * d * d * d);
        assert_true(s->decided);
        assert_true(s->bracket[0] <= exact * (1.0 + rounding));
        assert_true(s->bracket[1] >= exact * (1.0 - rounding));
        assert_at_most(s->bracket[1] - s->bracket[0], 2e-4 * exact);       /* at the fold itself a run is undecided */
        assert_near(s->risk_start, R0, rounding);
        assert_near(s->c, -0.5, rounding);
        /* searches for extrema converge to the square root of rounding in the place, to rounding in the value; 1e-9 leaves them room */
        assert_near(s->M3, 1.5 + 4.5 * d, 1e-9);
        assert_near(s->bound.tube, exact, 1e-9);
        assert_near(s->bound.ray, ray[i], 1e-9);
        assert_near(s->bound.lambda, lambda[i], 1e-9);
        assert_near(s->bound.bernoulli, 0.5 + (0.75 + 2.25 * d) * d, 1e-9);
        assert_near(s->bound.paper, paper_bound(d, R0), 1e-6);
        assert_near(s->tightness.bernoulli, s->bound.bernoulli / s->gamma_critical, rounding);
        assert_true(s->tightness.tube >= 1.0 - 2e-4);
    }
    fs_critical_destroy(c);
    fs_problem_destroy(p);
}

/* CF10 from the minimum on E: attracted at 0 near it; 0.108 at 0.3, 0.510 at 0.5, and beyond it the fold 0.53769 of the attractor off E */
static void tanh_neuron_is_bistable(void **state)
{
    (void)state;
    static const double distance[] = { 0.1, 0.3, 0.5, 1.0 }, expected[] = { 0.0, 0.108, 0.510, 0.5377 }, digits[] = { 0.0, 5e-4, 5e-4, 5e-5 };
    double u = atanh(0.2) / sqrt(2.0);
    const double A[2] = { half_root * (u + 1.0), half_root * (u - 1.0) };
    fs_problem *p = load_model("tanh_swap", NULL, NULL, NULL);
    fs_critical_options o = scan_options(A, 4, distance);
    fs_critical *c = compute(p, &o);
    for (size_t i = 0; i < 4; i++) {
        assert_true(c->start[i].decided);
        assert_near(c->start[i].gamma_critical, expected[i], digits[i] + c->start[i].bracket[1] - c->start[i].bracket[0]);
    }
    assert_near(c->start[0].bracket[0], 0.0, 0.0);
    assert_near(c->start[0].bracket[1], 0.0, 0.0);
    assert_true(isnan(c->start[0].tightness.tube));
    assert_true(isnan(c->gamma_gen));
    fs_critical_destroy(c);
    fs_problem_destroy(p);
}

/* A scan asked for: its points are run, and what is decided is decided between them. */
static void given_gammas_are_the_scan(void **state)
{
    (void)state;
    static const double gammas[] = { 0.2, 0.8, 1.2, 2.0 }, low[] = { 0.2, 0.4 }, d = 0.1;
    const double A[2] = { half_root * 0.6, half_root * 0.4 };
    fs_problem *p = load_model("pitchfork", NULL, NULL, NULL);
    fs_critical_options o = scan_options(A, 1, &d);
    o.gamma = gammas;
    o.n_gamma = 4;
    o.accuracy = 0.05;
    fs_critical *c = compute(p, &o);
    assert_true(c->start[0].decided);
    assert_true(c->start[0].bracket[0] < 1.0 && c->start[0].bracket[1] > 1.0);
    assert_int_equal(c->start[0].n_good, 1);
    assert_true(c->start[0].good[0][1] > DBL_MAX);
    fs_critical_destroy(c);
    o.gamma = low;
    o.n_gamma = 2;
    c = compute(p, &o);
    assert_true(!c->start[0].decided);
    assert_true(isnan(c->start[0].gamma_critical));
    assert_non_null(strstr(c->start[0].note, "not attracted"));
    fs_critical_destroy(c);
    fs_problem_destroy(p);
}

/* --- thresholds of all starts ------------------------------------------------------------------------ */

/* CF1, CF2, CF3, CF10: gamma_gen and gamma_all */
static void thresholds_of_all_starts_are_exact(void **state)
{
    (void)state;
    static const struct { const char *model; double u, v, gen, all, digits; const char *words; } rows[] = {
        { "toy_sine", 2.2, 2.2, 0.31830988618379067, 0.5, 1e-8, "loses stability" },
        { "toy_quartic", 0.5, 1.0, 2.0 / 3.0, 1.0, 1e-8, "loses stability" },
        { "pitchfork", 0.5, 0.1, 1.0, 1.0, 1e-8, "strict minimum on E" },
        { "tanh_swap", 0.14, 1.0, 0.53769, 0.53769, 5e-6, "fold" },
        { "tanh_swap_pitchfork", 0.5, 0.1, 1.31072, 1.31072, 1e-8, "strict minimum on E" },
    };
    static const double ends[] = { 0.0, 4.0 };
    for (size_t i = 0; i < 5; i++) {
        const double A[2] = { half_root * (rows[i].u + rows[i].v), half_root * (rows[i].u - rows[i].v) };
        fs_problem *p = load_model(rows[i].model, NULL, NULL, NULL);
        fs_critical_options o = scan_options(A, 1, &rows[i].v);
        o.gamma = ends;
        o.n_gamma = 2;
        o.accuracy = 0.1;
        o.starts = 16;
        fs_critical *c = compute(p, &o);
        assert_near(c->gamma_gen, rows[i].gen, rows[i].digits);
        assert_near(c->gamma_all, rows[i].all, rows[i].digits);
        assert_at_most(c->gen_error, 1e-8);
        assert_non_null(strstr(c->gen_note, rows[i].words));
        fs_critical_destroy(c);
        fs_problem_destroy(p);
    }
}

/* CF1: next to the line sqrt2 u = pi, beyond the last sink: close to 1 / pi from above, since the flow leaves the line slowly */
static void sine_start_beside_the_repelling_line_needs_one_over_pi(void **state)
{
    (void)state;
    static const double d = 2.2;
    double u = 3.14159265358979324 * half_root - 1e-3;
    const double A[2] = { half_root * (u + d), half_root * (u - d) };
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_critical_options o = scan_options(A, 1, &d);
    o.bounds = 1;
    fs_critical *c = compute(p, &o);
    const fs_critical_start *s = &c->start[0];
    /* just below, the flow has not come to its sink by t_end */
    assert_true(!s->decided);
    assert_near(s->gamma_critical, 0.318309886, 1e-3);
    assert_near(s->M3, half_root, 1e-9);
    assert_near(s->bound.tube, 0.5, 1e-6);              /* the path starts 1e-3 off the line: cos differs by 1e-6 */
    assert_near(s->bound.bernoulli, 0.5 + 0.25 * sqrt(2.0) * d, 1e-6);
    fs_critical_destroy(c);
    fs_problem_destroy(p);
}

/* A continuum of minima on E, whose -lambda_min(H_N) differ: gamma_gen = 1, and the sinks off E lead there.  Linear regression: gamma_gen = gamma_all = 0. */
static void continua_give_lower_bounds(void **state)
{
    (void)state;
    static const uint64_t seeds[] = { 1, 3 };
    static const double gammas[] = { 0.0, 0.5, 0.9, 2.0 }, tiny[] = { 0.0, 1e-16, 1.0 }, d = 0.2;
    fs_problem *p = load_model("missing_irreps", NULL, NULL, NULL);
    fs_critical_options o = scan_options(NULL, 1, &d);
    o.gamma = gammas;
    o.n_gamma = 4;
    o.accuracy = 0.1;
    o.starts = 8;
    for (size_t i = 0; i < 2; i++) {
        o.seed = &seeds[i];
        fs_critical *c = compute(p, &o);
        assert_near(c->gamma_gen, 1.0, 1e-7);
        assert_near(c->gamma_all, 1.0, 1e-7);
        assert_true(c->gen_error > DBL_MAX);
        assert_non_null(strstr(c->gen_note, "at least (a minimum on E is one of a continuum)"));
        fs_critical_destroy(c);
    }
    fs_problem_destroy(p);
    p = load_model("cyclic_linear", NULL, NULL, NULL);
    o.seed = &one;
    o.gamma = tiny;
    o.n_gamma = 3;
    fs_critical *c = compute(p, &o);
    assert_near(c->gamma_gen, 0.0, 1e-13);
    assert_near(c->gamma_all, 0.0, 1e-13);
    assert_null(strstr(c->gen_note, "off E"));
    fs_critical_destroy(c);
    fs_problem_destroy(p);
}

/* Linear regression at gamma = 1e-16: |grad S| is below rounding all over the frozen directions, and nothing of that is an equilibrium off E. */
static void rounding_is_no_equilibrium_off_E(void **state)
{
    (void)state;
    static const double gamma = 1e-16;
    fs_problem *p = load_model("cyclic_linear", NULL, NULL, NULL);
    fs_stability none = { 0 };
    double *w = start_of(p, 1, 0.5);
    fs_flow *f = NULL;
    fs_newton newton;
    fs_newton_options options = { 0 };
    fs_err err = { 0 };
    assert_ok(fs_problem_flow(&f, p, FS_FLOW_AUGMENTED, gamma, 1, (size_t)1 << 24, &err), err);
    assert_ok(fs_newton_solve(&newton, f, w, &options, &err), err);
    fs_flow_destroy(f);
    assert_true(newton.converged);
    fs_critical_options o = scan_options(NULL, 1, &gamma);
    fs_threshold_search search = { .problem = p, .options = &o, .equilibria = &none, .largest = gamma, .n_ends = 1, .end = w, .end_gamma = &gamma };
    fs_thresholds found;
    assert_ok(fs_thresholds_compute(&found, &search, &err), err);
    assert_near(found.all, 0.0, 0.0);
    assert_null(strstr(found.note, "off E"));
    assert_true(isnan(found.gen) && found.error > DBL_MAX);
    assert_non_null(strstr(found.note, "every start: at least (the flow in E came to no finite minimum)"));
    free(w);
    fs_problem_destroy(p);
}

static void thresholds_of_large_models_are_not_looked_for(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", "layers=[{dense: {out: 800}}, {square: {}}, {dense: {out: 1}}]", NULL, NULL);
    fs_thresholds found;
    fs_threshold_search search = { .problem = p };
    fs_err err = { 0 };
    assert_true(dim_L(p) > FS_STABILITY_DENSE_LIMIT);
    assert_ok(fs_thresholds_compute(&found, &search, &err), err);
    assert_true(isnan(found.gen) && isnan(found.all) && isnan(found.error));
    assert_non_null(strstr(found.note, "not looked for"));
    fs_problem_destroy(p);
}

/* Tubes of one seed are nested. */
static void bounds_grow_with_distance(void **state)
{
    (void)state;
    static const struct { const char *model; double distance[3]; } rows[] = { { "tanh_swap_pitchfork", { 0.2, 2.0, 20.0 } }, { "tanh_swap", { 0.5, 2.0, 20.0 } } };
    static const double gammas[] = { 0.0, 0.6, 4.0 };
    for (size_t i = 0; i < 2; i++) {
        fs_problem *p = load_model(rows[i].model, NULL, NULL, NULL);
        fs_critical_options o = scan_options(NULL, 3, rows[i].distance);
        o.gamma = gammas;
        o.n_gamma = 3;
        o.accuracy = 0.05;
        o.bounds = 1;
        fs_critical *c = compute(p, &o);
        for (size_t k = 1; k < 3; k++) {
            const fs_critical_start *a = &c->start[k - 1], *b = &c->start[k];
            assert_true(b->bound.tube >= a->bound.tube);
            assert_true(b->bound.ray >= a->bound.ray);
            assert_true(b->bound.lambda >= a->bound.lambda);
            assert_true(b->bound.bernoulli >= a->bound.bernoulli);
            assert_true(b->M3 >= a->M3);
            assert_true(b->c <= a->c);
        }
        fs_critical_destroy(c);
        fs_problem_destroy(p);
    }
}

/* --- intervals ------------------------------------------------------------------------------------------- */

static void good_gammas_are_intervals(void **state)
{
    (void)state;
    enum { MOST = 8 };
    /* a attracted, e escaped, w away, u undecided; gamma = 0, 1, 2, ...; DBL_MAX: without end */
    static const struct { const char *runs; int decided, monotone; size_t n_good; double low, high, first, last; } rows[] = {
        { "eeaaa", 1, 1, 1, 1, 2, 2, DBL_MAX },
        { "aaaa", 1, 1, 1, 0, 0, 0, DBL_MAX },
        { "eaeaa", 1, 0, 2, 2, 3, 1, 1 },
        { "aaeea", 1, 0, 2, 3, 4, 0, 1 },
        { "eeee", 0, 0, 0, (double)NAN, (double)NAN, 0, 0 },
        { "aae", 0, 0, 1, (double)NAN, (double)NAN, 0, 1 },
        { "euuaa", 1, 1, 1, 0, 3, 3, DBL_MAX },
        { "eauaa", 1, 1, 2, 0, 3, 1, 1 },
        { "eaueuaa", 1, 0, 2, 3, 5, 1, 1 },
        { "eauwaa", 0, 0, 2, 3, 4, 1, 1 },
        { "ewaa", 0, 1, 1, 1, 2, 2, DBL_MAX },
        { "weaa", 1, 1, 1, 1, 2, 2, DBL_MAX },
        { "awa", 0, 0, 2, 1, 2, 0, 0 },
        { "aaw", 0, 0, 1, (double)NAN, (double)NAN, 0, 1 },
        { "uuaa", 0, 1, 1, (double)NAN, (double)NAN, 2, DBL_MAX },
        { "eaau", 1, 1, 1, 0, 1, 1, 2 },
        { "uuu", 0, 0, 0, (double)NAN, (double)NAN, 0, 0 },
        { "", 0, 0, 0, (double)NAN, (double)NAN, 0, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fs_attraction run[MOST] = { 0 };
        double good[MOST][2], bracket[2];
        int monotone;
        size_t n = strlen(rows[i].runs), n_good;
        for (size_t k = 0; k < n; k++) {
            char c = rows[i].runs[k];
            run[k].gamma = (double)k;
            run[k].outcome = c == 'a' ? FS_ATTRACTED : c == 'e' ? FS_ESCAPED : c == 'w' ? FS_AWAY : FS_ATTRACTION_UNDECIDED;
        }
        int decided = fs_good_gammas(n, run, &n_good, good, bracket, &monotone);
        assert_int_equal(decided, rows[i].decided);
        assert_int_equal(monotone, rows[i].monotone);
        assert_int_equal(n_good, rows[i].n_good);
        if (isnan(rows[i].low)) assert_true(isnan(bracket[0]) && isnan(bracket[1]));
        else {
            assert_near(bracket[0], rows[i].low, 0.0);
            assert_near(bracket[1], rows[i].high, 0.0);
        }
        if (n_good) {
            assert_near(good[0][0], rows[i].first, 0.0);
            if (rows[i].last >= DBL_MAX) assert_true(good[0][1] > DBL_MAX);
            else assert_near(good[0][1], rows[i].last, 0.0);
        }
    }
}

/* --- interruption and bad input ----------------------------------------------------------------------------- */

static int after_some(void *context, const char *stage, double fraction)
{
    (void)fraction;
    assert_non_null(stage);
    return --*(long *)context < 0;
}

static void watch_stops_with_what_is_known(void **state)
{
    (void)state;
    static const double d[] = { 0.1, 0.5 };
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    size_t stopped = 0;
    for (long calls = 0; calls < 20000; calls = 4 * calls + 3) {
        long left = calls;
        fs_watch watch = { after_some, &left };
        fs_critical_options o = scan_options(NULL, 2, d);
        o.starts = 4;
        o.bounds = 1;
        o.accuracy = 0.05;
        o.watch = &watch;
        fs_critical *c = compute(p, &o);
        if (c->stopped) stopped++;
        for (size_t i = 0; i < c->n_starts; i++)
            for (size_t k = 0; k < c->start[i].n_runs; k++) assert_true(strlen(c->start[i].run[k].why) > 0);
        fs_critical_destroy(c);
    }
    assert_true(stopped > 2);
    fs_problem_destroy(p);
}

static void bad_input_is_named(void **state)
{
    (void)state;
    static const double good = 0.1, zero = 0.0, backwards[] = { 1.0, 0.5 }, w[2] = { 1.0, 0.1 }, on_E[2] = { 1.0, 1.0 };
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_critical *c = NULL;
    fs_attraction a;
    fs_err err = { 0 };
    fs_attraction_options ao = run_options();
    fs_critical_options o = scan_options(NULL, 0, NULL);
    assert_fails(fs_critical_compute(&c, p, &o, &err), FS_EINPUT, err, "distance");
    o = scan_options(NULL, 1, &zero);
    assert_fails(fs_critical_compute(&c, p, &o, &err), FS_EINPUT, err, "distances > 0");
    o = scan_options(NULL, 1, &good);
    o.gamma = backwards;
    o.n_gamma = 2;
    assert_fails(fs_critical_compute(&c, p, &o, &err), FS_EINPUT, err, "increasing gammas");
    o = scan_options(NULL, 1, &good);
    o.n_seed = 0;
    assert_fails(fs_critical_compute(&c, p, &o, &err), FS_EINPUT, err, "seed");
    o = scan_options(NULL, 1, &good);
    o.accuracy = (double)NAN;
    assert_fails(fs_critical_compute(&c, p, &o, &err), FS_EINPUT, err, "accuracy");
    o = scan_options(on_E, 1, &good);
    assert_fails(fs_critical_compute(&c, p, &o, &err), FS_EINPUT, err, "weights off E");
    assert_null(c);
    assert_fails(fs_attraction_decide(&a, p, w, -1.0, &ao, &err), FS_EINPUT, err, "gamma");
    ao.rtol = 0.5;
    assert_fails(fs_attraction_decide(&a, p, w, 1.0, &ao, &err), FS_EINPUT, err, "rtol");
    fs_critical_destroy(NULL);
    fs_problem_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pitchfork_escapes_below_and_is_attracted_above),
        cmocka_unit_test(algebraic_decay_is_not_attraction),
        cmocka_unit_test(slow_passage_of_a_saddle_is_away),
        cmocka_unit_test(zeros_beside_E_are_no_escapes),
        cmocka_unit_test(weaker_of_two_families_stays),
        cmocka_unit_test(what_one_family_alone_can_integrate_is_undecided),
        cmocka_unit_test(run_without_derivatives_is_undecided),
        cmocka_unit_test(repelling_E_is_never_a_false_attractor),
        cmocka_unit_test(sine_starts_go_to_the_nearest_multiples),
        cmocka_unit_test(a_leak_across_E_is_no_attraction),
        cmocka_unit_test(climbing_the_valley_is_not_attraction),
        cmocka_unit_test(mirror_images_change_at_the_eigenvalue),
        cmocka_unit_test(flow_without_directions_across_E_is_refused),
        cmocka_unit_test(quartic_starts_have_their_critical_gamma),
        cmocka_unit_test(third_turns_have_the_exact_curve),
        cmocka_unit_test(tanh_neuron_is_bistable),
        cmocka_unit_test(given_gammas_are_the_scan),
        cmocka_unit_test(thresholds_of_all_starts_are_exact),
        cmocka_unit_test(sine_start_beside_the_repelling_line_needs_one_over_pi),
        cmocka_unit_test(continua_give_lower_bounds),
        cmocka_unit_test(rounding_is_no_equilibrium_off_E),
        cmocka_unit_test(thresholds_of_large_models_are_not_looked_for),
        cmocka_unit_test(bounds_grow_with_distance),
        cmocka_unit_test(good_gammas_are_intervals),
        cmocka_unit_test(watch_stops_with_what_is_known),
        cmocka_unit_test(bad_input_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
