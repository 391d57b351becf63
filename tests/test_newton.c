/* tests/test_newton.c -- Newton's method for zeros of a velocity: step, convergence, flat directions, deflation, and every way to fail
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "flows.h"
#include "folder.h"
#include "integrate/levenberg.h"
#include "integrate/newton.h"
#include "model_text.h"

#include <unistd.h>

static const double root_2 = 1.4142135623730951;

/* S = u^4 / 8 on E = {(u, u) / sqrt 2}: a minimum without curvature */
static const char quartic[] = "title: t\ngroup: C2\ninput: {vector: [natural]}\nlayers: [dense: {out: 1}, square: {}]\nloss: squared\noutput: trivial\n"
                              "data: {source: inline, x: [[1, 0]], targets: [[0]]}\n";
/* classes that E separates */
static const char separated[] = "title: t\ngroup: C2\ninput: {vector: [natural]}\nlayers: [dense: {out: 2}]\nloss: cross-entropy\noutput: trivial\n"
                                "data: {source: inline, x: [[2, 0], [-1, 0]], targets: [[1, 0], [0, 1]]}\n";

static fs_newton solve(fs_flow *f, double *w, fs_newton_options o)
{
    fs_newton found;
    fs_err err = { 0 };
    assert_ok(fs_newton_solve(&found, f, w, &o, &err), err);
    return found;
}

static double residual_at(fs_flow *f, const double *w)
{
    double dw[512];
    assert_true(fs_flow_dim(f) <= 512);
    assert_int_equal(fs_flow_velocity(f, w, dw), FS_OK);
    return norm_of(dw, fs_flow_dim(f));
}

/* --- the step ------------------------------------------------------------------------------------------ */

/* (H^2 + mu^2) d + H F = 0, H from products one column at a time.  Rounding: n u times the sizes of the terms, and what is cut off: eigenvalues below
 * (n + 64) u |H|, whose part of H F is no larger than that times |F|. */
static void step_solves_the_damped_equations(void **state)
{
    (void)state;
    static const struct { const char *model; fs_flow_kind kind; double gamma, c; } cases[] = {
        { "c3_transcritical", FS_FLOW_AUGMENTED, 0.6, 1.0 }, { "mirror_c4", FS_FLOW_AUGMENTED, 0.1, 1.0 }, { "mirror_c4", FS_FLOW_NOMINAL, 0.0, 64.0 },
        { "tiny_mlp", FS_FLOW_EQUIVARIANT, 0.0, 1.0 }, { "toy_sine", FS_FLOW_EQUIVARIANT, 0.0, 16.0 } };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        for (int dense = 0; dense < 2; dense++) {
            fs_problem *p = load_model(cases[k].model, NULL, NULL, NULL);
            fs_flow *f = make_flow(p, cases[k].kind, cases[k].gamma);
            double *w = start_of(p, 3, 0.7);
            size_t n = fs_flow_dim(f);
            double *F = calloc(n, sizeof *F), *HF = calloc(n, sizeof *HF);
            double *d = calloc(n, sizeof *d), *Hd = calloc(n, sizeof *d), *HHd = calloc(n, sizeof *d);
            fs_levenberg *s = NULL;
            fs_err err = { 0 };
            assert_ok(fs_levenberg_create(&s, f, dense, &err), err);
            assert_int_equal(fs_flow_velocity(f, w, F), FS_OK);
            for (size_t i = 0; i < n; i++) F[i] = -F[i];
            double size = norm_of(F, n), mu = cases[k].c * size;
            assert_int_equal(fs_levenberg_step(s, w, F, cases[k].c, 1e-14 * size, d), FS_OK);
            fs_levenberg_found found = fs_levenberg_found_of(s);
            assert_int_equal(fs_flow_jacobian_product(f, w, d, Hd), FS_OK);
            assert_int_equal(fs_flow_jacobian_product(f, w, Hd, HHd), FS_OK);      /* two signs cancel */
            assert_int_equal(fs_flow_jacobian_product(f, w, F, HF), FS_OK);
            for (size_t i = 0; i < n; i++) HHd[i] += mu * mu * d[i] - HF[i];
            double bound = (double)(n + 64) * DBL_EPSILON * ((found.norm * found.norm + mu * mu) * norm_of(d, n) + found.norm * size);
            assert_at_most(norm_of(HHd, n), 4.0 * bound);
            assert_true(norm_of(d, n) > 0.0);
            fs_levenberg_destroy(s);
            fs_flow_destroy(f);
            fs_problem_destroy(p);
            free(w);
            free(F);
            free(d);
            free(Hd);
            free(HHd);
            free(HF);
        }
}

