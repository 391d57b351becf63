/* experiment/chain.c -- the constants of Theorem 3 along the path of an augmented flow, and the bounds on |Y(t)| that they give
 *
 *   exact <= path <= Bernoulli <= paper                                                                     [NF25, Theorem 3]
 *
 * c(t) is measured at nodes; between two of them it is taken as the smaller of the two, less the dip below the chord that its second differences allow.  M3 is
 * searched for on tubes around the nodes in E, then around the states next to the place where it was found.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "experiment/chain.h"

#include "base/norm.h"
#include "observe/transverse.h"
#include "observe/tube.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 4, POINTS_LARGE = 7, POINTS_COSTLY = 2, STARTS = 4, STARTS_COSTLY = 1, SMALL = 100 };
static const double costly = 1e6;               /* operations of one Hessian-vector product */

double fs_chain_C(double M3)
{
    return 0.5 * M3;
}

int fs_chain_costly(fs_flow *f)
{
    return fs_risk_hvp_flops(fs_flow_risk(f)) > costly;
}

void fs_chain_clear(fs_chain *s)
{
    free(s->t);
    s->t = s->c = s->w = NULL;
    s->n = 0;
}

/* --- the path ------------------------------------------------------------------------ */

double fs_chain_dip(size_t n, const double *t, const double *lambda)
{
    double dip = 0.0;
    for (size_t k = 1; k + 1 < n; k++) {
        double left = t[k] - t[k - 1], right = t[k + 1] - t[k];
        double bend = fabs((lambda[k + 1] - lambda[k]) / right - (lambda[k] - lambda[k - 1]) / left) * (left < right ? right : left) / 4.0;
        fs_raise_to(&dip, bend);
    }
    return dip;
}

/* Every stride-th state of T until the first at or after t_last; then the one there, or the end. */
static fs_status keep_nodes(fs_chain *s, const fs_trajectory *T, double t_last, fs_err *err)
{
    size_t kept = 0, dim = T->dim;
    while (kept * s->stride < T->n_nodes && (kept == 0 || T->node_t[(kept - 1) * s->stride] < t_last)) kept++;
    if (kept == 0) return fs_fail(err, FS_EINPUT, "expected a trajectory that keeps states, found none");
    size_t at = (kept - 1) * s->stride;
    double reached = T->node_t[at];
    s->n = kept + (reached < t_last && reached < T->t_reached);
    s->t = fs_calloc(s->n, (2 + dim) * sizeof *s->t);
    if (!s->t) return fs_fail(err, FS_ENOMEM, "%zu states of dimension %zu", s->n, dim);
    s->c = s->t + s->n;
    s->w = s->c + s->n;
    for (size_t k = 0; k < kept; k++) {
        s->t[k] = T->node_t[k * s->stride];
        memcpy(s->w + k * dim, T->node_w + k * s->stride * dim, dim * sizeof *s->w);
    }
    if (s->n == kept) return FS_OK;
    while (at < T->n_nodes && T->node_t[at] < t_last) at++;
    s->t[kept] = at < T->n_nodes ? T->node_t[at] : T->t_reached;
    memcpy(s->w + kept * dim, at < T->n_nodes ? T->node_w + at * dim : T->w_end, dim * sizeof *s->w);
    return FS_OK;
}

fs_status fs_chain_path(fs_chain *s, fs_flow *f, const fs_trajectory *T, size_t stride, double t_last, const fs_watch *watch, fs_err *err)
{
    size_t E = fs_flow_dim_E(f), dim = fs_flow_dim(f);
    s->stride = stride;
    s->R0 = T->first.risk;
    s->c_min = (double)INFINITY;
    s->c_error = 0.0;
    double *state = fs_calloc(dim, sizeof *state);
    fs_status status = state ? keep_nodes(s, T, t_last, err) : fs_fail(err, FS_ENOMEM, "a state of dimension %zu", dim);
    for (size_t k = 0; k < s->n && status == FS_OK; k++) {
        fs_transverse H;
        status = fs_watch_report(watch, "lambda_min(H_N) along the path", (double)k / (double)s->n);
        if (status != FS_OK) fs_fail(err, status, "stopped on request");
        memcpy(state, s->w + k * dim, E * sizeof *state);
        if (status == FS_OK) status = fs_transverse_compute(f, state, watch, &H, NULL, err);
        if (status != FS_OK) break;
        s->c[k] = H.converged ? H.lambda_min - H.error : (double)NAN;
        fs_lower_to(&s->c_min, s->c[k]);
        fs_raise_to(&s->c_error, H.error);
    }
    free(state);
    s->dip = status == FS_OK ? fs_chain_dip(s->n, s->t, s->c) : (double)NAN;
    s->c_min -= s->dip;
    return status;
}

