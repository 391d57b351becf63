/* theory_checks/fact_b.c -- on E the Hessian of R^aug does not couple E with N
 *
 *   <X, Hess R^aug(A) Y> = 0,  A in E, X in TE, Y in N                        [NF25, Section 3]
 *
 * dim L <= 320: the block Q_E^T H Q_N of the whole matrix.  Beyond: Q_E^T H Y for random unit Y in N.  A measure biased by beta towards the identity leaves
 * beta Q_E^T Hess R Q_N, whose size is taken from products with the nominal Hessian.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "rounding.h"
#include "statements.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DENSE_LIMIT = 320, FEWEST = 1, POINTS = 3, COPIES = 2, DIRECTIONS = 4 };
static const double scale[] = { 0.25, 1.0, 4.0 }, beta = 1e-2, least_part = 1e-2, least_ratio = 1e6;

/* One run of the check.  The flows have gamma = 0 and orthonormal coordinates: their Jacobians are -Q^T Hess Q. */
typedef struct {
    fs_check_context *c;
    const fs_basis *basis;
    size_t E, N, L, points;
    size_t directions;          /* 0: whole matrices */
    size_t columns;             /* of a block: dim N, or the directions */
    fs_flow *augmented, *nominal, *biased;
    fs_risk *biased_risk;
    gsl_rng *rng;
    double *w, *moved;          /* (dim L): a point of E and one an ulp away */
    double *A;                  /* (n_par): that point in natural order */
    double *Y;                  /* (directions, dim L): unit vectors in N */
    double *J, *product;        /* (dim L, dim L) or unused; (dim L) */
    double *block, *other;      /* (dim E, columns) */
    double *best_w, best_ratio;
    fs_worst worst;
    double coupling;            /* largest |block| / |H| of the nominal Hessian */
} run;

/* block (dim E, columns) of the Hessian of f's risk at w; *size: |H|_F, or the root of the sum of |H Y|^2 over the directions. */
static fs_status get_block(run *r, fs_flow *f, const double *w, double *block, double *size, fs_err *err)
{
    double sum = 0.0;
    fs_status status = FS_OK;
    if (!r->directions) {
        status = fs_flow_jacobian(f, w, r->J);
        for (size_t i = 0; i < r->E && status == FS_OK; i++)
            for (size_t j = 0; j < r->N; j++) block[i * r->N + j] = -r->J[i * r->L + r->E + j];
        *size = fs_norm(r->L * r->L, r->J);
    }
    for (size_t d = 0; d < r->directions && status == FS_OK; d++) {
        if ((status = fs_flow_jacobian_product(f, w, r->Y + d * r->L, r->product)) != FS_OK) break;
        for (size_t i = 0; i < r->E; i++) block[i * r->directions + d] = -r->product[i];
        sum += fs_dot(r->L, r->product, r->product);
    }
    if (r->directions) *size = sqrt(sum);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "the Hessian at a point of E: %s", fs_status_text(status));
}

static double norm_of_block(const run *r, const double *block)
{
    return fs_norm(r->E * r->columns, block);
}

/* Scatter of the augmented block around `block` when w moves by one unit in the last place. */
static fs_status scatter(run *r, const double *w, const double *block, double *worst, fs_err *err)
{
    double size;
    *worst = 0.0;
    for (size_t k = 0; k < COPIES; k++) {
        fs_move_one_ulp(r->rng, r->L, w, r->moved);
        FS_TRY(get_block(r, r->augmented, r->moved, r->other, &size, err));
        for (size_t i = 0; i < r->E * r->columns; i++) r->other[i] -= block[i];
        *worst = fs_larger(*worst, norm_of_block(r, r->other));
    }
    return FS_OK;
}

static void random_directions(run *r)
{
    for (size_t d = 0; d < r->directions; d++) {
        double *y = r->Y + d * r->L + r->E;
        fs_rng_gaussian(r->rng, r->N, y);
        double size = fs_norm(r->N, y);
        for (size_t j = 0; j < r->N; j++) y[j] /= size;
    }
}

