/* algebra/subspace_blocks.c -- any rho, any TL: null spaces of the constraints, block by block
 *
 * On an invariant block of b coordinates Q (m, b), orthonormal rows, spans the admissible part.  For the generators s and the basis
 * X_k of the Lie algebra
 *
 *   C = ((rho(s) - 1) Q^T; d rho(X_k) Q^T),   R^T R = C^T C,   R (m, m) by Householder reflections     [Finzi, Welling, Wilson]
 *
 * The singular values of C are those of R; right singular vectors V of the zeros give Q_E = V Q, the others Q_N.  Squares are never
 * formed, so a small singular value keeps its digits.
 *
 * What counts as zero.  Reflections and singular values move sigma by a small multiple of eps sigma_max; matrices rho(s) whose law holds up
 * to a defect in every entry may be off by b times that.  noise = b (64 eps max(1, sigma_max) + defect); a gap of 1e4 is required.  The span of
 * nearly dependent vectors is known less well, by their condition: then a zero that is above noise is refused too, for E
 * would hold vectors that are not invariant.
 *
 * Matrices (m, b) are row-major, one vector a row: LAPACK's (b, m) by columns.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/subspace_private.h"

#include <cblas.h>
#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PANEL ((size_t)32)              /* columns of one block of reflections */
#define AVERAGE_MOVES 268435456.0       /* more numbers to move than this (a second): Pi_G comes from the constraints */

static fs_status lapack_failed(const char *routine, size_t rows, size_t cols, lapack_int info, fs_err *err)
{
    return fs_fail(err, info == LAPACK_WORK_MEMORY_ERROR ? FS_ENOMEM : FS_ESOLVER, "%s of a %zu x %zu matrix returned %d", routine,
                   rows, cols, (int)info);
}

/* ---- blocks: the vectors Q and their images ---- */

typedef struct {
    const fs_partition *p;
    size_t o;                   /* which block */
    size_t b, m;
    const uint32_t *member;     /* (b) */
    uint32_t *unit;             /* (m) vector i is the unit vector of member[unit[i]]; NULL for spans */
    const double *Q;            /* (m, b) spans, borrowed: the block is all of H; NULL for units */
} block;

static fs_status check_size(size_t m, size_t b, fs_err *err)
{
    if (m <= FS_BASIS_VECTORS && (m == 0 || b <= FS_BASIS_ENTRIES / m)) return FS_OK;
    return fs_fail(err, FS_EINPUT, "expected at most %u admissible directions (and %zu numbers) that the group mixes, found %zu in "
                   "dimension %zu, which need %.1f GiB of memory", FS_BASIS_VECTORS, FS_BASIS_ENTRIES, m, b,
                   (double)m * ((double)b + 3.0 * (double)m) * sizeof(double) / 1073741824.0);
}

/* Unit vectors of the admissible coordinates of block o; free k->unit. */
static fs_status block_units(block *k, const fs_partition *p, size_t o, const unsigned char *mask, fs_err *err)
{
    size_t i = 0, m = fs_basis_admissible(p, o, mask);
    *k = (block){ p, o, p->start[o + 1] - p->start[o], m, p->member + p->start[o], NULL, NULL };
    FS_TRY(check_size(m, k->b, err));
    k->unit = fs_calloc(m, sizeof *k->unit);
    if (!k->unit) return fs_fail(err, FS_ENOMEM, "block of %zu coordinates", k->b);
    for (size_t c = 0; c < k->b; c++)
        if (!mask || mask[k->member[c]]) k->unit[i++] = (uint32_t)c;
    return FS_OK;
}

/* rho(g) at a point, or d rho(X_g) of the g-th basis element of the Lie algebra. */
typedef struct {
    int lie;
    size_t g;
} move;

/* The constraints: generators, then the Lie algebra. */
static size_t move_count(const fs_rep *rho)
{
    size_t generators;
    fs_group_generators(fs_rep_group(rho), &generators);
    return generators + fs_group_lie_dim(fs_rep_group(rho));
}

