/* tests/test_ensemble.c -- laws of orbit ensembles: the members, their mean, its noise, and what is written about them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "flows.h"
#include "model_text.h"

#include "base/files.h"
#include "base/norm.h"
#include "problem/theorems.h"
#include "report/ensemble.h"

#include <sys/stat.h>

static const fs_flow_kind both[] = { FS_FLOW_NOMINAL, FS_FLOW_AUGMENTED };

/* Both flows from a seed at a distance, up to t_end. */
static fs_ensemble_options asked(double gamma, uint64_t seed, double distance, double t_end)
{
    return (fs_ensemble_options){ .n_kinds = 2, .kind = both, .gamma = gamma, .seed = seed, .distance = distance, .t_end = t_end, .threads = 1,
                                  .keep_limit = (size_t)1 << 26 };
}

static fs_ensemble *ensemble_of(const fs_problem *p, const fs_ensemble_options *o)
{
    fs_ensemble *e = NULL;
    fs_err err = { .text = "" };
    assert_ok(fs_ensemble_compute(&e, p, o, &err), err);
    assert_non_null(e);
    return e;
}

/* e, e_1 and the noise of a flow are there, at every time. */
static const fs_ensemble_flow *whole_flow(const fs_ensemble *e, size_t i)
{
    const fs_ensemble_flow *f = &e->flow[i];
    assert_true(i < e->n_flows);
    assert_int_equal(f->n, e->n_times);
    assert_int_equal(e->n_times, FS_ENSEMBLE_TIMES);
    assert_string_equal(f->note, "");
    for (size_t r = 0; r < f->n; r++) assert_true(f->mean_error[r] >= 0.0 && f->member_error[r] >= 0.0 && f->noise[r] > 0.0);
    return f;
}

static void assert_equivariant(const fs_ensemble *e, const fs_ensemble_flow *f)
{
    for (size_t r = 0; r < f->n; r++)
        if (!(f->mean_error[r] <= f->noise[r])) fail_msg("t = %g: off by %g, noise %g", e->t[r], f->mean_error[r], f->noise[r]);
    assert_int_equal(f->beyond, 0);
}

/* Somewhere the error is a million times its noise. */
static void assert_told(size_t n, const double *error, const double *noise)
{
    double most = 0.0;
    for (size_t r = 0; r < n; r++)
        if (error[r] > most * noise[r]) most = error[r] / noise[r];
    if (!(most > 1e6)) fail_msg("at most %g times the noise", most);
}

/* --- the theorem ------------------------------------------------------------------------------ */

/* On starts nobody chose: the augmented mean within the noise, one member alone far from it; the nominal mean within it at t = 0, and far from it later. */
static void augmented_mean_is_equivariant_and_nominal_is_not(void **state)
{
    (void)state;
    static const struct { const char *name; double t_end; } model[] = { { "tanh_swap", 20 }, { "tiny_mlp", 10 }, { "c3_transcritical", 30 }, { "atlas/scaled", 5 } };
    gsl_rng *rng = law_rng("augmented mean");
    for (size_t m = 0; m < sizeof model / sizeof *model; m++) {
        fs_problem *p = load_model(model[m].name, NULL, NULL, NULL);
        for (int draw = 0; draw < 3; draw++) {
            fs_ensemble_options o = asked(gsl_rng_uniform(rng), 1 + gsl_rng_uniform_int(rng, 1000000), 0.3 + gsl_rng_uniform(rng), model[m].t_end);
            fs_ensemble *e = ensemble_of(p, &o);
            const fs_ensemble_flow *nominal = whole_flow(e, 0), *augmented = whole_flow(e, 1);
            assert_int_equal(e->applies, FS_HOLDS);
            assert_at_most(e->outside, 1e-13);
            assert_true(e->apart > 0.01);
            assert_equivariant(e, augmented);
            assert_told(augmented->n, augmented->member_error, augmented->noise);
            assert_at_most(nominal->mean_error[0], nominal->noise[0]);
            assert_at_most(nominal->noise[0], 1e-10);
            assert_told(nominal->n, nominal->mean_error, nominal->noise);
            assert_true(nominal->beyond > 0);
            fs_ensemble_destroy(e);
        }
        fs_problem_destroy(p);
    }
    gsl_rng_free(rng);
}

/* A finite subgroup of a continuous group does as well, where the rule is its own. */
static void a_cyclic_subgroup_that_keeps_the_rule_serves(void **state)
{
    (void)state;
    fs_problem *p = load_model("atlas/so2_four_nodes", NULL, NULL, NULL);
    const fs_ensemble_options o = asked(0.5, 3, 0.5, 5.0);
    fs_ensemble *e = ensemble_of(p, &o);
    assert_int_equal(e->members, 4);
    assert_false(e->K.whole);
    assert_string_equal(e->K.name, "C4 in SO2");
    assert_int_equal(e->applies, FS_HOLDS);
    assert_equivariant(e, whole_flow(e, 1));
    assert_told(e->flow[1].n, e->flow[1].member_error, e->flow[1].noise);
    fs_ensemble_destroy(e);
    fs_problem_destroy(p);
}

/* Where a hypothesis fails the ensemble is integrated all the same; the report says which, and the error is there. */
static void broken_hypotheses_are_said_and_seen(void **state)
{
    (void)state;
    static const struct { const char *name, *because; double t_end; } model[] = {
        { "atlas/skew_filters", "invariance", 1.0 }, { "atlas/biased_measure", "measure", 2.0 }, { "atlas/sheared", "parametrisation", 2.0 },
    };
    for (size_t m = 0; m < sizeof model / sizeof *model; m++) {
        fs_problem *p = load_model(model[m].name, NULL, NULL, NULL);
        fs_ensemble_options o = asked(0.5, 7, 0.5, model[m].t_end);
        o.rtol = 1e-10;
        o.atol = 1e-12;
        fs_ensemble *e = ensemble_of(p, &o);
        const fs_ensemble_flow *f = whole_flow(e, 1);
        assert_int_equal(e->applies, FS_VIOLATED);
        if (!strstr(e->because, model[m].because)) fail_msg("%s: %s", model[m].name, e->because);
        assert_told(f->n, f->mean_error, f->noise);
        /* rho(k) A_0 leaves L: not even the start is an orbit */
        if (m == 0) assert_true(e->outside > 1e-3 && f->mean_error[0] > 1e6 * f->noise[0]);
        else assert_true(e->outside < 1e-12 && f->mean_error[0] <= f->noise[0]);
        fs_ensemble_destroy(e);
        fs_problem_destroy(p);
    }
}

