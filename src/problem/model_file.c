/* problem/model_file.c -- a model file, checked against the table of keys
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "problem/model_file.h"

#include "base/files.h"
#include "base/words.h"
#include "problem/model_keys.h"

#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 64 };        /* of the longest dotted key, and ample */

struct fs_model {
    fs_yaml *top;
};

/* --- numbers ---------------------------------------------------------------------- */

/* Digits without leading zeros, below 2^64. */
static int parse_whole(const fs_yaml *node, uint64_t *value)
{
    const char *c = node->text;
    *value = 0;
    if (node->kind != FS_YAML_SCALAR || node->quoted || !*c || (c[0] == '0' && c[1])) return 0;
    for (; *c; c++) {
        if (*c < '0' || *c > '9') return 0;
        uint64_t digit = (uint64_t)(*c - '0');
        if (*value > (UINT64_MAX - digit) / 10) return 0;
        *value = 10 * *value + digit;
    }
    return 1;
}

/* A number as fs_number_parse reads it, and no 007. */
static int parse_real(const fs_yaml *node, double *value)
{
    *value = 0.0;
    if (node->kind != FS_YAML_SCALAR || node->quoted) return 0;
    const char *digits = node->text + strspn(node->text, "+-");
    if (digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') return 0;
    return fs_number_parse(node->text, value) == FS_OK;
}

double fs_yaml_real(const fs_yaml *node)
{
    double value = 0.0;
    if (node) parse_real(node, &value);
    return value;
}

uint64_t fs_yaml_whole(const fs_yaml *node)
{
    uint64_t value = 0;
    if (node) parse_whole(node, &value);
    return value;
}

/* --- unknown words ---------------------------------------------------------------- */

/* The nearest of the words "a|b|c" to a word, or nothing when none is near; copies it. */
static int nearest_word(const char *words, const char *word, char found[PATH_SIZE])
{
    size_t best = SIZE_MAX;
    for (const char *at = words; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL) {
        char candidate[PATH_SIZE];
        snprintf(candidate, sizeof candidate, "%.*s", (int)strcspn(at, "|"), at);
        size_t distance = fs_edit_distance(candidate, word);
        if (distance >= best || !fs_edit_near(word, distance)) continue;
        best = distance;
        strcpy(found, candidate);
    }
    return best < SIZE_MAX;
}

/* The nearest key of the map, or with prefix NULL of any but the layers' maps, nearer than `best`; NULL when none is
 * near. */
static const fs_model_key *nearest_key(const char *prefix, const char *variant, const char *word, size_t *best)
{
    size_t count;
    const fs_model_key *keys = fs_model_keys(&count), *found = NULL;
    for (size_t i = 0; i < count; i++) {
        if (prefix && !(fs_model_key_within(&keys[i], prefix) && fs_model_key_in(&keys[i], variant))) continue;
        if (!prefix && !strncmp(keys[i].path, "layers.", 7)) continue;
        size_t distance = fs_edit_distance(keys[i].path + fs_model_key_name(&keys[i]), word);
        if (distance >= *best || !fs_edit_near(word, distance)) continue;
        *best = distance;
        found = &keys[i];
    }
    return found;
}

/* Is no row before this one of the same path, in this variant? */
static int is_first(const fs_model_key *key, const fs_model_key *keys, const char *variant)
{
    for (; keys < key; keys++)
        if (!strcmp(keys->path, key->path) && fs_model_key_in(keys, variant)) return 0;
    return 1;
}

/* The keys of a map as "a, b, c", each once. */
static void known_keys(const char *prefix, const char *variant, char *text, size_t size)
{
    size_t count, used = 0;
    const fs_model_key *keys = fs_model_keys(&count);
    text[0] = 0;
    for (size_t i = 0; i < count && used < size; i++)
        if (fs_model_key_within(&keys[i], prefix) && fs_model_key_in(&keys[i], variant) && is_first(&keys[i], keys, variant))
            used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
                                     keys[i].path + fs_model_key_name(&keys[i]));
}

