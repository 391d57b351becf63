/* tests/test_group.c -- laws of finite groups
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "random_rep.h"

/* Identity, inverses, associativity for all triples, Haar measure, and generators that generate. */
static void assert_group(const fs_group *G)
{
    size_t n = fs_group_order(G), count, reached = 1;
    const size_t *generator = fs_group_generators(G, &count);
    double total = 0.0;
    for (size_t g = 0; g < n; g++) {
        assert_int_equal(fs_group_product(G, 0, g), g);
        assert_int_equal(fs_group_product(G, g, 0), g);
        assert_int_equal(fs_group_product(G, g, fs_group_inverse(G, g)), 0);
        assert_int_equal(fs_group_product(G, fs_group_inverse(G, g), g), 0);
        assert_near(fs_group_haar(G)[g], 1.0 / (double)n, 0.0);
        total += fs_group_haar(G)[g];
        for (size_t h = 0; h < n; h++)
            for (size_t k = 0; k < n; k++)
                assert_int_equal(fs_group_product(G, fs_group_product(G, g, h), k),
                                 fs_group_product(G, g, fs_group_product(G, h, k)));
    }
    assert_near(total, 1.0, (double)n * DBL_EPSILON);
    unsigned char *seen = fs_calloc(n, 1);
    assert_non_null(seen);
    seen[0] = 1;
    for (size_t sweep = 0; sweep < n; sweep++)
        for (size_t g = 0; g < n; g++)
            for (size_t k = 0; seen[g] && k < count; k++) {
                size_t x = fs_group_product(G, g, generator[k]);
                reached += !seen[x];
                seen[x] = 1;
            }
    free(seen);
    assert_int_equal(reached, n);
    assert_true(((size_t)1 << count) <= n);     /* a generating set without waste */
}

static void random_groups_are_groups(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("random_groups_are_groups");
    for (int trial = 0; trial < 60; trial++) {
        fs_group *G = random_group(rng);
        assert_group(G);
        fs_group_destroy(G);
    }
    gsl_rng_free(rng);
}

static void cyclic_elements_add(void **state)
{
    (void)state;
    static const size_t sizes[] = { 1, 2, 3, 4, 7, 12 };
    fs_err err;
    for (size_t t = 0; t < sizeof sizes / sizeof sizes[0]; t++) {
        size_t n = sizes[t], count;
        fs_group *G;
        assert_ok(fs_group_create_cyclic(&G, n, &err), err);
        assert_int_equal(fs_group_order(G), n);
        assert_int_equal(fs_group_family(G), FS_FAMILY_CYCLIC);
        for (size_t k = 0; k < n; k++)
            for (size_t l = 0; l < n; l++) assert_int_equal(fs_group_product(G, k, l), (k + l) % n);
        fs_group_generators(G, &count);
        assert_int_equal(count, n > 1);
        fs_group_destroy(G);
    }
}

static void dihedral_elements_multiply_as_named(void **state)
{
    (void)state;
    fs_err err;
    for (size_t n = 1; n <= 6; n++) {
        fs_group *G;
        assert_ok(fs_group_create_dihedral(&G, n, &err), err);
        assert_int_equal(fs_group_order(G), 2 * n);
        assert_group(G);
        size_t r = 1 % n, s = n;
        assert_int_equal(fs_group_product(G, s, s), 0);
        assert_int_equal(fs_group_product(G, fs_group_product(G, s, r), s), fs_group_inverse(G, r));
        size_t power = 0;
        for (size_t k = 0; k < n; k++) {
            assert_int_equal(power, k);
            assert_int_equal(fs_group_product(G, power, s), n + k);
            power = fs_group_product(G, power, r);
        }
        assert_int_equal(power, 0);
        if (n >= 3) assert_true(fs_group_product(G, r, s) != fs_group_product(G, s, r));
        fs_group_destroy(G);
    }
}

static void product_elements_multiply_by_factor(void **state)
{
    (void)state;
    fs_err err;
    fs_group *D3, *C2, *P;
    assert_ok(fs_group_create_dihedral(&D3, 3, &err), err);
    assert_ok(fs_group_create_cyclic(&C2, 2, &err), err);
    assert_ok(fs_group_create_product(&P, D3, C2, &err), err);
    assert_string_equal(fs_group_name(P), "D3xC2");
    assert_int_equal(fs_group_family(P), FS_FAMILY_TABLE);
    for (size_t g = 0; g < 6; g++)
        for (size_t h = 0; h < 6; h++)
            for (size_t a = 0; a < 2; a++)
                for (size_t b = 0; b < 2; b++)
                    assert_int_equal(fs_group_product(P, g * 2 + a, h * 2 + b),
                                     fs_group_product(D3, g, h) * 2 + fs_group_product(C2, a, b));
    fs_group_destroy(D3);
    fs_group_destroy(C2);
    assert_group(P);        /* its factors are gone */
    fs_group_destroy(P);
}

/* The naive check of every axiom on a table of order n. */
static int naive_is_group(size_t n, const size_t *t)
{
    for (size_t g = 0; g < n; g++) {
        size_t h = 0;
        if (t[g] != g || t[g * n] != g) return 0;
        while (h < n && (t[g * n + h] != 0 || t[h * n + g] != 0)) h++;
        if (h == n) return 0;
    }
    for (size_t g = 0; g < n; g++)
        for (size_t h = 0; h < n; h++)
            for (size_t k = 0; k < n; k++)
                if (t[t[g * n + h] * n + k] != t[g * n + t[h * n + k]]) return 0;
    return 1;
}

