/* algebra/rep_leaf.c -- leaves: tables of signed permutations or matrices, verified
 *
 *   rho(0) = 1,   rho(a) rho(b) = rho(a b) on the group's witnesses,   rho^T rho = 1 at every point
 *   d rho([X, Y]) = [d rho X, d rho Y],   d rho X skew
 *
 * For an enumerated group the witnesses are generators times elements, and by induction over words in the
 * generators the law then holds for all pairs.  Signed permutations are compared exactly; a dense n x n product of
 * orthogonal matrices carries a rounding error below n eps an entry, and the matrices themselves come rounded:
 * tolerance 64 n eps, times the square of the largest entry for commutators.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/rep_private.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static fs_status check_dim(const fs_group *G, size_t n, fs_err *err)
{
    size_t entries;
    if (n >= 1 && n <= UINT32_MAX && !__builtin_mul_overflow(n, fs_group_points(G), &entries)) return FS_OK;
    return fs_fail(err, FS_EINPUT, "representation of %s: expected a dimension from 1 to %u, found %zu", fs_group_name(G),
                   UINT32_MAX, n);
}

/* ---- signed permutations ---- */

static int sign_of(const fs_rep *rep, size_t g, size_t j)
{
    return rep->sign ? rep->sign[g * rep->n + j] : 1;
}

/* Each rho(g) hits every index once, with signs +-1.  seen (n), zeroed, holds g + 1 for an index that rho(g) has hit. */
static fs_status check_signed_permutations(const fs_rep *rep, size_t *seen, fs_err *err)
{
    for (size_t g = 0; g < fs_group_points(rep->G); g++)
        for (size_t j = 0; j < rep->n; j++) {
            size_t i = rep->perm[g * rep->n + j];
            int sign = sign_of(rep, g, j);
            if (i >= rep->n)
                return fs_fail(err, FS_ENOTREP, "rho(%zu) e_%zu: expected an index from 0 to %zu, found %zu", g, j,
                               rep->n - 1, i);
            if (seen[i] == g + 1)
                return fs_fail(err, FS_ENOTREP, "rho(%zu): expected a permutation, found index %zu twice (again at e_%zu)", g, i,
                               j);
            if (sign != 1 && sign != -1)
                return fs_fail(err, FS_ENOTREP, "rho(%zu) e_%zu: expected a sign +1 or -1, found %d", g, j, sign);
            seen[i] = g + 1;
        }
    return FS_OK;
}

/* rho(a) rho(b) e_j = rho(c) e_j; two different signed unit vectors differ by 1 or by 2 in some entry. */
static fs_status check_signed_witness(const fs_rep *rep, size_t a, size_t b, size_t c, fs_err *err)
{
    size_t n = rep->n;
    const uint32_t *pa = rep->perm + a * n, *pb = rep->perm + b * n, *pc = rep->perm + c * n;
    for (size_t j = 0; j < n; j++) {
        int same_index = pa[pb[j]] == pc[j];
        int same_sign = sign_of(rep, a, pb[j]) * sign_of(rep, b, j) == sign_of(rep, c, j);
        if (!same_index || !same_sign)
            return fs_fail(err, FS_ENOTREP, "rho(%zu) rho(%zu) - rho(%zu) = %.1e > 0 at e_%zu", a, b, c,
                           same_index ? 2.0 : 1.0, j);
    }
    return FS_OK;
}

static fs_status check_signed_homomorphism(const fs_rep *rep, fs_err *err)
{
    size_t count;
    const size_t *witness = fs_group_witnesses(rep->G, &count);
    for (size_t j = 0; j < rep->n; j++)
        if (rep->perm[j] != j || sign_of(rep, 0, j) != 1)
            return fs_fail(err, FS_ENOTREP, "rho(0): expected the identity, found e_%zu -> %se_%u", j,
                           sign_of(rep, 0, j) < 0 ? "-" : "", rep->perm[j]);
    for (size_t k = 0; k < count; k++)
        FS_TRY(check_signed_witness(rep, witness[3 * k], witness[3 * k + 1], witness[3 * k + 2], err));
    return FS_OK;
}

static void signed_character(fs_rep *rep)
{
    for (size_t g = 0; g < fs_group_points(rep->G); g++) {
        double trace = rep->perm ? 0.0 : (double)rep->n;
        for (size_t j = 0; rep->perm && j < rep->n; j++)
            if (rep->perm[g * rep->n + j] == j) trace += sign_of(rep, g, j);
        rep->character[g] = trace;
    }
}

