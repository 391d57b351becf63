/* report/table_stability.c -- spectra and critical gammas on one screen of 100 columns
 *
 * An eigenvalue that is zero within its error is written as 0 beside that error, and nothing is concluded from its sign.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/stability.h"

#include "base/norm.h"
#include "report/table.h"
#include "report/table_private.h"
#include "report/text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { MOST_BLOCKS = 14, MOST_POINTS = 12, MOST_LINES = 5, NAME = 22 };

/* --- words ------------------------------------------------------------------------------ */

/* "0.318", "0" where it is no larger than its error, "-" where it is unknown. */
static const char *real_word(double value, double error, int digits, char *buffer)
{
    if (isnan(value)) return "-";
    return fs_text_real(fabs(value) <= error ? 0.0 : value, digits, buffer);
}

static const char *power_word(double value, char *buffer)
{
    return isnan(value) ? "-" : fs_text_power(value, 1, buffer);
}

/* "0.318 +- 1.2e-15", "0 within its error 1e-12: its sign is undecided". */
static void say_eigenvalue(fs_sentence *s, double value, double error)
{
    char a[FS_TEXT_NUMBER], b[FS_TEXT_NUMBER];
    if (isnan(value)) fs_say(s, "not known");
    else if (isnan(error)) fs_say(s, "%s, its error is not known", fs_text_real(value, 6, a));
    else if (isinf(error)) fs_say(s, "%s or beyond, known from one side only", fs_text_real(value, 6, a));
    else if (!(fabs(value) > error)) fs_say(s, "0 within its error %s, so its sign is undecided", power_word(error, b));
    else fs_say(s, "%s +- %s", fs_text_real(value, 6, a), power_word(error, b));
}

static void print_interrupted(FILE *stream, int stopped, int colour)
{
    if (stopped) fs_table_paragraph(stream, "INTERRUPTED ", "what is here is right, but it is not all that was asked for", colour, FS_BAD);
}

/* "seed 7", "given weights". */
static const char *origin(const fs_report_head *head, uint64_t seed, char *buffer)
{
    if (head->weights && !seed) return "given weights";
    snprintf(buffer, FS_TEXT_NUMBER, "seed %" PRIu64, seed);
    return buffer;
}

/* --- where the point is ------------------------------------------------------------------- */

static void say_found(fs_sentence *s, const fs_report_head *head, const fs_stationary *p)
{
    char a[FS_TEXT_NUMBER], b[FS_TEXT_NUMBER];
    if (p->by_flow) fs_say(s, "found from the end of the %s flow at t = %s", fs_flow_name(p->kind), real_word(p->t_flow, 0.0, 4, a));
    else fs_say(s, "found by Newton's method");
    fs_say(s, " (%s): ", origin(head, p->seed, a));
    if (p->kind == FS_FLOW_EQUIVARIANT)
        fs_say(s, "|Pi_E grad R| = %s, tolerance %s", power_word(p->residual_E, a), power_word(p->tolerance, b));
    else fs_say(s, "|grad| = %s, tolerance %s", power_word(p->residual, a), power_word(p->tolerance, b));
    if (p->kind == FS_FLOW_EQUIVARIANT) fs_say(s, "; |grad R^aug| = %s on all of L", power_word(p->residual, a));
    fs_say(s, "; %ld Newton iteration%s, last correction %s", p->iterations, p->iterations == 1 ? "" : "s", power_word(p->correction, a));
}

static void say_not_found(fs_sentence *s, const fs_stationary *p)
{
    static const char *const words[] = {
        [FS_SEARCH_SEPARABLE] = "no finite minimum: the data are separated, and nothing with a risk as low as this is stationary",
        [FS_SEARCH_RUNAWAY] = "none found: the weights seem to grow without end while the gradient shrinks",
        [FS_SEARCH_UNREACHED] = "none found: neither the flow nor Newton's method came to a stationary point",
        [FS_SEARCH_STOPPED] = "none found: the search was stopped",
    };
    char a[FS_TEXT_NUMBER], b[FS_TEXT_NUMBER];
    fs_say(s, "%s. The search ended at t = %s with |grad| = %s", words[p->outcome], real_word(p->t_flow, 0.0, 4, a), power_word(p->residual_E, b));
    if (p->kind == FS_FLOW_EQUIVARIANT) fs_say(s, " in E, %s on all of L", power_word(p->residual, a));
    if (!isnan(p->correction)) fs_say(s, "; the next Newton correction is %s", power_word(p->correction, a));
}

