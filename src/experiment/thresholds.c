/* experiment/thresholds.c -- beyond which gamma almost every start, or every start, converges to E
 *
 *   gamma_gen = max over minima on E of -lambda_min(H_N), and over attractors off E of the gamma at which they end or lose stability
 *   gamma_all = the same over all equilibria
 *
 * Equilibria off E come from Newton searches at several gammas and from where escaped runs ended; each is followed to larger gammas, by Newton
 * from the last one with steps that grow and are halved where it fails: a fold, or |Y| -> 0.  A zero counts as off E only where it is told from E.
 *
 * A continuum of equilibria is seen at the points that were found, and flows in E that come to no finite minimum leave the minima unknown: what is found are lower
 * bounds then.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/norm.h"
#include "experiment/branch.h"
#include "experiment/stability_private.h"
#include "observe/transverse.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAMILIES = 64, MOST_STEPS = 400 };
static const double precision = 1e-9;       /* steps in gamma end here, relative to 1 + gamma */
static const double largest_gamma = 1e6;
static const double touching = 1e-6;        /* |Y| relative to 1 + |w|: on E */

typedef struct {
    const fs_threshold_search *k;
    fs_thresholds *out;
    size_t n, E;
    int settles;                            /* flows in E come to rest at points that are known */
    fs_branch_tracer trace;
    char gen_text[140], all_text[140];
    const char *gen_least, *all_least;      /* why the thresholds are lower bounds only, or NULL */
} climber;

/* What is above what is known by more than its error: an equilibrium off E that joins E is counted there.  A lower bound has an infinite error. */
static int is_above(double gamma, double error, double known)
{
    return gamma > known + (isfinite(error) ? error : 0.0);
}

static void raise_gen(climber *c, double gamma, double error, const char *text)
{
    if (!is_above(gamma, error, c->out->gen)) return;
    c->out->gen = gamma;
    c->out->error = error;
    snprintf(c->gen_text, sizeof c->gen_text, "%.139s", text);
}

static void raise_all(climber *c, double gamma, double error, const char *text)
{
    if (!is_above(gamma, error, c->out->all)) return;
    c->out->all = gamma;
    snprintf(c->all_text, sizeof c->all_text, "%.139s", text);
}

/* The first reason stays. */
static void only_at_least(const char **least, const char *reason)
{
    if (!*least) *least = reason;
}

/* a attracts, b does not: where between them it ends; a and b are spent. */
static fs_status bisect_stability(climber *c, fs_branch_node *a, fs_branch_node *b, fs_err *err)
{
    char text[140];
    while (b->gamma - a->gamma > precision * (1.0 + b->gamma) && !c->trace.stopped) {
        double middle = 0.5 * (a->gamma + b->gamma);
        int found;
        fs_branch_node m = { .w = fs_calloc(c->n, sizeof *m.w) };
        if (!m.w) return fs_fail(err, FS_ENOMEM, "state of dimension %zu", c->n);
        fs_status status = fs_branch_step(&c->trace, a, middle, &m, &found, err);
        if (status == FS_OK && found) {
            fs_branch_node *end = fs_branch_attracts(&m) ? a : b;
            double *w = end->w;
            memcpy(w, m.w, c->n * sizeof *w);
            free(m.w);
            m.w = w;
            *end = m;
            continue;
        }
        free(m.w);
        if (status != FS_OK) return status;
        break;
    }
    snprintf(text, sizeof text, "an attractor off E, |Y| = %.6g, that loses stability at gamma = %.9g", a->distance, a->gamma);
    raise_gen(c, 0.5 * (a->gamma + b->gamma), 0.5 * (b->gamma - a->gamma), text);
    return FS_OK;
}

