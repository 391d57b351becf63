/* tests/test_flat.c -- zeros of the Hessian and where they come from: counts known by hand, in any basis
 *
 * The families are counted inside a space of directions; taken as all of TL, TE or N, that counts the families themselves.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "observe/flat.h"

#include "flows.h"
#include "model_text.h"

#include <lapacke.h>

enum { ALL, ON_E, ON_N };

/* Orthonormal rows (count, dim L) that span all of TL, TE or N, turned by a random rotation. */
static double *space_of(const fs_problem *p, int which, gsl_rng *rng, size_t *count)
{
    size_t E = fs_problem_basis(p)->dim_E, L = dim_L(p), first = which == ON_N ? E : 0, n = which == ALL ? L : which == ON_E ? E : L - E;
    double *R = calloc(n, n * sizeof *R), *tau = calloc(n, sizeof *tau), *v = calloc(n, L * sizeof *v);
    fs_rng_gaussian(rng, n * n, R);
    assert_int_equal(LAPACKE_dgelqf(LAPACK_ROW_MAJOR, (int)n, (int)n, R, (int)n, tau), 0);
    assert_int_equal(LAPACKE_dorglq(LAPACK_ROW_MAJOR, (int)n, (int)n, (int)n, R, (int)n, tau), 0);
    for (size_t i = 0; i < n; i++) memcpy(v + i * L + first, R + i * n, n * sizeof *v);
    free(R);
    free(tau);
    *count = n;
    return v;
}

static fs_flat explain(const fs_problem *p, int augmented, const double *w, size_t count, const double *v)
{
    fs_flat flat;
    fs_err err = { 0 };
    assert_ok(fs_flat_explain(&flat, p, augmented, w, count, v, &err), err);
    assert_int_equal(flat.dim, count);
    assert_int_equal(flat.softmax + flat.scaling + flat.unreached + flat.outputs + flat.degenerate, count);
    return flat;
}

static fs_flat explain_space(const fs_problem *p, int augmented, const double *w, int which, gsl_rng *rng)
{
    size_t count;
    double *v = space_of(p, which, rng, &count);
    fs_flat flat = explain(p, augmented, w, count, v);
    free(v);
    return flat;
}

static double *random_state(const fs_problem *p, gsl_rng *rng)
{
    double *w = calloc(dim_L(p), sizeof *w);
    assert_non_null(w);
    fs_rng_gaussian(rng, dim_L(p), w);
    return w;
}

/* Eigenvectors (count, dim L) of the block of H on TE or N with |eigenvalue| <= zero. */
static double *zero_space(const fs_problem *p, const double *w, int which, double zero, size_t *count)
{
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.0);
    size_t L = dim_L(p), E = fs_problem_basis(p)->dim_E, first = which == ON_N ? E : 0, n = which == ON_N ? L - E : E;
    double *J = calloc(L, L * sizeof *J), *H = calloc(n, n * sizeof *H), *e = calloc(n, sizeof *e), *v = calloc(n, L * sizeof *v);
    assert_int_equal(fs_flow_jacobian(f, w, J), FS_OK);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) H[i * n + j] = -J[(first + i) * L + first + j];
    assert_int_equal(LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'V', 'U', (int)n, H, (int)n, e), 0);
    *count = 0;
    for (size_t k = 0; k < n; k++) {
        if (!(fabs(e[k]) <= zero)) continue;
        for (size_t i = 0; i < n; i++) v[*count * L + first + i] = H[i * n + k];
        (*count)++;
    }
    fs_flow_destroy(f);
    free(J);
    free(H);
    free(e);
    return v;
}

/* The state of natural-order weights. */
static double *state_of(const fs_problem *p, const double *A)
{
    double *w = calloc(dim_L(p), sizeof *w);
    fs_err err = { 0 };
    assert_ok(fs_problem_state_of_weights(p, A, w, &err), err);
    return w;
}

