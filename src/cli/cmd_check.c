/* cli/cmd_check.c -- flowsim check: every statement on one model, or on all of them, with verdicts
 *
 *   --model X     0 every verdict holds, 1 one is violated, 3 one is undecided or none holds
 *   --all         0 everything is as theory predicts, the atlas of broken hypotheses and the closed forms included; 1 something is not; 3 something is
 *                 open
 *
 * A picture that cannot be drawn changes none of these.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/cli.h"

#include "base/files.h"
#include "report/csv.h"
#include "report/table.h"
#include "theory_checks/figure.h"
#include "theory_checks/present.h"

#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LARGEST = 600 };         /* dim L of a model of --all */

static void report_progress(void *context, const fs_suite *s)
{
    fs_tap_proceed(context, s);
}

/* The command line over the model's settings; watch and tap may be NULL. */
static fs_suite_options ask(const options *o, int threads_of_check, const fs_watch *watch, fs_tap *tap)
{
    return (fs_suite_options){
        .n_statements = o->n_statements ? o->n_statements : fs_statement_count(),
        .statement = o->n_statements ? o->statement : fs_statements,
        .check = { .gamma = o->n_gamma ? o->gamma[0] : -1.0, .distance = cli_distance(o), .t_end = o->t_end, .rtol = o->rtol, .atol = o->atol,
                   .seed = o->seed[0], .threads = threads_of_check, .keep_limit = CLI_KEEP_LIMIT, .watch = watch },
        .threads = o->threads, .done = tap ? report_progress : NULL, .context = tap,
    };
}

/* A bar between lines of TAP helps nobody. */
static cli_progress *make_progress(const options *o)
{
    options look = *o;
    look.quiet |= o->tap;
    return cli_progress_create(&look, 1, 1.0);
}

static int wants_folder(const options *o)
{
    return o->output || strcmp(o->figure, "none") != 0;
}

/* After a suite that did not come to its end. */
static int ended(const options *o, fs_status status, const fs_err *err)
{
    int interrupted = status == FS_ESTOPPED && cli_signal();
    if (o->tap) printf("Bail out! %s\n", interrupted ? "ended by a signal" : err->text);
    return cli_without_result(status, err);
}

/* --- one model ----------------------------------------------------------------------------- */

static json_t *json(const fs_report_head *head, const void *result)
{
    const fs_suite *s = result;
    json_t *report = fs_json_head(head);
    if (report && !fs_present_model_json(report, s->row)) return report;
    json_decref(report);
    return NULL;
}

static fs_status print(const options *o, const fs_report_head *head, const void *result, fs_err *err)
{
    (void)err;
    const fs_suite *s = result;
    int colour = cli_colour(stdout);
    fs_table_head(stdout, head, colour);
    fs_present_model(stdout, s->row, o->verbose, colour);
    return FS_OK;
}

static fs_status draw(fs_figure *out, fs_folder *folder, const fs_report_head *head, const void *result, const fs_figure_options *look, fs_err *err)
{
    const fs_suite *s = result;
    return fs_figure_draw_checks(out, folder, head, s->row, look, err);
}

static int outcome_of_model(const fs_suite *s)
{
    static const int status[] = { [FS_HOLDS] = EXIT_DONE, [FS_VIOLATED] = EXIT_VIOLATED, [FS_UNDECIDED] = EXIT_UNDECIDED };
    return status[fs_suite_row_verdict(s->row)];
}

static int check_model(const options *o)
{
    fs_problem *p = NULL;
    fs_folder *folder = NULL;
    fs_suite *s = NULL;
    fs_err err = { 0 };
    fs_tap tap = { .stream = stdout };
    cli_progress *progress = make_progress(o);
    int status = progress ? cli_load(o, &p) : cli_failed(&(fs_err){ .status = FS_ENOMEM });
    if (status == EXIT_DONE && (!o->tap || wants_folder(o))) status = cli_open_folder(o, p, &folder);
    if (status != EXIT_DONE) goto done;
    fs_watch watch = cli_progress_watch(progress);
    fs_suite_options asked = ask(o, o->threads, &watch, o->tap ? &tap : NULL);
    fs_status found = fs_suite_run_problem(&s, p, &asked, &err);
    cli_progress_destroy(progress);
    progress = NULL;
    if (found != FS_OK) {
        status = ended(o, found, &err);
        goto done;
    }
    if (o->tap) fs_tap_end(&tap);
    if (folder) status = cli_report(o, p, folder, s->wall_s, &(cli_results){ .result = s, .json = json, .draw = draw, .print = print });
    if (status == EXIT_DONE) status = outcome_of_model(s);
done:
    cli_progress_destroy(progress);
    fs_suite_destroy(s);
    fs_folder_destroy(folder);
    fs_problem_destroy(p);
    return status;
}

/* --- all models ------------------------------------------------------------------------------ */

