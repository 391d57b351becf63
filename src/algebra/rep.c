/* algebra/rep.c -- leaves, sums and tensor products of orthogonal representations
 *
 *   rho(0) = 1,   rho(s) rho(g) = rho(s g) for the generators s and every g,   rho^T rho = 1
 *
 * is verified for every leaf: by induction over words in the generators the law then holds for all
 * pairs.  Signed permutations are compared exactly; a dense n x n product of orthogonal matrices carries
 * a rounding error below n eps an entry, and the matrices themselves come rounded: tolerance 64 n eps.
 * chi adds over sums and multiplies over tensor products.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/rep_private.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

fs_rep *fs_rep_retain(fs_rep *rep)
{
    rep->references++;
    return rep;
}

void fs_rep_destroy(fs_rep *rep)
{
    if (!rep || --rep->references > 0) return;
    for (size_t k = 0; rep->part && k < rep->parts; k++) fs_rep_destroy(rep->part[k]);
    free(rep->part);
    free(rep->place);
    free(rep->name);
    free(rep->character);
    free(rep->perm);
    free(rep->sign);
    free(rep->matrix);
    free(rep);
}

static fs_rep *rep_alloc(rep_kind kind, const fs_group *G, size_t n)
{
    fs_rep *rep = fs_calloc(1, sizeof *rep);
    if (!rep) return NULL;
    rep->references = 1;
    rep->kind = kind;
    rep->G = G;
    rep->n = n;
    rep->character = fs_calloc(fs_group_order(G), sizeof *rep->character);
    if (rep->character) return rep;
    fs_rep_destroy(rep);
    return NULL;
}

static fs_status check_dim(const fs_group *G, size_t n, fs_err *err)
{
    size_t entries;
    if (n >= 1 && n <= UINT32_MAX && !__builtin_mul_overflow(n, fs_group_order(G), &entries)) return FS_OK;
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
    for (size_t g = 0; g < fs_group_order(rep->G); g++)
        for (size_t j = 0; j < rep->n; j++) {
            size_t i = rep->perm[g * rep->n + j];
            int sign = sign_of(rep, g, j);
            if (i >= rep->n)
                return fs_fail(err, FS_ENOTREP, "rho(%zu) e_%zu: expected an index from 0 to %zu, found %zu", g, j, rep->n - 1, i);
            if (seen[i] == g + 1)
                return fs_fail(err, FS_ENOTREP, "rho(%zu): expected a permutation, found index %zu twice (again at e_%zu)", g, i,
                               j);
            if (sign != 1 && sign != -1)
                return fs_fail(err, FS_ENOTREP, "rho(%zu) e_%zu: expected a sign +1 or -1, found %d", g, j, sign);
            seen[i] = g + 1;
        }
    return FS_OK;
}

/* rho(s) rho(g) e_j = rho(s g) e_j; two different signed unit vectors differ by 1 or by 2 in some entry. */
static fs_status check_signed_pair(const fs_rep *rep, size_t s, size_t g, fs_err *err)
{
    size_t n = rep->n, sg = fs_group_product(rep->G, s, g);
    const uint32_t *ps = rep->perm + s * n, *pg = rep->perm + g * n, *psg = rep->perm + sg * n;
    for (size_t j = 0; j < n; j++) {
        int same_index = ps[pg[j]] == psg[j];
        int same_sign = sign_of(rep, s, pg[j]) * sign_of(rep, g, j) == sign_of(rep, sg, j);
        if (!same_index || !same_sign)
            return fs_fail(err, FS_ENOTREP, "rho(%zu) rho(%zu) - rho(%zu) = %.1e > 0 at e_%zu", s, g, sg,
                           same_index ? 2.0 : 1.0, j);
    }
    return FS_OK;
}

static fs_status check_signed_homomorphism(const fs_rep *rep, fs_err *err)
{
    size_t count;
    const size_t *generator = fs_group_generators(rep->G, &count);
    for (size_t j = 0; j < rep->n; j++)
        if (rep->perm[j] != j || sign_of(rep, 0, j) != 1)
            return fs_fail(err, FS_ENOTREP, "rho(0): expected the identity, found e_%zu -> %se_%u", j,
                           sign_of(rep, 0, j) < 0 ? "-" : "", rep->perm[j]);
    for (size_t k = 0; k < count; k++)
        for (size_t g = 0; g < fs_group_order(rep->G); g++) FS_TRY(check_signed_pair(rep, generator[k], g, err));
    return FS_OK;
}

