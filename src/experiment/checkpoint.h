/* experiment/checkpoint.h -- a run that was interrupted, as one file
 *
 *   mark, words of the command line, model text, number of flows, each flow's trajectory so far, CRC-32
 *
 * Written whole or not at all; anything that does not fit is refused.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_EXPERIMENT_CHECKPOINT_H
#define FS_EXPERIMENT_CHECKPOINT_H

#include "integrate/trajectory.h"

/* Plain.  What a run writes: borrowed texts, and one buffer a flow (empty: not begun). */
typedef struct {
    const char *words;          /* words_size bytes: the words of the command line, each ended by 0 */
    size_t words_size;
    const char *model_text;
    size_t n;
    const fs_bytes *flow;
} fs_checkpoint_parts;

fs_status fs_checkpoint_write(const char *path, const fs_checkpoint_parts *parts, fs_err *err);

/* Plain.  What was read; owned. */
typedef struct {
    char *words;
    size_t words_size;
    char *model_text;
    size_t n;
    fs_trajectory **trajectory; /* NULL: not begun */
} fs_checkpoint;

/* FS_EINPUT with the reason: not a checkpoint, another version or kind of machine, truncated, damaged. */
fs_status fs_checkpoint_read(fs_checkpoint *out, const char *path, fs_err *err);
void fs_checkpoint_clear(fs_checkpoint *c);

#endif
