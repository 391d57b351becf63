/* algebra/irreducible.c -- tables of real irreducible characters
 *
 * Finite groups.  Convolution with a real class function f, f(y^-1) = f(y), multiplies every real irreducible character chi by
 *
 *   lambda_chi = sum_y f(y) chi(y) / dim chi
 *
 * so on functions that are constant on the sets R = C u C^-1, C a conjugacy class, with the basis e_R = 1_R / sqrt|R|, the symmetric matrix
 *
 *   M_RS = sqrt(|R| / |S|) sum { f(y) : y^-1 x_R in S },      x_R in R
 *
 * has the eigenvectors sqrt|R| chi(R), one for every chi (class algebra, [Ser77, 6.3]).  A random f keeps the lambda apart; f is drawn anew while they are
 * too close.  The eigenvectors need only be good to 1/16: on the cyclic group of x, of order o, chi is
 *
 *   chi(x^l) = sum_j m_j cos(2 pi j l / o),    m_j = (1/o) sum_l chi(x^l) cos(2 pi j l / o)    the multiplicity of e^(2 pi i j / o) in rho(x)
 *
 * and the m_j are whole numbers, which makes the characters good to rounding and independent of the eigenvalue solver's last bits.  Orthogonality
 * and the sum of dim^2 / <chi, chi> are then verified.
 *
 * Continuous groups.  SO(2), O(2): 2 cos(k theta), 0 on reflections.  SO(3): 1 + 2 sum_{k <= l} cos(k omega), omega the angle; O(3): times (+-1)^l and det.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/irreducible.h"

#include "algebra/group_private.h"
#include "base/norm.h"
#include "base/rng.h"

#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CLASSES = 1024, MOST_TRIES = 16 };

const char *fs_type_name(fs_type type)
{
    return type == FS_TYPE_REAL ? "real" : type == FS_TYPE_COMPLEX ? "complex" : "quaternionic";
}

void fs_irreducibles_destroy(fs_irreducibles *table)
{
    if (!table) return;
    for (size_t k = 0; table->irreducible && k < table->count; k++) free(table->irreducible[k].character);
    free(table->irreducible);
    free(table);
}

static fs_status alloc(fs_irreducibles **out, const fs_group *G, size_t count, fs_err *err)
{
    fs_irreducibles *table = fs_calloc(1, sizeof *table);
    size_t points = fs_group_points(G);
    if (!table) goto nomem;
    table->G = G;
    table->count = count;
    table->largest_degree = SIZE_MAX;
    table->irreducible = fs_calloc(count, sizeof *table->irreducible);
    if (!table->irreducible) goto nomem;
    for (size_t k = 0; k < count; k++)
        if (!(table->irreducible[k].character = fs_calloc(points, sizeof(double)))) goto nomem;
    *out = table;
    return FS_OK;
nomem:
    fs_irreducibles_destroy(table);
    return fs_fail(err, FS_ENOMEM, "%zu irreducibles of %s", count, fs_group_name(G));
}

/* --- enumerated groups: the sets R ------------------------------------------------------------ */

/* R = C u C^-1, numbered 0 .. count-1 in the order of the classes; R 0 is the identity. */
typedef struct {
    size_t count;
    uint32_t *set_of;           /* (order) */
    size_t *point;              /* (count) an element */
    size_t *size;               /* (count) */
} real_classes;

static void real_classes_clear(real_classes *r)
{
    free(r->set_of);
    free(r->point);
    free(r->size);
}

static fs_status real_classes_find(real_classes *r, const fs_group *G, fs_err *err)
{
    const size_t *point;
    const uint32_t *class_of;
    size_t classes = fs_group_classes(G, &point, NULL, &class_of), order = fs_group_order(G);
    *r = (real_classes){ 0, NULL, NULL, NULL };
    if (classes > MOST_CLASSES)
        return fs_fail(err, FS_EINPUT, "irreducibles of %s: expected at most %d conjugacy classes, found %zu", fs_group_name(G), MOST_CLASSES,
                       classes);
    uint32_t *number = fs_calloc(classes, sizeof *number);
    r->set_of = fs_calloc(order, sizeof *r->set_of);
    r->point = fs_calloc(classes, sizeof *r->point);
    r->size = fs_calloc(classes, sizeof *r->size);
    if (!number || !r->set_of || !r->point || !r->size) {
        free(number);
        real_classes_clear(r);
        return fs_fail(err, FS_ENOMEM, "%zu conjugacy classes", classes);
    }
    for (size_t C = 0; C < classes; C++) number[C] = UINT32_MAX;
    for (size_t pass = 0; pass < 2; pass++)         /* the class of the identity first, wherever it stands */
        for (size_t C = 0; C < classes; C++) {
            if (number[C] != UINT32_MAX || (pass == 0 && C != class_of[0])) continue;
            number[C] = number[class_of[fs_group_inverse(G, point[C])]] = (uint32_t)r->count;
            r->point[r->count++] = point[C];
        }
    for (size_t g = 0; g < order; g++) {
        r->set_of[g] = number[class_of[g]];
        r->size[r->set_of[g]]++;
    }
    free(number);
    return FS_OK;
}

