/* problem/idx.c -- IDX files, raw or compressed with gzip
 *
 *   0 0 type dim | shape[0] ... shape[dim-1], 4 bytes each, big-endian | values, last index fastest
 *
 * type 8 is unsigned bytes, the only one read here.  Images: dim 3, shape (N, H, W); labels: dim 1, shape (N).
 * The source of the format: LeCun, Cortes, Burges, "The MNIST database of handwritten digits".
 *
 * What a compressed file can claim is bounded before anything is allocated: deflate never expands more than
 * 1032 : 1, so a header that promises more than 1032 times the file's size lies.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/files.h"
#include "problem/embedded.h"
#include "problem/raw.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* so that zlib reads from const memory */
#define ZLIB_CONST
#include <zlib.h>

#define MAX_RATIO 1032          /* of deflate: 258 bytes for 2 bits */
#define IMAGE_DIM 3
#define LABEL_DIM 1
#define MAX_DIM 3

/* --- a run of bytes, decompressed on the way ---------------------------------------------- */

typedef struct {
    const char *name;                   /* for messages */
    const unsigned char *at;            /* what has not been read yet */
    size_t left;
    int gzip, in_member;
    z_stream z;
} source;

static fs_status source_open(source *s, const char *name, const void *bytes, size_t size, fs_err *err)
{
    *s = (source){ .name = name, .at = bytes, .left = size };
    s->gzip = size >= 2 && s->at[0] == 0x1f && s->at[1] == 0x8b;
    if (s->gzip && inflateInit2(&s->z, 15 + 16) != Z_OK)        /* 15: the largest window; 16: gzip, not zlib */
        return fs_fail(err, FS_ENOMEM, "%s: no memory to decompress", name);
    s->in_member = s->gzip;
    return FS_OK;
}

static void source_close(source *s)
{
    if (s->gzip) inflateEnd(&s->z);
}

/* The next member of a gzip file, if there is one; anything else behind a member is refused. */
static fs_status next_member(source *s, fs_err *err)
{
    if (s->left < 2 || s->at[0] != 0x1f || s->at[1] != 0x8b)
        return fs_fail(err, FS_EINPUT, "%s: expected the end of the gzip file, found %zu more bytes (trailing garbage)",
                       s->name, s->left);
    inflateReset(&s->z);
    s->in_member = 1;
    return FS_OK;
}

/* One call of inflate: moves what it can from the file to out; *made: how many bytes. */
static fs_status inflate_some(source *s, unsigned char *out, size_t want, size_t *made, fs_err *err)
{
    uInt in = (uInt)(s->left < (1u << 30) ? s->left : 1u << 30), room = (uInt)(want < (1u << 30) ? want : 1u << 30);
    s->z.next_in = s->at;
    s->z.avail_in = in;
    s->z.next_out = out;
    s->z.avail_out = room;
    int code = inflate(&s->z, Z_NO_FLUSH);
    s->at += in - s->z.avail_in;
    s->left -= in - s->z.avail_in;
    *made = room - s->z.avail_out;
    switch (code) {
    case Z_STREAM_END:                  /* zlib has compared length and CRC */
        s->in_member = 0;
        return FS_OK;
    case Z_OK:
    case Z_BUF_ERROR:
        if (*made || s->left) return FS_OK;
        return fs_fail(err, FS_EINPUT, "%s: expected a complete gzip file, found a truncated one", s->name);
    case Z_MEM_ERROR:
        return fs_fail(err, FS_ENOMEM, "%s: no memory to decompress", s->name);
    default:
        return fs_fail(err, FS_EINPUT, "%s: expected a sound gzip file, found a corrupt one (%s)", s->name,
                       s->z.msg ? s->z.msg : "bad data");
    }
}

/* Up to want bytes; *got < want only at the end. */
static fs_status source_read(source *s, unsigned char *out, size_t want, size_t *got, fs_err *err)
{
    *got = 0;
    if (!s->gzip) {
        *got = want < s->left ? want : s->left;
        memcpy(out, s->at, *got);
        s->at += *got;
        s->left -= *got;
        return FS_OK;
    }
    while (*got < want) {
        size_t made;
        if (!s->in_member) {
            if (!s->left) break;
            FS_TRY(next_member(s, err));
        }
        FS_TRY(inflate_some(s, out + *got, want - *got, &made, err));
        *got += made;
    }
    return FS_OK;
}

/* How many bytes are left; a compressed source is followed for at most 1 MiB, then *more is set. */
static fs_status source_count_rest(source *s, size_t *rest, int *more, fs_err *err)
{
    unsigned char block[4096];
    size_t got = sizeof block;
    *rest = s->gzip ? 0 : s->left;
    while (s->gzip && got == sizeof block && *rest < (1u << 20)) {
        FS_TRY(source_read(s, block, sizeof block, &got, err));
        *rest += got;
    }
    *more = s->gzip && got == sizeof block;
    return FS_OK;
}

/* --- the format ------------------------------------------------------------------------------ */

typedef struct {
    size_t dim, shape[MAX_DIM], count;
    unsigned char *byte;                /* count values; owned */
} idx;

static fs_status check_magic(const char *name, const unsigned char *magic, size_t dim, fs_err *err)
{
    if (magic[0] || magic[1])
        return fs_fail(err, FS_EINPUT, "%s: expected an IDX file (magic number 0x000008%02zx), found 0x%02x%02x%02x%02x", name, dim,
                       magic[0], magic[1], magic[2], magic[3]);
    if (magic[2] != 8)
        return fs_fail(err, FS_EINPUT, "%s: expected type byte 0x08 (unsigned bytes), found 0x%02x", name, magic[2]);
    if (magic[3] != dim)
        return fs_fail(err, FS_EINPUT, "%s: expected %zu dimension%s, found %u%s", name, dim, dim == 1 ? "" : "s", magic[3],
                       magic[3] == IMAGE_DIM || magic[3] == LABEL_DIM ? " (are images and labels exchanged?)" : "");
    return FS_OK;
}

