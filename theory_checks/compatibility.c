/* theory_checks/compatibility.c -- L and H_G meet at right angles
 *
 *   U = TL, V = H_G, W = TE = U with V, N = U minus W.  Equivalent:                              [NOF23]
 *
 *     (i)   Pi_U Pi_V = Pi_V Pi_U        kappa = max |sin theta cos theta|
 *     (ii)  Pi_U Pi_V = Pi_W             max cos theta
 *     (iii) Pi_V U in U                  max |sin theta cos theta|
 *     (iv)  Pi_U V in V                  max |sin theta cos theta|
 *     (v)   N is orthogonal to V         max cos theta
 *     (vi)  every angle is 0 or pi / 2   max min(|sin theta|, |cos theta|)
 *     (vii) 2 Pi_U - 1, 2 Pi_V - 1 commute     4 kappa, a quarter of it is compared
 *
 * theta: principal angles between U and V that are not 0 ((vi): all).  To first order in a defect all seven are kappa: an angle is then close to pi / 2, or so close to
 * 0 that W takes it for 0, where (ii) is |sin theta|.  What the hypothesis calls zero is therefore no counterexample in any form: its tolerance is part of
 * the bound, and rounding of the form itself is the rest.  kappa comes from fs_basis_compatibility; the norms of (ii) to (v) and (vii) by the
 * power method on T^T T, (vi) from the singular values of Pi_U Q_V and (1 - Pi_U) Q_V.  Pi_V is the Reynolds average where the Haar nodes are exact and few,
 * else a basis of H_G.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "rounding.h"
#include "statements.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STARTS = 2, STEPS = 24, SWEEPS = 30, FORMS = 5 };
static const double theta = 0.3, reynolds_work = 4e5, angles_work = 2e7;

/* Plain after opening. */
typedef struct {
    fs_check_context *c;
    const fs_rep *rho;
    const fs_basis *L;
    fs_basis *H;                /* of all of H: its E is H_G */
    size_t n;
    int reynolds;
    gsl_rng *rng;
    double *w, *x_H;            /* (dim L), (dim H_G) */
    double *a, *b;              /* (n_par) scratch of the operators */
    double *u, *v;              /* (n_par) of the power method */
} run;

/* --- projections ------------------------------------------------------------------------- */

typedef fs_status projection(run *r, const double *in, double *out, fs_err *err);

static fs_status on_L(run *r, const double *in, double *out, fs_err *err)
{
    (void)err;
    fs_basis_project(r->L, in, r->w);
    fs_basis_expand(r->L, r->w, out);
    return FS_OK;
}

static fs_status on_E(run *r, const double *in, double *out, fs_err *err)
{
    (void)err;
    fs_basis_project_E(r->L, in, r->w);
    fs_basis_expand_E(r->L, r->w, out);
    return FS_OK;
}

static fs_status on_N(run *r, const double *in, double *out, fs_err *err)
{
    (void)err;
    fs_basis_project(r->L, in, r->w);
    memset(r->w, 0, r->L->dim_E * sizeof *r->w);
    fs_basis_expand(r->L, r->w, out);
    return FS_OK;
}

static fs_status on_V(run *r, const double *in, double *out, fs_err *err)
{
    if (r->reynolds) return fs_reynolds_apply(r->rho, NULL, in, out, err);
    fs_basis_project_E(r->H, in, r->x_H);
    fs_basis_expand_E(r->H, r->x_H, out);
    return FS_OK;
}

/* out = in - P in */
static fs_status off(run *r, projection *P, const double *in, double *out, fs_err *err)
{
    FS_TRY(P(r, in, out, err));
    for (size_t j = 0; j < r->n; j++) out[j] = in[j] - out[j];
    return FS_OK;
}

/* in turned by the reflection 2 P - 1. */
static fs_status reflect(run *r, projection *P, const double *in, double *out, fs_err *err)
{
    FS_TRY(P(r, in, out, err));
    for (size_t j = 0; j < r->n; j++) out[j] = 2.0 * out[j] - in[j];
    return FS_OK;
}

/* --- the forms: T, and T^T when transposed ------------------------------------------------- */

typedef fs_status form(run *r, int transposed, const double *in, double *out, fs_err *err);

