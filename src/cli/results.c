/* cli/results.c -- what the commands that write a folder share: output times, the folder, its files, the table, the end by a signal
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/cli.h"

#include "report/text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

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

static int asks_to_stop(void *context, const char *stage, double fraction)
{
    (void)context, (void)stage, (void)fraction;
    return cli_signal();
}

/* Draws, and writes down what became of the picture: figure {file, note}, null where none was asked for.  The report was on disk before, whatever happens to gnuplot. */
static fs_status draw_figure(const options *o, fs_folder *folder, const fs_report_head *head, const cli_results *r, const char *file, json_t *report,
                             fs_figure *figure, fs_err *err)
{
    char scripts[PATH_MAX], note[sizeof figure->note];
    const fs_watch watch = { .report = asks_to_stop };
    /* what an interrupt left is drawn in peace; the next one ends the program */
    const fs_figure_options look = { .format = o->figure, .scripts = cli_figure_folder(sizeof scripts, scripts), .watch = cli_signal() ? NULL : &watch };
    FS_TRY(r->draw(figure, folder, head, r->result, &look, err));
    fs_text_line(figure->note, sizeof note, note);      /* a name in it may have been cut within a letter */
    json_t *entry = strcmp(o->figure, "none") == 0 ? json_null()
                  : json_pack("{s:s?, s:s?}", "file", figure->made ? figure->file : NULL, "note", note[0] ? note : NULL);
    if (json_object_set_new(report, "figure", entry) != 0) return fs_fail(err, FS_ENOMEM, "report");
    return fs_json_write(file, report, err);
}

/* Every file; *figure says what became of the picture. */
static fs_status write_files(const options *o, fs_folder *folder, const fs_report_head *head, const cli_results *r, json_t *report, fs_figure *figure, fs_err *err)
{
    const char *file;
    if (r->data) FS_TRY(r->data(o, folder, head, r->result, err));
    FS_TRY(fs_folder_file(folder, "report.json", &file, err));
    FS_TRY(fs_json_write(file, report, err));
    if (r->draw) FS_TRY(draw_figure(o, folder, head, r, file, report, figure, err));
    return fs_folder_settle(folder, err);
}

/* The picture made of characters. */
static void print_picture(const fs_folder *folder, const char *file)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", fs_folder_path(folder), file) >= (int)sizeof path) return;
    FILE *stream = fopen(path, "r");
    if (!stream) return;
    putchar('\n');
    for (int c; (c = fgetc(stream)) != EOF;)
        if (c != '\f') putchar(c);
    fclose(stream);
}

void cli_print_files(const options *o, const fs_folder *folder, const fs_figure *figure)
{
    if (!o->quiet && !o->json && !o->tap) {
        if (figure->made && strcmp(o->figure, "dumb") == 0) print_picture(folder, figure->file);
        printf("\nwritten to %s:", fs_folder_path(folder));
        for (size_t i = 0; fs_folder_name(folder, i); i++) printf(" %s", fs_folder_name(folder, i));
        putchar('\n');
    }
    if (figure->note[0]) cli_warning("the figure is missing: %s", figure->note);
}

int cli_report(const options *o, const fs_problem *p, fs_folder *folder, double wall_s, const cli_results *r)
{
    fs_report_head head;
    fs_figure figure = { 0 };
    fs_err err = { 0 };
    const int was_interrupted = cli_signal();
    cli_head(o, p, &head);
    head.wall_s = wall_s;
    json_t *report = r->json(&head, r->result);
    fs_status status = report ? FS_OK : fs_fail(&err, FS_ENOMEM, "report");
    if (status == FS_OK && folder) status = write_files(o, folder, &head, r, report, &figure, &err);
    if (status == FS_OK && o->json) status = fs_json_print(stdout, report, &err);
    else if (status == FS_OK && !o->quiet && !o->tap) status = r->print(o, &head, r->result, &err);
    if (status == FS_OK && folder) cli_print_files(o, folder, &figure);
    json_decref(report);
    if (status != FS_OK) return cli_failed(&err);
    return cli_signal() && !was_interrupted ? cli_interrupted(folder) : EXIT_DONE;
}

int cli_interrupted(const fs_folder *folder)
{
    if (folder) cli_warning("ended by signal %d; what was known by then is in %s", cli_signal(), fs_folder_path(folder));
    else cli_warning("ended by signal %d; nothing was known by then, and nothing was written", cli_signal());
    return EXIT_SIGNAL + cli_signal();
}

int cli_without_result(fs_status status, const fs_err *err)
{
    return status == FS_ESTOPPED && cli_signal() ? cli_interrupted(NULL) : cli_failed(err);
}
