/* flow/flow.c -- the three gradient flows in adapted coordinates
 *
 *   w = (x, y),  A = Q_E x + Q_N y,  S(w) = R(A) + gamma/2 |y|^2,  w' = -grad S(w)
 *
 * The orthonormal coordinates realise the projected flow: x' = -Q_E^T grad R, y' = -Q_N^T grad R - gamma y, with
 * R = R^aug for the augmented flow [NF25, Theorem 3], R for the nominal one [NF25, Remark 1]; the equivariant flow is
 * the x block alone, on the samples as they are, because Pi_E grad R^aug = Pi_E grad R on E [NOF23].
 * With a parametrisation A = A* + B v the metric Q^T B B^T Q, Q = (Q_E, Q_N) or Q_E alone, stands in front of each.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "flow/flow.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct { const char *name, *equation; } kinds[FS_FLOW_COUNT] = {
    [FS_FLOW_NOMINAL]     = { "nominal",     "A' = -Pi_L grad R(A) - gamma Y" },
    [FS_FLOW_AUGMENTED]   = { "augmented",   "A' = -Pi_L grad R^aug(A) - gamma Y" },
    [FS_FLOW_EQUIVARIANT] = { "equivariant", "A' = -Pi_E grad R(A) on E" },
};

struct fs_flow {
    fs_flow_kind kind;
    const fs_basis *basis;
    const fs_risk *risk;
    double gamma;
    size_t n_par, dim, dim_E;
    fs_risk_work *work;
    double *A, *grad;           /* (n_par) a point and its gradient */
    double *V, *HV;             /* (n_par) a direction and its product */
    double *state;              /* (dim) scratch velocity */
    const fs_sparse *B;         /* (n_par, n_par), or NULL: the identity */
    double *moved;              /* (dim) scratch, with B */
    double *H, *QH;             /* (n_par, n_par) and (dim, n_par), allocated by the first dense Jacobian */
    fs_flow_counts counts;
};

const char *fs_flow_name(fs_flow_kind kind)
{
    return (unsigned)kind < FS_FLOW_COUNT ? kinds[kind].name : "unknown";
}

const char *fs_flow_equation(fs_flow_kind kind)
{
    return (unsigned)kind < FS_FLOW_COUNT ? kinds[kind].equation : "";
}

fs_flow_kind fs_flow_from_name(const char *name)
{
    unsigned k = 0;
    while (k < FS_FLOW_COUNT && strcmp(name, kinds[k].name) != 0) k++;
    return (fs_flow_kind)k;
}

fs_status fs_flow_create(fs_flow **out, fs_flow_kind kind, const fs_basis *basis, const fs_risk *risk, double gamma,
                         int threads, size_t keep_limit, fs_err *err)
{
    *out = NULL;
    size_t n_par = fs_net_parameters(fs_risk_net(risk));
    if (!(gamma >= 0.0 && gamma <= DBL_MAX))
        return fs_fail(err, FS_EINPUT, "expected a penalty strength gamma >= 0 and finite, found %g", gamma);
    if (basis->n_par != n_par)
        return fs_fail(err, FS_EINPUT, "expected a basis of the network's %zu parameters, found one of %zu", n_par,
                       basis->n_par);
    fs_flow *f = fs_calloc(1, sizeof *f);
    if (!f) goto nomem;
    f->kind = kind;
    f->basis = basis;
    f->risk = risk;
    f->gamma = gamma;
    f->n_par = n_par;
    f->dim_E = basis->dim_E;
    f->dim = kind == FS_FLOW_EQUIVARIANT ? basis->dim_E : basis->dim_E + basis->dim_N;
    f->A = fs_calloc(n_par, sizeof *f->A);
    f->grad = fs_calloc(n_par, sizeof *f->grad);
    f->V = fs_calloc(n_par, sizeof *f->V);
    f->HV = fs_calloc(n_par, sizeof *f->HV);
    f->state = fs_calloc(f->dim, sizeof *f->state);
    if (!f->A || !f->grad || !f->V || !f->HV || !f->state) goto nomem;
    fs_status status = fs_risk_work_create(&f->work, risk, threads, keep_limit, err);
    if (status != FS_OK) {
        fs_flow_destroy(f);
        return status;
    }
    *out = f;
    return FS_OK;
nomem:
    fs_flow_destroy(f);
    return fs_fail(err, FS_ENOMEM, "flow of %zu parameters", n_par);
}

