/* tests/test_phase.c -- the phase plane of a flow against closed forms, naive twins and the flow itself
 *
 *   CF1   R^aug = (1 - cos(sqrt2 u) cos(sqrt2 v)) / 4                                         toy_sine
 *   CF2   R^aug = (u^4 + 6 u^2 v^2 + v^4) / 8 - (u^2 + v^2) / 2 + 1/2                          toy_quartic
 *   CF3   R^aug = ((u^2 - 1)^2 + (v^2 - 1)^2) / 4                                              pitchfork
 *   CF10  f = tanh(w . x) on (1, 1), (1 + d, 1 - d)                                            tanh_swap, tanh_swap_pitchfork
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "law.h"

#include "experiment/phase.h"
#include "flows.h"
#include "folder.h"
#include "integrate/trajectory.h"
#include "model_text.h"

#include <gsl/gsl_errno.h>
#include <limits.h>

enum { DRAWS = 4, DRAWS_SINE = 3 };
static const double rounding = 1e-9, pi = 3.14159265358979323846;
static const uint64_t one = 1;

static fs_phase_options options_of(const fs_problem *p)
{
    const fs_flow_settings *settings = fs_problem_settings(p);
    return (fs_phase_options){ .kind = FS_FLOW_AUGMENTED, .n_seed = 1, .seed = &one, .tube = -1.0, .method = settings->method, .solver = settings->solver,
                               .threads = 1, .keep_limit = (size_t)1 << 26 };
}

static fs_phase *compute(const fs_problem *p, const fs_phase_options *o)
{
    fs_phase *phase = NULL;
    fs_err err = { .text = "" };
    assert_ok(fs_phase_compute(&phase, p, o, &err), err);
    assert_false(phase->stopped);
    return phase;
}

static fs_phase *at_gammas(const fs_problem *p, size_t n, const double *gamma, const double *window)
{
    fs_phase_options o = options_of(p);
    o.n_gamma = n;
    o.gamma = gamma;
    o.window = window;
    return compute(p, &o);
}

/* The point of the panel at (a, b), which must be there. */
static fs_phase_point point_at(const fs_phase_panel *panel, double a, double b, double tolerance)
{
    for (size_t i = 0; i < panel->n_points; i++)
        if (fabs(panel->point[i].place[0] - a) <= tolerance && fabs(panel->point[i].place[1] - b) <= tolerance) return panel->point[i];
    print_error("gamma = %g: no point at (%.15g, %.15g)\n", panel->gamma, a, b);
    fail();
    return (fs_phase_point){ .kind = FS_POINT_UNKNOWN };
}

/* Eigenvalues of the symmetric ((p, q), (q, r)). */
static void eigenvalues(double p, double q, double r, double *lowest, double *highest)
{
    double middle = 0.5 * (p + r), root = hypot(0.5 * (p - r), q);
    *lowest = middle - root;
    *highest = middle + root;
}

static fs_point kind_of(double lowest, double highest)
{
    return lowest > 0.0 ? FS_POINT_MINIMUM : highest < 0.0 ? FS_POINT_MAXIMUM : FS_POINT_SADDLE;
}

/* One listed point at (a, b), with these eigenvalues. */
static void assert_listed(const fs_phase_panel *panel, double a, double b, double lowest, double highest)
{
    const fs_phase_point found = point_at(panel, a, b, 1e-9), *q = &found;
    assert_near(q->lowest, lowest, rounding);
    assert_near(q->highest, highest, rounding);
    assert_at_most(q->error, rounding);
    assert_int_equal(q->kind, kind_of(lowest, highest));
    assert_int_equal(q->inertia.negative, (lowest < 0.0) + (highest < 0.0));
    assert_int_equal(q->inertia.positive, (lowest > 0.0) + (highest > 0.0));
    assert_near(q->distance, fabs(b), rounding);
    assert_at_most(q->residual, rounding);
}

/* --- stationary points in closed form ----------------------------------------------------------- */

typedef struct { double u, v, lowest, highest; } expected_point;

static size_t add_sine_point(expected_point *list, size_t n, const double window[4], double gamma, double u, double v)
{
    if (!(u > window[0] && u < window[1] && v > window[2] && v < window[3])) return n;
    double c = 0.5 * cos(sqrt(2.0) * u) * cos(sqrt(2.0) * v), s = -0.5 * sin(sqrt(2.0) * u) * sin(sqrt(2.0) * v);
    list[n] = (expected_point){ .u = u, .v = v };
    eigenvalues(c, -s, c + gamma, &list[n].lowest, &list[n].highest);
    return n + 1;
}

/* Either sin(sqrt2 u) = 0 and cos(sqrt2 u) sin(sqrt2 v) sqrt2 / 4 + gamma v = 0, or cos(sqrt2 v) = 0 and cos(sqrt2 u) sin(sqrt2 v) sqrt2 / 4 + gamma v = 0. */
static size_t sine_points(expected_point *list, double gamma, const double window[4])
{
    enum { SCAN = 4001 };
    const double root = sqrt(2.0);
    size_t n = 0;
    for (int m = -7; m <= 7; m++) {
        double s = m % 2 ? -1.0 : 1.0, from = window[2], F = s * root / 4.0 * sin(root * from) + gamma * from;
        for (int i = 1; i <= SCAN; i++) {
            double to = window[2] + (window[3] - window[2]) * i / SCAN, G = s * root / 4.0 * sin(root * to) + gamma * to, a = from, b = to;
            for (int k = 0; k < 80 && (F < 0.0) != (G < 0.0); k++) {
                double middle = 0.5 * (a + b);
                if ((s * root / 4.0 * sin(root * middle) + gamma * middle < 0.0) == (F < 0.0)) a = middle;
                else b = middle;
            }
            if ((F < 0.0) != (G < 0.0)) n = add_sine_point(list, n, window, gamma, m * pi / root, 0.5 * (a + b));
            from = to;
            F = G;
        }
    }
    for (int k = -7; k < 7; k++) {
        double v = (k + 0.5) * pi / root, c = -gamma * v * 4.0 / (root * sin(root * v));
        if (!(fabs(c) < 1.0)) continue;
        for (int m = -4; m <= 4; m++)
            for (int sign = -1; sign <= 1; sign += 2) n = add_sine_point(list, n, window, gamma, (2.0 * pi * m + sign * acos(c)) / root, v);
    }
    return n;
}

/* none missed, none made up, each with its kind and its eigenvalues */
static void all_stationary_points_of_the_sine_toy_are_found(void **state)
{
    (void)state;
    static const double gamma[] = { 0.0, 0.03, 0.1, 0.2, 0.31, 0.6 }, windows[][4] = { { -3.1, 3.4, -3.3, 3.2 }, { -1.0, 6.0, -0.7, 4.9 } };
    expected_point list[200];
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    for (size_t w = 0; w < 2; w++) {
        fs_phase *phase = at_gammas(p, 6, gamma, windows[w]);
        assert_true(phase->exact);
        assert_false(phase->chosen);
        assert_string_equal(phase->gamma_text, "");
        for (size_t i = 0; i < 6; i++) {
            size_t n = sine_points(list, gamma[i], windows[w]);
            assert_true(n > 0);
            for (size_t j = 0; j < n; j++) assert_listed(&phase->panel[i], list[j].u, list[j].v, list[j].lowest, list[j].highest);
            assert_int_equal(phase->panel[i].n_points, n);
            assert_false(phase->panel[i].more_points);
        }
        fs_phase_destroy(phase);
    }
    fs_problem_destroy(p);
}

static void assert_quartic_point(const fs_phase_panel *panel, double u, double v)
{
    double lowest, highest;
    eigenvalues(1.5 * u * u + 1.5 * v * v - 1.0, 3.0 * u * v, 1.5 * v * v + 1.5 * u * u - 1.0 + panel->gamma, &lowest, &highest);
    assert_listed(panel, u, v, lowest, highest);
}

/* (0, 0), (+-sqrt 2, 0), (0, +-sqrt(2 - 2 gamma)) for gamma < 1, and u^2 = (4 - 6 gamma) / 8, v^2 = (4 + 2 gamma) / 8 for gamma < 2/3 */
static void all_stationary_points_of_the_quartic_toy_are_found(void **state)
{
    (void)state;
    static const double gamma[] = { 0.0, 0.3, 0.6665, 0.8, 0.999, 1.2 };
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_phase *phase = at_gammas(p, 6, gamma, NULL);
    for (size_t i = 0; i < 6; i++) {
        const fs_phase_panel *panel = &phase->panel[i];
        size_t n = 3;
        assert_quartic_point(panel, 0.0, 0.0);
        for (int a = -1; a <= 1; a += 2) {
            assert_quartic_point(panel, a * sqrt(2.0), 0.0);
            if (gamma[i] < 1.0) assert_quartic_point(panel, 0.0, a * sqrt(2.0 - 2.0 * gamma[i]));
            for (int b = -1; b <= 1 && gamma[i] < 2.0 / 3.0; b += 2)
                assert_quartic_point(panel, a * sqrt((4.0 - 6.0 * gamma[i]) / 8.0), b * sqrt((4.0 + 2.0 * gamma[i]) / 8.0));
        }
        n += (gamma[i] < 1.0 ? 2u : 0u) + (gamma[i] < 2.0 / 3.0 ? 4u : 0u);
        assert_int_equal(panel->n_points, n);
    }
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
}

