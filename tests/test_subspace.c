/* tests/test_subspace.c -- E, N and the compatibility of L with G, against plain matrices and known dimensions
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "random_rep.h"

#include "algebra/subspace.h"

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_linalg.h>
#include <time.h>

enum { TRIALS = 60, ROOM = 32 };

/* ---- the naive side: n x n matrices and GSL ---- */

/* Pi_G = mean of the matrices. */
static double *naive_average(const twin *t)
{
    double *P = reals(t->n * t->n);
    for (size_t g = 0; g < t->order; g++)
        for (size_t i = 0; i < t->n * t->n; i++) P[i] += t->M[g * t->n * t->n + i] / (double)t->order;
    return P;
}

/* Projection onto the span of unit rows, by Gram-Schmidt with a fixed threshold; *rank its trace, *least the smallest
 * distance of a row from the span of those before that was not taken for zero. */
static double *naive_projection(size_t n, size_t count, const double *span, size_t *rank, double *least)
{
    double *P = reals(n * n), *q = reals(n), *Pq = reals(n);
    *rank = 0;
    *least = 1.0;
    for (size_t r = 0; r < count; r++) {
        memcpy(q, span + r * n, n * sizeof *q);
        for (int pass = 0; pass < 2; pass++)
            for (size_t i = 0; i < n; i++) {
                if (i == 0)
                    for (size_t k = 0; k < n; k++) Pq[k] = dot(n, P + k * n, q);
                q[i] -= Pq[i];
            }
        double length = norm2(n, q);
        if (!(length > 1e-8)) continue;
        if (length < *least) *least = length;
        ++*rank;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) P[i * n + j] += q[i] / length * (q[j] / length);
    }
    free(q);
    free(Pq);
    return P;
}

static double spectral_norm(size_t n, const double *A)
{
    gsl_matrix *M = gsl_matrix_alloc(n, n), *V = gsl_matrix_alloc(n, n);
    gsl_vector *s = gsl_vector_alloc(n);
    memcpy(M->data, A, n * n * sizeof *A);
    gsl_linalg_SV_decomp_jacobi(M, V, s);
    double norm = gsl_vector_get(s, 0);
    gsl_matrix_free(M);
    gsl_matrix_free(V);
    gsl_vector_free(s);
    return norm;
}

/* dim of the intersection of the images of two orthogonal projections: eigenvalue 2 of their sum. */
static size_t common_dim(size_t n, const double *P, const double *Q)
{
    gsl_matrix *M = gsl_matrix_alloc(n, n);
    gsl_vector *s = gsl_vector_alloc(n);
    gsl_eigen_symm_workspace *w = gsl_eigen_symm_alloc(n);
    size_t count = 0;
    for (size_t i = 0; i < n * n; i++) M->data[i] = P[i] + Q[i];
    gsl_eigen_symm(M, s, w);
    for (size_t i = 0; i < n; i++) count += gsl_vector_get(s, i) > 2.0 - 1e-9;
    gsl_eigen_symm_free(w);
    gsl_matrix_free(M);
    gsl_vector_free(s);
    return count;
}

/* sum of q q^T over the rows of Q */
static double *projector(const fs_sparse *Q)
{
    size_t n = Q->cols;
    double *P = reals(n * n);
    for (size_t r = 0; r < Q->rows; r++)
        for (size_t a = Q->ptr[r]; a < Q->ptr[r + 1]; a++)
            for (size_t b = Q->ptr[r]; b < Q->ptr[r + 1]; b++) P[Q->col[a] * n + Q->col[b]] += Q->val[a] * Q->val[b];
    return P;
}

static double *dense_row(const fs_sparse *Q, size_t r)
{
    double *q = reals(Q->cols);
    for (size_t e = Q->ptr[r]; e < Q->ptr[r + 1]; e++) q[Q->col[e]] += Q->val[e];
    return q;
}

/* ---- what every basis must satisfy ---- */

static void assert_orthonormal(const fs_basis *b, double tol)
{
    size_t d = b->dim_E + b->dim_N;
    double **q = fs_calloc(d, sizeof *q);
    assert_non_null(q);
    for (size_t i = 0; i < d; i++) q[i] = i < b->dim_E ? dense_row(b->Q_E, i) : dense_row(b->Q_N, i - b->dim_E);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j <= i; j++) assert_near(dot(b->n_par, q[i], q[j]), i == j, tol);
    for (size_t i = 0; i < d; i++) free(q[i]);
    free(q);
    assert_at_most(b->orthonormality, tol);
}

/* Each row of Q_E is fixed by each rho(g); each row of Q_N is sent to zero by the average when L is compatible. */
static void assert_split(const fs_basis *b, const fs_rep *rho, double kappa, double tol)
{
    double *y = reals(b->n_par), *zero = reals(b->n_par);
    fs_err err;
    for (size_t r = 0; r < b->dim_E; r++) {
        double *q = dense_row(b->Q_E, r);
        for (size_t g = 0; g < fs_group_order(fs_rep_group(rho)); g++) {
            fs_rep_apply(rho, g, q, y);
            assert_at_most(max_difference(b->n_par, q, y), tol / sqrt(b->gap_high));   /* a small angle costs digits */
        }
        free(q);
    }
    for (size_t r = 0; kappa < 1e-9 && r < b->dim_N; r++) {
        double *q = dense_row(b->Q_N, r);
        assert_ok(fs_reynolds_apply(rho, NULL, q, y, &err), err);
        assert_at_most(max_difference(b->n_par, zero, y), tol);
        free(q);
    }
    free(y);
    free(zero);
}