void fs_flow_destroy(fs_flow *f)
{
    if (!f) return;
    fs_risk_work_destroy(f->work);
    free(f->A);
    free(f->grad);
    free(f->V);
    free(f->HV);
    free(f->state);
    free(f->moved);
    free(f->H);
    free(f->QH);
    free(f);
}

fs_status fs_flow_set_parametrisation(fs_flow *f, const fs_sparse *B, fs_err *err)
{
    if (B && (B->rows != f->n_par || B->cols != f->n_par))
        return fs_fail(err, FS_EINPUT, "expected a parametrisation of the network's %zu parameters, found a matrix of %zu rows and %zu columns", f->n_par,
                       B->rows, B->cols);
    if (B && !f->moved) f->moved = fs_calloc(f->dim, sizeof *f->moved);
    if (B && !f->moved) return fs_fail(err, FS_ENOMEM, "a parametrisation of %zu parameters", f->n_par);
    f->B = B;
    return FS_OK;
}

const fs_sparse *fs_flow_parametrisation(const fs_flow *f) { return f->B; }
fs_flow_kind fs_flow_kind_of(const fs_flow *f) { return f->kind; }
double fs_flow_gamma(const fs_flow *f) { return f->gamma; }
size_t fs_flow_dim(const fs_flow *f) { return f->dim; }
size_t fs_flow_dim_E(const fs_flow *f) { return f->dim_E; }
const fs_basis *fs_flow_basis(const fs_flow *f) { return f->basis; }
const fs_risk *fs_flow_risk(const fs_flow *f) { return f->risk; }
fs_flow_counts fs_flow_counts_of(const fs_flow *f) { return f->counts; }

void fs_flow_weights(const fs_flow *f, const double *w, double *A)
{
    if (f->kind == FS_FLOW_EQUIVARIANT) fs_basis_expand_E(f->basis, w, A);
    else fs_basis_expand(f->basis, w, A);
}

/* coordinates of a natural-order vector in this flow's state space */
static void to_state(const fs_flow *f, const double *A, double *w)
{
    if (f->kind == FS_FLOW_EQUIVARIANT) fs_basis_project_E(f->basis, A, w);
    else fs_basis_project(f->basis, A, w);
}

/* g = Q^T B B^T Q g; V and HV are free at every call. */
static void apply_metric(const fs_flow *f, double *g)
{
    if (!f->B) return;
    fs_flow_weights(f, g, f->V);
    memset(f->HV, 0, f->n_par * sizeof *f->HV);
    fs_sparse_mul_transpose_add(f->B, f->V, f->HV);
    fs_sparse_mul(f->B, f->HV, f->V);
    to_state(f, f->V, g);
}

fs_status fs_flow_velocity(fs_flow *f, const double *w, double *dw)
{
    f->counts.velocities++;
    fs_flow_weights(f, w, f->A);
    FS_TRY(fs_risk_gradient_keep(f->risk, f->A, NULL, f->grad, f->work));
    to_state(f, f->grad, dw);
    for (size_t i = 0; i < f->dim_E; i++) dw[i] = -dw[i];
    for (size_t i = f->dim_E; i < f->dim; i++) dw[i] = -dw[i] - f->gamma * w[i];
    apply_metric(f, dw);
    return FS_OK;
}

/* From -grad S to the velocity; its square, and the descent <-grad S, w'>. */
static double move(const fs_flow *f, double *dw, double *descent)
{
    double speed = 0.0;
    memcpy(f->moved, dw, f->dim * sizeof *dw);
    apply_metric(f, dw);
    *descent = 0.0;
    for (size_t i = 0; i < f->dim; i++) {
        speed += dw[i] * dw[i];
        *descent += f->moved[i] * dw[i];
    }
    return speed;
}

