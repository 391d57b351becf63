/* experiment/orbit.c -- which elements of the group, the members of an orbit, and the defect of outputs
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "experiment/orbit.h"

#include "base/norm.h"
#include "base/rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double same_matrix = 1e-9;

/* --- which elements ---------------------------------------------------------------------- */

/* Is point g's matrix a b? */
static int is_product(const fs_group *G, size_t g, const double *a, const double *b)
{
    size_t d = 0;
    const double *c = fs_group_matrix(G, g, &d);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) {
            double sum = 0.0;
            for (size_t k = 0; k < d; k++) sum += a[i * d + k] * b[k * d + j];
            if (!(fabs(c[i * d + j] - sum) <= same_matrix)) return 0;
        }
    return 1;
}

/* The first point that is g h; SIZE_MAX when there is none. */
static size_t product_point(const fs_group *G, size_t g, size_t h)
{
    if (fs_group_is_enumerated(G)) return fs_group_product(G, g, h);
    size_t d, k = 0;
    const double *a = fs_group_matrix(G, g, &d), *b = fs_group_matrix(G, h, &d);
    while (k < fs_group_points(G) && !is_product(G, k, a, b)) k++;
    return k < fs_group_points(G) ? k : SIZE_MAX;
}

/* What the rule gives to g h; nodes of several quadratures may be equal. */
static double weight_of_product(const fs_group *G, const double *rule, size_t g, size_t h)
{
    if (fs_group_is_enumerated(G)) return rule[fs_group_product(G, g, h)];
    size_t d;
    const double *a = fs_group_matrix(G, g, &d), *b = fs_group_matrix(G, h, &d);
    double sum = 0.0;
    for (size_t k = 0; k < fs_group_points(G); k++)
        if (rule[k] != 0.0 && is_product(G, k, a, b)) sum += rule[k];
    return sum;
}

/* Is the rule the same after multiplication by g from the left? */
static int keeps_rule(const fs_group *G, const double *rule, size_t g)
{
    for (size_t h = 0; h < fs_group_points(G); h++) {
        if (rule[h] == 0.0) continue;
        double before = weight_of_product(G, rule, 0, h), after = weight_of_product(G, rule, g, h);
        if (!(fabs(after - before) <= same_matrix * before)) return 0;
    }
    return 1;
}

/* The powers of g to element, if they are points and no more than FS_ORBIT_CYCLIC_MOST; else 0. */
static size_t powers(const fs_group *G, size_t g, size_t *element)
{
    size_t count = 0, at = 0;
    do {
        if (count == FS_ORBIT_CYCLIC_MOST) return 0;
        element[count++] = at;
        at = product_point(G, g, at);
    } while (at != 0 && at != SIZE_MAX);
    return at == 0 ? count : 0;
}

/* The largest cyclic group of at most FS_ORBIT_CYCLIC_MOST points that keeps the rule. */
static void find_cyclic(fs_orbit *K, const fs_group *G, const double *rule)
{
    size_t d = 0, tried[FS_ORBIT_CYCLIC_MOST];
    if (!fs_group_is_enumerated(G) && (!fs_group_matrix(G, 0, &d) || d > 3)) return;
    for (size_t g = 1; g < fs_group_points(G) && K->n < FS_ORBIT_CYCLIC_MOST; g++) {
        if (rule[g] == 0.0) continue;
        size_t count = powers(G, g, tried);
        if (count <= K->n || count < 2 || !keeps_rule(G, rule, g)) continue;
        K->n = count;
        memcpy(K->element, tried, count * sizeof *tried);
    }
}

fs_status fs_orbit_choose(fs_orbit *K, const fs_problem *p, fs_err *err)
{
    const fs_group *G = fs_problem_group(p);
    size_t points = fs_group_points(G);
    *K = (fs_orbit){ .element = fs_calloc(FS_ORBIT_MOST, sizeof *K->element) };
    if (!K->element) return fs_fail(err, FS_ENOMEM, "elements of the group");
    if (fs_group_is_enumerated(G) && points <= FS_ORBIT_MOST) {
        K->whole = 1;
        K->n = points;
        for (size_t g = 0; g < points; g++) K->element[g] = g;
        snprintf(K->name, sizeof K->name, "%.79s", fs_group_name(G));
    } else if (fs_group_is_enumerated(G) || fs_group_is_continuous(G)) {
        find_cyclic(K, G, fs_problem_measure(p));
        if (K->n) snprintf(K->name, sizeof K->name, "C%zu in %.30s", K->n, fs_group_name(G));
    }
    if (K->n) return FS_OK;
    if (fs_group_is_enumerated(G))
        snprintf(K->why, sizeof K->why, "an orbit has %zu members, more than can be integrated one by one", points);
    else if (fs_group_is_continuous(G))
        snprintf(K->why, sizeof K->why, "orbits are continuous, and no finite subgroup of %.40s was found that keeps the augmentation's rule",
                 fs_group_name(G));
    else
        snprintf(K->why, sizeof K->why, "%.40s is too large for orbit ensembles", fs_group_name(G));
    return FS_OK;
}

void fs_orbit_clear(fs_orbit *K)
{
    free(K->element);
    *K = (fs_orbit){ 0 };
}

/* --- members ------------------------------------------------------------------------------ */

