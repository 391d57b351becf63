/* cli/bench_algebra.c -- the bases of E and N, and the lowest eigenvalues of H_N, against the clock
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/bench.h"

#include "base/clock.h"
#include "observe/lanczos.h"
#include "observe/transverse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double basis_s = 0.3, eigen_s = 0.3;      /* no further repetition after that */

/* --- bases ------------------------------------------------------------------------------- */

/* Bytes of a sparse matrix. */
static double size_of(const fs_sparse *A)
{
    return (double)((A->rows + 1) * sizeof *A->ptr) + (double)A->ptr[A->rows] * (double)(sizeof *A->col + sizeof *A->val);
}

/* Q_E and Q_N once more from the same L: its coordinates, or the basis at hand as a spanning set.  The best of several when they are quick. */
fs_status bench_bases(const fs_problem *p, fs_bench *cost, fs_err *err)
{
    const fs_basis *known = fs_problem_basis(p);
    const fs_sparse *block[] = { known->Q_E, known->Q_N };
    size_t n = known->n_par, rows = known->dim_E + known->dim_N, row = 0;
    unsigned char *mask = known->coordinate ? fs_calloc(n, 1) : NULL;
    double *span = known->coordinate ? NULL : fs_calloc(rows, n * sizeof *span), spent = 0.0;
    cost->basis_s = (double)NAN;
    cost->basis_mib = (size_of(known->Q_E) + size_of(known->Q_N)) / 1048576.0;
    if (!mask && !span) return fs_fail(err, FS_ENOMEM, "a basis of %zu weights", n);
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < block[k]->rows; i++, row++)
            for (size_t e = block[k]->ptr[i]; e < block[k]->ptr[i + 1]; e++) {
                if (mask) mask[block[k]->col[e]] = 1;
                else span[row * n + block[k]->col[e]] = block[k]->val[e];
            }
    fs_status status = FS_OK;
    for (int i = 0; i < BENCH_ROUNDS && spent < basis_s && status == FS_OK && !cli_signal(); i++) {
        fs_basis *b = NULL;
        double start = fs_wall_seconds();
        status = mask ? fs_basis_create(&b, fs_problem_rho_H(p), mask, err) : fs_basis_create_span(&b, fs_problem_rho_H(p), rows, span, err);
        double seconds = fs_wall_seconds() - start;
        fs_basis_destroy(b);
        spent += seconds;
        if (!(seconds >= cost->basis_s)) cost->basis_s = seconds;
    }
    free(mask);
    free(span);
    return status;
}

/* --- eigenvalues ---------------------------------------------------------------------------- */

/* H_N, by products of the flow's Jacobian at gamma 0. */
typedef struct {
    fs_flow *flow;
    const double *w;
    double *z, *Jz;                     /* (dim L) */
} transverse;

static fs_status apply_transverse(void *context, const double *x, double *y)
{
    transverse *k = context;
    size_t n = fs_flow_dim(k->flow), E = fs_flow_dim_E(k->flow);
    memset(k->z, 0, E * sizeof *k->z);
    memcpy(k->z + E, x, (n - E) * sizeof *x);
    FS_TRY(fs_flow_jacobian_product(k->flow, k->w, k->z, k->Jz));
    for (size_t i = E; i < n; i++) y[i - E] = -k->Jz[i];
    return FS_OK;
}

static int stop_at_signal(void *context, const char *stage, double fraction)
{
    (void)context;
    (void)stage;
    (void)fraction;
    return cli_signal();
}

/* Once by Lanczos, and the lowest one by LAPACK where that is what fs_transverse does. */
static fs_status solve_once(const transverse *k, const fs_lanczos_options *asked, fs_bench *cost, fs_err *err)
{
    fs_lanczos found = { 0 };
    fs_transverse lowest;
    double start = fs_wall_seconds(), dense = (double)NAN;
    fs_status status = fs_lanczos_compute(&found, asked, err);
    double took = fs_wall_seconds() - start;
    if (status == FS_OK && fs_flow_dim(k->flow) <= FS_TRANSVERSE_DENSE_LIMIT) {
        status = fs_transverse_compute(k->flow, k->w, asked->watch, &lowest, NULL, err);
        dense = fs_wall_seconds() - start - took;
    }
    if (!(took >= cost->lanczos_s)) cost->lanczos_s = took;
    if (!(dense >= cost->lowest_dense_s)) cost->lowest_dense_s = dense;
    cost->lanczos_found = found.count;
    cost->lanczos_converged = found.converged;
    cost->lanczos_products = found.products;
    fs_lanczos_clear(&found);
    return status;
}

fs_status bench_eigenvalues(const fs_problem *p, const double *w, fs_bench *cost, fs_err *err)
{
    const fs_basis *b = fs_problem_basis(p);
    size_t n = b->dim_E + b->dim_N;
    fs_watch watch = { stop_at_signal, NULL };
    transverse k = { .w = w };
    fs_status status = FS_OK;
    cost->lanczos_s = cost->lowest_dense_s = (double)NAN;
    if (!b->dim_N || n > FS_BENCH_EIGEN_LIMIT) return FS_OK;
    k.z = fs_calloc(n, sizeof *k.z);
    k.Jz = fs_calloc(n, sizeof *k.Jz);
    if (!k.z || !k.Jz) status = fs_fail(err, FS_ENOMEM, "eigenvalues in dimension %zu", n);
    if (status == FS_OK) status = fs_flow_create(&k.flow, FS_FLOW_AUGMENTED, b, fs_problem_risk(p, 1), 0.0, 1, CLI_KEEP_LIMIT, err);
    cost->lanczos_wanted = b->dim_N > FS_BENCH_EIGENVALUES ? FS_BENCH_EIGENVALUES : b->dim_N > 1 ? b->dim_N - 1 : 1;
    const fs_lanczos_options asked = { .n = b->dim_N, .apply = apply_transverse, .context = &k, .wanted = cost->lanczos_wanted,
                                       .tolerance = FS_BENCH_LANCZOS_TOLERANCE, .products = FS_BENCH_LANCZOS_PRODUCTS, .watch = &watch };
    double start = fs_wall_seconds();
    for (int i = 0; i < BENCH_ROUNDS && fs_wall_seconds() - start < eigen_s && status == FS_OK && !cli_signal(); i++)
        status = solve_once(&k, &asked, cost, err);
    fs_flow_destroy(k.flow);
    free(k.z);
    free(k.Jz);
    return status;
}
