/* theory_checks/step_grid.c -- flows on one shared grid of fixed steps, and how far rounding can drive them apart
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "rounding.h"
#include "step_grid.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STAGES = 13, CHUNK = 20, LEAST_STEPS = 40, MOST_STEPS = 3000, TRIES = 4 };
static const double operations = 6e9, too_dear = 10.0;        /* of all paths together: about a second; times that is out of the question */
static const double too_long = 2.5;             /* times the step that the curvature at the end allows: the grid is refined */
static const double any_step = 0.2;             /* without curvature */
static const double eigenvalue_tolerance = 1e-3;        /* relative to |Hess S|; what is left is in the residual */

/* --- the metric ------------------------------------------------------------------------------ */

typedef struct { const fs_basis *b; const fs_sparse *B; double *A, *V; } metric_work;

/* Mv = Q^T B B^T Q v */
static fs_status apply_metric(void *context, const double *v, double *Mv)
{
    const metric_work *k = context;
    fs_basis_expand(k->b, v, k->A);
    memset(k->V, 0, k->b->n_par * sizeof *k->V);
    fs_sparse_mul_transpose_add(k->B, k->A, k->V);
    fs_sparse_mul(k->B, k->V, k->A);
    fs_basis_project(k->b, k->A, Mv);
    return FS_OK;
}

static fs_status extreme(metric_work *k, int highest, const fs_watch *watch, double *value, fs_err *err)
{
    fs_lanczos l = { 0 };
    const fs_lanczos_options o = { .n = k->b->dim_E + k->b->dim_N, .apply = apply_metric, .context = k, .highest = highest, .wanted = 1,
                                   .tolerance = eigenvalue_tolerance, .stage = "the metric of the weights", .watch = watch };
    FS_TRY(fs_lanczos_compute(&l, &o, err));
    *value = highest ? l.ritz + l.ritz_residual : l.ritz - l.ritz_residual;
    fs_status status = l.stopped ? fs_fail(err, FS_ESTOPPED, "stopped while measuring the metric of the weights") : FS_OK;
    fs_lanczos_clear(&l);
    return status;
}

fs_status fs_metric_measure(fs_check_context *c, fs_metric *m, fs_err *err)
{
    const fs_basis *b = fs_check_basis(c);
    metric_work k = { b, fs_problem_parametrisation(fs_check_problem(c)), NULL, NULL };
    *m = (fs_metric){ 1.0, 1.0 };
    if (!k.B || b->dim_E + b->dim_N == 0) return FS_OK;
    k.A = fs_calloc(b->n_par, 2 * sizeof *k.A);
    if (!k.A) return fs_fail(err, FS_ENOMEM, "the metric of %zu weights", b->n_par);
    k.V = k.A + b->n_par;
    fs_status status = extreme(&k, 0, fs_check_watch(c), &m->low, err);
    if (status == FS_OK) status = extreme(&k, 1, fs_check_watch(c), &m->high, err);
    free(k.A);
    if (status == FS_OK && !(m->low > 0.0 && m->high >= m->low && m->high <= DBL_MAX))
        status = fs_fail(err, FS_ESOLVER, "expected a metric B B^T that is positive on L, found eigenvalues from %.3g to %.3g", m->low, m->high);
    return status;
}

/* --- the grid ---------------------------------------------------------------------------------- */

size_t fs_grid_most_steps(const fs_flow *f, size_t paths)
{
    double steps = operations / (STAGES * (double)(paths ? paths : 1) * (fs_risk_gradient_flops(fs_flow_risk(f)) + 1.0));
    if (steps < LEAST_STEPS) return steps * too_dear < LEAST_STEPS ? 0 : LEAST_STEPS;
    return steps > MOST_STEPS ? MOST_STEPS : (size_t)steps;
}

int fs_grid_arrived(const fs_grid *grid, const fs_grid *enough)
{
    return grid->travelled >= enough->travelled && grid->changed >= enough->changed;
}

/* Takes walker along with steps grid->h; w (its dim) goes from the start to the end. */
static fs_status follow(fs_grid *grid, fs_flow *walker, const double *w0, double *w, const fs_grid *enough, size_t most, const fs_watch *watch, fs_err *err)
{
    size_t n = fs_flow_dim(walker), E = fs_flow_dim_E(walker);
    double size = fs_norm(n, w0), first = 0.0;
    memcpy(w, w0, n * sizeof *w);
    for (grid->steps = 0; grid->steps < most;) {
        fs_fixed_path *piece = NULL;
        FS_TRY(fs_fixed_path_compute(&piece, walker, w, grid->h, CHUNK, CHUNK, watch, err));
        size_t last = piece->n_rows - 1;
        int stopped = piece->stopped;
        if (!grid->steps) first = piece->point[0].risk;
        grid->changed = fabs(piece->point[last].risk - first) / fabs(first);
        grid->off = piece->point[last].distance / fs_norm(n - E, w0 + E);
        memcpy(w, piece->w + last * n, n * sizeof *w);
        fs_fixed_path_destroy(piece);
        if (stopped) return fs_fail(err, FS_ESTOPPED, "stopped while looking for a horizon");
        grid->steps += CHUNK;
        double sum = 0.0;
        for (size_t i = 0; i < n; i++) sum += (w[i] - w0[i]) * (w[i] - w0[i]);
        grid->travelled = sqrt(sum) / size;
        if (fs_grid_arrived(grid, enough) && grid->steps >= LEAST_STEPS) break;
    }
    return FS_OK;
}

