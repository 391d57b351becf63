/* problem/hypotheses.c -- what the theorems assume, measured on one model
 *
 * Tolerances are 64 n u with n the length of the sums behind the number; every measured value is a relative or a
 * unit-free one.  And what makes a model unfit for showing anything: E or N empty, a risk that E does not move, data that
 * the group maps onto themselves.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "problem/hypotheses.h"

#include "problem/measure.h"
#include "problem/parts.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 8, WITNESSES = 4, ELEMENTS = 64, SEED = 20250206 };

const char *fs_hypothesis_at(const fs_hypotheses *h, size_t i, const fs_hypothesis **record)
{
    const struct {
        const char *name;
        const fs_hypothesis *record;
    } row[FS_HYPOTHESIS_COUNT] = {
        { "compatibility", &h->compatibility },   { "invariance_of_L", &h->invariance_of_L }, { "nonlinearity", &h->nonlinearity },
        { "loss", &h->loss },                     { "representation", &h->representation },   { "measure", &h->measure },
        { "equivariant_space", &h->equivariant_space }, { "parametrisation", &h->parametrisation },
    };
    if (record) *record = row[i].record;
    return row[i].name;
}

const char *fs_group_in_words(const fs_group *G)
{
    return strcmp(fs_group_name(G), "generated") ? fs_group_name(G) : "the generated group";
}

/* --- elements ------------------------------------------------------------------------ */

/* Adds g unless it is there or the list is full. */
static size_t add_element(size_t *element, size_t count, size_t most, size_t g)
{
    for (size_t i = 0; i < count; i++)
        if (element[i] == g) return count;
    if (count < most) element[count++] = g;
    return count;
}

size_t fs_elements_spread(const fs_group *G, size_t most, size_t *element)
{
    size_t points = fs_group_points(G), count = 0, generators;
    const size_t *generator = fs_group_generators(G, &generators);
    if (points <= most) {
        for (size_t g = 0; g < points; g++) element[g] = g;
        return points;
    }
    count = add_element(element, count, most, 0);
    for (size_t k = 0; k < generators; k++) count = add_element(element, count, most, generator[k]);
    for (size_t k = 1; k < most; k++) count = add_element(element, count, most, k * (points / most));
    return count;
}

/* Elements that a layer must commute with: generators, and for the connected part of a continuous group a few at random. */
static fs_status layer_elements(const fs_group *G, gsl_rng *rng, size_t **element, size_t *count, fs_err *err)
{
    size_t generators, witnesses, done = 0;
    const size_t *generator = fs_group_generators(G, &generators), *witness = fs_group_witnesses(G, &witnesses);
    size_t random = fs_group_is_continuous(G) && witnesses ? WITNESSES : 0;
    *element = fs_calloc(generators + random + 1, sizeof **element);
    if (!*element) return fs_fail(err, FS_ENOMEM, "%zu generators", generators);
    for (size_t k = 0; k < generators; k++) done = add_element(*element, done, generators, generator[k]);
    for (size_t k = 0; k < random; k++)
        done = add_element(*element, done, generators + random, witness[3 * gsl_rng_uniform_int(rng, witnesses)]);
    *count = done;
    return FS_OK;
}

/* --- the worst value ----------------------------------------------------------------- */

/* Where it was found: layer and element, SIZE_MAX where there is none.  NaN is the worst of all. */
typedef struct {
    double value;
    size_t layer, element;
} worst;

static int is_worse(const worst *w, double value)
{
    return !isnan(w->value) && !(value <= w->value);
}

static void keep(worst *w, double value, size_t layer, size_t element)
{
    if (is_worse(w, value)) *w = (worst){ value, layer, element };
}

static void compare(fs_hypothesis *h, double value, double tolerance)
{
    h->value = value;
    h->tolerance = tolerance;
    h->verdict = fs_verdict_judge(value, 0.0, tolerance);
}

static void judge(fs_hypothesis *h, double value, double n)
{
    compare(h, value, 64.0 * n * DBL_EPSILON);
}

