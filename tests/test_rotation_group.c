/* tests/test_rotation_group.c -- SO(2), O(2), SO(3), O(3): points, rules, what they integrate and what not
 *
 * A coefficient of degree l on SO(3) is a sum of P_l(u . R v); of O(3), also times the determinant.  Random unit u, v test
 * all of them at once.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "law.h"

#include "algebra/group.h"

#include <gsl/gsl_sf_legendre.h>

enum { RULES_2 = 6, RULES_3 = 6 };

static const fs_rule rules_2[RULES_2] = { { FS_RULE_DEGREE, 1, 0, NULL }, { FS_RULE_DEGREE, 8, 0, NULL }, { FS_RULE_NODES, 0, 7, NULL },
                                          { FS_RULE_NODES, 0, 1, NULL }, { FS_RULE_SUBGROUP, 0, 0, "C4" }, { FS_RULE_SUBGROUP, 0, 0, "C3" } };
static const size_t exact_2[RULES_2] = { 1, 8, 6, 0, 3, 2 };
static const fs_rule rules_3[RULES_3] = { { FS_RULE_DEGREE, 1, 0, NULL }, { FS_RULE_DEGREE, 4, 0, NULL }, { FS_RULE_DEGREE, 7, 0, NULL },
                                          { FS_RULE_SUBGROUP, 0, 0, "tetrahedral" }, { FS_RULE_SUBGROUP, 0, 0, "octahedral" },
                                          { FS_RULE_SUBGROUP, 0, 0, "icosahedral" } };
static const size_t exact_3[RULES_3] = { 1, 4, 7, 2, 3, 5 };

static fs_group *group(size_t d, int improper, const fs_rule *rule)
{
    fs_group *G;
    fs_err err;
    assert_ok(fs_group_create_rotations(&G, d, improper, rule, &err), err);
    return G;
}

static const double *matrix(const fs_group *G, size_t g)
{
    size_t degree = 0;
    const double *R = fs_group_matrix(G, g, &degree);
    assert_non_null(R);
    assert_int_equal(degree, fs_group_parameter(G, 0));
    return R;
}

static double determinant(size_t d, const double *R)
{
    if (d == 2) return R[0] * R[3] - R[1] * R[2];
    return R[0] * (R[4] * R[8] - R[5] * R[7]) - R[1] * (R[3] * R[8] - R[5] * R[6]) + R[2] * (R[3] * R[7] - R[4] * R[6]);
}

/* max |a b - c| */
static double product_defect(size_t d, const double *a, const double *b, const double *c)
{
    double defect = 0.0;
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) {
            double sum = -c[i * d + j];
            for (size_t k = 0; k < d; k++) sum += a[i * d + k] * b[k * d + j];
            if (!(fabs(sum) <= defect)) defect = fabs(sum);
        }
    return defect;
}

/* Every group with every rule. */
static void for_all(void (*law)(const fs_group *G, size_t d, int improper))
{
    for (size_t d = 2; d <= 3; d++)
        for (int improper = 0; improper <= 1; improper++)
            for (size_t k = 0; k < (d == 2 ? RULES_2 : RULES_3); k++) {
                fs_group *G = group(d, improper, d == 2 ? rules_2 + k : rules_3 + k);
                law(G, d, improper);
                fs_group_destroy(G);
            }
}

/* --- what the groups say of themselves --- */

static void check_queries(const fs_group *G, size_t d, int improper)
{
    static const char *const names[2][2] = { { "SO2", "O2" }, { "SO3", "O3" } };
    const size_t *point;
    const double *weight;
    const uint32_t *class_of;
    size_t count;
    assert_string_equal(fs_group_name(G), names[d - 2][improper]);
    assert_int_equal(fs_group_family(G), improper ? FS_FAMILY_O : FS_FAMILY_SO);
    assert_int_equal(fs_group_order(G), 0);
    assert_false(fs_group_is_enumerated(G));
    assert_true(fs_group_is_continuous(G));
    assert_int_equal(fs_group_lie_dim(G), d == 2 ? 1 : 3);
    assert_int_equal(fs_group_haar_degree(G), d == 2 ? 64 : 16);
    assert_int_equal(fs_group_classes(G, &point, &weight, &class_of), 0);
    const size_t *generator = fs_group_generators(G, &count);
    assert_int_equal(count, improper);
    if (!improper) return;
    const double *s = matrix(G, generator[0]);
    for (size_t i = 0; i < d * d; i++) assert_near(s[i], i % (d + 1) ? 0.0 : d == 2 && i == 3 ? 1.0 : -1.0, 0.0);
}

