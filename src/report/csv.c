/* report/csv.c -- trajectory.csv, and weights as .npy
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/csv.h"

#include "base/files.h"
#include "report/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* "# key: text", control characters as blanks: a comment never becomes a row. */
static void comment(FILE *stream, const char *key, const char *text, size_t length)
{
    if (!text) return;
    fprintf(stream, "# %s: ", key);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        fputc(c < 0x20 || c == 0x7f ? ' ' : c, stream);
    }
    fputc('\n', stream);
}

static void comment_line(FILE *stream, const char *key, const char *text)
{
    if (text) comment(stream, key, text, strlen(text));
}

static void comment_lines(FILE *stream, const char *key, const char *text)
{
    while (text && *text) {
        size_t length = strcspn(text, "\n");
        comment(stream, key, text, length);
        text += length + (text[length] == '\n');
    }
}

static void comment_group(FILE *stream, const fs_report_head *head)
{
    char line[300], order[40] = "continuous";
    if (head->order) snprintf(order, sizeof order, "order %zu", head->order);
    snprintf(line, sizeof line, "%.100s, %s%s%.100s", head->group, order, head->rule && *head->rule ? ", " : "", head->rule ? head->rule : "");
    comment_line(stream, "group", line);
}

/* Those that do not hold: a file that stands alone says what the theorems do not cover. */
static void comment_hypotheses(FILE *stream, const fs_hypotheses *h)
{
    char line[300], number[FS_TEXT_NUMBER];
    for (size_t i = 0; i < FS_HYPOTHESIS_COUNT; i++) {
        const fs_hypothesis *one;
        const char *name = fs_hypothesis_at(h, i, &one);
        if (one->verdict == FS_HOLDS) continue;
        snprintf(line, sizeof line, "%s %s, %s%s%.199s", name, fs_verdict_name(one->verdict), fs_text_real(one->value, 4, number),
                 one->detail[0] ? ": " : "", one->detail);
        comment_line(stream, "hypothesis", line);
    }
}

void fs_csv_head(FILE *stream, const fs_report_head *head)
{
    comment_line(stream, "flowsim", head->version);
    comment_line(stream, "command", head->command_line);
    comment_line(stream, "model", head->model);
    comment_line(stream, "title", head->title);
    if (head->group) comment_group(stream, head);
    comment_line(stream, "data", head->data_note);
    if (head->hypotheses) comment_hypotheses(stream, head->hypotheses);
    comment_line(stream, "weights", head->weights);
    for (size_t i = 0; i < head->n_seed; i++) fprintf(stream, "%s%llu", i ? "," : "# seed: ", (unsigned long long)head->seed[i]);
    if (head->n_seed) fputc('\n', stream);
    comment_lines(stream, "model_text", head->text);
}

fs_status fs_csv_begin(fs_output **o, FILE **stream, const char *path, const fs_report_head *head, int interrupted, fs_err *err)
{
    FS_TRY(fs_output_open(o, path, err));
    *stream = fs_output_stream(*o);
    fs_csv_head(*stream, head);
    if (interrupted) fputs("# interrupted: what is here is right, but not all that was asked for\n", *stream);
    return FS_OK;
}

void fs_csv_columns(FILE *stream, size_t n, const double *value)
{
    char number[FS_TEXT_NUMBER];
    for (size_t i = 0; i < n; i++) fprintf(stream, ",%s", fs_number_format(value[i], number));
}

/* The Groenwall bound at t: its exponent is linear between the nodes.  NaN outside them. */
static double bound_at(const fs_rate *r, double t)
{
    for (size_t i = 0; i < r->n_bound; i++) {
        if (r->bound_t[i] <= t && r->bound_t[i] >= t) return r->bound[i];
        if (i == 0 || !(r->bound_t[i] > t && r->bound_t[i - 1] < t)) continue;
        double part = (t - r->bound_t[i - 1]) / (r->bound_t[i] - r->bound_t[i - 1]);
        return exp((1.0 - part) * log(r->bound[i - 1]) + part * log(r->bound[i]));
    }
    return (double)NAN;
}

