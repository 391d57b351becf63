/* report/figure_phase.c -- the picture of a phase plane: one panel a gamma, stationary points by their computed eigenvalues
 *
 * The grid is written once, at gamma = 0; the script subtracts gamma times the coordinates across E.  Panels, key and lines of text are laid out here, in
 * pixels: a panel is as tall as it is wide, and the key has what is drawn and nothing else.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/phase.h"

#include "base/files.h"
#include "report/figure_plan.h"
#include "report/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    WIDE = 1200, NARROW = 700,                  /* pixels: several panels, one */
    LEFT = 112, GAP = 46, TICK_ROOM = 60, TALLEST = 440, TITLE = 62, LINE = 30, PANEL_TITLE = 42, TICKS = 42, LABEL = 44, KEY_LINE = 34,
    LETTER = 12, SAMPLE = 52, BETWEEN = 22,     /* a letter; of the key: the sample in front of the text, the blank behind it */
    ROUND = 120, MOST_LINES = 12, LINE_SIZE = 200, WORDS = 400, WORD = 80, MOST_TICKS = 12
};
static const double finest = 5e-4;      /* relative to a panel: what no eye tells apart */
static const double half_E = 4.0;        /* pixels: what the line E covers on either side */
static const double rounding = 1e-13;   /* a field below this, relative to the fastest of all panels, */
static const double no_component = 1e-10;   /* a component nowhere above this is rounding everywhere */
static const double underflow = 1e-290; /* or below this has neither direction nor sign */

typedef struct { size_t n; char text[MOST_LINES][LINE_SIZE]; } lines;

/* What the panels have, in the order of the key. */
typedef enum {
    KEY_E, KEY_TUBE, KEY_PATH, KEY_START, KEY_SEPARATRIX, KEY_STREAMLINE, KEY_NULLCLINE_A, KEY_NULLCLINE_B, KEY_SINK, KEY_SOURCE, KEY_SADDLE, KEY_UNDECIDED,
    KEY_SPEED, KEY_COUNT
} key_entry;
static const char *const key_word[KEY_COUNT] = {
    "E", "tube", "path", "start", "separatrix", "streamline", "nullcline_a", "nullcline_b", "sink", "source", "saddle", "undecided", "speed",
};

/* Those inside the window; the label of one without room is empty. */
typedef struct {
    size_t n;
    double widest;              /* pixels, of all labels */
    double at[MOST_TICKS];
    char label[MOST_TICKS][FS_TEXT_NUMBER];
} ticks;

typedef struct {
    const fs_report_head *head;
    const fs_phase *phase;
    size_t columns, rows;
    int width, side, left, gap, row_height, label_b;    /* pixels; label_b: where that label stands */
    ticks tick[2];
    lines subtitle, notes;
    int drawn[KEY_COUNT];
    double fastest;                         /* |F| over all panels */
} phase_figure;

/* --- geometry ------------------------------------------------------------------------------- */

static double span(const double window[4], int k)
{
    return window[2 * k + 1] - window[2 * k];
}

static int inside(const double window[4], const double place[2])
{
    return place[0] >= window[0] && place[0] <= window[1] && place[1] >= window[2] && place[1] <= window[3];
}

/* Distance on the screen, relative to a panel's side. */
static double apart(const double window[4], const double p[2], const double q[2])
{
    return hypot((p[0] - q[0]) / span(window, 0), (p[1] - q[1]) / span(window, 1));
}

/* The field at node (i along a, j along b), at gamma. */
static void field_at(const fs_phase *phase, double gamma, size_t i, size_t j, double F[2])
{
    const double *at = phase->field + 2 * (j * phase->grid + i);
    for (int k = 0; k < 2; k++) F[k] = at[k] - gamma * (phase->penalty[k][0] * phase->a[i] + phase->penalty[k][1] * phase->b[j]);
}

static double fastest_at(const fs_phase *phase, double gamma)
{
    double fastest = 0.0, F[2];
    for (size_t j = 0; j < phase->grid; j++)
        for (size_t i = 0; i < phase->grid; i++) {
            field_at(phase, gamma, i, j, F);
            double speed = hypot(F[0], F[1]);
            if (speed > fastest && isfinite(speed)) fastest = speed;
        }
    return fastest;
}

static double fastest_of(const fs_phase *phase)
{
    double fastest = 0.0;
    for (size_t k = 0; k < phase->n_panels; k++) {
        double here = phase->panel[k].still ? 0.0 : fastest_at(phase, phase->panel[k].gamma);
        if (here > fastest) fastest = here;
    }
    return fastest;
}

/* The speed from which on a field is more than rounding. */
static double slightest(double fastest)
{
    return fastest * rounding > underflow ? fastest * rounding : underflow;
}

/* Nothing moves beyond rounding: what streamlines there are follow that. */
static int is_still(const phase_figure *f, const fs_phase_panel *p)
{
    return p->still || !(fastest_at(f->phase, p->gamma) >= slightest(f->fastest));
}

/* --- nullclines ------------------------------------------------------------------------------------ */

/* Where component k vanishes at one gamma: by its signs at the nodes, along the edges of the grid between them. */
typedef struct {
    size_t n;
    const double *a, *b;
    double *value;              /* (n, n) [b][a]; NaN: no sign */
    size_t (*next)[2];          /* (n, n, 2): the edge from a node along a, along b; the neighbours of its crossing on the line, 1 + edge; 0: none */
} zero_lines;

static void zero_lines_clear(zero_lines *z)
{
    free(z->value);
    free(z->next);
}

/* Along a line E that the flow keeps it has no component across: there b' / b, which is b' = 0 without E itself. */
static double component(const fs_phase *phase, double gamma, size_t i, size_t j, int k, double least)
{
    double F[2];
    field_at(phase, gamma, i, j, F);
    if (!isfinite(F[k])) return (double)NAN;
    const int over = k == 1 && phase->E_kept;
    if (over && !(fabs(phase->b[j]) > 1e-9 * span(phase->window, 1))) return (double)NAN;
    return fabs(F[k]) < least ? 0.0 : over ? F[1] / phase->b[j] : F[k];
}

/* Both signs are around it: the line goes through the node itself. */
static int between_signs(const double *value, size_t n, size_t i, size_t j)
{
    int positive = 0, negative = 0;
    for (size_t y = j ? j - 1 : 0; y <= j + 1 && y < n; y++)
        for (size_t x = i ? i - 1 : 0; x <= i + 1 && x < n; x++) {
            positive |= value[y * n + x] > 0.0;
            negative |= value[y * n + x] < 0.0;
        }
    return positive && negative;
}

