/* cli/cmd_models.c -- flowsim models: the models that can be named, or one of them in full
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/cli.h"

#include "base/clock.h"
#include "report/json.h"

#include <glob.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One model of the list, as far as the list shows it: a model is loaded, looked at and put away.  title NULL: not available, err says why. */
typedef struct {
    char name[NAME_MAX + 1], path[PATH_MAX], group[40];
    char *title, *source;
    size_t order, dim_E, dim_N, parameters;
    fs_err err;
} entry;

typedef struct {
    size_t count;
    entry **entry;
} list;

static void list_clear(list *l)
{
    for (size_t i = 0; i < l->count; i++) {
        free(l->entry[i]->title);
        free(l->entry[i]->source);
        free(l->entry[i]);
    }
    free(l->entry);
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(entry *const *)a)->name, (*(entry *const *)b)->name);
}

/* Adds path unless a model of that name was found in an earlier folder. */
static int list_add(list *l, const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t length = strlen(base) - strlen(".yaml");
    if (length > NAME_MAX || strlen(path) >= PATH_MAX) return 0;
    for (size_t i = 0; i < l->count; i++)
        if (strlen(l->entry[i]->name) == length && strncmp(l->entry[i]->name, base, length) == 0) return 0;
    entry **more = realloc(l->entry, (l->count + 1) * sizeof *more);
    if (more) l->entry = more;
    entry *e = more ? calloc(1, sizeof *e) : NULL;
    if (!e) return -1;
    memcpy(e->name, base, length);
    strcpy(e->path, path);
    l->entry[l->count++] = e;
    return 0;
}

/* The models that `below` ("": none) holds in the folders of models. */
static int find_all(list *l, const char *below)
{
    char folder[PATH_MAX], pattern[PATH_MAX + 32];
    int failed = 0;
    for (size_t i = 0; !failed && cli_model_folder(i, sizeof folder, folder); i++) {
        glob_t found;
        snprintf(pattern, sizeof pattern, "%s/%.16s*.yaml", folder, below);
        if (glob(pattern, 0, NULL, &found) == 0) {
            for (size_t k = 0; !failed && k < found.gl_pathc; k++) failed = list_add(l, found.gl_pathv[k]);
            globfree(&found);
        }
    }
    if (l->count) qsort(l->entry, l->count, sizeof *l->entry, by_name);
    return failed;
}

/* What is wrong with a model, without the path that stands beside it. */
static const char *reason(const entry *e)
{
    return e->err.text[0] ? e->err.text : fs_status_text(e->err.status);
}

static int look(entry *e)
{
    fs_problem *p = NULL;
    if (fs_problem_load(&p, e->path, 0, NULL, &e->err) != FS_OK) return 0;
    const fs_basis *b = fs_problem_basis(p);
    e->dim_E = b->dim_E;
    e->dim_N = b->dim_N;
    e->parameters = b->n_par;
    e->order = fs_group_order(fs_problem_group(p));
    snprintf(e->group, sizeof e->group, "%s", fs_group_name(fs_problem_group(p)));
    e->title = strdup(fs_problem_title(p));
    e->source = strdup(fs_problem_source(p));
    fs_problem_destroy(p);
    return e->title && e->source ? 0 : -1;
}

static int longest_name(const list *l)
{
    size_t width = strlen("model");
    for (size_t i = 0; i < l->count; i++)
        if (strlen(l->entry[i]->name) > width) width = strlen(l->entry[i]->name);
    return width < 32 ? (int)width : 32;
}

/* Rows come as the models are loaded: a large one takes a second or two. */
static void print_entry(const entry *e, int width)
{
    char group[80];
    if (e->title) {
        if (strcmp(e->group, "generated")) snprintf(group, sizeof group, "%s", e->group);
        else snprintf(group, sizeof group, "%s, order %zu", e->group, e->order);
        int column = printf("%-*s %-8s %8zu %7zu %8zu  ", width, e->name, group, e->dim_E + e->dim_N, e->dim_E, e->dim_N);
        cli_folded(column, e->title);
    } else {
        cli_folded(printf("%-*s not available: ", width, e->name), reason(e));
    }
    fflush(stdout);
}

