/* experiment/critical.c -- the gammas at which a start converges to E, beside those that the theorem says suffice
 *
 * Every start is scanned over gamma, every change of outcome between neighbours is bisected, and the ends of the last bracket are run again with
 * the other family of solvers.  Undecided runs inside a bracket are closed in on from both sides: the bracket that is reported has decided ends.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "experiment/critical.h"

#include "base/clock.h"
#include "base/norm.h"
#include "experiment/stability_private.h"
#include "integrate/trajectory.h"
#include "observe/transverse.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SCAN = 12,                  /* gammas of the automatic scan below the first one that attracts */
    PATH_NODES = 8,             /* points of E that the tube takes from each path */
    BISECTIONS = 200,
    COARSE = 3,                 /* undecided runs on the way to the end of a stretch of them */
    CONFIRMATIONS = 4           /* times a bracket may change because the other family disagrees */
};
static const double largest_gamma = 1e6, default_scale = 0.1, default_accuracy = 1e-4;

typedef struct {
    const fs_problem *p;
    const fs_critical_options *o;
    fs_critical *c;
    fs_critical_start *start;   /* the one that is being scanned */
    size_t room;                /* of its runs */
    size_t n, E;
    double accuracy;
    fs_attraction_options attraction;
    fs_watch watch;             /* puts gamma and distance before the stage */
    double gamma;               /* of the run that is under way */
    double *w0, *w_end;         /* (n) */
    double *end, *end_gamma;    /* (n_starts, n), (n_starts): rest off E at the largest gamma that escaped, start by start */
    size_t n_ends;
    int has_end;                /* of this start: the last of end */
    double **point;             /* (n_seed) points of E on the tubes of a seed so far, (n_point[i], E) */
    size_t *n_point;            /* (n_seed) */
    fs_tube_constants *widest;  /* (n_seed) what was measured on the last tube */
    const char *unmeasured;     /* why this start has no bounds, or NULL */
    char unmeasured_text[120];
} scanner;

/* Bisection knows two outcomes: away counts as escaped. */
static fs_attraction_outcome side_of(fs_attraction_outcome outcome)
{
    return outcome == FS_AWAY ? FS_ESCAPED : outcome;
}

static int forward(void *context, const char *stage, double fraction)
{
    const scanner *s = context;
    char text[160];
    snprintf(text, sizeof text, "|Y_0| = %.4g, gamma = %.6g: %.80s", s->start->distance, s->gamma, stage);
    return s->o->watch->report(s->o->watch->context, text, fraction);
}

/* --- runs ------------------------------------------------------------------------------------- */

/* Keeps the runs sorted. */
static fs_status insert(scanner *s, const fs_attraction *run, size_t *at, fs_err *err)
{
    fs_critical_start *start = s->start;
    if (start->n_runs == s->room) {
        size_t room = s->room ? 2 * s->room : 32;
        fs_attraction *more = fs_calloc(room, sizeof *more);
        if (!more) return fs_fail(err, FS_ENOMEM, "%zu runs", room);
        if (start->n_runs) memcpy(more, start->run, start->n_runs * sizeof *more);
        free(start->run);
        start->run = more;
        s->room = room;
    }
    size_t i = start->n_runs;
    while (i && start->run[i - 1].gamma > run->gamma) i--;
    memmove(start->run + i + 1, start->run + i, (start->n_runs - i) * sizeof *run);
    start->run[i] = *run;
    start->n_runs++;
    *at = i;
    return FS_OK;
}

/* Runs from w0 at gamma, or finds that run: *side, as bisection sees it.  Nothing happens once the watch has asked to stop. */
static fs_status run_at(scanner *s, double gamma, fs_attraction_outcome *side, fs_err *err)
{
    fs_attraction run;
    size_t at;
    *side = FS_ATTRACTION_UNDECIDED;
    if (s->c->stopped) return FS_OK;
    for (size_t i = 0; i < s->start->n_runs; i++) {
        const fs_attraction *r = &s->start->run[i];
        if (r->gamma < gamma || r->gamma > gamma) continue;
        *side = side_of(r->outcome);
        return FS_OK;
    }
    s->gamma = gamma;
    fs_status status = fs_attraction_decide(&run, s->p, s->w0, gamma, &s->attraction, err);
    if (status == FS_ESTOPPED) {
        s->c->stopped = 1;
        return FS_OK;
    }
    FS_TRY(status);
    *side = side_of(run.outcome);
    if (run.outcome == FS_ESCAPED && (!s->has_end || gamma > s->end_gamma[s->n_ends - 1])) {
        if (!s->has_end) s->n_ends++;
        s->has_end = 1;
        memcpy(s->end + (s->n_ends - 1) * s->n, s->w_end, s->n * sizeof *s->end);
        s->end_gamma[s->n_ends - 1] = gamma;
    }
    return insert(s, &run, &at, err);
}

