/* risk/loss.h -- losses of 8 samples at a time, with first and second derivatives (private to risk/)
 *
 * z, bar, aux and their tangents are those of a chunk in a group: entry j stands at[j] vectors from the first.  A chunk's
 * targets are its weight, total = sum_k y_k, then y_1 ... y_k.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_RISK_LOSS_H
#define FS_RISK_LOSS_H

#include "base/vec.h"
#include "network/layer.h"
#include "risk/risk.h"

enum { FS_TARGET_WEIGHT, FS_TARGET_TOTAL, FS_TARGET_Y };

typedef struct {
    /* One chunk.  *value += weight loss(z);  bar = weight dloss/dz;  aux: what tangent needs besides the targets */
    void (*value)(size_t k, const size_t *at, const fs_v8 *z, const fs_v8 *target, const double *omega, fs_v8 *aux, fs_v8 *bar,
                  fs_v8 *value);
    /* bar' = weight d2loss/dz2 z' */
    void (*tangent)(size_t k, const size_t *at, const fs_v8 *aux, const fs_v8 *target, const double *omega, const fs_v8 *z_dot,
                    fs_v8 *bar_dot);
} fs_loss_lanes;

/* One row each fs_loss_kind. */
extern const fs_loss_lanes fs_loss_rows_baseline[], fs_loss_rows_avx2[], fs_loss_rows_avx512[];

#endif
