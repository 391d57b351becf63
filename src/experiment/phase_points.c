/* experiment/phase_points.c -- the stationary points of a phase portrait and their kinds
 *
 *   F(w) = 0;   kind by the signs of the eigenvalues of Hess S on all of L, with their errors and what the distance to the true point adds
 *   sum of the indices sign det Hess S over all zeros in the window = turns of F along its edge                       (Poincare, Hopf)
 *
 * On the exact plane: Newton's method from the cells where both components of F change sign, from the nodes where |F| is smallest among its neighbours, and from
 * the zeros along E.  A zero is alone in the box of one cell around it if Hess S varies there by less than its smallest |eigenvalue|: F is injective then.  Where
 * that does not hold, next to a fold or a pitchfork and where the grid is coarse, more are looked for: Newton's method deflated by what is known, from displacements
 * along the eigenvectors on all scales, and from where the flow takes the unstable directions of saddles.  The turns of F tell at last whether some are missing.
 *
 * On a slice: the centre, the ends of the paths, and what searches in all of L find in the plane.
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
    POINTS_MOST = 256,          /* listed of a panel */
    CANDIDATES_MOST = 1500,     /* Newton's runs of a panel from the grid */
    FOLLOWED_MOST = 4000,       /* and from what was found */
    AWAY_MOST = 16,             /* known zeros that are divided out: their product stays far below the largest double */
    PARTS = 4                   /* of a cell along each axis, where a zero is missing */
};
static const double same_place = 1e-6;          /* relative to the window: in the plane */
static const double same_flat_place = 1e-3;     /* one point, of degenerate ones, which are known less well; relative to the window and to 1 + |w| */
static const double apart = 0.08;               /* relative to the window: points that are listed of a continuum */
static const double ladder = 4.0;               /* ratio of the displacements from a zero */
static const double shortest = 1e-5;            /* of them, relative to 1 + |w| */
static const double beside = 1e-3;              /* of a saddle, relative to the window: start of its unstable directions */
static const double flat = 1e-10;               /* |eigenvalue| against the other: zero, for a search */
static const double resting = 1e-3;             /* |w'| of a path at its end against its start: Newton is tried there */
static const double right_angle = 1.57079632679489662;

static int is_inside(const double window[4], const double place[2])
{
    return place[0] >= window[0] && place[0] <= window[1] && place[1] >= window[2] && place[1] <= window[3];
}

/* --- one search --------------------------------------------------------------------------------------- */

typedef struct { double place[2]; } candidate;

typedef struct {
    const fs_portrait *k;
    const fs_plane_grid *grid;
    double gamma, cell[2];
    double *F;                  /* (n, n, 2) */
    fs_stationary_set *set;
    fs_flow *moving;            /* the field at gamma = 0 */
    fs_flow *observer;          /* of Hess S */
    candidate *crossed, *least; /* middles of cells, nodes */
    size_t n_crossed, n_least, runs;
    const fs_stationary **found;        /* those of set, as they came */
    size_t n_found, room;
} zero_search;

static const double *node(const zero_search *z, size_t i, size_t j)
{
    return z->F + 2 * (j * z->grid->n + i);
}

static fs_status stopped(fs_err *err)
{
    return fs_fail(err, FS_ESTOPPED, "stopped while stationary points were looked for");
}

static fs_status remember(zero_search *z, const fs_stationary *found, fs_err *err)
{
    if (z->n_found == z->room) {
        size_t room = z->room ? 2 * z->room : 64;
        const fs_stationary **more = fs_calloc(room, sizeof *more);
        if (!more) return fs_fail(err, FS_ENOMEM, "%zu stationary points", room);
        if (z->n_found) memcpy(more, z->found, z->n_found * sizeof *more);
        free(z->found);
        z->found = more;
        z->room = room;
    }
    z->found[z->n_found++] = found;
    return FS_OK;
}

static double distance_between(const double w[2], const fs_stationary *at)
{
    return hypot(w[0] - at->w[0], w[1] - at->w[1]);
}

