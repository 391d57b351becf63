/* tests/test_trajectory.c -- integrated flows against closed forms, exact identities and GSL's integrators
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "flows.h"
#include "integrate/trajectory.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>

static fs_integrate_options options_of(double t_end, double rtol, size_t n_times, const double *times)
{
    return (fs_integrate_options){ .t_end = t_end, .rtol = rtol, .atol = 1e-2 * rtol, .n_times = n_times, .times = times };
}

static fs_trajectory *integrate(fs_flow *f, const double *w, const fs_integrate_options *o)
{
    fs_trajectory *T = NULL;
    fs_err err = { 0 };
    assert_ok(fs_trajectory_compute(&T, f, w, o, &err), err);
    if (T->code != FS_OK) print_error("%s\n", T->status);
    assert_int_equal(T->code, FS_OK);
    return T;
}

static const struct { const char *name; fs_method method; fs_solver solver; } solvers[] = {
    { "BDF, Krylov", FS_METHOD_BDF, FS_SOLVER_KRYLOV },
    { "BDF, dense", FS_METHOD_BDF, FS_SOLVER_DENSE },
    { "Adams", FS_METHOD_ADAMS, FS_SOLVER_AUTO },
};
enum { SOLVERS = sizeof solvers / sizeof *solvers };

/* One linear layer W, squared loss, natural representation of C4: W_N(t) = W_N(0) exp(-(Sigma_G + gamma) t), Sigma_G the shift average of
 * x x^T.  x = (1,1,0,0): Sigma_G has eigenvalue 1 on (1,1,1,1), 1/2 on the plane of frequency 1, 0 on (1,-1,1,-1).  The rows of W
 * are projected on these; their parts in N decay with gamma plus the eigenvalue. */
static void linear_layer_follows_its_closed_form(void **state)
{
    (void)state;
    const double times[] = { 0.0, 0.3, 1.0, 4.0 }, gamma = 0.7;
    const double direction[4][4] = { { 1, 1, 1, 1 }, { 1, 0, -1, 0 }, { 0, 1, 0, -1 }, { 1, -1, 1, -1 } };
    const double eigenvalue[4] = { 1.0, 0.5, 0.5, 0.0 };
    fs_problem *p = load_model("cyclic_linear", NULL, NULL, NULL);
    const fs_dataset *d = fs_problem_data(p);
    assert_int_equal(d->n, 1);
    const double x[4] = { 1, 1, 0, 0 };
    for (size_t i = 0; i < 4; i++) assert_near(d->x[i], x[i], 0.0);
    for (size_t s = 0; s < SOLVERS; s++) {
        fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, gamma);
        size_t n = dim_L(p), E = fs_flow_dim_E(f), P = fs_flow_basis(f)->n_par;
        assert_int_equal(P, 16);
        double *w = start_of(p, 1, 1.0), *y = calloc(n, sizeof *y), *N0 = calloc(P, sizeof *N0), *Nt = calloc(P, sizeof *Nt), *z = calloc(n, sizeof *z);
        fs_integrate_options o = options_of(4.0, 1e-10, 4, times);
        o.method = solvers[s].method;
        o.solver = solvers[s].solver;
        o.keep_weights = 1;
        fs_trajectory *T = integrate(f, w, &o);
        memcpy(y + E, w + E, (n - E) * sizeof *y);
        fs_basis_expand(fs_flow_basis(f), y, N0);
        for (size_t k = 0; k < 4; k++) {
            fs_basis_project(fs_flow_basis(f), T->weights + k * P, z);
            memset(z, 0, E * sizeof *z);
            fs_basis_expand(fs_flow_basis(f), z, Nt);
            for (size_t row = 0; row < 4; row++)
                for (size_t m = 0; m < 4; m++) {
                    double was = dot_of(N0 + 4 * row, direction[m], 4), is = dot_of(Nt + 4 * row, direction[m], 4);
                    /* the local error tolerance, accumulated over a contracting flow */
                    assert_near(is, was * exp(-(gamma + eigenvalue[m]) * times[k]), 1e-8);
                }
        }
        fs_trajectory_destroy(T);
        free(w), free(y), free(N0), free(Nt), free(z);
        fs_flow_destroy(f);
    }
    fs_problem_destroy(p);
}

