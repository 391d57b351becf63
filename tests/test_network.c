/* tests/test_network.c -- laws of networks: the naive twin, one layer at a time, instruction sets, refusals
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "naive_net.h"

static fs_err err;

static fs_net *create(const naive_net *twin, fs_isa isa)
{
    fs_net *net;
    assert_ok(fs_net_create_isa(&net, twin->input, twin->layer, twin->count, isa, &err), err);
    return net;
}

static void application_equals_the_naive_twin_for_every_lane_remainder(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("application");
    static const size_t sizes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 17 };
    for (size_t e = 0; e < NAIVE_EXAMPLES; e++) {
        naive_net twin = naive_of(&naive_examples[e]);
        fs_net *net = create(&twin, fs_isa_best());
        size_t d = fs_net_inputs(net), k = fs_net_outputs(net), P = fs_net_parameters(net);
        assert_int_equal(P, naive_parameters(&twin));
        double *A = naive_array(P), *x = naive_array(17 * d), *z = naive_array(17 * k), *expected = naive_array(k);
        naive_gaussian(&twin, 1.5, rng, A);
        fs_rng_gaussian(rng, 17 * d, x);
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            assert_ok(fs_net_apply(net, A, sizes[s], x, z, &err), err);
            for (size_t i = 0; i < sizes[s]; i++) {
                naive_apply(&twin, A, x + i * d, expected);
                double error = naive_distance(k, z + i * k, expected);
                if (!(error <= 1e-12 * (1.0 + naive_norm2(k, expected)))) {
                    print_error("%s, n = %zu, sample %zu: off by %g\n", naive_examples[e].name, sizes[s], i, error);
                    fail();
                }
            }
        }
        free(A), free(x), free(z), free(expected);
        fs_net_destroy(net);
    }
    gsl_rng_free(rng);
}

static void layers_one_by_one_compose_to_the_network(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("composition");
    for (size_t e = 0; e < NAIVE_EXAMPLES; e++) {
        naive_net twin = naive_of(&naive_examples[e]);
        fs_net *net = create(&twin, fs_isa_best());
        size_t most = 4096, P = fs_net_parameters(net), k = fs_net_outputs(net);
        double *A = naive_array(P), *x = naive_array(most), *y = naive_array(most), *z = naive_array(k);
        naive_gaussian(&twin, 1.0, rng, A);
        fs_rng_gaussian(rng, fs_net_inputs(net), x);
        assert_ok(fs_net_apply(net, A, 1, x, z, &err), err);
        assert_int_equal(fs_net_layers(net), twin.count);
        for (size_t i = 0; i < twin.count; i++) {
            fs_shape s = fs_net_shape(net, i + 1);
            fs_shape expected = naive_out(&twin.layer[i], fs_net_shape(net, i));
            assert_memory_equal(&s, &expected, sizeof s);
            assert_true(naive_size(s) <= most);
            assert_ok(fs_net_apply_layer(net, i, A, x, y, &err), err);
            double *swap = x;
            x = y, y = swap;
        }
        assert_at_most(naive_distance(k, x, z), 1e-12 * (1.0 + naive_norm2(k, z)));
        free(A), free(x), free(y), free(z);
        fs_net_destroy(net);
    }
    gsl_rng_free(rng);
}

static void weight_blocks_tile_the_natural_order(void **state)
{
    (void)state;
    static const fs_layer_spec layers[] = { CONV(4, 3), POOL(2), F(tanh), DENSE(10) };
    const fs_weight_block *b;
    fs_net *net;
    assert_ok(fs_net_create(&net, (fs_shape){ 2, 6, 6 }, layers, 4, &err), err);
    assert_int_equal(fs_net_blocks(net, &b), 2);
    assert_string_equal(b[0].kind, "conv");
    assert_true(b[0].layer == 0 && b[0].offset == 0 && b[0].count == 72 && b[0].out == 4 && b[0].in == 2 && b[0].size == 3);
    assert_string_equal(b[1].kind, "dense");
    assert_true(b[1].layer == 3 && b[1].offset == 72 && b[1].count == 360 && b[1].out == 10 && b[1].in == 36 && b[1].size == 0);
    assert_int_equal(fs_net_parameters(net), 432);
    assert_true(fs_net_isa(net) == fs_isa_best());
    fs_net_destroy(net);
    fs_net_destroy(NULL);
}

static void instruction_sets_agree_to_rounding(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("instruction sets");
    assert_true(fs_isa_available(FS_ISA_BASELINE) && fs_isa_available(fs_isa_best()));
    assert_string_equal(fs_isa_name(FS_ISA_AVX512), "avx512");
    for (size_t e = 0; e < NAIVE_EXAMPLES; e++) {
        naive_net twin = naive_of(&naive_examples[e]);
        size_t P = naive_parameters(&twin), d = naive_size(twin.input), n = 9;
        double *A = naive_array(P), *x = naive_array(n * d), *z[FS_ISA_COUNT] = { NULL };
        naive_gaussian(&twin, 1.0, rng, A);
        fs_rng_gaussian(rng, n * d, x);
        for (fs_isa isa = FS_ISA_BASELINE; isa < FS_ISA_COUNT; isa++) {
            if (!fs_isa_available(isa)) continue;
            fs_net *net = create(&twin, isa);
            size_t k = fs_net_outputs(net);
            assert_true(fs_net_isa(net) == isa);
            z[isa] = naive_array(n * k);
            assert_ok(fs_net_apply(net, A, n, x, z[isa], &err), err);
            assert_at_most(naive_distance(n * k, z[isa], z[0]), 1e-13 * (1.0 + naive_norm2(n * k, z[0])));
            fs_net_destroy(net);
        }
        for (size_t i = 0; i < FS_ISA_COUNT; i++) free(z[i]);
        free(A), free(x);
    }
    gsl_rng_free(rng);
}

static void random_networks_agree_with_the_naive_twin_for_every_instruction_set(void **state)
{
    (void)state;
    enum { NETWORKS = 200, SAMPLES = 9 };
    gsl_rng *rng = law_rng("random applications");
    for (size_t e = 0; e < NETWORKS; e++) {
        naive_random_net random;
        naive_random(rng, &random);
        naive_net twin = naive_of(&random.example);
        size_t P = naive_parameters(&twin), d = naive_size(twin.input);
        double *A = naive_array(P), *x = naive_array(SAMPLES * d);
        naive_gaussian(&twin, 1.2, rng, A);
        fs_rng_gaussian(rng, SAMPLES * d, x);
        for (fs_isa isa = FS_ISA_BASELINE; isa < FS_ISA_COUNT; isa++) {
            if (!fs_isa_available(isa)) continue;
            fs_net *net = create(&twin, isa);
            size_t k = fs_net_outputs(net);
            double *z = naive_array(SAMPLES * k), *expected = naive_array(k);
            assert_ok(fs_net_apply(net, A, SAMPLES, x, z, &err), err);
            for (size_t i = 0; i < SAMPLES; i++) {
                naive_apply(&twin, A, x + i * d, expected);
                if (naive_distance(k, z + i * k, expected) <= 1e-12 * (1.0 + naive_norm2(k, expected))) continue;
                naive_print(&random.example);
                fail();
            }
            free(z), free(expected);
            fs_net_destroy(net);
        }
        free(A), free(x);
    }
    gsl_rng_free(rng);
}

/* One layer on one input, whose outputs the caller frees. */
static double *apply(fs_layer_spec layer, fs_shape input, const double *x)
{
    const fs_layer_spec layers[] = { layer, DENSE(1) };
    fs_net *net;
    assert_ok(fs_net_create(&net, input, layers, 2, &err), err);
    double *y = naive_array(naive_size(fs_net_shape(net, 1)));
    assert_ok(fs_net_apply_layer(net, 0, NULL, x, y, &err), err);
    fs_net_destroy(net);
    return y;
}

