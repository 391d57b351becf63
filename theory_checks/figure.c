/* theory_checks/figure.c -- what a suite found, as pictures
 *
 * Lengths are pixels of figure.gp.  The numbers of figure.dat are those that were found; what does not fit on an axis is clipped by the script.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 22, CODE = 6, TITLE = 30, TEXT = 400 };       /* bytes of a model's name, a statement's code and name, a line */

typedef enum { HOLDS, VIOLATED, UNDECIDED, VACUOUS, ABSENT, SYMBOLS } symbol;

static const char *const count_of_symbol[SYMBOLS] = { "n_holds", "n_violated", "n_undecided", "n_vacuous", "n_absent" };

static symbol symbol_of(const fs_finding *f, int predicted)
{
    if (!f->applies) return ABSENT;
    if (!predicted && fs_finding_is_vacuous(f)) return VACUOUS;
    return f->verdict == FS_HOLDS ? HOLDS : f->verdict == FS_VIOLATED ? VIOLATED : UNDECIDED;
}

/* name_k = 'text': the k-th of a list. */
static void set_item(FILE *stream, const char *name, size_t k, const char *text, size_t size)
{
    char full[60];
    snprintf(full, sizeof full, "%s_%zu", name, k);
    fs_figure_set_text(stream, full, text, size);
}

static void set_counts(FILE *stream, const size_t *count)
{
    for (int k = 0; k < SYMBOLS; k++) fs_figure_set_count(stream, count_of_symbol[k], count[k]);
}

/* Two rows without numbers: gnuplot 5.4 does not survive a letter as the symbol of a lonely point that is undefined. */
static void end_block(FILE *stream, size_t n)
{
    const double none = (double)NAN;
    for (int i = 0; i < 2; i++) fs_figure_row(stream, n, (const double[]){ none, none, none, none, none, none, none, none });
}

static size_t characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++) n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

/* --- the matrix: what is drawn ------------------------------------------------------------- */

enum { PITCH = 38, LEFT = 376, ROW = 28, WIDTH = 1200, NARROW = 900, LETTER = 11, LINES = 4 };

typedef struct {
    const fs_suite *s;
    size_t n_rows, n_models;            /* of the picture: what was left out for its size has none */
    const fs_suite_row **row;           /* (n_rows) models first */
    size_t count[SYMBOLS], open, missed;
} matrix_figure;

/* The column of a statement, from 1; 0: it is not in the suite. */
static size_t column_of(const fs_suite *s, const fs_statement *statement)
{
    for (size_t k = 0; k < s->n_statements; k++)
        if (s->statement[k] == statement) return k + 1;
    return 0;
}

static void matrix_data(FILE *stream, void *context)
{
    matrix_figure *f = context;
    fputs("# blocks: cells (column, row, symbol: 0 holds, 1 violated, 2 undecided, 3 a pass would mean nothing, 4 does not apply; outcome: 0 as predicted, 1 open, 2 not)\n"
          "\n\n# cells;\n", stream);
    for (size_t i = 0; i < f->n_rows; i++)
        for (size_t k = 0; k < f->row[i]->n_cells; k++) {
            const fs_suite_cell *cell = &f->row[i]->cell[k];
            symbol one = symbol_of(&cell->found, cell->predicted != NULL);
            f->count[one]++;
            f->open += cell->outcome == FS_LEFT_OPEN;
            f->missed += cell->outcome == FS_NOT_AS_EXPECTED;
            fs_figure_row(stream, 4, (const double[]){ (double)column_of(f->s, cell->statement), (double)i + 1.0, (double)one, (double)cell->outcome });
        }
    end_block(stream, 4);
}

/* --- the matrix: what the script is told ------------------------------------------------------ */

static void set_columns(FILE *stream, const fs_suite *s)
{
    char number[24];
    fs_figure_set_count(stream, "n_columns", s->n_statements);
    for (size_t k = 0; k < s->n_statements; k++) {
        set_item(stream, "column_code", k + 1, s->statement[k]->code, CODE);
        set_item(stream, "column_name", k + 1, s->statement[k]->name, TITLE);
        snprintf(number, sizeof number, "%zu", fs_suite_shown(s, k));
        set_item(stream, "column_shown", k + 1, number, sizeof number);
    }
}

/* "the measure: quarter turns with ..." is about the measure. */
static void broken_hypothesis(const char *breaks, size_t size, char *text)
{
    size_t length = strncmp(breaks, "the ", 4) == 0 ? 4 : 0;
    snprintf(text, size, "%.*s", (int)strcspn(breaks + length, ":,"), breaks + length);
}

