/* report/bounds.c -- the chain of bounds of Theorem 3 on one run: table, JSON, CSV
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/bounds.h"

#include "base/files.h"
#include "report/csv.h"
#include "report/table_private.h"
#include "report/text.h"

#include <math.h>

/* --- table ------------------------------------------------------------------------------ */

static void say_constants(fs_sentence *s, const fs_bounds *b)
{
    const fs_chain *k = &b->chain;
    char a[FS_TEXT_NUMBER], c[FS_TEXT_NUMBER], d[FS_TEXT_NUMBER];
    fs_say(s, "c of this path = %s, the lowest lambda_min(H_N) at %zu of its states until t = %s",
           fs_text_real(fs_chain_above(k, k->c_min), 4, a), k->n, fs_text_real(b->t_last, 4, c));
    fs_say(s, "; C = M3 / 2 = %s on the tube |y| <= %s", fs_text_real(fs_chain_C(k->M3), 4, c), fs_text_real(k->radius, 4, d));
    if (isfinite(k->K)) fs_say(s, ", %s on that of K = %s", fs_text_real(fs_chain_C(k->M3_K), 4, a), fs_text_real(k->K, 4, c));
    fs_say(s, " (by search, no proof).");
}

static void say_bernoulli(fs_sentence *s, const fs_bounds *b)
{
    const fs_chain *k = &b->chain;
    char a[FS_TEXT_NUMBER], c[FS_TEXT_NUMBER];
    double start = fs_bounds_start(b);
    if (start > 0.0) fs_say(s, "At this gamma Bernoulli's bound falls, at rate %s at first, %s in the end.", fs_text_real(start, 4, a), fs_text_real(k->gamma + k->c_min, 4, c));
    else if (isfinite(b->t_blown_up))
        fs_say(s, "At this gamma Bernoulli's bound grows: it blows up at t = %s and says nothing from there on.", fs_text_real(b->t_blown_up, 3, a));
    else fs_say(s, "At this gamma Bernoulli's bound stays at |Y_0|.");
}

static void say_paper(fs_sentence *s, const fs_bounds *b)
{
    const fs_chain *k = &b->chain;
    char a[FS_TEXT_NUMBER];
    double rate = fs_chain_paper_rate(k);
    if (!isfinite(k->K)) fs_say(s, " The paper's says nothing at gamma = 0.");
    else if (rate > 0.0) fs_say(s, " The paper's falls at rate %s.", fs_text_real(rate, 4, a));
    else fs_say(s, " The paper's grows at rate %s.", fs_text_real(-rate, 4, a));
}

/* exp(log ratio) as a factor */
static const char *factor(double logarithm, char *buffer)
{
    return logarithm > 11.5 ? fs_text_power(exp(logarithm), 0, buffer) : fs_text_real(exp(logarithm), 3, buffer);
}

static void say_order(fs_sentence *s, const fs_bounds *b)
{
    const fs_chain_comparison *k = &b->compared;
    char a[FS_TEXT_NUMBER], c[FS_TEXT_NUMBER], d[FS_TEXT_NUMBER];
    if (!k->last) {
        fs_say(s, "nothing was compared: |Y| is not resolved after the start.");
        return;
    }
    fs_say(s, "|Y| <= path <= Bernoulli <= paper %s at %zu steps and %zu output times until t = %s, |Y| = %s", b->verdict == FS_HOLDS ? "holds" :
           b->verdict == FS_VIOLATED ? "IS VIOLATED" : "is undecided", k->last, k->seen, fs_text_real(b->t[k->last], 4, a), fs_text_power(b->distance[k->last], 1, c));
    fs_say(s, "; largest violation %s in log |Y|, of which the integration may explain %s.", fs_text_power(fs_chain_violation(k), 1, a), fs_text_power(b->error, 0, c));
    if (!isfinite(k->end[0])) {
        fs_say(s, " The bound along the path has blown up by then.");
        return;
    }
    fs_say(s, " At the end path / |Y| = %s", factor(k->end[0], a));
    if (isfinite(k->end[1])) fs_say(s, ", Bernoulli / path = %s", factor(k->end[1], c));
    if (isfinite(k->end[2])) fs_say(s, ", paper / Bernoulli = %s", factor(k->end[2], d));
    fs_say(s, ".");
}

void fs_table_print_bounds(FILE *stream, const fs_bounds *b, int colour)
{
    fs_sentence constants = { "", 0 }, rates = { "", 0 }, order = { "", 0 };
    fputc('\n', stream);
    if (!b->chain.n) {
        fs_say(&constants, "none: %s.", b->note);
        fs_table_paragraph(stream, "bounds:     ", constants.text, colour, FS_PLAIN);
        return;
    }
    say_constants(&constants, b);
    say_bernoulli(&rates, b);
    say_paper(&rates, b);
    fs_say(&rates, " Another gamma takes another path, with a c of its own.");
    if (b->separated) fs_say(&rates, " The network separates its data: X moves for ever, and lambda_min(H_N) with it.");
    say_order(&order, b);
    fs_table_paragraph(stream, "bounds:     ", constants.text, colour, FS_PLAIN);
    fs_table_paragraph(stream, "            ", rates.text, colour, FS_PLAIN);
    fs_table_paragraph(stream, "order:      ", order.text, colour, b->verdict == FS_HOLDS ? FS_BOLD : FS_BAD);
}

