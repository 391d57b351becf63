/* cli/cmd_bifurcation.c -- flowsim bifurcation: the stationary points of the augmented flow against gamma
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/cli.h"

#include "report/bifurcation.h"

#include <gsl/gsl_sort.h>
#include <stdlib.h>

enum { STARTS = 16, LEAST_STARTS = 2, SMALL = 48 };
static const double most_work = 1.5e12;       /* operations, about a minute; --starts lifts it */

static json_t *json(const fs_report_head *head, const void *result)
{
    return fs_json_bifurcation(head, result);
}

static fs_status data(const options *o, fs_folder *folder, const fs_report_head *head, const void *result, fs_err *err)
{
    (void)o;
    return fs_csv_write_bifurcation(folder, head, result, err);
}

static fs_status draw(fs_figure *out, fs_folder *folder, const fs_report_head *head, const void *result, const fs_figure_options *look, fs_err *err)
{
    return fs_figure_draw_bifurcation(out, folder, head, result, look, err);
}

static void print_statistics(const fs_bifurcation *b)
{
    size_t nodes = 0;
    for (size_t i = 0; i < b->n_branches; i++) nodes += b->branch[i].n;
    printf("%zu branches of %zu points, %zu points of no branch; %zu of %zu starts found nothing new\n", b->n_branches, nodes, b->n_alone, b->missed, b->starts);
}

static fs_status print(const options *o, const fs_report_head *head, const void *result, fs_err *err)
{
    (void)err;
    fs_table_print_bifurcation(stdout, head, result, cli_colour(stdout));
    if (o->verbose) print_statistics(result);
    return FS_OK;
}

/* Of 16 for small models so many that a search takes about as long in large ones: a step of Newton's method costs a Hessian. */
static size_t starts_for(const fs_problem *p)
{
    const fs_basis *b = fs_problem_basis(p);
    size_t n = b->dim_E + b->dim_N, starts = n > SMALL ? STARTS * SMALL / n : STARTS;
    return starts > LEAST_STARTS ? starts : LEAST_STARTS;
}

/* The command line over the model's settings and the defaults of the library. */
static void ask(const options *o, const fs_problem *p, fs_bifurcation_options *out)
{
    const fs_flow_settings *settings = fs_problem_settings(p);
    if (o->n_gamma) gsl_sort(o->gamma, 1, o->n_gamma);
    *out = (fs_bifurcation_options){
        .n_gamma = o->n_gamma, .gamma = o->gamma, .starts = o->starts >= 0 ? (size_t)o->starts : starts_for(p), .seed = o->seed[0],
        .work = o->starts >= 0 ? 0.0 : most_work,
        .search = { .t_end = o->t_end, .rtol = o->rtol, .atol = o->atol, .solver = o->has_solver ? o->solver : settings->solver },
        .threads = o->threads, .keep_limit = CLI_KEEP_LIMIT,
    };
}

int command_bifurcation(options *o)
{
    fs_problem *p = NULL;
    fs_folder *folder = NULL;
    fs_bifurcation *b = NULL;
    fs_bifurcation_options asked;
    cli_progress *progress = cli_progress_create(o, 1, 1.0);
    fs_err err = { 0 };
    int status = progress ? cli_load(o, &p) : cli_failed(&(fs_err){ .status = FS_ENOMEM });
    if (status == EXIT_DONE) status = cli_open_folder(o, p, &folder);
    if (status != EXIT_DONE) goto done;
    fs_watch watch = cli_progress_watch(progress);
    ask(o, p, &asked);
    asked.watch = &watch;
    fs_status found = fs_bifurcation_compute(&b, p, &asked, &err);
    cli_progress_destroy(progress);
    progress = NULL;
    if (found != FS_OK) {
        status = cli_without_result(found, &err);
        goto done;
    }
    status = cli_report(o, p, folder, b->wall_s, &(cli_results){ b, json, data, draw, print });
    if (status == EXIT_DONE && b->stopped && cli_signal()) status = cli_interrupted(folder);
done:
    cli_progress_destroy(progress);
    fs_bifurcation_destroy(b);
    fs_folder_destroy(folder);
    fs_problem_destroy(p);
    return status;
}
