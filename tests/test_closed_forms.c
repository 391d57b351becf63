/* tests/test_closed_forms.c -- models small enough for pen and paper: risks, gradients, Hessians, trajectories and thresholds
 *
 * Notation of the two-weight models under the swap: u = (w1 + w2) / sqrt 2 along E, v = (w1 - w2) / sqrt 2 across it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "flows.h"
#include "integrate/trajectory.h"
#include "jets.h"

#include <lapacke.h>

static const double half_root = 0.70710678118654752, root_2 = 1.4142135623730951, pi = 3.14159265358979324;

/* --- risks at one point ------------------------------------------------------------------------ */

static size_t weights_of(const fs_problem *p)
{
    return fs_net_parameters(fs_problem_net(p));
}

/* Value, gradient and Hessian (n, n) of R or R^aug; value and gradient may be NULL. */
static void measure(const fs_problem *p, int augmented, const double *A, double *value, double *gradient, double *hessian)
{
    const fs_risk *risk = fs_problem_risk(p, augmented);
    fs_risk_work *work = NULL;
    fs_err err = { 0 };
    double R, g[JET_MOST];
    assert_ok(fs_risk_work_create(&work, risk, 1, (size_t)1 << 20, &err), err);
    assert_int_equal(fs_risk_gradient(risk, A, value ? value : &R, gradient ? gradient : g, work), FS_OK);
    assert_int_equal(fs_risk_hessian(risk, A, hessian, work), FS_OK);
    fs_risk_work_destroy(work);
}

/* x^T H y */
static double form_of(size_t n, const double *H, const double *x, const double *y)
{
    double s = 0.0;
    for (size_t i = 0; i < n; i++) s += x[i] * dot_of(H + i * n, y, n);
    return s;
}

/* Eigenvalues, ascending, of Q^T Hess R^aug(A) Q with Q = Q_N (across) or Q_E; there are n. */
static void eigenvalues(const fs_problem *p, const double *A, int across, size_t n, double *eigenvalue)
{
    const fs_basis *b = fs_problem_basis(p);
    double H[JET_MOST * JET_MOST], block[JET_MOST * JET_MOST], w[JET_MOST] = { 0 }, q[JET_MOST][JET_MOST] = { { 0 } };
    assert_int_equal(n, across ? b->dim_N : b->dim_E);
    measure(p, 1, A, NULL, NULL, H);
    for (size_t i = 0; i < n; i++) {
        size_t at = across ? b->dim_E + i : i;
        w[at] = 1.0;
        fs_basis_expand(b, w, q[i]);
        w[at] = 0.0;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) block[i * n + j] = form_of(weights_of(p), H, q[i], q[j]);
    assert_int_equal(LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'N', 'U', (int)n, block, (int)n, eigenvalue), 0);
}

/* --- the closed forms; A are the weights in natural order, c constants of a row below ------------------ */

static jet along(const jet *A)
{
    return jet_sum(half_root, A[0], half_root, A[1]);
}

static jet across(const jet *A)
{
    return jet_sum(half_root, A[0], -half_root, A[1]);
}

/* (a - y)^2 */
static jet miss(jet a, double y)
{
    return jet_square(jet_shifted(a, -y));
}

/* (1 - cos(sqrt2 u) cos(sqrt2 v)) / 4, and for the measure (1 + beta, 1 - beta) / 2 besides beta / 4 sin(sqrt2 u) sin(sqrt2 v) */
static jet sine_augmented(const double *c, const jet *A)
{
    jet u = jet_scaled(root_2, along(A)), v = jet_scaled(root_2, across(A));
    return jet_sum(-0.25, jet_shifted(jet_product(jet_cos(u), jet_cos(v)), -1.0), 0.25 * c[0], jet_product(jet_sin(u), jet_sin(v)));
}

static jet sine_nominal(const double *c, const jet *A)
{
    (void)c;
    return jet_scaled(0.5, jet_square(jet_sin(A[0])));
}

/* (u^4 + 6 u^2 v^2 + v^4) / 8 - (u^2 + v^2) / 2 + 1/2 */
static jet quartic_augmented(const double *c, const jet *A)
{
    (void)c;
    jet uu = jet_square(along(A)), vv = jet_square(across(A));
    jet quartic = jet_plus(jet_plus(jet_square(uu), jet_square(vv)), jet_scaled(6.0, jet_product(uu, vv)));
    return jet_shifted(jet_sum(0.125, quartic, -0.5, jet_plus(uu, vv)), 0.5);
}

static jet quartic_nominal(const double *c, const jet *A)
{
    (void)c;
    return jet_scaled(0.5, miss(jet_square(A[0]), 1.0));
}

/* ((u^2 - y1)^2 + (v^2 - y2)^2) / 4 */
static jet pitchfork_either(const double *c, const jet *A)
{
    return jet_sum(0.25, miss(jet_square(along(A)), c[0]), 0.25, miss(jet_square(across(A)), c[1]));
}

/* the same with 1 - cos in place of the square: third derivatives across E are bounded by 1 */
static jet bounded_pitchfork_either(const double *c, const jet *A)
{
    jet u = jet_shifted(jet_scaled(-1.0, jet_cos(along(A))), 1.0), v = jet_shifted(jet_scaled(-1.0, jet_cos(across(A))), 1.0);
    return jet_sum(0.25, miss(u, c[0]), 0.25, miss(v, c[1]));
}

/* (q p^2 - 1)^2 / 2 */
static jet wrong_rep_either(const double *c, const jet *A)
{
    (void)c;
    return jet_scaled(0.5, miss(jet_product(A[1], jet_square(A[0])), 1.0));
}

/* entry (i, j) of B A - 1; A = weights 0-3, B = 4-7, both (2, 2) */
static jet product_less_one(const jet *A, size_t i, size_t j)
{
    jet s = jet_plus(jet_product(A[4 + 2 * i], A[j]), jet_product(A[5 + 2 * i], A[2 + j]));
    return jet_shifted(s, i == j ? -1.0 : 0.0);
}

/* |B A - 1|^2 / 2: the average of x x^T over the sign is the unit matrix */
static jet missing_augmented(const double *c, const jet *A)
{
    (void)c;
    jet s = jet_constant(0.0);
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 2; j++) s = jet_sum(1.0, s, 0.5, jet_square(product_less_one(A, i, j)));
    return s;
}

/* |(B A - 1) (1, 1)|^2 / 2 */
static jet missing_nominal(const double *c, const jet *A)
{
    (void)c;
    jet s = jet_constant(0.0);
    for (size_t i = 0; i < 2; i++)
        s = jet_sum(1.0, s, 0.5, jet_square(jet_plus(product_less_one(A, i, 0), product_less_one(A, i, 1))));
    return s;
}

/* sum_j a_j tanh(b_j + s (w_j1 - w_j2)) + c */
static jet tanh_mlp_output(const jet *A, double s)
{
    jet z = A[8];
    for (size_t j = 0; j < 2; j++) {
        jet pre = jet_sum(1.0, A[3 * j + 2], s, jet_sum(1.0, A[3 * j], -1.0, A[3 * j + 1]));
        z = jet_plus(z, jet_product(A[6 + j], jet_tanh(pre)));
    }
    return z;
}

static jet tanh_mlp_augmented(const double *c, const jet *A)
{
    (void)c;
    jet both = jet_plus(miss(tanh_mlp_output(A, 1.0), 1.0), miss(tanh_mlp_output(A, -1.0), 1.0));
    return jet_sum(0.125, both, 0.25, miss(tanh_mlp_output(A, 0.0), -1.0));
}

static jet tanh_mlp_nominal(const double *c, const jet *A)
{
    (void)c;
    return jet_sum(0.25, miss(tanh_mlp_output(A, 1.0), 1.0), 0.25, miss(tanh_mlp_output(A, 0.0), -1.0));
}

/* |w|^2 of d weights */
static jet norm2(const jet *A, size_t d)
{
    jet s = jet_constant(0.0);
    for (size_t i = 0; i < d; i++) s = jet_plus(s, jet_square(A[i]));
    return s;
}

/* (3 r^4 s^2 / (d (d + 2)) - 2 y r^2 s / d + y^2) / 2, s = |w|^2; c = d, r, y */
static jet rotations_augmented(const double *c, const jet *A)
{
    double d = c[0], rr = c[1] * c[1], y = c[2];
    jet s = norm2(A, (size_t)d);
    return jet_shifted(jet_sum(1.5 * rr * rr / (d * (d + 2.0)), jet_square(s), -y * rr / d, s), 0.5 * y * y);
}

