/* experiment/point_kind.c -- what the eigenvalues at a stationary point make of it, and how far they are known
 *
 *   minimum, saddle, maximum: by signs that are decided;   |eigenvalue - that of the true point| <= error + shift
 *
 * An eigenvalue is known up to rounding (or its residual) and up to what the distance to the true stationary point moves it.  Newton's next
 * correction d estimates that distance; where the point is degenerate Newton converges linearly only and the sum of all further corrections is
 * up to twice the next one (for a force x^2; thrice for x^3), which the factor 3 in the shift allows for.  A gradient smaller than its own rounding is no smaller
 * than that: where x^3 is rounding, x^2 still looks like a curvature.  Too large for a Hessian, the shift is that of the lowest eigenvalues, to first order:
 * |(H(w + d) - H(w)) v|.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/norm.h"
#include "experiment/stability_private.h"
#include "integrate/levenberg.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double shift_factor = 3.0;
static const double gradient_rounding = 8.0;    /* times u |H| (1 + |w|), of each component of the gradient */
static const double weak = 1e-3;                /* |curvature| against |H|: from here on it matters */

const char *fs_point_name(fs_point kind)
{
    static const char *const name[FS_POINT_COUNT] = { "strict minimum", "degenerate", "saddle", "maximum", "unknown" };
    return (unsigned)kind < FS_POINT_COUNT ? name[kind] : "unknown";
}

/* --- the kind of a point --------------------------------------------------------------------------- */

fs_inertia fs_point_counts(const fs_spectrum_block *b, double add, double extra)
{
    return b->complete ? fs_spectrum_inertia(b, add, extra) : (fs_inertia){ 0 };
}

fs_point fs_point_of_counts(fs_inertia c)
{
    size_t all = c.negative + c.undecided + c.positive;
    if (!all) return FS_POINT_UNKNOWN;
    if (c.positive == all) return FS_POINT_MINIMUM;
    if (c.negative == all) return FS_POINT_MAXIMUM;
    return c.negative ? FS_POINT_SADDLE : FS_POINT_DEGENERATE;
}

/* Where only the ends are known.  A Ritz value is an eigenvalue's bound from above (lowest) or below (highest): its sign decides one way only. */
static fs_point kind_of_ends(const fs_spectrum_block *b, double add, double extra)
{
    int listed = b->count && b->value[b->count - 1] >= b->highest;
    double highest_error = listed ? b->error[b->count - 1] : b->lowest_error;
    fs_sign low = fs_sign_of(b->lowest + add, b->lowest_error + extra), high = fs_sign_of(b->highest + add, highest_error + extra);
    if (low == FS_SIGN_NEGATIVE && high == FS_SIGN_POSITIVE) return FS_POINT_SADDLE;
    if (!b->lowest_known || low == FS_SIGN_NEGATIVE || isnan(b->lowest)) return FS_POINT_UNKNOWN;
    return low == FS_SIGN_POSITIVE ? FS_POINT_MINIMUM : FS_POINT_DEGENERATE;
}

fs_point fs_point_of(const fs_spectrum_block *b, double add, double extra)
{
    if (!b->dim) return FS_POINT_UNKNOWN;
    return b->complete ? fs_point_of_counts(fs_point_counts(b, add, extra)) : kind_of_ends(b, add, extra);
}

fs_point fs_point_of_sum(const fs_spectrum_block *a, fs_point on_a, const fs_spectrum_block *b, fs_point on_b)
{
    if (!a->dim) return on_b;
    if (!b->dim) return on_a;
    if (on_a == on_b) return on_a;
    if (on_a == FS_POINT_SADDLE || on_b == FS_POINT_SADDLE) return FS_POINT_SADDLE;
    if (on_a == FS_POINT_UNKNOWN || on_b == FS_POINT_UNKNOWN) return FS_POINT_UNKNOWN;
    if (on_a == FS_POINT_MAXIMUM || on_b == FS_POINT_MAXIMUM) return FS_POINT_SADDLE;
    return FS_POINT_DEGENERATE;
}

/* --- how far the true point is ---------------------------------------------------------------------------- */

/* The last Newton correction d (n) at w, inside the coordinates [0, m), from H (n, n) of the own objective: modes whose curvature is rounding
 * do not move, and *frozen is what their curvature may be; in other weak ones the gradient is at least its rounding. */
static fs_status correction_of(const fs_point_flows *x, const double *w, const double *H, size_t m, double *d, double *frozen, fs_err *err)
{
    size_t n = fs_flow_dim(x->own);
    double *A = fs_calloc(m, m * sizeof *A), *value = fs_calloc(m, sizeof *value), *F = fs_calloc(n, sizeof *F);
    fs_status status = A && value && F ? fs_flow_velocity(x->own, w, F) : FS_ENOMEM;
    if (status != FS_OK) {
        fs_fail(err, status, "Newton's correction in dimension %zu: %s", m, fs_status_text(status));
        goto done;
    }
    for (size_t i = 0; i < m; i++) memcpy(A + i * m, H + i * n, m * sizeof *A);
    double size = fs_frobenius(m * m, A, NULL), noise = (double)(n + 16) * DBL_EPSILON * size;
    double least = gradient_rounding * DBL_EPSILON * size * (1.0 + fs_norm(n, w)), mu = fs_norm(m, F);
    status = fs_symmetric_eigen(m, A, value, err);
    if (status != FS_OK) goto done;
    memset(d, 0, n * sizeof *d);
    for (size_t k = 0; k < m; k++) {
        if (!(fabs(value[k]) > noise)) {
            *frozen = noise;
            continue;
        }
        double along = 0.0;
        for (size_t i = 0; i < m; i++) along += A[k * m + i] * F[i];
        if (fabs(value[k]) < weak * size && fabs(along) < least) along = copysign(least, along);
        for (size_t i = 0; i < m; i++) d[i] += A[k * m + i] * along * value[k] / (value[k] * value[k] + mu * mu);
    }
done:
    free(A);
    free(value);
    free(F);
    return status;
}

