/* theory_checks/present.c -- what a suite found: a table, a matrix, JSON, CSV, TAP
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "present.h"

#include <math.h>
#include <string.h>

enum { NAME = 27, NUMBER = 9, VERDICT = 11, MATRIX_NAME = 22, MATRIX_CELL = 4, LINE = 1400 };

/* --- words and colours -------------------------------------------------------------------- */

typedef enum { PLAIN, BOLD, GOOD, BAD, FAINT } paint;

static const char *on(int colour, paint p)
{
    static const char *const code[] = { "", "\033[1m", "\033[32m", "\033[31m", "\033[2m" };
    return colour ? code[p] : "";
}

static const char *off(int colour, paint p)
{
    return colour && p != PLAIN ? "\033[0m" : "";
}

/* "3.1e-02", "0"; nothing known is "-". */
static const char *power(double value, char buffer[32])
{
    if (isnan(value)) return "-";
    if (!(value < 0.0 || value > 0.0)) return "0";
    snprintf(buffer, 32, "%.1e", value);
    return buffer;
}

/* Bytes of the next word, and its columns: characters, not bytes. */
static size_t word_length(const char *text, size_t *columns)
{
    size_t length = 0;
    for (*columns = 0; text[length] && text[length] != ' '; ++*columns) {
        size_t step = fs_utf8_length(text + length, strlen(text + length));
        length += step ? step : 1;
    }
    return length;
}

