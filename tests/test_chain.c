/* tests/test_chain.c -- the chain of bounds of Theorem 3: closed forms, its order, planted violations, and what is said where there is none
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "experiment/chain.h"
#include "experiment/run.h"
#include "flows.h"
#include "observe/tube.h"

static const uint64_t one_seed[] = { 1 };
static const fs_flow_kind augmented_alone[] = { FS_FLOW_AUGMENTED };

/* The augmented flow alone, with its bounds. */
static fs_run *run_bounds(const fs_problem *p, double gamma, uint64_t seed, double distance, double t_end, const double *weights)
{
    fs_run_options o = { .n_gamma = 1, .gamma = &gamma, .n_seed = 1, .seed = &seed, .n_kinds = 1, .kind = augmented_alone, .distance = distance, .weights = weights,
                         .integrate = { .t_end = t_end, .rtol = 1e-9, .atol = 1e-11, .n_times = 3, .times = (const double[]){ 0.0, 0.3 * t_end, t_end } },
                         .threads = 1, .keep_limit = (size_t)1 << 26, .bounds = 1 };
    fs_run *run = NULL;
    fs_err err = { 0 };
    assert_ok(fs_run_compute(&run, p, &o, &err), err);
    assert_non_null(run->bounds);
    return run;
}

/* A chain made by hand: c(t) at three nodes. */
static fs_chain by_hand(double *block, double gamma, double M3, double dip)
{
    const double t[] = { 0.0, 0.5, 2.0 }, c[] = { 0.2, -0.3, 0.1 };
    memcpy(block, t, sizeof t);
    memcpy(block + 3, c, sizeof c);
    return (fs_chain){ .gamma = gamma, .delta = 0.7, .radius = 0.7, .n = 3, .stride = 1, .t = block, .c = block + 3, .c_min = -0.3 - dip, .dip = dip,
                       .M3 = M3, .M3_K = 2.0 * M3, .K = 1.1 };
}

/* y' = -a y + C y^2 */
static double bernoulli(double a, double C, double y, double t)
{
    double e = exp(-a * t);
    return y * e / (1.0 - C * y * (1.0 - e) / a);
}

/* Node to node with the smaller c of two, less the dip; the paper's bound is an exponential. */
static void bounds_at_a_time_are_the_formulas(void **state)
{
    (void)state;
    double block[6], C = 0.4, gamma = 1.5, dip = 0.05;
    fs_chain s = by_hand(block, gamma, 2.0 * C, dip);
    fs_chain_walk walk = { .y = s.delta };
    double a = gamma - 0.3 - dip, at_node = bernoulli(a, C, 0.7, 0.5);
    fs_chain_bounds b = fs_chain_at(&s, 0.0, &walk);
    assert_near(b.path, 0.7, 0.0);
    assert_near(b.bernoulli, 0.7, 0.0);
    assert_near(b.paper, 0.7, 0.0);
    b = fs_chain_at(&s, 0.2, &walk);
    assert_near(b.path, bernoulli(a, C, 0.7, 0.2), 1e-14);
    assert_near(b.bernoulli, bernoulli(a, C, 0.7, 0.2), 1e-14);
    assert_near(b.paper, 0.7 * exp(-(a - 2.0 * C * 1.1) * 0.2), 1e-14);
    assert_near(fs_chain_paper_rate(&s), a - 2.0 * C * 1.1, 1e-14);
    b = fs_chain_at(&s, 1.7, &walk);
    assert_near(b.path, bernoulli(a, C, at_node, 1.2), 1e-14);
    block[4] = 0.15;            /* the middle node is no longer the lowest: both intervals are better than c_min */
    walk = (fs_chain_walk){ .y = s.delta };
    b = fs_chain_at(&s, 1.7, &walk);
    assert_near(b.path, bernoulli(gamma + 0.1 - dip, C, bernoulli(gamma + 0.15 - dip, C, 0.7, 0.5), 1.2), 1e-14);
    assert_true(b.path < b.bernoulli);
    s.K = (double)INFINITY;
    s.M3_K = (double)NAN;
    walk = (fs_chain_walk){ .y = s.delta };
    assert_true(isinf(fs_chain_at(&s, 0.1, &walk).paper));
    assert_near(fs_chain_C(3.0), 1.5, 0.0);
    assert_near(fs_chain_above(&s, 0.08), 0.0, 0.0);
    assert_near(fs_chain_above(&s, -0.11), -0.11, 0.0);
}

