/* cli/cmd_models.c -- flowsim models: the models that can be named, or one of them in full
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/cli.h"

#include "base/clock.h"
#include "report/json.h"

#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* One model of the list; what could not be loaded has problem NULL and says why. */
typedef struct {
    char name[NAME_MAX + 1], path[PATH_MAX];
    fs_problem *problem;
    fs_err err;
} entry;

typedef struct {
    size_t count;
    entry **entry;
} list;

static void list_clear(list *l)
{
    for (size_t i = 0; i < l->count; i++) {
        fs_problem_destroy(l->entry[i]->problem);
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

static int find_all(list *l)
{
    char folder[PATH_MAX], pattern[PATH_MAX + 8];
    int failed = 0;
    for (size_t i = 0; !failed && cli_model_folder(i, sizeof folder, folder); i++) {
        glob_t found;
        snprintf(pattern, sizeof pattern, "%s/*.yaml", folder);
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

static int print_list(const list *l)
{
    printf("%-18s %-6s %6s %6s %6s  %s\n", "model", "group", "dim L", "dim E", "dim N", "title");
    for (size_t i = 0; i < l->count; i++) {
        const entry *e = l->entry[i];
        if (!e->problem) {
            printf("%-18s not available: %s\n", e->name, reason(e));
            continue;
        }
        const fs_basis *b = fs_problem_basis(e->problem);
        printf("%-18s %-6s %6zu %6zu %6zu  %s\n", e->name, fs_group_name(fs_problem_group(e->problem)), b->dim_E + b->dim_N, b->dim_E,
               b->dim_N, fs_problem_title(e->problem));
    }
    printf("\nflowsim models NAME shows one; flowsim --model NAME runs it.\n");
    return EXIT_DONE;
}

static json_t *entry_json(const entry *e)
{
    json_t *row = json_object(), *dims = NULL;
    int bad = fs_json_set_text(row, "name", e->name);
    bad |= fs_json_set_text(row, "path", e->path);
    bad |= json_object_set_new(row, "available", json_boolean(e->problem != NULL));
    if (e->problem) {
        const fs_basis *b = fs_problem_basis(e->problem);
        dims = json_object();
        bad |= fs_json_set_text(row, "title", fs_problem_title(e->problem));
        bad |= fs_json_set_text(row, "source", fs_problem_source(e->problem));
        bad |= fs_json_set_text(row, "group", fs_group_name(fs_problem_group(e->problem)));
        bad |= fs_json_set_count(dims, "L", b->dim_E + b->dim_N);
        bad |= fs_json_set_count(dims, "E", b->dim_E);
        bad |= fs_json_set_count(dims, "N", b->dim_N);
        bad |= fs_json_set_count(dims, "parameters", b->n_par);
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

static int list_models(const options *o)
{
    list l = { 0 };
    fs_err err = { 0 };
    int status = EXIT_DONE;
    if (find_all(&l)) {
        cli_error("out of memory");
        status = EXIT_SYSTEM;
    }
    for (size_t i = 0; status == EXIT_DONE && i < l.count; i++)
        fs_problem_load(&l.entry[i]->problem, l.entry[i]->path, 0, NULL, &l.entry[i]->err);
    if (status == EXIT_DONE && o->json) {
        json_t *report = json_object(), *rows = json_array();
        int bad = fs_json_set_text(report, "flowsim", cli_version_text());
        bad |= fs_json_set_text(report, "command", "models");
        for (size_t i = 0; i < l.count; i++) bad |= json_array_append_new(rows, entry_json(l.entry[i]));
        bad |= fs_json_set(report, "models", rows);
        if ((bad ? fs_fail(&err, FS_ENOMEM, "list of models") : fs_json_print(stdout, report, &err)) != FS_OK) status = cli_failed(&err);
        json_decref(report);
    } else if (status == EXIT_DONE) {
        status = print_list(&l);
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

static void print_model(const fs_problem *p)
{
    const fs_basis *b = fs_problem_basis(p);
    const fs_hypotheses *h = fs_problem_hypotheses(p);
    printf("%s: %s\n", fs_problem_name(p), fs_problem_title(p));
    if (*fs_problem_source(p)) printf("source    %s\n", fs_problem_source(p));
    printf("file      %s\n", fs_problem_path(p));
    printf("group     %s, order %zu\n", fs_group_name(fs_problem_group(p)), fs_group_order(fs_problem_group(p)));
    printf("dims      L %zu, E %zu, N %zu of %zu parameters\n", b->dim_E + b->dim_N, b->dim_E, b->dim_N, b->n_par);
    print_layers(p);
    printf("input     %s\noutput    %s\n", fs_rep_name(fs_problem_rho_X(p)), fs_rep_name(fs_problem_rho_Y(p)));
    printf("data      %s\n", fs_problem_data_note(p));
    printf("\nhypothesis         value      tolerance  verdict    where\n");
    for (size_t i = 0; i < FS_HYPOTHESIS_COUNT; i++) {
        const fs_hypothesis *record;
        const char *name = fs_report_hypothesis(h, i, &record);
        printf("%-18s %-10.2g %-10.2g %-10s %s\n", name, record->value, record->tolerance, fs_verdict_name(record->verdict), record->detail);
    }
    printf("\n%s", fs_problem_text(p));
}

int command_models(options *o)
{
    if (!o->model) return list_models(o);
    fs_problem *p = NULL;
    fs_err err = { 0 };
    double start = fs_wall_seconds();
    int status = cli_load(o, &p);
    if (status != EXIT_DONE) return status;
    if (o->json) {
        fs_report_head head;
        cli_head(o, p, &head);
        head.wall_s = fs_wall_seconds() - start;
        json_t *report = fs_json_head(&head);
        int bad = fs_json_set_text(report, "text", fs_problem_text(p));
        if ((bad ? fs_fail(&err, FS_ENOMEM, "report") : fs_json_print(stdout, report, &err)) != FS_OK) status = cli_failed(&err);
        json_decref(report);
    } else {
        print_model(p);
    }
    fs_problem_destroy(p);
    return status;
}
