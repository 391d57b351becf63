/* tests/test_run.c -- runs over gammas and seeds: what the theorem says of real images, rates, bounds, threads, checkpoints
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "experiment/run.h"
#include "flows.h"
#include "folder.h"
#include "observe/transverse.h"

#include <lapacke.h>
#include <unistd.h>

static const fs_flow_kind all_kinds[] = { FS_FLOW_NOMINAL, FS_FLOW_AUGMENTED, FS_FLOW_EQUIVARIANT };
static const uint64_t one_seed[] = { 1 }, two_seeds[] = { 1, 2 };

static fs_run *run_of(const fs_problem *p, fs_run_options *o)
{
    fs_run *run = NULL;
    fs_err err = { 0 };
    assert_ok(fs_run_compute(&run, p, o, &err), err);
    for (size_t i = 0; i < run->n; i++) {
        if (run->flow[i].trajectory->code != FS_OK) print_error("%s\n", run->flow[i].trajectory->status);
        assert_int_equal(run->flow[i].trajectory->code, FS_OK);
    }
    return run;
}

static const fs_run_flow *find(const fs_run *run, fs_flow_kind kind, double gamma, uint64_t seed)
{
    for (size_t i = 0; i < run->n; i++)
        if (run->flow[i].kind == kind && !(run->flow[i].gamma < gamma) && !(run->flow[i].gamma > gamma) && run->flow[i].seed == seed)
            return &run->flow[i];
    fail();
    return run->flow;
}

static double end_distance(const fs_run_flow *flow)
{
    return flow->trajectory->step_distance[flow->trajectory->n_steps_kept - 1];
}

/* The claim of the model: at gamma 10 the augmented flow ends at rounding and the nominal one does not; at gamma 0 both leave E. */
static void augmented_flow_returns_to_E_for_large_gamma_only(void **state)
{
    (void)state;
    const double gamma[] = { 0.0, 10.0 };
    fs_problem *p = load_model("cnn_c4", NULL, NULL, NULL);
    fs_run_options o = { .n_gamma = 2, .gamma = gamma, .n_seed = 2, .seed = two_seeds, .n_kinds = 2, .kind = all_kinds,
                         .distance = -1.0, .integrate = { .t_end = 30.0, .rtol = 1e-6, .atol = 1e-8 }, .threads = 2,
                         .keep_limit = (size_t)1 << 26 };
    fs_run *run = run_of(p, &o);
    for (size_t s = 0; s < 2; s++) {
        const fs_run_flow *held = find(run, FS_FLOW_AUGMENTED, 10.0, two_seeds[s]);
        const fs_run_flow *plateau = find(run, FS_FLOW_NOMINAL, 10.0, two_seeds[s]);
        const fs_run_flow *left = find(run, FS_FLOW_AUGMENTED, 0.0, two_seeds[s]);
        assert_at_most(end_distance(held), 1e3 * held->trajectory->atol_N);
        assert_true(end_distance(plateau) > 1e-4);
        assert_true(end_distance(left) > 0.5);
        assert_true(left->rate.lambda_min < 0.0);
        assert_true(held->rate.predicted > 0.0);
    }
    fs_run_destroy(run);
    fs_problem_destroy(p);
}

/* measured rate = mean of gamma + hbar over the window (exact identity); |Y| <= bound at every node; the rate of the bound is
 * below the measured one. */
