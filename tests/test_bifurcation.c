/* tests/test_bifurcation.c -- branches of equilibria against closed forms, and what `bifurcation` writes: table, JSON, CSV, figure
 *
 * Models under the swap have u along E and v across it, |Y| = |v|.  A node is exact to Newton's tolerance over the smallest eigenvalue there: 1e-8 away from folds
 * and junctions, where the tests look at the relation between gamma and |Y| instead, which is flat there.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "experiment/bifurcation.h"
#include "experiment/stability_private.h"
#include "flows.h"
#include "folder.h"

#include "base/files.h"
#include "report/bifurcation.h"
#include "report/head.h"

static const double pi = 3.14159265358979323846;

static fs_bifurcation_options some_options(void)
{
    return (fs_bifurcation_options){ .starts = 16, .seed = 1, .threads = 1, .keep_limit = (size_t)1 << 24 };
}

static fs_bifurcation *compute(const fs_problem *p, const fs_bifurcation_options *o)
{
    fs_bifurcation *b = NULL;
    fs_err err = { 0 };
    assert_ok(fs_bifurcation_compute(&b, p, o, &err), err);
    return b;
}

static fs_bifurcation *diagram_of(const fs_problem *p)
{
    fs_bifurcation_options o = some_options();
    return compute(p, &o);
}

/* The only event of this kind at about this gamma. */
static const fs_bifurcation_event *event_at(const fs_bifurcation *b, fs_event_kind kind, double gamma)
{
    const fs_bifurcation_event *found = NULL;
    for (size_t i = 0; i < b->n_events; i++) {
        if (b->event[i].kind != kind || !(fabs(b->event[i].gamma - gamma) <= 1e-6)) continue;
        if (found && kind != FS_EVENT_JOINS_E && kind != FS_EVENT_STABILITY) fail_msg("two events \"%s\" at %g", fs_event_name(kind), gamma);
        found = &b->event[i];
    }
    if (!found) fail_msg("no event \"%s\" at gamma = %.9g", fs_event_name(kind), gamma);
    return found;
}

static size_t count_events(const fs_bifurcation *b, fs_event_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < b->n_events; i++) count += b->event[i].kind == kind;
    return count;
}

/* What Newton's tolerance on |grad S| leaves of a relation f(gamma, |Y|) = 0, where grad S = |Y| f across E. */
static double left_over(const fs_problem *p, const fs_branch_node *node)
{
    return 64.0 * DBL_EPSILON * (node->norm + node->gamma) * (1.0 + norm_of(node->w, dim_L(p))) / node->distance;
}

/* --- closed forms -------------------------------------------------------------------------------- */

/* CF3: |v|^2 = y2 - gamma beside u^2 = y1 (attracts) and beside u = 0 (does not); both join E at y2. */
static void pitchfork_branches_are_square_roots(void **state)
{
    (void)state;
    fs_problem *p = load_model("pitchfork", NULL, NULL, NULL);
    fs_bifurcation *b = diagram_of(p);
    assert_int_equal(b->n_branches, 2);
    assert_near(b->high, 1.3, 1e-9);
    for (size_t i = 0; i < 2; i++) {
        const fs_bifurcation_branch *branch = &b->branch[i];
        int beside_minimum = fabs(branch->node[0].at.risk) < 0.1;
        assert_near(branch->node[0].at.gamma, 0.0, 0.0);
        assert_int_equal(branch->end[0].kind, FS_BRANCH_GOES_ON);
        assert_int_equal(branch->end[1].kind, FS_BRANCH_JOINS_E);
        assert_near(branch->end[1].gamma, 1.0, 1e-12);
        for (size_t k = 0; k < branch->n; k++) {
            const fs_branch_node *node = &branch->node[k].at;
            double v2 = 1.0 - node->gamma;
            assert_near(node->distance * node->distance, v2, left_over(p, node));
            if (v2 > 1e-4) assert_near(node->distance, sqrt(v2), 1e-8);
            assert_near(node->objective, node->risk + 0.5 * node->gamma * node->distance * node->distance, 1e-14);
            if (v2 > 1e-6) assert_int_equal(branch->node[k].is.kind, beside_minimum ? FS_POINT_MINIMUM : FS_POINT_SADDLE);
        }
    }
    assert_int_equal(count_events(b, FS_EVENT_FOLD), 0);
    assert_string_equal(event_at(b, FS_EVENT_JOINS_E, 1.0)->irreducible, "sign");
    fs_bifurcation_destroy(b);
    fs_problem_destroy(p);
}

/* CF2: (0, sqrt(2 - 2 gamma)) attracts below 2/3, where u^2 = (2 - 3 gamma) / 4, v^2 = (2 + gamma) / 4 ends on it; it joins E at 1. */
static void quartic_saddles_end_where_the_attractor_loses_its_stability(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_bifurcation *b = diagram_of(p);
    assert_int_equal(b->n_branches, 2);
    const fs_bifurcation_branch *attractor = &b->branch[0], *saddle = &b->branch[1];
    for (size_t k = 0; k < attractor->n; k++) {
        const fs_bifurcation_node *node = &attractor->node[k];
        assert_near(node->at.distance * node->at.distance, 2.0 - 2.0 * node->at.gamma, 2.0 * left_over(p, &node->at));
        if (fabs(node->at.gamma - 2.0 / 3.0) > 1e-6 && node->at.gamma < 1.0 - 1e-6)
            assert_int_equal(node->is.kind, node->at.gamma < 2.0 / 3.0 ? FS_POINT_MINIMUM : FS_POINT_SADDLE);
    }
    for (size_t k = 0; k < saddle->n; k++) {
        const fs_bifurcation_node *node = &saddle->node[k];
        assert_near(node->at.distance * node->at.distance, 0.5 + 0.25 * node->at.gamma, 1e-9);
        if (node->at.gamma < 2.0 / 3.0 - 1e-6) assert_int_equal(node->is.kind, FS_POINT_SADDLE);
    }
    const fs_bifurcation_event *meet = event_at(b, FS_EVENT_MEETS, 2.0 / 3.0), *change = event_at(b, FS_EVENT_STABILITY, 2.0 / 3.0);
    assert_int_equal(meet->branch[0], 1);
    assert_int_equal(meet->branch[1], 0);
    assert_int_equal(change->branch[0], 0);
    assert_int_equal(change->negative[0], 0);
    assert_int_equal(change->negative[1], 1);
    assert_near(change->gamma, 2.0 / 3.0, change->error + 1e-9);
    assert_near(change->distance, sqrt(2.0 / 3.0), 1e-8);
    assert_near(event_at(b, FS_EVENT_JOINS_E, 1.0)->gamma, 1.0, 1e-12);
    fs_bifurcation_destroy(b);
    fs_problem_destroy(p);
}

