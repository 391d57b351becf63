/* tests/test_vec.c -- the vector functions against long double, their symmetries, and lanes that do not see each other
 *
 * Errors are in units in the last place of the exact result (of 2^-1074 below 2^-1022).  The references are the
 * C library's long double functions: with 64 bits they add at most 2^-8 of a unit.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/vec.h"

#include "law.h"

typedef void apply(const double *x, double *y);

#define LANEWISE(name)                                                                               \
    static void lanes_##name(const double *x, double *y)                                             \
    {                                                                                                \
        fs_v8 v;                                                                                     \
        memcpy(&v, x, sizeof v);                                                                     \
        v = fs_v8_##name(v);                                                                         \
        memcpy(y, &v, sizeof v);                                                                     \
    }

LANEWISE(exp)
LANEWISE(log)
LANEWISE(log1p)
LANEWISE(tanh)
LANEWISE(softplus)
LANEWISE(logistic)
LANEWISE(sin)
LANEWISE(cos)

static long double softplus_reference(long double x)
{
    return x > 0 ? x + log1pl(expl(-x)) : log1pl(expl(x));
}

static long double logistic_reference(long double x)
{
    return x > 0 ? 1 / (1 + expl(-x)) : expl(x) / (1 + expl(x));
}

typedef struct {
    const char *name;
    apply *f;
    long double (*reference)(long double);
    double low, high;               /* uniform arguments */
    int first, last;                /* binades 2^first <= |x| < 2^(last + 1) */
    int negative;                   /* whether those come with both signs */
    double bound;                   /* the largest error seen in 10^7 arguments, and a tenth of it */
} law_function;

static const law_function functions[] = {
    { "exp",      lanes_exp,      expl,               -746.0,  710.0,   -1074, 9,    1, 1.15 },
    { "log",      lanes_log,      logl,               0.0,     4.0,     -1074, 1023, 0, 0.99 },
    { "log1p",    lanes_log1p,    log1pl,             -1.0,    4.0,     -1074, 1023, 0, 0.98 },
    { "log1p -",  lanes_log1p,    log1pl,             -0.5,    0.5,     -1074, -2,   1, 0.98 },
    { "tanh",     lanes_tanh,     tanhl,              -3.0,    3.0,     -1074, 1023, 1, 1.10 },
    { "softplus", lanes_softplus, softplus_reference, -5.0,    5.0,     -1074, 9,    1, 1.30 },
    { "logistic", lanes_logistic, logistic_reference, -5.0,    5.0,     -1074, 9,    1, 0.77 },
    { "sin",      lanes_sin,      sinl,               -1.1e5,  1.1e5,   -1074, 17,   1, 0.90 },
    { "cos",      lanes_cos,      cosl,               -1.1e5,  1.1e5,   -1074, 17,   1, 0.90 },
};
static const size_t function_count = sizeof functions / sizeof functions[0];

/* All 53 bits of a number in [0, 1); one draw a statement, because C leaves the order within an expression open. */
static double uniform(gsl_rng *rng)
{
    double high = (double)gsl_rng_uniform_int(rng, 1u << 26);
    double low = (double)gsl_rng_uniform_int(rng, 1u << 27);
    return (high * 0x1p27 + low) * 0x1p-53;
}

static double from_binades(gsl_rng *rng, int first, int last, int negative)
{
    int exponent = first + (int)gsl_rng_uniform_int(rng, (unsigned long)(last - first + 1));
    double x = ldexp(1.0 + uniform(rng), exponent);
    return negative && gsl_rng_uniform_int(rng, 2) ? -x : x;
}

