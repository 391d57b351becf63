/* network/plan.h -- from a list of layers to steps, tensors and tables (private to network/)
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_NETWORK_PLAN_H
#define FS_NETWORK_PLAN_H

#include "network/layer.h"

/* As fs_net_create_isa; needs_weights = 0 admits networks without any. */
fs_status fs_plan_create(fs_net **out, fs_shape input, const fs_layer_spec *layers, size_t count, fs_isa isa,
                         int needs_weights, fs_err *err);

/* Lanes of samples first ... first+7 of x (n, channels, plane), zeros beyond the last; stride from channel to channel. */
void fs_plan_load(size_t n, size_t channels, size_t plane, const double *x, size_t first, size_t stride, fs_v8 *lanes);

#endif
