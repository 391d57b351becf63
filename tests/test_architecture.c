/* tests/test_architecture.c -- from a model file to groups, representations and networks: every group, input, layer and support that the language knows
 *
 * The network of weights in E commutes with the group, dim E is that of the closed form, and every request that cannot be met is an error
 * at its place.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "model_text.h"

#include "problem/hypotheses.h"
#include "problem/parts.h"

#define SYNTHETIC(k) "data: {source: synthetic, count: 3, targets: " #k "}\nloss: squared\n"
#define Q8 "group: {generators: [[[0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 0, -1], [0, 0, 1, 0]], [[0, 0, -1, 0], [0, 0, 0, 1], [1, 0, 0, 0], [0, -1, 0, 0]]]}\n"

static double *numbers(size_t n)
{
    double *x = calloc(n ? n : 1, sizeof *x);
    assert_non_null(x);
    return x;
}

static double norm(size_t n, const double *x)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += x[i] * x[i];
    return sqrt(sum);
}

/* --- equivariance --------------------------------------------------------------------- */

/* The largest |Phi(rho(g) x) - rho(g) Phi(x)| / |Phi| over random weights, on E or in L, and up to 24 points of the group. */
static double equivariance_defect(const fs_problem *p, int on_E, gsl_rng *rng)
{
    const fs_basis *b = fs_problem_basis(p);
    const fs_net *net = fs_problem_net(p);
    size_t n = fs_net_inputs(net), m = fs_net_outputs(net), dim = on_E ? b->dim_E : b->dim_E + b->dim_N, points = fs_group_points(fs_problem_group(p));
    double *w = numbers(dim), *A = numbers(b->n_par), *x = numbers(2 * n), *z = numbers(3 * m), worst = 0.0;
    fs_err err;
    fs_rng_gaussian(rng, dim, w);
    if (on_E) fs_basis_expand_E(b, w, A);
    else fs_basis_expand(b, w, A);
    for (int trial = 0; trial < 24; trial++) {
        size_t g = points <= 24 ? (size_t)trial % points : gsl_rng_uniform_int(rng, points);
        fs_rng_gaussian(rng, n, x);
        assert_int_equal(fs_rep_apply(fs_problem_rho_X(p), g, x, x + n), FS_OK);
        assert_ok(fs_net_apply(net, A, 1, x, z, &err), err);
        assert_ok(fs_net_apply(net, A, 1, x + n, z + m, &err), err);
        assert_int_equal(fs_rep_apply(fs_problem_rho_Y(p), g, z, z + 2 * m), FS_OK);
        double size = norm(m, z);
        for (size_t i = 0; i < m; i++) z[m + i] -= z[2 * m + i];
        assert_true(size > 0.0);
        double defect = norm(m, z + m) / size;
        if (!(defect <= worst)) worst = defect;
    }
    free(w);
    free(A);
    free(x);
    free(z);
    return worst;
}

/* dim E by hand: Hom_G between the stages. */
static const struct {
    const char *text;
    size_t dim_E, dim_N;
} model[] = {
    /* partitions of 4 things into at most n blocks: 15 for n >= 4, 14 for n = 3; of 2 things: 2 */
    { "group: S4\ninput: {graph: 4}\nlayers: [dense: {out: [natural x natural]}, tanh: {}, dense: {out: 2}]\n" SYNTHETIC(2), 15 + 2 * 2, 256 + 32 - 19 },
    { "group: S3\ninput: {graph: 3}\nlayers: [dense: {out: [\"natural x natural\"]}, softplus: {}, dense: {out: [natural]}]\n" SYNTHETIC(3), 14 + 5, 81 + 27 - 19 },
    { "group: S9\nmeasure: {drawn: 5}\ninput: {set: 9, features: 2}\nlayers: [conv: {out: 3, size: 1}, tanh: {}, mean: {}, dense: {out: 2}]\n" SYNTHETIC(2), 6 + 6, 0 },
    { "group: S5\ninput: {vector: [natural]}\nlayers: [dense: {out: [2 natural], bias: true}, tanh: {}, dense: {out: [standard, sign, trivial], bias: true}]\n" SYNTHETIC(6),
      2 * 2 + 2 + 2 * (1 + 1) + 1, 10 * 6 + 6 * 11 - 11 },
    { "group: Z6\ninput: {vector: [natural]}\nlayers: [dense: {out: [2 natural]}, tanh: {}, dense: {out: [natural]}]\n" SYNTHETIC(6), 12 + 12, 144 - 24 },
    { "group: Z3xZ4\ninput: {vector: [natural]}\nlayers: [dense: {out: [natural]}, sin: {}, dense: {out: 2}]\n" SYNTHETIC(2), 12 + 2, 144 + 24 - 14 },
    { "group: p4:3\ninput: {vector: [natural]}\nlayers: [dense: {out: [natural]}]\n" SYNTHETIC(9), 3, 78 },
    /* Hom_G(V, regular) has the dimension of V: 9 taps */
    { "group: p4\ninput: {image: 4}\nlayers: [conv: {out: 1, size: 3, channels: regular, padding: circular}, tanh: {}, mean: {}, dense: {out: 2}]\n" SYNTHETIC(2),
      9 + 2, 576 + 128 - 11 },
    { "group: C4\ninput: {image: 5, channels: [trivial, sign]}\nlayers: [conv: {out: [regular, sign], size: 3}, tanh: {}, pool: {average: 5}, conv: {out: 1, size: 1}]\n" SYNTHETIC(1),
      2 * 9 + 2 + 3 + 1, 2 * 5 * 9 + 5 - 24 },
    /* Q8 acts on R^4 as the quaternions do: its commutant is the quaternions again */
    { Q8 "input: {vector: [2 natural]}\nlayers: [dense: {out: [natural]}, radial: {}, dense: {out: [natural]}]\n" SYNTHETIC(4), 8 + 4, 32 + 16 - 12 },
    { "group: {generators: [[1, 2, 0, 3], [1, 0, 3, 2]]}\ninput: {vector: [natural]}\nlayers: [dense: {out: [natural]}, square: {}, dense: {out: [natural]}]\n" SYNTHETIC(4), 4, 28 },
    { "group: C2xS3\ninput: {vector: [\"natural@1 x natural@2\"]}\nlayers: [dense: {out: [natural]}, tanh: {}, dense: {out: [\"natural@2\"]}]\n" SYNTHETIC(3), 4 + 2, 36 + 18 - 6 },
    { "group: Z2-sign^3\ninput: {vector: [natural]}\nlayers: [dense: {out: [2 natural]}, tanh: {}, dense: {out: [natural]}]\n" SYNTHETIC(3), 6 + 6, 36 - 12 },
    { "group: SO2\nmeasure: {nodes: 7}\ninput: {vector: [2 trivial, 2 rotation, \"rotation:2\"]}\n"
      "layers: [dense: {out: [4 trivial, 2 rotation, \"rotation:2\"]}, gated: {}, norm: {layer: rms}, dense: {out: [rotation]}]\n" SYNTHETIC(2),
      8 + 8 + 2 + 4, 10 * 8 + 7 * 2 - 22 },
    { "group: O2\nmeasure: {degree: 4}\ninput: {vector: [natural, sign]}\nlayers: [dense: {out: [2 trivial, sign, natural]}, gated: {}, dense: {out: [natural, sign]}]\n" SYNTHETIC(3),
      1 + 1 + 1 + 1, 15 + 9 - 4 },
    { "group: SO3\nmeasure: {degree: 4}\ninput: {set: 5, features: [natural]}\n"
      "layers: [conv: {out: [3 natural], size: 1}, radial: {}, conv: {out: [3 natural], size: 1}, invariants: {}, conv: {out: 4, size: 1}, tanh: {}, mean: {}, dense: {out: 2}]\n" SYNTHETIC(2),
      3 + 9 + 12 + 8, 9 * 3 + 81 + 20 - 32 },
    { "group: S4xSO3\nmeasure: {subgroup: octahedral}\ninput: {set: 4, features: [\"natural@2\"]}\n"
      "layers: [conv: {out: [2 trivial, \"2 natural@2\"], size: 1}, gated: {}, mean: {}, dense: {out: [\"natural@2\"]}]\n" SYNTHETIC(3), 2 + 2, 24 + 18 - 4 },
    { "group: SO3\nmeasure: {subgroup: icosahedral}\ninput: {vector: [\"harmonic:2\", natural]}\nlayers: [dense: {out: [2 trivial, \"harmonic:2\", natural]}, invariants: {}, dense: {out: 1}]\n" SYNTHETIC(1),
      2 + 4, 8 * 10 + 4 - 6 },
    { "group: O3\nmeasure: {degree: 2}\ninput: {vector: [2 natural]}\nlayers: [dense: {out: [2 natural]}, radial: {}, dense: {out: [natural]}]\n" SYNTHETIC(3), 4 + 2, 36 + 18 - 6 },
    { "group: D4\ninput: {image: 4}\nlayers: [conv: {out: 2, size: 3}, polynomial: {coefficients: [0, 1, 0.5]}, norm: {layer: features}, conv: {out: 1, size: 3}]\n" SYNTHETIC(16), 6 + 6, 36 - 12 },
    { "group: C3\ninput: {vector: [natural]}\nlayers: [dense: {out: [natural]}, invariants: {}]\n" SYNTHETIC(1), 3, 6 },
    /* the axes of space permuted, at every one of five points */
    { "group: S3\ninput: {set: 5, features: [natural]}\nlayers: [conv: {out: [natural], size: 1}, tanh: {}, mean: {}, dense: {out: 1}]\n" SYNTHETIC(1), 2 + 1, 9 + 3 - 3 },
};

