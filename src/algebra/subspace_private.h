/* algebra/subspace_private.h -- what the subspace_*.c files share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_ALGEBRA_SUBSPACE_PRIVATE_H
#define FS_ALGEBRA_SUBSPACE_PRIVATE_H

#include "algebra/partition.h"
#include "algebra/subspace.h"
#include "base/norm.h"

#define FS_BASIS_VECTORS 2000u                  /* in one block: singular values of a 2000 x 2000 matrix take seconds */
#define FS_BASIS_ENTRIES ((size_t)1 << 25)      /* of the vectors of one block: 256 MiB */
#define FS_BASIS_GAP 1e4                        /* between what counts as zero and the rest */

/* Rows of a sparse matrix appended one at a time. */
typedef struct {
    fs_sparse *A;
    size_t rows, entries;               /* allocated */
} fs_basis_rows;

fs_status fs_basis_rows_create(fs_basis_rows *to, size_t rows, size_t cols, size_t entries, fs_err *err);
/* One more row of n entries, for the caller to fill in at *col and *val. */
fs_status fs_basis_rows_append(fs_basis_rows *to, size_t n, uint32_t **col, double **val, fs_err *err);

/* How many coordinates of block o the mask admits (NULL: all of them). */
size_t fs_basis_admissible(const fs_partition *p, size_t o, const unsigned char *mask);
/* The coordinates that occur in Q_E and Q_N: the mask a coordinate basis was made from.  Caller frees *mask. */
fs_status fs_basis_mask(const fs_basis *b, unsigned char **mask, fs_err *err);

/* The Haar nodes; infinitely many where they do not average rho exactly. */
double fs_basis_nodes(const fs_rep *rho);
/* Numbers that one application of rho(g) to a vector moves, about. */
double fs_basis_apply_moves(const fs_rep *rho);

/* --- subspace_orbits.c: monomial rho, TL spanned by coordinates --- */

fs_status fs_basis_orbits_build(fs_basis *b, const fs_rep *rho, const unsigned char *mask, fs_basis_rows *E, fs_basis_rows *N,
                                fs_err *err);
fs_status fs_basis_orbits_compatibility(const fs_basis *b, const fs_rep *rho, double *kappa, fs_err *err);
fs_status fs_basis_orbits_invariance(const fs_basis *b, const fs_rep *rho, double *defect, fs_err *err);
fs_status fs_basis_orbits_character(const fs_basis *b, const fs_rep *rho, const double *needed, double *chi, fs_err *err);

/* --- subspace_blocks.c: everything else --- */

fs_status fs_basis_components_build(fs_basis *b, const fs_rep *rho, const unsigned char *mask, fs_basis_rows *E, fs_basis_rows *N,
                                    fs_err *err);
/* rows (rank, dim H) orthonormal; condition: how much the directions of the given span magnify rounding. */
fs_status fs_basis_span_build(fs_basis *b, const fs_rep *rho, size_t rank, const double *rows, double condition, fs_basis_rows *E,
                              fs_basis_rows *N, fs_err *err);
fs_status fs_basis_blocks_compatibility(const fs_basis *b, const fs_rep *rho, double *kappa, fs_err *err);
fs_status fs_basis_blocks_invariance(const fs_basis *b, const fs_rep *rho, double *defect, fs_err *err);
fs_status fs_basis_blocks_character(const fs_basis *b, const fs_rep *rho, const double *needed, double *chi, fs_err *err);

#endif