/* "layers.conv" is called conv. */
static const char *short_name(const char *prefix)
{
    const char *dot = strrchr(prefix, '.');
    return dot ? dot + 1 : prefix;
}

/* Suggests a key of the same map; at the top, where one forgets the map it belongs to, a nearer one of any map. */
static fs_status unknown_key(const fs_yaml *key, const char *prefix, const char *variant, fs_err *err)
{
    char known[400], found[FS_YAML_FOUND], expected[FS_MODEL_KEY_EXPECTED];
    size_t count, best = SIZE_MAX;
    const fs_model_key *keys = fs_model_keys(&count), *near = nearest_key(prefix, variant, key->text, &best);
    const fs_model_key *inner = prefix[0] ? NULL : nearest_key(NULL, NULL, key->text, &best);
    const char *in = prefix[0] ? " in " : "", *map = short_name(prefix);
    fs_yaml_found(key, found);
    if (!key->text[0]) strcpy(found, "\"\"");
    if (inner) return fs_yaml_fail(key, err, "unknown key %s; did you mean \"%s\"?", found, inner->path);
    if (near)
        return fs_yaml_fail(key, err, "unknown key %s%s%s; did you mean \"%s\"?", found, in, map,
                            near->path + fs_model_key_name(near));
    known_keys(prefix, variant, known, sizeof known);
    if (!known[0]) return fs_yaml_fail(key, err, "unknown key %s%s%s, which has none", found, in, map);
    size_t used = strlen(known);
    for (size_t i = 0; i < count && prefix[0]; i++)
        if (!strcmp(keys[i].path, prefix) && keys[i].words)
            snprintf(known + used, sizeof known - used, "; in place of the mapping: %s",
                     fs_model_key_expected(&keys[i], expected));
    return fs_yaml_fail(key, err, "unknown key %s%s%s; known: %s", found, in, map, known);
}

/* --- validation ------------------------------------------------------------------- */

static fs_status check_map(fs_yaml *map, const char *prefix, fs_err *err);
static fs_status check_layers(fs_yaml *list, fs_err *err);

/* What one may miss: a number in quotes is a text. */
static const char *quoted_number(const fs_yaml *node)
{
    double value;
    return node->kind == FS_YAML_SCALAR && node->quoted && fs_number_parse(node->text, &value) == FS_OK ? ", a text in quotes" : "";
}

static fs_status wrong_value(const fs_model_key *key, const fs_yaml *node, fs_err *err)
{
    char expected[FS_MODEL_KEY_EXPECTED], found[FS_YAML_FOUND], near[PATH_SIZE];
    const char *name = key->path + fs_model_key_name(key);
    fs_model_key_expected(key, expected);
    fs_yaml_found(node, found);
    if (!(key->types & FS_KEY_WORD) || node->kind != FS_YAML_SCALAR || !node->text[0])
        return fs_yaml_fail(node, err, "expected %s for %s, found %s%s", expected, name, found, quoted_number(node));
    if (nearest_word(key->words, node->text, near))
        return fs_yaml_fail(node, err, "unknown %s %s; known: %s; did you mean \"%s\"?", name, found, expected, near);
    return fs_yaml_fail(node, err, "unknown %s %s; known: %s", name, found, expected);
}

