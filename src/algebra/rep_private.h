/* algebra/rep_private.h -- the tree behind fs_rep, for the rep*.c files only
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_ALGEBRA_REP_PRIVATE_H
#define FS_ALGEBRA_REP_PRIVATE_H

#include "algebra/rep.h"

typedef enum { REP_SIGNED, REP_DENSE, REP_SUM, REP_TENSOR } rep_kind;

/* Tables run over the points of the group. */
struct fs_rep {
    size_t references;
    rep_kind kind;
    const fs_group *G;
    size_t n;                   /* dimension */
    char *name;
    int monomial, permutation, trivial;
    size_t degree;
    double homomorphism_defect, orthogonality_defect;
    double *character;          /* (points) */

    uint32_t *perm;             /* REP_SIGNED: (points, n), NULL = the identity for every g */
    int8_t *sign;               /* REP_SIGNED: (points, n), NULL = all +1 */
    double *matrix;             /* REP_DENSE: (points, n, n) */
    double *lie;                /* REP_DENSE: (lie_dim, n, n), NULL = 0 */

    size_t parts;               /* REP_SUM, REP_TENSOR */
    fs_rep **part;
    size_t *place;              /* (parts) sum: first index of the part; tensor: stride of the factor's index */
    size_t tensor_depth;        /* tensor products nested on the way to a leaf */
};

/* Zeroed, with room for the character; one reference.  NULL when memory is short. */
fs_rep *fs_rep_alloc(rep_kind kind, const fs_group *G, size_t n);
/* Do the generators of a monomial representation map every e_j to itself? */
int fs_rep_generators_fix_basis(const fs_rep *rep);

/* A signed-permutation leaf under its own name; perm NULL = trivial. */
fs_status fs_rep_create_leaf(fs_rep **out, const fs_group *G, const char *name, size_t n, const uint32_t *perm,
                             const int8_t *sign, fs_err *err);
/* A dense leaf under its own name, or a signed-permutation leaf where the matrices are exactly that and lie is 0. */
fs_status fs_rep_create_matrix_leaf(fs_rep **out, const fs_group *G, const char *name, size_t n, const double *matrix,
                                    const double *lie, size_t degree, fs_err *err);
/* rho of the k-th factor of the product G, as a representation of G: g acts by its component. */
fs_status fs_rep_pull_back(fs_rep **out, const fs_group *G, size_t k, const fs_rep *rho, fs_err *err);

/* Planes, spheres and simplices; the caller knows that the group has them.  name as the user wrote it. */
fs_status fs_rep_create_frequency(fs_rep **out, const fs_group *G, const char *name, size_t m, fs_err *err);
fs_status fs_rep_create_turn(fs_rep **out, const fs_group *G, const char *name, fs_err *err);
fs_status fs_rep_create_harmonic(fs_rep **out, const fs_group *G, const char *name, size_t l, fs_err *err);
fs_status fs_rep_create_standard(fs_rep **out, const fs_group *G, const char *name, fs_err *err);
fs_status fs_rep_create_defining(fs_rep **out, const fs_group *G, const char *name, fs_err *err);

#endif
