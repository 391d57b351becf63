/* integrate/trajectory.h -- a flow integrated by SUNDIALS CVODES, and what was seen on the way
 *
 *   w' = F(w),   int -dS/dt dt (= int |F|^2 dt),   int (gamma + hbar) dt      (pure quadratures, outside the Newton system)
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_INTEGRATE_TRAJECTORY_H
#define FS_INTEGRATE_TRAJECTORY_H

#include "base/bytes.h"
#include "flow/flow.h"
#include "problem/problem.h"

typedef struct fs_trajectory fs_trajectory;

/* Plain. */
typedef struct {
    double t_end;               /* flow time, 0 < t_end <= 1e12 */
    double rtol, atol;          /* 1e-14 <= rtol <= 1e-2; 0 < atol < inf, on x; on y: 1e-14 |A_0| */
    fs_method method;           /* bdf (Newton) or adams (fixed point) */
    fs_solver solver;           /* dense: exact Hessian, LAPACK; krylov: GMRES, exact products; auto: by size */
    double max_step;            /* 0: none */
    long max_steps;             /* 0: 1 000 000 */
    size_t n_times;             /* output times, increasing, in [0, t_end]; they never change the steps taken */
    const double *times;
    int keep_weights;           /* store A at every output time */
    size_t keep_nodes;          /* store about this many states along the path, evenly over the steps taken; 0: none, else >= 4 */
    /* called after every step with t, h, number of steps and w (may be NULL); nonzero stops with FS_ESTOPPED */
    int (*progress)(void *context, double t, double h, long step, const fs_flow_point *p);
    /* Restart: the solver is re-initialised at t_end k / barriers in every run that asks for it, so that going on from there
     * gives the bits of the unbroken run.  0: never. */
    size_t barriers;
    /* called at every barrier, when T holds all that going on needs (may be NULL) */
    fs_status (*checkpoint)(void *context, const fs_trajectory *T, fs_err *err);
    void *context;
    fs_trajectory *resume;      /* taken over: goes on from resume->t_reached; same flow and options; NULL: from w0 at t = 0 */
} fs_integrate_options;

/* One row a output time. */
typedef struct {
    double t, risk, objective, gradient_norm, speed, distance, hbar;      /* as fs_flow_point */
    double energy;              /* int_0^t -dS/dt: of |w'|^2 without a parametrisation */
    double exponent;            /* int_0^t (gamma + hbar); NaN once |Y| has come within 1e3 of its tolerance, and with a parametrisation, whose metric moves
                                 * Y otherwise than by -(gamma + hbar) Y along itself */
    double energy_error;        /* |S(t) + energy - S(0)| / max(|S(0)|, ...) */
} fs_trajectory_row;

struct fs_trajectory {
    fs_flow_kind kind;
    double gamma;
    double t_reached;           /* time up to which everything here is final */
    double q_reached[2];        /* the two quadratures there */
    double S_start;             /* S(0), for the energy identity */
    double max_step;            /* cap that was used, 0: none */
    fs_trajectory_row first, last;      /* at t = 0 and at t_reached, whatever the output times */
    size_t n_rows, rows_room;
    fs_trajectory_row *row;
    size_t n_par;
    double *weights;            /* (n_rows, n_par) or NULL */
    size_t n_steps_kept;        /* |Y| and int (gamma + hbar) at the start and after every accepted step */
    double *step_t, *step_distance, *step_exponent;
    size_t node_stride;         /* nodes are this many steps apart */
    size_t n_nodes;             /* states along the path, the first at t = 0, the last at the end */
    double *node_t, *node_w;    /* (n_nodes), (n_nodes, dim) */
    size_t dim;
    double *w_end;              /* state at t_end */
    double *w_start;
    double distance_max;        /* over accepted steps */
    double step_max;            /* longest accepted step */
    double atol_N;              /* absolute tolerance on y that was used */
    size_t nodes_room;
    long steps;
    long rhs_evals, hvp_evals, jac_evals;       /* of the integration: velocities, Hessian-vector products, dense Hessians */
    long extra_evals;           /* velocities for the quadratures (one a step), the output rows and the first step */
    long newton_iters, krylov_iters, error_test_fails;
    double cpu_s;
    char solver[64];            /* "BDF, Newton-GMRES" */
    char status[512];           /* "reached t = 20" or what stopped it, in words */
    fs_status code;
};

/* Integrates f from w0 (dim of the flow).  On failure *out holds the rows up to the failure and code, status say why
 * (the return value is then FS_OK unless nothing could be set up at all). */
fs_status fs_trajectory_compute(fs_trajectory **out, fs_flow *f, const double *w0, const fs_integrate_options *options, fs_err *err);
void fs_trajectory_destroy(fs_trajectory *T);

/* The whole of T as bytes and back; unpacking refuses what does not fit together (FS_EINPUT). */
fs_status fs_trajectory_pack(const fs_trajectory *T, fs_bytes *to, fs_err *err);
fs_status fs_trajectory_unpack(fs_trajectory **out, fs_bytes *from, fs_err *err);

#endif