/* CF3: v^2 = 1 - gamma below gamma_c = 1, a saddle on E turns into a minimum; at gamma_c second derivatives decide nothing */
static void at_the_pitchfork_itself_the_point_is_degenerate(void **state)
{
    (void)state;
    static const double gamma[] = { 0.5, 0.99, 1.0, 1.01, 2.0 }, window[] = { -1.3, 1.2, -1.1, 1.15 };
    fs_problem *p = load_model("pitchfork", NULL, NULL, NULL);
    fs_phase *phase = at_gammas(p, 5, gamma, window);
    for (size_t i = 0; i < 5; i++) {
        const fs_phase_panel *panel = &phase->panel[i];
        double below = 1.0 - gamma[i];
        if (below != 0.0) {
            assert_listed(panel, 1.0, 0.0, below > 0.0 ? -below : -below < 2.0 ? -below : 2.0, 2.0);
            assert_listed(panel, -1.0, 0.0, -below, 2.0);
            for (int b = -1; b <= 1 && below > 0.0; b += 2) assert_listed(panel, 1.0, b * sqrt(below), 2.0 * below, 2.0);
            assert_int_equal(panel->n_points, below > 0.0 ? 9 : 3);
            continue;
        }
        for (int a = -1; a <= 1; a += 2) {
            const fs_phase_point found = point_at(panel, a, 0.0, 1e-4), *q = &found;
            assert_int_equal(q->kind, FS_POINT_DEGENERATE);
            assert_int_equal(q->inertia.undecided, 1);
            assert_true(fabs(q->lowest) <= q->error);
        }
        assert_int_equal(panel->n_points, 3);
    }
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
}

/* --- none missed: many gammas, random windows ---------------------------------------------------------- */

static size_t add_expected(expected_point *list, size_t n, const double window[4], double u, double v, double p, double q, double r)
{
    if (!(u > window[0] && u < window[1] && v > window[2] && v < window[3])) return n;
    list[n] = (expected_point){ .u = u, .v = v };
    eigenvalues(p, q, r, &list[n].lowest, &list[n].highest);
    return n + 1;
}

static size_t quartic_points(expected_point *list, double gamma, const double window[4])
{
    double place[9][2] = { { 0.0, 0.0 }, { sqrt(2.0), 0.0 }, { -sqrt(2.0), 0.0 } };
    size_t n = 0, all = 3;
    for (int a = -1; a <= 1; a += 2) {
        if (gamma < 1.0) place[all][0] = 0.0, place[all++][1] = a * sqrt(2.0 - 2.0 * gamma);
        for (int b = -1; b <= 1 && gamma < 2.0 / 3.0; b += 2) place[all][0] = a * sqrt((4.0 - 6.0 * gamma) / 8.0), place[all++][1] = b * sqrt((4.0 + 2.0 * gamma) / 8.0);
    }
    for (size_t i = 0; i < all; i++) {
        double u = place[i][0], v = place[i][1], square = 1.5 * u * u + 1.5 * v * v - 1.0;
        n = add_expected(list, n, window, u, v, square, 3.0 * u * v, square + gamma);
    }
    return n;
}

static size_t pitchfork_points(expected_point *list, double gamma, const double window[4])
{
    size_t n = 0;
    for (int a = -1; a <= 1; a++)
        for (int b = -1; b <= 1; b++) {
            double v = gamma < 1.0 ? b * sqrt(1.0 - gamma) : 0.0;
            if (!b || gamma < 1.0) n = add_expected(list, n, window, a, v, 3.0 * a * a - 1.0, 0.0, 3.0 * v * v - 1.0 + gamma);
        }
    return n;
}

/* The points alone: a start on E is followed for a moment and not judged. */
static fs_phase *points_at(const fs_problem *p, double gamma, const double *window)
{
    static const double on_E[] = { 0.0 };
    fs_phase_options o = options_of(p);
    o.n_gamma = o.n_distance = 1;
    o.gamma = &gamma;
    o.distance = on_E;
    o.window = window;
    o.t_end = 0.01;
    return compute(p, &o);
}

typedef size_t closed_form(expected_point *list, double gamma, const double window[4]);

/* Those next to the edge or without a curvature to speak of are left out of the law: the window is drawn again. */
static int is_clear(size_t n, const expected_point *list, const double window[4])
{
    for (size_t i = 0; i < n; i++) {
        double x[2] = { list[i].u, list[i].v };
        for (int side = 0; side < 4; side++)
            if (fabs(x[side / 2] - window[side]) < 1e-6 * (window[side / 2 * 2 + 1] - window[side / 2 * 2])) return 0;
        if (fabs(list[i].lowest) < 1e-6 || fabs(list[i].highest) < 1e-6) return 0;
    }
    return 1;
}

/* A place known within rounding over the smaller curvature. */
static void assert_all_listed(const fs_phase_panel *panel, size_t n, const expected_point *list, const double window[4])
{
    if (panel->n_points != n || panel->more_points)
        print_error("gamma = %.17g, window %.17g %.17g %.17g %.17g: %zu points of %zu%s\n", panel->gamma, window[0], window[1], window[2], window[3], panel->n_points, n,
                    panel->more_points ? " and more" : "");
    for (size_t i = 0; i < n; i++) {
        double least = fabs(list[i].lowest) < fabs(list[i].highest) ? fabs(list[i].lowest) : fabs(list[i].highest);
        fs_phase_point q = point_at(panel, list[i].u, list[i].v, 1e-9 + 1e3 * DBL_EPSILON / least);
        assert_int_equal(q.kind, kind_of(list[i].lowest, list[i].highest));
    }
    assert_int_equal(panel->n_points, n);
    assert_false(panel->more_points);
}

/* Corners around (0, 0) or beside it, sides from `least` to `most` by powers. */
static void random_window(gsl_rng *rng, double least, double most, double window[4])
{
    for (int axis = 0; axis < 2; axis++) {
        double width = least * pow(most / least, gsl_rng_uniform(rng)), at = gsl_rng_uniform(rng);
        window[2 * axis] = -at * width;
        window[2 * axis + 1] = (1.0 - at) * width;
    }
}

/* Next to a critical value, from either side by powers of ten down to 1e-5, or anywhere. */
static double random_gamma(gsl_rng *rng, size_t n, const double *critical, double most)
{
    if (gsl_rng_uniform(rng) < 0.4) return most * gsl_rng_uniform(rng);
    double far = pow(10.0, -5.0 + 4.0 * gsl_rng_uniform(rng)), at = critical[gsl_rng_uniform_int(rng, n)];
    return gsl_rng_uniform(rng) < 0.3 ? at + far : at - far;
}

static void assert_none_missed(const char *name, closed_form *points, size_t n_critical, const double *critical, double highest, double least, double most, int draws)
{
    static expected_point list[400];
    gsl_rng *rng = law_rng(name);
    fs_problem *p = load_model(name, NULL, NULL, NULL);
    for (int draw = 0; draw < draws; draw++) {
        double gamma, window[4];
        size_t n;
        do {
            gamma = random_gamma(rng, n_critical, critical, highest);
            random_window(rng, least, most, window);
            n = points(list, gamma, window);
        } while (!is_clear(n, list, window));
        fs_phase *phase = points_at(p, gamma, window);
        assert_all_listed(&phase->panel[0], n, list, window);
        fs_phase_destroy(phase);
    }
    fs_problem_destroy(p);
    gsl_rng_free(rng);
}

/* pitchforks at pi gamma (2 k + 1) = 1, folds of v between them */
static void none_of_the_sine_toy_is_missed(void **state)
{
    (void)state;
    static const double critical[] = { 0.318309886183790672, 0.106103295394596891, 0.0636619772367581343, 0.5, 0.108616815 };
    assert_none_missed("toy_sine", sine_points, 5, critical, 0.7, 0.5, 14.0, DRAWS_SINE);
}

static void none_of_the_quartic_toy_is_missed(void **state)
{
    (void)state;
    static const double critical[] = { 0.666666666666666667, 1.0 };
    assert_none_missed("toy_quartic", quartic_points, 2, critical, 1.5, 0.1, 1e6, DRAWS);
}

