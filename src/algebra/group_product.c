/* algebra/group_product.c -- direct products
 *
 *   (g_0, g_1, ...)(h_0, h_1, ...) = (g_0 h_0, g_1 h_1, ...),   index ((g_0 p_1 + g_1) p_2 + g_2) ..., p_k points of factor k
 *
 * Haar measure, rule and class weights are products.  Factors that are all enumerated give an enumerated group.  Otherwise a
 * map rho of the product is a homomorphism if it is one on every factor and rho(g) is the product, in either order, of what
 * the first component of g other than 1 and the remaining components give: so the witnesses are those of the factors with 1
 * elsewhere, and a b = b a = g for each point g with two or more components other than 1, split after the first.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/group_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "C4xS3"; the caller frees it. */
static char *joined_name(size_t count, fs_group *const *factor)
{
    size_t room = 1;
    for (size_t k = 0; k < count; k++) room += strlen(factor[k]->name) + 1;
    char *name = fs_calloc(room, 1), *end = name;
    if (!name) return NULL;
    for (size_t k = 0; k < count; k++) {
        if (k) *end++ = 'x';
        end = stpcpy(end, factor[k]->name);
    }
    return name;
}

/* How far apart neighbours of factor k lie. */
static size_t stride(const fs_group *G, size_t k)
{
    size_t s = 1;
    while (++k < G->factors) s *= G->factor[k]->points;
    return s;
}

static void retain_factors(fs_group *G, size_t count, fs_group *const *factor)
{
    for (size_t k = 0; k < count; k++) G->factor[k] = fs_group_retain(factor[k]);
    G->factors = G->parameter[0] = count;
    for (size_t k = 0; k < count; k++) {
        G->lie_dim += factor[k]->lie_dim;
        for (size_t s = 0; s < factor[k]->generators; s++)
            G->generator[G->generators++] = factor[k]->generator[s] * stride(G, k);
    }
}

/* Row g, one factor after the other: the row of the product so far is spread out from its end. */
static void fill_row(const fs_group *G, size_t g, uint32_t *row)
{
    size_t length = 1;
    row[0] = 0;
    for (size_t k = 0; k < G->factors; k++) {
        const fs_group *F = G->factor[k];
        const uint32_t *own = F->product + fs_group_component(G, g, k) * F->points;
        for (size_t r = length; r-- > 0;) {
            size_t base = row[r] * F->points;
            for (size_t h = F->points; h-- > 0;) row[r * F->points + h] = (uint32_t)(base + own[h]);
        }
        length *= F->points;
    }
}

/* w[g] = product over the factors of of(factor)[g_k], in the order of the factors. */
static void multiply_weights(const fs_group *G, const double *(*of)(const fs_group *), double *w)
{
    size_t length = 1;
    w[0] = 1.0;
    for (size_t k = 0; k < G->factors; k++) {
        const fs_group *F = G->factor[k];
        const double *own = of(F);
        for (size_t r = length; r-- > 0;) {
            double base = w[r];
            for (size_t h = F->points; h-- > 0;) w[r * F->points + h] = base * own[h];
        }
        length *= F->points;
    }
}

static const double *doubled_or_rule(const fs_group *F)
{
    return F->doubled ? F->doubled : F->rule;
}

static fs_status set_weights(fs_group *G, fs_err *err)
{
    int doubled = 0;
    size_t used = 0;
    G->haar_degree = SIZE_MAX;
    for (size_t k = 0; k < G->factors; k++) {
        const fs_group *F = G->factor[k];
        if (F->doubled) doubled = 1;
        if (F->haar_degree < G->haar_degree) G->haar_degree = F->haar_degree;
        int written = used < sizeof G->note ? snprintf(G->note + used, sizeof G->note - used, "%s%s: %s", k ? "; " : "",
                                                       F->name, F->note) : 0;
        used += written > 0 ? (size_t)written : 0;
    }
    G->rule = fs_calloc(G->points, sizeof *G->rule);
    if (doubled) G->doubled = fs_calloc(G->points, sizeof *G->doubled);
    if (!G->rule || (doubled && !G->doubled))
        return fs_fail(err, FS_ENOMEM, "weights of %s with %zu points", G->name, G->points);
    multiply_weights(G, fs_group_haar, G->haar);
    multiply_weights(G, fs_group_rule, G->rule);
    if (doubled) multiply_weights(G, doubled_or_rule, G->doubled);
    return FS_OK;
}

/* Splits g after its first component other than 1; 0 if nothing is left then. */
static int split(const fs_group *G, size_t g, size_t *a, size_t *b)
{
    for (size_t k = 0; k < G->factors; k++) {
        size_t s = stride(G, k);
        if (g < s) continue;
        *a = g / s * s;
        *b = g % s;
        return *b > 0;
    }
    return 0;
}

