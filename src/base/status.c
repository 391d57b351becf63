/* base/status.c -- errors are values
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/status.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *fs_status_text(fs_status status)
{
    static const char *const text[] = {
#define FS_STATUS_TEXT(name, words) [name] = words,
        FS_STATUS_LIST(FS_STATUS_TEXT)
#undef FS_STATUS_TEXT
    };
    return (unsigned)status < FS_STATUS_COUNT ? text[status] : "unknown status";
}

fs_status fs_fail(fs_err *err, fs_status status, const char *format, ...)
{
    if (err) {
        va_list arguments;
        va_start(arguments, format);
        err->status = status;
        vsnprintf(err->text, sizeof err->text, format, arguments);
        va_end(arguments);
    }
    return status;
}

void *fs_calloc(size_t n, size_t size)
{
    return calloc(n ? n : 1, size ? size : 1);
}

void *fs_calloc_aligned(size_t n, size_t size)
{
    if (size && n > (SIZE_MAX - 63) / size) return NULL;
    size_t bytes = (n * size + 63) / 64 * 64;
    if (!bytes) bytes = 64;
    void *p = aligned_alloc(64, bytes);
    if (p) memset(p, 0, bytes);
    return p;
}
