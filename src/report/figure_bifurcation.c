/* report/figure_bifurcation.c -- the picture of a bifurcation diagram: |Y| of equilibria against gamma, E on the axis
 *
 * A branch is drawn in pieces of one stability.  Labels are placed here, where the panel's size in pixels and all curves are known: each where it hides least.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/bifurcation.h"

#include "report/figure_plan.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { WIDTH = 1200, LEFT = 118, RIGHT = 1168, TOP = 104, BOTTOM = 510, BELOW = 92, KEY_ROW = 28 };   /* of the picture, of the panel; pixels from its upper left corner */
enum { MOST_MARKS = 256, MOST_LABELS = 10, LETTER_WIDTH = 13, LETTER_HEIGHT = 27, GAP = 16 };
static const double visible = 0.004;        /* of the panel: a shorter piece is its neighbour's */

static const double no_words = 0.005;       /* of the range, beside its lower end: events at no gamma that could be told from it here */

typedef enum { STABLE, UNSTABLE, UNDECIDED, STATES } state;
typedef enum { FOLD, CRITICAL, ACROSS, CHANGE, MARKS } mark_kind;     /* CRITICAL: gamma_c of a minimum on E; ACROSS: of another point, or another eigenvalue */

/* Of the equilibria found on E, how many attract across it. */
typedef enum { ALL_ATTRACT, SOME_ATTRACT, NONE_ATTRACTS, E_UNDECIDED, E_UNKNOWN, E_STATES } state_on_E;

/* Where something happens; its label says gamma. */
typedef struct {
    mark_kind kind;
    double gamma, distance;
    int right, placed;          /* which end of its text is anchored at */
    double x, y;                /* pixels: the anchor, at half the height of the text */
    char text[FS_TEXT_NUMBER + 16];
} mark;

typedef struct { double left, right, top, bottom; } box;

typedef struct {
    const fs_report_head *head;
    const fs_bifurcation *b;
    double high;                            /* of |Y| on the axis */
    size_t drawn[STATES], E_drawn[E_STATES], marks[MARKS], alone, infinite;
    size_t across[FS_POINT_COUNT];          /* ACROSS: kinds on E, all others as unknown */
    box infinity;                           /* of the words beside a branch that runs away */
    size_t n_marks;
    mark mark[MOST_MARKS];
} bifurcation_figure;

static state state_of(fs_point kind)
{
    return kind == FS_POINT_MINIMUM ? STABLE : kind == FS_POINT_SADDLE || kind == FS_POINT_MAXIMUM ? UNSTABLE : UNDECIDED;
}

static double pixel_x(const bifurcation_figure *f, double gamma)
{
    return LEFT + (RIGHT - LEFT) * (gamma - f->b->low) / (f->b->high - f->b->low);
}

/* The axis begins a little below E. */
static double pixel_y(const bifurcation_figure *f, double distance)
{
    return BOTTOM - (BOTTOM - TOP) * (distance + 0.06 * f->high) / (1.12 * f->high);
}

/* --- ranges --------------------------------------------------------------------------------------- */

/* The largest |Y| in the range; a branch that runs away leaves the panel. */
static double highest(const fs_bifurcation *b)
{
    double high = 0.0;
    for (size_t i = 0; i < b->n_branches; i++) {
        const fs_bifurcation_branch *branch = &b->branch[i];
        double from = branch->end[0].kind == FS_BRANCH_INFINITY ? b->low + 0.03 * (b->high - b->low) : b->low;
        for (size_t k = 0; k < branch->n; k++) {
            const fs_branch_node *node = &branch->node[k].at;
            if (node->gamma >= from && node->gamma <= b->high && node->distance > high) high = node->distance;
        }
    }
    for (size_t i = 0; i < b->n_alone; i++)
        if (b->alone[i].at.distance > high) high = b->alone[i].at.distance;
    return high > 0.0 ? high : 1.0;
}

static int in_panel(const bifurcation_figure *f, const fs_branch_node *node)
{
    return node->gamma >= f->b->low && node->gamma <= f->b->high && node->distance <= 1.06 * f->high;
}

/* --- data -------------------------------------------------------------------------------------------- */

