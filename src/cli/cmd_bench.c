/* cli/cmd_bench.c -- flowsim bench: gradient, Hessian-vector product and Hessian of R^aug against dgemm, the lowest eigenvalues of H_N, and
 * the bases of E and N, in one run
 *
 * A folder is written only where a picture or --output asks for one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/bench.h"

#include "base/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* The most memory this process ever held, dgemm's three matrices included; MiB. */
static double peak_memory(void)
{
    struct rusage used;
    return getrusage(RUSAGE_SELF, &used) == 0 ? (double)used.ru_maxrss / 1024.0 : (double)NAN;
}

static fs_status measure(const options *o, const fs_problem *p, fs_bench *b, fs_err *err)
{
    size_t P = fs_problem_basis(p)->n_par;
    double *A = fs_calloc(P, sizeof *A), *w = fs_calloc(P, sizeof *w);
    fs_status status = A && w ? FS_OK : fs_fail(err, FS_ENOMEM, "benchmark of %zu parameters", P);
    if (status == FS_OK) status = fs_problem_start_state(p, o->seed[0], -1.0, w, err);
    if (status == FS_OK) {
        fs_basis_expand(fs_problem_basis(p), w, A);
        status = bench_kernels(o, p, A, b, err);
    }
    if (status == FS_OK) status = bench_bases(p, b, err);
    if (status == FS_OK && !cli_signal()) status = bench_eigenvalues(p, w, b, err);
    b->peak_memory_mib = peak_memory();
    free(A);
    free(w);
    return status;
}

static json_t *json(const fs_report_head *head, const void *result)
{
    return fs_json_bench(head, result);
}

static fs_status draw(fs_figure *out, fs_folder *folder, const fs_report_head *head, const void *result, const fs_figure_options *look, fs_err *err)
{
    return fs_figure_draw_bench(out, folder, head, result, look, err);
}

static fs_status print(const options *o, const fs_report_head *head, const void *result, fs_err *err)
{
    (void)o;
    (void)err;
    fs_table_print_bench(stdout, head, result);
    return FS_OK;
}

/* dgemm on a slower class of kernels than the processor has makes every fraction look better than it is. */
static void warn_about_blas(const options *o, const fs_problem *p)
{
    fs_report_head head;
    cli_head(o, p, &head);
    if (fs_bench_slow_blas(&head))
        cli_warning("OpenBLAS runs its %s kernel on an AVX-512 processor: set OPENBLAS_CORETYPE=SkylakeX for a fair comparison", head.blas_core);
}

int command_bench(options *o)
{
    fs_problem *p = NULL;
    fs_folder *folder = NULL;
    fs_bench b = { 0 };
    fs_err err = { 0 };
    double start = fs_wall_seconds();
    int status = cli_load(o, &p);
    if (status == EXIT_DONE && (o->output || strcmp(o->figure, "none") != 0)) status = cli_open_folder(o, p, &folder);
    if (status != EXIT_DONE) goto done;
    fs_status measured = measure(o, p, &b, &err);
    if (cli_signal() && (measured == FS_OK || measured == FS_ESTOPPED)) {
        status = EXIT_SIGNAL + cli_signal();
    } else if (measured != FS_OK) {
        status = cli_failed(&err);
    } else {
        if (!o->quiet) warn_about_blas(o, p);
        status = cli_report(o, p, folder, fs_wall_seconds() - start, &(cli_results){ .result = &b, .json = json, .draw = draw, .print = print });
    }
done:
    fs_folder_destroy(folder);
    fs_problem_destroy(p);
    return status;
}
