/* integrate/fixed_step.c -- a flow by GSL's rk8pd with fixed steps
 *
 *   w_{k+1} = w_k + h sum_i b_i F(W_i),   W_i = w_k + h sum_{j < i} a_ij F(W_j)        13 stages, order 8 (Prince and Dormand)
 *
 * Only the step is GSL's: no error estimate is read, no step is ever rejected, and nothing is projected.  GSL reports success for a state that is not
 * finite, so every state is looked at here, and an error of the velocity is kept aside.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "integrate/fixed_step.h"

#include "base/norm.h"
#include "base/rng.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POWER_STEPS = 60, POWER_LEAST = 6 };
static const double power_tolerance = 2e-3;     /* relative change of |K v| at which the power method ends */
static const double step_over_curvature = 0.2;

/* --- one path --------------------------------------------------------------------------------- */

typedef struct {
    fs_flow *flow;
    fs_status sticky;           /* the first error of the velocity */
    long velocities;
} context;

static int velocity(double t, const double *w, double *dw, void *user)
{
    (void)t;
    context *c = user;
    c->velocities++;
    if (c->sticky == FS_OK) c->sticky = fs_flow_velocity(c->flow, w, dw);
    return c->sticky == FS_OK ? GSL_SUCCESS : GSL_EBADFUNC;
}

static fs_status allocate(fs_fixed_path **out, size_t dim, double h, size_t steps, size_t every, fs_err *err)
{
    fs_fixed_path *path = fs_calloc(1, sizeof *path);
    size_t rows = steps / every + (steps % every ? 2 : 1);
    if (path) {
        *path = (fs_fixed_path){ .dim = dim, .h = h, .steps = steps, .every = every };
        path->t = fs_calloc(rows, sizeof *path->t);
        path->w = rows <= SIZE_MAX / dim ? fs_calloc(rows * dim, sizeof *path->w) : NULL;
        path->point = fs_calloc(rows, sizeof *path->point);
        path->step_distance = steps < SIZE_MAX ? fs_calloc(steps + 1, sizeof *path->step_distance) : NULL;
    }
    if (path && path->t && path->w && path->point && path->step_distance) {
        *out = path;
        return FS_OK;
    }
    fs_fixed_path_destroy(path);
    return fs_fail(err, FS_ENOMEM, "a path of %zu rows in dimension %zu", rows, dim);
}

static fs_status blown_up(double t, fs_err *err)
{
    return fs_fail(err, FS_ENAN, "expected finite weights along the path, found the flow beyond the range of numbers at t = %.6g", t);
}

/* w after k steps is looked at: finite, its |Y|, and a row where one is due. */
static fs_status enter(fs_fixed_path *path, fs_flow *f, size_t k, int row, const double *w, fs_err *err)
{
    size_t E = fs_flow_dim_E(f);
    double t = (double)k * path->h;
    if (!(fs_norm(path->dim, w) <= DBL_MAX)) return blown_up(t, err);
    path->step_distance[k] = fs_norm(path->dim - E, w + E);
    if (!row) return FS_OK;
    size_t at = path->n_rows++;
    path->t[at] = t;
    memcpy(path->w + at * path->dim, w, path->dim * sizeof *w);
    fs_status status = fs_flow_evaluate(f, w, &path->point[at], NULL);
    return status == FS_ENAN ? blown_up(t, err) : status == FS_OK ? FS_OK : fs_fail(err, status, "velocity at t = %.6g", t);
}

/* w goes all the way; scratch (dim) for the error estimate that GSL insists on. */
static fs_status march(fs_fixed_path *path, fs_flow *f, gsl_odeiv2_step *step, double *w, double *scratch, const fs_watch *watch, fs_err *err)
{
    context c = { .flow = f, .sticky = FS_OK };
    gsl_odeiv2_system system = { velocity, NULL, path->dim, &c };
    size_t steps = path->steps;
    FS_TRY(enter(path, f, 0, 1, w, err));
    for (size_t k = 1; k <= steps; k++) {
        double t = (double)(k - 1) * path->h;
        int flag = gsl_odeiv2_step_apply(step, t, path->h, w, scratch, NULL, NULL, &system);
        if (c.sticky == FS_ENAN) return blown_up(t, err);
        if (c.sticky != FS_OK) return fs_fail(err, c.sticky, "velocity after t = %.6g: %s", t, fs_status_text(c.sticky));
        if (flag != GSL_SUCCESS) return fs_fail(err, FS_ESOLVER, "GSL's rk8pd after t = %.6g: %s", t, gsl_strerror(flag));
        path->stopped = fs_watch_report(watch, "fixed steps", (double)k / (double)steps) != FS_OK;
        if (path->stopped) path->steps = k;
        path->velocities = c.velocities;
        FS_TRY(enter(path, f, k, k % path->every == 0 || k == path->steps, w, err));
        if (path->stopped) break;
    }
    return FS_OK;
}

