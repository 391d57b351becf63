/* experiment/attraction.c -- one augmented flow from one start: does it converge to E?
 *
 *   attracted    w lies in a ball around a strict minimum X* of S on E where Hess S stays positive:  |H(w) - H(X*)|_F <= lambda_min(H(X*)) / 2;
 *                or |Y| is small, absolutely or in that H_N changes little between X and w, and gamma + lambda_min(H_N) > 0 there and along the rest of the
 *                path in E
 *   escaped      at rest off E at a zero of the velocity that Newton confirms, no eigenvalue of Hess S negative, or slow in the basin of a strict minimum there
 *   away         at t_end E does not attract and |Y| does not shrink, or, farther out than at the start, hardly
 *
 * Next to E every point passes for a zero where |grad S| is about its rounding: a zero off E counts only where the velocity across E is visible between
 * E and the zero.  The ball is looked at along the line through its centre and w, and in low dimension along some random ones: no proof.
 *
 * The flow is integrated in segments that double.  An L-stable method turns growth into decay once h growth > 2: where |Y| is small every
 * step is at most half the growth time, and a segment in which a faster growth was seen is done again with shorter steps.  Near folds the flow
 * is slow without a zero: Newton does not confirm there, and the flow goes on.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/norm.h"
#include "base/rng.h"
#include "experiment/stability_private.h"
#include "integrate/newton.h"
#include "integrate/trajectory.h"
#include "observe/lanczos.h"
#include "observe/transverse.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEGMENTS = 1024,            /* the first segment is this part of t_end */
    NODES = 6,                  /* states of a segment at which the growth across E is measured */
    NODES_LARGE = 4,            /* the same where only the last one is looked at */
    REPEATS = 4,                /* of a segment with shorter steps */
    SAFE_LIMIT = 400,           /* solver auto: dense Newton up to this dimension; a Krylov method leaks off E at the size of its tolerance */
    NODES_BALL = 8,             /* points between a minimum and w where the Hessian is looked at, on either side */
    LINES = 3, LINES_LIMIT = 32,        /* random lines through a ball, up to this dimension */
    MAX_STEPS = 50000
};
static const double resolved = 1e3;             /* |Y| is resolved above this many atol_N */
static const double small = 1e-6;               /* |Y| relative to min(1, |Y_0|) */
static const double slow = 1e-6;                /* |w'| relative to 1 + |w|: Newton is asked */
static const double close_by = 1e-3;            /* |w - w*| relative to |Y| for a zero to be the place of rest */
static const double flat = 1e-10;               /* eigenvalues above -flat |H| are not called negative: growth would take longer than any run */
static const double visible = 10.0;             /* times what rounding leaves of the velocity */
static const double same_place = 0.5;           /* |Y| of a zero off E is at least this part of that of the flow it stands for */
static const double cap = 0.45;                 /* of the growth time: steps near E; half is too much */
static const double ball = 0.25;                /* |w - X*| relative to 1 + |X*| within which a basin is looked for */
static const double near_E = 1e-3;              /* |Y| relative to 1 + |w| below which steps are capped */
static const double drifting = 0.01;            /* rate at which |Y| falls, relative to the rate at which E repels, where it is farther out than at the start */
static const double not_shrinking = 0.04;       /* rate at which |Y| falls in the last segment, times all time: 2 per cent in half of it */

const char *fs_attraction_name(fs_attraction_outcome outcome)
{
    static const char *const name[FS_ATTRACTION_COUNT] = { "attracted", "escaped", "away", "undecided" };
    return (unsigned)outcome < FS_ATTRACTION_COUNT ? name[outcome] : "unknown";
}

