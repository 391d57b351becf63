/* cli/cmd_ensemble.c -- flowsim ensemble: equivariance of the mean network of an orbit ensemble against time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/cli.h"

#include "report/ensemble.h"

#include <stdlib.h>

static json_t *json(const fs_report_head *head, const void *result)
{
    return fs_json_ensemble(head, result);
}

static fs_status data(const options *o, fs_folder *folder, const fs_report_head *head, const void *result, fs_err *err)
{
    (void)o;
    const char *file;
    FS_TRY(fs_folder_file(folder, "ensemble.csv", &file, err));
    return fs_csv_write_ensemble(file, head, result, err);
}

static fs_status draw(fs_figure *out, fs_folder *folder, const fs_report_head *head, const void *result, const fs_figure_options *look, fs_err *err)
{
    return fs_figure_draw_ensemble(out, folder, head, result, look, err);
}

static fs_status print(const options *o, const fs_report_head *head, const void *result, fs_err *err)
{
    (void)err;
    const fs_ensemble *e = result;
    fs_table_print_ensemble(stdout, head, e, cli_colour(stdout));
    for (size_t i = 0; o->verbose && i < e->n_flows; i++)
        printf("%s: %zu integrations, %zu of them a second time; %ld steps, %ld velocities\n", fs_flow_name(e->flow[i].kind), e->members + e->second, e->second,
               e->flow[i].steps, e->flow[i].evaluations);
    return FS_OK;
}

/* 3 when a flow did not come to its end, or what its error means is not known; says which. */
static int outcome(const fs_ensemble *e)
{
    for (size_t i = 0; i < e->n_flows; i++) {
        const fs_ensemble_flow *f = &e->flow[i];
        if (!f->note[0]) continue;
        cli_error("undecided: the %s ensemble is not known up to t = %g: %s", fs_flow_name(f->kind), e->t_end, f->note);
        return EXIT_UNDECIDED;
    }
    return EXIT_DONE;
}

int command_ensemble(options *o)
{
    fs_problem *p = NULL;
    fs_folder *folder = NULL;
    fs_ensemble *e = NULL;
    double *weights = NULL;
    cli_progress *progress = cli_progress_create(o, 1, 1.0);
    fs_err err = { 0 };
    int status = progress ? cli_load(o, &p) : cli_failed(&(fs_err){ .status = FS_ENOMEM });
    if (status == EXIT_DONE) status = cli_read_weights(o, p, &weights);
    if (status == EXIT_DONE) status = cli_open_folder(o, p, &folder);
    if (status != EXIT_DONE) goto done;
    fs_watch watch = cli_progress_watch(progress);
    fs_ensemble_options asked = {
        .n_kinds = o->n_kinds, .kind = o->kind, .gamma = o->n_gamma ? o->gamma[0] : fs_problem_settings(p)->gamma, .seed = o->seed[0],
        .distance = cli_distance(o), .weights = weights, .t_end = o->t_end, .rtol = o->rtol, .atol = o->atol,
        .threads = o->threads, .keep_limit = CLI_KEEP_LIMIT, .watch = &watch,
    };
    fs_status found = fs_ensemble_compute(&e, p, &asked, &err);
    cli_progress_destroy(progress);
    progress = NULL;
    if (found != FS_OK) {
        status = cli_without_result(found, &err);
        goto done;
    }
    status = cli_report(o, p, folder, e->wall_s, &(cli_results){ e, json, data, draw, print });
    if (status == EXIT_DONE) status = e->stopped && cli_signal() ? cli_interrupted(folder) : outcome(e);
done:
    cli_progress_destroy(progress);
    fs_ensemble_destroy(e);
    fs_folder_destroy(folder);
    fs_problem_destroy(p);
    free(weights);
    return status;
}
