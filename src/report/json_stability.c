/* report/json_stability.c -- the reports of `spectrum` and `critical` as one JSON object
 *
 * Builders note a failure in *bad and go on; the whole is looked at once.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/stability.h"

#include <math.h>

#define NONE ((double)NAN)

static json_t *finished(json_t *object, int bad)
{
    if (!bad) return object;
    json_decref(object);
    return NULL;
}

/* --- one point ------------------------------------------------------------------------- */

/* What a place that was never reached looks like: every field is there. */
static const fs_stationary no_search = {
    .outcome = FS_SEARCH_UNREACHED, .risk = NONE, .distance = NONE, .size = NONE, .residual = NONE, .residual_E = NONE,
    .residual_start = NONE, .tolerance = NONE, .correction = NONE, .t_flow = NONE, .note = "no search was made",
};
static const fs_spectrum no_spectrum = {
    .norm = NONE, .off_EN = NONE, .off_blocks = NONE, .off_tolerance = NONE, .critical = SIZE_MAX, .note = "no spectrum was computed",
    .E = { .lowest = NONE, .lowest_error = NONE, .highest = NONE }, .N = { .lowest = NONE, .lowest_error = NONE, .highest = NONE },
};
static const fs_stability_point no_point = {
    .on_E = FS_POINT_UNKNOWN, .on_L = FS_POINT_UNKNOWN, .shift = NONE, .gamma_critical = NONE, .gamma_error = NONE,
    .verdict = "no point was reached",
};

static json_t *stationary(const fs_stability_point *p, int *bad)
{
    const fs_stationary *s = p->at ? p->at : &no_search;
    json_t *object = json_object();
    *bad |= fs_json_set_text(object, "outcome", fs_search_name(s->outcome));
    *bad |= fs_json_set(object, "by_flow", json_boolean(s->by_flow));
    *bad |= fs_json_set(object, "seed", fs_json_seed(s->seed));
    *bad |= fs_json_set_real(object, "residual", s->residual);
    *bad |= fs_json_set_real(object, "residual_E", s->residual_E);
    *bad |= fs_json_set_real(object, "residual_start", s->residual_start);
    *bad |= fs_json_set_real(object, "tolerance", s->tolerance);
    *bad |= fs_json_set_real(object, "correction", s->correction);
    *bad |= fs_json_set_long(object, "iterations", s->iterations);
    *bad |= fs_json_set_real(object, "risk", s->risk);
    *bad |= fs_json_set_real(object, "size", s->size);
    *bad |= fs_json_set_real(object, "distance", s->distance);
    *bad |= fs_json_set_real(object, "t_flow", s->t_flow);
    *bad |= fs_json_set_long(object, "steps", s->steps);
    *bad |= fs_json_set_text(object, "note", s->note);
    *bad |= fs_json_set_text(object, "kind_on_E", fs_point_name(p->on_E));
    *bad |= fs_json_set_text(object, "kind_on_L", fs_point_name(p->on_L));
    return object;
}

/* Every eigenvalue as often as it occurs; of an incomplete block those that are listed, once each. */
static json_t *repeated(const fs_spectrum_block *b, const double *value, int *bad)
{
    json_t *array = json_array();
    size_t times = b->complete && b->copies ? b->copies : 1;
    for (size_t i = 0; i < b->count * times; i++) fs_json_append(array, fs_json_real(value[i / times]), bad);
    return array;
}

static json_t *values_of(const fs_spectrum *s, int errors, int *bad)
{
    json_t *object = json_object();
    fs_json_put(object, "E", repeated(&s->E, errors ? s->E.error : s->E.value, bad), bad);
    fs_json_put(object, "N", repeated(&s->N, errors ? s->N.error : s->N.value, bad), bad);
    if (s->whole.name[0]) fs_json_put(object, "L", repeated(&s->whole, errors ? s->whole.error : s->whole.value, bad), bad);
    return object;
}

static int set_ends(json_t *object, const fs_spectrum_block *b)
{
    int bad = fs_json_set(object, "complete", json_boolean(b->complete));
    bad |= fs_json_set(object, "lowest_known", json_boolean(b->lowest_known));
    bad |= fs_json_set_real(object, "lowest", b->lowest);
    bad |= fs_json_set_real(object, "lowest_error", b->lowest_error);
    bad |= fs_json_set_real(object, "highest", b->highest);
    bad |= fs_json_set_long(object, "products", b->products);
    return bad;
}