static void weights_in_E_make_equivariant_networks(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("equivariant networks");
    for (size_t i = 0; i < sizeof model / sizeof *model; i++) {
        fs_problem *p = model_of(model[i].text);
        const fs_basis *b = fs_problem_basis(p);
        if (b->dim_E != model[i].dim_E || b->dim_N != model[i].dim_N) print_error("%s", model[i].text);
        assert_int_equal(b->dim_E, model[i].dim_E);
        assert_int_equal(b->dim_N, model[i].dim_N);
        double on_E = equivariance_defect(p, 1, rng), in_L = equivariance_defect(p, 0, rng);
        if (!(on_E <= 1e-10)) print_error("%s", model[i].text);
        assert_at_most(on_E, 1e-10);
        assert_true(!b->dim_N || in_L > 1e-3);
        fs_problem_destroy(p);
    }
    gsl_rng_free(rng);
}

/* Same text, same dimensions, same augmented data to the bit. */
static void resolved_text_is_the_same_problem(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof model / sizeof *model; i++) {
        fs_problem *p = model_of(model[i].text), *q = model_of(strchr(fs_problem_text(p), '\n') + 1);
        assert_string_equal(fs_problem_text(p), fs_problem_text(q));
        assert_int_equal(fs_problem_basis(q)->dim_E, model[i].dim_E);
        assert_int_equal(p->augmented->n, q->augmented->n);
        assert_memory_equal(p->augmented->x, q->augmented->x, p->augmented->n * p->augmented->inputs * sizeof *p->augmented->x);
        assert_memory_equal(p->measure, q->measure, fs_group_points(p->group) * sizeof *p->measure);
        fs_problem_destroy(p);
        fs_problem_destroy(q);
    }
}

/* Zero padding has an edge, and the torus has none: a convolution that is not circular does not commute with shifts. */
static void zero_padding_breaks_translations(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("zero padding");
    fs_problem *p = model_of("group: Z5xZ5\ninput: {image: 5}\nlayers: [conv: {out: 1, size: 3, padding: zero}]\n" SYNTHETIC(25));
    assert_true(equivariance_defect(p, 1, rng) > 1e-3);
    fs_problem_destroy(p);
    p = model_of("group: Z5xZ5\ninput: {image: 5}\nlayers: [conv: {out: 1, size: 3, padding: circular}]\n" SYNTHETIC(25));
    assert_at_most(equivariance_defect(p, 1, rng), 1e-12);
    assert_int_equal(fs_problem_basis(p)->dim_N, 0);
    fs_problem_destroy(p);
    gsl_rng_free(rng);
}

/* --- groups and measures ---------------------------------------------------------------- */

