/* report/bifurcation.h -- the report of `bifurcation`: table, JSON, CSV, figure
 *
 *   branches.csv   branch,gamma,distance,risk,objective,lowest,error,kind,negative,undecided     one row a node; branch 0: a point of no branch
 *   events.csv     gamma,error,event,distance,branch,other_branch,equilibrium,irreducible,negative_below,negative_above
 *
 * Branches and equilibria of E are counted from 1; nothing is 0 in CSV, null in JSON.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_BIFURCATION_H
#define FS_REPORT_BIFURCATION_H

#include "experiment/bifurcation.h"
#include "report/figure.h"
#include "report/json.h"

/* On one screen of 100 columns. */
void fs_table_print_bifurcation(FILE *stream, const fs_report_head *head, const fs_bifurcation *b, int colour);

/* Adds range, searches, starts, missed, branches[] {nodes[], ends[], copies}, events[], equilibria_on_E[], alone[], note, interrupted. */
json_t *fs_json_bifurcation(const fs_report_head *head, const fs_bifurcation *b);

/* branches.csv and events.csv, each atomically. */
fs_status fs_csv_write_bifurcation(fs_folder *folder, const fs_report_head *head, const fs_bifurcation *b, fs_err *err);

/* As fs_figure_draw_run; figures/bifurcation.gp. */
fs_status fs_figure_draw_bifurcation(fs_figure *out, fs_folder *folder, const fs_report_head *head, const fs_bifurcation *b, const fs_figure_options *options,
                                     fs_err *err);

#endif
