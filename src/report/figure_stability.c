/* report/figure_stability.c -- the pictures of spectra and of critical gammas
 *
 * Both show what lies near zero beside what is a thousand times larger: their axes may be asinh axes (fs_figure_set_axis).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/stability.h"

#include "base/files.h"
#include "report/figure_plan.h"
#include "report/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_COLUMNS = 12, MOST_EXPONENTS = 4, NAME = 20 };

/* --- spectrum: what is drawn --------------------------------------------------------------- */

typedef struct {
    const fs_report_head *head;
    const fs_stability *s;
    size_t n_columns, left_out, critical;   /* critical: column of the block that goes critical first, from 1; 0: none */
    const fs_spectrum_block *column[MOST_COLUMNS + 2];
    fs_figure_range shown, path;
    double smallest, largest;               /* by magnitude: the smallest decided eigenvalue, the largest of all */
    size_t positive[2], negative, undecided;    /* how many are drawn; positive: on E, elsewhere */
} spectrum_figure;

/* How many of the irreducibles go critical before this one. */
static size_t rank_of(const fs_spectrum *S, size_t first, size_t i)
{
    size_t rank = 0;
    for (size_t j = first; j < S->n_blocks; j++) rank += S->block[j].lowest < S->block[i].lowest;
    return rank;
}

/* E, N, then the irreducibles; of many those with the lowest eigenvalues. */
static void choose_columns(spectrum_figure *f, const fs_spectrum *S)
{
    f->column[f->n_columns++] = &S->E;
    f->column[f->n_columns++] = &S->N;
    size_t first = S->n_blocks && S->block[0].dim == S->E.dim;
    for (size_t i = first; i < S->n_blocks; i++) {
        if (!S->block[i].dim) continue;
        if (f->n_columns < MOST_COLUMNS + 2 && (S->n_blocks - first <= MOST_COLUMNS || rank_of(S, first, i) < MOST_COLUMNS)) {
            f->column[f->n_columns++] = &S->block[i];
            if (i == S->critical) f->critical = f->n_columns;
        } else {
            f->left_out++;
        }
    }
}

/* The place lies on E, where gamma adds to H_N and to nothing else. */
static int on_E(const fs_stability_point *p)
{
    return p->at && (p->at->kind == FS_FLOW_EQUIVARIANT || !(p->at->distance > 0.0));
}

static void block_data(FILE *stream, spectrum_figure *f, size_t column)
{
    const fs_spectrum_block *b = f->column[column];
    for (size_t i = 0; i < b->count; i++) {
        fs_sign sign = fs_sign_of(b->value[i], b->error[i]);
        double size = fabs(b->value[i]), error = isfinite(b->error[i]) ? b->error[i] : 0.0;
        if (!isfinite(b->value[i])) continue;
        fs_figure_include(&f->shown, b->value[i] - error, 0);
        fs_figure_include(&f->shown, b->value[i] + error, 0);
        f->positive[column > 0] += sign == FS_SIGN_POSITIVE;
        f->negative += sign == FS_SIGN_NEGATIVE;
        f->undecided += sign == FS_SIGN_UNDECIDED;
        if (!(f->largest >= size)) f->largest = size;
        if (sign != FS_SIGN_UNDECIDED && !(f->smallest <= size)) f->smallest = size;
        fs_figure_row(stream, 4, (const double[]){ (double)column + 1.0, b->value[i], error, (double)sign - 1.0 });
    }
}

/* -exponent beside lambda_min: both are rates of decay towards E, now and in the mean up to t. */
static void path_data(FILE *stream, spectrum_figure *f)
{
    const fs_stability_path *p = &f->s->path;
    for (size_t i = 0; i < p->n; i++) {
        double row[2 + MOST_EXPONENTS] = { p->t[i], p->lambda_min[i] };
        size_t n = p->exponents < MOST_EXPONENTS ? p->exponents : MOST_EXPONENTS;
        for (size_t k = 0; k < n; k++) row[2 + k] = -p->exponent[i * p->exponents + k];
        for (size_t k = 1; k < 2 + n; k++) fs_figure_include(&f->path, row[k], 0);
        fs_figure_row(stream, 2 + n, row);
    }
}

