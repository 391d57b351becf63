/* cli/cmd_spectrum.c -- flowsim spectrum: stationary points, eigenvalues of the Hessian on E, on N and by irreducible, the path to them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/cli.h"

#include "report/stability.h"

#include <stdlib.h>

static json_t *json(const fs_report_head *head, const void *result)
{
    return fs_json_stability(head, result);
}

static fs_status data(const options *o, fs_folder *folder, const fs_report_head *head, const void *result, fs_err *err)
{
    const fs_stability *s = result;
    const char *file;
    FS_TRY(fs_folder_file(folder, "spectrum.csv", &file, err));
    FS_TRY(fs_csv_write_spectrum(file, head, s, err));
    if (s->path.n) {
        FS_TRY(fs_folder_file(folder, "path.csv", &file, err));
        FS_TRY(fs_csv_write_path(file, head, s, err));
    }
    return o->save_weights ? fs_weights_write_stability(folder, s, err) : FS_OK;
}

static fs_status draw(fs_figure *out, fs_folder *folder, const fs_report_head *head, const void *result, const fs_figure_options *look, fs_err *err)
{
    return fs_figure_draw_stability(out, folder, head, result, look, err);
}

static void print_statistics(const fs_stability *s)
{
    for (size_t i = 0; i < s->n_points; i++) {
        const fs_stationary *at = s->point[i].at;
        const fs_spectrum *spectrum = s->point[i].spectrum;
        printf("point %zu: %s; flow to t = %g in %ld steps, Newton %ld, %s%s, %ld products\n", i + 1, fs_search_name(at->outcome), at->t_flow,
               at->steps, at->iterations, !spectrum ? "no spectrum" : spectrum->dense ? "dense spectrum" : "Lanczos",
               at->by_flow ? "" : " (by Newton alone)", spectrum ? spectrum->products : 0L);
    }
}

static fs_status print(const options *o, const fs_report_head *head, const void *result, fs_err *err)
{
    (void)err;
    fs_table_print_stability(stdout, head, result, cli_colour(stdout));
    if (o->verbose) print_statistics(result);
    return FS_OK;
}

/* 3 when there is neither a stationary point nor a proof that there is none, the end of the flow was not reached, or the eigenvalue that decides is not known; says which. */
static int outcome(const fs_stability *s)
{
    const fs_stationary *first = s->point[0].at;
    if (s->where == FS_AT_STATIONARY && first->outcome != FS_SEARCH_FOUND && first->outcome != FS_SEARCH_SEPARABLE) {
        cli_error("undecided: no stationary point was found, and none was proved absent (%s): %s", fs_search_name(first->outcome), first->note);
        return EXIT_UNDECIDED;
    }
    if (s->where == FS_AT_END && first->note[0]) {
        cli_error("undecided: the flow did not reach its end: %s", first->note);
        return EXIT_UNDECIDED;
    }
    for (size_t i = 0; i < s->n_points; i++) {
        const fs_spectrum *spectrum = s->point[i].spectrum;
        if (!spectrum || spectrum->N.complete || spectrum->N.lowest_known) continue;
        cli_error("undecided: the lowest eigenvalue on N is not known at point %zu: %s", i + 1, spectrum->note);
        return EXIT_UNDECIDED;
    }
    return EXIT_DONE;
}

/* The command line over the model's settings and the defaults of the library. */
static void ask(const options *o, const fs_problem *p, fs_stability_options *out)
{
    const fs_flow_settings *settings = fs_problem_settings(p);
    double t_end = o->at == FS_AT_END && !(o->t_end > 0.0) ? settings->t_end : o->t_end;
    *out = (fs_stability_options){
        .kind = o->kind[0], .where = o->at, .gamma = o->n_gamma ? o->gamma[0] : settings->gamma,
        .n_seed = o->n_seed, .seed = o->seed, .distance = cli_distance(o),
        .starts = o->starts > 0 ? (size_t)o->starts : 0, .nominal = !o->augmented,
        .search = { .t_end = t_end, .rtol = o->rtol, .atol = o->atol, .solver = o->has_solver ? o->solver : settings->solver,
                    .threads = o->threads, .keep_limit = CLI_KEEP_LIMIT },
        .spectrum = { .method = o->has_solver ? o->solver : FS_SOLVER_AUTO, .wanted = (size_t)o->wanted, .split = 1 },
        .threads = o->threads, .keep_limit = CLI_KEEP_LIMIT,
    };
}

int command_spectrum(options *o)
{
    fs_problem *p = NULL;
    fs_folder *folder = NULL;
    fs_stability *s = NULL;
    fs_stability_options asked;
    double *weights = NULL, *times = NULL;
    cli_progress *progress = cli_progress_create(o, 1, 1.0);
    fs_err err = { 0 };
    int status = progress ? cli_load(o, &p) : cli_failed(&(fs_err){ .status = FS_ENOMEM });
    if (status == EXIT_DONE) status = cli_read_weights(o, p, &weights);
    if (status != EXIT_DONE) goto done;
    fs_watch watch = cli_progress_watch(progress);
    ask(o, p, &asked);
    asked.weights = weights;
    asked.watch = &watch;
    if (o->at != FS_AT_START) {
        times = cli_output_times(o, o->t_end > 0.0 ? o->t_end : fs_problem_settings(p)->t_end, &asked.n_times);
        asked.times = times;
        if (!times) {
            status = cli_failed(&(fs_err){ .status = FS_ENOMEM });
            goto done;
        }
    }
    status = cli_open_folder(o, p, &folder);
    if (status != EXIT_DONE) goto done;
    fs_status found = fs_stability_compute(&s, p, &asked, &err);
    cli_progress_destroy(progress);
    progress = NULL;
    if (found != FS_OK) {
        status = cli_without_result(found, &err);
        goto done;
    }
    status = cli_report(o, p, folder, s->wall_s, &(cli_results){ s, json, data, draw, print });
    if (status == EXIT_DONE) status = s->stopped && cli_signal() ? cli_interrupted(folder) : outcome(s);
done:
    cli_progress_destroy(progress);
    fs_stability_destroy(s);
    fs_folder_destroy(folder);
    fs_problem_destroy(p);
    free(weights);
    free(times);
    return status;
}
