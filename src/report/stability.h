/* report/stability.h -- the reports of `spectrum` and `critical`: table, JSON, CSV, figure
 *
 *   spectrum.csv       point,block,index,eigenvalue,error,copies           one row a listed eigenvalue; block E, N, L or an irreducible
 *   path.csv           t,risk,lambda_min,lambda_error,exponent_1,...       along the path in E, gamma = 0
 *   critical.csv       distance,seed,gamma_critical,bracket_low,bracket_high,monotone,tube,ray,lambda,bernoulli,paper,...   one row a start
 *   scan.csv           distance,seed,gamma,outcome,t,distance_end,margin,...   one row a run
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_STABILITY_H
#define FS_REPORT_STABILITY_H

#include "experiment/critical.h"
#include "report/figure.h"
#include "report/json.h"

/* On one screen of 100 columns. */
void fs_table_print_stability(FILE *stream, const fs_report_head *head, const fs_stability *s, int colour);
void fs_table_print_critical(FILE *stream, const fs_report_head *head, const fs_critical *c, int colour);

/* spectrum: stationary {residual, iterations, ...}, eigenvalues {E, N}, blocks [{irreducible, multiplicity, dim, eigenvalues}], gamma_critical of the first
 * point; points[] has all of them in full; path.  critical: gamma_critical, bounds {tube, bernoulli, paper}, bracket, monotone of the largest distance (first
 * seed); equilibrium {gamma_critical, ...}, gamma_gen, gamma_all, starts[]. */
json_t *fs_json_stability(const fs_report_head *head, const fs_stability *s);
json_t *fs_json_critical(const fs_report_head *head, const fs_critical *c);

/* Each writes one file atomically. */
fs_status fs_csv_write_spectrum(const char *path, const fs_report_head *head, const fs_stability *s, fs_err *err);
fs_status fs_csv_write_path(const char *path, const fs_report_head *head, const fs_stability *s, fs_err *err);
fs_status fs_csv_write_critical(const char *path, const fs_report_head *head, const fs_critical *c, fs_err *err);
fs_status fs_csv_write_scan(const char *path, const fs_report_head *head, const fs_critical *c, fs_err *err);

/* point_N.npy (parameters): the weights of every point, natural order, N from 1. */
fs_status fs_weights_write_stability(fs_folder *folder, const fs_stability *s, fs_err *err);

/* As fs_figure_draw_run; scripts figures/spectrum.gp and figures/critical.gp. */
fs_status fs_figure_draw_stability(fs_figure *out, fs_folder *folder, const fs_report_head *head, const fs_stability *s,
                                   const fs_figure_options *options, fs_err *err);
fs_status fs_figure_draw_critical(fs_figure *out, fs_folder *folder, const fs_report_head *head, const fs_critical *c,
                                  const fs_figure_options *options, fs_err *err);

#endif
