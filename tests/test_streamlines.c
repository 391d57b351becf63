/* tests/test_streamlines.c -- evenly spaced streamlines and single ones traced
 *
 * Lengths are relative to the panel's shorter side.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "law.h"

#include "experiment/streamlines.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_rng.h>

static const double spacing = 0.06, gap = 0.01, tolerance = 1e-5, bend = 0.15;

/* --- fields ---------------------------------------------------------------------------------- */

/* F(x) = M (x - c), counted. */
typedef struct {
    double M[4], c[2];
    size_t calls;
} linear;

static int linear_field(void *context, const double x[2], double F[2])
{
    linear *f = context;
    double a = x[0] - f->c[0], b = x[1] - f->c[1];
    f->calls++;
    F[0] = f->M[0] * a + f->M[1] * b;
    F[1] = f->M[2] * a + f->M[3] * b;
    return 0;
}

static int stretched_linear_field(void *context, const double x[2], double F[2])
{
    int flag = linear_field(context, x, F);
    double factor = 1.5 + 0.5 * sin(3.0 * x[0] + x[1]);
    F[0] *= factor;
    F[1] *= factor;
    return flag;
}

/* Magnified so that the window is as wide as *context says. */
static int wide_field(void *context, const double x[2], double F[2])
{
    double scale = *(const double *)context, a = x[0] / scale, b = x[1] / scale;
    F[0] = scale * (b - 0.2 * a);
    F[1] = -scale * sin(2.0 * a);
    return 0;
}

/* -grad R,  R = (1 - cos(r a) cos(r b)) / 4,  r = sqrt 2:  sinks, sources and saddles on a lattice. */
static int waves(void *context, const double x[2], double F[2])
{
    const double r = sqrt(2.0);
    (*(size_t *)context)++;
    F[0] = -0.25 * r * sin(r * x[0]) * cos(r * x[1]);
    F[1] = -0.25 * r * cos(r * x[0]) * sin(r * x[1]);
    return 0;
}

static int constant_field(void *context, const double x[2], double F[2])
{
    (void)x;
    memcpy(F, context, 2 * sizeof *F);
    return 0;
}

static int refusing_field(void *context, const double x[2], double F[2])
{
    (void)context;
    (void)x;
    F[0] = F[1] = 1.0;
    return 1;
}

/* Rises to the right; there is none beyond |x| = 0.6, nor is it asked for there in vain more often than it must. */
static int field_in_a_disc(void *context, const double x[2], double F[2])
{
    (void)context;
    F[0] = 1.0;
    F[1] = x[0];
    return !(hypot(x[0], x[1]) < 0.6);
}

/* A direction that has nothing to do with that a rounding error away. */
static int noise(void *context, const double x[2], double F[2])
{
    uint64_t a, b;
    memcpy(&a, &x[0], sizeof a);
    memcpy(&b, &x[1], sizeof b);
    a = (a ^ (b * 1442695040888963407u)) * 6364136223846793005u;
    a ^= a >> 31;
    (*(size_t *)context)++;
    F[0] = cos((double)(a % 1000003));
    F[1] = sin((double)(a % 1000003));
    return 0;
}

/* --- making lines ---------------------------------------------------------------------------- */

static const fs_streamline_options unit_window = { .window = { -1.0, 1.0, -1.0, 1.0 } };

static fs_streamlines *lines_of(fs_plane_field *field, void *context, const fs_streamline_options *o)
{
    fs_streamlines *s = NULL;
    fs_err err = { 0 };
    assert_ok(fs_streamlines_compute(&s, field, context, o, &err), err);
    assert_non_null(s);
    return s;
}

static fs_streamline trace_of(fs_plane_field *field, void *context, double a, double b, int sign)
{
    fs_streamline line;
    fs_err err = { 0 };
    assert_ok(fs_streamline_trace(&line, field, context, (double[]){ a, b }, sign, 0.0, &unit_window, &err), err);
    return line;
}

/* Random: saddles, nodes, foci; the stationary point inside the window or a little outside. */
static linear random_linear(gsl_rng *rng)
{
    linear f = { .calls = 0 };
    for (int i = 0; i < 4; i++) f.M[i] = 2.0 * gsl_rng_uniform(rng) - 1.0;
    for (int i = 0; i < 2; i++) f.c[i] = 2.4 * gsl_rng_uniform(rng) - 1.2;
    return f;
}

