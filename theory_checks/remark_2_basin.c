/* theory_checks/remark_2_basin.c -- an explicit basin: the ball of radius 2 lambda_0 / M_3 around a strict minimum is contracted
 *
 *   <grad S(X + d), d> >= lambda_0 |d|^2 - M_3 |d|^3 / 2 > 0  for 0 < |d| < 2 lambda_0 / M_3                     [NF25, Remark 2]
 *   lambda_0 = min(lambda_min(H_E), gamma + lambda_min(H_N)),   M_3 = sup |D^3 S(A)[u, v, v]| over the ball, |u| = |v| = 1, all directions of L
 *
 * The radius r solves r M_3(r) = 2 lambda_0.  M_3 is searched for: at points of the ball D^3 S(A)[v, v, .] is a difference of Hessian-vector products, and v is
 * replaced by it until it grows no more; reliable in few dimensions, no proof.  What is too small an M_3 makes the ball too large, which the measurement would
 * show.  The ball is tried at random points, at 0.999 of its radius, along the directions of the largest third derivative and of the lowest curvature, and at
 * every other stationary point that lies in it; flows from the worst of them must keep to the Bernoulli bound of |d|.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "points.h"
#include "statements.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MINIMA = 2, POSITIONS = 24, STARTS = 2, ITERATIONS = 8, BISECTIONS = 30, POINTS = 48, BOUNDARY = 16 };
static const double rim = 0.999;
static const double above = 1.5;                /* gamma, in units of gamma_c */
static const double step = 1e-4;                /* of the difference, relative to 1 + |X| */
static const double radius_accuracy = 1e-4, largest_radius = 1e3;        /* the latter relative to 1 + |X| */
static const double e_folds = 20.0;             /* of lambda_0: by Bernoulli |d| falls from 0.999 r to 2e-6 r */
static const double resolved = 1e-9;            /* of the flows, relative to 1 + |X| */
static const double flow_rtol = 1e-9, flow_atol = 1e-12;
static const double small = 1e-6;               /* |d| of the control, relative to 1 + |X| */

typedef struct {
    fs_check_context *c;
    const fs_stability_point *point;
    fs_flow *flow;              /* at the gamma below */
    size_t n;
    double gamma, lambda_0, radius, M3, scale;  /* scale: 1 + |X| */
    double *offset;             /* (POSITIONS, n) in the unit ball, the first is 0 */
    double *v, *forward, *back, *at, *F, *extreme;      /* (n): extreme: direction of the largest third derivative */
    fs_worst worst;
    double nearest;             /* distance of the next stationary point found */
} ball;

/* --- the third derivative --------------------------------------------------------------------- */

/* b->back := D^3 S(b->at)[v, v, .] for the unit vector b->v, *size its norm */
static fs_status third_derivative(ball *b, double *size, fs_err *err)
{
    double h = step * b->scale;
    for (size_t i = 0; i < b->n; i++) b->at[i] += h * b->v[i];
    fs_status status = fs_flow_jacobian_product(b->flow, b->at, b->v, b->forward);
    for (size_t i = 0; i < b->n; i++) b->at[i] -= 2.0 * h * b->v[i];
    if (status == FS_OK) status = fs_flow_jacobian_product(b->flow, b->at, b->v, b->back);
    for (size_t i = 0; i < b->n; i++) {
        b->at[i] += h * b->v[i];
        b->back[i] = (b->back[i] - b->forward[i]) / (2.0 * h);
    }
    *size = fs_norm(b->n, b->back);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "third derivatives near a minimum: %s", fs_status_text(status));
}

/* Largest |D^3 S[v, v, .]| found at b->at, from b->v on. */
static fs_status climb(ball *b, double *largest, fs_err *err)
{
    for (int i = 0; i < ITERATIONS; i++) {
        double size;
        FS_TRY(third_derivative(b, &size, err));
        if (!(size <= *largest)) {
            *largest = size;
            memcpy(b->extreme, b->v, b->n * sizeof *b->v);
        }
        if (!(size > 0.0)) break;
        for (size_t j = 0; j < b->n; j++) b->v[j] = b->back[j] / size;
    }
    return FS_OK;
}

static void random_direction(gsl_rng *rng, size_t n, double *v)
{
    double size;
    do {
        fs_rng_gaussian(rng, n, v);
        size = fs_norm(n, v);
    } while (!(size > 0.0));
    for (size_t i = 0; i < n; i++) v[i] /= size;
}

