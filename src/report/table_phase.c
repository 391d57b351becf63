/* report/table_phase.c -- a phase plane on one screen of 100 columns
 *
 * An eigenvalue that is zero within its error is written as 0 beside that error, and the kind of its point is then not decided.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/phase.h"

#include "report/table.h"
#include "report/table_private.h"
#include "report/text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { MOST_POINTS = 8, MOST_PATHS = 12, MOST_REASONS = 6 };

fs_point fs_phase_point_kind(const fs_phase_point *p)
{
    const fs_inertia *signs = &p->inertia;
    if (p->kind == FS_POINT_SADDLE && !signs->positive && signs->undecided) return FS_POINT_DEGENERATE;
    return (unsigned)p->kind < FS_POINT_COUNT ? p->kind : FS_POINT_UNKNOWN;
}

const char *fs_phase_point_word(const fs_phase_point *p)
{
    static const char *const words[FS_POINT_COUNT] = {
        [FS_POINT_MINIMUM] = "sink", [FS_POINT_DEGENERATE] = "undecided", [FS_POINT_SADDLE] = "saddle", [FS_POINT_MAXIMUM] = "source",
        [FS_POINT_UNKNOWN] = "unknown",
    };
    return words[fs_phase_point_kind(p)];
}

int fs_phase_motion_shows_more(const fs_phase *phase)
{
    return !phase->exact && phase->choice == FS_PLANE_UNSTABLE && phase->fraction < 0.1;
}

/* "0.318", "0" where it is no larger than its error, "-" where it is unknown. */
static const char *real_word(double value, double error, int digits, char *buffer)
{
    if (isnan(value)) return "-";
    return fs_text_real(fabs(value) <= error ? 0.0 : value, digits, buffer);
}

/* --- the plane ------------------------------------------------------------------------- */

static void print_axis(FILE *stream, const fs_phase *phase, int k, int colour)
{
    const fs_phase_axis *axis = &phase->axis[k];
    fs_sentence line = { "", 0 };
    char name[sizeof axis->name], a[FS_TEXT_NUMBER], b[FS_TEXT_NUMBER];
    fs_say(&line, "%s%s, from %s to %s", fs_text_line(axis->name, sizeof name, name),
           phase->exact ? "" : axis->in_N ? ", in N" : ", in E", fs_text_real(phase->window[2 * k], 4, a),
           fs_text_real(phase->window[2 * k + 1], 4, b));
    if (!isnan(axis->curvature))
        fs_say(&line, "; curvature %s +- %s", real_word(axis->curvature, axis->curvature_error, 4, a), fs_text_power(axis->curvature_error, 0, b));
    fs_table_paragraph(stream, k ? "b:          " : "a:          ", line.text, colour, FS_PLAIN);
}

static void print_plane(FILE *stream, const fs_phase *phase, int colour)
{
    static const char *const choices[] = { [FS_PLANE_UNSTABLE] = "the lowest eigenvectors", [FS_PLANE_MOTION] = "the directions of most motion" };
    static const char *const places[] = { [FS_E_LINE] = "E is the line b = 0", [FS_E_POINT] = "E is the point (0, 0)", [FS_E_ALL] = "all of it is E" };
    fs_sentence line = { "", 0 };
    char number[FS_TEXT_NUMBER], centre[sizeof phase->centre_text];
    if (phase->exact) fs_say(&line, "all of L, so nothing is left out; ");
    else fs_say(&line, "a slice through %s, along %s; ", fs_text_line(phase->centre_text, sizeof centre, centre), choices[phase->choice]);
    fs_say(&line, "%s", places[phase->E]);
    if (phase->tube > 0.0 && phase->E != FS_E_ALL) fs_say(&line, ", its tube is |Y| <= %s", fs_text_real(phase->tube, 4, number));
    fs_say(&line, "; %zu x %zu nodes", phase->grid, phase->grid);
    fs_table_paragraph(stream, "plane:      ", line.text, colour, FS_PLAIN);
    print_axis(stream, phase, 0, colour);
    print_axis(stream, phase, 1, colour);
    if (phase->exact || isnan(phase->fraction)) return;
    line = (fs_sentence){ "", 0 };
    fs_say(&line, "%s %% of the motion lies in the plane%s; the streamlines are those of the objective restricted to it",
           fs_text_real(phase->fraction < 1e-6 ? 0.0 : 100.0 * phase->fraction, 3, number), fs_phase_motion_shows_more(phase) ? " (--plane motion shows more)" : "");
    fs_table_paragraph(stream, "motion:     ", line.text, colour, FS_BOLD);
}

