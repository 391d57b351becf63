/* experiment/run.c -- the flows of one model from one start, for a list of gammas and seeds
 *
 *   |Y(t)| = |Y_0| exp(-int (gamma + hbar)),   hbar >= min_s lambda_min(H_N(X + s Y))
 *
 * Every (gamma, seed, kind) is one task; tasks are spread over threads, each integrated by one.  After an integration
 * the transverse Hessian is measured at states kept along the path: it predicts the asymptotic rate
 * gamma + lambda_min(H_N(X)), bounds |Y| from above (the tube form of Theorem 3 [NF25], with no third derivative), and
 * tells whether E repels where |Y| is no longer resolved.  There an implicit method with a long step would hold the state on
 * E for ever; such a run is repeated with its step capped by half the growth time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "experiment/run.h"

#include "base/clock.h"
#include "base/norm.h"
#include "experiment/stability_private.h"
#include "observe/transverse.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NODES = 24,                 /* states kept along a path for the transverse Hessian */
    NODES_LARGE = 4,            /* the same where only the last one is looked at */
    FINER = 4,                  /* times as many for the chain of bounds */
    MANY_SAMPLES = 512          /* from here on sample blocks, not tasks, are spread over threads */
};
static const double resolved = 1e3;     /* |Y| is resolved above this many atol_N */
static const double window_start = 2.0 / 3.0;

/* what all tasks write together: the latest bytes of every flow */
typedef struct {
    const fs_run_options *options;
    const char *model_text;
    size_t n;
    fs_bytes *flow;             /* (n) */
    double written;             /* when the file was last written */
} journal;

/* one task and what it needs */
typedef struct {
    journal *journal;
    const fs_run_options *options;
    const fs_problem *problem;
    fs_run_flow *flow;
    size_t index;
    int threads;
    const double *w0;           /* (dim L) */
    fs_trajectory *resume;      /* where to go on from, or NULL; handed to the driver */
} task;

static int report_progress(void *context, double t, double h, long step, const fs_flow_point *p)
{
    const task *k = context;
    return k->options->progress(k->options->context, k->index, k->flow, t, h, step, p);
}

static fs_status journal_write(journal *j, fs_err *err)
{
    const fs_run_options *o = j->options;
    fs_checkpoint_parts parts = { o->words, o->words_size, j->model_text, j->n, j->flow };
    j->written = fs_wall_seconds();
    return fs_checkpoint_write(o->checkpoint_path, &parts, err);
}

/* Called by the driver at every barrier, from the thread of the task. */
static fs_status enter(void *context, const fs_trajectory *T, fs_err *err)
{
    task *k = context;
    journal *j = k->journal;
    fs_bytes bytes = { 0 };
    fs_status status = fs_trajectory_pack(T, &bytes, err);
#pragma omp critical(fs_journal)
    {
        fs_bytes_clear(&j->flow[k->index]);
        j->flow[k->index] = bytes;
        if (status == FS_OK && fs_wall_seconds() - j->written >= k->options->checkpoint_s) status = journal_write(j, err);
    }
    return status;
}

/* --- rates ----------------------------------------------------------------------------- */

static void no_rate(fs_rate *r, const char *why)
{
    double none = (double)NAN;
    r->measured = r->exponent = r->t0 = r->t1 = r->predicted = r->lambda_min = r->lambda_error = r->groenwall_bound = none;
    snprintf(r->note, sizeof r->note, "%s", why);
}

/* Last step up to which |Y| is resolved without a gap; -1 when it is not even at the start. */
static long last_resolved(const fs_trajectory *T)
{
    long i = 0;
    while ((size_t)i < T->n_steps_kept && T->step_distance[i] >= resolved * T->atol_N) i++;
    return i - 1;
}

static int is_resolved_at_end(const fs_trajectory *T)
{
    return T->step_distance[T->n_steps_kept - 1] >= resolved * T->atol_N;
}

static void measure_rate(const fs_trajectory *T, fs_rate *r)
{
    long last = last_resolved(T), first = last;
    if (last < 1) {
        snprintf(r->note, sizeof r->note, "no rate: |Y| is below 1e3 atol_N = %.1e, not resolved", resolved * T->atol_N);
        return;
    }
    while (first > 0 && T->step_t[first] > window_start * T->step_t[last]) first--;
    double t0 = T->step_t[first], t1 = T->step_t[last];
    r->t0 = t0;
    r->t1 = t1;
    r->measured = (log(T->step_distance[first]) - log(T->step_distance[last])) / (t1 - t0);
    r->exponent = (T->step_exponent[last] - T->step_exponent[first]) / (t1 - t0);
}

