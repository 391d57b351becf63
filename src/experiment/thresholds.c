/* experiment/thresholds.c -- beyond which gamma almost every start, or every start, converges to E
 *
 *   gamma_gen = max over minima on E of -lambda_min(H_N), and over attractors off E of the gamma at which they end or lose stability
 *   gamma_all = the same over all equilibria
 *
 * Equilibria off E come from Newton searches at several gammas and from where escaped runs ended; each is followed to larger gammas, by Newton
 * from the last one with steps that grow and are halved where it fails: a fold, or |Y| -> 0.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/norm.h"
#include "experiment/stability_private.h"
#include "integrate/newton.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAMILIES = 64, MOST_STEPS = 400 };
static const double precision = 1e-9;       /* steps in gamma end here, relative to 1 + gamma */
static const double largest_gamma = 1e6;
static const double leap = 0.3;             /* of |Y|: a longer way from one gamma to the next is another branch */
static const double touching = 1e-6;        /* |Y| relative to 1 + |w|: on E */
static const double flat = 1e-10;           /* eigenvalues above -flat |H| do not unmake an attractor */

typedef struct {
    const fs_threshold_search *k;
    fs_thresholds *out;
    size_t n, E;
    int settles;                            /* flows in E come to rest at points that are known */
    double *next, *H, *value;               /* (n), (n, n), (n) */
    char gen_text[140], all_text[140];
} climber;

/* One equilibrium at one gamma. */
typedef struct {
    double gamma, distance, objective;
    double lowest;                          /* eigenvalue of Hess S, relative to |H|_F */
    double *w;
} stand;

static fs_status flow_at(const climber *c, double gamma, fs_flow **f, fs_err *err)
{
    return fs_problem_flow(f, c->k->problem, FS_FLOW_AUGMENTED, gamma, c->k->options->threads, c->k->options->keep_limit, err);
}

/* The equilibrium at gamma next to `from`: *found, and then in *to (whose w is overwritten only then; it may be that of from). */
static fs_status step_to(climber *c, const stand *from, double gamma, stand *to, int *found, fs_err *err)
{
    fs_flow *f = NULL;
    fs_newton newton;
    fs_newton_options options = { .max_iterations = 40, .radius = 1.0 + fs_norm(c->n, from->w), .watch = c->k->options->watch };
    fs_flow_point p;
    *found = 0;
    memcpy(c->next, from->w, c->n * sizeof *c->next);
    fs_status status = flow_at(c, gamma, &f, err);
    if (status == FS_OK) status = fs_newton_solve(&newton, f, c->next, &options, err);
    if (status != FS_OK) goto done;
    if (newton.stopped) c->out->stopped = 1;
    double distance = fs_norm(c->n - c->E, c->next + c->E);
    int same = newton.converged && fs_frobenius(c->n, c->next, from->w) <= leap * from->distance &&
               distance > touching * (1.0 + fs_norm(c->n, c->next));
    if (!same) goto done;
    status = fs_objective_hessian(f, c->next, c->H, err);
    if (status != FS_OK) goto done;
    double norm = fs_frobenius(c->n * c->n, c->H, NULL);
    status = fs_symmetric_eigen(c->n, c->H, c->value, err);
    if (status != FS_OK) goto done;
    if (fs_flow_evaluate(f, c->next, &p, NULL) != FS_OK) goto done;
    to->gamma = gamma;
    to->distance = distance;
    to->objective = p.objective;
    to->lowest = norm > 0.0 ? c->value[0] / norm : 0.0;
    memcpy(to->w, c->next, c->n * sizeof *to->w);
    *found = 1;
done:
    fs_flow_destroy(f);
    /* a place where nothing is finite is no equilibrium */
    return status == FS_ENAN ? FS_OK : status;
}

static int attracts(const stand *s)
{
    return s->lowest >= -flat;
}

/* What is above what is known by more than its error: an equilibrium off E that joins E is counted there. */
static void raise_gen(climber *c, double gamma, double error, const char *text)
{
    if (!(gamma > c->out->gen + error)) return;
    c->out->gen = gamma;
    c->out->error = error;
    snprintf(c->gen_text, sizeof c->gen_text, "%.139s", text);
}

