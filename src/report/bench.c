/* report/bench.c -- what a benchmark measured, as a table and as JSON
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/bench.h"

#include "base/isa.h"
#include "observe/transverse.h"

#include <math.h>
#include <string.h>

double fs_bench_gradient_gflops(const fs_bench *b)
{
    return 1e-9 * b->gradient_flops / b->gradient_s;
}

double fs_bench_product_gflops(const fs_bench *b)
{
    return 1e-9 * b->product_flops / b->product_s;
}

double fs_bench_dgemm_gflops(const fs_bench *b)
{
    return 2e-9 * FS_BENCH_DGEMM * FS_BENCH_DGEMM * FS_BENCH_DGEMM / b->dgemm_s;
}

double fs_bench_loop(const fs_report_head *head, const fs_bench *b)
{
    return b->row_s * (double)head->parameters;
}

int fs_bench_slow_blas(const fs_report_head *head)
{
    static const char *const fast[] = { "SkylakeX", "Cooperlake", "Sapphire" };
    if (!head->isa || !head->blas_core || strcmp(head->isa, fs_isa_name(FS_ISA_AVX512)) != 0) return 0;
    for (size_t i = 0; i < sizeof fast / sizeof *fast; i++)
        if (strstr(head->blas_core, fast[i])) return 0;
    return 1;
}

/* --- table ------------------------------------------------------------------------------- */

/* A column of milliseconds, of microseconds where three decimals would show nothing. */
static const char *duration(double seconds, char buffer[40])
{
    int small = seconds < 1e-4;
    snprintf(buffer, 40, "%10.3f %s", (small ? 1e6 : 1e3) * seconds, small ? "us" : "ms");
    return buffer;
}

static void print_hessian(FILE *stream, const fs_bench *b, double loop)
{
    char took[40];
    if (isfinite(b->hessian_s))
        fprintf(stream, "dense Hessian            %s   %.1f gradients, %.1f times faster than one double-backward pass a row (%.4g s)\n",
                duration(b->hessian_s, took), b->hessian_s / b->gradient_s, loop / b->hessian_s, loop);
    else
        fprintf(stream, "dense Hessian            not timed: more than %d parameters; one double-backward pass a row would take %.4g s\n",
                FS_BENCH_HESSIAN_LIMIT, loop);
}

static void print_eigenvalues(FILE *stream, const fs_bench *b)
{
    char took[40];
    if (!b->lanczos_wanted) {
        fprintf(stream, "lowest eigenvalues of H_N  not timed: dim N is 0, or dim L more than %d\n", FS_BENCH_EIGEN_LIMIT);
        return;
    }
    fprintf(stream, "%zu lowest of H_N, Lanczos %s   %ld products", b->lanczos_wanted, duration(b->lanczos_s, took), b->lanczos_products);
    if (b->lanczos_found) fprintf(stream, ", %.0f an eigenvalue", (double)b->lanczos_products / (double)b->lanczos_found);
    if (!b->lanczos_converged)
        fprintf(stream, ", %zu of %zu converged to %g |H_N| within %d products", b->lanczos_found, b->lanczos_wanted, FS_BENCH_LANCZOS_TOLERANCE,
                FS_BENCH_LANCZOS_PRODUCTS);
    fputc('\n', stream);
    if (isfinite(b->lowest_dense_s)) fprintf(stream, "  the lowest by LAPACK   %s   with the dense Hessian\n", duration(b->lowest_dense_s, took));
    else fprintf(stream, "  the lowest by LAPACK   not timed: dim L is more than %d\n", FS_TRANSVERSE_DENSE_LIMIT);
}