fs_status fs_fixed_path_compute(fs_fixed_path **out, fs_flow *f, const double *w0, double h, size_t steps, size_t every, const fs_watch *watch, fs_err *err)
{
    *out = NULL;
    size_t n = fs_flow_dim(f);
    if (!(h > 0.0 && h <= DBL_MAX)) return fs_fail(err, FS_EINPUT, "expected a step length > 0 and finite, found %g", h);
    if (!steps || !every) return fs_fail(err, FS_EINPUT, "expected at least one step and a row every one or more, found %zu steps and %zu", steps, every);
    if (!n) return fs_fail(err, FS_EINPUT, "expected a flow with coordinates, found the %s flow of dimension 0", fs_flow_name(fs_flow_kind_of(f)));
    fs_fixed_path *path = NULL;
    FS_TRY(allocate(&path, n, h, steps, every, err));
    gsl_odeiv2_step *step = gsl_odeiv2_step_alloc(gsl_odeiv2_step_rk8pd, n);
    double *w = fs_calloc(n, 2 * sizeof *w);
    fs_status status = FS_OK;
    if (step && w) {
        memcpy(w, w0, n * sizeof *w);
        status = march(path, f, step, w, w + n, watch, err);
    } else {
        status = fs_fail(err, FS_ENOMEM, "a Runge-Kutta step in dimension %zu", n);
    }
    if (step) gsl_odeiv2_step_free(step);
    free(w);
    if (status == FS_OK) *out = path;
    else fs_fixed_path_destroy(path);
    return status;
}

void fs_fixed_path_destroy(fs_fixed_path *path)
{
    if (!path) return;
    free(path->t);
    free(path->w);
    free(path->point);
    free(path->step_distance);
    free(path);
}

/* --- the step ----------------------------------------------------------------------------------- */

/* |K| at w, K v = -J v - gamma v_N, from below; v (n) is a start vector and is overwritten, Kv (n) scratch. */
static fs_status curvature(fs_flow *f, const double *w, double *v, double *Kv, double *norm)
{
    size_t n = fs_flow_dim(f), E = fs_flow_dim_E(f);
    double length = fs_norm(n, v), gamma = fs_flow_gamma(f);
    *norm = 0.0;
    for (int k = 0; k < POWER_STEPS && length > 0.0; k++) {
        for (size_t i = 0; i < n; i++) v[i] /= length;
        FS_TRY(fs_flow_jacobian_product(f, w, v, Kv));
        for (size_t i = 0; i < n; i++) v[i] = -Kv[i] - (i >= E ? gamma * v[i] : 0.0);
        length = fs_norm(n, v);
        if (!(length <= DBL_MAX)) return FS_ENAN;
        int settled = k >= POWER_LEAST && length <= *norm * (1.0 + power_tolerance);
        if (length > *norm) *norm = length;
        if (settled) break;
    }
    return FS_OK;
}

fs_status fs_fixed_step(fs_flow *f, size_t n, const double *w, double *h, fs_err *err)
{
    size_t dim = fs_flow_dim(f);
    double largest = 0.0, *v = fs_calloc(dim, 2 * sizeof *v);
    gsl_rng *rng = fs_rng_stream(0, FS_STREAM_SEARCH);
    fs_status status = v && rng ? FS_OK : fs_fail(err, FS_ENOMEM, "the curvature in dimension %zu", dim);
    for (size_t k = 0; k < n && status == FS_OK; k++) {
        double norm;
        fs_rng_gaussian(rng, dim, v);
        status = curvature(f, w + k * dim, v, v + dim, &norm);
        if (status != FS_OK) fs_fail(err, status, "the curvature at state %zu of %zu: %s", k, n, fs_status_text(status));
        else if (norm > largest) largest = norm;
    }
    if (rng) gsl_rng_free(rng);
    free(v);
    if (status == FS_OK) *h = step_over_curvature / (fs_flow_gamma(f) + largest);
    return status;
}
