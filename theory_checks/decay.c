/* theory_checks/decay.c -- |Y| along a flow: curvature of rays from E, plateaus
 *
 * Means over s in [0, 1] by Gauss-Legendre quadrature: the integrand is analytic, and the difference from half as many nodes is far above the error.
 * (gamma + H_N) y = b by conjugate gradients on exact Hessian-vector products.                                                 [NF25, Theorem 3]
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "decay.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DENSE_LIMIT = 512, GAUSS = 16, COPIES = 3, POWER = 16, NEWTON = 30, NODES_FAULT = 64, OUTPUTS = 400, PER_SCALE = 100, SEEN = 5, RAISES = 4 };
static const double loosest = 1e-7;             /* relative tolerance */
static const double settling = 20.0;            /* gamma over |H_N| at which a plateau is one */
static const double forgotten = 1e-4;           /* what may be left of a start, over the plateau */
static const double fallen = 1e-6;              /* a promise at the end, over its start */
static const double resolved = 1e3;             /* a plateau over the tolerance of |Y|, at least */
static const double small_lag = 0.1;            /* log of a plateau moves so much in 1 / gamma: the lagged one is right to 5 % of it (H_N) and its square (X'') */

/* --- integration ------------------------------------------------------------------------- */

double fs_decay_rtol(const fs_check_context *c)
{
    double rtol = fs_check_options_of(c)->rtol;
    return rtol < loosest ? rtol : loosest;
}

void fs_decay_guard(fs_finding *found, double range, size_t count, double bound)
{
    if (!(range >= FS_DECAY_RANGE)) fs_check_vacuous(found, "log |Y| was followed over a change of %.2g only, down to what the integration resolves", range);
    if (count < SEEN) fs_check_vacuous(found, "|Y| was compared at %zu output times only", count);
    if (!(bound <= FS_DECAY_TELLING * range)) fs_check_vacuous(found, "the bound of %.2g would hide much of the change of log |Y|, %.2g", bound, range);
}

typedef struct { const fs_watch *watch; double t_end, floor; int stopped; } stage;

static int look(void *context, double t, double h, long step, const fs_flow_point *p)
{
    (void)h;
    (void)step;
    stage *s = context;
    if (fs_watch_report(s->watch, "a flow", t / s->t_end) != FS_OK) s->stopped = 1;
    return s->stopped || (s->floor > 0.0 && p->distance <= s->floor);
}

fs_status fs_decay_run(fs_check_context *c, fs_flow *f, const double *w0, double t_end, double rtol, double floor, size_t nodes, fs_trajectory **out, fs_err *err)
{
    return fs_decay_run_rows(c, f, w0, t_end, 0.0, rtol, floor, nodes, out, err);
}

fs_status fs_decay_run_rows(fs_check_context *c, fs_flow *f, const double *w0, double t_end, double scale, double rtol, double floor, size_t nodes,
                            fs_trajectory **out, fs_err *err)
{
    stage s = { fs_check_watch(c), t_end, floor, 0 };
    double times[OUTPUTS], atol = fs_check_options_of(c)->atol;
    size_t n = 0;
    if (scale > t_end) scale = t_end;
    for (; scale > 0.0 && n < OUTPUTS && scale * (double)(n + 1) / PER_SCALE <= t_end; n++) times[n] = scale * (double)(n + 1) / PER_SCALE;
    const fs_integrate_options o = {
        .t_end = t_end, .rtol = rtol, .atol = atol < 0.1 * rtol ? atol : 0.1 * rtol, .method = FS_METHOD_BDF, .n_times = n, .times = times,
        .solver = fs_flow_dim(f) <= DENSE_LIMIT ? FS_SOLVER_DENSE : FS_SOLVER_KRYLOV, .keep_nodes = nodes, .progress = look, .context = &s,
    };
    FS_TRY(fs_trajectory_compute(out, f, w0, &o, err));
    const fs_trajectory *T = *out;
    fs_status status = FS_OK;
    if (s.stopped) status = fs_fail(err, FS_ESTOPPED, "stopped on request");
    else if (T->code != FS_OK && T->code != FS_ESTOPPED) status = fs_fail(err, T->code, "the %s flow: %s", fs_flow_name(T->kind), T->status);
    if (status == FS_OK) return FS_OK;
    fs_trajectory_destroy(*out);
    *out = NULL;
    return status;
}

/* --- curvature --------------------------------------------------------------------------- */

