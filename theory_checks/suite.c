/* theory_checks/suite.c -- statements on models, the atlas and the closed forms, over threads, and whether what they found is as it should be
 *
 * Models are loaded first, all of them, so that the heaviest (samples x weights x dim L) can go first; then every model and every closed form is one task.
 * A task writes to its own row only, and nothing it does depends on the others: results are those of one thread.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "suite.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- reasons ---------------------------------------------------------------------------- */

/* Text that grows; what does not fit is dropped. */
typedef struct { char *text; size_t size, used; } words;

__attribute__((format(printf, 2, 3))) static void say(words *w, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(w->text + w->used, w->size - w->used, format, arguments);
    va_end(arguments);
    if (n > 0) w->used = w->used + (size_t)n < w->size ? w->used + (size_t)n : w->size - 1;
}

static void say_numbers(words *w, const fs_finding *f)
{
    if (isnan(f->measured)) say(w, "nothing was measured");
    else if (!(f->error > 0.0)) say(w, "measured %.3g, bound %.3g", f->measured, f->bound);
    else say(w, "measured %.3g +- %.1g, bound %.3g", f->measured, f->error, f->bound);
}

static void say_control(words *w, const fs_finding *f)
{
    const fs_control *c = &f->control;
    if (isnan(c->measured)) say(w, "the control was not measured");
    else if (!(c->measured > f->bound)) say(w, "the control passed: %.3g, bound %.3g", c->measured, f->bound);
    else if (!isnan(c->predicted)) say(w, "the control has the wrong size: %.6g, predicted %.6g", c->measured, c->predicted);
    else say(w, "the control is too small: %.3g, less than a million times what passes", c->measured);
    if (c->what[0]) say(w, " (%s)", c->what);
}

char *fs_finding_reason(const fs_finding *f, size_t size, char *text)
{
    words w = { text, size, 0 };
    text[0] = 0;
    if (!f->applies || f->verdict == FS_HOLDS) return text;
    if (f->verdict == FS_VIOLATED) {
        say_numbers(&w, f);
        if (f->because[0]) say(&w, "; no counterexample, as %s", f->because);
        return text;
    }
    if (f->because[0]) say(&w, "%s", f->because);
    if (f->vacuous[0]) say(&w, "%s%s", w.used ? "; " : "", f->vacuous);
    if (w.used) return text;
    if (!isnan(f->measured) && f->control.verdict != FS_HOLDS) {
        say_control(&w, f);
    } else {
        say_numbers(&w, f);
        if (f->note[0]) say(&w, "; %s", f->note);
    }
    return text;
}

/* --- what is expected --------------------------------------------------------------------- */

int fs_finding_is_vacuous(const fs_finding *f)
{
    return f->applies && !f->because[0] && f->vacuous[0] && f->verdict == FS_UNDECIDED;
}

fs_outcome fs_expect_of_model(const fs_finding *f, char *why)
{
    words w = { why, FS_REASON, 0 };
    why[0] = 0;
    if (!f->applies || f->hypotheses == FS_VIOLATED || f->verdict == FS_HOLDS) return FS_AS_EXPECTED;
    if (f->hypotheses == FS_UNDECIDED) {
        say(&w, "%s, and %s", fs_verdict_name(f->verdict), f->because);
        return FS_LEFT_OPEN;
    }
    if (f->verdict == FS_VIOLATED) {
        say(&w, "violated although every hypothesis holds: ");
        say_numbers(&w, f);
        return FS_NOT_AS_EXPECTED;
    }
    if (fs_finding_is_vacuous(f)) return FS_AS_EXPECTED;
    if (f->control.verdict == FS_VIOLATED) {
        say_control(&w, f);
        return FS_NOT_AS_EXPECTED;
    }
    say(&w, "undecided: ");
    fs_finding_reason(f, FS_REASON - w.used, why + w.used);
    return FS_LEFT_OPEN;
}

/* NaN is not near. */
static int is_near(double value, double predicted, double slack)
{
    return fabs(value - predicted) <= slack;
}

