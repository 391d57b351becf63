/* integrate/newton.c -- zeros of a flow's velocity by SUNDIALS KINSOL, with exact Jacobians
 *
 *   G(w) = m(w) F(w),   F = grad S = -(velocity),   m = prod_i (1 + 1 / |w - w_i|^2)   over the known zeros w_i
 *   J_G = m (H + F (grad log m)^T),    grad log m = -sum_i 2 (w - w_i) / (r_i^2 (1 + r_i^2)),   r_i = |w - w_i|
 *   d_G = d_F / (1 - d_F . grad log m)       [Farrell, Birkisson, Funke 2015]
 *
 * KINSOL sees a linear solver of its iterative kind without a matrix, which returns Levenberg's step (integrate/levenberg.h).  That kind is the right one:
 * for a direct solver KINSOL takes J d = -G for granted and with it the slope -|G|^2, which is wrong for a damped step (its search would then refuse
 * steps that descend, or take ones that hardly do); for an iterative one it multiplies J d out by the product function.  A damped deflated step can climb, when
 * the known zeros pull harder than the damped step descends; it is turned round then.
 *
 * The search may only end where it can say why, so KINSOL's flag alone decides nothing: F is evaluated here, the best point is kept, and convergence is judged
 * on a fresh F.  Points where F is not finite, or beyond the radius, are high walls to the line search, not errors: after its first trial step it would
 * take any error for the end.  The largest step is the radius.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "integrate/newton.h"

#include "base/norm.h"
#include "integrate/levenberg.h"

#include <float.h>
#include <kinsol/kinsol.h>
#include <math.h>
#include <nvector/nvector_serial.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_ITERATIONS = 200,
    WALL_LIMIT = 20             /* trial points beyond the radius before the search gives up */
};
static const double wall = 1e100;               /* |G| reported where there is none */
static const double smallest_norm = 1e-300;     /* for KINSOL's own test: the one that counts is here */
static const double most_damping = 1e12;        /* times |F| */
static const double last_linear[] = { 0.1, 1e-4 };      /* Krylov: relative residual of the last correction, not converged and converged */

typedef struct {
    fs_flow *flow;
    const fs_newton_options *options;
    size_t n;
    double *start;              /* (n) w_0 */
    double *at, *F, *pull;      /* (n) the point evaluated last, F there, grad log m there */
    double size, m;             /* |F| and m there */
    double *best;               /* (n) the point of smallest |G| */
    double best_G;
    double *d;                  /* (n) scratch */
    double *from;               /* (n) where the last step began */
    double full, damping;       /* its full length, 0 before the first; mu / |F| */
    double radius, tolerance;
    fs_levenberg *linear;
    fs_status sticky;           /* what ends the search: an error, or a stop on request */
    int converged, outside;     /* a point within the tolerance was seen; trial points beyond the radius */
    char message[160];          /* the library's last words */
} search;

/* --- F, the deflation, the tolerance ------------------------------------------------------- */

static double distance(size_t n, const double *x, const double *y)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += (x[i] - y[i]) * (x[i] - y[i]);
    return sqrt(sum);
}

/* m and grad log m at s->at */
static void deflate(search *s)
{
    s->m = 1.0;
    memset(s->pull, 0, s->n * sizeof *s->pull);
    for (size_t k = 0; k < s->options->n_known; k++) {
        const double *zero = s->options->known + k * s->n;
        double r = distance(s->n, s->at, zero), square = r * r;
        s->m *= 1.0 + 1.0 / square;
        for (size_t i = 0; i < s->n; i++) s->pull[i] -= 2.0 * (s->at[i] - zero[i]) / (square * (1.0 + square));
    }
}

