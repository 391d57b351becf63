/* algebra/rep_image.c -- what a group does to the pixels of a picture, to the taps of a filter, to a set of points
 *
 *   r              (i, j) -> (w-1-j, i), counter-clockwise as numpy.rot90;    s: (i, j) -> (i, w-1-j)
 *   (a, b)         (i, j) -> (i + a, j + b) on the torus; nothing on taps, because circular convolutions commute with shifts
 *   p4             (a, b) after r^k
 *
 * Element k of C_n and of D_n is the turn r^k, element n + k of D_n is r^k s.  A product acts by its factors one after
 * another, and has to be one of groups that commute on the grid.  A group that moves no picture of any size is refused, but
 * for one that acts on the values at the pixels: that leaves every pixel where it is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/rep_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    size_t h, w;
    int taps;
    const unsigned char *on_values;     /* (factors) as fs_rep_create_image_with_values has it; NULL: none */
} grid;

typedef struct {
    size_t row, col;
} pixel;

/* r^quarters s^flip; h = w when the number is odd. */
static pixel turn(pixel p, int flip, size_t quarters, grid on)
{
    if (flip) p.col = on.w - 1 - p.col;
    if (quarters >= 2) p = (pixel){ on.h - 1 - p.row, on.w - 1 - p.col };
    if (quarters % 2) p = (pixel){ on.w - 1 - p.col, p.row };
    return p;
}

static pixel shift(pixel p, size_t a, size_t b, grid on)
{
    return on.taps ? p : (pixel){ (p.row + a) % on.h, (p.col + b) % on.w };
}

/* ---- what is possible ---- */

static int fits(const fs_group *G, grid on)
{
    size_t n = fs_group_parameter(G, 0), columns = fs_group_parameter(G, 1);
    switch (fs_group_family(G)) {
    case FS_FAMILY_CYCLIC:
    case FS_FAMILY_DIHEDRAL: return n == 1 || n == 2 || (n == 4 && on.h == on.w);
    case FS_FAMILY_TRANSLATION: return on.taps || ((n == 1 || n == on.h) && columns == on.w);
    case FS_FAMILY_P4: return on.h == on.w && (on.taps || n == on.w);
    default: return 0;
    }
}

/* Turns act on a single tap and shifts on taps of any number, if on anything. */
static int moves_some_picture(const fs_group *G)
{
    return fits(G, (grid){ .h = 1, .w = 1, .taps = 1 });
}

/* Does factor k, the group F, act on the values and not on the pixels? */
static int stays(const fs_group *F, size_t k, grid on)
{
    return on.on_values && on.on_values[k] && fs_group_family(F) != FS_FAMILY_PRODUCT && !moves_some_picture(F);
}

/* The factors of a factor have no marks. */
static grid inner(grid on)
{
    return (grid){ .h = on.h, .w = on.w, .taps = on.taps };
}

static const char *acts_on(const fs_group *G)
{
    switch (fs_group_family(G)) {
    case FS_FAMILY_SIGNS: return "signs may act on";
    case FS_FAMILY_SO:
    case FS_FAMILY_O: return "continuous groups act on vectors, or on";
    case FS_FAMILY_SYMMETRIC: return "permutations act on sets and graphs of points, or on";
    case FS_FAMILY_GENERATED: return "a group given by generators acts on vectors, or on";
    default: return "it may act on";
    }
}