/* (r^2 w1^2 - y)^2 / 2 */
static jet rotations_nominal(const double *c, const jet *A)
{
    return jet_scaled(0.5, miss(jet_scaled(c[1] * c[1], jet_square(A[0])), c[2]));
}

/* four nodes: + r^4 s^2 cos(4 phi) / 16 */
static jet quarter_turns_augmented(const double *c, const jet *A)
{
    double rr = c[1] * c[1];
    jet xx = jet_square(A[0]), yy = jet_square(A[1]);
    jet four = jet_sum(1.0, jet_square(jet_sum(1.0, xx, -1.0, yy)), -4.0, jet_product(xx, yy));
    return jet_sum(1.0, rotations_augmented(c, A), rr * rr / 16.0, four);
}

/* octahedron: the mean of w_i^4 in place of s^2 / 5 */
static jet octahedral_augmented(const double *c, const jet *A)
{
    double rr = c[1] * c[1], y = c[2];
    jet quartic = jet_plus(jet_plus(jet_square(jet_square(A[0])), jet_square(jet_square(A[1]))), jet_square(jet_square(A[2])));
    return jet_shifted(jet_sum(rr * rr / 6.0, quartic, -y * rr / 3.0, norm2(A, 3)), 0.5 * y * y);
}

/* (z + z^2 - 1)^2 / 2 */
static jet quadratic_unit(jet z)
{
    return jet_scaled(0.5, miss(jet_plus(z, jet_square(z)), 1.0));
}

/* (1 - rho^2 / 2 + rho^3 cos(3 phi) / 2 + 3 rho^4 / 8) / 2 across E, the unit of w0 along it */
static jet c3_augmented(const double *c, const jet *A)
{
    (void)c;
    jet xx = jet_square(A[1]), yy = jet_square(A[2]), s = jet_plus(xx, yy);
    jet cubic = jet_product(A[1], jet_sum(1.0, xx, -3.0, yy));
    jet N = jet_plus(jet_sum(-0.25, s, 0.25, cubic), jet_scaled(0.1875, jet_square(s)));
    return jet_plus(quadratic_unit(A[0]), jet_shifted(N, 0.5));
}

static jet c3_nominal(const double *c, const jet *A)
{
    (void)c;
    return jet_plus(quadratic_unit(A[0]), quadratic_unit(A[1]));
}

/* c = t, d; the sample (1, 1) sees p = u alone, (1 + d, 1 - d) sees u + d v */
static jet swap_risk(const double *c, const jet *A, double plus, double minus)
{
    jet u = along(A), v = across(A);
    jet R = jet_scaled(0.25 * (1.0 + c[0]), miss(jet_tanh(jet_scaled(root_2, u)), 1.0));
    jet there = miss(jet_tanh(jet_sum(root_2, u, root_2 * c[1], v)), -1.0);
    jet back = miss(jet_tanh(jet_sum(root_2, u, -root_2 * c[1], v)), -1.0);
    return jet_sum(1.0, R, 0.25 * (1.0 - c[0]), jet_sum(plus, there, minus, back));
}

static jet swap_augmented(const double *c, const jet *A)
{
    return swap_risk(c, A, 0.5, 0.5);
}

static jet swap_nominal(const double *c, const jet *A)
{
    return swap_risk(c, A, 1.0, 0.0);
}

/* Every risk that is checked: the model, what is overridden, the formulas.  Random weights are drawn from [-box, box]; size bounds the
 * terms that are summed in the second derivatives there. */
static const struct row {
    const char *model, *set[3];
    double c[3];
    jet (*augmented)(const double *c, const jet *A), (*nominal)(const double *c, const jet *A);
    double box, size;
} rows[] = {
    { "toy_sine", { 0 }, { 0.0 }, sine_augmented, sine_nominal, 4.0, 2.0 },
    { "toy_sine", { "measure=[0.65, 0.35]" }, { 0.3 }, sine_augmented, sine_nominal, 4.0, 2.0 },
    { "toy_sine", { "measure=[1, 0]" }, { 1.0 }, sine_augmented, sine_nominal, 4.0, 2.0 },
    { "toy_quartic", { 0 }, { 0 }, quartic_augmented, quartic_nominal, 2.0, 50.0 },
    { "pitchfork", { 0 }, { 1.0, 1.0 }, pitchfork_either, pitchfork_either, 2.0, 50.0 },
    { "pitchfork", { "data.targets=[[0.7], [1.9]]" }, { 0.7, 1.9 }, pitchfork_either, pitchfork_either, 2.0, 50.0 },
    { "pitchfork", { "data.x=[[0.35355339059327379, 0.35355339059327379], [0.35355339059327379, -0.35355339059327379]]",
                     "layers=[{dense: {out: 1}}, {sin: {}}, {polynomial: {coefficients: [0, 0, 2]}}]" },
      { 1.0, 1.0 }, bounded_pitchfork_either, bounded_pitchfork_either, 3.0, 10.0 },
    { "wrong_rep", { 0 }, { 0 }, wrong_rep_either, wrong_rep_either, 1.5, 100.0 },
    { "missing_irreps", { 0 }, { 0 }, missing_augmented, missing_nominal, 2.0, 50.0 },
    { "tanh_mlp", { 0 }, { 0 }, tanh_mlp_augmented, tanh_mlp_nominal, 1.5, 50.0 },
    { "rotations_so2", { 0 }, { 2.0, 1.0, 1.0 }, rotations_augmented, rotations_nominal, 1.5, 50.0 },
    { "rotations_so2", { "data.x=[[1.2, 0]]", "data.targets=[[0.7]]" }, { 2.0, 1.2, 0.7 }, rotations_augmented, rotations_nominal, 1.5, 100.0 },
    { "rotations_so2", { "measure={nodes: 3}" }, { 2.0, 1.0, 1.0 }, rotations_augmented, rotations_nominal, 1.5, 50.0 },
    { "rotations_so2", { "measure={nodes: 5}" }, { 2.0, 1.0, 1.0 }, rotations_augmented, rotations_nominal, 1.5, 50.0 },
    { "rotations_so2", { "measure={degree: 9}" }, { 2.0, 1.0, 1.0 }, rotations_augmented, rotations_nominal, 1.5, 50.0 },
    { "rotations_so2", { "measure={nodes: 4}" }, { 2.0, 1.0, 1.0 }, quarter_turns_augmented, rotations_nominal, 1.5, 50.0 },
    { "rotations_so2", { "measure={subgroup: C4}", "data.x=[[1.2, 0]]", "data.targets=[[0.7]]" }, { 2.0, 1.2, 0.7 },
      quarter_turns_augmented, rotations_nominal, 1.5, 100.0 },
    { "rotations_so3", { 0 }, { 3.0, 1.0, 1.0 }, rotations_augmented, rotations_nominal, 1.5, 50.0 },
    { "rotations_so3", { "data.x=[[1.2, 0, 0]]", "data.targets=[[0.7]]" }, { 3.0, 1.2, 0.7 }, rotations_augmented, rotations_nominal, 1.5, 100.0 },
    { "rotations_so3", { "measure={degree: 7}" }, { 3.0, 1.0, 1.0 }, rotations_augmented, rotations_nominal, 1.5, 50.0 },
    { "rotations_so3", { "measure={subgroup: icosahedral}" }, { 3.0, 1.0, 1.0 }, rotations_augmented, rotations_nominal, 1.5, 50.0 },
    { "rotations_so3", { "measure={subgroup: octahedral}" }, { 3.0, 1.0, 1.0 }, octahedral_augmented, rotations_nominal, 1.5, 50.0 },
    { "rotations_so3", { "measure={subgroup: tetrahedral}" }, { 3.0, 1.0, 1.0 }, octahedral_augmented, rotations_nominal, 1.5, 50.0 },
    { "c3_transcritical", { 0 }, { 0 }, c3_augmented, c3_nominal, 1.5, 100.0 },
    { "tanh_swap", { 0 }, { 0.2, 2.0 }, swap_augmented, swap_nominal, 2.0, 20.0 },
    { "tanh_swap_pitchfork", { 0 }, { 0.6, 2.0 }, swap_augmented, swap_nominal, 2.0, 20.0 },
};
enum { ROWS = sizeof rows / sizeof *rows, POINTS = 20 };

