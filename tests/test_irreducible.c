/* tests/test_irreducible.c -- tables of real irreducibles, their matrices, multiplicities and isotypic projections
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "law.h"

#include "algebra/irreducible.h"

enum { MOST = 16 };

static double *reals(size_t n)
{
    double *x = fs_calloc(n, sizeof *x);
    assert_non_null(x);
    return x;
}

static fs_irreducibles *table_of(const fs_group *G, size_t degree)
{
    fs_irreducibles *table;
    fs_err err;
    assert_ok(fs_irreducibles_create(&table, G, degree, &err), err);
    return table;
}

static fs_rep *named(const fs_group *G, const char *name)
{
    fs_rep *rep;
    fs_err err;
    assert_ok(fs_rep_create_named(&rep, G, name, &err), err);
    return rep;
}

/* The tensor product or the sum, which then holds its parts alone. */
static fs_rep *joined(fs_status (*create)(fs_rep **, size_t, fs_rep *const *, fs_err *), fs_rep *a, fs_rep *b)
{
    fs_rep *part[2] = { a, b }, *rep;
    fs_err err;
    assert_ok(create(&rep, 2, part, &err), err);
    fs_rep_destroy(a);
    fs_rep_destroy(b);
    return rep;
}

/* Multiplicities, which must be whole numbers up to the rounding of sums of dim-sized characters. */
static void multiplicities(const fs_irreducibles *table, const fs_rep *rho, size_t *m)
{
    size_t points = fs_group_points(table->G);
    double *chi = reals(points), *measured = reals(table->count);
    for (size_t g = 0; g < points; g++) chi[g] = fs_rep_character(rho, g);
    fs_irreducibles_multiplicities(table, chi, measured);
    for (size_t k = 0; k < table->count; k++) {
        m[k] = (size_t)(measured[k] + 0.5);
        assert_near(measured[k], (double)m[k], 64.0 * (double)(fs_rep_dim(rho) * table->irreducible[k].dim) * DBL_EPSILON);
    }
    free(chi);
    free(measured);
}

/* --- groups that have something to show --- */

static fs_group *symmetric(size_t n)
{
    fs_group *G;
    fs_err err;
    assert_ok(fs_group_create_symmetric(&G, n, 1, 0, &err), err);
    return G;
}

static fs_group *cyclic(size_t n)
{
    fs_group *G;
    fs_err err;
    assert_ok(fs_group_create_cyclic(&G, n, &err), err);
    return G;
}

static fs_group *dihedral(size_t n)
{
    fs_group *G;
    fs_err err;
    assert_ok(fs_group_create_dihedral(&G, n, &err), err);
    return G;
}

static fs_group *p4(size_t n)
{
    fs_group *G;
    fs_err err;
    assert_ok(fs_group_create_p4(&G, n, &err), err);
    return G;
}

static fs_group *permuting(const char *name, size_t degree, size_t count, const uint32_t *permutation, size_t order)
{
    fs_group *G;
    fs_err err;
    assert_ok(fs_group_create_permutations(&G, name, degree, count, permutation, 1000, &err), err);
    assert_int_equal(fs_group_order(G), order);
    return G;
}

/* 1, i, j, k, -1, -i, -j, -k multiplied from the left by i and by j. */
static fs_group *quaternions(void)
{
    static const uint32_t by_i_and_j[16] = { 1, 4, 3, 6, 5, 0, 7, 2, 2, 7, 4, 1, 6, 3, 0, 5 };
    return permuting("Q8", 8, 2, by_i_and_j, 8);
}

/* SL(2, 3) on the eight non-zero vectors (x, y) of F_3^2, numbered 3 x + y - 1, by (x + y, y) and (x, x + y). */
static fs_group *special_linear(void)
{
    uint32_t permutation[16];
    for (uint32_t v = 1; v < 9; v++) {
        uint32_t x = v / 3, y = v % 3;
        permutation[v - 1] = 3 * ((x + y) % 3) + y - 1;
        permutation[8 + v - 1] = 3 * x + (x + y) % 3 - 1;
    }
    return permuting("SL23", 8, 2, permutation, 24);
}

/* Z_7 with the squares acting, order 21: Frobenius' group. */
static fs_group *frobenius(void)
{
    uint32_t permutation[14];
    for (uint32_t x = 0; x < 7; x++) {
        permutation[x] = (x + 1) % 7;
        permutation[7 + x] = 2 * x % 7;
    }
    return permuting("F21", 7, 2, permutation, 21);
}

