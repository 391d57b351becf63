/* experiment/chain_run.c -- the chain of bounds on |Y| of one run: constants, curves, and whether their order holds
 *
 * Bernoulli's bound with C delta > a = gamma + c is infinite from t = log(C delta / (C delta - a)) / a on (a = 0: 1 / (C delta)).         [NF25, Theorem 3]
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "experiment/chain.h"

#include "base/norm.h"
#include "experiment/stability_private.h"
#include "observe/separable.h"
#include "observe/tube.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NODES = 24, NODES_COSTLY = 8 };
static const double resolved = 1e3;     /* |Y| is resolved above this many atol_N */

/* What all steps of the computation need. */
typedef struct {
    const fs_problem *problem;
    const fs_trajectory *T;
    double rtol;
    int threads;
    size_t keep_limit;
    uint64_t seed;
    const fs_watch *watch;
} task;

static double blow_up(double a, double Cd)
{
    if (!(Cd > a) || !(Cd > 0.0)) return (double)INFINITY;
    return a == 0.0 ? 1.0 / Cd : -log1p(-a / Cd) / a;
}

/* |Y| and the exact identity at the steps down to rounding; the bounds are not yet known. */
static fs_status known_curves(fs_bounds *b, const fs_trajectory *T, fs_err *err)
{
    while (b->n < T->n_steps_kept && T->step_distance[b->n] >= resolved * T->atol_N) b->n++;
    if (b->n == 0) return FS_OK;
    b->t_last = T->step_t[b->n - 1];
    b->t = fs_calloc(b->n, 6 * sizeof *b->t);
    if (!b->t) return fs_fail(err, FS_ENOMEM, "curves of %zu steps", b->n);
    b->distance = b->t + b->n;
    b->identity = b->distance + b->n;
    b->path = b->identity + b->n;
    b->bernoulli = b->path + b->n;
    b->paper = b->bernoulli + b->n;
    for (size_t i = 0; i < b->n; i++) {
        b->t[i] = T->step_t[i];
        b->distance[i] = T->step_distance[i];
        b->identity[i] = T->step_distance[0] * exp(-T->step_exponent[i]);
        b->path[i] = b->bernoulli[i] = b->paper[i] = (double)NAN;
    }
    return FS_OK;
}

/* Why there is no chain, or NULL. */
static const char *missing(const fs_bounds *b, const fs_problem *p, const fs_trajectory *T)
{
    if (fs_problem_basis(p)->dim_N == 0) return "dim N = 0: E is all of L, and there is no distance to bound";
    if (!(T->first.distance > 0.0)) return "Y_0 = 0: the flow starts on E, and there is nothing to bound";
    if (b->n < 2) return "|Y_0| is below what the integration resolves: the flow starts on E";
    if (T->code != FS_OK) return "the augmented flow did not reach its end";
    if (fs_problem_parametrisation(p)) return "the weights move in coordinates that are not orthonormal, so |Y| does not decay by gamma + hbar";
    return fs_remark_2_fails(p);
}

/* The constants.  A failure of a search or of an eigenvalue is a note. */
static fs_status measure(const task *k, fs_bounds *b, fs_flow *f, fs_err *err)
{
    fs_chain *s = &b->chain;
    size_t within = 0, wanted = fs_chain_costly(f) ? NODES_COSTLY : NODES;
    while (within < k->T->n_nodes && k->T->node_t[within] < b->t_last) within++;
    fs_err why = { 0 };
    fs_status status = fs_chain_path(s, f, k->T, within > wanted ? within / wanted : 1, b->t_last, k->watch, &why);
    if (status == FS_OK && isnan(s->c_min)) status = fs_fail(&why, FS_ESOLVER, "an eigenvalue of H_N on the path did not converge");
    if (status == FS_OK) status = fs_chain_constants(s, f, k->T, 1, k->seed, k->watch, &why);
    if (status == FS_OK) return FS_OK;
    fs_chain_clear(s);
    b->stopped = status == FS_ESTOPPED;
    snprintf(b->note, sizeof b->note, "%.290s", why.text);
    return status == FS_ENOMEM || status == FS_EINPUT ? fs_fail(err, status, "%.900s", why.text) : FS_OK;
}

static fs_status rates(fs_bounds *b, fs_flow *f, size_t dim)
{
    for (size_t i = 0; i < b->chain.n; i++) {
        fs_flow_point p;
        FS_TRY(fs_flow_evaluate(f, b->chain.w + i * dim, &p, NULL));
        b->rate[i] = p.distance > 0.0 ? b->chain.gamma + p.hbar : (double)NAN;
    }
    return FS_OK;
}