static int is_word(const fs_model_key *key, const char *text)
{
    size_t length = strlen(text);
    for (const char *at = key->words; at && length; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
        if (strcspn(at, "|") == length && !strncmp(at, text, length)) return 1;
    return 0;
}

static int is_whole(const fs_model_key *key, const fs_yaml *node)
{
    uint64_t value;
    return parse_whole(node, &value) && fs_range_contains(key->range, (double)value);
}

static int is_real(const fs_model_key *key, const fs_yaml *node)
{
    double value;
    return parse_real(node, &value) && fs_range_contains(key->range, value);
}

static int is_tap(const fs_yaml *node)
{
    uint64_t value;
    return node->kind == FS_YAML_LIST && node->count == 2 && parse_whole(node->item[0], &value) &&
           parse_whole(node->item[1], &value);
}

/* The first entry that keeps a node from being a list of numbers, or of such lists; an empty list is none.  NULL: it is one. */
static const fs_yaml *not_nested(const fs_model_key *key, const fs_yaml *node)
{
    if (node->kind != FS_YAML_LIST || !node->count) return node;
    for (size_t i = 0; i < node->count; i++) {
        const fs_yaml *wrong = is_real(key, node->item[i]) ? NULL : not_nested(key, node->item[i]);
        if (wrong) return wrong;
    }
    return NULL;
}

static int fits_scalar(const fs_model_key *key, const fs_yaml *node)
{
    if ((key->types & FS_KEY_TEXT) && (node->text[0] || node->quoted)) return 1;
    if ((key->types & FS_KEY_WORD) && is_word(key, node->text)) return 1;
    if ((key->types & FS_KEY_WHOLE) && is_whole(key, node)) return 1;
    return (key->types & FS_KEY_REAL) && is_real(key, node);
}

/* Every entry of a list; an empty list fits nothing. */
static fs_status check_list(const fs_model_key *key, const fs_yaml *list, fs_err *err)
{
    if (!(key->types & (FS_KEY_WHOLES | FS_KEY_REALS | FS_KEY_NAMES | FS_KEY_TAPS | FS_KEY_NESTED)) || !list->count)
        return wrong_value(key, list, err);
    for (size_t i = 0; i < list->count; i++) {
        const fs_yaml *item = list->item[i];
        int fits = ((key->types & FS_KEY_WHOLES) && is_whole(key, item)) ||
                   ((key->types & FS_KEY_REALS) && is_real(key, item)) ||
                   ((key->types & FS_KEY_TAPS) && is_tap(item)) ||
                   ((key->types & FS_KEY_NAMES) && item->kind == FS_YAML_SCALAR && item->text[0]);
        char expected[FS_MODEL_KEY_EXPECTED], found[FS_YAML_FOUND];
        const fs_yaml *wrong = fits ? NULL : key->types & FS_KEY_NESTED ? not_nested(key, item) : item;
        if (wrong)
            return fs_yaml_fail(wrong, err, "expected %s for %s, found the entry %s%s", fs_model_key_expected(key, expected),
                                key->path + fs_model_key_name(key), fs_yaml_found(wrong, found), quoted_number(wrong));
    }
    return FS_OK;
}

static fs_status check_value(const fs_model_key *key, fs_yaml *node, fs_err *err)
{
    if (key->types & FS_KEY_LAYERS)
        return node->kind == FS_YAML_LIST && node->count ? check_layers(node, err) : wrong_value(key, node, err);
    if (node->kind == FS_YAML_LIST) return check_list(key, node, err);
    if (node->kind == FS_YAML_MAP)
        return key->types & FS_KEY_MAP ? check_map(node, key->path, err) : wrong_value(key, node, err);
    return fits_scalar(key, node) ? FS_OK : wrong_value(key, node, err);
}

static fs_status check_layers(fs_yaml *list, fs_err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        fs_yaml *layer = list->item[i];
        char path[PATH_SIZE], found[FS_YAML_FOUND], known[400];
        size_t count;
        const fs_model_key *keys = fs_model_keys(&count), *key = NULL;
        known_keys("layers", NULL, known, sizeof known);
        if (layer->kind != FS_YAML_MAP || layer->count != 1) {
            fs_yaml_found(layer, found);
            if (layer->kind == FS_YAML_MAP) strcpy(found, layer->count ? "several keys in one layer" : "an empty layer");
            return fs_yaml_fail(layer, err, "expected one of %s in a layer, as in - tanh: {}, found %s", known, found);
        }
        snprintf(path, sizeof path, "layers.%s", layer->key[0]->text);
        for (size_t k = 0; k < count; k++)
            if (!strcmp(keys[k].path, path) && fs_model_key_within(&keys[k], "layers")) key = &keys[k];
        if (!key) return unknown_key(layer->key[0], "layers", NULL, err);
        FS_TRY(check_value(key, layer->item[0], err));
    }
    return FS_OK;
}

