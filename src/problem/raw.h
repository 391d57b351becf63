/* problem/raw.h -- what the decoders hand to the reader: every sample of a file, before anything is selected or scaled
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_PROBLEM_RAW_H
#define FS_PROBLEM_RAW_H

#include "problem/readers.h"

/* Exactly one of byte and real is set, and at most one of label and target.  All arrays are owned. */
typedef struct {
    size_t n, channels, height, width;  /* vectors: (d, 1, 1); none of them 0 */
    unsigned char *byte;                /* (n, channels, height, width), 0 .. 255 */
    double *real;                       /* the same, finite */
    int *label;                         /* (n), >= 0, as the file has them */
    double *target;                     /* (n, k), finite */
    size_t k;
} fs_raw;

/* Each fills a zeroed *raw; on failure what is half done stays in *raw for fs_raw_clear. */
fs_status fs_raw_read_embedded(const fs_data_spec *spec, fs_raw *raw, fs_err *err);
fs_status fs_raw_read_idx(const fs_data_spec *spec, fs_raw *raw, fs_err *err);
fs_status fs_raw_read_npy(const fs_data_spec *spec, fs_raw *raw, fs_err *err);
fs_status fs_raw_read_csv(const fs_data_spec *spec, fs_raw *raw, fs_err *err);

/* Class ids: whole numbers 0 .. INT_MAX; 0 when value is something else. */
int fs_raw_is_label(double value);

void fs_raw_clear(fs_raw *raw);

#endif