static void rates_obey_identity_and_bound(void **state)
{
    (void)state;
    const double gamma[] = { 0.5, 1.0, 10.0 };
    fs_problem *p = load_model("cnn_c4", NULL, NULL, NULL);
    fs_run_options o = { .n_gamma = 3, .gamma = gamma, .n_seed = 1, .seed = one_seed, .n_kinds = 2, .kind = all_kinds, .distance = -1.0,
                         .integrate = { .t_end = 10.0, .rtol = 1e-8, .atol = 1e-10 }, .threads = 2, .keep_limit = (size_t)1 << 26 };
    fs_run *run = run_of(p, &o);
    for (size_t i = 0; i < run->n; i++) {
        const fs_run_flow *flow = &run->flow[i];
        const fs_rate *r = &flow->rate;
        const fs_trajectory *T = flow->trajectory;
        /* the window may end where |Y| is 1e3 absolute tolerances; about ten steps an e-folding, each up to sqrt(n) of them */
        assert_near(r->measured, r->exponent, (1e4 * 1e-8 + 10.0 * sqrt((double)T->dim) * 1e-3) / (r->t1 - r->t0));
        if (flow->kind != FS_FLOW_AUGMENTED) {
            assert_true(isnan(r->predicted) && isnan(r->groenwall_bound));
            continue;
        }
        assert_true(r->n_bound >= 4);
        assert_true(r->groenwall_bound <= r->measured);
        for (size_t k = 0, at = 0; k < r->n_bound; k++) {
            while (T->step_t[at] < r->bound_t[k]) at++;
            assert_at_most(T->step_distance[at], r->bound[k] * (1.0 + 1e-6));
        }
    }
    fs_run_destroy(run);
    fs_problem_destroy(p);
}

/* CF1 with |Y| so small that hbar = lambda = cos(sqrt 2 u) / 2, which rises from -1/2 at the saddle of E to 1/2 at its minimum: nothing is lost between hbar and
 * lambda_min, so the bound must take the smaller of each two neighbours. */
static void bound_holds_where_nothing_but_the_nodes_is_lost(void **state)
{
    (void)state;
    const double gamma[] = { 0.75 }, root = sqrt(2.0), u = 3.0 / root, v = 1e-3, w[] = { (u + v) / root, (u - v) / root };
    const fs_flow_kind kind[] = { FS_FLOW_AUGMENTED };
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_run_options o = { .n_gamma = 1, .gamma = gamma, .n_seed = 1, .seed = one_seed, .n_kinds = 1, .kind = kind, .distance = -1.0, .weights = w,
                         .integrate = { .t_end = 10.0, .rtol = 1e-10, .atol = 1e-12 }, .threads = 1, .keep_limit = (size_t)1 << 20 };
    fs_run *run = run_of(p, &o);
    const fs_rate *r = &run->flow[0].rate;
    const fs_trajectory *T = run->flow[0].trajectory;
    assert_near(r->groenwall_bound, gamma[0] + 0.5 * cos(3.0), 1e-6);
    assert_near(r->predicted, gamma[0] + 0.5, 1e-2);
    assert_true(r->n_bound >= 8);
    for (size_t k = 0, at = 0; k < r->n_bound; k++) {
        while (T->step_t[at] < r->bound_t[k]) at++;
        assert_at_most(T->step_distance[at], r->bound[k] * (1.0 + 1e-6));
    }
    fs_run_destroy(run);
    fs_problem_destroy(p);
}

/* One linear layer with x = (1,1,0,0): the transverse rates are gamma + 1, gamma + 1/2 and gamma, so the slowest, gamma, is left in the
 * end; over the window the next one has died to exp(-15/2) of it, and enters |Y| squared. */
static void asymptotic_rate_is_gamma_plus_lambda_min(void **state)
{
    (void)state;
    const double gamma[] = { 1.0 };
    fs_problem *p = load_model("cyclic_linear", NULL, NULL, NULL);
    const fs_flow_kind kind[] = { FS_FLOW_AUGMENTED };
    fs_run_options o = { .n_gamma = 1, .gamma = gamma, .n_seed = 2, .seed = two_seeds, .n_kinds = 1, .kind = kind, .distance = 0.5,
                         .integrate = { .t_end = 30.0, .rtol = 1e-10, .atol = 1e-12 }, .threads = 1 };
    fs_run *run = run_of(p, &o);
    for (size_t i = 0; i < run->n; i++) {
        assert_near(run->flow[i].rate.predicted, 1.0, 1e-12);
        assert_true(run->flow[i].rate.t0 > 12.0);
        assert_near(run->flow[i].rate.measured, 1.0, 1e-3);
        assert_near(run->flow[i].rate.groenwall_bound, 1.0, 1e-12);
    }
    fs_run_destroy(run);
    fs_problem_destroy(p);
}

