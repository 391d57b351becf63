/* tests/test_samples.c -- data that a model file holds or describes: inline samples, graphs, shapes, clouds of points
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "model_text.h"

/* --- inline ------------------------------------------------------------------------------ */

#define PLANE "group: C2\ninput: {vector: [2 trivial]}\nlayers: [dense: {out: 2}]\nloss: squared\n"

static void inline_samples_are_as_written(void **state)
{
    (void)state;
    fs_problem *p = model_of(PLANE "data: {source: inline, x: [[1, -2.5], [0, 1e-3], [7, 8]], targets: [[1, 0], [0.5, 2], [3, -4]], weights: [0.5, 0.25, 0.25]}\n");
    static const double x[] = { 1, -2.5, 0, 1e-3, 7, 8 }, y[] = { 1, 0, 0.5, 2, 3, -4 }, w[] = { 0.5, 0.25, 0.25 };
    const fs_dataset *d = fs_problem_data(p);
    assert_true(d->n == 3 && d->inputs == 2 && d->outputs == 2);
    assert_memory_equal(d->x, x, sizeof x);
    assert_memory_equal(d->y, y, sizeof y);
    assert_memory_equal(d->weight, w, sizeof w);
    assert_string_equal(fs_problem_data_note(p), "3 samples of 2 values with targets and weights, from the model file");
    fs_problem_destroy(p);
    p = model_of(PLANE "data: {source: inline, x: [[1, 2], [3, 4]], labels: [1, 0]}\n");
    static const double one_hot[] = { 0, 1, 1, 0 };
    assert_memory_equal(fs_problem_data(p)->y, one_hot, sizeof one_hot);
    assert_near(fs_problem_data(p)->weight[1], 0.5, 0.0);
    fs_problem_destroy(p);
}

/* Weights as one writes them, to nine digits, are made to sum to 1. */
static void sample_weights_are_divided_by_their_sum(void **state)
{
    (void)state;
    static const double written[] = { 0.333333333, 0.333333333, 0.3333333337 };
    fs_problem *p = model_of(PLANE "data: {source: inline, x: [[1, 2], [3, 4], [5, 6]], labels: [1, 0, 1], weights: [0.333333333, 0.333333333, 0.3333333337]}\n");
    const double *w = fs_problem_data(p)->weight, sum = written[0] + written[1] + written[2];
    assert_near(w[0] + w[1] + w[2], 1.0, 3 * DBL_EPSILON);
    for (size_t i = 0; i < 3; i++) assert_near(w[i], written[i] / sum, DBL_EPSILON);
    assert_true(w[0] > written[0]);
    fs_problem_destroy(p);
}

/* Rows of a picture inside a sample. */
static void inline_pictures_are_read_row_by_row(void **state)
{
    (void)state;
    fs_problem *p = model_of("group: C2\ninput: {image: 2}\nlayers: [dense: {out: 1}]\nloss: squared\n"
                         "data: {source: inline, x: [[[1, 2], [3, 4]], [5, 6, 7, 8]], targets: [[1], [2]]}\n");
    for (size_t i = 0; i < 8; i++) assert_near(fs_problem_data(p)->x[i], (double)(i + 1), 0.0);
    fs_problem_destroy(p);
}

/* The resolved text gives the same samples again, bit for bit. */
static void resolved_inline_samples_read_back(void **state)
{
    (void)state;
    fs_problem *p = model_of(PLANE "data: {source: inline, x: [[0.1, -2.5e-7], [0, 3]], targets: [[0.3, 0], [0.5, 2]]}\n");
    char *text = strdup(fs_problem_text(p));
    fs_problem *again = model_of(text);
    assert_memory_equal(fs_problem_data(p)->x, fs_problem_data(again)->x, 4 * sizeof(double));
    assert_memory_equal(fs_problem_data(p)->y, fs_problem_data(again)->y, 4 * sizeof(double));
    fs_problem_destroy(p);
    fs_problem_destroy(again);
    free(text);
}

/* --- graphs ------------------------------------------------------------------------------ */

#define GRAPH "group: C%zu\ninput: {graph: %zu}\nlayers: [dense: {out: %d}]\nloss: squared\ndata: {source: graphs, count: %zu, p: %g, q: %g, seed: %d}\n"

static fs_problem *graphs(size_t n, int outputs, size_t count, double p, double q, int seed)
{
    char text[512];
    snprintf(text, sizeof text, GRAPH, n, n, outputs, count, p, q, seed);
    return model_of(text);
}

