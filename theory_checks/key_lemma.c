/* theory_checks/key_lemma.c -- moving the weights is moving the data
 *
 *   Phi_{rho(g) A}(rho_X(g) x) = rho_Y(g) Phi_A(x)                            [NOF23, NF25]
 *   R^aug(rho(h) A) = R^aug(A) = sum_g mu_g R(rho(g) A)
 *
 * at random A of H, random x and single elements: an average hides a wrong direction.  rho(g) A may leave L; R is defined on H.  All elements of small
 * groups, some of others.  Everything is relative to |Phi_A(x)| and to R^aug(A).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "rounding.h"
#include "statements.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 3, INPUTS = 4, COPIES = 3, ELEMENTS = 64, FEW = 4 };
static const double beta = 1e-2, least_ratio = 1e6, flops = 4e8;

/* One run of the check. */
typedef struct {
    fs_check_context *c;
    const fs_problem *p;
    const fs_rep *rho;
    size_t n, inputs, outputs;
    size_t element[ELEMENTS], elements, for_risk;       /* of these the first for_risk for values of R^aug */
    gsl_rng *rng;
    double *A, *turned, *moved;                         /* (n_par) */
    double *x, *x_turned, *x_moved;                     /* (dim X) */
    double *z, *z_turned, *z_image;                     /* (dim Y) */
    double *best_A;                                     /* (n_par): where, and under which element, R changes most */
    size_t best_h;
    double best_change, best_value;                     /* |R(rho(h) A) - R(A)|, R^aug(A) */
    fs_worst phi, invariance, average;
    double unmoved;                                     /* largest relative |Phi_A(rho_X(g) x) - rho_Y(g) Phi_A(x)|: the weights stay */
} run;

static double distance(size_t n, const double *a, const double *b)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(sum);
}

/* --- the network -------------------------------------------------------------------------- */

static fs_status apply(const run *r, const double *A, const double *x, double *z, fs_err *err)
{
    return fs_net_apply(fs_problem_net(r->p), A, 1, x, z, err);
}

/* What rounding explains of Phi_A(x): both sides of the identity have their own. */
static fs_status output_budget(run *r, double *budget, fs_err *err)
{
    double worst = 0.0;
    for (size_t k = 0; k < COPIES; k++) {
        fs_move_one_ulp(r->rng, r->n, r->A, r->moved);
        fs_move_one_ulp(r->rng, r->inputs, r->x, r->x_moved);
        FS_TRY(apply(r, r->moved, r->x_moved, r->z_turned, err));
        worst = fs_larger(worst, distance(r->outputs, r->z, r->z_turned));
    }
    *budget = 2.0 * (FS_ROUNDING_TERMS * FS_ROUNDOFF * fs_norm(r->outputs, r->z) + FS_ROUNDING_SCATTER * worst);
    return FS_OK;
}

static fs_status measure_output(run *r, fs_err *err)
{
    double budget = 0.0;
    fs_rng_gaussian(r->rng, r->inputs, r->x);
    FS_TRY(apply(r, r->A, r->x, r->z, err));
    FS_TRY(output_budget(r, &budget, err));
    double size = fs_norm(r->outputs, r->z), unit = size > 0.0 || isnan(size) ? size : 1.0;
    for (size_t k = 0; k < r->elements; k++) {
        size_t g = r->element[k];
        FS_TRY(fs_rep_apply(r->rho, g, r->A, r->turned));
        FS_TRY(fs_rep_apply(fs_problem_rho_X(r->p), g, r->x, r->x_turned));
        FS_TRY(fs_rep_apply(fs_problem_rho_Y(r->p), g, r->z, r->z_image));
        FS_TRY(apply(r, r->turned, r->x_turned, r->z_turned, err));
        fs_worst_keep(&r->phi, distance(r->outputs, r->z_turned, r->z_image) / unit, budget / unit);
        FS_TRY(apply(r, r->A, r->x_turned, r->z_turned, err));
        double unmoved = distance(r->outputs, r->z_turned, r->z_image);
        if (fs_counts(unmoved, least_ratio, budget) && unmoved / unit > r->unmoved) r->unmoved = unmoved / unit;
    }
    return FS_OK;
}

/* --- the risk ------------------------------------------------------------------------------- */

static fs_status value_of(const run *r, int augmented, const double *A, double *value, fs_err *err)
{
    fs_risk_work *work = NULL;
    FS_TRY(fs_check_risk_work(r->c, augmented, &work, err));
    fs_status status = fs_risk_value(fs_problem_risk(r->p, augmented), A, value, work);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "the risk at a random point of H: %s", fs_status_text(status));
}

