/* cli/cmd_run.c -- flowsim run: integrate, report, draw
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/cli.h"

#include "report/bounds.h"
#include "report/csv.h"
#include "report/figure.h"
#include "report/folder.h"
#include "report/json.h"
#include "report/table.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char checkpoint_name[] = "checkpoint.bin";

/* The command line over the model's settings. */
static void integration(const options *o, const fs_flow_settings *s, fs_integrate_options *out)
{
    *out = (fs_integrate_options){ .t_end = o->t_end > 0.0 ? o->t_end : s->t_end, .rtol = o->rtol > 0.0 ? o->rtol : s->rtol,
                                   .atol = o->atol > 0.0 ? o->atol : s->atol, .method = o->has_method ? o->method : s->method,
                                   .solver = o->has_solver ? o->solver : s->solver, .keep_weights = o->save_weights };
}

static json_t *json(const fs_report_head *head, const void *result)
{
    return fs_json_run(head, result);
}

static fs_status data(const options *o, fs_folder *folder, const fs_report_head *head, const void *result, fs_err *err)
{
    const char *file;
    FS_TRY(fs_folder_file(folder, "trajectory.csv", &file, err));
    FS_TRY(fs_csv_write_run(file, head, result, err));
    const fs_bounds *bounds = ((const fs_run *)result)->bounds;
    if (bounds && bounds->n) {
        FS_TRY(fs_folder_file(folder, "bounds.csv", &file, err));
        FS_TRY(fs_csv_write_bounds(file, head, bounds, err));
    }
    return o->save_weights ? fs_weights_write_run(folder, result, err) : FS_OK;
}

static fs_status draw(fs_figure *out, fs_folder *folder, const fs_report_head *head, const void *result, const fs_figure_options *look, fs_err *err)
{
    const fs_run *run = result;
    return run->bounds ? fs_figure_draw_bounds(out, folder, head, run, look, err) : fs_figure_draw_run(out, folder, head, run, look, err);
}

static void print_statistics(const fs_run *run)
{
    for (size_t i = 0; i < run->n; i++) {
        const fs_run_flow *flow = &run->flow[i];
        const fs_trajectory *T = flow->trajectory;
        printf("%s, gamma %g, seed %llu: %s; steps %ld (longest %.3g), velocities %ld (and %ld for quadratures and output), products %ld, "
               "Hessians %ld, Newton %ld, Krylov %ld, error test failures %ld, atol on N %.2e, cpu %.3f s\n",
               fs_flow_name(flow->kind), flow->gamma, (unsigned long long)flow->seed, T->solver, T->steps, T->step_max, T->rhs_evals,
               T->extra_evals, T->hvp_evals, T->jac_evals, T->newton_iters, T->krylov_iters, T->error_test_fails, T->atol_N, T->cpu_s);
    }
}

static fs_status print(const options *o, const fs_report_head *head, const void *result, fs_err *err)
{
    FS_TRY(fs_table_print_run(stdout, head, result, cli_colour(stdout), err));
    if (o->verbose) print_statistics(result);
    return FS_OK;
}

/* 4 when a flow failed; says which and why. */
static int outcome(const fs_run *run)
{
    int status = EXIT_DONE;
    for (size_t i = 0; i < run->n; i++) {
        const fs_run_flow *flow = &run->flow[i];
        if (flow->trajectory->code == FS_OK) continue;
        cli_error("%s flow, gamma %g, seed %llu: %s", fs_flow_name(flow->kind), flow->gamma, (unsigned long long)flow->seed,
                  flow->trajectory->status);
        status = EXIT_SYSTEM;
    }
    return status;
}

/* The words after the program's name, each ended by 0. */
static char *words_of(const options *o, size_t *size)
{
    *size = 0;
    for (int i = 1; i < o->argc; i++) *size += strlen(o->argv[i]) + 1;
    char *words = malloc(*size + 1), *to = words;
    for (int i = 1; words && i < o->argc; i++) to = stpcpy(to, o->argv[i]) + 1;
    return words;
}