/* Q (n, n): gaussian rows made orthonormal, twice because once loses digits where two rows are nearly parallel. */
static void random_rotation(size_t n, gsl_rng *rng, double *Q)
{
    fs_rng_gaussian(rng, n * n, Q);
    for (size_t i = 0; i < n; i++)
        for (int pass = 0; pass < 2; pass++) {
            for (size_t j = 0; j < i; j++) {
                double along = naive_dot(n, Q + i * n, Q + j * n);
                for (size_t k = 0; k < n; k++) Q[i * n + k] -= along * Q[j * n + k];
            }
            double length = naive_norm2(n, Q + i * n);
            for (size_t k = 0; k < n; k++) Q[i * n + k] /= length;
        }
}

/* y = x with n channels from c on turned by Q at each pixel. */
static void turn(fs_shape s, size_t c, size_t n, const double *Q, const double *x, double *y)
{
    size_t plane = s.height * s.width;
    memcpy(y, x, naive_size(s) * sizeof *y);
    for (size_t q = 0; q < plane; q++)
        for (size_t i = 0; i < n; i++) {
            double sum = 0;
            for (size_t j = 0; j < n; j++) sum += Q[i * n + j] * x[(c + j) * plane + q];
            y[(c + i) * plane + q] = sum;
        }
}