/* F and m at w; FS_ENAN where m F is not finite (or absurdly large). */
static fs_status evaluate(search *s, const double *w)
{
    memcpy(s->at, w, s->n * sizeof *w);
    deflate(s);
    FS_TRY(fs_flow_velocity(s->flow, w, s->F));
    for (size_t i = 0; i < s->n; i++) s->F[i] = -s->F[i];
    s->size = fs_norm(s->n, s->F);
    return s->m * s->size < wall ? FS_OK : FS_ENAN;
}

/* d at s->at; sets the tolerance, which needs |H|. */
static fs_status plain_step(search *s, double linear_tolerance, double *d)
{
    FS_TRY(fs_levenberg_step(s->linear, s->at, s->F, s->damping, linear_tolerance, d));
    if (!(s->options->tolerance > 0.0))
        s->tolerance = 32.0 * DBL_EPSILON * fs_levenberg_found_of(s->linear).norm * (1.0 + fs_norm(s->n, s->at));
    return FS_OK;
}

/* More damping after steps that the line search cut to less than half, less after full ones; near a zero steps are full and mu = |F| again.  Not when
 * zeros are to be avoided: long steps are what leads away from them. */
static void adapt(search *s)
{
    if (s->options->n_known) return;
    double taken = distance(s->n, s->at, s->from);
    if (s->full > 0.0 && taken < 0.5 * s->full && s->damping < most_damping) s->damping *= 4.0;
    else if (!(taken < 0.9 * s->full) && s->damping > 1.0) s->damping *= 0.25;
    memcpy(s->from, s->at, s->n * sizeof *s->at);
}

/* Hd at s->at */
static fs_status product(search *s, const double *d, double *Hd)
{
    FS_TRY(fs_flow_jacobian_product(s->flow, s->at, d, Hd));
    for (size_t i = 0; i < s->n; i++) Hd[i] = -Hd[i];
    return FS_OK;
}

/* d_G from d_F, in place: the slope of |G|^2 along c d_F has the sign of c (g - a), where a = -<F, H d_F> / |F|^2 is in [0, 1]. */
static fs_status deflate_step(search *s, double *d)
{
    if (!s->options->n_known || !(s->size > 0.0)) return FS_OK;
    FS_TRY(product(s, d, s->d));
    double a = -fs_dot(s->n, s->F, s->d) / (s->size * s->size), g = fs_dot(s->n, d, s->pull), c = 1.0 / (1.0 - g);
    if (c * (g - a) > 0.0) c = -c;
    if (!isfinite(c)) c = 1.0;
    for (size_t i = 0; i < s->n; i++) d[i] *= c;
    return FS_OK;
}

/* --- callbacks of KINSOL --------------------------------------------------------------------- */

static int end_with(search *s, fs_status status)
{
    s->sticky = status;
    return -1;
}

static int system_function(N_Vector u, N_Vector value, void *user)
{
    search *s = user;
    const double *w = N_VGetArrayPointer(u);
    double *G = N_VGetArrayPointer(value);
    if (s->sticky != FS_OK) return -1;
    if (fs_watch_report(s->options->watch, "Newton's method", -1.0) != FS_OK) return end_with(s, FS_ESTOPPED);
    int inside = distance(s->n, w, s->start) <= s->radius;
    s->outside += !inside;
    if (s->outside > WALL_LIMIT) return -1;
    fs_status status = inside ? evaluate(s, w) : FS_ENAN;
    if (status != FS_OK && status != FS_ENAN) return end_with(s, status);
    for (size_t i = 0; i < s->n; i++) G[i] = status == FS_OK ? s->m * s->F[i] : wall;
    if (status != FS_OK) return 0;
    if (s->m * s->size < s->best_G) {
        s->best_G = s->m * s->size;
        memcpy(s->best, w, s->n * sizeof *w);
    }
    if (!(s->size <= s->tolerance)) return 0;
    s->converged = 1;           /* nothing more to look for */
    memcpy(s->best, w, s->n * sizeof *w);
    return -1;
}