static move move_at(const fs_rep *rho, size_t t)
{
    size_t generators;
    const size_t *generator = fs_group_generators(fs_rep_group(rho), &generators);
    return t < generators ? (move){ 0, generator[t] } : (move){ 1, t - generators };
}

/* Scratch for columns and vectors of rho. */
typedef struct {
    size_t *row;
    double *value, *y;
} work;

static void work_free(work *w)
{
    free(w->row);
    free(w->value);
    free(w->y);
}

static fs_status work_alloc(work *w, const fs_rep *rho, fs_err *err)
{
    size_t room = fs_rep_column_room(rho), lie = fs_rep_lie_column_room(rho);
    if (lie > room) room = lie;
    *w = (work){ fs_calloc(room, sizeof *w->row), fs_calloc(room, sizeof *w->value), fs_calloc(fs_rep_dim(rho), sizeof *w->y) };
    if (w->row && w->value && w->y) return FS_OK;
    work_free(w);
    return fs_fail(err, FS_ENOMEM, "columns of %zu entries", room);
}

static size_t column_of(const fs_rep *rho, move a, size_t j, const work *w)
{
    return a.lie ? fs_rep_lie_column(rho, a.g, j, w->row, w->value) : fs_rep_column(rho, a.g, j, w->row, w->value);
}

/* image (m, b) += weight (move Q).  Entries that leave the block are the rounding noise of a product of generators. */
static fs_status add_image(const block *k, const fs_rep *rho, move a, double weight, const work *w, double *image)
{
    for (size_t i = 0; i < k->m; i++) {
        double *to = image + i * k->b;
        if (k->unit) {
            size_t count = column_of(rho, a, k->member[k->unit[i]], w);
            for (size_t t = 0; t < count; t++)
                if (k->p->block_of[w->row[t]] == k->o) to[k->p->local[w->row[t]]] += weight * w->value[t];
        } else {
            const double *q = k->Q + i * k->b;
            FS_TRY(a.lie ? fs_rep_apply_lie(rho, a.g, q, w->y) : fs_rep_apply(rho, a.g, q, w->y));
            for (size_t c = 0; c < k->b; c++) to[c] += weight * w->y[c];
        }
    }
    return FS_OK;
}

static fs_status image_of(const block *k, const fs_rep *rho, move a, const work *w, double *image, fs_err *err)
{
    memset(image, 0, k->m * k->b * sizeof *image);
    if (add_image(k, rho, a, 1.0, w, image) == FS_OK) return FS_OK;
    return fs_fail(err, FS_ENOMEM, "action on %zu vectors of dimension %zu", k->m, k->b);
}

/* ---- the constraints and their null space ---- */

/* Replaces the triangle R by that of (R; move Q^T - Q^T), or of (R; move Q^T) for the Lie algebra.  C (m, b), T (PANEL, m). */
static fs_status add_constraint(const block *k, const fs_rep *rho, move a, const work *w, double *C, double *T, double *R,
                                fs_err *err)
{
    size_t m = k->m, b = k->b, panel = m < PANEL ? m : PANEL;
    FS_TRY(image_of(k, rho, a, w, C, err));
    for (size_t i = 0; !a.lie && i < m; i++) {
        if (k->unit) C[i * b + k->unit[i]] -= 1.0;
        else
            for (size_t c = 0; c < b; c++) C[i * b + c] -= k->Q[i * b + c];
    }
    lapack_int info = LAPACKE_dtpqrt(LAPACK_COL_MAJOR, (lapack_int)b, (lapack_int)m, 0, (lapack_int)panel, R, (lapack_int)m, C,
                                     (lapack_int)b, T, (lapack_int)panel);
    return info == 0 ? FS_OK : lapack_failed("dtpqrt", b, m, info, err);
}

