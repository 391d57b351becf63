/* algebra/group.h -- finite groups
 *
 * Elements are 0 .. order-1, element 0 is the identity; a product table, inverses, a
 * small generating set, and the normalized Haar measure haar[g] = 1 / order.  At most 16384 elements.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_ALGEBRA_GROUP_H
#define FS_ALGEBRA_GROUP_H

#include "base/status.h"

/* Opaque: the table was verified to be a group. */
typedef struct fs_group fs_group;

/* How the elements are labelled: the named representations and the actions on grids read it. */
typedef enum { FS_FAMILY_TABLE, FS_FAMILY_CYCLIC, FS_FAMILY_DIHEDRAL } fs_family;

/* C_n: element k is the rotation by 2 pi k / n;  k l = k + l mod n. */
fs_status fs_group_create_cyclic(fs_group **out, size_t n, fs_err *err);

/* D_n, order 2n: element k < n is the rotation r^k, element n + k is r^k s with s the reflection;  s r s = r^-1. */
fs_status fs_group_create_dihedral(fs_group **out, size_t n, fs_err *err);

/* From a product table (order, order), row g column h = g h; copies.  Checks identity 0, inverses and associativity:
 * FS_EGROUP names the offending elements. */
fs_status fs_group_create_table(fs_group **out, const char *name, size_t order, const size_t *product, fs_err *err);

/* Direct product G x H, element (g, h) = g * |H| + h; borrows nothing (copies what it needs). */
fs_status fs_group_create_product(fs_group **out, const fs_group *G, const fs_group *H, fs_err *err);

void fs_group_destroy(fs_group *G);

/* FS_FAMILY_TABLE for tables and products. */
fs_family fs_group_family(const fs_group *G);
const char *fs_group_name(const fs_group *G);
size_t fs_group_order(const fs_group *G);
size_t fs_group_product(const fs_group *G, size_t g, size_t h);
size_t fs_group_inverse(const fs_group *G, size_t g);
/* haar[order], sums to one; owned by G. */
const double *fs_group_haar(const fs_group *G);
/* A generating set; owned by G; empty for the trivial group. */
const size_t *fs_group_generators(const fs_group *G, size_t *count);

#endif
