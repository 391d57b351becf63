/* problem/yaml.h -- a YAML document as a small tree in which every value knows where it was written
 *
 * libfyaml reads the syntax; here it becomes scalars, lists and maps without anchors, aliases, tags or
 * duplicate keys, at most FS_YAML_BYTES long, FS_YAML_DEPTH levels deep and FS_YAML_NODES values large, so that no
 * file can take more than a moment.  Nothing is ever printed: every error starts with FILE:LINE:COLUMN, or names the override.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_PROBLEM_YAML_H
#define FS_PROBLEM_YAML_H

#include "base/status.h"

#include <stdio.h>

/* libfyaml looks ahead over a whole nest of brackets, at up to 300 bytes each: the size is what bounds its time and memory. */
#define FS_YAML_BYTES 65536
#define FS_YAML_DEPTH 16
#define FS_YAML_NODES 10000

typedef enum { FS_YAML_SCALAR, FS_YAML_LIST, FS_YAML_MAP } fs_yaml_kind;

/* Plain.  A map's entry i is key[i], a scalar with its own position, and item[i]. */
typedef struct fs_yaml fs_yaml;
struct fs_yaml {
    fs_yaml_kind kind;
    char *text;             /* scalar: its text; owned */
    int quoted;             /* scalar: written in quotes or as a block, so never a number */
    int implied;            /* not written anywhere: a default, placed where it was left out */
    size_t count;
    fs_yaml **item, **key;  /* owned; key is NULL in a list */
    const char *file;       /* borrowed: the file's name, or NULL */
    const char *set;        /* borrowed: the override "KEY=VALUE" it came from, or NULL */
    int line, column;       /* from 1, in the file */
};

/* Reads one document of `size` bytes; file and set are borrowed by every node.  NULL file: text is the value of the override `set`. */
fs_status fs_yaml_parse(fs_yaml **out, const char *text, size_t size, const char *file, const char *set, fs_err *err);
void fs_yaml_destroy(fs_yaml *node);

/* Value of a key in a map; NULL when absent or when node is no map. */
fs_yaml *fs_yaml_get(const fs_yaml *node, const char *key);
/* Position of the key in the map, node->count when absent. */
size_t fs_yaml_index(const fs_yaml *node, const char *key);

/* Appends a key (copied) and takes value; the key is placed where `at` is.  On failure value is destroyed. */
fs_status fs_yaml_append(fs_yaml *map, const char *key, fs_yaml *value, const fs_yaml *at, fs_err *err);
/* A fresh empty map placed where `at` is. */
fs_status fs_yaml_create_map(fs_yaml **out, const fs_yaml *at, fs_err *err);
/* Moves every node of the tree to the place of `at`, where it is implied. */
void fs_yaml_place(fs_yaml *node, const fs_yaml *at);

/* What stands there, for messages: "abc" in quotes, 12, a list, a mapping, nothing.  Returns buffer. */
#define FS_YAML_FOUND 80
const char *fs_yaml_found(const fs_yaml *node, char buffer[FS_YAML_FOUND]);

/* Bad input at a node: "FILE:LINE:COLUMN: " or "--set KEY=VALUE: " and the message. */
fs_status fs_yaml_fail(const fs_yaml *at, fs_err *err, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Puts the place of a node in front of an error that came from below; other statuses than bad input pass as they are. */
fs_status fs_yaml_locate(const fs_yaml *at, fs_status status, fs_err *err);

/* Writes a value in flow style, {a: 1, b: [2, 3]}; it reads back to the same tree. */
void fs_yaml_print(const fs_yaml *node, FILE *stream);

#endif
