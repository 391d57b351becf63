/* algebra/rep.c -- sums and tensor products of orthogonal representations, and what is asked about them
 *
 * chi adds over sums and multiplies over tensor products; the degree of a sum is the largest, that of a tensor product the sum of
 * the degrees (frequencies and angular momenta add).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/rep_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

fs_rep *fs_rep_retain(fs_rep *rep)
{
    rep->references++;
    return rep;
}

void fs_rep_destroy(fs_rep *rep)
{
    if (!rep || --rep->references > 0) return;
    for (size_t k = 0; rep->part && k < rep->parts; k++) fs_rep_destroy(rep->part[k]);
    free(rep->part);
    free(rep->place);
    free(rep->name);
    free(rep->character);
    free(rep->perm);
    free(rep->sign);
    free(rep->matrix);
    free(rep->lie);
    free(rep);
}

fs_rep *fs_rep_alloc(rep_kind kind, const fs_group *G, size_t n)
{
    fs_rep *rep = fs_calloc(1, sizeof *rep);
    if (!rep) return NULL;
    rep->references = 1;
    rep->kind = kind;
    rep->G = G;
    rep->n = n;
    rep->character = fs_calloc(fs_group_points(G), sizeof *rep->character);
    if (rep->character) return rep;
    fs_rep_destroy(rep);
    return NULL;
}

/* ---- trees ---- */

/* "(a x b) + 2 c": equal neighbours of a sum are counted; a part gets brackets where the text could be misread. */
static int write_name(const fs_rep *rep, FILE *to)
{
    for (size_t k = 0, run; k < rep->parts; k += run) {
        const fs_rep *part = rep->part[k];
        int sum = rep->kind == REP_SUM;
        for (run = 1; sum && k + run < rep->parts && strcmp(part->name, rep->part[k + run]->name) == 0;) run++;
        int brackets = part->kind == REP_SUM || (sum && part->kind == REP_TENSOR)
                       || (run > 1 && part->name[0] >= '0' && part->name[0] <= '9');
        if (k > 0 && fputs(sum ? " + " : " x ", to) < 0) return -1;
        if (run > 1 && fprintf(to, "%zu ", run) < 0) return -1;
        if (fprintf(to, brackets ? "(%s)" : "%s", part->name) < 0) return -1;
    }
    return 0;
}

static int name_tree(fs_rep *rep)
{
    size_t length;
    FILE *to = open_memstream(&rep->name, &length);
    if (!to) return -1;
    int failed = write_name(rep, to);
    return fclose(to) == 0 ? failed : -1;
}

/* place and n of a sum or a tensor product; nonzero on overflow. */
static int lay_out(fs_rep *rep)
{
    int overflow = 0;
    rep->n = rep->kind == REP_SUM ? 0 : 1;
    for (size_t t = 0; t < rep->parts; t++) {
        size_t k = rep->kind == REP_SUM ? t : rep->parts - 1 - t;      /* the last factor runs fastest */
        rep->place[k] = rep->n;
        overflow |= rep->kind == REP_SUM ? __builtin_add_overflow(rep->n, rep->part[k]->n, &rep->n)
                                         : __builtin_mul_overflow(rep->n, rep->part[k]->n, &rep->n);
    }
    return overflow || rep->n > UINT32_MAX;
}

static void inherit(fs_rep *rep)
{
    size_t points = fs_group_points(rep->G);
    rep->monomial = rep->permutation = rep->trivial = 1;
    for (size_t g = 0; g < points; g++) rep->character[g] = rep->kind == REP_SUM ? 0.0 : 1.0;
    for (size_t k = 0; k < rep->parts; k++) {
        const fs_rep *part = rep->part[k];
        rep->monomial &= part->monomial;
        rep->permutation &= part->permutation;
        rep->trivial &= part->trivial;
        if (rep->kind == REP_TENSOR) rep->degree += part->degree;
        else if (part->degree > rep->degree) rep->degree = part->degree;
        if (part->homomorphism_defect > rep->homomorphism_defect) rep->homomorphism_defect = part->homomorphism_defect;
        if (part->orthogonality_defect > rep->orthogonality_defect) rep->orthogonality_defect = part->orthogonality_defect;
        if (part->tensor_depth > rep->tensor_depth) rep->tensor_depth = part->tensor_depth;
        for (size_t g = 0; g < points; g++) {
            if (rep->kind == REP_SUM) rep->character[g] += part->character[g];
            else rep->character[g] *= part->character[g];
        }
    }
    if (rep->kind == REP_TENSOR) rep->tensor_depth++;
}

int fs_rep_generators_fix_basis(const fs_rep *rep)
{
    size_t count;
    const size_t *generator = fs_group_generators(rep->G, &count);
    for (size_t k = 0; k < count; k++)
        for (size_t j = 0; j < rep->n; j++) {
            int sign;
            if (fs_rep_image_of_basis(rep, generator[k], j, &sign) != j || sign < 0) return 0;
        }
    return 1;
}

/* sign x sign is a permutation though its factors are not; the generators decide. */
static int all_signs_plus(const fs_rep *rep)
{
    size_t count;
    const size_t *generator = fs_group_generators(rep->G, &count);
    for (size_t k = 0; k < count; k++)
        for (size_t j = 0; j < rep->n; j++) {
            int sign;
            fs_rep_image_of_basis(rep, generator[k], j, &sign);
            if (sign < 0) return 0;
        }
    return 1;
}