static void print_place(FILE *stream, const fs_report_head *head, const fs_stability *s, int colour)
{
    fs_sentence line = { "", 0 };
    char a[FS_TEXT_NUMBER], b[FS_TEXT_NUMBER], c[FS_TEXT_NUMBER];
    const fs_stationary *at = s->n_points ? s->point[0].at : NULL;
    if (!at) {
        fs_table_paragraph(stream, "point:      ", "no place was reached", colour, FS_BAD);
        return;
    }
    int found = at->outcome == FS_SEARCH_FOUND;
    if (s->where == FS_AT_START) {
        fs_say(&line, "the start (%s), no search; |grad| = %s", origin(head, at->seed, a), power_word(at->residual, b));
    } else if (s->where == FS_AT_END) {
        fs_say(&line, "the end of the %s flow (%s)", fs_flow_name(at->kind), origin(head, at->seed, a));
        fs_say(&line, " at t = %s, no search; |grad| = %s", real_word(at->t_flow, 0.0, 4, a), power_word(at->residual, b));
    } else if (found) {
        say_found(&line, head, at);
    } else {
        say_not_found(&line, at);
        fs_say(&line, "; what follows is about that place");
    }
    fs_table_paragraph(stream, "point:      ", line.text, colour, found || s->where != FS_AT_STATIONARY ? FS_PLAIN : FS_BAD);
    line = (fs_sentence){ "", 0 };
    fs_say(&line, "risk %s, |A| = %s, |Y| = %s", real_word(at->risk, 0.0, 6, a), real_word(at->size, 0.0, 4, b), power_word(at->distance, c));
    if (at->note[0] && !found && !strstr(s->point[0].verdict, at->note)) fs_say(&line, "; %s", at->note);
    fs_table_paragraph(stream, "            ", line.text, colour, FS_PLAIN);
}

/* --- blocks --------------------------------------------------------------------------------- */

/* "12", or "12+" of a block whose other eigenvalues are not known; "-" where nothing is. */
static void count_cell(FILE *stream, int width, const fs_spectrum_block *b, double shift, fs_sign sign)
{
    char number[FS_TEXT_NUMBER];
    size_t n = 0;
    for (size_t i = 0; i < b->count; i++) n += fs_sign_of(b->value[i], b->error[i] + shift) == sign ? b->copies : 0;
    snprintf(number, sizeof number, b->complete || !n ? "%zu" : "%zu+", n);
    fs_table_cell(stream, width, b->complete || n ? number : "nan");
}

static double largest_error(const fs_spectrum_block *b)
{
    double worst = b->count ? 0.0 : (double)NAN;
    for (size_t i = 0; i < b->count && !isnan(worst); i++)
        fs_raise_to(&worst, b->error[i]);
    return worst;
}

static int has_negative(const fs_spectrum_block *b)
{
    return fs_sign_of(b->lowest, b->lowest_error) == FS_SIGN_NEGATIVE;
}

/* shift: what the distance to the exact point adds to every error */
static void block_row(FILE *stream, const fs_spectrum_block *b, double shift, int inner, int critical, int colour)
{
    char name[NAME + 1], size[48], number[FS_TEXT_NUMBER], low[FS_TEXT_NUMBER + 2] = "";
    double error = largest_error(b) + shift;
    fs_paint p = has_negative(b) ? FS_BAD : FS_PLAIN;
    if (inner && b->copies > 1) snprintf(size, sizeof size, "%zu x %zu", b->copies, b->multiplicity);
    else snprintf(size, sizeof size, inner ? "1 x %zu" : "%zu", b->dim);
    fs_text_line(b->name, sizeof name, name);
    fprintf(stream, "%s%-*s%11s", critical ? "* " : inner ? "  " : "", inner ? NAME : NAME + 2, name, size);
    int bound = !b->lowest_known && !isnan(b->lowest);
    snprintf(low, sizeof low, "%s%s", bound ? "<=" : "", real_word(b->lowest, b->lowest_error, bound ? 3 : 4, number));
    fputs(fs_table_on(colour, p), stream);
    fs_table_cell(stream, 12, low);
    fputs(fs_table_off(colour, p), stream);
    fprintf(stream, " .. %-10s", real_word(b->highest, error, 4, number));
    count_cell(stream, 10, b, shift, FS_SIGN_NEGATIVE);
    count_cell(stream, 8, b, shift, FS_SIGN_UNDECIDED);
    count_cell(stream, 10, b, shift, FS_SIGN_POSITIVE);
    fs_table_cell(stream, 9, fs_text_power(error, 0, number));
    fputc('\n', stream);
}

