/* report/gnuplot.h -- one gnuplot script, run without a shell and without trust
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_GNUPLOT_H
#define FS_REPORT_GNUPLOT_H

#include <stddef.h>

/* Runs `program -d -e definition script` in folder, with no input, its words kept, at most limit_s seconds and 256 MB a file.
 * Returns 1 when it ended well; 0 when it is missing, failed, was killed or did not end in time, and note (size bytes) says which in
 * words.  A program without '/' is looked for in PATH.  The program and whatever it started are gone when this returns. */
int fs_gnuplot_run(const char *program, const char *folder, const char *definition, const char *script, double limit_s, char *note, size_t size);

#endif
