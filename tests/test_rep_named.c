/* tests/test_rep_named.c -- representations with names: pictures, rotations, permutations, products, expressions
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "random_rep.h"

#include "base/words.h"

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
            fs_rep *regular = parsed(G, "regular"), *trivial = parsed(G, "trivial"), *natural = parsed(G, "natural");
            fs_rep *sign = dihedral || n % 2 == 0 ? parsed(G, "sign") : NULL, *rotation = n >= 3 ? parsed(G, "rotation") : NULL;
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
    fs_rep *one = parsed(G, "rotation:1"), *two = parsed(G, "rotation:2"), *three = parsed(G, "rotation:3");
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
        fs_rep *rep = parsed(G, "regular");
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

/* ---- continuous groups ---- */

/* exp(A), A (n, n): Taylor of A / 2^s to |A|/2^s <= 1/4, squared s times. */
static void exponential(size_t n, const double *A, double *E)
{
    double *term = reals(n * n), *next = reals(n * n), *scaled = reals(n * n), scale = 1.0;
    int squarings = 0;
    for (; norm2(n * n, A) * scale > 0.25; squarings++) scale *= 0.5;
    for (size_t e = 0; e < n * n; e++) {
        scaled[e] = scale * A[e];
        E[e] = term[e] = e / n == e % n ? 1.0 : 0.0;
    }
    for (int k = 1; k < 16; k++) {
        multiply(n, term, scaled, next);
        for (size_t e = 0; e < n * n; e++) E[e] += term[e] = next[e] / k;
    }
    for (; squarings > 0; squarings--) {
        multiply(n, E, E, next);
        memcpy(E, next, n * n * sizeof *E);
    }
    free(term);
    free(next);
    free(scaled);
}

/* R = exp(sum_a w_a J_a): angle from the skew part and the trace; 0 where the half turn is near. */
static int logarithm(size_t d, const double *R, double *w)
{
    if (determinant(d, R) < 0.0) return 0;
    if (d == 2) {
        w[0] = atan2(R[2], R[0]);
        return 1;
    }
    double v[3] = { 0.5 * (R[7] - R[5]), 0.5 * (R[2] - R[6]), 0.5 * (R[3] - R[1]) }, s = norm2(3, v);
    double angle = atan2(s, 0.5 * (R[0] + R[4] + R[8] - 1.0));
    if (!(s > 0.1)) return 0;
    for (size_t a = 0; a < 3; a++) w[a] = angle / s * v[a];
    return 1;
}

/* Rounding of w enters as |d rho| eps / 0.1, that of squaring doubles each time: at most 2^8 for |A| <= 64. */
static void assert_exponentials(gsl_rng *rng, const fs_rep *rep)
{
    const fs_group *G = fs_rep_group(rep);
    size_t n = fs_rep_dim(rep), points = fs_group_points(G), lie = fs_group_lie_dim(G), d;
    double *A = reals(n * n), *E = reals(n * n), *e_j = reals(n), *y = reals(n), w[3];
    int seen = 0;
    for (size_t k = 0; k < looked_at(points); k++) {
        size_t g = point_at(rng, points, k);
        if (!logarithm(fs_group_parameter(G, 0), fs_group_matrix(G, g, &d), w)) continue;
        memset(A, 0, n * n * sizeof *A);
        for (size_t j = 0; j < n; j++) {
            memset(e_j, 0, n * sizeof *e_j);
            e_j[j] = 1.0;
            for (size_t a = 0; a < lie; a++) {
                fs_rep_apply_lie(rep, a, e_j, y);
                for (size_t i = 0; i < n; i++) A[i * n + j] += w[a] * y[i];
            }
        }
        exponential(n, A, E);
        for (size_t j = 0; j < n; j++) {
            memset(e_j, 0, n * sizeof *e_j);
            e_j[j] = 1.0;
            fs_rep_apply(rep, g, e_j, y);
            for (size_t i = 0; i < n; i++) assert_near(E[i * n + j], y[i], 512.0 * (double)n * DBL_EPSILON);
        }
        seen++;
    }
    assert_true(seen > 20);
    free(A);
    free(E);
    free(e_j);
    free(y);
}

/* rho(exp X) = exp(d rho X): named representations and trees of them. */
static void rotations_are_exponentials_of_their_lie_algebra(void **state)
{
    (void)state;
    static const char *const plane[] = { "natural", "rotation", "rotation:2", "rotation:7", "rotation:16",
                                         "natural x rotation:3 + 2 trivial", "hom(rotation:2, natural + trivial)" };
    static const char *const space[] = { "natural", "harmonic:0", "harmonic:1", "harmonic:2", "harmonic:3", "harmonic:4", "harmonic:5",
                                         "harmonic:6", "natural x harmonic:2", "2 natural + harmonic:2 x trivial" };
    gsl_rng *rng = law_rng("rotations_are_exponentials_of_their_lie_algebra");
    for (int improper = 0; improper < 2; improper++)
        for (size_t d = 2; d <= 3; d++) {
            fs_group *G = rotation_group(d, improper);
            size_t count = d == 2 ? sizeof plane / sizeof plane[0] : sizeof space / sizeof space[0];
            for (size_t k = 0; k < count; k++) {
                fs_rep *rep = parsed(G, d == 2 ? plane[k] : space[k]);
                assert_exponentials(rng, rep);
                assert_at_most(fs_rep_homomorphism_defect(rep), 64.0 * (double)fs_rep_dim(rep) * DBL_EPSILON);
                fs_rep_destroy(rep);
            }
            fs_group_destroy(G);
        }
    gsl_rng_free(rng);
}

/* chi_l = 1 + 2 cos w + ... + 2 cos l w = sin((2l+1) w/2) / sin(w/2), times (-1)^l for improper elements; chi_m = 2 cos m w.  The
 * k-th Chebyshev polynomial magnifies the rounding of cos w by k^2. */
static void rotations_have_the_characters_of_their_angle(void **state)
{
    (void)state;
    for (int improper = 0; improper < 2; improper++) {
        fs_group *space = rotation_group(3, improper), *plane = rotation_group(2, improper);
        for (size_t l = 0; l <= 16; l++) {
            char name[24];
            size_t d;
            snprintf(name, sizeof name, "rotation:%zu", l ? l : 1);
            fs_rep *rotation = parsed(plane, name);
            assert_int_equal(fs_rep_degree(rotation), l ? l : 1);
            for (size_t g = 0; l && g < fs_group_points(plane); g++) {
                const double *R = fs_group_matrix(plane, g, &d);
                double chi = determinant(2, R) < 0.0 ? 0.0 : 2.0 * cos((double)l * atan2(R[2], R[0]));
                assert_near(fs_rep_character(rotation, g), chi, 16.0 * (double)l * DBL_EPSILON);
            }
            fs_rep_destroy(rotation);
            if (l > 6) continue;
            snprintf(name, sizeof name, "harmonic:%zu", l);
            fs_rep *harmonic = parsed(space, name);
            assert_int_equal(fs_rep_dim(harmonic), 2 * l + 1);
            assert_int_equal(fs_rep_degree(harmonic), l);
            for (size_t g = 0; g < fs_group_points(space); g++) {
                const double *R = fs_group_matrix(space, g, &d);
                double side = determinant(3, R) < 0.0 ? -1.0 : 1.0, c = 0.5 * (side * (R[0] + R[4] + R[8]) - 1.0);
                double chi = 1.0, before = c, now = 1.0;        /* cos -w, cos 0 */
                for (size_t k = 1; k <= l; k++) {
                    double next = 2.0 * c * now - before;
                    before = now;
                    now = next;
                    chi += 2.0 * now;
                }
                assert_near(fs_rep_character(harmonic, g), l % 2 && side < 0.0 ? -chi : chi, 2048.0 * DBL_EPSILON);
            }
            fs_rep_destroy(harmonic);
        }
        fs_group_destroy(space);
        fs_group_destroy(plane);
    }
}

