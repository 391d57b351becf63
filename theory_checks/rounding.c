/* theory_checks/rounding.c -- random points of E, faulty risks for controls, and what rounding explains of a gradient
 *
 *   budget(A) = 64 u sum_i weight_i |grad l_i(A)| + 16 u sum_i weight_i c_i(A) + 16 max_k |P (F(A_k) - F(A))| + angle |F(A)|,
 *   A_k one unit in the last place from A;    c_i: how grad l_i answers to relative moves of weights and data
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "rounding.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double operations = 1e11;
static const double step = 0x1p-26;             /* sqrt(2 u): a difference quotient's best step */

fs_status fs_point_of_E(fs_check_context *c, size_t index, double scale, double *x, fs_err *err)
{
    const fs_basis *basis = fs_check_basis(c);
    double *w = fs_calloc(basis->dim_E + basis->dim_N, sizeof *w);
    if (!w) return fs_fail(err, FS_ENOMEM, "a point of E");
    /* the seed itself is the start of the flows */
    fs_status status = fs_problem_start_state(fs_check_problem(c), fs_check_options_of(c)->seed + 1 + index, 0.0, w, err);
    for (size_t i = 0; i < basis->dim_E && status == FS_OK; i++) x[i] = scale * w[i];
    free(w);
    return status;
}

fs_status fs_point_of_H(fs_check_context *c, size_t index, double *A, fs_err *err)
{
    const fs_weight_block *block;
    size_t blocks = fs_net_blocks(fs_problem_net(fs_check_problem(c)), &block);
    gsl_rng *rng = fs_rng_stream(fs_check_options_of(c)->seed + 1 + index, FS_STREAM_HYPOTHESES);
    if (!rng) return fs_fail(err, FS_ENOMEM, "a point of H");
    for (size_t k = 0; k < blocks; k++) {
        size_t taps = block[k].size ? block[k].size * block[k].size : 1;
        double deviation = 1.0 / sqrt((double)(block[k].in * taps));
        fs_rng_gaussian(rng, block[k].count, A + block[k].offset);
        for (size_t j = 0; j < block[k].count; j++) A[block[k].offset + j] *= deviation;
    }
    gsl_rng_free(rng);
    return FS_OK;
}

void fs_move_one_ulp(gsl_rng *rng, size_t n, const double *A, double *moved)
{
    for (size_t j = 0; j < n; j++) {
        double towards = gsl_rng_uniform(rng) < 0.5 ? -HUGE_VAL : HUGE_VAL;
        moved[j] = A[j] == 0.0 ? 0.0 : nextafter(A[j], towards);
    }
}

/* --- terms --------------------------------------------------------------------------- */

/* One sample by itself, and scratch: grad l_i, or the part along E of Hess l_i v for v in N.  Borrows A. */
typedef struct {
    fs_check_context *c;
    const double *A;            /* (n_par) */
    double columns;             /* |v|^2; 0: gradients */
    fs_dataset *one;
    gsl_rng *rng;
    double *here, *there, *moved, *v;   /* (n_par) each: derivatives at A and at the moved weights */
    double *w;                  /* (dim L) */
} term;

static fs_status term_open(term *k, fs_check_context *c, const double *A, double columns, fs_err *err)
{
    const fs_dataset *d = fs_problem_data(fs_check_problem(c));
    const fs_basis *basis = fs_check_basis(c);
    size_t n = basis->n_par;
    *k = (term){ .c = c, .A = A, .columns = columns, .here = fs_calloc(4 * n + basis->dim_E + basis->dim_N, sizeof *k->here) };
    k->rng = fs_rng_stream(fs_check_options_of(c)->seed, FS_STREAM_HYPOTHESES);
    if (!k->here || !k->rng) return fs_fail(err, FS_ENOMEM, "derivatives of single samples");
    k->there = k->here + n;
    k->moved = k->there + n;
    k->v = k->moved + n;
    k->w = k->v + n;
    return fs_dataset_create(&k->one, 1, d->inputs, d->outputs, err);
}

static void term_close(term *k)
{
    fs_dataset_destroy(k->one);
    if (k->rng) gsl_rng_free(k->rng);
    free(k->here);
}