static fs_group *rotations(size_t d, int improper)
{
    fs_group *G;
    fs_err err;
    fs_rule rule = { FS_RULE_DEGREE, 4, 0, NULL };
    assert_ok(fs_group_create_rotations(&G, d, improper, &rule, &err), err);
    return G;
}

static fs_group *product(fs_group *a, fs_group *b)
{
    fs_group *factor[2] = { a, b }, *G;
    fs_err err;
    assert_ok(fs_group_create_product(&G, 2, factor, &err), err);
    fs_group_destroy(a);
    fs_group_destroy(b);
    return G;
}

static fs_group *sample(size_t k)
{
    switch (k) {
    case 0: return symmetric(1);
    case 1: return symmetric(2);
    case 2: return symmetric(4);
    case 3: return symmetric(5);
    case 4: return cyclic(7);
    case 5: return cyclic(12);
    case 6: return dihedral(1);
    case 7: return dihedral(7);
    case 8: return p4(2);
    case 9: return p4(3);
    case 10: return quaternions();
    case 11: return special_linear();
    case 12: return frobenius();
    case 13: return product(cyclic(4), symmetric(3));
    case 14: return product(quaternions(), cyclic(3));
    default: return NULL;
    }
}

/* --- tables --- */

typedef struct {
    size_t dim;
    fs_type type;
} entry;

/* In order; destroys G. */
static void assert_table(fs_group *G, size_t count, const entry *expected)
{
    fs_irreducibles *table = table_of(G, 0);
    assert_int_equal(table->count, count);
    assert_int_equal(table->largest_degree, SIZE_MAX);
    for (size_t k = 0; k < count; k++) {
        const fs_irreducible *chi = table->irreducible + k;
        double iota = expected[k].type == FS_TYPE_REAL ? 1.0 : expected[k].type == FS_TYPE_COMPLEX ? 0.0 : -1.0;
        assert_int_equal(chi->dim, expected[k].dim);
        assert_int_equal(chi->type, expected[k].type);
        assert_near(chi->indicator, iota, 16.0 * (double)chi->dim * DBL_EPSILON);
        assert_near(chi->character[0], (double)chi->dim, 0.0);
    }
    fs_irreducibles_destroy(table);
    fs_group_destroy(G);
}

#define R(d) { d, FS_TYPE_REAL }
#define C(d) { d, FS_TYPE_COMPLEX }
#define H(d) { d, FS_TYPE_QUATERNIONIC }
#define ASSERT_TABLE(G, ...) \
    assert_table(G, sizeof((const entry[]){ __VA_ARGS__ }) / sizeof(entry), (const entry[]){ __VA_ARGS__ })

static void dimensions_and_types_of_known_groups(void **state)
{
    (void)state;
    ASSERT_TABLE(symmetric(1), R(1));
    ASSERT_TABLE(symmetric(2), R(1), R(1));
    ASSERT_TABLE(symmetric(3), R(1), R(1), R(2));
    ASSERT_TABLE(symmetric(4), R(1), R(1), R(2), R(3), R(3));
    ASSERT_TABLE(symmetric(5), R(1), R(1), R(4), R(4), R(5), R(5), R(6));
    ASSERT_TABLE(symmetric(6), R(1), R(1), R(5), R(5), R(5), R(5), R(9), R(9), R(10), R(10), R(16));
    ASSERT_TABLE(cyclic(1), R(1));
    ASSERT_TABLE(cyclic(2), R(1), R(1));
    ASSERT_TABLE(cyclic(3), R(1), C(2));
    ASSERT_TABLE(cyclic(4), R(1), R(1), C(2));
    ASSERT_TABLE(cyclic(7), R(1), C(2), C(2), C(2));
    ASSERT_TABLE(dihedral(1), R(1), R(1));
    ASSERT_TABLE(dihedral(2), R(1), R(1), R(1), R(1));
    ASSERT_TABLE(dihedral(3), R(1), R(1), R(2));
    ASSERT_TABLE(dihedral(4), R(1), R(1), R(1), R(1), R(2));
    ASSERT_TABLE(dihedral(7), R(1), R(1), R(2), R(2), R(2));
    ASSERT_TABLE(p4(1), R(1), R(1), C(2));
    ASSERT_TABLE(p4(3), R(1), R(1), C(2), R(4), R(4));
    ASSERT_TABLE(quaternions(), R(1), R(1), R(1), R(1), H(4));
    ASSERT_TABLE(frobenius(), R(1), C(2), C(6));
    /* quaternionic times complex is complex: 4 = 2 x 2 beside 4 = the quaternions */
    ASSERT_TABLE(product(quaternions(), cyclic(3)), R(1), R(1), R(1), R(1), C(2), C(2), C(2), C(2), H(4), C(4));
}