/* --- eigenvectors of the class algebra ------------------------------------------------------ */

/* M (count, count) for random f of about equal weight on every R. */
static void class_matrix(const fs_group *G, const real_classes *r, gsl_rng *rng, double *f, double *M)
{
    size_t n = r->count, order = fs_group_order(G);
    fs_rng_gaussian(rng, n, f);
    for (size_t R = 0; R < n; R++) f[R] /= sqrt((double)r->size[R]);
    for (size_t i = 0; i < n * n; i++) M[i] = 0.0;
    for (size_t R = 0; R < n; R++) {
        double *row = M + R * n;
        for (size_t y = 0; y < order; y++) row[r->set_of[fs_group_product(G, fs_group_inverse(G, y), r->point[R])]] += f[r->set_of[y]];
        for (size_t S = 0; S < n; S++) row[S] *= sqrt((double)r->size[R] / (double)r->size[S]);
    }
}

/* Rows of V: orthonormal eigenvectors of M for an f whose eigenvalues are far enough apart.  An eigenvector is off by at most
 * |rounding of M and solver| / gap, taken as 8 n eps |M| / gap, and a character by sqrt|G| times that, twice that for quaternionic type. */
static fs_status eigenvectors(const fs_group *G, const real_classes *r, double *V, fs_err *err)
{
    size_t n = r->count;
    double *f = fs_calloc(n, sizeof *f), *lambda = fs_calloc(n, sizeof *lambda), error = HUGE_VAL;
    gsl_rng *rng = fs_rng_stream(fs_group_order(G), FS_STREAM_HYPOTHESES);
    fs_status status = FS_OK;
    if (!f || !lambda || !rng) status = fs_fail(err, FS_ENOMEM, "%zu eigenvalues", n);
    for (int i = 0; status == FS_OK && i < MOST_TRIES && !(error <= 1.0 / 16.0); i++) {
        class_matrix(G, r, rng, f, V);
        lapack_int info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', (lapack_int)n, V, (lapack_int)n, lambda);
        if (info != 0) status = fs_fail(err, info < -1000 ? FS_ENOMEM : FS_ENAN, "class algebra of %s: dsyevd returned %d",
                                        fs_group_name(G), (int)info);
        double gap = HUGE_VAL, norm = fabs(lambda[0]);
        for (size_t k = 1; k < n; k++) {
            fs_lower_to(&gap, lambda[k] - lambda[k - 1]);
            fs_raise_to(&norm, fabs(lambda[k]));
        }
        error = 16.0 * (double)n * DBL_EPSILON * norm / gap * sqrt((double)fs_group_order(G));
    }
    if (status == FS_OK && !(error <= 1.0 / 16.0))
        status = fs_fail(err, FS_ENAN, "class algebra of %s: expected %zu separate eigenvalues, found some too close in %d random combinations",
                         fs_group_name(G), n, MOST_TRIES);
    free(f);
    free(lambda);
    if (rng) gsl_rng_free(rng);
    return status;
}