static json_t *ends(const fs_spectrum *s, int *bad)
{
    json_t *object = json_object(), *E = json_object(), *N = json_object();
    *bad |= fs_json_set_count(E, "dim", s->dim_E) | set_ends(E, &s->E) | fs_json_set(object, "E", E);
    *bad |= fs_json_set_count(N, "dim", s->dim_N) | set_ends(N, &s->N) | fs_json_set(object, "N", N);
    return object;
}

static json_t *blocks(const fs_spectrum *s, int *bad)
{
    json_t *array = json_array();
    for (size_t i = 0; i < s->n_blocks; i++) {
        const fs_spectrum_block *b = &s->block[i];
        json_t *one = json_object();
        *bad |= fs_json_set_text(one, "irreducible", b->name);
        *bad |= fs_json_set_count(one, "multiplicity", b->multiplicity);
        *bad |= fs_json_set_count(one, "dim", b->copies);
        *bad |= fs_json_set_text(one, "type", b->type ? fs_type_name((fs_type)b->type) : NULL);
        *bad |= fs_json_set(one, "eigenvalues", fs_json_reals(b->count, b->value));
        *bad |= fs_json_set(one, "errors", fs_json_reals(b->count, b->error));
        *bad |= fs_json_set_real(one, "spread", b->spread);
        *bad |= set_ends(one, b);
        fs_json_append(array, one, bad);
    }
    return array;
}

static json_t *off_block(const fs_spectrum *s, int *bad)
{
    json_t *object = json_object();
    *bad |= fs_json_set_real(object, "E_N", s->off_EN);
    *bad |= fs_json_set_real(object, "irreducibles", s->off_blocks);
    *bad |= fs_json_set_real(object, "tolerance", s->off_tolerance);
    return object;
}

static json_t *inertia(const fs_inertia *count, int complete, int *bad)
{
    json_t *object = json_object();
    *bad |= fs_json_set_count(object, "negative", count->negative);
    *bad |= fs_json_set_count(object, "undecided", count->undecided);
    *bad |= fs_json_set_count(object, "positive", count->positive);
    *bad |= fs_json_set(object, "complete", json_boolean(complete));
    return object;
}

static json_t *flat(const fs_flat *f, int *bad)
{
    json_t *object = json_object();
    *bad |= fs_json_set_count(object, "dim", f->dim);
    *bad |= fs_json_set_count(object, "softmax", f->softmax);
    *bad |= fs_json_set_count(object, "scaling", f->scaling);
    *bad |= fs_json_set_count(object, "unreached", f->unreached);
    *bad |= fs_json_set_count(object, "outputs", f->outputs);
    *bad |= fs_json_set_count(object, "degenerate", f->degenerate);
    *bad |= fs_json_set_text(object, "text", f->text);
    return object;
}

/* {"E": ..., "N": ...} */
static json_t *both(json_t *E, json_t *N, int *bad)
{
    json_t *object = json_object();
    *bad |= fs_json_set(object, "E", E);
    *bad |= fs_json_set(object, "N", N);
    return object;
}

static json_t *method(const fs_spectrum *s, int *bad)
{
    json_t *object = json_object();
    *bad |= fs_json_set_text(object, "method", s->dense ? "dense" : "krylov");
    *bad |= fs_json_set_real(object, "norm", s->norm);
    *bad |= fs_json_set_long(object, "products", s->products);
    *bad |= fs_json_set_text(object, "note", s->note);
    return object;
}

static void set_point(json_t *object, const fs_stability_point *p, int *bad)
{
    const fs_spectrum *s = p->spectrum ? p->spectrum : &no_spectrum;
    fs_json_put(object, "stationary", stationary(p, bad), bad);
    fs_json_put(object, "eigenvalues", values_of(s, 0, bad), bad);
    fs_json_put(object, "errors", values_of(s, 1, bad), bad);
    fs_json_put(object, "ends", ends(s, bad), bad);
    fs_json_put(object, "blocks", blocks(s, bad), bad);
    fs_json_put(object, "spectrum", method(s, bad), bad);
    fs_json_put(object, "off_block", off_block(s, bad), bad);
    fs_json_put(object, "inertia", both(inertia(&p->E, s->E.complete, bad), inertia(&p->N, s->N.complete, bad), bad), bad);
    fs_json_put(object, "flat", both(flat(&p->flat_E, bad), flat(&p->flat_N, bad), bad), bad);
    *bad |= fs_json_set_real(object, "shift", p->shift);
    *bad |= fs_json_set_real(object, "gamma_critical", p->gamma_critical);
    *bad |= fs_json_set_real(object, "gamma_critical_error", p->gamma_error);
    *bad |= fs_json_set_text(object, "irreducible", p->irreducible);
    *bad |= fs_json_set_text(object, "verdict", p->verdict);
}

