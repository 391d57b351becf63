/* base/sparse.c -- sparse matrices by rows (CSR)
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/sparse.h"

#include <stdlib.h>

fs_status fs_sparse_create(fs_sparse **out, size_t rows, size_t cols, size_t entries, fs_err *err)
{
    *out = NULL;
    if (cols > UINT32_MAX)
        return fs_fail(err, FS_EINPUT, "expected at most %u columns in a sparse matrix, found %zu", UINT32_MAX, cols);
    fs_sparse *A = fs_calloc(1, sizeof *A);
    if (!A) goto nomem;
    A->rows = rows;
    A->cols = cols;
    A->ptr = fs_calloc(rows + 1, sizeof *A->ptr);
    A->col = fs_calloc(entries, sizeof *A->col);
    A->val = fs_calloc(entries, sizeof *A->val);
    if (!A->ptr || !A->col || !A->val) goto nomem;
    *out = A;
    return FS_OK;
nomem:
    fs_sparse_destroy(A);
    return fs_fail(err, FS_ENOMEM, "sparse matrix of %zu rows and %zu entries", rows, entries);
}

void fs_sparse_destroy(fs_sparse *A)
{
    if (!A) return;
    free(A->ptr);
    free(A->col);
    free(A->val);
    free(A);
}

void fs_sparse_mul(const fs_sparse *A, const double *x, double *y)
{
    for (size_t i = 0; i < A->rows; i++) {
        double s = 0.0;
        for (size_t e = A->ptr[i]; e < A->ptr[i + 1]; e++) s += A->val[e] * x[A->col[e]];
        y[i] = s;
    }
}

void fs_sparse_mul_transpose_add(const fs_sparse *A, const double *x, double *y)
{
    for (size_t i = 0; i < A->rows; i++)
        for (size_t e = A->ptr[i]; e < A->ptr[i + 1]; e++) y[A->col[e]] += A->val[e] * x[i];
}
