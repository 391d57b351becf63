/* tests/test_risk.c -- laws of the risk: the naive twin, differences, symmetry, the same bytes however it is computed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "naive_net.h"

static fs_err err;

enum { KEEP = 1 << 30 };

/* A network with data, weights and a direction. */
typedef struct {
    naive_net twin;
    fs_net *net;
    fs_loss loss;
    double omega[64];
    fs_dataset data;
    fs_risk *risk;
    size_t P;
    double *A, *v;
} problem;

/* Weights add to one, one of them zero where there are several; soft targets. */
static void set_up_isa(problem *p, const naive_example *e, size_t n, fs_loss_kind kind, fs_isa isa, gsl_rng *rng)
{
    p->twin = naive_of(e);
    assert_ok(fs_net_create_isa(&p->net, p->twin.input, p->twin.layer, p->twin.count, isa, &err), err);
    size_t d = fs_net_inputs(p->net), k = fs_net_outputs(p->net);
    p->P = fs_net_parameters(p->net);
    p->data = (fs_dataset){ n, d, k, naive_array(n * d), naive_array(n * k), naive_array(n) };
    fs_rng_gaussian(rng, n * d, p->data.x);
    assert_true(k <= 64);
    for (size_t j = 0; j < k; j++) p->omega[j] = 0.5 + gsl_rng_uniform(rng);
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < k; j++) p->data.y[i * k + j] = (j == i % k) + 0.1 * gsl_rng_uniform(rng);
        sum += p->data.weight[i] = n > 2 && i == 2 ? 0.0 : 0.5 + gsl_rng_uniform(rng);
    }
    for (size_t i = 0; i < n; i++) p->data.weight[i] /= sum;
    p->loss = (fs_loss){ kind, p->omega };
    assert_ok(fs_risk_create(&p->risk, p->net, &p->loss, &p->data, &err), err);
    p->A = naive_array(p->P);
    p->v = naive_array(p->P);
    naive_gaussian(&p->twin, 1.2, rng, p->A);
    fs_rng_gaussian(rng, p->P, p->v);
}

static void set_up(problem *p, const naive_example *e, size_t n, fs_loss_kind kind, gsl_rng *rng)
{
    set_up_isa(p, e, n, kind, fs_isa_best(), rng);
}

static void tear_down(problem *p)
{
    fs_risk_destroy(p->risk);
    fs_net_destroy(p->net);
    free(p->data.x), free(p->data.y), free(p->data.weight), free(p->A), free(p->v);
}

static fs_risk_work *work(const problem *p, int threads, size_t keep)
{
    fs_risk_work *w;
    assert_ok(fs_risk_work_create(&w, p->risk, threads, keep, &err), err);
    return w;
}

static void bounded(double error, double bound, const naive_example *e, size_t n, const char *what)
{
    if (error <= bound) return;
    print_error("%s, n = %zu: %s off by %g > %g\n", e->name, n, what, error, bound);
    fail();
}

#define FOR_LOSSES(kind) for (fs_loss_kind kind = FS_LOSS_CROSS_ENTROPY; kind <= FS_LOSS_SQUARED; kind++)

static void gradient_equals_the_naive_twin_for_every_layer_loss_and_remainder(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("naive gradient");
    static const size_t sizes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 17 };
    for (size_t e = 0; e < NAIVE_EXAMPLES; e++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) FOR_LOSSES(kind) {
            problem p;
            double value, alone;
            set_up(&p, &naive_examples[e], sizes[s], kind, rng);
            fs_risk_work *w = work(&p, 1, s % 2 ? KEEP : 0);
            double *g = naive_array(p.P), *expected = naive_array(p.P);
            double R = naive_risk(&p.twin, p.A, &p.loss, &p.data, expected);
            assert_int_equal(fs_risk_gradient(p.risk, p.A, &value, g, w), FS_OK);
            assert_int_equal(fs_risk_value(p.risk, p.A, &alone, w), FS_OK);
            assert_memory_equal(&alone, &value, sizeof value);
            bounded(fabs(value - R), 1e-12 * (1.0 + fabs(R)), &naive_examples[e], sizes[s], "value");
            bounded(naive_distance(p.P, g, expected), 1e-12 * (1.0 + naive_norm2(p.P, expected)), &naive_examples[e], sizes[s],
                    "gradient");
            free(g), free(expected);
            fs_risk_work_destroy(w);
            tear_down(&p);
        }
    gsl_rng_free(rng);
}

