/* problem/measure.h -- does the augmentation average as Haar measure does?                                    [H5]
 *
 *   R^aug(A) = sum_g mu(g) R(rho(g) A) = int R(rho(g) A) dg
 *
 *   enumerated groups             mu(g) = 1 / |G| for every g
 *   elements drawn at random      no
 *   continuous, polynomial risk   g -> l(Phi_A(g x), g y) contains irreducibles of finitely many degrees l, known from the layers' powers:
 *                                 products of l_1, l_2 contain |l_1 - l_2|, l_1 + l_2 for SO(2), all from |l_1 - l_2| to l_1 + l_2 for SO(3)
 *                                 (of one vector: every second);
 *                                 exact iff nu_l = sum_g mu(g) rho_l(g) = 0 for each of them but 0
 *   continuous, other risks       grad R^aug does not change when the rule is doubled, at three points as far from E as the model starts
 *
 * For SO(2) and O(2) |nu_l| is the spectral norm.  For SO(3) and O(3) it is (2 l + 1) rms_(u, v) of sum_g mu(g) P_l(u . g v), whose
 * expectation over unit vectors is the Frobenius norm squared, at random pairs (u, v): 0 to rounding iff nu_l is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_PROBLEM_MEASURE_H
#define FS_PROBLEM_MEASURE_H

#include "base/rng.h"
#include "problem/problem.h"

/* Degrees 0 .. FS_DEGREES - 1 are followed; a risk that contains higher ones counts as not polynomial. */
enum { FS_DEGREES = 129 };

/* p has everything but its hypotheses; rng for the random points. */
fs_status fs_measure_measure(fs_hypothesis *h, const fs_problem *p, gsl_rng *rng, fs_err *err);

/* Products of functions on SO(2); on SO(3); on SO(3) where all are functions g -> f(g x) of one vector x, that is, on the sphere, where they
 * keep the parity of l_1 + l_2. */
typedef enum { FS_PRODUCTS_PLANE, FS_PRODUCTS_SPACE, FS_PRODUCTS_SPHERE } fs_products;

/* Degrees (FS_DEGREES) of products of functions with degrees a and b; out may be a or b.  0 when one of them is FS_DEGREES or more. */
int fs_degrees_multiply(fs_products rule, const unsigned char *a, const unsigned char *b, unsigned char *out);

/* Degrees l >= 0 of the irreducibles of factor k of the group in rho; *vector (NULL: not wanted) is 1 when one of degree 1 is the only
 * nontrivial one.  0 when rho has degrees of FS_DEGREES or more. */
int fs_degrees_of(const fs_rep *rho, size_t k, unsigned char *degrees, int *vector);

/* Degrees of g -> l(Phi_A(g x), g y) on factor k, up to what does not depend on A, for generic weights and data; 0 when the risk is no
 * polynomial, or one of too high a degree. */
int fs_degrees_of_risk(const fs_problem *p, size_t k, unsigned char *degrees);

/* |nu_l| of SO(d) or O(d), not a product, for l <= largest and a measure mu on the points; nu (largest + 1).  Of improper elements of O(3) the
 * rotation -g is taken. */
fs_status fs_measure_moments(const fs_group *G, const double *mu, size_t largest, gsl_rng *rng, double *nu, fs_err *err);

#endif
