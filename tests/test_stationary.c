/* tests/test_stationary.c -- stationary points of the closed forms, Theorem 1.2 with its controls, and searches that must not find anything
 *
 * Notation of the two-weight models under the swap: u along E, v across it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "flows.h"
#include "folder.h"
#include "model_text.h"
#include "observe/stationary.h"

static const double root_2 = 1.4142135623730951, pi = 3.14159265358979324, log_2 = 0.69314718055994531;

/* on E S = u^4 / 16 + (c^2 - 1)^2 / 4: a minimum without curvature along u, beside a direction that has some */
static const char quartic[] = "title: t\ngroup: C2\ninput: {vector: [natural, trivial]}\nlayers: [dense: {out: 1}, square: {}]\nloss: squared\noutput: trivial\n"
                              "data: {source: inline, x: [[1, 0, 0], [0, 0, 1]], targets: [[0], [1]]}\nstart: {scale: 1}\nflow: {t_end: 100}\n";
/* two classes that E separates */
static const char separated[] = "title: t\ngroup: C2\ninput: {vector: [natural]}\nlayers: [dense: {out: 2}]\nloss: cross-entropy\noutput: trivial\n"
                                "data: {source: inline, x: [[2, 0], [-1, 0]], targets: [[1, 0], [0, 1]]}\nstart: {scale: 1}\nflow: {t_end: 100}\n";
/* the same data, and one sample that has both labels: a finite minimum */
static const char contradictory[] = "title: t\ngroup: C2\ninput: {vector: [natural]}\nlayers: [dense: {out: 2}]\nloss: cross-entropy\noutput: trivial\n"
                                    "data: {source: inline, x: [[2, 0], [-1, 0], [1, 1], [1, 1]], targets: [[1, 0], [0, 1], [1, 0], [0, 1]]}\n"
                                    "start: {scale: 1}\nflow: {t_end: 100}\n";
/* taps that quarter turns do not keep, and more samples than can be fitted (nonlinear: else the readout alone would do all that a filter can) */
static const char incompatible[] = "title: t\ngroup: C4\ninput: {image: 3, channels: 1}\nlayers:\n"
                                   "  - conv: {out: 1, size: 3, support: [[0, 0], [0, 1], [1, 1], [1, 2], [2, 1]], padding: zero}\n"
                                   "  - square: {}\n  - dense: {out: 1}\nloss: squared\noutput: trivial\ndata:\n  source: inline\n"
                                   "  x: [[1, 2, 0, -1, 3, 1, 0, 1, 2], [2, 0, 1, 1, 1, -1, 0, 3, 1], [0, 1, 0, 2, 1, 0, 1, 0, 3],\n"
                                   "      [1, 1, -1, 0, 2, 2, 1, 0, 0], [3, 0, 1, 0, -1, 1, 2, 0, 1]]\n"
                                   "  targets: [[1], [2], [-1], [3], [0]]\nstart: {scale: 1}\nflow: {t_end: 50}\n";

static const fs_stationary_options plain = { .threads = 1, .keep_limit = (size_t)1 << 24 };

static fs_stationary *find_from(const fs_problem *p, fs_flow_kind kind, double gamma, const double *w0, fs_stationary_options o)
{
    fs_stationary *s = NULL;
    fs_err err = { 0 };
    assert_ok(fs_stationary_find(&s, p, kind, gamma, w0, &o, &err), err);
    assert_int_equal(s->dim, dim_L(p));
    assert_int_equal(s->by_flow, 1);
    assert_true(strlen(s->note) > 0);
    return s;
}

static fs_stationary *find(const fs_problem *p, fs_flow_kind kind, double gamma, uint64_t seed, double distance)
{
    double *w = start_of(p, seed, distance);
    fs_stationary *s = find_from(p, kind, gamma, w, plain);
    free(w);
    return s;
}

static fs_stationary *newton_from(const fs_problem *p, fs_flow_kind kind, double gamma, const double *w0)
{
    fs_stationary *s = NULL;
    fs_err err = { 0 };
    assert_ok(fs_stationary_newton(&s, p, kind, gamma, w0, 0, NULL, &plain, &err), err);
    assert_int_equal(s->by_flow, 0);
    return s;
}