/* Connected: the (n - 1)-th power of 1 + a has no zero. */
static int is_connected(size_t n, const double *a)
{
    double reach[49] = { 0 };
    reach[0] = 1.0;
    for (size_t step = 0; step < n; step++)
        for (size_t u = 0; u < n; u++)
            for (size_t v = 0; v < n; v++)
                if (reach[u] > 0.0 && a[u * n + v] > 0.0) reach[v] = 1.0;
    for (size_t v = 0; v < n; v++)
        if (!(reach[v] > 0.0)) return 0;
    return 1;
}

static void graphs_are_symmetric_and_labelled_by_connectedness(void **state)
{
    (void)state;
    static const size_t nodes[] = { 1, 2, 5, 7 };
    for (size_t k = 0; k < 4; k++)
        for (int outputs = 1; outputs <= 2; outputs++) {
            size_t n = nodes[k], both[2] = { 0, 0 };
            fs_problem *p = graphs(n, outputs, 50, 0.5, 0.3, 1);
            const fs_dataset *d = fs_problem_data(p);
            for (size_t i = 0; i < d->n; i++) {
                const double *a = d->x + i * n * n, *y = d->y + i * (size_t)outputs;
                for (size_t u = 0; u < n; u++) {
                    assert_near(a[u * n + u], 0.0, 0.0);
                    for (size_t v = 0; v < n; v++) {
                        assert_true(a[u * n + v] == 0.0 || a[u * n + v] == 1.0);
                        assert_near(a[u * n + v], a[v * n + u], 0.0);
                    }
                }
                int connected = is_connected(n, a);
                both[connected]++;
                assert_near(outputs == 1 ? y[0] : y[1], connected, 0.0);
                if (outputs == 2) assert_near(y[0], 1 - connected, 0.0);
            }
            assert_true(n == 1 || (both[0] && both[1]));
            fs_problem_destroy(p);
        }
}

/* p and q at their ends: two complete blocks, or all edges between the blocks; odd n has the larger block last. */
static void blocks_have_the_probabilities_stated(void **state)
{
    (void)state;
    for (int inside = 0; inside < 2; inside++) {
        size_t n = 5;
        fs_problem *p = graphs(n, 1, 3, inside, 1 - inside, 1);
        const fs_dataset *d = fs_problem_data(p);
        for (size_t u = 0; u < n; u++)
            for (size_t v = 0; v < n; v++)
                assert_near(d->x[u * n + v], u != v && ((u < 2) == (v < 2)) == inside ? 1.0 : 0.0, 0.0);
        assert_near(d->y[0], inside ? 0.0 : 1.0, 0.0);
        fs_problem_destroy(p);
    }
    fs_problem *p = graphs(7, 1, 2000, 0.7, 0.1, 3);     /* 3 + 6 edges inside the blocks, 12 between them */
    const fs_dataset *d = fs_problem_data(p);
    double inside = 0.0, between = 0.0;
    for (size_t i = 0; i < d->n; i++)
        for (size_t u = 0; u < 7; u++)
            for (size_t v = 0; v < u; v++) *((u < 3) == (v < 3) ? &inside : &between) += d->x[(i * 7 + u) * 7 + v];
    assert_near(inside / (9.0 * 2000), 0.7, 5.0 * sqrt(0.21 / (9.0 * 2000)));
    assert_near(between / (12.0 * 2000), 0.1, 5.0 * sqrt(0.09 / (12.0 * 2000)));
    fs_problem_destroy(p);
}

static void one_seed_gives_one_set_of_data_and_more_samples_keep_the_first(void **state)
{
    (void)state;
    fs_problem *p = graphs(5, 1, 10, 0.5, 0.3, 1), *more = graphs(5, 1, 20, 0.5, 0.3, 1), *other = graphs(5, 1, 10, 0.5, 0.3, 2);
    assert_memory_equal(fs_problem_data(p)->x, fs_problem_data(more)->x, 250 * sizeof(double));
    assert_memory_not_equal(fs_problem_data(p)->x, fs_problem_data(other)->x, 250 * sizeof(double));
    fs_problem_destroy(p);
    fs_problem_destroy(more);
    fs_problem_destroy(other);
}

/* --- shapes ------------------------------------------------------------------------------ */

