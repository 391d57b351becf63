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
    size_t last_outside = n, last_decided = n, first_of_last = n;
    *n_good = 0;
    *monotone = 1;
    bracket[0] = bracket[1] = (double)NAN;
    for (size_t i = 0; i < n; i++) {
        fs_attraction_outcome outcome = run[i].outcome;
        if (outcome != FS_ATTRACTION_UNDECIDED) last_decided = i;
        if (outcome == FS_ESCAPED || outcome == FS_AWAY) last_outside = i;
        if (outcome != FS_ATTRACTED) continue;
        if (*n_good && last_outside < n && run[last_outside].gamma > good[*n_good - 1][1]) *monotone = 0;
        if (i && run[i - 1].outcome == FS_ATTRACTED) {
            good[*n_good - 1][1] = run[i].gamma;
            continue;
        }
        good[*n_good][0] = good[*n_good][1] = run[i].gamma;
        (*n_good)++;
        first_of_last = i;
    }
    if (last_decided == n || run[last_decided].outcome != FS_ATTRACTED) {
        *monotone = 0;
        return 0;
    }
    if (last_decided == n - 1) good[*n_good - 1][1] = (double)INFINITY;
    if (last_outside < n) {
        bracket[0] = run[last_outside].gamma;
        bracket[1] = run[first_of_last].gamma;
        return run[last_outside].outcome == FS_ESCAPED;
    }
    /* none was away: the first run must be attracted, at gamma = 0 */
    if (first_of_last == 0 && !(run[0].gamma > 0.0)) bracket[0] = bracket[1] = 0.0;
    return !isnan(bracket[0]);
}
