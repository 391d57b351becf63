/* report/ensemble.c -- orbit ensembles as a table, as JSON and as CSV
 *
 * Where a defect is no larger than its noise it is called equivariant to that size and within the noise, and nothing is concluded from its digits.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/ensemble.h"

#include "base/files.h"
#include "base/norm.h"
#include "report/csv.h"
#include "report/table.h"
#include "report/table_private.h"
#include "report/text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { ROWS = 5 };          /* of the table: t = 0, 1/4, 1/2, 3/4 and the end */
static const double one_point = 1e-12;  /* members that are no further apart, relative to |A_0|, are one */
static const double lost = 1e-9;        /* what may be cut off at the start without a word */

/* --- sentences ---------------------------------------------------------------------------- */

/* "3.1e-10", "0.413" where that is shorter, "-" where it is not known. */
static const char *size_word(double value, char *buffer)
{
    if (isnan(value)) return "-";
    return value >= 1e-3 && value < 1e3 ? fs_text_real(value, 3, buffer) : fs_text_power(value, 1, buffer);
}

static double largest(size_t n, const double *value)
{
    double worst = n ? 0.0 : (double)NAN;
    for (size_t i = 0; i < n; i++) fs_raise_to(&worst, value[i]);
    return worst;
}

/* "at all 101 times and 6 inputs looked at" */
static void say_where(fs_sentence *s, const fs_ensemble *e)
{
    fs_say(s, "at all %zu times", e->n_times);
    if (e->elements < e->members) fs_say(s, ", %zu inputs and %zu elements looked at", e->inputs, e->elements);
    else fs_say(s, " and %zu inputs looked at", e->inputs);
}

static void say_mean(fs_sentence *s, const fs_ensemble *e, const fs_ensemble_flow *f)
{
    char a[FS_TEXT_NUMBER], b[FS_TEXT_NUMBER], t[FS_TEXT_NUMBER];
    double error = f->mean_error[f->worst], noise = f->noise[f->worst];
    fs_say(s, "the mean of %zu members is ", e->members);
    if (isnan(error)) {
        fs_say(s, "not known: no number at t = %s", fs_text_real(e->t[f->worst], 4, t));
    } else if (f->beyond) {
        fs_say(s, "off by up to %s", size_word(error, a));
        fs_say(s, " (t = %s, noise %s)", fs_text_real(e->t[f->worst], 4, t), size_word(noise, b));
        if (f->worst + 1 < f->n) fs_say(s, " and by %s at the end", size_word(f->mean_error[f->n - 1], a));
        if (f->mean_error[0] <= f->noise[0] && f->worst) fs_say(s, ", equivariant to %s at t = 0", size_word(f->mean_error[0], a));
    } else if (noise >= 1.0) {
        fs_say(s, "0 within the noise at t = %s, so that an error relative to it means nothing", fs_text_real(e->t[f->worst], 4, t));
    } else if (error <= noise) {
        if (error > 0.0) fs_say(s, "equivariant to %s", size_word(error, a));
        else fs_say(s, "exactly equivariant");
        fs_say(s, " ");
        if (f->n < e->n_times) fs_say(s, "as far as it is known");
        else say_where(s, e);
        fs_say(s, ", within the noise (%s there)", size_word(noise, b));
    } else {
        fs_say(s, "off by up to %s, and how much of that is noise is not known", size_word(error, a));
    }
}

const char *fs_ensemble_sentence(const fs_ensemble *e, size_t flow, char buffer[FS_ENSEMBLE_SENTENCE])
{
    const fs_ensemble_flow *f = &e->flow[flow];
    fs_sentence s = { "", 0 };
    char a[FS_TEXT_NUMBER];
    if (f->n && e->members == 1) {
        fs_say(&s, "K has one element: every network is equivariant under it");
    } else if (f->n) {
        say_mean(&s, e, f);
        fs_say(&s, "; one member alone is off by %s at t = 0", size_word(f->member_error[0], a));
        fs_say(&s, " and by %s at the end", size_word(f->member_error[f->n - 1], a));
    } else {
        fs_say(&s, "nothing is known");
    }
    snprintf(buffer, FS_ENSEMBLE_SENTENCE, "%.399s", s.text);
    return buffer;
}