/* V (m, m): right singular vectors of the constraints by LAPACK's columns, vector t is V[t + i m]; sigma decreasing.  C (m, b) and
 * R (m, m) are scratch, R zero. */
static fs_status singular_vectors(const block *k, const fs_rep *rho, double *C, double *R, double *V, double *sigma, fs_err *err)
{
    size_t m = k->m;
    work w;
    double *T = fs_calloc(PANEL, m * sizeof *T);
    if (!T) return fs_fail(err, FS_ENOMEM, "reflections of %zu columns", m);
    fs_status status = work_alloc(&w, rho, err);
    if (status == FS_OK) {
        for (size_t t = 0; status == FS_OK && t < move_count(rho); t++)
            status = add_constraint(k, rho, move_at(rho, t), &w, C, T, R, err);
        work_free(&w);
    }
    free(T);
    if (status != FS_OK) return status;
    double nothing;
    lapack_int info = LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'O', (lapack_int)m, (lapack_int)m, R, (lapack_int)m, sigma, &nothing, 1, V,
                                     (lapack_int)m);
    return info == 0 ? FS_OK : lapack_failed("dgesdd", m, m, info, err);
}

typedef struct {
    double low, high;           /* largest singular value counted as 0, smallest counted as nonzero */
    size_t zeros;
} gap;

static fs_status find_gap(gap *found, const double *sigma, size_t m, double noise, double condition, fs_err *err)
{
    double blur = noise * condition;
    *found = (gap){ 0.0, HUGE_VAL, 0 };
    while (found->zeros < m && sigma[m - 1 - found->zeros] <= blur) found->zeros++;
    if (found->zeros > 0) fs_raise_to(&found->low, sigma[m - found->zeros]);
    if (found->zeros < m) found->high = sigma[m - 1 - found->zeros];
    double floor = found->low > blur / 64.0 ? found->low : blur / 64.0;
    if (!(found->high >= FS_BASIS_GAP * floor))
        return fs_fail(err, FS_EINPUT, "expected singular values of the constraints (rho(s) - 1, d rho(X)) on L with a gap of %.0e between "
                       "zero and the rest, found %.3e next to %.3e: the dimension of E is undecided", FS_BASIS_GAP, found->high, floor);
    if (!(found->low <= noise))
        return fs_fail(err, FS_EINPUT, "expected admissible vectors that are invariant to %.1e, found a distance of %.1e: "
                       "the admissible vectors are too rough or nearly dependent", noise, found->low);
    return FS_OK;
}

/* W (m, b) = V Q, from the smallest singular value up, each with the sign that makes its first large entry positive. */
static void combine(const block *k, const double *V, double *W)
{
    size_t m = k->m, b = k->b;
    memset(W, 0, m * b * sizeof *W);
    if (k->unit)
        for (size_t r = 0; r < m; r++)
            for (size_t i = 0; i < m; i++) W[r * b + k->unit[i]] = V[(m - 1 - r) + i * m];
    else {
        cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)m, (int)b, (int)m, 1.0, V, (int)m, k->Q, (int)b, 0.0, W, (int)b);
        for (size_t r = 0; r < m / 2; r++)
            for (size_t c = 0; c < b; c++) {
                double swap = W[r * b + c];
                W[r * b + c] = W[(m - 1 - r) * b + c];
                W[(m - 1 - r) * b + c] = swap;
            }
    }
    for (size_t r = 0; r < m; r++) {
        double largest = 0.0, sign = 0.0, *q = W + r * b;
        for (size_t c = 0; c < b; c++) fs_raise_to(&largest, fabs(q[c]));
        for (size_t c = 0; c < b && sign == 0.0; c++)
            if (fabs(q[c]) > 0.5 * largest) sign = q[c] > 0.0 ? 1.0 : -1.0;
        for (size_t c = 0; c < b; c++) q[c] *= sign;
    }
}