/* Where gamma is too small both Bernoulli bounds are infinite for good once they are. */
static void a_bound_that_has_blown_up_stays_infinite(void **state)
{
    (void)state;
    double block[6], C = 2.0;
    fs_chain s = by_hand(block, 0.1, 2.0 * C, 0.0);
    fs_chain_walk walk = { .y = s.delta };
    double a = 0.1 - 0.3, blow_up = log(C * 0.7 / (C * 0.7 - a)) / a;
    for (int i = 0; i <= 40; i++) {
        double t = 0.05 * i;
        fs_chain_bounds b = fs_chain_at(&s, t, &walk);
        assert_int_equal(!!isinf(b.bernoulli), t >= blow_up);
        assert_true(b.path <= b.bernoulli * (1.0 + 1e-12));
        if (t >= 1.0) assert_true(isinf(b.path));
    }
}

/* A trajectory of |Y| = law(t) in 20 steps to t = 2. */
static void plant(fs_trajectory *T, double *step, double *distance, const fs_chain *s, double factor)
{
    fs_chain_walk walk = { .y = s->delta };
    for (int i = 0; i <= 20; i++) {
        step[i] = 0.1 * i;
        distance[i] = i ? factor * fs_chain_at(s, step[i], &walk).path : s->delta;
    }
    *T = (fs_trajectory){ .n_steps_kept = 21, .step_t = step, .step_distance = distance, .dim = 2, .distance_max = s->delta, .atol_N = 1e-14 };
}

static void a_planted_violation_is_seen(void **state)
{
    (void)state;
    double block[6], step[21], distance[21];
    fs_chain s = by_hand(block, 1.5, 0.8, 0.0);
    fs_trajectory T;
    fs_chain_comparison c;
    plant(&T, step, distance, &s, 0.9);
    fs_chain_compare(&s, &T, (double)INFINITY, 1e-8, &c);
    assert_int_equal(c.last, 20);
    assert_near(fs_chain_violation(&c), 0.0, 1e-15);
    assert_near(c.end[0], -log(0.9), 1e-14);
    plant(&T, step, distance, &s, 1.02);
    fs_chain_compare(&s, &T, (double)INFINITY, 1e-8, &c);
    assert_near(c.path, log(1.02), 1e-14);
    assert_near(fs_chain_violation(&c), c.path, 0.0);
    fs_chain_compare(&s, &T, 1.05, 1e-8, &c);                    /* until a time, and down to a floor */
    assert_int_equal(c.last, 10);
    fs_chain_compare(&s, &T, (double)INFINITY, distance[7], &c);
    assert_int_equal(c.last, 7);
    plant(&T, step, distance, &s, 0.9);
    s.c_min += 0.4;                                                 /* c above the path: Bernoulli falls below it */
    fs_chain_compare(&s, &T, (double)INFINITY, 1e-8, &c);
    assert_true(c.bernoulli > 0.1 && c.path <= 1e-15);
    s.c_min -= 0.4;
    s.M3_K = 0.0;                                                   /* and the paper's below Bernoulli's */
    fs_chain_compare(&s, &T, (double)INFINITY, 1e-8, &c);
    assert_true(c.paper > 0.01 && c.bernoulli <= 1e-15);
    s.M3 = (double)NAN;
    fs_chain_compare(&s, &T, (double)INFINITY, 1e-8, &c);
    assert_true(isnan(fs_chain_violation(&c)));
    s.n = 1;
    fs_chain_compare(&s, &T, (double)INFINITY, 1e-8, &c);
    assert_int_equal(c.last, 0);
}

