/* theory_checks/pulled_back.c -- derivatives of R at rho(g) A, carried back to A, and their average over the group
 *
 *   t(g) = rho(g)^-1 grad R(rho(g) A)    or    rho(g)^-1 Hess R(rho(g) A) rho(g) v         [NF25, Lemma 3.11]
 *
 * Compared at random A of L, off E.  H is small enough to be formed: v are the unit vectors, the other side is the matrix Hess R^aug from
 * fs_risk_hessian; else a few random directions.  Control: in the average the image of one element g is that of the identity, which moves it by
 * mu_g (t(e) - t(g)).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "pulled_back.h"

#include "rounding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEWEST = 1, POINTS = 3, COPIES = 2, DIRECTIONS = 3, CANDIDATES = 8, DENSE_LIMIT = 48 };
static const double least_ratio = 1e6, least_part = 1e-2;

void fs_apply_inverse(const fs_rep *rho, size_t g, const double *x, double *y, size_t *row, double *value)
{
    for (size_t j = 0; j < fs_rep_dim(rho); j++) {
        size_t entries = fs_rep_column(rho, g, j, row, value);
        y[j] = 0.0;
        for (size_t t = 0; t < entries; t++) y[j] += value[t] * x[row[t]];
    }
}

/* One run.  Derivatives are m columns of n_par numbers, one after the other: the gradient (m = 1) or products with m directions. */
typedef struct {
    fs_check_context *c;
    const fs_problem *p;
    const fs_rep *rho;
    size_t n, m, points;
    int hessian, dense;
    gsl_rng *rng;
    double *v;                  /* (m, n_par) directions */
    double *A, *moved, *turned, *turned_v, *image;      /* (n_par) each */
    double *whole;              /* (n_par, n_par) when dense */
    double *left, *right, *left_moved, *right_moved, *t, *t_identity;  /* (m, n_par) each: the two sides, the same an ulp away, single images */
    double *best_A;             /* (n_par): the point of the control ... */
    size_t best_g;              /* ... the element, and the size of its mu_g (t(e) - t(g)) */
    double best_size, best_bound;
    size_t *row;
    double *value;
    fs_worst worst;
    double relative, part;      /* largest |defect| / |derivative| and |t(e) - t(g)| / |t(e)| */
} run;

static double norm_of(const run *r, const double *x)
{
    return fs_norm(r->m * r->n, x);
}

static fs_status say(fs_status status, const run *r, fs_err *err)
{
    return fs_fail(err, status, "the %s at a random point of L: %s", r->hessian ? "Hessian" : "gradient", fs_status_text(status));
}

/* The derivatives of one risk at A. */
static fs_status derivative(const run *r, const fs_risk *risk, fs_risk_work *work, const double *A, double *out, fs_err *err)
{
    fs_status status = FS_OK;
    if (!r->hessian) status = fs_risk_gradient(risk, A, NULL, out, work);
    for (size_t k = 0; r->hessian && k < r->m && status == FS_OK; k++) status = fs_risk_hvp(risk, A, r->v + k * r->n, out + k * r->n, work);
    return status == FS_OK ? FS_OK : say(status, r, err);
}

/* The left side: derivatives of R^aug at A. */
static fs_status augmented_side(const run *r, const double *A, double *out, fs_err *err)
{
    fs_risk_work *work = NULL;
    FS_TRY(fs_check_risk_work(r->c, 1, &work, err));
    if (!r->dense) return derivative(r, fs_problem_risk(r->p, 1), work, A, out, err);
    fs_status status = fs_risk_hessian(fs_problem_risk(r->p, 1), A, r->whole, work);
    if (status != FS_OK) return say(status, r, err);
    memcpy(out, r->whole, r->n * r->n * sizeof *out);       /* v are the unit vectors, and the matrix is symmetric */
    return FS_OK;
}

