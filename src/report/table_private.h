/* report/table_private.h -- what the tables of all commands share: colours, folded paragraphs, growing sentences, cells
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_TABLE_PRIVATE_H
#define FS_REPORT_TABLE_PRIVATE_H

#include <stddef.h>
#include <stdio.h>

enum { FS_TABLE_WIDTH = 100, FS_SENTENCE = 1400 };

typedef enum { FS_PLAIN, FS_BOLD, FS_GOOD, FS_BAD, FS_FAINT } fs_paint;

/* What begins and ends a colour; "" without colour. */
const char *fs_table_on(int colour, fs_paint p);
const char *fs_table_off(int colour, fs_paint p);

/* "  word: text ...", folded before FS_TABLE_WIDTH columns; following lines stand under the text. */
void fs_table_paragraph(FILE *stream, const char *label, const char *text, int colour, fs_paint p);

/* A number in a column of its own, after a blank; nothing to say ("nan") is '-'. */
void fs_table_cell(FILE *stream, int width, const char *text);

/* A sentence that grows; what does not fit is dropped. */
typedef struct { char text[FS_SENTENCE]; size_t used; } fs_sentence;
__attribute__((format(printf, 2, 3))) void fs_say(fs_sentence *s, const char *format, ...);

#endif
