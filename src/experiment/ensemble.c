/* experiment/ensemble.c -- orbit ensembles: members integrated one by one, their mean output, its defect, and what the defect means
 *
 * Members are spread over threads and added up in the order of K, whichever comes first: threads change no bit.  A thread holds one trajectory and its outputs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "experiment/ensemble.h"

#include "base/clock.h"
#include "base/norm.h"
#include "base/rng.h"
#include "experiment/stability_private.h"
#include "integrate/trajectory.h"
#include "problem/hypotheses.h"
#include "problem/theorems.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MANY_SAMPLES = 512 };            /* from here on sample blocks, not members, are spread over threads */
enum { COPIES = 3 };                    /* of the weights, moved by one unit in the last place */
static const double tighter = 0.01;      /* tolerances of the second integration ... */
static const double tightest = 1e-13;   /* ... which is looser instead where its rtol would be below this */
static const double integration = 2.0, scatter = 16.0, evaluation = 64.0 * 0x1p-53;     /* of the noise, see the header */
static const double commutes = 1e-9;

typedef struct {
    const fs_problem *p;
    const fs_ensemble_options *o;
    fs_ensemble *e;
    size_t dim;                 /* dim L */
    double *w0;                 /* (members, dim) */
    size_t element[FS_ENSEMBLE_ELEMENTS];
    fs_orbit_inputs at;
    size_t count;               /* numbers of all outputs at one time */
    int inner;                  /* threads of one integration */
    size_t finished;            /* integrations, of all flows */
    int stopped;
    /* of the flow at hand */
    double *sum;                /* (n_times, count) */
    double *d, *rounding;       /* (n_times) */
    size_t n_second;            /* rows that the second integrations reached */
    fs_status failed;
    fs_err why;
} ensemble;

/* One member of one flow, in one thread. */
typedef struct {
    ensemble *x;
    fs_ensemble_flow *flow;
    size_t k;
    size_t rows, rows_second;   /* reached */
    double *z;                  /* (n_times, count) outputs */
    double *d, *rounding;       /* (n_times) */
    long steps, evaluations;
    char note[200];
} member;

/* --- one member -------------------------------------------------------------------------- */

/* FS_ENSEMBLE_SECOND members, or all, evenly spread, the first among them. */
static int is_second(const fs_ensemble *e, size_t k)
{
    return k == 0 || k * e->second / e->members != (k - 1) * e->second / e->members;
}

static int step(void *context, double t, double h, long count, const fs_flow_point *point)
{
    (void)h, (void)count, (void)point;
    const member *m = context;
    ensemble *x = m->x;
    const fs_ensemble *e = x->e;
    char stage[80];
    int stop = 0;
    snprintf(stage, sizeof stage, "%s flow, member %zu of %zu", fs_flow_name(m->flow->kind), m->k + 1, e->members);
#pragma omp critical(fs_ensemble_watch)
    {
        double all = (double)(x->o->n_kinds * (e->members + e->second));
        if (!x->stopped) x->stopped = fs_watch_report(x->o->watch, stage, ((double)x->finished + t / e->t_end) / all) != FS_OK;
        stop = x->stopped;
    }
    return stop;
}

