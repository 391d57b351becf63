/* observe/spectrum.c -- eigenvalues of the Hessian on E, on N and on each irreducible: which way, what it adds up to
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "observe/spectrum.h"

#include "base/norm.h"
#include "observe/spectrum_private.h"

#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

fs_sign fs_sign_of(double value, double error)
{
    return value < -error ? FS_SIGN_NEGATIVE : value > error ? FS_SIGN_POSITIVE : FS_SIGN_UNDECIDED;
}

fs_inertia fs_spectrum_inertia(const fs_spectrum_block *b, double add, double extra)
{
    fs_inertia inertia = { 0 };
    for (size_t i = 0; i < b->count; i++) {
        fs_sign sign = fs_sign_of(b->value[i] + add, b->error[i] + extra);
        if (sign == FS_SIGN_NEGATIVE) inertia.negative += b->copies;
        if (sign == FS_SIGN_POSITIVE) inertia.positive += b->copies;
    }
    inertia.undecided = b->dim - inertia.negative - inertia.positive;
    return inertia;
}

/* --- blocks ------------------------------------------------------------------------------ */

int fs_spectrum_stopped(fs_spectrum_work *k, const char *stage)
{
    if (!k->s->stopped && fs_watch_report(k->o->watch, stage, -1.0) != FS_OK) k->s->stopped = 1;
    return k->s->stopped;
}

void fs_spectrum_stage(const fs_spectrum_block *b, char *stage)
{
    snprintf(stage, 96, b->type ? "spectrum on N, %s" : "spectrum on %s", b->name);
}

void fs_spectrum_say(fs_spectrum *s, const char *format, ...)
{
    size_t at = strlen(s->note);
    va_list list;
    if (at && at + 2 < sizeof s->note) at += (size_t)snprintf(s->note + at, sizeof s->note - at, "; ");
    va_start(list, format);
    vsnprintf(s->note + at, sizeof s->note - at, format, list);
    va_end(list);
}

double fs_spectrum_rounding(const fs_spectrum_work *k, double norm)
{
    return (double)(k->n + 16) * DBL_EPSILON * norm;
}

void fs_spectrum_name_block(fs_spectrum_block *b, const char *name, size_t dim, size_t copies, int type)
{
    double none = (double)NAN;
    *b = (fs_spectrum_block){ .dim = dim, .copies = copies, .multiplicity = dim / copies, .type = type, .spread = none, .complete = dim == 0,
                              .lowest = none, .lowest_error = none, .highest = none };
    snprintf(b->name, sizeof b->name, "%s", name);
}

fs_status fs_spectrum_allocate_block(fs_spectrum_block *b, size_t count, fs_err *err)
{
    b->value = fs_calloc(count, sizeof *b->value);
    b->error = fs_calloc(count, sizeof *b->error);
    return b->value && b->error ? FS_OK : fs_fail(err, FS_ENOMEM, "%zu eigenvalues", count);
}

static void clear_block(fs_spectrum_block *b)
{
    free(b->value);
    free(b->error);
    free(b->lowest_vector);
    b->value = b->error = b->lowest_vector = NULL;
}

/* Groups of `copies` eigenvalues (dim), ascending, become one each. */
static void group_copies(fs_spectrum_block *b, const double *eigenvalue, double error)
{
    b->count = b->multiplicity;
    b->spread = 0.0;
    for (size_t i = 0; i < b->count; i++) {
        const double *group = eigenvalue + i * b->copies;
        double sum = 0.0, spread = group[b->copies - 1] - group[0];
        for (size_t c = 0; c < b->copies; c++) sum += group[c];
        b->value[i] = sum / (double)b->copies;
        b->error[i] = error;
        fs_raise_to(&b->spread, spread);
    }
}

