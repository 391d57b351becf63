/* report/folder.c -- the folder a command writes into, and the manifest that says which files are ours
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/folder.h"

#include "base/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANIFEST ".flowsim-manifest"
#define FIRST_LINE "flowsim wrote these files"

/* One file that is ours: written by an earlier run, by this one, or both. */
typedef struct {
    char *name, *file;
    int current;
} entry;

struct fs_folder {
    char *path, *manifest;
    size_t n, room;
    entry *entry;
    int lock;                   /* the folder's descriptor, -1 */
    size_t created;             /* length of the part of path down to the first folder made here; 0: none */
    int is_new;                 /* the last folder of path was made here */
    int entered;                /* a file was entered */
};

static char *join(const char *path, const char *name)
{
    size_t length = strlen(path) + strlen(name) + 2;
    char *file = fs_calloc(length, 1);
    if (file) snprintf(file, length, "%s%s%s", path, path[strlen(path) - 1] == '/' ? "" : "/", name);
    return file;
}

static int plain_name(const char *name)
{
    return *name && !strchr(name, '/') && !strchr(name, '\n') && strcmp(name, ".") && strcmp(name, "..") && strcmp(name, MANIFEST);
}

static entry *find(const fs_folder *f, const char *name, size_t length)
{
    for (size_t i = 0; i < f->n; i++)
        if (strlen(f->entry[i].name) == length && memcmp(f->entry[i].name, name, length) == 0) return &f->entry[i];
    return NULL;
}

static entry *add(fs_folder *f, const char *name)
{
    if (f->n == f->room) {
        size_t room = f->room ? 2 * f->room : 16;
        entry *more = realloc(f->entry, room * sizeof *more);
        if (!more) return NULL;
        f->entry = more;
        f->room = room;
    }
    entry *e = &f->entry[f->n];
    *e = (entry){ .name = strdup(name), .file = join(f->path, name) };
    if (!e->name || !e->file) {
        free(e->name);
        free(e->file);
        return NULL;
    }
    f->n++;
    return e;
}

/* --- the manifest --------------------------------------------------------------------- */

static fs_status write_manifest(const fs_folder *f, int current_only, fs_err *err)
{
    fs_output *o;
    FS_TRY(fs_output_open(&o, f->manifest, err));
    FILE *stream = fs_output_stream(o);
    fprintf(stream, FIRST_LINE "\n");
    for (size_t i = 0; i < f->n; i++)
        if (f->entry[i].current || !current_only) fprintf(stream, "%s\n", f->entry[i].name);
    return fs_output_commit(o, err);
}

/* Lines that are no plain names are passed over: they can only be somebody's edit, and nothing outside the folder is ours. */
static fs_status read_manifest(fs_folder *f, fs_err *err)
{
    struct stat s;
    if (lstat(f->manifest, &s) != 0 && errno == ENOENT) return FS_OK;
    char *text;
    size_t size;
    FS_TRY(fs_file_read(f->manifest, (size_t)1 << 24, &text, &size, err));
    fs_status status = FS_OK;
    int first = 1;
    for (char *line = text, *end; status == FS_OK && line < text + size; line = end + 1, first = 0) {
        end = line + strcspn(line, "\n");
        *end = 0;
        if (!first && plain_name(line) && !find(f, line, strlen(line)) && !add(f, line))
            status = fs_fail(err, FS_ENOMEM, "manifest of %s", f->path);
    }
    free(text);
    return status;
}

/* NAME.tmp-DIGITS or NAME.tmp-DIGITS-DIGITS (base/files.c), NAME in the manifest or the manifest itself: what a killed run left behind. */
static int is_leftover(const fs_folder *f, const char *name)
{
    const char *mark = NULL;
    for (const char *p = strstr(name, ".tmp-"); p; p = strstr(p + 1, ".tmp-")) mark = p;
    if (!mark || !mark[5] || mark[5 + strspn(mark + 5, "0123456789-")]) return 0;
    size_t length = (size_t)(mark - name);
    return find(f, name, length) || (length == strlen(MANIFEST) && memcmp(name, MANIFEST, length) == 0);
}

