/* observe/lanczos.c -- extreme eigenvalues of a symmetric operator known by its products, by ARPACK
 *
 *   B = s A / |A| - 2,   s = 1 for the lowest, -1 for the highest:   lambda = s |A| (theta + 2),   -3 <= theta <= -1
 *
 * always the lowest theta is looked for.  ARPACK's tolerance is relative to theta, which is never small here, so it is relative to |A|.  |A| comes from
 * a few steps of the power method, from below; 2 leaves room for what they miss.
 *
 * Up to SMALL dimensions, or where the Krylov space would be everything, the matrix is formed by n products and given to LAPACK.  Eigenvalues
 * are Rayleigh quotients of the vectors found, their residuals are computed anew by one more product each.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "observe/lanczos.h"

#include "base/norm.h"

#include <arpack/arpack.h>
#include <float.h>
#include <lapacke.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    SMALL = 64,                 /* up to this n the matrix is formed */
    POWER_STEPS = 12,
    PRODUCTS = 20000,
    KRYLOV_EACH = 40, KRYLOV_MOST = 200     /* one share and one more for every eigenvalue that is wanted */
};
static const size_t most_krylov = 40000;        /* ARPACK counts the numbers of krylov (krylov + 8) in an int */
static const size_t krylov_numbers = (size_t)1 << 27;       /* at most so many in the default Krylov basis */

/* One computation: what is asked for and what is known so far. */
typedef struct {
    const fs_lanczos_options *o;
    fs_lanczos *out;
    size_t n, wanted, krylov, most;     /* most products */
    double tolerance, sign, norm;       /* norm: B's, never 0 */
    double best, best_residual;         /* lowest Rayleigh quotient of s A so far, NaN before the first */
    int exhausted;
} search;

/* y = A x, counted; out->stopped or exhausted instead where the watch or the limit says so: then y is left alone. */
static fs_status multiply(search *k, const double *x, double *y, fs_err *err)
{
    const char *stage = k->o->stage ? k->o->stage : "Lanczos";
    if ((size_t)k->out->products >= k->most) k->exhausted = 1;
    else if (fs_watch_report(k->o->watch, stage, -1.0) != FS_OK) k->out->stopped = 1;
    if (k->exhausted || k->out->stopped) return FS_OK;
    k->out->products++;
    fs_status status = k->o->apply(k->o->context, x, y);
    if (status != FS_OK) return fs_fail(err, status, "%s: product %ld failed: %s", stage, k->out->products, fs_status_text(status));
    double xx = fs_dot(k->n, x, x), quotient = fs_dot(k->n, x, y) / xx, residual = 0.0;
    if (!(xx > 0.0)) return FS_OK;
    for (size_t i = 0; i < k->n; i++) residual += (y[i] - quotient * x[i]) * (y[i] - quotient * x[i]);
    if (!isfinite(residual)) return fs_fail(err, FS_ENAN, "%s: product %ld is not finite", stage, k->out->products);
    if (!(k->sign * quotient >= k->best)) {
        k->best = k->sign * quotient;
        k->best_residual = sqrt(residual / xx);
    }
    return FS_OK;
}

static int interrupted(const search *k)
{
    return k->exhausted || k->out->stopped;
}

/* |A| from below; v (n) a start vector, overwritten; Av (n) scratch */
static fs_status estimate_norm(search *k, double *v, double *Av, double *norm, fs_err *err)
{
    *norm = 0.0;
    for (int step = 0; step < POWER_STEPS; step++) {
        double length = fs_norm(k->n, v);
        if (!(length > 0.0)) return FS_OK;
        for (size_t i = 0; i < k->n; i++) v[i] /= length;
        FS_TRY(multiply(k, v, Av, err));
        if (interrupted(k)) return FS_OK;
        double stretched = fs_norm(k->n, Av);
        if (stretched > *norm) *norm = stretched;
        memcpy(v, Av, k->n * sizeof *v);
    }
    return FS_OK;
}

/* --- what was found ---------------------------------------------------------------------- */

static fs_status allocate(fs_lanczos *out, size_t count, size_t n)
{
    out->value = fs_calloc(count, sizeof *out->value);
    out->residual = fs_calloc(count, sizeof *out->residual);
    out->vector = fs_calloc(count, n * sizeof *out->vector);
    return out->value && out->residual && out->vector ? FS_OK : FS_ENOMEM;
}