/* J_G v = m (H v + F (grad log m . v)); u is the point evaluated last */
static int jacobian_product(N_Vector v, N_Vector Jv, N_Vector u, sunbooleantype *new_u, void *user)
{
    (void)u;
    (void)new_u;
    search *s = user;
    const double *from = N_VGetArrayPointer(v);
    double *to = N_VGetArrayPointer(Jv);
    fs_status status = product(s, from, to);
    if (status != FS_OK) return end_with(s, status);
    double along = fs_dot(s->n, s->pull, from);
    for (size_t i = 0; i < s->n; i++) to[i] = s->m * (to[i] + along * s->F[i]);
    return 0;
}

static void keep_message(int code, const char *module, const char *function, char *text, void *user)
{
    (void)module;
    (void)function;
    search *s = user;
    if (code < 0) snprintf(s->message, sizeof s->message, "%.150s", text);
}

/* --- the linear solver that KINSOL sees -------------------------------------------------------- */

static SUNLinearSolver_Type get_type(SUNLinearSolver S)
{
    (void)S;
    return SUNLINEARSOLVER_ITERATIVE;
}

static SUNLinearSolver_ID get_id(SUNLinearSolver S)
{
    (void)S;
    return SUNLINEARSOLVER_CUSTOM;
}

/* the products are taken from the flow itself */
static int set_products(SUNLinearSolver S, void *data, SUNATimesFn function)
{
    (void)S;
    (void)data;
    (void)function;
    return SUNLS_SUCCESS;
}

static int initialize(SUNLinearSolver S)
{
    (void)S;
    return SUNLS_SUCCESS;
}

static int setup(SUNLinearSolver S, SUNMatrix A)
{
    (void)S;
    (void)A;
    return SUNLS_SUCCESS;
}

static int solve(SUNLinearSolver S, SUNMatrix A, N_Vector x, N_Vector b, sunrealtype tolerance)
{
    (void)A;
    (void)b;                    /* -m F */
    search *s = S->content;
    double *d = N_VGetArrayPointer(x);
    adapt(s);
    fs_status status = plain_step(s, tolerance / s->m, d);
    if (status == FS_OK) status = deflate_step(s, d);
    s->full = fs_norm(s->n, d);
    if (status == FS_OK) return SUNLS_SUCCESS;
    s->sticky = status;
    return SUNLS_PACKAGE_FAIL_UNREC;
}

static int iterations_of(SUNLinearSolver S)
{
    const search *s = S->content;
    return (int)fs_levenberg_found_of(s->linear).products;
}

static sunrealtype residual_of(SUNLinearSolver S)
{
    const search *s = S->content;
    return fs_levenberg_found_of(s->linear).residual;
}

static int release(SUNLinearSolver S)
{
    S->content = NULL;
    SUNLinSolFreeEmpty(S);
    return SUNLS_SUCCESS;
}

static SUNLinearSolver make_solver(search *s, SUNContext sun)
{
    SUNLinearSolver S = SUNLinSolNewEmpty(sun);
    if (!S) return NULL;
    S->content = s;
    S->ops->gettype = get_type;
    S->ops->getid = get_id;
    S->ops->setatimes = set_products;
    S->ops->initialize = initialize;
    S->ops->setup = setup;
    S->ops->solve = solve;
    S->ops->numiters = iterations_of;
    S->ops->resnorm = residual_of;
    S->ops->free = release;
    return S;
}

/* --- words for the library's flags ---------------------------------------------------------------- */

