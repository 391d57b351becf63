/* observe/stationary.c -- stationary points: the flow to a small gradient, then Newton; many starts, found ones deflated
 *
 *   flow in segments of doubling length  ->  |w'| <= threshold  ->  Newton  ->  fresh |grad S|, over all of L as well
 *
 * The flow passes saddles slowly, and Newton likes them: what it finds there is kept aside while the flow goes on, and is the answer only if the
 * flow is still there at t_end.  A point that Newton finds is believed when its gradient is at rounding and one more step would hardly move it
 * (the gradient alone says little: it also goes to 0 on the way to infinity, where that step stays of order 1), when the flow could still descend to it,
 * and when the data are not separated there.
 *
 * Saturated units pass that too where their gradient is below rounding: their weights are free (no curvature), outwards nothing is ever seen, and
 * on the way back to the origin everything is.  A flat valley and a minimum of high order look alike on both sides: F restricted to a line is analytic there.
 *
 * Separated data prove that there is nothing to be found only where S = R along the readout: on E, or without penalty.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "observe/stationary.h"

#include "base/norm.h"
#include "integrate/newton.h"
#include "integrate/trajectory.h"
#include "observe/separable.h"

#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE_POINTS = 8,            /* where saturation is looked for, on either side */
    POLISH_LIMIT = 4,           /* rounds with a smaller tolerance at degenerate points */
    FIRST_SEGMENT = 16          /* of the model's t_end: the first segment of the flow */
};
static const double default_t_factor = 100.0, longest = 1e12, default_rtol = 1e-8, default_atol = 1e-10;
static const double first_threshold = 1e-4;     /* of the largest speed seen: Newton's first try */
static const double next_threshold = 0.03;      /* of the last one: its next try */
static const double near_flow = 0.5;            /* Newton may go so far, relative to 1 + |w| */
static const double same_point = 1e-6;          /* and so small must the last correction be, relative to 1 + |w| */
static const double runaway = 100.0;            /* |w| against 1 + |w_0|: from here on the trend is asked for early */
static const double no_curvature = 1e-8;        /* relative to |H| or to S / |w|^2: directions in which weights may be saturated */
static const double one_sided = 1e-10;          /* gradient outwards against inwards: polynomials of degree 13 reach no smaller ratio */
static const double visible = 1e-9;             /* what the gradient inwards changes S by, relative to S */
static const double unstable = 1e-6;            /* an eigenvalue below minus this, relative to |H|: the flow leaves */

static const char *const names[FS_SEARCH_COUNT] = {
    [FS_SEARCH_FOUND] = "found",         [FS_SEARCH_SEPARABLE] = "separable", [FS_SEARCH_RUNAWAY] = "runaway",
    [FS_SEARCH_UNREACHED] = "unreached", [FS_SEARCH_STOPPED] = "stopped",
};

const char *fs_search_name(fs_search outcome)
{
    return (unsigned)outcome < FS_SEARCH_COUNT ? names[outcome] : "unknown";
}

/* --- one search: its flow, and what looks at its points ------------------------------------------------ */

typedef struct {
    const fs_problem *problem;
    const fs_stationary_options *options;
    fs_stationary *out;
    fs_flow *flow;              /* the search's own */
    fs_flow *whole;             /* R^aug (R for nominal) on all of L */
    size_t n;                   /* dim of flow */
    double *w;                  /* (n) where the search is */
    double *A;                  /* (n_par) weights there */
} search;

static void search_clear(search *s)
{
    fs_flow_destroy(s->flow);
    fs_flow_destroy(s->whole);
    free(s->w);
    free(s->A);
}

void fs_stationary_destroy(fs_stationary *s)
{
    if (!s) return;
    free(s->w);
    free(s);
}

static fs_status make_flow(const search *s, fs_flow **f, fs_flow_kind kind, double gamma, fs_err *err)
{
    return fs_flow_create(f, kind, fs_problem_basis(s->problem), fs_problem_risk(s->problem, kind == FS_FLOW_AUGMENTED), gamma,
                          s->options->threads > 0 ? s->options->threads : 1, s->options->keep_limit, err);
}

