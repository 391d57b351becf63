/* observe/spectrum_split.c -- N as a sum of isotypic components, and an orthonormal basis of one
 *
 *   y = P_k x for a random x in N spans, with its images rho(h) y, a subspace of dimension dim_k min(m_k, dim_k / <chi_k, chi_k>)
 *
 * so few projections, which cost one application of rho an element, and many images, which cost one each, make up a component.  Only half of
 * what one y spans is taken from it, and an eighth more than needed: then the QR factorisation with pivoting finds a basis far from degenerate, and
 * its diagonal says whether the component has the dimension that the characters gave.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/norm.h"
#include "base/rng.h"
#include "observe/spectrum_private.h"

#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double degenerate = 1e-6, negligible = 1e-9;      /* diagonal of R relative to the first: at least, at most beyond the dimension */

fs_status fs_spectrum_list_blocks(fs_spectrum_work *k, size_t **table_index, fs_err *err)
{
    const char *note;
    size_t parts, sum = 0;
    const fs_isotypic_part *part = fs_problem_isotypic(k->p, &parts, &note);
    const fs_irreducibles *table = fs_problem_irreducibles(k->p);
    fs_spectrum *s = k->s;
    *table_index = NULL;
    if (!part || !table) {
        fs_spectrum_say(s, "not split by irreducible: %.180s", note[0] ? note : "no table of irreducibles");
        return FS_OK;
    }
    s->block = fs_calloc(parts + 1, sizeof *s->block);
    *table_index = fs_calloc(parts + 1, sizeof **table_index);
    if (!s->block || !*table_index) return fs_fail(err, FS_ENOMEM, "%zu blocks", parts + 1);
    fs_spectrum_name_block(&s->block[0], table->irreducible[0].name, k->E, 1, (int)table->irreducible[0].type);
    s->n_blocks = 1;
    for (size_t i = 0; i < parts; i++) {
        const fs_irreducible *chi = part[i].irreducible;
        size_t dim = part[i].in_N * chi->dim;
        if (!dim) continue;
        sum += dim;
        (*table_index)[s->n_blocks] = (size_t)(chi - table->irreducible);
        fs_spectrum_name_block(&s->block[s->n_blocks++], chi->name, dim, chi->dim, (int)chi->type);
    }
    if (sum != k->N) {
        fs_spectrum_say(s, "not split by irreducible: their dimensions make up %zu of dim N = %zu", sum, k->N);
        fs_spectrum_unlist_blocks(s);
    }
    return FS_OK;
}

double fs_spectrum_projection_work(const fs_spectrum_work *k)
{
    return (double)fs_group_points(fs_problem_group(k->p)) * (double)fs_problem_basis(k->p)->n_par;
}

/* The elements in random order: order (points). */
static void shuffle(gsl_rng *rng, size_t points, size_t *order)
{
    for (size_t g = 0; g < points; g++) order[g] = g;
    for (size_t g = points; g > 1; g--) {
        size_t other = gsl_rng_uniform_int(rng, g), swap = order[g - 1];
        order[g - 1] = order[other];
        order[other] = swap;
    }
}

/* Vectors of natural order that the candidates are made with. */
typedef struct {
    double *w, *A, *y, *image;  /* (dim L), (n_par) */
    size_t *order;              /* (points) */
    gsl_rng *rng;
} scratch;

static void scratch_free(scratch *c)
{
    free(c->w);
    free(c->A);
    free(c->y);
    free(c->image);
    free(c->order);
    gsl_rng_free(c->rng);
}

static int scratch_allocate(scratch *c, const fs_spectrum_work *k)
{
    size_t n_par = fs_problem_basis(k->p)->n_par;
    c->w = fs_calloc(k->n, sizeof *c->w);
    c->A = fs_calloc(n_par, sizeof *c->A);
    c->y = fs_calloc(n_par, sizeof *c->y);
    c->image = fs_calloc(n_par, sizeof *c->image);
    c->order = fs_calloc(fs_group_points(fs_problem_group(k->p)), sizeof *c->order);
    c->rng = fs_rng_stream(1, FS_STREAM_SEARCH);
    return c->w && c->A && c->y && c->image && c->order && c->rng;
}

