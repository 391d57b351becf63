/* experiment/phase_lines.c -- streamlines and separatrices of a phase portrait
 *
 *   F(a, b) = (<u, w'>, <v, w'>) at gamma:  exact where a gradient of a two-parameter model costs little, else bicubic between the nodes of the grid
 *
 * The stable manifold of a saddle: backward from saddle +- eps v, v the eigenvector of the field's Jacobian whose eigenvalue is negative.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/norm.h"
#include "experiment/phase_private.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_interp2d.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double gradient_rounding = 64.0;   /* as Newton's method takes for a zero, see integrate/newton.h */
static const double cheap_flops = 2e4;
static const double beside = 1e-3;              /* eps, relative to the window */
static const double still_separatrix = 1e-9;    /* a saddle's field at eps is small beside that of the corners */

/* The field of one panel. */
typedef struct {
    const fs_portrait *k;
    double gamma;
    fs_flow *flow;              /* exact: at gamma = 0; else NULL */
    double *w;                  /* (2, n) */
    double *component[2];       /* (grid, grid) */
    gsl_interp2d *spline[2];
    gsl_interp_accel *accel[2];
} panel_field;

static void field_clear(panel_field *f)
{
    for (int c = 0; c < 2; c++) {
        free(f->component[c]);
        if (f->spline[c]) gsl_interp2d_free(f->spline[c]);
        if (f->accel[c]) gsl_interp_accel_free(f->accel[c]);
    }
    fs_flow_destroy(f->flow);
    free(f->w);
}

static fs_status splines_create(panel_field *f, fs_err *err)
{
    const fs_phase *phase = f->k->phase;
    size_t n = phase->grid;
    for (int c = 0; c < 2; c++) {
        f->component[c] = fs_calloc(n, n * sizeof **f->component);
        f->spline[c] = gsl_interp2d_alloc(gsl_interp2d_bicubic, n, n);
        f->accel[c] = gsl_interp_accel_alloc();
        if (!f->component[c] || !f->spline[c] || !f->accel[c]) return fs_fail(err, FS_ENOMEM, "the field on %zu by %zu nodes", n, n);
        for (size_t i = 0; i < n * n; i++) f->component[c][i] = phase->field[2 * i + (size_t)c];
        if (gsl_interp2d_init(f->spline[c], phase->a, phase->b, f->component[c], n, n) != GSL_SUCCESS)
            return fs_fail(err, FS_ESOLVER, "the field on %zu by %zu nodes could not be interpolated", n, n);
    }
    return FS_OK;
}

static fs_status field_create(panel_field *f, const fs_portrait *k, double gamma, fs_err *err)
{
    *f = (panel_field){ .k = k, .gamma = gamma };
    if (!k->phase->exact || fs_risk_gradient_flops(fs_problem_risk(k->p, k->o->kind == FS_FLOW_AUGMENTED)) > cheap_flops) return splines_create(f, err);
    f->w = fs_calloc(2, k->n * sizeof *f->w);
    if (!f->w) return fs_fail(err, FS_ENOMEM, "a state of dimension %zu", k->n);
    return fs_problem_moving_flow(&f->flow, k->p, k->o->kind, 0.0, 1, 0, err);
}

static int field_at(void *context, const double place[2], double F[2])
{
    panel_field *f = context;
    const fs_phase *phase = f->k->phase;
    const double *window = phase->window;
    if (!(place[0] >= window[0] && place[0] <= window[1] && place[1] >= window[2] && place[1] <= window[3])) return 1;
    if (f->flow) {
        fs_flow_point p;
        fs_phase_lift(f->k, place, f->w);
        if (fs_flow_evaluate(f->flow, f->w, &p, F) != FS_OK) return 1;
    } else
        for (int c = 0; c < 2; c++)
            if (gsl_interp2d_eval_e(f->spline[c], phase->a, phase->b, f->component[c], place[0], place[1], f->accel[0], f->accel[1], &F[c]) != GSL_SUCCESS) return 1;
    fs_phase_penalise(phase, f->gamma, place, F);
    return !isfinite(F[0]) || !isfinite(F[1]);
}

/* --- a field of rounding --------------------------------------------------------------------------- */

/* The largest |Hess S| known in the window at gamma = 0: on the exact plane at a few places, of a slice at its centre. */
static fs_status largest_curvature(const fs_portrait *k, double *largest, fs_err *err)
{
    enum { PLACES = 5 };
    const double *window = k->phase->window;
    fs_flow *f = NULL;
    *largest = 0.0;
    for (int block = 0; k->spectrum && block < 2; block++) {
        const fs_spectrum_block *b = block ? &k->spectrum->N : &k->spectrum->E;
        if (!b->dim) continue;
        fs_raise_to(largest, fabs(b->lowest));
        fs_raise_to(largest, fabs(b->highest));
    }
    if (!k->phase->exact) return FS_OK;
    FS_TRY(fs_phase_observer(&f, k, 0.0, err));
    for (int i = 0; i < PLACES * PLACES; i++) {
        double w[2], H[4], place[2] = { window[0] + (window[1] - window[0]) * (i % PLACES) / (PLACES - 1), window[2] + (window[3] - window[2]) * (i / PLACES) / (PLACES - 1) };
        fs_phase_lift(k, place, w);
        if (fs_objective_hessian(f, w, H, NULL) == FS_OK) fs_raise_to(largest, fs_norm(4, H));
    }
    fs_flow_destroy(f);
    return FS_OK;
}

/* Whether the field at gamma is nowhere above what rounding leaves of a gradient, rounding u |H| (1 + |w|) in each component, w as far out as the window goes.  NaN
 * is not still. */
