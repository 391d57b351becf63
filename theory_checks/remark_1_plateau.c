/* theory_checks/remark_1_plateau.c -- with the penalty alone the distance to E settles at |Pi_N grad R| / gamma
 *
 *   nominal    gamma |Y| -> |Pi_N grad R(X)|       (Y = -(gamma + H_N)^-1 Pi_N grad R(X) + O(1 / gamma^2) and the motion of X)      [NF25, Remark 1]
 *   augmented  gamma |Y| -> 0
 *
 * At gamma = g, 4 g, 16 g, 64 g, at the same time t = 36 / g, when the start is forgotten: the quotient r(gamma) = gamma |Y(t)| / |Pi_N grad R(X(t))| is 1 + a / gamma +
 * b / gamma^2 + ..., because H_N and X' enter with 1 / gamma.  Two Richardson steps take a and b away; the third order is 63 times larger in the difference of the
 * two values that three neighbouring gammas give each than it is in the second of them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "decay.h"
#include "statements.h"

#include <math.h>
#include <stdio.h>

enum { GAMMAS = 4, NODES = 4 };
static const double forgotten = 36.0;       /* gamma t: exp(-36) = 2e-16 */
static const double needed = 1e-2;          /* |Pi_N grad R| over |grad R| at X */
static const double telling = 0.05;         /* the bound: beyond it a pass says little */

/* r at time t of the flow of this kind; leak over gradient there. */
static fs_status quotient(fs_check_context *c, fs_flow_kind kind, double gamma, double t, double rtol, double *r, double *part, double *integration, fs_err *err)
{
    const double *w0;
    double across = (double)NAN, all = (double)NAN;
    fs_flow *moving = NULL, *nominal = NULL;
    fs_trajectory *T = NULL;
    FS_TRY(fs_check_start(c, &w0, err));
    fs_status status = fs_check_flow_at(c, kind, gamma, &moving, err);
    if (status == FS_OK) status = fs_check_plain_flow(c, FS_FLOW_NOMINAL, 0.0, &nominal, err);
    if (status == FS_OK) status = fs_decay_run(c, moving, w0, t, rtol, 0.0, NODES, &T, err);
    if (status == FS_OK) status = fs_decay_leak(nominal, T->w_end, &across, &all, NULL, err);
    if (status == FS_OK) {
        *r = gamma * T->last.distance / across;
        *part = across / all;
        /* errors made before the last few units of 1 / gamma are forgotten like the start */
        *integration = 10.0 * sqrt((double)T->dim) * (rtol + T->atol_N * gamma / across);
    }
    fs_flow_destroy(moving);
    fs_flow_destroy(nominal);
    fs_trajectory_destroy(T);
    return status;
}

/* r[0..2] = r(gamma), r(4 gamma), r(16 gamma), extrapolated to infinity; *first: by one step from the two largest. */
static double extrapolate(const double *r, double *first)
{
    double coarse = (4.0 * r[1] - r[0]) / 3.0;
    *first = (4.0 * r[2] - r[1]) / 3.0;
    return (16.0 * *first - coarse) / 15.0;
}

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    const fs_check_options *o = fs_check_options_of(c);
    const double *w0;
    double g = o->gamma, r[GAMMAS], augmented[GAMMAS], again, part = 0.0, least = (double)INFINITY, integration = 0.0, first, ignored;
    if (!fs_check_basis(c)->dim_N) return fs_check_absent(found, "dim N = 0: there is no distance to E");
    FS_TRY(fs_check_start(c, &w0, err));
    FS_TRY(fs_decay_settling(c, w0, &g, err));
    if (!(g > 0.0)) g = 1.0;
    double t = forgotten / (0.95 * g);
    for (int i = 0; i < GAMMAS; i++) {
        double gamma = ldexp(g, 2 * i);
        FS_TRY(quotient(c, FS_FLOW_NOMINAL, gamma, t, fs_decay_rtol(c), &r[i], &part, &integration, err));
        fs_lower_to(&least, part);
        FS_TRY(quotient(c, FS_FLOW_AUGMENTED, gamma, t, fs_decay_rtol(c), &augmented[i], &part, &ignored, err));
    }
    if (!(least >= 1e-9)) return fs_check_absent(found, "Pi_N grad R = 0 to rounding where the flow is: R has no part across E that augmentation would remove");
    FS_TRY(quotient(c, FS_FLOW_NOMINAL, ldexp(g, 2 * (GAMMAS - 1)), t, 0.1 * fs_decay_rtol(c) < 1e-14 ? 1e-14 : 0.1 * fs_decay_rtol(c), &again, &part, &ignored, err));
    double before = extrapolate(r, &first), limit = extrapolate(r + 1, &first), none = extrapolate(augmented + 1, &ignored);
    found->measured = fabs(limit - 1.0);
    /* weights of the extrapolation: 64 / 45, 20 / 45, 1 / 45 */
    found->error = 64.0 / 45.0 * fabs(again - r[GAMMAS - 1]);
    found->bound = fabs(limit - first) + fabs(limit - before) + 85.0 / 45.0 * integration + found->error;
    found->control.measured = fabs(none - 1.0);
    found->control.predicted = 1.0;
    snprintf(found->control.what, sizeof found->control.what, "the augmented flow, same gammas and time: its gamma |Y| goes to 0");
    if (!(least >= needed)) fs_check_vacuous(found, "|Pi_N grad R| is only %.1e of |grad R| at X", least);
    if (!(found->bound <= telling)) fs_check_vacuous(found, "gamma |Y| is not yet a plateau: the bound is %.2g", found->bound);
    for (int i = 0; i < GAMMAS; i++) fs_check_quantity(found, r[i], integration, "quotient:%.4g", ldexp(g, 2 * i));
    fs_check_quantity(found, limit, found->bound, "limit");
    fs_check_quantity(found, none, 0.0, "augmented");
    snprintf(found->note, sizeof found->note, "gamma |Y| / |Pi_N grad R(X)| = %.6f, %.6f, %.6f, %.6f at gamma = %.4g, %.4g, %.4g, %.4g, extrapolated %.8f; augmented: %.1e", r[0],
             r[1], r[2], r[3], g, 4.0 * g, 16.0 * g, 64.0 * g, limit, none);
    return FS_OK;
}

const fs_statement fs_statement_remark_1_plateau = {
    .id = "remark_1_plateau",
    .code = "R1",
    .name = "Remark 1, plateau",
    .claim = "without augmentation gamma |Y| -> |Pi_N grad R(X)|: the distance is O(1 / gamma), never 0",
    .source = "[NF25, Remark 1]",
    .needs = FS_NEEDS_RATES,
    .measures = "|gamma |Y| / |Pi_N grad R(X)| - 1|, extrapolated to 1 / gamma = 0 from four gammas",
    .budget = "what the last Richardson step changed and what it gave without the largest gamma; integration, from a tenth of the tolerance",
    .controls = "the augmented flow at the same gammas and time: off by 1 exactly",
    .measure = measure,
};