/* --- the scan ------------------------------------------------------------------------------------ */

/* What gamma is measured against: |lambda_min(H_N(X_0))|. */
static fs_status scale_of(const scanner *s, double *scale, double *risk, fs_err *err)
{
    fs_flow *f = NULL;
    fs_transverse H;
    fs_flow_point p;
    double *w = fs_calloc(s->n, sizeof *w);
    fs_status status = w ? fs_problem_flow(&f, s->p, FS_FLOW_AUGMENTED, 0.0, s->o->threads, s->o->keep_limit, err) : FS_ENOMEM;
    *scale = default_scale;
    if (status != FS_OK) goto done;
    status = fs_flow_evaluate(f, s->w0, &p, NULL);
    if (status != FS_OK) goto done;
    *risk = p.risk;
    memcpy(w, s->w0, s->E * sizeof *w);
    status = fs_transverse_compute(f, w, s->o->watch, &H, NULL, err);
    if (status == FS_ENAN || status == FS_ESOLVER) {
        status = FS_OK;         /* no scale is known */
        goto done;
    }
    if (status == FS_OK && fabs(H.lambda_min) > 1e-3 * default_scale) *scale = fabs(H.lambda_min);
done:
    if (status == FS_ENOMEM || status == FS_ENAN) fs_fail(err, status, "start at distance %g: %s", s->start->distance, fs_status_text(status));
    fs_flow_destroy(f);
    free(w);
    return status;
}

/* 0, then doubling from the scale until two in a row are attracted, then evenly below the first of the two. */
static fs_status scan_by_itself(scanner *s, double scale, fs_err *err)
{
    fs_attraction_outcome outcome, before = FS_ATTRACTION_UNDECIDED;
    double first = (double)NAN, gamma = scale;
    FS_TRY(run_at(s, 0.0, &outcome, err));
    for (; gamma <= largest_gamma && !s->c->stopped; gamma *= 2.0) {
        FS_TRY(run_at(s, gamma, &outcome, err));
        if (outcome == FS_ATTRACTED && before == FS_ATTRACTED) break;
        if (outcome == FS_ATTRACTED) first = gamma;
        before = outcome;
    }
    if (isnan(first)) return FS_OK;
    for (int i = 1; i <= SCAN && !s->c->stopped; i++) FS_TRY(run_at(s, first * i / (SCAN + 1), &outcome, err));
    return FS_OK;
}

/* Halves [a, b] as long as the middle has one of the two outcomes; *undecided: the middle that had neither, or NaN. */
static fs_status halve(scanner *s, double *a, fs_attraction_outcome on_a, double *b, fs_attraction_outcome on_b, double *undecided, fs_err *err)
{
    fs_attraction_outcome outcome;
    /* an exact threshold is closed in on; where a whole stretch is undecided, its end depends on t_end and is worth a few runs */
    int left = COARSE;
    *undecided = (double)NAN;
    for (int i = 0; i < BISECTIONS && left > 0 && *b - *a > s->accuracy * *b && !s->c->stopped; i++) {
        double middle = 0.5 * (*a + *b);
        FS_TRY(run_at(s, middle, &outcome, err));
        left -= outcome == FS_ATTRACTION_UNDECIDED;
        if (outcome == on_a) *a = middle;
        else if (outcome == on_b) *b = middle;
        else {
            *undecided = middle;
            break;
        }
    }
    return FS_OK;
}

/* Between two neighbours with different decided outcomes.  An undecided middle is closed in on from both sides. */
static fs_status bisect(scanner *s, double a, fs_attraction_outcome on_a, double b, fs_attraction_outcome on_b, fs_err *err)
{
    double undecided, none;
    FS_TRY(halve(s, &a, on_a, &b, on_b, &undecided, err));
    if (isnan(undecided)) return FS_OK;
    double left = undecided, right = undecided;
    FS_TRY(halve(s, &a, on_a, &left, FS_ATTRACTION_UNDECIDED, &none, err));
    return halve(s, &right, FS_ATTRACTION_UNDECIDED, &b, on_b, &none, err);
}

