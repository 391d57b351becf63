/* observe/tube.c -- the constants of Theorem 3 on a tube around E, by search with exact derivatives
 *
 *   along the ray A = X + t y,  phi(t) = R^aug(X + t y):      |phi'''(t)|,   phi'(t) / t,   phi''(t),         |y| = 1, |t| <= delta
 *   in the ball                 lambda_min(H_N(X + t y)) = min over v of <v, H_N(X + t y) v>,                 |v| = 1
 *
 * [NF25, Theorem 3].  Each is an infimum over (y, t) or (y, t, v): one point of the list at a time, a scan of rays (lowest eigenvector of
 * H_N(X), steepest descent, random directions) at equal steps and on falling scales, for what happens near E is nothing on the scale of a wide tube, then
 * descent by GSL's BFGS in (theta, y, v) with t = delta sin(theta), delta no larger than t asks for, and y, v taken at unit length, which leaves no
 * constraint.  Derivatives of higher order are differences of Hessian-vector products, p(e) = Hess R(A + e v) v:
 *
 *   D^3R(A)[v, v, .] = p'(0),   D^4R(A)[v, v, v, .] = p''(0)
 *
 * The places found are kept: what was found on a smaller tube is where the search on a larger one begins, so the values are monotone in delta.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "observe/tube.h"

#include "base/norm.h"
#include "base/rng.h"
#include "observe/transverse.h"

#include <float.h>
#include <gsl/gsl_multimin.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    STARTS = 8,                 /* random directions of each search */
    SMALL = 16,                 /* up to this dim N every ray that is followed is followed to the end */
    KEPT = 96,                  /* rays that are followed, of all points together */
    FINISHED = 6,               /* of these, to the end */
    LONG = 100                  /* steps to the end */
};
/* p'(0) and p''(0) from p(0), p(+-h): errors h^2 / 6 |D^5R| = 2e-9 |D^5R| and u / h^2 |H| = 1e-8 |H|, for gradients and comparisons. */
static const double search_step = 0x1p-13;
/* p'(0) from p(+-h), p(+-h/2) by Richardson: errors h^4 / 480 |D^7R| = 2e-15 |D^7R| and about 4 u / h |H| = 5e-13 |H|, for values. */
static const double value_step = 0x1p-10;
/* Below this t, phi'(t) / t = phi''(t / 2) up to t^2 / 24 |D^4R| = 4e-12 |D^4R|; above it the quotient has an error of at most u / t |grad R| = 1e-11 |grad R|. */
static const double short_ray = 1e-5;

typedef enum { MEAN, RAY, LOWEST, THIRD, QUANTITIES } quantity;

/* One place and the value there; all quantities are minimised, THIRD with the sign turned. */
typedef struct {
    double value;
    size_t point;
    double t;
    double *y, *v;              /* (N) each, one block; v belongs to LOWEST alone */
} place;

typedef struct { size_t count; place *at; } places;

struct fs_tube {
    fs_flow *f;
    size_t n_points, E, N, n;
    size_t starts;
    fs_watch watch;
    double fraction;            /* done of the measurement that runs */
    double *x;                  /* (n_points, E) */
    double *random;             /* (starts, N) unit directions */
    double *lambda, *lambda_error, *low;    /* (n_points), (n_points), (n_points, N): at the points themselves */
    int curved;                 /* these are known */
    int converged;
    double widest;              /* the largest radius that was searched for M3 from all points; negative: none */
    places known[QUANTITIES];   /* the best ones found so far: none is both farther out and no lower than another */
    double *found;              /* (QUANTITIES, N) directions handed out */
    double *w, *near, *z, *Jz;  /* (n) states and products */
    double *Hv, *back, *D3, *D4, *gy, *gv, *unit;   /* (N); unit (2 N) */
};

/* --- values ------------------------------------------------------------------------------- */

/* w = X + t y */
static void state_at(const fs_tube *t, const place *p, double s, double *w)
{
    if (t->E > 0) memcpy(w, t->x + p->point * t->E, t->E * sizeof *w);
    for (size_t i = 0; i < t->N; i++) w[t->E + i] = s * p->y[i];
}

/* Hv = Q_N^T Hess R(w) Q_N v */
static fs_status product(fs_tube *t, const double *w, const double *v, double *Hv)
{
    memset(t->z, 0, t->E * sizeof *t->z);
    memcpy(t->z + t->E, v, t->N * sizeof *t->z);
    FS_TRY(fs_flow_jacobian_product(t->f, w, t->z, t->Jz));
    for (size_t i = 0; i < t->N; i++) Hv[i] = -t->Jz[t->E + i];
    return FS_OK;
}

/* p(h) = Hess R(w + h v) v */
static fs_status product_beside(fs_tube *t, const double *w, const double *v, double h, double *Hv)
{
    memcpy(t->near, w, t->n * sizeof *w);
    for (size_t i = 0; i < t->N; i++) t->near[t->E + i] += h * v[i];
    return product(t, t->near, v, Hv);
}

