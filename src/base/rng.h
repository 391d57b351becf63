/* base/rng.h -- randomness is an argument
 *
 * One stream a purpose, keyed by (seed, stream): one more draw for the data never
 * moves the initial weights.  Nothing reads the clock or GSL_RNG_SEED.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_BASE_RNG_H
#define FS_BASE_RNG_H

#include <gsl/gsl_rng.h>
#include <stdint.h>

typedef enum {
    FS_STREAM_WEIGHTS,        /* initial weights on E            */
    FS_STREAM_PERTURBATION,   /* initial Y_0 in N                */
    FS_STREAM_HYPOTHESES,     /* random points of the hypothesis checks */
    FS_STREAM_DATA,           /* synthetic data                  */
    FS_STREAM_BENCH,
    FS_STREAM_TEST,
    FS_STREAM_SEARCH          /* random starts of searches for stationary points, extremes on tubes, start columns */
} fs_stream;

/* Mersenne twister seeded from (seed, stream) by a 64-bit mixing; NULL when memory is short.  Caller frees with gsl_rng_free. */
gsl_rng *fs_rng_stream(uint64_t seed, fs_stream stream);

/* n independent standard normal numbers. */
void fs_rng_gaussian(gsl_rng *rng, size_t n, double *x);

#endif
