/* cli/cmd_check.c -- flowsim check: every statement on one model, or on all of them, with verdicts
 *
 *   --model X     0 every verdict holds, 1 one is violated, 3 one is undecided or none holds
 *   --all         0 everything is as theory predicts, the atlas of broken hypotheses and the closed forms included; 1 something is not; 3 something is
 *                 open
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/cli.h"

#include "report/table.h"
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

/* After a suite that did not come to its end. */
static int ended(const options *o, fs_status status, const fs_err *err)
{
    int interrupted = status == FS_ESTOPPED && cli_signal();
    if (o->tap) printf("Bail out! %s\n", interrupted ? "ended by a signal" : err->text);
    return interrupted ? cli_interrupted(NULL) : cli_failed(err);
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
    options quiet = *o;
    quiet.quiet |= o->tap;
    int status = progress ? cli_load(o, &p) : cli_failed(&(fs_err){ .status = FS_ENOMEM });
    if (status == EXIT_DONE && (!o->tap || o->output)) status = cli_open_folder(o, p, &folder);
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
    if (folder) status = cli_report(&quiet, p, folder, s->wall_s, &(cli_results){ .result = s, .json = json, .print = print });
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

static json_t *json_of_all(const options *o, const fs_suite *s)
{
    json_t *report = json_object();
    int bad = fs_json_set_text(report, "flowsim", cli_version_text());
    bad |= fs_json_set_text(report, "command", o->command->name);
    bad |= fs_json_set_text(report, "command_line", o->command_line);
    bad |= fs_json_set(report, "seed", fs_json_seed(o->seed[0]));
    bad |= fs_json_set_real(report, "wall_s", s->wall_s);
    bad |= fs_present_suite_json(report, s);
    if (!bad) return report;
    json_decref(report);
    return NULL;
}

static fs_status write_all(const options *o, const json_t *report, fs_folder *folder, fs_err *err)
{
    const char *file;
    FS_TRY(fs_folder_file(folder, "report.json", &file, err));
    FS_TRY(fs_json_write(file, report, err));
    FS_TRY(fs_folder_settle(folder, err));
    if (!o->json && !o->quiet && !o->tap) printf("\nwritten to %s: report.json\n", fs_folder_path(folder));
    return FS_OK;
}

static int report_all(const options *o, const fs_suite *s, fs_folder *folder)
{
    static const int status_of[] = { [FS_AS_EXPECTED] = EXIT_DONE, [FS_LEFT_OPEN] = EXIT_UNDECIDED, [FS_NOT_AS_EXPECTED] = EXIT_VIOLATED };
    fs_err err = { 0 };
    json_t *report = folder || o->json ? json_of_all(o, s) : NULL;
    fs_status status = (folder || o->json) && !report ? fs_fail(&err, FS_ENOMEM, "report") : FS_OK;
    if (status == FS_OK && o->json) status = fs_json_print(stdout, report, &err);
    else if (status == FS_OK && !o->quiet && !o->tap) fs_present_matrix(stdout, s, cli_colour(stdout));
    if (status == FS_OK && folder) status = write_all(o, report, folder, &err);
    json_decref(report);
    return status == FS_OK ? status_of[fs_suite_outcome(s)] : cli_failed(&err);
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
    if (status == EXIT_DONE && o->output && fs_folder_open(&output, o->output, o->force, &err) != FS_OK) status = cli_failed(&err);
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
    status = report_all(o, s, output);
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