fs_outcome fs_expect_of_atlas(const fs_atlas_cell *cell, const fs_finding *f, char *why)
{
    words w = { why, FS_REASON, 0 };
    why[0] = 0;
    if (!f->applies || f->verdict != cell->expected) {
        say(&w, "expected %s, found %s", fs_verdict_name(cell->expected), f->applies ? fs_verdict_name(f->verdict) : "that it does not apply");
        if (f->applies) {
            say(&w, " (");
            say_numbers(&w, f);
            say(&w, ")");
        } else if (f->note[0]) {
            say(&w, ": %s", f->note);
        }
        return FS_NOT_AS_EXPECTED;
    }
    if (!cell->quantity) return FS_AS_EXPECTED;
    const fs_quantity *q = fs_finding_quantity(f, cell->quantity);
    double tolerance = cell->tolerance > 0.0 ? cell->tolerance : 1e-9;
    if (q && is_near(q->value, cell->predicted, tolerance * fabs(cell->predicted) + q->error)) return FS_AS_EXPECTED;
    say(&w, "expected %s = %.12g (%s), found ", cell->quantity, cell->predicted, cell->formula ? cell->formula : "predicted");
    if (q) say(&w, "%.12g +- %.1g", q->value, q->error);
    else say(&w, "no such quantity");
    return FS_NOT_AS_EXPECTED;
}

fs_outcome fs_expect_of_form(const fs_closed_form *form, const fs_finding *f, char *why)
{
    words w = { why, FS_REASON, 0 };
    why[0] = 0;
    if (f->applies && isfinite(f->bound) && f->error >= 0.0 && fs_verdict_judge(f->measured, f->error, f->bound) == FS_HOLDS) return FS_AS_EXPECTED;
    const fs_quantity *value = fs_finding_quantity(f, "value");
    say(&w, "expected %s = %.12g (%s), found ", form->name, form->exact, form->formula ? form->formula : "exactly");
    if (value) say(&w, "%.12g; ", value->value);
    say_numbers(&w, f);
    if (f->note[0]) say(&w, "; %s", f->note);
    return FS_NOT_AS_EXPECTED;
}

static fs_outcome worse(fs_outcome a, fs_outcome b)
{
    return a > b ? a : b;
}

size_t fs_suite_shown(const fs_suite *s, size_t k)
{
    size_t count = 0;
    for (size_t i = 0; i < s->n_rows; i++)
        for (size_t j = 0; j < s->row[i].n_cells && !s->row[i].atlas; j++) {
            const fs_suite_cell *cell = &s->row[i].cell[j];
            count += cell->statement == s->statement[k] && cell->found.applies && cell->found.verdict == FS_HOLDS;
        }
    return count;
}

fs_outcome fs_suite_outcome(const fs_suite *s)
{
    fs_outcome worst = FS_AS_EXPECTED;
    for (size_t k = 0; s->must_show && k < s->n_statements; k++)
        if (!fs_suite_shown(s, k)) worst = FS_LEFT_OPEN;
    for (size_t i = 0; i < s->n_rows; i++) {
        worst = worse(worst, s->row[i].outcome);
        for (size_t k = 0; k < s->row[i].n_cells; k++) worst = worse(worst, s->row[i].cell[k].outcome);
    }
    for (size_t i = 0; i < s->n_forms; i++) worst = worse(worst, s->form[i].outcome);
    return worst;
}

static void count_outcome(fs_suite_counts *c, fs_outcome outcome)
{
    c->expected += outcome == FS_AS_EXPECTED;
    c->open += outcome == FS_LEFT_OPEN;
    c->failed += outcome == FS_NOT_AS_EXPECTED;
}

fs_suite_counts fs_suite_count(const fs_suite *s)
{
    fs_suite_counts c = { 0 };
    for (size_t i = 0; i < s->n_rows; i++) {
        const fs_suite_row *row = &s->row[i];
        if (row->load == FS_ROW_REFUSED || row->outcome != FS_AS_EXPECTED) count_outcome(&c, row->outcome);
        for (size_t k = 0; k < row->n_cells; k++) {
            const fs_finding *f = &row->cell[k].found;
            c.not_applicable += !f->applies;
            c.holds += f->applies && f->verdict == FS_HOLDS;
            c.violated += f->applies && f->verdict == FS_VIOLATED;
            c.undecided += f->applies && f->verdict == FS_UNDECIDED;
            c.vacuous += fs_finding_is_vacuous(f) ? 1 : 0;
            count_outcome(&c, row->cell[k].outcome);
        }
    }
    for (size_t i = 0; i < s->n_forms; i++) count_outcome(&c, s->form[i].outcome);
    for (size_t k = 0; s->must_show && k < s->n_statements; k++) count_outcome(&c, fs_suite_shown(s, k) ? FS_AS_EXPECTED : FS_LEFT_OPEN);
    return c;
}