static void step_at_the_same_point_is_not_computed_again(void **state)
{
    (void)state;
    fs_problem *p = load_model("c3_transcritical", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.6);
    fs_levenberg *s = NULL;
    fs_err err = { 0 };
    double w[3] = { 0.3, 0.2, 0.1 }, F[3] = { 1.0, -2.0, 0.5 }, d[3], again[3];
    assert_ok(fs_levenberg_create(&s, f, 1, &err), err);
    for (int k = 0; k < 2; k++) {
        assert_int_equal(fs_levenberg_step(s, w, F, 1.0, 0.0, d), FS_OK);
        assert_int_equal(fs_levenberg_step(s, w, F, 1.0, 0.0, again), FS_OK);
        assert_int_equal(fs_flow_counts_of(f).jacobians, k + 1);
        assert_memory_equal(d, again, sizeof d);
        w[0] = 0.31;
    }
    assert_int_equal(fs_levenberg_step(s, w, F, 2.0, 0.0, again), FS_OK);
    assert_int_equal(fs_flow_counts_of(f).jacobians, 3);
    assert_true(norm_of(again, 3) < norm_of(d, 3));
    w[0] = (double)NAN;
    assert_int_equal(fs_levenberg_step(s, w, F, 1.0, 0.0, d), FS_ENAN);
    fs_levenberg_destroy(s);
    fs_levenberg_destroy(NULL);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* --- convergence ------------------------------------------------------------------------------------------ */

/* |F_k+1| <= C |F_k|^2 with one C for all k, above rounding. */
static void regular_roots_are_reached_quadratically(void **state)
{
    (void)state;
    static const struct { const char *model; double start, root; } cases[] = {
        { "c3_transcritical", 0.9, 0.6180339887498949 }, { "c3_transcritical", -1.9, -1.6180339887498949 },
        { "toy_quartic", 1.8, 1.4142135623730951 }, { "toy_sine", 2.4, 2.2214414690791831 }, { "pitchfork", 0.8, 1.0 } };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        fs_problem *p = load_model(cases[k].model, NULL, NULL, NULL);
        fs_flow *f = make_flow(p, FS_FLOW_EQUIVARIANT, 0.0);
        double w = cases[k].start, before = residual_at(f, &w);
        for (long iterations = 1; before > 1e-7; iterations++) {
            double at = cases[k].start;
            fs_newton found = solve(f, &at, (fs_newton_options){ .max_iterations = iterations, .tolerance = 1e-300 });
            if (before < 0.05) assert_at_most(found.residual, 6.0 * before * before);
            assert_true(iterations < 10);
            before = found.residual;
        }
        fs_newton found = solve(f, &w, (fs_newton_options){ 0 });
        assert_true(found.converged && !found.stopped && !found.left);
        assert_string_equal(found.status, "converged");
        assert_at_most((double)found.iterations, 8.0);
        assert_near(w, cases[k].root, 16.0 * DBL_EPSILON);
        assert_at_most(found.residual, found.tolerance);
        assert_near(found.residual, residual_at(f, &w), 0.0);
        assert_at_most(found.correction, 16.0 * DBL_EPSILON);
        assert_true(found.velocities > 0 && found.jacobians > 0);
        fs_flow_destroy(f);
        fs_problem_destroy(p);
    }
}

/* u^2 = (2 - 3 gamma) / 4, v^2 = (2 + gamma) / 4: a saddle, which the flow would leave */
static void saddles_attract_newton(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.3);
    double w[2] = { 0.55, -0.8 };
    fs_newton found = solve(f, w, (fs_newton_options){ 0 });
    assert_true(found.converged);
    assert_near(w[0], sqrt(1.1 / 4.0), 1e-15);
    assert_near(w[1], -sqrt(2.3 / 4.0), 1e-15);
    assert_true(found.lowest < -0.1);
    assert_true(found.hessian_norm > found.correction);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* A circle of minima, |w|^2 = 4 (1 - gamma) / 3, and the set BA = const of a linear network: H is singular, and yet convergence is fast and nothing
 * runs along the set: u / |F| at the most, where |F| is down to sqrt(u) before the last step. */
