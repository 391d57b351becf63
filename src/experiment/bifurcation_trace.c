/* experiment/bifurcation_trace.c -- one branch of equilibria: steps along it, the changes of sign on it, and what its ends are
 *
 * Steps are along the tangent and as long as |Y| allows, 2 % of the largest |Y|; they are halved where Newton's method fails or leaves the curve, down to 1e-9
 * of gamma.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/norm.h"
#include "experiment/bifurcation_private.h"
#include "experiment/stability_private.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_STEPS = 600 };
static const double precision = 1e-9;       /* steps in gamma end here, relative to 1 + gamma */
static const double longest = 0.03;         /* of the range, the longest step in gamma */
static const double faraway = 20.0;         /* times the largest event known: branches are followed no farther */
static const double nearly_zero = 1e-6;     /* of the largest event known: a branch that does not reach 0 from there never does */
static const double smooth = FS_DIAGRAM_SMOOTH;
static const double step_hessians = 8.0;    /* the work of one step */
static const double farthest = 0.2;         /* of |Y|, the longest step along the tangent */
static const double unbounded = 1e3;        /* |w| relative to the other end of the branch */

fs_status fs_diagram_no_memory(fs_err *err)
{
    return fs_fail(err, FS_ENOMEM, "a bifurcation diagram");
}

double fs_diagram_scale(const fs_diagram *d)
{
    return d->known > 0.0 ? d->known : 1.0;
}

int fs_diagram_affordable(fs_diagram *d, double hessians, double part)
{
    int within = !(d->o->work > 0.0) || d->work <= part * d->o->work;
    if (within) d->work += hessians * d->hessian;
    else d->cut = 1;
    return within;
}

/* --- seeds and nodes --------------------------------------------------------------------------------- */

fs_status fs_diagram_plant(fs_diagram *d, const double *w, double gamma, size_t copies, size_t branch, int end, fs_err *err)
{
    if (d->n_seeds == d->room) {
        size_t room = 2 * d->room + 16;
        fs_diagram_seed *more = realloc(d->seed, room * sizeof *more);
        if (!more) return fs_diagram_no_memory(err);
        d->seed = more;
        d->room = room;
    }
    fs_diagram_seed *s = &d->seed[d->n_seeds];
    *s = (fs_diagram_seed){ .gamma = gamma, .w = fs_calloc(d->trace.n, sizeof *s->w), .copies = copies, .branch = branch, .end = end };
    if (!s->w) return fs_diagram_no_memory(err);
    memcpy(s->w, w, d->trace.n * sizeof *w);
    d->n_seeds++;
    return FS_OK;
}

fs_status fs_diagram_node(fs_bifurcation_node *node, size_t n, fs_err *err)
{
    *node = (fs_bifurcation_node){ .at.w = fs_calloc(n, sizeof *node->at.w) };
    return node->at.w ? FS_OK : fs_diagram_no_memory(err);
}

/* *to holds its own w (n). */
void fs_diagram_copy(fs_bifurcation_node *to, const fs_bifurcation_node *from, size_t n)
{
    double *w = to->at.w;
    memcpy(w, from->at.w, n * sizeof *w);
    *to = *from;
    to->at.w = w;
}

static fs_status append(fs_diagram *d, const fs_bifurcation_node *node, fs_err *err)
{
    fs_bifurcation_branch *b = d->b;
    if (b->n == d->b_room) {
        size_t room = 2 * d->b_room + 32;
        fs_bifurcation_node *more = realloc(b->node, room * sizeof *more);
        if (!more) return fs_diagram_no_memory(err);
        b->node = more;
        d->b_room = room;
    }
    FS_TRY(fs_diagram_node(&b->node[b->n], d->trace.n, err));
    fs_diagram_copy(&b->node[b->n++], node, d->trace.n);
    if (node->at.distance > d->height) d->height = node->at.distance;
    return FS_OK;
}

static int by_gamma(const void *a, const void *b)
{
    const fs_branch_node *x = &((const fs_bifurcation_node *)a)->at, *y = &((const fs_bifurcation_node *)b)->at;
    if (x->gamma < y->gamma || x->gamma > y->gamma) return x->gamma < y->gamma ? -1 : 1;
    return (x->distance > y->distance) - (x->distance < y->distance);
}