static fs_status search_create(search *s, const fs_problem *p, fs_flow_kind kind, double gamma, const double *w0,
                               const fs_stationary_options *options, fs_err *err)
{
    const fs_basis *basis = fs_problem_basis(p);
    size_t dim = basis->dim_E + basis->dim_N;
    *s = (search){ .problem = p, .options = options };
    s->out = fs_calloc(1, sizeof *s->out);
    if (!s->out) return fs_fail(err, FS_ENOMEM, "a search for stationary points");
    int equivariant = kind == FS_FLOW_EQUIVARIANT;
    s->out->outcome = FS_SEARCH_UNREACHED;
    s->out->kind = kind;
    s->out->gamma = equivariant ? 0.0 : gamma;
    s->out->dim = dim;
    s->out->correction = s->out->tolerance = (double)NAN;
    s->out->w = fs_calloc(dim, sizeof *s->out->w);
    s->n = equivariant ? basis->dim_E : dim;
    s->w = fs_calloc(s->n, sizeof *s->w);
    s->A = fs_calloc(basis->n_par, sizeof *s->A);
    if (!s->out->w || !s->w || !s->A) return fs_fail(err, FS_ENOMEM, "a search for stationary points in dimension %zu", dim);
    memcpy(s->w, w0, s->n * sizeof *w0);
    FS_TRY(make_flow(s, &s->flow, kind, s->out->gamma, err));
    return make_flow(s, &s->whole, kind == FS_FLOW_NOMINAL ? kind : FS_FLOW_AUGMENTED, s->out->gamma, err);
}

static fs_status at_point(search *s, const double *w, fs_flow_point *point, fs_err *err)
{
    fs_status status = fs_flow_evaluate(s->flow, w, point, NULL);
    if (status != FS_OK) return fs_fail(err, status, "the risk where the search stands: %s", fs_status_text(status));
    return FS_OK;
}

/* Whether the data are separated at w so that nothing at or below its risk is stationary. */
static fs_status separable(search *s, const double *w, fs_separable *found, fs_err *err)
{
    *found = (fs_separable){ 0 };
    if (s->out->kind != FS_FLOW_EQUIVARIANT && s->out->gamma > 0.0) return FS_OK;
    fs_flow_weights(s->flow, w, s->A);
    return fs_separable_measure(found, s->problem, s->out->kind == FS_FLOW_AUGMENTED, s->A, err);
}

static void tell_separable(search *s, const fs_separable *found)
{
    s->out->outcome = FS_SEARCH_SEPARABLE;
    snprintf(s->out->note, sizeof s->out->note,
             "the network separates the data: all %zu samples right with margins from %.3g, risk %.3g below log 2 times the smallest weight = %.3g; no "
             "stationary point has a risk as low as this, the weights grow for ever and the infimum is not attained",
             found->samples, found->margin, found->risk, found->threshold);
}

/* Everything about the point s->w, all of it evaluated afresh. */
static fs_status fill(search *s, fs_err *err)
{
    fs_stationary *out = s->out;
    size_t E = fs_flow_dim_E(s->flow);
    fs_flow_point own, whole;
    double *speed = fs_calloc(out->dim, sizeof *speed);
    if (!speed) return fs_fail(err, FS_ENOMEM, "%zu coordinates", out->dim);
    memset(out->w, 0, out->dim * sizeof *out->w);
    memcpy(out->w, s->w, s->n * sizeof *s->w);
    fs_status status = fs_flow_evaluate(s->flow, s->w, &own, speed);
    out->residual_E = fs_norm(E, speed);
    if (status == FS_OK) status = fs_flow_evaluate(s->whole, out->w, &whole, NULL);
    free(speed);
    if (status != FS_OK) return fs_fail(err, status, "the risk where the search ended: %s", fs_status_text(status));
    out->risk = whole.risk;
    out->residual = whole.speed;
    out->distance = whole.distance;
    out->size = fs_norm(out->dim, out->w);
    return FS_OK;
}

/* --- Newton ------------------------------------------------------------------------------------------ */

