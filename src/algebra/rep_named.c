/* algebra/rep_named.c -- representations a model file can name
 *
 * Element k of C_n and of D_n is the turn r^k, element n + k of D_n is r^k s.
 *
 *   corners   r: j -> j + 1 mod n;   s: j -> -j mod n
 *
 * One row a name: which groups have it and whether a number follows.  "name@k" is the representation `name` of the k-th
 * factor of a product, pulled back: rho(g_1, ..., g_n) = rho_k(g_k).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/irreducible.h"
#include "algebra/rep_private.h"
#include "base/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HARMONIC_MOST = 6, FREQUENCY_MOST = 16, IRREDUCIBLE_MOST = 1024 };

/* Length of the turn of C_n, D_n and Z_n, 0 for other groups. */
static size_t turns_of(const fs_group *G)
{
    fs_family family = fs_group_family(G);
    if (family == FS_FAMILY_CYCLIC || family == FS_FAMILY_DIHEDRAL) return fs_group_parameter(G, 0);
    return family == FS_FAMILY_TRANSLATION && fs_group_parameter(G, 0) == 1 ? fs_group_parameter(G, 1) : 0;
}

static int is_dihedral(const fs_group *G)
{
    return fs_group_family(G) == FS_FAMILY_DIHEDRAL;
}

/* SO(d), O(d) */
static int rotates(const fs_group *G, size_t d)
{
    return (fs_group_family(G) == FS_FAMILY_SO || fs_group_family(G) == FS_FAMILY_O) && fs_group_parameter(G, 0) == d;
}

static fs_status wrong_number(const fs_group *G, const char *shown, size_t least, size_t most, const char *name, fs_err *err)
{
    return fs_fail(err, FS_EINPUT, "expected %s of %s with a whole number from %zu to %zu after the colon, found \"%.60s\"", shown,
                   fs_group_name(G), least, most, name);
}

/* ---- for all groups ---- */

static int for_all(const fs_group *G)
{
    (void)G;
    return 1;
}

static fs_status named_trivial(fs_rep **out, const fs_group *G, const char *name, size_t number, fs_err *err)
{
    (void)number;
    return fs_rep_create_leaf(out, G, name, 1, NULL, NULL, err);
}

fs_status fs_rep_create_regular(fs_rep **out, const fs_group *G, fs_err *err)
{
    size_t order = fs_group_points(G);
    *out = NULL;
    if (!fs_group_is_enumerated(G))
        return fs_fail(err, FS_EINPUT, "expected a group with a list of all its elements for the regular representation, found %s",
                       fs_group_name(G));
    uint32_t *perm = fs_calloc(order, order * sizeof *perm);
    if (!perm) return fs_fail(err, FS_ENOMEM, "regular representation of %s", fs_group_name(G));
    for (size_t g = 0; g < order; g++)
        for (size_t h = 0; h < order; h++) perm[g * order + h] = (uint32_t)fs_group_product(G, g, h);
    fs_status status = fs_rep_create_leaf(out, G, "regular", order, perm, NULL, err);
    free(perm);
    return status;
}

static fs_status named_regular(fs_rep **out, const fs_group *G, const char *name, size_t number, fs_err *err)
{
    (void)name, (void)number;
    return fs_rep_create_regular(out, G, err);
}

static int for_irreducibles(const fs_group *G)
{
    return fs_group_is_enumerated(G) && fs_group_points(G) <= IRREDUCIBLE_MOST;
}

static fs_status named_irreducible(fs_rep **out, const fs_group *G, const char *name, size_t k, fs_err *err)
{
    fs_irreducibles *table = NULL;
    double *matrix = NULL;
    *out = NULL;
    fs_status status = fs_irreducibles_create(&table, G, 0, err);
    if (status == FS_OK && k >= table->count) status = wrong_number(G, "irrep:k", 0, table->count - 1, name, err);
    if (status == FS_OK) status = fs_irreducible_matrices(table, k, &matrix, err);
    if (status == FS_OK) status = fs_rep_create_matrix_leaf(out, G, name, table->irreducible[k].dim, matrix, NULL, 0, err);
    free(matrix);
    fs_irreducibles_destroy(table);
    return status;
}

/* ---- signs ---- */

static int for_signed(const fs_group *G)
{
    switch (fs_group_family(G)) {
    case FS_FAMILY_CYCLIC:
    case FS_FAMILY_TRANSLATION: return turns_of(G) > 0 && turns_of(G) % 2 == 0;
    case FS_FAMILY_DIHEDRAL:
    case FS_FAMILY_SYMMETRIC:
    case FS_FAMILY_SIGNS:
    case FS_FAMILY_O: return 1;
    default: return 0;
    }
}

