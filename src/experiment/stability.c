/* experiment/stability.c -- stationary points, their spectra, and what follows for training
 *
 *   H = H_E + H_N at a point of E,   attracting for the augmented flow iff H_E > 0 and H_N + gamma > 0       [NOF23, Theorem 2; NF25, Remark 2]
 *
 * What the eigenvalues decide, and how far they are known: experiment/point_kind.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "experiment/stability.h"

#include "base/clock.h"
#include "base/norm.h"
#include "experiment/stability_private.h"
#include "integrate/trajectory.h"
#include "integrate/variational.h"
#include "observe/transverse.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* what all points are examined with */
typedef struct {
    const fs_problem *p;
    const fs_stability_options *o;
    fs_stability *s;
    fs_flow *observer;          /* of the risk whose spectrum is asked for, with gamma */
    fs_flow *own;               /* on all of L, of the risk whose points these are, with gamma; may be the observer */
    size_t n, E;
    fs_stationary_options search;
    fs_spectrum_options spectrum;
} examiner;

/* Up to what Newton leaves. */
static int lies_on_E(const fs_stationary *at)
{
    return at->distance <= 1e-10 * (1.0 + at->size);
}

/* --- the flat directions ------------------------------------------------------------------------------ */

static int is_flat(const fs_spectrum_block *b, size_t k, double shift)
{
    return fs_sign_of(b->value[k], b->error[k] + shift) == FS_SIGN_UNDECIDED;
}

/* The undecided eigenvectors of b, the diagonal block of H (n, n) from coordinate `from` on, explained: as many as its counts say. */
static fs_status explain_flat(const examiner *x, const fs_stability_point *point, const double *H, const fs_spectrum_block *b, size_t from, fs_flat *out,
                              fs_err *err)
{
    size_t n = x->n, m = b->dim, count = 0, row = 0;
    if (!b->complete || b->count != m) return FS_OK;
    for (size_t k = 0; k < m; k++) count += (size_t)is_flat(b, k, point->shift);
    if (!count) return FS_OK;
    double *A = fs_calloc(m, m * sizeof *A), *value = fs_calloc(m, sizeof *value), *v = fs_calloc(count, n * sizeof *v);
    fs_status status = A && value && v ? FS_OK : fs_fail(err, FS_ENOMEM, "%zu flat directions in dimension %zu", count, n);
    if (status != FS_OK) goto done;
    for (size_t i = 0; i < m; i++) memcpy(A + i * m, H + (from + i) * n + from, m * sizeof *A);
    status = fs_symmetric_eigen(m, A, value, err);
    if (status != FS_OK) goto done;
    /* both in ascending order; gamma on N moves all alike */
    for (size_t k = 0; k < m; k++)
        if (is_flat(b, k, point->shift)) memcpy(v + n * row++ + from, A + k * m, m * sizeof *v);
    status = fs_flat_explain(out, x->p, fs_flow_kind_of(x->observer) == FS_FLOW_AUGMENTED, point->at->w, count, v, err);
done:
    free(A);
    free(value);
    free(v);
    return status;
}

/* The shift, and why there are zeros. */
static fs_status look_closer(const examiner *x, fs_stability_point *point, fs_err *err)
{
    size_t n = x->n;
    if (point->at->outcome != FS_SEARCH_FOUND) return FS_OK;
    fs_point_flows flows = { .problem = x->p, .observer = x->observer, .own = x->own, .threads = x->o->threads, .keep_limit = x->o->keep_limit };
    if (n > FS_STABILITY_DENSE_LIMIT) return fs_point_shift_of_lowest(&point->shift, &flows, point->at, point->spectrum, err);
    double *H = fs_calloc(n, n * sizeof *H);
    fs_status status = H ? FS_OK : fs_fail(err, FS_ENOMEM, "Hessian of dimension %zu", n);
    if (status == FS_OK) status = fs_objective_hessian(x->observer, point->at->w, H, err);
    if (status == FS_OK) status = fs_point_shift(&point->shift, &flows, point->at, H, err);
    if (status == FS_OK && lies_on_E(point->at) && isfinite(point->shift) && !x->o->nominal) {
        status = explain_flat(x, point, H, &point->spectrum->E, 0, &point->flat_E, err);
        if (status == FS_OK) status = explain_flat(x, point, H, &point->spectrum->N, x->E, &point->flat_N, err);
    }
    free(H);
    return status;
}

