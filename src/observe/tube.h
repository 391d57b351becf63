/* observe/tube.h -- the constants of Theorem 3 on a tube around E, and the gammas that suffice by them
 *
 *   tube         {X + s y : X in a list of points of E, y in N, |y| = 1, 0 <= s <= delta}
 *   c            = min_X lambda_min(H_N(X))
 *   M3(delta)    = sup |D^3 R^aug(X + s y)[y, y, y]|,   C = M3 / 2       (all that the proof uses of its hypothesis iii)
 *   hbar_min     = inf <y, grad R^aug(X + s y)> / s                       (s -> 0: <y, H_N y>)
 *   ray_min      = inf <y, Hess R^aug(X + s y) y>          <= hbar_min
 *   lambda_min   = inf lambda_min(H_N(X + s y))            <= ray_min
 *
 * Gammas beyond which every start with |Y_0| = delta, X as listed, decays exponentially [NF25, Theorem 3]:
 *
 *   tube         -hbar_min                                no third derivative
 *   Bernoulli    C delta - c                              y' <= -(gamma + c) y + C y^2
 *   paper        root of gamma + c = C(K) K,  K^2 = delta^2 + 2 R^aug(A_0) / gamma,  C(K) = M3(K) / 2
 *
 * Infima and suprema are searched for, from many starts with exact derivatives: reliable in few dimensions, no proof.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_OBSERVE_TUBE_H
#define FS_OBSERVE_TUBE_H

#include "base/watch.h"
#include "flow/flow.h"

#include <stdint.h>

/* Opaque: the points, scratch, and the best directions found so far (a larger radius starts from those of a smaller one). */
typedef struct fs_tube fs_tube;

/* Plain. */
typedef struct {
    size_t n_points;
    const double *x;            /* (n_points, dim_E) */
    size_t starts;              /* random directions each search begins from, besides eigenvectors and those known; 0: 8 */
    uint64_t seed;
    const fs_watch *watch;
} fs_tube_options;

/* f: the augmented flow with gamma = 0, borrowed.  FS_EINPUT: dim N = 0, no points, gamma not 0, another kind. */
fs_status fs_tube_create(fs_tube **out, fs_flow *f, const fs_tube_options *options, fs_err *err);
void fs_tube_destroy(fs_tube *t);

/* Plain; each with the place it was found: the point's index, s, and y (dim N), owned by the tube and valid until the next call. */
typedef struct { double value; size_t point; double s; const double *y; } fs_tube_extreme;
typedef struct {
    double radius;
    double c, c_error;          /* NaN unless the eigenvalue at every point converged: an upper bound would be of no use */
    fs_tube_extreme M3, hbar_min, ray_min, lambda_min;
    int converged;              /* 0: an eigenvalue came from a Krylov run that did not converge */
    int stopped;                /* what was not reached is NaN or the best that was known */
    long products;
} fs_tube_constants;
/* Values do not get less extreme from one call to a call with a larger radius.  FS_EINPUT: a radius that is negative or not finite; FS_ENAN. */
fs_status fs_tube_measure(fs_tube *t, double radius, fs_tube_constants *out, fs_err *err);
/* M3 alone: what the paper's bound asks for again and again.  FS_ESTOPPED when the watch asks to stop, *M3 then NaN. */
fs_status fs_tube_third(fs_tube *t, double radius, double *M3, fs_err *err);

/* The formulas; any may come out negative: then every gamma >= 0 will do. */
double fs_bound_bernoulli(double c, double C, double delta);
/* The root for a constant C: f(gamma) = gamma + c - C sqrt(delta^2 + 2 R0 / gamma) is increasing for gamma > 0; C delta - c where C = 0 or R0 = 0.
 * NaN unless C, delta, R0 >= 0. */
double fs_bound_paper(double c, double C, double delta, double R0);
/* The same with M3(K) measured on the tube of radius K(gamma): f is increasing because M3 is nondecreasing in K.  *K: the radius at the root.
 * Where c > 0 is large and the risk next to quadratic, *gamma is an upper bound of the root of size 1e-9 c, so that the tubes stay bounded.  FS_EINPUT: c NaN. */
fs_status fs_bound_paper_tube(fs_tube *t, double c, double delta, double R0, double *gamma, double *K, fs_err *err);
/* y(t) of y' = -(gamma + c) y + C y^2: the Bernoulli bound of |Y|; infinity where it has blown up. */
double fs_bound_bernoulli_at(double c, double C, double gamma, double y0, double t);

#endif
