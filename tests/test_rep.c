/* tests/test_rep.c -- laws of orthogonal representations: leaves, trees, Lie algebras, the Reynolds operator, pictures, names
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "random_rep.h"

#include "algebra/partition.h"

enum { TRIALS = 60, ROOM = 48, LARGE_TRIALS = 30, LARGE_ROOM = 12 };

/* ---- every tree against its matrices ---- */

/* column j of M (n, n) against count entries, which may repeat a row */
static void assert_column(size_t n, const double *M, size_t j, size_t count, const size_t *row, const double *value, double tol)
{
    double *y = reals(n);
    for (size_t i = 0; i < n; i++) y[i] = M[i * n + j];
    for (size_t e = 0; e < count; e++) y[row[e]] -= value[e];
    for (size_t i = 0; i < n; i++) assert_near(y[i], 0.0, tol);
    free(y);
}

static void assert_tree_is_its_matrices(gsl_rng *rng, const twin *t)
{
    size_t n = t->n, room = fs_rep_column_room(t->rep), *row = fs_calloc(room, sizeof *row);
    double *x = gaussians(rng, n), *y = reals(n), *z = reals(n), *value = reals(room), tol = tree_tolerance(n);
    assert_non_null(row);
    assert_int_equal(fs_rep_dim(t->rep), n);
    for (size_t k = 0; k < looked_at(t->order); k++) {
        size_t g = point_at(rng, t->order, k);
        const double *M = t->M + g * n * n;
        double trace = 0.0;
        assert_int_equal(fs_rep_apply(t->rep, g, x, y), FS_OK);
        matrix_vector(n, M, x, z);
        assert_at_most(max_difference(n, y, z), tol * norm2(n, x));
        for (size_t j = 0; j < n; j++) {
            size_t count = fs_rep_column(t->rep, g, j, row, value);
            trace += M[j * n + j];
            assert_true(count <= room);
            assert_column(n, M, j, count, row, value, tol);
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

/* d rho(X_k) by Leibniz against the twin's matrices, whole and column by column. */
static void assert_lie_is_its_matrices(gsl_rng *rng, const twin *t)
{
    size_t n = t->n, room = fs_rep_lie_column_room(t->rep), *row = fs_calloc(room, sizeof *row);
    double *x = gaussians(rng, n), *y = reals(n), *z = reals(n), *value = reals(room), tol = tree_tolerance(n);
    assert_non_null(row);
    assert_true(room >= 1);
    for (size_t k = 0; k < t->lie; k++) {
        const double *L = t->L + k * n * n;
        assert_int_equal(fs_rep_apply_lie(t->rep, k, x, y), FS_OK);
        matrix_vector(n, L, x, z);
        assert_at_most(max_difference(n, y, z), tol * norm2(n, x));
        for (size_t j = 0; j < n; j++) {
            size_t count = fs_rep_lie_column(t->rep, k, j, row, value);
            assert_true(count <= room);
            assert_column(n, L, j, count, row, value, tol);
        }
    }
    free(row);
    free(x);
    free(y);
    free(z);
    free(value);
}

/* rho(a) rho(b) x = rho(c) x, and rho keeps lengths and inner products. */
static void assert_product(const fs_rep *rep, size_t a, size_t b, size_t c, const double *x, double tol)
{
    size_t n = fs_rep_dim(rep);
    double *bx = reals(n), *abx = reals(n), *cx = reals(n), *ax = reals(n);
    fs_rep_apply(rep, b, x, bx);
    fs_rep_apply(rep, a, bx, abx);
    fs_rep_apply(rep, c, x, cx);
    fs_rep_apply(rep, a, x, ax);
    assert_at_most(max_difference(n, abx, cx), tol);
    assert_near(norm2(n, bx), norm2(n, x), tol);
    assert_near(dot(n, abx, ax), dot(n, bx, x), tol * norm2(n, x));
    free(bx);
    free(abx);
    free(cx);
    free(ax);
}

/* rho(0) = 1; the law for all pairs of an enumerated group, for the witnesses of another. */
static void assert_homomorphism(gsl_rng *rng, const twin *t)
{
    size_t n = t->n, count;
    const fs_group *G = fs_rep_group(t->rep);
    const size_t *witness = fs_group_witnesses(G, &count);
    double *x = gaussians(rng, n), *z = reals(n), tol = tree_tolerance(n) * norm2(n, x);
    fs_rep_apply(t->rep, 0, x, z);
    assert_at_most(max_difference(n, z, x), tol);
    if (fs_group_is_enumerated(G))
        for (size_t g = 0; g < t->order; g++)
            for (size_t h = 0; h < t->order; h++) assert_product(t->rep, g, h, fs_group_product(G, g, h), x, tol);
    for (size_t k = 0; k < count && k < 200; k++)
        assert_product(t->rep, witness[3 * k], witness[3 * k + 1], witness[3 * k + 2], x, tol);
    assert_true(count > 0 || fs_group_order(G) == 1);
    assert_at_most(fs_rep_homomorphism_defect(t->rep), tree_tolerance(n));
    assert_at_most(fs_rep_orthogonality_defect(t->rep), tree_tolerance(n));
    free(x);
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

/* S_8 to S_11, SO(2), O(2), SO(3), O(3) and products with them. */
static void trees_over_groups_without_a_list_act_as_their_matrices(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("trees_over_groups_without_a_list_act_as_their_matrices");
    int continuous = 0, finite = 0, moving = 0;
    for (int trial = 0; trial < LARGE_TRIALS; trial++) {
        fs_group *G = large_group(rng);
        twin t = random_tree(rng, G, trial % 4 > 0, below(rng, 4), LARGE_ROOM);
        assert_tree_is_its_matrices(rng, &t);
        assert_lie_is_its_matrices(rng, &t);
        assert_homomorphism(rng, &t);
        continuous += fs_group_is_continuous(G);
        finite += !fs_group_is_continuous(G);
        moving += fs_rep_lie_column_room(t.rep) > 1;
        twin_free(&t);
        fs_group_destroy(G);
    }
    assert_true(continuous > 5 && finite > 1 && moving > 5);
    gsl_rng_free(rng);
}

/* d rho([X, Y]) = [d rho X, d rho Y] for trees: so(3) is cyclic, factors commute. */
static void lie_algebra_acts_as_one(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("lie_algebra_acts_as_one");
    for (int trial = 0; trial < 10; trial++) {
        fs_group *G = trial % 2 ? rotation_group(3, trial % 4 == 1) : product_of(rotation_group(2, 0), rotation_group(2, 1));
        twin t = random_tree(rng, G, 1, 3, LARGE_ROOM);
        size_t n = t.n;
        double *x = gaussians(rng, n), *y = reals(n), *xy = reals(n), *yx = reals(n), *z = reals(n);
        for (size_t i = 0; i < t.lie; i++)
            for (size_t j = 0; j < t.lie; j++) {
                fs_rep_apply_lie(t.rep, j, x, y);
                fs_rep_apply_lie(t.rep, i, y, xy);
                fs_rep_apply_lie(t.rep, i, x, y);
                fs_rep_apply_lie(t.rep, j, y, yx);
                if (t.lie == 3 && i != j) fs_rep_apply_lie(t.rep, 3 - i - j, x, z);
                else memset(z, 0, n * sizeof *z);
                for (size_t e = 0; e < n; e++)
                    assert_near(xy[e] - yx[e], (i + 1) % 3 == j ? z[e] : -z[e], tree_tolerance(n) * 16.0 * norm2(n, x));
            }
        free(x);
        free(y);
        free(xy);
        free(yx);
        free(z);
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

/* Degrees add over tensor products; beyond the nodes' degree there is no average, and it is refused. */
static void averages_that_are_not_exact_are_refused(void **state)
{
    (void)state;
    fs_group *space = rotation_group(3, 0), *plane = rotation_group(2, 1), *large = symmetric_group(9);
    fs_rep *sixteen = parsed(space, "harmonic:6 x harmonic:6 x harmonic:4"), *eighteen = parsed(space, "harmonic:6 x harmonic:6 x harmonic:6");
    fs_rep *most = parsed(plane, "rotation:16 x rotation:16 x rotation:16 x rotation:16"), *natural = parsed(large, "natural");
    fs_rep *beyond = parsed(plane, "rotation:16 x rotation:16 x rotation:16 x rotation:16 x rotation + trivial"), *one = parsed(large, "trivial");
    double *x = reals(2197), *y = reals(2197);
    fs_err err;
    x[0] = 1.0;
    assert_int_equal(fs_rep_degree(eighteen), 18);
    assert_true(fs_rep_haar_is_exact(sixteen));
    assert_false(fs_rep_haar_is_exact(eighteen));
    assert_true(isnan(fs_rep_invariant_dim(eighteen)));
    assert_fails(fs_reynolds_apply(eighteen, NULL, x, y, &err), FS_EINPUT, err, "degree at most 16");
    assert_fails(fs_reynolds_apply(eighteen, NULL, x, y, &err), FS_EINPUT, err, "found degree 18 (harmonic:6 x");
    assert_ok(fs_reynolds_apply(eighteen, fs_group_haar(space), x, y, &err), err);
    assert_true(fs_rep_haar_is_exact(most));
    assert_near(fs_rep_invariant_dim(most), 3.0, 4096.0 * DBL_EPSILON);
    assert_ok(fs_reynolds_apply(most, NULL, x, y, &err), err);
    assert_int_equal(fs_rep_degree(beyond), 65);
    assert_true(isnan(fs_rep_invariant_dim(beyond)));
    assert_false(fs_rep_haar_is_exact(natural));
    assert_false(fs_rep_haar_is_exact(one));
    assert_fails(fs_reynolds_apply(natural, NULL, x, y, &err), FS_EINPUT, err, "can be averaged over, found S9");
    assert_near(fs_rep_invariant_dim(natural), 1.0, 64.0 * DBL_EPSILON);
    fs_rep_destroy(sixteen);
    fs_rep_destroy(eighteen);
    fs_rep_destroy(most);
    fs_rep_destroy(beyond);
    fs_rep_destroy(natural);
    fs_rep_destroy(one);
    free(x);
    free(y);
    fs_group_destroy(space);
    fs_group_destroy(plane);
    fs_group_destroy(large);
}

/* P x is fixed by the group and by the Lie algebra, P P = P, P x . y = x . P y. */
static void reynolds_projects_over_continuous_groups(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("reynolds_projects_over_continuous_groups");
    for (int trial = 0; trial < 8; trial++) {
        fs_group *G = trial % 2 ? rotation_group(3, trial % 4 == 1) : product_of(rotation_group(2, trial % 4 == 0), small_group(rng));
        twin t = random_tree(rng, G, 1, 2, LARGE_ROOM);
        size_t n = t.n;
        double *x = gaussians(rng, n), *y = gaussians(rng, n), *Px = reals(n), *Py = reals(n), *z = reals(n), *zero = reals(n);
        double tol = tree_tolerance(n) * norm2(n, x);
        fs_err err;
        assert_ok(fs_reynolds_apply(t.rep, NULL, x, Px, &err), err);
        assert_ok(fs_reynolds_apply(t.rep, NULL, y, Py, &err), err);
        assert_near(dot(n, Px, y), dot(n, x, Py), tol * norm2(n, y));
        for (size_t k = 0; k < looked_at(t.order); k++) {
            fs_rep_apply(t.rep, point_at(rng, t.order, k), Px, z);
            assert_at_most(max_difference(n, z, Px), tol);
        }
        for (size_t k = 0; k < t.lie; k++) {
            fs_rep_apply_lie(t.rep, k, Px, z);
            assert_at_most(max_difference(n, z, zero), 16.0 * tol);
        }
        double dim = fs_rep_invariant_dim(t.rep);
        assert_near(dim, round(dim), tree_tolerance(n) * (double)n);
        if (dim < 0.5) assert_at_most(norm2(n, Px), tol);
        free(x);
        free(y);
        free(Px);
        free(Py);
        free(z);
        free(zero);
        twin_free(&t);
        fs_group_destroy(G);
    }
    gsl_rng_free(rng);
}

/* ---- names and signs of trees ---- */

static void names_say_how_a_tree_was_made(void **state)
{
    (void)state;
    fs_group *G;
    fs_rep *four, *image, *tensor, *sum, *twice, *two, *mixed, *deep;
    fs_err err;
    assert_ok(fs_group_create_cyclic(&G, 4, &err), err);
    fs_rep *regular = parsed(G, "regular");
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
    fs_rep *sign = parsed(G, "sign"), *regular = parsed(G, "regular"), *rotation = parsed(G, "rotation:1");
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

/* SO(2) has no generators: what its Lie algebra mixes belongs together. */
static void components_are_joined_by_the_lie_algebra(void **state)
{
    (void)state;
    fs_group *G = rotation_group(2, 0);
    fs_rep *rep = parsed(G, "trivial + rotation + 2 trivial x rotation:2");
    fs_partition *p;
    fs_err err;
    static const uint32_t block[7] = { 0, 1, 1, 2, 2, 3, 3 };
    assert_ok(fs_partition_components(&p, rep, &err), err);
    assert_int_equal(p->blocks, 4);
    for (size_t j = 0; j < 7; j++) assert_int_equal(p->block_of[j], block[j]);
    fs_partition_destroy(p);
    fs_rep_destroy(rep);
    fs_group_destroy(G);
}

/* ---- summands ---- */

static void sums_come_apart_as_they_were_written(void **state)
{
    (void)state;
    fs_group *D4;
    fs_err err;
    assert_ok(fs_group_create_dihedral(&D4, 4, &err), err);
    const struct { const char *text, *dims, *trivial; } row[] = {
        { "trivial", "1", "1" }, { "3 trivial", "111", "111" }, { "3 rotation", "222", "000" },
        { "2 trivial + 2 rotation + sign", "11221", "11000" }, { "2 (trivial + rotation)", "1212", "1010" },
        { "2 (3 trivial + natural)", "11141114", "11101110" }, { "rotation x 2 trivial", "4", "0" }, { "2 rotation x rotation", "44", "00" },
        { "2 trivial x 2 trivial", "1111", "1111" }, { "2 sign x sign", "11", "11" }, { "hom(rotation, 2 trivial)", "22", "00" },
        { "hom(2 trivial, rotation)", "4", "0" }, { "2 (2 (sign + trivial))", "11111111", "01010101" }, { "regular", "8", "0" },
    };
    for (size_t k = 0; k < sizeof row / sizeof row[0]; k++) {
        fs_rep *rep = parsed(D4, row[k].text);
        size_t count, *dim, total = 0;
        unsigned char *trivial;
        assert_ok(fs_rep_summands(rep, &count, &dim, &trivial, &err), err);
        assert_int_equal(count, strlen(row[k].dims));
        for (size_t i = 0; i < count; i++) {
            total += dim[i];
            assert_int_equal(dim[i], row[k].dims[i] - '0');
            assert_int_equal(trivial[i], row[k].trivial[i] - '0');
        }
        assert_int_equal(total, fs_rep_dim(rep));
        free(dim);
        free(trivial);
        fs_rep_destroy(rep);
    }
    fs_group_destroy(D4);
}

static void trivial_means_that_nothing_moves(void **state)
{
    (void)state;
    fs_group *D4, *O3 = rotation_group(3, 1), *SO2 = rotation_group(2, 0), *C1;
    fs_err err;
    assert_ok(fs_group_create_dihedral(&D4, 4, &err), err);
    assert_ok(fs_group_create_cyclic(&C1, 1, &err), err);
    const struct { const fs_group *G; const char *text; int trivial; } row[] = {
        { D4, "trivial", 1 }, { D4, "2 trivial + trivial", 1 }, { D4, "sign", 0 }, { D4, "sign x sign", 1 }, { D4, "2 sign x sign", 1 },
        { D4, "sign x sign + sign", 0 }, { D4, "regular", 0 }, { D4, "rotation x rotation", 0 }, { O3, "sign", 0 }, { O3, "natural", 0 },
        { O3, "harmonic:0", 1 }, { O3, "sign x sign", 1 }, { SO2, "rotation:2", 0 }, { SO2, "3 trivial", 1 }, { C1, "natural", 1 },
    };
    for (size_t k = 0; k < sizeof row / sizeof row[0]; k++) {
        fs_rep *rep = parsed(row[k].G, row[k].text);
        assert_int_equal(fs_rep_is_trivial(rep), row[k].trivial);
        fs_rep_destroy(rep);
    }
    fs_group_destroy(D4);
    fs_group_destroy(O3);
    fs_group_destroy(SO2);
    fs_group_destroy(C1);
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
    assert_fails(fs_rep_create_dense(&rep, G, n, t.M, NULL, 0, &err), FS_ENOTREP, err, "rho(3)^T rho(3) - 1 =");
    assert_null(rep);
    t.M[last + 1] = nan("");
    assert_fails(fs_rep_create_dense(&rep, G, n, t.M, NULL, 0, &err), FS_ENAN, err, "in row 0, column 1");
    t.M[last + 1] = keep;
    double turn[16] = { 1, 0, 0, 1, 0, -1, 1, 0, -1, 0, 0, -1, 0, -1, 1, 0 };       /* rho(3) = rho(1) */
    assert_fails(fs_rep_create_dense(&rep, G, 2, turn, NULL, 0, &err), FS_ENOTREP, err, "rho(1) rho(2) - rho(3) = 2.0e+00");
    double one[16] = { 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0 };            /* rho(0) is not the identity */
    assert_fails(fs_rep_create_dense(&rep, G, 2, one, NULL, 0, &err), FS_ENOTREP, err, "rho(0): expected the identity");
    const double c = sqrt(0.5), mirror[4] = { c, c, c, -c };
    for (size_t g = 0; g < 4; g++) memcpy(one + 4 * g, mirror, sizeof mirror);
    assert_fails(fs_rep_create_dense(&rep, G, 2, one, NULL, 0, &err), FS_ENOTREP, err, "rho(0) - 1 = 1.7e+00");
    one[0] = one[3] = 1.0;
    one[1] = one[2] = 0.0;                                                          /* rho(1) rho(1) = 1, but not rho(2) */
    assert_fails(fs_rep_create_dense(&rep, G, 2, one, NULL, 0, &err), FS_ENOTREP, err, "rho(1) rho(1) - rho(2)");
    double half[4] = { 1.0, 0.5, 1.0, 0.5 };                                        /* one entry a column, but no sign */
    assert_fails(fs_rep_create_dense(&rep, G, 1, half, NULL, 0, &err), FS_ENOTREP, err, "rho(1)^T rho(1) - 1 = 7.5e-01");
    assert_fails(fs_rep_create_dense(&rep, G, 0, one, NULL, 0, &err), FS_EINPUT, err, "found 0");
    assert_fails(fs_rep_create_dense(&rep, G, UINT32_MAX, one, NULL, 0, &err), FS_ENOMEM, err, "matrices of order 4294967295");
    twin_free(&t);
    fs_group_destroy(G);
    gsl_rng_free(rng);
}

static void wrong_lie_algebras_are_named_with_their_defect(void **state)
{
    (void)state;
    fs_group *G = rotation_group(3, 0);
    size_t points = fs_group_points(G), d;
    double *M = reals(9 * points), L[27] = { 0 };
    fs_rep *rep;
    fs_err err;
    for (size_t g = 0; g < points; g++) memcpy(M + 9 * g, fs_group_matrix(G, g, &d), 9 * sizeof *M);
    natural_lie(3, L);
    assert_ok(fs_rep_create_dense(&rep, G, 3, M, L, 1, &err), err);
    assert_int_equal(fs_rep_degree(rep), 1);
    fs_rep_destroy(rep);
    L[1] = 1e-6;
    assert_fails(fs_rep_create_dense(&rep, G, 3, M, L, 1, &err), FS_ENOTREP, err, "d rho(0) + d rho(0)^T = 1.0e-06");
    assert_null(rep);
    L[1] = nan("");
    assert_fails(fs_rep_create_dense(&rep, G, 3, M, L, 1, &err), FS_ENAN, err, "d rho(0): expected finite entries, found nan in row 0, column 1");
    L[1] = 0.0;
    for (size_t e = 18; e < 27; e++) L[e] = -L[e];                                  /* left-handed */
    assert_fails(fs_rep_create_dense(&rep, G, 3, M, L, 1, &err), FS_ENOTREP, err, "[d rho(0), d rho(1)] - d rho([0, 1]) = 2.0e+00");
    M[9 * (points - 1)] = HUGE_VAL;
    assert_fails(fs_rep_create_dense(&rep, G, 3, M, L, 1, &err), FS_ENAN, err, "found inf");
    free(M);
    fs_group_destroy(G);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_act_as_their_matrices),
        cmocka_unit_test(trees_are_orthogonal_homomorphisms),
        cmocka_unit_test(trees_over_groups_without_a_list_act_as_their_matrices),
        cmocka_unit_test(lie_algebra_acts_as_one),
        cmocka_unit_test(deep_mixed_trees_act_as_their_matrices),
        cmocka_unit_test(three_factors_run_with_the_last_fastest),
        cmocka_unit_test(nested_products_of_dense_factors_keep_apart),
        cmocka_unit_test(tensor_product_is_the_action_on_matrices),
        cmocka_unit_test(reynolds_is_an_orthogonal_projection_onto_invariants),
        cmocka_unit_test(reynolds_averages_with_the_given_measure),
        cmocka_unit_test(averages_that_are_not_exact_are_refused),
        cmocka_unit_test(reynolds_projects_over_continuous_groups),
        cmocka_unit_test(names_say_how_a_tree_was_made),
        cmocka_unit_test(signs_that_cancel_make_a_permutation),
        cmocka_unit_test(components_are_joined_by_the_lie_algebra),
        cmocka_unit_test(sums_come_apart_as_they_were_written),
        cmocka_unit_test(trivial_means_that_nothing_moves),
        cmocka_unit_test(wrong_signed_permutations_are_named),
        cmocka_unit_test(wrong_matrices_are_named_with_their_defect),
        cmocka_unit_test(wrong_lie_algebras_are_named_with_their_defect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