static void join(zero_lines *z, size_t one, size_t other)
{
    z->next[one][z->next[one][0] != 0] = other + 1;
    z->next[other][z->next[other][0] != 0] = one + 1;
}

/* What the zeros do inside the cell whose lowest node is (i, j). */
static void cross_cell(zero_lines *z, size_t i, size_t j)
{
    const size_t n = z->n, at = j * n + i, edge[4] = { 2 * at, 2 * (at + 1) + 1, 2 * (at + n), 2 * at + 1 };       /* below, right, above, left */
    const double v[4] = { z->value[at], z->value[at + 1], z->value[at + n + 1], z->value[at + n] };                /* around */
    size_t crossed[4], count = 0;
    for (int e = 0; e < 4; e++) {
        if (isnan(v[e])) return;
        if ((v[e] < 0.0) != (v[(e + 1) % 4] < 0.0)) crossed[count++] = edge[e];
    }
    if (count == 2) join(z, crossed[0], crossed[1]);
    if (count < 4) return;
    int through = (v[0] + v[1] + v[2] + v[3] < 0.0) == (v[0] < 0.0);       /* the middle belongs to the lowest node */
    join(z, edge[0], edge[through ? 1 : 3]);
    join(z, edge[2], edge[through ? 3 : 1]);
}

/* The size from which on component k has a sign; infinite where it is rounding everywhere. */
static double least_component(const phase_figure *f, const fs_phase_panel *p, int k)
{
    const fs_phase *phase = f->phase;
    double F[2];
    for (size_t j = 0; j < phase->grid && !p->still; j++)
        for (size_t i = 0; i < phase->grid; i++) {
            field_at(phase, p->gamma, i, j, F);
            if (fabs(F[k]) > no_component * f->fastest) return slightest(f->fastest);
        }
    return (double)INFINITY;
}

/* Needs memory; without it there are no lines (n = 0). */
static void zero_lines_find(zero_lines *z, const phase_figure *f, const fs_phase_panel *p, int k)
{
    const fs_phase *phase = f->phase;
    const size_t n = phase->grid, nodes = n * n;
    const double least = least_component(f, p, k);
    double *raw = fs_calloc(nodes, sizeof *raw);
    *z = (zero_lines){ n, phase->a, phase->b, fs_calloc(nodes, sizeof *z->value), fs_calloc(nodes, 2 * sizeof *z->next) };
    if (!raw || !z->value || !z->next) {
        zero_lines_clear(z);
        *z = (zero_lines){ 0 };
        free(raw);
        return;
    }
    for (size_t at = 0; at < nodes; at++) raw[at] = component(phase, p->gamma, at % n, at / n, k, least);
    for (size_t at = 0; at < nodes; at++)
        z->value[at] = fabs(raw[at]) > 0.0 || between_signs(raw, n, at % n, at / n) ? raw[at] : (double)NAN;
    for (size_t j = 0; j + 1 < n; j++)
        for (size_t i = 0; i + 1 < n; i++) cross_cell(z, i, j);
    free(raw);
}

static int has_zero_lines(const zero_lines *z)
{
    int found = 0;
    for (size_t e = 0; e < 2 * z->n * z->n; e++) found |= z->next[e][0] != 0;
    return found;
}

static int has_nullcline(const phase_figure *f, const fs_phase_panel *p, int k)
{
    zero_lines z;
    zero_lines_find(&z, f, p, k);
    int found = has_zero_lines(&z);
    zero_lines_clear(&z);
    return found;
}

/* Where edge e is crossed. */
static void crossing(const zero_lines *z, size_t e, double place[2])
{
    const size_t at = e / 2, i = at % z->n, j = at / z->n, to = e % 2 ? at + z->n : at + 1;
    const double t = z->value[at] / (z->value[at] - z->value[to]);
    place[0] = z->a[i] + (e % 2 ? 0.0 : t * (z->a[i + 1] - z->a[i]));
    place[1] = z->b[j] + (e % 2 ? t * (z->b[j + 1] - z->b[j]) : 0.0);
}

/* The line that crosses edge e, from there on; its crossings are taken out. */
static size_t follow(zero_lines *z, size_t e, double *place)
{
    size_t count = 0, first = e + 1, from = 0;
    for (size_t here = first; here; count++) {
        size_t *next = z->next[here - 1], to = next[0] && next[0] != from ? next[0] : next[1] != from ? next[1] : 0;
        crossing(z, here - 1, place + 2 * count);
        next[0] = next[1] = 0;
        from = here;
        here = to && (z->next[to - 1][0] || z->next[to - 1][1]) ? to : 0;
        if (!here && to == first && count > 1) {        /* closed */
            memcpy(place + 2 * (count + 1), place, 2 * sizeof *place);
            return count + 2;
        }
    }
    return count;
}

/* --- data -------------------------------------------------------------------------------------- */

/* A head of this size relative to the panel, its tip at `to`, in the direction from `from`. */
static void arrow_row(FILE *stream, const double window[4], const double from[2], const double to[2], double size)
{
    double length = apart(window, from, to);
    if (!(length > 0.0) || !inside(window, to)) return;
    double d[2] = { size * (to[0] - from[0]) / length, size * (to[1] - from[1]) / length };
    fs_figure_row(stream, 4, (const double[]){ to[0] - d[0], to[1] - d[1], d[0], d[1] });
}

static void polyline(FILE *stream, const double window[4], size_t n, const double *place)
{
    const double *last = NULL;
    if (!n) return;             /* another blank line would end the block */
    for (size_t i = 0; i < n; i++) {
        const double *p = place + 2 * i;
        if (last && i + 1 < n && !(apart(window, last, p) > finest)) continue;
        fs_figure_row(stream, 2, p);
        last = p;
    }
    fputc('\n', stream);
}

/* Open lines first, from an end; then closed ones. */
static void nullcline_block(FILE *stream, const phase_figure *f, size_t panel, int k)
{
    zero_lines z;
    zero_lines_find(&z, f, &f->phase->panel[panel], k);
    const size_t edges = 2 * z.n * z.n;
    double *place = fs_calloc(edges + 2, 2 * sizeof *place);
    fprintf(stream, "# nullcline %c %zu;\n", k ? 'b' : 'a', panel);
    for (int closed = 0; place && closed < 2; closed++)
        for (size_t e = 0; e < edges; e++)
            if (z.next[e][0] && (closed || !z.next[e][1])) polyline(stream, f->phase->window, follow(&z, e, place), place);
    fputs("\n\n", stream);
    free(place);
    zero_lines_clear(&z);
}