fs_status fs_decay_product(fs_flow *plain, const double *w, const double *v, double *Hv, double *z)
{
    size_t n = fs_flow_dim(plain), E = fs_flow_dim_E(plain);
    double *Jz = z + n;
    memset(z, 0, E * sizeof *z);
    memcpy(z + E, v, (n - E) * sizeof *z);
    FS_TRY(fs_flow_jacobian_product(plain, w, z, Jz));
    for (size_t i = E; i < n; i++) Hv[i - E] = -Jz[i] - fs_flow_gamma(plain) * z[i];
    return FS_OK;
}

/* Nodes s and weights for [0, 1]: zeros of the Legendre polynomial P_n by Newton's method. */
static void gauss(size_t n, double *s, double *weight)
{
    const double pi = acos(-1.0);
    for (size_t i = 0; i < n; i++) {
        double x = cos(pi * ((double)i + 0.75) / ((double)n + 0.5)), slope = 1.0;
        for (int k = 0; k < 8; k++) {
            double p = x, before = 1.0;
            for (size_t j = 2; j <= n; j++) {
                double next = ((double)(2 * j - 1) * x * p - (double)(j - 1) * before) / (double)j;
                before = p;
                p = next;
            }
            slope = (double)n * (x * p - before) / (x * x - 1.0);
            x -= p / slope;
        }
        s[i] = 0.5 * (1.0 - x);
        weight[i] = 1.0 / ((1.0 - x * x) * slope * slope);
    }
}

/* <u, Hess R(X + s Y) u> */
static fs_status curvature(fs_flow *plain, const double *w, double s, const double *u, double *value, double *scratch)
{
    size_t n = fs_flow_dim(plain), E = fs_flow_dim_E(plain), N = n - E;
    double *state = scratch, *Hu = scratch + n, *z = scratch + 2 * n;
    memcpy(state, w, n * sizeof *w);
    for (size_t i = E; i < n; i++) state[i] *= s;
    FS_TRY(fs_decay_product(plain, state, u, Hu, z));
    *value = fs_dot(N, u, Hu);
    return FS_OK;
}

/* -<Y, w'> / |Y|^2 */
static fs_status shrinking(fs_flow *moving, const double *w, double *velocity, double *value)
{
    size_t n = fs_flow_dim(moving), E = fs_flow_dim_E(moving);
    FS_TRY(fs_flow_velocity(moving, w, velocity));
    *value = -fs_dot(n - E, w + E, velocity + E) / fs_dot(n - E, w + E, w + E);
    return FS_OK;
}

/* The largest change when every coordinate moves by one unit in the last place, in a fixed pattern of signs. */
static fs_status scatter(fs_flow *moving, const double *w, double exact, double *most, double *scratch)
{
    size_t n = fs_flow_dim(moving);
    *most = 0.0;
    for (size_t k = 0; k < COPIES; k++) {
        double value;
        for (size_t i = 0; i < n; i++) scratch[i] = w[i] * (((i * 2654435761u + k * 40503u) >> 7) & 1u ? 1.0 + DBL_EPSILON : 1.0 - DBL_EPSILON);
        FS_TRY(shrinking(moving, scratch, scratch + n, &value));
        fs_raise_to(most, fabs(value - exact));
    }
    return FS_OK;
}

static fs_status ray_mean(fs_flow *plain, const double *w, const double *u, fs_decay_ray *out, double *scratch)
{
    double s[GAUSS], weight[GAUSS], coarse = 0.0, value;
    out->mean = 0.0;
    out->lowest = DBL_MAX;
    gauss(GAUSS / 2, s, weight);
    for (size_t i = 0; i < GAUSS / 2; i++) {
        FS_TRY(curvature(plain, w, s[i], u, &value, scratch));
        coarse += weight[i] * value;
    }
    gauss(GAUSS, s, weight);
    for (size_t i = 0; i < GAUSS; i++) {
        FS_TRY(curvature(plain, w, s[i], u, &value, scratch));
        out->mean += weight[i] * value;
        if (value < out->lowest) {
            out->lowest = value;
            out->at = s[i];
        }
    }
    FS_TRY(curvature(plain, w, 0.0, u, &out->on_E, scratch));
    out->mean_error = fabs(out->mean - coarse) + 64.0 * DBL_EPSILON * (fs_flow_gamma(plain) + fabs(out->mean));
    return FS_OK;
}

