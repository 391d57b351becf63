/* experiment/bifurcation_search.c -- where branches are looked for: equilibria of E and what leaves it, searches, seeds
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/norm.h"
#include "experiment/bifurcation_private.h"
#include "experiment/stability_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BESIDE = 8, ROUNDS = 4, GAMMAS = 5 };
static const double touching = 1e-6;        /* |Y| relative to 1 + |w|: on E */
static const double same_gamma = 1e-9;
static const double search_hessians = 60.0; /* the work of one start */
static const double search_part = 0.5;      /* of the work, for searches: the rest is left for branches */

/* --- what is known already ------------------------------------------------------------------------------------------ */

/* The same up to the group, or on one continuum, along which |Y| and S stay what they are and the spectrum does not; *a stands at the gamma of *b. */
static int alike(const fs_branch_node *a, size_t zeros, const fs_bifurcation_node *b)
{
    fs_branch_node moved = *a;
    if (zeros && b->is.signs.undecided) moved.relative = b->at.relative;
    return fs_branch_alike(&moved, &b->at);
}

/* Whether b passes through *there: between its nodes beside that gamma there is an equilibrium like it. */
static fs_status passes(fs_diagram *d, const fs_bifurcation_branch *b, const fs_bifurcation_node *there, fs_bifurcation_node *scratch, int *yes, fs_err *err)
{
    size_t i = 0;
    const fs_branch_node *node = &there->at;
    *yes = 0;
    if (!b->n || node->gamma < b->node[0].at.gamma || node->gamma > b->node[b->n - 1].at.gamma) return FS_OK;
    while (i + 2 < b->n && b->node[i + 1].at.gamma <= node->gamma) i++;
    const fs_bifurcation_node *low = &b->node[i], *high = &b->node[b->n > 1 ? i + 1 : i];
    double nearest = fabs(low->at.distance - node->distance), other = fabs(high->at.distance - node->distance);
    if (!((nearest < other ? nearest : other) <= 4.0 * FS_DIAGRAM_SMOOTH * d->height)) return FS_OK;
    FS_TRY(fs_diagram_step_between(d, &low->at, &high->at, node->gamma, &scratch->at, yes, err));
    *yes = *yes && alike(&scratch->at, low->is.signs.undecided, there);
    return FS_OK;
}

/* The branch through *node, SIZE_MAX: none. */
static fs_status find_branch(fs_diagram *d, const fs_bifurcation_node *node, size_t *which, fs_err *err)
{
    fs_bifurcation_node scratch;
    int yes = 0;
    *which = SIZE_MAX;
    FS_TRY(fs_diagram_node(&scratch, d->trace.n, err));
    fs_status status = FS_OK;
    for (size_t i = 0; i < d->out->n_branches && status == FS_OK && !yes; i++) {
        status = passes(d, &d->out->branch[i], node, &scratch, &yes, err);
        if (yes) *which = i;
    }
    free(scratch.at.w);
    return status;
}

static int is_among(const fs_diagram *d, const fs_bifurcation_node *node)
{
    for (size_t i = 0; i < d->out->n_alone; i++) {
        const fs_bifurcation_node *a = &d->out->alone[i];
        if (fabs(a->at.gamma - node->at.gamma) <= same_gamma && alike(&a->at, a->is.signs.undecided, node)) return 1;
    }
    return 0;
}

static fs_status grow(fs_diagram *d, const fs_diagram_seed *s, fs_err *err)
{
    fs_bifurcation_node at;
    size_t which;
    int found;
    FS_TRY(fs_diagram_node(&at, d->trace.n, err));
    fs_status status = fs_branch_stand(&d->trace, s->w, s->gamma, &at.at, &found, err);
    if (status != FS_OK || !found) goto done;
    status = fs_branch_judge(&d->trace, &at.at, &at.is, err);
    if (status == FS_OK) status = find_branch(d, &at, &which, err);
    if (status != FS_OK || is_among(d, &at)) goto done;
    if (which == SIZE_MAX && d->out->n_branches == FS_DIAGRAM_BRANCHES) {
        d->more = 1;
        goto done;
    }
    size_t before = d->out->n_branches;
    if (which == SIZE_MAX) {
        status = fs_diagram_trace(d, &at, s->copies, err);
        if (d->out->n_branches > before) which = before;
    } else if (s->copies > d->out->branch[which].copies) {
        d->out->branch[which].copies = s->copies;
    }
    if (which != SIZE_MAX && s->branch != SIZE_MAX) d->out->branch[s->branch].end[s->end].partner = which;
done:
    free(at.at.w);
    return status;
}