/* Every change of outcome that the scan has found. */
static fs_status bisect_changes(scanner *s, fs_err *err)
{
    const fs_critical_start *start = s->start;
    size_t n = start->n_runs, last = n;
    if (!n) return FS_OK;
    fs_attraction *scan = fs_calloc(n, sizeof *scan);
    if (!scan) return fs_fail(err, FS_ENOMEM, "%zu runs", n);
    fs_status status = FS_OK;
    memcpy(scan, start->run, n * sizeof *scan);
    for (size_t i = 0; i < n && status == FS_OK; i++) {
        if (scan[i].outcome == FS_ATTRACTION_UNDECIDED) continue;
        if (last < n && side_of(scan[last].outcome) != side_of(scan[i].outcome)) {
            double a = scan[last].gamma, b = scan[i].gamma, left = scan[last + 1].gamma, right = scan[i - 1].gamma, none;
            fs_attraction_outcome on_a = side_of(scan[last].outcome), on_b = side_of(scan[i].outcome);
            if (last + 1 == i) status = bisect(s, a, on_a, b, on_b, err);
            else {              /* undecided ones lie between */
                status = halve(s, &a, on_a, &left, FS_ATTRACTION_UNDECIDED, &none, err);
                if (status == FS_OK) status = halve(s, &right, FS_ATTRACTION_UNDECIDED, &b, on_b, &none, err);
            }
        }
        last = i;
    }
    free(scan);
    return status;
}

/* The run at gamma again with the other family; disagreement makes it undecided. */
static fs_status confirm(scanner *s, double gamma, int *changed, fs_err *err)
{
    for (size_t i = 0; i < s->start->n_runs; i++) {
        fs_attraction *r = &s->start->run[i], other;
        fs_attraction_options options = s->attraction;
        if (r->gamma < gamma || r->gamma > gamma || r->confirmed) continue;
        options.method = options.method == FS_METHOD_ADAMS ? FS_METHOD_BDF : FS_METHOD_ADAMS;
        options.w_end = NULL;
        s->gamma = gamma;
        fs_status status = fs_attraction_decide(&other, s->p, s->w0, gamma, &options, err);
        if (status == FS_ESTOPPED) {
            s->c->stopped = 1;
            return FS_OK;
        }
        FS_TRY(status);
        fs_attraction_compare(r, &other);
        if (!r->confirmed) *changed = 1;
    }
    return FS_OK;
}

static int confirmed_at(const fs_critical_start *start, double gamma)
{
    for (size_t i = 0; i < start->n_runs; i++)
        if (start->run[i].gamma >= gamma && start->run[i].gamma <= gamma) return start->run[i].confirmed;
    return 0;
}

/* Intervals, bracket, confirmation of its ends. */
static fs_status conclude(scanner *s, fs_err *err)
{
    fs_critical_start *start = s->start;
    int changed = 1;
    start->good = fs_calloc(start->n_runs, sizeof *start->good);
    if (!start->good) return fs_fail(err, FS_ENOMEM, "intervals of %zu runs", start->n_runs);
    for (int i = 0; i < CONFIRMATIONS && changed && !s->c->stopped; i++) {
        changed = 0;
        fs_good_gammas(start->n_runs, start->run, &start->n_good, start->good, start->bracket, &start->monotone);
        if (isnan(start->bracket[1])) break;
        FS_TRY(confirm(s, start->bracket[1], &changed, err));
        if (start->bracket[1] > 0.0) FS_TRY(confirm(s, start->bracket[0], &changed, err));
    }
    start->decided = fs_good_gammas(start->n_runs, start->run, &start->n_good, start->good, start->bracket, &start->monotone);
    if (!confirmed_at(start, start->bracket[0]) || !confirmed_at(start, start->bracket[1])) {
        start->decided = 0;
        start->bracket[0] = start->bracket[1] = (double)NAN;
    }
    start->gamma_critical = start->bracket[1];
    return FS_OK;
}

/* One more sentence. */
static void add_note(fs_critical_start *start, const char *text)
{
    size_t used = strlen(start->note);
    snprintf(start->note + used, sizeof start->note - used, "%s%s", used ? "; " : "", text);
}