/* out = t(g) at A. */
static fs_status pull_back(run *r, const double *A, size_t g, double *out, fs_err *err)
{
    const fs_risk *risk = fs_problem_risk(r->p, 0);
    fs_risk_work *work = NULL;
    FS_TRY(fs_check_risk_work(r->c, 0, &work, err));
    fs_status status = fs_rep_apply(r->rho, g, A, r->turned);
    for (size_t k = 0; k < r->m && status == FS_OK; k++) {
        if (r->hessian) {
            status = fs_rep_apply(r->rho, g, r->v + k * r->n, r->turned_v);
            if (status == FS_OK) status = fs_risk_hvp(risk, r->turned, r->turned_v, r->image, work);
        } else {
            status = fs_risk_gradient(risk, r->turned, NULL, r->image, work);
        }
        if (status == FS_OK) fs_apply_inverse(r->rho, g, r->image, out + k * r->n, r->row, r->value);
    }
    return status == FS_OK ? FS_OK : say(status, r, err);
}

/* The right side: sum_g mu_g t(g) at A; *terms = sum_g mu_g |t(g)|. */
static fs_status average_side(run *r, const double *A, double *out, double *terms, fs_err *err)
{
    const fs_group *G = fs_problem_group(r->p);
    const double *mu = fs_problem_measure(r->p);
    memset(out, 0, r->m * r->n * sizeof *out);
    *terms = 0.0;
    for (size_t g = 0; g < fs_group_points(G); g++) {
        if (mu[g] == 0.0) continue;
        FS_TRY(pull_back(r, A, g, r->t, err));
        for (size_t j = 0; j < r->m * r->n; j++) out[j] += mu[g] * r->t[j];
        *terms += mu[g] * norm_of(r, r->t);
    }
    return FS_OK;
}

/* --- one point -------------------------------------------------------------------------------- */

/* How far both sides move when A does by one unit in the last place. */
static fs_status scatter(run *r, double *worst, fs_err *err)
{
    double terms;
    *worst = 0.0;
    for (size_t k = 0; k < COPIES; k++) {
        fs_move_one_ulp(r->rng, r->n, r->A, r->moved);
        FS_TRY(augmented_side(r, r->moved, r->left_moved, err));
        FS_TRY(average_side(r, r->moved, r->right_moved, &terms, err));
        for (size_t j = 0; j < r->m * r->n; j++) {
            r->left_moved[j] -= r->left[j];
            r->right_moved[j] -= r->right[j];
        }
        *worst = fs_larger(*worst, norm_of(r, r->left_moved) + norm_of(r, r->right_moved));
    }
    return FS_OK;
}

/* The element whose image differs most from that of the identity, among a few that weigh something. */
static fs_status choose_element(run *r, double bound, fs_err *err)
{
    const fs_group *G = fs_problem_group(r->p);
    const double *mu = fs_problem_measure(r->p);
    size_t points = fs_group_points(G), heavy = 0, seen = 0, step;
    FS_TRY(pull_back(r, r->A, 0, r->t_identity, err));
    for (size_t g = 1; g < points; g++) heavy += mu[g] > 0.0;
    step = heavy > CANDIDATES ? heavy / CANDIDATES : 1;
    for (size_t g = 1; g < points; g++) {
        if (!(mu[g] > 0.0) || seen++ % step) continue;
        FS_TRY(pull_back(r, r->A, g, r->t, err));
        for (size_t j = 0; j < r->m * r->n; j++) r->t[j] -= r->t_identity[j];
        double difference = norm_of(r, r->t), size = norm_of(r, r->t_identity);
        if (size > 0.0 && mu[g] * difference >= least_ratio * bound) r->part = fs_larger(r->part, difference / size);
        if (!(mu[g] * difference > r->best_size)) continue;
        r->best_size = mu[g] * difference;
        r->best_bound = bound;
        r->best_g = g;
        memcpy(r->best_A, r->A, r->n * sizeof *r->A);
    }
    return FS_OK;
}

static fs_status measure_point(run *r, size_t index, fs_err *err)
{
    const fs_basis *b = fs_problem_basis(r->p);
    double terms = 0.0, spread = 0.0;
    FS_TRY(fs_point_of_H(r->c, index, r->turned, err));
    fs_basis_project(b, r->turned, r->t);
    fs_basis_expand(b, r->t, r->A);
    FS_TRY(augmented_side(r, r->A, r->left, err));
    FS_TRY(average_side(r, r->A, r->right, &terms, err));
    FS_TRY(scatter(r, &spread, err));
    for (size_t j = 0; j < r->m * r->n; j++) r->left_moved[j] = r->left[j] - r->right[j];
    double bound = 2.0 * FS_ROUNDING_TERMS * FS_ROUNDOFF * terms + FS_ROUNDING_SCATTER * spread, measured = norm_of(r, r->left_moved), size = norm_of(r, r->left);
    fs_worst_keep(&r->worst, measured, bound);
    if (size > 0.0) r->relative = fs_larger(r->relative, measured / size);
    return choose_element(r, bound, err);
}