static void print_gammas(FILE *stream, const fs_phase *phase, int colour)
{
    fs_sentence line = { "", 0 };
    char number[FS_TEXT_NUMBER];
    for (size_t k = 0; k < phase->n_panels; k++) fs_say(&line, "%s%s", k ? ", " : "", fs_text_real(phase->panel[k].gamma, 6, number));
    if (!phase->n_panels) fs_say(&line, "none");
    if (phase->gamma_text[0]) fs_say(&line, ": %s", phase->gamma_text);
    fs_table_paragraph(stream, "gamma:      ", line.text, colour, FS_PLAIN);
}

/* --- stationary points -------------------------------------------------------------------- */

static void gamma_cell(FILE *stream, double gamma, int first)
{
    char number[FS_TEXT_NUMBER];
    fs_table_cell(stream, 9, first ? fs_text_real(gamma, 5, number) : "");
}

static void point_row(FILE *stream, const fs_phase_point *p, int colour)
{
    const fs_point kind = fs_phase_point_kind(p);
    const fs_paint paint = kind == FS_POINT_MINIMUM ? FS_GOOD : kind == FS_POINT_DEGENERATE || kind == FS_POINT_UNKNOWN ? FS_BAD : FS_PLAIN;
    char number[FS_TEXT_NUMBER], signs[64];
    for (int k = 0; k < 2; k++) fs_table_cell(stream, 10, fs_text_real(fabs(p->place[k]) < 1e-14 ? 0.0 : p->place[k], 5, number));
    fprintf(stream, "  %s%-10s%s", fs_table_on(colour, paint), fs_phase_point_word(p), fs_table_off(colour, paint));
    snprintf(signs, sizeof signs, "%zu/%zu/%zu", p->inertia.negative, p->inertia.undecided, p->inertia.positive);
    fs_table_cell(stream, 9, signs);
    fs_table_cell(stream, 11, real_word(p->lowest, p->error, 5, number));
    fs_table_cell(stream, 11, real_word(p->highest, p->error, 5, number));
    fs_table_cell(stream, 8, fs_text_power(p->error, 0, number));
    fs_table_cell(stream, 11, fs_text_real(p->risk, 5, number));
    fs_table_cell(stream, 9, p->distance < 1e-14 ? "0" : fs_text_real(p->distance, 4, number));
    fputc('\n', stream);
}

static void point_rows(FILE *stream, const fs_phase_panel *panel, int colour)
{
    fs_sentence rest = { "", 0 };
    for (size_t i = 0; i < panel->n_points && i < MOST_POINTS; i++) {
        gamma_cell(stream, panel->gamma, !i);
        point_row(stream, &panel->point[i], colour);
    }
    if (panel->still) fs_say(&rest, "the field is zero within rounding%s", panel->n_points ? "" : "; ");
    if (!panel->n_points) fs_say(&rest, "no stationary point in the window");
    if (panel->n_points > MOST_POINTS) fs_say(&rest, "%sand %zu more; all are in the report", rest.used ? "; " : "", panel->n_points - MOST_POINTS);
    if (panel->more_points) fs_say(&rest, "%sthere are more than are listed: a continuum, or too many", rest.used ? "; " : "");
    if (panel->off_plane) fs_say(&rest, "%s%zu more off the plane", rest.used ? "; " : "", panel->off_plane);
    if (!rest.used) return;
    gamma_cell(stream, panel->gamma, !panel->n_points);
    fprintf(stream, "  %s\n", rest.text);
}

static void print_points(FILE *stream, const fs_phase *phase, int colour)
{
    if (!phase->n_panels) return;
    fprintf(stream, "\n%s%9s%10s%10s  %-10s%9s%11s%11s%8s%11s%9s%s\n", fs_table_on(colour, FS_FAINT), "gamma", "a", "b", "stationary", "-/?/+",
            "lowest", "highest", "error", "risk", "|Y|", fs_table_off(colour, FS_FAINT));
    for (size_t k = 0; k < phase->n_panels; k++) point_rows(stream, &phase->panel[k], colour);
}

/* --- paths ------------------------------------------------------------------------------------ */

static fs_paint path_paint(const fs_phase_path *p)
{
    if (p->code != FS_OK) return FS_BAD;
    if (!p->judged) return FS_PLAIN;
    return p->outcome == FS_ATTRACTED ? FS_GOOD : p->outcome == FS_ATTRACTION_UNDECIDED ? FS_BAD : FS_BOLD;
}

