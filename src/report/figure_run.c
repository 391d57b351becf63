/* report/figure_run.c -- the picture of a run: risk and distance to E of one start, or one panel a gamma
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/figure_private.h"

#include "base/files.h"
#include "report/spread.h"
#include "report/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

static const double room = 1e2;         /* a bound is shown up to so many times the largest |Y| */
enum { POINTS = 2000, BAND = 4 };       /* BAND: seeds that a band needs */

/* --- data ------------------------------------------------------------------------------- */

static void point(FILE *stream, double t, double value)
{
    fs_figure_row(stream, 2, (const double[]){ t, value });
}

void fs_figure_block(FILE *stream, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("# ", stream);
    vfprintf(stream, format, arguments);
    fputs(";\n", stream);
    va_end(arguments);
}

void fs_figure_end_block(FILE *stream, size_t count, size_t columns)
{
    for (size_t i = 0; i < columns && !count; i++) fputs(i ? " NaN" : "NaN", stream);
    fputs(count ? "\n\n" : "\n\n\n", stream);
}

size_t fs_figure_distance_curve(FILE *stream, const fs_trajectory *T, double t_last, fs_figure_range *shown)
{
    size_t n = T->n_steps_kept ? T->n_steps_kept : T->n_rows;
    while (n > 1 && (T->n_steps_kept ? T->step_t[n - 2] : T->row[n - 2].t) > t_last) n--;          /* one point beyond, so that the curve leaves the panel */
    size_t stride = n / POINTS + 1, count = 0;
    for (size_t i = 0; i < n; i++) {
        if (i % stride && i + 1 < n) continue;
        count++;
        double t = T->n_steps_kept ? T->step_t[i] : T->row[i].t, distance = T->n_steps_kept ? T->step_distance[i] : T->row[i].distance;
        fs_figure_include(shown, distance, 1);
        point(stream, t, distance);
    }
    return count;
}

static void run_data(FILE *stream, const fs_run *run, fs_figure_range *risk, fs_figure_range *distance)
{
    fputs("# blocks: risk FLOW (t, risk), distance FLOW (t, |Y|), bound (t, Groenwall's bound on |Y| of the augmented flow)\n\n\n", stream);
    for (size_t i = 0; i < run->n; i++) {
        const fs_run_flow *f = &run->flow[i];
        const fs_trajectory *T = f->trajectory;
        if (!T) continue;
        fs_figure_block(stream, "risk %s", fs_flow_name(f->kind));
        for (size_t j = 0; j < T->n_rows; j++) {
            fs_figure_include(risk, T->row[j].risk, 0);
            point(stream, T->row[j].t, T->row[j].risk);
        }
        fs_figure_end_block(stream, T->n_rows, 2);
        fs_figure_block(stream, "distance %s", fs_flow_name(f->kind));
        fs_figure_end_block(stream, fs_figure_distance_curve(stream, T, (double)INFINITY, distance), 2);
        if (f->kind != FS_FLOW_AUGMENTED) continue;
        fs_figure_block(stream, "bound");
        for (size_t j = 0; j < f->rate.n_bound; j++) {
            if (f->rate.bound[j] <= room * T->distance_max) fs_figure_include(distance, f->rate.bound[j], 1);
            point(stream, f->rate.bound_t[j], f->rate.bound[j]);
        }
        fs_figure_end_block(stream, f->rate.n_bound, 2);
    }
}

/* Over the complete runs at each output time: the median; the quartiles of four runs or more. */
static void middle_curves(FILE *stream, const fs_run *run, size_t g, size_t k, double *buffer)
{
    const fs_trajectory *first = NULL;
    size_t complete = 0;
    for (size_t s = run->n_seed; s-- > 0;)
        if (fs_run_complete(fs_run_at(run, g, s, k))) {
            first = fs_run_at(run, g, s, k)->trajectory;
            complete++;
        }
    for (int band = 0; band < 2; band++) {
        size_t n = first && (!band || complete >= BAND) ? first->n_rows : 0;
        fs_figure_block(stream, "%s %s %zu", band ? "band" : "median", fs_flow_name(run->kind[k]), g);
        for (size_t i = 0; i < n; i++) {
            for (size_t s = 0; s < run->n_seed; s++) {
                const fs_run_flow *f = fs_run_at(run, g, s, k);
                buffer[s] = fs_run_complete(f) && i < f->trajectory->n_rows ? f->trajectory->row[i].distance : (double)NAN;
            }
            fs_spread spread = fs_spread_of(run->n_seed, buffer);
            if (band) fs_figure_row(stream, 3, (const double[]){ first->row[i].t, spread.lower, spread.upper });
            else fs_figure_row(stream, 4, (const double[]){ first->row[i].t, spread.median, spread.min, spread.max });
        }
        fs_figure_end_block(stream, n, band ? 3 : 4);
    }
}

