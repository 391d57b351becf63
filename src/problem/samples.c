/* problem/samples.c -- from the model file's data to the weighted samples of the nominal risk: files, and samples in the model file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "problem/parts.h"

#include "problem/readers.h"
#include "problem/samples.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* More values than this would not fit beside their orbits on any machine this is meant for. */
#define VALUE_LIMIT ((size_t)1 << 31)

/* x (n, inputs) and one-hot rows of labels or targets as they are. */
static fs_status fill(fs_problem *p, const fs_yaml *at, const fs_yaml *classes, const fs_samples *s, fs_err *err)
{
    size_t inputs = fs_net_inputs(p->net), outputs = fs_net_outputs(p->net);
    if (classes && s->n_classes > outputs)
        return fs_yaml_fail(classes, err, "expected at most %zu classes, as many as the network has outputs, found %zu",
                            outputs, s->n_classes);
    if (s->target && s->k != outputs)
        return fs_yaml_fail(at, err, "expected %zu targets a sample, as many as the network has outputs, found %zu",
                            outputs, s->k);
    FS_TRY(fs_dataset_create(&p->data, s->n, inputs, outputs, err));
    memcpy(p->data->x, s->x, s->n * inputs * sizeof *s->x);
    if (s->target) memcpy(p->data->y, s->target, s->n * outputs * sizeof *s->target);
    for (size_t i = 0; i < s->n && !s->target; i++) {
        if ((size_t)s->label[i] >= outputs)
            return fs_yaml_fail(at, err,
                                "expected labels from 0 to %zu, as the network has %zu outputs, found %d in sample %zu "
                                "(counted from 0); classes would rename the labels",
                                outputs - 1, outputs, s->label[i], s->origin[i]);
        p->data->y[i * outputs + (size_t)s->label[i]] = 1.0;
    }
    return FS_OK;
}

/* Finite values; probabilities where the loss is cross-entropy. */
static fs_status check_values(const fs_problem *p, const fs_yaml *at, fs_err *err)
{
    const fs_dataset *d = p->data;
    for (size_t i = 0; i < d->n * d->inputs; i++)
        if (!isfinite(d->x[i]))
            return fs_yaml_fail(at, err, "expected finite values, found %g in sample %zu, entry %zu", d->x[i],
                                i / d->inputs, i % d->inputs);
    for (size_t i = 0; i < d->n; i++) {
        double sum = 0.0;
        int negative = 0;
        for (size_t k = 0; k < d->outputs; k++) {
            double y = d->y[i * d->outputs + k];
            if (!isfinite(y))
                return fs_yaml_fail(at, err, "expected finite targets, found %g in sample %zu, entry %zu", y, i, k);
            sum += y;
            negative |= y < 0.0;
        }
        if (p->loss.kind != FS_LOSS_CROSS_ENTROPY) continue;
        if (negative || !(fabs(sum - 1.0) <= 1e-9))
            return fs_yaml_fail(at, err,
                                "expected labels or probabilities as targets of the cross-entropy, found targets of "
                                "sum %.17g%s in sample %zu",
                                sum, negative ? " with a negative one" : "", i);
    }
    return FS_OK;
}

/* --- files ------------------------------------------------------------------------ */

/* The shape of one sample must be that of the input; the entries of a graph may stand in rows, the points of a set in any grid. */
static fs_status check_shape(const fs_problem *p, const fs_model *m, const fs_samples *s, fs_err *err)
{
    fs_shape input = fs_net_shape(p->net, 0);
    int graph = fs_model_find(m, "input.graph") != NULL, set = fs_model_find(m, "input.set") != NULL;
    size_t pixels = s->height * s->width;
    if (s->channels == input.channels && s->height == input.height && s->width == input.width) return FS_OK;
    if (set && s->channels == input.channels && pixels == input.height * input.width) return FS_OK;
    if (graph && s->channels * pixels == input.channels * input.height * input.width) return FS_OK;
    int vector = graph || fs_model_find(m, "input.vector") != NULL;
    char expected[64], found[80];
    snprintf(expected, sizeof expected, vector ? "vectors of %zu entries" : "images of %zu x %zu x %zu", input.channels,
             input.height, input.width);
    snprintf(found, sizeof found, pixels == 1 ? "vectors of %zu entries" : "images of %zu x %zu x %zu", s->channels, s->height, s->width);
    return fs_yaml_fail(fs_model_find(m, "data"), err,
                        "expected %s (channels x rows x columns) as input says, found %s in the data", expected, found);
}

static fs_normalise normalise_of(const char *word)
{
    return !strcmp(word, "unit") ? FS_NORMALISE_UNIT : !strcmp(word, "standard") ? FS_NORMALISE_STANDARD : FS_NORMALISE_NONE;
}

