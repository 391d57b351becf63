/* algebra/subspace.c -- orthonormal bases of TE and N, and what hypothesis H3 asks of them
 *
 * Orbits (monomial rho, TL spanned by coordinates).  An orbit O of n coordinates has at most one invariant
 * vector v, entries gauge / sqrt(n).  With m of the coordinates admissible:
 *
 *   m = n and v exists    Q_E: v;   Q_N: (1, ..., 1, -k, 0, ...) / sqrt(k (k+1)),  k = 1 .. n-1, times the gauge (Helmert)
 *   otherwise             Q_N: the m admissible unit vectors
 *   kappa on O            |(1 - Pi_L) v| |Pi_L v| = sqrt(m (n - m)) / n
 *
 * Blocks (everything else).  On an invariant block of b coordinates Q (b, m) spans the admissible part, and
 *
 *   H = Q^T (1 - Pi_G) Q = 1 - Q^T Pi_G Q,   eigenvalues sin^2 of the principal angles between TL and H_G
 *
 * has TE as its null space.  Rounding moves eigenvalues by less than 64 b eps; above that, a gap of 1e4 is required.
 * An eigenvector q of a computed zero is off by 64 b eps / lambda in the direction of an eigenvalue lambda, which
 * leaves |(1 - Pi_G) q| <= 64 b eps / sqrt(lambda): more than that means an angle too small to call.
 *
 * Matrices (b, m) are row-major, basis vectors are columns: the inner loops run over basis vectors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/subspace.h"

#include "algebra/partition.h"

#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_VECTORS 2000u               /* in one block: a 2000 x 2000 eigenproblem takes seconds */
#define MAX_ENTRIES ((size_t)1 << 25)   /* of Q on one block: 256 MiB */
#define MIN_GAP 1e4

/* ---- rows appended one at a time ---- */

typedef struct {
    fs_sparse *A;
    size_t rows, entries;               /* allocated */
} row_list;

static fs_status rows_create(row_list *to, size_t cols, fs_err *err)
{
    *to = (row_list){ NULL, 64, 256 };
    FS_TRY(fs_sparse_create(&to->A, to->rows, cols, to->entries, err));
    to->A->rows = 0;
    return FS_OK;
}

/* One more row of n entries, for the caller to fill in at *col and *val. */
static fs_status rows_append(row_list *to, size_t n, uint32_t **col, double **val, fs_err *err)
{
    fs_sparse *A = to->A;
    size_t used = A->ptr[A->rows];
    if (A->rows == to->rows) {
        size_t *ptr = realloc(A->ptr, (2 * to->rows + 1) * sizeof *ptr);
        if (!ptr) goto nomem;
        A->ptr = ptr;
        to->rows *= 2;
    }
    if (n > to->entries - used) {
        size_t entries = 2 * to->entries + n;
        uint32_t *cols = realloc(A->col, entries * sizeof *cols);
        if (!cols) goto nomem;
        A->col = cols;
        double *vals = realloc(A->val, entries * sizeof *vals);
        if (!vals) goto nomem;
        A->val = vals;
        to->entries = entries;
    }
    A->ptr[++A->rows] = used + n;
    *col = A->col + used;
    *val = A->val + used;
    return FS_OK;
nomem:
    return fs_fail(err, FS_ENOMEM, "basis of %zu vectors with %zu entries", A->rows + 1, used + n);
}

/* Maximum in which NaN stays. */
static void raise_to(double *worst, double value)
{
    if (*worst == *worst && !(value <= *worst)) *worst = value;
}

/* ---- orbits: closed forms ---- */

/* max |<q_i, q_j> - delta_ij| of the vectors of an orbit of n as rounded: row k meets v and every later row in a
 * multiple of its own sum, so n sums say it all. */
static double helmert_defect(size_t n)
{
    long double v = (long double)(1.0 / sqrt((double)n));
    double worst = fabs((double)(v * v * (long double)n - 1.0L));
    for (size_t k = 1; k < n; k++) {
        double x = (double)k;
        long double a = (long double)(1.0 / sqrt(x * (x + 1.0))), last = (long double)-sqrt(x / (x + 1.0));
        long double later = (long double)(1.0 / sqrt((x + 1.0) * (x + 2.0)));
        raise_to(&worst, fabs((double)((long double)k * a * a + last * last - 1.0L)));
        raise_to(&worst, fabs((double)(((long double)k * a + last) * (v > later ? v : later))));
    }
    return worst;
}

