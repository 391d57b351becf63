/* problem/readers.c -- from a file's samples to the samples of a run
 *
 *   decode -> select classes and count -> zero-pad and block-average -> normalise
 *
 * Padding: both sides to P, the next multiple of `size` at or above the longer one; the image sits in the middle,
 * an odd row or column is added at the bottom or right.  Averaging over blocks of (P / size)^2 pixels.
 * Order: class by class as selected, file order within a class; targets: file order.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "problem/readers.h"

#include "base/files.h"
#include "problem/raw.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SIZE 4096           /* pixels a side */

/* --- sources --------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    int files;                          /* how many paths it needs */
    fs_status (*read)(const fs_data_spec *spec, fs_raw *raw, fs_err *err);
} sources[] = {
    { "embedded", 0, fs_raw_read_embedded },
    { "idx",      2, fs_raw_read_idx },
    { "npy",      2, fs_raw_read_npy },
    { "csv",      1, fs_raw_read_csv },
};

static fs_status read_raw(const fs_data_spec *spec, fs_raw *raw, fs_err *err)
{
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        if (!spec->source || strcmp(spec->source, sources[i].name) != 0) continue;
        if ((sources[i].files > 0 && !spec->images) || (sources[i].files > 1 && !spec->labels))
            return fs_fail(err, FS_EINPUT, "data source %s: expected a file of images%s, found no %s", sources[i].name,
                           sources[i].files > 1 ? " and a file of labels" : "", spec->images ? "labels" : "images");
        return sources[i].read(spec, raw, err);
    }
    return fs_fail(err, FS_EINPUT, "expected data source embedded, idx, npy or csv, found %s", spec->source ? spec->source : "none");
}

int fs_raw_is_label(double value)
{
    return value >= 0.0 && value <= (double)INT_MAX && value == floor(value);
}

void fs_raw_clear(fs_raw *raw)
{
    free(raw->byte);
    free(raw->real);
    free(raw->label);
    free(raw->target);
    *raw = (fs_raw){ 0 };
}

static const char *name_of(const fs_data_spec *spec)
{
    return spec->images && strcmp(spec->source, "embedded") != 0 ? spec->images : "embedded images";
}

/* --- which samples ------------------------------------------------------------------------------ */

static int compare_labels(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

/* The labels present, ascending, each once; NULL when memory is short.  Caller frees. */
static int *labels_present(const fs_raw *raw, size_t *n)
{
    int *present = fs_calloc(raw->n, sizeof *present);
    if (!present) return NULL;
    memcpy(present, raw->label, raw->n * sizeof *present);
    qsort(present, raw->n, sizeof *present, compare_labels);
    *n = 1;
    for (size_t i = 1; i < raw->n; i++)
        if (present[i] != present[*n - 1]) present[(*n)++] = present[i];
    return present;
}

/* "0, 1, 2, ... 9": as many as fit. */
static const char *list_labels(const int *present, size_t n, char *text, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        int last = i + 1 == n || used + 32 < size;
        used += (size_t)snprintf(text + used, size - used, "%s%d", !i ? "" : last ? ", " : ", ... ", present[last ? i : n - 1]);
        if (!last) break;
    }
    return text;
}

/* Each class once and present in the data. */
static fs_status check_classes(const fs_data_spec *spec, const int *present, size_t n_present, fs_err *err)
{
    char text[200];
    for (size_t c = 0; c < spec->n_classes; c++) {
        for (size_t b = 0; b < c; b++)
            if (spec->classes[b] == spec->classes[c])
                return fs_fail(err, FS_EINPUT, "classes: expected each class once, found %d twice", spec->classes[c]);
        if (!bsearch(&spec->classes[c], present, n_present, sizeof *present, compare_labels))
            return fs_fail(err, FS_EINPUT, "%s: expected class %d among the labels, found only %s", name_of(spec), spec->classes[c],
                           list_labels(present, n_present, text, sizeof text));
    }
    return FS_OK;
}

/* The first `count` samples of one class (0: all), appended with their label in the result. */
static fs_status pick_class(const fs_data_spec *spec, const fs_raw *raw, int class, int label, fs_samples *out, fs_err *err)
{
    size_t found = 0;
    for (size_t i = 0; i < raw->n && (!spec->count || found < spec->count); i++) {
        if (raw->label[i] != class) continue;
        out->label[out->n] = label;
        out->origin[out->n++] = i;
        found++;
    }
    if (found < spec->count)
        return fs_fail(err, FS_EINPUT, "%s: expected %zu samples of class %d, found %zu", name_of(spec), spec->count, class, found);
    return FS_OK;
}

