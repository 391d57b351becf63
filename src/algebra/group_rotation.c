/* algebra/group_rotation.c -- SO(2), O(2), SO(3), O(3): nodes of quadratures, witnesses, names of rotations
 *
 *   SO(2)  R(theta) at n equispaced angles averages frequency k to 0 unless n divides k: exact to degree n - 1
 *   SO(3)  R = R_z(alpha) R_y(beta) R_z(gamma),  dmu = d alpha sin(beta) d beta d gamma / 8 pi^2.  L + 1 equispaced alpha and gamma
 *          leave of the coefficients exp(-i m alpha) d^l_mn(beta) exp(-i n gamma), l <= L, those with m = n = 0, the Legendre
 *          polynomials P_l(cos beta), which N >= (L + 1) / 2 Gauss-Legendre nodes integrate: exact to degree L with (L + 1)^2 N nodes
 *   finite subgroups, one weight for all elements: C_n as above, tetrahedral, octahedral, icosahedral exact to degree 2, 3, 5
 *   O(d)   both components alike: every rotation R and R s with s = diag(-1, 1) or s = -1
 *
 * Points: the identity; Haar nodes; the rule's and the doubled rule's nodes where they are others; s; what the witnesses need.
 * matrix (points, d, d) row-major.  Angles are turned through the first octant, so symmetric rules have symmetric entries and quarter
 * turns are exact.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/group_private.h"

#include "base/rng.h"

#include <gsl/gsl_integration.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HAAR_DEGREE_2 = 64, HAAR_DEGREE_3 = 16,
    MOST_DEGREE = 40,       /* the doubled rule has 81^2 * 41 rotations then */
    MOST_NODES = 4096,
    MOST_ELEMENTS = 60,     /* of a polyhedral group */
    PAIRS = 16,             /* witnesses a b = c of random rotations */
    MIRRORED = 8            /* of them with s on either side as well */
};

/* --- one rotation ------------------------------------------------------------------- */

void fs_turn(size_t k, size_t n, double *c, double *s)
{
    size_t eighth = 8 * (k % n) / n, rest = 8 * (k % n) - eighth * n;      /* 2 pi k / n = (pi / 4) (eighth + rest / n) */
    if (eighth % 2) rest = n - rest;
    double angle = M_PI / 4.0 * ((double)rest / (double)n), x = cos(angle), y = sin(angle);
    size_t quarter = (eighth + 1) / 2 % 4;      /* the nearest; the angle lies before it in odd octants, behind it in even ones */
    if (eighth % 2) y = -y;
    *c = quarter == 0 ? x : quarter == 1 ? -y : quarter == 2 ? -x : y;
    *s = quarter == 0 ? y : quarter == 1 ? x : quarter == 2 ? -y : -x;
}

/* c = a b, d x d */
static void multiply(size_t d, const double *a, const double *b, double *c)
{
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) {
            double sum = 0.0;
            for (size_t k = 0; k < d; k++) sum += a[i * d + k] * b[k * d + j];
            c[i * d + j] = sum;
        }
}

static void identity(size_t d, double *R)
{
    for (size_t i = 0; i < d * d; i++) R[i] = i % (d + 1) == 0;
}

/* The element s that generates the components of O(d). */
static void improper_element(size_t d, double *R)
{
    identity(d, R);
    for (size_t i = 0; i < (d == 2 ? 1 : d); i++) R[i * d + i] = -1.0;
}

/* Uniform: a random direction of the plane, or of the quaternions. */
static void random_rotation(gsl_rng *rng, size_t d, double *R)
{
    double q[4], square;
    size_t n = d == 2 ? 2 : 4;
    do {
        fs_rng_gaussian(rng, n, q);
        square = 0.0;
        for (size_t i = 0; i < n; i++) square += q[i] * q[i];
    } while (square < 1e-3);
    double w = q[0], x = q[1];
    if (d == 2) {
        double r = sqrt(square);
        R[0] = R[3] = w / r;
        R[2] = x / r;
        R[1] = -R[2];
        return;
    }
    double y = q[2], z = q[3], f = 2.0 / square;
    double product[9] = { 1.0 - f * (y * y + z * z), f * (x * y - w * z), f * (x * z + w * y),
                          f * (x * y + w * z), 1.0 - f * (x * x + z * z), f * (y * z - w * x),
                          f * (x * z - w * y), f * (y * z + w * x), 1.0 - f * (x * x + y * y) };
    memcpy(R, product, sizeof product);
}

/* --- polyhedral groups ---------------------------------------------------------------- */

