/* base/bytes.h -- a growing buffer of bytes, for checkpoints
 *
 * Host byte order and float64: a checkpoint is read by the program that wrote it, on the same class of machine; a mark in
 * front says so and a CRC-32 behind guards against damage.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_BASE_BYTES_H
#define FS_BASE_BYTES_H

#include "base/status.h"

/* Plain.  Zero is an empty buffer. */
typedef struct {
    unsigned char *data;
    size_t size, room;          /* bytes used, bytes allocated */
    size_t at;                  /* where the next read starts */
    int failed;                 /* sticky: memory was short, or a read went beyond the end */
} fs_bytes;

/* Appends n bytes; failures stick and are looked at once at the end. */
void fs_bytes_put(fs_bytes *b, const void *from, size_t n);
/* Takes the next n bytes; zeros once anything failed. */
void fs_bytes_get(fs_bytes *b, void *to, size_t n);
/* The next n bytes without copying, NULL when there are fewer. */
const unsigned char *fs_bytes_take(fs_bytes *b, size_t n);
/* CRC-32 of the first n bytes. */
unsigned long fs_bytes_crc(const fs_bytes *b, size_t n);
void fs_bytes_clear(fs_bytes *b);

#endif