static void queries_tell_a_continuous_group(void **state)
{
    (void)state;
    for_all(check_queries);
}

static void check_points(const fs_group *G, size_t d, int improper)
{
    size_t points = fs_group_points(G), reflections = 0;
    for (size_t i = 0; i < d * d; i++) assert_near(matrix(G, 0)[i], i % (d + 1) == 0, 0.0);
    for (size_t g = 0; g < points; g++) {
        const double *R = matrix(G, g);
        double transposed[9], one[9];
        for (size_t i = 0; i < d; i++)
            for (size_t j = 0; j < d; j++) {
                transposed[i * d + j] = R[j * d + i];
                one[i * d + j] = i == j;
            }
        /* products of three numbers of relative error 2 eps, sums of d products of size 1 */
        assert_at_most(product_defect(d, transposed, R, one), 16.0 * DBL_EPSILON);
        double det = determinant(d, R);
        assert_near(fabs(det), 1.0, 32.0 * DBL_EPSILON);
        reflections += det < 0.0;
    }
    assert_true(improper ? reflections > 0 && reflections < points : reflections == 0);
}

static void points_are_orthogonal_and_the_identity_comes_first(void **state)
{
    (void)state;
    for_all(check_points);
}

static void check_weights(const fs_group *G, size_t d, int improper)
{
    const double *weight[3] = { fs_group_haar(G), fs_group_rule(G), fs_group_doubled(G) };
    for (size_t k = 0; k < 3; k++) {
        double sum = 0.0, mirrored = 0.0;
        size_t nodes = 0;
        assert_non_null(weight[k]);
        for (size_t g = 0; g < fs_group_points(G); g++) {
            assert_true(weight[k][g] >= 0.0);
            sum += weight[k][g];
            if (determinant(d, matrix(G, g)) < 0.0) mirrored += weight[k][g];
            nodes += weight[k][g] > 0.0;
        }
        assert_near(sum, 1.0, (double)(nodes + 32) * DBL_EPSILON);
        assert_near(mirrored, improper ? 0.5 : 0.0, (double)(nodes + 32) * DBL_EPSILON);
    }
}

static void weights_sum_to_one_evenly_on_the_components(void **state)
{
    (void)state;
    for_all(check_weights);
}

static void check_witnesses(const fs_group *G, size_t d, int improper)
{
    size_t count, mixed = 0;
    const size_t *w = fs_group_witnesses(G, &count);
    assert_true(count >= 16);
    for (size_t k = 0; k < count; k++, w += 3) {
        for (size_t i = 0; i < 3; i++) assert_true(w[i] < fs_group_points(G));
        assert_at_most(product_defect(d, matrix(G, w[0]), matrix(G, w[1]), matrix(G, w[2])), 16.0 * DBL_EPSILON);
        mixed += determinant(d, matrix(G, w[0])) * determinant(d, matrix(G, w[1])) < 0.0;
    }
    assert_true(improper ? mixed >= 8 : mixed == 0);
}

static void witnesses_are_products(void **state)
{
    (void)state;
    for_all(check_witnesses);
}

/* --- the plane --- */

/* sum_g w[g] cos or sin of k theta over one component, theta the angle of the first column. */
static double frequency(const fs_group *G, const double *w, size_t k, int sine, double component)
{
    double sum = 0.0;
    for (size_t g = 0; g < fs_group_points(G); g++) {
        const double *R = matrix(G, g);
        if (determinant(2, R) * component < 0.0 || w[g] == 0.0) continue;
        double angle = (double)k * atan2(R[2], R[0]);
        sum += w[g] * (sine ? sin(angle) : cos(angle));
    }
    return sum;
}