/* The next of out's eigenvalues from v and Av (n), kept in ascending order. */
static void keep(fs_lanczos *out, size_t n, const double *v, const double *Av)
{
    double value = fs_dot(n, v, Av), residual = 0.0;
    size_t at = out->count++;
    for (size_t i = 0; i < n; i++) residual += (Av[i] - value * v[i]) * (Av[i] - value * v[i]);
    for (; at > 0 && out->value[at - 1] > value; at--) {
        out->value[at] = out->value[at - 1];
        out->residual[at] = out->residual[at - 1];
        memcpy(out->vector + at * n, out->vector + (at - 1) * n, n * sizeof *v);
    }
    out->value[at] = value;
    out->residual[at] = sqrt(residual);
    memcpy(out->vector + at * n, v, n * sizeof *v);
}

/* The extreme Ritz value from what every product and every sweep said: one beyond the eigenvalues that converged says that they are not the extreme ones. */
static void conclude(search *k)
{
    fs_lanczos *out = k->out;
    size_t extreme = k->o->highest && out->count ? out->count - 1 : 0;
    for (size_t i = 0; i < out->count; i++)
        if (fabs(out->value[i]) > out->norm) out->norm = fabs(out->value[i]);
    double slack = out->count ? out->residual[extreme] + 8.0 * (double)k->n * DBL_EPSILON * out->norm : 0.0;
    int is_extreme = out->count && !(k->best < k->sign * out->value[extreme] - slack);
    out->converged = is_extreme && out->count == k->wanted;
    out->ritz = is_extreme ? out->value[extreme] : k->sign * k->best;
    out->ritz_residual = is_extreme ? out->residual[extreme] : k->best_residual;
}

/* --- small: the matrix itself ------------------------------------------------------------ */

static fs_status form_and_solve(search *k, fs_err *err)
{
    size_t n = k->n, room = k->n > 1 ? n * n : 1;
    /* columns A e_j, and their symmetric part, which LAPACK overwrites by eigenvectors */
    double *A = fs_calloc(room, 2 * sizeof *A), *S = A + room, *value = fs_calloc(n, sizeof *value), *Av = fs_calloc(n, 2 * sizeof *Av), *v = Av + n;
    fs_status status = A && value && Av ? allocate(k->out, k->wanted, n) : FS_ENOMEM;
    if (status != FS_OK) fs_fail(err, status, "a matrix of %zu x %zu numbers", n, n);
    for (size_t j = 0; j < n && status == FS_OK && !interrupted(k); j++) {
        memset(v, 0, n * sizeof *v);
        v[j] = 1.0;
        status = multiply(k, v, A + j * n, err);
    }
    if (status != FS_OK || interrupted(k)) goto done;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) S[i * n + j] = 0.5 * (A[i * n + j] + A[j * n + i]);
    lapack_int info = LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'V', 'U', (lapack_int)n, S, (lapack_int)n, value);
    if (info != 0) {
        status = fs_fail(err, info == LAPACK_WORK_MEMORY_ERROR ? FS_ENOMEM : FS_ESOLVER, "LAPACK dsyev returned %d on a matrix of %zu x %zu numbers", (int)info, n, n);
        goto done;
    }
    k->out->norm = fabs(value[0]) > fabs(value[n - 1]) ? fabs(value[0]) : fabs(value[n - 1]);
    for (size_t c = 0; c < k->wanted; c++) {
        size_t column = k->o->highest ? n - 1 - c : c;
        for (size_t i = 0; i < n; i++) v[i] = S[i * n + column];
        for (size_t i = 0; i < n; i++) {
            Av[i] = 0.0;
            for (size_t j = 0; j < n; j++) Av[i] += A[j * n + i] * v[j];
        }
        keep(k->out, n, v, Av);
    }
done:
    free(A);
    free(value);
    free(Av);
    return status;
}

/* --- ARPACK ------------------------------------------------------------------------------ */

/* What dsaupd and dseupd share. */
typedef struct {
    a_int n, wanted, krylov, room, iparam[11], ipntr[14], info, *select;
    double *V, *work, *small, *start, *theta;       /* (krylov, n), (3 n), (room), (n), (wanted) */
} arpack;

static void arpack_free(arpack *a)
{
    free(a->V);
    free(a->work);
    free(a->small);
    free(a->start);
    free(a->theta);
    free(a->select);
}

static fs_status arpack_allocate(arpack *a, const search *k)
{
    a->n = (a_int)k->n;
    a->wanted = (a_int)k->wanted;
    a->krylov = (a_int)k->krylov;
    a->room = a->krylov * (a->krylov + 8);
    a->V = fs_calloc(k->n, k->krylov * sizeof *a->V);
    a->work = fs_calloc(k->n, 3 * sizeof *a->work);
    a->small = fs_calloc((size_t)a->room, sizeof *a->small);
    a->start = fs_calloc(k->n, sizeof *a->start);
    a->theta = fs_calloc(k->krylov, sizeof *a->theta);
    a->select = fs_calloc(k->krylov, sizeof *a->select);
    return a->V && a->work && a->small && a->start && a->theta && a->select ? FS_OK : FS_ENOMEM;
}