static double in_box(gsl_rng *rng, double box)
{
    return box * (2.0 * gsl_rng_uniform(rng) - 1.0);
}

static void assert_jet(const fs_problem *p, int augmented, const double *A, const jet *J, double tol)
{
    size_t P = weights_of(p);
    double value, gradient[JET_MOST], hessian[JET_MOST * JET_MOST];
    measure(p, augmented, A, &value, gradient, hessian);
    assert_near(value, J->v, tol);
    for (size_t i = 0; i < P; i++) {
        assert_near(gradient[i], J->g[i], tol);
        for (size_t j = 0; j < P; j++) assert_near(hessian[i * P + j], J->h[i][j], tol);
    }
}

/* Some twenty roundings in each of the terms, in the program as in the formula. */
static double rounding(double size)
{
    return 32.0 * DBL_EPSILON * size;
}

static void risks_gradients_and_hessians_are_the_closed_forms(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng(__func__);
    for (size_t r = 0; r < ROWS; r++) {
        const struct row *row = &rows[r];
        fs_problem *p = load_model(row->model, row->set[0], row->set[1], row->set[2]);
        size_t P = weights_of(p);
        assert_true(P <= JET_MOST);
        for (size_t k = 0; k < POINTS; k++) {
            double A[JET_MOST];
            jet variable[JET_MOST], augmented, nominal;
            for (size_t i = 0; i < P; i++) {
                A[i] = k ? in_box(rng, row->box) : 0.0;
                variable[i] = jet_variable(i, A[i]);
            }
            augmented = row->augmented(row->c, variable);
            nominal = row->nominal(row->c, variable);
            assert_jet(p, 1, A, &augmented, rounding(row->size));
            assert_jet(p, 0, A, &nominal, rounding(row->size));
        }
        fs_problem_destroy(p);
    }
    gsl_rng_free(rng);
}

/* sum_j a_j tanh(W_j . x + b_j) + c: four hidden units, biases last in each row */
static jet tiny_output(const jet *A, double x0, double x1)
{
    jet z = A[16];
    for (size_t j = 0; j < 4; j++)
        z = jet_plus(z, jet_product(A[12 + j], jet_tanh(jet_plus(A[3 * j + 2], jet_sum(x0, A[3 * j], x1, A[3 * j + 1])))));
    return z;
}

static void risks_of_the_tiny_networks_average_over_the_swap(void **state)
{
    (void)state;
    const char *const name[] = { "tiny_mlp", "tiny_mlp_trivial" };
    gsl_rng *rng = law_rng(__func__);
    for (size_t m = 0; m < 2; m++) {
        fs_problem *p = load_model(name[m], NULL, NULL, NULL);
        const fs_dataset *d = fs_problem_data(p);
        assert_int_equal(weights_of(p), 17);
        for (size_t k = 0; k < 5; k++) {
            double A[17];
            jet variable[17], augmented = jet_constant(0.0), nominal = jet_constant(0.0);
            for (size_t i = 0; i < 17; i++) variable[i] = jet_variable(i, A[i] = in_box(rng, 1.5));
            for (size_t i = 0; i < d->n; i++) {
                const double *x = d->x + 2 * i;
                jet there = miss(tiny_output(variable, x[0], x[1]), d->y[i]), back = miss(tiny_output(variable, x[1], x[0]), d->y[i]);
                nominal = jet_sum(1.0, nominal, 0.5 * d->weight[i], there);
                augmented = jet_sum(1.0, augmented, 0.25 * d->weight[i], jet_plus(there, back));
            }
            assert_jet(p, 1, A, &augmented, rounding(100.0));
            assert_jet(p, 0, A, &nominal, rounding(100.0));
        }
        fs_problem_destroy(p);
    }
    gsl_rng_free(rng);
}

/* --- dimensions, and what the program says of the measure ----------------------------------------- */

static void dimensions_are_those_counted_by_hand(void **state)
{
    (void)state;
    static const struct { const char *name; size_t L, E; } models[] = {
        { "toy_sine", 2, 1 },      { "toy_quartic", 2, 1 },       { "pitchfork", 2, 1 },     { "wrong_rep", 2, 1 },
        { "missing_irreps", 8, 4 }, { "tanh_mlp", 9, 7 },         { "rotations_so2", 2, 0 }, { "rotations_so3", 3, 0 },
        { "c3_transcritical", 3, 1 }, { "tanh_swap", 2, 1 },      { "tanh_swap_pitchfork", 2, 1 },
        { "tiny_mlp", 17, 9 },     { "tiny_mlp_trivial", 17, 13 },
    };
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        fs_problem *p = load_model(models[i].name, NULL, NULL, NULL);
        const fs_hypotheses *h = fs_problem_hypotheses(p);
        assert_int_equal(dim_L(p), models[i].L);
        assert_int_equal(fs_problem_basis(p)->dim_E, models[i].E);
        assert_near(h->dim_E_character, (double)models[i].E, 1e-9);
        assert_int_equal(h->compatibility.verdict, FS_HOLDS);
        assert_int_equal(h->nonlinearity.verdict, FS_HOLDS);
        assert_int_equal(h->loss.verdict, FS_HOLDS);
        assert_int_equal(h->representation.verdict, FS_HOLDS);
        assert_int_equal(h->measure.verdict, FS_HOLDS);
        fs_problem_destroy(p);
    }
}

/* The risk of rotations_so2 has the frequencies 2 and 4, that of rotations_so3 the degrees 2 and 4. */
static void rules_that_miss_a_frequency_of_the_risk_are_not_haar(void **state)
{
    (void)state;
    static const struct { const char *name, *set; fs_verdict verdict; } rules[] = {
        { "rotations_so2", "measure={nodes: 3}", FS_HOLDS },           { "rotations_so2", "measure={nodes: 5}", FS_HOLDS },
        { "rotations_so2", "measure={nodes: 4}", FS_VIOLATED },        { "rotations_so2", "measure={nodes: 2}", FS_VIOLATED },
        { "rotations_so2", "measure={nodes: 1}", FS_VIOLATED },        { "rotations_so3", "measure={degree: 4}", FS_HOLDS },
        { "rotations_so3", "measure={subgroup: icosahedral}", FS_HOLDS },
        { "rotations_so3", "measure={subgroup: octahedral}", FS_VIOLATED },
        { "rotations_so3", "measure={subgroup: tetrahedral}", FS_VIOLATED },
        { "toy_sine", "measure=[0.65, 0.35]", FS_VIOLATED },           { "toy_sine", "measure=[0.5, 0.5]", FS_HOLDS },
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        fs_problem *p = load_model(rules[i].name, rules[i].set, NULL, NULL);
        if (fs_problem_hypotheses(p)->measure.verdict != rules[i].verdict) print_error("%s, %s\n", rules[i].name, rules[i].set);
        assert_int_equal(fs_problem_hypotheses(p)->measure.verdict, rules[i].verdict);
        fs_problem_destroy(p);
    }
}

/* --- Hessians on E ------------------------------------------------------------------------------------ */

/* One weight along E, one across, under the swap: at the point u of E the Hessian is diagonal. */
static void assert_hessian_on_line(const fs_problem *p, double u, double expected_along, double expected_across, double tol)
{
    double A[2] = { half_root * u, half_root * u }, H[4], e[2] = { half_root, half_root }, n[2] = { half_root, -half_root };
    measure(p, 1, A, NULL, NULL, H);
    assert_near(form_of(2, H, e, e), expected_along, tol);
    assert_near(form_of(2, H, n, n), expected_across, tol);
    assert_near(form_of(2, H, e, n), 0.0, tol);
}