/* <v, p(h) - p(-h)> / 2h */
static fs_status third_by_step(fs_tube *t, const double *w, const double *v, double h, double *D)
{
    FS_TRY(product_beside(t, w, v, h, t->Hv));
    FS_TRY(product_beside(t, w, v, -h, t->back));
    *D = (fs_dot(t->N, v, t->Hv) - fs_dot(t->N, v, t->back)) / (2.0 * h);
    return FS_OK;
}

/* Hv = H v, D3 = D^3R[v, v, .], D4 = D^4R[v, v, v, .] at t->w */
static fs_status stencil(fs_tube *t, const double *v)
{
    double h = search_step;
    FS_TRY(product(t, t->w, v, t->Hv));
    FS_TRY(product_beside(t, t->w, v, h, t->D3));
    FS_TRY(product_beside(t, t->w, v, -h, t->back));
    for (size_t i = 0; i < t->N; i++) {
        double ahead = t->D3[i], back = t->back[i];
        t->D3[i] = (ahead - back) / (2.0 * h);
        t->D4[i] = ((ahead - t->Hv[i]) - (t->Hv[i] - back)) / (h * h);
    }
    return FS_OK;
}

static fs_status third_value(fs_tube *t, const place *p, double *f)
{
    double D;
    state_at(t, p, p->t, t->w);
    FS_TRY(third_by_step(t, t->w, p->y, search_step, &D));
    *f = -fabs(D);
    return FS_OK;
}

static fs_status third_exact(fs_tube *t, place *p)
{
    double whole, half;
    state_at(t, p, p->t, t->w);
    FS_TRY(third_by_step(t, t->w, p->y, value_step, &whole));
    FS_TRY(third_by_step(t, t->w, p->y, 0.5 * value_step, &half));
    p->value = -fabs((4.0 * half - whole) / 3.0);
    return FS_OK;
}

/* f, its derivatives gy = t->gy, gv = t->gv as if y and v were free, and df/dt */
static fs_status third_gradient(fs_tube *t, const place *p, double *f, double *gt)
{
    state_at(t, p, p->t, t->w);
    FS_TRY(stencil(t, p->y));
    double D = fs_dot(t->N, t->D3, p->y), sign = D < 0.0 ? 1.0 : -1.0;
    *f = sign * D;
    for (size_t i = 0; i < t->N; i++) t->gy[i] = sign * (3.0 * t->D3[i] + p->t * t->D4[i]);
    *gt = sign * fs_dot(t->N, t->D4, p->y);
    return FS_OK;
}

static fs_status ray_value(fs_tube *t, const place *p, double *f)
{
    state_at(t, p, p->t, t->w);
    FS_TRY(product(t, t->w, p->y, t->Hv));
    *f = fs_dot(t->N, p->y, t->Hv);
    return FS_OK;
}

static fs_status ray_gradient(fs_tube *t, const place *p, double *f, double *gt)
{
    state_at(t, p, p->t, t->w);
    FS_TRY(stencil(t, p->y));
    *f = fs_dot(t->N, p->y, t->Hv);
    for (size_t i = 0; i < t->N; i++) t->gy[i] = 2.0 * t->Hv[i] + p->t * t->D3[i];
    *gt = fs_dot(t->N, t->D3, p->y);
    return FS_OK;
}

/* g = grad R(X + t y) in t->Jz; f = <y, g> / t */
static fs_status mean_quotient(fs_tube *t, const place *p, double *f)
{
    state_at(t, p, p->t, t->w);
    FS_TRY(fs_flow_velocity(t->f, t->w, t->Jz));
    *f = -fs_dot(t->N, p->y, t->Jz + t->E) / p->t;
    return FS_OK;
}

static fs_status mean_value(fs_tube *t, const place *p, double *f)
{
    place middle = *p;
    middle.t *= 0.5;
    return fabs(p->t) < short_ray ? ray_value(t, &middle, f) : mean_quotient(t, p, f);
}

static fs_status mean_gradient(fs_tube *t, const place *p, double *f, double *gt)
{
    if (fabs(p->t) < short_ray) {
        place middle = *p;
        middle.t *= 0.5;
        FS_TRY(ray_gradient(t, &middle, f, gt));
        *gt *= 0.5;
        return FS_OK;
    }
    FS_TRY(mean_quotient(t, p, f));
    for (size_t i = 0; i < t->N; i++) t->gy[i] = -t->Jz[t->E + i] / p->t;
    FS_TRY(product(t, t->w, p->y, t->Hv));
    for (size_t i = 0; i < t->N; i++) t->gy[i] += t->Hv[i];
    *gt = (fs_dot(t->N, p->y, t->Hv) - *f) / p->t;
    return FS_OK;
}

static fs_status lowest_value(fs_tube *t, const place *p, double *f)
{
    state_at(t, p, p->t, t->w);
    FS_TRY(product(t, t->w, p->v, t->Hv));
    *f = fs_dot(t->N, p->v, t->Hv);
    return FS_OK;
}

