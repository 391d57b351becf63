/* observe/flat.c -- why the Hessian has zeros at a stationary point
 *
 * V (count, P): the flat directions in the natural order of weights, orthonormal.  Families are subspaces S of H:
 *
 *   softmax     for every input j of the readout, the same number at (k, j) for all classes k
 *   scaling     between two layers of weights W, B with, channel by channel, a power c z^k between them (averages over pixels do no harm):
 *               (e^tW_i)^k = e^{kt} (W_i)^k:  generators (W_i, -k B_i),  B_i what B does with channel i;
 *               k = 1:  (e^{tX} W, B e^{-tX}):  generators (X W, -B X),  X = E_ij;  with biases on both ends also  W_bias + t, B_bias - B t
 *   unreached   unit vectors: weights whose input is exactly zero on all samples
 *
 *   v in S  iff  (1 - P_S) v = 0:   the count is that of singular values of (1 - P_S) V^T (sines of the angles) below 1e-6
 *   outputs     d Phi v = 0, for cross-entropy up to one number added to all classes:  singular values of d Phi V^T below 1e-6 |d Phi|
 *
 * so the counts do not depend on the basis V of the flat space.  d Phi v by differences of fourth order, step h = u^(1/5) s in the direction of a unit
 * vector, s = min(1, largest weight): truncation h^4 and rounding u / h balance at 1e-12.  |d Phi|: Frobenius norm, sqrt(dim L) times the mean square over
 * random unit directions of TL.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "observe/flat.h"

#include "base/norm.h"
#include "base/rng.h"

#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROBES = 8, RANDOM_SEED = 1, MOST_GENERATORS = 4096 };
static const size_t most_numbers = (size_t)1 << 24;     /* of the generators' orthonormal basis */
static const double membership = 1e-6, dependent = 1e-7;

/* --- subspaces of H --------------------------------------------------------------------------------- */

typedef struct {
    size_t n, count, room;
    double *row;            /* (room, n), the first count orthonormal */
    size_t *nonzero;        /* (n) scratch */
    int full;               /* not all generators found room: no statement from this family on */
} span;

static fs_status span_reserve(span *s, size_t room)
{
    if (room <= s->room) return FS_OK;
    size_t numbers;
    room += room / 2 + 8;
    if (__builtin_mul_overflow(room, s->n, &numbers)) return FS_ENOMEM;
    double *row = realloc(s->row, numbers * sizeof *row);
    if (!row) return FS_ENOMEM;
    s->row = row;
    s->room = room;
    return FS_OK;
}

static size_t list_nonzero(size_t n, const double *x, size_t *at)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (!(x[i] >= 0.0 && x[i] <= 0.0)) at[count++] = i;
    return count;
}

/* x (n) minus its part in the span, twice for orthogonality to rounding.  Generators have few entries and most do not meet. */
static void remove_span(const span *s, double *x)
{
    size_t entries = list_nonzero(s->n, x, s->nonzero);
    for (size_t k = 0; k < 2 * s->count; k++) {
        const double *q = s->row + k % s->count * s->n;
        double c = 0.0;
        for (size_t i = 0; i < entries; i++) c += q[s->nonzero[i]] * x[s->nonzero[i]];
        if (c >= 0.0 && c <= 0.0) continue;
        for (size_t i = 0; i < s->n; i++) x[i] -= c * q[i];
        entries = list_nonzero(s->n, x, s->nonzero);
    }
}

/* Adds a generator, overwritten by what is left of it; one that depends on those before changes nothing. */
static fs_status span_add(span *s, double *x)
{
    double length = fs_norm(s->n, x);
    if (!(length > 0.0) || s->full) return FS_OK;
    s->full = s->count >= MOST_GENERATORS || (s->count + 1) > most_numbers / s->n;
    if (s->full) return FS_OK;
    FS_TRY(span_reserve(s, s->count + 1));
    for (size_t i = 0; i < s->n; i++) x[i] /= length;
    remove_span(s, x);
    length = fs_norm(s->n, x);
    if (!(length > dependent)) return FS_OK;
    double *q = s->row + s->count * s->n;
    for (size_t i = 0; i < s->n; i++) q[i] = x[i] / length;
    s->count++;
    return FS_OK;
}

/* --- generators --------------------------------------------------------------------------------------- */

typedef struct {
    const fs_problem *p;
    const fs_net *net;
    const fs_dataset *data;
    const fs_weight_block *block;
    size_t blocks, n_par;
    const double *A;
    double *x;              /* (n_par) scratch generator */
} model;

