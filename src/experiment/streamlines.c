/* experiment/streamlines.c -- evenly spaced streamlines of a vector field on a rectangle, and single ones traced
 *
 *   x' = F / |F|,  x in the metric of the screen: the panel is width x height with the shorter side 1, and time is arc length.
 *
 * GSL integrates with an adaptive step; between its steps a cubic through both ends and both directions gives the vertices: one every `gap`, more where the
 * line bends.  Near a stationary point the direction jumps: the steps shrink, or turn back, and the line ends there.
 *
 * Placement in the manner of Jobard, Lefer, "Creating evenly-spaced streamlines of arbitrary density" (1997).  A line may start where no vertex is nearer than
 * `spacing`, and ends where one is nearer than half of that, its own earlier ones included.  Starts are tried beside the lines that are already there, then on a
 * lattice of half that spacing, so that no region is left out: in a first round only lines of five spacings are kept, which makes most lines long, in a
 * second also short ones.  A line that no other cut is as long as it can be, and is kept from one spacing on.
 *
 * Every point of the window lies within 0.36 spacing of the lattice, where either a line was kept or one from the same cell, within 0.36 spacing, came out too
 * short.  From the middle of an empty disc of radius r a line gets r - 1/2 spacings long before another can cut it: from r = 3/2 on it is kept, cut at one end
 * or at both.  So no disc of radius 2.25 spacings is empty, but where lines end by themselves at both ends within one spacing.
 *
 * Vertices lie in cells of half a spacing, each a list of vertices, the newest first; a line that is not kept is taken off again from the end.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "experiment/streamlines.h"

#include <float.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const double default_spacing = 0.06, default_still = 1e-6, default_longest = 20.0, least_spacing = 0.005, least_aspect = 0.05, narrowest = 1e-9;

static const double right_angle = 1.57079632679489662,
                    bend = 0.15,            /* most that a line turns from vertex to vertex */
                    most_turn = 0.5,        /* about the most in one step: the cubic is then within 2e-4 of the radius */
                    near_enough = 5e-4,     /* a line that comes this near to its start has closed */
                    too_near = 0.5;         /* of the spacing: a line ends this near to another */

/* Lines that are kept, in spacings: by round and by the number of ends that others cut. */
static const double shortest[][3] = { { 1.0, 5.0, 5.0 }, { 1.0, 1.0, 1.5 } };

enum { ROUNDS = sizeof shortest / sizeof *shortest, STILL_NODES = 16, MOST_STEPS = 8000, MOST_VERTICES = 1 << 20 };

/* --- the field on the screen ----------------------------------------------------------------- */

typedef struct {
    fs_plane_field *field;
    void *context;
    double low[2], high[2], size[2];    /* of the window; of the panel */
    double weight[2];                   /* F on the screen is (weight[0] F_a, weight[1] F_b) up to a common factor */
    double still;                       /* |F| on the screen below which a point is stationary */
    int sign;
    size_t evaluations;
} screen;

static void place_of(const screen *k, const double y[2], double place[2])
{
    for (int i = 0; i < 2; i++) {
        double x = k->low[i] + y[i] * ((k->high[i] - k->low[i]) / k->size[i]);
        place[i] = x > k->high[i] ? k->high[i] : x;
    }
}

/* |F| on the screen and F / |F|; negative: there is no field. */
static double speed_and_direction(screen *k, const double y[2], double d[2])
{
    double place[2], F[2] = { (double)NAN, (double)NAN };
    for (int i = 0; i < 2; i++) place[i] = k->low[i] + y[i] * ((k->high[i] - k->low[i]) / k->size[i]);
    k->evaluations++;
    if (k->field(k->context, place, F)) return -1.0;
    double a = F[0] * k->weight[0], b = F[1] * k->weight[1], speed = hypot(a, b);
    if (!isfinite(speed)) return -1.0;
    d[0] = a / speed;
    d[1] = b / speed;
    return speed;
}

