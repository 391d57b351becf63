/* theory_checks/remark_2_basin.c -- an explicit basin: the ball of radius 2 lambda_0 / M_3 around a strict minimum is contracted
 *
 *   <grad S(X + d), d> >= lambda_0 |d|^2 - M_3 |d|^3 / 2 > 0  for 0 < |d| < 2 lambda_0 / M_3                     [NF25, Remark 2]
 *   lambda_0 = min(lambda_min(H_E), gamma + lambda_min(H_N)),   M_3 = sup |D^3 S(A)[u, v, v]| over the ball, |u| = |v| = 1, all directions of L
 *
 * The radius r solves r M_3(r) = 2 lambda_0.  M_3 is searched for: at points of spheres D^3 S(A)[v, v, .] is a difference of Hessian-vector products, v is
 * replaced by it until it grows no more, and A moves along D^4 S(A)[v, v, u, .]; reliable in few dimensions, no proof.  D^3 may vanish at X (a symmetry) and far
 * out (saturated activations), so the spheres go up from the length on which the Hessian changes by a hundredth of lambda_0, found on scales from 1e-9 on.
 * Where that takes more than the largest radius the ball is all of L for a quadratic risk, and otherwise unknown.
 *
 * The ball is tried at random points, at 0.999 of its radius, along the directions of the largest third derivative and of the lowest curvature, and at
 * every other stationary point that lies in it; flows from the worst of them must keep to the Bernoulli bound of |d|.  By Taylor's formula
 *
 *   <grad S(X + d), d> < 0  implies  D^3 S(X + s d)[d, d, d] < -2 lambda_0 |d|^2  for an s in (0, 1),
 *
 * so a point that is not contracted shows where a larger M_3 is, if that was too small: then the ball shrinks.  If nothing is there, the claim is violated.
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

enum { MINIMA = 2, POSITIONS = 16, STARTS = 2, ITERATIONS = 8, ASCENTS = 24, BISECTIONS = 30, POINTS = 48, BOUNDARY = 16, SEGMENT = 256, ROUNDS = 8 };
static const double rim = 0.999;
static const double above = 1.5;                /* gamma, in units of gamma_c */
static const double step = 1e-3;                /* of the difference, relative to the length on which the Hessian changes */
static const double shortest = 1e-9, coarser = 4.0;     /* scales on which that length is looked for, relative to 1 + |X| */
static const double changed = 1e-2;             /* the change that makes the length, in units of lambda_0 */
static const double unchanged = 1e-10;          /* of the Hessian: rounding, and the risk is quadratic */
static const double innermost = 0.25, outwards_by = 1.5;        /* of the spheres: the first in lengths, and their ratio */
static const double radius_accuracy = 1e-4, largest_radius = 1e3;        /* the latter relative to 1 + |X| */
static const double e_folds = 20.0;             /* of lambda_0: by Bernoulli |d| falls from 0.999 r to 2e-6 r */
static const double resolved = 1e-9;            /* of the flows, relative to 1 + |X| */
static const double flow_rtol = 1e-9, flow_atol = 1e-12;
static const double small = 1e-6;               /* |d| of the control, relative to 1 + |X| */

typedef enum { TRIED, UNKNOWN, UNSETTLED } outcome;     /* unknown: the ball goes up to the largest radius; unsettled: M_3 was too small to the last */

typedef struct {
    fs_check_context *c;
    const fs_stability_point *point;
    outcome outcome;
    fs_flow *flow;              /* at the gamma below */
    size_t n;
    double gamma, lambda_0, radius, M3, scale;  /* scale: 1 + |X| */
    double length;              /* on which the Hessian changes; infinite where it does not up to the largest radius */
    int quadratic;              /* the Hessian is the same everywhere */
    double *offset;             /* (POSITIONS, n) unit vectors */
    double *v, *forward, *back, *at, *F;        /* (n) */
    double *extreme, *where;    /* (n): direction and place, less X, of the largest third derivative */
    double *kept, *up, *from;   /* (n) */
    fs_worst worst;
    double nearest;             /* distance of the next stationary point found */
} ball;

