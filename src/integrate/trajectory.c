/* integrate/trajectory.c -- a gradient flow driven through SUNDIALS CVODES
 *
 *   w' = F(w);   q1' = -<grad S, F> (= |F|^2 without a parametrisation),  q2' = gamma + hbar     pure quadratures: they enter neither Newton nor the error test
 *
 * BDF with Newton, linear systems by GMRES on exact Hessian-vector products with the diagonal preconditioner
 * 1 + beta gamma on y (so the cost does not grow with gamma), or by LAPACK on the exact Hessian; Adams with fixed-point
 * iteration as the second family.  CVODES is asked for one step at a time; output times are read from its interpolating
 * polynomial, so they never change the steps.  The first step is derived from w'' = J w' here, because the library's
 * own choice reads the first output time.
 *
 * The only file that includes the integrator.  Guards against what SUNDIALS 6.4 lets through: a right-hand-side error
 * is kept aside (the fixed-point solver swallows it), the state is checked for NaN after every step, times and
 * tolerances are validated before they are handed over, the returned time is compared with the requested one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "integrate/trajectory.h"

#include "base/clock.h"
#include "base/norm.h"
#include "integrate/lapack_solver.h"
#include "integrate/trajectory_private.h"

#include <cvodes/cvodes.h>
#include <cvodes/cvodes_ls.h>
#include <nvector/nvector_serial.h>
#include <sunlinsol/sunlinsol_spgmr.h>
#include <sunmatrix/sunmatrix_dense.h>
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    DENSE_LIMIT = 64,           /* solver auto: dense Newton up to this dimension */
    KRYLOV_DIMENSION = 50,      /* the library's default of 5 costs up to ten times as many products */
    ANDERSON_DEPTH = 3,
    DEFAULT_MAX_STEPS = 1000000
};
/* Krylov Newton: corrections to 0.2 of the error test (the library's 0.1 costs a fifth more evaluations on these flows, in
 * the same number of steps), linear systems to 0.02 of that (looser ones disturb the error estimate and cost steps). */
static const double newton_tolerance = 0.2, krylov_tolerance = 0.02;
static const double atol_N_relative = 1e-14;    /* of |A_0|: below it the transverse gradient is rounding */
static const double no_statement_below = 1e3;   /* in units of atol_N: |Y| is then not resolved */

typedef struct {
    fs_flow *flow;
    size_t n, dim_E;
    fs_flow_counts counted;     /* evaluations already in the trajectory's counters */
    double *J;                  /* (n, n) row-major scratch of the dense Jacobian, or NULL */
    fs_flow_point last;         /* where the quadratures were last evaluated */
    fs_status sticky;           /* an error no smaller step can repair */
    long not_finite;            /* evaluations that overflowed; CVODES retries those with a smaller step */
    char message[256];          /* the library's last words */
} context;

/* --- callbacks ---------------------------------------------------------------------- */

/* 0 success, > 0 try a smaller step, < 0 give up */
static int outcome(context *c, fs_status status)
{
    if (status == FS_OK) return 0;
    if (status == FS_ENAN) {
        c->not_finite++;
        return 1;
    }
    c->sticky = status;
    return -1;
}

static int velocity(sunrealtype t, N_Vector w, N_Vector dw, void *user)
{
    (void)t;
    context *c = user;
    return outcome(c, fs_flow_velocity(c->flow, N_VGetArrayPointer(w), N_VGetArrayPointer(dw)));
}

static int quadratures(sunrealtype t, N_Vector w, N_Vector dq, void *user)
{
    (void)t;
    context *c = user;
    int status = outcome(c, fs_flow_evaluate(c->flow, N_VGetArrayPointer(w), &c->last, NULL));
    double *q = N_VGetArrayPointer(dq);
    q[0] = c->last.descent;
    q[1] = fs_flow_gamma(c->flow) + c->last.hbar;
    return status;
}