static fs_stationary_set search(const fs_problem *p, fs_flow_kind kind, double gamma, size_t starts)
{
    fs_stationary_set set = { 0 };
    fs_err err = { 0 };
    assert_ok(fs_stationary_search(&set, p, kind, gamma, starts, 1, &plain, &err), err);
    assert_int_equal(set.starts, starts + 1);
    assert_int_equal(set.starts, set.count + set.missed);
    for (size_t k = 0; k < set.count; k++) {
        assert_int_equal(set.point[k]->outcome, FS_SEARCH_FOUND);
        assert_at_most(set.point[k]->residual_E, set.point[k]->tolerance);
        assert_at_most(set.point[k]->correction, 1e-6 * (1.0 + set.point[k]->size));
        if (k) assert_at_most(set.point[k - 1]->risk, set.point[k]->risk);
        for (size_t j = 0; j < k; j++) assert_false(fs_stationary_same(set.point[j], set.point[k]));
    }
    return set;
}

/* How many points of the set lie within 1e-9 of w. */
static size_t count_at(const fs_stationary_set *set, size_t n, const double *w)
{
    size_t count = 0;
    for (size_t k = 0; k < set->count; k++) {
        double square = 0.0;
        for (size_t i = 0; i < n; i++) square += (set->point[k]->w[i] - w[i]) * (set->point[k]->w[i] - w[i]);
        count += sqrt(square) <= 1e-9;
    }
    return count;
}

/* --- closed forms --------------------------------------------------------------------------------------- */

/* sqrt 2 u in pi Z */
static void sine_toy_is_stationary_at_multiples_of_pi(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_stationary_set set = search(p, FS_FLOW_EQUIVARIANT, 0.0, 30);
    assert_true(set.count >= 9);
    for (size_t k = 0; k < set.count; k++) {
        double multiple = root_2 * set.point[k]->w[0] / pi, whole = nearbyint(multiple);
        assert_near(multiple, whole, 8.0 * DBL_EPSILON * (1.0 + fabs(whole)));
        assert_near(set.point[k]->w[1], 0.0, 0.0);
        assert_at_most(set.point[k]->residual, 8.0 * DBL_EPSILON * (1.0 + fabs(whole)));
        assert_near(set.point[k]->risk, fmod(fabs(whole), 2.0) > 0.5 ? 0.5 : 0.0, 1e-15);
    }
    fs_stationary_set_clear(&set);
    assert_true(set.count == 0 && !set.point);
    fs_problem_destroy(p);
}

static void quartic_toy_has_three_on_E(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_stationary_set set = search(p, FS_FLOW_EQUIVARIANT, 0.0, 12);
    assert_int_equal(set.count, 3);
    for (int k = -1; k < 2; k++) assert_int_equal(count_at(&set, 2, (const double[2]){ k * root_2, 0.0 }), 1);
    assert_near(set.point[2]->risk, 0.5, 1e-15);
    fs_stationary_set_clear(&set);
    fs_problem_destroy(p);
}

/* Off E, gamma = 0.3: sinks (0, +-sqrt(2 (1 - gamma))) and four saddles u^2 = (2 - 3 gamma) / 4, v^2 = (2 + gamma) / 4 beside the three of E. */
static void quartic_toy_has_nine_in_L(void **state)
{
    (void)state;
    const double gamma = 0.3, sink = sqrt(2.0 * (1.0 - gamma)), u = sqrt((2.0 - 3.0 * gamma) / 4.0), v = sqrt((2.0 + gamma) / 4.0);
    fs_problem *p = load_model("toy_quartic", "start.scale=1", "start.distance=0.5", NULL);
    fs_stationary_set set = search(p, FS_FLOW_AUGMENTED, gamma, 60);
    assert_int_equal(set.count, 9);
    for (int k = -1; k < 2; k++) {
        assert_int_equal(count_at(&set, 2, (const double[2]){ k * root_2, 0.0 }), 1);
        assert_int_equal(count_at(&set, 2, (const double[2]){ 0.0, k * sink }), 1);
    }
    for (int k = 0; k < 4; k++) assert_int_equal(count_at(&set, 2, (const double[2]){ k & 1 ? u : -u, k & 2 ? v : -v }), 1);
    fs_stationary_set_clear(&set);
    fs_problem_destroy(p);
}