/* What node k is drawn as: where its neighbours of the same state with it are too short to be seen, as what comes before. */
static state shown_as(const bifurcation_figure *f, const fs_bifurcation_branch *b, size_t k)
{
    state own = state_of(b->node[k].is.kind);
    size_t first = k, last = k;
    while (first > 0 && state_of(b->node[first - 1].is.kind) == own) first--;
    while (last + 1 < b->n && state_of(b->node[last + 1].is.kind) == own) last++;
    const fs_branch_node *from = &b->node[first].at, *to = &b->node[last].at;
    if (fabs(to->gamma - from->gamma) / (f->b->high - f->b->low) + fabs(to->distance - from->distance) / f->high > visible) return own;
    return first > 0 ? state_of(b->node[first - 1].is.kind) : last + 1 < b->n ? state_of(b->node[last + 1].is.kind) : own;
}

/* The node after the last one of the piece that begins at `first`. */
static size_t piece_end(const bifurcation_figure *f, const fs_bifurcation_branch *b, size_t first)
{
    size_t end = first + 1;
    while (end < b->n && shown_as(f, b, end) == shown_as(f, b, first)) end++;
    return end;
}

/* Where the branch ends beyond its last node. */
static void end_row(FILE *stream, const fs_bifurcation *b, const fs_bifurcation_end *end)
{
    double distance = end->distance;
    if (end->kind == FS_BRANCH_JOINS_E) distance = 0.0;
    else if (end->kind != FS_BRANCH_FOLD) return;
    if (end->kind == FS_BRANCH_FOLD && end->partner != SIZE_MAX)
        for (size_t i = 0; i < b->n_events; i++)
            if (b->event[i].kind == FS_EVENT_FOLD && fabs(b->event[i].gamma - end->gamma) <= 1e-6 * (1.0 + end->gamma) &&
                fabs(b->event[i].distance - end->distance) <= 0.01 * (1.0 + end->distance))
                distance = b->event[i].distance;
    fs_figure_row(stream, 2, (const double[]){ end->gamma, distance });
}

static void branch_data(FILE *stream, bifurcation_figure *f, const fs_bifurcation_branch *b, state which)
{
    for (size_t first = 0, next; first < b->n; first = next) {
        next = piece_end(f, b, first);
        if (shown_as(f, b, first) != which) continue;
        for (size_t k = first; k < next; k++) f->drawn[which] += (size_t)in_panel(f, &b->node[k].at);
        if (!first) end_row(stream, f->b, &b->end[0]);
        for (size_t k = first ? first - 1 : 0; k < next; k++) fs_figure_row(stream, 2, (const double[]){ b->node[k].at.gamma, b->node[k].at.distance });
        if (next == b->n) end_row(stream, f->b, &b->end[1]);
        fputc('\n', stream);
    }
}

/* Whether an equilibrium of E attracts across it: also a maximum on E may.  Not decided where it is degenerate on E, as all points of continua are. */
static state state_across(const fs_bifurcation *b, const fs_stability_point *point, double gamma)
{
    fs_point kind = fs_equilibrium_at(b->problem, point, gamma);
    fs_sign across = fs_sign_of(gamma - point->gamma_critical, point->gamma_error);
    if (kind == FS_POINT_UNKNOWN || kind == FS_POINT_DEGENERATE) return UNDECIDED;
    return across == FS_SIGN_POSITIVE ? STABLE : across == FS_SIGN_NEGATIVE ? UNSTABLE : UNDECIDED;
}

static state_on_E state_of_E(const fs_bifurcation *b, double gamma)
{
    size_t count[STATES] = { 0 };
    for (size_t i = 0; b->equilibria && i < b->equilibria->n_points; i++)
        if (b->equilibria->point[i].at->outcome == FS_SEARCH_FOUND) count[state_across(b, &b->equilibria->point[i], gamma)]++;
    if (count[STABLE]) return count[UNSTABLE] || count[UNDECIDED] ? SOME_ATTRACT : ALL_ATTRACT;
    return count[UNDECIDED] ? E_UNDECIDED : count[UNSTABLE] ? NONE_ATTRACTS : E_UNKNOWN;
}

/* The next critical gamma of an equilibrium of E after `from`, or the end of the range. */
static double next_change(const fs_bifurcation *b, double from)
{
    double to = b->high;
    for (size_t i = 0; b->equilibria && i < b->equilibria->n_points; i++) {
        double at = b->equilibria->point[i].gamma_critical;
        if (at > from + 1e-6 * (b->high - b->low) && at < to) to = at;
    }
    return to;
}