/* Without E a sheared metric leads nowhere that it should not, and yet members do not commute with third turns. */
static void a_metric_must_commute_with_the_group(void **state)
{
    (void)state;
    fs_problem *p = model_of("group: C3\ndata: {source: inline, x: [[1, 0.3]], targets: [[1]]}\ninput: {vector: [rotation]}\nlayers: [dense: {out: 1}, tanh: {}]\n"
                             "loss: squared\nspace: {parametrisation: {shear: 1}}\nflow: {rtol: 1e-10, atol: 1e-12}\n");
    const fs_ensemble_options o = asked(0.0, 7, 2.0, 2.0);
    fs_ensemble *e = ensemble_of(p, &o);
    assert_int_equal(fs_problem_hypotheses(p)->parametrisation.verdict, FS_HOLDS);
    assert_int_equal(e->applies, FS_VIOLATED);
    assert_non_null(strstr(e->because, "does not commute with K"));
    assert_told(e->flow[1].n, whole_flow(e, 1)->mean_error, e->flow[1].noise);
    fs_ensemble_destroy(e);
    fs_problem_destroy(p);
}

/* --- closed forms ------------------------------------------------------------------------------- */

/* The flow of one linear layer is affine: w' = -(w - b) / 2 - gamma Y with b = (1, 0), E spanned by (1, 1), N by (1, -1).  The mean of both members starts at Y = 0. */
static const char linear_layer[] = "group: C2\n"
                                   "data: {source: inline, x: [[1, 0], [0, 1]], targets: [[1], [0]]}\n"
                                   "input: {vector: [natural]}\n"
                                   "layers: [dense: {out: 1}]\n"
                                   "loss: squared\n"
                                   "flow: {gamma: 0.7, t_end: 4, rtol: 1e-10, atol: 1e-12}\n";

/* max |w . (s x - x)| / size, size = max |w . x| over inputs x and s x */
static double linear_error(const fs_orbit_inputs *at, const double *w, double *size)
{
    double defect = 0.0;
    *size = 0.0;
    for (size_t i = 0; i < at->inputs; i++) {
        const double *x = at->x + 2 * i;
        fs_raise_to(&defect, fabs((w[0] - w[1]) * (x[1] - x[0])));
        fs_raise_to(size, fabs(w[0] * x[0] + w[1] * x[1]));
        fs_raise_to(size, fabs(w[0] * x[1] + w[1] * x[0]));
    }
    return defect / *size;
}

static void linear_layer_has_a_closed_form(void **state)
{
    (void)state;
    static const size_t swap[] = { 0, 1 };
    fs_problem *p = model_of(linear_layer);
    const fs_ensemble_options o = asked(0.7, 5, 0.8, 4.0);
    fs_ensemble *e = ensemble_of(p, &o);
    const fs_ensemble_flow *f = whole_flow(e, 0);
    fs_orbit_inputs at;
    fs_err err = { .text = "" };
    double w0[2], A0[2], size, h = sqrt(0.5);
    assert_ok(fs_orbit_inputs_create(&at, p, 2, swap, FS_ENSEMBLE_DATA, FS_ENSEMBLE_RANDOM, 5, &err), err);
    assert_int_equal(e->inputs, 2 + FS_ENSEMBLE_RANDOM);
    assert_ok(fs_problem_start_state(p, 5, 0.8, w0, &err), err);
    fs_basis_expand(fs_problem_basis(p), w0, A0);
    double x0 = h * (A0[0] + A0[1]), y0 = h * (A0[0] - A0[1]), limit = 0.5 * h / (0.5 + 0.7);
    for (size_t r = 0; r < f->n; r++) {
        double t = e->t[r], slow = exp(-0.5 * t), fast = exp(-1.2 * t), x = h + (x0 - h) * slow, mean = limit * (1.0 - fast), member = limit + (y0 - limit) * fast;
        const double Phibar[] = { h * (x + mean), h * (x - mean) }, Phi[] = { h * (x + member), h * (x - member) };
        assert_near(f->mean_error[r], linear_error(&at, Phibar, &size), f->noise[r]);
        assert_near(f->size[r], size, 1e-6 * size);
        assert_near(f->member_error[r], linear_error(&at, Phi, &size), 100.0 * f->noise[r] + 1e-9);
        assert_at_most(f->noise[r], 1e-6);
    }
    assert_equivariant(e, whole_flow(e, 1));
    fs_orbit_inputs_clear(&at);
    fs_ensemble_destroy(e);
    fs_problem_destroy(p);
}

/* One element: every network is equivariant under it, exactly. */
static void a_group_of_one_element_asks_for_nothing(void **state)
{
    (void)state;
    fs_problem *p = model_of("group: C1\ndata: {source: inline, x: [[1, 2]], targets: [[1]]}\ninput: {vector: [2 trivial]}\n"
                             "layers: [dense: {out: 3}, tanh: {}, dense: {out: 1}]\nloss: squared\nflow: {t_end: 2}\n");
    const fs_ensemble_options o = asked(1.0, 1, -1.0, 0.0);
    char line[FS_ENSEMBLE_SENTENCE];
    fs_ensemble *e = ensemble_of(p, &o);
    assert_int_equal(e->members, 1);
    assert_int_equal(e->second, 1);
    assert_near(e->t_end, 2.0, 0.0);
    for (size_t i = 0; i < 2; i++) {
        const fs_ensemble_flow *f = whole_flow(e, i);
        for (size_t r = 0; r < f->n; r++) assert_true(!(f->mean_error[r] > 0.0) && !(f->member_error[r] > 0.0));
    }
    assert_non_null(strstr(fs_ensemble_sentence(e, 0, line), "one element"));
    fs_ensemble_destroy(e);
    fs_problem_destroy(p);
}