static fs_status add_softmax(const model *m, span *s)
{
    const fs_weight_block *b = m->block + m->blocks - 1;
    if (fs_problem_loss(m->p)->kind != FS_LOSS_CROSS_ENTROPY || strcmp(b->kind, "dense") != 0 || b->layer + 1 != fs_net_layers(m->net)) return FS_OK;
    for (size_t j = 0; j < b->in; j++) {
        memset(m->x, 0, m->n_par * sizeof *m->x);
        for (size_t k = 0; k < b->out; k++) m->x[b->offset + k * b->in + j] = 1.0;
        FS_TRY(span_add(s, m->x));
    }
    return FS_OK;
}

/* The degree k of what stands between two blocks, c z^k channel by channel; 0: something else. */
static unsigned power_between(const model *m, const fs_weight_block *W, const fs_weight_block *B)
{
    unsigned degree = 1;
    for (size_t layer = W->layer + 1; layer < B->layer; layer++) {
        const char *kind = fs_problem_layer_kind(m->p, layer);
        unsigned powers = fs_problem_layer_powers(m->p, layer), k = 1;
        if (!strcmp(kind, "bias")) continue;
        int known = !strcmp(kind, "pool") || !strcmp(kind, "mean") || !strcmp(kind, "identity") || !strcmp(kind, "square") || !strcmp(kind, "polynomial");
        if (!known || (powers & (powers - 1)) || powers < 2) return 0;
        while (powers >> (k + 1)) k++;
        degree *= k;
    }
    return degree;
}

static int has_bias(const model *m, const fs_weight_block *b)
{
    return b->layer > 0 && !strcmp(fs_problem_layer_kind(m->p, b->layer - 1), "bias");
}

/* The weights of B that read channel c are [o * reads + c * each .. + each) for every output o. */
typedef struct { size_t reads, each; } reading;

static reading reading_of(const fs_weight_block *W, const fs_weight_block *B, int bias)
{
    size_t row = B->count / B->out, channels = W->out;
    return (reading){ .reads = row, .each = (row - (size_t)(bias && !B->size)) / channels };
}

/* x += (E_ij W, -k B E_ij): what comes in at i is W's channel j */
static void set_generator(const model *m, const fs_weight_block *W, const fs_weight_block *B, reading r, size_t i, size_t j, double k)
{
    size_t row = W->count / W->out;
    memset(m->x, 0, m->n_par * sizeof *m->x);
    for (size_t a = 0; a < row; a++) m->x[W->offset + i * row + a] = m->A[W->offset + j * row + a];
    for (size_t o = 0; o < B->out; o++)
        for (size_t a = 0, at = B->offset + o * r.reads; a < r.each; a++) m->x[at + j * r.each + a] = -k * m->A[at + i * r.each + a];
}

/* W_bias + t E_i, B_bias - t B_i 1 */
static void set_translation(const model *m, const fs_weight_block *W, const fs_weight_block *B, reading r, size_t i)
{
    memset(m->x, 0, m->n_par * sizeof *m->x);
    m->x[W->offset + (i + 1) * W->in - 1] = 1.0;
    for (size_t o = 0; o < B->out; o++)
        for (size_t a = 0, at = B->offset + o * r.reads; a < r.each; a++) m->x[at + r.reads - 1] -= m->A[at + i * r.each + a];
}

static fs_status add_scaling(const model *m, span *s)
{
    for (size_t b = 0; b + 1 < m->blocks; b++) {
        const fs_weight_block *W = m->block + b, *B = W + 1;
        unsigned k = power_between(m, W, B);
        if (!k) continue;
        int bias = has_bias(m, B);
        reading r = reading_of(W, B, bias);
        for (size_t i = 0; i < W->out; i++)
            for (size_t j = k == 1 ? 0 : i; j < (k == 1 ? W->out : i + 1) && !s->full; j++) {
                set_generator(m, W, B, r, i, j, (double)k);
                FS_TRY(span_add(s, m->x));
            }
        for (size_t i = 0; i < W->out && k == 1 && bias && has_bias(m, W) && !W->size && !B->size; i++) {
            set_translation(m, W, B, r, i);
            FS_TRY(span_add(s, m->x));
        }
    }
    return FS_OK;
}

/* reached[j] = 1 where some sample makes a nonzero input to weight j of every output of the block; x: inputs of its layer for one sample.  A convolution's taps are
 * asked one by one: alone, they leave an output. */