static fs_status lowest_gradient(fs_tube *t, const place *p, double *f, double *gt)
{
    state_at(t, p, p->t, t->w);
    FS_TRY(stencil(t, p->v));
    *f = fs_dot(t->N, p->v, t->Hv);
    for (size_t i = 0; i < t->N; i++) {
        t->gv[i] = 2.0 * t->Hv[i];
        t->gy[i] = p->t * t->D3[i];
    }
    *gt = fs_dot(t->N, t->D3, p->y);
    return FS_OK;
}

/* Above SMALL dimensions `kept` rays are followed for a few steps, `first`, before the best are chosen.  A cubic form is small along almost every
 * direction, so its value there says nothing yet: all rays are followed. */
static const struct {
    const char *stage;
    size_t kept;
    int first;
    fs_status (*value)(fs_tube *t, const place *p, double *f);
    fs_status (*gradient)(fs_tube *t, const place *p, double *f, double *gt);
} quantities[QUANTITIES] = {
    [MEAN]   = { "tube, mean curvature of rays",    24, 16, mean_value,   mean_gradient },
    [RAY]    = { "tube, lowest curvature of rays",  24, 16, ray_value,    ray_gradient },
    [LOWEST] = { "tube, lowest eigenvalue",         24, 16, lowest_value, lowest_gradient },
    [THIRD]  = { "tube, third derivative",          KEPT, 6, third_value,  third_gradient },
};

/* --- places --------------------------------------------------------------------------------- */

static fs_status place_create(const fs_tube *t, place *p)
{
    *p = (place){ .value = (double)INFINITY, .y = fs_calloc(t->N, 2 * sizeof *p->y) };
    if (!p->y) return FS_ENOMEM;
    p->v = p->y + t->N;
    return FS_OK;
}

static void place_copy(const fs_tube *t, place *to, const place *from)
{
    double *block = to->y;
    memcpy(block, from->y, t->N * sizeof *block);
    memcpy(block + t->N, from->v, t->N * sizeof *block);
    *to = *from;
    to->y = block;
    to->v = block + t->N;
}

static void places_clear(places *a)
{
    for (size_t i = 0; i < a->count; i++) free(a->at[i].y);
    free(a->at);
    *a = (places){ 0 };
}

static fs_status places_create(const fs_tube *t, places *a, size_t count)
{
    *a = (places){ .at = fs_calloc(count, sizeof *a->at) };
    if (!a->at) return FS_ENOMEM;
    for (; a->count < count; a->count++) FS_TRY(place_create(t, &a->at[a->count]));
    return FS_OK;
}

/* Puts p, which lies on the tube, into an ascending list in place of its last entry, unless that is lower. */
static void places_offer(const fs_tube *t, places *a, const place *p)
{
    size_t i = a->count - 1;
    if (!(p->value < a->at[i].value)) return;
    place_copy(t, &a->at[i], p);
    for (; i > 0 && a->at[i].value < a->at[i - 1].value; i--) {
        place swap = a->at[i];
        a->at[i] = a->at[i - 1];
        a->at[i - 1] = swap;
    }
}

/* The lowest known place on the tube of this radius; NULL when there is none. */
static const place *best_known(const fs_tube *t, quantity q, double radius)
{
    const place *best = NULL;
    for (size_t i = 0; i < t->known[q].count; i++) {
        const place *p = &t->known[q].at[i];
        if (fabs(p->t) <= radius && (!best || p->value < best->value)) best = p;
    }
    return best;
}

static fs_status remember(fs_tube *t, quantity q, const place *p)
{
    places *a = &t->known[q];
    const place *best = best_known(t, q, fabs(p->t));
    if (!isfinite(p->value) || (best && best->value <= p->value)) return FS_OK;
    size_t kept = 0;
    for (size_t i = 0; i < a->count; i++) {
        if (fabs(a->at[i].t) >= fabs(p->t) && a->at[i].value >= p->value) free(a->at[i].y);
        else a->at[kept++] = a->at[i];
    }
    a->count = kept;
    place *wider = realloc(a->at, (kept + 1) * sizeof *wider);
    if (!wider) return FS_ENOMEM;
    a->at = wider;
    FS_TRY(place_create(t, &a->at[kept]));
    a->count++;
    place_copy(t, &a->at[kept], p);
    return FS_OK;
}

/* --- descent --------------------------------------------------------------------------------- */

/* x = (theta, y, v) for GSL; the last point asked for is kept, because GSL asks for value and gradient one after the other. */
typedef struct {
    fs_tube *tube;
    quantity q;
    double radius;
    place at;                   /* y, v: t->unit */
    size_t dim;
    double *asked, *gradient;   /* (dim) */
    int answered;
    fs_status status;           /* the first failure; nothing is computed afterwards */
} search;

/* The unit vector of raw; returns |raw|. */
static double unit_of(size_t n, const double *raw, double *unit)
{
    double length = fs_norm(n, raw);
    for (size_t i = 0; i < n; i++) unit[i] = raw[i] / length;
    return length;
}

/* Tangential part of g at the unit vector y, by the chain rule over the length. */
static void tangent_of(size_t n, const double *g, const double *y, double length, double *out)
{
    double radial = fs_dot(n, g, y);
    for (size_t i = 0; i < n; i++) out[i] = (g[i] - radial * y[i]) / length;
}

