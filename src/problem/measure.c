/* problem/measure.c -- does the augmentation average as Haar measure does?
 *
 * For a product of groups each factor is looked at alone: the rule is a product, and its moments are products of theirs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "problem/measure.h"

#include "base/norm.h"
#include "problem/hypotheses.h"
#include "problem/parts.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Nodes times pairs of directions for the moments on SO(3); what doubling may cost: operations, values, points. */
enum { ZONAL_WORK = 1 << 21, ZONAL_LEAST = 32, ZONAL_MOST = 2048, POINTS = 3 };
static const double operations = 2e9;
static const size_t values = (size_t)1 << 26;

static void judge(fs_hypothesis *h, double value, double n)
{
    h->value = value;
    h->tolerance = 64.0 * n * DBL_EPSILON;
    h->verdict = fs_verdict_judge(value, 0.0, h->tolerance);
}

/* --- finite groups ------------------------------------------------------------------- */

static void compare_weights(fs_hypothesis *h, const fs_group *G, const double *mu)
{
    double worst = 0.0, uniform = 1.0 / (double)fs_group_order(G);
    size_t at = 0;
    char name[FS_ELEMENT_NAME];
    for (size_t g = 0; g < fs_group_points(G) && !isnan(worst); g++) {
        double value = fabs(mu[g] - uniform);
        if (value <= worst) continue;
        worst = value;
        at = g;
    }
    judge(h, worst, 1.0);
    if (!fs_group_is_enumerated(G)) snprintf(h->detail, sizeof h->detail, "%s", fs_group_rule_note(G));
    else if (h->verdict == FS_HOLDS) snprintf(h->detail, sizeof h->detail, "every element");
    else snprintf(h->detail, sizeof h->detail, "g = %s weighs %.6g, not 1/%zu", fs_group_element_name(G, at, name), mu[at], fs_group_order(G));
}

/* --- degrees ------------------------------------------------------------------------- */

int fs_degrees_multiply(fs_products rule, const unsigned char *a, const unsigned char *b, unsigned char *out)
{
    unsigned char product[FS_DEGREES] = { 0 };
    for (size_t k = 0; k < FS_DEGREES; k++)
        for (size_t l = 0; a[k] && l < FS_DEGREES; l++) {
            size_t low = k > l ? k - l : l - k, high = k + l, step = rule == FS_PRODUCTS_SPHERE ? 2 : 1;
            if (!b[l]) continue;
            if (high >= FS_DEGREES) return 0;
            if (rule == FS_PRODUCTS_PLANE && high > low) step = high - low;
            for (size_t m = low; m <= high; m += step) product[m] = 1;
        }
    memcpy(out, product, sizeof product);
    return 1;
}

/* cos of the angle about which a rotation of the plane or of space turns, sin as well for the plane; an improper element of O(2) has the angle of g s,
 * s = diag(-1, 1), one of O(3) that of -g. */
static void angle_of(size_t d, const double *g, int improper, double *cosine, double *sine)
{
    if (d == 2) {                       /* s leaves the second column alone */
        *cosine = g[3];
        *sine = -g[1];
        return;
    }
    double trace = (improper ? -1.0 : 1.0) * (g[0] + g[4] + g[8]);
    *cosine = 0.5 * (trace - 1.0);
    *sine = 0.0;
}

static int is_improper(size_t d, const double *g)
{
    if (d == 2) return g[0] * g[3] - g[1] * g[2] < 0.0;
    return g[0] * (g[4] * g[8] - g[5] * g[7]) - g[1] * (g[3] * g[8] - g[5] * g[6]) + g[2] * (g[3] * g[7] - g[4] * g[6]) < 0.0;
}