/* CF9: gamma - 1/2 + 3/4 c rho + 3/4 rho^2 = 0, c = -1 (fold at 11/16, rho = 1/2) or 1 (joins E at 1/2), beside the minimum and the maximum of the line E. */
static void third_turns_fold_and_join_E(void **state)
{
    (void)state;
    size_t outer = 0, attracting = 0;
    fs_problem *p = load_model("c3_transcritical", NULL, NULL, NULL);
    fs_bifurcation *b = diagram_of(p);
    assert_int_equal(b->n_branches, 6);
    for (size_t i = 0; i < 6; i++) {
        const fs_bifurcation_branch *branch = &b->branch[i];
        assert_true(branch->copies >= 1);
        for (size_t k = 0; k < branch->n; k++) {
            double gamma = branch->node[k].at.gamma, rho = branch->node[k].at.distance, common = gamma - 0.5 + 0.75 * rho * rho;
            if (!(fabs(common - 0.75 * rho) <= left_over(p, &branch->node[k].at))) assert_near(common + 0.75 * rho, 0.0, left_over(p, &branch->node[k].at));
        }
        outer += branch->end[1].kind == FS_BRANCH_FOLD && branch->end[0].kind == FS_BRANCH_GOES_ON;
        attracting += branch->node[branch->n / 2].is.kind == FS_POINT_MINIMUM;
        if (branch->end[1].kind != FS_BRANCH_FOLD) continue;
        size_t partner = branch->end[1].partner;
        assert_true(partner < 6 && b->branch[partner].end[1].partner == i);
    }
    assert_int_equal(outer, 2);
    assert_int_equal(attracting, 1);
    assert_int_equal(count_events(b, FS_EVENT_FOLD), 2);
    assert_int_equal(count_events(b, FS_EVENT_JOINS_E), 4);
    for (size_t i = 0; i < b->n_events; i++) {
        const fs_bifurcation_event *e = &b->event[i];
        assert_near(e->gamma, e->kind == FS_EVENT_FOLD ? 0.6875 : 0.5, e->error + 1e-12);
        if (e->kind == FS_EVENT_FOLD) assert_near(e->distance, 0.5, 1e-4);
    }
    assert_near(b->high, 1.3 * 0.6875, 1e-7);
    fs_bifurcation_destroy(b);
    fs_problem_destroy(p);
}

/* |Y| of b's branch i at gamma, between its nodes. */
static double distance_at(const fs_bifurcation_branch *b, double gamma)
{
    for (size_t k = 0; k + 1 < b->n; k++) {
        const fs_branch_node *low = &b->node[k].at, *high = &b->node[k + 1].at;
        if (low->gamma <= gamma && gamma <= high->gamma) return low->distance + (high->distance - low->distance) * (gamma - low->gamma) / (high->gamma - low->gamma);
    }
    return (double)NAN;
}

/* CF10: a fold at 0.53768679866 between an attractor that comes from infinity and a saddle; and a pitchfork at gamma_c. */
static void tanh_neurons_fold_and_join_E(void **state)
{
    (void)state;
    static const double pitchfork[][2] = { { 0.1, 0.70727 }, { 0.5, 0.39311 }, { 1.0, 0.20135 } };
    fs_problem *p = load_model("tanh_swap", NULL, NULL, NULL);
    fs_bifurcation *b = diagram_of(p);
    assert_int_equal(b->n_branches, 2);
    const fs_bifurcation_event *fold = event_at(b, FS_EVENT_FOLD, 0.53768679866);
    assert_near(fold->gamma, 0.53768679866, fold->error);
    assert_true(fold->error <= 1e-6);
    assert_int_equal(b->branch[0].end[0].kind, FS_BRANCH_INFINITY);
    assert_near(distance_at(&b->branch[0], 0.1), 0.73918, 1e-3);       /* interpolated: nodes 2 % apart */
    assert_near(distance_at(&b->branch[0], 0.5), 0.38432, 1e-3);
    assert_near(distance_at(&b->branch[1], 0.5), 0.28235, 1e-3);
    for (size_t k = 0; k < b->branch[0].n; k++)
        if (b->branch[0].node[k].at.gamma < fold->gamma - 1e-6) assert_int_equal(b->branch[0].node[k].is.kind, FS_POINT_MINIMUM);
    for (size_t k = 0; k < b->branch[1].n; k++)
        if (b->branch[1].node[k].at.gamma < fold->gamma - 1e-6) assert_int_equal(b->branch[1].node[k].is.kind, FS_POINT_SADDLE);
    fs_bifurcation_destroy(b);
    fs_problem_destroy(p);
    p = load_model("tanh_swap_pitchfork", NULL, NULL, NULL);
    b = diagram_of(p);
    assert_int_equal(b->n_branches, 1);
    assert_int_equal(b->branch[0].end[0].kind, FS_BRANCH_INFINITY);
    assert_near(event_at(b, FS_EVENT_JOINS_E, 1.31072)->gamma, 1.31072, 1e-10);
    for (size_t i = 0; i < 3; i++) assert_near(distance_at(&b->branch[0], pitchfork[i][0]), pitchfork[i][1], 1e-3);
    fs_bifurcation_destroy(b);
    fs_problem_destroy(p);
}

