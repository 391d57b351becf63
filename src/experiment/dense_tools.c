/* experiment/dense_tools.c -- small dense pieces and look-ups shared by the experiments on stability
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "experiment/stability_private.h"

#include "base/norm.h"

#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

double fs_frobenius(size_t n, const double *A, const double *B)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        double a = B ? A[i] - B[i] : A[i];
        sum += a * a;
    }
    return sqrt(sum);
}

fs_status fs_symmetric_eigen(size_t n, double *A, double *value, fs_err *err)
{
    if (!isfinite(fs_frobenius(n * n, A, NULL)))      /* LAPACK may not return from a NaN */
        return fs_fail(err, FS_ENAN, "expected a finite matrix of %zu rows", n);
    if (!n) return FS_OK;
    /* column after column in LAPACK's order: vectors lie contiguously */
    lapack_int info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', (lapack_int)n, A, (lapack_int)n, value);
    if (info != 0) return fs_fail(err, info == LAPACK_WORK_MEMORY_ERROR ? FS_ENOMEM : FS_ESOLVER, "LAPACK dsyevd returned %d on a matrix of %zu rows", (int)info, n);
    return FS_OK;
}

fs_status fs_objective_hessian(fs_flow *f, const double *w, double *H, fs_err *err)
{
    size_t n = fs_flow_dim(f);
    fs_status status = fs_flow_jacobian(f, w, H);
    if (status != FS_OK) return fs_fail(err, status, "Hessian of dimension %zu: %s", n, fs_status_text(status));
    for (size_t i = 0; i < n * n; i++) H[i] = -H[i];
    return FS_OK;
}

const char *fs_remark_2_fails(const fs_problem *p)
{
    const fs_theorem *row = fs_problem_theorems(p);
    for (size_t i = 0; i < FS_THEOREM_COUNT; i++)
        if (!strcmp(row[i].name, "Remark 2")) return row[i].applies == FS_HOLDS ? NULL : row[i].because;
    return "the statement is not known";
}

fs_status fs_problem_flow(fs_flow **out, const fs_problem *p, fs_flow_kind kind, double gamma, int threads, size_t keep_limit, fs_err *err)
{
    return fs_flow_create(out, kind, fs_problem_basis(p), fs_problem_risk(p, kind == FS_FLOW_AUGMENTED), gamma, threads > 1 ? threads : 1, keep_limit, err);
}

fs_status fs_problem_moving_flow(fs_flow **out, const fs_problem *p, fs_flow_kind kind, double gamma, int threads, size_t keep_limit, fs_err *err)
{
    FS_TRY(fs_problem_flow(out, p, kind, gamma, threads, keep_limit, err));
    fs_status status = fs_flow_set_parametrisation(*out, fs_problem_parametrisation(p), err);
    if (status == FS_OK) return FS_OK;
    fs_flow_destroy(*out);
    *out = NULL;
    return status;
}

fs_status fs_start_of(const fs_problem *p, uint64_t seed, const double *weights, double distance, double *w, fs_err *err)
{
    const fs_basis *b = fs_problem_basis(p);
    if (!weights) return fs_problem_start_state(p, seed, distance, w, err);
    FS_TRY(fs_problem_state_of_weights(p, weights, w, err));
    if (!(distance >= 0.0) || !b->dim_N) return FS_OK;
    double length = fs_norm(b->dim_N, w + b->dim_E);
    if (!(length <= DBL_MAX)) return fs_fail(err, FS_EINPUT, "expected weights whose |Y| is a number, found one beyond the range of double");
    if (!(length > 0.0) && distance > 0.0)
        return fs_fail(err, FS_EINPUT, "expected weights off E, whose direction can be scaled to |Y_0| = %g, found weights on E", distance);
    for (size_t i = 0; i < b->dim_N && length > 0.0; i++) w[b->dim_E + i] *= distance / length;
    return FS_OK;
}