static fs_status measure_point(run *r, size_t index, fs_err *err)
{
    double size = 0.0, spread = 0.0, inside = 0.0, nominal_size = 0.0;
    FS_TRY(fs_point_of_E(r->c, index, scale[index % 3], r->w, err));
    FS_TRY(get_block(r, r->augmented, r->w, r->block, &size, err));
    double measured = norm_of_block(r, r->block);
    FS_TRY(scatter(r, r->w, r->block, &spread, err));
    fs_basis_expand(r->basis, r->w, r->A);
    FS_TRY(fs_block_rounding(r->c, r->A, r->columns, &inside, err));
    double bound = ((double)(r->L + 16) * FS_ROUNDOFF + fs_basis_angle(r->basis)) * size + inside + FS_ROUNDING_SCATTER * spread;
    fs_worst_keep(&r->worst, measured, bound);
    FS_TRY(get_block(r, r->nominal, r->w, r->other, &nominal_size, err));
    double nominal = norm_of_block(r, r->other), ratio = fs_share(nominal, 0.0, bound), part = nominal_size > 0.0 ? nominal / nominal_size : 0.0;
    if (ratio >= least_ratio && part > r->coupling) r->coupling = part;
    if (!(ratio > r->best_ratio)) return FS_OK;
    r->best_ratio = ratio;
    memcpy(r->best_w, r->w, r->L * sizeof *r->w);
    return FS_OK;
}

/* --- the control ------------------------------------------------------------------------------------ */

/* |Q_E^T Hess R Q_N|_F, or |Q_E^T Hess R Y|, by products: from the smaller side. */
static fs_status nominal_block(run *r, double *size, fs_err *err)
{
    double sum = 0.0, *v = r->moved;
    int from_E = !r->directions && r->E <= r->N;
    size_t count = r->directions ? r->directions : from_E ? r->E : r->N;
    for (size_t k = 0; k < count; k++) {
        memset(v, 0, r->L * sizeof *v);
        if (r->directions) memcpy(v, r->Y + k * r->L, r->L * sizeof *v);
        else v[from_E ? k : r->E + k] = 1.0;
        fs_status status = fs_flow_jacobian_product(r->nominal, r->best_w, v, r->product);
        if (status != FS_OK) return fs_fail(err, status, "products with the nominal Hessian: %s", fs_status_text(status));
        const double *part = from_E ? r->product + r->E : r->product;
        sum += fs_dot(from_E ? r->N : r->E, part, part);
    }
    *size = sqrt(sum);
    return FS_OK;
}

/* What the bias adds to the block: that of Hess R^nu - (1 - beta) Hess R^aug. */
static fs_status measure_control(run *r, fs_finding *found, fs_err *err)
{
    const fs_check_options *o = fs_check_options_of(r->c);
    double size;
    FS_TRY(fs_biased_risk(r->c, beta, &r->biased_risk, err));
    FS_TRY(fs_flow_create(&r->biased, FS_FLOW_AUGMENTED, r->basis, r->biased_risk, 0.0, o->threads, o->keep_limit, err));
    FS_TRY(get_block(r, r->augmented, r->best_w, r->block, &size, err));
    FS_TRY(get_block(r, r->biased, r->best_w, r->other, &size, err));
    for (size_t i = 0; i < r->E * r->columns; i++) r->other[i] -= (1.0 - beta) * r->block[i];
    found->control.measured = norm_of_block(r, r->other);
    FS_TRY(nominal_block(r, &size, err));
    found->control.predicted = beta * size;
    snprintf(found->control.what, sizeof found->control.what, "measure (1 - beta) mu + beta delta_e, beta = %g: block beta |Q_E^T Hess R Q_N|", beta);
    return FS_OK;
}

/* --- the check ---------------------------------------------------------------------------------------- */

static fs_status run_open(run *r, fs_err *err)
{
    const fs_check_options *o = fs_check_options_of(r->c);
    size_t L = r->L;
    r->directions = L <= DENSE_LIMIT ? 0 : DIRECTIONS;
    r->columns = r->directions ? r->directions : r->N;
    r->w = fs_calloc(L * (4 + r->directions) + r->basis->n_par, sizeof *r->w);
    r->J = fs_calloc(r->directions ? 0 : L * L, sizeof *r->J);
    r->block = fs_calloc(2 * r->E * r->columns, sizeof *r->block);
    r->rng = fs_rng_stream(o->seed, FS_STREAM_HYPOTHESES);
    if (!r->w || !r->J || !r->block || !r->rng) return fs_fail(err, FS_ENOMEM, "Hessians of dimension %zu", L);
    r->moved = r->w + L;
    r->product = r->moved + L;
    r->best_w = r->product + L;
    r->Y = r->best_w + L;
    r->A = r->Y + r->directions * L;
    r->other = r->block + r->E * r->columns;
    random_directions(r);
    FS_TRY(fs_check_plain_flow(r->c, FS_FLOW_AUGMENTED, 0.0, &r->augmented, err));
    return fs_check_plain_flow(r->c, FS_FLOW_NOMINAL, 0.0, &r->nominal, err);
}