/* Those of the set that are nearest to w, the nearest first; returns how many. */
static size_t nearest_of(const zero_search *z, const double w[2], const fs_stationary *near[AWAY_MOST])
{
    size_t n = 0;
    for (size_t i = 0; i < z->set->count; i++) {
        const fs_stationary *at = z->set->point[i];
        size_t place = n;
        while (place && distance_between(w, at) < distance_between(w, near[place - 1])) place--;
        if (place == AWAY_MOST) continue;
        n += n < AWAY_MOST;
        for (size_t m = n - 1; m > place; m--) near[m] = near[m - 1];
        near[place] = at;
    }
    return n;
}

/* Newton's method from place, away from what is known nearby or not; what it finds in the window and is not known joins the set. */
static fs_status try_place(zero_search *z, const double place[2], int deflated, fs_err *err)
{
    const fs_portrait *k = z->k;
    fs_stationary_options options = { .threads = k->threads, .keep_limit = k->o->keep_limit, .watch = k->o->watch };
    fs_stationary *found = NULL;
    double w[2], at[2];
    z->runs++;
    fs_phase_lift(k, place, w);
    const fs_stationary *near[AWAY_MOST];
    size_t known = deflated ? nearest_of(z, w, near) : 0;
    fs_status status = fs_stationary_newton(&found, k->p, k->o->kind, z->gamma, w, known, near, &options, err);
    if (status == FS_ENAN) return FS_OK;        /* on the way nothing could be evaluated: nothing is found */
    FS_TRY(status);
    int was_stopped = found->outcome == FS_SEARCH_STOPPED;
    fs_phase_project(k, found->w, at);
    if (found->outcome != FS_SEARCH_FOUND || !is_inside(z->grid->window, at)) {
        fs_stationary_destroy(found);
        return was_stopped ? stopped(err) : FS_OK;
    }
    int added = fs_stationary_set_add(z->set, found);
    if (added < 0) return fs_fail(err, FS_ENOMEM, "%zu stationary points", z->set->count + 1);
    return added ? remember(z, found, err) : FS_OK;
}

/* --- candidates on the grid ------------------------------------------------------------------------------ */

/* No neighbour has a smaller |F|; where F vanishes along a curve all its nodes pass, where it vanishes around the node it does not. */
static int is_least(const zero_search *z, size_t i, size_t j)
{
    size_t n = z->grid->n;
    double here = fs_norm(2, node(z, i, j));
    int zeros_only = 1;
    for (size_t q = j ? j - 1 : 0; q <= j + 1 && q < n; q++)
        for (size_t p = i ? i - 1 : 0; p <= i + 1 && p < n; p++) {
            if (fs_norm(2, node(z, p, q)) < here) return 0;
            zeros_only &= node(z, p, q)[0] == 0.0 && node(z, p, q)[1] == 0.0;
        }
    return !zeros_only;
}

/* Both components change sign in the cell above and to the right of (i, j), and F does not vanish at all its corners. */
static int is_crossed(const zero_search *z, size_t i, size_t j)
{
    size_t n = z->grid->n;
    if (i + 1 == n || j + 1 == n) return 0;
    const double *corner[4] = { node(z, i, j), node(z, i + 1, j), node(z, i, j + 1), node(z, i + 1, j + 1) };
    int moves = 0;
    for (int c = 0; c < 2; c++) {
        int below = 0, above = 0;
        for (int m = 0; m < 4; m++) {
            below |= corner[m][c] <= 0.0;
            above |= corner[m][c] >= 0.0;
            moves |= corner[m][c] != 0.0;
        }
        if (!below || !above) return 0;
    }
    return moves;
}

static fs_status list_candidates(zero_search *z, fs_err *err)
{
    const fs_plane_grid *g = z->grid;
    z->crossed = fs_calloc(g->n, g->n * sizeof *z->crossed);
    z->least = fs_calloc(g->n, g->n * sizeof *z->least);
    if (!z->crossed || !z->least) return fs_fail(err, FS_ENOMEM, "places on %zu by %zu nodes", g->n, g->n);
    for (size_t j = 0; j < g->n; j++)
        for (size_t i = 0; i < g->n; i++) {
            if (is_crossed(z, i, j)) z->crossed[z->n_crossed++] = (candidate){ { 0.5 * (g->a[i] + g->a[i + 1]), 0.5 * (g->b[j] + g->b[j + 1]) } };
            if (is_least(z, i, j)) z->least[z->n_least++] = (candidate){ { g->a[i], g->b[j] } };
        }
    return FS_OK;
}

