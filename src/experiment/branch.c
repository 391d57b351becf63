/* experiment/branch.c -- one equilibrium off E, continued in gamma: single steps, and what is known at their ends
 *
 * The error of an eigenvalue is (n + 16) u |H|_F and what Newton's next correction d, the distance to the true point, moves it: 3 |H(w + d) - H(w)|_F.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "experiment/branch.h"

#include "base/norm.h"
#include "experiment/stability_private.h"
#include "integrate/newton.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double leap = 0.3;             /* of |Y|: a longer way from one gamma to the next is another branch */
static const double touching = 1e-6;        /* |Y| relative to 1 + |w|: on E */
static const double beside = 1e-3;          /* likewise: may end on E */
static const double far_from_E = 1e-2;      /* likewise: off E, however small the velocity between */
static const double flat = 1e-10;           /* eigenvalues above -flat |H| do not unmake an attractor */
static const double flat_direction = 1e-8;  /* of |H|: no tangent there */
static const double shift_factor = 3.0;     /* Newton converges linearly at a degenerate point */

fs_status fs_branch_begin(fs_branch_tracer *t, const fs_problem *problem, int threads, size_t keep_limit, const fs_watch *watch, fs_err *err)
{
    const fs_basis *b = fs_problem_basis(problem);
    *t = (fs_branch_tracer){ .problem = problem, .threads = threads, .keep_limit = keep_limit, .watch = watch, .n = b->dim_E + b->dim_N, .E = b->dim_E };
    t->next = fs_calloc(t->n, sizeof *t->next);
    t->H = fs_calloc(t->n, t->n * sizeof *t->H);
    t->value = fs_calloc(t->n, sizeof *t->value);
    t->scratch = fs_calloc(t->n, 2 * sizeof *t->scratch);
    if (t->next && t->H && t->value && t->scratch) return FS_OK;
    fs_branch_end(t);
    return fs_fail(err, FS_ENOMEM, "equilibria off E in dimension %zu", t->n);
}

void fs_branch_end(fs_branch_tracer *t)
{
    free(t->next);
    free(t->H);
    free(t->value);
    free(t->scratch);
    t->next = t->H = t->value = t->scratch = NULL;
}

static fs_status flow_at(const fs_branch_tracer *t, double gamma, fs_flow **f, fs_err *err)
{
    return fs_problem_flow(f, t->problem, FS_FLOW_AUGMENTED, gamma, t->threads, t->keep_limit, err);
}

/* --- steps --------------------------------------------------------------------------------------- */

/* Newton's method of f from `from`: *same when it ends in t->next, near by and off E. */
static fs_status solve(fs_branch_tracer *t, fs_flow *f, const fs_branch_node *from, int *same, fs_err *err)
{
    fs_newton newton;
    double gamma = fs_flow_gamma(f);
    fs_newton_options options = { .max_iterations = 40, .radius = 1.0 + fs_norm(t->n, from->w), .watch = t->watch };
    /* near a junction with E the terms of H cancel, but not their roundings */
    if (from->norm > 0.0) options.tolerance = 32.0 * DBL_EPSILON * (from->norm + gamma) * (1.0 + fs_norm(t->n, from->w));
    *same = 0;
    memcpy(t->next, from->w, t->n * sizeof *t->next);
    FS_TRY(fs_newton_solve(&newton, f, t->next, &options, err));
    if (newton.stopped) t->stopped = 1;
    double distance = fs_norm(t->n - t->E, t->next + t->E);
    *same = newton.converged && fs_frobenius(t->n, t->next, from->w) <= leap * from->distance && distance > touching * (1.0 + fs_norm(t->n, t->next));
    if (t->far_is_off && distance > far_from_E * (1.0 + fs_norm(t->n, t->next))) return FS_OK;
    return *same ? fs_told_from_E(f, t->next, newton.tolerance, t->scratch, same, err) : FS_OK;
}

/* A place where nothing is finite is no equilibrium. */
static fs_status no_place(fs_status status)
{
    return status == FS_ENAN || status == FS_ESOLVER ? FS_OK : status;
}