/* --- constants --------------------------------------------------------------------------- */

/* What a search is made with. */
typedef struct { fs_flow *f; uint64_t seed; const fs_watch *watch; int slow; } search;

/* Radial M3 on the tubes of both radii around these points of E (n); *at: the point of the one of s->radius, or NULL.  One search, on the larger, where products are
 * costly: what bounds D^3 there bounds it nearer, too. */
static fs_status search_tubes(const fs_chain *s, const search *how, size_t n, const double *x, double *M3, double *M3_K, size_t *at, fs_err *err)
{
    fs_tube_options o = { .n_points = n, .x = x, .starts = how->slow ? STARTS_COSTLY : STARTS, .seed = how->seed, .watch = how->watch };
    fs_tube_constants all;
    fs_tube *tube = NULL;
    int finite = isfinite(s->K), one = how->slow && finite && s->K >= s->radius;
    *M3_K = (double)NAN;
    fs_status status = fs_tube_create(&tube, how->f, &o, err);
    if (status == FS_OK && at) {
        status = fs_tube_measure(tube, s->radius, &all, err);
        if (status == FS_OK && all.stopped) status = fs_fail(err, FS_ESTOPPED, "stopped on request");
        if (status == FS_OK) {
            *M3 = all.M3.value;
            *at = all.M3.point;
        }
    } else if (status == FS_OK && !one) status = fs_tube_third(tube, s->radius, M3, err);
    if (status == FS_OK && finite) status = fs_tube_third(tube, s->K, M3_K, err);
    if (one) *M3 = *M3_K;
    fs_tube_destroy(tube);
    return status;
}

/* The same around the states that T keeps next to node `at`, for what lies between the nodes. */
static fs_status search_closer(fs_chain *s, const search *how, const fs_trajectory *T, size_t at, fs_err *err)
{
    size_t E = fs_flow_dim_E(how->f), from = at > 0 ? (at - 1) * s->stride : 0, to = (at + 1) * s->stride, n = 0;
    double *x = fs_calloc(2 * s->stride + 1, (E ? E : 1) * sizeof *x), M3 = 0.0, M3_K = 0.0;
    if (!x) return fs_fail(err, FS_ENOMEM, "%zu points of E", 2 * s->stride + 1);
    for (size_t k = from; k <= to && k < T->n_nodes; k++, n++) memcpy(x + n * E, T->node_w + k * T->dim, E * sizeof *x);
    fs_status status = n ? search_tubes(s, how, n, x, &M3, &M3_K, NULL, err) : FS_OK;
    if (status == FS_OK && n && !(M3 <= s->M3)) s->M3 = M3;
    if (status == FS_OK && n && !(M3_K <= s->M3_K)) s->M3_K = M3_K;
    free(x);
    return status;
}

fs_status fs_chain_constants(fs_chain *s, fs_flow *f, const fs_trajectory *T, int all, uint64_t seed, const fs_watch *watch, fs_err *err)
{
    search how = { f, seed, watch, fs_chain_costly(f) };
    int small = !how.slow && fs_flow_dim(f) <= SMALL;
    size_t E = fs_flow_dim_E(f), dim = fs_flow_dim(f), most = how.slow ? POINTS_COSTLY : !small ? POINTS_LARGE : all ? s->n : POINTS, at = 0;
    size_t *place = all && small && E ? &at : NULL;
    if (most > s->n) most = s->n;
    double *x = fs_calloc(most, (E ? E : 1) * sizeof *x);
    if (!x) return fs_fail(err, FS_ENOMEM, "%zu points of E", most);
    for (size_t k = 0; k < most && E; k++) memcpy(x + k * E, s->w + (most > 1 ? k * (s->n - 1) / (most - 1) : 0) * dim, E * sizeof *x);
    s->K = s->gamma > 0.0 ? sqrt(s->delta * s->delta + 2.0 * s->R0 / s->gamma) : (double)INFINITY;
    fs_status status = search_tubes(s, &how, most, x, &s->M3, &s->M3_K, place, err);
    free(x);
    return status == FS_OK && place ? search_closer(s, &how, T, at, err) : status;
}