fs_status fs_decay_ray_at(fs_flow *moving, fs_flow *plain, const double *w, fs_decay_ray *out, fs_err *err)
{
    size_t n = fs_flow_dim(plain), E = fs_flow_dim_E(plain), N = n - E;
    *out = (fs_decay_ray){ .size = fs_norm(N, w + E) };
    if (!(out->size > 0.0)) return fs_fail(err, FS_EINPUT, "expected a state off E, found |Y| = %g", out->size);
    double *u = fs_calloc(N, sizeof *u), *scratch = fs_calloc(n, 4 * sizeof *scratch), gamma = fs_flow_gamma(plain);
    fs_status status = u && scratch ? FS_OK : FS_ENOMEM;
    for (size_t i = 0; i < N && status == FS_OK; i++) u[i] = w[E + i] / out->size;
    if (status == FS_OK) status = shrinking(moving, w, scratch, &out->velocity);
    double part = status == FS_OK ? fs_norm(N, scratch + E) / out->size : 0.0;
    if (status == FS_OK) status = scatter(moving, w, out->velocity, &out->rounding, scratch);
    out->rounding = 16.0 * out->rounding + 64.0 * DBL_EPSILON * (part + gamma);
    if (status == FS_OK) status = ray_mean(plain, w, u, out, scratch);
    out->mean += gamma;
    out->lowest += gamma;
    out->on_E += gamma;
    free(u);
    free(scratch);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "curvature on a ray from E: %s", fs_status_text(status));
}

fs_status fs_decay_exponent(fs_flow *plain, const fs_trajectory *T, double *exponent, fs_err *err)
{
    double before = 0.0, t = 0.0;
    *exponent = 0.0;
    for (size_t k = 0; k <= T->n_nodes; k++) {
        fs_decay_ray r;
        double at = k < T->n_nodes ? T->node_t[k] : T->t_reached;
        if (k == T->n_nodes && !(at > t)) break;
        FS_TRY(fs_decay_ray_at(plain, plain, k < T->n_nodes ? T->node_w + k * T->dim : T->w_end, &r, err));
        if (k) *exponent += 0.5 * (at - t) * (before + r.mean);
        before = r.mean;
        t = at;
    }
    return FS_OK;
}

fs_status fs_decay_norm(fs_flow *plain, const double *w, double *norm, fs_err *err)
{
    size_t n = fs_flow_dim(plain), N = n - fs_flow_dim_E(plain);
    double *v = fs_calloc(N, 2 * sizeof *v), *z = fs_calloc(n, 2 * sizeof *z);
    gsl_rng *rng = fs_rng_stream(0, FS_STREAM_SEARCH);
    fs_status status = v && z && rng ? FS_OK : FS_ENOMEM;
    *norm = 0.0;
    if (status == FS_OK) fs_rng_gaussian(rng, N, v);
    for (size_t k = 0; k < POWER && status == FS_OK; k++) {
        double size = fs_norm(N, v);
        if (!(size > 0.0)) break;
        for (size_t i = 0; i < N; i++) v[i] /= size;
        status = fs_decay_product(plain, w, v, v + N, z);
        memcpy(v, v + N, N * sizeof *v);
        *norm = fs_norm(N, v);
    }
    free(v);
    free(z);
    if (rng) gsl_rng_free(rng);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "the norm of H_N: %s", fs_status_text(status));
}

/* --- plateaus ------------------------------------------------------------------------------ */

fs_status fs_decay_leak(fs_flow *plain, const double *w, double *across, double *all, double *leak, fs_err *err)
{
    size_t n = fs_flow_dim(plain), E = fs_flow_dim_E(plain);
    double *z = fs_calloc(n, 2 * sizeof *z);
    fs_status status = z ? FS_OK : FS_ENOMEM;
    if (z) {
        memcpy(z, w, E * sizeof *z);
        status = fs_flow_velocity(plain, z, z + n);
        *across = fs_norm(n - E, z + n + E);
        *all = fs_norm(n, z + n);
        for (size_t i = E; leak && i < n; i++) leak[i - E] = -z[n + i];
    }
    free(z);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "grad R on E: %s", fs_status_text(status));
}

/* (gamma + H_N(w)) d = b, d = 0 at the start; r, p, q (N), z (2 n) scratch.  *found 0: the matrix is not positive definite. */
static fs_status solve(fs_flow *plain, const double *w, const double *b, double *d, double *scratch, int *found)
{
    size_t n = fs_flow_dim(plain), N = n - fs_flow_dim_E(plain);
    double *r = scratch, *p = r + N, *q = p + N, *z = q + N, gamma = fs_flow_gamma(plain);
    memset(d, 0, N * sizeof *d);
    memcpy(r, b, N * sizeof *r);
    memcpy(p, b, N * sizeof *p);
    double rr = fs_dot(N, r, r), wanted = 1e-24 * rr;
    *found = 1;
    for (size_t k = 0; k < 4 * N + 8 && rr > wanted; k++) {
        FS_TRY(fs_decay_product(plain, w, p, q, z));
        for (size_t i = 0; i < N; i++) q[i] += gamma * p[i];
        double pq = fs_dot(N, p, q), before = rr;
        *found = pq > 0.0;
        if (!*found) return FS_OK;
        for (size_t i = 0; i < N; i++) {
            d[i] += before / pq * p[i];
            r[i] -= before / pq * q[i];
        }
        rr = fs_dot(N, r, r);
        for (size_t i = 0; i < N; i++) p[i] = r[i] + rr / before * p[i];
    }
    return FS_OK;
}