static fs_status look_whether_still(const fs_portrait *k, fs_phase_panel *panel, fs_err *err)
{
    const fs_phase *phase = k->phase;
    double fastest = 0.0, farthest = fs_norm(k->n, phase->centre), H;
    FS_TRY(largest_curvature(k, &H, err));
    for (int axis = 0; axis < 2; axis++) farthest += fabs(phase->window[2 * axis]) + fabs(phase->window[2 * axis + 1]);
    for (size_t j = 0; j < phase->grid; j++)
        for (size_t i = 0; i < phase->grid; i++) {
            double F[2] = { phase->field[2 * (j * phase->grid + i)], phase->field[2 * (j * phase->grid + i) + 1] };
            fs_phase_penalise(phase, panel->gamma, (const double[2]){ phase->a[i], phase->b[j] }, F);
            fs_raise_to(&fastest, fs_norm(2, F));
        }
    panel->still = fastest <= gradient_rounding * DBL_EPSILON * H * (1.0 + farthest);
    return FS_OK;
}

/* --- separatrices ----------------------------------------------------------------------------------- */

/* Unit v with J v = lambda v, lambda the lower of the real eigenvalues of J (2, 2). */
static int stable_direction(const double J[4], double v[2])
{
    double trace = J[0] + J[3], det = J[0] * J[3] - J[1] * J[2], root = 0.25 * trace * trace - det;
    if (!(root > 0.0)) return 0;
    double upper = 0.5 * trace + sqrt(root);
    /* J - upper maps everything onto v */
    double column[2][2] = { { J[0] - upper, J[2] }, { J[1], J[3] - upper } };
    const double *longer = fs_norm(2, column[1]) > fs_norm(2, column[0]) ? column[1] : column[0];
    double length = fs_norm(2, longer);
    if (!(length > 0.0)) return 0;
    v[0] = longer[0] / length;
    v[1] = longer[1] / length;
    return 1;
}

/* The saddle becomes its last vertex. */
static fs_status end_at(fs_streamline *line, const double place[2], fs_err *err)
{
    double *longer = fs_calloc(line->n + 1, 2 * sizeof *longer);
    if (!longer) return fs_fail(err, FS_ENOMEM, "a separatrix of %zu vertices", line->n + 1);
    memcpy(longer, line->place, 2 * line->n * sizeof *longer);
    memcpy(longer + 2 * line->n, place, 2 * sizeof *longer);
    free(line->place);
    line->place = longer;
    line->n++;
    return FS_OK;
}

static fs_status separatrices_of(const fs_portrait *k, panel_field *f, fs_flow *moving, const fs_phase_point *saddle, fs_phase_panel *panel, fs_err *err)
{
    const double *window = k->phase->window;
    fs_streamline_options options = { .aspect = 1.0, .still = still_separatrix };
    memcpy(options.window, window, sizeof options.window);
    double J[4], v[2];
    fs_status status = fs_flow_jacobian(moving, saddle->place, J);
    if (status != FS_OK) return fs_fail(err, status, "the field at the saddle (%g, %g): %s", saddle->place[0], saddle->place[1], fs_status_text(status));
    if (!stable_direction(J, v)) return FS_OK;
    /* eps in the metric of the screen */
    double length = fs_norm(2, (const double[2]){ v[0] / (window[1] - window[0]), v[1] / (window[3] - window[2]) });
    for (int sign = -1; sign <= 1; sign += 2) {
        double from[2] = { saddle->place[0] + sign * beside / length * v[0], saddle->place[1] + sign * beside / length * v[1] };
        fs_streamline *line = &panel->separatrix[panel->n_separatrices];
        FS_TRY(fs_streamline_trace(line, field_at, f, from, -1, 0.0, &options, err));
        if (line->n < 2) {
            fs_streamline_clear(line);
            continue;
        }
        panel->n_separatrices++;
        FS_TRY(end_at(line, saddle->place, err));
    }
    return FS_OK;
}

static fs_status separatrices(const fs_portrait *k, panel_field *f, fs_phase_panel *panel, fs_err *err)
{
    fs_flow *moving = NULL;
    panel->separatrix = fs_calloc(panel->n_points, 2 * sizeof *panel->separatrix);
    if (!panel->separatrix) return fs_fail(err, FS_ENOMEM, "separatrices of %zu points", panel->n_points);
    fs_status status = fs_problem_moving_flow(&moving, k->p, k->o->kind, panel->gamma, 1, 0, err);
    for (size_t i = 0; i < panel->n_points && status == FS_OK; i++) {
        const fs_phase_point *point = &panel->point[i];
        if (point->kind == FS_POINT_SADDLE && point->inertia.negative == 1 && point->inertia.positive == 1)
            status = separatrices_of(k, f, moving, point, panel, err);
    }
    fs_flow_destroy(moving);
    return status;
}

fs_status fs_phase_lines(fs_portrait *k, fs_phase_panel *panel, fs_err *err)
{
    fs_streamline_options options = { .aspect = 1.0 };
    panel_field f;
    memcpy(options.window, k->phase->window, sizeof options.window);
    FS_TRY(look_whether_still(k, panel, err));
    if (panel->still) {
        panel->streamlines = fs_calloc(1, sizeof *panel->streamlines);
        return panel->streamlines ? FS_OK : fs_fail(err, FS_ENOMEM, "streamlines");
    }
    fs_status status = field_create(&f, k, panel->gamma, err);
    if (status == FS_OK) status = fs_streamlines_compute(&panel->streamlines, field_at, &f, &options, err);
    if (status == FS_OK && k->phase->exact) status = separatrices(k, &f, panel, err);
    field_clear(&f);
    return status;
}
