/* base/watch.h -- how a long computation says where it is, and is asked to stop
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_BASE_WATCH_H
#define FS_BASE_WATCH_H

#include "base/status.h"

/* Plain; a NULL watch, or one without report, watches nothing.  report is called often from the computing thread: stage is a few words
 * ("Lanczos on N, standard"), fraction its part in [0, 1], negative where unknown; nonzero asks to stop.  Whoever is asked to stop keeps what is known,
 * says so in its result (`stopped`) and returns FS_OK, or returns FS_ESTOPPED where it has no result of its own. */
typedef struct {
    int (*report)(void *context, const char *stage, double fraction);
    void *context;
} fs_watch;

/* FS_ESTOPPED when the watch asks to stop, else FS_OK. */
static inline fs_status fs_watch_report(const fs_watch *watch, const char *stage, double fraction)
{
    return watch && watch->report && watch->report(watch->context, stage, fraction) ? FS_ESTOPPED : FS_OK;
}

#endif
