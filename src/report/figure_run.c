/* report/figure_run.c -- the picture of a run: risk and distance to E of one start, or one panel a gamma
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/figure_plan.h"

#include "base/files.h"
#include "report/spread.h"
#include "report/text.h"

#include <math.h>
#include <stdlib.h>

enum { POINTS = 2000 };

/* --- data ------------------------------------------------------------------------------- */

static void point(FILE *stream, double t, double value)
{
    fs_figure_row(stream, 2, (const double[]){ t, value });
}

/* Every accepted step where they were kept, else every output time; thinned to POINTS, the last one always there. */
static void distance_curve(FILE *stream, const fs_trajectory *T, fs_figure_range *shown)
{
    size_t n = T->n_steps_kept ? T->n_steps_kept : T->n_rows, stride = n / POINTS + 1;
    for (size_t i = 0; i < n; i++) {
        if (i % stride && i + 1 < n) continue;
        double t = T->n_steps_kept ? T->step_t[i] : T->row[i].t, distance = T->n_steps_kept ? T->step_distance[i] : T->row[i].distance;
        fs_figure_include(shown, distance, 1);
        point(stream, t, distance);
    }
}

/* gnuplot finds a block by its first comment line; the ';' keeps "1" from meaning "10" as well. */
static void run_data(FILE *stream, const fs_run *run, fs_figure_range *risk, fs_figure_range *distance)
{
    fputs("# blocks: risk FLOW (t, risk), distance FLOW (t, |Y|), bound (t, Groenwall's bound on |Y| of the augmented flow)\n\n\n", stream);
    for (size_t i = 0; i < run->n; i++) {
        const fs_run_flow *f = &run->flow[i];
        const fs_trajectory *T = f->trajectory;
        if (!T) continue;
        fprintf(stream, "# risk %s;\n", fs_flow_name(f->kind));
        for (size_t j = 0; j < T->n_rows; j++) {
            fs_figure_include(risk, T->row[j].risk, 0);
            point(stream, T->row[j].t, T->row[j].risk);
        }
        fprintf(stream, "\n\n# distance %s;\n", fs_flow_name(f->kind));
        distance_curve(stream, T, distance);
        if (f->kind == FS_FLOW_AUGMENTED) {
            fputs("\n\n# bound;\n", stream);
            for (size_t j = 0; j < f->rate.n_bound; j++) point(stream, f->rate.bound_t[j], f->rate.bound[j]);
        }
        fputs("\n\n", stream);
    }
}

/* Median over the seeds at each output time that every seed reached. */
static void median_curve(FILE *stream, const fs_run *run, size_t g, size_t k, double *buffer)
{
    char t[FS_TEXT_NUMBER], value[3][FS_TEXT_NUMBER];
    for (size_t i = 0;; i++) {
        for (size_t s = 0; s < run->n_seed; s++) {
            const fs_trajectory *T = fs_run_at(run, g, s, k)->trajectory;
            if (!T || i >= T->n_rows) return;
            buffer[s] = T->row[i].distance;
        }
        fs_spread spread = fs_spread_of(run->n_seed, buffer);
        fprintf(stream, "%s %s %s %s\n", fs_number_format(fs_run_at(run, g, 0, k)->trajectory->row[i].t, t),
                fs_number_format(spread.median, value[0]), fs_number_format(spread.min, value[1]), fs_number_format(spread.max, value[2]));
    }
}

static void sweep_data(FILE *stream, const fs_run *run, double *buffer, fs_figure_range *distance)
{
    fputs("# blocks: single FLOW G S (t, |Y|), median FLOW G (t, median, smallest, largest |Y| over the seeds); G, S count from 0\n\n\n", stream);
    for (size_t g = 0; g < run->n_gamma; g++)
        for (size_t k = 0; k < run->n_kinds; k++) {
            const char *name = fs_flow_name(run->kind[k]);
            if (run->kind[k] == FS_FLOW_EQUIVARIANT) continue;
            for (size_t s = 0; s < run->n_seed; s++) {
                const fs_trajectory *T = fs_run_at(run, g, s, k)->trajectory;
                fprintf(stream, "# single %s %zu %zu;\n", name, g, s);
                if (T) distance_curve(stream, T, distance);
                fputs("\n\n", stream);
            }
            fprintf(stream, "# median %s %zu;\n", name, g);
            median_curve(stream, run, g, k, buffer);
            fputs("\n\n", stream);
        }
}