static double distance(const double x[2], const double y[2]) { return hypot(x[0] - y[0], x[1] - y[1]); }

/* In panels of the unit window. */
static double panels(const double x[2], const double y[2]) { return 0.5 * distance(x, y); }

static double distance_to_lines(const fs_streamlines *s, const double x[2], double (*metric)(const double *, const double *))
{
    double nearest = (double)INFINITY;
    for (size_t l = 0; l < s->n; l++)
        for (size_t i = 0; i < s->line[l].n; i++) {
            double d = metric(x, s->line[l].place + 2 * i);
            if (d < nearest) nearest = d;
        }
    return nearest;
}

static void assert_same_lines(const fs_streamlines *s, const fs_streamlines *t, double scale, double tol)
{
    assert_int_equal(s->n, t->n);
    for (size_t l = 0; l < s->n; l++) {
        assert_int_equal(s->line[l].n, t->line[l].n);
        assert_int_equal(s->line[l].arrow, t->line[l].arrow);
        for (size_t i = 0; i < 2 * s->line[l].n; i++) assert_near(t->line[l].place[i] / scale, s->line[l].place[i], tol);
    }
}

static double length_to(const fs_streamline *line, size_t end)
{
    double length = 0.0;
    for (size_t i = 1; i <= end; i++) length += panels(line->place + 2 * i, line->place + 2 * i - 2);
    return length;
}

/* --- what every line keeps ------------------------------------------------------------------- */

/* Inside the window, vertices no more than a gap of arc apart, one spacing long, the arrowhead half way.  Within a step arc length is that of
 * the cubic's parameter, off by some percent where the step bends unevenly. */
static void assert_well_formed(const fs_streamlines *s)
{
    for (size_t l = 0; l < s->n; l++) {
        const fs_streamline *line = &s->line[l];
        assert_true(line->n >= 3);
        for (size_t i = 0; i < 2 * line->n; i++) assert_at_most(fabs(line->place[i]), 1.0);
        for (size_t i = 1; i < line->n; i++) assert_at_most(panels(line->place + 2 * i, line->place + 2 * i - 2), 1.1 * gap);
        double total = length_to(line, line->n - 1);
        assert_at_most(spacing * (1.0 - bend), total);
        assert_true(line->arrow > 0 && line->arrow < line->n - 1);
        assert_near(length_to(line, line->arrow), 0.5 * total, 0.5 * 1.1 * gap);
    }
}

static void lines_are_well_formed(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("lines_are_well_formed");
    for (int k = 0; k < 12; k++) {
        linear f = random_linear(rng);
        fs_streamlines *s = lines_of(linear_field, &f, &unit_window);
        assert_true(s->n > 5);
        assert_well_formed(s);
        fs_streamlines_destroy(s);
    }
    gsl_rng_free(rng);
}

/* A chord turns from the field in its middle by less than the arc does in all, and by as much again where a step turns so far that the cubic through it does not
 * turn evenly.  Its ends are off by some tolerances (more than one where the field is stiff), its middle is off the arc by bend / 8 of its length, and the
 * direction of M x changes by |M| / |M x| per length. */
static void chords_follow_the_field(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("chords_follow_the_field");
    for (int k = 0; k < 12; k++) {
        linear f = random_linear(rng);
        fs_streamlines *s = lines_of(linear_field, &f, &unit_window);
        for (size_t l = 0; l < s->n; l++)
            for (size_t i = 1; i < s->line[l].n; i++) {
                const double *y = s->line[l].place + 2 * i, *x = y - 2;
                double F[2], chord[2] = { y[0] - x[0], y[1] - x[1] }, middle[2] = { 0.5 * (x[0] + y[0]), 0.5 * (x[1] + y[1]) };
                linear_field(&f, middle, F);
                double angle = fabs(atan2(F[0] * chord[1] - F[1] * chord[0], F[0] * chord[0] + F[1] * chord[1]));
                double off = 16.0 * tolerance, length = panels(x, y), M = sqrt(f.M[0] * f.M[0] + f.M[1] * f.M[1] + f.M[2] * f.M[2] + f.M[3] * f.M[3]);
                if (panels(middle, f.c) > gap) assert_at_most(angle, 2.0 * bend + off / length + 2.0 * (off + bend / 8.0 * length) * M / hypot(F[0], F[1]));
            }
        fs_streamlines_destroy(s);
    }
    gsl_rng_free(rng);
}