/* Spoil tables by one entry, by exchanging two entries of a row, or keep them: same verdict as all triples. */
static void tables_are_judged_as_by_all_triples(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("tables_are_judged_as_by_all_triples");
    int accepted = 0, refused = 0;
    for (int trial = 0; trial < 400; trial++) {
        fs_group *G = random_group(rng), *again = NULL;
        size_t n = fs_group_order(G), *table = relabelled_table(rng, G);
        fs_err err = { FS_OK, "" };
        size_t row = below(rng, n), a = below(rng, n), b = below(rng, n), kind = below(rng, 3);
        if (kind == 0) table[row * n + a] = b;
        if (kind == 1) {
            size_t swap = table[row * n + a];
            table[row * n + a] = table[row * n + b];
            table[row * n + b] = swap;
        }
        int expected = naive_is_group(n, table);
        fs_status status = fs_group_create_table(&again, "trial", n, table, &err);
        assert_int_equal(status, expected ? FS_OK : FS_EGROUP);
        assert_true(expected ? again != NULL : again == NULL && strlen(err.text) > 0);
        accepted += expected;
        refused += !expected;
        fs_group_destroy(again);
        fs_group_destroy(G);
        free(table);
    }
    assert_true(accepted > 50 && refused > 50);
    gsl_rng_free(rng);
}

static void what_is_not_a_group_is_named(void **state)
{
    (void)state;
    fs_group *G;
    fs_err err;
    const size_t outside[] = { 0, 1, 1, 2 }, moved[] = { 1, 0, 0, 1 }, right[] = { 0, 1, 0, 0 }, absorbing[] = { 0, 1, 1, 1 };
    /* Latin square with identity 0 and two-sided inverses (all of order two), order 5: no group. */
    const size_t loop[] = { 0, 1, 2, 3, 4,  1, 0, 3, 4, 2,  2, 4, 0, 1, 3,  3, 2, 4, 0, 1,  4, 3, 1, 2, 0 };
    assert_fails(fs_group_create_table(&G, "t", 2, outside, &err), FS_EGROUP, err, "1 * 1");
    assert_null(G);
    assert_fails(fs_group_create_table(&G, "t", 2, moved, &err), FS_EGROUP, err, "found 0 * 0 = 1");
    assert_fails(fs_group_create_table(&G, "t", 2, right, &err), FS_EGROUP, err, "found 1 * 0 = 0");
    assert_fails(fs_group_create_table(&G, NULL, 2, absorbing, &err), FS_EGROUP, err, "inverse of element 1");
    assert_false(naive_is_group(5, loop));
    assert_fails(fs_group_create_table(&G, "loop", 5, loop, &err), FS_EGROUP, err, "group loop: expected (");
    size_t x, s, y;
    assert_int_equal(sscanf(strchr(err.text, '('), "(%zu %zu) %zu", &x, &s, &y), 3);
    assert_true(loop[loop[x * 5 + s] * 5 + y] != loop[x * 5 + loop[s * 5 + y]]);      /* the named triple does offend */
}

static void impossible_orders_are_refused(void **state)
{
    (void)state;
    fs_group *G, *big, *product;
    fs_err err;
    assert_fails(fs_group_create_cyclic(&G, 0, &err), FS_EINPUT, err, "found 0");
    assert_fails(fs_group_create_dihedral(&G, 0, &err), FS_EINPUT, err, "found 0");
    assert_fails(fs_group_create_cyclic(&G, SIZE_MAX, &err), FS_EINPUT, err, "18446744073709551615");
    assert_fails(fs_group_create_dihedral(&G, SIZE_MAX / 2 + 2, &err), FS_EINPUT, err, "expected n from 1");
    assert_fails(fs_group_create_table(&G, "none", 0, NULL, &err), FS_EINPUT, err, "group none");
    assert_ok(fs_group_create_cyclic(&big, 200, &err), err);
    assert_fails(fs_group_create_product(&product, big, big, &err), FS_EINPUT, err, "found 40000");
    assert_int_equal(fs_group_create_cyclic(&G, 0, NULL), FS_EINPUT);
    fs_group_destroy(big);
    fs_group_destroy(NULL);
}

/* Translations of a 28 x 28 torus. */
static void order_784_is_no_trouble(void **state)
{
    (void)state;
    fs_err err;
    size_t count;
    fs_group *C, *T;
    assert_ok(fs_group_create_cyclic(&C, 28, &err), err);
    assert_ok(fs_group_create_product(&T, C, C, &err), err);
    assert_int_equal(fs_group_order(T), 784);
    fs_group_generators(T, &count);
    assert_int_equal(count, 2);
    assert_int_equal(fs_group_product(T, 27 * 28 + 27, 1 * 28 + 2), 0 * 28 + 1);
    fs_group_destroy(C);
    fs_group_destroy(T);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_groups_are_groups),
        cmocka_unit_test(cyclic_elements_add),
        cmocka_unit_test(dihedral_elements_multiply_as_named),
        cmocka_unit_test(product_elements_multiply_by_factor),
        cmocka_unit_test(tables_are_judged_as_by_all_triples),
        cmocka_unit_test(what_is_not_a_group_is_named),
        cmocka_unit_test(impossible_orders_are_refused),
        cmocka_unit_test(order_784_is_no_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
