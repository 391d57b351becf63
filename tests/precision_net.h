/* tests/precision_net.h -- flows of two small models in the precision REAL: included once for each of several types
 *
 *   REAL       the type               TANH, SIN, COS     its functions            NAME(x)    x with the type's suffix
 *
 * The network: x in R^4 moved by cyclic shifts, 8 hidden tanh units (twice the regular representation), one invariant output, squared error; weights
 * A = (W (8, 4), v (8)) in natural order, where E is no coordinate subspace.  The sine toy: one sample (1, 0), target 0, sin(w . x), in coordinates turned by an
 * angle, so that E is none either.  The measure is (1 - beta) uniform + beta delta_e; beta = 1 is the nominal flow.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_TESTS_PRECISION_NET_H
#define FS_TESTS_PRECISION_NET_H

enum { SHIFTS = 4, HIDDEN = 8, WEIGHTS = HIDDEN * SHIFTS + HIDDEN, SAMPLES = 3, MOST = WEIGHTS };

static const double sample_x[SAMPLES][SHIFTS] = { { 1.0, 0.25, -0.5, 0.125 }, { -0.75, 0.5, 1.25, 0.375 }, { 0.125, -1.0, 0.5, 0.75 } };
static const double sample_y[SAMPLES] = { 1.0, -0.5, 0.25 };
static const double turn = 0.7;         /* of the sine toy's coordinates */

#endif

/* F = -grad of 1/2 sum_g nu(g) mean_i (Phi_A(g x_i) - y_i)^2 */
static void NAME(network_velocity)(const REAL *A, REAL beta, REAL *F)
{
    const REAL *W = A, *v = A + HIDDEN * SHIFTS;
    for (int k = 0; k < WEIGHTS; k++) F[k] = (REAL)0.0;
    for (int g = 0; g < SHIFTS; g++)
        for (int s = 0; s < SAMPLES; s++) {
            REAL weight = (((REAL)1.0 - beta) / (REAL)SHIFTS + (g == 0 ? beta : (REAL)0.0)) / (REAL)SAMPLES, x[SHIFTS], t[HIDDEN], error = -(REAL)sample_y[s];
            for (int i = 0; i < SHIFTS; i++) x[(i + g) % SHIFTS] = (REAL)sample_x[s][i];
            for (int h = 0; h < HIDDEN; h++) {
                REAL z = (REAL)0.0;
                for (int i = 0; i < SHIFTS; i++) z += W[h * SHIFTS + i] * x[i];
                t[h] = TANH(z);
                error += v[h] * t[h];
            }
            for (int h = 0; h < HIDDEN; h++) {
                REAL bar = weight * error * v[h] * ((REAL)1.0 - t[h] * t[h]);
                F[HIDDEN * SHIFTS + h] -= weight * error * t[h];
                for (int i = 0; i < SHIFTS; i++) F[h * SHIFTS + i] -= bar * x[i];
            }
        }
}

/* F = -grad of ((1 + beta) sin^2 w_1 + (1 - beta) sin^2 w_2) / 4, w = O A */
static void NAME(sine_velocity)(const REAL *A, REAL beta, REAL *F)
{
    REAL c = COS((REAL)turn), s = SIN((REAL)turn), w1 = c * A[0] - s * A[1], w2 = s * A[0] + c * A[1];
    REAL f1 = (REAL)-0.5 * ((REAL)1.0 + beta) * SIN(w1) * COS(w1), f2 = (REAL)-0.5 * ((REAL)1.0 - beta) * SIN(w2) * COS(w2);
    F[0] = c * f1 + s * f2;
    F[1] = c * f2 - s * f1;
}

/* Classical Runge-Kutta: A after `steps` steps of length h, in place. */
static void NAME(integrate)(void (*velocity)(const REAL *A, REAL beta, REAL *F), int n, REAL beta, double length, int steps, REAL *A)
{
    REAL h = (REAL)length, k[4][MOST], B[MOST];
    for (int step = 0; step < steps; step++) {
        velocity(A, beta, k[0]);
        for (int stage = 1; stage < 4; stage++) {
            for (int i = 0; i < n; i++) B[i] = A[i] + (stage == 3 ? h : (REAL)0.5 * h) * k[stage - 1][i];
            velocity(B, beta, k[stage]);
        }
        for (int i = 0; i < n; i++) A[i] += h / (REAL)6.0 * (k[0][i] + (REAL)2.0 * (k[1][i] + k[2][i]) + k[3][i]);
    }
}

/* |A - Pi_G A| of the network's weights; in long double, so that nothing but the path is rounded to REAL. */
static long double NAME(network_distance)(const REAL *A)
{
    long double sum = 0.0L;
    for (int k = 0; k < WEIGHTS; k++) {
        int row = k < HIDDEN * SHIFTS ? k / SHIFTS : k - HIDDEN * SHIFTS, block = row / SHIFTS * SHIFTS;
        long double mean = 0.0L;
        for (int g = 0; g < SHIFTS; g++) {
            int moved = block + (row + g) % SHIFTS;
            mean += (long double)(k < HIDDEN * SHIFTS ? A[moved * SHIFTS + (k + g) % SHIFTS] : A[HIDDEN * SHIFTS + moved]) / SHIFTS;
        }
        long double off = (long double)A[k] - mean;
        sum += off * off;
    }
    return sqrtl(sum);
}

/* |v| = |w_1 - w_2| / sqrt 2 */
static long double NAME(sine_distance)(const REAL *A)
{
    long double c = cosl((long double)(REAL)turn), s = sinl((long double)(REAL)turn);
    return fabsl((c - s) * (long double)A[0] - (s + c) * (long double)A[1]) / sqrtl(2.0L);
}

/* Start `index` exactly on E (the network), or on it up to the rounding of A (the sine toy); the distance from E at time h steps. */
static long double NAME(network_drift)(int index, double beta, double h, int steps)
{
    REAL A[WEIGHTS];
    for (int k = 0; k < WEIGHTS; k++) {
        int row = k < HIDDEN * SHIFTS ? k / SHIFTS : k - HIDDEN * SHIFTS, block = row / SHIFTS;
        int which = k < HIDDEN * SHIFTS ? 4 * block + (k % SHIFTS - row % SHIFTS + SHIFTS) % SHIFTS : 8 + block;
        A[k] = (REAL)(float)sin(1.0 + 3.7 * which + 11.3 * index);     /* the same number in every precision */
    }
    NAME(integrate)(NAME(network_velocity), WEIGHTS, (REAL)beta, h, steps, A);
    return NAME(network_distance)(A);
}

static long double NAME(sine_drift)(int index, double beta, double h, int steps)
{
    REAL u = (REAL)(0.3 + 0.2 * index), c = COS((REAL)turn), s = SIN((REAL)turn), A[2] = { (c + s) * u, (c - s) * u };
    NAME(integrate)(NAME(sine_velocity), 2, (REAL)beta, h, steps, A);
    return NAME(sine_distance)(A);
}