/* --- softmax ------------------------------------------------------------------------------------------- */

/* The readout of cnn_c4 has 4 x 2 x 2 inputs: 16 patterns, of which the invariant ones (4) lie in E and 12 in N. */
static void softmax_patterns_are_as_many_as_the_readouts_inputs(void **state)
{
    (void)state;
    fs_problem *p = load_model("cnn_c4", "data.count=3", NULL, NULL);
    gsl_rng *rng = law_rng("softmax patterns");
    double *w = random_state(p, rng), *start = start_of(p, 1, 0.0);
    static const size_t expected[] = { 16, 4, 12 };
    for (int which = ALL; which <= ON_N; which++) {
        fs_flat flat = explain_space(p, 1, w, which, rng);
        assert_int_equal(flat.softmax, expected[which]);
        assert_int_equal(flat.scaling, 0);
    }
    /* at a point of E the Hessian across E has these zeros and no others */
    size_t count;
    double *v = zero_space(p, start, ON_N, 1e-12, &count);
    fs_flat flat = explain(p, 1, start, count, v);
    assert_int_equal(count, 12);
    assert_int_equal(flat.softmax, 12);
    assert_string_equal(flat.text, "12 flat directions: 12 add one pattern to every class of the readout (softmax does not see it)");
    free(v);
    free(w);
    free(start);
    gsl_rng_free(rng);
    fs_problem_destroy(p);
}

/* The squared loss sees what softmax does not. */
static void the_squared_loss_has_no_softmax_patterns(void **state)
{
    (void)state;
    fs_problem *p = load_model("mirror_c4", "loss=squared", NULL, NULL);
    gsl_rng *rng = law_rng("no softmax");
    double *w = random_state(p, rng);
    assert_int_equal(explain_space(p, 1, w, ALL, rng).softmax, 0);
    free(w);
    gsl_rng_free(rng);
    fs_problem_destroy(p);
}

/* --- scaling --------------------------------------------------------------------------------------------- */

/* (group C2 that does nothing; layers and loss given) on 40 random vectors of 3 numbers with 3 targets */
static fs_problem *small_net(const char *layers)
{
    char text[1000];
    snprintf(text, sizeof text, "title: t\nsource: by hand\ngroup: C2\ndata: {source: synthetic, targets: 3, count: 40, seed: 1}\n"
             "input: {vector: [3 trivial]}\nlayers:\n%s\nloss: squared\noutput: trivial\n", layers);
    return model_of(text);
}

/* The same network and inputs with its own outputs at w as targets: w is a minimum of risk 0, and H = d Phi^T d Phi there. */
static fs_problem *taught(const fs_problem *p, const char *layers, const double *w)
{
    const fs_dataset *d = fs_problem_data(p);
    size_t n_par = fs_net_parameters(fs_problem_net(p)), room = 100 + d->n * (d->inputs + d->outputs + 2) * 30;
    double *A = calloc(n_par, sizeof *A), *z = calloc(d->n * d->outputs, sizeof *z);
    char *text = malloc(room + 1000), *end = text;
    fs_err err = { 0 };
    fs_basis_expand(fs_problem_basis(p), w, A);
    assert_ok(fs_net_apply(fs_problem_net(p), A, d->n, d->x, z, &err), err);
    end += sprintf(end, "title: t\nsource: by hand\ngroup: C2\ndata: {source: inline");
    for (int targets = 0; targets < 2; targets++) {
        const double *from = targets ? z : d->x;
        size_t k = targets ? d->outputs : d->inputs;
        end += sprintf(end, ", %s: [", targets ? "targets" : "x");
        for (size_t i = 0; i < d->n * k; i++) end += sprintf(end, "%s%.17g%s", i % k ? ", " : i ? ", [" : "[", from[i], i % k == k - 1 ? "]" : "");
        end += sprintf(end, "]");
    }
    sprintf(end, "}\ninput: {vector: [3 trivial]}\nlayers:\n%s\nloss: squared\noutput: trivial\n", layers);
    fs_problem *q = model_of(text);
    free(A);
    free(z);
    free(text);
    return q;
}