/* k: which factor of `whole` it is, or in which factor it lies. */
static fs_status refuse(const fs_group *G, const fs_group *whole, size_t k, grid on, fs_err *err)
{
    char shifts[96], inside[320] = "", factor[32] = "", advice[160] = "";
    size_t n = fs_group_parameter(G, 0);
    int turns = fs_group_family(G) == FS_FAMILY_CYCLIC || fs_group_family(G) == FS_FAMILY_DIHEDRAL;
    if (whole != G) {
        snprintf(inside, sizeof inside, " in %.250s", fs_group_name(whole));
        snprintf(factor, sizeof factor, "@%zu", k + 1);
    }
    if (!moves_some_picture(G))
        snprintf(advice, sizeof advice, "; %s the values at the pixels, by channels such as [%s%s]", acts_on(G),
                 fs_group_family(G) == FS_FAMILY_TABLE ? "regular" : "natural", factor);
    if (turns && n == 4)
        return fs_fail(err, FS_EINPUT, "expected a square grid for the quarter turns of %s%s, found %zu x %zu, on which "
                       "C1, C2, D1 and D2 act exactly", fs_group_name(G), inside, on.h, on.w);
    if (on.taps) snprintf(shifts, sizeof shifts, "%s", on.h == on.w ? "translations or p4:<n>" : "or translations");
    else if (on.h == on.w) snprintf(shifts, sizeof shifts, "translations Z%zu or Z%zuxZ%zu, or p4:%zu", on.w, on.h, on.w, on.w);
    else snprintf(shifts, sizeof shifts, "or translations Z%zu or Z%zuxZ%zu", on.w, on.h, on.w);
    return fs_fail(err, FS_EINPUT, "expected C1, C2, %sD1, D2, %s%s to act exactly on a %s of %zu x %zu %s, found %.250s%s%s",
                   on.h == on.w ? "C4, " : "", on.h == on.w ? "D4, " : "", shifts, on.taps ? "filter" : "picture", on.h, on.w,
                   on.taps ? "taps" : "pixels", fs_group_name(G), inside, advice);
}

static fs_status check_acts(const fs_group *G, const fs_group *whole, size_t k, grid on, fs_err *err)
{
    if (fs_group_family(G) != FS_FAMILY_PRODUCT) return fits(G, on) || stays(G, k, on) ? FS_OK : refuse(G, whole, k, on, err);
    for (size_t i = 0; i < fs_group_factors(G); i++)
        FS_TRY(G == whole ? check_acts(fs_group_factor(G, i), whole, i, on, err) : check_acts(fs_group_factor(G, i), whole, k, inner(on), err));
    return FS_OK;
}

/* A table that is no representation though every factor's is: the factors do not commute. */
static fs_status explain(const fs_group *G, fs_status status, const char *name, fs_err *err)
{
    if (status != FS_ENOTREP || fs_group_family(G) != FS_FAMILY_PRODUCT) return status;
    return fs_fail(err, FS_EINPUT, "expected factors of %s that commute on %s, found that they do not", fs_group_name(G), name);
}

/* ---- pictures and filters ---- */

/* Does every element leave every place where it is?  k: the factor, or 0. */
static int rests(const fs_group *G, size_t k, grid on)
{
    if (fs_group_family(G) != FS_FAMILY_PRODUCT) return stays(G, k, on) || (on.taps && fs_group_family(G) == FS_FAMILY_TRANSLATION);
    for (size_t i = 0; i < fs_group_factors(G); i++) {
        const fs_group *F = fs_group_factor(G, i);
        if (!rests(F, i, fs_group_family(F) == FS_FAMILY_PRODUCT ? inner(on) : on)) return 0;
    }
    return 1;
}

static pixel move(const fs_group *G, size_t g, grid on, pixel p)
{
    size_t n = fs_group_parameter(G, 0), columns = fs_group_parameter(G, 1);
    switch (fs_group_family(G)) {
    case FS_FAMILY_CYCLIC:
    case FS_FAMILY_DIHEDRAL: return turn(p, g >= n, g % n * (4 / n), on);
    case FS_FAMILY_TRANSLATION: return shift(p, g / columns, g % columns, on);
    case FS_FAMILY_P4: return shift(turn(p, 0, g % 4, on), g / 4 / n, g / 4 % n, on);
    case FS_FAMILY_PRODUCT:
        for (size_t k = 0; k < fs_group_factors(G); k++) {
            const fs_group *F = fs_group_factor(G, k);
            if (!stays(F, k, on)) p = move(F, fs_group_component(G, g, k), inner(on), p);
        }
        return p;
    default: return p;
    }
}

