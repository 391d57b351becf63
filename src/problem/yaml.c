/* problem/yaml.c -- a YAML document as a small tree in which every value knows where it was written
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "problem/yaml.h"

#include "base/words.h"

#include <libfyaml.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* One reading: the parser and what is common to all nodes. */
typedef struct {
    struct fy_parser *parser;
    struct fy_diag *diag;
    const char *file, *set;
    size_t nodes;
    fs_err *err;
} reader;

/* --- errors ----------------------------------------------------------------------- */

static size_t place_text(const fs_yaml *at, char *text, size_t size)
{
    int n = at->set ? snprintf(text, size, "--set %s: ", at->set)
                    : snprintf(text, size, "%s:%d:%d: ", at->file ? at->file : "", at->line, at->column);
    return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

fs_status fs_yaml_fail(const fs_yaml *at, fs_err *err, const char *format, ...)
{
    char text[sizeof err->text];
    size_t used = place_text(at, text, sizeof text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, sizeof text - used, format, arguments);
    va_end(arguments);
    return fs_fail(err, FS_EINPUT, "%s", text);
}

fs_status fs_yaml_locate(const fs_yaml *at, fs_status status, fs_err *err)
{
    int of_the_input = status == FS_EINPUT || status == FS_EGROUP || status == FS_ENOTREP;
    if (!of_the_input || !err) return status;
    fs_err below = *err;
    fs_yaml_fail(at, err, "%s", below.text);
    err->status = status;
    return status;
}

const char *fs_yaml_found(const fs_yaml *node, char buffer[FS_YAML_FOUND])
{
    static const char *const shape[] = { [FS_YAML_LIST] = "a list", [FS_YAML_MAP] = "a mapping" };
    static const char *const empty[] = { [FS_YAML_LIST] = "an empty list", [FS_YAML_MAP] = "an empty mapping" };
    if (node->kind != FS_YAML_SCALAR) return strcpy(buffer, node->count ? shape[node->kind] : empty[node->kind]);
    if (!node->quoted && !node->text[0]) return strcpy(buffer, "nothing");
    int length = strlen(node->text) > 48 ? 45 : 48;
    while (length == 45 && ((unsigned char)node->text[length] & 0xc0) == 0x80)
        length--; /* not inside a UTF-8 character */
    snprintf(buffer, FS_YAML_FOUND, "\"%.*s%s\"", length == 48 ? 48 : length, node->text, length == 48 ? "" : "...");
    for (char *c = buffer; *c; c++)
        if ((unsigned char)*c < ' ') *c = ' ';
    return buffer;
}

/* --- nodes ------------------------------------------------------------------------ */

static fs_yaml *node_create(fs_yaml_kind kind, const char *file, const char *set, int line, int column)
{
    fs_yaml *node = fs_calloc(1, sizeof *node);
    if (!node) return NULL;
    *node = (fs_yaml){ .kind = kind, .file = file, .set = set, .line = line, .column = column };
    return node;
}

void fs_yaml_destroy(fs_yaml *node)
{
    if (!node) return;
    for (size_t i = 0; i < node->count; i++) {
        fs_yaml_destroy(node->item[i]);
        if (node->key) fs_yaml_destroy(node->key[i]);
    }
    free(node->item);
    free(node->key);
    free(node->text);
    free(node);
}

/* Makes room for one more entry. */
static int grow(fs_yaml *node)
{
    if (node->count & (node->count - 1)) return 1;      /* not a power of two: room is left */
    size_t room = node->count ? 2 * node->count : 1;
    fs_yaml **item = realloc(node->item, room * sizeof *item);
    if (!item) return 0;
    node->item = item;
    if (node->kind != FS_YAML_MAP) return 1;
    fs_yaml **key = realloc(node->key, room * sizeof *key);
    if (!key) return 0;
    node->key = key;
    return 1;
}

/* Takes key and value in every case. */
static fs_status add(fs_yaml *node, fs_yaml *key, fs_yaml *value, fs_err *err)
{
    if (!grow(node)) {
        fs_yaml_destroy(key);
        fs_yaml_destroy(value);
        return fs_fail(err, FS_ENOMEM, "a model file of many values");
    }
    if (node->key) node->key[node->count] = key;
    node->item[node->count++] = value;
    return FS_OK;
}

static fs_status set_text(fs_yaml *node, const char *text, size_t length, fs_err *err)
{
    node->text = fs_calloc(length + 1, 1);
    if (!node->text) return fs_fail(err, FS_ENOMEM, "a text of %zu characters", length);
    if (length) memcpy(node->text, text, length);
    return FS_OK;
}

size_t fs_yaml_index(const fs_yaml *node, const char *key)
{
    size_t i = 0;
    while (i < node->count && !(node->key && !strcmp(node->key[i]->text, key))) i++;
    return i;
}

fs_yaml *fs_yaml_get(const fs_yaml *node, const char *key)
{
    if (!node || node->kind != FS_YAML_MAP) return NULL;
    size_t i = fs_yaml_index(node, key);
    return i < node->count ? node->item[i] : NULL;
}

fs_status fs_yaml_append(fs_yaml *map, const char *key, fs_yaml *value, const fs_yaml *at, fs_err *err)
{
    fs_yaml *name = node_create(FS_YAML_SCALAR, at->file, at->set, at->line, at->column);
    fs_status status = name ? set_text(name, key, strlen(key), err) : fs_fail(err, FS_ENOMEM, "the key %s", key);
    if (status == FS_OK) return add(map, name, value, err);
    fs_yaml_destroy(name);
    fs_yaml_destroy(value);
    return status;
}

fs_status fs_yaml_create_map(fs_yaml **out, const fs_yaml *at, fs_err *err)
{
    *out = node_create(FS_YAML_MAP, at->file, at->set, at->line, at->column);
    return *out ? FS_OK : fs_fail(err, FS_ENOMEM, "an empty mapping");
}

void fs_yaml_place(fs_yaml *node, const fs_yaml *at)
{
    node->file = at->file;
    node->set = at->set;
    node->line = at->line;
    node->column = at->column;
    node->implied = 1;
    for (size_t i = 0; i < node->count; i++) {
        fs_yaml_place(node->item[i], at);
        if (node->key) fs_yaml_place(node->key[i], at);
    }
}

/* --- reading ---------------------------------------------------------------------- */

/* The place of a byte of the text: lines and columns (in bytes) count from 1. */
static fs_yaml place_of(const reader *r, const char *text, size_t offset)
{
    fs_yaml at = { .file = r->file, .set = r->set, .line = 1, .column = 1 };
    for (size_t i = 0; i < offset; i++) {
        at.column++;
        if (text[i] == '\n') {
            at.line++;
            at.column = 1;
        }
    }
    return at;
}

/* Text only: no control characters but tab and line ends, valid UTF-8; no directives, about which libfyaml writes to
 * stderr. */
static fs_status check_text(const reader *r, const char *text, size_t size)
{
    for (size_t i = 0; i < size;) {
        unsigned char c = (unsigned char)text[i];
        size_t n = fs_utf8_length(text + i, size - i);
        int control = (c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
        int directive = c == '%' && (i == 0 || text[i - 1] == '\n' || text[i - 1] == '\r' || text[i - 1] == '\xbf');
        if (!n || control || directive) {
            fs_yaml at = place_of(r, text, i);
            if (directive) return fs_yaml_fail(&at, r->err, "expected a key or a value, found a directive (%%)");
            return fs_yaml_fail(&at, r->err, "expected text in UTF-8, found the byte 0x%02x", c);
        }
        i += n;
    }
    return FS_OK;
}

/* Where an event begins; what is not written at all, such as the value of "key:", is where `around` is. */
static fs_yaml event_place(const reader *r, struct fy_event *event, const fs_yaml *around)
{
    const struct fy_mark *mark = fy_event_start_mark(event);
    return (fs_yaml){ .file = r->file, .set = r->set, .line = mark ? mark->line + 1 : around ? around->line : 1,
                      .column = mark ? mark->column + 1 : around ? around->column : 1 };
}

/* What libfyaml found wrong, with its place. */
static fs_status syntax_error(const reader *r)
{
    void *iterator = NULL;
    const struct fy_diag_error *first = fy_diag_errors_iterate(r->diag, &iterator);
    fs_yaml at = { .file = r->file, .set = r->set, .line = 1, .column = 1 };
    if (!first) return fs_yaml_fail(&at, r->err, "expected YAML, found something else");
    at.line = first->line > 0 ? first->line : 1;
    at.column = first->column > 0 ? first->column : 1;
    return fs_yaml_fail(&at, r->err, "expected YAML, found an error in it: %s", first->msg ? first->msg : "unknown");
}

static fs_status next_event(const reader *r, struct fy_event **event)
{
    *event = fy_parser_parse(r->parser);
    return *event && !fy_parser_get_stream_error(r->parser) ? FS_OK : syntax_error(r);
}

static fs_status read_value(reader *r, struct fy_event *event, const fs_yaml *around, size_t depth, fs_yaml **out);

/* A key that is a scalar and has not been used in the map before. */
static fs_status check_key(const reader *r, const fs_yaml *map, const fs_yaml *key)
{
    char found[FS_YAML_FOUND];
    if (key->kind != FS_YAML_SCALAR) return fs_yaml_fail(key, r->err, "expected a key, found %s", fs_yaml_found(key, found));
    size_t i = fs_yaml_index(map, key->text);
    if (i == map->count) return FS_OK;
    if (key->set) return fs_yaml_fail(key, r->err, "expected every key once, found %s twice", fs_yaml_found(key, found));
    return fs_yaml_fail(key, r->err, "expected every key once, found %s again (first in line %d)",
                        fs_yaml_found(key, found), map->key[i]->line);
}

/* The entries of a list or map up to its end. */
static fs_status read_entries(reader *r, fs_yaml *node, size_t depth)
{
    enum fy_event_type end = node->kind == FS_YAML_MAP ? FYET_MAPPING_END : FYET_SEQUENCE_END;
    for (;;) {
        struct fy_event *event = NULL;
        fs_yaml *key = NULL, *value = NULL;
        fs_status status = next_event(r, &event);
        int done = status == FS_OK && event->type == end;
        if (status == FS_OK && !done && node->kind == FS_YAML_MAP) {
            status = read_value(r, event, node, depth, &key);
            fy_parser_event_free(r->parser, event);
            event = NULL;
            if (status == FS_OK) status = check_key(r, node, key);
            if (status == FS_OK) status = next_event(r, &event);
        }
        if (status == FS_OK && !done) status = read_value(r, event, key ? key : node, depth, &value);
        if (event) fy_parser_event_free(r->parser, event);
        if (status != FS_OK || done) {
            fs_yaml_destroy(key);
            return status;
        }
        FS_TRY(add(node, key, value, r->err));
    }
}

static fs_status read_value(reader *r, struct fy_event *event, const fs_yaml *around, size_t depth, fs_yaml **out)
{
    fs_yaml at = event_place(r, event, around);
    *out = NULL;
    if (event->type == FYET_ALIAS)
        return fs_yaml_fail(&at, r->err,
                            "expected a value, found an alias; aliases and anchors are not used in model files");
    if (fy_event_get_anchor_token(event))
        return fs_yaml_fail(&at, r->err,
                            "expected a value, found an anchor; aliases and anchors are not used in model files");
    if (fy_event_get_tag_token(event))
        return fs_yaml_fail(&at, r->err, "expected a value, found a tag; tags are not used in model files");
    if (depth > FS_YAML_DEPTH)
        return fs_yaml_fail(&at, r->err, "expected at most %d nested levels, found more", FS_YAML_DEPTH);
    if (++r->nodes > FS_YAML_NODES)
        return fs_yaml_fail(&at, r->err, "expected at most %d values, found more", FS_YAML_NODES);

    fs_yaml_kind kind = event->type == FYET_MAPPING_START    ? FS_YAML_MAP
                        : event->type == FYET_SEQUENCE_START ? FS_YAML_LIST
                                                             : FS_YAML_SCALAR;
    fs_yaml *node = node_create(kind, at.file, at.set, at.line, at.column);
    if (!node) return fs_fail(r->err, FS_ENOMEM, "a value of a model file");
    fs_status status = FS_OK;
    if (kind == FS_YAML_SCALAR) {
        struct fy_token *token = fy_event_get_token(event);
        size_t length = 0;
        const char *text = token ? fy_token_get_text(token, &length) : "";
        enum fy_scalar_style style = token ? fy_token_scalar_style(token) : FYSS_PLAIN;
        node->quoted = style != FYSS_PLAIN;
        if ((style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) && node->column > 1)
            node->column--; /* the mark is behind the quote */
        status = text ? set_text(node, text, length, r->err) : fs_fail(r->err, FS_ENOMEM, "a text of a model file");
    } else {
        status = read_entries(r, node, depth + 1);
    }
    if (status == FS_OK) {
        *out = node;
        return FS_OK;
    }
    fs_yaml_destroy(node);
    return status;
}

/* A second document; one that begins without --- has its place in what follows. */
static fs_status another_document(reader *r, struct fy_event *event)
{
    struct fy_event *first = fy_event_start_mark(event) ? NULL : fy_parser_parse(r->parser);
    fs_yaml at = event_place(r, first ? first : event, NULL);
    if (first) fy_parser_event_free(r->parser, first);
    return fs_yaml_fail(&at, r->err, "expected one document, found another one");
}

/* stream start, document start, the value, document end, stream end */
static fs_status read_stream(reader *r, fs_yaml **out)
{
    static const enum fy_event_type expected[] = { FYET_STREAM_START, FYET_DOCUMENT_START, FYET_NONE, FYET_DOCUMENT_END,
                                                   FYET_STREAM_END };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct fy_event *event = NULL;
        FS_TRY(next_event(r, &event));
        fs_yaml at = event_place(r, event, NULL);
        fs_status status = FS_OK;
        if (expected[i] == FYET_NONE)
            status = read_value(r, event, NULL, 0, out);
        else if (event->type != expected[i] && expected[i] == FYET_DOCUMENT_START)
            status = fs_yaml_fail(&at, r->err,
                                  r->file ? "expected a model, found an empty file"
                                          : "expected a value after =, found nothing");
        else if (event->type != expected[i])
            status = another_document(r, event);
        fy_parser_event_free(r->parser, event);
        if (status != FS_OK) return status;
    }
    return FS_OK;
}

fs_status fs_yaml_parse(fs_yaml **out, const char *text, size_t size, const char *file, const char *set, fs_err *err)
{
    reader r = { .file = file, .set = set, .err = err };
    fs_yaml at = place_of(&r, text, 0);
    *out = NULL;
    if (size > FS_YAML_BYTES) return fs_yaml_fail(&at, err, "expected at most %d bytes, found %zu", FS_YAML_BYTES, size);
    fs_status status = check_text(&r, text, size);
    if (status != FS_OK) return status;

    status = FS_ENOMEM;
    r.diag = fy_diag_create(NULL);
    if (!r.diag) goto end;
    fy_diag_set_collect_errors(r.diag, true);
    struct fy_parse_cfg configuration = { .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG, .diag = r.diag };
    r.parser = fy_parser_create(&configuration);
    if (!r.parser || fy_parser_set_string(r.parser, text, size)) goto end;
    status = read_stream(&r, out);
end:
    if (status == FS_ENOMEM) fs_fail(err, FS_ENOMEM, "reading %s", file ? file : set);
    if (r.parser) fy_parser_destroy(r.parser);
    if (r.diag) fy_diag_destroy(r.diag);
    if (status != FS_OK) {
        fs_yaml_destroy(*out);
        *out = NULL;
    }
    return status;
}

/* --- writing ---------------------------------------------------------------------- */

/* Words and numbers that mean the same without quotes, wherever they stand. */
static int is_plain(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t length = strlen(text), first = text[0] == '-' || text[0] == '+';
    if (!length || !text[first] || !strchr(letters, text[first]))
        return length > 1 && text[0] == '.' && strchr("0123456789", text[1]);
    for (size_t i = 0; i < length; i++) {
        int inner_blank = text[i] == ' ' && i + 1 < length && text[i + 1] != ' ';
        if (!inner_blank && !strchr(letters, text[i]) && !strchr("_./+-", text[i])) return 0;
    }
    return 1;
}

static void print_scalar(const fs_yaml *node, FILE *stream)
{
    if (!node->quoted && is_plain(node->text)) {
        fputs(node->text, stream);
        return;
    }
    fputc('"', stream);
    for (const char *c = node->text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(stream, "\\%c", *c);
        else if ((unsigned char)*c < ' ')
            fprintf(stream, "\\x%02x", (unsigned)(unsigned char)*c);
        else
            fputc(*c, stream);
    }
    fputc('"', stream);
}

void fs_yaml_print(const fs_yaml *node, FILE *stream)
{
    if (node->kind == FS_YAML_SCALAR) {
        print_scalar(node, stream);
        return;
    }
    fputc(node->kind == FS_YAML_MAP ? '{' : '[', stream);
    for (size_t i = 0; i < node->count; i++) {
        if (i) fputs(", ", stream);
        if (node->key) {
            print_scalar(node->key[i], stream);
            fputs(": ", stream);
        }
        fs_yaml_print(node->item[i], stream);
    }
    fputc(node->kind == FS_YAML_MAP ? '}' : ']', stream);
}