static void none_of_the_pitchfork_is_missed(void **state)
{
    (void)state;
    static const double critical[] = { 1.0 };
    assert_none_missed("pitchfork", pitchfork_points, 1, critical, 1.5, 0.1, 1e6, DRAWS);
}

/* where the grid holds all that there is in one cell, or most of it is a plateau below the smallest double */
static void points_are_found_in_windows_far_too_large(void **state)
{
    (void)state;
    static const struct { const char *name; double gamma, window[4]; size_t points; } rows[] = {
        { "toy_quartic", 0.6665, { -3.0, 3.0, -3.0, 3.0 }, 9 },         { "toy_quartic", 0.66657, { -3.0, 3.0, -3.0, 3.0 }, 9 },
        { "toy_quartic", 0.0, { -1e6, 1e6, -1e6, 1e6 }, 9 },            { "tanh_swap_pitchfork", 1.3106, { -5.13, 7.9, -6.05, 7.77 }, 3 },
        { "pitchfork", 0.99999, { -2.13, 2.9, -3.05, 1.77 }, 9 },       { "tanh_swap", 0.1, { -0.1, 1.0, -1000.0, 1000.0 }, 5 },
        { "tanh_swap", 0.0, { -20.0, 20.0, -20.0, 20.0 }, 3 },          { "toy_sine", 0.3183, { -7.0, 7.0, -7.0, 7.0 }, 31 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fs_problem *p = load_model(rows[i].name, NULL, NULL, NULL);
        fs_phase *phase = points_at(p, rows[i].gamma, rows[i].window);
        assert_int_equal(phase->panel[0].n_points, rows[i].points);
        fs_phase_destroy(phase);
        fs_problem_destroy(p);
    }
}

/* CF10: one pair of attractors off E up to its fold; their indices and that of E's minimum add up to 1 */
static void none_of_tanh_swap_is_missed(void **state)
{
    (void)state;
    const double fold = 0.53768;
    gsl_rng *rng = law_rng("tanh_swap");
    fs_problem *p = load_model("tanh_swap", NULL, NULL, NULL);
    for (int draw = 0; draw < DRAWS; draw++) {
        double gamma = gsl_rng_uniform(rng) < 0.5 ? 0.03 + 0.9 * gsl_rng_uniform(rng) : fold - pow(10.0, -4.0 + 3.0 * gsl_rng_uniform(rng)), window[4];
        if (fabs(gamma - fold) < 5e-5) continue;
        for (int side = 0; side < 4; side++) window[side] = (side % 2 ? 1.0 : -1.0) * 2.5 * pow(400.0, gsl_rng_uniform(rng));
        fs_phase *phase = points_at(p, gamma, window);
        const fs_phase_panel *panel = &phase->panel[0];
        if (panel->n_points != (gamma < fold ? 5 : 1)) print_error("gamma = %.17g, window %.17g %.17g %.17g %.17g: %zu points\n", gamma, window[0], window[1], window[2], window[3], panel->n_points);
        assert_int_equal(panel->n_points, gamma < fold ? 5 : 1);
        size_t minima = 0, saddles = 0;
        for (size_t i = 0; i < panel->n_points; i++) {
            minima += panel->point[i].kind == FS_POINT_MINIMUM;
            saddles += panel->point[i].kind == FS_POINT_SADDLE;
        }
        assert_int_equal(minima, gamma < fold ? 3 : 1);
        assert_int_equal(saddles, gamma < fold ? 2 : 0);
        fs_phase_destroy(phase);
    }
    fs_problem_destroy(p);
    gsl_rng_free(rng);
}

/* 20000 stationary points and more in the window: as many as can be listed, of every kind, and the panel says that there are more */
static void too_many_points_are_thinned_evenly(void **state)
{
    (void)state;
    static const double window[] = { -150.0, 160.0, -155.0, 155.0 };
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_phase *phase = points_at(p, 0.0, window);
    const fs_phase_panel *panel = &phase->panel[0];
    size_t of_kind[FS_POINT_COUNT] = { 0 }, quarter[4] = { 0 };
    for (size_t i = 0; i < panel->n_points; i++) {
        of_kind[panel->point[i].kind]++;
        quarter[(panel->point[i].place[0] > 5.0) + 2 * (panel->point[i].place[1] > 0.0)]++;
    }
    assert_int_equal(panel->n_points, 256);
    assert_true(panel->more_points);
    assert_true(of_kind[FS_POINT_MINIMUM] >= 32 && of_kind[FS_POINT_MAXIMUM] >= 32 && of_kind[FS_POINT_SADDLE] >= 64);
    for (int i = 0; i < 4; i++) assert_true(quarter[i] >= 32);
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
}

/* u -> R g u rotates the plane of rotations_so3, whose minima are a sphere: the path comes to rest in the plane, where Newton from elsewhere slides off it */
static void the_end_of_a_path_in_the_plane_is_a_point(void **state)
{
    (void)state;
    static const double gamma[] = { 0.0 };
    fs_problem *p = load_model("rotations_so3", NULL, NULL, NULL);
    fs_phase *phase = at_gammas(p, 1, gamma, NULL);
    const fs_phase_path *path = &phase->panel[0].path[0];
    const double *end = path->place + 2 * (path->n - 1);
    assert_false(phase->exact);
    fs_phase_point q = point_at(&phase->panel[0], end[0], end[1], 1e-6 * (phase->window[1] - phase->window[0]));
    assert_int_equal(q.kind, FS_POINT_DEGENERATE);
    assert_int_equal(q.inertia.negative, 0);
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
}

/* the gradient of the linear model vanishes on its plane of lowest eigenvectors, which are null vectors; off it and with gamma it does not */
static void a_field_of_rounding_has_no_streamlines(void **state)
{
    (void)state;
    static const double gamma[] = { 0.0, 0.5 };
    fs_problem *p = load_model("cyclic_linear", NULL, NULL, NULL);
    fs_phase *phase = at_gammas(p, 2, gamma, NULL);
    assert_true(phase->panel[0].still);
    assert_int_equal(phase->panel[0].streamlines->n, 0);
    assert_false(phase->panel[1].still);
    assert_true(phase->panel[1].streamlines->n > 0);
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
    p = load_model("toy_quartic", NULL, NULL, NULL);
    static const double window[] = { -1e-7, 1e-7, -1e-7, 1e-7 };
    phase = at_gammas(p, 2, gamma, window);             /* |F| up to 1e-7, its rounding 1e-23 */
    for (int i = 0; i < 2; i++) assert_true(!phase->panel[i].still && phase->panel[i].streamlines->n > 0);
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
}

/* the nominal risk of tanh_swap is not symmetric; the augmented one is, but in sheared coordinates the flow leaves E all the same */
static void E_is_kept_by_the_augmented_flow_in_orthonormal_coordinates(void **state)
{
    (void)state;
    static const struct { const char *name; fs_flow_kind kind; int kept; } rows[] = {
        { "tanh_swap", FS_FLOW_AUGMENTED, 1 }, { "tanh_swap", FS_FLOW_NOMINAL, 0 }, { "atlas/sheared", FS_FLOW_AUGMENTED, 0 },
    };
    static const double gamma[] = { 0.3 }, window[] = { -0.8, 1.1, -0.7, 0.9 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fs_problem *p = load_model(rows[i].name, "flow.t_end=10", NULL, NULL);
        fs_phase_options o = options_of(p);
        o.kind = rows[i].kind;
        o.n_gamma = 1;
        o.gamma = gamma;
        o.window = window;
        fs_phase *phase = compute(p, &o);
        assert_int_equal(phase->E, FS_E_LINE);
        assert_int_equal(phase->E_kept, rows[i].kept);
        fs_phase_destroy(phase);
        fs_problem_destroy(p);
    }
}

/* CF10 next to its fold, on a grid whose cells hold an attractor and its saddle together */
static void pairs_next_to_a_fold_are_told_apart(void **state)
{
    (void)state;
    static const double gamma[] = { 0.53, 0.537, 0.5376 }, window[] = { -16.0, 24.0, -21.0, 19.0 };
    fs_problem *p = load_model("tanh_swap", NULL, NULL, NULL);
    fs_phase *phase = at_gammas(p, 3, gamma, window);
    for (size_t i = 0; i < 3; i++) {
        size_t minima = 0, saddles = 0;
        for (size_t j = 0; j < phase->panel[i].n_points; j++) {
            const fs_phase_point *q = &phase->panel[i].point[j];
            if (q->distance > 0.25 && q->distance < 0.45) {
                minima += q->kind == FS_POINT_MINIMUM;
                saddles += q->kind == FS_POINT_SADDLE;
            }
        }
        assert_int_equal(minima, 2);
        assert_int_equal(saddles, 2);
    }
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
}

/* CF10: minimum on E at tanh(sqrt2 p) = t, curvatures 2 (1 - t^2)^2 and d^2 (1 - t^2)^2 (1 - 3 t) + gamma */
static void assert_on_E(const fs_phase_panel *panel, double t)
{
    double s = (1.0 - t * t) * (1.0 - t * t), along = 2.0 * s, across = 4.0 * s * (1.0 - 3.0 * t) + panel->gamma;
    assert_listed(panel, atanh(t) / sqrt(2.0), 0.0, along < across ? along : across, along < across ? across : along);
}

static void assert_kind_at(const fs_phase_panel *panel, double a, double b, fs_point kind)
{
    for (int sign = -1; sign <= 1; sign += 2) {
        const fs_phase_point found = point_at(panel, a, sign * b, 1e-5), *q = &found;
        assert_int_equal(q->kind, kind);
    }
}

static void tanh_swap_is_bistable_up_to_its_fold(void **state)
{
    (void)state;
    static const double gamma[] = { 0.1, 0.5, 0.5376, 0.538, 1.0 };
    fs_problem *p = load_model("tanh_swap", NULL, NULL, NULL);
    fs_phase *phase = at_gammas(p, 5, gamma, NULL);
    for (size_t i = 0; i < 5; i++) {
        assert_on_E(&phase->panel[i], 0.2);
        assert_int_equal(phase->panel[i].n_points, gamma[i] < 0.5377 ? 5 : 1);
    }
    assert_kind_at(&phase->panel[0], 0.84775, 0.73918, FS_POINT_MINIMUM);
    assert_kind_at(&phase->panel[1], 0.49535, 0.38432, FS_POINT_MINIMUM);
    assert_kind_at(&phase->panel[1], 0.38217, 0.28235, FS_POINT_SADDLE);
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
}

static void tanh_swap_pitchfork_has_its_attractors_off_E(void **state)
{
    (void)state;
    static const double gamma[] = { 0.1, 0.5, 1.0, 1.35 }, window[] = { -0.2, 1.2, -0.9, 0.9 };
    fs_problem *p = load_model("tanh_swap_pitchfork", NULL, NULL, NULL);
    fs_phase *phase = at_gammas(p, 4, gamma, window);
    for (size_t i = 0; i < 4; i++) {
        assert_on_E(&phase->panel[i], 0.6);
        assert_int_equal(phase->panel[i].n_points, gamma[i] < 1.31 ? 3 : 1);
    }
    assert_kind_at(&phase->panel[0], 0.92891, 0.70727, FS_POINT_MINIMUM);
    assert_kind_at(&phase->panel[1], 0.67196, 0.39311, FS_POINT_MINIMUM);
    assert_kind_at(&phase->panel[2], 0.55099, 0.20135, FS_POINT_MINIMUM);
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
}

/* E = {p = 0} of wrong_rep is stationary throughout, R^aug = (q p^2 - 1)^2 / 2: points of a continuum are listed apart, and none is a minimum */
static void a_continuum_is_thinned_and_never_a_minimum(void **state)
{
    (void)state;
    static const double gamma[] = { 0.0, 1.0 }, window[] = { -0.7, 2.1, -1.5, 1.5 };
    fs_problem *p = load_model("wrong_rep", "flow.t_end=100", NULL, NULL);
    fs_phase *phase = at_gammas(p, 2, gamma, window);
    for (size_t i = 0; i < 2; i++) {
        const fs_phase_panel *panel = &phase->panel[i];
        assert_true(panel->more_points);
        assert_int_equal(panel->n_separatrices, 0);
        assert_true(panel->n_points >= 8 && panel->n_points < 64);
        for (size_t j = 0; j < panel->n_points; j++) {
            const fs_phase_point *q = &panel->point[j];
            assert_true(q->inertia.undecided > 0);
            assert_int_equal(q->kind, q->inertia.negative ? FS_POINT_SADDLE : FS_POINT_DEGENERATE);
            if (q->distance < 1e-6 && fabs(panel->gamma - 2.0 * q->place[0]) > 1e-3)
                assert_int_equal(q->inertia.negative, panel->gamma < 2.0 * q->place[0]);
        }
    }
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
}

/* --- the field ------------------------------------------------------------------------------------- */

static void field_and_risk_of_the_sine_toy_are_the_closed_form(void **state)
{
    (void)state;
    static const double gamma[] = { 0.4 }, window[] = { -2.0, 3.0, -1.5, 1.5 };
    const double root = sqrt(2.0);
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_phase *phase = at_gammas(p, 1, gamma, window);
    assert_int_equal(phase->grid, 201);
    assert_near(phase->a[0], -2.0, 1e-15);
    assert_near(phase->a[200], 3.0, 1e-15);
    assert_true(phase->b[100] == 0.0);
    for (size_t j = 0; j < 201; j++)
        for (size_t i = 0; i < 201; i++) {
            double u = root * phase->a[i], v = root * phase->b[j];
            const double *F = phase->field + 2 * (j * 201 + i);
            assert_near(phase->risk[j * 201 + i], (1.0 - cos(u) * cos(v)) / 4.0, 1e-14);
            assert_near(F[0], -root / 4.0 * sin(u) * cos(v), 1e-14);
            assert_near(F[1], -root / 4.0 * cos(u) * sin(v), 1e-14);
        }
    assert_int_equal(phase->penalised[0], 0);
    assert_int_equal(phase->penalised[1], 1);
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
}

/* The flow at gamma, its velocity projected, against field - gamma penalty (a, b) at nodes here and there. */
static void assert_field_is_the_flow(const fs_problem *p, const fs_phase *phase, double gamma)
{
    gsl_rng *rng = law_rng("field is the flow");
    fs_flow *f = make_flow(p, phase->kind, gamma);
    size_t n = dim_L(p);
    double *w = calloc(n, sizeof *w), *dw = calloc(n, sizeof *dw), *u = phase->axis[0].direction, *v = phase->axis[1].direction;
    fs_err err = { 0 };
    assert_ok(fs_flow_set_parametrisation(f, fs_problem_parametrisation(p), &err), err);
    for (int k = 0; k < 200; k++) {
        size_t i = gsl_rng_uniform_int(rng, phase->grid), j = gsl_rng_uniform_int(rng, phase->grid);
        double a = phase->a[i], b = phase->b[j], size = 0.0;
        const double *F = phase->field + 2 * (j * phase->grid + i);
        for (size_t c = 0; c < n; c++) w[c] = phase->centre[c] + a * u[c] + b * v[c];
        assert_int_equal(fs_flow_velocity(f, w, dw), FS_OK);
        size = norm_of(dw, n) + gamma * norm_of(w, n) + hypot(F[0], F[1]);
        assert_near(F[0] - gamma * (phase->penalty[0][0] * a + phase->penalty[0][1] * b), dot_of(u, dw, n), 1e-13 * (1.0 + size));
        assert_near(F[1] - gamma * (phase->penalty[1][0] * a + phase->penalty[1][1] * b), dot_of(v, dw, n), 1e-13 * (1.0 + size));
    }
    free(w);
    free(dw);
    fs_flow_destroy(f);
    gsl_rng_free(rng);
}

static void field_on_the_exact_plane_is_the_flow(void **state)
{
    (void)state;
    static const char *const name[] = { "toy_quartic", "tanh_swap", "wrong_rep", "atlas/sheared" };
    static const double gamma[] = { 0.7 }, window[] = { 0.1, 0.9, -0.4, 0.3 };
    for (size_t i = 0; i < 4; i++) {
        fs_problem *p = load_model(name[i], "flow.t_end=10", NULL, NULL);
        fs_phase *phase = at_gammas(p, 1, gamma, window);
        assert_true(phase->exact);
        assert_field_is_the_flow(p, phase, 0.7);
        assert_field_is_the_flow(p, phase, 0.0);
        if (!fs_problem_parametrisation(p))
            for (int a = 0; a < 2; a++)
                for (int b = 0; b < 2; b++) assert_true(phase->penalty[a][b] == (a == b ? phase->penalised[a] : 0));
        fs_phase_destroy(phase);
        fs_problem_destroy(p);
    }
}

/* --- the frame of a slice ------------------------------------------------------------------------------ */

/* Orthonormal, each in E or in N as it says. */
static void assert_frame(const fs_problem *p, const fs_phase *phase)
{
    size_t n = dim_L(p), E = fs_problem_basis(p)->dim_E;
    const double *u = phase->axis[0].direction, *v = phase->axis[1].direction;
    assert_near(norm_of(u, n), 1.0, 8.0 * (double)n * DBL_EPSILON);
    assert_near(norm_of(v, n), 1.0, 8.0 * (double)n * DBL_EPSILON);
    assert_near(dot_of(u, v, n), 0.0, 8.0 * (double)n * DBL_EPSILON);
    for (int axis = 0; axis < 2; axis++) {
        const double *d = phase->axis[axis].direction;
        assert_true(strlen(phase->axis[axis].name) > 0);
        assert_true(norm_of(phase->axis[axis].in_N ? d : d + E, phase->axis[axis].in_N ? E : n - E) == 0.0);
        assert_int_equal(phase->penalised[axis], phase->axis[axis].in_N);
    }
}

static void slices_have_orthonormal_axes_in_E_and_N_and_show_the_flow(void **state)
{
    (void)state;
    static const struct { const char *name; fs_flow_kind kind; fs_plane_choice plane; } rows[] = {
        { "missing_irreps", FS_FLOW_AUGMENTED, FS_PLANE_UNSTABLE }, { "missing_irreps", FS_FLOW_NOMINAL, FS_PLANE_MOTION },
        { "c3_transcritical", FS_FLOW_AUGMENTED, FS_PLANE_MOTION }, { "c3_transcritical", FS_FLOW_NOMINAL, FS_PLANE_UNSTABLE },
        { "tiny_mlp", FS_FLOW_AUGMENTED, FS_PLANE_UNSTABLE },       { "atlas/scaled", FS_FLOW_AUGMENTED, FS_PLANE_UNSTABLE },
    };
    static const double gamma[] = { 0.3 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fs_problem *p = load_model(rows[i].name, NULL, NULL, NULL);
        fs_phase_options o = options_of(p);
        o.kind = rows[i].kind;
        o.plane = rows[i].plane;
        o.n_gamma = 1;
        o.gamma = gamma;
        fs_phase *phase = compute(p, &o);
        assert_false(phase->exact);
        assert_int_equal(phase->E, FS_E_LINE);
        assert_true(norm_of(phase->centre + fs_problem_basis(p)->dim_E, fs_problem_basis(p)->dim_N) == 0.0);
        assert_frame(p, phase);
        assert_field_is_the_flow(p, phase, 0.3);
        assert_int_equal(phase->panel[0].n_separatrices, 0);
        for (size_t j = 0; j < phase->panel[0].n_paths; j++) {
            const fs_phase_path *path = &phase->panel[0].path[j];
            assert_true(path->fraction >= 0.0 && path->fraction <= 1.0);
            assert_false(path->judged);
        }
        assert_true(phase->fraction >= 0.0 && phase->fraction <= 1.0);
        fs_phase_destroy(phase);
        fs_problem_destroy(p);
    }
}

/* <v, H v> at the centre, by a product */
static void curvatures_are_those_of_the_lowest_eigenvectors(void **state)
{
    (void)state;
    static const double gamma[] = { 0.3 };
    fs_problem *p = load_model("c3_transcritical", NULL, NULL, NULL);
    fs_phase *phase = at_gammas(p, 1, gamma, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.0);
    double Hv[3];
    assert_string_equal(phase->centre_text, "a strict minimum on E");
    /* (w0 + w0^2 - 1)^2 / 2 at its minimum, and -1/2 twice across E */
    assert_near(phase->axis[0].curvature, 5.0, rounding);
    assert_near(phase->axis[1].curvature, -0.5, rounding);
    for (int axis = 0; axis < 2; axis++) {
        assert_int_equal(fs_flow_jacobian_product(f, phase->centre, phase->axis[axis].direction, Hv), FS_OK);
        for (size_t i = 0; i < 3; i++) assert_near(-Hv[i], phase->axis[axis].curvature * phase->axis[axis].direction[i], rounding);
    }
    /* of the two equal eigenvalues on N: the direction of the start, which lies in the plane then */
    assert_near(phase->panel[0].path[0].start_off_plane, 0.0, rounding);
    assert_near(fabs(phase->panel[0].path[0].place[1]), phase->panel[0].path[0].distance, rounding);
    fs_flow_destroy(f);
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
}

/* the centre is a minimum on E: across E gamma - 1/2 decides */
static void the_centre_of_a_slice_is_classified_on_all_of_L(void **state)
{
    (void)state;
    static const double gamma[] = { 0.3, 0.5, 0.7 };
    static const fs_point kind[] = { FS_POINT_SADDLE, FS_POINT_DEGENERATE, FS_POINT_MINIMUM };
    fs_problem *p = load_model("c3_transcritical", NULL, NULL, NULL);
    fs_phase_options o = options_of(p);
    o.n_gamma = 3;
    o.gamma = gamma;
    o.starts = 8;
    fs_phase *phase = compute(p, &o);
    for (size_t i = 0; i < 3; i++) {
        const fs_phase_point found = point_at(&phase->panel[i], 0.0, 0.0, 1e-9), *q = &found;
        assert_int_equal(q->kind, kind[i]);
        assert_near(q->lowest, gamma[i] - 0.5, rounding);
        assert_near(q->highest, 5.0, rounding);
        assert_int_equal(q->inertia.negative, i == 0 ? 2 : 0);
        assert_int_equal(q->inertia.undecided, i == 1 ? 2 : 0);
        assert_int_equal(q->inertia.positive, i == 2 ? 3 : 1);
        /* the other stationary point of E, where the curvature along it is -2.5 */
        for (size_t j = 0; j < phase->panel[i].n_points; j++)
            if (fabs(phase->panel[i].point[j].place[0]) > 0.1 && phase->panel[i].point[j].distance < 1e-9) assert_near(phase->panel[i].point[j].lowest, -2.5, rounding);
    }
    assert_true(phase->panel[0].off_plane > 0);
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
}

/* of the steps of the same trajectory, one after the other */
static void fraction_is_the_part_of_the_motion_in_the_plane(void **state)
{
    (void)state;
    static const double gamma[] = { 0.2 };
    fs_problem *p = load_model("c3_transcritical", NULL, NULL, NULL);
    fs_phase *phase = at_gammas(p, 1, gamma, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.2);
    double *w0 = start_of(p, 1, -1.0), part = 0.0, all = 0.0;
    fs_trajectory *T = NULL;
    fs_err err = { 0 };
    fs_integrate_options options = { .t_end = fs_problem_settings(p)->t_end, .rtol = 1e-8, .atol = fs_problem_settings(p)->atol, .method = fs_problem_settings(p)->method,
                                     .keep_nodes = 600 };
    assert_ok(fs_trajectory_compute(&T, f, w0, &options, &err), err);
    assert_int_equal(T->n_nodes, phase->panel[0].path[0].n);
    for (size_t i = 1; i < T->n_nodes; i++) {
        double d[3], a, b, length;
        for (size_t j = 0; j < 3; j++) d[j] = T->node_w[3 * i + j] - T->node_w[3 * i - 3 + j];
        a = dot_of(phase->axis[0].direction, d, 3);
        b = dot_of(phase->axis[1].direction, d, 3);
        length = norm_of(d, 3);
        if (length > 0.0) part += (a * a + b * b) / length;
        all += length;
    }
    assert_true(part < 0.99 * all);
    assert_near(phase->panel[0].path[0].fraction, part / all, 1e-12);
    assert_near(phase->fraction, part / all, 1e-12);
    fs_trajectory_destroy(T);
    free(w0);
    fs_flow_destroy(f);
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
}

/* over the nodes of one path, which are the same on both planes */
static double caught(const fs_phase_path *path)
{
    double sum = 0.0;
    for (size_t i = 0; i < 2 * path->n; i++) sum += path->place[i] * path->place[i];
    return sum;
}

static void the_plane_of_motion_catches_more_than_any_other(void **state)
{
    (void)state;
    static const char *const name[] = { "missing_irreps", "c3_transcritical", "tiny_mlp" };
    static const double gamma[] = { 0.2 };
    for (size_t i = 0; i < 3; i++) {
        fs_problem *p = load_model(name[i], NULL, NULL, NULL);
        fs_phase_options o = options_of(p);
        o.n_gamma = 1;
        o.gamma = gamma;
        fs_phase *unstable = compute(p, &o);
        o.plane = FS_PLANE_MOTION;
        fs_phase *motion = compute(p, &o);
        double least = caught(&unstable->panel[0].path[0]);
        assert_int_equal(unstable->panel[0].path[0].n, motion->panel[0].path[0].n);
        assert_true(caught(&motion->panel[0].path[0]) >= least * (1.0 - rounding));
        assert_true(isnan(motion->axis[0].curvature));
        fs_phase_destroy(unstable);
        fs_phase_destroy(motion);
        fs_problem_destroy(p);
    }
}

/* a representation without invariants: E is the origin, and dim L = 4 */
static void where_E_is_a_point_both_axes_are_across_it(void **state)
{
    (void)state;
    static const char text[] = "title: turns\nsource: a test\ngroup: C3\ndata: {source: inline, x: [[1, 0, 0.5, 0], [0, 1, 1, 0.3]], targets: [[1], [0.5]]}\n"
                               "input: {vector: [2 rotation]}\nlayers:\n  - dense: {out: 1}\n  - polynomial: {coefficients: [0, 1, 1]}\n"
                               "loss: squared\noutput: trivial\nstart: {distribution: gaussian, scale: 1, distance: 0.4}\n"
                               "flow: {gamma: 0.5, t_end: 20, rtol: 1e-8, atol: 1e-10}\n";
    fs_problem *p = model_of(text);
    assert_int_equal(fs_problem_basis(p)->dim_E, 0);
    assert_int_equal(fs_problem_basis(p)->dim_N, 4);
    for (int plane = 0; plane < 2; plane++) {
        fs_phase_options o = options_of(p);
        o.plane = (fs_plane_choice)plane;
        fs_phase *phase = compute(p, &o);
        assert_int_equal(phase->E, FS_E_POINT);
        assert_string_equal(phase->centre_text, "the one point of E");
        assert_frame(p, phase);
        assert_field_is_the_flow(p, phase, 0.5);
        for (int axis = 0; axis < 2; axis++) {
            assert_true(phase->axis[axis].in_N);
            assert_near(phase->window[2 * axis], -phase->window[2 * axis + 1], 1e-12);
        }
        if (!plane) assert_true(phase->axis[0].curvature <= phase->axis[1].curvature);
        assert_true(phase->panel[0].n_points >= 1);
        fs_phase_destroy(phase);
    }
    fs_problem_destroy(p);
}

/* dim L = 1600: by products alone, through the end of the flow */
static void a_large_model_has_a_slice_through_the_end_of_its_flow(void **state)
{
    (void)state;
    static const double gamma[] = { 0.1 };
    char text[2000] = "title: large\nsource: a test\ngroup: C2\ndata: {source: inline, x: [[1", *end = text + strlen(text);
    for (int i = 1; i < 40; i++) end += sprintf(end, ", %d", i % 7 - 3);
    end += sprintf(end, "]], targets: [[0.5");
    for (int i = 1; i < 40; i++) end += sprintf(end, ", %d", i % 3);
    sprintf(end, "]]}\ninput: {vector: [20 natural]}\nlayers:\n  - dense: {out: [20 natural]}\n  - tanh: {}\nloss: squared\noutput: [20 natural]\n"
                 "start: {distribution: gaussian, scale: 0.1, distance: 0.3}\nflow: {gamma: 0.5, t_end: 0.05, rtol: 1e-6, atol: 1e-8}\n");
    fs_problem *p = model_of(text);
    assert_int_equal(dim_L(p), 1600);
    fs_phase_options o = options_of(p);
    o.n_gamma = 1;
    o.gamma = gamma;
    fs_phase *phase = compute(p, &o);
    assert_non_null(strstr(phase->centre_text, "the end of the equivariant flow, t = 0.05"));
    assert_frame(p, phase);
    assert_field_is_the_flow(p, phase, 0.1);
    assert_int_equal(phase->panel[0].n_points, 0);
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
}

static const char plain_text[] = "title: two weights\nsource: a test\ngroup: %s\ndata: {source: inline, x: [[1, 0], [0.5, 1]], targets: [[1], [0.5]]}\n"
                                 "input: {vector: [%s]}\nlayers:\n  - dense: {out: 1}\n  - tanh: {}\nloss: squared\noutput: trivial\n"
                                 "start: {distribution: gaussian, scale: 1, distance: 0.4}\nflow: {gamma: 0.5, t_end: 20, rtol: 1e-8, atol: 1e-10}\n";

static void two_parameters_with_E_a_point_or_everything(void **state)
{
    (void)state;
    char text[1000];
    snprintf(text, sizeof text, plain_text, "C3", "rotation");
    fs_problem *p = model_of(text);
    fs_phase_options o = options_of(p);
    fs_phase *phase = compute(p, &o);
    assert_true(phase->exact);
    assert_int_equal(phase->E, FS_E_POINT);
    assert_string_equal(phase->axis[0].name, "y1, across E");
    assert_true(phase->penalised[0] && phase->penalised[1]);
    for (int axis = 0; axis < 2; axis++) assert_near(phase->window[2 * axis], -phase->window[2 * axis + 1], 1e-12);
    assert_field_is_the_flow(p, phase, 0.5);
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
    snprintf(text, sizeof text, plain_text, "C3", "trivial, trivial");
    p = model_of(text);
    assert_int_equal(fs_problem_basis(p)->dim_N, 0);
    o = options_of(p);
    phase = compute(p, &o);
    assert_int_equal(phase->E, FS_E_ALL);
    assert_int_equal(phase->n_panels, 1);
    assert_true(phase->panel[0].gamma == 0.0);
    assert_true(strlen(phase->gamma_text) > 0);
    assert_false(phase->penalised[0] || phase->penalised[1]);
    assert_false(phase->panel[0].path[0].judged);
    assert_field_is_the_flow(p, phase, 0.5);
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
}

/* --- gammas, paths, window ------------------------------------------------------------------------------- */

/* the same start is not attracted in the first two panels and is in the third */
static void chosen_gammas_stand_on_either_side_of_gamma_star(void **state)
{
    (void)state;
    static const double star[] = { 0.53769, 1.31072 };
    for (int i = 0; i < 2; i++) {
        fs_problem *p = load_model(i ? "tanh_swap_pitchfork" : "tanh_swap", NULL, NULL, NULL);
        fs_phase_options o = options_of(p);
        fs_phase *phase = compute(p, &o);
        assert_true(phase->chosen);
        assert_int_equal(phase->n_panels, 3);
        assert_near(phase->gamma_critical, star[i], 1e-3 * star[i]);
        assert_true(phase->panel[0].gamma == 0.0);
        assert_true(phase->panel[1].gamma == (i ? 0.66 : 0.27));
        assert_true(phase->panel[2].gamma == (i ? 2.6 : 1.1));
        for (size_t k = 0; k < 3; k++) {
            const fs_phase_path *path = &phase->panel[k].path[0];
            assert_true(path->judged);
            assert_int_equal(path->outcome == FS_ATTRACTED, k == 2);
            assert_true(path->fraction == 1.0 && path->start_off_plane == 0.0);
            assert_near(path->off[0], path->distance, rounding);
            assert_near(path->off[path->n - 1], path->distance_end, rounding);
            assert_near(fabs(path->place[2 * path->n - 1]), path->distance_end, rounding);
            for (size_t j = 1; j < path->n; j++) assert_true(path->t[j] > path->t[j - 1]);
        }
        assert_int_equal(phase->panel[1].path[0].outcome, FS_ESCAPED);
        fs_phase_destroy(phase);
        fs_problem_destroy(p);
    }
}

static void without_gamma_star_the_model_has_the_word(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_phase_options o = options_of(p);
    fs_phase *phase = compute(p, &o);                   /* attracted at gamma = 0 already */
    assert_true(phase->gamma_critical == 0.0);
    assert_int_equal(phase->n_panels, 2);
    assert_true(phase->panel[1].gamma == fs_problem_settings(p)->gamma);
    fs_phase_destroy(phase);
    o.kind = FS_FLOW_NOMINAL;
    phase = compute(p, &o);
    assert_true(isnan(phase->gamma_critical));
    assert_int_equal(phase->n_panels, 2);
    assert_false(phase->panel[0].path[0].judged);
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
    p = load_model("missing_irreps", "flow.gamma=0", NULL, NULL);
    o = options_of(p);
    phase = compute(p, &o);
    assert_int_equal(phase->n_panels, 2);
    assert_true(phase->panel[0].gamma == 0.0 && phase->panel[1].gamma == 1.0);
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
}

/* every start stands in every panel at its distance, and the window holds it */
static void windows_hold_the_starts_and_are_symmetric_across_E(void **state)
{
    (void)state;
    static const char *const name[] = { "toy_sine", "tanh_swap", "c3_transcritical" };
    static const double distance[] = { 0.0, 0.5, 1.25 }, gamma[] = { 0.1, 0.9 };
    static const uint64_t seed[] = { 1, 2 };
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        fs_problem *p = load_model(name[i], "flow.t_end=50", NULL, NULL);
        fs_phase_options o = options_of(p);
        o.n_gamma = 2;
        o.gamma = gamma;
        o.n_distance = 3;
        o.distance = distance;
        o.n_seed = 2;
        o.seed = seed;
        fs_phase *phase = compute(p, &o);
        assert_near(phase->window[2], -phase->window[3], 1e-12 * phase->window[3]);
        assert_near(phase->tube, 1.25, 4.0 * DBL_EPSILON);
        for (size_t k = 0; k < 2; k++) {
            assert_int_equal(phase->panel[k].n_paths, 6);
            for (size_t s = 0; s < 6; s++) {
                const fs_phase_path *path = &phase->panel[k].path[s];
                assert_int_equal(path->seed, seed[s % 2]);
                assert_near(path->distance, distance[s / 2], rounding);
                assert_int_equal(path->judged, phase->exact && s >= 2);
                for (int axis = 0; axis < 2; axis++)
                    assert_true(path->place[axis] > phase->window[2 * axis] && path->place[axis] < phase->window[2 * axis + 1]);
            }
            for (size_t s = 0; s < phase->panel[k].n_points; s++)
                for (int axis = 0; axis < 2; axis++)
                    assert_true(phase->panel[k].point[s].place[axis] >= phase->window[2 * axis] && phase->panel[k].point[s].place[axis] <= phase->window[2 * axis + 1]);
            assert_true(phase->panel[k].streamlines->n > 10);
        }
        if (phase->exact) assert_near(phase->window[1] - phase->window[0], phase->window[3] - phase->window[2], 1e-9 * phase->window[3]);
        fs_phase_destroy(phase);
        fs_problem_destroy(p);
    }
}

