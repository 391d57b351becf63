/* tests/test_rep.c -- laws of orthogonal representations and of the Reynolds operator
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "random_rep.h"

enum { TRIALS = 60, ROOM = 48 };

static void matrix_vector(size_t n, const double *M, const double *x, double *y)
{
    for (size_t i = 0; i < n; i++) y[i] = dot(n, M + i * n, x);
}

/* ---- every tree against its matrices ---- */

static void assert_tree_is_its_matrices(gsl_rng *rng, const twin *t)
{
    size_t n = t->n, room = fs_rep_column_room(t->rep), *row = fs_calloc(room, sizeof *row);
    double *x = gaussians(rng, n), *y = reals(n), *z = reals(n), *value = reals(room), tol = tree_tolerance(n);
    assert_non_null(row);
    assert_int_equal(fs_rep_dim(t->rep), n);
    for (size_t g = 0; g < t->order; g++) {
        const double *M = t->M + g * n * n;
        double trace = 0.0;
        assert_int_equal(fs_rep_apply(t->rep, g, x, y), FS_OK);
        matrix_vector(n, M, x, z);
        assert_at_most(max_difference(n, y, z), tol * norm2(n, x));
        for (size_t j = 0; j < n; j++) {
            size_t count = fs_rep_column(t->rep, g, j, row, value);
            trace += M[j * n + j];
            assert_true(count <= room);
            for (size_t i = 0; i < n; i++) y[i] = M[i * n + j];
            for (size_t e = 0; e < count; e++) y[row[e]] -= value[e];
            memset(z, 0, n * sizeof *z);
            assert_at_most(max_difference(n, y, z), tol);
            if (fs_rep_is_monomial(t->rep)) {
                int sign;
                size_t i = fs_rep_image_of_basis(t->rep, g, j, &sign);
                assert_near(M[i * n + j], sign, 0.0);
            }
        }
        assert_near(fs_rep_character(t->rep, g), trace, tol * (double)n);
    }
    free(row);
    free(x);
    free(y);
    free(z);
    free(value);
}

/* rho(0) = 1, rho(g) rho(h) = rho(g h) for all pairs, <rho x, rho y> = <x, y>. */
static void assert_homomorphism(gsl_rng *rng, const twin *t)
{
    size_t n = t->n;
    const fs_group *G = fs_rep_group(t->rep);
    double *x = gaussians(rng, n), *hx = reals(n), *ghx = reals(n), *z = reals(n), tol = tree_tolerance(n) * norm2(n, x);
    fs_rep_apply(t->rep, 0, x, z);
    assert_at_most(max_difference(n, z, x), tol);
    for (size_t h = 0; h < t->order; h++) {
        fs_rep_apply(t->rep, h, x, hx);
        assert_near(norm2(n, hx), norm2(n, x), tol);
        for (size_t g = 0; g < t->order; g++) {
            fs_rep_apply(t->rep, g, hx, ghx);
            fs_rep_apply(t->rep, fs_group_product(G, g, h), x, z);
            assert_at_most(max_difference(n, ghx, z), tol);
            fs_rep_apply(t->rep, g, x, z);
            assert_near(dot(n, ghx, z), dot(n, hx, x), tol * norm2(n, x));
        }
        fs_rep_apply(t->rep, fs_group_inverse(G, h), hx, z);
        assert_at_most(max_difference(n, z, x), tol);
    }
    assert_at_most(fs_rep_homomorphism_defect(t->rep), tree_tolerance(n));
    assert_at_most(fs_rep_orthogonality_defect(t->rep), tree_tolerance(n));
    free(x);
    free(hx);
    free(ghx);
    free(z);
}

static void trees_act_as_their_matrices(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("trees_act_as_their_matrices");
    int monomial = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
        fs_group *G = random_group(rng);
        twin t = random_tree(rng, G, trial % 2, below(rng, 4), ROOM);
        assert_tree_is_its_matrices(rng, &t);
        monomial += fs_rep_is_monomial(t.rep);
        twin_free(&t);
        fs_group_destroy(G);
    }
    assert_true(monomial >= TRIALS / 2 && monomial < TRIALS);
    gsl_rng_free(rng);
}

static void trees_are_orthogonal_homomorphisms(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("trees_are_orthogonal_homomorphisms");
    for (int trial = 0; trial < TRIALS; trial++) {
        fs_group *G = random_group(rng);
        twin t = random_tree(rng, G, trial % 2, below(rng, 4), ROOM);
        assert_homomorphism(rng, &t);
        twin_free(&t);
        fs_group_destroy(G);
    }
    gsl_rng_free(rng);
}

