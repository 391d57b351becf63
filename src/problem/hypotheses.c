/* problem/hypotheses.c -- what the theorems assume, measured on one model
 *
 * Tolerances are 64 n u with n the length of the sums behind the number; every measured value is a relative or a
 * unit-free one.  And what makes a model unfit for showing anything: E or N empty, a risk that E does not move, data that
 * the group maps onto themselves.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "problem/hypotheses.h"

#include "base/rng.h"
#include "problem/parts.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 8, SEED = 20250206 };

/* Keeps the worst value and where it was found; NaN is the worst of all. */
typedef struct {
    double value;
    char detail[sizeof((fs_hypothesis *)0)->detail];
} worst;

static int is_worse(const worst *w, double value)
{
    return !isnan(w->value) && !(value <= w->value);
}

static fs_hypothesis judged(const worst *w, double n)
{
    fs_hypothesis h = { .value = w->value, .tolerance = 64.0 * n * DBL_EPSILON };
    h.verdict = fs_verdict_judge(h.value, 0.0, h.tolerance);
    strcpy(h.detail, w->detail);
    return h;
}

static double distance(size_t n, const double *x, const double *y)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += (x[i] - y[i]) * (x[i] - y[i]);
    return sqrt(sum);
}

/* value / scale, where 0 / 0 is no defect. */
static double relative(double value, double scale)
{
    return value > 0.0 || isnan(value) ? value / scale : 0.0;
}

/* --- layers ----------------------------------------------------------------------- */

static int has_weights(const fs_net *net, size_t layer)
{
    const fs_weight_block *block;
    size_t n = fs_net_blocks(net, &block);
    for (size_t k = 0; k < n; k++)
        if (block[k].layer == layer) return 1;
    return 0;
}

/* |f(rho x) - rho f(x)| for layer i and one element; *scale is |f(rho x)|. */
static fs_status layer_defect(const fs_problem *p, size_t i, size_t g, const double *A, const double *x, double *work,
                              double *defect, double *scale, fs_err *err)
{
    const fs_rep *before = fs_problem_rho_stage(p, i), *after = fs_problem_rho_stage(p, i + 1);
    size_t n = fs_rep_dim(before), m = fs_rep_dim(after);
    double *turned = work, *first = turned + n, *plain = first + m, *second = plain + m;
    FS_TRY(fs_rep_apply(before, g, x, turned));
    FS_TRY(fs_net_apply_layer(fs_problem_net(p), i, A, turned, first, err));
    FS_TRY(fs_net_apply_layer(fs_problem_net(p), i, A, x, plain, err));
    FS_TRY(fs_rep_apply(after, g, plain, second));
    *defect = distance(m, first, second);
    *scale = fs_problem_norm(m, first);
    return FS_OK;
}

/* One layer at random inputs, all generators.  Linear layers have weights on E and are compared with |A| |x| / sqrt(layers
 * with weights), the size of the terms that are summed in a typical one: E may have nothing but rounding in this one.  The
 * others are compared with the size of the result. */
static fs_status measure_layer(const fs_problem *p, size_t i, gsl_rng *rng, worst *w, fs_err *err)
{
    const fs_net *net = fs_problem_net(p);
    const fs_basis *basis = fs_problem_basis(p);
    const fs_weight_block *block;
    int linear = has_weights(net, i);
    size_t n = fs_rep_dim(fs_problem_rho_stage(p, i)), m = fs_rep_dim(fs_problem_rho_stage(p, i + 1)),
           n_par = fs_net_parameters(net), blocks = fs_net_blocks(net, &block), generators;
    const size_t *generator = fs_group_generators(fs_problem_group(p), &generators);
    double *x = fs_calloc(2 * n + 3 * m + n_par + basis->dim_E, sizeof *x);
    if (!x) return fs_fail(err, FS_ENOMEM, "random points for layer %zu", i);
    double *A = x + 2 * n + 3 * m, *on_E = A + n_par;
    fs_status status = FS_OK;
    for (size_t point = 0; point < (linear ? 1 : POINTS) && status == FS_OK; point++) {
        fs_rng_gaussian(rng, n, x);
        if (linear) {
            fs_rng_gaussian(rng, basis->dim_E, on_E);
            fs_basis_expand_E(basis, on_E, A);
        }
        for (size_t k = 0; k < generators && status == FS_OK; k++) {
            double defect = 0.0, scale = 0.0;
            status = layer_defect(p, i, generator[k], A, x, x + n, &defect, &scale, err);
            if (linear) scale = fs_problem_norm(n_par, A) / sqrt((double)blocks) * fs_problem_norm(n, x);
            double value = relative(defect, scale);
            if (status != FS_OK || !is_worse(w, value)) continue;
            w->value = value;
            snprintf(w->detail, sizeof w->detail, "layers.%zu (%s), g = %zu", i, p->kind[i], generator[k]);
        }
    }
    free(x);
    return status;
}