static void a_start_on_E_still_has_a_window(void **state)
{
    (void)state;
    static const double distance[] = { 0.0 }, gamma[] = { 0.5 };
    fs_problem *p = load_model("wrong_rep", "flow.t_end=100", NULL, NULL);
    fs_phase_options o = options_of(p);
    o.n_gamma = 1;
    o.gamma = gamma;
    o.n_distance = 1;
    o.distance = distance;
    fs_phase *phase = compute(p, &o);
    assert_true(phase->tube == 0.0);
    assert_true(phase->window[3] >= fs_problem_start(p)->distance);
    assert_true(phase->panel[0].path[0].distance_end == 0.0);
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
}

/* weights in natural order, w = (u + v, u - v) / sqrt 2, its Y scaled to the distance */
static void weights_given_are_the_start(void **state)
{
    (void)state;
    static const double A[] = { 1.3, 0.3 }, gamma[] = { 0.4 }, distance[] = { 0.25 };
    fs_problem *p = load_model("pitchfork", NULL, NULL, NULL);
    fs_phase_options o = options_of(p);
    o.n_seed = 0;
    o.weights = A;
    o.n_gamma = 1;
    o.gamma = gamma;
    fs_phase *phase = compute(p, &o);
    assert_near(fabs(phase->panel[0].path[0].place[0]), 1.6 / sqrt(2.0), 1e-14);
    assert_near(fabs(phase->panel[0].path[0].place[1]), 1.0 / sqrt(2.0), 1e-14);
    assert_near(phase->panel[0].path[0].distance_end, sqrt(0.6), 1e-7);
    assert_int_equal(phase->panel[0].path[0].outcome, FS_ESCAPED);
    fs_phase_destroy(phase);
    o.n_distance = 1;
    o.distance = distance;
    phase = compute(p, &o);
    assert_near(phase->panel[0].path[0].distance, 0.25, 1e-14);
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
}