static void gradient_equals_the_naive_twin_over_many_blocks(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("many blocks");
    static const size_t sizes[] = { 63, 64, 65, 129, 300, 1031 };
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        problem p;
        double value;
        set_up(&p, &naive_examples[s % 2 ? 5 : 2], sizes[s], FS_LOSS_CROSS_ENTROPY, rng);
        fs_risk_work *w = work(&p, 2, KEEP);
        double *g = naive_array(p.P), *expected = naive_array(p.P);
        double R = naive_risk(&p.twin, p.A, &p.loss, &p.data, expected);
        assert_int_equal(fs_risk_samples(p.risk), sizes[s]);
        assert_int_equal(fs_risk_gradient(p.risk, p.A, &value, g, w), FS_OK);
        assert_near(value, R, 1e-12 * (1.0 + fabs(R)));
        assert_at_most(naive_distance(p.P, g, expected), 1e-12 * naive_norm2(p.P, expected));
        free(g), free(expected);
        fs_risk_work_destroy(w);
        tear_down(&p);
    }
    gsl_rng_free(rng);
}

/* (f(-2h) - 8 f(-h) + 8 f(h) - f(2h)) / (12 h) has error h^4 f'''''/30 + 2 u |f| / h: 1e-9 at h = 1e-3. */
static const double difference_at[4] = { -2, -1, 1, 2 }, difference_weight[4] = { 1.0 / 12, -8.0 / 12, 8.0 / 12, -1.0 / 12 };

static void gradient_matches_differences_of_the_value(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("differences of the value");
    const double h = 1e-3;
    for (size_t e = 0; e < NAIVE_EXAMPLES; e++) FOR_LOSSES(kind) {
        problem p;
        double value, slope = 0;
        set_up(&p, &naive_examples[e], 11, kind, rng);
        fs_risk_work *w = work(&p, 1, KEEP);
        double *g = naive_array(p.P), *B = naive_array(p.P), length = naive_norm2(p.P, p.v);
        for (size_t i = 0; i < p.P; i++) p.v[i] /= length;
        for (size_t k = 0; k < 4; k++) {
            for (size_t i = 0; i < p.P; i++) B[i] = p.A[i] + h * difference_at[k] * p.v[i];
            assert_int_equal(fs_risk_value(p.risk, B, &value, w), FS_OK);
            slope += difference_weight[k] * value / h;
        }
        assert_int_equal(fs_risk_gradient(p.risk, p.A, &value, g, w), FS_OK);
        bounded(fabs(slope - naive_dot(p.P, g, p.v)), 1e-9 * (fabs(value) + naive_norm2(p.P, g)), &naive_examples[e], 11, "slope");
        free(g), free(B);
        fs_risk_work_destroy(w);
        tear_down(&p);
    }
    gsl_rng_free(rng);
}

static void hessian_vector_product_equals_the_naive_twin(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("naive product");
    static const size_t sizes[] = { 1, 7, 9, 17 };
    for (size_t e = 0; e < NAIVE_EXAMPLES; e++)
        for (size_t s = 0; s < 4; s++) FOR_LOSSES(kind) {
            problem p;
            set_up(&p, &naive_examples[e], sizes[s], kind, rng);
            fs_risk_work *w = work(&p, 1, s % 2 ? KEEP : 0);
            double *Hv = naive_array(p.P), *expected = naive_array(p.P);
            naive_product(&p.twin, p.A, p.v, &p.loss, &p.data, NULL, expected);
            assert_int_equal(fs_risk_hvp(p.risk, p.A, p.v, Hv, w), FS_OK);
            bounded(naive_distance(p.P, Hv, expected), 1e-12 * (1.0 + naive_norm2(p.P, expected)), &naive_examples[e], sizes[s], "Hv");
            free(Hv), free(expected);
            fs_risk_work_destroy(w);
            tear_down(&p);
        }
    gsl_rng_free(rng);
}