/* The isotypic block of the trivial representation is E itself wherever L lets it. */
static int is_E(const fs_spectrum *s, size_t i)
{
    return i == 0 && s->block[i].dim == s->E.dim;
}

static void block_rows(FILE *stream, const fs_spectrum *s, double shift, int colour)
{
    size_t shown = 0, left = 0;
    for (size_t i = 0; i < s->n_blocks; i++) {
        if (is_E(s, i) || !s->block[i].dim) continue;
        if (shown >= MOST_BLOCKS && i != s->critical) {
            left++;
            continue;
        }
        block_row(stream, &s->block[i], shift, 1, i == s->critical, colour);
        shown++;
    }
    if (left) fprintf(stream, "  and %zu more; all are in the report\n", left);
}

static void print_legend(FILE *stream, const fs_spectrum *s)
{
    fs_sentence line = { "", 0 };
    if (s->critical < s->n_blocks) fs_say(&line, "* lowest on N: goes critical first   ");
    if (!s->E.complete || !s->N.complete) fs_say(&line, "+ at least: only the ends are known   ");
    if ((s->E.dim && !s->E.lowest_known) || (s->N.dim && !s->N.lowest_known)) fs_say(&line, "<= an upper bound");
    while (line.used && line.text[line.used - 1] == ' ') line.text[--line.used] = 0;
    if (line.used) fprintf(stream, "%s\n", line.text);
}

static void print_blocks(FILE *stream, const fs_spectrum *s, double shift, int colour)
{
    fprintf(stream, "\n%s%-24s%11s%12s    %-10s%10s%8s%10s%9s%s\n", fs_table_on(colour, FS_FAINT), "block", "dim x mult.", "lowest", "highest",
            "negative", "zero", "positive", "error", fs_table_off(colour, FS_FAINT));
    block_row(stream, &s->E, shift, 0, 0, colour);
    if (s->dim_N) block_row(stream, &s->N, shift, 0, 0, colour);
    else fputs("N                                 0   E is all of L\n", stream);
    block_rows(stream, s, shift, colour);
    if (s->whole.name[0]) block_row(stream, &s->whole, shift, 0, 0, colour);
    print_legend(stream, s);
    fputc('\n', stream);
}

static void print_off_block(FILE *stream, const fs_spectrum *s, int colour)
{
    fs_sentence line = { "", 0 };
    char a[FS_TEXT_NUMBER];
    if (isnan(s->off_EN) && isnan(s->off_blocks)) {
        fs_table_paragraph(stream, "off-block:  ", "not measured: the Hessian was not formed", colour, FS_PLAIN);
        return;
    }
    int within = !(s->off_EN > s->off_tolerance) && !(s->off_blocks > s->off_tolerance) && !isnan(s->off_tolerance);
    fs_say(&line, "|Q_E^T H Q_N| = %s", power_word(s->off_EN, a));
    if (!isnan(s->off_blocks)) fs_say(&line, ", between the irreducibles %s", power_word(s->off_blocks, a));
    fs_say(&line, "; rounding explains %s%s", power_word(s->off_tolerance, a), within ? "" : ", so the blocks do NOT decouple here");
    fs_table_paragraph(stream, "off-block:  ", line.text, colour, within ? FS_PLAIN : FS_BAD);
}

/* --- verdicts ----------------------------------------------------------------------------------- */

