/* algebra/rep_private.h -- the tree behind fs_rep, for the rep_*.c files only
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_ALGEBRA_REP_PRIVATE_H
#define FS_ALGEBRA_REP_PRIVATE_H

#include "algebra/rep.h"

typedef enum { REP_SIGNED, REP_DENSE, REP_SUM, REP_TENSOR } rep_kind;

struct fs_rep {
    size_t references;
    rep_kind kind;
    const fs_group *G;
    size_t n;                   /* dimension */
    char *name;
    int monomial, permutation;
    double homomorphism_defect, orthogonality_defect;
    double *character;          /* (order) */

    uint32_t *perm;             /* REP_SIGNED: (order, n), NULL = the identity for every g */
    int8_t *sign;               /* REP_SIGNED: (order, n), NULL = all +1 */
    double *matrix;             /* REP_DENSE: (order, n, n) */

    size_t parts;               /* REP_SUM, REP_TENSOR */
    fs_rep **part;
    size_t *place;              /* (parts) sum: first index of the part; tensor: stride of the factor's index */
    size_t tensor_depth;        /* tensor products nested on the way to a leaf */
};

/* A signed-permutation leaf under its own name; perm NULL = trivial. */
fs_status fs_rep_create_leaf(fs_rep **out, const fs_group *G, const char *name, size_t n, const uint32_t *perm,
                          const int8_t *sign, fs_err *err);
fs_status fs_rep_create_matrix_leaf(fs_rep **out, const fs_group *G, const char *name, size_t n, const double *matrix,
                                 fs_err *err);

#endif