/* From the eigenvector v: psi = chi / sqrt<chi, chi> on the sets R, its indicator int psi(g^2), hence the type, and chi into value (count). */
static fs_status read_eigenvector(const fs_group *G, const real_classes *r, const double *v, fs_irreducible *chi, double *value, fs_err *err)
{
    double order = (double)fs_group_order(G), sign = v[0] < 0.0 ? -1.0 : 1.0, iota = 0.0;
    for (size_t R = 0; R < r->count; R++) value[R] = sign * v[R] * sqrt(order / (double)r->size[R]);
    for (size_t R = 0; R < r->count; R++)
        iota += (double)r->size[R] / order * value[r->set_of[fs_group_product(G, r->point[R], r->point[R])]];
    chi->type = iota > 0.5 ? FS_TYPE_REAL : iota > -0.5 ? FS_TYPE_COMPLEX : FS_TYPE_QUATERNIONIC;
    double scale = sqrt((double)chi->type), dim = scale * value[0];
    chi->dim = dim > 0.5 && dim < order + 1.0 ? (size_t)(dim + 0.5) : 0;
    if (!(fabs(dim - (double)chi->dim) <= 0.25) || !(fabs(iota - round(iota)) <= 0.25))
        return fs_fail(err, FS_ENAN, "class algebra of %s: expected a whole dimension and indicator, found %.6g and %.6g", fs_group_name(G), dim, iota);
    for (size_t R = 0; R < r->count; R++) value[R] *= scale;
    return FS_OK;
}

/* --- whole multiplicities --------------------------------------------------------------------- */

/* The cyclic group of x: set[l] is the R of x^l for l < order. */
typedef struct {
    size_t order;
    uint32_t *set;              /* room for the longest */
    double *cosine;             /* 2 pi l / order */
    double *sum;
} cyclic;

static void cyclic_of(cyclic *c, const fs_group *G, const real_classes *r, size_t x)
{
    c->order = 0;
    size_t power = 0;
    do {
        c->set[c->order++] = r->set_of[power];
        power = fs_group_product(G, power, x);
    } while (power != 0);
}

/* Sets the values (one character) on the powers of x to what whole multiplicities give, where done[R] is 0.  Both sums run over half the
 * circle: chi(x^-l) = chi(x^l), m_-j = m_j.  The sum of dim cosines is off by at most 4 eps dim; what is a whole number within that is one. */
static fs_status make_whole(cyclic *c, const unsigned char *done, const double *value, double *exact, const char *name, fs_err *err)
{
    size_t o = c->order;
    double dim = value[0];
    for (size_t l = 0; l <= o / 2; l++) c->sum[l] = 0.0;
    for (size_t j = 0; j <= o / 2; j++) {
        double m = 0.0;
        for (size_t l = 0, angle = 0; l <= o / 2; l++, angle = angle + j < o ? angle + j : angle + j - o)
            m += (l == 0 || 2 * l == o ? 1.0 : 2.0) / (double)o * value[c->set[l]] * c->cosine[angle];
        double whole = round(m), both = j == 0 || 2 * j == o ? whole : 2.0 * whole;
        if (!(fabs(m - whole) <= 0.25) || whole < 0.0)
            return fs_fail(err, FS_ENAN, "class algebra of %s: expected a whole multiplicity of an eigenvalue, found %.6g", name, m);
        if (whole == 0.0) continue;
        for (size_t l = 0, angle = 0; l <= o / 2; l++, angle = angle + j < o ? angle + j : angle + j - o)
            c->sum[l] += both * c->cosine[angle];
    }
    for (size_t l = 0; l <= o / 2; l++) {
        double whole = round(c->sum[l]);
        if (!done[c->set[l]]) exact[c->set[l]] = fabs(c->sum[l] - whole) <= 4.0 * DBL_EPSILON * dim ? whole : c->sum[l];
    }
    return FS_OK;
}

/* value (characters, count): good to 1/16 on entry, to rounding on return.  Longest cyclic groups first: they contain the others. */
static fs_status make_all_whole(const fs_group *G, const real_classes *r, double *value, fs_err *err)
{
    size_t n = r->count, longest = 1;
    size_t *order = fs_calloc(n, sizeof *order);
    unsigned char *done = fs_calloc(n, 1);
    double *exact = fs_calloc(n * n, sizeof *exact);
    cyclic c = { 0, NULL, NULL, NULL };
    fs_status status = FS_OK;
    if (!order || !done || !exact) goto nomem;
    for (size_t R = 0; R < n; R++) {
        for (size_t power = r->point[R]; power != 0; power = fs_group_product(G, power, r->point[R])) order[R]++;
        if (++order[R] > longest) longest = order[R];
    }
    c.set = fs_calloc(longest, sizeof *c.set);
    c.cosine = fs_calloc(longest, sizeof *c.cosine);
    c.sum = fs_calloc(longest, sizeof *c.sum);
    if (!c.set || !c.cosine || !c.sum) goto nomem;
    for (size_t o = longest; o >= 1; o--)
        for (size_t R = 0; R < n; R++) {
            if (order[R] != o || done[R]) continue;
            cyclic_of(&c, G, r, r->point[R]);
            for (size_t l = 0; l < o; l++) {
                double sine;
                fs_turn(l, o, &c.cosine[l], &sine);
            }
            for (size_t k = 0; status == FS_OK && k < n; k++)
                status = make_whole(&c, done, value + k * n, exact + k * n, fs_group_name(G), err);
            if (status != FS_OK) goto end;
            for (size_t l = 0; l < o; l++) done[c.set[l]] = 1;
        }
    memcpy(value, exact, n * n * sizeof *value);
    goto end;
nomem:
    status = fs_fail(err, FS_ENOMEM, "characters of %s", fs_group_name(G));
end:
    free(order);
    free(done);
    free(exact);
    free(c.set);
    free(c.cosine);
    free(c.sum);
    return status;
}

