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
                naive_sample(&twin, A, x + i * d, expected, NULL, NULL, 1.0, NULL);
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

static void refuse(fs_shape input, fs_layer_spec layer, const char *word)
{
    fs_net *net = (fs_net *)&err;
    assert_fails(fs_net_create(&net, input, &layer, 1, &err), FS_EINPUT, err, word);
    assert_null(net);
}

static void impossible_networks_are_refused_in_words(void **state)
{
    (void)state;
    fs_shape image = { 1, 8, 8 };
    static const unsigned char none[9] = { 0 };
    fs_net *net;
    refuse(image, (fs_layer_spec){ .kind = "relu" }, "known: conv, dense, pool, norm, tanh, softplus, identity, square, sin");
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
        cmocka_unit_test(impossible_networks_are_refused_in_words),
        cmocka_unit_test(tanh_is_within_two_units_in_the_last_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
