/* observe/transverse.c -- lowest eigenvalue of the transverse Hessian
 *
 *   H_N = -(J_NN + gamma 1),  J the Jacobian of the flow in adapted coordinates
 *
 * Dense: LAPACK dsyevr on the N block.  Otherwise ARPACK (implicitly restarted Lanczos, smallest algebraic
 * eigenvalue of H_N - |H_N|) on products with the N block, from a fixed start vector, the residual recomputed afterwards.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "observe/transverse.h"

#include "base/norm.h"

#include <arpack/arpack.h>
#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static fs_status dense(fs_flow *f, const double *w, fs_transverse *out, fs_err *err)
{
    size_t n = fs_flow_dim(f), E = fs_flow_dim_E(f), N = n - E;
    double *J = fs_calloc(n, n * sizeof *J), *H = fs_calloc(N, N * sizeof *H), *value = fs_calloc(N, sizeof *value);
    fs_status status = J && H && value ? fs_flow_jacobian(f, w, J) : FS_ENOMEM;
    if (status != FS_OK) {
        fs_fail(err, status, "transverse Hessian of dimension %zu: %s", N, fs_status_text(status));
        goto done;
    }
    double norm = 0.0;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            double h = -J[(E + i) * n + E + j];
            if (i == j) h -= fs_flow_gamma(f);
            H[i * N + j] = h;
            norm += h * h;
        }
    lapack_int found, support[2];
    lapack_int info = LAPACKE_dsyevr(LAPACK_ROW_MAJOR, 'N', 'I', 'U', (lapack_int)N, H, (lapack_int)N, 0.0, 0.0, 1, 1, 0.0,
                                     &found, value, NULL, 1, support);
    if (info != 0 || found != 1) {
        status = fs_fail(err, FS_ESOLVER, "LAPACK dsyevr returned %d on a transverse Hessian of dimension %zu", (int)info, N);
        goto done;
    }
    /* gamma was added and taken away again in forming the block: its rounding counts too */
    out->lambda_min = value[0];
    out->error = (double)N * DBL_EPSILON * (sqrt(norm) + fs_flow_gamma(f));
    out->converged = 1;
done:
    free(J);
    free(H);
    free(value);
    return status;
}

/* Hv = (H_N - shift) v by one product; z, Jz (n) scratch */
static fs_status product(fs_flow *f, const double *w, double shift, const double *v, double *Hv, double *z, double *Jz)
{
    size_t n = fs_flow_dim(f), E = fs_flow_dim_E(f);
    memset(z, 0, E * sizeof *z);
    memcpy(z + E, v, (n - E) * sizeof *z);
    FS_TRY(fs_flow_jacobian_product(f, w, z, Jz));
    for (size_t i = E; i < n; i++) Hv[i - E] = -Jz[i] - (fs_flow_gamma(f) + shift) * z[i];
    return FS_OK;
}

/* |H_N| from below, by a few steps of the power method from v, which is overwritten; Hv (N). */
static fs_status estimate_norm(fs_flow *f, const double *w, size_t N, double *v, double *Hv, double *z, fs_transverse *out, double *norm)
{
    enum { STEPS = 12 };
    *norm = 0.0;
    for (int step = 0; step < STEPS; step++) {
        double length = fs_norm(N, v);
        if (!(length > 0.0)) return FS_OK;
        for (size_t i = 0; i < N; i++) v[i] /= length;
        FS_TRY(product(f, w, 0.0, v, Hv, z, z + fs_flow_dim(f)));
        out->products++;
        *norm = fs_norm(N, Hv);
        memcpy(v, Hv, N * sizeof *v);
    }
    return FS_OK;
}

