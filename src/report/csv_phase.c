/* report/csv_phase.c -- field.csv, points.csv, curves.csv
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/phase.h"

#include "base/files.h"
#include "report/csv.h"
#include "report/text.h"

#include <math.h>

/* One row of n numbers. */
static void row(FILE *stream, size_t n, const double *value)
{
    char number[FS_TEXT_NUMBER];
    fputs(fs_number_format(value[0], number), stream);
    fs_csv_columns(stream, n - 1, value + 1);
}

/* name in the folder, its comments and header row. */
static fs_status begin(fs_output **o, FILE **stream, fs_folder *folder, const char *name, const fs_report_head *head,
                       const fs_phase *phase, const char *header, fs_err *err)
{
    const char *path;
    char line[sizeof phase->centre_text], number[4][FS_TEXT_NUMBER];
    FS_TRY(fs_folder_file(folder, name, &path, err));
    FS_TRY(fs_csv_begin(o, stream, path, head, phase->stopped, err));
    fprintf(*stream, "# flow: %s\n# plane: %s\n", fs_flow_name(phase->kind), phase->exact ? "all of L" : "a slice of L");
    if (phase->centre_text[0]) fprintf(*stream, "# centre: %s\n", fs_text_line(phase->centre_text, sizeof line, line));
    for (int k = 0; k < 2; k++)
        fprintf(*stream, "# %s: %s, in %s\n", k ? "b" : "a", fs_text_line(phase->axis[k].name, sizeof line, line), phase->axis[k].in_N ? "N" : "E");
    fprintf(*stream, "# penalty: %s %s; %s %s\n", fs_number_format(phase->penalty[0][0], number[0]), fs_number_format(phase->penalty[0][1], number[1]),
            fs_number_format(phase->penalty[1][0], number[2]), fs_number_format(phase->penalty[1][1], number[3]));
    fputs(header, *stream);
    return FS_OK;
}

static fs_status write_field(fs_folder *folder, const fs_report_head *head, const fs_phase *phase, fs_err *err)
{
    static const char header[] =
        "# the field at gamma = 0; at gamma it is less by gamma times the penalty matrix times (a, b)\n"
        "a,b,risk,velocity_a,velocity_b\n";
    fs_output *o;
    FILE *stream;
    FS_TRY(begin(&o, &stream, folder, "field.csv", head, phase, header, err));
    for (size_t j = 0; j < phase->grid; j++)
        for (size_t i = 0; i < phase->grid; i++) {
            const size_t at = j * phase->grid + i;
            row(stream, 5, (const double[]){ phase->a[i], phase->b[j], phase->risk[at], phase->field[2 * at], phase->field[2 * at + 1] });
            fputc('\n', stream);
        }
    return fs_output_commit(o, err);
}

static fs_status write_points(fs_folder *folder, const fs_report_head *head, const fs_phase *phase, fs_err *err)
{
    static const char header[] =
        "# stationary points in the window; kind, lowest, highest: of the Hessian of the objective on all of L, whose eigenvalues are\n"
        "# lowest to highest +- error\n"
        "gamma,a,b,kind,lowest,highest,error,risk,distance\n";
    fs_output *o;
    FILE *stream;
    FS_TRY(begin(&o, &stream, folder, "points.csv", head, phase, header, err));
    for (size_t k = 0; k < phase->n_panels; k++)
        for (size_t i = 0; i < phase->panel[k].n_points; i++) {
            const fs_phase_point *p = &phase->panel[k].point[i];
            row(stream, 3, (const double[]){ phase->panel[k].gamma, p->place[0], p->place[1] });
            fprintf(stream, ",%s,", fs_phase_point_word(p));
            row(stream, 5, (const double[]){ p->lowest, p->highest, p->error, p->risk, p->distance });
            fputc('\n', stream);
        }
    return fs_output_commit(o, err);
}

/* t: NULL where the curve has no times. */
static void curve_rows(FILE *stream, double gamma, const char *kind, size_t index, size_t n, const double *t, const double *place)
{
    char number[FS_TEXT_NUMBER];
    for (size_t i = 0; i < n; i++) {
        fprintf(stream, "%s,%s,%zu,", fs_number_format(gamma, number), kind, index + 1);
        row(stream, 3, (const double[]){ t ? t[i] : (double)NAN, place[2 * i], place[2 * i + 1] });
        fputc('\n', stream);
    }
}

static fs_status write_curves(fs_folder *folder, const fs_report_head *head, const fs_phase *phase, fs_err *err)
{
    static const char header[] =
        "# kind: streamline, separatrix, path; index: from 1 in each panel and kind; t: of paths only\n"
        "gamma,kind,index,t,a,b\n";
    fs_output *o;
    FILE *stream;
    FS_TRY(begin(&o, &stream, folder, "curves.csv", head, phase, header, err));
    for (size_t k = 0; k < phase->n_panels; k++) {
        const fs_phase_panel *p = &phase->panel[k];
        for (size_t i = 0; p->streamlines && i < p->streamlines->n; i++)
            curve_rows(stream, p->gamma, "streamline", i, p->streamlines->line[i].n, NULL, p->streamlines->line[i].place);
        for (size_t i = 0; i < p->n_separatrices; i++) curve_rows(stream, p->gamma, "separatrix", i, p->separatrix[i].n, NULL, p->separatrix[i].place);
        for (size_t i = 0; i < p->n_paths; i++) curve_rows(stream, p->gamma, "path", i, p->path[i].n, p->path[i].t, p->path[i].place);
    }
    return fs_output_commit(o, err);
}

fs_status fs_csv_write_phase(fs_folder *folder, const fs_report_head *head, const fs_phase *phase, fs_err *err)
{
    FS_TRY(write_field(folder, head, phase, err));
    FS_TRY(write_points(folder, head, phase, err));
    return write_curves(folder, head, phase, err);
}