static double invariants(const fs_group *G, const char *text)
{
    fs_rep *rep = parsed(G, text);
    double dim = fs_rep_invariant_dim(rep);
    fs_rep_destroy(rep);
    return dim;
}

/* Invariants of tensor powers of R^d: constant terms of (z + 1/z)^k, of Chebyshev products; determinants count only without reflections. */
static void invariant_tensors_of_rotations_are_counted(void **state)
{
    (void)state;
    static const char *const power[] = { "natural", "natural x natural", "natural x natural x natural",
                                         "natural x natural x natural x natural",
                                         "natural x natural x natural x natural x natural" };
    static const double so2[] = { 0, 2, 0, 6, 0 }, o2[] = { 0, 1, 0, 3, 0 }, so3[] = { 0, 1, 1, 3, 6 }, o3[] = { 0, 1, 0, 3, 0 };
    const double *expected[] = { so2, o2, so3, o3 };                 /* rounding: of the sum over all points */
    for (size_t d = 2; d <= 3; d++)
        for (int improper = 0; improper < 2; improper++) {
            fs_group *G = rotation_group(d, improper);
            double tol = (double)fs_group_points(G) * DBL_EPSILON;
            for (size_t k = 0; k < 5; k++)
                assert_near(invariants(G, power[k]), expected[2 * (d - 2) + (size_t)improper][k], tol * pow((double)d, (double)k));
            if (improper) assert_near(invariants(G, "sign x sign"), 1.0, tol);
            if (improper) assert_near(invariants(G, "sign"), 0.0, tol);
            fs_group_destroy(G);
        }
    fs_group *G = rotation_group(3, 0);
    double tol = (double)fs_group_points(G) * DBL_EPSILON;
    fs_rep *V[7], *product;
    fs_err err;
    for (size_t l = 0; l <= 6; l++) {
        char name[24];
        snprintf(name, sizeof name, "harmonic:%zu", l);
        V[l] = parsed(G, name);
    }
    for (size_t a = 0; a <= 6; a++)
        for (size_t b = 0; b <= a; b++)
            for (size_t c = 0; c <= b; c++) {                   /* one invariant where the triangle closes */
                if (a + b + c > 16) continue;
                assert_ok(fs_rep_create_tensor(&product, 3, (fs_rep *[]){ V[a], V[b], V[c] }, &err), err);
                assert_near(fs_rep_invariant_dim(product), a <= b + c, tol * 13.0 * 13.0);
                fs_rep_destroy(product);
            }
    for (size_t l = 0; l <= 6; l++) fs_rep_destroy(V[l]);
    fs_group_destroy(G);
}

/* ---- permutations ---- */

/* Orbits on pairs: 2; on quadruples: set partitions of 4 into at most n parts. */
static void invariants_of_graphs_are_two_and_fifteen(void **state)
{
    (void)state;
    for (size_t n = 2; n <= 12; n++) {
        fs_group *G = symmetric_group(n);
        double eps = 64.0 * DBL_EPSILON * pow((double)n, 4.0);
        assert_near(invariants(G, "natural"), 1.0, eps);
        assert_near(invariants(G, "natural x natural"), 2.0, eps);
        assert_near(invariants(G, "natural x natural x natural x natural"), n == 2 ? 8.0 : n == 3 ? 14.0 : 15.0, eps);
        assert_near(invariants(G, "hom(natural x natural, natural x natural)"), n == 2 ? 8.0 : n == 3 ? 14.0 : 15.0, eps);
        assert_near(invariants(G, "standard"), 0.0, eps);
        assert_near(invariants(G, "standard x standard"), 1.0, eps);
        assert_near(invariants(G, "hom(standard, natural)"), 1.0, eps);
        assert_near(invariants(G, "sign"), 0.0, eps);
        fs_group_destroy(G);
    }
}

/* natural = (1, ..., 1) + standard: H^T rho(g) H is P without its mean. */
static void standard_is_natural_without_its_mean(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("standard_is_natural_without_its_mean");
    for (size_t n = 2; n <= 11; n++) {
        fs_group *G = symmetric_group(n);
        fs_rep *standard = parsed(G, "standard"), *natural = parsed(G, "natural");
        double *x = gaussians(rng, n), *Hx = reals(n), *gHx = reals(n), *gx = reals(n), *back = reals(n), *H = reals(n * n), mean = 0.0;
        for (size_t k = 1; k < n; k++)
            for (size_t i = 0; i <= k; i++) H[(k - 1) * n + i] = (i < k ? 1.0 : -(double)k) / sqrt((double)(k * (k + 1)));
        for (size_t i = 0; i < n; i++) mean += x[i] / (double)n;
        matrix_vector(n, H, x, Hx);
        for (size_t k = 0; k < looked_at(fs_group_points(G)); k++) {
            size_t g = point_at(rng, fs_group_points(G), k);
            fs_rep_apply(standard, g, Hx, gHx);
            fs_rep_apply(natural, g, x, gx);
            for (size_t i = 0; i < n; i++) {
                back[i] = mean;
                for (size_t a = 0; a + 1 < n; a++) back[i] += H[a * n + i] * gHx[a];
                assert_near(back[i], gx[i], 32.0 * (double)n * DBL_EPSILON * norm2(n, x));
            }
            assert_near(fs_rep_character(standard, g), fs_rep_character(natural, g) - 1.0, 8.0 * (double)n * DBL_EPSILON);
        }
        assert_int_equal(fs_rep_is_monomial(standard), n == 2);         /* of S_2 it is the sign, exactly */
        fs_rep_destroy(standard);
        fs_rep_destroy(natural);
        free(x);
        free(Hx);
        free(gHx);
        free(gx);
        free(back);
        free(H);
        fs_group_destroy(G);
    }
    gsl_rng_free(rng);
}

/* ---- products, signs, generated groups ---- */