/* Adding one pattern to the readout of every class leaves softmax unchanged, so with cross-entropy the part of W_N that is the same
 * for all classes obeys c' = -gamma c under the nominal and the augmented flow, for any network and any data. */
static void common_readout_pattern_decays_as_exp_minus_gamma_t(void **state)
{
    (void)state;
    const double times[] = { 0.0, 0.2, 1.0, 3.0 };
    fs_problem *p = load_model("cnn_c4", "data.count=4", "data.classes=[0,1,8]", "layers.6.dense.out=3");
    const fs_weight_block *block;
    size_t blocks = fs_net_blocks(fs_problem_net(p), &block), P = fs_net_parameters(fs_problem_net(p));
    const fs_weight_block *readout = &block[blocks - 1];
    for (size_t s = 0; s < SOLVERS; s++)
        for (int kind = FS_FLOW_NOMINAL; kind <= FS_FLOW_AUGMENTED; kind++)
            for (int g = 0; g < 2; g++) {
                double gamma = g ? 2.5 : 0.0;
                fs_flow *f = make_flow(p, (fs_flow_kind)kind, gamma);
                size_t n = dim_L(p), E = fs_flow_dim_E(f);
                double *w = start_of(p, 2, 1.0), *z = calloc(n, sizeof *z), *A = calloc(P, sizeof *A), *c0 = calloc(readout->in, sizeof *c0);
                fs_integrate_options o = options_of(3.0, 1e-9, 4, times);
                o.method = solvers[s].method;
                o.solver = solvers[s].solver;
                o.keep_weights = 1;
                fs_trajectory *T = integrate(f, w, &o);
                for (size_t k = 0; k < 4; k++) {
                    fs_basis_project(fs_flow_basis(f), T->weights + k * P, z);
                    memset(z, 0, E * sizeof *z);
                    fs_basis_expand(fs_flow_basis(f), z, A);
                    for (size_t i = 0; i < readout->in; i++) {
                        double c = 0.0;
                        for (size_t o_ = 0; o_ < readout->out; o_++) c += A[readout->offset + o_ * readout->in + i];
                        if (k == 0) c0[i] = c;
                        assert_near(c, c0[i] * exp(-gamma * times[k]), 1e-7);
                    }
                }
                assert_true(norm_of(c0, readout->in) > 1e-2);
                fs_trajectory_destroy(T);
                free(w), free(z), free(A), free(c0);
                fs_flow_destroy(f);
            }
    fs_problem_destroy(p);
}

/* S(t) + int |w'|^2 = S(0) and |Y(t)| = |Y_0| exp(-int (gamma + hbar)): exact identities.  The quadratures are not error
 * controlled: the bound is a multiple of rtol, and the energy error must shrink with it.  Every step may also move each of the
 * n components by the absolute tolerance, a relative error of sqrt(n) atol_N / |Y|; about ten steps resolve one e-folding. */