/* Seeds that grow may plant others. */
static fs_status grow_all(fs_diagram *d, fs_err *err)
{
    fs_status status = FS_OK;
    for (size_t i = 0; i < d->n_seeds && status == FS_OK && !d->trace.stopped; i++) {
        fs_diagram_seed s = d->seed[i];
        status = grow(d, &s, err);
    }
    while (d->n_seeds) free(d->seed[--d->n_seeds].w);
    return status;
}

/* --- E --------------------------------------------------------------------------------------------------------------------- */

fs_point fs_equilibrium_at(const fs_problem *p, const fs_stability_point *point, double gamma)
{
    if (!point->at || point->at->outcome != FS_SEARCH_FOUND || isnan(point->gamma_critical) || fs_remark_2_fails(p)) return FS_POINT_UNKNOWN;
    int strict = point->on_E == FS_POINT_MINIMUM || !fs_problem_basis(p)->dim_E;
    fs_sign across = fs_sign_of(gamma - point->gamma_critical, point->gamma_error);
    if (across == FS_SIGN_NEGATIVE || point->on_E == FS_POINT_SADDLE || point->on_E == FS_POINT_MAXIMUM) return FS_POINT_SADDLE;
    if (across == FS_SIGN_POSITIVE && strict) return FS_POINT_MINIMUM;
    return point->on_E == FS_POINT_UNKNOWN && !strict ? FS_POINT_UNKNOWN : FS_POINT_DEGENERATE;
}

int fs_equilibrium_is_of_continuum(const fs_stability_point *point)
{
    /* what softmax does not see changes nothing else, either */
    return point->at->outcome == FS_SEARCH_FOUND && point->E.undecided > point->flat_E.softmax;
}

int fs_equilibria_alike(const fs_stability_point *a, const fs_stability_point *b)
{
    return a->at->outcome == b->at->outcome && a->on_E == b->on_E && fabs(a->at->risk - b->at->risk) <= 1e-9 * (1.0 + fabs(b->at->risk)) &&
           fabs(a->gamma_critical - b->gamma_critical) <= 1e-9 * (1.0 + fabs(b->gamma_critical));
}

fs_status fs_diagram_find_E(fs_diagram *d, fs_err *err)
{
    const fs_bifurcation_options *o = d->o;
    fs_stability_options options = { .kind = FS_FLOW_EQUIVARIANT, .where = FS_AT_STATIONARY, .n_seed = 1, .seed = &o->seed, .distance = -1.0, .starts = o->starts,
                                     .search = o->search, .threads = o->threads, .keep_limit = o->keep_limit, .watch = o->watch };
    options.spectrum.split = 1;
    FS_TRY(fs_stability_compute(&d->out->equilibria, d->p, &options, err));
    if (d->out->equilibria->stopped) d->trace.stopped = 1;
    for (size_t i = 0; i < d->out->equilibria->n_points; i++) {
        const fs_stability_point *point = &d->out->equilibria->point[i];
        if (point->at->outcome == FS_SEARCH_FOUND && point->gamma_critical > d->known && isfinite(point->gamma_error)) d->known = point->gamma_critical;
    }
    return FS_OK;
}

static size_t first_alike(const fs_stability *E, size_t i)
{
    size_t first = 0;
    while (!fs_equilibria_alike(&E->point[first], &E->point[i]) && first < i) first++;
    return first;
}

fs_status fs_diagram_add_E(fs_diagram *d, fs_err *err)
{
    const fs_stability *E = d->out->equilibria;
    for (size_t i = 0; i < E->n_points; i++) {
        const fs_stability_point *point = &E->point[i];
        if (point->at->outcome != FS_SEARCH_FOUND || !(point->gamma_critical > point->gamma_error) || !isfinite(point->gamma_error)) continue;
        if (fs_equilibrium_is_of_continuum(point) || first_alike(E, i) < i) continue;
        fs_inertia low = fs_spectrum_inertia(&point->spectrum->N, point->gamma_critical - 2.0 * point->gamma_error, point->shift);
        fs_inertia high = fs_spectrum_inertia(&point->spectrum->N, point->gamma_critical + 2.0 * point->gamma_error, point->shift);
        fs_bifurcation_event event = { .kind = FS_EVENT_STABILITY, .gamma = point->gamma_critical, .error = point->gamma_error, .branch = { SIZE_MAX, SIZE_MAX },
                                       .equilibrium = i, .negative = { point->E.negative + low.negative, point->E.negative + high.negative } };
        snprintf(event.irreducible, sizeof event.irreducible, "%.47s", point->irreducible);
        FS_TRY(fs_diagram_add_event(d, &event, err));
    }
    return FS_OK;
}

