/* theory_checks/remark_2.c -- Remark 2: a strict minimum on E attracts if and only if gamma > gamma_c = -lambda_min(H_N)
 *
 *   log |Y(t)| / |Y_0| = -(gamma + lambda_min(H_N)) t,     Y_0 along the critical eigenvector         [NF25, Remark 2]
 *
 * at gamma_c (1 - 1e-3), where it must grow, and gamma_c (1 + 1e-3), where it must shrink, by both families of solvers; the eigenvalue is the certificate.
 * Where gamma_c < 0 the minimum attracts at every gamma >= 0: the rate is measured at gamma = 0, where attraction is weakest, and at |gamma_c|; no gamma >= 0 is
 * below the threshold, and "only if" has nothing to exclude.  Whatever is allowed for is below half the margin, so that a rate within its budget has the sign
 * that is claimed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "points.h"
#include "statements.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MINIMA = 3 };
static const double margin = 1e-3;              /* gamma / gamma_c - 1 */
static const double nonlinear = 1e-2;           /* what nonlinearity may take of the rate */
static const double e_folds = 1.0;

typedef struct {
    fs_check_context *c;
    fs_worst worst;
    double below, above;        /* growth rates of the first minimum */
    double below_error, above_error;
    size_t thresholds;          /* minima with gamma_c > 0 */
} survey;

static fs_status exponent_at(survey *s, const fs_stability_point *point, double gamma, fs_exponent *x, fs_err *err)
{
    double curvature = gamma - point->gamma_critical, size = fabs(point->gamma_critical);
    fs_exponent_request r = { .gamma = gamma, .w = point->at->w, .v = point->spectrum->N.lowest_vector, .curvature = curvature,
                              .horizon = e_folds / fabs(curvature),
                              .max_step = 0.5 / size, .accuracy = nonlinear * fabs(curvature) };
    FS_TRY(fs_point_residual(s->c, point->at, &r.residual, err));
    return fs_exponent_measure(s->c, &r, x, err);
}

/* The two gammas at which a minimum is looked at. */
static void sides(double gamma_c, double gamma[2])
{
    gamma[0] = gamma_c > 0.0 ? gamma_c * (1.0 - margin) : 0.0;
    gamma[1] = gamma_c > 0.0 ? gamma_c * (1.0 + margin) : -gamma_c;
}

/* Everything relative to the margin |gamma - gamma_c|: a half would leave the sign in doubt. */
static fs_status both_sides(survey *s, const fs_stability_point *point, fs_finding *found, fs_err *err)
{
    double gamma[2], c = point->gamma_critical;
    sides(c, gamma);
    s->thresholds += (size_t)(c > 0.0);
    for (int i = 0; i < 2; i++) {
        fs_exponent x;
        FS_TRY(exponent_at(s, point, gamma[i], &x, err));
        double size = fabs(gamma[i] - c), bound = (x.bound + point->gamma_error) / size;
        if (!(bound < 0.5)) fs_check_vacuous(found, "what is allowed for, %.1e of the margin, leaves the sign of gamma - gamma_c in doubt", bound);
        if (s->worst.count < 2) {
            *(i ? &s->above : &s->below) = -x.rate;
            *(i ? &s->above_error : &s->below_error) = x.error;
        }
        fs_worst_add(&s->worst, fabs(x.rate - (gamma[i] - c)) / size, x.error / size, bound);
    }
    return FS_OK;
}

/* The threshold doubled: at twice the gamma above it, the wrong threshold promises what the true one does not. */
static fs_status control(survey *s, const fs_stability_point *point, fs_finding *found, fs_err *err)
{
    double c = point->gamma_critical, gamma = c > 0.0 ? 2.0 * c * (1.0 - margin) : 0.0, promised = gamma - 2.0 * c;
    double size = c > 0.0 ? margin * c : -c;
    fs_exponent x;
    FS_TRY(exponent_at(s, point, gamma, &x, err));
    found->control = (fs_control){ .measured = fabs(x.rate - promised) / size, .predicted = fabs(c) / size };
    snprintf(found->control.what, sizeof found->control.what, "the threshold 2 gamma_c in place of gamma_c: at gamma = %.6g it promises the rate "
             "%.3g", gamma, promised);
    return FS_OK;
}

