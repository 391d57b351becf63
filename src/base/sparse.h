/* base/sparse.h -- sparse matrices by rows (CSR)
 *
 * A (rows, cols): entries ptr[i] .. ptr[i+1]-1 of col, val belong to row i.
 * Products sum in index order, so the same matrix gives the same bits everywhere.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_BASE_SPARSE_H
#define FS_BASE_SPARSE_H

#include "base/status.h"

#include <stdint.h>

/* Plain: the fields are the meaning. */
typedef struct {
    size_t rows, cols;
    size_t *ptr;        /* rows + 1 */
    uint32_t *col;      /* ptr[rows] */
    double *val;        /* ptr[rows] */
} fs_sparse;

/* Empty matrix with room for `entries` entries; ptr is zeroed.  The caller owns *out. */
fs_status fs_sparse_create(fs_sparse **out, size_t rows, size_t cols, size_t entries, fs_err *err);
void fs_sparse_destroy(fs_sparse *A);

/* y = A x          x (cols), y (rows) */
void fs_sparse_mul(const fs_sparse *A, const double *x, double *y);
/* y += A^T x       x (rows), y (cols) */
void fs_sparse_mul_transpose_add(const fs_sparse *A, const double *x, double *y);

#endif
