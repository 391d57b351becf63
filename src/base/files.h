/* base/files.h -- files that are whole or absent
 *
 * Outputs are written to a temporary name in the same folder, flushed, synced and
 * renamed; a failed or abandoned write leaves the earlier file untouched.
 * .npy: NumPy's array format, version 1.0, little-endian float64, C order on writing;
 * on reading also float32, integers and Fortran order.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_BASE_FILES_H
#define FS_BASE_FILES_H

#include "base/status.h"

#include <stdint.h>
#include <stdio.h>

/* --- atomic text or binary output ------------------------------------------------ */

typedef struct fs_output fs_output;

/* Opens PATH.tmp-PID (exclusive) for writing.  PATH may be absent or a regular file; anything else there (a folder, a
 * symbolic link, a device) and a folder that cannot be written are FS_EIO. */
fs_status fs_output_open(fs_output **out, const char *path, fs_err *err);
/* The stream to print to; owned by *o. */
FILE *fs_output_stream(fs_output *o);
/* Flush, fsync, rename, fsync the folder; frees *o in every case.  On failure (ENOSPC, EIO, ...) the temporary is removed: FS_EIO.
 * A write that failed earlier on the stream is reported here, with its own reason. */
fs_status fs_output_commit(fs_output *o, fs_err *err);
/* Removes the temporary and frees *o; NULL is fine. */
void fs_output_abandon(fs_output *o);

/* No file larger than this is read (8 GiB, a billion doubles): a limit given larger is cut to it. */
#define FS_FILE_LARGEST (SIZE_MAX / 4 < 0x200000000ull ? SIZE_MAX / 4 : (size_t)0x200000000ull)

/* The whole of a regular file (not a FIFO, device or folder: FS_EINPUT), at most `limit` bytes; *text gets a terminating 0 beyond *size.  Caller frees *text. */
fs_status fs_file_read(const char *path, size_t limit, char **text, size_t *size, fs_err *err);

/* --- .npy ------------------------------------------------------------------------- */

#define FS_NPY_MAX_DIM 8

typedef struct {
    size_t dim;                       /* number of axes, 0 .. FS_NPY_MAX_DIM */
    size_t shape[FS_NPY_MAX_DIM];
    size_t count;                     /* product of shape */
    double *data;                     /* count values, C order; owned */
} fs_array;

/* Checks the header against the bytes present, and every value: NaN, infinities and whole numbers that no double holds are
 * FS_EINPUT with their index.  Fortran order is transposed, so data is always in C order. */
fs_status fs_npy_read(const char *path, fs_array *out, fs_err *err);
/* Writes atomically. */
fs_status fs_npy_write(const char *path, size_t dim, const size_t *shape, const double *data, fs_err *err);
void fs_array_clear(fs_array *a);

/* --- numbers, always in the C locale ------------------------------------------------ */

/* Reads a whole token as a finite double (decimal, optional exponent; no hex, no underscore, no blanks, no inf or nan).
 * FS_EINPUT when any character is left over or the value overflows. */
fs_status fs_number_parse(const char *text, double *value);
/* Shortest-safe text: %.17g with '.', whatever the locale; NaN and infinities as "nan", "inf", "-inf".  buffer >= 32 bytes; returns buffer. */
char *fs_number_format(double value, char *buffer);

#endif
