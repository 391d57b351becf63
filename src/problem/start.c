/* problem/start.c -- initial states and states of given weights
 *
 *   x = Q_E^T A with independent entries of deviation scale / sqrt(fan-in),   y a uniformly random direction of length |Y_0|
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "problem/parts.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Largest part of given weights that may lie off L, relative to the weights: what rounding leaves of weights once
 * computed on L. */
#define OFF_L_TOLERANCE 1e-12

double fs_problem_norm(size_t n, const double *x)
{
    double largest = 0.0, sum = 0.0;
    for (size_t i = 0; i < n; i++)
        if (fabs(x[i]) > largest) largest = fabs(x[i]);
    for (size_t i = 0; i < n && largest > 0.0; i++) sum += (x[i] / largest) * (x[i] / largest);
    return largest * sqrt(sum);
}

void fs_problem_random_weights(const fs_problem *p, fs_start_kind kind, double scale, gsl_rng *rng, double *A)
{
    const fs_weight_block *block;
    size_t blocks = fs_net_blocks(p->net, &block);
    for (size_t k = 0; k < blocks; k++) {
        double deviation = scale / sqrt((double)p->fan_in[k]), *part = A + block[k].offset;
        if (kind == FS_START_GAUSSIAN) fs_rng_gaussian(rng, block[k].count, part);
        for (size_t j = 0; j < block[k].count; j++)
            part[j] = deviation * (kind == FS_START_GAUSSIAN ? part[j] : sqrt(3.0) * (2.0 * gsl_rng_uniform(rng) - 1.0));
    }
}

/* y: a Gaussian direction of the given length. */
static void random_direction(gsl_rng *rng, size_t n, double length, double *y)
{
    double size = 0.0;
    while (n && !(size > 0.0)) {
        fs_rng_gaussian(rng, n, y);
        size = fs_problem_norm(n, y);
    }
    for (size_t i = 0; i < n; i++) y[i] *= length / size;
}

fs_status fs_problem_start_state(const fs_problem *p, uint64_t seed, double distance, double *w, fs_err *err)
{
    if (distance < 0.0) distance = p->start.distance;
    if (!isfinite(distance)) return fs_fail(err, FS_EINPUT, "expected a finite initial distance to E, found %g", distance);
    gsl_rng *weights = fs_rng_stream(seed, FS_STREAM_WEIGHTS), *perturbation = fs_rng_stream(seed, FS_STREAM_PERTURBATION);
    double *A = fs_calloc(p->basis->n_par, sizeof *A);
    fs_status status = FS_OK;
    if (weights && perturbation && A) {
        fs_problem_random_weights(p, p->start.distribution, p->start.scale, weights, A);
        fs_basis_project_E(p->basis, A, w);
        random_direction(perturbation, p->basis->dim_N, distance, w + p->basis->dim_E);
    } else {
        status = fs_fail(err, FS_ENOMEM, "an initial state of %zu weights", p->basis->n_par);
    }
    free(A);
    if (weights) gsl_rng_free(weights);
    if (perturbation) gsl_rng_free(perturbation);
    return status;
}

/* "layers.3 (dense), [1][7]": where a weight of the natural order stands. */
static void name_weight(const fs_problem *p, size_t index, char *text, size_t size)
{
    const fs_weight_block *block;
    size_t blocks = fs_net_blocks(p->net, &block), k = 0;
    while (k + 1 < blocks && index >= block[k].offset + block[k].count) k++;
    size_t j = index - block[k].offset, s = block[k].size, taps = s ? s * s : 1, in = block[k].in, layer = block[k].layer;
    int bias = layer && !strcmp(p->kind[layer - 1], "bias") && j % in == in - 1;
    if (s)
        snprintf(text, size, "layers.%zu (conv), [%zu][%zu][%zu][%zu]", p->place[layer], j / taps / in, j / taps % in,
                 j % taps / s, j % s);
    else
        snprintf(text, size, "layers.%zu (dense), [%zu][%zu]%s", p->place[layer], j / in, j % in, bias ? ", a bias" : "");
}

/* Finite weights of a norm that leaves room for the sums of a projection. */
static fs_status check_finite(const fs_problem *p, size_t n, const double *A, fs_err *err)
{
    size_t largest = 0;
    char name[120];
    for (size_t j = 0; j < n; j++) {
        if (fabs(A[j]) > fabs(A[largest])) largest = j;
        if (isfinite(A[j])) continue;
        name_weight(p, j, name, sizeof name);
        return fs_fail(err, FS_EINPUT, "expected finite weights, found %g at index %zu: %s", A[j], j, name);
    }
    if (fs_problem_norm(n, A) <= 0.5 * DBL_MAX) return FS_OK;
    name_weight(p, largest, name, sizeof name);
    return fs_fail(err, FS_EINPUT, "expected weights whose norm is finite, found overflow (largest entry %g at index %zu: %s)",
                   A[largest], largest, name);
}

fs_status fs_problem_state_of_weights(const fs_problem *p, const double *A, double *w, fs_err *err)
{
    size_t n = p->basis->n_par;
    char name[120];
    FS_TRY(check_finite(p, n, A, err));
    double *off = fs_calloc(n, sizeof *off);
    if (!off) return fs_fail(err, FS_ENOMEM, "%zu weights", n);
    fs_basis_project(p->basis, A, w);
    fs_basis_expand(p->basis, w, off);
    for (size_t j = 0; j < n; j++) off[j] = A[j] - off[j];
    double size = fs_problem_norm(n, A), part = fs_problem_norm(n, off), each = OFF_L_TOLERANCE * size / sqrt((double)n);
    fs_status status = FS_OK;
    if (!(part <= OFF_L_TOLERANCE * size)) {
        size_t j = 0;
        while (j + 1 < n && !(fabs(off[j]) > each)) j++;
        name_weight(p, j, name, sizeof name);
        status =
            fs_fail(err, FS_EINPUT,
                    "expected weights in L, found a part of size %.3g off it (of %.3g in all), first at index %zu: %s",
                    part, size, j, name);
    }
    free(off);
    return status;
}