/* The lowest Ritz value of the last whole sweep, which ARPACK leaves in its work space with an estimate of the residual. */
static void look_at_ritz_values(search *k, const arpack *a)
{
    const double *theta = a->small + a->ipntr[5] - 1, *bound = a->small + a->ipntr[6] - 1;
    for (a_int i = 0; i < a->krylov; i++) {
        double value = k->norm * (theta[i] + 2.0);
        if (k->best <= value || !isfinite(value)) continue;
        k->best = value;
        k->best_residual = k->norm * fabs(bound[i]);
    }
}

/* The sweeps: all of the first, then krylov - wanted products at most each.  first: products made before. */
static fs_status iterate(search *k, arpack *a, fs_err *err)
{
    a_int ido = 0;
    size_t first = (size_t)k->out->products, left = k->most - first, sweep = k->krylov - k->wanted;
    size_t sweeps = left > k->krylov + k->wanted ? 1 + (left - k->krylov - k->wanted) / sweep : 1;
    a->info = 1;                        /* start holds a start vector */
    a->iparam[0] = 1;
    a->iparam[2] = sweeps < INT_MAX ? (a_int)sweeps : INT_MAX;
    a->iparam[3] = 1;
    a->iparam[6] = 1;
    for (;;) {
        dsaupd_c(&ido, "I", a->n, "SA", a->wanted, k->tolerance / 3.0, a->start, a->krylov, a->V, a->n, a->iparam, a->ipntr, a->work, a->small, a->room,
                 &a->info);
        if (ido != 1 && ido != -1) break;
        const double *x = a->work + a->ipntr[0] - 1;
        double *y = a->work + a->ipntr[1] - 1;
        FS_TRY(multiply(k, x, y, err));
        if (interrupted(k)) {
            if ((size_t)k->out->products - first > k->krylov) look_at_ritz_values(k, a);
            return FS_OK;
        }
        for (size_t i = 0; i < k->n; i++) y[i] = k->sign * y[i] / k->norm - 2.0 * x[i];
    }
    if (a->info < 0) return fs_fail(err, FS_ESOLVER, "ARPACK dsaupd returned %d", (int)a->info);
    look_at_ritz_values(k, a);
    return FS_OK;
}

/* What converged, with residuals computed anew; a residual that rounding does not let down to the tolerance counts as not converged. */
static fs_status extract(search *k, arpack *a, fs_err *err)
{
    size_t n = k->n, found = a->iparam[4] > 0 ? (size_t)a->iparam[4] : 0;
    double allowed = k->norm * (k->tolerance + 8.0 * (double)n * DBL_EPSILON);
    if (!found) return FS_OK;
    if (found > k->wanted) found = k->wanted;
    dseupd_c(1, "A", a->select, a->theta, a->V, a->n, 0.0, "I", a->n, "SA", a->wanted, k->tolerance / 3.0, a->start, a->krylov, a->V, a->n, a->iparam, a->ipntr,
             a->work, a->small, a->room, &a->info);
    if (a->info == -14 || a->info == -17) return FS_OK;     /* on second thoughts it finds fewer */
    if (a->info != 0) return fs_fail(err, FS_ESOLVER, "ARPACK dseupd returned %d", (int)a->info);
    for (size_t c = 0; c < found; c++) {
        double *v = a->V + c * n, *Av = a->work, length = fs_norm(n, v);
        for (size_t i = 0; i < n; i++) v[i] /= length;
        FS_TRY(multiply(k, v, Av, err));
        if (interrupted(k)) return FS_OK;
        keep(k->out, n, v, Av);
        if (!(k->out->residual[0] >= 0.0)) return fs_fail(err, FS_ENAN, "ARPACK returned a vector that is not finite");
    }
    size_t kept = 0;
    for (size_t c = 0; c < k->out->count; c++) {
        if (!(k->out->residual[c] <= allowed)) continue;
        k->out->value[kept] = k->out->value[c];
        k->out->residual[kept] = k->out->residual[c];
        memmove(k->out->vector + kept * n, k->out->vector + c * n, n * sizeof(double));
        kept++;
    }
    k->out->count = kept;
    return FS_OK;
}

/* start (n): o's, or components that follow the golden angle: without structure */
static void start_vector(const fs_lanczos_options *o, double *start)
{
    for (size_t i = 0; i < o->n; i++) start[i] = o->start ? o->start[i] : cos(2.399963229728653 * (double)(i + 1));
}

