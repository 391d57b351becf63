/* theory_checks/fact_a.c -- on E the augmented gradient is the equivariant one
 *
 *   Pi_L grad R^aug(A) = Pi_E grad R(A),  A in E                              [NF25, Section 3]
 *
 * Two data sets meet along E: |Pi_E (grad R^aug - grad R)| compares the moved samples with the plain ones.  Across E nothing may be left:
 * leak = |Pi_N grad R^aug|.  With the measure (1 - beta) mu + beta delta_e the leak is beta |Pi_N grad R|, and on the isotypic component of s a measure nu of
 * an abelian group leaves |nu-hat(s)| of the nominal part.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "rounding.h"
#include "statements.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 24, FEWEST = 3, ISOTYPIC_POINTS = 6 };
static const double scale[] = { 0.25, 1.0, 4.0 }, beta = 1e-2, least_part = 1e-2, least_ratio = 1e6, isotypic_work = 1e8;

/* One run of the check.  Arrays of one allocation from x on. */
typedef struct {
    fs_check_context *c;
    const fs_basis *basis;
    size_t points;
    double *x, *A, *augmented, *nominal;    /* (dim E), (n_par) each: the point and the two gradients there */
    double *w, *w_nominal;                  /* (dim L): their parts in adapted coordinates */
    double *best_x;                         /* (dim E): the point of the control, where the nominal part across E is largest against its budget */
    double best_nominal, best_ratio, largest_part;
    fs_worst along, across;
    double leak;
    fs_range over_E, over_nominal;
} run;

/* --- isotypic components ------------------------------------------------------------------- */

typedef struct {
    const fs_irreducibles *table;
    const fs_isotypic_part *part;
    size_t count;
    fs_range *over;             /* (count) */
} components;

static size_t row_of(const components *k, size_t i)
{
    return (size_t)(k->part[i].irreducible - k->table->irreducible);
}

/* |P_s Pi_N g| of a gradient in adapted coordinates; work (2 n_par + dim L). */
static fs_status component_size(const run *r, const components *k, size_t i, const double *w, double *work, double *size)
{
    const fs_basis *b = r->basis;
    double *natural = work, *part = natural + b->n_par, *across = part + b->n_par;
    memset(across, 0, b->dim_E * sizeof *across);
    memcpy(across + b->dim_E, w + b->dim_E, b->dim_N * sizeof *across);
    fs_basis_expand(b, across, natural);
    FS_TRY(fs_isotypic_apply(k->table, row_of(k, i), fs_problem_rho_H(fs_check_problem(r->c)), natural, part, NULL));
    *size = fs_norm(b->n_par, part);
    return FS_OK;
}

/* What is left of each component at the point of r; irreducibles that the Haar nodes do not reach stay without a number. */
static fs_status measure_components(const run *r, components *k, double budget, fs_err *err)
{
    const fs_basis *b = r->basis;
    double *work = fs_calloc(2 * b->n_par + b->dim_E + b->dim_N, sizeof *work);
    if (!work) return fs_fail(err, FS_ENOMEM, "isotypic components of gradients");
    for (size_t i = 0; i < k->count; i++) {
        double left = 0.0, nominal = 0.0;
        if (!k->part[i].in_N || component_size(r, k, i, r->w, work, &left) != FS_OK) continue;
        if (component_size(r, k, i, r->w_nominal, work, &nominal) != FS_OK || !fs_counts(nominal, least_ratio, budget)) continue;
        fs_range_add(&k->over[i], left / nominal);
    }
    free(work);
    return FS_OK;
}

static fs_status components_open(const run *r, components *k, fs_err *err)
{
    const fs_problem *p = fs_check_problem(r->c);
    const char *note;
    k->table = fs_problem_irreducibles(p);
    k->part = fs_problem_isotypic(p, &k->count, &note);
    double each = (double)fs_group_points(fs_problem_group(p)) * (double)r->basis->n_par;
    if (!k->table || !k->part || !(2.0 * ISOTYPIC_POINTS * (double)k->count * each <= isotypic_work)) k->count = 0;
    k->over = fs_calloc(k->count, sizeof *k->over);
    return k->over ? FS_OK : fs_fail(err, FS_ENOMEM, "%zu isotypic components", k->count);
}

/* --- one point --------------------------------------------------------------------------------- */