/* u in {0, +-1}, v in {0, +-sqrt(1 - gamma)}, all combinations */
static void pitchfork_has_nine_in_L(void **state)
{
    (void)state;
    fs_problem *p = load_model("pitchfork", NULL, NULL, NULL);
    fs_stationary_set set = search(p, FS_FLOW_AUGMENTED, 0.5, 40);
    assert_int_equal(set.count, 9);
    for (int i = -1; i < 2; i++)
        for (int j = -1; j < 2; j++) assert_int_equal(count_at(&set, 2, (const double[2]){ i, j * sqrt(0.5) }), 1);
    fs_stationary_set_clear(&set);
    fs_problem_destroy(p);
}

/* w0 in {(-1 +- sqrt 5) / 2, -1/2}; rho = 0 or rho (1 - rho) = 4 (gamma - 1/2) / 3 where cos 3 phi = -1, below the fold gamma = 11/16 */
static void third_turns_have_two_radii(void **state)
{
    (void)state;
    const double a = 0.1, root = sqrt(1.0 - 16.0 * a / 3.0), rho[3] = { 0.0, 0.5 * (1.0 - root), 0.5 * (1.0 + root) };
    const double along[3] = { -0.5, 0.5 * (sqrt(5.0) - 1.0), -0.5 * (sqrt(5.0) + 1.0) };
    fs_problem *p = load_model("c3_transcritical", NULL, NULL, NULL);
    fs_stationary_set set = search(p, FS_FLOW_AUGMENTED, 0.5 + a, 40);
    size_t seen[3][3] = { { 0 } };
    assert_true(set.count >= 12 && set.count <= 21);
    for (size_t k = 0; k < set.count; k++) {
        const double *w = set.point[k]->w;
        int found = 0;
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++) {
                if (!(fabs(w[0] - along[i]) <= 1e-12 && fabs(norm_of(w + 1, 2) - rho[j]) <= 1e-12)) continue;
                found = 1;
                seen[i][j]++;
            }
        assert_int_equal(found, 1);
    }
    for (int i = 0; i < 3; i++) {
        assert_true(seen[i][0] <= 1 && seen[i][1] <= 3 && seen[i][2] <= 3);
        assert_true(seen[i][1] + seen[i][2] > 0);
    }
    fs_stationary_set_clear(&set);
    fs_problem_destroy(p);
}

/* A continuum (GL symmetry of the hidden layer): the flow comes to one of its points, Newton polishes it in a few steps; the risk is 1/2, and off E the
 * second singular value of B A is 1 - gamma: risk gamma^2 / 2. */
static void linear_network_settles_on_a_continuum(void **state)
{
    (void)state;
    fs_problem *p = load_model("missing_irreps", NULL, NULL, NULL);
    for (uint64_t seed = 1; seed < 5; seed++) {
        fs_stationary *on_E = find(p, FS_FLOW_EQUIVARIANT, 0.0, seed, 0.0), *off_E = find(p, FS_FLOW_AUGMENTED, 0.5, seed, 0.1);
        assert_int_equal(on_E->outcome, FS_SEARCH_FOUND);
        assert_near(on_E->risk, 0.5, 1e-14);
        assert_at_most((double)on_E->iterations, 8.0);
        assert_at_most(on_E->residual, on_E->tolerance);
        assert_int_equal(off_E->outcome, FS_SEARCH_FOUND);
        assert_near(off_E->risk, 0.125, 1e-13);
        assert_true(off_E->distance > 0.5);
        fs_stationary_destroy(on_E);
        fs_stationary_destroy(off_E);
    }
    fs_problem_destroy(p);
}

/* --- Theorem 1.2 ------------------------------------------------------------------------------------------ */