static const struct { int flag; const char *cause; } causes[] = {
    { KIN_SUCCESS, "the gradient vanishes, but not at a point that could be confirmed" },
    { KIN_INITIAL_GUESS_OK, "the gradient vanishes, but not at a point that could be confirmed" },
    { KIN_STEP_LT_STPTOL, "the steps became too small" },
    { KIN_LINESEARCH_NONCONV, "no step makes |F| smaller: a minimum of |F| that is no zero, or rounding" },
    { KIN_MAXITER_REACHED, "the iteration limit was reached" },
    { KIN_MXNEWT_5X_EXCEEDED, "the steps became too long" },
    { KIN_LINESEARCH_BCFAIL, "the line search failed too often" },
    { KIN_LINSOLV_NO_RECOVERY, "the linear system could not be solved" },
    { KIN_LINIT_FAIL, "the linear solver could not be set up" },
    { KIN_LSETUP_FAIL, "the linear solver could not be set up" },
    { KIN_LSOLVE_FAIL, "the linear system could not be solved" },
    { KIN_SYSFUNC_FAIL, "the gradient could not be evaluated" },
    { KIN_FIRST_SYSFUNC_ERR, "the gradient could not be evaluated at the start" },
    { KIN_REPTD_SYSFUNC_ERR, "the gradient could not be evaluated along the step" },
    { KIN_MEM_FAIL, "out of memory inside the solver" },
    { KIN_VECTOROP_ERR, "a vector operation of the solver failed" },
    { KIN_ILL_INPUT, "the solver refused its input" },
};

static const char *cause_of(int flag)
{
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (causes[i].flag == flag) return causes[i].cause;
    return "the solver stopped with a flag it does not document";
}

/* --- one search ------------------------------------------------------------------------------------- */

/* everything SUNDIALS that must be released */
typedef struct {
    SUNContext sun;
    void *kinsol;
    N_Vector w, one;
    SUNLinearSolver linear;
} engine;

static void engine_clear(engine *e)
{
    if (e->kinsol) KINFree(&e->kinsol);
    if (e->linear) SUNLinSolFree(e->linear);
    if (e->w) N_VDestroy(e->w);
    if (e->one) N_VDestroy(e->one);
    if (e->sun) SUNContext_Free(&e->sun);
    *e = (engine){ 0 };
}

static fs_status engine_create(engine *e, search *s, long iterations, fs_err *err)
{
    if (SUNContext_Create(NULL, &e->sun) != 0) return fs_fail(err, FS_ENOMEM, "a SUNDIALS context");
    sunindextype n = (sunindextype)s->n;
    e->w = N_VNew_Serial(n, e->sun);
    e->one = N_VNew_Serial(n, e->sun);
    e->kinsol = KINCreate(e->sun);
    e->linear = make_solver(s, e->sun);
    if (!e->w || !e->one || !e->kinsol || !e->linear) return fs_fail(err, FS_ENOMEM, "Newton's method in %zu unknowns", s->n);
    N_VConst(1.0, e->one);
    memcpy(N_VGetArrayPointer(e->w), s->best, s->n * sizeof *s->best);
    int flag = KINSetErrHandlerFn(e->kinsol, keep_message, s);
    if (!flag) flag = KINSetUserData(e->kinsol, s);
    if (!flag) flag = KINInit(e->kinsol, system_function, e->w);
    if (!flag) flag = KINSetLinearSolver(e->kinsol, e->linear, NULL);
    if (!flag) flag = KINSetJacTimesVecFn(e->kinsol, jacobian_product);
    if (!flag) flag = KINSetNumMaxIters(e->kinsol, iterations);
    if (!flag) flag = KINSetMaxBetaFails(e->kinsol, iterations);
    if (!flag) flag = KINSetFuncNormTol(e->kinsol, smallest_norm);
    if (!flag) flag = KINSetScaledStepTol(e->kinsol, DBL_EPSILON);
    if (!flag) flag = KINSetMaxNewtonStep(e->kinsol, s->radius);
    if (flag) return fs_fail(err, FS_ESOLVER, "Newton's method could not be set up: %s", s->message[0] ? s->message : cause_of(flag));
    return FS_OK;
}