static void sweep_data(FILE *stream, const fs_run *run, double *buffer, fs_figure_range *distance)
{
    fputs("# blocks: single FLOW G S (t, |Y|), median FLOW G (t, median, smallest, largest |Y| over the seeds), band FLOW G (t, quartiles of |Y| over four seeds or\n"
          "# more, by linear interpolation between order statistics); G, S count from 0; runs that did not finish are left out\n\n\n", stream);
    for (size_t g = 0; g < run->n_gamma; g++)
        for (size_t k = 0; k < run->n_kinds; k++) {
            if (run->kind[k] == FS_FLOW_EQUIVARIANT) continue;
            for (size_t s = 0; s < run->n_seed; s++) {
                const fs_run_flow *f = fs_run_at(run, g, s, k);
                fs_figure_block(stream, "single %s %zu %zu", fs_flow_name(run->kind[k]), g, s);
                fs_figure_end_block(stream, fs_run_complete(f) ? fs_figure_distance_curve(stream, f->trajectory, (double)INFINITY, distance) : 0, 2);
            }
            middle_curves(stream, run, g, k, buffer);
        }
}

/* --- variables ----------------------------------------------------------------------------- */

/* Does flow k of the run have a distance that stands on a logarithmic axis? */
static int leaves_E(const fs_run *run, size_t k)
{
    for (size_t i = k; i < run->n; i += run->n_kinds) {
        const fs_trajectory *T = run->flow[i].trajectory;
        for (size_t j = 0; T && j < T->n_steps_kept; j++)
            if (isfinite(T->step_distance[j]) && T->step_distance[j] > 0.0) return 1;
    }
    return 0;
}

/* "nominal augmented": the flows of the run in its order; without those on E when on_E is 0. */
static void set_flows(FILE *stream, const char *name, const fs_run *run, int on_E)
{
    const char *blank = "";
    fprintf(stream, "%s = '", name);
    for (size_t k = 0; k < run->n_kinds; k++) {
        if (!on_E && (run->kind[k] == FS_FLOW_EQUIVARIANT || !leaves_E(run, k))) continue;
        fprintf(stream, "%s%s", blank, fs_flow_name(run->kind[k]));
        blank = " ";
    }
    fputs("'\n", stream);
}

double fs_figure_rounding(const fs_run *run)
{
    double largest = (double)NAN;
    for (size_t i = 0; i < run->n; i++) {
        const fs_trajectory *T = run->flow[i].trajectory;
        if (T && run->flow[i].kind != FS_FLOW_EQUIVARIANT && T->atol_N > 0.0 && !(T->atol_N <= largest)) largest = T->atol_N;
    }
    return largest;
}

double fs_figure_last_time(const fs_run *run)
{
    double t = 0.0;
    for (size_t i = 0; i < run->n; i++) {
        const fs_trajectory_row *last = fs_run_last(&run->flow[i]);
        if (last && last->t > t) t = last->t;
    }
    return t > 0.0 ? t : 1.0;
}

void fs_figure_set_decades(FILE *stream, fs_figure_range distance, double rounding)
{
    fprintf(stream, "distance_drawn = %d\n", distance.low > 0.0);
    if (distance.low <= 1e4 * rounding) fs_figure_include(&distance, rounding, 1);
    if (distance.low < 0.1 * rounding) distance.low = 0.1 * rounding;        /* below that there is only noise */
    if (!(distance.low > 0.0)) fs_figure_include(&distance, 1.0, 1);
    if (!(distance.low < distance.high)) fs_figure_include(&distance, 10.0 * distance.low, 1);
    fs_figure_set_number(stream, "distance_low", pow(10.0, floor(log10(0.5 * distance.low))));
    fs_figure_set_number(stream, "distance_high", pow(10.0, ceil(log10(2.0 * distance.high))));
}

