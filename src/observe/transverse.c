/* observe/transverse.c -- lowest eigenvalue of the transverse Hessian
 *
 *   H_N = -(J_NN + gamma 1),  J the Jacobian of the flow in adapted coordinates
 *
 * Dense: LAPACK dsyevr on the N block.  Otherwise Lanczos (observe/lanczos.h) on products with the N block.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "observe/transverse.h"

#include "observe/lanczos.h"

#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PRODUCTS = 2400 };        /* most Hessian-vector products */
static const double tolerance = 1e-6;   /* of the residual, relative to |H_N| */

static fs_status dense(fs_flow *f, const double *w, fs_transverse *out, double *vector, fs_err *err)
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
    if (!isfinite(norm)) {              /* LAPACK may not return from a NaN */
        status = fs_fail(err, FS_ENAN, "expected a finite transverse Hessian of dimension %zu", N);
        goto done;
    }
    lapack_int found, support[2];
    lapack_int info = LAPACKE_dsyevr(LAPACK_ROW_MAJOR, vector ? 'V' : 'N', 'I', 'U', (lapack_int)N, H, (lapack_int)N, 0.0, 0.0, 1, 1, 0.0,
                                     &found, value, vector, 1, support);
    if (info != 0 || found != 1) {
        status = fs_fail(err, info == LAPACK_WORK_MEMORY_ERROR ? FS_ENOMEM : FS_ESOLVER, "LAPACK dsyevr returned %d on a transverse Hessian of dimension %zu", (int)info, N);
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

/* What a product with the N block needs. */
typedef struct {
    fs_flow *f;
    const double *w;
    double *z, *Jz;             /* (dim L) */
} block;

/* Hv = H_N v */
static fs_status product(void *context, const double *v, double *Hv)
{
    const block *b = context;
    size_t n = fs_flow_dim(b->f), E = fs_flow_dim_E(b->f);
    memset(b->z, 0, E * sizeof *b->z);
    memcpy(b->z + E, v, (n - E) * sizeof *b->z);
    FS_TRY(fs_flow_jacobian_product(b->f, b->w, b->z, b->Jz));
    for (size_t i = E; i < n; i++) Hv[i - E] = -b->Jz[i] - fs_flow_gamma(b->f) * b->z[i];
    return FS_OK;
}

static fs_status lanczos(fs_flow *f, const double *w, const fs_watch *watch, fs_transverse *out, double *vector, fs_err *err)
{
    size_t n = fs_flow_dim(f), N = n - fs_flow_dim_E(f);
    fs_lanczos l = { 0 };
    double *z = fs_calloc(n, 2 * sizeof *z);
    if (!z) return fs_fail(err, FS_ENOMEM, "transverse Hessian of dimension %zu", N);
    block b = { f, w, z, z + n };
    fs_lanczos_options o = { .n = N, .apply = product, .context = &b, .wanted = 1, .tolerance = tolerance, .products = PRODUCTS,
                             .stage = "Lanczos on N", .watch = watch };
    fs_status status = fs_lanczos_compute(&l, &o, err);
    free(z);
    if (status != FS_OK) return status;
    /* rounding as in a matrix that is formed; gamma was added and taken away again in every product */
    out->lambda_min = l.ritz;
    out->error = l.ritz_residual + (double)N * DBL_EPSILON * (l.norm + fs_flow_gamma(f));
    out->converged = l.converged;
    out->products = l.products;
    if (vector && l.converged) memcpy(vector, l.vector, N * sizeof *vector);
    fs_lanczos_clear(&l);
    return FS_OK;
}

fs_status fs_transverse_compute(fs_flow *f, const double *w, const fs_watch *watch, fs_transverse *out, double *vector, fs_err *err)
{
    size_t n = fs_flow_dim(f);
    *out = (fs_transverse){ .lambda_min = (double)NAN, .error = (double)NAN };
    if (n == fs_flow_dim_E(f)) return fs_fail(err, FS_EINPUT, "expected dim N > 0, found 0: nothing is transverse to E");
    if (n <= FS_TRANSVERSE_DENSE_LIMIT) return dense(f, w, out, vector, err);
    return lanczos(f, w, watch, out, vector, err);
}
