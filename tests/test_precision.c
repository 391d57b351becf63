/* tests/test_precision.c -- what is rounding shrinks with the unit roundoff, a true leak does not
 *
 * Started on E, the augmented flow drifts off it by rounding alone: the drift is proportional to u, in float, double and long double.  With a biased measure,
 * or without augmentation, the flow leaves E by an amount that has nothing to do with u.  Two small models in classical Runge-Kutta steps, written
 * out here and nothing else, so that the flows of the library are not their own witness.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "law.h"

#define REAL float
#define TANH tanhf
#define SIN sinf
#define COS cosf
#define NAME(x) x##_float
#include "precision_net.h"
#undef REAL
#undef TANH
#undef SIN
#undef COS
#undef NAME

#define REAL double
#define TANH tanh
#define SIN sin
#define COS cos
#define NAME(x) x##_double
#include "precision_net.h"
#undef REAL
#undef TANH
#undef SIN
#undef COS
#undef NAME

#define REAL long double
#define TANH tanhl
#define SIN sinl
#define COS cosl
#define NAME(x) x##_long
#include "precision_net.h"

enum { STARTS = 12, STEPS = 200 };
static const double h = 0.05;

/* One model in the three types. */
typedef struct {
    const char *name;
    long double (*drift[3])(int index, double beta, double h, int steps);
} model;

static const model models[] = {
    { "network", { network_drift_float, network_drift_double, network_drift_long } },
    { "sine toy", { sine_drift_float, sine_drift_double, sine_drift_long } },
};
enum { MODELS = sizeof models / sizeof *models };

static const long double roundoff[3] = { (long double)FLT_EPSILON / 2.0L, (long double)DBL_EPSILON / 2.0L, LDBL_EPSILON / 2.0L };

/* Root mean square over the starts. */
static double typical_drift(const model *m, int type, double beta)
{
    long double sum = 0.0L;
    for (int i = 0; i < STARTS; i++) {
        long double d = m->drift[type](i, beta, h, STEPS);
        sum += d * d / STARTS;
    }
    return (double)sqrtl(sum);
}

/* The drift is a sum of some thousand roundings in each of 12 paths: its root mean square over the paths varies by less than two either way. */
static void drift_off_E_scales_with_the_unit_roundoff(void **state)
{
    (void)state;
    for (int m = 0; m < MODELS; m++) {
        double drift[3];
        for (int type = 0; type < 3; type++) {
            drift[type] = typical_drift(&models[m], type, 0.0);
            printf("# %s: drift %.3g, %.3g units of roundoff\n", models[m].name, drift[type], drift[type] / (double)roundoff[type]);
            assert_true(drift[type] > 0.0);
            assert_at_most(drift[type], 64.0 * sqrt(STEPS) * (double)roundoff[type]);
        }
        for (int type = 0; type < 2; type++)
            assert_near(log2(drift[type] / drift[type + 1]), log2((double)(roundoff[type] / roundoff[type + 1])), 2.0);
    }
}

static void true_leak_does_not_depend_on_precision(void **state)
{
    (void)state;
    const double beta[] = { 1e-3, 1.0 };        /* biased; nominal */
    for (int m = 0; m < MODELS; m++)
        for (int b = 0; b < 2; b++)
            for (int i = 0; i < STARTS; i++) {
                double leak[3];
                for (int type = 0; type < 3; type++) leak[type] = (double)models[m].drift[type](i, beta[b], h, STEPS);
                /* what rounding adds: the same drift as without a leak, and beta itself in float */
                assert_true(leak[2] > 1e-6 * beta[b]);
                assert_near(leak[0], leak[2], 64.0 * sqrt(STEPS) * (double)roundoff[0] + 8.0 * (double)roundoff[0] * leak[2]);
                assert_near(leak[1], leak[2], 64.0 * sqrt(STEPS) * (double)roundoff[1] + 8.0 * (double)roundoff[1] * leak[2]);
            }
}

/* Small leaks are linear in the bias, down to where the drift hides them. */
static void leak_is_linear_in_the_bias_until_rounding_hides_it(void **state)
{
    (void)state;
    for (int m = 0; m < MODELS; m++)
        for (int i = 0; i < STARTS; i++) {
            double slope = (double)models[m].drift[2](i, 1e-5, h, STEPS) / 1e-5;
            for (double beta = 1e-4; beta > 1e-11; beta *= 0.1)
                assert_near((double)models[m].drift[1](i, beta, h, STEPS) / beta, slope, 0.02 * slope + 64.0 * sqrt(STEPS) * (double)roundoff[1] / beta);
        }
}

/* Without the leak a float run would pass any test that allows 1e-6; with one of 1e-3 none of the types may. */
static void leak_stands_out_in_every_precision(void **state)
{
    (void)state;
    for (int m = 0; m < MODELS; m++)
        for (int type = 0; type < 3; type++) {
            double quiet = typical_drift(&models[m], type, 0.0), leak = typical_drift(&models[m], type, 1e-3);
            assert_true(leak > 30.0 * quiet);
            if (type) assert_true(leak > 1e9 * quiet);
        }
}

/* 200 steps of an explicit method to T = 10 move the weights and are no fixed point. */
static void flows_move(void **state)
{
    (void)state;
    double A[2] = { 0.5, 0.25 }, w1 = cos(turn) * A[0] - sin(turn) * A[1], w2 = sin(turn) * A[0] + cos(turn) * A[1];
    integrate_double(sine_velocity_double, 2, 0.0, h, STEPS, A);
    double v1 = cos(turn) * A[0] - sin(turn) * A[1], v2 = sin(turn) * A[0] + cos(turn) * A[1], factor = exp(-0.5 * h * STEPS);
    assert_near(v1, atan(tan(w1) * factor), 1e-8);      /* the closed form; fourth order in h / 2 */
    assert_near(v2, atan(tan(w2) * factor), 1e-8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drift_off_E_scales_with_the_unit_roundoff),
        cmocka_unit_test(true_leak_does_not_depend_on_precision),
        cmocka_unit_test(leak_is_linear_in_the_bias_until_rounding_hides_it),
        cmocka_unit_test(leak_stands_out_in_every_precision),
        cmocka_unit_test(flows_move),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
