/* problem/csv.c -- one sample a row, cells separated by commas
 *
 *   a header row with the columns' names (quoted or not), then rows of numbers, all of the header's length:
 *   x_1 ... x_d label          targets = 0: the last column is a whole number
 *   x_1 ... x_d y_1 ... y_k    targets = k: the last k columns are targets
 *
 * RFC 4180 as far as numbers need it: lines end in LF or CRLF, no quotes around numbers, no blanks, no empty
 * lines.  Messages say file:row:column, both counted from 1, the header being row 1.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/files.h"
#include "problem/raw.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *path;
    char *at;                           /* the rest of the text, terminated by 0; cells are cut in place */
    size_t row, column;                 /* of the cell read last */
    size_t columns;                     /* as the header has them */
    fs_err *err;
} reader;

/* What a message may show of a cell. */
static const char *shown(const char *cell, char *buffer, size_t size)
{
    size_t n = 0;
    for (; n < size - 1 && cell[n]; n++) buffer[n] = cell[n] >= ' ' && cell[n] <= '~' ? cell[n] : '?';
    buffer[n] = 0;
    return buffer;
}

/* Cuts the next line off the text, without its end. */
static char *next_line(reader *r)
{
    char *line = r->at, *end = strchr(line, '\n');
    r->row++;
    r->column = 0;
    r->at = end ? end + 1 : line + strlen(line);
    if (!end) end = r->at;
    if (end > line && end[-1] == '\r') end--;
    *end = 0;
    return line;
}

/* Cuts the next cell off a line; *line becomes NULL behind the last one. */
static char *next_cell(reader *r, char **line)
{
    char *cell = *line, *comma = strchr(cell, ',');
    r->column++;
    if (comma) *comma = 0;
    *line = comma ? comma + 1 : NULL;
    return cell;
}

/* Whether a header cell, perhaps quoted, is a number; steps over it.  A quote that is not closed is an error. */
static fs_status header_cell(reader *r, char **line, int *is_number)
{
    double value;
    r->column++;
    *is_number = 0;
    if (**line != '"') {
        r->column--;
        *is_number = fs_number_parse(next_cell(r, line), &value) == FS_OK;
        return FS_OK;
    }
    char *c = *line + 1;
    while (*c && (*c != '"' || c[1] == '"')) c += *c == '"' ? 2 : 1;
    if (!*c || (c[1] && c[1] != ','))
        return fs_fail(r->err, FS_EINPUT, "%s:%zu:%zu: expected a name in double quotes, found no closing quote before the %s", r->path,
                       r->row, r->column, *c ? "next cell" : "end of the line");
    *line = c[1] ? c + 2 : NULL;
    return FS_OK;
}

static fs_status read_header(reader *r, size_t trailing)
{
    int numbers = 0, is_number;
    for (char *line = next_line(r); line; r->columns++) {
        FS_TRY(header_cell(r, &line, &is_number));
        numbers += is_number;
    }
    if (numbers)
        return fs_fail(r->err, FS_EINPUT, "%s:1: expected a header row with the columns' names, found %s", r->path,
                       (size_t)numbers == r->columns ? "only numbers" : "a number among them");
    if (trailing >= r->columns)
        return fs_fail(r->err, FS_EINPUT, "%s:1: expected at least %zu columns separated by commas (x, then %s), found %zu", r->path,
                       trailing + 1, trailing == 1 ? "a label or target" : "targets", r->columns);
    return FS_OK;
}

static fs_status read_number(reader *r, char **line, double *value)
{
    char found[41];
    const char *cell = next_cell(r, line);
    if (!*cell)
        return fs_fail(r->err, FS_EINPUT, "%s:%zu:%zu: expected a number, found an empty cell", r->path, r->row, r->column);
    if (fs_number_parse(cell, value) != FS_OK)
        return fs_fail(r->err, FS_EINPUT, "%s:%zu:%zu: expected a finite number such as -1.5e-3, found \"%s\"", r->path, r->row,
                       r->column, shown(cell, found, sizeof found));
    return FS_OK;
}