/* --- steps ------------------------------------------------------------------------------------------------ */

/* |to - from - step (t + t') / 2| is a tenth of the step at most, and tangents and step point the same way: so it is on a smooth curve.  Where Newton's method jumps
 * onto another branch, one that it ends on for instance, it is not. */
static int is_smooth(size_t n, const double *from, const double *t, const double *to, const double *t_to, double step)
{
    double way = 0.0, missed = 0.0, at_from = 0.0, at_to = 0.0, both = 0.0, along_from = 0.0, along_to = 0.0;
    for (size_t i = 0; i < n; i++) {
        double d = to[i] - from[i], a = step * t[i], b = step * t_to[i], e = d - 0.5 * (a + b);
        way += d * d;
        missed += e * e;
        at_from += a * a;
        at_to += b * b;
        both += a * b;
        along_from += a * d;
        along_to += b * d;
    }
    double noise = 1e-9 * (1.0 + fs_norm(n, to));
    if (sqrt(way) <= noise && sqrt(at_from) <= noise && sqrt(at_to) <= noise) return 1;
    return missed <= 0.01 * way && both >= 0.5 * sqrt(at_from * at_to) && along_from >= 0.5 * sqrt(at_from * way) && along_to >= 0.5 * sqrt(at_to * way);
}

/* From `from` with its tangent t; t_to is the tangent of *to. */
static fs_status step(fs_diagram *d, const fs_bifurcation_node *from, const double *t, double gamma, fs_bifurcation_node *to, double *t_to, int *found, fs_err *err)
{
    size_t n = d->trace.n;
    double h = gamma - from->at.gamma;
    fs_branch_node guess = from->at;
    *found = 0;
    if (!(fabs(h) * fs_norm(n, t) <= farthest * from->at.distance)) return FS_OK;
    guess.w = d->guess;
    for (size_t i = 0; i < n; i++) guess.w[i] = from->at.w[i] + h * t[i];
    FS_TRY(fs_branch_step(&d->trace, &guess, gamma, &to->at, found, err));
    if (!*found) return FS_OK;
    fs_branch_tangent(&d->trace, &to->at, t_to);
    *found = is_smooth(n, from->at.w, t, to->at.w, t_to, h);
    return *found ? fs_branch_judge(&d->trace, &to->at, &to->is, err) : FS_OK;
}

/* Between the nodes a and b, at a gamma between theirs. */
fs_status fs_diagram_step_between(fs_diagram *d, const fs_branch_node *a, const fs_branch_node *b, double gamma, fs_branch_node *to, int *found, fs_err *err)
{
    size_t n = d->trace.n;
    double part = b->gamma > a->gamma || b->gamma < a->gamma ? (gamma - a->gamma) / (b->gamma - a->gamma) : 0.0, way = fs_frobenius(n, a->w, b->w);
    fs_branch_node guess = *a;
    guess.w = d->guess;
    for (size_t i = 0; i < n; i++) guess.w[i] = (1.0 - part) * a->w[i] + part * b->w[i];
    guess.distance = fs_norm(n - d->trace.E, guess.w + d->trace.E);
    FS_TRY(fs_branch_step(&d->trace, &guess, gamma, to, found, err));
    *found = *found && fs_frobenius(n, to->w, d->guess) <= 0.5 * way + 1e-9 * (1.0 + fs_norm(n, to->w));
    return FS_OK;
}

/* Both have the same zeros, so that a different number of negative eigenvalues is a change of sign between them. */
static int changes(const fs_bifurcation_node *a, const fs_bifurcation_node *b)
{
    return a->is.signs.undecided == b->is.signs.undecided && a->is.signs.negative != b->is.signs.negative;
}

static int below(const fs_bifurcation_node *a, const fs_bifurcation_node *b)
{
    return a->at.gamma < b->at.gamma;
}

fs_status fs_diagram_add_event(fs_diagram *d, const fs_bifurcation_event *event, fs_err *err)
{
    fs_bifurcation_event *more = realloc(d->out->event, (d->out->n_events + 1) * sizeof *more);
    if (!more) return fs_diagram_no_memory(err);
    d->out->event = more;
    more[d->out->n_events++] = *event;
    if (event->gamma > d->known && event->gamma <= DBL_MAX) d->known = event->gamma;
    return FS_OK;
}

