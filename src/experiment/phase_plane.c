/* experiment/phase_plane.c -- window and grid of a phase portrait
 *
 *   field (grid, grid, 2) [b][a] = (<u, w'>, <v, w'>) at gamma = 0,   risk (grid, grid)
 *
 * The window holds the starts, the paths that come to rest, and the stationary points inside twice their box; it is symmetric where E is.  Paths that run away
 * leave it.  The number of nodes follows from the operations of a gradient; rows are shared out among threads and do not depend on them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/norm.h"
#include "experiment/phase_private.h"

#ifdef _OPENMP
#include <omp.h>
#endif

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    GRID_MOST = 201, GRID_LEAST = 33,
    SEARCH_GRID = 65,           /* nodes for stationary points around the starts */
    ROWS_LEAST = 2,             /* a thread, between two looks at the watch */
    HALVINGS = 10               /* of a window with places where the risk is not finite */
};
static const double grid_flops = 8e9;           /* a grid may cost as many operations */
static const double watch_flops = 1e8;          /* of a thread, between two looks at the watch */
static const double visible_leak = 1e-9;        /* of the speed */
static const double padding = 0.12;             /* of the width, on either side */
static const double runaway = 10.0;             /* |w| against the scale of the starts, of a path that has not come to rest */
static const double at_rest = 0.05;             /* |w'| t against |w| at the end: 1/3 where |w| grows as t^(1/3) */
static const double farthest = 4.0;             /* times the scale of the starts: as much is shown of paths that run away */
static const double stretch = 3.0;              /* longest side against the shortest, of a slice; the exact plane is shown with equal sides */

/* --- the grid ------------------------------------------------------------------------------------- */

typedef struct {
    const fs_portrait *k;
    fs_plane_grid *grid;
    size_t threads;
    fs_flow **flow;             /* (threads) at gamma = 0 */
    double *w;                  /* (threads, 2, n) */
    fs_status *status;          /* (rows) */
    size_t *at;                 /* (rows) the node where it is not FS_OK */
} grid_job;

static void compute_row(const grid_job *job, size_t j, size_t thread)
{
    const fs_portrait *k = job->k;
    fs_plane_grid *g = job->grid;
    double *w = job->w + thread * 2 * k->n, *dw = w + k->n;
    for (size_t i = 0; i < g->n && job->status[j] == FS_OK; i++) {
        fs_flow_point p;
        double place[2] = { g->a[i], g->b[j] }, *F = g->field + 2 * (j * g->n + i);
        fs_phase_lift(k, place, w);
        job->status[j] = fs_flow_evaluate(job->flow[thread], w, &p, dw);
        job->at[j] = i;
        if (job->status[j] != FS_OK) return;
        g->risk[j * g->n + i] = p.risk;
        F[0] = fs_dot(k->n, k->phase->axis[0].direction, dw);
        F[1] = fs_dot(k->n, k->phase->axis[1].direction, dw);
        if (!isfinite(p.risk) || !isfinite(F[0]) || !isfinite(F[1])) job->status[j] = FS_ENAN;
    }
}

static void compute_rows(const grid_job *job, size_t from, size_t to)
{
#ifdef _OPENMP
    if (job->threads > 1) {
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)job->threads)
        for (size_t j = from; j < to; j++) compute_row(job, j, (size_t)omp_get_thread_num());
        return;
    }
#endif
    for (size_t j = from; j < to; j++) compute_row(job, j, 0);
}

static void nodes_between(size_t n, double lowest, double highest, double *x)
{
    double middle = 0.5 * lowest + 0.5 * highest, half = 0.5 * highest - 0.5 * lowest;
    for (size_t i = 0; i < n; i++) x[i] = middle + half * ((2.0 * (double)i - (double)(n - 1)) / (double)(n - 1));
}

static fs_status grid_allocate(fs_plane_grid *g, const double window[4], size_t n, fs_err *err)
{
    *g = (fs_plane_grid){ .n = n };
    memcpy(g->window, window, sizeof g->window);
    g->a = fs_calloc(n, sizeof *g->a);
    g->b = fs_calloc(n, sizeof *g->b);
    g->field = fs_calloc(n, 2 * n * sizeof *g->field);
    g->risk = fs_calloc(n, n * sizeof *g->risk);
    if (!g->a || !g->b || !g->field || !g->risk) return fs_fail(err, FS_ENOMEM, "a grid of %zu by %zu", n, n);
    nodes_between(n, window[0], window[1], g->a);
    nodes_between(n, window[2], window[3], g->b);
    return FS_OK;
}