/* The prediction is made on E: at X(t_end), also where the flow ended far off E. */
static void prediction_is_made_on_E(void **state)
{
    (void)state;
    const double gamma[] = { 0.0 };
    const fs_flow_kind kind[] = { FS_FLOW_AUGMENTED };
    fs_problem *p = load_model("cnn_c4", "data.count=3", NULL, NULL);
    fs_run_options o = { .n_gamma = 1, .gamma = gamma, .n_seed = 1, .seed = one_seed, .n_kinds = 1, .kind = kind, .distance = 1.0,
                         .integrate = { .t_end = 10.0, .rtol = 1e-6, .atol = 1e-8 }, .threads = 1 };
    fs_run *run = run_of(p, &o);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.0);
    const fs_trajectory *T = run->flow[0].trajectory;
    size_t E = fs_flow_dim_E(f);
    double *w = calloc(T->dim, sizeof *w);
    fs_transverse on_E, off_E;
    fs_err err = { 0 };
    memcpy(w, T->w_end, E * sizeof *w);
    assert_ok(fs_transverse_compute(f, w, NULL, &on_E, NULL, &err), err);
    assert_ok(fs_transverse_compute(f, T->w_end, NULL, &off_E, NULL, &err), err);
    assert_near(run->flow[0].rate.lambda_min, on_E.lambda_min, 0.0);
    assert_near(run->flow[0].rate.predicted, on_E.lambda_min, 0.0);
    assert_true(fabs(on_E.lambda_min - off_E.lambda_min) > 1e-3);
    free(w);
    fs_flow_destroy(f);
    fs_run_destroy(run);
    fs_problem_destroy(p);
}

/* Started on E where E repels: an implicit method would take long steps there and damp what grows. */
static void steps_are_capped_where_E_repels_unseen(void **state)
{
    (void)state;
    const double gamma[] = { 0.0 };
    const fs_flow_kind kind[] = { FS_FLOW_AUGMENTED };
    fs_problem *p = load_model("cnn_c4", NULL, NULL, NULL);
    fs_run_options o = { .n_gamma = 1, .gamma = gamma, .n_seed = 1, .seed = one_seed, .n_kinds = 1, .kind = kind, .distance = 0.0,
                         .integrate = { .t_end = 30.0, .rtol = 1e-4, .atol = 1e-6 }, .threads = 1 };
    fs_run *run = run_of(p, &o);
    const fs_run_flow *flow = &run->flow[0];
    assert_non_null(strstr(flow->rate.note, "capped"));
    assert_true(flow->rate.lambda_min < 0.0);
    assert_at_most(flow->trajectory->step_max * -flow->rate.lambda_min, 0.5 * (1.0 + 1e-6));
    fs_run_destroy(run);
    fs_problem_destroy(p);
}

/* Skew filters: Pi_L and Pi_G do not commute, grad R^aug has a part in N on E, and the theorem says nothing. */
static void nothing_is_predicted_without_the_hypotheses(void **state)
{
    (void)state;
    const double gamma[] = { 10.0 };
    static const char *const breaks[] = { "layers.0.conv.support=skew", "measure=[0.7, 0.1, 0.1, 0.1]" };
    for (size_t b = 0; b < 2; b++) {
        fs_problem *p = load_model("cnn_c4", breaks[b], "data.count=3", NULL);
        fs_run_options o = { .n_gamma = 1, .gamma = gamma, .n_seed = 1, .seed = one_seed, .n_kinds = 2, .kind = all_kinds, .distance = 0.1,
                             .integrate = { .t_end = 5.0, .rtol = 1e-6, .atol = 1e-8 }, .threads = 1 };
        fs_run *run = run_of(p, &o);
        const fs_rate *r = &find(run, FS_FLOW_AUGMENTED, 10.0, 1)->rate;
        assert_true(isnan(r->predicted) && isnan(r->groenwall_bound) && r->n_bound == 0 && isfinite(r->lambda_min));
        assert_non_null(strstr(r->note, b ? "measure" : "compatibility"));
        assert_true(end_distance(find(run, FS_FLOW_AUGMENTED, 10.0, 1)) > 1e-6);     /* and indeed E does not attract */
        fs_run_destroy(run);
        fs_problem_destroy(p);
    }
}