static void assert_round_trip(gsl_rng *rng, const fs_basis *b, double tol)
{
    size_t d = b->dim_E + b->dim_N;
    double *w = gaussians(rng, d), *A = gaussians(rng, b->n_par), *back = reals(d), *x = reals(b->dim_E), *only = reals(b->n_par);
    fs_basis_expand(b, w, A);
    fs_basis_project(b, A, back);
    assert_at_most(max_difference(d, w, back), tol * (norm2(d, w) + 1.0));
    fs_basis_project_E(b, A, x);
    assert_at_most(max_difference(b->dim_E, w, x), tol * (norm2(d, w) + 1.0));
    memset(w + b->dim_E, 0, b->dim_N * sizeof *w);
    fs_basis_expand(b, w, A);
    fs_basis_expand_E(b, w, only);
    assert_near(max_difference(b->n_par, A, only), 0.0, 0.0);
    free(w);
    free(A);
    free(back);
    free(x);
    free(only);
}

/* Everything a basis reports, computed again from PL (projection onto L) and the matrices of t. */
static void assert_basis(gsl_rng *rng, const fs_basis *b, const twin *t, const double *PL, size_t rank)
{
    size_t n = t->n, count;
    const fs_group *G = fs_rep_group(t->rep);
    const size_t *generator = fs_group_generators(G, &count);
    double *PG = naive_average(t), *LG = reals(n * n), *C = reals(n * n), *PE = projector(b->Q_E), *PN = projector(b->Q_N);
    double tol = 1024.0 * (double)n * DBL_EPSILON, kappa, defect, dim, trace = 0.0, worst = 0.0;
    fs_err err;
    assert_int_equal(b->n_par, n);
    assert_int_equal(b->dim_E + b->dim_N, rank);
    assert_int_equal(b->dim_E, common_dim(n, PL, PG));
    assert_orthonormal(b, tol);
    for (size_t i = 0; i < n * n; i++) C[i] = PE[i] + PN[i];
    assert_at_most(max_difference(n * n, C, PL), tol * 4.0);

    multiply(n, PL, PG, LG);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) C[i * n + j] = LG[i * n + j] - LG[j * n + i];
    assert_ok(fs_basis_compatibility(b, t->rep, &kappa, &err), err);
    assert_near(kappa, spectral_norm(n, C), tol);
    assert_split(b, t->rep, kappa, tol);
    assert_round_trip(rng, b, tol);

    for (size_t k = 0; k < count; k++) {
        const double *M = t->M + generator[k] * n * n;
        double *T = reals(n * n);
        multiply(n, M, PL, T);
        multiply(n, PL, T, C);
        for (size_t i = 0; i < n * n; i++) C[i] = T[i] - C[i];
        double norm = spectral_norm(n, C);
        if (norm > worst) worst = norm;
        free(T);
    }
    assert_ok(fs_basis_invariance(b, t->rep, &defect, &err), err);
    assert_near(defect, worst, tol);

    for (size_t i = 0; i < n; i++) trace += LG[i * n + i];
    assert_ok(fs_basis_character_dim(b, t->rep, &dim, &err), err);
    assert_near(dim, trace, tol * (double)n);
    if (worst < 1e-9) assert_near(dim, (double)b->dim_E, tol * (double)n);
    free(PG);
    free(LG);
    free(C);
    free(PE);
    free(PN);
}

static double *mask_projection(size_t n, const unsigned char *mask, size_t *rank)
{
    double *P = reals(n * n);
    *rank = 0;
    for (size_t i = 0; i < n; i++)
        if (!mask || mask[i]) {
            P[i * n + i] = 1.0;
            ++*rank;
        }
    return P;
}

static void bases_of_all_of_h(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("bases_of_all_of_h");
    for (int trial = 0; trial < TRIALS; trial++) {
        fs_group *G = random_group(rng);
        twin t = random_tree(rng, G, trial % 2, below(rng, 3), ROOM);
        fs_basis *b;
        fs_err err;
        size_t rank;
        double *PL = mask_projection(t.n, NULL, &rank), defect;
        assert_ok(fs_basis_create(&b, t.rep, NULL, &err), err);
        assert_basis(rng, b, &t, PL, rank);
        assert_near((double)b->dim_E, fs_rep_invariant_dim(t.rep), tree_tolerance(t.n) * (double)t.n);
        assert_ok(fs_basis_invariance(b, t.rep, &defect, &err), err);
        assert_near(defect, 0.0, 0.0);
        fs_basis_destroy(b);
        free(PL);
        twin_free(&t);
        fs_group_destroy(G);
    }
    gsl_rng_free(rng);
}