static fs_status measure_layers(fs_hypotheses *h, const fs_problem *p, gsl_rng *rng, fs_err *err)
{
    worst w = { .detail = "every layer at random points" };
    size_t longest = 1;
    for (size_t i = 0; i < fs_net_layers(fs_problem_net(p)); i++) {
        size_t n = fs_rep_dim(fs_problem_rho_stage(p, i));
        if (n > longest) longest = n;
        FS_TRY(measure_layer(p, i, rng, &w, err));
    }
    h->nonlinearity = judged(&w, (double)longest);
    return FS_OK;
}

/* --- loss, representation, measure -------------------------------------------------- */

/* A target: for cross-entropy a random probability vector. */
static void random_target(const fs_loss *loss, gsl_rng *rng, size_t k, double *v)
{
    double sum = 0.0;
    fs_rng_gaussian(rng, k, v);
    if (loss->kind != FS_LOSS_CROSS_ENTROPY) return;
    for (size_t i = 0; i < k; i++) sum += v[i] = exp(v[i]);
    for (size_t i = 0; i < k; i++) v[i] /= sum;
}

static fs_status measure_loss(fs_hypotheses *h, const fs_problem *p, gsl_rng *rng, fs_err *err)
{
    const fs_rep *rho = fs_problem_rho_Y(p);
    const fs_loss *loss = fs_problem_loss(p);
    size_t k = fs_rep_dim(rho), order = fs_group_order(fs_problem_group(p));
    worst w = { .detail = "every element at random points" };
    double *u = fs_calloc(4 * k, sizeof *u);
    if (!u) return fs_fail(err, FS_ENOMEM, "random outputs");
    double *v = u + k, *turned_u = v + k, *turned_v = turned_u + k;
    fs_status status = FS_OK;
    for (size_t point = 0; point < POINTS && status == FS_OK; point++) {
        fs_rng_gaussian(rng, k, u);
        random_target(loss, rng, k, v);
        double plain = fs_loss_value(loss, k, u, v);
        for (size_t g = 0; g < order && status == FS_OK; g++) {
            status = fs_rep_apply(rho, g, u, turned_u);
            if (status == FS_OK) status = fs_rep_apply(rho, g, v, turned_v);
            double value = relative(fabs(fs_loss_value(loss, k, turned_u, turned_v) - plain), fabs(plain));
            if (status != FS_OK || !is_worse(&w, value)) continue;
            w.value = value;
            snprintf(w.detail, sizeof w.detail, "g = %zu", g);
        }
    }
    free(u);
    h->loss = judged(&w, (double)k);
    return status;
}

static void add_representation(worst *w, const fs_rep *rho, const char *where)
{
    const double defect[] = { fs_rep_homomorphism_defect(rho), fs_rep_orthogonality_defect(rho) };
    static const char *const law[] = { "homomorphism", "orthogonality" };
    for (size_t k = 0; k < 2; k++)
        if (is_worse(w, defect[k])) {
            w->value = defect[k];
            snprintf(w->detail, sizeof w->detail, "%s of %s", law[k], where);
        }
}