/* CF1, z = sqrt 2 |Y|: gamma = |sin z| / (2 z), or z an odd multiple of pi / 2 with E-part in between; attractors off E until 1 / pi, nothing off E beyond 1 / 2. */
static void sine_lattice_is_on_the_curves(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_bifurcation *b = diagram_of(p);
    assert_true(b->n_branches >= 6);
    double last_attractor = 0.0;
    for (size_t i = 0; i < b->n_branches; i++) {
        assert_true(b->branch[i].end[0].kind != FS_BRANCH_LOST && b->branch[i].end[1].kind != FS_BRANCH_LOST);
        for (size_t k = 0; k < b->branch[i].n; k++) {
            const fs_bifurcation_node *node = &b->branch[i].node[k];
            double z = sqrt(2.0) * node->at.distance, steps = (z - 0.5 * pi) / pi;
            if (!(fabs(steps - round(steps)) * pi <= 1e-8)) assert_near(node->at.gamma, fabs(sin(z)) / (2.0 * z), 1e-11);
            if (node->is.kind == FS_POINT_MINIMUM && node->at.gamma > last_attractor) last_attractor = node->at.gamma;
        }
    }
    assert_near(last_attractor, 1.0 / pi, 1e-7);
    assert_near(event_at(b, FS_EVENT_STABILITY, 1.0 / pi)->gamma, 1.0 / pi, 2e-9);
    assert_near(event_at(b, FS_EVENT_FOLD, 0.108616814)->gamma, 0.108616814, 1e-8);      /* tan z = z, z = 4.4934094579 */
    assert_near(b->high, 0.65, 1e-9);
    fs_bifurcation_destroy(b);
    fs_problem_destroy(p);
}

/* Errors of events hold: meetings and folds of CF1 (gamma = 1 / (k pi), k odd; |cos z| / 2 where tan z = z), CF2, CF9.  Where a branch ends on another, that one
 * changes its stability at the very same gamma. */
static void errors_of_events_hold_the_closed_forms(void **state)
{
    (void)state;
    static const double fold[] = { 4.4934094579090641753, 7.7252518369377071642 };
    static const char *const models[] = { "toy_sine", "toy_quartic", "c3_transcritical" };
    size_t meetings = 0, folds = 0;
    for (size_t m = 0; m < 3; m++) {
        fs_problem *p = load_model(models[m], NULL, NULL, NULL);
        fs_bifurcation *b = diagram_of(p);
        for (size_t i = 0; i < b->n_events; i++) {
            const fs_bifurcation_event *e = &b->event[i];
            double exact = m == 1 ? 2.0 / 3.0 : 0.6875, k = round((1.0 / (pi * e->gamma) - 1.0) / 2.0);
            if (m == 0) exact = e->kind == FS_EVENT_FOLD ? 0.5 * fabs(cos(fold[e->gamma < 0.1])) : 1.0 / ((2.0 * k + 1.0) * pi);
            if (e->kind != FS_EVENT_FOLD && e->kind != FS_EVENT_MEETS && (e->kind != FS_EVENT_STABILITY || e->branch[0] == SIZE_MAX)) continue;
            assert_near(e->gamma, exact, e->error);
            assert_at_most(e->error, 1e-7);
            folds += e->kind == FS_EVENT_FOLD;
            if (e->kind != FS_EVENT_MEETS) continue;
            meetings++;
            assert_near(event_at(b, FS_EVENT_STABILITY, e->gamma)->gamma, e->gamma, 0.0);
            assert_int_equal(event_at(b, FS_EVENT_STABILITY, e->gamma)->branch[0], e->branch[1]);
            const fs_bifurcation_end *end = b->branch[e->branch[0]].end;
            assert_true(end[0].gamma == e->gamma || end[1].gamma == e->gamma);
        }
        fs_bifurcation_destroy(b);
        fs_problem_destroy(p);
    }
    assert_int_equal(meetings, 4);
    assert_int_equal(folds, 4);
}

/* --- laws of any diagram --------------------------------------------------------------------------------- */

/* A fresh gradient vanishes at every node, and a fresh Hessian has the eigenvalues that were judged. */
static void assert_nodes_are_equilibria(const fs_problem *p, const fs_bifurcation *b)
{
    size_t n = dim_L(p), E = fs_problem_basis(p)->dim_E;
    double *H = calloc(n * n, sizeof *H), *value = calloc(n, sizeof *value);
    fs_err err = { 0 };
    for (size_t i = 0; i < b->n_branches; i++)
        for (size_t k = 0; k < b->branch[i].n; k += 7) {
            const fs_bifurcation_node *node = &b->branch[i].node[k];
            fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, node->at.gamma);
            fs_flow_point point;
            fs_inertia signs = { 0 };
            assert_int_equal(fs_flow_evaluate(f, node->at.w, &point, NULL), FS_OK);
            assert_ok(fs_objective_hessian(f, node->at.w, H, &err), err);
            assert_at_most(point.speed, 64.0 * DBL_EPSILON * (node->at.norm + node->at.gamma) * (1.0 + norm_of(node->at.w, n)));
            assert_near(point.objective, node->at.objective, 0.0);
            assert_near(point.risk, node->at.risk, 0.0);
            assert_near(norm_of(node->at.w + E, n - E), node->at.distance, 4.0 * DBL_EPSILON * node->at.distance);
            assert_ok(fs_symmetric_eigen(n, H, value, &err), err);
            assert_near(value[0], node->is.lowest, node->is.error);
            for (size_t j = 0; j < n; j++) {
                signs.negative += value[j] < -node->is.error;
                signs.positive += value[j] > node->is.error;
            }
            assert_int_equal(signs.negative, node->is.signs.negative);
            assert_int_equal(n, node->is.signs.negative + node->is.signs.undecided + node->is.signs.positive);
            if (node->is.kind == FS_POINT_MINIMUM) assert_int_equal(signs.positive, n);
            fs_flow_destroy(f);
        }
    free(H);
    free(value);
}

static void assert_in_order(const fs_bifurcation *b)
{
    for (size_t i = 0; i < b->n_branches; i++)
        for (size_t k = 0; k + 1 < b->branch[i].n; k++) assert_true(b->branch[i].node[k].at.gamma <= b->branch[i].node[k + 1].at.gamma);
    for (size_t i = 0; i + 1 < b->n_events; i++) assert_true(b->event[i].gamma <= b->event[i + 1].gamma);
    for (size_t i = 0; i + 1 < b->n_searches; i++) assert_true(b->search[i] < b->search[i + 1]);
}