static fs_status mark_reached(const model *m, const fs_weight_block *b, const double *x, unsigned char *reached, double *weights, double *z, fs_err *err)
{
    size_t row = b->count / b->out;
    fs_shape out = fs_net_shape(m->net, b->layer + 1);
    size_t outputs = out.channels * out.height * out.width;
    for (size_t j = 0; j < row; j++) {
        if (reached[j]) continue;
        if (!b->size) {
            reached[j] = !(x[j] >= 0.0 && x[j] <= 0.0);
            continue;
        }
        weights[b->offset + j] = 1.0;
        fs_status status = fs_net_apply_layer(m->net, b->layer, weights, x, z, err);
        weights[b->offset + j] = 0.0;
        if (status != FS_OK) return status;
        for (size_t q = 0; q < outputs && !reached[j]; q++) reached[j] = !(z[q] >= 0.0 && z[q] <= 0.0);
    }
    return FS_OK;
}

/* Samples go through the layers one after another; every block sees what comes in. */
static fs_status mark_all(const model *m, unsigned char *reached, fs_err *err)
{
    size_t layers = fs_net_layers(m->net), widest = 0;
    for (size_t i = 0; i <= layers; i++) {
        fs_shape shape = fs_net_shape(m->net, i);
        size_t size = shape.channels * shape.height * shape.width;
        if (size > widest) widest = size;
    }
    double *stage = fs_calloc(widest, 3 * sizeof *stage), *x = stage, *z = x + widest, *scratch = z + widest;
    double *weights = fs_calloc(m->n_par, sizeof *weights);
    fs_status status = stage && weights ? FS_OK : fs_fail(err, FS_ENOMEM, "the stages of a sample");
    for (size_t i = 0; i < m->data->n && status == FS_OK; i++) {
        if (!(m->data->weight[i] > 0.0)) continue;
        memcpy(x, m->data->x + i * m->data->inputs, m->data->inputs * sizeof *x);
        for (size_t layer = 0, b = 0; layer < layers && b < m->blocks && status == FS_OK; layer++) {
            if (m->block[b].layer == layer) {
                status = mark_reached(m, m->block + b, x, reached + m->block[b].offset, weights, scratch, err);
                b++;
            }
            if (status == FS_OK) status = fs_net_apply_layer(m->net, layer, m->A, x, z, err);
            double *old = x;
            x = z;
            z = old;
        }
    }
    free(stage);
    free(weights);
    return status;
}

static fs_status add_unreached(const model *m, span *s, fs_err *err)
{
    unsigned char *reached = fs_calloc(m->n_par, 1);       /* of each block its first row is used */
    fs_status status = reached ? mark_all(m, reached, err) : fs_fail(err, FS_ENOMEM, "%zu marks", m->n_par);
    for (size_t b = 0; b < m->blocks && status == FS_OK; b++) {
        size_t row = m->block[b].count / m->block[b].out;
        for (size_t j = 0; j < m->block[b].count && status == FS_OK; j++) {
            if (reached[m->block[b].offset + j % row]) continue;
            memset(m->x, 0, m->n_par * sizeof *m->x);
            m->x[m->block[b].offset + j] = 1.0;
            status = span_add(s, m->x);
        }
    }
    free(reached);
    return status;
}

/* --- counting -------------------------------------------------------------------------------------------- */

/* How many dimensions of the row space of D (count, n), overwritten, are no longer than bound: count - rank. */
static fs_status count_null(size_t count, size_t n, double *D, double bound, size_t *null, fs_err *err)
{
    size_t few = count < n ? count : n;
    double *sigma = fs_calloc(few, sizeof *sigma);
    if (!sigma) return fs_fail(err, FS_ENOMEM, "%zu singular values", few);
    lapack_int info = LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'N', (lapack_int)n, (lapack_int)count, D, (lapack_int)n, sigma, NULL, 1, NULL, 1);
    *null = count - few;
    for (size_t i = 0; i < few; i++) *null += sigma[i] <= bound;
    free(sigma);
    return info == 0 ? FS_OK : fs_fail(err, FS_ESOLVER, "LAPACK dgesdd returned %d on a matrix of %zu x %zu", (int)info, count, n);
}

/* dim of F with the span; V (count, n) the orthonormal rows of F, D (count, n) scratch */
static fs_status count_in_span(const span *s, size_t count, const double *V, double *D, size_t *dim, fs_err *err)
{
    *dim = 0;
    if (!s->count) return FS_OK;
    memcpy(D, V, count * s->n * sizeof *D);
    for (size_t k = 0; k < count; k++) remove_span(s, D + k * s->n);
    return count_null(count, s->n, D, membership, dim, err);
}