static int jacobian_product(N_Vector v, N_Vector Jv, sunrealtype t, N_Vector w, N_Vector F, void *user, N_Vector scratch)
{
    (void)t;
    (void)F;
    (void)scratch;
    context *c = user;
    return outcome(c, fs_flow_jacobian_product(c->flow, N_VGetArrayPointer(w), N_VGetArrayPointer(v),
                                               N_VGetArrayPointer(Jv)));
}

/* (1 + beta gamma 1_N) z = r, the stiff part of 1 - beta J */
static int precondition(sunrealtype t, N_Vector w, N_Vector F, N_Vector r, N_Vector z, sunrealtype beta, sunrealtype delta,
                        int side, void *user)
{
    (void)t;
    (void)w;
    (void)F;
    (void)delta;
    (void)side;
    const context *c = user;
    const double *from = N_VGetArrayPointer(r);
    double *to = N_VGetArrayPointer(z);
    double scale = 1.0 / (1.0 + beta * fs_flow_gamma(c->flow));
    for (size_t i = 0; i < c->dim_E; i++) to[i] = from[i];
    for (size_t i = c->dim_E; i < c->n; i++) to[i] = scale * from[i];
    return 0;
}

static int jacobian(sunrealtype t, N_Vector w, N_Vector F, SUNMatrix J, void *user, N_Vector s1, N_Vector s2, N_Vector s3)
{
    (void)t;
    (void)F;
    (void)s1;
    (void)s2;
    (void)s3;
    context *c = user;
    fs_status status = fs_flow_jacobian(c->flow, N_VGetArrayPointer(w), c->J);
    double *column = SUNDenseMatrix_Data(J);
    for (size_t j = 0; status == FS_OK && j < c->n; j++, column += c->n)
        for (size_t i = 0; i < c->n; i++) column[i] = c->J[i * c->n + j];
    return outcome(c, status);
}

static void keep_message(int code, const char *module, const char *function, char *text, void *user)
{
    context *c = user;
    if (code < 0) snprintf(c->message, sizeof c->message, "%s, %s: %.180s", module, function, text);
}

/* --- words for the library's flags ---------------------------------------------------- */

static const struct { int flag; const char *cause; } causes[] = {
    { CV_TOO_MUCH_WORK, "one step needed more internal attempts than allowed: loosen rtol, or use --method bdf on a stiff flow" },
    { CV_TOO_MUCH_ACC, "the tolerances ask for more accuracy than double precision has: loosen rtol or atol" },
    { CV_ERR_FAILURE, "error tests kept failing or the step size underflowed: the flow is singular here, or rtol is too tight" },
    { CV_CONV_FAILURE, "Newton or fixed-point iterations kept failing: use --method bdf, --solver dense, or a tighter rtol" },
    { CV_LINIT_FAIL, "the linear solver could not be set up" },
    { CV_LSETUP_FAIL, "the linear solver could not factor its matrix" },
    { CV_LSOLVE_FAIL, "the linear solver failed" },
    { CV_RHSFUNC_FAIL, "the velocity could not be evaluated" },
    { CV_FIRST_RHSFUNC_ERR, "the velocity is not finite at the start: the weights are too large" },
    { CV_REPTD_RHSFUNC_ERR, "the velocity kept overflowing: the flow blows up here" },
    { CV_UNREC_RHSFUNC_ERR, "the velocity overflowed and no smaller step could be tried" },
    { CV_QRHSFUNC_FAIL, "a quadrature could not be evaluated" },
    { CV_FIRST_QRHSFUNC_ERR, "the energy is not finite at the start: the weights are too large" },
    { CV_REPTD_QRHSFUNC_ERR, "the energy kept overflowing: the flow blows up here" },
    { CV_UNREC_QRHSFUNC_ERR, "the energy overflowed and no smaller step could be tried" },
    { CV_TOO_CLOSE, "the end time is too close to the start" },
    { CV_MEM_FAIL, "out of memory inside the integrator" },
    { CV_ILL_INPUT, "the integrator refused its input" },
};