double fs_figure_time(double wanted, double all)
{
    static const double nice[] = { 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0 };
    double decade = fs_figure_decade(wanted), shown = 10.0 * decade;
    for (size_t i = sizeof nice / sizeof *nice; i-- > 0;)
        if (wanted <= nice[i] * decade * (1.0 + 1e-9)) shown = nice[i] * decade;
    return 2.0 * shown <= all ? shown : all;
}

static void raise_to(double *most, double value)
{
    if (value > *most) *most = value;
}

/* The last time at which a risk is not yet within a hundredth of the axis of where it ends. */
static double risk_changes(const fs_run *run, fs_figure_range shown)
{
    double last = 0.0;
    for (size_t i = 0; i < run->n; i++) {
        const fs_trajectory *T = run->flow[i].trajectory;
        size_t n = T ? T->n_rows : 0;
        while (n > 0 && fabs(T->row[n - 1].risk - T->row[T->n_rows - 1].risk) <= 0.01 * (shown.high - shown.low)) n--;
        if (n > 0) raise_to(&last, T->row[n < T->n_rows ? n : n - 1].t);
    }
    return last;
}

/* The same of log |Y| above rounding. */
static double distance_changes(const fs_run *run, fs_figure_range shown)
{
    double last = 0.0;
    for (size_t i = 0; i < run->n; i++) {
        const fs_trajectory *T = run->flow[i].trajectory;
        if (!T || run->flow[i].kind == FS_FLOW_EQUIVARIANT || !T->n_steps_kept) continue;
        const double *distance = T->step_distance, least = T->atol_N > shown.low ? T->atol_N : shown.low, apart = 0.01 * log(shown.high / least);
        size_t n = T->n_steps_kept;
        double end = log(distance[n - 1] > least ? distance[n - 1] : least);
        while (n > 0 && fabs(log(distance[n - 1] > least ? distance[n - 1] : least) - end) <= apart) n--;
        if (n > 0) raise_to(&last, T->step_t[n < T->n_steps_kept ? n : n - 1]);
    }
    return last;
}

/* How much of t a panel shows: half as much again as its curves take to settle, where that is half of t or less; else all of it. */
static double settled_time(double last, double all)
{
    return last > 0.0 ? fs_figure_time(1.5 * last, all) : all;
}

/* Three times what the augmented flow needs to reach rounding, so that its slope and the bound can be read; all of t where it does not. */
static double rounding_time(const fs_run *run, double all)
{
    for (size_t i = 0; i < run->n; i++) {
        const fs_trajectory *T = run->flow[i].trajectory;
        for (size_t j = 0; run->flow[i].kind == FS_FLOW_AUGMENTED && T && j < T->n_steps_kept; j++)
            if (T->atol_N > 0.0 && T->step_distance[j] <= T->atol_N && T->step_t[j] > 0.0) return fs_figure_time(3.0 * T->step_t[j], all);
    }
    return all;
}

/* Returns what the panel of distances shows. */
static double set_times(FILE *stream, const fs_run *run, fs_figure_range risk, fs_figure_range distance)
{
    double all = fs_figure_last_time(run), shown = all;
    if (distance.low > 0.0) {
        double rounding = rounding_time(run, all), settled = settled_time(distance_changes(run, distance), all);
        shown = rounding < settled ? rounding : settled;
    }
    fs_figure_set_number(stream, "t_risk", settled_time(risk_changes(run, risk), all));
    fs_figure_set_number(stream, "t_distance", shown);
    return shown;
}

int fs_figure_approached(const fs_run_flow *f)
{
    const fs_trajectory_row *last = fs_run_last(f);
    return last && (fs_run_at_rounding(f, last->distance) || last->distance <= 1e-3 * f->trajectory->first.distance);
}

