/* experiment/phase_paths.c -- starts, gammas and paths of a phase portrait
 *
 *   gamma* of the first start: panels at 0, gamma* / 2, 2 gamma*: the same start leaves E in one and is attracted in the other    [NF25, Figure 1, Theorem 3]
 *
 * A path is projected onto the plane; sum |P dw|^2 / |dw| over sum |dw|, dw its steps, is the part of the motion that the plane shows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/norm.h"
#include "experiment/phase_private.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_NODES = 600, PATH_NODES_LEAST = 32 };
static const double path_memory = 3.3e7;        /* states of all paths together, in numbers */
static const double path_rtol = 1e-8;           /* at most: a polyline through the steps must look smooth */
static const double path_rtol_large = 1e-6;     /* the same where a step costs much */
static const double other_gamma = 1.0;          /* where neither gamma* nor the model gives one */

/* --- starts ----------------------------------------------------------------------------------------- */

fs_status fs_phase_starts(fs_portrait *k, fs_err *err)
{
    const fs_phase_options *o = k->o;
    size_t distances = o->n_distance ? o->n_distance : 1, seeds = o->weights ? 1 : o->n_seed;
    k->start = fs_calloc(distances, seeds * k->n * sizeof *k->start);
    k->distance = fs_calloc(distances, seeds * sizeof *k->distance);
    k->seed = fs_calloc(distances, seeds * sizeof *k->seed);
    if (!k->start || !k->distance || !k->seed) return fs_fail(err, FS_ENOMEM, "%zu starts of dimension %zu", distances * seeds, k->n);
    for (size_t i = 0; i < distances * seeds; i++) {
        double *w = k->start + i * k->n;
        k->seed[i] = o->weights ? 0 : o->seed[i % seeds];
        FS_TRY(fs_start_of(k->p, k->seed[i], o->weights, o->n_distance ? o->distance[i / seeds] : -1.0, w, err));
        k->distance[i] = fs_norm(k->n - k->E, w + k->E);
        k->n_starts = i + 1;
    }
    return FS_OK;
}

/* --- gammas ------------------------------------------------------------------------------------------- */

/* Two significant digits. */
static double rounded(double x)
{
    double digits = 1.0 - floor(log10(x)), unit = pow(10.0, fabs(digits));
    return digits >= 0.0 ? round(x * unit) / unit : round(x / unit) * unit;
}

static fs_status set_panels(fs_portrait *k, size_t n, const double *gamma, fs_err *err)
{
    k->phase->panel = fs_calloc(n, sizeof *k->phase->panel);
    if (!k->phase->panel) return fs_fail(err, FS_ENOMEM, "%zu panels", n);
    for (size_t i = 0; i < n; i++) k->phase->panel[i].gamma = gamma[i];
    k->phase->n_panels = n;
    return FS_OK;
}

/* Why gamma* of the first start is not asked for, or NULL. */
static const char *why_not_critical(const fs_portrait *k)
{
    if (k->o->kind != FS_FLOW_AUGMENTED) return "gamma* is of the augmented flow";
    if (k->n > 2) return "gamma* is computed for two-parameter models only (flowsim critical)";
    if (fs_problem_parametrisation(k->p)) return "gamma* is not computed where the weights move in other than orthonormal coordinates";
    if (!(k->distance[0] > 0.0)) return "the first start is on E";
    return NULL;
}

/* gamma* of the first start, NaN where it is not known; *decided, else text says why not. */
static fs_status critical_of_start(const fs_portrait *k, double *gamma, int *decided, char *text, size_t size, fs_err *err)
{
    const fs_phase_options *o = k->o;
    fs_critical *c = NULL;
    fs_critical_options options = { .n_distance = 1, .distance = k->distance, .n_seed = o->weights ? 0 : 1, .seed = k->seed, .weights = o->weights,
                                    .threads = k->threads, .keep_limit = o->keep_limit, .watch = o->watch };
    options.attraction.solver = o->solver;
    options.attraction.method = o->method;
    *gamma = (double)NAN;
    FS_TRY(fs_critical_compute(&c, k->p, &options, err));
    fs_status status = c->stopped ? fs_fail(err, FS_ESTOPPED, "stopped while gamma* of the first start was computed") : FS_OK;
    const fs_critical_start *start = status == FS_OK && c->n_starts ? &c->start[0] : NULL;
    if (start) *gamma = start->gamma_critical;
    *decided = start && start->decided;
    if (start && !start->decided) snprintf(text, size, "gamma* of the first start is not decided: %.100s", start->note);
    fs_critical_destroy(c);
    return status;
}