/* exact: to that degree; at the next, the average of e^(i k theta) has modulus 1 instead of 0. */
static void check_plane(const fs_group *G, const double *w, size_t exact, int improper)
{
    double share = improper ? 0.5 : 1.0;
    for (int component = improper ? -1 : 1; component <= 1; component += 2) {
        for (size_t k = 1; k <= exact; k++)
            for (int sine = 0; sine < 2; sine++)
                assert_near(frequency(G, w, k, sine, component), 0.0, 8.0 * (double)(k + 1) * DBL_EPSILON);
        double c = frequency(G, w, exact + 1, 0, component), s = frequency(G, w, exact + 1, 1, component);
        assert_near(sqrt(c * c + s * s), share, 8.0 * (double)(exact + 2) * DBL_EPSILON);
    }
}

static void planar_rules_are_exact_to_their_degree_and_no_further(void **state)
{
    (void)state;
    for (int improper = 0; improper <= 1; improper++)
        for (size_t k = 0; k < RULES_2; k++) {
            fs_group *G = group(2, improper, rules_2 + k);
            check_plane(G, fs_group_haar(G), 64, improper);
            check_plane(G, fs_group_rule(G), exact_2[k], improper);
            size_t doubled = rules_2[k].kind == FS_RULE_DEGREE ? 2 * exact_2[k] : rules_2[k].kind == FS_RULE_NODES ? 2 * exact_2[k] + 2 : 64;
            check_plane(G, fs_group_doubled(G), doubled, improper);
            fs_group_destroy(G);
        }
}

/* Where a rule of equispaced nodes takes a frequency for the constant, the rule it is certified against gives another value: had both the same
 * nodes, or one those of the other, they would agree on a wrong average. */
static void the_second_rule_does_not_repeat_the_errors_of_the_first(void **state)
{
    (void)state;
    for (int improper = 0; improper <= 1; improper++)
        for (size_t m = 1; m <= 13; m++) {
            char name[8];
            snprintf(name, sizeof name, "C%zu", m);
            const fs_rule rule[] = { { FS_RULE_NODES, 0, m, NULL }, { FS_RULE_SUBGROUP, 0, 0, name }, { FS_RULE_DEGREE, m, 0, NULL } };
            for (size_t r = 0; r < 3; r++) {
                fs_group *G = group(2, improper, rule + r);
                size_t nodes = rule[r].kind == FS_RULE_DEGREE ? m + 1 : m;
                for (size_t k = nodes; k <= 3 * nodes * (2 * nodes + 1); k += nodes) {
                    double c = frequency(G, fs_group_rule(G), k, 0, 1.0) - frequency(G, fs_group_doubled(G), k, 0, 1.0);
                    double s = frequency(G, fs_group_rule(G), k, 1, 1.0) - frequency(G, fs_group_doubled(G), k, 1, 1.0);
                    assert_true(sqrt(c * c + s * s) > 1e-3);
                }
                fs_group_destroy(G);
            }
        }
}

static void quarter_turns_are_exact_and_average_frequency_four_to_one(void **state)
{
    (void)state;
    fs_group *C4 = group(2, 0, rules_2 + 4), *C3 = group(2, 0, rules_2 + 5);
    for (size_t g = 0; g < fs_group_points(C4); g++)
        for (size_t i = 0; fs_group_rule(C4)[g] > 0.0 && i < 4; i++)
            assert_true(matrix(C4, g)[i] == 0.0 || fabs(matrix(C4, g)[i]) == 1.0);
    assert_near(frequency(C4, fs_group_rule(C4), 4, 0, 1.0), 1.0, 0.0);
    assert_near(frequency(C4, fs_group_rule(C4), 2, 0, 1.0), 0.0, 8.0 * DBL_EPSILON);
    assert_near(frequency(C3, fs_group_rule(C3), 2, 0, 1.0), 0.0, 32.0 * DBL_EPSILON);
    assert_near(frequency(C3, fs_group_rule(C3), 4, 0, 1.0), 0.0, 32.0 * DBL_EPSILON);
    assert_near(frequency(C3, fs_group_rule(C3), 3, 0, 1.0), 1.0, 32.0 * DBL_EPSILON);
    fs_group_destroy(C4);
    fs_group_destroy(C3);
}

/* --- space --- */

