/* algebra/partition.c -- orbits and connected components of the coordinates
 *
 * Monomial rho: breadth-first search along rho(s) e_j = sign e_i for the generators s (in a finite group
 * forward steps reach the whole orbit), with gauge[i] = sign gauge[j].  A step that contradicts a gauge
 * already set means that the stabiliser acts by -1.  O(k n) for k generators.
 * Any rho: union-find over the columns of rho(s) and of d rho(X).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/partition.h"

#include <stdlib.h>

void fs_partition_destroy(fs_partition *p)
{
    if (!p) return;
    free(p->start);
    free(p->member);
    free(p->block_of);
    free(p->local);
    free(p->gauge);
    free(p->fixes_none);
    free(p);
}

static fs_status partition_alloc(fs_partition **out, size_t n, int orbits, fs_err *err)
{
    *out = NULL;
    if (n > UINT32_MAX) return fs_fail(err, FS_EINPUT, "expected at most %u coordinates, found %zu", UINT32_MAX, n);
    fs_partition *p = fs_calloc(1, sizeof *p);
    if (!p) goto nomem;
    p->n = n;
    p->start = fs_calloc(n + 1, sizeof *p->start);
    p->member = fs_calloc(n, sizeof *p->member);
    p->block_of = fs_calloc(n, sizeof *p->block_of);
    p->local = fs_calloc(n, sizeof *p->local);
    if (!p->start || !p->member || !p->block_of || !p->local) goto nomem;
    if (orbits) {
        p->gauge = fs_calloc(n, sizeof *p->gauge);
        p->fixes_none = fs_calloc(n, sizeof *p->fixes_none);
        if (!p->gauge || !p->fixes_none) goto nomem;
    }
    *out = p;
    return FS_OK;
nomem:
    fs_partition_destroy(p);
    return fs_fail(err, FS_ENOMEM, "blocks of %zu coordinates", n);
}

/* start, member and local from block_of: a counting sort. */
static void collect(fs_partition *p)
{
    for (size_t j = 0; j < p->n; j++) p->local[j] = (uint32_t)p->start[p->block_of[j] + 1]++;
    for (size_t o = 0; o < p->blocks; o++) p->start[o + 1] += p->start[o];
    for (size_t j = 0; j < p->n; j++) p->member[p->start[p->block_of[j]] + p->local[j]] = (uint32_t)j;
}

/* The orbit of `root` becomes block number p->blocks.  queue (n) is scratch. */
static void follow_orbit(fs_partition *p, const fs_rep *rho, size_t root, uint32_t *queue)
{
    size_t generators, count = 0;
    const size_t *generator = fs_group_generators(fs_rep_group(rho), &generators);
    queue[count++] = (uint32_t)root;
    p->gauge[root] = 1;
    p->block_of[root] = (uint32_t)p->blocks;
    for (size_t q = 0; q < count; q++)
        for (size_t k = 0; k < generators; k++) {
            int sign;
            size_t j = queue[q], i = fs_rep_image_of_basis(rho, generator[k], j, &sign);
            if (!p->gauge[i]) {
                p->gauge[i] = (int8_t)(sign * p->gauge[j]);
                p->block_of[i] = (uint32_t)p->blocks;
                queue[count++] = (uint32_t)i;
            } else if (p->gauge[i] != sign * p->gauge[j]) {
                p->fixes_none[p->blocks] = 1;
            }
        }
    p->blocks++;
}

fs_status fs_partition_orbits(fs_partition **out, const fs_rep *rho, fs_err *err)
{
    size_t n = fs_rep_dim(rho);
    fs_partition *p;
    *out = NULL;
    FS_TRY(partition_alloc(&p, n, 1, err));
    uint32_t *queue = fs_calloc(n, sizeof *queue);
    if (!queue) {
        fs_partition_destroy(p);
        return fs_fail(err, FS_ENOMEM, "orbits of %zu coordinates", n);
    }
    for (size_t j = 0; j < n; j++)
        if (!p->gauge[j]) follow_orbit(p, rho, j, queue);
    free(queue);
    collect(p);
    *out = p;
    return FS_OK;
}

static uint32_t find_root(uint32_t *parent, uint32_t j)
{
    while (parent[j] != j) j = parent[j] = parent[parent[j]];
    return j;
}

/* parent[j] <= j always, so a root is the smallest coordinate of its block. */
static void join(uint32_t *parent, uint32_t i, uint32_t j)
{
    i = find_root(parent, i);
    j = find_root(parent, j);
    if (i < j) parent[j] = i;
    else parent[i] = j;
}

static void join_column(uint32_t *parent, size_t j, size_t count, const size_t *row)
{
    for (size_t t = 0; t < count; t++) join(parent, (uint32_t)row[t], (uint32_t)j);
}

static void join_columns(uint32_t *parent, const fs_rep *rho, size_t *row, double *value)
{
    size_t generators;
    const size_t *generator = fs_group_generators(fs_rep_group(rho), &generators);
    for (size_t j = 0; j < fs_rep_dim(rho); j++) {
        for (size_t k = 0; k < generators; k++) join_column(parent, j, fs_rep_column(rho, generator[k], j, row, value), row);
        for (size_t k = 0; k < fs_group_lie_dim(fs_rep_group(rho)); k++)
            join_column(parent, j, fs_rep_lie_column(rho, k, j, row, value), row);
    }
}

fs_status fs_partition_components(fs_partition **out, const fs_rep *rho, fs_err *err)
{
    size_t n = fs_rep_dim(rho), room = fs_rep_column_room(rho), lie_room = fs_rep_lie_column_room(rho);
    fs_partition *p;
    *out = NULL;
    FS_TRY(partition_alloc(&p, n, 0, err));
    if (lie_room > room) room = lie_room;
    uint32_t *parent = fs_calloc(n, sizeof *parent);
    size_t *row = fs_calloc(room, sizeof *row);
    double *value = fs_calloc(room, sizeof *value);
    fs_status status = parent && row && value ? FS_OK : fs_fail(err, FS_ENOMEM, "components of %zu coordinates", n);
    if (status == FS_OK) {
        for (size_t j = 0; j < n; j++) parent[j] = (uint32_t)j;
        join_columns(parent, rho, row, value);
        for (size_t j = 0; j < n; j++) {
            uint32_t root = find_root(parent, (uint32_t)j);
            p->block_of[j] = root == j ? (uint32_t)p->blocks++ : p->block_of[root];
        }
        collect(p);
        *out = p;
    } else {
        fs_partition_destroy(p);
    }
    free(parent);
    free(row);
    free(value);
    return status;
}

fs_status fs_partition_whole(fs_partition **out, size_t n, fs_err *err)
{
    FS_TRY(partition_alloc(out, n, 0, err));
    (*out)->blocks = n > 0;
    collect(*out);
    return FS_OK;
}