static void hessian_is_symmetric_and_its_columns_are_products(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("hessian");
    for (size_t e = 0; e < NAIVE_EXAMPLES; e++) FOR_LOSSES(kind) {
        problem p;
        set_up(&p, &naive_examples[e], e % 3 ? 9 : 130, kind, rng);
        size_t P = p.P;
        if (P > 500) {
            tear_down(&p);
            continue;
        }
        fs_risk_work *w = work(&p, 1, KEEP), *pair = work(&p, 2, 0);
        double *H = naive_array(P * P), *H2 = naive_array(P * P), *unit = naive_array(P), *column = naive_array(P);
        double *u = naive_array(P), *Hv = naive_array(P), *Hu = naive_array(P);
        assert_int_equal(fs_risk_hessian(p.risk, p.A, H, w), FS_OK);
        assert_int_equal(fs_risk_hessian(p.risk, p.A, H2, pair), FS_OK);
        assert_memory_equal(H, H2, P * P * sizeof *H);
        double norm = naive_norm2(P * P, H);
        for (size_t j = 0; j < P; j++) {
            for (size_t i = 0; i < j; i++) assert_memory_equal(&H[i * P + j], &H[j * P + i], sizeof *H);
            memset(unit, 0, P * sizeof *unit);
            unit[j] = 1.0;
            assert_int_equal(fs_risk_hvp(p.risk, p.A, unit, column, w), FS_OK);
            bounded(naive_distance(P, column, H + j * P), 1e-13 * (1.0 + norm), &naive_examples[e], p.data.n, "column");
        }
        fs_rng_gaussian(rng, P, u);
        assert_int_equal(fs_risk_hvp(p.risk, p.A, p.v, Hv, w), FS_OK);
        assert_int_equal(fs_risk_hvp(p.risk, p.A, u, Hu, w), FS_OK);
        bounded(fabs(naive_dot(P, u, Hv) - naive_dot(P, p.v, Hu)), 1e-13 * (1.0 + norm) * naive_norm2(P, u) * naive_norm2(P, p.v),
                &naive_examples[e], p.data.n, "u.Hv - v.Hu");
        free(H), free(H2), free(unit), free(column), free(u), free(Hv), free(Hu);
        fs_risk_work_destroy(w);
        fs_risk_work_destroy(pair);
        tear_down(&p);
    }
    gsl_rng_free(rng);
}