/* Turning the channels c ... c+n-1 of the input turns those at `to` of the output (or nothing, where to = SIZE_MAX). */
static void commutes(fs_layer_spec layer, fs_shape in, size_t c, size_t n, size_t to, gsl_rng *rng)
{
    size_t size = naive_size(in);
    fs_shape out = naive_out(&layer, in);
    double *Q = naive_array(n * n), *x = naive_array(size), *turned = naive_array(size), *expected = naive_array(naive_size(out));
    random_rotation(n, rng, Q);
    fs_rng_gaussian(rng, size, x);
    turn(in, c, n, Q, x, turned);
    double *y = apply(layer, in, x), *z = apply(layer, in, turned);
    if (to == SIZE_MAX) memcpy(expected, y, naive_size(out) * sizeof *y);
    else turn(out, to, n, Q, y, expected);
    /* n products each way, a square root and a quotient; slopes are at most 1 but for the square */
    double error = naive_distance(naive_size(out), z, expected), scale = 1.0 + naive_norm2(naive_size(out), y) + naive_dot(size, x, x);
    if (!(error <= 8.0 * (double)(n + in.channels) * DBL_EPSILON * scale)) {
        print_error("%s does not commute: %g of %g\n", layer.kind, error, scale);
        fail();
    }
    assert_true(naive_distance(size, x, turned) > 0.01 || n == 1);
    free(Q), free(x), free(turned), free(expected), free(y), free(z);
}

static void norm_nonlinearities_commute_with_rotations_of_their_blocks(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("rotations of blocks");
    const fs_shape shapes[] = { { 12, 1, 1 }, { 12, 7, 1 }, { 12, 3, 3 } };
    for (size_t i = 0; i < 3; i++) {
        fs_shape s = shapes[i];
        commutes((fs_layer_spec)RADIAL(1, 5, 3, 2, 1), s, 1, 5, 1, rng);
        commutes((fs_layer_spec)RADIAL(1, 5, 3, 2, 1), s, 6, 3, 6, rng);
        commutes((fs_layer_spec)RADIAL(1, 5, 3, 2, 1), s, 11, 1, 11, rng);
        commutes((fs_layer_spec)GATED(2, 5, 3), s, 4, 5, 2, rng);
        commutes((fs_layer_spec)GATED(2, 5, 3), s, 9, 3, 7, rng);
        commutes((fs_layer_spec)GATED(0, 11), s, 1, 11, 0, rng);
        commutes((fs_layer_spec)INVARIANTS(3, 2, 5, 2), s, 5, 5, SIZE_MAX, rng);
        commutes((fs_layer_spec)INVARIANTS(0, 12), s, 0, 12, SIZE_MAX, rng);
        commutes((fs_layer_spec)RMS(0.1), s, 0, 12, 0, rng);
        commutes((fs_layer_spec)RMS(0.1), s, 4, 5, 4, rng);
    }
    gsl_rng_free(rng);
}

static void features_commute_with_permutations_of_channels(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("permutations of channels");
    const size_t C = 7, plane = 6;
    const fs_shape s = { C, 2, 3 };
    double *x = naive_array(C * plane), *moved = naive_array(C * plane);
    fs_rng_gaussian(rng, C * plane, x);
    for (size_t c = 0; c < C; c++) memcpy(moved + (3 * c + 2) % C * plane, x + c * plane, plane * sizeof *x);
    double *y = apply((fs_layer_spec)FEATURES(0.01), s, x), *z = apply((fs_layer_spec)FEATURES(0.01), s, moved);
    for (size_t c = 0; c < C; c++)
        assert_at_most(naive_distance(plane, z + (3 * c + 2) % C * plane, y + c * plane), 8.0 * (double)C * DBL_EPSILON);
    free(x), free(moved), free(y), free(z);
    gsl_rng_free(rng);
}