/* A row without cells says why. */
static const char *words_of(const fs_suite_row *row)
{
    if (row->load != FS_ROW_REFUSED && row->outcome == FS_AS_EXPECTED) return "";
    if (row->outcome == FS_AS_EXPECTED) return "refused, as it must be";
    return row->why[0] ? row->why : row->message;
}

static void set_row(FILE *stream, const fs_suite_row *row, size_t k)
{
    char text[TEXT], number[3][24];
    const size_t dim[3] = { row->dim_L, row->dim_E, row->dim_N };
    static const char *const name[3] = { "row_L", "row_E", "row_N" };
    set_item(stream, "row_name", k, row->name, NAME);
    if (row->atlas) broken_hypothesis(row->atlas->breaks, sizeof text, text);
    set_item(stream, "row_breaks", k, row->atlas ? text : "", 20);
    for (size_t i = 0; i < 3; i++) {
        snprintf(number[i], sizeof number[i], "%zu", dim[i]);
        set_item(stream, name[i], k, row->load == FS_ROW_LOADED && !row->atlas ? number[i] : "", sizeof number[i]);
    }
    set_item(stream, "row_words", k, row->n_cells ? "" : words_of(row), 70);
    snprintf(text, sizeof text, "row_outcome_%zu", k);
    fs_figure_set_count(stream, text, (size_t)row->outcome);
}

/* "name, name, ..." on lines that fit; what does not fit on the last one is a number.  How many lines. */
static size_t set_left_out(FILE *stream, const fs_suite *s, size_t length)
{
    char line[TEXT] = "left out, larger:", name[2 * NAME];
    size_t lines = 0, listed = 0, more = 0, used = strlen(line);
    for (size_t i = 0; i < s->n_rows; i++) {
        if (s->row[i].load != FS_ROW_LEFT_OUT) continue;
        fs_text_line(s->row[i].name, sizeof name, name);
        int fits = used + strlen(name) + 2 <= length;
        if (!fits && lines + 1 == LINES) {
            more++;
            continue;
        }
        if (listed++) line[used++] = ',';
        line[used] = 0;
        if (!fits) {
            set_item(stream, "left_out", ++lines, line, sizeof line);
            used = 0;
        }
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%s", used ? " " : "", name);
    }
    if (more) snprintf(line + used, sizeof line - used, " and %zu more", more);
    if (listed) set_item(stream, "left_out", ++lines, line, sizeof line);
    fs_figure_set_count(stream, "n_left_out", lines);
    return lines;
}

/* Title, subtitle, and what stands below; how many lines of that. */
static size_t set_words(FILE *stream, const matrix_figure *f)
{
    const fs_suite *s = f->s;
    fs_suite_counts n = fs_suite_count(s);
    char text[TEXT];
    size_t exact = 0, used, broken = f->n_rows - f->n_models;
    used = (size_t)snprintf(text, sizeof text, "%zu statement%s on %zu model%s", s->n_statements, s->n_statements == 1 ? "" : "s", f->n_models, f->n_models == 1 ? "" : "s");
    if (broken) snprintf(text + used, sizeof text - used, ", and on %zu that break%s one hypothesis", broken, broken == 1 ? "s" : "");
    fs_figure_set_text(stream, "title_text", text, sizeof text);
    snprintf(text, sizeof text, "%zu as theory predicts, %zu open, %zu not", n.expected, n.open, n.failed);
    fs_figure_set_text(stream, "subtitle_text", text, sizeof text);
    int surprising = f->open || f->missed || !(f->count[VIOLATED] || f->count[UNDECIDED]);
    fs_figure_set_text(stream, "violations_text", surprising ? "" : "violated or undecided: only where a hypothesis fails, or as predicted", sizeof text);
    for (size_t i = 0; i < s->n_forms; i++) exact += s->form[i].outcome == FS_AS_EXPECTED;
    snprintf(text, sizeof text, "closed forms: %zu of %zu exact numbers", exact, s->n_forms);
    fs_figure_set_text(stream, "forms_text", s->n_forms ? text : "", sizeof text);
    fs_figure_set_count(stream, "forms_missed", s->n_forms - exact);
    return (s->n_forms > 0) + (surprising ? 0u : 1u);
}

/* Wide enough for the names that lean over the last columns. */
static size_t width_of(const fs_suite *s)
{
    size_t width = s->n_statements > 8 ? WIDTH : NARROW;
    for (size_t k = 0; k < s->n_statements; k++) {
        size_t end = LEFT + PITCH * k + PITCH + characters(s->statement[k]->name) * LETTER / 2;
        if (end > width) width = end;
    }
    return width;
}