/* dz (samples, outputs) = d Phi v as the loss sees it; moved (n_par), z (samples, outputs) scratch */
static fs_status derivative(const model *m, const double *v, double h, double *dz, double *moved, double *z, fs_err *err)
{
    static const struct { double step, weight; } stencil[] = { { -2.0, 1.0 / 12.0 }, { -1.0, -8.0 / 12.0 }, { 1.0, 8.0 / 12.0 }, { 2.0, -1.0 / 12.0 } };
    size_t n = m->data->n, k = m->data->outputs;
    memset(dz, 0, n * k * sizeof *dz);
    for (size_t a = 0; a < sizeof stencil / sizeof *stencil; a++) {
        for (size_t j = 0; j < m->n_par; j++) moved[j] = m->A[j] + stencil[a].step * h * v[j];
        FS_TRY(fs_net_apply(m->net, moved, n, m->data->x, z, err));
        for (size_t i = 0; i < n * k; i++) dz[i] += stencil[a].weight / h * z[i];
    }
    int shift = fs_problem_loss(m->p)->kind == FS_LOSS_CROSS_ENTROPY;
    for (size_t i = 0; i < n; i++) {
        double mean = 0.0;
        for (size_t c = 0; c < k && shift; c++) mean += dz[i * k + c] / (double)k;
        for (size_t c = 0; c < k; c++) dz[i * k + c] = m->data->weight[i] > 0.0 ? dz[i * k + c] - mean : 0.0;
        for (size_t c = 0; c < k; c++)
            if (!isfinite(dz[i * k + c])) return fs_fail(err, FS_ENAN, "expected finite outputs around the point, found %g at sample %zu", dz[i * k + c], i);
    }
    return FS_OK;
}

/* Frobenius norm of d Phi on TL, estimated; buffers as derivative's */
static fs_status size_of_derivative(const model *m, double h, double *dz, double *moved, double *z, double *size, fs_err *err)
{
    const fs_basis *basis = fs_problem_basis(m->p);
    size_t L = basis->dim_E + basis->dim_N;
    gsl_rng *rng = fs_rng_stream(RANDOM_SEED, FS_STREAM_HYPOTHESES);
    double *r = fs_calloc(L, sizeof *r), sum = 0.0;
    fs_status status = rng && r ? FS_OK : fs_fail(err, FS_ENOMEM, "a direction of length %zu", L);
    for (int probe = 0; probe < PROBES && status == FS_OK; probe++) {
        fs_rng_gaussian(rng, L, r);
        double length = fs_norm(L, r), change;
        for (size_t i = 0; i < L; i++) r[i] /= length;
        fs_basis_expand(basis, r, m->x);
        status = derivative(m, m->x, h, dz, moved, z, err);
        change = fs_norm(m->data->n * m->data->outputs, dz);
        sum += change * change / PROBES;
    }
    *size = sqrt((double)L * sum);
    if (rng) gsl_rng_free(rng);
    free(r);
    return status;
}

static fs_status count_outputs(const model *m, size_t count, const double *V, size_t *dim, fs_err *err)
{
    size_t rows = m->data->n * m->data->outputs;
    double *D = fs_calloc(rows, (count + 1) * sizeof *D), *z = D ? D + rows * count : NULL, *moved = fs_calloc(m->n_par, sizeof *moved), size, largest = 0.0;
    fs_status status = D && moved ? FS_OK : fs_fail(err, FS_ENOMEM, "%zu outputs along %zu directions", rows, count);
    for (size_t j = 0; j < m->n_par; j++)
        if (fabs(m->A[j]) > largest) largest = fabs(m->A[j]);
    double h = pow(DBL_EPSILON, 0.2) * (largest > 0.0 && largest < 1.0 ? largest : 1.0);
    if (status == FS_OK) status = size_of_derivative(m, h, D, moved, z, &size, err);
    for (size_t k = 0; k < count && status == FS_OK; k++) status = derivative(m, V + k * m->n_par, h, D + k * rows, moved, z, err);
    if (status == FS_OK) {      /* entries of D are off by u |z| / h */
        double rounding = 8.0 * DBL_EPSILON * fs_norm(rows, z) / h;
        status = count_null(count, rows, D, membership * size + rounding, dim, err);
    }
    free(D);
    free(moved);
    return status;
}

/* --- in words ----------------------------------------------------------------------------------------------- */