/* --- in words --------------------------------------------------------------------------------------------- */

/* Appends to the verdict; what does not fit is cut. */
__attribute__((format(printf, 2, 3))) static void say(fs_stability_point *point, const char *format, ...)
{
    va_list args;
    size_t used = strlen(point->verdict);
    va_start(args, format);
    vsnprintf(point->verdict + used, sizeof point->verdict - used, format, args);
    va_end(args);
}

static const char *with_article(fs_point kind)
{
    static const char *const name[FS_POINT_COUNT] = { "a strict minimum", "a degenerate point", "a saddle", "a maximum", "a point of unknown kind" };
    return name[kind];
}

static void say_attraction(const examiner *x, fs_stability_point *point)
{
    const char *missing = fs_remark_2_fails(x->p);
    double c = point->gamma_critical, e = point->gamma_error;
    if (missing) {
        say(point, "; no claim on attraction: %.120s", missing);
        return;
    }
    if (isnan(c)) return;
    const char *strict = point->on_E == FS_POINT_MINIMUM || !x->E ? "attracts" : "E attracts there";
    if (isinf(e)) say(point, "; does not attract for gamma < %.6g (Lanczos: a lower bound)", c);
    else if (c < -e) say(point, "; %s at every gamma >= 0 (lambda_min(H_N) = %.9g)", strict, -c);
    else if (!(c > e)) say(point, "; lambda_min(H_N) is zero within its error: %s for gamma > %.0e, undecided below", strict, c + e);
    else say(point, "; %s for gamma > %.9g +- %.0e", strict, c, e);
    if (point->irreducible[0] && c > -e) say(point, "; the irreducible that breaks first: %s", point->irreducible);
}

static void describe_found(const examiner *x, fs_stability_point *point)
{
    const fs_stationary *at = point->at;
    if (point->spectrum->stopped) {
        say(point, "stationary; stopped before its spectrum was complete");
        return;
    }
    if (!(point->spectrum->norm > 0.0)) {
        say(point, "stationary, and all second derivatives are 0: no verdict");
        return;
    }
    if (isnan(point->shift)) say(point, "how far the eigenvalues are from those of the true point is not measured: ");
    else if (isinf(point->shift)) say(point, "on the way to the true point the eigenvalues change beyond all bounds: ");
    const char *risk = x->o->nominal || at->kind == FS_FLOW_NOMINAL ? "nominal" : "augmented";
    char whole[80];
    if (x->s->gamma > 0.0) snprintf(whole, sizeof whole, "of the %s objective at gamma = %g", risk, x->s->gamma);
    else snprintf(whole, sizeof whole, "of the %s risk", risk);
    if (!lies_on_E(at)) {
        say(point, "stationary off E, |Y| = %.6g: %s %s", at->distance, with_article(point->on_L), whole);
        return;
    }
    if (!x->E) say(point, "E is one point, %s %s", with_article(point->on_L), whole);
    else if (x->n == x->E) say(point, "%s on E, which is all of L", with_article(point->on_E));
    else if (point->on_E == point->on_L) say(point, "%s on E and %s", with_article(point->on_E), whole);
    else say(point, "%s on E and %s %s", with_article(point->on_E), with_article(point->on_L), whole);
    if (point->on_E == FS_POINT_MINIMUM && point->on_L == FS_POINT_SADDLE)
        say(point, ": stable for equivariant training, not for augmented training (Theorem 2 has no converse)");
    if (!x->o->nominal && at->kind != FS_FLOW_NOMINAL) say_attraction(x, point);
    if (point->flat_E.dim) say(point, "; on E %s", point->flat_E.text);
    if (point->flat_N.dim) say(point, "; on N %s", point->flat_N.text);
}

