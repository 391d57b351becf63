/* algebra/rep_named.c -- representations a model file can name, and pictures on a grid
 *
 * Element k of C_n and of D_n is the turn r^k, element n + k of D_n is r^k s.
 *
 *   picture   r: (i, j) -> (w-1-j, i), counter-clockwise as numpy.rot90;  s: (i, j) -> (i, w-1-j)
 *   plane     r = counter-clockwise by 2 pi m / n in (right, up);         s = diag(-1, 1)
 *   points    r: j -> j + 1 mod n;                                        s: j -> -j mod n
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/rep_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* n of C_n or D_n, 0 for other groups. */
static size_t turns_of(const fs_group *G)
{
    switch (fs_group_family(G)) {
    case FS_FAMILY_CYCLIC: return fs_group_order(G);
    case FS_FAMILY_DIHEDRAL: return fs_group_order(G) / 2;
    case FS_FAMILY_TABLE: break;
    }
    return 0;
}

/* ---- pictures ---- */

typedef struct {
    size_t row, col;
} pixel;

/* r^k s^flip on an h x w grid by quarter turns (h = w when their number is odd). */
static pixel move(pixel p, int flip, size_t quarters, size_t h, size_t w)
{
    if (flip) p.col = w - 1 - p.col;
    if (quarters >= 2) p = (pixel){ h - 1 - p.row, w - 1 - p.col };
    if (quarters % 2) p = (pixel){ w - 1 - p.col, p.row };
    return p;
}

fs_status fs_rep_create_image(fs_rep **out, const fs_group *G, size_t h, size_t w, fs_err *err)
{
    size_t n = turns_of(G), order = fs_group_order(G), pixels;
    char name[64];
    *out = NULL;
    if (n != 1 && n != 2 && n != 4)
        return fs_fail(err, FS_EINPUT, "expected C1, C2, C4, D1, D2 or D4 to act exactly on a %zu x %zu grid, found %s", h, w,
                       fs_group_name(G));
    if (n == 4 && h != w)
        return fs_fail(err, FS_EINPUT, "expected a square grid for the quarter turns of %s, found %zu x %zu, on which "
                       "C1, C2, D1 and D2 act exactly", fs_group_name(G), h, w);
    if (h < 1 || w < 1 || __builtin_mul_overflow(h, w, &pixels) || pixels > UINT32_MAX)
        return fs_fail(err, FS_EINPUT, "expected a grid of 1 to %u pixels, found %zu x %zu", UINT32_MAX, h, w);
    uint32_t *perm = fs_calloc(order, pixels * sizeof *perm);
    if (!perm) return fs_fail(err, FS_ENOMEM, "action of %s on a %zu x %zu grid", fs_group_name(G), h, w);
    for (size_t g = 0; g < order; g++)
        for (size_t j = 0; j < pixels; j++) {
            pixel to = move((pixel){ j / w, j % w }, g >= n, g % n * (4 / n), h, w);
            perm[g * pixels + j] = (uint32_t)(to.row * w + to.col);
        }
    snprintf(name, sizeof name, "image %zux%zu", h, w);
    fs_status status = fs_rep_create_leaf(out, G, name, pixels, perm, NULL, err);
    free(perm);
    return status;
}

/* ---- points, signs, planes ---- */

fs_status fs_rep_create_regular(fs_rep **out, const fs_group *G, fs_err *err)
{
    size_t order = fs_group_order(G);
    *out = NULL;
    uint32_t *perm = fs_calloc(order, order * sizeof *perm);
    if (!perm) return fs_fail(err, FS_ENOMEM, "regular representation of %s", fs_group_name(G));
    for (size_t g = 0; g < order; g++)
        for (size_t h = 0; h < order; h++) perm[g * order + h] = (uint32_t)fs_group_product(G, g, h);
    fs_status status = fs_rep_create_leaf(out, G, "regular", order, perm, NULL, err);
    free(perm);
    return status;
}

static fs_status create_points(fs_rep **out, const fs_group *G, fs_err *err)
{
    size_t n = turns_of(G), order = fs_group_order(G);
    uint32_t *perm = fs_calloc(order, n * sizeof *perm);
    if (!perm) return fs_fail(err, FS_ENOMEM, "action of %s on %zu points", fs_group_name(G), n);
    for (size_t g = 0; g < order; g++)
        for (size_t j = 0; j < n; j++) perm[g * n + j] = (uint32_t)((g % n + (g >= n ? n - j : j)) % n);
    fs_status status = fs_rep_create_leaf(out, G, "natural", n, perm, NULL, err);
    free(perm);
    return status;
}

static fs_status create_sign(fs_rep **out, const fs_group *G, fs_err *err)
{
    size_t n = turns_of(G), order = fs_group_order(G);
    uint32_t *perm = fs_calloc(order, sizeof *perm);
    int8_t *sign = fs_calloc(order, sizeof *sign);
    fs_status status = FS_ENOMEM;
    if (!perm || !sign) fs_fail(err, status, "sign representation of %s", fs_group_name(G));
    else {
        int cyclic = fs_group_family(G) == FS_FAMILY_CYCLIC;
        for (size_t g = 0; g < order; g++) sign[g] = (cyclic ? g % 2 != 0 : g >= n) ? -1 : 1;
        status = fs_rep_create_leaf(out, G, "sign", 1, perm, sign, err);
    }
    free(perm);
    free(sign);
    return status;
}

/* cos and sin of j/n of a full turn, exact at the quarters. */
static double cos_turn(size_t j, size_t n)
{
    j %= n;
    if (4 * j == n || 4 * j == 3 * n) return 0.0;
    if (2 * j == n) return -1.0;
    return cos(2.0 * M_PI * (double)j / (double)n);
}