fs_status fs_phase_gammas(fs_portrait *k, fs_err *err)
{
    fs_phase *phase = k->phase;
    double model = fs_problem_settings(k->p)->gamma, star = (double)NAN, gamma[3] = { 0.0 };
    char reason[200] = "";
    int decided = 0;
    size_t n = 1;
    phase->gamma_critical = (double)NAN;
    if (k->o->n_gamma) return set_panels(k, k->o->n_gamma, k->o->gamma, err);
    phase->chosen = 1;
    if (k->n == k->E) {
        snprintf(phase->gamma_text, sizeof phase->gamma_text, "dim N = 0: gamma acts on nothing");
        return set_panels(k, 1, gamma, err);
    }
    const char *missing = why_not_critical(k);
    if (missing) snprintf(reason, sizeof reason, "%s", missing);
    else FS_TRY(critical_of_start(k, &star, &decided, reason, sizeof reason, err));
    if (decided) phase->gamma_critical = star;
    if (star > 0.0) {
        gamma[n++] = rounded(0.5 * star);
        gamma[n++] = rounded(2.0 * star);
        if (decided)
            snprintf(phase->gamma_text, sizeof phase->gamma_text, "0, half and twice gamma* = %.4g of the start at distance %.4g", star, k->distance[0]);
        else
            snprintf(phase->gamma_text, sizeof phase->gamma_text, "0, half and twice %.4g, where the start at distance %.4g was attracted; gamma* is not decided",
                     star, k->distance[0]);
        return set_panels(k, n, gamma, err);
    }
    if (star <= 0.0) snprintf(reason, sizeof reason, "gamma* = 0 of the start at distance %.4g", k->distance[0]);
    gamma[n++] = model > 0.0 ? model : other_gamma;
    snprintf(phase->gamma_text, sizeof phase->gamma_text, "0 and %s; %s", model > 0.0 ? "the model's gamma" : "1", reason);
    return set_panels(k, n, gamma, err);
}

/* --- the flow from every start ------------------------------------------------------------------------------- */

typedef struct {
    const fs_portrait *k;
    double gamma, t_end;
    int stopped;
} path_watch;

static int look(void *context, double t, double h, long step, const fs_flow_point *p)
{
    (void)h;
    (void)step;
    (void)p;
    path_watch *x = context;
    char stage[80];
    snprintf(stage, sizeof stage, "paths at gamma = %.4g", x->gamma);
    x->stopped = fs_watch_report(x->k->o->watch, stage, t / x->t_end) != FS_OK;
    return x->stopped;
}

static size_t nodes_to_keep(const fs_portrait *k)
{
    double share = path_memory / ((double)k->n * (double)k->n_starts * (double)k->phase->n_panels);
    return share >= PATH_NODES ? PATH_NODES : share <= PATH_NODES_LEAST ? PATH_NODES_LEAST : (size_t)share;
}

/* A path that stops early is kept; none without memory. */
static fs_status integrate_one(const fs_portrait *k, fs_flow *f, const double *w0, fs_trajectory **T, fs_err *err)
{
    const fs_flow_settings *settings = fs_problem_settings(k->p);
    const fs_phase_options *o = k->o;
    path_watch x = { .k = k, .gamma = fs_flow_gamma(f), .t_end = o->t_end > 0.0 ? o->t_end : settings->t_end };
    double rtol = o->rtol > 0.0 ? o->rtol : settings->rtol, most = k->n > FS_STABILITY_DENSE_LIMIT ? path_rtol_large : path_rtol;
    fs_integrate_options options = { .t_end = x.t_end, .rtol = rtol < most ? rtol : most, .atol = o->atol > 0.0 ? o->atol : settings->atol,
                                     .method = o->method, .solver = o->solver, .keep_nodes = nodes_to_keep(k), .progress = look, .context = &x };
    FS_TRY(fs_trajectory_compute(T, f, w0, &options, err));
    if (x.stopped) return fs_fail(err, FS_ESTOPPED, "stopped while the paths at gamma = %g were computed", x.gamma);
    if ((*T)->code == FS_ENOMEM) return fs_fail(err, FS_ENOMEM, "%.400s", (*T)->status);
    return FS_OK;
}

fs_status fs_phase_integrate(fs_portrait *k, fs_err *err)
{
    const fs_phase *phase = k->phase;
    k->T = fs_calloc(phase->n_panels, k->n_starts * sizeof *k->T);
    if (!k->T) return fs_fail(err, FS_ENOMEM, "%zu paths", phase->n_panels * k->n_starts);
    fs_status status = FS_OK;
    for (size_t i = 0; i < phase->n_panels && status == FS_OK; i++) {
        fs_flow *f = NULL;
        status = fs_problem_moving_flow(&f, k->p, k->o->kind, phase->panel[i].gamma, k->threads, k->o->keep_limit, err);
        for (size_t s = 0; s < k->n_starts && status == FS_OK; s++)
            status = integrate_one(k, f, k->start + s * k->n, &k->T[i * k->n_starts + s], err);
        fs_flow_destroy(f);
    }
    return status;
}