/* lambda_min(H_N(X + s Y)) at s; z (dim) scratch */
static fs_status lambda_at(fs_flow *f, const double *w, double s, double *z, fs_transverse *out, fs_err *err)
{
    size_t n = fs_flow_dim(f), E = fs_flow_dim_E(f);
    memcpy(z, w, E * sizeof *z);
    for (size_t i = E; i < n; i++) z[i] = s * w[i];
    return fs_transverse_compute(f, z, NULL, out, NULL, err);
}

/* The bound |Y_0| exp(-int (gamma + lambda)) at the nodes up to the end of the resolved stretch, lambda taken over each interval as the
 * smaller of its two ends (augmented flow only: there grad R^aug(X) has no part in N); and the largest growth rate of E where |Y|
 * is not resolved. */
static fs_status bound_path(fs_flow *observer, const fs_trajectory *T, double *z, fs_rate *r, double *growth, fs_err *err)
{
    static const double ray[] = { 0.0, 0.5, 1.0 };
    size_t N = T->dim - fs_flow_dim_E(observer);
    long last = last_resolved(T);
    double t_resolved = last >= 0 ? T->step_t[last] : -1.0, t = 0.0, before = 0.0, exponent = 0.0, lowest = DBL_MAX;
    size_t stride = 1;
    r->bound_t = fs_calloc(T->n_nodes, sizeof *r->bound_t);
    r->bound = fs_calloc(T->n_nodes, sizeof *r->bound);
    if (!r->bound_t || !r->bound) return fs_fail(err, FS_ENOMEM, "bound of %zu nodes", T->n_nodes);
    while (T->n_nodes > NODES && (T->n_nodes - 1) / stride >= NODES) stride *= 2;
    for (size_t k = 0, next; k < T->n_nodes; k = next) {
        next = k + stride < T->n_nodes || k + 1 == T->n_nodes ? k + stride : T->n_nodes - 1;       /* the end is looked at whatever the stride */
        const double *w = T->node_w + k * T->dim;
        int is_resolved = T->node_t[k] <= t_resolved;
        if (is_resolved && T->kind != FS_FLOW_AUGMENTED) continue;
        double distance = fs_norm(N, w + T->dim - N), lambda = DBL_MAX;
        fs_transverse H;
        /* on a ray shorter than the resolution all its points are one */
        for (size_t i = 0; i < (is_resolved ? 3u : 1u); i++) {
            FS_TRY(lambda_at(observer, w, ray[i], z, &H, err));
            fs_lower_to(&lambda, H.lambda_min - H.error);
        }
        if (!(distance >= resolved * T->atol_N) && -(lambda + T->gamma) > *growth) *growth = -(lambda + T->gamma);
        if (!is_resolved) continue;
        if (k > 0) exponent += (T->node_t[k] - t) * (T->gamma + (lambda < before ? lambda : before));
        if (lambda < lowest) lowest = lambda;
        r->bound_t[r->n_bound] = T->node_t[k];
        r->bound[r->n_bound] = T->step_distance[0] * exp(-exponent);
        r->n_bound++;
        before = lambda;
        t = T->node_t[k];
    }
    if (r->n_bound) r->groenwall_bound = T->gamma + lowest;
    return FS_OK;
}