static void manifolds_of_zeros_are_reached_quadratically(void **state)
{
    (void)state;
    fs_problem *p = load_model("rotations_so2", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.5);
    double w[2] = { 0.7, 0.5 }, angle = atan2(w[1], w[0]);
    fs_newton found = solve(f, w, (fs_newton_options){ 0 });
    assert_true(found.converged);
    assert_at_most((double)found.iterations, 8.0);
    assert_near(norm_of(w, 2), sqrt(2.0 / 3.0), 1e-15);
    assert_near(atan2(w[1], w[0]), angle, 16.0 * sqrt(DBL_EPSILON));
    assert_at_most(found.correction, 1e-14);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
    p = load_model("missing_irreps", NULL, NULL, NULL);
    f = make_flow(p, FS_FLOW_AUGMENTED, 0.5);
    for (uint64_t seed = 1; seed < 9; seed++) {
        double *start = start_of(p, seed, 0.05);
        found = solve(f, start, (fs_newton_options){ 0 });
        assert_true(found.converged);
        assert_at_most((double)found.iterations, 12.0);
        assert_at_most(found.correction, 1e-12);
        free(start);
    }
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* F = u^3 / 2: Newton takes off a third at a time.  It gets there, and does not claim to have got further than it has. */
static void degenerate_minima_are_reached_linearly(void **state)
{
    (void)state;
    fs_problem *p = model_of(quartic);
    fs_flow *f = make_flow(p, FS_FLOW_EQUIVARIANT, 0.0);
    double w = 0.01, expected = 0.01 * pow(2.0 / 3.0, 20.0);        /* and mu / H = w / 3 damps the first steps by 1e-5 */
    fs_newton found = solve(f, &w, (fs_newton_options){ .max_iterations = 20, .tolerance = 1e-300 });
    assert_false(found.converged);
    assert_near(w, expected, 1e-4 * expected);
    assert_near(found.correction, w / 3.0, 1e-6 * w);
    found = solve(f, &w, (fs_newton_options){ 0 });
    assert_true(found.converged && found.iterations > 20);
    assert_near(w, 0.0, 1e-12);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* The other solver: the same regular root; on a singular set another point of it, as good. */
static void products_alone_find_the_same(void **state)
{
    (void)state;
    fs_problem *p = load_model("c3_transcritical", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.6);
    double w[2][3] = { { 0.7, 0.3, 0.6 }, { 0.7, 0.3, 0.6 } };
    fs_newton found[2] = { solve(f, w[0], (fs_newton_options){ .solver = FS_SOLVER_DENSE }),
                           solve(f, w[1], (fs_newton_options){ .solver = FS_SOLVER_KRYLOV }) };
    assert_true(found[0].converged && found[1].converged);
    assert_true(found[0].jacobians > 0 && found[1].jacobians == 0 && found[1].products > 0);
    for (int i = 0; i < 3; i++) assert_near(w[0][i], w[1][i], 1e-14);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
    p = load_model("mirror_c4", NULL, NULL, NULL);
    f = make_flow(p, FS_FLOW_EQUIVARIANT, 0.0);
    double *start = start_of(p, 3, 0.0);
    found[1] = solve(f, start, (fs_newton_options){ .solver = FS_SOLVER_KRYLOV });
    assert_true(found[1].converged);
    assert_int_equal(found[1].jacobians, 0);
    assert_near(found[1].residual, residual_at(f, start), 0.0);
    free(start);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* E = {0}: nothing to solve */
static void a_point_converges_at_once(void **state)
{
    (void)state;
    fs_problem *p = load_model("rotations_so2", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_EQUIVARIANT, 0.0);
    double w[1] = { 0.0 };
    fs_newton found = solve(f, w, (fs_newton_options){ 0 });
    assert_int_equal(fs_flow_dim(f), 0);
    assert_true(found.converged && found.iterations == 0 && !(found.residual > 0.0) && !(found.correction > 0.0));
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

static void a_zero_is_left_where_it_is(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.3);
    double w[2] = { 0.0, 0.0 };
    fs_newton found = solve(f, w, (fs_newton_options){ 0 });
    assert_true(found.converged && found.iterations == 0);
    assert_true(!(norm_of(w, 2) > 0.0));
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* --- deflation ---------------------------------------------------------------------------------------------- */

static void known_zeros_are_not_found_again(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_EQUIVARIANT, 0.0);
    static const double starts[] = { 0.7, -0.7, 1.7, -1.7, 0.3, -0.3, 3.0, -3.0 };
    double known[3] = { 0.0 };
    size_t count = 0;
    for (size_t j = 0; j < 8 && count < 3; j++) {
        double w = starts[j];
        fs_newton found = solve(f, &w, (fs_newton_options){ .n_known = count, .known = known });
        for (size_t k = 0; k < count; k++) assert_true(fabs(w - known[k]) > 1e-3);
        if (!found.converged) continue;
        assert_true(fabs(w) < 1e-15 || fabs(fabs(w) - root_2) < 1e-12);
        known[count++] = w;
    }
    assert_int_equal(count, 3);
    double w = 0.7;
    fs_newton none = solve(f, &w, (fs_newton_options){ .n_known = 3, .known = known });
    assert_false(none.converged);
    for (size_t k = 0; k < 3; k++) assert_true(fabs(w - known[k]) > 1e-3);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* One step, in one dimension: d = -H F / (H^2 + F^2), then d / (1 - d (log m)'), which is Newton's for m F up to the damping. */
static void deflated_step_is_newtons_for_the_deflated_gradient(void **state)
{
    (void)state;
    static const double known[2] = { 0.0, 1.1 };        /* no zeros, but m needs none */
    fs_problem *p = load_model("c3_transcritical", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_EQUIVARIANT, 0.0);
    for (size_t count = 0; count < 3; count++) {
        double w = 0.68, at = w, miss = w + w * w - 1.0, slope = 1.0 + 2.0 * w, F = miss * slope, H = slope * slope + 2.0 * miss, pull = 0.0;
        for (size_t k = 0; k < count; k++) {
            double r2 = (w - known[k]) * (w - known[k]);
            pull -= 2.0 * (w - known[k]) / (r2 * (1.0 + r2));
        }
        double d = -H * F / (H * H + F * F);
        fs_newton found = solve(f, &at, (fs_newton_options){ .n_known = count, .known = known, .max_iterations = 1, .tolerance = 1e-300 });
        assert_int_equal(found.iterations, 1);
        assert_near(at, w + d / (1.0 - d * pull), 16.0 * DBL_EPSILON);
    }
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

static void a_start_on_a_known_zero_is_refused(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_EQUIVARIANT, 0.0);
    double w = 1.25, known = 1.25;
    fs_newton found;
    fs_err err = { 0 };
    assert_fails(fs_newton_solve(&found, f, &w, &(fs_newton_options){ .n_known = 1, .known = &known }, &err), FS_EINPUT, err, "known zeros");
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* --- what goes wrong -------------------------------------------------------------------------------------------- */

/* The gradient falls like exp(-|w|): it can be made as small as one likes, far out, and none of it is a zero. */
static void an_infimum_at_infinity_is_no_zero(void **state)
{
    (void)state;
    static const double radii[] = { 0.0, 5.0, 60.0, 1e4 };
    fs_problem *p = model_of(separated);
    fs_flow *f = make_flow(p, FS_FLOW_EQUIVARIANT, 0.0);
    size_t n = fs_flow_dim(f);
    for (size_t k = 0; k < sizeof radii / sizeof *radii; k++) {
        double *w = start_of(p, 1, 0.0), *from = start_of(p, 1, 0.0);
        fs_newton found = solve(f, w, (fs_newton_options){ .radius = radii[k] });
        assert_false(found.converged && found.correction <= 1e-6 * (1.0 + norm_of(w, n)) && found.hessian_norm > 0.0);
        for (size_t i = 0; i < n; i++) from[i] -= w[i];
        assert_at_most(norm_of(from, n), radii[k] > 0.0 ? radii[k] : 1e5);
        if (radii[k] > 0.0 && radii[k] < 100.0) {
            assert_false(found.converged);
            assert_true(found.left && strstr(found.status, "radius"));
        }
        free(w);
        free(from);
    }
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

static void a_start_without_a_gradient_is_said(void **state)
{
    (void)state;
    static const double bad[] = { (double)NAN, (double)INFINITY, 1e120 };
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.3);
    fs_newton found;
    fs_err err = { 0 };
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        double w[2] = { 0.1, bad[k] };
        assert_fails(fs_newton_solve(&found, f, w, &(fs_newton_options){ 0 }, &err), FS_ENAN, err, "start");
        assert_false(found.converged);
    }
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

typedef struct { int calls, limit; } patience;

static int impatient(void *context, const char *stage, double fraction)
{
    patience *p = context;
    assert_true(stage && *stage && !(fraction > 1.0));
    return ++p->calls > p->limit;
}

static void a_request_stops_it_and_keeps_the_best(void **state)
{
    (void)state;
    fs_problem *p = load_model("mirror_c4", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.1);
    for (int limit = 0; limit < 3; limit++) {
        double *w = start_of(p, 1, 0.1), before = residual_at(f, w);
        patience context = { 0, limit };
        fs_watch watch = { impatient, &context };
        fs_newton found = solve(f, w, (fs_newton_options){ .watch = &watch });
        assert_true(found.stopped && !found.converged);
        assert_int_equal(context.calls, limit + 1);
        assert_true(strstr(found.status, "stopped on request") != NULL);
        assert_at_most(found.residual, before);
        assert_near(found.residual, residual_at(f, w), 0.0);
        free(w);
    }
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

static void failures_are_told_in_words_and_not_printed(void **state)
{
    (void)state;
    fs_problem *p = load_model("wrong_rep", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.5);      /* has no zero off E */
    char name[400], text[64] = "";
    snprintf(name, sizeof name, "%s/printed", folder);
    FILE *file = fopen(name, "w+b");
    int printed = dup(2);
    assert_true(file && printed >= 0);
    fflush(stderr);
    assert_true(dup2(fileno(file), 2) >= 0);
    double w[2] = { 1.0, 1.2 }, v[2] = { 1.0, 1.2 };
    fs_newton few = solve(f, w, (fs_newton_options){ .max_iterations = 3 }), tight = solve(f, v, (fs_newton_options){ .tolerance = 1e-310 });
    fflush(stderr);
    assert_true(dup2(printed, 2) >= 0);
    close(printed);
    rewind(file);
    assert_int_equal(fread(text, 1, sizeof text - 1, file), 0);
    fclose(file);
    assert_false(few.converged || tight.converged);
    assert_int_equal(few.iterations, 3);
    assert_true(strstr(few.status, "iteration limit") && strstr(few.status, "|F| = "));
    assert_true(strlen(tight.status) > 20);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

static void options_are_checked(void **state)
{
    (void)state;
    static const struct { fs_newton_options o; const char *word; } cases[] = {
        { { .tolerance = -1.0 }, "tolerance" }, { { .tolerance = (double)NAN }, "tolerance" }, { { .radius = -1.0 }, "radius" },
        { { .radius = (double)NAN }, "radius" }, { { .max_iterations = -1 }, "iteration limit" }, { { .n_known = 1 }, "known" } };
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.3);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        double w[2] = { 0.1, 0.2 };
        fs_newton found;
        fs_err err = { 0 };
        assert_fails(fs_newton_solve(&found, f, w, &cases[k].o, &err), FS_EINPUT, err, cases[k].word);
    }
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_solves_the_damped_equations),
        cmocka_unit_test(step_at_the_same_point_is_not_computed_again),
        cmocka_unit_test(regular_roots_are_reached_quadratically),
        cmocka_unit_test(saddles_attract_newton),
        cmocka_unit_test(manifolds_of_zeros_are_reached_quadratically),
        cmocka_unit_test(degenerate_minima_are_reached_linearly),
        cmocka_unit_test(products_alone_find_the_same),
        cmocka_unit_test(a_point_converges_at_once),
        cmocka_unit_test(a_zero_is_left_where_it_is),
        cmocka_unit_test(known_zeros_are_not_found_again),
        cmocka_unit_test(deflated_step_is_newtons_for_the_deflated_gradient),
        cmocka_unit_test(a_start_on_a_known_zero_is_refused),
        cmocka_unit_test(an_infimum_at_infinity_is_no_zero),
        cmocka_unit_test(a_start_without_a_gradient_is_said),
        cmocka_unit_test(a_request_stops_it_and_keeps_the_best),
        cmocka_unit_test(failures_are_told_in_words_and_not_printed),
        cmocka_unit_test(options_are_checked),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
