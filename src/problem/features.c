/* problem/features.c -- representations on channels, as lists of parts
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "problem/builder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void fs_features_clear(features *f)
{
    for (size_t i = 0; i < f->count; i++) fs_rep_destroy(f->part[i]);
    fs_rep_destroy(f->rep);
    free(f->part);
    *f = (features){ 0 };
}

/* Room for parts; none yet. */
static fs_status open_parts(features *f, size_t room, fs_err *err)
{
    *f = (features){ .part = fs_calloc(room, sizeof(fs_rep *)) };
    return f->part ? FS_OK : fs_fail(err, FS_ENOMEM, "%zu representations", room);
}

/* The sum of the parts, or after a failure nothing. */
static fs_status close_parts(features *f, fs_status status, fs_err *err)
{
    if (status == FS_OK && f->count > 1) status = fs_rep_create_sum(&f->rep, f->count, f->part, err);
    if (status == FS_OK && f->count == 1) f->rep = fs_rep_retain(f->part[0]);
    if (status != FS_OK) fs_features_clear(f);
    return status;
}

fs_status fs_features_read(features *f, const fs_group *G, const fs_yaml *list, fs_err *err)
{
    size_t dim = 0;
    fs_status status = open_parts(f, list->count, err);
    for (size_t i = 0; i < list->count && status == FS_OK; i++) {
        const fs_yaml *item = list->item[i];
        status = fs_yaml_locate(item, fs_rep_parse(&f->part[i], G, item->text, FS_PROBLEM_STAGE_LIMIT, err), err);
        if (status != FS_OK) break;
        f->count++;
        dim += fs_rep_dim(f->part[i]);
        if (dim > FS_PROBLEM_STAGE_LIMIT)
            status = fs_yaml_fail(list, err, "expected a space of dimension at most %zu, found more", FS_PROBLEM_STAGE_LIMIT);
    }
    return close_parts(f, status, err);
}

fs_status fs_features_trivial(features *f, const fs_group *G, size_t n, fs_err *err)
{
    fs_status status = open_parts(f, 1, err);
    if (status == FS_OK) status = fs_rep_create_trivial(&f->part[0], G, n, err);
    if (status == FS_OK) f->count = 1;
    return close_parts(f, status, err);
}

fs_status fs_features_regular(features *f, const fs_group *G, size_t copies, fs_err *err)
{
    fs_rep *factor[2] = { NULL, NULL };
    fs_status status = open_parts(f, 1, err);
    if (status == FS_OK) status = fs_rep_create_trivial(&factor[0], G, copies, err);
    if (status == FS_OK) status = fs_rep_create_regular(&factor[1], G, err);
    if (status == FS_OK) status = fs_rep_create_tensor(&f->part[0], 2, factor, err);
    if (status == FS_OK) f->count = 1;
    fs_rep_destroy(factor[0]);
    fs_rep_destroy(factor[1]);
    return close_parts(f, status, err);
}

fs_status fs_features_tail(features *f, size_t n, const features *whole, size_t from, fs_err *err)
{
    fs_status status = open_parts(f, whole->count - from + 1, err);
    if (status == FS_OK && n) status = fs_rep_create_trivial(&f->part[0], fs_rep_group(whole->rep), n, err);
    if (status == FS_OK && n) f->count = 1;
    for (size_t i = from; i < whole->count && status == FS_OK; i++) f->part[f->count++] = fs_rep_retain(whole->part[i]);
    return close_parts(f, status, err);
}

/* --- comparing ---------------------------------------------------------------------- */

enum { SEED = 20250207, VECTORS = 2 };

/* |a(g) x - b(g) x| against |x|; Lie: the derivatives. */
static fs_status compare(const fs_rep *a, const fs_rep *b, size_t g, int lie, size_t n, double *x, int *same)
{
    double *y = x + n, *z = y + n, defect = 0.0, size = 0.0;
    FS_TRY(lie ? fs_rep_apply_lie(a, g, x, y) : fs_rep_apply(a, g, x, y));
    FS_TRY(lie ? fs_rep_apply_lie(b, g, x, z) : fs_rep_apply(b, g, x, z));
    for (size_t i = 0; i < n; i++) {
        defect += (y[i] - z[i]) * (y[i] - z[i]);
        size += x[i] * x[i] + y[i] * y[i];
    }
    if (!(sqrt(defect) <= 1e-10 * sqrt(size))) *same = 0;
    return FS_OK;
}

/* differs[k] = 1 where the generators or the Lie algebra of factor k act otherwise by a than by b, of the same dimension. */
static fs_status compare_factors(const fs_rep *a, const fs_rep *b, unsigned char *differs, fs_err *err)
{
    const fs_group *G = fs_rep_group(a);
    size_t n = fs_rep_dim(a), stride = fs_group_points(G), first = 0;
    gsl_rng *rng = fs_rng_stream(SEED, FS_STREAM_HYPOTHESES);
    double *x = fs_calloc(n, 3 * sizeof *x);
    fs_status status = rng && x ? FS_OK : fs_fail(err, FS_ENOMEM, "vectors of %zu entries", n);
    for (size_t k = 0; k < fs_group_factors(G) && status == FS_OK; k++) {
        const fs_group *F = fs_group_factor(G, k);
        size_t count, lie = fs_group_lie_dim(F);
        const size_t *generator = fs_group_generators(F, &count);
        int same = 1;
        stride /= fs_group_points(F);
        for (size_t v = 0; v < VECTORS && status == FS_OK; v++) {
            fs_rng_gaussian(rng, n, x);
            for (size_t i = 0; same && i < count && status == FS_OK; i++) status = compare(a, b, generator[i] * stride, 0, n, x, &same);
            for (size_t i = 0; same && i < lie && status == FS_OK; i++) status = compare(a, b, first + i, 1, n, x, &same);
            if (status != FS_OK) fs_fail(err, status, "comparing two representations of dimension %zu", n);
        }
        differs[k] = !same;
        first += lie;
    }
    if (rng) gsl_rng_free(rng);
    free(x);
    return status;
}

fs_status fs_same_action(const fs_rep *a, const fs_rep *b, int *same, fs_err *err)
{
    size_t factors = fs_group_factors(fs_rep_group(a));
    *same = fs_rep_dim(a) == fs_rep_dim(b);
    if (!*same) return FS_OK;
    unsigned char *differs = fs_calloc(factors, 1);
    fs_status status = differs ? compare_factors(a, b, differs, err) : fs_fail(err, FS_ENOMEM, "%zu factors of a group", factors);
    for (size_t k = 0; k < factors && status == FS_OK; k++)
        if (differs[k]) *same = 0;
    free(differs);
    return status;
}

fs_status fs_features_acting(const features *f, unsigned char *acts, fs_err *err)
{
    fs_rep *trivial;
    FS_TRY(fs_rep_create_trivial(&trivial, fs_rep_group(f->rep), fs_rep_dim(f->rep), err));
    fs_status status = compare_factors(f->rep, trivial, acts, err);
    fs_rep_destroy(trivial);
    return status;
}