static void measure_representations(fs_hypotheses *h, const fs_problem *p)
{
    worst w = { .detail = "every stage and the weights" };
    size_t stages = fs_net_layers(fs_problem_net(p)) + 1, largest = 1;
    for (size_t i = 0; i < stages; i++) {
        const fs_rep *rho = fs_problem_rho_stage(p, i);
        char where[32];
        snprintf(where, sizeof where, "stage %zu", i);
        if (fs_rep_dim(rho) > largest) largest = fs_rep_dim(rho);
        add_representation(&w, rho, where);
    }
    add_representation(&w, fs_problem_rho_H(p), "the weights");
    h->representation = judged(&w, (double)largest);
}

static void measure_measure(fs_hypotheses *h, const fs_problem *p)
{
    const fs_group *G = fs_problem_group(p);
    worst w = { .detail = "every element" };
    for (size_t g = 0; g < fs_group_order(G); g++) {
        double value = fabs(fs_problem_measure(p)[g] - fs_group_haar(G)[g]);
        if (!is_worse(&w, value)) continue;
        w.value = value;
        snprintf(w.detail, sizeof w.detail, "g = %zu", g);
    }
    h->measure = judged(&w, 1.0);
}

/* --- L ------------------------------------------------------------------------------ */

static fs_status measure_space(fs_hypotheses *h, const fs_problem *p, fs_err *err)
{
    const fs_basis *basis = fs_problem_basis(p);
    worst kappa = { .detail = "|[Pi_L, Pi_G]|" }, defect = { .detail = "|(1 - Pi_L) rho(g) Q_L|, worst generator" };
    double dim = (double)(basis->dim_E + basis->dim_N);
    FS_TRY(fs_basis_compatibility(basis, fs_problem_rho_H(p), &kappa.value, err));
    FS_TRY(fs_basis_invariance(basis, fs_problem_rho_H(p), &defect.value, err));
    h->compatibility = judged(&kappa, dim);
    h->invariance_of_L = judged(&defect, dim);
    h->dim_E_character = (double)NAN;
    return h->invariance_of_L.verdict == FS_HOLDS
               ? fs_basis_character_dim(basis, fs_problem_rho_H(p), &h->dim_E_character, err)
               : FS_OK;
}

fs_status fs_hypotheses_measure(fs_hypotheses *h, const fs_problem *p, fs_err *err)
{
    gsl_rng *rng = fs_rng_stream(SEED, FS_STREAM_HYPOTHESES);
    if (!rng) return fs_fail(err, FS_ENOMEM, "a random stream for the hypotheses");
    fs_status status = measure_layers(h, p, rng, err);
    if (status == FS_OK) status = measure_loss(h, p, rng, err);
    gsl_rng_free(rng);
    FS_TRY(status);
    measure_representations(h, p);
    measure_measure(h, p);
    return measure_space(h, p, err);
}

/* --- a model that can show nothing ---------------------------------------------------- */

/* Gradients of R at random points of E: the largest part along E, relative to the whole. */
typedef struct {
    double along_E;
    int moves;                  /* the gradient was not 0 everywhere */
    int stuck;                  /* along E it was 0 to rounding everywhere */
} sensitivity;

static fs_status add_point(sensitivity *s, const fs_problem *p, gsl_rng *rng, fs_risk_work *work, double *A, fs_err *err)
{
    const fs_basis *basis = p->basis;
    size_t n = basis->n_par;
    double *grad = A + n, *x = grad + n;
    fs_problem_random_weights(p, FS_START_GAUSSIAN, 1.0, rng, A);
    fs_basis_project_E(basis, A, x);
    fs_basis_expand_E(basis, x, A);
    fs_status status = fs_risk_gradient(p->risk, A, NULL, grad, work);
    if (status == FS_ENAN) {            /* nothing can be said */
        s->stuck = 0;
        return FS_OK;
    }
    if (status != FS_OK) return fs_fail(err, status, "the gradient at a random point of E");
    fs_basis_project_E(basis, grad, x);
    double whole = fs_problem_norm(n, grad), part = fs_problem_norm(basis->dim_E, x);
    if (!(part <= 64.0 * DBL_EPSILON * sqrt((double)n) * whole)) s->stuck = 0;
    if (!(whole > 0.0)) return FS_OK;
    s->moves = 1;
    if (part / whole > s->along_E) s->along_E = part / whole;
    return FS_OK;
}

