/* algebra/group_finite.c -- the named finite groups, groups from tables, and what their elements are called
 *
 * Elements multiply as maps: (g h) x = g (h x).  Permutations are image lists, (p q)[j] = p[q[j]].
 *
 *   C_n, D_n, translations, signs, p4     the product in closed form
 *   S_n, n <= 7     lexicographic order is the factorial number system: the digit of place i counts the later
 *                   entries that are smaller than entry i
 *   S_n, n > 7      the class of cycle type lambda has n! / z elements, z = prod over k of k^(m_k) m_k! with m_k
 *                   cycles of length k
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/group_private.h"
#include "base/rng.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

fs_status fs_group_create_table(fs_group **out, const char *name, size_t order, const size_t *product, fs_err *err)
{
    fs_group *G;
    *out = NULL;
    if (!name) name = "table";
    FS_TRY(fs_group_alloc_enumerated(&G, FS_FAMILY_TABLE, name, order, err));
    for (size_t i = 0; i < order * order; i++) {
        if (product[i] >= order) {
            fs_group_destroy(G);
            return fs_fail(err, FS_EGROUP, "group %s: expected %zu * %zu among 0 .. %zu, found %zu", name, i / order,
                           i % order, order - 1, product[i]);
        }
        G->product[i] = (uint32_t)product[i];
    }
    return fs_group_finish(out, G, err);
}

fs_status fs_group_create_cyclic(fs_group **out, size_t n, fs_err *err)
{
    char name[32];
    fs_group *G;
    *out = NULL;
    snprintf(name, sizeof name, "C%zu", n);
    FS_TRY(fs_group_alloc_enumerated(&G, FS_FAMILY_CYCLIC, name, n, err));
    G->parameter[0] = n;
    for (size_t k = 0; k < n; k++)
        for (size_t l = 0; l < n; l++) G->product[k * n + l] = (uint32_t)(k + l < n ? k + l : k + l - n);
    G->generator[G->generators++] = 1 % n;
    return fs_group_finish(out, G, err);
}

/* r^k r^l = r^(k+l),  r^k (r^l s) = r^(k+l) s,  (r^k s) r^l = r^(k-l) s,  (r^k s)(r^l s) = r^(k-l) */
fs_status fs_group_create_dihedral(fs_group **out, size_t n, fs_err *err)
{
    char name[32];
    fs_group *G;
    *out = NULL;
    snprintf(name, sizeof name, "D%zu", n);
    if (n < 1 || n > FS_GROUP_MOST / 2)
        return fs_fail(err, FS_EINPUT, "group D<n>: expected n from 1 to %zu, found %zu", FS_GROUP_MOST / 2, n);
    FS_TRY(fs_group_alloc_enumerated(&G, FS_FAMILY_DIHEDRAL, name, 2 * n, err));
    G->parameter[0] = n;
    for (size_t g = 0; g < 2 * n; g++)
        for (size_t h = 0; h < 2 * n; h++) {
            size_t k = g % n, l = h % n;
            size_t turn = g < n ? (k + l) % n : (k + n - l) % n;
            int flip = (g >= n) != (h >= n);
            G->product[g * 2 * n + h] = (uint32_t)(flip ? n + turn : turn);
        }
    G->generator[G->generators++] = 1 % n;
    G->generator[G->generators++] = n;
    return fs_group_finish(out, G, err);
}

fs_status fs_group_create_translations(fs_group **out, size_t rows, size_t columns, fs_err *err)
{
    char name[64];
    fs_group *G;
    *out = NULL;
    if (rows < 1 || columns < 1 || columns > FS_GROUP_MOST / rows)
        return fs_fail(err, FS_EINPUT, "translations: expected a torus of 1 to %zu pixels, found %zu x %zu", FS_GROUP_MOST,
                       rows, columns);
    if (rows == 1) snprintf(name, sizeof name, "Z%zu", columns);
    else snprintf(name, sizeof name, "Z%zuxZ%zu", rows, columns);
    FS_TRY(fs_group_alloc_enumerated(&G, FS_FAMILY_TRANSLATION, name, rows * columns, err));
    G->parameter[0] = rows;
    G->parameter[1] = columns;
    G->degree = rows * columns;
    for (size_t g = 0; g < G->order; g++)
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < columns; j++)
                G->product[g * G->order + i * columns + j] =
                    (uint32_t)((g / columns + i) % rows * columns + (g % columns + j) % columns);
    if (rows > 1) G->generator[G->generators++] = columns;
    if (columns > 1) G->generator[G->generators++] = 1;
    return fs_group_finish(out, G, err);
}

