/* algebra/group.c -- what all groups have: memory, verified axioms, classes, queries
 *
 *   product[g m + h] = g h,   inverse[g],   haar[g] = rule[g] = 1 / m        m = |G|, enumerated groups
 *
 * Every enumerated group passes fs_group_finish: closed, identity 0, inverses, associative.  Associativity is Light's
 * test: if (x s) y = x (s y) for all x, y and every s of a generating set, the law holds for all
 * triples, because the elements that pass in the middle are closed under products.  O(k m^2) for k
 * generators, k <= log2 m in a group.  Conjugacy classes are the orbits of g -> s g s^-1 for generators s, O(k m).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/group_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- memory ------------------------------------------------------------------------- */

fs_group *fs_group_retain(fs_group *G)
{
    G->references++;
    return G;
}

void fs_group_destroy(fs_group *G)
{
    if (!G || --G->references > 0) return;
    for (size_t k = 0; k < G->factors; k++) fs_group_destroy(G->factor[k]);
    free(G->factor);
    free(G->name);
    free(G->product);
    free(G->inverse);
    free(G->generator);
    free(G->witness);
    free(G->haar);
    free(G->rule);
    free(G->doubled);
    free(G->class_point);
    free(G->class_weight);
    free(G->class_of);
    free(G->permutation);
    free(G->matrix);
    free(G);
}

fs_status fs_group_alloc(fs_group **out, fs_family family, const char *name, size_t order, size_t points, fs_err *err)
{
    *out = NULL;
    fs_group *G = fs_calloc(1, sizeof *G);
    if (!G) goto nomem;
    G->references = 1;
    G->family = family;
    G->order = order;
    G->points = points;
    G->name = strdup(name);
    G->generator = fs_calloc(points, sizeof *G->generator);
    G->haar = fs_calloc(points, sizeof *G->haar);
    if (!G->name || !G->generator || !G->haar) goto nomem;
    *out = G;
    return FS_OK;
nomem:
    fs_group_destroy(G);
    return fs_fail(err, FS_ENOMEM, "group %s with %zu points", name, points);
}

fs_status fs_group_alloc_enumerated(fs_group **out, fs_family family, const char *name, size_t order, fs_err *err)
{
    fs_group *G;
    *out = NULL;
    if (order < 1 || order > FS_GROUP_MOST)
        return fs_fail(err, FS_EINPUT, "group %s: expected an order from 1 to %zu, found %zu", name, FS_GROUP_MOST, order);
    FS_TRY(fs_group_alloc(&G, family, name, order, order, err));
    G->enumerated = 1;
    G->product = fs_calloc(order * order, sizeof *G->product);
    if (!G->product) {
        fs_group_destroy(G);
        return fs_fail(err, FS_ENOMEM, "group %s: a product table of %zu x %zu", name, order, order);
    }
    *out = G;
    return FS_OK;
}

/* Row s g is left_s after row g; rows that the generators do not reach stay zero, which no group passes. */
fs_status fs_group_fill_product(fs_group *G, size_t count, const uint32_t *left, fs_err *err)
{
    size_t m = G->order, reached = 1;
    uint32_t *queue = fs_calloc(m, sizeof *queue);
    unsigned char *seen = fs_calloc(m, 1);
    if (!queue || !seen) {
        free(queue);
        free(seen);
        return fs_fail(err, FS_ENOMEM, "group %s of order %zu", G->name, m);
    }
    seen[0] = 1;
    for (size_t h = 0; h < m; h++) G->product[h] = (uint32_t)h;
    for (size_t i = 0; i < reached; i++)
        for (size_t k = 0; k < count; k++) {
            const uint32_t *s = left + k * m, *from = G->product + queue[i] * m;
            uint32_t *to = G->product + s[queue[i]] * m;
            if (seen[s[queue[i]]]) continue;
            seen[s[queue[i]]] = 1;
            queue[reached++] = s[queue[i]];
            for (size_t h = 0; h < m; h++) to[h] = s[from[h]];
        }
    free(queue);
    free(seen);
    return FS_OK;
}

/* --- axioms ------------------------------------------------------------------------- */

static fs_status check_identity(const fs_group *G, fs_err *err)
{
    for (size_t g = 0; g < G->order; g++) {
        size_t left = fs_group_product(G, 0, g), right = fs_group_product(G, g, 0);
        if (left != g)
            return fs_fail(err, FS_EGROUP, "group %s: expected element 0 to be the identity, found 0 * %zu = %zu", G->name,
                           g, left);
        if (right != g)
            return fs_fail(err, FS_EGROUP, "group %s: expected element 0 to be the identity, found %zu * 0 = %zu", G->name,
                           g, right);
    }
    return FS_OK;
}

