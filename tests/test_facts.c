/* tests/test_facts.c -- the pointwise statements: key lemma, Lemma 3.11, compatibility, Facts A and B, and what rounding explains of them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "flows.h"
#include "model_text.h"
#include "theory_checks/pulled_back.h"
#include "theory_checks/rounding.h"
#include "theory_checks/statements.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>

static const fs_statement *const facts[] = {
    &fs_statement_key_lemma, &fs_statement_lemma_3_11_gradient, &fs_statement_lemma_3_11_hessian, &fs_statement_compatibility,
    &fs_statement_fact_a,    &fs_statement_fact_b,
};
enum { FACTS = sizeof facts / sizeof *facts };

static fs_check_context *context_of(const fs_problem *p)
{
    const fs_check_options options = { .gamma = -1.0, .distance = -1.0, .seed = 3 };
    fs_check_context *c = NULL;
    fs_err err = { 0 };
    assert_ok(fs_check_context_create(&c, p, &options, &err), err);
    return c;
}

static fs_finding find(const fs_problem *p, const fs_statement *statement)
{
    fs_check_context *c = context_of(p);
    fs_finding found;
    fs_err err = { 0 };
    assert_ok(fs_check_run(c, statement, &found, &err), err);
    fs_check_context_destroy(c);
    return found;
}

static double quantity(const fs_finding *found, const char *name)
{
    const fs_quantity *q = fs_finding_quantity(found, name);
    if (!q) print_error("no quantity %s\n", name);
    assert_non_null(q);
    return q->value;
}

/* --- rounding ---------------------------------------------------------------------------- */

static void moving_by_one_ulp_reaches_a_neighbour(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("one ulp");
    const double A[] = { 1.0, -3.5, 0.0, 1e-300, -7e200, 0x1p-1074 };
    double moved[6];
    int up = 0, down = 0;
    for (int k = 0; k < 64; k++) {
        fs_move_one_ulp(rng, 6, A, moved);
        for (size_t j = 0; j < 6; j++) {
            if (A[j] == 0.0) assert_true(moved[j] == 0.0);
            else assert_true(moved[j] == nextafter(A[j], HUGE_VAL) || moved[j] == nextafter(A[j], -HUGE_VAL));
        }
        up += moved[0] > 1.0;
        down += moved[0] < 1.0;
    }
    assert_true(up > 8 && down > 8);
    gsl_rng_free(rng);
}

static void nan_is_the_worst_and_stays(void **state)
{
    (void)state;
    fs_worst w = { 0 };
    assert_true(fs_worst_keep(&w, 1.0, 10.0));
    assert_false(fs_worst_keep(&w, 1.0, 11.0));
    assert_true(fs_worst_keep(&w, 0.5, 4.0));
    assert_true(fs_worst_keep(&w, (double)NAN, 4.0));
    assert_false(fs_worst_keep(&w, 1e300, 1.0));
    assert_true(isnan(w.measured));
    assert_true(isnan(fs_larger((double)NAN, 1.0)) && isnan(fs_larger(1.0, (double)NAN)));
    assert_near(fs_larger(2.0, 1.0), 2.0, 0.0);
    assert_near(fs_larger(1.0, 2.0), 2.0, 0.0);
}

static void a_share_of_nothing_is_nothing_or_everything(void **state)
{
    (void)state;
    assert_near(fs_share(3.0, 1.0, 8.0), 0.5, 0.0);
    assert_near(fs_share(0.0, 0.0, 0.0), 0.0, 0.0);
    assert_near(fs_share(0.0, 0.0, 1e-300), 0.0, 0.0);
    assert_true(fs_share(1e-300, 0.0, 0.0) == HUGE_VAL && fs_share(0.0, 1e-300, 0.0) == HUGE_VAL);
    assert_true(fs_share(1.0, 0.0, -1.0) == HUGE_VAL && fs_share(HUGE_VAL, 0.0, 1.0) == HUGE_VAL);
    assert_near(fs_share(-3.0, 1.0, 0.0), -2.0, 0.0);               /* kept, with room */
    assert_near(fs_share(-3.0, 1.0, -1.5), -0.5, 0.0);
    assert_true(isnan(fs_share((double)NAN, 0.0, 0.0)) && isnan(fs_share(0.0, (double)NAN, 1.0)) && isnan(fs_share(0.0, 0.0, (double)NAN)));
    assert_true(isnan(fs_share(1.0, 0.0, HUGE_VAL)));               /* no bound at all */
}

