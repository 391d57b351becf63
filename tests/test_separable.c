/* tests/test_separable.c -- no stationary point where every sample has the right class: what is proved, and that it is true
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "observe/separable.h"

#include "flows.h"
#include "integrate/trajectory.h"
#include "model_text.h"

/* z = B x, two classes, three samples of weights 1/2, 1/4, 1/4; the sign acts on x and swaps nothing. */
#define THREE_SAMPLES                                                                                                                                        \
    "title: three samples\nsource: by hand\ngroup: C2\n"                                                                                                  \
    "data: {source: inline, x: [[1, 0], [0, 1], [1, 1]], %s, weights: [0.5, 0.25, 0.25]}\n"                                                                \
    "input: {vector: [2 trivial]}\nlayers:\n  - dense: {out: 2, bias: %s}\nloss: %s\noutput: trivial\n"

static fs_problem *three_samples(const char *labels, const char *bias, const char *loss)
{
    char text[1000];
    snprintf(text, sizeof text, THREE_SAMPLES, labels, bias, loss);
    return model_of(text);
}

static fs_separable measure(const fs_problem *p, int augmented, const double *A)
{
    fs_separable s;
    fs_err err = { 0 };
    assert_ok(fs_separable_measure(&s, p, augmented, A, &err), err);
    return s;
}

/* <grad R, the readout's weights>: d/ds R(s B); and |grad R| on TL */
static double derivative_along_readout(const fs_problem *p, int augmented, const double *A, double *slope_size)
{
    const fs_weight_block *block;
    size_t count = fs_net_blocks(fs_problem_net(p), &block), n_par = fs_net_parameters(fs_problem_net(p));
    fs_risk_work *work = NULL;
    fs_err err = { 0 };
    double *g = calloc(n_par, sizeof *g), *w = calloc(dim_L(p), sizeof *w);
    assert_ok(fs_risk_work_create(&work, fs_problem_risk(p, augmented), 1, 0, &err), err);
    assert_int_equal(fs_risk_gradient(fs_problem_risk(p, augmented), A, NULL, g, work), FS_OK);
    block += count - 1;
    double slope = dot_of(g + block->offset, A + block->offset, block->count);
    fs_basis_project(fs_problem_basis(p), g, w);
    *slope_size = norm_of(w, dim_L(p));
    fs_risk_work_destroy(work);
    free(g);
    free(w);
    return slope;
}

/* --- by hand --------------------------------------------------------------------------------------- */

/* Labels 0, 1, 0 and B = (2, 0; 0, 1): margins 2, 1 and 1; with biases 1/2 and 0: 5/2, 1/2 and 3/2. */
static void margins_and_threshold_are_those_by_hand(void **state)
{
    (void)state;
    const double plain[] = { 2.0, 0.0, 0.0, 1.0 }, biased[] = { 2.0, 0.0, 0.5, 0.0, 1.0, 0.0 };
    for (int bias = 0; bias < 2; bias++) {
        fs_problem *p = three_samples("labels: [0, 1, 0]", bias ? "true" : "false", "cross-entropy");
        for (int augmented = 0; augmented < 2; augmented++) {
            fs_separable s = measure(p, augmented, bias ? biased : plain);
            double m[2][3] = { { 2.0, 1.0, 1.0 }, { 2.5, 0.5, 1.5 } }, risk = 0.0;
            for (size_t i = 0; i < 3; i++) risk += (i ? 0.25 : 0.5) * log1p(exp(-m[bias][i]));
            assert_true(s.applies);
            assert_near(s.margin, bias ? 0.5 : 1.0, 4.0 * DBL_EPSILON);
            assert_near(s.risk, risk, 8.0 * DBL_EPSILON);
            assert_near(s.threshold, log(2.0) * (augmented ? 0.125 : 0.25), 2.0 * DBL_EPSILON);
            assert_int_equal(s.samples, augmented ? 6 : 3);
            assert_int_equal(s.right, s.samples);
            assert_false(s.proved);         /* 0.2 is above log 2 / 4 */
        }
        fs_problem_destroy(p);
    }
}