static void random_unit(gsl_rng *rng, double *u)
{
    double square;
    do {
        fs_rng_gaussian(rng, 3, u);
        square = u[0] * u[0] + u[1] * u[1] + u[2] * u[2];
    } while (square < 1e-2);
    for (size_t i = 0; i < 3; i++) u[i] /= sqrt(square);
}

/* sum_g w[g] det^twisted P_l(u . (det R) v): on SO(3) a coefficient of degree l, on O(3) of one of the two parities. */
static double zonal(const fs_group *G, const double *w, size_t l, int twisted, const double *u, const double *v)
{
    double sum = 0.0;
    for (size_t g = 0; g < fs_group_points(G); g++) {
        if (w[g] == 0.0) continue;
        const double *R = matrix(G, g);
        double det = determinant(3, R) < 0.0 ? -1.0 : 1.0, x = 0.0;
        for (size_t i = 0; i < 3; i++) x += u[i] * (R[3 * i] * v[0] + R[3 * i + 1] * v[1] + R[3 * i + 2] * v[2]);
        x *= det;
        if (x > 1.0) x = 1.0;
        if (x < -1.0) x = -1.0;
        sum += w[g] * (twisted ? det : 1.0) * gsl_sf_legendre_Pl((int)l, x);
    }
    return sum;
}

/* The largest of the averages of P_l(u . R u), l > 0, for a diagonal u and two in the plane z = 0.  In the plane a product rule leaves of degree
 * l = L + 1 the coefficients m, n = +-l: C(2l, l) / 4^l (1 +- cos(2 l phi)) 2 / (l + 1), with one sign or the other, which is 0.03 for l = 17. */
static double leak(const fs_group *G, const double *w, size_t l)
{
    double angle = M_PI / (2.0 * (double)l), most = 0.0;
    double u[3][3] = { { 1.0, 0.0, 0.0 }, { cos(angle), sin(angle), 0.0 }, { 1.0 / sqrt(3.0), 1.0 / sqrt(3.0), 1.0 / sqrt(3.0) } };
    for (size_t k = 0; k < 3; k++) {
        double value = fabs(zonal(G, w, l, 0, u[k], u[k]));
        if (value > most) most = value;
    }
    return most;
}

/* |P_l'| <= l (l + 1) / 2 turns the rounding of x, 8 eps, into that of P_l, which has about 4 l eps of its own. */
static void check_exact(gsl_rng *rng, const fs_group *G, const double *w, size_t exact, int improper)
{
    double u[3], v[3];
    for (size_t trial = 0; trial < 8; trial++) {
        random_unit(rng, u);
        random_unit(rng, v);
        for (size_t l = 1; l <= exact; l++)
            for (int twisted = 0; twisted <= improper; twisted++)
                assert_near(zonal(G, w, l, twisted, u, v), 0.0, 4.0 * (double)(l * (l + 3) + 8) * DBL_EPSILON);
        if (improper) assert_near(zonal(G, w, 0, 1, u, v), 0.0, 64.0 * DBL_EPSILON);
    }
}

static void check_space(gsl_rng *rng, const fs_group *G, const double *w, size_t exact, int improper)
{
    check_exact(rng, G, w, exact, improper);
    assert_true(leak(G, w, exact + 1) > 0.01);
}

static void spatial_rules_are_exact_to_their_degree_and_no_further(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("spatial_rules_are_exact_to_their_degree_and_no_further");
    for (int improper = 0; improper <= 1; improper++)
        for (size_t k = 0; k < RULES_3; k++) {
            fs_group *G = group(3, improper, rules_3 + k);
            check_space(rng, G, fs_group_rule(G), exact_3[k], improper);
            check_exact(rng, G, fs_group_doubled(G), rules_3[k].kind == FS_RULE_DEGREE ? 2 * exact_3[k] : 16, improper);
            fs_group_destroy(G);
        }
    fs_group *G = group(3, 0, rules_3);
    check_space(rng, G, fs_group_haar(G), 16, 0);
    fs_group_destroy(G);
    gsl_rng_free(rng);
}

