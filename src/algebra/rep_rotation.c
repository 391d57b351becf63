/* algebra/rep_rotation.c -- rotations of the plane and of space, and the simplex
 *
 *   frequency m   r = counter-clockwise by m times the angle of g in (right, up),  s = diag(-1, 1);  d rho(J) = m J
 *   V_l           harmonic polynomials of degree l:  V_l inside V_1 x V_{l-1}, the eigenspace l(l+1) of the Casimir operator
 *
 *                   K = - sum_a (J_a x 1 + 1 x d rho_{l-1}(J_a))^2,    V_1 x V_{l-1} = V_l + V_{l-1} + V_{l-2}
 *
 *                 with the isometry C onto it (columns: an orthonormal basis)  rho_l(R) = C^T (R x rho_{l-1}(R)) C,  and d rho_l likewise
 *   standard      rho = H P H^T, P the permutation, the rows of H the Helmert vectors (1, ..., 1, -k, 0, ..., 0) / sqrt(k (k + 1))
 *
 * The projector onto the eigenspace is a polynomial in K, so plain loops in a fixed order find C: equal bits everywhere.
 * An orthogonal R of determinant -1 goes through the same formula: -1 acts on V_l by (-1)^l.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/rep_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PLANE = 2, SPACE = 3 };

/* J_a v = e_a x v for the axes, and the plane's J e_x = e_y */
static const double space_lie[SPACE][SPACE * SPACE] = {
    { 0, 0, 0,  0, 0, -1,  0, 1, 0 },
    { 0, 0, 1,  0, 0, 0,  -1, 0, 0 },
    { 0, -1, 0,  1, 0, 0,  0, 0, 0 },
};
static const double plane_lie[PLANE * PLANE] = { 0, -1, 1, 0 };

static fs_status no_memory(const fs_group *G, const char *name, fs_err *err)
{
    return fs_fail(err, FS_ENOMEM, "%s of %s at %zu points", name, fs_group_name(G), fs_group_points(G));
}

/* ---- the plane ---- */

/* R(angle) s^mirror */
static void fill_plane(double c, double s, int mirror, double M[PLANE * PLANE])
{
    double side = mirror ? -1.0 : 1.0;
    M[0] = side * c;
    M[1] = -s;
    M[2] = side * s;
    M[3] = c;
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
    if (4 * j == n || 4 * j == 3 * n) return 4 * j == n ? 1.0 : -1.0;
    return sin(2.0 * M_PI * (double)j / (double)n);
}

/* C_n, D_n: element k is r^k, element n + k is r^k s; Z_n: element k is r^k. */
static void fill_turns(const fs_group *G, size_t m, double *matrix)
{
    size_t n = fs_group_parameter(G, fs_group_family(G) == FS_FAMILY_TRANSLATION ? 1 : 0);
    for (size_t g = 0; g < fs_group_points(G); g++)
        fill_plane(cos_turn(m * (g % n), n), sin_turn(m * (g % n), n), g >= n, matrix + PLANE * PLANE * g);
}

/* (c + i s)^m by m multiplications, |c + i s| brought to 1 first: error about 2 m eps. */
static void fill_angles(const fs_group *G, size_t m, double *matrix)
{
    for (size_t g = 0; g < fs_group_points(G); g++) {
        size_t degree;
        const double *R = fs_group_matrix(G, g, &degree);
        double length = hypot(R[1], R[3]), c = R[3] / length, s = -R[1] / length, cm = 1.0, sm = 0.0;
        for (size_t k = 0; k < m; k++) {
            double next = c * cm - s * sm;
            sm = s * cm + c * sm;
            cm = next;
        }
        fill_plane(cm, sm, R[0] * R[3] - R[1] * R[2] < 0.0, matrix + PLANE * PLANE * g);
    }
}

