/* algebra/rep.h -- real orthogonal representations of a finite group
 *
 * rho(g) in O(n) with rho(g) rho(h) = rho(g h).  Leaves are signed permutations
 * (rho(g) e_j = sign e_i) or dense matrices, verified on creation; sums and tensor
 * products are kept as trees and applied factor by factor, never as P x P matrices.
 * A representation is monomial when every leaf is a signed permutation.
 *
 * The action on weights Hom(U, V) is V tensor U: (g . A) = rho_V(g) A rho_U(g)^-1, row-major
 * index (v, u); on a filter bank [out][in][kh][kw] it is out tensor in tensor taps.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_ALGEBRA_REP_H
#define FS_ALGEBRA_REP_H

#include "algebra/group.h"

#include <stdint.h>

/* Opaque: the homomorphism law and orthogonality were verified.  Reference counted: a tree holds its parts. */
typedef struct fs_rep fs_rep;

/* rho(g) e_j = sign[g n + j] e_{perm[g n + j]}; perm (order, n), sign (order, n) of +-1 or NULL for all +1; copies.
 * Borrows G, which must outlive every representation of it. */
fs_status fs_rep_create_signed_permutation(fs_rep **out, const fs_group *G, size_t n, const uint32_t *perm,
                                           const int8_t *sign, fs_err *err);

/* matrix (order, n, n) row-major; copies.  FS_ENOTREP with the offending pair and the defect. */
fs_status fs_rep_create_dense(fs_rep **out, const fs_group *G, size_t n, const double *matrix, fs_err *err);

/* n copies of the trivial representation. */
fs_status fs_rep_create_trivial(fs_rep **out, const fs_group *G, size_t n, fs_err *err);
/* Left regular representation: rho(g) e_h = e_{g h}. */
fs_status fs_rep_create_regular(fs_rep **out, const fs_group *G, fs_err *err);

/* Named representations: trivial, regular, sign, rotation, natural.
 *   sign      determinant of the natural action for D_n (-1 on reflections); (-1)^k for C_n, n even
 *   rotation  the 2-dimensional irreducible by angles 2 pi k / n, of frequency 1 (C_n and D_n, n >= 3); "rotation:m" has
 *             frequency m, 1 <= m < n/2; coordinates (right, up), counter-clockwise, s = diag(-1, 1): directions in a picture
 *   natural   permutation of n points (the vertices of the n-gon; C_n and D_n)
 * FS_EINPUT with the list of names the group knows. */
fs_status fs_rep_create_named(fs_rep **out, const fs_group *G, const char *name, fs_err *err);

/* Action of C_n (n in 1, 2, 4) or D_n (n in 1, 2, 4) on an h x w grid, row-major: element k of C_n turns the picture by
 * k quarter turns (4/n at a time) counter-clockwise, as numpy.rot90(x, k) does; the reflection s of D_n flips left-right.
 * FS_EINPUT when the group has no exact action on the grid (C_3; a quarter turn of a non-square grid) and what is possible. */
fs_status fs_rep_create_image(fs_rep **out, const fs_group *G, size_t h, size_t w, fs_err *err);

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

/* y = rho(g) x; x and y must not overlap.  No allocation for monomial representations. */
fs_status fs_rep_apply(const fs_rep *rep, size_t g, const double *x, double *y);

/* Monomial only: rho(g) e_j = *sign e_(return value). */
size_t fs_rep_image_of_basis(const fs_rep *rep, size_t g, size_t j, int *sign);

/* The nonzero entries of the column rho(g) e_j: row[t], value[t] for t < the number returned, which is at most
 * fs_rep_column_room(rep) (1 for monomial representations). */
size_t fs_rep_column(const fs_rep *rep, size_t g, size_t j, size_t *row, double *value);
size_t fs_rep_column_room(const fs_rep *rep);

/* chi(g) = tr rho(g); sums and products of the leaves' characters. */
double fs_rep_character(const fs_rep *rep, size_t g);

/* dim of the invariants by the character formula: sum_g haar[g] chi(g), a whole number up to rounding. */
double fs_rep_invariant_dim(const fs_rep *rep);

/* Defects found when the leaves were verified: max over generators and all g of |rho(s)rho(g) - rho(sg)| and |rho^T rho - 1|. */
double fs_rep_homomorphism_defect(const fs_rep *rep);
double fs_rep_orthogonality_defect(const fs_rep *rep);

/* Reynolds operator: y = sum_g measure[g] rho(g) x; measure NULL means Haar.  x, y (dim), no overlap. */
fs_status fs_reynolds_apply(const fs_rep *rep, const double *measure, const double *x, double *y, fs_err *err);

#endif