fs_status fs_decay_rest(fs_flow *plain, double *w, int *found, fs_err *err)
{
    size_t n = fs_flow_dim(plain), E = fs_flow_dim_E(plain), N = n - E;
    double *F = fs_calloc(n, sizeof *F), *d = fs_calloc(N, sizeof *d), *scratch = fs_calloc(5, n * sizeof *scratch);
    fs_status status = F && d && scratch ? FS_OK : FS_ENOMEM;
    int settled = 0, definite = 1;
    if (status == FS_OK) memset(w + E, 0, N * sizeof *w);
    for (int k = 0; k < NEWTON && status == FS_OK && definite && !settled; k++) {
        status = fs_flow_velocity(plain, w, F);
        if (status == FS_OK) status = solve(plain, w, F + E, d, scratch, &definite);
        if (status != FS_OK || !definite) break;
        for (size_t i = 0; i < N; i++) w[E + i] += d[i];
        settled = fs_norm(N, d) <= 1e-10 * fs_norm(N, w + E);
    }
    *found = settled && definite;
    free(F);
    free(d);
    free(scratch);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "rest across E: %s", fs_status_text(status));
}

fs_status fs_decay_settling(fs_check_context *c, const double *w0, double *gamma, fs_err *err)
{
    fs_flow *plain = NULL;
    double norm, *X = fs_calloc(fs_check_basis(c)->dim_E + fs_check_basis(c)->dim_N, sizeof *X);
    if (!X) return fs_fail(err, FS_ENOMEM, "a state");
    memcpy(X, w0, fs_check_basis(c)->dim_E * sizeof *X);
    fs_status status = fs_check_plain_flow(c, FS_FLOW_NOMINAL, 0.0, &plain, err);
    if (status == FS_OK) status = fs_decay_norm(plain, X, &norm, err);
    if (status == FS_OK && !(*gamma >= settling * norm)) *gamma = settling * norm;
    fs_flow_destroy(plain);
    free(X);
    return status;
}

/* --- flows that must not decay ------------------------------------------------------------------ */

/* log |Y| where the nominal flow at w settles across E with X held, and where it did for X at t - 1 / gamma; NaN: nowhere. */
static fs_status plateaus(fs_flow *moving, fs_flow *plain, const double *w, double *now, double *before, fs_err *err)
{
    size_t n = fs_flow_dim(plain), E = fs_flow_dim_E(plain);
    double *rest = fs_calloc(n, 2 * sizeof *rest), *F = rest ? rest + n : NULL;
    int found = 0;
    *now = *before = (double)NAN;
    if (!rest) return fs_fail(err, FS_ENOMEM, "a state of dimension %zu", n);
    memcpy(rest, w, n * sizeof *rest);
    fs_status status = fs_decay_rest(plain, rest, &found, err);
    if (status == FS_OK && found) *now = log(fs_norm(n - E, rest + E));
    if (status == FS_OK && fs_flow_velocity(moving, w, F) != FS_OK) status = fs_fail(err, FS_ENAN, "the velocity of the nominal flow");
    for (size_t i = 0; i < E; i++) rest[i] = w[i] - F[i] / fs_flow_gamma(plain);
    found = 0;
    if (status == FS_OK) status = fs_decay_rest(plain, rest, &found, err);
    if (status == FS_OK && found) *before = log(fs_norm(n - E, rest + E));
    free(rest);
    return status;
}

/* gamma + H_N is at least (1 - 1 / settling) gamma, and the promise falls at least half as fast as gamma says. */
static double time_to_settle(double gamma, double slower, double fall)
{
    double slowest = slower > gamma / settling ? slower : gamma / settling;
    return fall / (gamma - slowest);
}