static void curvatures_on_the_line_E_are_the_closed_forms(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng(__func__);
    fs_problem *sine = load_model("toy_sine", NULL, NULL, NULL), *quartic = load_model("toy_quartic", NULL, NULL, NULL);
    fs_problem *pitchfork = load_model("pitchfork", NULL, NULL, NULL);
    fs_problem *swaps[2] = { load_model("tanh_swap", NULL, NULL, NULL), load_model("tanh_swap_pitchfork", NULL, NULL, NULL) };
    const double t[2] = { 0.2, 0.6 };
    for (size_t k = 0; k < POINTS; k++) {
        double u = in_box(rng, 3.0), c = 0.5 * cos(root_2 * u), T = tanh(root_2 * u), D = (1.0 - T) * (1.0 + T);
        assert_hessian_on_line(sine, u, c, c, rounding(2.0));
        assert_hessian_on_line(quartic, u, 1.5 * u * u - 1.0, 1.5 * u * u - 1.0, rounding(50.0));
        assert_hessian_on_line(pitchfork, u, 3.0 * u * u - 1.0, -1.0, rounding(50.0));
        for (size_t m = 0; m < 2; m++) {    /* d^2 (1 - t) (1 - T^2) (1 + T) (1 - 3 T) with d = 2, least at T = (3 + sqrt 33) / 12 */
            double across_E = 4.0 * (1.0 - t[m]) * D * (1.0 + T) * (1.0 - 3.0 * T);
            assert_hessian_on_line(swaps[m], u, 2.0 * D * (D - 2.0 * T * (T - t[m])), across_E, rounding(20.0));
            assert_true(across_E >= -4.0 * (1.0 - t[m]) * 0.96163523);
        }
    }
    assert_hessian_on_line(sine, 0.0, 0.5, 0.5, rounding(2.0));
    assert_hessian_on_line(sine, pi / root_2, -0.5, -0.5, rounding(2.0));
    assert_hessian_on_line(quartic, 0.0, -1.0, -1.0, rounding(50.0));
    assert_hessian_on_line(quartic, root_2, 2.0, 2.0, rounding(50.0));
    assert_hessian_on_line(pitchfork, 1.0, 2.0, -1.0, rounding(50.0));
    /* minima on E: mu* = 2 (1 - t^2)^2, lambda* = d^2 (1 - t^2)^2 (1 - 3 t) */
    assert_hessian_on_line(swaps[0], atanh(0.2) * half_root, 1.8432, 1.47456, rounding(20.0));
    assert_hessian_on_line(swaps[1], atanh(0.6) * half_root, 0.8192, -1.31072, rounding(20.0));
    for (size_t m = 0; m < 2; m++) {
        double T = (3.0 + sqrt(33.0)) / 12.0, D = (1.0 - T) * (1.0 + T);
        assert_hessian_on_line(swaps[m], atanh(T) * half_root, 2.0 * D * (D - 2.0 * T * (T - t[m])), -4.0 * (1.0 - t[m]) * 0.96163522763746993,
                               rounding(20.0));
    }
    gsl_rng_free(rng);
    fs_problem_destroy(sine);
    fs_problem_destroy(quartic);
    fs_problem_destroy(pitchfork);
    fs_problem_destroy(swaps[0]);
    fs_problem_destroy(swaps[1]);
}

/* -2 q across E, nothing along it: no constant bounds it from below. */
static void wrong_representation_has_curvature_minus_2q(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng(__func__);
    fs_problem *p = load_model("wrong_rep", NULL, NULL, NULL);
    for (size_t k = 0; k < POINTS; k++) {
        double A[2] = { 0.0, in_box(rng, 100.0) }, e, n;
        eigenvalues(p, A, 0, 1, &e);
        eigenvalues(p, A, 1, 1, &n);
        assert_near(e, 0.0, 0.0);
        assert_near(n, -2.0 * A[1], rounding(fabs(A[1])));
    }
    gsl_rng_free(rng);
    fs_problem_destroy(p);
}

/* At A = B = 0 the singular value 1 of the missing part gives -1 and 1 for each hidden unit.  At the balanced minimum on E, where
 * B A = diag(1, 0), the hidden direction in use gives 0 and 2, the other -1 and 1: gamma_c = 1. */
static void missing_irreducible_costs_its_singular_value(void **state)
{
    (void)state;
    const double zero[8] = { 0 }, at_minimum[8] = { 0.8, 0, 0.6, 0, 0.8, 0.6, 0, 0 };
    const double at_zero[4] = { -1, -1, 1, 1 }, there[4] = { -1, 0, 1, 2 };
    fs_problem *p = load_model("missing_irreps", NULL, NULL, NULL);
    double e[4], gradient[8], hessian[64];
    eigenvalues(p, zero, 1, 4, e);
    for (size_t i = 0; i < 4; i++) assert_near(e[i], at_zero[i], rounding(10.0));
    measure(p, 1, at_minimum, NULL, gradient, hessian);
    assert_at_most(norm_of(gradient, 8), rounding(10.0));
    eigenvalues(p, at_minimum, 1, 4, e);
    for (size_t i = 0; i < 4; i++) assert_near(e[i], there[i], rounding(10.0));
    fs_problem_destroy(p);
}

/* v v^T + r diag(a_j tanh''(b_j)) with v_j = a_j tanh'(b_j), r = Phi(0) - 1 */
static void tanh_mlp_has_the_stated_transverse_hessian(void **state)
{
    (void)state;
    const double special[9] = { 0.37, 0.37, -0.8, -1.1, -1.1, 0.8, 1.0, -1.0, 2.0 * 0.66403677026784902 };
    gsl_rng *rng = law_rng(__func__);
    fs_problem *p = load_model("tanh_mlp", NULL, NULL, NULL);
    double e[2], along_E[7], gradient[9], hessian[81];
    size_t unstable = 0;
    for (size_t k = 0; k < 4 * POINTS; k++) {
        double A[9], a[2], v[2], r;
        for (size_t i = 0; i < 9; i++) A[i] = in_box(rng, 1.5);
        A[1] = A[0];
        A[4] = A[3];
        r = A[6] * tanh(A[2]) + A[7] * tanh(A[5]) + A[8] - 1.0;
        for (size_t j = 0; j < 2; j++) {
            double T = tanh(A[3 * j + 2]), D = 1.0 - T * T;
            v[j] = A[6 + j] * D;
            a[j] = r * A[6 + j] * (-2.0 * T * D);
        }
        measure(p, 1, A, NULL, NULL, hessian);
        for (size_t i = 0; i < 2; i++)
            for (size_t j = 0; j < 2; j++) {
                double x[9] = { 0 }, y[9] = { 0 };
                x[3 * i] = half_root, x[3 * i + 1] = -half_root;
                y[3 * j] = half_root, y[3 * j + 1] = -half_root;
                assert_near(form_of(9, hessian, x, y), v[i] * v[j] + (i == j ? a[i] : 0.0), rounding(50.0));
            }
        eigenvalues(p, A, 1, 2, e);
        if (a[0] < -1e-9 && a[1] < -1e-9) {     /* the rank-one part lifts one direction at most */
            assert_true(e[0] < 0.0);
            unstable++;
        }
    }
    assert_true(unstable >= 5);
    eigenvalues(p, special, 1, 2, e);
    assert_near(e[0], -0.7424663759649, 1e-13);
    assert_near(e[1], -0.1173810148287, 1e-13);
    /* a global minimum on E, one of many: the gradient vanishes, and the Hessian along E has one direction of steepness */
    measure(p, 1, special, NULL, gradient, hessian);
    assert_at_most(norm_of(gradient, 9), rounding(10.0));
    eigenvalues(p, special, 0, 7, along_E);
    for (size_t i = 0; i < 6; i++) assert_near(along_E[i], 0.0, rounding(50.0));
    assert_true(along_E[6] > 1.0);
    gsl_rng_free(rng);
    fs_problem_destroy(p);
}

/* The same for any data: hidden units see the sum s, x- = (x1 - x2) / sqrt 2, and with v_j = a_j tanh', r = Phi(s) - y at each sample
 * H_N = sum_i weight_i x-^2 (v v^T + r diag(a_j tanh'')). */
static void invariant_hidden_units_have_the_stated_transverse_hessian(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng(__func__);
    fs_problem *p = load_model("tiny_mlp_trivial", NULL, NULL, NULL);
    const fs_dataset *d = fs_problem_data(p);
    for (size_t k = 0; k < POINTS; k++) {
        double A[17], expected[4][4] = { { 0 } }, hessian[17 * 17];
        for (size_t i = 0; i < 17; i++) A[i] = in_box(rng, 1.5);
        for (size_t j = 0; j < 4; j++) A[3 * j + 1] = A[3 * j];
        for (size_t i = 0; i < d->n; i++) {
            double sum = d->x[2 * i] + d->x[2 * i + 1], difference = d->x[2 * i] - d->x[2 * i + 1], r = A[16] - d->y[i], v[4], bent[4];
            for (size_t j = 0; j < 4; j++) {
                double T = tanh(A[3 * j] * sum + A[3 * j + 2]), D = 1.0 - T * T;
                r += A[12 + j] * T;
                v[j] = A[12 + j] * D;
                bent[j] = -2.0 * T * v[j];
            }
            for (size_t j = 0; j < 4; j++)
                for (size_t l = 0; l < 4; l++)
                    expected[j][l] += 0.5 * d->weight[i] * difference * difference * (v[j] * v[l] + (j == l ? r * bent[j] : 0.0));
        }
        measure(p, 1, A, NULL, NULL, hessian);
        for (size_t j = 0; j < 4; j++)
            for (size_t l = 0; l < 4; l++) {
                double x[17] = { 0 }, y[17] = { 0 };
                x[3 * j] = half_root, x[3 * j + 1] = -half_root;
                y[3 * l] = half_root, y[3 * l + 1] = -half_root;
                assert_near(form_of(17, hessian, x, y), expected[j][l], rounding(100.0));
            }
    }
    gsl_rng_free(rng);
    fs_problem_destroy(p);
}