/* mean y = 0 and mean y^2 = var / (var + eps);  mean y^2 = q / (q + eps);  |y|^2 = |v|^2 / (1 + |v|^2) */
static void normalised_channels_have_the_lengths_they_should(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("lengths");
    static const size_t counts[] = { 1, 2, 7, 9 };
    for (size_t n = 0; n < 4; n++) {
        const size_t C = counts[n], plane = 5;
        const fs_shape s = { C, 5, 1 };
        const double eps = 0.25;
        double *x = naive_array(C * plane);
        fs_rng_gaussian(rng, C * plane, x);
        fs_layer_spec radial = { .kind = "radial", .blocks = 1, .block = &C };
        double *y[3] = { apply((fs_layer_spec)FEATURES(eps), s, x), apply((fs_layer_spec)RMS(eps), s, x), apply(radial, s, x) };
        for (size_t q = 0; q < plane; q++) {
            double m = 0, square = 0, left = 0, length[3] = { 0 };
            for (size_t c = q; c < C * plane; c += plane) {
                m += x[c] / (double)C, square += x[c] * x[c], left += y[0][c];
                for (size_t k = 0; k < 3; k++) length[k] += y[k][c] * y[k][c];
            }
            double mean_square = square / (double)C, variance = mean_square - m * m;
            const double tolerance = 16.0 * (double)C * DBL_EPSILON * (1.0 + mean_square / eps);
            assert_near(left, 0.0, tolerance);
            assert_near(length[0] / (double)C, variance / (variance + eps), tolerance);
            assert_near(length[1] / (double)C, mean_square / (mean_square + eps), tolerance);
            assert_near(length[2], square / (1.0 + square), tolerance);
        }
        free(x);
        for (size_t k = 0; k < 3; k++) free(y[k]);
    }
    gsl_rng_free(rng);
}

static void gates_open_halfway_at_zero_and_invariants_are_squares(void **state)
{
    (void)state;
    const double x[6] = { 0.5, 0.0, -40.0, 3.0, -4.0, 5.0 };
    const fs_shape s = { 6, 1, 1 };
    double *gated = apply((fs_layer_spec)GATED(1, 2, 1), s, x), *lengths = apply((fs_layer_spec)INVARIANTS(3, 2, 1), s, x);
    assert_near(gated[0], tanh(0.5), 2 * DBL_EPSILON);
    assert_true(gated[1] == 1.5 && gated[2] == -2.0);
    assert_near(gated[3], 5.0 * exp(-40.0), 4 * DBL_EPSILON * exp(-40.0) * 5.0);
    assert_memory_equal(lengths, x, 3 * sizeof *x);
    assert_true(lengths[3] == 25.0 && lengths[4] == 25.0);
    free(gated), free(lengths);
}

static void polynomials_are_what_their_coefficients_say(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("polynomials");
    const fs_shape s = { 2, 3, 1 };
    double x[6], T[6];
    fs_rng_gaussian(rng, 6, x);
    double *square = apply((fs_layer_spec)F(square), s, x), *same = apply((fs_layer_spec)POLYNOMIAL(0, 0, 1), s, x);
    double *constant = apply((fs_layer_spec)POLYNOMIAL(0.1), s, x), *identity = apply((fs_layer_spec)POLYNOMIAL(0, 1), s, x);
    assert_memory_equal(square, same, sizeof x);
    assert_memory_equal(identity, x, sizeof x);
    for (size_t i = 0; i < 6; i++) assert_true(constant[i] >= 0.1 && constant[i] <= 0.1);
    for (size_t i = 0; i < 6; i++) x[i] = cos(x[i]), T[i] = cos(8.0 * acos(x[i]));
    double *chebyshev = apply((fs_layer_spec)POLYNOMIAL(1, 0, -32, 0, 160, 0, -256, 0, 128), s, x);
    /* the coefficients add to 577 */
    for (size_t i = 0; i < 6; i++) assert_near(chebyshev[i], T[i], 16 * 577 * DBL_EPSILON);
    free(square), free(same), free(constant), free(identity), free(chebyshev);
    gsl_rng_free(rng);
}

