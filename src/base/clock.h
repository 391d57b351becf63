/* base/clock.h -- seconds, for limits and for what a report says a run took; never a result
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_BASE_CLOCK_H
#define FS_BASE_CLOCK_H

/* Since some fixed moment; never jumps back. */
double fs_wall_seconds(void);
/* Of processor time that the calling thread has used. */
double fs_thread_seconds(void);

#endif
