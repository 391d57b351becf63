/* base/npy.c -- NumPy's array files
 *
 *   "\x93NUMPY" major minor | length of the header (2 bytes in version 1, 4 in version 2) | header | values
 *   header: {'descr': '<f8', 'fortran_order': False, 'shape': (2, 8, 8), } blanks, newline
 *
 * Everything is little-endian.  The source of the format: numpy.lib.format in NumPy's manual.  The header is not
 * evaluated as Python: three keys, each once, in any order, with exactly these kinds of value.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/files.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "\x93NUMPY"
#define MAGIC_SIZE 6
#define MAX_HEADER 65535        /* eight axes need less than 300 bytes */

/* --- element types ------------------------------------------------------------------- */

static uint64_t little_endian(const unsigned char *p, size_t size)
{
    uint64_t bits = 0;
    for (size_t i = size; i-- > 0;) bits = bits << 8 | p[i];
    return bits;
}

static double from_f8(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static double from_f4(uint64_t bits)
{
    uint32_t half = (uint32_t)bits;
    float x;
    memcpy(&x, &half, sizeof x);
    return (double)x;
}

/* Two's complement of 8, 16, 32, 64 bits; NaN where a double cannot hold the whole number. */
static double exact(uint64_t magnitude, double sign)
{
    double x = (double)magnitude;
    return x < 18446744073709551616.0 && (uint64_t)x == magnitude ? sign * x : (double)NAN;
}

static double from_signed(uint64_t bits, unsigned width)
{
    uint64_t top = UINT64_C(1) << (width - 1);
    return bits & top ? exact((~bits & (top - 1)) + 1, -1.0) : exact(bits, 1.0);
}

static double from_i1(uint64_t bits) { return from_signed(bits, 8); }
static double from_i2(uint64_t bits) { return from_signed(bits, 16); }
static double from_i4(uint64_t bits) { return from_signed(bits, 32); }
static double from_i8(uint64_t bits) { return from_signed(bits, 64); }
static double from_unsigned(uint64_t bits) { return exact(bits, 1.0); }
static double from_b1(uint64_t bits) { return bits <= 1 ? (double)bits : (double)NAN; }

typedef struct {
    const char *descr;
    size_t size;                            /* bytes */
    double (*value)(uint64_t bits);         /* NaN or infinite: refused */
} element;

static const element elements[] = {
    { "<f8", 8, from_f8 }, { "<f4", 4, from_f4 },
    { "|i1", 1, from_i1 }, { "<i2", 2, from_i2 }, { "<i4", 4, from_i4 }, { "<i8", 8, from_i8 },
    { "|u1", 1, from_unsigned }, { "<u2", 2, from_unsigned }, { "<u4", 4, from_unsigned }, { "<u8", 8, from_unsigned },
    { "|b1", 1, from_b1 },
};
#define KNOWN_ELEMENTS "<f8, <f4, |i1, <i2, <i4, <i8, |u1, <u2, <u4, <u8, |b1"

/* --- the header's dictionary ----------------------------------------------------------- */

typedef struct {
    const char *path, *start, *at;          /* the header's text, terminated by 0 */
    const element *type;
    int fortran_order, seen_order, seen_shape;
    size_t dim, shape[FS_NPY_MAX_DIM];
    fs_err *err;
} parser;

static void skip_blanks(parser *p)
{
    p->at += strspn(p->at, " \t\n");
}

/* Whether the next token is this word; then steps over it. */
static int take(parser *p, const char *word)
{
    skip_blanks(p);
    size_t length = strlen(word);
    if (strncmp(p->at, word, length) != 0) return 0;
    p->at += length;
    return 1;
}

static fs_status unexpected(parser *p, const char *expected)
{
    skip_blanks(p);
    char found[21];
    size_t n = 0;
    for (; n < sizeof found - 1 && p->at[n]; n++) found[n] = p->at[n] >= ' ' && p->at[n] <= '~' ? p->at[n] : '?';
    found[n] = 0;
    return fs_fail(p->err, FS_EINPUT, "%s: header, byte %zu: expected %s, found %s%s%s", p->path, (size_t)(p->at - p->start),
                   expected, n ? "\"" : "", n ? found : "its end", n ? "\"" : "");
}

/* A quoted word without escapes. */
static fs_status take_string(parser *p, char *word, size_t size)
{
    skip_blanks(p);
    char quote = *p->at;
    if (quote != '\'' && quote != '"') return unexpected(p, "a quoted word");
    const char *end = strchr(p->at + 1, quote);
    size_t length = end ? (size_t)(end - p->at) - 1 : size;
    if (length >= size) return unexpected(p, "a short quoted word");
    memcpy(word, p->at + 1, length);
    word[length] = 0;
    p->at = end + 1;
    return FS_OK;
}

static fs_status take_length(parser *p, size_t *value)
{
    skip_blanks(p);
    if (*p->at < '0' || *p->at > '9') return unexpected(p, "the length of an axis");
    size_t n = 0;
    for (; *p->at >= '0' && *p->at <= '9'; p->at++)
        if (__builtin_mul_overflow(n, 10u, &n) || __builtin_add_overflow(n, (size_t)(*p->at - '0'), &n))
            return fs_fail(p->err, FS_EINPUT, "%s: expected a shape that fits the address space, found a larger one", p->path);
    *value = n;
    return FS_OK;
}

static fs_status take_descr(parser *p)
{
    char descr[32];
    if (p->type) return unexpected(p, "'descr' once");
    skip_blanks(p);
    if (*p->at == '[')
        return fs_fail(p->err, FS_EINPUT, "%s: expected one number an entry (%s), found a structured array", p->path, KNOWN_ELEMENTS);
    FS_TRY(take_string(p, descr, sizeof descr));
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (strcmp(descr, elements[i].descr) == 0) p->type = &elements[i];
    if (p->type) return FS_OK;
    for (char *c = descr; *c; c++)
        if (*c < ' ' || *c > '~') *c = '?';
    return fs_fail(p->err, FS_EINPUT, "%s: expected entries of type %s, found %s%s", p->path, KNOWN_ELEMENTS, descr,
                   descr[0] == '>' ? " (big-endian: convert with x.astype('<f8'))" : "");
}

static fs_status take_order(parser *p)
{
    if (p->seen_order++) return unexpected(p, "'fortran_order' once");
    p->fortran_order = take(p, "True");
    return p->fortran_order || take(p, "False") ? FS_OK : unexpected(p, "True or False");
}

/* "()", "(3,)", "(2, 8)", "(2, 8, )" */
static fs_status take_shape(parser *p)
{
    if (p->seen_shape++) return unexpected(p, "'shape' once");
    if (!take(p, "(")) return unexpected(p, "a shape in parentheses");
    int comma = 1;
    while (!take(p, ")")) {
        if (!comma) return unexpected(p, "',' or ')'");
        if (p->dim == FS_NPY_MAX_DIM)
            return fs_fail(p->err, FS_EINPUT, "%s: expected at most %d axes, found more", p->path, FS_NPY_MAX_DIM);
        FS_TRY(take_length(p, &p->shape[p->dim]));
        p->dim++;
        comma = take(p, ",");
        if (!comma && p->dim == 1) return unexpected(p, "',' after the only axis");
    }
    return FS_OK;
}

static fs_status parse_header(parser *p)
{
    static const struct { const char *name; fs_status (*value)(parser *); } keys[] = {
        { "descr", take_descr }, { "fortran_order", take_order }, { "shape", take_shape },
    };
    char name[32];
    if (!take(p, "{")) return unexpected(p, "'{'");
    int comma = 1;
    while (!take(p, "}")) {
        size_t k = 0;
        if (!comma) return unexpected(p, "',' or '}'");
        FS_TRY(take_string(p, name, sizeof name));
        while (k < 3 && strcmp(name, keys[k].name) != 0) k++;
        if (k == 3) return unexpected(p, "only the keys descr, fortran_order, shape before this");
        if (!take(p, ":")) return unexpected(p, "':'");
        FS_TRY(keys[k].value(p));
        comma = take(p, ",");
    }
    skip_blanks(p);
    if (*p->at) return unexpected(p, "nothing after '}'");
    if (!p->type || !p->seen_order || !p->seen_shape) return unexpected(p, "all of descr, fortran_order, shape");
    return FS_OK;
}

/* --- reading ---------------------------------------------------------------------------- */

/* count = product of shape; the non-zero axes alone must fit, so that strides do too. */
static int count_entries(size_t dim, const size_t *shape, size_t *count)
{
    size_t nonzero = 1;
    int empty = 0;
    for (size_t i = 0; i < dim; i++) {
        if (!shape[i]) empty = 1;
        else if (__builtin_mul_overflow(nonzero, shape[i], &nonzero)) return 0;
    }
    *count = empty ? 0 : nonzero;
    return nonzero <= SIZE_MAX / sizeof(double);
}

/* Steps a multi-index in C order and follows it in Fortran order: stride of axis i is shape[0] ... shape[i-1]. */
static size_t step_fortran(const fs_array *a, size_t *index, size_t offset)
{
    size_t stride = a->count;
    for (size_t i = a->dim; i-- > 0;) {
        stride /= a->shape[i];
        if (++index[i] < a->shape[i]) return offset + stride;
        offset -= (a->shape[i] - 1) * stride;
        index[i] = 0;
    }
    return 0;
}

static fs_status refuse_value(const parser *p, const fs_array *a, size_t entry, uint64_t bits)
{
    char where[FS_NPY_MAX_DIM * 24] = "", number[32];
    size_t used = 0, below = a->count;
    for (size_t i = 0; i < a->dim; i++) {
        below /= a->shape[i];
        used += (size_t)snprintf(where + used, sizeof where - used, "%s%zu", i ? ", " : "", entry / below % a->shape[i]);
    }
    const char *found = p->type->descr[1] == 'f' ? fs_number_format(p->type->value(bits), number)
                      : p->type->descr[1] == 'b' ? "a byte that is neither" : "a whole number beyond 2^53 that no double holds";
    return fs_fail(p->err, FS_EINPUT, "%s: entry (%s): expected %s, found %s", p->path, where,
                   p->type->descr[1] == 'b' ? "0 or 1" : "a finite number", found);
}

static fs_status read_values(const parser *p, const unsigned char *bytes, fs_array *a)
{
    size_t index[FS_NPY_MAX_DIM] = { 0 }, from = 0;
    for (size_t i = 0; i < a->count; i++) {
        uint64_t bits = little_endian(bytes + from * p->type->size, p->type->size);
        a->data[i] = p->type->value(bits);
        if (!isfinite(a->data[i])) return refuse_value(p, a, i, bits);
        from = p->fortran_order ? step_fortran(a, index, from) : from + 1;
    }
    return FS_OK;
}

/* Reads magic, version and header; *offset: where the values start. */
static fs_status read_header(parser *p, char *text, size_t size, size_t *offset)
{
    const unsigned char *bytes = (const unsigned char *)text;
    if (size < MAGIC_SIZE + 4 || memcmp(text, MAGIC, MAGIC_SIZE) != 0)
        return fs_fail(p->err, FS_EINPUT, "%s: expected a .npy file (its first bytes say NUMPY), found %s (%zu bytes)", p->path,
                       size < MAGIC_SIZE + 4 ? "too few bytes" : "another kind of file", size);
    unsigned major = bytes[6], minor = bytes[7];
    if ((major != 1 && major != 2) || minor != 0)
        return fs_fail(p->err, FS_EINPUT, "%s: expected .npy version 1.0 or 2.0, found %u.%u", p->path, major, minor);
    size_t start = major == 1 ? 10 : 12;
    if (size < start)
        return fs_fail(p->err, FS_EINPUT, "%s: expected at least %zu bytes, found %zu", p->path, start, size);
    size_t length = (size_t)little_endian(bytes + 8, start - 8);
    if (length > MAX_HEADER || length > size - start)
        return fs_fail(p->err, FS_EINPUT, "%s: the header should have %zu bytes (at most %d), found %zu behind its length",
                       p->path, length, MAX_HEADER, size - start);
    if (memchr(text + start, 0, length))
        return fs_fail(p->err, FS_EINPUT, "%s: expected text in the header, found a NUL byte", p->path);
    char kept = text[start + length];       /* the first value, or the 0 of fs_file_read */
    text[start + length] = 0;
    p->start = p->at = text + start;
    fs_status status = parse_header(p);
    text[start + length] = kept;
    *offset = start + length;
    return status;
}

fs_status fs_npy_read(const char *path, fs_array *out, fs_err *err)
{
    fs_status status;
    parser p = { .path = path, .err = err };
    char *text = NULL;
    size_t size, offset = 0, bytes;
    *out = (fs_array){ 0 };

    status = fs_file_read(path, FS_FILE_LARGEST, &text, &size, err);
    if (status) goto done;
    status = read_header(&p, text, size, &offset);
    if (status) goto done;
    out->dim = p.dim;
    memcpy(out->shape, p.shape, sizeof p.shape);
    if (!count_entries(p.dim, p.shape, &out->count) || __builtin_mul_overflow(out->count, p.type->size, &bytes)) {
        status = fs_fail(err, FS_EINPUT, "%s: expected a shape that fits the address space, found a larger one", path);
        goto done;
    }
    if (bytes != size - offset) {
        status = fs_fail(err, FS_EINPUT, "%s: the header says %zu entries of %zu bytes, so expected %zu bytes of values, found %zu",
                         path, out->count, p.type->size, bytes, size - offset);
        goto done;
    }
    out->data = fs_calloc(out->count, sizeof *out->data);
    if (!out->data) {
        status = fs_fail(err, FS_ENOMEM, "%s: no memory for %zu numbers", path, out->count);
        goto done;
    }
    status = read_values(&p, (const unsigned char *)text + offset, out);
done:
    free(text);
    if (status) fs_array_clear(out);
    return status;
}

void fs_array_clear(fs_array *a)
{
    free(a->data);
    *a = (fs_array){ 0 };
}

/* --- writing ------------------------------------------------------------------------------ */

/* The dictionary of a C-ordered float64 array. */
static size_t print_header(char *text, size_t size, size_t dim, const size_t *shape)
{
    size_t used = (size_t)snprintf(text, size, "{'descr': '<f8', 'fortran_order': False, 'shape': (");
    for (size_t i = 0; i < dim; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%zu", i ? ", " : "", shape[i]);
    return used + (size_t)snprintf(text + used, size - used, "%s), }", dim == 1 ? "," : "");
}

static void write_values(FILE *stream, size_t count, const double *data)
{
    unsigned char block[4096];
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t bits;
        memcpy(&bits, &data[i], sizeof bits);
        for (unsigned k = 0; k < 8; k++) block[used++] = (unsigned char)(bits >> 8 * k);
        if (used == sizeof block) {
            fwrite(block, 1, used, stream);
            used = 0;
        }
    }
    fwrite(block, 1, used, stream);
}

fs_status fs_npy_write(const char *path, size_t dim, const size_t *shape, const double *data, fs_err *err)
{
    char header[512];
    size_t count;
    fs_output *o;
    if (dim > FS_NPY_MAX_DIM)
        return fs_fail(err, FS_EINPUT, "%s: expected at most %d axes, found %zu", path, FS_NPY_MAX_DIM, dim);
    if (!count_entries(dim, shape, &count))
        return fs_fail(err, FS_EINPUT, "%s: expected a shape that fits the address space, found a larger one", path);

    /* Blanks and a newline fill up to a multiple of 64, so that the values are aligned in memory maps. */
    size_t length = print_header(header, sizeof header, dim, shape), full = (10 + length + 1 + 63) / 64 * 64 - 10;
    memset(header + length, ' ', full - length);
    header[full - 1] = '\n';

    FS_TRY(fs_output_open(&o, path, err));
    FILE *stream = fs_output_stream(o);
    fwrite(MAGIC "\x01\x00", 1, MAGIC_SIZE + 2, stream);
    fputc((int)(full & 0xff), stream);
    fputc((int)(full >> 8), stream);
    fwrite(header, 1, full, stream);
    write_values(stream, count, data);
    return fs_output_commit(o, err);
}