/* The derivative that GSL sees; dy is left alone where there is none. */
static int direction(double s, const double y[], double dy[], void *context)
{
    screen *k = context;
    double d[2];
    (void)s;
    if (!(speed_and_direction(k, y, d) > k->still)) return GSL_EBADFUNC;
    dy[0] = k->sign * d[0];
    dy[1] = k->sign * d[1];
    return GSL_SUCCESS;
}

static int is_inside(const screen *k, const double y[2])
{
    return y[0] >= 0.0 && y[0] <= k->size[0] && y[1] >= 0.0 && y[1] <= k->size[1];
}

static fs_status check_window(const double window[4], fs_err *err)
{
    for (int i = 0; i < 4; i++)
        if (!isfinite(window[i])) return fs_fail(err, FS_EINPUT, "streamlines: expected a bounded window, found %g as its border", window[i]);
    for (int i = 0; i < 4; i += 2) {
        double low = window[i], high = window[i + 1], largest = fabs(low) > fabs(high) ? fabs(low) : fabs(high);
        if (!(high > low) || !isfinite(high - low) || !(high - low >= narrowest * largest))
            return fs_fail(err, FS_EINPUT, "streamlines: expected a window from a lower to a higher value, found [%.17g, %.17g]", low, high);
    }
    return FS_OK;
}

static fs_status check_options(const fs_streamline_options *o, fs_err *err)
{
    FS_TRY(check_window(o->window, err));
    if (o->aspect != 0.0 && !(o->aspect >= least_aspect && o->aspect <= 1.0 / least_aspect))
        return fs_fail(err, FS_EINPUT, "streamlines: expected an aspect between %g and %g, found %g", least_aspect, 1.0 / least_aspect, o->aspect);
    if (o->spacing != 0.0 && !(o->spacing >= least_spacing && o->spacing <= 1.0))
        return fs_fail(err, FS_EINPUT, "streamlines: expected a spacing between %g and 1, found %g", least_spacing, o->spacing);
    if (!(o->still >= 0.0 && o->still < 1.0))
        return fs_fail(err, FS_EINPUT, "streamlines: expected a bound between 0 and 1 below which the field stands still, found %g", o->still);
    return FS_OK;
}

/* The largest |F| at the middles of a coarse grid's cells; 0 where there is no field at all. */
static double largest_speed(screen *k)
{
    double largest = 0.0;
    for (int i = 0; i < STILL_NODES; i++)
        for (int j = 0; j < STILL_NODES; j++) {
            double d[2], y[2] = { k->size[0] * (i + 0.5) / STILL_NODES, k->size[1] * (j + 0.5) / STILL_NODES };
            double speed = speed_and_direction(k, y, d);
            if (speed > largest) largest = speed;
        }
    return largest;
}

static void screen_begin(screen *k, fs_plane_field *field, void *context, const fs_streamline_options *o)
{
    double aspect = o->aspect > 0.0 ? o->aspect : 1.0;
    *k = (screen){ .field = field, .context = context, .sign = 1 };
    k->size[0] = aspect > 1.0 ? aspect : 1.0;
    k->size[1] = k->size[0] / aspect;
    for (int i = 0; i < 2; i++) {
        k->low[i] = o->window[2 * i];
        k->high[i] = o->window[2 * i + 1];
    }
    k->weight[0] = k->size[0];
    k->weight[1] = k->size[1] * ((k->high[0] - k->low[0]) / (k->high[1] - k->low[1]));
    k->still = (o->still > 0.0 ? o->still : default_still) * largest_speed(k);
}

/* --- one line -------------------------------------------------------------------------------- */

typedef enum { GOES_ON, END_STILL, END_REFUSED, END_WINDOW, END_CLOSED, END_LENGTH, END_CUT } walk_end;

/* Takes the vertex at arc length s, negative against the field; nonzero: the line ends before it. */
typedef int keep_vertex(void *keeper, const double y[2], double s);