/* --- the third derivative --------------------------------------------------------------------- */

static double step_of(const ball *b)
{
    return step * fs_smaller(b->length, b->scale);
}

/* b->back := D^3 S(b->at)[v, v, .] for the unit vector b->v, *size its norm */
static fs_status third_derivative(ball *b, double *size, fs_err *err)
{
    double h = step_of(b);
    for (size_t i = 0; i < b->n; i++) b->F[i] = b->at[i] + h * b->v[i];
    fs_status status = fs_flow_jacobian_product(b->flow, b->F, b->v, b->forward);
    for (size_t i = 0; i < b->n; i++) b->F[i] = b->at[i] - h * b->v[i];
    if (status == FS_OK) status = fs_flow_jacobian_product(b->flow, b->F, b->v, b->back);
    for (size_t i = 0; i < b->n; i++) b->back[i] = (b->back[i] - b->forward[i]) / (2.0 * h);
    *size = fs_norm(b->n, b->back);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "third derivatives near a minimum: %s", fs_status_text(status));
}

/* Largest |D^3 S[v, v, .]| found at b->at, from b->v on; *largest, b->extreme and b->where follow when it is larger. */
static fs_status climb(ball *b, double *largest, fs_err *err)
{
    for (int i = 0; i < ITERATIONS; i++) {
        double size;
        FS_TRY(third_derivative(b, &size, err));
        if (!(size <= *largest)) {
            *largest = size;
            memcpy(b->extreme, b->v, b->n * sizeof *b->v);
            for (size_t j = 0; j < b->n; j++) b->where[j] = b->at[j] - b->point->at->w[j];
        }
        if (!(size > 0.0)) break;
        for (size_t j = 0; j < b->n; j++) b->v[j] = b->back[j] / size;
    }
    return FS_OK;
}

/* b->up := D^4 S(A)[v, v, u, .] up to a factor, A = X + b->where, v = b->extreme, u along D^3 S(A)[v, v, .]: the way up for A */
static fs_status way_up(ball *b, double *size, fs_err *err)
{
    static const int corner[4][2] = { { 1, 1 }, { -1, -1 }, { 1, -1 }, { -1, 1 } };
    double h = step_of(b), third;
    memcpy(b->v, b->extreme, b->n * sizeof *b->v);
    for (size_t i = 0; i < b->n; i++) b->at[i] = b->point->at->w[i] + b->where[i];
    FS_TRY(third_derivative(b, &third, err));
    memcpy(b->from, b->back, b->n * sizeof *b->from);
    memset(b->up, 0, b->n * sizeof *b->up);
    for (int k = 0; third > 0.0 && k < 4; k++) {
        for (size_t i = 0; i < b->n; i++) b->F[i] = b->at[i] + h * (corner[k][0] * b->v[i] + corner[k][1] * b->from[i] / third);
        fs_status status = fs_flow_jacobian_product(b->flow, b->F, b->v, b->forward);
        if (status != FS_OK) return fs_fail(err, status, "fourth derivatives near a minimum: %s", fs_status_text(status));
        /* the product is that with -Hess S */
        for (size_t i = 0; i < b->n; i++) b->up[i] += k < 2 ? -b->forward[i] : b->forward[i];
    }
    *size = fs_norm(b->n, b->up);
    return FS_OK;
}

/* X + d := into the ball of radius r */
static void into_ball(const ball *b, double r, double *d)
{
    double size = fs_norm(b->n, d);
    for (size_t i = 0; size > r && i < b->n; i++) d[i] *= r / size;
}