static void describe(fs_flat *out, int unlisted)
{
    const struct { size_t dim; const char *one, *many; } family[] = {
        { out->softmax, "adds one pattern to every class of the readout (softmax does not see it)",
          "add one pattern to every class of the readout (softmax does not see it)" },
        { out->scaling, "rescales layers against each other", "rescale or mix layers against each other" },
        { out->unreached, "moves a weight that no sample reaches", "move weights that no sample reaches" },
        { out->outputs, "leaves every output on the data as it is, for no reason known here", "leave every output on the data as it is, for no reason known here" },
        { out->degenerate, "moves the outputs and leaves the risk as it is to second order: the point is degenerate",
          "move the outputs and leave the risk as it is to second order: the point is degenerate" },
    };
    size_t room = sizeof out->text, used = (size_t)snprintf(out->text, room, "%zu flat direction%s", out->dim, out->dim == 1 ? "" : "s");
    const char *before = ": ";
    for (size_t i = 0; i < sizeof family / sizeof *family; i++) {
        if (!family[i].dim || used >= room) continue;
        used += (size_t)snprintf(out->text + used, room - used, "%s%zu %s", before, family[i].dim, family[i].dim == 1 ? family[i].one : family[i].many);
        before = ", ";
    }
    if (unlisted && used < room) snprintf(out->text + used, room - used, " (too many symmetries to tell apart)");
}

static fs_status explain(fs_flat *out, model *m, int *unlisted, const double *V, fs_err *err)
{
    size_t count = out->dim, dim[4] = { 0 };
    span s = { .n = m->n_par, .nonzero = fs_calloc(m->n_par, sizeof *s.nonzero) };
    double *D = fs_calloc(count, m->n_par * sizeof *D);
    fs_status status = D && s.nonzero ? FS_OK : fs_fail(err, FS_ENOMEM, "%zu directions of length %zu", count, m->n_par);
    for (int family = 0; family < 3 && status == FS_OK; family++) {
        status = family == 0 ? add_softmax(m, &s) : family == 1 ? add_scaling(m, &s) : add_unreached(m, &s, err);
        if (status == FS_ENOMEM) fs_fail(err, status, "%zu generators of length %zu", s.count, s.n);
        if (status == FS_OK) status = count_in_span(&s, count, V, D, &dim[family], err);
    }
    *unlisted = s.full;
    free(s.row);
    free(s.nonzero);
    free(D);
    if (status == FS_OK) status = count_outputs(m, count, V, &dim[3], err);
    for (int family = 1; family < 4; family++)      /* nested in exact arithmetic */
        if (dim[family] < dim[family - 1]) dim[family] = dim[family - 1];
    out->softmax = dim[0];
    out->scaling = dim[1] - dim[0];
    out->unreached = dim[2] - dim[1];
    out->outputs = dim[3] - dim[2];
    out->degenerate = count - dim[3];
    return status;
}

fs_status fs_flat_explain(fs_flat *out, const fs_problem *p, int augmented, const double *w, size_t count, const double *v, fs_err *err)
{
    const fs_basis *basis = fs_problem_basis(p);
    size_t L = basis->dim_E + basis->dim_N;
    *out = (fs_flat){ .dim = count };
    if (!count) return FS_OK;
    if (count > L) return fs_fail(err, FS_EINPUT, "expected at most dim L = %zu directions, found %zu", L, count);
    for (size_t i = 0; i < L * (count + 1); i++)
        if (!isfinite(i < L ? w[i] : v[i - L])) return fs_fail(err, FS_ENAN, "expected a point and directions of finite numbers, found others");
    model m = { .p = p, .net = fs_problem_net(p), .data = augmented ? fs_problem_data_augmented(p) : fs_problem_data(p), .n_par = basis->n_par };
    m.blocks = fs_net_blocks(m.net, &m.block);
    int unlisted = 0;
    double *A = fs_calloc(basis->n_par, 2 * sizeof *A), *V = fs_calloc(count, basis->n_par * sizeof *V);
    fs_status status = A && V ? FS_OK : fs_fail(err, FS_ENOMEM, "%zu directions of length %zu", count, basis->n_par);
    if (status == FS_OK) {
        fs_basis_expand(basis, w, A);
        for (size_t k = 0; k < count; k++) fs_basis_expand(basis, v + k * L, V + k * basis->n_par);
        m.A = A;
        m.x = A + basis->n_par;
        status = explain(out, &m, &unlisted, V, err);
    }
    if (status == FS_OK) describe(out, unlisted);
    else *out = (fs_flat){ .dim = count };
    free(A);
    free(V);
    return status;
}