static fs_problem *shapes(size_t edge, size_t masks, double noise)
{
    char text[512];
    snprintf(text, sizeof text, "group: C4\ninput: {image: %zu}\nlayers: [conv: {out: %zu, size: 1}]\nloss: squared\ndata: {source: shapes, count: 12, noise: %g}\n", edge,
             masks, noise);
    return model_of(text);
}

/* Without noise a picture is the union of its masks, which are neither empty nor everything. */
static void pictures_are_the_union_of_their_masks(void **state)
{
    (void)state;
    for (size_t masks = 1; masks <= 2; masks++) {
        fs_problem *p = shapes(14, masks, 0.0);
        const fs_dataset *d = fs_problem_data(p);
        assert_int_equal(d->outputs, masks * 196);
        for (size_t i = 0; i < d->n; i++) {
            double area[2] = { 0, 0 };
            for (size_t t = 0; t < 196; t++) {
                double any = 0.0;
                for (size_t k = 0; k < masks; k++) {
                    double y = d->y[i * d->outputs + k * 196 + t];
                    assert_true(y == 0.0 || y == 1.0);
                    area[k] += y;
                    if (y > any) any = y;
                }
                assert_near(d->x[i * 196 + t], any, 0.0);
            }
            /* r between 0.2 and 0.4 of the edge: areas 3 sqrt(3) / 4 r^2 and 5 / 2 sin 72 r^2, give or take the pixels on the boundary */
            assert_true(area[0] > 4 && area[0] < 60);
            assert_true(masks == 1 || (area[1] > 10 && area[1] < 100));
        }
        fs_problem_destroy(p);
    }
}

/* Convex: the mask of a row is one run of pixels, and so is that of a column. */
static void masks_are_convex(void **state)
{
    (void)state;
    fs_problem *p = shapes(14, 2, 0.0);
    const fs_dataset *d = fs_problem_data(p);
    for (size_t i = 0; i < d->n * 2; i++)
        for (size_t line = 0; line < 14; line++) {
            size_t rises[2] = { 0, 0 };
            for (size_t t = 0; t < 14; t++) {
                const double *y = d->y + i * 196;
                rises[0] += y[line * 14 + t] > 0.0 && (t == 0 || !(y[line * 14 + t - 1] > 0.0));
                rises[1] += y[t * 14 + line] > 0.0 && (t == 0 || !(y[(t - 1) * 14 + line] > 0.0));
            }
            assert_true(rises[0] <= 1 && rises[1] <= 1);
        }
    fs_problem_destroy(p);
}

static void pixel_noise_has_its_deviation_and_leaves_the_masks_alone(void **state)
{
    (void)state;
    fs_problem *p = shapes(14, 1, 0.0), *noisy = shapes(14, 1, 0.25);
    const fs_dataset *d = fs_problem_data(p), *e = fs_problem_data(noisy);
    double sum = 0.0, square = 0.0, n = 196.0;
    for (size_t t = 0; t < 196; t++) {      /* the first picture: later ones have other polygons only if the stream were shared out otherwise */
        double z = e->x[t] - d->x[t];
        sum += z;
        square += z * z;
    }
    assert_memory_equal(d->y, e->y, 196 * sizeof(double));
    assert_near(sum / n, 0.0, 5.0 * 0.25 / sqrt(n));
    assert_near(sqrt(square / n), 0.25, 5.0 * 0.25 / sqrt(2.0 * n));
    fs_problem_destroy(p);
    fs_problem_destroy(noisy);
}

/* --- clouds ------------------------------------------------------------------------------ */

static fs_problem *clouds(size_t d, size_t classes, size_t points, size_t count, double noise)
{
    char text[512];
    snprintf(text, sizeof text, "group: SO%zu\nmeasure: {degree: 1}\ninput: {set: %zu, features: [natural]}\nlayers: [conv: {out: 1, size: 1}, mean: {}, dense: {out: 4}]\n"
             "loss: cross-entropy\ndata: {source: clouds, classes: %zu, count: %zu, noise: %g}\n", d, points, classes, count, noise);
    return model_of(text);
}

