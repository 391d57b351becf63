/* report/folder.h -- the folder a command writes into
 *
 * .flowsim-manifest lists the files flowsim wrote there.  A name is entered before its file is written, so a killed run
 * leaves nothing that the next one would take for somebody else's.  A picture beside a script of the same name that it lists
 * (figure.pdf, figure.gp) counts as listed: the script draws in any format.  A folder that holds anything else is refused unless
 * forced; forcing never removes a foreign file, it only writes beside it (and over it where the names are equal).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_FOLDER_H
#define FS_REPORT_FOLDER_H

#include "base/status.h"

/* Opaque: locked against a second flowsim while open. */
typedef struct fs_folder fs_folder;

/* Creates path with its parents, or reuses it; proves that it can be written to, and locks it.
 * FS_EINPUT: empty path, or a foreign file (named) and force is 0.
 * FS_EIO: not a folder, a symbolic link, unwritable, or in use by another process. */
fs_status fs_folder_open(fs_folder **out, const char *path, int force, fs_err *err);

const char *fs_folder_path(const fs_folder *f);

/* *file = path/name (owned by f) for a file about to be written; name has no '/', and is entered in the manifest first. */
fs_status fs_folder_file(fs_folder *f, const char *name, const char **file, fs_err *err);
/* The file was not written after all; an earlier run's file of this name is stale. */
void fs_folder_forget(fs_folder *f, const char *name);

/* The i-th file of this run, NULL beyond the last. */
const char *fs_folder_name(const fs_folder *f, size_t i);

/* The run is complete: removes what earlier runs left and this one did not write, and settles the manifest.  Keeps f open. */
fs_status fs_folder_settle(fs_folder *f, fs_err *err);

/* Unlocks and frees.  A folder created by this f in which no file was entered is removed again.  NULL is fine. */
void fs_folder_destroy(fs_folder *f);

#endif
