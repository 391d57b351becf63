/* theory_checks/closed_forms.c -- exact constants, thresholds and solutions of ten small families of models, one a row
 *
 *   |value - exact| + error <= accuracy max(1, |exact|)
 *
 * Where exact has no formula it was computed apart from the library: roots with 30 digits, thresholds of starts by bisection of a long-double
 * Runge-Kutta integration with two step lengths, digits that agree.  Accuracies are what the instruments promise: 1e-9 for flows at rtol 1e-12
 * over times up to 1e4, 1e-12 and less for eigenvalues, the width of a bracket for thresholds of starts.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "closed_forms.h"

#include "closed_form_measures.h"

#include <math.h>
#include <stdio.h>

#define HALF_ROOT 0.70710678118654752
#define PI 3.14159265358979324
/* the two weights with the coordinate u along E, v across it */
#define UV(u, v) HALF_ROOT * ((u) + (v)), HALF_ROOT * ((u) - (v))
/* minimum on E of the tanh neuron: tanh(sqrt2 u) = 0.2 */
#define U_02 0.14335356373890981
/* minimum on E of the third turns: w_0 + w_0^2 = 1 */
#define GOLDEN 0.61803398874989485

#define BOUNDED "data.x=[[0.35355339059327379, 0.35355339059327379], [0.35355339059327379, -0.35355339059327379]]", \
                "layers=[{dense: {out: 1}}, {sin: {}}, {polynomial: {coefficients: [0, 0, 2]}}]"