/* --- table ----------------------------------------------------------------------------------- */

static void print_start(FILE *stream, const fs_report_head *head, const fs_ensemble *e, int colour)
{
    fs_sentence s = { "", 0 };
    char a[FS_TEXT_NUMBER], b[FS_TEXT_NUMBER];
    fs_say(&s, "gamma %s, |Y_0| = %s, ", fs_text_short(e->gamma, a), fs_text_real(e->distance, 4, b));
    if (head->weights) fs_say(&s, "given weights");
    else fs_say(&s, "seed %" PRIu64, e->seed);
    fs_say(&s, ", t up to %s, rtol %s", fs_text_real(e->t_end, 4, a), fs_text_real(e->rtol, 2, b));
    fs_table_paragraph(stream, "start:      ", s.text, colour, FS_PLAIN);
    s = (fs_sentence){ "", 0 };
    fs_say(&s, "K = %s: %zu member%s, each integrated by itself; e looks at ", e->K.name, e->members, e->members == 1 ? "" : "s");
    if (e->elements == e->members) fs_say(&s, "all elements");
    else fs_say(&s, "%zu of the elements", e->elements);
    fs_say(&s, " and %zu inputs", e->inputs);
    if (e->members > 1 && e->apart <= one_point) fs_say(&s, "; all members start at the same point");
    fs_table_paragraph(stream, "ensemble:   ", s.text, colour, FS_PLAIN);
}

static void print_theory(FILE *stream, const fs_ensemble *e, int colour)
{
    fs_sentence s = { "", 0 };
    char a[FS_TEXT_NUMBER];
    if (e->applies == FS_HOLDS) fs_say(&s, "the ensemble theorem applies to the augmented flow");
    else fs_say(&s, "the ensemble theorem %s: %s", e->applies == FS_VIOLATED ? "does not apply" : "is not known to apply", e->because);
    if (e->outside > lost)
        fs_say(&s, "; members start at Pi_L rho(k) A_0: up to %s |A_0| of rho(k) A_0 lies outside L and was cut off", size_word(e->outside, a));
    fs_table_paragraph(stream, "theory:     ", s.text, colour, e->applies == FS_HOLDS ? FS_PLAIN : FS_BAD);
}

static double value_at(const fs_ensemble_flow *f, const double *value, size_t r)
{
    return r < f->n ? value[r] : (double)NAN;
}

static void print_row(FILE *stream, const fs_ensemble *e, size_t r)
{
    char number[FS_TEXT_NUMBER];
    fs_table_cell(stream, 12, fs_text_real(e->t[r], 4, number));
    for (size_t i = 0; i < e->n_flows; i++) {
        const fs_ensemble_flow *f = &e->flow[i];
        fs_table_cell(stream, 14, fs_text_power(value_at(f, f->mean_error, r), 1, number));
        fs_table_cell(stream, 11, fs_text_power(value_at(f, f->member_error, r), 1, number));
        fs_table_cell(stream, 11, fs_text_power(value_at(f, f->noise, r), 1, number));
    }
    fputc('\n', stream);
}

static void print_errors(FILE *stream, const fs_ensemble *e, int colour)
{
    fprintf(stream, "\n%s%12s", fs_table_on(colour, FS_FAINT), "");
    for (size_t i = 0; i < e->n_flows; i++)
        fprintf(stream, "%*s%s", i ? (int)(36 - strlen(fs_flow_name(e->flow[i - 1].kind))) : 10, "", fs_flow_name(e->flow[i].kind));
    fprintf(stream, "\n%12s", "t");
    for (size_t i = 0; i < e->n_flows; i++) fprintf(stream, "%14s%11s%11s", "mean", "member", "noise");
    fprintf(stream, "%s\n", fs_table_off(colour, FS_FAINT));
    for (size_t i = 0; i < ROWS; i++) print_row(stream, e, i * (e->n_times - 1) / (ROWS - 1));
    fputs("equivariance errors, relative to the largest output; below its noise an error means nothing\n\n", stream);
}

