/* base/number.c -- decimal numbers as text, the same in every locale
 *
 *   number   = [sign] (whole ["." digits*] | "." digits+) [("e" | "E") [sign] digits+]
 *   whole    = "0" | nonzero digit, digits*
 *
 * %.17g is enough to read the same double back (IEEE 754 binary64: 17 significant digits).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/files.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *past_digits(const char *c)
{
    while (*c >= '0' && *c <= '9') c++;
    return c;
}

static const char *past_sign(const char *c)
{
    return *c == '+' || *c == '-' ? c + 1 : c;
}

/* Whether the whole text is a number of the grammar above. */
static int is_number(const char *text)
{
    const char *whole = past_sign(text), *c = past_digits(whole);
    size_t digits = (size_t)(c - whole);
    if (digits > 1 && *whole == '0') return 0;
    if (*c == '.') {
        const char *end = past_digits(c + 1);
        digits += (size_t)(end - (c + 1));
        c = end;
    }
    if (!digits) return 0;
    if (*c == 'e' || *c == 'E') {
        const char *exponent = past_sign(c + 1);
        c = past_digits(exponent);
        if (c == exponent) return 0;
    }
    return !*c;
}

fs_status fs_number_parse(const char *text, double *value)
{
    if (!is_number(text)) return FS_EINPUT;
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!plain) return FS_ENOMEM;
    double x = strtod_l(text, NULL, plain);
    freelocale(plain);
    if (!isfinite(x)) return FS_EINPUT;
    *value = x;
    return FS_OK;
}

char *fs_number_format(double value, char *buffer)
{
    if (isnan(value)) return strcpy(buffer, "nan");
    if (isinf(value)) return strcpy(buffer, value > 0.0 ? "inf" : "-inf");
    snprintf(buffer, 32, "%.17g", value);
    /* Whatever is neither digit, sign nor exponent is the locale's decimal point, of one or more bytes. */
    size_t before = strspn(buffer, "0123456789+-e");
    if (buffer[before]) {
        size_t point = strcspn(buffer + before, "0123456789+-e");
        char *after = buffer + before + point;
        buffer[before] = '.';
        memmove(buffer + before + 1, after, strlen(after) + 1);
    }
    return buffer;
}