/* One state from a critical gamma to another. */
static void data_of_E(FILE *stream, bifurcation_figure *f, state_on_E which)
{
    const fs_bifurcation *b = f->b;
    for (double from = b->low, to; from < b->high; from = to) {
        to = next_change(b, from);
        state_on_E now = state_of_E(b, 0.5 * (from + to));
        for (double next; to < b->high && state_of_E(b, 0.5 * (to + (next = next_change(b, to)))) == now; to = next) continue;
        if (now != which) continue;
        f->E_drawn[which]++;
        fs_figure_row(stream, 2, (const double[]){ from, 0.0 });
        fs_figure_row(stream, 2, (const double[]){ to, 0.0 });
        fputc('\n', stream);
    }
}

static void mark_data(FILE *stream, bifurcation_figure *f, mark_kind which)
{
    for (size_t i = 0; i < f->n_marks; i++) {
        if (f->mark[i].kind != which) continue;
        f->marks[which]++;
        fs_figure_row(stream, 2, (const double[]){ f->mark[i].gamma, f->mark[i].distance });
    }
}

/* The first row is no point: a block without rows would be taken for the next one. */
static void begin_block(FILE *stream, const char *name)
{
    fprintf(stream, "\n\n# %s;\n", name);
    fs_figure_row(stream, 2, (const double[]){ (double)NAN, (double)NAN });
    fputc('\n', stream);
}

static void bifurcation_data(FILE *stream, void *context)
{
    static const char *const E[E_STATES] = { "E all", "E some", "E none", "E undecided", "E unknown" }, *const branch[STATES] = { "stable", "unstable", "undecided" };
    static const char *const marks[MARKS] = { "fold", "critical", "across", "change" };
    bifurcation_figure *f = context;
    fputs("# blocks of (gamma, |Y|): E, where all, some or none of the equilibria found on it attract across it, where that is undecided or none was found (E unknown);\n"
          "# branches off E: stable, unstable, undecided, a blank line between pieces; points of no branch: alone; fold; critical (gamma of a minimum on E), across (another\n"
          "# change of sign across E); change (of stability off E, or a branch that ends on another)\n", stream);
    for (int k = 0; k < E_STATES; k++) {
        begin_block(stream, E[k]);
        data_of_E(stream, f, (state_on_E)k);
    }
    for (int k = 0; k < STATES; k++) {
        begin_block(stream, branch[k]);
        for (size_t i = 0; i < f->b->n_branches; i++) branch_data(stream, f, &f->b->branch[i], (state)k);
    }
    begin_block(stream, "alone");
    for (size_t i = 0; i < f->b->n_alone; i++) {
        const fs_branch_node *node = &f->b->alone[i].at;
        f->alone += node->gamma >= f->b->low && node->gamma <= f->b->high;
        fs_figure_row(stream, 2, (const double[]){ node->gamma, node->distance });
    }
    for (int k = 0; k < MARKS; k++) {
        begin_block(stream, marks[k]);
        mark_data(stream, f, (mark_kind)k);
    }
}

/* --- marks and labels ------------------------------------------------------------------------------------ */

/* One mark where several events are at one place. */
static void add_mark(bifurcation_figure *f, mark_kind kind, double gamma, double distance)
{
    char number[FS_TEXT_NUMBER];
    if (!(gamma >= f->b->low && gamma <= f->b->high) || f->n_marks == MOST_MARKS) return;
    for (size_t i = 0; i < f->n_marks; i++) {
        mark *m = &f->mark[i];
        if (fabs(pixel_x(f, m->gamma) - pixel_x(f, gamma)) >= 4.0 || fabs(pixel_y(f, m->distance) - pixel_y(f, distance)) >= 4.0) continue;
        if (kind < m->kind) m->kind = kind;
        return;
    }
    mark *m = &f->mark[f->n_marks++];
    *m = (mark){ .kind = kind, .gamma = gamma, .distance = distance };
    snprintf(m->text, sizeof m->text, "%s = %s", kind == FOLD ? "fold γ" : kind == CRITICAL ? "γ_c" : "γ", fs_text_real(gamma, 4, number));
}