/* --- p4 -------------------------------------------------------------------------------- */

/* k quarter turns of the torus about its corner; about the centre of the grid, a shift by (n - 1, 0) is added each time. */
static void turn(size_t n, size_t k, size_t offset, size_t *i, size_t *j)
{
    while (k-- > 0) {
        size_t row = (n - *j + offset) % n;
        *j = *i;
        *i = row;
    }
}

/* (t R^k)(t' R^l) = t (R^k t' R^-k) R^(k+l) */
static void fill_p4(fs_group *G, size_t n)
{
    for (size_t g = 0; g < G->order; g++) {
        size_t a = g / 4 / n, b = g / 4 % n, k = g % 4;
        for (size_t p = 0; p < n * n; p++) {
            size_t c = p / n, d = p % n, i = c, j = d;
            turn(n, k, 0, &c, &d);
            for (size_t l = 0; l < 4; l++)
                G->product[g * G->order + 4 * p + l] = (uint32_t)(((a + c) % n * n + (b + d) % n) * 4 + (k + l) % 4);
            turn(n, k, n - 1, &i, &j);
            G->permutation[g * n * n + p] = (uint32_t)((a + i) % n * n + (b + j) % n);
        }
    }
}

fs_status fs_group_create_p4(fs_group **out, size_t n, fs_err *err)
{
    char name[32];
    fs_group *G;
    *out = NULL;
    snprintf(name, sizeof name, "p4:%zu", n);
    if (n < 1 || n > 64)                        /* 4 n^2 <= FS_GROUP_MOST */
        return fs_fail(err, FS_EINPUT, "group p4:<n>: expected n from 1 to 64, found %zu", n);
    FS_TRY(fs_group_alloc_enumerated(&G, FS_FAMILY_P4, name, 4 * n * n, err));
    G->parameter[0] = n;
    G->degree = n * n;
    G->permutation = fs_calloc(G->order * n * n, sizeof *G->permutation);
    if (!G->permutation) {
        fs_group_destroy(G);
        return fs_fail(err, FS_ENOMEM, "group %s: the permutations of the pixels", name);
    }
    fill_p4(G, n);
    if (n > 1) G->generator[G->generators++] = 4 * n;
    G->generator[G->generators++] = 1;
    return fs_group_finish(out, G, err);
}

/* --- signs ----------------------------------------------------------------------------- */

fs_status fs_group_create_signs(fs_group **out, size_t k, fs_err *err)
{
    char name[32] = "Z2-sign";
    fs_group *G;
    *out = NULL;
    if (k < 1 || k > 14)                        /* 2^k <= FS_GROUP_MOST */
        return fs_fail(err, FS_EINPUT, "group Z2-sign^<k>: expected k from 1 to 14, found %zu", k);
    if (k > 1) snprintf(name, sizeof name, "Z2-sign^%zu", k);
    FS_TRY(fs_group_alloc_enumerated(&G, FS_FAMILY_SIGNS, name, (size_t)1 << k, err));
    G->parameter[0] = G->degree = k;
    G->matrix = fs_calloc(G->order * k * k, sizeof *G->matrix);
    if (!G->matrix) {
        fs_group_destroy(G);
        return fs_fail(err, FS_ENOMEM, "group %s: matrices", name);
    }
    for (size_t g = 0; g < G->order; g++) {
        for (size_t h = 0; h < G->order; h++) G->product[g * G->order + h] = (uint32_t)(g ^ h);
        for (size_t i = 0; i < k; i++) G->matrix[(g * k + i) * k + i] = g >> i & 1 ? -1.0 : 1.0;
    }
    for (size_t i = 0; i < k; i++) G->generator[G->generators++] = (size_t)1 << i;
    return fs_group_finish(out, G, err);
}

/* --- permutations of n points ------------------------------------------------------------ */

#define MOST_ENUMERATED ((size_t)7)
#define MOST_LETTERS ((size_t)20)
#define MOST_DRAWN (FS_GROUP_MOST_POINTS / 4)

static size_t factorial(size_t n)
{
    return n < 2 ? 1 : n * factorial(n - 1);
}

/* The g-th permutation of 0 .. n-1 in lexicographic order, and back. */
static void unrank(size_t n, size_t g, uint32_t *p)
{
    uint32_t unused[MOST_ENUMERATED];
    for (size_t i = 0; i < n; i++) unused[i] = (uint32_t)i;
    for (size_t i = 0; i < n; i++) {
        size_t digit = g / factorial(n - 1 - i);
        g %= factorial(n - 1 - i);
        p[i] = unused[digit];
        for (size_t j = digit; j + 1 < n - i; j++) unused[j] = unused[j + 1];
    }
}

