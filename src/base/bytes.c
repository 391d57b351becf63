/* base/bytes.c -- a growing buffer of bytes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/bytes.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

void fs_bytes_put(fs_bytes *b, const void *from, size_t n)
{
    if (b->failed || !n) return;
    if (n > b->room - b->size) {
        size_t room = b->room ? b->room : 4096;
        while (room - b->size < n && room <= SIZE_MAX / 2) room *= 2;
        unsigned char *more = room - b->size < n ? NULL : realloc(b->data, room);
        if (!more) {
            b->failed = 1;
            return;
        }
        b->data = more;
        b->room = room;
    }
    memcpy(b->data + b->size, from, n);
    b->size += n;
}

const unsigned char *fs_bytes_take(fs_bytes *b, size_t n)
{
    if (b->failed || n > b->size - b->at) {
        b->failed = 1;
        return NULL;
    }
    const unsigned char *here = b->data + b->at;
    b->at += n;
    return here;
}

void fs_bytes_get(fs_bytes *b, void *to, size_t n)
{
    const unsigned char *from = n ? fs_bytes_take(b, n) : NULL;
    if (from) memcpy(to, from, n);
    else memset(to, 0, n);
}

unsigned long fs_bytes_crc(const fs_bytes *b, size_t n)
{
    return crc32_z(crc32_z(0, NULL, 0), b->data, n);
}

void fs_bytes_clear(fs_bytes *b)
{
    free(b->data);
    *b = (fs_bytes){ 0 };
}
