/* problem/isotypic.c -- TL and N as sums of real irreducible representations
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "problem/isotypic.h"

#include "problem/hypotheses.h"
#include "problem/parts.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define CLASSES 1024u

/* Why there is no decomposition, in p's note; 0 when there is one. */
static int is_impossible(fs_problem *p)
{
    const fs_group *G = p->group;
    const double *weight;
    const size_t *point;
    const uint32_t *class_of;
    char *note = p->isotypic_note;
    size_t size = sizeof p->isotypic_note, classes = fs_group_classes(G, &point, &weight, &class_of), degree = fs_rep_degree(p->rho_H);
    if (p->hypotheses.invariance_of_L.verdict != FS_HOLDS) snprintf(note, size, "L is not invariant under %.60s, so it is no representation", fs_group_in_words(G));
    else if (fs_group_is_continuous(G) && fs_group_factors(G) > 1) snprintf(note, size, "no table of irreducibles for products with a continuous factor");
    else if (fs_group_is_continuous(G) && degree > fs_group_haar_degree(G) / 2)
        snprintf(note, size, "L has irreducibles of degree %zu, and the Haar nodes tell them apart up to %zu", degree, fs_group_haar_degree(G) / 2);
    else if (!fs_group_is_continuous(G) && !fs_group_is_enumerated(G)) snprintf(note, size, "%.60s is too large to enumerate", fs_group_in_words(G));
    else if (classes > CLASSES) snprintf(note, size, "%.60s has %zu conjugacy classes, more than %u", fs_group_in_words(G), classes, CLASSES);
    return note[0] != 0;
}

/* The character of TL at every point: one element a class is enough, or the Haar nodes. */
static fs_status character_of_L(const fs_problem *p, double *chi, fs_err *err)
{
    const fs_group *G = p->group;
    const double *weight, *haar = fs_group_haar(G);
    const size_t *point;
    const uint32_t *class_of;
    size_t points = fs_group_points(G), classes = fs_group_classes(G, &point, &weight, &class_of);
    double *needed = fs_calloc(points, sizeof *needed);
    fs_status status = FS_OK;
    if (!needed) return fs_fail(err, FS_ENOMEM, "a character on %zu points", points);
    for (size_t c = 0; c < classes; c++) needed[point[c]] = 1.0;
    for (size_t g = 0; g < points && !classes; g++) needed[g] = haar[g];
    if (p->basis->dim_E + p->basis->dim_N == p->basis->n_par)
        for (size_t g = 0; g < points; g++) chi[g] = needed[g] > 0.0 ? fs_rep_character(p->rho_H, g) : 0.0;
    else status = fs_basis_character(p->basis, p->rho_H, needed, chi, err);
    for (size_t g = 0; g < points && classes && status == FS_OK; g++) chi[g] = chi[point[class_of[g]]];
    free(needed);
    return status;
}

/* m (count) as whole numbers in isotypic; complaints go to the note. */
static void take_multiplicities(fs_problem *p, const double *m)
{
    const fs_irreducibles *table = p->irreducibles;
    size_t dim_L = p->basis->dim_E + p->basis->dim_N, sum = 0;
    double tolerance = 64.0 * (double)p->basis->n_par * (double)fs_group_points(p->group) * DBL_EPSILON;
    if (!(tolerance <= 0.1)) tolerance = 0.1;
    for (size_t k = 0; k < table->count; k++) {
        double whole = round(m[k]);
        if (!(whole >= 0.0 && fabs(m[k] - whole) <= tolerance)) {
            snprintf(p->isotypic_note, sizeof p->isotypic_note, "the multiplicity of %s in L came out as %.6g", table->irreducible[k].name, m[k]);
            return;
        }
        size_t in_L = (size_t)whole;
        sum += in_L * table->irreducible[k].dim;
        if (!in_L) continue;
        p->isotypic[p->n_isotypic++] = (fs_isotypic_part){ &table->irreducible[k], in_L, k ? in_L : in_L - p->basis->dim_E };
    }
    if (sum != dim_L)
        snprintf(p->isotypic_note, sizeof p->isotypic_note, "the multiplicities make up %zu of dim L = %zu", sum, dim_L);
    else if ((size_t)round(m[0]) != p->basis->dim_E)
        snprintf(p->isotypic_note, sizeof p->isotypic_note, "the trivial part of L has dimension %zu, and dim E = %zu", (size_t)round(m[0]), p->basis->dim_E);
}

fs_status fs_isotypic_measure(fs_problem *p, fs_err *err)
{
    if (is_impossible(p)) return FS_OK;
    size_t points = fs_group_points(p->group);
    double *chi = fs_calloc(points, sizeof *chi), *m = NULL;
    fs_status status = chi ? FS_OK : fs_fail(err, FS_ENOMEM, "a character on %zu points", points);
    if (status == FS_OK) status = fs_irreducibles_create(&p->irreducibles, p->group, fs_rep_degree(p->rho_H), err);
    if (status == FS_OK) status = character_of_L(p, chi, err);
    if (status == FS_OK) {
        m = fs_calloc(p->irreducibles->count, sizeof *m);
        p->isotypic = fs_calloc(p->irreducibles->count, sizeof *p->isotypic);
        if (!m || !p->isotypic) status = fs_fail(err, FS_ENOMEM, "%zu irreducibles", p->irreducibles->count);
    }
    if (status == FS_OK) {
        fs_irreducibles_multiplicities(p->irreducibles, chi, m);
        take_multiplicities(p, m);
        if (p->isotypic_note[0]) {
            free(p->isotypic);
            p->isotypic = NULL;
            p->n_isotypic = 0;
        }
    }
    free(chi);
    free(m);
    return status;
}