/* Haar moments of the entries, from the invariants of tensor powers: <R11^2> = 1/3, <R11^4> = 1/5, <R11^2 R22^2> = 2/15, <R11 R12 R21 R22> = -1/30, and
 * <R11 R22 R33> = 1/6 (det = 1 is the sum of six such terms), 0 on O(3). */
static void haar_moments_of_the_entries(void **state)
{
    (void)state;
    for (int improper = 0; improper <= 1; improper++) {
        fs_group *G = group(3, improper, rules_3 + 1);
        const double *weight[3] = { fs_group_haar(G), fs_group_rule(G), fs_group_doubled(G) };
        for (size_t k = 0; k < 3; k++) {
            double two = 0.0, four = 0.0, crossed = 0.0, swapped = 0.0, volume = 0.0;
            for (size_t g = 0; g < fs_group_points(G); g++) {
                const double *R = matrix(G, g);
                double w = weight[k][g];
                two += w * R[0] * R[0];
                four += w * R[0] * R[0] * R[0] * R[0];
                crossed += w * R[0] * R[0] * R[4] * R[4];
                swapped += w * R[0] * R[1] * R[3] * R[4];
                volume += w * R[0] * R[4] * R[8];
            }
            assert_near(two, 1.0 / 3.0, 32.0 * DBL_EPSILON);
            assert_near(four, 1.0 / 5.0, 32.0 * DBL_EPSILON);
            assert_near(crossed, 2.0 / 15.0, 32.0 * DBL_EPSILON);
            assert_near(swapped, -1.0 / 30.0, 32.0 * DBL_EPSILON);
            assert_near(volume, improper ? 0.0 : 1.0 / 6.0, 32.0 * DBL_EPSILON);
        }
        fs_group_destroy(G);
    }
}

static void the_finest_rules_are_as_accurate(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("the_finest_rules_are_as_accurate");
    fs_rule rule = { FS_RULE_DEGREE, 40, 0, NULL };
    fs_group *G = group(2, 1, &rule);
    check_plane(G, fs_group_rule(G), 40, 1);
    check_plane(G, fs_group_doubled(G), 80, 1);
    fs_group_destroy(G);
    rule.degree = 40;
    G = group(3, 0, &rule);
    double u[3], v[3];
    random_unit(rng, u);
    random_unit(rng, v);
    for (size_t l = 1; l <= 40; l += 13)
        assert_near(zonal(G, fs_group_rule(G), l, 0, u, v), 0.0, 4.0 * (double)(l * (l + 3) + 8) * DBL_EPSILON);
    assert_near(zonal(G, fs_group_doubled(G), 80, 0, u, v), 0.0, 4.0 * (double)(80 * 83 + 8) * DBL_EPSILON);
    fs_group_destroy(G);
    gsl_rng_free(rng);
}

/* --- polyhedral subgroups --- */

static void polyhedral_nodes_are_groups(void **state)
{
    (void)state;
    static const size_t order[3] = { 12, 24, 60 };
    for (size_t k = 0; k < 3; k++) {
        fs_group *G = group(3, 0, rules_3 + 3 + k);
        const double *rule = fs_group_rule(G);
        size_t node[60], count = 0;
        for (size_t g = 0; g < fs_group_points(G); g++) {
            if (rule[g] == 0.0) continue;
            assert_true(count < 60);
            assert_near(rule[g], 1.0 / (double)order[k], 0.0);
            node[count++] = g;
        }
        assert_int_equal(count, order[k]);
        for (size_t i = 0; i < count; i++)
            for (size_t j = 0; j < count; j++) {
                size_t found = 0;
                for (size_t c = 0; c < count; c++)
                    found += product_defect(3, matrix(G, node[i]), matrix(G, node[j]), matrix(G, node[c])) <= 4.0 * DBL_EPSILON;
                assert_int_equal(found, 1);
            }
        fs_group_destroy(G);
    }
}

/* --- words --- */

