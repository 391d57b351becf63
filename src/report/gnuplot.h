/* report/gnuplot.h -- one gnuplot script, run without a shell and without trust
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_GNUPLOT_H
#define FS_REPORT_GNUPLOT_H

#include "base/watch.h"

#include <stddef.h>

/* Runs `program -d -e definition script` in folder, with no input, its words kept, at most limit_s seconds and 64 MB a file.
 * Returns 1 when it ended well; note (size bytes) is then the last line it wrote, mostly empty.  Returns 0 when it is missing, failed, was
 * killed, did not end in time or the watch asked to stop, and note says which in words.  A program without '/' is looked for in PATH.
 * The program and whatever it started are gone when this returns, and when the caller itself is killed (on Linux at once, elsewhere
 * two seconds after the limit). */
int fs_gnuplot_run(const char *program, const char *folder, const char *definition, const char *script, double limit_s, const fs_watch *watch,
                   char *note, size_t size);

#endif