/* Each is worse than the one before: whatever the order they come in, the worst of the first k is what is kept. */
static void the_worst_is_the_same_in_every_order(void **state)
{
    (void)state;
    enum { N = 8 };
    static const double entry[N][3] = { { -2.0, 1.0, 0.0 }, { 0.0, 0.0, 0.0 }, { 1e-20, 0.0, 1.0 }, { 0.2, 0.1, 1.0 },
                                        { 5.0, 0.0, 2.0 },  { 1e-30, 0.0, 0.0 }, { 1.39, 0.0, 0.0 }, { (double)NAN, 0.0, 1.0 } };
    gsl_rng *rng = law_rng("orders");
    for (size_t most = 1; most <= N; most++)
        for (int trial = 0; trial < 200; trial++) {
            size_t order[N];
            fs_worst w = { 0 };
            fs_finding found = { .measured = 7.0 };
            fs_worst_report(&w, &found);
            assert_near(found.measured, 7.0, 0.0);                  /* nothing measured, nothing said */
            for (size_t i = 0; i < most; i++) order[i] = i;
            gsl_ran_shuffle(rng, order, most, sizeof *order);
            for (size_t i = 0; i < most; i++) fs_worst_add(&w, entry[order[i]][0], entry[order[i]][1], entry[order[i]][2]);
            fs_worst_report(&w, &found);
            const double *worst = entry[most - 1];
            assert_true(found.measured == worst[0] || (isnan(found.measured) && isnan(worst[0])));
            assert_true(found.error == worst[1] && found.bound == worst[2] && w.count == most);
        }
    gsl_rng_free(rng);
}

static void nothing_is_divided_by_zero(void **state)
{
    (void)state;
    assert_true(fs_counts(2.0, 1e6, 1e-6) && fs_counts(1e-300, 1e6, 0.0));
    assert_false(fs_counts(0.0, 1e6, 0.0) || fs_counts(0.5, 1e6, 1e-6) || fs_counts((double)NAN, 1.0, 0.0) || fs_counts(1.0, 1.0, (double)NAN));
    assert_true(isnan(fs_smaller((double)NAN, 1.0)) && isnan(fs_smaller(1.0, (double)NAN)));
    assert_near(fs_smaller(2.0, 1.0), 1.0, 0.0);
}

/* One neuron so saturated that at most points of E its gradient is 0 exactly: measured 0 against 0 there must not hide the others. */
static void a_leak_is_seen_past_points_where_everything_is_zero(void **state)
{
    (void)state;
    fs_problem *p = model_of("title: saturated\nsource: closed form\ngroup: C2\nmeasure: [1, 0]\n"
                             "data: {source: inline, x: [[100, 0]], targets: [[0.5]]}\ninput: {vector: [natural]}\n"
                             "layers:\n  - dense: {out: 1}\n  - tanh: {}\nloss: squared\noutput: trivial\n"
                             "start: {distribution: gaussian, scale: 1, distance: 0.3}\nflow: {gamma: 1, t_end: 10, rtol: 1e-8, atol: 1e-10}\n");
    for (uint64_t seed = 1; seed <= 8; seed++) {
        const fs_check_options options = { .gamma = -1.0, .distance = -1.0, .seed = seed };
        fs_check_context *c = NULL;
        fs_finding found;
        fs_err err = { 0 };
        assert_ok(fs_check_context_create(&c, p, &options, &err), err);
        assert_ok(fs_check_run(c, &fs_statement_fact_a, &found, &err), err);
        assert_int_equal(found.verdict, FS_VIOLATED);
        assert_true(found.measured > 1e6 * found.bound);
        assert_near(quantity(&found, "leak_over_E"), 1.0, 16.0 * DBL_EPSILON);          /* grad R along (1, 0), E along (1, 1) */
        assert_near(quantity(&found, "leak_over_nominal"), 1.0, 16.0 * DBL_EPSILON);
        fs_check_context_destroy(c);
    }
    fs_problem_destroy(p);
}