/* From the largest third derivative found to the one next to it, in the ball of radius r. */
static fs_status ascend(ball *b, double r, double *largest, fs_err *err)
{
    double length = 0.5 * r, size = 0.0;
    for (int i = 0; i < ASCENTS && length > 1e-3 * r; i++) {
        double before = *largest;
        FS_TRY(way_up(b, &size, err));
        if (!(size > 0.0)) return FS_OK;
        for (size_t j = 0; j < b->n; j++) b->from[j] = b->where[j] + length * b->up[j] / size;
        into_ball(b, r, b->from);
        for (size_t j = 0; j < b->n; j++) b->at[j] = b->point->at->w[j] + b->from[j];
        memcpy(b->v, b->extreme, b->n * sizeof *b->v);
        FS_TRY(climb(b, largest, err));
        length *= *largest > before ? 1.5 : 0.25;
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

/* Raises *M3, what is known of a smaller ball, to what is found on the sphere of radius r and by ascent from there; the same directions for every r.
 * The extreme of another ball is a place to begin. */
static fs_status measure_third(ball *b, double r, double *M3, fs_err *err)
{
    gsl_rng *rng = fs_rng_stream(fs_check_options_of(b->c)->seed, FS_STREAM_SEARCH);
    double largest = -1.0;
    if (!rng) return fs_fail(err, FS_ENOMEM, "random numbers");
    memcpy(b->kept, b->extreme, b->n * sizeof *b->kept);
    memcpy(b->from, b->where, b->n * sizeof *b->from);
    into_ball(b, r, b->from);
    fs_status status = FS_OK;
    for (size_t k = 0; status == FS_OK && k < POSITIONS; k++)
        for (int j = 0; status == FS_OK && j < STARTS; j++) {
            for (size_t i = 0; i < b->n; i++) b->at[i] = b->point->at->w[i] + r * b->offset[k * b->n + i];
            random_direction(rng, b->n, b->v);
            if (j) memcpy(b->v, b->offset + k * b->n, b->n * sizeof *b->v);
            status = climb(b, &largest, err);
        }
    gsl_rng_free(rng);
    for (int end = -1; status == FS_OK && end <= 1; end++) {
        memcpy(b->v, b->kept, b->n * sizeof *b->v);
        for (size_t i = 0; i < b->n; i++) b->at[i] = b->point->at->w[i] + (end ? end * r * b->kept[i] : b->from[i]);
        if (fs_norm(b->n, b->kept) > 0.0) status = climb(b, &largest, err);
    }
    if (status == FS_OK && r > 0.0) status = ascend(b, r, &largest, err);
    fs_raise_to(M3, largest);
    return status;
}

/* --- the radius ----------------------------------------------------------------------------------- */

/* How the Hessian at distance r, |(Hess S(X + r v) - Hess S(X)) v|, differs, the largest over all directions; *norm: of Hess S(X) v */
static fs_status hessian_changes(ball *b, double r, double *change, double *norm, fs_err *err)
{
    *change = *norm = 0.0;
    for (size_t k = 0; k < 2 * POSITIONS; k++) {
        const double *v = b->offset + k / 2 * b->n;
        for (size_t i = 0; i < b->n; i++) b->at[i] = b->point->at->w[i] + (k % 2 ? -r : r) * v[i];
        fs_status status = fs_flow_jacobian_product(b->flow, b->point->at->w, v, b->back);
        if (status == FS_OK) status = fs_flow_jacobian_product(b->flow, b->at, v, b->forward);
        if (status != FS_OK) return fs_fail(err, status, "Hessians near a minimum: %s", fs_status_text(status));
        fs_raise_to(norm, fs_norm(b->n, b->back));
        for (size_t i = 0; i < b->n; i++) b->forward[i] -= b->back[i];
        fs_raise_to(change, fs_norm(b->n, b->forward));
    }
    return FS_OK;
}

static fs_status find_length(ball *b, fs_err *err)
{
    double change = 0.0, norm = 0.0, most = 0.0;
    b->length = HUGE_VAL;
    for (double r = shortest; r <= largest_radius * 1.001; r *= coarser) {
        FS_TRY(hessian_changes(b, r * b->scale, &change, &norm, err));
        fs_raise_to(&most, change);
        if (change <= changed * b->lambda_0) continue;
        b->length = r * b->scale;
        return FS_OK;
    }
    b->quadratic = most <= unchanged * norm;
    return FS_OK;
}

/* r M_3(r) = 2 lambda_0, r <= high; the lower end of the bracket.  Spheres go up until they are too large, and then it is halved. */
static fs_status find_radius(ball *b, double high, fs_err *err)
{
    double low = 0.0, M3 = 0.0, r = innermost * b->length;
    FS_TRY(measure_third(b, 0.0, &M3, err));
    b->M3 = M3;
    if (2.0 * b->lambda_0 < M3 * high) high = 2.0 * b->lambda_0 / M3;
    for (int i = 0, bracketed = 0; i < BISECTIONS && !(high - low <= radius_accuracy * high); i += bracketed) {
        if (bracketed && low > 0.0) r = 0.5 * (low + high);
        else if (bracketed) r = 0.25 * high;
        else if (!(r < high)) r = high;
        M3 = b->M3;
        FS_TRY(measure_third(b, r, &M3, err));
        FS_TRY(fs_watch_report(fs_check_watch(b->c), "third derivatives around a minimum", (double)i / BISECTIONS));
        if (r * M3 <= 2.0 * b->lambda_0) {
            low = r;
            b->M3 = M3;
            if (!bracketed) r *= outwards_by;
        } else {
            high = r;
            bracketed = 1;
        }
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

/* The largest -D^3 S(X + s v)[v, v, v], 0 < s <= size, on steps and on scales; b->extreme and b->where are left at it. */
static fs_status largest_on_segment(ball *b, const double *v, double size, double *largest, fs_err *err)
{
    double ignored;
    *largest = 0.0;
    memcpy(b->v, v, b->n * sizeof *v);
    for (int k = 0; k < SEGMENT; k++) {
        double part = (double)(k / 2) / (SEGMENT / 2), s = size * (k % 2 ? 1.0 - part : pow(shortest, part));
        for (size_t i = 0; i < b->n; i++) b->at[i] = b->point->at->w[i] + s * v[i];
        FS_TRY(third_derivative(b, &ignored, err));
        double third = -fs_dot(b->n, b->back, v);
        if (!(third > *largest)) continue;
        *largest = third;
        memcpy(b->extreme, v, b->n * sizeof *v);
        for (size_t i = 0; i < b->n; i++) b->where[i] = s * v[i];
    }
    return FS_OK;
}

/* d (n) scaled to length |d| = size; rounding: what is left of the gradient at X itself.  *too_large becomes size where the ball of that radius holds a third
 * derivative of more than 2 lambda_0 / size. */
static fs_status try_point(ball *b, const double *d, double size, double residual, double *too_large, fs_err *err)
{
    double length = fs_norm(b->n, d), value, third, error = residual / (b->lambda_0 * size);
    for (size_t i = 0; i < b->n; i++) b->v[i] = d[i] * (size / length);
    FS_TRY(outwards(b, b->flow, &value, err));
    if (value > error) {
        for (size_t i = 0; i < b->n; i++) b->kept[i] = d[i] / length;
        FS_TRY(largest_on_segment(b, b->kept, size, &third, err));
        if (third * size > 2.0 * b->lambda_0) {
            fs_lower_to(too_large, size);
            return FS_OK;
        }
    }
    fs_worst_add(&b->worst, value, error, 0.0);
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

static fs_status try_ball(ball *b, const fs_stability *s, double *too_large, fs_err *err)
{
    double residual, *d = fs_calloc(b->n, sizeof *d);
    gsl_rng *rng = fs_rng_stream(fs_check_options_of(b->c)->seed + 1, FS_STREAM_SEARCH);
    fs_status status = d && rng ? fs_point_residual(b->c, b->point->at, &residual, err) : fs_fail(err, FS_ENOMEM, "points of a ball");
    b->nearest = HUGE_VAL;
    for (size_t i = 0; status == FS_OK && !isfinite(*too_large) && i < POINTS + 6 + s->n_points; i++) {
        double size = direction_of(b, s, rng, i, d);
        if (size > 0.0) status = try_point(b, d, size, residual, too_large, err);
        if (isfinite(*too_large)) break;
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
    b->offset = fs_calloc(n, (POSITIONS + 10) * sizeof *b->offset);
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
    b->where = b->extreme + n;
    b->kept = b->where + n;
    b->up = b->kept + n;
    b->from = b->up + n;
    for (size_t k = 0; k < POSITIONS; k++) random_direction(rng, n, b->offset + k * n);
    gsl_rng_free(rng);
    return fs_check_plain_flow(b->c, FS_FLOW_AUGMENTED, b->gamma, &b->flow, err);
}

/* The radius, and the ball tried; smaller ones as long as a point of it shows that M_3 was too small. */
static fs_status settle_ball(ball *b, const fs_stability *s, fs_err *err)
{
    double largest = largest_radius * b->scale, high = largest;
    const fs_worst before = b->worst;
    FS_TRY(find_length(b, err));
    b->radius = largest;
    b->M3 = b->nearest = (double)NAN;
    b->outcome = UNKNOWN;
    if (!isfinite(b->length) && !b->quadratic) return FS_OK;
    b->outcome = UNSETTLED;
    for (int round = 0; b->outcome == UNSETTLED && round < ROUNDS; round++) {
        double too_large = HUGE_VAL;
        FS_TRY(find_radius(b, high, err));
        if (!b->quadratic && !(b->radius < largest)) {
            b->outcome = UNKNOWN;
            return FS_OK;
        }
        b->worst = before;
        FS_TRY(try_ball(b, s, &too_large, err));
        high = too_large;
        if (!isfinite(too_large)) b->outcome = TRIED;
    }
    if (b->outcome == UNSETTLED) b->worst = before;
    return FS_OK;
}

static fs_status examine(ball *b, const fs_stability *s, fs_finding *found, fs_err *err)
{
    const fs_spectrum *spectrum = b->point->spectrum;
    double across = b->gamma + spectrum->N.lowest;
    b->lambda_0 = spectrum->E.dim && spectrum->E.lowest < across ? spectrum->E.lowest : across;
    if (!(b->lambda_0 > 0.0)) return fs_fail(err, FS_ENAN, "lambda_0 = %g is not positive at gamma = %g", b->lambda_0, b->gamma);
    FS_TRY(ball_create(b, err));
    FS_TRY(settle_ball(b, s, err));
    return isnan(found->control.measured) ? control(b, found, err) : FS_OK;
}

static void no_ball(const ball *b, fs_finding *found)
{
    if (b->outcome == UNSETTLED)
        fs_check_vacuous(found, "M_3 was found too small in %d balls, one in the other: the radius, at most %.3g, is not known", ROUNDS, b->radius);
    else fs_check_vacuous(found, "no M_3 that would bound the ball was found up to the radius %.3g, but the risk is not quadratic: the radius is not known", b->radius);
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
    size_t tried = 0;
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
        tried += b.outcome == TRIED;
        if (!i || (first.outcome != TRIED && b.outcome == TRIED)) first = b;
    }
    if (!tried) no_ball(&first, found);
    else fs_worst_report(&worst, found);
    fs_check_quantity(found, first.radius, radius_accuracy * first.radius, "radius");
    fs_check_quantity(found, first.lambda_0, first.point->gamma_error, "lambda_0");
    if (isfinite(first.M3)) fs_check_quantity(found, first.M3, 0.0, "M3");
    fs_check_quantity(found, first.gamma, 0.0, "gamma");
    if (isfinite(first.nearest)) fs_check_quantity(found, first.nearest, 0.0, "nearest");
    if (tried)
        snprintf(found->note, sizeof found->note, "at gamma = %.6g, lambda_0 = %.6g, M_3 = %.6g (searched for, not proved): radius %.6g. <grad S, d> >= "
                 "%.3g lambda_0 |d|^2 at %zu points and flows of %zu of %zu "
                 "balls; the next stationary point found is %.3g away", first.gamma, first.lambda_0, first.M3, first.radius, -worst.measured,
                 worst.count, tried, all, first.nearest);
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