/* Outputs z (rows, count) along the path of this member; factor: on the tolerances. */
static fs_status follow(member *m, double factor, double *z, size_t *rows, fs_trajectory **path, fs_err *err)
{
    ensemble *x = m->x;
    const fs_ensemble *e = x->e;
    const fs_flow_settings *settings = fs_problem_settings(x->p);
    const fs_integrate_options options = {
        .t_end = e->t_end, .rtol = factor * e->rtol, .atol = factor * e->atol, .method = settings->method, .solver = settings->solver,
        .max_steps = x->o->max_steps, .n_times = e->n_times, .times = e->t, .keep_weights = 1, .progress = step, .context = m,
    };
    fs_flow *f = NULL;
    fs_trajectory *T = NULL;
    fs_status status = fs_problem_moving_flow(&f, x->p, m->flow->kind, e->gamma, x->inner, x->o->keep_limit, err);
    if (status == FS_OK) status = fs_trajectory_compute(&T, f, x->w0 + m->k * x->dim, &options, err);
    fs_flow_destroy(f);
    if (status == FS_OK && T->code == FS_ESTOPPED) status = fs_fail(err, FS_ESTOPPED, "stopped on request");
    if (status == FS_OK && T->code == FS_ENOMEM) status = fs_fail(err, FS_ENOMEM, "%.400s", T->status);
    *rows = status == FS_OK ? T->n_rows : 0;
    for (size_t r = 0; r < *rows && status == FS_OK; r++)
        status = fs_net_apply(fs_problem_net(x->p), T->weights + r * T->n_par, x->at.all, x->at.x, z + r * x->count, err);
    if (status == FS_OK) {
        m->steps += T->steps;
        m->evaluations += T->rhs_evals + T->extra_evals;
        if (T->code != FS_OK && !m->note[0])
            snprintf(m->note, sizeof m->note, "member %zu%s ended at t = %.4g: %.120s", m->k + 1,
                     factor < 1.0 || factor > 1.0 ? ", integrated again," : "", T->t_reached, T->status);
#pragma omp critical(fs_ensemble_watch)
        x->finished++;
    }
    if (path) *path = T;
    else fs_trajectory_destroy(T);
    return status;
}

/* Largest |z_i| over the inputs, or |z_i - other_i|. */
static double largest(const fs_orbit_inputs *at, const double *z, const double *other)
{
    double worst = 0.0;
    for (size_t i = 0; i < at->all; i++) {
        double sum = 0.0;
        for (size_t j = i * at->out; j < (i + 1) * at->out; j++) {
            double difference = other ? z[j] - other[j] : z[j];
            sum += difference * difference;
        }
        fs_raise_to(&worst, sqrt(sum));
    }
    return worst;
}

/* What rounding explains of the outputs at every row of T: every weight goes up or down by one unit in the last place, at random. */
static fs_status find_rounding(member *m, const fs_trajectory *T, fs_err *err)
{
    const ensemble *x = m->x;
    size_t P = T->n_par;
    double *A = fs_calloc(P + x->count, sizeof *A);
    gsl_rng *rng = fs_rng_stream(x->e->seed, FS_STREAM_HYPOTHESES);
    fs_status status = A && rng ? FS_OK : fs_fail(err, FS_ENOMEM, "outputs of %zu weights", P);
    for (size_t r = 0; r < T->n_rows && status == FS_OK; r++) {
        const double *at = T->weights + r * P, *z = m->z + r * x->count;
        double worst = 0.0;
        for (int copy = 0; copy < COPIES && status == FS_OK; copy++) {
            for (size_t j = 0; j < P; j++) A[j] = at[j] * (gsl_rng_uniform(rng) < 0.5 ? 1.0 - DBL_EPSILON : 1.0 + DBL_EPSILON);
            status = fs_net_apply(fs_problem_net(x->p), A, x->at.all, x->at.x, A + P, err);
            fs_raise_to(&worst, largest(&x->at, A + P, z));
        }
        m->rounding[r] = scatter * worst + evaluation * largest(&x->at, z, NULL);
    }
    if (rng) gsl_rng_free(rng);
    free(A);
    return status;
}

static fs_status member_integrate(member *m, fs_err *err)
{
    const ensemble *x = m->x;
    const fs_ensemble *e = x->e;
    fs_trajectory *T = NULL;
    int second = is_second(e, m->k);
    m->z = fs_calloc(e->n_times, (second ? 2 : 1) * x->count * sizeof *m->z);
    m->d = fs_calloc(e->n_times, 2 * sizeof *m->d);
    if (!m->z || !m->d) return fs_fail(err, FS_ENOMEM, "outputs of a member at %zu times", e->n_times);
    m->rounding = m->d + e->n_times;
    fs_status status = follow(m, 1.0, m->z, &m->rows, &T, err);
    if (status == FS_OK && m->k == 0) status = find_rounding(m, T, err);
    fs_trajectory_destroy(T);
    m->rows_second = m->rows;
    if (!second || status != FS_OK) return status;
    double *z = m->z + e->n_times * x->count;
    FS_TRY(follow(m, tighter * e->rtol >= tightest ? tighter : 1.0 / tighter, z, &m->rows_second, NULL, err));
    for (size_t r = 0; r < m->rows && r < m->rows_second && status == FS_OK; r++) {
        for (size_t i = 0; i < x->count; i++) z[r * x->count + i] -= m->z[r * x->count + i];
        status = fs_orbit_defect(&x->at, z + r * x->count, &m->d[r], err);
    }
    return status;
}