/* Everything the transverse Hessian says about a finished path; *growth > 0: E repels at that rate where |Y| is not resolved. */
static fs_status certify(task *k, const fs_trajectory *T, double *growth, fs_err *err)
{
    fs_rate *r = &k->flow->rate;
    int augmented = T->kind == FS_FLOW_AUGMENTED;
    const char *missing = fs_problem_parametrisation(k->problem)
                              ? "the weights move in coordinates that are not orthonormal, so |Y| does not decay by gamma + hbar"
                              : fs_remark_2_fails(k->problem);
    size_t n = T->dim;
    fs_flow *observer = NULL;
    fs_transverse H;
    double *z = fs_calloc(n, sizeof *z);
    fs_status status = FS_ENOMEM;
    *growth = 0.0;
    if (!z) goto done;
    /* gamma = 0: the Hessian of the risk itself, without a large number added and taken away */
    status = fs_problem_flow(&observer, k->problem, T->kind, 0.0, k->threads, k->options->keep_limit, err);
    if (status != FS_OK) goto done;
    status = lambda_at(observer, T->w_end, 0.0, z, &H, err);
    if (status == FS_ESOLVER) {         /* the eigenvalue solver's own failure: said, not fatal */
        snprintf(r->note, sizeof r->note, "%.199s", err ? err->text : "the eigenvalue solver failed");
        status = FS_OK;
        goto done;
    }
    if (status != FS_OK) goto done;
    if (!H.converged) {                 /* an upper bound: it may prove that E repels, never that E attracts */
        snprintf(r->note, sizeof r->note, "Lanczos did not converge in %ld products: lambda_min(H_N) <= %.6g", H.products, H.lambda_min);
        if (-(T->gamma + H.lambda_min) > 0.0 && !is_resolved_at_end(T)) *growth = -(T->gamma + H.lambda_min);
        goto done;
    }
    r->lambda_min = H.lambda_min;
    r->lambda_error = H.error;
    if (augmented && !missing) r->predicted = T->gamma + H.lambda_min;
    if (n > FS_TRANSVERSE_DENSE_LIMIT) {
        snprintf(r->note, sizeof r->note, "no bound along the path: dim L = %zu exceeds %d, only the end was certified", n,
                 FS_TRANSVERSE_DENSE_LIMIT);
        if (!is_resolved_at_end(T)) *growth = -(T->gamma + H.lambda_min);
    } else {
        status = bound_path(observer, T, z, r, growth, err);
    }
    if (augmented && missing) {         /* grad R^aug has a part in N on E: what was measured bounds nothing */
        free(r->bound_t);
        free(r->bound);
        r->bound_t = r->bound = NULL;
        r->n_bound = 0;
        r->groenwall_bound = (double)NAN;
        snprintf(r->note, sizeof r->note, "no prediction and no bound: %.170s", missing);
    }
    if (!augmented && !r->note[0])
        snprintf(r->note, sizeof r->note, "no predicted rate: the nominal flow may tend to a plateau off E (Remark 1)");
done:
    fs_flow_destroy(observer);
    free(z);
    return status == FS_ENOMEM ? fs_fail(err, FS_ENOMEM, "transverse certificate") : status;
}

/* --- one task ------------------------------------------------------------------------------ */

static fs_status integrate(task *k, double max_step, fs_trajectory *resume, fs_err *err)
{
    const fs_run_options *o = k->options;
    fs_run_flow *flow = k->flow;
    fs_flow *f = NULL;
    fs_integrate_options options = o->integrate;
    size_t dim_L = fs_problem_basis(k->problem)->dim_E + fs_problem_basis(k->problem)->dim_N;
    options.progress = o->progress ? report_progress : NULL;
    options.context = k;
    options.keep_nodes = dim_L <= FS_TRANSVERSE_DENSE_LIMIT ? NODES : NODES_LARGE;
    if (o->bounds && flow->kind == FS_FLOW_AUGMENTED) options.keep_nodes = FINER * NODES;
    if (flow->kind == FS_FLOW_EQUIVARIANT) options.keep_nodes = 0;
    if (max_step > 0.0 && !(options.max_step > 0.0 && options.max_step < max_step)) options.max_step = max_step;
    options.barriers = o->checkpoint_path ? FS_RUN_BARRIERS : 0;
    options.checkpoint = o->checkpoint_path ? enter : NULL;
    options.resume = resume;
    fs_trajectory_destroy(flow->trajectory);
    flow->trajectory = NULL;
    fs_status status = fs_problem_moving_flow(&f, k->problem, flow->kind, flow->gamma, k->threads, o->keep_limit, err);
    if (status == FS_OK) status = fs_trajectory_compute(&flow->trajectory, f, k->w0, &options, err);
    else fs_trajectory_destroy(resume);
    fs_flow_destroy(f);
    if (status == FS_OK && o->checkpoint_path && flow->trajectory->code == FS_OK) status = enter(k, flow->trajectory, err);
    return status;
}

static void rate_clear(fs_rate *r)
{
    free(r->bound_t);
    free(r->bound);
    *r = (fs_rate){ 0 };
}

