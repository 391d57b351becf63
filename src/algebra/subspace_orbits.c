/* algebra/subspace_orbits.c -- monomial rho, TL spanned by coordinates: closed forms, orbit by orbit
 *
 * An orbit O of n coordinates has at most one invariant vector v, entries gauge / sqrt(n).  With m of the coordinates
 * admissible:
 *
 *   m = n and v exists    Q_E: v;   Q_N: the nodes of a balanced binary tree over the members of O, times the gauge
 *   otherwise             Q_N: the m admissible unit vectors
 *   kappa on O            |(1 - Pi_L) v| |Pi_L v| = sqrt(m (n - m)) / n
 *
 * A node with a members on its left and b on its right gives the vector sqrt(b / (a (a+b))) on the left, -sqrt(a / (b (a+b)))
 * on the right: of length one, and orthogonal to everything constant on the node, as v and the nodes above it are.
 *
 * The Lie algebra acts by 0 on a monomial representation, so the generators say everything.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/subspace_private.h"

#include <math.h>
#include <stdlib.h>

/* ---- the tree ---- */

typedef struct {
    const uint32_t *member;
    const int8_t *gauge;
    fs_basis_rows *N;
    double *defect;             /* max |<q_i, q_j> - delta_ij| so far */
} tree;

/* Sizes of all nodes with two members or more: n ceil(log2 n) - 2^ceil(log2 n) + n. */
static size_t tree_entries(size_t n)
{
    size_t levels = 0;
    while ((size_t)1 << levels < n) levels++;
    return n * levels + n - ((size_t)1 << levels);
}

/* The node of members low .. high-1, then the nodes below.  above: largest entry of v and of the nodes above on these
 * members; the product of their vectors with this node's, as rounded, is at most that times the node's own sum. */
static fs_status add_nodes(const tree *t, size_t low, size_t high, double above, fs_err *err)
{
    size_t n = high - low, half = n / 2;
    uint32_t *col;
    double *val;
    if (n < 2) return FS_OK;
    double a = (double)half, b = (double)(n - half), left = sqrt(b / (a * (a + b))), right = -sqrt(a / (b * (a + b)));
    long double l = (long double)left, r = (long double)right;
    fs_raise_to(t->defect, fabs((double)((long double)a * l * l + (long double)b * r * r - 1.0L)));
    fs_raise_to(t->defect, above * fabs((double)((long double)a * l + (long double)b * r)));
    FS_TRY(fs_basis_rows_append(t->N, n, &col, &val, err));
    for (size_t i = 0; i < n; i++) {
        col[i] = t->member[low + i];
        val[i] = t->gauge[col[i]] * (i < half ? left : right);
    }
    FS_TRY(add_nodes(t, low, low + half, above > left ? above : left, err));
    return add_nodes(t, low + half, high, above > -right ? above : -right, err);
}

/* ---- building ---- */

static fs_status add_whole_orbit(fs_basis *basis, const fs_partition *p, size_t o, fs_basis_rows *E, fs_basis_rows *N, fs_err *err)
{
    const uint32_t *member = p->member + p->start[o];
    size_t n = p->start[o + 1] - p->start[o];
    uint32_t *col;
    double *val, v = 1.0 / sqrt((double)n);
    fs_raise_to(&basis->orthonormality, fabs((double)((long double)v * (long double)v * (long double)n - 1.0L)));
    FS_TRY(fs_basis_rows_append(E, n, &col, &val, err));
    for (size_t i = 0; i < n; i++) {
        col[i] = member[i];
        val[i] = p->gauge[member[i]] * v;
    }
    return add_nodes(&(tree){ member, p->gauge, N, &basis->orthonormality }, 0, n, v, err);
}

static fs_status add_units(const fs_partition *p, size_t o, const unsigned char *mask, fs_basis_rows *N, fs_err *err)
{
    for (size_t i = p->start[o]; i < p->start[o + 1]; i++) {
        uint32_t *col;
        double *val;
        if (mask && !mask[p->member[i]]) continue;
        FS_TRY(fs_basis_rows_append(N, 1, &col, &val, err));
        *col = p->member[i];
        *val = 1.0;
    }
    return FS_OK;
}

static int has_invariant(const fs_partition *p, size_t o, size_t admissible)
{
    return admissible == p->start[o + 1] - p->start[o] && !p->fixes_none[o];
}