/* -2 y r^2 / d for rotations in d dimensions, -1/2 for third turns: gamma_c is 1, 2/3, 1/2. */
static void curvature_at_zero_gives_the_critical_gamma(void **state)
{
    (void)state;
    static const struct { const char *name, *a, *b; size_t n; double lambda; } models[] = {
        { "rotations_so2", NULL, NULL, 2, -1.0 },
        { "rotations_so3", NULL, NULL, 3, -2.0 / 3.0 },
        { "rotations_so2", "data.x=[[1.2, 0]]", "data.targets=[[0.7]]", 2, -0.7 * 1.44 },
        { "rotations_so3", "data.x=[[0, 1.2, 0]]", "data.targets=[[0.7]]", 3, -2.0 * 0.7 * 1.44 / 3.0 },
        { "c3_transcritical", NULL, NULL, 2, -0.5 },
    };
    for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
        const double zero[3] = { 0 };
        double e[3];
        fs_problem *p = load_model(models[m].name, models[m].a, models[m].b, NULL);
        eigenvalues(p, zero, 1, models[m].n, e);
        for (size_t i = 0; i < models[m].n; i++) assert_near(e[i], models[m].lambda, rounding(10.0));
        fs_problem_destroy(p);
    }
}

/* --- trajectories ------------------------------------------------------------------------------------- */

static const struct { fs_method method; fs_solver solver; } solvers[] = {
    { FS_METHOD_BDF, FS_SOLVER_KRYLOV }, { FS_METHOD_BDF, FS_SOLVER_DENSE }, { FS_METHOD_ADAMS, FS_SOLVER_AUTO },
};
enum { SOLVERS = sizeof solvers / sizeof *solvers, DENSE = 1 };
static const double rtol = 1e-11;

/* The flow from the weights A0 (for the equivariant flow: of E), weights kept at the times. */
static fs_trajectory *follow(const fs_problem *p, fs_flow_kind kind, double gamma, const double *A0, size_t n_times, const double *times,
                             size_t solver)
{
    fs_flow *f = make_flow(p, kind, gamma);
    fs_trajectory *T = NULL;
    fs_err err = { 0 };
    double w[JET_MOST];
    assert_ok(fs_problem_state_of_weights(p, A0, w, &err), err);
    fs_integrate_options o = { .t_end = times[n_times - 1], .rtol = rtol, .atol = 1e-2 * rtol, .method = solvers[solver].method,
                               .solver = solvers[solver].solver, .n_times = n_times, .times = times, .keep_weights = 1 };
    assert_ok(fs_trajectory_compute(&T, f, w, &o, &err), err);
    if (T->code != FS_OK) print_error("%s\n", T->status);
    assert_int_equal(T->code, FS_OK);
    assert_int_equal(T->n_rows, n_times);
    fs_flow_destroy(f);
    return T;
}

/* Every step adds an error of the order of the tolerances, relative to weights of this size; the flow does not amplify errors by more
 * than `growth`. */
static double budget(const fs_trajectory *T, double size, double growth)
{
    return (rtol * size + 1e-2 * rtol + T->atol_N) * (double)T->steps * growth;
}

/* s' = 2 s (m - s) */
static double logistic(double s, double m, double t)
{
    return fabs(m) < 1e-300 ? s / (1.0 + 2.0 * s * t) : m / (1.0 + (m / s - 1.0) * exp(-2.0 * m * t));
}

static double u_of(const double *A)
{
    return half_root * (A[0] + A[1]);
}

static double v_of(const double *A)
{
    return half_root * (A[0] - A[1]);
}

/* From (u, v); the weights at time t. */
static void flow_on_plane(const fs_problem *p, fs_flow_kind kind, double gamma, double u, double v, double t, double end[2])
{
    const double A[2] = { half_root * (u + v), half_root * (u - v) };
    fs_trajectory *T = follow(p, kind, gamma, A, 1, &t, DENSE);
    end[0] = u_of(T->weights);
    end[1] = v_of(T->weights);
    fs_trajectory_destroy(T);
}

static const double times[] = { 0.25, 1.0, 2.5, 4.0 };
enum { TIMES = sizeof times / sizeof *times };

/* gamma = 0: tan w_i(t) = tan w_i(0) exp(-t / 2) */
static void sine_flow_follows_the_tangent_law(void **state)
{
    (void)state;
    const double A[2] = { 0.7, 1.1 };
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    for (size_t s = 0; s < SOLVERS; s++) {
        fs_trajectory *T = follow(p, FS_FLOW_AUGMENTED, 0.0, A, TIMES, times, s);
        for (size_t k = 0; k < TIMES; k++)
            for (size_t i = 0; i < 2; i++)
                assert_near(T->weights[2 * k + i], atan(tan(A[i]) * exp(-0.5 * times[k])), budget(T, 1.1, 2.0));
        fs_trajectory_destroy(T);
    }
    fs_problem_destroy(p);
}

/* The attractor off E at sqrt2 u = pi, sin z = 2 gamma z with z = sqrt2 v, is stable while cos z < 0: gamma < 1/pi.
 * Afterwards almost every start ends on E. */
static void sine_toy_has_an_attractor_off_E_up_to_1_over_pi(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    double end[2];
    flow_on_plane(p, FS_FLOW_AUGMENTED, 0.2, 2.2, 1.6, 200.0, end);
    assert_near(end[0], pi / root_2, 1e-9);
    assert_near(end[1], 1.502845997192300, 1e-9);
    flow_on_plane(p, FS_FLOW_AUGMENTED, 1.0 / pi - 0.005, 2.2, 1.2, 2000.0, end);
    assert_true(fabs(end[1]) > 1.0);
    flow_on_plane(p, FS_FLOW_AUGMENTED, 1.0 / pi + 0.005, 2.2, 1.2, 2000.0, end);
    assert_at_most(fabs(end[1]), 1e-9);
    /* eigenvalues -cos(z)/2 along and sin(z)/(2 z) - cos(z)/2 across at the equilibrium for gamma = sin z / (2 z) */
    for (double z = 1.0; z < 2.2; z += 0.1) {
        const double A[2] = { 0.5 * (pi + z), 0.5 * (pi - z) }, e[2] = { half_root, half_root }, n[2] = { half_root, -half_root };
        double gradient[2], H[4], gamma = 0.5 * sin(z) / z, v = z * half_root;
        measure(p, 1, A, NULL, gradient, H);
        assert_near(half_root * (gradient[0] + gradient[1]), 0.0, rounding(2.0));
        assert_near(half_root * (gradient[0] - gradient[1]) + gamma * v, 0.0, rounding(2.0));
        assert_near(form_of(2, H, e, e), -0.5 * cos(z), rounding(2.0));
        assert_true((form_of(2, H, e, e) > 0.0 && form_of(2, H, n, n) + gamma > 0.0) == (gamma < 1.0 / pi));
    }
    fs_problem_destroy(p);
}

/* gamma = 0: w_i^2(t) is logistic for each weight */
static void quartic_flow_is_logistic_in_each_weight(void **state)
{
    (void)state;
    const double A[2] = { 0.3, -1.7 };
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    for (size_t s = 0; s < SOLVERS; s++) {
        fs_trajectory *T = follow(p, FS_FLOW_AUGMENTED, 0.0, A, TIMES, times, s);
        for (size_t k = 0; k < TIMES; k++)
            for (size_t i = 0; i < 2; i++)     /* errors grow by exp(t) until the weight is near 1, then shrink: less than 1 / 0.3 */
                assert_near(T->weights[2 * k + i], copysign(sqrt(logistic(A[i] * A[i], 1.0, times[k])), A[i]), budget(T, 1.7, 4.0));
        fs_trajectory_destroy(T);
    }
    fs_problem_destroy(p);
}