static void clouds_have_the_shapes_of_their_classes(void **state)
{
    (void)state;
    enum { POINTS = 500 };
    for (size_t dim = 2; dim <= 3; dim++) {
        fs_problem *p = clouds(dim, 4, POINTS, 2, 0.0);
        const fs_dataset *d = fs_problem_data(p);
        assert_int_equal(d->n, 8);
        for (size_t i = 0; i < d->n; i++) {
            double mean_square = 0.0;
            for (size_t k = 0; k < 4; k++) assert_near(d->y[i * 4 + k], k == i % 4, 0.0);
            for (size_t j = 0; j < POINTS; j++) {
                double square = 0.0, v[3];
                for (size_t c = 0; c < dim; c++) {
                    v[c] = d->x[(i * dim + c) * POINTS + j];
                    square += v[c] * v[c];
                }
                mean_square += square / POINTS;
                if (i % 4 == 0) assert_near(square, 1.0, 16 * DBL_EPSILON);
                if (i % 4 == 1) assert_true(v[0] == 0.0 && fabs(v[dim - 1]) <= sqrt(3.0));
                if (i % 4 == 2) assert_true(square <= 2.0 && (dim == 2 || v[2] == 0.0));
                if (i % 4 == 3) assert_true(fabs(fabs(v[dim - 1]) - sqrt(1.0 - 0.04 * (double)dim)) < 6 * 0.2);
            }
            assert_near(mean_square, 1.0, 5.0 * sqrt(0.8 / POINTS));     /* the line's square has the largest variance, 4/5 */
        }
        fs_problem_destroy(p);
    }
}

static void coordinates_have_the_noise_stated(void **state)
{
    (void)state;
    fs_problem *p = clouds(3, 2, 400, 1, 0.05);
    const fs_dataset *d = fs_problem_data(p);
    double square = 0.0;
    for (size_t j = 0; j < 800; j++) square += d->x[1200 + j] * d->x[1200 + j];      /* the line's first two coordinates */
    assert_near(sqrt(square / 800), 0.05, 5.0 * 0.05 / sqrt(1600.0));
    fs_problem_destroy(p);
}

/* --- errors ------------------------------------------------------------------------------ */