static void spectrum_data(FILE *stream, void *context)
{
    spectrum_figure *f = context;
    fputs("# blocks: eigenvalues (column, eigenvalue, error, sign: -1, 0 undecided, 1), path (t, lambda_min of H_N, -exponents, largest first)\n\n\n"
          "# eigenvalues;\n", stream);
    for (size_t k = 0; k < f->n_columns; k++) block_data(stream, f, k);
    fputs("\n\n# path;\n", stream);
    path_data(stream, f);
}

/* --- spectrum: what the script is told ------------------------------------------------------- */

/* An asinh axis where the smallest eigenvalues would be lost on a linear one; linear within a ten thousandth of the largest at most. */
static double spectrum_scale(const spectrum_figure *f)
{
    if (!(f->smallest < 0.01 * f->largest)) return 0.0;
    double finest = 1e-4 * f->largest;
    return fs_figure_decade(f->smallest > finest ? f->smallest : finest);
}

/* A decade of t or more before the tenth part of all of it: times that were spread by their logarithm. */
static int logarithmic_times(const fs_stability_path *p)
{
    size_t early = 0, positive = 0;
    double first = (double)NAN;
    for (size_t i = 0; i < p->n; i++) {
        if (!(p->t[i] > 0.0)) continue;
        if (!positive++) first = p->t[i];
        early += p->t[i] < 0.1 * p->t[p->n - 1];
    }
    return 2 * early > positive && p->t[p->n - 1] > 100.0 * first;
}

static void set_columns(FILE *stream, const spectrum_figure *f)
{
    char name[40], text[80], line[NAME + 4];
    fs_figure_set_count(stream, "n_columns", f->n_columns);
    fs_figure_set_count(stream, "critical_column", f->critical);
    for (size_t k = 0; k < f->n_columns; k++) {
        const fs_spectrum_block *b = f->column[k];
        snprintf(name, sizeof name, "column_name_%zu", k + 1);
        fs_figure_set_text(stream, name, fs_text_line(b->name, sizeof line, line), sizeof line);
        if (b->copies > 1) snprintf(text, sizeof text, "%zu × %zu", b->copies, b->multiplicity);
        else snprintf(text, sizeof text, "%zu", b->dim);
        snprintf(name, sizeof name, "column_size_%zu", k + 1);
        fs_figure_set_text(stream, name, text, sizeof text);
    }
}

static void set_subtitle(FILE *stream, const spectrum_figure *f)
{
    static const char *const places[] = {
        [FS_AT_STATIONARY] = "no stationary point found", [FS_AT_START] = "at the start", [FS_AT_END] = "at the end of the flow",
    };
    const fs_stability *s = f->s;
    const fs_stability_point *p = s->n_points ? &s->point[0] : NULL;
    char text[400], number[FS_TEXT_NUMBER], place[80], gamma[60] = "", end[120] = "";
    int found = s->where == FS_AT_STATIONARY && p && p->at && p->at->outcome == FS_SEARCH_FOUND;
    snprintf(place, sizeof place, "%s", places[s->where]);
    if (s->where == FS_AT_STATIONARY && p && p->at && p->at->outcome == FS_SEARCH_SEPARABLE)
        snprintf(place, sizeof place, "no finite minimum: the data are separated");
    if (found && p->on_E == FS_POINT_UNKNOWN) snprintf(place, sizeof place, "stationary point");
    else if (found) snprintf(place, sizeof place, "stationary point: %s on E", fs_point_name(p->on_E));
    if (s->gamma > 0.0) snprintf(gamma, sizeof gamma, "; γ = %s", fs_text_short(s->gamma, number));
    if (p && isfinite(p->gamma_critical))
        snprintf(end, sizeof end, ", critical γ %s %s%s", isfinite(p->gamma_error) ? "=" : "≥", p->gamma_critical < 0.0 ? "−" : "",
                 fs_text_real(fabs(p->gamma_critical), 4, number));
    snprintf(text, sizeof text, "%.60s, dim E = %zu, dim N = %zu%s; %s%s", f->head->group ? f->head->group : "", f->head->dim_E, f->head->dim_N,
             gamma, place, end);
    fs_figure_set_text(stream, "subtitle_text", text, sizeof text);
}