static void factors_of_a_product_act_by_their_components(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("factors_of_a_product_act_by_their_components");
    fs_group *C4, *S3 = symmetric_group(3), *O2 = rotation_group(2, 1);
    fs_err err;
    assert_ok(fs_group_create_cyclic(&C4, 4, &err), err);
    fs_rep *rotation = parsed(C4, "rotation"), *standard = parsed(S3, "standard"), *third = parsed(O2, "rotation:3");
    fs_group *inner = product_of(S3, O2), *G = product_of(fs_group_retain(C4), fs_group_retain(inner));
    const fs_rep *part[3] = { rotation, standard, third };
    fs_rep *at[3] = { parsed(G, "rotation@1"), parsed(G, "standard@1@2"), parsed(G, "rotation:3@2@2") };
    double x[2] = { 0.75, -0.5 }, y[2], z[2];
    for (size_t g = 0; g < fs_group_points(G); g++) {
        size_t h = fs_group_component(G, g, 1), component[3] = { fs_group_component(G, g, 0), fs_group_component(inner, h, 0),
                                                                  fs_group_component(inner, h, 1) };
        for (size_t k = 0; k < 3; k++) {
            fs_rep_apply(part[k], component[k], x, y);
            fs_rep_apply(at[k], g, x, z);
            assert_near(max_difference(2, y, z), 0.0, 0.0);
        }
    }
    fs_rep_apply_lie(at[0], 0, x, y);
    assert_near(norm2(2, y), 0.0, 0.0);
    fs_rep_apply_lie(at[2], 0, x, y);
    assert_near(y[0], -3.0 * x[1], 0.0);
    assert_near(y[1], 3.0 * x[0], 0.0);
    assert_true(fs_rep_is_monomial(at[0]));
    assert_string_equal(fs_rep_name(at[2]), "rotation:3@2@2");
    fs_rep *natural = parsed(G, "natural"), *written = parsed(G, "natural@1 x natural@1@2 x natural@2@2");
    assert_int_equal(fs_rep_dim(natural), 4 * 3 * 2);
    assert_same_action(rng, natural, written, 0.0);
    assert_near(fs_rep_invariant_dim(written), 0.0, 1e3 * DBL_EPSILON);
    assert_near(invariants(G, "natural@1 x natural@1@2"), 1.0, 1e3 * DBL_EPSILON);
    fs_rep_destroy(natural);
    fs_rep_destroy(written);
    for (size_t k = 0; k < 3; k++) fs_rep_destroy(at[k]);
    fs_rep_destroy(rotation);
    fs_rep_destroy(standard);
    fs_rep_destroy(third);
    fs_group_destroy(inner);
    fs_group_destroy(G);
    fs_group_destroy(C4);
    gsl_rng_free(rng);
}

/* Product with a factor of space: d rho sits behind the Lie algebra of the factors before. */
static void lie_algebras_of_products_lie_side_by_side(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("lie_algebras_of_products_lie_side_by_side");
    fs_group *SO3 = rotation_group(3, 0);
    fs_rep *two = parsed(SO3, "harmonic:2");
    fs_group *C2;
    fs_err err;
    assert_ok(fs_group_create_cyclic(&C2, 2, &err), err);
    fs_group *G = product_of(C2, fs_group_retain(SO3));
    fs_rep *at = parsed(G, "harmonic:2@2");
    double *x = gaussians(rng, 5), y[5], z[5];
    assert_int_equal(fs_group_lie_dim(G), 3);
    for (size_t k = 0; k < 3; k++) {
        fs_rep_apply_lie(two, k, x, y);
        fs_rep_apply_lie(at, k, x, z);
        assert_near(max_difference(5, y, z), 0.0, 0.0);
    }
    free(x);
    fs_rep_destroy(two);
    fs_rep_destroy(at);
    fs_group_destroy(SO3);
    fs_group_destroy(G);
    G = product_of(rotation_group(2, 0), rotation_group(2, 0));
    fs_rep *both = parsed(G, "rotation:2@1 + rotation:3@2");
    const double e[4] = { 1.0, 0.0, 1.0, 0.0 };
    fs_rep_apply_lie(both, 0, e, z);
    assert_near(max_difference(4, z, (double[]){ 0, 2, 0, 0 }), 0.0, 0.0);
    fs_rep_apply_lie(both, 1, e, z);
    assert_near(max_difference(4, z, (double[]){ 0, 0, 0, 3 }), 0.0, 0.0);
    fs_rep_destroy(both);
    fs_group_destroy(G);
    gsl_rng_free(rng);
}

/* Matrices that are signed permutations at every point become them: exact, monomial. */
static void exact_matrices_become_signed_permutations(void **state)
{
    (void)state;
    fs_err err;
    fs_group *signs, *cube, *hex, *C4, *Z8, *p4;
    const double turns[2 * 9] = { 0, -1, 0, 1, 0, 0, 0, 0, 1,  0, 0, 1, 1, 0, 0, 0, 1, 0 };
    const double sixth[4] = { 0.5, -sqrt(0.75), sqrt(0.75), 0.5 };
    assert_ok(fs_group_create_signs(&signs, 3, &err), err);
    assert_ok(fs_group_create_matrices(&cube, "cube", 3, 2, turns, 100, &err), err);
    assert_ok(fs_group_create_matrices(&hex, "hex", 2, 1, sixth, 100, &err), err);
    assert_ok(fs_group_create_cyclic(&C4, 4, &err), err);
    assert_ok(fs_group_create_translations(&Z8, 1, 8, &err), err);
    assert_ok(fs_group_create_p4(&p4, 3, &err), err);
    const struct { fs_group *G; const char *text; size_t dim; int monomial; } row[] = {
        { signs, "natural", 3, 1 }, { signs, "sign", 1, 1 }, { cube, "natural", 3, 1 }, { hex, "natural", 2, 0 },
        { C4, "rotation", 2, 1 }, { C4, "rotation:2", 1, 1 }, { Z8, "rotation:2", 2, 1 }, { Z8, "rotation", 2, 0 },
        { Z8, "rotation:4", 1, 1 }, { p4, "turn", 2, 1 }, { p4, "natural", 9, 1 },
    };
    for (size_t k = 0; k < sizeof row / sizeof row[0]; k++) {
        fs_rep *rep = parsed(row[k].G, row[k].text);
        assert_int_equal(fs_rep_dim(rep), row[k].dim);
        assert_int_equal(fs_rep_is_monomial(rep), row[k].monomial);
        if (row[k].monomial) assert_near(fs_rep_homomorphism_defect(rep), 0.0, 0.0);
        fs_rep_destroy(rep);
    }
    assert_int_equal(fs_group_order(cube), 24);
    /* bit i of an element of the sign group is the sign of coordinate i, and the determinant their product */
    fs_rep *natural = parsed(signs, "natural"), *sign = parsed(signs, "sign");
    for (size_t g = 0; g < 8; g++) {
        double product = 1.0;
        for (size_t j = 0; j < 3; j++) {
            int s;
            assert_int_equal(fs_rep_image_of_basis(natural, g, j, &s), j);
            assert_int_equal(s, g >> j & 1 ? -1 : 1);
            product *= s;
        }
        assert_near(fs_rep_character(sign, g), product, 0.0);
    }
    fs_rep_destroy(natural);
    fs_rep_destroy(sign);
    /* p4 turns by the last quarter turns alone */
    fs_rep *turn = parsed(p4, "turn"), *quarter = parsed(C4, "rotation");
    for (size_t g = 0; g < fs_group_order(p4); g++)
        for (size_t j = 0; j < 2; j++) {
            int s, t;
            assert_int_equal(fs_rep_image_of_basis(turn, g, j, &s), fs_rep_image_of_basis(quarter, g % 4, j, &t));
            assert_int_equal(s, t);
        }
    fs_rep_destroy(turn);
    fs_rep_destroy(quarter);
    fs_group_destroy(signs);
    fs_group_destroy(cube);
    fs_group_destroy(hex);
    fs_group_destroy(C4);
    fs_group_destroy(Z8);
    fs_group_destroy(p4);
}