/* The vertices from `from` on that the line E covers. */
static size_t covered(const phase_figure *f, const fs_streamline *line, size_t from)
{
    const double most = half_E / f->side * span(f->phase->window, 1);
    size_t n = 0;
    while (f->drawn[KEY_E] && f->phase->E == FS_E_LINE && from + n < line->n && fabs(line->place[2 * (from + n) + 1]) < most) n++;
    return n;
}

static int has_covered(const phase_figure *f, const fs_phase_panel *p)
{
    for (size_t i = 0; i < p->n_separatrices; i++)
        for (size_t from = 0; from < p->separatrix[i].n; from++)
            if (covered(f, &p->separatrix[i], from) > 1) return 1;
    return 0;
}

/* The parts of separatrices that E would cover: they are drawn on it. */
static void covered_block(FILE *stream, const phase_figure *f, size_t panel)
{
    const fs_phase_panel *p = &f->phase->panel[panel];
    fprintf(stream, "# separatrix on E %zu;\n", panel);
    for (size_t i = 0; i < p->n_separatrices; i++)
        for (size_t from = 0, n; from < p->separatrix[i].n; from += n + 1) {
            n = covered(f, &p->separatrix[i], from);
            if (n > 1) polyline(stream, f->phase->window, n, p->separatrix[i].place + 2 * from);
        }
    fputs("\n\n", stream);
}

static void line_blocks(FILE *stream, const fs_phase *phase, const char *name, size_t panel, size_t n, const fs_streamline *line, double head)
{
    fprintf(stream, "# %s %zu;\n", name, panel);
    for (size_t i = 0; i < n; i++) polyline(stream, phase->window, line[i].n, line[i].place);
    fprintf(stream, "\n\n# %s heads %zu;\n", name, panel);
    for (size_t i = 0; i < n; i++) {
        size_t at = line[i].arrow;
        if (at > 0 && at < line[i].n) arrow_row(stream, phase->window, line[i].place + 2 * (at - 1), line[i].place + 2 * at, head);
    }
    fputs("\n\n", stream);
}

/* The vertex half way along what is seen of a path; 0 where that is too short for an arrow. */
static size_t half_way(const double window[4], const fs_phase_path *p)
{
    double total = 0.0, half = 0.0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 1; i < p->n; i++) {
            const double *q = p->place + 2 * i;
            if (!inside(window, q) || !inside(window, q - 2)) continue;
            *(pass ? &half : &total) += apart(window, q - 2, q);
            if (pass && 2.0 * half >= total) return total > 0.06 ? i : 0;
        }
    return 0;
}

static void path_blocks(FILE *stream, const fs_phase *phase, size_t panel)
{
    const fs_phase_panel *p = &phase->panel[panel];
    fprintf(stream, "# path %zu;\n", panel);
    for (size_t i = 0; i < p->n_paths; i++) polyline(stream, phase->window, p->path[i].n, p->path[i].place);
    fprintf(stream, "\n\n# path heads %zu;\n", panel);
    for (size_t i = 0; i < p->n_paths; i++) {
        size_t at = half_way(phase->window, &p->path[i]);
        if (at) arrow_row(stream, phase->window, p->path[i].place + 2 * (at - 1), p->path[i].place + 2 * at, 0.035);
    }
    fprintf(stream, "\n\n# start %zu;\n", panel);
    for (size_t i = 0; i < p->n_paths; i++)
        if (p->path[i].n) fs_figure_row(stream, 2, p->path[i].place);
    fputs("\n\n", stream);
}

static key_entry glyph(const fs_phase_point *p)
{
    const fs_point kind = fs_phase_point_kind(p);
    return kind == FS_POINT_MINIMUM ? KEY_SINK : kind == FS_POINT_MAXIMUM ? KEY_SOURCE : kind == FS_POINT_SADDLE ? KEY_SADDLE : KEY_UNDECIDED;
}

static void point_block(FILE *stream, const fs_phase *phase, size_t panel)
{
    const fs_phase_panel *p = &phase->panel[panel];
    fprintf(stream, "# points %zu;\n", panel);
    for (size_t i = 0; i < p->n_points; i++)
        fs_figure_row(stream, 3, (const double[]){ p->point[i].place[0], p->point[i].place[1], (double)(glyph(&p->point[i]) - KEY_SINK) });
    fputs("\n\n", stream);
}

/* E in the plane, and the edge of the band around it; the vertical edges of a strip lie outside the window. */
static void E_blocks(FILE *stream, const phase_figure *f)
{
    const fs_phase *phase = f->phase;
    const double *window = phase->window, wide = span(window, 0), r = phase->tube;
    const double strip[4][2] = { { window[0] - wide, -r }, { window[1] + wide, -r }, { window[1] + wide, r }, { window[0] - wide, r } };
    if (f->drawn[KEY_E]) {
        fputs("# E;\n", stream);
        fs_figure_row(stream, 4, (const double[]){ phase->E == FS_E_LINE ? window[0] : 0.0, 0.0, phase->E == FS_E_LINE ? wide : 0.0, 0.0 });
        fputs("\n\n", stream);
    }
    if (!f->drawn[KEY_TUBE]) return;
    fputs("# tube;\n", stream);
    for (size_t i = 0; i <= (phase->E == FS_E_LINE ? 4u : ROUND); i++) {
        double turn = 2.0 * M_PI * (double)(i % ROUND) / ROUND;
        fs_figure_row(stream, 2, phase->E == FS_E_LINE ? strip[i % 4] : (const double[]){ r * cos(turn), r * sin(turn) });
    }
    fputs("\n\n", stream);
}

static void grid_block(FILE *stream, const fs_phase *phase)
{
    fputs("# grid;\n", stream);
    for (size_t j = 0; j < phase->grid; j++) {
        for (size_t i = 0; i < phase->grid; i++) {
            const size_t at = j * phase->grid + i;
            const double value[] = { phase->a[i], phase->b[j], phase->risk[at], phase->field[2 * at], phase->field[2 * at + 1] };
            char number[FS_TEXT_NUMBER];
            for (size_t k = 0; k < 5; k++) fprintf(stream, "%s%s", k ? " " : "", fs_text_real(value[k], 10, number));
            fputc('\n', stream);
        }
        fputc('\n', stream);
    }
}