static void rows(FILE *stream, const fs_run_flow *f)
{
    char number[FS_TEXT_NUMBER];
    for (size_t i = 0; f->trajectory && i < f->trajectory->n_rows; i++) {
        const fs_trajectory_row *r = &f->trajectory->row[i];
        const double column[] = { r->t, r->risk, r->gradient_norm, r->distance, r->objective, r->speed, r->hbar, r->energy, r->exponent, r->energy_error,
                                  bound_at(&f->rate, r->t), f->gamma };
        fputs(fs_flow_name(f->kind), stream);
        for (size_t j = 0; j < sizeof column / sizeof *column; j++) fprintf(stream, ",%s", fs_number_format(column[j], number));
        fprintf(stream, ",%llu\n", (unsigned long long)f->seed);
    }
}

fs_status fs_csv_write_run(const char *path, const fs_report_head *head, const fs_run *run, fs_err *err)
{
    static const char header[] =
        "# units: t is flow time; risk, objective, energy are in units of the risk; distance and bound in units of the weights\n"
        "# objective: S = R + gamma/2 |Y|^2 with the flow's own risk R\n"
        "# gradient_norm: |Pi_L grad R|, for the equivariant flow |Pi_E grad R|; speed: |A'|, the gradient of S\n"
        "# energy: integral of |A'|^2 up to t; energy_error: |S(t) + energy - S(0)| relative to S(0)\n"
        "# exponent: integral of gamma + hbar up to t, so that distance = distance(0) exp(-exponent)\n"
        "# bound: Groenwall's bound on distance\n"
        "flow,t,risk,gradient_norm,distance,objective,speed,hbar,energy,exponent,energy_error,bound,gamma,seed\n";
    fs_output *o;
    FS_TRY(fs_output_open(&o, path, err));
    FILE *stream = fs_output_stream(o);
    char number[FS_TEXT_NUMBER];
    fs_csv_head(stream, head);
    for (size_t g = 0; g < run->n_gamma; g++) fprintf(stream, "%s%s", g ? "," : "# gamma: ", fs_number_format(run->gamma[g], number));
    fputc('\n', stream);
    fputs(header, stream);
    for (size_t i = 0; i < run->n; i++) rows(stream, &run->flow[i]);
    return fs_output_commit(o, err);
}

fs_status fs_weights_write_run(fs_folder *folder, const fs_run *run, fs_err *err)
{
    const char *file;
    const fs_trajectory *longest = NULL;
    for (size_t i = 0; i < run->n; i++) {
        const fs_run_flow *f = &run->flow[i];
        const fs_trajectory *T = f->trajectory;
        if (!T || !T->weights) continue;
        if (!longest || T->n_rows > longest->n_rows) longest = T;
        char name[160], gamma[FS_TEXT_NUMBER];
        if (run->n_gamma * run->n_seed == 1) snprintf(name, sizeof name, "weights_%s.npy", fs_flow_name(f->kind));
        else snprintf(name, sizeof name, "weights_%s_gamma%s_seed%llu.npy", fs_flow_name(f->kind), fs_text_short(f->gamma, gamma),
                      (unsigned long long)f->seed);
        const size_t shape[2] = { T->n_rows, T->n_par };
        FS_TRY(fs_folder_file(folder, name, &file, err));
        FS_TRY(fs_npy_write(file, 2, shape, T->weights, err));
    }
    if (!longest) return FS_OK;
    double *t = fs_calloc(longest->n_rows, sizeof *t);
    if (!t) return fs_fail(err, FS_ENOMEM, "%zu output times", longest->n_rows);
    for (size_t i = 0; i < longest->n_rows; i++) t[i] = longest->row[i].t;
    fs_status status = fs_folder_file(folder, "times.npy", &file, err);
    if (status == FS_OK) status = fs_npy_write(file, 1, &longest->n_rows, t, err);
    free(t);
    return status;
}
