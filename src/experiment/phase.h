/* experiment/phase.h -- the phase plane of a flow: a two-parameter model whole, or a plane through a larger one, one panel a gamma
 *
 *   w = centre + a u + b v,    u, v orthonormal, each in TE or in N;    field (<u, w'>, <v, w'>)
 *
 * dim L = 2: the plane is all of L, centre 0, u and v the adapted coordinates; field, nullclines, stationary points, separatrices and paths are exact.
 * dim L > 2: a slice through a point of E (a stationary one where there is one; else, and beyond dim L = 1500, the end of the equivariant flow).  u is a
 * direction in E and v one in N (two in N where dim E = 0, two in E where dim N = 0).  The field there is that of the objective restricted to the slice, not the flow's own; paths are
 * projected, and `fraction` says how much of their motion lies in the plane.  Separatrices are not drawn; only stationary points that lie in the plane are.
 *
 * Stationary points are classified by eigenvalues of Hess S on all of L with their errors, never by how the field looks. [NF25, Figure 1; Theorem 2, Theorem 3]
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_EXPERIMENT_PHASE_H
#define FS_EXPERIMENT_PHASE_H

#include "experiment/critical.h"
#include "experiment/streamlines.h"

typedef enum {
    FS_PLANE_UNSTABLE,          /* the lowest eigenvectors of H_E and of H_N at the centre */
    FS_PLANE_MOTION             /* the principal directions of X(t) and of Y(t) along the paths of all panels together */
} fs_plane_choice;

/* How E meets the plane. */
typedef enum { FS_E_LINE, FS_E_POINT, FS_E_ALL } fs_plane_E;    /* b = 0; the centre; everywhere (dim N = 0) */

/* Plain. */
typedef struct {
    int in_N;                   /* off E, where gamma acts */
    double *direction;          /* (dim L) unit, adapted coordinates; of a slice: towards the first start, else its largest component positive */
    double curvature, curvature_error;  /* <u, Hess R u> at the centre where it is an eigenvalue of H_E or H_N; else NaN */
    char name[80];              /* "x, along E"; "lowest eigenvector of H_N" */
} fs_phase_axis;

/* A stationary point of the panel's flow.  Plain. */
typedef struct {
    double place[2];
    fs_point kind;              /* on all of L, Hess S: minimum (sink), maximum (source), saddle, degenerate: the eigenvalues do not decide, unknown */
    fs_inertia inertia;         /* of Hess S on L; a saddle with none positive and some undecided is unstable, but whether saddle or source is not known */
    double lowest, highest;     /* eigenvalues of Hess S */
    double error;               /* of both, the distance to the true point included */
    double risk, distance, residual;
} fs_phase_point;

/* One path of the flow, projected onto the plane.  Plain. */
typedef struct {
    uint64_t seed;
    double distance;            /* |Y_0| */
    size_t n;
    double *t, *off;            /* (n) time, |Y| */
    double *place;              /* (n, 2) */
    double fraction;            /* of the motion that lies in the plane: integral of |P w'|^2 / |w'| ds-weighted, sum |P dw|^2 / |dw| over sum |dw|; 1 for dim L = 2 */
    double start_off_plane;     /* distance of the start to the plane; 0 for dim L = 2 */
    double distance_end;
    int judged;                 /* outcome is a verdict: augmented flow in orthonormal coordinates, dim L = 2, from off E */
    fs_attraction_outcome outcome;
    char why[200];              /* of the outcome; or what stopped the path */
    fs_status code;             /* of the integration: a path that stopped early is kept */
} fs_phase_path;

/* Plain. */
typedef struct {
    double gamma;
    size_t n_points;
    fs_phase_point *point;      /* inside the window */
    size_t off_plane;           /* found, but not in the plane (dim L > 2) */
    int more_points;            /* there are more than are listed: a continuum, of which only points some way apart are; or too many, then what is listed is
                                 * spread evenly over all; or dim L = 2 and the field along the window's edge turns by other than the sum of the indices listed */
    int still;                  /* the field is zero within rounding, all over the window: neither streamlines nor separatrices */
    fs_streamlines *streamlines;
    size_t n_separatrices;
    fs_streamline *separatrix;  /* stable manifolds of saddles, traced backward; in the direction of the flow, ending at the saddle */
    size_t n_paths;
    fs_phase_path *path;        /* the same starts in every panel */
} fs_phase_panel;

/* Plain. */
typedef struct {
    const fs_problem *problem;  /* borrowed */
    fs_flow_kind kind;          /* nominal or augmented */
    int exact;                  /* dim L = 2 */
    fs_plane_choice choice;
    fs_plane_E E;
    int E_kept;                 /* E is the line b = 0, and the field along it has no component across that could be seen, at any gamma */
    fs_phase_axis axis[2];
    double *centre;             /* (dim L) */
    char centre_text[200];      /* "the origin"; "a strict minimum on E"; "the end of the equivariant flow, t = 20: no finite minimum on E" */
    double window[4];
    double tube;                /* half width of the band around E */
    size_t grid;                /* nodes along each axis: about 200, fewer where a gradient is costly (by its operations, never by time) */
    double *a, *b;              /* (grid) */
    double *field;              /* (grid, grid, 2) [b][a]: (<u, w'>, <v, w'>) at gamma = 0 */
    double *risk;               /* (grid, grid) R (nominal) or R^aug */
    int penalised[2];           /* at gamma the field is field - gamma (penalised[0] a, penalised[1] b): the axes in N */
    double penalty[2][2];       /* the same where the weights move in other coordinates: field - gamma penalty (a, b)^T; else the diagonal matrix of penalised */
    size_t n_panels;
    fs_phase_panel *panel;      /* by the gammas in the order given */
    int chosen;                 /* the gammas were chosen: 0, half of gamma*, twice gamma* of the first start; or 0 and the model's */
    double gamma_critical;      /* gamma* of the first start where it was computed and decided; else NaN */
    char gamma_text[240];       /* how the gammas were chosen (also by a gamma* whose lower end is not certain), or why not by gamma*; "" when they were given */
    double fraction;            /* over all paths of all panels */
    int stopped;
    double wall_s;
} fs_phase;

/* Plain. */
typedef struct {
    fs_flow_kind kind;
    size_t n_gamma;             /* 0: chosen */
    const double *gamma;
    size_t n_distance, n_seed;  /* starts: every distance with every seed; 0 distances: the model's */
    const double *distance;
    const uint64_t *seed;
    const double *weights;      /* natural-order start in place of the seeds, its Y scaled to every distance given; or NULL */
    fs_plane_choice plane;
    const double *window;       /* (4) or NULL: around the starts, the paths (the beginning of those that run away) and the isolated stationary points within twice
                                 * their box, symmetric in the axes in N; sides equal (dim L = 2), or one at most three times the other */
    double tube;                /* negative: the largest distance of a start */
    size_t starts;              /* dim L > 2: Newton searches for stationary points in all of L; 0: the centre and the ends of the paths alone */
    double t_end, rtol, atol;   /* of paths; 0: the model's */
    fs_method method;
    fs_solver solver;
    int threads;
    size_t keep_limit;
    const fs_watch *watch;
} fs_phase_options;

/* FS_EINPUT: the equivariant flow; dim L < 2; a window where the risk is not finite (says where).  FS_ESTOPPED: nothing was known when the watch asked to stop. */
fs_status fs_phase_compute(fs_phase **out, const fs_problem *p, const fs_phase_options *options, fs_err *err);
void fs_phase_destroy(fs_phase *phase);

#endif
