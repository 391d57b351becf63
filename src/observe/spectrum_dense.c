/* observe/spectrum_dense.c -- all eigenvalues, from the Hessian formed and LAPACK
 *
 *   H (dim L, dim L) in adapted coordinates,    C = U H_N U^T,  the rows of U bases of the isotypic components of N one after the other
 *
 * The diagonal blocks of C hold the eigenvalues of the irreducibles; what stands outside of them is measured.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "observe/spectrum_private.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double most_work = 2e10;   /* numbers moved by the projections of all components, some tens of seconds */

/* H = -(J + gamma 1_N) and what is measured of it. */
static fs_status form(fs_spectrum_work *k, double *H, fs_err *err)
{
    fs_spectrum *s = k->s;
    double gamma = fs_flow_gamma(k->f), sum = 0.0, off = 0.0;
    fs_status status = fs_flow_jacobian(k->f, k->w, H);
    if (status != FS_OK) return fs_fail(err, status, "Hessian of dimension %zu: %s", k->n, fs_status_text(status));
    for (size_t i = 0; i < k->n; i++)
        for (size_t j = 0; j < k->n; j++) {
            double *h = H + i * k->n + j;
            *h = -*h;
            if (i == j && i >= k->E) *h -= gamma;
            sum += *h * *h;
            if (i < k->E && j >= k->E) off += *h * *h;
        }
    s->norm = sqrt(sum);
    s->off_EN = sqrt(off);
    s->off_tolerance = fs_spectrum_rounding(k, s->norm);
    return FS_OK;
}

/* C = U H_N U^T, all (dim N, dim N) */
static fs_status change_basis(const fs_spectrum_work *k, const double *H, const double *U, double *C, fs_err *err)
{
    int N = (int)k->N, n = (int)k->n;
    double *UH = fs_calloc(k->N, k->N * sizeof *UH);
    if (!UH) return fs_fail(err, FS_ENOMEM, "a matrix of %zu x %zu numbers", k->N, k->N);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, N, N, N, 1.0, U, N, H + k->E * k->n + k->E, n, 0.0, UH, N);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, N, N, N, 1.0, UH, N, U, N, 0.0, C, N);
    free(UH);
    return FS_OK;
}

/* The squares of C (dim N, dim N) outside of its diagonal blocks. */
static double outside(const fs_spectrum_work *k, const double *C)
{
    double sum = 0.0;
    size_t from = 0;
    for (size_t b = 1; b < k->s->n_blocks; b++) {
        size_t to = from + k->s->block[b].dim;
        for (size_t i = from; i < to; i++)
            for (size_t j = 0; j < k->N; j++)
                if (j < from || j >= to) sum += C[i * k->N + j] * C[i * k->N + j];
        from = to;
    }
    return sum;
}

/* U (dim N, dim N) from the bases of all blocks; s->n_blocks = 0 where one is not found. */
static fs_status all_bases(fs_spectrum_work *k, const size_t *index, double *U, fs_err *err)
{
    fs_spectrum *s = k->s;
    size_t row = 0;
    int found = 1;
    char stage[96];
    for (size_t b = 1; b < s->n_blocks && found; b++) {
        fs_spectrum_stage(&s->block[b], stage);
        if (fs_spectrum_stopped(k, stage)) return FS_OK;
        FS_TRY(fs_spectrum_block_basis(k, &s->block[b], index[b], U + row * k->N, &found, err));
        row += s->block[b].dim;
    }
    if (!found) fs_spectrum_unlist_blocks(s);
    return FS_OK;
}

static int is_too_much_work(fs_spectrum_work *k)
{
    double work = 0.0;
    for (size_t b = 1; b < k->s->n_blocks; b++) work += (double)(k->s->block[b].dim + 8) / (double)k->s->block[b].copies;
    work *= fs_spectrum_projection_work(k);
    if (work <= most_work) return 0;
    fs_spectrum_say(k->s, "not split by irreducible: the projections would move %.1e numbers, more than %.0e", work, most_work);
    fs_spectrum_unlist_blocks(k->s);
    return 1;
}

static fs_status solve_blocks(fs_spectrum_work *k, const double *H, const size_t *index, double error, fs_err *err)
{
    fs_spectrum *s = k->s;
    size_t row = 0, room = k->N ? k->N * k->N : 1;
    char stage[96];
    double *U = fs_calloc(room, 2 * sizeof *U), *C = U + room;
    fs_status status = U ? all_bases(k, index, U, err) : fs_fail(err, FS_ENOMEM, "two matrices of %zu x %zu numbers", k->N, k->N);
    if (status != FS_OK || s->stopped || !s->n_blocks) goto done;
    if (k->N) status = change_basis(k, H, U, C, err);
    if (status != FS_OK) goto done;
    s->off_blocks = sqrt(2.0 * s->off_EN * s->off_EN + outside(k, C));
    status = fs_spectrum_copy_E(k, &s->block[0], err);
    for (size_t b = 1; b < s->n_blocks && status == FS_OK; b++) {
        fs_spectrum_stage(&s->block[b], stage);
        if (fs_spectrum_stopped(k, stage)) break;
        status = fs_spectrum_solve_block(k, &s->block[b], C + row * k->N + row, k->N, U + row * k->N, k->N, k->E, error, err);
        row += s->block[b].dim;
    }
done:
    free(U);
    return status;
}

static fs_status split(fs_spectrum_work *k, const double *H, double error, fs_err *err)
{
    size_t *index = NULL;
    fs_status status = fs_spectrum_list_blocks(k, &index, err);
    if (status == FS_OK && k->s->n_blocks && !is_too_much_work(k)) status = solve_blocks(k, H, index, error, err);
    free(index);
    return status;
}

fs_status fs_spectrum_dense(fs_spectrum_work *k, fs_err *err)
{
    fs_spectrum *s = k->s;
    if (fs_spectrum_stopped(k, "Hessian")) return FS_OK;
    double *H = fs_calloc(k->n, k->n * sizeof *H);
    fs_status status = H ? form(k, H, err) : fs_fail(err, FS_ENOMEM, "Hessian of dimension %zu", k->n);
    if (status != FS_OK) goto done;
    /* gamma was added and taken away again on N: its rounding counts too */
    double gamma = s->gamma, error = s->off_tolerance, error_N = error + DBL_EPSILON * gamma;
    if (!fs_spectrum_stopped(k, "spectrum on E")) status = fs_spectrum_solve_block(k, &s->E, H, k->n, NULL, 0, 0, error, err);
    if (status == FS_OK && !fs_spectrum_stopped(k, "spectrum on N"))
        status = fs_spectrum_solve_block(k, &s->N, H + k->E * k->n + k->E, k->n, NULL, 0, k->E, error_N, err);
    if (status == FS_OK && k->o->split && !s->stopped) status = split(k, H, error_N, err);
    if (status == FS_OK && k->o->whole && !fs_spectrum_stopped(k, "spectrum on L")) {
        for (size_t i = k->E; i < k->n; i++) H[i * k->n + i] += gamma;
        status = fs_spectrum_solve_block(k, &s->whole, H, k->n, NULL, 0, 0, error + fs_spectrum_rounding(k, gamma), err);
    }
done:
    free(H);
    return status;
}