/* What follows from the constants. */
static void conclude(const task *k, fs_bounds *b)
{
    const fs_chain *s = &b->chain;
    double C = fs_chain_C(s->M3);
    fs_chain_walk walk = { .y = s->delta };
    for (size_t i = 0; i < b->n; i++) {
        fs_chain_bounds at = fs_chain_at(s, b->t[i], &walk);
        b->path[i] = at.path;
        b->bernoulli[i] = at.bernoulli;
        b->paper[i] = at.paper;
    }
    b->t_blown_up = blow_up(s->gamma + s->c_min, C * s->delta);
    fs_chain_compare(s, k->T, b->t_last, fs_chain_floor(k->T, k->rtol), &b->compared);
    b->error = fs_chain_integration(k->T, k->rtol, b->compared.last) + s->c_error * k->T->step_t[b->compared.last] + 1e-12;
    if (b->compared.last) b->verdict = fs_verdict_judge(fs_chain_violation(&b->compared), 0.0, b->error);
}

static fs_status separated(const task *k, fs_bounds *b, const fs_flow *f, fs_err *err)
{
    fs_separable s;
    double *A = fs_calloc(fs_problem_basis(k->problem)->n_par, sizeof *A);
    if (!A) return fs_fail(err, FS_ENOMEM, "weights");
    fs_flow_weights(f, k->T->w_end, A);
    fs_status status = fs_separable_measure(&s, k->problem, 1, A, err);
    if (status == FS_OK) b->separated = s.proved;
    free(A);
    return status == FS_ENAN ? FS_OK : status;
}

static fs_status chain_of(const task *k, fs_bounds *b, fs_err *err)
{
    fs_flow *f = NULL;
    fs_status status = fs_problem_flow(&f, k->problem, FS_FLOW_AUGMENTED, 0.0, k->threads, k->keep_limit, err);
    if (status == FS_OK) status = measure(k, b, f, err);
    if (status == FS_OK && b->chain.n) {
        b->rate = fs_calloc(b->chain.n, sizeof *b->rate);
        status = b->rate ? rates(b, f, k->T->dim) : FS_ENOMEM;
        if (status != FS_OK) fs_fail(err, status, "rates at %zu states: %s", b->chain.n, fs_status_text(status));
        if (status == FS_OK) status = separated(k, b, f, err);
        if (status == FS_OK) conclude(k, b);
    }
    fs_flow_destroy(f);
    return status;
}

fs_status fs_bounds_compute(fs_bounds **out, const fs_problem *p, const fs_trajectory *T, double rtol, int threads, size_t keep_limit, uint64_t seed,
                            const fs_watch *watch, fs_err *err)
{
    const double none = (double)NAN;
    const task k = { p, T, rtol, threads, keep_limit, seed, watch };
    *out = NULL;
    if (T->kind != FS_FLOW_AUGMENTED)
        return fs_fail(err, FS_EINPUT, "expected the augmented flow for the bounds of Theorem 3, found the %s flow", fs_flow_name(T->kind));
    fs_bounds *b = fs_calloc(1, sizeof *b);
    if (!b) return fs_fail(err, FS_ENOMEM, "bounds");
    *b = (fs_bounds){ .chain = { .gamma = T->gamma, .delta = T->first.distance, .radius = T->distance_max, .R0 = T->first.risk, .c_min = none, .c_error = none,
                                 .dip = none, .M3 = none, .M3_K = none, .K = none },
                      .t_last = none, .t_blown_up = none, .compared = { none, none, none, { none, none, none }, 0, 0 },
                      .error = none, .verdict = FS_UNDECIDED };
    fs_status status = known_curves(b, T, err);
    const char *why = status == FS_OK ? missing(b, p, T) : NULL;
    if (why) snprintf(b->note, sizeof b->note, "%.290s", why);
    else if (status == FS_OK) status = chain_of(&k, b, err);
    if (status == FS_OK) *out = b;
    else fs_bounds_destroy(b);
    return status;
}

void fs_bounds_destroy(fs_bounds *b)
{
    if (!b) return;
    fs_chain_clear(&b->chain);
    free(b->rate);
    free(b->t);
    free(b);
}

double fs_bounds_start(const fs_bounds *b)
{
    const fs_chain *s = &b->chain;
    return s->gamma + s->c_min - fs_chain_C(s->M3) * s->delta;
}