static fs_status run(search *k, fs_err *err)
{
    arpack a = { 0 };
    fs_status status = arpack_allocate(&a, k);
    if (status == FS_OK) status = allocate(k->out, k->wanted, k->n);
    if (status != FS_OK) {
        fs_fail(err, status, "%zu Krylov vectors of %zu numbers", k->krylov, k->n);
        goto done;
    }
    k->out->norm = k->o->norm;
    if (!(k->o->norm > 0.0)) {
        start_vector(k->o, a.work);
        status = estimate_norm(k, a.work, a.work + k->n, &k->out->norm, err);
    }
    if (status != FS_OK || interrupted(k)) goto done;
    k->norm = k->out->norm > DBL_MIN ? k->out->norm : 1.0;
    start_vector(k->o, a.start);
    /* ARPACK keeps its state in static variables */
#pragma omp critical(fs_arpack)
    {
        status = iterate(k, &a, err);
        if (status == FS_OK && !interrupted(k)) status = extract(k, &a, err);
    }
done:
    arpack_free(&a);
    return status;
}

/* Many restarts of a small space cost more products than few of a large one, but nothing converges before the first sweep of it ends; and vectors cost
 * memory. */
static size_t default_krylov(size_t n, size_t wanted)
{
    size_t krylov = KRYLOV_EACH * (wanted + 1);
    if (krylov > KRYLOV_MOST) krylov = KRYLOV_MOST;
    if (krylov > krylov_numbers / n) krylov = krylov_numbers / n;
    if (krylov < KRYLOV_EACH) krylov = KRYLOV_EACH;
    return krylov > 2 * wanted ? krylov : 2 * wanted;
}

static fs_status begin(search *k, fs_lanczos *out, const fs_lanczos_options *o, fs_err *err)
{
    double none = (double)NAN;
    *out = (fs_lanczos){ .ritz = none, .ritz_residual = none };
    *k = (search){ .o = o, .out = out, .n = o->n, .sign = o->highest ? -1.0 : 1.0, .best = none, .best_residual = none };
    if (!o->n || !o->wanted) return fs_fail(err, FS_EINPUT, "Lanczos: expected n >= 1 and at least one eigenvalue, found %zu and %zu", o->n, o->wanted);
    if (o->n > (size_t)INT_MAX / 4) return fs_fail(err, FS_EINPUT, "Lanczos: expected n up to %d, found %zu", INT_MAX / 4, o->n);
    k->wanted = o->wanted < o->n ? o->wanted : o->n > 1 ? o->n - 1 : 1;
    k->tolerance = o->tolerance > 0.0 ? o->tolerance : 1e-10;
    k->most = o->products ? o->products : PRODUCTS;
    k->krylov = o->krylov ? o->krylov : default_krylov(o->n, k->wanted);
    if (k->krylov > k->most) k->krylov = k->most;
    if (k->krylov < k->wanted + 2) k->krylov = k->wanted + 2;
    if (k->krylov > o->n) k->krylov = o->n;
    return FS_OK;
}

fs_status fs_lanczos_compute(fs_lanczos *out, const fs_lanczos_options *o, fs_err *err)
{
    search k;
    FS_TRY(begin(&k, out, o, err));
    int small = (o->n <= SMALL || k.krylov >= o->n) && o->n <= k.most;
    if (!small && k.krylov > most_krylov)
        return fs_fail(err, FS_EINPUT, "Lanczos: expected at most %zu Krylov vectors, found %zu for %zu eigenvalues", most_krylov, k.krylov, k.wanted);
    fs_status status = small ? form_and_solve(&k, err) : run(&k, err);
    if (status != FS_OK) fs_lanczos_clear(out);
    else conclude(&k);
    return status;
}

fs_status fs_lanczos_norm(const fs_lanczos_options *o, double *norm, long *products, int *stopped, fs_err *err)
{
    search k;
    fs_lanczos out;
    fs_lanczos_options one = *o;
    one.wanted = 1;
    *norm = 0.0;
    FS_TRY(begin(&k, &out, &one, err));
    double *v = fs_calloc(o->n, 2 * sizeof *v);
    if (!v) return fs_fail(err, FS_ENOMEM, "two vectors of %zu numbers", o->n);
    start_vector(o, v);
    fs_status status = estimate_norm(&k, v, v + o->n, norm, err);
    *products += out.products;
    *stopped = out.stopped;
    free(v);
    return status;
}

void fs_lanczos_clear(fs_lanczos *l)
{
    free(l->value);
    free(l->residual);
    free(l->vector);
    *l = (fs_lanczos){ .ritz = (double)NAN, .ritz_residual = (double)NAN };
}