static void special_linear_group_has_all_three_types(void **state)
{
    (void)state;
    fs_group *G = special_linear();
    fs_irreducibles *table = table_of(G, 0);
    size_t seen[5][5] = { { 0 } };
    assert_int_equal(table->count, 5);
    for (size_t k = 0; k < 5; k++) {
        assert_true(table->irreducible[k].dim < 5);
        seen[table->irreducible[k].dim][table->irreducible[k].type]++;
    }
    assert_int_equal(seen[1][FS_TYPE_REAL], 1);
    assert_int_equal(seen[2][FS_TYPE_COMPLEX], 1);
    assert_int_equal(seen[3][FS_TYPE_REAL], 1);
    assert_int_equal(seen[4][FS_TYPE_QUATERNIONIC], 1);
    assert_int_equal(seen[4][FS_TYPE_COMPLEX], 1);
    fs_irreducibles_destroy(table);
    fs_group_destroy(G);
}

/* Sums over all elements, not over classes: <chi_k, chi_l>, and sum_k dim_k chi_k(g) / <chi_k, chi_k> = |G| at 1 and 0 elsewhere. */
static void rows_and_columns_are_orthogonal(void **state)
{
    (void)state;
    fs_group *G;
    for (size_t s = 0; (G = sample(s)) != NULL; s++) {
        fs_irreducibles *table = table_of(G, 0);
        size_t order = fs_group_order(G);
        for (size_t k = 0; k < table->count; k++)
            for (size_t l = 0; l <= k; l++) {
                const fs_irreducible *a = table->irreducible + k, *b = table->irreducible + l;
                double sum = 0.0;
                for (size_t g = 0; g < order; g++) sum += a->character[g] * b->character[g];
                assert_near(sum / (double)order, k == l ? (double)a->type : 0.0, 8.0 * (double)(order + a->dim + b->dim) * DBL_EPSILON);
            }
        for (size_t g = 0; g < order; g++) {
            double sum = 0.0;
            for (size_t k = 0; k < table->count; k++) {
                const fs_irreducible *chi = table->irreducible + k;
                sum += (double)chi->dim * chi->character[g] / (double)chi->type;
            }
            assert_near(sum, g == 0 ? (double)order : 0.0, 8.0 * (double)order * DBL_EPSILON);
        }
        fs_irreducibles_destroy(table);
        fs_group_destroy(G);
    }
}

/* As many as classes, C and C^-1 counted once; trivial first, dimensions ascending, values descending among equals. */
static void irreducibles_are_counted_and_ordered(void **state)
{
    (void)state;
    fs_group *G;
    for (size_t s = 0; (G = sample(s)) != NULL; s++) {
        fs_irreducibles *table = table_of(G, 0);
        const size_t *point;
        const double *weight;
        const uint32_t *class_of;
        size_t classes = fs_group_classes(G, &point, &weight, &class_of), real = 0, own = 0;
        for (size_t C = 0; C < classes; C++) own += class_of[fs_group_inverse(G, point[C])] == C;
        real = own + (classes - own) / 2;
        assert_int_equal(table->count, real);
        assert_string_equal(table->irreducible[0].name, "trivial");
        for (size_t g = 0; g < fs_group_order(G); g++) assert_near(table->irreducible[0].character[g], 1.0, 0.0);
        for (size_t k = 1; k < table->count; k++) {
            const fs_irreducible *a = table->irreducible + k - 1, *b = table->irreducible + k;
            assert_true(a->dim <= b->dim);
            size_t C = 0;
            while (C < classes && fabs(a->character[point[C]] - b->character[point[C]]) < 1e-6) C++;
            assert_true(C < classes);
            if (a->dim == b->dim) assert_true(a->character[point[C]] > b->character[point[C]]);
            assert_string_not_equal(a->name, b->name);
        }
        fs_irreducibles_destroy(table);
        fs_group_destroy(G);
    }
}