/* A strict minimum on E whose gamma_c has a sign. */
static int is_decided(fs_check_context *c, const fs_stability_point *point)
{
    return fs_point_strict(c, point) && fabs(point->gamma_critical) > point->gamma_error && point->spectrum->N.lowest_vector;
}

static void report(const survey *s, const fs_stability_point *first, size_t all, size_t n, fs_finding *found)
{
    double gamma[2], c = first->gamma_critical;
    const char *scope = c > 0.0 ? "" : ". Attracts at every gamma >= 0: that is all that was verified, none is below gamma_c and \"only if\" excludes nothing";
    sides(c, gamma);
    fs_worst_report(&s->worst, found);
    fs_check_quantity(found, c, first->gamma_error, "gamma_c");
    fs_check_quantity(found, -c, first->gamma_error, "lambda_min");
    fs_check_quantity(found, s->below, s->below_error, "rate_below");
    fs_check_quantity(found, s->above, s->above_error, "rate_above");
    fs_check_quantity(found, (double)all, 0.0, "minima");
    fs_check_quantity(found, (double)s->thresholds, 0.0, "thresholds");
    snprintf(found->note, sizeof found->note, "%zu strict minima on E, %zu measured. First: gamma_c = %.9g +- %.0e%s%s; |Y| %s at gamma = %.9g "
             "(rate %.3g, expected %.3g) and %s at gamma = %.9g "
             "(rate %.3g, expected %.3g), by BDF and Adams%s", all, n, c, first->gamma_error, first->irreducible[0] ? " on " : "",
             first->irreducible, s->below > 0.0 ? "grows" : "shrinks",
             gamma[0], s->below, c - gamma[0], s->above > 0.0 ? "grows" : "shrinks", gamma[1], s->above, c - gamma[1],
             scope);
}

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    const fs_stability *stability;
    const fs_stability_point *chosen[MINIMA];
    survey s = { .c = c };
    size_t all;
    if (!fs_check_basis(c)->dim_N) return fs_check_absent(found, "dim N = 0: there is nothing across E");
    FS_TRY(fs_check_stability(c, &stability, err));
    if (!fs_points_found(stability)) return fs_points_none(found, stability);
    size_t n = fs_points_choose(c, stability, is_decided, MINIMA, chosen, &all);
    if (!n) return fs_points_none_such(found, stability, "strict minimum on E with lambda_min(H_N) known and not zero within its error");
    for (size_t i = 0; i < n; i++) FS_TRY(both_sides(&s, chosen[i], found, err));
    FS_TRY(control(&s, chosen[0], found, err));
    report(&s, chosen[0], all, n, found);
    return FS_OK;
}

const fs_statement fs_statement_remark_2 = {
    .id = "remark_2",
    .code = "R2",
    .name = "Remark 2",
    .claim = "a strict minimum on E attracts if and only if gamma > gamma_c = -lambda_min(H_N)",
    .source = "[NF25, Remark 2]",
    .needs = FS_NEEDS_RATES,
    .measures = "|rate of |Y| + gamma - gamma_c| / |gamma - gamma_c| at gamma_c (1 - 1e-3) and gamma_c (1 + 1e-3) (at gamma = 0 and |gamma_c| where "
             "gamma_c < 0), the worst against its budget",
    .budget = "|(Hess S(X + d) - Hess S(X)) v|, d along v, at the far end of the path, the residual gradient over |d| at the near end, the error of "
             "the eigenvalue, and what the integrator's local errors add to log |d|; below 1/2, or the sign is in doubt",
    .controls = "the threshold doubled: off by |gamma_c|",
    .measure = measure,
};
