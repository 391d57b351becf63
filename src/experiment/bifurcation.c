/* experiment/bifurcation.c -- the stationary points of the augmented flow against gamma: the whole diagram
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/clock.h"
#include "experiment/bifurcation_private.h"
#include "experiment/stability_private.h"

#include <gsl/gsl_sort.h>
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double margin = 1.3;           /* of the largest event, the range */

const char *fs_branch_end_name(fs_branch_end_kind kind)
{
    static const char *const name[FS_BRANCH_END_COUNT] = { "goes on", "fold", "joins E", "meets a branch", "infinity", "lost" };
    return (unsigned)kind < FS_BRANCH_END_COUNT ? name[kind] : "lost";
}

const char *fs_event_name(fs_event_kind kind)
{
    static const char *const name[FS_EVENT_COUNT] = { "fold", "joins E", "branches meet", "stability changes" };
    return (unsigned)kind < FS_EVENT_COUNT ? name[kind] : "unknown";
}

static int event_by_gamma(const void *a, const void *b)
{
    const fs_bifurcation_event *x = a, *y = b;
    if (x->gamma < y->gamma || x->gamma > y->gamma) return x->gamma < y->gamma ? -1 : 1;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    if (x->branch != y->branch) return x->branch < y->branch ? -1 : 1;
    return (x->distance > y->distance) - (x->distance < y->distance);
}

static double largest_distance(const fs_bifurcation_branch *b)
{
    double largest = 0.0;
    for (size_t i = 0; i < b->n; i++)
        if (b->node[i].at.distance > largest) largest = b->node[i].at.distance;
    return largest;
}

/* By the largest |Y|; everything that names a branch follows. */
static void sort_branches(fs_bifurcation *out)
{
    size_t place[FS_DIAGRAM_BRANCHES];
    fs_bifurcation_branch sorted[FS_DIAGRAM_BRANCHES];
    for (size_t i = 0; i < out->n_branches; i++) {
        place[i] = 0;
        for (size_t k = 0; k < out->n_branches; k++) {
            double a = largest_distance(&out->branch[k]), b = largest_distance(&out->branch[i]);
            place[i] += a > b || (!(a < b) && k < i);
        }
        sorted[place[i]] = out->branch[i];
    }
    memcpy(out->branch, sorted, out->n_branches * sizeof *sorted);
    for (size_t i = 0; i < out->n_branches; i++)
        for (int side = 0; side < 2; side++) {
            fs_bifurcation_end *end = &out->branch[i].end[side];
            if (end->kind != FS_BRANCH_JOINS_E && end->partner != SIZE_MAX) end->partner = place[end->partner];
        }
    for (size_t i = 0; i < out->n_events; i++)
        for (int k = 0; k < 2; k++)
            if (out->event[i].branch[k] != SIZE_MAX) out->event[i].branch[k] = place[out->event[i].branch[k]];
}

static void set_range(fs_diagram *d)
{
    fs_bifurcation *out = d->out;
    if (d->o->n_gamma) {
        out->low = d->o->gamma[0];
        out->high = d->o->gamma[d->o->n_gamma - 1];
        return;
    }
    double largest = d->known > 0.0 ? d->known : fs_problem_settings(d->p)->gamma;
    out->high = margin * (largest > 0.0 ? largest : 1.0);
}

static void describe(fs_diagram *d)
{
    fs_bifurcation *out = d->out;
    const char *missing = fs_remark_2_fails(d->p);
    size_t used = 0, lost = 0, continuum = 0;
    char *note = out->note;
    size_t size = sizeof out->note;
    used += (size_t)snprintf(note + used, size - used, "from %zu starts; branches may be missing; ", out->starts);
    for (size_t i = 0; i < 2 * out->n_branches; i++) lost += out->branch[i / 2].end[i % 2].kind == FS_BRANCH_LOST;
    for (size_t i = 0; i < out->equilibria->n_points; i++) continuum += (size_t)fs_equilibrium_is_of_continuum(&out->equilibria->point[i]);
    if (missing) used += (size_t)snprintf(note + used, size - used, "no claim on the stability of E: %.120s; ", missing);
    if (d->more) used += (size_t)snprintf(note + used, size - used, "more than %d branches: the others are left out; ", FS_DIAGRAM_BRANCHES);
    if (out->equilibria->n_points && out->equilibria->point[0].at->outcome != FS_SEARCH_FOUND)
        used += (size_t)snprintf(note + used, size - used, "the flow in E comes to no finite minimum; ");
    if (continuum) used += (size_t)snprintf(note + used, size - used, "%zu equilibria on E belong to continua; ", continuum);
    if (out->n_alone) used += (size_t)snprintf(note + used, size - used, "equilibria off E that could not be followed, of continua that gamma breaks: %zu; ", out->n_alone);
    if (lost) used += (size_t)snprintf(note + used, size - used, "%zu branch end%s could not be told; ", lost, lost == 1 ? "" : "s");
    if (d->cut) used += (size_t)snprintf(note + used, size - used, "searches and branches were cut short in a model of this size; ");
    if (d->searches_failed) used += (size_t)snprintf(note + used, size - used, "a search failed where the risk is not finite; ");
    note[used - 2] = 0;
}

