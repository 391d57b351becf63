/* observe/spectrum_lanczos.c -- extreme eigenvalues of every block from Hessian-vector products
 *
 *   E, N, L   v -> Q^T H Q v on the block's coordinates
 *   s         v -> P_s H_N P_s v + wall (1 - P_s) v on the coordinates of N, from a start vector in the range of P_s
 *
 * The wall stands beyond the end that is not looked for, so that what rounding brings in from other irreducibles is never taken for an eigenvalue.
 * Blocks of up to COMPLETE dimensions are formed, by one product a dimension, and solved completely.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "observe/lanczos.h"
#include "observe/spectrum_private.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMPLETE = 128, KRYLOV = 100, WANTED = 3 };
static const double tolerance = 1e-8;
static const double most_projection = 1e8;      /* numbers moved by one projection, some tenths of a second */

/* A block as an operator on the coordinates first .. first + dim - 1 of L. */
typedef struct {
    fs_spectrum_work *k;
    size_t first, dim;
    double gamma;               /* added on N */
    int projected;              /* by P_index */
    size_t index;
    double wall;
    double *z, *Hz;             /* (dim L) */
    double *A, *PA;             /* (n_par) */
    double *Pv, *PHPv;          /* (dim) */
} block;

static void block_free(block *b)
{
    free(b->z);
    free(b->A);
    free(b->Pv);
}

static fs_status block_create(block *b, fs_spectrum_work *k, size_t first, size_t dim, double gamma, fs_err *err)
{
    size_t n_par = fs_problem_basis(k->p)->n_par;
    *b = (block){ .k = k, .first = first, .dim = dim, .gamma = gamma };
    b->z = fs_calloc(k->n, 2 * sizeof *b->z);
    b->A = fs_calloc(n_par, 2 * sizeof *b->A);
    b->Pv = fs_calloc(dim, 2 * sizeof *b->Pv);
    if (!b->z || !b->A || !b->Pv) {
        block_free(b);
        *b = (block){ 0 };
        return fs_fail(err, FS_ENOMEM, "vectors of %zu numbers", n_par);
    }
    b->Hz = b->z + k->n;
    b->PA = b->A + n_par;
    b->PHPv = b->Pv + dim;
    return FS_OK;
}

/* Hv = Q^T (H + gamma 1_N) Q v on the block's coordinates */
static fs_status product(block *b, const double *v, double *Hv)
{
    const fs_spectrum_work *k = b->k;
    double own = fs_flow_gamma(k->f);
    memset(b->z, 0, k->n * sizeof *b->z);
    memcpy(b->z + b->first, v, b->dim * sizeof *v);
    FS_TRY(fs_flow_jacobian_product(k->f, k->w, b->z, b->Hz));
    for (size_t i = 0; i < b->dim; i++) {
        size_t at = b->first + i;
        Hv[i] = -b->Hz[at];
        if (at >= k->E) Hv[i] += (b->gamma - own) * v[i];
    }
    return FS_OK;
}

/* Pv = P_s v on the coordinates of N */
static fs_status project(block *b, const double *v, double *Pv, fs_err *err)
{
    const fs_spectrum_work *k = b->k;
    const fs_basis *basis = fs_problem_basis(k->p);
    memset(b->z, 0, k->n * sizeof *b->z);
    memcpy(b->z + b->first, v, b->dim * sizeof *v);
    fs_basis_expand(basis, b->z, b->A);
    FS_TRY(fs_isotypic_apply(fs_problem_irreducibles(k->p), b->index, fs_problem_rho_H(k->p), b->A, b->PA, err));
    fs_basis_project(basis, b->PA, b->Hz);
    memcpy(Pv, b->Hz + b->first, b->dim * sizeof *Pv);
    return FS_OK;
}