/* sign of O(d) is the determinant, of S_n the parity, of Z_n (-1)^k: one-dimensional and a homomorphism onto {1, -1}. */
static void signs_are_determinants(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("signs_are_determinants");
    fs_group *G[4] = { rotation_group(2, 1), rotation_group(3, 1), symmetric_group(5), symmetric_group(9) };
    for (size_t k = 0; k < 4; k++) {
        fs_rep *sign = parsed(G[k], "sign"), *natural = parsed(G[k], "natural");
        size_t n = fs_rep_dim(natural), plus = 0, minus = 0;
        for (size_t g = 0; g < fs_group_points(G[k]); g++) {
            double *M = reals(n * n), *column = reals(n), det = 1.0;
            for (size_t j = 0; j < n; j++) {
                double *e_j = reals(n);
                e_j[j] = 1.0;
                fs_rep_apply(natural, g, e_j, column);
                for (size_t i = 0; i < n; i++) M[i * n + j] = column[i];
                free(e_j);
            }
            for (size_t j = 0; j < n; j++) {                            /* elimination with column pivots */
                size_t pivot = j;
                for (size_t i = j; i < n; i++)
                    if (fabs(M[i * n + j]) > fabs(M[pivot * n + j])) pivot = i;
                for (size_t i = 0; i < n; i++) {
                    double swap = M[j * n + i];
                    M[j * n + i] = M[pivot * n + i];
                    M[pivot * n + i] = swap;
                }
                det *= (pivot == j ? 1.0 : -1.0) * M[j * n + j];
                for (size_t i = j + 1; i < n; i++)
                    for (size_t c = n; c-- > j;) M[i * n + c] -= M[i * n + j] / M[j * n + j] * M[j * n + c];
            }
            assert_near(fs_rep_character(sign, g), det, 1e-12);
            *(det > 0.0 ? &plus : &minus) += 1;
            free(M);
            free(column);
        }
        assert_true(plus > 0 && minus > 0);
        fs_rep_destroy(sign);
        fs_rep_destroy(natural);
        fs_group_destroy(G[k]);
    }
    gsl_rng_free(rng);
}

/* <chi_a, chi_b> = 0 for different irreducibles, and their squares sum to the group: dim^2 / <chi, chi>. */
static void irreducibles_by_number_are_all_of_them(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("irreducibles_by_number_are_all_of_them");
    fs_group *G[4];
    fs_err err;
    G[0] = symmetric_group(4);
    assert_ok(fs_group_create_dihedral(&G[1], 5, &err), err);
    assert_ok(fs_group_create_cyclic(&G[2], 7, &err), err);
    assert_ok(fs_group_create_p4(&G[3], 2, &err), err);
    for (size_t k = 0; k < 4; k++) {
        size_t order = fs_group_order(G[k]);
        double squares = 0.0;
        for (size_t i = 0; squares < (double)order - 0.5; i++) {
            char name[24];
            double norm = 0.0, defect = 0.0;
            snprintf(name, sizeof name, "irrep:%zu", i);
            fs_rep *rep = parsed(G[k], name);
            for (size_t g = 0; g < order; g++) norm += fs_rep_character(rep, g) * fs_rep_character(rep, g) / (double)order;
            defect = fabs(norm - round(norm));
            assert_at_most(defect, 256.0 * (double)order * DBL_EPSILON);
            squares += (double)(fs_rep_dim(rep) * fs_rep_dim(rep)) / round(norm);
            if (i == 0) assert_true(fs_rep_is_trivial(rep));
            fs_rep_destroy(rep);
        }
        assert_near(squares, (double)order, 0.5);
        fs_group_destroy(G[k]);
    }
    gsl_rng_free(rng);
}

/* ---- pictures on a torus ---- */

/* z(p) = sum_t w(t) x(p + t - centre) on the h x w torus, 3 x 3 taps */
static void circular_convolution(size_t h, size_t w, const double *taps, const double *x, double *z)
{
    for (size_t i = 0; i < h; i++)
        for (size_t j = 0; j < w; j++) {
            z[i * w + j] = 0.0;
            for (size_t t = 0; t < 9; t++) z[i * w + j] += taps[t] * x[(i + t / 3 + h - 1) % h * w + (j + t % 3 + w - 1) % w];
        }
}

/* conv(g . taps, g . x) = g . conv(taps, x) */
static void assert_convolution_is_equivariant(gsl_rng *rng, const fs_group *G, size_t h, size_t w)
{
    fs_rep *image, *taps;
    fs_err err;
    size_t n = h * w;
    double *x = gaussians(rng, n), *t = gaussians(rng, 9), *z = reals(n), *gx = reals(n), *gz = reals(n), *zg = reals(n), gt[9];
    assert_ok(fs_rep_create_image(&image, G, h, w, &err), err);
    assert_ok(fs_rep_create_taps(&taps, G, 3, 3, &err), err);
    circular_convolution(h, w, t, x, z);
    for (size_t k = 0; k < looked_at(fs_group_points(G)); k++) {
        size_t g = point_at(rng, fs_group_points(G), k);
        fs_rep_apply(image, g, x, gx);
        fs_rep_apply(image, g, z, gz);
        fs_rep_apply(taps, g, t, gt);
        circular_convolution(h, w, gt, gx, zg);
        assert_at_most(max_difference(n, zg, gz), 32.0 * DBL_EPSILON * norm2(n, x) * norm2(9, t));
    }
    assert_string_equal(fs_rep_name(taps), "taps 3x3");
    free(x);
    free(t);
    free(z);
    free(gx);
    free(gz);
    free(zg);
    fs_rep_destroy(image);
    fs_rep_destroy(taps);
}

static void circular_convolutions_commute_with_pictures_and_taps(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("circular_convolutions_commute_with_pictures_and_taps");
    fs_group *G[9];
    fs_err err;
    static const size_t side[9][2] = { { 5, 5 }, { 4, 4 }, { 4, 5 }, { 3, 7 }, { 1, 6 }, { 6, 6 }, { 6, 6 }, { 2, 4 }, { 3, 3 } };
    assert_ok(fs_group_create_p4(&G[0], 5, &err), err);
    assert_ok(fs_group_create_p4(&G[1], 4, &err), err);
    assert_ok(fs_group_create_translations(&G[2], 4, 5, &err), err);
    assert_ok(fs_group_create_translations(&G[3], 1, 7, &err), err);
    assert_ok(fs_group_create_translations(&G[4], 1, 6, &err), err);
    assert_ok(fs_group_create_dihedral(&G[5], 4, &err), err);
    assert_ok(fs_group_create_cyclic(&G[6], 4, &err), err);
    assert_ok(fs_group_create_dihedral(&G[7], 2, &err), err);
    assert_ok(fs_group_create_translations(&G[8], 3, 3, &err), err);
    G[8] = product_of(G[8], fs_group_retain(G[8]));
    for (size_t k = 0; k < 9; k++) {
        assert_convolution_is_equivariant(rng, G[k], side[k][0], side[k][1]);
        fs_group_destroy(G[k]);
    }
    gsl_rng_free(rng);
}