static void energy_and_groenwall_identities_hold(void **state)
{
    (void)state;
    double times[21];
    for (size_t i = 0; i < 21; i++) times[i] = 0.1 * (double)i;
    for (int g = 0; g < 3; g++) {
        const double gammas[] = { 0.0, 1.0, 10.0 };
        fs_problem *p = load_model("cnn_c4", NULL, NULL, NULL);
        for (int kind = 0; kind < FS_FLOW_COUNT; kind++) {
            double worst[2];
            for (int tight = 0; tight < 2; tight++) {
                fs_flow *f = make_flow(p, (fs_flow_kind)kind, gammas[g]);
                double *w = start_of(p, 3, 0.5);
                fs_integrate_options o = options_of(2.0, tight ? 1e-9 : 1e-6, 21, times);
                fs_trajectory *T = integrate(f, w, &o);
                double identity = 0.0;
                worst[tight] = 0.0;
                for (size_t i = 0; i < T->n_rows; i++) {
                    const fs_trajectory_row *r = &T->row[i];
                    if (!(r->energy_error <= worst[tight])) worst[tight] = r->energy_error;
                    if (kind == FS_FLOW_EQUIVARIANT || !isfinite(r->exponent)) continue;
                    double d = fabs(log(r->distance / 0.5) + r->exponent);
                    if (!(d <= identity)) identity = d;
                    assert_at_most(d, 1e4 * o.rtol + 10.0 * sqrt((double)T->dim) * T->atol_N / r->distance);
                }
                printf("# %s, gamma %g, rtol %g: energy %.1e, Groenwall %.1e\n", fs_flow_name((fs_flow_kind)kind), gammas[g], o.rtol,
                       worst[tight], identity);
                assert_at_most(worst[tight], 1e3 * o.rtol);
                fs_trajectory_destroy(T);
                free(w);
                fs_flow_destroy(f);
            }
            assert_true(worst[1] < 0.1 * worst[0]);
        }
        fs_problem_destroy(p);
    }
}

/* The integrals go on over re-initialisations of the solver. */
static void identities_hold_across_barriers(void **state)
{
    (void)state;
    const double times[] = { 0.0, 0.4, 1.1, 2.0 };
    fs_problem *p = load_model("cnn_c4", "data.count=3", NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 1.0);
    double *w = start_of(p, 3, 0.5);
    fs_integrate_options o = options_of(2.0, 1e-8, 4, times);
    o.barriers = 5;
    fs_trajectory *T = integrate(f, w, &o);
    for (size_t i = 0; i < T->n_rows; i++) {
        assert_at_most(T->row[i].energy_error, 1e3 * o.rtol);
        assert_near(log(T->row[i].distance / 0.5), -T->row[i].exponent, 1e4 * o.rtol);
    }
    fs_trajectory_destroy(T);
    free(w);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* The preconditioner takes gamma out of the linear systems: six decades of stiffness for at most twice the evaluations. */
static void cost_does_not_grow_with_gamma(void **state)
{
    (void)state;
    const double gamma[] = { 1.0, 1e3, 1e6 };
    long cost[3];
    fs_problem *p = load_model("cnn_c4", NULL, NULL, NULL);
    for (int g = 0; g < 3; g++) {
        fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, gamma[g]);
        double *w = start_of(p, 1, 0.1);
        fs_integrate_options o = options_of(30.0, 1e-6, 0, NULL);
        o.solver = FS_SOLVER_KRYLOV;
        fs_trajectory *T = integrate(f, w, &o);
        cost[g] = T->rhs_evals + T->hvp_evals;
        fs_trajectory_destroy(T);
        free(w);
        fs_flow_destroy(f);
    }
    printf("# evaluations at gamma 1, 1e3, 1e6: %ld, %ld, %ld\n", cost[0], cost[1], cost[2]);
    assert_true(cost[1] <= 2 * cost[0] && cost[2] <= 2 * cost[0]);
    fs_problem_destroy(p);
}

static void a_longer_flow_begins_with_the_same_steps(void **state)
{
    (void)state;
    fs_problem *p = load_model("cnn_c4", "data.count=2", NULL, NULL);
    for (size_t s = 0; s < SOLVERS; s++) {
        fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 1.0);
        double *w = start_of(p, 1, 0.1);
        fs_integrate_options o = options_of(4.0, 1e-6, 0, NULL);
        o.method = solvers[s].method;
        o.solver = solvers[s].solver;
        fs_trajectory *A = integrate(f, w, &o);
        o.t_end = 9.0;
        fs_trajectory *B = integrate(f, w, &o);
        size_t common = A->n_steps_kept / 2;
        assert_true(common > 10);
        assert_memory_equal(A->step_t, B->step_t, common * sizeof *A->step_t);
        assert_memory_equal(A->step_distance, B->step_distance, common * sizeof *A->step_distance);
        fs_trajectory_destroy(A);
        fs_trajectory_destroy(B);
        free(w);
        fs_flow_destroy(f);
    }
    fs_problem_destroy(p);
}

