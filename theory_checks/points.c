/* theory_checks/points.c -- stationary points on E: which were found, their lowest curvature, and how a flow leaves or reaches them
 *
 * The distance of the start is chosen by the size of the third derivative, |(Hess S(X + r v) - Hess S(X)) v| / r, so that nonlinearity takes no more of the
 * rate than was asked for; what it may take is measured at the far end of the path that the expected rate leads to, so that a flow which goes farther than
 * that is off its budget.  Both families of solvers run with capped steps: an implicit method with a long one would hold the flow at a saddle.
 *
 * Integration: the local error e of a step passes its test, (1/n) sum_i (e_i / W_i)^2 <= 1, W_i = rtol |w_i| + atol_i, so that its part along v is
 * |<e, v>| <= sqrt(n) |(W_i v_i)_i|, and ten times that for methods of several steps.  The rate of log |d| holds at every state: what the steps add is
 * sum |<e, v>| / |d|, divided by the time.  Tolerances are relative to X, which d is a small part of: this is the largest allowance where S is quadratic.
 * Across d local errors change |d| in second order only, but they grow by exp((kappa - lambda) T) against d, lambda the lowest eigenvalue across v of
 * Hess S(X), kappa = <v, Hess S(X) v>: with q the part of d that is across v after that, the rate is off by log(1 + q^2) / 2T.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "points.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double times_residual = 10.0;              /* |Pi_L grad R^aug| may be that many |Pi_E grad R| */
static const double probe = 1e-3;                       /* length of the step that probes the third derivative, relative to 1 + |X| */
static const double nearest = 1e-8, farthest = 1e-3;    /* of the start and of the end from X, likewise */
static const double slack = 1.1;                        /* the path may go so much farther than the exponential */
static const double path_rtol = 1e-12, path_atol = 1e-14, looser = 10.0;
static const double several_steps = 10.0;               /* a method of several steps carries a local error on */
static const double rounding_of_distance = 8.0;         /* |d| is known to so many roundoffs of X, at either end */
static const double eigenvalue_tolerance = 1e-9;        /* of Lanczos' method, relative to |H| */

/* --- points ------------------------------------------------------------------------------- */

int fs_point_found(const fs_stability_point *point)
{
    return point->at->outcome == FS_SEARCH_FOUND && point->spectrum;
}

size_t fs_points_found(const fs_stability *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_points; i++) n += (size_t)fs_point_found(&s->point[i]);
    return n;
}

fs_status fs_points_none(fs_finding *found, const fs_stability *s)
{
    const fs_stationary *at = s->point[0].at;
    return fs_check_absent(found, "no stationary point on E was found: %s; %.360s", fs_search_name(at->outcome), at->note);
}

