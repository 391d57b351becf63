/* algebra/subspace.c -- orthonormal bases of TE and N, and what hypothesis H3 asks of them
 *
 * Monomial rho and TL spanned by coordinates: closed forms (subspace_orbits.c).  Everything else: null spaces of the constraints
 * (subspace_blocks.c).  Here: coordinates, spans made orthonormal first, and the comparison with the other route to E,
 *
 *   Pi_L Pi_G Pi_L A = Pi_E A    for compatible L and random A in TL,     Pi_G = sum_g haar[g] rho(g)
 *   Pi_G q = q                   for random q in TE, whatever L
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/subspace_private.h"

#include "base/norm.h"
#include "base/rng.h"

#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REYNOLDS_MOVES 2147483648.0     /* 2^31 numbers moved by an average take a few seconds; more are not worth the wait */
#define DIRECTIONS 4                    /* random vectors of one comparison, fewer where they would move more than this together */
#define SEVERAL_MOVES (REYNOLDS_MOVES / 4.0)
#define DIRECTION_SEED 0u

/* ---- rows appended one at a time ---- */

fs_status fs_basis_rows_create(fs_basis_rows *to, size_t rows, size_t cols, size_t entries, fs_err *err)
{
    *to = (fs_basis_rows){ NULL, rows, entries };
    FS_TRY(fs_sparse_create(&to->A, rows, cols, entries, err));
    to->A->rows = 0;
    return FS_OK;
}

