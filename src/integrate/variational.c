/* integrate/variational.c -- transverse finite-time exponents along a path in E
 *
 *   X' = -Pi_E grad R(X),    V' = -(gamma + H_N(X)) V                      one system, Prince and Dormand's pair of orders 8 and 7
 *   V(t) W = [e^{s_1} q_1, e^{s_2} q_2, ...],   q_i orthonormal,  W orthogonal:    sigma_i(V(t)) = e^{s_i}
 *
 * Columns start every step orthonormal, the lengths they have by then beside them as logarithms s_i.  After the step one-sided Jacobi rotations make the
 * columns of V W orthogonal again, whatever their lengths: of two unit columns u (the longer, by the factor 1 / rho >= 1) and v with c = <u, v>
 *
 *   tau = 2 c / (1 - rho^2 + sqrt((1 - rho^2)^2 + 4 c^2 rho^2)):     u + rho^2 tau v  and  v - tau u  are orthogonal
 *
 * and the lengths of both are divided by sqrt(1 + rho^2 tau^2).  Only ratios rho <= 1 are formed, so neither growth nor decay overflows, and the s_i are
 * the logarithms of the singular values at every step.  Their relative accuracy depends on the condition of the normalised columns, not of V [Demmel and Veselic,
 * SIAM J. Matrix Anal. Appl. 13 (1992) 1204]: that of one step's propagator, which is moderate.  A step is right to rtol in every
 * column relative to its own length, so sigma_i has a relative error of a few (steps) (rtol + dim N u): small singular values are as accurate as large ones, and
 * an exponent is off by a few rtol (steps) / t, beside what the error of X does to H_N.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "integrate/variational.h"

#include "base/norm.h"
#include "base/rng.h"

#include <float.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEW_COLUMNS = 4, MOST_SWEEPS = 60, RANDOM_SEED = 1 };
static const long default_max_steps = 1000000;
static const double orthonormal_enough = 1e-8, least_tolerance = 64.0 * DBL_EPSILON;

typedef struct {
    fs_flow *flow;
    size_t E, N, count, dim;        /* dim = E + count N */
    double *y;                      /* (dim) x, then the columns one after another */
    double *s;                      /* (count) logarithms of the lengths that the columns had when their step began */
    double *w, *v, *Jv;             /* (dim L) state, direction, product */
    fs_status status;               /* of the last velocity or product */
    gsl_odeiv2_step *step;
    gsl_odeiv2_control *control;
    gsl_odeiv2_evolve *evolve;
} engine;

static int all_finite(size_t n, const double *x)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i])) return 0;
    return 1;
}

/* --- orthogonal columns with logarithms of their lengths ------------------------------------------ */

/* Unit length; the old one goes into the logarithm. */
static void normalise(size_t n, double *u, double *s)
{
    double length = fs_norm(n, u);
    for (size_t i = 0; i < n; i++) u[i] /= length;
    *s += log(length);
}

/* Rotates unit columns u, v with s_u >= s_v into orthogonal ones; c = <u, v>. */
static void rotate(size_t n, double c, double *u, double *s_u, double *v, double *s_v)
{
    double rho = exp(*s_v - *s_u), gap = (1.0 - rho) * (1.0 + rho), tau = 2.0 * c / (gap + hypot(gap, 2.0 * c * rho));
    for (size_t i = 0; i < n; i++) {
        double old = u[i];
        u[i] += rho * rho * tau * v[i];
        v[i] -= tau * old;
    }
    double shorter = 0.5 * log1p(rho * rho * tau * tau);
    *s_u -= shorter;
    *s_v -= shorter;
    normalise(n, u, s_u);
    normalise(n, v, s_v);
}

/* Columns (count, n) with lengths e^s times their own -> orthonormal columns, lengths e^s. */
static void separate(size_t count, size_t n, double *columns, double *s)
{
    int moved = 1;
    for (size_t i = 0; i < count; i++) normalise(n, columns + i * n, s + i);
    for (int sweep = 0; sweep < MOST_SWEEPS && moved; sweep++) {
        moved = 0;
        for (size_t i = 0; i < count; i++)
            for (size_t j = i + 1; j < count; j++) {
                double c = fs_dot(n, columns + i * n, columns + j * n);
                if (!(fabs(c) > (double)n * DBL_EPSILON)) continue;
                size_t longer = s[i] >= s[j] ? i : j, other = i + j - longer;
                rotate(n, c, columns + longer * n, s + longer, columns + other * n, s + other);
                moved = 1;
            }
    }
}