static void a_constant_makes_a_bias_and_a_mean_forgets_the_order_of_points(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("bias");
    const fs_layer_spec plain = DENSE(2), biased[] = { F(constant), DENSE(2) };
    const fs_shape s = { 3, 1, 1 };
    double A[8], W[6], x[3], y[2], z[2];
    fs_net *net;
    fs_rng_gaussian(rng, 8, A);
    fs_rng_gaussian(rng, 3, x);
    for (size_t i = 0; i < 6; i++) W[i] = A[i / 3 * 4 + i % 3];
    assert_ok(fs_net_create(&net, s, biased, 2, &err), err);
    assert_int_equal(fs_net_parameters(net), 8);
    assert_ok(fs_net_apply(net, A, 1, x, z, &err), err);
    fs_net_destroy(net);
    assert_ok(fs_net_create(&net, s, &plain, 1, &err), err);
    assert_ok(fs_net_apply(net, W, 1, x, y, &err), err);
    fs_net_destroy(net);
    for (size_t o = 0; o < 2; o++) assert_near(z[o], y[o] + A[4 * o + 3], 8 * DBL_EPSILON * (1.0 + fabs(y[o]) + fabs(A[4 * o + 3])));

    const fs_layer_spec set[] = { CONV(5, 1), F(tanh), CONV(4, 1), F(mean), DENSE(2) };
    double B[2 * 5 + 5 * 4 + 8], points[14], turned[14];
    fs_rng_gaussian(rng, 38, B);
    fs_rng_gaussian(rng, 14, points);
    for (size_t i = 0; i < 14; i++) turned[i / 7 * 7 + (3 * i + 1) % 7] = points[i];
    assert_ok(fs_net_create(&net, (fs_shape){ 2, 7, 1 }, set, 5, &err), err);
    assert_int_equal(fs_net_parameters(net), 38);
    assert_ok(fs_net_apply(net, B, 1, points, y, &err), err);
    assert_ok(fs_net_apply(net, B, 1, turned, z, &err), err);
    assert_at_most(naive_distance(2, y, z), 64 * DBL_EPSILON * (1.0 + naive_norm2(38, B)));
    fs_net_destroy(net);
    gsl_rng_free(rng);
}

/* What the caller gave may go; what a kind does not read may be anything. */
static void specifications_are_copied_and_unread_fields_ignored(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("copies");
    size_t gates[] = { 2, 1 }, blocks[] = { 1, 3 };
    double coefficient[] = { 0.5, 1.0, -0.25 }, x[6], before[3], after[3], y[24], z[24];
    unsigned char support[] = { 0, 1, 0, 1, 1, 1, 0, 1, 0 };
    const void *nowhere = (const void *)(uintptr_t)8;
    fs_layer_spec layers[] = { MASKED(6, 3, support), { .kind = "gated", .scalars = 1, .blocks = 2, .block = gates },
                               { .kind = "radial", .scalars = 17, .blocks = 2, .block = blocks },
                               { .kind = "polynomial", .coefficients = 3, .coefficient = coefficient }, F(tanh), DENSE(3) };
    layers[0].blocks = layers[0].coefficients = SIZE_MAX, layers[0].block = nowhere, layers[0].coefficient = nowhere;
    layers[1].coefficients = SIZE_MAX, layers[1].support = nowhere, layers[1].coefficient = nowhere;
    layers[3].blocks = SIZE_MAX, layers[3].support = nowhere, layers[3].block = nowhere;
    layers[4] = layers[3], layers[4].kind = "tanh", layers[4].coefficient = nowhere;
    fs_net *net;
    assert_ok(fs_net_create(&net, (fs_shape){ 1, 3, 2 }, layers, 6, &err), err);
    size_t P = fs_net_parameters(net);
    double *A = naive_array(P);
    fs_rng_gaussian(rng, P, A);
    fs_rng_gaussian(rng, 6, x);
    assert_ok(fs_net_apply(net, A, 1, x, before, &err), err);
    assert_ok(fs_net_apply_layer(net, 2, NULL, A, y, &err), err);
    memset(support, 1, sizeof support), memset(gates, 0, sizeof gates), memset(blocks, 0, sizeof blocks);
    memset(coefficient, 0, sizeof coefficient), memset(layers, 0, sizeof layers);
    assert_ok(fs_net_apply(net, A, 1, x, after, &err), err);
    assert_ok(fs_net_apply_layer(net, 2, NULL, A, z, &err), err);
    assert_memory_equal(before, after, sizeof before);
    assert_memory_equal(y, z, sizeof y);
    free(A);
    fs_net_destroy(net);
    gsl_rng_free(rng);
}