fs_status fs_grid_choose(fs_grid *grid, fs_flow *f, fs_flow *walker, const double *w0, const fs_grid *enough, size_t most, const fs_watch *watch, fs_err *err)
{
    size_t n = fs_flow_dim(f), m = fs_flow_dim(walker);
    double *both = fs_calloc(n, 3 * sizeof *both), *w = both ? both + 2 * n : NULL, h;
    if (!both) return fs_fail(err, FS_ENOMEM, "two states of dimension %zu", n);
    memcpy(both, w0, n * sizeof *both);
    fs_status status = fs_fixed_step(f, 1, both, &grid->h, err);
    for (int k = 1; status == FS_OK; k++) {
        if (!(grid->h <= DBL_MAX)) grid->h = any_step;
        if ((status = follow(grid, walker, w0, w, enough, most, watch, err)) != FS_OK) break;
        memcpy(both + n, w, m * sizeof *w);
        if ((status = fs_fixed_step(f, 2, both, &h, err)) != FS_OK || grid->h <= too_long * h || k == TRIES) break;
        grid->h = h;
    }
    free(both);
    return status;
}

/* --- curvature ------------------------------------------------------------------------------- */

typedef struct { fs_flow *f; const double *w; size_t first, count; double *v, *Jv; } block;

/* The block of -J = Hess S. */
static fs_status product(void *context, const double *x, double *y)
{
    const block *b = context;
    memset(b->v, 0, fs_flow_dim(b->f) * sizeof *b->v);
    memcpy(b->v + b->first, x, b->count * sizeof *x);
    FS_TRY(fs_flow_jacobian_product(b->f, b->w, b->v, b->Jv));
    for (size_t i = 0; i < b->count; i++) y[i] = -b->Jv[b->first + i];
    return FS_OK;
}

fs_status fs_grid_lowest(fs_flow *f, const double *w, size_t first, size_t count, const fs_watch *watch, double *lowest, fs_err *err)
{
    *lowest = HUGE_VAL;
    if (!count) return FS_OK;
    size_t n = fs_flow_dim(f);
    block b = { f, w, first, count, fs_calloc(n, 2 * sizeof(double)), NULL };
    if (!b.v) return fs_fail(err, FS_ENOMEM, "a block of the Hessian of dimension %zu", n);
    b.Jv = b.v + n;
    fs_lanczos l = { 0 };
    const fs_lanczos_options o = { .n = count, .apply = product, .context = &b, .wanted = 1, .tolerance = eigenvalue_tolerance, .stage = "curvature on the grid",
                                   .watch = watch };
    fs_status status = fs_lanczos_compute(&l, &o, err);
    free(b.v);
    if (status != FS_OK) return status;
    *lowest = l.ritz - l.ritz_residual;
    if (l.stopped) status = fs_fail(err, FS_ESTOPPED, "stopped while measuring the curvature");
    else if (!isfinite(*lowest)) status = fs_fail(err, FS_ESOLVER, "no eigenvalue of the Hessian was found in %ld products", l.products);
    fs_lanczos_clear(&l);
    return status;
}

/* --- the budget ------------------------------------------------------------------------------ */

void fs_grid_budget(const fs_fixed_path *path, const fs_grid_node *node, const fs_metric *m, double z0, double *z)
{
    double stretch = sqrt(m->high / m->low), sum = z0;
    z[0] = stretch * z0;
    for (size_t r = 1; r < path->n_rows; r++) {
        const fs_grid_node *a = &node[r - 1], *b = &node[r];
        double rate = fs_smaller(a->rate, b->rate), noise = fs_larger(a->noise, b->noise);
        double factor = exp(-path->h * rate * (rate < 0.0 ? m->high : m->low)), each = factor > 1.0 ? factor * noise : noise;
        size_t steps = (size_t)lround((path->t[r] - path->t[r - 1]) / path->h);
        for (size_t k = 0; k < steps; k++) sum = factor * sum + each;
        z[r] = stretch * sum;
    }
}