fs_status fs_basis_rows_append(fs_basis_rows *to, size_t n, uint32_t **col, double **val, fs_err *err)
{
    fs_sparse *A = to->A;
    size_t used = A->ptr[A->rows];
    if (A->rows == to->rows) {
        size_t rows = 2 * to->rows + 1, *ptr = realloc(A->ptr, (rows + 1) * sizeof *ptr);
        if (!ptr) goto nomem;
        A->ptr = ptr;
        to->rows = rows;
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

/* ---- masks ---- */

size_t fs_basis_admissible(const fs_partition *p, size_t o, const unsigned char *mask)
{
    size_t m = 0;
    if (!mask) return p->start[o + 1] - p->start[o];
    for (size_t i = p->start[o]; i < p->start[o + 1]; i++) m += mask[p->member[i]] != 0;
    return m;
}

fs_status fs_basis_mask(const fs_basis *b, unsigned char **mask, fs_err *err)
{
    *mask = fs_calloc(b->n_par, 1);
    if (!*mask) return fs_fail(err, FS_ENOMEM, "mask of %zu coordinates", b->n_par);
    for (size_t e = 0; e < b->Q_E->ptr[b->dim_E]; e++) (*mask)[b->Q_E->col[e]] = 1;
    for (size_t e = 0; e < b->Q_N->ptr[b->dim_N]; e++) (*mask)[b->Q_N->col[e]] = 1;
    return FS_OK;
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
            fs_raise_to(&largest, fabs(x));
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
    if (sigma[r - 1] >= FS_BASIS_GAP * below) return FS_OK;
    return fs_fail(err, FS_EINPUT, "expected singular values of the span of L with a gap of %.0e between zero and the rest, found "
                   "%.3e next to %.3e: its rank is undecided", FS_BASIS_GAP, sigma[r - 1], below);
}

/* Overwrites the leading rows of `rows` (count, n) by an orthonormal basis of their span.  condition: largest over smallest nonzero
 * singular value, by which rounding moves the span. */
static fs_status orthonormalise(double *rows, size_t count, size_t n, size_t *rank, double *condition, fs_err *err)
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
    if (status == FS_OK) *condition = sigma[0] / sigma[*rank - 1];
    free(sigma);
    free(work);
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
static fs_status finish(fs_basis **out, fs_basis *b, fs_basis_rows *E, fs_basis_rows *N, fs_status status)
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
    fs_basis_rows E = { NULL, 0, 0 }, N = { NULL, 0, 0 };
    *out = NULL;
    fs_basis *b = basis_alloc(rho, 1);
    if (!b) return fs_fail(err, FS_ENOMEM, "basis of %zu coordinates", fs_rep_dim(rho));
    fs_status status = fs_rep_is_monomial(rho) ? fs_basis_orbits_build(b, rho, mask, &E, &N, err)
                                               : fs_basis_components_build(b, rho, mask, &E, &N, err);
    return finish(out, b, &E, &N, status);
}

fs_status fs_basis_create_span(fs_basis **out, const fs_rep *rho, size_t count, const double *span, fs_err *err)
{
    fs_basis_rows E = { NULL, 0, 0 }, N = { NULL, 0, 0 };
    size_t n = fs_rep_dim(rho), rank = 0;
    double condition = 1.0;
    *out = NULL;
    if (count < 1 || count > FS_BASIS_VECTORS || n > FS_BASIS_ENTRIES / count)
        return fs_fail(err, FS_EINPUT, "expected 1 to %u vectors of at most %zu numbers together to span L, found %zu of dimension "
                       "%zu, which need %.1f GiB of memory", FS_BASIS_VECTORS, FS_BASIS_ENTRIES, count, n,
                       (double)count * (double)n * 4.0 * sizeof(double) / 1073741824.0);
    double *rows = fs_calloc(count * n, sizeof *rows);
    fs_basis *b = basis_alloc(rho, 0);
    if (!rows || !b) {
        free(rows);
        free(b);
        return fs_fail(err, FS_ENOMEM, "basis of a span of %zu vectors of dimension %zu", count, n);
    }
    fs_status status = unit_rows(span, count, n, rows, err);
    if (status == FS_OK) status = orthonormalise(rows, count, n, &rank, &condition, err);
    if (status == FS_OK) status = fs_basis_span_build(b, rho, rank, rows, condition, &E, &N, err);
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

/* ---- queries ---- */

static fs_status check_dim(const fs_basis *b, const fs_rep *rho, fs_err *err)
{
    if (fs_rep_dim(rho) == b->n_par) return FS_OK;
    return fs_fail(err, FS_EINPUT, "expected a representation of dimension %zu, found %zu (%s)", b->n_par, fs_rep_dim(rho),
                   fs_rep_name(rho));
}

static int in_closed_form(const fs_basis *b, const fs_rep *rho)
{
    return b->coordinate && fs_rep_is_monomial(rho);
}

static int is_all_of_H(const fs_basis *b)
{
    return b->dim_E + b->dim_N == b->n_par;
}

fs_status fs_basis_compatibility(const fs_basis *b, const fs_rep *rho, double *kappa, fs_err *err)
{
    *kappa = 0.0;
    FS_TRY(check_dim(b, rho, err));
    if (is_all_of_H(b)) return FS_OK;
    return in_closed_form(b, rho) ? fs_basis_orbits_compatibility(b, rho, kappa, err)
                                  : fs_basis_blocks_compatibility(b, rho, kappa, err);
}

fs_status fs_basis_invariance(const fs_basis *b, const fs_rep *rho, double *defect, fs_err *err)
{
    *defect = 0.0;
    FS_TRY(check_dim(b, rho, err));
    if (is_all_of_H(b)) return FS_OK;
    return in_closed_form(b, rho) ? fs_basis_orbits_invariance(b, rho, defect, err)
                                  : fs_basis_blocks_invariance(b, rho, defect, err);
}

fs_status fs_basis_character(const fs_basis *b, const fs_rep *rho, const double *needed, double *chi, fs_err *err)
{
    size_t points = fs_group_points(fs_rep_group(rho));
    memset(chi, 0, points * sizeof *chi);
    FS_TRY(check_dim(b, rho, err));
    if (is_all_of_H(b)) {
        for (size_t g = 0; g < points; g++)
            if (!needed || needed[g] != 0.0) chi[g] = fs_rep_character(rho, g);
        return FS_OK;
    }
    return in_closed_form(b, rho) ? fs_basis_orbits_character(b, rho, needed, chi, err)
                                  : fs_basis_blocks_character(b, rho, needed, chi, err);
}

fs_status fs_basis_character_dim(const fs_basis *b, const fs_rep *rho, double *dim, fs_err *err)
{
    const fs_group *G = fs_rep_group(rho);
    const size_t *point;
    const double *share;
    const uint32_t *class_of;
    size_t points = fs_group_points(G), classes = fs_group_classes(G, &point, &share, &class_of);
    *dim = (double)NAN;
    FS_TRY(check_dim(b, rho, err));
    if (classes == 0 && !fs_rep_haar_is_exact(rho)) return FS_OK;
    double *weight = fs_calloc(points, sizeof *weight), *chi = fs_calloc(points, sizeof *chi);
    fs_status status = weight && chi ? FS_OK : fs_fail(err, FS_ENOMEM, "character at %zu elements", points);
    if (status == FS_OK) {
        for (size_t k = 0; k < classes; k++) weight[point[k]] += share[k];
        if (classes == 0) memcpy(weight, fs_group_haar(G), points * sizeof *weight);
        status = fs_basis_character(b, rho, weight, chi, err);
    }
    if (status == FS_OK) {
        *dim = 0.0;
        for (size_t g = 0; g < points; g++) *dim += weight[g] * chi[g];
    }
    free(weight);
    free(chi);
    return status;
}

/* ---- the two routes compared ---- */

static size_t nodes_of(const fs_group *G)
{
    size_t nodes = 0;
    for (size_t g = 0; g < fs_group_points(G); g++) nodes += fs_group_haar(G)[g] != 0.0;
    return nodes;
}

double fs_basis_nodes(const fs_rep *rho)
{
    return fs_rep_haar_is_exact(rho) ? (double)nodes_of(fs_rep_group(rho)) : HUGE_VAL;
}

/* Tensor products are applied factor by factor, so long columns are not what they cost. */
double fs_basis_apply_moves(const fs_rep *rho)
{
    size_t room = fs_rep_column_room(rho);
    return (double)fs_rep_dim(rho) * (double)(room < 16 ? room : 16);
}

/* A random vector A of TL, or of TE when within_E, and its average y = Pi_G A: raises *worst to |Pi_L y - Pi_E A| / |A|, or to
 * |y - A| / |A|.  A, y (n_par), w (dim L). */
static fs_status compare_once(const fs_basis *b, const fs_rep *rho, int within_E, gsl_rng *rng, double *A, double *y, double *w,
                              double *worst, fs_err *err)
{
    fs_rng_gaussian(rng, b->dim_E + b->dim_N, w);
    if (within_E) memset(w + b->dim_E, 0, b->dim_N * sizeof *w);
    fs_basis_expand(b, w, A);
    double length = fs_norm(b->n_par, A);
    FS_TRY(fs_reynolds_apply(rho, NULL, A, y, err));
    if (!within_E) {
        fs_basis_project(b, y, w);
        fs_basis_expand(b, w, y);
        fs_basis_project_E(b, A, w);
        fs_basis_expand_E(b, w, A);
    }
    for (size_t i = 0; i < b->n_par; i++) y[i] -= A[i];
    fs_raise_to(worst, fs_norm(b->n_par, y) / length);
    return FS_OK;
}

static fs_status compare(const fs_basis *b, const fs_rep *rho, int within_E, size_t count, double *worst, fs_err *err)
{
    size_t n = b->n_par;
    gsl_rng *rng = fs_rng_stream(DIRECTION_SEED, FS_STREAM_HYPOTHESES);
    double *A = fs_calloc(n, sizeof *A), *y = fs_calloc(n, sizeof *y), *w = fs_calloc(b->dim_E + b->dim_N, sizeof *w);
    fs_status status = rng && A && y && w ? FS_OK : fs_fail(err, FS_ENOMEM, "comparison of two projections in dimension %zu", n);
    *worst = 0.0;
    for (size_t k = 0; status == FS_OK && k < count; k++) status = compare_once(b, rho, within_E, rng, A, y, w, worst, err);
    if (rng) gsl_rng_free(rng);
    free(A);
    free(y);
    free(w);
    return status;
}

fs_status fs_basis_agreement(const fs_basis *b, const fs_rep *rho, int compatible, fs_agreement *agreement, fs_err *err)
{
    const fs_group *G = fs_rep_group(rho);
    size_t n = b->n_par, nodes, count = 1;
    double moves = fs_basis_nodes(rho) * fs_basis_apply_moves(rho);
    *agreement = (fs_agreement){ 0, (double)NAN, "" };
    FS_TRY(check_dim(b, rho, err));
    if (b->dim_E + b->dim_N == 0) {
        snprintf(agreement->why, sizeof agreement->why, "nothing to compare: L is a single point");
    } else if (!compatible && b->dim_E == 0) {
        snprintf(agreement->why, sizeof agreement->why, "nothing to compare: L is not compatible with the group and E is a single point");
    } else if (!fs_rep_haar_is_exact(rho)) {
        snprintf(agreement->why, sizeof agreement->why, "no exact average of this representation of %.60s: generators only",
                 fs_group_name(G));
    } else if (!(moves <= REYNOLDS_MOVES)) {
        snprintf(agreement->why, sizeof agreement->why, "averaging over %zu elements in dimension %zu skipped: %.1e numbers to move, limit %.1e",
                 nodes_of(G), n, moves, REYNOLDS_MOVES);
    } else {
        nodes = nodes_of(G);
        while (count < DIRECTIONS && (double)(count + 1) * moves <= SEVERAL_MOVES) count++;
        FS_TRY(compare(b, rho, !compatible, count, &agreement->distance, err));
        agreement->reynolds = 1;
        snprintf(agreement->why, sizeof agreement->why, "%s%s averaged over %zu elements", count == 1 ? "a random direction" : "random directions",
                 compatible ? " of L" : " of E (L is not compatible)", nodes);
    }
    return FS_OK;
}
