/* algebra/group_closure.c -- the finite group that permutations or orthogonal matrices generate
 *
 * Breadth first from the identity: s x for each element x and each generator s, until nothing new appears.  The left
 * multiplications found on the way, left[k m + h] = s_k h, make the product table.
 *
 *   permutations   found again by a hash of their images
 *   matrices       found again by |A - B| < 1e-6 (Frobenius norm).  A fixed W with |W| = 1 sends A to <W, A>, which moves by at
 *                  most |A - B|: cells of 1e-3 along this line, and their neighbours, hold whatever is that near
 *
 * Generators that are matrices are made orthogonal by the Newton-Schulz iteration for the polar factor, M <- M (3 - M^T M) / 2.
 * Given with errors of size delta they generate a homomorphism up to delta, for words of length n up to n delta.  Once
 * the group is known, s <- polar factor of (1/m) sum_h (s h) h^T leaves a defect of order delta^2 (averaging over the group
 * removes the first order), and all elements are multiplied again.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/group_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORTHOGONAL 1e-9         /* largest entry of M^T M - 1 in a generator */
#define SAME 1e-6               /* nearer elements are one element */
#define APART 1e-3              /* others must be at least so far from each other */
#define MOST_DEGREE ((size_t)1 << 20)

typedef enum { OTHER, EQUAL, TOO_NEAR } likeness;

/* How an element was found: generator `by` times element `from`; next: 1 + another of its hash, or 0. */
typedef struct {
    uint32_t from, by, next;
} step;

typedef struct closure closure;

/* The two kinds of elements. */
typedef struct {
    const char *noun;
    int64_t spread;             /* equal elements have keys at most this far apart */
    size_t (*bytes)(size_t degree);
    void (*set_identity)(size_t degree, void *x);
    void (*multiply)(size_t degree, const void *x, const void *y, void *xy);
    int64_t (*key)(const closure *c, const void *x);
    likeness (*compare)(size_t degree, const void *x, const void *y, double *distance);
} kind;

struct closure {
    const kind *is;
    const char *name;
    size_t degree, bytes, count, most;
    const unsigned char *generator;     /* (count) of `bytes` */
    const double *line;         /* W (degree, degree), matrices */

    size_t found, room;
    unsigned char *element;     /* (room) of `bytes` */
    uint32_t *left;             /* (room, count): s_k x */
    step *step;                 /* (room) */
    size_t heads;               /* a power of two */
    uint32_t *head;             /* (heads): 1 + element */
};

/* --- permutations ------------------------------------------------------------------------ */

static size_t permutation_bytes(size_t degree)
{
    return degree * sizeof(uint32_t);
}

static void permutation_identity(size_t degree, void *x)
{
    uint32_t *p = x;
    for (size_t j = 0; j < degree; j++) p[j] = (uint32_t)j;
}

static void permutation_multiply(size_t degree, const void *x, const void *y, void *xy)
{
    const uint32_t *p = x, *q = y;
    uint32_t *pq = xy;
    for (size_t j = 0; j < degree; j++) pq[j] = p[q[j]];
}

static int64_t permutation_key(const closure *c, const void *x)
{
    const uint32_t *p = x;
    uint64_t key = 0;
    for (size_t j = 0; j < c->degree; j++) key = (key ^ p[j]) * UINT64_C(0x9e3779b97f4a7c15) + (key >> 29);
    return (int64_t)(key >> 1);
}

static likeness permutation_compare(size_t degree, const void *x, const void *y, double *distance)
{
    (void)distance;
    return memcmp(x, y, permutation_bytes(degree)) == 0 ? EQUAL : OTHER;
}

static const kind permutations = { "permutations", 0, permutation_bytes, permutation_identity, permutation_multiply,
                                   permutation_key, permutation_compare };

/* --- matrices ---------------------------------------------------------------------------- */

static size_t matrix_bytes(size_t degree)
{
    return degree * degree * sizeof(double);
}

static void matrix_identity(size_t degree, void *x)
{
    double *M = x;
    for (size_t i = 0; i < degree * degree; i++) M[i] = i % (degree + 1) == 0 ? 1.0 : 0.0;
}

static void matrix_multiply(size_t degree, const void *x, const void *y, void *xy)
{
    const double *A = x, *B = y;
    double *AB = xy;
    for (size_t i = 0; i < degree * degree; i++) AB[i] = 0.0;
    for (size_t i = 0; i < degree; i++)
        for (size_t k = 0; k < degree; k++)
            for (size_t j = 0; j < degree; j++) AB[i * degree + j] += A[i * degree + k] * B[k * degree + j];
}

