/* report/spread.c -- a list of runs in order statistics
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/spread.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>

fs_spread fs_spread_of(size_t n, double *value)
{
    const double none = (double)NAN;
    fs_spread s = { 0, 0, none, none, none, none, none };
    for (size_t i = 0; i < n; i++)
        if (isfinite(value[i])) {
            double kept = value[i];
            value[i] = value[s.count];
            value[s.count++] = kept;
        }
    s.missing = n - s.count;
    if (s.count == 0) return s;
    gsl_sort(value, 1, s.count);
    s.median = gsl_stats_median_from_sorted_data(value, 1, s.count);
    s.lower = gsl_stats_quantile_from_sorted_data(value, 1, s.count, 0.25);
    s.upper = gsl_stats_quantile_from_sorted_data(value, 1, s.count, 0.75);
    s.min = value[0];
    s.max = value[s.count - 1];
    return s;
}

const fs_run_flow *fs_run_at(const fs_run *run, size_t g, size_t s, size_t k)
{
    return &run->flow[(g * run->n_seed + s) * run->n_kinds + k];
}

const fs_trajectory_row *fs_run_last(const fs_run_flow *flow)
{
    const fs_trajectory *T = flow->trajectory;
    return T && T->n_steps_kept ? &T->last : NULL;
}

int fs_run_complete(const fs_run_flow *flow)
{
    return flow->trajectory && flow->trajectory->code == FS_OK && flow->trajectory->n_steps_kept > 0;
}

int fs_run_at_rounding(const fs_run_flow *flow, double distance)
{
    return flow->trajectory && distance <= 1e3 * flow->trajectory->atol_N;
}

fs_spread fs_run_spread(const fs_run *run, size_t g, size_t k, fs_end what, double *buffer)
{
    for (size_t s = 0; s < run->n_seed; s++) {
        const fs_run_flow *flow = fs_run_at(run, g, s, k);
        const fs_trajectory_row *last = fs_run_last(flow);
        buffer[s] = !fs_run_complete(flow) || !last ? (double)NAN : what == FS_END_RISK ? last->risk : last->distance;
    }
    return fs_spread_of(run->n_seed, buffer);
}
