/* base/rng.c -- one random stream a purpose, keyed by (seed, stream)
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/rng.h"

#include <gsl/gsl_randist.h>

/* Avalanche of a 64-bit word: two rounds of shift, xor and multiplication by odd constants. */
static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

gsl_rng *fs_rng_stream(uint64_t seed, fs_stream stream)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    if (rng) {
        uint64_t key = mix(mix(seed + UINT64_C(0x9e3779b97f4a7c15)) + (uint64_t)stream);
        gsl_rng_set(rng, (unsigned long)(key & 0xffffffffu));
    }
    return rng;
}

void fs_rng_gaussian(gsl_rng *rng, size_t n, double *x)
{
    for (size_t i = 0; i < n; i++) x[i] = gsl_ran_gaussian_ziggurat(rng, 1.0);
}