static fs_status create_tree(fs_rep **out, rep_kind kind, size_t count, fs_rep *const *part, fs_err *err)
{
    const char *word = kind == REP_SUM ? "direct sum" : "tensor product";
    *out = NULL;
    if (count == 0) return fs_fail(err, FS_EINPUT, "%s: expected at least one representation, found none", word);
    for (size_t k = 1; k < count; k++)
        if (part[k]->G != part[0]->G)
            return fs_fail(err, FS_EINPUT, "%s: expected representations of one group, found %s and %s", word,
                           fs_group_name(part[0]->G), fs_group_name(part[k]->G));
    fs_rep *rep = fs_rep_alloc(kind, part[0]->G, 0);
    if (!rep) goto nomem;
    rep->part = fs_calloc(count, sizeof *rep->part);
    rep->place = fs_calloc(count, sizeof *rep->place);
    if (!rep->part || !rep->place) goto nomem;
    for (; rep->parts < count; rep->parts++) rep->part[rep->parts] = fs_rep_retain(part[rep->parts]);
    if (lay_out(rep)) {
        fs_rep_destroy(rep);
        return fs_fail(err, FS_EINPUT, "%s of %zu representations: expected a dimension up to %u, found more", word, count,
                       UINT32_MAX);
    }
    if (name_tree(rep)) goto nomem;
    inherit(rep);
    if (rep->monomial && !rep->permutation) rep->permutation = all_signs_plus(rep);
    if (rep->permutation && !rep->trivial) rep->trivial = fs_rep_generators_fix_basis(rep);
    *out = rep;
    return FS_OK;
nomem:
    fs_rep_destroy(rep);
    return fs_fail(err, FS_ENOMEM, "%s of %zu representations", word, count);
}

fs_status fs_rep_create_sum(fs_rep **out, size_t count, fs_rep *const *part, fs_err *err)
{
    return create_tree(out, REP_SUM, count, part, err);
}

fs_status fs_rep_create_tensor(fs_rep **out, size_t count, fs_rep *const *factor, fs_err *err)
{
    return create_tree(out, REP_TENSOR, count, factor, err);
}

/* ---- queries ---- */

const fs_group *fs_rep_group(const fs_rep *rep)
{
    return rep->G;
}

size_t fs_rep_dim(const fs_rep *rep)
{
    return rep->n;
}

const char *fs_rep_name(const fs_rep *rep)
{
    return rep->name;
}

int fs_rep_is_monomial(const fs_rep *rep)
{
    return rep->monomial;
}

int fs_rep_is_permutation(const fs_rep *rep)
{
    return rep->permutation;
}

int fs_rep_is_trivial(const fs_rep *rep)
{
    return rep->trivial;
}

double fs_rep_character(const fs_rep *rep, size_t g)
{
    return rep->character[g];
}

size_t fs_rep_degree(const fs_rep *rep)
{
    return rep->degree;
}

/* Groups too large to enumerate have no nodes at all, and say degree 0. */
int fs_rep_haar_is_exact(const fs_rep *rep)
{
    size_t degree = fs_group_haar_degree(rep->G);
    return fs_group_is_enumerated(rep->G) || (degree > 0 && rep->degree <= degree);
}

double fs_rep_invariant_dim(const fs_rep *rep)
{
    const size_t *point;
    const double *weight, *haar = fs_group_haar(rep->G);
    const uint32_t *class_of;
    size_t classes = fs_group_classes(rep->G, &point, &weight, &class_of);
    double dim = 0.0;
    for (size_t c = 0; c < classes; c++) dim += weight[c] * rep->character[point[c]];
    if (classes) return dim;
    if (!fs_rep_haar_is_exact(rep)) return (double)NAN;
    for (size_t g = 0; g < fs_group_points(rep->G); g++) dim += haar[g] * rep->character[g];
    return dim;
}

double fs_rep_homomorphism_defect(const fs_rep *rep)
{
    return rep->homomorphism_defect;
}

double fs_rep_orthogonality_defect(const fs_rep *rep)
{
    return rep->orthogonality_defect;
}

/* ---- summands ---- */

/* What one representation gives: counted, and written where the lists are not NULL. */
typedef struct {
    size_t count, *dim;
    unsigned char *trivial;
} summands;

static void add_summands(summands *to, size_t copies, size_t dim, int trivial)
{
    for (size_t c = 0; to->dim && c < copies; c++) {
        to->dim[to->count + c] = dim;
        to->trivial[to->count + c] = trivial != 0;
    }
    to->count += copies;
}

static void take_apart(const fs_rep *rep, summands *to)
{
    size_t copies = 1, k = 0;
    if (rep->kind == REP_SIGNED && !rep->perm) {
        add_summands(to, rep->n, 1, 1);
        return;
    }
    if (rep->kind == REP_SUM) {
        for (; k < rep->parts; k++) take_apart(rep->part[k], to);
        return;
    }
    /* Leading copies of the trivial representation repeat what follows. */
    for (; rep->kind == REP_TENSOR && k < rep->parts && rep->part[k]->kind == REP_SIGNED && !rep->part[k]->perm; k++)
        copies *= rep->part[k]->n;
    if (rep->kind == REP_TENSOR && k + 1 == rep->parts)
        for (size_t c = 0; c < copies; c++) take_apart(rep->part[k], to);
    else add_summands(to, copies, rep->n / copies, rep->trivial);
}

fs_status fs_rep_summands(const fs_rep *rep, size_t *count, size_t **dim, unsigned char **trivial, fs_err *err)
{
    summands to = { 0, NULL, NULL };
    take_apart(rep, &to);
    *count = to.count;
    *dim = to.dim = fs_calloc(to.count, sizeof *to.dim);
    *trivial = to.trivial = fs_calloc(to.count, 1);
    if (!to.dim || !to.trivial) {
        free(to.dim);
        free(to.trivial);
        *dim = NULL;
        *trivial = NULL;
        *count = 0;
        return fs_fail(err, FS_ENOMEM, "summands of %s", rep->name);
    }
    to.count = 0;
    take_apart(rep, &to);
    return FS_OK;
}
