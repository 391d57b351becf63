/* flow/flow.h -- the three gradient flows in adapted coordinates
 *
 *   nominal      A' = -Pi_L grad R(A)     - gamma Y
 *   augmented    A' = -Pi_L grad R^aug(A) - gamma Y         Y = Pi_N (A - A*)
 *   equivariant  A' = -Pi_E grad R(A)       on E
 *
 * State w = (x, y) with A = Q_E x + Q_N y; the equivariant flow's state is x alone.  Each is minus the gradient of
 * S = R + gamma/2 |Y|^2 in orthonormal coordinates, so its Jacobian -(Q^T Hess R Q + gamma 1_N) is symmetric.
 * fs_flow_set_parametrisation puts a metric in front of the gradient, for controls.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_FLOW_FLOW_H
#define FS_FLOW_FLOW_H

#include "algebra/subspace.h"
#include "risk/risk.h"

typedef enum { FS_FLOW_NOMINAL, FS_FLOW_AUGMENTED, FS_FLOW_EQUIVARIANT, FS_FLOW_COUNT } fs_flow_kind;

/* "nominal", "augmented", "equivariant"; its equation; its source. */
const char *fs_flow_name(fs_flow_kind kind);
const char *fs_flow_equation(fs_flow_kind kind);
/* FS_FLOW_COUNT when the name is unknown. */
fs_flow_kind fs_flow_from_name(const char *name);

/* Opaque: one flow with its scratch; one per concurrent integration. */
typedef struct fs_flow fs_flow;

/* Borrows basis and risk (R for nominal and equivariant, R^aug for augmented).  gamma >= 0, finite.
 * threads and keep_limit as in fs_risk_work_create. */
fs_status fs_flow_create(fs_flow **out, fs_flow_kind kind, const fs_basis *basis, const fs_risk *risk, double gamma,
                         int threads, size_t keep_limit, fs_err *err);
void fs_flow_destroy(fs_flow *f);

/* The weights move in coordinates v with A = A* + B v, v' = -B^T grad S: A' = -Pi_L M grad S in place of -Pi_L grad S, M = B B^T (a control: Theorem 1.1
 * needs M to commute with Pi_E).  The equivariant flow becomes A' = -Pi_E M Pi_E grad R, the augmented one on E where M commutes.  B (n_par, n_par) maps TL
 * to TL and the rest to 0; borrowed, NULL: the identity.
 * Stationary points and Hessians of S do not depend on B, but a Jacobian with B is no Hessian and not symmetric: what takes it for one (Newton, Levenberg,
 * Lanczos, spectra, tubes) wants the flow without. */
fs_status fs_flow_set_parametrisation(fs_flow *f, const fs_sparse *B, fs_err *err);
/* B, or NULL. */
const fs_sparse *fs_flow_parametrisation(const fs_flow *f);

fs_flow_kind fs_flow_kind_of(const fs_flow *f);
double fs_flow_gamma(const fs_flow *f);
size_t fs_flow_dim(const fs_flow *f);           /* dim L, or dim E for the equivariant flow */
size_t fs_flow_dim_E(const fs_flow *f);
const fs_basis *fs_flow_basis(const fs_flow *f);
const fs_risk *fs_flow_risk(const fs_flow *f);

/* dw = w' at w, kept as a starting point for the Jacobian products at w that may follow. */
fs_status fs_flow_velocity(fs_flow *f, const double *w, double *dw);
/* Everything about one point: value of R, S = R + gamma/2 |Y|^2, |Pi_L grad R| (equivariant flow: |Pi_E grad R|), the speed
 * |w'| (= |Pi_L grad S|), |Y|, hbar = <Y, grad R> / |Y|^2 (0 when Y = 0), descent = -dS/dt = -<grad S, w'> (= |w'|^2); dw may be NULL.  What stands in
 * brackets holds without a parametrisation.  Keeps nothing. */
typedef struct { double risk, objective, gradient_norm, speed, distance, hbar, descent; } fs_flow_point;
fs_status fs_flow_evaluate(fs_flow *f, const double *w, fs_flow_point *p, double *dw);
/* Jv = (d w'/d w) v = -(Q^T Hess R Q v + gamma v_N), with the metric Q^T M Q in front where there is a parametrisation. */
fs_status fs_flow_jacobian_product(fs_flow *f, const double *w, const double *v, double *Jv);
/* J (dim, dim) row-major, symmetric without a parametrisation. */
fs_status fs_flow_jacobian(fs_flow *f, const double *w, double *J);
/* A = Q w for this flow's state. */
void fs_flow_weights(const fs_flow *f, const double *w, double *A);

/* Calls made so far. */
typedef struct { long velocities, products, jacobians; } fs_flow_counts;
fs_flow_counts fs_flow_counts_of(const fs_flow *f);

#endif