static void describe(const examiner *x, fs_stability_point *point)
{
    const fs_stationary *at = point->at;
    if (at->outcome == FS_SEARCH_FOUND) {
        describe_found(x, point);
        return;
    }
    static const char *const words[FS_SEARCH_COUNT] = {
        [FS_SEARCH_SEPARABLE] = "no finite minimum: proved, the data are separated and the infimum is at infinity",
        [FS_SEARCH_RUNAWAY] = "no stationary point found: the weights seem to grow without end, an infimum at infinity is suspected",
        [FS_SEARCH_UNREACHED] = "no stationary point here",
        [FS_SEARCH_STOPPED] = "stopped before a stationary point was found",
    };
    if (x->s->where == FS_AT_START) say(point, "the start as it is: the gradient there is %.3g", at->residual);
    else if (x->s->where == FS_AT_END) say(point, "the flow's end at t = %.6g, not polished: the gradient there is %.3g", at->t_flow, at->residual);
    else say(point, "%s", words[at->outcome]);
    const fs_spectrum_block *N = &point->spectrum->N;
    if (N->dim && !isnan(N->lowest)) say(point, "; lambda_min(H_N) = %.6g there", N->lowest);
    if (at->note[0]) say(point, "; %.330s", at->note);
}

/* --- one point ------------------------------------------------------------------------------------------------ */

static void classify(const examiner *x, fs_stability_point *point)
{
    const fs_spectrum *H = point->spectrum;
    /* elsewhere the Hessian is asked for as it is; a shift that is not known leaves every sign open */
    double extra = point->at->outcome != FS_SEARCH_FOUND ? 0.0 : isfinite(point->shift) ? point->shift : (double)INFINITY;
    int on_space = lies_on_E(point->at);
    point->on_E = point->on_L = FS_POINT_UNKNOWN;
    point->E = fs_point_counts(&H->E, 0.0, extra);
    point->N = fs_point_counts(&H->N, 0.0, extra);
    if (point->at->outcome != FS_SEARCH_FOUND || H->stopped) return;
    point->on_E = fs_point_of(&H->E, 0.0, extra);
    if (H->whole.name[0]) point->on_L = fs_point_of(&H->whole, 0.0, extra);
    else point->on_L = fs_point_of_sum(&H->E, point->on_E, &H->N, fs_point_of(&H->N, x->s->gamma, extra));
    if (!on_space || !H->N.dim || isnan(H->N.lowest) || !isfinite(extra)) return;
    point->gamma_critical = 0.0 - H->N.lowest - (H->N.lowest_known ? 0.0 : extra);
    point->gamma_error = H->N.lowest_known ? H->N.lowest_error + extra : (double)INFINITY;
    if (H->critical < H->n_blocks) snprintf(point->irreducible, sizeof point->irreducible, "%s", H->block[H->critical].name);
}

/* Takes over at. */
static fs_status examine(const examiner *x, fs_stability_point *point, fs_stationary *at, fs_err *err)
{
    fs_spectrum_options options = x->spectrum;
    *point = (fs_stability_point){ .at = at, .shift = (double)NAN, .gamma_critical = (double)NAN, .gamma_error = (double)NAN };
    /* on E at gamma = 0 the blocks say it all */
    options.whole = options.whole || !lies_on_E(at) || x->s->gamma > 0.0 || x->o->nominal || at->kind == FS_FLOW_NOMINAL;
    FS_TRY(fs_spectrum_compute(&point->spectrum, x->p, x->observer, at->w, &options, err));
    if (point->spectrum->stopped) x->s->stopped = 1;
    else FS_TRY(look_closer(x, point, err));
    classify(x, point);
    describe(x, point);
    return FS_OK;
}

/* --- finding the points ----------------------------------------------------------------------------------------- */

static int watch_flow(void *context, double t, double h, long step, const fs_flow_point *p)
{
    (void)h;
    (void)step;
    (void)p;
    const examiner *x = context;
    double t_end = x->search.t_end > 0.0 ? x->search.t_end : fs_problem_settings(x->p)->t_end;
    return fs_watch_report(x->search.watch, "flow", t / t_end) != FS_OK;
}