/* --- searches ----------------------------------------------------------------------------------------------------------- */

/* Equilibria like point i of the set, up to the group; 0 when an earlier one is. */
static size_t copies_of(const fs_stationary_set *set, size_t i)
{
    size_t count = 0;
    for (size_t k = 0; k < set->count; k++) {
        const fs_stationary *a = set->point[k], *b = set->point[i];
        if (!(fabs(a->distance - b->distance) <= 1e-7 * (1.0 + b->distance) && fabs(a->risk - b->risk) <= 1e-9 * (1.0 + fabs(b->risk)))) continue;
        if (k < i) return 0;
        count++;
    }
    return count;
}

static fs_status remember_search(fs_diagram *d, double gamma, fs_err *err)
{
    double *more = realloc(d->out->search, (d->out->n_searches + 1) * sizeof *more);
    if (!more) return fs_diagram_no_memory(err);
    d->out->search = more;
    more[d->out->n_searches++] = gamma;
    return FS_OK;
}

/* Where the augmented flow from a start comes to rest: random searches seldom find attractors in many dimensions. */
static fs_status flow_to_rest(fs_diagram *d, fs_stationary_set *set, double gamma, double distance, const fs_stationary_options *search, fs_err *err)
{
    fs_stationary *at = NULL;
    double *w = fs_calloc(d->trace.n, sizeof *w);
    fs_status status = w ? fs_start_of(d->p, d->o->seed, NULL, distance, w, err) : fs_diagram_no_memory(err);
    if (status == FS_OK) status = fs_stationary_find(&at, d->p, FS_FLOW_AUGMENTED, gamma, w, search, err);
    free(w);
    if (status != FS_OK) return status;
    if (at->outcome == FS_SEARCH_STOPPED) d->trace.stopped = 1;
    if (at->outcome == FS_SEARCH_FOUND) return fs_stationary_set_add(set, at) < 0 ? fs_diagram_no_memory(err) : FS_OK;
    fs_stationary_destroy(at);
    return FS_OK;
}

static fs_status search_at(fs_diagram *d, double gamma, fs_err *err)
{
    const fs_bifurcation_options *o = d->o;
    fs_stationary_set set = { 0 };
    fs_stationary_options search = o->search;
    search.watch = o->watch;
    search.threads = o->threads;
    search.keep_limit = o->keep_limit;
    if (!fs_diagram_affordable(d, search_hessians * (double)(o->starts + 1), search_part)) return FS_OK;
    FS_TRY(remember_search(d, gamma, err));
    double distance = fs_problem_start(d->p)->distance;
    fs_status status = flow_to_rest(d, &set, gamma, distance > 0.0 ? distance : 1.0, &search, err);
    if (status == FS_OK && !d->trace.stopped) status = fs_stationary_search(&set, d->p, FS_FLOW_AUGMENTED, gamma, o->starts, o->seed, &search, err);
    if (set.stopped) d->trace.stopped = 1;
    d->out->starts += set.starts;
    d->out->missed += set.missed;
    if (status == FS_ENAN || status == FS_ESOLVER) {
        d->searches_failed = 1;
        status = FS_OK;
    }
    for (size_t i = 0; status == FS_OK && i < set.count; i++) {
        size_t copies = set.point[i]->distance > touching * (1.0 + set.point[i]->size) ? copies_of(&set, i) : 0;
        if (copies) status = fs_diagram_plant(d, set.point[i]->w, gamma, copies, SIZE_MAX, 0, err);
    }
    fs_stationary_set_clear(&set);
    if (status == FS_OK) return grow_all(d, err);
    return status;
}