static void member_clear(member *m)
{
    free(m->z);
    free(m->d);
}

/* --- one flow ------------------------------------------------------------------------------ */

/* e of the outputs f, and what it is relative to; 0 for a network that is 0 everywhere */
static fs_status relative_defect(const ensemble *x, const double *f, double *defect, double *size, fs_err *err)
{
    FS_TRY(fs_orbit_defect(&x->at, f, defect, err));
    *size = largest(&x->at, f, NULL);
    if (!(*defect <= 0.0)) *defect /= *size;
    return FS_OK;
}

/* Adds a member to what is known of its flow; called in the order of K. */
static fs_status add(const member *m, fs_err *err)
{
    ensemble *x = m->x;
    fs_ensemble_flow *flow = m->flow;
    double size;
    if (m->rows < flow->n) flow->n = m->rows;
    if (m->rows_second < x->n_second) x->n_second = m->rows_second;
    if (m->note[0] && !flow->note[0]) snprintf(flow->note, sizeof flow->note, "%s", m->note);
    flow->steps += m->steps;
    flow->evaluations += m->evaluations;
    for (size_t r = 0; r < m->rows; r++) {
        const double *z = m->z + r * x->count;
        for (size_t i = 0; i < x->count; i++) x->sum[r * x->count + i] += z[i] / (double)x->e->members;
        fs_raise_to(&x->d[r], m->d[r]);
        if (m->k) continue;
        x->rounding[r] = m->rounding[r];
        FS_TRY(relative_defect(x, z, &flow->member_error[r], &size, err));
    }
    return FS_OK;
}

static fs_status conclude(const ensemble *x, fs_ensemble_flow *flow, fs_err *err)
{
    double worst = -1.0;
    for (size_t r = 0; r < flow->n; r++) {
        FS_TRY(relative_defect(x, x->sum + r * x->count, &flow->mean_error[r], &flow->size[r], err));
        flow->noise[r] = r < x->n_second ? (integration * x->d[r] + x->rounding[r]) / flow->size[r] : (double)NAN;
        flow->beyond += flow->mean_error[r] > flow->noise[r];
        if (isnan(worst) || flow->mean_error[r] <= worst) continue;
        worst = flow->mean_error[r];
        flow->worst = r;
    }
    return FS_OK;
}

static fs_status flow_compute(ensemble *x, fs_ensemble_flow *flow, fs_err *err)
{
    const fs_ensemble *e = x->e;
    size_t times = e->n_times;
    int by_samples = fs_risk_samples(fs_problem_risk(x->p, 1)) >= MANY_SAMPLES;
    int outer = by_samples || x->o->threads < 1 ? 1 : x->o->threads;
    flow->n = x->n_second = times;
    flow->mean_error = fs_calloc(times, sizeof(double));
    flow->member_error = fs_calloc(times, sizeof(double));
    flow->noise = fs_calloc(times, sizeof(double));
    flow->size = fs_calloc(times, sizeof(double));
    if (!flow->mean_error || !flow->member_error || !flow->noise || !flow->size) return fs_fail(err, FS_ENOMEM, "%zu times", times);
    memset(x->sum, 0, times * x->count * sizeof *x->sum);
    memset(x->d, 0, times * sizeof *x->d);
    x->inner = by_samples && x->o->threads > 1 ? x->o->threads : 1;
    x->failed = FS_OK;
#pragma omp parallel for ordered schedule(dynamic, 1) num_threads(outer) if (outer > 1)
    for (size_t k = 0; k < e->members; k++) {
        member m = { .x = x, .flow = flow, .k = k };
        fs_err why = { 0 };
        fs_status failed;
#pragma omp atomic read
        failed = x->failed;
        if (failed == FS_OK) failed = member_integrate(&m, &why);
#pragma omp ordered
        {
            if (failed == FS_OK && x->failed == FS_OK) failed = add(&m, &why);
            if (x->failed == FS_OK && failed != FS_OK) {
                x->why = why;
#pragma omp atomic write
                x->failed = failed;
            }
        }
        member_clear(&m);
    }
    if (x->failed != FS_OK) return fs_fail(err, x->failed, "%s ensemble: %.900s", fs_flow_name(flow->kind), x->why.text);
    return conclude(x, flow, err);
}