/* With a = 1/2, b = golden / 2, c = 1 / (2 golden), every entry of an element is 0, +-1, +-a, +-b or +-c: products are set to the nearest,
 * so the closure has no rounding beyond that of a, b, c. */
#define GOLD_B 0.80901699437494742
#define GOLD_C 0.30901699437494742

typedef struct {
    const char *name;
    size_t order, degree;       /* exact to that degree */
    double generator[2][9];
} polyhedron;

#define AXES { 0, 0, 1,  1, 0, 0,  0, 1, 0 }    /* x -> y -> z -> x */
static const polyhedron polyhedra[] = {
    { "tetrahedral", 12, 2, { AXES, { -1, 0, 0,  0, -1, 0,  0, 0, 1 } } },
    { "octahedral", 24, 3, { AXES, { 0, -1, 0,  1, 0, 0,  0, 0, 1 } } },
    /* a fifth of a turn about (0, 1, golden) */
    { "icosahedral", 60, 5, { AXES, { GOLD_C, -GOLD_B, 0.5,  GOLD_B, 0.5, GOLD_C,  -0.5, GOLD_C, GOLD_B } } }
};
enum { POLYHEDRA = sizeof polyhedra / sizeof *polyhedra };

static double nearest_entry(double x)
{
    static const double entry[] = { 0.0, GOLD_C, 0.5, GOLD_B, 1.0 };
    double best = 0.0;
    for (size_t i = 0; i < sizeof entry / sizeof *entry; i++)
        if (fabs(fabs(x) - entry[i]) < fabs(fabs(x) - best)) best = entry[i];
    return x < 0.0 && best > 0.0 ? -best : best;
}

/* R (order, 3, 3), the identity first: every element times every generator until nothing new appears. */
static void polyhedral_elements(const polyhedron *p, double *R)
{
    size_t count = 1;
    identity(3, R);
    for (size_t g = 0; g < count; g++)
        for (size_t k = 0; k < 2; k++) {
            double product[9];
            multiply(3, R + 9 * g, p->generator[k], product);
            for (size_t i = 0; i < 9; i++) product[i] = nearest_entry(product[i]);
            size_t h = 0;
            while (h < count && memcmp(R + 9 * h, product, sizeof product) != 0) h++;
            if (h < count || count == p->order) continue;
            memcpy(R + 9 * count++, product, sizeof product);
        }
}

/* --- quadratures ------------------------------------------------------------------------ */

typedef struct {
    size_t degree;              /* exact to that degree */
    size_t rotations;
    const polyhedron *solid;    /* NULL: equispaced angles or the product rule */
    int aside;                  /* nodes R h in place of R, with a generic rotation h */
} quadrature;

static quadrature equispaced(size_t n)
{
    return (quadrature){ n - 1, n, NULL, 0 };
}

static quadrature of_degree(size_t d, size_t L)
{
    return d == 2 ? equispaced(L + 1) : (quadrature){ L, (L + 1) * (L + 1) * ((L + 2) / 2), NULL, 0 };
}

/* The same degree, but what two rules make of a degree beyond both differs: nodes that lie among those of another rule would repeat its error. */
static quadrature aside(quadrature q)
{
    q.aside = 1;
    return q;
}

/* A turn by 1 about z after a turn by 1 about x: no power of it is 1. */
static void generic_rotation(size_t d, double *R)
{
    const double c = cos(1.0), s = sin(1.0);
    const double plane[4] = { c, -s, s, c }, space[9] = { c, -s * c, s * s,  s, c * c, -s * c,  0.0, s, c };
    memcpy(R, d == 2 ? plane : space, d * d * sizeof *R);
}

static int same_nodes(const quadrature *p, const quadrature *q)
{
    return p->rotations == q->rotations && p->solid == q->solid && p->aside == q->aside;
}

/* A zero x of the Legendre polynomial P_n to rounding, and its Gauss weight 2 / ((1 - x^2) P_n'(x)^2): Newton's method from a good start. */
static void polish_gauss(size_t n, double *x, double *weight)
{
    for (int step = 0; step < 3; step++) {
        double below = 1.0, value = *x;
        for (size_t k = 2; k <= n; k++) {
            double next = ((2.0 * (double)k - 1.0) * *x * value - ((double)k - 1.0) * below) / (double)k;
            below = value;
            value = next;
        }
        double slope = (double)n * (*x * value - below) / ((*x - 1.0) * (*x + 1.0));
        *weight = 2.0 / ((1.0 - *x) * (1.0 + *x) * slope * slope);
        if (step < 2) *x -= value / slope;
    }
}