fs_status fs_branch_step(fs_branch_tracer *t, const fs_branch_node *from, double gamma, fs_branch_node *to, int *found, fs_err *err)
{
    fs_flow *f = NULL;
    fs_flow_point p;
    int same = 0;
    *found = 0;
    fs_status status = flow_at(t, gamma, &f, err);
    if (status == FS_OK) status = solve(t, f, from, &same, err);
    if (!same || status != FS_OK) goto done;
    status = fs_objective_hessian(f, t->next, t->H, err);
    if (status != FS_OK) goto done;
    double norm = fs_frobenius(t->n * t->n, t->H, NULL);
    status = fs_symmetric_eigen(t->n, t->H, t->value, err);
    if (status != FS_OK) goto done;
    if (fs_flow_evaluate(f, t->next, &p, NULL) != FS_OK) goto done;
    to->gamma = gamma;
    to->distance = fs_norm(t->n - t->E, t->next + t->E);
    to->risk = p.risk;
    to->objective = p.objective;
    to->norm = norm;
    to->relative = norm > 0.0 ? t->value[0] / norm : 0.0;
    memcpy(to->w, t->next, t->n * sizeof *to->w);
    *found = 1;
done:
    fs_flow_destroy(f);
    return no_place(status);
}

fs_status fs_branch_stand(fs_branch_tracer *t, const double *w, double gamma, fs_branch_node *to, int *found, fs_err *err)
{
    memcpy(to->w, w, t->n * sizeof *w);
    to->norm = 0.0;
    to->distance = fs_norm(t->n - t->E, w + t->E);
    return fs_branch_step(t, to, gamma, to, found, err);
}

void fs_branch_tangent(const fs_branch_tracer *t, const fs_branch_node *node, double *tangent)
{
    size_t n = t->n, E = t->E;
    memset(tangent, 0, n * sizeof *tangent);
    for (size_t k = 0; k < n; k++) {
        const double *v = t->H + k * n;
        if (!(fabs(t->value[k]) > flat_direction * node->norm)) continue;
        double along = -fs_dot(n - E, v + E, node->w + E) / t->value[k];
        for (size_t i = 0; i < n; i++) tangent[i] += along * v[i];
    }
}

/* --- what a node is ---------------------------------------------------------------------------- */

int fs_branch_attracts(const fs_branch_node *node)
{
    return node->relative >= -flat;
}

int fs_branch_alike(const fs_branch_node *a, const fs_branch_node *b)
{
    return fabs(a->distance - b->distance) <= 1e-7 * (1.0 + b->distance) && fabs(a->relative - b->relative) <= 1e-7 &&
           fabs(a->objective - b->objective) <= 1e-9 * (1.0 + fabs(b->objective));
}

int fs_branch_is_beside_E(const fs_branch_tracer *t, const fs_branch_node *node)
{
    return node->distance <= beside * (1.0 + fs_norm(t->n, node->w));
}

/* t->next = w + d, d Newton's next correction: modes whose curvature is rounding do not move. */
static fs_status correct(fs_branch_tracer *t, fs_flow *f, const fs_branch_node *node, double noise, double *frozen)
{
    double *F = t->scratch;
    FS_TRY(fs_flow_velocity(f, node->w, F));
    double mu = fs_norm(t->n, F);
    memcpy(t->next, node->w, t->n * sizeof *t->next);
    for (size_t k = 0; k < t->n; k++) {
        const double *v = t->H + k * t->n;
        if (!(fabs(t->value[k]) > noise)) {
            *frozen = noise;
            continue;
        }
        double d = fs_dot(t->n, v, F) * t->value[k] / (t->value[k] * t->value[k] + mu * mu);
        for (size_t i = 0; i < t->n; i++) t->next[i] += d * v[i];
    }
    return FS_OK;
}