static size_t rank_of(size_t n, const uint32_t *p)
{
    size_t rank = 0;
    for (size_t i = 0; i < n; i++) {
        size_t digit = 0;
        for (size_t j = i + 1; j < n; j++) digit += p[j] < p[i];
        rank = rank * (n - i) + digit;
    }
    return rank;
}

/* p of the cycles (0 1 .. a-1)(a .. a+b-1) ... of the given lengths. */
static void cycles_in_order(size_t count, const size_t *length, uint32_t *p)
{
    size_t from = 0;
    for (size_t c = 0; c < count; from += length[c++])
        for (size_t j = 0; j < length[c]; j++) p[from + j] = (uint32_t)(from + (j + 1) % length[c]);
}

static void compose(size_t n, const uint32_t *p, const uint32_t *q, uint32_t *pq)
{
    for (size_t j = 0; j < n; j++) pq[j] = p[q[j]];
}

/* left[k m + h] = s_k h for s_0 = (0 1), s_1 = (0 1 .. n-1) and the m permutations in lexicographic order. */
static void left_multiplications(size_t n, size_t m, const uint32_t *permutation, uint32_t *left)
{
    size_t lengths[MOST_ENUMERATED] = { n };
    uint32_t s[2][MOST_ENUMERATED], sh[MOST_ENUMERATED];
    cycles_in_order(1, lengths, s[1]);
    for (size_t i = 0; i < n; i++) lengths[i] = i == 0 && n > 1 ? 2 : 1;
    cycles_in_order(n > 1 ? n - 1 : 1, lengths, s[0]);
    for (size_t k = 0; k < 2; k++)
        for (size_t h = 0; h < m; h++) {
            compose(n, s[k], permutation + h * n, sh);
            left[k * m + h] = (uint32_t)rank_of(n, sh);
        }
}

static fs_status enumerate_symmetric(fs_group **out, size_t n, const char *name, fs_err *err)
{
    fs_group *G;
    size_t m = factorial(n);
    FS_TRY(fs_group_alloc_enumerated(&G, FS_FAMILY_SYMMETRIC, name, m, err));
    G->parameter[0] = G->degree = n;
    G->permutation = fs_calloc(m * n, sizeof *G->permutation);
    uint32_t *left = fs_calloc(2 * m, sizeof *left);
    fs_status status = FS_OK;
    if (!left || !G->permutation) status = fs_fail(err, FS_ENOMEM, "group %s of order %zu", name, m);
    if (status == FS_OK) {
        for (size_t g = 0; g < m; g++) unrank(n, g, G->permutation + g * n);
        left_multiplications(n, m, G->permutation, left);
        for (size_t k = 0; k < 2 && m > 1; k++) G->generator[G->generators++] = left[k * m];
        status = fs_group_fill_product(G, 2, left, err);
    }
    free(left);
    if (status == FS_OK) return fs_group_finish(out, G, err);
    fs_group_destroy(G);
    return status;
}

/* The partition of the same number that comes before this one, parts in descending order; 0 after 1 + 1 + ... + 1. */
static int next_partition(size_t *count, size_t *part)
{
    size_t last = *count, rest = 1;
    for (; last > 0 && part[last - 1] == 1; last--) rest++;
    if (last == 0) return 0;
    size_t most = --part[last - 1];
    while (rest > 0) {
        part[last] = rest < most ? rest : most;
        rest -= part[last++];
    }
    *count = last;
    return 1;
}

/* z = order of the centralizer of a permutation with these cycles. */
static size_t centralizer(size_t count, const size_t *part)
{
    size_t z = 1, equal = 0;
    for (size_t i = 0; i < count; i++) {
        equal = i > 0 && part[i] == part[i - 1] ? equal + 1 : 1;
        z *= part[i] * equal;
    }
    return z;
}

static size_t count_partitions(size_t n)
{
    size_t part[MOST_LETTERS] = { n }, count = 1, partitions = 1;
    while (next_partition(&count, part)) partitions++;
    return partitions;
}

/* Classes from the identity's to the n-cycle's, with points 0 = 1, 1 = (0 1), 2 = (0 1 .. n-1), and 3 .. classes-1 for the
 * other cycle types. */
