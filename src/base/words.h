/* base/words.h -- how far a word is from another, for "did you mean", and which bytes are a character
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_BASE_WORDS_H
#define FS_BASE_WORDS_H

#include <stddef.h>

/* Edit distance: insertions, deletions, replacements and exchanges of neighbours; words of up to 63 letters, otherwise their length. */
size_t fs_edit_distance(const char *a, const char *b);
/* Near enough to be meant. */
int fs_edit_near(const char *word, size_t distance);

/* Length of the UTF-8 character at the first of `left` bytes (overlong forms and surrogates are none), 0 when there is none. */
size_t fs_utf8_length(const char *text, size_t left);

#endif