/* R(s B) crosses the threshold at one s; proved holds on the far side of it, up to the allowance, which is small. */
static void the_proof_begins_at_the_threshold(void **state)
{
    (void)state;
    fs_problem *p = three_samples("labels: [0, 1, 0]", "false", "cross-entropy");
    double low = 1.0, high = 10.0;
    for (int i = 0; i < 100; i++) {
        double s = 0.5 * (low + high), risk = 0.5 * log1p(exp(-2.0 * s)) + 0.5 * log1p(exp(-s));
        if (risk < 0.25 * log(2.0)) high = s;
        else low = s;
    }
    for (int side = -1; side <= 1; side += 2) {
        double s = low * (1.0 + side * 1e-12), A[] = { 2.0 * s, 0.0, 0.0, s };
        assert_int_equal(measure(p, 0, A).proved, side > 0);
    }
    for (int ulps = 0;; ulps++) {                   /* the first point below the threshold is nearer than rounding: not proved */
        double s = low * (1.0 + ulps * DBL_EPSILON), A[] = { 2.0 * s, 0.0, 0.0, s };
        fs_separable m = measure(p, 0, A);
        assert_true(ulps < 100);
        if (!(m.risk < m.threshold)) continue;
        assert_false(m.proved);
        break;
    }
    fs_problem_destroy(p);
}

/* The third sample on the wrong side, then on the border: a margin of zero is not right. */
static void one_sample_wrong_is_no_proof(void **state)
{
    (void)state;
    fs_problem *p = three_samples("labels: [0, 1, 0]", "false", "cross-entropy");
    const double wrong[] = { 20.0, 0.0, 0.0, 21.0 }, border[] = { 20.0, 0.0, 0.0, 20.0 };
    fs_separable s = measure(p, 0, wrong);
    assert_near(s.margin, -1.0, 1e-14);
    assert_int_equal(s.right, 2);
    assert_false(s.proved);
    s = measure(p, 0, border);
    assert_near(s.margin, 0.0, 0.0);
    assert_int_equal(s.right, 2);
    assert_false(s.proved);
    fs_problem_destroy(p);
}

static void other_losses_and_soft_targets_do_not_apply(void **state)
{
    (void)state;
    const double A[] = { 20.0, 0.0, 0.0, 10.0 };
    const char *labels[] = { "labels: [0, 1, 0]", "targets: [[1, 0], [0, 1], [0.9, 0.1]]" };
    for (size_t i = 0; i < 2; i++) {
        fs_problem *p = three_samples(labels[i], "false", i ? "cross-entropy" : "squared");
        fs_separable s = measure(p, 0, A);
        assert_false(s.applies);
        assert_false(s.proved);
        assert_true(isnan(s.margin) && isnan(s.risk) && isnan(s.threshold));
        fs_problem_destroy(p);
    }
    fs_problem *p = three_samples("targets: [[1, 0], [0, 1], [1, 0]]", "false", "cross-entropy");
    assert_true(measure(p, 0, A).proved);
    fs_problem_destroy(p);
}

/* One class only: every point is stationary.  Something behind the readout: its scale is not the outputs'. */
static void last_layers_of_other_kinds_do_not_apply(void **state)
{
    (void)state;
    const char *layers[] = { "dense: {out: 1}", "dense: {out: 2}\n  - tanh: {}", "dense: {out: 2}\n  - identity: {}" };
    const double A[] = { 20.0, 0.0, 0.0, 10.0 };
    for (size_t i = 0; i < 3; i++) {
        char text[600];
        snprintf(text, sizeof text, "title: t\nsource: by hand\ngroup: C2\ndata: {source: inline, x: [[1, 0], [0, 1]], labels: [0, %d]}\n"
                 "input: {vector: [2 trivial]}\nlayers:\n  - %s\nloss: cross-entropy\noutput: trivial\n", i > 0, layers[i]);
        fs_problem *p = NULL;
        fs_err err = { 0 };
        if (model_try(&p, text, &err) == FS_OK) assert_false(measure(p, 0, A).applies);
        fs_problem_destroy(p);
    }
}

static void outputs_that_overflow_are_an_error(void **state)
{
    (void)state;
    fs_problem *p = three_samples("labels: [0, 1, 0]", "false", "cross-entropy");
    const double A[] = { 1e308, 1e308, 0.0, 1.0 }, none[] = { (double)NAN, 0.0, 0.0, 0.0 };
    fs_separable s;
    fs_err err = { 0 };
    assert_fails(fs_separable_measure(&s, p, 0, A, &err), FS_ENAN, err, "finite");
    assert_fails(fs_separable_measure(&s, p, 1, none, &err), FS_ENAN, err, "finite");
    assert_false(s.proved);
    fs_problem_destroy(p);
}

/* --- the claim ----------------------------------------------------------------------------------------- */

