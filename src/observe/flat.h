/* observe/flat.h -- why the Hessian has zeros at a stationary point
 *
 * A direction v with H v = 0 can be flat because no output changes along it, and of that some is known by name:
 *
 *   softmax       one pattern added to the readout of every class: softmax does not see it (exact at every point)
 *   scaling       continuous symmetries of the parametrisation: (W, B) -> (X W, B X^-1) across an identity, one factor a unit across a power z^k
 *   unreached     weights whose input is zero on all the data
 *   outputs       all outputs on the data stay as they are to first order (contains the three above)
 *
 * or it is flat only to second order: then the outputs move, and the point is degenerate.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_OBSERVE_FLAT_H
#define FS_OBSERVE_FLAT_H

#include "problem/problem.h"

/* Dimensions of subspaces of the flat space; each of the named ones counts what the ones before it do not contain.  Plain. */
typedef struct {
    size_t dim;                     /* of the flat space given */
    size_t softmax, scaling, unreached;
    size_t outputs;                 /* further directions along which no output changes */
    size_t degenerate;              /* the rest: outputs change, the risk is flat to second order */
    char text[400];                 /* "8 flat directions: 4 add one pattern to every class of the readout (softmax does not see it), ..."; "" when dim = 0 */
} fs_flat;

/* v (count, dim L): orthonormal directions in adapted coordinates at w (dim L), flat for the risk R or R^aug.  A direction belongs to a family when its
 * distance from the family's span is below 1e-6 (outputs: |d Phi v| <= 1e-6 |d Phi|, by central differences of all outputs). */
fs_status fs_flat_explain(fs_flat *out, const fs_problem *p, int augmented, const double *w, size_t count, const double *v, fs_err *err);

#endif