/* max |W W^T - 1|; S (m, m) is overwritten. */
static double orthonormality(const block *k, const double *W, double *S)
{
    double worst = 0.0;
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasNoTrans, (int)k->m, (int)k->b, 1.0, W, (int)k->b, 0.0, S, (int)k->m);
    for (size_t i = 0; i < k->m; i++)
        for (size_t j = i; j < k->m; j++) fs_raise_to(&worst, fabs(S[i * k->m + j] - (i == j ? 1.0 : 0.0)));
    return worst;
}

static fs_status append_vector(fs_basis_rows *to, const block *k, const double *q, fs_err *err)
{
    uint32_t *col;
    double *val;
    size_t count = 0;
    for (size_t c = 0; c < k->b; c++) count += q[c] != 0.0;
    FS_TRY(fs_basis_rows_append(to, count, &col, &val, err));
    for (size_t c = 0; c < k->b; c++)
        if (q[c] != 0.0) {
            *col++ = k->member[c];
            *val++ = q[c];
        }
    return FS_OK;
}

/* Splits the admissible vectors of a block into those that satisfy the constraints and the rest. */
static fs_status split_block(fs_basis *basis, const block *k, const fs_rep *rho, double condition, fs_basis_rows *E,
                             fs_basis_rows *N, fs_err *err)
{
    size_t m = k->m, b = k->b;
    double defect = fs_rep_homomorphism_defect(rho);
    double *R = fs_calloc(m, m * sizeof *R), *V = fs_calloc(m, m * sizeof *V), *sigma = fs_calloc(m, sizeof *sigma);
    double *W = fs_calloc(m, b * sizeof *W);
    fs_status status = R && V && sigma && W ? FS_OK : fs_fail(err, FS_ENOMEM, "singular vectors of a block of %zu", m);
    gap found = { 0.0, HUGE_VAL, 0 };
    fs_raise_to(&defect, fs_rep_orthogonality_defect(rho));
    if (status == FS_OK) status = singular_vectors(k, rho, W, R, V, sigma, err);
    if (status == FS_OK) {
        double noise = (double)b * (64.0 * DBL_EPSILON * (sigma[0] > 1.0 ? sigma[0] : 1.0) + defect);
        status = find_gap(&found, sigma, m, noise, condition, err);
    }
    if (status == FS_OK) {
        combine(k, V, W);
        fs_raise_to(&basis->orthonormality, orthonormality(k, W, R));
        fs_raise_to(&basis->gap_low, found.low);
        if (found.high < basis->gap_high) basis->gap_high = found.high;
    }
    for (size_t r = 0; status == FS_OK && r < m; r++) status = append_vector(r < found.zeros ? E : N, k, W + r * b, err);
    free(R);
    free(V);
    free(sigma);
    free(W);
    return status;
}

/* gap_high where no block had a nonzero singular value. */
static void close_gap(fs_basis *basis)
{
    if (basis->gap_high == HUGE_VAL) basis->gap_high = 1.0;
}

fs_status fs_basis_components_build(fs_basis *b, const fs_rep *rho, const unsigned char *mask, fs_basis_rows *E, fs_basis_rows *N,
                                    fs_err *err)
{
    fs_partition *p;
    fs_status status = fs_partition_components(&p, rho, err);
    b->gap_high = HUGE_VAL;
    if (status == FS_OK) status = fs_basis_rows_create(E, 64, b->n_par, 256, err);
    if (status == FS_OK) status = fs_basis_rows_create(N, 64, b->n_par, 256, err);
    for (size_t o = 0; status == FS_OK && o < p->blocks; o++) {
        block k;
        if (fs_basis_admissible(p, o, mask) == 0) continue;
        status = block_units(&k, p, o, mask, err);
        if (status == FS_OK) status = split_block(b, &k, rho, 1.0, E, N, err);
        free(k.unit);
    }
    close_gap(b);
    fs_partition_destroy(p);
    return status;
}