/* --- separatrices -------------------------------------------------------------------------------------------- */

static double distance_after(const fs_problem *p, double gamma, double a, double b, double t_end)
{
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, gamma);
    fs_trajectory *T = NULL;
    fs_err err = { 0 };
    double w[2] = { a, b };
    fs_integrate_options options = { .t_end = t_end, .rtol = 1e-8, .atol = 1e-10 };
    assert_ok(fs_trajectory_compute(&T, f, w, &options, &err), err);
    assert_int_equal(T->code, FS_OK);
    double end = fabs(T->w_end[1]);
    fs_trajectory_destroy(T);
    fs_flow_destroy(f);
    return end;
}

/* tanh_swap at gamma = 0.27: starts on one side of a separatrix come home, on the other they go to the attractor at |Y| = 0.5485 */
static void a_separatrix_divides_the_starts(void **state)
{
    (void)state;
    static const double gamma[] = { 0.27 }, window[] = { -0.8, 1.6, -1.4, 1.4 };
    const double beside = 0.02;
    fs_problem *p = load_model("tanh_swap", NULL, NULL, NULL);
    fs_phase *phase = at_gammas(p, 1, gamma, window);
    const fs_phase_panel *panel = &phase->panel[0];
    assert_int_equal(panel->n_separatrices, 4);
    for (size_t i = 0; i < 4; i++) {
        const fs_streamline *line = &panel->separatrix[i];
        const double *end = line->place + 2 * (line->n - 1);
        assert_int_equal(point_at(panel, end[0], end[1], 0.0).kind, FS_POINT_SADDLE);
        assert_true(line->arrow > 0 && line->arrow < line->n - 1);
        for (int k = 1; k < 6; k++) {
            const double *at = line->place + 2 * (line->n * (size_t)k / 6);
            double along[2] = { at[2] - at[0], at[3] - at[1] }, length = hypot(along[0], along[1]), normal[2] = { -along[1] / length, along[0] / length };
            /* the two branches to the right come close to E and to each other */
            if (fabs(at[1]) < 3.0 * beside) continue;
            double left = distance_after(p, 0.27, at[0] + beside * normal[0], at[1] + beside * normal[1], 200.0);
            double right = distance_after(p, 0.27, at[0] - beside * normal[0], at[1] - beside * normal[1], 200.0);
            double home = left < right ? left : right, away = left < right ? right : left;
            assert_at_most(home, 1e-6);
            assert_near(away, 0.548499, 1e-5);
        }
    }
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
}