/* out = x with every entry moved by t times a Gaussian of its own size; t = 0 draws nothing. */
static void move_by(gsl_rng *rng, double t, size_t n, const double *x, double *out)
{
    for (size_t j = 0; j < n; j++) out[j] = t == 0.0 ? x[j] : x[j] * (1.0 + t * gsl_ran_gaussian_ziggurat(rng, 1.0));
}

/* The derivative of sample i with weights and data moved by t. */
static fs_status differentiate(const term *k, size_t i, double t, double *out, fs_err *err)
{
    const fs_problem *p = fs_check_problem(k->c);
    const fs_dataset *d = fs_problem_data(p);
    fs_risk *risk = NULL;
    fs_risk_work *work = NULL;
    move_by(k->rng, t, d->inputs, d->x + i * d->inputs, k->one->x);
    move_by(k->rng, t, d->outputs, d->y + i * d->outputs, k->one->y);
    move_by(k->rng, t, fs_check_basis(k->c)->n_par, k->A, k->moved);
    fs_status status = fs_risk_create(&risk, fs_problem_net(p), fs_problem_loss(p), k->one, err);
    if (status == FS_OK) status = fs_risk_work_create(&work, risk, 1, 0, err);
    if (status == FS_OK) {
        status = k->columns > 0.0 ? fs_risk_hvp(risk, k->moved, k->v, out, work) : fs_risk_gradient(risk, k->moved, NULL, out, work);
        if (status != FS_OK) fs_fail(err, status, "a derivative of sample %zu alone: %s", i, fs_status_text(status));
    }
    fs_risk_work_destroy(work);
    fs_risk_destroy(risk);
    return status;
}

static double size_of(const term *k, const double *derivative)
{
    const fs_basis *basis = fs_check_basis(k->c);
    if (!(k->columns > 0.0)) return fs_norm(basis->n_par, derivative);
    fs_basis_project(basis, derivative, k->w);
    return fs_norm(basis->dim_E, k->w);
}

/* v: a random vector of N, |v|^2 = columns. */
static void draw_direction(const term *k)
{
    const fs_basis *basis = fs_check_basis(k->c);
    double *across = k->w + basis->dim_E;
    memset(k->w, 0, basis->dim_E * sizeof *k->w);
    fs_rng_gaussian(k->rng, basis->dim_N, across);
    double scale = sqrt(k->columns) / fs_norm(basis->dim_N, across);
    for (size_t j = 0; j < basis->dim_N; j++) across[j] *= scale;
    fs_basis_expand(basis, k->w, k->v);
}

/* c_i: the largest change over some moves, divided by their t.  Gradients: k->here is that of sample i as it is. */
static fs_status answer(const term *k, size_t i, double *largest, fs_err *err)
{
    size_t n = fs_check_basis(k->c)->n_par;
    *largest = 0.0;
    for (size_t copy = 0; copy < FS_ROUNDING_COPIES; copy++) {
        if (k->columns > 0.0) {
            draw_direction(k);
            FS_TRY(differentiate(k, i, 0.0, k->here, err));
        }
        FS_TRY(differentiate(k, i, step, k->there, err));
        for (size_t j = 0; j < n; j++) k->there[j] -= k->here[j];
        *largest = fs_larger(*largest, size_of(k, k->there) / step);
    }
    return FS_OK;
}

/* sum_i weight_i |grad l_i(A)|, and sum_i weight_i c_i(A) unless NULL. */
static fs_status sums_of_terms(fs_check_context *c, const double *A, double *sizes, double *answers, fs_err *err)
{
    const fs_dataset *d = fs_problem_data(fs_check_problem(c));
    term k;
    fs_status status = term_open(&k, c, A, 0.0, err);
    *sizes = 0.0;
    if (answers) *answers = 0.0;
    for (size_t i = 0; i < d->n && status == FS_OK; i++) {
        double largest;
        if (d->weight[i] == 0.0) continue;
        if ((status = differentiate(&k, i, 0.0, k.here, err)) != FS_OK) break;
        *sizes += d->weight[i] * size_of(&k, k.here);
        if (answers && (status = answer(&k, i, &largest, err)) == FS_OK) *answers += d->weight[i] * largest;
    }
    term_close(&k);
    return status;
}

