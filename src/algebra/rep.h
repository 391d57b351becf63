/* algebra/rep.h -- real orthogonal representations of a compact group
 *
 * rho(g) in O(n) with rho(g) rho(h) = rho(g h), held at the points of the group.  Leaves are signed permutations
 * (rho(g) e_j = sign e_i) or dense matrices, verified on creation; sums and tensor products are kept as trees and applied factor
 * by factor, never as P x P matrices.  A representation is monomial when every leaf is a signed permutation.  For continuous
 * groups leaves also hold d rho of the Lie algebra's basis (skew matrices).
 *
 * The action on weights Hom(U, V) is V tensor U: (g . A) = rho_V(g) A rho_U(g)^-1, row-major
 * index (v, u); on a filter bank [out][in][kh][kw] it is out tensor in tensor taps.  Orthogonal representations are their own duals.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_ALGEBRA_REP_H
#define FS_ALGEBRA_REP_H

#include "algebra/group.h"

#include <stdint.h>

/* Opaque: the homomorphism law (on the group's witnesses; for the Lie algebra d rho([X, Y]) = [d rho X, d rho Y]) and orthogonality were
 * verified.  Reference counted: a tree holds its parts. */
typedef struct fs_rep fs_rep;

/* rho(g) e_j = sign[g n + j] e_{perm[g n + j]}; perm (points, n), sign (points, n) of +-1 or NULL for all +1; copies.
 * Borrows G, which must outlive every representation of it.  The Lie algebra acts by 0. */
fs_status fs_rep_create_signed_permutation(fs_rep **out, const fs_group *G, size_t n, const uint32_t *perm,
                                           const int8_t *sign, fs_err *err);

/* matrix (points, n, n) row-major; lie (lie_dim, n, n) or NULL for 0; degree: the largest degree of an irreducible in it (0 for finite
 * groups); copies.  FS_ENOTREP with the offending pair and the defect. */
fs_status fs_rep_create_dense(fs_rep **out, const fs_group *G, size_t n, const double *matrix, const double *lie, size_t degree,
                              fs_err *err);

/* n copies of the trivial representation. */
fs_status fs_rep_create_trivial(fs_rep **out, const fs_group *G, size_t n, fs_err *err);
/* Left regular representation: rho(g) e_h = e_{g h}.  Enumerated groups. */
fs_status fs_rep_create_regular(fs_rep **out, const fs_group *G, fs_err *err);

/* A named representation.  FS_EINPUT with the list of names the group knows (and the nearest one).
 *   trivial      all groups                          regular      enumerated groups
 *   sign         determinant of the natural action for D_n, O(2), O(3); (-1)^k for C_n and Z_n, n even; parity for S_n; product of the signs
 *                for Z2-sign
 *   rotation[:m] C_n, D_n, Z_n: 2-dimensional by angles 2 pi k m / n, 1 <= m < n/2 (2m = n: 1-dimensional `sign`); SO(2), O(2): by the angle
 *                times m, 1 <= m <= 16; coordinates (right, up), counter-clockwise; s = diag(-1, 1); reflections of O(2) likewise
 *   natural      C_n, D_n: the n corners; S_n: n points; Z_n, Z_n x Z_m, p4: the pixels of the torus; Z2-sign: k coordinates; SO, O: R^d; generated
 *                groups: the defining permutations or matrices; products: tensor product of the factors' natural ones
 *   standard     S_n, n >= 2: the sum-zero part of natural, n-1 dimensions (orthonormal Helmert basis)
 *   harmonic:l   SO(3), O(3): harmonic polynomials of degree l, 2l+1 dimensions, 0 <= l <= 6 (O(3): parity (-1)^l; times `sign` for the other)
 *   image:n      groups that move pictures: the pixels of an n x n picture, as fs_rep_create_image
 *   turn         p4: the quotient C4 acting on the plane as `rotation` of C4 does
 *   irrep:k      enumerated groups with at most 1024 elements: the k-th real irreducible of fs_irreducibles_create, from 0
 * name@k takes the k-th factor (from 1) of a direct product: "rotation@1". */
fs_status fs_rep_create_named(fs_rep **out, const fs_group *G, const char *name, fs_err *err);

/* A representation written as an expression:
 *   sum     = product { "+" product }
 *   product = [ count ] factor { "x" [ count ] factor }          "*" may stand for "x"
 *   factor  = name | "(" sum ")" | "hom(" sum "," sum ")"
 * "3 trivial", "2 natural x natural", "hom(rotation, rotation)" (V tensor U for maps from U to V: hom(U, V)), "2 (trivial + sign)".  `count` copies are the outer index.
 * FS_EINPUT says where in the text, what was expected.  At most `most` dimensions. */
fs_status fs_rep_parse(fs_rep **out, const fs_group *G, const char *text, size_t most, fs_err *err);

/* Action on the pixels of an h x w picture, row-major:
 *   C_n, D_n (n in 1, 2, 4)  element k of C_n turns the picture by k quarter turns (4/n at a time) counter-clockwise, as numpy.rot90(x, k) does;
 *                            the reflection s of D_n flips left-right
 *   translations             circular shifts; the grid of the group must be h x w (Z_n: w = n, columns shift, any h)
 *   p4                       n x n only
 *   Z2-sign, SO, O, others   FS_EINPUT that says what would be possible, unless they act on the values at the pixels: see below
 *   products                 every factor acts
 * fs_rep_create_taps: the same on the taps of an h x w filter: translations act by nothing (a circular convolution commutes with
 * them), p4 by its quarter turns. */