static void keep_point(run *r, double nominal_N, double nominal_L, double budget)
{
    double ratio = fs_share(nominal_N, 0.0, budget);
    if (nominal_L > 0.0 && nominal_N / nominal_L > r->largest_part && ratio >= least_ratio) r->largest_part = nominal_N / nominal_L;
    if (!(ratio > r->best_ratio)) return;
    r->best_ratio = ratio;
    r->best_nominal = nominal_N;
    memcpy(r->best_x, r->x, r->basis->dim_E * sizeof *r->x);
}

static fs_status measure_point(run *r, size_t index, components *k, fs_err *err)
{
    const fs_basis *b = r->basis;
    fs_rounding budget;
    fs_risk_work *work = NULL;
    double along = 0.0;
    FS_TRY(fs_point_of_E(r->c, index, scale[index % 3], r->x, err));
    FS_TRY(fs_gradient_rounding(r->c, r->x, &budget, r->augmented, err));
    FS_TRY(fs_check_risk_work(r->c, 0, &work, err));
    fs_basis_expand_E(b, r->x, r->A);
    fs_status status = fs_risk_gradient(fs_problem_risk(fs_check_problem(r->c), 0), r->A, NULL, r->nominal, work);
    if (status != FS_OK) return fs_fail(err, status, "the gradient at a point of E: %s", fs_status_text(status));
    fs_basis_project(b, r->augmented, r->w);
    fs_basis_project(b, r->nominal, r->w_nominal);
    for (size_t i = 0; i < b->dim_E; i++) along += (r->w[i] - r->w_nominal[i]) * (r->w[i] - r->w_nominal[i]);
    double on_E = fs_norm(b->dim_E, r->w), leak = fs_norm(b->dim_N, r->w + b->dim_E);
    double nominal_N = fs_norm(b->dim_N, r->w_nominal + b->dim_E), nominal_L = fs_norm(b->dim_E + b->dim_N, r->w_nominal);
    if (b->dim_E) fs_worst_keep(&r->along, sqrt(along), 2.0 * budget.E);        /* both gradients have errors */
    fs_worst_keep(&r->across, leak, budget.N);
    r->leak = fs_larger(r->leak, leak);
    if (fs_counts(on_E, least_ratio, budget.E)) fs_range_add(&r->over_E, leak / on_E);
    if (fs_counts(nominal_N, least_ratio, budget.N)) fs_range_add(&r->over_nominal, leak / nominal_N);
    keep_point(r, nominal_N, nominal_L, budget.N);
    return index < ISOTYPIC_POINTS ? measure_components(r, k, budget.N, err) : FS_OK;
}

/* --- the control -------------------------------------------------------------------------------- */

/* What the bias adds: Pi_N (grad R^nu - (1 - beta) grad R^aug), so that its size is known also where R^aug leaks by itself. */
static fs_status measure_control(run *r, fs_finding *found, fs_err *err)
{
    const fs_basis *b = r->basis;
    fs_risk *biased = NULL;
    fs_risk_work *work = NULL, *shared = NULL;
    fs_basis_expand_E(b, r->best_x, r->A);
    fs_status status = fs_biased_risk(r->c, beta, &biased, err);
    if (status == FS_OK) status = fs_risk_work_create(&work, biased, fs_check_options_of(r->c)->threads, 0, err);
    if (status == FS_OK) status = fs_check_risk_work(r->c, 1, &shared, err);
    if (status != FS_OK) goto done;
    status = fs_risk_gradient(fs_problem_risk(fs_check_problem(r->c), 1), r->A, NULL, r->augmented, shared);
    if (status == FS_OK) status = fs_risk_gradient(biased, r->A, NULL, r->nominal, work);
    if (status != FS_OK) {
        fs_fail(err, status, "the gradient under the biased measure: %s", fs_status_text(status));
        goto done;
    }
    for (size_t j = 0; j < b->n_par; j++) r->nominal[j] -= (1.0 - beta) * r->augmented[j];
    fs_basis_project(b, r->nominal, r->w);
    found->control.measured = fs_norm(b->dim_N, r->w + b->dim_E);
    found->control.predicted = beta * r->best_nominal;
    snprintf(found->control.what, sizeof found->control.what, "measure (1 - beta) mu + beta delta_e, beta = %g: leak beta |Pi_N grad R|", beta);
done:
    fs_risk_work_destroy(work);
    fs_risk_destroy(biased);
    return status;
}