int fs_degrees_of(const fs_rep *rho, size_t k, unsigned char *degrees, int *vector)
{
    const fs_group *G = fs_rep_group(rho), *F = fs_group_factor(G, k);
    size_t largest = fs_rep_degree(rho), stride = 1, d;
    double m[FS_DEGREES] = { 0.0 }, whole = 0.0;
    if (largest >= FS_DEGREES) return 0;
    memset(degrees, 0, FS_DEGREES);
    if (vector) *vector = 0;
    if (2 * largest > fs_group_haar_degree(F)) {        /* the nodes cannot tell: any degree */
        memset(degrees, 1, largest + 1);
        return 1;
    }
    for (size_t j = k + 1; j < fs_group_factors(G); j++) stride *= fs_group_points(fs_group_factor(G, j));
    for (size_t g = 0; g < fs_group_points(F); g++) {   /* multiplicities over SO(d) */
        const double *matrix = fs_group_matrix(F, g, &d), weight = fs_group_haar(F)[g];
        double c, s, chi = 1.0, cosines[FS_DEGREES + 1] = { 1.0 };
        if (!(weight > 0.0) || is_improper(d, matrix)) continue;
        angle_of(d, matrix, 0, &c, &s);
        cosines[1] = c;
        for (size_t l = 2; l <= largest; l++) cosines[l] = 2.0 * c * cosines[l - 1] - cosines[l - 2];
        double rho_chi = fs_rep_character(rho, g * stride);
        whole += weight;
        for (size_t l = 0; l <= largest; l++) {         /* chi_l = 2 cos l theta; 1 + 2 sum cos k omega */
            if (l) chi = 2.0 * cosines[l] + (d == 3 ? chi : 0.0);
            m[l] += weight * chi * rho_chi;
        }
    }
    for (size_t l = 0; l <= largest; l++) degrees[l] = !(m[l] <= 0.5 * whole);
    if (vector) *vector = largest == 1 && m[1] < 1.5 * whole;
    return 1;
}

/* The powers of z in a layer with these bits. */
static int apply_powers(fs_products rule, unsigned powers, unsigned char *degrees)
{
    unsigned char result[FS_DEGREES] = { 0 }, power[FS_DEGREES] = { 1 };
    for (; powers; powers >>= 1) {
        for (size_t l = 0; l < FS_DEGREES && (powers & 1u); l++) result[l] |= power[l];
        if (powers > 1u && !fs_degrees_multiply(rule, power, degrees, power)) return 0;
    }
    memcpy(degrees, result, sizeof result);
    return 1;
}

int fs_degrees_of_risk(const fs_problem *p, size_t k, unsigned char *degrees)
{
    unsigned char target[FS_DEGREES];
    int vector, invariant = 1;
    if (p->loss.kind != FS_LOSS_SQUARED) return 0;
    if (!fs_degrees_of(p->stage[0], k, degrees, &vector) || !fs_degrees_of(p->stage[p->n_layers], k, target, NULL)) return 0;
    for (size_t l = 1; l < FS_DEGREES; l++) invariant &= !target[l];
    fs_products rule = fs_group_parameter(fs_group_factor(p->group, k), 0) == 2 ? FS_PRODUCTS_PLANE
                       : vector && invariant                                    ? FS_PRODUCTS_SPHERE
                                                                                : FS_PRODUCTS_SPACE;
    for (size_t i = 0; i < p->n_layers; i++)
        if (!p->powers[i] || !apply_powers(rule, p->powers[i], degrees)) return 0;
    /* |z - g y|^2: the square of the target does not depend on A */
    if (!fs_degrees_multiply(rule, degrees, target, target) || !fs_degrees_multiply(rule, degrees, degrees, degrees)) return 0;
    for (size_t l = 0; l < FS_DEGREES; l++) degrees[l] |= target[l];
    return 1;
}

/* --- moments ------------------------------------------------------------------------- */

static void moments_of_plane(const fs_group *G, const double *mu, size_t largest, double *nu)
{
    size_t d;
    for (size_t l = 0; l <= largest; l++) {
        double c[2] = { 0.0, 0.0 }, s[2] = { 0.0, 0.0 };        /* of rotations; of reflections */
        for (size_t g = 0; g < fs_group_points(G); g++) {
            const double *matrix = fs_group_matrix(G, g, &d);
            double cosine, sine;
            int improper = is_improper(2, matrix);
            if (!(mu[g] > 0.0)) continue;
            angle_of(2, matrix, improper, &cosine, &sine);
            double angle = (double)l * atan2(sine, cosine);
            c[improper] += mu[g] * cos(angle);
            s[improper] += mu[g] * sin(angle);
        }
        nu[l] = hypot(c[0], s[0]) + hypot(c[1], s[1]);
    }
}