static fs_status job_create(grid_job *job, fs_err *err)
{
    const fs_portrait *k = job->k;
    job->flow = fs_calloc(job->threads, sizeof *job->flow);
    job->w = fs_calloc(job->threads, 2 * k->n * sizeof *job->w);
    job->status = fs_calloc(job->grid->n, sizeof *job->status);
    job->at = fs_calloc(job->grid->n, sizeof *job->at);
    if (!job->flow || !job->w || !job->status || !job->at) return fs_fail(err, FS_ENOMEM, "a grid in a plane of dimension %zu", k->n);
    for (size_t t = 0; t < job->threads; t++) FS_TRY(fs_problem_moving_flow(&job->flow[t], k->p, k->o->kind, 0.0, 1, 0, err));
    return FS_OK;
}

static void job_clear(grid_job *job)
{
    for (size_t t = 0; job->flow && t < job->threads; t++) fs_flow_destroy(job->flow[t]);
    free(job->flow);
    free(job->w);
    free(job->status);
    free(job->at);
}

/* The first row that failed decides. */
static fs_status failure_of(const grid_job *job, fs_err *err)
{
    const fs_plane_grid *g = job->grid;
    for (size_t j = 0; j < g->n; j++) {
        if (job->status[j] == FS_ENAN)
            return fs_fail(err, FS_ENAN, "expected a finite risk everywhere in the window [%g, %g] x [%g, %g], found none at (%g, %g): choose a smaller window",
                           g->window[0], g->window[1], g->window[2], g->window[3], g->a[job->at[j]], g->b[j]);
        if (job->status[j] != FS_OK) return fs_fail(err, job->status[j], "the field at (%g, %g): %s", g->a[job->at[j]], g->b[j], fs_status_text(job->status[j]));
    }
    return FS_OK;
}

static double gradient_flops(const fs_portrait *k)
{
    double flops = fs_risk_gradient_flops(fs_problem_risk(k->p, k->o->kind == FS_FLOW_AUGMENTED));
    return flops > 1.0 ? flops : 1.0;
}

/* Rows of n nodes between two looks at the watch. */
static size_t rows_at_once(const fs_portrait *k, size_t n, size_t threads)
{
    double rows = watch_flops / ((double)n * gradient_flops(k));
    return threads * (rows >= (double)n ? n : rows <= ROWS_LEAST ? ROWS_LEAST : (size_t)rows);
}

fs_status fs_plane_grid_compute(fs_plane_grid *g, const fs_portrait *k, const double window[4], size_t n, fs_err *err)
{
    size_t threads = k->o->threads > 1 ? (size_t)k->o->threads : 1;
    grid_job job = { .k = k, .grid = g, .threads = threads < n ? threads : n };
    fs_status status = grid_allocate(g, window, n, err);
    if (status == FS_OK) status = job_create(&job, err);
    size_t rows = rows_at_once(k, n, job.threads);
    for (size_t from = 0, to; from < n && status == FS_OK; from = to) {
        to = from + rows < n ? from + rows : n;
        compute_rows(&job, from, to);
        if (fs_watch_report(k->o->watch, "field on the plane", (double)to / (double)n) != FS_OK)
            status = fs_fail(err, FS_ESTOPPED, "stopped while the field on the plane was computed");
    }
    if (status == FS_OK) status = failure_of(&job, err);
    job_clear(&job);
    if (status != FS_OK) fs_plane_grid_clear(g);
    return status;
}

void fs_plane_grid_clear(fs_plane_grid *g)
{
    free(g->a);
    free(g->b);
    free(g->field);
    free(g->risk);
    *g = (fs_plane_grid){ 0 };
}

/* Odd, so that a symmetric window has nodes on its axis. */
static size_t nodes_for(const fs_portrait *k)
{
    double n = sqrt(grid_flops / gradient_flops(k));
    return n >= GRID_MOST ? GRID_MOST : n <= GRID_LEAST ? GRID_LEAST : (size_t)n | 1;
}