/* NAME.png and the like beside a NAME.gp of the manifest: a picture that its script drew again, in whichever format. */
static int is_redrawn(const fs_folder *f, const char *name)
{
    static const char *const pictures[] = { ".png", ".svg", ".pdf", ".txt" };
    const char *end = strrchr(name, '.');
    size_t length = end ? (size_t)(end - name) : 0;
    int is_picture = 0;
    for (size_t i = 0; end && i < sizeof pictures / sizeof *pictures; i++) is_picture |= !strcmp(end, pictures[i]);
    for (size_t i = 0; is_picture && i < f->n; i++)
        if (strlen(f->entry[i].name) == length + 3 && !memcmp(f->entry[i].name, name, length) && !strcmp(f->entry[i].name + length, ".gp")) return 1;
    return 0;
}

/* Refuses foreign files; removes leftovers; enters pictures that were drawn again. */
static fs_status inspect(fs_folder *f, int force, fs_err *err)
{
    DIR *folder = opendir(f->path);
    if (!folder) return fs_fail(err, FS_EIO, "expected a readable folder for the output, found %s: %s", f->path, strerror(errno));
    fs_status status = FS_OK;
    for (const struct dirent *d; status == FS_OK && (d = readdir(folder));) {
        const char *name = d->d_name;
        if (!strcmp(name, ".") || !strcmp(name, "..")) continue;
        char *file = join(f->path, name);
        struct stat s;
        if (!file) status = fs_fail(err, FS_ENOMEM, "contents of %s", f->path);
        else if (lstat(file, &s) != 0) status = FS_OK;      /* gone meanwhile */
        else if (S_ISREG(s.st_mode) && is_leftover(f, name)) unlink(file);
        else if (S_ISREG(s.st_mode) && !find(f, name, strlen(name)) && is_redrawn(f, name))
            status = add(f, name) ? FS_OK : fs_fail(err, FS_ENOMEM, "contents of %s", f->path);
        else if (!force && !(S_ISREG(s.st_mode) && (!strcmp(name, MANIFEST) || find(f, name, strlen(name)))))
            status = fs_fail(err, FS_EINPUT,
                             "expected an empty folder or one that only flowsim wrote to, found \"%s\" in %s; "
                             "choose another --output, or --force to write beside it", name, f->path);
        free(file);
    }
    closedir(folder);
    return status;
}

/* --- the folder itself ---------------------------------------------------------------- */

/* The last name itself may not be a link: results must not land where nobody looks. */
static fs_status check_kind(const char *path, int *exists, fs_err *err)
{
    struct stat s;
    *exists = 0;
    if (lstat(path, &s) != 0) {
        if (errno == ENOENT) return FS_OK;
        return fs_fail(err, FS_EIO, "expected a folder for the output, found %s: %s", path, strerror(errno));
    }
    *exists = 1;
    if (S_ISLNK(s.st_mode))
        return fs_fail(err, FS_EIO, "expected a folder for the output, found a %ssymbolic link: %s", stat(path, &s) == 0 ? "" : "dangling ", path);
    if (!S_ISDIR(s.st_mode)) return fs_fail(err, FS_EIO, "expected a folder for the output, found a file: %s", path);
    return FS_OK;
}

static fs_status make(fs_folder *f, fs_err *err)
{
    char *path = f->path;
    for (char *slash = path + 1;; slash++) {
        slash += strcspn(slash, "/");
        char kept = *slash;
        *slash = 0;
        int made = mkdir(path, 0777) == 0, reason = errno;
        if (made && !f->created) f->created = strlen(path);
        *slash = kept;
        f->is_new = made;
        if (!made && reason != EEXIST)
            return fs_fail(err, FS_EIO, "expected to create the output folder %s, found \"%.*s\": %s", path, (int)(slash - path), path,
                           strerror(reason));
        if (!kept) return FS_OK;
    }
}