/* --- on the plane ------------------------------------------------------------------------------------------------ */

/* Adds the steps of T: what of them lies in the plane, and all. */
static void add_motion(const fs_portrait *k, const fs_trajectory *T, double motion[2])
{
    for (size_t i = 1; i < T->n_nodes; i++) {
        const double *from = T->node_w + (i - 1) * k->n, *to = from + k->n;
        double step = 0.0, in[2] = { 0.0, 0.0 };
        for (size_t j = 0; j < k->n; j++) {
            double d = to[j] - from[j];
            step += d * d;
            for (int axis = 0; axis < 2; axis++) in[axis] += k->phase->axis[axis].direction[j] * d;
        }
        if (!(step > 0.0)) continue;
        motion[0] += (in[0] * in[0] + in[1] * in[1]) / sqrt(step);
        motion[1] += sqrt(step);
    }
}

static double fraction_of(const fs_portrait *k, const double motion[2])
{
    if (k->phase->exact || !(motion[1] > 0.0)) return 1.0;
    double part = motion[0] / motion[1];
    return part <= 1.0 ? part : 1.0;
}

static fs_status judge(const fs_portrait *k, size_t start, double gamma, fs_phase_path *path, fs_err *err)
{
    fs_attraction_options options = { .method = k->o->method, .solver = k->o->solver, .threads = k->threads, .keep_limit = k->o->keep_limit,
                                      .watch = k->o->watch };
    fs_attraction found;
    FS_TRY(fs_attraction_decide(&found, k->p, k->start + start * k->n, gamma, &options, err));
    path->judged = 1;
    path->outcome = found.outcome;
    snprintf(path->why, sizeof path->why, "%s", found.why);
    return FS_OK;
}

/* What T says of it; moves T's numbers. */
static fs_status describe(const fs_portrait *k, const fs_trajectory *T, fs_phase_path *path, fs_err *err)
{
    double motion[2] = { 0.0, 0.0 };
    size_t n = T->n_nodes;
    path->t = fs_calloc(n, sizeof *path->t);
    path->off = fs_calloc(n, sizeof *path->off);
    path->place = fs_calloc(n, 2 * sizeof *path->place);
    if (!path->t || !path->off || !path->place) return fs_fail(err, FS_ENOMEM, "a path of %zu nodes", n);
    path->n = n;
    for (size_t i = 0; i < n; i++) {
        const double *w = T->node_w + i * k->n;
        path->t[i] = T->node_t[i];
        path->off[i] = fs_norm(k->n - k->E, w + k->E);
        fs_phase_project(k, w, path->place + 2 * i);
    }
    add_motion(k, T, motion);
    path->fraction = fraction_of(k, motion);
    path->start_off_plane = fs_phase_off(k, T->w_start);
    path->distance_end = fs_norm(k->n - k->E, T->w_end + k->E);
    path->outcome = FS_ATTRACTION_UNDECIDED;
    path->code = T->code;
    snprintf(path->why, sizeof path->why, "%.199s", T->status);
    return FS_OK;
}

fs_status fs_phase_paths(fs_portrait *k, fs_err *err)
{
    fs_phase *phase = k->phase;
    double motion[2] = { 0.0, 0.0 };
    int judged = phase->exact && k->o->kind == FS_FLOW_AUGMENTED && !fs_problem_parametrisation(k->p) && k->n > k->E;
    for (size_t i = 0; i < phase->n_panels; i++) {
        fs_phase_panel *panel = &phase->panel[i];
        panel->path = fs_calloc(k->n_starts, sizeof *panel->path);
        if (!panel->path) return fs_fail(err, FS_ENOMEM, "%zu paths", k->n_starts);
        panel->n_paths = k->n_starts;
        for (size_t s = 0; s < k->n_starts; s++) {
            fs_phase_path *path = &panel->path[s];
            const fs_trajectory *T = k->T[i * k->n_starts + s];
            path->seed = k->seed[s];
            path->distance = k->distance[s];
            FS_TRY(describe(k, T, path, err));
            add_motion(k, T, motion);
            if (judged && path->code == FS_OK && path->distance > 0.0) FS_TRY(judge(k, s, panel->gamma, path, err));
        }
    }
    phase->fraction = fraction_of(k, motion);
    return FS_OK;
}