/* The flow f (dim m) from at->w to its end; why it did not get there is the note. */
static fs_status flow_to_end(examiner *x, fs_flow *f, fs_stationary *at, fs_err *err)
{
    const fs_flow_settings *settings = fs_problem_settings(x->p);
    const fs_stationary_options *o = &x->search;
    fs_trajectory *T = NULL;
    fs_integrate_options integrate = { .t_end = o->t_end > 0.0 ? o->t_end : settings->t_end, .rtol = o->rtol > 0.0 ? o->rtol : settings->rtol,
                                       .atol = o->atol > 0.0 ? o->atol : settings->atol, .method = settings->method, .solver = o->solver,
                                       .progress = watch_flow, .context = x };
    FS_TRY(fs_trajectory_compute(&T, f, at->w, &integrate, err));
    fs_status status = T->code == FS_ESTOPPED || T->code == FS_ESOLVER || T->code == FS_ENAN ? FS_OK : T->code;
    if (status != FS_OK) fs_fail(err, status, "the flow to its end: %.300s", T->status);
    if (T->code == FS_ESTOPPED) at->outcome = FS_SEARCH_STOPPED;
    if (T->code != FS_OK) snprintf(at->note, sizeof at->note, "the flow did not reach t = %.6g: %.330s", integrate.t_end, T->status);
    memcpy(at->w, T->w_end, fs_flow_dim(f) * sizeof *at->w);
    at->t_flow = T->t_reached;
    at->steps = T->steps;
    fs_trajectory_destroy(T);
    return status;
}

/* What at says of its state w; f: of its kind. */
static fs_status describe_state(const examiner *x, fs_flow *f, fs_stationary *at, fs_err *err)
{
    fs_flow_point own, whole;
    fs_status status = fs_flow_evaluate(f, at->w, &own, NULL);
    if (status == FS_OK) status = fs_flow_evaluate(x->observer, at->w, &whole, NULL);
    if (status != FS_OK) return fs_fail(err, status, "the state cannot be evaluated: %s", fs_status_text(status));
    at->residual_E = own.speed;
    at->risk = whole.risk;
    at->distance = whole.distance;
    at->residual = whole.speed;
    at->size = fs_norm(x->n, at->w);
    return FS_OK;
}

/* The state of a start or of an end, dressed as the end of a search. */
static fs_status stand_at(examiner *x, const double *w0, uint64_t seed, fs_stationary **out, fs_err *err)
{
    const fs_stability_options *o = x->o;
    int inside = o->kind == FS_FLOW_EQUIVARIANT;
    double none = (double)NAN;
    fs_flow *f = NULL;
    fs_stationary *at = fs_calloc(1, sizeof *at);
    if (!at) return fs_fail(err, FS_ENOMEM, "state of dimension %zu", x->n);
    *at = (fs_stationary){ .outcome = FS_SEARCH_UNREACHED, .kind = o->kind, .gamma = inside ? 0.0 : o->gamma, .seed = seed, .by_flow = 1, .dim = x->n,
                           .correction = none, .tolerance = none };
    at->w = fs_calloc(x->n, sizeof *at->w);
    fs_status status = at->w ? fs_problem_flow(&f, x->p, o->kind, at->gamma, o->threads, o->keep_limit, err)
                             : fs_fail(err, FS_ENOMEM, "state of dimension %zu", x->n);
    if (status != FS_OK) goto done;
    memcpy(at->w, w0, (inside ? x->E : x->n) * sizeof *w0);
    status = describe_state(x, f, at, err);
    at->residual_start = at->residual_E;
    if (status == FS_OK && o->where == FS_AT_END) {
        status = flow_to_end(x, f, at, err);
        if (status == FS_OK) status = describe_state(x, f, at, err);
    }
done:
    fs_flow_destroy(f);
    if (status == FS_OK) *out = at;
    else fs_stationary_destroy(at);
    return status;
}

