/* report/csv.h -- trajectory.csv, and weights as .npy
 *
 *   # key: value                  version, full command, model, gamma, seed, units, model text
 *   flow,t,risk,gradient_norm,distance,objective,speed,hbar,energy,exponent,energy_error,bound,gamma,seed
 *
 * One row per output time and flow, times increasing within a flow; reals by fs_number_format, so they read back bit for bit.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_CSV_H
#define FS_REPORT_CSV_H

#include "base/files.h"
#include "experiment/run.h"
#include "report/folder.h"
#include "report/head.h"

#include <stdio.h>

/* The comment lines of any CSV file of any command. */
void fs_csv_head(FILE *stream, const fs_report_head *head);
/* Opens path and writes them, and a line that says so when the command was interrupted; the caller commits *o. */
fs_status fs_csv_begin(fs_output **o, FILE **stream, const char *path, const fs_report_head *head, int interrupted, fs_err *err);
/* ",value" for each of n numbers. */
void fs_csv_columns(FILE *stream, size_t n, const double *value);

/* Writes atomically. */
fs_status fs_csv_write_run(const char *path, const fs_report_head *head, const fs_run *run, fs_err *err);

/* weights_FLOW.npy (times, parameters), for lists weights_FLOW_gammaG_seedS.npy, and times.npy, for the flows that kept their
 * weights.  A flow that stopped early has fewer rows; times.npy has those of the longest. */
fs_status fs_weights_write_run(fs_folder *folder, const fs_run *run, fs_err *err);

#endif