static const char *cause_of(int flag)
{
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (causes[i].flag == flag) return causes[i].cause;
    return "the integrator stopped with a flag it does not document";
}

/* --- set-up ------------------------------------------------------------------------------ */

/* everything SUNDIALS that must be released */
typedef struct {
    SUNContext sun;
    void *cvode;
    N_Vector w, atol, q, sample, q_sample;
    SUNMatrix J;
    SUNLinearSolver linear;
    SUNNonlinearSolver nonlinear;
} engine;

static void engine_clear(engine *e)
{
    if (e->cvode) CVodeFree(&e->cvode);
    if (e->nonlinear) SUNNonlinSolFree(e->nonlinear);
    if (e->linear) SUNLinSolFree(e->linear);
    if (e->J) SUNMatDestroy(e->J);
    if (e->w) N_VDestroy(e->w);
    if (e->atol) N_VDestroy(e->atol);
    if (e->q) N_VDestroy(e->q);
    if (e->sample) N_VDestroy(e->sample);
    if (e->q_sample) N_VDestroy(e->q_sample);
    if (e->sun) SUNContext_Free(&e->sun);
    *e = (engine){ 0 };
}

static fs_status validate(const fs_integrate_options *o, fs_err *err)
{
    if (!(o->t_end > 1e-300 && o->t_end <= 1e12))
        return fs_fail(err, FS_EINPUT, "expected an end time in (0, 1e12], found %g", o->t_end);
    if (!(o->rtol >= 1e-14 && o->rtol <= 1e-2))
        return fs_fail(err, FS_EINPUT, "expected rtol in [1e-14, 1e-2], found %g", o->rtol);
    if (!(o->atol > 0.0 && o->atol <= DBL_MAX))
        return fs_fail(err, FS_EINPUT, "expected atol > 0 and finite, found %g", o->atol);
    if (!(o->max_step >= 0.0 && o->max_step <= DBL_MAX))
        return fs_fail(err, FS_EINPUT, "expected a largest step >= 0, found %g", o->max_step);
    for (size_t i = 0; i < o->n_times; i++) {
        double before = i ? o->times[i - 1] : 0.0;
        if (!(o->times[i] <= o->t_end && (i ? o->times[i] > before : o->times[i] >= 0.0)))
            return fs_fail(err, FS_EINPUT, "expected increasing output times in [0, %g], found %g after %g", o->t_end,
                           o->times[i], before);
    }
    return FS_OK;
}

/* Euler's local error h^2/2 |w''| is half a unit of the weighted root mean square norm; w'' = J w'. */
static fs_status first_step(context *c, const double *w, const double *atol, const fs_integrate_options *o, double *h)
{
    double *F = fs_calloc(c->n, sizeof *F), *JF = fs_calloc(c->n, sizeof *JF);
    fs_status status = F && JF ? fs_flow_velocity(c->flow, w, F) : FS_ENOMEM;
    if (status == FS_OK) status = fs_flow_jacobian_product(c->flow, w, F, JF);
    double sum = 0.0;
    for (size_t i = 0; status == FS_OK && i < c->n; i++) {
        double scaled = JF[i] / (o->rtol * fabs(w[i]) + atol[i]);
        sum += scaled * scaled;
    }
    double size = sqrt(sum / (double)c->n);
    *h = size > 0.0 ? 1.0 / sqrt(size) : 1e-3 * o->t_end;
    if (!(*h <= 1e-2 * o->t_end)) *h = 1e-2 * o->t_end;
    if (o->max_step > 0.0 && *h > o->max_step) *h = o->max_step;
    free(F);
    free(JF);
    return status;
}

