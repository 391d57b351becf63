/* base/verdict.h -- a judgement has three values
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_BASE_VERDICT_H
#define FS_BASE_VERDICT_H

typedef enum { FS_HOLDS, FS_VIOLATED, FS_UNDECIDED } fs_verdict;

const char *fs_verdict_name(fs_verdict v);      /* "holds", "violated", "undecided" */

/* value + error <= tolerance: holds; value - error > tolerance: violated; otherwise, NaN included, undecided. */
fs_verdict fs_verdict_judge(double value, double error, double tolerance);

#endif