/* As many of the list as may be, evenly. */
static fs_status try_list(zero_search *z, size_t n, const candidate *list, size_t most, fs_err *err)
{
    size_t tries = n < most ? n : most;
    for (size_t i = 0; i < tries; i++) {
        if (fs_watch_report(z->k->o->watch, "stationary points", (double)i / (double)tries) != FS_OK) return stopped(err);
        FS_TRY(try_place(z, list[n == tries ? i : (size_t)((double)i * ((double)n / (double)tries))].place, 0, err));
    }
    return FS_OK;
}

/* --- along E ------------------------------------------------------------------------------------------------ */

/* F at place; nonzero: there is none. */
static int field_at(void *context, const double place[2], double F[2])
{
    zero_search *z = context;
    fs_flow_point p;
    double w[2], dw[2];
    fs_phase_lift(z->k, place, w);
    if (fs_flow_evaluate(z->moving, w, &p, dw) != FS_OK) return 1;
    for (int axis = 0; axis < 2; axis++) F[axis] = fs_dot(2, z->k->phase->axis[axis].direction, dw);
    fs_phase_penalise(z->k->phase, z->gamma, place, F);
    return !isfinite(F[0]) || !isfinite(F[1]);
}

/* Between nodes where F along E changes sign: the zero by bisection, then Newton. */
static fs_status search_along_E(zero_search *z, fs_err *err)
{
    enum { BISECTIONS = 60 };
    const fs_plane_grid *g = z->grid;
    double before = 0.0;
    if (z->k->phase->E != FS_E_LINE || !(g->window[2] <= 0.0 && g->window[3] >= 0.0)) return FS_OK;
    for (size_t i = 0; i < g->n; i++) {
        double F[2], from[2] = { g->a[i ? i - 1 : 0], 0.0 }, to[2] = { g->a[i], 0.0 };
        if (field_at(z, to, F)) F[0] = 0.0;
        double here = F[0];
        int changes = (before < 0.0 && here > 0.0) || (before > 0.0 && here < 0.0);
        for (int m = 0; changes && m < BISECTIONS; m++) {
            double middle[2] = { 0.5 * from[0] + 0.5 * to[0], 0.0 };
            if (field_at(z, middle, F)) break;
            if ((F[0] < 0.0) == (before < 0.0)) from[0] = middle[0];
            else to[0] = middle[0];
        }
        before = here;
        if (changes) FS_TRY(try_place(z, to, 0, err));
    }
    return FS_OK;
}

/* --- near what was found --------------------------------------------------------------------------------------- */

/* Eigenvalues of Hess S at w by size, and its unit eigenvectors; nonzero: there are none. */
static int eigen_at(const zero_search *z, const double w[2], double H[4], double value[2], double vector[2][2])
{
    if (fs_objective_hessian(z->observer, w, H, NULL) != FS_OK || !isfinite(fs_norm(4, H))) return 1;
    double A[4] = { H[0], H[1], H[2], H[3] };
    if (fs_symmetric_eigen(2, A, value, NULL) != FS_OK) return 1;
    memcpy(vector, A, sizeof A);
    return 0;
}

/* One of a continuum, to the eye of second derivatives: what is beside it is the same again. */
static int is_flat(const double value[2])
{
    double least = fabs(value[0]) < fabs(value[1]) ? fabs(value[0]) : fabs(value[1]), most = fabs(value[0]) < fabs(value[1]) ? fabs(value[1]) : fabs(value[0]);
    return !(least > flat * most);
}

/* Hess S at the corners of the box of one cell around w is near enough to the one at w: F is injective there. */
static int is_resolved(const zero_search *z, const double w[2], const double H[4], const double value[2])
{
    double least = fabs(value[0]) < fabs(value[1]) ? fabs(value[0]) : fabs(value[1]), place[2];
    fs_phase_project(z->k, w, place);
    for (int m = 0; m < 4; m++) {
        double corner[2] = { place[0] + (m & 1 ? 1.0 : -1.0) * z->cell[0], place[1] + (m & 2 ? 1.0 : -1.0) * z->cell[1] }, at[2], there[4];
        fs_phase_lift(z->k, corner, at);
        if (fs_objective_hessian(z->observer, at, there, NULL) != FS_OK || !(fs_frobenius(4, there, H) < 0.5 * least)) return 0;
    }
    return 1;
}

