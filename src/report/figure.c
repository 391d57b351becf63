/* report/figure.c -- data, script, and what gnuplot makes of them
 *
 * The scripts hold all drawing.  From here they get variables: texts as single-quoted strings, in which gnuplot neither
 * runs backquotes nor expands macros, and which the scripts print without markup.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/figure_plan.h"

#include "base/files.h"
#include "report/gnuplot.h"
#include "report/text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIGURE_DATA "figure.dat"
#define FIGURE_SCRIPT "figure.gp"
enum { LARGEST_SCRIPT = 1 << 20 };

/* How a whole picture begins, and what stands at its end. */
static const struct { const char *name, *file, *begin, *end; } formats[] = {
    { "png", "figure.png", "\x89PNG", "IEND\xae""B`\x82" },
    { "svg", "figure.svg", "<?xml", "</svg>" },
    { "pdf", "figure.pdf", "%PDF-", "%%EOF" },
    { "dumb", "figure.txt", "", "" },
};
enum { FORMATS = sizeof formats / sizeof *formats };

static size_t find_format(const char *name)
{
    size_t i = 0;
    while (i < FORMATS && strcmp(formats[i].name, name) != 0) i++;
    return i;
}

int fs_figure_knows(const char *format)
{
    return find_format(format) < FORMATS || strcmp(format, "none") == 0;
}

/* --- numbers and texts ------------------------------------------------------------------- */

void fs_figure_row(FILE *stream, size_t n, const double *value)
{
    char number[FS_TEXT_NUMBER];
    for (size_t i = 0; i < n; i++) fprintf(stream, "%s%s", i ? " " : "", fs_number_format(value[i], number));
    fputc('\n', stream);
}

void fs_figure_set_number(FILE *stream, const char *name, double value)
{
    char number[FS_TEXT_NUMBER];
    if (!isfinite(value)) strcpy(number, "NaN");
    else if (!strpbrk(fs_text_short(value, number), ".e")) strcat(number, ".0");    /* 1 / 2 is 0 in gnuplot */
    fprintf(stream, "%s = %s\n", name, number);
}

void fs_figure_set_count(FILE *stream, const char *name, size_t value)
{
    fprintf(stream, "%s = %zu\n", name, value);
}

/* A single-quoted string: only the quote itself has a meaning inside, and is doubled.  Where a string begins and behind another quote
 * gnuplot does not understand that; there it is a string of its own. */
void fs_figure_set_text(FILE *stream, const char *name, const char *text, size_t size)
{
    char line[512];
    int fresh = 1;
    fprintf(stream, "%s = '", name);
    for (const char *c = fs_text_line(text, size < sizeof line ? size : sizeof line, line); *c; c++) {
        if (*c != '\'') fputc(*c, stream);
        else fputs(fresh ? "'.\"'\".'" : "''", stream);
        fresh = *c == '\'';
    }
    fputs("'\n", stream);
}

void fs_figure_set_title(FILE *stream, const fs_report_head *head)
{
    fs_figure_set_text(stream, "title_text", head->title && *head->title ? head->title : head->model, 76);
}

/* --- files ------------------------------------------------------------------------------- */

/* *text is the script scripts/name.  A missing one is no failure of the run: *text is then NULL and note says so. */
static fs_status read_script(const char *scripts, const char *name, char **text, char *note, size_t size, fs_err *err)
{
    size_t length;
    char path[4096];
    fs_err why;
    *text = NULL;
    if (!scripts) {
        snprintf(note, size, "the folder of figure scripts was not found");
        return FS_OK;
    }
    if ((size_t)snprintf(path, sizeof path, "%s/%s", scripts, name) >= sizeof path) {
        snprintf(note, size, "the name of the folder of figure scripts is too long");
        return FS_OK;
    }
    fs_status status = fs_file_read(path, LARGEST_SCRIPT, text, &length, &why);
    if (status == FS_OK) return FS_OK;
    *text = NULL;
    if (status == FS_ENOMEM) return fs_fail(err, status, "%s", why.text);
    snprintf(note, size, "a script for the figure cannot be read: %.400s", why.text);
    return FS_OK;
}

static fs_status write_data(const fs_figure_plan *plan, fs_folder *folder, fs_err *err)
{
    const char *path;
    fs_output *o;
    FS_TRY(fs_folder_file(folder, FIGURE_DATA, &path, err));
    FS_TRY(fs_output_open(&o, path, err));
    plan->data(fs_output_stream(o), plan->context);
    return fs_output_commit(o, err);
}