static void every_node_is_an_equilibrium_with_its_spectrum(void **state)
{
    (void)state;
    static const char *const models[] = { "tanh_swap", "toy_sine", "missing_irreps", "rotations_so2" };
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        fs_problem *p = load_model(models[i], NULL, NULL, NULL);
        fs_bifurcation *b = diagram_of(p);
        assert_true(b->n_branches > 0);
        assert_nodes_are_equilibria(p, b);
        assert_in_order(b);
        fs_bifurcation_destroy(b);
        fs_problem_destroy(p);
    }
}

/* Orbits of SO(2) and of hidden symmetries: zeros everywhere, so nothing off E is ever called stable, and no sign changes out of rounding. */
static void points_of_continua_are_never_stable(void **state)
{
    (void)state;
    static const char *const models[] = { "rotations_so2", "missing_irreps", "wrong_rep" };
    for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
        fs_problem *p = load_model(models[m], NULL, NULL, NULL);
        fs_bifurcation *b = diagram_of(p);
        for (size_t i = 0; i < b->n_branches; i++)
            for (size_t k = 0; k < b->branch[i].n; k++) assert_int_not_equal(b->branch[i].node[k].is.kind, FS_POINT_MINIMUM);
        for (size_t i = 0; i < b->n_alone; i++) assert_int_not_equal(b->alone[i].is.kind, FS_POINT_MINIMUM);
        for (size_t i = 0; i < b->n_events; i++) assert_true(b->event[i].kind != FS_EVENT_STABILITY || b->event[i].branch[0] == SIZE_MAX);
        fs_bifurcation_destroy(b);
        fs_problem_destroy(p);
    }
}

/* SO(2), CF8: |v|^2 = 4/3 (1 - gamma): one branch, however many points of the orbit were found. */
static void symmetric_copies_are_one_branch(void **state)
{
    (void)state;
    fs_problem *p = load_model("rotations_so2", NULL, NULL, NULL);
    fs_bifurcation *b = diagram_of(p);
    assert_int_equal(b->n_branches, 1);
    assert_true(b->branch[0].copies >= 2);
    for (size_t k = 0; k < b->branch[0].n; k++) {
        const fs_branch_node *node = &b->branch[0].node[k].at;
        assert_near(node->distance * node->distance, 4.0 / 3.0 * (1.0 - node->gamma), 2.0 * left_over(p, node));
    }
    fs_bifurcation_destroy(b);
    fs_problem_destroy(p);
    p = load_model("toy_quartic", NULL, NULL, NULL);
    b = diagram_of(p);
    assert_true(b->branch[0].copies >= 2);                      /* +- v */
    assert_int_equal(b->n_branches, 2);
    fs_bifurcation_destroy(b);
    fs_problem_destroy(p);
}

/* An equilibrium of E is stable above gamma_c by more than its error, and never where the sign is not decided. */
static void critical_gamma_itself_is_never_stable(void **state)
{
    (void)state;
    fs_problem *p = load_model("pitchfork", NULL, NULL, NULL);
    fs_bifurcation *b = diagram_of(p);
    size_t minima = 0;
    for (size_t i = 0; i < b->equilibria->n_points; i++) {
        fs_stability_point *point = &b->equilibria->point[i];
        double c = point->gamma_critical, e = point->gamma_error;
        assert_near(c, 1.0, e);
        int strict = point->on_E == FS_POINT_MINIMUM;
        minima += (size_t)strict;
        assert_int_equal(fs_equilibrium_at(p, point, c - 3.0 * e), FS_POINT_SADDLE);
        assert_int_equal(fs_equilibrium_at(p, point, c), strict ? FS_POINT_DEGENERATE : FS_POINT_SADDLE);
        assert_int_equal(fs_equilibrium_at(p, point, c + 3.0 * e), strict ? FS_POINT_MINIMUM : FS_POINT_SADDLE);
        assert_int_not_equal(fs_equilibrium_at(p, point, (double)NAN), FS_POINT_MINIMUM);
        point->gamma_error = (double)INFINITY;
        assert_int_not_equal(fs_equilibrium_at(p, point, 1e9), FS_POINT_MINIMUM);
        point->gamma_critical = (double)NAN;
        assert_int_equal(fs_equilibrium_at(p, point, 1e9), FS_POINT_UNKNOWN);
    }
    assert_true(minima >= 1);
    fs_bifurcation_destroy(b);
    fs_problem_destroy(p);
}

static void assert_same(const fs_bifurcation *a, const fs_bifurcation *b)
{
    assert_int_equal(a->n_branches, b->n_branches);
    assert_int_equal(a->n_events, b->n_events);
    for (size_t i = 0; i < a->n_branches; i++) {
        assert_int_equal(a->branch[i].n, b->branch[i].n);
        for (size_t k = 0; k < a->branch[i].n; k++) {
            const fs_bifurcation_node *x = &a->branch[i].node[k], *y = &b->branch[i].node[k];
            assert_memory_equal(x->at.w, y->at.w, dim_L(a->problem) * sizeof *x->at.w);
            assert_near(x->at.gamma, y->at.gamma, 0.0);
            assert_near(x->is.lowest, y->is.lowest, 0.0);
            assert_near(x->is.error, y->is.error, 0.0);
        }
    }
    for (size_t i = 0; i < a->n_events; i++) {
        assert_near(a->event[i].gamma, b->event[i].gamma, 0.0);
        assert_near(a->event[i].distance, b->event[i].distance, 0.0);
    }
}

static void threads_do_not_change_a_bit(void **state)
{
    (void)state;
    fs_problem *p = load_model("c3_transcritical", NULL, NULL, NULL);
    fs_bifurcation_options o = some_options();
    fs_bifurcation *one = compute(p, &o);
    o.threads = 3;
    fs_bifurcation *three = compute(p, &o);
    assert_same(one, three);
    fs_bifurcation_destroy(one);
    fs_bifurcation_destroy(three);
    fs_problem_destroy(p);
}

