/* theory_checks/theorem_1_2.c -- Theorem 1.2: the stationary points of the equivariant flow are those of the augmented flow on E
 *
 *   {X in E : Pi_E grad R(X) = 0} = {A in L : Pi_L grad R^aug(A) = 0} with E          [NOF23, Theorem 1.2]
 *
 * as sets, found from many starts, saddles included.  "Left in right": points found by searches that know E and R only; there the gradient of R^aug in all of
 * L must vanish as well as Pi_E grad R does.  "Right in left": Newton's method on L, from starts on E and near it, for R^aug and with the penalty; whatever
 * it finds on E must be stationary for R in E.  In both directions Newton's method for the other problem, started at the point, must stay there: that is
 * what being in the other set means for a member of a continuum, where lists of points found cannot be compared.
 *
 * Nothing here depends on the metric in which the weights move: M Pi_L grad S = 0 where Pi_L grad S = 0.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "points.h"
#include "statements.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RANDOM_STARTS = 2, NEAR_STARTS = 4, BACK = 6, ITERATIONS = 20, LEAST_ITERATIONS = 8, STAY_ITERATIONS = 3, PRODUCTS = 500 };
static const double operations = 1e11;          /* about what all of Newton's iterations on L may take */
static const double telling = 1e-6;             /* the budget of a point that tells something, over the sum of terms */
static const double times_residual = 10.0;
static const double away = 1e-3;                /* of a start near a known point, relative to 1 + |w| */
static const double arrived = 1e-7;             /* of Newton's next correction at what counts as a zero, likewise;
                                                 * in degenerate ones the way left is thrice that */
static const double on_E = 1e-6;                /* |Y| of what counts as on E, likewise: as far as two points are called the same */
static const double beta = 1e-2, control_tolerance = 1e-6, not_small = 1e6;

typedef struct {
    fs_check_context *c;
    const fs_basis *b;
    size_t n;
    fs_flow *augmented, *equivariant;           /* in orthonormal coordinates */
    fs_worst worst;
    double *A, *grad, *second, *w, *u;          /* (n_par) thrice, (n) twice */
    double *best;                               /* (n) the point where the nominal gradient across E is largest against its budget */
    double best_share, scale;                   /* that quotient; sum of terms there */
    size_t random_starts, near_starts, back;    /* how many searches on L from E and from near it; how many points are tried on L */
    long iterations;                            /* of a search */
    size_t points, trivial, left, right;        /* of the set on E; that tell nothing; confirmed by Newton on L; found on L and on E */
    size_t elsewhere, different, confirmed;     /* found on L, but not on E to rounding; members of one set that Newton moved; of `right` confirmed by Newton on E */
    size_t right_telling;                       /* of `right`, where the budget is small enough to tell */
} comparison;

static size_t between(double value, size_t least, size_t most)
{
    return value >= (double)most ? most : value >= (double)least ? (size_t)value : least;
}

/* A dense iteration takes about dim L gradients and 20 (dim L)^3 operations of LAPACK's, one by products some hundreds of gradients. */
static void plan(comparison *k)
{
    double n = (double)k->n, gradient = fs_risk_gradient_flops(fs_problem_risk(fs_check_problem(k->c), 1));
    double all = operations / (k->n <= FS_NEWTON_DENSE_LIMIT ? n * gradient + 20.0 * n * n * n : PRODUCTS * gradient);
    k->random_starts = all >= RANDOM_STARTS * ITERATIONS ? RANDOM_STARTS : 0;
    k->near_starts = between(all / 10.0, 2, NEAR_STARTS);
    k->back = between(all / 8.0, 1, BACK);
    k->iterations = (long)between(0.5 * all / (double)(k->random_starts + k->near_starts), LEAST_ITERATIONS, ITERATIONS);
}

static fs_status gradient_at(comparison *k, int augmented, const double *A, double *grad, fs_err *err)
{
    fs_risk_work *work;
    FS_TRY(fs_check_risk_work(k->c, augmented, &work, err));
    fs_status status = fs_risk_gradient(fs_problem_risk(fs_check_problem(k->c), augmented), A, NULL, grad, work);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "the gradient at a stationary point: %s", fs_status_text(status));
}