static void groups_have_the_names_and_orders_of_the_language(void **state)
{
    (void)state;
    static const struct { const char *text, *name; size_t order, points; } group[] = {
        { "group: C6", "C6", 6, 6 },
        { "group: D5", "D5", 10, 10 },
        { "group: S4", "S4", 24, 24 },
        { "group: Z7", "Z7", 7, 7 },
        { "group: Z2xZ3", "Z2xZ3", 6, 6 },
        { "group: \"p4:2\"", "p4:2", 16, 16 },
        { "group: Z2-sign", "Z2-sign", 2, 2 },
        { "group: Z2-sign^4", "Z2-sign^4", 16, 16 },
        { "group: C4xS3", "C4xS3", 24, 24 },
        { "group: C2 x Z3 x D2", "C2xZ3xD2", 24, 24 },
        { "group: {generators: [[1, 2, 3, 4, 0]]}", NULL, 5, 5 },
        { "group: {generators: [[1, 0, 2, 3], [1, 2, 3, 0]], most: 24}", NULL, 24, 24 },
        { "group: {generators: [[[0, -1], [1, 0]], [[-1, 0], [0, 1]]]}", NULL, 8, 8 },
        { Q8, NULL, 8, 8 },
    };
    for (size_t i = 0; i < sizeof group / sizeof *group; i++) {
        char text[1000];
        snprintf(text, sizeof text, "%s\ninput: {vector: [trivial, natural]}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1), group[i].text);
        fs_problem *p = model_of(text);
        const fs_group *G = fs_problem_group(p);
        if (group[i].name) assert_string_equal(fs_group_name(G), group[i].name);
        assert_int_equal(fs_group_order(G), group[i].order);
        assert_int_equal(fs_group_points(G), group[i].points);
        for (size_t g = 0; g < group[i].points; g++) assert_near(p->measure[g], 1.0 / (double)group[i].points, 1e-15);
        fs_problem_destroy(p);
    }
}

static size_t positive(const fs_problem *p)
{
    size_t count = 0;
    double sum = 0.0;
    for (size_t g = 0; g < fs_group_points(p->group); g++) {
        count += p->measure[g] > 0.0;
        sum += p->measure[g];
    }
    assert_near(sum, 1.0, 1e-12);
    return count;
}

/* How many elements of the group the augmentation uses. */
static void the_measure_is_the_rule_that_was_asked_for(void **state)
{
    (void)state;
    static const struct { const char *group; size_t used; } rule[] = {
        { "group: SO2\nmeasure: {nodes: 3}", 3 },
        { "group: O2\nmeasure: {nodes: 5}", 10 },
        { "group: SO2\nmeasure: {subgroup: C4}", 4 },
        { "group: SO3\nmeasure: {subgroup: tetrahedral}", 12 },
        { "group: SO3\nmeasure: {subgroup: octahedral}", 24 },
        { "group: SO3\nmeasure: {subgroup: icosahedral}", 60 },
        { "group: O3\nmeasure: {subgroup: octahedral}", 48 },
        { "group: S8\nmeasure: {drawn: 6}", 6 },
        { "group: S8xSO2\nmeasure: {drawn: 4, seed: 9, nodes: 3}", 12 },
        { "group: C3xSO2\nmeasure: {nodes: 5}", 15 },
        { "group: C3\nmeasure: [1, 0, 0]", 1 },
    };
    for (size_t i = 0; i < sizeof rule / sizeof *rule; i++) {
        char text[600];
        snprintf(text, sizeof text, "%s\ninput: {vector: [trivial]}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1), rule[i].group);
        fs_problem *p = model_of(text);
        if (positive(p) != rule[i].used) print_error("%s: %zu\n", rule[i].group, positive(p));
        assert_int_equal(positive(p), rule[i].used);
        assert_int_equal(p->augmented->n, 3 * rule[i].used);
        fs_problem_destroy(p);
    }
}

/* Weights as one writes them, to nine digits, are made to sum to 1. */
static void a_biased_measure_is_divided_by_its_sum(void **state)
{
    (void)state;
    static const double written[] = { 0.333333333, 0.333333333, 0.3333333337 };
    fs_problem *p = model_of("group: C3\nmeasure: [0.333333333, 0.333333333, 0.3333333337]\ninput: {vector: [trivial]}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1));
    double sum = written[0] + written[1] + written[2];
    assert_near(p->measure[0] + p->measure[1] + p->measure[2], 1.0, 3 * DBL_EPSILON);
    for (size_t g = 0; g < 3; g++) assert_near(p->measure[g], written[g] / sum, DBL_EPSILON);
    fs_problem_destroy(p);
}

/* Elements drawn follow their own seed. */
static void drawn_elements_follow_their_seed(void **state)
{
    (void)state;
    static const char pattern[] = "group: S9\nmeasure: {drawn: 4%s}\ninput: {vector: [natural]}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1);
    fs_problem *p[3];
    static const char *const seed[] = { "", ", seed: 1", ", seed: 2" };
    for (size_t i = 0; i < 3; i++) {
        char text[400];
        snprintf(text, sizeof text, pattern, seed[i]);
        p[i] = model_of(text);
        assert_int_equal(p[i]->augmented->n, 12);
    }
    size_t bytes = 12 * 9 * sizeof(double);
    assert_memory_equal(p[0]->augmented->x, p[1]->augmented->x, bytes);
    assert_true(memcmp(p[0]->augmented->x, p[2]->augmented->x, bytes) != 0);
    for (size_t i = 0; i < 3; i++) fs_problem_destroy(p[i]);
}

/* --- layers --------------------------------------------------------------------------------- */

/* W x + b with b the last column; the constant has a layer of its own, at the place of its dense layer. */
static void a_bias_is_the_last_column(void **state)
{
    (void)state;
    fs_problem *p = model_of("group: C1\ninput: {vector: [2 trivial]}\nlayers: [identity: {}, dense: {out: 3, bias: true}, tanh: {}]\n" SYNTHETIC(3));
    static const double A[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, x[2] = { 0.1, -0.2 };
    double z[3], w[9], B[9];
    fs_err err;
    assert_int_equal(fs_net_parameters(p->net), 9);
    assert_ok(fs_net_apply(p->net, A, 1, x, z, &err), err);
    for (size_t k = 0; k < 3; k++) assert_near(z[k], tanh(A[3 * k] * x[0] + A[3 * k + 1] * x[1] + A[3 * k + 2]), 8 * DBL_EPSILON);
    assert_int_equal(p->n_layers, 4);
    static const char *const kind[] = { "identity", "bias", "dense", "tanh" };
    static const size_t place[] = { 0, 1, 1, 2 };
    static const unsigned powers[] = { 2, 3, 2, 0 };
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(p->kind[i], kind[i]);
        assert_int_equal(p->place[i], place[i]);
        assert_int_equal(p->powers[i], powers[i]);
    }
    assert_int_equal(p->fan_in[0], 2);
    memcpy(B, A, sizeof B);
    B[5] = HUGE_VAL;
    assert_fails(fs_problem_state_of_weights(p, B, w, &err), FS_EINPUT, err, "at index 5: layers.1 (dense), [1][2], a bias");
    B[5] = 0.0;
    B[4] = HUGE_VAL;
    assert_fails(fs_problem_state_of_weights(p, B, w, &err), FS_EINPUT, err, "at index 4: layers.1 (dense), [1][1]");
    assert_null(strstr(err.text, "bias"));
    fs_problem_destroy(p);
}

/* What is left of the channels, and which powers a layer contains. */
static void nonlinearities_change_the_channels_as_they_say(void **state)
{
    (void)state;
    static const struct { const char *layer; size_t dim; unsigned powers; } row[] = {
        { "gated: {}", 6, 0 },           { "invariants: {}", 6, 1 << 1 | 1 << 2 }, { "radial: {}", 8, 0 },    { "square: {}", 8, 1 << 2 },
        { "identity: {}", 8, 1 << 1 },   { "tanh: {}", 8, 0 },                     { "norm: {layer: rms}", 8, 0 },
        { "polynomial: {coefficients: [1, 0, 0, 2]}", 8, 1 << 0 | 1 << 3 },
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char text[400];
        snprintf(text, sizeof text, "group: C5\ninput: {vector: [natural]}\nlayers: [dense: {out: [4 trivial, rotation, \"rotation:2\"]}, %s, dense: {out: 1}]\n" SYNTHETIC(1), row[i].layer);
        fs_problem *p = model_of(text);
        assert_int_equal(fs_rep_dim(fs_problem_rho_stage(p, 2)), row[i].dim);
        assert_int_equal(p->powers[1], row[i].powers);
        assert_int_equal(p->powers[0], 1 << 1);
        if (!strncmp(row[i].layer, "inv", 3)) assert_true(fs_rep_is_trivial(fs_problem_rho_stage(p, 2)));
        fs_problem_destroy(p);
    }
    fs_problem *p = model_of("group: C5\ninput: {vector: [natural]}\nlayers: [dense: {out: [rotation]}, invariants: {}, dense: {out: 1}]\n" SYNTHETIC(1));
    assert_int_equal(p->powers[1], 1 << 2);
    fs_problem_destroy(p);
}

/* span{centre, sides, corners, north - south} is compatible with quarter turns: 3 of 4 of every filter are in E, one in N. */
static void compatible_support_is_a_span_of_patterns(void **state)
{
    (void)state;
    fs_problem *p = model_of("group: C4\ninput: {image: 4}\nlayers: [conv: {out: 2, size: 3, support: compatible}, tanh: {}, pool: {average: 2}, dense: {out: 1}]\n" SYNTHETIC(1));
    const fs_basis *b = fs_problem_basis(p);
    double *w = numbers(b->dim_E + b->dim_N), *A = numbers(b->n_par), kappa;
    fs_err err;
    assert_int_equal(p->n_span, 2 * 4 + 8);
    assert_int_equal(b->dim_E, 2 * 3 + 2);
    assert_int_equal(b->dim_N, 2 * 1 + 6);
    for (size_t i = 0; i < b->dim_E + b->dim_N; i++) w[i] = 1.0 + (double)i;
    fs_basis_expand(b, w, A);
    for (size_t f = 0; f < 2; f++) {
        const double *t = A + 9 * f;
        assert_near(t[0], t[2], 1e-12);
        assert_near(t[0], t[6], 1e-12);
        assert_near(t[0], t[8], 1e-12);
        assert_near(t[3], t[5], 1e-12);
        assert_near(t[1] + t[7], 2.0 * t[3], 1e-12);
        assert_true(fabs(t[1] - t[7]) > 1e-6);
    }
    assert_ok(fs_basis_compatibility(b, fs_problem_rho_H(p), &kappa, &err), err);
    assert_at_most(kappa, 1e-12);
    assert_int_equal(p->fan_in[0], 9);
    free(w);
    free(A);
    fs_problem_destroy(p);
}

static void outputs_are_what_the_last_layer_with_weights_says(void **state)
{
    (void)state;
    static const struct { const char *text; size_t dim; int trivial; } output[] = {
        { "group: C4\ninput: {image: 4}\nlayers: [conv: {out: 2, size: 3}]\n" SYNTHETIC(32), 32, 0 },
        { "group: C4\ninput: {image: 4}\nlayers: [conv: {out: 2, size: 3}, mean: {}]\noutput: trivial\n" SYNTHETIC(2), 2, 1 },
        { "group: C4\ninput: {vector: [regular]}\nlayers: [dense: {out: 4}]\noutput: [regular]\n" SYNTHETIC(4), 4, 0 },
        { "group: C4\ninput: {vector: [regular]}\nlayers: [dense: {out: 4}, tanh: {}]\noutput: [natural]\n" SYNTHETIC(4), 4, 0 },
        { "group: C4\ninput: {vector: [regular]}\nlayers: [dense: {out: [natural]}]\noutput: [regular]\n" SYNTHETIC(4), 4, 0 },
        { "group: C4\ninput: {vector: [regular]}\nlayers: [dense: {out: [2 trivial, rotation]}, invariants: {}]\noutput: trivial\n" SYNTHETIC(3), 3, 1 },
        { "group: SO2\nmeasure: {degree: 2}\ninput: {vector: [natural]}\nlayers: [dense: {out: 2}]\noutput: [rotation]\n" SYNTHETIC(2), 2, 0 },
    };
    for (size_t i = 0; i < sizeof output / sizeof *output; i++) {
        fs_problem *p = model_of(output[i].text);
        assert_int_equal(fs_rep_dim(fs_problem_rho_Y(p)), output[i].dim);
        assert_int_equal(fs_rep_is_trivial(fs_problem_rho_Y(p)) != 0, output[i].trivial);
        fs_problem_destroy(p);
    }
}

/* --- errors --------------------------------------------------------------------------------- */

#define V "\ninput: {vector: [trivial]}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1)

static void what_cannot_be_is_an_error_at_its_place(void **state)
{
    (void)state;
    static const struct { const char *text, *message; } wrong[] = {
        /* groups */
        { "group: Q8" V, "m.yaml:1:8: unknown group \"Q8\"; known: C<n>, D<n>, S<n> (n up to 20), Z<n>, Z<n>xZ<m>, p4, p4:<n>, SO2, O2, SO3, O3, Z2-sign, Z2-sign^<k>, a product such as C4xS3, or {generators: [...]}" },
        { "group: c4" V, "m.yaml:1:8: unknown group \"c4\"; known: C<n>, " },
        { "group: Z2sign" V, "m.yaml:1:8: unknown group \"Z2sign\"; known: C<n>, " },
        { "group: C4xQ8" V, "m.yaml:1:8: unknown group \"Q8\" in \"C4xQ8\"; known: " },
        { "group: C4x" V, "m.yaml:1:8: unknown group \"\" in \"C4x\"; known: " },
        { "group: C04" V, "m.yaml:1:8: unknown group \"C04\"; known: " },
        { "group: C0" V, "m.yaml:1:8: expected C<n> with n from 1 to 16384, found C0" },
        { "group: S0" V, "m.yaml:1:8: expected S<n> with n from 1 to 20, found S0" },
        { "group: D0" V, "m.yaml:1:8: expected D<n> with n from 1 to 8192, found D0" },
        { "group: Z0" V, "m.yaml:1:8: expected Z<n> with n from 1 to 16384, found Z0" },
        { "group: Z0xZ3" V, "m.yaml:1:8: expected Z<n>xZ<m> with n times m from 1 to 16384, found Z0xZ3" },
        { "group: \"p4:0\"" V, "m.yaml:1:8: expected p4:<n> with n from 1 to 64, found p4:0" },
        { "group: Z2-sign^0" V, "m.yaml:1:8: expected Z2-sign^<k> with k from 1 to 14, found Z2-sign^0" },
        { "group: C99999999999" V, "m.yaml:1:8: expected C<n> with n from 1 to 16384, found C99999999999" },
        { "group: Z9999999999999999999999xZ9999999999999999999999" V, "m.yaml:1:8: expected Z<n>xZ<m> with n times m from 1 to 16384, found Z9" },
        { "group: C4xS0" V, "m.yaml:1:8: expected S<n> with n from 1 to 20, found S0 in \"C4xS0\"" },
        { "group: p4\ninput: {image: 65}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1), "m.yaml:1:8: expected p4 on an image of edge 1 to 64, found an edge of 65" },
        { "group: C20000" V, "m.yaml:1:8: expected C<n> with n from 1 to 16384, found C20000" },
        { "group: D9000" V, "m.yaml:1:8: expected D<n> with n from 1 to 8192, found D9000" },
        { "group: Z200xZ100" V, "m.yaml:1:8: expected Z<n>xZ<m> with n times m from 1 to 16384, found Z200xZ100" },
        { "group: p4:65" V, "m.yaml:1:8: expected p4:<n> with n from 1 to 64, found p4:65" },
        { "group: Z2-sign^15" V, "m.yaml:1:8: expected Z2-sign^<k> with k from 1 to 14, found Z2-sign^15" },
        { "group: S21" V, "m.yaml:1:8: expected S<n> with n from 1 to 20, found S21" },
        { "group: C2xC2xC2xC2xC2xC2xC2xC2xC2" V, "m.yaml:1:8: expected a product of at most 8 groups, found more" },
        { "group: p4" V, "m.yaml:1:8: expected p4:<n>, or an image as input, which says what n is, for p4; found an input that is no image" },
        { "group: {generators: [[1, 2, 0], [1, 0]]}" V, "m.yaml:1:33: expected a generator of degree 3, as the first one has, found 2" },
        { "group: {generators: [[1, 2, 0], [[1]]]}" V, "m.yaml:1:33: expected a permutation, as the first generator is, found a matrix" },
        { "group: {generators: [[[1]], [0]]}" V, "m.yaml:1:29: expected a matrix, as the first generator is, found a permutation" },
        { "group: {generators: [[1, 2, 2]]}" V, "m.yaml:1:29: expected a permutation: every whole number from 0 to 2 once, found \"2\"" },
        { "group: {generators: [[1, 2, 3]]}" V, "m.yaml:1:29: expected a permutation: every whole number from 0 to 2 once, found \"3\"" },
        { "group: {generators: [[1, 0.5, 0]]}" V, "m.yaml:1:26: expected a permutation: every whole number from 0 to 2 once, found \"0.5\"" },
        { "group: {generators: [[1, [0], 0]]}" V, "m.yaml:1:26: expected a permutation: every whole number from 0 to 2 once, found a list" },
        { "group: {generators: [[[1, 0], [0]]]}" V, "m.yaml:1:31: expected a row of 2 numbers in a matrix of 2 rows, found 1" },
        { "group: {generators: [[[1, 0], 0]]}" V, "m.yaml:1:31: expected a row of 2 numbers, found \"0\"" },
        { "group: {generators: [[[1, 0], [0, [1]]]]}" V, "m.yaml:1:35: expected a number in the row of a matrix, found a list" },
        { "group: {generators: [[[1, 0], [0, 2]]]}" V, "m.yaml:1:21: " },
        { "group: {generators: [[1, 2, 3, 4, 0], [1, 0, 2, 3, 4]], most: 100}" V, "m.yaml:1:21: " },
        /* measures */
        { "group: SO3" V, "m.yaml:1:8: expected a rule for averaging over SO3, such as measure: {degree: 8} or {subgroup: octahedral}, found haar: the group is continuous" },
        { "group: O2" V, "m.yaml:1:8: expected a rule for averaging over O2, such as measure: {degree: 8} or {subgroup: C8} or {nodes: 16}, found haar: the group is continuous" },
        { "group: SO3\nmeasure: haar" V, "m.yaml:2:10: expected a rule for averaging over SO3, such as measure: {degree: 8} or {subgroup: octahedral}, found haar: the group is continuous" },
        { "group: S10\nmeasure: haar" V, "m.yaml:2:10: expected measure: {drawn: 64, seed: 1} for S10, found haar: its 3628800 elements" },
        { "group: C2xSO2\nmeasure: [0.5, 0.5]" V, "m.yaml:2:10: expected a rule for averaging over SO2, such as measure: {degree: 8} or {subgroup: C8} or {nodes: 16}, found a list of weights: the group is continuous" },
        { "group: SO3\nmeasure: {drawn: 3}" V, "m.yaml:2:10: expected a rule for averaging over SO3, such as measure: {degree: 8} or {subgroup: octahedral}, found no such key: the group is continuous" },
        { "group: SO3\nmeasure: {degree: 3, subgroup: octahedral}" V, "m.yaml:2:32: expected one of degree, nodes and subgroup in measure, found subgroup beside another" },
        { "group: SO3\nmeasure: {degree: 3, drawn: 4}" V, "m.yaml:2:29: expected no elements drawn for SO3, in which no symmetric group is too large to average over, found 4" },
        { "group: SO3\nmeasure: {nodes: 16}" V, "m.yaml:2:18: " },
        { "group: SO3\nmeasure: {subgroup: cubic}" V, "m.yaml:2:21: " },
        { "group: S10" V, "m.yaml:1:8: expected measure: {drawn: 64, seed: 1} for S10, found haar: its 3628800 elements cannot be averaged over, so the augmentation uses some that are drawn at random" },
        { "group: S10\nmeasure: {seed: 3}" V, "m.yaml:2:17: expected drawn beside seed in measure, found none" },
        { "group: S10\nmeasure: {drawn: 3, degree: 2}" V, "m.yaml:2:29: expected drawn alone for S10, which is finite, found a rule for continuous groups" },
        { "group: S5\nmeasure: {drawn: 3}" V, "m.yaml:2:10: expected haar or a list of 120 weights for S5, all of whose elements are used, found a mapping" },
        { "group: C4\nmeasure: {degree: 3}" V, "m.yaml:2:10: expected haar or a list of 4 weights for C4, all of whose elements are used, found a mapping" },
        { "group: Z3\nmeasure: [1, 0]" V, "m.yaml:2:10: expected 3 weights, one an element of Z3, found 2" },
        { "group: Z3\nmeasure: [0.5, 0.4, 0]" V, "m.yaml:2:10: expected weights that sum to 1 within 1e-09, found a sum of 0.9" },
        { "group: Z3\nmeasure: [0.5, 0.500000002, 0]" V, "m.yaml:2:10: expected weights that sum to 1 within 1e-09, found a sum of 1.00000000" },
        /* inputs */
        { "group: C3\ninput: {image: 4}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1), "m.yaml:2:16: " },
        { "group: SO2\nmeasure: {degree: 2}\ninput: {image: 4}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1), "m.yaml:3:16: " },
        { "group: SO2\ninput: {image: 4}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1),
          "m.yaml:2:16: expected a group that acts exactly on pictures (C1, C2, C4, D1, D2, D4, Z<n>, Z<n>xZ<n>, p4), found SO2; continuous groups act on vectors, on the features of sets, or on the values at the pixels, by channels such as [natural]" },
        { "group: SO2\ninput: {image: 4, channels: [natural]}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1), "m.yaml:1:8: expected a rule for averaging over SO2" },
        { "group: C4xS9\ninput: {image: 4}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1),
          "m.yaml:2:16: expected a group that acts exactly on pictures (C1, C2, C4, D1, D2, D4, Z<n>, Z<n>xZ<n>, p4), found S9 in \"C4xS9\"; permutations act on sets and graphs of points" },
        { "group: Z3xZ3\ninput: {image: 4}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1), "m.yaml:2:16: " },
        { "group: p4:3\ninput: {image: 4}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1), "m.yaml:2:16: " },
        { "group: S4\ninput: {graph: 5}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1),
          "m.yaml:2:16: expected a group that permutes 5 nodes, such as S5, found S4, whose natural representation permutes 4 points" },
        { "group: SO3\nmeasure: {degree: 2}\ninput: {graph: 3}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1),
          "m.yaml:3:16: expected a group that permutes 3 nodes, such as S3, found SO3, whose natural representation acts by matrices on 3 coordinates" },
        { "group: S4\ninput: {vector: [2 natural x spin]}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1), "m.yaml:2:18: " },
        { "group: S4\ninput: {vector: [trivial, (natural]}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1), "m.yaml:2:27: " },
        { "group: S4\ninput: {set: 4, features: [nothing]}\nlayers: [mean: {}, dense: {out: 1}]\n" SYNTHETIC(1), "m.yaml:2:28: " },
        { "group: S4\ninput: {set: 5, features: 1}\nlayers: [mean: {}, dense: {out: 1}]\n" SYNTHETIC(1),
          "m.yaml:2:14: expected a set of 4 points, which S4 permutes, or features on which it acts, found 5 points with trivial features" },
        { "group: S4\ninput: {graph: 2048}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1), "m.yaml:2:16: " },
        /* layers */
        { "group: S4\ninput: {set: 4, features: 1}\nlayers:\n  - conv: {out: 2, size: 3}\n" SYNTHETIC(1), "m.yaml:4:26: expected size 1 on a set of 4 points, which have no neighbours, found 3" },
        { "group: S4\ninput: {set: 4, features: 1}\nlayers:\n  - pool: {average: 2}\n  - dense: {out: 1}\n" SYNTHETIC(1), "m.yaml:4:5: expected an image before pool, found a set of 4 points" },
        { "group: S4\ninput: {vector: [natural]}\nlayers:\n  - mean: {}\n  - dense: {out: 1}\n" SYNTHETIC(1), "m.yaml:4:5: expected an image or a set of points before mean, found a vector of 4" },
        { "group: S4\ninput: {vector: [natural]}\nlayers:\n  - conv: {out: 1, size: 1}\n" SYNTHETIC(1), "m.yaml:4:5: expected an image or a set of points before conv, found a vector of 4" },
        { "group: S4\ninput: {vector: [natural]}\nlayers:\n  - norm: {layer: spatial}\n  - dense: {out: 1}\n" SYNTHETIC(1), "m.yaml:4:5: expected an image or a set of points before norm, found a vector of 4" },
        { "group: C4\ninput: {image: 4}\nlayers:\n  - conv: {out: [regular], size: 3, channels: regular}\n" SYNTHETIC(1),
          "m.yaml:4:47: expected no channels beside a list of representations in out, found regular" },
        { "group: C4\ninput: {image: 4}\nlayers:\n  - conv: {out: [trivial, spin], size: 3}\n" SYNTHETIC(1), "m.yaml:4:27: " },
        { "group: C4\ninput: {image: 4}\nlayers:\n  - conv: {out: 1, size: 5, support: compatible}\n" SYNTHETIC(1), "m.yaml:4:38: expected size 3 for the support compatible, found 5" },
        { "group: SO2\nmeasure: {degree: 1}\ninput: {set: 4, features: 1}\nlayers:\n  - conv: {out: 1, size: 1, channels: regular}\n" SYNTHETIC(1), "m.yaml:5:5: " },
        { "group: C4\ninput: {image: 4}\nlayers:\n  - dense: {out: 1, bias: true}\n" SYNTHETIC(1),
          "m.yaml:4:27: expected a vector before a dense layer with a bias, found an image of 1 x 4 x 4: put mean or a dense layer without bias in between" },
        { "group: C5\ninput: {vector: [natural]}\nlayers:\n  - dense: {out: [trivial, 2 rotation, \"rotation:2\"]}\n  - gated: {}\n  - dense: {out: 1}\n" SYNTHETIC(1),
          "m.yaml:5:5: expected at least 3 trivial channels in front, one gate for each of the 3 others, found 1" },
        { "group: C5\ninput: {vector: [natural]}\nlayers:\n  - dense: {out: [2 trivial, rotation, 3 trivial]}\n  - gated: {}\n  - dense: {out: 1}\n" SYNTHETIC(1),
          "m.yaml:5:5: expected all trivial channels in front of the others before gated, found 3 behind some" },
        { "group: C5\ninput: {vector: [natural]}\nlayers:\n  - dense: {out: [2 trivial, trivial + rotation]}\n  - gated: {}\n  - dense: {out: 1}\n" SYNTHETIC(1),
          "m.yaml:5:5: expected the trivial channels as entries of their own before gated, as in [3 trivial, ...], found some in a sum with others" },
        { "group: C5\ninput: {vector: [natural]}\nlayers:\n  - dense: {out: 5}\n  - gated: {}\n  - dense: {out: 1}\n" SYNTHETIC(1),
          "m.yaml:5:5: expected channels that the group acts on before gated, found 5 trivial ones" },
        { "group: C5\ninput: {vector: [natural]}\nlayers:\n  - dense: {out: 5}\n  - invariants: {}\n  - dense: {out: 1}\n" SYNTHETIC(1),
          "m.yaml:5:5: expected channels that the group acts on before invariants, found 5 trivial ones" },
        { "group: C5\ninput: {vector: [natural]}\nlayers:\n  - dense: {out: 5}\n  - polynomial: {coefficients: [0, 0]}\n  - dense: {out: 1}\n" SYNTHETIC(1),
          "m.yaml:5:32: expected a coefficient other than 0, found none" },
        { "group: C5\ninput: {vector: [natural]}\nlayers:\n  - dense: {out: 5}\n  - polynomial: {coefficients: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]}\n  - dense: {out: 1}\n" SYNTHETIC(1),
          "m.yaml:5:32: expected at most 9 coefficients (degree 8), found 10" },
        /* output and space */
        { "group: C4\ninput: {image: 4}\nlayers: [conv: {out: 1, size: 3}]\noutput: trivial\n" SYNTHETIC(16), "m.yaml:4:9: expected the representation of the last layer's outputs (" },
        { "group: C4\ninput: {image: 4}\nlayers: [conv: {out: 1, size: 3}]\noutput: [16 trivial]\n" SYNTHETIC(16), "m.yaml:4:9: expected the representation of the last layer's outputs (" },
        { "group: C4\ninput: {image: 4}\nlayers: [conv: {out: 1, size: 3}]\noutput: [trivial]\n" SYNTHETIC(16),
          "m.yaml:4:9: expected representations of total dimension 16, as the last layer has outputs, found 1" },
        { "group: C5\ninput: {vector: [natural]}\nlayers: [dense: {out: [rotation]}, invariants: {}]\noutput: [rotation]\n" SYNTHETIC(1),
          "m.yaml:4:9: expected representations of total dimension 1, as the last layer has outputs, found 2" },
        { "group: SO2\nmeasure: {degree: 2}\ninput: {vector: [natural]}\nlayers: [dense: {out: [rotation]}]\noutput: trivial\n" SYNTHETIC(2),
          "m.yaml:5:9: expected the representation of the last layer's outputs (rotation), or output left out, found another (" },
        { "group: C4\ninput: {image: 4}\nlayers: [conv: {out: 1, size: 3, support: compatible}]\nspace: {basis: a.npy}\n" SYNTHETIC(16),
          "m.yaml:4:16: expected supports that are sets of taps beside a basis, found the support compatible, which is a basis itself" },
        { "group: C4\ninput: {image: 16}\nlayers: [conv: {out: 8, size: 3, support: compatible}, dense: {out: 1}]\n" SYNTHETIC(1),
          "m.yaml:3:43: expected a network of at most 2000 dimensions (times weights: 33554432) for a support that is a span of patterns, found 2080 dimensions and 2120 weights" },
        /* memory */
        { "group: S8\nmeasure: {drawn: 100000}\ninput: {set: 8, features: 1}\nlayers: [mean: {}, dense: {out: 1}]\ndata: {source: synthetic, count: 20000, targets: 1}\nloss: squared\n",
          "m.yaml:5:7: expected augmented data of at most 2147483648 numbers, found 20000 samples of 8 + 1 numbers for each of 100000 elements of S8: use fewer samples or a measure on fewer elements" },
    };
    int failed = 0;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        fs_problem *p = NULL;
        fs_err err = { .text = "" };
        fs_status status = model_try(&p, wrong[i].text, &err);
        const char *said = strlen(err.text) > strlen(folder) ? err.text + strlen(folder) + 1 : err.text;
        int as_expected = status != FS_OK && status != FS_ENOMEM && !strncmp(said, wrong[i].message, strlen(wrong[i].message));
        if (!as_expected) print_error("%sstatus \"%s\", message\n  %s\nexpected\n  %s\n\n", wrong[i].text, fs_status_text(status), said, wrong[i].message);
        failed += !as_expected;
        assert_true(status == FS_OK || !p);
        fs_problem_destroy(p);
        assert_true(model_try(&p, wrong[i].text, NULL) == status);
        fs_problem_destroy(p);
    }
    assert_int_equal(failed, 0);
}

static void the_nearest_group_is_suggested(void **state)
{
    (void)state;
    static const struct { const char *group, *near; } word[] = {
        { "c4", "C4" }, { "so3", "SO3" }, { "P4", "p4" }, { "Z2-sing", "Z2-sign" }, { "z2-sign^3", "Z2-sign^3" }, { "SO3xc5", "C5" }, { "O(3)", "O3" },
    };
    for (size_t i = 0; i < sizeof word / sizeof *word; i++) {
        char text[400], suggestion[80];
        fs_problem *p = NULL;
        fs_err err;
        snprintf(text, sizeof text, "group: %s\nmeasure: {degree: 2}" V, word[i].group);
        snprintf(suggestion, sizeof suggestion, "; did you mean \"%s\"?", word[i].near);
        assert_fails(model_try(&p, text, &err), FS_EINPUT, err, suggestion);
    }
}

/* --- pictures with values ------------------------------------------------------------- */

/* dim E: of the conv, Hom_G between the channels on the taps that the turns leave alike (3 of 9), or all 9; then the same for the dense layer. */
static void groups_act_on_the_values_of_pictures(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t dim_E, dim_N;
    } valued[] = {
        { "group: Z2-sign\ninput: {image: 4, channels: [sign]}\nlayers: [conv: {out: [2 sign, trivial], size: 3}, tanh: {}, pool: {average: 2}, dense: {out: [sign]}]\n" SYNTHETIC(1),
          18 + 8, 9 + 4 },
        { "group: C4xZ2-sign\ninput: {image: 3, channels: [\"sign@2\"]}\nlayers: [conv: {out: [\"2 sign@2\"], size: 3}, tanh: {}, mean: {}, dense: {out: [\"sign@2\"]}]\n" SYNTHETIC(1),
          2 * 3 + 2, 2 * 6 },
        { "group: C4xS3\ninput: {image: 3, channels: [\"natural@2\"]}\nlayers: [conv: {out: [\"natural@2\"], size: 3}, softplus: {}, mean: {}, dense: {out: 2}]\n" SYNTHETIC(2),
          2 * 3 + 2, 81 + 6 - 8 },
        { "group: C4xSO2\nmeasure: {nodes: 64}\ninput: {image: 3, channels: [\"rotation@2\"]}\n"
          "layers: [conv: {out: [\"2 rotation@2\"], size: 3}, radial: {}, mean: {}, dense: {out: [\"rotation@2\"]}]\n" SYNTHETIC(2),
          2 * 2 * 3 + 2 * 2, 72 + 8 - 16 },
        { "group: C3\ninput: {image: 4, channels: [trivial, rotation]}\nlayers: [conv: {out: [rotation], size: 3}, radial: {}, mean: {}]\n" SYNTHETIC(2),
          2 * 9, 6 * 9 - 18 },
    };
    for (size_t i = 0; i < sizeof valued / sizeof *valued; i++) {
        gsl_rng *rng = law_rng("groups act on the values of pictures");
        fs_problem *p = model_of(valued[i].text);
        const fs_basis *b = fs_problem_basis(p);
        const fs_hypotheses *h = fs_problem_hypotheses(p);
        if (b->dim_E != valued[i].dim_E || b->dim_N != valued[i].dim_N) print_error("%sdim E = %zu, dim N = %zu\n", valued[i].text, b->dim_E, b->dim_N);
        assert_int_equal(b->dim_E, valued[i].dim_E);
        assert_int_equal(b->dim_N, valued[i].dim_N);
        assert_true(equivariance_defect(p, 1, rng) <= 1e-12);
        if (i) assert_true(equivariance_defect(p, 0, rng) >= 1e-3);     /* the first is odd on all of L */
        for (size_t k = 0; k < FS_HYPOTHESIS_COUNT; k++) {
            const fs_hypothesis *record;
            const char *name = fs_hypothesis_at(h, k, &record);
            if (record->verdict != FS_HOLDS) print_error("%s%s: %g, %s\n", valued[i].text, name, record->value, record->detail);
            assert_int_equal(record->verdict, FS_HOLDS);
        }
        fs_problem_destroy(p);
        gsl_rng_free(rng);
    }
}

static void pictures_that_cannot_be_say_both_possibilities(void **state)
{
    (void)state;
    static const struct { const char *text, *message; } wrong[] = {
        { "group: C3\ninput: {image: 4, channels: [2 trivial]}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1),
          "m.yaml:2:16: expected C1, C2, C4, D1, D2, D4, translations Z4 or Z4xZ4, or p4:4 to act exactly on a picture of 4 x 4 pixels, found C3; "
          "it may act on the values at the pixels, by channels such as [natural]" },
        { "group: C4xS3\ninput: {image: 4, channels: 2}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1),
          "m.yaml:2:16: expected C1, C2, C4, D1, D2, D4, translations Z4 or Z4xZ4, or p4:4 to act exactly on a picture of 4 x 4 pixels, found S3 in C4xS3; "
          "permutations act on sets and graphs of points, or on the values at the pixels, by channels such as [natural@2]" },
        { "group: Z2-signxC3\ninput: {image: 4, channels: [\"rotation@2\"]}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1),
          "m.yaml:2:16: expected C1, C2, C4, D1, D2, D4, translations Z4 or Z4xZ4, or p4:4 to act exactly on a picture of 4 x 4 pixels, found Z2-sign in Z2-signxC3; "
          "signs may act on the values at the pixels, by channels such as [natural@1]" },
        { "group: p4:8\ninput: {image: 4, channels: [turn]}\nlayers: [dense: {out: 1}]\n" SYNTHETIC(1),
          "m.yaml:2:16: expected C1, C2, C4, D1, D2, D4, translations Z4 or Z4xZ4, or p4:4 to act exactly on a picture of 4 x 4 pixels, found p4:8" },
        { "group: p4\ninput: {image: 8}\nlayers: [pool: {average: 2}, dense: {out: 1}]\n" SYNTHETIC(1),
          "m.yaml:3:26: expected mean, which averages over all pixels, or no pool, under the shifts of p4:8: averages over windows of 2 x 2 pixels do not commute with them, found pool" },
        { "group: Z4xZ2-sign\ninput: {image: 4, channels: [\"sign@2\"]}\nlayers: [pool: {average: 4}, dense: {out: 1}]\n" SYNTHETIC(1),
          "m.yaml:3:26: expected mean, which averages over all pixels, or no pool, under the shifts of Z4: averages over windows of 4 x 4 pixels do not commute with them, found pool" },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        fs_problem *p;
        fs_err err;
        assert_fails(model_try(&p, wrong[i].text, &err), FS_EINPUT, err, wrong[i].message);
        assert_null(p);
    }
    fs_problem *p = model_of("group: p4\ninput: {image: 4}\nlayers: [pool: {average: 1}, mean: {}, dense: {out: 1}]\n" SYNTHETIC(1));
    fs_problem_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_in_E_make_equivariant_networks),
        cmocka_unit_test(resolved_text_is_the_same_problem),
        cmocka_unit_test(zero_padding_breaks_translations),
        cmocka_unit_test(groups_have_the_names_and_orders_of_the_language),
        cmocka_unit_test(the_measure_is_the_rule_that_was_asked_for),
        cmocka_unit_test(a_biased_measure_is_divided_by_its_sum),
        cmocka_unit_test(drawn_elements_follow_their_seed),
        cmocka_unit_test(a_bias_is_the_last_column),
        cmocka_unit_test(nonlinearities_change_the_channels_as_they_say),
        cmocka_unit_test(compatible_support_is_a_span_of_patterns),
        cmocka_unit_test(outputs_are_what_the_last_layer_with_weights_says),
        cmocka_unit_test(what_cannot_be_is_an_error_at_its_place),
        cmocka_unit_test(the_nearest_group_is_suggested),
        cmocka_unit_test(groups_act_on_the_values_of_pictures),
        cmocka_unit_test(pictures_that_cannot_be_say_both_possibilities),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