/* mirror_c4: on E both images get the same logits, so the equivariant flow ends at R = log 2, a minimum on E that is stationary for the
 * augmented flow too [NOF23, Theorem 1.2], and a saddle of it: 20 of the 48 transverse eigenvalues are negative.  Along E one direction
 * is curved, the one that tells the labels apart; the other 21 only move between networks with the same outputs. */
static void mirror_model_ends_at_an_exact_saddle(void **state)
{
    (void)state;
    fs_problem *p = load_model("mirror_c4", NULL, NULL, NULL);
    fs_flow *equivariant = make_flow(p, FS_FLOW_EQUIVARIANT, 0.0), *augmented = make_flow(p, FS_FLOW_AUGMENTED, 0.0);
    size_t E = fs_flow_dim(equivariant), n = fs_flow_dim(augmented), positive = 0, zero = 0, negative = 0;
    double *w = start_of(p, 1, 0.0), *J = calloc(n * n, sizeof *J), *block = calloc(n * n, sizeof *block), *value = calloc(n, sizeof *value);
    fs_integrate_options o = { .t_end = 2000.0, .rtol = 1e-10, .atol = 1e-12 };
    fs_trajectory *T = NULL;
    fs_flow_point point;
    fs_err err = { 0 };
    assert_ok(fs_trajectory_compute(&T, equivariant, w, &o, &err), err);
    memcpy(w, T->w_end, E * sizeof *w);
    assert_int_equal(fs_flow_evaluate(augmented, w, &point, NULL), FS_OK);
    printf("# R - log 2 = %.2e, |grad R^aug| = %.2e\n", point.risk - log(2.0), point.gradient_norm);
    assert_near(point.risk, log(2.0), 1e-12);
    assert_at_most(point.gradient_norm, 1e-8);
    assert_int_equal(fs_flow_jacobian(augmented, w, J), FS_OK);
    for (int part = 0; part < 2; part++) {
        size_t first = part ? E : 0, size = part ? n - E : E;
        for (size_t i = 0; i < size; i++)
            for (size_t j = 0; j < size; j++) block[i * size + j] = -J[(first + i) * n + first + j];
        assert_int_equal(LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'N', 'U', (lapack_int)size, block, (lapack_int)size, value), 0);
        double largest = fabs(value[0]) > fabs(value[size - 1]) ? fabs(value[0]) : fabs(value[size - 1]);
        positive = zero = negative = 0;
        for (size_t i = 0; i < size; i++) {
            /* the point is stationary to 1e-8: eigenvalues are those of the exact one to about that */
            if (fabs(value[i]) <= 1e-6 * largest) zero++;
            else if (value[i] > 0.0) positive++;
            else negative++;
        }
        printf("# on %s: %zu positive, %zu zero, %zu negative; lowest %.6g\n", part ? "N" : "E", positive, zero, negative, value[0]);
        if (!part) assert_true(positive == 1 && zero == 21 && negative == 0);
    }
    assert_int_equal(negative, 20);
    fs_trajectory_destroy(T);
    free(w), free(J), free(block), free(value);
    fs_flow_destroy(equivariant);
    fs_flow_destroy(augmented);
    fs_problem_destroy(p);
}

static void threads_change_no_byte(void **state)
{
    (void)state;
    const double gamma[] = { 0.0, 1.0 };
    double times[] = { 0.0, 0.25, 0.5, 1.0 };
    for (int many = 0; many < 2; many++) {      /* tasks over threads, then sample blocks over threads */
        fs_problem *p = load_model("cnn_c4", many ? "data={source: synthetic, count: 65, classes: 2, seed: 1}" : "data.count=3",
                                   "layers.0.conv.out=2", "layers.3.conv.out=2");
        fs_run *run[3];
        for (int t = 0; t < 3; t++) {
            fs_run_options o = { .n_gamma = 2, .gamma = gamma, .n_seed = 1, .seed = one_seed, .n_kinds = 3, .kind = all_kinds,
                                 .distance = -1.0, .threads = t + 1, .keep_limit = t == 2 ? 0 : (size_t)1 << 26,
                                 .integrate = { .t_end = 1.0, .rtol = 1e-5, .atol = 1e-7, .n_times = 4, .times = times } };
            run[t] = run_of(p, &o);
        }
        for (int t = 1; t < 3; t++)
            for (size_t i = 0; i < run[0]->n; i++) {
                const fs_trajectory *A = run[0]->flow[i].trajectory, *B = run[t]->flow[i].trajectory;
                assert_memory_equal(A->w_end, B->w_end, A->dim * sizeof *A->w_end);
                assert_memory_equal(A->row, B->row, A->n_rows * sizeof *A->row);
            }
        for (int t = 0; t < 3; t++) fs_run_destroy(run[t]);
        fs_problem_destroy(p);
    }
}