/* --- order, names, verification ------------------------------------------------------------------ */

/* By dimension, then decreasing values, element by element; the trivial one has nowhere a smaller value than another of dimension 1. */
static int compare(const fs_irreducible *a, const fs_irreducible *b, size_t count, const size_t *point)
{
    if (a->dim != b->dim) return a->dim < b->dim ? -1 : 1;
    for (size_t C = 0; C < count; C++) {
        double x = a->character[point[C]], y = b->character[point[C]];
        if (fabs(x - y) > 1e-6) return x > y ? -1 : 1;      /* values that differ at all, not by rounding */
    }
    return 0;
}

static void sort(fs_irreducibles *table, const real_classes *r)
{
    fs_irreducible *a = table->irreducible;
    for (size_t i = 1; i < table->count; i++)
        for (size_t j = i; j > 0 && compare(a + j, a + j - 1, r->count, r->point) < 0; j--) {
            fs_irreducible swap = a[j];
            a[j] = a[j - 1];
            a[j - 1] = swap;
        }
}

/* Irreducible characters that are not the same differ by sqrt 2 or more somewhere, and a reducible one is at least as far from them: 1/2 is
 * enough to tell. */
static void give_name(fs_irreducibles *table, const real_classes *r, const fs_rep *rep, const char *name)
{
    for (size_t k = 0; k < table->count; k++) {
        fs_irreducible *chi = table->irreducible + k;
        size_t R = 0;
        while (R < r->count && fabs(fs_rep_character(rep, r->point[R]) - chi->character[r->point[R]]) < 0.5) R++;
        if (R == r->count && !*chi->name) snprintf(chi->name, sizeof chi->name, "%s", name);
    }
}

static fs_status try_name(fs_irreducibles *table, const real_classes *r, const char *name, const char *factor, fs_err *err)
{
    char full[48];
    fs_rep *rep = NULL;
    snprintf(full, sizeof full, "%s%s", name, factor);
    fs_status status = fs_rep_create_named(&rep, table->G, full, err);
    if (status == FS_OK) give_name(table, r, rep, full);
    fs_rep_destroy(rep);
    return status == FS_EINPUT ? FS_OK : status;        /* a name that this group does not know */
}

/* The named representations of G (of a factor, written name@k) that may be irreducible. */
static fs_status try_names(fs_irreducibles *table, const real_classes *r, const fs_group *G, const char *factor, fs_err *err)
{
    static const char *const names[] = { "trivial", "sign", "standard", "turn" };
    fs_family family = fs_group_family(G);
    char rotation[32];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) FS_TRY(try_name(table, r, names[i], factor, err));
    if (family == FS_FAMILY_GENERATED || family == FS_FAMILY_SIGNS) {
        size_t degree = fs_group_parameter(G, 0);       /* dim^2 <= 4 |G| */
        if (degree <= fs_group_order(G) && degree * degree <= 4 * fs_group_order(G)) FS_TRY(try_name(table, r, "natural", factor, err));
    }
    size_t n = family == FS_FAMILY_CYCLIC || family == FS_FAMILY_DIHEDRAL ? fs_group_parameter(G, 0)
               : family == FS_FAMILY_TRANSLATION && fs_group_parameter(G, 0) == 1 ? fs_group_parameter(G, 1) : 0;
    for (size_t m = 1; 2 * m < n; m++) {
        snprintf(rotation, sizeof rotation, "rotation:%zu", m);
        FS_TRY(try_name(table, r, rotation, factor, err));
    }
    return FS_OK;
}