static void print_gamma_critical(FILE *stream, const fs_stability_point *p, int colour)
{
    fs_sentence line = { "", 0 };
    char a[FS_TEXT_NUMBER], name[sizeof p->irreducible];
    if (isnan(p->gamma_critical)) fs_say(&line, "not known");
    else if (isinf(p->gamma_error))
        fs_say(&line, "at least %s: the lowest eigenvalue on N is known from one side only", fs_text_real(p->gamma_critical, 6, a));
    else say_eigenvalue(&line, p->gamma_critical, p->gamma_error);
    if (p->irreducible[0])
        fs_say(&line, p->gamma_critical > p->gamma_error ? "; the symmetry that breaks first: %s" : "; lowest on the irreducible %s",
               fs_text_line(p->irreducible, sizeof name, name));
    fs_table_paragraph(stream, "gamma_c:    ", line.text, colour, FS_BOLD);
}

static fs_paint paint_of(const fs_stability_point *p)
{
    if (p->on_L == FS_POINT_MINIMUM) return FS_GOOD;
    return p->on_L == FS_POINT_SADDLE || p->on_L == FS_POINT_MAXIMUM ? FS_BAD : FS_BOLD;
}

/* The spectrum and what follows from it. */
static void print_first(FILE *stream, const fs_stability_point *p, int colour)
{
    const fs_spectrum *S = p->spectrum;
    if (S) {
        print_blocks(stream, S, isnan(p->shift) ? 0.0 : p->shift, colour);
        print_off_block(stream, S, colour);
        if (S->note[0]) fs_table_paragraph(stream, "spectrum:   ", S->note, colour, FS_PLAIN);
    }
    if (!S || S->dim_N) print_gamma_critical(stream, p, colour);
    if (p->verdict[0]) fs_table_paragraph(stream, "verdict:    ", p->verdict, colour, paint_of(p));
}

static void point_row(FILE *stream, size_t i, const fs_stability_point *p)
{
    char a[FS_TEXT_NUMBER], number[16];
    const fs_stationary *at = p->at;
    const double none = (double)NAN;
    snprintf(number, sizeof number, "%zu", i + 1);
    fprintf(stream, "%-5s", number);
    fs_table_cell(stream, 12, fs_text_real(at ? at->risk : none, 6, a));
    fs_table_cell(stream, 10, fs_text_real(at ? at->size : none, 4, a));
    fprintf(stream, "  %-16s%-16s", fs_point_name(p->on_E), fs_point_name(p->on_L));
    fs_table_cell(stream, 12, isinf(p->gamma_error) ? "nan" : real_word(p->gamma_critical, p->gamma_error, 5, a));
    fs_table_cell(stream, 10, fs_text_power(at ? at->residual : none, 1, a));
    fprintf(stream, "  %s\n", !at || at->outcome != FS_SEARCH_FOUND ? "not found" : at->by_flow ? "flow" : "Newton");
}

static void print_points(FILE *stream, const fs_stability *s, int colour)
{
    if (s->n_points > 1) {
        fprintf(stream, "\n%s%-5s%12s%10s  %-16s%-16s%12s%10s  %s%s\n", fs_table_on(colour, FS_FAINT), "point", "risk", "|A|", "on E", "on L",
                "gamma_c", "residual", "by", fs_table_off(colour, FS_FAINT));
        for (size_t i = 0; i < s->n_points && i < MOST_POINTS; i++) point_row(stream, i, &s->point[i]);
        if (s->n_points > MOST_POINTS) fprintf(stream, "  and %zu more; all are in the report\n", s->n_points - MOST_POINTS);
        fputc('\n', stream);
    }
    if (s->starts)
        fprintf(stream, "  %zu Newton search%s for more points, %zu of them ended nowhere new\n", s->starts, s->starts > 1 ? "es" : "", s->missed);
}

/* The place of the lowest number, n when none is a number. */
static size_t lowest_of(size_t n, const double *value)
{
    size_t k = n;
    for (size_t i = 0; i < n; i++)
        if (!isnan(value[i]) && (k == n || value[i] < value[k])) k = i;
    return k;
}