/* Only the part of the gradient in E was looked at, and all of it vanishes.  Control: the gradient of R itself at the same point, which does not. */
static void stationary_on_E_is_stationary_in_L(void **state)
{
    (void)state;
    fs_problem *p = load_model("mirror_c4", NULL, NULL, NULL);
    fs_flow *nominal = make_flow(p, FS_FLOW_NOMINAL, 0.0), *own = make_flow(p, FS_FLOW_EQUIVARIANT, 0.0);
    fs_flow *augmented = make_flow(p, FS_FLOW_AUGMENTED, 0.0);
    int lively = 0;
    for (uint64_t seed = 1; seed < 5; seed++) {
        fs_stationary *s = find(p, FS_FLOW_EQUIVARIANT, 0.0, seed, 0.1);
        fs_flow_point control, fresh;
        assert_int_equal(s->outcome, FS_SEARCH_FOUND);
        assert_true(s->risk >= log_2 - 1e-14);
        assert_true(s->residual_start > 1e-3 && s->t_flow > 0.0 && s->steps > 0);
        assert_at_most(s->residual_E, s->tolerance);
        assert_at_most(s->residual, s->tolerance);
        assert_near(s->distance, 0.0, 0.0);
        assert_near(s->size, norm_of(s->w, s->dim), 0.0);
        assert_int_equal(fs_flow_evaluate(own, s->w, &fresh, NULL), FS_OK);
        assert_near(s->residual_E, fresh.speed, 0.0);
        assert_int_equal(fs_flow_evaluate(augmented, s->w, &fresh, NULL), FS_OK);
        assert_near(s->residual, fresh.speed, 0.0);
        assert_near(s->risk, fresh.risk, 0.0);
        assert_int_equal(fs_flow_evaluate(nominal, s->w, &control, NULL), FS_OK);
        lively += control.speed > 1e-2;
        fs_stationary_destroy(s);
    }
    assert_true(lively >= 3);
    fs_flow_destroy(nominal);
    fs_flow_destroy(own);
    fs_flow_destroy(augmented);
    fs_problem_destroy(p);
}

/* Where L and the group are not compatible the theorem says nothing, and its conclusion fails. */
static void incompatible_spaces_break_it(void **state)
{
    (void)state;
    fs_problem *p = model_of(incompatible);
    assert_int_equal(fs_problem_hypotheses(p)->compatibility.verdict, FS_VIOLATED);
    for (uint64_t seed = 2; seed < 4; seed++) {
        fs_stationary *s = find(p, FS_FLOW_EQUIVARIANT, 0.0, seed, 0.0);
        assert_int_equal(s->outcome, FS_SEARCH_FOUND);
        assert_at_most(s->residual_E, s->tolerance);
        assert_true(s->residual > 1e-2);
        fs_stationary_destroy(s);
    }
    fs_problem_destroy(p);
}

/* --- nothing to be found ----------------------------------------------------------------------------------- */

static void separated_data_have_no_stationary_point(void **state)
{
    (void)state;
    fs_problem *p = model_of(separated);
    for (uint64_t seed = 1; seed < 4; seed++) {
        fs_stationary *on_E = find(p, FS_FLOW_EQUIVARIANT, 0.0, seed, 0.0), *in_L = find(p, FS_FLOW_AUGMENTED, 0.0, seed, 0.1);
        assert_int_equal(on_E->outcome, FS_SEARCH_SEPARABLE);
        assert_int_equal(in_L->outcome, FS_SEARCH_SEPARABLE);
        assert_true(strstr(on_E->note, "margin") && strstr(on_E->note, "no stationary point"));
        assert_true(on_E->t_flow < 10000.0);
        for (double scale = 0.1; scale < 1e4; scale *= 10.0) {       /* up to where softmax is saturated and the gradient exactly 0 */
            double far[8];
            for (size_t i = 0; i < dim_L(p); i++) far[i] = scale * on_E->w[i];
            fs_stationary *s = newton_from(p, FS_FLOW_EQUIVARIANT, 0.0, far);
            assert_true(s->outcome != FS_SEARCH_FOUND);
            fs_stationary_destroy(s);
        }
        fs_stationary_destroy(on_E);
        fs_stationary_destroy(in_L);
    }
    fs_stationary_set set = search(p, FS_FLOW_EQUIVARIANT, 0.0, 9);
    assert_int_equal(set.count, 0);
    fs_stationary_set_clear(&set);
    fs_problem_destroy(p);
    p = model_of(contradictory);
    fs_stationary *s = find(p, FS_FLOW_EQUIVARIANT, 0.0, 1, 0.0);
    assert_int_equal(s->outcome, FS_SEARCH_FOUND);
    assert_at_most(s->residual, s->tolerance);
    fs_stationary_destroy(s);
    fs_problem_destroy(p);
}