/* Characters are sums of roots of unity: of S_n whole numbers, of C_n cosines. */
static void characters_are_exact(void **state)
{
    (void)state;
    fs_group *G = symmetric(6);
    fs_irreducibles *table = table_of(G, 0);
    for (size_t k = 0; k < table->count; k++)
        for (size_t g = 0; g < 720; g++) assert_near(table->irreducible[k].character[g], round(table->irreducible[k].character[g]), 0.0);
    fs_irreducibles_destroy(table);
    fs_group_destroy(G);
    G = cyclic(60);
    table = table_of(G, 0);
    unsigned char seen[31] = { 0 };
    for (size_t k = 0; k < table->count; k++) {
        const fs_irreducible *chi = table->irreducible + k;
        double scale = (double)chi->dim, angle = acos(chi->character[1] / scale) / (2.0 * M_PI) * 60.0;
        size_t m = (size_t)(angle + 0.5);
        assert_true(m <= 30 && !seen[m]);
        seen[m] = 1;
        for (size_t g = 0; g < 60; g++)
            assert_near(chi->character[g], scale * cos(2.0 * M_PI * (double)(m * g % 60) / 60.0), 8.0 * DBL_EPSILON);
    }
    fs_irreducibles_destroy(table);
    fs_group_destroy(G);
}

/* Z_14^2 with C4, 784 elements: the translations' characters (a, b) != (-a, -b) make orbits of four under quarter turns, 192 / 4 = 48 of dimension 4;
 * 0 and (7, 7) are fixed: 1, 1, 2 each; (0, 7) and (7, 0) change places: twice dimension 2. */
static void roto_translations_of_paper_size(void **state)
{
    (void)state;
    fs_group *G = p4(14);
    fs_irreducibles *table = table_of(G, 0);
    size_t of_dim[5] = { 0 };
    for (size_t k = 0; k < table->count; k++) {
        assert_true(table->irreducible[k].dim < 5);
        of_dim[table->irreducible[k].dim]++;
    }
    assert_int_equal(of_dim[1], 4);
    assert_int_equal(of_dim[2], 4);
    assert_int_equal(of_dim[4], 48);
    fs_irreducibles_destroy(table);
    fs_group_destroy(G);
}

/* --- names --- */

static void assert_known(fs_group *G, size_t count, const char *const *names)
{
    fs_irreducibles *table = table_of(G, 0);
    assert_int_equal(table->count, count);
    for (size_t k = 0; k < count; k++) {
        assert_string_equal(table->irreducible[k].name, names[k]);
        fs_rep *rep = named(G, names[k]);
        for (size_t g = 0; g < fs_group_order(G); g++)
            assert_near(fs_rep_character(rep, g), table->irreducible[k].character[g], 16.0 * (double)fs_rep_dim(rep) * DBL_EPSILON);
        fs_rep_destroy(rep);
    }
    fs_irreducibles_destroy(table);
    fs_group_destroy(G);
}

#define ASSERT_KNOWN(G, ...) \
    assert_known(G, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *), (const char *const[]){ __VA_ARGS__ })

static void irreducibles_bear_the_names_that_make_them(void **state)
{
    (void)state;
    ASSERT_KNOWN(symmetric(3), "trivial", "sign", "standard");
    ASSERT_KNOWN(cyclic(4), "trivial", "sign", "rotation:1");
    ASSERT_KNOWN(cyclic(6), "trivial", "sign", "rotation:1", "rotation:2");
    ASSERT_KNOWN(dihedral(5), "trivial", "sign", "rotation:1", "rotation:2");
    ASSERT_KNOWN(p4(1), "trivial", "irrep:1", "turn");
    ASSERT_KNOWN(product(cyclic(2), cyclic(3)), "trivial", "sign@1", "rotation:1@2", "irrep:3");
}

/* --- matrices --- */

