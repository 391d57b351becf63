/* cli/bench.h -- the clocks of `flowsim bench`: each fills in its part of the result
 *
 * Every time is the smallest of many repetitions.  A signal ends them early: what was not timed by then stays NaN.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_CLI_BENCH_H
#define FS_CLI_BENCH_H

#include "cli/cli.h"
#include "report/bench.h"

enum { BENCH_ROUNDS = 7 };

/* Gradients, product, row, Hessian of R^aug at the weights A, and dgemm.  FS_ENAN where the risk is not finite. */
fs_status bench_kernels(const options *o, const fs_problem *p, const double *A, fs_bench *b, fs_err *err);
/* The bases of E and N. */
fs_status bench_bases(const fs_problem *p, fs_bench *b, fs_err *err);
/* The lowest eigenvalues of H_N at the state w. */
fs_status bench_eigenvalues(const fs_problem *p, const double *w, fs_bench *b, fs_err *err);

#endif