fs_status fs_sum_of_terms(fs_check_context *c, const double *A, double *sum, fs_err *err)
{
    return sums_of_terms(c, A, sum, NULL, err);
}

fs_status fs_block_rounding(fs_check_context *c, const double *A, size_t columns, double *inside, fs_err *err)
{
    const fs_dataset *d = fs_problem_data(fs_check_problem(c));
    term k;
    fs_status status = term_open(&k, c, A, (double)columns, err);
    *inside = 0.0;
    for (size_t i = 0; i < d->n && status == FS_OK; i++) {
        double largest;
        if (d->weight[i] == 0.0) continue;
        if ((status = answer(&k, i, &largest, err)) == FS_OK) *inside += FS_ROUNDING_SCATTER * FS_ROUNDOFF * d->weight[i] * largest;
    }
    term_close(&k);
    return status;
}

/* --- scatter ------------------------------------------------------------------------- */

/* Differences of the two parts of gradients (n_par) first and second; w (dim L) is scratch. */
static void part_sizes(const fs_basis *basis, const double *first, double *second, double *w, double *E, double *N)
{
    for (size_t j = 0; j < basis->n_par; j++) second[j] -= first[j];
    fs_basis_project(basis, second, w);
    *E = fs_norm(basis->dim_E, w);
    *N = fs_norm(basis->dim_N, w + basis->dim_E);
}

/* Gradient at A and the scatter around it; work (2 n_par + dim L). */
static fs_status scatter(fs_check_context *c, const double *A, double *grad, double *work, fs_rounding *out, fs_err *err)
{
    const fs_basis *basis = fs_check_basis(c);
    const fs_risk *risk = fs_problem_risk(fs_check_problem(c), 1);
    double *moved = work, *second = moved + basis->n_par, *w = second + basis->n_par;
    fs_risk_work *k = NULL;
    FS_TRY(fs_check_risk_work(c, 1, &k, err));
    gsl_rng *rng = fs_rng_stream(fs_check_options_of(c)->seed, FS_STREAM_HYPOTHESES);
    if (!rng) return fs_fail(err, FS_ENOMEM, "random numbers");
    fs_status status = fs_risk_gradient(risk, A, NULL, grad, k);
    for (size_t copy = 0; copy < FS_ROUNDING_COPIES && status == FS_OK; copy++) {
        double E = 0.0, N = 0.0;
        fs_move_one_ulp(rng, basis->n_par, A, moved);
        if ((status = fs_risk_gradient(risk, moved, NULL, second, k)) != FS_OK) break;
        part_sizes(basis, grad, second, w, &E, &N);
        out->scatter_E = fs_larger(out->scatter_E, E);
        out->scatter_N = fs_larger(out->scatter_N, N);
    }
    gsl_rng_free(rng);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "the augmented gradient at a point of E: %s", fs_status_text(status));
}

double fs_basis_angle(const fs_basis *basis)
{
    double gap = basis->gap_high > 0.0 && basis->gap_high < 1.0 ? basis->gap_high : 1.0;
    if (basis->coordinate && basis->gap_low == 0.0 && basis->gap_high == 1.0) return 0.0;
    return (double)(basis->dim_E + basis->dim_N + 16) * FS_ROUNDOFF / gap;
}

fs_status fs_gradient_rounding(fs_check_context *c, const double *x, fs_rounding *out, double *grad, fs_err *err)
{
    const fs_basis *basis = fs_check_basis(c);
    size_t n = basis->n_par;
    double sum = 0.0, answers = 0.0, *A = fs_calloc(4 * n + basis->dim_E + basis->dim_N, sizeof *A);
    if (!A) return fs_fail(err, FS_ENOMEM, "gradients of %zu weights", n);
    double *own = grad ? grad : A + n;
    *out = (fs_rounding){ 0 };
    fs_basis_expand_E(basis, x, A);
    fs_status status = scatter(c, A, own, A + 2 * n, out, err);
    if (status == FS_OK) status = sums_of_terms(c, A, &sum, &answers, err);
    out->terms = FS_ROUNDING_TERMS * FS_ROUNDOFF * sum;
    out->inside = FS_ROUNDING_SCATTER * FS_ROUNDOFF * answers;
    out->turned = fs_basis_angle(basis) * fs_norm(n, own);
    out->E = out->terms + out->inside + out->turned + FS_ROUNDING_SCATTER * out->scatter_E;
    out->N = out->terms + out->inside + out->turned + FS_ROUNDING_SCATTER * out->scatter_N;
    out->L = out->terms + out->inside + out->turned + FS_ROUNDING_SCATTER * hypot(out->scatter_E, out->scatter_N);
    free(A);
    return status;
}