/* How far from E along v the augmented flow at gamma is slowest for its distance: about there a branch that leaves E along v lies. */
static fs_status amplitude(fs_diagram *d, const double *w, const double *v, double gamma, double *best, fs_err *err)
{
    size_t n = d->trace.n;
    double least = (double)INFINITY, size = 1.0 + fs_norm(n, w);
    fs_flow *f = NULL;
    double *z = fs_calloc(n, 2 * sizeof *z);
    fs_status status = z ? fs_problem_flow(&f, d->p, FS_FLOW_AUGMENTED, gamma, d->o->threads, d->o->keep_limit, err) : fs_diagram_no_memory(err);
    *best = 0.0;
    for (double s = 1e-3 * size; status == FS_OK && s < 4.0 * size; s *= 1.25) {
        for (size_t i = 0; i < n; i++) z[i] = w[i] + s * v[i];
        if (fs_flow_velocity(f, z, z + n) != FS_OK) break;
        double slowness = fabs(fs_dot(n, z + n, v)) / s;
        if (!(slowness < least)) continue;
        least = slowness;
        *best = s;
    }
    fs_flow_destroy(f);
    free(z);
    return status;
}

/* Along the lowest eigenvector of H_N (side = 1) or against it (-1). */
static fs_status look_beside(fs_diagram *d, const fs_stability_point *point, double gamma, double side, fs_err *err)
{
    const fs_stationary *known[] = { point->at };
    const double *v = point->spectrum->N.lowest_vector;
    fs_stationary *at = NULL;
    fs_stationary_options search = d->o->search;
    double s = 0.0, *turned = fs_calloc(d->trace.n, 2 * sizeof *turned), *w = turned ? turned + d->trace.n : NULL;
    search.watch = d->o->watch;
    search.threads = d->o->threads;
    search.keep_limit = d->o->keep_limit;
    if (!turned) return fs_diagram_no_memory(err);
    for (size_t i = 0; i < d->trace.n; i++) turned[i] = side * v[i];
    fs_status status = amplitude(d, point->at->w, turned, gamma, &s, err);
    for (size_t i = 0; i < d->trace.n; i++) w[i] = point->at->w[i] + s * turned[i];
    if (status == FS_OK) status = fs_stationary_newton(&at, d->p, FS_FLOW_AUGMENTED, gamma, w, 1, known, &search, err);
    free(turned);
    if (status != FS_OK) return status == FS_ENAN || status == FS_ESOLVER ? FS_OK : status;
    if (at->outcome == FS_SEARCH_STOPPED) d->trace.stopped = 1;
    d->out->starts++;
    d->out->missed += at->outcome != FS_SEARCH_FOUND;
    if (at->outcome == FS_SEARCH_FOUND && at->distance > touching * (1.0 + at->size)) status = fs_diagram_plant(d, at->w, gamma, 1, SIZE_MAX, 0, err);
    fs_stationary_destroy(at);
    return status;
}

fs_status fs_diagram_look_beside_E(fs_diagram *d, fs_err *err)
{
    static const double beside[] = { 0.9, 1.05 };
    const fs_stability *E = d->out->equilibria;
    size_t looked = 0;
    for (size_t i = 0; i < E->n_points && looked < MOST_BESIDE; i++) {
        const fs_stability_point *point = &E->point[i];
        if (point->at->outcome != FS_SEARCH_FOUND || !(point->gamma_critical > point->gamma_error) || !point->spectrum->N.lowest_vector) continue;
        if (fs_equilibrium_is_of_continuum(point) || first_alike(E, i) < i) continue;
        looked++;
        for (int k = 0; k < 4 && !d->trace.stopped; k++) {
            double gamma = beside[k / 2] * point->gamma_critical;
            if (gamma >= fs_diagram_end(d, 0) && gamma <= fs_diagram_end(d, 1)) FS_TRY(look_beside(d, point, gamma, k % 2 ? 1.0 : -1.0, err));
        }
    }
    return grow_all(d, err);
}

fs_status fs_diagram_search_list(fs_diagram *d, fs_err *err)
{
    for (size_t i = d->o->n_gamma; i-- > 0 && !d->trace.stopped;) FS_TRY(search_at(d, d->o->gamma[i], err));
    return FS_OK;
}

fs_status fs_diagram_search_range(fs_diagram *d, fs_err *err)
{
    static const double part[GAMMAS] = { 0.9, 0.65, 0.4, 0.15, 0.0 };
    FS_TRY(search_at(d, 0.5 * fs_diagram_scale(d), err));
    for (int round = 0; round < ROUNDS && !d->trace.stopped; round++) {
        double known = fs_diagram_scale(d);
        size_t count = round ? 2 : GAMMAS;
        for (size_t i = 0; i < count && !d->trace.stopped; i++) FS_TRY(search_at(d, part[i] * known, err));
        if (!(d->known > 1.1 * known)) break;
    }
    return FS_OK;
}
