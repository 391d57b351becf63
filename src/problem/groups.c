/* problem/groups.c -- from the model file's group and measure to a group and the weights of the augmentation
 *
 *   name    = factor { "x" factor }           a direct product; Z<n>xZ<m> on its own is the torus
 *   factor  = C<n> | D<n> | S<n> | Z<n> | p4 | p4:<n> | SO2 | O2 | SO3 | O3 | Z2-sign | Z2-sign^<k>
 *
 * or generators.  The measure is Haar where all elements can be used; continuous factors take a rule (degree, nodes or
 * subgroup) and S_n with n > 7 takes elements drawn at random: without being told which, neither is averaged over.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "problem/parts.h"

#include "base/words.h"
#include "problem/model_keys.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FACTORS = 8, TOKEN = 64, ENUMERATED_SYMMETRIC = 7, LARGEST_SYMMETRIC = 20 };

/* 4 n^2 and 2^k are at most FS_GROUP_MOST. */
enum { LARGEST_P4 = 64, LARGEST_SIGNS = 14, HUGE_NUMBER = 1000000000 };

/* What the measure says, and which of it the factors have asked for. */
typedef struct {
    const fs_model *model;
    const fs_yaml *group, *measure;
    const char *token;              /* the factor that is being read, as it was written */
    const fs_yaml *rule_node;       /* degree, nodes or subgroup; NULL: none */
    fs_rule rule;
    const fs_yaml *drawn_node;
    uint64_t seed;
    int continuous, large;          /* a factor that needs the rule, the drawn elements */
    fs_err *err;
} reader;

/* --- measure ---------------------------------------------------------------------- */

/* The keys of the mapping, at most one of them a rule. */
static fs_status read_measure(reader *r)
{
    static const struct { const char *key; fs_rule_kind kind; } rule[] = {
        { "degree", FS_RULE_DEGREE }, { "nodes", FS_RULE_NODES }, { "subgroup", FS_RULE_SUBGROUP },
    };
    for (size_t i = 0; i < sizeof rule / sizeof *rule; i++) {
        const fs_yaml *node = fs_yaml_get(r->measure, rule[i].key);
        if (node && r->rule_node)
            return fs_yaml_fail(node, r->err, "expected one of degree, nodes and subgroup in measure, found %s beside another", rule[i].key);
        if (!node) continue;
        r->rule_node = node;
        r->rule.kind = rule[i].kind;
    }
    r->rule.degree = fs_yaml_whole(fs_yaml_get(r->measure, "degree"));
    r->rule.nodes = fs_yaml_whole(fs_yaml_get(r->measure, "nodes"));
    r->rule.subgroup = r->rule.kind == FS_RULE_SUBGROUP && r->rule_node ? r->rule_node->text : NULL;
    r->drawn_node = fs_yaml_get(r->measure, "drawn");
    const fs_yaml *seed = fs_yaml_get(r->measure, "seed");
    if (seed && !r->drawn_node) return fs_yaml_fail(seed, r->err, "expected drawn beside seed in measure, found none");
    r->seed = seed ? fs_yaml_whole(seed) : 1;
    return FS_OK;
}

/* Where to say that the measure does not do: at the measure when it was written, at the group that needs another otherwise. */
static const fs_yaml *measure_place(const reader *r)
{
    return r->measure->implied ? r->group : r->measure;
}

static const char *measure_found(const reader *r)
{
    return r->measure->kind == FS_YAML_SCALAR ? "haar" : r->measure->kind == FS_YAML_LIST ? "a list of weights" : "no such key";
}

/* --- groups by name --------------------------------------------------------------- */

typedef struct family family;
struct family {
    const char *pattern;            /* # stands for a number */
    fs_status (*make)(fs_group **out, reader *r, const family *f, const size_t n[2]);
    size_t d;                       /* SO2, O2, SO3, O3 */
    int improper;
};

/* Puts the group's place in front of an error from below. */
static fs_status at_group(const reader *r, fs_status status)
{
    return fs_yaml_locate(r->group, status, r->err);
}

/* " in "C4xS0"" when the factor is not all that was written. */
static const char *inside(const reader *r, char text[FS_YAML_FOUND + 8])
{
    char whole[FS_YAML_FOUND];
    text[0] = 0;
    if (strcmp(r->token, r->group->text)) snprintf(text, FS_YAML_FOUND + 8, " in %s", fs_yaml_found(r->group, whole));
    return text;
}