fs_status fs_basis_span_build(fs_basis *b, const fs_rep *rho, size_t rank, const double *rows, double condition, fs_basis_rows *E,
                              fs_basis_rows *N, fs_err *err)
{
    fs_partition *p;
    fs_status status = fs_partition_whole(&p, b->n_par, err);
    b->gap_high = HUGE_VAL;
    if (status == FS_OK) status = fs_basis_rows_create(E, 64, b->n_par, 256, err);
    if (status == FS_OK) status = fs_basis_rows_create(N, 64, b->n_par, 256, err);
    if (status == FS_OK)
        status = split_block(b, &(block){ p, 0, b->n_par, rank, p->member, NULL, rows }, rho, condition, E, N, err);
    close_gap(b);
    fs_partition_destroy(p);
    return status;
}

/* ---- queries: how far an operator leads out of L ---- */

/* Q_E and Q_N as rows of one matrix (dim L, n_par). */
static fs_status dense_rows(const fs_basis *b, double **rows, fs_err *err)
{
    const fs_sparse *part[2] = { b->Q_E, b->Q_N };
    size_t i = 0, m = b->dim_E + b->dim_N;
    *rows = NULL;
    FS_TRY(check_size(m, b->n_par, err));
    *rows = fs_calloc(m * b->n_par, sizeof **rows);
    if (!*rows) return fs_fail(err, FS_ENOMEM, "%zu vectors of dimension %zu", m, b->n_par);
    for (size_t t = 0; t < 2; t++)
        for (size_t r = 0; r < part[t]->rows; r++, i++)
            for (size_t e = part[t]->ptr[r]; e < part[t]->ptr[r + 1]; e++) (*rows)[i * b->n_par + part[t]->col[e]] = part[t]->val[e];
    return FS_OK;
}

/* R (m, rows) = (1 - Pi_L) image; rows = b - m for units, whose part outside L is the other coordinates.  Returns rows. */
static size_t leave_L(const block *k, const double *image, double *C, double *R)
{
    size_t m = k->m, b = k->b;
    if (k->unit) {
        for (size_t i = 0; i < m; i++)
            for (size_t c = 0, u = 0, r = 0; c < b; c++) {
                if (u < m && k->unit[u] == c) u++;
                else R[i * (b - m) + r++] = image[i * b + c];
            }
        return b - m;
    }
    memcpy(R, image, m * b * sizeof *R);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)m, (int)b, 1.0, image, (int)b, k->Q, (int)b, 0.0, C, (int)m);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)b, (int)m, -1.0, C, (int)m, k->Q, (int)b, 1.0, R, (int)b);
    return b;
}

/* value = max(value, |(1 - Pi_L) image|), spectral norm */
static fs_status raise_to_residual(const block *k, const double *image, double *value, fs_err *err)
{
    size_t m = k->m, b = k->b;
    double *C = fs_calloc(k->Q ? m : 0, m * sizeof *C), *R = fs_calloc(m, b * sizeof *R), *sigma = fs_calloc(m, sizeof *sigma);
    fs_status status = C && R && sigma ? FS_OK : fs_fail(err, FS_ENOMEM, "residual of %zu vectors", m);
    if (status == FS_OK) {
        double nothing;
        size_t rows = leave_L(k, image, C, R);
        lapack_int info = LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'N', (lapack_int)rows, (lapack_int)m, R, (lapack_int)rows, sigma, &nothing,
                                         1, &nothing, 1);
        if (info == 0) fs_raise_to(value, sigma[0]);
        else status = lapack_failed("dgesdd", rows, m, info, err);
    }
    free(C);
    free(R);
    free(sigma);
    return status;
}

/* What is applied to L: a move, or Pi_G -- by the Haar nodes, or by an orthonormal basis of H_G. */
typedef struct {
    const fs_rep *rho;
    const work *w;
    enum { BY_MOVE, BY_NODES, BY_BASIS } how;
    move a;
    const fs_sparse *H_G;
} operator;