/* R (rotations, 3, 3), w (rotations); sum of w is 1. */
static fs_status product_rule(size_t L, double *R, double *w, fs_err *err)
{
    size_t n = L + 1, N = (L + 2) / 2;
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(N);
    if (!table) return fs_fail(err, FS_ENOMEM, "Gauss-Legendre nodes, %zu of them", N);
    for (size_t j = 0; j < N; j++) {
        double cb, weight;
        gsl_integration_glfixed_point(-1.0, 1.0, j, &cb, &weight, table);
        polish_gauss(N, &cb, &weight);
        double sb = sqrt((1.0 - cb) * (1.0 + cb));
        for (size_t i = 0; i < n * n; i++, R += 9) {
            double ca, sa, cg, sg;
            fs_turn(i / n, n, &ca, &sa);
            fs_turn(i % n, n, &cg, &sg);
            double product[9] = { ca * cb * cg - sa * sg, -ca * cb * sg - sa * cg, ca * sb,
                                  sa * cb * cg + ca * sg, -sa * cb * sg + ca * cg, sa * sb,
                                  -sb * cg, sb * sg, cb };
            memcpy(R, product, sizeof product);
            *w++ = weight / 2.0 / (double)(n * n);
        }
    }
    gsl_integration_glfixed_table_free(table);
    return FS_OK;
}

/* All nodes of q in SO(d) or O(d), rotations first: R (nodes, d, d), w (nodes). */
static fs_status fill(const quadrature *q, size_t d, int improper, double *R, double *w, fs_err *err)
{
    size_t n = q->rotations, size = d * d;
    if (d == 2)
        for (size_t k = 0; k < n; k++) {
            double c, s;
            fs_turn(k, n, &c, &s);
            R[4 * k] = R[4 * k + 3] = c;
            R[4 * k + 1] = -s;
            R[4 * k + 2] = s;
        }
    else if (q->solid) polyhedral_elements(q->solid, R);
    else FS_TRY(product_rule(q->degree, R, w, err));
    if (d == 2 || q->solid)
        for (size_t k = 0; k < n; k++) w[k] = 1.0 / (double)n;
    if (q->aside) {
        double h[9], turned[9];
        generic_rotation(d, h);
        for (size_t k = 0; k < n; k++) {
            multiply(d, R + k * size, h, turned);
            memcpy(R + k * size, turned, size * sizeof *R);
        }
    }
    if (!improper) return FS_OK;
    double s[9];
    improper_element(d, s);
    for (size_t k = 0; k < n; k++) {
        multiply(d, R + k * size, s, R + (n + k) * size);
        w[k] /= 2.0;
        w[n + k] = w[k];
    }
    return FS_OK;
}

/* --- the augmentation's rule --------------------------------------------------------------- */

static fs_status refuse(fs_err *err, const char *name, size_t d, const char *found)
{
    return fs_fail(err, FS_EINPUT, "group %s: expected %s, found %s", name,
                   d == 2 ? "a rule: degree (1 to 40), nodes (1 to 4096) or subgroup (C<n>, n from 1 to 4096)"
                          : "a rule: degree (1 to 40) or subgroup (tetrahedral, octahedral, icosahedral)", found);
}

/* "C12": 12; 0 where the text is something else. */
static size_t cyclic_order(const char *text)
{
    size_t n = 0;
    if (*text++ != 'C' || *text == '0') return 0;
    for (; *text >= '0' && *text <= '9' && n <= MOST_NODES; text++) n = 10 * n + (size_t)(*text - '0');
    return *text || n > MOST_NODES ? 0 : n;
}