static void data(FILE *stream, void *context)
{
    const phase_figure *f = context;
    fputs("# blocks: streamline K, separatrix K, path K (a, b; a blank line between two), their heads K (a, b, da, db: a short vector that ends at the tip),\n"
          "# nullcline a K, nullcline b K, separatrix on E K (a, b), start K (a, b), E (a, b, da, db), tube (a, b), points K (a, b, 0 sink, 1 source, 2 saddle, 3 undecided),\n"
          "# grid (a, b, risk, a', b' at gamma = 0); panels K count from 0\n\n\n", stream);
    for (size_t k = 0; k < f->phase->n_panels; k++) {
        const fs_phase_panel *p = &f->phase->panel[k];
        if (p->streamlines) line_blocks(stream, f->phase, "streamline", k, p->streamlines->n, p->streamlines->line, 0.024);
        line_blocks(stream, f->phase, "separatrix", k, p->n_separatrices, p->separatrix, 0.03);
        covered_block(stream, f, k);
        for (int c = 0; c < 2; c++) nullcline_block(stream, f, k, c);
        path_blocks(stream, f->phase, k);
        point_block(stream, f->phase, k);
    }
    E_blocks(stream, f);
    grid_block(stream, f->phase);
}

/* --- words --------------------------------------------------------------------------------------- */

static size_t letters(const char *text)
{
    size_t n = 0;
    for (; *text; text++) n += (*text & 0xc0) != 0x80;
    return n;
}

/* Cuts a line of at most `most` letters off, at a blank; at least a word. */
static const char *cut_line(const char *text, size_t most, char line[LINE_SIZE])
{
    for (line[0] = 0; *text; text += strspn(text, " ")) {
        size_t length = strcspn(text, " "), used = strlen(line);
        char word[LINE_SIZE];
        while (strncmp(text + length, " = ", 3) == 0) length += 3 + strcspn(text + length + 3, " ");
        snprintf(word, sizeof word, "%.*s", (int)length, text);
        if (used && (letters(line) + 1 + letters(word) > most || used + length + 2 > LINE_SIZE)) break;
        snprintf(line + used, LINE_SIZE - used, "%s%s", used ? " " : "", word);
        text += length;
    }
    return text;
}

static size_t count_lines(const char *text, size_t most)
{
    char line[LINE_SIZE];
    size_t n = 0;
    for (; *text; n++) text = cut_line(text, most, line);
    return n;
}

/* text as as few lines of at most `most` letters as will do, these as even as they can be: no word is left alone on the last. */
static void add_lines(lines *l, size_t most, const char *text)
{
    size_t narrow = most;
    while (narrow > 1 && count_lines(text, narrow - 1) == count_lines(text, most)) narrow--;
    while (*text && l->n < MOST_LINES) text = cut_line(text, narrow, l->text[l->n++]);
}

static size_t letters_a_line(const phase_figure *f)
{
    return (size_t)(f->width - 40) / LETTER;
}

static int every_distance(const fs_phase *phase, double *distance)
{
    int same = phase->n_panels && phase->panel[0].n_paths;
    for (size_t i = 0; same && i < phase->panel[0].n_paths; i++) {
        double here = phase->panel[0].path[i].distance;
        if (i && (here < *distance || here > *distance)) same = 0;
        *distance = here;
    }
    return same;
}

static void describe_starts(const phase_figure *f, size_t size, char *text)
{
    const fs_phase_panel *p = f->phase->n_panels ? &f->phase->panel[0] : NULL;
    if (!p || !p->n_paths) snprintf(text, size, "no path");
    else if (f->head->weights) snprintf(text, size, "weights from a file");
    else if (p->n_paths == 1) snprintf(text, size, "seed %" PRIu64, p->path[0].seed);
    else snprintf(text, size, "%zu starts", p->n_paths);
}

static void set_subtitle(phase_figure *f)
{
    const fs_phase *phase = f->phase;
    char text[WORDS], starts[60], number[FS_TEXT_NUMBER], centre[sizeof phase->centre_text];
    describe_starts(f, sizeof starts, starts);
    snprintf(text, sizeof text, "%.60s, dim E = %zu, dim N = %zu; %s flow, %s", f->head->group ? f->head->group : "", f->head->dim_E, f->head->dim_N,
             fs_flow_name(phase->kind), starts);
    add_lines(&f->subtitle, letters_a_line(f), text);
    if (phase->exact) return;
    snprintf(text, sizeof text, "a plane through %s", *phase->centre_text ? fs_text_line(phase->centre_text, sizeof centre, centre) : "a point of E");
    add_lines(&f->subtitle, letters_a_line(f), text);
    if (isnan(phase->fraction)) return;
    snprintf(text, sizeof text, "%s %% of the motion lies in this plane%s", fs_text_real(phase->fraction < 1e-6 ? 0.0 : 100.0 * phase->fraction, 3, number),
             fs_phase_motion_shows_more(phase) ? " (--plane motion shows more)" : "");
    add_lines(&f->subtitle, letters_a_line(f), text);
}

/* "0.5", "1.2·10⁻⁹": powers of ten as they are set. */
static const char *number_word(double value, int digits, char buffer[WORD])
{
    static const char *const raised[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };
    char number[FS_TEXT_NUMBER];
    fs_text_real(fabs(value), digits, number);
    char *e = strchr(number, 'e');
    size_t used = (size_t)snprintf(buffer, WORD, "%s%.*s", value < 0.0 ? "−" : "", e ? (int)(e - number) : FS_TEXT_NUMBER, number);
    if (!e) return buffer;
    used += (size_t)snprintf(buffer + used, WORD - used, "·10%s", e[1] == '-' ? "⁻" : "");
    for (const char *c = e + 2 + strspn(e + 2, "0"); *c; c++) used += (size_t)snprintf(buffer + used, WORD - used, "%s", raised[*c - '0']);
    return buffer;
}

/* Long decimals are for tables. */
static const char *gamma_word(double gamma, char buffer[WORD])
{
    char number[FS_TEXT_NUMBER];
    return number_word(gamma, strlen(fs_text_short(gamma, number)) <= 7 ? 15 : 4, buffer);
}