typedef struct {
    screen *screen;
    double tolerance, gap, longest_step;
    gsl_odeiv2_step *step;
    gsl_odeiv2_control *control;
    gsl_odeiv2_evolve *evolve;
    keep_vertex *keep;
    void *keeper;
    double start[2], last[2], tangent[2];       /* first and newest vertex, direction there */
    double kept;                        /* arc length of the newest vertex */
    double h, most_h;                   /* step to try; shorter than longest_step once the field was missing ahead */
    double s0, s1, y0[2], y1[2], d0[2], d1[2];      /* ends of the newest step */
} walker;

static void walker_end(walker *w)
{
    if (w->evolve) gsl_odeiv2_evolve_free(w->evolve);
    if (w->control) gsl_odeiv2_control_free(w->control);
    if (w->step) gsl_odeiv2_step_free(w->step);
}

static fs_status walker_begin(walker *w, screen *k, const gsl_odeiv2_step_type *type, double tolerance, double gap, double longest_step, fs_err *err)
{
    *w = (walker){ .screen = k, .tolerance = tolerance, .gap = gap, .longest_step = longest_step };
    w->step = gsl_odeiv2_step_alloc(type, 2);
    w->control = gsl_odeiv2_control_y_new(tolerance, 0.0);
    w->evolve = gsl_odeiv2_evolve_alloc(2);
    return w->step && w->control && w->evolve ? FS_OK : fs_fail(err, FS_ENOMEM, "streamlines: integrator");
}

static double angle_between(const double a[2], const double b[2])
{
    return atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1]);
}

/* One step from y1, which becomes y0.  Where the field is missing ahead, half the step, until it is too short to be seen; the same where the line turns too far
 * in it.  A step no longer than its error, or that turns back and is hardly longer, has come to a stationary point. */
static walk_end advance(walker *w)
{
    gsl_odeiv2_system system = { direction, NULL, 2, w->screen };
    while (w->most_h > w->gap / 20.0) {
        double s = w->s1, h = w->h < w->most_h ? w->h : w->most_h, tried = h, y[2] = { w->y1[0], w->y1[1] };
        int flag = gsl_odeiv2_evolve_apply(w->evolve, w->control, w->step, &system, &s, s + 1.0, &h, y);
        if (flag == GSL_EBADFUNC) {
            w->most_h = 0.5 * tried;
            gsl_odeiv2_evolve_reset(w->evolve);     /* it may hold the direction at the end of a rejected step */
            continue;
        }
        double step = s - w->s1, turn = fabs(angle_between(w->evolve->dydt_in, w->evolve->dydt_out));
        if (flag != GSL_SUCCESS || !(step > 0.1 * w->tolerance) || (step < 100.0 * w->tolerance && !(turn < right_angle))) return END_STILL;
        if (turn > 2.0 * most_turn && step > w->gap / 20.0) {
            w->h = 0.5 * step;
            gsl_odeiv2_evolve_reset(w->evolve);
            continue;
        }
        w->s0 = w->s1;
        w->s1 = s;
        w->h = h * turn > most_turn * step ? (most_turn / turn) * step : h;
        memcpy(w->y0, w->y1, sizeof w->y0);
        memcpy(w->y1, y, sizeof w->y1);
        memcpy(w->d0, w->evolve->dydt_in, sizeof w->d0);
        memcpy(w->d1, w->evolve->dydt_out, sizeof w->d1);
        return GOES_ON;
    }
    return END_REFUSED;
}

/* The cubic through both ends of the step, in the directions there: point and tangent at arc length s. */
static void between(const walker *w, double s, double y[2], double tangent[2])
{
    double h = w->s1 - w->s0, t = (s - w->s0) / h, u = 1.0 - t;
    for (int i = 0; i < 2; i++) {
        y[i] = u * u * ((1.0 + 2.0 * t) * w->y0[i] + t * h * w->d0[i]) + t * t * ((1.0 + 2.0 * u) * w->y1[i] - u * h * w->d1[i]);
        tangent[i] = 6.0 * t * u * ((w->y1[i] - w->y0[i]) / h) + u * (1.0 - 3.0 * t) * w->d0[i] + t * (3.0 * t - 2.0) * w->d1[i];
    }
}