static fs_status perform(task *k, fs_err *err)
{
    fs_run_flow *flow = k->flow;
    double growth;
    fs_trajectory *resume = k->resume;
    /* an interrupted second pass is known by its cap */
    double asked = k->options->integrate.max_step;
    double cap = resume && (resume->max_step < asked || resume->max_step > asked) ? resume->max_step : 0.0;
    for (;; resume = NULL) {
        FS_TRY(integrate(k, cap, resume, err));
        const fs_trajectory *T = flow->trajectory;
        rate_clear(&flow->rate);
        no_rate(&flow->rate, "");
        if (flow->kind == FS_FLOW_EQUIVARIANT) return FS_OK;
        if (T->dim == fs_problem_basis(k->problem)->dim_E) {
            no_rate(&flow->rate, "dim N = 0: E is all of L");
            return FS_OK;
        }
        measure_rate(T, &flow->rate);
        if (T->code != FS_OK) return FS_OK;
        FS_TRY(certify(k, T, &growth, err));
        if (!(growth > 0.0) || cap > 0.0 || T->step_max <= 0.5 / growth) break;
        cap = 0.5 / growth;
    }
    if (cap > 0.0)
        snprintf(flow->rate.note, sizeof flow->rate.note,
                 "E repels at rate %.3g where |Y| is below its resolution: steps capped at %.3g so that rounding may grow",
                 0.5 / cap, cap);
    return FS_OK;
}

/* --- all tasks ------------------------------------------------------------------------------- */

/* w0 (n_seed, dim L): the starts */
static fs_status run_allocate(fs_run **out, const fs_problem *p, const fs_run_options *o, const double *w0, fs_err *err)
{
    const fs_basis *b = fs_problem_basis(p);
    fs_run *run = fs_calloc(1, sizeof *run);
    if (!run) goto nomem;
    run->problem = p;
    run->n_gamma = o->n_gamma;
    run->n_seed = o->n_seed;
    run->n_kinds = o->n_kinds;
    run->n = o->n_gamma * o->n_seed * o->n_kinds;
    run->distance = fs_norm(b->dim_N, w0 + b->dim_E);
    run->gamma = fs_calloc(o->n_gamma, sizeof *run->gamma);
    run->seed = fs_calloc(o->n_seed, sizeof *run->seed);
    run->flow = fs_calloc(run->n, sizeof *run->flow);
    if (!run->gamma || !run->seed || !run->flow) goto nomem;
    memcpy(run->gamma, o->gamma, o->n_gamma * sizeof *run->gamma);
    memcpy(run->seed, o->seed, o->n_seed * sizeof *run->seed);
    memcpy(run->kind, o->kind, o->n_kinds * sizeof *run->kind);
    for (size_t i = 0; i < run->n; i++) {
        fs_run_flow *flow = &run->flow[i];
        flow->gamma = o->gamma[i / (o->n_seed * o->n_kinds)];
        flow->seed = o->seed[i / o->n_kinds % o->n_seed];
        flow->kind = o->kind[i % o->n_kinds];
        no_rate(&flow->rate, "");
    }
    *out = run;
    return FS_OK;
nomem:
    fs_run_destroy(run);
    return fs_fail(err, FS_ENOMEM, "run of %zu flows", o->n_gamma * o->n_seed * o->n_kinds);
}

/* starts (n_seed, dim L): from the weights given, or drawn */
static fs_status start_states(const fs_problem *p, const fs_run_options *o, double *w, fs_err *err)
{
    size_t dim = fs_problem_basis(p)->dim_E + fs_problem_basis(p)->dim_N;
    for (size_t s = 0; s < o->n_seed; s++) {
        if (o->weights) FS_TRY(fs_problem_state_of_weights(p, o->weights, w + s * dim, err));
        else FS_TRY(fs_problem_start_state(p, o->seed[s], o->distance, w + s * dim, err));
    }
    return FS_OK;
}

/* The chain of bounds of the augmented flow.  Stopped on request: what was kept of the flows is all that there is to go on from. */
static fs_status bounds_of(fs_run *run, const fs_run_options *o, fs_err *err)
{
    for (size_t i = 0; i < run->n; i++)
        if (run->flow[i].kind == FS_FLOW_AUGMENTED)
            return fs_bounds_compute(&run->bounds, run->problem, run->flow[i].trajectory, o->integrate.rtol, o->threads, o->keep_limit, run->flow[i].seed, o->watch, err);
    return FS_OK;
}

static fs_status validate(const fs_run_options *o, fs_err *err)
{
    int augmented = 0;
    if (!o->n_gamma || !o->n_seed || !o->n_kinds || o->n_kinds > FS_FLOW_COUNT)
        return fs_fail(err, FS_EINPUT, "expected at least one gamma, one seed and one to %d flows, found %zu, %zu, %zu",
                       FS_FLOW_COUNT, o->n_gamma, o->n_seed, o->n_kinds);
    for (size_t k = 0; k < o->n_kinds; k++) augmented |= o->kind[k] == FS_FLOW_AUGMENTED;
    if (o->bounds && (o->n_gamma * o->n_seed > 1 || !augmented))
        return fs_fail(err, FS_EINPUT, "expected one gamma, one seed and the augmented flow for the bounds of Theorem 3, found %zu, %zu%s", o->n_gamma, o->n_seed,
                       augmented ? "" : " and other flows alone");
    return FS_OK;
}

