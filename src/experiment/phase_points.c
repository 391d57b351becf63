/* experiment/phase_points.c -- the stationary points of a phase portrait and their kinds
 *
 *   F(w) = 0;   kind by the signs of the eigenvalues of Hess S on all of L, with their errors and what the distance to the true point adds
 *
 * On the exact plane: Newton's method from the nodes of the grid where |F| is smallest among its neighbours, and from the cells where both components of F change
 * sign.  On a slice: the centre, and what searches in all of L find in the plane.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/norm.h"
#include "experiment/phase_private.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    POINTS_MOST = 64,           /* of a panel */
    CANDIDATES_MOST = 1500      /* Newton's runs of a panel */
};
static const double same_place = 1e-6;          /* relative to the window: one point, and in the plane */
static const double same_flat_place = 1e-3;     /* the same of degenerate points, which are known less well */
static const double apart = 0.08;               /* relative to the window: points that are listed of a continuum */

/* Largest coordinate of the difference, relative to the window. */
static double separation(const fs_portrait *k, const double window[4], const double *w, const double *z)
{
    double from[2], to[2], largest = 0.0;
    fs_phase_project(k, w, from);
    fs_phase_project(k, z, to);
    for (int axis = 0; axis < 2; axis++) fs_raise_to(&largest, fabs(from[axis] - to[axis]) / (window[2 * axis + 1] - window[2 * axis]));
    return largest;
}

static int is_inside(const double window[4], const double place[2])
{
    return place[0] >= window[0] && place[0] <= window[1] && place[1] >= window[2] && place[1] <= window[3];
}

/* --- candidates ----------------------------------------------------------------------------------- */

typedef struct {
    const fs_portrait *k;
    const fs_plane_grid *grid;
    double gamma;
    double *F;                  /* (n, n, 2) */
    fs_stationary_set *set;
    size_t runs;
} zero_search;

/* No neighbour has a smaller |F|; where F vanishes along a curve all its nodes pass. */
static int is_least(const zero_search *z, size_t i, size_t j)
{
    size_t n = z->grid->n;
    double here = fs_norm(2, z->F + 2 * (j * n + i));
    for (size_t q = j ? j - 1 : 0; q <= j + 1 && q < n; q++)
        for (size_t p = i ? i - 1 : 0; p <= i + 1 && p < n; p++)
            if (fs_norm(2, z->F + 2 * (q * n + p)) < here) return 0;
    return 1;
}

/* Both components change sign in the cell above and to the right of (i, j). */
static int is_crossed(const zero_search *z, size_t i, size_t j)
{
    size_t n = z->grid->n;
    if (i + 1 == n || j + 1 == n) return 0;
    const double *corner[4] = { z->F + 2 * (j * n + i), z->F + 2 * (j * n + i + 1), z->F + 2 * ((j + 1) * n + i), z->F + 2 * ((j + 1) * n + i + 1) };
    for (int c = 0; c < 2; c++) {
        int below = 0, above = 0;
        for (int m = 0; m < 4; m++) {
            below |= corner[m][c] <= 0.0;
            above |= corner[m][c] >= 0.0;
        }
        if (!below || !above) return 0;
    }
    return 1;
}

/* Newton's method from place; what it finds in the window and is not known joins the set. */
static fs_status try_place(zero_search *z, const double place[2], fs_err *err)
{
    const fs_portrait *k = z->k;
    fs_stationary_options options = { .threads = k->threads, .keep_limit = k->o->keep_limit, .watch = k->o->watch };
    fs_stationary *found = NULL;
    double w[2], at[2];
    z->runs++;
    fs_phase_lift(k, place, w);
    fs_status status = fs_stationary_newton(&found, k->p, k->o->kind, z->gamma, w, 0, NULL, &options, err);
    if (status == FS_ENAN) return FS_OK;        /* on the way nothing could be evaluated: nothing is found */
    FS_TRY(status);
    int stopped = found->outcome == FS_SEARCH_STOPPED, wanted = found->outcome == FS_SEARCH_FOUND;
    fs_phase_project(k, found->w, at);
    wanted = wanted && is_inside(z->grid->window, at);
    for (size_t i = 0; i < z->set->count && wanted; i++) wanted = separation(k, z->grid->window, found->w, z->set->point[i]->w) > same_place;
    if (!wanted) fs_stationary_destroy(found);
    if (stopped) return fs_fail(err, FS_ESTOPPED, "stopped while stationary points were looked for");
    if (wanted && fs_stationary_set_add(z->set, found) < 0) return fs_fail(err, FS_ENOMEM, "%zu stationary points", z->set->count + 1);
    return FS_OK;
}