/* The nominal flow at out->gamma.  *T: NULL where its plateau cannot be resolved. */
static fs_status nominal_run(fs_check_context *c, const double *w0, double slower, fs_decay_fault *out, fs_err *err)
{
    fs_flow *plain = NULL, *moving = NULL;
    fs_trajectory *T = NULL;
    double at_start, before, ignored, size, rtol = fs_decay_rtol(c);
    fs_status status = fs_check_plain_flow(c, FS_FLOW_NOMINAL, out->gamma, &plain, err);
    if (status == FS_OK) status = fs_check_flow_at(c, FS_FLOW_NOMINAL, out->gamma, &moving, err);
    if (status == FS_OK) status = plateaus(moving, plain, w0, &at_start, &ignored, err);
    if (status != FS_OK) goto done;
    size_t n = fs_flow_dim(plain), E = fs_flow_dim_E(plain);
    size = log(fs_norm(n - E, w0 + E));
    double fall = size - at_start - log(forgotten);
    out->t = time_to_settle(out->gamma, slower, fall > -log(fallen) ? fall : -log(fallen));
    out->nominal = 0;
    if (!isfinite(at_start) || !(exp(at_start) > resolved * DBL_EPSILON * (1.0 + fs_norm(n, w0)))) goto done;
    status = fs_decay_run(c, moving, w0, out->t, rtol, 0.0, 0, &T, err);
    if (status == FS_OK) status = plateaus(moving, plain, T->w_end, &out->plateau, &before, err);
    if (status != FS_OK) goto done;
    out->nominal = exp(out->plateau) > resolved * T->atol_N;
    out->log_distance = log(T->last.distance);
    out->predicted = before;
    out->lag = fabs(out->plateau - before);
done:
    fs_flow_destroy(plain);
    fs_flow_destroy(moving);
    fs_trajectory_destroy(T);
    return status;
}

static fs_status without_penalty(fs_check_context *c, const double *w0, double slower, fs_decay_fault *out, fs_err *err)
{
    fs_flow *plain = NULL, *moving = NULL;
    fs_trajectory *T = NULL;
    out->t = time_to_settle(out->gamma, slower, -log(fallen));
    out->lag = 0.0;
    fs_status status = fs_check_plain_flow(c, FS_FLOW_AUGMENTED, 0.0, &plain, err);
    if (status == FS_OK) status = fs_check_flow_at(c, FS_FLOW_AUGMENTED, 0.0, &moving, err);
    if (status == FS_OK) status = fs_decay_run(c, moving, w0, out->t, fs_decay_rtol(c), 0.0, NODES_FAULT, &T, err);
    if (status == FS_OK) status = fs_decay_exponent(plain, T, &out->predicted, err);
    if (status == FS_OK) {
        out->log_distance = log(T->last.distance);
        out->predicted = log(T->first.distance) - out->predicted;
    }
    fs_flow_destroy(plain);
    fs_flow_destroy(moving);
    fs_trajectory_destroy(T);
    return status;
}

fs_status fs_decay_fault_run(fs_check_context *c, const double *w0, double gamma, double slower, fs_decay_fault *out, fs_err *err)
{
    FS_TRY(fs_decay_settling(c, w0, &gamma, err));
    if (gamma < 2.0 * slower) gamma = 2.0 * slower;
    if (!(gamma > 0.0)) gamma = 1.0;
    *out = (fs_decay_fault){ .gamma = gamma, .log_distance = (double)NAN, .predicted = (double)NAN };
    for (int k = 0; k <= RAISES; k++) {
        FS_TRY(nominal_run(c, w0, slower, out, err));
        if (!out->nominal || out->lag <= small_lag) break;
        if (k < RAISES) out->gamma *= 4.0;
    }
    if (out->nominal) return FS_OK;
    out->gamma = gamma;
    return without_penalty(c, w0, slower, out, err);
}

void fs_decay_fault_report(const fs_decay_fault *fault, double promised, const char *what, fs_finding *found)
{
    found->control.measured = fault->log_distance - promised;
    found->control.predicted = fault->predicted - promised;
    snprintf(found->control.what, sizeof found->control.what, "%s: log of its distance over %s at gamma = %.3g%s", fault->nominal ? "the nominal flow" :
             "the augmented flow without the penalty (no nominal plateau to be seen)", what, fault->gamma, fault->nominal ? "; predicted by its plateau" : "");
    if (!(fault->lag <= small_lag))
        fs_check_vacuous(found, "the control has no prediction: X moves so fast that the nominal plateau changes by %.2g in log in 1 / gamma, gamma = %.2g", fault->lag, fault->gamma);
    if (!(found->control.predicted > found->bound))
        fs_check_vacuous(found, "the control is not where it must fail: theory puts it at %.2g, the bound is %.2g", found->control.predicted, found->bound);
}