/* The mean is 0 everywhere: equivariant, relative to nothing. */
static void with_nothing_equivariant_the_mean_vanishes(void **state)
{
    (void)state;
    fs_problem *p = model_of("group: Z2-sign\ndata: {source: inline, x: [[1]], targets: [[1]]}\ninput: {vector: [sign]}\nlayers: [dense: {out: [trivial]}]\n"
                             "loss: squared\nflow: {t_end: 3}\n");
    const fs_ensemble_options o = asked(1.0, 1, 0.5, 0.0);
    char line[FS_ENSEMBLE_SENTENCE];
    fs_ensemble *e = ensemble_of(p, &o);
    assert_int_equal(fs_problem_basis(p)->dim_E, 0);
    assert_int_equal(e->members, 2);
    assert_equivariant(e, whole_flow(e, 1));
    for (size_t r = 0; r < e->n_times; r++) assert_true(e->flow[1].noise[r] >= 1.0 && e->flow[1].member_error[r] > 1.9);
    assert_non_null(strstr(fs_ensemble_sentence(e, 1, line), "0 within the noise"));
    assert_told(e->flow[0].n - 1, e->flow[0].mean_error + 1, e->flow[0].noise + 1);
    fs_ensemble_destroy(e);
    fs_problem_destroy(p);
}

/* --- orbits ----------------------------------------------------------------------------------------- */

/* rho(k) w_k is the state of rho(k) A_0, of the same length, and k^-1 leads back. */
static void members_are_the_orbit_of_the_first(void **state)
{
    (void)state;
    static const char *const models[] = { "mlp_d4", "c3_transcritical", "atlas/so2_four_nodes", "missing_irreps" };
    for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
        fs_problem *p = load_model(models[m], NULL, NULL, NULL);
        const fs_basis *b = fs_problem_basis(p);
        fs_orbit K;
        fs_err err = { .text = "" };
        double outside = -1.0;
        size_t n = dim_L(p), P = b->n_par;
        assert_ok(fs_orbit_choose(&K, p, &err), err);
        assert_true(K.n >= 2 && K.element[0] == 0);
        double *w = calloc(K.n * n, sizeof *w), *A = calloc(3 * P, sizeof *A), size;
        assert_ok(fs_problem_start_state(p, 11, 0.7, w, &err), err);
        assert_ok(fs_orbit_place(&K, p, w, &outside, &err), err);
        size = norm_of(w, n);
        assert_at_most(outside, 64.0 * (double)P * DBL_EPSILON);
        fs_basis_expand(b, w, A);
        for (size_t k = 0; k < K.n; k++) {
            fs_basis_expand(b, w + k * n, A + P);
            assert_ok(fs_rep_apply(fs_problem_rho_H(p), K.element[k], A, A + 2 * P), err);
            for (size_t j = 0; j < P; j++) assert_near(A[P + j], A[2 * P + j], 64.0 * (double)P * DBL_EPSILON * size);
            assert_near(norm_of(w + k * n, n), size, 64.0 * (double)P * DBL_EPSILON * size);
        }
        free(w);
        free(A);
        fs_orbit_clear(&K);
        fs_problem_destroy(p);
    }
}

/* Every sample once where they are asked for; else so many, none twice, in their order, no two further apart than an even spread has them. */
static void samples_are_distinct_and_spread_over_the_data(void **state)
{
    (void)state;
    static const size_t identity[] = { 0 }, n_data[] = { 0, 1, 2, 3, 7, 8, 1000 }, n_random[] = { 0, 1, 4, 7 };
    static const char *const models[] = { "tanh_swap", "mlp_d4", "tiny_mlp" };
    for (size_t m = 0; m < 3; m++) {
        fs_problem *p = load_model(models[m], NULL, NULL, NULL);
        const fs_dataset *d = fs_problem_data(p);
        for (size_t i = 0; i < 7 * 4; i++) {
            size_t asked_for = n_data[i / 4], random = n_random[i % 4], count = asked_for < d->n ? asked_for : d->n, from = 0;
            fs_orbit_inputs at;
            fs_err err = { .text = "" };
            if (!asked_for && !random) continue;
            assert_ok(fs_orbit_inputs_create(&at, p, 1, identity, asked_for, random, 3, &err), err);
            assert_int_equal(at.inputs, count + random);
            for (size_t k = 0; k < count; k++) {
                size_t which = from;
                while (which < d->n && memcmp(at.x + k * at.in, d->x + which * at.in, at.in * sizeof *at.x)) which++;
                assert_true(which < d->n);
                assert_true(which - from < d->n / count + 1);
                from = which + 1;
            }
            assert_true(!count || d->n - from < d->n / count + 1);
            fs_orbit_inputs_clear(&at);
        }
        fs_problem_destroy(p);
    }
}

/* The inputs are data, then random vectors of their lengths; every block of them is the first one moved.  A constant invariant function has no defect, the first
 * coordinate of x one that is found by hand. */