fs_status fs_run_compute(fs_run **out, const fs_problem *p, const fs_run_options *o, fs_err *err)
{
    *out = NULL;
    FS_TRY(validate(o, err));
    double start = fs_wall_seconds();
    size_t dim = fs_problem_basis(p)->dim_E + fs_problem_basis(p)->dim_N;
    fs_run *run = NULL;
    fs_err *messages = NULL;
    journal j = { .options = o, .model_text = fs_problem_text(p), .written = start };
    double *w0 = fs_calloc(o->n_seed, dim * sizeof *w0);
    fs_status status = w0 ? start_states(p, o, w0, err) : fs_fail(err, FS_ENOMEM, "start states of dimension %zu", dim);
    if (status == FS_OK) status = run_allocate(&run, p, o, w0, err);
    if (status != FS_OK) goto done;
    messages = fs_calloc(run->n, sizeof *messages);
    if (!messages) {
        status = fs_fail(err, FS_ENOMEM, "messages of %zu flows", run->n);
        goto done;
    }
    if (o->resume && (o->resume->n != run->n || strcmp(o->resume->model_text, fs_problem_text(p)) != 0)) {
        status = fs_fail(err, FS_EINPUT, "expected a checkpoint of this model and these %zu flows, found one of %s", run->n,
                         o->resume->n != run->n ? "another number of flows" : "a model file that reads differently");
        goto done;
    }
    j.flow = fs_calloc(run->n, sizeof *j.flow);
    j.n = run->n;
    if (!j.flow) {
        status = fs_fail(err, FS_ENOMEM, "checkpoints of %zu flows", run->n);
        goto done;
    }
    for (size_t i = 0; o->resume && o->checkpoint_path && i < run->n && status == FS_OK; i++)
        if (o->resume->trajectory[i]) status = fs_trajectory_pack(o->resume->trajectory[i], &j.flow[i], err);
    if (status != FS_OK) goto done;
    int by_samples = fs_risk_samples(fs_problem_risk(p, 1)) >= MANY_SAMPLES;
    int outer = by_samples || o->threads < 1 ? 1 : o->threads;
    int inner = by_samples && o->threads > 1 ? o->threads : 1;
#pragma omp parallel for schedule(dynamic) num_threads(outer) if (outer > 1)
    for (size_t i = 0; i < run->n; i++) {
        task k = { .journal = &j, .options = o, .problem = p, .flow = &run->flow[i], .index = i, .threads = inner,
                   .w0 = w0 + i / o->n_kinds % o->n_seed * dim };
        if (o->resume) {
            k.resume = o->resume->trajectory[i];
            o->resume->trajectory[i] = NULL;
        }
        messages[i].status = perform(&k, &messages[i]);
    }
    for (size_t i = 0; i < run->n && status == FS_OK; i++)      /* the first failure in order, whichever came first in time */
        if (messages[i].status != FS_OK)
            status = fs_fail(err, messages[i].status, "%s flow, gamma %g, seed %llu: %.900s", fs_flow_name(run->flow[i].kind),
                             run->flow[i].gamma, (unsigned long long)run->flow[i].seed, messages[i].text);
    int stopped = 0;
    for (size_t i = 0; status == FS_OK && i < run->n; i++) stopped |= run->flow[i].trajectory->code == FS_ESTOPPED;
    if (status == FS_OK && o->bounds && !stopped) status = bounds_of(run, o, err);
    stopped |= run->bounds && run->bounds->stopped;
    if (status == FS_OK && stopped && o->checkpoint_path) status = journal_write(&j, err);
    run->wall_s = fs_wall_seconds() - start;
done:
    for (size_t i = 0; j.flow && i < j.n; i++) fs_bytes_clear(&j.flow[i]);
    free(j.flow);
    free(w0);
    free(messages);
    if (status == FS_OK) *out = run;
    else fs_run_destroy(run);
    return status;
}

void fs_run_destroy(fs_run *run)
{
    if (!run) return;
    for (size_t i = 0; run->flow && i < run->n; i++) {
        fs_trajectory_destroy(run->flow[i].trajectory);
        rate_clear(&run->flow[i].rate);
    }
    fs_bounds_destroy(run->bounds);
    free(run->flow);
    free(run->gamma);
    free(run->seed);
    free(run);
}