/* Distance in units in the last place of the reference; an infinity stands for 2^1024.  NaN where only one is NaN. */
static double ulps(double y, long double reference)
{
    if (isnan(y) && isnan((double)reference)) return 0;
    long double limit = ldexpl(1, 1024), value = isinf(y) ? copysignl(limit, (long double)y) : (long double)y;
    if (fabsl(reference) > limit) reference = copysignl(limit, reference);
    int exponent = -1021;
    if (fabsl(reference) >= (long double)DBL_MIN) (void)frexpl(reference, &exponent);
    return (double)ldexpl(fabsl(value - reference), 53 - exponent);
}

/* Raises *worst to the largest error among eight arguments and remembers where; a NaN stays. */
static void measure(const law_function *F, const double *x, double *worst, double *where)
{
    double y[FS_LANES];
    F->f(x, y);
    for (int i = 0; i < FS_LANES; i++) {
        double e = ulps(y[i], F->reference((long double)x[i]));
        if (!(e <= *worst) && !isnan(*worst)) *worst = e, *where = x[i];
    }
}

static void assert_accurate(const law_function *F, const char *kind, double worst, double where)
{
    printf("# %-8s %-22s %.3f ulp at %.17g\n", F->name, kind, worst, where);
    assert_at_most(worst, F->bound);
}

static void same_bits(double a, double b)
{
    uint64_t u, v;
    memcpy(&u, &a, sizeof u);
    memcpy(&v, &b, sizeof v);
    if (u != v && !(isnan(a) && isnan(b))) {
        print_error("%a and %a differ\n", a, b);
        fail();
    }
}

static double one(apply *f, double x)
{
    double in[FS_LANES], out[FS_LANES];
    for (int i = 0; i < FS_LANES; i++) in[i] = x;
    f(in, out);
    for (int i = 1; i < FS_LANES; i++) same_bits(out[i], out[0]);
    return out[0];
}

static void random_arguments_within_the_stated_ulps(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("random arguments");
    for (size_t n = 0; n < function_count; n++) {
        const law_function *F = &functions[n];
        double x[FS_LANES], worst = 0, where = 0;
        for (int k = 0; k < 8192; k++) {
            for (int i = 0; i < FS_LANES; i++) x[i] = F->low + (F->high - F->low) * uniform(rng);
            measure(F, x, &worst, &where);
        }
        assert_accurate(F, "uniform", worst, where);
        worst = 0;
        for (int k = 0; k < 8192; k++) {
            for (int i = 0; i < FS_LANES; i++) x[i] = from_binades(rng, F->first, F->last, F->negative);
            measure(F, x, &worst, &where);
        }
        assert_accurate(F, "all binades", worst, where);
        worst = 0;
        for (int k = 0; k < 4096; k++) {
            int last = F->last < 4 ? F->last : 4;
            for (int i = 0; i < FS_LANES; i++) x[i] = from_binades(rng, -12, last, F->negative);
            measure(F, x, &worst, &where);
        }
        assert_accurate(F, "2^-12 ... 2^5", worst, where);
    }
    gsl_rng_free(rng);
}

/* Eight neighbours around a point: consecutive doubles. */
static void neighbours(double x, double *v)
{
    for (int i = 0; i < 3; i++) x = nextafter(x, -HUGE_VAL);
    for (int i = 0; i < FS_LANES; i++, x = nextafter(x, HUGE_VAL)) v[i] = x;
}

static void reduction_boundaries_within_the_stated_ulps(void **state)
{
    (void)state;
    const long double ln2 = logl(2), half_pi = acosl(0);
    for (size_t n = 0; n < function_count; n++) {
        const law_function *F = &functions[n];
        double x[FS_LANES], worst = 0, where = 0;
        int trigonometric = F->reference == sinl || F->reference == cosl;
        int logarithm = F->reference == logl || F->reference == log1pl;
        for (int k = -2200; k <= 2200; k++) {
            double at = 0;
            if (trigonometric) at = (double)(k < 0 ? (17 * k + k % 3) * half_pi / 2 : k * half_pi / 2);
            else if (logarithm) at = ldexp(k & 1 ? sqrt(0.5) : 1.0, k / 4) - (F->reference == log1pl ? 1 : 0);
            else if (abs(k) <= 2160) at = (double)(k * ln2 / 4);             /* ties at odd multiples, also of 2 x */
            neighbours(at, x);
            if (logarithm && at <= 0 && F->reference == logl) continue;
            measure(F, x, &worst, &where);
        }
        assert_accurate(F, "reduction boundaries", worst, where);
    }
}