static void refuse(fs_shape input, fs_layer_spec layer, const char *word)
{
    fs_net *net = (fs_net *)&err;
    assert_fails(fs_net_create(&net, input, &layer, 1, &err), FS_EINPUT, err, word);
    assert_null(net);
}

static void impossible_networks_are_refused_in_words(void **state)
{
    (void)state;
    fs_shape image = { 1, 8, 8 }, vector = { 7, 1, 1 };
    static const size_t huge[2] = { SIZE_MAX, 8 };
    static const unsigned char none[9] = { 0 };
    fs_net *net;
    refuse(image, (fs_layer_spec){ .kind = "relu" }, "known: conv, dense, pool, mean, norm, features, rms, tanh, softplus, identity, square, sin, "
           "polynomial, constant, radial, gated, invariants");
    refuse(image, (fs_layer_spec){ .kind = NULL }, "unknown kind");
    refuse(image, (fs_layer_spec)CONV(4, 2), "odd size");
    refuse(image, (fs_layer_spec)CONV(4, 0), "odd size");
    refuse(image, (fs_layer_spec)CONV(4, (size_t)1 << 40 | 1), "odd size");
    refuse(image, (fs_layer_spec)CONV(0, 3), "channels");
    refuse(image, (fs_layer_spec)MASKED(4, 3, none), "at least one tap");
    refuse((fs_shape){ 1, 2, 8 }, (fs_layer_spec)ROUND(4, 7), "padding no wider");
    refuse((fs_shape){ 1, 8, 2 }, (fs_layer_spec)CONV(4, 7), "padding no wider");
    refuse(image, (fs_layer_spec)DENSE(0), "units");
    refuse(image, (fs_layer_spec)POOL(3), "divides 8 x 8");
    refuse(image, (fs_layer_spec)POOL(0), "divides 8 x 8");
    refuse(image, (fs_layer_spec)NORM(0.0), "eps > 0");
    refuse(image, (fs_layer_spec)NORM(-1.0), "eps > 0");
    refuse(image, (fs_layer_spec)NORM((double)NAN), "eps > 0");
    refuse(image, (fs_layer_spec)NORM((double)INFINITY), "eps > 0");
    refuse(image, (fs_layer_spec)FEATURES(0.0), "features: expected a finite eps > 0, found 0");
    refuse(image, (fs_layer_spec)RMS((double)NAN), "rms: expected a finite eps > 0");
    refuse(image, (fs_layer_spec){ .kind = "polynomial" }, "1 to 9 coefficients, found 0");
    refuse(image, (fs_layer_spec){ .kind = "polynomial", .coefficients = 3 }, "1 to 9 coefficients, found 0");
    refuse(image, (fs_layer_spec)POLYNOMIAL(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), "1 to 9 coefficients, found 10");
    refuse(image, (fs_layer_spec)POLYNOMIAL(1.0, (double)INFINITY), "found inf for the power 1");
    refuse(vector, (fs_layer_spec){ .kind = "radial" }, "radial: expected 1 to 7 blocks of 7 channels, found 0");
    refuse(vector, (fs_layer_spec){ .kind = "radial", .blocks = 2 }, "found 0");
    refuse(vector, (fs_layer_spec){ .kind = "gated", .blocks = SIZE_MAX, .block = huge }, "gated: expected 1 to 7 blocks");
    refuse(vector, (fs_layer_spec)RADIAL(3, 3), "7 channels together, found 0, 0 and 6");
    refuse(vector, (fs_layer_spec)RADIAL(7, 0), "found 0 in block 1");
    refuse(vector, (fs_layer_spec){ .kind = "invariants", .blocks = 2, .block = huge }, "blocks of 1 to 7 channels, found");
    refuse(vector, (fs_layer_spec)GATED(2, 2, 2), "7 channels together, found 2, 2 and 4");
    refuse(vector, (fs_layer_spec)GATED(SIZE_MAX - 2, 4, 4), "7 channels together");
    refuse(vector, (fs_layer_spec)INVARIANTS(3, 3), "7 channels together, found 3, 0 and 3");
    refuse(image, (fs_layer_spec)DENSE(SIZE_MAX / 4), "values");
    refuse(image, (fs_layer_spec)DENSE(1 << 23), "weights");
    refuse(image, (fs_layer_spec)F(tanh), "at least one conv or dense");
    refuse((fs_shape){ 0, 8, 8 }, (fs_layer_spec)DENSE(1), "input of 1 to");
    refuse((fs_shape){ SIZE_MAX, 8, SIZE_MAX }, (fs_layer_spec)DENSE(1), "input of 1 to");
    assert_fails(fs_net_create(&net, image, NULL, 0, &err), FS_EINPUT, err, "at least one layer");
    fs_layer_spec dense = DENSE(2);
    assert_fails(fs_net_create_isa(&net, image, &dense, 1, FS_ISA_COUNT, &err), FS_EINPUT, err, "instruction set");
    assert_ok(fs_net_create(&net, image, &dense, 1, &err), err);
    double x[64] = { 0 }, y[2];
    assert_fails(fs_net_apply_layer(net, 1, NULL, x, y, &err), FS_EINPUT, err, "layer below 1");
    assert_fails(fs_net_apply_layer(net, 0, NULL, x, y, &err), FS_EINPUT, err, "expected weights");
    fs_net_destroy(net);
}