/* The theorem says that there is no error, and there is one. */
static int contradicts(const fs_ensemble *e, const fs_ensemble_flow *f)
{
    return f->kind == FS_FLOW_AUGMENTED && e->applies == FS_HOLDS && f->beyond;
}

void fs_table_print_ensemble(FILE *stream, const fs_report_head *head, const fs_ensemble *e, int colour)
{
    char line[FS_ENSEMBLE_SENTENCE], label[16], wall[FS_TEXT_NUMBER];
    fs_table_head(stream, head, colour);
    print_start(stream, head, e, colour);
    print_theory(stream, e, colour);
    print_errors(stream, e, colour);
    for (size_t i = 0; i < e->n_flows; i++) {
        const fs_ensemble_flow *f = &e->flow[i];
        snprintf(label, sizeof label, "%s:%*s", fs_flow_name(f->kind), (int)(11 - strlen(fs_flow_name(f->kind))), "");
        fs_table_paragraph(stream, label, fs_ensemble_sentence(e, i, line), colour, contradicts(e, f) ? FS_BAD : FS_BOLD);
        if (contradicts(e, f))
            fs_table_paragraph(stream, "            ", "more than tolerances and rounding explain, although the theorem applies", colour, FS_BAD);
        if (f->note[0]) fs_table_paragraph(stream, "note:       ", f->note, colour, FS_BAD);
    }
    if (e->stopped) fs_table_paragraph(stream, "INTERRUPTED ", "what is here is right, but it is not all that was asked for", colour, FS_BAD);
    fprintf(stream, "  %s s\n", fs_text_real(e->wall_s, e->wall_s < 99.5 ? 2 : 4, wall));
}

/* --- JSON ------------------------------------------------------------------------------------- */

static json_t *worst_of(const fs_ensemble *e, const fs_ensemble_flow *f, int *bad)
{
    json_t *object = json_object();
    *bad |= fs_json_set_real(object, "mean_error", value_at(f, f->mean_error, f->worst));
    *bad |= fs_json_set_real(object, "t", f->n ? e->t[f->worst] : (double)NAN);
    *bad |= fs_json_set_real(object, "noise", value_at(f, f->noise, f->worst));
    *bad |= fs_json_set_real(object, "member_error", largest(f->n, f->member_error));
    return object;
}

static json_t *flow_object(const fs_ensemble *e, size_t i, int *bad)
{
    const fs_ensemble_flow *f = &e->flow[i];
    char line[FS_ENSEMBLE_SENTENCE];
    json_t *object = json_object();
    *bad |= fs_json_set_text(object, "name", fs_flow_name(f->kind));
    *bad |= fs_json_set(object, "t", fs_json_reals(f->n, e->t));
    *bad |= fs_json_set(object, "mean_error", fs_json_reals(f->n, f->mean_error));
    *bad |= fs_json_set(object, "member_error", fs_json_reals(f->n, f->member_error));
    *bad |= fs_json_set(object, "noise", fs_json_reals(f->n, f->noise));
    *bad |= fs_json_set(object, "size", fs_json_reals(f->n, f->size));
    json_t *worst = worst_of(e, f, bad);
    *bad |= fs_json_set(object, "max", worst);
    *bad |= fs_json_set_count(object, "beyond", f->beyond);
    *bad |= fs_json_set_long(object, "steps", f->steps);
    *bad |= fs_json_set_long(object, "rhs_evals", f->evaluations);
    *bad |= fs_json_set_text(object, "text", fs_ensemble_sentence(e, i, line));
    *bad |= fs_json_set_text(object, "note", f->note);
    return object;
}

