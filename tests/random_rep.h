/* tests/random_rep.h -- random groups and representations, each beside its naive twin: plain matrices
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_TESTS_RANDOM_REP_H
#define FS_TESTS_RANDOM_REP_H

#include "law.h"

#include "algebra/rep.h"

/* rep, M[g] (n, n) row-major at every point and L[k] (n, n) of the Lie algebra, built without each other. */
typedef struct {
    fs_rep *rep;
    size_t n, order, lie;       /* dimension, points, dimension of the Lie algebra */
    double *M, *L;
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

/* Takes A and B. */
static inline fs_group *product_of(fs_group *A, fs_group *B)
{
    fs_group *G;
    fs_err err;
    assert_ok(fs_group_create_product(&G, 2, (fs_group *[]){ A, B }, &err), err);
    fs_group_destroy(A);
    fs_group_destroy(B);
    return G;
}

static inline fs_group *random_group(gsl_rng *rng)
{
    fs_group *G = small_group(rng);
    fs_err err;
    if (below(rng, 3) == 0) {
        fs_group *B;
        assert_ok(fs_group_create_cyclic(&B, 1 + below(rng, 3), &err), err);
        G = product_of(G, B);
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

static inline fs_group *rotation_group(size_t d, int improper)
{
    fs_group *G;
    fs_err err;
    assert_ok(fs_group_create_rotations(&G, d, improper, &(fs_rule){ .kind = FS_RULE_DEGREE, .degree = 4 }, &err), err);
    return G;
}

static inline fs_group *symmetric_group(size_t n)
{
    fs_group *G;
    fs_err err;
    assert_ok(fs_group_create_symmetric(&G, n, 6, 1, &err), err);
    return G;
}

/* Groups without a list of their elements: too large, continuous, and products with them. */
static inline fs_group *large_group(gsl_rng *rng)
{
    switch (below(rng, 7)) {
    case 0: return symmetric_group(8 + below(rng, 4));
    case 1: return rotation_group(3, 0);
    case 2: return rotation_group(3, 1);
    case 3: return product_of(rotation_group(2, (int)below(rng, 2)), small_group(rng));
    case 4: return product_of(small_group(rng), symmetric_group(9));
    default: return rotation_group(2, (int)below(rng, 2));
    }
}

static inline void twin_free(twin *t)
{
    fs_rep_destroy(t->rep);
    free(t->M);
    free(t->L);
}

/* Zeroed matrices. */
static inline twin twin_of(const fs_group *G, size_t n)
{
    twin t = { NULL, n, fs_group_points(G), fs_group_lie_dim(G), NULL, NULL };
    t.M = reals(t.order * n * n);
    t.L = reals(t.lie * n * n);
    return t;
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

static inline twin identities(const fs_group *G, size_t n)
{
    twin t = twin_of(G, n);
    for (size_t g = 0; g < t.order; g++)
        for (size_t i = 0; i < n; i++) t.M[(g * n + i) * n + i] = 1.0;
    return t;
}

static inline double determinant(size_t d, const double *R)
{
    double first = d == 2 ? R[3] : R[4] * R[8] - R[5] * R[7];
    if (d == 2) return R[0] * first - R[1] * R[2];
    return R[0] * first - R[1] * (R[3] * R[8] - R[5] * R[6]) + R[2] * (R[3] * R[7] - R[4] * R[6]);
}

/* J of the plane; e_a x v in space */
static inline void natural_lie(size_t d, double *L)
{
    if (d == 2) {
        L[1] = -1.0;
        L[2] = 1.0;
        return;
    }
    for (size_t a = 0; a < 3; a++) {
        size_t b = (a + 1) % 3, c = (a + 2) % 3;        /* e_a x e_b = e_c */
        L[9 * a + 3 * c + b] = 1.0;
        L[9 * a + 3 * b + c] = -1.0;
    }
}

static inline twin twin_of_rotations(gsl_rng *rng, const fs_group *G, int monomial)
{
    size_t d = 0;
    fs_group_matrix(G, 0, &d);
    twin t = monomial ? identities(G, 1 + below(rng, 2)) : twin_of(G, d);
    int improper = fs_group_family(G) == FS_FAMILY_O;
    for (size_t g = 0; g < t.order; g++) {
        const double *R = fs_group_matrix(G, g, &d);
        if (!monomial) memcpy(t.M + g * d * d, R, d * d * sizeof *R);
        else if (improper) t.M[g * t.n * t.n] = determinant(d, R) < 0.0 ? -1.0 : 1.0;
    }
    if (!monomial) natural_lie(d, t.L);
    return t;
}

static inline twin twin_of_permutations(const fs_group *G, int odd)
{
    size_t n = 0;
    fs_group_permutation(G, 0, &n);
    twin t = twin_of(G, n);
    for (size_t g = 0; g < t.order; g++) {
        const uint32_t *p = fs_group_permutation(G, g, &n);
        double sign = 1.0;
        for (size_t i = 0; odd && i < n; i++)
            for (size_t j = 0; j < i; j++) sign = p[j] > p[i] ? -sign : sign;
        for (size_t j = 0; j < n; j++) t.M[(g * n + p[j]) * n + j] = sign;
    }
    return t;
}

static inline twin twin_of_induced(gsl_rng *rng, const fs_group *G)
{
    uint32_t *perm;
    int8_t *sign;
    size_t n = induced(rng, G, 1, &perm, &sign);
    twin t = twin_of(G, n);
    for (size_t g = 0; g < t.order; g++)
        for (size_t j = 0; j < n; j++) t.M[(g * n + perm[g * n + j]) * n + j] = sign[g * n + j];
    free(perm);
    free(sign);
    return t;
}

/* Matrices of some representation, without fs_rep; signed permutations when monomial is set. */
static inline twin random_matrices(gsl_rng *rng, const fs_group *G, int monomial)
{
    if (fs_group_is_enumerated(G)) return twin_of_induced(rng, G);
    if (fs_group_family(G) == FS_FAMILY_SYMMETRIC) return twin_of_permutations(G, (int)below(rng, 2));
    if (fs_group_family(G) != FS_FAMILY_PRODUCT) return twin_of_rotations(rng, G, monomial);
    size_t k = below(rng, fs_group_factors(G)), first = 0;
    for (size_t f = 0; f < k; f++) first += fs_group_lie_dim(fs_group_factor(G, f));
    twin of = random_matrices(rng, fs_group_factor(G, k), monomial), t = twin_of(G, of.n);
    size_t square = t.n * t.n;
    for (size_t g = 0; g < t.order; g++)
        memcpy(t.M + g * square, of.M + fs_group_component(G, g, k) * square, square * sizeof *t.M);
    memcpy(t.L + first * square, of.L, of.lie * square * sizeof *t.L);
    twin_free(&of);
    return t;
}

static inline twin random_monomial_leaf(gsl_rng *rng, const fs_group *G)
{
    fs_err err;
    if (below(rng, 4) == 0) {
        twin t = identities(G, 1 + below(rng, 3));
        assert_ok(fs_rep_create_trivial(&t.rep, G, t.n, &err), err);
        return t;
    }
    twin t = random_matrices(rng, G, 1);
    uint32_t *perm = fs_calloc(t.order * t.n, sizeof *perm);
    int8_t *sign = fs_calloc(t.order * t.n, sizeof *sign);
    if (!perm || !sign) abort();
    for (size_t e = 0; e < t.order * t.n * t.n; e++) {
        size_t column = e / (t.n * t.n) * t.n + e % t.n;
        if (t.M[e] == 0.0) continue;
        perm[column] = (uint32_t)(e / t.n % t.n);
        sign[column] = t.M[e] > 0.0 ? 1 : -1;
    }
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
    twin t = random_matrices(rng, G, 0);
    double *O = random_orthogonal(rng, t.n);
    size_t degree = 0;
    fs_err err;
    conjugate(t.order, t.n, O, t.M);
    conjugate(t.lie, t.n, O, t.L);
    for (size_t e = 0; e < t.lie * t.n * t.n; e++) degree |= t.L[e] != 0.0;
    assert_ok(fs_rep_create_dense(&t.rep, G, t.n, t.M, t.L, degree, &err), err);
    free(O);
    return t;
}

/* C = A + B as blocks, or A x B; for the Lie algebra A x 1 + 1 x B. */
static inline void combine_matrices(int sum, int lie, size_t na, size_t nb, const double *A, const double *B, double *C)
{
    size_t n = sum ? na + nb : na * nb;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            size_t ia = i / nb, ib = i % nb, ja = j / nb, jb = j % nb;
            if (sum && i < na && j < na) C[i * n + j] = A[i * na + j];
            else if (sum && i >= na && j >= na) C[i * n + j] = B[(i - na) * nb + j - na];
            else if (!sum && !lie) C[i * n + j] = A[ia * na + ja] * B[ib * nb + jb];
            else if (!sum) C[i * n + j] = (ib == jb ? A[ia * na + ja] : 0.0) + (ia == ja ? B[ib * nb + jb] : 0.0);
        }
}

/* Takes a and b. */
static inline twin combined(int sum, twin a, twin b)
{
    twin t = twin_of(fs_rep_group(a.rep), sum ? a.n + b.n : a.n * b.n);
    fs_rep *part[2] = { a.rep, b.rep };
    fs_err err;
    for (size_t g = 0; g < t.order; g++)
        combine_matrices(sum, 0, a.n, b.n, a.M + g * a.n * a.n, b.M + g * b.n * b.n, t.M + g * t.n * t.n);
    for (size_t k = 0; k < t.lie; k++)
        combine_matrices(sum, 1, a.n, b.n, a.L + k * a.n * a.n, b.L + k * b.n * b.n, t.L + k * t.n * t.n);
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

static inline void matrix_vector(size_t n, const double *M, const double *x, double *y)
{
    for (size_t i = 0; i < n; i++) y[i] = dot(n, M + i * n, x);
}

static inline fs_rep *parsed(const fs_group *G, const char *text)
{
    fs_rep *rep;
    fs_err err;
    assert_ok(fs_rep_parse(&rep, G, text, (size_t)1 << 22, &err), err);
    return rep;
}

/* All points, or a random choice where there are many: the k-th of looked_at(order). */
enum { LOOKED_AT = 72 };

static inline size_t looked_at(size_t order)
{
    return order < LOOKED_AT ? order : LOOKED_AT;
}

static inline size_t point_at(gsl_rng *rng, size_t order, size_t k)
{
    return order <= LOOKED_AT ? k : below(rng, order);
}

/* tolerance of entries of order-one products in a tree of dimension n */
static inline double tree_tolerance(size_t n)
{
    return 256.0 * (double)n * DBL_EPSILON;
}

/* rho_a(g) x = rho_b(g) x at the points, d rho_a x = d rho_b x. */
static inline void assert_same_action(gsl_rng *rng, const fs_rep *a, const fs_rep *b, double tol)
{
    size_t n = fs_rep_dim(a), points = fs_group_points(fs_rep_group(a));
    double *x = gaussians(rng, n), *y = reals(n), *z = reals(n);
    assert_int_equal(n, fs_rep_dim(b));
    assert_ptr_equal(fs_rep_group(a), fs_rep_group(b));
    for (size_t k = 0; k < looked_at(points); k++) {
        size_t g = point_at(rng, points, k);
        fs_rep_apply(a, g, x, y);
        fs_rep_apply(b, g, x, z);
        assert_at_most(max_difference(n, y, z), tol * norm2(n, x));
    }
    for (size_t k = 0; k < fs_group_lie_dim(fs_rep_group(a)); k++) {
        fs_rep_apply_lie(a, k, x, y);
        fs_rep_apply_lie(b, k, x, z);
        assert_at_most(max_difference(n, y, z), 16.0 * tol * norm2(n, x));
    }
    free(x);
    free(y);
    free(z);
}

#endif