/* F afresh at the best point; where it has converged one more step, kept if it makes |F| smaller. */
static fs_status confirm(search *s, fs_newton *out)
{
    FS_TRY(evaluate(s, s->best));
    out->residual = s->size;
    out->tolerance = s->tolerance;
    s->damping = 1.0;
    if (out->stopped) return FS_OK;
    FS_TRY(plain_step(s, last_linear[s->size <= s->tolerance] * s->size, s->d));
    if (s->size <= s->tolerance && s->size > 0.0) {
        for (size_t i = 0; i < s->n; i++) s->d[i] += s->best[i];
        if (evaluate(s, s->d) == FS_OK && s->size < out->residual) memcpy(s->best, s->d, s->n * sizeof *s->d);
        FS_TRY(evaluate(s, s->best));
        FS_TRY(plain_step(s, last_linear[1] * s->size, s->d));
    }
    fs_levenberg_found found = fs_levenberg_found_of(s->linear);
    out->residual = s->size;
    out->tolerance = s->tolerance;
    out->correction = fs_norm(s->n, s->d);
    out->hessian_norm = found.norm;
    out->lowest = found.lowest;
    out->converged = out->residual <= out->tolerance;
    return FS_OK;
}

static void describe(const search *s, fs_newton *out, int flag)
{
    const char *why = s->sticky == FS_ESTOPPED ? "stopped on request"
                    : s->sticky == FS_ENAN     ? "the Hessian is not finite"
                    : s->sticky != FS_OK       ? fs_status_text(s->sticky)
                    : out->left                ? "it runs away: the iteration wants to leave the radius"
                    : s->converged             ? "a zero was met that a fresh evaluation does not confirm"
                                               : cause_of(flag);
    if (out->converged) snprintf(out->status, sizeof out->status, "converged");
    else snprintf(out->status, sizeof out->status, "%s; |F| = %.3g after %ld iterations (tolerance %.3g)", why, out->residual, out->iterations,
                  out->tolerance);
}

/* KINSOL from the best point. */
static fs_status run(search *s, fs_newton *out, long iterations, int *flag, fs_err *err)
{
    engine e = { 0 };
    long made = 0;
    s->converged = 0;
    s->full = 0.0;
    fs_status status = engine_create(&e, s, iterations, err);
    if (status == FS_OK) {
        *flag = KINSol(e.kinsol, e.w, KIN_LINESEARCH, e.one, e.one);
        KINGetNumNonlinSolvIters(e.kinsol, &made);
    }
    engine_clear(&e);
    out->iterations += made;
    out->stopped = s->sticky == FS_ESTOPPED;
    out->left = s->outside > WALL_LIMIT;
    if (status == FS_OK && (s->sticky == FS_ENOMEM || *flag == KIN_MEM_FAIL)) status = fs_fail(err, FS_ENOMEM, "Newton's method in %zu unknowns", s->n);
    return status;
}

/* The tolerance during the search knows |H| where the last step began; at a degenerate zero |H| is smaller, and the search goes on. */
static fs_status iterate(search *s, fs_newton *out, fs_err *err)
{
    long limit = s->options->max_iterations > 0 ? s->options->max_iterations : DEFAULT_ITERATIONS;
    int flag = KIN_SUCCESS;
    fs_status status = FS_OK;
    s->converged = s->size <= s->tolerance;
    do {
        if (!s->converged || out->iterations) FS_TRY(run(s, out, limit - out->iterations, &flag, err));
        status = confirm(s, out);
        if (status == FS_ENOMEM) return fs_fail(err, status, "Newton's method in %zu unknowns", s->n);
        if (status != FS_OK && s->sticky == FS_OK) s->sticky = status;      /* no Hessian at the best point: nothing is claimed there */
    } while (s->converged && !out->converged && s->sticky == FS_OK && out->iterations && out->iterations < limit);
    describe(s, out, flag);
    return FS_OK;
}