static void bases_of_masked_coordinates(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("bases_of_masked_coordinates");
    for (int trial = 0; trial < 2 * TRIALS; trial++) {
        fs_group *G = random_group(rng);
        twin t = random_tree(rng, G, trial % 2, below(rng, 3), ROOM);
        fs_basis *b;
        fs_err err;
        size_t rank;
        unsigned char *mask = fs_calloc(t.n, 1);
        assert_non_null(mask);
        for (size_t j = 0; j < t.n; j++) mask[j] = (unsigned char)(below(rng, 4) > 0);
        double *PL = mask_projection(t.n, mask, &rank);
        assert_ok(fs_basis_create(&b, t.rep, mask, &err), err);
        assert_true(b->coordinate);
        assert_basis(rng, b, &t, PL, rank);
        fs_basis_destroy(b);
        free(PL);
        free(mask);
        twin_free(&t);
        fs_group_destroy(G);
    }
    gsl_rng_free(rng);
}

/* Some invariant vectors, some of any direction, some combinations of those before, some zero; any scale. */
static double *random_span(gsl_rng *rng, const twin *t, size_t count)
{
    size_t n = t->n;
    double *span = reals(count * n);
    fs_err err;
    for (size_t r = 0; r < count; r++) {
        double *x = gaussians(rng, n), *row = span + r * n, scale = pow(10.0, (double)below(rng, 13) - 6.0);
        size_t kind = below(rng, 4);
        if (kind == 0) {        /* averaged twice: the first average may be small beside the rounding of x */
            assert_ok(fs_reynolds_apply(t->rep, NULL, x, row, &err), err);
            for (size_t i = 0; i < n; i++) x[i] = row[i] / (norm2(n, row) > 1e-10 ? norm2(n, row) : HUGE_VAL);
            assert_ok(fs_reynolds_apply(t->rep, NULL, x, row, &err), err);
        } else if (kind == 1 && r >= 2)
            for (size_t i = 0; i < n; i++)
                row[i] = 0.25 * span[i] / (norm2(n, span) + DBL_MIN) - span[(r - 1) * n + i] / (norm2(n, row - n) + DBL_MIN);
        else if (kind != 2) memcpy(row, x, n * sizeof *x);
        if (kind < 2 && norm2(n, row) < 1e-10) memset(row, 0, n * sizeof *row);    /* zero up to rounding is zero */
        for (size_t i = 0; i < n; i++) row[i] *= scale;
        free(x);
    }
    return span;
}

static void bases_of_spans(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("bases_of_spans");
    int compatible = 0, incompatible = 0, nearly_dependent = 0;
    for (int trial = 0; trial < 2 * TRIALS; trial++) {
        fs_group *G = random_group(rng);
        twin t = random_tree(rng, G, trial % 2, below(rng, 3), 20);
        size_t count = 1 + below(rng, 6), rank;
        double *span = random_span(rng, &t, count), *unit = reals(count * t.n), kappa, least;
        for (size_t r = 0; r < count; r++)
            for (size_t i = 0; i < t.n; i++) unit[r * t.n + i] = span[r * t.n + i] / (norm2(t.n, span + r * t.n) + DBL_MIN);
        double *PL = naive_projection(t.n, count, unit, &rank, &least);
        fs_basis *b;
        fs_err err;
        if (rank > 0 && least < 0.05) {
            nearly_dependent++;         /* another law's business: its E is known to fewer digits */
        } else if (rank > 0) {
            assert_ok(fs_basis_create_span(&b, t.rep, count, span, &err), err);
            assert_false(b->coordinate);
            assert_basis(rng, b, &t, PL, rank);
            assert_ok(fs_basis_compatibility(b, t.rep, &kappa, &err), err);
            compatible += kappa < 1e-9;
            incompatible += kappa > 1e-3;
            fs_basis_destroy(b);
        } else {
            assert_fails(fs_basis_create_span(&b, t.rep, count, span, &err), FS_EINPUT, err, "zero rows only");
        }
        free(PL);
        free(span);
        free(unit);
        twin_free(&t);
        fs_group_destroy(G);
    }
    assert_true(compatible > 10 && incompatible > 10 && nearly_dependent < TRIALS / 4);
    gsl_rng_free(rng);
}