/* What rounding explains of R^aug(A): the terms of the sum are not negative, so that they add up to it. */
static fs_status value_budget(run *r, double value, double *budget, fs_err *err)
{
    double worst = 0.0, moved = 0.0;
    for (size_t k = 0; k < COPIES; k++) {
        fs_move_one_ulp(r->rng, r->n, r->A, r->moved);
        FS_TRY(value_of(r, 1, r->moved, &moved, err));
        worst = fs_larger(worst, fabs(moved - value));
    }
    *budget = 2.0 * (FS_ROUNDING_TERMS * FS_ROUNDOFF * fabs(value) + FS_ROUNDING_SCATTER * worst);
    return FS_OK;
}

static fs_status measure_average(run *r, double value, double budget, double unit, fs_err *err)
{
    const double *mu = fs_problem_measure(r->p);
    double sum = 0.0, one = 0.0;
    for (size_t g = 0; g < fs_group_points(fs_problem_group(r->p)); g++) {
        if (mu[g] == 0.0) continue;
        FS_TRY(fs_rep_apply(r->rho, g, r->A, r->turned));
        FS_TRY(value_of(r, 0, r->turned, &one, err));
        sum += mu[g] * one;
    }
    fs_worst_keep(&r->average, fabs(sum - value) / unit, budget / unit);
    return FS_OK;
}

static fs_status measure_value(run *r, fs_err *err)
{
    double value = 0.0, nominal = 0.0, budget = 0.0, turned = 0.0, nominal_turned = 0.0;
    FS_TRY(value_of(r, 1, r->A, &value, err));
    FS_TRY(value_of(r, 0, r->A, &nominal, err));
    FS_TRY(value_budget(r, value, &budget, err));
    double unit = fabs(value) > 0.0 || isnan(value) ? fabs(value) : 1.0;
    for (size_t k = 0; k < r->for_risk; k++) {
        FS_TRY(fs_rep_apply(r->rho, r->element[k], r->A, r->turned));
        FS_TRY(value_of(r, 1, r->turned, &turned, err));
        FS_TRY(value_of(r, 0, r->turned, &nominal_turned, err));
        fs_worst_keep(&r->invariance, fabs(turned - value) / unit, budget / unit);
        double change = fabs(nominal_turned - nominal);
        if (!(change >= least_ratio * budget && change / unit > r->best_change / r->best_value)) continue;
        r->best_change = change;
        r->best_value = unit;
        r->best_h = r->element[k];
        memcpy(r->best_A, r->A, r->n * sizeof *r->A);
    }
    return measure_average(r, value, budget, unit, err);
}

/* --- the controls ----------------------------------------------------------------------------- */

/* What the bias adds to R^nu(rho(h) A) - R^nu(A), so that its size is known also where R^aug is not invariant by itself. */
static fs_status biased_control(run *r, fs_finding *found, fs_err *err)
{
    char name[FS_ELEMENT_NAME];
    fs_risk *biased = NULL;
    fs_risk_work *work = NULL;
    double there = 0.0, here = 0.0, plain_there = 0.0, plain_here = 0.0;
    fs_status status = fs_rep_apply(r->rho, r->best_h, r->best_A, r->turned);
    if (status == FS_OK) status = fs_biased_risk(r->c, beta, &biased, err);
    if (status == FS_OK) status = fs_risk_work_create(&work, biased, fs_check_options_of(r->c)->threads, 0, err);
    if (status == FS_OK) status = fs_risk_value(biased, r->turned, &there, work);
    if (status == FS_OK) status = fs_risk_value(biased, r->best_A, &here, work);
    if (status == FS_OK) status = value_of(r, 1, r->turned, &plain_there, err);
    if (status == FS_OK) status = value_of(r, 1, r->best_A, &plain_here, err);
    fs_risk_work_destroy(work);
    fs_risk_destroy(biased);
    if (status != FS_OK) return fs_fail(err, status, "the risk under the biased measure: %s", fs_status_text(status));
    found->control.measured = fabs(there - here - (1.0 - beta) * (plain_there - plain_here)) / r->best_value;
    found->control.predicted = beta * r->best_change / r->best_value;
    snprintf(found->control.what, sizeof found->control.what, "measure (1 - beta) mu + beta delta_e, beta = %g, h = %s: beta |R(rho(h) A) - R(A)|", beta,
             fs_group_element_name(fs_problem_group(r->p), r->best_h, name));
    return FS_OK;
}

static fs_status measure_control(run *r, fs_finding *found, fs_err *err)
{
    if (r->best_change > 0.0) return biased_control(r, found, err);
    if (r->unmoved > 0.0) {             /* R itself is invariant: no measure could show a fault */
        found->control.measured = r->unmoved;
        snprintf(found->control.what, sizeof found->control.what, "the input moves and the weights do not: Phi_A(rho_X(g) x) - rho_Y(g) Phi_A(x)");
    }
    return FS_OK;
}