static fs_status write_script(const fs_figure_plan *plan, const char *format, const char *style, const char *body, fs_folder *folder, fs_err *err)
{
    const char *path;
    fs_output *o;
    FS_TRY(fs_folder_file(folder, FIGURE_SCRIPT, &path, err));
    FS_TRY(fs_output_open(&o, path, err));
    FILE *stream = fs_output_stream(o);
    fprintf(stream,
            "# " FIGURE_SCRIPT " -- drawn by flowsim; change what you like and draw again:  gnuplot " FIGURE_SCRIPT "\n\n"
            /* the first thing said, in words that every version understands: an older one might stumble over what follows */
            "if (GPVAL_VERSION < 5.2) print sprintf('expected gnuplot 5.2 or later, found %%.1f', GPVAL_VERSION); exit\n"
            "if (!exists('figure_format')) figure_format = '%s'\n"
            "if (!exists('figure_file')) figure_file = 'figure.'.(figure_format eq 'dumb' ? 'txt' : figure_format)\n"
            "data = '" FIGURE_DATA "'\n", format);
    plan->variables(stream, plan->context);
    fprintf(stream, "\n%s\n%s", style, body);
    return fs_output_commit(o, err);
}

/* Does the word stand within the last bytes of the stream? */
static int ends_with(FILE *stream, const char *word)
{
    char tail[64];
    size_t n = strlen(word);
    if (fseek(stream, 0, SEEK_END) != 0) return 0;
    long length = ftell(stream), from = length > (long)sizeof tail ? length - (long)sizeof tail : 0;
    if (length < 0 || fseek(stream, from, SEEK_SET) != 0) return 0;
    return memmem(tail, fread(tail, 1, sizeof tail, stream), word, n) != NULL;
}

static int shows_something(FILE *stream)
{
    int c;
    while ((c = fgetc(stream)) != EOF && strchr(" \t\r\n\f", c)) continue;
    return c != EOF;
}

/* The picture begins and ends as its format must, so it is whole and not something else; a text shows more than blanks. */
static int is_picture(const char *path, size_t k)
{
    char start[8];
    size_t n = strlen(formats[k].begin);
    FILE *stream = fopen(path, "rb");
    if (!stream) return 0;
    int whole = n ? fread(start, 1, n, stream) == n && memcmp(start, formats[k].begin, n) == 0 && ends_with(stream, formats[k].end) : shows_something(stream);
    fclose(stream);
    return whole;
}

/* gnuplot ended well, and said the words in note. */
static void keep_if_whole(fs_figure *out, size_t k, const char *temporary, const char *path)
{
    char said[200];
    snprintf(said, sizeof said, "%.199s", out->note);
    out->note[0] = 0;
    if (!is_picture(temporary, k))
        snprintf(out->note, sizeof out->note, "gnuplot ended well, but drew no %s picture%s%s", formats[k].name, said[0] ? ": " : "", said);
    else if (rename(temporary, path) != 0)
        snprintf(out->note, sizeof out->note, "the picture could not be renamed: %s", strerror(errno));
    else
        out->made = 1;
}

static fs_status draw(fs_figure *out, fs_folder *folder, const fs_figure_options *options, fs_err *err)
{
    size_t k = find_format(options->format);
    char name[48], definition[80], temporary[4200];
    const char *path;
    FS_TRY(fs_folder_file(folder, formats[k].file, &path, err));
    snprintf(name, sizeof name, "%s.tmp-%ld", formats[k].file, (long)getpid());
    snprintf(definition, sizeof definition, "figure_file='%s'", name);
    snprintf(temporary, sizeof temporary, "%s/%s", fs_folder_path(folder), name);
    if (fs_gnuplot_run(options->gnuplot ? options->gnuplot : "gnuplot", fs_folder_path(folder), definition, FIGURE_SCRIPT,
                       options->limit_s > 0.0 ? options->limit_s : 30.0, options->watch, out->note, sizeof out->note))
        keep_if_whole(out, k, temporary, path);
    if (out->made) {
        snprintf(out->file, sizeof out->file, "%s", formats[k].file);
    } else {
        unlink(temporary);
        fs_folder_forget(folder, formats[k].file);
    }
    return FS_OK;
}

fs_status fs_figure_draw(fs_figure *out, fs_folder *folder, const fs_figure_options *options, const fs_figure_plan *plan, fs_err *err)
{
    char *style = NULL, *body = NULL;
    *out = (fs_figure){ 0 };
    if (!fs_figure_knows(options->format))
        return fs_fail(err, FS_EINPUT, "expected a figure format png, svg, pdf, dumb or none, found \"%s\"", options->format);
    if (strcmp(options->format, "none") == 0) return FS_OK;
    fs_status status = write_data(plan, folder, err);
    if (status != FS_OK) goto done;
    status = read_script(options->scripts, "style.gp", &style, out->note, sizeof out->note, err);
    if (status != FS_OK || !style) goto done;
    status = read_script(options->scripts, plan->body, &body, out->note, sizeof out->note, err);
    if (status != FS_OK || !body) goto done;
    if ((status = write_script(plan, options->format, style, body, folder, err)) != FS_OK) goto done;
    status = draw(out, folder, options, err);
done:
    free(style);
    free(body);
    return status;
}