/* Unit vectors of the component: rows of U (count, dim N), `images` of each projected vector. */
static fs_status candidates(fs_spectrum_work *k, size_t index, size_t count, size_t images, scratch *c, double *U, fs_err *err)
{
    const fs_basis *basis = fs_problem_basis(k->p);
    const fs_rep *rho = fs_problem_rho_H(k->p);
    for (size_t i = 0; i < count; i++) {
        const double *A = c->y;
        if (i % images == 0) {
            memset(c->w, 0, k->E * sizeof *c->w);
            fs_rng_gaussian(c->rng, k->N, c->w + k->E);
            fs_basis_expand(basis, c->w, c->A);
            FS_TRY(fs_isotypic_apply(fs_problem_irreducibles(k->p), index, rho, c->A, c->y, err));
            shuffle(c->rng, fs_group_points(fs_problem_group(k->p)), c->order);
        } else {
            fs_status status = fs_rep_apply(rho, c->order[i % images], c->y, c->image);
            if (status != FS_OK) return fs_fail(err, status, "an image under %s", fs_rep_name(rho));
            A = c->image;
        }
        fs_basis_project(basis, A, c->w);
        double length = fs_norm(k->N, c->w + k->E);
        for (size_t j = 0; j < k->N && length > 0.0; j++) U[i * k->N + j] = c->w[k->E + j] / length;
    }
    return FS_OK;
}

/* The first dim rows of U become an orthonormal basis of the span of all its rows (count, dim N); *found: that span has dimension dim. */
static fs_status orthonormalise(size_t dim, size_t count, size_t N, double *U, int *found, fs_err *err)
{
    lapack_int rows = (lapack_int)N, columns = (lapack_int)count, info;
    size_t least = count < N ? count : N;
    lapack_int *pivot = fs_calloc(count, sizeof *pivot);
    double *tau = fs_calloc(least, sizeof *tau);
    fs_status status = pivot && tau ? FS_OK : fs_fail(err, FS_ENOMEM, "a factorisation of %zu vectors", count);
    if (status != FS_OK) goto done;
    info = LAPACKE_dgeqp3(LAPACK_COL_MAJOR, rows, columns, U, rows, pivot, tau);
    double largest = fabs(U[0]), last = fabs(U[(dim - 1) * N + dim - 1]), beyond = dim < least ? fabs(U[dim * N + dim]) : 0.0;
    *found = info == 0 && last > degenerate * largest && beyond <= negligible * largest;
    if (info == 0) info = LAPACKE_dorgqr(LAPACK_COL_MAJOR, rows, (lapack_int)dim, (lapack_int)dim, U, rows, tau);
    if (info == LAPACK_WORK_MEMORY_ERROR) status = fs_fail(err, FS_ENOMEM, "a factorisation of %zu vectors", count);
    else if (info != 0) status = fs_fail(err, FS_ESOLVER, "LAPACK dgeqp3, dorgqr returned %d on %zu vectors", (int)info, count);
done:
    free(pivot);
    free(tau);
    return status;
}

/* As fs_spectrum_block_basis, `images` of each projected vector. */
static fs_status try_basis(fs_spectrum_work *k, size_t dim, size_t index, size_t images, double *U, int *found, fs_err *err)
{
    size_t count = dim + dim / 8 + 8;
    scratch c = { 0 };
    double *candidate = fs_calloc(count, k->N * sizeof *candidate);
    fs_status status = scratch_allocate(&c, k) && candidate ? candidates(k, index, count, images, &c, candidate, err) : FS_ENOMEM;
    if (status == FS_ENOMEM) fs_fail(err, status, "a basis of %zu vectors of %zu numbers", count, k->N);
    if (status == FS_OK) status = orthonormalise(dim, count, k->N, candidate, found, err);
    if (status == FS_OK) memcpy(U, candidate, dim * k->N * sizeof *U);
    scratch_free(&c);
    free(candidate);
    return status;
}

fs_status fs_spectrum_block_basis(fs_spectrum_work *k, const fs_spectrum_block *b, size_t index, double *U, int *found, fs_err *err)
{
    size_t rank = b->copies / (size_t)b->type, images;
    if (rank > b->multiplicity) rank = b->multiplicity;
    images = fs_group_is_continuous(fs_problem_group(k->p)) ? 1 : rank * b->copies / 2;
    *found = 0;
    fs_status status = try_basis(k, b->dim, index, images > 1 ? images : 1, U, found, err);
    /* elements that act alike give images that are equal */
    if (status == FS_OK && !*found && images > 1) status = try_basis(k, b->dim, index, 1, U, found, err);
    if (status == FS_EINPUT) {
        fs_spectrum_say(k->s, "not split by irreducible: %.180s", err ? err->text : "the isotypic projection is not exact");
        return FS_OK;
    }
    if (status == FS_OK && !*found) fs_spectrum_say(k->s, "not split by irreducible: the component of %s in N does not have dimension %zu", b->name, b->dim);
    return status;
}