static int is_odd_permutation(const fs_group *G, size_t g)
{
    size_t n, odd = 0;
    const uint32_t *p = fs_group_permutation(G, g, &n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) odd ^= p[j] > p[i];
    return odd != 0;
}

static int reverses_space(const fs_group *G, size_t g)
{
    size_t d;
    const double *R = fs_group_matrix(G, g, &d);
    if (d == 2) return R[0] * R[3] - R[1] * R[2] < 0.0;
    return R[0] * (R[4] * R[8] - R[5] * R[7]) - R[1] * (R[3] * R[8] - R[5] * R[6]) + R[2] * (R[3] * R[7] - R[4] * R[6]) < 0.0;
}

static int is_negative(const fs_group *G, size_t g)
{
    switch (fs_group_family(G)) {
    case FS_FAMILY_DIHEDRAL: return g >= fs_group_parameter(G, 0);
    case FS_FAMILY_SYMMETRIC: return is_odd_permutation(G, g);
    case FS_FAMILY_SIGNS: return __builtin_popcountll(g) % 2;
    case FS_FAMILY_O: return reverses_space(G, g);
    default: return g % 2 != 0;
    }
}

static fs_status named_sign(fs_rep **out, const fs_group *G, const char *name, size_t number, fs_err *err)
{
    (void)name, (void)number;
    size_t points = fs_group_points(G);
    uint32_t *perm = fs_calloc(points, sizeof *perm);
    int8_t *sign = fs_calloc(points, sizeof *sign);
    fs_status status = FS_ENOMEM;
    *out = NULL;
    if (!perm || !sign) fs_fail(err, status, "sign representation of %s", fs_group_name(G));
    else {
        for (size_t g = 0; g < points; g++) sign[g] = is_negative(G, g) ? -1 : 1;
        status = fs_rep_create_leaf(out, G, "sign", 1, perm, sign, err);
    }
    free(perm);
    free(sign);
    return status;
}

/* ---- rotations, harmonics, the simplex ---- */

static int for_plane(const fs_group *G)
{
    return turns_of(G) >= (is_dihedral(G) ? 3 : 2) || rotates(G, 2);
}

/* A turn of frequency n/2 is a sign, except that D_n then has two of them. */
static fs_status named_rotation(fs_rep **out, const fs_group *G, const char *name, size_t m, fs_err *err)
{
    size_t n = turns_of(G), most = n == 0 ? FREQUENCY_MOST : is_dihedral(G) ? (n - 1) / 2 : n / 2;
    if (m < 1 || m > most) return wrong_number(G, "rotation:m", 1, most, name, err);
    return n > 0 && 2 * m == n ? named_sign(out, G, name, 0, err) : fs_rep_create_frequency(out, G, name, m, err);
}

static int for_space(const fs_group *G)
{
    return rotates(G, 3);
}

static fs_status named_harmonic(fs_rep **out, const fs_group *G, const char *name, size_t l, fs_err *err)
{
    if (l > HARMONIC_MOST) return wrong_number(G, "harmonic:l", 0, HARMONIC_MOST, name, err);
    return fs_rep_create_harmonic(out, G, name, l, err);
}

static int for_p4(const fs_group *G)
{
    return fs_group_family(G) == FS_FAMILY_P4;
}

static fs_status named_turn(fs_rep **out, const fs_group *G, const char *name, size_t number, fs_err *err)
{
    (void)number;
    return fs_rep_create_turn(out, G, name, err);
}

static int for_simplex(const fs_group *G)
{
    return fs_group_family(G) == FS_FAMILY_SYMMETRIC && fs_group_parameter(G, 0) >= 2;
}

static fs_status named_standard(fs_rep **out, const fs_group *G, const char *name, size_t number, fs_err *err)
{
    (void)number;
    return fs_rep_create_standard(out, G, name, err);
}

/* ---- natural ---- */

static int has_corners(const fs_group *G)
{
    return fs_group_family(G) == FS_FAMILY_CYCLIC || is_dihedral(G);
}

static int for_natural(const fs_group *G)
{
    size_t degree;
    if (fs_group_family(G) == FS_FAMILY_PRODUCT) {
        for (size_t k = 0; k < fs_group_factors(G); k++)
            if (!for_natural(fs_group_factor(G, k))) return 0;
        return 1;
    }
    return has_corners(G) || fs_group_permutation(G, 0, &degree) || fs_group_matrix(G, 0, &degree);
}

