/* theory_checks/theorem_2_converse.c -- Theorem 2 has no converse: minima of the equivariant flow from which the augmented flow escapes
 *
 *   lambda_min(H_N(X)) < 0:   |Y(t)| = |Y_0| exp(|lambda_min| t) from X + Y_0, Y_0 along the lowest eigenvector, gamma = 0         [NOF23, Theorem 2]
 *
 * while |Y| is small.  X is stable for the equivariant flow: a strict minimum on E, or a point without negative curvature on E in which the
 * flow on E came to rest; the augmented flow moved along the flattest direction of E must not leave it there.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "points.h"
#include "statements.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { POINTS = 3 };
static const double growth = 10.0;              /* of |Y| */
static const double accuracy = 1e-3;            /* what nonlinearity may take of the rate; the claim is 1 % */
static const double claimed = 0.01;

typedef struct {
    fs_check_context *c;
    fs_worst worst;
    double rate, rate_error;    /* of the first point */
    double widest;              /* of the bounds */
} survey;

/* Unstable across at gamma = 0, stable on E as far as that can be said. */
static int is_counterexample(fs_check_context *c, const fs_stability_point *point)
{
    int rests = fs_point_found(point) && point->at->by_flow && point->on_E == FS_POINT_DEGENERATE;
    return (fs_point_strict(c, point) || rests) && point->spectrum->N.lowest_vector && point->gamma_critical > point->gamma_error;
}

/* The exponent at gamma along v, over the time in which |Y| grows by `growth` at gamma = 0, or less where all is over sooner. */
static fs_status exponent_along(survey *s, const fs_stability_point *point, double gamma, const double *v, double curvature, fs_exponent *x, fs_err *err)
{
    const double lambda = point->gamma_critical, fast = fabs(curvature) > lambda ? fabs(curvature) : lambda;
    fs_exponent_request r = { .gamma = gamma, .w = point->at->w, .v = v, .curvature = curvature, .horizon = log(growth) / fast, .max_step = 0.5 / fast,
                              .accuracy = accuracy * lambda };
    FS_TRY(fs_point_residual(s->c, point->at, &r.residual, err));
    return fs_exponent_measure(s->c, &r, x, err);
}

/* Relative to |lambda_min|. */
static void add(survey *s, double measured, double error, double bound)
{
    fs_worst_add(&s->worst, measured, error, bound);
    s->widest = fs_larger(s->widest, bound);
}

static fs_status escape(survey *s, const fs_stability_point *point, fs_err *err)
{
    const fs_spectrum *spectrum = point->spectrum;
    double lambda = point->gamma_critical;
    fs_exponent x;
    FS_TRY(exponent_along(s, point, 0.0, spectrum->N.lowest_vector, -lambda, &x, err));
    if (!s->worst.count) {
        s->rate = -x.rate;
        s->rate_error = x.error;
    }
    add(s, fabs(-x.rate / lambda - 1.0), x.error / lambda, (x.bound + point->gamma_error) / lambda);
    if (!spectrum->E.lowest_vector) return FS_OK;
    FS_TRY(exponent_along(s, point, 0.0, spectrum->E.lowest_vector, spectrum->E.lowest, &x, err));
    double leaves = x.rate < 0.0 ? -x.rate : 0.0;
    /* the curvature along E is 0 or more within its error */
    add(s, leaves / lambda, x.error / lambda, (x.bound + spectrum->E.lowest_error + point->shift) / lambda);
    return FS_OK;
}

static fs_status control(survey *s, const fs_stability_point *point, fs_finding *found, fs_err *err)
{
    double lambda = point->gamma_critical;
    fs_exponent x;
    FS_TRY(exponent_along(s, point, 2.0 * lambda, point->spectrum->N.lowest_vector, lambda, &x, err));
    found->control = (fs_control){ .measured = fabs(-x.rate / lambda - 1.0), .predicted = 2.0 };
    snprintf(found->control.what, sizeof found->control.what, "gamma = 2 gamma_c in place of 0: |Y| decays at the rate gamma_c, off by 2");
    return FS_OK;
}

static fs_status none(fs_check_context *c, fs_finding *found, const fs_stability *s)
{
    size_t stable = 0;
    for (size_t i = 0; i < s->n_points; i++) stable += (size_t)fs_point_strict(c, &s->point[i]);
    if (stable) return fs_check_absent(found, "all %zu strict minima found on E are stable across E as well (or lambda_min(H_N) is zero within its "
             "error)", stable);
    return fs_points_none_such(found, s, "minimum on E that is unstable across");
}

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    const fs_stability *stability;
    const fs_stability_point *chosen[POINTS];
    survey s = { .c = c };
    size_t all;
    if (!fs_check_basis(c)->dim_N) return fs_check_absent(found, "dim N = 0: there is nothing across E");
    FS_TRY(fs_check_stability(c, &stability, err));
    if (!fs_points_found(stability)) return fs_points_none(found, stability);
    size_t n = fs_points_choose(c, stability, is_counterexample, POINTS, chosen, &all);
    if (!n) return none(c, found, stability);
    for (size_t i = 0; i < n; i++) FS_TRY(escape(&s, chosen[i], err));
    FS_TRY(control(&s, chosen[0], found, err));
    fs_worst_report(&s.worst, found);
    if (!(s.widest <= claimed)) fs_check_vacuous(found, "what is allowed for is up to %.2g of the rate, beyond the claimed 1 per cent", s.widest);
    const fs_stability_point *first = chosen[0];
    fs_check_quantity(found, -first->gamma_critical, first->gamma_error, "lambda_min");
    fs_check_quantity(found, s.rate, s.rate_error, "rate");
    fs_check_quantity(found, first->gamma_critical, first->gamma_error, "gamma_c");
    fs_check_quantity(found, (double)all, 0.0, "points");
    snprintf(found->note, sizeof found->note, "%zu points stable on E and unstable across at gamma = 0, %zu measured. First: %s on E%s, "
             "lambda_min(H_N) = %.9g%s%s; the augmented flow leaves at the "
             "rate %.9g (BDF and Adams, |Y| grows tenfold), and does not leave along E", all, n,
             fs_check_basis(c)->dim_E ? fs_point_name(first->on_E) : "E is this point",
             first->on_E == FS_POINT_DEGENERATE ? ", where the flow on E came to rest" : "", -first->gamma_critical, first->irreducible[0] ? " on "
                 "" : "", first->irreducible, s.rate);
    return FS_OK;
}

const fs_statement fs_statement_theorem_2_converse = {
    .id = "theorem_2_converse",
    .code = "2c",
    .name = "Theorem 2, no converse",
    .claim = "a point stable for the equivariant flow need not be stable for the augmented one: it leaves at the rate |lambda_min(H_N)|",
    .source = "[NOF23, Theorem 2]",
    .needs = FS_NEEDS_RATES,
    .measures = "|rate of log |Y| / |lambda_min(H_N)| - 1| from the point moved along the lowest eigenvector on N, at gamma = 0; and the rate at "
             "which the flow leaves along E, which must be 0",
    .budget = "|(Hess S(X + d) - Hess S(X)) v|, d along v, at the far end of the path, the residual gradient over |d| at the near end, the error of "
             "the eigenvalue, and what the integrator's local errors add to log |d|; at most 1 %, or it tells nothing",
    .controls = "gamma = 2 gamma_c: the same start decays at the rate gamma_c",
    .measure = measure,
};