static void check_matrices(fs_group *G, const fs_irreducibles *table, size_t k)
{
    const fs_irreducible *chi = table->irreducible + k;
    size_t order = fs_group_order(G), d = chi->dim;
    double *matrix, tolerance = 64.0 * (double)d * DBL_EPSILON;
    fs_err err;
    assert_ok(fs_irreducible_matrices(table, k, &matrix, &err), err);
    for (size_t g = 0; g < order; g++) {
        const double *A = matrix + g * d * d;
        double trace = 0.0;
        for (size_t i = 0; i < d; i++) {
            trace += A[i * d + i];
            for (size_t j = 0; j < d; j++) {
                double sum = 0.0;
                for (size_t l = 0; l < d; l++) sum += A[l * d + i] * A[l * d + j];
                assert_near(sum, i == j, 16.0 * (double)d * DBL_EPSILON);
            }
        }
        assert_near(trace, chi->character[g], tolerance);
    }
    size_t stride = order <= 60 ? 1 : order / 30 | 1;      /* of large groups every so many-th h */
    for (size_t g = 0; g < order; g++)
        for (size_t h = 0; h < order; h += stride) {
            const double *A = matrix + g * d * d, *B = matrix + h * d * d, *AB = matrix + fs_group_product(G, g, h) * d * d;
            for (size_t i = 0; i < d; i++)
                for (size_t j = 0; j < d; j++) {
                    double sum = 0.0;
                    for (size_t l = 0; l < d; l++) sum += A[i * d + l] * B[l * d + j];
                    assert_near(sum, AB[i * d + j], tolerance);
                }
        }
    free(matrix);
}

static void matrices_are_orthogonal_multiply_and_have_the_character(void **state)
{
    (void)state;
    fs_group *G;
    for (size_t s = 0; (G = sample(s)) != NULL; s++) {
        fs_irreducibles *table = table_of(G, 0);
        for (size_t k = 0; k < table->count; k++) check_matrices(G, table, k);
        fs_irreducibles_destroy(table);
        fs_group_destroy(G);
    }
    G = p4(14);
    fs_irreducibles *table = table_of(G, 0);
    for (size_t k = 4; k < table->count; k += 17) check_matrices(G, table, k);
    fs_irreducibles_destroy(table);
    fs_group_destroy(G);
}

/* The matrices make a representation that is accepted, contains its irreducible once and no other. */
static void irreducibles_contain_themselves_once(void **state)
{
    (void)state;
    fs_group *G;
    for (size_t s = 0; (G = sample(s)) != NULL; s++) {
        fs_irreducibles *table = table_of(G, 0);
        assert_true(table->count <= MOST);
        for (size_t k = 0; k < table->count; k++) {
            char name[32];
            size_t m[MOST];
            snprintf(name, sizeof name, "irrep:%zu", k);
            fs_rep *rep = named(G, name);
            assert_int_equal(fs_rep_dim(rep), table->irreducible[k].dim);
            multiplicities(table, rep, m);
            for (size_t l = 0; l < table->count; l++) assert_int_equal(m[l], k == l);
            fs_rep_destroy(rep);
        }
        fs_irreducibles_destroy(table);
        fs_group_destroy(G);
    }
}

/* --- multiplicities --- */

static void regular_representation_contains_everything(void **state)
{
    (void)state;
    fs_group *G;
    for (size_t s = 0; (G = sample(s)) != NULL; s++) {
        fs_irreducibles *table = table_of(G, 0);
        fs_rep *regular = named(G, "regular");
        size_t m[MOST];
        multiplicities(table, regular, m);
        for (size_t k = 0; k < table->count; k++)
            assert_int_equal(m[k] * (size_t)table->irreducible[k].type, table->irreducible[k].dim);
        fs_rep_destroy(regular);
        fs_irreducibles_destroy(table);
        fs_group_destroy(G);
    }
}

/* A 3 x 3 filter under quarter turns: 9 = 3 trivial + 2 sign + 2 * 2. */
static void filters_under_quarter_turns(void **state)
{
    (void)state;
    fs_group *G = cyclic(4);
    fs_irreducibles *table = table_of(G, 0);
    fs_rep *taps;
    fs_err err;
    size_t m[3];
    assert_ok(fs_rep_create_taps(&taps, G, 3, 3, &err), err);
    multiplicities(table, taps, m);
    assert_int_equal(m[0], 3);
    assert_int_equal(m[1], 2);
    assert_int_equal(m[2], 2);
    fs_rep_destroy(taps);
    fs_irreducibles_destroy(table);
    fs_group_destroy(G);
}

/* The weights of R^16 -> R^16 -> R with S_4 on the pairs of four points: the partitions 4, 1111, 22, 31, 211 occur 17, 7, 22, 39, 29 times. */
static fs_rep *graph_weights(const fs_group *G)
{
    fs_rep *pairs = joined(fs_rep_create_tensor, named(G, "natural"), named(G, "natural"));
    return joined(fs_rep_create_sum, joined(fs_rep_create_tensor, fs_rep_retain(pairs), fs_rep_retain(pairs)), pairs);
}