/* numpy.roll(x, (a, b)); p4 is the roll of a turned picture; both are the group's own permutation. */
static void translations_roll_pictures(void **state)
{
    (void)state;
    fs_group *Z, *p4;
    fs_rep *image, *natural, *turned;
    fs_err err;
    assert_ok(fs_group_create_translations(&Z, 2, 3, &err), err);
    assert_ok(fs_rep_create_image(&image, Z, 2, 3, &err), err);
    const double x[6] = { 1, 2, 3, 4, 5, 6 };
    assert_moves(image, 1, x, (double[]){ 3, 1, 2, 6, 4, 5 });
    assert_moves(image, 3, x, (double[]){ 4, 5, 6, 1, 2, 3 });
    assert_moves(image, 5, x, (double[]){ 5, 6, 4, 2, 3, 1 });
    fs_rep_destroy(image);
    /* a filter's taps stay, each a trivial summand */
    size_t count, *dim;
    unsigned char *trivial;
    assert_ok(fs_rep_create_taps(&image, Z, 3, 5, &err), err);
    assert_true(fs_rep_is_trivial(image));
    assert_ok(fs_rep_summands(image, &count, &dim, &trivial, &err), err);
    assert_int_equal(count, 15);
    free(dim);
    free(trivial);
    fs_rep_destroy(image);
    assert_ok(fs_group_create_p4(&p4, 4, &err), err);
    assert_ok(fs_rep_create_image(&image, p4, 4, 4, &err), err);
    natural = parsed(p4, "natural");
    for (size_t g = 0; g < 64; g++)
        for (size_t j = 0; j < 16; j++) {
            int sign;
            assert_int_equal(fs_rep_image_of_basis(image, g, j, &sign), fs_rep_image_of_basis(natural, g, j, &sign));
        }
    fs_group *C4;
    assert_ok(fs_group_create_cyclic(&C4, 4, &err), err);
    assert_ok(fs_rep_create_image(&turned, C4, 4, 4, &err), err);
    for (size_t g = 0; g < 64; g++)
        for (size_t j = 0; j < 16; j++) {
            int sign;
            size_t i = fs_rep_image_of_basis(turned, g % 4, j, &sign), a = g / 16, b = g / 4 % 4;
            assert_int_equal(fs_rep_image_of_basis(image, g, j, &sign), (i / 4 + a) % 4 * 4 + (i % 4 + b) % 4);
        }
    fs_rep_destroy(image);
    fs_rep_destroy(natural);
    fs_rep_destroy(turned);
    fs_group_destroy(C4);
    fs_group_destroy(p4);
    fs_group_destroy(Z);
}

static void pictures_have_a_name(void **state)
{
    (void)state;
    fs_group *G[4] = { NULL, NULL, NULL, NULL };
    assert_int_equal(fs_group_create_dihedral(&G[0], 4, NULL), FS_OK);
    assert_int_equal(fs_group_create_translations(&G[1], 1, 5, NULL), FS_OK);
    assert_int_equal(fs_group_create_translations(&G[2], 5, 5, NULL), FS_OK);
    assert_int_equal(fs_group_create_p4(&G[3], 5, NULL), FS_OK);
    for (size_t k = 0; k < 4; k++) {
        fs_rep *named = NULL, *image = NULL;
        assert_int_equal(fs_rep_create_named(&named, G[k], "image:5", NULL), FS_OK);
        assert_int_equal(fs_rep_create_image(&image, G[k], 5, 5, NULL), FS_OK);
        assert_int_equal(fs_rep_dim(named), 25);
        for (size_t g = 0; g < fs_group_points(G[k]); g++)
            for (size_t j = 0; j < 25; j++) {
                int s, t;
                assert_int_equal(fs_rep_image_of_basis(named, g, j, &s), fs_rep_image_of_basis(image, g, j, &t));
                assert_int_equal(s, t);
            }
        fs_rep_destroy(named);
        fs_rep_destroy(image);
        fs_err err;
        assert_int_equal(fs_rep_create_named(&named, G[k], "image", &err), FS_EINPUT);
        assert_non_null(strstr(err.text, "image:n"));
        fs_group_destroy(G[k]);
    }
    fs_group *S3 = NULL;
    fs_rep *none = NULL;
    assert_int_equal(fs_group_create_symmetric(&S3, 3, 1, 1, NULL), FS_OK);
    assert_int_equal(fs_rep_create_named(&none, S3, "image:5", NULL), FS_EINPUT);
    assert_null(none);
    fs_group_destroy(S3);
}

static void points_move_under_their_own_permutations_alone(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("points_move_under_their_own_permutations_alone");
    fs_group *S5 = symmetric_group(5), *C3, *SO2 = rotation_group(2, 0);
    fs_rep *points, *natural;
    fs_err err;
    assert_ok(fs_group_create_cyclic(&C3, 3, &err), err);
    assert_ok(fs_rep_create_points(&points, S5, 5, &err), err);
    natural = parsed(S5, "natural");
    assert_same_action(rng, points, natural, 0.0);
    assert_string_equal(fs_rep_name(points), "points 5");
    fs_rep_destroy(points);
    fs_rep_destroy(natural);
    const struct { const fs_group *G; size_t n; } still[] = { { S5, 6 }, { C3, 3 }, { SO2, 4 } };
    for (size_t k = 0; k < 3; k++) {
        assert_ok(fs_rep_create_points(&points, still[k].G, still[k].n, &err), err);
        assert_true(fs_rep_is_trivial(points));
        assert_int_equal(fs_rep_dim(points), still[k].n);
        fs_rep_destroy(points);
    }
    fs_group *S3 = symmetric_group(3), *both = product_of(fs_group_retain(S5), C3), *twice = product_of(fs_group_retain(S3), S3);
    assert_ok(fs_rep_create_points(&points, both, 5, &err), err);
    natural = parsed(both, "natural@1");
    assert_same_action(rng, points, natural, 0.0);
    fs_rep_destroy(points);
    fs_rep_destroy(natural);
    assert_fails(fs_rep_create_points(&points, twice, 3, &err), FS_EINPUT, err, "expected factors of S3xS3 that commute on points 3");
    assert_fails(fs_rep_create_points(&points, S5, 0, &err), FS_EINPUT, err, "dimension from 1");
    fs_group_destroy(both);
    fs_group_destroy(twice);
    fs_group_destroy(S5);
    fs_group_destroy(SO2);
    gsl_rng_free(rng);
}

/* ---- expressions ---- */

static void expressions_build_what_they_say(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("expressions_build_what_they_say");
    fs_group *D3;
    fs_err err;
    assert_ok(fs_group_create_dihedral(&D3, 3, &err), err);
    fs_rep *rotation = parsed(D3, "rotation"), *sign = parsed(D3, "sign"), *natural = parsed(D3, "natural"), *two, *three, *a, *b, *c, *d;
    assert_ok(fs_rep_create_trivial(&two, D3, 2, &err), err);
    assert_ok(fs_rep_create_trivial(&three, D3, 3, &err), err);
    assert_ok(fs_rep_create_tensor(&a, 3, (fs_rep *[]){ two, natural, rotation }, &err), err);
    assert_ok(fs_rep_create_sum(&b, 3, (fs_rep *[]){ rotation, sign, a }, &err), err);
    assert_ok(fs_rep_create_tensor(&c, 2, (fs_rep *[]){ b, rotation }, &err), err);
    assert_ok(fs_rep_create_tensor(&d, 2, (fs_rep *[]){ rotation, three }, &err), err);
    const struct { const char *text, *name; const fs_rep *rep; } row[] = {
        { "2 natural x rotation", "2 trivial x natural x rotation", a }, { "\t2  natural*rotation\n", "2 trivial x natural x rotation", a },
        { "2 trivial x natural x rotation", "2 trivial x natural x rotation", a }, { "02natural x(rotation)", "2 trivial x natural x rotation", a },
        { "rotation+sign+2 natural x rotation", "rotation + sign + (2 trivial x natural x rotation)", b },
        { "hom(rotation, rotation + sign + 2 natural x rotation)",
          "(rotation + sign + (2 trivial x natural x rotation)) x rotation", c },
        { "hom (3 trivial,rotation)", "rotation x 3 trivial", d }, { "rotation x 3 trivial", "rotation x 3 trivial", d },
        { "((rotation))", "rotation", rotation }, { "1 sign", "sign", sign }, { "3 trivial", "3 trivial", three },
    };
    for (size_t k = 0; k < sizeof row / sizeof row[0]; k++) {
        fs_rep *rep = parsed(D3, row[k].text), *again = parsed(D3, fs_rep_name(rep));
        assert_string_equal(fs_rep_name(rep), row[k].name);
        assert_same_action(rng, rep, row[k].rep, 0.0);
        assert_string_equal(fs_rep_name(again), row[k].name);
        fs_rep_destroy(rep);
        fs_rep_destroy(again);
    }
    fs_rep *built[] = { rotation, sign, natural, two, three, a, b, c, d };
    for (size_t k = 0; k < sizeof built / sizeof built[0]; k++) fs_rep_destroy(built[k]);
    fs_group_destroy(D3);
    gsl_rng_free(rng);
}