/* --- the system ------------------------------------------------------------------------------------ */

static int derivative(double t, const double y[], double dydt[], void *parameters)
{
    (void)t;
    engine *e = parameters;
    size_t E = e->E, N = e->N;
    memcpy(e->w, y, E * sizeof *y);                     /* and 0 across E */
    e->status = fs_flow_velocity(e->flow, e->w, e->Jv);
    memcpy(dydt, e->Jv, E * sizeof *y);
    for (size_t i = 0; i < e->count && e->status == FS_OK; i++) {
        memcpy(e->v + E, y + E + i * N, N * sizeof *y);
        e->status = fs_flow_jacobian_product(e->flow, e->w, e->v, e->Jv);
        memcpy(dydt + E + i * N, e->Jv + E, N * sizeof *y);
    }
    /* the step is tried again with half its length */
    return e->status == FS_OK && all_finite(e->dim, dydt) ? GSL_SUCCESS : GSL_FAILURE;
}

static void engine_clear(engine *e)
{
    if (e->evolve) gsl_odeiv2_evolve_free(e->evolve);
    if (e->control) gsl_odeiv2_control_free(e->control);
    if (e->step) gsl_odeiv2_step_free(e->step);
    free(e->y);
    free(e->s);
    free(e->w);
    free(e->v);
    free(e->Jv);
}

static void start_columns(const engine *e, const double *columns, gsl_rng *rng)
{
    double *V = e->y + e->E;
    if (columns) memcpy(V, columns, e->count * e->N * sizeof *V);
    else if (e->count == e->N)
        for (size_t i = 0; i < e->N; i++) V[i * e->N + i] = 1.0;
    else {
        fs_rng_gaussian(rng, e->count * e->N, V);
        separate(e->count, e->N, V, e->s);
    }
    memset(e->s, 0, e->count * sizeof *e->s);
}

static fs_status engine_create(engine *e, const double *x0, const fs_variational_options *o, fs_err *err)
{
    size_t L = e->E + e->N;
    double *scale = NULL;
    gsl_rng *rng = fs_rng_stream(RANDOM_SEED, FS_STREAM_SEARCH);
    if (__builtin_mul_overflow(e->count, e->N, &e->dim) || __builtin_add_overflow(e->dim, e->E, &e->dim)) goto nomem;
    e->y = fs_calloc(e->dim, sizeof *e->y);
    e->s = fs_calloc(e->count, sizeof *e->s);
    e->w = fs_calloc(L, sizeof *e->w);
    e->v = fs_calloc(L, sizeof *e->v);
    e->Jv = fs_calloc(L, sizeof *e->Jv);
    scale = fs_calloc(e->dim, sizeof *scale);
    if (!rng || !e->y || !e->s || !e->w || !e->v || !e->Jv || !scale) goto nomem;
    memcpy(e->y, x0, e->E * sizeof *x0);
    start_columns(e, o->columns, rng);
    /* a column has length 1, its entries about 1 / sqrt(dim N); nothing is asked for below rounding */
    double of_x = least_tolerance * fs_norm(e->E, x0), of_V = o->rtol / sqrt((double)e->N);
    if (o->atol > of_x) of_x = o->atol;
    if (of_V < least_tolerance) of_V = least_tolerance;
    for (size_t i = 0; i < e->dim; i++) scale[i] = i < e->E ? of_x : of_V;
    e->step = gsl_odeiv2_step_alloc(gsl_odeiv2_step_rk8pd, e->dim);
    e->evolve = gsl_odeiv2_evolve_alloc(e->dim);
    e->control = gsl_odeiv2_control_scaled_new(1.0, o->rtol, 1.0, 0.0, scale, e->dim);
    if (!e->step || !e->evolve || !e->control) goto nomem;
    free(scale);
    gsl_rng_free(rng);
    return FS_OK;
nomem:
    free(scale);
    if (rng) gsl_rng_free(rng);
    return fs_fail(err, FS_ENOMEM, "%zu transverse columns of length %zu", e->count, e->N);
}