static size_t longest_name(const fs_suite *s)
{
    size_t longest = 0;
    for (size_t k = 0; k < s->n_statements; k++)
        if (characters(s->statement[k]->name) > longest) longest = characters(s->statement[k]->name);
    return longest;
}

static void matrix_variables(FILE *stream, void *context)
{
    matrix_figure *f = context;
    size_t lines, broken = f->n_rows - f->n_models, width = width_of(f->s), length = (width - 28) / LETTER;
    fprintf(stream, "row_height = figure_format eq 'dumb' ? 18 : %d\npitch = figure_format eq 'dumb' ? 44 : %d\nleft = figure_format eq 'dumb' ? 451 : %d\n", ROW, PITCH, LEFT);
    set_columns(stream, f->s);
    fs_figure_set_count(stream, "n_rows", f->n_rows);
    fs_figure_set_count(stream, "n_models", f->n_models);
    for (size_t i = 0; i < f->n_rows; i++) set_row(stream, f->row[i], i + 1);
    set_counts(stream, f->count);
    fs_figure_set_count(stream, "n_open", f->open);
    fs_figure_set_count(stream, "n_missed", f->missed);
    lines = set_words(stream, f);
    lines += set_left_out(stream, f->s, length < TEXT - 4 * NAME ? length : TEXT - 4 * NAME);
    fprintf(stream, "layout_width = %zu\nif (figure_format eq 'dumb' && layout_width < left + pitch * n_columns + 44) { layout_width = left + pitch * n_columns + 44 }\n"
                    "if (!exists('figure_width')) figure_width = layout_width\n", width);
    fprintf(stream, "top = figure_format eq 'dumb' ? 119 : %zu\n", 104 + longest_name(f->s) * LETTER * 7 / 8);
    fprintf(stream, "layout_height = top + %zu * row_height + %zu * 30 + 130\nif (!exists('figure_height')) figure_height = layout_height * figure_width / layout_width\n", f->n_rows + (broken ? 3 : 1), lines);
}

fs_status fs_figure_draw_matrix(fs_figure *out, fs_folder *folder, const fs_suite *s, const fs_figure_options *options, fs_err *err)
{
    matrix_figure f = { .s = s };
    const fs_figure_plan plan = { "matrix.gp", matrix_data, matrix_variables, &f };
    *out = (fs_figure){ 0 };
    f.row = fs_calloc(s->n_rows + 1, sizeof *f.row);
    if (!f.row) return fs_fail(err, FS_ENOMEM, "a picture of %zu models", s->n_rows);
    for (int atlas = 0; atlas < 2; atlas++) {
        for (size_t i = 0; i < s->n_rows; i++)
            if (s->row[i].load != FS_ROW_LEFT_OUT && (s->row[i].atlas != NULL) == atlas) f.row[f.n_rows++] = &s->row[i];
        if (!atlas) f.n_models = f.n_rows;
    }
    fs_status status = fs_figure_draw(out, folder, options, &plan, err);
    free(f.row);
    return status;
}

/* --- one model: what is drawn -------------------------------------------------------------------- */

typedef struct {
    const fs_report_head *head;
    const fs_suite_row *row;
    size_t n_drawn;                     /* statements that apply */
    fs_figure_range shown;              /* of all that is positive */
    size_t count[SYMBOLS], controls, predictions, passed, below, above;
} checks_figure;

/* No axis is longer: what lies beyond is an arrow at its end. */
static const double lowest = 1e-25, highest = 1e15;

static void checks_data(FILE *stream, void *context)
{
    checks_figure *f = context;
    fputs("# blocks: checks (row, measured, error, bound, control, its prediction; symbol: 0 holds, 1 violated, 2 undecided, 3 a pass would mean nothing; 1 if the control\n"
          "# is as it must be)\n\n\n# checks;\n", stream);
    for (size_t k = 0; k < f->row->n_cells; k++) {
        const fs_finding *c = &f->row->cell[k].found;
        const double value[] = { c->measured, c->measured + c->error, c->bound, c->control.measured, c->control.predicted };
        symbol one = symbol_of(c, 0);
        f->count[one]++;
        if (one == ABSENT) continue;
        for (size_t i = 0; i < 5; i++) {
            fs_figure_include(&f->shown, value[i], 1);
            f->below += i != 1 && value[i] < lowest;
            f->above += i != 1 && value[i] > highest;
        }
        f->controls += c->control.verdict == FS_HOLDS && !isnan(c->control.measured);
        f->passed += c->control.verdict != FS_HOLDS && !isnan(c->control.measured);
        f->predictions += isfinite(c->control.predicted) != 0;
        fs_figure_row(stream, 8, (const double[]){ (double)++f->n_drawn, c->measured, c->error, c->bound, c->control.measured, c->control.predicted, (double)one,
                                                   c->control.verdict == FS_HOLDS });
    }
    end_block(stream, 8);
}

