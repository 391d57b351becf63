/* theory_checks/present.h -- what a suite found: a table, a matrix, JSON, CSV, TAP
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_CHECK_PRESENT_H
#define FS_CHECK_PRESENT_H

#include "suite.h"

#include <jansson.h>
#include <stdio.h>

enum { FS_PRESENT_WIDTH = 110 };

/* One model: statement | measured | error | bound | verdict | control, under a line that is no plain pass the reason; then what does not apply, and
 * counts. */
void fs_present_model(FILE *stream, const fs_suite_row *row, int verbose, int colour);
/* Statement by model, one character a cell; then every cell in words that is not as expected. */
void fs_present_matrix(FILE *stream, const fs_suite *s, int colour);

/* Adds checks[], not_applicable[] and counts to a report of one model; nonzero when memory is short. */
int fs_present_model_json(json_t *report, const fs_suite_row *row);
/* matrix[], atlas[], closed_forms[], left_out[] and counts. */
int fs_present_suite_json(json_t *report, const fs_suite *s);

/* model,statement,verdict,outcome: a line a cell, and one a model that was refused or left out; models of the atlas are atlas/NAME. */
void fs_present_suite_csv(FILE *stream, const fs_suite *s);

/* Lines of the Test Anything Protocol, in the order in which rows are taken up whichever ends first.  all: ok where a cell is as expected; else where it
 * holds or does not apply.  Begin with the other fields 0. */
typedef struct {
    FILE *stream;
    int all;
    size_t number, failed;      /* lines so far, and those that are not ok */
    size_t turn, cell, form, statement;     /* the next to print */
    int row_begun;              /* the line of the row itself, if it has one, is out */
} fs_tap;
/* Everything that is done and whose turn it is, each line flushed. */
void fs_tap_proceed(fs_tap *t, const fs_suite *s);
/* The plan, when all is done. */
void fs_tap_end(fs_tap *t);

#endif