/* A list is the range: branches end at its ends, and searches are made nowhere else. */
static void listed_gammas_are_the_range(void **state)
{
    (void)state;
    static const double gamma[] = { 0.2, 0.3, 0.5 };
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_bifurcation_options o = some_options();
    o.gamma = gamma;
    o.n_gamma = 3;
    fs_bifurcation *b = compute(p, &o);
    assert_near(b->low, 0.2, 0.0);
    assert_near(b->high, 0.5, 0.0);
    assert_int_equal(b->n_searches, 3);
    assert_int_equal(b->n_branches, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_near(b->search[i], gamma[i], 0.0);
        assert_near(b->branch[i].node[0].at.gamma, 0.2, 0.0);
        assert_near(b->branch[i].node[b->branch[i].n - 1].at.gamma, 0.5, 0.0);
        assert_int_equal(b->branch[i].end[0].kind, FS_BRANCH_GOES_ON);
        assert_int_equal(b->branch[i].end[1].kind, FS_BRANCH_GOES_ON);
        /* nodes close enough for a line: 2 % of the largest |Y| */
        for (size_t k = 0; k + 1 < b->branch[i].n; k++)
            assert_at_most(fabs(b->branch[i].node[k + 1].at.distance - b->branch[i].node[k].at.distance), 0.021 * sqrt(2.0));
    }
    fs_bifurcation_destroy(b);
    fs_problem_destroy(p);
}

/* d w / d gamma is that of the closed form: CF2, v = sqrt(2 - 2 gamma), v' = -1 / v. */
static void tangents_are_derivatives(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_branch_tracer t;
    fs_err err = { 0 };
    double w[2] = { 0.0, 1.18 }, to[2], tangent[2];
    fs_branch_node node = { .w = to };
    int found;
    assert_ok(fs_branch_begin(&t, p, 1, (size_t)1 << 24, NULL, &err), err);
    assert_ok(fs_branch_stand(&t, w, 0.3, &node, &found, &err), err);
    assert_true(found);
    assert_near(fabs(to[1]), sqrt(1.4), 1e-14);
    fs_branch_tangent(&t, &node, tangent);
    assert_near(tangent[1], -1.0 / to[1], 1e-12);
    assert_near(tangent[0], 0.0, 1e-12);
    /* from far away, or onto E, nothing is found */
    assert_ok(fs_branch_step(&t, &node, 1.2, &node, &found, &err), err);
    assert_false(found);
    w[0] = 1.3;
    w[1] = 1e-3;
    assert_ok(fs_branch_stand(&t, w, 0.3, &node, &found, &err), err);
    assert_false(found);
    fs_branch_end(&t);
    fs_problem_destroy(p);
}

static int after_some(void *context, const char *stage, double fraction)
{
    long *left = context;
    (void)stage;
    (void)fraction;
    return (*left)-- <= 0;
}

static void watch_stops_with_what_is_known(void **state)
{
    (void)state;
    fs_problem *p = load_model("tanh_swap", NULL, NULL, NULL);
    size_t stopped = 0, whole = 0;
    for (long calls = 0; calls < 200000; calls = 5 * calls + 3) {
        long left = calls;
        fs_watch watch = { after_some, &left };
        fs_bifurcation_options o = some_options();
        fs_bifurcation *b = NULL;
        fs_err err = { 0 };
        o.watch = &watch;
        o.starts = 6;
        fs_status status = fs_bifurcation_compute(&b, p, &o, &err);
        assert_true(status == FS_OK || status == FS_ESTOPPED);
        if (status == FS_OK && b->stopped) stopped++;
        if (status == FS_OK && !b->stopped) whole++;
        if (status == FS_OK) assert_nodes_are_equilibria(p, b);
        fs_bifurcation_destroy(b);
    }
    assert_true(stopped >= 3 && whole >= 1);
    fs_problem_destroy(p);
}

/* The work asked for bounds what is done, and the note says so. */
static void little_work_is_said(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_bifurcation_options o = some_options();
    o.work = 1.0;
    fs_bifurcation *b = compute(p, &o);
    assert_true(b->n_searches <= 1);
    assert_non_null(strstr(b->note, "cut short"));
    fs_bifurcation_destroy(b);
    fs_problem_destroy(p);
}

static void senseless_requests_are_refused(void **state)
{
    (void)state;
    static const double one[] = { 1.0 }, down[] = { 1.0, 0.5 }, negative[] = { -1.0, 0.5 }, nan_[] = { 0.0, (double)NAN };
    static const struct { const double *gamma; size_t n; const char *word; } bad[] = { { one, 1, "found one" }, { down, 2, "increasing" }, { negative, 2, "increasing" },
                                                                                       { nan_, 2, "increasing" } };
    fs_err err = { 0 };
    fs_bifurcation *b = NULL;
    fs_bifurcation_options o = some_options();
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        o.gamma = bad[i].gamma;
        o.n_gamma = bad[i].n;
        assert_fails(fs_bifurcation_compute(&b, p, &o, &err), FS_EINPUT, err, bad[i].word);
        assert_null(b);
    }
    fs_problem_destroy(p);
    o.n_gamma = 0;
    p = load_model("cnn_c4", "group=C1", NULL, NULL);
    assert_fails(fs_bifurcation_compute(&b, p, &o, &err), FS_EINPUT, err, "dim N = 0");
    fs_problem_destroy(p);
    fs_bifurcation_destroy(NULL);
}

/* --- reports -------------------------------------------------------------------------------------------------- */

static const uint64_t seed = 1;

static fs_report_head head_of(const fs_problem *p)
{
    fs_report_head head = { .version = "0.1.0", .command = "bifurcation", .command_line = "flowsim bifurcation", .n_seed = 1, .seed = &seed, .isa = "avx2" };
    fs_report_head_fill(&head, p);
    return head;
}

static const char *in_folder(const char *name)
{
    static char path[4][400];
    static unsigned turn;
    char *p = path[turn++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

static char *get(const char *path, size_t *size)
{
    fs_err err = { 0 };
    char *text;
    size_t n;
    assert_ok(fs_file_read(path, (size_t)1 << 26, &text, &n, &err), err);
    if (size) *size = n;
    return text;
}

static double real_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!value) fail_msg("\"%s\" is missing", key);
    return json_is_string(value) ? strtod(json_string_value(value), NULL) : json_number_value(value);
}