/* Values, gradients, products and Hessians of networks in which anything may follow anything. */
static void random_networks_agree_with_the_naive_twin_in_every_derivative(void **state)
{
    (void)state;
    enum { NETWORKS = 400 };
    gsl_rng *rng = law_rng("random networks");
    static const size_t sizes[] = { 1, 2, 7, 8, 9, 19 };
    for (size_t e = 0; e < NETWORKS; e++) {
        naive_random_net random;
        problem p;
        double value, R;
        naive_random(rng, &random);
        set_up_isa(&p, &random.example, sizes[e % 6], e % 2 ? FS_LOSS_SQUARED : FS_LOSS_CROSS_ENTROPY, fs_isa_best(), rng);
        size_t P = p.P;
        fs_risk_work *w = work(&p, 1, KEEP), *other = work(&p, 2, 0);
        double *g = naive_array(P), *Hv = naive_array(P), *twin = naive_array(P), *product = naive_array(P), *again = naive_array(P);
        R = naive_product(&p.twin, p.A, p.v, &p.loss, &p.data, twin, product);
        assert_int_equal(fs_risk_gradient_keep(p.risk, p.A, &value, g, w), FS_OK);
        assert_int_equal(fs_risk_hvp(p.risk, p.A, p.v, Hv, w), FS_OK);
        double size = naive_norm2(P, twin), curvature = naive_norm2(P, product);
        int fits = fabs(value - R) <= 1e-12 * (1.0 + fabs(R)) && naive_distance(P, g, twin) <= 1e-12 * (1.0 + size)
                   && naive_distance(P, Hv, product) <= 1e-11 * (1.0 + size + curvature);
        assert_int_equal(fs_risk_hvp(p.risk, p.A, p.v, again, other), FS_OK);
        fits = fits && memcmp(again, Hv, P * sizeof *Hv) == 0;
        double *H = P <= 120 ? naive_array(P * P) : NULL, *column = naive_array(P);
        for (int kept = 0; H && kept < 2; kept++) {
            assert_int_equal(fs_risk_hessian(p.risk, p.A, H, kept ? w : other), FS_OK);
            for (size_t i = 0; i < P; i++) column[i] = naive_dot(P, H + i * P, p.v);
            fits = fits && naive_distance(P, column, product) <= 1e-11 * (1.0 + size + naive_norm2(P * P, H) * naive_norm2(P, p.v));
        }
        if (!fits) {
            naive_print(&random.example);
            print_error("network %zu, P = %zu: value %g, gradient off by %g of %g, product by %g of %g\n", e, P, value,
                        naive_distance(P, g, twin), size, naive_distance(P, Hv, product), curvature);
            fail();
        }
        free(g), free(Hv), free(twin), free(product), free(again), free(H), free(column);
        fs_risk_work_destroy(w);
        fs_risk_work_destroy(other);
        tear_down(&p);
    }
    gsl_rng_free(rng);
}

static void bytes_depend_neither_on_what_is_kept_nor_on_threads(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("same bytes");
    static const size_t sizes[] = { 9, 77, 150, 1031 };
    for (size_t e = 0; e < NAIVE_EXAMPLES; e++) {
        problem p;
        set_up(&p, &naive_examples[e], sizes[e % 4], FS_LOSS_CROSS_ENTROPY, rng);
        double *g = naive_array(p.P), *Hv = naive_array(p.P), *g2 = naive_array(p.P), *Hv2 = naive_array(p.P), value, value2;
        fs_risk_work *first = work(&p, 1, KEEP);
        assert_int_equal(fs_risk_gradient_keep(p.risk, p.A, &value, g, first), FS_OK);
        assert_int_equal(fs_risk_hvp(p.risk, p.A, p.v, Hv, first), FS_OK);
        for (int threads = 1; threads <= 3; threads++)
            for (int keep = 0; keep < 2; keep++) {
                fs_risk_work *w = work(&p, threads, keep ? KEEP : 0);
                size_t before = (e + (size_t)threads + (size_t)keep) % 4;
                /* nothing; a gradient elsewhere before; a value or a gradient elsewhere between gradient and product */
                if (before == 1) assert_int_equal(fs_risk_gradient_keep(p.risk, p.v, NULL, g2, w), FS_OK);
                assert_int_equal((before & 1 ? fs_risk_gradient : fs_risk_gradient_keep)(p.risk, p.A, &value2, g2, w), FS_OK);
                assert_memory_equal(g, g2, p.P * sizeof *g);
                if (before == 2) assert_int_equal(fs_risk_value(p.risk, p.v, &value, w), FS_OK);
                if (before == 3) assert_int_equal(fs_risk_gradient(p.risk, p.v, NULL, g2, w), FS_OK);
                assert_int_equal(fs_risk_hvp(p.risk, p.A, p.v, Hv2, w), FS_OK);
                assert_memory_equal(Hv, Hv2, p.P * sizeof *Hv);
                assert_int_equal(fs_risk_value(p.risk, p.A, &value, w), FS_OK);
                assert_memory_equal(&value, &value2, sizeof value);
                fs_risk_work_destroy(w);
            }
        free(g), free(Hv), free(g2), free(Hv2);
        fs_risk_work_destroy(first);
        tear_down(&p);
    }
    gsl_rng_free(rng);
}