/* Newton from w, in place.  Where F is at rounding and the last correction is not (a degenerate zero: F is flat), on with smaller tolerances. */
static fs_status newton(search *s, double *w, fs_newton_options o, fs_newton *found, fs_err *err)
{
    FS_TRY(fs_newton_solve(found, s->flow, w, &o, err));
    long iterations = found->iterations;
    for (int round = 0; round < POLISH_LIMIT; round++) {
        if (!found->converged || found->correction <= same_point * (1.0 + fs_norm(s->n, w)) || !(found->residual > 0.0)) break;
        fs_newton next;
        o.tolerance = 1e-3 * found->residual;
        FS_TRY(fs_newton_solve(&next, s->flow, w, &o, err));
        iterations += next.iterations;
        if (!(next.residual < found->residual)) break;
        double tolerance = found->tolerance;
        *found = next;
        found->converged = found->residual <= tolerance;
        found->tolerance = tolerance;
    }
    found->iterations = iterations;
    s->out->iterations += iterations;
    return FS_OK;
}

static int is_point(const search *s, const fs_newton *found, const double *w)
{
    return found->converged && found->correction <= same_point * (1.0 + fs_norm(s->n, w));
}

static void take(search *s, const double *w, const fs_newton *found)
{
    memcpy(s->w, w, s->n * sizeof *w);
    s->out->tolerance = found->tolerance;
    s->out->correction = found->correction;
}

/* z (n) becomes the part of w along which S has no curvature; all of w where the Hessian is too large to be formed. */
static fs_status free_part(search *s, double objective, double *z, fs_err *err)
{
    size_t n = s->n;
    double size = fs_norm(n, s->w);
    memcpy(z, s->w, n * sizeof *z);
    if (n > FS_NEWTON_DENSE_LIMIT || !(size > 0.0)) return FS_OK;
    double *H = fs_calloc(n, n * sizeof *H), *value = fs_calloc(n, sizeof *value);
    fs_status status = H && value ? fs_flow_jacobian(s->flow, s->w, H) : FS_ENOMEM;
    double norm = status == FS_OK ? fs_norm(n * n, H) : 0.0;
    if (status == FS_OK && !isfinite(norm)) {       /* too large for that: nothing is free; LAPACK may not return from a NaN */
        memset(z, 0, n * sizeof *z);
        goto done;
    }
    /* symmetric, so rows and columns are the same; eigenvectors come back as rows */
    lapack_int info = status == FS_OK ? LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', (lapack_int)n, H, (lapack_int)n, value) : 0;
    if (info != 0) status = info == LAPACK_WORK_MEMORY_ERROR ? FS_ENOMEM : FS_ESOLVER;
    if (status != FS_OK) fs_fail(err, status, "the Hessian of dimension %zu where the search stands: %s", n, fs_status_text(status));
    double natural = objective / (size * size), bound = no_curvature * (norm > natural ? norm : natural);
    for (size_t k = 0; k < n && status == FS_OK; k++) {
        const double *v = H + k * n;
        double along = 0.0;
        if (fabs(value[k]) <= bound) continue;
        for (size_t i = 0; i < n; i++) along += v[i] * s->w[i];
        for (size_t i = 0; i < n; i++) z[i] -= along * v[i];
    }
done:
    free(H);
    free(value);
    return status;
}

/* The largest gradient at w + c z, 0 < c <= 1, or at w - c z; infinity where it cannot be evaluated; scratch at (n). */
static fs_status largest_beside(search *s, const double *z, double sign, double *at, double *largest, fs_err *err)
{
    fs_flow_point p = { 0 };
    *largest = 0.0;
    for (int k = 1; k <= SIDE_POINTS; k++) {
        for (size_t i = 0; i < s->n; i++) at[i] = s->w[i] + sign * (double)k / SIDE_POINTS * z[i];
        fs_status status = fs_flow_evaluate(s->flow, at, &p, NULL);
        if (status != FS_OK && status != FS_ENAN) return fs_fail(err, status, "the risk beside a point that was found: %s", fs_status_text(status));
        if (status == FS_ENAN) *largest = (double)INFINITY;
        else if (p.speed > *largest) *largest = p.speed;
    }
    return FS_OK;
}

