/* risk/dataset.h -- weighted samples (x, y) and their orbits under a group
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_RISK_DATASET_H
#define FS_RISK_DATASET_H

#include "algebra/rep.h"

/* Plain.  Weights are non-negative and sum to one: the risk is sum_i weight[i] loss(Phi_A(x_i), y_i). */
typedef struct {
    size_t n, inputs, outputs;
    double *x;          /* (n, inputs)  */
    double *y;          /* (n, outputs) targets; labels are one-hot rows */
    double *weight;     /* (n) */
} fs_dataset;

/* Zeroed arrays of the given sizes, weights 1/n. */
fs_status fs_dataset_create(fs_dataset **out, size_t n, size_t inputs, size_t outputs, fs_err *err);
void fs_dataset_destroy(fs_dataset *d);

/* The augmented data set: sample (g, i) = (rho_X(g) x_i, rho_Y(g) y_i) with weight measure[g] weight[i]
 * over the points of the group; those of measure zero are left out; measure NULL means fs_group_rule.  Order: g outermost.  [R^aug] */
fs_status fs_dataset_create_orbit(fs_dataset **out, const fs_dataset *d, const fs_rep *rho_X, const fs_rep *rho_Y,
                                  const double *measure, fs_err *err);

#endif
