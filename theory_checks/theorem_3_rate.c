/* theory_checks/theorem_3_rate.c -- the rate at which |Y| falls in the end
 *
 *   -(1 / t) log |Y| -> gamma + lambda,   lambda in spec H_N(X_inf), generically the lowest                         [NF25, Theorem 3 and Remark 2]
 *
 * From (X, s v): X where the flow has come to, H_N(X) v = lambda_min v, s small.  With d(t) = |H_N(w(t)) v - lambda v| the linear flow turns v by at most
 * eps = int d dt, so that over the window the rate differs from gamma + lambda_min(H_N(X(t))) by at most
 *
 *   max |<v, H_N(w) v> - lambda_min(H_N(X))| + 2 eps max d + eps^2 |H_N|:
 *
 * what |Y| > 0 leaves of the third derivative, and what X does meanwhile (with cross-entropy it never rests).  A start in a random direction of N must not fall more
 * slowly.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "decay.h"
#include "statements.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NODES = 8, WAITS = 4 };
static const double long_time = 20.0;       /* times the model's t_end; where E or its curvature still moves too much then, ten times as long, and so on */
static const double start_size = 1e-4;      /* |Y| at the start of the window, relative to 1 + |X| */
static const double window = 1e-3;          /* |Y| at its end, relative to the start */
static const double telling = 1e-2;         /* the bound over the rate: beyond it a pass says little */
static const double of_spectrum = 0.05;     /* the bound over |H_N|: beyond it lambda_min is not told from other eigenvalues */

/* The model at its place of rest. */
typedef struct {
    size_t dim, E, N;
    double gamma, lambda, lambda_error, norm, s;
    double waited;              /* time for which the flow inside E has run */
    double *w, *v;              /* (dim) (X, s v); (N) */
    fs_flow *curved;            /* augmented, gamma = 0, without parametrisation */
} place;

static void place_clear(place *a)
{
    free(a->w);
    free(a->v);
    fs_flow_destroy(a->curved);
}

/* X (dim E): where the flow inside E comes to from there in time t. */
static fs_status rest_on_E(fs_check_context *c, double *X, double t, fs_err *err)
{
    fs_flow *inside = NULL;
    fs_trajectory *T = NULL;
    fs_status status = fs_check_flow_at(c, FS_FLOW_EQUIVARIANT, 0.0, &inside, err);
    if (status == FS_OK) status = fs_decay_run(c, inside, X, t, fs_decay_rtol(c), 0.0, 0, &T, err);
    if (status == FS_OK && T->dim) memcpy(X, T->w_end, T->dim * sizeof *X);
    fs_flow_destroy(inside);
    fs_trajectory_destroy(T);
    return status;
}

static fs_status place_create(fs_check_context *c, place *a, fs_err *err)
{
    const double *start;
    FS_TRY(fs_check_start(c, &start, err));
    *a = (place){ .E = fs_check_basis(c)->dim_E, .N = fs_check_basis(c)->dim_N };
    a->dim = a->E + a->N;
    a->w = fs_calloc(a->dim, sizeof *a->w);
    a->v = fs_calloc(a->N, sizeof *a->v);
    if (!a->w || !a->v) return fs_fail(err, FS_ENOMEM, "a state of dimension %zu", a->dim);
    memcpy(a->w, start, a->E * sizeof *a->w);
    return fs_check_plain_flow(c, FS_FLOW_AUGMENTED, 0.0, &a->curved, err);
}

/* Waits longer than before, and starts there. */
static fs_status place_find(fs_check_context *c, place *a, fs_err *err)
{
    fs_transverse H;
    double longer = a->waited > 0.0 ? 9.0 * a->waited : long_time * fs_problem_settings(fs_check_problem(c))->t_end;
    FS_TRY(rest_on_E(c, a->w, longer, err));
    a->waited += longer;
    memset(a->w + a->E, 0, a->N * sizeof *a->w);
    FS_TRY(fs_transverse_compute(a->curved, a->w, fs_check_watch(c), &H, a->v, err));
    if (!H.converged) return fs_fail(err, FS_ESOLVER, "the lowest eigenvalue of H_N did not converge");
    FS_TRY(fs_decay_norm(a->curved, a->w, &a->norm, err));
    a->lambda = H.lambda_min;
    a->lambda_error = H.error;
    /* E must attract, at a rate in which lambda shows */
    a->gamma = fs_check_options_of(c)->gamma;
    if (a->gamma < -2.0 * a->lambda) a->gamma = -2.0 * a->lambda;
    if (a->gamma < 0.1 * a->norm) a->gamma = 0.1 * a->norm;
    a->s = start_size * (1.0 + fs_norm(a->E, a->w));
    for (size_t i = 0; i < a->N; i++) a->w[a->E + i] = a->s * a->v[i];
    return FS_OK;
}