static void unit_vector(gsl_rng *rng, double *v)
{
    double size = 0.0;
    while (!(size > 0.0)) {
        fs_rng_gaussian(rng, 3, v);
        size = fs_norm(3, v);
    }
    for (size_t c = 0; c < 3; c++) v[c] /= size;
}

/* sum (largest + 1): of mu(g) P_l(u . g v) over g. */
static void zonal_sums(const fs_group *G, const double *mu, size_t largest, const double *u, const double *v, double *sum)
{
    size_t d;
    memset(sum, 0, (largest + 1) * sizeof *sum);
    for (size_t g = 0; g < fs_group_points(G); g++) {
        if (!(mu[g] > 0.0)) continue;
        const double *m = fs_group_matrix(G, g, &d);
        double t = 0.0, before = 0.0, now = 1.0;
        for (size_t i = 0; i < 3; i++) t += u[i] * (m[3 * i] * v[0] + m[3 * i + 1] * v[1] + m[3 * i + 2] * v[2]);
        if (is_improper(3, m)) t = -t;
        for (size_t l = 0; l <= largest; l++) {
            sum[l] += mu[g] * now;
            double next = ((double)(2 * l + 1) * t * now - (double)l * before) / (double)(l + 1);
            before = now;
            now = next;
        }
    }
}

static void moments_of_space(const fs_group *G, const double *mu, size_t largest, gsl_rng *rng, double *sum, double *nu)
{
    size_t nodes = 0, pairs;
    double u[3], v[3];
    for (size_t g = 0; g < fs_group_points(G); g++) nodes += mu[g] > 0.0;
    pairs = ZONAL_WORK / (nodes ? nodes : 1);
    if (pairs < ZONAL_LEAST) pairs = ZONAL_LEAST;
    if (pairs > ZONAL_MOST) pairs = ZONAL_MOST;
    memset(nu, 0, (largest + 1) * sizeof *nu);
    for (size_t k = 0; k < pairs; k++) {
        unit_vector(rng, u);
        unit_vector(rng, v);
        zonal_sums(G, mu, largest, u, v, sum);
        for (size_t l = 0; l <= largest; l++) nu[l] += sum[l] * sum[l];
    }
    for (size_t l = 0; l <= largest; l++) nu[l] = (double)(2 * l + 1) * sqrt(nu[l] / (double)pairs);
}

fs_status fs_measure_moments(const fs_group *G, const double *mu, size_t largest, gsl_rng *rng, double *nu, fs_err *err)
{
    if (fs_group_parameter(G, 0) == 2) {
        moments_of_plane(G, mu, largest, nu);
        return FS_OK;
    }
    double *sum = fs_calloc(largest + 1, sizeof *sum);
    if (!sum) return fs_fail(err, FS_ENOMEM, "moments up to degree %zu", largest);
    moments_of_space(G, mu, largest, rng, sum, nu);
    free(sum);
    return FS_OK;
}

static size_t count_nodes(const fs_group *G, const double *rule)
{
    size_t nodes = 0;
    for (size_t g = 0; g < fs_group_points(G); g++) nodes += rule[g] > 0.0;
    return nodes;
}

/* "2 and 4" */
static void list_degrees(const unsigned char *degrees, char *text, size_t size)
{
    size_t count = 0, done = 0, used = 0;
    for (size_t l = 1; l < FS_DEGREES; l++) count += degrees[l];
    text[0] = 0;
    for (size_t l = 1; l < FS_DEGREES && used < size; l++) {
        if (!degrees[l]) continue;
        used += (size_t)snprintf(text + used, size - used, "%s%zu", !done ? "" : done + 1 == count ? " and " : ", ", l);
        done++;
    }
}