static size_t most_runs(const zero_search *z)
{
    return (z->n_crossed + z->n_least < CANDIDATES_MOST ? z->n_crossed + z->n_least : CANDIDATES_MOST) + FOLLOWED_MOST;
}

/* Displaced along an eigenvector, from two cells down by powers of the ladder. */
static fs_status search_beside(zero_search *z, const double w[2], const double e[2], fs_err *err)
{
    double place[2], along[2], size = (double)INFINITY, least = shortest * (1.0 + fs_norm(2, w));
    fs_phase_project(z->k, w, place);
    for (int axis = 0; axis < 2; axis++) {
        along[axis] = fs_dot(2, z->k->phase->axis[axis].direction, e);
        if (fabs(along[axis]) * size > 2.0 * z->cell[axis]) size = 2.0 * z->cell[axis] / fabs(along[axis]);
    }
    for (; size > least && z->runs < most_runs(z); size /= ladder)
        for (int sign = -1; sign <= 1; sign += 2) {
            double from[2] = { place[0] + sign * size * along[0], place[1] + sign * size * along[1] };
            if (is_inside(z->grid->window, from)) FS_TRY(try_place(z, from, 1, err));
        }
    return FS_OK;
}

/* Where the flow goes from a saddle, on either side. */
static fs_status search_downstream(zero_search *z, const double w[2], const double e[2], fs_err *err)
{
    fs_streamline_options options = { .aspect = 1.0, .still = 1e-9 };
    const double *window = z->grid->window;
    double place[2], along[2];
    memcpy(options.window, window, sizeof options.window);
    fs_phase_project(z->k, w, place);
    for (int axis = 0; axis < 2; axis++) along[axis] = fs_dot(2, z->k->phase->axis[axis].direction, e);
    double length = fs_norm(2, (const double[2]){ along[0] / (window[1] - window[0]), along[1] / (window[3] - window[2]) });
    for (int sign = -1; sign <= 1; sign += 2) {
        fs_streamline line = { 0 };
        double from[2] = { place[0] + sign * beside / length * along[0], place[1] + sign * beside / length * along[1] };
        fs_status status = fs_streamline_trace(&line, field_at, z, from, 1, 0.0, &options, NULL);
        if (status == FS_ENOMEM) return fs_fail(err, status, "the flow from a saddle");
        if (status == FS_OK && line.n) status = try_place(z, line.place + 2 * (line.n - 1), 0, err);
        fs_streamline_clear(&line);
        if (status != FS_EINPUT) FS_TRY(status);        /* a window too narrow for lines */
    }
    return FS_OK;
}

/* Around every zero of which the grid does not tell that it is alone; everywhere: around all. */
static fs_status follow(zero_search *z, int everywhere, fs_err *err)
{
    for (size_t i = 0; i < z->n_found && z->runs < most_runs(z); i++) {
        const double *w = z->found[i]->w;
        double H[4], value[2], vector[2][2];
        if (fs_watch_report(z->k->o->watch, "stationary points", (double)i / (double)z->n_found) != FS_OK) return stopped(err);
        if (eigen_at(z, w, H, value, vector) || is_flat(value) || (!everywhere && is_resolved(z, w, H, value))) continue;
        for (int m = 0; m < 2; m++) FS_TRY(search_beside(z, w, vector[m], err));
        if (value[0] < 0.0 && value[1] > 0.0) FS_TRY(search_downstream(z, w, vector[0], err));
    }
    return FS_OK;
}

/* --- the index --------------------------------------------------------------------------------------------------- */

/* The turn from F at one place to that at the next; NaN where either is zero. */
static double turn_between(const double from[2], const double to[2])
{
    double p = hypot(from[0], from[1]), q = hypot(to[0], to[1]);
    if (!(p > 0.0 && q > 0.0)) return (double)NAN;
    double a = from[0] / p, b = from[1] / p, c = to[0] / q, d = to[1] / q;
    return atan2(a * d - b * c, a * c + b * d);
}