static int take(const walker *w, const double y[2], double s)
{
    return w->keep(w->keeper, y, w->screen->sign * s);
}

/* Where the step leaves the window: inside at arc length s, outside at `beyond`. */
static walk_end leave(walker *w, double s, double beyond)
{
    double y[2], tangent[2];
    for (int i = 0; i < 40; i++) {
        double middle = 0.5 * (s + beyond);
        between(w, middle, y, tangent);
        if (is_inside(w->screen, y)) s = middle;
        else beyond = middle;
    }
    between(w, s, y, tangent);
    if (s > w->kept && is_inside(w->screen, y) && take(w, y, s)) return END_CUT;
    return END_WINDOW;
}

/* The line passes its start on the way from the newest vertex to y: it has been round. */
static int closes(const walker *w, const double y[2])
{
    double e[2] = { y[0] - w->last[0], y[1] - w->last[1] }, c[2] = { w->start[0] - w->last[0], w->start[1] - w->last[1] };
    double length = hypot(e[0], e[1]), along = (e[0] * c[0] + e[1] * c[1]) / length, across = (e[0] * c[1] - e[1] * c[0]) / length;
    return along > 0.0 && along <= length && fabs(across) < near_enough;
}

/* Arc length of the next vertex: a gap on, down to a sixteenth where the line bends; beyond s1: in a later step. */
static double next_vertex(const walker *w)
{
    double s = w->s0;
    for (double gap = w->gap; gap > w->gap / 20.0; gap *= 0.5) {
        double y[2], tangent[2];
        s = w->kept + gap;
        if (s <= w->s0) return w->s0;
        between(w, s < w->s1 ? s : w->s1, y, tangent);
        if (fabs(angle_between(w->tangent, tangent)) <= bend) break;
    }
    return s;
}

/* The vertices of the newest step. */
static walk_end add_vertices(walker *w)
{
    double inside = w->s0;
    for (double s = next_vertex(w); s <= w->s1; s = next_vertex(w)) {
        double y[2], tangent[2];
        between(w, s, y, tangent);
        if (!is_inside(w->screen, y)) return leave(w, inside, s);
        if (closes(w, y)) return take(w, w->start, s) ? END_CUT : END_CLOSED;
        if (take(w, y, s)) return END_CUT;
        memcpy(w->last, y, sizeof w->last);
        memcpy(w->tangent, tangent, sizeof w->tangent);
        w->kept = inside = s;
    }
    return is_inside(w->screen, w->y1) ? GOES_ON : leave(w, inside, w->s1);
}

/* From `from`, whose vertex is there, along the field (sign > 0) or against it. */
static walk_end walk(walker *w, const double from[2], int sign, double longest, keep_vertex *keep, void *keeper)
{
    w->keep = keep;
    w->keeper = keeper;
    w->screen->sign = sign > 0 ? 1 : -1;
    w->kept = w->s0 = w->s1 = 0.0;
    w->most_h = w->longest_step;
    w->h = 0.1 * w->longest_step;
    memcpy(w->start, from, sizeof w->start);
    memcpy(w->last, from, sizeof w->last);
    memcpy(w->y1, from, sizeof w->y1);
    gsl_odeiv2_evolve_reset(w->evolve);
    gsl_odeiv2_step_reset(w->step);
    walk_end end = GOES_ON;
    for (int step = 1; end == GOES_ON; step++) {
        end = advance(w);
        if (end != GOES_ON) break;
        if (step == 1) memcpy(w->tangent, w->d0, sizeof w->tangent);
        end = add_vertices(w);
        if (end == GOES_ON && (w->s1 >= longest || step == MOST_STEPS)) end = END_LENGTH;
    }
    int vertex_is_missing = (end == END_STILL || end == END_REFUSED || end == END_LENGTH) && w->s1 > w->kept;
    return vertex_is_missing && take(w, w->y1, w->s1) ? END_CUT : end;
}

/* --- a line on its own ----------------------------------------------------------------------- */

typedef struct {
    const screen *screen;
    size_t n, room;
    double *place;              /* (room, 2) */
    int no_memory;
} polyline;