/* At T->t_reached, from T->w_end with the quadratures T->q_reached. */
static fs_status engine_create(engine *e, context *c, const fs_integrate_options *o, fs_trajectory *T, fs_err *err)
{
    sunindextype n = (sunindextype)c->n;
    int adams = o->method == FS_METHOD_ADAMS;
    int dense = !adams && (o->solver == FS_SOLVER_DENSE || (o->solver == FS_SOLVER_AUTO && c->n <= DENSE_LIMIT));
    int flag = SUNContext_Create(NULL, &e->sun);
    if (flag) return fs_fail(err, FS_ENOMEM, "SUNDIALS context");
    e->w = N_VNew_Serial(n, e->sun);
    e->atol = N_VNew_Serial(n, e->sun);
    e->sample = N_VNew_Serial(n, e->sun);
    e->q = N_VNew_Serial(2, e->sun);
    e->q_sample = N_VNew_Serial(2, e->sun);
    e->cvode = CVodeCreate(adams ? CV_ADAMS : CV_BDF, e->sun);
    if (!e->w || !e->atol || !e->sample || !e->q || !e->q_sample || !e->cvode)
        return fs_fail(err, FS_ENOMEM, "integrator of dimension %zu", c->n);
    double *w = N_VGetArrayPointer(e->w), *atol = N_VGetArrayPointer(e->atol);
    memcpy(w, T->w_end, c->n * sizeof *w);
    memcpy(N_VGetArrayPointer(e->q), T->q_reached, sizeof T->q_reached);
    for (size_t i = 0; i < c->n; i++) atol[i] = i < c->dim_E ? o->atol : T->atol_N;
    double h;
    fs_status status = first_step(c, w, atol, o, &h);
    if (status != FS_OK)
        return fs_fail(err, status, "the velocity at the start cannot be evaluated: %s", fs_status_text(status));

    CVodeSetErrHandlerFn(e->cvode, keep_message, c);
    flag = CVodeInit(e->cvode, velocity, T->t_reached, e->w);
    if (!flag) flag = CVodeSVtolerances(e->cvode, o->rtol, e->atol);
    if (!flag) flag = CVodeSetUserData(e->cvode, c);
    if (!flag) flag = CVodeSetInitStep(e->cvode, h);
    if (!flag) flag = CVodeSetMaxNumSteps(e->cvode, 10000);     /* attempts inside one step */
    if (!flag && o->max_step > 0.0) flag = CVodeSetMaxStep(e->cvode, o->max_step);
    if (!flag) flag = CVodeQuadInit(e->cvode, quadratures, e->q);
    if (!flag) flag = CVodeSetQuadErrCon(e->cvode, 0);
    if (flag) return fs_fail(err, FS_ESOLVER, "integrator set-up: %s", c->message[0] ? c->message : cause_of(flag));
    if (adams) {
        e->nonlinear = SUNNonlinSol_FixedPoint(e->w, ANDERSON_DEPTH, e->sun);
        if (!e->nonlinear) return fs_fail(err, FS_ENOMEM, "fixed-point solver of dimension %zu", c->n);
        flag = CVodeSetNonlinearSolver(e->cvode, e->nonlinear);
        snprintf(T->solver, sizeof T->solver, "Adams, fixed point");
    } else if (dense) {
        if (!c->J) c->J = fs_calloc(c->n, c->n * sizeof *c->J);
        e->J = SUNDenseMatrix(n, n, e->sun);
        e->linear = fs_lapack_solver(e->w, e->sun);
        if (!c->J || !e->J || !e->linear) return fs_fail(err, FS_ENOMEM, "dense Newton matrix of %zu rows", c->n);
        flag = CVodeSetLinearSolver(e->cvode, e->linear, e->J);
        if (!flag) flag = CVodeSetJacFn(e->cvode, jacobian);
        snprintf(T->solver, sizeof T->solver, "BDF, Newton with the dense exact Hessian");
    } else {
        e->linear = SUNLinSol_SPGMR(e->w, SUN_PREC_LEFT, KRYLOV_DIMENSION, e->sun);
        if (!e->linear) return fs_fail(err, FS_ENOMEM, "GMRES of dimension %zu", c->n);
        flag = CVodeSetLinearSolver(e->cvode, e->linear, NULL);
        if (!flag) flag = CVodeSetJacTimes(e->cvode, NULL, jacobian_product);
        if (!flag) flag = CVodeSetPreconditioner(e->cvode, NULL, precondition);
        if (!flag) flag = CVodeSetEpsLin(e->cvode, krylov_tolerance);
        if (!flag) flag = CVodeSetNonlinConvCoef(e->cvode, newton_tolerance);
        snprintf(T->solver, sizeof T->solver, "BDF, Newton-GMRES with exact Hessian-vector products");
    }
    if (flag) return fs_fail(err, FS_ESOLVER, "integrator set-up: %s", c->message[0] ? c->message : cause_of(flag));
    return FS_OK;
}