static int has_minus(size_t count, const int8_t *sign)
{
    for (size_t i = 0; sign && i < count; i++)
        if (sign[i] != 1) return 1;
    return 0;
}

fs_status fs_rep_create_leaf(fs_rep **out, const fs_group *G, const char *name, size_t n, const uint32_t *perm,
                             const int8_t *sign, fs_err *err)
{
    fs_status status = FS_ENOMEM;
    size_t *seen = NULL;
    *out = NULL;
    FS_TRY(check_dim(G, n, err));
    size_t count = fs_group_points(G) * n;
    fs_rep *rep = fs_rep_alloc(REP_SIGNED, G, n);
    if (!rep || !(rep->name = strdup(name))) goto nomem;
    rep->monomial = 1;
    rep->permutation = !perm || !has_minus(count, sign);
    if (perm) {
        rep->perm = fs_calloc(count, sizeof *rep->perm);
        if (!rep->permutation) rep->sign = fs_calloc(count, sizeof *rep->sign);
        seen = fs_calloc(n, sizeof *seen);
        if (!rep->perm || (!rep->permutation && !rep->sign) || !seen) goto nomem;
        memcpy(rep->perm, perm, count * sizeof *perm);
        if (rep->sign) memcpy(rep->sign, sign, count * sizeof *sign);
        if ((status = check_signed_permutations(rep, seen, err)) != FS_OK) goto fail;
        if ((status = check_signed_homomorphism(rep, err)) != FS_OK) goto fail;
    }
    signed_character(rep);
    rep->trivial = fs_rep_generators_fix_basis(rep);
    free(seen);
    *out = rep;
    return FS_OK;
nomem:
    fs_fail(err, status, "%s: signed permutations of %zu coordinates at %zu points", name, n, fs_group_points(G));
fail:
    free(seen);
    fs_rep_destroy(rep);
    return status;
}

fs_status fs_rep_create_signed_permutation(fs_rep **out, const fs_group *G, size_t n, const uint32_t *perm,
                                           const int8_t *sign, fs_err *err)
{
    char name[64];
    size_t overflow;
    *out = NULL;
    FS_TRY(check_dim(G, n, err));
    if (__builtin_mul_overflow(n * fs_group_points(G), sizeof *perm, &overflow))
        return fs_fail(err, FS_ENOMEM, "signed permutations of %zu coordinates", n);
    int minus = has_minus(n * fs_group_points(G), sign);
    snprintf(name, sizeof name, "%spermutation %zu", minus ? "signed " : "", n);
    return fs_rep_create_leaf(out, G, name, n, perm, sign, err);
}

fs_status fs_rep_create_trivial(fs_rep **out, const fs_group *G, size_t n, fs_err *err)
{
    char name[64];
    snprintf(name, sizeof name, "%zu trivial", n);
    return fs_rep_create_leaf(out, G, name, n, NULL, NULL, err);
}

/* ---- dense matrices ---- */

static const double *matrix_of(const fs_rep *rep, size_t g)
{
    return rep->matrix + g * rep->n * rep->n;
}

static fs_status check_finite(size_t count, size_t n, const double *matrix, const char *what, fs_err *err)
{
    for (size_t e = 0; e < count * n * n; e++)
        if (!isfinite(matrix[e]))
            return fs_fail(err, FS_ENAN, "%s(%zu): expected finite entries, found %g in row %zu, column %zu", what,
                           e / (n * n), matrix[e], e / n % n, e % n);
    return FS_OK;
}

/* max |a b - c| over the entries; c NULL means the identity, b NULL too, transpose_a uses a^T.  row (n) is scratch. */
static double product_defect(size_t n, int transpose_a, const double *a, const double *b, const double *c, double *row)
{
    double worst = 0.0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) row[j] = (b ? 0.0 : a[i * n + j]) - (c ? c[i * n + j] : i == j ? 1.0 : 0.0);
        for (size_t k = 0; b && k < n; k++) {
            double aik = transpose_a ? a[k * n + i] : a[i * n + k];
            for (size_t j = 0; j < n; j++) row[j] += aik * b[k * n + j];
        }
        for (size_t j = 0; j < n; j++)
            if (fabs(row[j]) > worst) worst = fabs(row[j]);
    }
    return worst;
}

static void raise_to(double *worst, double defect)
{
    if (defect > *worst) *worst = defect;
}