static fs_status search_grid(zero_search *z, fs_err *err)
{
    const fs_plane_grid *g = z->grid;
    for (size_t j = 0; j < g->n; j++) {
        if (fs_watch_report(z->k->o->watch, "stationary points", (double)j / (double)g->n) != FS_OK)
            return fs_fail(err, FS_ESTOPPED, "stopped while stationary points were looked for");
        for (size_t i = 0; i < g->n; i++) {
            double node[2] = { g->a[i], g->b[j] };
            if (z->runs < CANDIDATES_MOST && is_least(z, i, j)) FS_TRY(try_place(z, node, err));
            if (z->runs < CANDIDATES_MOST && is_crossed(z, i, j))
                FS_TRY(try_place(z, (const double[2]){ 0.5 * (g->a[i] + g->a[i + 1]), 0.5 * (g->b[j] + g->b[j + 1]) }, err));
        }
    }
    return FS_OK;
}

fs_status fs_plane_zeros(fs_stationary_set *out, const fs_portrait *k, const fs_plane_grid *g, double gamma, int *more, fs_err *err)
{
    zero_search z = { .k = k, .grid = g, .gamma = gamma, .set = out, .F = fs_calloc(g->n, 2 * g->n * sizeof *z.F) };
    if (!z.F) return fs_fail(err, FS_ENOMEM, "the field on %zu by %zu nodes", g->n, g->n);
    memcpy(z.F, g->field, 2 * g->n * g->n * sizeof *z.F);
    for (size_t j = 0; j < g->n; j++)
        for (size_t i = 0; i < g->n; i++) fs_phase_penalise(k->phase, gamma, (const double[2]){ g->a[i], g->b[j] }, z.F + 2 * (j * g->n + i));
    fs_status status = search_grid(&z, err);
    *more = z.runs >= CANDIDATES_MOST;
    free(z.F);
    return status;
}

/* --- kinds ---------------------------------------------------------------------------------------------- */

static double larger(double a, double b)
{
    return b > a || isnan(b) ? b : a;
}

static double highest_error(const fs_spectrum_block *b)
{
    return b->count && b->value[b->count - 1] >= b->highest ? b->error[b->count - 1] : b->lowest_error;
}

/* point by its eigenvalues on L; at's Hessian and shift measured with f, at gamma */
static fs_status classify(const fs_portrait *k, fs_flow *f, const fs_stationary *at, fs_phase_point *point, fs_err *err)
{
    fs_spectrum *s = NULL;
    fs_spectrum_options options = { .whole = 1, .watch = k->o->watch };
    fs_point_flows flows = { .problem = k->p, .observer = f, .own = f, .threads = k->threads, .keep_limit = k->o->keep_limit };
    double shift = (double)NAN, *H = NULL;
    fs_status status = fs_spectrum_compute(&s, k->p, f, at->w, &options, err);
    if (status == FS_OK && s->stopped) status = fs_fail(err, FS_ESTOPPED, "stopped while a stationary point was classified");
    if (status == FS_OK && k->n > FS_STABILITY_DENSE_LIMIT) status = fs_point_shift_of_lowest(&shift, &flows, at, s, err);
    else if (status == FS_OK) {
        H = fs_calloc(k->n, k->n * sizeof *H);
        status = H ? fs_objective_hessian(f, at->w, H, err) : fs_fail(err, FS_ENOMEM, "Hessian of dimension %zu", k->n);
        if (status == FS_OK) status = fs_point_shift(&shift, &flows, at, H, err);
    }
    if (status == FS_ENAN || status == FS_ESOLVER) {    /* nothing is known of the kind */
        status = FS_OK;
        goto done;
    }
    if (status != FS_OK) goto done;
    double extra = isfinite(shift) ? shift : (double)INFINITY;
    point->kind = fs_point_of(&s->whole, 0.0, extra);
    point->inertia = fs_point_counts(&s->whole, 0.0, extra);
    point->lowest = s->whole.lowest;
    point->highest = s->whole.highest;
    point->error = larger(s->whole.lowest_error, highest_error(&s->whole)) + extra;
done:
    free(H);
    fs_spectrum_destroy(s);
    return status;
}

