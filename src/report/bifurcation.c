/* report/bifurcation.c -- table, JSON and CSV of a bifurcation diagram
 *
 * Builders of JSON note a failure in *bad and go on; the whole is looked at once.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/bifurcation.h"

#include "base/files.h"
#include "report/csv.h"
#include "report/table.h"
#include "report/table_private.h"
#include "report/text.h"

#include <math.h>
#include <string.h>

enum { MOST_LINES = 16, MOST_ON_E = 8 };

/* --- table ------------------------------------------------------------------------------------- */

static void say_equilibrium(fs_sentence *line, const fs_stability *E, size_t i)
{
    const fs_stability_point *point = &E->point[i];
    size_t alike = 0;
    char a[FS_TEXT_NUMBER], e[FS_TEXT_NUMBER], name[48];
    for (size_t k = i + 1; k < E->n_points; k++) alike += (size_t)fs_equilibria_alike(point, &E->point[k]);
    fs_say(line, "%zu: risk %s, ", i + 1, fs_text_real(point->at->risk, 6, a));
    if (point->spectrum->dim_E) fs_say(line, "%s on E, ", fs_point_name(point->on_E));
    if (isnan(point->gamma_critical)) fs_say(line, "gamma_c is not known");
    else if (!isfinite(point->gamma_error)) fs_say(line, "gamma_c at least %s", fs_text_real(point->gamma_critical, 6, a));
    else if (fabs(point->gamma_critical) <= point->gamma_error) fs_say(line, "gamma_c = 0 within its error %s", fs_text_power(point->gamma_error, 0, e));
    else fs_say(line, "gamma_c = %s", fs_text_real(point->gamma_critical, 9, a));
    if (point->irreducible[0]) fs_say(line, " (%s)", fs_text_line(point->irreducible, sizeof name, name));
    if (fs_equilibrium_is_of_continuum(point)) fs_say(line, "; of a continuum");
    if (alike) fs_say(line, "; %zu more like it", alike);
}

static void print_equilibria(FILE *stream, const fs_bifurcation *b, int colour)
{
    const fs_stability *E = b->equilibria;
    size_t lines = 0, left = 0;
    for (size_t i = 0; E && i < E->n_points; i++) {
        size_t first = 0;
        fs_sentence line = { "", 0 };
        while (first < i && !fs_equilibria_alike(&E->point[first], &E->point[i])) first++;
        if (E->point[i].at->outcome != FS_SEARCH_FOUND || first < i) continue;
        if (lines == MOST_ON_E) {
            left++;
            continue;
        }
        say_equilibrium(&line, E, i);
        fs_table_paragraph(stream, lines++ ? "            " : "on E:       ", line.text, colour, FS_PLAIN);
    }
    if (left) fprintf(stream, "  and %zu more on E; all are in the report\n", left);
    if (lines) return;
    const char *why = E && E->n_points && E->point[0].at->outcome == FS_SEARCH_SEPARABLE ? "no finite equilibrium: the data are separated" : "no equilibrium was found";
    fs_table_paragraph(stream, "on E:       ", why, colour, FS_BAD);
}

/* "fold with 2", "joins E at 1 (A2)". */
static void say_end(fs_sentence *line, const fs_bifurcation_end *end)
{
    fs_say(line, "%s", fs_branch_end_name(end->kind));
    if (end->partner == SIZE_MAX) return;
    fs_say(line, " %s%zu", end->kind == FS_BRANCH_FOLD ? "with " : end->kind == FS_BRANCH_JOINS_E ? "at " : "", end->partner + 1);
}

/* Its kind where it is only one, with the zeros left out. */
static const char *kinds_of(const fs_bifurcation_branch *branch)
{
    size_t count[FS_POINT_COUNT] = { 0 }, different = 0;
    fs_point last = FS_POINT_UNKNOWN;
    for (size_t i = 0; i < branch->n; i++) count[branch->node[i].is.kind]++;
    for (int k = 0; k < FS_POINT_COUNT; k++)
        if (count[k] && (k != FS_POINT_DEGENERATE || count[k] > branch->n / 4)) {
            different++;
            last = (fs_point)k;
        }
    return different == 1 ? fs_point_name(last) : count[FS_POINT_MINIMUM] ? "stable in part" : "changes";
}