/* one decision on its way */
typedef struct {
    const fs_attraction_options *o;
    fs_integrate_options integrate;
    fs_flow *flow, *observer, *inside;      /* augmented at gamma, at 0, and the equivariant flow, in orthonormal coordinates */
    fs_flow *moving;                        /* augmented at gamma, as the weights move */
    int metric;                             /* they move in other coordinates: what is known of balls and rates is not known then */
    size_t n, E;
    double *w, *z, *v;                      /* (n) the state; (2, n), (n) scratch */
    double *H, *H0, *value;                 /* (n, n), (n, n), (n), or NULL beyond the dense limit */
    double t, t_end;
    double start_distance, before;          /* |Y| at the start, and at the start of the last segment */
    double t_before;                        /* when that was */
    double floor;                           /* |Y| below it is not resolved */
    double growth;                          /* largest rate at which E repels, seen in the last segment */
    double lowest;                          /* smallest gamma + lambda_min - error since |Y| was resolved */
    double small_at, slow_at;               /* a segment ends early where |Y|, |w'| fall below; 0: it does not */
    int stopped;
    gsl_rng *rng;                           /* for directions in balls */
    fs_attraction *out;
} decision;

static int dense(const decision *d)
{
    return d->H != NULL;
}

static double distance(const decision *d)
{
    return fs_norm(d->n - d->E, d->w + d->E);
}

/* |Y| at or below this is small */
static double needed(const decision *d)
{
    double size = small * (d->start_distance < 1.0 ? d->start_distance : 1.0);
    return size < 2.0 * d->floor ? 2.0 * d->floor : size;
}

static void conclude(decision *d, fs_attraction_outcome outcome, const char *why)
{
    d->out->outcome = outcome;
    snprintf(d->out->why, sizeof d->out->why, "%.199s", why);
}

static int look(void *context, double t, double h, long step, const fs_flow_point *p)
{
    (void)h;
    (void)step;
    decision *d = context;
    if (fs_watch_report(d->o->watch, "flow", (d->t + t) / d->t_end) != FS_OK) d->stopped = 1;
    return d->stopped || p->distance <= d->small_at || p->speed <= d->slow_at;
}

/* gamma + lambda_min(H_N(X)) at x (dim E); NaN when it is not known */
static fs_status margin_at(decision *d, const double *x, double *margin, double *error, fs_err *err)
{
    fs_transverse H;
    memcpy(d->z, x, d->E * sizeof *x);
    memset(d->z + d->E, 0, (d->n - d->E) * sizeof *x);
    FS_TRY(fs_transverse_compute(d->observer, d->z, d->o->watch, &H, NULL, err));
    *margin = H.converged ? d->out->gamma + H.lambda_min : (double)NAN;
    /* the entries of H_N and the sum have roundings of their own */
    *error = H.error + 16.0 * DBL_EPSILON * (d->out->gamma + fabs(H.lambda_min));
    return FS_OK;
}

/* --- one segment ------------------------------------------------------------------------- */

/* Growth across E at the nodes of T that are near it, and the smallest margin since |Y| was resolved. */
static fs_status growth_along(decision *d, const fs_trajectory *T, double *lowest, fs_err *err)
{
    d->growth = 0.0;
    for (size_t k = d->n <= FS_TRANSVERSE_DENSE_LIMIT ? 0 : T->n_nodes - 1; k < T->n_nodes; k++) {
        const double *w = T->node_w + k * d->n;
        double margin, error;
        FS_TRY(margin_at(d, w, &margin, &error, err));
        double size = fs_norm(d->n - d->E, w + d->E);
        if (size < near_E * (1.0 + fs_norm(d->n, w)) && -margin > d->growth) d->growth = -margin;
        if (size >= d->floor) *lowest = DBL_MAX;
        fs_lower_to(lowest, margin - error);
        d->out->margin = margin;
        d->out->margin_error = error;
    }
    return FS_OK;
}

static double closest(const fs_trajectory *T)
{
    double least = DBL_MAX;
    for (size_t i = 0; i < T->n_steps_kept; i++)
        fs_lower_to(&least, T->step_distance[i]);
    return least;
}

/* Whether the steps of T near E were too long for the growth seen there. */
static int held(const decision *d, const fs_trajectory *T)
{
    return d->growth > 0.0 && T->step_max > 1.01 * 0.5 / d->growth && !(closest(T) >= near_E * (1.0 + fs_norm(d->n, d->w)));
}

