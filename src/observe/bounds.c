/* observe/bounds.c -- how large gamma must be for Theorem 3, from its constants
 *
 *   y' <= -(gamma + c) y + C y^2,  y = |Y|:   gamma > C delta - c suffices, and                                        (Bernoulli)
 *   y(t) <= y_0 e^(-at) / (1 - C y_0 (1 - e^(-at)) / a),   a = gamma + c
 *
 *   |Y(t)|^2 <= K^2 = delta^2 + 2 R^aug(A_0) / gamma:   gamma + c > C K suffices                                            (paper)
 *
 * The formulas follow from the proof of [NF25, Theorem 3]; no step of them overflows unless the result does.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "observe/tube.h"

#include <float.h>
#include <math.h>

double fs_bound_bernoulli(double c, double C, double delta)
{
    return C * delta - c;
}

double fs_bound_bernoulli_at(double c, double C, double gamma, double y0, double t)
{
    double a = gamma + c, excess = a - C * y0;      /* y' = -excess y at the start */
    if (y0 == 0.0 || t == 0.0 || excess == 0.0) return y0;
    if (C == 0.0) return y0 * exp(-a * t);
    if (a >= 0.0) {         /* y_0 / (1 + excess F), F = (e^(at) - 1) / a */
        double below = 1.0 + excess * (a > 0.0 ? expm1(a * t) / a : t);
        return below <= 0.0 ? (double)INFINITY : y0 / below;
    }
    double below = 1.0 - C * y0 * (expm1(-a * t) / -a);
    return below <= 0.0 ? (double)INFINITY : y0 * exp(-a * t) / below;
}

/* K(gamma); infinite at gamma = 0 unless R0 = 0 */
static double radius_of(double delta, double R0, double gamma)
{
    return R0 > 0.0 ? hypot(delta, sqrt(2.0) * sqrt(R0) / sqrt(gamma)) : delta;
}

/* A gamma > 0 that is not too large, within a factor of the root: C sqrt(2 R0 / gamma) >= gamma + |c|, and C delta - c is too small as well. */
static double paper_from_below(double c, double C, double delta, double R0)
{
    double root = cbrt(0.5 * R0) * cbrt(C) * cbrt(C), ratio = c > 0.0 ? C / c : (double)INFINITY;
    double small = 0.5 * R0 * ratio * ratio, linear = C * delta - c;
    double low = root <= small ? root : small;
    return linear > low ? linear : low;
}

double fs_bound_paper(double c, double C, double delta, double R0)
{
    enum { STEPS = 200 };
    if (!(C >= 0.0 && delta >= 0.0 && R0 >= 0.0)) return (double)NAN;
    if (C == 0.0 || R0 == 0.0) return C * delta - c;
    double gamma = paper_from_below(c, C, delta, R0);
    /* f is concave: Newton's steps from below stay below and increase */
    for (int step = 0; step < STEPS && gamma > 0.0 && gamma <= DBL_MAX; step++) {
        double K = radius_of(delta, R0, gamma), f = gamma + c - C * K, slope = 1.0 + C * (R0 / gamma / K / gamma), next = gamma - f / slope;
        if (!(next > gamma)) return isnan(next) ? next : gamma;
        gamma = next;
    }
    return gamma;
}

/* The paper's bound as a fixed point: gamma is sufficient by the constant of the tube of radius K, and its own radius is `own`. */
typedef struct { double K, gamma, own; } paper_trial;

static fs_status paper_try(fs_tube *t, double c, double delta, double R0, double K, paper_trial *p, fs_err *err)
{
    double M3;
    FS_TRY(fs_tube_third(t, K, &M3, err));
    p->K = K;
    p->gamma = fs_bound_paper(c, 0.5 * M3, delta, R0);
    p->own = p->gamma > 0.0 ? radius_of(delta, R0, p->gamma) : (double)INFINITY;
    if (isnan(p->gamma)) return fs_fail(err, FS_EINPUT, "expected a number c, found %g", c);
    return FS_OK;
}

/* gamma of the trial is exact to this part of its size and of |c| */
static const double paper_tolerance = 1e-9;

/* own decreases in K: the root K* is where own = K, below every K with own <= K and above every K with own >= K. */
static fs_status paper_close_in(fs_tube *t, double c, double delta, double R0, paper_trial low, paper_trial *high, fs_err *err)
{
    enum { STEPS = 60 };
    double below = low.own - low.K, above = high->own - high->K;
    int side = 0;
    for (int step = 0; step < STEPS && high->gamma - low.gamma > paper_tolerance * (fabs(c) + high->gamma); step++) {
        /* regula falsi with Illinois' halving of the value at an end that stays */
        double K = isfinite(below) ? low.K + (high->K - low.K) * (below / (below - above)) : 0.5 * (low.K + high->K);
        if (!(K > low.K && K < high->K)) K = 0.5 * (low.K + high->K);
        paper_trial p;
        FS_TRY(paper_try(t, c, delta, R0, K, &p, err));
        double value = p.own - p.K;
        if (value > 0.0) {
            low = p;
            below = value;
            if (side < 0) above *= 0.5;
            side = -1;
        } else {
            *high = p;
            above = value;
            if (side > 0) below *= 0.5;
            side = 1;
        }
        if (fabs(value) <= paper_tolerance * p.K) {
            *high = p;
            break;
        }
    }
    return FS_OK;
}

fs_status fs_bound_paper_tube(fs_tube *t, double c, double delta, double R0, double *gamma, double *K, fs_err *err)
{
    enum { WIDENINGS = 40 };
    if (!(delta >= 0.0 && delta <= DBL_MAX && R0 >= 0.0 && R0 <= DBL_MAX))
        return fs_fail(err, FS_EINPUT, "expected a distance and a risk >= 0, found delta = %g and R0 = %g", delta, R0);
    paper_trial low, high;
    FS_TRY(paper_try(t, c, delta, R0, delta, &low, err));
    *gamma = low.gamma;
    *K = R0 > 0.0 ? low.own : delta;
    if (R0 == 0.0) return FS_OK;
    /* Radii are tried from delta upwards: that of the smallest sufficient gamma by M3(delta) can be huge where c is positive. */
    for (int step = 0; step < WIDENINGS; step++) {
        double wider = low.K > 0.0 ? 2.0 * low.K : 0.125;
        if (low.own < wider) wider = low.own;
        FS_TRY(paper_try(t, c, delta, R0, wider, &high, err));
        *gamma = high.gamma;
        *K = high.own;
        if (high.own <= high.K * (1.0 + paper_tolerance)) {
            FS_TRY(paper_close_in(t, c, delta, R0, low, &high, err));
            *gamma = high.gamma;
            *K = high.own;
            return FS_OK;
        }
        low = high;
        /* gamma* <= gamma(K) = 2 R0 / (K^2 - delta^2) for every K below K*: soon next to nothing where c > 0 and the risk is almost quadratic */
        *gamma = 2.0 * R0 / ((low.K - delta) * (low.K + delta));
        *K = low.K;
        if (*gamma <= paper_tolerance * fabs(c)) return FS_OK;
    }
    return FS_OK;
}