static fs_status add_whole_orbit(const fs_partition *p, size_t o, row_list *E, row_list *N, fs_err *err)
{
    const uint32_t *member = p->member + p->start[o];
    size_t n = p->start[o + 1] - p->start[o];
    uint32_t *col;
    double *val, v = 1.0 / sqrt((double)n);
    FS_TRY(rows_append(E, n, &col, &val, err));
    for (size_t i = 0; i < n; i++) {
        col[i] = member[i];
        val[i] = p->gauge[member[i]] * v;
    }
    for (size_t k = 1; k < n; k++) {
        double x = (double)k, a = 1.0 / sqrt(x * (x + 1.0)), last = -sqrt(x / (x + 1.0));
        FS_TRY(rows_append(N, k + 1, &col, &val, err));
        for (size_t i = 0; i <= k; i++) {
            col[i] = member[i];
            val[i] = p->gauge[member[i]] * (i < k ? a : last);
        }
    }
    return FS_OK;
}

static fs_status add_units(const fs_partition *p, size_t o, const unsigned char *mask, row_list *N, fs_err *err)
{
    for (size_t i = p->start[o]; i < p->start[o + 1]; i++) {
        uint32_t *col;
        double *val;
        if (mask && !mask[p->member[i]]) continue;
        FS_TRY(rows_append(N, 1, &col, &val, err));
        *col = p->member[i];
        *val = 1.0;
    }
    return FS_OK;
}

/* How many coordinates of block o the mask admits. */
static size_t admissible(const fs_partition *p, size_t o, const unsigned char *mask)
{
    size_t m = 0;
    for (size_t i = p->start[o]; i < p->start[o + 1]; i++) m += !mask || mask[p->member[i]];
    return m;
}

static fs_status build_orbits(fs_basis *b, const fs_rep *rho, const unsigned char *mask, row_list *E, row_list *N, fs_err *err)
{
    fs_partition *p;
    fs_status status = fs_partition_orbits(&p, rho, err);
    for (size_t o = 0; status == FS_OK && o < p->blocks; o++) {
        size_t n = p->start[o + 1] - p->start[o];
        if (admissible(p, o, mask) == n && !p->fixes_none[o]) {
            status = add_whole_orbit(p, o, E, N, err);
            raise_to(&b->orthonormality, helmert_defect(n));
        } else {
            status = add_units(p, o, mask, N, err);
        }
    }
    fs_partition_destroy(p);
    return status;
}

/* ---- blocks: Q (b, m) and its image under the group ---- */

typedef struct {
    const fs_partition *p;
    size_t o;                   /* which block */
    size_t b, m;
    const uint32_t *member;     /* (b) */
    double *Q, *image;          /* (b, m) admissible vectors; averaged over the group */
} block;

static void block_free(block *k)
{
    free(k->Q);
    free(k->image);
    k->Q = k->image = NULL;
}

static fs_status block_alloc(block *k, const fs_partition *p, size_t o, size_t m, fs_err *err)
{
    *k = (block){ p, o, p->start[o + 1] - p->start[o], m, p->member + p->start[o], NULL, NULL };
    if (m > MAX_VECTORS || (m > 0 && k->b > MAX_ENTRIES / m))
        return fs_fail(err, FS_EINPUT, "expected at most %u admissible directions (and %zu numbers) that the group mixes, found "
                       "%zu in dimension %zu, which need %.1f GiB of memory", MAX_VECTORS, MAX_ENTRIES, m, k->b,
                       (double)m * (double)k->b * 2.0 * sizeof(double) / 1073741824.0);
    k->Q = fs_calloc(k->b * m, sizeof *k->Q);
    k->image = fs_calloc(k->b * m, sizeof *k->image);
    if (k->Q && k->image) return FS_OK;
    block_free(k);
    return fs_fail(err, FS_ENOMEM, "%zu vectors of dimension %zu", m, k->b);
}

/* Unit vectors of the admissible coordinates of block o. */
static fs_status block_units(block *k, const fs_partition *p, size_t o, const unsigned char *mask, fs_err *err)
{
    size_t i = 0;
    FS_TRY(block_alloc(k, p, o, admissible(p, o, mask), err));
    for (size_t c = 0; c < k->b; c++)
        if (!mask || mask[k->member[c]]) k->Q[c * k->m + i++] = 1.0;
    return FS_OK;
}

