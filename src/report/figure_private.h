/* report/figure_private.h -- what the pictures of all commands share: data, variables, script, drawing
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_FIGURE_PRIVATE_H
#define FS_REPORT_FIGURE_PRIVATE_H

#include "report/figure.h"

#include <stdio.h>

/* What makes one picture of another. */
typedef struct {
    const char *body;                               /* file name of the drawing script, read after style.gp */
    void (*data)(FILE *stream, void *context);      /* the named blocks of figure.dat; called first */
    void (*variables)(FILE *stream, void *context); /* what the script needs to know, by the functions below */
    void *context;
} fs_figure_plan;

/* Writes figure.dat and figure.gp and draws.  Fails as fs_figure_draw_run does. */
fs_status fs_figure_draw(fs_figure *out, fs_folder *folder, const fs_figure_options *options, const fs_figure_plan *plan, fs_err *err);

/* The smallest and largest value that can stand on an axis; both NaN: none yet. */
typedef struct { double low, high; } fs_figure_range;
void fs_figure_include(fs_figure_range *r, double value, int logarithmic);

/* "name = value", NaN where it is not finite. */
void fs_figure_set_number(FILE *stream, const char *name, double value);
/* "name = 'text'": one line of at most size bytes. */
void fs_figure_set_text(FILE *stream, const char *name, const char *text, size_t size);
/* title_text: the model's title, or its name. */
void fs_figure_set_title(FILE *stream, const fs_report_head *head);

/* n numbers as one row of a block. */
void fs_figure_row(FILE *stream, size_t n, const double *value);

#endif