/* --- variables ----------------------------------------------------------------------------- */

/* "nominal augmented": the flows of the run in its order, without the equivariant one when on_E is 0. */
static void set_flows(FILE *stream, const char *name, const fs_run *run, int on_E)
{
    const char *blank = "";
    fprintf(stream, "%s = '", name);
    for (size_t k = 0; k < run->n_kinds; k++) {
        if (run->kind[k] == FS_FLOW_EQUIVARIANT && !on_E) continue;
        fprintf(stream, "%s%s", blank, fs_flow_name(run->kind[k]));
        blank = " ";
    }
    fputs("'\n", stream);
}

/* |Y| below this is rounding: the largest absolute tolerance of the flows. */
static double rounding_of(const fs_run *run)
{
    double largest = (double)NAN;
    for (size_t i = 0; i < run->n; i++) {
        const fs_trajectory *T = run->flow[i].trajectory;
        if (T && run->flow[i].kind != FS_FLOW_EQUIVARIANT && T->atol_N > 0.0 && !(T->atol_N <= largest)) largest = T->atol_N;
    }
    return largest;
}

static double last_time(const fs_run *run)
{
    double t = 0.0;
    for (size_t i = 0; i < run->n; i++) {
        const fs_trajectory_row *last = fs_run_last(&run->flow[i]);
        if (last && last->t > t) t = last->t;
    }
    return t > 0.0 ? t : 1.0;
}

/* Whole decades around the curves, and around the rounding level where a curve comes near it. */
static void set_decades(FILE *stream, fs_figure_range distance, double rounding)
{
    fprintf(stream, "distance_drawn = %d\n", distance.low > 0.0);
    if (distance.low <= 1e4 * rounding) fs_figure_include(&distance, rounding, 1);
    if (!(distance.low > 0.0)) fs_figure_include(&distance, 1.0, 1);
    if (!(distance.low < distance.high)) fs_figure_include(&distance, 10.0 * distance.low, 1);
    fs_figure_set_number(stream, "distance_low", pow(10.0, floor(log10(0.5 * distance.low))));
    fs_figure_set_number(stream, "distance_high", pow(10.0, ceil(log10(2.0 * distance.high))));
}

/* The next 1, 2 or 5 times a power of ten. */
static double round_up(double t)
{
    double decade = pow(10.0, floor(log10(t)));
    return t <= decade ? decade : t <= 2.0 * decade ? 2.0 * decade : t <= 5.0 * decade ? 5.0 * decade : 10.0 * decade;
}

/* How much of t the panel of distances shows: three times what the augmented flow needs to reach rounding, so that its slope and the
 * bound can be read, where that is a third of t or less; else all of t. */
static double distance_time(const fs_run *run)
{
    double all = last_time(run);
    for (size_t i = 0; i < run->n; i++) {
        const fs_trajectory *T = run->flow[i].trajectory;
        for (size_t j = 0; run->flow[i].kind == FS_FLOW_AUGMENTED && T && j < T->n_steps_kept; j++)
            if (T->atol_N > 0.0 && T->step_distance[j] <= T->atol_N && T->step_t[j] > 0.0) {
                double shown = round_up(3.0 * T->step_t[j]);
                return 3.0 * shown <= all ? shown : all;
            }
    }
    return all;
}

/* The prediction is about flows that tend to E: at rounding, or below a thousandth of the start. */
static int approached(const fs_run_flow *f)
{
    const fs_trajectory_row *last = fs_run_last(f);
    return last && (fs_run_at_rounding(f, last->distance) || last->distance <= 1e-3 * f->trajectory->first.distance);
}

static void run_rates(FILE *stream, const fs_run *run)
{
    char text[200] = "", a[FS_TEXT_NUMBER], b[FS_TEXT_NUMBER];
    int bound = 0;
    for (size_t i = 0; i < run->n; i++) {
        const fs_rate *r = &run->flow[i].rate;
        if (run->flow[i].kind != FS_FLOW_AUGMENTED) continue;
        bound = r->n_bound > 1;
        if (approached(&run->flow[i]) && isfinite(r->measured) && isfinite(r->predicted))
            snprintf(text, sizeof text, "; augmented rate %s, predicted %s", fs_text_real(r->measured, 3, a), fs_text_real(r->predicted, 3, b));
    }
    fs_figure_set_text(stream, "rate_text", text, sizeof text);
    fprintf(stream, "has_bound = %d\n", bound);
}