static double sin_turn(size_t j, size_t n)
{
    j %= n;
    if (2 * j == n) return 0.0;
    return sin(2.0 * M_PI * (double)j / (double)n);
}

static void fill_rotations(size_t order, size_t n, size_t m, double *matrix)
{
    for (size_t g = 0; g < order; g++) {
        double c = cos_turn(m * (g % n), n), s = sin_turn(m * (g % n), n), mirror = g >= n ? -1.0 : 1.0;
        double *M = matrix + 4 * g;
        M[0] = mirror * c;
        M[1] = -s;
        M[2] = mirror * s;
        M[3] = c;
    }
}

/* Matrices with one entry +-1 in each column: quarter turns stay exact. */
static fs_status create_quarter_rotation(fs_rep **out, const fs_group *G, const char *name, const double *matrix, fs_err *err)
{
    size_t order = fs_group_order(G);
    uint32_t *perm = fs_calloc(2 * order, sizeof *perm);
    int8_t *sign = fs_calloc(2 * order, sizeof *sign);
    fs_status status = FS_ENOMEM;
    if (!perm || !sign) fs_fail(err, status, "rotation representation of %s", fs_group_name(G));
    else {
        for (size_t g = 0; g < order; g++)
            for (size_t j = 0; j < 2; j++) {
                const double *M = matrix + 4 * g;
                size_t i = fabs(M[2 + j]) > 0.5;
                perm[2 * g + j] = (uint32_t)i;
                sign[2 * g + j] = M[2 * i + j] > 0.0 ? 1 : -1;
            }
        status = fs_rep_create_leaf(out, G, name, 2, perm, sign, err);
    }
    free(perm);
    free(sign);
    return status;
}

static fs_status create_rotation(fs_rep **out, const fs_group *G, const char *name, size_t m, fs_err *err)
{
    size_t n = turns_of(G), order = fs_group_order(G);
    double *matrix = fs_calloc(order, 4 * sizeof *matrix);
    if (!matrix) return fs_fail(err, FS_ENOMEM, "rotation representation of %s", fs_group_name(G));
    fill_rotations(order, n, m, matrix);
    fs_status status = 4 * m == n ? create_quarter_rotation(out, G, name, matrix, err)
                                  : fs_rep_create_matrix_leaf(out, G, name, 2, matrix, err);
    free(matrix);
    return status;
}

/* ---- names ---- */

static fs_status named_trivial(fs_rep **out, const fs_group *G, const char *name, fs_err *err)
{
    return fs_rep_create_leaf(out, G, name, 1, NULL, NULL, err);
}

static fs_status named_regular(fs_rep **out, const fs_group *G, const char *name, fs_err *err)
{
    (void)name;
    return fs_rep_create_regular(out, G, err);
}

static fs_status named_sign(fs_rep **out, const fs_group *G, const char *name, fs_err *err)
{
    (void)name;
    return create_sign(out, G, err);
}

static fs_status named_natural(fs_rep **out, const fs_group *G, const char *name, fs_err *err)
{
    (void)name;
    return create_points(out, G, err);
}

/* "rotation" or "rotation:m", 1 <= m < n/2. */
static fs_status named_rotation(fs_rep **out, const fs_group *G, const char *name, fs_err *err)
{
    const char *colon = strchr(name, ':');
    size_t n = turns_of(G), m = colon ? 0 : 1;
    if (colon && strlen(colon + 1) <= 9 && strspn(colon + 1, "0123456789") == strlen(colon + 1)) m = strtoul(colon + 1, NULL, 10);
    if (m < 1 || 2 * m >= n)
        return fs_fail(err, FS_EINPUT, "expected rotation:m of %s with a whole number m from 1 to %zu, found \"%s\"",
                       fs_group_name(G), (n - 1) / 2, name);
    return create_rotation(out, G, name, m, err);
}

static int for_all(const fs_group *G)
{
    (void)G;
    return 1;
}

static int for_signed(const fs_group *G)
{
    return fs_group_family(G) == FS_FAMILY_DIHEDRAL || (turns_of(G) > 0 && turns_of(G) % 2 == 0);
}

static int for_plane(const fs_group *G)
{
    return turns_of(G) >= 3;
}

static int for_polygon(const fs_group *G)
{
    return turns_of(G) >= 1;
}

static const struct {
    const char *name;
    int (*fits)(const fs_group *G);
    fs_status (*create)(fs_rep **out, const fs_group *G, const char *name, fs_err *err);
} named[] = {
    { "trivial",  for_all,     named_trivial  },
    { "regular",  for_all,     named_regular  },
    { "sign",     for_signed,  named_sign     },
    { "rotation", for_plane,   named_rotation },
    { "natural",  for_polygon, named_natural  },
};
enum { NAMED = sizeof named / sizeof named[0] };

fs_status fs_rep_create_named(fs_rep **out, const fs_group *G, const char *name, fs_err *err)
{
    char known[128] = "";
    *out = NULL;
    for (size_t k = 0; k < NAMED; k++) {
        size_t length = strlen(named[k].name), used = strlen(known);
        if (!named[k].fits(G)) continue;
        if (strcmp(name, named[k].name) == 0) return named[k].create(out, G, name, err);
        if (named[k].create == named_rotation && strncmp(name, named[k].name, length) == 0 && name[length] == ':')
            return named[k].create(out, G, name, err);
        snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", named[k].name);
    }
    return fs_fail(err, FS_EINPUT, "expected a representation of %s (%s), found \"%s\"", fs_group_name(G), known, name);
}