fs_status fs_points_none_such(fs_finding *found, const fs_stability *s, const char *kind)
{
    size_t count[FS_POINT_COUNT] = { 0 }, used = 0;
    char list[200] = "";
    for (size_t i = 0; i < s->n_points; i++) count[s->point[i].on_E] += (size_t)fs_point_found(&s->point[i]);
    for (int k = 0; k < FS_POINT_COUNT; k++)
        if (count[k] && used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%zu %s", used ? ", " : "", count[k], fs_point_name((fs_point)k));
    if (fs_point_found(&s->point[0])) return fs_check_absent(found, "no %s among the stationary points found: %s", kind, list);
    return fs_check_absent(found, "no %s among the stationary points found: %s; the search along the flow in E: %s", kind, list, fs_search_name(s->point[0].at->outcome));
}

int fs_point_strict(fs_check_context *c, const fs_stability_point *point)
{
    return fs_point_found(point) && (point->on_E == FS_POINT_MINIMUM || !fs_check_basis(c)->dim_E);
}

size_t fs_points_choose(fs_check_context *c, const fs_stability *s, int (*wanted)(fs_check_context *, const fs_stability_point *), size_t most,
                        const fs_stability_point **chosen, size_t *all)
{
    size_t n = 0;
    *all = 0;
    for (size_t i = 0; i < s->n_points; i++) {
        const fs_stability_point *point = &s->point[i];
        if (!wanted(c, point)) continue;
        (*all)++;
        if (n == most && !(point->gamma_critical > chosen[n - 1]->gamma_critical)) continue;
        size_t at = n < most ? n++ : n - 1;
        for (; at && point->gamma_critical > chosen[at - 1]->gamma_critical; at--) chosen[at] = chosen[at - 1];
        chosen[at] = point;
    }
    return n;
}

fs_status fs_point_residual(fs_check_context *c, const fs_stationary *at, double *residual, fs_err *err)
{
    fs_rounding r;
    FS_TRY(fs_gradient_rounding(c, at->w, &r, NULL, err));
    *residual = times_residual * at->residual_E + r.L;
    return FS_OK;
}

/* With v (n), a unit vector, the operator keeps its direction: P Hess P + <v, Hess v> v v^T, P = I - v v^T; across: (n) scratch. */
typedef struct { fs_flow *flow; const double *w, *v; double along, *across; } hessian;

static fs_status apply_hessian(void *context, const double *x, double *y)
{
    const hessian *h = context;
    size_t n = fs_flow_dim(h->flow);
    FS_TRY(fs_flow_jacobian_product(h->flow, h->w, x, y));
    for (size_t i = 0; i < n; i++) y[i] = -y[i];
    return FS_OK;
}

/* Hess (x - a v) - b v + along a v, a = <v, x>, b = <v, Hess (x - a v)> */
static fs_status apply_split(void *context, const double *x, double *y)
{
    hessian *h = context;
    size_t n = fs_flow_dim(h->flow);
    double a = fs_dot(n, h->v, x);
    for (size_t i = 0; i < n; i++) h->across[i] = x[i] - a * h->v[i];
    FS_TRY(apply_hessian(h, h->across, y));
    double b = fs_dot(n, h->v, y);
    for (size_t i = 0; i < n; i++) y[i] += (h->along * a - b) * h->v[i];
    return FS_OK;
}

/* What rounding explains of <v, Hess v>, v (n): 16 times the scatter over copies of w one unit in the last place away. */
static fs_status rounding_of_curvature(fs_check_context *c, const hessian *h, const double *v, double *error, fs_err *err)
{
    size_t n = fs_flow_dim(h->flow);
    double *w = fs_calloc(n, 2 * sizeof *w), here = 0.0;
    gsl_rng *rng = fs_rng_stream(fs_check_options_of(c)->seed, FS_STREAM_SEARCH);
    fs_status status = w && rng ? FS_OK : fs_fail(err, FS_ENOMEM, "copies of a point of dimension %zu", n);
    *error = 0.0;
    if (status == FS_OK) memcpy(w, h->w, n * sizeof *w);
    for (int k = 0; status == FS_OK && k <= FS_ROUNDING_COPIES; k++) {
        if (k) fs_move_one_ulp(rng, n, h->w, w);
        status = fs_flow_jacobian_product(h->flow, w, v, w + n);
        if (status != FS_OK) fs_fail(err, status, "Hessian-vector products beside a point: %s", fs_status_text(status));
        double curvature = -fs_dot(n, v, w + n);
        if (k) fs_raise_to(error, FS_ROUNDING_SCATTER * fabs(curvature - here));
        else here = curvature;
    }
    if (rng) gsl_rng_free(rng);
    free(w);
    return status;
}

static fs_status lowest_of(fs_check_context *c, hessian *h, double *value, double *error, fs_err *err)
{
    fs_lanczos l = { 0 };
    const fs_lanczos_options asked = { .n = fs_flow_dim(h->flow), .apply = h->v ? apply_split : apply_hessian, .context = h, .wanted = 1,
                                       .tolerance = eigenvalue_tolerance, .watch = fs_check_watch(c) };
    fs_status status = fs_lanczos_compute(&l, &asked, err);
    if (status == FS_OK && l.stopped) status = fs_fail(err, FS_ESTOPPED, "stopped while an eigenvalue was computed");
    if (status == FS_OK && !l.count) status = fs_fail(err, FS_ESOLVER, "the lowest eigenvalue did not converge in %ld products", l.products);
    if (status == FS_OK) {
        *value = l.value[0];
        status = rounding_of_curvature(c, h, l.vector, error, err);
        *error += l.residual[0] + (double)(asked.n + 16) * 2.0 * FS_ROUNDOFF * l.norm;
    }
    fs_lanczos_clear(&l);
    return status;
}

fs_status fs_point_lowest(fs_check_context *c, fs_flow *f, const double *w, double *value, double *error, fs_err *err)
{
    hessian h = { .flow = f, .w = w };
    return lowest_of(c, &h, value, error, err);
}

/* --- exponents ------------------------------------------------------------------------------ */

typedef struct {
    fs_check_context *c;
    const fs_exponent_request *r;
    fs_flow *flow;              /* that is integrated */
    fs_flow *bare;              /* whose Jacobian is minus the Hessian */
    size_t n;
    double scale;               /* 1 + |X| */
    double faster;              /* by how much what is across v may grow faster than d: <v, Hess S(X) v> less the lowest eigenvalue across, or 0 */
    double start, near, far;    /* |d| at the start, at the nearer and at the farther end of the path that the curvature leads to */
    double *w, *Hv, *Hw;        /* (n) */
} runner;

/* |(Hess S(X + step v) - Hess S(X)) v|, the larger of both signs of step */
static fs_status change_at(runner *x, double step, double *change, fs_err *err)
{
    *change = 0.0;
    fs_status status = fs_flow_jacobian_product(x->bare, x->r->w, x->r->v, x->Hv);
    for (int sign = -1; status == FS_OK && sign <= 1; sign += 2) {
        for (size_t i = 0; i < x->n; i++) x->w[i] = x->r->w[i] + sign * step * x->r->v[i];
        status = fs_flow_jacobian_product(x->bare, x->w, x->r->v, x->Hw);
        for (size_t i = 0; i < x->n; i++) x->Hw[i] -= x->Hv[i];
        double size = fs_norm(x->n, x->Hw);
        fs_raise_to(change, size);
    }
    return status == FS_OK ? FS_OK : fs_fail(err, status, "Hessian-vector products near a stationary point: %s", fs_status_text(status));
}

static fs_status compare_across(runner *x, fs_err *err)
{
    hessian h = { .flow = x->bare, .w = x->r->w, .v = x->r->v, .across = x->Hw };
    double lowest, error;
    fs_status status = apply_hessian(&h, h.v, x->Hv);
    if (status != FS_OK) return fs_fail(err, status, "a Hessian-vector product at a stationary point: %s", fs_status_text(status));
    h.along = fs_dot(x->n, h.v, x->Hv);
    FS_TRY(lowest_of(x->c, &h, &lowest, &error, err));
    x->faster = h.along - lowest > error ? h.along - lowest + error : 0.0;
    return FS_OK;
}

/* Distances, and the bound without integration: for the path that the flow must take when the curvature is what it should be. */
static fs_status choose_start(runner *x, double *bound, fs_err *err)
{
    const fs_exponent_request *r = x->r;
    double change, far = farthest * x->scale, factor = exp(-r->curvature * r->horizon), growth = factor > 1.0 ? factor : 1.0, decay = factor < 1.0 ? factor : 1.0;
    FS_TRY(change_at(x, probe * x->scale, &change, err));
    if (change * far > r->accuracy * probe * x->scale) far = r->accuracy * probe * x->scale / change;
    x->start = far / growth;
    if (!(x->start >= nearest * x->scale)) x->start = nearest * x->scale;
    x->near = x->start * decay;
    x->far = slack * x->start * growth;
    FS_TRY(change_at(x, x->far, &change, err));
    *bound = change + (r->residual + rounding_of_distance * FS_ROUNDOFF * x->scale / r->horizon) / x->near;
    return FS_OK;
}

static int report_time(void *context, double t, double h, long step, const fs_flow_point *p)
{
    (void)h;
    (void)step;
    (void)p;
    const runner *x = context;
    return fs_watch_report(fs_check_watch(x->c), "the flow near a stationary point", t / x->r->horizon) != FS_OK;
}

static double distance(const runner *x, const double *w)
{
    double sum = 0.0;
    for (size_t i = 0; i < x->n; i++) sum += (w[i] - x->r->w[i]) * (w[i] - x->r->w[i]);
    return sqrt(sum);
}

/* What so many steps may have put across d, and what became of it; likewise the gradient that is left, and rounding. */
static double growth_across(const runner *x, const fs_trajectory *T, double rtol, double atol)
{
    const fs_exponent_request *r = x->r;
    size_t E = fs_check_basis(x->c)->dim_E;
    double sum = 0.0;
    for (size_t i = 0; i < x->n; i++) {
        double part = rtol * (fabs(r->w[i]) + x->far * fabs(r->v[i])) + (i < E ? atol : T->atol_N);
        sum += part * part;
    }
    double error = several_steps * (double)T->steps * sqrt((double)x->n * sum) + r->residual * r->horizon;
    double log_part = log(error / x->near) + x->faster * r->horizon;
    /* log(1 + q^2) / 2, q = exp(log_part) */
    return (log_part > 0.0 ? log_part + 0.5 * log1p(exp(-2.0 * log_part)) : 0.5 * log1p(exp(2.0 * log_part))) / r->horizon;
}

/* What so many steps may have added to the rate of T. */
static double integration_error(const runner *x, const fs_trajectory *T, double rtol, double atol)
{
    size_t E = fs_check_basis(x->c)->dim_E;
    double sum = 0.0;
    for (size_t i = 0; i < x->n; i++) {
        double v = fabs(x->r->v[i]), part = (rtol * (fabs(x->r->w[i]) + x->far * v) + (i < E ? atol : T->atol_N)) * v;
        sum += part * part;
    }
    return several_steps * (double)T->steps * sqrt((double)x->n * sum) / (x->near * x->r->horizon) + growth_across(x, T, rtol, atol);
}

/* One family from x->w on, its tolerances `factor` times the usual ones. */
static fs_status run_family(runner *x, fs_method method, double factor, double *rate, double *integration, double ends[2], fs_err *err)
{
    fs_trajectory *T = NULL;
    const fs_integrate_options asked = { .t_end = x->r->horizon, .rtol = factor * path_rtol, .atol = factor * path_atol * x->scale, .method = method,
                                         .max_step = x->r->max_step, .progress = fs_check_watch(x->c) ? report_time : NULL, .context = x };
    FS_TRY(fs_trajectory_compute(&T, x->flow, x->w, &asked, err));
    fs_status status = T->code == FS_OK ? FS_OK : fs_fail(err, T->code, "the flow near a stationary point: %s", T->status);
    ends[0] = distance(x, x->w);
    ends[1] = distance(x, T->w_end);
    *rate = log(ends[0] / ends[1]) / x->r->horizon;
    *integration = integration_error(x, T, asked.rtol, asked.atol);
    fs_trajectory_destroy(T);
    return status;
}

/* By BDF, by Adams' method, and by BDF once more with looser tolerances: errors that two families share show in the third. */
static fs_status run_all(runner *x, fs_exponent *out, fs_err *err)
{
    double ends[2], other[2], ignored;
    FS_TRY(run_family(x, FS_METHOD_BDF, 1.0, &out->rate, &out->integration, ends, err));
    FS_TRY(run_family(x, FS_METHOD_ADAMS, 1.0, &out->second, &ignored, other, err));
    FS_TRY(run_family(x, FS_METHOD_BDF, looser, &out->loose, &ignored, other, err));
    out->start = ends[0];
    out->end = ends[1];
    out->error = fs_larger(fabs(out->rate - out->second), fabs(out->rate - out->loose));
    out->bound += out->integration;
    return FS_OK;
}

fs_status fs_exponent_measure(fs_check_context *c, const fs_exponent_request *request, fs_exponent *out, fs_err *err)
{
    const fs_basis *b = fs_check_basis(c);
    size_t n = b->dim_E + b->dim_N;
    runner x = { .c = c, .r = request, .n = n, .scale = 1.0 + fs_norm(n, request->w) };
    *out = (fs_exponent){ 0 };
    x.w = fs_calloc(n, 3 * sizeof *x.w);
    if (!x.w) return fs_fail(err, FS_ENOMEM, "a path of dimension %zu", n);
    x.Hv = x.w + n;
    x.Hw = x.Hv + n;
    fs_status status = fs_check_flow_at(c, FS_FLOW_AUGMENTED, request->gamma, &x.flow, err);
    if (status == FS_OK) status = fs_check_plain_flow(c, FS_FLOW_AUGMENTED, request->gamma, &x.bare, err);
    if (status == FS_OK) status = compare_across(&x, err);
    if (status == FS_OK) status = choose_start(&x, &out->bound, err);
    for (size_t i = 0; i < n; i++) x.w[i] = request->w[i] + x.start * request->v[i];
    if (status == FS_OK) status = run_all(&x, out, err);
    fs_flow_destroy(x.flow);
    fs_flow_destroy(x.bare);
    free(x.w);
    return status;
}