static fs_status set_witnesses(fs_group *G, fs_err *err)
{
    size_t room = 2 * G->points, a, b;
    for (size_t k = 0; k < G->factors; k++) room += G->factor[k]->witnesses;
    G->witness = fs_calloc(room, 3 * sizeof *G->witness);
    if (!G->witness) return fs_fail(err, FS_ENOMEM, "witnesses of %s with %zu points", G->name, G->points);
    size_t *w = G->witness;
    for (size_t k = 0; k < G->factors; k++)
        for (size_t i = 0; i < 3 * G->factor[k]->witnesses; i++) *w++ = G->factor[k]->witness[i] * stride(G, k);
    for (size_t g = 0; g < G->points; g++) {
        if (!split(G, g, &a, &b)) continue;
        size_t both[] = { a, b, g, b, a, g };
        memcpy(w, both, sizeof both);
        w += 6;
    }
    G->witnesses = (size_t)(w - G->witness) / 3;
    return FS_OK;
}

/* Classes of a product are products of classes; none if a factor has none. */
static fs_status set_classes(fs_group *G, fs_err *err)
{
    size_t classes = 1;
    for (size_t k = 0; k < G->factors; k++) classes *= G->factor[k]->classes;
    if (classes == 0) return FS_OK;
    G->class_point = fs_calloc(classes, sizeof *G->class_point);
    G->class_weight = fs_calloc(classes, sizeof *G->class_weight);
    if (!G->class_point || !G->class_weight)
        return fs_fail(err, FS_ENOMEM, "%zu conjugacy classes of %s", classes, G->name);
    for (size_t c = 0; c < classes; c++) {
        size_t rest = c;
        G->class_weight[c] = 1.0;
        for (size_t k = G->factors; k-- > 0;) {
            const fs_group *F = G->factor[k];
            G->class_point[c] += F->class_point[rest % F->classes] * stride(G, k);
            G->class_weight[c] *= F->class_weight[rest % F->classes];
            rest /= F->classes;
        }
    }
    G->classes = classes;
    return FS_OK;
}

static fs_status combine(fs_group *G, fs_err *err)
{
    FS_TRY(set_weights(G, err));
    FS_TRY(set_witnesses(G, err));
    return set_classes(G, err);
}

/* Order (0: continuous) and points of the product, and whether all its factors are enumerated. */
static fs_status measure(const char *name, size_t count, fs_group *const *factor, size_t *order, size_t *points,
                         int *enumerated, fs_err *err)
{
    int continuous = 0;
    *order = *points = 1;
    *enumerated = 1;
    for (size_t k = 0; k < count; k++) {
        if (!factor[k]->enumerated) *enumerated = 0;
        if (factor[k]->order == 0) continuous = 1;
    }
    size_t most = *enumerated ? FS_GROUP_MOST : FS_GROUP_MOST_POINTS;
    for (size_t k = 0; k < count; k++) {
        if (factor[k]->points > most / *points && *enumerated)
            return fs_fail(err, FS_EINPUT, "group %s: expected at most %zu elements, found %zu x %zu or more", name, most, *points,
                           factor[k]->points);
        if (factor[k]->points > most / *points)
            return fs_fail(err, FS_EINPUT, "group %s: expected at most %zu points, found %zu x %zu or more: the elements and Haar nodes "
                           "of the factors multiply, and nodes grow with the degree of the measure; possible are smaller factors, or one "
                           "factor at a time", name, most, *points, factor[k]->points);
        if (!continuous && factor[k]->order > SIZE_MAX / *order)
            return fs_fail(err, FS_EINPUT, "group %s: expected an order of at most %zu, found %zu x %zu or more", name,
                           SIZE_MAX, *order, factor[k]->order);
        *points *= factor[k]->points;
        *order *= factor[k]->order;
    }
    return FS_OK;
}

static fs_status create(fs_group **out, const char *name, size_t count, fs_group *const *factor, fs_err *err)
{
    fs_group *G;
    size_t order, points;
    int enumerated;
    FS_TRY(measure(name, count, factor, &order, &points, &enumerated, err));
    if (enumerated) FS_TRY(fs_group_alloc_enumerated(&G, FS_FAMILY_PRODUCT, name, order, err));
    else FS_TRY(fs_group_alloc(&G, FS_FAMILY_PRODUCT, name, order, points, err));
    G->factor = fs_calloc(count, sizeof(fs_group *));
    if (!G->factor) {
        fs_group_destroy(G);
        return fs_fail(err, FS_ENOMEM, "group %s with %zu factors", name, count);
    }
    retain_factors(G, count, factor);
    if (enumerated) {
        for (size_t g = 0; g < points; g++) fill_row(G, g, G->product + g * points);
        return fs_group_finish(out, G, err);
    }
    fs_status status = combine(G, err);
    if (status == FS_OK) *out = G;
    else fs_group_destroy(G);
    return status;
}

fs_status fs_group_create_product(fs_group **out, size_t count, fs_group *const *factor, fs_err *err)
{
    *out = NULL;
    if (count < 1) return fs_fail(err, FS_EINPUT, "direct product: expected at least one factor, found none");
    char *name = joined_name(count, factor);
    if (!name) return fs_fail(err, FS_ENOMEM, "direct product of %zu groups", count);
    fs_status status = create(out, name, count, factor, err);
    free(name);
    return status;
}