fs_status fs_orbit_place(const fs_orbit *K, const fs_problem *p, double *w, double *outside, fs_err *err)
{
    const fs_basis *b = fs_problem_basis(p);
    size_t n = b->dim_E + b->dim_N, P = b->n_par;
    double *A = fs_calloc(P, 3 * sizeof *A), worst = 0.0;
    if (!A) return fs_fail(err, FS_ENOMEM, "members of %zu weights", P);
    double *moved = A + P, *inside = moved + P;
    fs_basis_expand(b, w, A);
    fs_status status = FS_OK;
    for (size_t k = 1; k < K->n && status == FS_OK; k++) {
        if ((status = fs_rep_apply(fs_problem_rho_H(p), K->element[k], A, moved)) != FS_OK) break;
        fs_basis_project(b, moved, w + k * n);
        fs_basis_expand(b, w + k * n, inside);
        for (size_t j = 0; j < P; j++) moved[j] -= inside[j];
        fs_raise_to(&worst, fs_norm(P, moved));
    }
    if (outside) *outside = worst / fs_norm(P, A);
    free(A);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "the orbit of the start: %s", fs_status_text(status));
}

/* Mv = B B^T v; t scratch (n) */
static void apply_metric(const fs_sparse *B, size_t n, const double *v, double *t, double *Mv)
{
    memset(t, 0, n * sizeof *t);
    fs_sparse_mul_transpose_add(B, v, t);
    fs_sparse_mul(B, t, Mv);
}

fs_status fs_orbit_metric_defect(const fs_orbit *K, const fs_problem *p, const double *v, double *defect, fs_err *err)
{
    const fs_sparse *B = fs_problem_parametrisation(p);
    const fs_rep *rho = fs_problem_rho_H(p);
    size_t n = fs_problem_basis(p)->n_par;
    *defect = 0.0;
    if (!B) return FS_OK;
    double *A = fs_calloc(n, 5 * sizeof *A);
    if (!A) return fs_fail(err, FS_ENOMEM, "the metric of %zu weights", n);
    double *t = A + n, *MA = t + n, *gA = MA + n, *MgA = gA + n;
    fs_status status = FS_OK;
    fs_basis_expand(fs_problem_basis(p), v, A);
    apply_metric(B, n, A, t, MA);
    for (size_t k = 1; k < K->n && status == FS_OK; k++) {
        status = fs_rep_apply(rho, K->element[k], A, gA);
        apply_metric(B, n, gA, t, MgA);
        if (status == FS_OK) status = fs_rep_apply(rho, K->element[k], MA, gA);
        for (size_t j = 0; j < n; j++) gA[j] -= MgA[j];
        fs_raise_to(defect, fs_norm(n, gA) / fs_norm(n, MA));
    }
    free(A);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "the metric of the weights under the group");
}

/* --- inputs --------------------------------------------------------------------------------- */

/* Item i of `count`, evenly spread over n rows; distinct ones where count <= n. */
static size_t spread(size_t i, size_t count, size_t n)
{
    return i * n / count;
}

fs_status fs_orbit_inputs_create(fs_orbit_inputs *o, const fs_problem *p, size_t elements, const size_t *element, size_t n_data, size_t n_random, uint64_t seed,
                                 fs_err *err)
{
    const fs_dataset *d = fs_problem_data(p);
    if (n_data > d->n) n_data = d->n;
    *o = (fs_orbit_inputs){ .problem = p, .elements = elements, .element = element, .inputs = n_data + n_random, .in = d->inputs, .out = d->outputs };
    o->all = elements * o->inputs;
    o->x = fs_calloc(o->all, o->in * sizeof *o->x);
    gsl_rng *rng = fs_rng_stream(seed, FS_STREAM_HYPOTHESES);
    fs_status status = o->x && rng ? FS_OK : FS_ENOMEM;
    for (size_t i = 0; i < o->inputs && status == FS_OK; i++) {
        double *x = o->x + i * o->in;
        const double *of = d->x + (i < n_data ? spread(i, n_data, d->n) : spread(i - n_data, n_random, d->n)) * o->in;
        if (i < n_data) {
            memcpy(x, of, o->in * sizeof *x);
        } else {
            fs_rng_gaussian(rng, o->in, x);
            double size = fs_norm(o->in, of) / fs_norm(o->in, x);
            for (size_t j = 0; j < o->in; j++) x[j] *= size;
        }
        for (size_t k = 1; k < elements && status == FS_OK; k++)
            status = fs_rep_apply(fs_problem_rho_X(p), element[k], x, o->x + (k * o->inputs + i) * o->in);
    }
    if (rng) gsl_rng_free(rng);
    if (status == FS_OK) return FS_OK;
    fs_orbit_inputs_clear(o);
    return fs_fail(err, status, "test inputs: %s", fs_status_text(status));
}

void fs_orbit_inputs_clear(fs_orbit_inputs *o)
{
    free(o->x);
    *o = (fs_orbit_inputs){ 0 };
}

fs_status fs_orbit_defect(const fs_orbit_inputs *o, const double *f, double *largest, fs_err *err)
{
    double *moved = fs_calloc(o->out, sizeof *moved);
    fs_status status = moved ? FS_OK : FS_ENOMEM;
    *largest = 0.0;
    for (size_t k = 1; k < o->elements; k++)
        for (size_t i = 0; i < o->inputs && status == FS_OK; i++) {
            status = fs_rep_apply(fs_problem_rho_Y(o->problem), o->element[k], f + i * o->out, moved);
            for (size_t j = 0; j < o->out; j++) moved[j] -= f[(k * o->inputs + i) * o->out + j];
            fs_raise_to(largest, fs_norm(o->out, moved));
        }
    free(moved);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "the defect of %zu outputs", o->out);
}