static void place_classes(fs_group *G, size_t n)
{
    size_t part[MOST_LETTERS] = { n }, count = 1, c = G->classes, next = 3;
    do {
        size_t point = count == n ? 0 : count == n - 1 ? 1 : count == 1 ? 2 : next++;
        cycles_in_order(count, part, G->permutation + point * n);
        G->class_point[--c] = point;
        G->class_weight[c] = 1.0 / (double)centralizer(count, part);
    } while (next_partition(&count, part));
    G->generator[0] = 1;
    G->generator[1] = 2;
    G->generators = 2;
}

/* A uniform rearrangement of x[0 .. n-1]. */
static void shuffle(gsl_rng *rng, size_t n, uint32_t *x)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = gsl_rng_uniform_int(rng, i);
        uint32_t t = x[i - 1];
        x[i - 1] = x[j];
        x[j] = t;
    }
}

/* The points other than 1 in random pairs a, b, an odd one with the first; their products are the points from `known` on. */
static void place_products(fs_group *G, gsl_rng *rng, size_t known, uint32_t *order)
{
    size_t n = G->degree, others = known - 1;
    for (size_t i = 0; i < others; i++) order[i] = (uint32_t)(i + 1);
    shuffle(rng, others, order);
    for (size_t c = known; c < G->points; c++) {
        size_t *w = G->witness + 3 * G->witnesses++, t = 2 * (c - known);
        w[0] = order[t];
        w[1] = order[(t + 1) % others];
        w[2] = c;
        compose(n, G->permutation + w[0] * n, G->permutation + w[1] * n, G->permutation + c * n);
    }
    G->witnesses++;                             /* 1 1 = 1 */
}

static fs_status sample_symmetric(fs_group *G, size_t n, size_t drawn, uint64_t seed, fs_err *err)
{
    size_t classes = count_partitions(n), known = classes + drawn;
    fs_status status = FS_OK;
    gsl_rng *rng = fs_rng_stream(seed, FS_STREAM_DATA);
    uint32_t *order = fs_calloc(known, sizeof *order);
    G->parameter[0] = G->degree = n;
    G->permutation = fs_calloc(G->points * n, sizeof *G->permutation);
    G->rule = fs_calloc(G->points, sizeof *G->rule);
    G->witness = fs_calloc(3 * (G->points - known + 1), sizeof *G->witness);
    G->class_point = fs_calloc(classes, sizeof *G->class_point);
    G->class_weight = fs_calloc(classes, sizeof *G->class_weight);
    if (!rng || !order || !G->permutation || !G->rule || !G->witness || !G->class_point || !G->class_weight) {
        status = fs_fail(err, FS_ENOMEM, "group %s with %zu points", G->name, G->points);
        goto done;
    }
    G->classes = classes;
    place_classes(G, n);
    for (size_t g = classes; g < known; g++) {
        for (size_t j = 0; j < n; j++) G->permutation[g * n + j] = (uint32_t)j;
        shuffle(rng, n, G->permutation + g * n);
        G->rule[g] = 1.0 / (double)drawn;
    }
    place_products(G, rng, known, order);
    snprintf(G->note, sizeof G->note, "%zu of %zu elements, drawn at random", drawn, G->order);
done:
    free(order);
    if (rng) gsl_rng_free(rng);
    return status;
}

fs_status fs_group_create_symmetric(fs_group **out, size_t n, size_t drawn, uint64_t seed, fs_err *err)
{
    char name[32];
    fs_group *G;
    *out = NULL;
    snprintf(name, sizeof name, "S%zu", n);
    if (n < 1 || n > MOST_LETTERS)
        return fs_fail(err, FS_EINPUT, "group S<n>: expected n from 1 to %zu, found %zu", MOST_LETTERS, n);
    if (n <= MOST_ENUMERATED) return enumerate_symmetric(out, n, name, err);
    if (drawn < 1 || drawn > MOST_DRAWN)
        return fs_fail(err, FS_EINPUT, "group %s: expected 1 to %zu elements drawn for the augmentation, found %zu", name,
                       MOST_DRAWN, drawn);
    size_t known = count_partitions(n) + drawn;
    FS_TRY(fs_group_alloc(&G, FS_FAMILY_SYMMETRIC, name, factorial(n), known + known / 2, err));
    fs_status status = sample_symmetric(G, n, drawn, seed, err);
    if (status == FS_OK) *out = G;
    else fs_group_destroy(G);
    return status;
}

/* --- names of elements -------------------------------------------------------------------- */