/* All eigenvalues of A (n, n), which is overwritten, ascending, and the unit eigenvector v (n) of the lowest, from one reduction to tridiagonal form. */
static fs_status eigenvalues(size_t n, double *A, double *value, double *v, const char *name, fs_err *err)
{
    lapack_int size = (lapack_int)n, found, splits, info, failed, *block = fs_calloc(n, 2 * sizeof *block);
    double *d = fs_calloc(n, 4 * sizeof *d), *e = d + n, *tau = d + 2 * n, *rest = d + 3 * n;
    fs_status status = block && d ? FS_OK : fs_fail(err, FS_ENOMEM, "a tridiagonal matrix of size %zu", n);
    if (status != FS_OK) goto done;
    info = LAPACKE_dsytrd(LAPACK_COL_MAJOR, 'L', size, A, size, d, e, tau);
    memcpy(value, d, n * sizeof *d);
    memcpy(rest, e, n * sizeof *e);
    if (info == 0) info = LAPACKE_dsterf(size, value, rest);
    memset(rest, 0, n * sizeof *rest);  /* the lowest eigenvalue once more, and LAPACKE looks at all n */
    if (info == 0) info = LAPACKE_dstebz('I', 'B', size, 0.0, 0.0, 1, 1, 0.0, d, e, &found, &splits, rest, block, block + n);
    if (info == 0) info = LAPACKE_dstein(LAPACK_COL_MAJOR, size, d, e, 1, rest, block, block + n, v, size, &failed);
    if (info == 0 && n > 1) info = LAPACKE_dormtr(LAPACK_COL_MAJOR, 'L', 'L', 'N', size, 1, A, size, tau, v, size);
    if (info == LAPACK_WORK_MEMORY_ERROR) status = fs_fail(err, FS_ENOMEM, "eigenvalues of the Hessian on %s, dimension %zu", name, n);
    else if (info != 0) status = fs_fail(err, FS_ESOLVER, "LAPACK returned %d on the Hessian on %s, dimension %zu", (int)info, name, n);
done:
    free(block);
    free(d);
    return status;
}

fs_status fs_spectrum_solve_block(const fs_spectrum_work *k, fs_spectrum_block *b, const double *M, size_t ld, const double *U, size_t columns,
                                  size_t first, double error, fs_err *err)
{
    size_t n = b->dim;
    if (n == 0) return FS_OK;
    double *A = fs_calloc(n, n * sizeof *A), *value = fs_calloc(n, 2 * sizeof *value), *v = value + n;
    fs_status status = A && value ? fs_spectrum_allocate_block(b, b->multiplicity, err) : fs_fail(err, FS_ENOMEM, "a matrix of %zu x %zu numbers", n, n);
    b->lowest_vector = fs_calloc(k->n, sizeof *b->lowest_vector);
    if (status == FS_OK && !b->lowest_vector) status = fs_fail(err, FS_ENOMEM, "a vector of %zu numbers", k->n);
    if (status != FS_OK) goto done;
    for (size_t i = 0; i < n; i++) memcpy(A + i * n, M + i * ld, n * sizeof *A);
    for (size_t i = 0; i < n * n && status == FS_OK; i++)       /* LAPACK may not return from a NaN */
        if (!isfinite(A[i])) status = fs_fail(err, FS_ENAN, "expected a finite Hessian on %s, found %g at row %zu", b->name, A[i], i / n);
    if (status == FS_OK) status = eigenvalues(n, A, value, v, b->name, err);
    if (status != FS_OK) goto done;
    group_copies(b, value, error);
    for (size_t i = 0; i < n; i++) {
        if (!U) b->lowest_vector[first + i] = v[i];
        else
            for (size_t j = 0; j < columns; j++) b->lowest_vector[first + j] += v[i] * U[i * columns + j];
    }
    b->complete = b->lowest_known = 1;
    b->lowest = b->value[0];
    b->lowest_error = error;
    b->highest = b->value[b->count - 1];
done:
    free(A);
    free(value);
    if (status != FS_OK) clear_block(b);
    return status;
}

fs_status fs_spectrum_copy_E(const fs_spectrum_work *k, fs_spectrum_block *b, fs_err *err)
{
    const fs_spectrum_block *E = &k->s->E;
    fs_spectrum_block copy = *E;
    memcpy(copy.name, b->name, sizeof copy.name);
    copy.type = b->type;
    copy.value = copy.error = copy.lowest_vector = NULL;
    *b = copy;
    FS_TRY(fs_spectrum_allocate_block(b, E->count, err));
    for (size_t i = 0; i < E->count; i++) {
        b->value[i] = E->value[i];
        b->error[i] = E->error[i];
    }
    if (!E->lowest_vector) return FS_OK;
    b->lowest_vector = fs_calloc(k->n, sizeof *b->lowest_vector);
    if (!b->lowest_vector) return fs_fail(err, FS_ENOMEM, "a vector of %zu numbers", k->n);
    memcpy(b->lowest_vector, E->lowest_vector, k->n * sizeof *b->lowest_vector);
    return FS_OK;
}