/* Eigenvalues change sign between a and b; both are moved to where the one next to a does. */
static fs_status bisect(fs_diagram *d, fs_bifurcation_node *a, fs_bifurcation_node *b, fs_err *err)
{
    fs_bifurcation_node middle;
    FS_TRY(fs_diagram_node(&middle, d->trace.n, err));
    fs_status status = FS_OK;
    while (fabs(b->at.gamma - a->at.gamma) > precision * (1.0 + a->at.gamma) && !d->trace.stopped) {
        int found;
        status = fs_diagram_step_between(d, &a->at, &b->at, 0.5 * (a->at.gamma + b->at.gamma), &middle.at, &found, err);
        if (status == FS_OK && found) status = fs_branch_judge(&d->trace, &middle.at, &middle.is, err);
        if (status != FS_OK || !found || middle.is.signs.undecided != a->is.signs.undecided) break;
        fs_diagram_copy(changes(a, &middle) ? b : a, &middle, d->trace.n);
    }
    free(middle.at.w);
    return status;
}

/* All changes of sign between node `from` of d->b and b, with the nodes beside them. */
static fs_status note_changes(fs_diagram *d, size_t from, const fs_bifurcation_node *b, fs_err *err)
{
    double start = d->b->node[from].at.gamma;
    fs_bifurcation_node near = { 0 }, far = { 0 };
    fs_status status = fs_diagram_node(&near, d->trace.n, err);
    if (status == FS_OK) status = fs_diagram_node(&far, d->trace.n, err);
    if (status == FS_OK) fs_diagram_copy(&near, &d->b->node[from], d->trace.n);
    for (size_t i = 0; status == FS_OK && i < d->trace.n && changes(&near, b) && !d->trace.stopped; i++) {
        fs_diagram_copy(&far, b, d->trace.n);
        status = bisect(d, &near, &far, err);
        if (status == FS_OK && near.at.gamma != start) status = append(d, &near, err);
        if (status == FS_OK && far.at.gamma != b->at.gamma) status = append(d, &far, err);
        if (status != FS_OK) break;
        const fs_bifurcation_node *low = below(&near, &far) ? &near : &far, *high = low == &near ? &far : &near;
        fs_bifurcation_event event = {
            .kind = FS_EVENT_STABILITY, .gamma = 0.5 * (low->at.gamma + high->at.gamma), .error = 0.5 * (high->at.gamma - low->at.gamma),
            .distance = 0.5 * (low->at.distance + high->at.distance), .branch = { (size_t)(d->b - d->out->branch), SIZE_MAX }, .equilibrium = SIZE_MAX,
            .negative = { low->is.signs.negative, high->is.signs.negative },
        };
        status = fs_diagram_add_event(d, &event, err);
        fs_diagram_copy(&near, &far, d->trace.n);
    }
    free(near.at.w);
    free(far.at.w);
    return status;
}

/* --- the end of a branch ------------------------------------------------------------------------------------ */

/* The irreducible of the eigenvalue of H_N at this point that is next to -gamma. */
static void name_irreducible(const fs_stability_point *point, double gamma, char irreducible[48])
{
    const fs_spectrum *S = point->spectrum;
    double nearest = 1e-6 * (1.0 + gamma);
    if (!S) return;
    for (size_t k = S->n_blocks && S->block[0].dim == S->E.dim; k < S->n_blocks; k++)
        for (size_t i = 0; i < S->block[k].count; i++)
            if (fabs(S->block[k].value[i] + gamma) <= nearest) {
                nearest = fabs(S->block[k].value[i] + gamma);
                snprintf(irreducible, 48, "%.47s", S->block[k].name);
            }
}

