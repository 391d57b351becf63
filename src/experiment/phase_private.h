/* experiment/phase_private.h -- shared by the parts of a phase portrait
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_EXPERIMENT_PHASE_PRIVATE_H
#define FS_EXPERIMENT_PHASE_PRIVATE_H

#include "experiment/phase.h"
#include "experiment/stability_private.h"
#include "integrate/trajectory.h"

/* One portrait on its way. */
typedef struct {
    const fs_problem *p;
    const fs_phase_options *o;
    fs_phase *phase;
    size_t n, E;                /* dim L, dim E */
    int threads;                /* of one gradient: 1 where it costs little; the grid always uses all */
    size_t n_starts;            /* distance outermost, seeds inside */
    double *start;              /* (n_starts, n) */
    double *distance;           /* (n_starts) */
    uint64_t *seed;             /* (n_starts) */
    fs_trajectory **T;          /* (n_panels, n_starts) */
    fs_stationary *centre;      /* where the search for the slice's centre ended; NULL: dim L = 2 */
    fs_spectrum *spectrum;      /* of R there, blocks on E and N */
    double centre_shift;        /* of its eigenvalues, see fs_stability_point */
} fs_portrait;

/* The field at gamma = 0 and the risk at the nodes of a rectangle. */
typedef struct {
    size_t n;
    double window[4];
    double *a, *b;              /* (n) */
    double *field;              /* (n, n, 2) [b][a] */
    double *risk;               /* (n, n) */
} fs_plane_grid;

/* Place of the state w (dim L) in the plane, and the state at a place. */
void fs_phase_project(const fs_portrait *k, const double *w, double place[2]);
void fs_phase_lift(const fs_portrait *k, const double place[2], double *w);
/* How far w is from the plane. */
double fs_phase_off(const fs_portrait *k, const double *w);
/* F at gamma from F at gamma = 0, both at place. */
void fs_phase_penalise(const fs_phase *phase, double gamma, const double place[2], double F[2]);
/* The observer of Hessians: in orthonormal coordinates, of the portrait's kind. */
fs_status fs_phase_observer(fs_flow **out, const fs_portrait *k, double gamma, fs_err *err);

/* --- phase_frame.c --- */

/* Starts, and for dim L > 2 the centre; then, once the paths are there, the axes. */
fs_status fs_phase_centre(fs_portrait *k, fs_err *err);
fs_status fs_phase_axes(fs_portrait *k, fs_err *err);

/* --- phase_paths.c --- */

fs_status fs_phase_starts(fs_portrait *k, fs_err *err);
/* phase->panel with its gammas. */
fs_status fs_phase_gammas(fs_portrait *k, fs_err *err);
/* k->T: the flow from every start at every gamma. */
fs_status fs_phase_integrate(fs_portrait *k, fs_err *err);
/* The paths of all panels on the plane, with their outcomes. */
fs_status fs_phase_paths(fs_portrait *k, fs_err *err);

/* --- phase_plane.c --- */

fs_status fs_plane_grid_compute(fs_plane_grid *out, const fs_portrait *k, const double window[4], size_t n, fs_err *err);
void fs_plane_grid_clear(fs_plane_grid *g);
/* phase->window, grid, field, risk, tube. */
fs_status fs_phase_window(fs_portrait *k, fs_err *err);
fs_status fs_phase_grid(fs_portrait *k, fs_err *err);

/* --- phase_points.c --- */

/* What tells whether all zeros were found.  Plain. */
typedef struct {
    int left_over;              /* there were more places to begin from than could be tried */
    int resolved;               /* the nodes tell how the field turns along the edge */
    long turns;                 /* counterclockwise: the sum of the indices of all zeros inside */
} fs_plane_count;

/* Zeros of the exact plane's field at gamma in g's window, found from its nodes. */
fs_status fs_plane_zeros(fs_stationary_set *out, const fs_portrait *k, const fs_plane_grid *g, double gamma, fs_plane_count *count, fs_err *err);
/* Stationary points of a panel. */
fs_status fs_phase_points(fs_portrait *k, fs_phase_panel *panel, fs_err *err);

/* --- phase_lines.c --- */

/* Streamlines of a panel, and on the exact plane the separatrices of its saddles. */
fs_status fs_phase_lines(fs_portrait *k, fs_phase_panel *panel, fs_err *err);

#endif