static int64_t matrix_key(const closure *c, const void *x)
{
    const double *M = x;
    double s = 0.0;
    for (size_t i = 0; i < c->degree * c->degree; i++) s += c->line[i] * M[i];
    return (int64_t)floor(s / APART);
}

static likeness matrix_compare(size_t degree, const void *x, const void *y, double *distance)
{
    const double *A = x, *B = y;
    double s = 0.0;
    for (size_t i = 0; i < degree * degree && s < APART * APART; i++) s += (A[i] - B[i]) * (A[i] - B[i]);
    *distance = sqrt(s);
    return *distance < SAME ? EQUAL : *distance < APART ? TOO_NEAR : OTHER;
}

static const kind matrices = { "matrices", 1, matrix_bytes, matrix_identity, matrix_multiply, matrix_key, matrix_compare };

/* --- breadth-first search ------------------------------------------------------------------ */

static size_t place(const closure *c, int64_t key)
{
    uint64_t mixed = (uint64_t)key * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(mixed >> 32) & (c->heads - 1);
}

static void enter(closure *c, size_t x)
{
    size_t h = place(c, c->is->key(c, c->element + x * c->bytes));
    c->step[x].next = c->head[h];
    c->head[h] = (uint32_t)(x + 1);
}

/* n items of `size` bytes in place of what was there; if memory is short *ok is cleared and all stays. */
static void *resized(void *old, size_t n, size_t size, int *ok)
{
    void *new = reallocarray(old, n, size ? size : 1);
    if (!new) *ok = 0;
    return new ? new : old;
}

/* Room for twice as many; chains are threaded anew. */
static fs_status make_room(closure *c, fs_err *err)
{
    size_t room = c->room ? 2 * c->room : 64;
    int ok = 1;
    c->element = resized(c->element, room, c->bytes, &ok);
    c->left = resized(c->left, room, c->count * sizeof *c->left, &ok);
    c->step = resized(c->step, room, sizeof *c->step, &ok);
    free(c->head);
    c->head = fs_calloc(2 * room, sizeof *c->head);
    if (!ok || !c->head)
        return fs_fail(err, FS_ENOMEM, "group %s: %zu %s of degree %zu", c->name, room, c->is->noun, c->degree);
    c->room = room;
    c->heads = 2 * room;
    for (size_t x = 0; x < c->found; x++) enter(c, x);
    return FS_OK;
}

/* The element that is element x, which may be x itself when it is new. */
static fs_status find(const closure *c, size_t x, size_t *which, fs_err *err)
{
    const unsigned char *bytes = c->element + x * c->bytes;
    int64_t key = c->is->key(c, bytes);
    for (int64_t k = key - c->is->spread; k <= key + c->is->spread; k++)
        for (uint32_t y = c->head[place(c, k)]; y; y = c->step[y - 1].next) {
            double distance;
            likeness like = c->is->compare(c->degree, bytes, c->element + (y - 1) * c->bytes, &distance);
            *which = y - 1;
            if (like == EQUAL) return FS_OK;
            if (like == TOO_NEAR)
                return fs_fail(err, FS_EINPUT, "group %s: expected products of the generators to be equal or %g apart, found two "
                               "of the first %zu at a distance of %.1e: the group is infinite, or its matrices need more digits",
                               c->name, APART, c->found + 1, distance);
        }
    *which = x;
    return FS_OK;
}

/* The element s_k x, new or known. */
static fs_status reach(closure *c, size_t x, size_t k, fs_err *err)
{
    size_t which;
    if (c->found == c->room) FS_TRY(make_room(c, err));
    c->is->multiply(c->degree, c->generator + k * c->bytes, c->element + x * c->bytes, c->element + c->found * c->bytes);
    FS_TRY(find(c, c->found, &which, err));
    if (which == c->found) {
        if (c->found == c->most)
            return fs_fail(err, FS_EINPUT, "group %s: expected the generators to generate at most %zu elements, found %zu "
                           "before giving up", c->name, c->most, c->found + 1);
        c->step[which] = (step){ .from = (uint32_t)x, .by = (uint32_t)k };
        enter(c, c->found++);
    }
    c->left[x * c->count + k] = (uint32_t)which;
    return FS_OK;
}

static fs_status search(closure *c, fs_err *err)
{
    FS_TRY(make_room(c, err));
    c->is->set_identity(c->degree, c->element);
    enter(c, c->found++);
    for (size_t x = 0; x < c->found; x++)
        for (size_t k = 0; k < c->count; k++) FS_TRY(reach(c, x, k, err));
    return FS_OK;
}