/* --- the whole --------------------------------------------------------------------------- */

/* The block of N with the lowest eigenvalue; the first of those that are equal within their errors. */
static size_t critical_block(const fs_spectrum *s)
{
    size_t best = SIZE_MAX;
    for (size_t i = 1; i < s->n_blocks; i++) {
        const fs_spectrum_block *b = &s->block[i];
        if (!b->lowest_known) return SIZE_MAX;
        if (best == SIZE_MAX || b->lowest + b->lowest_error < s->block[best].lowest - s->block[best].lowest_error) best = i;
    }
    return best;
}

static fs_status check(const fs_problem *p, const fs_flow *f, const fs_spectrum_options *o, fs_err *err)
{
    size_t n = fs_flow_dim(f);
    if (fs_flow_kind_of(f) == FS_FLOW_EQUIVARIANT)
        return fs_fail(err, FS_EINPUT, "spectrum: expected the nominal or the augmented flow, found the equivariant one, which has no N");
    if (fs_flow_basis(f) != fs_problem_basis(p)) return fs_fail(err, FS_EINPUT, "spectrum: expected a flow of the problem %s", fs_problem_name(p));
    if (o->method == FS_SOLVER_DENSE && n > FS_SPECTRUM_DENSE_LIMIT)
        return fs_fail(err, FS_EINPUT, "spectrum: expected dim L up to %d for a dense Hessian, found %zu: %.1f GB for the matrix alone; the Krylov method needs none",
                       FS_SPECTRUM_DENSE_LIMIT, n, 8e-9 * (double)n * (double)n);
    return FS_OK;
}

fs_status fs_spectrum_compute(fs_spectrum **out, const fs_problem *p, fs_flow *f, const double *w, const fs_spectrum_options *o, fs_err *err)
{
    *out = NULL;
    FS_TRY(check(p, f, o, err));
    double none = (double)NAN;
    fs_spectrum *s = fs_calloc(1, sizeof *s);
    if (!s) return fs_fail(err, FS_ENOMEM, "spectrum of %s", fs_problem_name(p));
    fs_spectrum_work k = { .p = p, .f = f, .w = w, .o = o, .s = s, .n = fs_flow_dim(f), .E = fs_flow_dim_E(f) };
    k.N = k.n - k.E;
    s->dim_E = k.E;
    s->dim_N = k.N;
    s->gamma = fs_flow_gamma(f);
    s->norm = s->off_EN = s->off_blocks = s->off_tolerance = none;
    s->dense = o->method == FS_SOLVER_DENSE || (o->method == FS_SOLVER_AUTO && k.n <= FS_SPECTRUM_AUTO_LIMIT);
    fs_spectrum_name_block(&s->E, "E", k.E, 1, 0);
    fs_spectrum_name_block(&s->N, "N", k.N, 1, 0);
    fs_spectrum_name_block(&s->whole, o->whole ? "L" : "", o->whole ? k.n : 0, 1, 0);
    fs_status status = s->dense ? fs_spectrum_dense(&k, err) : fs_spectrum_lanczos(&k, err);
    if (status != FS_OK) {
        fs_spectrum_destroy(s);
        return status;
    }
    s->critical = critical_block(s);
    *out = s;
    return FS_OK;
}

void fs_spectrum_unlist_blocks(fs_spectrum *s)
{
    for (size_t i = 0; i < s->n_blocks; i++) clear_block(&s->block[i]);
    free(s->block);
    s->block = NULL;
    s->n_blocks = 0;
}

void fs_spectrum_destroy(fs_spectrum *s)
{
    if (!s) return;
    clear_block(&s->E);
    clear_block(&s->N);
    clear_block(&s->whole);
    fs_spectrum_unlist_blocks(s);
    free(s);
}