/* "text γ = 0, 0.3", the gammas of those panels that have it; nothing where none has. */
static void note_panels(phase_figure *f, const char *text, int (*has)(const fs_phase *phase, const fs_phase_panel *p))
{
    char line[WORDS], number[WORD];
    size_t count = 0, used = (size_t)snprintf(line, sizeof line, "%s", text);
    for (size_t k = 0; k < f->phase->n_panels; k++)
        if (has(f->phase, &f->phase->panel[k]) && used + WORD < sizeof line)
            used += (size_t)snprintf(line + used, sizeof line - used, "%s%s", count++ ? ", " : " at γ = ", gamma_word(f->phase->panel[k].gamma, number));
    if (!count) return;
    if (count == f->phase->n_panels) used = (size_t)snprintf(line, sizeof line, "%s", text);
    snprintf(line + used, sizeof line - used, ".");
    add_lines(&f->notes, letters_a_line(f), line);
}

/* How far from the plane the starts lie, which are the same in every panel. */
static void note_starts(phase_figure *f)
{
    const fs_phase_panel *p = f->phase->n_panels ? &f->phase->panel[0] : NULL;
    double farthest = 0.0;
    char text[WORDS], number[WORD];
    for (size_t i = 0; p && i < p->n_paths; i++)
        if (p->path[i].start_off_plane > farthest) farthest = p->path[i].start_off_plane;
    if (f->phase->exact || !(farthest > 1e-9 * hypot(span(f->phase->window, 0), span(f->phase->window, 1)))) return;
    snprintf(text, sizeof text, "%s %s off this plane.", p->n_paths == 1 ? "The start lies" : "Starts lie up to", number_word(farthest, 3, number));
    add_lines(&f->notes, letters_a_line(f), text);
}

static int no_points(const fs_phase *phase, const fs_phase_panel *p)
{
    (void)phase;
    return !p->n_points && !p->more_points;
}

static int off_plane(const fs_phase *phase, const fs_phase_panel *p)
{
    (void)phase;
    return p->off_plane > 0;
}

static int more_points(const fs_phase *phase, const fs_phase_panel *p)
{
    (void)phase;
    return p->more_points;
}

static int start_outside(const fs_phase *phase, const fs_phase_panel *p)
{
    int outside = 0;
    for (size_t i = 0; i < p->n_paths; i++) outside |= p->path[i].n && !inside(phase->window, p->path[i].place);
    return outside;
}

static int path_failed(const fs_phase *phase, const fs_phase_panel *p)
{
    int failed = 0;
    (void)phase;
    for (size_t i = 0; i < p->n_paths; i++) failed |= p->path[i].code != FS_OK;
    return failed;
}

static void set_notes(phase_figure *f)
{
    const fs_phase *phase = f->phase;
    const size_t most = letters_a_line(f);
    if (f->head->dim_E == 0) add_lines(&f->notes, most, "dim E = 0: E is the origin alone.");
    if (f->head->dim_N == 0) add_lines(&f->notes, most, "dim N = 0: all of L is E, and γ acts on nothing.");
    if (!phase->exact) add_lines(&f->notes, most, "Streamlines are those of the objective restricted to the plane; paths are projected onto it.");
    note_starts(f);
    note_panels(f, phase->exact ? "No stationary point in the window" : "No stationary point is known in the window", no_points);
    note_panels(f, "Stationary points off this plane were found and are not shown", off_plane);
    note_panels(f, "There are more stationary points than shown", more_points);
    note_panels(f, "A start lies outside the window", start_outside);
    note_panels(f, "The integration of a path failed before its end", path_failed);
    if (phase->stopped) add_lines(&f->notes, most, "Interrupted: not all that was asked for is here.");
}

/* --- panel titles ------------------------------------------------------------------------------------ */

static void judged_words(const fs_phase_panel *p, size_t size, char *text)
{
    static const char *const words[FS_ATTRACTION_COUNT] = {
        [FS_ATTRACTED] = "attracted to E", [FS_ESCAPED] = "rests off E", [FS_AWAY] = "away at the end", [FS_ATTRACTION_UNDECIDED] = "undecided",
    };
    size_t attracted = 0;
    for (size_t i = 0; i < p->n_paths; i++) attracted += p->path[i].outcome == FS_ATTRACTED;
    if (p->n_paths == 1) snprintf(text, size, ": %s", words[p->path[0].outcome]);
    else snprintf(text, size, ": %zu of %zu attracted", attracted, p->n_paths);
}

static void distance_words(const fs_phase_panel *p, size_t size, char *text)
{
    fs_figure_range end = { (double)NAN, (double)NAN };
    char a[WORD], b[WORD];
    for (size_t i = 0; i < p->n_paths; i++) fs_figure_include(&end, p->path[i].distance_end, 0);
    text[0] = 0;
    if (!(end.low <= end.high)) return;
    if (p->n_paths == 1) snprintf(text, size, ": |Y| %s → %s", number_word(p->path[0].distance, 2, a), number_word(end.low, 2, b));
    else snprintf(text, size, ": |Y| ends at %s to %s", number_word(end.low, 2, a), number_word(end.high, 2, b));
}

static void set_panel_title(FILE *stream, const phase_figure *f, size_t k)
{
    const fs_phase_panel *p = &f->phase->panel[k];
    char words[2 * WORD + 40] = "", text[4 * WORD], name[40], number[WORD];
    int judged = p->n_paths > 0;
    for (size_t i = 0; i < p->n_paths; i++) judged &= p->path[i].judged != 0;
    if (p->n_paths && path_failed(f->phase, p)) snprintf(words, sizeof words, ": integration failed");
    else if (judged) judged_words(p, sizeof words, words);
    else if (f->phase->E != FS_E_ALL) distance_words(p, sizeof words, words);
    snprintf(text, sizeof text, "γ = %s%s", gamma_word(p->gamma, number), words);
    snprintf(name, sizeof name, "panel_title_%zu", k);
    fs_figure_set_text(stream, name, text, sizeof text);
}

/* --- axes ------------------------------------------------------------------------------------------------ */

/* "x" of "x, along E"; "a" of "lowest eigenvector of H_E". */
static const char *coordinate(const fs_phase *phase, int k, char buffer[8])
{
    const char *name = phase->axis[k].name;
    size_t length = strcspn(name, ",");
    snprintf(buffer, 8, "%.*s", (int)length, length && length <= 3 && name[length] ? name : k ? "b" : "a");
    return length && length <= 3 && name[length] ? buffer : k ? "b" : "a";
}

/* Own words, in which H_E and H_N are symbols; nothing else in them has a meaning as markup. */
static int has_symbol(const char *text)
{
    int found = 0;
    for (const char *c = text; *c; c++) {
        if (strchr("^{}@&~\\", *c)) return 0;
        if (*c != '_') continue;
        if (c == text || c[-1] != 'H' || (c[1] != 'E' && c[1] != 'N') || strchr(" ,", c[2]) == NULL) return 0;
        found = 1;
    }
    return found;
}