static void inputs_are_moved_and_defects_are_found(void **state)
{
    (void)state;
    static const size_t element[] = { 0, 3, 5 };
    fs_problem *p = load_model("mlp_d4", NULL, NULL, NULL);
    const fs_dataset *d = fs_problem_data(p);
    fs_orbit_inputs at;
    fs_err err = { .text = "" };
    double defect = -1.0, by_hand = 0.0;
    assert_ok(fs_orbit_inputs_create(&at, p, 3, element, 1000, 2, 9, &err), err);
    assert_int_equal(at.inputs, d->n + 2);
    assert_int_equal(at.all, 3 * at.inputs);
    assert_memory_equal(at.x, d->x, at.in * sizeof *at.x);
    for (size_t i = d->n; i < at.inputs; i++) {
        double length = norm_of(d->x + (i - d->n) * d->n / 2 * at.in, at.in);
        assert_near(norm_of(at.x + i * at.in, at.in), length, 64.0 * DBL_EPSILON * length);
    }
    double *moved = calloc(at.in + at.out, sizeof *moved), *f = calloc(at.all * at.out, sizeof *f);
    for (size_t i = 0; i < at.inputs; i++)
        for (size_t k = 1; k < 3; k++) {
            assert_ok(fs_rep_apply(fs_problem_rho_X(p), element[k], at.x + i * at.in, moved), err);
            assert_memory_equal(moved, at.x + (k * at.inputs + i) * at.in, at.in * sizeof *moved);
        }
    assert_ok(fs_orbit_defect(&at, f, &defect, &err), err);
    assert_near(defect, 0.0, 0.0);
    for (size_t i = 0; i < at.all * at.out; i++) f[i] = sin((double)(7 * i));
    for (size_t k = 0; k < 3; k++)
        for (size_t i = 0; i < at.inputs; i++) {
            double sum = 0.0;
            assert_ok(fs_rep_apply(fs_problem_rho_Y(p), element[k], f + i * at.out, moved), err);
            for (size_t j = 0; j < at.out; j++) sum += pow(moved[j] - f[(k * at.inputs + i) * at.out + j], 2.0);
            if (sqrt(sum) > by_hand) by_hand = sqrt(sum);
        }
    assert_ok(fs_orbit_defect(&at, f, &defect, &err), err);
    assert_near(defect, by_hand, 16.0 * DBL_EPSILON * by_hand);
    f[at.out * (at.all - 1)] = (double)NAN;
    assert_ok(fs_orbit_defect(&at, f, &defect, &err), err);
    assert_true(isnan(defect));
    free(moved);
    free(f);
    fs_orbit_inputs_clear(&at);
    fs_problem_destroy(p);
}

/* Translations of a torus of 33 x 33, one filter tap; measure: what stands behind "measure:". */
static fs_problem *large_torus(const char *measure)
{
    char text[40000];
    snprintf(text, sizeof text, "group: Z33xZ33\nmeasure: %s\ndata: {source: synthetic, count: 1, targets: 1}\ninput: {image: 33, channels: 1}\n"
                                "layers: [conv: {out: 1, size: 1, padding: circular}, mean: {}]\nloss: squared\n", measure);
    return model_of(text);
}

/* Groups with more elements than members: a cyclic subgroup, if one keeps the rule; without a finite orbit: a reason. */
static void groups_that_are_too_large_have_a_subgroup_or_a_reason(void **state)
{
    (void)state;
    char biased[36000] = "[0.5";
    size_t used = strlen(biased);
    fs_orbit K;
    fs_err err = { .text = "" };
    fs_problem *p = large_torus("haar");
    assert_ok(fs_orbit_choose(&K, p, &err), err);
    assert_int_equal(K.n, 3);
    assert_false(K.whole);
    for (size_t i = 0; i < K.n; i++)
        assert_int_equal(fs_group_product(fs_problem_group(p), K.element[1], K.element[i]), K.element[(i + 1) % K.n]);
    fs_orbit_clear(&K);
    fs_problem_destroy(p);
    for (int g = 1; g < 33 * 33; g++) used += (size_t)snprintf(biased + used, sizeof biased - used, ", %.17g", 0.5 / (33.0 * 33.0 - 1.0));
    snprintf(biased + used, sizeof biased - used, "]");
    p = large_torus(biased);
    assert_ok(fs_orbit_choose(&K, p, &err), err);
    assert_int_equal(K.n, 0);
    assert_non_null(strstr(K.why, "1089 members"));
    fs_orbit_clear(&K);
    fs_problem_destroy(p);
    p = load_model("rotations_so3", NULL, NULL, NULL);
    fs_ensemble *e = NULL;
    const fs_ensemble_options o = asked(1.0, 1, -1.0, 0.0);
    assert_ok(fs_orbit_choose(&K, p, &err), err);
    assert_int_equal(K.n, 0);
    assert_true(strlen(K.why) > 0);
    fs_orbit_clear(&K);
    assert_fails(fs_ensemble_compute(&e, p, &o, &err), FS_EINPUT, err, "no finite subgroup of SO3");
    assert_null(e);
    fs_problem_destroy(p);
}

/* --- how it is computed ------------------------------------------------------------------------------- */

static void assert_same_bits(const fs_ensemble *a, const fs_ensemble *b, size_t i)
{
    const fs_ensemble_flow *f = &a->flow[i], *g = &b->flow[i];
    assert_int_equal(f->n, g->n);
    assert_int_equal(f->steps, g->steps);
    assert_memory_equal(f->mean_error, g->mean_error, f->n * sizeof(double));
    assert_memory_equal(f->member_error, g->member_error, f->n * sizeof(double));
    assert_memory_equal(f->noise, g->noise, f->n * sizeof(double));
    assert_memory_equal(f->size, g->size, f->n * sizeof(double));
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    fs_problem *p = load_model("mlp_d4", NULL, NULL, NULL);
    fs_ensemble_options o = asked(1.0, 2, 0.5, 0.2);
    fs_ensemble *one = ensemble_of(p, &o);
    o.threads = 3;
    fs_ensemble *three = ensemble_of(p, &o);
    for (size_t i = 0; i < 2; i++) {
        whole_flow(one, i);
        assert_same_bits(one, three, i);
    }
    fs_ensemble_destroy(one);
    fs_ensemble_destroy(three);
    fs_problem_destroy(p);
}

/* Given weights are the first member; the model's settings stand where nothing is asked for. */
static void weights_start_the_first_member(void **state)
{
    (void)state;
    fs_problem *p = load_model("tiny_mlp", NULL, NULL, NULL);
    const fs_basis *b = fs_problem_basis(p);
    fs_ensemble_options o = asked(0.4, 6, 0.9, 1.0);
    fs_ensemble *drawn = ensemble_of(p, &o);
    double *w = start_of(p, 6, 0.9), *A = calloc(b->n_par, sizeof *A);
    fs_basis_expand(b, w, A);
    o.weights = A;
    o.distance = -1.0;
    fs_ensemble *given = ensemble_of(p, &o);
    assert_near(given->distance, 0.9, 1e-14);
    assert_near(given->rtol, fs_problem_settings(p)->rtol, 0.0);
    for (size_t r = 0; r < drawn->n_times; r++)
        assert_near(given->flow[0].mean_error[r], drawn->flow[0].mean_error[r], drawn->flow[0].noise[r] + given->flow[0].noise[r]);
    fs_ensemble_destroy(drawn);
    fs_ensemble_destroy(given);
    free(w);
    free(A);
    fs_problem_destroy(p);
}

