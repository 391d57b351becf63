/* report/text.c -- numbers and foreign text as people read them, the same in every locale
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/text.h"

#include "base/files.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

char *fs_text_point(char *number)
{
    char *separator = number + strspn(number, "+-0123456789");
    if (*separator && *separator != '.' && *separator != 'e') {
        size_t length = strcspn(separator, "0123456789e");
        memmove(separator + 1, separator + length, strlen(separator + length) + 1);
        *separator = '.';
    }
    return number;
}

/* "nan", "inf" or "-inf", or NULL for a finite value. */
static const char *not_finite(double value)
{
    if (isnan(value)) return "nan";
    if (isinf(value)) return value > 0 ? "inf" : "-inf";
    return NULL;
}

char *fs_text_real(double value, int digits, char *buffer)
{
    const char *word = not_finite(value);
    if (word) return strcpy(buffer, word);
    snprintf(buffer, FS_TEXT_NUMBER, "%.*g", digits, value);
    return fs_text_point(buffer);
}

char *fs_text_power(double value, int decimals, char *buffer)
{
    const char *word = not_finite(value);
    if (word) return strcpy(buffer, word);
    if (value <= 0 && value >= 0) return strcpy(buffer, "0");
    snprintf(buffer, FS_TEXT_NUMBER, "%.*e", decimals, value);
    return fs_text_point(buffer);
}

char *fs_text_short(double value, char *buffer)
{
    for (int digits = 15; digits < 17; digits++) {
        double back;
        if (fs_number_parse(fs_text_real(value, digits, buffer), &back) == FS_OK && memcmp(&back, &value, sizeof back) == 0) return buffer;
    }
    return fs_text_real(value, 17, buffer);
}

size_t fs_text_character(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    size_t length = c[0] < 0x80 ? 1 : c[0] >= 0xc2 && c[0] < 0xe0 ? 2 : c[0] >= 0xe0 && c[0] < 0xf0 ? 3 : c[0] >= 0xf0 && c[0] < 0xf5 ? 4 : 0;
    for (size_t i = 1; i < length; i++)
        if ((c[i] & 0xc0) != 0x80) return 0;
    /* overlong forms, surrogates, and what lies beyond U+10FFFF */
    if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f) || (c[0] == 0xf0 && c[1] < 0x90) || (c[0] == 0xf4 && c[1] > 0x8f)) return 0;
    return length;
}

char *fs_text_line(const char *text, size_t size, char *out)
{
    size_t used = 0, room = size - 4;       /* "..." and the terminator always fit */
    size_t cut = 0;                         /* how much of out stays when it must be cut */
    if (!text) text = "";
    while (*text) {
        size_t length = fs_text_character(text), step = length ? length : 1;
        if (used + step >= size) {
            strcpy(out + cut, "...");
            return out;
        }
        if (length == 1) out[used] = (unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text;
        else if (length) memcpy(out + used, text, length);
        else out[used] = '?';
        used += step;
        text += step;
        if (used <= room) cut = used;
    }
    out[used] = 0;
    return out;
}