/* --- the control ---------------------------------------------------------------------------------- */

/* out: the derivatives at A of the risk on the samples moved by g^-1. */
static fs_status second_route(run *r, const double *A, size_t g, double *out, fs_err *err)
{
    const fs_dataset *d = fs_problem_data(r->p);
    const fs_rep *rho_X = fs_problem_rho_X(r->p), *rho_Y = fs_problem_rho_Y(r->p);
    size_t room = fs_rep_column_room(rho_X) + fs_rep_column_room(rho_Y), *row = fs_calloc(room, sizeof *row);
    double *value = fs_calloc(room, sizeof *value);
    fs_dataset *back = NULL;
    fs_risk *risk = NULL;
    fs_risk_work *work = NULL;
    fs_status status = row && value ? fs_dataset_create(&back, d->n, d->inputs, d->outputs, err) : fs_fail(err, FS_ENOMEM, "samples moved back");
    for (size_t i = 0; i < d->n && status == FS_OK; i++) {
        fs_apply_inverse(rho_X, g, d->x + i * d->inputs, back->x + i * d->inputs, row, value);
        fs_apply_inverse(rho_Y, g, d->y + i * d->outputs, back->y + i * d->outputs, row, value);
        back->weight[i] = d->weight[i];
    }
    if (status == FS_OK) status = fs_risk_create(&risk, fs_problem_net(r->p), fs_problem_loss(r->p), back, err);
    if (status == FS_OK) status = fs_risk_work_create(&work, risk, fs_check_options_of(r->c)->threads, 0, err);
    if (status == FS_OK) status = derivative(r, risk, work, A, out, err);
    fs_risk_work_destroy(work);
    fs_risk_destroy(risk);
    fs_dataset_destroy(back);
    free(row);
    free(value);
    return status;
}

static fs_status measure_control(run *r, fs_finding *found, fs_err *err)
{
    const fs_hypotheses *h = fs_problem_hypotheses(r->p);
    const double *mu = fs_problem_measure(r->p);
    char name[FS_ELEMENT_NAME];
    double terms;
    FS_TRY(average_side(r, r->best_A, r->right, &terms, err));
    FS_TRY(pull_back(r, r->best_A, r->best_g, r->t, err));
    FS_TRY(pull_back(r, r->best_A, 0, r->t_identity, err));
    /* the average with the wrong image, against the right one: the faults that the model itself may have cancel */
    for (size_t j = 0; j < r->m * r->n; j++) {
        double wrong = r->right[j] - mu[r->best_g] * r->t[j] + mu[r->best_g] * r->t_identity[j];
        r->left[j] = wrong - r->right[j];
    }
    found->control.measured = norm_of(r, r->left);
    snprintf(found->control.what, sizeof found->control.what, "in the average %s acts on the weights as the identity",
             fs_group_element_name(fs_problem_group(r->p), r->best_g, name));
    if (h->nonlinearity.verdict != FS_HOLDS || h->loss.verdict != FS_HOLDS) return FS_OK;   /* no second route without the key lemma */
    FS_TRY(second_route(r, r->best_A, r->best_g, r->t, err));
    FS_TRY(second_route(r, r->best_A, 0, r->t_identity, err));
    for (size_t j = 0; j < r->m * r->n; j++) r->t[j] -= r->t_identity[j];
    found->control.predicted = mu[r->best_g] * norm_of(r, r->t);
    return FS_OK;
}

/* --- the check ---------------------------------------------------------------------------------------- */

static void set_directions(run *r)
{
    for (size_t k = 0; k < r->m; k++) {
        double *v = r->v + k * r->n;
        if (!r->dense) fs_rng_gaussian(r->rng, r->n, v);
        else v[k] = 1.0;
        double size = fs_norm(r->n, v);
        for (size_t j = 0; j < r->n; j++) v[j] /= size;
    }
}