/* At w = (x, 0): budget, sum of terms, |Pi_L grad R^aug|, |Pi_E grad R|, |Pi_L (grad R - grad R^aug)|. */
typedef struct { fs_rounding r; double terms, whole, along, difference; } look;

static fs_status look_at(comparison *k, const double *w, look *l, fs_err *err)
{
    FS_TRY(fs_gradient_rounding(k->c, w, &l->r, k->grad, err));
    l->terms = l->r.terms / (FS_ROUNDING_TERMS * FS_ROUNDOFF);
    fs_basis_expand_E(k->b, w, k->A);
    FS_TRY(gradient_at(k, 0, k->A, k->second, err));
    fs_basis_project(k->b, k->grad, k->u);
    l->whole = fs_norm(k->n, k->u);
    fs_basis_project(k->b, k->second, k->u);
    l->along = fs_norm(k->b->dim_E, k->u);
    for (size_t i = 0; i < k->b->n_par; i++) k->second[i] -= k->grad[i];
    fs_basis_project(k->b, k->second, k->u);
    l->difference = fs_norm(k->n, k->u);
    return FS_OK;
}

/* Newton's method for grad S in L (at the options' gamma) or for Pi_E grad R in E, from w (dim L) on, which it moves; y stays 0 in E. */
static fs_status solve(comparison *k, fs_flow_kind kind, long iterations, double *w, fs_newton *out, fs_err *err)
{
    const fs_newton_options asked = { .max_iterations = iterations, .watch = fs_check_watch(k->c) };
    FS_TRY(fs_newton_solve(out, kind == FS_FLOW_EQUIVARIANT ? k->equivariant : k->augmented, w, &asked, err));
    return out->stopped ? fs_fail(err, FS_ESTOPPED, "a search for stationary points was stopped") : FS_OK;
}

/* w is a zero, not only a place where the gradient is at rounding. */
static int is_zero(const comparison *k, const fs_newton *newton, const double *w)
{
    return newton->converged && newton->correction <= arrived * (1.0 + fs_norm(k->n, w));
}

/* Does Newton's method for the other problem, started at w, stay there? */
static fs_status stays(comparison *k, fs_flow_kind kind, const double *w, size_t *confirmed, fs_err *err)
{
    fs_newton newton;
    memcpy(k->w, w, k->n * sizeof *w);
    memcpy(k->u, w, k->n * sizeof *w);
    FS_TRY(solve(k, kind, STAY_ITERATIONS, k->u, &newton, err));
    const fs_stationary before = { .dim = k->n, .w = k->w }, after = { .dim = k->n, .w = k->u };
    if (is_zero(k, &newton, k->u)) (*(fs_stationary_same(&before, &after) ? confirmed : &k->different))++;
    return FS_OK;
}

/* --- left in right -------------------------------------------------------------------------- */

static fs_status compare_point(comparison *k, const fs_stationary *at, fs_err *err)
{
    look l;
    FS_TRY(look_at(k, at->w, &l, err));
    k->points++;
    double bound = times_residual * at->residual_E + l.r.L;
    if (l.whole <= bound && !(telling * l.terms > bound)) {        /* the gradient vanishes because all its terms do, within the budget over 1e-6 */
        k->trivial++;
        return FS_OK;
    }
    fs_worst_add(&k->worst, l.whole / l.terms, 0.0, bound / l.terms);
    if (!(l.difference / l.r.L <= k->best_share)) {
        k->best_share = l.difference / l.r.L;
        k->scale = l.terms;
        memcpy(k->best, at->w, k->n * sizeof *at->w);
    }
    return k->points - k->trivial <= k->back ? stays(k, FS_FLOW_AUGMENTED, at->w, &k->left, err) : FS_OK;
}

/* --- right in left -------------------------------------------------------------------------- */