/* Two weights that E ties together: three copies an ulp away often agree to the bit, and what is left is how a neuron amplifies the rounding of its argument. */
static void one_neuron_with_large_arguments_is_not_called_broken(void **state)
{
    (void)state;
    static const struct { const char *x, *target, *activation, *measure; fs_verdict verdict; } model[] = {
        { "-21.028, 12.798", "-0.821", "sin", "[0.5, 0.5]", FS_HOLDS },
        { "-54.703, -5.488", "0.5", "softplus", "[0.5, 0.5]", FS_HOLDS },
        { "8.832, -23.636", "0.986", "sin", "[0.5, 0.5]", FS_HOLDS },
        { "-29.383, -25.961", "1.012", "sin", "[0.5, 0.5]", FS_HOLDS },
        { "-21.028, 12.798", "-0.821", "sin", "[0.50000000001, 0.49999999999]", FS_VIOLATED },
    };
    static const fs_statement *const statement[] = { &fs_statement_fact_a, &fs_statement_fact_b, &fs_statement_theorem_1_1_field };
    for (size_t m = 0; m < sizeof model / sizeof *model; m++) {
        char text[600];
        snprintf(text, sizeof text,
                 "title: one neuron\ngroup: C2\nmeasure: %s\ndata: {source: inline, x: [[%s]], targets: [[%s]]}\ninput: {vector: [natural]}\n"
                 "layers: [{dense: {out: 1}}, {%s: {}}]\nloss: squared\noutput: trivial\nflow: {gamma: 0.3, t_end: 20}\n",
                 model[m].measure, model[m].x, model[m].target, model[m].activation);
        fs_problem *p = model_of(text);
        for (uint64_t seed = 1; seed <= 4; seed++)
            for (size_t k = 0; k < 3; k++) {
                const fs_check_options options = { .gamma = -1.0, .distance = -1.0, .seed = seed };
                fs_check_context *c = NULL;
                fs_finding found;
                fs_err err = { 0 };
                assert_ok(fs_check_context_create(&c, p, &options, &err), err);
                assert_ok(fs_check_run(c, statement[k], &found, &err), err);
                if (found.verdict != model[m].verdict)
                    print_error("%s at x = %s, seed %d: %s: measured %g, bound %g; %s\n", statement[k]->id, model[m].x, (int)seed, fs_verdict_name(found.verdict),
                                found.measured, found.bound, found.vacuous);
                assert_int_equal(found.verdict, model[m].verdict);
                fs_check_context_destroy(c);
            }
        fs_problem_destroy(p);
    }
}

/* (w x)^2 against 0: the gradient 2 (w x)^3 x is homogeneous of degree 3 in the weights, and so is its answer to relative moves. */
static void what_a_neuron_amplifies_scales_with_its_gradient(void **state)
{
    (void)state;
    fs_problem *p = model_of("title: homogeneous\ngroup: C2\ndata: {source: inline, x: [[3, 4]], targets: [[0]]}\ninput: {vector: [natural]}\n"
                             "layers: [{dense: {out: 1}}, {square: {}}]\nloss: squared\noutput: trivial\nflow: {gamma: 0.3, t_end: 20}\n");
    fs_check_context *c = context_of(p);
    fs_err err = { 0 };
    fs_rounding r, twice;
    double x = 0.5, y = 1.0;
    assert_int_equal(fs_problem_basis(p)->dim_E, 1);
    assert_ok(fs_gradient_rounding(c, &x, &r, NULL, &err), err);
    assert_ok(fs_gradient_rounding(c, &y, &twice, NULL, &err), err);
    assert_true(r.inside > 0.0);
    assert_near(twice.inside, 8.0 * r.inside, 64.0 * sqrt(DBL_EPSILON) * twice.inside);     /* a quotient of differences at sqrt(2 u) */
    /* a weight enters (w_1 x_1 + w_2 x_2)^3 x_k three times, x four times, all terms of a sign, and no Gaussian of 12 is beyond 6: c <= 42 |grad l| */
    assert_true(r.inside > 0.025 * r.terms && r.inside <= 42.0 * r.terms * FS_ROUNDING_SCATTER / FS_ROUNDING_TERMS);
    fs_check_context_destroy(c);
    fs_problem_destroy(p);
}