/* One linear layer with x = (1,1,0,0) has eigenvalues 1 (3 times), 1/2 (6), 0 (3) on N; gamma is taken out again. */
static void transverse_hessian_has_the_known_lowest_eigenvalue(void **state)
{
    (void)state;
    fs_problem *p = load_model("cyclic_linear", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.0), *shifted = make_flow(p, FS_FLOW_AUGMENTED, 1e3);
    double *w = start_of(p, 1, 0.5);
    fs_transverse H;
    fs_err err = { 0 };
    assert_ok(fs_transverse_compute(f, w, NULL, &H, NULL, &err), err);
    assert_near(H.lambda_min, 0.0, H.error);
    assert_at_most(H.error, 1e-13);
    assert_ok(fs_transverse_compute(shifted, w, NULL, &H, NULL, &err), err);
    assert_near(H.lambda_min, 0.0, H.error);
    free(w);
    fs_flow_destroy(f);
    fs_flow_destroy(shifted);
    fs_problem_destroy(p);
}

/* --- checkpoints --------------------------------------------------------------------------------- */

typedef struct { long calls, limit; } countdown;

static int stop_after(void *context, size_t index, const fs_run_flow *flow, double t, double h, long step, const fs_flow_point *point)
{
    (void)index;
    (void)flow;
    (void)t;
    (void)h;
    (void)step;
    (void)point;
    countdown *c = context;
    return ++c->calls > c->limit;
}

static void interrupted_run_goes_on_to_the_same_bytes(void **state)
{
    (void)state;
    char path[300];
    const double gamma[] = { 0.0, 1.0 };
    double times[] = { 0.0, 0.25, 0.5, 0.75, 1.0 };
    snprintf(path, sizeof path, "%s/checkpoint.bin", folder);
    fs_problem *p = load_model("cnn_c4", "data.count=2", "layers.0.conv.out=2", "layers.3.conv.out=2");
    fs_run_options o = { .n_gamma = 2, .gamma = gamma, .n_seed = 1, .seed = one_seed, .n_kinds = 3, .kind = all_kinds, .distance = -1.0,
                         .threads = 1, .keep_limit = (size_t)1 << 26, .checkpoint_path = path, .checkpoint_s = 0.0,
                         .words = "a\0b", .words_size = 4,
                         .integrate = { .t_end = 1.0, .rtol = 1e-5, .atol = 1e-7, .n_times = 5, .times = times, .keep_weights = 1 } };
    fs_run *whole = run_of(p, &o);
    fs_err err = { 0 };
    long steps = 0;
    for (size_t i = 0; i < whole->n; i++) steps += whole->flow[i].trajectory->steps;
    for (int part = 1; part < 6; part++) {
        countdown c = { 0, steps * part / 6 };
        fs_run *broken = NULL;
        o.progress = stop_after;
        o.context = &c;
        assert_ok(fs_run_compute(&broken, p, &o, &err), err);
        fs_run_destroy(broken);
        fs_checkpoint kept;
        assert_ok(fs_checkpoint_read(&kept, path, &err), err);
        assert_memory_equal(kept.words, "a\0b", 4);
        o.progress = NULL;
        o.resume = &kept;
        fs_run *resumed = run_of(p, &o);
        o.resume = NULL;
        fs_checkpoint_clear(&kept);
        for (size_t i = 0; i < whole->n; i++) {
            const fs_trajectory *A = whole->flow[i].trajectory, *B = resumed->flow[i].trajectory;
            assert_memory_equal(A->row, B->row, A->n_rows * sizeof *A->row);
            assert_memory_equal(A->weights, B->weights, A->n_rows * A->n_par * sizeof *A->weights);
            assert_int_equal(A->steps, B->steps);
        }
        fs_run_destroy(resumed);
    }
    fs_run_destroy(whole);
    fs_problem_destroy(p);
    unlink(path);
}