/* Tighter tolerances: less noise, and the same errors within it. */
static void noise_follows_the_tolerances(void **state)
{
    (void)state;
    fs_problem *p = load_model("c3_transcritical", NULL, NULL, NULL);
    fs_ensemble_options o = asked(0.3, 2, 0.5, 10.0);
    o.rtol = 1e-5;
    o.atol = 1e-7;
    fs_ensemble *loose = ensemble_of(p, &o);
    o.rtol = 1e-12;         /* the second integration is the looser one here */
    o.atol = 1e-13;
    fs_ensemble *tight = ensemble_of(p, &o);
    for (size_t i = 0; i < 2; i++) {
        const fs_ensemble_flow *a = whole_flow(loose, i), *b = whole_flow(tight, i);
        assert_true(a->noise[50] > 1e2 * b->noise[50] && a->noise[0] < 1e-12);
        for (size_t r = 0; r < a->n; r++) assert_near(a->mean_error[r], b->mean_error[r], 2.0 * a->noise[r] + b->noise[r]);
    }
    assert_equivariant(tight, &tight->flow[1]);
    fs_ensemble_destroy(loose);
    fs_ensemble_destroy(tight);
    fs_problem_destroy(p);
}

typedef struct { double until, last; int calls; } patience;

/* Asks to stop when the whole is beyond `until`; the fraction never goes back. */
static int impatient(void *context, const char *stage, double fraction)
{
    patience *p = context;
    assert_non_null(strstr(stage, "member"));
    assert_true(fraction >= p->last - 1e-12 && fraction <= 1.0 + 1e-12);
    p->last = fraction;
    p->calls++;
    return fraction > p->until;
}

static void interrupted_ensembles_keep_complete_flows(void **state)
{
    (void)state;
    fs_problem *p = load_model("tiny_mlp", NULL, NULL, NULL);
    fs_ensemble_options o = asked(0.4, 6, 0.9, 1.0);
    fs_ensemble *full = ensemble_of(p, &o), *e = NULL;
    fs_err err = { .text = "" };
    patience no = { 2.0, 0.0, 0 }, late = { 0.7, 0.0, 0 }, early = { 0.2, 0.0, 0 };
    fs_watch watch = { impatient, &late };
    o.watch = &watch;
    e = ensemble_of(p, &o);
    assert_true(e->stopped && e->n_flows == 1 && late.calls > 2);
    assert_same_bits(e, full, 0);
    fs_ensemble_destroy(e);
    e = NULL;
    watch.context = &early;
    assert_fails(fs_ensemble_compute(&e, p, &o, &err), FS_ESTOPPED, err, "stopped");
    assert_null(e);
    watch.context = &no;
    e = ensemble_of(p, &o);
    assert_false(e->stopped);
    assert_true(no.last > 0.9);
    assert_same_bits(e, full, 1);
    fs_ensemble_destroy(e);
    fs_ensemble_destroy(full);
    fs_problem_destroy(p);
}

/* The mean is known as far as every member came, its noise as far as every second integration did, which takes more steps. */
static void an_integration_that_fails_shortens_its_flow(void **state)
{
    (void)state;
    fs_problem *p = load_model("tiny_mlp", NULL, NULL, NULL);
    fs_ensemble_options o = asked(0.4, 6, 0.9, 10.0);
    char line[FS_ENSEMBLE_SENTENCE];
    fs_ensemble *full = ensemble_of(p, &o);
    o.max_steps = 80;
    fs_ensemble *e = ensemble_of(p, &o);
    for (size_t i = 0; i < 2; i++) {
        const fs_ensemble_flow *f = &e->flow[i];
        assert_true(f->n > 1 && f->n < e->n_times);
        assert_true(isnan(f->noise[f->n - 1]) && f->noise[0] > 0.0);
        assert_memory_equal(f->mean_error, full->flow[i].mean_error, f->n * sizeof(double));
        assert_non_null(strstr(f->note, "step limit"));
        assert_non_null(strstr(f->note, "member 1"));
    }
    assert_null(strstr(fs_ensemble_sentence(e, 1, line), "at all"));
    fs_ensemble_destroy(full);
    fs_ensemble_destroy(e);
    e = NULL;
    double *huge = calloc(fs_problem_basis(p)->n_par, sizeof *huge);
    fs_err err = { .text = "" };
    for (size_t j = 0; j < fs_problem_basis(p)->n_par; j++) huge[j] = 1e200;
    o.distance = -1.0;
    o.weights = huge;
    assert_fails(fs_ensemble_compute(&e, p, &o, &err), FS_ENAN, err, "nominal ensemble");
    assert_null(e);
    free(huge);
    fs_problem_destroy(p);
}

/* Of many members eight are integrated twice, and e looks at some of the elements. */
static void large_orbits_are_sampled(void **state)
{
    (void)state;
    fs_problem *p = model_of("group: Z30\ndata: {source: synthetic, count: 3, targets: 1}\ninput: {vector: [natural]}\n"
                             "layers: [dense: {out: 1}, tanh: {}]\nloss: squared\n");
    fs_ensemble_options o = asked(0.2, 4, 1.0, 1.0);
    patience all = { 2.0, 0.0, 0 };
    fs_watch watch = { impatient, &all };
    o.watch = &watch;
    fs_ensemble *e = ensemble_of(p, &o);
    assert_int_equal(e->members, 30);
    assert_int_equal(e->elements, FS_ENSEMBLE_ELEMENTS);
    assert_int_equal(e->second, FS_ENSEMBLE_SECOND);
    assert_near(all.last, 1.0, 0.01);
    assert_equivariant(e, whole_flow(e, 1));
    assert_told(e->flow[0].n, e->flow[0].mean_error, e->flow[0].noise);
    fs_ensemble_destroy(e);
    fs_problem_destroy(p);
}