/* the separatrices of the quartic's saddles at gamma = 0 lie on |u| = |v| */
static void separatrices_of_the_quartic_are_the_diagonals(void **state)
{
    (void)state;
    static const double gamma[] = { 0.0 };
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_phase *phase = at_gammas(p, 1, gamma, NULL);
    assert_int_equal(phase->panel[0].n_separatrices, 8);
    for (size_t i = 0; i < 8; i++)
        for (size_t j = 0; j < phase->panel[0].separatrix[i].n; j++) {
            const double *at = phase->panel[0].separatrix[i].place + 2 * j;
            assert_near(fabs(at[0]), fabs(at[1]), 1e-4);
        }
    fs_phase_destroy(phase);
    fs_problem_destroy(p);
}

/* --- threads, interrupts, errors --------------------------------------------------------------------------------- */

static void assert_same_lines(size_t n, const fs_streamline *a, const fs_streamline *b)
{
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(a[i].n, b[i].n);
        assert_int_equal(a[i].arrow, b[i].arrow);
        assert_memory_equal(a[i].place, b[i].place, 2 * a[i].n * sizeof *a[i].place);
    }
}

static void threads_do_not_change_a_bit(void **state)
{
    (void)state;
    static const char *const name[] = { "tanh_swap", "missing_irreps" };
    static const double gamma[] = { 0.0, 0.3 };
    for (size_t i = 0; i < 2; i++) {
        fs_problem *p = load_model(name[i], NULL, NULL, NULL);
        fs_phase_options o = options_of(p);
        o.n_gamma = 2;
        o.gamma = gamma;
        fs_phase *alone = compute(p, &o);
        o.threads = 2;
        fs_phase *shared = compute(p, &o);
        size_t nodes = alone->grid * alone->grid;
        assert_int_equal(alone->grid, shared->grid);
        assert_memory_equal(alone->window, shared->window, sizeof alone->window);
        assert_memory_equal(alone->field, shared->field, 2 * nodes * sizeof *alone->field);
        assert_memory_equal(alone->risk, shared->risk, nodes * sizeof *alone->risk);
        for (size_t k = 0; k < 2; k++) {
            const fs_phase_panel *a = &alone->panel[k], *b = &shared->panel[k];
            assert_int_equal(a->n_points, b->n_points);
            for (size_t j = 0; j < a->n_points; j++) assert_memory_equal(a->point[j].place, b->point[j].place, sizeof a->point[j].place);
            assert_int_equal(a->streamlines->n, b->streamlines->n);
            assert_same_lines(a->streamlines->n, a->streamlines->line, b->streamlines->line);
            assert_int_equal(a->n_separatrices, b->n_separatrices);
            assert_same_lines(a->n_separatrices, a->separatrix, b->separatrix);
            assert_memory_equal(a->path[0].place, b->path[0].place, 2 * a->path[0].n * sizeof(double));
        }
        fs_phase_destroy(alone);
        fs_phase_destroy(shared);
        fs_problem_destroy(p);
    }
}