/* What fs_lanczos applies. */
static fs_status apply(void *context, const double *v, double *y)
{
    block *b = context;
    if (!b->projected) return product(b, v, y);
    FS_TRY(project(b, v, b->Pv, NULL));
    FS_TRY(product(b, b->Pv, b->PHPv));
    FS_TRY(project(b, b->PHPv, y, NULL));
    for (size_t i = 0; i < b->dim; i++) y[i] += b->wall * (v[i] - b->Pv[i]);
    return FS_OK;
}

/* --- a block that is formed -------------------------------------------------------------- */

/* U (s->dim, b->dim): a basis of the block, or NULL for all coordinates. */
static fs_status solve_complete(block *b, fs_spectrum_block *s, const double *U, const char *stage, fs_err *err)
{
    size_t m = s->dim;
    fs_spectrum_work *k = b->k;
    double *M = fs_calloc(m, m * sizeof *M), *Hu = fs_calloc(b->dim, 2 * sizeof *Hu), *unit = Hu + b->dim;
    fs_status status = M && Hu ? FS_OK : fs_fail(err, FS_ENOMEM, "a matrix of %zu x %zu numbers", m, m);
    for (size_t i = 0; i < m && status == FS_OK && !fs_spectrum_stopped(k, stage); i++) {
        const double *u = U ? U + i * b->dim : unit;
        if (!U) unit[i] = 1.0;
        status = product(b, u, Hu);
        if (status != FS_OK) fs_fail(err, status, "a Hessian-vector product failed: %s", fs_status_text(status));
        s->products++;
        if (!U) unit[i] = 0.0;
        for (size_t j = 0; j < m; j++) {
            double sum = U ? 0.0 : Hu[j];
            for (size_t c = 0; U && c < b->dim; c++) sum += U[j * b->dim + c] * Hu[c];
            M[i * m + j] = sum;
        }
    }
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < i; j++) M[i * m + j] = M[j * m + i] = 0.5 * (M[i * m + j] + M[j * m + i]);
    double error = fs_spectrum_rounding(k, k->s->norm + b->gamma) + DBL_EPSILON * fs_flow_gamma(k->f);
    if (status == FS_OK && !k->s->stopped) status = fs_spectrum_solve_block(k, s, M, m, U, b->dim, b->first, error, err);
    free(M);
    free(Hu);
    return status;
}

/* --- a block that is only applied ---------------------------------------------------------- */

/* One end; start (b->dim) or NULL. */
static fs_status one_end(block *b, const fs_spectrum_block *s, int highest, const double *start, size_t wanted, const char *stage, fs_lanczos *l, fs_err *err)
{
    const fs_spectrum_options *o = b->k->o;
    /* one start vector sees every eigenvalue once: more vectors than the multiplicity would see copies, by rounding */
    size_t krylov = s->copies > 1 && s->multiplicity < KRYLOV ? s->multiplicity : 0;
    b->wall = (highest ? -2.0 : 2.0) * b->k->s->norm;
    fs_lanczos_options options = { .n = b->dim, .apply = apply, .context = b, .highest = highest, .wanted = wanted,
                                   .krylov = krylov, .tolerance = o->tolerance > 0.0 ? o->tolerance : tolerance, .products = o->products, .norm = b->k->s->norm,
                                   .start = start, .stage = stage, .watch = o->watch };
    return fs_lanczos_compute(l, &options, err);
}

/* The next eigenvalue of a block into s, unless it is a copy of the last one or one too many; errors in the product that the residual does not see come on
 * top. */
static void take(fs_spectrum_block *s, double value, double residual, double rounding)
{
    double error = residual + rounding;
    if (s->count > 0) {
        size_t last = s->count - 1;
        int same = value - s->value[last] <= error + s->error[last];
        if (same && s->copies > 1) {
            if (error < s->error[last]) {
                s->value[last] = value;
                s->error[last] = error;
            }
            return;
        }
    }
    if (s->count == s->multiplicity) return;
    s->value[s->count] = value;
    s->error[s->count++] = error;
}