/* Whether along the free part z of w the gradient is rounding on the way outwards and visible on the way back. */
static fs_status is_saturated(search *s, int *saturated, fs_err *err)
{
    size_t n = s->n;
    fs_flow_point here = { 0 };
    double *z = fs_calloc(n, 2 * sizeof *z), outwards = 0.0, inwards = 0.0;
    fs_status status = z ? at_point(s, s->w, &here, err) : fs_fail(err, FS_ENOMEM, "%zu coordinates", n);
    if (status == FS_OK) status = free_part(s, here.objective, z, err);
    if (status == FS_OK) status = largest_beside(s, z, 1.0, z + n, &outwards, err);
    if (status == FS_OK) status = largest_beside(s, z, -1.0, z + n, &inwards, err);
    *saturated = status == FS_OK && isfinite(inwards) && outwards <= one_sided * inwards && inwards * fs_norm(n, z) > visible * fabs(here.objective);
    free(z);
    return status;
}

/* The point in s->w was found: separated data overrule it, and saturation. */
static fs_status settle(search *s, const char *how, fs_err *err)
{
    fs_separable separated;
    int saturated = 0;
    FS_TRY(separable(s, s->w, &separated, err));
    if (separated.proved) {
        tell_separable(s, &separated);
        return FS_OK;
    }
    FS_TRY(is_saturated(s, &saturated, err));
    if (saturated) {
        s->out->outcome = FS_SEARCH_RUNAWAY;
        snprintf(s->out->note, sizeof s->out->note,
                 "the gradient is rounding here and farther out, not so towards the origin, |w| = %.4g: saturated units, an infimum at infinity is suspected",
                 fs_norm(s->n, s->w));
        return FS_OK;
    }
    s->out->outcome = FS_SEARCH_FOUND;
    snprintf(s->out->note, sizeof s->out->note, "stationary: %s, %ld Newton iterations, the next correction is %.2g", how, s->out->iterations,
             s->out->correction);
    return FS_OK;
}

/* --- the flow ------------------------------------------------------------------------------------------ */

typedef struct {
    search *s;
    double t_end, segment_start, t;     /* of the whole search */
    double largest, threshold;          /* speeds; threshold in units of the largest */
    double speed, size_start;           /* now; |w_0| */
    double t_before, speed_before, size_before;     /* two places on the way, the later one at 1.5 times the time of the earlier or more: the trend */
    double t_after, speed_after, size_after;
    int slow, stop, tries;
    double *trial, *candidate;          /* (n) */
    int have_candidate;                 /* a saddle that the flow passes */
    fs_newton at_candidate;
    char last_try[300];                 /* why Newton found nothing */
} descent;

static int progress(void *context, double t, double h, long step, const fs_flow_point *p)
{
    (void)h;
    (void)step;
    descent *d = context;
    d->t = d->segment_start + t;
    d->speed = p->speed;
    if (p->speed > d->largest) d->largest = p->speed;
    d->slow = p->speed <= d->threshold * d->largest;
    d->stop = fs_watch_report(d->s->options->watch, "flow to a stationary point", d->t / d->t_end) != FS_OK;
    return d->slow || d->stop;
}

/* From s->w, length `duration` at most; s->w is where it ended. */
static fs_status segment(descent *d, double duration, int *failed, fs_err *err)
{
    search *s = d->s;
    const fs_stationary_options *o = s->options;
    fs_trajectory *T = NULL;
    fs_integrate_options io = { .t_end = duration, .rtol = o->rtol > 0.0 ? o->rtol : default_rtol, .atol = o->atol > 0.0 ? o->atol : default_atol,
                                .method = FS_METHOD_BDF, .solver = o->solver, .progress = progress, .context = d };
    d->segment_start = d->t;
    d->slow = 0;
    FS_TRY(fs_trajectory_compute(&T, s->flow, s->w, &io, err));
    if (T->code != FS_OK && T->code != FS_ESTOPPED && T->code != FS_ESOLVER && T->code != FS_ENAN) {
        fs_status status = fs_fail(err, T->code, "the flow to a stationary point: %.300s", T->status);
        fs_trajectory_destroy(T);
        return status;
    }
    memcpy(s->w, T->w_end, s->n * sizeof *s->w);
    d->t = d->segment_start + T->t_reached;
    d->speed = T->last.speed;
    s->out->steps += T->steps;
    *failed = T->code != FS_OK && !d->slow && !d->stop;
    if (*failed) snprintf(s->out->note, sizeof s->out->note, "the flow failed: %.300s", T->status);
    fs_trajectory_destroy(T);
    return FS_OK;
}

