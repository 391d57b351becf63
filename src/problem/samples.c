/* problem/samples.c -- from the model file's data to the weighted samples of the nominal risk
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "problem/parts.h"

#include "base/rng.h"
#include "problem/readers.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* More values than this would not fit beside their orbits on any machine this is meant for. */
#define VALUE_LIMIT ((size_t)1 << 31)

static char *format(const char *pattern, ...) __attribute__((format(printf, 1, 2)));

/* A fresh text; NULL when memory is short. */
static char *format(const char *pattern, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, pattern);
    int n = vasprintf(&text, pattern, arguments);
    va_end(arguments);
    return n < 0 ? NULL : text;
}

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

/* The shape of one sample must be that of the input. */
static fs_status check_shape(const fs_problem *p, const fs_model *m, const fs_samples *s, fs_err *err)
{
    fs_shape input = fs_net_shape(p->net, 0);
    if (s->channels == input.channels && s->height == input.height && s->width == input.width) return FS_OK;
    int vector = fs_model_find(m, "input.vector") != NULL;
    char expected[64], found[80];
    snprintf(expected, sizeof expected, vector ? "vectors of %zu entries" : "images of %zu x %zu x %zu", input.channels,
             input.height, input.width);
    snprintf(found, sizeof found, s->height * s->width == 1 ? "vectors of %zu entries" : "images of %zu x %zu x %zu",
             s->channels, s->height, s->width);
    return fs_yaml_fail(fs_model_find(m, "data"), err,
                        "expected %s (channels x rows x columns) as input says, found %s in the data", expected, found);
}

static fs_normalise normalise_of(const char *word)
{
    return !strcmp(word, "unit") ? FS_NORMALISE_UNIT : !strcmp(word, "standard") ? FS_NORMALISE_STANDARD : FS_NORMALISE_NONE;
}

/* "20 images 1 x 8 x 8 with 2 classes; classes [1, 8], 10 a class; Fashion-MNIST, embedded" */
static char *note_of(const fs_model *m, const fs_samples *s)
{
    const fs_yaml *classes = fs_model_find(m, "data.classes"), *count = fs_model_find(m, "data.count");
    const char *file = fs_model_text(m, "data.images") ? fs_model_text(m, "data.images") : fs_model_text(m, "data.file");
    char *list = NULL, *note = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&list, &size);
    if (!out) return NULL;
    if (classes) {
        fputs("; classes ", out);
        fs_yaml_print(classes, out);
    }
    if (count) fprintf(out, s->target ? ", the first %s" : ", %s a class", count->text);
    char shape[80];
    snprintf(shape, sizeof shape, s->height * s->width == 1 ? "vector%s of %zu entries" : "image%s %zu x %zu x %zu",
             s->n == 1 ? "" : "s", s->channels, s->height, s->width);
    if (!fclose(out))
        note = format("%zu %s with %zu %s%s; %s%s%s", s->n, shape, s->target ? s->k : s->n_classes,
                      s->target ? "targets each" : "classes", list,
                      !strcmp(fs_model_text(m, "data.source"), "embedded") ? "Fashion-MNIST, embedded"
                                                                           : fs_model_text(m, "data.source"),
                      file ? " " : "", file ? file : "");
    free(list);
    return note;
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
    if (status == FS_OK) {
        p->data_note = note_of(m, &samples);
        if (!p->data_note) status = fs_fail(err, FS_ENOMEM, "a note on the data");
    }
    fs_samples_clear(&samples);
    free(classes);
    free(image_file);
    free(label_file);
    return status;
}

/* --- synthetic -------------------------------------------------------------------- */

/* Independent standard normal x; label i modulo the number of classes, or standard normal targets. */
static fs_status build_synthetic(fs_problem *p, const fs_model *m, fs_err *err)
{
    const fs_yaml *at = fs_model_find(m, "data"), *targets = fs_model_find(m, "data.targets"),
                  *classes = fs_model_find(m, "data.classes");
    size_t inputs = fs_net_inputs(p->net), outputs = fs_net_outputs(p->net), count = fs_model_whole(m, "data.count");
    size_t k = targets ? fs_yaml_whole(targets) : classes ? fs_yaml_whole(classes) : 0, n = targets ? count : count * k;
    if (!targets == !classes)
        return fs_yaml_fail(at, err, "expected either classes or targets in synthetic data, found %s",
                            targets ? "both" : "neither");
    if (n > VALUE_LIMIT / inputs)
        return fs_yaml_fail(at, err, "expected at most %zu values, found %zu samples of %zu", VALUE_LIMIT, n, inputs);
    if (targets ? k != outputs : k > outputs)
        return fs_yaml_fail(targets ? targets : classes, err,
                            "expected %s %zu, as many as the network has outputs, found %zu",
                            targets ? "targets" : "at most", outputs, k);
    FS_TRY(fs_dataset_create(&p->data, n, inputs, outputs, err));
    gsl_rng *rng = fs_rng_stream(fs_model_whole(m, "data.seed"), FS_STREAM_DATA);
    if (!rng) return fs_fail(err, FS_ENOMEM, "a random stream for the data");
    fs_rng_gaussian(rng, n * inputs, p->data->x);
    if (targets) fs_rng_gaussian(rng, n * outputs, p->data->y);
    for (size_t i = 0; i < n && !targets; i++) p->data->y[i * outputs + i % k] = 1.0;
    gsl_rng_free(rng);
    fs_shape shape = fs_net_shape(p->net, 0);
    p->data_note = format("%zu synthetic samples %zu x %zu x %zu, standard normal, with %zu %s", n, shape.channels,
                          shape.height, shape.width, k, targets ? "standard normal targets each" : "labels in turn");
    return p->data_note ? FS_OK : fs_fail(err, FS_ENOMEM, "a note on the data");
}

fs_status fs_problem_build_data(fs_problem *p, const fs_model *m, fs_err *err)
{
    int synthetic = !strcmp(fs_model_text(m, "data.source"), "synthetic");
    FS_TRY(synthetic ? build_synthetic(p, m, err) : build_from_files(p, m, err));
    return check_values(p, fs_model_find(m, "data"), err);
}
