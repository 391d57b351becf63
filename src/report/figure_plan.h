/* report/figure_plan.h -- what makes one picture of another: data, variables, the script that draws
 *
 * A picture is a plan handed to fs_figure_draw: named blocks of numbers for figure.dat, variables for figure.gp, and the name of a script
 * in figures/ that is read behind style.gp and holds all drawing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_FIGURE_PLAN_H
#define FS_REPORT_FIGURE_PLAN_H

#include "report/figure.h"
#include "report/text.h"

#include <stdio.h>

/* Plain. */
typedef struct {
    const char *body;                               /* file name of the drawing script, read after style.gp */
    void (*data)(FILE *stream, void *context);      /* the named blocks of figure.dat; called first */
    void (*variables)(FILE *stream, void *context); /* what the script needs to know, by the functions below */
    void *context;
} fs_figure_plan;

/* Writes figure.dat and figure.gp and draws.  Fails as fs_figure_draw_run does. */
fs_status fs_figure_draw(fs_figure *out, fs_folder *folder, const fs_figure_options *options, const fs_figure_plan *plan, fs_err *err);

/* --- variables ------------------------------------------------------------------------- */

/* "name = value", a real also where it is whole, NaN where it is not finite. */
void fs_figure_set_number(FILE *stream, const char *name, double value);
void fs_figure_set_count(FILE *stream, const char *name, size_t value);
/* "name = 'text'": one line of at most size bytes, whatever characters it has. */
void fs_figure_set_text(FILE *stream, const char *name, const char *text, size_t size);
/* title_text: the model's title, or its name. */
void fs_figure_set_title(FILE *stream, const fs_report_head *head);

/* n numbers as one row of a block. */
void fs_figure_row(FILE *stream, size_t n, const double *value);

/* --- axes -------------------------------------------------------------------------------- */

/* The smallest and largest value that can stand on an axis; both NaN: none yet. */
typedef struct { double low, high; } fs_figure_range;
void fs_figure_include(fs_figure_range *r, double value, int logarithmic);

/* The power of ten at or below value > 0. */
double fs_figure_decade(double value);
/* A number as a word that gnuplot's real() reads. */
const char *fs_figure_tick(double value, char buffer[FS_TEXT_NUMBER]);
/* scale, low, high, ticks.  The axis shows what lies near zero beside what is a thousand times larger by v -> asinh(v / scale): linear up to scale, logarithmic
 * beyond; ticks are the values themselves.  scale = 0: linear, no ticks listed.  style.gp has the functions that belong to it. */
void fs_figure_set_axis(FILE *stream, fs_figure_range r, double scale);

#endif