static void what_cannot_be_asked_for_is_refused(void **state)
{
    (void)state;
    static const fs_flow_kind twice[] = { FS_FLOW_AUGMENTED, FS_FLOW_AUGMENTED }, equivariant[] = { FS_FLOW_EQUIVARIANT };
    fs_problem *p = load_model("tanh_swap", NULL, NULL, NULL);
    fs_ensemble_options o = asked(0.3, 1, -1.0, 1.0);
    fs_ensemble *e = NULL;
    fs_err err = { .text = "" };
    o.n_kinds = 0;
    assert_fails(fs_ensemble_compute(&e, p, &o, &err), FS_EINPUT, err, "0 flows");
    o.n_kinds = 2;
    o.kind = twice;
    assert_fails(fs_ensemble_compute(&e, p, &o, &err), FS_EINPUT, err, "the same");
    o.n_kinds = 1;
    o.kind = equivariant;
    assert_fails(fs_ensemble_compute(&e, p, &o, &err), FS_EINPUT, err, "equivariant");
    o = asked(-1.0, 1, -1.0, 1.0);
    assert_fails(fs_ensemble_compute(&e, p, &o, &err), FS_EINPUT, err, "gamma");
    o = asked(0.3, 1, -1.0, 1.0);
    o.rtol = 0.5;
    assert_fails(fs_ensemble_compute(&e, p, &o, &err), FS_EINPUT, err, "rtol");
    const double off[] = { (double)NAN, 0.0 };
    o = asked(0.3, 1, -1.0, 1.0);
    o.weights = off;
    assert_fails(fs_ensemble_compute(&e, p, &o, &err), FS_EINPUT, err, "");
    assert_null(e);
    fs_problem_destroy(p);
}

/* --- reports ---------------------------------------------------------------------------------------------- */

static fs_report_head make_head(void)
{
    static const uint64_t seed[] = { 1 };
    static fs_hypotheses hypotheses;
    static fs_theorem theorems[FS_THEOREM_COUNT];
    const fs_hypothesis good = { 1e-16, 1e-12, FS_HOLDS, "" };
    hypotheses = (fs_hypotheses){ good, good, good, good, good, good, good, good, 85, 0.0, 1.0 };
    fs_theorems_judge(theorems, &hypotheses);
    return (fs_report_head){
        .version = "0.1.0", .command = "ensemble", .command_line = "flowsim ensemble --model tiny_mlp", .model = "tiny_mlp", .path = "models/tiny_mlp.yaml",
        .title = "a small network", .source = "Figure 2", .data_note = "6 samples", .text = "title: small\ngroup: C2\n", .group = "C2", .order = 2, .nodes = 2,
        .rule = "all 2 elements", .dim_L = 17, .dim_E = 9, .dim_N = 8, .parameters = 17, .hypotheses = &hypotheses, .theorems = theorems, .isotypic_note = "",
        .n_seed = 1, .seed = seed, .wall_s = 0.75, .isa = "avx2", .blas_core = "Haswell",
    };
}

/* A short one that is real. */
static fs_ensemble *make_real(fs_problem **p)
{
    *p = load_model("tiny_mlp", NULL, NULL, NULL);
    const fs_ensemble_options o = asked(0.4, 6, 0.9, 5.0);
    return ensemble_of(*p, &o);
}