/* The keys one of which an input must have, and which says what the others are. */
static const char *const inputs[] = { "image", "vector", "set", "graph" };

/* Which variant of a map this is: data goes by its source, input by its first key of `inputs`; NULL when there is only one,
 * or none can be told. */
static const char *variant_of(const fs_yaml *map, const char *prefix)
{
    const fs_yaml *source = fs_yaml_get(map, "source");
    if (!strcmp(prefix, "data")) return source && source->kind == FS_YAML_SCALAR ? source->text : NULL;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs && !strcmp(prefix, "input"); i++)
        if (fs_yaml_get(map, inputs[i])) return inputs[i];
    return NULL;
}

/* The row of a key in a map; *elsewhere: it exists, in another variant. */
static const fs_model_key *row_of(const char *prefix, const char *variant, const char *name, int *elsewhere)
{
    size_t count;
    const fs_model_key *keys = fs_model_keys(&count);
    *elsewhere = 0;
    for (size_t i = 0; i < count; i++) {
        if (!fs_model_key_within(&keys[i], prefix) || strcmp(keys[i].path + fs_model_key_name(&keys[i]), name)) continue;
        if (fs_model_key_in(&keys[i], variant)) return &keys[i];
        *elsewhere = 1;
    }
    return NULL;
}

/* Adds what was left out and has a default. */
static fs_status complete(fs_yaml *map, const char *prefix, const char *variant, const fs_model_key *key, fs_err *err)
{
    const char *name = key->path + fs_model_key_name(key);
    if (!key->fallback && prefix[0])
        return fs_yaml_fail(map, err, "expected the key \"%s\" in %s, found none", name, short_name(prefix));
    if (!key->fallback) return fs_yaml_fail(map, err, "expected the key \"%s\", found none", name);
    if (!key->fallback[0] || !fs_model_key_in(key, variant)) return FS_OK;
    fs_yaml *value = NULL;
    FS_TRY(fs_yaml_parse(&value, key->fallback, strlen(key->fallback), "default", NULL, err));
    fs_yaml_place(value, map);
    return fs_yaml_append(map, name, value, map, err);
}

/* Puts the entries of a map in the order of the table. */
static void sort_entries(fs_yaml *map, const char *prefix)
{
    size_t count, done = 0;
    const fs_model_key *keys = fs_model_keys(&count);
    for (size_t i = 0; i < count; i++) {
        if (!fs_model_key_within(&keys[i], prefix)) continue;
        size_t at = fs_yaml_index(map, keys[i].path + fs_model_key_name(&keys[i]));
        if (at == map->count || at < done) continue;
        fs_yaml *key = map->key[at], *item = map->item[at];
        memmove(map->key + done + 1, map->key + done, (at - done) * sizeof *map->key);
        memmove(map->item + done + 1, map->item + done, (at - done) * sizeof *map->item);
        map->key[done] = key;
        map->item[done++] = item;
    }
}