static int gsl_velocity(double t, const double w[], double dw[], void *f)
{
    (void)t;
    return fs_flow_velocity(f, w, dw) == FS_OK ? GSL_SUCCESS : GSL_EBADFUNC;
}

static void cvodes_and_gsl_agree(void **state)
{
    (void)state;
    const double t_end = 1.5;
    fs_problem *p = load_model("mlp_d4", NULL, NULL, NULL);
    for (int kind = 0; kind < FS_FLOW_COUNT; kind++)
        for (size_t s = 0; s < SOLVERS; s++) {
            fs_flow *f = make_flow(p, (fs_flow_kind)kind, 1.0);
            size_t n = fs_flow_dim(f);
            double *w = start_of(p, 8, 0.5), *y = calloc(n, sizeof *y), t = 0.0;
            memcpy(y, w, n * sizeof *y);
            gsl_odeiv2_system system = { gsl_velocity, NULL, n, f };
            gsl_odeiv2_driver *driver = gsl_odeiv2_driver_alloc_y_new(&system, gsl_odeiv2_step_rk8pd, 1e-3, 1e-13, 1e-12);
            assert_non_null(driver);
            assert_int_equal(gsl_odeiv2_driver_apply(driver, &t, t_end, y), GSL_SUCCESS);
            gsl_odeiv2_driver_free(driver);
            fs_integrate_options o = options_of(t_end, 1e-9, 0, NULL);
            o.method = solvers[s].method;
            o.solver = solvers[s].solver;
            fs_trajectory *T = integrate(f, w, &o);
            for (size_t i = 0; i < n; i++) assert_near(T->w_end[i], y[i], 1e-6 * (1.0 + norm_of(y, n)));
            fs_trajectory_destroy(T);
            free(w), free(y);
            fs_flow_destroy(f);
        }
    fs_problem_destroy(p);
}

static void output_times_do_not_change_the_steps(void **state)
{
    (void)state;
    double many[500], few[2] = { 0.37, 2.0 };
    for (size_t i = 0; i < 500; i++) many[i] = 2.0 * (double)(i + 1) / 500.0;
    fs_problem *p = load_model("cnn_c4", "data.count=3", NULL, NULL);
    for (size_t s = 0; s < SOLVERS; s++) {
        fs_flow *f = make_flow(p, FS_FLOW_NOMINAL, 1.0);
        double *w = start_of(p, 1, 0.1);
        fs_integrate_options o = options_of(2.0, 1e-6, 2, few);
        o.method = solvers[s].method;
        o.solver = solvers[s].solver;
        fs_trajectory *A = integrate(f, w, &o);
        o.n_times = 500;
        o.times = many;
        fs_trajectory *B = integrate(f, w, &o);
        assert_int_equal(A->steps, B->steps);
        assert_memory_equal(A->w_end, B->w_end, A->dim * sizeof *A->w_end);
        assert_int_equal(B->n_rows, 500);
        fs_trajectory_destroy(A);
        fs_trajectory_destroy(B);
        free(w);
        fs_flow_destroy(f);
    }
    fs_problem_destroy(p);
}

/* --- restart ------------------------------------------------------------------------------- */

/* Packs the trajectory at barrier number `at`, then lets the run go on. */
typedef struct {
    int seen, at;
    fs_bytes bytes;
} keeper;