static fs_status check_dense(fs_rep *rep, double *row, fs_err *err)
{
    size_t n = rep->n, count;
    const size_t *witness = fs_group_witnesses(rep->G, &count);
    double tol = 64.0 * (double)n * DBL_EPSILON, defect = product_defect(n, 0, rep->matrix, NULL, NULL, row);
    if (!(defect <= tol)) return fs_fail(err, FS_ENOTREP, "rho(0) - 1 = %.1e > %.1e", defect, tol);
    raise_to(&rep->homomorphism_defect, defect);
    for (size_t g = 0; g < fs_group_points(rep->G); g++) {
        defect = product_defect(n, 1, matrix_of(rep, g), matrix_of(rep, g), NULL, row);
        if (!(defect <= tol)) return fs_fail(err, FS_ENOTREP, "rho(%zu)^T rho(%zu) - 1 = %.1e > %.1e", g, g, defect, tol);
        raise_to(&rep->orthogonality_defect, defect);
    }
    for (size_t k = 0; k < count; k++) {
        size_t a = witness[3 * k], b = witness[3 * k + 1], c = witness[3 * k + 2];
        defect = product_defect(n, 0, matrix_of(rep, a), matrix_of(rep, b), matrix_of(rep, c), row);
        if (!(defect <= tol))
            return fs_fail(err, FS_ENOTREP, "rho(%zu) rho(%zu) - rho(%zu) = %.1e > %.1e", a, b, c, defect, tol);
        raise_to(&rep->homomorphism_defect, defect);
    }
    return FS_OK;
}

/* ---- the Lie algebra ---- */

/* [X_i, X_j] = *sign X_k for i < j, k returned; *sign = 0 where they commute, as factors of a product do. */
static size_t bracket(const fs_group *G, size_t i, size_t j, int *sign)
{
    size_t first = 0;
    *sign = 0;
    for (size_t k = 0; fs_group_family(G) == FS_FAMILY_PRODUCT && k < fs_group_factors(G); k++) {
        const fs_group *factor = fs_group_factor(G, k);
        size_t dim = fs_group_lie_dim(factor);
        if (i >= first && j < first + dim) return first + bracket(factor, i - first, j - first, sign);
        first += dim;
    }
    if (fs_group_family(G) == FS_FAMILY_PRODUCT || fs_group_lie_dim(G) != 3) return 0;
    *sign = j - i == 1 ? 1 : -1;
    return 3 - i - j;
}

/* max |[A, B] - sign C| over the entries. */
static double bracket_defect(size_t n, const double *A, const double *B, int sign, const double *C, double *row)
{
    double worst = 0.0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) row[j] = -sign * C[i * n + j];
        for (size_t k = 0; k < n; k++)
            for (size_t j = 0; j < n; j++) row[j] += A[i * n + k] * B[k * n + j] - B[i * n + k] * A[k * n + j];
        for (size_t j = 0; j < n; j++) raise_to(&worst, fabs(row[j]));
    }
    return worst;
}

static fs_status check_lie(fs_rep *rep, double *row, fs_err *err)
{
    size_t n = rep->n, dim = fs_group_lie_dim(rep->G);
    double scale = 1.0;
    FS_TRY(check_finite(dim, n, rep->lie, "d rho", err));
    for (size_t e = 0; e < dim * n * n; e++) raise_to(&scale, fabs(rep->lie[e]));
    double tol = 64.0 * (double)n * DBL_EPSILON * scale * scale;
    for (size_t e = 0; e < dim * n * n; e++) {
        size_t k = e / (n * n), i = e / n % n, j = e % n;
        double defect = fabs(rep->lie[e] + rep->lie[(k * n + j) * n + i]);
        if (!(defect <= tol)) return fs_fail(err, FS_ENOTREP, "d rho(%zu) + d rho(%zu)^T = %.1e > %.1e", k, k, defect, tol);
    }
    for (size_t j = 0; j < dim; j++)
        for (size_t i = 0; i < j; i++) {
            int sign;
            const double *L = rep->lie, *target = L + bracket(rep->G, i, j, &sign) * n * n;
            double defect = bracket_defect(n, L + i * n * n, L + j * n * n, sign, target, row);
            if (!(defect <= tol))
                return fs_fail(err, FS_ENOTREP, "[d rho(%zu), d rho(%zu)] - d rho([%zu, %zu]) = %.1e > %.1e", i, j, i, j,
                               defect, tol);
            raise_to(&rep->homomorphism_defect, defect);
        }
    return FS_OK;
}