static fs_status ends_on_E(fs_diagram *d, const fs_bifurcation_node *at, fs_bifurcation_end *end, fs_err *err)
{
    const fs_stability *E = d->out->equilibria;
    if (!fs_branch_is_beside_E(&d->trace, &at->at)) return FS_OK;
    fs_branch_junction j = { .w = fs_calloc(d->trace.n, sizeof *j.w) };
    if (!j.w) return fs_diagram_no_memory(err);
    fs_status status = fs_branch_join(&d->trace, &at->at, &j, err);
    if (status == FS_OK && j.found) {
        *end = (fs_bifurcation_end){ .kind = FS_BRANCH_JOINS_E, .gamma = fabs(j.gamma) <= j.error ? 0.0 : j.gamma, .error = j.error, .partner = SIZE_MAX };
        for (size_t i = 0; i < E->n_points && end->partner == SIZE_MAX; i++) {
            const fs_stationary *point = E->point[i].at;
            /* an image of it under what leaves E and the risk as they are is as good */
            if (point->outcome != FS_SEARCH_FOUND || !(fabs(point->risk - j.risk) <= 1e-9 * (1.0 + fabs(j.risk)))) continue;
            name_irreducible(&E->point[i], j.gamma, end->irreducible);
            if (end->irreducible[0] || fabs(E->point[i].gamma_critical - j.gamma) <= 1e-6 * (1.0 + j.gamma)) end->partner = i;
        }
    }
    free(j.w);
    return status;
}

/* Beyond a fold at *at lies the other branch, as far from it as this one: it is planted, and *found. */
static fs_status reflect(fs_diagram *d, const fs_bifurcation_node *at, int side, int *found, fs_err *err)
{
    size_t n = d->trace.n;
    double size = 1.0 + fs_norm(n, at->at.w);
    fs_branch_node guess = at->at, there = { 0 };
    *found = 0;
    double *w = fs_calloc(n, 2 * sizeof *w);
    if (!w) return fs_diagram_no_memory(err);
    guess.w = w;
    there.w = w + n;
    fs_status status = FS_OK;
    static const double away[] = { 3e-3, 1e-2, 3e-2, 1e-3, 3e-4 };
    for (size_t k = 0; k < sizeof away / sizeof *away && status == FS_OK && !*found && !d->trace.stopped; k++) {
        /* the nearest node at least so far away, from the end back */
        const fs_bifurcation_node *back = NULL;
        for (size_t i = d->b->n; i-- > 0 && !back;)
            if (fs_frobenius(n, d->b->node[i].at.w, at->at.w) >= away[k] * size) back = &d->b->node[i];
        if (!back) continue;
        double way = fs_frobenius(n, back->at.w, at->at.w);
        for (size_t i = 0; i < n; i++) guess.w[i] = 2.0 * at->at.w[i] - back->at.w[i];
        guess.distance = fs_norm(n - d->trace.E, guess.w + d->trace.E);
        status = fs_branch_step(&d->trace, &guess, back->at.gamma, &there, found, err);
        if (status == FS_OK && *found) *found = fs_frobenius(n, there.w, guess.w) <= 0.5 * way;
        if (status == FS_OK && *found) status = fs_diagram_plant(d, there.w, back->at.gamma, 1, (size_t)(d->b - d->out->branch), side, err);
    }
    free(w);
    return status;
}

/* Grows by about as much in the last decade of gamma as in the one before: like log(1 / gamma), or faster. */
static int runs_away(const fs_diagram *d, const fs_bifurcation_node *at)
{
    double size[2] = { 0 }, here = fs_norm(d->trace.n, at->at.w);
    int known = 0;
    for (size_t i = 0; i < d->b->n; i++) {
        const fs_branch_node *node = &d->b->node[i].at;
        if (node->gamma < 100.0 * at->at.gamma && known < 1) {
            size[0] = fs_norm(d->trace.n, node->w);
            known = 1;
        }
        if (node->gamma < 10.0 * at->at.gamma && known < 2) {
            size[1] = fs_norm(d->trace.n, node->w);
            known = 2;
        }
    }
    return known == 2 && here - size[1] > 0.3 * (size[1] - size[0]) && size[1] - size[0] > 1e-3 * size[0];
}