static void common_variables(FILE *stream, const fs_report_head *head, const fs_run *run)
{
    char text[400], number[FS_TEXT_NUMBER];
    fs_figure_set_title(stream, head);
    int n = snprintf(text, sizeof text, "%.60s, dim E = %zu, dim N = %zu", head->group ? head->group : "", head->dim_E, head->dim_N);
    if (run->n_gamma == 1 && n > 0 && (size_t)n < sizeof text)
        n += snprintf(text + n, sizeof text - (size_t)n, ", γ = %s", fs_text_short(run->gamma[0], number));
    if (n > 0 && (size_t)n < sizeof text) {
        if (run->n_seed == 1 && head->weights) snprintf(text + n, sizeof text - (size_t)n, ", weights from a file");
        else if (run->n_seed == 1) snprintf(text + n, sizeof text - (size_t)n, ", seed %llu", (unsigned long long)run->seed[0]);
        else snprintf(text + n, sizeof text - (size_t)n, ", medians over %zu seeds", run->n_seed);
    }
    fs_figure_set_text(stream, "subtitle_text", text, sizeof text);
    fs_figure_set_number(stream, "t_end", last_time(run));
    fs_figure_set_number(stream, "rounding", rounding_of(run));
    set_flows(stream, "flows", run, 1);
    set_flows(stream, "flows_off_E", run, 0);
}

static void sweep_variables(FILE *stream, const fs_run *run)
{
    char number[FS_TEXT_NUMBER];
    size_t rows = (run->n_gamma + 5) / 6;
    fprintf(stream, "rows = %zu\nfigure_height = %zu\n", rows, 160 + 360 * rows);
    fprintf(stream, "n_gamma = %zu\nn_seed = %zu\ngamma_texts = '", run->n_gamma, run->n_seed);
    for (size_t g = 0; g < run->n_gamma; g++) fprintf(stream, "%s%s", g ? " " : "", fs_text_short(run->gamma[g], number));
    fputs("'\n", stream);
}

/* --- the plan --------------------------------------------------------------------------------- */

typedef struct {
    const fs_report_head *head;
    const fs_run *run;
    int list;
    double *buffer;             /* n_seed */
    fs_figure_range risk, distance;
} figure;

static void write_data(FILE *stream, void *context)
{
    figure *f = context;
    if (f->list) sweep_data(stream, f->run, f->buffer, &f->distance);
    else run_data(stream, f->run, &f->risk, &f->distance);
}

static void write_variables(FILE *stream, void *context)
{
    const figure *f = context;
    common_variables(stream, f->head, f->run);
    set_decades(stream, f->distance, rounding_of(f->run));
    if (f->list) {
        sweep_variables(stream, f->run);
        return;
    }
    int drawn = f->risk.low <= f->risk.high;        /* not when no risk is a number */
    fs_figure_set_number(stream, "risk_low", drawn ? f->risk.low : 0.0);
    fs_figure_set_number(stream, "risk_high", drawn ? f->risk.high : 1.0);
    fs_figure_set_number(stream, "t_distance", distance_time(f->run));
    run_rates(stream, f->run);
}

fs_status fs_figure_draw_run(fs_figure *out, fs_folder *folder, const fs_report_head *head, const fs_run *run,
                             const fs_figure_options *options, fs_err *err)
{
    const double none = (double)NAN;
    figure f = { head, run, run->n_gamma * run->n_seed > 1, NULL, { none, none }, { none, none } };
    const fs_figure_plan plan = { f.list ? "sweep.gp" : "run.gp", write_data, write_variables, &f };
    f.buffer = fs_calloc(run->n_seed, sizeof *f.buffer);
    if (!f.buffer) return fs_fail(err, FS_ENOMEM, "figure of %zu seeds", run->n_seed);
    fs_status status = fs_figure_draw(out, folder, options, &plan, err);
    free(f.buffer);
    return status;
}