static void instruction_sets_agree_to_rounding(void **state)
{
    (void)state;
    for (size_t e = 0; e < NAIVE_EXAMPLES; e++) FOR_LOSSES(kind) {
        double *g[FS_ISA_COUNT] = { NULL }, *Hv[FS_ISA_COUNT] = { NULL }, value[FS_ISA_COUNT];
        for (fs_isa isa = FS_ISA_BASELINE; isa < FS_ISA_COUNT; isa++) {
            if (!fs_isa_available(isa)) continue;
            gsl_rng *rng = law_rng("instruction sets");
            problem p;
            set_up_isa(&p, &naive_examples[e], 21, kind, isa, rng);
            fs_risk_work *w = work(&p, 1, KEEP);
            g[isa] = naive_array(p.P), Hv[isa] = naive_array(p.P);
            assert_int_equal(fs_risk_gradient(p.risk, p.A, &value[isa], g[isa], w), FS_OK);
            assert_int_equal(fs_risk_hvp(p.risk, p.A, p.v, Hv[isa], w), FS_OK);
            assert_near(value[isa], value[0], 1e-13 * (1.0 + fabs(value[0])));
            assert_at_most(naive_distance(p.P, g[isa], g[0]), 1e-12 * (1.0 + naive_norm2(p.P, g[0])));
            assert_at_most(naive_distance(p.P, Hv[isa], Hv[0]), 1e-12 * (1.0 + naive_norm2(p.P, Hv[0])));
            fs_risk_work_destroy(w);
            tear_down(&p);
            gsl_rng_free(rng);
        }
        for (size_t i = 0; i < FS_ISA_COUNT; i++) free(g[i]), free(Hv[i]);
    }
}

static void unused_taps_have_no_gradient(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("unused taps");
    problem p;
    set_up(&p, &naive_examples[9], 5, FS_LOSS_CROSS_ENTROPY, rng);
    fs_risk_work *w = work(&p, 1, KEEP);
    double *g = naive_array(p.P), *Hv = naive_array(p.P), *H = naive_array(p.P * p.P), before, after;
    assert_string_equal(naive_examples[9].name, "supports");
    assert_int_equal(fs_risk_gradient(p.risk, p.A, &before, g, w), FS_OK);
    assert_int_equal(fs_risk_hvp(p.risk, p.A, p.v, Hv, w), FS_OK);
    assert_int_equal(fs_risk_hessian(p.risk, p.A, H, w), FS_OK);
    for (size_t i = 0; i < 54; i++)
        if (!naive_cross[i % 9]) {
            assert_true(g[i] == 0.0 && Hv[i] == 0.0);
            for (size_t j = 0; j < p.P; j++) assert_true(H[i * p.P + j] == 0.0);
            p.A[i] += 1.0;
        }
    assert_int_equal(fs_risk_value(p.risk, p.A, &after, w), FS_OK);
    assert_memory_equal(&before, &after, sizeof before);
    free(g), free(Hv), free(H);
    fs_risk_work_destroy(w);
    tear_down(&p);
    gsl_rng_free(rng);
}