/* The rows of Q_E and Q_N as columns, one block for everything. */
static fs_status block_of_basis(block *k, const fs_partition *p, const fs_basis *basis, fs_err *err)
{
    const fs_sparse *part[2] = { basis->Q_E, basis->Q_N };
    size_t i = 0;
    FS_TRY(block_alloc(k, p, 0, basis->dim_E + basis->dim_N, err));
    for (size_t t = 0; t < 2; t++)
        for (size_t r = 0; r < part[t]->rows; r++, i++)
            for (size_t e = part[t]->ptr[r]; e < part[t]->ptr[r + 1]; e++) k->Q[part[t]->col[e] * k->m + i] = part[t]->val[e];
    return FS_OK;
}

static int row_is_zero(const double *row, size_t m)
{
    for (size_t i = 0; i < m; i++)
        if (row[i] != 0.0) return 0;
    return 1;
}

/* image += weight rho(g) Q.  Entries of rho(g) that leave the block are the rounding noise of a product of generators. */
static void add_image(block *k, const fs_rep *rho, size_t g, double weight, size_t *row, double *value)
{
    for (size_t c = 0; c < k->b; c++) {
        const double *from = k->Q + c * k->m;
        if (row_is_zero(from, k->m)) continue;
        size_t count = fs_rep_column(rho, g, k->member[c], row, value);
        for (size_t t = 0; t < count; t++) {
            if (k->p->block_of[row[t]] != k->o) continue;
            double *to = k->image + k->p->local[row[t]] * k->m, factor = weight * value[t];
            for (size_t i = 0; i < k->m; i++) to[i] += factor * from[i];
        }
    }
}

/* image = sum_g weight[g] rho(g) Q */
static fs_status average(block *k, const fs_rep *rho, const double *weight, fs_err *err)
{
    size_t room = fs_rep_column_room(rho), order = fs_group_order(fs_rep_group(rho));
    size_t *row = fs_calloc(room, sizeof *row);
    double *value = fs_calloc(room, sizeof *value);
    fs_status status = row && value ? FS_OK : fs_fail(err, FS_ENOMEM, "columns of %zu entries", room);
    for (size_t g = 0; status == FS_OK && g < order; g++)
        if (weight[g] != 0.0) add_image(k, rho, g, weight[g], row, value);
    free(row);
    free(value);
    return status;
}

/* C (m, m) = Q^T X */
static void gram(const block *k, const double *X, double *C)
{
    size_t m = k->m;
    memset(C, 0, m * m * sizeof *C);
    for (size_t c = 0; c < k->b; c++)
        for (size_t i = 0; i < m; i++) {
            double q = k->Q[c * m + i];
            if (q == 0.0) continue;
            for (size_t j = 0; j < m; j++) C[i * m + j] += q * X[c * m + j];
        }
}

/* ---- blocks: the eigenproblem that tells E from N ---- */

typedef struct {
    double low, high;           /* largest eigenvalue counted as 0, smallest counted as nonzero */
    size_t zeros;
} gap;

static fs_status find_gap(gap *found, const double *lambda, size_t m, double noise, fs_err *err)
{
    *found = (gap){ 0.0, 1.0, 0 };
    while (found->zeros < m && lambda[found->zeros] <= noise) found->zeros++;
    if (found->zeros > 0) raise_to(&found->low, lambda[found->zeros - 1]);
    if (found->zeros < m) found->high = lambda[found->zeros];
    double floor = found->low > noise / 64.0 ? found->low : noise / 64.0;
    if (found->high >= MIN_GAP * floor) return FS_OK;
    return fs_fail(err, FS_EINPUT, "expected eigenvalues of Q^T (1 - Pi_G) Q with a gap of %.0e between zero and the rest, "
                   "found %.3e next to %.3e: the dimension of E is undecided", MIN_GAP, found->high, floor);
}

/* q (b) = Q V_k with the sign that makes its first large entry positive. */
static void combine(const block *k, const double *V, double *q)
{
    double largest = 0.0, sign = 0.0;
    for (size_t c = 0; c < k->b; c++) {
        q[c] = 0.0;
        for (size_t i = 0; i < k->m; i++) q[c] += k->Q[c * k->m + i] * V[i];
        raise_to(&largest, fabs(q[c]));
    }
    for (size_t c = 0; c < k->b && sign == 0.0; c++)
        if (fabs(q[c]) > 0.5 * largest) sign = q[c] > 0.0 ? 1.0 : -1.0;
    for (size_t c = 0; c < k->b; c++) q[c] *= sign;
}