/* q p^2 = 1 with q ~ (3 gamma t / 2)^(1/3): no equilibrium off E, and no data to prove it */
static void escape_along_a_valley_is_suspected(void **state)
{
    (void)state;
    fs_problem *p = load_model("wrong_rep", NULL, NULL, NULL);
    fs_stationary *s = find_from(p, FS_FLOW_AUGMENTED, 0.5, (const double[2]){ 1.0, 1.2 }, plain);
    assert_int_equal(s->outcome, FS_SEARCH_RUNAWAY);
    assert_true(strstr(s->note, "t^-0.67") && strstr(s->note, "t^0.33"));
    fs_stationary_destroy(s);
    s = find_from(p, FS_FLOW_AUGMENTED, 0.5, (const double[2]){ 1.0, 1.2 }, (fs_stationary_options){ .threads = 1, .t_end = 1e-3 });
    assert_int_equal(s->outcome, FS_SEARCH_UNREACHED);
    assert_near(s->t_flow, 1e-3, 1e-9);
    fs_stationary_destroy(s);
    fs_problem_destroy(p);
}

/* --- special places ------------------------------------------------------------------------------------------ */

/* E is stationary throughout: the flow converges at once, wherever it starts. */
static void a_start_that_is_stationary_stays(void **state)
{
    (void)state;
    fs_problem *p = load_model("wrong_rep", NULL, NULL, NULL);
    fs_stationary *s = find_from(p, FS_FLOW_EQUIVARIANT, 0.0, (const double[2]){ 1.7, 9.0 }, plain);
    assert_int_equal(s->outcome, FS_SEARCH_FOUND);
    assert_near(s->w[0], 1.7, 0.0);
    assert_near(s->w[1], 0.0, 0.0);
    assert_near(s->t_flow + (double)s->iterations + s->residual + s->correction, 0.0, 0.0);
    fs_stationary_destroy(s);
    fs_problem_destroy(p);
    p = load_model("toy_quartic", NULL, NULL, NULL);        /* a saddle, from which the flow does not move */
    s = find_from(p, FS_FLOW_AUGMENTED, 0.3, (const double[2]){ 0.0, 0.0 }, plain);
    assert_int_equal(s->outcome, FS_SEARCH_FOUND);
    assert_near(s->size, 0.0, 0.0);
    fs_stationary_destroy(s);
    fs_problem_destroy(p);
}

/* E = {0} */
static void a_point_is_stationary(void **state)
{
    (void)state;
    fs_problem *p = load_model("rotations_so2", NULL, NULL, NULL);
    fs_stationary *s = find(p, FS_FLOW_EQUIVARIANT, 0.0, 1, 0.1);
    assert_int_equal(s->outcome, FS_SEARCH_FOUND);
    assert_near(s->size + s->residual + s->correction, 0.0, 0.0);
    assert_near(s->risk, 0.5, 1e-15);
    fs_stationary_destroy(s);
    fs_problem_destroy(p);
}

/* The flow comes within 1e-8 of the saddle (1, 0), and Newton would take it; the flow ends at (1, sqrt(1 - gamma)). */
static void saddles_on_the_way_are_passed(void **state)
{
    (void)state;
    fs_problem *p = load_model("pitchfork", NULL, NULL, NULL);
    fs_stationary *s = find_from(p, FS_FLOW_AUGMENTED, 0.5, (const double[2]){ 1.3, 1e-8 }, plain);
    assert_int_equal(s->outcome, FS_SEARCH_FOUND);
    assert_near(s->w[0], 1.0, 1e-14);
    assert_near(s->w[1], sqrt(0.5), 1e-14);
    fs_stationary_destroy(s);
    s = find_from(p, FS_FLOW_AUGMENTED, 0.5, (const double[2]){ 1.3, 1e-8 }, (fs_stationary_options){ .threads = 1, .t_end = 8.0 });
    assert_int_equal(s->outcome, FS_SEARCH_FOUND);
    assert_near(s->w[1], 0.0, 1e-14);
    assert_true(strstr(s->note, "saddle") != NULL);
    fs_stationary_destroy(s);
    fs_problem_destroy(p);
}

