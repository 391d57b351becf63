/* experiment/phase.c -- the phase plane of a flow, put together
 *
 *   starts, gammas -> centre -> paths -> axes -> window -> grid -> panel by panel: stationary points, lines;  paths on the plane
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "experiment/phase.h"

#include "base/clock.h"
#include "experiment/phase_private.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double worth_threads = 1e6;        /* operations of a gradient: below, threads cost more than they give */

static fs_status validate_window(const double *window, fs_err *err)
{
    for (int axis = 0; window && axis < 2; axis++) {
        const double *side = window + 2 * axis;
        if (!(side[0] >= -DBL_MAX && side[1] <= DBL_MAX && side[0] < side[1] && side[1] - side[0] <= DBL_MAX))
            return fs_fail(err, FS_EINPUT, "expected a window lowest < highest on either axis, found [%g, %g]", side[0], side[1]);
    }
    return FS_OK;
}

static fs_status validate(const fs_problem *p, const fs_phase_options *o, fs_err *err)
{
    const fs_basis *b = fs_problem_basis(p);
    if (o->kind != FS_FLOW_NOMINAL && o->kind != FS_FLOW_AUGMENTED)
        return fs_fail(err, FS_EINPUT, "expected the nominal or the augmented flow, found %s: it stays on E", fs_flow_name(o->kind));
    if (b->dim_E + b->dim_N < 2) return fs_fail(err, FS_EINPUT, "expected dim L >= 2, found %zu: there is no plane", b->dim_E + b->dim_N);
    if (!o->n_seed && !o->weights) return fs_fail(err, FS_EINPUT, "expected a seed or weights to start from, found neither");
    for (size_t i = 0; i < o->n_gamma; i++)
        if (!(o->gamma[i] >= 0.0 && o->gamma[i] <= DBL_MAX)) return fs_fail(err, FS_EINPUT, "expected gamma >= 0 and finite, found %g", o->gamma[i]);
    for (size_t i = 0; i < o->n_distance; i++)
        if (!(o->distance[i] >= 0.0 && o->distance[i] <= DBL_MAX)) return fs_fail(err, FS_EINPUT, "expected distances >= 0 and finite, found %g", o->distance[i]);
    if (!(o->tube <= DBL_MAX)) return fs_fail(err, FS_EINPUT, "expected a finite half width of the tube, or a negative one for the default, found %g", o->tube);
    if (!(o->t_end >= 0.0 && o->rtol >= 0.0 && o->atol >= 0.0))
        return fs_fail(err, FS_EINPUT, "expected t_end, rtol, atol >= 0, found %g, %g, %g", o->t_end, o->rtol, o->atol);
    return validate_window(o->window, err);
}

/* All that the panels share. */
static fs_status prepare(fs_portrait *k, fs_err *err)
{
    FS_TRY(fs_phase_starts(k, err));
    FS_TRY(fs_phase_centre(k, err));
    FS_TRY(fs_phase_gammas(k, err));
    FS_TRY(fs_phase_integrate(k, err));
    FS_TRY(fs_phase_axes(k, err));
    FS_TRY(fs_phase_window(k, err));
    FS_TRY(fs_phase_grid(k, err));
    return fs_phase_paths(k, err);
}

static void panel_clear(fs_phase_panel *panel)
{
    for (size_t i = 0; i < panel->n_paths; i++) {
        free(panel->path[i].t);
        free(panel->path[i].off);
        free(panel->path[i].place);
    }
    for (size_t i = 0; i < panel->n_separatrices; i++) fs_streamline_clear(&panel->separatrix[i]);
    free(panel->separatrix);
    free(panel->path);
    free(panel->point);
    fs_streamlines_destroy(panel->streamlines);
}

/* One after the other; whoever asks to stop gets those that are complete. */
static fs_status fill_panels(fs_portrait *k, fs_err *err)
{
    fs_phase *phase = k->phase;
    for (size_t i = 0; i < phase->n_panels; i++) {
        fs_status status = fs_phase_points(k, &phase->panel[i], err);
        if (status == FS_OK) status = fs_phase_lines(k, &phase->panel[i], err);
        if (status == FS_OK && fs_watch_report(k->o->watch, "panels", (double)(i + 1) / (double)phase->n_panels) != FS_OK && i + 1 < phase->n_panels) {
            status = FS_ESTOPPED;
            i++;
        }
        if (status == FS_OK) continue;
        if (status != FS_ESTOPPED || !i) return status;
        for (size_t rest = i; rest < phase->n_panels; rest++) panel_clear(&phase->panel[rest]);
        phase->n_panels = i;
        phase->stopped = 1;
    }
    return FS_OK;
}

static void portrait_clear(fs_portrait *k, size_t paths)
{
    for (size_t i = 0; k->T && i < paths; i++) fs_trajectory_destroy(k->T[i]);
    free(k->T);
    free(k->start);
    free(k->distance);
    free(k->seed);
    fs_stationary_destroy(k->centre);
    fs_spectrum_destroy(k->spectrum);
}

fs_status fs_phase_compute(fs_phase **out, const fs_problem *p, const fs_phase_options *o, fs_err *err)
{
    *out = NULL;
    FS_TRY(validate(p, o, err));
    const fs_basis *b = fs_problem_basis(p);
    double begin = fs_wall_seconds();
    fs_phase *phase = fs_calloc(1, sizeof *phase);
    if (!phase) return fs_fail(err, FS_ENOMEM, "a phase portrait");
    *phase = (fs_phase){ .problem = p, .kind = o->kind, .exact = b->dim_E + b->dim_N == 2, .choice = o->plane, .gamma_critical = (double)NAN, .fraction = (double)NAN };
    double flops = fs_risk_gradient_flops(fs_problem_risk(p, o->kind == FS_FLOW_AUGMENTED));
    fs_portrait k = { .p = p, .o = o, .phase = phase, .n = b->dim_E + b->dim_N, .E = b->dim_E, .threads = flops >= worth_threads ? o->threads : 1 };
    fs_status status = prepare(&k, err);
    size_t paths = phase->n_panels * k.n_starts;
    if (status == FS_OK) status = fill_panels(&k, err);
    portrait_clear(&k, paths);
    phase->wall_s = fs_wall_seconds() - begin;
    if (status == FS_OK) *out = phase;
    else fs_phase_destroy(phase);
    return status;
}

void fs_phase_destroy(fs_phase *phase)
{
    if (!phase) return;
    for (size_t i = 0; phase->panel && i < phase->n_panels; i++) panel_clear(&phase->panel[i]);
    for (int axis = 0; axis < 2; axis++) free(phase->axis[axis].direction);
    free(phase->panel);
    free(phase->centre);
    free(phase->a);
    free(phase->b);
    free(phase->field);
    free(phase->risk);
    free(phase);
}