static int append(void *keeper, const double y[2], double s)
{
    polyline *p = keeper;
    (void)s;
    if (p->n == p->room) {
        size_t room = p->room ? 2 * p->room : 256;
        double *longer = p->n >= MOST_VERTICES ? NULL : realloc(p->place, 2 * room * sizeof *longer);
        if (!longer) {
            p->no_memory = p->n < MOST_VERTICES;
            return 1;
        }
        p->place = longer;
        p->room = room;
    }
    place_of(p->screen, y, p->place + 2 * p->n++);
    return 0;
}

static void reverse(size_t n, double *place)
{
    for (size_t i = 0, j = n; i + 1 < j; i++) {
        double swap[2];
        j--;
        memcpy(swap, place + 2 * i, sizeof swap);
        memcpy(place + 2 * i, place + 2 * j, sizeof swap);
        memcpy(place + 2 * j, swap, sizeof swap);
    }
}

/* The vertex nearest to half the length on the screen, an end excepted. */
static size_t middle_vertex(const screen *k, size_t n, const double *place)
{
    double total = 0.0, before = 0.0;
    for (int pass = 0; pass < 2; pass++) {
        double length = 0.0;
        for (size_t i = 1; i < n; i++) {
            double a = (place[2 * i] - place[2 * i - 2]) * (k->size[0] / (k->high[0] - k->low[0]));
            double b = (place[2 * i + 1] - place[2 * i - 1]) * (k->size[1] / (k->high[1] - k->low[1]));
            before = length;
            length += hypot(a, b);
            if (pass && !(length < 0.5 * total)) {
                size_t nearest = length - 0.5 * total < 0.5 * total - before ? i : i - 1;
                return nearest < 1 ? 1 : nearest > n - 2 ? n - 2 : nearest;
            }
        }
        total = length;
    }
    return n / 2;
}

fs_status fs_streamline_trace(fs_streamline *line, fs_plane_field *field, void *context, const double from[2], int sign, double longest,
                              const fs_streamline_options *options, fs_err *err)
{
    const double gap = 0.01, tolerance = 1e-7;
    screen k;
    walker w;
    *line = (fs_streamline){ 0 };
    FS_TRY(check_options(options, err));
    if (!(longest >= 0.0)) return fs_fail(err, FS_EINPUT, "streamline: expected a greatest length >= 0, found %g", longest);
    screen_begin(&k, field, context, options);
    double y[2];
    for (int i = 0; i < 2; i++) y[i] = (from[i] - k.low[i]) * (k.size[i] / (k.high[i] - k.low[i]));
    if (!is_inside(&k, y) || !(k.still > 0.0)) return FS_OK;
    polyline p = { .screen = &k };
    fs_status status = walker_begin(&w, &k, gsl_odeiv2_step_rk8pd, tolerance, gap, 2.0 * gap, err);
    if (status == FS_OK && !append(&p, y, 0.0)) walk(&w, y, sign, longest > 0.0 ? longest : default_longest, append, &p);
    if (p.no_memory) status = fs_fail(err, FS_ENOMEM, "streamline of more than %zu vertices", p.n);
    walker_end(&w);
    if (status != FS_OK || p.n < 3) {
        free(p.place);
        return status;
    }
    if (sign <= 0) reverse(p.n, p.place);
    *line = (fs_streamline){ .n = p.n, .place = p.place, .arrow = middle_vertex(&k, p.n, p.place) };
    return FS_OK;
}

void fs_streamline_clear(fs_streamline *line)
{
    free(line->place);
    *line = (fs_streamline){ 0 };
}

/* --- many lines ------------------------------------------------------------------------------ */

#define NOWHERE SIZE_MAX

typedef struct {
    double y[2], s;                     /* arc length from the line's seed, negative against the field */
    size_t next;                        /* in the same cell, NOWHERE: none */
} vertex;