/* Multiples of pi/2 that doubles come closest to, and both sides of the limit where the C library takes over. */
static void large_angles_within_the_stated_ulps(void **state)
{
    (void)state;
    const long double half_pi = acosl(0);
    for (size_t n = 0; n < function_count; n++) {
        const law_function *F = &functions[n];
        double x[FS_LANES], worst = 0, where = 0;
        if (F->reference != sinl && F->reference != cosl) continue;
        for (int k = 1; k < 90000; k += 7) {
            neighbours((double)(k * half_pi), x);
            measure(F, x, &worst, &where);
        }
        neighbours(FS_VEC_TRIG_LIMIT, x);
        measure(F, x, &worst, &where);
        assert_accurate(F, "near k pi/2", worst, where);
    }
    gsl_rng *rng = law_rng("large angles");
    for (int k = 0; k < 1000; k++) {
        double x = from_binades(rng, 18, 1023, 0);
        same_bits(one(lanes_sin, x), sin(x));
        same_bits(one(lanes_sin, -x), -sin(x));
        same_bits(one(lanes_cos, -x), cos(x));
    }
    gsl_rng_free(rng);
}

static void special_values(void **state)
{
    (void)state;
    const double inf = HUGE_VAL, quiet = (double)NAN, tiny = 0x1p-1074;
    const struct { apply *f; double x, y; } table[] = {
        { lanes_exp, 0.0, 1.0 },          { lanes_exp, -0.0, 1.0 },        { lanes_exp, inf, inf },
        { lanes_exp, -inf, 0.0 },         { lanes_exp, 709.79, inf },      { lanes_exp, 1e300, inf },
        { lanes_exp, -745.14, 0.0 },      { lanes_exp, -745.13, tiny },    { lanes_exp, -1e300, 0.0 },
        { lanes_exp, tiny, 1.0 },         { lanes_exp, quiet, quiet },
        { lanes_log, 0.0, -inf },         { lanes_log, -0.0, -inf },       { lanes_log, 1.0, 0.0 },
        { lanes_log, inf, inf },          { lanes_log, -inf, quiet },      { lanes_log, -tiny, quiet },
        { lanes_log, quiet, quiet },
        { lanes_log1p, 0.0, 0.0 },        { lanes_log1p, -0.0, -0.0 },     { lanes_log1p, tiny, tiny },
        { lanes_log1p, -tiny, -tiny },    { lanes_log1p, -1.0, -inf },     { lanes_log1p, -1.5, quiet },
        { lanes_log1p, -inf, quiet },     { lanes_log1p, inf, inf },       { lanes_log1p, quiet, quiet },
        { lanes_tanh, 0.0, 0.0 },         { lanes_tanh, -0.0, -0.0 },      { lanes_tanh, inf, 1.0 },
        { lanes_tanh, -inf, -1.0 },       { lanes_tanh, tiny, tiny },      { lanes_tanh, -tiny, -tiny },
        { lanes_tanh, 0x1.8p-1022, 0x1.8p-1022 },                          { lanes_tanh, 1e-300, 1e-300 },
        { lanes_tanh, 1e300, 1.0 },       { lanes_tanh, -20.0, -1.0 },     { lanes_tanh, quiet, quiet },
        { lanes_softplus, -inf, 0.0 },    { lanes_softplus, inf, inf },    { lanes_softplus, 1e300, 1e300 },
        { lanes_softplus, -745.13, tiny },                                 { lanes_softplus, quiet, quiet },
        { lanes_logistic, -inf, 0.0 },    { lanes_logistic, inf, 1.0 },    { lanes_logistic, 0.0, 0.5 },
        { lanes_logistic, -0.0, 0.5 },    { lanes_logistic, 1e300, 1.0 },  { lanes_logistic, -745.13, tiny },
        { lanes_logistic, quiet, quiet },
        { lanes_sin, 0.0, 0.0 },          { lanes_sin, -0.0, -0.0 },       { lanes_sin, tiny, tiny },
        { lanes_sin, -tiny, -tiny },      { lanes_sin, inf, quiet },       { lanes_sin, -inf, quiet },
        { lanes_sin, quiet, quiet },
        { lanes_cos, 0.0, 1.0 },          { lanes_cos, -0.0, 1.0 },        { lanes_cos, tiny, 1.0 },
        { lanes_cos, inf, quiet },        { lanes_cos, -inf, quiet },      { lanes_cos, quiet, quiet },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) same_bits(one(table[i].f, table[i].x), table[i].y);
}