static fs_status run_open(run *r, fs_err *err)
{
    size_t n = r->n, room = fs_rep_column_room(r->rho), dim = fs_problem_basis(r->p)->dim_E + fs_problem_basis(r->p)->dim_N, most = r->m * n;
    if (most < dim) most = dim;
    r->rng = fs_rng_stream(fs_check_options_of(r->c)->seed, FS_STREAM_HYPOTHESES);
    r->row = fs_calloc(room, sizeof *r->row);
    r->value = fs_calloc(room, sizeof *r->value);
    r->A = fs_calloc(6 * n + (r->dense ? n * n : 0), sizeof *r->A);
    r->v = fs_calloc(7 * most, sizeof *r->v);
    if (!r->rng || !r->row || !r->value || !r->A || !r->v) return fs_fail(err, FS_ENOMEM, "derivatives by %zu weights", n);
    r->moved = r->A + n;
    r->turned = r->moved + n;
    r->turned_v = r->turned + n;
    r->image = r->turned_v + n;
    r->best_A = r->image + n;
    r->whole = r->best_A + n;
    r->left = r->v + most;
    r->right = r->left + most;
    r->left_moved = r->right + most;
    r->right_moved = r->left_moved + most;
    r->t = r->right_moved + most;
    r->t_identity = r->t + most;
    if (r->hessian) set_directions(r);
    return FS_OK;
}

static void run_close(run *r)
{
    if (r->rng) gsl_rng_free(r->rng);
    free(r->row);
    free(r->value);
    free(r->A);
    free(r->v);
}

static void conclude(const run *r, fs_finding *found)
{
    fs_worst_report(&r->worst, found);  /* no errors: the bound is what rounding explains of it */
    fs_check_quantity(found, r->relative, 0.0, "relative");
    fs_check_quantity(found, r->part, 0.0, "image_differs");
    if (!fs_counts(r->best_size, least_ratio, r->best_bound))
        fs_check_vacuous(found, "every element has the image of the identity to rounding: R does not change under the group where it was tried");
    else if (!(r->part >= least_part))
        fs_check_vacuous(found, "the images of the elements differ by no more than %.1e of themselves", r->part);
    else if (r->dense)
        snprintf(found->note, sizeof found->note, "the whole matrix at %zu random points of L; images of single elements differ by %.2g of "
                                                  "themselves", r->points, r->part);
    else if (r->hessian)
        snprintf(found->note, sizeof found->note, "products with %zu random directions at each of %zu random points of L; images of single "
                                                  "elements differ by %.2g of "
                 "themselves", r->m, r->points, r->part);
    else
        snprintf(found->note, sizeof found->note, "%zu random points of L; images of single elements differ by %.2g of themselves", r->points, r->part);
}

fs_status fs_lemma_3_11(fs_check_context *c, int hessian, fs_finding *found, fs_err *err)
{
    const fs_problem *p = fs_check_problem(c);
    run r = { .c = c, .p = p, .rho = fs_problem_rho_H(p), .n = fs_check_basis(c)->n_par, .hessian = hessian };
    r.dense = hessian && r.n <= DENSE_LIMIT && r.n * fs_group_points(fs_problem_group(p)) <= 64 * DENSE_LIMIT;
    r.m = !hessian ? 1 : r.dense ? r.n : DIRECTIONS;
    r.points = fs_affordable_rounds(c, 2.0 * (1 + COPIES) * (hessian ? 4.0 * (double)r.m : 1.0), FEWEST, POINTS);
    fs_status status = run_open(&r, err);
    for (size_t i = 0; i < r.points && status == FS_OK; i++) {
        status = fs_watch_report(fs_check_watch(c), "Lemma 3.11", (double)i / (double)r.points);
        if (status != FS_OK) fs_fail(err, status, "stopped");
        else status = measure_point(&r, i, err);
    }
    if (status == FS_OK && fs_counts(r.best_size, least_ratio, r.best_bound)) status = measure_control(&r, found, err);
    if (status == FS_OK) conclude(&r, found);
    run_close(&r);
    return status;
}