static int is_on_E(const fs_bifurcation_event *e)
{
    return e->kind == FS_EVENT_JOINS_E || e->branch[0] == SIZE_MAX;
}

/* On E only where a minimum becomes stable it is a critical gamma. */
static mark_kind kind_of(const bifurcation_figure *f, const fs_bifurcation_event *e)
{
    if (!is_on_E(e)) return e->kind == FS_EVENT_FOLD ? FOLD : CHANGE;
    if (e->equilibrium == SIZE_MAX) return ACROSS;
    const fs_stability_point *point = &f->b->equilibria->point[e->equilibrium];
    /* as near as branches are told to join it */
    int lowest = fabs(point->gamma_critical - e->gamma) <= 1e-6 * (1.0 + e->gamma);
    return lowest && (point->on_E == FS_POINT_MINIMUM || !f->head->dim_E) ? CRITICAL : ACROSS;
}

/* A maximum or saddle on E whose lowest eigenvalue across changes its sign; unknown: anything else. */
static fs_point kind_on_E(const bifurcation_figure *f, const fs_bifurcation_event *e)
{
    fs_point kind = e->equilibrium == SIZE_MAX ? FS_POINT_UNKNOWN : f->b->equilibria->point[e->equilibrium].on_E;
    return kind == FS_POINT_MAXIMUM || kind == FS_POINT_SADDLE ? kind : FS_POINT_UNKNOWN;
}

static void collect_marks(bifurcation_figure *f)
{
    /* the most telling first: where there are many, they have the labels */
    for (int kind = 0; kind < MARKS; kind++)
        for (size_t i = f->b->n_events; i-- > 0;) {
            const fs_bifurcation_event *e = &f->b->event[i];
            mark_kind own = kind_of(f, e);
            if ((int)own != kind || !(e->gamma > 0.0)) continue;
            if (own == ACROSS) f->across[kind_on_E(f, e)]++;
            add_mark(f, own, e->gamma, is_on_E(e) ? 0.0 : e->distance);
        }
}

/* An underscore and the second byte of a Greek letter take no room. */
static double width_of(const mark *m)
{
    return LETTER_WIDTH * ((double)strlen(m->text) - (m->kind == CRITICAL ? 2.0 : 1.0));
}

static box box_of(const mark *m)
{
    double width = width_of(m);
    box r = { m->right ? m->x - width : m->x, m->right ? m->x : m->x + width, m->y - 0.5 * LETTER_HEIGHT, m->y + 0.5 * LETTER_HEIGHT };
    return r;
}