/* What the searches found, and the order it is told in. */
typedef struct {
    fs_stationary_set set;              /* owns all that was found */
    size_t n_flow;
    fs_stationary **by_flow;            /* (n_seed) those of the flows, borrowed from the set */
    fs_stationary *fallback;            /* where the first search ended that found nothing */
} findings;

static void findings_clear(findings *k)
{
    fs_stationary_set_clear(&k->set);
    fs_stationary_destroy(k->fallback);
    free(k->by_flow);
}

/* Takes over at. */
static fs_status keep(findings *k, fs_stationary *at, fs_err *err)
{
    if (at->outcome != FS_SEARCH_FOUND) {
        if (k->fallback) fs_stationary_destroy(at);
        else k->fallback = at;
        return FS_OK;
    }
    size_t before = k->set.count;
    if (fs_stationary_set_add(&k->set, at) < 0) return fs_fail(err, FS_ENOMEM, "list of stationary points");
    if (k->set.count > before) k->by_flow[k->n_flow++] = at;
    return FS_OK;
}

static fs_status search_points(examiner *x, findings *k, fs_err *err)
{
    const fs_stability_options *o = x->o;
    size_t seeds = o->weights ? 1 : o->n_seed;
    double *w0 = fs_calloc(x->n, sizeof *w0);
    k->by_flow = fs_calloc(seeds, sizeof *k->by_flow);
    fs_status status = w0 && k->by_flow ? FS_OK : fs_fail(err, FS_ENOMEM, "start of dimension %zu", x->n);
    for (size_t i = 0; status == FS_OK && i < seeds && !x->s->stopped; i++) {
        uint64_t seed = o->weights ? 0 : o->seed[i];
        fs_stationary *at = NULL;
        status = fs_start_of(x->p, seed, o->weights, o->distance, w0, err);
        if (status != FS_OK) break;
        if (o->where == FS_AT_STATIONARY) status = fs_stationary_find(&at, x->p, o->kind, o->gamma, w0, &x->search, err);
        else status = stand_at(x, w0, seed, &at, err);
        if (status != FS_OK) break;
        at->seed = seed;
        if (at->outcome == FS_SEARCH_STOPPED) x->s->stopped = 1;
        status = keep(k, at, err);
        if (o->where != FS_AT_STATIONARY) break;
    }
    if (status == FS_OK && o->where == FS_AT_STATIONARY && o->starts && !x->s->stopped) {
        status = fs_stationary_search(&k->set, x->p, o->kind, o->gamma, o->starts, o->n_seed ? o->seed[0] : 1, &x->search, err);
        x->s->starts = k->set.starts;
        x->s->missed = k->set.missed;
        if (k->set.stopped) x->s->stopped = 1;
    }
    free(w0);
    return status;
}

static int is_of_flow(const findings *k, const fs_stationary *at)
{
    for (size_t i = 0; i < k->n_flow; i++)
        if (k->by_flow[i] == at) return 1;
    return 0;
}

/* Those of the flows first, then the set's order; ownership moves point by point.  A search by flow that found nothing is an answer as well: it comes first where
 * no flow found a point. */
static fs_status examine_all(examiner *x, findings *k, fs_err *err)
{
    fs_stability *s = x->s;
    size_t n = k->set.count + 1, m = 0;
    fs_stationary **order = fs_calloc(n, sizeof *order);
    s->point = fs_calloc(n, sizeof *s->point);
    fs_status status = order && s->point ? FS_OK : fs_fail(err, FS_ENOMEM, "%zu stationary points", n);
    if (status != FS_OK) goto done;
    for (size_t i = 0; i < k->n_flow; i++) order[m++] = k->by_flow[i];
    if (!m && k->fallback) {
        order[m++] = k->fallback;
        k->fallback = NULL;
    }
    for (size_t i = 0; i < k->set.count; i++)
        if (!is_of_flow(k, k->set.point[i])) order[m++] = k->set.point[i];
    k->set.count = 0;
    for (size_t i = 0; i < m; i++) {
        const fs_watch *watch = x->o->watch;
        /* whoever asked to stop gets the first point, and the others only as far as they are known */
        int cut = status != FS_OK || (i && (s->stopped || fs_watch_report(watch, "spectra", (double)i / (double)m) != FS_OK));
        if (cut) {
            if (status == FS_OK) s->stopped = 1;
            fs_stationary_destroy(order[i]);
            continue;
        }
        s->n_points = i + 1;
        status = examine(x, &s->point[i], order[i], err);
    }
done:
    free(order);
    return status;
}