/* a b is constant along (a, -b), a^2 + b^2 along (-b, a): each vertex is one step on, each step off by the tolerance at most. */
static void first_integrals_are_kept(void **state)
{
    (void)state;
    linear saddle = { .M = { 1.0, 0.0, 0.0, -1.0 } }, centre = { .M = { 0.0, -1.0, 1.0, 0.0 } };
    for (int k = 0; k < 2; k++) {
        fs_streamlines *s = lines_of(linear_field, k ? &centre : &saddle, &unit_window);
        for (size_t l = 0; l < s->n; l++) {
            const fs_streamline *line = &s->line[l];
            double lowest = (double)INFINITY, highest = -lowest;
            for (size_t i = 0; i < line->n; i++) {
                double a = line->place[2 * i], b = line->place[2 * i + 1], integral = k ? a * a + b * b : a * b;
                lowest = integral < lowest ? integral : lowest;
                highest = integral > highest ? integral : highest;
            }
            /* |grad| <= 2 sqrt 2, and the window is 2 wide */
            assert_at_most(highest - lowest, 2.0 * 2.0 * sqrt(2.0) * tolerance * (double)line->n);
        }
        fs_streamlines_destroy(s);
    }
}

/* --- how they lie ---------------------------------------------------------------------------- */

static void no_two_lines_come_nearer_than_half_the_spacing(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("no_two_lines_come_nearer_than_half_the_spacing");
    for (int k = 0; k < 8; k++) {
        linear f = random_linear(rng);
        fs_streamlines *s = lines_of(linear_field, &f, &unit_window);
        for (size_t l = 0; l < s->n; l++)
            for (size_t m = 0; m < l; m++)
                for (size_t i = 0; i < s->line[l].n; i++)
                    for (size_t j = 0; j < s->line[m].n; j++)
                        assert_at_most(0.5 * spacing * (1.0 - 1e-9), panels(s->line[l].place + 2 * i, s->line[m].place + 2 * j));
        fs_streamlines_destroy(s);
    }
    gsl_rng_free(rng);
}

/* Pieces of one line that are more than three times as far apart along it; a slow spiral meets its own start, too near to pass and too far to close. */
static void no_spiral_winds_closer_than_half_the_spacing(void **state)
{
    (void)state;
    static const double decay[] = { 0.1, 0.01, 0.004 };
    for (size_t k = 0; k < 3; k++) {
        linear f = { .M = { -decay[k], -1.0, 1.0, -decay[k] } };
        fs_streamlines *s = lines_of(linear_field, &f, &unit_window);
        assert_true(s->n > 5);
        for (size_t l = 0; l < s->n; l++) {
            const fs_streamline *line = &s->line[l];
            for (size_t i = 0; i < line->n; i++)
                for (size_t j = 0; j < i; j++)
                    if (panels(line->place + 2 * i, line->place + 2 * j) < 0.5 * spacing * (1.0 - 1e-9))
                        assert_at_most(length_to(line, i) - length_to(line, j), 1.5 * spacing);
        }
        fs_streamlines_destroy(s);
    }
}

/* Half a vertex gap lies between the nearest vertex and the line. */
static void assert_no_hole(fs_plane_field *field, void *context, const fs_streamline_options *o, double (*metric)(const double *, const double *), double of_lines, gsl_rng *rng)
{
    fs_streamlines *s = lines_of(field, context, o);
    for (int i = 0; i < 1000; i++) {
        double x[2] = { o->window[0] + (o->window[1] - o->window[0]) * gsl_rng_uniform(rng), o->window[2] + (o->window[3] - o->window[2]) * gsl_rng_uniform(rng) };
        assert_at_most(distance_to_lines(s, x, metric), 2.25 * of_lines + 0.5 * gap);
    }
    fs_streamlines_destroy(s);
}

static void no_disc_stays_empty(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("no_disc_stays_empty");
    for (int k = 0; k < 10; k++) {
        linear f = random_linear(rng);
        assert_no_hole(linear_field, &f, &unit_window, panels, spacing, rng);
    }
    gsl_rng_free(rng);
}