/* Orbits of the reparametrisations at a random point, in all of TL and among the zeros of the Hessian where the risk is 0; outputs: what of the
 * kernel of d Phi is left. */
static void scalings_are_counted_by_the_dimension_of_their_orbit(void **state)
{
    (void)state;
    static const struct { const char *layers; size_t scaling, outputs; } row[] = {
        { "  - dense: {out: 2}\n  - dense: {out: 3}", 4, 0 },                                           /* GL(2) */
        { "  - dense: {out: 5}\n  - identity: {}\n  - dense: {out: 3}", 21, 0 },                        /* 25 less 2 x 2 that leave both alone */
        { "  - dense: {out: 2, bias: true}\n  - identity: {}\n  - dense: {out: 3, bias: true}", 6, 0 }, /* affine maps of the plane */
        { "  - dense: {out: 2}\n  - dense: {out: 3, bias: true}", 4, 0 },
        { "  - dense: {out: 2}\n  - square: {}\n  - dense: {out: 3}", 2, 0 },                           /* one factor a unit */
        { "  - dense: {out: 4}\n  - square: {}\n  - dense: {out: 3}", 4, 2 },                           /* three quadratic forms have 18 numbers, the weights 24 */
        { "  - dense: {out: 2, bias: true}\n  - square: {}\n  - dense: {out: 3, bias: true}", 2, 0 },
        { "  - dense: {out: 3}\n  - polynomial: {coefficients: [0, 0, 0, 2]}\n  - dense: {out: 3}", 3, 0 },
        { "  - dense: {out: 2}\n  - square: {}\n  - identity: {}\n  - square: {}\n  - dense: {out: 3}", 2, 0 },
        { "  - dense: {out: 2}\n  - dense: {out: 2}\n  - square: {}\n  - dense: {out: 3}", 6, 0 },      /* GL(2), then two factors */
        { "  - dense: {out: 3}\n  - polynomial: {coefficients: [0, 1, 1]}\n  - dense: {out: 3}", 0, 0 },
        { "  - dense: {out: 3}\n  - tanh: {}\n  - dense: {out: 3}", 0, 0 },
    };
    gsl_rng *rng = law_rng("orbit dimensions");
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        fs_problem *p = small_net(row[i].layers);
        double *w = random_state(p, rng);
        for (int augmented = 0; augmented < 2; augmented++) {
            fs_flat flat = explain_space(p, augmented, w, ALL, rng);
            if (flat.scaling != row[i].scaling || flat.outputs != row[i].outputs) print_error("%s\n%s\n", row[i].layers, flat.text);
            assert_int_equal(flat.softmax, 0);
            assert_int_equal(flat.scaling, row[i].scaling);
            assert_int_equal(flat.outputs, row[i].outputs);
        }
        fs_problem *q = taught(p, row[i].layers, w);
        size_t count;
        double *v = zero_space(q, w, ON_E, 1e-9, &count);
        fs_flat flat = explain(q, 1, w, count, v);
        if (count != row[i].scaling + row[i].outputs || flat.scaling != row[i].scaling) print_error("%s\n%zu zeros; %s\n", row[i].layers, count, flat.text);
        assert_int_equal(count, row[i].scaling + row[i].outputs);
        assert_int_equal(flat.scaling, row[i].scaling);
        assert_int_equal(flat.outputs, row[i].outputs);
        free(v);
        fs_problem_destroy(q);
        free(w);
        fs_problem_destroy(p);
    }
    gsl_rng_free(rng);
}

