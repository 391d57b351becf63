/* report/text.h -- numbers and foreign text as people read them, the same in every locale
 *
 * Reading them back bit for bit is the business of fs_number_format (base/files.h); these are for tables, labels and names.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_TEXT_H
#define FS_REPORT_TEXT_H

#include <stddef.h>

#define FS_TEXT_NUMBER 40       /* bytes that hold any number printed here */

/* %.<digits>g with '.', 1 <= digits <= 17; "nan", "inf", "-inf".  Returns buffer. */
char *fs_text_real(double value, int digits, char *buffer);
/* %.<decimals>e, 0 <= decimals <= 16; 0 is "0". */
char *fs_text_power(double value, int decimals, char *buffer);
/* The fewest of 15, 16 or 17 digits that read back as the same double: 0.1, not 0.10000000000000001. */
char *fs_text_short(double value, char *buffer);

/* A number as printf wrote it in whatever locale: what stands where the decimal point belongs becomes '.'.  Returns number. */
char *fs_text_point(char *number);

/* text as one line of valid UTF-8 in out (size bytes, size >= 4, terminated): control characters become blanks, bytes that
 * are no UTF-8 become '?', what does not fit ends in "...".  NULL gives "". */
char *fs_text_line(const char *text, size_t size, char *out);

/* Length in bytes of the UTF-8 character at text (1 to 4), 0 when there is none. */
size_t fs_text_character(const char *text);

#endif