/* "20 images 1 x 8 x 8 with 2 classes; classes [1, 8], 10 a class; Fashion-MNIST, embedded" */
static fs_status say_files(fs_problem *p, const fs_model *m, const fs_samples *s, fs_err *err)
{
    const fs_yaml *classes = fs_model_find(m, "data.classes"), *count = fs_model_find(m, "data.count");
    const char *file = fs_model_text(m, "data.images") ? fs_model_text(m, "data.images") : fs_model_text(m, "data.file");
    char *list = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&list, &size);
    if (!out) return fs_fail(err, FS_ENOMEM, "a note on the data");
    if (classes) {
        fputs("; classes ", out);
        fs_yaml_print(classes, out);
    }
    if (count) fprintf(out, s->target ? ", the first %s" : ", %s a class", count->text);
    char shape[80];
    snprintf(shape, sizeof shape, s->height * s->width == 1 ? "vector%s of %zu entries" : "image%s %zu x %zu x %zu",
             s->n == 1 ? "" : "s", s->channels, s->height, s->width);
    fs_status status = fclose(out) ? fs_fail(err, FS_ENOMEM, "a note on the data") : FS_OK;
    if (status == FS_OK)
        status = fs_data_say(p, err, "%zu %s with %zu %s%s; %s%s%s", s->n, shape, s->target ? s->k : s->n_classes,
                             s->target ? "targets each" : "classes", list,
                             !strcmp(fs_model_text(m, "data.source"), "embedded") ? "Fashion-MNIST, embedded"
                                                                                  : fs_model_text(m, "data.source"),
                             file ? " " : "", file ? file : "");
    free(list);
    return status;
}

static fs_status read_classes(const fs_yaml *node, int **classes, fs_err *err)
{
    *classes = fs_calloc(node->count, sizeof **classes);
    if (!*classes) return fs_fail(err, FS_ENOMEM, "%zu classes", node->count);
    for (size_t i = 0; i < node->count; i++) {
        (*classes)[i] = (int)fs_yaml_whole(node->item[i]);
        for (size_t j = 0; j < i; j++)
            if ((*classes)[j] == (*classes)[i])
                return fs_yaml_fail(node->item[i], err, "expected every class once, found %d twice", (*classes)[i]);
    }
    return FS_OK;
}

static fs_status build_from_files(fs_problem *p, const fs_model *m, fs_err *err)
{
    const fs_yaml *at = fs_model_find(m, "data"), *class_list = fs_model_find(m, "data.classes");
    const char *images = fs_model_text(m, "data.images") ? fs_model_text(m, "data.images") : fs_model_text(m, "data.file");
    const char *labels = fs_model_text(m, "data.labels");
    char *image_file = images ? fs_problem_file(p, images) : NULL, *label_file = labels ? fs_problem_file(p, labels) : NULL;
    int *classes = NULL;
    fs_samples samples = { 0 };
    fs_status status =
        (images && !image_file) || (labels && !label_file) ? fs_fail(err, FS_ENOMEM, "names of the data files") : FS_OK;
    if (status == FS_OK && class_list) status = read_classes(class_list, &classes, err);
    fs_data_spec spec = { .source = fs_model_text(m, "data.source"),
                          .images = image_file,
                          .labels = label_file,
                          .classes = classes,
                          .n_classes = class_list ? class_list->count : 0,
                          .count = fs_model_whole(m, "data.count"),
                          .size = fs_model_whole(m, "data.size"),
                          .normalise = normalise_of(fs_model_text(m, "data.normalise")),
                          .targets = fs_model_whole(m, "data.targets") };
    if (status == FS_OK) status = fs_yaml_locate(at, fs_samples_read(&spec, &samples, err), err);
    if (status == FS_OK) status = check_shape(p, m, &samples, err);
    if (status == FS_OK) status = fill(p, at, class_list, &samples, err);
    if (status == FS_OK) status = say_files(p, m, &samples, err);
    fs_samples_clear(&samples);
    free(classes);
    free(image_file);
    free(label_file);
    return status;
}

/* --- inline ------------------------------------------------------------------------- */

/* Numbers in nested lists. */
static size_t count_numbers(const fs_yaml *node)
{
    size_t n = node->kind == FS_YAML_SCALAR;
    for (size_t i = 0; node->kind == FS_YAML_LIST && i < node->count; i++) n += count_numbers(node->item[i]);
    return n;
}

/* Writes them down one after the other; returns where the next one would go. */
static double *read_numbers(const fs_yaml *node, double *x)
{
    if (node->kind == FS_YAML_SCALAR) *x++ = fs_yaml_real(node);
    for (size_t i = 0; node->kind == FS_YAML_LIST && i < node->count; i++) x = read_numbers(node->item[i], x);
    return x;
}