/* --- recording ----------------------------------------------------------------------------- */

static fs_status evaluate_row(fs_trajectory *T, context *c, double t, const double *w, const double *q, fs_trajectory_row *r)
{
    fs_flow_point p;
    FS_TRY(fs_flow_evaluate(c->flow, w, &p, NULL));
    if (!(t > 0.0)) T->S_start = p.objective;
    *r = (fs_trajectory_row){ .t = t, .risk = p.risk, .objective = p.objective, .gradient_norm = p.gradient_norm,
                              .speed = p.speed, .distance = p.distance, .hbar = p.hbar, .energy = q[0], .exponent = q[1] };
    int lost = fs_flow_parametrisation(c->flow) || (T->n_rows && !isfinite(T->row[T->n_rows - 1].exponent));
    if (lost || !(p.distance >= no_statement_below * T->atol_N)) r->exponent = (double)NAN;
    r->energy_error = fabs(p.objective + q[0] - T->S_start) / (fabs(T->S_start) > 0.0 ? fabs(T->S_start) : 1.0);
    return FS_OK;
}

static fs_status record(fs_trajectory *T, context *c, double t, const double *w, const double *q,
                        const fs_integrate_options *o)
{
    FS_TRY(evaluate_row(T, c, t, w, q, &T->row[T->n_rows]));
    if (o->keep_weights) fs_flow_weights(c->flow, w, T->weights + T->n_rows * T->n_par);
    T->n_rows++;
    return FS_OK;
}

/* Appends (t, |Y|, exponent) to the series of steps. */
static fs_status keep_step(fs_trajectory *T, double t, double distance, double exponent)
{
    size_t n = T->n_steps_kept;
    FS_TRY(fs_trajectory_reserve_steps(T, n + 1));
    T->step_t[n] = t;
    T->step_distance[n] = distance;
    T->step_exponent[n] = exponent;
    T->n_steps_kept++;
    return FS_OK;
}

/* Keeps every stride-th state; when the room is full every second one goes and the stride doubles. */
static void keep_node(fs_trajectory *T, double t, const double *w)
{
    size_t room = T->nodes_room;
    if (!room || (size_t)T->steps % T->node_stride) return;
    if (T->n_nodes == room) {
        for (size_t i = 1; 2 * i < room; i++) {
            T->node_t[i] = T->node_t[2 * i];
            memcpy(T->node_w + i * T->dim, T->node_w + 2 * i * T->dim, T->dim * sizeof *w);
        }
        T->n_nodes = (room + 1) / 2;
        T->node_stride *= 2;
        if ((size_t)T->steps % T->node_stride) return;
    }
    T->node_t[T->n_nodes] = t;
    memcpy(T->node_w + T->n_nodes * T->dim, w, T->dim * sizeof *w);
    T->n_nodes++;
}

static int all_finite(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i])) return 0;
    return 1;
}

static void stop(fs_trajectory *T, fs_status code, double t, const char *why, const char *detail)
{
    T->code = code;
    snprintf(T->status, sizeof T->status, "stopped at t = %.6g: %s%s%s", t, why, *detail ? "; " : "", detail);
}