static int stop_at_once(void *context, const char *stage, double fraction)
{
    (void)context;
    (void)stage;
    return fraction >= 0.0;
}

/* Stopped in the flows, or when the bounds are being measured: the checkpoint holds the flows, and going on gives the same constants and curves. */
static void interrupted_bounds_go_on_to_the_same_numbers(void **state)
{
    (void)state;
    char path[300];
    const double gamma[] = { 3.0 };
    const fs_watch stopping = { stop_at_once, NULL };
    snprintf(path, sizeof path, "%s/checkpoint.bin", folder);
    fs_problem *p = load_model("tiny_mlp", NULL, NULL, NULL);
    fs_run_options o = { .n_gamma = 1, .gamma = gamma, .n_seed = 1, .seed = one_seed, .n_kinds = 2, .kind = all_kinds, .distance = 0.3, .threads = 1, .bounds = 1,
                         .keep_limit = (size_t)1 << 26, .checkpoint_path = path, .checkpoint_s = 1e9, .words = "", .integrate = { .t_end = 5.0, .rtol = 1e-7, .atol = 1e-9 } };
    fs_run *whole = run_of(p, &o);
    const fs_bounds *A = whole->bounds;
    fs_err err = { 0 };
    assert_int_equal(A->verdict, FS_HOLDS);
    for (int part = 0; part < 2; part++) {
        countdown c = { 0, whole->flow[0].trajectory->steps + whole->flow[1].trajectory->steps / 2 };
        fs_run *broken = NULL;
        unlink(path);
        o.progress = part ? NULL : stop_after;
        o.context = &c;
        o.watch = part ? &stopping : NULL;
        assert_ok(fs_run_compute(&broken, p, &o, &err), err);
        assert_true(part ? broken->bounds->stopped && broken->bounds->chain.n == 0 : !broken->bounds);
        fs_run_destroy(broken);
        fs_checkpoint kept;
        assert_ok(fs_checkpoint_read(&kept, path, &err), err);
        o.progress = NULL;
        o.watch = NULL;
        o.resume = &kept;
        fs_run *resumed = run_of(p, &o);
        o.resume = NULL;
        fs_checkpoint_clear(&kept);
        const fs_bounds *B = resumed->bounds;
        assert_int_equal(A->n, B->n);
        assert_memory_equal(A->t, B->t, 6 * A->n * sizeof *A->t);
        assert_near(A->chain.M3, B->chain.M3, 0.0);
        assert_near(A->chain.M3_K, B->chain.M3_K, 0.0);
        assert_near(A->chain.c_min, B->chain.c_min, 0.0);
        fs_run_destroy(resumed);
    }
    fs_run_destroy(whole);
    fs_problem_destroy(p);
    unlink(path);
}

/* More states are kept for the bounds: no step and no rate changes by that. */
static void bounds_change_nothing_else(void **state)
{
    (void)state;
    const double gamma[] = { 1.0 };
    fs_problem *p = load_model("tiny_mlp", NULL, NULL, NULL);
    fs_run_options o = { .n_gamma = 1, .gamma = gamma, .n_seed = 1, .seed = one_seed, .n_kinds = 2, .kind = all_kinds, .distance = 0.3, .threads = 1,
                         .keep_limit = (size_t)1 << 26, .integrate = { .t_end = 5.0, .rtol = 1e-8, .atol = 1e-10 } };
    fs_run *plain = run_of(p, &o);
    o.bounds = 1;
    fs_run *bounded = run_of(p, &o);
    assert_null(plain->bounds);
    for (size_t i = 0; i < plain->n; i++) {
        const fs_trajectory *A = plain->flow[i].trajectory, *B = bounded->flow[i].trajectory;
        assert_int_equal(A->n_steps_kept, B->n_steps_kept);
        assert_memory_equal(A->step_distance, B->step_distance, A->n_steps_kept * sizeof *A->step_distance);
        assert_true(plain->flow[i].kind != FS_FLOW_AUGMENTED || B->n_nodes > 2 * A->n_nodes);
    }
    const fs_rate *a = &find(plain, FS_FLOW_AUGMENTED, 1.0, 1)->rate, *b = &find(bounded, FS_FLOW_AUGMENTED, 1.0, 1)->rate;
    assert_near(a->predicted, b->predicted, 0.0);
    assert_near(a->groenwall_bound, b->groenwall_bound, 1e-2 * fabs(a->groenwall_bound));
    assert_at_most((double)b->n_bound, 25.0);
    fs_run_destroy(plain);
    fs_run_destroy(bounded);
    fs_problem_destroy(p);
}