static void points_of_E_are_fixed_by_every_element(void **state)
{
    (void)state;
    static const char *const models[] = { "cnn_c4", "mlp_d4", "so2_vectors" };
    for (size_t m = 0; m < 3; m++) {
        fs_problem *p = load_model(models[m], NULL, NULL, NULL);
        const fs_basis *b = fs_problem_basis(p);
        fs_check_context *c = context_of(p);
        fs_err err = { 0 };
        double *x = calloc(b->dim_E, sizeof *x), *y = calloc(b->dim_E, sizeof *y), *A = calloc(b->n_par, sizeof *A), *B = calloc(b->n_par, sizeof *B);
        assert_ok(fs_point_of_E(c, 5, 1.0, x, &err), err);
        assert_ok(fs_point_of_E(c, 5, 4.0, y, &err), err);
        for (size_t i = 0; i < b->dim_E; i++) assert_near(y[i], 4.0 * x[i], 0.0);
        assert_ok(fs_point_of_E(c, 6, 1.0, y, &err), err);
        assert_true(y[0] != x[0]);
        fs_basis_expand_E(b, x, A);
        assert_true(norm_of(A, b->n_par) > 0.1);
        for (size_t g = 0; g < fs_group_points(fs_problem_group(p)); g++) {
            assert_int_equal(fs_rep_apply(fs_problem_rho_H(p), g, A, B), FS_OK);
            for (size_t j = 0; j < b->n_par; j++) assert_near(B[j], A[j], 1e-13 * norm_of(A, b->n_par));
        }
        free(x);
        free(y);
        free(A);
        free(B);
        fs_check_context_destroy(c);
        fs_problem_destroy(p);
    }
}

static void the_sum_of_terms_bounds_the_gradient_and_equals_it_for_one_sample(void **state)
{
    (void)state;
    static const char *const models[] = { "toy_quartic", "tiny_mlp", "cnn_c4" };
    for (size_t m = 0; m < 3; m++) {
        fs_problem *p = load_model(models[m], NULL, NULL, NULL);
        size_t n = fs_problem_basis(p)->n_par;
        fs_check_context *c = context_of(p);
        fs_risk_work *work = NULL;
        fs_err err = { 0 };
        double sum = 0.0, *A = calloc(n, sizeof *A), *grad = calloc(n, sizeof *grad);
        assert_ok(fs_point_of_H(c, 1, A, &err), err);
        assert_ok(fs_sum_of_terms(c, A, &sum, &err), err);
        assert_ok(fs_check_risk_work(c, 0, &work, &err), err);
        assert_int_equal(fs_risk_gradient(fs_problem_risk(p, 0), A, NULL, grad, work), FS_OK);
        double size = norm_of(grad, n);
        assert_true(sum >= size * (1.0 - 1e-14));
        if (!m) assert_near(sum, size, 8.0 * DBL_EPSILON * size);
        else assert_true(sum > 1.01 * size);
        free(A);
        free(grad);
        fs_check_context_destroy(c);
        fs_problem_destroy(p);
    }
}

static void the_budget_is_some_hundred_units_of_roundoff(void **state)
{
    (void)state;
    static const char *const models[] = { "cnn_c4", "mlp_d4", "tiny_mlp", "so2_vectors", "cnn_c4_compatible" };
    for (size_t m = 0; m < 5; m++) {
        fs_problem *p = load_model(models[m], NULL, NULL, NULL);
        const fs_basis *b = fs_problem_basis(p);
        fs_check_context *c = context_of(p);
        fs_rounding r;
        fs_err err = { 0 };
        double *x = calloc(b->dim_E, sizeof *x), *grad = calloc(b->n_par, sizeof *grad);
        assert_ok(fs_point_of_E(c, 0, 1.0, x, &err), err);
        assert_ok(fs_gradient_rounding(c, x, &r, grad, &err), err);
        double size = norm_of(grad, b->n_par);
        assert_true(r.terms >= FS_ROUNDING_TERMS * FS_ROUNDOFF * size * (1.0 - 1e-12));
        assert_true(r.E >= r.terms && r.N >= r.terms && r.L >= r.N && r.L >= r.E);
        assert_true(r.scatter_E > 0.0);
        assert_at_most(r.L, 1e5 * FS_ROUNDOFF * size);
        free(x);
        free(grad);
        fs_check_context_destroy(c);
        fs_problem_destroy(p);
    }
}