static json_t *ensemble_object(const fs_ensemble *e, int *bad)
{
    json_t *object = json_object(), *theorem = json_object(), *flows = json_array();
    *bad |= fs_json_set_text(object, "group", e->K.name);
    *bad |= fs_json_set_count(object, "members", e->members);
    *bad |= fs_json_set_count(object, "elements", e->elements);
    *bad |= fs_json_set_count(object, "inputs", e->inputs);
    *bad |= fs_json_set_count(object, "second", e->second);
    *bad |= fs_json_set_real(object, "t_end", e->t_end);
    *bad |= fs_json_set_real(object, "rtol", e->rtol);
    *bad |= fs_json_set_real(object, "atol", e->atol);
    *bad |= fs_json_set_real(object, "distance", e->distance);
    *bad |= fs_json_set_real(object, "outside", e->outside);
    *bad |= fs_json_set_real(object, "apart", e->apart);
    *bad |= fs_json_set_text(theorem, "applies", fs_verdict_name(e->applies));
    *bad |= fs_json_set_text(theorem, "because", e->because);
    *bad |= fs_json_set(object, "theorem", theorem);
    *bad |= fs_json_set(object, "stopped", json_boolean(e->stopped));
    for (size_t i = 0; i < e->n_flows; i++) {
        json_t *flow = flow_object(e, i, bad);
        *bad |= json_array_append_new(flows, flow) != 0;
    }
    *bad |= fs_json_set(object, "flows", flows);
    return object;
}

json_t *fs_json_ensemble(const fs_report_head *head, const fs_ensemble *e)
{
    int bad = 0;
    json_t *report = fs_json_head(head);
    bad |= fs_json_set_real(report, "gamma", e->gamma);
    json_t *object = ensemble_object(e, &bad);
    bad |= fs_json_set(report, "ensemble", object);
    if (!bad) return report;
    json_decref(report);
    return NULL;
}

/* --- CSV --------------------------------------------------------------------------------------- */

fs_status fs_csv_write_ensemble(const char *path, const fs_report_head *head, const fs_ensemble *e, fs_err *err)
{
    static const char header[] =
        "# mean_error: largest |Phibar_t(rho_X(g) x) - rho_Y(g) Phibar_t(x)| / largest |Phibar_t(x)|; member_error: the same of the first member alone\n"
        "# noise: what tolerances and rounding explain of mean_error, an estimate\n"
        "flow,t,mean_error,member_error,noise\n";
    fs_output *o;
    char number[FS_TEXT_NUMBER], line[FS_ENSEMBLE_SENTENCE];
    FS_TRY(fs_output_open(&o, path, err));
    FILE *stream = fs_output_stream(o);
    fs_csv_head(stream, head);
    if (e->stopped) fputs("# interrupted: what is here is right, but not all that was asked for\n", stream);
    fprintf(stream, "# gamma: %s\n# members: %zu\n# K: %s\n", fs_number_format(e->gamma, number), e->members, fs_text_line(e->K.name, sizeof line, line));
    for (size_t i = 0; i < e->n_flows; i++) fprintf(stream, "# %s: %s\n", fs_flow_name(e->flow[i].kind), fs_ensemble_sentence(e, i, line));
    fputs(header, stream);
    for (size_t i = 0; i < e->n_flows; i++)
        for (size_t r = 0; r < e->flow[i].n; r++) {
            const fs_ensemble_flow *f = &e->flow[i];
            fprintf(stream, "%s,%s", fs_flow_name(f->kind), fs_number_format(e->t[r], number));
            fprintf(stream, ",%s", fs_number_format(f->mean_error[r], number));
            fprintf(stream, ",%s", fs_number_format(f->member_error[r], number));
            fprintf(stream, ",%s\n", fs_number_format(f->noise[r], number));
        }
    return fs_output_commit(o, err);
}
