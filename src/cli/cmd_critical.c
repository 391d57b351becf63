/* cli/cmd_critical.c -- flowsim critical: critical gamma of an equilibrium and of starts, beside the theorem's bounds
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/cli.h"

#include "report/stability.h"

#include <gsl/gsl_sort.h>
#include <stdlib.h>

enum { STARTS = 16 };
static const double ladder[] = { 0.25, 0.5, 1.0, 2.0, 4.0 };     /* of the model's distance */
enum { RUNGS = sizeof ladder / sizeof *ladder };

static json_t *json(const fs_report_head *head, const void *result)
{
    return fs_json_critical(head, result);
}

static fs_status data(const options *o, fs_folder *folder, const fs_report_head *head, const void *result, fs_err *err)
{
    (void)o;
    const char *file;
    FS_TRY(fs_folder_file(folder, "critical.csv", &file, err));
    FS_TRY(fs_csv_write_critical(file, head, result, err));
    FS_TRY(fs_folder_file(folder, "scan.csv", &file, err));
    return fs_csv_write_scan(file, head, result, err);
}

static fs_status draw(fs_figure *out, fs_folder *folder, const fs_report_head *head, const void *result, const fs_figure_options *look, fs_err *err)
{
    return fs_figure_draw_critical(out, folder, head, result, look, err);
}

static void print_statistics(const fs_critical *c)
{
    for (size_t i = 0; i < c->n_starts; i++) {
        const fs_critical_start *start = &c->start[i];
        long steps = 0;
        size_t confirmed = 0;
        for (size_t k = 0; k < start->n_runs; k++) {
            steps += start->run[k].steps;
            confirmed += start->run[k].confirmed != 0;
        }
        printf("distance %g, seed %llu: %zu runs, %zu confirmed by another integrator, %ld steps\n", start->distance,
               (unsigned long long)start->seed, start->n_runs, confirmed, steps);
    }
}

static fs_status print(const options *o, const fs_report_head *head, const void *result, fs_err *err)
{
    (void)err;
    fs_table_print_critical(stdout, head, result, cli_colour(stdout));
    if (o->verbose) print_statistics(result);
    return FS_OK;
}

/* 3 when a bracket is undecided; says which. */
static int outcome(const fs_critical *c)
{
    int status = EXIT_DONE;
    for (size_t i = 0; i < c->n_starts; i++) {
        const fs_critical_start *start = &c->start[i];
        if (start->decided) continue;
        cli_error("undecided: distance %g, seed %llu: %s", start->distance, (unsigned long long)start->seed, start->note);
        status = EXIT_UNDECIDED;
    }
    return status;
}

/* Without --distance: the ladder on the model's own.  On a continuous group the measure of the augmentation depends on how far from E it is
 * judged, so the model is opened again for the largest. */
static int climb(options *o, fs_problem **p)
{
    double own = fs_problem_start(*p)->distance;
    if (o->n_distance) return EXIT_DONE;
    if (!(own > 0.0)) {
        cli_error("expected --distance D[,D...] > 0, found none, and the model starts on E (start.distance is %g)", own);
        return EXIT_USAGE;
    }
    o->distance = malloc(sizeof ladder);
    if (!o->distance) return cli_failed(&(fs_err){ .status = FS_ENOMEM });
    for (o->n_distance = 0; o->n_distance < RUNGS; o->n_distance++) o->distance[o->n_distance] = ladder[o->n_distance] * own;
    if (fs_group_order(fs_problem_group(*p)) != 0) return EXIT_DONE;
    int quiet = o->quiet;
    o->quiet = 1;               /* its warnings have been said */
    fs_problem_destroy(*p);
    int status = cli_load(o, p);
    o->quiet = quiet;
    return status;
}

/* The command line over the model's settings and the defaults of the library. */
static void ask(const options *o, const fs_problem *p, fs_critical_options *out)
{
    const fs_flow_settings *settings = fs_problem_settings(p);
    fs_solver solver = o->has_solver ? o->solver : settings->solver;
    if (o->n_gamma) gsl_sort(o->gamma, 1, o->n_gamma);
    *out = (fs_critical_options){
        .n_distance = o->n_distance, .distance = o->distance, .n_seed = o->n_seed, .seed = o->seed,
        .n_gamma = o->n_gamma, .gamma = o->n_gamma ? o->gamma : NULL,
        .accuracy = o->accuracy, .starts = o->starts >= 0 ? (size_t)o->starts : STARTS, .bounds = !o->no_bounds,
        .attraction = { .t_end = o->t_end, .rtol = o->rtol, .atol = o->atol, .method = o->has_method ? o->method : settings->method,
                        .solver = solver, .threads = o->threads, .keep_limit = CLI_KEEP_LIMIT },
        .search = { .solver = solver, .threads = o->threads, .keep_limit = CLI_KEEP_LIMIT },
        .threads = o->threads, .keep_limit = CLI_KEEP_LIMIT,
    };
}

int command_critical(options *o)
{
    fs_problem *p = NULL;
    fs_folder *folder = NULL;
    fs_critical *c = NULL;
    fs_critical_options asked;
    double *weights = NULL;
    cli_progress *progress = cli_progress_create(o, 1, 1.0);
    fs_err err = { 0 };
    int status = progress ? cli_load(o, &p) : cli_failed(&(fs_err){ .status = FS_ENOMEM });
    if (status == EXIT_DONE && fs_problem_basis(p)->dim_N == 0) {
        cli_error("expected a model with dim N > 0, found dim N = 0 (%s): all of L is equivariant, and no gamma is critical", fs_problem_name(p));
        status = EXIT_USAGE;
    }
    if (status == EXIT_DONE) status = climb(o, &p);
    if (status == EXIT_DONE) status = cli_read_weights(o, p, &weights);
    if (status == EXIT_DONE) status = cli_open_folder(o, p, &folder);
    if (status != EXIT_DONE) goto done;
    fs_watch watch = cli_progress_watch(progress);
    ask(o, p, &asked);
    asked.weights = weights;
    asked.watch = &watch;
    fs_status found = fs_critical_compute(&c, p, &asked, &err);
    cli_progress_destroy(progress);
    progress = NULL;
    if (found != FS_OK) {
        status = cli_without_result(found, &err);
        goto done;
    }
    status = cli_report(o, p, folder, c->wall_s, &(cli_results){ c, json, data, draw, print });
    if (status == EXIT_DONE) status = c->stopped && cli_signal() ? cli_interrupted(folder) : outcome(c);
done:
    cli_progress_destroy(progress);
    fs_critical_destroy(c);
    fs_folder_destroy(folder);
    fs_problem_destroy(p);
    free(weights);
    return status;
}