/* Why there is no critical gamma, or what to know about it. */
static void annotate(const scanner *s)
{
    fs_critical_start *start = s->start;
    const fs_attraction *last = start->n_runs ? &start->run[start->n_runs - 1] : NULL;
    int bracketed = !isnan(start->gamma_critical);
    char text[200];
    size_t undecided = 0;
    for (size_t i = 0; i < start->n_runs; i++) undecided += start->run[i].outcome == FS_ATTRACTION_UNDECIDED;
    if (s->c->stopped) {
        snprintf(text, sizeof text, "interrupted after %zu runs", start->n_runs);
        add_note(start, text);
    } else if (bracketed) {
        if (!(start->bracket[1] > 0.0)) add_note(start, "attracted at gamma = 0 already");
        else if (!start->decided) add_note(start, "the lower end was away from E at t_end, not surely escaped");
        snprintf(text, sizeof text, start->monotone ? "undecided runs lie between good gammas" : "the good gammas are not one interval: %zu were found",
                 start->n_good);
        if (start->n_good > 1 || !start->monotone) add_note(start, text);
        snprintf(text, sizeof text, "bracket wider than the accuracy %.1g asked for; undecided runs: %zu", s->accuracy, undecided);
        if (start->bracket[1] - start->bracket[0] > s->accuracy * start->bracket[1]) add_note(start, text);
    } else if (last) {
        if (last->outcome == FS_ATTRACTED) snprintf(text, sizeof text, "attracted at gamma = %.6g, but no bracket is sure (%zu undecided)", last->gamma, undecided);
        else snprintf(text, sizeof text, "not attracted up to gamma = %.6g (%s: %.120s)", last->gamma, fs_attraction_name(last->outcome), last->why);
        add_note(start, text);
    }
    if (s->unmeasured) add_note(start, s->unmeasured);
}

/* --- bounds -------------------------------------------------------------------------------------------- */

static double clipped(double gamma)
{
    return gamma > 0.0 || isnan(gamma) ? gamma : 0.0;
}

/* x parts of PATH_NODES states of the flow of this kind from w0; *count grows. */
static fs_status nodes_of(const scanner *s, fs_flow_kind kind, double gamma, double t_end, double *x, size_t *count, fs_err *err)
{
    const fs_flow_settings *settings = fs_problem_settings(s->p);
    fs_flow *f = NULL;
    fs_trajectory *T = NULL;
    fs_integrate_options options = { .t_end = t_end, .rtol = settings->rtol, .atol = settings->atol, .method = settings->method, .keep_nodes = PATH_NODES };
    fs_status status = fs_problem_flow(&f, s->p, kind, gamma, s->o->threads, s->o->keep_limit, err);
    if (status == FS_OK) status = fs_trajectory_compute(&T, f, s->w0, &options, err);
    for (size_t k = 0; status == FS_OK && k < T->n_nodes; k++) memcpy(x + (*count)++ * s->E, T->node_w + k * T->dim, s->E * sizeof *x);
    fs_trajectory_destroy(T);
    fs_flow_destroy(f);
    return status;
}

/* The points of the tube of this start: those of all smaller distances of its seed, and of this one.  Tubes of a seed are nested then. */
static fs_status tube_points(scanner *s, size_t seed, fs_err *err)
{
    const fs_critical_start *start = s->start;
    const fs_stability *eq = s->c->equilibria;
    size_t count = s->n_point[seed], width = s->E ? s->E : 1;
    int first = !count;
    double *x = fs_calloc(count + 2 * PATH_NODES + eq->n_points, width * sizeof *x), t = fs_problem_settings(s->p)->t_end;
    if (!x) return fs_fail(err, FS_ENOMEM, "points of a tube");
    if (count) memcpy(x, s->point[seed], count * width * sizeof *x);
    free(s->point[seed]);
    s->point[seed] = x;
    /* the path in E and the equilibria are those of every distance */
    fs_status status = first ? nodes_of(s, FS_FLOW_EQUIVARIANT, 0.0, t, x, &count, err) : FS_OK;
    for (size_t i = 0; first && i < eq->n_points; i++)
        /* where units are saturated to the last bit, all derivatives are 0 and nothing is known */
        if (eq->point[i].at->outcome == FS_SEARCH_FOUND && eq->point[i].spectrum->norm > 0.0) memcpy(x + count++ * s->E, eq->point[i].at->w, s->E * sizeof *x);
    s->gamma = isnan(start->gamma_critical) ? 0.0 : start->gamma_critical;
    for (size_t i = 0; i < start->n_runs && status == FS_OK; i++)
        if (start->run[i].gamma >= start->gamma_critical && start->run[i].gamma <= start->gamma_critical && start->run[i].t > 0.0)
            status = nodes_of(s, FS_FLOW_AUGMENTED, start->gamma_critical, start->run[i].t, x, &count, err);
    s->n_point[seed] = count;
    return status;
}