/* Pi_L Pi_G - Pi_E */
static fs_status product_is_E(run *r, int transposed, const double *in, double *out, fs_err *err)
{
    FS_TRY((transposed ? on_L : on_V)(r, in, r->a, err));
    FS_TRY((transposed ? on_V : on_L)(r, r->a, out, err));
    FS_TRY(on_E(r, in, r->a, err));
    for (size_t j = 0; j < r->n; j++) out[j] -= r->a[j];
    return FS_OK;
}

/* (1 - Pi_L) Pi_G Pi_L */
static fs_status average_keeps_L(run *r, int transposed, const double *in, double *out, fs_err *err)
{
    if (transposed) FS_TRY(off(r, on_L, in, r->a, err));
    else FS_TRY(on_L(r, in, r->a, err));
    FS_TRY(on_V(r, r->a, r->b, err));
    return transposed ? on_L(r, r->b, out, err) : off(r, on_L, r->b, out, err);
}

/* (1 - Pi_G) Pi_L Pi_G */
static fs_status L_keeps_invariants(run *r, int transposed, const double *in, double *out, fs_err *err)
{
    if (transposed) FS_TRY(off(r, on_V, in, r->a, err));
    else FS_TRY(on_V(r, in, r->a, err));
    FS_TRY(on_L(r, r->a, r->b, err));
    return transposed ? on_V(r, r->b, out, err) : off(r, on_V, r->b, out, err);
}

/* Pi_G Pi_N */
static fs_status average_kills_N(run *r, int transposed, const double *in, double *out, fs_err *err)
{
    FS_TRY((transposed ? on_V : on_N)(r, in, r->a, err));
    return (transposed ? on_N : on_V)(r, r->a, out, err);
}

/* The commutator of the reflections, which is antisymmetric. */
static fs_status reflections_commute(run *r, int transposed, const double *in, double *out, fs_err *err)
{
    (void)transposed;
    FS_TRY(reflect(r, on_V, in, r->a, err));
    FS_TRY(reflect(r, on_L, r->a, out, err));
    FS_TRY(reflect(r, on_L, in, r->a, err));
    FS_TRY(reflect(r, on_V, r->a, r->b, err));
    for (size_t j = 0; j < r->n; j++) out[j] -= r->b[j];
    return FS_OK;
}

static const struct {
    const char *name;
    form *apply;
    double kappas;              /* its norm, to first order */
} forms[FORMS] = {
    { "product_is_E", product_is_E, 1.0 }, { "average_keeps_L", average_keeps_L, 1.0 }, { "L_keeps_invariants", L_keeps_invariants, 1.0 },
    { "N_orthogonal", average_kills_N, 1.0 }, { "reflections", reflections_commute, 4.0 },
};

/* |T| from below, by the power method on T^T T. */
static fs_status norm_of(run *r, form *T, double *norm, fs_err *err)
{
    *norm = 0.0;
    for (size_t start = 0; start < STARTS; start++) {
        fs_rng_gaussian(r->rng, r->n, r->u);
        for (size_t step = 0; step < STEPS; step++) {
            double size = fs_norm(r->n, r->u);
            if (size == 0.0) break;
            for (size_t j = 0; j < r->n; j++) r->u[j] /= size;
            FS_TRY(T(r, 0, r->u, r->v, err));
            *norm = fs_larger(*norm, fs_norm(r->n, r->v));
            FS_TRY(T(r, 1, r->v, r->u, err));
        }
    }
    return FS_OK;
}

/* --- principal angles ------------------------------------------------------------------------ */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Turns rows p and q (m) until they are orthogonal; 1 when they had to be turned. */
static int rotate_rows(size_t m, double *p, double *q)
{
    double pp = fs_dot(m, p, p), qq = fs_dot(m, q, q), pq = fs_dot(m, p, q);
    if (!(fabs(pq) > FS_ROUNDOFF * sqrt(pp * qq)) || !(fabs(pq) > FS_ROUNDOFF * FS_ROUNDOFF)) return 0;
    double zeta = (qq - pp) / (2.0 * pq), t = copysign(1.0, zeta) / (fabs(zeta) + hypot(1.0, zeta)), cosine = 1.0 / hypot(1.0, t), sine = cosine * t;
    for (size_t j = 0; j < m; j++) {
        double a = p[j];
        p[j] = cosine * a - sine * q[j];
        q[j] = sine * a + cosine * q[j];
    }
    return 1;
}