static fs_status create_corners(fs_rep **out, const fs_group *G, const char *name, fs_err *err)
{
    size_t n = turns_of(G), points = fs_group_points(G);
    *out = NULL;
    uint32_t *perm = fs_calloc(points, n * sizeof *perm);
    if (!perm) return fs_fail(err, FS_ENOMEM, "action of %s on %zu points", fs_group_name(G), n);
    for (size_t g = 0; g < points; g++)
        for (size_t j = 0; j < n; j++) perm[g * n + j] = (uint32_t)((g % n + (g >= n ? n - j : j)) % n);
    fs_status status = fs_rep_create_leaf(out, G, name, n, perm, NULL, err);
    free(perm);
    return status;
}

static fs_status create_of_factor(fs_rep **out, const fs_group *G, size_t k, const char *name, fs_err *err)
{
    fs_rep *rho = NULL;
    *out = NULL;
    FS_TRY(fs_rep_create_named(&rho, fs_group_factor(G, k), name, err));
    fs_status status = fs_rep_pull_back(out, G, k, rho, err);
    fs_rep_destroy(rho);
    return status;
}

static fs_status create_natural_of_product(fs_rep **out, const fs_group *G, const char *name, fs_err *err)
{
    size_t count = fs_group_factors(G), done = 0;
    *out = NULL;
    fs_rep **factor = fs_calloc(count, sizeof *factor);
    fs_status status = factor ? FS_OK : fs_fail(err, FS_ENOMEM, "%zu representations", count);
    while (status == FS_OK && done < count) {
        status = create_of_factor(&factor[done], G, done, name, err);
        if (status == FS_OK) done++;
    }
    if (status == FS_OK) status = fs_rep_create_tensor(out, count, factor, err);
    for (size_t k = 0; k < done; k++) fs_rep_destroy(factor[k]);
    free(factor);
    return status;
}

static fs_status named_natural(fs_rep **out, const fs_group *G, const char *name, size_t number, fs_err *err)
{
    (void)number;
    if (fs_group_family(G) == FS_FAMILY_PRODUCT) return create_natural_of_product(out, G, name, err);
    return has_corners(G) ? create_corners(out, G, name, err) : fs_rep_create_defining(out, G, name, err);
}

/* Groups that may move the pixels of a square picture; products do if every factor does. */
static int for_pictures(const fs_group *G)
{
    size_t n = turns_of(G);
    fs_family family = fs_group_family(G);
    if (family == FS_FAMILY_PRODUCT) {
        for (size_t k = 0; k < fs_group_factors(G); k++)
            if (!for_pictures(fs_group_factor(G, k))) return 0;
        return 1;
    }
    return n == 1 || n == 2 || n == 4 || family == FS_FAMILY_TRANSLATION || family == FS_FAMILY_P4;
}

static fs_status named_image(fs_rep **out, const fs_group *G, const char *name, size_t number, fs_err *err)
{
    if (number < 1 || number > UINT16_MAX)
        return fs_fail(err, FS_EINPUT, "expected image:n with the edge n of a picture, from 1 to %d, found \"%.60s\"", UINT16_MAX, name);
    return fs_rep_create_image(out, G, number, number, err);
}

/* ---- names ---- */

typedef enum { PLAIN, MAY_HAVE_NUMBER, NEEDS_NUMBER } argument;

typedef struct {
    const char *name, *shown;
    argument takes;
    int (*fits)(const fs_group *G);
    fs_status (*create)(fs_rep **out, const fs_group *G, const char *name, size_t number, fs_err *err);
} row;

static const row rows[] = {
    { "trivial",  "trivial",    PLAIN,           for_all,          named_trivial     },
    { "regular",  "regular",    PLAIN,           fs_group_is_enumerated, named_regular },
    { "sign",     "sign",       PLAIN,           for_signed,       named_sign        },
    { "rotation", "rotation:m", MAY_HAVE_NUMBER, for_plane,        named_rotation    },
    { "natural",  "natural",    PLAIN,           for_natural,      named_natural     },
    { "standard", "standard",   PLAIN,           for_simplex,      named_standard    },
    { "harmonic", "harmonic:l", NEEDS_NUMBER,    for_space,        named_harmonic    },
    { "image",    "image:n",    NEEDS_NUMBER,    for_pictures,     named_image       },
    { "turn",     "turn",       PLAIN,           for_p4,           named_turn        },
    { "irrep",    "irrep:k",    NEEDS_NUMBER,    for_irreducibles, named_irreducible },
};
enum { ROWS = sizeof rows / sizeof rows[0], KNOWN = 480, SHOWN = 32 };