static const char *const known[] = { "trivial", "sign", "rotation", "natural", "regular", "2 trivial", "rotation:1", "3 sign" };

/* A random expression of at most `depth` brackets into text, which has room for it. */
static void write_expression(gsl_rng *rng, int depth, char *text)
{
    size_t terms = 1 + below(rng, 2), kind;
    for (size_t t = 0; t < terms; t++) {
        if (t > 0) strcat(text, below(rng, 2) ? " + " : below(rng, 2) ? " x " : "*");
        kind = depth ? below(rng, 5) : 0;
        if (kind == 4) {
            strcat(text, "hom(");
            write_expression(rng, depth - 1, text);
            strcat(text, " , ");
            write_expression(rng, depth - 1, text);
            strcat(text, ")");
        } else if (kind == 3) {
            strcat(text, below(rng, 2) ? "2 (" : "(");
            write_expression(rng, depth - 1, text);
            strcat(text, ")");
        } else {
            strcat(text, known[below(rng, sizeof known / sizeof known[0])]);
        }
    }
}

/* What a name says reads back as the same matrices, and then as the same name. */
static void names_read_back(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("names_read_back");
    fs_group *D4;
    fs_err err;
    size_t read = 0;
    assert_ok(fs_group_create_dihedral(&D4, 4, &err), err);
    for (int trial = 0; trial < 400; trial++) {
        char text[4096] = "";
        fs_rep *rep, *again;
        write_expression(rng, 3, text);
        fs_status status = fs_rep_parse(&rep, D4, text, 500, &err);
        if (status != FS_OK) {
            assert_int_equal(status, FS_EINPUT);
            assert_non_null(strstr(err.text, "at most 500 dimensions, found more at"));
            continue;
        }
        read++;
        again = parsed(D4, fs_rep_name(rep));
        assert_same_action(rng, rep, again, 0.0);
        fs_rep *third = parsed(D4, fs_rep_name(again));
        assert_same_action(rng, rep, third, 0.0);
        assert_true(fs_rep_dim(rep) <= 500);
        fs_rep_destroy(rep);
        fs_rep_destroy(again);
        fs_rep_destroy(third);
    }
    assert_true(read > 200);
    fs_group_destroy(D4);
    gsl_rng_free(rng);
}

static void wrong_expressions_say_where(void **state)
{
    (void)state;
    fs_group *D4, *C4, *S9 = symmetric_group(9), *SO2 = rotation_group(2, 0), *SO3 = rotation_group(3, 0), *G;
    fs_err err;
    fs_rep *rep;
    assert_ok(fs_group_create_dihedral(&D4, 4, &err), err);
    assert_ok(fs_group_create_cyclic(&C4, 4, &err), err);
    G = product_of(fs_group_retain(C4), symmetric_group(3));
    const struct { const fs_group *G; const char *text, *message; } row[] = {
        { D4, "", "expected a representation, found nothing" },
        { D4, "  \n", "expected a representation, found nothing" },
        { D4, "rotation x", "expected a representation at the end of \"rotation x\", found nothing" },
        { D4, "2 natrual x natural", "found \"natrual\"; did you mean \"natural\"? (at \"natrual x natural\")" },
        { D4, "rotation rotation", "expected \"+\", \"x\" or the end at \"rotation\", found \"rotation\"" },
        { D4, "(rotation", "expected \")\", \"+\" or \"x\" at the end of \"(rotation\", found nothing" },
        { D4, "rotation)", "expected \"+\", \"x\" or the end at \")\", found \")\"" },
        { D4, "rotation + + sign", "expected a representation at \"+ sign\", found \"+\"" },
        { D4, "0 rotation", "expected a count from 1 to 100 at \"0 rotation\", found \"0\"" },
        { D4, "101 trivial", "expected a count from 1 to 100" },
        { D4, "99999999999999999999999999 trivial", "expected a count from 1 to 100 at \"999999999999999999999999...\"" },
        { D4, "18446744073709551617 trivial", "expected a count from 1 to 100" },
        { D4, "3", "expected a representation at the end of \"3\"" },
        { D4, "3 3 trivial", "expected a representation at \"3 trivial\", found \"3\"" },
        { D4, "40 regular", "expected a representation of at most 100 dimensions, found more at \"40 regular\"" },
        { D4, "rotation x 60 trivial x rotation", "at most 100 dimensions, found more at \"60 trivial x rotation\"" },
        { D4, "sign xnatural", "expected \"+\", \"x\" or the end at \"xnatural\", found \"xnatural\"" },
        { D4, "99 trivial + regular", "at most 100 dimensions, found more at \"regular\"" },
        { D4, "hom", "expected \"(\" after hom at the end of \"hom\"" },
        { D4, "hom(rotation)", "expected \",\" between the two spaces of hom, or \"+\" or \"x\" at \")\", found \")\"" },
        { D4, "hom(rotation, sign", "expected \")\", \"+\" or \"x\" at the end" },
        { D4, "hom(50 trivial, 3 trivial)", "at most 100 dimensions" },
        { D4, "rotation x \x01\xff", "expected a representation at \"\\x01\\xff\", found \"\\x01\"" },
        { D4, "rotation x \xc3\xa4\xe2\x82\xac\xe2\x82", "expected a representation at \"\xc3\xa4\xe2\x82\xac\\xe2\\x82\", found \"\xc3\xa4\"" },
        { D4, "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac",
          "expected a representation at \"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac...\", found \"\xe2\x82\xac\"" },
        { D4, "a_name_that_is_much_longer_than_any_name_could_be_and_therefore_wrong", "expected a representation at" },
        { D4, "rotation:2", "expected rotation:m of D4 with a whole number from 1 to 1 after the colon, found \"rotation:2\"" },
        { D4, "rotation@1", "expected a product of groups for \"rotation@1\", found D4" },
        { D4, "natural:2", "expected a representation of D4 (trivial, regular, sign, rotation:m, natural, image:n, irrep:k), found \"natural:2\"" },
        { D4, "irrep", "expected irrep:k of D4 with a whole number from 0 to 4 after the colon, found \"irrep\"" },
        { D4, "irrep:5", "from 0 to 4" },
        { S9, "regular", "expected a representation of S9 (trivial, sign, natural, standard), found \"regular\"" },
        { SO2, "rotation:17", "from 1 to 16" },
        { SO3, "harmonic", "expected harmonic:l of SO3 with a whole number from 0 to 6" },
        { SO3, "harmonic:7", "found \"harmonic:7\"" },
        { SO3, "harmonik:2", "expected a representation of SO3 (trivial, natural, harmonic:l), found \"harmonik:2\"; did you mean \"harmonic:l\"?" },
        { G, "rotation", "expected a representation of C4xS3 (trivial, regular, natural, irrep:k, regular@1, sign@1, rotation:m@1" },
        { G, "rotation", "did you mean \"rotation:m@1\"?" },
        { G, "rotation@3", "expected a factor of C4xS3 from 1 to 2 after the @, found \"rotation@3\"" },
        { G, "rotation@0", "expected a factor" },
        { G, "rotation@", "expected a factor" },
        { G, "standard@1", "expected a representation of C4 (" },
    };
    for (size_t k = 0; k < sizeof row / sizeof row[0]; k++) {
        rep = (fs_rep *)&err;
        assert_fails(fs_rep_parse(&rep, row[k].G, row[k].text, 100, &err), FS_EINPUT, err, row[k].message);
        assert_null(rep);
        assert_int_equal(fs_rep_parse(&rep, row[k].G, row[k].text, 100, NULL), FS_EINPUT);
    }
    assert_fails(fs_rep_create_regular(&rep, S9, &err), FS_EINPUT, err, "found S9");
    /* what the message quotes in full is not quoted again */
    assert_fails(fs_rep_parse(&rep, D4, "trivial + naturl", 100, &err), FS_EINPUT, err, "found \"naturl\"; did you mean \"natural\"?");
    assert_null(strstr(err.text, "(at"));
    fs_group_destroy(G);
    fs_group_destroy(C4);
    fs_group_destroy(D4);
    fs_group_destroy(S9);
    fs_group_destroy(SO2);
    fs_group_destroy(SO3);
}