static void notes_say_how_exact(void **state)
{
    (void)state;
    static const struct {
        size_t d;
        int improper;
        fs_rule rule;
        const char *note;
    } row[] = { { 2, 0, { FS_RULE_DEGREE, 8, 0, NULL }, "exact to degree 8, 9 nodes" },
                { 2, 1, { FS_RULE_DEGREE, 8, 0, NULL }, "exact to degree 8, 18 nodes" },
                { 3, 0, { FS_RULE_DEGREE, 4, 0, NULL }, "exact to degree 4, 75 nodes" },
                { 3, 1, { FS_RULE_DEGREE, 4, 0, NULL }, "exact to degree 4, 150 nodes" },
                { 2, 0, { FS_RULE_NODES, 0, 12, NULL }, "12 equispaced rotations, exact to degree 11" },
                { 2, 1, { FS_RULE_NODES, 0, 12, NULL }, "12 equispaced rotations and their reflections, exact to degree 11" },
                { 2, 0, { FS_RULE_SUBGROUP, 0, 0, "C4" }, "C4 subgroup, 4 nodes, exact to degree 3" },
                { 3, 0, { FS_RULE_SUBGROUP, 0, 0, "octahedral" }, "octahedral subgroup, 24 nodes, exact to degree 3" },
                { 3, 1, { FS_RULE_SUBGROUP, 0, 0, "icosahedral" }, "icosahedral subgroup, 120 nodes, exact to degree 5" } };
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
        fs_group *G = group(row[k].d, row[k].improper, &row[k].rule);
        assert_string_equal(fs_group_rule_note(G), row[k].note);
        fs_group_destroy(G);
    }
}

/* The name of the node that turns e_x into e_y and e_y into -e_x, and so on. */
static void assert_named(const fs_group *G, const double *R, const char *name)
{
    size_t d = fs_group_parameter(G, 0);
    char buffer[FS_ELEMENT_NAME];
    for (size_t g = 0; g < fs_group_points(G); g++) {
        size_t i = 0;
        while (i < d * d && matrix(G, g)[i] == R[i]) i++;
        if (i < d * d) continue;
        assert_string_equal(fs_group_element_name(G, g, buffer), name);
        return;
    }
    fail_msg("no point is %s", name);
}

static void elements_are_named_by_angle_and_axis(void **state)
{
    (void)state;
    static const double quarter[4] = { 0, -1, 1, 0 }, back[4] = { 0, 1, -1, 0 }, flip[4] = { -1, 0, 0, 1 }, swap[4] = { 0, 1, 1, 0 };
    static const double one[9] = { 1, 0, 0, 0, 1, 0, 0, 0, 1 }, quarter_z[9] = { 0, -1, 0, 1, 0, 0, 0, 0, 1 },
                        half_y[9] = { -1, 0, 0, 0, 1, 0, 0, 0, -1 }, third[9] = { 0, 0, 1, 1, 0, 0, 0, 1, 0 },
                        inversion[9] = { -1, 0, 0, 0, -1, 0, 0, 0, -1 }, mirror_x[9] = { -1, 0, 0, 0, 1, 0, 0, 0, 1 },
                        improper_z[9] = { 0, 1, 0, -1, 0, 0, 0, 0, -1 };
    fs_group *O2 = group(2, 1, rules_2 + 4), *O3 = group(3, 1, rules_3 + 4);
    assert_named(O2, (const double[4]){ 1, 0, 0, 1 }, "identity");
    assert_named(O2, quarter, "turn by 1.571");
    assert_named(O2, back, "turn by -1.571");
    assert_named(O2, flip, "reflection in the line at 1.571");
    assert_named(O2, swap, "reflection in the line at 0.7854");
    assert_named(O3, one, "identity");
    assert_named(O3, quarter_z, "turn by 1.571 about (0, 0, 1)");
    assert_named(O3, half_y, "turn by 3.142 about (0, 1, 0)");
    assert_named(O3, third, "turn by 2.094 about (0.5774, 0.5774, 0.5774)");
    assert_named(O3, inversion, "-1");
    assert_named(O3, mirror_x, "reflection in the plane across (1, 0, 0)");
    assert_named(O3, improper_z, "turn by 1.571 about (0, 0, 1), times -1");
    fs_group_destroy(O2);
    fs_group_destroy(O3);
}

