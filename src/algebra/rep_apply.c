/* algebra/rep_apply.c -- rho(g) x and d rho(X) x, their single columns, and the Reynolds operator
 *
 *   P = sum_g measure[g] rho(g)                              projects onto the invariants for the Haar measure  [Ser77, 2.6]
 *   d(rho x sigma)(X) = d rho(X) x 1 + 1 x d sigma(X)        Leibniz
 *
 * Monomial trees scatter: y[i] += weight sign x[j], one pass, no scratch.  Trees with dense leaves act
 * on one factor's index at a time, x seen as (left, n, right): O(n_total n_k) for a dense factor of n_k.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/rep_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- monomial trees ---- */

/* The part of a sum that holds index j. */
static size_t part_of(const fs_rep *rep, size_t j)
{
    size_t low = 0, high = rep->parts;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (rep->place[middle] <= j) low = middle;
        else high = middle;
    }
    return low;
}

size_t fs_rep_image_of_basis(const fs_rep *rep, size_t g, size_t j, int *sign)
{
    assert(rep->monomial);
    *sign = 1;
    if (rep->kind == REP_SIGNED) {
        if (rep->sign) *sign = rep->sign[g * rep->n + j];
        return rep->perm ? rep->perm[g * rep->n + j] : j;
    }
    if (rep->kind == REP_SUM) {
        size_t k = part_of(rep, j);
        return rep->place[k] + fs_rep_image_of_basis(rep->part[k], g, j - rep->place[k], sign);
    }
    size_t i = 0;
    for (size_t k = 0; k < rep->parts; k++) {
        int factor_sign;
        i += rep->place[k] * fs_rep_image_of_basis(rep->part[k], g, j / rep->place[k] % rep->part[k]->n, &factor_sign);
        *sign *= factor_sign;
    }
    return i;
}

static void scatter_add(const fs_rep *rep, size_t g, double weight, const double *x, double *y);

static void scatter_add_leaf(const fs_rep *rep, size_t g, double weight, const double *x, double *y)
{
    size_t n = rep->n;
    const uint32_t *perm = rep->perm ? rep->perm + g * n : NULL;
    const int8_t *sign = rep->sign ? rep->sign + g * n : NULL;
    if (!perm)
        for (size_t j = 0; j < n; j++) y[j] += weight * x[j];
    else if (!sign)
        for (size_t j = 0; j < n; j++) y[perm[j]] += weight * x[j];
    else
        for (size_t j = 0; j < n; j++) y[perm[j]] += weight * sign[j] * x[j];
}

/* Factors k, k+1, ... of a tensor product: factor k moves whole slabs of its stride. */
static void scatter_add_factors(const fs_rep *rep, size_t k, size_t g, double weight, const double *x, double *y)
{
    const fs_rep *factor = rep->part[k];
    size_t slab = rep->place[k];
    if (k + 1 == rep->parts) {
        scatter_add(factor, g, weight, x, y);
        return;
    }
    for (size_t j = 0; j < factor->n; j++) {
        int sign;
        size_t i = fs_rep_image_of_basis(factor, g, j, &sign);
        scatter_add_factors(rep, k + 1, g, sign * weight, x + j * slab, y + i * slab);
    }
}

/* y += weight rho(g) x */
static void scatter_add(const fs_rep *rep, size_t g, double weight, const double *x, double *y)
{
    if (rep->kind == REP_SIGNED) scatter_add_leaf(rep, g, weight, x, y);
    else if (rep->kind == REP_TENSOR) scatter_add_factors(rep, 0, g, weight, x, y);
    else
        for (size_t k = 0; k < rep->parts; k++) scatter_add(rep->part[k], g, weight, x + rep->place[k], y + rep->place[k]);
}

/* ---- trees with dense leaves ---- */

/* x as (left, n, right) with `step` doubles from one left index to the next. */
typedef struct {
    size_t left, step, right;
} slabs;

static void act(const fs_rep *rep, size_t g, slabs s, const double *x, double *y, double *scratch);

static void act_signed(const fs_rep *rep, size_t g, slabs s, const double *x, double *y)
{
    for (size_t j = 0; j < rep->n; j++) {
        int sign;
        size_t i = fs_rep_image_of_basis(rep, g, j, &sign);
        for (size_t l = 0; l < s.left; l++) {
            const double *from = x + l * s.step + j * s.right;
            double *to = y + l * s.step + i * s.right;
            for (size_t r = 0; r < s.right; r++) to[r] = sign * from[r];
        }
    }
}

/* y += M x, M (n, n) on the middle index */
static void add_dense(const double *M, size_t n, slabs s, const double *x, double *y)
{
    for (size_t l = 0; l < s.left; l++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                const double *from = x + l * s.step + j * s.right;
                double *to = y + l * s.step + i * s.right, entry = M[i * n + j];
                for (size_t r = 0; r < s.right; r++) to[r] += entry * from[r];
            }
}