__attribute__((format(printf, 2, 3))) static void say(fs_hypothesis *h, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(h->detail, sizeof h->detail, format, arguments);
    va_end(arguments);
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

/* One layer at random inputs.  Linear layers have weights on E and are compared with |A| |x| / sqrt(layers with weights), the size
 * of the terms that are summed in a typical one: E may have nothing but rounding in this one.  The others are compared with the
 * size of the result. */
static fs_status measure_layer(const fs_problem *p, size_t i, const size_t *element, size_t elements, gsl_rng *rng, worst *w, fs_err *err)
{
    const fs_net *net = fs_problem_net(p);
    const fs_basis *basis = fs_problem_basis(p);
    const fs_weight_block *block;
    int linear = has_weights(net, i);
    size_t n = fs_rep_dim(fs_problem_rho_stage(p, i)), m = fs_rep_dim(fs_problem_rho_stage(p, i + 1)),
           n_par = fs_net_parameters(net), blocks = fs_net_blocks(net, &block);
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
        for (size_t k = 0; k < elements && status == FS_OK; k++) {
            double defect = 0.0, scale = 0.0;
            status = layer_defect(p, i, element[k], A, x, x + n, &defect, &scale, err);
            if (linear) scale = fs_problem_norm(n_par, A) / sqrt((double)blocks) * fs_problem_norm(n, x);
            if (status == FS_OK) keep(w, relative(defect, scale), i, element[k]);
        }
    }
    free(x);
    return status;
}

static fs_status measure_layers(fs_hypotheses *h, const fs_problem *p, gsl_rng *rng, fs_err *err)
{
    worst w = { 0.0, SIZE_MAX, SIZE_MAX };
    size_t longest = 1, *element = NULL, elements = 0;
    char name[FS_ELEMENT_NAME];
    fs_status status = layer_elements(p->group, rng, &element, &elements, err);
    for (size_t i = 0; i < fs_net_layers(fs_problem_net(p)) && status == FS_OK; i++) {
        size_t n = fs_rep_dim(fs_problem_rho_stage(p, i));
        if (n > longest) longest = n;
        status = measure_layer(p, i, element, elements, rng, &w, err);
    }
    free(element);
    FS_TRY(status);
    judge(&h->nonlinearity, w.value, (double)longest);
    if (w.layer == SIZE_MAX) say(&h->nonlinearity, "every layer at random points");
    else if (h->nonlinearity.verdict == FS_HOLDS)
        say(&h->nonlinearity, "worst: layers.%zu (%s), g = %s", p->place[w.layer], p->kind[w.layer], fs_group_element_name(p->group, w.element, name));
    else
        say(&h->nonlinearity, "layers.%zu (%s): not equivariant under %.40s, defect %.1g at g = %s", p->place[w.layer], p->kind[w.layer],
            fs_group_in_words(p->group), w.value, fs_group_element_name(p->group, w.element, name));
    return FS_OK;
}

/* --- loss, representation ------------------------------------------------------------- */

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
    size_t k = fs_rep_dim(rho), element[ELEMENTS], elements = fs_elements_spread(p->group, ELEMENTS, element);
    worst w = { 0.0, SIZE_MAX, SIZE_MAX };
    char name[FS_ELEMENT_NAME];
    double *u = fs_calloc(4 * k, sizeof *u);
    if (!u) return fs_fail(err, FS_ENOMEM, "random outputs");
    double *v = u + k, *turned_u = v + k, *turned_v = turned_u + k;
    fs_status status = FS_OK;
    for (size_t point = 0; point < POINTS && status == FS_OK; point++) {
        fs_rng_gaussian(rng, k, u);
        random_target(loss, rng, k, v);
        double plain = fs_loss_value(loss, k, u, v);
        for (size_t g = 0; g < elements && status == FS_OK; g++) {
            status = fs_rep_apply(rho, element[g], u, turned_u);
            if (status == FS_OK) status = fs_rep_apply(rho, element[g], v, turned_v);
            if (status == FS_OK)
                keep(&w, relative(fabs(fs_loss_value(loss, k, turned_u, turned_v) - plain), fabs(plain)), SIZE_MAX, element[g]);
        }
    }
    free(u);
    if (status != FS_OK) return fs_fail(err, status, "outputs under the group");
    judge(&h->loss, w.value, (double)k);
    if (w.element == SIZE_MAX) say(&h->loss, "%zu elements at random points", elements);
    else if (h->loss.verdict == FS_HOLDS) say(&h->loss, "worst: g = %s", fs_group_element_name(p->group, w.element, name));
    else say(&h->loss, "the loss changes by %.1g of itself under g = %s", w.value, fs_group_element_name(p->group, w.element, name));
    return FS_OK;
}