/* *at attracts, *next does not. */
static fs_status loses_stability(climber *c, const fs_branch_node *at, const fs_branch_node *next, fs_err *err)
{
    fs_branch_node a = *at, b = *next;
    a.w = fs_calloc(c->n, 2 * sizeof *a.w);
    if (!a.w) return fs_fail(err, FS_ENOMEM, "state of dimension %zu", c->n);
    b.w = a.w + c->n;
    memcpy(a.w, at->w, c->n * sizeof *a.w);
    memcpy(b.w, next->w, c->n * sizeof *b.w);
    double *both = a.w;
    fs_status status = bisect_stability(c, &a, &b, err);
    free(both);
    return status;
}

/* *at is the last of its branch: no step longer than h leads on.  Next to E equilibria are not told from it: the branch is taken to end at the gamma at which E
 * becomes attracting, and the way there belongs to the error. */
static fs_status branch_ends(climber *c, const fs_branch_node *at, double h, fs_err *err)
{
    char text[140];
    int joins = fs_branch_is_beside_E(&c->trace, at);
    double error = h;
    if (joins) {
        fs_flow *f = NULL;
        fs_transverse H = { .lambda_min = (double)NAN };
        memcpy(c->trace.next, at->w, c->n * sizeof *c->trace.next);
        memset(c->trace.next + c->E, 0, (c->n - c->E) * sizeof *c->trace.next);
        fs_status status = fs_problem_flow(&f, c->k->problem, FS_FLOW_AUGMENTED, 0.0, c->k->options->threads, c->k->options->keep_limit, err);
        if (status == FS_OK) status = fs_transverse_compute(f, c->trace.next, NULL, &H, NULL, err);
        fs_flow_destroy(f);
        if (status != FS_OK && status != FS_ENAN && status != FS_ESOLVER) return status;
        double way = fabs(H.lambda_min + at->gamma);
        error = status == FS_OK && isfinite(way) ? h + way : (double)INFINITY;
    }
    const char *how = joins ? "joins E" : "ends in a fold";
    if (fs_branch_attracts(at)) {
        snprintf(text, sizeof text, "an attractor off E that %s at gamma = %.9g, |Y| = %.4g", how, at->gamma, at->distance);
        raise_gen(c, at->gamma + h, error, text);
    }
    snprintf(text, sizeof text, "an equilibrium off E that %s at gamma = %.9g, |Y| = %.4g", how, at->gamma, at->distance);
    raise_all(c, at->gamma + h, error, text);
    return FS_OK;
}

/* *at was followed no farther, and goes on. */
static void branch_left(climber *c, const fs_branch_node *at)
{
    static const char reason[] = "an equilibrium off E was followed no farther";
    char text[140];
    double unknown = (double)INFINITY;
    if (fs_branch_attracts(at)) {
        snprintf(text, sizeof text, "an attractor off E that is still there at gamma = %.9g, |Y| = %.4g", at->gamma, at->distance);
        raise_gen(c, at->gamma, unknown, text);
        only_at_least(&c->gen_least, reason);
    }
    snprintf(text, sizeof text, "an equilibrium off E that is still there at gamma = %.9g, |Y| = %.4g", at->gamma, at->distance);
    raise_all(c, at->gamma, unknown, text);
    only_at_least(&c->all_least, reason);
}

/* Follows the equilibrium *at to larger gammas as far as it goes; at->w is overwritten. */
static fs_status climb(climber *c, fs_branch_node *at, fs_err *err)
{
    double h = 0.02 * (1.0 + at->gamma);
    fs_branch_node next = { .w = fs_calloc(c->n, sizeof *next.w) };
    fs_status status = next.w ? FS_OK : fs_fail(err, FS_ENOMEM, "state of dimension %zu", c->n);
    for (long step = 0; status == FS_OK && step < MOST_STEPS && at->gamma < largest_gamma && !c->trace.stopped; step++) {
        int found;
        if (!(h > precision * (1.0 + at->gamma))) break;
        if (fs_watch_report(c->k->options->watch, "following an equilibrium off E", -1.0) != FS_OK) c->trace.stopped = 1;
        status = fs_branch_step(&c->trace, at, at->gamma + h, &next, &found, err);
        if (status != FS_OK) break;
        if (!found) {
            h *= 0.5;
            continue;
        }
        if (fs_branch_attracts(at) && !fs_branch_attracts(&next)) status = loses_stability(c, at, &next, err);
        double *w = at->w;
        *at = next;
        next.w = w;
        h *= 1.5;
    }
    free(next.w);
    if (status != FS_OK) return status;
    /* h is small after a failed step only: that was twice what is left */
    if (!(h > precision * (1.0 + at->gamma)) && !c->trace.stopped) return branch_ends(c, at, h, err);
    branch_left(c, at);
    return FS_OK;
}