typedef struct {
    screen screen;
    walker walker;
    double spacing, too_near, gap, cell[2];
    size_t columns, rows, n, room, budget;      /* vertices; evaluations */
    size_t *newest;                     /* (rows, columns) of the cell, NOWHERE: empty */
    char *in_vain;                      /* (rows, columns) in this round a line through this cell came out too short */
    int round;
    vertex *vertex;                     /* (n) line after line, each from its seed along the field, then from its seed against it */
    size_t first, circling;             /* of the line that grows; where it came near to its own start, NOWHERE: it has not */
    fs_streamlines *lines;
    size_t lines_room, n_begun;         /* lines beside which others were tried */
    size_t *first_of;                   /* (lines_room) first vertex of a line that was kept */
    int no_memory;
} placement;

static size_t cell_index(double y, double cell, size_t n)
{
    double i = y / cell;
    return !(i > 0.0) ? 0 : i < (double)n ? (size_t)i : n - 1;
}

static size_t cell_of(const placement *p, const double y[2])
{
    return cell_index(y[1], p->cell[1], p->rows) * p->columns + cell_index(y[0], p->cell[0], p->columns);
}

/* Back to n vertices: the newest of a cell is the first of its list. */
static void forget(placement *p, size_t n)
{
    while (p->n > n) {
        p->n--;
        p->newest[cell_of(p, p->vertex[p->n].y)] = p->vertex[p->n].next;
    }
}

static int remember(placement *p, const double y[2], double s)
{
    if (p->n == p->room) {
        size_t room = p->room ? 2 * p->room : 4096;
        vertex *more = p->n >= MOST_VERTICES ? NULL : realloc(p->vertex, room * sizeof *more);
        if (!more) {
            p->no_memory = p->n < MOST_VERTICES;
            return 1;
        }
        p->vertex = more;
        p->room = room;
    }
    size_t *newest = &p->newest[cell_of(p, y)];
    p->vertex[p->n] = (vertex){ .y = { y[0], y[1] }, .s = s, .next = *newest };
    *newest = p->n++;
    return 0;
}

/* Asks about every vertex nearer than `distance`; stops where the answer is not 0, and returns it. */
static int any_within(const placement *p, const double y[2], double distance, int (*ask)(const placement *p, size_t i, double s), double s)
{
    size_t bottom = cell_index(y[1] - distance, p->cell[1], p->rows), top = cell_index(y[1] + distance, p->cell[1], p->rows);
    size_t left = cell_index(y[0] - distance, p->cell[0], p->columns), right = cell_index(y[0] + distance, p->cell[0], p->columns);
    for (size_t row = bottom; row <= top; row++)
        for (size_t column = left; column <= right; column++)
            for (size_t v = p->newest[row * p->columns + column]; v != NOWHERE; v = p->vertex[v].next) {
                double a = p->vertex[v].y[0] - y[0], b = p->vertex[v].y[1] - y[1];
                int answer = a * a + b * b < distance * distance ? ask(p, v, s) : 0;
                if (answer) return answer;
            }
    return 0;
}

static int anything(const placement *p, size_t i, double s)
{
    (void)p;
    (void)i;
    (void)s;
    return 1;
}

/* The line's own start again, which it may reach: it closes there, or else is taken back to where it came near. */
static int own_start(const placement *p, size_t i, double s)
{
    return i >= p->first && s - p->vertex[i].s > 3.0 * p->too_near && fabs(p->vertex[i].s) <= 1.5 * p->too_near;
}

/* Of another line, or of this one after it has been round. */
static int another_strand(const placement *p, size_t i, double s)
{
    return i < p->first || (fabs(s - p->vertex[i].s) > 3.0 * p->too_near && !own_start(p, i, s));
}

static int keep_apart(void *keeper, const double y[2], double s)
{
    placement *p = keeper;
    if (any_within(p, y, p->too_near, another_strand, s)) return 1;
    if (!any_within(p, y, p->too_near, own_start, s)) p->circling = NOWHERE;
    else if (p->circling == NOWHERE) p->circling = p->n;
    return p->screen.evaluations > p->budget || remember(p, y, s);
}