/* Turns of F along the edge, counterclockwise; 0 where the nodes do not tell. */
static int turns_of_edge(const zero_search *z, long *turns)
{
    size_t last = z->grid->n - 1;
    double sum = 0.0;
    for (size_t i = 0; i < last; i++) {
        double turn[4] = { turn_between(node(z, i, 0), node(z, i + 1, 0)), turn_between(node(z, last, i), node(z, last, i + 1)),
                           turn_between(node(z, i + 1, last), node(z, i, last)), turn_between(node(z, 0, i + 1), node(z, 0, i)) };
        for (int side = 0; side < 4; side++) {
            if (!(fabs(turn[side]) < right_angle)) return 0;
            sum += turn[side];
        }
    }
    *turns = lround(sum / (4.0 * right_angle));
    return 1;
}

/* What was found, by the signs of the curvatures as they are. */
static long index_found(const zero_search *z)
{
    long sum = 0;
    for (size_t i = 0; i < z->n_found; i++) {
        double H[4], value[2], vector[2][2];
        if (!eigen_at(z, z->found[i]->w, H, value, vector)) sum += value[0] * value[1] > 0.0 ? 1 : -1;
    }
    return sum;
}

/* From the parts of the cells where F changes sign. */
static fs_status search_parts(zero_search *z, fs_err *err)
{
    for (size_t m = 0; m < z->n_crossed; m++)
        for (int part = 0; part < PARTS * PARTS && z->runs < most_runs(z); part++) {
            double place[2] = { z->crossed[m].place[0] + z->cell[0] * ((part % PARTS + 0.5) / PARTS - 0.5),
                                z->crossed[m].place[1] + z->cell[1] * ((part / PARTS + 0.5) / PARTS - 0.5) };
            FS_TRY(try_place(z, place, 0, err));
        }
    return FS_OK;
}

/* --- all of it ------------------------------------------------------------------------------------------------------ */

static fs_status search_begin(zero_search *z, fs_err *err)
{
    const fs_plane_grid *g = z->grid;
    for (int axis = 0; axis < 2; axis++) z->cell[axis] = (g->window[2 * axis + 1] - g->window[2 * axis]) / (double)(g->n - 1);
    z->F = fs_calloc(g->n, 2 * g->n * sizeof *z->F);
    if (!z->F) return fs_fail(err, FS_ENOMEM, "the field on %zu by %zu nodes", g->n, g->n);
    memcpy(z->F, g->field, 2 * g->n * g->n * sizeof *z->F);
    for (size_t j = 0; j < g->n; j++)
        for (size_t i = 0; i < g->n; i++) fs_phase_penalise(z->k->phase, z->gamma, (const double[2]){ g->a[i], g->b[j] }, z->F + 2 * (j * g->n + i));
    FS_TRY(fs_problem_moving_flow(&z->moving, z->k->p, z->k->o->kind, 0.0, 1, 0, err));
    FS_TRY(fs_phase_observer(&z->observer, z->k, z->gamma, err));
    return list_candidates(z, err);
}

static void search_end(zero_search *z)
{
    fs_flow_destroy(z->moving);
    fs_flow_destroy(z->observer);
    free(z->F);
    free(z->crossed);
    free(z->least);
    free(z->found);
}

static fs_status search_all(zero_search *z, const fs_plane_count *count, fs_err *err)
{
    FS_TRY(try_list(z, z->n_crossed, z->crossed, CANDIDATES_MOST, err));
    FS_TRY(try_list(z, z->n_least, z->least, z->n_crossed < CANDIDATES_MOST ? CANDIDATES_MOST - z->n_crossed : 0, err));
    if (z->n_crossed > CANDIDATES_MOST) return FS_OK;       /* more than can be found or shown; what is found lies evenly */
    FS_TRY(search_along_E(z, err));
    FS_TRY(follow(z, 0, err));
    if (!count->resolved || index_found(z) == count->turns) return FS_OK;
    FS_TRY(search_parts(z, err));
    return index_found(z) == count->turns ? FS_OK : follow(z, 1, err);
}

