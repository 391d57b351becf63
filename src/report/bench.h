/* report/bench.h -- what a benchmark measured: table, JSON, picture
 *
 *   fraction_of_dgemm = (executed multiply-adds of a gradient / its time) / (dgemm's rate at n = 512, one thread)
 *   hvp_in_gradients  = time of a product / time of the gradient that keeps the primal it starts from
 *   hessian_speedup = parameters * time of one row from scratch / time of the Hessian
 *
 * A row from scratch is what a loop over double backward passes of an autodiff library computes for each parameter: the primal, the gradient, and the
 * product of the Hessian with a unit vector; nothing is carried from one row to the next.  Every row costs the same, so one stands for all.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_BENCH_H
#define FS_REPORT_BENCH_H

#include "report/figure.h"
#include "report/json.h"

#include <stdio.h>

/* What is timed, and up to which size. */
enum { FS_BENCH_DGEMM = 512, FS_BENCH_HESSIAN_LIMIT = 2048, FS_BENCH_EIGENVALUES = 3, FS_BENCH_EIGEN_LIMIT = 16384, FS_BENCH_LANCZOS_PRODUCTS = 2000 };
#define FS_BENCH_LANCZOS_TOLERANCE 1e-8     /* of the residual, relative to |H_N|: that of `spectrum` */

/* Plain.  Seconds are those of one call, NaN where it was not timed. */
typedef struct {
    int threads;
    size_t samples;                             /* after augmentation */
    double gradient_flops, product_flops;       /* executed by one call */
    double gradient_s, gradient_threads_s;      /* of R^aug: on one thread, on `threads` */
    double gradient_keep_s;                     /* and keeping the primal for products */
    double product_s;                           /* Hessian-vector product, after a gradient that kept its primal */
    double row_s, hessian_s;                    /* one row from scratch; the dense Hessian */
    double dgemm_s;                             /* n = FS_BENCH_DGEMM, one thread */

    size_t lanczos_wanted, lanczos_found;       /* the lowest eigenvalues of H_N; wanted 0: not timed */
    int lanczos_converged;
    long lanczos_products;
    double lanczos_s, lowest_dense_s;           /* by Lanczos; the lowest by LAPACK, with the dense Hessian */

    double basis_s, basis_mib;                  /* Q_E and Q_N */
    double peak_memory_mib, data_mib;
} fs_bench;

double fs_bench_gradient_gflops(const fs_bench *b);
double fs_bench_product_gflops(const fs_bench *b);
double fs_bench_dgemm_gflops(const fs_bench *b);
/* Our kernels are AVX-512 and OpenBLAS's are not: fractions of dgemm then look better than they are. */
int fs_bench_slow_blas(const fs_report_head *head);
/* The Hessian row by row from scratch, in seconds. */
double fs_bench_loop(const fs_report_head *head, const fs_bench *b);

json_t *fs_json_bench(const fs_report_head *head, const fs_bench *b);
void fs_table_print_bench(FILE *stream, const fs_report_head *head, const fs_bench *b);
/* Rates beside the peak of dgemm; times in gradients, on a logarithmic axis.  Fails as fs_figure_draw_run does. */
fs_status fs_figure_draw_bench(fs_figure *out, fs_folder *folder, const fs_report_head *head, const fs_bench *b, const fs_figure_options *options, fs_err *err);

#endif