/* --- spectrum ---------------------------------------------------------------------------- */

static json_t *path(const fs_stability_path *p, int *bad)
{
    json_t *object = json_object(), *exponents = json_array();
    *bad |= fs_json_set(object, "t", fs_json_reals(p->n, p->t));
    *bad |= fs_json_set(object, "risk", fs_json_reals(p->n, p->risk));
    *bad |= fs_json_set(object, "lambda_min", fs_json_reals(p->n, p->lambda_min));
    *bad |= fs_json_set(object, "lambda_error", fs_json_reals(p->n, p->lambda_error));
    for (size_t i = 0; i < p->n; i++)
        fs_json_append(exponents, p->exponents ? fs_json_reals(p->exponents, p->exponent + i * p->exponents) : json_array(), bad);
    *bad |= fs_json_set(object, "exponents", exponents);
    *bad |= fs_json_set(object, "complete", json_boolean(p->complete));
    *bad |= fs_json_set_text(object, "note", p->note);
    return object;
}

json_t *fs_json_stability(const fs_report_head *head, const fs_stability *s)
{
    static const char *const places[] = { [FS_AT_STATIONARY] = "stationary", [FS_AT_START] = "start", [FS_AT_END] = "end" };
    json_t *object = fs_json_head(head), *points = json_array(), *search = json_object();
    int bad = !object;
    bad |= fs_json_set_text(object, "flow", fs_flow_name(s->kind));
    bad |= fs_json_set_real(object, "gamma", s->gamma);
    bad |= fs_json_set_text(object, "at", places[s->where]);
    set_point(object, s->n_points ? &s->point[0] : &no_point, &bad);
    for (size_t i = 0; i < s->n_points; i++) {
        json_t *one = json_object();
        set_point(one, &s->point[i], &bad);
        fs_json_append(points, one, &bad);
    }
    bad |= fs_json_set(object, "points", points);
    bad |= fs_json_set_count(search, "starts", s->starts);
    bad |= fs_json_set_count(search, "missed", s->missed);
    bad |= fs_json_set(object, "search", search);
    fs_json_put(object, "path", path(&s->path, &bad), &bad);
    bad |= fs_json_set(object, "interrupted", json_boolean(s->stopped));
    return finished(object, bad);
}

/* --- critical ------------------------------------------------------------------------------ */

/* bounds or their ratios to gamma_critical; the contract's three first */
static json_t *five(double tube, double bernoulli, double paper, double ray, double lambda, int *bad)
{
    json_t *object = json_object();
    *bad |= fs_json_set_real(object, "tube", tube);
    *bad |= fs_json_set_real(object, "bernoulli", bernoulli);
    *bad |= fs_json_set_real(object, "paper", paper);
    *bad |= fs_json_set_real(object, "ray", ray);
    *bad |= fs_json_set_real(object, "lambda", lambda);
    return object;
}

static json_t *run(const fs_attraction *r, int *bad)
{
    json_t *object = json_object();
    *bad |= fs_json_set_real(object, "gamma", r->gamma);
    *bad |= fs_json_set_text(object, "outcome", fs_attraction_name(r->outcome));
    *bad |= fs_json_set_real(object, "t", r->t);
    *bad |= fs_json_set_real(object, "distance", r->distance);
    *bad |= fs_json_set_real(object, "margin", r->margin);
    *bad |= fs_json_set_real(object, "margin_error", r->margin_error);
    *bad |= fs_json_set_real(object, "speed", r->speed);
    *bad |= fs_json_set(object, "confirmed", json_boolean(r->confirmed));
    *bad |= fs_json_set_long(object, "steps", r->steps);
    *bad |= fs_json_set_text(object, "why", r->why);
    return object;
}

static json_t *constants(const fs_critical_start *s, int *bad)
{
    json_t *object = json_object();
    *bad |= fs_json_set_real(object, "c", s->c);
    *bad |= fs_json_set_real(object, "c_error", s->c_error);
    *bad |= fs_json_set_real(object, "M3", s->M3);
    *bad |= fs_json_set_real(object, "C", 0.5 * s->M3);
    *bad |= fs_json_set_real(object, "K", s->K);
    *bad |= fs_json_set_real(object, "risk_start", s->risk_start);
    return object;
}