static void branch_row(FILE *stream, size_t index, const fs_bifurcation_branch *branch, int colour)
{
    char number[FS_TEXT_NUMBER];
    fs_sentence low = { "", 0 }, high = { "", 0 };
    const fs_branch_node *first = &branch->node[0].at, *last = &branch->node[branch->n - 1].at;
    const char *kind = kinds_of(branch);
    fprintf(stream, "%7zu", index + 1);
    fs_table_cell(stream, 11, fs_text_real(branch->end[0].gamma, 6, number));
    fs_table_cell(stream, 10, fs_text_real(branch->end[0].kind == FS_BRANCH_JOINS_E ? 0.0 : first->distance, 4, number));
    say_end(&low, &branch->end[0]);
    fprintf(stream, "  %-14s", low.text);
    fs_table_cell(stream, 11, fs_text_real(branch->end[1].gamma, 6, number));
    fs_table_cell(stream, 10, fs_text_real(branch->end[1].kind == FS_BRANCH_JOINS_E ? 0.0 : last->distance, 4, number));
    say_end(&high, &branch->end[1]);
    fs_paint p = !strcmp(kind, fs_point_name(FS_POINT_MINIMUM)) ? FS_GOOD : FS_PLAIN;
    fprintf(stream, "  %-14s %s%s%s\n", high.text, fs_table_on(colour, p), kind, fs_table_off(colour, p));
}

static void print_branches(FILE *stream, const fs_bifurcation *b, int colour)
{
    if (!b->n_branches) {
        fs_table_paragraph(stream, "off E:      ", b->n_alone ? "no branch of equilibria was found" : "no equilibrium was found", colour, FS_PLAIN);
        return;
    }
    fprintf(stream, "\n%s%7s%11s%10s  %-14s%11s%10s  %-14s %s%s\n", fs_table_on(colour, FS_FAINT), "branch", "from gamma", "|Y|", "there", "to gamma", "|Y|", "there", "kind",
            fs_table_off(colour, FS_FAINT));
    for (size_t i = 0; i < b->n_branches && i < MOST_LINES; i++) branch_row(stream, i, &b->branch[i], colour);
    if (b->n_branches > MOST_LINES) fprintf(stream, "  and %zu more branches; all are in the report\n", b->n_branches - MOST_LINES);
    fputc('\n', stream);
}

static void say_event(fs_sentence *line, const fs_bifurcation_event *e)
{
    char a[FS_TEXT_NUMBER], name[48];
    fs_say(line, "gamma = %s: ", fs_text_real(e->gamma, 9, a));
    if (e->kind == FS_EVENT_STABILITY) fs_say(line, "branch %zu changes", e->branch[0] + 1);
    else if (e->kind == FS_EVENT_FOLD && e->branch[1] != SIZE_MAX) fs_say(line, "fold of branches %zu and %zu", e->branch[0] + 1, e->branch[1] + 1);
    else if (e->kind == FS_EVENT_MEETS && e->branch[1] != SIZE_MAX) fs_say(line, "branch %zu meets branch %zu", e->branch[0] + 1, e->branch[1] + 1);
    else fs_say(line, "branch %zu %s", e->branch[0] + 1, e->kind == FS_EVENT_JOINS_E ? "joins E" : e->kind == FS_EVENT_FOLD ? "folds" : "meets another");
    if (e->kind == FS_EVENT_JOINS_E && e->equilibrium != SIZE_MAX) fs_say(line, " at equilibrium %zu", e->equilibrium + 1);
    if (e->irreducible[0]) fs_say(line, " (%s)", fs_text_line(e->irreducible, sizeof name, name));
    if (e->kind == FS_EVENT_STABILITY) fs_say(line, ", %zu unstable direction%s below, %zu above", e->negative[0], e->negative[0] == 1 ? "" : "s", e->negative[1]);
    if (e->distance > 0.0 && e->kind != FS_EVENT_JOINS_E) fs_say(line, "; |Y| = %s", fs_text_real(e->distance, 6, a));
}

/* Those of branches: the critical gammas of E are said with its equilibria. */
static void print_events(FILE *stream, const fs_bifurcation *b, int colour)
{
    size_t lines = 0;
    for (size_t i = 0; i < b->n_events; i++) {
        fs_sentence line = { "", 0 };
        if (b->event[i].branch[0] == SIZE_MAX || lines++ >= MOST_LINES) continue;
        say_event(&line, &b->event[i]);
        fs_table_paragraph(stream, lines > 1 ? "            " : "events:     ", line.text, colour, FS_PLAIN);
    }
    if (lines > MOST_LINES) fprintf(stream, "  and %zu more events; all are in the report\n", lines - MOST_LINES);
}

void fs_table_print_bifurcation(FILE *stream, const fs_report_head *head, const fs_bifurcation *b, int colour)
{
    fs_sentence line = { "", 0 };
    char low[FS_TEXT_NUMBER], high[FS_TEXT_NUMBER];
    fs_table_head(stream, head, colour);
    fs_say(&line, "gamma from %s to %s, looked for at %zu of them", fs_text_real(b->low, 6, low), fs_text_real(b->high, 6, high), b->n_searches);
    fs_table_paragraph(stream, "range:      ", line.text, colour, FS_PLAIN);
    print_equilibria(stream, b, colour);
    print_branches(stream, b, colour);
    print_events(stream, b, colour);
    if (b->note[0]) fs_table_paragraph(stream, "note:       ", b->note, colour, FS_PLAIN);
    if (b->stopped) fs_table_paragraph(stream, "INTERRUPTED ", "what is here is right, but it is not all that was asked for", colour, FS_BAD);
    fprintf(stream, "  %s s\n", fs_text_real(b->wall_s, b->wall_s < 99.5 ? 2 : 4, low));
}