static void json_holds_the_numbers_of_the_result(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_bifurcation *b = diagram_of(p);
    fs_report_head head = head_of(p);
    fs_err err = { 0 };
    json_error_t where;
    json_t *report = fs_json_bifurcation(&head, b);
    assert_non_null(report);
    assert_ok(fs_json_write(in_folder("report.json"), report, &err), err);
    json_decref(report);
    report = json_load_file(in_folder("report.json"), JSON_REJECT_DUPLICATES, &where);
    assert_non_null(report);
    const json_t *branches = json_object_get(report, "branches"), *events = json_object_get(report, "events");
    assert_int_equal(json_array_size(branches), b->n_branches);
    assert_int_equal(json_array_size(events), b->n_events);
    assert_non_null(strstr(json_string_value(json_object_get(report, "note")), " starts; branches may be missing"));
    assert_int_equal(json_array_size(json_object_get(report, "equilibria_on_E")), b->equilibria->n_points);
    for (size_t i = 0; i < b->n_branches; i++) {
        const json_t *nodes = json_object_get(json_array_get(branches, i), "nodes");
        assert_int_equal(json_array_size(nodes), b->branch[i].n);
        for (size_t k = 0; k < b->branch[i].n; k++) {
            const json_t *node = json_array_get(nodes, k);
            const fs_bifurcation_node *n = &b->branch[i].node[k];
            assert_near(real_of(node, "gamma"), n->at.gamma, 0.0);
            assert_near(real_of(node, "distance"), n->at.distance, 0.0);
            assert_near(real_of(node, "risk"), n->at.risk, 0.0);
            assert_near(real_of(node, "objective"), n->at.objective, 0.0);
            assert_near(real_of(node, "lowest"), n->is.lowest, 0.0);
            assert_near(real_of(node, "error"), n->is.error, 0.0);
            assert_string_equal(json_string_value(json_object_get(node, "kind")), fs_point_name(n->is.kind));
        }
    }
    for (size_t i = 0; i < b->n_events; i++) {
        const json_t *event = json_array_get(events, i), *branch = json_object_get(event, "branch");
        assert_near(real_of(event, "gamma"), b->event[i].gamma, 0.0);
        assert_string_equal(json_string_value(json_object_get(event, "kind")), fs_event_name(b->event[i].kind));
        if (b->event[i].branch[0] == SIZE_MAX) assert_true(json_is_null(branch));
        else assert_int_equal(json_integer_value(branch), b->event[i].branch[0] + 1);
    }
    json_decref(report);
    fs_bifurcation_destroy(b);
    fs_problem_destroy(p);
}

/* The rows behind the header, "branch,..." or "gamma,...". */
static char *rows_of(char *text, const char *header)
{
    char *at = strstr(text, header);
    if (!at) fail_msg("no header %s", header);
    return strchr(at + 1, '\n') + 1;
}

static void csv_reads_back_bit_for_bit(void **state)
{
    (void)state;
    fs_problem *p = load_model("missing_irreps", NULL, NULL, NULL);
    fs_bifurcation *b = diagram_of(p);
    fs_report_head head = head_of(p);
    fs_err err = { 0 };
    fs_folder *f;
    assert_true(b->n_alone > 0);
    assert_ok(fs_folder_open(&f, in_folder("csv"), 0, &err), err);
    assert_ok(fs_csv_write_bifurcation(f, &head, b, &err), err);
    fs_folder_destroy(f);
    char *text = get(in_folder("csv/branches.csv"), NULL), *at = rows_of(text, "\nbranch,gamma,");
    for (size_t i = 0; i <= b->n_branches; i++) {
        size_t n = i < b->n_branches ? b->branch[i].n : b->n_alone;
        const fs_bifurcation_node *node = i < b->n_branches ? b->branch[i].node : b->alone;
        for (size_t k = 0; k < n; k++) {
            const double number[] = { node[k].at.gamma, node[k].at.distance, node[k].at.risk, node[k].at.objective, node[k].is.lowest, node[k].is.error };
            assert_int_equal(strtoul(at, &at, 10), i < b->n_branches ? i + 1 : 0);
            for (size_t j = 0; j < 6; j++) assert_near(strtod(at + 1, &at), number[j], 0.0);
            assert_int_equal(strncmp(at + 1, fs_point_name(node[k].is.kind), strlen(fs_point_name(node[k].is.kind))), 0);
            at = strchr(at, '\n') + 1;
        }
    }
    assert_int_equal(*at, 0);
    free(text);
    text = get(in_folder("csv/events.csv"), NULL);
    at = rows_of(text, "\ngamma,error,");
    for (size_t i = 0; i < b->n_events; i++) {
        assert_near(strtod(at, &at), b->event[i].gamma, 0.0);
        assert_near(strtod(at + 1, &at), b->event[i].error, 0.0);
        assert_int_equal(strncmp(at + 1, fs_event_name(b->event[i].kind), strlen(fs_event_name(b->event[i].kind))), 0);
        at = strchr(at, '\n') + 1;
    }
    assert_int_equal(*at, 0);
    free(text);
    fs_bifurcation_destroy(b);
    fs_problem_destroy(p);
}

static char *table_of(const fs_report_head *head, const fs_bifurcation *b)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    fs_table_print_bifurcation(stream, head, b, 0);
    fclose(stream);
    size_t width = 0;
    for (const char *c = text; *c; c++) {
        width = *c == '\n' ? 0 : width + ((*c & 0xc0) != 0x80);
        if (width > 100) fail_msg("a line is wider than 100 columns in\n%s", text);
    }
    return text;
}

static void assert_says(const char *text, const char *part)
{
    if (!strstr(text, part)) fail_msg("\"%s\" is missing in\n%s", part, text);
}

/* A result without anything: stopped before, or separable on E. */
static fs_bifurcation *nothing_of(const fs_problem *p)
{
    fs_bifurcation_options o = some_options();
    o.starts = 0;
    fs_bifurcation *b = compute(p, &o);
    for (size_t i = 0; i < b->equilibria->n_points; i++) b->equilibria->point[i].at->outcome = FS_SEARCH_SEPARABLE;
    for (size_t i = 0; i < b->n_branches; i++) {
        for (size_t k = 0; k < b->branch[i].n; k++) free(b->branch[i].node[k].at.w);
        free(b->branch[i].node);
    }
    for (size_t i = 0; i < b->n_alone; i++) free(b->alone[i].at.w);
    b->n_branches = b->n_events = b->n_alone = 0;
    b->stopped = 1;
    return b;
}