/* What the whole report says of one start, and every entry of starts[]. */
static void set_threshold(json_t *object, const fs_critical_start *s, int *bad)
{
    *bad |= fs_json_set_real(object, "distance", s->distance);
    *bad |= fs_json_set_real(object, "gamma_critical", s->gamma_critical);
    *bad |= fs_json_set(object, "bracket", fs_json_reals(2, s->bracket));
    *bad |= fs_json_set(object, "monotone", json_boolean(s->monotone));
    *bad |= fs_json_set(object, "decided", json_boolean(s->decided));
    fs_json_put(object, "bounds", five(s->bound.tube, s->bound.bernoulli, s->bound.paper, s->bound.ray, s->bound.lambda, bad), bad);
    fs_json_put(object, "tightness",
        five(s->tightness.tube, s->tightness.bernoulli, s->tightness.paper, s->tightness.ray, s->tightness.lambda, bad), bad);
}

static json_t *start(const fs_critical_start *s, int *bad)
{
    json_t *object = json_object(), *good = json_array(), *runs = json_array();
    set_threshold(object, s, bad);
    *bad |= fs_json_set(object, "seed", fs_json_seed(s->seed));
    for (size_t i = 0; i < s->n_good; i++) fs_json_append(good, fs_json_reals(2, s->good[i]), bad);
    *bad |= fs_json_set(object, "good", good);
    fs_json_put(object, "constants", constants(s, bad), bad);
    for (size_t i = 0; i < s->n_runs; i++) fs_json_append(runs, run(&s->run[i], bad), bad);
    *bad |= fs_json_set(object, "runs", runs);
    *bad |= fs_json_set_text(object, "note", s->note);
    return object;
}

static json_t *equilibrium(const fs_stability_point *p, int *bad)
{
    const fs_stationary *s = p->at ? p->at : &no_search;
    json_t *object = json_object();
    *bad |= fs_json_set_real(object, "gamma_critical", p->gamma_critical);
    *bad |= fs_json_set_real(object, "error", p->gamma_error);
    *bad |= fs_json_set_text(object, "irreducible", p->irreducible);
    *bad |= fs_json_set_text(object, "outcome", fs_search_name(s->outcome));
    *bad |= fs_json_set_text(object, "kind_on_E", fs_point_name(p->on_E));
    *bad |= fs_json_set_real(object, "risk", s->risk);
    *bad |= fs_json_set_real(object, "residual", s->residual);
    *bad |= fs_json_set_text(object, "verdict", p->verdict);
    return object;
}

/* The first start of the largest distance. */
static const fs_critical_start *farthest(const fs_critical *c)
{
    static const fs_critical_start nothing = {
        .distance = NONE, .gamma_critical = NONE, .bracket = { NONE, NONE }, .bound = { NONE, NONE, NONE, NONE, NONE },
        .tightness = { NONE, NONE, NONE, NONE, NONE },
    };
    const fs_critical_start *far = &nothing;
    for (size_t i = 0; i < c->n_starts; i++)
        if (!(c->start[i].distance <= far->distance)) far = &c->start[i];
    return far;
}

json_t *fs_json_critical(const fs_report_head *head, const fs_critical *c)
{
    const size_t n = c->equilibria ? c->equilibria->n_points : 0;
    json_t *object = fs_json_head(head), *starts = json_array(), *equilibria = json_array();
    int bad = !object;
    set_threshold(object, farthest(c), &bad);
    fs_json_put(object, "equilibrium", equilibrium(n ? &c->equilibria->point[0] : &no_point, &bad), &bad);
    bad |= fs_json_set_real(object, "gamma_gen", c->gamma_gen);
    bad |= fs_json_set_real(object, "gamma_all", c->gamma_all);
    bad |= fs_json_set_real(object, "gen_error", c->gen_error);
    bad |= fs_json_set_text(object, "gen_note", c->gen_note);
    for (size_t i = 0; i < c->n_starts; i++) fs_json_append(starts, start(&c->start[i], &bad), &bad);
    bad |= fs_json_set(object, "starts", starts);
    for (size_t i = 0; i < n; i++) fs_json_append(equilibria, equilibrium(&c->equilibria->point[i], &bad), &bad);
    bad |= fs_json_set(object, "equilibria", equilibria);
    bad |= fs_json_set(object, "applies", json_boolean(c->applies));
    bad |= fs_json_set_text(object, "because", c->because);
    bad |= fs_json_set(object, "interrupted", json_boolean(c->stopped));
    return finished(object, bad);
}
