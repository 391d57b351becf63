/* report/figure.c -- the picture of a run: data, script, and what gnuplot makes of them
 *
 * The scripts hold all drawing.  From here they get variables: texts as single-quoted strings, in which gnuplot neither
 * runs backquotes nor expands macros, and which the scripts print without markup.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/figure.h"

#include "base/files.h"
#include "report/gnuplot.h"
#include "report/spread.h"
#include "report/text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIGURE_DATA "figure.dat"
#define FIGURE_SCRIPT "figure.gp"
enum { POINTS = 2000, LARGEST_SCRIPT = 1 << 20 };

static const struct { const char *name, *file, *magic; } formats[] = {
    { "png", "figure.png", "\x89PNG" },
    { "svg", "figure.svg", "<?xml" },
    { "pdf", "figure.pdf", "%PDF-" },
};
enum { FORMATS = sizeof formats / sizeof *formats };

static size_t find_format(const char *name)
{
    size_t i = 0;
    while (i < FORMATS && strcmp(formats[i].name, name) != 0) i++;
    return i;
}

int fs_figure_knows(const char *format)
{
    return find_format(format) < FORMATS || strcmp(format, "none") == 0;
}

/* --- data ------------------------------------------------------------------------------- */

/* The smallest and largest value that can stand on an axis. */
typedef struct { double low, high; } range;

static void include(range *r, double value, int logarithmic)
{
    if (!isfinite(value) || (logarithmic && !(value > 0.0))) return;
    if (!(r->low <= value)) r->low = value;
    if (!(r->high >= value)) r->high = value;
}

static void point(FILE *stream, double t, double value)
{
    char a[FS_TEXT_NUMBER], b[FS_TEXT_NUMBER];
    fprintf(stream, "%s %s\n", fs_number_format(t, a), fs_number_format(value, b));
}

/* Every accepted step where they were kept, else every output time; thinned to POINTS, the last one always there. */
static void distance_curve(FILE *stream, const fs_trajectory *T, range *shown)
{
    size_t n = T->n_steps_kept ? T->n_steps_kept : T->n_rows, stride = n / POINTS + 1;
    for (size_t i = 0; i < n; i++) {
        if (i % stride && i + 1 < n) continue;
        double t = T->n_steps_kept ? T->step_t[i] : T->row[i].t, distance = T->n_steps_kept ? T->step_distance[i] : T->row[i].distance;
        include(shown, distance, 1);
        point(stream, t, distance);
    }
}

