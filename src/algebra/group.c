/* algebra/group.c -- finite groups from product tables
 *
 *   product[g m + h] = g h,   inverse[g],   haar[g] = 1 / m        m = |G|
 *
 * Every door ends in verify(): closed, identity 0, inverses, associative.  Associativity is Light's
 * test: if (x s) y = x (s y) for all x, y and every s of a generating set, the law holds for all
 * triples, because the elements that pass in the middle are closed under products.  O(k m^2) for k
 * generators, k <= log2 m in a group.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/group.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The table of the largest group takes 1 GiB. */
#define MAX_ORDER 16384u

struct fs_group {
    char *name;
    fs_family family;
    size_t order;
    uint32_t *product;      /* (order, order) */
    size_t *inverse;        /* (order) */
    double *haar;           /* (order) */
    size_t *generator;      /* (generators), room for order */
    size_t generators;
};

void fs_group_destroy(fs_group *G)
{
    if (!G) return;
    free(G->name);
    free(G->product);
    free(G->inverse);
    free(G->haar);
    free(G->generator);
    free(G);
}

/* Everything allocated, the product still to be filled in. */
static fs_status group_alloc(fs_group **out, fs_family family, size_t order, const char *name, fs_err *err)
{
    *out = NULL;
    if (order < 1 || order > MAX_ORDER)
        return fs_fail(err, FS_EINPUT, "group %s: expected an order from 1 to %u, found %zu", name, MAX_ORDER, order);
    fs_group *G = fs_calloc(1, sizeof *G);
    if (!G) goto nomem;
    G->family = family;
    G->order = order;
    G->name = strdup(name);
    G->product = fs_calloc(order * order, sizeof *G->product);
    G->inverse = fs_calloc(order, sizeof *G->inverse);
    G->haar = fs_calloc(order, sizeof *G->haar);
    G->generator = fs_calloc(order, sizeof *G->generator);
    if (!G->name || !G->product || !G->inverse || !G->haar || !G->generator) goto nomem;
    for (size_t g = 0; g < order; g++) G->haar[g] = 1.0 / (double)order;
    *out = G;
    return FS_OK;
nomem:
    fs_group_destroy(G);
    return fs_fail(err, FS_ENOMEM, "group %s of order %zu", name, order);
}

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
    for (size_t g = 0; g < G->order; g++) {
        size_t h = 0;
        while (h < G->order && (fs_group_product(G, g, h) != 0 || fs_group_product(G, h, g) != 0)) h++;
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

/* Greedy: the smallest element not yet generated joins, so a subgroup at least doubles each time. */
static fs_status find_generators(fs_group *G, fs_err *err)
{
    unsigned char *seen = fs_calloc(G->order, 1);
    size_t *reached = fs_calloc(G->order, sizeof *reached), count = 1;
    if (!seen || !reached) {
        free(seen);
        free(reached);
        return fs_fail(err, FS_ENOMEM, "generators of a group of order %zu", G->order);
    }
    seen[0] = 1;
    for (size_t g = 1; g < G->order; g++) {
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
    for (size_t k = 0; k < G->generators; k++)
        for (size_t x = 0; x < G->order; x++)
            for (size_t y = 0; y < G->order; y++) {
                size_t s = G->generator[k];
                size_t left = fs_group_product(G, fs_group_product(G, x, s), y);
                size_t right = fs_group_product(G, x, fs_group_product(G, s, y));
                if (left != right)
                    return fs_fail(err, FS_EGROUP, "group %s: expected (%zu %zu) %zu = %zu (%zu %zu), found %zu and %zu",
                                   G->name, x, s, y, x, s, y, left, right);
            }
    return FS_OK;
}

static fs_status check_axioms(fs_group *G, fs_err *err)
{
    FS_TRY(check_identity(G, err));
    FS_TRY(find_inverses(G, err));
    FS_TRY(find_generators(G, err));
    return check_associativity(G, err);
}

/* Takes G: *out is a verified group or G is destroyed. */
static fs_status verify(fs_group **out, fs_group *G, fs_err *err)
{
    fs_status status = check_axioms(G, err);
    if (status != FS_OK) {
        fs_group_destroy(G);
        G = NULL;
    }
    *out = G;
    return status;
}

fs_status fs_group_create_cyclic(fs_group **out, size_t n, fs_err *err)
{
    char name[32];
    fs_group *G;
    snprintf(name, sizeof name, "C%zu", n);
    *out = NULL;
    FS_TRY(group_alloc(&G, FS_FAMILY_CYCLIC, n, name, err));
    for (size_t k = 0; k < n; k++)
        for (size_t l = 0; l < n; l++) G->product[k * n + l] = (uint32_t)((k + l) % n);
    return verify(out, G, err);
}

/* r^k r^l = r^(k+l),  r^k (r^l s) = r^(k+l) s,  (r^k s) r^l = r^(k-l) s,  (r^k s)(r^l s) = r^(k-l) */
fs_status fs_group_create_dihedral(fs_group **out, size_t n, fs_err *err)
{
    char name[32];
    fs_group *G;
    snprintf(name, sizeof name, "D%zu", n);
    *out = NULL;
    if (n > MAX_ORDER / 2) return fs_fail(err, FS_EINPUT, "group D<n>: expected n from 1 to %u, found %zu", MAX_ORDER / 2, n);
    FS_TRY(group_alloc(&G, FS_FAMILY_DIHEDRAL, 2 * n, name, err));
    for (size_t g = 0; g < 2 * n; g++)
        for (size_t h = 0; h < 2 * n; h++) {
            size_t k = g % n, l = h % n;
            size_t turn = g < n ? (k + l) % n : (k + n - l) % n;
            int flip = (g >= n) != (h >= n);
            G->product[g * 2 * n + h] = (uint32_t)(flip ? n + turn : turn);
        }
    return verify(out, G, err);
}

fs_status fs_group_create_table(fs_group **out, const char *name, size_t order, const size_t *product, fs_err *err)
{
    fs_group *G;
    *out = NULL;
    FS_TRY(group_alloc(&G, FS_FAMILY_TABLE, order, name ? name : "table", err));
    for (size_t i = 0; i < order * order; i++) {
        if (product[i] >= order) {
            fs_group_destroy(G);
            return fs_fail(err, FS_EGROUP, "group %s: expected %zu * %zu among 0 .. %zu, found %zu", name ? name : "table",
                           i / order, i % order, order - 1, product[i]);
        }
        G->product[i] = (uint32_t)product[i];
    }
    return verify(out, G, err);
}

fs_status fs_group_create_product(fs_group **out, const fs_group *G, const fs_group *H, fs_err *err)
{
    size_t m = G->order, n = H->order, room = strlen(G->name) + strlen(H->name) + 2;
    char *name = fs_calloc(room, 1);
    fs_group *GH;
    *out = NULL;
    if (!name) return fs_fail(err, FS_ENOMEM, "direct product of %s and %s", G->name, H->name);
    snprintf(name, room, "%sx%s", G->name, H->name);
    fs_status status = group_alloc(&GH, FS_FAMILY_TABLE, m * n, name, err);
    free(name);
    if (status != FS_OK) return status;
    for (size_t a = 0; a < m * n; a++)
        for (size_t b = 0; b < m * n; b++)
            GH->product[a * m * n + b] = (uint32_t)(fs_group_product(G, a / n, b / n) * n + fs_group_product(H, a % n, b % n));
    return verify(out, GH, err);
}

fs_family fs_group_family(const fs_group *G)
{
    return G->family;
}

const char *fs_group_name(const fs_group *G)
{
    return G->name;
}

size_t fs_group_order(const fs_group *G)
{
    return G->order;
}

size_t fs_group_product(const fs_group *G, size_t g, size_t h)
{
    return G->product[g * G->order + h];
}

size_t fs_group_inverse(const fs_group *G, size_t g)
{
    return G->inverse[g];
}

const double *fs_group_haar(const fs_group *G)
{
    return G->haar;
}

const size_t *fs_group_generators(const fs_group *G, size_t *count)
{
    *count = G->generators;
    return G->generator;
}