/* Whether an equilibrium like it is among the n seen at this gamma. */
static int seen_before(size_t n, const fs_branch_node *seen, const fs_branch_node *node)
{
    for (size_t i = 0; i < n; i++)
        if (fs_branch_alike(&seen[i], node)) return 1;
    return 0;
}

/* Climbs from w at gamma unless w is on E or was seen. */
static fs_status climb_from(climber *c, const double *w, double gamma, size_t *n_seen, fs_branch_node *seen, fs_err *err)
{
    int found;
    fs_branch_node at = { .w = fs_calloc(c->n, sizeof *at.w) };
    if (!at.w) return fs_fail(err, FS_ENOMEM, "state of dimension %zu", c->n);
    fs_status status = fs_branch_stand(&c->trace, w, gamma, &at, &found, err);
    if (status == FS_OK && found && *n_seen < FAMILIES && !seen_before(*n_seen, seen, &at)) {
        seen[*n_seen] = at;
        seen[*n_seen].w = NULL;
        (*n_seen)++;
        status = climb(c, &at, err);
    }
    free(at.w);
    return status;
}

/* All equilibria off E that Newton finds at gamma. */
static fs_status search_at(climber *c, double gamma, fs_err *err)
{
    const fs_critical_options *o = c->k->options;
    fs_branch_node seen[FAMILIES];
    size_t n_seen = 0;
    fs_stationary_set set = { 0 };
    fs_stationary_options search = o->search;
    search.watch = o->watch;
    search.threads = o->threads;
    search.keep_limit = o->keep_limit;
    fs_status status = fs_stationary_search(&set, c->k->problem, FS_FLOW_AUGMENTED, gamma, o->starts, o->n_seed ? o->seed[0] : 1, &search, err);
    if (set.stopped) c->trace.stopped = 1;
    if (status == FS_ENAN || status == FS_ESOLVER) {
        only_at_least(&c->all_least, "a search for equilibria off E failed");
        only_at_least(&c->gen_least, c->all_least);
        status = FS_OK;
    }
    for (size_t i = 0; status == FS_OK && i < set.count && !c->trace.stopped; i++)
        if (set.point[i]->distance > touching * (1.0 + set.point[i]->size)) status = climb_from(c, set.point[i]->w, gamma, &n_seen, seen, err);
    fs_stationary_set_clear(&set);
    return status;
}