static void measure_representations(fs_hypotheses *h, const fs_problem *p)
{
    static const char *const law[] = { "homomorphism", "orthogonality" };
    worst w = { 0.0, SIZE_MAX, 0 };
    size_t stages = fs_net_layers(fs_problem_net(p)) + 1, largest = 1;
    for (size_t i = 0; i <= stages; i++) {
        const fs_rep *rho = i < stages ? fs_problem_rho_stage(p, i) : fs_problem_rho_H(p);
        if (i < stages && fs_rep_dim(rho) > largest) largest = fs_rep_dim(rho);
        keep(&w, fs_rep_homomorphism_defect(rho), i, 0);
        keep(&w, fs_rep_orthogonality_defect(rho), i, 1);
    }
    judge(&h->representation, w.value, (double)largest);
    if (w.layer == SIZE_MAX) say(&h->representation, "every stage and the weights");
    else if (w.layer == stages) say(&h->representation, "%s on the weights", law[w.element]);
    else say(&h->representation, "%s on stage %zu (%.80s)", law[w.element], w.layer, fs_rep_name(fs_problem_rho_stage(p, w.layer)));
}

/* --- L and E ---------------------------------------------------------------------------- */

/* What rounding may do to sum_g w_g chi(g), sum_g w_g = 1, |chi| <= dim L: a trace is a sum of n_par terms, the average one of a class or
 * a node a term; both are relative to dim L.  The result is a whole number, so whatever the sizes 0.1 is too much. */
static double count_tolerance(const fs_problem *p)
{
    const fs_basis *basis = p->basis;
    const fs_group *G = p->group;
    const double *weight;
    const size_t *point;
    const uint32_t *class_of;
    size_t terms = fs_group_classes(G, &point, &weight, &class_of);
    for (size_t g = 0, classes = terms; g < fs_group_points(G) && !classes; g++) terms += fs_group_haar(G)[g] != 0.0;
    double tolerance = 64.0 * DBL_EPSILON * (double)(basis->n_par + terms) * (double)(basis->dim_E + basis->dim_N);
    return tolerance <= 0.1 ? tolerance : 0.1;
}

/* E by constraints against the Reynolds average where there is one, and against the character formula where that is known. */
static fs_status measure_equivariant_space(fs_hypotheses *h, const fs_problem *p, fs_err *err)
{
    const fs_basis *basis = fs_problem_basis(p);
    fs_hypothesis *E = &h->equivariant_space;
    fs_agreement agreement = { .distance = (double)NAN };
    FS_TRY(fs_basis_agreement(basis, fs_problem_rho_H(p), h->compatibility.verdict == FS_HOLDS, &agreement, err));
    int counted = !isnan(h->dim_E_character);
    double off = fabs((double)basis->dim_E - h->dim_E_character);
    double dim = (double)(basis->dim_E + basis->dim_N) + (double)fs_group_points(p->group);
    compare(E, off, count_tolerance(p));
    if (!counted || (agreement.reynolds && E->verdict == FS_HOLDS)) judge(E, agreement.distance, dim);
    if (counted) say(E, "dim E = %zu, %.6g by characters; %.140s", basis->dim_E, round(1e6 * h->dim_E_character) / 1e6 + 0.0, agreement.why);
    else say(E, "dim E = %zu; %.160s", basis->dim_E, agreement.why);
    return FS_OK;
}

static fs_status measure_space(fs_hypotheses *h, const fs_problem *p, fs_err *err)
{
    const fs_basis *basis = fs_problem_basis(p);
    double dim = (double)(basis->dim_E + basis->dim_N), kappa, defect;
    FS_TRY(fs_basis_compatibility(basis, fs_problem_rho_H(p), &kappa, err));
    FS_TRY(fs_basis_invariance(basis, fs_problem_rho_H(p), &defect, err));
    judge(&h->compatibility, kappa, dim);
    say(&h->compatibility, "|[Pi_L, Pi_G]|%s", h->compatibility.verdict == FS_VIOLATED ? ": L and H_G meet at oblique angles" : "");
    judge(&h->invariance_of_L, defect, dim);
    say(&h->invariance_of_L, "|(1 - Pi_L) rho(g) Q_L|%s", h->invariance_of_L.verdict == FS_VIOLATED ? ": a generator leads out of L" : "");
    h->dim_E_character = (double)NAN;
    h->gap_low = basis->gap_low;
    h->gap_high = basis->gap_high;
    if (h->invariance_of_L.verdict == FS_HOLDS) FS_TRY(fs_basis_character_dim(basis, fs_problem_rho_H(p), &h->dim_E_character, err));
    return measure_equivariant_space(h, p, err);
}