/* Fills n, origin, label, n_classes: renamed by their place in `classes`, otherwise as they are. */
static fs_status select_by_class(const fs_data_spec *spec, const fs_raw *raw, fs_samples *out, fs_err *err)
{
    fs_status status;
    size_t n_present = 0;
    int *present = labels_present(raw, &n_present);
    out->label = fs_calloc(raw->n, sizeof *out->label);
    if (!present || !out->label) {
        status = fs_fail(err, FS_ENOMEM, "%s: no memory for %zu labels", name_of(spec), raw->n);
        goto done;
    }
    status = check_classes(spec, present, n_present, err);
    out->n_classes = spec->n_classes ? spec->n_classes : (size_t)present[n_present - 1] + 1;
    for (size_t c = 0; !status && c < spec->n_classes; c++) status = pick_class(spec, raw, spec->classes[c], (int)c, out, err);
    for (size_t c = 0; !status && !spec->n_classes && c < n_present; c++)
        status = pick_class(spec, raw, present[c], present[c], out, err);
done:
    free(present);
    return status;
}

/* Regression: all samples are one class; fills n, origin, target, k. */
static fs_status select_targets(const fs_data_spec *spec, const fs_raw *raw, fs_samples *out, fs_err *err)
{
    if (spec->n_classes)
        return fs_fail(err, FS_EINPUT, "classes: expected data with labels, found targets in %s", name_of(spec));
    if (spec->count > raw->n)
        return fs_fail(err, FS_EINPUT, "%s: expected %zu samples, found %zu", name_of(spec), spec->count, raw->n);
    out->n = spec->count ? spec->count : raw->n;
    out->k = raw->k;
    out->target = fs_calloc(out->n * out->k, sizeof *out->target);
    if (!out->target) return fs_fail(err, FS_ENOMEM, "%s: no memory for %zu targets", name_of(spec), out->n);
    memcpy(out->target, raw->target, out->n * out->k * sizeof *out->target);
    for (size_t i = 0; i < out->n; i++) out->origin[i] = i;
    return FS_OK;
}

/* --- pixels ------------------------------------------------------------------------------------- */

/* Where an image lies in the padded square, and the blocks that are averaged. */
typedef struct {
    size_t top, left;
    size_t block;                       /* pixels a side; 1 without padding: as is */
} frame;

static fs_status choose_frame(const fs_data_spec *spec, const fs_raw *raw, frame *f, fs_samples *out, fs_err *err)
{
    out->channels = raw->channels;
    out->height = raw->height;
    out->width = raw->width;
    *f = (frame){ .block = 1 };
    if (!spec->size) return FS_OK;
    if (spec->size > MAX_SIZE)
        return fs_fail(err, FS_EINPUT, "size: expected at most %d pixels a side, found %zu", MAX_SIZE, spec->size);
    if (raw->height == 1 && raw->width == 1)
        return fs_fail(err, FS_EINPUT, "size: expected images to resize, found vectors in %s", name_of(spec));
    size_t side = raw->height > raw->width ? raw->height : raw->width;
    f->block = (side - 1) / spec->size + 1;
    side = f->block * spec->size;
    f->top = (side - raw->height) / 2;
    f->left = (side - raw->width) / 2;
    out->height = out->width = spec->size;
    return FS_OK;
}

static double pixel(const fs_raw *raw, size_t plane, size_t row, size_t col)
{
    size_t at = (plane * raw->height + row) * raw->width + col;
    return raw->byte ? (double)raw->byte[at] : raw->real[at];
}

/* Mean of the block at (row, col) of the result; rows and columns outside the image are zero. */
static double block_mean(const fs_raw *raw, const frame *f, size_t plane, size_t row, size_t col)
{
    double sum = 0.0;
    for (size_t i = row * f->block; i < (row + 1) * f->block; i++)
        for (size_t j = col * f->block; j < (col + 1) * f->block; j++)
            if (i >= f->top && i - f->top < raw->height && j >= f->left && j - f->left < raw->width)
                sum += pixel(raw, plane, i - f->top, j - f->left);
    return sum / ((double)f->block * (double)f->block);
}