/* The singular values of the rows of M (k, m), ascending, by one-sided Jacobi rotations, which lose no digits of the small ones.  M is destroyed. */
static void singular_values(size_t k, size_t m, double *M, double *value)
{
    int turned = 1;
    for (size_t sweep = 0; sweep < SWEEPS && turned; sweep++) {
        turned = 0;
        for (size_t p = 0; p < k; p++)
            for (size_t q = p + 1; q < k; q++) turned |= rotate_rows(m, M + p * m, M + q * m);
    }
    for (size_t p = 0; p < k; p++) value[p] = fs_norm(m, M + p * m);
    qsort(value, k, sizeof *value, by_size);
}

/* The largest distance of an angle from 0 and pi / 2, as the smaller of its sine and cosine; *known = 0 where there are too many angles. */
static fs_status measure_angles(run *r, int *known, double *worst, fs_err *err)
{
    size_t k = r->H->dim_E, n = r->n;
    *worst = 0.0;
    *known = (double)k * (double)k * (double)n <= angles_work;
    if (!*known) return FS_OK;
    double *inside = fs_calloc(2 * k, n * sizeof *inside), *cosine = fs_calloc(2 * k, sizeof *cosine);
    if (!inside || !cosine) {
        free(inside);
        free(cosine);
        return fs_fail(err, FS_ENOMEM, "%zu principal angles", k);
    }
    double *outside = inside + k * n, *sine = cosine + k;
    for (size_t i = 0; i < k; i++) {
        memset(r->x_H, 0, k * sizeof *r->x_H);
        r->x_H[i] = 1.0;
        fs_basis_expand_E(r->H, r->x_H, r->a);
        on_L(r, r->a, inside + i * n, err);
        off(r, on_L, r->a, outside + i * n, err);
    }
    singular_values(k, n, inside, cosine);
    singular_values(k, n, outside, sine);
    for (size_t i = 0; i < k; i++) *worst = fs_larger(*worst, fs_smaller(cosine[k - 1 - i], sine[i]));  /* the largest cosine belongs to the smallest sine */
    free(inside);
    free(cosine);
    return FS_OK;
}

/* --- the control --------------------------------------------------------------------------------- */

/* u: a random unit vector of the range of P, or what is left of it off H_G; |u| = 0 when that is nothing. */
static fs_status random_unit(run *r, projection *P, int off_V, double *u, fs_err *err)
{
    fs_rng_gaussian(r->rng, r->n, r->b);
    FS_TRY(P(r, r->b, off_V ? r->a : u, err));
    if (off_V) FS_TRY(off(r, on_V, r->a, u, err));
    double size = fs_norm(r->n, u);
    for (size_t j = 0; j < r->n && size > 0.0; j++) u[j] /= size;
    return FS_OK;
}

/* TL' = span(cos theta e + sin theta n): e in E (in H_G where E is a point), n in N, and off H_G. */
static fs_status measure_control(run *r, fs_finding *found, fs_err *err)
{
    fs_basis *tilted = NULL;
    FS_TRY(random_unit(r, r->L->dim_E ? on_E : on_V, 0, r->u, err));
    FS_TRY(random_unit(r, on_N, 1, r->v, err));
    for (size_t j = 0; j < r->n; j++) r->u[j] = cos(theta) * r->u[j] + sin(theta) * r->v[j];
    FS_TRY(fs_basis_create_span(&tilted, r->rho, 1, r->u, err));
    fs_status status = fs_basis_compatibility(tilted, r->rho, &found->control.measured, err);
    fs_basis_destroy(tilted);
    FS_TRY(status);
    found->control.predicted = 0.5 * sin(2.0 * theta);
    found->control.tolerance = 1e-9;
    snprintf(found->control.what, sizeof found->control.what, "TL' = span(cos t e + sin t n), t = %g, e in %s, n in N: kappa = sin(2 t) / 2", theta,
             r->L->dim_E ? "E" : "H_G");
    return FS_OK;
}

/* --- the check -------------------------------------------------------------------------------------- */

