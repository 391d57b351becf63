/* tests/test_dataset.c -- weighted samples and their orbits
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "random_rep.h"

#include "risk/dataset.h"

static double total(const fs_dataset *d)
{
    double sum = 0.0;
    for (size_t i = 0; i < d->n; i++) sum += d->weight[i];
    return sum;
}

static fs_dataset *random_dataset(gsl_rng *rng, size_t n, size_t inputs, size_t outputs)
{
    fs_dataset *d;
    fs_err err;
    double sum = 0.0;
    assert_ok(fs_dataset_create(&d, n, inputs, outputs, &err), err);
    fs_rng_gaussian(rng, n * inputs, d->x);
    fs_rng_gaussian(rng, n * outputs, d->y);
    for (size_t i = 0; i < n; i++) sum += d->weight[i] = 0.1 + gsl_rng_uniform(rng);
    for (size_t i = 0; i < n; i++) d->weight[i] /= sum;
    return d;
}

static void fresh_samples_are_zero_and_weigh_the_same(void **state)
{
    (void)state;
    fs_dataset *d;
    fs_err err;
    assert_ok(fs_dataset_create(&d, 7, 2, 3, &err), err);
    for (size_t i = 0; i < 7; i++) assert_near(d->weight[i], 1.0 / 7.0, 0.0);
    for (size_t i = 0; i < 14; i++) assert_near(d->x[i], 0.0, 0.0);
    for (size_t i = 0; i < 21; i++) assert_near(d->y[i], 0.0, 0.0);
    fs_dataset_destroy(d);
    fs_dataset_destroy(NULL);
}

/* Sample (g, i) = (rho_X(g) x_i, rho_Y(g) y_i), weight measure[g] weight[i], g outermost, zero measures left out. */
static void assert_orbit(const fs_dataset *o, const fs_dataset *d, const twin *X, const twin *Y, const double *measure)
{
    size_t at = 0;
    for (size_t g = 0; g < X->order; g++) {
        if (measure[g] == 0.0) continue;
        for (size_t i = 0; i < d->n; i++, at++) {
            assert_true(at < o->n);
            assert_near(o->weight[at], measure[g] * d->weight[i], DBL_EPSILON);
            for (size_t r = 0; r < X->n; r++)
                assert_near(o->x[at * X->n + r], dot(X->n, X->M + (g * X->n + r) * X->n, d->x + i * X->n),
                            tree_tolerance(X->n) * norm2(X->n, d->x + i * X->n));
            for (size_t r = 0; r < Y->n; r++)
                assert_near(o->y[at * Y->n + r], dot(Y->n, Y->M + (g * Y->n + r) * Y->n, d->y + i * Y->n),
                            tree_tolerance(Y->n) * norm2(Y->n, d->y + i * Y->n));
        }
    }
    assert_int_equal(at, o->n);
    assert_near(total(o), 1.0, 16.0 * (double)o->n * DBL_EPSILON);
}

static void orbits_hold_every_moved_sample(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("orbits_hold_every_moved_sample");
    int dropped = 0;
    for (int trial = 0; trial < 60; trial++) {
        fs_group *G = random_group(rng);
        twin X = random_tree(rng, G, trial % 2, 1, 24), Y = random_tree(rng, G, trial % 3 == 0, 1, 8);
        fs_dataset *d = random_dataset(rng, 1 + below(rng, 7), X.n, Y.n), *o;
        double *measure = reals(X.order), sum = 0.0;
        fs_err err;
        for (size_t g = 0; g < X.order; g++) sum += measure[g] = below(rng, 3) ? gsl_rng_uniform_pos(rng) : 0.0;
        if (sum == 0.0) sum = measure[X.order - 1] = 1.0;
        for (size_t g = 0; g < X.order; g++) dropped += (measure[g] /= sum) == 0.0;
        assert_ok(fs_dataset_create_orbit(&o, d, X.rep, Y.rep, measure, &err), err);
        assert_orbit(o, d, &X, &Y, measure);
        fs_dataset_destroy(o);
        assert_ok(fs_dataset_create_orbit(&o, d, X.rep, Y.rep, NULL, &err), err);
        assert_int_equal(o->n, X.order * d->n);
        assert_orbit(o, d, &X, &Y, fs_group_rule(G));
        fs_dataset_destroy(o);
        fs_dataset_destroy(d);
        free(measure);
        twin_free(&X);
        twin_free(&Y);
        fs_group_destroy(G);
    }
    assert_true(dropped > 10);
    gsl_rng_free(rng);
}

/* Groups without a list of elements: the points of the rule, and no others. */
static void orbits_run_over_the_points_of_the_rule(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("orbits_run_over_the_points_of_the_rule");
    for (int trial = 0; trial < 12; trial++) {
        fs_group *G = large_group(rng);
        twin X = random_tree(rng, G, 1, 1, 9), Y = random_tree(rng, G, trial % 2, 0, 9);
        fs_dataset *d = random_dataset(rng, 1 + below(rng, 3), X.n, Y.n), *o;
        const double *rule = fs_group_rule(G);
        size_t nodes = 0;
        fs_err err;
        for (size_t g = 0; g < X.order; g++) nodes += rule[g] > 0.0;
        assert_ok(fs_dataset_create_orbit(&o, d, X.rep, Y.rep, NULL, &err), err);
        assert_int_equal(o->n, nodes * d->n);
        assert_true(nodes < X.order);
        assert_orbit(o, d, &X, &Y, rule);
        fs_dataset_destroy(o);
        fs_dataset_destroy(d);
        twin_free(&X);
        twin_free(&Y);
        fs_group_destroy(G);
    }
    gsl_rng_free(rng);
}