/* On E u^2 = 2 / (1 + kappa exp(-2 t)) with kappa = 2 / u0^2 - 1; close to E
 * v = v0 exp((1 - gamma) t) ((1 + kappa) / (exp(2 t) + kappa))^(3/2). */
static void quartic_flow_beside_E_follows_its_linearisation(void **state)
{
    (void)state;
    const double u0 = 0.4, v0 = 1e-4, kappa = 2.0 / (u0 * u0) - 1.0;
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    for (size_t s = 0; s < SOLVERS; s++)
        for (int g = 0; g < 3; g++) {
            const double gamma = 0.7 * g, A[2] = { half_root * (u0 + v0), half_root * (u0 - v0) };
            fs_trajectory *T = follow(p, FS_FLOW_AUGMENTED, gamma, A, TIMES, times, s);
            for (size_t k = 0; k < TIMES; k++) {
                double t = times[k], V = exp((1.0 - gamma) * t) * pow((1.0 + kappa) / (exp(2.0 * t) + kappa), 1.5);
                const double *B = T->weights + 2 * k;
                /* of order v0^2 come the terms that the linearisation leaves out; v / v0 also carries the errors of u, through its rate */
                assert_near(u_of(B), sqrt(2.0 / (1.0 + kappa * exp(-2.0 * t))), budget(T, root_2, 4.0) + 10.0 * v0 * v0);
                assert_near(v_of(B) / v0, V, budget(T, 1.0, 4.0) * V + 4.0 * (double)T->steps * T->atol_N / v0 + 10.0 * v0 * v0);
            }
            fs_trajectory_destroy(T);
        }
    fs_problem_destroy(p);
}

/* Does the augmented flow from (u, v) end on E? */
static int comes_home(const fs_problem *p, double gamma, double u, double v, double t)
{
    double end[2];
    flow_on_plane(p, FS_FLOW_AUGMENTED, gamma, u, v, t, end);
    return fabs(end[1]) < 1e-2;
}

/* The least gamma that brings a start home, by its distance and place. */
static void quartic_starts_come_home_from_their_own_gamma_on(void **state)
{
    (void)state;
    static const struct { double u, v, gamma; } starts[] = {
        { 1.0, 1.2, 0.22737325 }, { 0.5, 1.0, 0.51260703 }, { 0.5, 1.4, 0.63953401 }, { 1.0, 2.0, 0.63823887 }, { 0.1, 1.0, 0.66252557 },
    };
    fs_problem *p = load_model("toy_quartic", NULL, NULL, NULL);
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        assert_false(comes_home(p, starts[i].gamma - 1e-6, starts[i].u, starts[i].v, 1e4));
        assert_true(comes_home(p, starts[i].gamma + 1e-6, starts[i].u, starts[i].v, 1e4));
    }
    /* on u = 0, which no start with u != 0 reaches, v^2 tends to 2 (1 - gamma) up to gamma = 1 */
    double end[2];
    flow_on_plane(p, FS_FLOW_AUGMENTED, 0.8, 0.0, 1.0, 50.0, end);
    assert_near(end[0], 0.0, 0.0);
    assert_near(end[1], sqrt(0.4), 1e-9);
    assert_false(comes_home(p, 0.99, 0.0, 1.0, 2000.0));
    assert_true(comes_home(p, 1.01, 0.0, 1.0, 2000.0));
    fs_problem_destroy(p);
}

/* v^2 is logistic with m = y2 - gamma; at gamma = y2 it falls like 1 / (2 t). */
static void pitchfork_flow_is_logistic_across_E(void **state)
{
    (void)state;
    static const double gamma[] = { 0.0, 0.5, 1.0, 1.5 };
    const double A[2] = { 1.05, 0.35 }, u = u_of(A), v = v_of(A);
    fs_problem *p = load_model("pitchfork", NULL, NULL, NULL);
    for (size_t s = 0; s < SOLVERS; s++)
        for (size_t g = 0; g < 4; g++) {
            fs_trajectory *T = follow(p, FS_FLOW_AUGMENTED, gamma[g], A, TIMES, times, s);
            for (size_t k = 0; k < TIMES; k++) {
                assert_near(v_of(T->weights + 2 * k), sqrt(logistic(v * v, 1.0 - gamma[g], times[k])), budget(T, 1.0, 2.0));
                assert_near(u_of(T->weights + 2 * k), sqrt(logistic(u * u, 1.0, times[k])), budget(T, 1.0, 2.0));
            }
            fs_trajectory_destroy(T);
        }
    const double late = 1e4, expected = v / sqrt(1.0 + 2.0 * v * v * late);
    fs_trajectory *T = follow(p, FS_FLOW_AUGMENTED, 1.0, A, 1, &late, DENSE);
    assert_near(v_of(T->weights) / expected, 1.0, budget(T, 1.0, 2.0) * 100.0);     /* errors are relative to weights 100 times as large */
    fs_trajectory_destroy(T);
    fs_problem_destroy(p);
}

/* p^2 - 2 q^2 is conserved at gamma = 0. */
static void wrong_representation_conserves_a_quadric(void **state)
{
    (void)state;
    const double A[2] = { 1.3, -0.4 };
    fs_problem *p = load_model("wrong_rep", NULL, NULL, NULL);
    for (size_t s = 0; s < SOLVERS; s++) {
        fs_trajectory *T = follow(p, FS_FLOW_AUGMENTED, 0.0, A, TIMES, times, s);
        for (size_t k = 0; k < TIMES; k++) {
            const double *B = T->weights + 2 * k;
            assert_near(B[0] * B[0] - 2.0 * B[1] * B[1], 1.69 - 0.32, budget(T, 10.0, 1.0));
        }
        assert_true(fabs(T->weights[2 * (TIMES - 1) + 1] - A[1]) > 0.5);
        fs_trajectory_destroy(T);
    }
    fs_problem_destroy(p);
}

/* I = (q - gamma/2)^2 - p^2 / 2 obeys I' = gamma q p^4: conserved up to the fourth order in p.  To leading order
 * p = p0 exp(-(gamma - 2 q0) t), and I moves by gamma q0 p0^4 / (4 (gamma - 2 q0)). */
static void wrong_representation_has_a_truncated_invariant(void **state)
{
    (void)state;
    const double gamma = 1.0, q0 = 0.2, p0 = 0.05, late = 60.0;
    const double A[2] = { p0, q0 }, moved = gamma * q0 * pow(p0, 4) / (4.0 * (gamma - 2.0 * q0));
    fs_problem *p = load_model("wrong_rep", NULL, NULL, NULL);
    fs_trajectory *T = follow(p, FS_FLOW_AUGMENTED, gamma, A, 1, &late, DENSE);
    double before = pow(q0 - 0.5, 2) - 0.5 * p0 * p0, after = pow(T->weights[1] - 0.5, 2) - 0.5 * T->weights[0] * T->weights[0];
    /* corrections are of relative order p0^2 / (gamma - 2 q0)^2 */
    assert_near((after - before) / moved, 1.0, 10.0 * p0 * p0 / 0.36 + budget(T, 1.0, 1.0) / moved);
    fs_trajectory_destroy(T);
    fs_problem_destroy(p);
}

/* gamma = 1, q = 0.2: below p = 0.43666 the flow ends on E, beyond it climbs along q p^2 = 1 without ever reaching E; in the end
 * q^3 = 3 gamma t / 2. */
static void wrong_representation_escapes_beyond_a_separatrix(void **state)
{
    (void)state;
    const double late = 1e4, below[2] = { 0.43665, 0.2 }, beyond[2] = { 0.43667, 0.2 }, far[2] = { 1.0, 1.0 };
    fs_problem *p = load_model("wrong_rep", NULL, NULL, NULL);
    fs_trajectory *T = follow(p, FS_FLOW_AUGMENTED, 1.0, below, 1, &late, DENSE);
    assert_at_most(fabs(T->weights[0]), 1e-9);
    assert_true(T->weights[1] < 0.5);
    fs_trajectory_destroy(T);
    T = follow(p, FS_FLOW_AUGMENTED, 1.0, beyond, 1, &late, DENSE);
    assert_true(T->weights[0] > 0.1 && T->weights[1] > 10.0);
    fs_trajectory_destroy(T);
    T = follow(p, FS_FLOW_AUGMENTED, 0.5, far, 1, &late, DENSE);
    double P = T->weights[0], Q = T->weights[1];
    assert_near(Q, 19.4464, 1e-4);
    /* on the way q p^2 - 1 = -gamma / (2 q) to leading order */
    assert_near((1.0 - Q * P * P) * 2.0 * Q / 0.5, 1.0, 2.0 / Q);
    fs_trajectory_destroy(T);
    fs_problem_destroy(p);
}