/* The nodes of the rule and of the one about twice as fine, and the note. */
static fs_status read_rule(const fs_rule *rule, const char *name, size_t d, int improper, const quadrature *haar, quadrature *q,
                           quadrature *doubled, char note[96], fs_err *err)
{
    size_t components = improper ? 2 : 1;
    char found[64];
    if (!rule) return refuse(err, name, d, "none");
    if (rule->kind == FS_RULE_DEGREE) {
        snprintf(found, sizeof found, "degree %zu", rule->degree);
        if (rule->degree < 1 || rule->degree > MOST_DEGREE) return refuse(err, name, d, found);
        *q = of_degree(d, rule->degree);
        *doubled = aside(of_degree(d, 2 * rule->degree));
        snprintf(note, 96, "exact to degree %zu, %zu nodes", q->degree, components * q->rotations);
        return FS_OK;
    }
    if (rule->kind == FS_RULE_NODES) {
        snprintf(found, sizeof found, "%zu nodes", rule->nodes);
        if (d != 2 || rule->nodes < 1 || rule->nodes > MOST_NODES) return refuse(err, name, d, found);
        *q = equispaced(rule->nodes);
        *doubled = aside(equispaced(2 * rule->nodes + 1));
        snprintf(note, 96, "%zu equispaced rotations%s, exact to degree %zu", q->rotations, improper ? " and their reflections" : "",
                 q->degree);
        return FS_OK;
    }
    const char *text = rule->kind == FS_RULE_SUBGROUP && rule->subgroup ? rule->subgroup : "";
    snprintf(found, sizeof found, "subgroup \"%.40s\"", text);
    *doubled = aside(*haar);
    q->rotations = 0;
    if (d == 2 && cyclic_order(text)) {
        *q = equispaced(cyclic_order(text));
        if (2 * q->rotations + 1 > haar->rotations) *doubled = aside(equispaced(2 * q->rotations + 1));
    }
    for (size_t k = 0; d == 3 && k < POLYHEDRA; k++)
        if (strcmp(text, polyhedra[k].name) == 0) *q = (quadrature){ polyhedra[k].degree, polyhedra[k].order, polyhedra + k, 0 };
    if (!q->rotations) return refuse(err, name, d, found);
    snprintf(note, 96, "%s subgroup, %zu nodes, exact to degree %zu", text, components * q->rotations, q->degree);
    return FS_OK;
}

/* --- the group -------------------------------------------------------------------------- */

/* a b = c for random rotations; for O(d) also with s = b and s = a, and s s = 1.  The elements become the points from `next` on. */
static fs_status add_witnesses(fs_group *G, size_t d, int improper, size_t next, fs_err *err)
{
    size_t size = d * d, s = improper ? G->generator[0] : 0;
    double *R = G->matrix;
    gsl_rng *rng = fs_rng_stream(2 * d + (size_t)improper, FS_STREAM_HYPOTHESES);
    if (!rng) return fs_fail(err, FS_ENOMEM, "random numbers");
    size_t *w = G->witness;
    for (size_t i = 0; i < PAIRS; i++) {
        size_t a = next++, b = next++;
        random_rotation(rng, d, R + a * size);
        random_rotation(rng, d, R + b * size);
        size_t triple[3][3] = { { a, b, 0 }, { a, s, 0 }, { s, b, 0 } };
        for (size_t k = 0; k < (improper && i < MIRRORED ? 3 : 1); k++) {
            triple[k][2] = next++;
            multiply(d, R + triple[k][0] * size, R + triple[k][1] * size, R + triple[k][2] * size);
            memcpy(w, triple[k], sizeof triple[k]);
            w += 3;
        }
    }
    if (improper) {
        w[0] = w[1] = s;
        w[2] = 0;
    }
    gsl_rng_free(rng);
    return FS_OK;
}

fs_status fs_group_create_rotations(fs_group **out, size_t d, int improper, const fs_rule *rule, fs_err *err)
{
    *out = NULL;
    if (d != 2 && d != 3) return fs_fail(err, FS_EINPUT, "rotations: expected dimension 2 or 3, found %zu", d);
    improper = improper != 0;
    char name[8], note[96];
    snprintf(name, sizeof name, "%s%d", improper ? "O" : "SO", d == 2 ? 2 : 3);
    quadrature q[3];            /* Haar, rule, doubled */
    q[0] = of_degree(d, d == 2 ? HAAR_DEGREE_2 : HAAR_DEGREE_3);
    FS_TRY(read_rule(rule, name, d, improper, &q[0], &q[1], &q[2], note, err));

    size_t components = improper ? 2 : 1, first[3], points = 1, size = d * d;
    for (size_t k = 0; k < 3; k++) {
        size_t same = 0;
        while (same < k && !same_nodes(&q[same], &q[k])) same++;
        first[k] = same < k ? first[same] : points;
        if (same == k) points += components * q[k].rotations;
    }
    size_t next = points, mirrored = improper ? 2 * MIRRORED : 0;
    points += 3 * PAIRS + mirrored + (size_t)improper;

    fs_group *G = NULL;
    FS_TRY(fs_group_alloc(&G, improper ? FS_FAMILY_O : FS_FAMILY_SO, name, 0, points, err));
    G->parameter[0] = G->degree = d;
    G->lie_dim = d * (d - 1) / 2;
    G->haar_degree = q[0].degree;
    memcpy(G->note, note, sizeof note);
    G->witnesses = PAIRS + mirrored + (size_t)improper;
    G->rule = fs_calloc(points, sizeof *G->rule);
    G->doubled = fs_calloc(points, sizeof *G->doubled);
    G->matrix = fs_calloc(points, size * sizeof *G->matrix);
    G->witness = fs_calloc(G->witnesses, 3 * sizeof *G->witness);
    fs_status status = FS_OK;
    if (!G->rule || !G->doubled || !G->matrix || !G->witness) {
        status = fs_fail(err, FS_ENOMEM, "group %s with %zu points", name, points);
        goto done;
    }
    identity(d, G->matrix);
    double *weight[3] = { G->haar, G->rule, G->doubled };
    for (size_t k = 0; k < 3; k++) {
        status = fill(&q[k], d, improper, G->matrix + first[k] * size, weight[k] + first[k], err);
        if (status != FS_OK) goto done;
    }
    if (improper) {
        improper_element(d, G->matrix + next * size);
        G->generator[0] = next++;
        G->generators = 1;
    }
    status = add_witnesses(G, d, improper, next, err);
done:
    if (status != FS_OK) {
        fs_group_destroy(G);
        return status;
    }
    *out = G;
    return FS_OK;
}