/* From d->w over `length`, or until something happens; *failed: the integrator gave up, and the outcome says why. */
static fs_status advance(decision *d, double length, int *failed, fs_err *err)
{
    fs_trajectory *T = NULL;
    fs_status status = FS_OK;
    double lowest = d->lowest;
    d->before = distance(d);
    d->t_before = d->t;
    d->integrate.t_end = length;
    d->integrate.max_step = d->growth > 0.0 && d->before < near_E * (1.0 + fs_norm(d->n, d->w)) ? cap / d->growth : 0.0;
    *failed = 0;
    int too_long = 0;
    for (int repeat = 0; status == FS_OK && repeat < REPEATS; repeat++) {
        fs_trajectory_destroy(T);
        T = NULL;
        lowest = d->lowest;
        status = fs_trajectory_compute(&T, d->moving, d->w, &d->integrate, err);
        if (status != FS_OK) break;
        d->out->steps += T->steps;
        if (d->stopped || (T->code != FS_OK && T->code != FS_ESTOPPED)) break;
        status = growth_along(d, T, &lowest, err);
        too_long = status == FS_OK && held(d, T);
        if (!too_long) break;
        d->integrate.max_step = cap / d->growth;
    }
    if (status == FS_OK && T->code == FS_ENOMEM) status = fs_fail(err, FS_ENOMEM, "%s", T->status);
    if (status == FS_OK) {
        memcpy(d->w, T->w_end, d->n * sizeof *d->w);
        d->t += T->t_reached;
        d->lowest = lowest;
        d->out->speed = T->last.speed;
        if (T->code != FS_OK && T->code != FS_ESTOPPED) {
            *failed = 1;
            conclude(d, FS_ATTRACTION_UNDECIDED, T->status);
        } else if (too_long) {
            *failed = 1;
            conclude(d, FS_ATTRACTION_UNDECIDED, "the steps near E stayed longer than half the time of growth across E, which may have held the flow there");
        }
    }
    fs_trajectory_destroy(T);
    return status;
}

/* --- attracted? ----------------------------------------------------------------------------- */

/* |H(d->z) - H0|_F <= allowed, rows and columns from `first` on */
static fs_status changes_little(decision *d, size_t first, double allowed, int *yes, fs_err *err)
{
    size_t n = d->n;
    double sum = 0.0;
    FS_TRY(fs_objective_hessian(d->flow, d->z, d->H, err));
    for (size_t i = first; i < n; i++) {
        double part = fs_frobenius(n - first, d->H + i * n + first, d->H0 + i * n + first);
        sum += part * part;
    }
    *yes = sqrt(sum) <= allowed;
    return FS_OK;
}

/* The same at points of the line through w and its mirror image in d->v, where the Hessian is H0, and in low dimension at the ends of some random lines of that
 * length along the coordinates from `first` on.  The ends come first, and alone would not do: H may come back. */
static fs_status stays_near(decision *d, size_t first, double allowed, int *yes, fs_err *err)
{
    size_t n = d->n, lines = n - first <= LINES_LIMIT ? LINES : 0;
    double radius = fs_frobenius(n, d->w, d->v);
    *yes = 1;
    for (int k = NODES_BALL; *yes && k > 0; k--)
        for (int side = -1; *yes && side <= 1; side += 2) {
            double s = (double)(side * k) / NODES_BALL;
            for (size_t i = 0; i < n; i++) d->z[i] = d->v[i] + s * (d->w[i] - d->v[i]);
            FS_TRY(changes_little(d, first, allowed, yes, err));
        }
    for (size_t k = 0; *yes && k < lines; k++)
        for (int side = -1; *yes && side <= 1; side += 2) {
            /* d->value is free here */
            if (side < 0) fs_rng_gaussian(d->rng, n - first, d->value);
            double s = side * radius / fs_norm(n - first, d->value);
            memcpy(d->z, d->v, n * sizeof *d->z);
            for (size_t i = first; i < n; i++) d->z[i] += s * d->value[i - first];
            FS_TRY(changes_little(d, first, allowed, yes, err));
        }
    return FS_OK;
}