/* own: the weights move in coordinates of their own, which the exponents know nothing of */
static void print_path(FILE *stream, const fs_stability_path *p, int own, int colour)
{
    fs_sentence line = { "", 0 };
    char t[FS_TEXT_NUMBER];
    size_t k = lowest_of(p->n, p->lambda_min);
    if (!p->n) {
        if (p->note[0]) fs_table_paragraph(stream, "path:       ", p->note, colour, FS_PLAIN);
        return;
    }
    size_t last = p->n - 1;
    if (k == p->n) {
        fs_say(&line, "lambda_min(H_N) is not known anywhere along the path in E");
    } else {
        fs_say(&line, "along the path in E, lambda_min(H_N) is lowest at t = %s: ", fs_text_real(p->t[k], 4, t));
        say_eigenvalue(&line, p->lambda_min[k], p->lambda_error[k]);
        fs_say(&line, "; at the end, t = %s: ", fs_text_real(p->t[last], 4, t));
        say_eigenvalue(&line, p->lambda_min[last], p->lambda_error[last]);
    }
    if (p->exponents && !isnan(p->exponent[last * p->exponents]))
        fs_say(&line, ". The largest exponent across E ends at %s%s for gamma = 0%s", p->complete ? "" : "or above ",
               fs_text_real(p->exponent[last * p->exponents], 4, t), own ? ", in orthonormal coordinates" : ", less gamma otherwise");
    fs_say(&line, ".");
    if (p->note[0]) fs_say(&line, " (%s)", p->note);
    fs_table_paragraph(stream, "path:       ", line.text, colour, FS_PLAIN);
}

void fs_table_print_stability(FILE *stream, const fs_report_head *head, const fs_stability *s, int colour)
{
    static const char *const places[] = {
        [FS_AT_STATIONARY] = "its stationary points", [FS_AT_START] = "where it starts", [FS_AT_END] = "where it ends",
    };
    char number[FS_TEXT_NUMBER], wall[FS_TEXT_NUMBER];
    fs_sentence line = { "", 0 };
    fs_table_head(stream, head, colour);
    fs_say(&line, "%s, %s; gamma = %s", fs_flow_name(s->kind), places[s->where], fs_text_short(s->gamma, number));
    fs_table_paragraph(stream, "flow:       ", line.text, colour, FS_PLAIN);
    print_place(stream, head, s, colour);
    if (s->n_points) print_first(stream, &s->point[0], colour);
    print_points(stream, s, colour);
    print_path(stream, &s->path, s->problem && fs_problem_parametrisation(s->problem), colour);
    print_interrupted(stream, s->stopped, colour);
    fprintf(stream, "  %s s\n", fs_text_real(s->wall_s, s->wall_s < 99.5 ? 2 : 4, wall));
}

/* --- critical --------------------------------------------------------------------------------------- */

static void print_equilibrium(FILE *stream, const fs_critical *c, int colour)
{
    fs_sentence line = { "", 0 };
    char a[FS_TEXT_NUMBER], b[FS_TEXT_NUMBER], name[48];
    const fs_stability_point *p = c->equilibria && c->equilibria->n_points ? &c->equilibria->point[0] : NULL;
    if (!p || !p->at || p->at->outcome != FS_SEARCH_FOUND) {
        fs_say(&line, "of E: ");
        if (p && p->at) say_not_found(&line, p->at);
        else fs_say(&line, "none found: no search came to an end");
        fs_table_paragraph(stream, "equilibrium ", line.text, colour, FS_BAD);
        return;
    }
    fs_say(&line, "of E, gamma_c = ");
    int one_point = p->spectrum && !p->spectrum->dim_E;
    if (isinf(p->gamma_error)) fs_say(&line, "at least %s", fs_text_real(p->gamma_critical, 6, a));
    else say_eigenvalue(&line, p->gamma_critical, p->gamma_error);
    if (p->irreducible[0]) fs_say(&line, " (%s)", fs_text_line(p->irreducible, sizeof name, name));
    fs_say(&line, "; %s%s; risk %s, |grad R^aug| = %s", one_point ? "E is one point, at this gamma on L: " : "on E: ", fs_point_name(one_point ? p->on_L : p->on_E), real_word(p->at->risk, 0.0, 6, a),
           power_word(p->at->residual, b));
    fs_table_paragraph(stream, "equilibrium ", line.text, colour, FS_BOLD);
}