static void set_axis_label(FILE *stream, const phase_figure *f, int k)
{
    const fs_phase_axis *axis = &f->phase->axis[k];
    char letter[8], text[300], line[sizeof axis->name], number[WORD], curvature[WORD + 20] = "";
    const char *word = coordinate(f->phase, k, letter);
    fs_text_line(axis->name, sizeof line, line);
    int named = strncmp(line, word, strlen(word)) == 0 && line[strlen(word)] == ',';
    if (isfinite(axis->curvature)) {
        if (fabs(axis->curvature) > axis->curvature_error)
            snprintf(curvature, sizeof curvature, ", λ = %s", number_word(axis->curvature, 3, number));
        else snprintf(curvature, sizeof curvature, ", λ = 0 within its error");
    }
    if (named) snprintf(text, sizeof text, "%s%s", line, curvature);
    else snprintf(text, sizeof text, "%s: %s%s", word, line, curvature);
    fs_figure_set_text(stream, k ? "label_b" : "label_a", text, sizeof text);
    fprintf(stream, "markup_%c = '%s'\n", k ? 'b' : 'a', !f->phase->exact && has_symbol(text) ? "enhanced" : "noenhanced");
}

/* About the pixels that a tick's label is wide; an exponent is smaller and raised. */
static double label_width(const char *label)
{
    double width = 0.0;
    const char *e = strchr(label, 'e');
    for (const char *c = label; *c && c != e; c++) width += *c == '.' ? 7.5 : *c == '-' ? 19.0 : 14.4;
    if (e) width += (strncmp(label + (*label == '-'), "1e", 2) == 0 ? -14.4 : 19.0) + 28.8 + 11.5 * (double)strlen(e + 1);
    return width;
}

/* "0.5", "-1.5e-9": with the digits that a step needs, in powers of ten where all are large or small. */
static void tick_label(double value, double step, double largest, char label[FS_TEXT_NUMBER])
{
    const int size = (int)floor(log10(largest) + 1e-9), last = (int)floor(log10(step) + 1e-9), digits = size - last;
    if (fabs(value) < 0.5 * step) strcpy(label, "0");
    else if (size < -3 || (size > 4 && digits < 4)) {
        const int own = (int)floor(log10(fabs(value)) + 1e-9);
        char number[FS_TEXT_NUMBER];
        fs_text_real(value / pow(10.0, own), digits + 1 < 15 ? digits + 1 : 15, number);
        snprintf(label, FS_TEXT_NUMBER, "%.18se%d", number, own);
    } else fs_text_real(value, digits + 1 < 15 ? digits + 1 + (digits < 4) : 15, label);
}

static void set_ticks_at(ticks *t, const double range[2], double step)
{
    const double largest = fabs(range[0]) > fabs(range[1]) ? fabs(range[0]) : fabs(range[1]), first = ceil(range[0] / step - 1e-6);
    *t = (ticks){ 0 };
    for (double m = first; m * step <= range[1] + 1e-6 * step && t->n < MOST_TICKS; m++) {
        t->at[t->n] = m * step;
        tick_label(m * step, step, largest, t->label[t->n]);
        const double width = label_width(t->label[t->n++]);
        if (width > t->widest) t->widest = width;
    }
}

/* Steps of 1, 2 or 5 times a power of ten, so wide that labels have room: one beside the other (along a) or above it, and `over` beyond the ends. */
static void find_ticks(ticks *t, const double range[2], int pixels, int along, double over)
{
    static const double times[] = { 1, 2, 5 };
    const double length = range[1] - range[0], decade = fs_figure_decade(length * 45.0 / pixels);
    *t = (ticks){ 0 };
    for (int k = 0; k < 9; k++) {
        const double step = decade * pow(10.0, k / 3) * times[k % 3];
        const double room = pixels * step / length;
        if (room < 45.0) continue;
        ticks wider;
        set_ticks_at(&wider, range, step);
        if (wider.n < 2 && t->n >= 2) break;
        *t = wider;
        if (!along || t->widest + 24.0 <= room) break;
    }
    for (size_t i = 0; along && i < t->n; i++) {
        const double half = 0.5 * label_width(t->label[i]), from_left = pixels * (t->at[i] - range[0]) / length, from_right = pixels - from_left;
        if (half - from_left > over || half - from_right > over) t->label[i][0] = 0;
    }
}

static size_t labelled(const ticks *t)
{
    size_t count = 0;
    for (size_t i = 0; i < t->n; i++) count += t->label[i][0] != 0;
    return count;
}

static void set_ticks(FILE *stream, char name, const ticks *t)
{
    char each[40];
    fprintf(stream, "n_tick_%c = %zu\n", name, t->n);
    for (size_t i = 0; i < t->n; i++) {
        snprintf(each, sizeof each, "tick_%c_%zu", name, i + 1);
        fs_figure_set_number(stream, each, t->at[i]);
        fprintf(stream, "tick_%c_label_%zu = '%s'\n", name, i + 1, t->label[i]);
    }
}

/* --- key -------------------------------------------------------------------------------------------------- */

/* Whether the segment from p to q has a part inside: what is left of it, side by side. */
static int crosses(const double window[4], const double p[2], const double q[2])
{
    double from = 0.0, to = 1.0;
    for (int k = 0; k < 2; k++) {
        const double d = q[k] - p[k], low = window[2 * k] - p[k], high = window[2 * k + 1] - p[k];
        if (!(d < 0.0 || d > 0.0)) {
            if (!(low <= 0.0 && high >= 0.0)) return 0;
            continue;
        }
        const double enters = (d > 0.0 ? low : high) / d, leaves = (d > 0.0 ? high : low) / d;
        if (enters > from) from = enters;
        if (leaves < to) to = leaves;
    }
    return from <= to;
}

static int is_seen(const double window[4], size_t n, const double *place)
{
    int seen = n > 0 && inside(window, place);
    for (size_t i = 1; i < n && !seen; i++) seen = crosses(window, place + 2 * (i - 1), place + 2 * i);
    return seen;
}