/* a = b = (1, 0) for the invariant part, alpha = beta = (0, s) for the sign part: s^2 is logistic with m = 1 - gamma, and
 * beta . alpha ends at max(1 - gamma, 0). */
static void linear_network_thresholds_its_singular_value_softly(void **state)
{
    (void)state;
    static const double gamma[] = { 0.0, 0.3, 1.0, 1.5 };
    const double s0 = 0.4, A[8] = { 1, 0, 0, s0, 1, 0, 0, s0 }, late = 100.0;
    fs_problem *p = load_model("missing_irreps", NULL, NULL, NULL);
    for (size_t s = 0; s < SOLVERS; s++)
        for (size_t g = 0; g < 4; g++) {
            fs_trajectory *T = follow(p, FS_FLOW_AUGMENTED, gamma[g], A, TIMES, times, s);
            for (size_t k = 0; k < TIMES; k++) {
                const double *B = T->weights + 8 * k;
                double s_t = sqrt(logistic(s0 * s0, 1.0 - gamma[g], times[k])), expected[8] = { 1, 0, 0, s_t, 1, 0, 0, s_t };
                for (size_t i = 0; i < 8; i++) assert_near(B[i], expected[i], budget(T, 1.0, 3.0));
            }
            fs_trajectory_destroy(T);
        }
    /* from anywhere */
    for (size_t g = 0; g < 4; g++) {
        if (g == 2) continue;           /* at gamma_c itself the approach is algebraic */
        const double start[8] = { 0.3, -0.8, 0.5, 0.4, -0.6, 0.9, 0.2, 0.7 };
        fs_trajectory *T = follow(p, FS_FLOW_AUGMENTED, gamma[g], start, 1, &late, DENSE);
        const double *B = T->weights;
        assert_near(B[4] * B[0] + B[5] * B[2], 1.0, 1e-8);
        assert_near(B[6] * B[1] + B[7] * B[3], gamma[g] < 1.0 ? 1.0 - gamma[g] : 0.0, 1e-8);
        assert_near(T->row[0].distance, gamma[g] < 1.0 && gamma[g] > 0.0 ? sqrt(2.0 * (1.0 - gamma[g])) : T->row[0].distance, 1e-8);
        fs_trajectory_destroy(T);
    }
    fs_problem_destroy(p);
}

/* k s is logistic with m = 2 y r^2 / d - gamma, k = 6 r^4 / (d (d + 2)); the direction of w stays. */
static void rotation_flow_is_logistic_in_the_squared_norm(void **state)
{
    (void)state;
    static const struct { const char *name, *a, *b; double d, r, y; } models[] = {
        { "rotations_so2", NULL, NULL, 2, 1, 1 },
        { "rotations_so2", "measure={nodes: 3}", NULL, 2, 1, 1 },
        { "rotations_so2", "data.x=[[1.2, 0]]", "data.targets=[[0.7]]", 2, 1.2, 0.7 },
        { "rotations_so3", NULL, NULL, 3, 1, 1 },
        { "rotations_so3", "measure={subgroup: icosahedral}", NULL, 3, 1, 1 },
    };
    static const double gamma[] = { 0.0, 0.4, 1.2 }, A[3] = { 0.2, -0.5, 0.3 };
    for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
        fs_problem *p = load_model(models[m].name, models[m].a, models[m].b, NULL);
        double d = models[m].d, rr = models[m].r * models[m].r, k = 6.0 * rr * rr / (d * (d + 2.0));
        size_t n = (size_t)d;
        double s0 = dot_of(A, A, n);
        for (size_t s = 0; s < SOLVERS; s++)
            for (size_t g = 0; g < 3; g++) {
                fs_trajectory *T = follow(p, FS_FLOW_AUGMENTED, gamma[g], A, TIMES, times, s);
                for (size_t j = 0; j < TIMES; j++) {
                    double s_t = logistic(k * s0, 2.0 * models[m].y * rr / d - gamma[g], times[j]) / k, scale = sqrt(s_t / s0);
                    for (size_t i = 0; i < n; i++) assert_near(T->weights[n * j + i], scale * A[i], budget(T, 1.0, 4.0));
                }
                fs_trajectory_destroy(T);
            }
        fs_problem_destroy(p);
    }
}

/* On the rays cos(3 phi) = -1: rho' = -a rho + 3/4 rho^2 - 3/4 rho^3 with a = gamma - 1/2, so H(rho(t)) = H(rho(0)) - 3/4 t, where
 * H' = 1 / (rho (rho - r) (rho - R)), r, R = (1 -+ sqrt(1 - 16 a / 3)) / 2; at a = 0 H' = 1 / (rho^2 (rho - 1)). */
static double ray_integral(double rho, double a)
{
    if (fabs(a) < 1e-300) return 1.0 / rho - log(rho / fabs(1.0 - rho));
    double root = sqrt(1.0 - 16.0 * a / 3.0), r = 0.5 * (1.0 - root), R = 0.5 * (1.0 + root);
    return log(rho) / (r * R) - log(fabs(rho - r)) / (r * root) + log(fabs(rho - R)) / (R * root);
}

static void third_turn_flow_on_its_rays_is_exact(void **state)
{
    (void)state;
    static const double gamma[] = { 0.0, 0.3, 0.5, 0.6, 0.65 }, start[] = { 0.05, 0.3, 1.6 };
    fs_problem *p = load_model("c3_transcritical", NULL, NULL, NULL);
    for (size_t s = 0; s < SOLVERS; s++)
        for (size_t g = 0; g < 5; g++)
            for (size_t i = 0; i < 3; i++)
                for (int ray = 0; ray < 3; ray++) {
                    double phi = pi * (1.0 + 2.0 * ray) / 3.0, a = gamma[g] - 0.5;
                    const double A[3] = { 0.4, start[i] * cos(phi), start[i] * sin(phi) };
                    fs_trajectory *T = follow(p, FS_FLOW_AUGMENTED, gamma[g], A, TIMES, times, s);
                    for (size_t k = 0; k < TIMES; k++) {
                        const double *B = T->weights + 3 * k;
                        double rho = B[1] * cos(phi) + B[2] * sin(phi), side = B[2] * cos(phi) - B[1] * sin(phi);
                        /* H is steep: its error is that of rho over the speed, which errors of rho also follow in time */
                        double speed = fabs(rho * (a - 0.75 * rho * (1.0 - rho)));
                        double slow = fabs(start[i] * (a - 0.75 * start[i] * (1.0 - start[i])));
                        assert_near(ray_integral(rho, a), ray_integral(start[i], a) - 0.75 * times[k],
                                    (budget(T, 2.0, 1.0) + rounding(100.0)) * (1.0 / speed + 1.0 / slow));
                        assert_near(side, 0.0, budget(T, 2.0, 2.0));
                    }
                    fs_trajectory_destroy(T);
                }
    fs_problem_destroy(p);
}

/* gamma*(delta) = 1/2 + 3/4 delta (1 - delta) for delta <= 1/2, 11/16 beyond; the worst starts are those on the rays. */
static void third_turn_starts_come_home_from_the_exact_gamma_on(void **state)
{
    (void)state;
    static const double delta[] = { 0.05, 0.1, 0.2, 0.4, 0.5, 1.0, 2.0 };
    const double late = 3000.0, margin = 1e-3;
    fs_problem *p = load_model("c3_transcritical", NULL, NULL, NULL);
    for (size_t i = 0; i < sizeof delta / sizeof *delta; i++) {
        double star = delta[i] < 0.5 ? 0.5 + 0.75 * delta[i] * (1.0 - delta[i]) : 0.6875;
        const double A[3] = { 0.4, -delta[i], 0.0 }, turned[3] = { 0.4, delta[i] * cos(2.9), delta[i] * sin(2.9) };
        fs_trajectory *T = follow(p, FS_FLOW_AUGMENTED, star - margin, A, 1, &late, DENSE);
        double a = star - margin - 0.5;
        assert_near(T->row[0].distance, 0.5 * (1.0 + sqrt(1.0 - 16.0 * a / 3.0)), 1e-8);
        fs_trajectory_destroy(T);
        T = follow(p, FS_FLOW_AUGMENTED, star + margin, A, 1, &late, DENSE);
        assert_at_most(T->row[0].distance, 1e-9);
        fs_trajectory_destroy(T);
        T = follow(p, FS_FLOW_AUGMENTED, star + margin, turned, 1, &late, DENSE);
        assert_at_most(T->row[0].distance, 1e-9);
        fs_trajectory_destroy(T);
    }
    fs_problem_destroy(p);
}