/* Newton from where the flow is.  *done when that settles the search. */
static fs_status try_newton(descent *d, int at_end, int *done, fs_err *err)
{
    search *s = d->s;
    fs_newton found;
    fs_flow_point here, there;
    double size = fs_norm(s->n, s->w);
    *done = 0;
    d->tries++;
    memcpy(d->trial, s->w, s->n * sizeof *s->w);
    fs_newton_options o = { .solver = s->options->solver, .radius = near_flow * (1.0 + size), .watch = s->options->watch };
    FS_TRY(newton(s, d->trial, o, &found, err));
    d->stop |= found.stopped;
    if (found.stopped) return FS_OK;
    snprintf(d->last_try, sizeof d->last_try, "Newton from there: %s, next correction %.2g", found.status, found.correction);
    s->out->correction = found.correction;
    s->out->tolerance = found.tolerance;
    if (!is_point(s, &found, d->trial)) return FS_OK;
    FS_TRY(at_point(s, s->w, &here, err));
    FS_TRY(at_point(s, d->trial, &there, err));
    if (!(there.objective <= here.objective + 1e-12 * (1.0 + fabs(here.objective)))) {
        snprintf(d->last_try, sizeof d->last_try, "Newton from there finds a point of higher risk (%.6g against %.6g)", there.objective, here.objective);
        return FS_OK;
    }
    int stays = here.speed <= found.tolerance;
    if (found.lowest < -unstable * found.hessian_norm && !stays && !at_end) {
        memcpy(d->candidate, d->trial, s->n * sizeof *d->trial);
        d->at_candidate = found;
        d->have_candidate = 1;
        return FS_OK;
    }
    take(s, d->trial, &found);
    *done = 1;
    int saddle = found.lowest < -unstable * found.hessian_norm;
    return settle(s, saddle ? "a saddle that the flow had not left" : "the flow ends here", err);
}

/* Keeps the present place for the trend. */
static void mark(descent *d)
{
    if (!(d->t > 0.0)) return;
    if (d->t >= 1.5 * d->t_after) {
        d->t_before = d->t_after;
        d->speed_before = d->speed_after;
        d->size_before = d->size_after;
    }
    d->t_after = d->t;
    d->speed_after = d->speed;
    d->size_after = fs_norm(d->s->n, d->s->w);
}

/* How |w'| falls and |w| grows, as powers of t; NaN before there are two places. */
typedef struct { double power, growth; } trend;

static trend trend_of(const descent *d)
{
    double times = d->t_before > 0.0 ? log(d->t_after / d->t_before) : (double)NAN;
    return (trend){ log(d->speed_after / d->speed_before) / times, log(d->size_after / d->size_before) / times };
}

static int leads_away(trend g)
{
    return g.power < -0.5 && g.power > -2.0 && g.growth > 1e-3;
}

/* Neither found nor proved: the trend, and what may be suspected. */
static void give_up(descent *d)
{
    fs_stationary *out = d->s->out;
    trend g = trend_of(d);
    int away = leads_away(g) && d->tries > 0;
    char law[120] = "";
    if (isfinite(g.power) && isfinite(g.growth))
        snprintf(law, sizeof law, ", %s like t^%.2f, the weights (%.4g) go like t^%.3f", g.power < 0.0 ? "falling" : "rising", g.power,
                 d->size_after, g.growth);
    out->outcome = away ? FS_SEARCH_RUNAWAY : FS_SEARCH_UNREACHED;
    snprintf(out->note, sizeof out->note, "by t = %.4g the gradient is %.3g%s%s; %.200s", d->t, d->speed, law,
             away ? ": an infimum at infinity is suspected" : "", d->last_try);
}