/* At most two gradients; one where E moves the risk. */
static fs_status measure_sensitivity(sensitivity *s, const fs_problem *p, fs_err *err)
{
    fs_risk_work *work = NULL;
    gsl_rng *rng = fs_rng_stream(SEED + 1, FS_STREAM_HYPOTHESES);
    double *A = fs_calloc(2 * p->basis->n_par + p->basis->dim_E, sizeof *A);
    *s = (sensitivity){ .stuck = 1 };
    fs_status status = rng && A ? FS_OK : fs_fail(err, FS_ENOMEM, "random points of E");
    if (status == FS_OK) status = fs_risk_work_create(&work, p->risk, 1, 0, err);
    for (int point = 0; point < 2 && s->stuck && status == FS_OK; point++) status = add_point(s, p, rng, work, A, err);
    fs_risk_work_destroy(work);
    if (rng) gsl_rng_free(rng);
    free(A);
    return status;
}

/* One sample. */
typedef struct {
    size_t inputs, outputs;
    const double *x, *y;
} sample;

static int compare_numbers(size_t n, const double *a, const double *b)
{
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
    return 0;
}

static int compare_samples(const void *a, const void *b)
{
    const sample *s = a, *t = b;
    int order = compare_numbers(s->inputs, s->x, t->x);
    return order ? order : compare_numbers(s->outputs, s->y, t->y);
}

/* n samples of d from the given one on, sorted. */
static void sorted(const fs_dataset *d, size_t from, size_t n, sample *list)
{
    for (size_t i = 0; i < n; i++)
        list[i] = (sample){ d->inputs, d->outputs, d->x + (from + i) * d->inputs, d->y + (from + i) * d->outputs };
    qsort(list, n, sizeof *list, compare_samples);
}

/* *closed: every g of positive measure maps the data, which all weigh the same, onto themselves. */
static fs_status compare_data(int *closed, const fs_problem *p, fs_err *err)
{
    size_t n = p->data->n;
    sample *plain = fs_calloc(2 * n, sizeof *plain);
    if (!plain) return fs_fail(err, FS_ENOMEM, "a list of %zu samples", 2 * n);
    sample *turned = plain + n;
    sorted(p->data, 0, n, plain);
    *closed = 1;
    for (size_t from = 0; *closed && from < p->augmented->n; from += n) {
        sorted(p->augmented, from, n, turned);
        for (size_t i = 0; *closed && i < n; i++) *closed = !compare_samples(&plain[i], &turned[i]);
    }
    free(plain);
    return FS_OK;
}

fs_status fs_vacuity_measure(const fs_problem *p, char *text, size_t size, fs_err *err)
{
    sensitivity s;
    int closed = 0;
    *text = 0;
    if (!p->basis->dim_E || !p->basis->dim_N) {
        snprintf(text, size, "%s",
                 p->basis->dim_E ? "vacuous: dim N = 0, E is all of L" : "vacuous: dim E = 0, only A = 0 is equivariant");
        return FS_OK;
    }
    FS_TRY(measure_sensitivity(&s, p, err));
    FS_TRY(compare_data(&closed, p, err));
    if (s.stuck && !s.moves)
        snprintf(text, size, "vacuous: at random points of E the gradient of the risk is exactly 0");
    else if (s.stuck)
        snprintf(text, size,
                 "vacuous: at random points of E the gradient of the risk along E is zero to rounding (%.1g of the whole): the "
                 "output does not depend on the equivariant weights; a norm in front of a readout grid that is one orbit does "
                 "that, or stages that no equivariant weights connect",
                 s.along_E);
    else if (closed)
        snprintf(text, size, "vacuous: the augmentation maps the data onto themselves, so the augmented risk is the nominal one");
    return FS_OK;
}