static fs_status find_inverses(fs_group *G, fs_err *err)
{
    G->inverse = fs_calloc(G->order, sizeof *G->inverse);
    if (!G->inverse) return fs_fail(err, FS_ENOMEM, "inverses in a group of order %zu", G->order);
    for (size_t g = 0; g < G->order; g++) {
        const uint32_t *row = G->product + g * G->order;
        size_t h = 0;
        while (h < G->order && (row[h] != 0 || fs_group_product(G, h, g) != 0)) h++;
        if (h == G->order)
            return fs_fail(err, FS_EGROUP, "group %s: expected an inverse of element %zu, found no h with %zu h = h %zu = 0",
                           G->name, g, g, g);
        G->inverse[g] = h;
    }
    return FS_OK;
}

/* Adds to reached[0 .. count-1] every product of reached elements with generators on the right. */
static size_t close_under_generators(const fs_group *G, unsigned char *seen, size_t *reached, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < G->generators; k++) {
            size_t x = fs_group_product(G, reached[i], G->generator[k]);
            if (seen[x]) continue;
            seen[x] = 1;
            reached[count++] = x;
        }
    return count;
}

/* Candidates are the generators that G came with, then all elements; those not yet generated join, so a subgroup at
 * least doubles each time. */
static fs_status find_generators(fs_group *G, fs_err *err)
{
    size_t *reached = fs_calloc(G->order, sizeof *reached), count = 1, given = G->generators;
    unsigned char *seen = fs_calloc(G->order, 1);
    if (!seen || !reached) {
        free(seen);
        free(reached);
        return fs_fail(err, FS_ENOMEM, "generators of a group of order %zu", G->order);
    }
    seen[0] = 1;
    G->generators = 0;
    for (size_t c = 0; c < given + G->order && count < G->order; c++) {
        size_t g = c < given ? G->generator[c] : c - given;
        if (seen[g]) continue;
        G->generator[G->generators++] = g;
        count = close_under_generators(G, seen, reached, count);
    }
    free(seen);
    free(reached);
    return FS_OK;
}

static fs_status check_associativity(const fs_group *G, fs_err *err)
{
    size_t m = G->order;
    for (size_t k = 0; k < G->generators; k++)
        for (size_t x = 0; x < m; x++) {
            size_t s = G->generator[k];
            const uint32_t *row_x = G->product + x * m, *row_s = G->product + s * m, *row_xs = G->product + row_x[s] * m;
            for (size_t y = 0; y < m; y++)
                if (row_xs[y] != row_x[row_s[y]])
                    return fs_fail(err, FS_EGROUP, "group %s: expected (%zu %zu) %zu = %zu (%zu %zu), found %u and %u",
                                   G->name, x, s, y, x, s, y, row_xs[y], row_x[row_s[y]]);
        }
    return FS_OK;
}

/* --- what follows from the axioms ----------------------------------------------------- */

/* Every generator times every element: a map that respects these products respects all. */
static fs_status find_witnesses(fs_group *G, fs_err *err)
{
    size_t *w = G->witness = fs_calloc(3 * (G->generators * G->order + 1), sizeof *G->witness);
    if (!w) return fs_fail(err, FS_ENOMEM, "witnesses of a group of order %zu", G->order);
    for (size_t k = 0; k < G->generators; k++)
        for (size_t g = 0; g < G->order; g++) {
            *w++ = G->generator[k];
            *w++ = g;
            *w++ = fs_group_product(G, G->generator[k], g);
        }
    G->witnesses = G->generators ? G->generators * G->order : 1;    /* the trivial group: 1 1 = 1 */
    return FS_OK;
}

static fs_status find_classes(fs_group *G, fs_err *err)
{
    size_t m = G->order, *queue = fs_calloc(m, sizeof *queue);
    G->class_of = fs_calloc(m, sizeof *G->class_of);
    G->class_point = fs_calloc(m, sizeof *G->class_point);
    G->class_weight = fs_calloc(m, sizeof *G->class_weight);
    if (!queue || !G->class_of || !G->class_point || !G->class_weight) {
        free(queue);
        return fs_fail(err, FS_ENOMEM, "conjugacy classes of a group of order %zu", m);
    }
    for (size_t g = 0; g < m; g++) G->class_of[g] = UINT32_MAX;
    for (size_t g = 0; g < m; g++) {
        size_t size = 1;
        if (G->class_of[g] != UINT32_MAX) continue;
        queue[0] = G->class_point[G->classes] = g;
        G->class_of[g] = (uint32_t)G->classes;
        for (size_t i = 0; i < size; i++)
            for (size_t k = 0; k < G->generators; k++) {
                size_t s = G->generator[k], x = fs_group_product(G, fs_group_product(G, s, queue[i]), G->inverse[s]);
                if (G->class_of[x] != UINT32_MAX) continue;
                G->class_of[x] = (uint32_t)G->classes;
                queue[size++] = x;
            }
        G->class_weight[G->classes++] = (double)size / (double)m;
    }
    free(queue);
    return FS_OK;
}