/* Whether the field, gamma's part included, stays below visible_leak of the fastest of the grid across E, all along it. */
static fs_status look_along_E(fs_portrait *k, const fs_plane_grid *g, fs_err *err)
{
    fs_phase *phase = k->phase;
    fs_flow *f = NULL;
    double fastest = 0.0, leak = 0.0, *w = fs_calloc(k->n, 2 * sizeof *w);
    if (!w) return fs_fail(err, FS_ENOMEM, "a state of dimension %zu", k->n);
    double *dw = w + k->n;
    for (size_t i = 0; i < g->n * g->n; i++) fs_raise_to(&fastest, fs_norm(2, g->field + 2 * i));
    fs_status status = fs_problem_moving_flow(&f, k->p, k->o->kind, 0.0, k->threads, k->o->keep_limit, err);
    for (size_t i = 0; i < g->n && status == FS_OK; i++) {
        fs_phase_lift(k, (const double[2]){ g->a[i], 0.0 }, w);
        status = fs_flow_velocity(f, w, dw);
        if (status != FS_OK) status = fs_fail(err, status, "the field on E at (%g, 0): %s", g->a[i], fs_status_text(status));
        else fs_raise_to(&leak, fabs(fs_dot(k->n, phase->axis[1].direction, dw)));
    }
    phase->E_kept = status == FS_OK && leak <= visible_leak * fastest && !(fabs(phase->penalty[1][0]) > 0.0);
    fs_flow_destroy(f);
    free(w);
    return status;
}

fs_status fs_phase_grid(fs_portrait *k, fs_err *err)
{
    fs_phase *phase = k->phase;
    fs_plane_grid g = { 0 };
    size_t n = nodes_for(k);
    fs_status status = fs_plane_grid_compute(&g, k, phase->window, n, err);
    for (int i = 0; i < HALVINGS && status == FS_ENAN && !k->o->window; i++) {
        for (int axis = 0; axis < 2; axis++) {
            double *side = phase->window + 2 * axis, middle = 0.5 * side[0] + 0.5 * side[1], quarter = 0.25 * side[1] - 0.25 * side[0];
            side[0] = middle - quarter;
            side[1] = middle + quarter;
        }
        status = fs_plane_grid_compute(&g, k, phase->window, n, err);
    }
    if (status == FS_ENAN && err) err->status = FS_EINPUT;
    if (status != FS_OK) return status == FS_ENAN ? FS_EINPUT : status;
    phase->grid = g.n;
    phase->a = g.a;
    phase->b = g.b;
    phase->field = g.field;
    phase->risk = g.risk;
    return phase->E == FS_E_LINE ? look_along_E(k, &g, err) : FS_OK;
}

/* --- the window -------------------------------------------------------------------------------------- */

static void extend(double box[4], const double place[2])
{
    for (int axis = 0; axis < 2; axis++) {
        if (place[axis] < box[2 * axis]) box[2 * axis] = place[axis];
        if (place[axis] > box[2 * axis + 1]) box[2 * axis + 1] = place[axis];
    }
}

static double distance_from_centre(const fs_portrait *k, const double *w)
{
    double sum = 0.0;
    for (size_t i = 0; i < k->n; i++) sum += (w[i] - k->phase->centre[i]) * (w[i] - k->phase->centre[i]);
    return sqrt(sum);
}

/* The largest distance of a start from the centre. */
static double scale_of_starts(const fs_portrait *k)
{
    double scale = 0.0;
    for (size_t s = 0; s < k->n_starts; s++) fs_raise_to(&scale, distance_from_centre(k, k->start + s * k->n));
    return scale > 0.0 ? scale : k->phase->tube > 0.0 ? k->phase->tube : 1.0;
}

static int runs_away(const fs_portrait *k, const fs_trajectory *T, double scale)
{
    double size = distance_from_centre(k, T->w_end);
    return !(size <= runaway * scale) && !(T->last.speed * T->t_reached <= at_rest * size);
}

/* Around the starts and the paths, of those that run away only their beginning. */
static void box_of_paths(const fs_portrait *k, double box[4])
{
    size_t paths = k->phase->n_panels * k->n_starts;
    double place[2], scale = scale_of_starts(k);
    for (size_t s = 0; s < k->n_starts; s++) {
        fs_phase_project(k, k->start + s * k->n, place);
        if (!s) {
            box[0] = box[1] = place[0];
            box[2] = box[3] = place[1];
        }
        extend(box, place);
    }
    for (size_t i = 0; i < paths; i++) {
        const fs_trajectory *T = k->T[i];
        double limit = runs_away(k, T, scale) ? farthest * scale : (double)INFINITY;
        for (size_t node = 0; node < T->n_nodes; node++) {
            const double *w = T->node_w + node * k->n;
            if (!(distance_from_centre(k, w) <= limit)) break;
            fs_phase_project(k, w, place);
            extend(box, place);
        }
    }
}