static fs_status check_map(fs_yaml *map, const char *prefix, fs_err *err)
{
    size_t count;
    int elsewhere;
    const fs_model_key *keys = fs_model_keys(&count);
    const char *variant = variant_of(map, prefix);
    /* the word that chooses the variant comes first, so that its own error is the one reported */
    size_t chooser = fs_yaml_index(map, "source");
    if (!strcmp(prefix, "data") && chooser < map->count)
        FS_TRY(check_value(row_of(prefix, NULL, "source", &elsewhere), map->item[chooser], err));
    for (size_t i = 0; i < map->count; i++) {
        const char *name = map->key[i]->text;
        char known[400];
        const fs_model_key *key = row_of(prefix, variant, name, &elsewhere);
        known_keys(prefix, variant, known, sizeof known);
        if (!key && elsewhere)
            return fs_yaml_fail(map->key[i], err, "expected a key of %s %s, found \"%s\"; known: %s", variant,
                                short_name(prefix), name, known);
        if (!key) return unknown_key(map->key[i], prefix, variant, err);
        if (key->when && !variant) continue;        /* its type depends on what is missing, reported below */
        FS_TRY(check_value(key, map->item[i], err));
    }
    if (!strcmp(prefix, "input") && !variant)
        return fs_yaml_fail(map, err, "expected image, vector, set or graph in input, found none of them");
    for (size_t i = 0; i < count; i++) {
        int here = fs_model_key_within(&keys[i], prefix) && (variant || !keys[i].when) && fs_model_key_in(&keys[i], variant);
        if (!here || fs_yaml_get(map, keys[i].path + fs_model_key_name(&keys[i]))) continue;
        FS_TRY(complete(map, prefix, variant, &keys[i], err));
        fs_yaml *added = fs_yaml_get(map, keys[i].path + fs_model_key_name(&keys[i]));
        if (added) FS_TRY(check_value(&keys[i], added, err));
    }
    sort_entries(map, prefix);
    return FS_OK;
}

/* --- overrides -------------------------------------------------------------------- */

/* Entry of a list by its number in text; NULL and an error otherwise. */
static fs_yaml **list_entry(fs_yaml *list, const char *segment, const fs_yaml *at, fs_err *err)
{
    fs_yaml number = { .kind = FS_YAML_SCALAR, .text = (char *)(uintptr_t)segment };
    uint64_t index;
    if (parse_whole(&number, &index) && index < list->count) return &list->item[index];
    fs_yaml_fail(at, err, "expected the number of an entry, 0 to %zu, found \"%s\"", list->count - 1, segment);
    return NULL;
}

/* Puts value (taken) at the dotted key; the key's characters are overwritten while it is taken apart. */
static fs_status put(fs_yaml *node, char *key, fs_yaml *value, fs_err *err)
{
    fs_status status = FS_EINPUT;
    for (char *segment = key, *next; segment; segment = next) {
        next = strchr(segment, '.');
        if (next) *next++ = 0;
        if (!*segment) {
            status = fs_yaml_fail(value, err, "expected a dotted key such as data.count, found an empty part");
            goto refuse;
        }
        fs_yaml **slot = NULL;
        if (node->kind == FS_YAML_LIST && node->count) {
            slot = list_entry(node, segment, value, err);
            if (!slot) goto refuse;
        } else if (node->kind == FS_YAML_MAP) {
            size_t i = fs_yaml_index(node, segment);
            if (i < node->count) {
                slot = &node->item[i];
            } else if (!next) {
                return fs_yaml_append(node, segment, value, value, err);
            } else {
                fs_yaml *inner = NULL;
                status = fs_yaml_create_map(&inner, value, err);
                if (status == FS_OK) status = fs_yaml_append(node, segment, inner, value, err);
                if (status != FS_OK) goto refuse;
                slot = &node->item[node->count - 1];
            }
        } else {
            char found[FS_YAML_FOUND];
            status =
                fs_yaml_fail(value, err, "expected a mapping above \"%s\", found %s; give the whole mapping instead",
                             segment, fs_yaml_found(node, found));
            goto refuse;
        }
        if (!next) {
            fs_yaml_destroy(*slot);
            *slot = value;
            return FS_OK;
        }
        node = *slot;
    }
refuse:
    fs_yaml_destroy(value);
    return status;
}