typedef struct { long calls, limit; } stopper;

static int count(void *context, const char *stage, double fraction)
{
    stopper *s = context;
    assert_non_null(stage);
    assert_true(fraction <= 1.0 + 1e-12);
    return ++s->calls > s->limit;
}

/* FS_ESTOPPED and nothing, or what is complete; returns the panels. */
static size_t panels_until(const fs_problem *p, stopper *s)
{
    static const double gamma[] = { 0.0, 0.3, 0.6 };
    fs_watch watch = { count, s };
    fs_phase_options o = options_of(p);
    fs_phase *phase = NULL;
    fs_err err = { .text = "" };
    o.n_gamma = 3;
    o.gamma = gamma;
    o.starts = 3;
    o.watch = &watch;
    s->calls = 0;
    fs_status status = fs_phase_compute(&phase, p, &o, &err);
    if (status == FS_ESTOPPED) {
        assert_null(phase);
        return 0;
    }
    assert_ok(status, err);
    size_t panels = phase->n_panels;
    assert_int_equal(phase->stopped, panels < 3);
    assert_true(panels > 0);
    for (size_t i = 0; i < panels; i++) assert_true(phase->panel[i].streamlines && phase->panel[i].point && phase->panel[i].path);
    fs_phase_destroy(phase);
    return panels;
}

