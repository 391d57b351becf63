/* problem/model_file.h -- a model file, checked against the table of keys
 *
 * Read, overridden, completed with defaults and validated: after fs_model_load every value has the type and range that
 * its row in model_keys.c states, so the queries below cannot fail.  What the values mean together is problem.c's business.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_PROBLEM_MODEL_FILE_H
#define FS_PROBLEM_MODEL_FILE_H

#include "problem/yaml.h"

#include <stdint.h>

/* Opaque: validated. */
typedef struct fs_model fs_model;

/* path and sets are borrowed: they must live as long as the model.  An override is KEY=VALUE: a dotted key (a number indexes a list) and a YAML value. */
fs_status fs_model_load(fs_model **out, const char *path, size_t n_sets, const char *const *sets, fs_err *err);
void fs_model_destroy(fs_model *m);

/* Value of a dotted key such as "flow.gamma"; NULL when it was left out and has no default. */
const fs_yaml *fs_model_find(const fs_model *m, const char *key);
/* Number, whole number (0 when left out) and text (NULL when left out or not a scalar) of a key. */
double fs_model_real(const fs_model *m, const char *key);
uint64_t fs_model_whole(const fs_model *m, const char *key);
const char *fs_model_text(const fs_model *m, const char *key);
/* The same of one scalar. */
double fs_yaml_real(const fs_yaml *node);
uint64_t fs_yaml_whole(const fs_yaml *node);

/* The model with overrides applied and defaults filled in, as YAML: read from the same folder, it gives the same problem.  Caller frees. */
fs_status fs_model_print(const fs_model *m, char **text, fs_err *err);

#endif