static json_t *entry_json(const entry *e)
{
    json_t *row = json_object(), *dims = NULL;
    int bad = fs_json_set_text(row, "name", e->name);
    bad |= fs_json_set_text(row, "path", e->path);
    bad |= json_object_set_new(row, "available", json_boolean(e->title != NULL));
    if (e->title) {
        dims = json_object();
        bad |= fs_json_set_text(row, "title", e->title);
        bad |= fs_json_set_text(row, "source", e->source);
        bad |= fs_json_set_text(row, "group", e->group);
        bad |= fs_json_set_count(dims, "L", e->dim_E + e->dim_N);
        bad |= fs_json_set_count(dims, "E", e->dim_E);
        bad |= fs_json_set_count(dims, "N", e->dim_N);
        bad |= fs_json_set_count(dims, "parameters", e->parameters);
        bad |= fs_json_set(row, "dims", dims);
    } else {
        bad |= fs_json_set_text(row, "reason", reason(e));
    }
    if (bad) {
        json_decref(row);
        return NULL;
    }
    return row;
}

static fs_status print_json(const list *l, fs_err *err)
{
    json_t *report = json_object(), *rows = json_array();
    int bad = fs_json_set_text(report, "flowsim", cli_version_text());
    bad |= fs_json_set_text(report, "command", "models");
    for (size_t i = 0; i < l->count; i++) bad |= json_array_append_new(rows, entry_json(l->entry[i]));
    bad |= fs_json_set(report, "models", rows);
    fs_status status = bad ? fs_fail(err, FS_ENOMEM, "list of models") : fs_json_print(stdout, report, err);
    json_decref(report);
    return status;
}

/* Controls have no row: the list is of models that show something. */
static void print_controls(void)
{
    list l = { 0 };
    size_t size = 0;
    char *text = NULL;
    FILE *out = open_memstream(&text, &size);
    if (!out) return;
    int failed = find_all(&l, "atlas/");
    fputs("models/atlas/NAME, each of which breaks one hypothesis:", out);
    for (size_t i = 0; i < l.count; i++) fprintf(out, " %s%s", l.entry[i]->name, i + 1 < l.count ? "," : "");
    failed |= fclose(out);
    if (!failed && l.count) {
        printf("controls: ");
        cli_folded(10, text);
    }
    free(text);
    list_clear(&l);
}

static int list_models(const options *o)
{
    list l = { 0 };
    fs_err err = { 0 };
    int failed = find_all(&l, ""), width = longest_name(&l), status = EXIT_DONE;
    if (!failed && !o->json) printf("%-*s %-8s %8s %7s %8s  %s\n", width, "model", "group", "dim L", "dim E", "dim N", "title");
    for (size_t i = 0; !failed && i < l.count && !cli_signal(); i++) {
        failed = look(l.entry[i]);
        if (!failed && !o->json) print_entry(l.entry[i], width);
    }
    if (failed) {
        cli_error("out of memory");
        status = EXIT_SYSTEM;
    } else if (cli_signal()) {
        status = EXIT_SIGNAL + cli_signal();
    } else if (!o->json) {
        printf("\nflowsim models NAME shows one; flowsim --model NAME runs it.\n");
        print_controls();
    } else if (print_json(&l, &err) != FS_OK) {
        status = cli_failed(&err);
    }
    list_clear(&l);
    return status;
}

static void print_layers(const fs_problem *p)
{
    const fs_net *net = fs_problem_net(p);
    const fs_weight_block *block;
    size_t blocks = fs_net_blocks(net, &block);
    printf("spaces    ");
    for (size_t i = 0; i <= fs_net_layers(net); i++) {
        fs_shape s = fs_net_shape(net, i);
        if (s.height == 1 && s.width == 1) printf("%s%zu", i ? " -> " : "", s.channels);
        else printf("%s%zux%zux%zu", i ? " -> " : "", s.channels, s.height, s.width);
    }
    printf("\nweights   ");
    for (size_t i = 0; i < blocks; i++) {
        printf("%s%s %zux%zu", i ? ", " : "", block[i].kind, block[i].out, block[i].in);
        if (block[i].size) printf("x%zux%zu", block[i].size, block[i].size);
        printf(" (%zu)", block[i].count);
    }
    putchar('\n');
}

static void print_group(const fs_report_head *head)
{
    char line[300], order[40] = "continuous";
    if (head->order) snprintf(order, sizeof order, "order %zu", head->order);
    snprintf(line, sizeof line, "%.60s, %s; augmentation: %.120s", head->group, order, head->rule);
    printf("group     ");
    cli_folded(10, line);
}