static fs_status apply_set(fs_yaml *top, const char *set, fs_err *err)
{
    const fs_yaml at = { .set = set };
    const char *equal = strchr(set, '=');
    if (!equal || equal == set) return fs_yaml_fail(&at, err, "expected KEY=VALUE, found no %s", equal ? "key" : "=");
    fs_yaml *value = NULL;
    FS_TRY(fs_yaml_parse(&value, equal + 1, strlen(equal + 1), NULL, set, err));
    char *key = strndup(set, (size_t)(equal - set));
    if (!key) {
        fs_yaml_destroy(value);
        return fs_fail(err, FS_ENOMEM, "the override %s", set);
    }
    fs_status status = put(top, key, value, err);
    free(key);
    return status;
}

/* --- the model -------------------------------------------------------------------- */

fs_status fs_model_load(fs_model **out, const char *path, size_t n_sets, const char *const *sets, fs_err *err)
{
    char *text = NULL, found[FS_YAML_FOUND];
    size_t size = 0;
    *out = NULL;
    fs_model *m = fs_calloc(1, sizeof *m);
    fs_status status = m ? FS_OK : fs_fail(err, FS_ENOMEM, "the model %s", path);
    if (status == FS_OK) status = fs_file_read(path, FS_YAML_BYTES, &text, &size, err);
    if (status == FS_OK) status = fs_yaml_parse(&m->top, text, size, path, NULL, err);
    if (status == FS_OK && m->top->kind != FS_YAML_MAP)
        status = fs_yaml_fail(m->top, err, "expected a model (title: ..., group: ..., ...), found %s",
                              fs_yaml_found(m->top, found));
    for (size_t i = 0; i < n_sets && status == FS_OK; i++) status = apply_set(m->top, sets[i], err);
    if (status == FS_OK) status = check_map(m->top, "", err);
    free(text);
    if (status == FS_OK) {
        *out = m;
        return FS_OK;
    }
    fs_model_destroy(m);
    return status;
}

void fs_model_destroy(fs_model *m)
{
    if (!m) return;
    fs_yaml_destroy(m->top);
    free(m);
}

const fs_yaml *fs_model_find(const fs_model *m, const char *key)
{
    const fs_yaml *node = m->top;
    while (node) {
        char segment[PATH_SIZE];
        size_t length = strcspn(key, ".");
        snprintf(segment, sizeof segment, "%.*s", (int)length, key);
        node = fs_yaml_get(node, segment);
        if (!key[length]) return node;
        key += length + 1;
    }
    return NULL;
}

double fs_model_real(const fs_model *m, const char *key)
{
    return fs_yaml_real(fs_model_find(m, key));
}

uint64_t fs_model_whole(const fs_model *m, const char *key)
{
    return fs_yaml_whole(fs_model_find(m, key));
}

const char *fs_model_text(const fs_model *m, const char *key)
{
    const fs_yaml *node = fs_model_find(m, key);
    return node && node->kind == FS_YAML_SCALAR ? node->text : NULL;
}

fs_status fs_model_print(const fs_model *m, char **text, fs_err *err)
{
    size_t size = 0;
    *text = NULL;
    FILE *out = open_memstream(text, &size);
    if (!out) return fs_fail(err, FS_ENOMEM, "the resolved model");
    for (size_t i = 0; i < m->top->count; i++) {
        const fs_yaml *value = m->top->item[i];
        int layers = !strcmp(m->top->key[i]->text, "layers");
        fprintf(out, "%s:%s", m->top->key[i]->text, layers ? "\n" : " ");
        for (size_t k = 0; layers && k < value->count; k++) {
            fprintf(out, "  - %s: ", value->item[k]->key[0]->text);
            fs_yaml_print(value->item[k]->item[0], out);
            fputc('\n', out);
        }
        if (!layers) {
            fs_yaml_print(value, out);
            fputc('\n', out);
        }
    }
    int failed = ferror(out);
    if (!fclose(out) && !failed) return FS_OK;
    free(*text);
    *text = NULL;
    return fs_fail(err, FS_ENOMEM, "the resolved model");
}