/* Channels of convolutions behave as units do, pools in between or not; what the first layer's 3 channels do goes through two pools. */
static void channels_are_scaled_like_units(void **state)
{
    (void)state;
    static const struct { const char *layers; size_t scaling; } row[] = {
        { "  - conv: {out: 3, size: 3}\n  - square: {}\n  - pool: {average: 2}\n  - dense: {out: 2}", 3 },
        { "  - conv: {out: 2, size: 3}\n  - pool: {average: 2}\n  - conv: {out: 2, size: 3}\n  - tanh: {}\n  - dense: {out: 2}", 4 },
        { "  - conv: {out: 2, size: 3}\n  - square: {}\n  - mean: {}\n  - dense: {out: 2, bias: true}", 2 },
    };
    gsl_rng *rng = law_rng("channels");
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char text[1000];
        snprintf(text, sizeof text, "title: t\nsource: by hand\ngroup: C4\ndata: {source: synthetic, targets: 2, count: 60, seed: 1}\n"
                 "input: {image: 4, channels: 1}\nlayers:\n%s\nloss: squared\noutput: trivial\n", row[i].layers);
        fs_problem *p = model_of(text);
        double *w = random_state(p, rng);
        fs_flat flat = explain_space(p, 1, w, ALL, rng);
        assert_int_equal(flat.scaling, row[i].scaling);
        assert_int_equal(flat.unreached, 0);
        assert_int_equal(flat.outputs, 0);
        free(w);
        fs_problem_destroy(p);
    }
    gsl_rng_free(rng);
}

/* B A = 1 on E: the pairs (a, b) with b a = 1 are one orbit of GL(2), of dimension 3.  Across E one zero is left, (c, d) with B c = b c and d a: outputs move. */
static void the_linear_minimum_is_an_orbit_and_degenerate_across(void **state)
{
    (void)state;
    fs_problem *p = load_model("missing_irreps", NULL, NULL, NULL);
    const double plain[] = { 1, 0, 0, 0, 1, 0, 0, 0 }, tilted[] = { 0.8, 0, -0.5, 0, 0.5, -1.2, 0, 0 };
    for (int at = 0; at < 2; at++) {
        double *w = state_of(p, at ? tilted : plain);
        size_t count;
        double *v = zero_space(p, w, ON_E, 1e-12, &count);
        fs_flat flat = explain(p, 1, w, count, v);
        assert_int_equal(count, 3);
        assert_int_equal(flat.scaling, 3);
        free(v);
        v = zero_space(p, w, ON_N, 1e-12, &count);
        flat = explain(p, 1, w, count, v);
        assert_int_equal(count, 1);
        assert_int_equal(flat.degenerate, 1);
        assert_string_equal(flat.text, "1 flat direction: 1 moves the outputs and leaves the risk as it is to second order: the point is degenerate");
        free(v);
        free(w);
    }
    fs_problem_destroy(p);
}

/* --- unreached, outputs, nothing -------------------------------------------------------------------------- */

/* The second of three inputs is zero on all samples: 4 weights; with its unit's weights zero a tanh unit says nothing: 2 more.  Exact zeros only. */
static void inputs_that_are_always_zero_reach_nothing(void **state)
{
    (void)state;
    fs_problem *p = model_of("title: t\nsource: by hand\ngroup: C2\n"
                             "data: {source: inline, x: [[1, 0, 2], [-1, 0, 1], [0.5, 0, -2], [3, 0, 1]], targets: [[1, 0], [0, 1], [1, 1], [2, 0]]}\n"
                             "input: {vector: [3 trivial]}\nlayers:\n  - dense: {out: 4}\n  - tanh: {}\n  - dense: {out: 2}\nloss: squared\noutput: trivial\n");
    gsl_rng *rng = law_rng("unused inputs");
    double *w = random_state(p, rng), A[20];
    fs_flat flat = explain_space(p, 0, w, ALL, rng);
    assert_int_equal(flat.unreached, 4);
    fs_basis_expand(fs_problem_basis(p), w, A);
    for (size_t i = 0; i < 3; i++) A[3 + i] = 0.0;
    free(w);
    w = state_of(p, A);
    flat = explain_space(p, 0, w, ALL, rng);
    assert_int_equal(flat.unreached, 6);
    A[3] = 1e-300;          /* reached, if hardly: no output moves that one could measure */
    free(w);
    w = state_of(p, A);
    fs_flat hardly = explain_space(p, 0, w, ALL, rng);
    assert_int_equal(hardly.unreached, 4);
    assert_int_equal(hardly.outputs, flat.outputs + 2);
    free(w);
    gsl_rng_free(rng);
    fs_problem_destroy(p);
}

