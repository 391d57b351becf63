/* report/spread.h -- a list of runs in order statistics: median, quartiles, smallest, largest over the seeds
 *
 * A run that failed, or whose number is not finite, is counted as missing and never averaged in.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_SPREAD_H
#define FS_REPORT_SPREAD_H

#include "experiment/run.h"

/* Plain.  NaN when count is 0.  Quantiles of value itself, not of its logarithm: q lies at place q (count - 1) of the sorted values, counted from 0, and
 * between two of them by linear interpolation. */
typedef struct {
    size_t count, missing;
    double median, min, max;
    double lower, upper;        /* quartiles */
} fs_spread;

/* Sorts value in place (NaN and infinities last). */
fs_spread fs_spread_of(size_t n, double *value);

typedef enum { FS_END_DISTANCE, FS_END_RISK } fs_end;

/* The flow of gamma g, seed s, kind k (indices into run). */
const fs_run_flow *fs_run_at(const fs_run *run, size_t g, size_t s, size_t k);
/* Where a flow ended, or NULL when it never began. */
const fs_trajectory_row *fs_run_last(const fs_run_flow *flow);
/* The run reached its end time. */
int fs_run_complete(const fs_run_flow *flow);
/* |Y| <= 1e3 times its absolute tolerance: no digit of it is left. */
int fs_run_at_rounding(const fs_run_flow *flow, double distance);

/* Over the seeds of one gamma and kind.  buffer: n_seed. */
fs_spread fs_run_spread(const fs_run *run, size_t g, size_t k, fs_end what, double *buffer);

#endif