/* Whether equilibria go on beside *at beyond its end, those of another branch: one is planted, *away from it in gamma. */
static fs_status goes_through(fs_diagram *d, const fs_bifurcation_node *at, int side, double *away, int *found, fs_err *err)
{
    static const double beyond[] = { 1e-7, 1e-6, 1e-5 };
    fs_branch_node there = { .w = fs_calloc(d->trace.n, sizeof *there.w) };
    fs_status status = there.w ? FS_OK : fs_diagram_no_memory(err);
    *found = 0;
    for (size_t k = 0; k < sizeof beyond / sizeof *beyond && status == FS_OK && !*found; k++) {
        double gamma = at->at.gamma + (side ? beyond[k] : -beyond[k]) * (1.0 + at->at.gamma);
        if (!(gamma >= 0.0)) break;
        status = fs_branch_step(&d->trace, &at->at, gamma, &there, found, err);
        *away = fabs(gamma - at->at.gamma);
        *found = *found && fs_frobenius(d->trace.n, there.w, at->at.w) <= smooth * at->at.distance;
        if (*found && status == FS_OK) status = fs_diagram_plant(d, there.w, gamma, 1, (size_t)(d->b - d->out->branch), side, err);
    }
    free(there.w);
    return status;
}

/* *at is the last node on this side, and no step longer than h leads on. */
static fs_status conclude(fs_diagram *d, const fs_bifurcation_node *at, int side, double h, fs_err *err)
{
    fs_bifurcation_end *end = &d->b->end[side];
    size_t n = d->trace.n;
    double away = 0.0;
    int found;
    *end = (fs_bifurcation_end){ .kind = FS_BRANCH_LOST, .gamma = at->at.gamma, .error = h, .distance = at->at.distance, .partner = SIZE_MAX };
    FS_TRY(ends_on_E(d, at, end, err));
    if (end->kind != FS_BRANCH_LOST || d->trace.stopped) return FS_OK;
    FS_TRY(goes_through(d, at, side, &away, &found, err));
    if (found) {
        end->kind = FS_BRANCH_MEETS;
        end->error = away;          /* still there at *at, and so far away only the other one is */
        return FS_OK;
    }
    FS_TRY(reflect(d, at, side, &found, err));
    if (found) {
        end->kind = FS_BRANCH_FOLD;
        end->gamma += side ? h : -h;
        end->error = 8.0 * h;       /* steps are refused for leaving the curve before they are for ending nowhere */
        return FS_OK;
    }
    int beside_0 = !side && at->at.gamma < 1e3 * nearly_zero * fs_diagram_scale(d);
    if ((beside_0 && runs_away(d, at)) || fs_norm(n, at->at.w) > unbounded * (1.0 + fs_norm(n, d->b->node[0].at.w))) end->kind = FS_BRANCH_INFINITY;
    return FS_OK;
}

/* --- one branch ------------------------------------------------------------------------------------------------ */

double fs_diagram_end(const fs_diagram *d, int side)
{
    if (d->o->n_gamma) return d->o->gamma[side ? d->o->n_gamma - 1 : 0];
    return side ? faraway * fs_diagram_scale(d) : 0.0;
}

/* Someone who walks along d->b. */
typedef struct {
    int side;                   /* 1: to larger gammas, 0: to smaller */
    fs_bifurcation_node at, next;
    double *t, *t_next;         /* (dim L) their tangents */
    double h;
    size_t judged;              /* the node with whose signs the next ones are compared: one with as few zeros as there were */
} walker;

static void walker_clear(walker *w)
{
    free(w->at.at.w);
    free(w->next.at.w);
    free(w->t);
    free(w->t_next);
}

/* At the last node of d->b. */
static fs_status walker_create(fs_diagram *d, walker *w, int side, fs_err *err)
{
    size_t n = d->trace.n;
    int stands;
    *w = (walker){ .side = side, .t = fs_calloc(n, sizeof *w->t), .t_next = fs_calloc(n, sizeof *w->t_next), .judged = d->b->n - 1 };
    if (!w->t || !w->t_next) return fs_diagram_no_memory(err);
    FS_TRY(fs_diagram_node(&w->at, n, err));
    FS_TRY(fs_diagram_node(&w->next, n, err));
    fs_diagram_copy(&w->at, &d->b->node[w->judged], n);
    FS_TRY(fs_branch_step(&d->trace, &w->at.at, w->at.at.gamma, &w->next.at, &stands, err));
    if (stands) fs_branch_tangent(&d->trace, &w->at.at, w->t);
    w->h = 0.25 * longest * (fs_diagram_scale(d) + w->at.at.gamma);
    return FS_OK;
}

