/* report/figure_groenwall.c -- the picture of the chain of bounds: log |Y| against t, beside it the rates at which |Y| and each bound fall
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/bounds.h"
#include "report/figure_private.h"

#include <math.h>

enum { CURVE = 1000, DOTS = 16 };
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

/* A little more than the stretch on which |Y| is resolved, or all of t. */
static double time_shown(const fs_run *run, const fs_bounds *b)
{
    static const double nice[] = { 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0 };
    double all = fs_figure_last_time(run);
    if (!(b->t_last > 0.0)) return all;
    double wanted = 1.1 * b->t_last, decade = fs_figure_decade(wanted);
    for (size_t i = 0; i < sizeof nice / sizeof *nice; i++)
        if (wanted <= nice[i] * decade) return nice[i] * decade < all ? nice[i] * decade : all;
    return all;
}

/* One of the curves of the chain; ends where the bound has blown up. */
static void curve(FILE *stream, const char *name, const fs_bounds *b, const double *value, double ceiling, fs_figure_range *shown)
{
    size_t stride = b->n / CURVE + 1, count = 0;
    fs_figure_block(stream, "%s", name);
    for (size_t i = 0; i < b->n; i++) {
        if ((i % stride && i + 1 < b->n) || !isfinite(value[i])) continue;
        if (value[i] <= ceiling) fs_figure_include(shown, value[i], 1);
        fs_figure_row(stream, 2, (const double[]){ b->t[i], value[i] });
        count++;
    }
    fs_figure_end_block(stream, count, 2);
}

/* The identity at a few steps, evenly over t. */
static void dots(FILE *stream, const fs_bounds *b)
{
    size_t count = 0;
    fs_figure_block(stream, "identity");
    for (size_t k = 0, i = 0; k < DOTS && b->n; k++) {
        while (i < b->n && b->t[i] < b->t_last * ((double)k + 0.5) / DOTS) i++;
        if (i == b->n || !isfinite(b->identity[i])) continue;
        fs_figure_row(stream, 2, (const double[]){ b->t[i], b->identity[i] });
        count++;
    }
    fs_figure_end_block(stream, count, 2);
}

