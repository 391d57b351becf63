/* algebra/irreducible_matrices.c -- matrices of a real irreducible from the regular representation
 *
 * On R^G, (L_a v)(g) = v(a^-1 g) commutes with every right convolution (T v)(g) = sum_h f(h^-1 g) v(h).  The isotypic component of chi, the image of
 *
 *   (P v)(g) = dim / (<chi, chi> |G|) sum_h chi(h^-1 g) v(h)                      [Ser77, 2.6]
 *
 * holds m = dim / <chi, chi> copies of the irreducible V.  T with f(y^-1) = f(y) is symmetric; on the component it is a random Hermitian m x m
 * matrix over R, C or H, so it has m eigenvalues, and every eigenspace is one copy of V.  Lanczos from a vector of the component ends after m steps and gives
 * one eigenvector u; the translates L_g u span V.  With an orthonormal basis q of V
 *
 *   rho(g)_ij = <q_i, L_g q_j> = sum_h q_i(g h) q_j(h)
 *
 * If V is invariant up to delta, rho is a homomorphism up to delta^2 and rounding.  Cost O(|G|^2 dim^2).  Plain loops: no bit
 * depends on a BLAS kernel.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/irreducible.h"

#include "base/norm.h"
#include "base/rng.h"

#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ORDER = 1024, MOST_TRIES = 16 };

/* Everything of one irreducible at work. */
typedef struct {
    const fs_group *G;
    const fs_irreducible *chi;
    size_t order, dim, copies;
    double *f;                  /* (order) */
    double *krylov;             /* (copies, order) */
    double *tridiagonal;        /* diagonal (copies), beside it (copies), eigenvectors (copies, copies) */
    double *u, *v;              /* (order) */
    double *basis;              /* (dim, order) */
    double *left;               /* (order) what the basis leaves of the square of L_g u; then q_i(g h) */
} work;

static void work_clear(work *w)
{
    free(w->f);
    free(w->krylov);
    free(w->tridiagonal);
    free(w->u);
    free(w->v);
    free(w->basis);
    free(w->left);
}

/* y(g) = scale sum_h f(h^-1 g) x(h) */
static void convolve(const work *w, const double *f, double scale, const double *x, double *y)
{
    for (size_t g = 0; g < w->order; g++) y[g] = 0.0;
    for (size_t h = 0; h < w->order; h++) {
        size_t inverse = fs_group_inverse(w->G, h);
        double value = scale * x[h];
        for (size_t g = 0; g < w->order; g++) y[g] += f[fs_group_product(w->G, inverse, g)] * value;
    }
}

static void project(const work *w, const double *x, double *y)
{
    convolve(w, w->chi->character, (double)w->dim / ((double)w->chi->type * (double)w->order), x, y);
}

/* In stretches of 32, so that the rounding is that of some 64 additions and not of n. */
static double dot(size_t n, const double *x, const double *y)
{
    double sum = 0.0;
    for (size_t i = 0; i < n;) {
        size_t end = n - i < 32 ? n : i + 32;
        double part = 0.0;
        for (; i < end; i++) part += x[i] * y[i];
        sum += part;
    }
    return sum;
}

/* x -= its part in the span of `count` orthonormal rows, twice; then to unit length.  Returns the length before that. */
static double orthonormalise(size_t n, size_t count, const double *rows, double *x)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < count; k++) {
            double c = dot(n, rows + k * n, x);
            for (size_t i = 0; i < n; i++) x[i] -= c * rows[k * n + i];
        }
    double length = sqrt(dot(n, x, x));
    for (size_t i = 0; i < n; i++) x[i] /= length;
    return length;
}

/* u: a unit eigenvector of T on the component, for the eigenvalue farthest from the others; *error: how far from the eigenspace, HUGE_VAL when
 * the random start was too poor. */
