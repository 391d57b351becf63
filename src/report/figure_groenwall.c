/* report/figure_groenwall.c -- the picture of the chain of bounds: log |Y| against t, beside it the rates at which |Y| and each bound fall
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/bounds.h"
#include "report/figure_private.h"

#include <math.h>

enum { CURVE = 1000, DOTS = 16, RATES = 200, FEW = 4 };
static const double room = 30.0;        /* a bound is shown up to so many times the largest |Y| */

typedef struct {
    const fs_report_head *head;
    const fs_run *run;
    const fs_run_flow *augmented;
    double t_shown;
    fs_figure_range distance, rate;
    double far_below;           /* the rate of a bound that the panel of rates leaves out; NaN: none */
} figure;

/* --- data ------------------------------------------------------------------------------- */

static const char *const bound_name[] = { "path", "bernoulli", "paper" };

static const double *bound_curve(const fs_bounds *b, size_t k)
{
    const double *const value[] = { b->path, b->bernoulli, b->paper };
    return value[k];
}

/* The last time at which one of the bounds is there and in the panel. */
static double bounds_end(const fs_bounds *b, double largest)
{
    double end = 0.0;
    for (size_t i = 1; i < b->n; i++) {
        for (size_t k = 0; k < 3; k++)
            if (isfinite(bound_curve(b, k)[i]) && bound_curve(b, k)[i] <= room * largest) end = b->t[i];
    }
    return end;
}

/* A little more than the stretch on which |Y| is resolved; where the bounds end long before that, a few times what they last. */
static double time_shown(const fs_run *run, const fs_trajectory *T, const fs_bounds *b)
{
    double all = fs_figure_last_time(run), end = b->chain.n ? bounds_end(b, T->distance_max) : 0.0;
    if (!(b->t_last > 0.0)) return all;
    return fs_figure_time(end > 0.0 && FEW * end < b->t_last ? FEW * end : 1.1 * b->t_last, all);
}

/* One of the bounds, where it is finite: at the steps; evenly over t where the panel shows too few of those. */
static void curve(FILE *stream, figure *f, size_t k, double ceiling)
{
    const fs_bounds *b = f->run->bounds;
    int fine = b->chain.n && f->t_shown < b->t_last;
    size_t n = fine ? CURVE + 1 : b->n, stride = fine ? 1 : n / CURVE + 1, count = 0;
    fs_chain_walk walk = { .y = b->chain.delta };
    fs_figure_block(stream, "%s", bound_name[k]);
    for (size_t i = 0; i < n; i++) {
        double t = fine ? f->t_shown * (double)i / CURVE : b->t[i], value = fine ? (double)NAN : bound_curve(b, k)[i];
        if (fine) {
            fs_chain_bounds at = fs_chain_at(&b->chain, t, &walk);
            value = k == 0 ? at.path : k == 1 ? at.bernoulli : at.paper;
        }
        if ((i % stride && i + 1 < n) || !isfinite(value)) continue;
        if (value <= ceiling) fs_figure_include(&f->distance, value, 1);
        fs_figure_row(stream, 2, (const double[]){ t, value });
        count++;
    }
    fs_figure_end_block(stream, count, 2);
}

/* The identity at a few steps, evenly over t. */
static void dots(FILE *stream, const figure *f)
{
    const fs_bounds *b = f->run->bounds;
    double last = f->t_shown < b->t_last ? f->t_shown : b->t_last;
    size_t count = 0;
    fs_figure_block(stream, "identity");
    for (size_t k = 0, i = 0; k < DOTS && b->n; k++) {
        while (i < b->n && b->t[i] < last * ((double)k + 0.5) / DOTS) i++;
        if (i == b->n || b->t[i] > f->t_shown || !isfinite(b->identity[i])) continue;
        fs_figure_row(stream, 2, (const double[]){ b->t[i], b->identity[i] });
        count++;
    }
    fs_figure_end_block(stream, count, 2);
}

/* The prediction is about a flow that tends to E, and drawn where that is seen. */
static int has_slope(const figure *f, const fs_bounds *b)
{
    return b->n > 1 && f->t_shown >= b->t_last && isfinite(f->augmented->rate.predicted) && fs_figure_approached(f->augmented);
}

/* The slope that is predicted, below the curve it belongs to. */
static void guide(FILE *stream, const figure *f, const fs_bounds *b)
{
    int drawn = has_slope(f, b);
    fs_figure_block(stream, "guide");
    for (int k = 0; k < 2 && drawn; k++) {
        double end = b->distance[b->n - 1], below = pow(end / b->distance[0], 0.12), t = (k ? 1.0 : 0.5) * b->t_last;
        fs_figure_row(stream, 2, (const double[]){ t, below * end * exp(-f->augmented->rate.predicted * (t - b->t_last)) });
    }
    fs_figure_end_block(stream, (size_t)drawn, 2);
}