static fs_status read_header(source *s, size_t dim, size_t size, idx *x, fs_err *err)
{
    unsigned char header[4 + 4 * MAX_DIM];
    size_t length = 4 + 4 * dim, got;
    FS_TRY(source_read(s, header, length, &got, err));
    if (got >= 4) FS_TRY(check_magic(s->name, header, dim, err));
    if (got < length)
        return fs_fail(err, FS_EINPUT, "%s: expected an IDX header of %zu bytes, found %zu", s->name, length, got);
    x->dim = dim;
    x->count = 1;
    int wraps = 0;
    for (size_t i = 0; i < dim; i++) {
        const unsigned char *b = header + 4 + 4 * i;
        x->shape[i] = (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
        if (!x->shape[i])
            return fs_fail(err, FS_EINPUT, "%s: expected at least one sample of at least one value, found dimension %zu to be 0",
                           s->name, i);
        wraps |= __builtin_mul_overflow(x->count, x->shape[i], &x->count);
    }
    size_t possible = s->gzip ? (size > SIZE_MAX / MAX_RATIO ? SIZE_MAX : size * MAX_RATIO) : size - length;
    if (wraps)
        return fs_fail(err, FS_EINPUT, "%s: expected dimensions whose product fits the address space, found a larger one", s->name);
    if (x->count > possible)
        return fs_fail(err, FS_EINPUT, "%s: the header says %zu bytes of values, found %s%zu", s->name, x->count,
                       s->gzip ? "a compressed file that can hold at most " : "", possible);
    return FS_OK;
}

static fs_status read_values(source *s, idx *x, fs_err *err)
{
    size_t got, rest;
    int more;
    x->byte = fs_calloc(x->count, 1);
    if (!x->byte) return fs_fail(err, FS_ENOMEM, "%s: no memory for %zu bytes", s->name, x->count);
    FS_TRY(source_read(s, x->byte, x->count, &got, err));
    if (got < x->count)
        return fs_fail(err, FS_EINPUT, "%s: the header says %zu bytes of values, found %zu", s->name, x->count, got);
    FS_TRY(source_count_rest(s, &rest, &more, err));
    if (rest)
        return fs_fail(err, FS_EINPUT, "%s: the header says %zu bytes of values, found %s%zu", s->name, x->count,
                       more ? "at least " : "", x->count + rest);
    return FS_OK;
}

static fs_status decode(const char *name, const void *bytes, size_t size, size_t dim, idx *x, fs_err *err)
{
    source s;
    FS_TRY(source_open(&s, name, bytes, size, err));
    fs_status status = read_header(&s, dim, size, x, err);
    if (!status) status = read_values(&s, x, err);
    source_close(&s);
    return status;
}

static fs_status read_file(const char *path, size_t dim, idx *x, fs_err *err)
{
    fs_err why = { 0 };
    char *text;
    size_t size;
    fs_status status = fs_file_read(path, FS_FILE_LARGEST, &text, &size, &why);
    if (status) {
        int hint = strstr(path, "fashion-mnist") && access(path, F_OK) != 0;
        return fs_fail(err, status, "%s%s", why.text,
                       hint ? " (Debian package dataset-fashion-mnist provides it: apt-get install dataset-fashion-mnist)" : "");
    }
    status = decode(path, text, size, dim, x, err);
    free(text);
    return status;
}

/* --- samples ----------------------------------------------------------------------------------- */

/* Takes what images and labels own. */
static fs_status assemble(const char *image_name, const char *label_name, idx *images, idx *labels, fs_raw *raw, fs_err *err)
{
    if (images->shape[0] != labels->shape[0])
        return fs_fail(err, FS_EINPUT, "expected as many labels as images, found %zu images in %s and %zu labels in %s",
                       images->shape[0], image_name, labels->shape[0], label_name);
    raw->n = images->shape[0];
    raw->channels = 1;
    raw->height = images->shape[1];
    raw->width = images->shape[2];
    raw->label = fs_calloc(raw->n, sizeof *raw->label);
    if (!raw->label) return fs_fail(err, FS_ENOMEM, "%s: no memory for %zu labels", label_name, raw->n);
    for (size_t i = 0; i < raw->n; i++) raw->label[i] = labels->byte[i];
    raw->byte = images->byte;
    images->byte = NULL;
    return FS_OK;
}

fs_status fs_raw_read_idx(const fs_data_spec *spec, fs_raw *raw, fs_err *err)
{
    idx images = { 0 }, labels = { 0 };
    fs_status status = read_file(spec->images, IMAGE_DIM, &images, err);
    if (!status) status = read_file(spec->labels, LABEL_DIM, &labels, err);
    if (!status) status = assemble(spec->images, spec->labels, &images, &labels, raw, err);
    free(images.byte);
    free(labels.byte);
    return status;
}

fs_status fs_raw_read_embedded(const fs_data_spec *spec, fs_raw *raw, fs_err *err)
{
    (void)spec;
    static const char image_name[] = "embedded images", label_name[] = "embedded labels";
    idx images = { 0 }, labels = { 0 };
    fs_status status = decode(image_name, fs_embedded_images, fs_embedded_images_size, IMAGE_DIM, &images, err);
    if (!status) status = decode(label_name, fs_embedded_labels, fs_embedded_labels_size, LABEL_DIM, &labels, err);
    if (!status) status = assemble(image_name, label_name, &images, &labels, raw, err);
    free(images.byte);
    free(labels.byte);
    return status;
}