static fs_status keep(void *context, const fs_trajectory *T, fs_err *err)
{
    keeper *k = context;
    return ++k->seen == k->at ? fs_trajectory_pack(T, &k->bytes, err) : FS_OK;
}

static void restart_gives_the_bits_of_the_unbroken_run(void **state)
{
    (void)state;
    double times[31];
    for (size_t i = 0; i < 31; i++) times[i] = 0.1 * (double)i;
    fs_problem *p = load_model("cnn_c4", "data.count=2", NULL, NULL);
    fs_err err = { 0 };
    for (size_t s = 0; s < SOLVERS; s++)
        for (int at = 1; at < 8; at += 3) {
            fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 1.0), *fresh = make_flow(p, FS_FLOW_AUGMENTED, 1.0);
            double *w = start_of(p, 1, 0.1);
            keeper k = { .at = at };
            fs_integrate_options o = options_of(3.0, 1e-6, 31, times);
            o.method = solvers[s].method;
            o.solver = solvers[s].solver;
            o.keep_weights = 1;
            o.keep_nodes = 8;
            o.barriers = 8;
            o.checkpoint = keep;
            o.context = &k;
            fs_trajectory *A = integrate(f, w, &o), *B = NULL;
            assert_ok(fs_trajectory_unpack(&B, &k.bytes, &err), err);
            assert_true(B->t_reached < 3.0 && B->n_rows < A->n_rows);
            o.checkpoint = NULL;
            o.resume = B;
            B = integrate(fresh, w, &o);
            assert_int_equal(A->steps, B->steps);
            assert_int_equal(A->rhs_evals, B->rhs_evals);
            assert_int_equal(A->newton_iters, B->newton_iters);
            assert_int_equal(A->n_rows, B->n_rows);
            assert_memory_equal(A->row, B->row, A->n_rows * sizeof *A->row);
            assert_memory_equal(A->weights, B->weights, A->n_rows * A->n_par * sizeof *A->weights);
            assert_int_equal(A->n_steps_kept, B->n_steps_kept);
            assert_memory_equal(A->step_exponent, B->step_exponent, A->n_steps_kept * sizeof *A->step_exponent);
            assert_int_equal(A->n_nodes, B->n_nodes);
            assert_memory_equal(A->node_w, B->node_w, A->n_nodes * A->dim * sizeof *A->node_w);
            assert_memory_equal(A->w_end, B->w_end, A->dim * sizeof *A->w_end);
            fs_trajectory_destroy(A);
            fs_trajectory_destroy(B);
            fs_bytes_clear(&k.bytes);
            free(w);
            fs_flow_destroy(f);
            fs_flow_destroy(fresh);
        }
    fs_problem_destroy(p);
}