static void brackets_do_not_reach_the_end_of_the_stack(void **state)
{
    (void)state;
    enum { BRACKETS = 10000 };
    fs_group *C4;
    fs_rep *rep;
    fs_err err;
    char *text = fs_calloc(4 * BRACKETS + 16, 1);
    assert_non_null(text);
    assert_ok(fs_group_create_cyclic(&C4, 4, &err), err);
    memset(text, '(', BRACKETS);
    assert_fails(fs_rep_parse(&rep, C4, text, 100, &err), FS_EINPUT, err, "expected at most 64 brackets inside each other at \"((((");
    for (size_t k = 0; k < BRACKETS; k++) memcpy(text + 4 * k, "hom(", 4);
    assert_fails(fs_rep_parse(&rep, C4, text, 100, &err), FS_EINPUT, err, "expected at most 64 brackets inside each other at \"hom(hom(");
    memset(text, 0, 4 * BRACKETS + 16);
    memset(text, '(', 64);
    strcpy(text + 64, "rotation");
    memset(text + 72, ')', 64);
    assert_ok(fs_rep_parse(&rep, C4, text, 100, &err), err);
    assert_int_equal(fs_rep_dim(rep), 2);
    fs_rep_destroy(rep);
    text[0] = '\0';                                             /* depth one, but long */
    for (size_t k = 0; k < BRACKETS / 4; k++) strcpy(text + 15 * k, k ? "+(sign*trivial)" : " (sign*trivial)");
    assert_fails(fs_rep_parse(&rep, C4, text, 100, &err), FS_EINPUT, err, "at most 100 dimensions");
    free(text);
    fs_group_destroy(C4);
}

/* Random bytes and random words: an answer within bounds, or a printable message. */
static void any_text_is_read_or_refused(void **state)
{
    (void)state;
    static const char *const word[] = { "trivial", "sign", "rotation", ":2", "@1", "natural", "regular", "hom(", ",", ")", "(", " + ", " x ", "*",
                                        "2 ", "65536", " ", "x", "irrep:", "0", "\n", "hom", "standard@2", "rotation@1", "\x80" };
    gsl_rng *rng = law_rng("any_text_is_read_or_refused");
    fs_group *C4, *G;
    fs_err err;
    int read = 0;
    assert_ok(fs_group_create_cyclic(&C4, 4, &err), err);
    G = product_of(fs_group_retain(C4), symmetric_group(3));
    for (int trial = 0; trial < 6000; trial++) {
        char text[256] = "";
        fs_rep *rep;
        size_t length = below(rng, trial % 2 ? 12 : 40), used = 0;
        for (size_t k = 0; k < length; k++) {
            const char *next = word[below(rng, sizeof word / sizeof word[0])];
            if (trial % 2 && used + strlen(next) < sizeof text) used += strlen(strcpy(text + used, next));
            if (trial % 2 == 0) text[k] = (char)(1 + below(rng, 255));
        }
        err.text[0] = '\0';
        fs_status status = fs_rep_parse(&rep, trial % 3 ? C4 : G, text, 300, &err);
        if (status == FS_OK) {
            assert_in_range(fs_rep_dim(rep), 1, 300);
            fs_rep_destroy(rep);
            read++;
        } else {
            assert_int_equal(status, FS_EINPUT);
            assert_null(rep);
            assert_non_null(strstr(err.text, "expected"));
            for (const char *c = err.text; *c; c += fs_utf8_length(c, strlen(c))) {
                assert_true(fs_utf8_length(c, strlen(c)) > 0);
                assert_true((unsigned char)*c >= ' ' && *c != 0x7f && !((unsigned char)*c == 0xc2 && (unsigned char)c[1] < 0xa0));
            }
        }
    }
    assert_true(read > 50);
    fs_group_destroy(C4);
    fs_group_destroy(G);
    gsl_rng_free(rng);
}

/* ---- errors ---- */

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
    assert_fails(fs_rep_create_image(&rep, C3, 8, 8, &err), FS_EINPUT, err,
                 "expected C1, C2, C4, D1, D2, D4, translations Z8 or Z8xZ8, or p4:8 to act exactly on a picture of 8 x 8 pixels, found C3");
    assert_fails(fs_rep_create_image(&rep, C4, 2, 3, &err), FS_EINPUT, err,
                 "square grid for the quarter turns of C4, found 2 x 3");
    assert_fails(fs_rep_create_image(&rep, T, 2, 3, &err), FS_EINPUT, err,
                 "expected C1, C2, D1, D2, or translations Z3 or Z2xZ3 to act exactly on a picture of 2 x 3 pixels, found T");
    assert_fails(fs_rep_create_taps(&rep, T, 3, 3, &err), FS_EINPUT, err,
                 "expected C1, C2, C4, D1, D2, D4, translations or p4:<n> to act exactly on a filter of 3 x 3 taps, found T");
    assert_fails(fs_rep_create_image(&rep, C4, 0, 0, &err), FS_EINPUT, err, "found 0 x 0");
    assert_fails(fs_rep_create_image(&rep, C4, SIZE_MAX, SIZE_MAX, &err), FS_EINPUT, err, "pixels");
    fs_group *large[] = { rotation_group(3, 0), rotation_group(2, 1), symmetric_group(9) }, *signs, *Z, *p4;
    const char *advice[] = { "found SO3; continuous groups act on vectors", "found O2; continuous", "found S9; permutations act on sets" };
    for (size_t k = 0; k < 3; k++) {
        assert_fails(fs_rep_create_image(&rep, large[k], 4, 4, &err), FS_EINPUT, err, advice[k]);
        fs_group_destroy(large[k]);
    }
    assert_ok(fs_group_create_signs(&signs, 2, &err), err);
    assert_ok(fs_group_create_translations(&Z, 4, 5, &err), err);
    assert_ok(fs_group_create_p4(&p4, 4, &err), err);
    assert_fails(fs_rep_create_image(&rep, signs, 4, 4, &err), FS_EINPUT, err, "signs may act on the values at the pixels, by channels such as [natural]");
    assert_fails(fs_rep_create_image(&rep, Z, 5, 4, &err), FS_EINPUT, err, "translations Z4 or Z5xZ4 to act exactly on a picture of 5 x 4 pixels, found Z4xZ5");
    assert_fails(fs_rep_create_image(&rep, p4, 5, 5, &err), FS_EINPUT, err, "or p4:5 to act exactly on a picture of 5 x 5 pixels, found p4:4");
    assert_fails(fs_rep_create_taps(&rep, p4, 3, 5, &err), FS_EINPUT, err,
                 "expected C1, C2, D1, D2, or translations to act exactly on a filter of 3 x 5 taps");
    assert_fails(fs_rep_create_image(&rep, Z, 3, 5, &err), FS_EINPUT, err, "on a picture of 3 x 5 pixels, found Z4xZ5");
    fs_group *mixed = product_of(Z, fs_group_retain(signs)), *turning, *shifts;
    assert_fails(fs_rep_create_image(&rep, mixed, 4, 5, &err), FS_EINPUT, err, "found Z2-sign^2 in Z4xZ5xZ2-sign^2; signs may act on the values at the pixels, by channels such as [natural@2]");
    assert_ok(fs_group_create_translations(&shifts, 4, 4, &err), err);
    turning = product_of(shifts, fs_group_retain(C4));
    assert_fails(fs_rep_create_image(&rep, turning, 4, 4, &err), FS_EINPUT, err, "that commute on image 4x4, found that they do not");
    assert_ok(fs_rep_create_taps(&rep, turning, 3, 3, &err), err);
    fs_rep_destroy(rep);
    fs_group_destroy(mixed);
    fs_group_destroy(turning);
    fs_group_destroy(signs);
    fs_group_destroy(p4);
    assert_fails(fs_rep_create_named(&rep, C3, "sgn", &err), FS_EINPUT, err,
                 "C3 (trivial, regular, rotation:m, natural, irrep:k), found \"sgn\"");
    assert_fails(fs_rep_create_named(&rep, C3, "sign", &err), FS_EINPUT, err, "found \"sign\"");
    assert_fails(fs_rep_create_named(&rep, T, "rotation:1", &err), FS_EINPUT, err, "T (trivial, regular, irrep:k)");
    assert_fails(fs_rep_create_named(&rep, D4, "rotation:2", &err), FS_EINPUT, err, "from 1 to 1 after the colon, found \"rotation:2\"");
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