static void table_says_what_happens_where(void **state)
{
    (void)state;
    fs_problem *p = load_model("tanh_swap", NULL, NULL, NULL);
    fs_bifurcation *b = diagram_of(p);
    fs_report_head head = head_of(p);
    char *text = table_of(&head, b);
    assert_says(text, "gamma = 0.537686");
    assert_says(text, "fold of branches");
    assert_says(text, "infinity");
    assert_says(text, "gamma_c = -1.47456");
    assert_says(text, "branches may be missing");
    free(text);
    fs_bifurcation_destroy(b);
    b = nothing_of(p);
    text = table_of(&head, b);
    assert_says(text, "the data are separated");
    assert_says(text, "no equilibrium was found");
    assert_says(text, "INTERRUPTED");
    free(text);
    fs_bifurcation_destroy(b);
    fs_problem_destroy(p);
}

static void draw(fs_figure *figure, const char *name, const fs_report_head *head, const fs_bifurcation *b, const char *format)
{
    char scripts[400];
    const char *source = getenv("FLOWSIM_SRCDIR");
    fs_err err = { 0 };
    fs_folder *f;
    snprintf(scripts, sizeof scripts, "%s/figures", source ? source : ".");
    const fs_figure_options options = { .format = format, .scripts = scripts };
    assert_ok(fs_folder_open(&f, in_folder(name), 0, &err), err);
    assert_ok(fs_figure_draw_bifurcation(figure, f, head, b, &options, &err), err);
    assert_ok(fs_folder_settle(f, &err), err);
    fs_folder_destroy(f);
}

static int have_gnuplot(void)
{
    int have = system("gnuplot --version >/dev/null 2>&1") == 0;
    if (!have) print_message("# gnuplot is not installed: pictures themselves were not made\n");
    return have;
}

static void figures_are_drawn_and_the_same_twice(void **state)
{
    (void)state;
    static const char *const format[] = { "png", "svg" };
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_bifurcation *b = diagram_of(p);
    fs_report_head head = head_of(p);
    for (size_t k = 0; k < 2 && have_gnuplot(); k++) {
        fs_figure figure;
        char *bytes[2], path[40];
        size_t size[2];
        for (int turn = 0; turn < 2; turn++) {
            draw(&figure, turn ? "two" : "one", &head, b, format[k]);
            if (!figure.made) fail_msg("%s", figure.note);
            snprintf(path, sizeof path, "%s/%s", turn ? "two" : "one", figure.file);
            bytes[turn] = get(in_folder(path), &size[turn]);
            assert_true(size[turn] > 4000);
        }
        assert_int_equal(size[0], size[1]);
        assert_memory_equal(bytes[0], bytes[1], size[0]);
        free(bytes[0]);
        free(bytes[1]);
    }
    fs_bifurcation_destroy(b);
    fs_problem_destroy(p);
}

/* Every format, titles of any characters, results without branches, without equilibria, of continua. */
static void figures_of_extreme_results_are_drawn(void **state)
{
    (void)state;
    static const char *const titles[] = { "it's `date` \"and\" 'more'\n$(ls) \\ @x {a_b}^2 %s \xff", "", "'" };
    static const char *const models[] = { "tanh_swap", "wrong_rep", "c3_transcritical" }, *const format[] = { "pdf", "dumb", "svg" };
    for (size_t i = 0; i < 3 && have_gnuplot(); i++) {
        fs_problem *p = load_model(models[i], NULL, NULL, NULL);
        fs_report_head head = head_of(p);
        fs_figure figure;
        head.title = titles[i];
        fs_bifurcation *b = diagram_of(p), *none = nothing_of(p);
        draw(&figure, "out", &head, b, format[i]);
        if (!figure.made) fail_msg("%s: %s", models[i], figure.note);
        draw(&figure, "out", &head, none, "svg");
        if (!figure.made) fail_msg("%s without anything: %s", models[i], figure.note);
        char *text = get(in_folder("out/figure.svg"), NULL);
        assert_says(text, "no equilibrium off E was found");
        assert_says(text, "no equilibrium was found on E");
        free(text);
        fs_bifurcation_destroy(b);
        fs_bifurcation_destroy(none);
        fs_problem_destroy(p);
    }
}

/* What attracts, what does not and what is not decided stand in blocks of their own, and labels say where. */
static void figure_data_follow_the_kinds(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    fs_bifurcation *b = diagram_of(p);
    fs_report_head head = head_of(p);
    fs_figure figure;
    draw(&figure, "kinds", &head, b, "svg");
    char *data = get(in_folder("kinds/figure.dat"), NULL), *script = get(in_folder("kinds/figure.gp"), NULL);
    char *stable = strstr(data, "# stable;"), *unstable = strstr(data, "# unstable;"), *undecided = strstr(data, "# undecided;");
    assert_true(stable && unstable && undecided && stable < unstable && unstable < undecided);
    double largest = 0.0, x, y;
    for (char *line = strchr(stable, '\n') + 1; line < unstable; line = strchr(line, '\n') + 1)
        if (sscanf(line, "%lf %lf", &x, &y) == 2 && x > largest) largest = x;
    assert_near(largest, 2.0 / 3.0, 1e-6);
    assert_says(script, "n_undecided = 0\n");
    assert_says(script, "label_text_1 = '");
    assert_says(script, "γ = 1'");
    assert_says(script, "γ = 0.6667'");
    free(data);
    free(script);
    fs_bifurcation_destroy(b);
    fs_problem_destroy(p);
    p = load_model("rotations_so2", NULL, NULL, NULL);
    b = diagram_of(p);
    head = head_of(p);
    draw(&figure, "kinds", &head, b, "svg");
    script = get(in_folder("kinds/figure.gp"), NULL);
    assert_says(script, "n_stable = 0\n");
    assert_true(!strstr(script, "n_undecided = 0\n"));
    free(script);
    fs_bifurcation_destroy(b);
    fs_problem_destroy(p);
}