/* A monomial representation written as matrices, and conjugated by a rotation: same E, same N. */
static void orbits_and_eigenproblems_agree(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("orbits_and_eigenproblems_agree");
    double largest_zero = 0.0;
    for (int trial = 0; trial < TRIALS; trial++) {
        fs_group *G = random_group(rng);
        twin t = random_tree(rng, G, 0, below(rng, 3), 24);
        size_t n = t.n;
        double tol = 256.0 * (double)n * DBL_EPSILON, kappa[3], dim[3];
        unsigned char *mask = fs_calloc(n, 1);
        double *units = reals(n * n);
        fs_rep *dense;
        fs_basis *b[3];
        fs_err err;
        size_t count = 0;
        assert_non_null(mask);
        for (size_t j = 0; j < n; j++)
            if ((mask[j] = (unsigned char)(j == 0 || below(rng, 3) > 0))) units[count++ * n + j] = 2.0;
        assert_ok(fs_rep_create_dense(&dense, G, n, t.M, &err), err);
        assert_ok(fs_basis_create(&b[0], t.rep, mask, &err), err);
        assert_ok(fs_basis_create(&b[1], dense, mask, &err), err);
        assert_ok(fs_basis_create_span(&b[2], t.rep, count, units, &err), err);
        assert_near(b[0]->gap_low, 0.0, 0.0);
        assert_near(b[0]->gap_high, 1.0, 0.0);
        for (int k = 1; k < 3; k++) {
            assert_at_most(b[k]->gap_low, tol);
            assert_near(b[k]->gap_high, 1.0, 1.0 - 1e-3);
            if (b[k]->gap_low > largest_zero) largest_zero = b[k]->gap_low;
        }
        double *E = projector(b[0]->Q_E), *N = projector(b[0]->Q_N);
        for (int k = 0; k < 3; k++) {
            double *Ek = projector(b[k]->Q_E), *Nk = projector(b[k]->Q_N);
            assert_at_most(max_difference(n * n, E, Ek), tol);
            assert_at_most(max_difference(n * n, N, Nk), tol);
            assert_ok(fs_basis_compatibility(b[k], k == 1 ? dense : t.rep, &kappa[k], &err), err);
            assert_ok(fs_basis_character_dim(b[k], k == 1 ? dense : t.rep, &dim[k], &err), err);
            assert_near(kappa[k], kappa[0], tol);
            assert_near(dim[k], dim[0], tol * (double)n);
            free(Ek);
            free(Nk);
        }
        for (int k = 0; k < 3; k++) fs_basis_destroy(b[k]);
        fs_rep_destroy(dense);
        free(units);
        free(mask);
        free(E);
        free(N);
        twin_free(&t);
        fs_group_destroy(G);
    }
    assert_true(largest_zero > 0.0);        /* a computed zero is reported as it came out */
    gsl_rng_free(rng);
}

/* ---- known dimensions ---- */

static fs_group *cyclic(size_t n)
{
    fs_group *G;
    fs_err err;
    assert_ok(fs_group_create_cyclic(&G, n, &err), err);
    return G;
}

static fs_group *dihedral(size_t n)
{
    fs_group *G;
    fs_err err;
    assert_ok(fs_group_create_dihedral(&G, n, &err), err);
    return G;
}

static fs_rep *named(const fs_group *G, const char *name)
{
    fs_rep *rep;
    fs_err err;
    assert_ok(fs_rep_create_named(&rep, G, name, &err), err);
    return rep;
}

static fs_rep *trivial(const fs_group *G, size_t n)
{
    fs_rep *rep;
    fs_err err;
    assert_ok(fs_rep_create_trivial(&rep, G, n, &err), err);
    return rep;
}

static fs_rep *image(const fs_group *G, size_t h, size_t w)
{
    fs_rep *rep;
    fs_err err;
    assert_ok(fs_rep_create_image(&rep, G, h, w, &err), err);
    return rep;
}

/* Takes its arguments. */
static fs_rep *joined(int sum, fs_rep *a, fs_rep *b)
{
    fs_rep *rep;
    fs_err err;
    assert_ok(sum ? fs_rep_create_sum(&rep, 2, (fs_rep *[]){ a, b }, &err)
                  : fs_rep_create_tensor(&rep, 2, (fs_rep *[]){ a, b }, &err), err);
    fs_rep_destroy(a);
    fs_rep_destroy(b);
    return rep;
}

static fs_rep *tensor(fs_rep *a, fs_rep *b)
{
    return joined(0, a, b);
}

static fs_rep *direct_sum(fs_rep *a, fs_rep *b)
{
    return joined(1, a, b);
}

/* Takes rho. */
static void assert_dims(fs_rep *rho, const unsigned char *mask, size_t dim_L, size_t dim_E)
{
    fs_basis *b;
    fs_err err;
    double dim;
    assert_ok(fs_basis_create(&b, rho, mask, &err), err);
    assert_int_equal(b->dim_E + b->dim_N, dim_L);
    assert_int_equal(b->dim_E, dim_E);
    assert_ok(fs_basis_character_dim(b, rho, &dim, &err), err);
    assert_near(dim, (double)dim_E, 1e-9);
    assert_at_most(b->orthonormality, 64.0 * DBL_EPSILON);
    fs_basis_destroy(b);
    fs_rep_destroy(rho);
}