static void ask(search *s, const gsl_vector *x)
{
    fs_tube *t = s->tube;
    if (s->status != FS_OK || (s->answered && memcmp(s->asked, x->data, s->dim * sizeof *s->asked) == 0)) return;
    memcpy(s->asked, x->data, s->dim * sizeof *s->asked);
    double gt, length_y = unit_of(t->N, s->asked + 1, s->at.y), length_v = 1.0;
    if (s->q == LOWEST) length_v = unit_of(t->N, s->asked + 1 + t->N, s->at.v);
    s->at.t = s->radius * sin(s->asked[0]);
    s->status = quantities[s->q].gradient(t, &s->at, &s->at.value, &gt);
    if (s->status == FS_OK) s->status = fs_watch_report(&t->watch, quantities[s->q].stage, t->fraction);
    if (s->status != FS_OK) return;
    s->gradient[0] = gt * s->radius * cos(s->asked[0]);
    tangent_of(t->N, t->gy, s->at.y, length_y, s->gradient + 1);
    if (s->q == LOWEST) tangent_of(t->N, t->gv, s->at.v, length_v, s->gradient + 1 + t->N);
    s->answered = 1;
}

static double ask_value(const gsl_vector *x, void *context)
{
    search *s = context;
    ask(s, x);
    return s->status == FS_OK ? s->at.value : (double)NAN;
}

static void ask_gradient(const gsl_vector *x, void *context, gsl_vector *g)
{
    search *s = context;
    ask(s, x);
    memcpy(g->data, s->gradient, s->dim * sizeof *s->gradient);
}

static void ask_both(const gsl_vector *x, void *context, double *f, gsl_vector *g)
{
    *f = ask_value(x, context);
    ask_gradient(x, context, g);
}

/* The angle of p's t, off the ends, where the derivative by the angle is zero whatever the one by t is. */
static double start_angle(const place *p, double radius)
{
    static const double inside = 0.999;
    double sine = radius > 0.0 ? p->t / radius : 0.0;
    return asin(sine > inside ? inside : sine < -inside ? -inside : sine);
}

/* At most `steps` steps down from p, which only ever gets lower, for |t| <= radius. */
static fs_status descend_within(fs_tube *t, quantity q, double radius, int steps, place *p)
{
    static const double flat = 1e-7;            /* of the gradient, relative to the value; the value's own error is of second order in it */
    size_t dim = 1 + (q == LOWEST ? 2 : 1) * t->N;
    search s = { .tube = t, .q = q, .radius = radius, .at = { .point = p->point, .y = t->unit, .v = t->unit + t->N }, .dim = dim,
                 .asked = fs_calloc(dim, 2 * sizeof *s.asked) };
    gsl_vector *x = gsl_vector_alloc(dim);
    gsl_multimin_fdfminimizer *m = gsl_multimin_fdfminimizer_alloc(gsl_multimin_fdfminimizer_vector_bfgs2, dim);
    fs_status status = FS_ENOMEM;
    if (!s.asked || !x || !m) goto done;
    s.gradient = s.asked + dim;
    x->data[0] = start_angle(p, radius);
    memcpy(x->data + 1, p->y, t->N * sizeof *x->data);
    if (q == LOWEST) memcpy(x->data + 1 + t->N, p->v, t->N * sizeof *x->data);
    gsl_multimin_function_fdf F = { ask_value, ask_gradient, ask_both, dim, &s };
    gsl_multimin_fdfminimizer_set(m, &F, x, 0.1, 0.1);
    for (int step = 0, idle = 0; step < steps && s.status == FS_OK && idle < 3; step++) {
        double before = m->f;
        if (fs_norm(dim, m->gradient->data) <= flat * fabs(before) || gsl_multimin_fdfminimizer_iterate(m) != GSL_SUCCESS) break;
        idle = before - m->f > DBL_EPSILON * 16.0 * fabs(before) ? 0 : idle + 1;
    }
    status = s.status;
    if (status == FS_OK && m->f < p->value) {
        unit_of(t->N, m->x->data + 1, p->y);
        if (q == LOWEST) unit_of(t->N, m->x->data + 1 + t->N, p->v);
        p->t = radius * sin(m->x->data[0]);
        p->value = m->f;
    }
done:
    if (m) gsl_multimin_fdfminimizer_free(m);
    if (x) gsl_vector_free(x);
    free(s.asked);
    return status;
}

/* The same on the tube of this radius: where it is wide, steps are measured by where p is, as long as p stays inside. */
static fs_status descend(fs_tube *t, quantity q, double radius, int steps, place *p)
{
    static const double wide = 4.0, narrow = 1.0, inside = 0.9;
    double reach, before;
    do {
        reach = wide * fabs(p->t) > narrow ? wide * fabs(p->t) : narrow;
        if (!(reach < radius)) reach = radius;
        before = p->value;
        FS_TRY(descend_within(t, q, reach, steps, p));
    } while (reach < radius && fabs(p->t) > inside * reach && p->value < before);
    return FS_OK;
}