static void run_close(run *r)
{
    fs_flow_destroy(r->biased);
    fs_risk_destroy(r->biased_risk);
    fs_flow_destroy(r->augmented);
    fs_flow_destroy(r->nominal);
    if (r->rng) gsl_rng_free(r->rng);
    free(r->block);
    free(r->J);
    free(r->w);
}

static void conclude(const run *r, fs_finding *found)
{
    fs_worst_report(&r->worst, found);  /* no errors: the bound is what rounding explains of it */
    fs_check_quantity(found, r->worst.measured, 0.0, "block");
    fs_check_quantity(found, r->coupling, 0.0, "nominal_coupling");
    if (!(r->best_ratio >= least_ratio))
        fs_check_vacuous(found, "the nominal Hessian does not couple E and N either at %zu points of E: there is nothing that augmentation "
                                "would have to remove", r->points);
    else if (!(r->coupling >= least_part))
        fs_check_vacuous(found, "the nominal Hessian hardly couples E and N: %.1e of its norm", r->coupling);
    else if (r->directions)
        snprintf(found->note, sizeof found->note, "%zu points of E, %zu random directions in N each; nominal coupling %.2g of |Hess R "
                                                  "Y|", r->points, r->directions,
                 r->coupling);
    else
        snprintf(found->note, sizeof found->note, "the whole block of %zu x %zu at %zu points of E; nominal coupling %.2g of |Hess "
                                                  "R|", r->E, r->N, r->points, r->coupling);
}

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    const fs_basis *b = fs_check_basis(c);
    run r = { .c = c, .basis = b, .E = b->dim_E, .N = b->dim_N, .L = b->dim_E + b->dim_N };
    if (!r.E) return fs_check_absent(found, "dim E = 0: E is a point without directions along it");
    if (!r.N) return fs_check_absent(found, "dim N = 0: E is all of L, and nothing lies across it");
    r.points = r.L <= DENSE_LIMIT ? POINTS : fs_affordable_rounds(c, 4.0 * (2 + COPIES) * DIRECTIONS, FEWEST, POINTS);
    fs_status status = run_open(&r, err);
    for (size_t i = 0; i < r.points && status == FS_OK; i++) {
        status = fs_watch_report(fs_check_watch(c), "Fact B", (double)i / (double)r.points);
        if (status != FS_OK) fs_fail(err, status, "stopped");
        else status = measure_point(&r, i, err);
    }
    if (status == FS_OK && r.best_ratio >= least_ratio) status = measure_control(&r, found, err);
    if (status == FS_OK) conclude(&r, found);
    run_close(&r);
    return status;
}

const fs_statement fs_statement_fact_b = {
    .id = "fact_b", .code = "B", .name = "Fact B",
    .claim = "<X, Hess R^aug(A) Y> = 0 for X in TE, Y in N, at every A in E",
    .source = "[NF25, Section 3]",
    .needs = FS_NEEDS_STATIONARY,
    .measures = "|Q_E^T Hess R^aug Q_N|_F at random points of E (dim L > 320: |Q_E^T Hess R^aug Y| for random Y in N)",
    .budget = "(dim L + 16) u |Hess R^aug|_F + 16 u times the sum of what relative moves of weights and data do to the samples' blocks + 16 times the "
              "scatter of the block under moves by one unit in the last place; what rounding turned the bases by, times |Hess R^aug|_F; dim L > 320: |Hess R^aug Y|_F for |Hess R^aug|_F",
    .controls = "a measure biased by beta = 1e-2 towards the identity leaves beta |Q_E^T Hess R Q_N|",
    .measure = measure,
};