/* What acts on the values leaves the pixels, beside what moves them; what moves pictures of some other size is still refused. */
static void groups_that_act_on_values_leave_the_pixels(void **state)
{
    (void)state;
    static const unsigned char one[] = { 1 }, first[] = { 1, 0 }, second[] = { 0, 1 }, both[] = { 1, 1 };
    fs_group *C3, *C4, *signs, *Z, *p4, *SO3 = rotation_group(3, 0);
    fs_rep *rep, *alone;
    fs_err err;
    assert_ok(fs_group_create_cyclic(&C3, 3, &err), err);
    assert_ok(fs_group_create_cyclic(&C4, 4, &err), err);
    assert_ok(fs_group_create_signs(&signs, 2, &err), err);
    assert_ok(fs_group_create_translations(&Z, 4, 5, &err), err);
    assert_ok(fs_group_create_p4(&p4, 4, &err), err);
    fs_group *still[] = { C3, signs, SO3 };
    for (size_t k = 0; k < 3; k++) {
        assert_ok(fs_rep_create_image_with_values(&rep, still[k], 3, 5, one, &err), err);
        assert_int_equal(fs_rep_dim(rep), 15);
        assert_true(fs_rep_is_trivial(rep));
        fs_rep_destroy(rep);
        assert_ok(fs_rep_create_taps_with_values(&rep, still[k], 3, 3, one, &err), err);
        assert_true(fs_rep_is_trivial(rep));
        fs_rep_destroy(rep);
        assert_fails(fs_rep_create_image_with_values(&rep, still[k], 3, 5, (unsigned char[]){ 0 }, &err), FS_EINPUT, err, "the values at the pixels");
        fs_group *product = product_of(fs_group_retain(C4), fs_group_retain(still[k]));
        assert_fails(fs_rep_create_image_with_values(&rep, product, 4, 4, first, &err), FS_EINPUT, err, "by channels such as [natural@2]");
        assert_ok(fs_rep_create_image(&alone, C4, 4, 4, &err), err);
        for (int marked = 0; marked < 2; marked++) {
            assert_ok(fs_rep_create_image_with_values(&rep, product, 4, 4, marked ? both : second, &err), err);
            for (size_t g = 0; g < fs_group_points(product); g += 7)
                for (size_t j = 0; j < 16; j++) {
                    int sign;
                    assert_int_equal(fs_rep_image_of_basis(rep, g, j, &sign), fs_rep_image_of_basis(alone, fs_group_component(product, g, 0), j, &sign));
                }
            fs_rep_destroy(rep);
        }
        fs_rep_destroy(alone);
        fs_group_destroy(product);
    }
    assert_fails(fs_rep_create_image_with_values(&rep, C4, 2, 3, one, &err), FS_EINPUT, err, "square grid");
    assert_fails(fs_rep_create_image_with_values(&rep, Z, 4, 4, one, &err), FS_EINPUT, err, "found Z4xZ5");
    assert_fails(fs_rep_create_image_with_values(&rep, p4, 8, 8, one, &err), FS_EINPUT, err, "found p4:4");
    fs_group *nested = product_of(fs_group_retain(C4), product_of(fs_group_retain(C3), fs_group_retain(signs)));
    assert_fails(fs_rep_create_image_with_values(&rep, nested, 4, 4, both, &err), FS_EINPUT, err, "found C3 in C4xC3xZ2-sign^2");
    fs_group_destroy(nested);
    fs_group_destroy(C3);
    fs_group_destroy(C4);
    fs_group_destroy(signs);
    fs_group_destroy(Z);
    fs_group_destroy(p4);
    fs_group_destroy(SO3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quarter_turns_are_counter_clockwise),
        cmocka_unit_test(half_turns_and_flips_keep_any_grid),
        cmocka_unit_test(d4_flips_before_it_turns),
        cmocka_unit_test(rotation_turns_the_directions_of_a_picture),
        cmocka_unit_test(named_characters_are_the_textbook_ones),
        cmocka_unit_test(frequencies_are_different_irreducibles),
        cmocka_unit_test(regular_moves_e_h_to_e_gh),
        cmocka_unit_test(rotations_are_exponentials_of_their_lie_algebra),
        cmocka_unit_test(rotations_have_the_characters_of_their_angle),
        cmocka_unit_test(invariant_tensors_of_rotations_are_counted),
        cmocka_unit_test(invariants_of_graphs_are_two_and_fifteen),
        cmocka_unit_test(standard_is_natural_without_its_mean),
        cmocka_unit_test(factors_of_a_product_act_by_their_components),
        cmocka_unit_test(lie_algebras_of_products_lie_side_by_side),
        cmocka_unit_test(exact_matrices_become_signed_permutations),
        cmocka_unit_test(signs_are_determinants),
        cmocka_unit_test(irreducibles_by_number_are_all_of_them),
        cmocka_unit_test(circular_convolutions_commute_with_pictures_and_taps),
        cmocka_unit_test(translations_roll_pictures),
        cmocka_unit_test(pictures_have_a_name),
        cmocka_unit_test(points_move_under_their_own_permutations_alone),
        cmocka_unit_test(expressions_build_what_they_say),
        cmocka_unit_test(names_read_back),
        cmocka_unit_test(wrong_expressions_say_where),
        cmocka_unit_test(brackets_do_not_reach_the_end_of_the_stack),
        cmocka_unit_test(any_text_is_read_or_refused),
        cmocka_unit_test(impossible_requests_say_what_is_possible),
        cmocka_unit_test(groups_that_act_on_values_leave_the_pixels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
