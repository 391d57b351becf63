/* report/json.h -- reports as one JSON object
 *
 * Reals have 17 significant digits in the C locale; NaN and infinities are the strings "nan", "inf", "-inf".  Every builder
 * returns a new reference, or NULL when memory is short; the fs_json_set functions report that as nonzero, so that a
 * report is built by or-ing them together and looked at once:
 *
 *   int bad = 0;
 *   json_t *report = fs_json_head(head);
 *   bad |= fs_json_set_real(report, "risk", R);
 *   if (bad) ...
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_JSON_H
#define FS_REPORT_JSON_H

#include "experiment/run.h"
#include "report/head.h"

#include <jansson.h>
#include <stdio.h>

json_t *fs_json_real(double value);
json_t *fs_json_text(const char *text);         /* NULL gives null; bytes that are no UTF-8 become '?' */
json_t *fs_json_seed(uint64_t seed);            /* a number, or a string of digits from 2^63 on */
json_t *fs_json_reals(size_t n, const double *value);

/* Nonzero on failure, also when object or value is NULL.  fs_json_set takes value. */
int fs_json_set(json_t *object, const char *key, json_t *value);
int fs_json_set_real(json_t *object, const char *key, double value);
int fs_json_set_text(json_t *object, const char *key, const char *text);
int fs_json_set_count(json_t *object, const char *key, size_t value);
int fs_json_set_long(json_t *object, const char *key, long value);
/* The same with the failure collected in *bad; value, whose builder may set *bad as well, is complete before *bad is read. */
void fs_json_put(json_t *object, const char *key, json_t *value, int *bad);
void fs_json_append(json_t *array, json_t *value, int *bad);

/* The fields that every command has, and `fingerprint`. */
json_t *fs_json_head(const fs_report_head *head);
/* The report of `run`.  One gamma and one seed: gamma and seed are numbers, flows are those of the run; otherwise they are
 * arrays, and summary[] has one entry a gamma and flow. */
json_t *fs_json_run(const fs_report_head *head, const fs_run *run);

/* Prints with a final newline.  FS_EIO, FS_ENOMEM. */
fs_status fs_json_print(FILE *stream, const json_t *report, fs_err *err);
/* Writes atomically. */
fs_status fs_json_write(const char *path, const json_t *report, fs_err *err);

#endif