static void signed_character(fs_rep *rep)
{
    for (size_t g = 0; g < fs_group_order(rep->G); g++) {
        double trace = 0.0;
        for (size_t j = 0; j < rep->n; j++)
            if (!rep->perm || rep->perm[g * rep->n + j] == j) trace += sign_of(rep, g, j);
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
    size_t count = fs_group_order(G) * n;
    fs_rep *rep = rep_alloc(REP_SIGNED, G, n);
    if (!rep || !(rep->name = strdup(name))) goto nomem;
    rep->monomial = 1;
    rep->permutation = !has_minus(count, sign);
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
    free(seen);
    *out = rep;
    return FS_OK;
nomem:
    fs_fail(err, status, "%s: signed permutations of %zu coordinates for %zu elements", name, n, fs_group_order(G));
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
    if (__builtin_mul_overflow(n * fs_group_order(G), sizeof *perm, &overflow))
        return fs_fail(err, FS_ENOMEM, "signed permutations of %zu coordinates", n);
    int minus = has_minus(n * fs_group_order(G), sign);
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

static fs_status check_finite(const fs_rep *rep, fs_err *err)
{
    size_t n = rep->n;
    for (size_t e = 0; e < fs_group_order(rep->G) * n * n; e++)
        if (!isfinite(rep->matrix[e]))
            return fs_fail(err, FS_ENAN, "rho(%zu): expected finite entries, found %g in row %zu, column %zu", e / (n * n),
                           rep->matrix[e], e / n % n, e % n);
    return FS_OK;
}

/* max |a b - c| over the entries; c NULL means the identity, transpose_a uses a^T.  row (n) is scratch. */
static double product_defect(size_t n, int transpose_a, const double *a, const double *b, const double *c, double *row)
{
    double worst = 0.0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) row[j] = c ? -c[i * n + j] : i == j ? -1.0 : 0.0;
        for (size_t k = 0; k < n; k++) {
            double aik = transpose_a ? a[k * n + i] : a[i * n + k];
            for (size_t j = 0; j < n; j++) row[j] += aik * b[k * n + j];
        }
        for (size_t j = 0; j < n; j++)
            if (fabs(row[j]) > worst) worst = fabs(row[j]);
    }
    return worst;
}

static fs_status check_dense(fs_rep *rep, double *row, fs_err *err)
{
    size_t n = rep->n, count;
    const size_t *generator = fs_group_generators(rep->G, &count);
    double tol = 64.0 * (double)n * DBL_EPSILON;
    for (size_t g = 0; g < fs_group_order(rep->G); g++) {
        double defect = product_defect(n, 1, matrix_of(rep, g), matrix_of(rep, g), NULL, row);
        if (!(defect <= tol)) return fs_fail(err, FS_ENOTREP, "rho(%zu)^T rho(%zu) - 1 = %.1e > %.1e", g, g, defect, tol);
        if (defect > rep->orthogonality_defect) rep->orthogonality_defect = defect;
    }
    /* rho(0) rho(0) = rho(0) and rho(0) invertible make rho(0) = 1, so the pair (0, 0) stands for the identity. */
    for (size_t k = 0; k <= count; k++)
        for (size_t g = 0; g < fs_group_order(rep->G); g++) {
            size_t s = k ? generator[k - 1] : 0, sg = fs_group_product(rep->G, s, g);
            double defect = product_defect(n, 0, matrix_of(rep, s), matrix_of(rep, g), matrix_of(rep, sg), row);
            if (!(defect <= tol))
                return fs_fail(err, FS_ENOTREP, "rho(%zu) rho(%zu) - rho(%zu) = %.1e > %.1e", s, g, sg, defect, tol);
            if (defect > rep->homomorphism_defect) rep->homomorphism_defect = defect;
        }
    return FS_OK;
}