/* --- the coordinates that descend ---------------------------------------------------------- */

/* y = B B^T x; scratch (n_par). */
static void metric(const fs_sparse *B, const double *x, double *scratch, double *y)
{
    memset(scratch, 0, B->cols * sizeof *scratch);
    fs_sparse_mul_transpose_add(B, x, scratch);
    fs_sparse_mul(B, scratch, y);
}

static double square_sum(size_t n, const double *x)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += x[i] * x[i];
    return sum;
}

/* leak[k] += |Pi_N M q|^2 over the weights of layer block k, for every q of Q_E.  With a coordinate subspace each q lives on one block, and M keeps blocks.
 * scratch (3 n_par + dim L). */
static void add_leaks(const fs_problem *p, double *leak, double *scratch)
{
    const fs_basis *basis = p->basis;
    const fs_weight_block *block;
    size_t blocks = fs_net_blocks(p->net, &block), n = basis->n_par;
    double *q = scratch, *Mq = q + n, *half = Mq + n, *w = half + n;
    memset(q, 0, n * sizeof *q);
    for (size_t i = 0; i < basis->dim_E; i++) {
        const fs_sparse *Q = basis->Q_E;
        size_t k = 0, start = Q->ptr[i], end = Q->ptr[i + 1];
        if (start == end) continue;
        while (k + 1 < blocks && Q->col[start] >= block[k + 1].offset) k++;
        for (size_t e = start; e < end; e++) q[Q->col[e]] = Q->val[e];
        metric(p->parametrisation, q, half, Mq);
        for (size_t e = start; e < end; e++) q[Q->col[e]] = 0.0;
        fs_basis_project(basis, Mq, w);
        leak[k] += square_sum(basis->dim_N, w + basis->dim_E);
    }
}

/* size[k] += |M|_F^2 on block k, column by column; scratch (3 n_par). */
static void add_sizes(const fs_problem *p, double *size, double *scratch)
{
    const fs_weight_block *block;
    size_t blocks = fs_net_blocks(p->net, &block), n = p->basis->n_par;
    double *unit = scratch, *column = unit + n, *half = column + n;
    memset(unit, 0, n * sizeof *unit);
    for (size_t k = 0; k < blocks; k++)
        for (size_t i = block[k].offset; i < block[k].offset + block[k].count; i++) {
            if (!p->mask[i]) continue;
            unit[i] = 1.0;
            metric(p->parametrisation, unit, half, column);
            unit[i] = 0.0;
            size[k] += square_sum(n, column);
        }
}

static fs_status measure_parametrisation(fs_hypotheses *h, const fs_problem *p, fs_err *err)
{
    const fs_weight_block *block;
    size_t blocks = fs_net_blocks(p->net, &block), n = p->basis->n_par, dim = p->basis->dim_E + p->basis->dim_N;
    judge(&h->parametrisation, 0.0, (double)dim);
    say(&h->parametrisation, "orthonormal coordinates");
    if (!p->parametrisation) return FS_OK;
    double *leak = fs_calloc(2 * blocks + 3 * n + dim, sizeof *leak), *size = leak ? leak + blocks : NULL, leaks = 0.0, sizes = 0.0;
    if (!leak) return fs_fail(err, FS_ENOMEM, "the metric of a parametrisation of %zu weights", n);
    add_leaks(p, leak, size + blocks);
    add_sizes(p, size, size + blocks);
    worst w = { 0.0, SIZE_MAX, SIZE_MAX };
    for (size_t k = 0; k < blocks; k++) {
        keep(&w, relative(sqrt(leak[k]), sqrt(size[k])), block[k].layer, 0);
        leaks += leak[k];
        sizes += size[k];
    }
    free(leak);
    judge(&h->parametrisation, relative(sqrt(leaks), sqrt(sizes)), (double)dim);
    if (h->parametrisation.verdict == FS_HOLDS) say(&h->parametrisation, "not orthonormal, but the metric M commutes with Pi_E");
    else if (w.layer == SIZE_MAX) say(&h->parametrisation, "|Pi_N M Pi_E| / |M|");
    else say(&h->parametrisation, "the metric M = B B^T leads out of E: |Pi_N M Pi_E| / |M|, worst at layers.%zu (%s): %.2g", p->place[w.layer], p->kind[w.layer],
             w.value);
    return FS_OK;
}