/* Where the gradient is at rounding u is not yet 0: what is claimed is where the next correction is small. */
static void a_minimum_without_curvature_is_found_with_its_error(void **state)
{
    (void)state;
    fs_problem *p = model_of(quartic);
    size_t found = 0;
    for (uint64_t seed = 1; seed < 5; seed++) {
        fs_stationary *s = find(p, FS_FLOW_EQUIVARIANT, 0.0, seed, 0.0);
        found += s->outcome == FS_SEARCH_FOUND;
        double u = fabs(s->w[0]) < fabs(s->w[1]) ? s->w[0] : s->w[1];
        assert_at_most(fabs(u), 3.1 * s->correction);
        if (s->outcome == FS_SEARCH_FOUND) assert_at_most(s->correction, 1e-6 * (1.0 + s->size));
        fs_stationary_destroy(s);
    }
    assert_int_equal(found, 4);
    fs_problem_destroy(p);
}

/* --- requests, mistakes, lists --------------------------------------------------------------------------------- */

typedef struct { int calls, limit; } patience;

static int impatient(void *context, const char *stage, double fraction)
{
    patience *p = context;
    assert_true(stage && *stage && !(fraction > 1.0 + 1e-9));
    return ++p->calls > p->limit;
}

static void a_request_stops_every_search(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    double *w = start_of(p, 1, 0.1);
    for (int limit = 0; limit < 40; limit += 13) {
        patience context = { 0, limit };
        fs_watch watch = { impatient, &context };
        fs_stationary_options o = plain;
        o.watch = &watch;
        fs_stationary *s = find_from(p, FS_FLOW_AUGMENTED, 0.6, w, o);
        assert_int_equal(s->outcome, FS_SEARCH_STOPPED);
        assert_true(s->residual > 0.0);
        fs_stationary_destroy(s);
        context = (patience){ 0, limit };
        fs_stationary_set set = { 0 };
        fs_err err = { 0 };
        assert_ok(fs_stationary_search(&set, p, FS_FLOW_AUGMENTED, 0.6, 30, 1, &o, &err), err);
        assert_int_equal(set.stopped, 1);
        assert_true(set.starts < 31 && set.count + set.missed == set.starts);
        fs_stationary_set_clear(&set);
    }
    free(w);
    fs_problem_destroy(p);
}

static void mistakes_are_told(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL), *other = load_model("c3_transcritical", NULL, NULL, NULL);
    double w[3] = { 0.5, 0.1, 0.0 }, bad[2] = { (double)NAN, 0.0 };
    fs_stationary *s = NULL, *known = find(other, FS_FLOW_EQUIVARIANT, 0.0, 1, 0.0);
    fs_stationary_options late = plain;
    fs_err err = { 0 };
    late.t_end = (double)NAN;
    assert_fails(fs_stationary_find(&s, p, FS_FLOW_AUGMENTED, 0.3, bad, &plain, &err), FS_ENAN, err, "not finite");
    assert_fails(fs_stationary_newton(&s, p, FS_FLOW_AUGMENTED, 0.3, bad, 0, NULL, &plain, &err), FS_ENAN, err, "not finite");
    assert_fails(fs_stationary_find(&s, p, FS_FLOW_AUGMENTED, -1.0, w, &plain, &err), FS_EINPUT, err, "gamma");
    assert_fails(fs_stationary_find(&s, p, FS_FLOW_AUGMENTED, (double)NAN, w, &plain, &err), FS_EINPUT, err, "gamma");
    assert_fails(fs_stationary_find(&s, p, FS_FLOW_COUNT, 0.3, w, &plain, &err), FS_EINPUT, err, "three flows");
    assert_fails(fs_stationary_find(&s, p, FS_FLOW_AUGMENTED, 0.3, w, &late, &err), FS_EINPUT, err, "end time");
    assert_fails(fs_stationary_newton(&s, p, FS_FLOW_AUGMENTED, 0.3, w, 1, (const fs_stationary *const *)&known, &plain, &err), FS_EINPUT, err,
                 "dimension 2, found 3");
    assert_null(s);
    fs_stationary_destroy(known);
    fs_stationary_destroy(NULL);
    fs_problem_destroy(p);
    fs_problem_destroy(other);
}

static void a_start_known_already_finds_nothing(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_stationary *known = find_from(p, FS_FLOW_EQUIVARIANT, 0.0, (const double[2]){ 1.0, 0.0 }, plain), *s = NULL;
    fs_err err = { 0 };
    assert_ok(fs_stationary_newton(&s, p, FS_FLOW_EQUIVARIANT, 0.0, known->w, 1, (const fs_stationary *const *)&known, &plain, &err), err);
    assert_int_equal(s->outcome, FS_SEARCH_UNREACHED);
    assert_true(strstr(s->note, "known already") != NULL);
    fs_stationary_destroy(s);
    fs_stationary_destroy(known);
    fs_problem_destroy(p);
}