/* label at the column `indent`, then text, folded before the width; following lines stand under the text. */
static void paragraph(FILE *stream, int indent, const char *label, const char *text, int colour, paint p)
{
    size_t left = (size_t)indent + strlen(label), column = left, columns;
    fprintf(stream, "%*s%s%s%s", indent, "", on(colour, p), label, off(colour, p));
    for (int first = 1; *text; first = 0) {
        size_t length = word_length(text, &columns);
        if (!first && column + 1 + columns > FS_PRESENT_WIDTH) {
            fprintf(stream, "\n%*s", (int)left, "");
            column = left;
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

/* --- the table of one model ------------------------------------------------------------------- */

static paint paint_of(fs_verdict v)
{
    return v == FS_HOLDS ? GOOD : v == FS_VIOLATED ? BAD : BOLD;
}

/* "3.1e-02, predicted 3.1e-02: failed" is right: a control has to fail. */
static void control_words(const fs_finding *f, size_t size, char *text)
{
    const fs_control *c = &f->control;
    char a[32], b[32];
    const char *size_word = isnan(c->predicted) ? "too small" : "WRONG SIZE";
    const char *outcome = c->verdict == FS_HOLDS ? "failed" : c->measured > f->bound ? size_word : "PASSED";
    if (isnan(c->measured)) snprintf(text, size, "-");
    else if (c->verdict == FS_UNDECIDED) snprintf(text, size, "%s: undecided", power(c->measured, a));
    else if (isnan(c->predicted)) snprintf(text, size, "%s: %s", power(c->measured, a), outcome);
    else snprintf(text, size, "%s, predicted %s: %s", power(c->measured, a), power(c->predicted, b), outcome);
}

static void print_quantities(FILE *stream, const fs_finding *f)
{
    char line[LINE], number[32];
    size_t used = 0;
    line[0] = 0;
    for (size_t i = 0; i < f->n_quantity && used < sizeof line - 120; i++) {
        const fs_quantity *q = &f->quantity[i];
        int n = snprintf(line + used, sizeof line - used, "%s%s = %.9g", used ? "; " : "", q->name, q->value);
        used += n > 0 ? (size_t)n : 0;
        if (!(q->error > 0.0)) continue;
        n = snprintf(line + used, sizeof line - used, " +- %s", power(q->error, number));
        used += n > 0 ? (size_t)n : 0;
    }
    if (used) paragraph(stream, 4, "numbers   ", line, 0, PLAIN);
}

/* What -v adds. */
static void print_record(FILE *stream, const fs_suite_cell *cell, int colour)
{
    const fs_statement *s = cell->statement;
    const fs_finding *f = &cell->found;
    char line[LINE];
    paragraph(stream, 4, "claim     ", s->claim, colour, FAINT);
    paragraph(stream, 4, "source    ", s->source, colour, FAINT);
    paragraph(stream, 4, "measured  ", s->measures, colour, FAINT);
    paragraph(stream, 4, "bound     ", s->budget, colour, FAINT);
    snprintf(line, sizeof line, "%s%s%s", s->controls, f->control.what[0] ? ": " : "", f->control.what);
    paragraph(stream, 4, "control   ", line, colour, FAINT);
    if (f->note[0] && f->applies) paragraph(stream, 4, "found     ", f->note, colour, FAINT);
    print_quantities(stream, f);
    fprintf(stream, "    %sseconds%s   %.2f\n\n", on(colour, FAINT), off(colour, FAINT), f->wall_s);
}

static void print_finding(FILE *stream, const fs_suite_cell *cell, int verbose, int colour)
{
    const fs_finding *f = &cell->found;
    char a[32], b[32], c[32], control[120], reason[FS_REASON];
    control_words(f, sizeof control, control);
    paint p = paint_of(f->verdict), q = f->control.verdict == FS_VIOLATED ? BAD : PLAIN;
    fprintf(stream, "%-*.*s%*s%*s%*s  %s%-*s%s%s%s%s\n", NAME, NAME, cell->statement->name, NUMBER, power(f->measured, a), NUMBER, power(f->error, b),
            NUMBER, power(f->bound, c), on(colour, p), VERDICT, fs_verdict_name(f->verdict), off(colour, p), on(colour, q), control, off(colour, q));
    if (*fs_finding_reason(f, sizeof reason, reason)) paragraph(stream, 4, "", reason, colour, PLAIN);
    if (verbose) print_record(stream, cell, colour);
}

static void print_absent(FILE *stream, const fs_suite_row *row, int colour)
{
    size_t count = 0;
    for (size_t k = 0; k < row->n_cells; k++) {
        const fs_suite_cell *cell = &row->cell[k];
        char label[NAME + 1];
        if (cell->found.applies) continue;
        if (!count++) fprintf(stream, "\n%sdoes not apply             because%s\n", on(colour, FAINT), off(colour, FAINT));
        snprintf(label, sizeof label, "%-*.*s", NAME, NAME, cell->statement->name);
        paragraph(stream, 0, label, cell->found.note, 0, PLAIN);
    }
}

static fs_suite_counts count_row(const fs_suite_row *row)
{
    fs_suite_row copy = *row;
    const fs_suite one = { .n_rows = 1, .row = &copy };
    return fs_suite_count(&one);
}

void fs_present_model(FILE *stream, const fs_suite_row *row, int verbose, int colour)
{
    fs_suite_counts n = count_row(row);
    fprintf(stream, "\n%s%-*s%*s%*s%*s  %-*s%s%s\n", on(colour, FAINT), NAME, "statement", NUMBER, "measured", NUMBER, "error", NUMBER, "bound", VERDICT,
            "verdict", "control, which must fail", off(colour, FAINT));
    for (size_t k = 0; k < row->n_cells; k++)
        if (row->cell[k].found.applies) print_finding(stream, &row->cell[k], verbose, colour);
    print_absent(stream, row, colour);
    fprintf(stream, "\n%zu hold, %zu violated, %zu undecided, %zu do not apply; %.1f s\n", n.holds, n.violated, n.undecided, n.not_applicable,
            row->wall_s);
}

/* --- the matrix ---------------------------------------------------------------------------------- */

static char cell_mark(const fs_suite_cell *cell)
{
    const fs_finding *f = &cell->found;
    if (cell->outcome == FS_NOT_AS_EXPECTED) return f->applies && f->verdict == FS_VIOLATED ? 'X' : '!';
    if (cell->outcome == FS_LEFT_OPEN) return '?';
    if (!cell->predicted && fs_finding_is_vacuous(f)) return 'o';
    if (!f->applies) return '.';
    return f->verdict == FS_HOLDS ? '+' : f->verdict == FS_VIOLATED ? 'x' : '~';
}

/* Codes over their columns, on two lines in turn, so that four letters fit. */
static void print_codes(FILE *stream, const fs_suite *s, int colour)
{
    size_t longest = 0;
    for (size_t k = 0; k < s->n_statements; k++)
        if (strlen(s->statement[k]->code) > longest) longest = strlen(s->statement[k]->code);
    size_t lines = longest < MATRIX_CELL ? 1 : 2;
    for (size_t line = 0; line < lines; line++) {
        int written = 0;
        fputs(on(colour, FAINT), stream);
        for (size_t k = line; k < s->n_statements; k += lines) {
            int at = MATRIX_NAME + MATRIX_CELL * (int)k;
            written += fprintf(stream, "%*s%s", at - written, "", s->statement[k]->code);
        }
        fprintf(stream, "%s\n", off(colour, FAINT));
    }
}

static void print_row(FILE *stream, const fs_suite *s, const fs_suite_row *row, int colour)
{
    size_t next = 0;
    fprintf(stream, "%-*.*s", MATRIX_NAME, MATRIX_NAME - 2, row->name);
    if (row->load == FS_ROW_REFUSED) {
        paint p = row->outcome == FS_AS_EXPECTED ? GOOD : BAD;
        fprintf(stream, "%s%s%s\n", on(colour, p), row->outcome == FS_AS_EXPECTED ? "refused, as it must be" : "does not load", off(colour, p));
        return;
    }
    for (size_t k = 0; k < s->n_statements; k++) {
        char mark = ' ';
        paint p = PLAIN;
        if (next < row->n_cells && row->cell[next].statement == s->statement[k]) {
            const fs_suite_cell *cell = &row->cell[next++];
            mark = cell_mark(cell);
            p = cell->outcome == FS_NOT_AS_EXPECTED ? BAD : cell->outcome == FS_LEFT_OPEN ? BOLD : mark == '+' ? GOOD : PLAIN;
        }
        fprintf(stream, "%s%c%s%*s", on(colour, p), mark, off(colour, p), MATRIX_CELL - 1, "");
    }
    fprintf(stream, "%6.1f s\n", row->wall_s);
}

/* On how many models each statement holds. */
static void print_shown(FILE *stream, const fs_suite *s, int colour)
{
    int written = 0;
    fputs(on(colour, FAINT), stream);
    for (size_t k = 0; k < s->n_statements; k++) {
        int column = MATRIX_NAME + MATRIX_CELL * (int)k;
        if (!k) written = fprintf(stream, "holds on");
        written += fprintf(stream, "%*s%zu", column - written, "", fs_suite_shown(s, k));
    }
    fprintf(stream, "%s\n", off(colour, FAINT));
}

/* "CF1:12/12" a form, several on a line. */
static void print_forms(FILE *stream, const fs_suite *s, int colour)
{
    char line[LINE] = "";
    size_t used = 0;
    for (size_t i = 0; i < s->n_forms;) {
        const char *form = s->form[i].form->form;
        size_t right = 0, all = 0;
        for (; i < s->n_forms && strcmp(s->form[i].form->form, form) == 0; i++, all++) right += s->form[i].outcome == FS_AS_EXPECTED;
        int n = snprintf(line + used, sizeof line - used, "%s%s:%zu/%zu", used ? ", " : "", form, right, all);
        if (n > 0 && used + (size_t)n < sizeof line) used += (size_t)n;
    }
    if (!used) return;
    fprintf(stream, "\n");
    paragraph(stream, 0, "closed forms          ", line, colour, FAINT);
}

static void print_left_out(FILE *stream, const fs_suite *s)
{
    char names[4 * FS_REASON];
    size_t used = 0;
    for (size_t i = 0; i < s->n_rows; i++)
        if (s->row[i].load == FS_ROW_LEFT_OUT && used + sizeof s->row[i].name + 2 < sizeof names)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", s->row[i].name);
    if (!used) return;
    fputc('\n', stream);
    paragraph(stream, 0, "left out, larger (flowsim check --model NAME): ", names, 0, PLAIN);
}

/* Everything that is open or wrong. */
static void print_surprises(FILE *stream, const fs_suite *s, int colour)
{
    size_t count = 0;
    char label[200];
    for (size_t i = 0; i < s->n_rows; i++) {
        const fs_suite_row *row = &s->row[i];
        if (row->outcome != FS_AS_EXPECTED) {
            fprintf(stream, "%s", count++ ? "" : "\n");
            snprintf(label, sizeof label, "%s: ", row->name);
            paragraph(stream, 0, label, row->why, colour, BAD);
        }
        for (size_t k = 0; k < row->n_cells; k++) {
            const fs_suite_cell *cell = &row->cell[k];
            if (cell->outcome == FS_AS_EXPECTED) continue;
            fprintf(stream, "%s", count++ ? "" : "\n");
            snprintf(label, sizeof label, "%s, %s: ", row->name, cell->statement->name);
            paragraph(stream, 0, label, cell->why, colour, cell->outcome == FS_LEFT_OPEN ? BOLD : BAD);
        }
    }
    for (size_t k = 0; s->must_show && k < s->n_statements; k++) {
        if (fs_suite_shown(s, k)) continue;
        fprintf(stream, "%s", count++ ? "" : "\n");
        snprintf(label, sizeof label, "%s: ", s->statement[k]->name);
        paragraph(stream, 0, label, "shown on none of the models", colour, BOLD);
    }
    for (size_t i = 0; i < s->n_forms; i++) {
        if (s->form[i].outcome == FS_AS_EXPECTED) continue;
        fprintf(stream, "%s", count++ ? "" : "\n");
        snprintf(label, sizeof label, "%s, %s: ", s->form[i].form->form, s->form[i].form->model);
        paragraph(stream, 0, label, s->form[i].why, colour, BAD);
    }
}

static void print_key(FILE *stream, const fs_suite *s)
{
    for (size_t k = 0; k < s->n_statements; k++) {
        const fs_statement *one = s->statement[k];
        int second = k % 2 == 1 || k + 1 == s->n_statements;
        fprintf(stream, "%-5s%-*s%s", one->code, second && k % 2 == 1 ? 1 : 45, one->name, second ? "\n" : "");
    }
}

void fs_present_matrix(FILE *stream, const fs_suite *s, int colour)
{
    fs_suite_counts n = fs_suite_count(s);
    int in_atlas = 0;
    print_key(stream, s);
    fputc('\n', stream);
    print_codes(stream, s, colour);
    for (size_t i = 0; i < s->n_rows; i++) {
        const fs_suite_row *row = &s->row[i];
        if (row->load == FS_ROW_LEFT_OUT) continue;
        if (row->atlas && !in_atlas++) {
            print_shown(stream, s, colour);
            fprintf(stream, "%smodels that break one hypothesis%s\n", on(colour, FAINT), off(colour, FAINT));
        }
        print_row(stream, s, row, colour);
    }
    if (!in_atlas) print_shown(stream, s, colour);
    print_forms(stream, s, colour);
    fprintf(stream, "\n+ holds   . does not apply   o a pass would mean nothing there   ? undecided\n"
                    "x violated and ~ undecided where a hypothesis fails, or as predicted   blank: nothing is predicted\n"
                    "X violated though every hypothesis holds   ! the control or the prediction is missed\n");
    print_left_out(stream, s);
    print_surprises(stream, s, colour);
    fprintf(stream, "\n%zu hold, %zu violated, %zu undecided (%zu of them where a pass would mean nothing), %zu do not apply\n", n.holds, n.violated, n.undecided, n.vacuous,
            n.not_applicable);
    fprintf(stream, "%zu as theory predicts, %zu open, %zu not; %.1f s\n", n.expected, n.open, n.failed, s->wall_s);
}

/* --- JSON --------------------------------------------------------------------------------------------- */

static int set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) != 0;
}

/* NaN and infinities are strings. */
static int set_real(json_t *object, const char *key, double value)
{
    char number[32];
    return set(object, key, isfinite(value) ? json_real(value) : json_string(fs_number_format(value, number)));
}

/* A message that was cut inside a character still gives text. */
static int set_text(json_t *object, const char *key, const char *text)
{
    char clean[LINE];
    size_t used = 0;
    if (!text) return set(object, key, json_null());
    while (*text && used + 5 < sizeof clean) {
        size_t length = fs_utf8_length(text, strlen(text));
        if (length) memcpy(clean + used, text, length);
        else clean[used] = '?';
        used += length ? length : 1;
        text += length ? length : 1;
    }
    return set(object, key, json_stringn(clean, used));
}

static int set_count(json_t *object, const char *key, size_t value)
{
    return set(object, key, json_integer((json_int_t)value));
}

/* object, or NULL after releasing it. */
static json_t *unless(int bad, json_t *object)
{
    if (!bad) return object;
    json_decref(object);
    return NULL;
}

static int append(json_t *array, json_t *value)
{
    return json_array_append_new(array, value) != 0;
}

static json_t *control_json(const fs_control *c)
{
    json_t *object = json_object();
    int bad = set_real(object, "measured", c->measured);
    bad |= set_real(object, "predicted", c->predicted);
    bad |= set_text(object, "verdict", fs_verdict_name(c->verdict));
    bad |= set_text(object, "what", c->what);
    return unless(bad, object);
}

static json_t *quantities_json(const fs_finding *f)
{
    json_t *object = json_object();
    int bad = object == NULL;
    for (size_t i = 0; i < f->n_quantity; i++) {
        json_t *one = json_object();
        bad |= set_real(one, "value", f->quantity[i].value);
        bad |= set_real(one, "error", f->quantity[i].error);
        bad |= set(object, f->quantity[i].name, one);
    }
    return unless(bad, object);
}

static int set_numbers(json_t *object, const fs_finding *f)
{
    int bad = set_real(object, "measured", f->measured);
    bad |= set_real(object, "error", f->error);
    bad |= set_real(object, "bound", f->bound);
    return bad;
}

static const char *outcome_name(fs_outcome outcome)
{
    static const char *const name[] = { "as expected", "undecided", "not as expected" };
    return name[outcome];
}

static int set_outcome(json_t *object, fs_outcome outcome, const char *why)
{
    int bad = set_text(object, "outcome", outcome_name(outcome));
    bad |= set_text(object, "why", why);
    return bad;
}

static int set_statement(json_t *object, const fs_statement *s)
{
    int bad = set_text(object, "id", s->id);
    bad |= set_text(object, "name", s->name);
    bad |= set_text(object, "claim", s->claim);
    bad |= set_text(object, "source", s->source);
    return bad;
}

static json_t *check_json(const fs_suite_row *row, const fs_suite_cell *cell, int in_suite)
{
    const fs_finding *f = &cell->found;
    json_t *object = json_object();
    int bad = set_statement(object, cell->statement);
    bad |= set_text(object, "model", row->name);
    bad |= set_numbers(object, f);
    bad |= set_text(object, "verdict", fs_verdict_name(f->verdict));
    bad |= set(object, "control", control_json(&f->control));
    bad |= set_text(object, "because", f->because);
    bad |= set_text(object, "vacuous", f->vacuous);
    bad |= set_text(object, "note", f->note);
    bad |= set(object, "quantities", quantities_json(f));
    bad |= set_real(object, "wall_s", f->wall_s);
    if (in_suite) bad |= set_outcome(object, cell->outcome, cell->why);
    return unless(bad, object);
}

static json_t *absent_json(const fs_suite_cell *cell, int in_suite)
{
    json_t *object = json_object();
    int bad = set_statement(object, cell->statement);
    bad |= set_text(object, "why", cell->found.note);
    if (in_suite && cell->outcome != FS_AS_EXPECTED) bad |= set_outcome(object, cell->outcome, cell->why);
    return unless(bad, object);
}

static int set_checks(json_t *object, const fs_suite_row *row, int in_suite)
{
    json_t *checks = json_array(), *absent = json_array();
    int bad = 0;
    for (size_t k = 0; k < row->n_cells; k++) {
        const fs_suite_cell *cell = &row->cell[k];
        bad |= cell->found.applies ? append(checks, check_json(row, cell, in_suite)) : append(absent, absent_json(cell, in_suite));
    }
    bad |= set(object, "checks", checks);
    bad |= set(object, "not_applicable", absent);
    return bad;
}

static json_t *counts_json(const fs_suite_counts *n, int in_suite)
{
    json_t *object = json_object();
    int bad = set_count(object, "holds", n->holds);
    bad |= set_count(object, "violated", n->violated);
    bad |= set_count(object, "undecided", n->undecided);
    bad |= set_count(object, "vacuous", n->vacuous);
    bad |= set_count(object, "not_applicable", n->not_applicable);
    if (in_suite) {
        bad |= set_count(object, "as_expected", n->expected);
        bad |= set_count(object, "left_open", n->open);
        bad |= set_count(object, "not_as_expected", n->failed);
    }
    return unless(bad, object);
}

int fs_present_model_json(json_t *report, const fs_suite_row *row)
{
    fs_suite_counts n = count_row(row);
    return set_checks(report, row, 0) | set(report, "counts", counts_json(&n, 0));
}

static json_t *row_json(const fs_suite_row *row)
{
    json_t *object = json_object(), *dims;
    int bad = set_text(object, "model", row->name);
    if (row->atlas) bad |= set_text(object, "breaks", row->atlas->breaks);
    bad |= set_outcome(object, row->outcome, row->why);
    if (row->load != FS_ROW_LOADED) return unless(bad | set_text(object, row->load == FS_ROW_REFUSED ? "refused" : "left_out", row->message), object);
    dims = json_object();
    bad |= set_count(dims, "L", row->dim_L);
    bad |= set_count(dims, "E", row->dim_E);
    bad |= set_count(dims, "N", row->dim_N);
    bad |= set(object, "dims", dims);
    bad |= set_checks(object, row, 1);
    bad |= set_real(object, "wall_s", row->wall_s);
    return unless(bad, object);
}

/* The checks of all shipped models in one list. */
static json_t *all_checks(const fs_suite *s)
{
    json_t *checks = json_array();
    int bad = checks == NULL;
    for (size_t i = 0; i < s->n_rows; i++)
        for (size_t k = 0; !s->row[i].atlas && k < s->row[i].n_cells; k++)
            if (s->row[i].cell[k].found.applies) bad |= append(checks, check_json(&s->row[i], &s->row[i].cell[k], 1));
    return unless(bad, checks);
}

/* A shipped model: its row of the matrix, statement by statement. */
static json_t *matrix_row(const fs_suite_row *row)
{
    json_t *object = json_object(), *verdicts = json_object(), *dims = json_object(), *absent = json_array();
    int bad = set_text(object, "model", row->name);
    bad |= set_outcome(object, row->outcome, row->why);
    bad |= set_count(dims, "L", row->dim_L);
    bad |= set_count(dims, "E", row->dim_E);
    bad |= set_count(dims, "N", row->dim_N);
    for (size_t k = 0; k < row->n_cells; k++) {
        const fs_suite_cell *cell = &row->cell[k];
        bad |= set_text(verdicts, cell->statement->id, cell->found.applies ? fs_verdict_name(cell->found.verdict) : "does not apply");
        if (!cell->found.applies) bad |= append(absent, absent_json(cell, 1));
    }
    bad |= set(object, "dims", dims);
    bad |= set(object, "verdicts", verdicts);
    bad |= set(object, "not_applicable", absent);
    bad |= set_real(object, "wall_s", row->wall_s);
    return unless(bad, object);
}

static json_t *form_json(const fs_suite_form *one)
{
    const fs_quantity *value = fs_finding_quantity(&one->found, "value");
    json_t *object = json_object();
    int bad = set_text(object, "form", one->form->form);
    bad |= set_text(object, "name", one->form->name);
    bad |= set_text(object, "model", one->form->model);
    bad |= set_text(object, "formula", one->form->formula);
    bad |= set_real(object, "exact", one->form->exact);
    bad |= set_real(object, "value", value ? value->value : (double)NAN);
    bad |= set_numbers(object, &one->found);
    bad |= set_text(object, "note", one->found.note);
    bad |= set_outcome(object, one->outcome, one->why);
    return unless(bad, object);
}

int fs_present_suite_json(json_t *report, const fs_suite *s)
{
    fs_suite_counts n = fs_suite_count(s);
    json_t *matrix = json_array(), *atlas = json_array(), *forms = json_array(), *left_out = json_array();
    int bad = 0;
    for (size_t i = 0; i < s->n_rows; i++) {
        const fs_suite_row *row = &s->row[i];
        if (row->load == FS_ROW_LOADED && !row->atlas) bad |= append(matrix, matrix_row(row));
        else bad |= append(row->load == FS_ROW_LEFT_OUT ? left_out : row->atlas ? atlas : matrix, row_json(row));
    }
    for (size_t i = 0; i < s->n_forms; i++) bad |= append(forms, form_json(&s->form[i]));
    bad |= set(report, "checks", all_checks(s));
    bad |= set(report, "matrix", matrix);
    bad |= set(report, "atlas", atlas);
    bad |= set(report, "closed_forms", forms);
    bad |= set(report, "left_out", left_out);
    bad |= set(report, "counts", counts_json(&n, 1));
    return bad;
}

/* --- CSV ---------------------------------------------------------------------------------------------- */

/* Quoted where a comma, a quote or a control character would tear the line. */
static void put_model(FILE *stream, const fs_suite_row *row)
{
    int plain = 1;
    for (const char *c = row->name; *c; c++) plain &= (unsigned char)*c >= ' ' && *c != ',' && *c != '"';
    fputs(plain ? "" : "\"", stream);
    fputs(row->atlas ? "atlas/" : "", stream);
    for (const char *c = row->name; *c; c++) {
        if (*c == '"') fputc('"', stream);
        fputc((unsigned char)*c < ' ' ? ' ' : *c, stream);
    }
    fputs(plain ? "," : "\",", stream);
}

void fs_present_suite_csv(FILE *stream, const fs_suite *s)
{
    static const char *const load[] = { [FS_ROW_LEFT_OUT] = "left out", [FS_ROW_REFUSED] = "refused" };
    fputs("model,statement,verdict,outcome\n", stream);
    for (size_t i = 0; i < s->n_rows; i++) {
        const fs_suite_row *row = &s->row[i];
        if (row->load != FS_ROW_LOADED) {
            put_model(stream, row);
            fprintf(stream, ",%s,%s\n", load[row->load], outcome_name(row->outcome));
        }
        for (size_t k = 0; k < row->n_cells; k++) {
            const fs_suite_cell *cell = &row->cell[k];
            put_model(stream, row);
            fprintf(stream, "%s,%s,%s\n", cell->statement->id, cell->found.applies ? fs_verdict_name(cell->found.verdict) : "does not apply",
                    outcome_name(cell->outcome));
        }
    }
}

/* --- TAP ----------------------------------------------------------------------------------------------- */

/* text as the rest of one line. */
static void put_line(FILE *stream, const char *text)
{
    for (; *text; text++) fputc((unsigned char)*text < ' ' ? ' ' : *text, stream);
    fputc('\n', stream);
}

static void begin(fs_tap *t, int ok)
{
    t->number++;
    t->failed += !ok;
    fprintf(t->stream, "%s %zu - ", ok ? "ok" : "not ok", t->number);
}

static void why_not(fs_tap *t, const char *why)
{
    if (!*why) return;
    fputs("# ", t->stream);
    put_line(t->stream, why);
}

static void tap_finding(fs_tap *t, const fs_finding *f)
{
    char a[32], b[32];
    const fs_control *c = &f->control;
    const char *sign = f->verdict == FS_HOLDS ? "<=" : f->verdict == FS_VIOLATED ? ">" : "against";
    fprintf(t->stream, "%s, %s %s ", fs_verdict_name(f->verdict), power(f->measured, a), sign);
    fprintf(t->stream, "%s, ", power(f->bound, b));
    if (isnan(c->measured)) fputs("no control\n", t->stream);
    else fprintf(t->stream, "control %s%s\n", power(c->measured, a),
                 c->verdict != FS_HOLDS ? " not as it must be" : isnan(c->predicted) ? "" : " as predicted");
}

static void tap_cell(fs_tap *t, const fs_suite_row *row, const fs_suite_cell *cell)
{
    const fs_finding *f = &cell->found;
    int ok = t->all ? cell->outcome == FS_AS_EXPECTED : !f->applies || f->verdict == FS_HOLDS;
    char reason[FS_REASON];
    begin(t, ok);
    fprintf(t->stream, "%s on %s", cell->statement->name, row->name);
    if (!f->applies) {
        fputs(" # does not apply: ", t->stream);
        put_line(t->stream, f->note);
    } else {
        fputs(": ", t->stream);
        tap_finding(t, f);
    }
    if (!ok) why_not(t, t->all ? cell->why : fs_finding_reason(f, sizeof reason, reason));
}

static void tap_row(fs_tap *t, const fs_suite_row *row)
{
    if (row->load == FS_ROW_LEFT_OUT) {
        fprintf(t->stream, "# %s is left out: ", row->name);
        put_line(t->stream, row->message);
    } else if (row->load == FS_ROW_REFUSED || row->outcome != FS_AS_EXPECTED) {
        int ok = row->outcome == FS_AS_EXPECTED;
        begin(t, ok);
        fprintf(t->stream, "%s %s: ", row->name, ok ? "is refused" : row->load == FS_ROW_REFUSED ? "does not load" : "is not refused");
        put_line(t->stream, row->message);
        why_not(t, ok ? "" : row->why);
    }
}

static void tap_form(fs_tap *t, const fs_suite_form *one)
{
    int ok = one->outcome == FS_AS_EXPECTED;
    char a[32], b[32];
    begin(t, ok);
    fprintf(t->stream, "%s on %s: %s = %s = %.12g within %s, allowed %s\n", one->form->form, one->form->model, one->form->name,
            one->form->formula ? one->form->formula : "exactly", one->form->exact, power(one->found.measured, a), power(one->found.bound, b));
    if (!ok) why_not(t, one->why);
}

static void tap_statement(fs_tap *t, const fs_suite *s)
{
    size_t shown = fs_suite_shown(s, t->statement);
    begin(t, shown > 0);
    fprintf(t->stream, "%s holds on %zu model%s\n", s->statement[t->statement]->name, shown, shown == 1 ? "" : "s");
}

void fs_tap_proceed(fs_tap *t, const fs_suite *s)
{
    if (!s->is_ordered) return;
    for (; t->turn < s->n_rows; t->turn++, t->cell = 0, t->row_begun = 0) {
        const fs_suite_row *row = &s->row[s->order[t->turn]];
        if (!t->row_begun) tap_row(t, row);
        t->row_begun = 1;
        for (; t->cell < row->n_cells && row->cell[t->cell].done; t->cell++) tap_cell(t, row, &row->cell[t->cell]);
        if (t->cell < row->n_cells) break;
    }
    for (; t->turn == s->n_rows && t->form < s->n_forms && s->form[t->form].done; t->form++) tap_form(t, &s->form[t->form]);
    for (; s->done && s->must_show && t->statement < s->n_statements; t->statement++) tap_statement(t, s);
    fflush(t->stream);
}

void fs_tap_end(fs_tap *t)
{
    fprintf(t->stream, "1..%zu\n", t->number);
    fflush(t->stream);
}