fs_status fs_branch_judge(fs_branch_tracer *t, const fs_branch_node *node, fs_branch_stability *out, fs_err *err)
{
    size_t n = t->n;
    /* near E the terms of H cancel, but not their roundings */
    double noise = (double)(n + 16) * DBL_EPSILON * (node->norm + node->gamma), frozen = 0.0, shift = (double)INFINITY;
    fs_flow *f = NULL;
    double *H = fs_calloc(n, n * sizeof *H), *moved = fs_calloc(n, n * sizeof *moved);
    fs_status status = H && moved ? flow_at(t, node->gamma, &f, err) : fs_fail(err, FS_ENOMEM, "Hessian of dimension %zu", n);
    if (status == FS_OK && (status = correct(t, f, node, noise, &frozen)) != FS_OK) fs_fail(err, status, "a gradient failed: %s", fs_status_text(status));
    if (status == FS_OK) status = fs_objective_hessian(f, node->w, H, err);
    if (status == FS_OK) status = fs_objective_hessian(f, t->next, moved, err);
    if (status == FS_OK) shift = shift_factor * fs_frobenius(n * n, moved, H);
    if (!(shift <= DBL_MAX)) shift = (double)INFINITY;
    if (shift < frozen) shift = frozen;
    *out = (fs_branch_stability){ .lowest = n ? t->value[0] : (double)NAN, .error = noise + shift };
    for (size_t k = 0; k < n; k++) {
        fs_sign sign = fs_sign_of(t->value[k], out->error);
        out->signs.negative += sign == FS_SIGN_NEGATIVE;
        out->signs.undecided += sign == FS_SIGN_UNDECIDED;
        out->signs.positive += sign == FS_SIGN_POSITIVE;
    }
    out->kind = fs_point_of_counts(out->signs);
    fs_flow_destroy(f);
    free(H);
    free(moved);
    return no_place(status);
}

/* --- where a branch joins E ------------------------------------------------------------------------ */

/* The eigenvalue of the N-block of t->H next to -gamma. */
static fs_status nearest_on_N(fs_branch_tracer *t, double gamma, double *nearest, fs_err *err)
{
    size_t n = t->n, m = n - t->E;
    for (size_t i = 0; i < m; i++) memmove(t->H + i * m, t->H + (t->E + i) * n + t->E, m * sizeof *t->H);
    FS_TRY(fs_symmetric_eigen(m, t->H, t->value, err));
    *nearest = t->value[0];
    for (size_t k = 1; k < m; k++)
        if (fabs(t->value[k] + gamma) < fabs(*nearest + gamma)) *nearest = t->value[k];
    return FS_OK;
}

fs_status fs_branch_join(fs_branch_tracer *t, const fs_branch_node *node, fs_branch_junction *out, fs_err *err)
{
    fs_flow *f = NULL, *inside = NULL;
    fs_flow_point p;
    fs_newton newton = { .converged = 1 };
    fs_newton_options options = { .max_iterations = 40, .radius = 0.1 * (1.0 + fs_norm(t->n, node->w)), .watch = t->watch };
    double nearest = (double)NAN;
    out->found = 0;
    memcpy(out->w, node->w, t->n * sizeof *out->w);
    memset(out->w + t->E, 0, (t->n - t->E) * sizeof *out->w);
    fs_status status = flow_at(t, 0.0, &f, err);
    if (status == FS_OK && t->E) {
        status = fs_problem_flow(&inside, t->problem, FS_FLOW_EQUIVARIANT, 0.0, t->threads, t->keep_limit, err);
        if (status == FS_OK) status = fs_newton_solve(&newton, inside, out->w, &options, err);
    }
    if (status == FS_OK) status = fs_objective_hessian(f, out->w, t->H, err);
    double norm = fs_frobenius(t->n * t->n, t->H, NULL);
    if (status == FS_OK) status = nearest_on_N(t, node->gamma, &nearest, err);
    if (status == FS_OK && fs_flow_evaluate(f, out->w, &p, NULL) == FS_OK) {
        out->gamma = -nearest;
        out->error = (double)(t->n + 16) * DBL_EPSILON * norm;
        out->risk = p.risk;
        /* |Y|^2 or |Y| is what gamma falls short of the junction */
        out->found = newton.converged && fabs(node->gamma + nearest) <= 10.0 * node->distance * (1.0 + norm);
    }
    if (newton.stopped) t->stopped = 1;
    fs_flow_destroy(f);
    fs_flow_destroy(inside);
    return no_place(status);
}