static fs_status keep_line(placement *p, size_t forward, fs_err *err)
{
    fs_streamlines *all = p->lines;
    if (all->n == p->lines_room) {
        size_t room = p->lines_room ? 2 * p->lines_room : 64;
        fs_streamline *line = realloc(all->line, room * sizeof *line);
        if (line) all->line = line;
        size_t *first_of = line ? realloc(p->first_of, room * sizeof *first_of) : NULL;
        if (!first_of) return fs_fail(err, FS_ENOMEM, "%zu streamlines", room);
        p->first_of = first_of;
        p->lines_room = room;
    }
    size_t n = p->n - p->first;
    fs_streamline *line = &all->line[all->n];
    *line = (fs_streamline){ .n = n, .place = fs_calloc(n, 2 * sizeof *line->place) };
    if (!line->place) return fs_fail(err, FS_ENOMEM, "streamline of %zu vertices", n);
    for (size_t i = 0; i < n; i++) {
        size_t from = i < n - forward ? p->n - 1 - i : p->first + i - (n - forward);
        place_of(&p->screen, p->vertex[from].y, line->place + 2 * i);
    }
    line->arrow = middle_vertex(&p->screen, n, line->place);
    p->first_of[all->n++] = p->first;
    return FS_OK;
}

/* A line may start at y: in a cell where none was tried in vain, far from all others, where there is a field. */
static int is_free(placement *p, const double y[2])
{
    double d[2];
    return is_inside(&p->screen, y) && !p->in_vain[cell_of(p, y)] && !any_within(p, y, 0.99 * p->spacing, anything, 0.0) &&
           speed_and_direction(&p->screen, y, d) > p->screen.still;
}

/* The line through y, its part along the field first; *forward: the vertices of that part.  Returns how many ends others cut. */
static int grow(placement *p, const double y[2], size_t *forward)
{
    const double longest = 1e3;
    p->first = p->n;
    p->circling = *forward = NOWHERE;
    if (remember(p, y, 0.0)) return 2;
    walk_end along = walk(&p->walker, y, 1, longest, keep_apart, p), against = END_CLOSED;
    if (along != END_CLOSED && p->circling != NOWHERE) forget(p, p->circling);
    *forward = p->n - p->first;
    if (along != END_CLOSED) against = walk(&p->walker, y, -1, longest, keep_apart, p);
    return (along == END_CUT) + (against == END_CUT);
}

/* Its arc length. */
static double length_of(const placement *p, size_t forward)
{
    return p->vertex[p->first + forward - 1].s - (p->n - p->first > forward ? p->vertex[p->n - 1].s : 0.0);
}

/* A line through y, kept when it is long enough; else the cells where that need not be tried again are marked. */
static fs_status try_line(placement *p, const double y[2], fs_err *err)
{
    if (!is_free(p, y)) return FS_OK;
    size_t forward;
    double least = shortest[p->round][grow(p, y, &forward)] * p->spacing;
    if (p->no_memory) return fs_fail(err, FS_ENOMEM, "more than %zu vertices of streamlines", p->n);
    if (p->n - p->first >= 3 && length_of(p, forward) >= least) return keep_line(p, forward, err);
    for (size_t i = p->first; i < (p->round + 1 < ROUNDS ? p->n : p->first + 1) && i < p->n; i++) p->in_vain[cell_of(p, p->vertex[i].y)] = 1;
    forget(p, p->first);
    return FS_OK;
}

/* Beside the vertices of the lines that have no neighbours yet, on both sides of the chord that ends there. */
static fs_status try_beside(placement *p, fs_err *err)
{
    for (; p->n_begun < p->lines->n; p->n_begun++) {
        size_t first = p->first_of[p->n_begun], end = first + p->lines->line[p->n_begun].n;
        for (size_t i = first; i < end; i++)
            for (int side = -1; side <= 1; side += 2) {
                const vertex *v = p->vertex;
                size_t before = i == first ? i + 1 : v[i].s * v[i - 1].s < 0.0 ? first : i - 1;
                double a = v[i].y[0] - v[before].y[0], b = v[i].y[1] - v[before].y[1], away = side * p->spacing / hypot(a, b);
                double y[2] = { v[i].y[0] - away * b, v[i].y[1] + away * a };
                if (p->screen.evaluations > p->budget) return FS_OK;
                FS_TRY(try_line(p, y, err));
            }
    }
    return FS_OK;
}