/* --- JSON ---------------------------------------------------------------------------------------- */

/* From 1; null where there is none. */
static void set_index(json_t *object, const char *key, size_t index, int *bad)
{
    fs_json_put(object, key, index == SIZE_MAX ? json_null() : json_integer((json_int_t)index + 1), bad);
}

static json_t *node(const fs_bifurcation_node *n, int *bad)
{
    json_t *object = json_object();
    *bad |= fs_json_set_real(object, "gamma", n->at.gamma);
    *bad |= fs_json_set_real(object, "distance", n->at.distance);
    *bad |= fs_json_set_real(object, "risk", n->at.risk);
    *bad |= fs_json_set_real(object, "objective", n->at.objective);
    *bad |= fs_json_set_real(object, "lowest", n->is.lowest);
    *bad |= fs_json_set_real(object, "error", n->is.error);
    *bad |= fs_json_set_text(object, "kind", fs_point_name(n->is.kind));
    *bad |= fs_json_set_count(object, "negative", n->is.signs.negative);
    *bad |= fs_json_set_count(object, "undecided", n->is.signs.undecided);
    return object;
}

static json_t *end(const fs_bifurcation_end *e, int *bad)
{
    json_t *object = json_object();
    *bad |= fs_json_set_text(object, "kind", fs_branch_end_name(e->kind));
    *bad |= fs_json_set_real(object, "gamma", e->gamma);
    *bad |= fs_json_set_real(object, "error", e->error);
    *bad |= fs_json_set_real(object, "distance", e->distance);
    set_index(object, e->kind == FS_BRANCH_JOINS_E ? "equilibrium" : "branch", e->partner, bad);
    *bad |= fs_json_set_text(object, "irreducible", e->irreducible);
    return object;
}

static json_t *branch(const fs_bifurcation_branch *b, int *bad)
{
    json_t *object = json_object(), *nodes = json_array(), *ends = json_array();
    for (size_t i = 0; i < b->n; i++) fs_json_append(nodes, node(&b->node[i], bad), bad);
    for (int side = 0; side < 2; side++) fs_json_append(ends, end(&b->end[side], bad), bad);
    *bad |= fs_json_set_count(object, "copies", b->copies);
    fs_json_put(object, "ends", ends, bad);
    fs_json_put(object, "nodes", nodes, bad);
    return object;
}

static json_t *event(const fs_bifurcation_event *e, int *bad)
{
    json_t *object = json_object();
    *bad |= fs_json_set_real(object, "gamma", e->gamma);
    *bad |= fs_json_set_real(object, "error", e->error);
    *bad |= fs_json_set_text(object, "kind", fs_event_name(e->kind));
    *bad |= fs_json_set_real(object, "distance", e->distance);
    set_index(object, "branch", e->branch[0], bad);
    set_index(object, "other_branch", e->branch[1], bad);
    set_index(object, "equilibrium", e->equilibrium, bad);
    *bad |= fs_json_set_text(object, "irreducible", e->irreducible);
    if (e->kind != FS_EVENT_STABILITY) return object;
    *bad |= fs_json_set_count(object, "negative_below", e->negative[0]);
    *bad |= fs_json_set_count(object, "negative_above", e->negative[1]);
    return object;
}

static json_t *equilibrium(const fs_stability_point *p, int *bad)
{
    json_t *object = json_object();
    *bad |= fs_json_set_text(object, "outcome", fs_search_name(p->at->outcome));
    *bad |= fs_json_set_real(object, "risk", p->at->risk);
    *bad |= fs_json_set_text(object, "kind_on_E", fs_point_name(p->on_E));
    *bad |= fs_json_set_real(object, "gamma_critical", p->gamma_critical);
    *bad |= fs_json_set_real(object, "error", p->gamma_error);
    *bad |= fs_json_set_text(object, "irreducible", p->irreducible);
    *bad |= fs_json_set_text(object, "verdict", p->verdict);
    return object;
}