fs_status fs_plane_zeros(fs_stationary_set *out, const fs_portrait *k, const fs_plane_grid *g, double gamma, fs_plane_count *count, fs_err *err)
{
    zero_search z = { .k = k, .grid = g, .gamma = gamma, .set = out };
    fs_status status = search_begin(&z, err);
    if (status == FS_OK) {
        *count = (fs_plane_count){ .left_over = z.n_crossed + z.n_least > CANDIDATES_MOST };
        count->resolved = turns_of_edge(&z, &count->turns);
        status = search_all(&z, count, err);
    }
    if (status == FS_OK) count->left_over |= z.runs >= most_runs(&z);
    search_end(&z);
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
static int is_crowded(const fs_phase *phase, fs_phase_panel *panel, size_t n, const fs_phase_point *list, const fs_phase_point *point)
{
    if (!point->inertia.undecided) return 0;
    for (size_t i = 0; i < n; i++) {
        double far = 0.0, from[2] = { point->place[0] - list[i].place[0], point->place[1] - list[i].place[1] };
        for (int axis = 0; axis < 2; axis++) fs_raise_to(&far, fabs(from[axis]) / (phase->window[2 * axis + 1] - phase->window[2 * axis]));
        if (!list[i].inertia.undecided || far > apart) continue;
        if (far > same_flat_place || fs_norm(2, from) > same_flat_place * (1.0 + fs_norm(2, point->place))) panel->more_points = 1;
        return 1;
    }
    return 0;
}

static double window_size(const fs_portrait *k)
{
    const double *window = k->phase->window;
    return larger(window[1] - window[0], window[3] - window[2]);
}

/* What is not crowded of the n points, as they come; too many are thinned evenly. */
static void list_points(const fs_phase *phase, fs_phase_panel *panel, size_t n, fs_phase_point *all)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!is_crowded(phase, panel, kept, all, &all[i])) all[kept++] = all[i];
    panel->n_points = kept < POINTS_MOST ? kept : POINTS_MOST;
    panel->more_points |= kept > POINTS_MOST;
    for (size_t i = 0; i < panel->n_points; i++)
        panel->point[i] = all[kept == panel->n_points ? i : (size_t)((double)i * ((double)kept / (double)panel->n_points))];
}

/* Whether the indices of these points, all that were found, are surely not those of all there are: every index certain, and none near the edge. */
static int index_disagrees(const fs_phase *phase, const fs_plane_count *count, size_t n, const fs_phase_point *all)
{
    long sum = 0;
    for (size_t i = 0; i < n; i++) {
        for (int axis = 0; axis < 2; axis++) {
            double cell = (phase->window[2 * axis + 1] - phase->window[2 * axis]) / (double)(phase->grid - 1);
            if (!(all[i].place[axis] - phase->window[2 * axis] > cell && phase->window[2 * axis + 1] - all[i].place[axis] > cell)) return 0;
        }
        if (all[i].inertia.negative + all[i].inertia.positive != 2) return 0;
        sum += all[i].inertia.negative == 1 ? -1 : 1;
    }
    return count->resolved && sum != count->turns;
}

static fs_status exact_points(fs_portrait *k, fs_phase_panel *panel, fs_flow *f, fs_err *err)
{
    const fs_phase *phase = k->phase;
    fs_plane_grid grid = { .n = phase->grid, .a = phase->a, .b = phase->b, .field = phase->field, .risk = phase->risk };
    fs_plane_count count = { 0 };
    fs_stationary_set set = { 0 };
    memcpy(grid.window, phase->window, sizeof grid.window);
    fs_status status = fs_plane_zeros(&set, k, &grid, panel->gamma, &count, err);
    fs_phase_point *all = status == FS_OK ? fs_calloc(set.count, sizeof *all) : NULL;
    if (status == FS_OK && !all) status = fs_fail(err, FS_ENOMEM, "%zu stationary points", set.count);
    for (size_t i = 0; i < set.count && status == FS_OK; i++) {
        all[i] = point_of(k, set.point[i]);
        status = classify(k, f, set.point[i], &all[i], err);
    }
    if (status == FS_OK) {
        panel->more_points = count.left_over || index_disagrees(phase, &count, set.count, all);
        list_points(phase, panel, set.count, all);
    }
    free(all);
    fs_stationary_set_clear(&set);
    return status;
}

