/* problem/samples.h -- sources of data that a model file holds or describes in full (private to problem/)
 *
 *   inline     the samples, in the model file
 *   synthetic  independent standard normal numbers
 *   graphs     adjacency matrices of stochastic block models with two blocks; connected or not
 *   shapes     pictures of filled polygons, and their masks
 *   clouds     points on a sphere, a line, a disc, in two clusters
 *
 * Each fills p's data and data_note.  Random ones use fs_rng_stream(data.seed, FS_STREAM_DATA).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_PROBLEM_SAMPLES_H
#define FS_PROBLEM_SAMPLES_H

#include "problem/model_file.h"
#include "problem/problem.h"

fs_status fs_data_inline(fs_problem *p, const fs_model *m, fs_err *err);
fs_status fs_data_synthetic(fs_problem *p, const fs_model *m, fs_err *err);
fs_status fs_data_graphs(fs_problem *p, const fs_model *m, fs_err *err);
fs_status fs_data_shapes(fs_problem *p, const fs_model *m, fs_err *err);
fs_status fs_data_clouds(fs_problem *p, const fs_model *m, fs_err *err);

/* p's data, zeroed: n samples of the network's inputs and outputs; bad input at `at` when they are too many values. */
fs_status fs_data_create(fs_problem *p, const fs_yaml *at, size_t n, fs_err *err);
/* p's data_note. */
fs_status fs_data_say(fs_problem *p, fs_err *err, const char *pattern, ...) __attribute__((format(printf, 3, 4)));

#endif