static void print_hypotheses(const fs_hypotheses *h)
{
    printf("\n%-18s %-10s %-9s %-9s  %s\n", "hypothesis", "verdict", "value", "tolerance", "where");
    for (size_t i = 0; i < FS_HYPOTHESIS_COUNT; i++) {
        const fs_hypothesis *one;
        const char *name = fs_hypothesis_at(h, i, &one);
        printf("%-18s %-10s %-9.2g %-9.2g  ", name, fs_verdict_name(one->verdict), one->value, one->tolerance);
        cli_folded(51, one->detail);
    }
}

static void print_theorems(const fs_theorem *theorem)
{
    const char *said = NULL;
    printf("\n%-18s %-10s %s\n", "theorem", "applies", "claim, and what is missing");
    for (size_t i = 0; i < FS_THEOREM_COUNT; i++) {
        const fs_theorem *t = &theorem[i];
        printf("%-18s %-10s ", t->name, t->applies == FS_HOLDS ? "yes" : t->applies == FS_VIOLATED ? "no" : "undecided");
        cli_folded(30, t->claim);
        if (t->applies == FS_HOLDS) continue;
        printf("%30s", "");
        cli_folded(30, said && strcmp(said, t->because) == 0 ? "(for the same reason)" : t->because);
        said = t->because;
    }
}

/* E by its routes: constraints, Reynolds average, characters. */
static void print_space(const fs_report_head *head)
{
    const fs_hypotheses *h = head->hypotheses;
    char line[300];
    int used = snprintf(line, sizeof line, "dim %zu by constraints", head->dim_E);
    if (h->gap_low == 0.0 && h->gap_high == 1.0) used += snprintf(line + used, sizeof line - (size_t)used, " (exact orbits)");
    else
        used += snprintf(line + used, sizeof line - (size_t)used, " (singular values up to %.2g count as 0, from %.2g on they do not)", h->gap_low, h->gap_high);
    if (!isnan(h->dim_E_character))
        snprintf(line + used, sizeof line - (size_t)used, ", %.6g by characters", round(1e6 * h->dim_E_character) / 1e6 + 0.0);
    printf("\nE         ");
    cli_folded(10, line);
}

static void print_isotypic(const fs_report_head *head)
{
    if (!head->isotypic) {
        printf("no isotypic decomposition: ");
        cli_folded(27, head->isotypic_note);
        return;
    }
    printf("\n%-18s %5s  %-13s %8s %8s\n", "irreducible", "dim", "type", "in L", "in N");
    for (size_t i = 0; i < head->n_isotypic; i++) {
        const fs_isotypic_part *part = &head->isotypic[i];
        printf("%-18s %5zu  %-13s %8zu %8zu\n", part->irreducible->name, part->irreducible->dim, fs_type_name(part->irreducible->type), part->in_L,
               part->in_N);
    }
}

static void print_model(const fs_problem *p, const fs_report_head *head)
{
    printf("%s: %s\n", head->model, head->title);
    if (*head->source) {
        printf("source    ");
        cli_folded(10, head->source);
    }
    printf("file      %s\n", head->path);
    print_group(head);
    printf("dims      L %zu, E %zu, N %zu of %zu parameters\n", head->dim_L, head->dim_E, head->dim_N, head->parameters);
    print_layers(p);
    printf("input     %s\noutput    %s\n", fs_rep_name(fs_problem_rho_X(p)), fs_rep_name(fs_problem_rho_Y(p)));
    printf("data      ");
    cli_folded(10, head->data_note);
    print_hypotheses(head->hypotheses);
    print_theorems(head->theorems);
    print_space(head);
    print_isotypic(head);
    printf("\n%s", head->text);
}

int command_models(options *o)
{
    if (!o->model) return list_models(o);
    fs_problem *p = NULL;
    fs_err err = { 0 };
    double start = fs_wall_seconds();
    int status = cli_load(o, &p);
    if (status != EXIT_DONE) return status;
    fs_report_head head;
    cli_head(o, p, &head);
    head.wall_s = fs_wall_seconds() - start;
    if (o->json) {
        json_t *report = fs_json_head(&head);
        int bad = fs_json_set_text(report, "text", fs_problem_text(p));
        if ((bad ? fs_fail(&err, FS_ENOMEM, "report") : fs_json_print(stdout, report, &err)) != FS_OK) status = cli_failed(&err);
        json_decref(report);
    } else {
        print_model(p, &head);
    }
    fs_problem_destroy(p);
    return status;
}