/* The sharpest of the sufficient gammas over the gamma found; NaN when there is none. */
static double sharpest(const fs_critical_start *s)
{
    const double ratio[] = { s->tightness.tube, s->tightness.ray, s->tightness.lambda, s->tightness.bernoulli, s->tightness.paper };
    size_t k = lowest_of(sizeof ratio / sizeof *ratio, ratio);
    return k < sizeof ratio / sizeof *ratio ? ratio[k] : (double)NAN;
}

static void start_row(FILE *stream, const fs_critical_start *s, int colour)
{
    char number[FS_TEXT_NUMBER], low[FS_TEXT_NUMBER], high[FS_TEXT_NUMBER], bracket[2 * FS_TEXT_NUMBER + 8] = "-";
    fs_table_cell(stream, 9, fs_text_real(s->distance, 4, number));
    snprintf(number, sizeof number, "%" PRIu64, s->seed);
    fprintf(stream, " %*s%s", 5, number, fs_table_on(colour, FS_BOLD));
    fs_table_cell(stream, 11, fs_text_real(s->gamma_critical, 6, number));
    if (isfinite(s->bracket[0]) && isfinite(s->bracket[1]))
        snprintf(bracket, sizeof bracket, "%s%s .. %s", s->decided ? "" : "~", fs_text_real(s->bracket[0], 5, low), fs_text_real(s->bracket[1], 5, high));
    fprintf(stream, "%s %21s", fs_table_off(colour, FS_BOLD), bracket);
    fs_table_cell(stream, 10, fs_text_real(s->bound.tube, 4, number));
    fs_table_cell(stream, 10, fs_text_real(s->bound.bernoulli, 4, number));
    fs_table_cell(stream, 10, fs_text_real(s->bound.paper, 4, number));
    fs_table_cell(stream, 10, fs_text_real(sharpest(s), 3, number));
    int known = isfinite(s->gamma_critical);
    fs_paint p = known && !s->monotone ? FS_BAD : FS_PLAIN;
    fprintf(stream, "%s%9s%s\n", fs_table_on(colour, p), !known ? "-" : s->monotone ? "yes" : "NO", fs_table_off(colour, p));
}

static void say_start(fs_sentence *line, const fs_critical_start *s)
{
    char a[FS_TEXT_NUMBER];
    fs_say(line, "distance %s, seed %" PRIu64, fs_text_real(s->distance, 4, a), s->seed);
}

/* What was looked for but is no single threshold. */
static void print_good_sets(FILE *stream, const fs_critical *c, int colour)
{
    size_t count = 0;
    for (size_t i = 0; i < c->n_starts; i++) {
        const fs_critical_start *s = &c->start[i];
        fs_sentence line = { "", 0 };
        char a[FS_TEXT_NUMBER], b[FS_TEXT_NUMBER];
        if (!isfinite(s->gamma_critical) || s->monotone || ++count > MOST_LINES) continue;
        say_start(&line, s);
        fs_say(&line, ": attracted for gamma in");
        for (size_t k = 0; k < s->n_good; k++)
            fs_say(&line, "%s [%s, %s%c", k ? "," : "", fs_text_real(s->good[k][0], 5, a), fs_text_real(s->good[k][1], 5, b),
                   isinf(s->good[k][1]) ? ')' : ']');
        fs_say(&line, "%s", s->n_good ? "; between them it is not" : " no interval");
        fs_table_paragraph(stream, "no interval ", line.text, colour, FS_BAD);
    }
    if (count > MOST_LINES) fprintf(stream, "  and %zu more starts whose good gammas are no interval\n", count - MOST_LINES);
}

