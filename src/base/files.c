/* base/files.c -- read a file whole, write a file whole or not at all
 *
 * Writing: PATH.tmp-PID (created exclusively, in the folder of PATH) -> write -> fsync -> rename over PATH
 * -> fsync of the folder.  Until the rename the earlier PATH is untouched, after it the new one is complete.
 * PATH may only be absent or a regular file: a symbolic link, a folder or a device is never replaced.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fs_output {
    char *path, *temporary;
    int fd;
    FILE *stream;
    int error;                          /* errno of the first write that failed, or 0 */
};

/* --- shared ------------------------------------------------------------------------ */

static const char *kind_of_file(mode_t mode)
{
    if (S_ISREG(mode)) return "a regular file";
    if (S_ISDIR(mode)) return "a folder";
    if (S_ISLNK(mode)) return "a symbolic link";
    if (S_ISFIFO(mode)) return "a FIFO";
    if (S_ISSOCK(mode)) return "a socket";
    return "a device";
}

static int open_again(const char *path, int flags, mode_t mode)
{
    int fd;
    do fd = open(path, flags | O_CLOEXEC | O_NOCTTY, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* --- output ------------------------------------------------------------------------ */

/* The stream's write: goes on after a signal or a short write, and keeps the reason of the first failure,
 * which stdio would have forgotten by the time of fclose. */
static ssize_t write_through(void *cookie, const char *data, size_t size)
{
    fs_output *o = cookie;
    size_t done = 0;
    while (done < size && !o->error) {
        ssize_t n = write(o->fd, data + done, size - done);
        if (n > 0) done += (size_t)n;
        else if (n == 0) o->error = EIO;
        else if (errno != EINTR) o->error = errno;
    }
    return (ssize_t)done;
}

/* 0, or errno.  A file system that cannot sync at all is not an error: there is nothing more to do. */
static int sync_again(int fd)
{
    int failed;
    do failed = fsync(fd);
    while (failed && errno == EINTR);
    return failed && errno != EINVAL && errno != ENOSYS ? errno : 0;
}

/* Makes the rename durable.  A folder that may be written but not read cannot be synced. */
static int sync_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    if (!folder) return ENOMEM;
    int fd = open_again(folder, O_RDONLY | O_DIRECTORY, 0), error = fd < 0 ? errno : sync_again(fd);
    if (fd >= 0) close(fd);
    free(folder);
    return error == EACCES ? 0 : error;
}

static fs_status check_replaceable(const char *path, fs_err *err)
{
    struct stat found;
    size_t length = strlen(path);
    if (!length || path[length - 1] == '/')
        return fs_fail(err, FS_EIO, "cannot write \"%s\": expected a file's name, found none", path);
    if (lstat(path, &found) == 0) {
        if (!S_ISREG(found.st_mode))
            return fs_fail(err, FS_EIO, "cannot write %s: expected a regular file or nothing there, found %s",
                           path, kind_of_file(found.st_mode));
    } else if (errno != ENOENT) {
        return fs_fail(err, FS_EIO, "cannot write %s: %s", path, strerror(errno));
    }
    return FS_OK;
}

/* A crashed process with the same number may have left PATH.tmp-PID behind: then PATH.tmp-PID-1, ...  0 or errno. */
static int create_temporary(fs_output *o)
{
    int error = EEXIST;
    size_t size = strlen(o->path) + 64;
    o->temporary = fs_calloc(size, 1);
    if (!o->temporary) return ENOMEM;
    for (unsigned attempt = 0; attempt < 100 && error == EEXIST; attempt++) {
        int length = snprintf(o->temporary, size, "%s.tmp-%ld", o->path, (long)getpid());
        if (attempt) snprintf(o->temporary + length, size - (size_t)length, "-%u", attempt);
        o->fd = open_again(o->temporary, O_WRONLY | O_CREAT | O_EXCL, 0666);
        if (o->fd >= 0) return 0;
        error = errno;
    }
    free(o->temporary);                 /* not ours to remove */
    o->temporary = NULL;
    return error;
}

/* Flushes and closes what is open; 0, or errno of the first failure since the file was created. */
static int close_output(fs_output *o, int sync)
{
    if (o->stream) {
        int spoilt = ferror(o->stream);
        errno = 0;
        if ((fclose(o->stream) || spoilt) && !o->error) o->error = errno ? errno : EIO;
        o->stream = NULL;
    }
    if (o->fd >= 0) {
        if (sync && !o->error) o->error = sync_again(o->fd);
        if (close(o->fd) && !o->error && errno != EINTR) o->error = errno;
        o->fd = -1;
    }
    return o->error;
}

fs_status fs_output_open(fs_output **out, const char *path, fs_err *err)
{
    *out = NULL;
    FS_TRY(check_replaceable(path, err));
    int error = ENOMEM;
    fs_output *o = fs_calloc(1, sizeof *o);
    if (!o) goto fail;
    o->fd = -1;
    o->path = strdup(path);
    if (!o->path) goto fail;
    error = create_temporary(o);
    if (error) goto fail;
    o->stream = fopencookie(o, "w", (cookie_io_functions_t){ .write = write_through });
    error = ENOMEM;
    if (!o->stream) goto fail;
    *out = o;
    return FS_OK;
fail:
    fs_output_abandon(o);
    return fs_fail(err, error == ENOMEM ? FS_ENOMEM : FS_EIO, "cannot create %s: %s", path, strerror(error));
}

FILE *fs_output_stream(fs_output *o)
{
    return o->stream;
}

fs_status fs_output_commit(fs_output *o, fs_err *err)
{
    fs_status status = FS_OK;
    int error = close_output(o, 1);
    if (error) {
        status = fs_fail(err, FS_EIO, "cannot write %s: %s", o->path, strerror(error));
        goto done;
    }
    status = check_replaceable(o->path, err);
    if (status) goto done;
    if (rename(o->temporary, o->path)) {
        status = fs_fail(err, FS_EIO, "cannot rename %s to %s: %s", o->temporary, o->path, strerror(errno));
        goto done;
    }
    free(o->temporary);
    o->temporary = NULL;
    error = sync_folder_of(o->path);
    if (error) status = fs_fail(err, FS_EIO, "cannot sync the folder of %s: %s", o->path, strerror(error));
done:
    fs_output_abandon(o);
    return status;
}

void fs_output_abandon(fs_output *o)
{
    if (!o) return;
    close_output(o, 0);
    if (o->temporary) unlink(o->temporary);
    free(o->temporary);
    free(o->path);
    free(o);
}

/* --- input ------------------------------------------------------------------------- */

/* Running out of descriptors or memory is the system's failure; everything else is the path's. */
static fs_status status_of_open(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOMEM || error == EIO ? FS_EIO : FS_EINPUT;
}

/* Reads to the end, or to limit + 1 bytes; *text has room for a 0 beyond *size.  0 or errno. */
static int read_to_end(int fd, size_t expected, size_t limit, char **text, size_t *size)
{
    size_t room = (expected < limit ? expected : limit) + 1, used = 0;
    char *buffer = malloc(room + 1);
    if (!buffer) return ENOMEM;
    for (;;) {
        ssize_t n = read(fd, buffer + used, room - used);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            int error = errno;
            free(buffer);
            return error;
        }
        used += (size_t)n;
        if (n == 0 || used > limit) break;
        if (used == room) {             /* it grew since its size was asked */
            room = room < limit / 2 ? 2 * room : limit + 1;
            char *larger = realloc(buffer, room + 1);
            if (!larger) {
                free(buffer);
                return ENOMEM;
            }
            buffer = larger;
        }
    }
    buffer[used] = 0;
    *text = buffer;
    *size = used;
    return 0;
}

