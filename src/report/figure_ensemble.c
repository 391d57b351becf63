/* report/figure_ensemble.c -- the picture of an orbit ensemble: equivariance errors against time over the noise
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/ensemble.h"

#include "report/figure_plan.h"

#include <inttypes.h>
#include <math.h>

static const double lowest = 1e-18;     /* of the axis */

typedef struct {
    const fs_report_head *head;
    const fs_ensemble *e;
    fs_figure_range shown;
    size_t drawn, zeros;                /* numbers above 0; exact zeros, which stand at the lower edge */
} figure;

static void include(figure *f, double value)
{
    fs_figure_include(&f->shown, value, 1);
    f->drawn += value > 0.0;
    f->zeros += value <= 0.0;
}

static void write_data(FILE *stream, void *context)
{
    figure *f = context;
    const fs_ensemble *e = f->e;
    fputs("# blocks: flow NAME (t, equivariance error of the mean, of one member, noise)\n", stream);
    for (size_t i = 0; i < e->n_flows; i++) {
        const fs_ensemble_flow *flow = &e->flow[i];
        fprintf(stream, "\n\n# flow %s;\n", fs_flow_name(flow->kind));
        for (size_t r = 0; r < flow->n; r++) {
            include(f, flow->mean_error[r]);
            include(f, flow->member_error[r]);
            fs_figure_include(&f->shown, flow->noise[r], 1);
            fs_figure_row(stream, 4, (const double[]){ e->t[r], flow->mean_error[r], flow->member_error[r], flow->noise[r] });
        }
    }
}

/* "nominal augmented": the flows that are drawn.  The noise of the last of them, by default the augmented one, is a band; that of the other a line. */
static void set_flows(FILE *stream, const fs_ensemble *e)
{
    size_t last = e->n_flows;
    while (last && !e->flow[last - 1].n) last--;
    fputs("flows = '", stream);
    for (size_t i = 0; i < last; i++)
        if (e->flow[i].n) fprintf(stream, "%s ", fs_flow_name(e->flow[i].kind));
    fputs("'\nline_flow = '", stream);
    for (size_t i = 0; i + 1 < last; i++)
        if (e->flow[i].n) fprintf(stream, "%s ", fs_flow_name(e->flow[i].kind));
    fprintf(stream, "'\nband_flow = '%s'\n", last ? fs_flow_name(e->flow[last - 1].kind) : "");
}

static void set_subtitle(FILE *stream, const figure *f)
{
    const fs_ensemble *e = f->e;
    char text[400], gamma[FS_TEXT_NUMBER], seed[40] = "weights from a file";
    if (!f->head->weights) snprintf(seed, sizeof seed, "seed %" PRIu64, e->seed);
    snprintf(text, sizeof text, "%.60s, dim E = %zu, dim N = %zu, K = %.79s: %zu member%s, γ = %s, %s", f->head->group ? f->head->group : "",
             f->head->dim_E, f->head->dim_N, e->K.whole ? "G" : e->K.name, e->members, e->members == 1 ? "" : "s", fs_text_short(e->gamma, gamma), seed);
    fs_figure_set_text(stream, "subtitle_text", text, sizeof text);
}

/* What the picture is of: not all times and inputs. */
static void set_looked_at(FILE *stream, const fs_ensemble *e)
{
    char text[120], elements[40] = "";
    if (e->elements < e->members) snprintf(elements, sizeof elements, ", %zu elements", e->elements);
    snprintf(text, sizeof text, "looked at: %zu times, %zu inputs%s", e->n_times, e->inputs, elements);
    fs_figure_set_text(stream, "looked_text", text, sizeof text);
}

static void write_variables(FILE *stream, void *context)
{
    const figure *f = context;
    fs_figure_range r = f->shown;
    if (!(r.low > 0.0)) r = (fs_figure_range){ 1e-16, 1.0 };
    fputs("if (!exists('figure_height')) figure_height = 620\n", stream);
    fs_figure_set_title(stream, f->head);
    set_subtitle(stream, f);
    set_flows(stream, f->e);
    set_looked_at(stream, f->e);
    fs_figure_set_number(stream, "t_end", f->e->t_end);
    fs_figure_set_number(stream, "error_low", pow(10.0, floor(log10(0.5 * (r.low > lowest ? r.low : lowest)))));
    fs_figure_set_number(stream, "error_high", pow(10.0, ceil(log10(2.0 * r.high))));
    fs_figure_set_count(stream, "n_drawn", f->drawn);
    fs_figure_set_count(stream, "n_zeros", f->zeros);
}

fs_status fs_figure_draw_ensemble(fs_figure *out, fs_folder *folder, const fs_report_head *head, const fs_ensemble *e,
                                  const fs_figure_options *options, fs_err *err)
{
    const double none = (double)NAN;
    figure f = { .head = head, .e = e, .shown = { none, none } };
    const fs_figure_plan plan = { "ensemble.gp", write_data, write_variables, &f };
    return fs_figure_draw(out, folder, options, &plan, err);
}