/* --- scans ----------------------------------------------------------------------------------- */

/* Points on one side of a ray: one an eighth, because weights are of order one; at least 4. */
static long steps_of(double radius)
{
    enum { FEWEST = 4, MOST = 32 };
    double steps = ceil(8.0 * radius);
    return !(radius > 0.0) ? 0 : steps < FEWEST ? FEWEST : steps > MOST ? MOST : (long)steps;
}

/* Points on one side of a ray below the first of equal steps: halves of it down to a thousandth of the radius, or of the order of weights. */
static long halves_of(double radius)
{
    static const double least = 0x1p-10;
    long steps = steps_of(radius), halves = 0;
    double bottom = least * (radius < 1.0 ? radius : 1.0);
    for (double s = steps > 0 ? 0.5 * radius / (double)steps : 0.0; s >= bottom && s > 0.0; s *= 0.5) halves++;
    return halves;
}

/* Offers the lowest place on the line through X along p->y, both ways, without X itself: where the group turns N over, D^3R is zero there and no
 * descent would leave it. */
static fs_status scan_line(fs_tube *t, quantity q, double radius, place *p, places *kept)
{
    long steps = steps_of(radius), halves = halves_of(radius), sides = steps > 0 ? 2 : 1;
    double first = steps > 0 ? radius / (double)steps : 0.0, best = 0.0, lowest = (double)INFINITY;
    for (long i = 0; i < sides * (steps + halves) || i < 1; i++) {
        long k = i / sides;
        double s = k < steps ? radius * (double)(k + 1) / (double)steps : first * pow(0.5, (double)(k - steps + 1)), value;
        p->t = i % sides == 0 ? -s : s;
        FS_TRY(quantities[q].value(t, p, &value));
        if (value < lowest) {
            lowest = value;
            best = p->t;
        }
    }
    p->t = best;
    p->value = lowest;
    places_offer(t, kept, p);
    return fs_watch_report(&t->watch, quantities[q].stage, t->fraction);
}

/* The direction in which <v, H_N v> changes most at X; zero where it does not. */
static fs_status steepest(fs_tube *t, place *p)
{
    p->t = 0.0;
    state_at(t, p, 0.0, t->w);
    FS_TRY(stencil(t, p->v));
    double length = fs_norm(t->N, t->D3);
    for (size_t i = 0; i < t->N; i++) p->y[i] = length > 0.0 ? -t->D3[i] / length : 0.0;
    return FS_OK;
}

/* The lines through one point.  Every other random one is looked at along itself, not along the lowest eigenvector. */
static fs_status scan_point(fs_tube *t, quantity q, double radius, size_t point, place *p, places *kept)
{
    const double *low = t->low + point * t->N;
    size_t random = t->N > 1 ? t->starts : 0;       /* in one dimension there is one line */
    p->point = point;
    memcpy(p->v, low, t->N * sizeof *p->v);
    FS_TRY(steepest(t, p));
    if (fs_norm(t->N, p->y) > 0.0) FS_TRY(scan_line(t, q, radius, p, kept));
    memcpy(p->y, low, t->N * sizeof *p->y);
    FS_TRY(scan_line(t, q, radius, p, kept));
    for (size_t i = 0; i < random; i++) {
        memcpy(p->y, t->random + i * t->N, t->N * sizeof *p->y);
        memcpy(p->v, i % 2 == 0 ? low : p->y, t->N * sizeof *p->v);
        FS_TRY(scan_line(t, q, radius, p, kept));
    }
    return FS_OK;
}

/* The best lines of every point, so that no point is crowded out, then the best of all. */
static fs_status scan_points(fs_tube *t, quantity q, double radius, double from, double to, place *p, places *kept)
{
    size_t share = kept->count / t->n_points, lines = t->starts + 2;
    places own = { 0 };
    fs_status status = FS_OK;
    for (size_t k = 0; k < t->n_points && status == FS_OK; k++) {
        t->fraction = from + (to - from) * (double)k / (double)t->n_points;
        status = places_create(t, &own, share > lines ? lines : share > 0 ? share : 1);
        if (status == FS_OK) status = scan_point(t, q, radius, k, p, &own);
        for (size_t i = 0; i < own.count && status == FS_OK; i++) places_offer(t, kept, &own.at[i]);
        places_clear(&own);
    }
    return status;
}

/* The line of a known place, looked at along v; on its own tube the place itself is offered as well. */
static fs_status scan_place(fs_tube *t, quantity q, double radius, const place *known, const double *y, const double *v, place *p, places *kept)
{
    p->point = known->point;
    memcpy(p->y, y, t->N * sizeof *p->y);
    memcpy(p->v, v, t->N * sizeof *p->v);
    FS_TRY(scan_line(t, q, radius, p, kept));
    if (fabs(known->t) > radius) return FS_OK;
    p->t = known->t;
    FS_TRY(quantities[q].value(t, p, &p->value));
    places_offer(t, kept, p);
    return FS_OK;
}