static void tanh_and_sin_are_odd_and_cos_is_even(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("parity");
    for (int k = 0; k < 20000; k++) {
        double x = from_binades(rng, k & 1 ? -1074 : -8, k & 2 ? 1023 : 17, 1);
        same_bits(one(lanes_tanh, -x), -one(lanes_tanh, x));
        same_bits(one(lanes_sin, -x), -one(lanes_sin, x));
        same_bits(one(lanes_cos, -x), one(lanes_cos, x));
    }
    gsl_rng_free(rng);
}

static void assert_ascending(const double *y, double *last)
{
    for (int i = 0; i < FS_LANES; i++) {
        assert_true(y[i] >= *last);
        assert_true(y[i] <= 1.0);
        *last = y[i];
    }
}

static void tanh_is_monotone_and_bounded(void **state)
{
    (void)state;
    double x[FS_LANES], y[FS_LANES], last = -1.0;
    for (int k = -210000; k < 210000; k += FS_LANES) {                       /* a grid over [-21, 21] */
        for (int i = 0; i < FS_LANES; i++) x[i] = (k + i) * 1e-4;
        lanes_tanh(x, y);
        assert_ascending(y, &last);
    }
    gsl_rng *rng = law_rng("monotone");
    for (int k = 0; k < 4000; k++) {                                         /* runs of consecutive doubles */
        double at = k % 2 ? from_binades(rng, -30, 4, 0) : 0.1 + uniform(rng);
        last = -1.0;
        for (int run = 0; run < 8; run++) {
            for (int i = 0; i < FS_LANES; i++) x[i] = at, at = nextafter(at, HUGE_VAL);
            lanes_tanh(x, y);
            assert_ascending(y, &last);
        }
    }
    gsl_rng_free(rng);
}

/* Whatever the other lanes hold, a lane's result is that of its argument alone. */
static void lanes_do_not_see_each_other(void **state)
{
    (void)state;
    const double odd[FS_LANES] = { (double)NAN, HUGE_VAL, -HUGE_VAL, -0.0, 0x1p-1074, -1.0, 1e300, -0x1p20 };
    gsl_rng *rng = law_rng("lanes");
    for (size_t n = 0; n < function_count; n++) {
        const law_function *F = &functions[n];
        for (int k = 0; k < 500; k++) {
            double x[FS_LANES], y[FS_LANES];
            for (int i = 0; i < FS_LANES; i++) {
                unsigned long j = gsl_rng_uniform_int(rng, 3 * FS_LANES);
                x[i] = j < FS_LANES ? odd[j] : from_binades(rng, -20, 10, 1);
            }
            F->f(x, y);
            for (int i = 0; i < FS_LANES; i++) same_bits(y[i], one(F->f, x[i]));
        }
    }
    gsl_rng_free(rng);
}