static fs_status eigenvector(work *w, gsl_rng *rng, double *error, fs_err *err)
{
    size_t n = w->order, m = w->copies;
    double *alpha = w->tridiagonal, *beta = alpha + m, *z = beta + m;
    fs_rng_gaussian(rng, n, w->f);
    for (size_t g = 0; g < n; g++) w->f[fs_group_inverse(w->G, g)] = w->f[g];
    fs_rng_gaussian(rng, n, w->u);
    project(w, w->u, w->krylov);
    orthonormalise(n, 0, NULL, w->krylov);
    *error = HUGE_VAL;
    for (size_t k = 0; k < m; k++) {
        const double *q = w->krylov + k * n;
        convolve(w, w->f, 1.0, q, w->v);
        alpha[k] = dot(n, q, w->v);
        if (k + 1 == m) break;
        double *next = w->krylov + (k + 1) * n;
        project(w, w->v, next);
        beta[k] = orthonormalise(n, k + 1, w->krylov, next);
        if (!(beta[k] > 0.0)) return FS_OK;
    }
    lapack_int info = LAPACKE_dstev(LAPACK_COL_MAJOR, 'V', (lapack_int)m, alpha, beta, z, (lapack_int)m);
    if (info != 0) return fs_fail(err, info < -1000 ? FS_ENOMEM : FS_ENAN, "matrices of %s: dstev returned %d", w->chi->name, (int)info);
    size_t best = 0;
    double best_gap = 0.0;
    for (size_t k = 0; k < m; k++) {
        double gap = HUGE_VAL;
        if (k > 0) gap = alpha[k] - alpha[k - 1];
        if (k + 1 < m && alpha[k + 1] - alpha[k] < gap) gap = alpha[k + 1] - alpha[k];
        if (gap > best_gap) {
            best = k;
            best_gap = gap;
        }
    }
    for (size_t g = 0; g < n; g++) {
        double sum = 0.0;
        for (size_t k = 0; k < m; k++) sum += z[best * m + k] * w->krylov[k * n + g];
        w->v[g] = sum;
    }
    project(w, w->v, w->u);
    orthonormalise(n, 0, NULL, w->u);
    convolve(w, w->f, 1.0, w->u, w->v);
    for (size_t g = 0; g < n; g++) w->v[g] -= alpha[best] * w->u[g];
    *error = sqrt(dot(n, w->v, w->v)) / best_gap;
    return FS_OK;
}

/* Orthonormal rows that span the translates of u: always the translate of which the others leave most, on average 1 - k / dim of its square. */
static void span_translates(work *w)
{
    size_t n = w->order;
    for (size_t g = 0; g < n; g++) w->left[g] = 1.0;
    for (size_t k = 0; k < w->dim; k++) {
        double *q = w->basis + k * n;
        size_t a = 0;
        for (size_t g = 1; g < n; g++)
            if (w->left[g] > w->left[a]) a = g;
        for (size_t h = 0; h < n; h++) q[fs_group_product(w->G, a, h)] = w->u[h];
        orthonormalise(n, k, w->basis, q);
        for (size_t g = 0; g < n; g++) {
            double c = 0.0;
            for (size_t h = 0; h < n; h++) c += q[fs_group_product(w->G, g, h)] * w->u[h];
            w->left[g] -= c * c;
        }
    }
}

static void fill_matrices(work *w, double *matrix)
{
    size_t n = w->order, d = w->dim;
    for (size_t g = 0; g < n; g++)
        for (size_t i = 0; i < d; i++) {
            for (size_t h = 0; h < n; h++) w->left[h] = w->basis[i * n + fs_group_product(w->G, g, h)];
            for (size_t j = 0; j < d; j++) matrix[(g * d + i) * d + j] = dot(n, w->left, w->basis + j * n);
        }
}

