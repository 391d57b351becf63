/* report/phase.h -- the report of `phase`: table, JSON, CSV, figure
 *
 *   field.csv      a,b,risk,velocity_a,velocity_b                        gamma = 0, one row a node of the grid
 *   points.csv     gamma,a,b,kind,lowest,highest,error,risk,distance     stationary points
 *   curves.csv     gamma,kind,index,t,a,b                                streamline, separatrix, path (t: NaN but for paths)
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_PHASE_H
#define FS_REPORT_PHASE_H

#include "experiment/phase.h"
#include "report/figure.h"
#include "report/json.h"

/* What the eigenvalues make of a point; degenerate also where some are negative, none is positive and not all are decided.  In words: "sink", "source",
 * "saddle", "undecided", "unknown", the same in every report. */
fs_point fs_phase_point_kind(const fs_phase_point *p);
const char *fs_phase_point_word(const fs_phase_point *p);

/* Little of the motion lies in a slice that was not chosen by it. */
int fs_phase_motion_shows_more(const fs_phase *phase);

/* On one screen of 100 columns. */
void fs_table_print_phase(FILE *stream, const fs_report_head *head, const fs_phase *phase, int colour);

/* Adds plane {exact, choice, centre, axes[]}, window, tube, gamma_critical, fraction_in_plane, panels[] {gamma, still, points[], paths[], streamlines, separatrices}. */
json_t *fs_json_phase(const fs_report_head *head, const fs_phase *phase);

/* field.csv, points.csv, curves.csv, each atomically. */
fs_status fs_csv_write_phase(fs_folder *folder, const fs_report_head *head, const fs_phase *phase, fs_err *err);

/* As fs_figure_draw_run; figures/phase.gp. */
fs_status fs_figure_draw_phase(fs_figure *out, fs_folder *folder, const fs_report_head *head, const fs_phase *phase, const fs_figure_options *options, fs_err *err);

#endif