/* M_3 on the ball of radius r; the same offsets for every r. */
static fs_status measure_third(ball *b, double r, double *M3, fs_err *err)
{
    gsl_rng *rng = fs_rng_stream(fs_check_options_of(b->c)->seed, FS_STREAM_SEARCH);
    if (!rng) return fs_fail(err, FS_ENOMEM, "random numbers");
    fs_status status = FS_OK;
    *M3 = 0.0;
    for (size_t k = 0; status == FS_OK && k < POSITIONS; k++)
        for (int j = 0; status == FS_OK && j < STARTS; j++) {
            for (size_t i = 0; i < b->n; i++) b->at[i] = b->point->at->w[i] + r * b->offset[k * b->n + i];
            random_direction(rng, b->n, b->v);
            status = climb(b, M3, err);
        }
    /* both ends along the direction found so far */
    for (int sign = -1; status == FS_OK && sign <= 1; sign += 2) {
        memcpy(b->v, b->extreme, b->n * sizeof *b->v);
        for (size_t i = 0; i < b->n; i++) b->at[i] = b->point->at->w[i] + sign * r * b->v[i];
        status = climb(b, M3, err);
    }
    gsl_rng_free(rng);
    return status;
}

/* r M_3(r) = 2 lambda_0; the lower end of the bracket. */
static fs_status find_radius(ball *b, fs_err *err)
{
    double low = 0.0, high = largest_radius * b->scale, M3;
    FS_TRY(measure_third(b, 0.0, &M3, err));
    if (2.0 * b->lambda_0 < M3 * high) high = 2.0 * b->lambda_0 / M3;
    b->M3 = M3;
    for (int i = 0; i < BISECTIONS && !(high - low <= radius_accuracy * high); i++) {
        /* where nothing is known yet, by large steps */
        double r = low > 0.0 ? 0.5 * (low + high) : i ? 0.25 * high : high;
        FS_TRY(measure_third(b, r, &M3, err));
        FS_TRY(fs_watch_report(fs_check_watch(b->c), "third derivatives around a minimum", (double)i / BISECTIONS));
        if (r * M3 <= 2.0 * b->lambda_0) {
            low = r;
            b->M3 = M3;
            if (r == high) break;
        } else high = r;
    }
    b->radius = low;
    return FS_OK;
}

/* --- the ball ------------------------------------------------------------------------------------ */

/* -<grad S(X + d), d> / (lambda_0 |d|^2) with d in b->v; b->at: X + d */
static fs_status outwards(ball *b, fs_flow *flow, double *value, fs_err *err)
{
    for (size_t i = 0; i < b->n; i++) b->at[i] = b->point->at->w[i] + b->v[i];
    fs_status status = fs_flow_velocity(flow, b->at, b->F);
    if (status != FS_OK) return fs_fail(err, status, "the flow near a minimum: %s", fs_status_text(status));
    *value = fs_dot(b->n, b->F, b->v) / (b->lambda_0 * fs_dot(b->n, b->v, b->v));
    return FS_OK;
}

/* d (n) scaled to length |d| = size; rounding: what is left of the gradient at X itself. */
static fs_status try_point(ball *b, const double *d, double size, double residual, fs_err *err)
{
    double length = fs_norm(b->n, d), value;
    for (size_t i = 0; i < b->n; i++) b->v[i] = d[i] * (size / length);
    FS_TRY(outwards(b, b->flow, &value, err));
    fs_worst_add(&b->worst, value, residual / (b->lambda_0 * size), 0.0);
    return FS_OK;
}

/* Index i of the list of all points that are tried: its direction (n) and length; 0 when there is none. */
static double direction_of(ball *b, const fs_stability *s, gsl_rng *rng, size_t i, double *d)
{
    const fs_spectrum *spectrum = b->point->spectrum;
    const double *special[] = { b->extreme, spectrum->E.lowest_vector, spectrum->N.lowest_vector };
    random_direction(rng, b->n, d);
    if (i < POINTS) return b->radius * (i < BOUNDARY ? rim : rim * pow(gsl_rng_uniform_pos(rng), 1.0 / (double)b->n));
    i -= POINTS;
    if (i < 6) {
        const double *v = special[i / 2];
        for (size_t j = 0; v && j < b->n; j++) d[j] = i % 2 ? -v[j] : v[j];
        return v && fs_norm(b->n, v) > 0.0 ? rim * b->radius : 0.0;
    }
    const fs_stability_point *other = &s->point[i - 6];
    if (!fs_point_found(other) || other == b->point) return 0.0;
    for (size_t j = 0; j < b->n; j++) d[j] = other->at->w[j] - b->point->at->w[j];
    double size = fs_norm(b->n, d);
    fs_lower_to(&b->nearest, size);
    return size < b->radius ? size : 0.0;
}