/* --- the start ------------------------------------------------------------------------------- */

/* The ensemble theorem for K: where K is not the whole group, that K keeps the rule is all that is asked of the measure. */
static void judge(fs_ensemble *e, double metric_defect)
{
    fs_theorem theorem[FS_THEOREM_COUNT];
    fs_hypotheses h = *fs_problem_hypotheses(e->problem);
    size_t i = 0;
    if (!e->K.whole) h.measure.verdict = FS_HOLDS;
    fs_theorems_judge(theorem, &h);
    while (i + 1 < FS_THEOREM_COUNT && strcmp(theorem[i].name, "Ensemble theorem") != 0) i++;
    e->applies = theorem[i].applies;
    memcpy(e->because, theorem[i].because, sizeof e->because);
    if (e->applies == FS_VIOLATED || metric_defect <= commutes) return;
    e->applies = isnan(metric_defect) ? FS_UNDECIDED : FS_VIOLATED;
    snprintf(e->because, sizeof e->because, "parametrisation: the metric of the weights does not commute with K: off by %.1e", metric_defect);
}

static fs_status place(ensemble *x, fs_err *err)
{
    fs_ensemble *e = x->e;
    const fs_basis *b = fs_problem_basis(x->p);
    double off;
    FS_TRY(fs_start_of(x->p, x->o->seed, x->o->weights, x->o->distance, x->w0, err));
    e->distance = fs_norm(b->dim_N, x->w0 + b->dim_E);
    FS_TRY(fs_orbit_place(&e->K, x->p, x->w0, &e->outside, err));
    FS_TRY(fs_orbit_metric_defect(&e->K, x->p, x->w0, &off, err));
    for (size_t k = 1; k < e->members; k++) {
        double sum = 0.0;
        for (size_t i = 0; i < x->dim; i++) sum += (x->w0[k * x->dim + i] - x->w0[i]) * (x->w0[k * x->dim + i] - x->w0[i]);
        fs_raise_to(&e->apart, sqrt(sum));
    }
    e->apart /= fs_norm(x->dim, x->w0);
    judge(e, off);
    return FS_OK;
}

/* e looks at all elements where they are few, else at the generators and some others. */
static size_t choose_elements(ensemble *x)
{
    const fs_orbit *K = &x->e->K;
    if (K->whole) return fs_elements_spread(fs_problem_group(x->p), FS_ENSEMBLE_ELEMENTS, x->element);
    memcpy(x->element, K->element, K->n * sizeof *x->element);
    return K->n;
}

static fs_status allocate(ensemble *x, fs_err *err)
{
    fs_ensemble *e = x->e;
    e->n_times = FS_ENSEMBLE_TIMES;
    e->elements = choose_elements(x);
    FS_TRY(fs_orbit_inputs_create(&x->at, x->p, e->elements, x->element, FS_ENSEMBLE_DATA, FS_ENSEMBLE_RANDOM, x->o->seed, err));
    e->inputs = x->at.inputs;
    x->count = x->at.all * x->at.out;
    e->t = fs_calloc(e->n_times, sizeof *e->t);
    x->w0 = fs_calloc(e->members, x->dim * sizeof *x->w0);
    x->sum = fs_calloc(e->n_times, x->count * sizeof *x->sum);
    x->d = fs_calloc(e->n_times, 2 * sizeof *x->d);
    if (!e->t || !x->w0 || !x->sum || !x->d) return fs_fail(err, FS_ENOMEM, "an ensemble of %zu members", e->members);
    x->rounding = x->d + e->n_times;
    for (size_t i = 0; i < e->n_times; i++) e->t[i] = e->t_end * ((double)i / (double)(e->n_times - 1));
    return FS_OK;
}