/* A zero w of grad S found on L: if it lies on E, is it stationary for R in E?  Its y is set to 0. */
static fs_status compare_back(comparison *k, const fs_newton *newton, double *w, fs_err *err)
{
    look l;
    double size = fs_norm(k->n, w), distance = fs_norm(k->b->dim_N, w + k->b->dim_E);
    if (!is_zero(k, newton, w)) return FS_OK;
    memset(w + k->b->dim_E, 0, k->b->dim_N * sizeof *w);
    FS_TRY(look_at(k, w, &l, err));
    /* near E only, or so degenerate that Newton stopped far from rounding */
    if (!(distance <= on_E * (1.0 + size)) || !(l.whole <= times_residual * l.r.L)) {
        k->elsewhere++;
        return FS_OK;
    }
    k->right++;
    double bound = times_residual * l.whole + l.r.L;
    if (telling * l.terms > bound || !(l.along <= bound)) {
        k->right_telling++;
        fs_worst_add(&k->worst, l.along / l.terms, 0.0, bound / l.terms);
    }
    return stays(k, FS_FLOW_EQUIVARIANT, w, &k->confirmed, err);
}

/* The j-th point found; degenerate ones, to which Newton's method comes slowly, last. */
static const fs_stationary *near_point(const fs_stability *s, size_t j)
{
    const fs_stationary *at = s->point[0].at;
    size_t seen = 0;
    for (int degenerate = 0; degenerate < 2; degenerate++)
        for (size_t i = 0; i < s->n_points; i++)
            if (fs_point_found(&s->point[i]) && (s->point[i].on_E == FS_POINT_DEGENERATE) == degenerate && seen++ == j) at = s->point[i].at;
    return at;
}

/* Start j of those on E and near known points. */
static fs_status start_of(comparison *k, const fs_stability *s, size_t j, gsl_rng *rng, double *w, fs_err *err)
{
    memset(w, 0, k->n * sizeof *w);
    if (j < k->random_starts) return fs_point_of_E(k->c, j, 1.0, w, err);
    const double *at = near_point(s, j - k->random_starts)->w;
    fs_rng_gaussian(rng, k->n, w);
    double step = away * (1.0 + fs_norm(k->n, at)) / fs_norm(k->n, w);
    for (size_t m = 0; m < k->n; m++) w[m] = at[m] + step * w[m];
    return FS_OK;
}

static fs_status search_on_L(comparison *k, const fs_stability *s, fs_err *err)
{
    size_t near = fs_points_found(s);
    if (near > k->near_starts) near = k->near_starts;
    double *w = fs_calloc(k->n, sizeof *w);
    gsl_rng *rng = fs_rng_stream(fs_check_options_of(k->c)->seed, FS_STREAM_SEARCH);
    fs_status status = w && rng ? FS_OK : fs_fail(err, FS_ENOMEM, "starts near E");
    for (size_t j = 0; status == FS_OK && j < k->random_starts + near; j++) {
        fs_newton newton;
        status = start_of(k, s, j, rng, w, err);
        if (status == FS_OK) status = solve(k, FS_FLOW_AUGMENTED, k->iterations, w, &newton, err);
        if (status == FS_OK) status = compare_back(k, &newton, w, err);
    }
    if (rng) gsl_rng_free(rng);
    free(w);
    return status;
}

/* --- the control ------------------------------------------------------------------------------ */

static fs_status control(comparison *k, fs_finding *found, fs_err *err)
{
    fs_risk *risk = NULL;
    fs_risk_work *work = NULL;
    look l;
    FS_TRY(look_at(k, k->best, &l, err));
    fs_status status = fs_biased_risk(k->c, beta, &risk, err);
    if (status == FS_OK) status = fs_risk_work_create(&work, risk, fs_check_options_of(k->c)->threads, 0, err);
    if (status == FS_OK && (status = fs_risk_gradient(risk, k->A, NULL, k->second, work)) != FS_OK)
        fs_fail(err, status, "the gradient of the biased measure: %s", fs_status_text(status));
    if (status == FS_OK) {
        for (size_t i = 0; i < k->b->n_par; i++) k->second[i] -= k->grad[i];
        fs_basis_project(k->b, k->second, k->u);
        found->control = (fs_control){ .measured = fs_norm(k->n, k->u) / k->scale, .predicted = beta * l.difference / k->scale,
            .tolerance = control_tolerance };
        snprintf(found->control.what, sizeof found->control.what, "measure (1 - beta) mu + beta delta_e, beta = %g: beta |Pi_N grad R|, which does "
            "not vanish where Pi_E grad R does", beta);
    }
    fs_risk_work_destroy(work);
    fs_risk_destroy(risk);
    return status;
}

/* --- what was found ------------------------------------------------------------------------------ */