static fs_status take_both(block *b, fs_spectrum_block *s, const fs_lanczos *low, const fs_lanczos *high, size_t *n_low, fs_err *err)
{
    const fs_spectrum_work *k = b->k;
    double rounding = fs_spectrum_rounding(k, k->s->norm + b->gamma) + DBL_EPSILON * fs_flow_gamma(k->f);
    FS_TRY(fs_spectrum_allocate_block(s, low->count + high->count, err));
    for (size_t i = 0; i < low->count; i++) take(s, low->value[i], low->residual[i], rounding);
    *n_low = s->count;
    /* at the highest end nothing that the lowest one has listed */
    double above = s->count ? s->value[s->count - 1] + s->error[s->count - 1] : -DBL_MAX;
    for (size_t i = 0; i < high->count; i++)
        if (high->value[i] - high->residual[i] - rounding > above) take(s, high->value[i], high->residual[i], rounding);
    s->lowest = low->ritz;
    s->lowest_error = low->ritz_residual + rounding;
    s->highest = high->ritz;
    s->lowest_known = low->count && low->value[0] <= low->ritz;
    s->complete = s->count == s->multiplicity;
    if (!s->lowest_known) return FS_OK;
    s->lowest_vector = fs_calloc(k->n, sizeof *s->lowest_vector);
    if (!s->lowest_vector) return fs_fail(err, FS_ENOMEM, "a vector of %zu numbers", k->n);
    memcpy(s->lowest_vector + b->first, low->vector, b->dim * sizeof *low->vector);
    return FS_OK;
}

static void say_unconverged(fs_spectrum *all, const char *stage, const char *end, const char *relation, const fs_lanczos *l)
{
    if (!l->converged && !l->stopped)
        fs_spectrum_say(all, "%.60s: %zu at the %s end converged in %ld products, %s %.6g", stage, l->count, end, l->products, relation, l->ritz);
}

/* n_low: how many of the values are from the lowest end */
static fs_status solve_ends(block *b, fs_spectrum_block *s, const double *start, const char *stage, size_t *n_low, fs_err *err)
{
    fs_spectrum *all = b->k->s;
    size_t wanted = b->k->o->wanted ? b->k->o->wanted : WANTED;
    fs_lanczos low = { .ritz = (double)NAN, .ritz_residual = (double)NAN }, high = low;
    if (wanted > s->multiplicity) wanted = s->multiplicity;
    fs_status status = one_end(b, s, 0, start, wanted, stage, &low, err);
    if (status == FS_OK && !low.stopped) status = one_end(b, s, 1, start, wanted, stage, &high, err);
    if (status == FS_OK) status = take_both(b, s, &low, &high, n_low, err);
    if (status == FS_OK) {
        s->products += low.products + high.products;
        if (low.stopped || high.stopped) all->stopped = 1;
        say_unconverged(all, stage, "lowest", "lowest <=", &low);
        if (!low.stopped) say_unconverged(all, stage, "highest", "highest >=", &high);
    }
    fs_lanczos_clear(&low);
    fs_lanczos_clear(&high);
    return status;
}

/* --- all blocks ---------------------------------------------------------------------------- */

/* E, N or L as they are. */
static fs_status plain(fs_spectrum_work *k, fs_spectrum_block *s, size_t first, double gamma, fs_err *err)
{
    char stage[96];
    size_t n_low;
    block b;
    fs_spectrum_stage(s, stage);
    if (s->dim == 0 || fs_spectrum_stopped(k, stage)) return FS_OK;
    FS_TRY(block_create(&b, k, first, s->dim, gamma, err));
    fs_status status = s->dim <= COMPLETE ? solve_complete(&b, s, NULL, stage, err) : solve_ends(&b, s, NULL, stage, &n_low, err);
    block_free(&b);
    k->s->products += s->products;
    return status;
}

static fs_status formed_irreducible(block *b, fs_spectrum_block *s, const char *stage, int *found, fs_err *err)
{
    double *U = fs_calloc(s->dim, b->dim * sizeof *U);
    fs_status status = U ? fs_spectrum_block_basis(b->k, s, b->index, U, found, err) : fs_fail(err, FS_ENOMEM, "a basis of %zu vectors", s->dim);
    if (status == FS_OK && *found) status = solve_complete(b, s, U, stage, err);
    free(U);
    return status;
}

