/* problem/synthetic.c -- random data: numbers, graphs, shapes, clouds of points
 *
 *   synthetic  x ~ N(0, 1) independent; sample i has label i modulo the number of classes, or targets ~ N(0, 1)
 *   graphs     a_uv = a_vu = 1 with probability p inside the blocks {0, ..., n/2 - 1}, {n/2, ..., n - 1} and q between them, a_vv = 0
 *   shapes     pixel (i, j) = 1 when its centre (j + 1/2, i + 1/2) lies in a polygon, plus noise; the mask of a polygon is its target
 *   clouds     points of mean square 1: on the unit sphere; on a segment; in a disc; in two clusters, plus noise.  Segment and clusters lie
 *              along the last axis: the nominal data have an orientation that the group does not know
 *
 * Graphs, pictures and clouds are drawn one after the other: more of them never change the first ones.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "problem/parts.h"
#include "problem/samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static fs_status stream_of(gsl_rng **rng, const fs_model *m, fs_err *err)
{
    *rng = fs_rng_stream(fs_model_whole(m, "data.seed"), FS_STREAM_DATA);
    return *rng ? FS_OK : fs_fail(err, FS_ENOMEM, "a random stream for the data");
}

/* data.source asks for another input than the model's. */
static fs_status wrong_input(const fs_model *m, const char *expected, fs_err *err)
{
    return fs_yaml_fail(fs_model_find(m, "data.source"), err, "expected %s for data of source %s, found another input", expected,
                        fs_model_text(m, "data.source"));
}

/* --- numbers ------------------------------------------------------------------------- */

fs_status fs_data_synthetic(fs_problem *p, const fs_model *m, fs_err *err)
{
    const fs_yaml *at = fs_model_find(m, "data"), *targets = fs_model_find(m, "data.targets"),
                  *classes = fs_model_find(m, "data.classes");
    size_t outputs = fs_net_outputs(p->net), count = fs_model_whole(m, "data.count");
    size_t k = targets ? fs_yaml_whole(targets) : classes ? fs_yaml_whole(classes) : 0, n = targets ? count : count * k;
    gsl_rng *rng = NULL;
    if (!targets == !classes)
        return fs_yaml_fail(at, err, "expected either classes or targets in synthetic data, found %s",
                            targets ? "both" : "neither");
    if (targets ? k != outputs : k > outputs)
        return fs_yaml_fail(targets ? targets : classes, err,
                            "expected %s %zu, as many as the network has outputs, found %zu",
                            targets ? "targets" : "at most", outputs, k);
    FS_TRY(fs_data_create(p, at, n, err));
    FS_TRY(stream_of(&rng, m, err));
    fs_rng_gaussian(rng, n * p->data->inputs, p->data->x);
    if (targets) fs_rng_gaussian(rng, n * outputs, p->data->y);
    for (size_t i = 0; i < n && !targets; i++) p->data->y[i * outputs + i % k] = 1.0;
    gsl_rng_free(rng);
    fs_shape shape = fs_net_shape(p->net, 0);
    return fs_data_say(p, err, "%zu synthetic samples %zu x %zu x %zu, standard normal, with %zu %s", n, shape.channels,
                       shape.height, shape.width, k, targets ? "standard normal targets each" : "labels in turn");
}

/* --- graphs -------------------------------------------------------------------------- */

static void draw_graph(gsl_rng *rng, size_t n, double inside, double between, double *a)
{
    for (size_t u = 0; u < n; u++)
        for (size_t v = u + 1; v < n; v++) {
            double probability = (u < n / 2) == (v < n / 2) ? inside : between;
            a[u * n + v] = a[v * n + u] = gsl_rng_uniform(rng) < probability ? 1.0 : 0.0;
        }
}

/* queue (n) and seen (n) are scratch. */
static int is_connected(size_t n, const double *a, size_t *queue, unsigned char *seen)
{
    size_t count = 1;
    memset(seen, 0, n);
    queue[0] = 0;
    seen[0] = 1;
    for (size_t next = 0; next < count; next++)
        for (size_t v = 0; v < n; v++)
            if (!seen[v] && a[queue[next] * n + v] > 0.0) {
                seen[v] = 1;
                queue[count++] = v;
            }
    return count == n;
}