static void raise_all(climber *c, double gamma, double error, const char *text)
{
    if (!(gamma > c->out->all + error)) return;
    c->out->all = gamma;
    snprintf(c->all_text, sizeof c->all_text, "%.139s", text);
}

/* a attracts, b does not: where between them it ends; a and b are spent. */
static fs_status bisect_stability(climber *c, stand *a, stand *b, fs_err *err)
{
    char text[140];
    while (b->gamma - a->gamma > precision * (1.0 + b->gamma) && !c->out->stopped) {
        double middle = 0.5 * (a->gamma + b->gamma);
        int found;
        stand m = { .w = fs_calloc(c->n, sizeof *m.w) };
        if (!m.w) return fs_fail(err, FS_ENOMEM, "state of dimension %zu", c->n);
        fs_status status = step_to(c, a, middle, &m, &found, err);
        if (status == FS_OK && found) {
            stand *end = attracts(&m) ? a : b;
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

/* Follows the equilibrium *at to larger gammas as far as it goes; at->w is overwritten. */
static fs_status climb(climber *c, stand *at, fs_err *err)
{
    char text[140];
    double h = 0.02 * (1.0 + at->gamma);
    stand next = { .w = fs_calloc(c->n, sizeof *next.w) };
    fs_status status = next.w ? FS_OK : fs_fail(err, FS_ENOMEM, "state of dimension %zu", c->n);
    for (long step = 0; status == FS_OK && step < MOST_STEPS && !c->out->stopped; step++) {
        int found;
        if (!(h > precision * (1.0 + at->gamma)) || !(at->gamma < largest_gamma)) break;
        if (fs_watch_report(c->k->options->watch, "following an equilibrium off E", -1.0) != FS_OK) c->out->stopped = 1;
        status = step_to(c, at, at->gamma + h, &next, &found, err);
        if (status != FS_OK) break;
        if (!found) {
            h *= 0.5;
            continue;
        }
        if (attracts(at) && !attracts(&next)) {
            stand a = *at, b = next;
            a.w = fs_calloc(c->n, 2 * sizeof *a.w);
            if (!a.w) {
                status = fs_fail(err, FS_ENOMEM, "state of dimension %zu", c->n);
                break;
            }
            b.w = a.w + c->n;
            memcpy(a.w, at->w, c->n * sizeof *a.w);
            memcpy(b.w, next.w, c->n * sizeof *b.w);
            status = bisect_stability(c, &a, &b, err);
            free(a.w);
        }
        double *w = at->w;
        *at = next;
        next.w = w;
        h *= 1.5;
    }
    free(next.w);
    if (status != FS_OK) return status;
    /* the last step that failed is twice what is left */
    const char *how = at->distance > 1e-3 * (1.0 + fs_norm(c->n, at->w)) ? "that ends in a fold" : "that joins E";
    if (attracts(at)) {
        snprintf(text, sizeof text, "an attractor off E %s at gamma = %.9g, |Y| = %.4g", how, at->gamma, at->distance);
        raise_gen(c, at->gamma + h, h, text);
    }
    snprintf(text, sizeof text, "an equilibrium off E %s at gamma = %.9g, |Y| = %.4g", how, at->gamma, at->distance);
    raise_all(c, at->gamma + h, h, text);
    return FS_OK;
}

/* Whether an equilibrium like s (its image under the group looks the same) is among the n seen at this gamma. */
static int seen_before(size_t n, const stand *seen, const stand *s)
{
    for (size_t i = 0; i < n; i++)
        if (fabs(seen[i].distance - s->distance) <= 1e-7 * (1.0 + s->distance) && fabs(seen[i].lowest - s->lowest) <= 1e-7 &&
            fabs(seen[i].objective - s->objective) <= 1e-9 * (1.0 + fabs(s->objective)))
            return 1;
    return 0;
}

/* Climbs from w at gamma unless w is on E or was seen. */
static fs_status climb_from(climber *c, const double *w, double gamma, size_t *n_seen, stand *seen, fs_err *err)
{
    int found;
    stand at = { .w = fs_calloc(c->n, sizeof *at.w) };
    if (!at.w) return fs_fail(err, FS_ENOMEM, "state of dimension %zu", c->n);
    memcpy(at.w, w, c->n * sizeof *w);
    at.distance = fs_norm(c->n - c->E, w + c->E);
    fs_status status = step_to(c, &at, gamma, &at, &found, err);
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
    stand seen[FAMILIES];
    size_t n_seen = 0;
    fs_stationary_set set = { 0 };
    fs_stationary_options search = o->search;
    search.watch = o->watch;
    search.threads = o->threads;
    search.keep_limit = o->keep_limit;
    fs_status status = fs_stationary_search(&set, c->k->problem, FS_FLOW_AUGMENTED, gamma, o->starts, o->n_seed ? o->seed[0] : 1, &search, err);
    if (set.stopped) c->out->stopped = 1;
    for (size_t i = 0; status == FS_OK && i < set.count && !c->out->stopped; i++)
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
    for (size_t i = 0; i < equilibria->n_points; i++) {
        const fs_stability_point *point = &equilibria->point[i];
        if (point->at->outcome != FS_SEARCH_FOUND || isnan(point->gamma_critical)) continue;
        snprintf(text, sizeof text, "the %s on E of risk %.6g, which repels below gamma = %.9g",
                 point->on_E == FS_POINT_DEGENERATE ? "degenerate point" : point->on_E == FS_POINT_UNKNOWN ? "point" : fs_point_name(point->on_E), point->at->risk,
                 point->gamma_critical);
        int rests = point->on_E == FS_POINT_MINIMUM || point->on_E == FS_POINT_DEGENERATE || !c->E;
        if (rests) raise_gen(c, point->gamma_critical, point->gamma_error, text);
        raise_all(c, point->gamma_critical, point->gamma_error, text);
    }
}

fs_status fs_thresholds_compute(fs_thresholds *out, const fs_threshold_search *k, fs_err *err)
{
    static const double part[] = { 1.5, 1.05, 0.95, 0.6, 0.3, 0.1, 1e-3 };
    enum { PARTS = sizeof part / sizeof *part };
    const fs_basis *b = fs_problem_basis(k->problem);
    *out = (fs_thresholds){ 0 };
    climber c = { .k = k, .out = out, .n = b->dim_E + b->dim_N, .E = b->dim_E };
    if (c.n > FS_STABILITY_DENSE_LIMIT)
        return fs_fail(err, FS_EINPUT, "expected dim L <= %d to look for all equilibria, found %zu", FS_STABILITY_DENSE_LIMIT, c.n);
    c.next = fs_calloc(c.n, sizeof *c.next);
    c.H = fs_calloc(c.n, c.n * sizeof *c.H);
    c.value = fs_calloc(c.n, sizeof *c.value);
    fs_status status = c.next && c.H && c.value ? FS_OK : fs_fail(err, FS_ENOMEM, "equilibria off E in dimension %zu", c.n);
    if (status == FS_OK) count_equilibria_of_E(&c);
    for (size_t i = 0; status == FS_OK && i < k->n_ends && !out->stopped; i++) {
        size_t n_seen = 0;
        stand seen[FAMILIES];
        status = climb_from(&c, k->end + i * c.n, k->end_gamma[i], &n_seen, seen, err);
    }
    double known = out->all > k->largest ? out->all : k->largest;
    if (!(known > 0.0)) known = 1.0;
    for (size_t i = 0; status == FS_OK && i < PARTS && !out->stopped; i++) status = search_at(&c, part[i] * known, err);
    /* almost every start ends at minima: where the flow in E came to none, nothing is known about it */
    if (!c.settles) out->gen = (double)NAN;
    snprintf(out->note, sizeof out->note, "almost every start: %.120s; every start: %.120s%s",
             !c.settles ? "not known, the flow in E came to no finite minimum" : c.gen_text[0] ? c.gen_text : "nothing found that needs gamma > 0", c.all_text[0] ? c.all_text : "nothing found that needs gamma > 0",
             out->stopped ? "; stopped" : "");
    free(c.next);
    free(c.H);
    free(c.value);
    return status;
}
