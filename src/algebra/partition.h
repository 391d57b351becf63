/* algebra/partition.h -- coordinates split into the blocks a group action cannot mix
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_ALGEBRA_PARTITION_H
#define FS_ALGEBRA_PARTITION_H

#include "algebra/rep.h"

/* Plain.  Blocks are ordered by their smallest coordinate, coordinates inside a block increase. */
typedef struct {
    size_t n, blocks;
    size_t *start;              /* (blocks + 1): block o is member[start[o]] .. member[start[o+1]-1] */
    uint32_t *member;           /* (n) */
    uint32_t *block_of;         /* (n) */
    uint32_t *local;            /* (n) position inside its block */
    int8_t *gauge;              /* (n), orbits only: sum_j gauge[j] e_j over a block is fixed by G, up to fixes_none */
    unsigned char *fixes_none;  /* (blocks), orbits only: some g maps a coordinate to minus itself, no invariant vector */
} fs_partition;

/* Orbits of a monomial representation on the coordinates. */
fs_status fs_partition_orbits(fs_partition **out, const fs_rep *rho, fs_err *err);
/* Connected components of the supports of rho(generators) and d rho(Lie algebra): spans of blocks are invariant, for any representation. */
fs_status fs_partition_components(fs_partition **out, const fs_rep *rho, fs_err *err);
/* One block that holds everything. */
fs_status fs_partition_whole(fs_partition **out, size_t n, fs_err *err);

void fs_partition_destroy(fs_partition *p);

#endif