/* |(1 - Pi_G) Q V_k| */
static double distance_to_invariants(const block *k, const double *V)
{
    double square = 0.0;
    for (size_t c = 0; c < k->b; c++) {
        double d = 0.0;
        for (size_t i = 0; i < k->m; i++) d += (k->Q[c * k->m + i] - k->image[c * k->m + i]) * V[i];
        square += d * d;
    }
    return sqrt(square);
}

static fs_status append_vector(row_list *to, const block *k, const double *q, fs_err *err)
{
    uint32_t *col;
    double *val;
    size_t count = 0;
    for (size_t c = 0; c < k->b; c++) count += q[c] != 0.0;
    FS_TRY(rows_append(to, count, &col, &val, err));
    for (size_t c = 0; c < k->b; c++)
        if (q[c] != 0.0) {
            *col++ = k->member[c];
            *val++ = q[c];
        }
    return FS_OK;
}

/* max |W^T W - 1| for the m new vectors, W (m, b) by rows. */
static double orthonormality(const double *W, size_t m, size_t b)
{
    double worst = 0.0;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j <= i; j++) {
            double s = i == j ? -1.0 : 0.0;
            for (size_t c = 0; c < b; c++) s += W[i * b + c] * W[j * b + c];
            raise_to(&worst, fabs(s));
        }
    return worst;
}

/* V (m, m): eigenvectors of H as rows, lambda increasing. */
static fs_status diagonalise(const block *k, double *V, double *lambda, fs_err *err)
{
    size_t m = k->m;
    gram(k, k->image, V);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j <= i; j++)
            V[i * m + j] = V[j * m + i] = (i == j ? 1.0 : 0.0) - 0.5 * (V[i * m + j] + V[j * m + i]);
    lapack_int info = LAPACKE_dsyev(LAPACK_COL_MAJOR, 'V', 'U', (lapack_int)m, V, (lapack_int)m, lambda);
    if (info == 0) return FS_OK;
    return fs_fail(err, info == LAPACK_WORK_MEMORY_ERROR ? FS_ENOMEM : FS_ESOLVER,
                   "eigenvalues of a symmetric %zu x %zu matrix: dsyev returned %d", m, m, (int)info);
}

/* Splits the admissible vectors of a block with its image = Pi_G Q in place. */
static fs_status split_block(fs_basis *basis, const block *k, row_list *E, row_list *N, fs_err *err)
{
    size_t m = k->m, b = k->b;
    double noise = 64.0 * (double)b * DBL_EPSILON;
    double *V = fs_calloc(m, m * sizeof *V), *lambda = fs_calloc(m, sizeof *lambda), *W = fs_calloc(m, b * sizeof *W);
    fs_status status = V && lambda && W ? FS_OK : fs_fail(err, FS_ENOMEM, "eigenvectors of a block of %zu", m);
    gap found;
    if (status == FS_OK) status = diagonalise(k, V, lambda, err);
    if (status == FS_OK) status = find_gap(&found, lambda, m, noise, err);
    for (size_t i = 0; status == FS_OK && i < m; i++) {
        double bound = noise / sqrt(found.high), distance = i < found.zeros ? distance_to_invariants(k, V + i * m) : 0.0;
        combine(k, V + i * m, W + i * b);
        if (!(distance <= bound))
            status = fs_fail(err, FS_EINPUT, "expected admissible vectors that are invariant to %.1e, found a distance of %.1e: "
                             "the admissible vectors are too rough or nearly dependent", bound, distance);
        else status = append_vector(i < found.zeros ? E : N, k, W + i * b, err);
    }
    if (status == FS_OK) {
        raise_to(&basis->orthonormality, orthonormality(W, m, b));
        raise_to(&basis->gap_low, found.low);
        if (found.zeros < m && found.high < basis->gap_high) basis->gap_high = found.high;
    }
    free(V);
    free(lambda);
    free(W);
    return status;
}

