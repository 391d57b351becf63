/* experiment/intervals.c -- what runs at different gammas say together
 *
 * The good gammas of a start need not be one interval; an undecided run belongs to none.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "experiment/stability_private.h"

#include <math.h>

int fs_good_gammas(size_t n, const fs_attraction *run, size_t *n_good, double (*good)[2], double bracket[2], int *monotone)
{
    size_t last_escaped = n, last_decided = n, first_of_last = n;
    *n_good = 0;
    *monotone = 1;
    bracket[0] = bracket[1] = (double)NAN;
    for (size_t i = 0; i < n; i++) {
        if (run[i].outcome != FS_ATTRACTION_UNDECIDED) last_decided = i;
        if (run[i].outcome == FS_ESCAPED) last_escaped = i;
        if (run[i].outcome != FS_ATTRACTED) continue;
        if (i && run[i - 1].outcome == FS_ATTRACTED) {
            good[*n_good - 1][1] = run[i].gamma;
            continue;
        }
        good[*n_good][0] = good[*n_good][1] = run[i].gamma;
        (*n_good)++;
        first_of_last = i;
    }
    if (*n_good > 1) *monotone = 0;
    if (last_decided == n || run[last_decided].outcome != FS_ATTRACTED) {
        *monotone = 0;
        return 0;
    }
    if (last_decided == n - 1) good[*n_good - 1][1] = (double)INFINITY;
    bracket[1] = run[first_of_last].gamma;
    if (last_escaped < n) {
        bracket[0] = run[last_escaped].gamma;
        return 1;
    }
    /* nothing escaped: the first run must be attracted, at gamma = 0 */
    if (first_of_last == 0 && !(run[0].gamma > 0.0)) {
        bracket[0] = 0.0;
        return 1;
    }
    return 0;
}