static double eighths(const double x[2], const double y[2]) { return 0.125 * distance(x, y); }

/* 25 sinks and sources, 24 saddles: every cell between separatrices has its lines. */
static void every_region_has_lines(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("every_region_has_lines");
    fs_streamline_options o = { .window = { -4.0, 4.0, -4.0, 4.0 }, .spacing = 0.04 };
    size_t calls = 0;
    assert_no_hole(waves, &calls, &o, eighths, 0.04, rng);
    gsl_rng_free(rng);
}

static double in_a_wide_panel(const double x[2], const double y[2]) { return hypot(0.1 * (x[0] - y[0]), x[1] - y[1]); }

/* 30 x 1 on a panel of 3 x 1: distances are those on the screen, and lines follow the field of the plane: a^2 / 20 + 5 b^2 is constant. */
static void spacing_is_that_of_the_screen(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("spacing_is_that_of_the_screen");
    fs_streamline_options o = { .window = { -15.0, 15.0, -0.5, 0.5 }, .aspect = 3.0, .spacing = 0.1 };
    linear f = { .M = { 0.0, -10.0, 0.1, 0.0 } };
    assert_no_hole(linear_field, &f, &o, in_a_wide_panel, 0.1, rng);
    fs_streamlines *s = lines_of(linear_field, &f, &o);
    for (size_t l = 0; l < s->n; l++) {
        const fs_streamline *line = &s->line[l];
        for (size_t i = 1; i < line->n; i++) {
            const double *x = line->place + 2 * i;
            assert_near(0.05 * x[0] * x[0] + 5.0 * x[1] * x[1], 0.05 * line->place[0] * line->place[0] + 5.0 * line->place[1] * line->place[1], 20.0 * tolerance * (double)line->n);
        }
        for (size_t i = 0; i < s->line[l].n; i++)
            for (size_t m = 0; m < l; m++)
                for (size_t j = 0; j < s->line[m].n; j++)
                    assert_at_most(0.05 * (1.0 - 1e-9), in_a_wide_panel(s->line[l].place + 2 * i, s->line[m].place + 2 * j));
    }
    fs_streamlines_destroy(s);
    gsl_rng_free(rng);
}

/* --- what changes nothing -------------------------------------------------------------------- */

static void the_same_field_gives_the_same_bytes(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("the_same_field_gives_the_same_bytes");
    linear f = random_linear(rng);
    fs_streamlines *s = lines_of(linear_field, &f, &unit_window), *t = lines_of(linear_field, &f, &unit_window);
    assert_int_equal(s->n, t->n);
    for (size_t l = 0; l < s->n; l++) {
        assert_int_equal(s->line[l].n, t->line[l].n);
        assert_int_equal(s->line[l].arrow, t->line[l].arrow);
        assert_memory_equal(s->line[l].place, t->line[l].place, 2 * s->line[l].n * sizeof *s->line[l].place);
    }
    fs_streamlines_destroy(s);
    fs_streamlines_destroy(t);
    gsl_rng_free(rng);
}

/* The direction is all that counts: rounding differs, and what a line's length makes of it. */
static void speed_changes_nothing(void **state)
{
    (void)state;
    linear f = { .M = { 0.3, -1.0, 0.8, 0.1 }, .c = { 1.5, 0.2 } };
    fs_streamlines *s = lines_of(linear_field, &f, &unit_window), *t = lines_of(stretched_linear_field, &f, &unit_window);
    assert_same_lines(s, t, 1.0, 1e-9);
    fs_streamlines_destroy(s);
    fs_streamlines_destroy(t);
}

/* Powers of two to the last bit; others to rounding. */
static void the_size_of_the_window_changes_nothing(void **state)
{
    (void)state;
    static const double scales[] = { 0x1p-60, 0x1p200, 1e6, 1e-8, 1e8 };
    double one = 1.0;
    fs_streamlines *s = lines_of(wide_field, &one, &unit_window);
    assert_well_formed(s);
    for (size_t k = 0; k < sizeof scales / sizeof *scales; k++) {
        double scale = scales[k];
        fs_streamline_options o = { .window = { -scale, scale, -scale, scale } };
        fs_streamlines *t = lines_of(wide_field, &scale, &o);
        assert_same_lines(s, t, scale, k < 2 ? 0.0 : 1e-9);
        fs_streamlines_destroy(t);
    }
    fs_streamlines_destroy(s);
}