/* Places known for this quantity on any tube, and for those it is bounded by or has to do with. */
static fs_status scan_known(fs_tube *t, quantity q, double radius, place *p, places *kept)
{
    const places *own = &t->known[q], *mean = &t->known[MEAN], *ray = &t->known[RAY], *low = &t->known[LOWEST];
    for (size_t i = 0; i < own->count; i++) FS_TRY(scan_place(t, q, radius, &own->at[i], own->at[i].y, own->at[i].v, p, kept));
    for (size_t i = 0; q == RAY && i < mean->count; i++) FS_TRY(scan_place(t, q, radius, &mean->at[i], mean->at[i].y, mean->at[i].y, p, kept));
    for (size_t i = 0; q == LOWEST && i < ray->count; i++) FS_TRY(scan_place(t, q, radius, &ray->at[i], ray->at[i].y, ray->at[i].y, p, kept));
    for (size_t i = 0; q == THIRD && i < low->count; i++) {
        FS_TRY(scan_place(t, q, radius, &low->at[i], low->at[i].y, low->at[i].v, p, kept));
        FS_TRY(scan_place(t, q, radius, &low->at[i], low->at[i].v, low->at[i].v, p, kept));
    }
    return FS_OK;
}

/* --- searches --------------------------------------------------------------------------------- */

/* Ends of the interval and its middle are places of their own: descent only comes close. */
static fs_status snap(fs_tube *t, quantity q, double radius, place *p)
{
    const double ends[] = { -radius, 0.0, radius };
    for (size_t i = 0; i < 3; i++) {
        if (!(fabs(p->t - ends[i]) < 1e-4 * radius)) continue;
        place other = *p;
        other.t = ends[i];
        FS_TRY(quantities[q].value(t, &other, &other.value));
        if (other.value <= p->value) *p = other;
    }
    return FS_OK;
}

/* The eigenvalue at the place of a Rayleigh quotient, and down from its eigenvector where that is lower. */
static fs_status lowest_exact(fs_tube *t, double radius, place *p, fs_err *err)
{
    enum { ROUNDS = 4 };
    static const double same = 1e-10;
    for (int round = 0; round < ROUNDS; round++) {
        fs_transverse spectrum;
        double quotient = p->value;
        state_at(t, p, p->t, t->w);
        FS_TRY(fs_transverse_compute(t->f, t->w, &t->watch, &spectrum, t->unit, err));
        if (!spectrum.converged) {
            t->converged = 0;
            return FS_OK;
        }
        p->value = spectrum.lambda_min;
        memcpy(p->v, t->unit, t->N * sizeof *p->v);
        if (quotient - p->value <= same * fabs(quotient) + 4.0 * spectrum.error) return FS_OK;
        FS_TRY(descend(t, LOWEST, radius, LONG, p));
        FS_TRY(snap(t, LOWEST, radius, p));
    }
    return FS_OK;
}

static fs_status settle(fs_tube *t, quantity q, double radius, place *p, fs_err *err)
{
    FS_TRY(snap(t, q, radius, p));
    if (q == THIRD) FS_TRY(third_exact(t, p));
    if (q == LOWEST) FS_TRY(lowest_exact(t, radius, p, err));
    return remember(t, q, p);
}

/* Down from the rays kept, the best of them to the end. */
static fs_status follow(fs_tube *t, quantity q, double radius, places *kept, places *finished, double from, double to, fs_err *err)
{
    int all = t->N <= SMALL;
    size_t count = 0;
    while (count < kept->count && isfinite(kept->at[count].value)) count++;
    for (size_t i = 0; i < count; i++) {
        t->fraction = from + (to - from) * (double)i / (double)count * (all ? 1.0 : 0.5);
        FS_TRY(descend(t, q, radius, all ? LONG : quantities[q].first, &kept->at[i]));
    }
    for (size_t i = 0; i < count; i++) places_offer(t, finished, &kept->at[i]);
    for (size_t i = 0; i < finished->count && isfinite(finished->at[i].value); i++) {
        t->fraction = from + (to - from) * (0.5 + 0.5 * (double)i / FINISHED);
        if (!all) FS_TRY(descend(t, q, radius, LONG, &finished->at[i]));
        FS_TRY(settle(t, q, radius, &finished->at[i], err));
    }
    return FS_OK;
}

/* everywhere: from all points; otherwise only from what is known. */
static fs_status search_tube(fs_tube *t, quantity q, double radius, int everywhere, double from, double to, fs_err *err)
{
    places kept = { 0 }, finished = { 0 };
    place p = { 0 };
    double middle = from + 0.4 * (to - from);
    fs_status status = place_create(t, &p);
    if (status == FS_OK) status = places_create(t, &kept, t->N <= SMALL ? KEPT : quantities[q].kept);
    if (status == FS_OK) status = places_create(t, &finished, FINISHED);
    if (status == FS_OK && everywhere) status = scan_points(t, q, radius, from, middle, &p, &kept);
    if (status == FS_OK) status = scan_known(t, q, radius, &p, &kept);
    if (status == FS_OK) status = follow(t, q, radius, &kept, &finished, middle, to, err);
    if (status == FS_OK && q == THIRD && everywhere && radius > t->widest) t->widest = radius;
    for (size_t i = 0; i < kept.count && status == FS_ESTOPPED; i++) (void)remember(t, q, &kept.at[i]);
    places_clear(&finished);
    places_clear(&kept);
    free(p.y);
    return status;
}