/* log(1 + e^x) - log(1 + e^-x) = x  and  1/(1 + e^-x) + 1/(1 + e^x) = 1: two rounded terms, two ulps each. */
static void softplus_and_logistic_reflect(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("reflection");
    for (int k = 0; k < 20000; k++) {
        double x = from_binades(rng, -20, 9, 0), high = one(lanes_softplus, x);
        assert_near(high - one(lanes_softplus, -x), x, 4 * DBL_EPSILON * high);
        assert_near(one(lanes_logistic, x) + one(lanes_logistic, -x), 1.0, 4 * DBL_EPSILON);
    }
    gsl_rng_free(rng);
}

static void maximum_and_minimum_select_and_pass_nan_on(void **state)
{
    (void)state;
    const double value[] = { -HUGE_VAL, -1.5, -0x1p-1074, 0.0, 2.0, HUGE_VAL, (double)NAN };
    const size_t count = sizeof value / sizeof value[0];
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            fs_v8 a = fs_v8_splat(value[i]), b = fs_v8_splat(value[j]);
            fs_v8 high = fs_v8_max(a, b), low = fs_v8_min(a, b);
            int nan = isnan(value[i]) || isnan(value[j]);
            for (int l = 0; l < FS_LANES; l++) {
                same_bits(high[l], nan ? (double)NAN : value[i > j ? i : j]);
                same_bits(low[l], nan ? (double)NAN : value[i < j ? i : j]);
            }
        }
}

static void comparison_and_selection_act_lane_by_lane(void **state)
{
    (void)state;
    const fs_v8 a = { 1, 2, 3, (double)NAN, 5, -0.0, HUGE_VAL, -8 }, b = { 2, 1, 3, 4, (double)NAN, 0.0, 7, -9 };
    const int greater[FS_LANES] = { 0, 1, 0, 0, 0, 0, 1, 1 }, equal[FS_LANES] = { 0, 0, 1, 0, 0, 1, 0, 0 };
    fs_v8i gt = fs_v8_gt(a, b), eq = fs_v8_eq(a, b);
    fs_v8 selected = fs_v8_select(gt, a, b), absolute = fs_v8_abs(a);
    for (int i = 0; i < FS_LANES; i++) {
        assert_int_equal(gt[i], -greater[i]);
        assert_int_equal(eq[i], -equal[i]);
        same_bits(selected[i], greater[i] ? a[i] : b[i]);
        same_bits(absolute[i], fabs(a[i]));
    }
}

/* Sums that every other order of the eight terms would round differently. */
static void sum_is_pairwise_in_lane_order(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("sum");
    for (int k = 0; k < 1000; k++) {
        fs_v8 x;
        for (int i = 0; i < FS_LANES; i++) x[i] = from_binades(rng, -30, 30, 1);
        volatile double a = x[0] + x[1], b = x[2] + x[3], c = x[4] + x[5], d = x[6] + x[7], e = a + b, f = c + d;
        same_bits(fs_v8_sum(x), e + f);
    }
    const fs_v8 big = { 1, 0x1p53, 1, -0x1p53, 0x1p-60, 0, 0, 1 };
    same_bits(fs_v8_sum(big), 2.0);
    gsl_rng_free(rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_arguments_within_the_stated_ulps),
        cmocka_unit_test(reduction_boundaries_within_the_stated_ulps),
        cmocka_unit_test(large_angles_within_the_stated_ulps),
        cmocka_unit_test(special_values),
        cmocka_unit_test(tanh_and_sin_are_odd_and_cos_is_even),
        cmocka_unit_test(tanh_is_monotone_and_bounded),
        cmocka_unit_test(lanes_do_not_see_each_other),
        cmocka_unit_test(softplus_and_logistic_reflect),
        cmocka_unit_test(maximum_and_minimum_select_and_pass_nan_on),
        cmocka_unit_test(comparison_and_selection_act_lane_by_lane),
        cmocka_unit_test(sum_is_pairwise_in_lane_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