/* --- the path ------------------------------------------------------------------------------------------------------ */

static fs_status path_allocate(fs_stability_path *path, size_t n, size_t exponents, fs_err *err)
{
    path->t = fs_calloc(n, sizeof *path->t);
    path->risk = fs_calloc(n, sizeof *path->risk);
    path->lambda_min = fs_calloc(n, sizeof *path->lambda_min);
    path->lambda_error = fs_calloc(n, sizeof *path->lambda_error);
    path->exponent = fs_calloc(n, (exponents ? exponents : 1) * sizeof *path->exponent);
    if (!path->t || !path->risk || !path->lambda_min || !path->lambda_error || !path->exponent) return fs_fail(err, FS_ENOMEM, "path of %zu times", n);
    return FS_OK;
}

static fs_status follow_path(examiner *x, fs_err *err)
{
    const fs_stability_options *o = x->o;
    const fs_flow_settings *settings = fs_problem_settings(x->p);
    fs_stability_path *path = &x->s->path;
    fs_variational *v = NULL;
    fs_flow *f = NULL;
    fs_flow_point p;
    double *w = fs_calloc(x->n, sizeof *w);
    fs_status status = w ? FS_OK : fs_fail(err, FS_ENOMEM, "state of dimension %zu", x->n);
    if (status == FS_OK) status = fs_start_of(x->p, o->n_seed ? o->seed[0] : 0, o->weights, o->distance, w, err);
    if (status == FS_OK) status = fs_problem_flow(&f, x->p, FS_FLOW_AUGMENTED, 0.0, o->threads, o->keep_limit, err);
    fs_variational_options options = { .n_times = o->n_times, .times = o->times, .rtol = o->search.rtol > 0.0 ? o->search.rtol : settings->rtol,
                                       .atol = o->search.atol > 0.0 ? o->search.atol : settings->atol, .watch = o->watch };
    if (status == FS_OK) status = fs_variational_compute(&v, f, w, &options, err);
    if (status == FS_OK) status = path_allocate(path, v->n_times, v->count, err);
    if (status != FS_OK) goto done;
    path->exponents = v->count;
    path->complete = v->complete;
    memcpy(path->t, v->t, v->n_times * sizeof *path->t);
    memcpy(path->exponent, v->exponent, v->n_times * v->count * sizeof *path->exponent);
    if (v->stopped) x->s->stopped = 1;
    if (v->n_times < o->n_times || v->stopped) snprintf(path->note, sizeof path->note, "%.239s", v->status);
    else if (!v->complete) snprintf(path->note, sizeof path->note, "%zu of %zu exponents, lower bounds", v->count, x->n - x->E);
    memset(w + x->E, 0, (x->n - x->E) * sizeof *w);
    for (size_t i = 0; i < v->n_times && !x->s->stopped; i++) {
        fs_transverse H;
        memcpy(w, v->x + i * v->dim_E, v->dim_E * sizeof *w);
        status = fs_transverse_compute(f, w, o->watch, &H, NULL, err);
        if (status == FS_OK) status = fs_flow_evaluate(f, w, &p, NULL);
        if (status != FS_OK) goto done;
        path->risk[i] = p.risk;
        path->lambda_min[i] = H.lambda_min;
        path->lambda_error[i] = H.converged ? H.error : (double)INFINITY;
        path->n = i + 1;
        if (fs_watch_report(o->watch, "transverse Hessian along the path", (double)(i + 1) / (double)v->n_times) != FS_OK) x->s->stopped = 1;
    }
done:
    fs_variational_destroy(v);
    fs_flow_destroy(f);
    free(w);
    return status;
}