static void packed_bytes_that_end_early_are_refused(void **state)
{
    (void)state;
    const double times[] = { 0.0, 0.1 };
    fs_problem *p = load_model("mirror_c4", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 1.0);
    double *w = start_of(p, 1, 0.1);
    fs_integrate_options o = options_of(0.1, 1e-4, 2, times);
    fs_trajectory *T = integrate(f, w, &o), *U;
    fs_bytes whole = { 0 };
    fs_err err = { 0 };
    assert_ok(fs_trajectory_pack(T, &whole, &err), err);
    size_t size = whole.size;
    for (size_t cut = 0; cut < size; cut += 1 + size / 97) {
        whole.size = cut;
        whole.at = 0;
        whole.failed = 0;
        assert_int_equal(fs_trajectory_unpack(&U, &whole, &err), FS_EINPUT);
        assert_null(U);
    }
    fs_bytes_clear(&whole);
    fs_trajectory_destroy(T);
    free(w);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* --- what must not be accepted ------------------------------------------------------------------ */

static void bad_options_are_refused(void **state)
{
    (void)state;
    const double nan = (double)NAN, backwards[] = { 1.0, 0.5 }, beyond[] = { 0.5, 2.0 }, tiny = 1e-320;
    const struct { double t_end, rtol, atol; size_t n; const double *times; const char *word; } bad[] = {
        { 0.0, 1e-6, 1e-8, 0, NULL, "end time" },   { -1.0, 1e-6, 1e-8, 0, NULL, "end time" },
        { nan, 1e-6, 1e-8, 0, NULL, "end time" },   { 1e308, 1e-6, 1e-8, 0, NULL, "end time" },
        { tiny, 1e-6, 1e-8, 0, NULL, "end time" },  { 1.0, 0.0, 1e-8, 0, NULL, "rtol" },
        { 1.0, 1e3, 1e-8, 0, NULL, "rtol" },        { 1.0, nan, 1e-8, 0, NULL, "rtol" },
        { 1.0, 1e-6, 0.0, 0, NULL, "atol" },        { 1.0, 1e-6, (double)INFINITY, 0, NULL, "atol" },
        { 1.0, 1e-6, 1e-8, 2, backwards, "increasing" }, { 1.0, 1e-6, 1e-8, 2, beyond, "output times" },
    };
    fs_problem *p = load_model("mirror_c4", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_NOMINAL, 1.0);
    double *w = start_of(p, 1, 0.1);
    fs_err err = { 0 };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fs_trajectory *T = NULL;
        fs_integrate_options o = { .t_end = bad[i].t_end, .rtol = bad[i].rtol, .atol = bad[i].atol, .n_times = bad[i].n,
                                   .times = bad[i].times };
        assert_fails(fs_trajectory_compute(&T, f, w, &o, &err), FS_EINPUT, err, bad[i].word);
        assert_null(T);
    }
    free(w);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

static void a_start_that_overflows_is_an_error_and_the_step_limit_is_said(void **state)
{
    (void)state;
    fs_problem *p = load_model("cyclic_linear", NULL, NULL, NULL);
    for (size_t s = 0; s < SOLVERS; s++) {
        fs_flow *f = make_flow(p, FS_FLOW_NOMINAL, 1.0);
        double *w = start_of(p, 1, 0.1);
        fs_trajectory *T = NULL;
        fs_err err = { 0 };
        fs_integrate_options o = options_of(1.0, 1e-6, 0, NULL);
        o.method = solvers[s].method;
        o.solver = solvers[s].solver;
        o.max_steps = 3;
        assert_ok(fs_trajectory_compute(&T, f, w, &o, &err), err);
        assert_int_equal(T->code, FS_ESOLVER);
        assert_non_null(strstr(T->status, "step limit"));
        fs_trajectory_destroy(T);
        for (size_t i = 0; i < dim_L(p); i++) w[i] = 1e200;
        assert_fails(fs_trajectory_compute(&T, f, w, &o, &err), FS_ENAN, err, "start");
        free(w);
        fs_flow_destroy(f);
    }
    fs_problem_destroy(p);
}

static int stop_at_three(void *context, double t, double h, long step, const fs_flow_point *point)
{
    (void)context;
    (void)t;
    (void)h;
    (void)point;
    return step >= 3;
}

static void progress_can_stop_the_flow(void **state)
{
    (void)state;
    fs_problem *p = load_model("mirror_c4", NULL, NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_NOMINAL, 1.0);
    double *w = start_of(p, 1, 0.1);
    fs_integrate_options o = options_of(1.0, 1e-8, 0, NULL);
    fs_trajectory *T = NULL;
    fs_err err = { 0 };
    o.progress = stop_at_three;
    assert_ok(fs_trajectory_compute(&T, f, w, &o, &err), err);
    assert_int_equal(T->code, FS_ESTOPPED);
    assert_int_equal(T->steps, 3);
    fs_trajectory_destroy(T);
    free(w);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

/* S falls by int -<grad S, w'>, which is not int |w'|^2 in front of which a metric stands; and |Y| does not fall by int (gamma + hbar), so nothing is said. */
static void energy_is_kept_in_other_coordinates_and_the_exponent_is_not_told(void **state)
{
    (void)state;
    const double times[] = { 0.0, 0.5, 2.0, 5.0 };
    fs_problem *p = load_model("tiny_mlp", "space={parametrisation: {shear: 0.5}}", NULL, NULL);
    double *end = NULL;
    for (size_t s = 0; s < SOLVERS; s++) {
        fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.5);
        fs_err err = { 0 };
        assert_ok(fs_flow_set_parametrisation(f, fs_problem_parametrisation(p), &err), err);
        size_t n = fs_flow_dim(f);
        double *w = start_of(p, 2, 0.5);
        fs_integrate_options o = options_of(5.0, 1e-10, 4, times);
        o.method = solvers[s].method;
        o.solver = solvers[s].solver;
        fs_trajectory *T = integrate(f, w, &o);
        for (size_t k = 0; k < 4; k++) {
            assert_at_most(T->row[k].energy_error, 1e-7);       /* the quadrature follows the steps, it does not control them */
            assert_true(isnan(T->row[k].exponent));
        }
        assert_true(T->row[3].energy > 0.1 * T->S_start);
        for (size_t k = 1; k < T->n_steps_kept; k++) assert_true(isnan(T->step_exponent[k]));
        if (!end) {
            end = calloc(n, sizeof *end);
            assert_non_null(end);
            memcpy(end, T->w_end, n * sizeof *end);
        }
        for (size_t i = 0; i < n; i++) assert_near(T->w_end[i], end[i], 1e-7 * (1.0 + norm_of(end, n)));
        fs_trajectory_destroy(T);
        free(w);
        fs_flow_destroy(f);
    }
    free(end);
    fs_problem_destroy(p);
}

/* A transposed Jacobian leaves the answer as it is and costs steps where the penalty is stiff; the exact one is constant here. */
static void newton_has_the_jacobian_and_not_its_transpose(void **state)
{
    (void)state;
    fs_problem *p = load_model("cyclic_linear", "space={parametrisation: {shear: 4}}", NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 100.0);
    fs_err err = { 0 };
    assert_ok(fs_flow_set_parametrisation(f, fs_problem_parametrisation(p), &err), err);
    double *w = start_of(p, 2, 0.5);
    fs_integrate_options o = options_of(50.0, 1e-6, 0, NULL);
    o.solver = FS_SOLVER_DENSE;
    fs_trajectory *T = integrate(f, w, &o);
    assert_true(T->steps < 1000);           /* with the transposed one 40 000, of two iterations and more */
    assert_true(T->newton_iters <= 2 * T->steps);
    fs_trajectory_destroy(T);
    free(w);
    fs_flow_destroy(f);
    fs_problem_destroy(p);
}

int main(void)
{
    gsl_set_error_handler_off();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_layer_follows_its_closed_form),
        cmocka_unit_test(common_readout_pattern_decays_as_exp_minus_gamma_t),
        cmocka_unit_test(energy_and_groenwall_identities_hold),
        cmocka_unit_test(identities_hold_across_barriers),
        cmocka_unit_test(cost_does_not_grow_with_gamma),
        cmocka_unit_test(a_longer_flow_begins_with_the_same_steps),
        cmocka_unit_test(cvodes_and_gsl_agree),
        cmocka_unit_test(output_times_do_not_change_the_steps),
        cmocka_unit_test(restart_gives_the_bits_of_the_unbroken_run),
        cmocka_unit_test(packed_bytes_that_end_early_are_refused),
        cmocka_unit_test(bad_options_are_refused),
        cmocka_unit_test(a_start_that_overflows_is_an_error_and_the_step_limit_is_said),
        cmocka_unit_test(progress_can_stop_the_flow),
        cmocka_unit_test(energy_is_kept_in_other_coordinates_and_the_exponent_is_not_told),
        cmocka_unit_test(newton_has_the_jacobian_and_not_its_transpose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