static fs_status average(const block *k, const operator *op, double *image, fs_err *err)
{
    const double *haar = fs_group_haar(fs_rep_group(op->rho));
    memset(image, 0, k->m * k->b * sizeof *image);
    for (size_t i = 0; k->Q && i < k->m; i++) FS_TRY(fs_reynolds_apply(op->rho, NULL, k->Q + i * k->b, image + i * k->b, err));
    for (size_t g = 0; k->unit && g < fs_group_points(fs_rep_group(op->rho)); g++)
        if (haar[g] != 0.0) add_image(k, op->rho, (move){ 0, g }, haar[g], op->w, image);
    return FS_OK;
}

/* image = (Q P^T) P with the rows P (h, b) of H_G in this block. */
static fs_status project_on_invariants(const block *k, const fs_sparse *H_G, double *image, fs_err *err)
{
    size_t h = 0, m = k->m, b = k->b, r = 0;
    for (size_t i = 0; i < H_G->rows; i++) h += k->p->block_of[H_G->col[H_G->ptr[i]]] == k->o;
    double *P = fs_calloc(h, b * sizeof *P), *C = fs_calloc(m, h * sizeof *C);
    fs_status status = P && C ? FS_OK : fs_fail(err, FS_ENOMEM, "projection on %zu invariants", h);
    memset(image, 0, m * b * sizeof *image);
    if (status == FS_OK && h > 0) {
        for (size_t i = 0; i < H_G->rows; i++) {
            if (k->p->block_of[H_G->col[H_G->ptr[i]]] != k->o) continue;
            for (size_t e = H_G->ptr[i]; e < H_G->ptr[i + 1]; e++) P[r * b + k->p->local[H_G->col[e]]] = H_G->val[e];
            r++;
        }
        if (k->unit)
            for (size_t i = 0; i < m; i++)
                for (size_t s = 0; s < h; s++) C[i * h + s] = P[s * b + k->unit[i]];
        else cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)h, (int)b, 1.0, k->Q, (int)b, P, (int)b, 0.0, C, (int)h);
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)b, (int)h, 1.0, C, (int)h, P, (int)b, 0.0, image, (int)b);
    }
    free(P);
    free(C);
    return status;
}

/* value = max(value, |(1 - Pi_L) op Q|) */
static fs_status raise_to_defect(const block *k, const operator *op, double *value, fs_err *err)
{
    double *image = fs_calloc(k->m, k->b * sizeof *image);
    fs_status status = image ? FS_OK : fs_fail(err, FS_ENOMEM, "images of %zu vectors", k->m);
    if (status == FS_OK)
        status = op->how == BY_MOVE    ? image_of(k, op->rho, op->a, op->w, image, err)
                 : op->how == BY_NODES ? average(k, op, image, err)
                                       : project_on_invariants(k, op->H_G, image, err);
    if (status == FS_OK) status = raise_to_residual(k, image, value, err);
    free(image);
    return status;
}

/* The largest defect over the blocks that L neither fills nor misses. */
static fs_status over_blocks(const fs_basis *b, const operator *op, double *value, fs_err *err)
{
    fs_partition *p = NULL;
    unsigned char *mask = NULL;
    double *rows = NULL;
    fs_status status = b->coordinate ? fs_partition_components(&p, op->rho, err) : fs_partition_whole(&p, b->n_par, err);
    if (status == FS_OK) status = b->coordinate ? fs_basis_mask(b, &mask, err) : dense_rows(b, &rows, err);
    for (size_t o = 0; status == FS_OK && o < p->blocks; o++) {
        block k = { p, 0, b->n_par, b->dim_E + b->dim_N, p->member, NULL, rows };
        size_t m = b->coordinate ? fs_basis_admissible(p, o, mask) : k.m;
        if (m == 0 || m == p->start[o + 1] - p->start[o]) continue;
        if (b->coordinate) status = block_units(&k, p, o, mask, err);
        if (status == FS_OK) status = raise_to_defect(&k, op, value, err);
        free(k.unit);
    }
    free(mask);
    free(rows);
    fs_partition_destroy(p);
    return status;
}