/* A bound that leaves the panel: where it would end (infinite: NaN), and whether that is said on the left, because the curve leaves late. */
static void set_bound(FILE *stream, const fs_rate *r, fs_figure_range shown, double t_shown)
{
    char number[FS_TEXT_NUMBER];
    size_t n = r ? r->n_bound : 0, i = 0;
    double end = n > 1 ? r->bound[n - 1] : 0.0;
    while (i < n && !(r->bound[i] > 0.1 * room * shown.high)) i++;
    fprintf(stream, "has_bound = %d\nbound_leaves = %d\nbound_late = %d\n", n > 1, end > 10.0 * shown.high, i == n || r->bound_t[i] > 0.5 * t_shown);
    fs_figure_set_number(stream, "bound_end", isfinite(end) ? strtod(fs_text_power(end, 0, number), NULL) : end);      /* one digit: no point in any locale */
}

static void run_rates(FILE *stream, const fs_run *run, fs_figure_range shown, double t_shown)
{
    char text[200] = "", a[FS_TEXT_NUMBER], b[FS_TEXT_NUMBER];
    const fs_rate *bound = NULL;
    for (size_t i = 0; i < run->n; i++) {
        const fs_rate *r = &run->flow[i].rate;
        if (run->flow[i].kind != FS_FLOW_AUGMENTED) continue;
        bound = r;
        if (fs_figure_approached(&run->flow[i]) && isfinite(r->measured) && isfinite(r->predicted))
            snprintf(text, sizeof text, "; augmented rate %s, predicted %s", fs_text_real(r->measured, 3, a), fs_text_real(r->predicted, 3, b));
    }
    fs_figure_set_text(stream, "rate_text", text, sizeof text);
    set_bound(stream, bound, shown, t_shown);
}

void fs_figure_set_run(FILE *stream, const fs_report_head *head, const fs_run *run)
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
    fs_figure_set_number(stream, "t_end", fs_figure_last_time(run));
    fs_figure_set_number(stream, "rounding", fs_figure_rounding(run));
    set_flows(stream, "flows", run, 1);
    set_flows(stream, "flows_off_E", run, 0);
}

/* Panels in a row: wide enough for their ticks. */
static size_t columns_of(size_t n)
{
    return n <= 5 ? n : n == 6 || n == 9 ? 3 : n == 10 ? 5 : 4;
}

/* What stands for a run that did not finish, and where there are four complete ones. */
static void sweep_counts(const fs_run *run, size_t *failed, int *band)
{
    *failed = 0;
    *band = 0;
    for (size_t g = 0; g < run->n_gamma; g++)
        for (size_t k = 0; k < run->n_kinds; k++) {
            size_t complete = 0;
            if (run->kind[k] == FS_FLOW_EQUIVARIANT) continue;
            for (size_t s = 0; s < run->n_seed; s++) complete += (size_t)fs_run_complete(fs_run_at(run, g, s, k));
            *failed += run->n_seed - complete;
            *band |= complete >= BAND;
        }
}

static void sweep_variables(FILE *stream, const fs_run *run)
{
    char number[FS_TEXT_NUMBER], text[80] = "";
    size_t columns = columns_of(run->n_gamma), rows = (run->n_gamma + columns - 1) / columns, failed;
    int band;
    sweep_counts(run, &failed, &band);
    if (failed) snprintf(text, sizeof text, "; left out: %zu run%s that did not finish", failed, failed > 1 ? "s" : "");
    fs_figure_set_text(stream, "failed_text", text, sizeof text);
    fprintf(stream, "columns = %zu\nrows = %zu\nif (!exists('figure_height')) figure_height = %zu\n", columns, rows, 150 + (rows == 1 ? 430 : 360) * rows);
    fprintf(stream, "n_panel = %zu\nn_single = %zu\nhas_band = %d\n", run->n_gamma, run->n_seed, band);
    fs_figure_set_number(stream, "x_end", fs_figure_last_time(run));
    fputs("x_text = 't'\nsingle_text = 'single seeds'\npanel_texts = '", stream);
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
    fs_figure_set_run(stream, f->head, f->run);
    fs_figure_set_decades(stream, f->distance, fs_figure_rounding(f->run));
    if (f->list) {
        sweep_variables(stream, f->run);
        return;
    }
    int drawn = f->risk.low <= f->risk.high;        /* not when no risk is a number */
    fs_figure_set_number(stream, "risk_low", drawn ? f->risk.low : 0.0);
    fs_figure_set_number(stream, "risk_high", drawn ? f->risk.high : 1.0);
    double shown = set_times(stream, f->run, f->risk, f->distance);
    run_rates(stream, f->run, f->distance, shown);
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