/* How fast |Y| falls, and how fast it would by the curvature alone, at the nodes until one beyond the panel. */
static void rates(FILE *stream, figure *f, const fs_bounds *b)
{
    const fs_chain *s = &b->chain;
    size_t k = 0;
    fs_figure_block(stream, "rates");
    for (; k < s->n && s->t[k] <= b->t_last && (k == 0 || s->t[k - 1] < f->t_shown); k++) {
        const double row[] = { s->t[k], b->rate[k], s->gamma + s->c[k] };
        fs_figure_include(&f->rate, row[1], 0);
        fs_figure_include(&f->rate, row[2], 0);
        fs_figure_row(stream, 3, row);
    }
    fs_figure_end_block(stream, k, 3);
}

/* c(t) on the chord between two nodes. */
static double chord(const fs_chain *s, double t, size_t k)
{
    if (k + 1 >= s->n) return s->c[s->n - 1];
    double part = (t - s->t[k]) / (s->t[k + 1] - s->t[k]);
    return s->c[k] + part * (s->c[k + 1] - s->c[k]);
}

/* How fast each bound falls, evenly over t: one that blows up does so between two nodes. */
static void bound_rates(FILE *stream, figure *f, const fs_bounds *b)
{
    const fs_chain *s = &b->chain;
    double C = fs_chain_C(s->M3), paper = fs_chain_paper_rate(s), lowest = (double)INFINITY, last = f->t_shown < b->t_last ? f->t_shown : b->t_last;
    double span = f->rate.high - f->rate.low, least = 0.05 * (fabs(f->rate.low) + fabs(f->rate.high)), floor = f->rate.low - 1.5 * (span > least ? span : least);
    double start = s->n ? fs_bounds_start(b) - 0.3 * span : floor;
    fs_chain_walk walk = { .y = s->delta };
    size_t n = s->n && f->rate.low <= f->rate.high ? RATES + 1 : 0;
    fs_figure_block(stream, "bound rates");
    for (size_t i = 0; i < n; i++) {
        double t = last * (double)i / RATES;
        fs_chain_bounds at = fs_chain_at(s, t, &walk);
        const double row[] = { t, s->gamma + chord(s, t, walk.k) - C * at.path, s->gamma + s->c_min - C * at.bernoulli, paper };
        for (size_t k = 1; k < 4; k++)
            if (row[k] < lowest) lowest = row[k];
        fs_figure_row(stream, 4, row);
    }
    fs_figure_end_block(stream, n, 4);
    if (!n) return;
    /* the bounds belong into the panel as long as one still sees there how the rates of |Y| change; where they start, for longer */
    if (start < floor && start > f->rate.low - 5.0 * span) floor = start;
    if (lowest < floor) f->far_below = lowest;
    fs_figure_include(&f->rate, lowest < floor ? floor : lowest, 0);
}

static void write_data(FILE *stream, void *context)
{
    figure *f = context;
    const fs_bounds *b = f->run->bounds;
    double largest = 0.0;
    fputs("# blocks: distance FLOW (t, |Y|), identity (t, |Y_0| exp(-int (gamma + hbar))), path, bernoulli, paper (t, bound on |Y| of the augmented flow), guide\n"
          "# (t, a line of the predicted slope), rates (t, gamma + hbar, gamma + lambda_min(H_N(X))), bound rates (t, rates at which path, Bernoulli's and the paper's\n"
          "# bound fall)\n\n\n", stream);
    for (size_t i = 0; i < f->run->n; i++) {
        const fs_run_flow *flow = &f->run->flow[i];
        if (!flow->trajectory || flow->kind == FS_FLOW_EQUIVARIANT) continue;
        fs_figure_block(stream, "distance %s", fs_flow_name(flow->kind));
        fs_figure_end_block(stream, fs_figure_distance_curve(stream, flow->trajectory, f->t_shown, &f->distance), 2);
    }
    if (f->distance.high > 0.0) largest = f->distance.high;
    dots(stream, f);
    for (size_t k = 0; k < 3; k++) curve(stream, f, k, room * largest);
    guide(stream, f, b);
    rates(stream, f, b);
    bound_rates(stream, f, b);
}

/* --- variables ----------------------------------------------------------------------------- */

/* Three digits, with the minus sign of a formula. */
static const char *digits(double value, char *buffer)
{
    char number[FS_TEXT_NUMBER];
    fs_text_real(value, 3, number);
    snprintf(buffer, FS_TEXT_NUMBER, "%s%.30s", number[0] == '-' ? "−" : "", number + (number[0] == '-'));
    return buffer;
}

/* "c of this path = ..., C = ..." */
static void set_constants(FILE *stream, const fs_bounds *b)
{
    const fs_chain *s = &b->chain;
    char text[300] = "", a[FS_TEXT_NUMBER], c[FS_TEXT_NUMBER];
    int n = 0;
    if (s->n) n = snprintf(text, sizeof text, "c of this path = %s, C = %s", digits(fs_chain_above(s, s->c_min), a), digits(fs_chain_C(s->M3), c));
    if (s->n && isfinite(s->K))
        snprintf(text + n, sizeof text - (size_t)n, ", C(K) = %s, K = %s", digits(fs_chain_C(s->M3_K), a), digits(s->K, c));
    fs_figure_set_text(stream, "constants_text", text, sizeof text);
}