/* CF1 from the saddle of E to its minimum: c = -1/2, C = sqrt(2) / 4 as soon as sqrt(2) |y| reaches pi / 2, whatever the radius. */
static void constants_of_the_sine_toy_are_exact(void **state)
{
    (void)state;
    const double root = sqrt(2.0), away = 1e-3, u = (acos(-1.0) - away) / root, v = 1.3, w[] = { (u + v) / root, (u - v) / root };
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_run *run = run_bounds(p, 1.2, 1, -1.0, 30.0, w);
    const fs_bounds *b = run->bounds;
    const fs_chain *s = &b->chain;
    assert_string_equal(b->note, "");
    assert_near(s->c_min, -0.5, s->dip + 0.5 * away * away);
    assert_near(fs_chain_C(s->M3), root / 4.0, root / 4.0 * away * away);
    assert_near(fs_chain_C(s->M3_K), root / 4.0, root / 4.0 * away * away);
    assert_near(s->delta, v, 1e-14);
    assert_near(s->radius, v, 1e-14);
    assert_near(s->R0, 0.25 * (1.0 - cos(root * u) * cos(root * v)), 1e-13);
    assert_near(s->K, sqrt(v * v + 2.0 * s->R0 / 1.2), 1e-13);
    assert_near(fs_bounds_start(b), 1.2 + s->c_min - fs_chain_C(s->M3) * v, 1e-14);
    for (size_t k = 0; k < s->n && s->t[k] <= b->t_last; k++) {     /* c(t) and gamma + hbar at the nodes */
        const double *x = s->w + 2 * k;
        double size = fabs(x[1]), at = fabs(x[0]), hbar = root / 4.0 * cos(root * at) * sin(root * size) / size;
        assert_near(s->c[k], 0.5 * cos(root * at), 1e-12);
        assert_near(b->rate[k], 1.2 + hbar, 1e-12 + 8.0 * DBL_EPSILON / size);
    }
    assert_int_equal(b->verdict, FS_HOLDS);
    fs_run_destroy(run);
    fs_problem_destroy(p);
}

/* From gamma twice what Bernoulli asks for on, at every step; the identity is |Y| itself; bounds fall, |Y| does not leave the tube. */
static void the_order_holds_where_gamma_suffices(void **state)
{
    (void)state;
    static const struct { const char *model; double gamma, distance, t_end; } cases[] = {
        { "tiny_mlp", 6.0, 0.5, 8.0 }, { "toy_sine", 1.5, 1.5, 30.0 }, { "c3_transcritical", 4.0, 0.4, 12.0 }, { "tanh_mlp", 8.0, 0.3, 6.0 }, { "pitchfork", 6.0, 0.5, 8.0 },
    };
    gsl_rng *rng = law_rng("the_order_holds_where_gamma_suffices");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int turn = 0; turn < 2; turn++) {
            fs_problem *p = load_model(cases[i].model, NULL, NULL, NULL);
            double gamma = cases[i].gamma * (1.0 + gsl_rng_uniform(rng)), distance = cases[i].distance * (0.3 + 0.7 * gsl_rng_uniform(rng));
            fs_run *run = run_bounds(p, gamma, 1 + gsl_rng_uniform_int(rng, 1000), distance, cases[i].t_end, NULL);
            const fs_bounds *b = run->bounds;
            assert_string_equal(b->note, "");
            assert_true(fs_bounds_start(b) > 0.0 && isinf(b->t_blown_up) && b->n > 20 && b->compared.seen >= 1);
            assert_int_equal(b->verdict, FS_HOLDS);
            assert_at_most(fs_chain_violation(&b->compared), b->error);
            for (size_t k = 1; k <= b->compared.last; k++) {
                double slack = 1.0 + b->error;
                assert_near(log(b->identity[k] / b->distance[k]), 0.0, b->error);
                assert_at_most(b->distance[k], b->path[k] * slack);
                assert_at_most(b->path[k], b->bernoulli[k] * slack);
                assert_at_most(b->bernoulli[k], b->paper[k] * slack);
                assert_true(b->bernoulli[k] < b->bernoulli[k - 1] && b->distance[k] <= b->chain.radius);
            }
            assert_at_most(b->chain.t[b->chain.n - 2], b->t_last);
            assert_true(b->chain.t[b->chain.n - 1] >= b->t_last);
            fs_run_destroy(run);
            fs_problem_destroy(p);
        }
    gsl_rng_free(rng);
}