/* A first step short enough for the largest rate there is at the start; the control does the rest. */
static double first_step(engine *e, double t_end, double *dydt)
{
    double rate = 0.0, x = fs_norm(e->E, e->y);
    if (derivative(0.0, e->y, dydt, e) != GSL_SUCCESS) return (double)NAN;
    for (size_t i = 0; i < e->count; i++) {
        double r = fs_norm(e->N, dydt + e->E + i * e->N);
        if (r > rate) rate = r;
    }
    double r = fs_norm(e->E, dydt) / (x > 1.0 ? x : 1.0);
    if (r > rate) rate = r;
    return rate * t_end > 0.01 ? 0.01 / rate : t_end;
}

/* --- results ----------------------------------------------------------------------------------------- */

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

static void record(const engine *e, double t, fs_variational *v)
{
    double *exponent = v->exponent + v->n_times * e->count;
    v->t[v->n_times] = t;
    memcpy(v->x + v->n_times * e->E, e->y, e->E * sizeof *e->y);
    for (size_t i = 0; i < e->count; i++) exponent[i] = t > 0.0 ? e->s[i] / t : (double)NAN;
    if (t > 0.0) qsort(exponent, e->count, sizeof *exponent, descending);
    v->n_times++;
}

static fs_status result_create(fs_variational **out, const engine *e, size_t n_times, fs_err *err)
{
    fs_variational *v = fs_calloc(1, sizeof *v);
    if (v) {
        v->count = e->count;
        v->dim_E = e->E;
        v->complete = e->count == e->N;
        v->t = fs_calloc(n_times, sizeof *v->t);
        v->x = fs_calloc(n_times, e->E * sizeof *v->x);
        v->exponent = fs_calloc(n_times, e->count * sizeof *v->exponent);
        *out = v;
        if (v->t && v->x && v->exponent) return FS_OK;
    }
    return fs_fail(err, FS_ENOMEM, "exponents of %zu columns at %zu times", e->count, n_times);
}

void fs_variational_destroy(fs_variational *v)
{
    if (!v) return;
    free(v->t);
    free(v->x);
    free(v->exponent);
    free(v);
}

/* --- integration --------------------------------------------------------------------------------------- */

static void give_up(fs_variational *v, double t, const char *why, const char *detail)
{
    snprintf(v->status, sizeof v->status, "ended at t = %.6g: %s%s%s", t, why, *detail ? ": " : "", detail);
}

/* One step after another from *t to the next output time; returns 0 when v says why not. */
static int advance(engine *e, const fs_variational_options *o, double *t, double *h, fs_variational *v)
{
    gsl_odeiv2_system system = { derivative, NULL, e->dim, e };
    double target = o->times[v->n_times], t_end = o->times[o->n_times - 1];
    long limit = o->max_steps > 0 ? o->max_steps : default_max_steps;
    while (*t < target) {
        double before = *t;
        if (v->steps >= limit) {
            give_up(v, *t, "the step limit was reached", "raise it, loosen rtol, or ask for an earlier time");
            return 0;
        }
        int flag = gsl_odeiv2_evolve_apply(e->evolve, e->control, e->step, &system, t, target, h, e->y);
        if (flag != GSL_SUCCESS && e->status != FS_OK) {
            give_up(v, before, "the velocity could not be evaluated", fs_status_text(e->status));
            return 0;
        }
        if (flag != GSL_SUCCESS || !(*t > before)) {
            give_up(v, before, "the tolerance cannot be kept with any step", "loosen rtol or atol");
            return 0;
        }
        if (!all_finite(e->dim, e->y)) {        /* the step control takes NaN for a small error */
            give_up(v, before, "the state is not finite", "the flow blows up here");
            return 0;
        }
        separate(e->count, e->N, e->y + e->E, e->s);
        gsl_odeiv2_evolve_reset(e->evolve);     /* it kept the derivative of the columns as they were */
        v->steps++;
        if (fs_watch_report(o->watch, "transverse exponents", *t / t_end) != FS_OK) {
            v->stopped = 1;
            give_up(v, *t, "stopped on request", "");
            return 0;
        }
    }
    return 1;
}