fs_status fs_file_read(const char *path, size_t limit, char **text, size_t *size, fs_err *err)
{
    fs_status status = FS_OK;
    int error = 0;
    struct stat found;
    *text = NULL;
    *size = 0;
    if (limit > FS_FILE_LARGEST) limit = FS_FILE_LARGEST;

    int fd = open_again(path, O_RDONLY | O_NONBLOCK, 0);    /* a FIFO without a writer must not hang */
    if (fd < 0) return fs_fail(err, status_of_open(errno), "cannot open %s: %s", path, strerror(errno));
    if (fstat(fd, &found)) {
        error = errno;
    } else if (!S_ISREG(found.st_mode)) {
        status = fs_fail(err, FS_EINPUT, "%s: expected a regular file, found %s", path, kind_of_file(found.st_mode));
    } else if ((uintmax_t)found.st_size > limit) {
        status = fs_fail(err, FS_EINPUT, "%s: expected at most %zu bytes, found %jd", path, limit, (intmax_t)found.st_size);
    } else {
        error = read_to_end(fd, (size_t)found.st_size, limit, text, size);
        if (!error && *size > limit) {
            free(*text);
            *text = NULL;
            status = fs_fail(err, FS_EINPUT, "%s: expected at most %zu bytes, found more", path, limit);
        }
    }
    close(fd);
    if (error) status = fs_fail(err, error == ENOMEM ? FS_ENOMEM : FS_EIO, "cannot read %s: %s", path, strerror(error));
    return status;
}