/* Bernoulli's bound is finite before the time that is reported and infinite behind; where |Y| rises the tube grows with it; at gamma = 0 the paper has no bound. */
static void too_small_a_gamma_is_said_in_numbers(void **state)
{
    (void)state;
    fs_problem *p = load_model("pitchfork", NULL, NULL, NULL);
    fs_run *run = run_bounds(p, 0.0, 1, 0.1, 20.0, NULL);
    const fs_bounds *b = run->bounds;
    assert_true(isfinite(b->t_blown_up) && b->t_blown_up > 0.0 && fs_bounds_start(b) < 0.0);
    assert_true(isinf(b->chain.K) && isnan(b->chain.M3_K));
    assert_true(b->chain.radius > 5.0 * b->chain.delta);
    assert_int_equal(b->verdict, FS_HOLDS);
    for (size_t i = 1; i < b->n; i++) {
        assert_int_equal(!!isinf(b->bernoulli[i]), b->t[i] >= b->t_blown_up);
        assert_true(isinf(b->paper[i]));
    }
    fs_run_destroy(run);
    fs_problem_destroy(p);
}

/* The path of a large gamma stays near where |Y| is small soon: its c is no statement about a smaller gamma, at which the flow ends off E. */
static void c_of_one_path_is_not_that_of_another(void **state)
{
    (void)state;
    fs_problem *p = load_model("tanh_swap_pitchfork", NULL, NULL, NULL);
    fs_run *steep = run_bounds(p, 30.0, 1, 0.1, 100.0, NULL);
    const fs_bounds *b = steep->bounds;
    double asked = fs_chain_C(b->chain.M3) * b->chain.delta - b->chain.c_min, gamma = 1.02 * asked;
    assert_true(fs_bounds_start(b) > 0.0 && gamma < 30.0);
    fs_run *flat = run_bounds(p, gamma, 1, 0.1, 100.0, NULL);
    assert_true(flat->bounds->chain.c_min < b->chain.c_min && fs_bounds_start(flat->bounds) < 0.0);
    assert_true(flat->flow[0].trajectory->last.distance > 0.05);
    fs_run_destroy(flat);
    fs_run_destroy(steep);
    fs_problem_destroy(p);
}