const fs_closed_form fs_closed_forms[] = {
    /* R^aug = (1 - cos(sqrt2 u) cos(sqrt2 v)) / 4 */
    { "CF1", "gamma_gen", "toy_sine", { 0 }, 0.31830988618379067, "1 / pi", 1e-8, fs_measure_gamma_gen, { UV(2.2, 2.2), 4.0 } },
    { "CF1", "gamma_all", "toy_sine", { 0 }, 0.5, "1 / 2", 1e-8, fs_measure_gamma_all, { UV(2.2, 2.2), 4.0 } },
    { "CF1", "c", "toy_sine", { 0 }, -0.5, "-1 / 2", 1e-12, fs_measure_lowest_curvature, { 0.0, PI } },
    { "CF1", "C", "toy_sine", { 0 }, 0.35355339059327376, "sqrt(2) / 4", 1e-9, fs_measure_third, { 0.0, 0.0, 1.5 } },
    { "CF1", "sup R^aug", "toy_sine", { 0 }, 0.5, "1 / 2", 1e-12, fs_measure_largest_risk, { 0.0, PI } },
    { "CF1", "gamma_c at the sink", "toy_sine", { 0 }, -0.5, "-1 / 2", 1e-12, fs_measure_gamma_critical, { 1 } },
    { "CF1", "sink |Y|, gamma 0.2", "toy_sine", { 0 }, 1.5028459971923003, "z / sqrt(2), sin z / z = 2 gamma", 1e-9, fs_measure_rest_distance, { UV(2.2, 1.6), 0.2 } },
    { "CF1", "w_1(4), gamma 0", "toy_sine", { 0 }, 0.11350141511445021, "atan(tan 0.7 e^-2)", 1e-9, fs_measure_flow_weight, { 0.7, 1.1, 0.0, 4.0 } },
    { "CF1", "w_2(4), gamma 0", "toy_sine", { 0 }, 0.25988770613942644, "atan(tan 1.1 e^-2)", 1e-9, fs_measure_flow_weight, { 1.1, 0.7, 0.0, 4.0 } },
    { "CF1", "tube bound, delta 1.3", "toy_sine", { 0 }, 0.5, "1 / 2 for every delta", 1e-9, fs_measure_tube, { UV(PI * HALF_ROOT, 1.3) } },
    { "CF1", "Bernoulli, delta 0.1", "toy_sine", { 0 }, 0.53535533905932738, "1 / 2 + sqrt(2) / 4 delta", 1e-9, fs_measure_bernoulli, { UV(PI * HALF_ROOT, 0), 0.1, 1.5 } },
    { "CF1", "Bernoulli, delta 1", "toy_sine", { 0 }, 0.85355339059327376, "1 / 2 + sqrt(2) / 4 delta", 1e-9, fs_measure_bernoulli, { UV(PI * HALF_ROOT, 0), 1, 1.5 } },
    { "CF1", "Bernoulli, delta 10", "toy_sine", { 0 }, 4.0355339059327376, "1 / 2 + sqrt(2) / 4 delta", 1e-9, fs_measure_bernoulli, { UV(PI * HALF_ROOT, 0), 10, 1.5 } },
    { "CF1", "paper, delta 0.1", "toy_sine", { 0 }, 0.87879997540649698, "gamma - 1/2 = C sqrt(delta^2 + 1 / gamma)", 1e-9, fs_measure_paper, { UV(PI * HALF_ROOT, 0), 0.1, 1.5 } },
    { "CF1", "paper, delta 0.5", "toy_sine", { 0 }, 0.91052773686348572, "the same", 1e-9, fs_measure_paper, { UV(PI * HALF_ROOT, 0), 0.5, 1.5 } },
    { "CF1", "paper, delta 1", "toy_sine", { 0 }, 1.0, "1", 1e-9, fs_measure_paper, { UV(PI * HALF_ROOT, 0), 1, 1.5 } },
    { "CF1", "paper, delta 2", "toy_sine", { 0 }, 1.2734091384420410, "the same", 1e-9, fs_measure_paper, { UV(PI * HALF_ROOT, 0), 2, 1.5 } },
    { "CF1", "paper, delta 5", "toy_sine", { 0 }, 2.2831848156027769, "the same", 1e-9, fs_measure_paper, { UV(PI * HALF_ROOT, 0), 5, 1.5 } },
    { "CF1", "paper, delta 10", "toy_sine", { 0 }, 4.0399069629872517, "the same", 1e-9, fs_measure_paper, { UV(PI * HALF_ROOT, 0), 10, 1.5 } },
    { "CF1", "R^aug(1, 2), beta 0.3", "toy_sine", { "measure=[0.65, 0.35]" }, 0.37481767776447668, "(1 - cos 3 cos 1) / 4 - beta / 4 sin 3 sin 1", 1e-12, fs_measure_risk, { 1, 2 } },

    /* R^aug = (u^4 + 6 u^2 v^2 + v^4) / 8 - (u^2 + v^2) / 2 + 1/2 */
    { "CF2", "gamma_gen", "toy_quartic", { 0 }, 0.66666666666666667, "2 / 3", 1e-8, fs_measure_gamma_gen, { UV(0.5, 1), 4.0 } },
    { "CF2", "gamma_all", "toy_quartic", { 0 }, 1.0, "1", 1e-8, fs_measure_gamma_all, { UV(0.5, 1), 4.0 } },
    { "CF2", "gamma_c at the minimum", "toy_quartic", { 0 }, -2.0, "-2", 1e-12, fs_measure_gamma_critical, { 1 } },
    { "CF2", "H_N(0)", "toy_quartic", { 0 }, -1.0, "-1", 1e-12, fs_measure_eigenvalue, { 0 } },
    { "CF2", "gamma* of (1, 1.2)", "toy_quartic", { 0 }, 0.22737325695, "separatrix, by integration", 2e-6, fs_measure_gamma_of_start, { UV(1, 1.2), 1e-6 } },
    { "CF2", "gamma* of (0.5, 1)", "toy_quartic", { 0 }, 0.51260702335, "the same", 2e-6, fs_measure_gamma_of_start, { UV(0.5, 1), 1e-6 } },
    { "CF2", "gamma* of (0.5, 1.4)", "toy_quartic", { 0 }, 0.63953400722, "the same", 2e-6, fs_measure_gamma_of_start, { UV(0.5, 1.4), 1e-6 } },
    { "CF2", "gamma* of (1, 2)", "toy_quartic", { 0 }, 0.63823887527, "the same", 2e-6, fs_measure_gamma_of_start, { UV(1, 2), 1e-6 } },
    { "CF2", "gamma* of (0.1, 1)", "toy_quartic", { 0 }, 0.66252594048, "the same", 2e-6, fs_measure_gamma_of_start, { UV(0.1, 1), 1e-6 } },
    { "CF2", "w_1(4), gamma 0", "toy_quartic", { 0 }, 0.99830835225834574, "logistic", 1e-9, fs_measure_flow_weight, { 0.3, -1.7, 0.0, 4.0 } },
    { "CF2", "u(2.5) on E", "toy_quartic", { 0 }, 1.3624140106853809, "sqrt(2 / (1 + kappa e^-2t))", 1e-9, fs_measure_flow_along, { UV(0.4, 0), 0.0, 2.5 } },
    { "CF2", "transverse exponent, gamma 0", "toy_quartic", { 0 }, -1.0542956576027564, "1 - gamma + 3/2 log((1 + kappa) / (e^2t + kappa)) / t", 1e-9, fs_measure_exponent, { UV(0.4, 0), 0.0, 4.0 } },
    { "CF2", "transverse exponent, gamma 0.7", "toy_quartic", { 0 }, -1.7542956576027564, "the same", 1e-9, fs_measure_exponent, { UV(0.4, 0), 0.7, 4.0 } },
    { "CF2", "sink off E, gamma 0.3", "toy_quartic", { 0 }, 1.1832159566199232, "sqrt(2 (1 - gamma))", 1e-9, fs_measure_rest_distance, { UV(0.1, 1), 0.3 } },
    { "CF2", "saddle off E, gamma 0.8", "toy_quartic", { 0 }, 0.63245553203367587, "sqrt(2 (1 - gamma))", 1e-9, fs_measure_zero_distance, { UV(0, 0.6), 0.8 } },
    { "CF2", "mixed saddle |X|, gamma 0.3", "toy_quartic", { 0 }, 0.52440442408507576, "sqrt(2 - 3 gamma) / 2", 1e-9, fs_measure_zero_along, { UV(0.5, 0.8), 0.3 } },
    { "CF2", "mixed saddle |Y|, gamma 0.3", "toy_quartic", { 0 }, 0.75828754440515511, "sqrt(2 + gamma) / 2", 1e-9, fs_measure_zero_distance, { UV(0.5, 0.8), 0.3 } },

    /* R^aug = ((u^2 - y1)^2 + (v^2 - y2)^2) / 4 */
    { "CF3", "gamma_c", "pitchfork", { 0 }, 1.0, "y2", 1e-12, fs_measure_gamma_critical, { 1 } },
    { "CF3", "gamma_c, y2 = 1.9", "pitchfork", { "data.targets=[[0.7], [1.9]]" }, 1.9, "y2", 1e-12, fs_measure_gamma_critical, { 1 } },
    { "CF3", "gamma_all", "pitchfork", { 0 }, 1.0, "y2", 1e-8, fs_measure_gamma_all, { UV(0.5, 0.1), 4.0 } },
    { "CF3", "rate, gamma 1.5", "pitchfork", { 0 }, 0.50000000449503516, "gamma - y2 up to v_0^2, logistic", 1e-7, fs_measure_flow_rate, { UV(0.9, 1e-3), 1.5, 8.0 } },
    { "CF3", "v(4), gamma 0.5", "pitchfork", { 0 }, 0.67933343231145201, "logistic", 1e-9, fs_measure_flow_distance, { UV(0.9, 0.3), 0.5, 4.0 } },
    { "CF3", "v(1e4), gamma 1", "pitchfork", { 0 }, 0.0070691044443940959, "v_0 / sqrt(1 + 2 v_0^2 t)", 1e-9, fs_measure_flow_distance, { UV(0.9, 0.3), 1.0, 1e4 } },
    { "CF3", "attractor off E, gamma 0.75", "pitchfork", { 0 }, 0.5, "sqrt(y2 - gamma)", 1e-9, fs_measure_rest_distance, { UV(0.9, 0.3), 0.75 } },
    { "CF3", "bounded: gamma_c", "pitchfork", { BOUNDED }, 0.5, "1 / 2", 1e-12, fs_measure_gamma_critical, { 1 } },
    { "CF3", "bounded: gamma_all", "pitchfork", { BOUNDED }, 0.5, "1 / 2", 1e-8, fs_measure_gamma_all, { UV(1.5, 0.4), 4.0 } },
    { "CF3", "bounded: C", "pitchfork", { BOUNDED }, 0.5, "1 / 2", 1e-9, fs_measure_third, { UV(1.5, 0), 1.0 } },

    /* W_N' = -(Sigma_G + gamma) W_N, Sigma_G with eigenvalues 1, 1/2, 0, 1/2 */
    { "CF4", "rate 1 of 12", "cyclic_linear", { 0 }, 1.0, "gamma", 1e-12, fs_measure_eigenvalue, { 0, 0, 0, 1 } },
    { "CF4", "rate 3 of 12", "cyclic_linear", { 0 }, 1.0, "gamma", 1e-12, fs_measure_eigenvalue, { 0, 0, 2, 1 } },
    { "CF4", "rate 4 of 12", "cyclic_linear", { 0 }, 1.5, "gamma + 1/2", 1e-12, fs_measure_eigenvalue, { 0, 0, 3, 1 } },
    { "CF4", "rate 9 of 12", "cyclic_linear", { 0 }, 1.5, "gamma + 1/2", 1e-12, fs_measure_eigenvalue, { 0, 0, 8, 1 } },
    { "CF4", "rate 10 of 12", "cyclic_linear", { 0 }, 2.0, "gamma + 1", 1e-12, fs_measure_eigenvalue, { 0, 0, 9, 1 } },
    { "CF4", "rate 12 of 12", "cyclic_linear", { 0 }, 2.0, "gamma + 1", 1e-12, fs_measure_eigenvalue, { 0, 0, 11, 1 } },
    { "CF4", "slowest exponent, gamma 0.3", "cyclic_linear", { 0 }, -0.3, "-gamma", 1e-9, fs_measure_exponent, { 0, 0, 0.3, 5.0 } },
    { "CF4", "all rates for x = e_1", "cyclic_linear", { "data={source: inline, x: [[1, 0, 0, 0]], targets: [[0.3, -0.2, 0.7, 0.1]]}" }, 1.25, "gamma + 1/4", 1e-12,
      fs_measure_eigenvalue, { 0, 0, 0, 1 } },
    { "CF4", "the last of them", "cyclic_linear", { "data={source: inline, x: [[1, 0, 0, 0]], targets: [[0.3, -0.2, 0.7, 0.1]]}" }, 1.25, "gamma + 1/4", 1e-12,
      fs_measure_eigenvalue, { 0, 0, 11, 1 } },
    { "CF4", "leak, loss (1, 3)", "cyclic_linear",
      { "group=C2", "data={source: inline, x: [[1, 0]], targets: [[0.3, -0.2]]}", "loss={squared: {weights: [1, 3]}}" }, 0.5, "|1 - omega| / (1 + omega)", 1e-12,
      fs_measure_leak, { 1 } },

    /* S = (q p^2 - 1)^2 / 2 + gamma p^2 / 2; weights (p, q) */
    { "CF5", "H_N, q = 0.7", "wrong_rep", { 0 }, -1.4, "-2 q", 1e-12, fs_measure_eigenvalue, { 0, 0.7 } },
    { "CF5", "H_N, q = -3", "wrong_rep", { 0 }, 6.0, "-2 q", 1e-12, fs_measure_eigenvalue, { 0, -3 } },
    { "CF5", "p^2 - 2 q^2, gamma 0", "wrong_rep", { 0 }, 1.37, "conserved", 1e-8, fs_measure_quadric, { 1.3, -0.4, -2, 4 } },
    { "CF5", "|p|(40), gamma 0", "wrong_rep", { 0 }, 1.3839207722322354, "q p^2 = 1 on p^2 - 2 q^2 = 1.37", 1e-8, fs_measure_flow_distance, { 1.3, -0.4, 0, 40 } },
    { "CF5", "q(1e4), gamma 0.5", "wrong_rep", { 0 }, 19.446412384574333, "from (1, 1), by integration; (3 gamma t / 2)^(1/3) to leading order", 1e-8, fs_measure_flow_along,
      { 1, 1, 0.5, 1e4 } },
    { "CF5", "|p|(1e4), gamma 0.5", "wrong_rep", { 0 }, 0.22530490048560550, "the same; q p^2 -> 1", 1e-8, fs_measure_flow_distance, { 1, 1, 0.5, 1e4 } },
    { "CF5", "separatrix p, q = 0.2, gamma 1", "wrong_rep", { 0 }, 0.43666073, "by integration to t = 1e5", 1e-7, fs_measure_edge_of_basin, { 0.2, 1.0, 0.43, 0.44 } },

    /* |B A - 1|^2 / 2 */
    { "CF6", "lowest of H_N(0)", "missing_irreps", { 0 }, -1.0, "-sigma_max", 1e-12, fs_measure_eigenvalue, { 0, 0, 0 } },
    { "CF6", "highest of H_N(0)", "missing_irreps", { 0 }, 1.0, "sigma_max", 1e-12, fs_measure_eigenvalue, { 0, 0, 3 } },
    { "CF6", "gamma_c, balanced", "missing_irreps", { 0 }, -1.0, "-sigma_max at a = (1, 0)", 1e-12, fs_measure_eigenvalue, { 1, 0, 0 } },
    { "CF6", "soft threshold |Y|, gamma 0.3", "missing_irreps", { 0 }, 1.1832159566199232, "sqrt(2 (1 - gamma))", 1e-8, fs_measure_rest_distance, { 1, 0.4, 0.3 } },
    { "CF6", "|Y|(2.5), gamma 0.3", "missing_irreps", { 0 }, 1.1271708268756107, "logistic", 1e-9, fs_measure_flow_distance, { 1, 0.4, 0.3, 2.5 } },

    /* H_N = v v^T - diag(a_j tanh''(b_j)) */
    { "CF7", "lowest of H_N", "tanh_mlp", { 0 }, -0.74246637596493973, "v v^T - diag(a_j tanh''(b_j))", 1e-12, fs_measure_fitted_eigenvalue, { 0 } },
    { "CF7", "highest of H_N", "tanh_mlp", { 0 }, -0.11738101482868483, "the same", 1e-12, fs_measure_fitted_eigenvalue, { 1 } },

    /* s = |w|^2 is logistic */
    { "CF8", "SO2: gamma_c", "rotations_so2", { 0 }, 1.0, "2 y r^2 / d", 1e-12, fs_measure_gamma_critical, { 1 } },
    { "CF8", "SO2: |w|, gamma 0.5", "rotations_so2", { 0 }, 0.81649658092772603, "sqrt(4 m / 3)", 1e-8, fs_measure_rest_distance, { 0.1, 0.2, 0.5 } },
    { "CF8", "SO2: |w|(2.5), gamma 0.4", "rotations_so2", { 0 }, 0.85766772150089623, "logistic", 1e-9, fs_measure_flow_distance, { 0.2, -0.5, 0.4, 2.5 } },
    { "CF8", "SO2: three nodes are exact", "rotations_so2", { "measure={nodes: 3}" }, 0.1875, "(3 / 8 - 1 + 1) / 2", 1e-12, fs_measure_risk, { 1, 0 } },
    { "CF8", "C4: R^aug(1, 0)", "rotations_so2", { "measure={subgroup: C4}" }, 0.25, "3 / 16 + cos(4 phi) / 16", 1e-12, fs_measure_risk, { 1, 0 } },
    { "CF8", "C4: R^aug on the diagonal", "rotations_so2", { "measure={subgroup: C4}" }, 0.125, "3 / 16 + cos(4 phi) / 16", 1e-12, fs_measure_risk, { HALF_ROOT, HALF_ROOT } },
    { "CF8", "SO3: gamma_c", "rotations_so3", { 0 }, 0.66666666666666667, "2 y r^2 / d", 1e-12, fs_measure_gamma_critical, { 1 } },
    { "CF8", "SO3: |w|, gamma 0.4", "rotations_so3", { 0 }, 0.81649658092772603, "sqrt(5 m / 2)", 1e-8, fs_measure_rest_distance, { 0.1, 0.2, 0.4 } },
    { "CF8", "SO3: |w|(2.5), gamma 0.4", "rotations_so3", { 0 }, 0.70472182018503726, "logistic", 1e-9, fs_measure_flow_distance, { 0.2, -0.5, 0.4, 2.5 } },
    { "CF8", "icosahedron is exact", "rotations_so3", { "measure={subgroup: icosahedral}" }, 0.26666666666666667, "(1 / 5 - 2 / 3 + 1) / 2", 1e-12, fs_measure_risk, { 1, 0 } },
    { "CF8", "octahedron is not", "rotations_so3", { "measure={subgroup: octahedral}" }, 0.33333333333333333, "1 / 6 - 1 / 3 + 1 / 2", 1e-12, fs_measure_risk, { 1, 0 } },

    /* R^aug = ... + (1 - rho^2 / 2 + rho^3 cos(3 phi) / 2 + 3 rho^4 / 8) / 2 */
    { "CF9", "gamma_c", "c3_transcritical", { 0 }, 0.5, "1 / 2", 1e-12, fs_measure_gamma_critical, { 1 } },
    { "CF9", "fold", "c3_transcritical", { 0 }, 0.6875, "11 / 16", 1e-8, fs_measure_gamma_gen, { GOLDEN, -1, 4.0 } },
    { "CF9", "gamma*, delta 0.1", "c3_transcritical", { 0 }, 0.5675, "1/2 + 3/4 delta (1 - delta)", 5e-5, fs_measure_gamma_of_start, { GOLDEN, -0.1, 2e-5 } },
    { "CF9", "gamma*, delta 0.2", "c3_transcritical", { 0 }, 0.62, "the same", 5e-5, fs_measure_gamma_of_start, { GOLDEN, -0.2, 2e-5 } },
    { "CF9", "gamma*, delta 0.5", "c3_transcritical", { 0 }, 0.6875, "the same; 11 / 16 beyond", 5e-4, fs_measure_gamma_of_start, { GOLDEN, -0.5, 1e-4 } },
    { "CF9", "gamma*, delta 1", "c3_transcritical", { 0 }, 0.6875, "11 / 16", 5e-4, fs_measure_gamma_of_start, { GOLDEN, -1, 1e-4 } },
    { "CF9", "C, delta 0.5", "c3_transcritical", { 0 }, 1.875, "3/4 + 9/4 delta", 1e-9, fs_measure_third, { GOLDEN, 0, 0.5 } },
    { "CF9", "tube, delta 0.1", "c3_transcritical", { 0 }, 0.5675, "gamma*", 1e-9, fs_measure_tube, { GOLDEN, -0.1 } },
    { "CF9", "tube, delta 0.2", "c3_transcritical", { 0 }, 0.62, "gamma*", 1e-9, fs_measure_tube, { GOLDEN, -0.2 } },
    { "CF9", "tube, delta 0.5", "c3_transcritical", { 0 }, 0.6875, "gamma*", 1e-9, fs_measure_tube, { GOLDEN, -0.5 } },
    { "CF9", "tube, delta 1", "c3_transcritical", { 0 }, 0.6875, "gamma*", 1e-9, fs_measure_tube, { GOLDEN, -1 } },
    { "CF9", "ray, delta 0.1", "c3_transcritical", { 0 }, 0.6275, "1/2 + 3/2 delta - 9/4 delta^2", 1e-9, fs_measure_tube_ray, { GOLDEN, -0.1 } },
    { "CF9", "ray, delta 0.2", "c3_transcritical", { 0 }, 0.71, "the same", 1e-9, fs_measure_tube_ray, { GOLDEN, -0.2 } },
    { "CF9", "ray, delta 0.5", "c3_transcritical", { 0 }, 0.75, "3 / 4 from 1/3 on", 1e-9, fs_measure_tube_ray, { GOLDEN, -0.5 } },
    { "CF9", "ray, delta 1", "c3_transcritical", { 0 }, 0.75, "3 / 4", 1e-9, fs_measure_tube_ray, { GOLDEN, -1 } },
    { "CF9", "lambda, delta 0.1", "c3_transcritical", { 0 }, 0.6425, "1/2 + 3/2 delta - 3/4 delta^2", 1e-9, fs_measure_tube_lambda, { GOLDEN, -0.1 } },
    { "CF9", "lambda, delta 0.2", "c3_transcritical", { 0 }, 0.77, "the same", 1e-9, fs_measure_tube_lambda, { GOLDEN, -0.2 } },
    { "CF9", "lambda, delta 0.5", "c3_transcritical", { 0 }, 1.0625, "the same", 1e-9, fs_measure_tube_lambda, { GOLDEN, -0.5 } },
    { "CF9", "lambda, delta 1", "c3_transcritical", { 0 }, 1.25, "5 / 4", 1e-9, fs_measure_tube_lambda, { GOLDEN, -1 } },
    { "CF9", "Bernoulli, delta 0.1", "c3_transcritical", { 0 }, 0.5975, "1/2 + (3/4 + 9/4 delta) delta", 1e-9, fs_measure_tube_bernoulli, { GOLDEN, -0.1 } },
    { "CF9", "Bernoulli, delta 0.2", "c3_transcritical", { 0 }, 0.74, "the same", 1e-9, fs_measure_tube_bernoulli, { GOLDEN, -0.2 } },
    { "CF9", "Bernoulli, delta 0.5", "c3_transcritical", { 0 }, 1.4375, "the same", 1e-9, fs_measure_tube_bernoulli, { GOLDEN, -0.5 } },
    { "CF9", "Bernoulli, delta 1", "c3_transcritical", { 0 }, 3.5, "the same", 1e-9, fs_measure_tube_bernoulli, { GOLDEN, -1 } },
    { "CF9", "paper, delta 0.1", "c3_transcritical", { 0 }, 2.1059177839335212, "gamma - 1/2 = (3/4 + 9/4 K) K, K^2 = delta^2 + 2 R_0 / gamma", 1e-6, fs_measure_tube_paper,
      { GOLDEN, -0.1 } },
    { "CF9", "paper, delta 0.2", "c3_transcritical", { 0 }, 2.1432607704845686, "the same", 1e-6, fs_measure_tube_paper, { GOLDEN, -0.2 } },
    { "CF9", "paper, delta 0.5", "c3_transcritical", { 0 }, 2.4188817388952182, "the same", 1e-6, fs_measure_tube_paper, { GOLDEN, -0.5 } },
    { "CF9", "paper, delta 1", "c3_transcritical", { 0 }, 3.7608540736215999, "the same", 1e-6, fs_measure_tube_paper, { GOLDEN, -1 } },

    /* tanh(w . x) on (1, 1) and (3, -1), t = 0.6: pitchfork, t = 0.2: bistable */
    { "CF10", "pitchfork: gamma_c", "tanh_swap_pitchfork", { 0 }, 1.31072, "d^2 (1 - t^2)^2 (3 t - 1)", 1e-12, fs_measure_gamma_critical, { 1 } },
    { "CF10", "pitchfork: gamma_all", "tanh_swap_pitchfork", { 0 }, 1.31072, "the same", 1e-8, fs_measure_gamma_all, { UV(0.5, 0.1), 4.0 } },
    { "CF10", "pitchfork: c", "tanh_swap_pitchfork", { 0 }, -1.5386163642199532, "d^2 (1 - t) (1 - T^2) (1 + T) (1 - 3 T), T = (3 + sqrt 33) / 12", 1e-12,
      fs_measure_lowest_curvature, { 0, 1.5 } },
    { "CF10", "bistable: H_N at the minimum", "tanh_swap", { 0 }, -1.47456, "-d^2 (1 - t^2)^2 (1 - 3 t)", 1e-12, fs_measure_gamma_critical, { 1 } },
    { "CF10", "bistable: c", "tanh_swap", { 0 }, -3.0772327284399064, "as for the pitchfork", 1e-12, fs_measure_lowest_curvature, { 0, 1.5 } },
    { "CF10", "bistable: fold", "tanh_swap", { 0 }, 0.53768679866379177, "grad S = 0, det Hess S = 0", 1e-8, fs_measure_gamma_gen, { UV(0.14, 1), 4.0 } },
    { "CF10", "attractor p, gamma 0.1", "tanh_swap_pitchfork", { 0 }, 0.92890805122346771, "by integration", 1e-9, fs_measure_rest_along, { UV(0.3, 1), 0.1 } },
    { "CF10", "attractor |q|, gamma 0.1", "tanh_swap_pitchfork", { 0 }, 0.70726746439480197, "the same", 1e-9, fs_measure_rest_distance, { UV(0.3, 1), 0.1 } },
    { "CF10", "attractor p, gamma 0.5", "tanh_swap_pitchfork", { 0 }, 0.67196032654249484, "the same", 1e-9, fs_measure_rest_along, { UV(0.3, 1), 0.5 } },
    { "CF10", "attractor |q|, gamma 0.5", "tanh_swap_pitchfork", { 0 }, 0.39311334488834661, "the same", 1e-9, fs_measure_rest_distance, { UV(0.3, 1), 0.5 } },
    { "CF10", "attractor p, gamma 1", "tanh_swap_pitchfork", { 0 }, 0.55099223399389911, "the same", 1e-9, fs_measure_rest_along, { UV(0.3, 1), 1 } },
    { "CF10", "attractor |q|, gamma 1", "tanh_swap_pitchfork", { 0 }, 0.20135428276467952, "the same", 1e-9, fs_measure_rest_distance, { UV(0.3, 1), 1 } },
    { "CF10", "bistable p, gamma 0.1", "tanh_swap", { 0 }, 0.84775455762702318, "the same", 1e-9, fs_measure_rest_along, { UV(0.3, 1), 0.1 } },
    { "CF10", "bistable |q|, gamma 0.1", "tanh_swap", { 0 }, 0.73918455599664835, "the same", 1e-9, fs_measure_rest_distance, { UV(0.3, 1), 0.1 } },
    { "CF10", "bistable |q|, gamma 0.5", "tanh_swap", { 0 }, 0.38432301792603843, "the same", 1e-9, fs_measure_rest_distance, { UV(0.3, 1), 0.5 } },
    { "CF10", "bistable saddle p, gamma 0.5", "tanh_swap", { 0 }, 0.38217139528559253, "grad S = 0", 1e-9, fs_measure_zero_along, { UV(0.38, 0.28), 0.5 } },
    { "CF10", "bistable saddle |q|, gamma 0.5", "tanh_swap", { 0 }, 0.28234590422694910, "the same", 1e-9, fs_measure_zero_distance, { UV(0.38, 0.28), 0.5 } },
    { "CF10", "gamma* at q_0 = 0.3", "tanh_swap", { 0 }, 0.10788068, "separatrix, by integration", 5e-5, fs_measure_gamma_of_start, { UV(U_02, 0.3), 1e-4 } },
    { "CF10", "gamma* at q_0 = 0.5", "tanh_swap", { 0 }, 0.51021912, "the same", 5e-5, fs_measure_gamma_of_start, { UV(U_02, 0.5), 5e-5 } },
    { "CF10", "nominal |q|, gamma 0.1", "tanh_swap_pitchfork", { 0 }, 0.78093656612887936, "by integration", 1e-9, fs_measure_nominal_distance, { UV(0.3, -1), 0.1 } },
    { "CF10", "nominal |q|, gamma 0.5", "tanh_swap_pitchfork", { 0 }, 0.50865340746727124, "the same", 1e-9, fs_measure_nominal_distance, { UV(0.3, -1), 0.5 } },
    { "CF10", "nominal |q|, gamma 1", "tanh_swap_pitchfork", { 0 }, 0.38842760602606711, "the same", 1e-9, fs_measure_nominal_distance, { UV(0.3, -1), 1 } },
    { "CF10", "nominal |q|, gamma 2", "tanh_swap_pitchfork", { 0 }, 0.26972237071469818, "the same", 1e-9, fs_measure_nominal_distance, { UV(0.3, -1), 2 } },
    { "CF10", "nominal |q|, gamma 4", "tanh_swap_pitchfork", { 0 }, 0.16226130536641706, "the same", 1e-9, fs_measure_nominal_distance, { UV(0.3, -1), 4 } },
    { 0 },
};