static int overlap(const box *a, const box *b)
{
    return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

static int holds(const box *a, double x, double y)
{
    return x > a->left && x < a->right && y > a->top && y < a->bottom;
}

/* How much of the curves lies under r, in pixels about. */
static double hidden(const bifurcation_figure *f, const box *r)
{
    enum { PARTS = 12 };
    double cost = 0.0;
    for (size_t i = 0; i < f->b->n_branches; i++) {
        const fs_bifurcation_branch *b = &f->b->branch[i];
        for (size_t k = 0; k + 1 < b->n; k++) {
            double x = pixel_x(f, b->node[k].at.gamma), y = pixel_y(f, b->node[k].at.distance);
            double dx = pixel_x(f, b->node[k + 1].at.gamma) - x, dy = pixel_y(f, b->node[k + 1].at.distance) - y, step = sqrt(dx * dx + dy * dy) / PARTS;
            for (int j = 0; j < PARTS; j++)
                if (holds(r, x + dx * j / PARTS, y + dy * j / PARTS)) cost += step;
        }
    }
    double E = pixel_y(f, 0.0);
    if (r->top < E + 6.0 && r->bottom > E - 6.0) cost += r->right - r->left;
    return cost;
}

static double cost_of(const bifurcation_figure *f, const mark *m)
{
    box r = box_of(m);
    const box panel = { LEFT + 4, RIGHT, TOP - 4, BOTTOM };
    double cost = hidden(f, &r);
    if (f->infinite && overlap(&r, &f->infinity)) cost += 1e6;
    if (r.left < panel.left || r.right > panel.right || r.top < panel.top || r.bottom > panel.bottom) cost += 1e6;
    for (size_t i = 0; i < f->n_marks; i++) {
        const mark *other = &f->mark[i];
        if (other->placed) {
            box taken = box_of(other);
            if (overlap(&r, &taken)) cost += 1e6;
        }
        double x = pixel_x(f, other->gamma), y = pixel_y(f, other->distance);
        box symbol = { x - 9.0, x + 9.0, y - 9.0, y + 9.0 };
        if (overlap(&r, &symbol)) cost += 1e4;
    }
    return cost;
}

/* Beside, above, below the mark, near before far; one that would hide another label stays away. */
static void place(bifurcation_figure *f, mark *m)
{
    enum { FROM_HERE, TO_HERE, CENTRED };
    static const struct { double dx, dy; int how; } where[] = {
        { 1.0, 0.0, FROM_HERE },  { -1.0, 0.0, TO_HERE },  { 0.8, -1.3, FROM_HERE }, { -0.8, -1.3, TO_HERE }, { 0.8, 1.3, FROM_HERE },  { -0.8, 1.3, TO_HERE },
        { 0.0, -1.8, CENTRED },   { 0.0, 1.8, CENTRED },   { 0.0, -2.6, CENTRED },   { 0.0, 2.6, CENTRED },   { 2.5, -1.0, FROM_HERE }, { -2.5, -1.0, TO_HERE },
        { 1.5, -2.8, FROM_HERE }, { -1.5, -2.8, TO_HERE }, { 1.5, 2.8, FROM_HERE },  { -1.5, 2.8, TO_HERE },  { 0.0, -3.6, CENTRED },
    };
    mark best = *m;
    double least = (double)INFINITY;
    for (size_t i = 0; i < sizeof where / sizeof *where; i++) {
        mark trial = *m;
        trial.right = where[i].how == TO_HERE;
        trial.x = pixel_x(f, m->gamma) + GAP * where[i].dx - (where[i].how == CENTRED ? 0.5 * width_of(m) : 0.0);
        trial.y = pixel_y(f, m->distance) + GAP * where[i].dy;
        double cost = 3.0 * cost_of(f, &trial) + (double)i;
        if (!(cost < least)) continue;
        least = cost;
        best = trial;
    }
    *m = best;
    m->placed = least < 1e6;
}

/* --- variables ---------------------------------------------------------------------------------------------- */

/* Where a branch that runs away leaves the panel. */
static void set_infinity(FILE *stream, bifurcation_figure *f)
{
    double leaves = (double)NAN;
    for (size_t i = 0; i < f->b->n_branches; i++) {
        const fs_bifurcation_branch *b = &f->b->branch[i];
        if (b->end[0].kind != FS_BRANCH_INFINITY || f->b->low > 0.0) continue;
        for (size_t k = 0; k < b->n; k++) {
            if (b->node[k].at.distance > 1.06 * f->high) continue;
            if (!(leaves >= b->node[k].at.gamma)) leaves = b->node[k].at.gamma;
            break;
        }
    }
    f->infinite = isfinite(leaves) ? 1 : 0;
    double x = pixel_x(f, leaves) + GAP;
    f->infinity = (box){ x, x + 13.0 * LETTER_WIDTH, TOP, TOP + LETTER_HEIGHT };
    fs_figure_set_count(stream, "n_infinite", f->infinite);
    fs_figure_set_number(stream, "infinity_x", x);
    fs_figure_set_number(stream, "infinity_y", TOP + 0.5 * LETTER_HEIGHT);
}

static void set_labels(FILE *stream, bifurcation_figure *f)
{
    size_t n = 0;
    char name[40];
    for (size_t i = 0; i < f->n_marks && n < MOST_LABELS; i++) {
        mark *m = &f->mark[i];
        if (m->gamma < f->b->low + no_words * (f->b->high - f->b->low)) continue;
        place(f, m);
        if (!m->placed) continue;
        n++;
        snprintf(name, sizeof name, "label_text_%zu", n);
        fs_figure_set_text(stream, name, m->text, sizeof m->text);
        snprintf(name, sizeof name, "label_right_%zu", n);
        fs_figure_set_count(stream, name, (size_t)m->right);
        snprintf(name, sizeof name, "label_x_%zu", n);
        fs_figure_set_number(stream, name, m->x);
        snprintf(name, sizeof name, "label_y_%zu", n);
        fs_figure_set_number(stream, name, m->y);
    }
    fs_figure_set_count(stream, "n_labels", n);
}

static void set_subtitle(FILE *stream, const bifurcation_figure *f)
{
    char text[300];
    snprintf(text, sizeof text, "%.60s, dim E = %zu, dim N = %zu; equilibria of the augmented flow, seed %" PRIu64, f->head->group ? f->head->group : "", f->head->dim_E,
             f->head->dim_N, f->head->n_seed ? f->head->seed[0] : 0);
    fs_figure_set_text(stream, "subtitle_text", text, sizeof text);
}

/* What the small marks on E are, and that the picture may not be all there is. */
static void set_words(FILE *stream, const bifurcation_figure *f)
{
    char text[80];
    const size_t *n = f->across;
    const char *where = n[FS_POINT_UNKNOWN] ? "other on E" : n[FS_POINT_MAXIMUM] && n[FS_POINT_SADDLE] ? "maximum, saddle on E" : n[FS_POINT_SADDLE] ? "saddle on E" : "maximum on E";
    snprintf(text, sizeof text, "%s: sign across changes", where);
    fs_figure_set_text(stream, "across_text", text, sizeof text);
    snprintf(text, sizeof text, "from %zu starts; branches may be missing", f->b->starts);
    fs_figure_set_text(stream, "missing_text", text, sizeof text);
}

/* In two columns. */
static size_t key_rows(const bifurcation_figure *f)
{
    size_t entries = f->alone > 0;
    for (int k = 0; k < STATES; k++) entries += f->drawn[k] > 0;
    for (int k = 0; k < E_UNKNOWN; k++) entries += f->E_drawn[k] > 0;
    for (int k = 0; k < MARKS; k++) entries += f->marks[k] > 0;
    return entries > 2 ? (entries + 1) / 2 : 1;
}

static void bifurcation_variables(FILE *stream, void *context)
{
    static const char *const E[E_STATES] = { "E_all", "E_some", "E_none", "E_undecided", "E_unknown" }, *const branch[STATES] = { "n_stable", "n_unstable", "n_undecided" };
    static const char *const marks[MARKS] = { "n_fold", "n_critical", "n_across", "n_change" };
    bifurcation_figure *f = context;
    const size_t rows = key_rows(f), height = BOTTOM + BELOW + KEY_ROW * rows;
    const struct { const char *name; size_t value; } panel[] = { { "drawn_width", WIDTH }, { "drawn_height", height }, { "key_rows", rows },   { "panel_left", LEFT },
                                                                 { "panel_right", RIGHT }, { "panel_top", TOP },       { "panel_bottom", BOTTOM } };
    fprintf(stream, "if (!exists('figure_width')) figure_width = %d\nif (!exists('figure_height')) figure_height = %zu\n", WIDTH, height);
    for (size_t i = 0; i < sizeof panel / sizeof *panel; i++) fs_figure_set_count(stream, panel[i].name, panel[i].value);
    fs_figure_set_title(stream, f->head);
    set_subtitle(stream, f);
    fs_figure_set_number(stream, "low", f->b->low);
    fs_figure_set_number(stream, "high", f->b->high);
    fs_figure_set_number(stream, "highest", f->high);
    for (int k = 0; k < E_STATES; k++) fs_figure_set_count(stream, E[k], f->E_drawn[k]);
    for (int k = 0; k < STATES; k++) fs_figure_set_count(stream, branch[k], f->drawn[k]);
    for (int k = 0; k < MARKS; k++) fs_figure_set_count(stream, marks[k], f->marks[k]);
    fs_figure_set_count(stream, "n_alone", f->alone);
    set_words(stream, f);
    set_infinity(stream, f);
    set_labels(stream, f);
}

fs_status fs_figure_draw_bifurcation(fs_figure *out, fs_folder *folder, const fs_report_head *head, const fs_bifurcation *b, const fs_figure_options *options,
                                     fs_err *err)
{
    bifurcation_figure f = { .head = head, .b = b, .high = highest(b) };
    const fs_figure_plan plan = { "bifurcation.gp", bifurcation_data, bifurcation_variables, &f };
    collect_marks(&f);
    return fs_figure_draw(out, folder, options, &plan, err);
}