static double smaller(double a, double b)
{
    return b < a ? b : a;
}

/* What was found on a smaller tube of the seed lies on this one, too. */
static void keep_extremes(fs_tube_constants *k, fs_tube_constants *widest)
{
    k->hbar_min.value = smaller(k->hbar_min.value, widest->hbar_min.value);
    k->ray_min.value = smaller(k->ray_min.value, widest->ray_min.value);
    k->lambda_min.value = smaller(k->lambda_min.value, widest->lambda_min.value);
    k->M3.value = -smaller(-k->M3.value, -widest->M3.value);
    *widest = *k;
}

static fs_status measure_on_tube(scanner *s, size_t seed, fs_err *err)
{
    fs_critical_start *start = s->start;
    fs_tube *tube = NULL;
    fs_tube_constants k;
    fs_flow *f = NULL;
    FS_TRY(tube_points(s, seed, err));
    fs_tube_options options = { .seed = start->seed, .watch = s->attraction.watch, .n_points = s->n_point[seed], .x = s->point[seed] };
    fs_status status = fs_problem_flow(&f, s->p, FS_FLOW_AUGMENTED, 0.0, s->o->threads, s->o->keep_limit, err);
    if (status == FS_OK) status = fs_tube_create(&tube, f, &options, err);
    if (status == FS_OK) status = fs_tube_measure(tube, start->distance, &k, err);
    if (status == FS_OK && k.stopped) status = FS_ESTOPPED;
    if (status != FS_OK) goto done;
    if (!(fabs(k.c) <= DBL_MAX)) {
        s->unmeasured = "no bounds: an eigenvalue on the tube did not converge";
        goto done;
    }
    keep_extremes(&k, &s->widest[seed]);
    start->c = k.c;
    start->c_error = k.c_error;
    start->M3 = k.M3.value;
    start->bound.tube = clipped(-k.hbar_min.value);
    start->bound.ray = clipped(-k.ray_min.value);
    start->bound.lambda = clipped(-k.lambda_min.value);
    start->bound.bernoulli = clipped(fs_bound_bernoulli(k.c, 0.5 * k.M3.value, start->distance));
    status = fs_bound_paper_tube(tube, k.c, start->distance, start->risk_start, &start->bound.paper, &start->K, err);
    start->bound.paper = status == FS_OK ? clipped(start->bound.paper) : (double)NAN;
    if (status == FS_OK) goto done;
    start->K = (double)NAN;
done:
    fs_tube_destroy(tube);
    fs_flow_destroy(f);
    return status;
}

/* Where derivatives on the tube are not finite there are no bounds, and the scan stands all the same. */
static fs_status measure_bounds(scanner *s, size_t seed, fs_err *err)
{
    fs_err inside = { 0 };
    fs_status status = measure_on_tube(s, seed, &inside);
    if (status == FS_ESTOPPED) s->c->stopped = 1;
    else if (status == FS_ENAN || status == FS_ESOLVER) {
        snprintf(s->unmeasured_text, sizeof s->unmeasured_text, "bounds missing: %.90s", inside.text);
        s->unmeasured = s->unmeasured_text;
    } else if (status != FS_OK) {
        if (err) *err = inside;
        return status;
    }
    return FS_OK;
}

static void measure_tightness(fs_critical_start *start)
{
    if (!(start->gamma_critical > 0.0)) return;
    start->tightness.tube = start->bound.tube / start->gamma_critical;
    start->tightness.ray = start->bound.ray / start->gamma_critical;
    start->tightness.lambda = start->bound.lambda / start->gamma_critical;
    start->tightness.bernoulli = start->bound.bernoulli / start->gamma_critical;
    start->tightness.paper = start->bound.paper / start->gamma_critical;
}

/* --- one start, all starts --------------------------------------------------------------------------------- */