/* max |rho(a) rho(b) - rho(c)| over the witnesses; NaN stays. */
static double homomorphism_defect(const work *w, const double *matrix)
{
    size_t count, d = w->dim;
    const size_t *witness = fs_group_witnesses(w->G, &count);
    double defect = 0.0;
    for (size_t k = 0; k < count; k++) {
        const double *a = matrix + witness[3 * k] * d * d, *b = matrix + witness[3 * k + 1] * d * d, *c = matrix + witness[3 * k + 2] * d * d;
        for (size_t i = 0; i < d; i++)
            for (size_t j = 0; j < d; j++) {
                double sum = -c[i * d + j];
                for (size_t l = 0; l < d; l++) sum += a[i * d + l] * b[l * d + j];
                fs_raise_to(&defect, fabs(sum));
            }
    }
    return defect;
}

static fs_status work_create(work *w, const fs_group *G, const fs_irreducible *chi, fs_err *err)
{
    size_t n = fs_group_order(G), m = chi->dim / (size_t)chi->type;
    *w = (work){ .G = G, .chi = chi, .order = n, .dim = chi->dim, .copies = m };
    w->f = fs_calloc(n, sizeof *w->f);
    w->krylov = fs_calloc(m * n, sizeof *w->krylov);
    w->tridiagonal = fs_calloc(m * (m + 2), sizeof *w->tridiagonal);
    w->u = fs_calloc(n, sizeof *w->u);
    w->v = fs_calloc(n, sizeof *w->v);
    w->basis = fs_calloc(chi->dim * n, sizeof *w->basis);
    w->left = fs_calloc(n, sizeof *w->left);
    if (w->f && w->krylov && w->tridiagonal && w->u && w->v && w->basis && w->left) return FS_OK;
    work_clear(w);
    return fs_fail(err, FS_ENOMEM, "matrices of %s: %zu vectors of length %zu", chi->name, chi->dim + m, n);
}

static fs_status find(work *w, double *matrix, fs_err *err)
{
    double tolerance = 64.0 * (double)w->dim * DBL_EPSILON, error = HUGE_VAL, defect = HUGE_VAL;
    gsl_rng *rng = fs_rng_stream(w->order, FS_STREAM_HYPOTHESES);
    if (!rng) return fs_fail(err, FS_ENOMEM, "random numbers");
    fs_status status = FS_OK;
    for (int i = 0; status == FS_OK && i < MOST_TRIES && !(defect <= tolerance); i++) {
        status = eigenvector(w, rng, &error, err);
        if (status != FS_OK || !(error * error <= DBL_EPSILON)) continue;
        span_translates(w);
        fill_matrices(w, matrix);
        defect = homomorphism_defect(w, matrix);
    }
    gsl_rng_free(rng);
    if (status == FS_OK && !(defect <= tolerance))
        return fs_fail(err, FS_ENAN, "matrices of %s: expected a homomorphism within %.1e, found %.1e in %d attempts", w->chi->name, tolerance, defect,
                       MOST_TRIES);
    return status;
}

fs_status fs_irreducible_matrices(const fs_irreducibles *table, size_t k, double **matrix, fs_err *err)
{
    const fs_group *G = table->G;
    *matrix = NULL;
    if (!fs_group_is_enumerated(G) || fs_group_order(G) > MOST_ORDER)
        return fs_fail(err, FS_EINPUT, "matrices of irreducibles: expected a group with at most %d listed elements, found %s", MOST_ORDER,
                       fs_group_name(G));
    if (k >= table->count) return fs_fail(err, FS_EINPUT, "matrices of irreducibles: expected one of %zu, found %zu", table->count, k);
    const fs_irreducible *chi = table->irreducible + k;
    size_t order = fs_group_order(G);
    double *result = fs_calloc(order, chi->dim * chi->dim * sizeof *result);
    fs_status status = result ? FS_OK : fs_fail(err, FS_ENOMEM, "%zu matrices of %zu x %zu", order, chi->dim, chi->dim);
    if (status == FS_OK && chi->dim == 1) memcpy(result, chi->character, order * sizeof *result);
    else if (status == FS_OK) {
        work w;
        status = work_create(&w, G, chi, err);
        if (status == FS_OK) {
            status = find(&w, result, err);
            work_clear(&w);
        }
    }
    if (status != FS_OK) {
        free(result);
        return status;
    }
    *matrix = result;
    return FS_OK;
}