/* --- the check ---------------------------------------------------------------------------------- */

static fs_status run_open(run *r, fs_err *err)
{
    const fs_group *G = fs_problem_group(r->p);
    double each = fs_risk_gradient_flops(fs_problem_risk(r->p, 1));
    r->elements = fs_elements_spread(G, ELEMENTS, r->element);
    r->for_risk = r->elements;
    while (r->for_risk > FEW && each * POINTS * (double)r->for_risk > flops) r->for_risk--;
    r->rng = fs_rng_stream(fs_check_options_of(r->c)->seed, FS_STREAM_HYPOTHESES);
    r->A = fs_calloc(4 * r->n + 3 * (r->inputs + r->outputs), sizeof *r->A);
    if (!r->rng || !r->A) return fs_fail(err, FS_ENOMEM, "%zu weights", r->n);
    r->turned = r->A + r->n;
    r->moved = r->turned + r->n;
    r->best_A = r->moved + r->n;
    r->x = r->best_A + r->n;
    r->x_turned = r->x + r->inputs;
    r->x_moved = r->x_turned + r->inputs;
    r->z = r->x_moved + r->inputs;
    r->z_turned = r->z + r->outputs;
    r->z_image = r->z_turned + r->outputs;
    r->best_value = 1.0;
    return FS_OK;
}

static void conclude(const run *r, fs_finding *found)
{
    fs_worst all = r->phi;
    fs_worst_keep(&all, r->invariance.measured, r->invariance.bound);
    fs_worst_keep(&all, r->average.measured, r->average.bound);
    fs_worst_report(&all, found);       /* no errors: the bound is what rounding explains of it */
    fs_check_quantity(found, r->phi.measured, 0.0, "phi");
    fs_check_quantity(found, r->invariance.measured, 0.0, "invariance");
    fs_check_quantity(found, r->average.measured, 0.0, "average");
    fs_check_quantity(found, r->unmoved, 0.0, "phi_unmoved");
    fs_check_quantity(found, r->best_change / r->best_value, 0.0, "risk_moved");
    if (!(r->best_change > 0.0) && !(r->unmoved > 0.0))
        fs_check_vacuous(found, "every network of this shape is equivariant, or the group acts by nothing: moving the input changes no "
                                "output and moving the weights no risk");
    else
        snprintf(found->note, sizeof found->note,
                 "%d random points of H, %d inputs, %zu elements (%zu for the risk): outputs %.1e, R^aug(rho(h) A) %.1e, average %.1e; with "
                 "the weights left alone "
                 "outputs change by %.2g, R by %.2g",
                 POINTS, INPUTS, r->elements, r->for_risk, r->phi.measured, r->invariance.measured, r->average.measured, r->unmoved,
                 r->best_change / r->best_value);
}

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    const fs_problem *p = fs_check_problem(c);
    run r = { .c = c, .p = p, .rho = fs_problem_rho_H(p), .n = fs_check_basis(c)->n_par, .inputs = fs_net_inputs(fs_problem_net(p)),
              .outputs = fs_net_outputs(fs_problem_net(p)) };
    fs_status status = run_open(&r, err);
    for (size_t i = 0; i < POINTS && status == FS_OK; i++) {
        status = fs_watch_report(fs_check_watch(c), "Key lemma", (double)i / POINTS);
        if (status != FS_OK) fs_fail(err, status, "stopped");
        else status = fs_point_of_H(c, i, r.A, err);
        for (size_t k = 0; k < INPUTS && status == FS_OK; k++) status = measure_output(&r, err);
        if (status == FS_OK) status = measure_value(&r, err);
    }
    if (status == FS_OK) status = measure_control(&r, found, err);
    if (status == FS_OK) conclude(&r, found);
    if (r.rng) gsl_rng_free(r.rng);
    free(r.A);
    return status;
}

const fs_statement fs_statement_key_lemma = {
    .id = "key_lemma", .code = "KL", .name = "Key lemma",
    .claim = "Phi_{rho(g) A}(rho_X(g) x) = rho_Y(g) Phi_A(x), and R^aug(rho(h) A) = R^aug(A) = int R(rho(g) A) dg on all of H",
    .source = "[NOF23, NF25]",
    .needs = FS_NEEDS_KEY_LEMMA,
    .measures = "the relative defects of the three identities at random weights, inputs and single elements, the one that is largest against its budget",
    .budget = "128 u + 32 times the relative scatter of Phi_A(x) and of R^aug(A) under moves by one unit in the last place",
    .controls = "a measure biased by beta = 1e-2 towards the identity changes by beta (R(rho(h) A) - R(A)); where R is invariant itself: "
                "the input moves and the weights do not",
    .measure = measure,
};