static void act_dense(const fs_rep *rep, size_t g, slabs s, const double *x, double *y)
{
    for (size_t l = 0; l < s.left; l++) memset(y + l * s.step, 0, rep->n * s.right * sizeof *y);
    add_dense(rep->matrix + g * rep->n * rep->n, rep->n, s, x, y);
}

/* One factor after the other between two halves of the scratch, the last one into y. */
static void act_tensor(const fs_rep *rep, size_t g, slabs s, const double *x, double *y, double *scratch)
{
    size_t block = rep->n * s.right;
    for (size_t l = 0; l < s.left; l++) {
        const double *from = x + l * s.step;
        for (size_t k = 0; k < rep->parts; k++) {
            const fs_rep *factor = rep->part[k];
            double *to = k + 1 == rep->parts ? y + l * s.step : scratch + k % 2 * block;
            size_t right = rep->place[k] * s.right, step = factor->n * right;
            act(factor, g, (slabs){ block / step, step, right }, from, to, scratch + 2 * block);
            from = to;
        }
    }
}

static void act(const fs_rep *rep, size_t g, slabs s, const double *x, double *y, double *scratch)
{
    if (rep->kind == REP_SIGNED) act_signed(rep, g, s, x, y);
    else if (rep->kind == REP_DENSE) act_dense(rep, g, s, x, y);
    else if (rep->kind == REP_TENSOR) act_tensor(rep, g, s, x, y, scratch);
    else
        for (size_t k = 0; k < rep->parts; k++)
            act(rep->part[k], g, s, x + rep->place[k] * s.right, y + rep->place[k] * s.right, scratch);
}

/* ---- the Lie algebra ---- */

/* y += d rho(X_k) x on the slabs */
static void act_lie(const fs_rep *rep, size_t k, slabs s, const double *x, double *y)
{
    if (rep->kind == REP_SUM) {
        for (size_t f = 0; f < rep->parts; f++)
            act_lie(rep->part[f], k, s, x + rep->place[f] * s.right, y + rep->place[f] * s.right);
    } else if (rep->kind == REP_TENSOR) {
        for (size_t l = 0; l < s.left; l++)
            for (size_t f = 0; f < rep->parts; f++) {
                size_t right = rep->place[f] * s.right, step = rep->part[f]->n * right;
                act_lie(rep->part[f], k, (slabs){ rep->n * s.right / step, step, right }, x + l * s.step, y + l * s.step);
            }
    } else if (rep->lie) {
        add_dense(rep->lie + k * rep->n * rep->n, rep->n, s, x, y);
    }
}

/* ---- the public doors ---- */

/* Scratch of act, empty for monomial representations; NULL when memory is short. */
static double *scratch_alloc(const fs_rep *rep)
{
    return fs_calloc(2 * rep->tensor_depth, rep->n * sizeof(double));
}

fs_status fs_rep_apply(const fs_rep *rep, size_t g, const double *x, double *y)
{
    if (rep->monomial) {
        memset(y, 0, rep->n * sizeof *y);
        scatter_add(rep, g, 1.0, x, y);
        return FS_OK;
    }
    double *scratch = scratch_alloc(rep);
    if (!scratch) return FS_ENOMEM;
    act(rep, g, (slabs){ 1, rep->n, 1 }, x, y, scratch);
    free(scratch);
    return FS_OK;
}

fs_status fs_rep_apply_lie(const fs_rep *rep, size_t k, const double *x, double *y)
{
    memset(y, 0, rep->n * sizeof *y);
    act_lie(rep, k, (slabs){ 1, rep->n, 1 }, x, y);
    return FS_OK;
}

static fs_status check_average(const fs_rep *rep, fs_err *err)
{
    size_t degree = fs_group_haar_degree(rep->G);
    if (fs_rep_haar_is_exact(rep)) return FS_OK;
    if (degree == 0)
        return fs_fail(err, FS_EINPUT, "expected a group that can be averaged over, found %s, whose elements are too many to list",
                       fs_group_name(rep->G));
    return fs_fail(err, FS_EINPUT, "expected a representation of degree at most %zu, to which the Haar nodes of %s are exact, "
                   "found degree %zu (%s)", degree, fs_group_name(rep->G), rep->degree, rep->name);
}