fs_verdict fs_suite_row_verdict(const fs_suite_row *row)
{
    size_t holds = 0, undecided = 0;
    for (size_t k = 0; k < row->n_cells; k++) {
        const fs_finding *f = &row->cell[k].found;
        if (!f->applies) continue;
        if (f->verdict == FS_VIOLATED) return FS_VIOLATED;
        holds += f->verdict == FS_HOLDS;
        undecided += f->verdict != FS_HOLDS;
    }
    return holds && !undecided ? FS_HOLDS : FS_UNDECIDED;
}

/* --- one task ----------------------------------------------------------------------------------- */

/* What all tasks share. */
typedef struct {
    const fs_suite_options *options;
    fs_suite *suite;
    fs_problem **problem;       /* (n_rows), NULL where it was refused or left out */
    size_t cells;               /* all of them, forms included */
    atomic_size_t finished;
} crew;

/* What a watch is told, and where in the suite that is. */
typedef struct {
    crew *crew;
    const char *model, *name;
} place;

static int report(void *context, const char *stage, double fraction)
{
    const place *at = context;
    const fs_watch *watch = at->crew->options->check.watch;
    char text[300];
    double all = at->crew->cells ? (double)at->crew->cells : 1.0, within = fraction >= 0.0 && fraction < 1.0 ? fraction : 0.0;
    int same = strcmp(stage, at->name) == 0;
    snprintf(text, sizeof text, "%.70s: %.70s%s%.140s", at->model, at->name, same ? "" : ": ", same ? "" : stage);
    return fs_watch_report(watch, text, ((double)atomic_load(&at->crew->finished) + within) / all) != FS_OK;
}

/* Only with *done set under the lock may others look at what belongs to it. */
static void announce(crew *c, int *done)
{
#pragma omp critical(fs_suite)
    {
        *done = 1;
        if (c->options->done) c->options->done(c->options->context, c->suite);
    }
}

static fs_status check_cell(crew *c, fs_check_context *context, place *at, fs_suite_cell *cell, fs_err *err)
{
    at->name = cell->statement->name;
    FS_TRY(fs_check_run(context, cell->statement, &cell->found, err));
    cell->outcome = cell->predicted ? fs_expect_of_atlas(cell->predicted, &cell->found, cell->why) : fs_expect_of_model(&cell->found, cell->why);
    atomic_fetch_add(&c->finished, 1);
    announce(c, &cell->done);
    return FS_OK;
}

static fs_status check_row(crew *c, size_t i, const fs_problem *p, fs_err *err)
{
    fs_suite_row *row = &c->suite->row[i];
    double start = fs_wall_seconds();
    place at = { c, row->name, "" };
    fs_watch watch = { report, &at };
    fs_check_options options = c->options->check;
    fs_check_context *context = NULL;
    options.watch = &watch;
    fs_status status = fs_check_context_create(&context, p, &options, err);
    for (size_t k = 0; status == FS_OK && k < row->n_cells; k++) status = check_cell(c, context, &at, &row->cell[k], err);
    fs_check_context_destroy(context);
    row->wall_s = fs_wall_seconds() - start;
    return status;
}

