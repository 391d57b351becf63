/* base/norm.c -- Euclidean norm and inner product
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/norm.h"

#include <math.h>

double fs_norm(size_t n, const double *x)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += x[i] * x[i];
    return sqrt(sum);
}

double fs_dot(size_t n, const double *x, const double *y)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}