fs_status fs_rep_create_frequency(fs_rep **out, const fs_group *G, const char *name, size_t m, fs_err *err)
{
    int continuous = fs_group_is_continuous(G);
    double lie[PLANE * PLANE];
    *out = NULL;
    double *matrix = fs_calloc(fs_group_points(G), PLANE * PLANE * sizeof *matrix);
    if (!matrix) return no_memory(G, name, err);
    if (continuous) fill_angles(G, m, matrix);
    else fill_turns(G, m, matrix);
    for (size_t e = 0; e < PLANE * PLANE; e++) lie[e] = (double)m * plane_lie[e];
    fs_status status = fs_rep_create_matrix_leaf(out, G, name, PLANE, matrix, continuous ? lie : NULL, continuous ? m : 0, err);
    free(matrix);
    return status;
}

fs_status fs_rep_create_turn(fs_rep **out, const fs_group *G, const char *name, fs_err *err)
{
    *out = NULL;
    double *matrix = fs_calloc(fs_group_points(G), PLANE * PLANE * sizeof *matrix);
    if (!matrix) return no_memory(G, name, err);
    for (size_t g = 0; g < fs_group_points(G); g++)
        fill_plane(cos_turn(g % 4, 4), sin_turn(g % 4, 4), 0, matrix + PLANE * PLANE * g);
    fs_status status = fs_rep_create_matrix_leaf(out, G, name, PLANE, matrix, NULL, 0, err);
    free(matrix);
    return status;
}

/* ---- the matrices or permutations by which the group is given ---- */

fs_status fs_rep_create_defining(fs_rep **out, const fs_group *G, const char *name, fs_err *err)
{
    size_t n = 0, points = fs_group_points(G), degree;
    int permutes = fs_group_permutation(G, 0, &n) != NULL;
    *out = NULL;
    if (!permutes) fs_group_matrix(G, 0, &n);
    uint32_t *perm = permutes ? fs_calloc(points, n * sizeof *perm) : NULL;
    double *matrix = permutes ? NULL : fs_calloc(points * n, n * sizeof *matrix);
    fs_status status = FS_ENOMEM;
    if (!perm && !matrix) status = no_memory(G, name, err);
    else if (permutes) {
        for (size_t g = 0; g < points; g++) memcpy(perm + g * n, fs_group_permutation(G, g, &degree), n * sizeof *perm);
        status = fs_rep_create_leaf(out, G, name, n, perm, NULL, err);
    } else {
        int continuous = fs_group_is_continuous(G);
        const double *lie = !continuous ? NULL : n == SPACE ? space_lie[0] : plane_lie;
        for (size_t g = 0; g < points; g++) memcpy(matrix + g * n * n, fs_group_matrix(G, g, &degree), n * n * sizeof *matrix);
        status = fs_rep_create_matrix_leaf(out, G, name, n, matrix, lie, continuous ? 1 : 0, err);
    }
    free(perm);
    free(matrix);
    return status;
}

/* ---- harmonic polynomials ---- */

/* C = A B, all (n, n) */
static void multiply(size_t n, const double *A, const double *B, double *C)
{
    memset(C, 0, n * n * sizeof *C);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            for (size_t j = 0; j < n; j++) C[i * n + j] += A[i * n + k] * B[k * n + j];
}

/* P = projector onto V_l in V_1 x V_{l-1}, dimension w = 3 d, from d rho_{l-1} (3, d, d).  work (3 w w). */
static void project(size_t l, size_t d, const double *lie, double *P, double *work)
{
    size_t w = SPACE * d;
    double *K = work, *X = work + w * w, *XX = X + w * w, high = (double)(l * (l + 1));
    memset(K, 0, w * w * sizeof *K);
    for (size_t a = 0; a < SPACE; a++) {
        for (size_t e = 0; e < w * w; e++) {
            size_t i = e / w, j = e % w;
            X[e] = (i % d == j % d ? space_lie[a][i / d * SPACE + j / d] : 0.0)
                   + (i / d == j / d ? lie[(a * d + i % d) * d + j % d] : 0.0);
        }
        multiply(w, X, X, XX);
        for (size_t e = 0; e < w * w; e++) K[e] -= XX[e];
    }
    /* The other eigenvalues of K are k (k + 1) for k = l - 1 and l - 2. */
    for (size_t e = 0; e < w * w; e++) P[e] = e / w == e % w ? 1.0 : 0.0;
    for (size_t k = l - 1; k + 2 >= l; k--) {
        double low = (double)(k * (k + 1));
        for (size_t e = 0; e < w * w; e++) X[e] = (K[e] - (e / w == e % w ? low : 0.0)) / (high - low);
        multiply(w, X, P, XX);
        memcpy(P, XX, w * w * sizeof *P);
        if (k == 0) break;
    }
}