static void clear(closure *c)
{
    free(c->element);
    free(c->left);
    free(c->step);
    free(c->head);
}

/* The elements, which become the group's, without room to spare. */
static void *hand_over(closure *c)
{
    void *all = realloc(c->element, c->found * c->bytes);
    if (!all) all = c->element;
    c->element = NULL;
    return all;
}

/* The group without its defining permutations or matrices, not yet finished. */
static fs_status tabulate(fs_group **out, const closure *c, fs_err *err)
{
    size_t m = c->found;
    fs_group *G = NULL;
    uint32_t *left = fs_calloc(m, c->count * sizeof *left);
    fs_status status = left ? fs_group_alloc_enumerated(&G, FS_FAMILY_GENERATED, c->name, m, err)
                            : fs_fail(err, FS_ENOMEM, "group %s of order %zu", c->name, m);
    if (status == FS_OK) {
        for (size_t k = 0; k < c->count; k++) {
            for (size_t x = 0; x < m; x++) left[k * m + x] = c->left[x * c->count + k];
            if (G->generators < m) G->generator[G->generators++] = left[k * m];      /* repeated ones are dropped later */
        }
        G->parameter[0] = G->degree = c->degree;
        status = fs_group_fill_product(G, c->count, left, err);
    }
    free(left);
    *out = G;
    return status;
}

static fs_status check_request(const closure *c, fs_err *err)
{
    if (c->degree < 1) return fs_fail(err, FS_EINPUT, "group %s: expected %s of degree 1 or more, found 0", c->name, c->is->noun);
    if (c->degree > MOST_DEGREE)
        return fs_fail(err, FS_EINPUT, "group %s: expected %s of degree at most %zu, found %zu", c->name, c->is->noun,
                       MOST_DEGREE, c->degree);
    if (c->most < 1 || c->most > FS_GROUP_MOST)
        return fs_fail(err, FS_EINPUT, "group %s: expected a bound of 1 to %zu elements, found %zu", c->name, FS_GROUP_MOST,
                       c->most);
    return FS_OK;
}

/* --- from permutations ---------------------------------------------------------------------- */

static fs_status check_permutation(const closure *c, size_t k, const uint32_t *p, unsigned char *seen, fs_err *err)
{
    memset(seen, 0, c->degree);
    for (size_t j = 0; j < c->degree; j++) {
        if (p[j] >= c->degree)
            return fs_fail(err, FS_EINPUT, "group %s, generator %zu: expected images among 0 .. %zu, found %zu -> %u", c->name,
                           k + 1, c->degree - 1, j, p[j]);
        if (seen[p[j]])
            return fs_fail(err, FS_EINPUT, "group %s, generator %zu: expected a permutation, found the image %u twice", c->name,
                           k + 1, p[j]);
        seen[p[j]] = 1;
    }
    return FS_OK;
}

static fs_status check_permutations(const closure *c, const uint32_t *permutation, fs_err *err)
{
    fs_status status = FS_OK;
    FS_TRY(check_request(c, err));
    unsigned char *seen = fs_calloc(c->degree, 1);
    if (!seen) return fs_fail(err, FS_ENOMEM, "group %s: permutations of degree %zu", c->name, c->degree);
    for (size_t k = 0; k < c->count && status == FS_OK; k++)
        status = check_permutation(c, k, permutation + k * c->degree, seen, err);
    free(seen);
    return status;
}

fs_status fs_group_create_permutations(fs_group **out, const char *name, size_t degree, size_t count,
                                       const uint32_t *permutation, size_t most, fs_err *err)
{
    closure c = { .is = &permutations, .name = name ? name : "generated", .degree = degree, .count = count, .most = most,
                  .generator = (const unsigned char *)permutation };
    fs_group *G = NULL;
    *out = NULL;
    FS_TRY(check_permutations(&c, permutation, err));
    c.bytes = permutation_bytes(degree);
    fs_status status = search(&c, err);
    if (status == FS_OK) status = tabulate(&G, &c, err);
    if (status == FS_OK) {
        G->permutation = hand_over(&c);
        status = fs_group_finish(out, G, err);
        G = NULL;
    }
    fs_group_destroy(G);
    clear(&c);
    return status;
}

/* --- from matrices -------------------------------------------------------------------------- */

/* The largest entry of |M^T M - 1|, infinite where that is no number. */
static double orthogonality_defect(size_t d, const double *M)
{
    double worst = 0.0;
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j <= i; j++) {
            double s = i == j ? -1.0 : 0.0;
            for (size_t k = 0; k < d; k++) s += M[k * d + i] * M[k * d + j];
            if (!(fabs(s) <= worst)) worst = isfinite(s) ? fabs(s) : HUGE_VAL;
        }
    return worst;
}