static fs_status lanczos(fs_flow *f, const double *w, fs_transverse *out, fs_err *err)
{
    size_t n = fs_flow_dim(f), N = n - fs_flow_dim_E(f);
    enum { WANTED = 1, KRYLOV = 40, RESTARTS = 60 };
    static const double tolerance = 1e-6;      /* of the residual, relative to |H_N| */
    a_int ido = 0, info = 1, ncv = KRYLOV, lworkl = KRYLOV * (KRYLOV + 8), iparam[11] = { 1, 0, RESTARTS, 1, 0, 0, 1 },
          ipntr[14] = { 0 }, size = (a_int)N, select[KRYLOV] = { 0 };
    double *V = fs_calloc(N, (KRYLOV + 5) * sizeof *V), *workd = V + N * KRYLOV, *resid = V + N * (KRYLOV + 3);
    double *vector = V + N * (KRYLOV + 4);
    double workl[KRYLOV * (KRYLOV + 8)] = { 0 }, lambda = 0.0, shift = 0.0;
    double *z = fs_calloc(n, 2 * sizeof *z);
    fs_status status = V && z ? FS_OK : FS_ENOMEM;
    if (status != FS_OK) {
        fs_fail(err, status, "Lanczos vectors of length %zu", N);
        goto done;
    }
    /* a start vector without structure: its components follow the golden angle */
    for (size_t i = 0; i < N; i++) vector[i] = resid[i] = cos(2.399963229728653 * (double)(i + 1));
    /* ARPACK's tolerance is relative to the eigenvalue, which may be next to zero: shifted by the norm, it is relative to that. */
    status = estimate_norm(f, w, N, vector, workd, z, out, &shift);
    if (status == FS_OK) do {
        dsaupd_c(&ido, "I", size, "SA", WANTED, tolerance, resid, ncv, V, size, iparam, ipntr, workd, workl, lworkl, &info);
        if (ido == 1 || ido == -1) {
            status = product(f, w, shift, workd + ipntr[0] - 1, workd + ipntr[1] - 1, z, z + n);
            out->products++;
        }
    } while (status == FS_OK && (ido == 1 || ido == -1));
    if (status != FS_OK) {
        fs_fail(err, status, "a Hessian-vector product failed: %s", fs_status_text(status));
        goto done;
    }
    if (info < 0) {
        status = fs_fail(err, FS_ESOLVER, "ARPACK dsaupd returned %d", (int)info);
        goto done;
    }
    out->converged = info == 0 && iparam[4] >= WANTED;
    if (!out->converged) {
        status = fs_fail(err, FS_ESOLVER, "Lanczos did not converge in %d restarts (%ld products)", RESTARTS, out->products);
        goto done;
    }
    dseupd_c(1, "A", select, &lambda, vector, size, 0.0, "I", size, "SA", WANTED, tolerance, resid, ncv, V, size, iparam, ipntr,
             workd, workl, lworkl, &info);
    if (info != 0) {
        status = fs_fail(err, FS_ESOLVER, "ARPACK dseupd returned %d", (int)info);
        goto done;
    }
    status = product(f, w, shift, vector, workd, z, z + n);
    out->products++;
    double residual = 0.0;
    for (size_t i = 0; i < N; i++) residual += (workd[i] - lambda * vector[i]) * (workd[i] - lambda * vector[i]);
    out->lambda_min = lambda + shift;
    out->error = sqrt(residual);
done:
    free(V);
    free(z);
    return status;
}

fs_status fs_transverse_compute(fs_flow *f, const double *w, fs_transverse *out, fs_err *err)
{
    *out = (fs_transverse){ 0 };
    size_t n = fs_flow_dim(f);
    if (n == fs_flow_dim_E(f)) return fs_fail(err, FS_EINPUT, "expected dim N > 0, found 0: nothing is transverse to E");
    if (n <= FS_TRANSVERSE_DENSE_LIMIT) return dense(f, w, out, err);
    fs_status status;
    /* ARPACK keeps its state in static variables */
#pragma omp critical(fs_arpack)
    status = lanczos(f, w, out, err);
    return status;
}