/* What can be said at the end of a segment: a proof, or far out a trend that leads away although Newton finds nothing. */
static fs_status look(descent *d, int *done, fs_err *err)
{
    search *s = d->s;
    fs_separable separated;
    *done = 0;
    FS_TRY(separable(s, s->w, &separated, err));
    if (separated.proved) {
        tell_separable(s, &separated);
        *done = 1;
        return FS_OK;
    }
    if (fs_norm(s->n, s->w) <= runaway * (1.0 + d->size_start) || !leads_away(trend_of(d))) return FS_OK;
    FS_TRY(try_newton(d, 0, done, err));
    if (*done || d->stop || d->have_candidate) return FS_OK;
    give_up(d);
    *done = 1;
    return FS_OK;
}

static void stop(descent *d)
{
    d->s->out->outcome = FS_SEARCH_STOPPED;
    snprintf(d->s->out->note, sizeof d->s->out->note, "stopped on request at t = %.4g, gradient %.3g", d->t, d->speed);
}

static fs_status descend(descent *d, double first, fs_err *err)
{
    search *s = d->s;
    int done = 0, failed = 0;
    double goal = 0.0;          /* the end of the present segment */
    FS_TRY(look(d, &done, err));
    while (!done) {
        if (!(d->t < goal)) goal = goal > 0.0 ? 2.0 * goal : first;
        if (goal > d->t_end) goal = d->t_end;
        double before = d->t;
        if (d->speed > 0.0) FS_TRY(segment(d, goal - d->t, &failed, err));
        else d->slow = 1;
        if (d->stop) break;
        if (failed) return FS_OK;
        mark(d);
        FS_TRY(look(d, &done, err));
        if (done || d->stop) break;
        int end = !(d->t < d->t_end * (1.0 - 1e-9)) || (d->slow && !(d->t > before));
        if (d->slow || end) {
            FS_TRY(try_newton(d, end, &done, err));
            d->threshold = next_threshold * (d->threshold < d->speed / d->largest ? d->threshold : d->speed / d->largest);
        }
        if (done || d->stop) break;
        if (!end) continue;
        if (d->have_candidate) {
            take(s, d->candidate, &d->at_candidate);
            return settle(s, "a saddle that the flow came by; the flow itself has not come to rest", err);
        }
        give_up(d);
        return FS_OK;
    }
    if (d->stop) stop(d);
    return FS_OK;
}

static fs_status validate(fs_flow_kind kind, double gamma, const fs_stationary_options *o, fs_err *err)
{
    if ((unsigned)kind >= FS_FLOW_COUNT) return fs_fail(err, FS_EINPUT, "expected one of the three flows, found number %d", (int)kind);
    if (!(gamma >= 0.0 && gamma <= DBL_MAX)) return fs_fail(err, FS_EINPUT, "expected a penalty strength gamma >= 0 and finite, found %g", gamma);
    if (!(o->t_end >= 0.0 && o->t_end <= longest)) return fs_fail(err, FS_EINPUT, "expected an end time in [0, 1e12], found %g", o->t_end);
    return FS_OK;
}

fs_status fs_stationary_find(fs_stationary **out, const fs_problem *p, fs_flow_kind kind, double gamma, const double *w0,
                             const fs_stationary_options *options, fs_err *err)
{
    *out = NULL;
    search s = { 0 };
    descent d = { .s = &s, .threshold = first_threshold };
    fs_flow_point start = { 0 };
    fs_status status = validate(kind, gamma, options, err);
    if (status == FS_OK) status = search_create(&s, p, kind, gamma, w0, options, err);
    if (status == FS_OK) status = at_point(&s, s.w, &start, err);
    if (status != FS_OK) goto done;
    double model = fs_problem_settings(p)->t_end;
    d.t_end = options->t_end > 0.0 ? options->t_end : default_t_factor * model;
    if (d.t_end > longest) d.t_end = longest;
    d.speed = d.largest = start.speed;
    d.size_start = fs_norm(s.n, s.w);
    s.out->by_flow = 1;
    s.out->residual_start = start.speed;
    d.trial = fs_calloc(s.n, sizeof *d.trial);
    d.candidate = fs_calloc(s.n, sizeof *d.candidate);
    if (!d.trial || !d.candidate) {
        status = fs_fail(err, FS_ENOMEM, "a search for stationary points in dimension %zu", s.n);
        goto done;
    }
    status = descend(&d, model / FIRST_SEGMENT, err);
    s.out->t_flow = d.t;
    if (status == FS_OK) status = fill(&s, err);
done:
    free(d.trial);
    free(d.candidate);
    if (status == FS_OK) *out = s.out;
    else fs_stationary_destroy(s.out);
    search_clear(&s);
    return status;
}