/* The library's counters start again at every re-initialisation. */
static void add_counters(engine *e, fs_trajectory *T)
{
    long fails = 0, newton = 0, krylov = 0, rhs = 0;
    CVodeGetNumRhsEvals(e->cvode, &rhs);
    CVodeGetNumErrTestFails(e->cvode, &fails);
    CVodeGetNumNonlinSolvIters(e->cvode, &newton);
    if (e->linear && !e->J) CVodeGetNumLinIters(e->cvode, &krylov);
    T->error_test_fails += fails;
    T->newton_iters += newton;
    T->krylov_iters += krylov;
    T->rhs_evals += rhs;
}

/* The flow's evaluations since the last call; those of the integrator itself are in rhs_evals already. */
static void add_evaluations(context *c, fs_trajectory *T, long rhs_before)
{
    fs_flow_counts now = fs_flow_counts_of(c->flow);
    T->extra_evals += now.velocities - c->counted.velocities - (T->rhs_evals - rhs_before);
    T->hvp_evals += now.products - c->counted.products;
    T->jac_evals += now.jacobians - c->counted.jacobians;
    c->counted = now;
}

/* Output rows with times in (previous, t]; c stands at t. */
static fs_status record_passed(engine *e, context *c, const fs_integrate_options *o, fs_trajectory *T, double t, int *flag)
{
    double *sample = N_VGetArrayPointer(e->sample), *q = N_VGetArrayPointer(e->q_sample);
    *flag = 0;
    while (T->n_rows < o->n_times && o->times[T->n_rows] <= t) {
        double at = o->times[T->n_rows];
        *flag = CVodeGetDky(e->cvode, at, 0, e->sample);
        if (!*flag) *flag = CVodeGetQuadDky(e->cvode, at, 0, e->q_sample);
        if (*flag < 0) return FS_OK;
        FS_TRY(record(T, c, at, sample, q, o));
    }
    return FS_OK;
}

/* Everything final up to t goes into T. */
static fs_status accept(engine *e, context *c, const fs_integrate_options *o, fs_trajectory *T, double t, int *flag)
{
    double *w = N_VGetArrayPointer(e->w), elapsed;
    FS_TRY(record_passed(e, c, o, T, t, flag));
    if (*flag >= 0) *flag = CVodeGetQuad(e->cvode, &elapsed, e->q);
    if (*flag < 0) return FS_OK;
    T->steps++;
    if (t - T->t_reached > T->step_max) T->step_max = t - T->t_reached;
    T->t_reached = t;
    memcpy(T->w_end, w, c->n * sizeof *w);
    memcpy(T->q_reached, N_VGetArrayPointer(e->q), sizeof T->q_reached);
    double distance = fs_norm(c->n - c->dim_E, w + c->dim_E);
    if (distance > T->distance_max) T->distance_max = distance;
    FS_TRY(keep_step(T, t, distance, fs_flow_parametrisation(c->flow) ? (double)NAN : T->q_reached[1]));
    keep_node(T, t, w);
    return FS_OK;
}