/* --- one line -------------------------------------------------------------------------------- */

static void random_direction(gsl_rng *rng, double u[2], double v[2])
{
    double angle = 2.0 * 3.14159265358979323846 * gsl_rng_uniform(rng);
    u[0] = v[1] = cos(angle);
    u[1] = sin(angle);
    v[0] = -u[1];
}

/* u u^T rate_u + v v^T rate_v */
static linear with_axes(const double u[2], const double v[2], double rate_u, double rate_v)
{
    linear f = { .calls = 0 };
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) f.M[2 * i + j] = rate_u * u[i] * u[j] + rate_v * v[i] * v[j];
    return f;
}

/* From beside a saddle against the field along its stable direction: off by the tolerance a step, which contracts against time. */
static void separatrix_is_found_backward(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("separatrix_is_found_backward");
    for (int k = 0; k < 10; k++) {
        double u[2], v[2], from[2];
        random_direction(rng, u, v);
        linear f = with_axes(u, v, -1.0, 0.2 + 2.0 * gsl_rng_uniform(rng));
        for (int i = 0; i < 2; i++) from[i] = 1e-3 * u[i] + 1e-8 * v[i];
        fs_streamline line = trace_of(linear_field, &f, from[0], from[1], -1);
        assert_true(line.n > 50 && line.arrow > 0 && line.arrow < line.n - 1);
        assert_near(line.place[2 * line.n - 2], from[0], 4.0 * DBL_EPSILON);
        assert_near(line.place[2 * line.n - 1], from[1], 4.0 * DBL_EPSILON);
        double border = fabs(line.place[0]) > fabs(line.place[1]) ? fabs(line.place[0]) : fabs(line.place[1]);
        assert_near(border, 1.0, 1e-9);
        for (size_t i = 0; i < line.n; i++) assert_near(v[0] * line.place[2 * i] + v[1] * line.place[2 * i + 1], 0.0, 1e-6);
        for (size_t i = 1; i < line.n; i++) {
            const double *x = line.place + 2 * i;
            assert_true(hypot(x[0], x[1]) < hypot(x[-2], x[-1]));
        }
        fs_streamline_clear(&line);
    }
    gsl_rng_free(rng);
}

/* Forward into a sink, backward into a source, and exactly onto a saddle: the end is the stationary point. */
static void line_ends_at_a_stationary_point(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("line_ends_at_a_stationary_point");
    for (int k = 0; k < 10; k++) {
        double u[2], v[2], rate = 0.3 + 3.0 * gsl_rng_uniform(rng);
        random_direction(rng, u, v);
        linear f = with_axes(u, v, -1.0, -rate);
        fs_streamline line = trace_of(linear_field, &f, 0.7, -0.4, 1);
        assert_true(line.n > 3);
        assert_at_most(hypot(line.place[2 * line.n - 2], line.place[2 * line.n - 1]), 2e-3);
        fs_streamline_clear(&line);
        f = with_axes(u, v, 1.0, rate);
        line = trace_of(linear_field, &f, 0.7, -0.4, -1);
        assert_true(line.n > 3);
        assert_at_most(hypot(line.place[0], line.place[1]), 2e-3);
        fs_streamline_clear(&line);
    }
    linear saddle = { .M = { -1.0, 0.0, 0.0, 1.0 } };
    fs_streamline line = trace_of(linear_field, &saddle, 0.7, 0.0, 1);
    assert_at_most(hypot(line.place[2 * line.n - 2], line.place[2 * line.n - 1]), 2e-3);
    fs_streamline_clear(&line);
    gsl_rng_free(rng);
}

