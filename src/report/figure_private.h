/* report/figure_private.h -- what the pictures of one run share: curves of |Y|, ranges, the line under the title
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_FIGURE_PRIVATE_H
#define FS_REPORT_FIGURE_PRIVATE_H

#include "report/figure_plan.h"

/* "# name;" before the rows of a block, and what ends it behind `count` rows of `columns` numbers.  gnuplot finds a block by its first comment line; the ';' keeps
 * "1" from meaning "10" as well.  A block without rows would be taken for the next one: it gets a row of NaN. */
void fs_figure_block(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));
void fs_figure_end_block(FILE *stream, size_t count, size_t columns);

/* Rows t, |Y| of every accepted step where they were kept, else of every output time, until t_last; thinned, the last one always there.  How many there are. */
size_t fs_figure_distance_curve(FILE *stream, const fs_trajectory *T, double t_last, fs_figure_range *shown);

/* |Y| below this is rounding: the largest absolute tolerance of the flows; NaN: there is none. */
double fs_figure_rounding(const fs_run *run);
/* The last time of any flow, 1 where there is none. */
double fs_figure_last_time(const fs_run *run);
/* The next round time at or after `wanted`; all of t where that is more than half of it. */
double fs_figure_time(double wanted, double all);
/* The prediction is about flows that tend to E: at rounding, or below a thousandth of the start. */
int fs_figure_approached(const fs_run_flow *f);

/* title_text, subtitle_text, t_end, rounding, flows, flows_off_E. */
void fs_figure_set_run(FILE *stream, const fs_report_head *head, const fs_run *run);
/* distance_low, distance_high: whole decades around the curves, and around the rounding level where a curve comes near it, but not farther
 * down; distance_drawn. */
void fs_figure_set_decades(FILE *stream, fs_figure_range distance, double rounding);

#endif
