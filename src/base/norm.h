/* base/norm.h -- Euclidean norm and inner product; maximum and minimum
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_BASE_NORM_H
#define FS_BASE_NORM_H

#include <stddef.h>

/* |x|, summed in index order; NaN when an entry is.  Squares beyond the range of double are not rescued. */
double fs_norm(size_t n, const double *x);
/* <x, y>, summed in index order. */
double fs_dot(size_t n, const double *x, const double *y);

/* Maximum and minimum in which NaN stays, whatever comes later. */
static inline void fs_raise_to(double *largest, double value)
{
    if (*largest == *largest && !(value <= *largest)) *largest = value;
}
static inline void fs_lower_to(double *smallest, double value)
{
    if (*smallest == *smallest && !(value >= *smallest)) *smallest = value;
}

#endif