static fs_status check_form(crew *c, fs_suite_form *one, fs_err *err)
{
    const fs_closed_form *form = one->form;
    char name[120];
    snprintf(name, sizeof name, "%s %s", form->form, form->name);
    place at = { c, form->model, name };
    if (report(&at, name, 0.0)) return fs_fail(err, FS_ESTOPPED, "stopped before %s", name);
    fs_err failed = { 0 };
    one->found = (fs_finding){ .applies = 1, .measured = (double)NAN, .error = (double)NAN, .bound = (double)NAN };
    fs_status status = fs_closed_form_check(form, c->options->folder, &one->found, &failed);
    if (status == FS_ENOMEM || status == FS_ESTOPPED) return fs_fail(err, status, "%s on %s: %s", name, form->model, failed.text);
    if (status != FS_OK) {
        one->found.measured = (double)NAN;
        snprintf(one->found.note, sizeof one->found.note, "%.470s", failed.text[0] ? failed.text : fs_status_text(status));
    }
    one->outcome = fs_expect_of_form(form, &one->found, one->why);
    atomic_fetch_add(&c->finished, 1);
    announce(c, &one->done);
    return FS_OK;
}

/* --- rows ---------------------------------------------------------------------------------------- */

static const fs_atlas_cell *predicted_for(const fs_atlas_row *atlas, const fs_statement *statement)
{
    for (size_t k = 0; k < FS_ATLAS_CELLS && atlas->cell[k].statement; k++)
        if (strcmp(atlas->cell[k].statement, statement->id) == 0) return &atlas->cell[k];
    return NULL;
}

/* The cells of a row whose model is there: all statements, or those the atlas predicts. */
static fs_status make_cells(fs_suite_row *row, const fs_suite_options *o, const fs_problem *p, fs_err *err)
{
    const fs_basis *b = fs_problem_basis(p);
    row->dim_E = b->dim_E;
    row->dim_N = b->dim_N;
    row->dim_L = b->dim_E + b->dim_N;
    row->cell = fs_calloc(o->n_statements, sizeof *row->cell);
    if (!row->cell) return fs_fail(err, FS_ENOMEM, "%zu statements on %s", o->n_statements, row->name);
    for (size_t k = 0; k < o->n_statements; k++) {
        const fs_atlas_cell *predicted = row->atlas ? predicted_for(row->atlas, o->statement[k]) : NULL;
        if (!row->atlas || predicted) row->cell[row->n_cells++] = (fs_suite_cell){ .statement = o->statement[k], .predicted = predicted };
    }
    return FS_OK;
}

/* A model that does not load: what the atlas asked for, or a failure. */
static void refuse(fs_suite_row *row, const fs_err *failed)
{
    words w = { row->why, sizeof row->why, 0 };
    const char *wanted = row->atlas ? row->atlas->refused : NULL;
    row->load = FS_ROW_REFUSED;
    snprintf(row->message, sizeof row->message, "%.690s", failed->text);
    if (wanted && strstr(failed->text, wanted)) return;
    row->outcome = FS_NOT_AS_EXPECTED;
    if (wanted) say(&w, "expected a refusal with \"%s\", found: %.400s", wanted, failed->text);
    else say(&w, "expected a model, found that it does not load: %.400s", failed->text);
}

/* *p stays NULL where there is nothing to check. */
static fs_status load_row(const fs_suite_options *o, const char *path, fs_suite_row *row, fs_problem **p, fs_err *err)
{
    fs_err failed = { 0 };
    const char *const *sets = row->atlas && row->atlas->set ? &row->atlas->set : NULL;
    if (row->load == FS_ROW_LEFT_OUT) return FS_OK;
    fs_status status = fs_problem_load(p, path, sets ? 1 : 0, sets, &failed);
    if (status == FS_ENOMEM) return fs_fail(err, status, "%s", failed.text);
    if (status != FS_OK) {
        refuse(row, &failed);
        return FS_OK;
    }
    size_t dim = fs_problem_basis(*p)->dim_E + fs_problem_basis(*p)->dim_N;
    if (row->atlas && row->atlas->refused) {
        row->outcome = FS_NOT_AS_EXPECTED;
        snprintf(row->why, sizeof row->why, "expected a refusal with \"%.200s\", found a model that loads", row->atlas->refused);
    } else if (!row->atlas && o->largest && dim > o->largest) {
        row->load = FS_ROW_LEFT_OUT;
        snprintf(row->message, sizeof row->message, "dim L = %zu, more than %zu", dim, o->largest);
        fs_problem_destroy(*p);
        *p = NULL;
        return FS_OK;
    }
    return make_cells(row, o, *p, err);
}

