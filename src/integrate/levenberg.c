/* integrate/levenberg.c -- Levenberg's step for a zero of a gradient
 *
 *   d = -sum_k l_k / (l_k^2 + mu^2) <v_k, F> v_k,    H v_k = l_k v_k,  mu = c |F|
 *
 * Dense: all eigenpairs of H by LAPACK.  Otherwise Lanczos' method from F: V^T H V = T tridiagonal (m, m), the formula above with the eigenpairs of T,
 * which is the full orthogonalisation method for the shifted system (H + i mu) z = F, d = -Re z: shifts do not change a Krylov space.
 * Its residual is beta_m |e_m^T (T + i mu)^-1 e_1| |F|.  All vectors are kept and orthogonalised twice.
 *
 * Eigenvalues below (n + 64) u |H| cannot be told from 0 (n for the eigenvalues, the rest for H itself, which is a sum over samples): next to a manifold
 * of zeros F is rounding along them as well, the quotient is anything, and nothing is moved.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "integrate/levenberg.h"

#include "base/norm.h"

#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    KRYLOV_DIMENSION = 400,
    CHECK_EVERY = 8             /* Lanczos steps between two looks at the residual */
};

struct fs_levenberg {
    fs_flow *flow;
    size_t n, m;                /* m: room for Lanczos vectors; dense: 0 */
    int dense, known;           /* known: w, F, d are those of the last step */
    double *w, *F, *d;          /* (n) */
    double *eigenvalue;         /* (n) dense, (m) Krylov */
    double *V;                  /* (n, n) eigenvectors, one a row; Krylov: (m + 1, n) Lanczos vectors */
    double *alpha, *beta;       /* (m) diagonal of T, and what is below it */
    double *scratch, *S;        /* (m), (m, m) the eigenvectors of T */
    double c, tolerance;
    fs_levenberg_found found;
};

fs_levenberg_found fs_levenberg_found_of(const fs_levenberg *s)
{
    return s->found;
}

fs_status fs_levenberg_create(fs_levenberg **out, fs_flow *f, int dense, fs_err *err)
{
    *out = NULL;
    fs_levenberg *s = fs_calloc(1, sizeof *s);
    if (!s) goto nomem;
    s->flow = f;
    s->dense = dense;
    size_t n = s->n = fs_flow_dim(f), m = s->m = n < KRYLOV_DIMENSION ? n : KRYLOV_DIMENSION;
    s->w = fs_calloc(n, sizeof *s->w);
    s->F = fs_calloc(n, sizeof *s->F);
    s->d = fs_calloc(n, sizeof *s->d);
    s->eigenvalue = fs_calloc(dense ? n : m, sizeof *s->eigenvalue);
    s->V = fs_calloc(dense ? n : m + 1, n * sizeof *s->V);
    s->alpha = fs_calloc(m, sizeof *s->alpha);
    s->beta = fs_calloc(m, sizeof *s->beta);
    s->scratch = fs_calloc(m, sizeof *s->scratch);
    s->S = fs_calloc(dense ? 1 : m, m * sizeof *s->S);
    if (!s->w || !s->F || !s->d || !s->eigenvalue || !s->V || !s->alpha || !s->beta || !s->scratch || !s->S) goto nomem;
    *out = s;
    return FS_OK;
nomem:
    fs_levenberg_destroy(s);
    return fs_fail(err, FS_ENOMEM, "Newton steps in %zu unknowns", fs_flow_dim(f));
}

void fs_levenberg_destroy(fs_levenberg *s)
{
    if (!s) return;
    free(s->w);
    free(s->F);
    free(s->d);
    free(s->eigenvalue);
    free(s->V);
    free(s->alpha);
    free(s->beta);
    free(s->scratch);
    free(s->S);
    free(s);
}

static void add(size_t n, double a, const double *x, double *y)
{
    for (size_t i = 0; i < n; i++) y[i] += a * x[i];
}

/* |H| and the lowest eigenvalue, from `count` ascending ones */
static void keep_extremes(fs_levenberg *s, size_t count)
{
    double low = s->eigenvalue[0], high = s->eigenvalue[count - 1];
    s->found.lowest = low;
    s->found.norm = -low > high ? -low : high;
}

/* l / (l^2 + mu^2), 0 where l is rounding */
static double damped_inverse(const fs_levenberg *s, double l, double mu)
{
    if (!(fabs(l) > (double)(s->n + 64) * 0.5 * DBL_EPSILON * s->found.norm)) return 0.0;
    return 1.0 / (l + mu * (mu / l));
}