/* One pixel of 4 x 4, the corner: of a 3 x 3 filter the taps that reach it from inside are 4; 5 taps a channel are left. */
static void taps_that_never_meet_a_pixel_reach_nothing(void **state)
{
    (void)state;
    fs_problem *p = model_of("title: t\nsource: by hand\ngroup: C4\n"
                             "data: {source: inline, x: [[3,0,0,0, 0,0,0,0, 0,0,0,0, 0,0,0,0], [1,0,0,0, 0,0,0,0, 0,0,0,0, 0,0,0,0]], targets: [[1], [0]]}\n"
                             "input: {image: 4, channels: 1}\nlayers:\n  - conv: {out: 2, size: 3}\n  - tanh: {}\n  - mean: {}\n  - dense: {out: 1}\n"
                             "loss: squared\noutput: trivial\n");
    gsl_rng *rng = law_rng("corner taps");
    double *w = random_state(p, rng);
    assert_int_equal(explain_space(p, 0, w, ALL, rng).unreached, 10);
    assert_int_equal(explain_space(p, 1, w, ALL, rng).unreached, 0);
    free(w);
    gsl_rng_free(rng);
    fs_problem_destroy(p);
}

/* One sample of a linear map R^3 -> R^3: d Phi v = 0 where v x = 0, 6 of 9, of which no coordinate is one. */
static void directions_that_move_no_output_are_the_rest_of_the_kernel(void **state)
{
    (void)state;
    fs_problem *p = model_of("title: t\nsource: by hand\ngroup: C2\ndata: {source: inline, x: [[1, -2, 0.5]], targets: [[1, 2, 3]]}\n"
                             "input: {vector: [3 trivial]}\nlayers:\n  - dense: {out: 3}\nloss: squared\noutput: trivial\n");
    gsl_rng *rng = law_rng("kernel of d Phi");
    for (int trial = 0; trial < 5; trial++) {
        double *w = random_state(p, rng);
        fs_flat flat = explain_space(p, 0, w, ALL, rng);
        assert_int_equal(flat.outputs, 6);
        assert_int_equal(flat.degenerate, 3);
        free(w);
    }
    gsl_rng_free(rng);
    fs_problem_destroy(p);
}

/* One sample, two classes, three inputs: 3 patterns, and of the 3 directions left softmax sees one. */
static void outputs_that_move_together_do_not_move_softmax(void **state)
{
    (void)state;
    fs_problem *p = model_of("title: t\nsource: by hand\ngroup: C2\ndata: {source: inline, x: [[1, -2, 0.5]], labels: [1]}\n"
                             "input: {vector: [3 trivial]}\nlayers:\n  - dense: {out: 2}\nloss: cross-entropy\noutput: trivial\n");
    gsl_rng *rng = law_rng("modulo softmax");
    double *w = random_state(p, rng);
    fs_flat flat = explain_space(p, 0, w, ALL, rng);
    assert_int_equal(flat.softmax, 3);
    assert_int_equal(flat.outputs, 2);
    assert_int_equal(flat.degenerate, 1);
    free(w);
    gsl_rng_free(rng);
    fs_problem_destroy(p);
}