/* The folder of the shipped models: the one that has the atlas. */
static int shipped_models(size_t size, char *folder)
{
    char atlas[PATH_MAX];
    for (size_t i = 1; cli_model_folder(i, size, folder); i++)
        if (snprintf(atlas, sizeof atlas, "%s/atlas", folder) < (int)sizeof atlas && access(atlas, R_OK | X_OK) == 0) return EXIT_DONE;
    cli_error("expected the shipped models with their atlas of broken hypotheses, found no folder \"atlas\" in $FLOWSIM_MODELS, the source tree's models or "
              "%s/models", FS_DATA_DIR);
    return EXIT_USAGE;
}

static json_t *json_of_all(const fs_report_head *head, const void *result)
{
    const fs_suite *s = result;
    json_t *report = json_object();
    int bad = fs_json_set_text(report, "flowsim", head->version);
    bad |= fs_json_set_text(report, "command", head->command);
    bad |= fs_json_set_text(report, "command_line", head->command_line);
    bad |= fs_json_set(report, "seed", fs_json_seed(head->seed[0]));
    bad |= fs_json_set_real(report, "wall_s", s->wall_s);
    bad |= fs_present_suite_json(report, s);
    if (!bad) return report;
    json_decref(report);
    return NULL;
}

static fs_status data_of_all(const options *o, fs_folder *folder, const fs_report_head *head, const void *result, fs_err *err)
{
    (void)o;
    const char *file;
    fs_output *output;
    FS_TRY(fs_folder_file(folder, "matrix.csv", &file, err));
    FS_TRY(fs_output_open(&output, file, err));
    fs_csv_head(fs_output_stream(output), head);
    fs_present_suite_csv(fs_output_stream(output), result);
    return fs_output_commit(output, err);
}

static fs_status draw_all(fs_figure *out, fs_folder *folder, const fs_report_head *head, const void *result, const fs_figure_options *look, fs_err *err)
{
    (void)head;
    return fs_figure_draw_matrix(out, folder, result, look, err);
}

static fs_status print_all(const options *o, const fs_report_head *head, const void *result, fs_err *err)
{
    (void)o;
    (void)head;
    (void)err;
    fs_present_matrix(stdout, result, cli_colour(stdout));
    return FS_OK;
}

static int outcome_of_all(const fs_suite *s)
{
    static const int status[] = { [FS_AS_EXPECTED] = EXIT_DONE, [FS_LEFT_OPEN] = EXIT_UNDECIDED, [FS_NOT_AS_EXPECTED] = EXIT_VIOLATED };
    return status[fs_suite_outcome(s)];
}

/* The model files of a folder whose name may have any characters. */
static int find_models(const char *folder, glob_t *models)
{
    char pattern[2 * PATH_MAX + 8];
    size_t used = 0;
    for (const char *c = folder; *c && used + 2 < 2 * PATH_MAX; c++) {
        if (strchr("*?[]\\", *c)) pattern[used++] = '\\';
        pattern[used++] = *c;
    }
    snprintf(pattern + used, sizeof pattern - used, "/*.yaml");
    switch (glob(pattern, 0, NULL, models)) {
    case 0: return EXIT_DONE;
    case GLOB_NOSPACE: return cli_failed(&(fs_err){ .status = FS_ENOMEM });
    default: cli_error("expected models (*.yaml) in %s, found none", folder); return EXIT_USAGE;
    }
}

static int check_all(const options *o)
{
    char folder[PATH_MAX];
    glob_t models = { 0 };
    fs_suite *s = NULL;
    fs_folder *output = NULL;
    fs_err err = { 0 };
    fs_tap tap = { .stream = stdout, .all = 1 };
    int status = shipped_models(sizeof folder, folder);
    if (status == EXIT_DONE && wants_folder(o) && fs_folder_open(&output, o->output ? o->output : "results/all-check", o->force, &err) != FS_OK)
        status = cli_failed(&err);
    if (status != EXIT_DONE) return status;
    cli_progress *progress = make_progress(o);
    status = progress ? find_models(folder, &models) : cli_failed(&(fs_err){ .status = FS_ENOMEM });
    if (status != EXIT_DONE) goto done;
    fs_watch watch = cli_progress_watch(progress);
    fs_suite_options asked = ask(o, 1, &watch, o->tap ? &tap : NULL);
    asked.n_models = models.gl_pathc;
    asked.model = (const char *const *)models.gl_pathv;
    asked.largest = LARGEST;
    asked.folder = folder;
    asked.must_show = 1;
    asked.atlas = fs_atlas;
    asked.forms = o->n_statements ? NULL : fs_closed_forms;     /* exact numbers belong to no single statement */
    fs_status found = fs_suite_run(&s, &asked, &err);
    cli_progress_destroy(progress);
    progress = NULL;
    if (found != FS_OK) {
        status = ended(o, found, &err);
        goto done;
    }
    if (o->tap) fs_tap_end(&tap);
    status = cli_report(o, NULL, output, s->wall_s, &(cli_results){ s, json_of_all, data_of_all, draw_all, print_all });
    if (status == EXIT_DONE) status = outcome_of_all(s);
done:
    cli_progress_destroy(progress);
    fs_suite_destroy(s);
    fs_folder_destroy(output);
    globfree(&models);
    return status;
}

int command_check(options *o)
{
    return o->all ? check_all(o) : check_model(o);
}