static int run_with(options *o, fs_checkpoint *resume)
{
    fs_problem *p = NULL;
    fs_folder *folder = NULL;
    fs_run *run = NULL;
    cli_progress *progress = NULL;
    double *weights = NULL, *times = NULL;
    char *words = NULL;
    fs_err err = { 0 };
    int status = cli_load(o, &p);
    if (status == EXIT_DONE) status = cli_read_weights(o, p, &weights);
    if (status != EXIT_DONE) goto done;

    const fs_flow_settings *settings = fs_problem_settings(p);
    fs_run_options run_options = { .n_gamma = o->n_gamma ? o->n_gamma : 1, .gamma = o->n_gamma ? o->gamma : &settings->gamma,
                                   .n_seed = o->n_seed, .seed = o->seed, .n_kinds = o->n_kinds, .kind = o->kind,
                                   .distance = cli_distance(o), .weights = weights, .threads = o->threads,
                                   .keep_limit = CLI_KEEP_LIMIT, .progress = cli_progress_step };
    integration(o, settings, &run_options.integrate);
    times = cli_output_times(o, run_options.integrate.t_end, &run_options.integrate.n_times);
    run_options.integrate.times = times;
    progress = cli_progress_create(o, run_options.n_gamma * o->n_seed * o->n_kinds, run_options.integrate.t_end);
    run_options.context = progress;
    fs_watch watch = progress ? cli_progress_watch(progress) : (fs_watch){ NULL, NULL };
    run_options.bounds = o->bounds;
    run_options.watch = &watch;
    if (!times || !progress) {
        cli_error("out of memory");
        status = EXIT_SYSTEM;
        goto done;
    }
    double last = times[run_options.integrate.n_times - 1];
    if (!(last <= run_options.integrate.t_end)) {
        cli_error("--times: expected times up to the end t = %g, found %g", run_options.integrate.t_end, last);
        status = EXIT_USAGE;
        goto done;
    }
    status = cli_open_folder(o, p, &folder);
    if (status != EXIT_DONE) goto done;
    run_options.checkpoint_s = o->checkpoint;
    run_options.resume = resume;
    fs_status ran = FS_OK;
    if (o->checkpoint >= 0.0) {
        ran = fs_folder_file(folder, checkpoint_name, &run_options.checkpoint_path, &err);
        run_options.words = words = words_of(o, &run_options.words_size);
        if (ran == FS_OK && !words) ran = fs_fail(&err, FS_ENOMEM, "command line");
    }
    if (ran == FS_OK) ran = fs_run_compute(&run, p, &run_options, &err);
    cli_progress_destroy(progress);
    progress = NULL;
    if (ran != FS_OK) {
        status = cli_failed(&err);
    } else if (cli_signal()) {      /* results of a part would look like those of the whole */
        status = EXIT_SIGNAL + cli_signal();
        if (o->checkpoint >= 0.0)
            cli_warning("ended by signal %d; flowsim --resume %s goes on", cli_signal(), fs_folder_path(folder));
        else
            cli_warning("ended by signal %d; nothing was written (--checkpoint SEC keeps what was done)", cli_signal());
    } else {
        if (o->checkpoint >= 0.0) fs_folder_forget(folder, checkpoint_name);    /* done: the results replace it */
        status = cli_report(o, p, folder, run->wall_s, &(cli_results){ run, json, data, draw, print });
        if (status == EXIT_DONE) status = outcome(run);
    }
done:
    free(words);
    cli_progress_destroy(progress);
    fs_run_destroy(run);
    fs_folder_destroy(folder);
    fs_problem_destroy(p);
    free(weights);
    free(times);
    return status;
}

/* --resume DIR: the command line is the one of the interrupted run, read from its checkpoint; only what does not touch a result may
 * be said anew. */
static int resume_run(const options *now)
{
    fs_checkpoint kept;
    fs_err err = { 0 };
    options o;
    char path[PATH_MAX];
    int count = 1, done, status;
    if (now->model || now->n_gamma || now->n_sets || now->weights || now->output || now->t_end > 0.0 || now->checkpoint >= 0.0) {
        cli_error("expected --resume DIR alone (the rest comes from the checkpoint; -j, -q, -v, --json may be said), found more options");
        return EXIT_USAGE;
    }
    if (snprintf(path, sizeof path, "%s/%s", now->resume, checkpoint_name) >= (int)sizeof path) {
        cli_error("--resume: the name is too long");
        return EXIT_USAGE;
    }
    if (fs_checkpoint_read(&kept, path, &err) != FS_OK) return cli_failed(&err);
    for (size_t i = 0; i < kept.words_size; i++) count += kept.words[i] == 0;
    char **argv = calloc((size_t)count + 1, sizeof *argv);
    if (!argv) {
        fs_checkpoint_clear(&kept);
        cli_error("out of memory");
        return EXIT_SYSTEM;
    }
    argv[0] = now->argv[0];
    char *word = kept.words;
    for (int i = 1; i < count; i++, word += strlen(word) + 1) argv[i] = word;
    status = options_parse(&o, count, argv, &done);
    if (status == EXIT_DONE) {
        o.output = now->resume;
        o.threads = now->threads;
        o.quiet |= now->quiet;
        o.verbose |= now->verbose;
        o.json |= now->json;
        status = run_with(&o, &kept);
    }
    options_clear(&o);
    fs_checkpoint_clear(&kept);
    free(argv);
    return status;
}

int command_run(options *o)
{
    return o->resume ? resume_run(o) : run_with(o, NULL);
}