/* --- one row -------------------------------------------------------------------------- */

static fs_status load(const fs_closed_form *form, const char *folder, fs_problem **p, fs_err *err)
{
    char path[1024];
    size_t n = 0;
    while (n < sizeof form->set / sizeof *form->set && form->set[n]) n++;
    int length = snprintf(path, sizeof path, "%s/%s.yaml", folder, form->model);
    if (length < 0 || (size_t)length >= sizeof path) return fs_fail(err, FS_EINPUT, "expected a folder name of less than 1000 bytes, found %s", folder);
    return fs_problem_load(p, path, n, form->set, err);
}

static void fill_in(const fs_closed_form *form, double value, double error, fs_finding *found)
{
    double size = fabs(form->exact) > 1.0 ? fabs(form->exact) : 1.0;
    found->measured = fabs(value - form->exact);
    found->error = error;
    found->bound = form->accuracy * size;
    found->verdict = fs_verdict_judge(found->measured, found->error, found->bound);
    fs_check_quantity(found, value, error, "value");
    fs_check_quantity(found, form->exact, 0.0, "exact");
    snprintf(found->note, sizeof found->note, "%s on %s: %.15g, exactly %.15g = %s", form->name, form->model, value, form->exact, form->formula);
}

fs_status fs_closed_form_check(const fs_closed_form *form, const char *folder, fs_finding *found, fs_err *err)
{
    const double none = (double)NAN;
    double begin = fs_wall_seconds(), value = none, error = none;
    fs_problem *p = NULL;
    *found = (fs_finding){ .applies = 1, .verdict = FS_UNDECIDED, .control = { .measured = none, .predicted = none, .verdict = FS_UNDECIDED } };
    FS_TRY(load(form, folder, &p, err));
    fs_err inner = { 0 };
    fs_status status = form->measure(form, p, &value, &error, &inner);
    fs_problem_destroy(p);
    /* what could not be measured decides nothing */
    int failed = status == FS_ENAN || status == FS_ESOLVER;
    if (failed) value = error = none;
    else if (status != FS_OK) return fs_fail(err, status, "%s, %s: %s", form->form, form->name, inner.text);
    fill_in(form, value, error, found);
    if (failed) snprintf(found->note, sizeof found->note, "%s on %s: %.380s", form->name, form->model, inner.text);
    found->wall_s = fs_wall_seconds() - begin;
    return FS_OK;
}