static size_t greatest_common_divisor(size_t a, size_t b)
{
    while (b) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The middles of the cells, each far from the one before it, and the neighbours of every line that they bring. */
static fs_status try_everywhere(placement *p, fs_err *err)
{
    const double golden = 0.61803398874989485;
    size_t columns = p->columns, count = p->rows * columns, stride = (size_t)(golden * (double)count) | 1;
    while (greatest_common_divisor(stride, count) > 1) stride++;
    for (size_t i = 0, k = count / 2 + columns / 2; i < count && p->screen.evaluations <= p->budget; i++, k = (k + stride) % count) {
        double y[2] = { ((double)(k % columns) + 0.5) * p->cell[0], ((double)(k / columns) + 0.5) * p->cell[1] };
        FS_TRY(try_line(p, y, err));
        FS_TRY(try_beside(p, err));
    }
    return FS_OK;
}

static void placement_end(placement *p)
{
    walker_end(&p->walker);
    free(p->newest);
    free(p->in_vain);
    free(p->vertex);
    free(p->first_of);
    fs_streamlines_destroy(p->lines);
}

static fs_status placement_begin(placement *p, fs_plane_field *field, void *context, const fs_streamline_options *o, fs_err *err)
{
    const double widest_gap = 0.01, tolerance = 1e-5;
    *p = (placement){ .spacing = o->spacing > 0.0 ? o->spacing : default_spacing };
    screen_begin(&p->screen, field, context, o);
    p->too_near = too_near * p->spacing;
    p->gap = p->spacing / 4.0 < widest_gap ? p->spacing / 4.0 : widest_gap;
    p->columns = (size_t)ceil(2.0 * p->screen.size[0] / p->spacing);
    p->rows = (size_t)ceil(2.0 * p->screen.size[1] / p->spacing);
    p->cell[0] = p->screen.size[0] / (double)p->columns;
    p->cell[1] = p->screen.size[1] / (double)p->rows;
    p->budget = 50000 + (size_t)(20.0 * p->screen.size[0] * p->screen.size[1] / (p->spacing * p->gap));
    p->newest = fs_calloc(p->rows * p->columns, sizeof *p->newest);
    p->lines = fs_calloc(1, sizeof *p->lines);
    p->in_vain = fs_calloc(p->rows * p->columns, 1);
    if (!p->newest || !p->in_vain || !p->lines) return fs_fail(err, FS_ENOMEM, "streamlines: %zu x %zu cells", p->rows, p->columns);
    for (size_t i = 0; i < p->rows * p->columns; i++) p->newest[i] = NOWHERE;
    return walker_begin(&p->walker, &p->screen, gsl_odeiv2_step_rkf45, tolerance, p->gap, 3.0 * p->gap, err);
}

fs_status fs_streamlines_compute(fs_streamlines **out, fs_plane_field *field, void *context, const fs_streamline_options *options, fs_err *err)
{
    placement p = { 0 };
    *out = NULL;
    FS_TRY(check_options(options, err));
    fs_status status = placement_begin(&p, field, context, options, err);
    for (; status == FS_OK && p.screen.still > 0.0 && p.round < ROUNDS; p.round++) {
        p.n_begun = 0;
        memset(p.in_vain, 0, p.rows * p.columns);
        status = try_everywhere(&p, err);
    }
    if (status == FS_OK) {
        *out = p.lines;
        p.lines = NULL;
    }
    placement_end(&p);
    return status;
}

void fs_streamlines_destroy(fs_streamlines *s)
{
    if (!s) return;
    for (size_t i = 0; i < s->n; i++) fs_streamline_clear(&s->line[i]);
    free(s->line);
    free(s);
}