/* row -= its parts along the rows of C found so far; twice is enough. */
static void orthogonalise(size_t w, size_t found, const double *C, double *row)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < found; k++) {
            double s = 0.0;
            for (size_t i = 0; i < w; i++) s += C[k * w + i] * row[i];
            for (size_t i = 0; i < w; i++) row[i] -= s * C[k * w + i];
        }
}

/* Orthonormal rows C (rank, w) of the range of P, by Gram-Schmidt on its rows with the longest remainder next; among equals
 * (rounding must not choose) the first.  P is used up. */
static void find_basis(size_t w, size_t rank, double *P, double *C)
{
    for (size_t found = 0; found < rank; found++) {
        size_t best = 0;
        double longest = -1.0;
        for (size_t r = 0; r < w; r++) {
            double square = 0.0;
            for (size_t i = 0; i < w; i++) square += P[r * w + i] * P[r * w + i];
            if (square > longest + 1e-9) {
                longest = square;
                best = r;
            }
        }
        for (size_t i = 0; i < w; i++) C[found * w + i] = P[best * w + i] / sqrt(longest);
        orthogonalise(w, found, C, C + found * w);
        double square = 0.0;
        for (size_t i = 0; i < w; i++) square += C[found * w + i] * C[found * w + i];
        for (size_t i = 0; i < w; i++) C[found * w + i] /= sqrt(square);
        for (size_t r = 0; r < w; r++) orthogonalise(w, found + 1, C, P + r * w);
    }
}

/* to = C (A x B) C^T,  A (3, 3), B (d, d), C (n, 3 d) with orthonormal rows.  work (2 * 3 d). */
static void compress(size_t n, size_t d, const double *C, const double *A, const double *B, double *to, double *work)
{
    size_t w = SPACE * d;
    double *half = work, *image = work + w;
    for (size_t j = 0; j < n; j++) {
        const double *v = C + j * w;
        for (size_t i = 0; i < w; i++) {
            half[i] = 0.0;
            for (size_t k = 0; k < d; k++) half[i] += B[i % d * d + k] * v[i / d * d + k];
        }
        for (size_t i = 0; i < w; i++) {
            image[i] = 0.0;
            for (size_t k = 0; k < SPACE; k++) image[i] += A[i / d * SPACE + k] * half[k * d + i % d];
        }
        for (size_t i = 0; i < n; i++) {
            double s = 0.0;
            for (size_t k = 0; k < w; k++) s += C[i * w + k] * image[k];
            to[i * n + j] = s;
        }
    }
}

/* d rho_l(J_a) = C (J_a x 1 + 1 x d rho_{l-1}(J_a)) C^T, made exactly skew.  work (n n + 2 w + d d) */
static void compress_lie(size_t n, size_t d, const double *C, const double *lie, double *to, double *work)
{
    static const double one[SPACE * SPACE] = { 1, 0, 0, 0, 1, 0, 0, 0, 1 };
    double *term = work, *unit = term + n * n, *scratch = unit + d * d;
    for (size_t e = 0; e < d * d; e++) unit[e] = e / d == e % d ? 1.0 : 0.0;
    for (size_t a = 0; a < SPACE; a++) {
        double *L = to + a * n * n;
        compress(n, d, C, space_lie[a], unit, L, scratch);
        compress(n, d, C, one, lie + a * d * d, term, scratch);
        for (size_t e = 0; e < n * n; e++) L[e] += term[e];
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j <= i; j++) {
                double skew = 0.5 * (L[i * n + j] - L[j * n + i]);
                L[i * n + j] = skew;
                L[j * n + i] = -skew;
            }
    }
}