static fs_status run_open(run *r, fs_err *err)
{
    const fs_group *G = fs_rep_group(r->rho);
    FS_TRY(fs_basis_create(&r->H, r->rho, NULL, err));
    r->reynolds = fs_rep_haar_is_exact(r->rho) && (double)fs_group_points(G) * (double)r->n <= reynolds_work;
    r->rng = fs_rng_stream(fs_check_options_of(r->c)->seed, FS_STREAM_HYPOTHESES);
    r->a = fs_calloc(4 * r->n + r->L->dim_E + r->L->dim_N + r->H->dim_E, sizeof *r->a);
    if (!r->rng || !r->a) return fs_fail(err, FS_ENOMEM, "projections of %zu weights", r->n);
    r->b = r->a + r->n;
    r->u = r->b + r->n;
    r->v = r->u + r->n;
    r->w = r->v + r->n;
    r->x_H = r->w + r->L->dim_E + r->L->dim_N;
    return FS_OK;
}

static void run_close(run *r)
{
    if (r->rng) gsl_rng_free(r->rng);
    free(r->a);
    fs_basis_destroy(r->H);
}

static fs_status measure_forms(run *r, fs_finding *found, fs_err *err)
{
    const fs_hypothesis *kept = &fs_problem_hypotheses(fs_check_problem(r->c))->invariance_of_L;
    double kappa = 0.0, invariance = 0.0, angles = 0.0, value = 0.0;
    int listed = 0;
    FS_TRY(fs_basis_compatibility(r->L, r->rho, &kappa, err));
    FS_TRY(fs_basis_invariance(r->L, r->rho, &invariance, err));
    fs_check_quantity(found, kappa, 0.0, "kappa");
    fs_check_quantity(found, invariance, 0.0, "invariance");
    found->measured = kappa;
    for (size_t i = 0; i < FORMS; i++) {
        FS_TRY(norm_of(r, forms[i].apply, &value, err));
        value /= forms[i].kappas;
        fs_check_quantity(found, value, 0.0, "%s", forms[i].name);
        found->measured = fs_larger(found->measured, value);
    }
    FS_TRY(measure_angles(r, &listed, &angles, err));
    if (listed) {
        fs_check_quantity(found, angles, 0.0, "angles");
        found->measured = fs_larger(found->measured, angles);
    }
    snprintf(found->note, sizeof found->note, "kappa = %.1e, seven equivalent forms, H_G of dimension %zu by %s; %s%s%s", kappa, r->H->dim_E,
             r->reynolds ? "the Reynolds average" : "constraints", invariance <= kept->tolerance ? "the group keeps L" : "the group does not keep L",
             r->L->dim_E + r->L->dim_N == r->n ? "; L is all of H, so that it is E that is compared with H_G" : "",
             listed ? "" : "; too many principal angles to list");
    return FS_OK;
}

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    run r = { .c = c, .rho = fs_problem_rho_H(fs_check_problem(c)), .L = fs_check_basis(c), .n = fs_check_basis(c)->n_par };
    fs_status status = run_open(&r, err);
    found->error = 0.0;
    found->bound = fs_problem_hypotheses(fs_check_problem(c))->compatibility.tolerance + FS_ROUNDING_TERMS * FS_ROUNDOFF * (double)r.n;
    if (status == FS_OK) status = measure_forms(&r, found, err);
    if (status == FS_OK && !r.H->dim_E) fs_check_vacuous(found, "H_G = {0}: there is nothing that L could meet at an angle");
    else if (status == FS_OK && r.L->dim_N) status = measure_control(&r, found, err);
    run_close(&r);
    return status;
}

const fs_statement fs_statement_compatibility = {
    .id = "compatibility", .code = "cmp", .name = "Compatibility",
    .claim = "[Pi_L, Pi_G] = 0, in each of its seven equivalent forms",
    .source = "[NOF23]",
    .needs = FS_NEEDS_COMPATIBILITY | FS_NEEDS_REPRESENTATION,     /* the first: on a model that is not compatible all forms fail together */
    .measures = "the largest of kappa = |[Pi_L, Pi_G]| and of six forms that vanish with it, each as the kappa that it means (commutator of the reflections: a quarter)",
    .budget = "the hypothesis' tolerance 128 u dim L, since what it takes for zero (bases are rounded, and angles below their rounding count as 0) is no counterexample, "
              "and 64 u dim H: projections are sums of at most dim H products of entries of unit vectors",
    .controls = "a line at an angle of 0.3 to H_G: kappa = sin(0.6) / 2",
    .measure = measure,
};
