/* report/ensemble.h -- the report of `ensemble`: table, JSON, CSV, figure
 *
 *   ensemble.csv       flow,t,mean_error,member_error,noise           one row a flow and time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_ENSEMBLE_H
#define FS_REPORT_ENSEMBLE_H

#include "experiment/ensemble.h"
#include "report/figure.h"
#include "report/json.h"

/* On one screen of 100 columns. */
void fs_table_print_ensemble(FILE *stream, const fs_report_head *head, const fs_ensemble *e, int colour);

/* gamma; ensemble {group, members, elements, inputs, second, rtol, atol, t_end, distance, outside, apart, theorem {applies, because}, stopped, flows [{name, t,
 * mean_error, member_error, noise, size, max {mean_error, t, noise, member_error}, beyond, steps, rhs_evals, text, note}]}. */
json_t *fs_json_ensemble(const fs_report_head *head, const fs_ensemble *e);

/* Writes atomically. */
fs_status fs_csv_write_ensemble(const char *path, const fs_report_head *head, const fs_ensemble *e, fs_err *err);

/* What the numbers of one flow say, as one sentence: "the mean of 4 members is equivariant to 3.1e-10 at all times, within the
 * noise (5.0e-10 there); one member alone is off by 0.2 at t = 0 and by 0.41 at the end". */
enum { FS_ENSEMBLE_SENTENCE = 400 };
const char *fs_ensemble_sentence(const fs_ensemble *e, size_t flow, char buffer[FS_ENSEMBLE_SENTENCE]);

/* As fs_figure_draw_run; script figures/ensemble.gp. */
fs_status fs_figure_draw_ensemble(fs_figure *out, fs_folder *folder, const fs_report_head *head, const fs_ensemble *e,
                                  const fs_figure_options *options, fs_err *err);

#endif