static void known_dimensions_under_turns_and_flips(void **state)
{
    (void)state;
    fs_group *Z2 = cyclic(2), *C4 = cyclic(4), *D4 = dihedral(4);
    assert_dims(image(C4, 3, 3), NULL, 9, 3);
    assert_dims(image(D4, 3, 3), NULL, 9, 3);
    assert_dims(image(C4, 5, 5), NULL, 25, 7);
    assert_dims(image(D4, 5, 5), NULL, 25, 6);
    /* hidden 2 regular, input two points, trivial output */
    assert_dims(direct_sum(tensor(tensor(trivial(Z2, 2), named(Z2, "regular")), named(Z2, "natural")),
                           tensor(trivial(Z2, 1), tensor(trivial(Z2, 2), named(Z2, "regular")))), NULL, 12, 6);
    assert_dims(tensor(named(C4, "regular"), named(C4, "regular")), NULL, 16, 4);
    /* C4 on 5 x 5, channels 1 -> 2 -> 2, full connection to one output: 18 + 36 + 50 */
    assert_dims(direct_sum(direct_sum(tensor(trivial(C4, 2), image(C4, 3, 3)), tensor(trivial(C4, 4), image(C4, 3, 3))),
                           tensor(trivial(C4, 2), image(C4, 5, 5))), NULL, 104, 32);
    /* regular channels: the group moves the (out, in, tap) triples freely */
    assert_dims(tensor(named(C4, "regular"), tensor(named(C4, "regular"), image(C4, 3, 3))), NULL, 144, 36);
    assert_dims(tensor(named(D4, "regular"), tensor(named(D4, "regular"), image(D4, 3, 3))), NULL, 576, 72);
    /* non-trivial outputs: sides and corners of a 3 x 3 filter each hold the plane once and no sign */
    assert_dims(tensor(named(D4, "rotation"), image(D4, 3, 3)), NULL, 18, 2);
    assert_dims(tensor(named(D4, "sign"), image(D4, 3, 3)), NULL, 9, 0);
    assert_dims(tensor(named(C4, "rotation"), image(C4, 3, 3)), NULL, 18, 4);
    assert_dims(tensor(named(C4, "sign"), image(C4, 3, 3)), NULL, 9, 2);
    assert_dims(tensor(named(D4, "rotation"), named(D4, "rotation")), NULL, 4, 1);
    fs_group_destroy(Z2);
    fs_group_destroy(C4);
    fs_group_destroy(D4);
}

/* ---- groups given by permutations of points ---- */

enum { POINTS = 16, MOST = 64 };

typedef struct {
    size_t points, order;
    uint32_t p[MOST][POINTS];
} permutations;

static size_t position(const permutations *S, const uint32_t *p)
{
    for (size_t g = 0; g < S->order; g++)
        if (memcmp(S->p[g], p, S->points * sizeof *p) == 0) return g;
    return S->order;
}

static void compose(const permutations *S, size_t g, size_t h, uint32_t *gh)
{
    for (size_t j = 0; j < S->points; j++) gh[j] = S->p[g][S->p[h][j]];
}

/* The group generated by the permutations 1 .. count of S, its table, and its action on the points. */
static fs_group *generated(permutations *S, size_t count, const char *name, fs_rep **natural)
{
    fs_group *G;
    fs_err err;
    uint32_t gh[POINTS], perm[MOST * POINTS];
    size_t table[MOST * MOST];
    for (size_t j = 0; j < S->points; j++) S->p[0][j] = (uint32_t)j;
    S->order = count + 1;
    for (size_t g = 0; g < S->order; g++)
        for (size_t s = 1; s <= count; s++) {
            compose(S, g, s, gh);
            if (position(S, gh) < S->order) continue;
            assert_true(S->order < MOST);
            memcpy(S->p[S->order++], gh, S->points * sizeof *gh);
        }
    for (size_t g = 0; g < S->order; g++)
        for (size_t h = 0; h < S->order; h++) {
            compose(S, g, h, gh);
            table[g * S->order + h] = position(S, gh);
        }
    for (size_t g = 0; g < S->order; g++) memcpy(perm + g * S->points, S->p[g], S->points * sizeof *perm);
    assert_ok(fs_group_create_table(&G, name, S->order, table, &err), err);
    assert_ok(fs_rep_create_signed_permutation(natural, G, S->points, perm, NULL, &err), err);
    return G;
}

static void known_dimensions_of_symmetric_groups(void **state)
{
    (void)state;
    permutations S4 = { .points = 4, .p = { [1] = { 1, 2, 3, 0 }, [2] = { 1, 0, 2, 3 } } };
    permutations S3 = { .points = 3, .p = { [1] = { 1, 2, 0 }, [2] = { 1, 0, 2 } } };
    fs_rep *four, *three;
    fs_group *G4 = generated(&S4, 2, "S4", &four), *G3 = generated(&S3, 2, "S3", &three);
    assert_int_equal(fs_group_order(G4), 24);
    assert_int_equal(fs_group_order(G3), 6);
    /* graphs on four vertices: R^16 -> R^16 -> R, dims 272 / 17 / 255 */
    fs_rep *edges = tensor(fs_rep_retain(four), four);
    assert_dims(direct_sum(tensor(fs_rep_retain(edges), fs_rep_retain(edges)), edges), NULL, 272, 17);
    /* (R^3) tensor four times: 14 invariants, one for each partition of 4 positions into at most 3 classes */
    fs_rep *pairs = tensor(fs_rep_retain(three), three);
    assert_dims(tensor(fs_rep_retain(pairs), pairs), NULL, 81, 14);
    fs_group_destroy(G4);
    fs_group_destroy(G3);
}