static int is_zero(size_t count, const double *x)
{
    for (size_t i = 0; x && i < count; i++)
        if (!(x[i] == 0.0)) return 0;
    return 1;
}

/* Is every matrix a signed permutation, exactly?  Then perm and sign are filled in. */
static int exactly_signed(size_t points, size_t n, const double *matrix, uint32_t *perm, int8_t *sign)
{
    for (size_t c = 0; c < points * n; c++) {
        const double *column = matrix + c / n * n * n + c % n;
        size_t found = 0;
        for (size_t i = 0; i < n; i++) {
            double entry = column[i * n];
            if (entry == 0.0) continue;
            if (found++ > 0 || (entry != 1.0 && entry != -1.0)) return 0;
            perm[c] = (uint32_t)i;
            sign[c] = entry > 0.0 ? 1 : -1;
        }
        if (found == 0) return 0;
    }
    return 1;
}

/* rho(s) = 1 exactly for the generators, no Lie algebra. */
static int acts_by_nothing(const fs_rep *rep)
{
    size_t n = rep->n, count;
    const size_t *generator = fs_group_generators(rep->G, &count);
    for (size_t k = 0; k < count; k++)
        for (size_t e = 0; e < n * n; e++)
            if (!(matrix_of(rep, generator[k])[e] == (e / n == e % n ? 1.0 : 0.0))) return 0;
    return !rep->lie;
}

static fs_status create_dense_leaf(fs_rep **out, const fs_group *G, const char *name, size_t n, const double *matrix,
                                   const double *lie, size_t degree, fs_err *err)
{
    fs_status status = FS_ENOMEM;
    size_t points = fs_group_points(G), lie_count = fs_group_lie_dim(G) * n * n;
    fs_rep *rep = fs_rep_alloc(REP_DENSE, G, n);
    double *row = fs_calloc(n, sizeof *row);
    if (!rep || !row) goto nomem;
    rep->name = strdup(name);
    rep->matrix = fs_calloc(points * n, n * sizeof *rep->matrix);
    if (lie) rep->lie = fs_calloc(lie_count, sizeof *rep->lie);
    if (!rep->name || !rep->matrix || (lie && !rep->lie)) goto nomem;
    memcpy(rep->matrix, matrix, points * n * n * sizeof *matrix);
    if (lie) memcpy(rep->lie, lie, lie_count * sizeof *lie);
    rep->degree = degree;
    if ((status = check_finite(points, n, rep->matrix, "rho", err)) != FS_OK) goto fail;
    if ((status = check_dense(rep, row, err)) != FS_OK) goto fail;
    if (lie && (status = check_lie(rep, row, err)) != FS_OK) goto fail;
    for (size_t g = 0; g < points; g++)
        for (size_t i = 0; i < n; i++) rep->character[g] += matrix_of(rep, g)[i * n + i];
    rep->trivial = acts_by_nothing(rep);
    free(row);
    *out = rep;
    return FS_OK;
nomem:
    fs_fail(err, status, "%s: %zu matrices of order %zu", name, points, n);
fail:
    free(row);
    fs_rep_destroy(rep);
    return status;
}

fs_status fs_rep_create_matrix_leaf(fs_rep **out, const fs_group *G, const char *name, size_t n, const double *matrix,
                                    const double *lie, size_t degree, fs_err *err)
{
    size_t points = fs_group_points(G), count;
    *out = NULL;
    FS_TRY(check_dim(G, n, err));
    if (__builtin_mul_overflow(points * n, n * sizeof *matrix, &count)
        || __builtin_mul_overflow(fs_group_lie_dim(G), n * n * sizeof *lie, &count))
        return fs_fail(err, FS_ENOMEM, "%s: %zu matrices of order %zu", name, points, n);
    if (is_zero(fs_group_lie_dim(G) * n * n, lie)) lie = NULL;
    if (lie) return create_dense_leaf(out, G, name, n, matrix, lie, degree, err);
    uint32_t *perm = fs_calloc(points * n, sizeof *perm);
    int8_t *sign = fs_calloc(points * n, sizeof *sign);
    fs_status status;
    if (!perm || !sign) status = fs_fail(err, FS_ENOMEM, "%s: %zu matrices of order %zu", name, points, n);
    else if (exactly_signed(points, n, matrix, perm, sign)) status = fs_rep_create_leaf(out, G, name, n, perm, sign, err);
    else status = create_dense_leaf(out, G, name, n, matrix, NULL, degree, err);
    free(perm);
    free(sign);
    return status;
}