/* --- the biased measure ------------------------------------------------------------------------ */

static void leak_of(const fs_problem *p, const fs_risk *risk, const double *A, double *leak)
{
    const fs_basis *b = fs_problem_basis(p);
    fs_risk_work *work = NULL;
    fs_err err = { 0 };
    double *grad = calloc(b->n_par, sizeof *grad), *w = calloc(b->dim_E + b->dim_N, sizeof *w);
    assert_ok(fs_risk_work_create(&work, risk, 1, 0, &err), err);
    assert_int_equal(fs_risk_gradient(risk, A, NULL, grad, work), FS_OK);
    fs_basis_project(b, grad, w);
    *leak = norm_of(w + b->dim_E, b->dim_N);
    fs_risk_work_destroy(work);
    free(grad);
    free(w);
}

static void the_leak_is_linear_in_the_bias_down_to_1e_12(void **state)
{
    (void)state;
    static const char *const models[] = { "cnn_c4", "mlp_d4", "so2_vectors" };
    for (size_t m = 0; m < 3; m++) {
        fs_problem *p = load_model(models[m], NULL, NULL, NULL);
        const fs_basis *b = fs_problem_basis(p);
        fs_check_context *c = context_of(p);
        fs_err err = { 0 };
        double *x = calloc(b->dim_E, sizeof *x), *A = calloc(b->n_par, sizeof *A), nominal, leak;
        assert_ok(fs_point_of_E(c, 1, 1.0, x, &err), err);
        fs_basis_expand_E(b, x, A);
        leak_of(p, fs_problem_risk(p, 0), A, &nominal);
        assert_true(nominal > 1e-3);
        for (int k = 2; k <= 12; k++) {
            double beta = pow(10.0, -k);
            fs_risk *biased = NULL;
            assert_ok(fs_biased_risk(c, beta, &biased, &err), err);
            leak_of(p, biased, A, &leak);
            assert_near(leak, beta * nominal, 0.02 * beta * nominal);
            fs_risk_destroy(biased);
        }
        free(x);
        free(A);
        fs_check_context_destroy(c);
        fs_problem_destroy(p);
    }
}

static void a_bias_outside_0_and_1_is_refused(void **state)
{
    (void)state;
    fs_problem *p = load_model("tiny_mlp", NULL, NULL, NULL);
    fs_check_context *c = context_of(p);
    fs_risk *risk = NULL;
    fs_err err = { 0 };
    assert_fails(fs_biased_risk(c, 1.5, &risk, &err), FS_EINPUT, err, "1.5");
    assert_fails(fs_biased_risk(c, (double)NAN, &risk, &err), FS_EINPUT, err, "nan");
    assert_null(risk);
    fs_check_context_destroy(c);
    fs_problem_destroy(p);
}

static void a_planted_leak_of_1e_9_is_seen(void **state)
{
    (void)state;
    const double beta = 4e-9;           /* mu = (1 - beta) / 4 + beta delta_e */
    fs_problem *p = load_model("cnn_c4", "measure=[0.250000003, 0.249999999, 0.249999999, 0.249999999]", NULL, NULL);
    fs_finding found = find(p, &fs_statement_fact_a);
    assert_int_equal(found.verdict, FS_VIOLATED);
    assert_near(quantity(&found, "leak_over_nominal"), beta, 1e-6 * beta);
    assert_int_equal(find(p, &fs_statement_fact_b).verdict, FS_VIOLATED);
    assert_int_equal(find(p, &fs_statement_key_lemma).verdict, FS_VIOLATED);
    assert_int_equal(find(p, &fs_statement_lemma_3_11_gradient).applies, 1);
    fs_problem_destroy(p);
}

