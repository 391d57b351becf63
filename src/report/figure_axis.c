/* report/figure_axis.c -- axes: ranges, and ticks of those that are linear near zero and logarithmic beyond
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/figure_plan.h"

#include "report/text.h"

#include <math.h>

void fs_figure_include(fs_figure_range *r, double value, int logarithmic)
{
    if (!isfinite(value) || (logarithmic && !(value > 0.0))) return;
    if (!(r->low <= value)) r->low = value;
    if (!(r->high >= value)) r->high = value;
}

double fs_figure_decade(double value)
{
    return pow(10.0, floor(log10(value) + 1e-9));
}

/* gnuplot reads a word as a number only where that has a point: 1.0e-05, not 1e-05. */
const char *fs_figure_tick(double value, char buffer[FS_TEXT_NUMBER])
{
    return fs_text_power(value, 5, buffer);
}

/* 0, -1, 1, -10, 10: the decades of an asinh axis from low to high, finer where there are few, every second one where there are many. */
static void set_ticks(FILE *stream, double low, double high, double scale)
{
    static const double fine[] = { 1.0, 2.0, 5.0 }, middle[] = { 1.0, 3.0 };
    char number[FS_TEXT_NUMBER];
    int decades = (int)(log10((high > -low ? high : -low) / scale) + 1e-9), step = decades > 5 ? 2 : 1;
    const double *factor = decades < 2 ? fine : middle;
    size_t n = decades < 2 ? 3 : decades == 2 ? 2 : 1;
    fputs("ticks = '0", stream);
    for (int k = decades > 2; k <= decades; k += step)          /* +-scale itself would stand on the 0 */
        for (size_t i = 0; i < n; i++)
            for (int sign = -1; sign < 2; sign += 2) {
                double value = sign * factor[i] * scale * pow(10.0, k);
                if (value >= low && value <= high) fprintf(stream, " %s", fs_figure_tick(value, number));
            }
    fputs("'\n", stream);
}

void fs_figure_set_axis(FILE *stream, fs_figure_range r, double scale)
{
    fs_figure_set_number(stream, "scale", scale);
    fs_figure_set_number(stream, "low", r.low);
    fs_figure_set_number(stream, "high", r.high);
    if (scale > 0.0) set_ticks(stream, r.low, r.high, scale);
    else fputs("ticks = ''\n", stream);
}