/* The flow from X + d: |d(T)| against Bernoulli's bound, as a rate in units of lambda_0. */
static fs_status follow(ball *b, fs_method method, const double *d, double size, fs_err *err)
{
    fs_trajectory *T = NULL;
    double t = e_folds / b->lambda_0, start = 0.0;
    for (size_t i = 0; i < b->n; i++) {
        double part = d[i] * (size / fs_norm(b->n, d));
        b->at[i] = b->point->at->w[i] + part;
        start += part * part;
    }
    const fs_integrate_options asked = { .t_end = t, .rtol = flow_rtol, .atol = flow_atol * b->scale, .method = method, .max_step = 0.5 / b->lambda_0 };
    FS_TRY(fs_trajectory_compute(&T, b->flow, b->at, &asked, err));
    fs_status status = T->code == FS_OK ? FS_OK : fs_fail(err, T->code, "the flow in the ball: %s", T->status);
    if (status == FS_OK) {
        double bound = fs_bound_bernoulli_at(b->lambda_0, b->lambda_0 / b->radius, 0.0, sqrt(start), t), floor = resolved * b->scale;
        for (size_t i = 0; i < b->n; i++) b->v[i] = T->w_end[i] - b->point->at->w[i];
        double end = fs_norm(b->n, b->v), limit = bound >= floor ? bound : floor;
        fs_worst_add(&b->worst, (log(end > DBL_MIN ? end : DBL_MIN) - log(limit)) / (b->lambda_0 * t), 0.0, 0.0);
    }
    fs_trajectory_destroy(T);
    return status;
}

static fs_status try_ball(ball *b, const fs_stability *s, fs_err *err)
{
    double residual, *d = fs_calloc(b->n, sizeof *d);
    gsl_rng *rng = fs_rng_stream(fs_check_options_of(b->c)->seed + 1, FS_STREAM_SEARCH);
    fs_status status = d && rng ? fs_point_residual(b->c, b->point->at, &residual, err) : fs_fail(err, FS_ENOMEM, "points of a ball");
    b->nearest = HUGE_VAL;
    for (size_t i = 0; status == FS_OK && i < POINTS + 6 + s->n_points; i++) {
        double size = direction_of(b, s, rng, i, d);
        if (size > 0.0) status = try_point(b, d, size, residual, err);
        /* from the boundary, and against the largest third derivative */
        int flows = i == 0 || i == POINTS || i == POINTS + 1;
        if (status == FS_OK && flows && size > 0.0) status = follow(b, i ? FS_METHOD_BDF : FS_METHOD_ADAMS, d, size, err);
    }
    if (rng) gsl_rng_free(rng);
    free(d);
    return status;
}

/* --- the control ------------------------------------------------------------------------------------ */

/* Below gamma_c, or with a curvature of -2 lambda_0 planted in all directions where there is no such gamma, a small ball is not contracted. */
static fs_status control(ball *b, fs_finding *found, fs_err *err)
{
    const double *v = b->point->spectrum->N.lowest_vector;
    double c = b->point->gamma_critical, planted = 0.0, gamma = 0.5 * c, value = (double)NAN;
    fs_flow *flow = NULL;
    if (!v) return FS_OK;
    if (!(c > b->point->gamma_error)) {
        planted = 2.0 * (b->gamma - c) / b->lambda_0;
        gamma = b->gamma;
    }
    FS_TRY(fs_check_plain_flow(b->c, FS_FLOW_AUGMENTED, gamma, &flow, err));
    for (size_t i = 0; i < b->n; i++) b->v[i] = small * b->scale * v[i];
    fs_status status = outwards(b, flow, &value, err);
    fs_flow_destroy(flow);
    found->control = (fs_control){ .measured = value + planted, .predicted = (c - gamma) / b->lambda_0 + planted };
    if (planted > 0.0) snprintf(found->control.what, sizeof found->control.what, "curvature -2 (gamma - gamma_c) planted: what is measured is %.3g "
             "at the minimum itself", found->control.predicted);
    else snprintf(found->control.what, sizeof found->control.what, "gamma = gamma_c / 2, where lambda_0 < 0 and no ball is contracted: (gamma_c - "
             "gamma) / lambda_0");
    return status;
}

/* --- what was found --------------------------------------------------------------------------------- */