/* --- names ---------------------------------------------------------------------------- */

/* -0 printed is "-0" */
static double plain(double x)
{
    return fabs(x) < 5e-5 ? 0.0 : x;
}

static void name_plane(const double *R, char buffer[FS_ELEMENT_NAME])
{
    double angle = atan2(R[2], R[0]);
    if (R[0] * R[3] - R[1] * R[2] > 0.0) {
        snprintf(buffer, FS_ELEMENT_NAME, fabs(angle) < 1e-12 ? "identity" : "turn by %.4g", angle);
        return;
    }
    if (angle < 0.0) angle += 2.0 * M_PI;      /* the line of fixed points stands at half the angle */
    snprintf(buffer, FS_ELEMENT_NAME, "reflection in the line at %.4g", plain(angle / 2.0));
}

/* cos(angle/2) and sin(angle/2) times the axis, the first not negative: from the row of the largest of four squares. */
static void quaternion(const double *R, double q[4])
{
    double trace = R[0] + R[4] + R[8];
    double four[4][4] = { { 1.0 + trace, R[7] - R[5], R[2] - R[6], R[3] - R[1] },
                          { R[7] - R[5], 1.0 + 2.0 * R[0] - trace, R[1] + R[3], R[2] + R[6] },
                          { R[2] - R[6], R[1] + R[3], 1.0 + 2.0 * R[4] - trace, R[5] + R[7] },
                          { R[3] - R[1], R[2] + R[6], R[5] + R[7], 1.0 + 2.0 * R[8] - trace } };
    size_t k = 0;
    for (size_t i = 1; i < 4; i++)
        if (four[i][i] > four[k][k]) k = i;
    double sign = four[k][0] < 0.0 ? -1.0 : 1.0, r = sqrt(four[k][k]);
    for (size_t i = 0; i < 4; i++) q[i] = sign * four[k][i] / (2.0 * r);
}

static void name_space(const double *R, char buffer[FS_ELEMENT_NAME])
{
    double det = R[0] * (R[4] * R[8] - R[5] * R[7]) - R[1] * (R[3] * R[8] - R[5] * R[6]) + R[2] * (R[3] * R[7] - R[4] * R[6]);
    double proper[9], q[4], axis[3];
    for (size_t i = 0; i < 9; i++) proper[i] = det < 0.0 ? -R[i] : R[i];
    quaternion(proper, q);
    double sine = sqrt(q[1] * q[1] + q[2] * q[2] + q[3] * q[3]), angle = 2.0 * atan2(sine, q[0]);
    if (angle < 1e-12) {
        snprintf(buffer, FS_ELEMENT_NAME, "%s", det < 0.0 ? "-1" : "identity");
        return;
    }
    for (size_t i = 0; i < 3; i++) axis[i] = plain(q[i + 1] / sine);
    if (det < 0.0 && M_PI - angle < 1e-12)
        snprintf(buffer, FS_ELEMENT_NAME, "reflection in the plane across (%.4g, %.4g, %.4g)", axis[0], axis[1], axis[2]);
    else
        snprintf(buffer, FS_ELEMENT_NAME, "turn by %.4g about (%.4g, %.4g, %.4g)%s", angle, axis[0], axis[1], axis[2],
                 det < 0.0 ? ", times -1" : "");
}

void fs_group_rotation_name(const fs_group *G, size_t g, char buffer[FS_ELEMENT_NAME])
{
    const double *R = G->matrix + g * G->degree * G->degree;
    if (G->degree == 2) name_plane(R, buffer);
    else name_space(R, buffer);
}