/* The number of a factor of `pattern` must be in 1 .. most. */
static fs_status check_number(const reader *r, const char *pattern, size_t n, size_t most)
{
    char in[FS_YAML_FOUND + 8];
    if (n >= 1 && n <= most) return FS_OK;
    return fs_yaml_fail(r->group, r->err, "expected %s from 1 to %zu, found %s%s", pattern, most, r->token, inside(r, in));
}

/* No grid survives a continuous group, and permutations of points are none of its pixels: where they do not act on the channels no measure helps. */
static fs_status check_image(const reader *r, const char *advice)
{
    const fs_yaml *image = fs_model_find(r->model, "input.image"), *channels = fs_model_find(r->model, "input.channels");
    char in[FS_YAML_FOUND + 8];
    if (!image || (channels && channels->kind == FS_YAML_LIST)) return FS_OK;
    return fs_yaml_fail(image, r->err, "expected a group that acts exactly on pictures (C1, C2, C4, D1, D2, D4, Z<n>, Z<n>xZ<n>, p4), found %s%s; "
                        "%s, or on the values at the pixels, by channels such as [natural]",
                        r->token, inside(r, in), advice);
}

static fs_status make_cyclic(fs_group **out, reader *r, const family *f, const size_t n[2])
{
    (void)f;
    FS_TRY(check_number(r, "C<n> with n", n[0], FS_GROUP_MOST));
    return at_group(r, fs_group_create_cyclic(out, n[0], r->err));
}

static fs_status make_dihedral(fs_group **out, reader *r, const family *f, const size_t n[2])
{
    (void)f;
    FS_TRY(check_number(r, "D<n> with n", n[0], FS_GROUP_MOST / 2));
    return at_group(r, fs_group_create_dihedral(out, n[0], r->err));
}

static fs_status make_symmetric(fs_group **out, reader *r, const family *f, const size_t n[2])
{
    (void)f;
    uint64_t order = 1;
    FS_TRY(check_number(r, "S<n> with n", n[0], LARGEST_SYMMETRIC));
    for (uint64_t k = 2; k <= n[0]; k++) order *= k;
    if (n[0] > ENUMERATED_SYMMETRIC) {
        FS_TRY(check_image(r, "permutations act on sets and graphs of points"));
        r->large = 1;
        if (!r->drawn_node)
            return fs_yaml_fail(measure_place(r), r->err,
                                "expected measure: {drawn: 64, seed: 1} for S%zu, found %s: its %llu elements cannot be "
                                "averaged over, so the augmentation uses some that are drawn at random",
                                n[0], measure_found(r), (unsigned long long)order);
    }
    return at_group(r, fs_group_create_symmetric(out, n[0], r->drawn_node ? fs_yaml_whole(r->drawn_node) : 1, r->seed, r->err));
}

static fs_status make_torus(fs_group **out, reader *r, const family *f, const size_t n[2])
{
    int line = !strchr(f->pattern, 'x');
    if (line) FS_TRY(check_number(r, "Z<n> with n", n[0], FS_GROUP_MOST));
    else FS_TRY(check_number(r, "Z<n>xZ<m> with n times m", n[0] * n[1], FS_GROUP_MOST));
    return at_group(r, fs_group_create_translations(out, line ? 1 : n[0], line ? n[0] : n[1], r->err));
}

static fs_status make_p4(fs_group **out, reader *r, const family *f, const size_t n[2])
{
    int numbered = strchr(f->pattern, '#') != NULL;
    size_t edge = numbered ? n[0] : fs_model_whole(r->model, "input.image");
    if (!edge && !numbered)
        return fs_yaml_fail(r->group, r->err, "expected p4:<n>, or an image as input, which says what n is, for p4; found an input that is no image");
    if (numbered) FS_TRY(check_number(r, "p4:<n> with n", edge, LARGEST_P4));
    if (edge > LARGEST_P4)
        return fs_yaml_fail(r->group, r->err, "expected p4 on an image of edge 1 to %d, found an edge of %zu", LARGEST_P4, edge);
    return at_group(r, fs_group_create_p4(out, edge, r->err));
}