static fs_status give_names(fs_irreducibles *table, const real_classes *r, fs_err *err)
{
    size_t factors = fs_group_factors(table->G);
    FS_TRY(try_names(table, r, table->G, "", err));
    for (size_t k = 0; factors > 1 && k < factors; k++) {
        char factor[24];
        snprintf(factor, sizeof factor, "@%zu", k + 1);
        FS_TRY(try_names(table, r, fs_group_factor(table->G, k), factor, err));
    }
    for (size_t k = 0; k < table->count; k++)
        if (!*table->irreducible[k].name) snprintf(table->irreducible[k].name, sizeof table->irreducible[k].name, "irrep:%zu", k);
    return FS_OK;
}

/* <chi_k, chi_l> over `count` points with weights w.  A value is off by at most 4 eps dim (cosines and their sum), its inner products by
 * 4 eps (dim_k + dim_l) times norms of at most 2, and the sum by count eps times 4. */
static fs_status verify_orthogonality(fs_irreducibles *table, size_t count, const size_t *point, const double *w, fs_err *err)
{
    for (size_t k = 0; k < table->count; k++)
        for (size_t l = 0; l <= k; l++) {
            const fs_irreducible *a = table->irreducible + k, *b = table->irreducible + l;
            double sum = 0.0, expected = k == l ? (double)a->type : 0.0;
            for (size_t i = 0; i < count; i++) {
                size_t g = point ? point[i] : i;
                sum += w[i] * a->character[g] * b->character[g];
            }
            double tolerance = 4.0 * DBL_EPSILON * (double)(count + 4 * (a->dim + b->dim));
            if (!(fabs(sum - expected) <= tolerance))
                return fs_fail(err, FS_ENAN, "irreducibles of %s: expected <chi_%zu, chi_%zu> = %.0f, found %.17g", fs_group_name(table->G), k, l,
                               expected, sum);
        }
    return FS_OK;
}

static fs_status verify_completeness(const fs_irreducibles *table, fs_err *err)
{
    size_t sum = 0;
    for (size_t k = 0; k < table->count; k++) {
        const fs_irreducible *chi = table->irreducible + k;
        sum += chi->dim * chi->dim / (size_t)chi->type;
    }
    if (sum != fs_group_order(table->G))
        return fs_fail(err, FS_ENAN, "irreducibles of %s: expected squared dimensions that sum to %zu, found %zu", fs_group_name(table->G),
                       fs_group_order(table->G), sum);
    return FS_OK;
}

static fs_status enumerated(fs_irreducibles **out, const fs_group *G, fs_err *err)
{
    fs_irreducibles *table = NULL;
    real_classes r;
    FS_TRY(real_classes_find(&r, G, err));
    size_t n = r.count, order = fs_group_order(G);
    double *value = fs_calloc(n * n, sizeof *value), *weight = fs_calloc(n, sizeof *weight);
    fs_status status = value && weight ? alloc(&table, G, n, err) : fs_fail(err, FS_ENOMEM, "%zu characters", n);
    if (status == FS_OK) status = eigenvectors(G, &r, value, err);
    for (size_t k = 0; status == FS_OK && k < n; k++) {
        double *v = value + k * n;
        status = read_eigenvector(G, &r, v, table->irreducible + k, v, err);
    }
    if (status == FS_OK) status = make_all_whole(G, &r, value, err);
    if (status != FS_OK) goto done;
    for (size_t R = 0; R < n; R++) weight[R] = (double)r.size[R] / (double)order;
    for (size_t k = 0; k < n; k++) {
        fs_irreducible *chi = table->irreducible + k;
        for (size_t g = 0; g < order; g++) chi->character[g] = value[k * n + r.set_of[g]];
        double square = 0.0, iota = 0.0;
        for (size_t R = 0; R < n; R++) {
            square += weight[R] * value[k * n + R] * value[k * n + R];
            iota += weight[R] * value[k * n + r.set_of[fs_group_product(G, r.point[R], r.point[R])]];
        }
        chi->indicator = iota / sqrt(square);
    }
    sort(table, &r);
    status = verify_orthogonality(table, n, r.point, weight, err);
    if (status == FS_OK) status = verify_completeness(table, err);
    if (status == FS_OK) status = give_names(table, &r, err);
done:
    free(value);
    free(weight);
    real_classes_clear(&r);
    if (status != FS_OK) {
        fs_irreducibles_destroy(table);
        return status;
    }
    *out = table;
    return FS_OK;
}

/* --- continuous groups --------------------------------------------------------------------------- */