static void the_leak_on_an_irreducible_is_its_fourier_coefficient(void **state)
{
    (void)state;
    fs_problem *p = load_model("cnn_c4", "measure=[0.4, 0.4, 0.2, 0]", NULL, NULL);
    fs_finding found = find(p, &fs_statement_fact_a);
    assert_int_equal(found.verdict, FS_VIOLATED);
    assert_near(quantity(&found, "leak_over_nominal:sign"), 0.2, 1e-9);             /* 0.4 - 0.4 + 0.2 */
    assert_near(quantity(&found, "leak_over_nominal:rotation:1"), sqrt(5.0) / 5.0, 1e-9);   /* |0.4 + 0.4 i - 0.2| */
    fs_problem_destroy(p);
}

/* --- where the hypotheses hold --------------------------------------------------------------------- */

static void every_fact_holds_where_its_hypotheses_do(void **state)
{
    (void)state;
    static const char *const models[] = { "cnn_c4", "cnn_c4_compatible", "mlp_d4", "tiny_mlp", "tiny_mlp_trivial", "cyclic_linear", "so2_vectors", "toy_sine" };
    for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
        fs_problem *p = load_model(models[m], NULL, NULL, NULL);
        for (size_t k = 0; k < FACTS; k++) {
            fs_finding found = find(p, facts[k]);
            if (found.verdict != FS_HOLDS || found.control.verdict != FS_HOLDS)
                print_error("%s on %s: %s, control %s: measured %g, bound %g; %s\n", facts[k]->id, models[m], fs_verdict_name(found.verdict),
                            fs_verdict_name(found.control.verdict), found.measured, found.bound, found.vacuous);
            assert_int_equal(found.verdict, FS_HOLDS);
            assert_int_equal(found.control.verdict, FS_HOLDS);
            assert_true(found.note[0] && found.control.what[0]);
        }
        fs_problem_destroy(p);
    }
}

static void nothing_holds_where_there_is_nothing_to_see(void **state)
{
    (void)state;
    fs_problem *p = load_model("rotations_so2", NULL, NULL, NULL);     /* E = {0}, where grad R = 0 */
    fs_finding found = find(p, &fs_statement_fact_a);
    assert_int_equal(found.verdict, FS_UNDECIDED);
    assert_true(found.vacuous[0]);
    found = find(p, &fs_statement_fact_b);
    assert_false(found.applies);
    assert_int_equal(find(p, &fs_statement_key_lemma).verdict, FS_HOLDS);
    assert_true(find(p, &fs_statement_compatibility).vacuous[0]);
    fs_problem_destroy(p);
    p = load_model("wrong_rep", NULL, NULL, NULL);                      /* R is constant on E and invariant */
    for (size_t k = 0; k < FACTS; k++) {
        if (facts[k] == &fs_statement_compatibility) continue;
        found = find(p, facts[k]);
        assert_int_equal(found.verdict, FS_UNDECIDED);
        assert_true(found.vacuous[0]);
    }
    fs_problem_destroy(p);
}

/* --- where one of them fails ------------------------------------------------------------------------- */

static void skew_filters_fail_by_exactly_the_angle_of_60_degrees(void **state)
{
    (void)state;
    fs_problem *p = load_model("cnn_c4_skew", NULL, NULL, NULL);
    fs_finding found = find(p, &fs_statement_compatibility);
    assert_int_equal(found.verdict, FS_VIOLATED);
    assert_near(quantity(&found, "kappa"), sqrt(3.0) / 4.0, 1e-12);
    assert_near(quantity(&found, "average_keeps_L"), sqrt(3.0) / 4.0, 1e-12);
    assert_near(quantity(&found, "L_keeps_invariants"), sqrt(3.0) / 4.0, 1e-12);
    assert_near(quantity(&found, "product_is_E"), 0.5, 1e-12);
    assert_near(quantity(&found, "N_orthogonal"), 0.5, 1e-12);
    assert_near(quantity(&found, "angles"), 0.5, 1e-12);
    assert_near(quantity(&found, "reflections"), sqrt(3.0) / 4.0, 1e-12);
    assert_int_equal(find(p, &fs_statement_fact_a).verdict, FS_VIOLATED);
    assert_int_equal(find(p, &fs_statement_fact_b).verdict, FS_VIOLATED);
    assert_int_equal(find(p, &fs_statement_key_lemma).verdict, FS_HOLDS);           /* no condition on L */
    assert_int_equal(find(p, &fs_statement_lemma_3_11_gradient).verdict, FS_HOLDS);
    assert_int_equal(find(p, &fs_statement_lemma_3_11_hessian).verdict, FS_HOLDS);
    fs_problem_destroy(p);
}