/* wherever it is asked to stop: nothing, or complete panels, never fewer where it is asked later */
static void a_stop_leaves_nothing_or_whole_panels(void **state)
{
    (void)state;
    static const char *const name[] = { "tanh_swap", "c3_transcritical" };
    enum { TRIES = 8 };
    for (size_t m = 0; m < 2; m++) {
        fs_problem *p = load_model(name[m], NULL, NULL, NULL);
        stopper s = { .limit = LONG_MAX };
        assert_int_equal(panels_until(p, &s), 3);
        long calls = s.calls;
        size_t before = 0, part = 0;
        for (int i = 0; i <= TRIES; i++) {
            s.limit = calls - calls * (TRIES - i) * (TRIES - i) / (TRIES * TRIES);        /* the panels come last */
            size_t panels = panels_until(p, &s);
            if (!i) assert_int_equal(panels, 0);
            assert_true(panels >= before);
            part += panels == 1 || panels == 2;
            before = panels;
        }
        assert_int_equal(before, 3);
        assert_true(part > 0);
        fs_problem_destroy(p);
    }
}

static void assert_refused(const fs_problem *p, const fs_phase_options *o, const char *word)
{
    fs_phase *phase = NULL;
    fs_err err = { .text = "" };
    assert_int_equal(fs_phase_compute(&phase, p, o, &err), FS_EINPUT);
    assert_int_equal(err.status, FS_EINPUT);
    assert_null(phase);
    if (!strstr(err.text, word)) print_error("expected \"%s\" in: %s\n", word, err.text);
    assert_non_null(strstr(err.text, word));
    assert_int_equal(fs_phase_compute(&phase, p, o, NULL), FS_EINPUT);
}

static void bad_input_is_refused_with_what_was_found(void **state)
{
    (void)state;
    static const double negative[] = { -1.0 }, nothing[] = { (double)NAN }, turned[] = { 1.0, -1.0, 0.0, 1.0 }, endless[] = { 0.0, (double)INFINITY, 0.0, 1.0 };
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_phase_options o = options_of(p);
    o.kind = FS_FLOW_EQUIVARIANT;
    assert_refused(p, &o, "equivariant");
    o = options_of(p);
    o.n_seed = 0;
    assert_refused(p, &o, "seed");
    o = options_of(p);
    o.n_gamma = 1;
    o.gamma = negative;
    assert_refused(p, &o, "gamma >= 0");
    o.gamma = nothing;
    assert_refused(p, &o, "gamma >= 0");
    o = options_of(p);
    o.n_distance = 1;
    o.distance = negative;
    assert_refused(p, &o, "distances");
    o = options_of(p);
    o.window = turned;
    assert_refused(p, &o, "window");
    o.window = endless;
    assert_refused(p, &o, "window");
    o = options_of(p);
    o.tube = (double)NAN;
    assert_refused(p, &o, "tube");
    o = options_of(p);
    o.t_end = -1.0;
    assert_refused(p, &o, "t_end");
    fs_problem_destroy(p);
}

static void one_parameter_has_no_plane(void **state)
{
    (void)state;
    fs_problem *p = model_of("title: one weight\nsource: a test\ngroup: C3\ndata: {source: inline, x: [[1], [2]], targets: [[1], [0.5]]}\ninput: {vector: [trivial]}\nlayers:\n"
                             "  - dense: {out: 1}\nloss: squared\noutput: trivial\nstart: {distribution: gaussian, scale: 1, distance: 0}\n"
                             "flow: {gamma: 0, t_end: 20, rtol: 1e-8, atol: 1e-10}\n");
    fs_phase_options o = options_of(p);
    assert_refused(p, &o, "dim L >= 2");
    fs_problem_destroy(p);
}

/* u^4 leaves the range of double; a window that is not given shrinks instead */
static void a_window_without_a_finite_risk_is_refused_or_shrinks(void **state)
{
    (void)state;
    static const double window[] = { -1.0, 1e90, -1.0, 1.0 }, gamma[] = { 0.0 };
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_phase_options o = options_of(p);
    o.n_gamma = 1;
    o.gamma = gamma;
    o.window = window;
    assert_refused(p, &o, "smaller window");
    o.window = NULL;
    o.tube = 1e79;
    fs_phase *phase = compute(p, &o);
    assert_true(phase->tube == 1e79);
    assert_true(phase->window[3] > 1e76 && phase->window[3] < 2e77);
    for (size_t i = 0; i < phase->grid * phase->grid; i++) assert_true(isfinite(phase->risk[i]));
    fs_phase_destroy(phase);
    o.tube = 1e90;
    assert_refused(p, &o, "smaller window");
    fs_problem_destroy(p);
}

int main(void)
{
    gsl_set_error_handler_off();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_stationary_points_of_the_sine_toy_are_found),
        cmocka_unit_test(all_stationary_points_of_the_quartic_toy_are_found),
        cmocka_unit_test(at_the_pitchfork_itself_the_point_is_degenerate),
        cmocka_unit_test(none_of_the_sine_toy_is_missed),
        cmocka_unit_test(none_of_the_quartic_toy_is_missed),
        cmocka_unit_test(none_of_the_pitchfork_is_missed),
        cmocka_unit_test(none_of_tanh_swap_is_missed),
        cmocka_unit_test(points_are_found_in_windows_far_too_large),
        cmocka_unit_test(too_many_points_are_thinned_evenly),
        cmocka_unit_test(the_end_of_a_path_in_the_plane_is_a_point),
        cmocka_unit_test(a_field_of_rounding_has_no_streamlines),
        cmocka_unit_test(E_is_kept_by_the_augmented_flow_in_orthonormal_coordinates),
        cmocka_unit_test(tanh_swap_is_bistable_up_to_its_fold),
        cmocka_unit_test(tanh_swap_pitchfork_has_its_attractors_off_E),
        cmocka_unit_test(pairs_next_to_a_fold_are_told_apart),
        cmocka_unit_test(a_continuum_is_thinned_and_never_a_minimum),
        cmocka_unit_test(field_and_risk_of_the_sine_toy_are_the_closed_form),
        cmocka_unit_test(field_on_the_exact_plane_is_the_flow),
        cmocka_unit_test(slices_have_orthonormal_axes_in_E_and_N_and_show_the_flow),
        cmocka_unit_test(curvatures_are_those_of_the_lowest_eigenvectors),
        cmocka_unit_test(the_centre_of_a_slice_is_classified_on_all_of_L),
        cmocka_unit_test(fraction_is_the_part_of_the_motion_in_the_plane),
        cmocka_unit_test(the_plane_of_motion_catches_more_than_any_other),
        cmocka_unit_test(where_E_is_a_point_both_axes_are_across_it),
        cmocka_unit_test(a_large_model_has_a_slice_through_the_end_of_its_flow),
        cmocka_unit_test(two_parameters_with_E_a_point_or_everything),
        cmocka_unit_test(chosen_gammas_stand_on_either_side_of_gamma_star),
        cmocka_unit_test(without_gamma_star_the_model_has_the_word),
        cmocka_unit_test(windows_hold_the_starts_and_are_symmetric_across_E),
        cmocka_unit_test(a_start_on_E_still_has_a_window),
        cmocka_unit_test(weights_given_are_the_start),
        cmocka_unit_test(a_separatrix_divides_the_starts),
        cmocka_unit_test(separatrices_of_the_quartic_are_the_diagonals),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(a_stop_leaves_nothing_or_whole_panels),
        cmocka_unit_test(bad_input_is_refused_with_what_was_found),
        cmocka_unit_test(one_parameter_has_no_plane),
        cmocka_unit_test(a_window_without_a_finite_risk_is_refused_or_shrinks),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