/* Angle of a rotation and the determinant; of a matrix of determinant -1, the angle of R s, which has the same character up to sign when s = -1. */
static double angle_of(size_t d, const double *R, double *det)
{
    if (d == 2) {
        *det = R[0] * R[3] - R[1] * R[2] < 0.0 ? -1.0 : 1.0;
        return atan2(R[2], R[0]);
    }
    double volume = R[0] * (R[4] * R[8] - R[5] * R[7]) - R[1] * (R[3] * R[8] - R[5] * R[6]) + R[2] * (R[3] * R[7] - R[4] * R[6]);
    *det = volume < 0.0 ? -1.0 : 1.0;
    double x = R[7] - R[5], y = R[2] - R[6], z = R[3] - R[1];
    return atan2(sqrt(x * x + y * y + z * z), *det * (R[0] + R[4] + R[8]) - 1.0);
}

/* twisted: times the determinant. */
static double continuous_character(size_t d, int improper, size_t degree, int twisted, double angle, double det)
{
    double twist = twisted ? det : 1.0;
    if (degree == 0) return twist;
    if (d == 2) return improper && det < 0.0 ? 0.0 : 2.0 * cos((double)degree * angle);
    double sum = 1.0;
    for (size_t k = degree; k > 0; k--) sum += 2.0 * cos((double)k * angle);
    return (degree % 2 ? det : 1.0) * twist * sum;
}

static void continuous_name(fs_irreducible *chi, size_t d, int twisted)
{
    if (chi->degree == 0) snprintf(chi->name, sizeof chi->name, "%s", twisted ? "sign" : "trivial");
    else snprintf(chi->name, sizeof chi->name, "%s:%zu%s", d == 2 ? "rotation" : "harmonic", chi->degree, twisted ? " x sign" : "");
}

static fs_status continuous(fs_irreducibles **out, const fs_group *G, size_t degree, fs_err *err)
{
    int improper = fs_group_family(G) == FS_FAMILY_O;
    size_t d = fs_group_parameter(G, 0), points = fs_group_points(G), haar_degree = fs_group_haar_degree(G), k = 0;
    const double *haar = fs_group_haar(G);
    fs_irreducibles *table;
    if (degree > haar_degree / 2)
        return fs_fail(err, FS_EINPUT, "irreducibles of %s: expected a degree up to %zu (the Haar nodes are exact to %zu), found %zu", fs_group_name(G),
                       haar_degree / 2, haar_degree, degree);
    FS_TRY(alloc(&table, G, improper ? (d == 2 ? degree + 2 : 2 * (degree + 1)) : degree + 1, err));
    table->largest_degree = degree;
    for (size_t l = 0; l <= degree; l++)
        for (int twisted = 0; twisted < (improper && (d == 3 || l == 0) ? 2 : 1); twisted++) {
            fs_irreducible *chi = table->irreducible + k++;
            chi->degree = l;
            chi->dim = l == 0 ? 1 : d == 2 ? 2 : 2 * l + 1;
            chi->type = d == 2 && !improper && l > 0 ? FS_TYPE_COMPLEX : FS_TYPE_REAL;
            continuous_name(chi, d, twisted);
            double square = 0.0, iota = 0.0;
            for (size_t g = 0; g < points; g++) {
                size_t size;
                double det, angle = angle_of(d, fs_group_matrix(G, g, &size), &det);
                double twice = d == 2 && det < 0.0 ? 0.0 : 2.0 * angle;         /* the angle of g^2 */
                chi->character[g] = continuous_character(d, improper, l, twisted, angle, det);
                square += haar[g] * chi->character[g] * chi->character[g];
                iota += haar[g] * continuous_character(d, improper, l, twisted, twice, 1.0);
            }
            chi->indicator = iota / sqrt(square);
        }
    fs_status status = verify_orthogonality(table, points, NULL, haar, err);
    if (status != FS_OK) {
        fs_irreducibles_destroy(table);
        return status;
    }
    *out = table;
    return FS_OK;
}

fs_status fs_irreducibles_create(fs_irreducibles **out, const fs_group *G, size_t degree, fs_err *err)
{
    *out = NULL;
    if (fs_group_is_enumerated(G)) return enumerated(out, G, err);
    fs_family family = fs_group_family(G);
    if (family == FS_FAMILY_SO || family == FS_FAMILY_O) return continuous(out, G, degree, err);
    return fs_fail(err, FS_EINPUT, "irreducibles of %s: expected a group whose elements are listed, SO(2), O(2), SO(3) or O(3)", fs_group_name(G));
}