static fs_status build_components(fs_basis *basis, const fs_rep *rho, const unsigned char *mask, row_list *E, row_list *N,
                                  fs_err *err)
{
    fs_partition *p;
    fs_status status = fs_partition_components(&p, rho, err);
    for (size_t o = 0; status == FS_OK && o < p->blocks; o++) {
        block k;
        if (admissible(p, o, mask) == 0) continue;
        status = block_units(&k, p, o, mask, err);
        if (status != FS_OK) break;
        status = average(&k, rho, fs_group_haar(fs_rep_group(rho)), err);
        if (status == FS_OK) status = split_block(basis, &k, E, N, err);
        block_free(&k);
    }
    fs_partition_destroy(p);
    return status;
}

/* ---- spans: an orthonormal basis first ---- */

/* Rows scaled to length one, so that only their directions decide the rank; zero rows stay. */
static fs_status unit_rows(const double *span, size_t count, size_t n, double *rows, fs_err *err)
{
    for (size_t r = 0; r < count; r++) {
        double largest = 0.0, square = 0.0;
        for (size_t c = 0; c < n; c++) {
            double x = span[r * n + c];
            if (!isfinite(x))
                return fs_fail(err, FS_ENAN, "expected finite numbers in the span of L, found %g in row %zu, column %zu", x, r, c);
            raise_to(&largest, fabs(x));
        }
        if (largest == 0.0) continue;
        for (size_t c = 0; c < n; c++) {
            rows[r * n + c] = span[r * n + c] / largest;
            square += rows[r * n + c] * rows[r * n + c];
        }
        for (size_t c = 0; c < n; c++) rows[r * n + c] /= sqrt(square);
    }
    return FS_OK;
}

/* Rank of the singular values sigma (decreasing): noise below 4 max(count, n) eps sigma_0, and nothing near it. */
static fs_status find_rank(size_t *rank, const double *sigma, size_t count, size_t n, size_t rows, fs_err *err)
{
    double noise = 4.0 * (double)(rows > n ? rows : n) * DBL_EPSILON * sigma[0];
    size_t r = 0;
    while (r < count && sigma[r] > noise) r++;
    *rank = r;
    if (r == 0) return fs_fail(err, FS_EINPUT, "expected a span of L of dimension at least 1, found zero rows only");
    double below = r < count && sigma[r] > noise / 4.0 ? sigma[r] : noise / 4.0;
    if (sigma[r - 1] >= MIN_GAP * below) return FS_OK;
    return fs_fail(err, FS_EINPUT, "expected singular values of the span of L with a gap of %.0e between zero and the rest, found "
                   "%.3e next to %.3e: its rank is undecided", MIN_GAP, sigma[r - 1], below);
}

/* Overwrites the leading rows of `rows` (count, n) by an orthonormal basis of their span. */
static fs_status orthonormalise(double *rows, size_t count, size_t n, size_t *rank, fs_err *err)
{
    size_t values = count < n ? count : n;
    double *sigma = fs_calloc(values, sizeof *sigma), *work = fs_calloc(values, sizeof *work);
    fs_status status = sigma && work ? FS_OK : fs_fail(err, FS_ENOMEM, "singular values of %zu vectors", count);
    if (status == FS_OK) {
        /* By columns this is the (n, count) matrix whose left singular vectors replace it. */
        lapack_int info = LAPACKE_dgesvd(LAPACK_COL_MAJOR, 'O', 'N', (lapack_int)n, (lapack_int)count, rows, (lapack_int)n, sigma,
                                         NULL, 1, NULL, 1, work);
        if (info != 0)
            status = fs_fail(err, info == LAPACK_WORK_MEMORY_ERROR ? FS_ENOMEM : FS_ESOLVER,
                             "singular values of %zu vectors of dimension %zu: dgesvd returned %d", count, n, (int)info);
    }
    if (status == FS_OK) status = find_rank(rank, sigma, values, n, count, err);
    free(sigma);
    free(work);
    return status;
}

static fs_status build_span(fs_basis *basis, const fs_rep *rho, size_t rank, const double *rows, row_list *E, row_list *N,
                            fs_err *err)
{
    fs_partition *p;
    block k = { 0 };
    size_t n = fs_rep_dim(rho);
    fs_status status = fs_partition_whole(&p, n, err);
    if (status == FS_OK) status = block_alloc(&k, p, 0, rank, err);
    if (status == FS_OK) {
        for (size_t c = 0; c < n; c++)
            for (size_t i = 0; i < rank; i++) k.Q[c * rank + i] = rows[i * n + c];
        status = average(&k, rho, fs_group_haar(fs_rep_group(rho)), err);
    }
    if (status == FS_OK) status = split_block(basis, &k, E, N, err);
    block_free(&k);
    fs_partition_destroy(p);
    return status;
}

