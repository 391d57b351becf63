/* tests/test_base.c -- judgements with an error, random streams, sparse products, norms
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/norm.h"
#include "base/sparse.h"
#include "base/verdict.h"
#include "law.h"

/* |value - truth| <= error: whatever the truth is, a verdict is right; where both verdicts are possible there is none. */
static void judgement_is_right_for_every_value_within_the_error(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("judgement_is_right_for_every_value_within_the_error");
    size_t seen[3] = { 0 };
    for (size_t i = 0; i < 1000; i++) {
        double value = gsl_rng_uniform(rng), error = 0.5 * gsl_rng_uniform(rng), tolerance = gsl_rng_uniform(rng);
        fs_verdict v = fs_verdict_judge(value, error, tolerance);
        int may_hold = value - error <= tolerance, may_fail = value + error > tolerance;
        assert_int_equal(v, may_hold && may_fail ? FS_UNDECIDED : may_hold ? FS_HOLDS : FS_VIOLATED);
        seen[v]++;
    }
    assert_true(seen[FS_HOLDS] > 100 && seen[FS_VIOLATED] > 100 && seen[FS_UNDECIDED] > 100);
    assert_int_equal(fs_verdict_judge(0.25, 0.0, 0.25), FS_HOLDS);
    gsl_rng_free(rng);
}

static void what_is_not_a_number_has_no_verdict(void **state)
{
    (void)state;
    const double none = (double)NAN, infinite = (double)INFINITY;
    static const char *const name[] = { "holds", "violated", "undecided" };
    assert_int_equal(fs_verdict_judge(none, 0.0, 1.0), FS_UNDECIDED);
    assert_int_equal(fs_verdict_judge(0.0, none, 1.0), FS_UNDECIDED);
    assert_int_equal(fs_verdict_judge(0.0, 0.0, none), FS_UNDECIDED);
    assert_int_equal(fs_verdict_judge(none, none, none), FS_UNDECIDED);
    assert_int_equal(fs_verdict_judge(infinite, 0.0, 1.0), FS_VIOLATED);
    assert_int_equal(fs_verdict_judge(0.0, infinite, 1.0), FS_UNDECIDED);
    assert_int_equal(fs_verdict_judge(infinite, infinite, 1.0), FS_UNDECIDED);
    for (int v = FS_HOLDS; v <= FS_UNDECIDED; v++) assert_string_equal(fs_verdict_name((fs_verdict)v), name[v]);
    assert_string_equal(fs_verdict_name((fs_verdict)77), "undecided");
}

/* 8 numbers of 32 bits: two streams that agree in all of them are one stream. */
static void every_seed_and_purpose_has_a_stream_of_its_own(void **state)
{
    (void)state;
    enum { SEEDS = 4, PURPOSES = 3, DRAWS = 8 };
    static const fs_stream purpose[PURPOSES] = { FS_STREAM_WEIGHTS, FS_STREAM_DATA, FS_STREAM_TEST };
    unsigned long draw[SEEDS * PURPOSES][DRAWS], again[DRAWS];
    for (size_t k = 0; k < SEEDS * PURPOSES; k++) {
        for (int time = 0; time < 2; time++) {
            gsl_rng *rng = fs_rng_stream(k / PURPOSES, purpose[k % PURPOSES]);
            assert_non_null(rng);
            for (size_t i = 0; i < DRAWS; i++) (time ? again : draw[k])[i] = gsl_rng_get(rng);
            gsl_rng_free(rng);
        }
        assert_memory_equal(draw[k], again, sizeof again);
        for (size_t l = 0; l < k; l++) assert_memory_not_equal(draw[k], draw[l], sizeof again);
    }
}

/* Mean and variance of n normal numbers are off by 1 / sqrt n and sqrt(2 / n) on the average; 6 times that is never seen. */
static void gaussian_numbers_have_mean_0_and_variance_1(void **state)
{
    (void)state;
    enum { N = 10000 };
    double *x = calloc(N, sizeof *x), mean = 0.0, square = 0.0;
    gsl_rng *rng = law_rng("gaussian_numbers_have_mean_0_and_variance_1");
    assert_non_null(x);
    fs_rng_gaussian(rng, N, x);
    for (size_t i = 0; i < N; i++) {
        mean += x[i] / N;
        square += x[i] * x[i] / N;
    }
    assert_near(mean, 0.0, 6.0 / sqrt(N));
    assert_near(square, 1.0, 6.0 * sqrt(2.0 / N));
    gsl_rng_free(rng);
    free(x);
}

