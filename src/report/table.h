/* report/table.h -- a run on one screen of 100 columns
 *
 * One gamma and seed: a header, one row a flow, and what happened in plain sentences.  Lists: one row a gamma with medians over the
 * seeds, and the same sentences over gamma.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_TABLE_H
#define FS_REPORT_TABLE_H

#include "experiment/run.h"
#include "report/head.h"

#include <stdio.h>

/* Title, group and dimensions, data, hypotheses: the first lines of any command's output on a terminal.  colour: ANSI colours. */
void fs_table_head(FILE *stream, const fs_report_head *head, int colour);

/* FS_ENOMEM; whether the stream took it all is for the caller to ask (ferror). */
fs_status fs_table_print_run(FILE *stream, const fs_report_head *head, const fs_run *run, int colour, fs_err *err);

#endif