static fs_status make_signs(fs_group **out, reader *r, const family *f, const size_t n[2])
{
    size_t k = strchr(f->pattern, '#') ? n[0] : 1;
    FS_TRY(check_number(r, "Z2-sign^<k> with k", k, LARGEST_SIGNS));
    return at_group(r, fs_group_create_signs(out, k, r->err));
}

static fs_status make_rotations(fs_group **out, reader *r, const family *f, const size_t n[2])
{
    (void)n;
    FS_TRY(check_image(r, "continuous groups act on vectors, on the features of sets"));
    r->continuous = 1;
    if (!r->rule_node)
        return fs_yaml_fail(measure_place(r), r->err,
                            "expected a rule for averaging over %s, such as measure: {degree: 8} or {subgroup: %s}%s, found %s: the group is continuous",
                            f->pattern, f->d == 2 ? "C8" : "octahedral", f->d == 2 ? " or {nodes: 16}" : "", measure_found(r));
    return fs_yaml_locate(r->rule_node, fs_group_create_rotations(out, f->d, f->improper, &r->rule, r->err), r->err);
}

static const family families[] = {
    { "Z#xZ#", make_torus, 0, 0 },  { "C#", make_cyclic, 0, 0 }, { "D#", make_dihedral, 0, 0 },  { "S#", make_symmetric, 0, 0 },
    { "Z#", make_torus, 0, 0 },     { "p4", make_p4, 0, 0 },     { "p4:#", make_p4, 0, 0 },      { "SO2", make_rotations, 2, 0 },
    { "O2", make_rotations, 2, 1 }, { "SO3", make_rotations, 3, 0 }, { "O3", make_rotations, 3, 1 },
    { "Z2-sign", make_signs, 0, 0 }, { "Z2-sign^#", make_signs, 0, 0 },
};
enum { FAMILIES = sizeof families / sizeof *families };

/* Does the text have the pattern?  Numbers have no leading zero; those of ten digits and more count as HUGE_NUMBER, too large for any. */
static int matches(const char *pattern, const char *text, size_t n[2])
{
    size_t numbers = 0;
    for (; *pattern; pattern++) {
        if (*pattern != '#') {
            if (*text++ != *pattern) return 0;
            continue;
        }
        size_t digits = strspn(text, "0123456789");
        if (!digits || (*text == '0' && digits > 1) || numbers == 2) return 0;
        n[numbers++] = digits > 9 ? HUGE_NUMBER : strtoul(text, NULL, 10);
        text += digits;
    }
    return !*text;
}

static const family *family_of(const char *text, size_t n[2])
{
    n[0] = n[1] = 0;
    for (size_t i = 0; i < FAMILIES; i++)
        if (matches(families[i].pattern, text, n)) return &families[i];
    return NULL;
}

/* The nearest known name, with the last number of the token; capitals do not count. */
static int nearest_group(const char *token, char found[TOKEN])
{
    size_t best = SIZE_MAX, end = strlen(token);
    char word[TOKEN], small[TOKEN];
    while (end && !isdigit((unsigned char)token[end - 1])) end--;
    size_t from = end;
    while (from && isdigit((unsigned char)token[from - 1])) from--;
    while (from < end && token[from] == '0') from++;
    size_t digits = (end - from) % 10;
    snprintf(word, sizeof word, "%s", token);
    for (char *c = word; *c; c++) *c = (char)tolower((unsigned char)*c);
    for (size_t i = 1; i < FAMILIES; i++) {         /* all but the torus, which is no factor */
        char name[TOKEN];
        size_t used = 0;
        for (const char *c = families[i].pattern; *c && used + 12 < sizeof name; c++)
            used += (size_t)(*c == '#' ? snprintf(name + used, sizeof name - used, "%.*s", digits ? (int)digits : 1, digits ? token + from : "4")
                                       : snprintf(name + used, sizeof name - used, "%c", *c));
        strcpy(small, name);
        for (char *c = small; *c; c++) *c = (char)tolower((unsigned char)*c);
        size_t distance = fs_edit_distance(small, word);
        if (distance >= best || (distance && (strlen(token) < 3 || !fs_edit_near(token, distance)))) continue;
        best = distance;
        strcpy(found, name);
    }
    return best < SIZE_MAX;
}