/* *found = 0 and a note where the projection is not to be had. */
static fs_status irreducible(fs_spectrum_work *k, fs_spectrum_block *s, size_t index, size_t *n_low, int *found, fs_err *err)
{
    char stage[96];
    block b;
    fs_spectrum_stage(s, stage);
    if (fs_spectrum_stopped(k, stage)) return FS_OK;
    FS_TRY(block_create(&b, k, k->E, k->N, 0.0, err));
    b.index = index;
    fs_status status;
    double *start = NULL;
    if (s->dim <= COMPLETE) {
        status = formed_irreducible(&b, s, stage, found, err);
        *n_low = s->count;
        goto done;
    }
    b.projected = 1;
    start = fs_calloc(k->N, 2 * sizeof *start);
    if (!start) {
        status = fs_fail(err, FS_ENOMEM, "a vector of %zu numbers", k->N);
        goto done;
    }
    /* a vector without structure, its components follow the golden angle */
    for (size_t i = 0; i < k->N; i++) start[k->N + i] = cos(2.399963229728653 * (double)(i + 1));
    status = project(&b, start + k->N, start, err);
    if (status == FS_EINPUT) {
        fs_spectrum_say(k->s, "not split by irreducible: %.180s", err ? err->text : "the isotypic projection is not exact");
        *found = 0;
        status = FS_OK;
    } else if (status == FS_OK) {
        status = solve_ends(&b, s, start, stage, n_low, err);
    }
done:
    free(start);
    block_free(&b);
    k->s->products += s->products;
    return status;
}

/* An eigenvalue of N and its error. */
typedef struct { double value, error; } listed;

static int ascending(const void *a, const void *b)
{
    double x = ((const listed *)a)->value, y = ((const listed *)b)->value;
    return (x > y) - (x < y);
}

/* What the blocks say of the ends of N: their extreme eigenvalues (NaN where nothing is known), and between which values a block may have more than it lists. */
static void ends_of_N(fs_spectrum *s, const size_t *n_low, double *from, double *to, size_t *lowest)
{
    fs_spectrum_block *N = &s->N;
    N->complete = N->lowest_known = 1;
    *from = DBL_MAX;
    *to = -DBL_MAX;
    *lowest = 0;
    for (size_t i = 1; i < s->n_blocks; i++) {
        const fs_spectrum_block *b = &s->block[i];
        if (!(N->lowest <= b->lowest) && !isnan(b->lowest)) {
            N->lowest = b->lowest;
            N->lowest_error = b->lowest_error;
            *lowest = i;
        }
        if (!(N->highest >= b->highest) && !isnan(b->highest)) N->highest = b->highest;
        if (!b->lowest_known) N->lowest_known = 0;
        N->products += b->products;
        if (b->complete) continue;
        N->complete = 0;
        double last = b->lowest_known && n_low[i] ? b->value[n_low[i] - 1] : -DBL_MAX, first = n_low[i] < b->count ? b->value[n_low[i]] : DBL_MAX;
        if (last < *from) *from = last;
        if (first > *to) *to = first;
    }
}