/* Whether w lies in the basin of d->v, a strict minimum of S: the Hessian positive there, and around it as far as w. */
static fs_status basin_of(decision *d, int *yes, fs_err *err)
{
    *yes = 0;
    FS_TRY(fs_objective_hessian(d->flow, d->v, d->H0, err));
    memcpy(d->H, d->H0, d->n * d->n * sizeof *d->H);
    FS_TRY(fs_symmetric_eigen(d->n, d->H, d->value, err));
    double least = d->value[0], norm = fs_frobenius(d->n * d->n, d->H0, NULL), size = 1.0 + fs_norm(d->n, d->v);
    if (!(least > 16.0 * (double)d->n * DBL_EPSILON * norm) || !(fs_frobenius(d->n, d->w, d->v) <= ball * size)) return FS_OK;
    if (fs_flow_velocity(d->flow, d->v, d->z) != FS_OK || !(fs_norm(d->n, d->z) <= 1e-9 * least * size)) return FS_OK;
    return stays_near(d, 0, 0.5 * least, yes, err);
}

/* Newton inside E from X; the minimum there is one of S only where the velocity has no part across E, which basin_of asks. */
static fs_status in_basin(decision *d, int *yes, fs_err *err)
{
    *yes = 0;
    if (!dense(d) || d->metric) return FS_OK;
    fs_newton newton;
    fs_newton_options options = { .radius = 0.1 * (1.0 + fs_norm(d->n, d->w)), .watch = d->o->watch };
    memcpy(d->v, d->w, d->E * sizeof *d->v);
    memset(d->v + d->E, 0, (d->n - d->E) * sizeof *d->v);
    FS_TRY(fs_newton_solve(&newton, d->inside, d->v, &options, err));
    if (newton.stopped) d->stopped = 1;
    return newton.converged ? basin_of(d, yes, err) : FS_OK;
}

static int at_rest_inside(void *context, double t, double h, long step, const fs_flow_point *p)
{
    (void)h;
    (void)step;
    decision *d = context;
    if (fs_watch_report(d->o->watch, "flow in E", (d->t + t) / d->t_end) != FS_OK) d->stopped = 1;
    return d->stopped || p->speed <= d->slow_at;
}

/* Whether the velocity at X has a part across E, which Fact A forbids where the theorem applies: then |Y| settles near leak / margin, not at 0. */
static int leaves(decision *d, double margin)
{
    memcpy(d->v, d->w, d->E * sizeof *d->v);
    memset(d->v + d->E, 0, (d->n - d->E) * sizeof *d->v);
    if (fs_flow_velocity(d->moving, d->v, d->z) != FS_OK) return 1;
    double leak = fs_norm(d->n - d->E, d->z + d->E), rounding = resolved * DBL_EPSILON * (1.0 + fs_norm(d->E, d->v) + fs_norm(d->n, d->z));
    return !(leak <= 10.0 * d->floor * margin + rounding);
}

/* Whether E still attracts where X goes while Y dies out: by |F_E(w) - F_E(X)| / margin at most when |Y| falls at half the margin or faster, since what Y does to
 * X is of second order.  d->v is X. */
static fs_status attracts_when_moved(decision *d, double margin, int *yes, fs_err *err)
{
    double moved, error;
    *yes = 0;
    if (fs_flow_velocity(d->flow, d->w, d->z) != FS_OK || fs_flow_velocity(d->flow, d->v, d->z + d->n) != FS_OK) return FS_OK;
    for (size_t i = 0; i < d->E; i++) d->v[i] += (d->z[i] - d->z[d->n + i]) / margin;
    FS_TRY(margin_at(d, d->v, &moved, &error, err));
    *yes = moved - error >= 0.5 * margin;
    return FS_OK;
}

