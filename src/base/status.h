/* base/status.h -- errors are values
 *
 * Every fallible function returns an fs_status and, where a human will read it,
 * fills an fs_err with one line: what was expected, what was found, where.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_BASE_STATUS_H
#define FS_BASE_STATUS_H

#include <stddef.h>

/* One list makes the enumeration and its texts. */
#define FS_STATUS_LIST(X)                                              \
    X(FS_OK,       "success")                                          \
    X(FS_EINPUT,   "bad input")                                        \
    X(FS_EGROUP,   "not a group")                                      \
    X(FS_ENOTREP,  "not an orthogonal representation")                 \
    X(FS_ENOMEM,   "out of memory")                                    \
    X(FS_EIO,      "input or output failed")                           \
    X(FS_ENAN,     "a value is not finite")                            \
    X(FS_ESOLVER,  "the solver failed")                                \
    X(FS_EUNSAFE,  "unsafe floating-point environment")                \
    X(FS_ESTOPPED, "stopped on request")

typedef enum {
#define FS_STATUS_ENUM(name, text) name,
    FS_STATUS_LIST(FS_STATUS_ENUM)
#undef FS_STATUS_ENUM
    FS_STATUS_COUNT
} fs_status;

/* Plain: copy it, print it.  text is always terminated. */
typedef struct {
    fs_status status;
    char text[1024];
} fs_err;

/* Short text of a status; never NULL. */
const char *fs_status_text(fs_status status);

/* Fills *err (which may be NULL) with a formatted line and returns status. */
fs_status fs_fail(fs_err *err, fs_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Passes a failure up. */
#define FS_TRY(call)                                                   \
    do {                                                               \
        fs_status fs_try_status_ = (call);                             \
        if (fs_try_status_ != FS_OK) return fs_try_status_;            \
    } while (0)

/* calloc(n, size) with an overflow check; NULL only when memory is short (n * size = 0 gives a freeable block). */
void *fs_calloc(size_t n, size_t size);

/* The same on a 64-byte boundary (a cache line, a vector of 8 doubles), zeroed; release with free. */
void *fs_calloc_aligned(size_t n, size_t size);

#endif