/* The solution of x' = M x in its own frame: (b / b_0) = (a / a_0)^rate.  A step is off by 1e-7 of the panel at most, and errors grow no more than b does. */
static void traced_line_is_the_exact_one(void **state)
{
    (void)state;
    const double traced = 2.0 * 1e-7;
    gsl_rng *rng = law_rng("traced_line_is_the_exact_one");
    for (int k = 0; k < 10; k++) {
        double rate = 0.3 + 2.0 * gsl_rng_uniform(rng), a0 = 0.3 + 0.2 * gsl_rng_uniform(rng), b0 = 0.2;
        linear f = { .M = { 1.0, 0.0, 0.0, rate } };
        fs_streamline line = trace_of(linear_field, &f, a0, b0, 1);
        for (size_t i = 0; i < line.n; i++) assert_near(line.place[2 * i + 1], b0 * pow(line.place[2 * i] / a0, rate), traced * (double)line.n);
        assert_near(line.place[0], a0, DBL_EPSILON);
        fs_streamline_clear(&line);
    }
    gsl_rng_free(rng);
}

static void closed_orbit_ends_after_one_turn(void **state)
{
    (void)state;
    static const double radii[] = { 0.002, 0.01, 0.02, 0.05, 0.1, 0.5, 0.9 };
    linear f = { .M = { 0.0, -1.0, 1.0, 0.0 } };
    for (size_t k = 0; k < sizeof radii / sizeof *radii; k++)
        for (int sign = -1; sign <= 1; sign += 2) {
            double r = radii[k], area = 0.0;
            fs_streamline line = trace_of(linear_field, &f, 0.0, r, sign);
            assert_true(line.n > 8);
            assert_memory_equal(line.place, line.place + 2 * line.n - 2, 2 * sizeof *line.place);
            for (size_t i = 1; i < line.n; i++) {
                const double *y = line.place + 2 * i, *x = y - 2;
                area += 0.5 * (x[0] * y[1] - x[1] * y[0]);
            }
            /* a polygon of angles up to `bend`, but with vertices gap / 16 apart: area pi r^2 (1 - angle^2 / 6) at least, once around, counterclockwise */
            double shortest = gap / 16.0 / (0.5 * r), angle = bend > shortest ? bend : shortest;
            assert_near(area, 3.14159265358979323846 * r * r, 3.2 * r * r * (angle * angle / 6.0 + 1e-3));
            fs_streamline_clear(&line);
        }
}

static void placed_orbits_close(void **state)
{
    (void)state;
    linear f = { .M = { 0.0, -1.0, 1.0, 0.0 } };
    size_t closed = 0;
    fs_streamlines *s = lines_of(linear_field, &f, &unit_window);
    for (size_t l = 0; l < s->n; l++) {
        const fs_streamline *line = &s->line[l];
        if (!(hypot(line->place[0], line->place[1]) < 0.99)) continue;
        assert_memory_equal(line->place, line->place + 2 * line->n - 2, 2 * sizeof *line->place);
        closed++;
    }
    assert_true(closed >= 7);
    fs_streamlines_destroy(s);
}

static void trace_ends_at_its_length(void **state)
{
    (void)state;
    linear f = { .M = { -0.001, -1.0, 1.0, -0.001 } };
    fs_streamline line;
    fs_err err = { 0 };
    assert_ok(fs_streamline_trace(&line, linear_field, &f, (double[]){ 0.9, 0.0 }, 1, 5.0, &unit_window, &err), err);
    assert_near(length_to(&line, line.n - 1), 5.0, 0.03);       /* at most one step beyond; chords are shorter than arcs */
    fs_streamline_clear(&line);
}

/* --- fields that are hardly fields ----------------------------------------------------------- */

static void straight_lines_of_a_constant_field(void **state)
{
    (void)state;
    double F[2] = { 3.0, 1.0 };
    fs_streamlines *s = lines_of(constant_field, F, &unit_window);
    assert_true(s->n >= 15 && s->n <= 40);
    assert_well_formed(s);
    for (size_t l = 0; l < s->n; l++) {
        const double *x = s->line[l].place, *y = x + 2 * s->line[l].n - 2;
        for (size_t i = 0; i < s->line[l].n; i++) assert_near(3.0 * (x[2 * i + 1] - x[1]), x[2 * i] - x[0], 1e-12);
        for (int end = 0; end < 2; end++) {
            const double *z = end ? y : x;
            double border = fabs(z[0]) > fabs(z[1]) ? fabs(z[0]) : fabs(z[1]);
            assert_near(border, 1.0, 1e-9);
        }
    }
    fs_streamlines_destroy(s);
}