/* --- the points themselves ---------------------------------------------------------------------- */

/* The infima are no higher than at s = 0 along the lowest eigenvector. */
static fs_status remember_point(fs_tube *t, size_t k)
{
    place p = { .value = t->lambda[k], .point = k, .y = t->low + k * t->N, .v = t->low + k * t->N };
    FS_TRY(remember(t, MEAN, &p));
    FS_TRY(remember(t, RAY, &p));
    return remember(t, LOWEST, &p);
}

static fs_status curve(fs_tube *t, fs_err *err)
{
    place p = { .y = t->unit };
    memset(t->unit, 0, t->N * sizeof *t->unit);
    for (size_t k = 0; k < t->n_points && !t->curved; k++) {
        fs_transverse spectrum;
        p.point = k;
        state_at(t, &p, 0.0, t->w);
        FS_TRY(fs_watch_report(&t->watch, "tube, curvature on E", t->fraction));
        FS_TRY(fs_transverse_compute(t->f, t->w, &t->watch, &spectrum, t->low + k * t->N, err));
        t->lambda[k] = spectrum.converged ? spectrum.lambda_min : (double)NAN;
        t->lambda_error[k] = spectrum.error;
        if (spectrum.converged) FS_TRY(remember_point(t, k));
        /* a stopped iteration is no answer: it is asked again next time */
        FS_TRY(fs_watch_report(&t->watch, "tube, curvature on E", t->fraction));
    }
    t->curved = 1;
    return FS_OK;
}

/* c = min lambda; the true minimum lies between the least lower and the least upper end of the intervals lambda +- error. */
static void least_curvature(const fs_tube *t, fs_tube_constants *out)
{
    double c = (double)INFINITY, below = c, above = c;
    for (size_t k = 0; k < t->n_points; k++) {
        double lambda = t->lambda[k], error = t->lambda_error[k];
        if (!isfinite(lambda)) return;
        if (lambda < c) c = lambda;
        if (lambda - error < below) below = lambda - error;
        if (lambda + error < above) above = lambda + error;
    }
    out->c = c;
    out->c_error = c - below > above - c ? c - below : above - c;
}

/* --- interface ----------------------------------------------------------------------------------- */

static fs_status check(const fs_flow *f, const fs_tube_options *o, fs_err *err)
{
    size_t E = fs_flow_dim_E(f);
    if (fs_flow_kind_of(f) != FS_FLOW_AUGMENTED)
        return fs_fail(err, FS_EINPUT, "expected the augmented flow for the constants of Theorem 3, found the %s flow", fs_flow_name(fs_flow_kind_of(f)));
    if (!(fs_flow_gamma(f) == 0.0))
        return fs_fail(err, FS_EINPUT, "expected a flow with gamma = 0 for the constants of Theorem 3, found gamma = %g", fs_flow_gamma(f));
    if (fs_flow_dim(f) == E) return fs_fail(err, FS_EINPUT, "expected dim N > 0, found 0: there is no tube around E");
    if (o->n_points == 0) return fs_fail(err, FS_EINPUT, "expected at least one point of E, found none");
    for (size_t i = 0; i < o->n_points * E; i++)
        if (!isfinite(o->x[i])) return fs_fail(err, FS_EINPUT, "expected finite points of E, found %g at point %zu", o->x[i], i / E);
    return FS_OK;
}

static fs_status draw_directions(fs_tube *t, uint64_t seed)
{
    gsl_rng *rng = fs_rng_stream(seed, FS_STREAM_SEARCH);
    if (!rng) return FS_ENOMEM;
    for (size_t i = 0; i < t->starts + t->n_points; i++) {
        /* an eigenvector that Lanczos does not find is replaced by a random direction */
        double *y = i < t->starts ? t->random + i * t->N : t->low + (i - t->starts) * t->N;
        fs_rng_gaussian(rng, t->N, y);
        unit_of(t->N, y, y);
    }
    gsl_rng_free(rng);
    return FS_OK;
}