/* L = span(e_0, (cos t, sin t) turned from (1, 1), (1, -1)): kappa = sin t cos t.  What the loader takes for 0 is no counterexample in any of the seven forms; a tilt
 * that it sees is one in all of them. */
static void a_tilt_is_zero_or_not_for_the_loader_and_the_check_alike(void **state)
{
    (void)state;
    static const double tilt[] = { 0.0, 3e-16, 1e-15, 5e-15, 1e-14, 2e-14, 2.5e-14, 1e-9, 1e-3 };
    static const char *const forms[] = { "average_keeps_L", "L_keeps_invariants", "reflections" };
    const double half = sqrt(0.5);
    for (size_t k = 0; k < sizeof tilt / sizeof *tilt; k++) {
        const double c = half * cos(tilt[k]), s = half * sin(tilt[k]);
        const double span[15] = { 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, c - s, c + s, 0.0, 0.0, 0.0, 0.0, 0.0, half, -half };
        char path[320];
        fs_err err = { 0 };
        snprintf(path, sizeof path, "%s/span.npy", folder);
        assert_ok(fs_npy_write(path, 2, (size_t[]){ 3, 5 }, span, &err), err);
        fs_problem *p = model_of("title: tilted\nsource: closed form\ngroup: C2\n"
                                 "data: {source: inline, x: [[1, 0.5, -0.2, 0.1, 0.4], [0.3, -1, 0.7, 0.2, -0.6]], targets: [[1], [-0.5]]}\n"
                                 "input: {vector: [trivial, natural, natural]}\nlayers:\n  - dense: {out: 1}\n  - sin: {}\nloss: squared\noutput: trivial\n"
                                 "space: {basis: span.npy}\nstart: {distribution: gaussian, scale: 1, distance: 0.3}\n"
                                 "flow: {gamma: 1, t_end: 20, rtol: 1e-8, atol: 1e-10}\n");
        const fs_hypothesis *h = &fs_problem_hypotheses(p)->compatibility;
        fs_finding found = find(p, &fs_statement_compatibility);
        assert_int_equal(h->verdict, tilt[k] < 1e-13 ? FS_HOLDS : FS_VIOLATED);
        if (found.verdict != h->verdict) print_error("tilt %g: %s, measured %g, bound %g\n", tilt[k], fs_verdict_name(found.verdict), found.measured, found.bound);
        assert_int_equal(found.verdict, h->verdict);
        assert_true(found.bound > h->tolerance);
        for (size_t i = 0; i < 3; i++) assert_near(quantity(&found, forms[i]), 0.5 * sin(2.0 * tilt[k]), 64.0 * 5.0 * FS_ROUNDOFF);
        fs_problem_destroy(p);
    }
}

static void tanh_on_a_rotation_breaks_the_key_lemma(void **state)
{
    (void)state;
    fs_problem *p = load_model("so2_vectors", "layers.1={tanh: {}}", NULL, NULL);
    fs_finding found = find(p, &fs_statement_key_lemma);
    assert_int_equal(found.verdict, FS_VIOLATED);
    assert_true(quantity(&found, "phi") > 1e-2);
    assert_int_equal(find(p, &fs_statement_lemma_3_11_gradient).verdict, FS_VIOLATED);
    assert_int_equal(find(p, &fs_statement_lemma_3_11_hessian).verdict, FS_VIOLATED);
    fs_problem_destroy(p);
}

