/* algebra/group_private.h -- what is behind fs_group, for the group_*.c files only
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_ALGEBRA_GROUP_PRIVATE_H
#define FS_ALGEBRA_GROUP_PRIVATE_H

#include "algebra/group.h"

/* Arrays are NULL where the group does not have them. */
struct fs_group {
    size_t references;
    char *name;
    fs_family family;
    size_t parameter[2];
    size_t order;               /* 0: continuous */
    size_t points;
    int enumerated;

    uint32_t *product;          /* (points, points), enumerated */
    size_t *inverse;            /* (points), enumerated */
    size_t *generator, generators;
    size_t *witness, witnesses; /* (witnesses, 3) */

    double *haar, *rule, *doubled;      /* (points) */
    size_t haar_degree;
    char note[96];

    size_t classes;
    size_t *class_point;        /* (classes) */
    double *class_weight;       /* (classes) */
    uint32_t *class_of;         /* (points), enumerated */

    size_t degree;              /* of the defining permutations or matrices */
    uint32_t *permutation;      /* (points, degree) */
    double *matrix;             /* (points, degree, degree) */

    size_t factors;             /* products */
    fs_group **factor;
    size_t lie_dim;
};

/* A group with `points` points, room for generators (that many) and zeroed haar; everything else is still to be filled in. */
fs_status fs_group_alloc(fs_group **out, fs_family family, const char *name, size_t order, size_t points, fs_err *err);

/* The same with room for a product table; order from 1 to FS_GROUP_MOST (FS_EINPUT).  generator may hold candidates. */
fs_status fs_group_alloc_enumerated(fs_group **out, fs_family family, const char *name, size_t order, fs_err *err);

/* Fills the product from the left multiplications by `count` generators: left[k order + h] = s_k h. */
fs_status fs_group_fill_product(fs_group *G, size_t count, const uint32_t *left, fs_err *err);

/* The most points of a group that is not enumerated: S6 x SO(3) has 2.3 million at degree 4, about 75 bytes each. */
#define FS_GROUP_MOST_POINTS ((size_t)1 << 22)

/* Takes an enumerated group with its product filled in: verifies the axioms, finds inverses, generators, witnesses (generator times
 * element), classes; haar = rule = 1 / order; note.  *out is the verified group, or G is destroyed. */
fs_status fs_group_finish(fs_group **out, fs_group *G, fs_err *err);

/* The name of a point of SO(d) or O(d): "turn by 1.571 about (0, 0, 1)", "reflection in the line at 0.7854". */
void fs_group_rotation_name(const fs_group *G, size_t g, char buffer[FS_ELEMENT_NAME]);

/* cos and sin of 2 pi k / n, n >= 1, from an angle of the first octant: exact symmetries, exact at quarter turns. */
void fs_turn(size_t k, size_t n, double *c, double *s);

#endif