/* --- without the flow ------------------------------------------------------------------------------------- */

static double distance_of(size_t n, const double *a, const double *b)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(sum);
}

int fs_stationary_same(const fs_stationary *a, const fs_stationary *b)
{
    return a->dim == b->dim && distance_of(a->dim, a->w, b->w) <= same_point * (1.0 + fs_norm(a->dim, a->w));
}

/* Whether w (n) is one of the known points. */
static int is_known(const search *s, const double *w, const double *known, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (distance_of(s->n, w, known + k * s->n) <= same_point * (1.0 + fs_norm(s->n, w))) return 1;
    return 0;
}

/* From s->w, deflated, then once more without: the deflated iteration ends where m F is small, not F. */
static fs_status newton_alone(search *s, size_t count, const double *known, fs_err *err)
{
    fs_stationary *out = s->out;
    fs_newton found;
    fs_newton_options o = { .solver = s->options->solver, .watch = s->options->watch, .n_known = count, .known = known };
    if (is_known(s, s->w, known, count)) {
        snprintf(out->note, sizeof out->note, "the start is a point known already");
        return FS_OK;
    }
    FS_TRY(newton(s, s->w, o, &found, err));
    if (count && found.converged) {
        o = (fs_newton_options){ .solver = o.solver, .watch = o.watch, .radius = same_point * (1.0 + fs_norm(s->n, s->w)) };
        FS_TRY(newton(s, s->w, o, &found, err));
    }
    out->tolerance = found.tolerance;
    out->correction = found.correction;
    out->outcome = found.stopped ? FS_SEARCH_STOPPED : found.left ? FS_SEARCH_RUNAWAY : FS_SEARCH_UNREACHED;
    if (!is_point(s, &found, s->w)) {
        snprintf(out->note, sizeof out->note, "Newton alone: %s, next correction %.2g", found.status, found.correction);
        return FS_OK;
    }
    if (is_known(s, s->w, known, count)) {
        snprintf(out->note, sizeof out->note, "Newton came back to a point known already");
        return FS_OK;
    }
    return settle(s, "by Newton's method alone", err);
}

fs_status fs_stationary_newton(fs_stationary **out, const fs_problem *p, fs_flow_kind kind, double gamma, const double *w0, size_t n_known,
                               const fs_stationary *const *known, const fs_stationary_options *options, fs_err *err)
{
    *out = NULL;
    search s = { 0 };
    fs_flow_point start = { 0 };
    double *zeros = NULL;
    fs_status status = validate(kind, gamma, options, err);
    if (status == FS_OK) status = search_create(&s, p, kind, gamma, w0, options, err);
    for (size_t k = 0; status == FS_OK && k < n_known; k++)
        if (known[k]->dim != s.out->dim)
            status = fs_fail(err, FS_EINPUT, "expected known points of dimension %zu, found %zu", s.out->dim, known[k]->dim);
    if (status == FS_OK) status = at_point(&s, s.w, &start, err);
    if (status != FS_OK) goto done;
    s.out->residual_start = start.speed;
    zeros = fs_calloc(n_known, s.n * sizeof *zeros);
    if (!zeros) {
        status = fs_fail(err, FS_ENOMEM, "%zu known points", n_known);
        goto done;
    }
    for (size_t k = 0; k < n_known; k++) memcpy(zeros + k * s.n, known[k]->w, s.n * sizeof *zeros);
    status = newton_alone(&s, n_known, zeros, err);
    if (status == FS_OK) status = fill(&s, err);
done:
    free(zeros);
    if (status == FS_OK) *out = s.out;
    else fs_stationary_destroy(s.out);
    search_clear(&s);
    return status;
}

