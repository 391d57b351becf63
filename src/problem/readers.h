/* problem/readers.h -- images and labels from files
 *
 *   idx       IDX or IDX.gz (MNIST, Fashion-MNIST): unsigned bytes, images (N, H, W), labels (N)
 *   npy       images (N, H, W), (N, C, H, W) or vectors (N, d); labels (N) whole numbers or targets (N, k)
 *   csv       a header row, then one sample a row: all columns but the trailing label (or `targets` trailing columns) are x
 *   embedded  100 Fashion-MNIST images (10 of each class) compiled into the library
 *
 * Order of the samples: class by class as `classes` has them (without: labels ascending), file order within a class;
 * with targets instead of labels: file order, and `count` is the number of samples.  `classes` renames the labels to
 * 0, 1, ... in its order; without it they stay as the file has them, gaps and all.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_PROBLEM_READERS_H
#define FS_PROBLEM_READERS_H

#include "base/status.h"

typedef enum { FS_NORMALISE_NONE, FS_NORMALISE_UNIT, FS_NORMALISE_STANDARD } fs_normalise;

/* Plain: what a model file's `data` says. */
typedef struct {
    const char *source;             /* "embedded", "idx", "npy", "csv" */
    const char *images, *labels;    /* resolved paths (csv: images is the file, labels NULL) */
    const int *classes;             /* only these, renamed 0, 1, ... in this order; n_classes 0: all, as they are */
    size_t n_classes;
    size_t count;                   /* samples per class in file order; 0: all */
    size_t size;                    /* zero-pad symmetrically to a multiple of size, then block-average to size x size; 0: as is */
    fs_normalise normalise;         /* unit: bytes / 255 (idx, embedded) or (x - min) / (max - min); standard: one mean 0, variance 1 over all pixels used */
    size_t targets;                 /* csv: how many trailing columns are targets; 0: the last column is a label */
} fs_data_spec;

/* What was read.  Every x and target is finite; n, channels, height, width are positive.  Labels and targets exclude each other. */
typedef struct {
    size_t n, channels, height, width;  /* vectors: (d, 1, 1) */
    double *x;                          /* (n, channels, height, width) */
    int *label;                         /* (n), 0 .. n_classes-1, or NULL */
    size_t n_classes;                   /* of `classes`, or the largest label + 1 */
    double *target;                     /* (n, k), or NULL */
    size_t k;
    size_t *origin;                     /* (n): which sample of the file, counted from 0 */
} fs_samples;

/* FS_EINPUT: a file that is not what it claims, a class that is not there, fewer samples than `count`, values that cannot be
 * normalised (constant); FS_EIO: reading failed; FS_ENOMEM.  Caller clears *out; after a failure it is empty. */
fs_status fs_samples_read(const fs_data_spec *spec, fs_samples *out, fs_err *err);
void fs_samples_clear(fs_samples *s);

#endif