/* --- the check ------------------------------------------------------------------------------------ */

static void conclude(const run *r, const components *k, fs_finding *found)
{
    fs_worst all = r->across;
    if (r->along.count) fs_worst_keep(&all, r->along.measured, r->along.bound);
    fs_worst_report(&all, found);       /* no errors: the bound is what rounding explains of it */
    fs_check_quantity(found, r->leak, 0.0, "leak");
    if (r->along.count) fs_check_quantity(found, r->along.measured, 0.0, "along_E");
    fs_range_quantity(&r->over_E, found, "leak_over_E");
    fs_range_quantity(&r->over_nominal, found, "leak_over_nominal");
    fs_check_quantity(found, r->largest_part, 0.0, "nominal_part");
    for (size_t i = 0; i < k->count; i++) {
        char name[80];
        snprintf(name, sizeof name, "leak_over_nominal:%s", k->part[i].irreducible->name);
        fs_range_quantity(&k->over[i], found, name);
    }
    if (!(r->best_ratio >= least_ratio))
        fs_check_vacuous(found, "Pi_N grad R is zero to rounding %s: there is nothing that augmentation would have to remove",
                         r->basis->dim_E ? "at every point of E tried" : "at the only point of E, 0");
    else if (!(r->largest_part >= least_part))
        fs_check_vacuous(found, "|Pi_N grad R| is at most %.1e of |Pi_L grad R| at the points of E tried", r->largest_part);
    else
        snprintf(found->note, sizeof found->note,
                 "%zu points of E at scales 1/4, 1 and 4: across E %.1e of a budget of %.1e, along it %.1e; nominal part across E up to "
                 "%.2g of the gradient: a bias "
                 "of the measure by %.0e would have shown",
                 r->points, r->across.measured, r->across.bound, r->along.measured, r->largest_part, 1.0 / r->best_ratio);
}

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    const fs_basis *b = fs_check_basis(c);
    size_t n = b->n_par, dim = b->dim_E + b->dim_N;
    if (!b->dim_N) return fs_check_absent(found, "dim N = 0: E is all of L, and nothing lies across it");
    run r = { .c = c, .basis = b, .points = b->dim_E ? fs_affordable_rounds(c, 3.0 + FS_ROUNDING_COPIES, FEWEST, POINTS) : 1 };
    components k = { 0 };
    r.x = fs_calloc(3 * n + 2 * b->dim_E + 2 * dim, sizeof *r.x);
    if (!r.x) return fs_fail(err, FS_ENOMEM, "gradients of %zu weights", n);
    r.best_x = r.x + b->dim_E;
    r.A = r.best_x + b->dim_E;
    r.augmented = r.A + n;
    r.nominal = r.augmented + n;
    r.w = r.nominal + n;
    r.w_nominal = r.w + dim;
    fs_status status = components_open(&r, &k, err);
    for (size_t i = 0; i < r.points && status == FS_OK; i++) {
        status = fs_watch_report(fs_check_watch(c), "Fact A", (double)i / (double)r.points);
        if (status != FS_OK) fs_fail(err, status, "stopped");
        else status = measure_point(&r, i, &k, err);
    }
    if (status == FS_OK && r.best_ratio >= least_ratio) status = measure_control(&r, found, err);
    if (status == FS_OK) conclude(&r, &k, found);
    free(k.over);
    free(r.x);
    return status;
}

const fs_statement fs_statement_fact_a = {
    .id = "fact_a", .code = "A", .name = "Fact A",
    .claim = "Pi_L grad R^aug(A) = Pi_E grad R(A) at every A in E",
    .source = "[NF25, Section 3]",
    .needs = FS_NEEDS_STATIONARY,
    .measures = "|Pi_N grad R^aug| and |Pi_E (grad R^aug - grad R)| at random points of E, the one that is largest against its budget",
    .budget = "64 u sum_i w_i |grad l_i| + 16 u times the sum of what relative moves of weights and data do to the grad l_i + 16 times the scatter under moves by one unit in the last place, at the same point, and what "
              "rounding turned the bases by; twice "
              "that along E",
    .controls = "a measure biased by beta = 1e-2 towards the identity leaks beta |Pi_N grad R|",
    .measure = measure,
};