/* Quarter turns of one 2 x 2 picture [[1, 2], [3, 4]], with label vectors that swap on odd elements. */
static void quarter_turns_of_a_picture_written_out(void **state)
{
    (void)state;
    static const double x[4][4] = { { 1, 2, 3, 4 }, { 2, 4, 1, 3 }, { 4, 3, 2, 1 }, { 3, 1, 4, 2 } };
    static const double y[4][2] = { { 1, 0 }, { 0, 1 }, { 1, 0 }, { 0, 1 } };
    static const uint32_t swap[8] = { 0, 1, 1, 0, 0, 1, 1, 0 };
    const double measure[4] = { 0.5, 0.25, 0.0, 0.25 };
    static const size_t kept[3] = { 0, 1, 3 };
    fs_group *C4;
    fs_rep *picture, *labels;
    fs_dataset *d, *o;
    fs_err err;
    assert_ok(fs_group_create_cyclic(&C4, 4, &err), err);
    assert_ok(fs_rep_create_image(&picture, C4, 2, 2, &err), err);
    assert_ok(fs_rep_create_signed_permutation(&labels, C4, 2, swap, NULL, &err), err);
    assert_ok(fs_dataset_create(&d, 1, 4, 2, &err), err);
    memcpy(d->x, x[0], sizeof x[0]);
    d->y[0] = 1.0;
    assert_ok(fs_dataset_create_orbit(&o, d, picture, labels, NULL, &err), err);
    assert_int_equal(o->n, 4);
    assert_memory_equal(o->x, x, sizeof x);
    assert_memory_equal(o->y, y, sizeof y);
    for (size_t g = 0; g < 4; g++) assert_near(o->weight[g], 0.25, 0.0);
    fs_dataset_destroy(o);
    assert_ok(fs_dataset_create_orbit(&o, d, picture, labels, measure, &err), err);
    assert_int_equal(o->n, 3);
    for (size_t k = 0; k < 3; k++) {
        assert_memory_equal(o->x + 4 * k, x[kept[k]], sizeof x[0]);
        assert_near(o->weight[k], measure[kept[k]], 0.0);
    }
    fs_dataset_destroy(o);
    fs_dataset_destroy(d);
    fs_rep_destroy(picture);
    fs_rep_destroy(labels);
    fs_group_destroy(C4);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    fs_group *C2, *C4;
    fs_rep *two, *three, *other;
    fs_dataset *d, *o;
    fs_err err;
    assert_ok(fs_group_create_cyclic(&C2, 2, &err), err);
    assert_ok(fs_group_create_cyclic(&C4, 4, &err), err);
    assert_ok(fs_rep_create_trivial(&two, C2, 2, &err), err);
    assert_ok(fs_rep_create_trivial(&three, C2, 3, &err), err);
    assert_ok(fs_rep_create_trivial(&other, C4, 3, &err), err);
    assert_ok(fs_dataset_create(&d, 5, 2, 3, &err), err);
    assert_fails(fs_dataset_create_orbit(&o, d, three, three, NULL, &err), FS_EINPUT, err,
                 "dimension 2 on the inputs, found 3 (3 trivial)");
    assert_null(o);
    assert_fails(fs_dataset_create_orbit(&o, d, two, two, NULL, &err), FS_EINPUT, err, "dimension 3 on the outputs, found 2");
    assert_fails(fs_dataset_create_orbit(&o, d, two, other, NULL, &err), FS_EINPUT, err, "found C2 and C4");
    const double bad[5][2] = { { -0.5, 1.5 }, { 0.5, nan("") }, { 0.5, 0.25 }, { 0, 0 }, { 0.5, HUGE_VAL } };
    assert_fails(fs_dataset_create_orbit(&o, d, two, three, bad[0], &err), FS_EINPUT, err, "of element 0, found -0.5");
    assert_fails(fs_dataset_create_orbit(&o, d, two, three, bad[1], &err), FS_EINPUT, err, "of element 1, found nan");
    assert_fails(fs_dataset_create_orbit(&o, d, two, three, bad[2], &err), FS_EINPUT, err, "sums to 1, found 0.75");
    assert_fails(fs_dataset_create_orbit(&o, d, two, three, bad[3], &err), FS_EINPUT, err, "sums to 1, found 0");
    assert_fails(fs_dataset_create_orbit(&o, d, two, three, bad[4], &err), FS_EINPUT, err, "of element 1, found inf");
    fs_dataset_destroy(d);
    assert_fails(fs_dataset_create(&d, 0, 2, 3, &err), FS_EINPUT, err, "found 0 samples");
    assert_fails(fs_dataset_create(&d, 2, 0, 3, &err), FS_EINPUT, err, "of 0 inputs");
    assert_fails(fs_dataset_create(&d, SIZE_MAX / 2, 3, 3, &err), FS_EINPUT, err, "fit into memory");
    assert_fails(fs_dataset_create(&d, SIZE_MAX / 8, 1, 1, &err), FS_EINPUT, err, "fit into memory");
    assert_null(d);
    fs_rep_destroy(two);
    fs_rep_destroy(three);
    fs_rep_destroy(other);
    fs_group_destroy(C2);
    fs_group_destroy(C4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fresh_samples_are_zero_and_weigh_the_same),
        cmocka_unit_test(orbits_hold_every_moved_sample),
        cmocka_unit_test(orbits_run_over_the_points_of_the_rule),
        cmocka_unit_test(quarter_turns_of_a_picture_written_out),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