/* Worst moment of a polynomial risk on factor k, if worse than what h has. */
static fs_status compare_moments(fs_hypothesis *h, const fs_group *F, const double *mu, const unsigned char *degrees, gsl_rng *rng, fs_err *err)
{
    double nu[FS_DEGREES];
    size_t d = fs_group_parameter(F, 0), largest = 0, at = 0;
    char list[100];
    for (size_t l = 0; l < FS_DEGREES; l++)
        if (degrees[l]) largest = l;
    FS_TRY(fs_measure_moments(F, mu, largest, rng, nu, err));
    for (size_t l = 1; l <= largest; l++)
        if (degrees[l] && (!at || !(nu[l] <= nu[at]))) at = l;
    if (h->detail[0] && (isnan(h->value) || (at ? nu[at] <= h->value : 1))) return FS_OK;
    judge(h, at ? nu[at] : 0.0, (double)(2 * largest + 1) + (double)count_nodes(F, mu));
    list_degrees(degrees, list, sizeof list);
    const char *word = d == 2 ? "frequency" : "degree", *words = d == 2 ? "frequencies" : "degrees", *note = fs_group_rule_note(F);
    if (!at) snprintf(h->detail, sizeof h->detail, "the risk is invariant under %s", fs_group_name(F));
    else if (h->verdict == FS_HOLDS) snprintf(h->detail, sizeof h->detail, "%s: right for the %s %s of the risk", note, words, list);
    else snprintf(h->detail, sizeof h->detail, "%s: leaves %s %zu of the risk, |nu| = %.3g", note, word, at, nu[at]);
    return FS_OK;
}

/* --- doubling ------------------------------------------------------------------------ */

/* `count` of the nominal samples, evenly spread. */
static fs_status some_samples(fs_dataset **out, const fs_dataset *d, size_t count, fs_err *err)
{
    FS_TRY(fs_dataset_create(out, count, d->inputs, d->outputs, err));
    for (size_t i = 0; i < count; i++) {
        size_t from = i * d->n / count;
        memcpy((*out)->x + i * d->inputs, d->x + from * d->inputs, d->inputs * sizeof *d->x);
        memcpy((*out)->y + i * d->outputs, d->y + from * d->outputs, d->outputs * sizeof *d->y);
    }
    return FS_OK;
}

/* The risk augmented by one rule, and its scratch. */
typedef struct {
    fs_dataset *data;
    fs_risk *risk;
    fs_risk_work *work;
} augmented;

static fs_status augment(augmented *a, const fs_problem *p, const fs_dataset *some, const double *rule, fs_err *err)
{
    FS_TRY(fs_dataset_create_orbit(&a->data, some, p->stage[0], p->stage[p->n_layers], rule, err));
    FS_TRY(fs_risk_create(&a->risk, p->net, &p->loss, a->data, err));
    return fs_risk_work_create(&a->work, a->risk, 1, 0, err);
}

static void augmented_clear(augmented *a)
{
    fs_risk_work_destroy(a->work);
    fs_risk_destroy(a->risk);
    fs_dataset_destroy(a->data);
}

/* Relative change of Pi_L grad R^aug at a random point where the model starts, `away` from E; NaN where the gradient is not finite. */
static fs_status change_at(const fs_problem *p, const augmented *rule, const augmented *doubled, uint64_t seed, double away, double *work,
                           double *change, fs_err *err)
{
    const fs_basis *basis = p->basis;
    size_t n = basis->n_par, dim = basis->dim_E + basis->dim_N;
    double *A = work, *grad = A + n, *w = grad + n, *first = w + dim;
    FS_TRY(fs_problem_start_state(p, seed, away, w, err));
    fs_basis_expand(basis, w, A);
    fs_status status = fs_risk_gradient(rule->risk, A, NULL, grad, rule->work);
    if (status == FS_OK) fs_basis_project(basis, grad, first);
    if (status == FS_OK) status = fs_risk_gradient(doubled->risk, A, NULL, grad, doubled->work);
    if (status == FS_OK) fs_basis_project(basis, grad, w);
    *change = (double)NAN;
    if (status == FS_ENAN) return FS_OK;
    if (status != FS_OK) return fs_fail(err, status, "the gradient under two rules");
    double size = fs_problem_norm(dim, w);
    for (size_t i = 0; i < dim; i++) first[i] -= w[i];
    double moved = fs_problem_norm(dim, first);
    *change = moved > 0.0 || isnan(moved) ? moved / size : 0.0;
    return FS_OK;
}