json_t *fs_json_bifurcation(const fs_report_head *head, const fs_bifurcation *b)
{
    json_t *object = fs_json_head(head), *branches = json_array(), *events = json_array(), *equilibria = json_array(), *alone = json_array();
    int bad = !object;
    for (size_t i = 0; i < b->n_branches; i++) fs_json_append(branches, branch(&b->branch[i], &bad), &bad);
    for (size_t i = 0; i < b->n_events; i++) fs_json_append(events, event(&b->event[i], &bad), &bad);
    for (size_t i = 0; b->equilibria && i < b->equilibria->n_points; i++) fs_json_append(equilibria, equilibrium(&b->equilibria->point[i], &bad), &bad);
    for (size_t i = 0; i < b->n_alone; i++) fs_json_append(alone, node(&b->alone[i], &bad), &bad);
    fs_json_put(object, "range", fs_json_reals(2, (const double[]){ b->low, b->high }), &bad);
    fs_json_put(object, "searches", fs_json_reals(b->n_searches, b->search), &bad);
    bad |= fs_json_set_count(object, "starts", b->starts);
    bad |= fs_json_set_count(object, "missed", b->missed);
    fs_json_put(object, "equilibria_on_E", equilibria, &bad);
    fs_json_put(object, "events", events, &bad);
    fs_json_put(object, "branches", branches, &bad);
    fs_json_put(object, "alone", alone, &bad);
    bad |= fs_json_set_text(object, "note", b->note);
    fs_json_put(object, "interrupted", json_boolean(b->stopped), &bad);
    if (!bad) return object;
    json_decref(object);
    return NULL;
}

/* --- CSV -------------------------------------------------------------------------------------------- */

static fs_status begin(fs_output **o, FILE **stream, const char *path, const fs_report_head *head, const fs_bifurcation *b, fs_err *err)
{
    char line[sizeof b->note];
    FS_TRY(fs_csv_begin(o, stream, path, head, b->stopped, err));
    if (b->note[0]) fprintf(*stream, "# note: %s\n", fs_text_line(b->note, sizeof line, line));
    return FS_OK;
}

static void node_row(FILE *stream, size_t index, const fs_bifurcation_node *n)
{
    fprintf(stream, "%zu", index);
    fs_csv_columns(stream, 6, (const double[]){ n->at.gamma, n->at.distance, n->at.risk, n->at.objective, n->is.lowest, n->is.error });
    fprintf(stream, ",%s,%zu,%zu\n", fs_point_name(n->is.kind), n->is.signs.negative, n->is.signs.undecided);
}

static fs_status write_branches(const char *path, const fs_report_head *head, const fs_bifurcation *b, fs_err *err)
{
    static const char header[] =
        "# equilibria of the augmented flow off E; branch 0: points of no branch\n"
        "# distance: |Y|; lowest: eigenvalue of Hess S on all of L, +- error; negative, undecided: how many are\n"
        "branch,gamma,distance,risk,objective,lowest,error,kind,negative,undecided\n";
    fs_output *o;
    FILE *stream;
    FS_TRY(begin(&o, &stream, path, head, b, err));
    fputs(header, stream);
    for (size_t i = 0; i < b->n_branches; i++)
        for (size_t k = 0; k < b->branch[i].n; k++) node_row(stream, i + 1, &b->branch[i].node[k]);
    for (size_t i = 0; i < b->n_alone; i++) node_row(stream, 0, &b->alone[i]);
    return fs_output_commit(o, err);
}

static size_t index_or_0(size_t index)
{
    return index == SIZE_MAX ? 0 : index + 1;
}

static fs_status write_events(const char *path, const fs_report_head *head, const fs_bifurcation *b, fs_err *err)
{
    static const char header[] =
        "# branch, other_branch, equilibrium (of E): 0 is none; negative_below, negative_above: eigenvalues of Hess S, where stability changes\n"
        "gamma,error,event,distance,branch,other_branch,equilibrium,irreducible,negative_below,negative_above\n";
    fs_output *o;
    FILE *stream;
    char number[FS_TEXT_NUMBER], name[48];
    FS_TRY(begin(&o, &stream, path, head, b, err));
    fputs(header, stream);
    for (size_t i = 0; i < b->n_events; i++) {
        const fs_bifurcation_event *e = &b->event[i];
        fputs(fs_number_format(e->gamma, number), stream);
        fs_csv_columns(stream, 1, &e->error);
        fprintf(stream, ",%s", fs_event_name(e->kind));
        fs_csv_columns(stream, 1, &e->distance);
        fprintf(stream, ",%zu,%zu,%zu,%s,%zu,%zu\n", index_or_0(e->branch[0]), index_or_0(e->branch[1]), index_or_0(e->equilibrium),
                fs_text_line(e->irreducible, sizeof name, name), e->negative[0], e->negative[1]);
    }
    return fs_output_commit(o, err);
}

fs_status fs_csv_write_bifurcation(fs_folder *folder, const fs_report_head *head, const fs_bifurcation *b, fs_err *err)
{
    const char *file;
    FS_TRY(fs_folder_file(folder, "branches.csv", &file, err));
    FS_TRY(write_branches(file, head, b, err));
    FS_TRY(fs_folder_file(folder, "events.csv", &file, err));
    return write_events(file, head, b, err);
}