/* --- many ----------------------------------------------------------------------------------------------------- */

int fs_stationary_set_add(fs_stationary_set *set, fs_stationary *point)
{
    size_t at = 0;
    for (size_t k = 0; k < set->count; k++) {
        if (!fs_stationary_same(set->point[k], point)) continue;
        fs_stationary_destroy(point);
        return 0;
    }
    fs_stationary **room = fs_calloc(set->count + 1, sizeof *room);
    if (!room) {
        fs_stationary_destroy(point);
        return -1;
    }
    while (at < set->count && set->point[at]->risk <= point->risk) at++;
    for (size_t k = 0; k < set->count; k++) room[k + (k >= at)] = set->point[k];
    room[at] = point;
    free(set->point);
    set->point = room;
    set->count++;
    return 1;
}

void fs_stationary_set_clear(fs_stationary_set *set)
{
    for (size_t k = 0; k < set->count; k++) fs_stationary_destroy(set->point[k]);
    free(set->point);
    *set = (fs_stationary_set){ 0 };
}

/* The start of search k: the origin, then random states by turns as they are, four times smaller, four times larger. */
static fs_status start_state(const fs_problem *p, fs_flow_kind kind, size_t k, uint64_t seed, size_t n, double *w, fs_err *err)
{
    static const double scale[] = { 1.0, 0.25, 4.0 };
    memset(w, 0, n * sizeof *w);
    if (!k) return FS_OK;
    FS_TRY(fs_problem_start_state(p, seed, kind == FS_FLOW_EQUIVARIANT ? 0.0 : -1.0, w, err));
    for (size_t i = 0; i < n; i++) w[i] *= scale[(k - 1) % 3];
    return FS_OK;
}

/* One Newton search from w; *added when set has a new point. */
static fs_status try_start(fs_stationary_set *set, const fs_problem *p, fs_flow_kind kind, double gamma, const double *w, uint64_t seed, int deflated,
                           const fs_stationary_options *options, int *added, fs_err *err)
{
    fs_stationary *found = NULL;
    FS_TRY(fs_stationary_newton(&found, p, kind, gamma, w, deflated ? set->count : 0, (const fs_stationary *const *)set->point, options, err));
    set->stopped |= found->outcome == FS_SEARCH_STOPPED;
    found->seed = seed;
    if (found->outcome != FS_SEARCH_FOUND) {
        fs_stationary_destroy(found);
        return FS_OK;
    }
    int outcome = fs_stationary_set_add(set, found);
    if (outcome < 0) return fs_fail(err, FS_ENOMEM, "a list of %zu stationary points", set->count + 1);
    *added = outcome;
    return FS_OK;
}

fs_status fs_stationary_search(fs_stationary_set *set, const fs_problem *p, fs_flow_kind kind, double gamma, size_t starts, uint64_t seed,
                               const fs_stationary_options *options, fs_err *err)
{
    size_t n = fs_problem_basis(p)->dim_E + fs_problem_basis(p)->dim_N;
    double *w = fs_calloc(n, sizeof *w);
    fs_status status = w ? FS_OK : fs_fail(err, FS_ENOMEM, "a state of dimension %zu", n);
    for (size_t k = 0; k <= starts && status == FS_OK && !set->stopped; k++) {
        uint64_t from = k ? seed + k - 1 : 0;
        int added = 0;
        if (fs_watch_report(options->watch, "stationary points", (double)k / (double)(starts + 1)) != FS_OK) {
            set->stopped = 1;
            break;
        }
        status = start_state(p, kind, k, from, n, w, err);
        /* staying away from what is known, and if that leads nowhere without it: deflation bends the way to other points too */
        if (status == FS_OK) status = try_start(set, p, kind, gamma, w, from, 1, options, &added, err);
        if (status == FS_OK && !added && set->count) status = try_start(set, p, kind, gamma, w, from, 0, options, &added, err);
        if (status == FS_ENAN) status = FS_OK;      /* a start too large to evaluate is one that finds nothing */
        if (set->stopped) break;
        set->starts++;
        set->missed += !added;
    }
    free(w);
    return status;
}
