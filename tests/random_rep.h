/* tests/random_rep.h -- random groups and representations, each beside its naive twin: plain matrices
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_TESTS_RANDOM_REP_H
#define FS_TESTS_RANDOM_REP_H

#include "law.h"

#include "algebra/rep.h"

/* rep and M[g] (n, n) row-major, built without each other. */
typedef struct {
    fs_rep *rep;
    size_t n, order;
    double *M;
} twin;

static inline double *reals(size_t n)
{
    double *x = fs_calloc(n, sizeof *x);
    if (!x) abort();
    return x;
}

static inline double *gaussians(gsl_rng *rng, size_t n)
{
    double *x = reals(n);
    fs_rng_gaussian(rng, n, x);
    return x;
}

static inline size_t below(gsl_rng *rng, size_t n)
{
    return (size_t)gsl_rng_uniform_int(rng, (unsigned long)n);
}

static inline void shuffle(gsl_rng *rng, size_t n, size_t *p)
{
    for (size_t i = 0; i < n; i++) p[i] = i;
    for (size_t i = n; i > 1; i--) {
        size_t j = below(rng, i), t = p[i - 1];
        p[i - 1] = p[j];
        p[j] = t;
    }
}

static inline double max_difference(size_t n, const double *a, const double *b)
{
    double worst = 0.0;
    for (size_t i = 0; i < n; i++) {
        double d = fabs(a[i] - b[i]);
        if (!(d <= worst)) worst = d <= DBL_MAX ? d : HUGE_VAL;     /* NaN stays the worst */
    }
    return worst;
}

static inline double norm2(size_t n, const double *x)
{
    double s = 0.0;
    for (size_t i = 0; i < n; i++) s += x[i] * x[i];
    return sqrt(s);
}

static inline double dot(size_t n, const double *x, const double *y)
{
    double s = 0.0;
    for (size_t i = 0; i < n; i++) s += x[i] * y[i];
    return s;
}

/* c = a b, all (n, n) */
static inline void multiply(size_t n, const double *a, const double *b, double *c)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double s = 0.0;
            for (size_t k = 0; k < n; k++) s += a[i * n + k] * b[k * n + j];
            c[i * n + j] = s;
        }
}

/* The table of G with the elements other than 0 renamed at random. */
static inline size_t *relabelled_table(gsl_rng *rng, const fs_group *G)
{
    size_t n = fs_group_order(G), *to = fs_calloc(n, sizeof *to), *table = fs_calloc(n * n, sizeof *table);
    if (!to || !table) abort();
    if (n > 1) shuffle(rng, n - 1, to + 1);
    for (size_t g = 1; g < n; g++) to[g]++;
    for (size_t g = 0; g < n; g++)
        for (size_t h = 0; h < n; h++) table[to[g] * n + to[h]] = to[fs_group_product(G, g, h)];
    free(to);
    return table;
}

static inline fs_group *small_group(gsl_rng *rng)
{
    fs_group *G;
    fs_err err;
    if (below(rng, 2)) assert_ok(fs_group_create_cyclic(&G, 1 + below(rng, 6), &err), err);
    else assert_ok(fs_group_create_dihedral(&G, 1 + below(rng, 4), &err), err);
    return G;
}

static inline fs_group *random_group(gsl_rng *rng)
{
    fs_group *G = small_group(rng);
    fs_err err;
    if (below(rng, 3) == 0) {
        fs_group *A = G, *B;
        assert_ok(fs_group_create_cyclic(&B, 1 + below(rng, 3), &err), err);
        assert_ok(fs_group_create_product(&G, A, B, &err), err);
        fs_group_destroy(A);
        fs_group_destroy(B);
    }
    if (below(rng, 2)) {
        fs_group *A = G;
        size_t *table = relabelled_table(rng, A);
        assert_ok(fs_group_create_table(&G, "relabelled", fs_group_order(A), table, &err), err);
        fs_group_destroy(A);
        free(table);
    }
    return G;
}