/* Sums inside tensor products inside sums, mixed leaves on every level. */
static void deep_mixed_trees_act_as_their_matrices(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("deep_mixed_trees_act_as_their_matrices");
    fs_group *G;
    fs_err err;
    assert_ok(fs_group_create_dihedral(&G, 2, &err), err);
    for (int trial = 0; trial < 20; trial++) {
        twin a = combined(1, random_dense_leaf(rng, G), random_monomial_leaf(rng, G));
        twin b = combined(0, random_monomial_leaf(rng, G), a);
        twin c = combined(1, b, random_monomial_leaf(rng, G));
        twin d = combined(0, c, random_dense_leaf(rng, G));
        assert_tree_is_its_matrices(rng, &d);
        assert_homomorphism(rng, &d);
        twin_free(&d);
    }
    fs_group_destroy(G);
    gsl_rng_free(rng);
}

static void three_factors_run_with_the_last_fastest(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("three_factors_run_with_the_last_fastest");
    fs_err err;
    for (int dense = 0; dense < 2; dense++) {
        fs_group *G;
        assert_ok(fs_group_create_cyclic(&G, 4, &err), err);
        twin a = random_monomial_leaf(rng, G), b = dense ? random_dense_leaf(rng, G) : random_monomial_leaf(rng, G);
        twin c = random_monomial_leaf(rng, G);
        fs_rep *factor[3] = { a.rep, b.rep, c.rep }, *flat;
        assert_ok(fs_rep_create_tensor(&flat, 3, factor, &err), err);
        twin nested = combined(0, combined(0, a, b), c);
        fs_rep_destroy(nested.rep);
        nested.rep = flat;
        assert_tree_is_its_matrices(rng, &nested);
        twin_free(&nested);
        fs_group_destroy(G);
    }
    gsl_rng_free(rng);
}

/* Three factors inside three factors: every level of the scratch is in use at once. */
static void nested_products_of_dense_factors_keep_apart(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("nested_products_of_dense_factors_keep_apart");
    fs_group *G;
    fs_err err;
    assert_ok(fs_group_create_cyclic(&G, 3, &err), err);
    for (int trial = 0; trial < 10; trial++) {
        twin leaf[5];
        for (size_t k = 0; k < 5; k++) leaf[k] = k % 2 ? random_dense_leaf(rng, G) : random_monomial_leaf(rng, G);
        fs_rep *inner, *outer;
        assert_ok(fs_rep_create_tensor(&inner, 3, (fs_rep *[]){ leaf[1].rep, leaf[2].rep, leaf[3].rep }, &err), err);
        assert_ok(fs_rep_create_tensor(&outer, 3, (fs_rep *[]){ leaf[0].rep, inner, leaf[4].rep }, &err), err);
        fs_rep_destroy(inner);
        twin all = leaf[0];
        for (size_t k = 1; k < 5; k++) all = combined(0, all, leaf[k]);
        fs_rep_destroy(all.rep);
        all.rep = outer;
        assert_tree_is_its_matrices(rng, &all);
        twin_free(&all);
    }
    fs_group_destroy(G);
    gsl_rng_free(rng);
}

/* (g . A) = rho_V(g) A rho_U(g)^-1, A row-major (v, u). */
static void tensor_product_is_the_action_on_matrices(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("tensor_product_is_the_action_on_matrices");
    for (int trial = 0; trial < 20; trial++) {
        fs_group *G = random_group(rng);
        twin v = random_monomial_leaf(rng, G), u = random_dense_leaf(rng, G);
        size_t nv = v.n, nu = u.n;
        fs_rep *factor[2] = { v.rep, u.rep }, *hom;
        fs_err err;
        double *A = gaussians(rng, nv * nu), *gA = reals(nv * nu), *x = gaussians(rng, nu), *y = reals(nu), *Ax = reals(nv);
        double *z = reals(nv), *gAx = reals(nv);
        assert_ok(fs_rep_create_tensor(&hom, 2, factor, &err), err);
        for (size_t g = 0; g < v.order; g++) {
            fs_rep_apply(hom, g, A, gA);
            fs_rep_apply(u.rep, g, x, y);                            /* (g . A)(g x) = g (A x) */
            for (size_t i = 0; i < nv; i++) {
                Ax[i] = dot(nu, A + i * nu, x);
                z[i] = dot(nu, gA + i * nu, y);
            }
            fs_rep_apply(v.rep, g, Ax, gAx);
            assert_at_most(max_difference(nv, z, gAx), tree_tolerance(nu) * norm2(nv * nu, A) * norm2(nu, x));
        }
        fs_rep_destroy(hom);
        twin_free(&v);
        twin_free(&u);
        free(A);
        free(gA);
        free(x);
        free(y);
        free(Ax);
        free(z);
        free(gAx);
        fs_group_destroy(G);
    }
    gsl_rng_free(rng);
}