fs_status fs_data_graphs(fs_problem *p, const fs_model *m, fs_err *err)
{
    const fs_yaml *at = fs_model_find(m, "data");
    size_t n = fs_model_whole(m, "input.graph"), outputs = fs_net_outputs(p->net), count = fs_model_whole(m, "data.count"), connected = 0;
    double inside = fs_model_real(m, "data.p"), between = fs_model_real(m, "data.q");
    gsl_rng *rng = NULL;
    if (!n || fs_net_inputs(p->net) != n * n) return wrong_input(m, "input: {graph: n}", err);
    if (outputs > 2 || (outputs == 1 && p->loss.kind != FS_LOSS_SQUARED))
        return fs_yaml_fail(fs_model_find(m, "data.source"), err,
                            "expected 2 outputs, or 1 with the squared loss, for connected or not, found %zu output%s%s", outputs,
                            outputs == 1 ? "" : "s", outputs == 1 ? " with cross-entropy" : "");
    FS_TRY(fs_data_create(p, at, count, err));
    size_t *queue = fs_calloc(n, sizeof *queue);
    unsigned char *seen = fs_calloc(n, 1);
    fs_status status = queue && seen ? stream_of(&rng, m, err) : fs_fail(err, FS_ENOMEM, "a graph of %zu nodes", n);
    for (size_t i = 0; i < count && status == FS_OK; i++) {
        double *a = p->data->x + i * n * n, *y = p->data->y + i * outputs;
        draw_graph(rng, n, inside, between, a);
        int label = is_connected(n, a, queue, seen);
        if (outputs == 2) y[label] = 1.0;
        else y[0] = label ? 1.0 : 0.0;
        connected += label ? 1 : 0;
    }
    if (rng) gsl_rng_free(rng);
    free(queue);
    free(seen);
    FS_TRY(status);
    return fs_data_say(p, err, "%zu graphs on %zu nodes, two blocks, p = %g inside and q = %g between them; %zu of them connected", count, n,
                       inside, between, connected);
}

/* --- shapes -------------------------------------------------------------------------- */

/* A regular polygon: corners at distance r from (x, y). */
typedef struct {
    size_t sides;
    double x, y, r, angle;
} polygon;

static polygon draw_polygon(gsl_rng *rng, size_t sides, double edge)
{
    polygon s = { .sides = sides };
    s.r = edge * (0.2 + 0.2 * gsl_rng_uniform(rng));
    s.x = s.r + (edge - 2.0 * s.r) * gsl_rng_uniform(rng);
    s.y = s.r + (edge - 2.0 * s.r) * gsl_rng_uniform(rng);
    s.angle = 2.0 * M_PI * gsl_rng_uniform(rng);
    return s;
}

static int is_inside(const polygon *s, double x, double y)
{
    double apothem = s->r * cos(M_PI / (double)s->sides);
    for (size_t k = 0; k < s->sides; k++) {
        double normal = s->angle + M_PI * (double)(2 * k + 1) / (double)s->sides;
        if (!((x - s->x) * cos(normal) + (y - s->y) * sin(normal) <= apothem)) return 0;
    }
    return 1;
}

/* One picture of `masks` polygons, a triangle and a pentagon, and their masks. */
static void draw_picture(gsl_rng *rng, size_t edge, size_t masks, double noise, double *x, double *y)
{
    static const size_t sides[] = { 3, 5 };
    size_t pixels = edge * edge;
    for (size_t k = 0; k < masks; k++) {
        polygon s = draw_polygon(rng, sides[k], (double)edge);
        for (size_t t = 0; t < pixels; t++) {
            if (!is_inside(&s, (double)(t % edge) + 0.5, (double)(t / edge) + 0.5)) continue;
            x[t] = y[k * pixels + t] = 1.0;
        }
    }
    for (size_t t = 0; t < pixels; t++) {
        double z;
        fs_rng_gaussian(rng, 1, &z);
        x[t] += noise * z;
    }
}