/* The kernels' tanh against the C library's in long double: at most 2 units in the last place, exactly odd, at most 1. */
static void tanh_is_within_two_units_in_the_last_place(void **state)
{
    (void)state;
    enum { N = 1 << 16 };
    gsl_rng *rng = law_rng("tanh_is_within_two_units_in_the_last_place");
    const fs_layer_spec layers[] = { { .kind = "dense", .out = 1 }, { .kind = "tanh" } };
    const double one = 1.0;
    double *x = calloc(2 * N, sizeof *x), *y = calloc(2 * N, sizeof *y);
    assert_true(x && y);
    for (size_t i = 0; i < N; i++) {
        double u = gsl_rng_uniform(rng);
        double scaled = ldexp(1.0 + u, (int)gsl_rng_uniform_int(rng, 30) - 28);
        x[i] = i % 3 == 0 ? 2.0 * u : i % 3 == 1 ? scaled : 20.0 * u;
        x[N + i] = -x[i];
    }
    for (fs_isa isa = FS_ISA_BASELINE; isa < FS_ISA_COUNT; isa++) {
        if (!fs_isa_available(isa)) continue;
        fs_net *net = NULL;
        double worst = 0.0;
        assert_ok(fs_net_create_isa(&net, (fs_shape){ 1, 1, 1 }, layers, 2, isa, &err), err);
        assert_ok(fs_net_apply(net, &one, 2 * N, x, y, &err), err);
        for (size_t i = 0; i < N; i++) {
            long double exact = tanhl((long double)x[i]);
            double unit = nextafter((double)exact, 2.0) - (double)exact, error = (double)fabsl((long double)y[i] - exact) / unit;
            if (!(error <= worst)) worst = error;
            assert_true(y[N + i] <= -y[i] && y[N + i] >= -y[i] && y[i] <= 1.0);
        }
        printf("# %s: %.3f units in the last place\n", fs_isa_name(isa), worst);
        assert_at_most(worst, 2.0);
        fs_net_destroy(net);
    }
    free(x), free(y);
    gsl_rng_free(rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(application_equals_the_naive_twin_for_every_lane_remainder),
        cmocka_unit_test(layers_one_by_one_compose_to_the_network),
        cmocka_unit_test(weight_blocks_tile_the_natural_order),
        cmocka_unit_test(instruction_sets_agree_to_rounding),
        cmocka_unit_test(random_networks_agree_with_the_naive_twin_for_every_instruction_set),
        cmocka_unit_test(norm_nonlinearities_commute_with_rotations_of_their_blocks),
        cmocka_unit_test(features_commute_with_permutations_of_channels),
        cmocka_unit_test(normalised_channels_have_the_lengths_they_should),
        cmocka_unit_test(gates_open_halfway_at_zero_and_invariants_are_squares),
        cmocka_unit_test(polynomials_are_what_their_coefficients_say),
        cmocka_unit_test(a_constant_makes_a_bias_and_a_mean_forgets_the_order_of_points),
        cmocka_unit_test(specifications_are_copied_and_unread_fields_ignored),
        cmocka_unit_test(impossible_networks_are_refused_in_words),
        cmocka_unit_test(tanh_is_within_two_units_in_the_last_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