/* To w->next, which becomes a node. */
static fs_status advance(fs_diagram *d, walker *w, fs_err *err)
{
    double *spent = w->t, most = longest * (fs_diagram_scale(d) + w->next.at.gamma);
    if (changes(&d->b->node[w->judged], &w->next)) FS_TRY(note_changes(d, w->judged, &w->next, err));
    if (w->next.is.signs.undecided <= d->b->node[w->judged].is.signs.undecided) w->judged = d->b->n;
    FS_TRY(append(d, &w->next, err));
    fs_diagram_copy(&w->at, &w->next, d->trace.n);
    w->t = w->t_next;
    w->t_next = spent;
    w->h = 1.5 * w->h < most ? 1.5 * w->h : most;
    return FS_OK;
}

/* Steps until there is a reason to stop: then *ended is how, and where no step leads on `lost`, which is still to be told. */
static fs_status walk(fs_diagram *d, walker *w, double smallest, fs_branch_end_kind *ended, fs_err *err)
{
    const double limit = fs_diagram_end(d, w->side);
    *ended = FS_BRANCH_GOES_ON;
    for (int k = 0; k < MOST_STEPS; k++) {
        int found;
        const double gamma = w->at.at.gamma, left = fabs(limit - gamma), least = precision * (1.0 + gamma);
        if (fs_watch_report(d->o->watch, "following an equilibrium off E", -1.0) != FS_OK) d->trace.stopped = 1;
        if (!(left > 0.0) || d->trace.stopped || !fs_diagram_affordable(d, step_hessians, 1.0)) return FS_OK;
        if (!w->side && !(limit > 0.0) && gamma < nearly_zero * fs_diagram_scale(d) && runs_away(d, &w->at)) {
            *ended = FS_BRANCH_INFINITY;
            return FS_OK;
        }
        /* what cannot be followed at all is given up sooner */
        if (!(w->h > (d->b->n == 1 && smallest > least ? smallest : least))) {
            *ended = FS_BRANCH_LOST;
            return FS_OK;
        }
        if (w->h > left) w->h = left;
        FS_TRY(step(d, &w->at, w->t, w->h < left ? gamma + (w->side ? w->h : -w->h) : limit, &w->next, w->t_next, &found, err));
        int coarse = found && fabs(w->next.at.distance - w->at.at.distance) > smooth * d->height && w->h > 1e3 * least;
        if (found && !coarse) FS_TRY(advance(d, w, err));
        else w->h *= 0.5;
    }
    return FS_OK;
}

/* From the last node of d->b to larger (side = 1) or smaller gammas. */
static fs_status follow(fs_diagram *d, int side, double smallest, fs_err *err)
{
    walker w;
    fs_branch_end_kind ended = FS_BRANCH_GOES_ON;
    fs_status status = walker_create(d, &w, side, err);
    if (status == FS_OK) status = walk(d, &w, smallest, &ended, err);
    if (status == FS_OK && ended == FS_BRANCH_LOST) status = conclude(d, &w.at, side, w.h, err);
    else if (status == FS_OK)
        d->b->end[side] = (fs_bifurcation_end){ .kind = ended, .gamma = w.at.at.gamma, .distance = w.at.at.distance, .partner = SIZE_MAX };
    walker_clear(&w);
    return status;
}

/* The nodes in the opposite order: they go on from where they began. */
static void turn_round(fs_bifurcation_branch *b)
{
    for (size_t i = 0; 2 * i + 1 < b->n; i++) {
        fs_bifurcation_node node = b->node[i];
        b->node[i] = b->node[b->n - 1 - i];
        b->node[b->n - 1 - i] = node;
    }
}

void fs_diagram_clear_branch(fs_bifurcation_branch *b)
{
    for (size_t i = 0; i < b->n; i++) free(b->node[i].at.w);
    free(b->node);
    *b = (fs_bifurcation_branch){ 0 };
}

/* Not followed anywhere: one of a continuum. */
static fs_status keep_alone(fs_diagram *d, fs_err *err)
{
    fs_bifurcation *out = d->out;
    if (out->n_alone < FS_DIAGRAM_ALONE) {
        FS_TRY(fs_diagram_node(&out->alone[out->n_alone], d->trace.n, err));
        fs_diagram_copy(&out->alone[out->n_alone++], &d->b->node[0], d->trace.n);
    }
    fs_diagram_clear_branch(d->b);
    out->n_branches--;
    return FS_OK;
}