/* The prediction is about a flow that tends to E. */
static int has_slope(const figure *f, const fs_bounds *b)
{
    return b->n > 1 && isfinite(f->augmented->rate.predicted) && fs_figure_approached(f->augmented);
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

/* How fast |Y| and each bound fall at the nodes. */
static void rates(FILE *stream, figure *f, const fs_bounds *b)
{
    const fs_chain *s = &b->chain;
    double C = fs_chain_C(s->M3), paper = fs_chain_paper_rate(s), lowest = (double)INFINITY;
    fs_chain_walk walk = { .y = s->delta };
    size_t k = 0;
    fs_figure_block(stream, "rates");
    for (; k < s->n && s->t[k] <= b->t_last; k++) {
        fs_chain_bounds at = fs_chain_at(s, s->t[k], &walk);
        const double row[] = { s->t[k], b->rate[k], s->gamma + s->c[k], s->gamma + s->c[k] - C * at.path, s->gamma + s->c_min - C * at.bernoulli, paper };
        fs_figure_include(&f->rate, row[1], 0);
        fs_figure_include(&f->rate, row[2], 0);
        for (size_t i = 3; i < 6; i++)
            if (row[i] < lowest) lowest = row[i];
        fs_figure_row(stream, 6, row);
    }
    fs_figure_end_block(stream, k, 6);
    if (!(f->rate.low <= f->rate.high)) return;
    /* the bounds belong into the panel as long as one still sees there how the rates of |Y| change */
    double span = f->rate.high - f->rate.low, least = 0.05 * (fabs(f->rate.low) + fabs(f->rate.high)), floor = f->rate.low - 1.5 * (span > least ? span : least);
    if (lowest < floor) f->far_below = lowest;
    fs_figure_include(&f->rate, lowest < floor ? floor : lowest, 0);
}

static void write_data(FILE *stream, void *context)
{
    figure *f = context;
    const fs_bounds *b = f->run->bounds;
    double largest = 0.0;
    fputs("# blocks: distance FLOW (t, |Y|), identity (t, |Y_0| exp(-int (gamma + hbar))), path, bernoulli, paper (t, bound on |Y| of the augmented flow), guide\n"
          "# (t, a line of the predicted slope), rates (t, gamma + hbar, gamma + lambda_min(H_N(X)), rates at which path, Bernoulli's and the paper's bound fall)\n\n\n", stream);
    for (size_t i = 0; i < f->run->n; i++) {
        const fs_run_flow *flow = &f->run->flow[i];
        if (!flow->trajectory || flow->kind == FS_FLOW_EQUIVARIANT) continue;
        fs_figure_block(stream, "distance %s", fs_flow_name(flow->kind));
        fs_figure_end_block(stream, fs_figure_distance_curve(stream, flow->trajectory, f->t_shown, &f->distance), 2);
    }
    if (f->distance.high > 0.0) largest = f->distance.high;
    dots(stream, b);
    curve(stream, "path", b, b->path, room * largest, &f->distance);
    curve(stream, "bernoulli", b, b->bernoulli, room * largest, &f->distance);
    curve(stream, "paper", b, b->paper, room * largest, &f->distance);
    guide(stream, f, b);
    rates(stream, f, b);
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

/* "c = ..., C = ...; gamma asked for by Bernoulli: ..., by the paper: ..." */
static void set_constants(FILE *stream, const fs_bounds *b)
{
    const fs_chain *s = &b->chain;
    char text[300] = "", a[FS_TEXT_NUMBER], c[FS_TEXT_NUMBER];
    int n = 0;
    if (s->n) n = snprintf(text, sizeof text, "c = %s, C = %s", digits(fs_chain_above(s, s->c_min), a), digits(fs_chain_C(s->M3), c));
    if (s->n && isfinite(s->K))
        n += snprintf(text + n, sizeof text - (size_t)n, ", C(K) = %s, K = %s", digits(fs_chain_C(s->M3_K), a), digits(s->K, c));
    if (s->n)
        n += snprintf(text + n, sizeof text - (size_t)n, ";  γ that suffices: Bernoulli %s", digits(b->gamma_bernoulli > 0.0 ? fs_chain_above(s, b->gamma_bernoulli) : 0.0, a));
    if (s->n && isfinite(b->gamma_paper))
        snprintf(text + n, sizeof text - (size_t)n, ", paper %s", digits(b->gamma_paper > 0.0 ? fs_chain_above(s, b->gamma_paper) : 0.0, a));
    fs_figure_set_text(stream, "constants_text", text, sizeof text);
}

/* What the curves do not say by themselves. */
static void set_words(FILE *stream, const fs_bounds *b)
{
    const fs_chain *s = &b->chain;
    char text[400] = "", a[FS_TEXT_NUMBER], c[FS_TEXT_NUMBER];
    size_t n = 0;
    if (!s->n) snprintf(text, sizeof text, "no bounds: %.300s", b->note);
    else if (isfinite(b->t_blown_up)) n = (size_t)snprintf(text, sizeof text, "Bernoulli's bound is infinite from t = %s on", digits(b->t_blown_up, a));
    double paper = s->n ? fs_chain_paper_rate(s) : 1.0;
    if (isinf(paper)) n += (size_t)snprintf(text + n, sizeof text - n, "%sno bound of the paper at γ = 0", n ? "; " : "");
    else if (!(paper > 0.0)) n += (size_t)snprintf(text + n, sizeof text - n, "%sthe paper's grows at rate %s", n ? "; " : "", digits(-paper, a));
    if (s->n && b->verdict != FS_HOLDS)
        snprintf(text + n, sizeof text - n, "%sthe order %s: %s in log |Y| against an error of %s", n ? "; " : "",
                 b->verdict == FS_VIOLATED ? "IS VIOLATED" : "is undecided", digits(fs_chain_violation(&b->compared), a), digits(b->error, c));
    fs_figure_set_text(stream, "words_text", text, sizeof text);
}

/* Whether a curve has a point in the panel. */
static int is_drawn(const fs_bounds *b, const double *value, double high)
{
    for (size_t i = 1; i < b->n; i++)
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
    fs_figure_set_text(stream, "far_text", isfinite(f->far_below) ? digits(f->far_below, number) : "", FS_TEXT_NUMBER);
}

static void write_variables(FILE *stream, void *context)
{
    const figure *f = context;
    const fs_bounds *b = f->run->bounds;
    char number[FS_TEXT_NUMBER], text[FS_TEXT_NUMBER + 8] = "";
    double high = f->distance.high > 0.0 ? room * f->distance.high : 0.0, predicted = f->augmented->rate.predicted;
    fputs("figure_height = 640\n", stream);
    fs_figure_set_run(stream, f->head, f->run);
    set_constants(stream, b);
    set_words(stream, b);
    fs_figure_set_decades(stream, f->distance, fs_figure_rounding(f->run));
    fs_figure_set_number(stream, "t_shown", f->t_shown);
    fprintf(stream, "has_identity = %d\nhas_path = %d\nhas_bernoulli = %d\nhas_paper = %d\n", b->n > 1 && isfinite(b->identity[1]),
            is_drawn(b, b->path, high), is_drawn(b, b->bernoulli, high), is_drawn(b, b->paper, high));
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
    figure f = { head, run, augmented, time_shown(run, run->bounds), { none, none }, { none, none }, none };
    const fs_figure_plan plan = { "groenwall.gp", write_data, write_variables, &f };
    return fs_figure_draw(out, folder, options, &plan, err);
}