static void no_lines_where_there_is_no_field(void **state)
{
    (void)state;
    const double nan = (double)NAN, infinity = (double)INFINITY;
    double nothing[][2] = { { 0.0, 0.0 }, { nan, nan }, { 1.0, nan }, { infinity, 0.0 }, { 1.7e308, 1.7e308 } };
    for (size_t k = 0; k <= sizeof nothing / sizeof *nothing; k++) {
        int refused = k == sizeof nothing / sizeof *nothing;
        fs_plane_field *field = refused ? refusing_field : constant_field;
        fs_streamlines *s = lines_of(field, refused ? NULL : nothing[k], &unit_window);
        assert_int_equal(s->n, 0);
        fs_streamlines_destroy(s);
        fs_streamline line = trace_of(field, refused ? NULL : nothing[k], 0.0, 0.0, 1);
        assert_int_equal(line.n, 0);
        fs_streamline_clear(&line);
    }
    fs_streamlines_destroy(NULL);
}

/* Tiny and huge fields that are fields. */
static void magnitude_of_the_field_does_not_matter(void **state)
{
    (void)state;
    double F[][2] = { { 3.0, 1.0 }, { 3e-300, 1e-300 }, { 3e300, 1e300 } };
    fs_streamlines *s = lines_of(constant_field, F[0], &unit_window);
    for (int k = 1; k < 3; k++) {
        fs_streamlines *t = lines_of(constant_field, F[k], &unit_window);
        assert_same_lines(s, t, 1.0, 1e-9);
        fs_streamlines_destroy(t);
    }
    fs_streamlines_destroy(s);
}

static void noise_ends_soon(void **state)
{
    (void)state;
    size_t calls = 0;
    fs_streamlines *s = lines_of(noise, &calls, &unit_window);
    assert_true(calls < 120000);
    fs_streamlines_destroy(s);
    calls = 0;
    fs_streamline line = trace_of(noise, &calls, 0.1, 0.2, 1);
    assert_true(calls < 120000);
    fs_streamline_clear(&line);
}

/* About 3 evaluations a vertex; here with the lines that were tried in vain. */
static void a_smooth_field_is_cheap(void **state)
{
    (void)state;
    linear f = { .M = { 1.0, 0.2, -0.1, -1.0 } };
    fs_streamlines *s = lines_of(linear_field, &f, &unit_window);
    size_t vertices = 0;
    for (size_t l = 0; l < s->n; l++) vertices += s->line[l].n;
    assert_true(vertices < 3000);
    assert_true(f.calls < 5 * vertices);
    fs_streamlines_destroy(s);
    fs_streamline_options o = { .window = { -4.0, 4.0, -4.0, 4.0 } };
    size_t calls = 0;
    s = lines_of(waves, &calls, &o);
    assert_true(s->n > 70 && calls < 40000);
    fs_streamlines_destroy(s);
}

static void lines_end_where_the_field_does(void **state)
{
    (void)state;
    size_t ends = 0;
    fs_streamlines *s = lines_of(field_in_a_disc, NULL, &unit_window);
    assert_true(s->n > 5);
    assert_well_formed(s);
    for (size_t l = 0; l < s->n; l++)
        for (size_t i = 0; i < s->line[l].n; i++) {
            double r = hypot(s->line[l].place[2 * i], s->line[l].place[2 * i + 1]);
            assert_at_most(r, 0.6);
            if (i == 0 || i == s->line[l].n - 1) ends += r > 0.6 - 0.005;
        }
    assert_true(ends > s->n);
    fs_streamlines_destroy(s);
}

static void nothing_is_traced_from_outside(void **state)
{
    (void)state;
    linear f = { .M = { 1.0, 0.0, 0.0, 1.0 } };
    const double outside[][2] = { { 1.5, 0.0 }, { 0.0, -1.1 }, { (double)NAN, 0.0 } };
    for (size_t k = 0; k < 3; k++) {
        fs_streamline line = trace_of(linear_field, &f, outside[k][0], outside[k][1], 1);
        assert_int_equal(line.n, 0);
        assert_null(line.place);
    }
    fs_streamline line = trace_of(linear_field, &f, 0.0, 0.0, 1);       /* the stationary point itself */
    assert_int_equal(line.n, 0);
}

/* --- what is refused ------------------------------------------------------------------------- */

