/* base/verdict.c -- a judgement has three values
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/verdict.h"

const char *fs_verdict_name(fs_verdict v)
{
    static const char *const name[] = { "holds", "violated", "undecided" };
    return (unsigned)v <= FS_UNDECIDED ? name[v] : "undecided";
}

fs_verdict fs_verdict_judge(double value, double error, double tolerance)
{
    if (value + error <= tolerance) return FS_HOLDS;
    if (value - error > tolerance) return FS_VIOLATED;
    return FS_UNDECIDED;
}