/* What of E lies in the window, and of the band around it. */
static void find_E(phase_figure *f)
{
    static const double origin[2] = { 0 };
    const fs_phase *phase = f->phase;
    const double *w = phase->window, r = phase->tube;
    double nearest[2];
    for (int k = 0; k < 2; k++) nearest[k] = w[2 * k] > 0.0 ? w[2 * k] : w[2 * k + 1] < 0.0 ? w[2 * k + 1] : 0.0;
    if (phase->E == FS_E_ALL) return;
    f->drawn[KEY_E] = phase->E == FS_E_POINT ? inside(w, origin) : w[2] <= 0.0 && w[3] >= 0.0;
    f->drawn[KEY_TUBE] = r > 0.0 && (phase->E == FS_E_POINT ? hypot(nearest[0], nearest[1]) : fabs(nearest[1])) <= r;
}

static void find_drawn(phase_figure *f)
{
    const fs_phase *phase = f->phase;
    find_E(f);
    f->drawn[KEY_SPEED] = f->fastest > underflow;
    for (size_t k = 0; k < phase->n_panels; k++) {
        const fs_phase_panel *p = &phase->panel[k];
        for (size_t i = 0; i < p->n_paths; i++) {
            f->drawn[KEY_PATH] |= is_seen(phase->window, p->path[i].n, p->path[i].place);
            f->drawn[KEY_START] |= p->path[i].n && inside(phase->window, p->path[i].place);
        }
        f->drawn[KEY_SEPARATRIX] |= p->n_separatrices > 0;
        f->drawn[KEY_STREAMLINE] |= p->streamlines && p->streamlines->n && !is_still(f, p);
        for (size_t i = 0; i < p->n_points; i++) f->drawn[glyph(&p->point[i])] = 1;
        for (int c = 0; c < 2; c++) f->drawn[c ? KEY_NULLCLINE_B : KEY_NULLCLINE_A] |= has_nullcline(f, p, c);
    }
}

/* "undecided", "unknown" or both. */
static const char *unclear_word(const fs_phase *phase)
{
    int has[FS_POINT_COUNT] = { 0 };
    for (size_t k = 0; k < phase->n_panels; k++)
        for (size_t i = 0; i < phase->panel[k].n_points; i++) has[fs_phase_point_kind(&phase->panel[k].point[i])] = 1;
    return !has[FS_POINT_UNKNOWN] ? "undecided" : has[FS_POINT_DEGENERATE] ? "undecided or unknown" : "unknown";
}

static void key_text(const phase_figure *f, key_entry entry, size_t size, char *text)
{
    const fs_phase *phase = f->phase;
    char letter[8], number[WORD];
    double distance;
    const int on_E = phase->E_kept;
    const char *plural = phase->n_panels && phase->panel[0].n_paths > 1 ? "s" : "";
    switch (entry) {
    case KEY_E: snprintf(text, size, "E, the equivariant weights"); break;
    case KEY_TUBE: snprintf(text, size, "|Y| ≤ %s", number_word(phase->tube, 3, number)); break;
    case KEY_PATH: snprintf(text, size, "%s flow", fs_flow_name(phase->kind)); break;
    case KEY_START:
        if (phase->E != FS_E_ALL && every_distance(phase, &distance)) snprintf(text, size, "its start%s, |Y_0| = %s", plural, number_word(distance, 3, number));
        else snprintf(text, size, "its start%s", plural);
        break;
    case KEY_SEPARATRIX: snprintf(text, size, "separatrix"); break;
    case KEY_STREAMLINE: snprintf(text, size, "streamline"); break;
    case KEY_NULLCLINE_A: snprintf(text, size, "%s′ = 0", coordinate(phase, 0, letter)); break;
    case KEY_NULLCLINE_B: snprintf(text, size, "%s′ = 0%s", coordinate(phase, 1, letter), on_E ? " (and on E)" : ""); break;
    case KEY_SINK: snprintf(text, size, "sink"); break;
    case KEY_SOURCE: snprintf(text, size, "source"); break;
    case KEY_SADDLE: snprintf(text, size, "saddle"); break;
    case KEY_UNDECIDED: snprintf(text, size, "stationary, kind %s", unclear_word(phase)); break;
    case KEY_SPEED: snprintf(text, size, "speed%s three decades: darker is faster", phase->exact ? ", over" : " in the plane,"); break;
    case KEY_COUNT: break;
    }
}

/* About the pixels that a text is wide. */
static int text_width(const char *text)
{
    double width = 0.0;
    for (const char *c = text; *c; c++) {
        if ((*c & 0xc0) == 0x80 || *c == '_') continue;
        width += strchr(" ijl,.|:;'", *c) ? 7.0 : strchr("tfr()", *c) ? 9.0 : strchr("mw=", *c) || (*c & 0x80) ? 19.5 : 14.0;
    }
    return (int)width;
}

/* Rows of entries, each row centred; returns the pixels they are high. */
static int set_key(FILE *stream, const phase_figure *f, int top)
{
    char text[KEY_COUNT][120], name[40];
    int wide[KEY_COUNT], row = 0;
    size_t shown[KEY_COUNT], n = 0;
    for (int e = 0; e < KEY_COUNT; e++) {
        if (!f->drawn[e]) continue;
        key_text(f, (key_entry)e, sizeof text[n], text[n]);
        wide[n] = SAMPLE + text_width(text[n]) + BETWEEN;
        shown[n++] = (size_t)e;
    }
    fputs("key_words = '", stream);
    for (size_t i = 0; i < n; i++) fprintf(stream, "%s%s", i ? " " : "", key_word[shown[i]]);
    fputs("'\n", stream);
    for (size_t first = 0, next; first < n; first = next, row++) {
        int total = 0;
        for (next = first; next < n && (next == first || total + wide[next] <= f->width - 30); next++) total += wide[next];
        int x = (f->width - total + BETWEEN) / 2;
        for (size_t i = first; i < next; x += wide[i++]) {
            fprintf(stream, "key_x_%zu = %d; key_y_%zu = %d\n", i + 1, x, i + 1, top + KEY_LINE * row + KEY_LINE / 2);
            snprintf(name, sizeof name, "key_text_%zu", i + 1);
            fs_figure_set_text(stream, name, text[i], sizeof text[i]);
        }
    }
    return KEY_LINE * row;
}

/* --- the plan -------------------------------------------------------------------------------------------------- */

