/* cli/cmd_phase.c -- flowsim phase: the phase portrait of a two-parameter model, or of a plane through a larger one
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/cli.h"

#include "report/phase.h"

#include <stdlib.h>

static json_t *json(const fs_report_head *head, const void *result)
{
    return fs_json_phase(head, result);
}

static fs_status data(const options *o, fs_folder *folder, const fs_report_head *head, const void *result, fs_err *err)
{
    (void)o;
    return fs_csv_write_phase(folder, head, result, err);
}

static fs_status draw(fs_figure *out, fs_folder *folder, const fs_report_head *head, const void *result, const fs_figure_options *look, fs_err *err)
{
    return fs_figure_draw_phase(out, folder, head, result, look, err);
}

static void print_statistics(const fs_phase *phase)
{
    for (size_t k = 0; k < phase->n_panels; k++) {
        const fs_phase_panel *p = &phase->panel[k];
        size_t steps = 0;
        for (size_t i = 0; i < p->n_paths; i++) steps += p->path[i].n;
        printf("gamma %g: %zu stationary points, %zu streamlines, %zu separatrices, %zu paths with %zu places\n", p->gamma, p->n_points,
               p->streamlines ? p->streamlines->n : 0, p->n_separatrices, p->n_paths, steps);
    }
}

static fs_status print(const options *o, const fs_report_head *head, const void *result, fs_err *err)
{
    (void)err;
    fs_table_print_phase(stdout, head, result, cli_colour(stdout));
    if (o->verbose) print_statistics(result);
    return FS_OK;
}

/* A picture is no verdict: an undecided outcome is said in it and in the table.  A path that could not be integrated is a failure. */
static int outcome(const fs_phase *phase)
{
    int status = EXIT_DONE;
    for (size_t k = 0; k < phase->n_panels; k++)
        for (size_t i = 0; i < phase->panel[k].n_paths; i++) {
            const fs_phase_path *p = &phase->panel[k].path[i];
            if (p->code == FS_OK || p->code == FS_ESTOPPED) continue;
            cli_error("the path at gamma = %g from |Y_0| = %g failed: %s", phase->panel[k].gamma, p->distance, p->why[0] ? p->why : fs_status_text(p->code));
            status = EXIT_SYSTEM;
        }
    return status;
}

/* The command line over the model's settings and the defaults of the library. */
static void ask(const options *o, const fs_problem *p, fs_phase_options *out)
{
    const fs_flow_settings *settings = fs_problem_settings(p);
    *out = (fs_phase_options){
        .kind = o->kind[0], .n_gamma = o->n_gamma, .gamma = o->gamma,
        .n_distance = o->n_distance, .distance = o->distance, .n_seed = o->n_seed, .seed = o->seed,
        .plane = o->plane, .window = o->has_window ? o->window : NULL, .tube = o->tube, .starts = o->starts >= 0 ? (size_t)o->starts : 0,
        .t_end = o->t_end, .rtol = o->rtol, .atol = o->atol, .method = o->has_method ? o->method : settings->method,
        .solver = o->has_solver ? o->solver : settings->solver, .threads = o->threads, .keep_limit = CLI_KEEP_LIMIT,
    };
}

int command_phase(options *o)
{
    fs_problem *p = NULL;
    fs_folder *folder = NULL;
    fs_phase *phase = NULL;
    fs_phase_options asked;
    double *weights = NULL;
    cli_progress *progress = cli_progress_create(o, 1, 1.0);
    fs_err err = { 0 };
    int status = progress ? cli_load(o, &p) : cli_failed(&(fs_err){ .status = FS_ENOMEM });
    if (status == EXIT_DONE && fs_problem_basis(p)->dim_E + fs_problem_basis(p)->dim_N < 2) {
        cli_error("expected a model with dim L >= 2, found dim L = %zu (%s): a plane needs two directions",
                  fs_problem_basis(p)->dim_E + fs_problem_basis(p)->dim_N, fs_problem_name(p));
        status = EXIT_USAGE;
    }
    if (status == EXIT_DONE) status = cli_read_weights(o, p, &weights);
    if (status == EXIT_DONE) status = cli_open_folder(o, p, &folder);
    if (status != EXIT_DONE) goto done;
    fs_watch watch = cli_progress_watch(progress);
    ask(o, p, &asked);
    asked.weights = weights;
    asked.watch = &watch;
    fs_status found = fs_phase_compute(&phase, p, &asked, &err);
    cli_progress_destroy(progress);
    progress = NULL;
    if (found != FS_OK) {
        status = cli_without_result(found, &err);
        goto done;
    }
    status = cli_report(o, p, folder, phase->wall_s, &(cli_results){ phase, json, data, draw, print });
    if (status == EXIT_DONE) status = phase->stopped && cli_signal() ? cli_interrupted(folder) : outcome(phase);
done:
    cli_progress_destroy(progress);
    fs_phase_destroy(phase);
    fs_folder_destroy(folder);
    fs_problem_destroy(p);
    free(weights);
    return status;
}
