/* cli/results.c -- what the commands that write a folder share: output times, the folder, its files, the table, the end by a signal
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/cli.h"

#include <limits.h>
#include <stdlib.h>

double *cli_output_times(const options *o, double t_end, size_t *count)
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

int cli_open_folder(const options *o, const fs_problem *p, fs_folder **out)
{
    char name[PATH_MAX];
    fs_err err = { 0 };
    int length = o->output ? snprintf(name, sizeof name, "%s", o->output)
                           : snprintf(name, sizeof name, "results/%s-%s", fs_problem_name(p), o->command->name);
    if (length >= (int)sizeof name) {
        cli_error("--output: the name is too long");
        return EXIT_USAGE;
    }
    return fs_folder_open(out, name, o->force, &err) == FS_OK ? EXIT_DONE : cli_failed(&err);
}

/* Every file; *figure says what became of the picture. */
static fs_status write_files(const options *o, fs_folder *folder, const fs_report_head *head, const cli_results *r, const json_t *report,
                             fs_figure *figure, fs_err *err)
{
    const char *file;
    char scripts[PATH_MAX];
    if (r->data) FS_TRY(r->data(o, folder, head, r->result, err));
    FS_TRY(fs_folder_file(folder, "report.json", &file, err));
    FS_TRY(fs_json_write(file, report, err));
    fs_figure_options look = { .format = o->figure, .scripts = cli_figure_folder(sizeof scripts, scripts) };
    if (r->draw) FS_TRY(r->draw(figure, folder, head, r->result, &look, err));
    return fs_folder_settle(folder, err);
}

static void print_files(const fs_folder *folder, const fs_figure *figure)
{
    printf("\nwritten to %s:", fs_folder_path(folder));
    for (size_t i = 0; fs_folder_name(folder, i); i++) printf(" %s", fs_folder_name(folder, i));
    putchar('\n');
    if (figure->note[0]) cli_warning("the figure is missing: %s", figure->note);
}

int cli_report(const options *o, const fs_problem *p, fs_folder *folder, double wall_s, const cli_results *r)
{
    fs_report_head head;
    fs_figure figure = { 0 };
    fs_err err = { 0 };
    cli_head(o, p, &head);
    head.wall_s = wall_s;
    json_t *report = r->json(&head, r->result);
    fs_status status = report ? write_files(o, folder, &head, r, report, &figure, &err) : fs_fail(&err, FS_ENOMEM, "report");
    if (status == FS_OK && o->json) status = fs_json_print(stdout, report, &err);
    else if (status == FS_OK && !o->quiet) {
        status = r->print(o, &head, r->result, &err);
        if (status == FS_OK) print_files(folder, &figure);
    }
    json_decref(report);
    return status == FS_OK ? EXIT_DONE : cli_failed(&err);
}

int cli_interrupted(const fs_folder *folder)
{
    if (folder) cli_warning("ended by signal %d; what was known by then is in %s", cli_signal(), fs_folder_path(folder));
    else cli_warning("ended by signal %d; nothing was known by then, and nothing was written", cli_signal());
    return EXIT_SIGNAL + cli_signal();
}