static fs_status validate(const fs_ensemble_options *o, fs_err *err)
{
    if (o->n_kinds < 1 || o->n_kinds > FS_ENSEMBLE_FLOWS || (o->n_kinds == 2 && o->kind[0] == o->kind[1]))
        return fs_fail(err, FS_EINPUT, "expected the nominal flow, the augmented flow or both, found %zu flows%s", o->n_kinds,
                       o->n_kinds == 2 ? " that are the same" : "");
    for (size_t i = 0; i < o->n_kinds; i++)
        if (o->kind[i] != FS_FLOW_NOMINAL && o->kind[i] != FS_FLOW_AUGMENTED)
            return fs_fail(err, FS_EINPUT, "expected the nominal or the augmented flow, found %s: on E all members are one and the same", fs_flow_name(o->kind[i]));
    return FS_OK;
}

static fs_status compute(ensemble *x, fs_err *err)
{
    fs_ensemble *e = x->e;
    FS_TRY(fs_orbit_choose(&e->K, x->p, err));
    if (!e->K.n)
        return fs_fail(err, FS_EINPUT, "expected a group with a finite orbit, found %s: %s", fs_group_name(fs_problem_group(x->p)), e->K.why);
    e->members = e->K.n;
    e->second = e->members < FS_ENSEMBLE_SECOND ? e->members : FS_ENSEMBLE_SECOND;
    FS_TRY(allocate(x, err));
    FS_TRY(place(x, err));
    for (size_t i = 0; i < x->o->n_kinds; i++) {
        e->flow[i].kind = x->o->kind[i];
        e->n_flows = i + 1;
        fs_status status = flow_compute(x, &e->flow[i], err);
        if (status == FS_ESTOPPED && i) {
            e->n_flows = i;
            e->stopped = 1;
            return FS_OK;
        }
        FS_TRY(status);
    }
    return FS_OK;
}

fs_status fs_ensemble_compute(fs_ensemble **out, const fs_problem *p, const fs_ensemble_options *o, fs_err *err)
{
    *out = NULL;
    FS_TRY(validate(o, err));
    const fs_flow_settings *settings = fs_problem_settings(p);
    double begin = fs_wall_seconds();
    fs_ensemble *e = fs_calloc(1, sizeof *e);
    if (!e) return fs_fail(err, FS_ENOMEM, "an ensemble");
    *e = (fs_ensemble){ .problem = p, .gamma = o->gamma, .seed = o->seed, .t_end = o->t_end > 0.0 ? o->t_end : settings->t_end,
                        .rtol = o->rtol > 0.0 ? o->rtol : settings->rtol, .atol = o->atol > 0.0 ? o->atol : settings->atol };
    ensemble x = { .p = p, .o = o, .e = e, .dim = fs_problem_basis(p)->dim_E + fs_problem_basis(p)->dim_N };
    fs_status status = compute(&x, err);
    fs_orbit_inputs_clear(&x.at);
    free(x.w0);
    free(x.sum);
    free(x.d);
    e->wall_s = fs_wall_seconds() - begin;
    if (status == FS_OK) *out = e;
    else fs_ensemble_destroy(e);
    return status;
}

void fs_ensemble_destroy(fs_ensemble *e)
{
    if (!e) return;
    for (size_t i = 0; i < FS_ENSEMBLE_FLOWS; i++) {
        free(e->flow[i].mean_error);
        free(e->flow[i].member_error);
        free(e->flow[i].noise);
        free(e->flow[i].size);
    }
    free(e->t);
    fs_orbit_clear(&e->K);
    free(e);
}