/* N from its blocks, copies counted: the values outside of the gap in which something may be missing. */
static fs_status merge(fs_spectrum_work *k, const size_t *n_low, fs_err *err)
{
    fs_spectrum *s = k->s;
    fs_spectrum_block *N = &s->N;
    double from, to;
    size_t lowest, count = 0;
    ends_of_N(s, n_low, &from, &to, &lowest);
    listed *all = fs_calloc(k->N, sizeof *all);
    if (!all) return fs_fail(err, FS_ENOMEM, "%zu eigenvalues", k->N);
    for (size_t i = 1; i < s->n_blocks; i++)
        for (size_t j = 0; j < s->block[i].count * s->block[i].copies; j++) {
            listed e = { s->block[i].value[j / s->block[i].copies], s->block[i].error[j / s->block[i].copies] };
            if (count < k->N && (N->complete || e.value <= from || e.value >= to)) all[count++] = e;
        }
    qsort(all, count, sizeof *all, ascending);
    fs_status status = fs_spectrum_allocate_block(N, count, err);
    for (size_t i = 0; i < count && status == FS_OK; i++) {
        N->value[i] = all[i].value;
        N->error[i] = all[i].error;
        N->count++;
    }
    free(all);
    if (status != FS_OK || !N->lowest_known || !lowest) return status;
    N->lowest_vector = fs_calloc(k->n, sizeof *N->lowest_vector);
    if (!N->lowest_vector) return fs_fail(err, FS_ENOMEM, "a vector of %zu numbers", k->n);
    memcpy(N->lowest_vector, s->block[lowest].lowest_vector, k->n * sizeof *N->lowest_vector);
    return FS_OK;
}

/* Every irreducible, and N from them; s->n_blocks = 0 where N is not to be split. */
static fs_status split(fs_spectrum_work *k, fs_err *err)
{
    fs_spectrum *s = k->s;
    size_t *index = NULL, *n_low = NULL;
    int found = 1;
    fs_status status = fs_spectrum_list_blocks(k, &index, err);
    if (status != FS_OK || !s->n_blocks) goto done;
    if (fs_spectrum_projection_work(k) > most_projection) {
        fs_spectrum_say(s, "not split by irreducible: one projection would move %.1e numbers, more than %.0e", fs_spectrum_projection_work(k), most_projection);
        fs_spectrum_unlist_blocks(s);
        goto done;
    }
    n_low = fs_calloc(s->n_blocks, sizeof *n_low);
    if (!n_low) status = fs_fail(err, FS_ENOMEM, "%zu blocks", s->n_blocks);
    if (status == FS_OK) status = fs_spectrum_copy_E(k, &s->block[0], err);
    for (size_t i = 1; i < s->n_blocks && found && status == FS_OK; i++) status = irreducible(k, &s->block[i], index[i], &n_low[i], &found, err);
    if (status == FS_OK && !found) fs_spectrum_unlist_blocks(s);
    if (status == FS_OK && s->n_blocks && k->N) status = merge(k, n_low, err);
done:
    free(index);
    free(n_low);
    return status;
}

/* |H| from below, on all of L */
static fs_status measure_norm(fs_spectrum_work *k, fs_err *err)
{
    block b;
    FS_TRY(block_create(&b, k, 0, k->n, 0.0, err));
    fs_lanczos_options o = { .n = k->n, .apply = apply, .context = &b, .stage = "norm of the Hessian", .watch = k->o->watch };
    fs_status status = fs_lanczos_norm(&o, &k->s->norm, &k->s->products, &k->s->stopped, err);
    block_free(&b);
    return status;
}

fs_status fs_spectrum_lanczos(fs_spectrum_work *k, fs_err *err)
{
    fs_spectrum *s = k->s;
    if (k->n) FS_TRY(measure_norm(k, err));
    FS_TRY(plain(k, &s->E, 0, 0.0, err));
    if (k->o->split) FS_TRY(split(k, err));
    if (!s->n_blocks) FS_TRY(plain(k, &s->N, k->E, 0.0, err));
    if (k->o->whole) FS_TRY(plain(k, &s->whole, 0, s->gamma, err));
    /* the norm is an estimate from below, and so is every eigenvalue */
    const fs_spectrum_block *side[] = { &s->E, &s->N };
    for (size_t i = 0; i < 2; i++) {
        if (fabs(side[i]->lowest) > s->norm) s->norm = fabs(side[i]->lowest);
        if (fabs(side[i]->highest) > s->norm) s->norm = fabs(side[i]->highest);
    }
    s->off_tolerance = fs_spectrum_rounding(k, s->norm);
    return FS_OK;
}
