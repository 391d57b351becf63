/* integrate/trajectory_pack.c -- trajectories as bytes, for checkpoints; their release
 *
 * The structure itself, then its arrays in the order of `arrays`.  Sizes are checked against each other before anything
 * is allocated; damage is the business of the checksum around the whole.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "integrate/trajectory_private.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 256, ARRAYS = 9 };

/* One array of T: where its pointer is (a pointer of any type), how many bytes are in use, how many are allocated. */
typedef struct {
    void *slot;
    size_t used, room;
} part;

static void *get(const part *p)
{
    void *data;
    memcpy(&data, p->slot, sizeof data);
    return data;
}

static void set(const part *p, void *data)
{
    memcpy(p->slot, &data, sizeof data);
}

static size_t step_room(size_t n)
{
    size_t room = FIRST_ROOM;
    while (room < n) room *= 2;
    return room;
}

static void arrays(fs_trajectory *T, part *p)
{
    size_t d = sizeof(double), steps = T->n_steps_kept, room = step_room(steps);
    p[0] = (part){ &T->row, T->n_rows * sizeof *T->row, T->rows_room * sizeof *T->row };
    p[1] = (part){ &T->weights, T->n_rows * T->n_par * d, T->rows_room * T->n_par * d };
    p[2] = (part){ &T->step_t, steps * d, room * d };
    p[3] = (part){ &T->step_distance, steps * d, room * d };
    p[4] = (part){ &T->step_exponent, steps * d, room * d };
    p[5] = (part){ &T->node_t, T->n_nodes * d, T->nodes_room * d };
    p[6] = (part){ &T->node_w, T->n_nodes * T->dim * d, T->nodes_room * T->dim * d };
    p[7] = (part){ &T->w_end, T->dim * d, T->dim * d };
    p[8] = (part){ &T->w_start, T->dim * d, T->dim * d };
}

fs_status fs_trajectory_reserve_steps(fs_trajectory *T, size_t n)
{
    size_t have = T->step_t ? step_room(T->n_steps_kept) : 0;
    if (n <= have) return FS_OK;
    double **series[] = { &T->step_t, &T->step_distance, &T->step_exponent };
    for (size_t i = 0; i < 3; i++) {
        double *more = realloc(*series[i], step_room(n) * sizeof *more);
        if (!more) return FS_ENOMEM;
        *series[i] = more;
    }
    return FS_OK;
}

fs_status fs_trajectory_pack(const fs_trajectory *T, fs_bytes *to, fs_err *err)
{
    fs_trajectory copy = *T;        /* same pointers, read only */
    part p[ARRAYS];
    arrays(&copy, p);
    fs_bytes_put(to, T, sizeof *T);
    for (size_t i = 0; i < ARRAYS; i++)
        if (get(&p[i])) fs_bytes_put(to, get(&p[i]), p[i].used);
    return to->failed ? fs_fail(err, FS_ENOMEM, "checkpoint of a flow of dimension %zu", T->dim) : FS_OK;
}

fs_status fs_trajectory_unpack(fs_trajectory **out, fs_bytes *from, fs_err *err)
{
    const size_t limit = SIZE_MAX / 1024;
    *out = NULL;
    fs_trajectory *T = fs_calloc(1, sizeof *T);
    if (!T) return fs_fail(err, FS_ENOMEM, "trajectory of a checkpoint");
    fs_bytes_get(from, T, sizeof *T);
    int had[ARRAYS];
    part p[ARRAYS];
    arrays(T, p);
    for (size_t i = 0; i < ARRAYS; i++) {
        had[i] = get(&p[i]) != NULL;
        set(&p[i], NULL);
    }
    size_t largest = from->size;    /* no array is longer than the file that holds it, no room larger than what it may grow to */
    fs_status status = FS_OK;
    if (from->failed || T->n_rows > T->rows_room || T->n_nodes > T->nodes_room || T->n_steps_kept > largest || T->dim > largest ||
        T->n_par > limit / (T->rows_room + 1) || T->dim > limit / (T->nodes_room + 1))
        status = fs_fail(err, FS_EINPUT, "expected the sizes of a trajectory, found some that do not fit together");
    for (size_t i = 0; status == FS_OK && i < ARRAYS; i++) {
        if (!had[i]) continue;
        const unsigned char *bytes = p[i].used ? fs_bytes_take(from, p[i].used) : NULL;
        void *data = from->failed ? NULL : fs_calloc(1, p[i].room);
        if (from->failed) status = fs_fail(err, FS_EINPUT, "expected %zu more bytes of a trajectory, found its end", p[i].used);
        else if (!data) status = fs_fail(err, FS_ENOMEM, "trajectory of %zu bytes", p[i].room);
        else if (bytes) memcpy(data, bytes, p[i].used);
        set(&p[i], data);
    }
    T->solver[sizeof T->solver - 1] = T->status[sizeof T->status - 1] = 0;
    if (status == FS_OK) *out = T;
    else fs_trajectory_destroy(T);
    return status;
}

void fs_trajectory_destroy(fs_trajectory *T)
{
    if (!T) return;
    part p[ARRAYS];
    arrays(T, p);
    for (size_t i = 0; i < ARRAYS; i++) free(get(&p[i]));
    free(T);
}
