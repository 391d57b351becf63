/* observe/separable.h -- cross-entropy on data that the network separates: no stationary point, proved from one evaluation
 *
 *   margin = min over samples of z_y - max_{k != y} z_k > 0,      R < log 2 min_i weight_i
 *
 * The last layer is linear in its weights B, and scaling B stays in L and in E.  Where every sample has the right class with a
 * positive margin, d/ds R(s B) = -sum_i weight_i <softmax - onehot, ...> < 0, so the point is not stationary.  R < log 2 min_i weight_i forces p_y > 1/2 for every
 * sample, hence positive margins, and the same holds wherever R is no larger: no stationary point of R has a risk as low as this, the flow descends for ever
 * and |A| grows like log t.  The infimum 0 is not attained.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_OBSERVE_SEPARABLE_H
#define FS_OBSERVE_SEPARABLE_H

#include "problem/problem.h"

/* Plain. */
typedef struct {
    int applies;            /* cross-entropy of two or more classes, one-hot targets, and a dense last layer (with or without bias)
                             * that L leaves free to be scaled */
    double margin;          /* smallest over the samples; NaN when it does not apply */
    double risk, threshold; /* R(A), log 2 min weight; NaN when it does not apply */
    int proved;             /* applies, risk < threshold (with a rounding allowance): no stationary point of R at risk <= this one */
    size_t samples, right;  /* how many of positive weight there are (no others count), how many have the right class with positive margin */
} fs_separable;

/* At natural-order weights A (n_par), of R (augmented = 0) or R^aug (1); for points of E both say the same.  FS_ENOMEM, FS_ENAN. */
fs_status fs_separable_measure(fs_separable *out, const fs_problem *p, int augmented, const double *A, fs_err *err);

#endif