static void weights_of_a_network_on_graphs(void **state)
{
    (void)state;
    fs_group *G = symmetric(4);
    fs_irreducibles *table = table_of(G, 0);
    fs_rep *H = graph_weights(G);
    size_t m[5], standard = 3;
    multiplicities(table, H, m);
    assert_int_equal(fs_rep_dim(H), 272);
    while (strcmp(table->irreducible[standard].name, "standard") != 0) assert_true(++standard < 5);
    assert_int_equal(m[0], 17);
    assert_int_equal(m[1], 7);
    assert_int_equal(m[2], 22);
    assert_int_equal(m[standard], 39);
    assert_int_equal(m[7 - standard], 29);
    fs_rep_destroy(H);
    fs_irreducibles_destroy(table);
    fs_group_destroy(G);
}

/* --- projections --- */

static double distance(size_t n, const double *x, const double *y)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += (x[i] - y[i]) * (x[i] - y[i]);
    return sqrt(sum);
}

/* P_k P_l = P_k or 0, sum of P_k = 1, P_k rho(g) = rho(g) P_k, tr P_k = m_k dim_k, for complete tables.  A point contributes a
 * rounding of (depth + 2) eps |x| and chi of at most dim: tolerance 16 dim eps |x| for sums in which errors of many points do not conspire. */
static void check_projections(gsl_rng *rng, const fs_irreducibles *table, const fs_rep *rho)
{
    size_t n = fs_rep_dim(rho), m[MOST], total = 0;
    double *x = reals(n), *y = reals(n), *z = reals(n), *sum = reals(n), *zero = reals(n);
    fs_err err;
    assert_true(table->count <= MOST);
    multiplicities(table, rho, m);
    fs_rng_gaussian(rng, n, x);
    double size = distance(n, x, zero);
    size_t g = (size_t)gsl_rng_uniform_int(rng, fs_group_points(table->G));
    for (size_t k = 0; k < table->count; k++) {
        const fs_irreducible *chi = table->irreducible + k;
        double tolerance = 64.0 * (double)(chi->dim * chi->dim) * DBL_EPSILON * size;
        assert_ok(fs_isotypic_apply(table, k, rho, x, y, &err), err);
        for (size_t i = 0; i < n; i++) sum[i] += y[i];
        for (size_t l = 0; l < table->count; l++) {
            assert_ok(fs_isotypic_apply(table, l, rho, y, z, &err), err);
            assert_at_most(distance(n, z, k == l ? y : zero), tolerance * (double)(table->irreducible[l].dim * table->irreducible[l].dim));
        }
        if (m[k] == 0) assert_at_most(distance(n, y, zero), tolerance);
        /* rho(g) P x = P rho(g) x */
        double *moved = reals(n);
        assert_int_equal(fs_rep_apply(rho, g, y, moved), FS_OK);
        assert_int_equal(fs_rep_apply(rho, g, x, z), FS_OK);
        assert_ok(fs_isotypic_apply(table, k, rho, z, y, &err), err);
        assert_at_most(distance(n, y, moved), tolerance);
        free(moved);
        double trace = 0.0;
        double *e = reals(n);
        for (size_t i = 0; i < n; i++) {
            e[i] = 1.0;
            assert_ok(fs_isotypic_apply(table, k, rho, e, y, &err), err);
            trace += y[i];
            e[i] = 0.0;
        }
        free(e);
        assert_near(trace, (double)(m[k] * chi->dim), 64.0 * (double)(n * chi->dim * chi->dim) * DBL_EPSILON);
        total += m[k] * chi->dim;
    }
    assert_int_equal(total, n);
    assert_at_most(distance(n, sum, x), 64.0 * (double)(n * table->count) * DBL_EPSILON * size);
    free(x);
    free(y);
    free(z);
    free(sum);
    free(zero);
}