/* ---- creation ---- */

void fs_basis_destroy(fs_basis *b)
{
    if (!b) return;
    fs_sparse_destroy(b->Q_E);
    fs_sparse_destroy(b->Q_N);
    free(b);
}

static fs_basis *basis_alloc(const fs_rep *rho, int coordinate)
{
    fs_basis *b = fs_calloc(1, sizeof *b);
    if (!b) return NULL;
    b->n_par = fs_rep_dim(rho);
    b->coordinate = coordinate;
    b->gap_high = 1.0;
    return b;
}

/* Hands the rows to the basis; *out is the basis, or everything is freed. */
static fs_status finish(fs_basis **out, fs_basis *b, row_list *E, row_list *N, fs_status status)
{
    b->Q_E = E->A;
    b->Q_N = N->A;
    if (status != FS_OK) {
        fs_basis_destroy(b);
        return status;
    }
    b->dim_E = b->Q_E->rows;
    b->dim_N = b->Q_N->rows;
    *out = b;
    return FS_OK;
}

fs_status fs_basis_create(fs_basis **out, const fs_rep *rho, const unsigned char *mask, fs_err *err)
{
    row_list E = { NULL, 0, 0 }, N = { NULL, 0, 0 };
    *out = NULL;
    fs_basis *b = basis_alloc(rho, 1);
    if (!b) return fs_fail(err, FS_ENOMEM, "basis of %zu coordinates", fs_rep_dim(rho));
    fs_status status = rows_create(&E, b->n_par, err);
    if (status == FS_OK) status = rows_create(&N, b->n_par, err);
    if (status == FS_OK)
        status = fs_rep_is_monomial(rho) ? build_orbits(b, rho, mask, &E, &N, err) : build_components(b, rho, mask, &E, &N, err);
    return finish(out, b, &E, &N, status);
}

fs_status fs_basis_create_span(fs_basis **out, const fs_rep *rho, size_t count, const double *span, fs_err *err)
{
    row_list E = { NULL, 0, 0 }, N = { NULL, 0, 0 };
    size_t n = fs_rep_dim(rho), rank = 0;
    *out = NULL;
    if (count < 1 || count > MAX_VECTORS || n > MAX_ENTRIES / count)
        return fs_fail(err, FS_EINPUT, "expected 1 to %u vectors of at most %zu numbers together to span L, found %zu of dimension "
                       "%zu, which need %.1f GiB of memory", MAX_VECTORS, MAX_ENTRIES, count, n,
                       (double)count * (double)n * 4.0 * sizeof(double) / 1073741824.0);
    double *rows = fs_calloc(count * n, sizeof *rows);
    fs_basis *b = basis_alloc(rho, 0);
    if (!rows || !b) {
        free(rows);
        free(b);
        return fs_fail(err, FS_ENOMEM, "basis of a span of %zu vectors of dimension %zu", count, n);
    }
    fs_status status = unit_rows(span, count, n, rows, err);
    if (status == FS_OK) status = orthonormalise(rows, count, n, &rank, err);
    if (status == FS_OK) status = rows_create(&E, n, err);
    if (status == FS_OK) status = rows_create(&N, n, err);
    if (status == FS_OK) status = build_span(b, rho, rank, rows, &E, &N, err);
    free(rows);
    return finish(out, b, &E, &N, status);
}

/* ---- coordinates ---- */

void fs_basis_expand(const fs_basis *b, const double *w, double *A)
{
    fs_basis_expand_E(b, w, A);
    fs_sparse_mul_transpose_add(b->Q_N, w + b->dim_E, A);
}

void fs_basis_project(const fs_basis *b, const double *A, double *w)
{
    fs_sparse_mul(b->Q_E, A, w);
    fs_sparse_mul(b->Q_N, A, w + b->dim_E);
}

void fs_basis_expand_E(const fs_basis *b, const double *x, double *A)
{
    memset(A, 0, b->n_par * sizeof *A);
    fs_sparse_mul_transpose_add(b->Q_E, x, A);
}

void fs_basis_project_E(const fs_basis *b, const double *A, double *x)
{
    fs_sparse_mul(b->Q_E, A, x);
}