static fs_status create_on_grid(fs_rep **out, const fs_group *G, grid on, fs_err *err)
{
    size_t points = fs_group_points(G), pixels;
    char name[64];
    *out = NULL;
    if (on.h < 1 || on.w < 1 || __builtin_mul_overflow(on.h, on.w, &pixels) || pixels > UINT32_MAX)
        return fs_fail(err, FS_EINPUT, "expected a grid of 1 to %u pixels, found %zu x %zu", UINT32_MAX, on.h, on.w);
    FS_TRY(check_acts(G, G, 0, on, err));
    snprintf(name, sizeof name, "%s %zux%zu", on.taps ? "taps" : "image", on.h, on.w);
    if (rests(G, 0, on)) return fs_rep_create_leaf(out, G, name, pixels, NULL, NULL, err);
    uint32_t *perm = fs_calloc(points, pixels * sizeof *perm);
    if (!perm) return fs_fail(err, FS_ENOMEM, "action of %s on a %zu x %zu grid", fs_group_name(G), on.h, on.w);
    for (size_t g = 0; g < points; g++)
        for (size_t j = 0; j < pixels; j++) {
            pixel to = move(G, g, on, (pixel){ j / on.w, j % on.w });
            perm[g * pixels + j] = (uint32_t)(to.row * on.w + to.col);
        }
    fs_status status = explain(G, fs_rep_create_leaf(out, G, name, pixels, perm, NULL, err), name, err);
    free(perm);
    return status;
}

fs_status fs_rep_create_image(fs_rep **out, const fs_group *G, size_t h, size_t w, fs_err *err)
{
    return create_on_grid(out, G, (grid){ .h = h, .w = w }, err);
}

fs_status fs_rep_create_taps(fs_rep **out, const fs_group *G, size_t h, size_t w, fs_err *err)
{
    return create_on_grid(out, G, (grid){ .h = h, .w = w, .taps = 1 }, err);
}

fs_status fs_rep_create_image_with_values(fs_rep **out, const fs_group *G, size_t h, size_t w, const unsigned char *on_values, fs_err *err)
{
    return create_on_grid(out, G, (grid){ .h = h, .w = w, .on_values = on_values }, err);
}

fs_status fs_rep_create_taps_with_values(fs_rep **out, const fs_group *G, size_t h, size_t w, const unsigned char *on_values, fs_err *err)
{
    return create_on_grid(out, G, (grid){ .h = h, .w = w, .taps = 1, .on_values = on_values }, err);
}

/* ---- sets of points ---- */

static int permutes(const fs_group *G, size_t n)
{
    for (size_t k = 0; fs_group_family(G) == FS_FAMILY_PRODUCT && k < fs_group_factors(G); k++)
        if (permutes(fs_group_factor(G, k), n)) return 1;
    return fs_group_family(G) == FS_FAMILY_SYMMETRIC && fs_group_parameter(G, 0) == n;
}

static size_t move_point(const fs_group *G, size_t g, size_t n, size_t j)
{
    size_t degree;
    for (size_t k = 0; fs_group_family(G) == FS_FAMILY_PRODUCT && k < fs_group_factors(G); k++)
        j = move_point(fs_group_factor(G, k), fs_group_component(G, g, k), n, j);
    if (fs_group_family(G) != FS_FAMILY_SYMMETRIC || fs_group_parameter(G, 0) != n) return j;
    return fs_group_permutation(G, g, &degree)[j];
}

fs_status fs_rep_create_points(fs_rep **out, const fs_group *G, size_t n, fs_err *err)
{
    size_t points = fs_group_points(G);
    char name[64];
    *out = NULL;
    snprintf(name, sizeof name, "points %zu", n);
    if (!permutes(G, n)) return fs_rep_create_leaf(out, G, name, n, NULL, NULL, err);
    uint32_t *perm = fs_calloc(points, n * sizeof *perm);
    if (!perm) return fs_fail(err, FS_ENOMEM, "action of %s on %zu points", fs_group_name(G), n);
    for (size_t g = 0; g < points; g++)
        for (size_t j = 0; j < n; j++) perm[g * n + j] = (uint32_t)move_point(G, g, n, j);
    fs_status status = explain(G, fs_rep_create_leaf(out, G, name, n, perm, NULL, err), name, err);
    free(perm);
    return status;
}
