/* theory_checks/theorem_2.c -- Theorem 2: what is stable for the augmented flow is stable for the equivariant flow
 *
 *   lambda_min(Hess S on L) <= lambda_min(Hess R on E) at a stationary point on E      [NOF23, Theorem 2]
 *
 * and E is invariant, so that the exponents of the equivariant flow are exponents of the augmented one.  Both are measured at every point whose stability on E
 * is decided: the two lowest eigenvalues, one from R on E alone, the other from R^aug and the penalty on L; and the augmented flow from the point moved
 * along the lowest eigenvector of E, which must leave (or come back) at the rate that the equivariant flow has.
 *
 * The implication is tested where the augmented flow is stable, for which gamma is taken above gamma_c at minima on E, and, turned around, where the
 * equivariant flow is not stable.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "points.h"
#include "statements.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RATES = 3 };
static const double e_folds = 1.0;              /* of the flow along E */
static const double accuracy = 1e-3;            /* what nonlinearity may take of a rate */
static const double told_apart = 0.1;           /* the control needs an exponent that differs by so much */
static const double telling = 1e-2;             /* the bound over |lambda_E|: beyond it a comparison says little */
static const double above = 1.5;                /* gamma at minima on E, in units of gamma_c at least */

typedef struct {
    fs_check_context *c;
    const fs_basis *b;
    double gamma;
    fs_flow *equivariant;
    fs_worst worst;
    size_t decided, stable, unstable, broken;   /* points; stable on L (and on E), unstable on E (and on L); stable on L and unstable on E */
    size_t rates, dull;         /* rates of escape or return compared; eigenvalues and rates whose bound is too wide to tell */
    double dullest;             /* of those bounds */
} survey;

/* One point with a decided sign on E. */
typedef struct {
    const fs_stability_point *point;
    double gamma;
    double on_E, error_E, on_L, error_L;        /* lowest eigenvalues */
} pair;

/* Relative to |lambda_E|; whether it tells something. */
static int add(survey *s, double measured, double error, double bound)
{
    if (fs_worst_add_telling(&s->worst, measured, error, bound, telling)) return 1;
    s->dull++;
    if (bound > s->dullest) s->dullest = bound;
    return 0;
}

static fs_status compare(survey *s, pair *q, fs_err *err)
{
    const double *w = q->point->at->w, shift = q->point->shift, least = above * q->point->gamma_critical;
    fs_flow *augmented = NULL;
    q->gamma = q->point->on_E == FS_POINT_MINIMUM && least > s->gamma ? least : s->gamma;
    FS_TRY(fs_point_lowest(s->c, s->equivariant, w, &q->on_E, &q->error_E, err));
    FS_TRY(fs_check_plain_flow(s->c, FS_FLOW_AUGMENTED, q->gamma, &augmented, err));
    fs_status status = fs_point_lowest(s->c, augmented, w, &q->on_L, &q->error_L, err);
    fs_flow_destroy(augmented);
    if (status != FS_OK) return status;
    q->error_E += shift;
    q->error_L += shift;
    fs_sign E = fs_sign_of(q->on_E, q->error_E), L = fs_sign_of(q->on_L, q->error_L);
    if (E == FS_SIGN_UNDECIDED) return FS_OK;
    s->decided++;
    s->stable += (size_t)(E == FS_SIGN_POSITIVE && L == FS_SIGN_POSITIVE);
    s->unstable += (size_t)(E == FS_SIGN_NEGATIVE && L == FS_SIGN_NEGATIVE);
    s->broken += (size_t)(E == FS_SIGN_NEGATIVE && L == FS_SIGN_POSITIVE);
    double excess = q->on_L > q->on_E ? q->on_L - q->on_E : 0.0, size = fabs(q->on_E);
    add(s, excess / size, 0.0, (q->error_E + q->error_L) / size);
    return FS_OK;
}

/* The exponent of the augmented flow at gamma along v, where `curvature` is expected. */
static fs_status exponent_along(survey *s, const pair *q, double gamma, const double *v, double curvature, fs_exponent *x, fs_err *err)
{
    fs_exponent_request r = { .gamma = gamma, .w = q->point->at->w, .v = v, .curvature = curvature, .horizon = e_folds / fabs(curvature),
                              .max_step = 0.5 / fabs(curvature), .accuracy = accuracy * fabs(curvature) };
    FS_TRY(fs_point_residual(s->c, q->point->at, &r.residual, err));
    return fs_exponent_measure(s->c, &r, x, err);
}

static fs_status follow(survey *s, const pair *q, fs_finding *found, fs_err *err)
{
    fs_exponent x;
    const double size = fabs(q->on_E);
    if (!q->point->spectrum->E.lowest_vector) return FS_OK;
    FS_TRY(exponent_along(s, q, q->gamma, q->point->spectrum->E.lowest_vector, q->on_E, &x, err));
    if (!add(s, fabs(x.rate - q->on_E) / size, x.error / size, (x.bound + q->error_E) / size)) return FS_OK;
    if (!s->rates++) {
        fs_check_quantity(found, q->on_E, q->error_E, "lambda_E");
        fs_check_quantity(found, x.rate, x.error, "rate");
        fs_check_quantity(found, q->on_L, q->error_L, "lambda_L");
    }
    return FS_OK;
}