/* --- bounds at a time ---------------------------------------------------------------------- */

double fs_chain_above(const fs_chain *s, double value)
{
    return fabs(value) <= 2.0 * (s->c_error + s->dip) ? 0.0 : value;
}

double fs_chain_paper_rate(const fs_chain *s)
{
    return isfinite(s->K) ? s->gamma + s->c_min - fs_chain_C(s->M3_K) * s->K : -(double)INFINITY;
}

/* c(t) from node k to the next is at least this. */
static double lower_of(const fs_chain *s, size_t k)
{
    return (s->c[k] < s->c[k + 1] ? s->c[k] : s->c[k + 1]) - s->dip;
}

fs_chain_bounds fs_chain_at(const fs_chain *s, double t, fs_chain_walk *walk)
{
    double C = fs_chain_C(s->M3);
    for (; walk->k + 2 < s->n && s->t[walk->k + 1] < t; walk->k++)
        if (!isinf(walk->y)) walk->y = fs_bound_bernoulli_at(lower_of(s, walk->k), C, s->gamma, walk->y, s->t[walk->k + 1] - s->t[walk->k]);
    return (fs_chain_bounds){
        .path = isinf(walk->y) ? walk->y : fs_bound_bernoulli_at(lower_of(s, walk->k), C, s->gamma, walk->y, t - s->t[walk->k]),
        .bernoulli = fs_bound_bernoulli_at(s->c_min, C, s->gamma, s->delta, t),
        .paper = t > 0.0 ? s->delta * exp(-fs_chain_paper_rate(s) * t) : s->delta,
    };
}

static void worse(double *most, double lower, double upper)
{
    if (isinf(upper)) return;
    double v = log(lower / upper);
    fs_raise_to(most, v);
}

static void compare_at(const fs_chain *s, double t, double distance, fs_chain_walk *walk, fs_chain_comparison *out)
{
    fs_chain_bounds b = fs_chain_at(s, t, walk);
    worse(&out->path, distance, b.path);
    if (!(b.bernoulli > s->K)) worse(&out->bernoulli, b.path, b.bernoulli);
    worse(&out->paper, b.bernoulli > s->K ? distance : b.bernoulli, b.paper);
    out->end[0] = log(b.path / distance);
    out->end[1] = log(b.bernoulli / b.path);
    out->end[2] = log(b.paper / b.bernoulli);
}

void fs_chain_compare(const fs_chain *s, const fs_trajectory *T, double t_last, double floor, fs_chain_comparison *out)
{
    fs_chain_walk walk = { .y = s->delta };
    *out = (fs_chain_comparison){ 0 };
    if (s->n < 2) return;
    for (size_t i = 1; i < T->n_steps_kept && T->step_distance[i] >= floor && T->step_t[i] <= t_last; i++) out->last = i;
    for (; out->seen < T->n_rows && T->row[out->seen].t <= T->step_t[out->last]; out->seen++)
        compare_at(s, T->row[out->seen].t, T->row[out->seen].distance, &walk, out);
    walk = (fs_chain_walk){ .y = s->delta };
    for (size_t i = 1; i <= out->last; i++) compare_at(s, T->step_t[i], T->step_distance[i], &walk, out);
}

double fs_chain_violation(const fs_chain_comparison *c)
{
    double most = c->path;
    fs_raise_to(&most, c->bernoulli);
    fs_raise_to(&most, c->paper);
    return most;
}

/* --- what numbers can tell ------------------------------------------------------------------- */

double fs_chain_floor(const fs_trajectory *T, double rtol)
{
    return 1e3 * (T->atol_N + rtol * T->distance_max);
}

double fs_chain_integration(const fs_trajectory *T, double rtol, size_t k)
{
    double sum = 0.0;
    for (size_t i = 1; i <= k && i < T->n_steps_kept; i++) sum += rtol + T->atol_N / T->step_distance[i];
    return 10.0 * sqrt((double)T->dim) * sum;
}