/* The equilibria of E: only -lambda_min(H_N) counts. */
static void count_equilibria_of_E(climber *c)
{
    char text[140];
    const fs_stability *equilibria = c->k->equilibria;
    c->settles = !c->E || (equilibria->n_points && equilibria->point[0].at->outcome == FS_SEARCH_FOUND);
    if (!c->settles) only_at_least(&c->all_least, "the flow in E came to no finite minimum");
    for (size_t i = 0; i < equilibria->n_points; i++) {
        const fs_stability_point *point = &equilibria->point[i];
        if (point->at->outcome != FS_SEARCH_FOUND || isnan(point->gamma_critical)) continue;
        snprintf(text, sizeof text, "the %s on E of risk %.6g, which repels below gamma = %.9g",
                 point->on_E == FS_POINT_DEGENERATE ? "degenerate point" : point->on_E == FS_POINT_UNKNOWN ? "point" : fs_point_name(point->on_E), point->at->risk,
                 point->gamma_critical);
        int rests = point->on_E == FS_POINT_MINIMUM || point->on_E == FS_POINT_DEGENERATE || !c->E;
        /* what softmax does not see changes nothing else, either */
        const char *reason = !isfinite(point->gamma_error) ? "an eigenvalue on E is known as a bound only"
                           : point->E.undecided > point->flat_E.softmax ? rests ? "a minimum on E is one of a continuum" : "an equilibrium on E is one of a continuum"
                                                                        : NULL;
        if (rests) raise_gen(c, point->gamma_critical, point->gamma_error, text);
        raise_all(c, point->gamma_critical, point->gamma_error, text);
        if (reason && rests) only_at_least(&c->gen_least, reason);
        if (reason) only_at_least(&c->all_least, reason);
    }
}

/* What set a threshold, and why it is a lower bound only. */
static void say(char *to, size_t size, const char *least, const char *text)
{
    const char *what = text[0] ? text : "nothing found that needs gamma > 0";
    if (least) snprintf(to, size, "at least (%s): %s", least, what);
    else snprintf(to, size, "%s", what);
}

/* Almost every start ends at minima: where the flow in E came to none, nothing is known about it. */
static void describe(climber *c)
{
    fs_thresholds *out = c->out;
    char gen[200], all[200];
    if (c->gen_least) only_at_least(&c->all_least, c->gen_least);
    if (c->gen_least || !c->settles) out->error = (double)INFINITY;
    if (!c->settles) out->gen = (double)NAN;
    if (!c->settles) snprintf(gen, sizeof gen, "not known, the flow in E came to no finite minimum");
    else say(gen, sizeof gen, c->gen_least, c->gen_text);
    say(all, sizeof all, c->all_least, c->all_text);
    snprintf(out->note, sizeof out->note, "almost every start: %s; every start: %s%s", gen, all, out->stopped ? "; stopped" : "");
}

fs_status fs_thresholds_compute(fs_thresholds *out, const fs_threshold_search *k, fs_err *err)
{
    static const double part[] = { 1.5, 1.05, 0.95, 0.6, 0.3, 0.1, 1e-3 };
    enum { PARTS = sizeof part / sizeof *part };
    const fs_basis *b = fs_problem_basis(k->problem);
    double none = (double)NAN;
    *out = (fs_thresholds){ 0 };
    climber c = { .k = k, .out = out, .n = b->dim_E + b->dim_N, .E = b->dim_E };
    if (c.n > FS_STABILITY_DENSE_LIMIT) {
        *out = (fs_thresholds){ .gen = none, .all = none, .error = none };
        snprintf(out->note, sizeof out->note, "not looked for: all equilibria are looked for up to dim L = %d, and this is %zu", FS_STABILITY_DENSE_LIMIT, c.n);
        return FS_OK;
    }
    fs_status status = fs_branch_begin(&c.trace, k->problem, k->options->threads, k->options->keep_limit, k->options->watch, err);
    if (status == FS_OK) count_equilibria_of_E(&c);
    for (size_t i = 0; status == FS_OK && i < k->n_ends && !c.trace.stopped; i++) {
        size_t n_seen = 0;
        fs_branch_node seen[FAMILIES];
        status = climb_from(&c, k->end + i * c.n, k->end_gamma[i], &n_seen, seen, err);
    }
    double known = out->all > k->largest ? out->all : k->largest;
    if (!(known > 0.0)) known = 1.0;
    for (size_t i = 0; status == FS_OK && i < PARTS && !c.trace.stopped; i++) status = search_at(&c, part[i] * known, err);
    out->stopped = c.trace.stopped;
    describe(&c);
    fs_branch_end(&c.trace);
    return status;
}