static void path_row(FILE *stream, const fs_report_head *head, const fs_phase_path *p, int colour)
{
    char number[FS_TEXT_NUMBER];
    const char *outcome = p->code != FS_OK ? "failed" : p->judged ? fs_attraction_name(p->outcome) : "-";
    fs_table_cell(stream, 10, fs_text_real(p->distance, 4, number));
    snprintf(number, sizeof number, "%" PRIu64, p->seed);
    fs_table_cell(stream, 10, head->weights && !p->seed ? "given" : number);
    fs_table_cell(stream, 11, fs_text_real(p->n ? p->t[p->n - 1] : (double)NAN, 5, number));
    fs_table_cell(stream, 12, fs_text_real(p->distance_end, 4, number));
    fprintf(stream, "  %s%-14s%s", fs_table_on(colour, path_paint(p)), outcome, fs_table_off(colour, path_paint(p)));
    fs_table_cell(stream, 12, fs_text_real(p->fraction, 4, number));
    fs_table_cell(stream, 14, fs_text_real(p->start_off_plane, 4, number));
    fputc('\n', stream);
}

static void print_paths(FILE *stream, const fs_report_head *head, const fs_phase *phase, int colour)
{
    if (!phase->n_panels || !phase->panel[0].n_paths) {
        fputs("\nno path\n", stream);
        return;
    }
    fprintf(stream, "\n%s%9s%10s%10s%11s%12s  %-14s%12s%14s%s\n", fs_table_on(colour, FS_FAINT), "gamma", "|Y_0|", "seed", "t", "|Y| at t", "outcome",
            "in the plane", "start off it", fs_table_off(colour, FS_FAINT));
    for (size_t k = 0; k < phase->n_panels; k++) {
        const fs_phase_panel *panel = &phase->panel[k];
        for (size_t i = 0; i < panel->n_paths && i < MOST_PATHS; i++) {
            gamma_cell(stream, panel->gamma, !i);
            path_row(stream, head, &panel->path[i], colour);
        }
        if (panel->n_paths > MOST_PATHS) fprintf(stream, "%9s  and %zu more; all are in the report\n", "", panel->n_paths - MOST_PATHS);
    }
}

/* Why paths came out as they did, or were given up. */
static void print_reasons(FILE *stream, const fs_phase *phase, int colour)
{
    size_t count = 0;
    fputc('\n', stream);
    for (size_t k = 0; k < phase->n_panels; k++)
        for (size_t i = 0; i < phase->panel[k].n_paths; i++) {
            const fs_phase_path *p = &phase->panel[k].path[i];
            fs_sentence line = { "", 0 };
            char why[sizeof p->why], a[FS_TEXT_NUMBER], b[FS_TEXT_NUMBER];
            if (!p->why[0] || (!p->judged && p->code == FS_OK) || ++count > MOST_REASONS) continue;
            fs_say(&line, "gamma = %s, |Y_0| = %s", fs_text_real(phase->panel[k].gamma, 5, a), fs_text_real(p->distance, 4, b));
            if (phase->panel[k].n_paths > 1) fs_say(&line, ", seed %" PRIu64, p->seed);
            fs_say(&line, ": %s", fs_text_line(p->why, sizeof why, why));
            int undecided = p->judged && p->outcome == FS_ATTRACTION_UNDECIDED;
            fs_table_paragraph(stream, p->code != FS_OK ? "FAILED:     " : undecided ? "undecided:  " : "outcome:    ", line.text, colour,
                               p->code != FS_OK || undecided ? FS_BAD : FS_PLAIN);
        }
    if (count > MOST_REASONS) fprintf(stream, "  and %zu more reasons; all are in the report\n", count - MOST_REASONS);
}

void fs_table_print_phase(FILE *stream, const fs_report_head *head, const fs_phase *phase, int colour)
{
    char wall[FS_TEXT_NUMBER];
    fs_table_head(stream, head, colour);
    fs_table_paragraph(stream, "flow:       ", fs_flow_name(phase->kind), colour, FS_PLAIN);
    print_plane(stream, phase, colour);
    print_gammas(stream, phase, colour);
    print_points(stream, phase, colour);
    print_paths(stream, head, phase, colour);
    print_reasons(stream, phase, colour);
    if (phase->stopped) fs_table_paragraph(stream, "INTERRUPTED ", "what is here is right, but it is not all that was asked for", colour, FS_BAD);
    fprintf(stream, "  %s s\n", fs_text_real(phase->wall_s, phase->wall_s < 99.5 ? 2 : 4, wall));
}
