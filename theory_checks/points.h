/* theory_checks/points.h -- stationary points on E: which were found, their lowest curvature, and how a flow leaves or reaches them
 *
 *   d = A(t) - X,    d/dt log |d| = -<d, Hbar d> / |d|^2,    Hbar = int_0^1 Hess S(X + s d) ds,    X stationary
 *
 * so a flow that starts at X + s v, v a unit eigenvector of Hess S(X) with eigenvalue kappa, moves away from X (kappa < 0) or towards it (kappa > 0) at the
 * rate |kappa|, up to |(Hess S(X + d) - Hess S(X)) v|, d = +-|d| v, at the far end of the path, up to |grad S(X)| / |d|, which should be 0, and up to what
 * the integration adds to log |d|: where S is quadratic the last is all there is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_CHECK_POINTS_H
#define FS_CHECK_POINTS_H

#include "rounding.h"

/* --- points ------------------------------------------------------------------------------- */

/* A stationary point was found there, and its spectrum is known. */
int fs_point_found(const fs_stability_point *point);
size_t fs_points_found(const fs_stability *s);
/* found does not apply, for no stationary point was found: why. */
fs_status fs_points_none(fs_finding *found, const fs_stability *s);
/* The same where the points found are not of the kind that is needed ("strict minimum on E"): what they are. */
fs_status fs_points_none_such(fs_finding *found, const fs_stability *s, const char *kind);
/* Stable for the equivariant flow: a strict minimum on E, or E a point. */
int fs_point_strict(fs_check_context *c, const fs_stability_point *point);
/* Of the points that are wanted (wanted(c, point) not 0) at most `most`, by falling gamma_c; returns how many, and in *all how many there are. */
size_t fs_points_choose(fs_check_context *c, const fs_stability *s, int (*wanted)(fs_check_context *, const fs_stability_point *), size_t most,
                        const fs_stability_point **chosen, size_t *all);

/* What may be left of grad S at a point that the search knew in E only: 10 |Pi_E grad R| and what rounding explains. */
fs_status fs_point_residual(fs_check_context *c, const fs_stationary *at, double *residual, fs_err *err);

/* Lowest eigenvalue of Hess S at w (dim of f) by Lanczos, and its error: the residual and what rounding explains. */
fs_status fs_point_lowest(fs_check_context *c, fs_flow *f, const double *w, double *value, double *error, fs_err *err);

/* --- exponents ------------------------------------------------------------------------------ */

/* What is asked of the augmented flow at gamma.  Plain. */
typedef struct {
    double gamma;
    const double *w, *v;        /* (dim L) the point, and the unit direction of the start */
    double curvature;           /* <v, Hess S v>, what the rate should be: chooses how far from w the flow starts, and where the bound is measured */
    double horizon, max_step;   /* end time; cap of the steps */
    double accuracy;            /* what nonlinearity may take of the rate */
    double residual;            /* what may be left of grad S(w) */
} fs_exponent_request;

/* What was seen.  Plain. */
typedef struct {
    double rate;                /* -log(|d(T)| / |d(0)|) / T by BDF: negative where the flow leaves */
    double second;              /* the same by Adams' method */
    double loose;               /* by BDF with tolerances ten times looser */
    double error;               /* the larger of |rate - second| and |rate - loose| */
    double integration;         /* what the local errors of all steps may add up to, for tolerances as they were */
    double bound;               /* of |rate - curvature|: nonlinearity at the far end, residual and rounding at the near one, integration, and what that puts
                                 * across v where Hess S is lower than along it */
    double start, end;          /* |d| */
} fs_exponent;

fs_status fs_exponent_measure(fs_check_context *c, const fs_exponent_request *request, fs_exponent *out, fs_err *err);

#endif