/* E attracts at X and along the rest of the path that X takes in E. */
static fs_status attracts_from_here(decision *d, int *yes, fs_err *err)
{
    double margin, error, left = d->t_end - d->t;
    fs_trajectory *T = NULL;
    fs_integrate_options options = d->integrate;
    *yes = 0;
    if (d->metric) return FS_OK;
    FS_TRY(margin_at(d, d->w, &margin, &error, err));
    if (!(margin > error) || !(d->lowest > 0.0) || leaves(d, margin)) return FS_OK;
    FS_TRY(attracts_when_moved(d, margin, yes, err));
    if (!*yes) return FS_OK;
    *yes = 0;
    if (!d->E || !(left > 0.0)) {
        *yes = !d->E || d->out->speed <= 1e-3 * margin * (1.0 + fs_norm(d->n, d->w));
        return FS_OK;
    }
    options.t_end = left;
    options.max_step = 0.0;
    options.progress = at_rest_inside;
    d->slow_at = 1e-3 * slow * (1.0 + fs_norm(d->E, d->w));
    FS_TRY(fs_trajectory_compute(&T, d->inside, d->w, &options, err));
    fs_status status = FS_OK;
    int good = !d->stopped && (T->code == FS_OK || T->code == FS_ESTOPPED);
    /* a run that stopped early has no node at its end */
    for (size_t k = 0; good && status == FS_OK && k <= T->n_nodes; k++) {
        if (k < T->n_nodes && d->n > FS_TRANSVERSE_DENSE_LIMIT) continue;
        status = margin_at(d, k < T->n_nodes ? T->node_w + k * d->E : T->w_end, &margin, &error, err);
        good = margin > error;
    }
    *yes = status == FS_OK && good;
    fs_trajectory_destroy(T);
    return status;
}

/* Whether w is so near to E that H_N changes by less than half of gamma + lambda_min(H_N(X)) between X and w, or its mirror image. */
static fs_status curved_little(decision *d, int *yes, fs_err *err)
{
    double margin, error;
    *yes = 0;
    if (!dense(d) || d->metric) return FS_OK;
    FS_TRY(margin_at(d, d->w, &margin, &error, err));
    if (!(margin > error)) return FS_OK;
    memcpy(d->v, d->w, d->E * sizeof *d->v);
    memset(d->v + d->E, 0, (d->n - d->E) * sizeof *d->v);
    FS_TRY(fs_objective_hessian(d->flow, d->v, d->H0, err));
    return stays_near(d, d->E, 0.5 * margin, yes, err);
}

static fs_status attracted(decision *d, int *yes, fs_err *err)
{
    char why[200];
    double size = distance(d);
    FS_TRY(in_basin(d, yes, err));
    if (*yes) {
        snprintf(why, sizeof why, "|Y| = %.3g at t = %.6g, in the basin of a strict minimum on E", size, d->t);
        conclude(d, FS_ATTRACTED, why);
        return FS_OK;
    }
    int near = size <= needed(d);
    if (!(size <= 0.5 * d->start_distance)) return FS_OK;
    if (!near) FS_TRY(curved_little(d, &near, err));
    if (!near || d->stopped) return FS_OK;
    FS_TRY(attracts_from_here(d, yes, err));
    snprintf(why, sizeof why, "|Y| = %.3g at t = %.6g, and E attracts there and along the rest of the path in E", size, d->t);
    if (*yes) conclude(d, FS_ATTRACTED, why);
    return FS_OK;
}

/* --- escaped? --------------------------------------------------------------------------------- */

static fs_status hessian_product(void *context, const double *x, double *y)
{
    const decision *d = context;
    FS_TRY(fs_flow_jacobian_product(d->flow, d->v, x, y));
    for (size_t i = 0; i < d->n; i++) y[i] = -y[i];
    return FS_OK;
}

/* Whether Hess S at d->v has no negative eigenvalue that would show in any run. */
static fs_status no_saddle(decision *d, int *yes, fs_err *err)
{
    *yes = 0;
    if (dense(d)) {
        FS_TRY(fs_objective_hessian(d->flow, d->v, d->H, err));
        double norm = fs_frobenius(d->n * d->n, d->H, NULL);
        FS_TRY(fs_symmetric_eigen(d->n, d->H, d->value, err));
        *yes = d->value[0] >= -flat * norm;
        return FS_OK;
    }
    fs_lanczos found;
    fs_lanczos_options options = { .n = d->n, .apply = hessian_product, .context = d, .wanted = 1, .tolerance = 1e-8, .watch = d->o->watch };
    FS_TRY(fs_lanczos_compute(&found, &options, err));
    if (found.stopped) d->stopped = 1;
    *yes = found.converged && found.value[0] + found.residual[0] >= -flat * found.norm;
    fs_lanczos_clear(&found);
    return FS_OK;
}

