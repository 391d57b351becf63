/* report/figure.h -- the picture of a run: data, script, and what gnuplot makes of them
 *
 *   figure.dat    the numbers, one named block a curve
 *   figure.gp     what is to be drawn as variables, then figures/style.gp and the script of the picture (run.gp, sweep.gp, ...);
 *                 needs nothing but figure.dat:  cd FOLDER; gnuplot figure.gp
 *   figure.png    or .svg, .pdf, .txt (dumb: characters, for a terminal), drawn under a temporary name and renamed
 *
 * A picture that cannot be drawn is missing, with the reason in words; the run and its data are not affected.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_FIGURE_H
#define FS_REPORT_FIGURE_H

#include "base/watch.h"
#include "experiment/run.h"
#include "report/folder.h"
#include "report/head.h"

/* Plain. */
typedef struct {
    const char *format;         /* "png", "svg", "pdf", "dumb"; "none": nothing at all is written */
    const char *scripts;        /* the folder of style.gp and the others */
    const char *gnuplot;        /* the program; NULL: "gnuplot" from PATH */
    double limit_s;             /* how long it may take; 0: 30 */
    const fs_watch *watch;      /* asked while gnuplot runs; NULL: nobody */
} fs_figure_options;

/* Plain. */
typedef struct {
    int made;
    char file[16];              /* "figure.png" when made */
    char note[512];             /* why it is missing; empty when made or not asked for */
} fs_figure;

/* 1 for "png", "svg", "pdf", "dumb", "none". */
int fs_figure_knows(const char *format);

/* Fails only when data or script cannot be written (FS_EIO, FS_ENOMEM) or the format is unknown (FS_EINPUT). */
fs_status fs_figure_draw_run(fs_figure *out, fs_folder *folder, const fs_report_head *head, const fs_run *run,
                             const fs_figure_options *options, fs_err *err);

#endif