/* One step after another to t_stop; *reached tells whether it was, and if not T says why. */
static fs_status drive(engine *e, context *c, const fs_integrate_options *o, fs_trajectory *T, double t_stop, int *reached)
{
    long limit = o->max_steps > 0 ? o->max_steps : DEFAULT_MAX_STEPS;
    double t = T->t_reached;
    *reached = 0;
    int flag = CVodeSetStopTime(e->cvode, t_stop);
    while (flag >= 0 && t < t_stop) {
        if (T->steps >= limit) {
            stop(T, FS_ESOLVER, t, "the step limit was reached", "raise it, loosen rtol, or use --method bdf");
            return FS_OK;
        }
        double before = t;
        flag = CVode(e->cvode, t_stop, e->w, &t, CV_ONE_STEP);
        if (c->sticky != FS_OK) {
            stop(T, c->sticky, before, "the velocity could not be evaluated", fs_status_text(c->sticky));
            return FS_OK;
        }
        if (flag < 0) break;
        if (!all_finite(N_VGetArrayPointer(e->w), c->n) || !(t > before)) {
            stop(T, FS_ENAN, before, "the state is not finite or time stands still", "the flow blows up here");
            return FS_OK;
        }
        FS_TRY(accept(e, c, o, T, t, &flag));
        fs_flow_point p = c->last;
        p.distance = T->step_distance[T->n_steps_kept - 1];
        if (flag >= 0 && o->progress && o->progress(o->context, t, t - before, T->steps, &p)) {
            stop(T, FS_ESTOPPED, t, "stopped on request", "");
            return FS_OK;
        }
    }
    if (flag < 0) stop(T, flag == CV_MEM_FAIL ? FS_ENOMEM : FS_ESOLVER, T->t_reached, cause_of(flag), c->message);
    else *reached = 1;
    return FS_OK;
}

/* The row of t = 0, the first step and node. */
static fs_status begin(context *c, const fs_integrate_options *o, fs_trajectory *T)
{
    FS_TRY(evaluate_row(T, c, 0.0, T->w_start, T->q_reached, &T->first));
    T->last = T->first;
    T->distance_max = T->first.distance;
    if (o->n_times && !(o->times[0] > 0.0)) FS_TRY(record(T, c, 0.0, T->w_start, T->q_reached, o));
    keep_node(T, 0.0, T->w_start);
    return keep_step(T, 0.0, T->distance_max, 0.0);
}

/* A space of dimension 0 has one point. */
static fs_status stand_still(context *c, const fs_integrate_options *o, fs_trajectory *T)
{
    while (T->n_rows < o->n_times) FS_TRY(record(T, c, o->times[T->n_rows], T->w_start, T->q_reached, o));
    T->t_reached = T->last.t = o->t_end;
    snprintf(T->solver, sizeof T->solver, "none");
    snprintf(T->status, sizeof T->status, "dimension 0: nothing moves");
    return FS_OK;
}

/* Segment after segment, each with a fresh start of the solver. */
static fs_status segments(engine *e, context *c, const fs_integrate_options *o, fs_trajectory *T, fs_err *err)
{
    size_t count = o->barriers ? o->barriers : 1, k = 0;
    while (k < count && o->t_end * ((double)k / (double)count) <= T->t_reached) k++;
    for (;; k++) {
        double t_stop = k < count ? o->t_end * ((double)k / (double)count) : o->t_end;
        int reached;
        FS_TRY(engine_create(e, c, o, T, err));
        fs_status status = drive(e, c, o, T, t_stop, &reached);
        long rhs_before = T->rhs_evals;
        add_counters(e, T);
        engine_clear(e);
        add_evaluations(c, T, rhs_before);
        if (status == FS_OK) status = evaluate_row(T, c, T->t_reached, T->w_end, T->q_reached, &T->last);
        if (status != FS_OK) stop(T, status, T->t_reached, "an output point could not be evaluated", fs_status_text(status));
        if (status != FS_OK || !reached) return FS_OK;
        if (!(t_stop < o->t_end)) break;
        if (o->checkpoint) FS_TRY(o->checkpoint(o->context, T, err));
    }
    if (T->n_nodes && T->node_t[T->n_nodes - 1] < T->t_reached) {   /* the last node is the end: it replaces the newest if there is no room */
        if (T->n_nodes == T->nodes_room) T->n_nodes--;
        T->node_t[T->n_nodes] = T->t_reached;
        memcpy(T->node_w + T->n_nodes * T->dim, T->w_end, T->dim * sizeof *T->w_end);
        T->n_nodes++;
    }
    snprintf(T->status, sizeof T->status, "reached t = %.6g", T->t_reached);
    return FS_OK;
}