/* Mean of lambda_min(H_N(X(t))) over T and the bound, without integration. */
static fs_status along(const place *a, const fs_trajectory *T, double *mean, double *bound, fs_err *err)
{
    double *Hv = fs_calloc(a->N, sizeof *Hv), *z = fs_calloc(a->dim, 3 * sizeof *z), *X = z ? z + 2 * a->dim : NULL;
    double most = 0.0, turned = 0.0, off = 0.0, before[2] = { 0 }, t = 0.0;
    fs_status status = Hv && z ? FS_OK : fs_fail(err, FS_ENOMEM, "a state of dimension %zu", a->dim);
    *mean = 0.0;
    for (size_t k = 0; k <= T->n_nodes && status == FS_OK; k++) {
        const double *w = k < T->n_nodes ? T->node_w + k * T->dim : T->w_end;
        double at = k < T->n_nodes ? T->node_t[k] : T->t_reached, d = 0.0;
        fs_transverse H;
        if (k == T->n_nodes && !(at > t)) break;
        memcpy(X, w, a->E * sizeof *X);
        status = fs_transverse_compute(a->curved, X, NULL, &H, NULL, err);
        if (status == FS_OK) status = fs_decay_product(a->curved, w, a->v, Hv, z);
        if (status != FS_OK) break;
        double shift = fabs(fs_dot(a->N, a->v, Hv) - H.lambda_min) + H.error;
        for (size_t i = 0; i < a->N; i++) {
            double e = Hv[i] - a->lambda * a->v[i];
            d += e * e;
        }
        d = sqrt(d);
        fs_raise_to(&most, shift);
        fs_raise_to(&off, d);
        if (k) {
            *mean += 0.5 * (at - t) * (before[0] + H.lambda_min);
            turned += (at - t) * (before[1] > d ? before[1] : d);
        }
        before[0] = H.lambda_min;
        before[1] = d;
        t = at;
    }
    *mean /= t;
    *bound = most + 2.0 * turned * off + turned * turned * a->norm;
    free(Hv);
    free(z);
    return status;
}

/* From (X, s v) or, with a random direction, from (X, s u), until |Y| has fallen by the window or t has passed. */
static fs_status fall(fs_check_context *c, const place *a, double gamma, const double *w, double t, fs_trajectory **T, double *rate, fs_err *err)
{
    fs_flow *f = NULL;
    FS_TRY(fs_check_flow_at(c, FS_FLOW_AUGMENTED, gamma, &f, err));
    fs_status status = fs_decay_run(c, f, w, t, fs_decay_rtol(c), window * a->s, NODES, T, err);
    fs_flow_destroy(f);
    FS_TRY(status);
    *rate = -log((*T)->last.distance / (*T)->first.distance) / (*T)->t_reached;
    return FS_OK;
}

static fs_status generic(fs_check_context *c, const place *a, double t, double *rate, fs_err *err)
{
    gsl_rng *rng = fs_rng_stream(fs_check_options_of(c)->seed, FS_STREAM_PERTURBATION);
    double *w = fs_calloc(a->dim, sizeof *w);
    fs_trajectory *T = NULL;
    fs_status status = rng && w ? FS_OK : fs_fail(err, FS_ENOMEM, "a state of dimension %zu", a->dim);
    if (status == FS_OK) {
        memcpy(w, a->w, a->E * sizeof *w);
        fs_rng_gaussian(rng, a->N, w + a->E);
        double size = fs_norm(a->N, w + a->E);
        for (size_t i = a->E; i < a->dim; i++) w[i] *= a->s / size;
        status = fall(c, a, a->gamma, w, t, &T, rate, err);
    }
    fs_trajectory_destroy(T);
    free(w);
    if (rng) gsl_rng_free(rng);
    return status;
}

/* gamma is a normal parameter: without it the flow on E is the same and the rate is less by exactly gamma. */
static fs_status control(fs_check_context *c, const place *a, double t, double lambda, fs_finding *found, fs_err *err)
{
    fs_trajectory *T = NULL;
    double rate;
    if (fabs(a->lambda) * t > 2.0) t = 2.0 / fabs(a->lambda);
    FS_TRY(fall(c, a, 0.0, a->w, t, &T, &rate, err));
    fs_trajectory_destroy(T);
    found->control.measured = fabs(rate - a->gamma - lambda);
    found->control.predicted = a->gamma;
    snprintf(found->control.what, sizeof found->control.what, "the penalty left out: the rate must be less by gamma exactly");
    return FS_OK;
}