static fs_status dense_step(fs_levenberg *s)
{
    size_t n = s->n;
    FS_TRY(fs_flow_jacobian(s->flow, s->w, s->V));
    for (size_t i = 0; i < n * n; i++) {
        if (!isfinite(s->V[i])) return FS_ENAN;
        s->V[i] = -s->V[i];
    }
    /* H is symmetric, so row-major data are column-major data, and the eigenvectors come back as columns of those: as rows of V */
    lapack_int info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', (lapack_int)n, s->V, (lapack_int)n, s->eigenvalue);
    if (info != 0) return info == LAPACK_WORK_MEMORY_ERROR ? FS_ENOMEM : FS_ESOLVER;
    keep_extremes(s, n);
    double mu = s->c * fs_norm(n, s->F);
    memset(s->d, 0, n * sizeof *s->d);
    for (size_t k = 0; k < n; k++) {
        const double *v = s->V + k * n;
        add(n, -damped_inverse(s, s->eigenvalue[k], mu) * fs_dot(n, v, s->F), v, s->d);
    }
    s->found.residual = 0.0;
    s->found.products = 0;
    return FS_OK;
}

/* One more Lanczos vector; *last when the space is invariant. */
static fs_status lanczos_step(fs_levenberg *s, size_t j, int *last)
{
    size_t n = s->n;
    double *v = s->V + j * n, *next = v + n;
    FS_TRY(fs_flow_jacobian_product(s->flow, s->w, v, next));
    for (size_t i = 0; i < n; i++) next[i] = -next[i];
    double length = fs_norm(n, next);
    if (!isfinite(length)) return FS_ENAN;
    s->alpha[j] = fs_dot(n, v, next);
    for (int pass = 0; pass < 2; pass++)
        for (size_t k = 0; k <= j; k++) add(n, -fs_dot(n, s->V + k * n, next), s->V + k * n, next);
    s->beta[j] = fs_norm(n, next);
    *last = j + 1 == s->n || !(s->beta[j] > (double)n * DBL_EPSILON * length);
    if (*last) s->beta[j] = 0.0;
    else for (size_t i = 0; i < n; i++) next[i] /= s->beta[j];
    return FS_OK;
}

/* Eigenpairs of T (m, m) and the residual of the linear system in the space of the first m vectors. */
static fs_status ritz(fs_levenberg *s, size_t m, double size)
{
    double mu = s->c * size;
    memcpy(s->eigenvalue, s->alpha, m * sizeof *s->alpha);
    memcpy(s->scratch, s->beta, m * sizeof *s->beta);
    lapack_int info = LAPACKE_dstevd(LAPACK_COL_MAJOR, 'V', (lapack_int)m, s->eigenvalue, s->scratch, s->S, (lapack_int)m);
    if (info != 0) return info == LAPACK_WORK_MEMORY_ERROR ? FS_ENOMEM : FS_ESOLVER;
    keep_extremes(s, m);
    double re = 0.0, im = 0.0;      /* e_m^T (T + i mu)^-1 e_1 */
    for (size_t k = 0; k < m; k++) {
        double l = s->eigenvalue[k], ends = s->S[k * m] * s->S[k * m + m - 1], square = l * l + mu * mu;
        re += ends * l / square;
        im -= ends * mu / square;
    }
    s->found.residual = s->beta[m - 1] * hypot(re, im) * size;
    return FS_OK;
}

static fs_status krylov_step(fs_levenberg *s, double tolerance)
{
    size_t n = s->n, m = 0;
    double size = fs_norm(n, s->F);
    memset(s->d, 0, n * sizeof *s->d);
    s->found = (fs_levenberg_found){ 0 };
    if (!(size > 0.0)) return FS_OK;
    for (size_t i = 0; i < n; i++) s->V[i] = s->F[i] / size;
    for (int last = 0; !last;) {
        FS_TRY(lanczos_step(s, m, &last));
        m++;
        last |= m == s->m;
        if (!last && m % CHECK_EVERY) continue;
        FS_TRY(ritz(s, m, size));
        last |= s->found.residual <= tolerance;
    }
    s->found.products = (long)m;
    for (size_t j = 0; j < m; j++) {
        double c = 0.0;             /* e_j^T Re (T + i mu)^-1 e_1 */
        for (size_t k = 0; k < m; k++) c += s->S[k * m + j] * damped_inverse(s, s->eigenvalue[k], s->c * size) * s->S[k * m];
        add(n, -c * size, s->V + j * n, s->d);
    }
    return FS_OK;
}

fs_status fs_levenberg_step(fs_levenberg *s, const double *w, const double *F, double c, double tolerance, double *d)
{
    size_t bytes = s->n * sizeof *w;
    int same = s->known && !memcmp(w, s->w, bytes) && !memcmp(F, s->F, bytes) && !(c < s->c || c > s->c) && (s->dense || tolerance >= s->tolerance);
    if (!same) {
        s->known = 0;
        s->c = c;
        memcpy(s->w, w, bytes);
        memcpy(s->F, F, bytes);
        FS_TRY(s->dense ? dense_step(s) : krylov_step(s, tolerance));
        s->tolerance = tolerance;
        s->known = 1;
    }
    memcpy(d, s->d, bytes);
    return FS_OK;
}