/* A direction across E in place of one in E, at a gamma where the two exponents differ. */
static fs_status control(survey *s, const pair *q, fs_finding *found, fs_err *err)
{
    const fs_spectrum_block *N = &q->point->spectrum->N;
    fs_exponent x;
    if (!N->lowest_vector) return FS_OK;
    double size = fabs(q->on_E), gamma = q->gamma;
    if (!(fabs(gamma + N->lowest - q->on_E) >= told_apart * size && fabs(gamma + N->lowest) >= told_apart * size)) gamma += fabs(N->lowest) + 2.0 * size;
    double across = gamma + N->lowest;
    FS_TRY(exponent_along(s, q, gamma, N->lowest_vector, across, &x, err));
    found->control = (fs_control){ .measured = fabs(x.rate - q->on_E) / size, .predicted = fabs(across - q->on_E) / size };
    snprintf(found->control.what, sizeof found->control.what,
             "the flow at gamma = %.6g moved across E in place of along E: off by |gamma + lambda_min(H_N) - lambda_min(H_E)| / |lambda_min(H_E)|", gamma);
    return FS_OK;
}

/* The points whose rates are measured: those of the largest |lambda_E|, unstable ones first. */
static int goes_before(const pair *a, const pair *b)
{
    int unstable_a = a->on_E < 0.0, unstable_b = b->on_E < 0.0;
    return unstable_a != unstable_b ? unstable_a : fabs(a->on_E) > fabs(b->on_E);
}

static void order(pair *list, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j && goes_before(&list[j], &list[j - 1]); j--) {
            pair swap = list[j];
            list[j] = list[j - 1];
            list[j - 1] = swap;
        }
}

static int decided_on_E(const fs_stability_point *point)
{
    return fs_point_found(point) && (point->on_E == FS_POINT_MINIMUM || point->on_E == FS_POINT_SADDLE || point->on_E == FS_POINT_MAXIMUM);
}

static fs_status survey_points(survey *s, const fs_stability *stability, pair *list, fs_finding *found, fs_err *err)
{
    size_t n = 0;
    for (size_t i = 0; i < stability->n_points; i++) {
        if (!decided_on_E(&stability->point[i])) continue;
        list[n].point = &stability->point[i];
        FS_TRY(compare(s, &list[n], err));
        FS_TRY(fs_watch_report(fs_check_watch(s->c), "eigenvalues on E and on L", (double)i / (double)stability->n_points));
        if (fs_sign_of(list[n].on_E, list[n].error_E) != FS_SIGN_UNDECIDED) n++;
    }
    if (!n) return FS_OK;
    order(list, n);
    for (size_t i = 0; i < n && i < RATES; i++) FS_TRY(follow(s, &list[i], found, err));
    return control(s, &list[0], found, err);
}

static void report(const survey *s, fs_finding *found)
{
    char dull[80] = "";
    fs_worst_report(&s->worst, found);
    fs_check_quantity(found, (double)s->decided, 0.0, "points");
    fs_check_quantity(found, (double)s->unstable, 0.0, "unstable");
    fs_check_quantity(found, (double)s->stable, 0.0, "stable");
    if (!s->stable && !s->unstable && !s->broken)
        fs_check_vacuous(found, "no point tests the implication: where E is stable the sign of lambda_min on L is not decided");
    if (!s->rates) fs_check_vacuous(found, "no rate along E is known to 1 per cent: the bound is up to %.2g of it", s->dullest);
    if (s->dull) snprintf(dull, sizeof dull, "; %zu more known no better than to %.1g", s->dull, s->dullest);
    snprintf(found->note, sizeof found->note, "%zu points on E with decided signs, gamma = %g (at least 1.5 gamma_c at minima on E): %zu stable for "
             "the augmented flow, all stable on E; %zu unstable on E, all "
             "unstable for the augmented flow. The augmented flow leaves along E, or comes back, at the rate of the equivariant one: worst of %zu off by %.1e%s",
             s->decided, s->gamma, s->stable, s->unstable, s->rates, found->measured, dull);
    if (s->broken) snprintf(found->note, sizeof found->note, "%zu of %zu points are stable for the augmented flow and unstable on E", s->broken, s->decided);
}

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    const fs_stability *stability;
    survey s = { .c = c, .b = fs_check_basis(c), .gamma = fs_check_options_of(c)->gamma };
    if (!s.b->dim_E || !s.b->dim_N) return fs_check_absent(found, "dim %s = 0: there is nothing to compare", s.b->dim_E ? "N" : "E");
    FS_TRY(fs_check_stability(c, &stability, err));
    if (!fs_points_found(stability)) return fs_points_none(found, stability);
    pair *list = fs_calloc(stability->n_points, sizeof *list);
    fs_status status = list ? FS_OK : fs_fail(err, FS_ENOMEM, "%zu stationary points", stability->n_points);
    if (status == FS_OK) status = fs_check_plain_flow(c, FS_FLOW_EQUIVARIANT, 0.0, &s.equivariant, err);
    if (status == FS_OK) status = survey_points(&s, stability, list, found, err);
    if (status == FS_OK && !s.decided) status = fs_points_none_such(found, stability, "point whose stability on E second derivatives decide");
    else if (status == FS_OK) report(&s, found);
    fs_flow_destroy(s.equivariant);
    free(list);
    return status;
}

const fs_statement fs_statement_theorem_2 = {
    .id = "theorem_2",
    .code = "2",
    .name = "Theorem 2",
    .claim = "a point of E that is stable for the augmented flow is stable for the equivariant flow",
    .source = "[NOF23, Theorem 2]",
    .needs = FS_NEEDS_RATES,
    .measures = "over the decided points: how far lambda_min(Hess S on L) exceeds lambda_min(H_E), and how far the augmented flow along E is off "
             "the rate |lambda_min(H_E)|; relative, the worst "
                "against its budget",
    .budget = "errors of the two eigenvalues; |(Hess S(X + d) - Hess S(X)) v|, d along v, at the far end of the path, the residual gradient over "
             "|d| at the near end, and what the integrator's local errors add to log |d|; at most 1 %, or it tells nothing",
    .controls = "moved across E in place of along E: another exponent, gamma + lambda_min(H_N)",
    .measure = measure,
};
