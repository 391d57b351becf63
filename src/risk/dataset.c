/* risk/dataset.c -- weighted samples and their orbits under a group
 *
 *   R^aug = sum_(g, i) measure[g] weight[i] loss(Phi_A(rho_X(g) x_i), rho_Y(g) y_i)
 *
 * over the points g of the group, is the plain risk of the samples (g, i), moved once and stored.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "risk/dataset.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

fs_status fs_dataset_create(fs_dataset **out, size_t n, size_t inputs, size_t outputs, fs_err *err)
{
    size_t x_count, y_count, bytes;
    *out = NULL;
    if (n < 1 || inputs < 1 || outputs < 1)
        return fs_fail(err, FS_EINPUT, "expected at least one sample, input and output, found %zu samples of %zu inputs and "
                       "%zu outputs", n, inputs, outputs);
    if (__builtin_mul_overflow(n, inputs, &x_count) || __builtin_mul_overflow(n, outputs, &y_count)
        || __builtin_add_overflow(x_count, y_count, &bytes) || __builtin_mul_overflow(bytes, sizeof(double), &bytes))
        return fs_fail(err, FS_EINPUT, "expected samples that fit into memory, found %zu of %zu inputs and %zu outputs", n, inputs,
                       outputs);
    fs_dataset *d = fs_calloc(1, sizeof *d);
    if (!d) goto nomem;
    d->n = n;
    d->inputs = inputs;
    d->outputs = outputs;
    d->x = fs_calloc(x_count, sizeof *d->x);
    d->y = fs_calloc(y_count, sizeof *d->y);
    d->weight = fs_calloc(n, sizeof *d->weight);
    if (!d->x || !d->y || !d->weight) goto nomem;
    for (size_t i = 0; i < n; i++) d->weight[i] = 1.0 / (double)n;
    *out = d;
    return FS_OK;
nomem:
    fs_dataset_destroy(d);
    return fs_fail(err, FS_ENOMEM, "%zu samples of %zu inputs and %zu outputs", n, inputs, outputs);
}

void fs_dataset_destroy(fs_dataset *d)
{
    if (!d) return;
    free(d->x);
    free(d->y);
    free(d->weight);
    free(d);
}

static fs_status check_reps(const fs_dataset *d, const fs_rep *rho_X, const fs_rep *rho_Y, fs_err *err)
{
    if (fs_rep_group(rho_X) != fs_rep_group(rho_Y))
        return fs_fail(err, FS_EINPUT, "expected representations of one group on inputs and outputs, found %s and %s",
                       fs_group_name(fs_rep_group(rho_X)), fs_group_name(fs_rep_group(rho_Y)));
    if (fs_rep_dim(rho_X) != d->inputs)
        return fs_fail(err, FS_EINPUT, "expected a representation of dimension %zu on the inputs, found %zu (%s)", d->inputs,
                       fs_rep_dim(rho_X), fs_rep_name(rho_X));
    if (fs_rep_dim(rho_Y) != d->outputs)
        return fs_fail(err, FS_EINPUT, "expected a representation of dimension %zu on the outputs, found %zu (%s)", d->outputs,
                       fs_rep_dim(rho_Y), fs_rep_name(rho_Y));
    return FS_OK;
}

/* measure[g] >= 0 with sum 1 up to the rounding of the entries and of the sum; counts the positive ones. */
static fs_status check_measure(const double *measure, size_t points, size_t *positive, fs_err *err)
{
    double sum = 0.0, tol = 16.0 * (double)points * DBL_EPSILON;
    *positive = 0;
    for (size_t g = 0; g < points; g++) {
        if (!(measure[g] >= 0.0 && measure[g] <= 1.0 + tol))
            return fs_fail(err, FS_EINPUT, "expected a measure between 0 and 1 of element %zu, found %g", g, measure[g]);
        sum += measure[g];
        *positive += measure[g] > 0.0;
    }
    if (!(fabs(sum - 1.0) <= tol))
        return fs_fail(err, FS_EINPUT, "expected a measure on the %zu elements that sums to 1, found %.17g", points, sum);
    return FS_OK;
}

/* The samples moved by g, from position `first` on. */
static fs_status move_samples(fs_dataset *to, size_t first, const fs_dataset *d, const fs_rep *rho_X, const fs_rep *rho_Y,
                              size_t g, double measure)
{
    for (size_t i = 0; i < d->n; i++) {
        size_t k = first + i;
        FS_TRY(fs_rep_apply(rho_X, g, d->x + i * d->inputs, to->x + k * d->inputs));
        FS_TRY(fs_rep_apply(rho_Y, g, d->y + i * d->outputs, to->y + k * d->outputs));
        to->weight[k] = measure * d->weight[i];
    }
    return FS_OK;
}

fs_status fs_dataset_create_orbit(fs_dataset **out, const fs_dataset *d, const fs_rep *rho_X, const fs_rep *rho_Y,
                                  const double *measure, fs_err *err)
{
    size_t points = fs_group_points(fs_rep_group(rho_X)), positive, samples, first = 0;
    fs_dataset *orbit = NULL;
    *out = NULL;
    if (!measure) measure = fs_group_rule(fs_rep_group(rho_X));
    FS_TRY(check_reps(d, rho_X, rho_Y, err));
    FS_TRY(check_measure(measure, points, &positive, err));
    if (__builtin_mul_overflow(positive, d->n, &samples))
        return fs_fail(err, FS_EINPUT, "expected samples that fit into memory, found %zu for each of %zu elements", d->n, positive);
    FS_TRY(fs_dataset_create(&orbit, samples, d->inputs, d->outputs, err));
    for (size_t g = 0; g < points; g++) {
        if (measure[g] == 0.0) continue;
        fs_status status = move_samples(orbit, first, d, rho_X, rho_Y, g, measure[g]);
        if (status != FS_OK) {
            fs_dataset_destroy(orbit);
            return fs_fail(err, status, "moving %zu samples by element %zu", d->n, g);
        }
        first += d->n;
    }
    *out = orbit;
    return FS_OK;
}