/* ---- queries, orbit by orbit or block by block ---- */

static fs_status check_dim(const fs_basis *b, const fs_rep *rho, fs_err *err)
{
    if (fs_rep_dim(rho) == b->n_par) return FS_OK;
    return fs_fail(err, FS_EINPUT, "expected a representation of dimension %zu, found %zu (%s)", b->n_par, fs_rep_dim(rho),
                   fs_rep_name(rho));
}

/* The coordinates that occur in Q_E and Q_N: the mask the basis was made from. */
static fs_status mask_of(const fs_basis *b, unsigned char **mask, fs_err *err)
{
    *mask = fs_calloc(b->n_par, 1);
    if (!*mask) return fs_fail(err, FS_ENOMEM, "mask of %zu coordinates", b->n_par);
    for (size_t e = 0; e < b->Q_E->ptr[b->dim_E]; e++) (*mask)[b->Q_E->col[e]] = 1;
    for (size_t e = 0; e < b->Q_N->ptr[b->dim_N]; e++) (*mask)[b->Q_N->col[e]] = 1;
    return FS_OK;
}

/* value = max(value, |(1 - Pi_L) image|), spectral norm */
static fs_status raise_to_residual(const block *k, double *value, fs_err *err)
{
    size_t m = k->m, b = k->b;
    if (m == b) return FS_OK;
    double *C = fs_calloc(m, m * sizeof *C), *R = fs_calloc(b, m * sizeof *R);
    double *sigma = fs_calloc(m, sizeof *sigma), *work = fs_calloc(m, sizeof *work);
    fs_status status = C && R && sigma && work ? FS_OK : fs_fail(err, FS_ENOMEM, "residual of %zu vectors", m);
    if (status == FS_OK) {
        gram(k, k->image, C);
        memcpy(R, k->image, b * m * sizeof *R);
        for (size_t c = 0; c < b; c++)
            for (size_t i = 0; i < m; i++) {
                double q = k->Q[c * m + i];
                if (q == 0.0) continue;
                for (size_t j = 0; j < m; j++) R[c * m + j] -= q * C[i * m + j];
            }
        lapack_int info = LAPACKE_dgesvd(LAPACK_COL_MAJOR, 'N', 'N', (lapack_int)m, (lapack_int)b, R, (lapack_int)m, sigma, NULL,
                                         1, NULL, 1, work);
        if (info != 0)
            status = fs_fail(err, info == LAPACK_WORK_MEMORY_ERROR ? FS_ENOMEM : FS_ESOLVER,
                             "singular values of a %zu x %zu matrix: dgesvd returned %d", b, m, (int)info);
        else raise_to(value, sigma[0]);
    }
    free(C);
    free(R);
    free(sigma);
    free(work);
    return status;
}

/* value += tr Q^T image */
static fs_status add_trace(const block *k, double *value, fs_err *err)
{
    (void)err;
    for (size_t e = 0; e < k->b * k->m; e++) *value += k->Q[e] * k->image[e];
    return FS_OK;
}

typedef fs_status reduction(const block *k, double *value, fs_err *err);

/* Reduces Q and sum_g weight[g] rho(g) Q over all blocks. */
static fs_status over_blocks(const fs_basis *b, const fs_rep *rho, const double *weight, reduction *reduce, double *value,
                             fs_err *err)
{
    fs_partition *p = NULL;
    unsigned char *mask = NULL;
    fs_status status = b->coordinate ? fs_partition_components(&p, rho, err) : fs_partition_whole(&p, b->n_par, err);
    if (status == FS_OK && b->coordinate) status = mask_of(b, &mask, err);
    for (size_t o = 0; status == FS_OK && o < p->blocks; o++) {
        block k;
        if (mask && admissible(p, o, mask) == 0) continue;
        status = mask ? block_units(&k, p, o, mask, err) : block_of_basis(&k, p, b, err);
        if (status != FS_OK) break;
        status = average(&k, rho, weight, err);
        if (status == FS_OK) status = reduce(&k, value, err);
        block_free(&k);
    }
    free(mask);
    fs_partition_destroy(p);
    return status;
}

static int in_closed_form(const fs_basis *b, const fs_rep *rho)
{
    return b->coordinate && fs_rep_is_monomial(rho);
}