/* What does not fit ends in "...". */
typedef struct {
    char *text;
    size_t used;
} line;

__attribute__((format(printf, 2, 3)))
static void append(line *l, const char *format, ...)
{
    if (l->used >= FS_ELEMENT_NAME) return;
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(l->text + l->used, FS_ELEMENT_NAME - l->used, format, arguments);
    va_end(arguments);
    l->used += written > 0 ? (size_t)written : 0;
    if (l->used >= FS_ELEMENT_NAME) memcpy(l->text + FS_ELEMENT_NAME - 4, "...", 4);
}

static void name_power(size_t k, line *l)
{
    if (k == 1) append(l, "r");
    else append(l, "r^%zu", k);
}

static void name_table(const fs_group *G, size_t g, line *l)
{
    (void)G;
    append(l, "element %zu", g);
}

static void name_cyclic(const fs_group *G, size_t g, line *l)
{
    (void)G;
    name_power(g, l);
}

static void name_dihedral(const fs_group *G, size_t g, line *l)
{
    size_t n = G->parameter[0];
    if (g % n) name_power(g % n, l);
    if (g >= n) append(l, g % n ? " s" : "s");
}

/* Every cycle once, from its smallest point. */
static void name_permutation(const fs_group *G, size_t g, line *l)
{
    const uint32_t *p = G->permutation + g * G->degree;
    for (size_t j = 0; j < G->degree && l->used < FS_ELEMENT_NAME; j++) {
        size_t i = p[j];
        while (i > j) i = p[i];
        if (i < j || p[j] == j) continue;
        append(l, "(%zu", j);
        for (i = p[j]; i != j && l->used < FS_ELEMENT_NAME; i = p[i]) append(l, " %zu", i);
        append(l, ")");
    }
    if (l->used == 0) append(l, "1");
}

static void name_translation(const fs_group *G, size_t g, line *l)
{
    if (G->parameter[0] == 1) append(l, "shift %zu", g);
    else append(l, "shift (%zu, %zu)", g / G->parameter[1], g % G->parameter[1]);
}

static void name_p4(const fs_group *G, size_t g, line *l)
{
    size_t n = G->parameter[0];
    if (g / 4) append(l, g % 4 ? "shift (%zu, %zu) after " : "shift (%zu, %zu)", g / 4 / n, g / 4 % n);
    if (g % 4) name_power(g % 4, l);
}

static void name_signs(const fs_group *G, size_t g, line *l)
{
    size_t k = G->parameter[0];
    if (k > 1) append(l, "diag(");
    for (size_t i = 0; i < k; i++) append(l, "%s%c", i ? "," : "", g >> i & 1 ? '-' : '+');
    if (k > 1) append(l, ")");
}

static void name_product(const fs_group *G, size_t g, line *l)
{
    char part[FS_ELEMENT_NAME];
    append(l, "(");
    for (size_t k = 0; k < G->factors; k++)
        append(l, "%s%s", k ? ", " : "", fs_group_element_name(G->factor[k], fs_group_component(G, g, k), part));
    append(l, ")");
}

static void name_rotation(const fs_group *G, size_t g, line *l)
{
    fs_group_rotation_name(G, g, l->text);
}

static void name_generated(const fs_group *G, size_t g, line *l)
{
    if (G->permutation) name_permutation(G, g, l);
    else if (G->degree == 2 || G->degree == 3) name_rotation(G, g, l);
    else name_table(G, g, l);
}

const char *fs_group_element_name(const fs_group *G, size_t g, char buffer[FS_ELEMENT_NAME])
{
    static void (*const name[])(const fs_group *, size_t, line *) = {
        [FS_FAMILY_TABLE] = name_table,     [FS_FAMILY_CYCLIC] = name_cyclic,        [FS_FAMILY_DIHEDRAL] = name_dihedral,
        [FS_FAMILY_SYMMETRIC] = name_permutation,  [FS_FAMILY_TRANSLATION] = name_translation,
        [FS_FAMILY_P4] = name_p4,           [FS_FAMILY_SIGNS] = name_signs,          [FS_FAMILY_PRODUCT] = name_product,
        [FS_FAMILY_GENERATED] = name_generated,    [FS_FAMILY_SO] = name_rotation,   [FS_FAMILY_O] = name_rotation,
    };
    line l = { buffer, 0 };
    buffer[0] = 0;
    if (g == 0 && !fs_group_is_continuous(G)) append(&l, "1");
    else name[G->family](G, g, &l);
    return buffer;
}