/* Lists what lies in the plane and the window. */
static fs_status sort_out(fs_portrait *k, fs_phase_panel *panel, fs_flow *f, const fs_stationary_set *set, fs_phase_point *all, fs_err *err)
{
    size_t n = 0;
    for (size_t i = 0; i < set->count; i++) {
        const fs_stationary *at = set->point[i];
        fs_phase_point point = point_of(k, at);
        if (!(fs_phase_off(k, at->w) <= same_place * window_size(k))) {
            panel->off_plane++;
            continue;
        }
        if (!is_inside(k->phase->window, point.place)) continue;
        if (k->o->kind == FS_FLOW_AUGMENTED && k->centre->outcome == FS_SEARCH_FOUND && fs_stationary_same(at, k->centre)) classify_centre(k, panel->gamma, &point);
        else FS_TRY(classify(k, f, at, &point, err));
        all[n++] = point;
    }
    list_points(k->phase, panel, n, all);
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

/* The end of a path at rest as a stationary point, if Newton hardly moves it: along a continuum it may slide far otherwise. */
static fs_status add_end(fs_portrait *k, fs_stationary_set *set, double gamma, const fs_trajectory *T, fs_err *err)
{
    fs_stationary_options options = { .solver = k->o->solver, .threads = k->threads, .keep_limit = k->o->keep_limit, .watch = k->o->watch };
    fs_stationary *found = NULL;
    if (!(T->last.speed <= resting * T->first.speed)) return FS_OK;
    fs_status status = fs_stationary_newton(&found, k->p, k->o->kind, gamma, T->w_end, 0, NULL, &options, err);
    if (status == FS_ENAN) return FS_OK;
    FS_TRY(status);
    int was_stopped = found->outcome == FS_SEARCH_STOPPED;
    if (found->outcome == FS_SEARCH_FOUND && fs_frobenius(k->n, found->w, T->w_end) <= same_place * window_size(k))
        return fs_stationary_set_add(set, found) < 0 ? fs_fail(err, FS_ENOMEM, "a stationary point") : FS_OK;
    fs_stationary_destroy(found);
    return was_stopped ? stopped(err) : FS_OK;
}

static fs_status slice_points(fs_portrait *k, fs_phase_panel *panel, fs_flow *f, fs_err *err)
{
    const fs_phase_options *o = k->o;
    fs_stationary_options options = { .solver = o->solver, .threads = k->threads, .keep_limit = o->keep_limit, .watch = o->watch };
    fs_stationary_set set = { 0 };
    fs_stationary *centre = NULL;
    fs_phase_point *all = NULL;
    fs_trajectory *const *T = k->T + (size_t)(panel - k->phase->panel) * k->n_starts;
    fs_status status = k->centre->outcome == FS_SEARCH_FOUND ? point_at_centre(k, panel->gamma, &centre, err) : FS_OK;
    if (status == FS_OK && centre && centre->outcome == FS_SEARCH_FOUND) {
        if (fs_stationary_set_add(&set, centre) < 0) status = fs_fail(err, FS_ENOMEM, "a stationary point");
        centre = NULL;
    }
    for (size_t i = 0; i < k->n_starts && status == FS_OK && k->n <= FS_STABILITY_DENSE_LIMIT; i++) status = add_end(k, &set, panel->gamma, T[i], err);
    if (status == FS_OK && o->starts && k->n <= FS_STABILITY_DENSE_LIMIT)
        status = fs_stationary_search(&set, k->p, o->kind, panel->gamma, o->starts, o->weights ? 1 : o->seed[0], &options, err);
    if (status == FS_OK && set.stopped) status = stopped(err);
    if (status == FS_OK && !(all = fs_calloc(set.count, sizeof *all))) status = fs_fail(err, FS_ENOMEM, "%zu stationary points", set.count);
    if (status == FS_OK) status = sort_out(k, panel, f, &set, all, err);
    free(all);
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