static void lay_out_columns(phase_figure *f, int before, int gap)
{
    const int columns = (int)f->columns, free_room = f->width - before - gap / 2 - 3 - gap * (columns - 1), room = free_room / columns;
    f->gap = gap;
    f->side = room < TALLEST || columns == 1 ? room : TALLEST;
    f->left = before + (free_room - f->side * columns) / 2;
    f->label_b = f->left - before + LEFT - 95;
    f->row_height = f->side + PANEL_TITLE + TICKS;
    find_ticks(&f->tick[0], f->phase->window, f->side, 1, gap / 2 - 5);
    find_ticks(&f->tick[1], f->phase->window + 2, f->side, 0, 0.0);
}

static void lay_out(phase_figure *f)
{
    const size_t n = f->phase->n_panels ? f->phase->n_panels : 1;
    f->columns = n == 4 ? 2 : n < 3 ? n : 3;
    f->rows = (n + f->columns - 1) / f->columns;
    f->width = n > 1 ? WIDE : NARROW;
    lay_out_columns(f, LEFT, GAP);
    const int beside = (int)f->tick[1].widest + LEFT - TICK_ROOM, beneath = (int)f->tick[0].widest + 14;
    const int before = beside > LEFT ? beside : LEFT, gap = labelled(&f->tick[0]) < 2 && beneath > GAP ? beneath : GAP;
    if (before > LEFT || gap > GAP) lay_out_columns(f, before, gap);
}

static void set_lines(FILE *stream, const char *name, const lines *l)
{
    char each[40];
    fprintf(stream, "n_%s = %zu\n", name, l->n);
    for (size_t i = 0; i < l->n; i++) {
        snprintf(each, sizeof each, "%s_%zu", name, i + 1);
        fs_figure_set_text(stream, each, l->text[i], LINE_SIZE);
    }
}

static void set_panels(FILE *stream, const phase_figure *f)
{
    char name[40];
    fprintf(stream, "n_panels = %zu\n", f->phase->n_panels);
    for (size_t k = 0; k < f->phase->n_panels; k++) {
        const fs_phase_panel *p = &f->phase->panel[k];
        int starts = 0;
        for (size_t i = 0; i < p->n_paths; i++) starts |= p->path[i].n > 0;
        snprintf(name, sizeof name, "gamma_%zu", k);
        fs_figure_set_number(stream, name, p->gamma);
        set_panel_title(stream, f, k);
        fprintf(stream, "has_streamline_%zu = %d; has_separatrix_%zu = %d; has_path_%zu = %d; has_points_%zu = %d\n", k, p->streamlines && p->streamlines->n && !is_still(f, p), k,
                p->n_separatrices > 0, k, starts, k, p->n_points > 0);
        fprintf(stream, "has_nullcline_a_%zu = %d; has_nullcline_b_%zu = %d; has_along_%zu = %d\n", k, has_nullcline(f, p, 0), k,
                has_nullcline(f, p, 1), k, has_covered(f, p));
        fprintf(stream, "is_still_%zu = %d\n", k, is_still(f, p));
    }
}

static void set_plane(FILE *stream, const phase_figure *f)
{
    static const char *const edge[] = { "a_low", "a_high", "b_low", "b_high" };
    static const char *const penalty[2][2] = { { "penalty_aa", "penalty_ab" }, { "penalty_ba", "penalty_bb" } };
    static const char *const places[] = { [FS_E_LINE] = "line", [FS_E_POINT] = "point", [FS_E_ALL] = "all" };
    const fs_phase *phase = f->phase;
    for (int k = 0; k < 4; k++) fs_figure_set_number(stream, edge[k], phase->window[k]);
    set_axis_label(stream, f, 0);
    set_axis_label(stream, f, 1);
    fprintf(stream, "flow = '%s'\nE = '%s'\n", fs_flow_name(phase->kind), f->drawn[KEY_E] || phase->E == FS_E_ALL ? places[phase->E] : "outside");
    for (int k = 0; k < 2; k++) {
        fs_figure_set_number(stream, penalty[k][0], phase->penalty[k][0]);
        fs_figure_set_number(stream, penalty[k][1], phase->penalty[k][1]);
    }
    set_ticks(stream, 'a', &f->tick[0]);
    set_ticks(stream, 'b', &f->tick[1]);
    fs_figure_set_number(stream, "tube", f->drawn[KEY_TUBE] ? phase->tube : 0.0);
    fs_figure_set_count(stream, "grid", phase->grid);
    fs_figure_set_count(stream, "many_paths", phase->n_panels && phase->panel[0].n_paths > 3);
    fs_figure_set_number(stream, "fastest", f->fastest);
    fs_figure_set_number(stream, "slightest", slightest(f->fastest));
}

static void variables(FILE *stream, void *context)
{
    const phase_figure *f = context;
    fs_figure_set_title(stream, f->head);
    set_lines(stream, "subtitle", &f->subtitle);
    set_lines(stream, "note", &f->notes);
    set_panels(stream, f);
    set_plane(stream, f);
    int top = TITLE + LINE * (int)f->subtitle.n, below = top + f->row_height * (int)f->rows;
    fprintf(stream, "columns = %zu\nrows = %zu\nside = %d\nleft = %d\ntop = %d\n", f->columns, f->rows, f->side, f->left, top);
    fprintf(stream, "panel_title = %d\nrow_height = %d\ngap = %d\n", PANEL_TITLE, f->row_height, f->gap);
    fprintf(stream, "right_edge = %d\nlabel_y = %d\n", f->left + (int)f->columns * (f->side + f->gap) - f->gap, below + LABEL / 2 - 10);
    fs_figure_set_count(stream, "label_b_x", (size_t)f->label_b);
    int key = set_key(stream, f, below + LABEL);
    const int height = below + LABEL + key + LINE * (int)f->notes.n + 14;
    fprintf(stream, "note_y = %d\nlayout_width = %d\nlayout_height = %d\n", below + LABEL + key + LINE / 2, f->width, height);
    fputs("if (!exists('figure_width')) figure_width = exists('figure_height') ? int(figure_height * layout_width / layout_height) : layout_width\n"
          "if (!exists('figure_height')) figure_height = int(figure_width * layout_height / layout_width)\n", stream);
}

fs_status fs_figure_draw_phase(fs_figure *out, fs_folder *folder, const fs_report_head *head, const fs_phase *phase,
                               const fs_figure_options *options, fs_err *err)
{
    phase_figure f = { .head = head, .phase = phase };
    const fs_figure_plan plan = { "phase.gp", data, variables, &f };
    f.fastest = fastest_of(phase);
    lay_out(&f);
    set_subtitle(&f);
    set_notes(&f);
    find_drawn(&f);
    return fs_figure_draw(out, folder, options, &plan, err);
}