fs_status fs_rep_create_matrix_leaf(fs_rep **out, const fs_group *G, const char *name, size_t n, const double *matrix,
                                 fs_err *err)
{
    fs_status status = FS_ENOMEM;
    double *row = NULL;
    size_t count;
    *out = NULL;
    FS_TRY(check_dim(G, n, err));
    fs_rep *rep = rep_alloc(REP_DENSE, G, n);
    if (!rep || __builtin_mul_overflow(fs_group_order(G) * n, n, &count)) goto nomem;
    rep->name = strdup(name);
    rep->matrix = fs_calloc(count, sizeof *rep->matrix);
    row = fs_calloc(n, sizeof *row);
    if (!rep->name || !rep->matrix || !row) goto nomem;
    memcpy(rep->matrix, matrix, count * sizeof *matrix);
    if ((status = check_finite(rep, err)) != FS_OK) goto fail;
    if ((status = check_dense(rep, row, err)) != FS_OK) goto fail;
    for (size_t g = 0; g < fs_group_order(G); g++)
        for (size_t i = 0; i < n; i++) rep->character[g] += matrix_of(rep, g)[i * n + i];
    free(row);
    *out = rep;
    return FS_OK;
nomem:
    fs_fail(err, status, "%s: %zu matrices of order %zu", name, fs_group_order(G), n);
fail:
    free(row);
    fs_rep_destroy(rep);
    return status;
}

fs_status fs_rep_create_dense(fs_rep **out, const fs_group *G, size_t n, const double *matrix, fs_err *err)
{
    char name[64];
    snprintf(name, sizeof name, "dense %zu", n);
    return fs_rep_create_matrix_leaf(out, G, name, n, matrix, err);
}

/* ---- trees ---- */

/* "(a x b) + 2 c": equal neighbours of a sum are counted; a part gets brackets where the text could be misread. */
static int write_name(const fs_rep *rep, FILE *to)
{
    for (size_t k = 0, run; k < rep->parts; k += run) {
        const fs_rep *part = rep->part[k];
        int sum = rep->kind == REP_SUM;
        for (run = 1; sum && k + run < rep->parts && strcmp(part->name, rep->part[k + run]->name) == 0;) run++;
        int brackets = part->kind == REP_SUM || (sum && part->kind == REP_TENSOR)
                       || (run > 1 && part->name[0] >= '0' && part->name[0] <= '9');
        if (k > 0 && fputs(sum ? " + " : " x ", to) < 0) return -1;
        if (run > 1 && fprintf(to, "%zu ", run) < 0) return -1;
        if (fprintf(to, brackets ? "(%s)" : "%s", part->name) < 0) return -1;
    }
    return 0;
}

static int name_tree(fs_rep *rep)
{
    size_t length;
    FILE *to = open_memstream(&rep->name, &length);
    if (!to) return -1;
    int failed = write_name(rep, to);
    return fclose(to) == 0 ? failed : -1;
}

/* place and n of a sum or a tensor product; nonzero on overflow. */
static int lay_out(fs_rep *rep)
{
    int overflow = 0;
    rep->n = rep->kind == REP_SUM ? 0 : 1;
    for (size_t t = 0; t < rep->parts; t++) {
        size_t k = rep->kind == REP_SUM ? t : rep->parts - 1 - t;      /* the last factor runs fastest */
        rep->place[k] = rep->n;
        overflow |= rep->kind == REP_SUM ? __builtin_add_overflow(rep->n, rep->part[k]->n, &rep->n)
                                         : __builtin_mul_overflow(rep->n, rep->part[k]->n, &rep->n);
    }
    return overflow || rep->n > UINT32_MAX;
}