/* The range of gamma in this block, an empty one (0, 0). */
static void range_of_block(const char *data, const char *block, double range[2])
{
    char name[40];
    double x, y;
    snprintf(name, sizeof name, "# %s;", block);
    const char *line = strstr(data, name);
    if (!line) fail_msg("no block \"%s\"", block);
    range[0] = range[1] = 0.0;
    int first = 1;
    for (line = strchr(line, '\n') + 1; *line && *line != '#'; line = strchr(line, '\n') + 1)
        if (sscanf(line, "%lf %lf", &x, &y) == 2 && !isnan(x)) {
            if (first || x < range[0]) range[0] = x;
            if (first || x > range[1]) range[1] = x;
            first = 0;
        }
}

/* E is what all its equilibria are: minima that attract at every gamma beside maxima that do not below 1/2 (CF1) or 1 (CF2), which are no critical gammas; a minimum
 * and a maximum that both do from 1 on (CF3); of continua nothing is decided. */
static void E_is_drawn_as_all_that_was_found_on_it(void **state)
{
    (void)state;
    static const char *const block[] = { "E all", "E some", "E none", "E undecided", "E unknown" };
    static const struct { const char *model, *across; double range[5][2]; int critical, other; } expected[] = {
        { "toy_sine", "maximum on E", { { 0.5, 0.65 }, { 0.0, 0.5 } }, 0, 1 },
        { "toy_quartic", "maximum on E", { { 1.0, 1.3 }, { 0.0, 1.0 } }, 0, 1 },
        { "pitchfork", "on E", { { 1.0, 1.3 }, { 0.0, 0.0 }, { 0.0, 1.0 } }, 1, 0 },
        { "tanh_swap", "on E", { { 0.0, 1.3 * 0.53768679866 } }, 0, 0 },
    };
    for (size_t m = 0; m < sizeof expected / sizeof *expected; m++) {
        fs_problem *p = load_model(expected[m].model, NULL, NULL, NULL);
        fs_bifurcation *b = diagram_of(p);
        fs_report_head head = head_of(p);
        fs_figure figure;
        char line[60];
        double range[2];
        draw(&figure, "on_E", &head, b, "svg");
        char *data = get(in_folder("on_E/figure.dat"), NULL), *script = get(in_folder("on_E/figure.gp"), NULL);
        for (size_t k = 0; k < 5; k++) {
            range_of_block(data, block[k], range);
            for (int side = 0; side < 2; side++) assert_near(range[side], expected[m].range[k][side], 1e-7);
        }
        snprintf(line, sizeof line, "n_critical = %d\n", expected[m].critical);
        assert_says(script, line);
        snprintf(line, sizeof line, "n_across = %d\n", expected[m].other);
        assert_says(script, line);
        assert_says(script, expected[m].across);
        snprintf(line, sizeof line, "from %zu starts; branches may be missing", b->starts);
        assert_says(script, line);
        assert_says(b->note, line);
        for (size_t i = 0; i < b->equilibria->n_points; i++) b->equilibria->point[i].gamma_error = (double)INFINITY;
        draw(&figure, "on_E", &head, b, "svg");
        free(data);
        data = get(in_folder("on_E/figure.dat"), NULL);
        for (size_t k = 0; k < 5; k++) {
            range_of_block(data, block[k], range);
            assert_near(range[1], k == 3 ? b->high : 0.0, 0.0);
        }
        free(data);
        free(script);
        fs_bifurcation_destroy(b);
        fs_problem_destroy(p);
    }
}

/* `gnuplot -e` sets the size, and on a terminal words beside a branch that runs away stay below what the axis is. */
static void size_is_asked_for_and_words_do_not_meet(void **state)
{
    (void)state;
    fs_problem *p = load_model("tanh_swap", NULL, NULL, NULL);
    fs_bifurcation *b = diagram_of(p);
    fs_report_head head = head_of(p);
    fs_figure figure;
    char command[500];
    if (have_gnuplot()) {
        draw(&figure, "size", &head, b, "svg");
        snprintf(command, sizeof command, "cd '%s' && gnuplot -e 'figure_width=900' figure.gp", in_folder("size"));
        assert_int_equal(system(command), 0);
        char *text = get(in_folder("size/figure.svg"), NULL);
        assert_says(text, "width=\"900\"");
        free(text);
        draw(&figure, "size", &head, b, "dumb");
        text = get(in_folder("size/figure.txt"), NULL);
        const char *axis = strstr(text, "distance to E,  |Y|"), *infinity = strstr(text, "→ ∞ as γ → 0");
        assert_true(axis && infinity && axis < infinity && memchr(axis, '\n', (size_t)(infinity - axis)));
        assert_says(text, "branches may be missing");
        free(text);
    }
    fs_bifurcation_destroy(b);
    fs_problem_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pitchfork_branches_are_square_roots),
        cmocka_unit_test(quartic_saddles_end_where_the_attractor_loses_its_stability),
        cmocka_unit_test(third_turns_fold_and_join_E),
        cmocka_unit_test(tanh_neurons_fold_and_join_E),
        cmocka_unit_test(sine_lattice_is_on_the_curves),
        cmocka_unit_test(errors_of_events_hold_the_closed_forms),
        cmocka_unit_test(every_node_is_an_equilibrium_with_its_spectrum),
        cmocka_unit_test(points_of_continua_are_never_stable),
        cmocka_unit_test(symmetric_copies_are_one_branch),
        cmocka_unit_test(critical_gamma_itself_is_never_stable),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(listed_gammas_are_the_range),
        cmocka_unit_test(tangents_are_derivatives),
        cmocka_unit_test(watch_stops_with_what_is_known),
        cmocka_unit_test(little_work_is_said),
        cmocka_unit_test(senseless_requests_are_refused),
        cmocka_unit_test(json_holds_the_numbers_of_the_result),
        cmocka_unit_test(csv_reads_back_bit_for_bit),
        cmocka_unit_test(table_says_what_happens_where),
        cmocka_unit_test(figures_are_drawn_and_the_same_twice),
        cmocka_unit_test(figures_of_extreme_results_are_drawn),
        cmocka_unit_test(figure_data_follow_the_kinds),
        cmocka_unit_test(E_is_drawn_as_all_that_was_found_on_it),
        cmocka_unit_test(size_is_asked_for_and_words_do_not_meet),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