static fs_status unknown_group(const reader *r)
{
    char near[TOKEN], in[FS_YAML_FOUND + 8];
    inside(r, in);
    if (nearest_group(r->token, near))
        return fs_yaml_fail(r->group, r->err, "unknown group \"%s\"%s; known: %s; did you mean \"%s\"?", r->token, in, FS_MODEL_GROUPS, near);
    return fs_yaml_fail(r->group, r->err, "unknown group \"%s\"%s; known: %s", r->token, in, FS_MODEL_GROUPS);
}

/* The next factor of a product and what follows it: blanks around it do not count; NULL at the end. */
static const char *next_factor(const char *text, char token[TOKEN])
{
    text += strspn(text, " ");
    size_t length = strcspn(text, "x"), trimmed = length;
    while (trimmed && text[trimmed - 1] == ' ') trimmed--;
    snprintf(token, TOKEN, "%.*s", (int)trimmed, text);
    return text[length] ? text + length + 1 : NULL;
}

static fs_status read_product(fs_group **out, reader *r)
{
    fs_group *factor[FACTORS] = { NULL };
    size_t count = 0, n[2];
    char token[TOKEN];
    fs_status status = FS_OK;
    for (const char *rest = r->group->text; rest && status == FS_OK;) {
        rest = next_factor(rest, token);
        r->token = token;
        const family *f = family_of(token, n);
        if (!f)
            status = unknown_group(r);
        else if (count == FACTORS)
            status = fs_yaml_fail(r->group, r->err, "expected a product of at most %d groups, found more", FACTORS);
        else
            status = f->make(&factor[count], r, f, n);
        if (status == FS_OK) count++;
    }
    r->token = NULL;
    if (status == FS_OK && count == 1) *out = fs_group_retain(factor[0]);
    if (status == FS_OK && count > 1) status = at_group(r, fs_group_create_product(out, count, factor, r->err));
    for (size_t k = 0; k < count; k++) fs_group_destroy(factor[k]);
    return status;
}

static fs_status read_name(fs_group **out, reader *r)
{
    size_t n[2];
    const family *whole = family_of(r->group->text, n);
    r->token = r->group->text;
    if (!r->group->text[0]) return unknown_group(r);
    return whole ? whole->make(out, r, whole, n) : read_product(out, r);
}

/* --- groups by generators --------------------------------------------------------- */

/* A permutation of 0 .. degree-1 as an image list. */
static fs_status read_permutation(const fs_yaml *node, size_t degree, uint32_t *image, fs_err *err)
{
    unsigned char *seen = fs_calloc(degree, 1);
    if (!seen) return fs_fail(err, FS_ENOMEM, "a permutation of %zu points", degree);
    fs_status status = FS_OK;
    for (size_t j = 0; j < degree && status == FS_OK; j++) {
        const fs_yaml *item = node->item[j];
        double x = item->kind == FS_YAML_SCALAR ? fs_yaml_real(item) : -1.0;
        char found[FS_YAML_FOUND];
        if (!(x >= 0.0 && x < (double)degree) || x != floor(x) || seen[(size_t)x]) {
            fs_yaml_found(item, found);
            status = fs_yaml_fail(item, err, "expected a permutation: every whole number from 0 to %zu once, found %s", degree - 1, found);
        } else {
            image[j] = (uint32_t)x;
            seen[image[j]] = 1;
        }
    }
    free(seen);
    return status;
}

static fs_status read_matrix(const fs_yaml *node, size_t degree, double *matrix, fs_err *err)
{
    for (size_t i = 0; i < degree; i++) {
        const fs_yaml *row = node->item[i];
        char found[FS_YAML_FOUND];
        if (row->kind != FS_YAML_LIST)
            return fs_yaml_fail(row, err, "expected a row of %zu numbers, found %s", degree, fs_yaml_found(row, found));
        if (row->count != degree)
            return fs_yaml_fail(row, err, "expected a row of %zu numbers in a matrix of %zu rows, found %zu", degree, degree, row->count);
        for (size_t j = 0; j < degree; j++) {
            if (row->item[j]->kind != FS_YAML_SCALAR)
                return fs_yaml_fail(row->item[j], err, "expected a number in the row of a matrix, found a list");
            matrix[i * degree + j] = fs_yaml_real(row->item[j]);
        }
    }
    return FS_OK;
}