static inline void twin_free(twin *t)
{
    fs_rep_destroy(t->rep);
    free(t->M);
}

/* ---- signed permutations induced from a cyclic subgroup <h> with the character h -> chi = +-1 ---- */

typedef struct {
    size_t cosets;
    size_t *where, *power;      /* (order) coset of g = t_c h^p, and p */
    size_t *representative;     /* t_c */
} cosets;

static inline cosets cosets_of(const fs_group *G, size_t h)
{
    size_t order = fs_group_order(G);
    cosets c = { 0, fs_calloc(order, sizeof(size_t)), fs_calloc(order, sizeof(size_t)), fs_calloc(order, sizeof(size_t)) };
    unsigned char *seen = fs_calloc(order, 1);
    if (!c.where || !c.power || !c.representative || !seen) abort();
    for (size_t g = 0; g < order; g++) {
        if (seen[g]) continue;
        size_t x = g, p = 0;
        do {
            seen[x] = 1;
            c.where[x] = c.cosets;
            c.power[x] = p++;
            x = fs_group_product(G, x, h);
        } while (x != g);
        c.representative[c.cosets++] = g;
    }
    free(seen);
    return c;
}

static inline size_t order_of(const fs_group *G, size_t h)
{
    size_t k = 1;
    for (size_t x = h; x != 0; x = fs_group_product(G, x, h)) k++;
    return k;
}

/* Conjugated by a random signed permutation when stir is set.  perm and sign (order, cosets) to be freed. */
static inline size_t induced(gsl_rng *rng, const fs_group *G, int stir, uint32_t **perm, int8_t **sign)
{
    size_t order = fs_group_order(G), h = below(rng, order);
    cosets c = cosets_of(G, h);
    size_t n = c.cosets, *to = fs_calloc(n, sizeof *to);
    int chi = order_of(G, h) % 2 == 0 && below(rng, 2) ? -1 : 1;
    int *flip = fs_calloc(n, sizeof *flip);
    *perm = fs_calloc(order * n, sizeof **perm);
    *sign = fs_calloc(order * n, sizeof **sign);
    if (!to || !flip || !*perm || !*sign) abort();
    shuffle(rng, n, to);
    for (size_t j = 0; j < n; j++) flip[j] = stir && below(rng, 2) ? -1 : 1;
    for (size_t j = 0; !stir && j < n; j++) to[j] = j;
    for (size_t g = 0; g < order; g++)
        for (size_t j = 0; j < n; j++) {
            size_t moved = fs_group_product(G, g, c.representative[j]), i = c.where[moved];
            int s = chi < 0 && c.power[moved] % 2 ? -1 : 1;
            (*perm)[g * n + to[j]] = (uint32_t)to[i];
            (*sign)[g * n + to[j]] = (int8_t)(s * flip[i] * flip[j]);
        }
    free(c.where);
    free(c.power);
    free(c.representative);
    free(to);
    free(flip);
    return n;
}

static inline twin random_monomial_leaf(gsl_rng *rng, const fs_group *G)
{
    uint32_t *perm;
    int8_t *sign;
    twin t = { NULL, 0, fs_group_order(G), NULL };
    fs_err err;
    if (below(rng, 4) == 0) {
        t.n = 1 + below(rng, 3);
        t.M = reals(t.order * t.n * t.n);
        for (size_t g = 0; g < t.order; g++)
            for (size_t i = 0; i < t.n; i++) t.M[(g * t.n + i) * t.n + i] = 1.0;
        assert_ok(fs_rep_create_trivial(&t.rep, G, t.n, &err), err);
        return t;
    }
    t.n = induced(rng, G, 1, &perm, &sign);
    t.M = reals(t.order * t.n * t.n);
    for (size_t g = 0; g < t.order; g++)
        for (size_t j = 0; j < t.n; j++) t.M[(g * t.n + perm[g * t.n + j]) * t.n + j] = sign[g * t.n + j];
    assert_ok(fs_rep_create_signed_permutation(&t.rep, G, t.n, perm, sign, &err), err);
    free(perm);
    free(sign);
    return t;
}

