/* problem/model_keys.h -- every key of a model file: one table for parsing, errors, defaults, suggestions and the manual
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_PROBLEM_MODEL_KEYS_H
#define FS_PROBLEM_MODEL_KEYS_H

#include "base/status.h"

/* What a value may be; a key may allow several. */
enum {
    FS_KEY_TEXT   = 1 << 0,     /* any text */
    FS_KEY_WORD   = 1 << 1,     /* one of `words` */
    FS_KEY_WHOLE  = 1 << 2,     /* a whole number in `range` */
    FS_KEY_REAL   = 1 << 3,     /* a number in `range` */
    FS_KEY_WHOLES = 1 << 4,     /* a list of whole numbers in `range` */
    FS_KEY_REALS  = 1 << 5,     /* a list of numbers in `range` */
    FS_KEY_NAMES  = 1 << 6,     /* a list of representations */
    FS_KEY_TAPS   = 1 << 7,     /* a list of [row, column] */
    FS_KEY_MAP    = 1 << 8,     /* the keys below it */
    FS_KEY_LAYERS = 1 << 9,     /* a list of layers, each {kind: {...}} with a row layers.kind */
    FS_KEY_NESTED = 1 << 10     /* lists of numbers in `range` inside a list, as deep as it takes: [[1, 0], [0, 1]] */
};

/* One row.  Keys of one path with different `when` exclude each other. */
typedef struct {
    const char *path;           /* dotted: data.count, layers.conv.out */
    const char *when;           /* variants of the enclosing map that know it, "idx|npy"; NULL: all */
    unsigned types;
    const char *range;          /* "[0, 1e12]", "(0, 1]": round brackets exclude; NULL where no number is due */
    const char *words;          /* "full|cross|skew", or NULL */
    const char *fallback;       /* YAML text used when the key is left out; NULL: it must be there; "": it may be left out */
    const char *example;        /* as one would write it after the key */
    const char *help;
} fs_model_key;

/* The groups that `group` knows, for messages. */
#define FS_MODEL_GROUPS                                                                                  \
    "C<n>, D<n>, S<n> (n up to 20), Z<n>, Z<n>xZ<m>, p4, p4:<n>, SO2, O2, SO3, O3, Z2-sign, Z2-sign^<k>, " \
    "a product such as C4xS3, or {generators: [...]}"

const fs_model_key *fs_model_keys(size_t *count);

/* Length of the enclosing path and its dot: path + that is the key's own name. */
size_t fs_model_key_name(const fs_model_key *key);
/* Does the key belong to the map `prefix` ("" for the top)? */
int fs_model_key_within(const fs_model_key *key, const char *prefix);
/* Is it known in this variant of the map (NULL: in some variant)? */
int fs_model_key_in(const fs_model_key *key, const char *variant);

/* "a number in [0, 1e12]", "full, cross, skew, or a list of taps [[row, column], ...]".  Returns buffer. */
#define FS_MODEL_KEY_EXPECTED 240
const char *fs_model_key_expected(const fs_model_key *key, char buffer[FS_MODEL_KEY_EXPECTED]);

/* Is x inside "[0, 1e12]"?  NaN is not. */
int fs_range_contains(const char *range, double x);

/* The table in Markdown, as models/README.md has it.  Caller frees *text. */
fs_status fs_model_keys_document(char **text, fs_err *err);

#endif