static fs_status trajectory_create(fs_trajectory **out, const context *c, const double *w0, const fs_integrate_options *o,
                                   fs_err *err)
{
    fs_trajectory *T = fs_calloc(1, sizeof *T);
    if (!T) goto nomem;
    T->kind = fs_flow_kind_of(c->flow);
    T->gamma = fs_flow_gamma(c->flow);
    T->dim = c->n;
    T->n_par = fs_flow_basis(c->flow)->n_par;
    T->rows_room = o->n_times;
    T->nodes_room = o->keep_nodes;
    T->node_stride = 1;
    T->max_step = o->max_step;
    T->row = fs_calloc(T->rows_room, sizeof *T->row);
    T->w_start = fs_calloc(c->n, sizeof *T->w_start);
    T->w_end = fs_calloc(c->n, sizeof *T->w_end);
    T->node_t = fs_calloc(T->nodes_room, sizeof *T->node_t);
    T->node_w = fs_calloc(T->nodes_room, c->n * sizeof *T->node_w);
    if (o->keep_weights) T->weights = fs_calloc(T->rows_room, T->n_par * sizeof *T->weights);
    if (!T->row || !T->w_start || !T->w_end || !T->node_t || !T->node_w || (o->keep_weights && !T->weights)) goto nomem;
    memcpy(T->w_start, w0, c->n * sizeof *w0);
    memcpy(T->w_end, w0, c->n * sizeof *w0);
    T->atol_N = atol_N_relative * fs_norm(c->n, w0);
    if (!(T->atol_N > 0.0)) T->atol_N = atol_N_relative;
    *out = T;
    return FS_OK;
nomem:
    fs_trajectory_destroy(T);
    return fs_fail(err, FS_ENOMEM, "trajectory of %zu output times and dimension %zu", o->n_times, c->n);
}

fs_status fs_trajectory_compute(fs_trajectory **out, fs_flow *f, const double *w0, const fs_integrate_options *o, fs_err *err)
{
    *out = NULL;
    fs_trajectory *T = o->resume;
    context c = { .flow = f, .n = fs_flow_dim(f), .dim_E = fs_flow_dim_E(f), .counted = fs_flow_counts_of(f) };
    engine e = { 0 };
    double start = fs_thread_seconds();
    fs_status status = validate(o, err);
    if (status != FS_OK) goto done;
    if (T && (T->dim != c.n || T->rows_room != o->n_times || T->nodes_room != o->keep_nodes ||
              T->n_par != fs_flow_basis(f)->n_par || !T->weights != !o->keep_weights)) {
        status = fs_fail(err, FS_EINPUT, "the trajectory to go on from belongs to another flow or other options");
        goto done;
    }
    if (T) {        /* the same problem gives the same bits at the same start */
        status = fs_flow_evaluate(f, T->w_start, &c.last, NULL);
        if (status != FS_OK || c.last.objective < T->S_start || c.last.objective > T->S_start) {
            status = fs_fail(err, FS_EINPUT, "expected the data and weights of the interrupted run (S(0) = %.17g), found S(0) = %.17g",
                             T->S_start, c.last.objective);
            goto done;
        }
        c.counted = fs_flow_counts_of(f);
    } else {
        status = trajectory_create(&T, &c, w0, o, err);
        if (!T) goto done;
        status = begin(&c, o, T);
        if (status != FS_OK) {
            if (status == FS_ENOMEM) fs_fail(err, status, "the first step of an integration in dimension %zu", c.n);
            else fs_fail(err, status, "the risk at the start cannot be evaluated: %s", fs_status_text(status));
            goto done;
        }
    }
    if (T->t_reached < o->t_end) status = c.n ? segments(&e, &c, o, T, err) : stand_still(&c, o, T);
    add_evaluations(&c, T, T->rhs_evals);
    T->cpu_s += fs_thread_seconds() - start;
done:
    engine_clear(&e);
    free(c.J);
    if (status == FS_OK) *out = T;
    else fs_trajectory_destroy(T);
    return status;
}
