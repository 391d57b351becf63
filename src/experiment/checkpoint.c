/* experiment/checkpoint.c -- a run that was interrupted, as one file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "experiment/checkpoint.h"

#include "base/files.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Changes with the layout of fs_trajectory too, by its size. */
typedef struct {
    char name[24];
    uint64_t trajectory_size;
    double one_and_a_bit;       /* tells byte order and floating-point format apart */
} mark;

static const mark expected = { "flowsim checkpoint 1\n", sizeof(fs_trajectory), 1.0 + 0x1p-52 };
static const size_t file_limit = (size_t)1 << 36;

static void put_text(fs_bytes *b, const char *text, size_t size)
{
    uint64_t length = size;
    fs_bytes_put(b, &length, sizeof length);
    fs_bytes_put(b, text, size);
}

/* A text of its own with a 0 behind it; NULL on failure. */
static char *get_text(fs_bytes *b, size_t *size)
{
    uint64_t length;
    fs_bytes_get(b, &length, sizeof length);
    const unsigned char *from = fs_bytes_take(b, (size_t)length);
    char *text = from ? malloc((size_t)length + 1) : NULL;
    if (!text) {
        b->failed = 1;
        return NULL;
    }
    memcpy(text, from, (size_t)length);
    text[length] = 0;
    *size = (size_t)length;
    return text;
}

fs_status fs_checkpoint_write(const char *path, const fs_checkpoint_parts *parts, fs_err *err)
{
    fs_bytes b = { 0 };
    uint64_t n = parts->n;
    fs_output *file = NULL;
    fs_bytes_put(&b, &expected, sizeof expected);
    put_text(&b, parts->words, parts->words_size);
    put_text(&b, parts->model_text, strlen(parts->model_text));
    fs_bytes_put(&b, &n, sizeof n);
    for (size_t i = 0; i < parts->n; i++) {
        unsigned char begun = parts->flow[i].size > 0;
        fs_bytes_put(&b, &begun, sizeof begun);
        if (begun) fs_bytes_put(&b, parts->flow[i].data, parts->flow[i].size);
    }
    uint64_t crc = fs_bytes_crc(&b, b.size);
    fs_bytes_put(&b, &crc, sizeof crc);
    fs_status status = b.failed ? fs_fail(err, FS_ENOMEM, "checkpoint %s", path) : fs_output_open(&file, path, err);
    if (status == FS_OK) {
        fwrite(b.data, 1, b.size, fs_output_stream(file));      /* a failure stays in the stream and is found by commit */
        status = fs_output_commit(file, err);
    }
    fs_bytes_clear(&b);
    return status;
}

fs_status fs_checkpoint_read(fs_checkpoint *out, const char *path, fs_err *err)
{
    fs_bytes b = { 0 };
    mark found;
    uint64_t crc, n;
    char *data = NULL;
    *out = (fs_checkpoint){ 0 };
    FS_TRY(fs_file_read(path, file_limit, &data, &b.size, err));
    b.data = (unsigned char *)data;
    b.room = b.size;
    fs_status status = FS_OK;
    if (b.size < sizeof found + sizeof crc) {
        status = fs_fail(err, FS_EINPUT, "%s: expected a checkpoint, found a file of %zu bytes", path, b.size);
        goto done;
    }
    fs_bytes_get(&b, &found, sizeof found);
    if (memcmp(&found, &expected, sizeof found) != 0) {
        status = fs_fail(err, FS_EINPUT, "%s: expected a checkpoint of this version of flowsim on this kind of machine, found another file", path);
        goto done;
    }
    memcpy(&crc, b.data + b.size - sizeof crc, sizeof crc);
    if (crc != fs_bytes_crc(&b, b.size - sizeof crc)) {
        status = fs_fail(err, FS_EINPUT, "%s: expected a whole checkpoint, found a damaged or truncated one (checksum)", path);
        goto done;
    }
    out->words = get_text(&b, &out->words_size);
    size_t length = 0;
    out->model_text = get_text(&b, &length);
    fs_bytes_get(&b, &n, sizeof n);
    if (!b.failed && n < b.size) out->trajectory = fs_calloc((size_t)n, sizeof *out->trajectory);
    if (!out->trajectory) {
        status = fs_fail(err, FS_EINPUT, "%s: expected the parts of a checkpoint, found its end", path);
        goto done;
    }
    out->n = (size_t)n;
    for (size_t i = 0; status == FS_OK && i < out->n; i++) {
        unsigned char begun;
        fs_bytes_get(&b, &begun, sizeof begun);
        if (begun) status = fs_trajectory_unpack(&out->trajectory[i], &b, err);
    }
done:
    fs_bytes_clear(&b);
    if (status != FS_OK) fs_checkpoint_clear(out);
    return status;
}

void fs_checkpoint_clear(fs_checkpoint *c)
{
    for (size_t i = 0; c->trajectory && i < c->n; i++) fs_trajectory_destroy(c->trajectory[i]);
    free(c->trajectory);
    free(c->words);
    free(c->model_text);
    *c = (fs_checkpoint){ 0 };
}