fs_status fs_told_from_E(fs_flow *f, const double *w, double tolerance, double *scratch, int *told, fs_err *err)
{
    /* a zero of the velocity may lie at one of these, not at all */
    static const double part[] = { 0.5, 1.0 / 3.0, 2.0 / 3.0 };
    size_t n = fs_flow_dim(f), E = fs_flow_dim_E(f);
    *told = 0;
    for (size_t k = 0; k < sizeof part / sizeof *part && !*told; k++) {
        double *z = scratch, *velocity = scratch + n;
        memcpy(z, w, n * sizeof *z);
        for (size_t i = E; i < n; i++) z[i] *= part[k];
        fs_status status = fs_flow_velocity(f, z, velocity);
        if (status != FS_OK) return fs_fail(err, status, "the velocity between E and a zero off E: %s", fs_status_text(status));
        *told = fs_norm(n - E, velocity + E) >= visible * tolerance;
    }
    return FS_OK;
}

static fs_status escaped(decision *d, int *yes, fs_err *err)
{
    char why[200];
    double size = distance(d);
    *yes = 0;
    if (!(d->out->speed <= slow * (1.0 + fs_norm(d->n, d->w))) || !(size >= d->floor)) return FS_OK;
    fs_newton newton;
    fs_newton_options options = { .radius = 0.1 * (1.0 + fs_norm(d->n, d->w)), .watch = d->o->watch };
    memcpy(d->v, d->w, d->n * sizeof *d->v);
    FS_TRY(fs_newton_solve(&newton, d->flow, d->v, &options, err));
    if (newton.stopped) d->stopped = 1;
    double rest = fs_norm(d->n - d->E, d->v + d->E);
    if (!newton.converged || !(rest >= d->floor) || !(rest >= same_place * size)) return FS_OK;
    FS_TRY(fs_told_from_E(d->flow, d->v, newton.tolerance, d->z, yes, err));
    if (!*yes) return FS_OK;
    *yes = 0;
    if (fs_frobenius(d->n, d->v, d->w) <= close_by * size) FS_TRY(no_saddle(d, yes, err));
    else if (dense(d) && !d->metric) FS_TRY(basin_of(d, yes, err));
    if (!*yes) return FS_OK;
    snprintf(why, sizeof why, "bound for |Y| = %.6g by t = %.6g, a stationary point that is not a saddle", rest, d->t);
    memcpy(d->w, d->v, d->n * sizeof *d->w);
    conclude(d, FS_ESCAPED, why);
    return FS_OK;
}

/* --- the whole run ------------------------------------------------------------------------------- */

/* t_end came first.  With cross-entropy X may grow for ever and take |Y| along slowly: what counts is whether |Y| falls at a rate that compares with that at
 * which E repels. */
static void time_is_up(decision *d)
{
    const fs_attraction *a = d->out;
    double size = distance(d), shrinking = log(d->before / size) / (d->t - d->t_before);
    char why[200];
    int away = shrinking * d->t <= not_shrinking || (size >= d->start_distance && shrinking <= -drifting * a->margin);
    const char *E = a->margin < -a->margin_error ? "E repels there" : a->margin > a->margin_error ? "E attracts there" : "E is neutral there within its error";
    if (a->margin <= a->margin_error && away && size >= d->floor) {
        snprintf(why, sizeof why, "still on its way at t = %.6g: |Y| = %.6g, growing at rate %.2g, speed %.1e; %s, margin %.3g", d->t, size, -shrinking, a->speed, E,
                 a->margin);
        conclude(d, FS_AWAY, why);
        return;
    }
    snprintf(why, sizeof why, "at t = %.6g |Y| = %.3g (%.3g of the start), speed %.1e, neither at rest off E nor surely bound for E; %s", d->t, size,
             size / d->start_distance, a->speed, E);
    conclude(d, FS_ATTRACTION_UNDECIDED, why);
}