/* The names G knows, and the one nearest to what was written. */
typedef struct {
    char list[KNOWN], nearest[SHOWN];
    size_t distance;
} known_names;

static void add_known(known_names *known, const row *r, size_t factor, const char *stem)
{
    char text[SHOWN], at[24] = "";
    size_t used = strlen(known->list), distance = fs_edit_distance(stem, r->name);
    if (factor) snprintf(at, sizeof at, "@%zu", factor);
    snprintf(text, sizeof text, "%.12s%.19s", r->shown, at);
    if (fs_edit_near(stem, distance) && distance < known->distance) {
        known->distance = distance;
        memcpy(known->nearest, text, sizeof text);
    }
    if (used + strlen(text) + 8 < sizeof known->list)
        snprintf(known->list + used, sizeof known->list - used, "%s%s", used ? ", " : "", text);
    else if (used < 3 || strcmp(known->list + used - 3, "...") != 0)
        snprintf(known->list + used, sizeof known->list - used, ", ...");
}

/* The list: what G itself has, then what its factors have. */
static fs_status unknown_name(const fs_group *G, const char *name, fs_err *err)
{
    known_names known = { "", "", SIZE_MAX };
    char stem[64];
    snprintf(stem, sizeof stem, "%.*s", (int)strcspn(name, ":@") < 63 ? (int)strcspn(name, ":@") : 63, name);
    for (size_t r = 0; r < ROWS; r++)
        if (rows[r].fits(G)) add_known(&known, &rows[r], 0, stem);
    for (size_t k = 0; fs_group_family(G) == FS_FAMILY_PRODUCT && k < fs_group_factors(G); k++)
        for (size_t r = 1; r < ROWS; r++)
            if (rows[r].fits(fs_group_factor(G, k))) add_known(&known, &rows[r], k + 1, stem);
    return fs_fail(err, FS_EINPUT, "expected a representation of %s (%s), found \"%.60s\"%s%s%s", fs_group_name(G), known.list,
                   name, known.nearest[0] ? "; did you mean \"" : "", known.nearest, known.nearest[0] ? "\"?" : "");
}

/* A whole number of at most nine digits, or SIZE_MAX. */
static size_t number_in(const char *text)
{
    size_t length = strlen(text);
    return length >= 1 && length <= 9 && strspn(text, "0123456789") == length ? strtoul(text, NULL, 10) : SIZE_MAX;
}

/* "name@k", at the last @ */
static fs_status create_at(fs_rep **out, const fs_group *G, const char *name, const char *at, fs_err *err)
{
    size_t k = number_in(at + 1);
    if (fs_group_family(G) != FS_FAMILY_PRODUCT)
        return fs_fail(err, FS_EINPUT, "expected a product of groups for \"%.60s\", found %s; @ names a factor of a product", name,
                       fs_group_name(G));
    if (k < 1 || k > fs_group_factors(G))
        return fs_fail(err, FS_EINPUT, "expected a factor of %s from 1 to %zu after the @, found \"%.60s\"", fs_group_name(G),
                       fs_group_factors(G), name);
    char *inner = strndup(name, (size_t)(at - name));
    if (!inner) return fs_fail(err, FS_ENOMEM, "the name of a representation");
    fs_status status = create_of_factor(out, G, k - 1, inner, err);
    free(inner);
    return status;
}

fs_status fs_rep_create_named(fs_rep **out, const fs_group *G, const char *name, fs_err *err)
{
    const char *at = strrchr(name, '@'), *colon = strchr(name, ':');
    size_t length = strcspn(name, ":");
    *out = NULL;
    if (at) return create_at(out, G, name, at, err);
    for (size_t r = 0; r < ROWS; r++) {
        if (strlen(rows[r].name) != length || strncmp(rows[r].name, name, length) != 0 || !rows[r].fits(G)) continue;
        if (rows[r].takes == PLAIN && colon) break;
        /* No number stands for 1 where it may be left out, and is out of every range where it may not. */
        size_t number = colon ? number_in(colon + 1) : rows[r].takes == MAY_HAVE_NUMBER ? 1 : SIZE_MAX;
        return rows[r].create(out, G, name, number, err);
    }
    return unknown_name(G, name, err);
}