/* A branch that ends on another does so where an eigenvalue of that one changes its sign: what is known of the place is what is known of that change.  Steps end
 * earlier, where the eigenvalue that they share is too small for a tangent. */
static void settle_meeting(const fs_bifurcation *b, fs_bifurcation_end *end)
{
    const fs_bifurcation_event *nearest = NULL;
    for (size_t i = 0; i < b->n_events && end->partner != SIZE_MAX; i++) {
        const fs_bifurcation_event *e = &b->event[i];
        if (e->kind != FS_EVENT_STABILITY || e->branch[0] != end->partner || !(fabs(e->gamma - end->gamma) <= e->error + end->error)) continue;
        if (!nearest || fabs(e->gamma - end->gamma) < fabs(nearest->gamma - end->gamma)) nearest = e;
    }
    if (!nearest || !(nearest->error < end->error)) return;
    end->gamma = nearest->gamma;
    end->error = nearest->error;
    end->distance = nearest->distance;
}

fs_status fs_diagram_add_end(fs_diagram *d, size_t branch, int side, fs_err *err)
{
    static const fs_event_kind kind_of[FS_BRANCH_END_COUNT] = {
        [FS_BRANCH_FOLD] = FS_EVENT_FOLD, [FS_BRANCH_JOINS_E] = FS_EVENT_JOINS_E, [FS_BRANCH_MEETS] = FS_EVENT_MEETS,
    };
    fs_bifurcation_end *end = &d->out->branch[branch].end[side];
    int meets_E = end->kind == FS_BRANCH_JOINS_E;
    if (end->kind == FS_BRANCH_MEETS) settle_meeting(d->out, end);
    if (end->kind != FS_BRANCH_FOLD && end->kind != FS_BRANCH_MEETS && !meets_E) return FS_OK;
    if (!meets_E)
        for (size_t i = 0; i < d->out->n_events; i++) {
            fs_bifurcation_event *e = &d->out->event[i];
            /* the partner has said so */
            if (e->kind != kind_of[end->kind] || e->branch[0] != end->partner || e->branch[1] != branch) continue;
            if (!(fabs(e->gamma - end->gamma) <= e->error + end->error + 1e-7 * (1.0 + e->gamma))) continue;
            e->distance = 0.5 * (e->distance + end->distance);     /* the fold lies between */
            return FS_OK;
        }
    fs_bifurcation_event event = { .kind = kind_of[end->kind], .gamma = end->gamma, .error = end->error, .distance = end->distance,
                                   .branch = { branch, meets_E ? SIZE_MAX : end->partner }, .equilibrium = meets_E ? end->partner : SIZE_MAX };
    memcpy(event.irreducible, end->irreducible, sizeof event.irreducible);
    return fs_diagram_add_event(d, &event, err);
}

/* A new branch from the equilibrium *at. */
fs_status fs_diagram_trace(fs_diagram *d, const fs_bifurcation_node *at, size_t copies, fs_err *err)
{
    fs_bifurcation *out = d->out;
    /* points of a continuum are no branch, and gamma > 0 breaks those of R^aug */
    double smallest = at->at.gamma > 0.0 ? 0.0 : 1e-4 * fs_diagram_scale(d);
    size_t events = out->n_events, seeds = d->n_seeds;
    double known = d->known, height = d->height;
    d->b = &out->branch[out->n_branches++];
    *d->b = (fs_bifurcation_branch){ .copies = copies };
    d->b_room = 0;
    FS_TRY(append(d, at, err));
    FS_TRY(follow(d, 1, smallest, err));
    turn_round(d->b);
    FS_TRY(follow(d, 0, 0.0, err));
    if (d->b->n == 1 && !d->trace.stopped) {
        while (d->n_seeds > seeds) free(d->seed[--d->n_seeds].w);
        out->n_events = events;
        d->known = known;
        d->height = height;
        return keep_alone(d, err);
    }
    qsort(d->b->node, d->b->n, sizeof *d->b->node, by_gamma);
    for (int side = 0; side < 2; side++) {
        const fs_bifurcation_end *end = &d->b->end[side];
        if (end->kind != FS_BRANCH_GOES_ON && end->kind != FS_BRANCH_INFINITY && end->gamma > d->known) d->known = end->gamma;
    }
    return FS_OK;
}