static void isotypic_projections_split_finite_representations(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("isotypic_projections_split_finite_representations");
    fs_group *G;
    for (size_t s = 0; (G = sample(s)) != NULL; s++) {
        fs_irreducibles *table = table_of(G, 0);
        fs_rep *rho = named(G, fs_group_order(G) <= 36 ? "regular" : "natural");
        if (fs_rep_dim(rho) <= 8) rho = joined(fs_rep_create_tensor, fs_rep_retain(rho), rho);
        check_projections(rng, table, rho);
        fs_rep_destroy(rho);
        fs_irreducibles_destroy(table);
        fs_group_destroy(G);
    }
    G = symmetric(4);
    fs_irreducibles *table = table_of(G, 0);
    fs_rep *H = graph_weights(G);
    check_projections(rng, table, H);
    fs_rep_destroy(H);
    fs_irreducibles_destroy(table);
    fs_group_destroy(G);
    gsl_rng_free(rng);
}

/* --- continuous groups --- */

static void assert_contents(const fs_irreducibles *table, const fs_rep *rho, const size_t *expected)
{
    size_t m[MOST];
    assert_true(table->count <= MOST);
    multiplicities(table, rho, m);
    for (size_t k = 0; k < table->count; k++) {
        if (m[k] != expected[k]) print_error("%s in %s\n", table->irreducible[k].name, fs_rep_name(rho));
        assert_int_equal(m[k], expected[k]);
    }
}

/* R^d tensor R^d: planar rotations keep two planes fixed and turn one twice as fast; in space scalars, axial vectors and quadrics. */
static void squares_of_vectors(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("squares_of_vectors");
    static const size_t expected[2][2][10] = { { { 2, 0, 1, 0, 0 }, { 1, 1, 0, 1, 0, 0 } },
                                               { { 1, 1, 1, 0, 0 }, { 1, 0, 0, 1, 1, 0, 0, 0, 0, 0 } } };
    static const char *const names[2][2][5] = { { { "trivial", "rotation:1", "rotation:2", "rotation:3", "rotation:4" },
                                                  { "trivial", "sign", "rotation:1", "rotation:2", "rotation:3" } },
                                                { { "trivial", "harmonic:1", "harmonic:2", "harmonic:3", "harmonic:4" },
                                                  { "trivial", "sign", "harmonic:1", "harmonic:1 x sign", "harmonic:2" } } };
    for (size_t d = 2; d <= 3; d++)
        for (int improper = 0; improper <= 1; improper++) {
            fs_group *G = rotations(d, improper);
            fs_irreducibles *table = table_of(G, 4);
            assert_int_equal(table->largest_degree, 4);
            assert_int_equal(table->count, improper ? (d == 2 ? 6 : 10) : 5);
            for (size_t k = 0; k < 5; k++) assert_string_equal(table->irreducible[k].name, names[d - 2][improper][k]);
            fs_rep *square = joined(fs_rep_create_tensor, named(G, "natural"), named(G, "natural"));
            assert_contents(table, square, expected[d - 2][improper]);
            check_projections(rng, table, square);
            fs_rep_destroy(square);
            fs_irreducibles_destroy(table);
            fs_group_destroy(G);
        }
    gsl_rng_free(rng);
}

/* Each list's names make representations with these characters; dimension, type and indicator as they must be. */
static void continuous_irreducibles_are_the_named_ones(void **state)
{
    (void)state;
    for (size_t d = 2; d <= 3; d++)
        for (int improper = 0; improper <= 1; improper++) {
            fs_group *G = rotations(d, improper);
            fs_irreducibles *table = table_of(G, 6);
            for (size_t k = 0; k < table->count; k++) {
                const fs_irreducible *chi = table->irreducible + k;
                fs_rep *rep;
                fs_err err;
                assert_ok(fs_rep_parse(&rep, G, chi->name, 100, &err), err);
                assert_int_equal(fs_rep_dim(rep), chi->dim);
                assert_int_equal(fs_rep_degree(rep), chi->degree);
                double tolerance = 64.0 * (double)(chi->dim * (chi->degree + 1)) * DBL_EPSILON;
                for (size_t g = 0; g < fs_group_points(G); g++) assert_near(chi->character[g], fs_rep_character(rep, g), tolerance);
                fs_type type = d == 2 && !improper && chi->degree ? FS_TYPE_COMPLEX : FS_TYPE_REAL;
                assert_int_equal(chi->type, type);
                assert_near(chi->indicator, type == FS_TYPE_REAL ? 1.0 : 0.0, 64.0 * (double)(chi->dim * chi->dim) * DBL_EPSILON);
                fs_rep_destroy(rep);
            }
            fs_irreducibles_destroy(table);
            fs_group_destroy(G);
        }
}

/* --- words and refusals --- */

