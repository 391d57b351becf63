/* base/clock.c -- seconds
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/clock.h"

#include <time.h>

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double fs_wall_seconds(void)
{
    return seconds(CLOCK_MONOTONIC);
}

double fs_thread_seconds(void)
{
    return seconds(CLOCK_THREAD_CPUTIME_ID);
}
