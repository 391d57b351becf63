/* problem/arrays.c -- samples from .npy files
 *
 *   images  (N, H, W), (N, C, H, W), or vectors (N, d)
 *   labels  (N) whole numbers, or targets (N, k)
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/files.h"
#include "problem/raw.h"

#include <limits.h>

/* (N, d) -> (N, d, 1, 1); (N, H, W) -> (N, 1, H, W).  Takes the values. */
static fs_status take_images(const char *path, fs_array *a, fs_raw *raw, fs_err *err)
{
    if (a->dim < 2 || a->dim > 4)
        return fs_fail(err, FS_EINPUT, "%s: expected images (N, H, W) or (N, C, H, W) or vectors (N, d), found %zu ax%s", path, a->dim,
                       a->dim == 1 ? "is" : "es");
    if (!a->count)
        return fs_fail(err, FS_EINPUT, "%s: expected at least one sample of at least one number, found an empty array", path);
    raw->n = a->shape[0];
    raw->channels = a->dim == 3 ? 1 : a->shape[1];
    raw->height = a->dim == 2 ? 1 : a->shape[a->dim - 2];
    raw->width = a->dim == 2 ? 1 : a->shape[a->dim - 1];
    raw->real = a->data;
    a->data = NULL;
    return FS_OK;
}

static fs_status take_labels(const char *path, fs_array *a, fs_raw *raw, fs_err *err)
{
    char number[32];
    if (a->dim < 1 || a->dim > 2 || (a->dim == 2 && !a->shape[1]))
        return fs_fail(err, FS_EINPUT, "%s: expected labels (N) or targets (N, k) with k > 0, found %zu ax%s%s", path, a->dim,
                       a->dim == 1 ? "is" : "es", a->dim == 2 ? ", the second of length 0" : "");
    if (a->shape[0] != raw->n)
        return fs_fail(err, FS_EINPUT, "%s: expected labels or targets for all %zu samples, found %zu", path, raw->n, a->shape[0]);
    if (a->dim == 2) {
        raw->k = a->shape[1];
        raw->target = a->data;
        a->data = NULL;
        return FS_OK;
    }
    raw->label = fs_calloc(raw->n, sizeof *raw->label);
    if (!raw->label) return fs_fail(err, FS_ENOMEM, "%s: no memory for %zu labels", path, raw->n);
    for (size_t i = 0; i < raw->n; i++) {
        if (!fs_raw_is_label(a->data[i]))
            return fs_fail(err, FS_EINPUT, "%s: entry (%zu): expected a label (a whole number from 0 to %d), found %s", path, i, INT_MAX,
                           fs_number_format(a->data[i], number));
        raw->label[i] = (int)a->data[i];
    }
    return FS_OK;
}

fs_status fs_raw_read_npy(const fs_data_spec *spec, fs_raw *raw, fs_err *err)
{
    fs_array images = { 0 }, labels = { 0 };
    fs_status status = fs_npy_read(spec->images, &images, err);
    if (!status) status = take_images(spec->images, &images, raw, err);
    if (!status) status = fs_npy_read(spec->labels, &labels, err);
    if (!status) status = take_labels(spec->labels, &labels, raw, err);
    fs_array_clear(&images);
    fs_array_clear(&labels);
    return status;
}