static void loss_of_lanes_equals_loss_of_one_sample(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("loss value");
    FOR_LOSSES(kind) {
        problem p;
        double value, sum = 0;
        set_up(&p, &naive_examples[4], 13, kind, rng);
        fs_risk_work *w = work(&p, 1, 0);
        double *z = naive_array(13 * p.data.outputs);
        assert_ok(fs_net_apply(p.net, p.A, 13, p.data.x, z, &err), err);
        for (size_t i = 0; i < 13; i++)
            sum += p.data.weight[i] * fs_loss_value(&p.loss, p.data.outputs, z + i * p.data.outputs, p.data.y + i * p.data.outputs);
        assert_int_equal(fs_risk_value(p.risk, p.A, &value, w), FS_OK);
        assert_near(value, sum, 1e-14 * (1.0 + fabs(sum)));
        free(z);
        fs_risk_work_destroy(w);
        tear_down(&p);
    }
    const double z[3] = { 0.0, log(2.0), log(5.0) }, y[3] = { 0.0, 1.0, 0.0 }, omega[3] = { 1.0, 4.0, 0.0 };
    fs_loss loss = { FS_LOSS_CROSS_ENTROPY, NULL };
    assert_near(fs_loss_value(&loss, 3, z, y), log(4.0), 4 * DBL_EPSILON);
    loss = (fs_loss){ FS_LOSS_SQUARED, omega };
    assert_near(fs_loss_value(&loss, 3, z, y), 2.0 * (log(2.0) - 1.0) * (log(2.0) - 1.0), 4 * DBL_EPSILON);
    gsl_rng_free(rng);
}

/* Logits +-1000: the loss is their difference to the last bit or zero, nothing overflows. */
static void large_logits_stay_finite(void **state)
{
    (void)state;
    fs_layer_spec dense = DENSE(2);
    double x[1] = { 1000.0 }, y[2] = { 1.0, 0.0 }, weight[1] = { 1.0 }, value, g[2], Hv[2];
    fs_dataset data = { 1, 1, 2, x, y, weight };
    fs_loss loss = { FS_LOSS_CROSS_ENTROPY, NULL };
    fs_net *net;
    fs_risk *risk;
    fs_risk_work *w;
    assert_ok(fs_net_create(&net, (fs_shape){ 1, 1, 1 }, &dense, 1, &err), err);
    assert_ok(fs_risk_create(&risk, net, &loss, &data, &err), err);
    assert_true(fs_risk_net(risk) == net);
    assert_ok(fs_risk_work_create(&w, risk, 1, KEEP, &err), err);
    const double right[2] = { 1.0, -1.0 }, wrong[2] = { -1.0, 1.0 };
    assert_int_equal(fs_risk_gradient(risk, right, &value, g, w), FS_OK);
    assert_true(value == 0.0 && g[0] == 0.0 && g[1] == 0.0);
    assert_int_equal(fs_risk_gradient(risk, wrong, &value, g, w), FS_OK);
    assert_true(value == 2000.0 && g[0] == -1000.0 && g[1] == 1000.0);
    assert_int_equal(fs_risk_hvp(risk, wrong, right, Hv, w), FS_OK);
    assert_true(Hv[0] == 0.0 && Hv[1] == 0.0);
    fs_risk_work_destroy(w);
    fs_risk_destroy(risk);
    fs_net_destroy(net);
}

static void weights_that_are_not_finite_are_reported(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("not finite");
    for (size_t e = 0; e < NAIVE_EXAMPLES; e++) {
        problem p;
        double value;
        set_up(&p, &naive_examples[e], 5, FS_LOSS_CROSS_ENTROPY, rng);
        fs_risk_work *w = work(&p, 1, KEEP);
        double *g = naive_array(p.P), *H = p.P <= 500 ? naive_array(p.P * p.P) : NULL;
        size_t last = p.P - 1;
        for (int infinite = 0; infinite < 2; infinite++) {
            double sound = p.A[last], bad = infinite ? (double)INFINITY : (double)NAN;
            p.A[last] = bad;
            assert_int_equal(fs_risk_value(p.risk, p.A, &value, w), FS_ENAN);
            assert_int_equal(fs_risk_gradient(p.risk, p.A, NULL, g, w), FS_ENAN);
            assert_int_equal(fs_risk_hvp(p.risk, p.A, p.v, g, w), FS_ENAN);
            if (H) assert_int_equal(fs_risk_hessian(p.risk, p.A, H, w), FS_ENAN);
            p.A[last] = sound;
            p.v[last] = bad;
            assert_int_equal(fs_risk_hvp(p.risk, p.A, p.v, g, w), FS_ENAN);
            p.v[last] = 1.0;
            assert_int_equal(fs_risk_hvp(p.risk, p.A, p.v, g, w), FS_OK);
        }
        free(g), free(H);
        fs_risk_work_destroy(w);
        tear_down(&p);
    }
    gsl_rng_free(rng);
}