fs_status fs_flow_evaluate(fs_flow *f, const double *w, fs_flow_point *p, double *dw)
{
    f->counts.velocities++;
    if (!dw) dw = f->state;
    fs_flow_weights(f, w, f->A);
    FS_TRY(fs_risk_gradient(f->risk, f->A, &p->risk, f->grad, f->work));
    to_state(f, f->grad, dw);
    double speed = 0.0, gg = 0.0, yy = 0.0, gy = 0.0;
    for (size_t i = 0; i < f->dim; i++) {
        gg += dw[i] * dw[i];
        if (i >= f->dim_E) {
            yy += w[i] * w[i];
            gy += w[i] * dw[i];
        }
        dw[i] = -dw[i];
        if (i >= f->dim_E) dw[i] -= f->gamma * w[i];
        speed += dw[i] * dw[i];
    }
    if (f->B) speed = move(f, dw, &p->descent);
    p->gradient_norm = sqrt(gg);
    p->speed = sqrt(speed);
    if (!f->B) p->descent = p->speed * p->speed;
    p->distance = sqrt(yy);
    p->objective = p->risk + 0.5 * f->gamma * yy;
    /* below this |Y|^2 has lost digits to underflow and the quotient means nothing */
    p->hbar = yy > DBL_MIN / DBL_EPSILON ? gy / yy : 0.0;
    return FS_OK;
}

fs_status fs_flow_jacobian_product(fs_flow *f, const double *w, const double *v, double *Jv)
{
    f->counts.products++;
    fs_flow_weights(f, w, f->A);
    fs_flow_weights(f, v, f->V);
    FS_TRY(fs_risk_hvp(f->risk, f->A, f->V, f->HV, f->work));
    to_state(f, f->HV, Jv);
    for (size_t i = 0; i < f->dim_E; i++) Jv[i] = -Jv[i];
    for (size_t i = f->dim_E; i < f->dim; i++) Jv[i] = -Jv[i] - f->gamma * v[i];
    apply_metric(f, Jv);
    return FS_OK;
}

/* out (n_par) = q^T H for row i of this flow's Q */
static void row_times(const fs_flow *f, size_t i, const double *H, double *out)
{
    const fs_sparse *Q = i < f->dim_E ? f->basis->Q_E : f->basis->Q_N;
    size_t row = i < f->dim_E ? i : i - f->dim_E;
    memset(out, 0, f->n_par * sizeof *out);
    for (size_t e = Q->ptr[row]; e < Q->ptr[row + 1]; e++) {
        const double *h = H + Q->col[e] * f->n_par;
        double q = Q->val[e];
        for (size_t j = 0; j < f->n_par; j++) out[j] += q * h[j];
    }
}

fs_status fs_flow_jacobian(fs_flow *f, const double *w, double *J)
{
    f->counts.jacobians++;
    if (!f->H) f->H = fs_calloc(f->n_par, f->n_par * sizeof *f->H);
    if (!f->QH) f->QH = fs_calloc(f->dim, f->n_par * sizeof *f->QH);
    if (!f->H || !f->QH) return FS_ENOMEM;
    fs_flow_weights(f, w, f->A);
    FS_TRY(fs_risk_hessian(f->risk, f->A, f->H, f->work));
    size_t n = f->dim;
    for (size_t i = 0; i < n; i++) row_times(f, i, f->H, f->QH + i * f->n_par);
    for (size_t i = 0; i < n; i++) {
        to_state(f, f->QH + i * f->n_par, J + i * n);
        for (size_t j = 0; j < n; j++) J[i * n + j] = -J[i * n + j];
        if (i >= f->dim_E) J[i * n + i] -= f->gamma;
    }
    for (size_t i = 0; i < n; i++)      /* Q H Q^T is symmetric up to the order of its sums */
        for (size_t j = 0; j < i; j++) J[i * n + j] = J[j * n + i] = 0.5 * (J[i * n + j] + J[j * n + i]);
    if (!f->B) return FS_OK;
    for (size_t i = 0; i < n; i++) apply_metric(f, J + i * n);      /* its rows are its columns: (M J)^T */
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) {
            double upper = J[j * n + i];
            J[j * n + i] = J[i * n + j];
            J[i * n + j] = upper;
        }
    return FS_OK;
}