/* Orthonormal rows by Gram-Schmidt, twice. */
static inline double *random_orthogonal(gsl_rng *rng, size_t n)
{
    double *O = gaussians(rng, n * n);
    for (size_t i = 0; i < n; i++)
        for (int pass = 0; pass < 2; pass++) {
            for (size_t j = 0; j < i; j++) {
                double s = dot(n, O + i * n, O + j * n);
                for (size_t k = 0; k < n; k++) O[i * n + k] -= s * O[j * n + k];
            }
            double length = norm2(n, O + i * n);
            for (size_t k = 0; k < n; k++) O[i * n + k] /= length;
        }
    return O;
}

/* O M O^T in place for every g. */
static inline void conjugate(size_t order, size_t n, const double *O, double *M)
{
    double *T = reals(n * n), *OT = reals(n * n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) OT[i * n + j] = O[j * n + i];
    for (size_t g = 0; g < order; g++) {
        multiply(n, O, M + g * n * n, T);
        multiply(n, T, OT, M + g * n * n);
    }
    free(T);
    free(OT);
}

static inline twin random_dense_leaf(gsl_rng *rng, const fs_group *G)
{
    twin t = random_monomial_leaf(rng, G);
    double *O = random_orthogonal(rng, t.n);
    fs_err err;
    fs_rep_destroy(t.rep);
    conjugate(t.order, t.n, O, t.M);
    assert_ok(fs_rep_create_dense(&t.rep, G, t.n, t.M, &err), err);
    free(O);
    return t;
}

static inline twin combined(int sum, twin a, twin b)
{
    twin t = { NULL, sum ? a.n + b.n : a.n * b.n, a.order, NULL };
    fs_rep *part[2] = { a.rep, b.rep };
    fs_err err;
    t.M = reals(t.order * t.n * t.n);
    for (size_t g = 0; g < t.order; g++) {
        double *M = t.M + g * t.n * t.n;
        const double *A = a.M + g * a.n * a.n, *B = b.M + g * b.n * b.n;
        for (size_t i = 0; i < t.n; i++)
            for (size_t j = 0; j < t.n; j++) {
                if (!sum) M[i * t.n + j] = A[i / b.n * a.n + j / b.n] * B[i % b.n * b.n + j % b.n];
                else if (i < a.n && j < a.n) M[i * t.n + j] = A[i * a.n + j];
                else if (i >= a.n && j >= a.n) M[i * t.n + j] = B[(i - a.n) * b.n + j - a.n];
            }
    }
    assert_ok(sum ? fs_rep_create_sum(&t.rep, 2, part, &err) : fs_rep_create_tensor(&t.rep, 2, part, &err), err);
    twin_free(&a);
    twin_free(&b);
    return t;
}

/* A tree of at most `room` dimensions; dense leaves appear when dense is set. */
static inline twin random_tree(gsl_rng *rng, const fs_group *G, int dense, size_t depth, size_t room)
{
    twin a = dense && below(rng, 2) ? random_dense_leaf(rng, G) : random_monomial_leaf(rng, G);
    for (size_t level = 0; level < depth; level++) {
        int sum = below(rng, 2) == 0, left = below(rng, 2) == 0;
        twin b = dense && below(rng, 2) ? random_dense_leaf(rng, G) : random_monomial_leaf(rng, G);
        if (sum ? a.n + b.n > room : a.n * b.n > room) twin_free(&b);
        else a = left ? combined(sum, a, b) : combined(sum, b, a);
    }
    return a;
}

/* tolerance of entries of order-one products in a tree of dimension n */
static inline double tree_tolerance(size_t n)
{
    return 256.0 * (double)n * DBL_EPSILON;
}

#endif