static void what_has_no_bounds_says_why(void **state)
{
    (void)state;
    static const struct { const char *model, *set; double distance; const char *word; int curves; } cases[] = {
        { "toy_sine", NULL, 0.0, "starts on E", 0 },
        { "cnn_c4", "group=C1", -1.0, "dim N = 0", 0 },
        { "cnn_c4_skew", "data.count=3", 0.1, "compatibility", 1 },
        { "tiny_mlp", "space.parametrisation=non-orthonormal", 0.5, "not orthonormal", 1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fs_problem *p = load_model(cases[i].model, cases[i].set, i == 1 ? "data.count=3" : NULL, NULL);
        fs_run *run = run_bounds(p, 2.0, 1, cases[i].distance, 1.0, NULL);
        const fs_bounds *b = run->bounds;
        if (!strstr(b->note, cases[i].word)) fail_msg("%s: %s", cases[i].model, b->note);
        assert_int_equal(b->verdict, FS_UNDECIDED);
        assert_int_equal(b->chain.n, 0);
        assert_true(isnan(b->chain.c_min) && isnan(b->chain.M3) && !b->stopped);
        assert_int_equal(b->n > 1, cases[i].curves);
        for (size_t k = 0; k < b->n; k++) assert_true(b->distance[k] > 0.0 && isnan(b->path[k]) && isnan(b->paper[k]));
        fs_run_destroy(run);
        fs_problem_destroy(p);
    }
}

static int stop(void *context, const char *stage, double fraction)
{
    (void)stage;
    (void)fraction;
    return --*(int *)context < 0;
}

/* Asked to stop after any number of reports: nothing is half measured. */
static void a_stop_leaves_curves_and_no_constants(void **state)
{
    (void)state;
    fs_problem *p = load_model("tiny_mlp", NULL, NULL, NULL);
    fs_run *run = run_bounds(p, 4.0, 1, 0.5, 4.0, NULL);
    fs_err err = { 0 };
    for (int after = 0; after < 4; after++) {
        static const int reports[] = { 0, 5, 40, 200 };
        int left = reports[after];
        fs_watch watch = { stop, &left };
        fs_bounds *b = NULL;
        assert_ok(fs_bounds_compute(&b, p, run->flow[0].trajectory, 1e-9, 1, (size_t)1 << 26, 1, &watch, &err), err);
        assert_true(left < 0 ? b->stopped && b->chain.n == 0 && strstr(b->note, "stopped") : !b->stopped && b->chain.n > 0);
        assert_int_equal(b->n, run->bounds->n);
        fs_bounds_destroy(b);
    }
    fs_run_destroy(run);
    fs_problem_destroy(p);
}

static void another_flow_or_a_list_is_refused(void **state)
{
    (void)state;
    const double gamma[] = { 1.0, 2.0 };
    const fs_flow_kind nominal[] = { FS_FLOW_NOMINAL };
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_run_options o = { .n_gamma = 2, .gamma = gamma, .n_seed = 1, .seed = one_seed, .n_kinds = 1, .kind = augmented_alone, .distance = -1.0,
                         .integrate = { .t_end = 1.0, .rtol = 1e-6, .atol = 1e-8 }, .threads = 1, .bounds = 1 };
    fs_run *run = NULL;
    fs_bounds *b = NULL;
    fs_err err = { 0 };
    assert_fails(fs_run_compute(&run, p, &o, &err), FS_EINPUT, err, "one gamma, one seed");
    o.n_gamma = 1;
    o.kind = nominal;
    assert_fails(fs_run_compute(&run, p, &o, &err), FS_EINPUT, err, "augmented flow");
    o.bounds = 0;
    assert_ok(fs_run_compute(&run, p, &o, &err), err);
    assert_null(run->bounds);
    assert_fails(fs_bounds_compute(&b, p, run->flow[0].trajectory, 1e-6, 1, 0, 1, NULL, &err), FS_EINPUT, err, "nominal");
    fs_run_destroy(run);
    fs_problem_destroy(p);
    fs_bounds_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_at_a_time_are_the_formulas),
        cmocka_unit_test(a_bound_that_has_blown_up_stays_infinite),
        cmocka_unit_test(a_planted_violation_is_seen),
        cmocka_unit_test(constants_of_the_sine_toy_are_exact),
        cmocka_unit_test(the_order_holds_where_gamma_suffices),
        cmocka_unit_test(too_small_a_gamma_is_said_in_numbers),
        cmocka_unit_test(c_of_one_path_is_not_that_of_another),
        cmocka_unit_test(what_has_no_bounds_says_why),
        cmocka_unit_test(a_stop_leaves_curves_and_no_constants),
        cmocka_unit_test(another_flow_or_a_list_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