/* About a third of the entries of a random matrix, and all of them in dense (rows, cols). */
static fs_sparse *random_sparse(gsl_rng *rng, size_t rows, size_t cols, double *dense)
{
    fs_sparse *A = NULL;
    fs_err err = { 0 };
    assert_ok(fs_sparse_create(&A, rows, cols, rows * cols, &err), err);
    for (size_t i = 0; i < rows; i++) {
        A->ptr[i + 1] = A->ptr[i];
        for (size_t j = 0; j < cols; j++) {
            dense[i * cols + j] = 0.0;
            if (gsl_rng_uniform(rng) > 0.34) continue;
            size_t e = A->ptr[i + 1]++;
            fs_rng_gaussian(rng, 1, &A->val[e]);
            A->col[e] = (uint32_t)j;
            dense[i * cols + j] = A->val[e];
        }
    }
    return A;
}

static void sparse_products_are_those_of_the_dense_matrix(void **state)
{
    (void)state;
    enum { MOST = 17 };
    static const size_t size[][2] = { { 1, 1 }, { 2, 7 }, { 7, 2 }, { MOST, 9 }, { 9, MOST } };
    gsl_rng *rng = law_rng("sparse_products_are_those_of_the_dense_matrix");
    for (size_t k = 0; k < sizeof size / sizeof *size; k++) {
        size_t rows = size[k][0], cols = size[k][1];
        double dense[MOST * MOST], x[MOST], y[MOST], Ax[MOST], Aty[MOST];
        fs_sparse *A = random_sparse(rng, rows, cols, dense);
        fs_rng_gaussian(rng, cols, x);
        fs_rng_gaussian(rng, rows, y);
        memcpy(Aty, x, cols * sizeof *x);       /* the product with the transpose is added */
        fs_sparse_mul(A, x, Ax);
        fs_sparse_mul_transpose_add(A, y, Aty);
        for (size_t i = 0; i < rows; i++) {
            double sum = 0.0, size_of_terms = 0.0;
            for (size_t j = 0; j < cols; j++) {
                sum += dense[i * cols + j] * x[j];
                size_of_terms += fabs(dense[i * cols + j] * x[j]);
            }
            assert_near(Ax[i], sum, (double)cols * DBL_EPSILON * size_of_terms);
        }
        for (size_t j = 0; j < cols; j++) {
            double sum = x[j], size_of_terms = fabs(x[j]);
            for (size_t i = 0; i < rows; i++) {
                sum += dense[i * cols + j] * y[i];
                size_of_terms += fabs(dense[i * cols + j] * y[i]);
            }
            assert_near(Aty[j], sum, (double)(rows + 1) * DBL_EPSILON * size_of_terms);
        }
        fs_sparse_destroy(A);
    }
    fs_sparse_destroy(NULL);
    gsl_rng_free(rng);
}

static void sparse_matrices_too_wide_for_their_indices_are_refused(void **state)
{
    (void)state;
    fs_sparse *A = NULL;
    fs_err err = { 0 };
    assert_fails(fs_sparse_create(&A, 1, (size_t)UINT32_MAX + 1, 0, &err), FS_EINPUT, err, "columns");
    assert_null(A);
}

static void norm_is_the_root_of_the_inner_product_and_passes_nan_on(void **state)
{
    (void)state;
    const double x[3] = { 2.0, -3.0, 6.0 }, y[3] = { 1.0, 1.0, -0.5 };
    const double bad[2] = { 1.0, (double)NAN };
    assert_near(fs_norm(3, x), 7.0, 0.0);
    assert_near(fs_dot(3, x, x), 49.0, 0.0);
    assert_near(fs_dot(3, x, y), -4.0, 0.0);
    assert_near(fs_norm(0, x), 0.0, 0.0);
    assert_true(isnan(fs_norm(2, bad)) && isnan(fs_dot(2, bad, x)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judgement_is_right_for_every_value_within_the_error),
        cmocka_unit_test(what_is_not_a_number_has_no_verdict),
        cmocka_unit_test(every_seed_and_purpose_has_a_stream_of_its_own),
        cmocka_unit_test(gaussian_numbers_have_mean_0_and_variance_1),
        cmocka_unit_test(sparse_products_are_those_of_the_dense_matrix),
        cmocka_unit_test(sparse_matrices_too_wide_for_their_indices_are_refused),
        cmocka_unit_test(norm_is_the_root_of_the_inner_product_and_passes_nan_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