static fs_status validate(const fs_problem *p, const fs_bifurcation_options *o, fs_err *err)
{
    const fs_basis *b = fs_problem_basis(p);
    size_t n = b->dim_E + b->dim_N;
    if (!b->dim_N) return fs_fail(err, FS_EINPUT, "expected a model with dim N > 0, found dim N = 0: all of L is equivariant, and gamma changes nothing");
    if (n > FS_STABILITY_DENSE_LIMIT) return fs_fail(err, FS_EINPUT, "expected dim L <= %d, because Hessians are formed, found %zu", FS_STABILITY_DENSE_LIMIT, n);
    if (o->n_gamma == 1) return fs_fail(err, FS_EINPUT, "expected no gamma, or two and more that span the range of the diagram, found one");
    for (size_t i = 0; i < o->n_gamma; i++)
        if (!(o->gamma[i] >= 0.0 && o->gamma[i] <= DBL_MAX && (!i || o->gamma[i] > o->gamma[i - 1])))
            return fs_fail(err, FS_EINPUT, "expected increasing gammas >= 0, found %g at position %zu", o->gamma[i], i);
    return FS_OK;
}

static fs_status compute(fs_diagram *d, fs_err *err)
{
    fs_bifurcation *out = d->out;
    FS_TRY(fs_diagram_find_E(d, err));
    if (!d->trace.stopped) FS_TRY(fs_diagram_look_beside_E(d, err));
    if (!d->trace.stopped) FS_TRY(d->o->n_gamma ? fs_diagram_search_list(d, err) : fs_diagram_search_range(d, err));
    for (size_t i = 0; i < out->n_branches; i++)
        for (int side = 0; side < 2; side++) FS_TRY(fs_diagram_add_end(d, i, side, err));
    FS_TRY(fs_diagram_add_E(d, err));
    sort_branches(out);
    if (out->n_events) qsort(out->event, out->n_events, sizeof *out->event, event_by_gamma);
    if (out->n_searches) gsl_sort(out->search, 1, out->n_searches);
    set_range(d);
    describe(d);
    return FS_OK;
}

fs_status fs_bifurcation_compute(fs_bifurcation **result, const fs_problem *p, const fs_bifurcation_options *o, fs_err *err)
{
    *result = NULL;
    FS_TRY(validate(p, o, err));
    double start = fs_wall_seconds();
    fs_bifurcation *out = fs_calloc(1, sizeof *out);
    if (!out) return fs_diagram_no_memory(err);
    out->problem = p;
    fs_diagram d = { .p = p, .o = o, .out = out };
    fs_status status = fs_branch_begin(&d.trace, p, o->threads, o->keep_limit, o->watch, err);
    d.trace.far_is_off = 1;
    double n = (double)d.trace.n;
    d.hessian = 3.0 * n * fs_risk_hvp_flops(fs_problem_risk(p, 1)) + 15.0 * n * n * n;
    out->branch = fs_calloc(FS_DIAGRAM_BRANCHES, sizeof *out->branch);
    out->alone = fs_calloc(FS_DIAGRAM_ALONE, sizeof *out->alone);
    d.guess = fs_calloc(d.trace.n ? d.trace.n : 1, sizeof *d.guess);
    if (status == FS_OK && !(out->branch && out->alone && d.guess)) status = fs_diagram_no_memory(err);
    if (status == FS_OK) status = compute(&d, err);
    for (size_t i = 0; i < d.n_seeds; i++) free(d.seed[i].w);
    free(d.seed);
    free(d.guess);
    out->stopped = d.trace.stopped;
    out->wall_s = fs_wall_seconds() - start;
    fs_branch_end(&d.trace);
    if (status == FS_OK) *result = out;
    else fs_bifurcation_destroy(out);
    return status;
}

void fs_bifurcation_destroy(fs_bifurcation *b)
{
    if (!b) return;
    fs_stability_destroy(b->equilibria);
    for (size_t i = 0; b->branch && i < b->n_branches; i++) fs_diagram_clear_branch(&b->branch[i]);
    for (size_t i = 0; b->alone && i < b->n_alone; i++) free(b->alone[i].at.w);
    free(b->branch);
    free(b->alone);
    free(b->search);
    free(b->event);
    free(b);
}
