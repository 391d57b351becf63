/* risk/loss.c -- losses of 8 samples at a time
 *
 *   cross-entropy   sum_k y_k (m - z_k + log S),  m = max z,  S = sum_k exp(z_k - m),  p_k = exp(z_k - m) / S
 *                   bar = w (Y p - y),   bar' = w Y (p z' - p (p . z')),   Y = sum_k y_k
 *   squared         1/2 sum_k omega_k (z_k - y_k)^2
 *
 * Built once for each instruction set.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "risk/loss.h"

static void cross_entropy(size_t k, const size_t *at, const fs_v8 *z, const fs_v8 *target, const double *omega,
                          fs_v8 *p, fs_v8 *bar, fs_v8 *value)
{
    (void)omega;
    const fs_v8 *y = target + FS_TARGET_Y;
    fs_v8 w = target[FS_TARGET_WEIGHT], scale, m = z[at[0]], S = fs_v8_splat(0.0), sum = fs_v8_splat(0.0);
    for (size_t j = 1; j < k; j++) m = fs_v8_max(m, z[at[j]]);
    for (size_t j = 0; j < k; j++) {
        fs_v8 d = z[at[j]] - m, e = fs_v8_exp(d);
        p[at[j]] = e;
        S += e;
        sum -= y[j] * d;
    }
    *value += w * (sum + target[FS_TARGET_TOTAL] * fs_v8_log(S));
    scale = 1.0 / S;
    for (size_t j = 0; j < k; j++) {
        fs_v8 q = p[at[j]] * scale;
        p[at[j]] = q;
        bar[at[j]] = w * (target[FS_TARGET_TOTAL] * q - y[j]);
    }
}

static void cross_entropy_tangent(size_t k, const size_t *at, const fs_v8 *p, const fs_v8 *target, const double *omega,
                                  const fs_v8 *z_dot, fs_v8 *bar_dot)
{
    (void)omega;
    fs_v8 w = target[FS_TARGET_WEIGHT] * target[FS_TARGET_TOTAL], mean = fs_v8_splat(0.0);
    for (size_t j = 0; j < k; j++) mean += p[at[j]] * z_dot[at[j]];
    for (size_t j = 0; j < k; j++) bar_dot[at[j]] = w * p[at[j]] * (z_dot[at[j]] - mean);
}

static void squared(size_t k, const size_t *at, const fs_v8 *z, const fs_v8 *target, const double *omega,
                    fs_v8 *aux, fs_v8 *bar, fs_v8 *value)
{
    (void)aux;
    const fs_v8 *y = target + FS_TARGET_Y;
    fs_v8 w = target[FS_TARGET_WEIGHT], sum = fs_v8_splat(0.0);
    for (size_t j = 0; j < k; j++) {
        fs_v8 d = z[at[j]] - y[j];
        sum += omega[j] * (d * d);
        bar[at[j]] = w * (omega[j] * d);
    }
    *value += 0.5 * w * sum;
}

static void squared_tangent(size_t k, const size_t *at, const fs_v8 *aux, const fs_v8 *target, const double *omega,
                            const fs_v8 *z_dot, fs_v8 *bar_dot)
{
    (void)aux;
    for (size_t j = 0; j < k; j++) bar_dot[at[j]] = target[FS_TARGET_WEIGHT] * (omega[j] * z_dot[at[j]]);
}

const fs_loss_lanes FS_ISA_NAME(fs_loss_rows)[] = {
    [FS_LOSS_CROSS_ENTROPY] = { cross_entropy, cross_entropy_tangent },
    [FS_LOSS_SQUARED] = { squared, squared_tangent },
};