/* --- one model: what the script is told ------------------------------------------------------------ */

/* "; fails: compatibility, measure; undecided: ..." */
static void list_hypotheses(const fs_report_head *head, fs_verdict verdict, const char *words, size_t size, char *text)
{
    size_t from = strlen(text), used = from, count = 0;
    for (size_t i = 0; head->hypotheses && i < FS_HYPOTHESIS_COUNT && used < size; i++) {
        const fs_hypothesis *one;
        const char *name = fs_hypothesis_at(head->hypotheses, i, &one);
        if (one->verdict == verdict) used += (size_t)snprintf(text + used, size - used, "%s%s", count++ ? ", " : words, name);
    }
    for (char *c = text + from; *c; c++)
        if (*c == '_') *c = ' ';
}

static void set_checks_words(FILE *stream, const checks_figure *f)
{
    char text[TEXT], failing[TEXT / 2] = "", seed[40] = "";
    const fs_report_head *head = f->head;
    list_hypotheses(head, FS_VIOLATED, "; fails: ", sizeof failing, failing);
    list_hypotheses(head, FS_UNDECIDED, "; undecided: ", sizeof failing, failing);
    if (head->n_seed == 1) snprintf(seed, sizeof seed, ", seed %llu", (unsigned long long)head->seed[0]);
    snprintf(text, sizeof text, "%.60s, dim E = %zu, dim N = %zu%s%s", head->group ? head->group : "", head->dim_E, head->dim_N, seed, failing);
    fs_figure_set_title(stream, head);
    fs_figure_set_text(stream, "subtitle_text", text, sizeof text);
}

static void set_statements(FILE *stream, const checks_figure *f)
{
    size_t drawn = 0, absent = 0;
    for (size_t k = 0; k < f->row->n_cells; k++) {
        const fs_suite_cell *cell = &f->row->cell[k];
        if (cell->found.applies) {
            set_item(stream, "row_name", ++drawn, cell->statement->name, TITLE);
        } else {
            set_item(stream, "absent_name", ++absent, cell->statement->name, TITLE);
            set_item(stream, "absent_note", absent, cell->found.note, 84);
        }
    }
    fs_figure_set_count(stream, "n_rows", drawn);
}

static double clipped(double value)
{
    return value < lowest ? lowest : value > highest ? highest : value;
}

/* Whole decades, with room beside the outermost symbols. */
static void set_decades(FILE *stream, checks_figure *f)
{
    if (!(f->shown.low <= f->shown.high)) f->shown = (fs_figure_range){ 1e-16, 1.0 };
    int from = (int)floor(log10(clipped(f->shown.low))) - 1, to = (int)ceil(log10(clipped(f->shown.high))) + 1, step = to - from > 24 ? 4 : to - from > 12 ? 3 : to - from > 7 ? 2 : 1;
    fprintf(stream, "low = 1e%d\nhigh = 1e%d\nfirst_tick = 1e%d\ntick_step = 1e%d\n", from, to, from + ((-from % step) + step) % step, step);
}

static void checks_variables(FILE *stream, void *context)
{
    checks_figure *f = context;
    set_checks_words(stream, f);
    set_statements(stream, f);
    set_counts(stream, f->count);
    fs_figure_set_count(stream, "n_controls", f->controls);
    fs_figure_set_count(stream, "n_passed", f->passed);
    fs_figure_set_count(stream, "n_predictions", f->predictions);
    fs_figure_set_count(stream, "n_below", f->below);
    fs_figure_set_count(stream, "n_above", f->above);
    set_decades(stream, f);
    fputs("row_height = figure_format eq 'dumb' ? 18 : 32\n"
          "figure_height = 120 + (n_rows > 3 ? n_rows : 3) * row_height + 80 + (n_absent ? n_absent + 1 : 0) * row_height + 125\n", stream);
}

fs_status fs_figure_draw_checks(fs_figure *out, fs_folder *folder, const fs_report_head *head, const fs_suite_row *row, const fs_figure_options *options,
                                fs_err *err)
{
    checks_figure f = { .head = head, .row = row, .shown = { (double)NAN, (double)NAN } };
    const fs_figure_plan plan = { "checks.gp", checks_data, checks_variables, &f };
    return fs_figure_draw(out, folder, options, &plan, err);
}
