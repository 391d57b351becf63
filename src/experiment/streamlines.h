/* experiment/streamlines.h -- evenly spaced streamlines of a vector field on a rectangle, and single ones traced
 *
 * A streamline follows the direction of the field only, x' = F / |F| in the metric of the screen (both axes scaled to the panel), so its density says nothing of
 * speed.  Placement after Jobard, Lefer 1997: from every line new ones are tried at distance `spacing`, a line ends where it comes nearer than a fraction of
 * that to another (or to itself); nothing is random, so the same field gives the same lines.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_EXPERIMENT_STREAMLINES_H
#define FS_EXPERIMENT_STREAMLINES_H

#include "base/status.h"

#include <stddef.h>

/* F at (a, b); nonzero: there is none (not finite, outside), and a line ends there. */
typedef int fs_plane_field(void *context, const double place[2], double F[2]);

/* A polyline in the direction of the field.  Plain. */
typedef struct {
    size_t n;
    double *place;              /* (n, 2) */
    size_t arrow;               /* the vertex at whose place the one arrowhead stands, in (0, n - 1): half way along; its direction is that from the vertex before */
} fs_streamline;

typedef struct {
    size_t n;
    fs_streamline *line;
} fs_streamlines;

/* Plain. */
typedef struct {
    double window[4];           /* lowest and highest of a, lowest and highest of b */
    double aspect;              /* width / height of the panel on the screen, 0.05 to 20; 0: 1 */
    double spacing;             /* of lines, relative to the panel's shorter side, 0.005 to 1; 0: 0.06 */
    double still;               /* |F| (in the metric of the screen, relative to its largest value on a coarse grid) below which a line ends: a stationary point; 0: 1e-6 */
} fs_streamline_options;

/* Vertices 0.01 of the shorter side apart or less, where a line bends much less.  Lines are at least one spacing long and have three vertices or more.
 * The work is bounded for any field: about 50000 evaluations and 20 / (0.01 spacing) more a unit of area, of which a smooth field needs a tenth.
 *
 * FS_EINPUT: an empty or unbounded window, or one too narrow for where it lies; an option out of its range.  No lines is no failure. */
fs_status fs_streamlines_compute(fs_streamlines **out, fs_plane_field *field, void *context, const fs_streamline_options *options, fs_err *err);
void fs_streamlines_destroy(fs_streamlines *s);

/* One line from `from`, along the field (sign > 0) or against it (sign < 0: the vertices are still in the direction of the field, so `from` is the last), until it
 * leaves the window, stands still, closes on itself, or is `longest` sides of the panel long (0: 20).  A stationary point ahead is reached to about 1e-3 of the panel;
 * where the field is so stiff that 8000 steps do not get there, the line ends before.  line->n = 0 where the field is not there, and for a line of fewer than three vertices. */
fs_status fs_streamline_trace(fs_streamline *line, fs_plane_field *field, void *context, const double from[2], int sign, double longest,
                              const fs_streamline_options *options, fs_err *err);
void fs_streamline_clear(fs_streamline *line);

#endif