static fs_status ball_create(ball *b, fs_err *err)
{
    size_t n = b->n;
    b->offset = fs_calloc(n, (POSITIONS + 6) * sizeof *b->offset);
    gsl_rng *rng = fs_rng_stream(fs_check_options_of(b->c)->seed + 2, FS_STREAM_SEARCH);
    if (!b->offset || !rng) {
        if (rng) gsl_rng_free(rng);
        return fs_fail(err, FS_ENOMEM, "points of a ball of dimension %zu", n);
    }
    b->v = b->offset + POSITIONS * n;
    b->forward = b->v + n;
    b->back = b->forward + n;
    b->at = b->back + n;
    b->F = b->at + n;
    b->extreme = b->F + n;
    /* half of them on the sphere, the others at a quarter, a half and three quarters of the radius */
    for (size_t k = 1; k < POSITIONS; k++) {
        random_direction(rng, n, b->offset + k * n);
        if (k % 2) continue;
        for (size_t i = 0; i < n; i++) b->offset[k * n + i] *= 0.25 * (double)(1 + k / 2 % 3);
    }
    gsl_rng_free(rng);
    return fs_check_plain_flow(b->c, FS_FLOW_AUGMENTED, b->gamma, &b->flow, err);
}

static fs_status examine(ball *b, const fs_stability *s, fs_finding *found, fs_err *err)
{
    const fs_spectrum *spectrum = b->point->spectrum;
    double across = b->gamma + spectrum->N.lowest;
    b->lambda_0 = spectrum->E.dim && spectrum->E.lowest < across ? spectrum->E.lowest : across;
    if (!(b->lambda_0 > 0.0)) return fs_fail(err, FS_ENAN, "lambda_0 = %g is not positive at gamma = %g", b->lambda_0, b->gamma);
    FS_TRY(ball_create(b, err));
    FS_TRY(find_radius(b, err));
    FS_TRY(try_ball(b, s, err));
    return isnan(found->control.measured) ? control(b, found, err) : FS_OK;
}

/* A strict minimum on E with a known gamma_c. */
static int is_known(fs_check_context *c, const fs_stability_point *point)
{
    return fs_point_strict(c, point) && isfinite(point->gamma_error);
}

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    const fs_basis *basis = fs_check_basis(c);
    const fs_stability *stability;
    const fs_stability_point *chosen[MINIMA];
    fs_worst worst = { 0 };
    ball first = { 0 };
    if (!basis->dim_N) return fs_check_absent(found, "dim N = 0: there is nothing across E");
    FS_TRY(fs_check_stability(c, &stability, err));
    if (!fs_points_found(stability)) return fs_points_none(found, stability);
    size_t all, n = fs_points_choose(c, stability, is_known, MINIMA, chosen, &all);
    if (!n) return fs_points_none_such(found, stability, "strict minimum on E");
    for (size_t i = 0; i < n; i++) {
        double gamma = fs_check_options_of(c)->gamma, least = above * chosen[i]->gamma_critical;
        ball b = { .c = c, .point = chosen[i], .n = basis->dim_E + basis->dim_N, .gamma = gamma >= least ? gamma : least };
        b.scale = 1.0 + fs_norm(b.n, chosen[i]->at->w);
        b.worst = worst;
        fs_status status = examine(&b, stability, found, err);
        worst = b.worst;
        fs_flow_destroy(b.flow);
        free(b.offset);
        if (status != FS_OK) return status;
        if (!i) first = b;
    }
    fs_worst_report(&worst, found);
    fs_check_quantity(found, first.radius, radius_accuracy * first.radius, "radius");
    fs_check_quantity(found, first.lambda_0, chosen[0]->gamma_error, "lambda_0");
    fs_check_quantity(found, first.M3, 0.0, "M3");
    fs_check_quantity(found, first.gamma, 0.0, "gamma");
    if (isfinite(first.nearest)) fs_check_quantity(found, first.nearest, 0.0, "nearest");
    snprintf(found->note, sizeof found->note, "at gamma = %.6g, lambda_0 = %.6g, M_3 = %.6g (searched for, not proved): radius %.6g. <grad S, d> >= "
             "%.3g lambda_0 |d|^2 at %zu points and flows of %zu of %zu "
             "balls; the next stationary point found is %.3g away", first.gamma, first.lambda_0, first.M3, first.radius, -worst.measured,
             worst.count, n, all, first.nearest);
    return FS_OK;
}

const fs_statement fs_statement_remark_2_basin = {
    .id = "remark_2_basin",
    .code = "R2b",
    .name = "Remark 2, basin",
    .claim = "a strict minimum that attracts across E as well attracts the ball of radius 2 lambda_0 / M_3",
    .source = "[NF25, Remark 2]",
    .needs = FS_NEEDS_RATES,
    .measures = "-<grad S, d> / (lambda_0 |d|^2), the largest in the ball (negative: contracted), and by how much flows from its boundary are "
             "slower than Bernoulli's bound, in units of lambda_0",
    .budget = "0; error: the residual gradient over lambda_0 |d|",
    .controls = "gamma = gamma_c / 2, or a planted curvature: a small ball is not contracted",
    .measure = measure,
};