/* Three sweeps of M <- M (3 - M^T M) / 2 square a defect of 1e-5 or less to rounding.  work (2, d, d). */
static void make_orthogonal(size_t d, double *M, double *work)
{
    double *correction = work, *product = work + d * d;
    for (int sweep = 0; sweep < 3; sweep++) {
        for (size_t i = 0; i < d; i++)
            for (size_t j = 0; j < d; j++) {
                double s = 0.0;
                for (size_t k = 0; k < d; k++) s += M[k * d + i] * M[k * d + j];
                correction[i * d + j] = ((i == j ? 3.0 : 0.0) - s) / 2.0;
            }
        matrix_multiply(d, M, correction, product);
        memcpy(M, product, matrix_bytes(d));
    }
}

/* A direction in which few elements of a group agree: fixed numbers without pattern. */
static void fill_line(size_t n, double *W)
{
    double length = 0.0;
    for (size_t i = 0; i < n; i++) {
        W[i] = sin(1.0 + (double)i * (1.0 + 0.618 * (double)i));
        length += W[i] * W[i];
    }
    for (size_t i = 0; i < n; i++) W[i] /= sqrt(length);
}

/* s <- polar factor of (1/m) sum_h (s h) h^T for every generator s. */
static void average_generators(const closure *c, double *generator, double *work)
{
    size_t d = c->degree, m = c->found;
    const double *element = (const double *)(const void *)c->element;
    for (size_t k = 0; k < c->count; k++) {
        double *s = generator + k * d * d;
        memset(s, 0, matrix_bytes(d));
        for (size_t h = 0; h < m; h++) {
            const double *H = element + h * d * d, *sH = element + c->left[h * c->count + k] * d * d;
            for (size_t i = 0; i < d; i++)
                for (size_t j = 0; j < d; j++)
                    for (size_t l = 0; l < d; l++) s[i * d + j] += sH[i * d + l] * H[j * d + l];
        }
        for (size_t i = 0; i < d * d; i++) s[i] /= (double)m;
        make_orthogonal(d, s, work);
    }
}

/* Every element from the generators once more, along the paths on which it was found. */
static void multiply_again(closure *c)
{
    for (size_t x = 1; x < c->found; x++)
        matrix_multiply(c->degree, c->generator + c->step[x].by * c->bytes, c->element + c->step[x].from * c->bytes,
                        c->element + x * c->bytes);
}

static fs_status check_matrices(const closure *c, const double *matrix, fs_err *err)
{
    FS_TRY(check_request(c, err));
    for (size_t k = 0; k < c->count; k++) {
        double defect = orthogonality_defect(c->degree, matrix + k * c->degree * c->degree);
        if (!(defect <= ORTHOGONAL))
            return fs_fail(err, FS_ENOTREP, "group %s, generator %zu: expected an orthogonal matrix, found |M^T M - 1| = %.1e > "
                           "%.0e", c->name, k + 1, defect, ORTHOGONAL);
    }
    return FS_OK;
}

static fs_status close_matrices(fs_group **out, closure *c, double *generator, double *work, fs_err *err)
{
    fs_group *G = NULL;
    for (size_t k = 0; k < c->count; k++) make_orthogonal(c->degree, generator + k * c->degree * c->degree, work);
    FS_TRY(search(c, err));
    fs_status status = tabulate(&G, c, err);
    if (status == FS_OK) {
        average_generators(c, generator, work);
        multiply_again(c);
        G->matrix = hand_over(c);
        return fs_group_finish(out, G, err);
    }
    fs_group_destroy(G);
    return status;
}

fs_status fs_group_create_matrices(fs_group **out, const char *name, size_t degree, size_t count, const double *matrix,
                                   size_t most, fs_err *err)
{
    closure c = { .is = &matrices, .name = name ? name : "generated", .degree = degree, .count = count, .most = most };
    *out = NULL;
    FS_TRY(check_matrices(&c, matrix, err));
    c.bytes = matrix_bytes(degree);
    double *generator = fs_calloc(count + 3, c.bytes), *line = generator ? generator + count * degree * degree : NULL;
    if (!generator) return fs_fail(err, FS_ENOMEM, "group %s: %zu matrices of degree %zu", c.name, count, degree);
    if (count) memcpy(generator, matrix, count * c.bytes);
    fill_line(degree * degree, line);
    c.generator = (const unsigned char *)generator;
    c.line = line;
    fs_status status = close_matrices(out, &c, generator, line + degree * degree, err);
    free(generator);
    clear(&c);
    return status;
}
