/* cli/cmd_run.c -- flowsim run: integrate, report, draw
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/cli.h"

#include "report/csv.h"
#include "report/figure.h"
#include "report/folder.h"
#include "report/json.h"
#include "report/table.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char checkpoint_name[] = "checkpoint.bin";
static const size_t keep_limit = (size_t)1 << 30;      /* bytes of kept primal; beyond it products recompute */

/* N equally spaced times after 0, or the list given, with 0 in front. */
static double *output_times(const options *o, double t_end, size_t *count)
{
    size_t n = o->times_count ? o->times_count : o->n_times;
    int zero_given = !o->times_count && n && !(o->times[0] > 0.0);
    double *times = malloc((n + 1) * sizeof *times);
    *count = zero_given ? n : n + 1;
    if (!times) return NULL;
    if (!zero_given) times[0] = 0.0;
    double *rest = times + (zero_given ? 0 : 1);
    for (size_t i = 0; i < n; i++) rest[i] = o->times_count ? t_end * ((double)(i + 1) / (double)n) : o->times[i];
    return times;
}

/* The command line over the model's settings. */
static void integration(const options *o, const fs_flow_settings *s, fs_integrate_options *out)
{
    *out = (fs_integrate_options){ .t_end = o->t_end > 0.0 ? o->t_end : s->t_end, .rtol = o->rtol > 0.0 ? o->rtol : s->rtol,
                                   .atol = o->atol > 0.0 ? o->atol : s->atol, .method = o->has_method ? o->method : s->method,
                                   .solver = o->has_solver ? o->solver : s->solver, .keep_weights = o->save_weights };
}

/* Every file of the run; *figure says what became of the picture. */
static fs_status write_files(const options *o, fs_folder *folder, const fs_report_head *head, const fs_run *run,
                             const json_t *report, fs_figure *figure, fs_err *err)
{
    const char *file;
    char scripts[PATH_MAX];
    FS_TRY(fs_folder_file(folder, "trajectory.csv", &file, err));
    FS_TRY(fs_csv_write_run(file, head, run, err));
    FS_TRY(fs_folder_file(folder, "report.json", &file, err));
    FS_TRY(fs_json_write(file, report, err));
    if (o->save_weights) FS_TRY(fs_weights_write_run(folder, run, err));
    fs_figure_options look = { .format = o->figure, .scripts = cli_figure_folder(sizeof scripts, scripts) };
    FS_TRY(fs_figure_draw_run(figure, folder, head, run, &look, err));
    return fs_folder_settle(folder, err);
}

static void print_files(const fs_folder *folder, const fs_figure *figure)
{
    printf("\nwritten to %s:", fs_folder_path(folder));
    for (size_t i = 0; fs_folder_name(folder, i); i++) printf(" %s", fs_folder_name(folder, i));
    putchar('\n');
    if (figure->note[0]) cli_warning("the figure is missing: %s", figure->note);
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

/* What can be seen to be wrong before anything is written. */
static int check_start(const options *o, const fs_problem *p, const double *weights, const fs_integrate_options *i)
{
    fs_err err = { 0 };
    double last = i->n_times ? i->times[i->n_times - 1] : 0.0;
    if (!(last <= i->t_end)) {
        cli_error("--times: expected times up to the end t = %g, found %g", i->t_end, last);
        return EXIT_USAGE;
    }
    if (!weights) return EXIT_DONE;
    if (o->n_seed > 1) {
        cli_error("expected one seed with --weights (the start is given), found %zu", o->n_seed);
        return EXIT_USAGE;
    }
    double *w = fs_calloc(fs_problem_basis(p)->n_par, sizeof *w);
    fs_status status = w ? fs_problem_state_of_weights(p, weights, w, &err) : fs_fail(&err, FS_ENOMEM, "start");
    free(w);
    if (status == FS_OK) return EXIT_DONE;
    cli_error("%s: %s", o->weights, err.text);
    return cli_status_of(status);
}

static int report_run(const options *o, const fs_problem *p, fs_folder *folder, const fs_run *run)
{
    fs_report_head head;
    fs_figure figure = { 0 };
    fs_err err = { 0 };
    cli_head(o, p, &head);
    head.wall_s = run->wall_s;
    json_t *report = fs_json_run(&head, run);
    fs_status status = report ? write_files(o, folder, &head, run, report, &figure, &err)
                              : fs_fail(&err, FS_ENOMEM, "report of %zu flows", run->n);
    if (status == FS_OK && o->json) status = fs_json_print(stdout, report, &err);
    else if (status == FS_OK && !o->quiet) {
        status = fs_table_print_run(stdout, &head, run, cli_colour(stdout), &err);
        if (o->verbose) print_statistics(run);
        print_files(folder, &figure);
    }
    json_decref(report);
    return status == FS_OK ? outcome(run) : cli_failed(&err);
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
    char name[PATH_MAX];
    fs_err err = { 0 };
    int status = cli_load(o, &p);
    if (status == EXIT_DONE && o->weights) status = cli_read_weights(o, p, &weights);
    if (status != EXIT_DONE) goto done;

    const fs_flow_settings *settings = fs_problem_settings(p);
    fs_run_options run_options = { .n_gamma = o->n_gamma ? o->n_gamma : 1, .gamma = o->n_gamma ? o->gamma : &settings->gamma,
                                   .n_seed = o->n_seed, .seed = o->seed, .n_kinds = o->n_kinds, .kind = o->kind,
                                   .distance = o->distance, .weights = weights, .threads = o->threads,
                                   .keep_limit = keep_limit, .progress = cli_progress_step };
    integration(o, settings, &run_options.integrate);
    times = output_times(o, run_options.integrate.t_end, &run_options.integrate.n_times);
    run_options.integrate.times = times;
    progress = cli_progress_create(o, run_options.n_gamma * o->n_seed * o->n_kinds, run_options.integrate.t_end);
    run_options.context = progress;
    if (!times || !progress) {
        cli_error("out of memory");
        status = EXIT_SYSTEM;
        goto done;
    }
    status = check_start(o, p, weights, &run_options.integrate);
    if (status != EXIT_DONE) goto done;
    if (snprintf(name, sizeof name, "%s%s%s", o->output ? o->output : "results/", o->output ? "" : fs_problem_name(p),
                 o->output ? "" : "-run") >= (int)sizeof name ||
        fs_folder_open(&folder, name, o->force, &err) != FS_OK) {
        status = cli_failed(&err);
        goto done;
    }
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
        status = report_run(o, p, folder, run);
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
