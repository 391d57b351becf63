/* report/bounds.h -- the chain of bounds of Theorem 3 on one run: table, JSON, CSV, figure
 *
 *   bounds.csv         t,distance,identity,path,bernoulli,paper                                 one row an accepted step while |Y| is resolved
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_BOUNDS_H
#define FS_REPORT_BOUNDS_H

#include "report/figure.h"
#include "report/json.h"

/* Constants, the gammas they ask for, rates, and whether the order holds, in sentences. */
void fs_table_print_bounds(FILE *stream, const fs_bounds *b, int colour);

/* c, M3, C, K, gamma {bernoulli, paper}, rate {bernoulli, paper}, order {verdict, violation, ...}, note. */
json_t *fs_json_bounds(const fs_bounds *b);

/* Writes atomically. */
fs_status fs_csv_write_bounds(const char *path, const fs_report_head *head, const fs_bounds *b, fs_err *err);

/* As fs_figure_draw_run; script figures/groenwall.gp.  FS_EINPUT without run->bounds. */
fs_status fs_figure_draw_bounds(fs_figure *out, fs_folder *folder, const fs_report_head *head, const fs_run *run, const fs_figure_options *options, fs_err *err);

#endif