/* Segments end early where |Y| becomes small or the flow slow, but not again at the place where that settled nothing. */
static void arm(decision *d, double speed)
{
    double size = distance(d), wanted = needed(d);
    double rest = slow * (1.0 + fs_norm(d->n, d->w));
    d->small_at = size > wanted ? wanted : 0.0;
    d->slow_at = speed > rest ? rest : 0.25 * speed;
}

static fs_status decide(decision *d, fs_err *err)
{
    int done = 0, failed;
    double length = d->t_end / SEGMENTS;
    FS_TRY(margin_at(d, d->w, &d->out->margin, &d->out->margin_error, err));
    d->growth = d->out->margin < 0.0 ? -d->out->margin : 0.0;
    while (!done) {
        if (d->t > 0.0) FS_TRY(attracted(d, &done, err));
        if (!done) FS_TRY(escaped(d, &done, err));
        if (done || d->stopped) break;
        if (!(d->t < d->t_end * (1.0 - 1e-12))) {
            time_is_up(d);
            break;
        }
        if (d->t > 0.0 && length < d->t) length = d->t;
        arm(d, d->out->speed);
        FS_TRY(advance(d, length < d->t_end - d->t ? length : d->t_end - d->t, &failed, err));
        if (failed || d->stopped) break;
    }
    if (d->stopped) return fs_fail(err, FS_ESTOPPED, "stopped on request");
    return margin_at(d, d->w, &d->out->margin, &d->out->margin_error, err);
}

static fs_status decision_create(decision *d, const fs_problem *p, const double *w0, fs_err *err)
{
    const fs_attraction_options *o = d->o;
    const fs_flow_settings *s = fs_problem_settings(p);
    d->E = fs_problem_basis(p)->dim_E;
    d->n = d->E + fs_problem_basis(p)->dim_N;
    d->metric = fs_problem_parametrisation(p) != NULL;
    d->t_end = o->t_end > 0.0 ? o->t_end : 50.0 * s->t_end;
    d->integrate = (fs_integrate_options){ .rtol = o->rtol > 0.0 ? o->rtol : s->rtol, .atol = o->atol > 0.0 ? o->atol : s->atol, .method = o->method,
                                           .solver = o->solver, .max_steps = MAX_STEPS, .progress = look, .context = d,
                                           .keep_nodes = d->n <= FS_TRANSVERSE_DENSE_LIMIT ? NODES : NODES_LARGE };
    if (o->solver == FS_SOLVER_AUTO && d->n <= SAFE_LIMIT) d->integrate.solver = FS_SOLVER_DENSE;
    d->w = fs_calloc(d->n, sizeof *d->w);
    d->z = fs_calloc(d->n, 2 * sizeof *d->z);
    d->v = fs_calloc(d->n, sizeof *d->v);
    if (d->n <= FS_STABILITY_DENSE_LIMIT) {
        d->H = fs_calloc(d->n, d->n * sizeof *d->H);
        d->H0 = fs_calloc(d->n, d->n * sizeof *d->H0);
        d->value = fs_calloc(d->n, sizeof *d->value);
    }
    d->rng = fs_rng_stream(0, FS_STREAM_SEARCH);
    if (!d->w || !d->z || !d->v || !d->rng || (d->n <= FS_STABILITY_DENSE_LIMIT && (!d->H || !d->H0 || !d->value)))
        return fs_fail(err, FS_ENOMEM, "decision on attraction in dimension %zu", d->n);
    memcpy(d->w, w0, d->n * sizeof *w0);
    d->start_distance = d->before = distance(d);
    /* the driver's tolerance across E is 1e-14 |A_0| */
    d->floor = resolved * 1e-14 * (fs_norm(d->n, w0) > 0.0 ? fs_norm(d->n, w0) : 1.0);
    d->lowest = DBL_MAX;
    FS_TRY(fs_problem_flow(&d->flow, p, FS_FLOW_AUGMENTED, d->out->gamma, o->threads, o->keep_limit, err));
    FS_TRY(fs_problem_moving_flow(&d->moving, p, FS_FLOW_AUGMENTED, d->out->gamma, o->threads, o->keep_limit, err));
    FS_TRY(fs_problem_flow(&d->observer, p, FS_FLOW_AUGMENTED, 0.0, o->threads, o->keep_limit, err));
    FS_TRY(fs_problem_flow(&d->inside, p, FS_FLOW_EQUIVARIANT, 0.0, o->threads, o->keep_limit, err));
    fs_flow_point start;
    fs_status status = fs_flow_evaluate(d->moving, d->w, &start, NULL);
    if (status != FS_OK) return fs_fail(err, status, "the risk at the start cannot be evaluated: %s", fs_status_text(status));
    d->out->speed = start.speed;
    return FS_OK;
}