static fs_status compare_rules(fs_hypothesis *h, const fs_problem *p, fs_err *err)
{
    const double *twice = fs_group_doubled(p->group);
    const fs_dataset *d = p->data;
    size_t nodes = count_nodes(p->group, p->measure) + (twice ? count_nodes(p->group, twice) : 0);
    size_t dim = p->basis->dim_E + p->basis->dim_N;
    double each = fs_risk_gradient_flops(p->risk) / (double)d->n * (double)nodes, worst = 0.0;
    double away = p->start.distance > 0.0 ? p->start.distance : 1.0;
    if (!twice || nodes > values / (d->inputs + d->outputs)) {
        judge(h, (double)NAN, 1.0);
        snprintf(h->detail, sizeof h->detail, "%s: %s", fs_group_rule_note(p->group), twice ? "the doubled rule is too large" : "there is no finer rule");
        return FS_OK;
    }
    size_t count = d->n, room = values / (d->inputs + d->outputs) / nodes;
    if (count > room) count = room;
    if (!(each * POINTS * (double)count <= operations)) count = (size_t)(operations / (each * POINTS));
    if (!count) count = 1;

    fs_dataset *some = NULL;
    augmented rule = { 0 }, doubled = { 0 };
    double *work = fs_calloc(2 * p->basis->n_par + 2 * dim, sizeof *work);
    fs_status status = work ? some_samples(&some, d, count, err) : fs_fail(err, FS_ENOMEM, "gradients of %zu weights", p->basis->n_par);
    if (status == FS_OK) status = augment(&rule, p, some, p->measure, err);
    if (status == FS_OK) status = augment(&doubled, p, some, twice, err);
    for (size_t i = 0; i < POINTS && status == FS_OK; i++) {
        double change = 0.0;
        status = change_at(p, &rule, &doubled, i + 1, away, work, &change, err);
        if (!isnan(worst) && !(change <= worst)) worst = change;
    }
    augmented_clear(&rule);
    augmented_clear(&doubled);
    fs_dataset_destroy(some);
    free(work);
    FS_TRY(status);
    judge(h, worst, sqrt((double)nodes));       /* rounding errors of a mean over the nodes, which have either sign */
    snprintf(h->detail, sizeof h->detail, "%s%s: change of the gradient under the doubled rule, at |Y| = %.3g", fs_group_rule_note(p->group),
             h->verdict == FS_VIOLATED ? "; raise the degree" : "", away);
    return FS_OK;
}

/* --- the hypothesis ------------------------------------------------------------------ */

fs_status fs_measure_measure(fs_hypothesis *h, const fs_problem *p, gsl_rng *rng, fs_err *err)
{
    const fs_group *G = p->group;
    size_t factors = fs_group_factors(G);
    unsigned char degrees[FS_DEGREES];
    *h = (fs_hypothesis){ .detail = "" };
    if (!fs_group_is_continuous(G)) {
        compare_weights(h, G, p->measure);
        return FS_OK;
    }
    for (size_t k = 0; k < factors; k++) {              /* a factor that is drawn from */
        const fs_group *F = fs_group_factor(G, k);
        if (fs_group_is_continuous(F) || fs_group_is_enumerated(F)) continue;
        compare_weights(h, F, fs_group_rule(F));
        return FS_OK;
    }
    for (size_t k = 0; k < factors; k++)
        if (fs_group_is_continuous(fs_group_factor(G, k)) && !fs_degrees_of_risk(p, k, degrees)) return compare_rules(h, p, err);
    for (size_t k = 0; k < factors; k++) {
        const fs_group *F = fs_group_factor(G, k);
        if (!fs_group_is_continuous(F)) continue;
        fs_degrees_of_risk(p, k, degrees);
        FS_TRY(compare_moments(h, F, factors > 1 ? fs_group_rule(F) : p->measure, degrees, rng, err));
    }
    return FS_OK;
}