static fs_status scan_start(scanner *s, size_t seed, fs_err *err)
{
    fs_critical_start *start = s->start;
    const fs_critical_options *o = s->o;
    fs_attraction_outcome outcome;
    double scale;
    s->room = 0;
    s->has_end = 0;
    s->unmeasured = NULL;
    FS_TRY(fs_start_of(s->p, start->seed, o->weights, start->distance, s->w0, err));
    FS_TRY(scale_of(s, &scale, &start->risk_start, err));
    if (o->n_gamma)
        for (size_t i = 0; i < o->n_gamma && !s->c->stopped; i++) FS_TRY(run_at(s, o->gamma[i], &outcome, err));
    else
        FS_TRY(scan_by_itself(s, scale, err));
    FS_TRY(bisect_changes(s, err));
    FS_TRY(conclude(s, err));
    if (o->bounds && s->c->applies && !s->c->stopped) FS_TRY(measure_bounds(s, seed, err));
    measure_tightness(start);
    annotate(s);
    return FS_OK;
}

static fs_status scan_all(scanner *s, fs_err *err)
{
    const fs_critical_options *o = s->o;
    size_t seeds = o->weights ? 1 : o->n_seed;
    double none = (double)NAN;
    for (size_t i = 0; i < o->n_distance * seeds && !s->c->stopped; i++) {
        s->start = &s->c->start[i];
        *s->start = (fs_critical_start){ .distance = o->distance[i / seeds], .seed = o->weights ? 0 : o->seed[i % seeds], .gamma_critical = none,
                                         .bracket = { none, none }, .bound = { none, none, none, none, none }, .tightness = { none, none, none, none, none },
                                         .c = none, .c_error = none, .M3 = none, .K = none, .risk_start = none };
        s->c->n_starts = i + 1;
        FS_TRY(scan_start(s, i % seeds, err));
    }
    return FS_OK;
}

static fs_status equilibria(scanner *s, fs_err *err)
{
    const fs_critical_options *o = s->o;
    fs_critical *c = s->c;
    fs_stability_options options = { .kind = FS_FLOW_EQUIVARIANT, .where = FS_AT_STATIONARY, .n_seed = o->n_seed ? 1 : 0, .seed = o->seed, .distance = -1.0,
                                     .weights = o->weights, .starts = o->starts, .search = o->search, .threads = o->threads, .keep_limit = o->keep_limit,
                                     .watch = o->watch };
    options.spectrum.split = 1;
    FS_TRY(fs_stability_compute(&c->equilibria, s->p, &options, err));
    if (c->equilibria->stopped) c->stopped = 1;
    if (c->equilibria->n_points) c->gamma_critical = c->equilibria->point[0].gamma_critical;
    return FS_OK;
}

static fs_status thresholds(scanner *s, fs_err *err)
{
    fs_critical *c = s->c;
    fs_thresholds found;
    double largest = 0.0;
    for (size_t i = 0; i < c->n_starts; i++)
        if (c->start[i].gamma_critical > largest) largest = c->start[i].gamma_critical;
    fs_threshold_search search = { .problem = s->p, .options = s->o, .equilibria = c->equilibria, .largest = largest, .n_ends = s->n_ends, .end = s->end,
                                   .end_gamma = s->end_gamma };
    FS_TRY(fs_thresholds_compute(&found, &search, err));
    if (found.stopped) c->stopped = 1;
    c->gamma_gen = found.gen;
    c->gamma_all = found.all;
    c->gen_error = found.error;
    snprintf(c->gen_note, sizeof c->gen_note, "%s", found.note);
    return FS_OK;
}

static fs_status validate(const fs_problem *p, const fs_critical_options *o, fs_err *err)
{
    if (!fs_problem_basis(p)->dim_N) return fs_fail(err, FS_EINPUT, "expected dim N > 0, found 0: E is all of L, every flow is on it");
    if (fs_problem_parametrisation(p))
        return fs_fail(err, FS_EINPUT, "expected weights that move in orthonormal coordinates, found a model with space.parametrisation: eigenvalues of the Hessian decide nothing there");
    if (!o->n_distance) return fs_fail(err, FS_EINPUT, "expected at least one distance, found none");
    if (!o->n_seed && !o->weights) return fs_fail(err, FS_EINPUT, "expected a seed or weights to start from, found neither");
    for (size_t i = 0; i < o->n_distance; i++)
        if (!(o->distance[i] > 0.0 && o->distance[i] <= DBL_MAX && (!i || o->distance[i] > o->distance[i - 1])))
            return fs_fail(err, FS_EINPUT, "expected increasing distances > 0, found %g at position %zu", o->distance[i], i);
    for (size_t i = 0; i < o->n_gamma; i++)
        if (!(o->gamma[i] >= 0.0 && o->gamma[i] <= DBL_MAX && (!i || o->gamma[i] > o->gamma[i - 1])))
            return fs_fail(err, FS_EINPUT, "expected increasing gammas >= 0, found %g at position %zu", o->gamma[i], i);
    if (!(o->accuracy >= 0.0 && o->accuracy < 1.0))
        return fs_fail(err, FS_EINPUT, "expected an accuracy in (0, 1), or 0 for %g, found %g", default_accuracy, o->accuracy);
    return FS_OK;
}