/* ---- Reynolds operator ---- */

static void reynolds_is_an_orthogonal_projection_onto_invariants(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("reynolds_is_an_orthogonal_projection_onto_invariants");
    for (int trial = 0; trial < TRIALS; trial++) {
        fs_group *G = random_group(rng);
        twin t = random_tree(rng, G, trial % 2, below(rng, 3), ROOM);
        size_t n = t.n;
        double *x = gaussians(rng, n), *y = gaussians(rng, n), *Px = reals(n), *Py = reals(n), *z = reals(n);
        double tol = tree_tolerance(n) * norm2(n, x), trace = 0.0;
        fs_err err;
        assert_ok(fs_reynolds_apply(t.rep, NULL, x, Px, &err), err);
        assert_ok(fs_reynolds_apply(t.rep, NULL, y, Py, &err), err);
        assert_near(dot(n, Px, y), dot(n, x, Py), tol * norm2(n, y));
        assert_ok(fs_reynolds_apply(t.rep, NULL, Px, z, &err), err);
        assert_at_most(max_difference(n, z, Px), tol);
        for (size_t g = 0; g < t.order; g++) {
            fs_rep_apply(t.rep, g, Px, z);                           /* what comes out is invariant */
            assert_at_most(max_difference(n, z, Px), tol);
            fs_rep_apply(t.rep, g, x, y);
            assert_ok(fs_reynolds_apply(t.rep, NULL, y, z, &err), err);
            assert_at_most(max_difference(n, z, Px), tol);           /* P rho(g) = P */
        }
        for (size_t j = 0; j < n; j++) {                             /* rank = trace = dim of the invariants */
            memset(x, 0, n * sizeof *x);
            x[j] = 1.0;
            assert_ok(fs_reynolds_apply(t.rep, NULL, x, z, &err), err);
            trace += z[j];
        }
        double dim = fs_rep_invariant_dim(t.rep);
        assert_near(dim, trace, tree_tolerance(n) * (double)n);
        assert_near(dim, round(dim), tree_tolerance(n) * (double)n);
        free(x);
        free(y);
        free(Px);
        free(Py);
        free(z);
        twin_free(&t);
        fs_group_destroy(G);
    }
    gsl_rng_free(rng);
}

static void reynolds_averages_with_the_given_measure(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("reynolds_averages_with_the_given_measure");
    for (int trial = 0; trial < 20; trial++) {
        fs_group *G = random_group(rng);
        twin t = random_tree(rng, G, trial % 2, 1, ROOM);
        size_t n = t.n;
        double *x = gaussians(rng, n), *y = reals(n), *z = reals(n), *gx = reals(n), *measure = gaussians(rng, t.order);
        fs_err err;
        for (size_t g = 0; g < t.order; g++) {
            matrix_vector(n, t.M + g * n * n, x, gx);
            for (size_t i = 0; i < n; i++) z[i] += measure[g] * gx[i];
        }
        assert_ok(fs_reynolds_apply(t.rep, measure, x, y, &err), err);
        assert_at_most(max_difference(n, y, z), tree_tolerance(n) * norm2(n, x) * norm2(t.order, measure) * (double)t.order);
        free(x);
        free(y);
        free(z);
        free(gx);
        free(measure);
        twin_free(&t);
        fs_group_destroy(G);
    }
    gsl_rng_free(rng);
}

/* ---- pictures ---- */

static void assert_moves(const fs_rep *rep, size_t g, const double *x, const double *expected)
{
    double y[16];
    assert_true(fs_rep_dim(rep) <= 16);
    assert_int_equal(fs_rep_apply(rep, g, x, y), FS_OK);
    assert_near(max_difference(fs_rep_dim(rep), y, expected), 0.0, 0.0);
}