fs_status fs_data_shapes(fs_problem *p, const fs_model *m, fs_err *err)
{
    const fs_yaml *at = fs_model_find(m, "data");
    size_t edge = fs_model_whole(m, "input.image"), outputs = fs_net_outputs(p->net), count = fs_model_whole(m, "data.count");
    size_t pixels = edge * edge;
    double noise = fs_model_real(m, "data.noise");
    gsl_rng *rng = NULL;
    if (!edge || fs_net_inputs(p->net) != pixels) return wrong_input(m, "input: {image: n, channels: 1}", err);
    if (outputs != pixels && outputs != 2 * pixels)
        return fs_yaml_fail(fs_model_find(m, "data.source"), err,
                            "expected %zu outputs, the mask of a triangle, or %zu, those of a triangle and a pentagon, found %zu", pixels,
                            2 * pixels, outputs);
    FS_TRY(fs_data_create(p, at, count, err));
    FS_TRY(stream_of(&rng, m, err));
    for (size_t i = 0; i < count; i++)
        draw_picture(rng, edge, outputs / pixels, noise, p->data->x + i * pixels, p->data->y + i * outputs);
    gsl_rng_free(rng);
    return fs_data_say(p, err, "%zu picture%s %zu x %zu of a triangle%s, pixel noise %g, with the mask%s as targets", count,
                       count == 1 ? "" : "s", edge, edge, outputs == pixels ? "" : " and a pentagon", noise, outputs == pixels ? "" : "s");
}

/* --- clouds -------------------------------------------------------------------------- */

/* A point of class k in d = 2 or 3 dimensions; E |v|^2 = 1. */
static void draw_point(gsl_rng *rng, size_t k, size_t d, double *v)
{
    static const double spread = 0.2;
    double size = 0.0;
    memset(v, 0, d * sizeof *v);
    switch (k) {
    case 0:                                             /* sphere */
        while (!(size > 0.0)) {
            size = 0.0;
            fs_rng_gaussian(rng, d, v);
            for (size_t c = 0; c < d; c++) size += v[c] * v[c];
        }
        for (size_t c = 0; c < d; c++) v[c] /= sqrt(size);
        return;
    case 1:                                             /* line */
        v[d - 1] = sqrt(3.0) * (2.0 * gsl_rng_uniform(rng) - 1.0);
        return;
    case 2: {                                           /* disc */
        double r = sqrt(2.0 * gsl_rng_uniform(rng)), angle = 2.0 * M_PI * gsl_rng_uniform(rng);
        v[0] = r * cos(angle);
        v[1] = r * sin(angle);
        return;
    }
    default:                                            /* two clusters */
        fs_rng_gaussian(rng, d, v);
        for (size_t c = 0; c < d; c++) v[c] *= spread;
        v[d - 1] += (gsl_rng_uniform(rng) < 0.5 ? -1.0 : 1.0) * sqrt(1.0 - (double)d * spread * spread);
        return;
    }
}

fs_status fs_data_clouds(fs_problem *p, const fs_model *m, fs_err *err)
{
    const fs_yaml *at = fs_model_find(m, "data");
    fs_shape shape = fs_net_shape(p->net, 0);
    size_t d = shape.channels, points = shape.height * shape.width, outputs = fs_net_outputs(p->net);
    size_t classes = fs_model_whole(m, "data.classes"), n = fs_model_whole(m, "data.count") * classes;
    double noise = fs_model_real(m, "data.noise"), v[3], z[3];
    gsl_rng *rng = NULL;
    if (!fs_model_find(m, "input.set") || (d != 2 && d != 3))
        return wrong_input(m, "input: {set: n, features: [natural]} with points of 2 or 3 features", err);
    if (classes > outputs)
        return fs_yaml_fail(fs_model_find(m, "data.classes"), err,
                            "expected at most %zu classes, as many as the network has outputs, found %zu", outputs, classes);
    FS_TRY(fs_data_create(p, at, n, err));
    FS_TRY(stream_of(&rng, m, err));
    for (size_t i = 0; i < n; i++) {
        double *x = p->data->x + i * d * points;
        for (size_t j = 0; j < points; j++) {
            draw_point(rng, i % classes, d, v);
            fs_rng_gaussian(rng, d, z);
            for (size_t c = 0; c < d; c++) x[c * points + j] = v[c] + noise * z[c];
        }
        p->data->y[i * outputs + i % classes] = 1.0;
    }
    gsl_rng_free(rng);
    return fs_data_say(p, err, "%zu clouds of %zu points in %zu dimensions, noise %g: sphere, line%s%s in turn", n, points, d, noise,
                       classes > 2 ? ", disc" : "", classes > 3 ? ", two clusters" : "");
}