static void print_undecided(FILE *stream, const fs_critical *c, int colour)
{
    size_t count = 0;
    char a[FS_TEXT_NUMBER];
    for (size_t i = 0; i < c->n_starts; i++) {
        const fs_critical_start *s = &c->start[i];
        for (size_t j = 0; j < s->n_runs; j++) {
            fs_sentence line = { "", 0 };
            if (s->run[j].outcome != FS_ATTRACTION_UNDECIDED || ++count > MOST_LINES) continue;
            say_start(&line, s);
            fs_say(&line, ", gamma = %s: %s", fs_text_real(s->run[j].gamma, 6, a), s->run[j].why);
            fs_table_paragraph(stream, "undecided:  ", line.text, colour, FS_BAD);
        }
    }
    if (count > MOST_LINES) fprintf(stream, "  and %zu more undecided run%s; all are in the report\n", count - MOST_LINES, count - MOST_LINES == 1 ? "" : "s");
}

/* Each note once, with the first start that has it. */
static void print_notes(FILE *stream, const fs_critical *c, int colour)
{
    size_t count = 0;
    for (size_t i = 0; i < c->n_starts; i++) {
        const fs_critical_start *s = &c->start[i];
        fs_sentence line = { "", 0 };
        size_t first = 0;
        while (strcmp(c->start[first].note, s->note) != 0) first++;
        if (!s->note[0] || first < i || ++count > MOST_LINES) continue;
        say_start(&line, s);
        fs_say(&line, ": %s", s->note);
        fs_table_paragraph(stream, "note:       ", line.text, colour, FS_PLAIN);
    }
}

static void print_thresholds(FILE *stream, const fs_critical *c, int colour)
{
    fs_sentence line = { "", 0 };
    char a[FS_TEXT_NUMBER], b[FS_TEXT_NUMBER];
    if (!isnan(c->gamma_gen)) {
        fs_say(&line, "almost every start converges to E beyond gamma_gen %s %s", isinf(c->gen_error) ? ">=" : "=", fs_text_real(c->gamma_gen, 6, a));
        if (isfinite(c->gen_error)) fs_say(&line, " +- %s", power_word(c->gen_error, b));
    }
    if (!isnan(c->gamma_all))
        fs_say(&line, "%severy start beyond gamma_all %s %s", line.used ? ", " : "", isinf(c->gen_error) ? ">=" : "=", fs_text_real(c->gamma_all, 6, a));
    if (line.used) fs_say(&line, " (from the equilibria found; lower bounds if some were missed)");
    if (c->gen_note[0]) fs_say(&line, "%s%s", line.used ? ": " : "", c->gen_note);
    if (line.used) fs_table_paragraph(stream, "all starts: ", line.text, colour, FS_PLAIN);
}

static void print_starts(FILE *stream, const fs_critical *c, int colour)
{
    if (!c->n_starts) {
        fs_table_paragraph(stream, "starts:     ", "none was looked at", colour, FS_BAD);
        return;
    }
    fprintf(stream, "\n%s%9s %5s%11s %21s%10s%10s%10s%10s%9s%s\n", fs_table_on(colour, FS_FAINT), "|Y_0|", "seed", "gamma*", "bracket", "tube",
            "Bernoulli", "paper", "tightness", "monotone", fs_table_off(colour, FS_FAINT));
    for (size_t i = 0; i < c->n_starts; i++) start_row(stream, &c->start[i], colour);
    fputs("gamma*: attracted from there on   ~ away at the end  bounds suffice   tightness: least / gamma*\n\n", stream);
}

void fs_table_print_critical(FILE *stream, const fs_report_head *head, const fs_critical *c, int colour)
{
    fs_sentence line = { "", 0 };
    char wall[FS_TEXT_NUMBER];
    fs_table_head(stream, head, colour);
    print_equilibrium(stream, c, colour);
    print_starts(stream, c, colour);
    print_good_sets(stream, c, colour);
    print_undecided(stream, c, colour);
    print_notes(stream, c, colour);
    print_thresholds(stream, c, colour);
    fs_say(&line, "Remark 2 %s%s%s", c->applies ? "applies" : "does not apply for certain", c->because[0] ? ": " : "", c->because);
    fs_table_paragraph(stream, "theory:     ", line.text, colour, c->applies ? FS_PLAIN : FS_BAD);
    print_interrupted(stream, c->stopped, colour);
    fprintf(stream, "  %s s\n", fs_text_real(c->wall_s, c->wall_s < 99.5 ? 2 : 4, wall));
}