static fs_status validate(const fs_newton_options *o, fs_err *err)
{
    if (!(o->tolerance >= 0.0 && o->tolerance <= DBL_MAX))
        return fs_fail(err, FS_EINPUT, "expected a tolerance >= 0 on the gradient, found %g", o->tolerance);
    if (!(o->radius >= 0.0 && o->radius <= DBL_MAX))
        return fs_fail(err, FS_EINPUT, "expected a radius >= 0 to search in, found %g", o->radius);
    if (o->max_iterations < 0) return fs_fail(err, FS_EINPUT, "expected an iteration limit >= 0, found %ld", o->max_iterations);
    if (o->n_known && !o->known) return fs_fail(err, FS_EINPUT, "expected %zu known zeros, found none", o->n_known);
    return FS_OK;
}

static fs_status search_create(search *s, const double *w, int dense, fs_err *err)
{
    size_t n = s->n;
    s->start = fs_calloc(n, sizeof *s->start);
    s->at = fs_calloc(n, sizeof *s->at);
    s->F = fs_calloc(n, sizeof *s->F);
    s->pull = fs_calloc(n, sizeof *s->pull);
    s->best = fs_calloc(n, sizeof *s->best);
    s->d = fs_calloc(n, sizeof *s->d);
    s->from = fs_calloc(n, sizeof *s->from);
    if (!s->start || !s->at || !s->F || !s->pull || !s->best || !s->d || !s->from)
        return fs_fail(err, FS_ENOMEM, "Newton's method in %zu unknowns", n);
    memcpy(s->start, w, n * sizeof *w);
    memcpy(s->best, w, n * sizeof *w);
    return fs_levenberg_create(&s->linear, s->flow, dense, err);
}

static void search_clear(search *s)
{
    fs_levenberg_destroy(s->linear);
    free(s->start);
    free(s->at);
    free(s->F);
    free(s->pull);
    free(s->best);
    free(s->d);
    free(s->from);
}

/* F at the start, and the first step there, which KINSOL will ask for again: the tolerance needs its |H|. */
static fs_status begin(search *s, fs_newton *out, fs_err *err)
{
    double size = fs_norm(s->n, s->start);
    s->radius = s->options->radius > 0.0 ? s->options->radius : 1e3 * (1.0 + size);
    s->tolerance = s->options->tolerance;
    fs_status status = isfinite(size) ? evaluate(s, s->start) : FS_ENAN;
    if (status == FS_ENAN && isinf(s->m)) return fs_fail(err, FS_EINPUT, "expected a start away from the known zeros, found one of them");
    if (status == FS_OK) status = plain_step(s, 0.5 * s->size, s->d);
    if (status != FS_OK) return fs_fail(err, status, "the gradient or the Hessian at the start of Newton's method: %s", fs_status_text(status));
    out->residual = s->size;
    s->best_G = s->m * s->size;
    return FS_OK;
}

fs_status fs_newton_solve(fs_newton *out, fs_flow *f, double *w, const fs_newton_options *options, fs_err *err)
{
    search s = { .flow = f, .options = options, .n = fs_flow_dim(f), .m = 1.0, .damping = 1.0 };
    *out = (fs_newton){ .correction = (double)NAN, .hessian_norm = (double)NAN, .lowest = (double)NAN };
    FS_TRY(validate(options, err));
    if (!s.n) {
        out->converged = 1;
        out->correction = 0.0;
        snprintf(out->status, sizeof out->status, "converged");
        return FS_OK;
    }
    fs_flow_counts before = fs_flow_counts_of(f);
    int dense = options->solver == FS_SOLVER_DENSE || (options->solver == FS_SOLVER_AUTO && s.n <= FS_NEWTON_DENSE_LIMIT);
    fs_status status = search_create(&s, w, dense, err);
    if (status == FS_OK) status = begin(&s, out, err);
    if (status == FS_OK) status = iterate(&s, out, err);
    if (status == FS_OK) memcpy(w, s.best, s.n * sizeof *w);
    search_clear(&s);
    fs_flow_counts after = fs_flow_counts_of(f);
    out->velocities = after.velocities - before.velocities;
    out->products = after.products - before.products;
    out->jacobians = after.jacobians - before.jacobians;
    return status;
}