/* Every row has as many cells as the header; so n rows are bounded by the bytes present. */
static fs_status count_rows(const reader *r, size_t *n)
{
    for (const char *c = r->at; *c; ++*n) {
        size_t cells = 1, length = strcspn(c, "\r\n");
        for (; *c && *c != '\n'; c++) cells += *c == ',';
        if (*c) c++;
        if (cells != r->columns)
            return fs_fail(r->err, FS_EINPUT, "%s:%zu:%zu: expected %zu cells as in the header, found %zu%s", r->path, r->row + *n + 1,
                           cells < r->columns ? cells : r->columns + 1, r->columns, length ? cells : 0,
                           !length ? " (an empty row)" : cells > r->columns ? " (a decimal comma? numbers have a point)" : "");
    }
    if (!*n)
        return fs_fail(r->err, FS_EINPUT, "%s:%zu: expected at least one row of numbers, found the end of the file", r->path, r->row + 1);
    return FS_OK;
}

/* d numbers to x, then k targets to y, or with y NULL a label. */
static fs_status read_row(reader *r, double *x, size_t d, double *y, int *label)
{
    double value;
    char number[32], *line = next_line(r);
    for (size_t j = 0; j < r->columns; j++) {
        FS_TRY(read_number(r, &line, &value));
        if (j < d) x[j] = value;
        else if (y) y[j - d] = value;
        else if (fs_raw_is_label(value)) *label = (int)value;
        else
            return fs_fail(r->err, FS_EINPUT, "%s:%zu:%zu: expected a label (a whole number from 0 to %d), found %s", r->path,
                           r->row, r->column, INT_MAX, fs_number_format(value, number));
    }
    return FS_OK;
}

static fs_status read_table(reader *r, size_t targets, fs_raw *raw)
{
    FS_TRY(read_header(r, targets ? targets : 1));
    FS_TRY(count_rows(r, &raw->n));
    raw->channels = r->columns - (targets ? targets : 1);
    raw->height = raw->width = 1;
    raw->k = targets;
    raw->real = fs_calloc(raw->n * raw->channels, sizeof *raw->real);
    if (targets) raw->target = fs_calloc(raw->n * targets, sizeof *raw->target);
    else raw->label = fs_calloc(raw->n, sizeof *raw->label);
    if (!raw->real || (targets ? !raw->target : !raw->label))
        return fs_fail(r->err, FS_ENOMEM, "%s: no memory for %zu rows of %zu numbers", r->path, raw->n, r->columns);

    for (size_t i = 0; i < raw->n; i++)
        FS_TRY(read_row(r, raw->real + i * raw->channels, raw->channels, targets ? raw->target + i * targets : NULL,
                        targets ? NULL : raw->label + i));
    return FS_OK;
}

/* Where the first NUL byte is; the cells are cut as strings, so there may be none. */
static fs_status refuse_nul(const char *path, const char *text, size_t size, fs_err *err)
{
    const char *nul = memchr(text, 0, size);
    size_t row = 1;
    if (!nul) return FS_OK;
    for (const char *c = text; c < nul; c++) row += *c == '\n';
    return fs_fail(err, FS_EINPUT, "%s:%zu: expected text, found a NUL byte", path, row);
}

fs_status fs_raw_read_csv(const fs_data_spec *spec, fs_raw *raw, fs_err *err)
{
    char *text;
    size_t size;
    FS_TRY(fs_file_read(spec->images, FS_FILE_LARGEST, &text, &size, err));
    fs_status status = refuse_nul(spec->images, text, size, err);
    if (!status) {
        int mark = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;        /* UTF-8's byte order mark */
        reader r = { .path = spec->images, .at = text + (mark ? 3 : 0), .err = err };
        status = *r.at ? read_table(&r, spec->targets, raw)
                       : fs_fail(err, FS_EINPUT, "%s:1: expected a header row, found an empty file", spec->images);
    }
    free(text);
    return status;
}