static void a_weighted_loss_leaks_by_its_weights(void **state)
{
    (void)state;
    static const double weight[] = { 3.0, 0.25, 1.0 };
    for (size_t k = 0; k < 3; k++) {
        char text[800];
        snprintf(text, sizeof text,
                 "title: swap, weighted loss\nsource: closed form\ngroup: C2\n"
                 "data: {source: inline, x: [[1, 0], [0.3, 0.7]], targets: [[1, 2], [0.5, -1]]}\ninput: {vector: [natural]}\n"
                 "layers:\n  - dense: {out: [natural]}\nloss: {squared: {weights: [1, %g]}}\noutput: [natural]\n"
                 "start: {distribution: gaussian, scale: 1, distance: 0.5}\nflow: {gamma: 1, t_end: 10, rtol: 1e-8, atol: 1e-10}\n", weight[k]);
        fs_problem *p = model_of(text);
        fs_finding found = find(p, &fs_statement_fact_a);
        assert_near(quantity(&found, "leak_over_E"), fabs(1.0 - weight[k]) / (1.0 + weight[k]), 1e-12);
        assert_int_equal(found.verdict, weight[k] == 1.0 ? FS_HOLDS : FS_VIOLATED);
        assert_int_equal(find(p, &fs_statement_key_lemma).verdict, weight[k] == 1.0 ? FS_HOLDS : FS_VIOLATED);
        fs_problem_destroy(p);
    }
}

/* --- pieces ------------------------------------------------------------------------------------------------ */

static void the_inverse_undoes_every_element(void **state)
{
    (void)state;
    static const char *const models[] = { "mlp_d4", "so3_points", "cnn_c4" };
    gsl_rng *rng = law_rng("inverse");
    for (size_t m = 0; m < 3; m++) {
        fs_problem *p = load_model(models[m], NULL, NULL, NULL);
        const fs_rep *rho = fs_problem_rho_H(p);
        size_t n = fs_rep_dim(rho), room = fs_rep_column_room(rho), element[16], elements = fs_elements_spread(fs_problem_group(p), 16, element);
        size_t *row = calloc(room, sizeof *row);
        double *x = calloc(n, sizeof *x), *y = calloc(n, sizeof *y), *z = calloc(n, sizeof *z), *value = calloc(room, sizeof *value);
        fs_rng_gaussian(rng, n, x);
        for (size_t k = 0; k < elements; k++) {
            assert_int_equal(fs_rep_apply(rho, element[k], x, y), FS_OK);
            fs_apply_inverse(rho, element[k], y, z, row, value);
            for (size_t j = 0; j < n; j++) assert_near(z[j], x[j], 64.0 * DBL_EPSILON * norm_of(x, n));
        }
        free(row);
        free(x);
        free(y);
        free(z);
        free(value);
        fs_problem_destroy(p);
    }
    gsl_rng_free(rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moving_by_one_ulp_reaches_a_neighbour),
        cmocka_unit_test(nan_is_the_worst_and_stays),
        cmocka_unit_test(a_share_of_nothing_is_nothing_or_everything),
        cmocka_unit_test(the_worst_is_the_same_in_every_order),
        cmocka_unit_test(nothing_is_divided_by_zero),
        cmocka_unit_test(a_leak_is_seen_past_points_where_everything_is_zero),
        cmocka_unit_test(one_neuron_with_large_arguments_is_not_called_broken),
        cmocka_unit_test(what_a_neuron_amplifies_scales_with_its_gradient),
        cmocka_unit_test(points_of_E_are_fixed_by_every_element),
        cmocka_unit_test(the_sum_of_terms_bounds_the_gradient_and_equals_it_for_one_sample),
        cmocka_unit_test(the_budget_is_some_hundred_units_of_roundoff),
        cmocka_unit_test(the_leak_is_linear_in_the_bias_down_to_1e_12),
        cmocka_unit_test(a_bias_outside_0_and_1_is_refused),
        cmocka_unit_test(a_planted_leak_of_1e_9_is_seen),
        cmocka_unit_test(the_leak_on_an_irreducible_is_its_fourier_coefficient),
        cmocka_unit_test(every_fact_holds_where_its_hypotheses_do),
        cmocka_unit_test(nothing_holds_where_there_is_nothing_to_see),
        cmocka_unit_test(skew_filters_fail_by_exactly_the_angle_of_60_degrees),
        cmocka_unit_test(a_tilt_is_zero_or_not_for_the_loader_and_the_check_alike),
        cmocka_unit_test(tanh_on_a_rotation_breaks_the_key_lemma),
        cmocka_unit_test(a_weighted_loss_leaks_by_its_weights),
        cmocka_unit_test(the_inverse_undoes_every_element),
    };
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