static const char *in_folder(const char *name)
{
    static char path[4][400];
    static unsigned turn;
    char *p = path[turn++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

static char *get(const char *path, size_t *size)
{
    fs_err err = { .text = "" };
    char *text;
    size_t n;
    assert_ok(fs_file_read(path, (size_t)1 << 26, &text, &n, &err), err);
    if (size) *size = n;
    return text;
}

static void assert_contains(const char *text, const char *part)
{
    assert_non_null(text);
    if (!strstr(text, part)) fail_msg("\"%s\" is missing in\n%s", part, text);
}

static void assert_reals(const json_t *array, size_t n, const double *value)
{
    assert_int_equal(json_array_size(array), n);
    for (size_t i = 0; i < n; i++) assert_near(json_number_value(json_array_get(array, i)), value[i], 0.0);
}

static void json_has_the_numbers_of_the_result(void **state)
{
    (void)state;
    fs_problem *p;
    fs_ensemble *e = make_real(&p);
    const fs_report_head head = make_head();
    json_t *report = fs_json_ensemble(&head, e), *object = json_object_get(report, "ensemble"), *flows = json_object_get(object, "flows");
    assert_non_null(report);
    assert_near(json_number_value(json_object_get(report, "gamma")), 0.4, 0.0);
    assert_int_equal(json_integer_value(json_object_get(object, "members")), 2);
    assert_int_equal(json_integer_value(json_object_get(object, "elements")), 2);
    assert_int_equal(json_integer_value(json_object_get(object, "inputs")), e->inputs);
    assert_string_equal(json_string_value(json_object_get(object, "group")), "C2");
    assert_string_equal(json_string_value(json_object_get(json_object_get(object, "theorem"), "applies")), "holds");
    assert_int_equal(json_array_size(flows), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *flow = json_array_get(flows, i), *most = json_object_get(flow, "max");
        const fs_ensemble_flow *f = &e->flow[i];
        assert_string_equal(json_string_value(json_object_get(flow, "name")), fs_flow_name(f->kind));
        assert_reals(json_object_get(flow, "t"), f->n, e->t);
        assert_reals(json_object_get(flow, "mean_error"), f->n, f->mean_error);
        assert_reals(json_object_get(flow, "member_error"), f->n, f->member_error);
        assert_reals(json_object_get(flow, "noise"), f->n, f->noise);
        assert_near(json_number_value(json_object_get(most, "mean_error")), f->mean_error[f->worst], 0.0);
        for (size_t r = 0; r < f->n; r++) assert_at_most(f->mean_error[r], f->mean_error[f->worst]);
    }
    json_decref(report);
    fs_ensemble_destroy(e);
    fs_problem_destroy(p);
}

static void csv_reads_back_bit_for_bit(void **state)
{
    (void)state;
    fs_problem *p;
    fs_ensemble *e = make_real(&p);
    const fs_report_head head = make_head();
    fs_err err = { .text = "" };
    assert_ok(fs_csv_write_ensemble(in_folder("ensemble.csv"), &head, e, &err), err);
    char *text = get(in_folder("ensemble.csv"), NULL), *line = strstr(text, "\nflow,t,mean_error,member_error,noise\n");
    assert_non_null(line);
    line = strchr(line + 1, '\n') + 1;
    for (size_t i = 0; i < 2; i++)
        for (size_t r = 0; r < e->flow[i].n; r++) {
            char name[40];
            double value[4];
            assert_int_equal(sscanf(line, "%39[^,],%lf,%lf,%lf,%lf", name, &value[0], &value[1], &value[2], &value[3]), 5);
            assert_string_equal(name, fs_flow_name(e->flow[i].kind));
            assert_near(value[0], e->t[r], 0.0);
            assert_near(value[1], e->flow[i].mean_error[r], 0.0);
            assert_near(value[2], e->flow[i].member_error[r], 0.0);
            assert_near(value[3], e->flow[i].noise[r], 0.0);
            line = strchr(line, '\n') + 1;
        }
    assert_string_equal(line, "");
    free(text);
    fs_ensemble_destroy(e);
    fs_problem_destroy(p);
}

static char *table_of(const fs_report_head *head, const fs_ensemble *e)
{
    FILE *stream = fopen(in_folder("table"), "w");
    assert_non_null(stream);
    fs_table_print_ensemble(stream, head, e, 0);
    assert_int_equal(fclose(stream), 0);
    return get(in_folder("table"), NULL);
}

/* Equivariant is said of what is within its noise, and of nothing else. */
static void the_table_says_what_the_numbers_say(void **state)
{
    (void)state;
    fs_problem *p;
    fs_ensemble *e = make_real(&p);
    const fs_report_head head = make_head();
    char line[FS_ENSEMBLE_SENTENCE], *text = table_of(&head, e);
    assert_contains(text, "K = C2: 2 members");
    assert_contains(text, "the ensemble theorem applies");
    assert_contains(text, "the mean of 2 members is equivariant to");
    assert_contains(text, "the mean of 2 members is off by up to");
    free(text);
    assert_contains(fs_ensemble_sentence(e, 1, line), "within the noise");
    char looked[60];
    snprintf(looked, sizeof looked, "at all 101 times and %zu inputs looked at", e->inputs);
    assert_contains(line, looked);
    e->elements = 1;
    snprintf(looked, sizeof looked, "at all 101 times, %zu inputs and 1 elements looked at", e->inputs);
    assert_contains(fs_ensemble_sentence(e, 1, line), looked);
    e->elements = 2;
    assert_null(strstr(fs_ensemble_sentence(e, 0, line), "at all"));
    assert_contains(line, "at t = 0");
    fs_ensemble_flow *f = &e->flow[1];
    f->mean_error[60] = 2.0 * f->noise[60];
    f->beyond = 1;
    f->worst = 60;
    text = table_of(&head, e);
    assert_contains(text, "although the theorem applies");
    assert_null(strstr(text, "at all 101"));
    free(text);
    f->mean_error[60] = (double)NAN;
    f->beyond = 0;
    assert_contains(fs_ensemble_sentence(e, 1, line), "not known");
    f->mean_error[60] = 1.0;
    f->noise[60] = (double)NAN;
    assert_contains(fs_ensemble_sentence(e, 1, line), "how much of that is noise is not known");
    f->n = 0;
    assert_contains(fs_ensemble_sentence(e, 1, line), "nothing is known");
    e->outside = 0.25;
    e->applies = FS_VIOLATED;
    snprintf(e->because, sizeof e->because, "invariance_of_L: worst at g = r");
    e->stopped = 1;
    text = table_of(&head, e);
    assert_contains(text, "does not apply: invariance_of_L: worst at g = r; members start at");
    assert_contains(text, "up to 0.25 |A_0|");
    assert_contains(text, "INTERRUPTED");
    for (const char *c = text, *end; *c; c = end + 1) {
        end = strchr(c, '\n');
        assert_true(end - c <= 110);
    }
    free(text);
    fs_ensemble_destroy(e);
    fs_problem_destroy(p);
}

/* --- pictures ------------------------------------------------------------------------------------------------ */

static int have_gnuplot(void)
{
    int have = system("gnuplot --version >/dev/null 2>&1") == 0;
    if (!have) print_message("# gnuplot is not installed: pictures themselves were not made\n");
    return have;
}

static void draw(fs_figure *figure, const fs_report_head *head, const fs_ensemble *e, const char *format)
{
    static char scripts[1024];
    const char *source = getenv("FLOWSIM_SRCDIR");
    fs_err err = { .text = "" };
    fs_folder *f;
    snprintf(scripts, sizeof scripts, "%s/figures", source ? source : ".");
    const fs_figure_options options = { .format = format, .scripts = scripts };
    assert_ok(fs_folder_open(&f, in_folder("out"), 0, &err), err);
    assert_ok(fs_figure_draw_ensemble(figure, f, head, e, &options, &err), err);
    assert_ok(fs_folder_settle(f, &err), err);
    fs_folder_destroy(f);
}

static void the_picture_is_drawn_and_the_same_twice(void **state)
{
    (void)state;
    static const char *const format[] = { "png", "svg", "pdf", "dumb" };
    if (!have_gnuplot()) return;
    fs_problem *p;
    fs_ensemble *e = make_real(&p);
    const fs_report_head head = make_head();
    for (size_t k = 0; k < 4; k++) {
        char *text[2], name[40];
        size_t size[2];
        for (int again = 0; again < 2; again++) {
            fs_figure figure;
            draw(&figure, &head, e, format[k]);
            if (!figure.made) fail_msg("%s", figure.note);
            assert_string_equal(figure.note, "");
            snprintf(name, sizeof name, "out/%s", figure.file);
            text[again] = get(in_folder(name), &size[again]);
        }
        assert_true(size[0] > 1000);
        if (k != 2) {           /* PDF stores the time */
            assert_int_equal(size[0], size[1]);
            assert_memory_equal(text[0], text[1], size[0]);
        }
        if (k == 1) assert_contains(text[0], "augmented mean");
        free(text[0]);
        free(text[1]);
    }
    fs_ensemble_destroy(e);
    fs_problem_destroy(p);
}

/* Exact zeros, nothing but zeros, no numbers, infinite noise, one flow, no rows at all. */
static void pictures_of_extreme_results_are_drawn(void **state)
{
    (void)state;
    if (!have_gnuplot()) return;
    fs_problem *p;
    fs_ensemble *e = make_real(&p);
    const fs_report_head head = make_head();
    for (int k = 0; k < 6; k++) {
        fs_ensemble_flow *f = &e->flow[1];
        fs_figure figure;
        for (size_t r = 0; r < f->n; r++) {
            if (k == 0) f->mean_error[r] = r % 2 ? 0.0 : 1e-30;
            if (k == 1) f->mean_error[r] = f->member_error[r] = e->flow[0].mean_error[r] = e->flow[0].member_error[r] = 0.0;
            if (k == 2) f->mean_error[r] = f->noise[r] = (double)NAN;
            if (k == 3) f->noise[r] = (double)INFINITY;
        }
        if (k == 4) e->n_flows = 1;
        if (k == 5) e->flow[0].n = 0;
        draw(&figure, &head, e, "svg");
        if (!figure.made) fail_msg("case %d: %s", k, figure.note);
        char *text = get(in_folder("out/figure.svg"), NULL);
        if (k == 0) assert_contains(text, "exactly 0");
        if (k == 1) assert_contains(text, "every error is exactly 0");
        if (k == 5) assert_contains(text, "nothing is known");
        free(text);
    }
    fs_ensemble_destroy(e);
    fs_problem_destroy(p);
}

/* On a terminal every fourth letter: of members beside each other, and not over the whole of a mean. */
static void members_are_seen_where_they_are_as_far_off_as_the_mean(void **state)
{
    (void)state;
    if (!have_gnuplot()) return;
    fs_problem *p = load_model("c3_transcritical", NULL, NULL, NULL);
    const fs_ensemble_options o = asked(0.6, 1, 1.0, 100.0);
    fs_ensemble *e = ensemble_of(p, &o);
    const fs_report_head head = make_head();
    fs_figure figure;
    char path[512];
    size_t seen[128] = { 0 };
    fs_err err = { .text = "" };
    char *text;
    size_t size;
    draw(&figure, &head, e, "dumb");
    if (!figure.made) fail_msg("%s", figure.note);
    snprintf(path, sizeof path, "%s/out/%s", folder, figure.file);
    assert_ok(fs_file_read(path, (size_t)1 << 20, &text, &size, &err), err);
    for (size_t i = 0; i < size; i++) seen[(unsigned char)text[i] % 128]++;
    /* five in the key */
    assert_true(seen['%'] > 15 && seen['$'] > 15 && seen['#'] > 15);
    assert_contains(text, "looked at: 101 times, ");
    free(text);
    fs_ensemble_destroy(e);
    fs_problem_destroy(p);
}

static void titles_are_text_and_nothing_else(void **state)
{
    (void)state;
    if (!have_gnuplot()) return;
    struct stat s;
    char title[700];
    fs_figure figure;
    fs_problem *p;
    fs_ensemble *e = make_real(&p);
    fs_report_head head = make_head();
    snprintf(title, sizeof title, "it's `touch %s` \"$(x)\" @data {/Bold a_b^c} \\", in_folder("pwned"));
    head.title = title;
    head.group = "C4'`touch x`";
    draw(&figure, &head, e, "svg");
    if (!figure.made) fail_msg("%s", figure.note);
    assert_true(lstat(in_folder("pwned"), &s) != 0 && lstat(in_folder("out/x"), &s) != 0);
    char *text = get(in_folder("out/figure.svg"), NULL);
    assert_contains(text, "it's `touch ");
    assert_contains(text, "C4'`touch x`");
    free(text);
    fs_ensemble_destroy(e);
    fs_problem_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(augmented_mean_is_equivariant_and_nominal_is_not),
        cmocka_unit_test(a_cyclic_subgroup_that_keeps_the_rule_serves),
        cmocka_unit_test(broken_hypotheses_are_said_and_seen),
        cmocka_unit_test(a_metric_must_commute_with_the_group),
        cmocka_unit_test(linear_layer_has_a_closed_form),
        cmocka_unit_test(a_group_of_one_element_asks_for_nothing),
        cmocka_unit_test(with_nothing_equivariant_the_mean_vanishes),
        cmocka_unit_test(members_are_the_orbit_of_the_first),
        cmocka_unit_test(samples_are_distinct_and_spread_over_the_data),
        cmocka_unit_test(inputs_are_moved_and_defects_are_found),
        cmocka_unit_test(groups_that_are_too_large_have_a_subgroup_or_a_reason),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(weights_start_the_first_member),
        cmocka_unit_test(noise_follows_the_tolerances),
        cmocka_unit_test(interrupted_ensembles_keep_complete_flows),
        cmocka_unit_test(an_integration_that_fails_shortens_its_flow),
        cmocka_unit_test(large_orbits_are_sampled),
        cmocka_unit_test(what_cannot_be_asked_for_is_refused),
        cmocka_unit_test(json_has_the_numbers_of_the_result),
        cmocka_unit_test(csv_reads_back_bit_for_bit),
        cmocka_unit_test(the_table_says_what_the_numbers_say),
        cmocka_unit_test(the_picture_is_drawn_and_the_same_twice),
        cmocka_unit_test(pictures_of_extreme_results_are_drawn),
        cmocka_unit_test(members_are_seen_where_they_are_as_far_off_as_the_mean),
        cmocka_unit_test(titles_are_text_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