/* The centre by what is known of it: on E, at every gamma. */
static void classify_centre(const fs_portrait *k, double gamma, fs_phase_point *point)
{
    const fs_spectrum_block *E = &k->spectrum->E, *N = &k->spectrum->N;
    double extra = isfinite(k->centre_shift) ? k->centre_shift : (double)INFINITY;
    fs_inertia on_E = fs_point_counts(E, 0.0, extra), on_N = fs_point_counts(N, gamma, extra);
    point->kind = fs_point_of_sum(E, fs_point_of(E, 0.0, extra), N, fs_point_of(N, gamma, extra));
    if ((E->complete || !E->dim) && (N->complete || !N->dim))
        point->inertia = (fs_inertia){ on_E.negative + on_N.negative, on_E.undecided + on_N.undecided, on_E.positive + on_N.positive };
    point->lowest = !E->dim || (N->dim && N->lowest + gamma < E->lowest) ? N->lowest + gamma : E->lowest;
    point->highest = !E->dim || (N->dim && N->highest + gamma > E->highest) ? N->highest + gamma : E->highest;
    point->error = extra;
    if (E->dim) point->error = larger(point->error, extra + larger(E->lowest_error, highest_error(E)));
    if (N->dim) point->error = larger(point->error, extra + larger(N->lowest_error, highest_error(N)));
}

/* --- the list of a panel ------------------------------------------------------------------------------------ */

static fs_phase_point point_of(const fs_portrait *k, const fs_stationary *at)
{
    fs_phase_point point = { .kind = FS_POINT_UNKNOWN, .lowest = (double)NAN, .highest = (double)NAN, .error = (double)INFINITY, .risk = at->risk,
                             .distance = at->distance, .residual = at->residual };
    fs_phase_project(k, at->w, point.place);
    return point;
}

/* Points with an undecided eigenvalue crowd: next to one of them that is listed a further one is the same, or one of a continuum. */
static int is_crowded(const fs_phase *phase, fs_phase_panel *panel, const fs_phase_point *point)
{
    if (!point->inertia.undecided) return 0;
    for (size_t i = 0; i < panel->n_points; i++) {
        const fs_phase_point *other = &panel->point[i];
        double far = 0.0;
        for (int axis = 0; axis < 2; axis++)
            fs_raise_to(&far, fabs(point->place[axis] - other->place[axis]) / (phase->window[2 * axis + 1] - phase->window[2 * axis]));
        if (!other->inertia.undecided || far > apart) continue;
        if (far > same_flat_place) panel->more_points = 1;
        return 1;
    }
    return 0;
}

static void list_point(const fs_phase *phase, fs_phase_panel *panel, const fs_phase_point *point)
{
    if (is_crowded(phase, panel, point)) return;
    if (panel->n_points == POINTS_MOST) panel->more_points = 1;
    else panel->point[panel->n_points++] = *point;
}

static fs_status exact_points(fs_portrait *k, fs_phase_panel *panel, fs_flow *f, fs_err *err)
{
    const fs_phase *phase = k->phase;
    fs_plane_grid grid = { .n = phase->grid, .a = phase->a, .b = phase->b, .field = phase->field, .risk = phase->risk };
    memcpy(grid.window, phase->window, sizeof grid.window);
    fs_stationary_set set = { 0 };
    fs_status status = fs_plane_zeros(&set, k, &grid, panel->gamma, &panel->more_points, err);
    for (size_t i = 0; i < set.count && status == FS_OK; i++) {
        fs_phase_point point = point_of(k, set.point[i]);
        status = classify(k, f, set.point[i], &point, err);
        if (status == FS_OK) list_point(phase, panel, &point);
    }
    fs_stationary_set_clear(&set);
    return status;
}

