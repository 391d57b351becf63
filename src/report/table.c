/* report/table.c -- a run on one screen of 100 columns
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/table.h"

#include "report/bounds.h"
#include "report/spread.h"
#include "report/table_private.h"
#include "report/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char *fs_table_on(int colour, fs_paint p)
{
    static const char *const code[] = { "", "\033[1m", "\033[32m", "\033[31m", "\033[2m" };
    return colour ? code[p] : "";
}

const char *fs_table_off(int colour, fs_paint p)
{
    return colour && p != FS_PLAIN ? "\033[0m" : "";
}

/* --- lines ------------------------------------------------------------------------------ */

/* Bytes of the next word, and its columns: characters, not bytes. */
static size_t word_length(const char *text, size_t *columns)
{
    size_t length = 0;
    for (*columns = 0; text[length] && text[length] != ' '; ++*columns) {
        size_t step = fs_text_character(text + length);
        length += step ? step : 1;
    }
    return length;
}

void fs_table_paragraph(FILE *stream, const char *label, const char *text, int colour, fs_paint p)
{
    size_t indent = strlen(label) + 2, column = indent, columns;
    fprintf(stream, "  %s%s%s", fs_table_on(colour, p), label, fs_table_off(colour, p));
    for (int first = 1; *text; first = 0) {
        size_t length = word_length(text, &columns);
        if (!first && column + 1 + columns > FS_TABLE_WIDTH) {
            fprintf(stream, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            fputc(' ', stream);
            column++;
        }
        fwrite(text, 1, length, stream);
        column += columns;
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', stream);
}

void fs_say(fs_sentence *s, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(s->text + s->used, sizeof s->text - s->used, format, arguments);
    va_end(arguments);
    if (n > 0) s->used = s->used + (size_t)n < sizeof s->text ? s->used + (size_t)n : sizeof s->text - 1;
}

void fs_table_cell(FILE *stream, int width, const char *text)
{
    fprintf(stream, " %*s", width - 1, strcmp(text, "nan") ? text : "-");
}

/* --- header ------------------------------------------------------------------------------ */

static void words_of(const char *name, char *out, size_t size)
{
    fs_text_line(name, size, out);
    for (char *c = out; *c; c++)
        if (*c == '_') *c = ' ';
}

static void print_hypotheses(FILE *stream, const fs_hypotheses *h, int colour)
{
    fs_sentence holds = { "", 0 };
    size_t n_holds = 0;
    char name[40], value[FS_TEXT_NUMBER], tolerance[FS_TEXT_NUMBER];
    const fs_hypothesis *one;
    for (size_t i = 0; i < FS_HYPOTHESIS_COUNT; i++) {
        words_of(fs_hypothesis_at(h, i, &one), name, sizeof name);
        if (one->verdict != FS_HOLDS) continue;
        fs_say(&holds, "%s%s %s", n_holds++ ? ", " : "", name, fs_text_power(one->value, 0, value));
    }
    fs_sentence s = { "", 0 };
    fs_say(&s, "%s (%s)", n_holds == FS_HYPOTHESIS_COUNT ? "all hold" : n_holds ? "these hold" : "none holds", holds.text);
    fs_table_paragraph(stream, "hypotheses: ", s.text, colour, FS_PLAIN);
    for (size_t i = 0; i < FS_HYPOTHESIS_COUNT; i++) {
        words_of(fs_hypothesis_at(h, i, &one), name, sizeof name);
        if (one->verdict == FS_HOLDS) continue;
        fs_sentence line = { "", 0 };
        fs_say(&line, "%s: %s against a tolerance of %s%s%.199s", name, fs_text_real(one->value, 4, value),
               fs_text_power(one->tolerance, 0, tolerance), one->detail[0] ? ", " : "", one->detail);
        fs_table_paragraph(stream, one->verdict == FS_VIOLATED ? "VIOLATED:   " : "UNDECIDED:  ", line.text, colour, FS_BAD);
    }
}

/* The names of those with this verdict behind a word, what is open in brackets; how many there are. */
static size_t list_theorems(fs_sentence *s, const fs_theorem *theorem, fs_verdict verdict, const char *word)
{
    size_t count = 0;
    for (size_t i = 0; i < FS_THEOREM_COUNT; i++) {
        if (theorem[i].applies != verdict) continue;
        fs_say(s, "%s%s", count ? ", " : word, theorem[i].name);
        if (verdict == FS_UNDECIDED) fs_say(s, " (%.*s)", (int)strcspn(theorem[i].because, ":"), theorem[i].because);
        count++;
    }
    return count;
}

static void print_theorems(FILE *stream, const fs_theorem *theorem, int colour)
{
    fs_sentence s = { "", 0 }, holding = { "", 0 };
    size_t holds = list_theorems(&holding, theorem, FS_HOLDS, "");
    if (holds) fs_say(&s, "%s: %.300s", holds == 1 ? "applies" : "apply", holding.text);
    else fs_say(&s, "none applies for certain");
    size_t fails = list_theorems(&s, theorem, FS_VIOLATED, "; does not apply: ");
    list_theorems(&s, theorem, FS_UNDECIDED, "; undecided: ");
    if (fails == FS_THEOREM_COUNT) strcpy(s.text, "none applies");
    fs_table_paragraph(stream, "theorems:   ", s.text, colour, FS_PLAIN);
}

void fs_table_head(FILE *stream, const fs_report_head *head, int colour)
{
    char line[200];
    fprintf(stream, "%s%s%s", fs_table_on(colour, FS_BOLD), fs_text_line(head->model, 60, line), fs_table_off(colour, FS_BOLD));
    fprintf(stream, ": %s\n", fs_text_line(head->title, sizeof line, line));
    fs_sentence s = { "", 0 };
    if (head->group) fs_say(&s, "%.60s", head->group);
    if (head->order) fs_say(&s, "%s order %zu", head->group && !strcmp(head->group, "generated") ? "," : " of", head->order);
    if (head->rule && *head->rule && head->nodes != head->order) fs_say(&s, "%s (%.100s)", head->order ? "" : ", continuous", head->rule);
    fs_say(&s, "; dim L = %zu, dim E = %zu, dim N = %zu; %zu parameters", head->dim_L, head->dim_E, head->dim_N, head->parameters);
    fs_table_paragraph(stream, "group:      ", s.text, colour, FS_PLAIN);
    if (head->data_note) fs_table_paragraph(stream, "data:       ", fs_text_line(head->data_note, sizeof line, line), colour, FS_PLAIN);
    if (head->hypotheses) print_hypotheses(stream, head->hypotheses, colour);
    if (head->theorems) print_theorems(stream, head->theorems, colour);
}

static void print_start(FILE *stream, const fs_report_head *head, const fs_run *run, int colour)
{
    char number[FS_TEXT_NUMBER], file[100];
    fs_sentence s = { "", 0 };
    fs_say(&s, "%s = ", run->n_gamma > 1 ? "gammas" : "gamma");
    for (size_t g = 0; g < run->n_gamma; g++) fs_say(&s, "%s%s", g ? ", " : "", fs_text_short(run->gamma[g], number));
    if (head->weights) fs_say(&s, "; weights from %s", fs_text_line(head->weights, sizeof file, file));
    else fs_say(&s, "; |Y_0| = %s; seed%s ", fs_text_real(run->distance, 4, number), run->n_seed > 1 ? "s" : "");
    for (size_t i = 0; i < run->n_seed && !head->weights; i++) fs_say(&s, "%s%llu", i ? ", " : "", (unsigned long long)run->seed[i]);
    fs_table_paragraph(stream, "start:      ", s.text, colour, FS_PLAIN);
}

/* --- one start ------------------------------------------------------------------------------ */

static void print_header(FILE *stream, int colour)
{
    fprintf(stream, "\n%s%11s%15s%25s%32s%14s\n", fs_table_on(colour, FS_FAINT), "", "risk", "distance |Y| to E", "decay rate of |Y|", "energy");
    fprintf(stream, "%-11s%10s%10s%9s%9s%9s%10s%10s%9s%7s%6s%s\n", "flow", "start", "end", "start", "max", "end",
            "measured", "predicted", "bound", "error", "steps", fs_table_off(colour, FS_FAINT));
}

/* value, or 0 where it is no larger than its error. */
static double above(double value, double error)
{
    return fabs(value) <= error ? 0.0 : value;
}

/* The measured rate; 0 where |Y| changed by less than a millionth over the window. */
static double seen_rate(const fs_rate *r)
{
    return above(r->measured, 1e-6 / (r->t1 - r->t0));
}

static void print_row(FILE *stream, const fs_run_flow *f, int colour)
{
    char number[FS_TEXT_NUMBER];
    const fs_trajectory *T = f->trajectory;
    const fs_trajectory_row *last = fs_run_last(f);
    fprintf(stream, "%s%-11s%s", fs_table_on(colour, FS_BOLD), fs_flow_name(f->kind), fs_table_off(colour, FS_BOLD));
    if (!last) {
        fputs("  nothing was integrated\n", stream);
        return;
    }
    fs_table_cell(stream, 10, fs_text_real(T->first.risk, 4, number));
    fs_table_cell(stream, 10, fs_text_real(last->risk, 4, number));
    fs_table_cell(stream, 9, fs_text_power(T->first.distance, 1, number));
    fs_table_cell(stream, 9, fs_text_power(T->distance_max, 1, number));
    fs_paint p = FS_PLAIN;
    if (f->kind != FS_FLOW_EQUIVARIANT) p = fs_run_at_rounding(f, last->distance) ? FS_GOOD : last->distance > T->first.distance ? FS_BAD : FS_PLAIN;
    fputs(fs_table_on(colour, p), stream);
    fs_table_cell(stream, 9, fs_text_power(last->distance, 1, number));
    fputs(fs_table_off(colour, p), stream);
    fs_table_cell(stream, 10, fs_text_real(seen_rate(&f->rate), 4, number));
    fs_table_cell(stream, 10, fs_text_real(above(f->rate.predicted, f->rate.lambda_error), 4, number));
    fs_table_cell(stream, 9, fs_text_real(above(f->rate.groenwall_bound, f->rate.lambda_error), 3, number));
    fs_table_cell(stream, 7, fs_text_power(last->energy_error, 0, number));
    fprintf(stream, " %5ld\n", T->steps);
}

typedef enum { LEVEL, FALLING, RISING } trend;

/* The first step at or after this part of the time. */
static size_t step_from(const fs_trajectory *T, double part)
{
    size_t i = 0;
    while (i + 1 < T->n_steps_kept && T->step_t[i] < part * T->t_reached) i++;
    return i;
}

/* p > 0 where |Y| fell like t^-p over the last decade of t: log |Y| against log t had about one slope in both halves of it.  On the way
 * to a plateau the slope goes to 0, on an exponential it is three times as large in the second half.  0: no power law. */
static double power_of_fall(const fs_trajectory *T)
{
    size_t i = step_from(T, 0.1), k = step_from(T, sqrt(0.1));
    double early = log(T->step_distance[i] / T->step_distance[k]) / log(T->step_t[k] / T->step_t[i]);
    double late = log(T->step_distance[k] / T->last.distance) / log(T->t_reached / T->step_t[k]);
    return late > 0.02 && late >= 0.7 * early && late <= 1.4 * early ? late : 0.0;
}

/* How |Y| moved over the last third of the time: level when log |Y| changed by less than a tenth of what it changed in all, so that a
 * run that is merely short does not look level; a power law never is. */
static trend late_trend(const fs_trajectory *T)
{
    size_t i = step_from(T, 2.0 / 3.0);
    if (power_of_fall(T) > 0.0) return FALLING;
    double late = log(T->last.distance / T->step_distance[i]), all = log(T->last.distance / T->first.distance);
    if (fabs(late) <= 0.1 * fabs(all)) return LEVEL;
    return late < 0.0 ? FALLING : RISING;
}

/* On its way to E: down to a thousandth of the start and still falling. */
static int closing(const fs_trajectory *T)
{
    return T->last.distance <= 1e-3 * T->first.distance && late_trend(T) == FALLING;
}

/* Remark 1 is seen in a run whose augmented flow came a hundred times nearer to E from the same start. */
static int augmented_came_nearer(const fs_run *run, const fs_run_flow *f)
{
    for (size_t i = 0; i < run->n; i++) {
        const fs_run_flow *other = &run->flow[i];
        if (other->kind == FS_FLOW_AUGMENTED && fs_run_complete(other)) return fs_run_last(other)->distance <= 1e-2 * fs_run_last(f)->distance;
    }
    return 0;
}

/* What the transverse Hessian says of where the augmented flow ended. */
static void describe_prediction(fs_sentence *s, const fs_run_flow *f, int elsewhere)
{
    const fs_rate *r = &f->rate;
    char a[FS_TEXT_NUMBER], b[FS_TEXT_NUMBER], c[FS_TEXT_NUMBER], sum[4 * FS_TEXT_NUMBER];
    fs_text_real(above(r->lambda_min, r->lambda_error), 4, a);
    snprintf(sum, sizeof sum, "gamma + lambda_min(H_N) = %s %c %s = %s", fs_text_short(f->gamma, b), a[0] == '-' ? '-' : '+',
             a[0] == '-' ? a + 1 : a, fs_text_real(above(r->predicted, r->lambda_error), 4, c));
    if (elsewhere && r->predicted > r->lambda_error) {
        fs_say(s, "; E attracts nearby (%s > 0), but this start ended at another attractor", sum);
        return;
    }
    fs_say(s, "; predicted at its end point: %s", sum);
    if (fabs(r->predicted) <= r->lambda_error) fs_say(s, ", which is 0 within its error %s: undecided there", fs_text_power(r->lambda_error, 0, a));
    else if (r->predicted < 0.0) fs_say(s, " < 0, E repels there");
    if (r->groenwall_bound > r->predicted + r->lambda_error)
        fs_say(s, "; the bound %s holds until t = %s, where |Y| reached rounding", fs_text_real(r->groenwall_bound, 3, a), fs_text_real(r->t1, 2, b));
}

/* What flow f of the run did, from its own numbers. */
static void describe(fs_sentence *s, const fs_run *run, const fs_run_flow *f)
{
    const fs_trajectory *T = f->trajectory;
    const fs_trajectory_row *last = fs_run_last(f);
    char a[FS_TEXT_NUMBER], b[FS_TEXT_NUMBER];
    if (!T || !last) {
        fs_say(s, "%s", T ? T->status : "was not integrated");
        return;
    }
    if (T->code != FS_OK) fs_say(s, "%s. Before that: ", T->status);
    double start = T->first.distance;
    fs_text_power(start, 1, a);
    fs_text_power(last->distance, 1, b);
    int rounding = fs_run_at_rounding(f, last->distance), falls = !(last->distance >= start);
    trend late = late_trend(T);
    double power = rounding || !falls ? 0.0 : power_of_fall(T);
    if (isnan(last->distance)) {
        fs_say(s, "|Y| is not a number.");
        return;
    }
    if (fs_run_at_rounding(f, start) && rounding) fs_say(s, "stayed on E up to rounding: |Y| ended at %s", b);
    else if (rounding && f->kind == FS_FLOW_NOMINAL)
        fs_say(s, "fell to |Y| = %s, below what is resolved: a plateau of |Pi_N grad R| / gamma can be no larger", b);
    else if (rounding) fs_say(s, "reached E: |Y| fell from %s to %s, which is rounding", a, b);
    else if (closing(T)) fs_say(s, "approached E: |Y| fell from %s to %s and was still falling", a, b);
    else if (falls && late == LEVEL) fs_say(s, "did not reach E: |Y| fell from %s and levelled off at %s", a, b);
    else if (falls) fs_say(s, "did not reach E: |Y| went from %s to %s and was %s", a, b, late == FALLING ? "still falling" : "rising again");
    else fs_say(s, "left E: |Y| rose from %s to %s%s", a, b, late == LEVEL ? " and levelled off there" : "");
    if (power > 0.0) fs_say(s, " like t^-%s, more slowly than exponentially", fs_text_real(power, 2, a));
    if (f->kind == FS_FLOW_AUGMENTED) {
        double rate = seen_rate(&f->rate);
        int elsewhere = !rounding && late == LEVEL && fabs(rate) <= 0.0;
        if (falls && (rounding || late != LEVEL) && !(power > 0.0) && isfinite(rate)) fs_say(s, ", at rate %s", fs_text_real(rate, 4, a));
        if (isfinite(f->rate.predicted)) describe_prediction(s, f, elsewhere);
    } else if (!rounding && falls && late == LEVEL && f->gamma > 0.0 && augmented_came_nearer(run, f)) {
        fs_say(s, ". Without augmentation the gradient on E points off E, and gamma |Y| only balances it");
    }
    fs_say(s, ".");
    if (f->kind == FS_FLOW_AUGMENTED && f->rate.note[0]) fs_say(s, " (%s)", f->rate.note);
}

static void print_single(FILE *stream, const fs_run *run, int colour)
{
    int complete = 1;
    char t[FS_TEXT_NUMBER], wall[FS_TEXT_NUMBER];
    print_header(stream, colour);
    for (size_t i = 0; i < run->n; i++) {
        print_row(stream, &run->flow[i], colour);
        complete = complete && fs_run_complete(&run->flow[i]);
    }
    fputc('\n', stream);
    for (size_t i = 0; i < run->n; i++) {
        const fs_run_flow *f = &run->flow[i];
        char label[32];
        fs_sentence s = { "", 0 };
        if (f->kind == FS_FLOW_EQUIVARIANT && fs_run_complete(f)) continue;     /* on E by construction: the row says all */
        describe(&s, run, f);
        snprintf(label, sizeof label, "%-12s", fs_flow_name(f->kind));
        fs_table_paragraph(stream, label, s.text, colour, fs_run_complete(f) ? FS_BOLD : FS_BAD);
    }
    const fs_trajectory_row *last = run->n ? fs_run_last(&run->flow[0]) : NULL;
    if (complete && last)
        fprintf(stream, "  %s reached t = %s in %s s\n", run->n > 1 ? "All flows" : "The flow", fs_text_real(last->t, 6, t),
                fs_text_real(run->wall_s, 2, wall));
}

/* --- lists ------------------------------------------------------------------------------------ */

/* Over the seeds of one gamma and kind: how many there are, reached rounding, are on their way, ended above their start, did not
 * finish; the others ended nearer to E than they started. */
typedef struct { size_t all, rounding, closing, rose, missing; } tally;

static tally count(const fs_run *run, size_t g, size_t k)
{
    tally c = { run->n_seed, 0, 0, 0, 0 };
    for (size_t s = 0; s < run->n_seed; s++) {
        const fs_run_flow *f = fs_run_at(run, g, s, k);
        const fs_trajectory_row *last = fs_run_last(f);
        if (!fs_run_complete(f) || !last || isnan(last->distance)) c.missing++;
        else if (fs_run_at_rounding(f, last->distance)) c.rounding++;
        else if (closing(f->trajectory)) c.closing++;
        else if (last->distance > f->trajectory->first.distance) c.rose++;
    }
    return c;
}

static void distance_cell(FILE *stream, const fs_run *run, size_t g, size_t k, double *buffer, int colour)
{
    char median[FS_TEXT_NUMBER], low[FS_TEXT_NUMBER], high[FS_TEXT_NUMBER], spread[2 * FS_TEXT_NUMBER + 8] = "";
    fs_spread s = fs_run_spread(run, g, k, FS_END_DISTANCE, buffer);
    tally c = count(run, g, k);
    int reached = s.count > 0 && c.rounding == s.count, left = s.count > 0 && c.rose == s.count;
    fs_paint p = reached ? FS_GOOD : left ? FS_BAD : FS_PLAIN;
    if (run->n_seed > 1 && s.count) snprintf(spread, sizeof spread, "(%s .. %s)", fs_text_power(s.min, 1, low), fs_text_power(s.max, 1, high));
    fprintf(stream, "  %s%8s%s%s %-20s", fs_table_on(colour, p), s.count ? fs_text_power(s.median, 1, median) : "-", reached ? "*" : left ? "^" : " ",
            fs_table_off(colour, p), spread);
}

/* What all finished seeds of one gamma did. */
typedef enum { ALL_REACHED, ALL_CLOSING, SOME_REACHED, SOME_LEFT, ALL_NEARER, SOME_NEARER, ALL_FARTHER, NOT_FINISHED } outcome;

static outcome outcome_of(tally c)
{
    size_t finished = c.all - c.missing;
    if (!finished) return NOT_FINISHED;
    if (c.rounding == finished) return ALL_REACHED;
    if (c.rounding + c.closing == finished) return ALL_CLOSING;
    if (c.rounding + c.closing) return c.rose ? SOME_LEFT : SOME_REACHED;
    return c.rose == finished ? ALL_FARTHER : c.rose ? SOME_NEARER : ALL_NEARER;
}

static void describe_list(FILE *stream, const fs_run *run, size_t k, int colour)
{
    static const char *const words[] = {
        [ALL_REACHED] = "reaches E (|Y| at rounding)",
        [ALL_CLOSING] = "approaches E (|Y| below a thousandth of its start and falling)",
        [SOME_REACHED] = "approaches E from some seeds, the others end nearer to E than at the start,",
        [SOME_LEFT] = "approaches E from some seeds only",
        [ALL_NEARER] = "ends nearer to E, above rounding",
        [SOME_NEARER] = "ends nearer to E or farther, by the seed",
        [ALL_FARTHER] = "leaves E (|Y| ends above its start)",
        [NOT_FINISHED] = "did not finish",
    };
    fs_sentence s = { "", 0 };
    char label[32], number[FS_TEXT_NUMBER];
    for (size_t o = 0; o < sizeof words / sizeof *words; o++) {
        size_t found = 0;
        for (size_t g = 0; g < run->n_gamma; g++) {
            tally c = count(run, g, k);
            if (outcome_of(c) != (outcome)o) continue;
            if (!found) fs_say(&s, "%s%s at gamma ", s.used ? "; " : "", words[o]);
            fs_say(&s, "%s%s", found++ ? ", " : "", fs_text_short(run->gamma[g], number));
            if (o == SOME_REACHED || o == SOME_LEFT) fs_say(&s, " (%zu of %zu)", c.rounding + c.closing, c.all - c.missing);
        }
    }
    fs_say(&s, ".");
    snprintf(label, sizeof label, "%-12s", fs_flow_name(run->kind[k]));
    fs_table_paragraph(stream, label, s.text, colour, FS_BOLD);
}

static void print_failures(FILE *stream, const fs_run *run, int colour)
{
    char number[FS_TEXT_NUMBER];
    size_t failures = 0;
    for (size_t i = 0; i < run->n; i++) {
        const fs_run_flow *f = &run->flow[i];
        if (fs_run_complete(f) || ++failures > 5) continue;
        fs_sentence s = { "", 0 };
        fs_say(&s, "%s, gamma %s, seed %llu: %s", fs_flow_name(f->kind), fs_text_short(f->gamma, number), (unsigned long long)f->seed,
               f->trajectory ? f->trajectory->status : "was not integrated");
        fs_table_paragraph(stream, "incomplete: ", s.text, colour, FS_BAD);
    }
    if (failures > 5) fprintf(stream, "  and %zu more; all are in the report\n", failures - 5);
    if (failures) fputs("  Incomplete flows are left out of the medians.\n", stream);
}

static void print_list(FILE *stream, const fs_run *run, double *buffer, int colour)
{
    char number[FS_TEXT_NUMBER];
    const fs_trajectory_row *last = NULL;
    for (size_t i = 0; i < run->n && !last; i++)
        if (fs_run_complete(&run->flow[i])) last = fs_run_last(&run->flow[i]);
    fprintf(stream, "\n%sat t = %s%s", fs_table_on(colour, FS_FAINT), last ? fs_text_real(last->t, 6, number) : "-",
            run->n_seed > 1 ? ": median over the seeds (smallest .. largest)\n" : "\n");
    fprintf(stream, "%-7s", "gamma");
    for (size_t k = 0; k < run->n_kinds; k++)
        if (run->kind[k] != FS_FLOW_EQUIVARIANT) fprintf(stream, "   |Y| %-26s", fs_flow_name(run->kind[k]));
    for (size_t k = 0; k < run->n_kinds; k++) {
        snprintf(number, sizeof number, "%s%.3s", k ? "" : "risk ", fs_flow_name(run->kind[k]));
        fprintf(stream, "%9s", number);
    }
    fprintf(stream, "%s\n", fs_table_off(colour, FS_FAINT));
    for (size_t g = 0; g < run->n_gamma; g++) {
        fprintf(stream, "%s%-8s%s", fs_table_on(colour, FS_BOLD), fs_text_short(run->gamma[g], number), fs_table_off(colour, FS_BOLD));
        for (size_t k = 0; k < run->n_kinds; k++)
            if (run->kind[k] != FS_FLOW_EQUIVARIANT) distance_cell(stream, run, g, k, buffer, colour);
        for (size_t k = 0; k < run->n_kinds; k++) {
            fs_spread s = fs_run_spread(run, g, k, FS_END_RISK, buffer);
            fs_table_cell(stream, 9, fs_text_real(s.median, 3, number));
        }
        fputc('\n', stream);
    }
    fprintf(stream, "* |Y| at rounding   ^ |Y| ended above its start%s\n\n", run->n_seed > 1 ? "; in every finished seed" : "");
    for (size_t k = 0; k < run->n_kinds; k++)
        if (run->kind[k] != FS_FLOW_EQUIVARIANT) describe_list(stream, run, k, colour);
    print_failures(stream, run, colour);
}

fs_status fs_table_print_run(FILE *stream, const fs_report_head *head, const fs_run *run, int colour, fs_err *err)
{
    fs_table_head(stream, head, colour);
    print_start(stream, head, run, colour);
    if (run->n_gamma * run->n_seed == 1) {
        print_single(stream, run, colour);
        if (run->bounds) fs_table_print_bounds(stream, run->bounds, colour);
        return FS_OK;
    }
    double *buffer = fs_calloc(run->n_seed, sizeof *buffer);
    if (!buffer) return fs_fail(err, FS_ENOMEM, "table of %zu seeds", run->n_seed);
    print_list(stream, run, buffer, colour);
    free(buffer);
    return FS_OK;
}