static void integrate(engine *e, const fs_variational_options *o, double *dydt, fs_variational *v)
{
    double t = 0.0, t_end = o->times[o->n_times - 1], h = first_step(e, t_end, dydt);
    if (!(h > 0.0) && t_end > 0.0) {
        give_up(v, 0.0, "the velocity could not be evaluated", e->status == FS_OK ? "it is not finite" : fs_status_text(e->status));
        return;
    }
    while (v->n_times < o->n_times) {
        if (!advance(e, o, &t, &h, v)) return;
        record(e, t, v);
    }
    snprintf(v->status, sizeof v->status, "reached t = %.6g", t);
}

/* --- the door ---------------------------------------------------------------------------------------------- */

static fs_status check_columns(const fs_variational_options *o, size_t count, size_t N, fs_err *err)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j <= i; j++) {
            double c = fs_dot(N, o->columns + i * N, o->columns + j * N);
            if (!(fabs(c - (i == j ? 1.0 : 0.0)) <= orthonormal_enough))
                return fs_fail(err, FS_EINPUT, "expected orthonormal columns, found <%zu, %zu> = %g", i, j, c);
        }
    return FS_OK;
}

static fs_status validate(const fs_flow *f, const double *x0, const fs_variational_options *o, size_t *count, fs_err *err)
{
    size_t E = fs_flow_dim_E(f), N = fs_flow_dim(f) - E;
    if (fs_flow_kind_of(f) == FS_FLOW_EQUIVARIANT)
        return fs_fail(err, FS_EINPUT, "expected the augmented or the nominal flow, found the equivariant one: it knows nothing across E");
    if (!N) return fs_fail(err, FS_EINPUT, "expected dim N > 0, found 0: nothing is transverse to E");
    if (!o->n_times) return fs_fail(err, FS_EINPUT, "expected at least one time, found none");
    for (size_t k = 0; k < o->n_times; k++)
        if (!(o->times[k] >= 0.0 && o->times[k] <= DBL_MAX) || (k && !(o->times[k] > o->times[k - 1])))
            return fs_fail(err, FS_EINPUT, "expected increasing times from 0 on, found %g at place %zu", o->times[k], k);
    if (!(o->rtol >= 1e-14 && o->rtol <= 1e-2)) return fs_fail(err, FS_EINPUT, "expected rtol in [1e-14, 1e-2], found %g", o->rtol);
    if (!(o->atol > 0.0 && o->atol <= DBL_MAX)) return fs_fail(err, FS_EINPUT, "expected atol > 0, found %g", o->atol);
    if (!all_finite(E, x0)) return fs_fail(err, FS_EINPUT, "expected a start of finite numbers, found others");
    *count = o->count ? o->count : N <= FS_VARIATIONAL_ALL ? N : FEW_COLUMNS;
    if (*count > N) return fs_fail(err, FS_EINPUT, "expected at most dim N = %zu columns, found %zu", N, *count);
    return o->columns ? check_columns(o, *count, N, err) : FS_OK;
}

fs_status fs_variational_compute(fs_variational **out, fs_flow *f, const double *x0, const fs_variational_options *o, fs_err *err)
{
    engine e = { .flow = f, .E = fs_flow_dim_E(f), .N = fs_flow_dim(f) - fs_flow_dim_E(f) };
    fs_flow_counts before = fs_flow_counts_of(f);
    fs_variational *v = NULL;
    double *dydt = NULL;
    *out = NULL;
    fs_status status = validate(f, x0, o, &e.count, err);
    if (status == FS_OK) status = engine_create(&e, x0, o, err);
    if (status == FS_OK) status = result_create(&v, &e, o->n_times, err);
    if (status == FS_OK) {
        dydt = fs_calloc(e.dim, sizeof *dydt);
        if (!dydt) status = fs_fail(err, FS_ENOMEM, "a state of %zu numbers", e.dim);
    }
    if (status == FS_OK) {
        integrate(&e, o, dydt, v);
        fs_flow_counts after = fs_flow_counts_of(f);
        v->velocities = after.velocities - before.velocities;
        v->products = after.products - before.products;
        *out = v;
    } else fs_variational_destroy(v);
    free(dydt);
    engine_clear(&e);
    return status;
}