fs_status fs_rep_create_dense(fs_rep **out, const fs_group *G, size_t n, const double *matrix, const double *lie, size_t degree,
                              fs_err *err)
{
    char name[64];
    snprintf(name, sizeof name, "dense %zu", n);
    return fs_rep_create_matrix_leaf(out, G, name, n, matrix, lie, degree, err);
}

/* ---- representations of a factor ---- */

static fs_status pull_back_signed(fs_rep **out, const fs_group *G, size_t k, const char *name, const fs_rep *rho, fs_err *err)
{
    size_t n = rho->n, points = fs_group_points(G);
    if (!rho->perm) return fs_rep_create_leaf(out, G, name, n, NULL, NULL, err);
    uint32_t *perm = fs_calloc(points, n * sizeof *perm);
    int8_t *sign = rho->sign ? fs_calloc(points, n) : NULL;
    fs_status status = FS_ENOMEM;
    if (!perm || (rho->sign && !sign)) fs_fail(err, status, "%s: %zu coordinates at %zu points", name, n, points);
    else {
        for (size_t g = 0; g < points; g++) {
            size_t of = fs_group_component(G, g, k);
            memcpy(perm + g * n, rho->perm + of * n, n * sizeof *perm);
            if (sign) memcpy(sign + g * n, rho->sign + of * n, n);
        }
        status = fs_rep_create_leaf(out, G, name, n, perm, sign, err);
    }
    free(perm);
    free(sign);
    return status;
}

static fs_status pull_back_dense(fs_rep **out, const fs_group *G, size_t k, const char *name, const fs_rep *rho, fs_err *err)
{
    size_t n = rho->n, points = fs_group_points(G), first = 0;
    double *matrix = fs_calloc(points * n, n * sizeof *matrix);
    double *lie = rho->lie ? fs_calloc(fs_group_lie_dim(G) * n, n * sizeof *lie) : NULL;
    fs_status status = FS_ENOMEM;
    if (!matrix || (rho->lie && !lie)) fs_fail(err, status, "%s: %zu matrices of order %zu", name, points, n);
    else {
        for (size_t g = 0; g < points; g++)
            memcpy(matrix + g * n * n, rho->matrix + fs_group_component(G, g, k) * n * n, n * n * sizeof *matrix);
        for (size_t f = 0; f < k; f++) first += fs_group_lie_dim(fs_group_factor(G, f));
        if (lie) memcpy(lie + first * n * n, rho->lie, fs_group_lie_dim(rho->G) * n * n * sizeof *lie);
        status = fs_rep_create_matrix_leaf(out, G, name, n, matrix, lie, rho->degree, err);
    }
    free(matrix);
    free(lie);
    return status;
}

static fs_status pull_back_tree(fs_rep **out, const fs_group *G, size_t k, const fs_rep *rho, fs_err *err)
{
    size_t done = 0;
    fs_rep **part = fs_calloc(rho->parts, sizeof *part);
    fs_status status = part ? FS_OK : fs_fail(err, FS_ENOMEM, "%zu representations", rho->parts);
    while (status == FS_OK && done < rho->parts) {
        status = fs_rep_pull_back(&part[done], G, k, rho->part[done], err);
        if (status == FS_OK) done++;
    }
    if (status == FS_OK)
        status = rho->kind == REP_SUM ? fs_rep_create_sum(out, done, part, err) : fs_rep_create_tensor(out, done, part, err);
    for (size_t f = 0; f < done; f++) fs_rep_destroy(part[f]);
    free(part);
    return status;
}

fs_status fs_rep_pull_back(fs_rep **out, const fs_group *G, size_t k, const fs_rep *rho, fs_err *err)
{
    *out = NULL;
    if (rho->kind == REP_SUM || rho->kind == REP_TENSOR) return pull_back_tree(out, G, k, rho, err);
    size_t room = strlen(rho->name) + 24;
    char *name = fs_calloc(room, 1);
    if (!name) return fs_fail(err, FS_ENOMEM, "%s of factor %zu", rho->name, k + 1);
    snprintf(name, room, "%s@%zu", rho->name, k + 1);
    fs_status status = rho->kind == REP_SIGNED ? pull_back_signed(out, G, k, name, rho, err)
                                               : pull_back_dense(out, G, k, name, rho, err);
    free(name);
    return status;
}