fs_status fs_basis_blocks_compatibility(const fs_basis *b, const fs_rep *rho, double *kappa, fs_err *err)
{
    work w;
    fs_basis *all = NULL;
    operator op = { rho, &w, BY_NODES, { 0, 0 }, NULL };
    double moves = b->coordinate ? (double)fs_rep_column_room(rho) : fs_basis_apply_moves(rho);
    FS_TRY(work_alloc(&w, rho, err));
    fs_status status = FS_OK;
    if (!(fs_basis_nodes(rho) * (double)(b->dim_E + b->dim_N) * moves <= AVERAGE_MOVES)) {
        status = fs_basis_create(&all, rho, NULL, err);
        op.how = BY_BASIS;
        op.H_G = all ? all->Q_E : NULL;
    }
    if (status == FS_OK) status = over_blocks(b, &op, kappa, err);
    fs_basis_destroy(all);
    work_free(&w);
    return status;
}

fs_status fs_basis_blocks_invariance(const fs_basis *b, const fs_rep *rho, double *defect, fs_err *err)
{
    work w;
    FS_TRY(work_alloc(&w, rho, err));
    fs_status status = FS_OK;
    for (size_t t = 0; status == FS_OK && t < move_count(rho); t++)
        status = over_blocks(b, &(operator){ rho, &w, BY_MOVE, move_at(rho, t), NULL }, defect, err);
    work_free(&w);
    return status;
}

/* ---- characters ---- */

/* Sum of the diagonal entries of rho(g) at the coordinates where mask is `value`. */
static double trace_of_units(const fs_rep *rho, size_t g, const unsigned char *mask, unsigned char value, const work *w)
{
    double trace = 0.0;
    for (size_t j = 0; j < fs_rep_dim(rho); j++) {
        if (mask[j] != value) continue;
        size_t count = column_of(rho, (move){ 0, g }, j, w);
        for (size_t t = 0; t < count; t++)
            if (w->row[t] == j) trace += w->value[t];
    }
    return trace;
}

/* sum_i <q_i, rho(g) q_i> */
static fs_status trace_of_rows(const fs_rep *rho, size_t g, size_t m, const double *rows, const work *w, double *trace, fs_err *err)
{
    size_t n = fs_rep_dim(rho);
    *trace = 0.0;
    for (size_t i = 0; i < m; i++) {
        const double *q = rows + i * n;
        if (fs_rep_apply(rho, g, q, w->y) != FS_OK) return fs_fail(err, FS_ENOMEM, "action in dimension %zu", n);
        for (size_t c = 0; c < n; c++) *trace += q[c] * w->y[c];
    }
    return FS_OK;
}

fs_status fs_basis_blocks_character(const fs_basis *b, const fs_rep *rho, const double *needed, double *chi, fs_err *err)
{
    work w;
    unsigned char *mask = NULL;
    double *rows = NULL;
    size_t m = b->dim_E + b->dim_N;
    int few = m <= b->n_par / 2;        /* else what the mask leaves out is subtracted from the whole trace */
    FS_TRY(work_alloc(&w, rho, err));
    fs_status status = b->coordinate ? fs_basis_mask(b, &mask, err) : dense_rows(b, &rows, err);
    for (size_t g = 0; status == FS_OK && g < fs_group_points(fs_rep_group(rho)); g++) {
        if (needed && needed[g] == 0.0) continue;
        if (!b->coordinate) status = trace_of_rows(rho, g, m, rows, &w, &chi[g], err);
        else if (few) chi[g] = trace_of_units(rho, g, mask, 1, &w);
        else chi[g] = fs_rep_character(rho, g) - trace_of_units(rho, g, mask, 0, &w);
    }
    free(mask);
    free(rows);
    work_free(&w);
    return status;
}