/* gamma_line: 0 none, 1 drawn, 2 so far below that it would press the eigenvalues together.  Returns it. */
static size_t set_eigenvalues(FILE *stream, spectrum_figure *f)
{
    const fs_stability *s = f->s;
    const double gamma = s->gamma, room = 0.6 * (f->shown.high - f->shown.low);
    fs_figure_set_count(stream, "n_on_E", f->positive[0]);
    fs_figure_set_count(stream, "n_on_N", f->positive[1]);
    fs_figure_set_count(stream, "n_negative", f->negative);
    fs_figure_set_count(stream, "n_undecided", f->undecided);
    fs_figure_set_count(stream, "eigenvalues_drawn", f->shown.low <= f->shown.high);
    fs_figure_include(&f->shown, 0.0, 0);
    double scale = spectrum_scale(f);
    size_t line = gamma > 0.0 && f->n_columns && on_E(&s->point[0]) && s->point[0].spectrum->dim_N && f->shown.low < f->shown.high;
    if (line && !(scale > 0.0) && !(gamma <= room - f->shown.low)) line = 2;
    if (line == 1) fs_figure_include(&f->shown, -gamma, 0);
    if (!(f->shown.low < f->shown.high)) f->shown = (fs_figure_range){ -1.0, 1.0 };
    fs_figure_set_axis(stream, f->shown, scale);
    fs_figure_set_number(stream, "gamma", gamma);
    fs_figure_set_count(stream, "gamma_line", line);
    return line;
}

/* 1, 2 or 5 times a power of ten: one to three ticks behind 0. */
static double time_step(double t)
{
    double step = fs_figure_decade(t);
    if (t >= 5.0 * step) return t >= 6.0 * step ? 5.0 * step : 2.0 * step;
    return t >= 3.0 * step ? 2.0 * step : t >= 2.0 * step ? step : 0.5 * step;
}

static void set_path(FILE *stream, spectrum_figure *f, size_t line)
{
    const fs_stability_path *p = &f->s->path;
    const double room = 0.6 * (f->path.high - f->path.low);
    size_t drawn = p->n > 1 && f->path.low <= f->path.high;
    fs_figure_set_count(stream, "has_path", drawn);
    fs_figure_set_count(stream, "n_exponents", p->exponents < MOST_EXPONENTS ? p->exponents : MOST_EXPONENTS);
    fs_figure_set_count(stream, "t_logarithmic", drawn && logarithmic_times(p));
    fs_figure_set_number(stream, "t_step", drawn && p->t[p->n - 1] > 0.0 ? time_step(p->t[p->n - 1]) : 1.0);
    fs_figure_include(&f->path, 0.0, 0);
    if (line && f->s->gamma <= room - f->path.low) fs_figure_include(&f->path, -f->s->gamma, 0);
    fs_figure_set_number(stream, "path_low", f->path.low);
    fs_figure_set_number(stream, "path_high", f->path.high > f->path.low ? f->path.high : f->path.low + 1.0);
}

static void spectrum_variables(FILE *stream, void *context)
{
    spectrum_figure *f = context;
    fputs("if (!exists('figure_height')) figure_height = 640\n", stream);
    fs_figure_set_title(stream, f->head);
    set_subtitle(stream, f);
    set_columns(stream, f);
    fs_figure_set_count(stream, "left_out", f->left_out);
    size_t line = set_eigenvalues(stream, f);
    set_path(stream, f, line);
}

fs_status fs_figure_draw_stability(fs_figure *out, fs_folder *folder, const fs_report_head *head, const fs_stability *s,
                                   const fs_figure_options *options, fs_err *err)
{
    const double none = (double)NAN;
    spectrum_figure f = { .head = head, .s = s, .shown = { none, none }, .path = { none, none }, .smallest = none, .largest = none };
    const fs_figure_plan plan = { "spectrum.gp", spectrum_data, spectrum_variables, &f };
    if (s->n_points && s->point[0].spectrum) choose_columns(&f, s->point[0].spectrum);
    return fs_figure_draw(out, folder, options, &plan, err);
}

/* --- critical: what is drawn ------------------------------------------------------------------- */

typedef struct {
    const fs_report_head *head;
    const fs_critical *c;
    size_t n_seeds;
    fs_figure_range gamma, distance;        /* on the axes */
    double typical;                         /* the smallest positive gamma*, else the largest gamma that escaped */
    size_t decided, broken, soft, bounds[3], outcomes[FS_ATTRACTION_COUNT];       /* how many there are to draw */
} critical_figure;