static void report(const comparison *k, fs_finding *found)
{
    size_t tried = k->points - k->trivial < k->back ? k->points - k->trivial : k->back;
    fs_worst_report(&k->worst, found);
    if (k->different && !(found->measured > found->bound)) found->error = HUGE_VAL;
    fs_check_quantity(found, (double)k->points, 0.0, "points");
    fs_check_quantity(found, (double)k->right, 0.0, "points_from_L");
    fs_check_quantity(found, (double)k->elsewhere, 0.0, "points_elsewhere");
    fs_check_quantity(found, k->best_share, 0.0, "nominal_over_budget");
    if (k->trivial == k->points)
        fs_check_vacuous(found, "at every point found the gradients of single samples vanish as far as the search went: nothing is left to be averaged");
    else if (!(k->best_share >= not_small))
        fs_check_vacuous(found, "where Pi_E grad R vanishes the nominal gradient vanishes in all of L as well: the group has nothing to take away");
    if (!k->right_telling) fs_check_vacuous(found, "no search on L ended on E where single samples have a gradient: one inclusion was not tested");
    if (!k->worst.count) {
        snprintf(found->note, sizeof found->note, "%zu points on E, in all of them every single term is too small to tell", k->points);
        return;
    }
    snprintf(found->note, sizeof found->note, "%zu points on E (%zu with no term to speak of), saddles included; Newton on L stays at %zu of %zu tried. "
             "Searches on L found %zu on E and %zu elsewhere, Newton on E "
             "stays at %zu of the former%s. The worst gradient is %.1e of the sum of its terms", k->points, k->trivial, k->left, tried, k->right,
             k->elsewhere, k->confirmed,
             k->different ? "; elsewhere Newton moved, and whether the sets agree there is open" : "", found->measured);
}

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    const fs_basis *b = fs_check_basis(c);
    const fs_stability *s;
    comparison k = { .c = c, .b = b, .n = b->dim_E + b->dim_N };
    if (!b->dim_E) return fs_check_absent(found, "dim E = 0: E is one point, stationary for both flows");
    FS_TRY(fs_check_stability(c, &s, err));
    if (!fs_points_found(s)) return fs_points_none(found, s);
    plan(&k);
    k.A = fs_calloc(3 * b->n_par + 3 * k.n, sizeof *k.A);
    if (!k.A) return fs_fail(err, FS_ENOMEM, "gradients of %zu weights", b->n_par);
    k.grad = k.A + b->n_par;
    k.second = k.grad + b->n_par;
    k.w = k.second + b->n_par;
    k.u = k.w + k.n;
    k.best = k.u + k.n;
    fs_status status = fs_check_plain_flow(c, FS_FLOW_AUGMENTED, fs_check_options_of(c)->gamma, &k.augmented, err);
    if (status == FS_OK) status = fs_check_plain_flow(c, FS_FLOW_EQUIVARIANT, 0.0, &k.equivariant, err);
    for (size_t i = 0; status == FS_OK && i < s->n_points; i++)
        if (fs_point_found(&s->point[i])) status = compare_point(&k, s->point[i].at, err);
    if (status == FS_OK) status = search_on_L(&k, s, err);
    if (status == FS_OK && k.trivial < k.points) status = control(&k, found, err);
    if (status == FS_OK) report(&k, found);
    fs_flow_destroy(k.augmented);
    fs_flow_destroy(k.equivariant);
    free(k.A);
    return status;
}

const fs_statement fs_statement_theorem_1_2 = {
    .id = "theorem_1_2",
    .code = "1.2",
    .name = "Theorem 1.2",
    .claim = "the stationary points of the equivariant flow are those of the augmented flow on E",
    .source = "[NOF23, Theorem 1.2]",
    .needs = FS_NEEDS_STATIONARY,
    .measures = "|Pi_L grad R^aug| where Pi_E grad R = 0, and |Pi_E grad R| where Pi_L grad R^aug = 0 on E, over sum_i weight_i |grad l_i|; the "
             "worst against its budget",
    .budget = "10 times the residual that the search left in the other gradient + 64 u sum_i weight_i |grad l_i| + 16 times the scatter over copies "
             "one unit in the last place away",
    .controls = "the measure (1 - beta) mu + beta delta_e, beta = 1e-2, at the same points: beta |Pi_N grad R|",
    .measure = measure,
};