static void decision_clear(decision *d)
{
    fs_flow_destroy(d->flow);
    fs_flow_destroy(d->moving);
    fs_flow_destroy(d->observer);
    fs_flow_destroy(d->inside);
    free(d->w);
    free(d->z);
    free(d->v);
    free(d->H);
    free(d->H0);
    free(d->value);
    if (d->rng) gsl_rng_free(d->rng);
}

static fs_status decide_by(fs_attraction *out, const fs_problem *p, const double *w0, double gamma, const fs_attraction_options *o, fs_err *err)
{
    double none = (double)NAN;
    decision d = { .o = o, .out = out };
    *out = (fs_attraction){ .gamma = gamma, .outcome = FS_ATTRACTION_UNDECIDED, .margin = none, .margin_error = none, .speed = none };
    fs_err inside = { 0 };
    fs_status status = decision_create(&d, p, w0, err);
    if (status == FS_OK) {
        status = decide(&d, &inside);
        /* a Hessian that is not finite, an eigensolver that gives up: this run says nothing, others may */
        int lost = status == FS_ENAN || status == FS_ESOLVER;
        if (lost) conclude(&d, FS_ATTRACTION_UNDECIDED, inside.text[0] ? inside.text : fs_status_text(status));
        else if (status != FS_OK && err) *err = inside;
        if (lost) status = FS_OK;
        out->t = d.t;
        out->distance = distance(&d);
    }
    if (status == FS_ESTOPPED) conclude(&d, FS_ATTRACTION_UNDECIDED, "stopped on request");
    if (o->w_end && d.w) memcpy(o->w_end, d.w, d.n * sizeof *d.w);
    decision_clear(&d);
    return status;
}

fs_status fs_attraction_decide(fs_attraction *out, const fs_problem *p, const double *w0, double gamma, const fs_attraction_options *o, fs_err *err)
{
    if (!fs_problem_basis(p)->dim_N) return fs_fail(err, FS_EINPUT, "expected dim N > 0, found 0: E is all of L, every flow is on it");
    if (!(gamma >= 0.0 && gamma <= DBL_MAX)) return fs_fail(err, FS_EINPUT, "expected gamma >= 0 and finite, found %g", gamma);
    FS_TRY(decide_by(out, p, w0, gamma, o, err));
    if (!o->second || out->outcome == FS_ATTRACTION_UNDECIDED) return FS_OK;
    fs_attraction other;
    fs_attraction_options options = *o;
    options.method = o->method == FS_METHOD_ADAMS ? FS_METHOD_BDF : FS_METHOD_ADAMS;
    options.w_end = NULL;
    FS_TRY(decide_by(&other, p, w0, gamma, &options, err));
    fs_attraction_compare(out, &other);
    return FS_OK;
}

void fs_attraction_compare(fs_attraction *a, const fs_attraction *other)
{
    a->confirmed = other->outcome != FS_ATTRACTION_UNDECIDED && (other->outcome == FS_ATTRACTED) == (a->outcome == FS_ATTRACTED);
    if (a->confirmed && a->outcome == FS_ESCAPED && other->outcome == FS_AWAY) {
        a->outcome = FS_AWAY;
        memcpy(a->why, other->why, sizeof a->why);
    }
    if (a->confirmed) return;
    snprintf(a->why, sizeof a->why, "%s here, but by the other family of solvers %s: %.130s", fs_attraction_name(a->outcome), fs_attraction_name(other->outcome),
             other->why);
    a->outcome = FS_ATTRACTION_UNDECIDED;
}