/* 2 (forward + gradient of the first layer, three products of every other), each twice along a direction but those two. */
static void work_is_counted(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("flops");
    problem p;
    set_up(&p, &naive_examples[5], 10, FS_LOSS_CROSS_ENTROPY, rng);
    double first = 4 * 9 * 16, second = 4 * 4 * 9 * 4, dense = 3 * 16;
    assert_near(fs_risk_gradient_flops(p.risk), 20.0 * (2 * first + 3 * second + 3 * dense), 0.0);
    assert_near(fs_risk_hvp_flops(p.risk), 20.0 * (2 * first + 6 * second + 6 * dense), 0.0);
    tear_down(&p);
    gsl_rng_free(rng);
}

static void unfit_data_are_refused_in_words(void **state)
{
    (void)state;
    fs_layer_spec dense = DENSE(2);
    double x[4] = { 0 }, y[4] = { 0 }, weight[2] = { 0.5, 0.5 };
    fs_dataset data = { 2, 2, 2, x, y, weight };
    fs_loss loss = { FS_LOSS_SQUARED, NULL }, unknown = { (fs_loss_kind)7, NULL };
    fs_net *net;
    fs_risk *risk;
    fs_risk_work *w;
    assert_ok(fs_net_create(&net, (fs_shape){ 2, 1, 1 }, &dense, 1, &err), err);
    assert_fails(fs_risk_create(&risk, net, &unknown, &data, &err), FS_EINPUT, err, "cross-entropy or squared");
    data.n = 0;
    assert_fails(fs_risk_create(&risk, net, &loss, &data, &err), FS_EINPUT, err, "at least one sample");
    data.n = 2, data.inputs = 3;
    assert_fails(fs_risk_create(&risk, net, &loss, &data, &err), FS_EINPUT, err, "found 3 and 2");
    data.inputs = 2, data.outputs = 1;
    assert_fails(fs_risk_create(&risk, net, &loss, &data, &err), FS_EINPUT, err, "found 2 and 1");
    data.outputs = 2;
    assert_ok(fs_risk_create(&risk, net, &loss, &data, &err), err);
    assert_fails(fs_risk_work_create(&w, risk, 0, 0, &err), FS_EINPUT, err, "threads >= 1");
    fs_risk_work_destroy(NULL);
    fs_risk_destroy(risk);
    fs_risk_destroy(NULL);
    fs_net_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient_equals_the_naive_twin_for_every_layer_loss_and_remainder),
        cmocka_unit_test(gradient_equals_the_naive_twin_over_many_blocks),
        cmocka_unit_test(gradient_matches_differences_of_the_value),
        cmocka_unit_test(hessian_vector_product_equals_the_naive_twin),
        cmocka_unit_test(hessian_is_symmetric_and_its_columns_are_products),
        cmocka_unit_test(random_networks_agree_with_the_naive_twin_in_every_derivative),
        cmocka_unit_test(bytes_depend_neither_on_what_is_kept_nor_on_threads),
        cmocka_unit_test(instruction_sets_agree_to_rounding),
        cmocka_unit_test(unused_taps_have_no_gradient),
        cmocka_unit_test(loss_of_lanes_equals_loss_of_one_sample),
        cmocka_unit_test(large_logits_stay_finite),
        cmocka_unit_test(weights_that_are_not_finite_are_reported),
        cmocka_unit_test(work_is_counted),
        cmocka_unit_test(unfit_data_are_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