static fs_status read_generators(fs_group **out, reader *r)
{
    const fs_yaml *list = fs_yaml_get(r->group, "generators");
    size_t count = list->count, degree = list->item[0]->count, most = fs_yaml_whole(fs_yaml_get(r->group, "most"));
    int matrices = list->item[0]->item[0]->kind == FS_YAML_LIST;
    uint32_t *permutation = matrices ? NULL : fs_calloc(count, degree * sizeof *permutation);
    double *matrix = matrices ? fs_calloc(count, degree * degree * sizeof *matrix) : NULL;
    fs_status status = permutation || matrix ? FS_OK : fs_fail(r->err, FS_ENOMEM, "%zu generators of degree %zu", count, degree);
    for (size_t k = 0; k < count && status == FS_OK; k++) {
        const fs_yaml *node = list->item[k];
        if ((node->item[0]->kind == FS_YAML_LIST) != matrices)
            status = fs_yaml_fail(node, r->err, "expected %s, as the first generator is, found %s", matrices ? "a matrix" : "a permutation",
                                  matrices ? "a permutation" : "a matrix");
        else if (node->count != degree)
            status = fs_yaml_fail(node, r->err, "expected a generator of degree %zu, as the first one has, found %zu", degree, node->count);
        else if (matrices)
            status = read_matrix(node, degree, matrix + k * degree * degree, r->err);
        else
            status = read_permutation(node, degree, permutation + k * degree, r->err);
    }
    if (status == FS_OK)
        status = fs_yaml_locate(list,
                                matrices ? fs_group_create_matrices(out, "generated", degree, count, matrix, most, r->err)
                                         : fs_group_create_permutations(out, "generated", degree, count, permutation, most, r->err),
                                r->err);
    free(permutation);
    free(matrix);
    return status;
}

/* --- the measure on the group ------------------------------------------------------- */

/* What the measure says must be of use to some factor. */
static fs_status check_measure(const reader *r, const fs_group *G)
{
    if (r->measure->kind == FS_YAML_MAP && !r->continuous && !r->large)
        return fs_yaml_fail(r->measure, r->err, "expected haar or a list of %zu weights for %s, all of whose elements are used, found a mapping",
                            fs_group_points(G), fs_group_name(G));
    if (r->rule_node && !r->continuous)
        return fs_yaml_fail(r->rule_node, r->err, "expected drawn alone for %s, which is finite, found a rule for continuous groups", fs_group_name(G));
    if (r->drawn_node && !r->large)
        return fs_yaml_fail(r->drawn_node, r->err, "expected no elements drawn for %s, in which no symmetric group is too large to average over, found %s",
                            fs_group_name(G), r->drawn_node->text);
    return FS_OK;
}

static fs_status build_measure(fs_problem *p, const reader *r)
{
    const fs_yaml *node = r->measure;
    size_t points = fs_group_points(p->group);
    double sum = 0.0;
    FS_TRY(check_measure(r, p->group));
    p->measure = fs_calloc(points, sizeof *p->measure);
    if (!p->measure) return fs_fail(r->err, FS_ENOMEM, "a measure on %zu elements", points);
    if (node->kind != FS_YAML_LIST) {
        memcpy(p->measure, fs_group_rule(p->group), points * sizeof *p->measure);
        return FS_OK;
    }
    if (node->count != points)
        return fs_yaml_fail(node, r->err, "expected %zu weights, one an element of %s, found %zu", points, fs_group_name(p->group), node->count);
    for (size_t g = 0; g < points; g++) sum += p->measure[g] = fs_yaml_real(node->item[g]);
    if (!(fabs(sum - 1.0) <= FS_PROBLEM_SUM_TOLERANCE))
        return fs_yaml_fail(node, r->err, "expected weights that sum to 1 within %g, found a sum of %.17g", FS_PROBLEM_SUM_TOLERANCE, sum);
    for (size_t g = 0; g < points; g++) p->measure[g] /= sum;
    return FS_OK;
}

fs_status fs_problem_build_group(fs_problem *p, const fs_model *m, fs_err *err)
{
    reader r = { .model = m, .group = fs_model_find(m, "group"), .measure = fs_model_find(m, "measure"), .err = err };
    FS_TRY(read_measure(&r));
    FS_TRY(r.group->kind == FS_YAML_MAP ? read_generators(&p->group, &r) : read_name(&p->group, &r));
    return build_measure(p, &r);
}