static fs_stationary *made(double x, double risk)
{
    fs_stationary *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->dim = 1;
    s->risk = risk;
    s->w = calloc(1, sizeof *s->w);
    assert_non_null(s->w);
    s->w[0] = x;
    return s;
}

static void a_list_keeps_each_point_once_by_risk(void **state)
{
    (void)state;
    fs_stationary_set set = { 0 };
    assert_int_equal(fs_stationary_set_add(&set, made(1.0, 0.5)), 1);
    assert_int_equal(fs_stationary_set_add(&set, made(1.0 + 1e-7, 0.4)), 0);
    assert_int_equal(fs_stationary_set_add(&set, made(1.0 + 1e-5, 0.4)), 1);
    assert_int_equal(fs_stationary_set_add(&set, made(-1.0, 0.5)), 1);
    assert_int_equal(fs_stationary_set_add(&set, made(3.0, 0.1)), 1);
    assert_int_equal(set.count, 4);
    assert_near(set.point[0]->w[0], 3.0, 0.0);
    assert_near(set.point[1]->w[0], 1.0 + 1e-5, 0.0);
    assert_near(set.point[2]->w[0], 1.0, 0.0);
    assert_near(set.point[3]->w[0], -1.0, 0.0);
    fs_stationary *nowhere = made((double)NAN, 0.0);
    assert_false(fs_stationary_same(nowhere, nowhere));
    fs_stationary_destroy(nowhere);
    fs_stationary_set_clear(&set);
}

/* tanh to the last bit 1 or -1: gradient and Hessian are 0, and nothing is stationary */
static void saturated_units_are_no_stationary_point(void **state)
{
    (void)state;
    fs_problem *p = load_model("tanh_swap", NULL, NULL, NULL);
    const double w[2] = { 40.0, 1.0 };
    fs_stationary *far = find_from(p, FS_FLOW_AUGMENTED, 0.0, w, plain), *alone = newton_from(p, FS_FLOW_AUGMENTED, 0.0, w);
    assert_true(far->outcome != FS_SEARCH_FOUND || far->size < 40.0);
    assert_true(alone->outcome != FS_SEARCH_FOUND || alone->size < 40.0);
    fs_stationary_destroy(far);
    fs_stationary_destroy(alone);
    fs_stationary_set set = { 0 };
    fs_err err = { 0 };
    assert_ok(fs_stationary_search(&set, p, FS_FLOW_AUGMENTED, 0.0, 24, 1, &plain, &err), err);
    assert_true(set.count >= 3);
    for (size_t k = 0; k < set.count; k++) assert_at_most(set.point[k]->size, 10.0);
    fs_stationary_set_clear(&set);
    fs_problem_destroy(p);
}

/* Points of the set at which a search that is not saturated can be: all near the origin, and the one on E with tanh(sqrt2 u) = t among them. */
static void assert_near_the_origin(const fs_problem *p, fs_flow_kind kind, double gamma)
{
    fs_stationary_set set = search(p, kind, gamma, 20);
    assert_true(set.count >= 1);
    for (size_t k = 0; k < set.count; k++) assert_at_most(set.point[k]->size, 10.0);
    fs_stationary_set_clear(&set);
}

/* grad ~ e^(-2 sqrt2 |u|): below rounding from u = 13 on, exactly 0 from 27 on; the penalty keeps the curvature across E large there */
static void saturation_is_seen_beside_a_penalty(void **state)
{
    (void)state;
    fs_problem *p = load_model("tanh_swap_pitchfork", NULL, NULL, NULL), *q = load_model("tanh_swap", NULL, NULL, NULL);
    for (double u = 13.0; u < 60.0; u *= 1.3)
        for (double gamma = 0.0; gamma < 0.5; gamma += 0.2) {
            const double w[2] = { -u, 0.0 };
            fs_stationary *s = newton_from(p, FS_FLOW_AUGMENTED, gamma, w);
            assert_true(s->outcome != FS_SEARCH_FOUND || s->size < 10.0);
            fs_stationary_destroy(s);
            s = find_from(p, FS_FLOW_AUGMENTED, gamma, w, plain);
            assert_true(s->outcome != FS_SEARCH_FOUND || s->size < 10.0);
            fs_stationary_destroy(s);
        }
    assert_near_the_origin(p, FS_FLOW_AUGMENTED, 0.2);
    assert_near_the_origin(q, FS_FLOW_NOMINAL, 0.2);
    fs_problem_destroy(p);
    fs_problem_destroy(q);
}