/* By increasing risk, as the set has them: lists what lies in the plane and the window. */
static fs_status sort_out(fs_portrait *k, fs_phase_panel *panel, fs_flow *f, const fs_stationary_set *set, fs_err *err)
{
    const fs_phase *phase = k->phase;
    double size = larger(phase->window[1] - phase->window[0], phase->window[3] - phase->window[2]);
    for (size_t i = 0; i < set->count; i++) {
        const fs_stationary *at = set->point[i];
        fs_phase_point point = point_of(k, at);
        if (!(fs_phase_off(k, at->w) <= same_place * size)) {
            panel->off_plane++;
            continue;
        }
        if (!is_inside(phase->window, point.place)) continue;
        if (k->o->kind == FS_FLOW_AUGMENTED && k->centre->outcome == FS_SEARCH_FOUND && fs_stationary_same(at, k->centre)) classify_centre(k, panel->gamma, &point);
        else FS_TRY(classify(k, f, at, &point, err));
        list_point(phase, panel, &point);
    }
    return FS_OK;
}

/* A zero on E of the augmented flow is one at every gamma, if its gradient over all of L is as small as it is on E. */
static int centre_rests(const fs_portrait *k)
{
    const fs_stationary *at = k->centre;
    return k->o->kind == FS_FLOW_AUGMENTED && at->outcome == FS_SEARCH_FOUND && at->residual <= 100.0 * at->tolerance;
}

/* The centre as a stationary point at gamma, or NULL. */
static fs_status point_at_centre(const fs_portrait *k, double gamma, fs_stationary **out, fs_err *err)
{
    const fs_stationary *centre = k->centre;
    fs_stationary_options options = { .solver = k->o->solver, .threads = k->threads, .keep_limit = k->o->keep_limit, .watch = k->o->watch };
    *out = NULL;
    if (!centre_rests(k)) {
        FS_TRY(fs_stationary_newton(out, k->p, k->o->kind, gamma, centre->w, 0, NULL, &options, err));
        return (*out)->outcome == FS_SEARCH_STOPPED ? fs_fail(err, FS_ESTOPPED, "stopped at the centre of the plane") : FS_OK;
    }
    fs_stationary *copy = fs_calloc(1, sizeof *copy);
    if (!copy) return fs_fail(err, FS_ENOMEM, "a stationary point");
    *copy = *centre;
    copy->kind = k->o->kind;
    copy->gamma = gamma;
    copy->w = fs_calloc(k->n, sizeof *copy->w);
    *out = copy;
    if (!copy->w) return fs_fail(err, FS_ENOMEM, "a stationary point of dimension %zu", k->n);
    memcpy(copy->w, centre->w, k->n * sizeof *copy->w);
    return FS_OK;
}

static fs_status slice_points(fs_portrait *k, fs_phase_panel *panel, fs_flow *f, fs_err *err)
{
    const fs_phase_options *o = k->o;
    fs_stationary_options options = { .solver = o->solver, .threads = k->threads, .keep_limit = o->keep_limit, .watch = o->watch };
    fs_stationary_set set = { 0 };
    fs_stationary *centre = NULL;
    fs_status status = k->centre->outcome == FS_SEARCH_FOUND ? point_at_centre(k, panel->gamma, &centre, err) : FS_OK;
    if (status == FS_OK && centre && centre->outcome == FS_SEARCH_FOUND) {
        if (fs_stationary_set_add(&set, centre) < 0) status = fs_fail(err, FS_ENOMEM, "a stationary point");
        centre = NULL;
    }
    if (status == FS_OK && o->starts && k->n <= FS_STABILITY_DENSE_LIMIT)
        status = fs_stationary_search(&set, k->p, o->kind, panel->gamma, o->starts, o->weights ? 1 : o->seed[0], &options, err);
    if (status == FS_OK && set.stopped) status = fs_fail(err, FS_ESTOPPED, "stopped while stationary points were looked for");
    if (status == FS_OK) status = sort_out(k, panel, f, &set, err);
    fs_stationary_destroy(centre);
    fs_stationary_set_clear(&set);
    return status;
}

fs_status fs_phase_points(fs_portrait *k, fs_phase_panel *panel, fs_err *err)
{
    fs_flow *f = NULL;
    panel->point = fs_calloc(POINTS_MOST, sizeof *panel->point);
    fs_status status = panel->point ? fs_phase_observer(&f, k, panel->gamma, err) : fs_fail(err, FS_ENOMEM, "%d stationary points", POINTS_MOST);
    if (status == FS_OK) status = k->phase->exact ? exact_points(k, panel, f, err) : slice_points(k, panel, f, err);
    fs_flow_destroy(f);
    return status;
}
