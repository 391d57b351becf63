/* report/json_phase.c -- the report of `phase` as one JSON object
 *
 * Builders note a failure in *bad and go on; the whole is looked at once.  Streamlines and separatrices are counted; their places are in curves.csv.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/phase.h"

static json_t *axis(const fs_phase *phase, size_t k, int *bad)
{
    const fs_phase_axis *a = &phase->axis[k];
    json_t *object = json_object();
    *bad |= fs_json_set_text(object, "name", a->name);
    *bad |= fs_json_set_text(object, "in", a->in_N ? "N" : "E");
    *bad |= fs_json_set(object, "penalised", json_boolean(phase->penalised[k]));
    *bad |= fs_json_set_real(object, "curvature", a->curvature);
    *bad |= fs_json_set_real(object, "curvature_error", a->curvature_error);
    return object;
}

/* Directions and centre are in adapted coordinates, those of E first. */
static json_t *plane(const fs_report_head *head, const fs_phase *phase, int *bad)
{
    static const char *const choices[] = { [FS_PLANE_UNSTABLE] = "unstable", [FS_PLANE_MOTION] = "motion" };
    static const char *const places[] = { [FS_E_LINE] = "line", [FS_E_POINT] = "point", [FS_E_ALL] = "all" };
    json_t *object = json_object(), *axes = json_array();
    *bad |= fs_json_set(object, "exact", json_boolean(phase->exact));
    *bad |= fs_json_set_text(object, "choice", choices[phase->choice]);
    *bad |= fs_json_set_text(object, "E", places[phase->E]);
    *bad |= fs_json_set(object, "centre", fs_json_reals(phase->centre ? head->dim_L : 0, phase->centre));
    *bad |= fs_json_set_text(object, "centre_text", phase->centre_text);
    for (size_t k = 0; k < 2; k++) {
        json_t *one = axis(phase, k, bad);
        *bad |= fs_json_set(one, "direction", fs_json_reals(phase->axis[k].direction ? head->dim_L : 0, phase->axis[k].direction));
        fs_json_append(axes, one, bad);
    }
    *bad |= fs_json_set(object, "axes", axes);
    *bad |= fs_json_set(object, "penalty", json_pack("[oo]", fs_json_reals(2, phase->penalty[0]), fs_json_reals(2, phase->penalty[1])));
    return object;
}

static json_t *inertia(const fs_inertia *count, int *bad)
{
    json_t *object = json_object();
    *bad |= fs_json_set_count(object, "negative", count->negative);
    *bad |= fs_json_set_count(object, "undecided", count->undecided);
    *bad |= fs_json_set_count(object, "positive", count->positive);
    return object;
}

static json_t *point(const fs_phase_point *p, int *bad)
{
    json_t *object = json_object();
    *bad |= fs_json_set(object, "place", fs_json_reals(2, p->place));
    *bad |= fs_json_set_text(object, "kind", fs_phase_point_word(p));
    fs_json_put(object, "inertia", inertia(&p->inertia, bad), bad);
    *bad |= fs_json_set_real(object, "lowest", p->lowest);
    *bad |= fs_json_set_real(object, "highest", p->highest);
    *bad |= fs_json_set_real(object, "error", p->error);
    *bad |= fs_json_set_real(object, "risk", p->risk);
    *bad |= fs_json_set_real(object, "distance", p->distance);
    *bad |= fs_json_set_real(object, "residual", p->residual);
    return object;
}

/* outcome: null where none was judged. */
static json_t *path(const fs_phase_path *p, int *bad)
{
    json_t *object = json_object(), *places = json_array();
    *bad |= fs_json_set(object, "seed", fs_json_seed(p->seed));
    *bad |= fs_json_set_real(object, "distance", p->distance);
    *bad |= fs_json_set_real(object, "distance_end", p->distance_end);
    *bad |= fs_json_set_real(object, "fraction_in_plane", p->fraction);
    *bad |= fs_json_set_real(object, "start_off_plane", p->start_off_plane);
    *bad |= fs_json_set_text(object, "outcome", p->judged ? fs_attraction_name(p->outcome) : NULL);
    *bad |= fs_json_set_text(object, "why", p->why);
    *bad |= fs_json_set_text(object, "status", fs_status_text(p->code));
    *bad |= fs_json_set(object, "t", fs_json_reals(p->n, p->t));
    *bad |= fs_json_set(object, "off_E", fs_json_reals(p->n, p->off));
    for (size_t i = 0; i < p->n; i++) fs_json_append(places, fs_json_reals(2, p->place + 2 * i), bad);
    *bad |= fs_json_set(object, "place", places);
    return object;
}

static json_t *panel(const fs_phase_panel *p, int *bad)
{
    json_t *object = json_object(), *points = json_array(), *paths = json_array();
    *bad |= fs_json_set_real(object, "gamma", p->gamma);
    for (size_t i = 0; i < p->n_points; i++) fs_json_append(points, point(&p->point[i], bad), bad);
    *bad |= fs_json_set(object, "points", points);
    *bad |= fs_json_set_count(object, "points_off_plane", p->off_plane);
    *bad |= fs_json_set(object, "more_points", json_boolean(p->more_points));
    *bad |= fs_json_set(object, "still", json_boolean(p->still));
    for (size_t i = 0; i < p->n_paths; i++) fs_json_append(paths, path(&p->path[i], bad), bad);
    *bad |= fs_json_set(object, "paths", paths);
    *bad |= fs_json_set_count(object, "streamlines", p->streamlines ? p->streamlines->n : 0);
    *bad |= fs_json_set_count(object, "separatrices", p->n_separatrices);
    return object;
}

json_t *fs_json_phase(const fs_report_head *head, const fs_phase *phase)
{
    json_t *object = fs_json_head(head), *panels = json_array();
    int bad = !object;
    bad |= fs_json_set_text(object, "flow", fs_flow_name(phase->kind));
    fs_json_put(object, "plane", plane(head, phase, &bad), &bad);
    bad |= fs_json_set(object, "window", fs_json_reals(4, phase->window));
    bad |= fs_json_set_count(object, "grid", phase->grid);
    bad |= fs_json_set_real(object, "tube", phase->tube);
    bad |= fs_json_set(object, "gammas_chosen", json_boolean(phase->chosen));
    bad |= fs_json_set_text(object, "gamma_text", phase->gamma_text);
    bad |= fs_json_set_real(object, "gamma_critical", phase->gamma_critical);
    bad |= fs_json_set_real(object, "fraction_in_plane", phase->fraction);
    for (size_t k = 0; k < phase->n_panels; k++) fs_json_append(panels, panel(&phase->panel[k], &bad), &bad);
    bad |= fs_json_set(object, "panels", panels);
    bad |= fs_json_set(object, "interrupted", json_boolean(phase->stopped));
    if (!bad) return object;
    json_decref(object);
    return NULL;
}