/* Rodrigues' formula of what the name says, four digits of it. */
static void names_rebuild_the_rotation(void **state)
{
    (void)state;
    fs_group *G = group(3, 0, rules_3 + 5);
    size_t read = 0;
    for (size_t g = 0; g < fs_group_points(G); g++) {
        char buffer[FS_ELEMENT_NAME];
        double angle, n[3];
        if (sscanf(fs_group_element_name(G, g, buffer), "turn by %lf about (%lf, %lf, %lf)", &angle, n, n + 1, n + 2) != 4) {
            assert_string_equal(buffer, "identity");
            continue;
        }
        read++;
        double c = cos(angle), s = sin(angle);
        double cross[9] = { 0.0, -n[2], n[1], n[2], 0.0, -n[0], -n[1], n[0], 0.0 };
        assert_true(angle > 0.0 && angle <= 3.142);
        for (size_t i = 0; i < 9; i++)
            assert_near((i % 4 ? 0.0 : c) + s * cross[i] + (1.0 - c) * n[i / 3] * n[i % 3], matrix(G, g)[i], 2e-3);
    }
    assert_true(read > 2000);
    fs_group_destroy(G);
}

static void impossible_rules_are_refused_with_the_possible_ones(void **state)
{
    (void)state;
    static const struct {
        size_t d;
        fs_rule rule;
        const char *word;
    } row[] = { { 2, { FS_RULE_DEGREE, 0, 0, NULL }, "found degree 0" },       { 3, { FS_RULE_DEGREE, 41, 0, NULL }, "found degree 41" },
                { 2, { FS_RULE_NODES, 0, 0, NULL }, "found 0 nodes" },          { 2, { FS_RULE_NODES, 0, 4097, NULL }, "found 4097 nodes" },
                { 3, { FS_RULE_NODES, 0, 12, NULL }, "octahedral" },            { 2, { FS_RULE_SUBGROUP, 0, 0, "C0" }, "found subgroup \"C0\"" },
                { 2, { FS_RULE_SUBGROUP, 0, 0, "C" }, "C<n>" },                 { 2, { FS_RULE_SUBGROUP, 0, 0, "C5000" }, "C5000" },
                { 2, { FS_RULE_SUBGROUP, 0, 0, "C04" }, "C04" },                { 2, { FS_RULE_SUBGROUP, 0, 0, "C4x" }, "C4x" },
                { 2, { FS_RULE_SUBGROUP, 0, 0, "octahedral" }, "C<n>" },        { 3, { FS_RULE_SUBGROUP, 0, 0, "C4" }, "tetrahedral" },
                { 3, { FS_RULE_SUBGROUP, 0, 0, NULL }, "icosahedral" },         { 3, { FS_RULE_SUBGROUP, 0, 0, "octahedra" }, "octahedra\"" } };
    fs_group *G;
    fs_err err;
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
        assert_fails(fs_group_create_rotations(&G, row[k].d, 0, &row[k].rule, &err), FS_EINPUT, err, row[k].word);
        assert_null(G);
    }
    assert_fails(fs_group_create_rotations(&G, 3, 1, NULL, &err), FS_EINPUT, err, "found none");
    assert_fails(fs_group_create_rotations(&G, 4, 0, rules_2, &err), FS_EINPUT, err, "dimension 2 or 3, found 4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queries_tell_a_continuous_group),
        cmocka_unit_test(points_are_orthogonal_and_the_identity_comes_first),
        cmocka_unit_test(weights_sum_to_one_evenly_on_the_components),
        cmocka_unit_test(witnesses_are_products),
        cmocka_unit_test(planar_rules_are_exact_to_their_degree_and_no_further),
        cmocka_unit_test(the_second_rule_does_not_repeat_the_errors_of_the_first),
        cmocka_unit_test(quarter_turns_are_exact_and_average_frequency_four_to_one),
        cmocka_unit_test(spatial_rules_are_exact_to_their_degree_and_no_further),
        cmocka_unit_test(haar_moments_of_the_entries),
        cmocka_unit_test(the_finest_rules_are_as_accurate),
        cmocka_unit_test(polyhedral_nodes_are_groups),
        cmocka_unit_test(notes_say_how_exact),
        cmocka_unit_test(elements_are_named_by_angle_and_axis),
        cmocka_unit_test(names_rebuild_the_rotation),
        cmocka_unit_test(impossible_rules_are_refused_with_the_possible_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