/* Translations and quarter turns of an n x n torus, R^(n n) -> R^(n n): orbits of C4 on the displacements. */
static void known_dimensions_of_p4(void **state)
{
    (void)state;
    static const size_t expected[] = { 0, 0, 0, 3, 6 };
    for (size_t n = 3; n <= 4; n++) {
        permutations P = { .points = n * n };
        for (size_t j = 0; j < n * n; j++) {
            size_t x = j % n, y = j / n;
            P.p[1][j] = (uint32_t)(y * n + (x + 1) % n);
            P.p[2][j] = (uint32_t)(x * n + (n - y) % n);
        }
        fs_rep *torus;
        fs_group *G = generated(&P, 2, "p4", &torus);
        assert_int_equal(fs_group_order(G), 4 * n * n);
        assert_dims(tensor(fs_rep_retain(torus), torus), NULL, n * n * n * n, expected[n]);
        fs_group_destroy(G);
    }
}

/* ---- the paper's network ---- */

static fs_rep *paper_network(const fs_group *C4)
{
    fs_rep *first = tensor(trivial(C4, 16), image(C4, 3, 3)), *second = tensor(trivial(C4, 256), image(C4, 3, 3));
    return direct_sum(direct_sum(first, second), tensor(trivial(C4, 160), image(C4, 7, 7)));
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void paper_size_network_splits_in_orbits(void **state)
{
    (void)state;
    fs_group *C4 = cyclic(4);
    fs_rep *rho = paper_network(C4);
    fs_basis *b;
    fs_err err;
    double kappa, start = seconds();
    assert_int_equal(fs_rep_dim(rho), 10288);
    assert_ok(fs_basis_create(&b, rho, NULL, &err), err);
    printf("# basis for 10288 parameters: %.1f ms\n", 1e3 * (seconds() - start));
    assert_int_equal(b->dim_E, 2896);
    assert_int_equal(b->dim_N, 7392);
    assert_at_most((double)(b->Q_E->ptr[b->dim_E] + b->Q_N->ptr[b->dim_N]), 4.0 * 10288.0);     /* entries: O(|G| P) */
    assert_ok(fs_basis_compatibility(b, rho, &kappa, &err), err);
    assert_near(kappa, 0.0, 0.0);
    fs_basis_destroy(b);
    fs_rep_destroy(rho);
    fs_group_destroy(C4);
}

/* |G| = 784: translations of a 28 x 28 torus on 13 pictures, with the picture written as a regular representation. */
static void large_group_splits_in_orbits(void **state)
{
    (void)state;
    fs_group *C28 = cyclic(28), *T;
    fs_err err;
    assert_ok(fs_group_create_product(&T, C28, C28, &err), err);
    double start = seconds();
    fs_rep *rho = tensor(trivial(T, 13), named(T, "regular"));
    assert_dims(rho, NULL, 13 * 784, 13);
    printf("# group of order 784 on 10192 parameters: %.1f ms\n", 1e3 * (seconds() - start));
    fs_group_destroy(C28);
    fs_group_destroy(T);
}

/* ---- supports of a 3 x 3 filter ---- */

static void cross_is_compatible_and_skew_is_not(void **state)
{
    (void)state;
    static const unsigned char cross[] = { 0, 1, 0, 1, 1, 1, 0, 1, 0 }, skew[] = { 1, 1, 0, 1, 0, 1, 0, 1, 0 };
    static const unsigned char two_sides[] = { 0, 1, 0, 0, 1, 0, 0, 1, 0 };
    fs_group *C4 = cyclic(4);
    fs_rep *rho = tensor(trivial(C4, 2), image(C4, 3, 3));
    unsigned char mask[18];
    fs_basis *b;
    fs_err err;
    double kappa, defect;

    for (size_t j = 0; j < 18; j++) mask[j] = cross[j % 9];
    assert_ok(fs_basis_create(&b, rho, mask, &err), err);
    assert_int_equal(b->dim_E, 4);
    assert_int_equal(b->dim_N, 6);
    assert_ok(fs_basis_compatibility(b, rho, &kappa, &err), err);
    assert_ok(fs_basis_invariance(b, rho, &defect, &err), err);
    assert_near(kappa, 0.0, 0.0);
    assert_near(defect, 0.0, 0.0);
    fs_basis_destroy(b);

    for (size_t j = 0; j < 18; j++) mask[j] = skew[j % 9];
    assert_ok(fs_basis_create(&b, rho, mask, &err), err);
    assert_int_equal(b->dim_E, 2);
    assert_int_equal(b->dim_N, 8);
    assert_ok(fs_basis_compatibility(b, rho, &kappa, &err), err);
    assert_ok(fs_basis_invariance(b, rho, &defect, &err), err);
    assert_near(kappa, sqrt(3.0) / 4.0, 0.0);
    assert_near(kappa, 0.4330127018922193, 0.0);
    assert_near(defect, 1.0, 0.0);
    fs_basis_destroy(b);

    for (size_t j = 0; j < 18; j++) mask[j] = two_sides[j % 9];
    assert_ok(fs_basis_create(&b, rho, mask, &err), err);
    assert_int_equal(b->dim_E, 2);      /* the centres only */
    assert_ok(fs_basis_compatibility(b, rho, &kappa, &err), err);
    assert_near(kappa, 0.5, 0.0);
    fs_basis_destroy(b);

    memset(mask, 0, sizeof mask);       /* L = {0} */
    assert_ok(fs_basis_create(&b, rho, mask, &err), err);
    assert_int_equal(b->dim_E + b->dim_N, 0);
    assert_ok(fs_basis_compatibility(b, rho, &kappa, &err), err);
    assert_near(kappa, 0.0, 0.0);
    fs_basis_destroy(b);
    fs_rep_destroy(rho);
    fs_group_destroy(C4);
}

/* The two vectors of C4 on 3 x 3 sides, written out: Q_E (1, 1, 1, 1)/2, Q_N the Helmert rows. */
static void an_orbit_gives_helmert_vectors(void **state)
{
    (void)state;
    static const unsigned char sides[] = { 0, 1, 0, 1, 0, 1, 0, 1, 0 };
    static const size_t at[] = { 1, 3, 5, 7 };
    const double h[3][4] = { { sqrt(0.5), -sqrt(0.5), 0, 0 },
                             { sqrt(1.0 / 6.0), sqrt(1.0 / 6.0), -sqrt(2.0 / 3.0), 0 },
                             { sqrt(1.0 / 12.0), sqrt(1.0 / 12.0), sqrt(1.0 / 12.0), -sqrt(0.75) } };
    fs_group *C4 = cyclic(4);
    fs_basis *b;
    fs_err err;
    fs_rep *picture = image(C4, 3, 3), *rho = tensor(named(C4, "sign"), picture);
    assert_ok(fs_basis_create(&b, rho, sides, &err), err);
    assert_int_equal(b->dim_E, 1);
    assert_int_equal(b->dim_N, 3);
    /* A quarter turn sends N to -W, W to -S: signs + - - + at N, W, E, S. */
    static const double gauge[] = { 1, -1, -1, 1 };
    double *q = dense_row(b->Q_E, 0);
    for (size_t i = 0; i < 4; i++) assert_near(q[at[i]], gauge[i] * 0.5, 0.0);
    free(q);
    for (size_t k = 0; k < 3; k++) {
        q = dense_row(b->Q_N, k);
        for (size_t i = 0; i < 4; i++) assert_near(q[at[i]], gauge[i] * h[k][i], 2.0 * DBL_EPSILON);
        free(q);
    }
    fs_basis_destroy(b);
    fs_rep_destroy(rho);
    fs_group_destroy(C4);
}

/* L = span{centre, sum of sides, sum of corners, e_N - e_S}: N is orthogonal to H_G though L is not invariant. */
static void compatible_does_not_need_invariant(void **state)
{
    (void)state;
    static const double span[4][9] = { { 0, 0, 0, 0, 1, 0, 0, 0, 0 }, { 0, 1, 0, 1, 0, 1, 0, 1, 0 },
                                       { 1, 0, 1, 0, 0, 0, 1, 0, 1 }, { 0, 1, 0, 0, 0, 0, 0, -1, 0 } };
    fs_group *C4 = cyclic(4);
    fs_rep *rho = image(C4, 3, 3);
    fs_basis *b;
    fs_err err;
    double kappa, defect, dim;
    assert_ok(fs_basis_create_span(&b, rho, 4, &span[0][0], &err), err);
    assert_int_equal(b->dim_E, 3);
    assert_int_equal(b->dim_N, 1);
    assert_at_most(b->gap_low, 64.0 * 9.0 * DBL_EPSILON);
    assert_near(b->gap_high, 1.0, 64.0 * 9.0 * DBL_EPSILON);
    assert_ok(fs_basis_compatibility(b, rho, &kappa, &err), err);
    assert_ok(fs_basis_invariance(b, rho, &defect, &err), err);
    assert_ok(fs_basis_character_dim(b, rho, &dim, &err), err);
    assert_at_most(kappa, 64.0 * 9.0 * DBL_EPSILON);
    assert_near(defect, 1.0, 64.0 * 9.0 * DBL_EPSILON);      /* e_N - e_S turns into e_W - e_E */
    assert_near(dim, 3.0, 64.0 * 9.0 * DBL_EPSILON);
    fs_basis_destroy(b);
    fs_rep_destroy(rho);
    fs_group_destroy(C4);
}

/* One vector at the angle theta to H_G: kappa = sin theta cos theta. */
static void a_tilted_line_has_the_kappa_of_its_angle(void **state)
{
    (void)state;
    fs_group *C2 = cyclic(2);
    fs_rep *rho = named(C2, "natural");
    fs_err err;
    for (double theta = 1e-4; theta < 1.5; theta *= 3.0) {
        const double line[2] = { cos(theta) + sin(theta), cos(theta) - sin(theta) };
        fs_basis *b;
        double kappa;
        assert_ok(fs_basis_create_span(&b, rho, 1, line, &err), err);
        assert_int_equal(b->dim_E, 0);
        assert_near(b->gap_high, sin(theta) * sin(theta), 16.0 * DBL_EPSILON);
        assert_ok(fs_basis_compatibility(b, rho, &kappa, &err), err);
        assert_near(kappa, sin(theta) * cos(theta), 16.0 * DBL_EPSILON);
        fs_basis_destroy(b);
    }
    fs_rep_destroy(rho);
    fs_group_destroy(C2);
}

/* ---- errors ---- */

static void undecided_spans_are_refused(void **state)
{
    (void)state;
    fs_group *C2 = cyclic(2);
    fs_rep *rho = named(C2, "natural");
    fs_basis *b;
    fs_err err;
    const double nearly[4] = { 1, 0, 1, 1e-13 }, zero[2] = { 0, 0 }, broken[4] = { 1, 0, 0, nan("") };
    assert_fails(fs_basis_create_span(&b, rho, 2, nearly, &err), FS_EINPUT, err, "its rank is undecided");
    assert_null(b);
    assert_fails(fs_basis_create_span(&b, rho, 1, zero, &err), FS_EINPUT, err, "zero rows only");
    assert_fails(fs_basis_create_span(&b, rho, 2, broken, &err), FS_ENAN, err, "row 1, column 1");
    assert_fails(fs_basis_create_span(&b, rho, 0, zero, &err), FS_EINPUT, err, "found 0");
    assert_fails(fs_basis_create_span(&b, rho, 2001, zero, &err), FS_EINPUT, err, "GiB");
    /* sin^2 = 1e-13: between rounding and a gap */
    const double close[2] = { 1.0 + 3.2e-7, 1.0 - 3.2e-7 };
    assert_fails(fs_basis_create_span(&b, rho, 1, close, &err), FS_EINPUT, err, "dimension of E is undecided");
    /* sin^2 = 1e-16 looks like zero, but the vector is not invariant */
    const double closer[2] = { 1.0 + 1e-8, 1.0 - 1e-8 };
    assert_fails(fs_basis_create_span(&b, rho, 1, closer, &err), FS_EINPUT, err, "too rough or nearly dependent");
    assert_null(b);
    fs_rep_destroy(rho);
    fs_group_destroy(C2);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    fs_group *C5 = cyclic(5);
    fs_rep *two = trivial(C5, 2), *three = trivial(C5, 3), *wide = trivial(C5, 70000);
    double *span = reals(1), value;
    fs_basis *b;
    fs_err err;
    assert_ok(fs_basis_create(&b, two, NULL, &err), err);
    assert_fails(fs_basis_compatibility(b, three, &value, &err), FS_EINPUT, err, "dimension 2, found 3 (3 trivial)");
    assert_fails(fs_basis_invariance(b, three, &value, &err), FS_EINPUT, err, "dimension 2, found 3");
    assert_fails(fs_basis_character_dim(b, three, &value, &err), FS_EINPUT, err, "dimension 2, found 3");
    fs_basis_destroy(b);
    assert_fails(fs_basis_create_span(&b, wide, 2000, span, &err), FS_EINPUT, err, "found 2000 of dimension 70000");
    fs_basis_destroy(NULL);
    free(span);
    fs_rep_destroy(two);
    fs_rep_destroy(three);
    fs_rep_destroy(wide);
    fs_group_destroy(C5);
}

/* A dense representation on one block of 2048 directions: refused before anything of that size is computed. */
static void too_large_a_block_is_refused(void **state)
{
    (void)state;
    fs_group *Z2 = cyclic(2);
    fs_rep *rho, *next;
    fs_basis *b;
    fs_err err;
    const double mirror[8] = { 1, 0, 0, 1, 0.6, 0.8, 0.8, -0.6 };
    assert_ok(fs_rep_create_dense(&rho, Z2, 2, mirror, &err), err);
    fs_rep *plane = fs_rep_retain(rho);
    for (int k = 1; k < 11; k++) {
        next = tensor(rho, fs_rep_retain(plane));
        rho = next;
    }
    assert_int_equal(fs_rep_dim(rho), 2048);
    assert_fails(fs_basis_create(&b, rho, NULL, &err), FS_EINPUT, err, "found 2048 in dimension 2048");
    assert_null(b);
    fs_rep_destroy(rho);
    fs_rep_destroy(plane);
    fs_group_destroy(Z2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bases_of_all_of_h),
        cmocka_unit_test(bases_of_masked_coordinates),
        cmocka_unit_test(bases_of_spans),
        cmocka_unit_test(orbits_and_eigenproblems_agree),
        cmocka_unit_test(known_dimensions_under_turns_and_flips),
        cmocka_unit_test(known_dimensions_of_symmetric_groups),
        cmocka_unit_test(known_dimensions_of_p4),
        cmocka_unit_test(paper_size_network_splits_in_orbits),
        cmocka_unit_test(large_group_splits_in_orbits),
        cmocka_unit_test(cross_is_compatible_and_skew_is_not),
        cmocka_unit_test(an_orbit_gives_helmert_vectors),
        cmocka_unit_test(compatible_does_not_need_invariant),
        cmocka_unit_test(a_tilted_line_has_the_kappa_of_its_angle),
        cmocka_unit_test(undecided_spans_are_refused),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(too_large_a_block_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