/* --- all of it -------------------------------------------------------------------------------------------------------- */

static fs_status validate(const fs_problem *p, const fs_stability_options *o, fs_err *err)
{
    if (!o->n_seed && !o->weights) return fs_fail(err, FS_EINPUT, "expected a seed or weights to start from, found neither");
    if (!((unsigned)o->kind < FS_FLOW_COUNT)) return fs_fail(err, FS_EINPUT, "expected one of the %d flows, found %d", FS_FLOW_COUNT, (int)o->kind);
    if (!(o->gamma >= 0.0 && o->gamma <= DBL_MAX)) return fs_fail(err, FS_EINPUT, "expected gamma >= 0 and finite, found %g", o->gamma);
    if (!(fs_problem_basis(p)->dim_E + fs_problem_basis(p)->dim_N)) return fs_fail(err, FS_EINPUT, "expected dim L > 0, found 0: there are no weights");
    for (size_t i = 0; i < o->n_times; i++)
        if (!(o->times[i] >= 0.0 && o->times[i] <= DBL_MAX && (!i || o->times[i] > o->times[i - 1])))
            return fs_fail(err, FS_EINPUT, "expected increasing times >= 0 of the path, found %g at position %zu", o->times[i], i);
    return FS_OK;
}

fs_status fs_stability_compute(fs_stability **out, const fs_problem *p, const fs_stability_options *o, fs_err *err)
{
    *out = NULL;
    FS_TRY(validate(p, o, err));
    const fs_basis *b = fs_problem_basis(p);
    double start = fs_wall_seconds();
    fs_stability *s = fs_calloc(1, sizeof *s);
    if (!s) return fs_fail(err, FS_ENOMEM, "list of stationary points");
    *s = (fs_stability){ .problem = p, .kind = o->kind, .where = o->where, .gamma = o->gamma };
    examiner x = { .p = p, .o = o, .s = s, .n = b->dim_E + b->dim_N, .E = b->dim_E, .search = o->search, .spectrum = o->spectrum };
    x.search.watch = x.spectrum.watch = o->watch;
    x.search.threads = o->threads;
    x.search.keep_limit = o->keep_limit;
    findings k = { .n_flow = 0 };
    fs_flow_kind observed = o->nominal || o->kind == FS_FLOW_NOMINAL ? FS_FLOW_NOMINAL : FS_FLOW_AUGMENTED;
    fs_flow_kind own = o->kind == FS_FLOW_NOMINAL ? FS_FLOW_NOMINAL : FS_FLOW_AUGMENTED;
    fs_status status = fs_problem_flow(&x.observer, p, observed, o->gamma, o->threads, o->keep_limit, err);
    x.own = x.observer;
    if (status == FS_OK && own != observed) status = fs_problem_flow(&x.own, p, own, o->gamma, o->threads, o->keep_limit, err);
    if (status == FS_OK) status = search_points(&x, &k, err);
    if (status == FS_OK) status = examine_all(&x, &k, err);
    if (status == FS_OK && o->n_times && !s->stopped) {
        if (!b->dim_N) snprintf(s->path.note, sizeof s->path.note, "no path: dim N = 0, nothing is transverse to E");
        else status = follow_path(&x, err);
    }
    findings_clear(&k);
    if (x.own != x.observer) fs_flow_destroy(x.own);
    fs_flow_destroy(x.observer);
    s->wall_s = fs_wall_seconds() - start;
    if (status == FS_OK) *out = s;
    else fs_stability_destroy(s);
    return status;
}

void fs_stability_destroy(fs_stability *s)
{
    if (!s) return;
    for (size_t i = 0; s->point && i < s->n_points; i++) {
        fs_stationary_destroy(s->point[i].at);
        fs_spectrum_destroy(s->point[i].spectrum);
    }
    free(s->point);
    free(s->path.t);
    free(s->path.risk);
    free(s->path.lambda_min);
    free(s->path.lambda_error);
    free(s->path.exponent);
    free(s);
}