/* The flow along the eigenvector and what motion may do to its rate; integration: what errors may. */
typedef struct { double rate, mean, moved, integration, t; } measurement;

static fs_status measure_rate(fs_check_context *c, const place *a, measurement *m, fs_err *err)
{
    fs_trajectory *T = NULL;
    fs_status status = fall(c, a, a->gamma, a->w, 2.0 * log(1.0 / window) / (a->gamma + a->lambda), &T, &m->rate, err);
    if (status == FS_OK) status = along(a, T, &m->mean, &m->moved, err);
    if (status == FS_OK) {
        m->t = T->t_reached;
        m->integration = fs_chain_integration(T, fs_decay_rtol(c), T->n_steps_kept - 1) / m->t;
    }
    fs_trajectory_destroy(T);
    return status;
}

/* How large a bound may be: the rate must be seen, and lambda_min in it. */
static double allowed(const place *a)
{
    double rate = telling * (a->gamma + a->lambda), spectrum = of_spectrum * a->norm;
    return rate < spectrum ? rate : spectrum;
}

static fs_status evaluate(fs_check_context *c, place *a, fs_finding *found, fs_err *err)
{
    double other = (double)NAN;
    measurement m = { 0 };
    for (int k = 0; k < WAITS; k++) {
        FS_TRY(place_find(c, a, err));
        FS_TRY(measure_rate(c, a, &m, err));
        if (m.moved + m.integration <= allowed(a) || !(m.moved > m.integration)) break;
    }
    double rate = m.rate, mean = m.mean, t = m.t, bound = m.moved + m.integration;
    FS_TRY(generic(c, a, t, &other, err));
    double slower = a->gamma + mean - other;
    found->measured = fabs(rate - a->gamma - mean);
    fs_raise_to(&found->measured, slower);
    found->error = a->lambda_error;
    found->bound = bound;
    FS_TRY(control(c, a, t, mean, found, err));
    if (!(bound <= allowed(a)))
        fs_check_vacuous(found, "lambda_min = %.3g is not seen in the rate: of the bound, %.2g, motion of E and its curvature leave %.2g, errors of integration %.2g; |H_N| = %.2g",
                         a->lambda, bound, m.moved, m.integration, a->norm);
    fs_check_quantity(found, rate, bound, "rate");
    fs_check_quantity(found, a->gamma + mean, a->lambda_error, "gamma_plus_lambda");
    fs_check_quantity(found, a->gamma, 0.0, "gamma");
    fs_check_quantity(found, a->lambda, a->lambda_error, "lambda_min");
    fs_check_quantity(found, other, 0.0, "generic_rate");
    fs_check_quantity(found, m.moved, 0.0, "motion");
    fs_check_quantity(found, m.integration, 0.0, "integration");
    fs_check_quantity(found, a->norm, 0.0, "norm");
    fs_check_quantity(found, a->waited, 0.0, "waited");
    snprintf(found->note, sizeof found->note, "gamma = %.4g, lambda_min = %.4g: rate %.8g over t = %.4g from |Y| = %.2g along the eigenvector, gamma + lambda_min(X(t)) = %.8g in "
             "the mean; from a random direction %.6g", a->gamma, a->lambda, rate, t, a->s, a->gamma + mean, other);
    return FS_OK;
}

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    place a = { 0 };
    if (!fs_check_basis(c)->dim_N) return fs_check_absent(found, "dim N = 0: there is no distance to E");
    fs_status status = place_create(c, &a, err);
    if (status == FS_OK) status = evaluate(c, &a, found, err);
    place_clear(&a);
    return status;
}

const fs_statement fs_statement_theorem_3_rate = {
    .id = "theorem_3_rate",
    .code = "3r",
    .name = "Theorem 3, rate",
    .claim = "-(1/t) log |Y| -> gamma + lambda_min(H_N) along the lowest eigenvector, and no slower from anywhere",
    .source = "[NF25, Theorem 3]",
    .needs = FS_NEEDS_RATES,
    .measures = "|rate - gamma - lambda_min| over three decades of |Y| near the end of the path; from a random direction only a slower rate counts",
    .budget = "third derivative times |Y|, motion of H_N along E and what both turn the eigenvector by, all from products with it; local errors of the steps",
    .controls = "the penalty left out of the flow: the rate is less by gamma, exactly",
    .measure = measure,
};