/* Attractors off E, to the digits printed. */
static void swap_network_has_attractors_off_E(void **state)
{
    (void)state;
    static const struct { int pitchfork; fs_flow_kind kind; double gamma, p, q; } attractors[] = {
        { 1, FS_FLOW_AUGMENTED, 0.1, 0.92891, 0.70727 }, { 1, FS_FLOW_AUGMENTED, 0.5, 0.67196, 0.39311 },
        { 1, FS_FLOW_AUGMENTED, 1.0, 0.55099, 0.20135 }, { 0, FS_FLOW_AUGMENTED, 0.1, 0.84775, 0.73918 },
        { 0, FS_FLOW_AUGMENTED, 0.5, 0.49535, 0.38432 }, { 1, FS_FLOW_NOMINAL, 0.1, 0.92533, -0.78094 },
        { 1, FS_FLOW_NOMINAL, 0.5, 0.68204, -0.50865 },  { 1, FS_FLOW_NOMINAL, 1.0, 0.58677, -0.38843 },
        { 1, FS_FLOW_NOMINAL, 2.0, 0.50796, -0.26972 },  { 1, FS_FLOW_NOMINAL, 4.0, 0.46098, -0.16226 },
    };
    fs_problem *swaps[2] = { load_model("tanh_swap", NULL, NULL, NULL), load_model("tanh_swap_pitchfork", NULL, NULL, NULL) };
    for (size_t i = 0; i < sizeof attractors / sizeof *attractors; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            int nominal = attractors[i].kind == FS_FLOW_NOMINAL;
            double end[2];
            flow_on_plane(swaps[attractors[i].pitchfork], attractors[i].kind, attractors[i].gamma, 0.3, sign, 500.0, end);
            assert_near(end[0], attractors[i].p, 6e-6);
            assert_near(nominal ? end[1] : sign * end[1], attractors[i].q, 6e-6);
        }
    /* gamma_c = 1.31072 */
    assert_false(comes_home(swaps[1], 1.30, atanh(0.6) * half_root, 0.01, 2000.0));
    assert_true(comes_home(swaps[1], 1.32, atanh(0.6) * half_root, 0.01, 2000.0));
    fs_problem_destroy(swaps[0]);
    fs_problem_destroy(swaps[1]);
}

/* From the minimum of E and distance q: at every gamma for q = 0.1, from 0.1079 on for 0.3, from 0.5102 on for 0.5, from the fold
 * 0.53770 on for 1 and more. */
static void swap_network_needs_more_gamma_farther_out(void **state)
{
    (void)state;
    static const struct { double q, gamma; } starts[] = { { 0.3, 0.10788 }, { 0.5, 0.51022 }, { 1.0, 0.53770 }, { 2.0, 0.53770 } };
    const double p0 = atanh(0.2) * half_root;
    fs_problem *p = load_model("tanh_swap", NULL, NULL, NULL);
    assert_true(comes_home(p, 0.0, p0, 0.1, 500.0));
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        assert_false(comes_home(p, starts[i].gamma - 5e-5, p0, starts[i].q, 1000.0));
        assert_true(comes_home(p, starts[i].gamma + 5e-5, p0, starts[i].q, 1000.0));
    }
    /* between E and the attractor, a saddle at gamma = 0.5 */
    double u = 0.3821714, v = 0.2823459, A[2] = { half_root * (u + v), half_root * (u - v) }, gradient[2], H[4];
    measure(p, 1, A, NULL, gradient, H);
    assert_near(half_root * (gradient[0] + gradient[1]), 0.0, 1e-6);
    assert_near(half_root * (gradient[0] - gradient[1]) + 0.5 * v, 0.0, 1e-6);
    /* determinant of the Hessian of S in the coordinates u, v */
    double e[2] = { half_root, half_root }, n[2] = { half_root, -half_root }, mixed = form_of(2, H, e, n);
    assert_true(form_of(2, H, e, e) * (form_of(2, H, n, n) + 0.5) - mixed * mixed < 0.0);
    fs_problem_destroy(p);
}

/* The equivariant network tells far from near.  Told that its hidden units are invariant it sees sums only, each of which occurs with
 * both targets: the risk is 1/2 at best, and E repels. */
static void hidden_representation_decides_about_the_stability_of_E(void **state)
{
    (void)state;
    static const char *const name[] = { "tiny_mlp", "tiny_mlp_trivial" };
    double risk[2], lambda[2];
    for (size_t m = 0; m < 2; m++) {
        fs_problem *p = load_model(name[m], NULL, NULL, NULL);
        fs_flow *f = make_flow(p, FS_FLOW_EQUIVARIANT, 0.0);
        double *w = start_of(p, 1, 0.0), e[8];
        fs_trajectory *T = NULL;
        fs_err err = { 0 };
        fs_integrate_options o = { .t_end = 1000.0, .rtol = 1e-8, .atol = 1e-10 };
        assert_ok(fs_trajectory_compute(&T, f, w, &o, &err), err);
        assert_int_equal(T->code, FS_OK);
        double A[17];
        fs_basis_expand_E(fs_problem_basis(p), T->w_end, A);
        eigenvalues(p, A, 1, fs_problem_basis(p)->dim_N, e);
        risk[m] = T->last.risk;
        lambda[m] = e[0];
        fs_trajectory_destroy(T);
        fs_flow_destroy(f);
        free(w);
        fs_problem_destroy(p);
    }
    printf("# risk on E %.2g and %.2g, least curvature across %.2g and %.2g\n", risk[0], risk[1], lambda[0], lambda[1]);
    assert_at_most(risk[0], 1e-3);
    assert_true(risk[1] >= 0.5 - rounding(1.0));
    assert_near(risk[1], 0.5, 1e-4);
    assert_true(lambda[0] > -0.01);
    assert_true(lambda[1] < -0.05);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(risks_gradients_and_hessians_are_the_closed_forms),
        cmocka_unit_test(risks_of_the_tiny_networks_average_over_the_swap),
        cmocka_unit_test(dimensions_are_those_counted_by_hand),
        cmocka_unit_test(rules_that_miss_a_frequency_of_the_risk_are_not_haar),
        cmocka_unit_test(curvatures_on_the_line_E_are_the_closed_forms),
        cmocka_unit_test(wrong_representation_has_curvature_minus_2q),
        cmocka_unit_test(missing_irreducible_costs_its_singular_value),
        cmocka_unit_test(tanh_mlp_has_the_stated_transverse_hessian),
        cmocka_unit_test(invariant_hidden_units_have_the_stated_transverse_hessian),
        cmocka_unit_test(curvature_at_zero_gives_the_critical_gamma),
        cmocka_unit_test(sine_flow_follows_the_tangent_law),
        cmocka_unit_test(sine_toy_has_an_attractor_off_E_up_to_1_over_pi),
        cmocka_unit_test(quartic_flow_is_logistic_in_each_weight),
        cmocka_unit_test(quartic_flow_beside_E_follows_its_linearisation),
        cmocka_unit_test(quartic_starts_come_home_from_their_own_gamma_on),
        cmocka_unit_test(pitchfork_flow_is_logistic_across_E),
        cmocka_unit_test(wrong_representation_conserves_a_quadric),
        cmocka_unit_test(wrong_representation_has_a_truncated_invariant),
        cmocka_unit_test(wrong_representation_escapes_beyond_a_separatrix),
        cmocka_unit_test(linear_network_thresholds_its_singular_value_softly),
        cmocka_unit_test(rotation_flow_is_logistic_in_the_squared_norm),
        cmocka_unit_test(third_turn_flow_on_its_rays_is_exact),
        cmocka_unit_test(third_turn_starts_come_home_from_the_exact_gamma_on),
        cmocka_unit_test(swap_network_has_attractors_off_E),
        cmocka_unit_test(swap_network_needs_more_gamma_farther_out),
        cmocka_unit_test(hidden_representation_decides_about_the_stability_of_E),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