/* --- the biased measure --------------------------------------------------------------- */

fs_status fs_biased_risk(fs_check_context *c, double beta, fs_risk **out, fs_err *err)
{
    const fs_problem *p = fs_check_problem(c);
    const double *mu = fs_problem_measure(p);
    size_t points = fs_group_points(fs_problem_group(p));
    fs_dataset *data = NULL;
    *out = NULL;
    if (!(beta >= 0.0 && beta <= 1.0)) return fs_fail(err, FS_EINPUT, "expected a bias between 0 and 1, found %g", beta);
    double *nu = fs_calloc(points, sizeof *nu);
    if (!nu) return fs_fail(err, FS_ENOMEM, "a measure on %zu elements", points);
    for (size_t g = 0; g < points; g++) nu[g] = (1.0 - beta) * mu[g];
    nu[0] += beta;
    fs_status status = fs_dataset_create_orbit(&data, fs_problem_data(p), fs_problem_rho_X(p), fs_problem_rho_Y(p), nu, err);
    if (status == FS_OK) status = fs_risk_create(out, fs_problem_net(p), fs_problem_loss(p), data, err);
    fs_dataset_destroy(data);
    free(nu);
    return status;
}

/* --- many measurements ----------------------------------------------------------------- */

size_t fs_affordable_rounds(const fs_check_context *c, double gradients, size_t least, size_t most)
{
    double rounds = operations / (gradients * (1.0 + fs_risk_gradient_flops(fs_problem_risk(fs_check_problem(c), 1))));
    if (rounds >= (double)most) return most;
    return rounds >= (double)least ? (size_t)rounds : least;
}

double fs_larger(double a, double b)
{
    return isnan(a) || a >= b ? a : b;
}

double fs_smaller(double a, double b)
{
    return isnan(a) || a <= b ? a : b;
}

int fs_counts(double value, double times, double budget)
{
    return value > 0.0 && value >= times * budget;
}

double fs_share(double measured, double error, double bound)
{
    double sum = measured + error;
    if (isnan(sum) || isnan(bound) || isinf(bound)) return (double)NAN;
    if (bound > 0.0) return sum / bound;
    return sum > bound ? HUGE_VAL : sum - bound;
}

/* Does the new one take a larger share than the old one? */
static int is_worse(const fs_worst *old, const fs_worst *new)
{
    double before = fs_share(old->measured, old->error, old->bound), now = fs_share(new->measured, new->error, new->bound);
    if (isnan(before)) return 0;
    if (isinf(before) && isinf(now) && before > 0.0 && now > 0.0) return new->measured + new->error - new->bound > old->measured + old->error - old->bound;
    return !(now <= before);
}

int fs_worst_add(fs_worst *w, double measured, double error, double bound)
{
    const fs_worst new = { w->count + 1, measured, error, bound };
    if (w->count++ && !is_worse(w, &new)) return 0;
    *w = new;
    return 1;
}

int fs_worst_keep(fs_worst *w, double measured, double bound)
{
    return fs_worst_add(w, measured, 0.0, bound);
}

int fs_worst_add_telling(fs_worst *w, double measured, double error, double bound, double telling)
{
    if (bound > telling && measured + error <= bound) return 0;
    fs_worst_add(w, measured, error, bound);
    return 1;
}

void fs_worst_report(const fs_worst *w, fs_finding *found)
{
    if (!w->count) return;
    found->measured = w->measured;
    found->error = w->error;
    found->bound = w->bound;
}

void fs_range_add(fs_range *r, double value)
{
    if (!r->count || value < r->least) r->least = value;
    if (!r->count || value > r->most) r->most = value;
    r->sum += value;
    r->count++;
}

void fs_range_quantity(const fs_range *r, fs_finding *found, const char *name)
{
    if (r->count) fs_check_quantity(found, r->sum / (double)r->count, 0.5 * (r->most - r->least), "%s", name);
}