/* One row of `width` numbers a sample. */
static fs_status read_rows(const fs_yaml *list, size_t n, size_t width, const char *what, const char *each, double *x, fs_err *err)
{
    if (list->count != n) return fs_yaml_fail(list, err, "expected %s for each of the %zu samples, found %zu", what, n, list->count);
    for (size_t i = 0; i < n; i++) {
        size_t found = count_numbers(list->item[i]);
        if (found != width) return fs_yaml_fail(list->item[i], err, "expected %zu %s, one an %s of the network, found %zu numbers", width, what, each, found);
        read_numbers(list->item[i], x + i * width);
    }
    return FS_OK;
}

static fs_status read_labels(const fs_yaml *list, fs_dataset *d, fs_err *err)
{
    if (list->count != d->n) return fs_yaml_fail(list, err, "expected a label for each of the %zu samples, found %zu", d->n, list->count);
    for (size_t i = 0; i < d->n; i++) {
        uint64_t label = fs_yaml_whole(list->item[i]);
        if (label >= d->outputs)
            return fs_yaml_fail(list->item[i], err, "expected a label from 0 to %zu, as the network has %zu outputs, found %llu",
                                d->outputs - 1, d->outputs, (unsigned long long)label);
        d->y[i * d->outputs + label] = 1.0;
    }
    return FS_OK;
}

static fs_status read_weights(const fs_yaml *list, fs_dataset *d, fs_err *err)
{
    double sum = 0.0;
    if (list->count != d->n) return fs_yaml_fail(list, err, "expected a weight for each of the %zu samples, found %zu", d->n, list->count);
    for (size_t i = 0; i < d->n; i++) sum += d->weight[i] = fs_yaml_real(list->item[i]);
    if (!(fabs(sum - 1.0) <= FS_PROBLEM_SUM_TOLERANCE))
        return fs_yaml_fail(list, err, "expected weights that sum to 1 within %g, found a sum of %.17g", FS_PROBLEM_SUM_TOLERANCE, sum);
    for (size_t i = 0; i < d->n; i++) d->weight[i] /= sum;
    return FS_OK;
}

fs_status fs_data_inline(fs_problem *p, const fs_model *m, fs_err *err)
{
    const fs_yaml *at = fs_model_find(m, "data"), *x = fs_model_find(m, "data.x"), *targets = fs_model_find(m, "data.targets"),
                  *labels = fs_model_find(m, "data.labels"), *weights = fs_model_find(m, "data.weights");
    if (!targets == !labels)
        return fs_yaml_fail(at, err, "expected either labels or targets in inline data, found %s", targets ? "both" : "neither");
    FS_TRY(fs_data_create(p, at, x->count, err));
    fs_dataset *d = p->data;
    FS_TRY(read_rows(x, d->n, d->inputs, "values", "input", d->x, err));
    FS_TRY(targets ? read_rows(targets, d->n, d->outputs, "targets", "output", d->y, err) : read_labels(labels, d, err));
    if (weights) FS_TRY(read_weights(weights, d, err));
    return fs_data_say(p, err, "%zu sample%s of %zu value%s with %s%s, from the model file", d->n, d->n == 1 ? "" : "s", d->inputs,
                       d->inputs == 1 ? "" : "s", targets ? "targets" : "labels", weights ? " and weights" : "");
}

/* --- any source ---------------------------------------------------------------------- */

fs_status fs_data_create(fs_problem *p, const fs_yaml *at, size_t n, fs_err *err)
{
    size_t inputs = fs_net_inputs(p->net), outputs = fs_net_outputs(p->net);
    if (n > VALUE_LIMIT / (inputs + outputs))
        return fs_yaml_fail(at, err, "expected at most %zu values, found %zu samples of %zu", VALUE_LIMIT, n, inputs + outputs);
    return fs_dataset_create(&p->data, n, inputs, outputs, err);
}

fs_status fs_data_say(fs_problem *p, fs_err *err, const char *pattern, ...)
{
    va_list arguments;
    va_start(arguments, pattern);
    int n = vasprintf(&p->data_note, pattern, arguments);
    va_end(arguments);
    if (n >= 0) return FS_OK;
    p->data_note = NULL;
    return fs_fail(err, FS_ENOMEM, "a note on the data");
}

fs_status fs_problem_build_data(fs_problem *p, const fs_model *m, fs_err *err)
{
    static const struct {
        const char *source;
        fs_status (*build)(fs_problem *p, const fs_model *m, fs_err *err);
    } row[] = {
        { "inline", fs_data_inline }, { "synthetic", fs_data_synthetic }, { "graphs", fs_data_graphs },
        { "shapes", fs_data_shapes }, { "clouds", fs_data_clouds },
    };
    fs_status (*build)(fs_problem *p, const fs_model *m, fs_err *err) = build_from_files;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (!strcmp(row[i].source, fs_model_text(m, "data.source"))) build = row[i].build;
    FS_TRY(build(p, m, err));
    return check_values(p, fs_model_find(m, "data"), err);
}