static void what_is_wrong_is_said_with_its_place(void **state)
{
    (void)state;
    static const struct { const char *text, *message; } bad[] = {
        { PLANE "data: {source: inline, x: [[1, 2]]}\n", "m.yaml:5:7: expected either labels or targets in inline data, found neither" },
        { PLANE "data: {source: inline, x: [[1, 2]], labels: [0], targets: [[1, 2]]}\n", "found both" },
        { PLANE "data: {source: inline, labels: [0]}\n", "expected the key \"x\" in data" },
        { PLANE "data: {source: inline, x: [1, 2], labels: [0]}\n", "m.yaml:5:28: expected nested lists of numbers" },
        { PLANE "data: {source: inline, x: [[1, 2], [1]], labels: [0, 1]}\n", "m.yaml:5:36: expected 2 values, one an input of the network, found 1 numbers" },
        { PLANE "data: {source: inline, x: [[1, 2]], targets: [[1]]}\n", "m.yaml:5:47: expected 2 targets, one an output of the network, found 1 numbers" },
        { PLANE "data: {source: inline, x: [[1, 2]], targets: [[1, 2], [3, 4]]}\n", "for each of the 1 samples, found 2" },
        { PLANE "data: {source: inline, x: [[1, 2]], labels: [2]}\n", "m.yaml:5:46: expected a label from 0 to 1, as the network has 2 outputs, found 2" },
        { PLANE "data: {source: inline, x: [[1, 2]], labels: [0, 1]}\n", "expected a label for each of the 1 samples, found 2" },
        { PLANE "data: {source: inline, x: [[1, 2], [3, 4]], labels: [0, 1], weights: [0.5, 0.6]}\n", "m.yaml:5:70: expected weights that sum to 1 within 1e-09, found a sum of 1.1" },
        { PLANE "data: {source: inline, x: [[1, 2], [3, 4]], labels: [0, 1], weights: [0.5, 0.500000002]}\n", "expected weights that sum to 1 within 1e-09" },
        { PLANE "data: {source: inline, x: [[1, 2], [3, 4]], labels: [0, 1], weights: [1]}\n", "expected a weight for each of the 2 samples, found 1" },
        { PLANE "data: {source: inline, x: [[1, 2], [3, 4]], labels: [0, 1], weights: [0, 1]}\n", "a list of numbers in (0, 1]" },
        { PLANE "data: {source: inline, x: [[1, nan]], labels: [0]}\n", "m.yaml:5:32: expected nested lists of numbers in [-1e12, 1e12] for x, found the entry \"nan\"" },
        { PLANE "data: {source: inline, x: [[1, 2]], labels: [0], seed: 1}\n", "expected a key of inline data, found \"seed\"" },
        { "group: C2\ninput: {vector: [2 trivial]}\nlayers: [dense: {out: 2}]\nloss: cross-entropy\ndata: {source: inline, x: [[1, 2]], targets: [[0.5, 0.4]]}\n",
          "expected labels or probabilities" },
        { PLANE "data: {source: graphs, count: 3}\n", "m.yaml:5:16: expected input: {graph: n} for data of source graphs" },
        { PLANE "data: {source: shapes, count: 3}\n", "expected input: {image: n, channels: 1} for data of source shapes" },
        { PLANE "data: {source: clouds, count: 3, classes: 2}\n", "expected input: {set: n, features: [natural]}" },
        { "group: S3\ninput: {graph: 3}\nlayers: [dense: {out: 1}]\nloss: cross-entropy\ndata: {source: graphs, count: 3}\n", "found 1 output with cross-entropy" },
        { "group: S3\ninput: {graph: 3}\nlayers: [dense: {out: 3}]\nloss: squared\ndata: {source: graphs, count: 3}\n", "found 3 outputs" },
        { "group: S3\ninput: {graph: 3}\nlayers: [dense: {out: 1}]\nloss: squared\ndata: {source: graphs, count: 3, p: 1.5}\n", "expected a number in [0, 1] for p" },
        { "group: S3\ninput: {graph: 3}\nlayers: [dense: {out: 1}]\nloss: squared\ndata: {source: graphs, count: 1000000000}\n", "m.yaml:5:7: expected at most 2147483648 values" },
        { "group: C4\ninput: {image: 4}\nlayers: [dense: {out: 5}]\nloss: squared\ndata: {source: shapes, count: 3}\n",
          "expected 16 outputs, the mask of a triangle, or 32, those of a triangle and a pentagon, found 5" },
        { "group: C4\ninput: {image: 4, channels: 2}\nlayers: [dense: {out: 16}]\nloss: squared\ndata: {source: shapes, count: 3}\n", "channels: 1}" },
        { "group: SO3\nmeasure: {degree: 1}\ninput: {set: 4, features: [natural]}\nlayers: [mean: {}, dense: {out: 2}]\nloss: cross-entropy\n"
          "data: {source: clouds, classes: 3, count: 2}\n", "m.yaml:6:33: expected at most 2 classes, as many as the network has outputs, found 3" },
        { "group: SO3\nmeasure: {degree: 1}\ninput: {set: 4, features: [natural]}\nlayers: [mean: {}, dense: {out: 2}]\nloss: cross-entropy\n"
          "data: {source: clouds, classes: 5, count: 2}\n", "expected a whole number in [2, 4] for classes, found \"5\"" },
        { "group: SO3\nmeasure: {degree: 1}\ninput: {set: 4, features: [2 natural]}\nlayers: [mean: {}, dense: {out: 2}]\nloss: cross-entropy\n"
          "data: {source: clouds, classes: 2, count: 2}\n", "with points of 2 or 3 features" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fs_problem *p = NULL;
        fs_err err = { .text = "" };
        fs_status status = model_try(&p, bad[i].text, &err);
        if (status != FS_EINPUT || !strstr(err.text, bad[i].message)) fail_msg("%s\n%s: \"%s\" in place of \"%s\"", bad[i].text, fs_status_text(status), err.text, bad[i].message);
        assert_null(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inline_samples_are_as_written),
        cmocka_unit_test(sample_weights_are_divided_by_their_sum),
        cmocka_unit_test(inline_pictures_are_read_row_by_row),
        cmocka_unit_test(resolved_inline_samples_read_back),
        cmocka_unit_test(graphs_are_symmetric_and_labelled_by_connectedness),
        cmocka_unit_test(blocks_have_the_probabilities_stated),
        cmocka_unit_test(one_seed_gives_one_set_of_data_and_more_samples_keep_the_first),
        cmocka_unit_test(pictures_are_the_union_of_their_masks),
        cmocka_unit_test(masks_are_convex),
        cmocka_unit_test(pixel_noise_has_its_deviation_and_leaves_the_masks_alone),
        cmocka_unit_test(clouds_have_the_shapes_of_their_classes),
        cmocka_unit_test(coordinates_have_the_noise_stated),
        cmocka_unit_test(what_is_wrong_is_said_with_its_place),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
