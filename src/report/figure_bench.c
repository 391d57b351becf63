/* report/figure_bench.c -- the picture of a benchmark: rates beside the peak of the same run, times in gradients
 *
 * Ratios only beside what they are ratios to: a fraction without its peak would say more than was measured.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/bench.h"

#include "report/figure_plan.h"
#include "report/text.h"

#include <math.h>

enum { TIMES = 7 };

typedef struct {
    const fs_report_head *head;
    const fs_bench *b;
    struct {
        char name[60];
        double gradients;               /* NaN: not timed */
    } time[TIMES];
} bench_figure;

static void collect(bench_figure *f)
{
    const fs_bench *b = f->b;
    const struct { const char *name; double seconds; } one[TIMES] = {
        { "gradient", b->gradient_s },
        { "gradient, keeping its primal", b->gradient_keep_s },
        { "Hessian-vector product", b->product_s },
        { "dense Hessian", b->hessian_s },
        { "Hessian, row by row", fs_bench_loop(f->head, b) },
        { "lowest of H_N, Lanczos", b->lanczos_wanted ? b->lanczos_s : (double)NAN },
        { "lowest of H_N, LAPACK", b->lanczos_wanted ? b->lowest_dense_s : (double)NAN },
    };
    for (size_t i = 0; i < TIMES; i++) {
        double gradients = one[i].seconds / b->gradient_s;
        snprintf(f->time[i].name, sizeof f->time[i].name, "%s", one[i].name);
        f->time[i].gradients = isfinite(gradients) && gradients > 0.0 ? gradients : (double)NAN;
    }
    if (b->lanczos_wanted > 1) snprintf(f->time[5].name, sizeof f->time[5].name, "%zu lowest of H_N, Lanczos", b->lanczos_wanted);
}

static double known(double rate)
{
    return isfinite(rate) && rate > 0.0 ? rate : (double)NAN;
}

static void data(FILE *stream, void *context)
{
    const bench_figure *f = context;
    fputs("# blocks: rates (1 gradient, 2 product; executed GF/s), times (row, time in gradients)\n\n\n# rates;\n", stream);
    fs_figure_row(stream, 2, (const double[]){ 1.0, known(fs_bench_gradient_gflops(f->b)) });
    fs_figure_row(stream, 2, (const double[]){ 2.0, known(fs_bench_product_gflops(f->b)) });
    fputs("\n\n# times;\n", stream);
    for (size_t i = 0; i < TIMES; i++) fs_figure_row(stream, 2, (const double[]){ (double)i + 1.0, f->time[i].gradients });
}

static void set_rates(FILE *stream, const bench_figure *f)
{
    char text[120], number[FS_TEXT_NUMBER];
    fs_figure_range rates = { (double)NAN, (double)NAN };
    double gradient = known(fs_bench_gradient_gflops(f->b)), product = known(fs_bench_product_gflops(f->b)), peak = known(fs_bench_dgemm_gflops(f->b));
    fs_figure_include(&rates, gradient, 0);
    fs_figure_include(&rates, product, 0);
    fs_figure_include(&rates, peak, 0);
    fs_figure_set_number(stream, "gradient_rate", gradient);
    fs_figure_set_number(stream, "product_rate", product);
    fs_figure_set_number(stream, "peak", peak);
    fs_figure_set_number(stream, "rate_high", rates.high > 0.0 ? 1.2 * rates.high : 1.0);
    if (isnan(peak)) snprintf(text, sizeof text, "dgemm: not timed");
    else snprintf(text, sizeof text, "100 %%: dgemm of the same run, n = %d, %s GF/s%s", FS_BENCH_DGEMM, fs_text_real(peak, 3, number),
                  fs_bench_slow_blas(f->head) ? ", by OpenBLAS's kernels of a slower class" : "");
    fs_figure_set_text(stream, "peak_text", text, sizeof text);
}

/* 0.997, 45.5, 437: three digits, and no exponent where a count is read more easily. */
static void set_times(FILE *stream, const bench_figure *f)
{
    char name[40], text[80], number[FS_TEXT_NUMBER];
    const double one = f->b->gradient_s;
    const int small = one < 1e-3;
    fs_figure_range times = { 1.0, 1.0 };
    fs_figure_set_count(stream, "n_times", TIMES);
    for (size_t i = 0; i < TIMES; i++) {
        double t = f->time[i].gradients;
        fs_figure_include(&times, t, 1);
        snprintf(name, sizeof name, "time_name_%zu", i + 1);
        fs_figure_set_text(stream, name, f->time[i].name, sizeof f->time[i].name);
        snprintf(name, sizeof name, "time_text_%zu", i + 1);
        fs_figure_set_text(stream, name, t >= 1000.0 && t < 1e6 ? fs_text_real(round(t), 6, number) : fs_text_real(t, 3, number), sizeof number);
        snprintf(name, sizeof name, "time_%zu", i + 1);
        fs_figure_set_number(stream, name, t);
    }
    snprintf(text, sizeof text, " of %s %s", fs_text_real(small ? 1e6 * one : 1e3 * one, 3, number), small ? "μs" : "ms");
    fs_figure_set_text(stream, "gradient_text", isfinite(one) ? text : "", sizeof text);
    fs_figure_set_number(stream, "time_low", 0.5 * times.low);
    fs_figure_set_number(stream, "time_high", times.high > 10.0 ? 2.0 * times.high : 20.0);
}

static void variables(FILE *stream, void *context)
{
    const bench_figure *f = context;
    char text[300];
    snprintf(text, sizeof text, "%.60s, dim E = %zu, dim N = %zu; %zu samples; one thread, kernels %.20s, OpenBLAS %.40s",
             f->head->group ? f->head->group : "", f->head->dim_E, f->head->dim_N, f->b->samples, f->head->isa ? f->head->isa : "?",
             f->head->blas_core ? f->head->blas_core : "?");
    fputs("if (!exists('figure_height')) figure_height = 560\n", stream);
    fs_figure_set_title(stream, f->head);
    fs_figure_set_text(stream, "subtitle_text", text, sizeof text);
    set_rates(stream, f);
    set_times(stream, f);
}

fs_status fs_figure_draw_bench(fs_figure *out, fs_folder *folder, const fs_report_head *head, const fs_bench *b, const fs_figure_options *options, fs_err *err)
{
    bench_figure f = { .head = head, .b = b };
    const fs_figure_plan plan = { "bench.gp", data, variables, &f };
    collect(&f);
    return fs_figure_draw(out, folder, options, &plan, err);
}