/* Distances are outermost: the seeds of the first one. */
static size_t seeds_of(const fs_critical *c)
{
    size_t n = 0;
    while (n < c->n_starts && !(c->start[n].distance > c->start[0].distance) && !(c->start[n].distance < c->start[0].distance)) n++;
    return n ? n : 1;
}

static void threshold_data(FILE *stream, critical_figure *f, size_t seed)
{
    fprintf(stream, "# start %zu;\n", seed);
    for (size_t i = seed; i < f->c->n_starts; i += f->n_seeds) {
        const fs_critical_start *s = &f->c->start[i];
        if (!isfinite(s->gamma_critical)) continue;
        f->decided++;
        f->soft += !s->decided;
        f->broken += !s->monotone;
        fs_figure_include(&f->gamma, s->gamma_critical, 0);
        if (s->gamma_critical > 0.0 && !(s->gamma_critical >= f->typical)) f->typical = s->gamma_critical;
        fs_figure_row(stream, 6, (const double[]){ s->distance, s->gamma_critical, s->bracket[0], s->bracket[1], s->monotone ? 1.0 : 0.0, s->decided ? 1.0 : 0.0 });
    }
    fputs("\n\n", stream);
}

/* What suffices for every seed: the largest, and nothing where one was not measured. */
static double largest(double a, double b)
{
    return isnan(a) || isnan(b) ? (double)NAN : a > b ? a : b;
}

static void bound_data(FILE *stream, critical_figure *f)
{
    fputs("# bounds;\n", stream);
    for (size_t i = 0; i < f->c->n_starts; i += f->n_seeds) {
        const fs_critical_start *s = &f->c->start[i];
        double bound[3] = { s->bound.tube, s->bound.bernoulli, s->bound.paper };
        for (size_t k = 1; k < f->n_seeds && i + k < f->c->n_starts; k++) {
            bound[0] = largest(bound[0], s[k].bound.tube);
            bound[1] = largest(bound[1], s[k].bound.bernoulli);
            bound[2] = largest(bound[2], s[k].bound.paper);
        }
        for (size_t k = 0; k < 3; k++) {
            fs_figure_include(&f->gamma, bound[k], 0);
            f->bounds[k] += isfinite(bound[k]) != 0;
        }
        fs_figure_row(stream, 4, (const double[]){ s->distance, bound[0], bound[1], bound[2] });
    }
    fputs("\n\n", stream);
}

static void run_data(FILE *stream, critical_figure *f, fs_attraction_outcome outcome)
{
    fprintf(stream, "# runs %s;\n", fs_attraction_name(outcome));
    for (size_t i = 0; i < f->c->n_starts; i++)
        for (size_t j = 0; j < f->c->start[i].n_runs; j++) {
            const fs_attraction *r = &f->c->start[i].run[j];
            if (r->outcome != outcome) continue;
            f->outcomes[outcome]++;
            fs_figure_include(&f->gamma, r->gamma, 0);
            fs_figure_row(stream, 2, (const double[]){ f->c->start[i].distance, r->gamma });
        }
    fputs("\n\n", stream);
}

static void critical_data(FILE *stream, void *context)
{
    critical_figure *f = context;
    fputs("# blocks: start K (|Y_0|, gamma*, its bracket, 1 if the good gammas are an interval, 1 if its lower end surely escaped), bounds (|Y_0|, tube, Bernoulli, paper:\n"
          "# largest over the seeds), runs OUTCOME (|Y_0|, gamma)\n\n\n", stream);
    for (size_t i = 0; i < f->c->n_starts; i++) fs_figure_include(&f->distance, f->c->start[i].distance, 1);
    for (size_t k = 0; k < f->n_seeds; k++) threshold_data(stream, f, k);
    bound_data(stream, f);
    for (int o = 0; o < FS_ATTRACTION_COUNT; o++) run_data(stream, f, (fs_attraction_outcome)o);
}

/* --- critical: what the script is told ----------------------------------------------------------- */

/* Bounds may be far above what they bound: linear up to gamma*, logarithmic beyond, where gamma* would stand in the lowest sixth of a linear axis. */
static double critical_scale(const critical_figure *f)
{
    return f->typical > 0.0 && f->gamma.high > 6.0 * f->typical ? fs_figure_decade(f->typical) : 0.0;
}