/* Far out and free along u, but alike on both sides: a risk that is constant, and u^4 with its minimum at 0. */
static void flat_points_far_out_are_no_saturation(void **state)
{
    (void)state;
    fs_problem *p = load_model("wrong_rep", NULL, NULL, NULL), *q = load_model("toy_quartic", "data.targets=[[0]]", NULL, NULL);
    for (double u = 1e-3; u < 1e7; u *= 100.0) {
        fs_stationary *s = find_from(p, FS_FLOW_EQUIVARIANT, 0.0, (const double[2]){ u, 0.0 }, plain);
        assert_int_equal(s->outcome, FS_SEARCH_FOUND);
        assert_near(s->w[0], u, 0.0);
        fs_stationary_destroy(s);
    }
    fs_stationary *s = newton_from(q, FS_FLOW_EQUIVARIANT, 0.0, (const double[2]){ 0.5, 0.0 });
    assert_true(s->outcome != FS_SEARCH_RUNAWAY);
    fs_stationary_destroy(s);
    fs_problem_destroy(p);
    fs_problem_destroy(q);
}

/* u^2 = y: |w| grows a hundredfold and more on the way to a minimum, from starts near 30 to 3162 and from 1 to 3e4 */
static void a_minimum_far_from_the_start_is_no_runaway(void **state)
{
    (void)state;
    static const char *const targets[] = { "data.targets=[[1e7], [0]]", "data.targets=[[1e9], [1]]" };
    for (size_t i = 0; i < 2; i++) {
        fs_problem *p = load_model("pitchfork", targets[i], i ? "start.scale=1" : "start.scale=30", NULL);
        const double root = i ? sqrt(1e9) : sqrt(1e7);
        for (uint64_t seed = 1; seed < 6; seed++) {
            fs_stationary *s = find(p, FS_FLOW_EQUIVARIANT, 0.0, seed, 0.1);
            assert_int_equal(s->outcome, FS_SEARCH_FOUND);
            assert_near(fabs(s->w[0]), root, 1e-14 * root);
            fs_stationary_destroy(s);
        }
        fs_problem_destroy(p);
    }
}

static void outcomes_have_names(void **state)
{
    (void)state;
    static const char *const expected[] = { "found", "separable", "runaway", "unreached", "stopped", "unknown" };
    for (int k = 0; k <= FS_SEARCH_COUNT; k++) assert_string_equal(fs_search_name((fs_search)k), expected[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sine_toy_is_stationary_at_multiples_of_pi),
        cmocka_unit_test(quartic_toy_has_three_on_E),
        cmocka_unit_test(quartic_toy_has_nine_in_L),
        cmocka_unit_test(pitchfork_has_nine_in_L),
        cmocka_unit_test(third_turns_have_two_radii),
        cmocka_unit_test(linear_network_settles_on_a_continuum),
        cmocka_unit_test(stationary_on_E_is_stationary_in_L),
        cmocka_unit_test(incompatible_spaces_break_it),
        cmocka_unit_test(separated_data_have_no_stationary_point),
        cmocka_unit_test(escape_along_a_valley_is_suspected),
        cmocka_unit_test(a_start_that_is_stationary_stays),
        cmocka_unit_test(a_point_is_stationary),
        cmocka_unit_test(saddles_on_the_way_are_passed),
        cmocka_unit_test(a_minimum_without_curvature_is_found_with_its_error),
        cmocka_unit_test(a_request_stops_every_search),
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(a_start_known_already_finds_nothing),
        cmocka_unit_test(a_list_keeps_each_point_once_by_risk),
        cmocka_unit_test(saturated_units_are_no_stationary_point),
        cmocka_unit_test(saturation_is_seen_beside_a_penalty),
        cmocka_unit_test(flat_points_far_out_are_no_saturation),
        cmocka_unit_test(a_minimum_far_from_the_start_is_no_runaway),
        cmocka_unit_test(outcomes_have_names),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