fs_status fs_reynolds_apply(const fs_rep *rep, const double *measure, const double *x, double *y, fs_err *err)
{
    const double *weight = measure ? measure : fs_group_haar(rep->G);
    size_t n = rep->n;
    if (!measure) FS_TRY(check_average(rep, err));
    memset(y, 0, n * sizeof *y);
    double *moved = NULL, *scratch = NULL;
    if (!rep->monomial) {
        moved = fs_calloc(n, sizeof *moved);
        scratch = scratch_alloc(rep);
    }
    fs_status status = FS_OK;
    if (!rep->monomial && !(moved && scratch)) status = fs_fail(err, FS_ENOMEM, "Reynolds operator in dimension %zu", n);
    for (size_t g = 0; status == FS_OK && g < fs_group_points(rep->G); g++) {
        if (weight[g] == 0.0) continue;
        if (rep->monomial) scatter_add(rep, g, weight[g], x, y);
        else {
            act(rep, g, (slabs){ 1, n, 1 }, x, moved, scratch);
            for (size_t i = 0; i < n; i++) y[i] += weight[g] * moved[i];
        }
    }
    free(moved);
    free(scratch);
    return status;
}

/* ---- columns ---- */

/* What is left of the tree below the entry being built: factors k, k+1, ... of rep at column j, each local row index
 * counted in units of stride; then next. */
typedef struct pending {
    const fs_rep *rep;
    size_t k, j, stride;
    const struct pending *next;
} pending;

typedef struct {
    size_t count, *row;
    double *value;
} column;

static void emit(const pending *p, size_t g, size_t row, double value, column *to)
{
    if (!p) {
        to->row[to->count] = row;
        to->value[to->count++] = value;
        return;
    }
    const fs_rep *rep = p->rep;
    if (rep->kind == REP_SIGNED) {
        int sign;
        size_t i = fs_rep_image_of_basis(rep, g, p->j, &sign);
        emit(p->next, g, row + i * p->stride, sign * value, to);
    } else if (rep->kind == REP_DENSE) {
        const double *M = rep->matrix + g * rep->n * rep->n;
        for (size_t i = 0; i < rep->n; i++)
            if (M[i * rep->n + p->j] != 0.0) emit(p->next, g, row + i * p->stride, value * M[i * rep->n + p->j], to);
    } else if (rep->kind == REP_SUM) {
        size_t k = part_of(rep, p->j);
        pending part = { rep->part[k], 0, p->j - rep->place[k], p->stride, p->next };
        emit(&part, g, row + rep->place[k] * p->stride, value, to);
    } else {
        const fs_rep *factor = rep->part[p->k];
        pending rest = { rep, p->k + 1, p->j, p->stride, p->next };
        pending first = { factor, 0, p->j / rep->place[p->k] % factor->n, p->stride * rep->place[p->k],
                          p->k + 1 == rep->parts ? p->next : &rest };
        emit(&first, g, row, value, to);
    }
}

size_t fs_rep_column(const fs_rep *rep, size_t g, size_t j, size_t *row, double *value)
{
    column to = { 0, row, value };
    pending all = { rep, 0, j, 1, NULL };
    emit(&all, g, 0, 1.0, &to);
    return to.count;
}

size_t fs_rep_column_room(const fs_rep *rep)
{
    if (rep->monomial) return 1;
    if (rep->kind == REP_DENSE) return rep->n;
    size_t room = 1;
    for (size_t k = 0; k < rep->parts; k++) {
        size_t part = fs_rep_column_room(rep->part[k]);
        if (rep->kind == REP_TENSOR) room *= part;
        else if (part > room) room = part;
    }
    return room;
}

/* A tensor product changes one factor's index at a time; base and stride place this part's rows in the whole. */
static void emit_lie(const fs_rep *rep, size_t k, size_t j, size_t base, size_t stride, column *to)
{
    if (rep->kind == REP_SUM) {
        size_t f = part_of(rep, j);
        emit_lie(rep->part[f], k, j - rep->place[f], base + rep->place[f] * stride, stride, to);
    } else if (rep->kind == REP_TENSOR) {
        for (size_t f = 0; f < rep->parts; f++) {
            size_t place = rep->place[f], digit = j / place % rep->part[f]->n;
            emit_lie(rep->part[f], k, digit, base + (j - digit * place) * stride, place * stride, to);
        }
    } else if (rep->lie) {
        const double *L = rep->lie + k * rep->n * rep->n;
        for (size_t i = 0; i < rep->n; i++) {
            if (L[i * rep->n + j] == 0.0) continue;
            to->row[to->count] = base + i * stride;
            to->value[to->count++] = L[i * rep->n + j];
        }
    }
}

size_t fs_rep_lie_column(const fs_rep *rep, size_t k, size_t j, size_t *row, double *value)
{
    column to = { 0, row, value };
    emit_lie(rep, k, j, 0, 1, &to);
    return to.count;
}

/* 0 where the Lie algebra acts by nothing. */
static size_t lie_entries(const fs_rep *rep)
{
    size_t room = rep->lie ? rep->n : 0;
    for (size_t f = 0; f < rep->parts; f++) {
        size_t part = lie_entries(rep->part[f]);
        if (rep->kind == REP_TENSOR) room += part;
        else if (part > room) room = part;
    }
    return room;
}

size_t fs_rep_lie_column_room(const fs_rep *rep)
{
    size_t room = lie_entries(rep);
    return room ? room : 1;
}