/* A direction 1e-5 off the family is not in it, one 1e-7 off is: weights of the input 0, then the kernel of x = (1, 1). */
static void membership_ends_at_the_stated_distance(void **state)
{
    (void)state;
    fs_problem *p = model_of("title: t\nsource: by hand\ngroup: C2\ndata: {source: inline, x: [[1, 0]], targets: [[1]]}\n"
                             "input: {vector: [2 trivial]}\nlayers:\n  - dense: {out: 1}\nloss: squared\noutput: trivial\n");
    fs_problem *q = model_of("title: t\nsource: by hand\ngroup: C2\ndata: {source: inline, x: [[1, 1]], targets: [[1]]}\n"
                             "input: {vector: [2 trivial]}\nlayers:\n  - dense: {out: 1}\nloss: squared\noutput: trivial\n");
    const double A[] = { 0.3, 0.4 }, quarter = 0.25 * 3.14159265358979324;
    double *w = state_of(p, A);
    for (int digit = 5; digit <= 7; digit += 2) {
        double angle = pow(10.0, -digit), off[] = { sin(angle), cos(angle) }, turned[] = { cos(angle + quarter), -sin(angle + quarter) };
        double *v = state_of(p, off), *u = state_of(q, turned);
        assert_int_equal(explain(p, 0, w, 1, v).unreached, digit == 7);
        assert_int_equal(explain(q, 0, w, 1, u).outputs, digit == 7);
        free(v);
        free(u);
    }
    free(w);
    fs_problem_destroy(p);
    fs_problem_destroy(q);
}

static void regular_points_have_nothing_to_explain(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    const double A[] = { 1.0, 1.0 };
    gsl_rng *rng = law_rng("regular minimum");
    double *w = state_of(p, A);
    size_t count;
    double *v = zero_space(p, w, ON_N, 1e-12, &count);
    fs_flat flat = explain(p, 1, w, count, v);
    assert_int_equal(count, 0);
    assert_string_equal(flat.text, "");
    assert_int_equal(explain_space(p, 1, w, ALL, rng).degenerate, 2);       /* every direction moves an output */
    free(v);
    free(w);
    gsl_rng_free(rng);
    fs_problem_destroy(p);
}

static void what_is_asked_wrongly_is_refused(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    const double w[] = { 1.0, 0.0 }, bad[] = { (double)NAN, 0.0 }, v[] = { 1.0, 0.0, 0.0, 1.0, 0.0, 1.0 }, far[] = { 1e200, 0.0 };
    fs_flat flat;
    fs_err err = { 0 };
    assert_fails(fs_flat_explain(&flat, p, 1, w, 3, v, &err), FS_EINPUT, err, "at most dim L = 2");
    assert_fails(fs_flat_explain(&flat, p, 1, bad, 1, v, &err), FS_ENAN, err, "finite");
    assert_fails(fs_flat_explain(&flat, p, 1, w, 1, bad, &err), FS_ENAN, err, "finite");
    assert_fails(fs_flat_explain(&flat, p, 1, far, 1, v, &err), FS_ENAN, err, "finite");
    assert_string_equal(flat.text, "");
    fs_problem_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(softmax_patterns_are_as_many_as_the_readouts_inputs),
        cmocka_unit_test(the_squared_loss_has_no_softmax_patterns),
        cmocka_unit_test(scalings_are_counted_by_the_dimension_of_their_orbit),
        cmocka_unit_test(channels_are_scaled_like_units),
        cmocka_unit_test(the_linear_minimum_is_an_orbit_and_degenerate_across),
        cmocka_unit_test(inputs_that_are_always_zero_reach_nothing),
        cmocka_unit_test(taps_that_never_meet_a_pixel_reach_nothing),
        cmocka_unit_test(directions_that_move_no_output_are_the_rest_of_the_kernel),
        cmocka_unit_test(outputs_that_move_together_do_not_move_softmax),
        cmocka_unit_test(membership_ends_at_the_stated_distance),
        cmocka_unit_test(regular_points_have_nothing_to_explain),
        cmocka_unit_test(what_is_asked_wrongly_is_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