fs_status fs_hypotheses_measure(fs_hypotheses *h, const fs_problem *p, fs_err *err)
{
    gsl_rng *rng = fs_rng_stream(SEED, FS_STREAM_HYPOTHESES);
    if (!rng) return fs_fail(err, FS_ENOMEM, "a random stream for the hypotheses");
    fs_status status = measure_layers(h, p, rng, err);
    if (status == FS_OK) status = measure_loss(h, p, rng, err);
    if (status == FS_OK) status = fs_measure_measure(&h->measure, p, rng, err);
    gsl_rng_free(rng);
    FS_TRY(status);
    measure_representations(h, p);
    FS_TRY(measure_space(h, p, err));
    return measure_parametrisation(h, p, err);
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
    double weight;
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
    if (!order) order = compare_numbers(s->outputs, s->y, t->y);
    return order ? order : compare_numbers(1, &s->weight, &t->weight);
}

/* The samples d at x, y in order. */
static void sorted(const fs_dataset *d, const double *x, const double *y, sample *list)
{
    for (size_t i = 0; i < d->n; i++)
        list[i] = (sample){ d->inputs, d->outputs, x + i * d->inputs, y + i * d->outputs, d->weight[i] };
    qsort(list, d->n, sizeof *list, compare_samples);
}

/* *closed: g maps the samples, sorted in plain, onto themselves. */
static fs_status compare_moved(int *closed, const fs_problem *p, size_t g, const sample *plain, sample *list, double *x, double *y)
{
    const fs_dataset *d = p->data;
    for (size_t i = 0; i < d->n; i++) {
        FS_TRY(fs_rep_apply(p->stage[0], g, d->x + i * d->inputs, x + i * d->inputs));
        FS_TRY(fs_rep_apply(p->stage[p->n_layers], g, d->y + i * d->outputs, y + i * d->outputs));
    }
    sorted(d, x, y, list);
    *closed = 1;
    for (size_t i = 0; *closed && i < d->n; i++) *closed = !compare_samples(&plain[i], &list[i]);
    return FS_OK;
}

/* *closed: every g that the augmentation uses maps the data onto themselves.  Where it uses all of an enumerated group its generators
 * are enough; otherwise the first element that does not ends the search. */
static fs_status compare_data(int *closed, const fs_problem *p, fs_err *err)
{
    const fs_dataset *d = p->data;
    size_t generators, points = fs_group_points(p->group), used = 0;
    const size_t *generator = fs_group_generators(p->group, &generators);
    sample *plain = fs_calloc(2 * d->n, sizeof *plain);
    double *x = fs_calloc(d->n * (d->inputs + d->outputs), sizeof *x), *y = x ? x + d->n * d->inputs : NULL;
    fs_status status = plain && x ? FS_OK : fs_fail(err, FS_ENOMEM, "a copy of %zu samples", d->n);
    *closed = status == FS_OK;
    if (status == FS_OK) sorted(d, d->x, d->y, plain);
    for (size_t g = 0; g < points; g++) used += p->measure[g] > 0.0;
    int all = fs_group_is_enumerated(p->group) && used == points;
    for (size_t k = 0; k < (all ? generators : points) && *closed && status == FS_OK; k++) {
        size_t g = all ? generator[k] : k;
        if (g && p->measure[g] > 0.0) status = compare_moved(closed, p, g, plain, plain + d->n, x, y);
    }
    free(plain);
    free(x);
    return status;
}

/* Why the output may not depend on the equivariant weights. */
static const char *likely_cause(const fs_problem *p)
{
    for (size_t i = 0; i < p->n_layers; i++)
        if (!strcmp(p->kind[i], "norm")) return "a norm in front of a readout grid that is one orbit does that";
    return "the hidden channels have no invariants that an invariant output could use, or no equivariant weights connect two stages";
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
                 "output does not depend on the equivariant weights; %s",
                 s.along_E, likely_cause(p));
    else if (closed)
        snprintf(text, size, "vacuous: the augmentation maps the data onto themselves, so the augmented risk is the nominal one");
    return FS_OK;
}