/* Whether the bounds fall at this gamma, and at which rate. */
static size_t say_bounds(const fs_bounds *b, char *text, size_t size)
{
    const fs_chain *s = &b->chain;
    char a[FS_TEXT_NUMBER], c[FS_TEXT_NUMBER];
    double start = fs_bounds_start(b), paper = fs_chain_paper_rate(s);
    size_t n;
    if (start > 0.0) n = (size_t)snprintf(text, size, "at this γ Bernoulli's bound falls, rate %s to %s", digits(start, a), digits(s->gamma + s->c_min, c));
    else if (isfinite(b->t_blown_up)) n = (size_t)snprintf(text, size, "at this γ Bernoulli's bound grows, to infinity at t = %s", digits(b->t_blown_up, a));
    else n = (size_t)snprintf(text, size, "at this γ Bernoulli's bound stays at |Y_0|");
    if (isinf(paper)) n += (size_t)snprintf(text + n, size - n, "; there is none of the paper at γ = 0");
    else n += (size_t)snprintf(text + n, size - n, "; the paper's %s, rate %s", paper > 0.0 ? "falls" : "grows", digits(fabs(paper), a));
    return n;
}

static void set_words(FILE *stream, const fs_bounds *b)
{
    char text[500] = "", a[FS_TEXT_NUMBER], c[FS_TEXT_NUMBER];
    if (!b->chain.n) snprintf(text, sizeof text, "no bounds: %.300s", b->note);
    else {
        size_t n = say_bounds(b, text, sizeof text);
        if (b->verdict != FS_HOLDS)
            snprintf(text + n, sizeof text - n, "; the order %s: %s in log |Y| against an error of %s",
                     b->verdict == FS_VIOLATED ? "IS VIOLATED" : "is undecided", digits(fs_chain_violation(&b->compared), a), digits(b->error, c));
    }
    fs_figure_set_text(stream, "words_text", text, sizeof text);
}

/* Whether a curve has a point in the panel. */
static int is_drawn(const figure *f, const double *value, double high)
{
    const fs_bounds *b = f->run->bounds;
    for (size_t i = 1; i < b->n && b->t[i] <= f->t_shown; i++)
        if (isfinite(value[i]) && value[i] <= high) return 1;
    return 0;
}

static void set_rates(FILE *stream, const figure *f)
{
    char number[FS_TEXT_NUMBER];
    double pad = f->rate.high > f->rate.low ? 0.08 * (f->rate.high - f->rate.low) : 0.1 * fabs(f->rate.high) + 1e-3;
    int drawn = f->rate.low <= f->rate.high;
    fprintf(stream, "has_rates = %d\n", drawn);
    fs_figure_set_number(stream, "rate_low", drawn ? f->rate.low - pad : 0.0);
    fs_figure_set_number(stream, "rate_high", drawn ? f->rate.high + pad : 1.0);
    fs_figure_set_text(stream, "far_text", isnan(f->far_below) ? "" : isinf(f->far_below) ? "−∞" : digits(f->far_below, number), FS_TEXT_NUMBER);
}

static void write_variables(FILE *stream, void *context)
{
    const figure *f = context;
    const fs_bounds *b = f->run->bounds;
    char number[FS_TEXT_NUMBER], text[FS_TEXT_NUMBER + 8] = "";
    double high = f->distance.high > 0.0 ? room * f->distance.high : 0.0, predicted = f->augmented->rate.predicted;
    fputs("if (!exists('figure_height')) figure_height = 640\n", stream);
    fs_figure_set_run(stream, f->head, f->run);
    set_constants(stream, b);
    set_words(stream, b);
    fs_figure_set_decades(stream, f->distance, fs_figure_rounding(f->run));
    fs_figure_set_number(stream, "t_shown", f->t_shown);
    fprintf(stream, "has_identity = %d\nhas_path = %d\nhas_bernoulli = %d\nhas_paper = %d\n", b->n > 1 && isfinite(b->identity[1]),
            is_drawn(f, b->path, high), is_drawn(f, b->bernoulli, high), is_drawn(f, b->paper, high));
    if (has_slope(f, b)) snprintf(text, sizeof text, "%s", digits(predicted, number));
    fs_figure_set_text(stream, "slope_text", text, sizeof text);
    fs_figure_set_number(stream, "slope", text[0] ? predicted : (double)NAN);
    set_rates(stream, f);
}

fs_status fs_figure_draw_bounds(fs_figure *out, fs_folder *folder, const fs_report_head *head, const fs_run *run, const fs_figure_options *options, fs_err *err)
{
    const double none = (double)NAN;
    const fs_run_flow *augmented = NULL;
    for (size_t i = 0; i < run->n; i++)
        if (run->flow[i].kind == FS_FLOW_AUGMENTED) augmented = &run->flow[i];
    if (!run->bounds || !augmented) return fs_fail(err, FS_EINPUT, "expected a run with the bounds of its augmented flow, found none");
    figure f = { head, run, augmented, time_shown(run, augmented->trajectory, run->bounds), { none, none }, { none, none }, none };
    const fs_figure_plan plan = { "groenwall.gp", write_data, write_variables, &f };
    return fs_figure_draw(out, folder, options, &plan, err);
}