/* Equal to the larger side about 0. */
static void symmetric(double side[2])
{
    double half = -side[0] > side[1] ? -side[0] : side[1];
    side[0] = -half;
    side[1] = half;
}

static void about_E(const fs_portrait *k, double box[4])
{
    const fs_phase *phase = k->phase;
    double least = phase->tube > 0.0 ? phase->tube : fs_problem_start(k->p)->distance > 0.0 ? fs_problem_start(k->p)->distance : 1.0;
    for (int axis = 0; axis < 2; axis++) {
        if (!phase->axis[axis].in_N) continue;
        extend(box, (const double[2]){ axis ? box[0] : least, axis ? least : box[2] });
        symmetric(box + 2 * axis);
    }
}

/* No side much shorter than the other, none of length 0. */
static void even_out(const fs_portrait *k, double box[4])
{
    double width = box[1] - box[0], height = box[3] - box[2], shortest = (width > height ? width : height) / (k->phase->exact ? 1.0 : stretch);
    if (!(shortest > 0.0)) shortest = 1.0;
    for (int axis = 0; axis < 2; axis++) {
        double *side = box + 2 * axis, missing = 0.5 * (shortest - (side[1] - side[0]));
        if (!(missing > 0.0)) continue;
        side[0] -= missing;
        side[1] += missing;
    }
}

static void grow(double box[4], double factor)
{
    for (int axis = 0; axis < 2; axis++) {
        double *side = box + 2 * axis, middle = 0.5 * (side[0] + side[1]), half = 0.5 * (side[1] - side[0]) * factor;
        side[0] = middle - half;
        side[1] = middle + half;
    }
}

/* Curvatures in all directions: a point of a continuum would draw the window out to wherever it is looked for. */
static int is_isolated(const fs_portrait *k, fs_flow *f, const double *w)
{
    double H[4];
    if (k->n != 2 || fs_flow_jacobian(f, w, H) != FS_OK) return 0;
    double product = fabs(H[0] * H[3] - H[1] * H[2]), size = fs_norm(4, H);
    return product > 1e-6 * size * size;
}

/* Around the stationary points of all panels inside twice the box. */
static fs_status box_of_points(const fs_portrait *k, double box[4], fs_err *err)
{
    double wide[4];
    fs_plane_grid g = { 0 };
    memcpy(wide, box, sizeof wide);
    even_out(k, wide);
    grow(wide, 2.0);
    fs_status status = fs_plane_grid_compute(&g, k, wide, SEARCH_GRID, err);
    if (status == FS_ENAN) return FS_OK;        /* without what cannot be looked for; the grid itself asks again */
    for (size_t i = 0; i < k->phase->n_panels && status == FS_OK; i++) {
        fs_stationary_set set = { 0 };
        fs_flow *f = NULL;
        fs_plane_count count;
        status = fs_phase_observer(&f, k, k->phase->panel[i].gamma, err);
        if (status == FS_OK) status = fs_plane_zeros(&set, k, &g, k->phase->panel[i].gamma, &count, err);
        for (size_t j = 0; j < set.count && status == FS_OK; j++)
            if (is_isolated(k, f, set.point[j]->w)) extend(box, set.point[j]->w);
        fs_stationary_set_clear(&set);
        fs_flow_destroy(f);
    }
    fs_plane_grid_clear(&g);
    return status;
}

fs_status fs_phase_window(fs_portrait *k, fs_err *err)
{
    fs_phase *phase = k->phase;
    phase->tube = k->o->tube;
    if (!(k->o->tube >= 0.0)) {
        phase->tube = 0.0;
        for (size_t s = 0; s < k->n_starts; s++) fs_raise_to(&phase->tube, k->distance[s]);
    }
    if (k->o->window) {
        memcpy(phase->window, k->o->window, sizeof phase->window);
        return FS_OK;
    }
    double box[4];
    box_of_paths(k, box);
    about_E(k, box);
    if (phase->exact) FS_TRY(box_of_points(k, box, err));
    else extend(box, (const double[2]){ 0.0, 0.0 });
    about_E(k, box);
    even_out(k, box);
    grow(box, 1.0 + 2.0 * padding);
    memcpy(phase->window, box, sizeof box);
    return FS_OK;
}