static void set_level(FILE *stream, critical_figure *f, const char *name, double value)
{
    if (value >= 0.0) fs_figure_include(&f->gamma, value, 0);
    fs_figure_set_number(stream, name, value);
}

/* The distances as ticks of a logarithmic axis, where they are few and far enough apart for their labels. */
static void set_distances(FILE *stream, const critical_figure *f)
{
    char text[200] = "", number[FS_TEXT_NUMBER];
    double last = (double)NAN, apart = 0.06 * log(f->distance.high / f->distance.low);
    size_t used = 0;
    for (size_t i = 0; i < f->c->n_starts; i += f->n_seeds) {
        double distance = f->c->start[i].distance;
        if (!(distance > 0.0) || log(distance / last) < apart || used + 20 > sizeof text) {
            text[0] = 0;
            break;
        }
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used ? " " : "", fs_figure_tick(distance, number));
        last = distance;
    }
    fs_figure_set_text(stream, "distances", text, sizeof text);
}

static void critical_variables(FILE *stream, void *context)
{
    critical_figure *f = context;
    static const char *const bound[] = { "has_tube", "has_bernoulli", "has_paper" };
    char text[300], seeds[60] = "";
    int known = f->distance.low <= f->distance.high;
    if (f->n_seeds > 1) snprintf(seeds, sizeof seeds, ", %zu seeds; bounds for all of them", f->n_seeds);
    else if (f->c->n_starts && !f->head->weights) snprintf(seeds, sizeof seeds, ", seed %" PRIu64, f->c->start[0].seed);
    else if (f->head->weights) snprintf(seeds, sizeof seeds, ", weights from a file");
    snprintf(text, sizeof text, "%.60s, dim E = %zu, dim N = %zu%s", f->head->group ? f->head->group : "", f->head->dim_E, f->head->dim_N, seeds);
    fputs("if (!exists('figure_height')) figure_height = 680\n", stream);
    fs_figure_set_title(stream, f->head);
    fs_figure_set_text(stream, "subtitle_text", text, sizeof text);
    fs_figure_set_count(stream, "n_seeds", f->n_seeds);
    fs_figure_set_count(stream, "n_decided", f->decided);
    fs_figure_set_count(stream, "n_broken", f->broken);
    fs_figure_set_count(stream, "n_soft", f->soft);
    for (size_t k = 0; k < 3; k++) fs_figure_set_count(stream, bound[k], f->bounds[k]);
    for (int o = 0; o < FS_ATTRACTION_COUNT; o++) fprintf(stream, "n_%s = %zu\n", fs_attraction_name((fs_attraction_outcome)o), f->outcomes[o]);
    set_level(stream, f, "gamma_equilibrium", f->c->gamma_critical);
    set_level(stream, f, "gamma_gen", f->c->gamma_gen);
    set_level(stream, f, "gamma_all", f->c->gamma_all);
    fs_figure_include(&f->gamma, 0.0, 0);
    fs_figure_set_count(stream, "anything", f->gamma.high > f->gamma.low || f->decided || f->outcomes[FS_ATTRACTED]);
    if (!(f->gamma.high > f->gamma.low)) f->gamma.high = f->gamma.low + 1.0;
    fs_figure_set_axis(stream, f->gamma, critical_scale(f));
    fs_figure_set_number(stream, "distance_low", known ? f->distance.low : 0.1);
    fs_figure_set_number(stream, "distance_high", known ? f->distance.high : 1.0);
    set_distances(stream, f);
    fs_figure_set_count(stream, "distance_logarithmic", known && f->distance.high > 10.0 * f->distance.low);
}

fs_status fs_figure_draw_critical(fs_figure *out, fs_folder *folder, const fs_report_head *head, const fs_critical *c,
                                  const fs_figure_options *options, fs_err *err)
{
    const double none = (double)NAN;
    critical_figure f = { .head = head, .c = c, .n_seeds = seeds_of(c), .gamma = { none, none }, .distance = { none, none }, .typical = none };
    const fs_figure_plan plan = { "critical.gp", critical_data, critical_variables, &f };
    return fs_figure_draw(out, folder, options, &plan, err);
}