/* Random points with all margins positive: the slope along the readout is negative and at most -sum weight (1 - p) margin, so the gradient on L is not zero. */
static void risk_falls_along_the_readout_where_all_are_right(void **state)
{
    (void)state;
    fs_problem *p = three_samples("labels: [0, 1, 0]", "true", "cross-entropy");
    gsl_rng *rng = law_rng("falls along the readout");
    int right = 0, proved = 0;
    for (int trial = 0; trial < 2000; trial++) {
        double A[6], size;
        fs_rng_gaussian(rng, 6, A);
        for (size_t i = 0; i < 6; i++) A[i] *= 4.0;
        fs_separable s = measure(p, 0, A);
        if (s.proved) assert_true(s.margin > 0.0);
        proved += s.proved;
        if (s.right != s.samples) continue;
        right++;
        double slope = derivative_along_readout(p, 0, A, &size), p_wrong = 1.0 / (1.0 + exp(s.margin));
        assert_at_most(slope, -0.25 * p_wrong * s.margin * (1.0 - 1e-12));
        assert_true(size > 0.0);
    }
    assert_true(right > 20 && proved > 5);
    gsl_rng_free(rng);
    fs_problem_destroy(p);
}

/* A network on images: from a proved point the risk keeps falling, every later point is proved, and the margin grows. */
static void the_flow_falls_for_ever_from_a_proved_point(void **state)
{
    (void)state;
    const double times[] = { 0.0, 10.0, 100.0, 400.0 };
    fs_problem *p = load_model("cnn_c4", "data.count=2", NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_EQUIVARIANT, 0.0);
    double *w = start_of(p, 1, 0.0);
    size_t n_par = fs_net_parameters(fs_problem_net(p));
    fs_trajectory *T = NULL;
    fs_err err = { 0 };
    fs_integrate_options o = { .t_end = 400.0, .n_times = 4, .times = times, .rtol = 1e-7, .atol = 1e-9, .keep_weights = 1 };
    assert_ok(fs_trajectory_compute(&T, f, w, &o, &err), err);
    assert_int_equal(T->n_rows, 4);
    fs_separable first = { 0 }, s[4];
    for (size_t k = 0; k < 4; k++) {
        double size;
        s[k] = measure(p, 0, T->weights + k * n_par);
        first = measure(p, 1, T->weights + k * n_par);
        printf("# t = %g: risk %.3g, threshold %.3g, margin %.3g, %zu of %zu right, proved %d\n", times[k], s[k].risk, s[k].threshold, s[k].margin, s[k].right,
               s[k].samples, s[k].proved);
        assert_near(first.risk, s[k].risk, 1e-10);
        assert_near(first.margin, s[k].margin, 1e-8);
        if (!s[k].proved) continue;
        assert_true(derivative_along_readout(p, 0, T->weights + k * n_par, &size) < 0.0);
        assert_true(size > 0.0);
        if (k && s[k - 1].proved) assert_true(s[k].risk < s[k - 1].risk && s[k].margin > s[k - 1].margin);
    }
    assert_false(s[0].proved);
    assert_true(s[2].proved && s[3].proved);
    fs_trajectory_destroy(T);
    fs_flow_destroy(f);
    free(w);
    fs_problem_destroy(p);
}

/* mirror_c4: on E the two images cannot be told apart, nothing is ever proved. */
static void what_cannot_be_separated_is_not_proved(void **state)
{
    (void)state;
    fs_problem *p = load_model("mirror_c4", NULL, NULL, NULL);
    size_t n_par = fs_net_parameters(fs_problem_net(p));
    double *A = calloc(n_par, sizeof *A);
    for (uint64_t seed = 1; seed <= 20; seed++) {
        double *w = start_of(p, seed, 0.0);
        for (size_t i = 0; i < dim_L(p); i++) w[i] *= 3.0;
        fs_basis_expand(fs_problem_basis(p), w, A);
        fs_separable s = measure(p, 1, A);
        assert_true(s.applies);
        assert_at_most(s.margin, 1e-10);
        assert_false(s.proved);
        free(w);
    }
    free(A);
    fs_problem_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(margins_and_threshold_are_those_by_hand),
        cmocka_unit_test(the_proof_begins_at_the_threshold),
        cmocka_unit_test(one_sample_wrong_is_no_proof),
        cmocka_unit_test(other_losses_and_soft_targets_do_not_apply),
        cmocka_unit_test(last_layers_of_other_kinds_do_not_apply),
        cmocka_unit_test(outputs_that_overflow_are_an_error),
        cmocka_unit_test(risk_falls_along_the_readout_where_all_are_right),
        cmocka_unit_test(the_flow_falls_for_ever_from_a_proved_point),
        cmocka_unit_test(what_cannot_be_separated_is_not_proved),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