/* --- JSON ----------------------------------------------------------------------------------- */

static json_t *pair(double bernoulli, double paper)
{
    json_t *object = json_object();
    int bad = fs_json_set_real(object, "bernoulli", bernoulli);
    bad |= fs_json_set_real(object, "paper", paper);
    if (!bad) return object;
    json_decref(object);
    return NULL;
}

/* Whether the bounds fall at this gamma; null where there is none. */
static json_t *falls(const fs_bounds *b)
{
    const fs_chain *k = &b->chain;
    json_t *object = json_object();
    int bad = fs_json_set(object, "bernoulli", k->n ? json_boolean(fs_bounds_start(b) > 0.0) : json_null());
    bad |= fs_json_set(object, "paper", k->n && isfinite(k->K) ? json_boolean(fs_chain_paper_rate(k) > 0.0) : json_null());
    if (!bad) return object;
    json_decref(object);
    return NULL;
}

static json_t *three(const char *first, double a, double b, double c)
{
    json_t *object = pair(b, c);
    if (object && fs_json_set_real(object, first, a) == 0) return object;
    json_decref(object);
    return NULL;
}

static json_t *order(const fs_bounds *b)
{
    const fs_chain_comparison *c = &b->compared;
    json_t *object = json_object();
    int bad = fs_json_set_text(object, "verdict", fs_verdict_name(b->verdict));
    bad |= fs_json_set_real(object, "measured", fs_chain_violation(c));
    bad |= fs_json_set_real(object, "bound", b->error);
    bad |= fs_json_set(object, "violation", three("path", c->path, c->bernoulli, c->paper));
    bad |= fs_json_set(object, "log_ratio_end", three("path", c->end[0], c->end[1], c->end[2]));
    bad |= fs_json_set_count(object, "steps", c->last);
    bad |= fs_json_set_count(object, "output_times", c->seen);
    bad |= fs_json_set_real(object, "t", c->last ? b->t[c->last] : (double)NAN);
    if (!bad) return object;
    json_decref(object);
    return NULL;
}

json_t *fs_json_bounds(const fs_bounds *b)
{
    const fs_chain *k = &b->chain;
    const double none = (double)NAN;
    double a = k->gamma + k->c_min;
    json_t *object = json_object();
    int bad = fs_json_set_real(object, "distance", k->delta);
    bad |= fs_json_set_real(object, "radius", k->radius);
    bad |= fs_json_set_count(object, "states", k->n);
    bad |= fs_json_set_real(object, "c", k->c_min);
    bad |= fs_json_set_real(object, "c_error", k->n ? k->c_error + k->dip : none);
    bad |= fs_json_set_real(object, "M3", k->M3);
    bad |= fs_json_set_real(object, "C", fs_chain_C(k->M3));
    bad |= fs_json_set_real(object, "K", k->K);
    bad |= fs_json_set_real(object, "M3_K", k->M3_K);
    bad |= fs_json_set(object, "falls", falls(b));
    bad |= fs_json_set(object, "rate", pair(isfinite(b->t_blown_up) ? none : a, k->n ? fs_chain_paper_rate(k) : none));
    bad |= fs_json_set_real(object, "bernoulli_rate_start", fs_bounds_start(b));
    bad |= fs_json_set_real(object, "bernoulli_blow_up", b->t_blown_up);
    bad |= fs_json_set(object, "order", order(b));
    bad |= fs_json_set(object, "separated", json_boolean(b->separated));
    bad |= fs_json_set_text(object, "curves", b->n ? "bounds.csv" : NULL);
    bad |= fs_json_set_text(object, "note", b->note);
    if (!bad) return object;
    json_decref(object);
    return NULL;
}

/* --- CSV ------------------------------------------------------------------------------------- */

fs_status fs_csv_write_bounds(const char *path, const fs_report_head *head, const fs_bounds *b, fs_err *err)
{
    static const char header[] =
        "# units: t is flow time; the others in units of the weights\n"
        "# identity: |Y_0| exp(-int (gamma + hbar)), equal to distance; path, bernoulli, paper: bounds on distance, each weaker than the one before\n"
        "# inf: the bound has blown up; nan: not measured\n"
        "t,distance,identity,path,bernoulli,paper\n";
    fs_output *o;
    FS_TRY(fs_output_open(&o, path, err));
    FILE *stream = fs_output_stream(o);
    char number[FS_TEXT_NUMBER];
    fs_csv_head(stream, head);
    fprintf(stream, "# gamma: %s\n", fs_number_format(b->chain.gamma, number));
    fputs(header, stream);
    for (size_t i = 0; i < b->n; i++) {
        const double column[] = { b->t[i], b->distance[i], b->identity[i], b->path[i], b->bernoulli[i], b->paper[i] };
        for (size_t j = 0; j < sizeof column / sizeof *column; j++) fprintf(stream, "%s%s", j ? "," : "", fs_number_format(column[j], number));
        fputc('\n', stream);
    }
    return fs_output_commit(o, err);
}