/* The file name without folder and .yaml; models at the size of the papers say so in their name, and are not even loaded. */
static void name_row(fs_suite_row *row, const char *path, const fs_suite_options *o)
{
    static const char paper[] = "_paper";
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t length = strlen(base), tail = sizeof paper - 1;
    if (length > 5 && strcmp(base + length - 5, ".yaml") == 0) length -= 5;
    snprintf(row->name, sizeof row->name, "%.*s", (int)length, base);
    if (!o->largest || length < tail || strncmp(base + length - tail, paper, tail) != 0) return;
    row->load = FS_ROW_LEFT_OUT;
    snprintf(row->message, sizeof row->message, "at the size of its paper");
}

static void path_of_row(const crew *c, size_t i, size_t size, char *path)
{
    const fs_suite_options *o = c->options;
    if (i < o->n_models) snprintf(path, size, "%s", o->model[i]);
    else snprintf(path, size, "%s/atlas/%s.yaml", o->folder, o->atlas[i - o->n_models].name);
}

/* --- all of them ------------------------------------------------------------------------------------ */

void fs_suite_destroy(fs_suite *s)
{
    if (!s) return;
    for (size_t i = 0; i < s->n_rows; i++) free(s->row[i].cell);
    free(s->row);
    free(s->order);
    free(s->form);
    free(s);
}

static fs_status suite_allocate(fs_suite **out, const fs_suite_options *o, size_t n_rows, size_t n_forms, fs_err *err)
{
    fs_suite *s = fs_calloc(1, sizeof *s);
    if (!s) goto nomem;
    s->n_statements = o->n_statements;
    s->statement = o->statement;
    s->row = fs_calloc(n_rows, sizeof *s->row);
    s->order = fs_calloc(n_rows, sizeof *s->order);
    s->form = fs_calloc(n_forms, sizeof *s->form);
    if (!s->row || !s->order || !s->form) goto nomem;
    s->n_rows = n_rows;
    s->n_forms = n_forms;
    s->must_show = o->must_show;
    *out = s;
    return FS_OK;
nomem:
    fs_suite_destroy(s);
    return fs_fail(err, FS_ENOMEM, "a suite of %zu models and %zu closed forms", n_rows, n_forms);
}

/* The first failure in the order of the tasks, whichever came first in time. */
static fs_status first_failure(size_t n, const fs_err *message, fs_err *err)
{
    for (size_t i = 0; i < n; i++)
        if (message[i].status != FS_OK) return fs_fail(err, message[i].status, "%s", message[i].text);
    return FS_OK;
}

static void load_all(crew *c, fs_err *message)
{
    fs_suite *s = c->suite;
    const fs_suite_options *o = c->options;
#pragma omp parallel for schedule(dynamic) num_threads(o->threads) if (o->threads > 1)
    for (size_t i = 0; i < s->n_rows; i++) {
        char path[PATH_MAX], loading[] = "loading";
        place at = { c, s->row[i].name, loading };
        path_of_row(c, i, sizeof path, path);
        message[i].status = report(&at, loading, 0.0) ? fs_fail(&message[i], FS_ESTOPPED, "stopped while models were loaded")
                                                      : load_row(o, path, &s->row[i], &c->problem[i], &message[i]);
    }
}

typedef struct { size_t index; double weight; } task;

static int heavier(const void *a, const void *b)
{
    const task *s = a, *t = b;
    if (s->weight > t->weight || s->weight < t->weight) return s->weight > t->weight ? -1 : 1;
    return s->index < t->index ? -1 : 1;
}

/* Rows by weight, then what did not load, then forms. */
static void order_tasks(const crew *c, task *order)
{
    fs_suite *s = c->suite;
    for (size_t i = 0; i < s->n_rows + s->n_forms; i++) {
        order[i] = (task){ i, -1.0 };
        if (i >= s->n_rows || !c->problem[i]) continue;
        const fs_problem *p = c->problem[i];
        order[i].weight = (double)fs_risk_samples(fs_problem_risk(p, 1)) * (double)fs_problem_basis(p)->n_par * (double)s->row[i].dim_L;
    }
    qsort(order, s->n_rows + s->n_forms, sizeof *order, heavier);
    for (size_t k = 0, i = 0; k < s->n_rows + s->n_forms; k++)
        if (order[k].index < s->n_rows) s->order[i++] = order[k].index;
}