static fs_status orbit_compatibility(const fs_basis *b, const fs_rep *rho, double *kappa, fs_err *err)
{
    fs_partition *p = NULL;
    unsigned char *mask = NULL;
    fs_status status = mask_of(b, &mask, err);
    if (status == FS_OK) status = fs_partition_orbits(&p, rho, err);
    for (size_t o = 0; status == FS_OK && o < p->blocks; o++) {
        size_t n = p->start[o + 1] - p->start[o], m = admissible(p, o, mask);
        if (!p->fixes_none[o]) raise_to(kappa, sqrt((double)m * (double)(n - m)) / (double)n);
    }
    free(mask);
    fs_partition_destroy(p);
    return status;
}

fs_status fs_basis_compatibility(const fs_basis *b, const fs_rep *rho, double *kappa, fs_err *err)
{
    *kappa = 0.0;
    FS_TRY(check_dim(b, rho, err));
    if (in_closed_form(b, rho)) return orbit_compatibility(b, rho, kappa, err);
    return over_blocks(b, rho, fs_group_haar(fs_rep_group(rho)), raise_to_residual, kappa, err);
}

/* A signed permutation either keeps the admissible coordinates or moves a unit vector out: 0 or 1. */
static fs_status orbit_invariance(const fs_basis *b, const fs_rep *rho, double *defect, fs_err *err)
{
    unsigned char *mask;
    size_t count;
    const size_t *generator = fs_group_generators(fs_rep_group(rho), &count);
    FS_TRY(mask_of(b, &mask, err));
    for (size_t k = 0; k < count; k++)
        for (size_t j = 0; j < b->n_par; j++) {
            int sign;
            if (mask[j] && !mask[fs_rep_image_of_basis(rho, generator[k], j, &sign)]) *defect = 1.0;
        }
    free(mask);
    return FS_OK;
}

fs_status fs_basis_invariance(const fs_basis *b, const fs_rep *rho, double *defect, fs_err *err)
{
    size_t count, order = fs_group_order(fs_rep_group(rho));
    const size_t *generator = fs_group_generators(fs_rep_group(rho), &count);
    *defect = 0.0;
    FS_TRY(check_dim(b, rho, err));
    if (in_closed_form(b, rho)) return orbit_invariance(b, rho, defect, err);
    double *only = fs_calloc(order, sizeof *only);
    fs_status status = only ? FS_OK : fs_fail(err, FS_ENOMEM, "weights of %zu elements", order);
    for (size_t k = 0; status == FS_OK && k < count; k++) {
        only[generator[k]] = 1.0;
        status = over_blocks(b, rho, only, raise_to_residual, defect, err);
        only[generator[k]] = 0.0;
    }
    free(only);
    return status;
}

/* tr over the admissible coordinates: rho(g) moves the label j + 1 (0 off the mask); where it lands on itself the
 * diagonal entry is the sign it comes back with. */
static fs_status orbit_character_dim(const fs_basis *b, const fs_rep *rho, double *dim, fs_err *err)
{
    const fs_group *G = fs_rep_group(rho);
    unsigned char *mask = NULL;
    double *label = fs_calloc(b->n_par, sizeof *label), *moved = fs_calloc(b->n_par, sizeof *moved);
    fs_status status = label && moved ? mask_of(b, &mask, err) : fs_fail(err, FS_ENOMEM, "labels of %zu coordinates", b->n_par);
    for (size_t j = 0; status == FS_OK && j < b->n_par; j++) label[j] = mask[j] ? (double)(j + 1) : 0.0;
    for (size_t g = 0; status == FS_OK && g < fs_group_order(G); g++) {
        long trace = 0;
        status = fs_rep_apply(rho, g, label, moved);
        for (size_t j = 0; j < b->n_par; j++)
            if (label[j] > 0.0) trace += (moved[j] == label[j]) - (moved[j] == -label[j]);
        *dim += fs_group_haar(G)[g] * (double)trace;
    }
    free(mask);
    free(label);
    free(moved);
    return status;
}

fs_status fs_basis_character_dim(const fs_basis *b, const fs_rep *rho, double *dim, fs_err *err)
{
    *dim = 0.0;
    FS_TRY(check_dim(b, rho, err));
    if (in_closed_form(b, rho)) return orbit_character_dim(b, rho, dim, err);
    return over_blocks(b, rho, fs_group_haar(fs_rep_group(rho)), add_trace, dim, err);
}