static fs_status fill_pixels(const fs_data_spec *spec, const fs_raw *raw, size_t *entries, fs_samples *out, fs_err *err)
{
    frame f;
    FS_TRY(choose_frame(spec, raw, &f, out, err));
    size_t planes;
    if (__builtin_mul_overflow(out->n, out->channels, &planes) || __builtin_mul_overflow(planes, out->height * out->width, entries))
        return fs_fail(err, FS_EINPUT, "%s: expected samples that fit the address space, found more", name_of(spec));
    out->x = fs_calloc(*entries, sizeof *out->x);
    if (!out->x)
        return fs_fail(err, FS_ENOMEM, "%s: no memory for %zu samples of %zu x %zu x %zu numbers", name_of(spec), out->n, out->channels,
                       out->height, out->width);
    double *x = out->x;
    for (size_t s = 0; s < out->n; s++)
        for (size_t c = 0; c < out->channels; c++)
            for (size_t i = 0; i < out->height; i++)
                for (size_t j = 0; j < out->width; j++) *x++ = block_mean(raw, &f, out->origin[s] * raw->channels + c, i, j);
    for (size_t i = 0; i < *entries; i++)
        if (!isfinite(out->x[i]))
            return fs_fail(err, FS_EINPUT, "%s: expected pixels whose block average is finite, found an overflow in sample %zu",
                           name_of(spec), out->origin[i / (*entries / out->n)]);
    return FS_OK;
}

/* --- normalisation -------------------------------------------------------------------------------- */

/* x <- (x - shift) / scale */
static void rescale(double *x, size_t n, double shift, double scale)
{
    for (size_t i = 0; i < n; i++) x[i] = (x[i] - shift) / scale;
}

/* One mean and one standard deviation over all n numbers; range = max - min scales them, so that no square underflows. */
static void moments(const double *x, size_t n, double range, double *mean, double *deviation)
{
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < n; i++) sum += x[i];
    *mean = sum / (double)n;
    for (size_t i = 0; i < n; i++) {
        double d = (x[i] - *mean) / range;
        squares += d * d;
    }
    *deviation = range * sqrt(squares / (double)n);
}

static fs_status normalise(const fs_data_spec *spec, int bytes, double *x, size_t n, fs_err *err)
{
    if (spec->normalise == FS_NORMALISE_NONE) return FS_OK;
    if (spec->normalise == FS_NORMALISE_UNIT && bytes) {
        rescale(x, n, 0.0, 255.0);
        return FS_OK;
    }
    double least = x[0], greatest = x[0], shift, spread;
    char number[32], other[32];
    for (size_t i = 1; i < n; i++) {
        if (x[i] < least) least = x[i];
        if (x[i] > greatest) greatest = x[i];
    }
    if (!(least < greatest))
        return fs_fail(err, FS_EINPUT, "%s: expected values that vary (normalise divides by the spread), found constant data, all %s",
                       name_of(spec), fs_number_format(least, number));
    shift = least;
    spread = greatest - least;
    if (spec->normalise == FS_NORMALISE_STANDARD) moments(x, n, spread, &shift, &spread);
    if (!(spread > 0.0 && isfinite(spread) && isfinite(shift)))
        return fs_fail(err, FS_EINPUT, "%s: expected values whose spread is a positive double, found values from %s to %s", name_of(spec),
                       fs_number_format(least, number), fs_number_format(greatest, other));
    rescale(x, n, shift, spread);
    return FS_OK;
}

/* --- all together --------------------------------------------------------------------------------- */

fs_status fs_samples_read(const fs_data_spec *spec, fs_samples *out, fs_err *err)
{
    fs_status status;
    fs_raw raw = { 0 };
    size_t entries = 0;
    *out = (fs_samples){ 0 };

    status = read_raw(spec, &raw, err);
    if (status) goto done;
    out->origin = fs_calloc(raw.n, sizeof *out->origin);
    if (!out->origin) {
        status = fs_fail(err, FS_ENOMEM, "%s: no memory for %zu samples", name_of(spec), raw.n);
        goto done;
    }
    status = raw.label ? select_by_class(spec, &raw, out, err) : select_targets(spec, &raw, out, err);
    if (status) goto done;
    status = fill_pixels(spec, &raw, &entries, out, err);
    if (status) goto done;
    status = normalise(spec, raw.byte != NULL, out->x, entries, err);
done:
    fs_raw_clear(&raw);
    if (status) fs_samples_clear(out);
    return status;
}

void fs_samples_clear(fs_samples *s)
{
    free(s->x);
    free(s->label);
    free(s->target);
    free(s->origin);
    *s = (fs_samples){ 0 };
}