fs_status fs_rep_create_image(fs_rep **out, const fs_group *G, size_t h, size_t w, fs_err *err);
fs_status fs_rep_create_taps(fs_rep **out, const fs_group *G, size_t h, size_t w, fs_err *err);

/* The same beside an action on the values at the pixels: on_values[k] = 1 says that factor k of G (fs_group_factors) has one.  Such a
 * factor leaves the pixels where they are if it moves no picture of any size: all but C_n and D_n (n in 1, 2, 4), translations and
 * p4.  NULL: none does. */
fs_status fs_rep_create_image_with_values(fs_rep **out, const fs_group *G, size_t h, size_t w, const unsigned char *on_values, fs_err *err);
fs_status fs_rep_create_taps_with_values(fs_rep **out, const fs_group *G, size_t h, size_t w, const unsigned char *on_values, fs_err *err);

/* Action on n unordered points: S_n (that n) permutes them, products act by their factors that do; every other group leaves the
 * points where they are (it acts on features). */
fs_status fs_rep_create_points(fs_rep **out, const fs_group *G, size_t n, fs_err *err);

/* Direct sum and tensor product (first factor slowest) of representations of one group; the parts are retained. */
fs_status fs_rep_create_sum(fs_rep **out, size_t count, fs_rep *const *part, fs_err *err);
fs_status fs_rep_create_tensor(fs_rep **out, size_t count, fs_rep *const *factor, fs_err *err);

fs_rep *fs_rep_retain(fs_rep *rep);
void fs_rep_destroy(fs_rep *rep);           /* drops one reference; NULL is fine */

const fs_group *fs_rep_group(const fs_rep *rep);
size_t fs_rep_dim(const fs_rep *rep);
/* Short text such as "4 trivial x image 3x3" for reports; owned by rep. */
const char *fs_rep_name(const fs_rep *rep);
int fs_rep_is_monomial(const fs_rep *rep);
int fs_rep_is_permutation(const fs_rep *rep);   /* monomial with all signs +1 */
int fs_rep_is_trivial(const fs_rep *rep);       /* every generator and the Lie algebra act by nothing, exactly */

/* The direct summands as written, "3 trivial" and "2 rotation" taken apart: dims and whether trivial, in the order of the coordinates.  Caller frees *dim and
 * *trivial.  What is not a sum is one summand. */
fs_status fs_rep_summands(const fs_rep *rep, size_t *count, size_t **dim, unsigned char **trivial, fs_err *err);

/* y = rho(g) x; x and y must not overlap.  No allocation for monomial representations. */
fs_status fs_rep_apply(const fs_rep *rep, size_t g, const double *x, double *y);
/* y = d rho(X_k) x for the k-th basis element of the Lie algebra; no overlap. */
fs_status fs_rep_apply_lie(const fs_rep *rep, size_t k, const double *x, double *y);

/* Monomial only: rho(g) e_j = *sign e_(return value). */
size_t fs_rep_image_of_basis(const fs_rep *rep, size_t g, size_t j, int *sign);

/* The nonzero entries of the column rho(g) e_j: row[t], value[t] for t < the number returned, which is at most
 * fs_rep_column_room(rep) (1 for monomial representations). */
size_t fs_rep_column(const fs_rep *rep, size_t g, size_t j, size_t *row, double *value);
size_t fs_rep_column_room(const fs_rep *rep);
/* Nonzero entries of the column d rho(X_k) e_j, likewise; rows may repeat, and the caller adds their values up.  At most
 * fs_rep_lie_column_room(rep) of them (at least 1). */
size_t fs_rep_lie_column(const fs_rep *rep, size_t k, size_t j, size_t *row, double *value);
size_t fs_rep_lie_column_room(const fs_rep *rep);

/* chi(g) = tr rho(g) at a point; sums and products of the leaves' characters. */
double fs_rep_character(const fs_rep *rep, size_t g);

/* dim of the invariants by the character formula, int chi dmu: over conjugacy classes where the group has them, else over the Haar nodes where
 * they are exact for this representation; a whole number up to rounding.  NaN where neither is. */
double fs_rep_invariant_dim(const fs_rep *rep);

/* Largest degree of an irreducible (sums: the largest, tensor products: the sum), and whether the Haar nodes average this
 * representation exactly: degree <= fs_group_haar_degree (always for enumerated groups). */
size_t fs_rep_degree(const fs_rep *rep);
int fs_rep_haar_is_exact(const fs_rep *rep);

/* Defects found when the leaves were verified: max over witnesses of |rho(a)rho(b) - rho(c)| (and of the Lie algebra's law) and over points of |rho^T rho - 1|. */
double fs_rep_homomorphism_defect(const fs_rep *rep);
double fs_rep_orthogonality_defect(const fs_rep *rep);

/* Averaging operator: y = sum_g measure[g] rho(g) x over the points; measure NULL means Haar, the Reynolds operator, and is FS_EINPUT
 * where the Haar nodes are not exact for rep.  x, y (dim), no overlap. */
fs_status fs_reynolds_apply(const fs_rep *rep, const double *measure, const double *x, double *y, fs_err *err);

#endif
