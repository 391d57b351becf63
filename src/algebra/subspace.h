/* algebra/subspace.h -- admissible layers L, equivariant layers E, and N between them
 *
 *   TE = TL with H_G,   N = TL minus TE (orthogonal complement inside TL)
 *   A = A* + Q_E x + Q_N y,   Q_E, Q_N sparse, orthonormal: adapted coordinates w = (x, y)
 *
 * Two routes lead to TE and must agree:
 *
 *   generators  TE = {A in TL: (rho(s) - 1) A = 0 for the generators s, d rho(X) A = 0 for the Lie algebra}: orbits where the action is
 *               monomial and TL a coordinate subspace, else the null space of the stacked constraints on each block
 *               (singular values; the gap is reported)            [Finzi, Welling, Wilson: EMLP]
 *   Reynolds    TE = range of the average Pi_L Pi_G Pi_L with eigenvalue 1, where the Haar nodes are exact
 *
 * Q_E and Q_N come from the generators, so groups that cannot be averaged over work as well; fs_basis_agreement compares.
 *
 * With a monomial action and a coordinate subspace TL the coordinates split into orbits of at most |G|
 * entries; each orbit carries at most one invariant vector v (signs / sqrt(size)).  If v lies in TL it is a
 * column of Q_E and the rest of the orbit is spanned by the vectors of a balanced binary tree (one half against the other), which has
 * n log2 n entries; otherwise the admissible unit vectors of the orbit are columns of Q_N.  O(P log |G|) memory, never P x P.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_ALGEBRA_SUBSPACE_H
#define FS_ALGEBRA_SUBSPACE_H

#include "algebra/rep.h"
#include "base/sparse.h"

/* Plain after creation; read the fields, change none. */
typedef struct {
    size_t n_par;               /* dim H, natural-order weights */
    size_t dim_E, dim_N;        /* dim L = dim_E + dim_N */
    fs_sparse *Q_E, *Q_N;       /* rows are the basis vectors, (dim_E, n_par) and (dim_N, n_par) */
    int coordinate;             /* TL is spanned by coordinate vectors (a mask) */
    double orthonormality;      /* max |<q_i, q_j> - delta_ij| inside blocks, as built */
    double gap_low, gap_high;   /* largest singular value of the constraints counted as 0, smallest counted as nonzero; 0, 1 for exact orbits */
} fs_basis;

/* TL = coordinates with mask[j] != 0 (mask NULL: all of H).  rho acts on H.  FS_EINPUT when rho is not monomial and mixes more
 * than 2000 admissible coordinates in one block. */
fs_status fs_basis_create(fs_basis **out, const fs_rep *rho, const unsigned char *mask, fs_err *err);

/* TL = span of the rows of span (count, dim H), linearly dependent rows allowed (rank decided by a gap, FS_EINPUT without one).
 * At most 2000 rows and 2^25 numbers.  Also FS_EINPUT when an angle between TL and H_G is too small to tell from zero. */
fs_status fs_basis_create_span(fs_basis **out, const fs_rep *rho, size_t count, const double *span, fs_err *err);

void fs_basis_destroy(fs_basis *b);

/* A = Q_E x + Q_N y,  w = (x, y) (dim L), A (n_par) overwritten. */
void fs_basis_expand(const fs_basis *b, const double *w, double *A);
/* w = (Q_E^T A, Q_N^T A). */
void fs_basis_project(const fs_basis *b, const double *A, double *w);
/* The x block alone. */
void fs_basis_expand_E(const fs_basis *b, const double *x, double *A);
void fs_basis_project_E(const fs_basis *b, const double *A, double *x);

/* kappa = |[Pi_L, Pi_G]| = spectral norm of (1 - Pi_L) Pi_G Q_L = max |sin theta cos theta| over principal angles. [compatibility, H3]
 * Pi_G is projection onto the invariants of H, from the generators where the Haar nodes are not exact or too many. */
fs_status fs_basis_compatibility(const fs_basis *b, const fs_rep *rho, double *kappa, fs_err *err);

/* max over generators of |(1 - Pi_L) rho(s) Q_L| and over the Lie algebra's basis of |(1 - Pi_L) d rho(X) Q_L| (spectral norms): 0 iff
 * rho(g) L = L for all g. */
fs_status fs_basis_invariance(const fs_basis *b, const fs_rep *rho, double *defect, fs_err *err);

/* The character of TL at every point where `needed` is not 0 (NULL: everywhere): chi[g] = tr(Q_L^T rho(g) Q_L), 0 elsewhere.  chi (points).  The
 * character of a representation when L is invariant; that of N is chi - dim_E. */
fs_status fs_basis_character(const fs_basis *b, const fs_rep *rho, const double *needed, double *chi, fs_err *err);

/* dim (TL)^G by the character of TL: the average over conjugacy classes, or over the Haar nodes where they are exact; NaN where neither is.  Equals
 * dim_E when L is invariant. */
fs_status fs_basis_character_dim(const fs_basis *b, const fs_rep *rho, double *dim, fs_err *err);

/* The two routes compared.  With the Haar nodes exact for rho: for random A in TL, distance = |Pi_L Pi_G Pi_L A - Pi_E A| / |A| when L is compatible (a
 * nonzero difference of the two operators shows with probability one); reynolds = 1.  Else reynolds = 0, distance NaN, and why says so.  For
 * incompatible L distance = max(|Pi_G q - q|) over random q in E only.  reynolds = 0 also where there is nothing to compare (L a point; L incompatible and E a
 * point), and where one average would move more than 2^31 numbers.  why: what was compared or why not, at most 160 characters. */
typedef struct {
    int reynolds;
    double distance;
    char why[160];
} fs_agreement;
fs_status fs_basis_agreement(const fs_basis *b, const fs_rep *rho, int compatible, fs_agreement *agreement, fs_err *err);

#endif
