/* theory_checks/rounding.h -- random points of E, faulty risks for controls, and what rounding explains of a gradient
 *
 *   budget(A) = 64 u S + 16 u C + 16 max_k |P (F(A_k) - F(A))| + angle |grad R^aug(A)|,    u = 2^-53
 *   S = sum_i weight_i |grad l_i(A)|,    C = sum_i weight_i max_k |grad l_i(moved by t xi_k) - grad l_i| / t
 *
 * The first term bounds the rounding of the sum over samples.  The second is what rounding inside a sample does: a computed product w x (1 + delta),
 * |delta| <= u, is the exact one of a weight moved by u |w|, a computed sum that of its terms moved so, a rounded orbit point that of an x moved so, and an output
 * z (1 + delta) moves the residual z - y by u |z - y|, which S has, and u |y|, a move of the target.  So grad l_i is off as if weights and data were moved by
 * some u of their sizes each, to first order u |D grad l_i diag(A, x, y) delta|: however small grad l_i is, this grows with the arguments of the neurons.  The
 * norm for independent delta of deviation 1 is seen at Gaussian moves xi_k of all weights and data by t = sqrt(2 u), where the quotient has errors of order
 * sqrt(u) only (moves by an ulp change nothing at all where the sums round back); each sample by itself, for rounding errors do not cancel where
 * derivatives do; the samples of the orbit have the same answers on E.  16: as often as scatter may be exceeded.
 * The third measures what is left: A_k are copies of A moved by about one unit in the last place, which changes every rounding error on the way and
 * nothing else, so that errors show as scatter while a true leak shows in all of them alike.  angle: by how much E and N may be turned against what they stand for,
 * fs_basis_angle.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_CHECK_ROUNDING_H
#define FS_CHECK_ROUNDING_H

#include "check.h"

/* Unit roundoff, how many of them a sum may lose, how often the scatter may be exceeded, and the copies (moves) that show it. */
#define FS_ROUNDOFF 0x1p-53
enum { FS_ROUNDING_TERMS = 64, FS_ROUNDING_SCATTER = 16, FS_ROUNDING_COPIES = 3 };

/* x (dim E): the index-th random point of E, the model's start law times scale. */
fs_status fs_point_of_E(fs_check_context *c, size_t index, double scale, double *x, fs_err *err);

/* A (n_par): the index-th random point of H, Gaussian entries of deviation 1 / sqrt(fan-in). */
fs_status fs_point_of_H(fs_check_context *c, size_t index, double *A, fs_err *err);

/* moved (n): every entry of A goes to one of its two neighbours among the doubles, at random; zeros stay. */
void fs_move_one_ulp(gsl_rng *rng, size_t n, const double *A, double *moved);

/* sum_i weight_i |grad l_i(A)| over the nominal samples (those of the orbit have the same norms on E); A natural order. */
fs_status fs_sum_of_terms(fs_check_context *c, const double *A, double *sum, fs_err *err);

/* 16 u sum_i weight_i c_i, c_i the answer of the block Q_E^T Hess l_i Q_N: the largest |Q_E^T (Hess l_i(moved by t xi) - Hess l_i) v| / t, v random in N.
 * |v|^2 = columns: with dim N the mean square over v is that of the whole block in the Frobenius norm, with fewer that of as many random unit vectors.  dim N > 0. */
fs_status fs_block_rounding(fs_check_context *c, const double *A, size_t columns, double *inside, fs_err *err);

/* What rounding may have turned the bases of E and N by: 0 for exact orbits; (dim L + 16) u / gap for null spaces, gap the smallest singular value of the
 * constraints that counts as nonzero, at most 1. */
double fs_basis_angle(const fs_basis *basis);

/* Budgets at state x of E for the parts of grad R^aug: along E, across it (N), both (L); terms = 64 u S, inside = 16 u C; natural-order gradient in grad (n_par) when not NULL. */
typedef struct { double terms, inside, scatter_E, scatter_N, turned, E, N, L; } fs_rounding;
fs_status fs_gradient_rounding(fs_check_context *c, const double *x, fs_rounding *out, double *grad, fs_err *err);

/* The augmented risk with the measure (1 - beta) mu + beta delta_e in place of the model's mu: on E, Pi_N grad R^nu = beta Pi_N grad R exactly. */
fs_status fs_biased_risk(fs_check_context *c, double beta, fs_risk **out, fs_err *err);

/* How many rounds of so many augmented gradients each, from `least` to `most`, some 1e11 operations pay for. */
size_t fs_affordable_rounds(const fs_check_context *c, double gradients, size_t least, size_t most);

/* The larger and the smaller of the two; NaN when either is. */
double fs_larger(double a, double b);
double fs_smaller(double a, double b);

/* Is the value, which is to be divided by, at least `times` its budget and not 0? */
int fs_counts(double value, double times, double budget);

/* (measured + error) / bound, the share that is taken of a bound: at most 1 where it is kept.  For a bound of 0 or less the sum less the bound where it is kept (0 / 0
 * is 0), else +infinity.  NaN when nothing is known: one of them is NaN, or the bound is infinite. */
double fs_share(double measured, double error, double bound);

/* Of several measurements with bounds of their own the one with the largest share, of several infinite ones the one that exceeds most; NaN is the worst, and
 * stays.  Starts as { 0 }: nothing measured. */
typedef struct { size_t count; double measured, error, bound; } fs_worst;
/* 1 when the new one is the worst so far. */
int fs_worst_add(fs_worst *w, double measured, double error, double bound);
/* The same without an error. */
int fs_worst_keep(fs_worst *w, double measured, double bound);
/* Adds unless the measurement tells nothing: it is within a bound that exceeds `telling`.  Returns whether it was added. */
int fs_worst_add_telling(fs_worst *w, double measured, double error, double bound, double telling);
/* To the finding; nothing measured leaves it as it is. */
void fs_worst_report(const fs_worst *w, fs_finding *found);

/* Mean and half the range of what should be one number.  Starts as { 0 }. */
typedef struct { size_t count; double sum, least, most; } fs_range;
void fs_range_add(fs_range *r, double value);
/* Nothing where nothing was added. */
void fs_range_quantity(const fs_range *r, fs_finding *found, const char *name);

#endif