static fs_status scanner_create(scanner *s, fs_err *err)
{
    size_t seeds = s->o->weights ? 1 : s->o->n_seed, starts = s->o->n_distance * seeds;
    s->w0 = fs_calloc(s->n, sizeof *s->w0);
    s->w_end = fs_calloc(s->n, sizeof *s->w_end);
    s->end = fs_calloc(starts, s->n * sizeof *s->end);
    s->end_gamma = fs_calloc(starts, sizeof *s->end_gamma);
    s->c->start = fs_calloc(starts, sizeof *s->c->start);
    s->point = fs_calloc(seeds, sizeof *s->point);
    s->n_point = fs_calloc(seeds, sizeof *s->n_point);
    s->widest = fs_calloc(seeds, sizeof *s->widest);
    if (!s->w0 || !s->w_end || !s->end || !s->end_gamma || !s->c->start || !s->point || !s->n_point || !s->widest)
        return fs_fail(err, FS_ENOMEM, "%zu starts of dimension %zu", starts, s->n);
    for (size_t i = 0; i < seeds; i++)
        s->widest[i] = (fs_tube_constants){ .hbar_min.value = DBL_MAX, .ray_min.value = DBL_MAX, .lambda_min.value = DBL_MAX };
    s->watch = (fs_watch){ forward, s };
    s->attraction = s->o->attraction;
    s->attraction.second = 0;
    s->attraction.w_end = s->w_end;
    s->attraction.threads = s->o->threads;
    s->attraction.keep_limit = s->o->keep_limit;
    s->attraction.watch = s->o->watch && s->o->watch->report ? &s->watch : NULL;
    return FS_OK;
}

static void scanner_clear(scanner *s)
{
    for (size_t i = 0; s->point && i < (s->o->weights ? 1 : s->o->n_seed); i++) free(s->point[i]);
    free(s->point);
    free(s->n_point);
    free(s->widest);
    free(s->w0);
    free(s->w_end);
    free(s->end);
    free(s->end_gamma);
}

fs_status fs_critical_compute(fs_critical **out, const fs_problem *p, const fs_critical_options *o, fs_err *err)
{
    *out = NULL;
    FS_TRY(validate(p, o, err));
    const fs_basis *b = fs_problem_basis(p);
    const char *missing = fs_remark_2_fails(p);
    double begin = fs_wall_seconds(), none = (double)NAN;
    fs_critical *c = fs_calloc(1, sizeof *c);
    if (!c) return fs_fail(err, FS_ENOMEM, "critical gammas");
    *c = (fs_critical){ .problem = p, .gamma_critical = none, .gamma_gen = none, .gamma_all = none, .gen_error = none, .applies = !missing };
    if (missing) snprintf(c->because, sizeof c->because, "%.239s", missing);
    scanner s = { .p = p, .o = o, .c = c, .n = b->dim_E + b->dim_N, .E = b->dim_E, .accuracy = o->accuracy > 0.0 ? o->accuracy : default_accuracy };
    fs_status status = scanner_create(&s, err);
    if (status == FS_OK) status = equilibria(&s, err);
    if (status == FS_OK && !c->stopped) status = scan_all(&s, err);
    if (status == FS_OK && o->starts && !c->stopped) status = thresholds(&s, err);
    scanner_clear(&s);
    c->wall_s = fs_wall_seconds() - begin;
    if (status == FS_OK) *out = c;
    else fs_critical_destroy(c);
    return status;
}

void fs_critical_destroy(fs_critical *c)
{
    if (!c) return;
    for (size_t i = 0; c->start && i < c->n_starts; i++) {
        free(c->start[i].run);
        free(c->start[i].good);
    }
    free(c->start);
    fs_stability_destroy(c->equilibria);
    free(c);
}