/* When the Hessian has moved so far; what is not finite decides nothing. */
static double shift_of(double moved)
{
    return isfinite(moved) ? shift_factor * moved : (double)INFINITY;
}

fs_status fs_point_shift(double *shift, const fs_point_flows *x, const fs_stationary *at, const double *H, fs_err *err)
{
    size_t n = fs_flow_dim(x->observer), m = at->kind == FS_FLOW_EQUIVARIANT ? fs_flow_dim_E(x->observer) : n;
    double *moved = fs_calloc(n, sizeof *moved), *there = fs_calloc(n, n * sizeof *there), frozen = 0.0;
    fs_status status = moved && there ? FS_OK : fs_fail(err, FS_ENOMEM, "Hessian of dimension %zu", n);
    if (status == FS_OK && x->own != x->observer) status = fs_objective_hessian(x->own, at->w, there, err);
    if (status == FS_OK) status = correction_of(x, at->w, x->own != x->observer ? there : H, m, moved, &frozen, err);
    for (size_t i = 0; status == FS_OK && i < n; i++) moved[i] += at->w[i];
    if (status == FS_OK) status = fs_objective_hessian(x->observer, moved, there, err);
    if (status == FS_OK) *shift = shift_of(fs_frobenius(n * n, there, H));
    if (status == FS_OK && *shift < frozen) *shift = frozen;
    if (status == FS_ENAN) {            /* as far as that: nothing is decided */
        *shift = (double)INFINITY;
        status = FS_OK;
    }
    free(moved);
    free(there);
    return status;
}

/* d (n) from products alone, by the flow whose point it is. */
static fs_status correction_by_products(const fs_point_flows *x, const fs_stationary *at, double *d, fs_err *err)
{
    fs_flow *f = NULL;
    fs_levenberg *solver = NULL;
    double *F = fs_calloc(at->dim, sizeof *F);
    fs_status status = F ? fs_problem_flow(&f, x->problem, at->kind, at->gamma, x->threads, x->keep_limit, err)
                         : fs_fail(err, FS_ENOMEM, "a gradient of dimension %zu", at->dim);
    size_t m = status == FS_OK ? fs_flow_dim(f) : 0;
    if (status != FS_OK || !m) goto done;
    status = fs_levenberg_create(&solver, f, 0, err);
    if (status != FS_OK) goto done;
    status = fs_flow_velocity(f, at->w, F);
    for (size_t i = 0; i < m; i++) F[i] = -F[i];
    if (status == FS_OK) status = fs_levenberg_step(solver, at->w, F, 1.0, 0.1 * fs_norm(m, F), d);
    if (status != FS_OK) fs_fail(err, status, "Newton's correction in dimension %zu: %s", m, fs_status_text(status));
done:
    fs_levenberg_destroy(solver);
    fs_flow_destroy(f);
    free(F);
    return status;
}

/* |(H(to) - H(from)) v|; scratch (n, 2) */
static fs_status change_along(const fs_point_flows *x, const double *from, const double *to, const double *v, double *scratch, double *change)
{
    size_t n = fs_flow_dim(x->observer);
    FS_TRY(fs_flow_jacobian_product(x->observer, from, v, scratch));
    FS_TRY(fs_flow_jacobian_product(x->observer, to, v, scratch + n));
    *change = fs_frobenius(n, scratch, scratch + n);
    return FS_OK;
}

fs_status fs_point_shift_of_lowest(double *shift, const fs_point_flows *x, const fs_stationary *at, const fs_spectrum *spectrum, fs_err *err)
{
    size_t n = fs_flow_dim(x->observer);
    const double *lowest[] = { spectrum->E.lowest_vector, spectrum->N.lowest_vector, spectrum->whole.lowest_vector };
    double *moved = fs_calloc(n, 3 * sizeof *moved), largest = 0.0, change = 0.0;
    fs_status status = moved ? correction_by_products(x, at, moved, err) : fs_fail(err, FS_ENOMEM, "%zu coordinates", n);
    for (size_t i = 0; status == FS_OK && i < n; i++) moved[i] += at->w[i];
    for (size_t k = 0; status == FS_OK && k < sizeof lowest / sizeof *lowest; k++) {
        if (!lowest[k]) continue;
        status = change_along(x, at->w, moved, lowest[k], moved + n, &change);
        fs_raise_to(&largest, change);
        if (status == FS_OK) *shift = shift_of(largest);
        else fs_fail(err, status, "a Hessian-vector product failed: %s", fs_status_text(status));
    }
    if (status == FS_ENAN) {
        *shift = (double)INFINITY;
        status = FS_OK;
    }
    free(moved);
    return status;
}