/* numpy.rot90([[1, 2, 3], [4, 5, 6], [7, 8, 9]], k), written out. */
static void quarter_turns_are_counter_clockwise(void **state)
{
    (void)state;
    static const double x[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
    static const double once[] = { 3, 6, 9, 2, 5, 8, 1, 4, 7 }, twice[] = { 9, 8, 7, 6, 5, 4, 3, 2, 1 };
    static const double thrice[] = { 7, 4, 1, 8, 5, 2, 9, 6, 3 };
    fs_group *G;
    fs_rep *rep;
    fs_err err;
    assert_ok(fs_group_create_cyclic(&G, 4, &err), err);
    assert_ok(fs_rep_create_image(&rep, G, 3, 3, &err), err);
    assert_string_equal(fs_rep_name(rep), "image 3x3");
    assert_moves(rep, 0, x, x);
    assert_moves(rep, 1, x, once);
    assert_moves(rep, 2, x, twice);
    assert_moves(rep, 3, x, thrice);
    fs_rep_destroy(rep);
    assert_ok(fs_rep_create_image(&rep, G, 2, 2, &err), err);
    assert_moves(rep, 1, (double[]){ 1, 2, 3, 4 }, (double[]){ 2, 4, 1, 3 });
    fs_rep_destroy(rep);
    fs_group_destroy(G);
}

static void half_turns_and_flips_keep_any_grid(void **state)
{
    (void)state;
    static const double x[] = { 1, 2, 3, 4, 5, 6 };     /* [[1, 2, 3], [4, 5, 6]] */
    static const double half[] = { 6, 5, 4, 3, 2, 1 }, flip[] = { 3, 2, 1, 6, 5, 4 }, both[] = { 4, 5, 6, 1, 2, 3 };
    fs_group *C1, *C2, *D1, *D2;
    fs_rep *rep;
    fs_err err;
    assert_ok(fs_group_create_cyclic(&C1, 1, &err), err);
    assert_ok(fs_group_create_cyclic(&C2, 2, &err), err);
    assert_ok(fs_group_create_dihedral(&D1, 1, &err), err);
    assert_ok(fs_group_create_dihedral(&D2, 2, &err), err);
    assert_ok(fs_rep_create_image(&rep, C1, 2, 3, &err), err);
    assert_moves(rep, 0, x, x);
    fs_rep_destroy(rep);
    assert_ok(fs_rep_create_image(&rep, C2, 2, 3, &err), err);
    assert_moves(rep, 1, x, half);
    fs_rep_destroy(rep);
    assert_ok(fs_rep_create_image(&rep, D1, 2, 3, &err), err);
    assert_moves(rep, 1, x, flip);
    fs_rep_destroy(rep);
    assert_ok(fs_rep_create_image(&rep, D2, 2, 3, &err), err);
    assert_moves(rep, 1, x, half);
    assert_moves(rep, 2, x, flip);
    assert_moves(rep, 3, x, both);
    fs_rep_destroy(rep);
    fs_group_destroy(C1);
    fs_group_destroy(C2);
    fs_group_destroy(D1);
    fs_group_destroy(D2);
}

/* Element 4 + k of D4 is r^k s: flip left-right first, then turn. */
static void d4_flips_before_it_turns(void **state)
{
    (void)state;
    static const double x[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
    static const double s[] = { 3, 2, 1, 6, 5, 4, 9, 8, 7 };
    static const double rs[] = { 1, 4, 7, 2, 5, 8, 3, 6, 9 };       /* the transpose */
    static const double rrrs[] = { 9, 6, 3, 8, 5, 2, 7, 4, 1 };     /* the anti-transpose */
    fs_group *G;
    fs_rep *rep;
    fs_err err;
    assert_ok(fs_group_create_dihedral(&G, 4, &err), err);
    assert_ok(fs_rep_create_image(&rep, G, 3, 3, &err), err);
    assert_moves(rep, 4, x, s);
    assert_moves(rep, 5, x, rs);
    assert_moves(rep, 7, x, rrrs);
    fs_rep_destroy(rep);
    fs_group_destroy(G);
}

/* The vector from the centre to a bright pixel turns by the plane representation. */
static void rotation_turns_the_directions_of_a_picture(void **state)
{
    (void)state;
    fs_group *G;
    fs_rep *image, *plane;
    fs_err err;
    assert_ok(fs_group_create_dihedral(&G, 4, &err), err);
    assert_ok(fs_rep_create_image(&image, G, 3, 3, &err), err);
    assert_ok(fs_rep_create_named(&plane, G, "rotation", &err), err);
    assert_true(fs_rep_is_monomial(plane));
    for (size_t g = 0; g < 8; g++)
        for (size_t j = 0; j < 9; j++) {
            double v[2] = { (double)(j % 3) - 1.0, 1.0 - (double)(j / 3) }, moved[2];      /* (right, up) */
            int sign;
            size_t i = fs_rep_image_of_basis(image, g, j, &sign);
            fs_rep_apply(plane, g, v, moved);
            assert_near(moved[0], (double)(i % 3) - 1.0, 0.0);
            assert_near(moved[1], 1.0 - (double)(i / 3), 0.0);
        }
    fs_rep_destroy(image);
    fs_rep_destroy(plane);
    fs_group_destroy(G);
}

/* ---- named representations ---- */

static fs_rep *named(const fs_group *G, const char *name)
{
    fs_rep *rep;
    fs_err err;
    assert_ok(fs_rep_create_named(&rep, G, name, &err), err);
    return rep;
}

/* chi against the textbook; <chi, chi> = number of equal real irreducibles, 2 for the complex type. */
static void named_characters_are_the_textbook_ones(void **state)
{
    (void)state;
    fs_err err;
    for (size_t n = 1; n <= 9; n++)
        for (int dihedral = 0; dihedral < 2; dihedral++) {
            fs_group *G;
            assert_ok(dihedral ? fs_group_create_dihedral(&G, n, &err) : fs_group_create_cyclic(&G, n, &err), err);
            size_t order = fs_group_order(G);
            fs_rep *regular = named(G, "regular"), *trivial = named(G, "trivial"), *natural = named(G, "natural");
            fs_rep *sign = dihedral || n % 2 == 0 ? named(G, "sign") : NULL, *rotation = n >= 3 ? named(G, "rotation") : NULL;
            double square = 0.0;
            for (size_t g = 0; g < order; g++) {
                size_t k = g % n;
                double turn = g < n ? 2.0 * cos(2.0 * M_PI * (double)k / (double)n) : 0.0;
                assert_near(fs_rep_character(regular, g), g == 0 ? (double)order : 0.0, 0.0);
                assert_near(fs_rep_character(trivial, g), 1.0, 0.0);
                if (g < n) assert_near(fs_rep_character(natural, g), k == 0 ? (double)n : 0.0, 0.0);
                if (sign) assert_near(fs_rep_character(sign, g), (dihedral ? g >= n : k % 2 == 1) ? -1.0 : 1.0, 0.0);
                if (rotation) assert_near(fs_rep_character(rotation, g), turn, 8.0 * DBL_EPSILON);
                if (rotation) square += pow(fs_rep_character(rotation, g), 2.0) / (double)order;
            }
            if (rotation) assert_near(square, dihedral ? 1.0 : 2.0, 64.0 * DBL_EPSILON);
            assert_near(fs_rep_invariant_dim(natural), 1.0, 8.0 * DBL_EPSILON);
            assert_near(fs_rep_invariant_dim(regular), 1.0, 8.0 * DBL_EPSILON);
            assert_int_equal(fs_rep_dim(natural), n);
            fs_rep_destroy(regular);
            fs_rep_destroy(trivial);
            fs_rep_destroy(natural);
            fs_rep_destroy(sign);
            fs_rep_destroy(rotation);
            fs_group_destroy(G);
        }
}

static void frequencies_are_different_irreducibles(void **state)
{
    (void)state;
    fs_group *G;
    fs_err err;
    assert_ok(fs_group_create_dihedral(&G, 8, &err), err);
    fs_rep *one = named(G, "rotation:1"), *two = named(G, "rotation:2"), *three = named(G, "rotation:3");
    const fs_rep *rep[3] = { one, two, three };
    for (size_t a = 0; a < 3; a++)
        for (size_t b = 0; b < 3; b++) {
            double inner = 0.0;
            for (size_t g = 0; g < 16; g++) inner += fs_rep_character(rep[a], g) * fs_rep_character(rep[b], g) / 16.0;
            assert_near(inner, a == b, 64.0 * DBL_EPSILON);
        }
    assert_false(fs_rep_is_monomial(one));
    assert_true(fs_rep_is_monomial(two));          /* quarter turns are exact */
    assert_string_equal(fs_rep_name(three), "rotation:3");
    assert_at_most(fs_rep_homomorphism_defect(one), 8.0 * DBL_EPSILON);
    fs_rep_destroy(one);
    fs_rep_destroy(two);
    fs_rep_destroy(three);
    fs_group_destroy(G);
}

static void regular_moves_e_h_to_e_gh(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("regular_moves_e_h_to_e_gh");
    for (int trial = 0; trial < 20; trial++) {
        fs_group *G = random_group(rng);
        fs_rep *rep = named(G, "regular");
        for (size_t g = 0; g < fs_group_order(G); g++)
            for (size_t h = 0; h < fs_group_order(G); h++) {
                int sign;
                assert_int_equal(fs_rep_image_of_basis(rep, g, h, &sign), fs_group_product(G, g, h));
                assert_int_equal(sign, 1);
            }
        fs_rep_destroy(rep);
        fs_group_destroy(G);
    }
    gsl_rng_free(rng);
}

static void names_say_how_a_tree_was_made(void **state)
{
    (void)state;
    fs_group *G;
    fs_rep *four, *image, *tensor, *sum, *twice, *two, *mixed, *deep;
    fs_err err;
    assert_ok(fs_group_create_cyclic(&G, 4, &err), err);
    fs_rep *regular = named(G, "regular");
    assert_ok(fs_rep_create_trivial(&four, G, 4, &err), err);
    assert_ok(fs_rep_create_image(&image, G, 8, 8, &err), err);
    assert_ok(fs_rep_create_tensor(&tensor, 2, (fs_rep *[]){ four, image }, &err), err);
    assert_ok(fs_rep_create_sum(&two, 2, (fs_rep *[]){ regular, regular }, &err), err);
    assert_ok(fs_rep_create_sum(&sum, 2, (fs_rep *[]){ tensor, regular }, &err), err);
    assert_ok(fs_rep_create_sum(&twice, 3, (fs_rep *[]){ four, four, tensor }, &err), err);
    assert_ok(fs_rep_create_tensor(&mixed, 3, (fs_rep *[]){ four, two, tensor }, &err), err);
    assert_ok(fs_rep_create_sum(&deep, 2, (fs_rep *[]){ sum, sum }, &err), err);
    assert_string_equal(fs_rep_name(four), "4 trivial");
    assert_string_equal(fs_rep_name(tensor), "4 trivial x image 8x8");
    assert_string_equal(fs_rep_name(two), "2 regular");
    assert_string_equal(fs_rep_name(sum), "(4 trivial x image 8x8) + regular");
    assert_string_equal(fs_rep_name(twice), "2 (4 trivial) + (4 trivial x image 8x8)");
    assert_string_equal(fs_rep_name(mixed), "4 trivial x (2 regular) x 4 trivial x image 8x8");
    assert_string_equal(fs_rep_name(deep), "2 ((4 trivial x image 8x8) + regular)");
    /* The parts may go before the tree. */
    fs_rep_destroy(four);
    fs_rep_destroy(image);
    fs_rep_destroy(regular);
    fs_rep_destroy(tensor);
    fs_rep_destroy(sum);
    fs_rep_destroy(two);
    fs_rep_destroy(twice);
    assert_int_equal(fs_rep_dim(mixed), 4 * 8 * 256);
    assert_int_equal(fs_rep_dim(deep), 2 * 260);
    assert_near(fs_rep_character(deep, 0), 520.0, 0.0);
    fs_rep_destroy(mixed);
    fs_rep *again = fs_rep_retain(deep);
    fs_rep_destroy(deep);
    assert_int_equal(fs_rep_dim(again), 520);
    fs_rep_destroy(again);
    fs_rep_destroy(NULL);
    fs_group_destroy(G);
}

static void signs_that_cancel_make_a_permutation(void **state)
{
    (void)state;
    fs_group *G;
    fs_rep *square, *both, *plus;
    fs_err err;
    assert_ok(fs_group_create_dihedral(&G, 4, &err), err);
    fs_rep *sign = named(G, "sign"), *regular = named(G, "regular"), *rotation = named(G, "rotation:1");
    assert_false(fs_rep_is_permutation(sign));
    assert_true(fs_rep_is_monomial(sign));
    assert_true(fs_rep_is_permutation(regular));
    assert_false(fs_rep_is_permutation(rotation));
    assert_ok(fs_rep_create_tensor(&square, 2, (fs_rep *[]){ sign, sign }, &err), err);
    assert_ok(fs_rep_create_tensor(&both, 2, (fs_rep *[]){ sign, regular }, &err), err);
    assert_true(fs_rep_is_permutation(square));
    assert_false(fs_rep_is_permutation(both));
    /* signs given, but all +1 */
    uint32_t perm[8] = { 0 };
    int8_t ones[8] = { 1, 1, 1, 1, 1, 1, 1, 1 };
    assert_ok(fs_rep_create_signed_permutation(&plus, G, 1, perm, ones, &err), err);
    assert_true(fs_rep_is_permutation(plus));
    fs_rep_destroy(sign);
    fs_rep_destroy(regular);
    fs_rep_destroy(rotation);
    fs_rep_destroy(square);
    fs_rep_destroy(both);
    fs_rep_destroy(plus);
    fs_group_destroy(G);
}

/* ---- errors ---- */

static void wrong_signed_permutations_are_named(void **state)
{
    (void)state;
    fs_group *C3, *C2;
    fs_rep *rep;
    fs_err err;
    assert_ok(fs_group_create_cyclic(&C3, 3, &err), err);
    assert_ok(fs_group_create_cyclic(&C2, 2, &err), err);
    const uint32_t outside[] = { 0, 1, 1, 2 }, twice[] = { 0, 1, 1, 1 }, moved[] = { 1, 0, 0, 1 }, swap[] = { 0, 1, 1, 0 };
    const uint32_t three[] = { 0, 1, 2, 1, 2, 0, 1, 2, 0 };
    const int8_t zero[] = { 1, 1, 1, 0 }, quarter[] = { 1, 1, 1, -1 }, minus[] = { -1, 1, 1, 1 };
    assert_fails(fs_rep_create_signed_permutation(&rep, C2, 2, outside, NULL, &err), FS_ENOTREP, err,
                 "rho(1) e_1: expected an index from 0 to 1, found 2");
    assert_null(rep);
    assert_fails(fs_rep_create_signed_permutation(&rep, C2, 2, twice, NULL, &err), FS_ENOTREP, err, "found index 1 twice");
    assert_fails(fs_rep_create_signed_permutation(&rep, C2, 2, swap, zero, &err), FS_ENOTREP, err, "found 0");
    assert_fails(fs_rep_create_signed_permutation(&rep, C2, 2, moved, NULL, &err), FS_ENOTREP, err,
                 "rho(0): expected the identity");
    assert_fails(fs_rep_create_signed_permutation(&rep, C2, 2, swap, minus, &err), FS_ENOTREP, err, "e_0 -> -e_0");
    assert_fails(fs_rep_create_signed_permutation(&rep, C2, 2, swap, quarter, &err), FS_ENOTREP, err,
                 "rho(1) rho(1) - rho(0) = 2.0e+00");
    assert_fails(fs_rep_create_signed_permutation(&rep, C3, 3, three, NULL, &err), FS_ENOTREP, err,
                 "rho(1) rho(1) - rho(2) = 1.0e+00");
    assert_fails(fs_rep_create_signed_permutation(&rep, C3, 0, three, NULL, &err), FS_EINPUT, err, "found 0");
    assert_fails(fs_rep_create_trivial(&rep, C3, 0, &err), FS_EINPUT, err, "dimension from 1");
    assert_fails(fs_rep_create_trivial(&rep, C3, SIZE_MAX, &err), FS_EINPUT, err, "dimension from 1");
    fs_group_destroy(C2);
    fs_group_destroy(C3);
}

static void wrong_matrices_are_named_with_their_defect(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("wrong_matrices_are_named_with_their_defect");
    fs_group *G;
    fs_rep *rep;
    fs_err err;
    assert_ok(fs_group_create_cyclic(&G, 4, &err), err);
    twin t = random_dense_leaf(rng, G);
    while (t.n < 2) {
        twin_free(&t);
        t = random_dense_leaf(rng, G);
    }
    size_t n = t.n, last = 3 * n * n;
    double keep = t.M[last + 1];
    t.M[last + 1] = keep + 1e-6;
    assert_fails(fs_rep_create_dense(&rep, G, n, t.M, &err), FS_ENOTREP, err, "rho(3)^T rho(3) - 1 =");
    assert_null(rep);
    t.M[last + 1] = nan("");
    assert_fails(fs_rep_create_dense(&rep, G, n, t.M, &err), FS_ENAN, err, "in row 0, column 1");
    t.M[last + 1] = keep;
    double turn[16] = { 1, 0, 0, 1, 0, -1, 1, 0, -1, 0, 0, -1, 0, -1, 1, 0 };       /* rho(3) = rho(1) */
    assert_fails(fs_rep_create_dense(&rep, G, 2, turn, &err), FS_ENOTREP, err, "rho(1) rho(2) - rho(3) = 2.0e+00");
    double one[16] = { 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0 };            /* rho(0) is not the identity */
    assert_fails(fs_rep_create_dense(&rep, G, 2, one, &err), FS_ENOTREP, err, "rho(0) rho(0) - rho(0)");
    assert_fails(fs_rep_create_dense(&rep, G, 0, one, &err), FS_EINPUT, err, "found 0");
    twin_free(&t);
    fs_group_destroy(G);
    gsl_rng_free(rng);
}

static void impossible_requests_say_what_is_possible(void **state)
{
    (void)state;
    fs_group *C3, *C4, *T, *D4;
    fs_rep *rep, *a, *b, *huge;
    fs_err err;
    const size_t table[] = { 0 };
    assert_ok(fs_group_create_cyclic(&C3, 3, &err), err);
    assert_ok(fs_group_create_cyclic(&C4, 4, &err), err);
    assert_ok(fs_group_create_dihedral(&D4, 4, &err), err);
    assert_ok(fs_group_create_table(&T, "T", 1, table, &err), err);
    assert_fails(fs_rep_create_image(&rep, C3, 3, 3, &err), FS_EINPUT, err, "expected C1, C2, C4, D1, D2 or D4");
    assert_fails(fs_rep_create_image(&rep, C3, 3, 3, &err), FS_EINPUT, err, "found C3");
    assert_fails(fs_rep_create_image(&rep, C4, 2, 3, &err), FS_EINPUT, err,
                 "square grid for the quarter turns of C4, found 2 x 3");
    assert_fails(fs_rep_create_image(&rep, T, 2, 3, &err), FS_EINPUT, err, "found T");
    assert_fails(fs_rep_create_image(&rep, C4, 0, 0, &err), FS_EINPUT, err, "found 0 x 0");
    assert_fails(fs_rep_create_image(&rep, C4, SIZE_MAX, SIZE_MAX, &err), FS_EINPUT, err, "pixels");
    assert_fails(fs_rep_create_named(&rep, C3, "sgn", &err), FS_EINPUT, err,
                 "C3 (trivial, regular, rotation, natural), found \"sgn\"");
    assert_fails(fs_rep_create_named(&rep, C3, "sign", &err), FS_EINPUT, err, "found \"sign\"");
    assert_fails(fs_rep_create_named(&rep, T, "rotation:1", &err), FS_EINPUT, err, "T (trivial, regular)");
    assert_fails(fs_rep_create_named(&rep, D4, "rotation:2", &err), FS_EINPUT, err, "m from 1 to 1, found \"rotation:2\"");
    assert_fails(fs_rep_create_named(&rep, D4, "rotation:", &err), FS_EINPUT, err, "found \"rotation:\"");
    assert_fails(fs_rep_create_named(&rep, D4, "rotation:1x", &err), FS_EINPUT, err, "found \"rotation:1x\"");
    assert_fails(fs_rep_create_named(&rep, D4, "rotation:18446744073709551617", &err), FS_EINPUT, err, "whole number");
    assert_fails(fs_rep_create_sum(&rep, 0, NULL, &err), FS_EINPUT, err, "at least one");
    assert_fails(fs_rep_create_tensor(&rep, 0, NULL, &err), FS_EINPUT, err, "at least one");
    assert_ok(fs_rep_create_trivial(&a, C3, 2, &err), err);
    assert_ok(fs_rep_create_trivial(&b, C4, 2, &err), err);
    assert_ok(fs_rep_create_trivial(&huge, C4, 100000, &err), err);
    assert_fails(fs_rep_create_sum(&rep, 2, (fs_rep *[]){ a, b }, &err), FS_EINPUT, err, "found C3 and C4");
    assert_fails(fs_rep_create_tensor(&rep, 2, (fs_rep *[]){ a, b }, &err), FS_EINPUT, err, "found C3 and C4");
    assert_null(rep);
    assert_fails(fs_rep_create_tensor(&rep, 4, (fs_rep *[]){ huge, huge, huge, huge }, &err), FS_EINPUT, err,
                 "dimension up to");
    assert_fails(fs_rep_create_tensor(&rep, 2, (fs_rep *[]){ huge, huge }, &err), FS_EINPUT, err, "dimension up to");
    assert_int_equal(fs_rep_create_named(&rep, C3, "sgn", NULL), FS_EINPUT);
    fs_rep_destroy(a);
    fs_rep_destroy(b);
    fs_rep_destroy(huge);
    fs_group_destroy(C3);
    fs_group_destroy(C4);
    fs_group_destroy(D4);
    fs_group_destroy(T);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_act_as_their_matrices),
        cmocka_unit_test(trees_are_orthogonal_homomorphisms),
        cmocka_unit_test(deep_mixed_trees_act_as_their_matrices),
        cmocka_unit_test(three_factors_run_with_the_last_fastest),
        cmocka_unit_test(nested_products_of_dense_factors_keep_apart),
        cmocka_unit_test(tensor_product_is_the_action_on_matrices),
        cmocka_unit_test(reynolds_is_an_orthogonal_projection_onto_invariants),
        cmocka_unit_test(reynolds_averages_with_the_given_measure),
        cmocka_unit_test(quarter_turns_are_counter_clockwise),
        cmocka_unit_test(half_turns_and_flips_keep_any_grid),
        cmocka_unit_test(d4_flips_before_it_turns),
        cmocka_unit_test(rotation_turns_the_directions_of_a_picture),
        cmocka_unit_test(named_characters_are_the_textbook_ones),
        cmocka_unit_test(frequencies_are_different_irreducibles),
        cmocka_unit_test(regular_moves_e_h_to_e_gh),
        cmocka_unit_test(names_say_how_a_tree_was_made),
        cmocka_unit_test(signs_that_cancel_make_a_permutation),
        cmocka_unit_test(wrong_signed_permutations_are_named),
        cmocka_unit_test(wrong_matrices_are_named_with_their_defect),
        cmocka_unit_test(impossible_requests_say_what_is_possible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