fs_status fs_tube_create(fs_tube **out, fs_flow *f, const fs_tube_options *options, fs_err *err)
{
    *out = NULL;
    FS_TRY(check(f, options, err));
    fs_tube *t = fs_calloc(1, sizeof *t);
    if (!t) goto nomem;
    t->f = f;
    t->widest = -1.0;
    t->n_points = options->n_points;
    t->n = fs_flow_dim(f);
    t->E = fs_flow_dim_E(f);
    t->N = t->n - t->E;
    t->starts = options->starts > 0 ? options->starts : STARTS;
    if (options->watch) t->watch = *options->watch;
    t->x = fs_calloc(t->n_points, t->E * sizeof *t->x);
    t->random = fs_calloc(t->starts, t->N * sizeof *t->random);
    t->lambda = fs_calloc(t->n_points, 2 * sizeof *t->lambda);
    t->low = fs_calloc(t->n_points, t->N * sizeof *t->low);
    t->found = fs_calloc(t->N, QUANTITIES * sizeof *t->found);
    t->w = fs_calloc(t->n, 4 * sizeof *t->w);
    t->Hv = fs_calloc(t->N, 8 * sizeof *t->Hv);
    if (!t->x || !t->random || !t->lambda || !t->low || !t->found || !t->w || !t->Hv) goto nomem;
    t->lambda_error = t->lambda + t->n_points;
    t->near = t->w + t->n;
    t->z = t->near + t->n;
    t->Jz = t->z + t->n;
    t->back = t->Hv + t->N;
    t->D3 = t->back + t->N;
    t->D4 = t->D3 + t->N;
    t->gy = t->D4 + t->N;
    t->gv = t->gy + t->N;
    t->unit = t->gv + t->N;
    if (t->E > 0) memcpy(t->x, options->x, t->n_points * t->E * sizeof *t->x);
    if (draw_directions(t, options->seed) != FS_OK) goto nomem;
    *out = t;
    return FS_OK;
nomem:
    fs_tube_destroy(t);
    return fs_fail(err, FS_ENOMEM, "a tube around %zu points in %zu dimensions", options->n_points, fs_flow_dim(f));
}

void fs_tube_destroy(fs_tube *t)
{
    if (!t) return;
    for (size_t q = 0; q < QUANTITIES; q++) places_clear(&t->known[q]);
    free(t->x);
    free(t->random);
    free(t->lambda);
    free(t->low);
    free(t->found);
    free(t->w);
    free(t->Hv);
    free(t);
}

/* The best place as it is handed out: s >= 0, y turned accordingly. */
static void report(fs_tube *t, quantity q, double radius, fs_tube_extreme *out)
{
    const place *p = best_known(t, q, radius);
    double *y = t->found + (size_t)q * t->N;
    *out = (fs_tube_extreme){ .value = (double)NAN, .y = y };
    memset(y, 0, t->N * sizeof *y);
    if (!p) return;
    for (size_t i = 0; i < t->N; i++) y[i] = p->t < 0.0 ? -p->y[i] : p->y[i];
    out->value = q == THIRD ? -p->value : p->value;
    out->point = p->point;
    out->s = fabs(p->t);
}

static fs_status check_radius(double radius, fs_err *err)
{
    if (radius >= 0.0 && radius <= DBL_MAX) return FS_OK;
    return fs_fail(err, FS_EINPUT, "expected a radius of the tube >= 0 and finite, found %g", radius);
}

/* Gives a failure that has no message yet one. */
static fs_status explain(fs_status status, double radius, fs_err *err)
{
    if (status == FS_ENAN) return fs_fail(err, status, "the risk or a derivative is not finite on the tube of radius %g around E", radius);
    if (status == FS_ENOMEM) return fs_fail(err, status, "search on the tube of radius %g around E", radius);
    if (status == FS_ESTOPPED) return fs_fail(err, status, "search on the tube of radius %g around E", radius);
    return status;
}

fs_status fs_tube_measure(fs_tube *t, double radius, fs_tube_constants *out, fs_err *err)
{
    static const double share[QUANTITIES + 1] = { 0.05, 0.2, 0.45, 0.75, 1.0 };       /* of the time, measured */
    *out = (fs_tube_constants){ .radius = radius, .c = (double)NAN, .c_error = (double)NAN };
    FS_TRY(check_radius(radius, err));
    long products = fs_flow_counts_of(t->f).products;
    t->converged = 1;
    t->fraction = 0.0;
    fs_status status = curve(t, err);
    for (size_t q = 0; q < QUANTITIES && status == FS_OK; q++) status = search_tube(t, (quantity)q, radius, 1, share[q], share[q + 1], err);
    if (status != FS_OK && status != FS_ESTOPPED) return explain(status, radius, err);
    out->stopped = status == FS_ESTOPPED;
    if (t->curved) least_curvature(t, out);
    out->converged = t->curved && t->converged && isfinite(out->c);
    report(t, MEAN, radius, &out->hbar_min);
    report(t, RAY, radius, &out->ray_min);
    report(t, LOWEST, radius, &out->lambda_min);
    report(t, THIRD, radius, &out->M3);
    out->products = fs_flow_counts_of(t->f).products - products;
    return FS_OK;
}

fs_status fs_tube_third(fs_tube *t, double radius, double *M3, fs_err *err)
{
    fs_tube_extreme extreme;
    *M3 = (double)NAN;
    FS_TRY(check_radius(radius, err));
    t->fraction = 0.0;
    fs_status status = curve(t, err);
    /* just below a radius that was searched from everywhere, the places found there show the way */
    int everywhere = !(radius <= t->widest && radius >= 0.5 * t->widest);
    if (status == FS_OK) status = search_tube(t, THIRD, radius, everywhere, 0.0, 1.0, err);
    if (status != FS_OK) return explain(status, radius, err);
    report(t, THIRD, radius, &extreme);
    *M3 = extreme.value;
    return FS_OK;
}