static void damaged_or_foreign_checkpoints_are_refused(void **state)
{
    (void)state;
    char path[300];
    const double gamma[] = { 1.0 };
    snprintf(path, sizeof path, "%s/checkpoint.bin", folder);
    fs_problem *p = load_model("mirror_c4", NULL, NULL, NULL), *other = load_model("mirror_c4", "start.scale=1.25", NULL, NULL);
    fs_run_options o = { .n_gamma = 1, .gamma = gamma, .n_seed = 1, .seed = one_seed, .n_kinds = 1, .kind = all_kinds, .distance = -1.0,
                         .threads = 1, .checkpoint_path = path, .words = "", .words_size = 0,
                         .integrate = { .t_end = 0.5, .rtol = 1e-4, .atol = 1e-6 } };
    fs_run *run = run_of(p, &o);
    fs_run_destroy(run);
    fs_checkpoint kept;
    fs_err err = { 0 };
    assert_ok(fs_checkpoint_read(&kept, path, &err), err);
    o.resume = &kept;
    assert_fails(fs_run_compute(&run, other, &o, &err), FS_EINPUT, err, "reads differently");
    fs_checkpoint_clear(&kept);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, 700, SEEK_SET);
    int byte = fgetc(file);
    fseek(file, 700, SEEK_SET);
    fputc(byte ^ 1, file);
    fclose(file);
    assert_fails(fs_checkpoint_read(&kept, path, &err), FS_EINPUT, err, "checksum");
    assert_int_equal(truncate(path, 500), 0);
    assert_fails(fs_checkpoint_read(&kept, path, &err), FS_EINPUT, err, "checksum");
    assert_int_equal(truncate(path, 10), 0);
    assert_fails(fs_checkpoint_read(&kept, path, &err), FS_EINPUT, err, "10 bytes");
    unlink(path);
    assert_fails(fs_checkpoint_read(&kept, path, &err), FS_EINPUT, err, "checkpoint.bin");
    fs_problem_destroy(p);
    fs_problem_destroy(other);
}

static void empty_lists_are_refused(void **state)
{
    (void)state;
    fs_problem *p = load_model("mirror_c4", NULL, NULL, NULL);
    fs_run *run = NULL;
    fs_err err = { 0 };
    fs_run_options o = { .n_seed = 1, .seed = one_seed, .n_kinds = 1, .kind = all_kinds, .distance = -1.0, .threads = 1 };
    assert_fails(fs_run_compute(&run, p, &o, &err), FS_EINPUT, err, "at least one gamma");
    fs_problem_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(augmented_flow_returns_to_E_for_large_gamma_only),
        cmocka_unit_test(rates_obey_identity_and_bound),
        cmocka_unit_test(bound_holds_where_nothing_but_the_nodes_is_lost),
        cmocka_unit_test(asymptotic_rate_is_gamma_plus_lambda_min),
        cmocka_unit_test(prediction_is_made_on_E),
        cmocka_unit_test(steps_are_capped_where_E_repels_unseen),
        cmocka_unit_test(nothing_is_predicted_without_the_hypotheses),
        cmocka_unit_test(mirror_model_ends_at_an_exact_saddle),
        cmocka_unit_test(threads_change_no_byte),
        cmocka_unit_test(transverse_hessian_has_the_known_lowest_eigenvalue),
        cmocka_unit_test(interrupted_run_goes_on_to_the_same_bytes),
        cmocka_unit_test(interrupted_bounds_go_on_to_the_same_numbers),
        cmocka_unit_test(bounds_change_nothing_else),
        cmocka_unit_test(damaged_or_foreign_checkpoints_are_refused),
        cmocka_unit_test(empty_lists_are_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
