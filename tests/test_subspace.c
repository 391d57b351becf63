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

/* Each row of Q_E is fixed by each rho(g); each row of Q_N is sent to zero by the average when L is compatible.  A small
 * singular value of the constraints costs digits. */
static void assert_split(const fs_basis *b, const fs_rep *rho, double kappa, double tol)
{
    double *y = reals(b->n_par), *zero = reals(b->n_par);
    fs_err err;
    for (size_t r = 0; r < b->dim_E; r++) {
        double *q = dense_row(b->Q_E, r);
        for (size_t g = 0; g < fs_group_order(fs_rep_group(rho)); g++) {
            fs_rep_apply(rho, g, q, y);
            assert_at_most(max_difference(b->n_par, q, y), tol / b->gap_high);
        }
        free(q);
    }
    for (size_t r = 0; kappa < 1e-9 && r < b->dim_N; r++) {
        double *q = dense_row(b->Q_N, r);
        assert_ok(fs_reynolds_apply(rho, NULL, q, y, &err), err);
        assert_at_most(max_difference(b->n_par, zero, y), tol / b->gap_high);
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

/* tr(Pi_L rho(g)) for every g, for half of them, and its average. */
static void assert_characters(const fs_basis *b, const twin *t, const double *PL, int invariant, double tol)
{
    size_t n = t->n;
    double *chi = reals(t->order), *half = reals(t->order), *needed = reals(t->order), dim;
    fs_err err;
    for (size_t g = 0; g < t->order; g += 2) needed[g] = -0.5;
    assert_ok(fs_basis_character(b, t->rep, NULL, chi, &err), err);
    assert_ok(fs_basis_character(b, t->rep, needed, half, &err), err);
    for (size_t g = 0; g < t->order; g++) {
        double trace = 0.0;
        for (size_t i = 0; i < n; i++) trace += dot(n, PL + i * n, t->M + g * n * n + i * n);
        assert_near(chi[g], trace, tol * (double)n);
        assert_near(half[g], needed[g] == 0.0 ? 0.0 : chi[g], 0.0);
    }
    assert_ok(fs_basis_character_dim(b, t->rep, &dim, &err), err);
    if (invariant) assert_near(dim, (double)b->dim_E, tol * (double)n);
    free(chi);
    free(half);
    free(needed);
}

/* The average over the group leads to the same E. */
static void assert_routes_agree(const fs_basis *b, const fs_rep *rho, int compatible, double tol)
{
    fs_agreement found;
    fs_err err;
    assert_ok(fs_basis_agreement(b, rho, compatible, &found, &err), err);
    if (b->dim_E + b->dim_N == 0 || (!compatible && b->dim_E == 0)) {
        assert_false(found.reynolds);
        assert_true(isnan(found.distance));
        assert_non_null(strstr(found.why, "nothing to compare"));
    } else {
        assert_true(found.reynolds);
        assert_at_most(found.distance, tol / b->gap_high);
        assert_non_null(strstr(found.why, "averaged over"));
    }
}

/* Everything a basis reports, computed again from PL (projection onto L) and the matrices of t. */
static void assert_basis(gsl_rng *rng, const fs_basis *b, const twin *t, const double *PL, size_t rank)
{
    size_t n = t->n, count;
    const fs_group *G = fs_rep_group(t->rep);
    const size_t *generator = fs_group_generators(G, &count);
    double *PG = naive_average(t), *LG = reals(n * n), *C = reals(n * n), *PE = projector(b->Q_E), *PN = projector(b->Q_N);
    double tol = 1024.0 * (double)n * DBL_EPSILON, kappa, defect, worst = 0.0;
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

    assert_characters(b, t, PL, worst < 1e-9, tol);
    assert_routes_agree(b, t->rep, kappa < 1e-9, tol);
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
static void orbits_and_null_spaces_agree(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("orbits_and_null_spaces_agree");
    double largest_zero = 0.0;
    for (int trial = 0; trial < TRIALS; trial++) {
        fs_group *G = random_group(rng);
        twin t = random_tree(rng, G, 0, below(rng, 3), 24);
        size_t n = t.n;
        double tol = 256.0 * (double)n * DBL_EPSILON, kappa[3];
        unsigned char *mask = fs_calloc(n, 1);
        double *units = reals(n * n);
        fs_rep *dense;
        fs_basis *b[3];
        fs_err err;
        size_t count = 0;
        assert_non_null(mask);
        for (size_t j = 0; j < n; j++)
            if ((mask[j] = (unsigned char)(j == 0 || below(rng, 3) > 0))) units[count++ * n + j] = 2.0;
        assert_ok(fs_rep_create_dense(&dense, G, n, t.M, NULL, 0, &err), err);
        assert_ok(fs_basis_create(&b[0], t.rep, mask, &err), err);
        assert_ok(fs_basis_create(&b[1], dense, mask, &err), err);
        assert_ok(fs_basis_create_span(&b[2], t.rep, count, units, &err), err);
        assert_near(b[0]->gap_low, 0.0, 0.0);
        assert_near(b[0]->gap_high, 1.0, 0.0);
        for (int k = 1; k < 3; k++) {
            assert_at_most(b[k]->gap_low, tol);
            assert_at_most(1e-3, b[k]->gap_high);
            if (b[k]->gap_low > largest_zero) largest_zero = b[k]->gap_low;
        }
        double *E = projector(b[0]->Q_E), *N = projector(b[0]->Q_N);
        for (int k = 0; k < 3; k++) {
            double *Ek = projector(b[k]->Q_E), *Nk = projector(b[k]->Q_N);
            assert_at_most(max_difference(n * n, E, Ek), tol);
            assert_at_most(max_difference(n * n, N, Nk), tol);
            assert_ok(fs_basis_compatibility(b[k], k == 1 ? dense : t.rep, &kappa[k], &err), err);
            assert_near(kappa[k], kappa[0], tol);
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

/* ---- groups by name ---- */

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static fs_group *symmetric(size_t n)
{
    fs_group *G;
    fs_err err;
    assert_ok(fs_group_create_symmetric(&G, n, 4, 1, &err), err);
    return G;
}

static fs_group *p4(size_t n)
{
    fs_group *G;
    fs_err err;
    assert_ok(fs_group_create_p4(&G, n, &err), err);
    return G;
}

static fs_group *rotations(size_t d, int improper)
{
    fs_group *G;
    fs_err err;
    const fs_rule rule = { FS_RULE_DEGREE, 2, 0, NULL };
    assert_ok(fs_group_create_rotations(&G, d, improper, &rule, &err), err);
    return G;
}

/* n copies side by side; takes rho. */
static fs_rep *copies(size_t n, fs_rep *rho)
{
    return tensor(trivial(fs_rep_group(rho), n), rho);
}

/* Weights from U to U; takes U. */
static fs_rep *square(fs_rep *U)
{
    return tensor(fs_rep_retain(U), U);
}

/* Equivariant maps of n x n matrices (graphs) to themselves, and to numbers: the partitions of 4 and of 2 positions into at most n classes.
 * S_10 is not enumerated: the generators lead to E, conjugacy classes to its dimension, and there is no average to compare with. */
static void graphs_have_fifteen_and_two(void **state)
{
    (void)state;
    static const size_t sizes[] = { 3, 4, 5, 6, 7, 10 };
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        size_t n = sizes[k];
        fs_group *G = symmetric(n);
        fs_rep *graph = square(named(G, "natural")), *maps = square(fs_rep_retain(graph));
        fs_basis *b;
        fs_agreement found;
        fs_err err;
        assert_ok(fs_basis_create(&b, maps, NULL, &err), err);
        assert_ok(fs_basis_agreement(b, maps, 1, &found, &err), err);
        assert_int_equal(found.reynolds, n <= 7);
        if (n <= 7) {
            assert_at_most(found.distance, 1024.0 * DBL_EPSILON);
        } else {
            assert_true(isnan(found.distance));
            assert_non_null(strstr(found.why, "generators only"));
        }
        fs_basis_destroy(b);
        assert_dims(graph, NULL, n * n, 2);
        assert_dims(maps, NULL, n * n * n * n, n == 3 ? 14 : 15);
        fs_group_destroy(G);
    }
}

/* The same dimensions without permutations to help: graphs in an orthonormal basis of the sum-zero vectors and the constant one. */
static void graphs_in_the_standard_basis(void **state)
{
    (void)state;
    for (size_t n = 3; n <= 5; n++) {
        fs_group *G = symmetric(n);
        fs_rep *natural = direct_sum(named(G, "trivial"), named(G, "standard"));
        assert_dims(square(square(natural)), NULL, n * n * n * n, n == 3 ? 14 : 15);
        fs_group_destroy(G);
    }
}

static void known_dimensions_of_named_groups(void **state)
{
    (void)state;
    fs_group *S4 = symmetric(4), *P3 = p4(3), *P4 = p4(4);
    fs_rep *graph = square(named(S4, "natural"));
    assert_dims(direct_sum(square(fs_rep_retain(graph)), graph), NULL, 272, 17);
    assert_dims(square(named(P3, "natural")), NULL, 81, 3);
    assert_dims(square(named(P4, "natural")), NULL, 256, 6);
    fs_group_destroy(S4);
    fs_group_destroy(P3);
    fs_group_destroy(P4);
}

/* ---- continuous groups ---- */

/* Takes rho: dim E by null spaces, by the character integral and as expected; the average over the nodes agrees. */
static void assert_continuous_dims(fs_rep *rho, size_t dim_E)
{
    fs_basis *b;
    fs_err err;
    assert_ok(fs_basis_create(&b, rho, NULL, &err), err);
    assert_near(fs_rep_invariant_dim(rho), (double)dim_E, 1e-9);
    assert_at_most(b->gap_low, 64.0 * (double)b->n_par * DBL_EPSILON);
    assert_at_most(0.1, b->gap_high);
    assert_routes_agree(b, rho, 1, 1024.0 * (double)b->n_par * DBL_EPSILON);
    fs_basis_destroy(b);
    assert_dims(rho, NULL, fs_rep_dim(rho), dim_E);
}

static void maps_between_irreducibles_of_continuous_groups(void **state)
{
    (void)state;
    fs_group *SO3 = rotations(3, 0), *O3 = rotations(3, 1), *SO2 = rotations(2, 0), *O2 = rotations(2, 1), *C3 = cyclic(3), *both;
    fs_err err;
    fs_rep *mixed = direct_sum(direct_sum(trivial(SO3, 2), copies(2, named(SO3, "natural"))), named(SO3, "harmonic:2"));
    assert_continuous_dims(square(mixed), 2 * 2 + 2 * 2 + 1);
    assert_continuous_dims(tensor(named(SO3, "harmonic:2"), square(named(SO3, "natural"))), 1);     /* 1 x 1 = 0 + 1 + 2 */
    assert_continuous_dims(tensor(named(SO3, "harmonic:3"), named(SO3, "natural")), 0);
    assert_continuous_dims(square(named(O3, "harmonic:2")), 1);
    assert_continuous_dims(tensor(square(named(O3, "natural")), named(O3, "natural")), 0);          /* the cross product is no vector */
    assert_continuous_dims(tensor(tensor(square(named(O3, "natural")), named(O3, "natural")), named(O3, "sign")), 1);
    assert_continuous_dims(square(named(SO2, "rotation")), 2);      /* complex type: 1 and J commute with turns */
    assert_continuous_dims(square(named(SO2, "rotation:3")), 2);
    assert_continuous_dims(tensor(named(SO2, "rotation:2"), named(SO2, "rotation")), 0);
    assert_continuous_dims(tensor(named(SO2, "rotation:2"), square(named(SO2, "rotation"))), 2);
    assert_continuous_dims(square(named(O2, "rotation")), 1);
    assert_continuous_dims(tensor(square(named(O2, "rotation")), named(O2, "sign")), 1);            /* J changes sign */
    assert_ok(fs_group_create_product(&both, 2, (fs_group *[]){ SO2, C3 }, &err), err);
    assert_continuous_dims(tensor(square(named(both, "rotation@1")), square(named(both, "natural@2"))), 2 * 3);
    assert_continuous_dims(tensor(named(both, "rotation@1"), named(both, "rotation@2")), 0);
    fs_group_destroy(both);
    fs_group_destroy(SO3);
    fs_group_destroy(O3);
    fs_group_destroy(SO2);
    fs_group_destroy(O2);
    fs_group_destroy(C3);
}

/* A continuous group that acts by nothing but its other component, or not at all, leaves orbits. */
static void trivial_actions_of_continuous_groups_are_orbits(void **state)
{
    (void)state;
    fs_group *O2 = rotations(2, 1), *SO3 = rotations(3, 0);
    assert_dims(tensor(named(O2, "sign"), direct_sum(trivial(O2, 3), named(O2, "sign"))), NULL, 4, 1);
    assert_dims(trivial(SO3, 7), NULL, 7, 7);
    fs_group_destroy(O2);
    fs_group_destroy(SO3);
}

/* The matrices of rho under a degree beyond the Haar nodes: no average is exact any more. */
static fs_rep *beyond_the_nodes(const fs_rep *rho)
{
    const fs_group *G = fs_rep_group(rho);
    size_t n = fs_rep_dim(rho), points = fs_group_points(G), lies = fs_group_lie_dim(G);
    double *M = reals(points * n * n), *X = reals(lies * n * n), *e = reals(n), *y = reals(n);
    fs_rep *copy;
    fs_err err;
    for (size_t j = 0; j < n; j++) {
        memset(e, 0, n * sizeof *e);
        e[j] = 1.0;
        for (size_t g = 0; g < points + lies; g++) {
            double *to = g < points ? M + g * n * n : X + (g - points) * n * n;
            assert_ok(g < points ? fs_rep_apply(rho, g, e, y) : fs_rep_apply_lie(rho, g - points, e, y), err);
            for (size_t i = 0; i < n; i++) to[i * n + j] = y[i];
        }
    }
    assert_ok(fs_rep_create_dense(&copy, G, n, M, X, fs_group_haar_degree(G) + 1, &err), err);
    assert_false(fs_rep_haar_is_exact(copy));
    free(M);
    free(X);
    free(e);
    free(y);
    return copy;
}

/* kappa with Pi_G from the nodes and from the constraints; E of any L; the Lie algebra's part of the invariance. */
static void nodes_and_constraints_give_the_same_kappa(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("nodes_and_constraints_give_the_same_kappa");
    fs_group *group[2] = { rotations(2, 1), rotations(3, 0) };
    fs_err err;
    for (int which = 0; which < 2; which++) {
        fs_group *G = group[which];
        fs_rep *V = direct_sum(trivial(G, 1), named(G, "natural")), *rho = square(V), *far = beyond_the_nodes(rho);
        size_t n = fs_rep_dim(rho);
        double tol = 1024.0 * (double)n * DBL_EPSILON;
        for (int trial = 0; trial < 12; trial++) {
            fs_basis *b, *c;
            double kappa[2], defect[2], dim, *span = gaussians(rng, 3 * n);
            unsigned char *mask = fs_calloc(n, 1);
            fs_agreement found;
            assert_non_null(mask);
            for (size_t j = 0; j < n; j++) mask[j] = (unsigned char)(below(rng, 3) > 0);
            if (trial % 2) {
                assert_ok(fs_basis_create(&b, rho, mask, &err), err);
                assert_ok(fs_basis_create(&c, far, mask, &err), err);
            } else {
                assert_ok(fs_basis_create_span(&b, rho, 3, span, &err), err);
                assert_ok(fs_basis_create_span(&c, far, 3, span, &err), err);
            }
            assert_int_equal(b->dim_E, c->dim_E);
            double *E = projector(b->Q_E), *F = projector(c->Q_E);
            assert_at_most(max_difference(n * n, E, F), tol);
            assert_ok(fs_basis_compatibility(b, rho, &kappa[0], &err), err);
            assert_ok(fs_basis_compatibility(c, far, &kappa[1], &err), err);
            assert_near(kappa[0], kappa[1], tol);
            assert_ok(fs_basis_invariance(b, rho, &defect[0], &err), err);
            assert_ok(fs_basis_invariance(c, far, &defect[1], &err), err);
            assert_near(defect[0], defect[1], tol);
            assert_ok(fs_basis_character_dim(c, far, &dim, &err), err);
            assert_true(isnan(dim));
            assert_ok(fs_basis_agreement(c, far, 1, &found, &err), err);
            assert_true(!found.reynolds && isnan(found.distance) && strstr(found.why, "no exact average"));
            assert_routes_agree(b, rho, kappa[0] < 1e-9, tol);
            free(span);
            free(mask);
            free(E);
            free(F);
            fs_basis_destroy(b);
            fs_basis_destroy(c);
        }
        fs_rep_destroy(rho);
        fs_rep_destroy(far);
        fs_group_destroy(G);
    }
    gsl_rng_free(rng);
}

/* Hom(R^3, R^3) under SO(3), only the entry (x, x) admitted: the identity is at cos = 1/sqrt(3) from it.  Only the Lie algebra moves L. */
static void one_entry_of_a_turning_matrix(void **state)
{
    (void)state;
    fs_group *SO3 = rotations(3, 0);
    fs_rep *rho = square(named(SO3, "natural"));
    static const unsigned char mask[9] = { 1 };
    fs_basis *b;
    fs_err err;
    double kappa, defect;
    assert_ok(fs_basis_create(&b, rho, mask, &err), err);
    assert_int_equal(b->dim_E, 0);
    assert_ok(fs_basis_compatibility(b, rho, &kappa, &err), err);
    assert_near(kappa, sqrt(2.0) / 3.0, 64.0 * 9.0 * DBL_EPSILON);
    assert_ok(fs_basis_invariance(b, rho, &defect, &err), err);
    assert_near(defect, sqrt(2.0), 64.0 * 9.0 * DBL_EPSILON);      /* J_z (e_x e_x^T) = e_y e_x^T + e_x e_y^T */
    fs_basis_destroy(b);
    fs_rep_destroy(rho);
    fs_group_destroy(SO3);
}

/* 50 copies of V_1 to 50 copies of V_1: 2500 blocks of 9. */
static void many_small_blocks_are_quick(void **state)
{
    (void)state;
    fs_group *SO3 = rotations(3, 0);
    fs_rep *rho = square(copies(50, named(SO3, "natural")));
    fs_basis *b;
    fs_err err;
    double start = seconds();
    assert_ok(fs_basis_create(&b, rho, NULL, &err), err);
    printf("# 2500 blocks of 9 under SO(3): %.1f ms\n", 1e3 * (seconds() - start));
    assert_int_equal(b->dim_E, 2500);
    assert_int_equal(b->dim_N, 20000);
    assert_at_most(b->orthonormality, 64.0 * 9.0 * DBL_EPSILON);
    assert_near(fs_rep_invariant_dim(rho), 2500.0, 2500.0 * 1e-9);
    fs_basis_destroy(b);
    fs_rep_destroy(rho);
    fs_group_destroy(SO3);
}

/* ---- what the comparison of the two routes must see ---- */

/* The basis of `built` judged under the group of `rho`; takes both. */
static double distance_of(fs_rep *built, fs_rep *rho, const unsigned char *mask, int compatible)
{
    fs_basis *b;
    fs_agreement found;
    fs_err err;
    assert_ok(fs_basis_create(&b, built, mask, &err), err);
    assert_ok(fs_basis_agreement(b, rho, compatible, &found, &err), err);
    assert_true(found.reynolds);
    fs_basis_destroy(b);
    fs_rep_destroy(built);
    fs_rep_destroy(rho);
    return found.distance;
}

static void a_wrong_E_is_far_from_the_average(void **state)
{
    (void)state;
    static const unsigned char skew[] = { 1, 1, 0, 1, 0, 1, 0, 1, 0 }, first[] = { 1, 0 };
    fs_group *C2 = cyclic(2), *C4 = cyclic(4), *D4 = dihedral(4), *SO2 = rotations(2, 0), *O2 = rotations(2, 1), *SO3 = rotations(3, 0);
    assert_at_most(distance_of(image(C4, 5, 5), image(C4, 5, 5), NULL, 1), 1024.0 * DBL_EPSILON);
    /* a generator dropped: E too large */
    assert_at_most(0.1, distance_of(image(C2, 5, 5), image(C4, 5, 5), NULL, 1));
    assert_at_most(0.1, distance_of(square(named(SO2, "rotation")), square(named(O2, "rotation")), NULL, 1));
    assert_at_most(0.1, distance_of(trivial(C2, 9), square(named(SO3, "natural")), NULL, 1));
    assert_at_most(0.1, distance_of(trivial(C2, 9), image(C4, 3, 3), skew, 0));
    /* L = span{e_1} in the plane, E = L claimed: e_1 is sent to (1/2, 1/2), off L */
    assert_near(distance_of(trivial(C2, 2), named(C2, "natural"), first, 0), sqrt(0.5), 4.0 * DBL_EPSILON);
    /* one too many: E too small */
    assert_at_most(0.1, distance_of(image(D4, 5, 5), image(C4, 5, 5), NULL, 1));
    fs_group_destroy(C2);
    fs_group_destroy(C4);
    fs_group_destroy(D4);
    fs_group_destroy(SO2);
    fs_group_destroy(O2);
    fs_group_destroy(SO3);
}

/* 5040 elements in dimension 430000 are more than is averaged over. */
static void long_averages_are_skipped(void **state)
{
    (void)state;
    fs_group *G = symmetric(7);
    fs_rep *rho = tensor(trivial(G, 860), trivial(G, 500));
    fs_basis *b;
    fs_agreement found;
    fs_err err;
    assert_ok(fs_basis_create(&b, rho, NULL, &err), err);
    assert_ok(fs_basis_agreement(b, rho, 1, &found, &err), err);
    assert_false(found.reynolds);
    assert_true(isnan(found.distance));
    assert_non_null(strstr(found.why, "averaging over 5040 elements in dimension 430000 skipped"));
    fs_basis_destroy(b);
    fs_rep_destroy(rho);
    fs_group_destroy(G);
}

/* ---- the paper's network ---- */

static fs_rep *paper_network(const fs_group *C4)
{
    fs_rep *first = tensor(trivial(C4, 16), image(C4, 3, 3)), *second = tensor(trivial(C4, 256), image(C4, 3, 3));
    return direct_sum(direct_sum(first, second), tensor(trivial(C4, 160), image(C4, 7, 7)));
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
    assert_ok(fs_group_create_product(&T, 2, (fs_group *[]){ C28, C28 }, &err), err);
    double start = seconds();
    fs_rep *rho = tensor(trivial(T, 13), named(T, "regular"));
    assert_dims(rho, NULL, 13 * 784, 13);
    printf("# group of order 784 on 10192 parameters: %.1f ms\n", 1e3 * (seconds() - start));
    fs_group_destroy(C28);
    fs_group_destroy(T);
}

/* Takes rho.  Builds, checks the dimension by characters, prints time and entries. */
static void assert_scale(const char *what, fs_rep *rho, size_t dim_E)
{
    fs_basis *b;
    fs_err err;
    double dim, start = seconds();
    assert_ok(fs_basis_create(&b, rho, NULL, &err), err);
    double built = seconds();
    assert_ok(fs_basis_character_dim(b, rho, &dim, &err), err);
    printf("# %s: %zu parameters, %zu entries of Q in %.0f ms, character in %.0f ms\n", what, b->n_par,
           b->Q_E->ptr[b->dim_E] + b->Q_N->ptr[b->dim_N], 1e3 * (built - start), 1e3 * (seconds() - built));
    assert_int_equal(b->dim_E, dim_E);
    assert_near(dim, (double)dim_E, 1e-9 * (double)dim_E);
    assert_at_most(b->orthonormality, 8.0 * DBL_EPSILON);
    fs_basis_destroy(b);
    fs_rep_destroy(rho);
}

/* R^36 -> 8 x R^36 -> R^8 under S_6: 15 for each channel, then two for each of 8 x 8; R^196 -> 32 x R^196 -> 32 under p4 of the 14 x 14 torus:
 * the quarter turns have 51 orbits on the 196 displacements (centre, antipode, two half-way points together, and 192 / 4). */
static void networks_of_large_groups(void **state)
{
    (void)state;
    fs_group *S6 = symmetric(6), *P14 = p4(14);
    fs_rep *graph = square(named(S6, "natural")), *torus = named(P14, "natural");
    fs_rep *first = copies(8, square(fs_rep_retain(graph)));
    assert_scale("S_6, 720 elements", direct_sum(first, copies(64, graph)), 8 * 15 + 64 * 2);
    fs_rep *hidden = copies(32, square(fs_rep_retain(torus)));
    assert_scale("p4:14, 784 elements", direct_sum(hidden, copies(32 * 32, torus)), 32 * 51 + 1024);
    fs_group_destroy(S6);
    fs_group_destroy(P14);
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

/* The vectors of C4 on 3 x 3 sides, written out: Q_E (1, 1, 1, 1)/2, Q_N one half against the other. */
static void an_orbit_gives_a_tree_of_halves(void **state)
{
    (void)state;
    static const unsigned char sides[] = { 0, 1, 0, 1, 0, 1, 0, 1, 0 };
    static const size_t at[] = { 1, 3, 5, 7 };
    const double h[3][4] = { { 0.5, 0.5, -0.5, -0.5 }, { sqrt(0.5), -sqrt(0.5), 0, 0 }, { 0, 0, sqrt(0.5), -sqrt(0.5) } };
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

/* Orbits of every size up to 40 and of 784: orthonormal, n ceil(log2 n) - 2^ceil(log2 n) + n entries, and the reported defect is the
 * largest one up to the rounding of sums in long double. */
static void trees_are_orthonormal_and_sparse(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 784; n = n == 40 ? 784 : n + 1) {
        fs_group *G = cyclic(n);
        fs_rep *rho = named(G, "regular");
        fs_basis *b;
        fs_err err;
        size_t levels = 0;
        double worst = 0.0;
        while ((size_t)1 << levels < n) levels++;
        assert_ok(fs_basis_create(&b, rho, NULL, &err), err);
        assert_int_equal(b->dim_E, 1);
        assert_int_equal(b->dim_N, n - 1);
        assert_int_equal(b->Q_E->ptr[1], n);
        assert_int_equal(b->Q_N->ptr[n - 1], n * levels + n - ((size_t)1 << levels));
        double *rows = reals(n * n);
        for (size_t i = 0; i < n; i++) {
            const fs_sparse *Q = i < b->dim_E ? b->Q_E : b->Q_N;
            size_t r = i < b->dim_E ? i : i - b->dim_E;
            for (size_t e = Q->ptr[r]; e < Q->ptr[r + 1]; e++) rows[i * n + Q->col[e]] = Q->val[e];
        }
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j <= i; j++) {
                long double d = i == j ? -1.0L : 0.0L;
                for (size_t k = 0; k < n; k++) d += (long double)rows[i * n + k] * (long double)rows[j * n + k];
                if (!(fabs((double)d) <= worst)) worst = fabs((double)d);
            }
        assert_at_most(b->orthonormality, 4.0 * DBL_EPSILON);
        assert_near(b->orthonormality, worst, 2.0 * (double)n * (double)LDBL_EPSILON);
        free(rows);
        fs_basis_destroy(b);
        fs_rep_destroy(rho);
        fs_group_destroy(G);
    }
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
    double kappa, defect;
    assert_ok(fs_basis_create_span(&b, rho, 4, &span[0][0], &err), err);
    assert_int_equal(b->dim_E, 3);
    assert_int_equal(b->dim_N, 1);
    assert_at_most(b->gap_low, 64.0 * 9.0 * DBL_EPSILON);
    assert_near(b->gap_high, sqrt(2.0), 64.0 * 9.0 * DBL_EPSILON);     /* a quarter turn makes e_N - e_S orthogonal to itself */
    assert_ok(fs_basis_compatibility(b, rho, &kappa, &err), err);
    assert_ok(fs_basis_invariance(b, rho, &defect, &err), err);
    assert_at_most(kappa, 64.0 * 9.0 * DBL_EPSILON);
    assert_near(defect, 1.0, 64.0 * 9.0 * DBL_EPSILON);      /* e_N - e_S turns into e_W - e_E */
    assert_routes_agree(b, rho, 1, 1024.0 * 9.0 * DBL_EPSILON);
    fs_basis_destroy(b);
    fs_rep_destroy(rho);
    fs_group_destroy(C4);
}

/* L = span{(1, ..., 1), e_0 - e_1, e_0 + e_2} under S_10, over which nothing is averaged: the invariants come from the generators. */
static void spans_under_a_group_that_is_not_enumerated(void **state)
{
    (void)state;
    double span[3 * 10] = { 0 };
    for (size_t j = 0; j < 10; j++) span[j] = 1.0;
    span[10] = span[20] = span[22] = 1.0;
    span[11] = -1.0;
    fs_group *S10 = symmetric(10);
    fs_rep *rho = named(S10, "natural");
    fs_basis *b;
    fs_err err;
    double kappa, defect;
    assert_ok(fs_basis_create_span(&b, rho, 3, span, &err), err);
    assert_int_equal(b->dim_E, 1);
    assert_int_equal(b->dim_N, 2);
    assert_ok(fs_basis_compatibility(b, rho, &kappa, &err), err);
    assert_ok(fs_basis_invariance(b, rho, &defect, &err), err);
    assert_at_most(kappa, 64.0 * 10.0 * DBL_EPSILON);       /* N is orthogonal to the invariant line, which L contains */
    assert_at_most(0.1, defect);
    fs_basis_destroy(b);
    /* without the first vector: (1, ..., 1) / sqrt(10) has length sqrt(4 / 15) in L = span{e_0 - e_1, e_0 + e_2} */
    assert_ok(fs_basis_create_span(&b, rho, 2, span + 10, &err), err);
    assert_int_equal(b->dim_E, 0);
    assert_ok(fs_basis_compatibility(b, rho, &kappa, &err), err);
    assert_near(kappa, sqrt(4.0 / 15.0 * 11.0 / 15.0), 64.0 * 10.0 * DBL_EPSILON);
    fs_basis_destroy(b);
    fs_rep_destroy(rho);
    fs_group_destroy(S10);
}

/* One vector at the angle theta to H_G: kappa = sin theta cos theta. */
static void a_tilted_line_has_the_kappa_of_its_angle(void **state)
{
    (void)state;
    fs_group *C2 = cyclic(2);
    fs_rep *rho = named(C2, "natural");
    fs_err err;
    for (double theta = 1e-9; theta < 1.5; theta *= 3.0) {
        const double line[2] = { cos(theta) + sin(theta), cos(theta) - sin(theta) };
        fs_basis *b;
        double kappa;
        assert_ok(fs_basis_create_span(&b, rho, 1, line, &err), err);
        assert_int_equal(b->dim_E, 0);
        assert_near(b->gap_high, 2.0 * sin(theta), 16.0 * DBL_EPSILON);
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
    /* 2 sin theta = 2e-13: between rounding and a gap; 2e-8 is a small angle, and known to eight digits */
    const double close[2] = { 1.0 + 1e-13, 1.0 - 1e-13 }, small[2] = { 1.0 + 1e-8, 1.0 - 1e-8 };
    assert_fails(fs_basis_create_span(&b, rho, 1, close, &err), FS_EINPUT, err, "dimension of E is undecided");
    assert_null(b);
    assert_ok(fs_basis_create_span(&b, rho, 1, small, &err), err);
    assert_int_equal(b->dim_E, 0);
    assert_near(b->gap_high, 2e-8, 16.0 * DBL_EPSILON);
    fs_basis_destroy(b);
    fs_rep_destroy(rho);
    fs_group_destroy(C2);
}

/* An invariant vector that is the difference of nearly equal rows comes out rough: refused, or in E to rounding; never counted as N. */
static void nearly_dependent_rows_are_not_misjudged(void **state)
{
    (void)state;
    fs_group *C3 = cyclic(3);
    fs_rep *rho = joined(1, named(C3, "natural"), trivial(C3, 1));
    size_t refused = 0, accepted = 0;
    for (double h = 1e-1; h > 1e-11; h *= 0.37) {
        const double rows[8] = { 0.7, -0.2, 0.4, 0.3, 0.7 + h / 3.0, -0.2 + h / 3.0, 0.4 + h / 3.0, 0.3 };
        fs_basis *b;
        fs_err err;
        err.text[0] = 0;
        fs_status status = fs_basis_create_span(&b, rho, 2, rows, &err);
        if (status == FS_OK) {
            double *q = dense_row(b->Q_E, 0), *y = reals(4);
            accepted++;
            assert_int_equal(b->dim_E, 1);
            assert_ok(fs_rep_apply(rho, 1, q, y), err);
            assert_at_most(max_difference(4, q, y), 2.0 * 64.0 * 4.0 * DBL_EPSILON);
            free(q);
            free(y);
        } else {
            refused++;
            assert_int_equal(status, FS_EINPUT);
            assert_true(strstr(err.text, "nearly dependent") || strstr(err.text, "undecided"));
        }
        fs_basis_destroy(b);
    }
    assert_true(refused > 3 && accepted > 3);
    fs_rep_destroy(rho);
    fs_group_destroy(C3);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    fs_group *C5 = cyclic(5);
    fs_rep *two = trivial(C5, 2), *three = trivial(C5, 3), *wide = trivial(C5, 70000);
    double *span = reals(1), value, chi[5];
    fs_agreement found;
    fs_basis *b;
    fs_err err;
    assert_ok(fs_basis_create(&b, two, NULL, &err), err);
    assert_fails(fs_basis_compatibility(b, three, &value, &err), FS_EINPUT, err, "dimension 2, found 3 (3 trivial)");
    assert_fails(fs_basis_invariance(b, three, &value, &err), FS_EINPUT, err, "dimension 2, found 3");
    assert_fails(fs_basis_character_dim(b, three, &value, &err), FS_EINPUT, err, "dimension 2, found 3");
    assert_true(isnan(value));
    assert_fails(fs_basis_character(b, three, NULL, chi, &err), FS_EINPUT, err, "dimension 2, found 3");
    assert_fails(fs_basis_agreement(b, three, 1, &found, &err), FS_EINPUT, err, "dimension 2, found 3");
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
    assert_ok(fs_rep_create_dense(&rho, Z2, 2, mirror, NULL, 0, &err), err);
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
        cmocka_unit_test(orbits_and_null_spaces_agree),
        cmocka_unit_test(known_dimensions_under_turns_and_flips),
        cmocka_unit_test(known_dimensions_of_symmetric_groups),
        cmocka_unit_test(known_dimensions_of_p4),
        cmocka_unit_test(graphs_have_fifteen_and_two),
        cmocka_unit_test(graphs_in_the_standard_basis),
        cmocka_unit_test(known_dimensions_of_named_groups),
        cmocka_unit_test(maps_between_irreducibles_of_continuous_groups),
        cmocka_unit_test(trivial_actions_of_continuous_groups_are_orbits),
        cmocka_unit_test(nodes_and_constraints_give_the_same_kappa),
        cmocka_unit_test(one_entry_of_a_turning_matrix),
        cmocka_unit_test(many_small_blocks_are_quick),
        cmocka_unit_test(a_wrong_E_is_far_from_the_average),
        cmocka_unit_test(long_averages_are_skipped),
        cmocka_unit_test(paper_size_network_splits_in_orbits),
        cmocka_unit_test(large_group_splits_in_orbits),
        cmocka_unit_test(networks_of_large_groups),
        cmocka_unit_test(cross_is_compatible_and_skew_is_not),
        cmocka_unit_test(an_orbit_gives_a_tree_of_halves),
        cmocka_unit_test(trees_are_orthonormal_and_sparse),
        cmocka_unit_test(compatible_does_not_need_invariant),
        cmocka_unit_test(spans_under_a_group_that_is_not_enumerated),
        cmocka_unit_test(a_tilted_line_has_the_kappa_of_its_angle),
        cmocka_unit_test(undecided_spans_are_refused),
        cmocka_unit_test(nearly_dependent_rows_are_not_misjudged),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(too_large_a_block_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