static void inherit(fs_rep *rep)
{
    size_t order = fs_group_order(rep->G);
    rep->monomial = rep->permutation = 1;
    for (size_t g = 0; g < order; g++) rep->character[g] = rep->kind == REP_SUM ? 0.0 : 1.0;
    for (size_t k = 0; k < rep->parts; k++) {
        const fs_rep *part = rep->part[k];
        rep->monomial &= part->monomial;
        rep->permutation &= part->permutation;
        if (part->homomorphism_defect > rep->homomorphism_defect) rep->homomorphism_defect = part->homomorphism_defect;
        if (part->orthogonality_defect > rep->orthogonality_defect) rep->orthogonality_defect = part->orthogonality_defect;
        if (part->tensor_depth > rep->tensor_depth) rep->tensor_depth = part->tensor_depth;
        for (size_t g = 0; g < order; g++) {
            if (rep->kind == REP_SUM) rep->character[g] += part->character[g];
            else rep->character[g] *= part->character[g];
        }
    }
    if (rep->kind == REP_TENSOR) rep->tensor_depth++;
}

/* sign x sign is a permutation though its factors are not; the generators decide. */
static int all_signs_plus(const fs_rep *rep)
{
    size_t count;
    const size_t *generator = fs_group_generators(rep->G, &count);
    for (size_t k = 0; k < count; k++)
        for (size_t j = 0; j < rep->n; j++) {
            int sign;
            fs_rep_image_of_basis(rep, generator[k], j, &sign);
            if (sign < 0) return 0;
        }
    return 1;
}

static fs_status create_tree(fs_rep **out, rep_kind kind, size_t count, fs_rep *const *part, fs_err *err)
{
    const char *word = kind == REP_SUM ? "direct sum" : "tensor product";
    *out = NULL;
    if (count == 0) return fs_fail(err, FS_EINPUT, "%s: expected at least one representation, found none", word);
    for (size_t k = 1; k < count; k++)
        if (part[k]->G != part[0]->G)
            return fs_fail(err, FS_EINPUT, "%s: expected representations of one group, found %s and %s", word,
                           fs_group_name(part[0]->G), fs_group_name(part[k]->G));
    fs_rep *rep = rep_alloc(kind, part[0]->G, 0);
    if (!rep) goto nomem;
    rep->part = fs_calloc(count, sizeof *rep->part);
    rep->place = fs_calloc(count, sizeof *rep->place);
    if (!rep->part || !rep->place) goto nomem;
    for (; rep->parts < count; rep->parts++) rep->part[rep->parts] = fs_rep_retain(part[rep->parts]);
    if (lay_out(rep)) {
        fs_rep_destroy(rep);
        return fs_fail(err, FS_EINPUT, "%s of %zu representations: expected a dimension up to %u, found more", word, count,
                       UINT32_MAX);
    }
    if (name_tree(rep)) goto nomem;
    inherit(rep);
    if (rep->monomial && !rep->permutation) rep->permutation = all_signs_plus(rep);
    *out = rep;
    return FS_OK;
nomem:
    fs_rep_destroy(rep);
    return fs_fail(err, FS_ENOMEM, "%s of %zu representations", word, count);
}

fs_status fs_rep_create_sum(fs_rep **out, size_t count, fs_rep *const *part, fs_err *err)
{
    return create_tree(out, REP_SUM, count, part, err);
}

fs_status fs_rep_create_tensor(fs_rep **out, size_t count, fs_rep *const *factor, fs_err *err)
{
    return create_tree(out, REP_TENSOR, count, factor, err);
}

/* ---- queries ---- */

const fs_group *fs_rep_group(const fs_rep *rep)
{
    return rep->G;
}

size_t fs_rep_dim(const fs_rep *rep)
{
    return rep->n;
}

const char *fs_rep_name(const fs_rep *rep)
{
    return rep->name;
}

int fs_rep_is_monomial(const fs_rep *rep)
{
    return rep->monomial;
}

int fs_rep_is_permutation(const fs_rep *rep)
{
    return rep->permutation;
}

double fs_rep_character(const fs_rep *rep, size_t g)
{
    return rep->character[g];
}

double fs_rep_invariant_dim(const fs_rep *rep)
{
    const double *haar = fs_group_haar(rep->G);
    double dim = 0.0;
    for (size_t g = 0; g < fs_group_order(rep->G); g++) dim += haar[g] * rep->character[g];
    return dim;
}

double fs_rep_homomorphism_defect(const fs_rep *rep)
{
    return rep->homomorphism_defect;
}

double fs_rep_orthogonality_defect(const fs_rep *rep)
{
    return rep->orthogonality_defect;
}