/* Q_E and Q_N with room for exactly what comes. */
static fs_status make_room(const fs_partition *p, const unsigned char *mask, fs_basis_rows *E, fs_basis_rows *N, fs_err *err)
{
    size_t rows[2] = { 0, 0 }, entries[2] = { 0, 0 };
    for (size_t o = 0; o < p->blocks; o++) {
        size_t n = fs_basis_admissible(p, o, mask);
        int whole = has_invariant(p, o, n);
        rows[0] += whole ? 1 : 0;
        entries[0] += whole ? n : 0;
        rows[1] += whole ? n - 1 : n;
        entries[1] += whole ? tree_entries(n) : n;
    }
    FS_TRY(fs_basis_rows_create(E, rows[0], p->n, entries[0], err));
    return fs_basis_rows_create(N, rows[1], p->n, entries[1], err);
}

fs_status fs_basis_orbits_build(fs_basis *b, const fs_rep *rho, const unsigned char *mask, fs_basis_rows *E, fs_basis_rows *N,
                                fs_err *err)
{
    fs_partition *p;
    fs_status status = fs_partition_orbits(&p, rho, err);
    if (status == FS_OK) status = make_room(p, mask, E, N, err);
    for (size_t o = 0; status == FS_OK && o < p->blocks; o++)
        status = has_invariant(p, o, fs_basis_admissible(p, o, mask)) ? add_whole_orbit(b, p, o, E, N, err)
                                                                      : add_units(p, o, mask, N, err);
    fs_partition_destroy(p);
    return status;
}

/* ---- queries ---- */

fs_status fs_basis_orbits_compatibility(const fs_basis *b, const fs_rep *rho, double *kappa, fs_err *err)
{
    fs_partition *p = NULL;
    unsigned char *mask = NULL;
    fs_status status = fs_basis_mask(b, &mask, err);
    if (status == FS_OK) status = fs_partition_orbits(&p, rho, err);
    for (size_t o = 0; status == FS_OK && o < p->blocks; o++) {
        size_t n = p->start[o + 1] - p->start[o], m = fs_basis_admissible(p, o, mask);
        if (!p->fixes_none[o]) fs_raise_to(kappa, sqrt((double)m * (double)(n - m)) / (double)n);
    }
    free(mask);
    fs_partition_destroy(p);
    return status;
}

/* A signed permutation either keeps the admissible coordinates or moves a unit vector out: 0 or 1. */
fs_status fs_basis_orbits_invariance(const fs_basis *b, const fs_rep *rho, double *defect, fs_err *err)
{
    unsigned char *mask;
    size_t count;
    const size_t *generator = fs_group_generators(fs_rep_group(rho), &count);
    FS_TRY(fs_basis_mask(b, &mask, err));
    for (size_t k = 0; k < count; k++)
        for (size_t j = 0; j < b->n_par; j++) {
            int sign;
            if (mask[j] && !mask[fs_rep_image_of_basis(rho, generator[k], j, &sign)]) *defect = 1.0;
        }
    free(mask);
    return FS_OK;
}

/* rho(g) moves the label j + 1 (0 off the mask); where it lands on itself the diagonal entry is the sign it comes back with. */
fs_status fs_basis_orbits_character(const fs_basis *b, const fs_rep *rho, const double *needed, double *chi, fs_err *err)
{
    unsigned char *mask = NULL;
    double *label = fs_calloc(b->n_par, sizeof *label), *moved = fs_calloc(b->n_par, sizeof *moved);
    fs_status status = label && moved ? fs_basis_mask(b, &mask, err)
                                      : fs_fail(err, FS_ENOMEM, "labels of %zu coordinates", b->n_par);
    for (size_t j = 0; status == FS_OK && j < b->n_par; j++) label[j] = mask[j] ? (double)(j + 1) : 0.0;
    for (size_t g = 0; status == FS_OK && g < fs_group_points(fs_rep_group(rho)); g++) {
        long trace = 0;
        if (needed && needed[g] == 0.0) continue;
        status = fs_rep_apply(rho, g, label, moved);
        for (size_t j = 0; j < b->n_par; j++)
            if (label[j] > 0.0) trace += (moved[j] == label[j]) - (moved[j] == -label[j]);
        chi[g] = (double)trace;
    }
    free(mask);
    free(label);
    free(moved);
    return status;
}