static void bad_options_are_refused(void **state)
{
    (void)state;
    const double nan = (double)NAN, infinity = (double)INFINITY;
    const struct {
        fs_streamline_options o;
        const char *word;
    } bad[] = {
        { { .window = { 1.0, 1.0, 0.0, 1.0 } }, "from a lower to a higher" },
        { { .window = { 0.0, 1.0, 1.0, 0.0 } }, "from a lower to a higher" },
        { { .window = { 1e8, 1e8 + 1e-6, 0.0, 1.0 } }, "from a lower to a higher" },
        { { .window = { -1.7e308, 1.7e308, 0.0, 1.0 } }, "from a lower to a higher" },
        { { .window = { 0.0, infinity, 0.0, 1.0 } }, "bounded window" },
        { { .window = { 0.0, 1.0, nan, 1.0 } }, "bounded window" },
        { { .window = { 0.0, 1.0, 0.0, 1.0 }, .aspect = -1.0 }, "aspect" },
        { { .window = { 0.0, 1.0, 0.0, 1.0 }, .aspect = 1e6 }, "aspect" },
        { { .window = { 0.0, 1.0, 0.0, 1.0 }, .aspect = nan }, "aspect" },
        { { .window = { 0.0, 1.0, 0.0, 1.0 }, .spacing = -0.1 }, "spacing" },
        { { .window = { 0.0, 1.0, 0.0, 1.0 }, .spacing = 1e-9 }, "spacing" },
        { { .window = { 0.0, 1.0, 0.0, 1.0 }, .spacing = nan }, "spacing" },
        { { .window = { 0.0, 1.0, 0.0, 1.0 }, .still = -1.0 }, "stands still" },
        { { .window = { 0.0, 1.0, 0.0, 1.0 }, .still = nan }, "stands still" },
    };
    linear f = { .M = { 1.0, 0.0, 0.0, 1.0 } };
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        fs_streamlines *s = NULL;
        fs_streamline line;
        fs_err err = { 0 };
        assert_fails(fs_streamlines_compute(&s, linear_field, &f, &bad[k].o, &err), FS_EINPUT, err, bad[k].word);
        assert_null(s);
        assert_fails(fs_streamline_trace(&line, linear_field, &f, (double[]){ 0.5, 0.5 }, 1, 0.0, &bad[k].o, &err), FS_EINPUT, err, bad[k].word);
        assert_int_equal(line.n, 0);
        assert_null(line.place);
    }
    fs_streamline line;
    fs_err err = { 0 };
    assert_fails(fs_streamline_trace(&line, linear_field, &f, (double[]){ 0.5, 0.5 }, 1, -1.0, &unit_window, &err), FS_EINPUT, err, "length");
    assert_int_equal(f.calls, 0);
}

int main(void)
{
    gsl_set_error_handler_off();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_well_formed),
        cmocka_unit_test(chords_follow_the_field),
        cmocka_unit_test(first_integrals_are_kept),
        cmocka_unit_test(no_two_lines_come_nearer_than_half_the_spacing),
        cmocka_unit_test(no_spiral_winds_closer_than_half_the_spacing),
        cmocka_unit_test(no_disc_stays_empty),
        cmocka_unit_test(every_region_has_lines),
        cmocka_unit_test(spacing_is_that_of_the_screen),
        cmocka_unit_test(the_same_field_gives_the_same_bytes),
        cmocka_unit_test(speed_changes_nothing),
        cmocka_unit_test(the_size_of_the_window_changes_nothing),
        cmocka_unit_test(separatrix_is_found_backward),
        cmocka_unit_test(line_ends_at_a_stationary_point),
        cmocka_unit_test(traced_line_is_the_exact_one),
        cmocka_unit_test(closed_orbit_ends_after_one_turn),
        cmocka_unit_test(placed_orbits_close),
        cmocka_unit_test(trace_ends_at_its_length),
        cmocka_unit_test(straight_lines_of_a_constant_field),
        cmocka_unit_test(no_lines_where_there_is_no_field),
        cmocka_unit_test(magnitude_of_the_field_does_not_matter),
        cmocka_unit_test(noise_ends_soon),
        cmocka_unit_test(a_smooth_field_is_cheap),
        cmocka_unit_test(lines_end_where_the_field_does),
        cmocka_unit_test(nothing_is_traced_from_outside),
        cmocka_unit_test(bad_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