static void check_all(crew *c, const task *order, fs_err *message)
{
    fs_suite *s = c->suite;
    int threads = c->options->threads;
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (threads > 1)
    for (size_t k = 0; k < s->n_rows + s->n_forms; k++) {
        size_t i = order[k].index;
        if (i >= s->n_rows) {
            message[i].status = check_form(c, &s->form[i - s->n_rows], &message[i]);
        } else if (c->problem[i]) {
            message[i].status = check_row(c, i, c->problem[i], &message[i]);
            fs_problem_destroy(c->problem[i]);
            c->problem[i] = NULL;
        }
    }
}

static void name_rows(fs_suite *s, const fs_suite_options *o)
{
    for (size_t i = 0; i < s->n_rows; i++) {
        if (i < o->n_models) {
            name_row(&s->row[i], o->model[i], o);
            continue;
        }
        s->row[i].atlas = &o->atlas[i - o->n_models];
        snprintf(s->row[i].name, sizeof s->row[i].name, "%s", s->row[i].atlas->name);
    }
    for (size_t i = 0; i < s->n_forms; i++) s->form[i].form = &o->forms[i];
}

fs_status fs_suite_run(fs_suite **out, const fs_suite_options *o, fs_err *err)
{
    size_t n_rows = o->n_models, n_forms = 0;
    double start = fs_wall_seconds();
    *out = NULL;
    while (o->atlas && o->atlas[n_rows - o->n_models].name) n_rows++;
    while (o->forms && o->forms[n_forms].form) n_forms++;
    fs_suite *s = NULL;
    crew c = { .options = o };
    fs_err *message = fs_calloc(n_rows + n_forms, sizeof *message);
    task *order = fs_calloc(n_rows + n_forms, sizeof *order);
    c.problem = fs_calloc(n_rows, sizeof *c.problem);
    fs_status status = message && order && c.problem ? suite_allocate(&s, o, n_rows, n_forms, err) : fs_fail(err, FS_ENOMEM, "%zu models", n_rows);
    if (status != FS_OK) goto done;
    c.suite = s;
    name_rows(s, o);
    c.cells = n_rows * o->n_statements + n_forms;      /* until it is known which models are there */
    load_all(&c, message);
    status = first_failure(n_rows, message, err);
    if (status != FS_OK) goto done;
    c.cells = n_forms;
    for (size_t i = 0; i < n_rows; i++) c.cells += s->row[i].n_cells;
    order_tasks(&c, order);
    announce(&c, &s->is_ordered);
    check_all(&c, order, message);
    status = first_failure(n_rows + n_forms, message, err);
    s->wall_s = fs_wall_seconds() - start;
    if (status == FS_OK) announce(&c, &s->done);
done:
    for (size_t i = 0; c.problem && i < n_rows; i++) fs_problem_destroy(c.problem[i]);
    free(c.problem);
    free(order);
    free(message);
    if (status == FS_OK) *out = s;
    else fs_suite_destroy(s);
    return status;
}

fs_status fs_suite_run_problem(fs_suite **out, const fs_problem *p, const fs_suite_options *o, fs_err *err)
{
    double start = fs_wall_seconds();
    fs_suite *s = NULL;
    *out = NULL;
    FS_TRY(suite_allocate(&s, o, 1, 0, err));
    crew c = { .options = o, .suite = s };
    snprintf(s->row->name, sizeof s->row->name, "%s", fs_problem_name(p));
    fs_status status = make_cells(s->row, o, p, err);
    c.cells = s->row->n_cells;
    if (status == FS_OK) {
        announce(&c, &s->is_ordered);
        status = check_row(&c, 0, p, err);
    }
    s->wall_s = fs_wall_seconds() - start;
    if (status == FS_OK) announce(&c, &s->done);
    if (status == FS_OK) *out = s;
    else fs_suite_destroy(s);
    return status;
}