/* One step up: matrix (points, d, d) and lie (3, d, d) of V_{l-1} become those of V_l; the arrays have room for it.
 * work: see room_of. */
static void climb(const fs_group *G, size_t l, double *matrix, double *lie, double *next, double *next_lie, double *work)
{
    size_t d = 2 * l - 1, n = 2 * l + 1, w = SPACE * d, degree;
    double *C = work, *P = C + n * w, *scratch = P + w * w;
    project(l, d, lie, P, scratch);
    find_basis(w, n, P, C);
    compress_lie(n, d, C, lie, next_lie, scratch);
    for (size_t g = 0; g < fs_group_points(G); g++)
        compress(n, d, C, fs_group_matrix(G, g, &degree), matrix + g * d * d, next + g * n * n, scratch);
}

/* C (n, w), P (w, w), three more (w, w) */
static size_t room_of(size_t l)
{
    size_t n = 2 * l + 1, w = SPACE * (n - 2);
    return n * w + 4 * w * w;
}

fs_status fs_rep_create_harmonic(fs_rep **out, const fs_group *G, const char *name, size_t l, fs_err *err)
{
    size_t points = fs_group_points(G), n = 2 * l + 1, degree;
    *out = NULL;
    if (l == 0) return fs_rep_create_leaf(out, G, name, 1, NULL, NULL, err);
    if (l == 1) return fs_rep_create_defining(out, G, name, err);
    double *matrix = fs_calloc(points, 2 * n * n * sizeof *matrix), *lie = fs_calloc(2 * SPACE * n, n * sizeof *lie);
    double *work = fs_calloc(room_of(l), sizeof *work);
    fs_status status = FS_ENOMEM;
    if (!matrix || !lie || !work) status = no_memory(G, name, err);
    else {
        double *now = matrix, *next = matrix + points * n * n, *now_lie = lie, *next_lie = lie + SPACE * n * n, *t;
        for (size_t g = 0; g < points; g++)
            memcpy(now + g * SPACE * SPACE, fs_group_matrix(G, g, &degree), sizeof space_lie[0]);
        memcpy(now_lie, space_lie, sizeof space_lie);
        for (size_t k = 2; k <= l; k++) {
            climb(G, k, now, now_lie, next, next_lie, work);
            t = now, now = next, next = t;
            t = now_lie, now_lie = next_lie, next_lie = t;
        }
        status = fs_rep_create_matrix_leaf(out, G, name, n, now, now_lie, l, err);
    }
    free(matrix);
    free(lie);
    free(work);
    return status;
}

/* ---- the simplex ---- */

/* Entry i of the k-th Helmert vector times sqrt(k (k + 1)), k from 1. */
static double helmert(size_t k, size_t i)
{
    return i < k ? 1.0 : i == k ? -(double)k : 0.0;
}

/* Whole numbers divided by the root of one: the identity and S_2 come out exact. */
fs_status fs_rep_create_standard(fs_rep **out, const fs_group *G, const char *name, fs_err *err)
{
    size_t n = fs_group_parameter(G, 0), d = n - 1, points = fs_group_points(G), degree;
    *out = NULL;
    double *matrix = fs_calloc(points * d, d * sizeof *matrix);
    if (!matrix) return no_memory(G, name, err);
    for (size_t e = 0; e < points * d * d; e++) {
        const uint32_t *p = fs_group_permutation(G, e / (d * d), &degree);
        size_t a = e / d % d + 1, b = e % d + 1;
        double sum = 0.0, square = (double)(a * (a + 1) * b * (b + 1));
        for (size_t j = 0; j <= b; j++) sum += helmert(a, p[j]) * helmert(b, j);
        matrix[e] = sum / sqrt(square);
    }
    fs_status status = fs_rep_create_matrix_leaf(out, G, name, d, matrix, NULL, 0, err);
    free(matrix);
    return status;
}