static void types_have_names(void **state)
{
    (void)state;
    assert_string_equal(fs_type_name(FS_TYPE_REAL), "real");
    assert_string_equal(fs_type_name(FS_TYPE_COMPLEX), "complex");
    assert_string_equal(fs_type_name(FS_TYPE_QUATERNIONIC), "quaternionic");
}

static void what_cannot_be_listed_is_refused(void **state)
{
    (void)state;
    fs_irreducibles *table;
    fs_err err;
    fs_group *many = cyclic(1025), *large, *mixed = product(cyclic(2), rotations(2, 0)), *space = rotations(3, 0);
    assert_ok(fs_group_create_symmetric(&large, 8, 10, 1, &err), err);
    assert_fails(fs_irreducibles_create(&table, many, 0, &err), FS_EINPUT, err, "found 1025");
    assert_null(table);
    assert_fails(fs_irreducibles_create(&table, large, 0, &err), FS_EINPUT, err, "S8");
    assert_fails(fs_irreducibles_create(&table, mixed, 2, &err), FS_EINPUT, err, "SO(2)");
    assert_fails(fs_irreducibles_create(&table, space, 9, &err), FS_EINPUT, err, "up to 8");
    fs_irreducibles_destroy(NULL);
    fs_group_destroy(many);
    fs_group_destroy(large);
    fs_group_destroy(mixed);
    fs_group_destroy(space);
}

static void matrices_and_projections_that_do_not_exist_are_refused(void **state)
{
    (void)state;
    fs_err err;
    double *matrix, x[169] = { 0.0 }, y[169];
    fs_group *G = dihedral(600), *space = rotations(3, 0), *other = rotations(3, 0), *S3 = symmetric(3);
    fs_irreducibles *table = table_of(G, 0);
    assert_fails(fs_irreducible_matrices(table, 0, &matrix, &err), FS_EINPUT, err, "1024");
    assert_null(matrix);
    fs_irreducibles_destroy(table);
    table = table_of(S3, 0);
    assert_fails(fs_irreducible_matrices(table, 3, &matrix, &err), FS_EINPUT, err, "one of 3, found 3");
    fs_irreducibles_destroy(table);
    table = table_of(space, 8);
    fs_rep *six = joined(fs_rep_create_tensor, named(space, "harmonic:6"), named(space, "harmonic:6")), *foreign = named(other, "natural");
    assert_fails(fs_irreducible_matrices(table, 0, &matrix, &err), FS_EINPUT, err, "listed elements");
    assert_ok(fs_isotypic_apply(table, 4, six, x, y, &err), err);
    assert_fails(fs_isotypic_apply(table, 5, six, x, y, &err), FS_EINPUT, err, "at most 16, found 12 and 5");
    assert_fails(fs_isotypic_apply(table, 9, six, x, y, &err), FS_EINPUT, err, "one of 9");
    assert_fails(fs_isotypic_apply(table, 0, foreign, x, y, &err), FS_EINPUT, err, "representation of SO3");
    fs_rep_destroy(six);
    fs_rep_destroy(foreign);
    fs_irreducibles_destroy(table);
    fs_group_destroy(G);
    fs_group_destroy(space);
    fs_group_destroy(other);
    fs_group_destroy(S3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dimensions_and_types_of_known_groups),
        cmocka_unit_test(special_linear_group_has_all_three_types),
        cmocka_unit_test(rows_and_columns_are_orthogonal),
        cmocka_unit_test(irreducibles_are_counted_and_ordered),
        cmocka_unit_test(characters_are_exact),
        cmocka_unit_test(roto_translations_of_paper_size),
        cmocka_unit_test(irreducibles_bear_the_names_that_make_them),
        cmocka_unit_test(matrices_are_orthogonal_multiply_and_have_the_character),
        cmocka_unit_test(irreducibles_contain_themselves_once),
        cmocka_unit_test(regular_representation_contains_everything),
        cmocka_unit_test(filters_under_quarter_turns),
        cmocka_unit_test(weights_of_a_network_on_graphs),
        cmocka_unit_test(isotypic_projections_split_finite_representations),
        cmocka_unit_test(squares_of_vectors),
        cmocka_unit_test(continuous_irreducibles_are_the_named_ones),
        cmocka_unit_test(types_have_names),
        cmocka_unit_test(what_cannot_be_listed_is_refused),
        cmocka_unit_test(matrices_and_projections_that_do_not_exist_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