void fs_table_print_bench(FILE *stream, const fs_report_head *head, const fs_bench *b)
{
    char took[40];
    double gradient = fs_bench_gradient_gflops(b), dgemm = fs_bench_dgemm_gflops(b);
    fprintf(stream, "%s: %zu parameters, %zu samples after augmentation, kernels %s, OpenBLAS core %s\n", head->model, head->parameters, b->samples,
            head->isa, head->blas_core);
    fprintf(stream, "gradient of R^aug        %s   %5.1f GF/s, %.0f %% of dgemm (%.1f GF/s)\n", duration(b->gradient_s, took), gradient,
            100.0 * gradient / dgemm, dgemm);
    if (b->threads > 1)
        fprintf(stream, "  on %d threads           %s   %.2f x\n", b->threads, duration(b->gradient_threads_s, took), b->gradient_s / b->gradient_threads_s);
    fprintf(stream, "  keeping its primal     %s\n", duration(b->gradient_keep_s, took));
    fprintf(stream, "Hessian-vector product   %s   %5.1f GF/s, %.2f gradients that keep their primal\n", duration(b->product_s, took),
            fs_bench_product_gflops(b), b->product_s / b->gradient_keep_s);
    print_hessian(stream, b, fs_bench_loop(head, b));
    print_eigenvalues(stream, b);
    fprintf(stream, "bases of E and N         %s   %.1f MiB; group %s, %zu elements used\n", duration(b->basis_s, took), b->basis_mib, head->group, head->nodes);
    fprintf(stream, "peak memory              %10.1f MiB   augmented data %.1f MiB\n", b->peak_memory_mib, b->data_mib);
}

/* --- JSON --------------------------------------------------------------------------------- */

static int add_costs(json_t *report, const fs_report_head *head, const fs_bench *b)
{
    double loop = fs_bench_loop(head, b);
    int bad = fs_json_set_real(report, "gradient_s", b->gradient_s);
    bad |= fs_json_set_real(report, "gradient_keep_s", b->gradient_keep_s);
    bad |= fs_json_set_real(report, "hvp_s", b->product_s);
    bad |= fs_json_set_real(report, "hessian_s", b->hessian_s);
    bad |= fs_json_set_real(report, "hessian_loop_s", loop);
    bad |= fs_json_set_real(report, "hessian_speedup", loop / b->hessian_s);
    bad |= fs_json_set_count(report, "lanczos_wanted", b->lanczos_wanted);
    bad |= fs_json_set_count(report, "lanczos_found", b->lanczos_found);
    bad |= fs_json_set(report, "lanczos_converged", json_boolean(b->lanczos_converged));
    bad |= fs_json_set_long(report, "lanczos_products", b->lanczos_products);
    bad |= fs_json_set_real(report, "lanczos_products_per_eigenvalue",
                            b->lanczos_found ? (double)b->lanczos_products / (double)b->lanczos_found : (double)NAN);
    bad |= fs_json_set_real(report, "lanczos_s", b->lanczos_s);
    bad |= fs_json_set_real(report, "lowest_dense_s", b->lowest_dense_s);
    return bad;
}

static int add_ratios(json_t *report, const fs_bench *b)
{
    double gradient = fs_bench_gradient_gflops(b), dgemm = fs_bench_dgemm_gflops(b);
    int bad = fs_json_set_real(report, "gradient_gflops", gradient);
    bad |= fs_json_set_real(report, "dgemm_gflops", dgemm);
    bad |= fs_json_set_real(report, "fraction_of_dgemm", gradient / dgemm);
    bad |= fs_json_set_real(report, "hvp_in_gradients", b->product_s / b->gradient_keep_s);
    bad |= fs_json_set_real(report, "hessian_in_gradients", b->hessian_s / b->gradient_s);
    return bad;
}

json_t *fs_json_bench(const fs_report_head *head, const fs_bench *b)
{
    json_t *report = fs_json_head(head);
    int bad = fs_json_set_count(report, "samples", b->samples);
    bad |= head->order ? fs_json_set_count(report, "group_order", head->order) : fs_json_set_text(report, "group_order", "continuous");
    bad |= fs_json_set_count(report, "orbit_samples", b->samples);
    bad |= fs_json_set_real(report, "basis_s", b->basis_s);
    bad |= fs_json_set_real(report, "basis_mib", b->basis_mib);
    bad |= add_costs(report, head, b);
    bad |= add_ratios(report, b);
    bad |= fs_json_set_real(report, "peak_memory_mib", b->peak_memory_mib);
    bad |= fs_json_set_real(report, "data_mib", b->data_mib);
    bad |= fs_json_set_long(report, "threads", b->threads);
    bad |= fs_json_set_real(report, "thread_speedup", b->threads > 1 ? b->gradient_s / b->gradient_threads_s : 1.0);
    bad |= fs_json_set_text(report, "blas_core", head->blas_core);
    bad |= fs_json_set_text(report, "isa", head->isa);
    if (!bad) return report;
    json_decref(report);
    return NULL;
}