static fs_status set_uniform(fs_group *G, fs_err *err)
{
    G->rule = fs_calloc(G->order, sizeof *G->rule);
    if (!G->rule) return fs_fail(err, FS_ENOMEM, "weights of a group of order %zu", G->order);
    for (size_t g = 0; g < G->order; g++) G->haar[g] = G->rule[g] = 1.0 / (double)G->order;
    G->haar_degree = SIZE_MAX;
    if (G->order == 1) snprintf(G->note, sizeof G->note, "the only element");
    else snprintf(G->note, sizeof G->note, "all %zu elements", G->order);
    return FS_OK;
}

static fs_status finish(fs_group *G, fs_err *err)
{
    FS_TRY(check_identity(G, err));
    FS_TRY(find_inverses(G, err));
    FS_TRY(find_generators(G, err));
    FS_TRY(check_associativity(G, err));
    FS_TRY(find_witnesses(G, err));
    FS_TRY(find_classes(G, err));
    return set_uniform(G, err);
}

fs_status fs_group_finish(fs_group **out, fs_group *G, fs_err *err)
{
    fs_status status = finish(G, err);
    if (status != FS_OK) {
        fs_group_destroy(G);
        G = NULL;
    }
    *out = G;
    return status;
}

/* --- queries -------------------------------------------------------------------------- */

fs_family fs_group_family(const fs_group *G)
{
    return G->family;
}

size_t fs_group_parameter(const fs_group *G, size_t k)
{
    return k < 2 ? G->parameter[k] : 0;
}

const char *fs_group_name(const fs_group *G)
{
    return G->name;
}

size_t fs_group_order(const fs_group *G)
{
    return G->order;
}

int fs_group_is_enumerated(const fs_group *G)
{
    return G->enumerated;
}

int fs_group_is_continuous(const fs_group *G)
{
    return G->order == 0;
}

size_t fs_group_points(const fs_group *G)
{
    return G->points;
}

size_t fs_group_product(const fs_group *G, size_t g, size_t h)
{
    return G->product[g * G->points + h];
}

size_t fs_group_inverse(const fs_group *G, size_t g)
{
    return G->inverse[g];
}

const size_t *fs_group_generators(const fs_group *G, size_t *count)
{
    *count = G->generators;
    return G->generator;
}

const size_t *fs_group_witnesses(const fs_group *G, size_t *count)
{
    *count = G->witnesses;
    return G->witness;
}

const double *fs_group_haar(const fs_group *G)
{
    return G->haar;
}

size_t fs_group_haar_degree(const fs_group *G)
{
    return G->haar_degree;
}

const double *fs_group_rule(const fs_group *G)
{
    return G->rule;
}

const double *fs_group_doubled(const fs_group *G)
{
    return G->doubled;
}

const char *fs_group_rule_note(const fs_group *G)
{
    return G->note;
}

size_t fs_group_classes(const fs_group *G, const size_t **point, const double **weight, const uint32_t **class_of)
{
    if (point) *point = G->class_point;
    if (weight) *weight = G->class_weight;
    if (class_of) *class_of = G->class_of;
    return G->classes;
}

/* Translations act on themselves: their permutations of the pixels are the rows of the product table. */
const uint32_t *fs_group_permutation(const fs_group *G, size_t g, size_t *degree)
{
    const uint32_t *all = G->family == FS_FAMILY_TRANSLATION ? G->product : G->permutation;
    if (!all) return NULL;
    *degree = G->degree;
    return all + g * G->degree;
}

const double *fs_group_matrix(const fs_group *G, size_t g, size_t *degree)
{
    if (!G->matrix) return NULL;
    *degree = G->degree;
    return G->matrix + g * G->degree * G->degree;
}

size_t fs_group_factors(const fs_group *G)
{
    return G->factors ? G->factors : 1;
}

const fs_group *fs_group_factor(const fs_group *G, size_t k)
{
    return G->factors ? G->factor[k] : G;
}

/* The last factor runs fastest. */
size_t fs_group_component(const fs_group *G, size_t g, size_t k)
{
    if (!G->factors) return g;
    for (size_t later = G->factors; --later > k;) g /= G->factor[later]->points;
    return g % G->factor[k]->points;
}

size_t fs_group_lie_dim(const fs_group *G)
{
    return G->lie_dim;
}