/* gnuplot finds a block by its first comment line; the ';' keeps "1" from meaning "10" as well. */
static void run_data(FILE *stream, const fs_run *run, range *risk, range *distance)
{
    fputs("# blocks: risk FLOW (t, risk), distance FLOW (t, |Y|), bound (t, Groenwall's bound on |Y| of the augmented flow)\n\n\n", stream);
    for (size_t i = 0; i < run->n; i++) {
        const fs_run_flow *f = &run->flow[i];
        const fs_trajectory *T = f->trajectory;
        if (!T) continue;
        fprintf(stream, "# risk %s;\n", fs_flow_name(f->kind));
        for (size_t j = 0; j < T->n_rows; j++) {
            include(risk, T->row[j].risk, 0);
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

static void sweep_data(FILE *stream, const fs_run *run, double *buffer, range *distance)
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

static void set_number(FILE *stream, const char *name, double value)
{
    char number[FS_TEXT_NUMBER];
    fprintf(stream, "%s = %s\n", name, isfinite(value) ? fs_text_short(value, number) : "NaN");
}

/* A single-quoted string: only the quote itself has a meaning inside, and is doubled. */
static void set_text(FILE *stream, const char *name, const char *text, size_t size)
{
    char line[512];
    fprintf(stream, "%s = '", name);
    fs_text_line(text, size < sizeof line ? size : sizeof line, line);
    for (const char *c = line; *c; c++) {
        if (*c == '\'') fputc('\'', stream);
        fputc(*c, stream);
    }
    fputs("'\n", stream);
}

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
static void set_decades(FILE *stream, range distance, double rounding)
{
    fprintf(stream, "distance_drawn = %d\n", distance.low > 0.0);
    if (distance.low <= 1e4 * rounding) include(&distance, rounding, 1);
    if (!(distance.low > 0.0)) include(&distance, 1.0, 1);
    if (!(distance.low < distance.high)) include(&distance, 10.0 * distance.low, 1);
    set_number(stream, "distance_low", pow(10.0, floor(log10(0.5 * distance.low))));
    set_number(stream, "distance_high", pow(10.0, ceil(log10(2.0 * distance.high))));
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
    set_text(stream, "rate_text", text, sizeof text);
    fprintf(stream, "has_bound = %d\n", bound);
}

static void common_variables(FILE *stream, const fs_report_head *head, const fs_run *run, const char *format)
{
    char text[400], number[FS_TEXT_NUMBER];
    fprintf(stream,
            "# " FIGURE_SCRIPT " -- drawn by flowsim; change what you like and draw again:  gnuplot " FIGURE_SCRIPT "\n\n"
            "if (!exists('figure_format')) figure_format = '%s'\n"
            "if (!exists('figure_file')) figure_file = 'figure.'.figure_format\n"
            "data = '" FIGURE_DATA "'\n", format);
    set_text(stream, "title_text", head->title && *head->title ? head->title : head->model, 76);
    int n = snprintf(text, sizeof text, "%.60s, dim E = %zu, dim N = %zu", head->group ? head->group : "", head->dim_E, head->dim_N);
    if (run->n_gamma == 1 && n > 0 && (size_t)n < sizeof text)
        n += snprintf(text + n, sizeof text - (size_t)n, ", γ = %s", fs_text_short(run->gamma[0], number));
    if (n > 0 && (size_t)n < sizeof text) {
        if (run->n_seed == 1 && head->weights) snprintf(text + n, sizeof text - (size_t)n, ", weights from a file");
        else if (run->n_seed == 1) snprintf(text + n, sizeof text - (size_t)n, ", seed %llu", (unsigned long long)run->seed[0]);
        else snprintf(text + n, sizeof text - (size_t)n, ", medians over %zu seeds", run->n_seed);
    }
    set_text(stream, "subtitle_text", text, sizeof text);
    set_number(stream, "t_end", last_time(run));
    set_number(stream, "rounding", rounding_of(run));
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

/* --- script -------------------------------------------------------------------------------- */

/* *text is the script scripts/name.  A missing one is no failure of the run: *text is then NULL and note says so. */
static fs_status read_script(const char *scripts, const char *name, char **text, char *note, size_t size, fs_err *err)
{
    size_t length;
    char path[4096];
    fs_err why;
    *text = NULL;
    if ((size_t)snprintf(path, sizeof path, "%s/%s", scripts, name) >= sizeof path) {
        snprintf(note, size, "the name of the folder of figure scripts is too long");
        return FS_OK;
    }
    fs_status status = fs_file_read(path, LARGEST_SCRIPT, text, &length, &why);
    if (status == FS_OK) return FS_OK;
    *text = NULL;
    if (status == FS_ENOMEM) return fs_fail(err, status, "%s", why.text);
    snprintf(note, size, "a script for the figure cannot be read: %.400s", why.text);
    return FS_OK;
}

typedef struct {
    const fs_report_head *head;
    const fs_run *run;
    const fs_figure_options *options;
    int list;
    double *buffer;             /* n_seed */
    range risk, distance;
} figure;

static fs_status write_data(figure *f, fs_folder *folder, fs_err *err)
{
    const char *path;
    fs_output *o;
    FS_TRY(fs_folder_file(folder, FIGURE_DATA, &path, err));
    FS_TRY(fs_output_open(&o, path, err));
    if (f->list) sweep_data(fs_output_stream(o), f->run, f->buffer, &f->distance);
    else run_data(fs_output_stream(o), f->run, &f->risk, &f->distance);
    return fs_output_commit(o, err);
}

static fs_status write_script(const figure *f, const char *style, const char *body, fs_folder *folder, fs_err *err)
{
    const char *path;
    fs_output *o;
    FS_TRY(fs_folder_file(folder, FIGURE_SCRIPT, &path, err));
    FS_TRY(fs_output_open(&o, path, err));
    FILE *stream = fs_output_stream(o);
    common_variables(stream, f->head, f->run, f->options->format);
    set_decades(stream, f->distance, rounding_of(f->run));
    if (f->list) {
        sweep_variables(stream, f->run);
    } else {
        int drawn = f->risk.low <= f->risk.high;        /* not when no risk is a number */
        set_number(stream, "risk_low", drawn ? f->risk.low : 0.0);
        set_number(stream, "risk_high", drawn ? f->risk.high : 1.0);
        set_number(stream, "t_distance", distance_time(f->run));
        run_rates(stream, f->run);
    }
    fprintf(stream, "\n%s\n%s", style, body);
    return fs_output_commit(o, err);
}

/* The picture starts as its format must, and so is neither empty nor something else. */
static int has_magic(const char *path, const char *magic)
{
    char start[8] = "";
    FILE *stream = fopen(path, "rb");
    if (!stream) return 0;
    size_t n = fread(start, 1, strlen(magic), stream);
    fclose(stream);
    return n == strlen(magic) && memcmp(start, magic, n) == 0;
}

static fs_status draw(fs_figure *out, fs_folder *folder, const fs_figure_options *options, fs_err *err)
{
    size_t k = find_format(options->format);
    char name[48], definition[80], temporary[4200];
    const char *path;
    FS_TRY(fs_folder_file(folder, formats[k].file, &path, err));
    snprintf(name, sizeof name, "%s.tmp-%ld", formats[k].file, (long)getpid());
    snprintf(definition, sizeof definition, "figure_file='%s'", name);
    snprintf(temporary, sizeof temporary, "%s/%s", fs_folder_path(folder), name);
    if (fs_gnuplot_run(options->gnuplot ? options->gnuplot : "gnuplot", fs_folder_path(folder), definition, FIGURE_SCRIPT,
                       options->limit_s > 0.0 ? options->limit_s : 30.0, out->note, sizeof out->note)) {
        if (!has_magic(temporary, formats[k].magic))
            snprintf(out->note, sizeof out->note, "gnuplot ended well, but drew no %s picture", options->format);
        else if (rename(temporary, path) != 0)
            snprintf(out->note, sizeof out->note, "the picture could not be renamed: %s", strerror(errno));
        else out->made = 1;
    }
    if (out->made) {
        snprintf(out->file, sizeof out->file, "%s", formats[k].file);
    } else {
        unlink(temporary);
        fs_folder_forget(folder, formats[k].file);
    }
    return FS_OK;
}

fs_status fs_figure_draw_run(fs_figure *out, fs_folder *folder, const fs_report_head *head, const fs_run *run,
                             const fs_figure_options *options, fs_err *err)
{
    const double none = (double)NAN;
    figure f = { head, run, options, run->n_gamma * run->n_seed > 1, NULL, { none, none }, { none, none } };
    char *style = NULL, *body = NULL;
    *out = (fs_figure){ 0 };
    if (!fs_figure_knows(options->format))
        return fs_fail(err, FS_EINPUT, "expected a figure format png, svg, pdf or none, found \"%s\"", options->format);
    if (strcmp(options->format, "none") == 0) return FS_OK;
    fs_status status = FS_ENOMEM;
    f.buffer = fs_calloc(run->n_seed, sizeof *f.buffer);
    if (!f.buffer) {
        fs_fail(err, status, "figure of %zu seeds", run->n_seed);
        goto done;
    }
    if ((status = write_data(&f, folder, err)) != FS_OK) goto done;
    status = read_script(options->scripts, "style.gp", &style, out->note, sizeof out->note, err);
    if (status != FS_OK || !style) goto done;
    status = read_script(options->scripts, f.list ? "sweep.gp" : "run.gp", &body, out->note, sizeof out->note, err);
    if (status != FS_OK || !body) goto done;
    if ((status = write_script(&f, style, body, folder, err)) != FS_OK) goto done;
    status = draw(out, folder, options, err);
done:
    free(f.buffer);
    free(style);
    free(body);
    return status;
}