/* Only folders that this f made, deepest first; one that is not empty stays. */
static void unmake(fs_folder *f)
{
    size_t length = strlen(f->path);
    while (f->created && length >= f->created && (rmdir(f->path) == 0 || errno == ENOENT)) {
        while (length && f->path[length] != '/') f->path[length--] = 0;
        while (length && f->path[length] == '/') f->path[length--] = 0;
        length = strlen(f->path);
    }
}

static fs_status lock(fs_folder *f, fs_err *err)
{
    f->lock = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (f->lock < 0) return fs_fail(err, FS_EIO, "expected a readable folder for the output, found %s: %s", f->path, strerror(errno));
    /* a file system without locks is no reason to stop */
    if (flock(f->lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return fs_fail(err, FS_EIO, "expected the output folder for this run alone, found another flowsim writing to %s", f->path);
    return FS_OK;
}

fs_status fs_folder_open(fs_folder **out, const char *path, int force, fs_err *err)
{
    *out = NULL;
    if (!*path) return fs_fail(err, FS_EINPUT, "expected the name of an output folder, found an empty one");
    fs_status status = FS_ENOMEM;
    fs_folder *f = fs_calloc(1, sizeof *f);
    if (!f) return fs_fail(err, FS_ENOMEM, "output folder %s", path);
    f->lock = -1;
    f->path = strdup(path);
    if (!f->path) {
        status = fs_fail(err, FS_ENOMEM, "output folder %s", path);
        goto fail;
    }
    for (size_t n = strlen(f->path); n > 1 && f->path[n - 1] == '/'; n--) f->path[n - 1] = 0;
    f->manifest = join(f->path, MANIFEST);
    if (!f->manifest) {
        status = fs_fail(err, FS_ENOMEM, "output folder %s", path);
        goto fail;
    }
    int exists;
    if ((status = check_kind(f->path, &exists, err)) != FS_OK) goto fail;
    if (!exists && (status = make(f, err)) != FS_OK) goto fail;
    if ((status = lock(f, err)) != FS_OK || (status = read_manifest(f, err)) != FS_OK) goto fail;
    if ((status = inspect(f, force, err)) != FS_OK || (status = write_manifest(f, 0, err)) != FS_OK) goto fail;
    *out = f;
    return FS_OK;
fail:
    fs_folder_destroy(f);
    return status;
}

const char *fs_folder_path(const fs_folder *f)
{
    return f->path;
}

fs_status fs_folder_file(fs_folder *f, const char *name, const char **file, fs_err *err)
{
    *file = NULL;
    if (!plain_name(name)) return fs_fail(err, FS_EINPUT, "expected a file name without '/', found \"%s\"", name);
    entry *e = find(f, name, strlen(name));
    int known = e != NULL;
    if (!e && !(e = add(f, name))) return fs_fail(err, FS_ENOMEM, "file %s of %s", name, f->path);
    if (!known) FS_TRY(write_manifest(f, 0, err));
    e->current = 1;
    f->entered = 1;
    *file = e->file;
    return FS_OK;
}

void fs_folder_forget(fs_folder *f, const char *name)
{
    entry *e = find(f, name, strlen(name));
    if (e) e->current = 0;
}

const char *fs_folder_name(const fs_folder *f, size_t i)
{
    for (size_t j = 0; j < f->n; j++)
        if (f->entry[j].current && i-- == 0) return f->entry[j].name;
    return NULL;
}

fs_status fs_folder_settle(fs_folder *f, fs_err *err)
{
    for (size_t i = 0; i < f->n; i++)
        if (!f->entry[i].current && unlink(f->entry[i].file) != 0 && errno != ENOENT)
            return fs_fail(err, FS_EIO, "expected to remove %s of an earlier run: %s", f->entry[i].file, strerror(errno));
    return write_manifest(f, 1, err);
}

void fs_folder_destroy(fs_folder *f)
{
    if (!f) return;
    if (f->is_new && !f->entered && f->manifest) unlink(f->manifest);
    if (!f->entered) unmake(f);
    if (f->lock >= 0) close(f->lock);
    for (size_t i = 0; i < f->n; i++) {
        free(f->entry[i].name);
        free(f->entry[i].file);
    }
    free(f->entry);
    free(f->manifest);
    free(f->path);
    free(f);
}
