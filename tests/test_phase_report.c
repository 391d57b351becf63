/* tests/test_phase_report.c -- laws of what `phase` writes: table, JSON, CSV, figure
 *
 * The planes are made by hand from a field with known zeros, and in the shapes that results take when little or nothing is there.
 *
 *   F = (sin 2a / 2, sin 2b / 2) - gamma (p_a a, p_b b)
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "law.h"

#include "folder.h"

#include "base/files.h"
#include "report/phase.h"

#include <gsl/gsl_randist.h>

#include <sys/stat.h>

/* --- planes made by hand ------------------------------------------------------------------------ */

static const double none = (double)NAN;

typedef struct {
    size_t panels, points, separatrices, streamlines, paths;
    fs_plane_E E;
    int slice, judged;
} shape;

static fs_report_head make_head(const shape *s)
{
    static const uint64_t seed[] = { 1 };
    const size_t dim_N = s->E == FS_E_ALL ? 0 : s->E == FS_E_POINT ? 2 : 1;
    return (fs_report_head){
        .version = "0.1.0", .command = "phase", .command_line = "flowsim phase --model toy", .model = "toy",
        .path = "models/toy.yaml", .title = "a toy",
        .source = "Figure 1", .data_note = "1 sample", .text = "title: a toy\ngroup: C2\n", .group = "C2", .order = 2, .nodes = 2,
        .rule = "all 2 elements",
        .dim_L = 2, .dim_E = 2 - dim_N, .dim_N = dim_N, .parameters = 2, .isotypic_note = "", .n_seed = 1, .seed = seed,
        .wall_s = 0.5, .isa = "baseline", .blas_core = "",
    };
}

static fs_streamline make_line(gsl_rng *rng, size_t n)
{
    fs_streamline line = { n, fs_calloc(2 * n, sizeof *line.place), n / 2 };
    double x = gsl_ran_flat(rng, -1.5, 0.5), y = gsl_ran_flat(rng, -1.5, 1.5);
    for (size_t i = 0; i < n; i++) {
        line.place[2 * i] = x + 0.9 * (double)i / (double)n;
        line.place[2 * i + 1] = y + 0.4 * gsl_rng_uniform(rng) / (double)n;
    }
    return line;
}

static fs_phase_path make_path(gsl_rng *rng, size_t n, uint64_t seed, fs_attraction_outcome outcome, int judged)
{
    fs_phase_path p = { .seed = seed, .distance = 0.5 * (double)seed, .n = n, .fraction = judged ? 1.0 : 0.7351, .start_off_plane = judged ? 0.0 : 0.125,
                        .distance_end = gsl_ran_flat(rng, 0, 1), .judged = judged, .outcome = outcome, .code = FS_OK };
    fs_streamline line = make_line(rng, n);
    p.place = line.place;
    p.t = fs_calloc(n + 1, sizeof *p.t);
    p.off = fs_calloc(n + 1, sizeof *p.off);
    for (size_t i = 0; i < n; i++) {
        p.t[i] = (double)i + gsl_rng_uniform(rng);
        p.off[i] = gsl_ran_flat(rng, 0, 2);
    }
    snprintf(p.why, sizeof p.why, "because of number %d", (int)outcome);
    return p;
}

static void make_panel(fs_phase_panel *panel, gsl_rng *rng, const shape *s, double gamma, size_t k)
{
    *panel = (fs_phase_panel){ .gamma = gamma, .n_points = s->points, .n_separatrices = s->separatrices, .n_paths = s->paths, .off_plane = s->slice ? 3 : 0 };
    panel->point = fs_calloc(s->points + 1, sizeof *panel->point);
    for (size_t i = 0; i < s->points; i++)
        panel->point[i] = (fs_phase_point){ .place = { gsl_ran_flat(rng, -1.5, 1.5), gsl_ran_flat(rng, -1.5, 1.5) },
                                            .kind = (fs_point)((i + k) % FS_POINT_COUNT),
                                            .inertia = { i, 1, k + 1 }, .lowest = gsl_ran_flat(rng, -2, 1), .highest = gsl_ran_flat(rng, 1, 3), .error = 1e-14,
                                            .risk = gsl_rng_uniform(rng), .distance = gsl_rng_uniform(rng), .residual = 1e-16 };
    panel->streamlines = fs_calloc(1, sizeof *panel->streamlines);
    panel->streamlines->n = s->streamlines;
    panel->streamlines->line = fs_calloc(s->streamlines + 1, sizeof *panel->streamlines->line);
    for (size_t i = 0; i < s->streamlines; i++) panel->streamlines->line[i] = make_line(rng, 9 + i);
    panel->separatrix = fs_calloc(s->separatrices + 1, sizeof *panel->separatrix);
    for (size_t i = 0; i < s->separatrices; i++) panel->separatrix[i] = make_line(rng, 7);
    panel->path = fs_calloc(s->paths + 1, sizeof *panel->path);
    for (size_t i = 0; i < s->paths; i++)
        panel->path[i] = make_path(rng, 20, i + 1, (fs_attraction_outcome)((i + k) % FS_ATTRACTION_COUNT), s->judged);
}

enum { GRID = 33 };

static fs_phase *make_phase(gsl_rng *rng, const shape *s)
{
    static const double gamma[] = { 0, 0.25, 1.0 / 3.0, 0.5, 0.75, 2, 10 };
    fs_phase *phase = fs_calloc(1, sizeof *phase);
    *phase = (fs_phase){ .kind = FS_FLOW_AUGMENTED, .exact = !s->slice, .choice = FS_PLANE_UNSTABLE, .E = s->E, .window = { -2, 2, -2, 2 },
                         .tube = s->E == FS_E_ALL ? 0.0 : 0.75,
                         .grid = GRID, .E_kept = s->E == FS_E_LINE, .penalised = { s->E == FS_E_POINT, s->E != FS_E_ALL }, .n_panels = s->panels, .chosen = 1,
                         .gamma_critical = none, .fraction = 0.875,
                         .wall_s = 0.5, .gamma_text = "given by hand", .centre_text = "the origin" };
    for (int k = 0; k < 2; k++) {
        fs_phase_axis *axis = &phase->axis[k];
        axis->in_N = phase->penalised[k];
        phase->penalty[k][k] = phase->penalised[k] ? 1.0 : 0.0;
        axis->direction = fs_calloc(2, sizeof *axis->direction);
        axis->direction[k] = 1.0;
        axis->curvature = s->slice ? -0.3125 : none;
        axis->curvature_error = s->slice ? 1e-13 : none;
        snprintf(axis->name, sizeof axis->name, s->slice ? "%c, lowest eigenvector" : "%c, an axis", k ? 'v' : 'u');
    }
    phase->centre = fs_calloc(2, sizeof *phase->centre);
    phase->a = fs_calloc(GRID, sizeof *phase->a);
    phase->b = fs_calloc(GRID, sizeof *phase->b);
    phase->risk = fs_calloc(GRID * GRID, sizeof *phase->risk);
    phase->field = fs_calloc((size_t)2 * GRID * GRID, sizeof *phase->field);
    for (size_t i = 0; i < GRID; i++) phase->a[i] = phase->b[i] = -2.0 + 4.0 * (double)i / (GRID - 1);
    for (size_t j = 0; j < GRID; j++)
        for (size_t i = 0; i < GRID; i++) {
            size_t at = j * GRID + i;
            phase->risk[at] = gsl_rng_uniform(rng);
            phase->field[2 * at] = 0.5 * sin(2.0 * phase->a[i]);
            phase->field[2 * at + 1] = 0.5 * sin(2.0 * phase->b[j]);
        }
    phase->panel = fs_calloc(s->panels + 1, sizeof *phase->panel);
    for (size_t k = 0; k < s->panels; k++) make_panel(&phase->panel[k], rng, s, gamma[k], k);
    return phase;
}

static void free_lines(size_t n, fs_streamline *line)
{
    for (size_t i = 0; i < n; i++) free(line[i].place);
    free(line);
}

static void free_phase(fs_phase *phase)
{
    for (size_t k = 0; k < phase->n_panels; k++) {
        fs_phase_panel *p = &phase->panel[k];
        free(p->point);
        if (p->streamlines) free_lines(p->streamlines->n, p->streamlines->line);
        free(p->streamlines);
        free_lines(p->n_separatrices, p->separatrix);
        for (size_t i = 0; i < p->n_paths; i++) {
            free(p->path[i].t);
            free(p->path[i].off);
            free(p->path[i].place);
        }
        free(p->path);
    }
    for (int k = 0; k < 2; k++) free(phase->axis[k].direction);
    free(phase->panel);
    free(phase->centre);
    free(phase->a);
    free(phase->b);
    free(phase->risk);
    free(phase->field);
    free(phase);
}

static const shape rich = { 3, 7, 2, 4, 2, FS_E_LINE, 0, 1 };

/* --- files made and looked at ---------------------------------------------------------------------- */

static const char *in_folder(const char *name)
{
    static char path[4][400];
    static unsigned turn;
    char *p = path[turn++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

static int exists(const char *path)
{
    struct stat s;
    return lstat(path, &s) == 0;
}

/* The whole file, terminated; the caller frees it. */
static char *get(const char *path, size_t *size)
{
    fs_err err = { 0 };
    char *text;
    size_t n;
    assert_ok(fs_file_read(path, (size_t)1 << 26, &text, &n, &err), err);
    if (size) *size = n;
    return text;
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part)) n++;
    return n;
}

static void assert_contains(const char *text, const char *part)
{
    assert_non_null(text);
    if (!strstr(text, part)) fail_msg("\"%s\" is missing in\n%s", part, text);
}

static void assert_count(const char *text, const char *part, size_t expected)
{
    if (count(text, part) != expected) fail_msg("\"%s\" occurs %zu times, expected %zu", part, count(text, part), expected);
}

/* --- JSON -------------------------------------------------------------------------------------------- */

static json_t *at(const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    if (!value) fail_msg("\"%s\" is missing", key);
    return value;
}

static void assert_value(const json_t *value, double expected)
{
    if (isnan(expected)) assert_string_equal(json_string_value(value), "nan");
    else if (isinf(expected)) assert_string_equal(json_string_value(value), "inf");
    else {
        assert_true(json_is_number(value));
        assert_near(json_number_value(value), expected, 0);
    }
}

static void assert_real(const json_t *object, const char *key, double expected)
{
    assert_value(at(object, key), expected);
}

static void assert_word(const json_t *object, const char *key, const char *expected)
{
    assert_string_equal(json_string_value(at(object, key)), expected);
}

static void assert_reals(const json_t *array, size_t n, const double *expected)
{
    assert_int_equal(json_array_size(array), n);
    for (size_t i = 0; i < n; i++) assert_value(json_array_get(array, i), expected[i]);
}

/* The report as a reader sees it: written to a file and parsed again; takes report over. */
static json_t *written_and_read(json_t *report)
{
    fs_err err = { 0 };
    json_error_t where;
    assert_non_null(report);
    assert_ok(fs_json_write(in_folder("report.json"), report, &err), err);
    json_decref(report);
    report = json_load_file(in_folder("report.json"), JSON_REJECT_DUPLICATES, &where);
    if (!report) fail_msg("%s", where.text);
    return report;
}

static void assert_point(const json_t *object, const fs_phase_point *p)
{
    assert_reals(at(object, "place"), 2, p->place);
    assert_word(object, "kind", fs_phase_point_word(p));
    assert_real(object, "lowest", p->lowest);
    assert_real(object, "highest", p->highest);
    assert_real(object, "error", p->error);
    assert_real(object, "risk", p->risk);
    assert_real(object, "distance", p->distance);
    assert_real(object, "residual", p->residual);
    assert_real(at(object, "inertia"), "negative", (double)p->inertia.negative);
    assert_real(at(object, "inertia"), "undecided", (double)p->inertia.undecided);
    assert_real(at(object, "inertia"), "positive", (double)p->inertia.positive);
}

static void assert_path(const json_t *object, const fs_phase_path *p)
{
    assert_real(object, "seed", (double)p->seed);
    assert_real(object, "distance", p->distance);
    assert_real(object, "distance_end", p->distance_end);
    assert_real(object, "fraction_in_plane", p->fraction);
    assert_real(object, "start_off_plane", p->start_off_plane);
    assert_word(object, "why", p->why);
    assert_word(object, "status", fs_status_text(p->code));
    if (p->judged) assert_word(object, "outcome", fs_attraction_name(p->outcome));
    else assert_true(json_is_null(at(object, "outcome")));
    assert_reals(at(object, "t"), p->n, p->t);
    assert_reals(at(object, "off_E"), p->n, p->off);
    assert_int_equal(json_array_size(at(object, "place")), p->n);
    for (size_t i = 0; i < p->n; i++) assert_reals(json_array_get(at(object, "place"), i), 2, p->place + 2 * i);
}

static void assert_report(const json_t *report, const fs_phase *phase)
{
    static const char *const places[] = { "line", "point", "all" };
    const json_t *plane = at(report, "plane"), *panels = at(report, "panels");
    assert_word(report, "flow", fs_flow_name(phase->kind));
    assert_int_equal(json_is_true(at(plane, "exact")), phase->exact);
    assert_word(plane, "choice", phase->choice == FS_PLANE_MOTION ? "motion" : "unstable");
    assert_word(plane, "E", places[phase->E]);
    assert_reals(at(plane, "centre"), 2, phase->centre);
    assert_int_equal(json_array_size(at(plane, "axes")), 2);
    for (size_t k = 0; k < 2; k++) {
        const json_t *axis = json_array_get(at(plane, "axes"), k);
        assert_word(axis, "name", phase->axis[k].name);
        assert_word(axis, "in", phase->axis[k].in_N ? "N" : "E");
        assert_real(axis, "curvature", phase->axis[k].curvature);
        assert_real(axis, "curvature_error", phase->axis[k].curvature_error);
        assert_reals(at(axis, "direction"), 2, phase->axis[k].direction);
    }
    assert_reals(at(report, "window"), 4, phase->window);
    assert_real(report, "grid", (double)phase->grid);
    assert_real(report, "tube", phase->tube);
    assert_real(report, "gamma_critical", phase->gamma_critical);
    assert_real(report, "fraction_in_plane", phase->fraction);
    assert_word(report, "gamma_text", phase->gamma_text);
    assert_int_equal(json_is_true(at(report, "interrupted")), phase->stopped);
    assert_int_equal(json_array_size(panels), phase->n_panels);
    for (size_t k = 0; k < phase->n_panels; k++) {
        const fs_phase_panel *p = &phase->panel[k];
        const json_t *panel = json_array_get(panels, k);
        assert_real(panel, "gamma", p->gamma);
        assert_int_equal(json_array_size(at(panel, "points")), p->n_points);
        for (size_t i = 0; i < p->n_points; i++) assert_point(json_array_get(at(panel, "points"), i), &p->point[i]);
        assert_int_equal(json_array_size(at(panel, "paths")), p->n_paths);
        for (size_t i = 0; i < p->n_paths; i++) assert_path(json_array_get(at(panel, "paths"), i), &p->path[i]);
        assert_real(panel, "streamlines", (double)(p->streamlines ? p->streamlines->n : 0));
        assert_real(panel, "separatrices", (double)p->n_separatrices);
        assert_real(panel, "points_off_plane", (double)p->off_plane);
        assert_int_equal(json_is_true(at(panel, "more_points")), p->more_points);
        assert_int_equal(json_is_true(at(panel, "still")), p->still);
    }
}

static void json_has_the_numbers_of_the_plane(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("json_has_the_numbers_of_the_plane");
    const shape shapes[] = { rich, { 2, 3, 0, 3, 1, FS_E_LINE, 1, 0 }, { 1, 0, 0, 0, 0, FS_E_POINT, 0, 1 }, { 0, 0, 0, 0, 0, FS_E_ALL, 0, 1 } };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        fs_report_head head = make_head(&shapes[i]);
        fs_phase *phase = make_phase(rng, &shapes[i]);
        json_t *report = written_and_read(fs_json_phase(&head, phase));
        assert_word(report, "command", "phase");
        assert_report(report, phase);
        json_decref(report);
        free_phase(phase);
    }
    gsl_rng_free(rng);
}

static void json_writes_what_is_no_number_as_words(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("json_writes_what_is_no_number_as_words");
    fs_report_head head = make_head(&rich);
    fs_phase *phase = make_phase(rng, &rich);
    phase->panel[0].point[0].lowest = none;
    phase->panel[0].point[1].error = (double)INFINITY;
    phase->panel[1].path[0].distance_end = none;
    phase->panel[1].path[1].code = FS_ESTOPPED;
    phase->panel[2].more_points = 1;
    phase->panel[0].still = 1;
    phase->gamma_critical = 0.1 + 0.2;
    phase->fraction = none;
    phase->stopped = 1;
    free_lines(phase->panel[2].streamlines->n, phase->panel[2].streamlines->line);
    free(phase->panel[2].streamlines);
    phase->panel[2].streamlines = NULL;
    json_t *report = written_and_read(fs_json_phase(&head, phase));
    assert_report(report, phase);
    json_decref(report);
    free_phase(phase);
    gsl_rng_free(rng);
}

/* --- CSV ------------------------------------------------------------------------------------------------ */

/* Cuts the next comma-separated word off. */
static char *word(char **line)
{
    char *start = *line, *end = start + strcspn(start, ",");
    *line = *end ? end + 1 : end;
    *end = 0;
    return start;
}

static void assert_field(char **line, double expected)
{
    double value = none;
    char *text = word(line);
    if (isnan(expected)) {
        assert_string_equal(text, "nan");
        return;
    }
    assert_int_equal(fs_number_parse(text, &value), FS_OK);
    assert_memory_equal(&value, &expected, sizeof value);
}

/* The rows behind comments and header, which must be this one; *save keeps the place. */
static char *first_row(char *text, const char *header, char **save)
{
    char *line = strtok_r(text, "\n", save);
    while (line && *line == '#') line = strtok_r(NULL, "\n", save);
    assert_string_equal(line, header);
    return strtok_r(NULL, "\n", save);
}

static char *assert_curve(char *line, char **save, double gamma, const char *kind, size_t index, size_t n, const double *t, const double *place)
{
    for (size_t i = 0; i < n; i++, line = strtok_r(NULL, "\n", save)) {
        assert_non_null(line);
        assert_field(&line, gamma);
        assert_string_equal(word(&line), kind);
        assert_field(&line, (double)index);
        assert_field(&line, t ? t[i] : none);
        assert_field(&line, place[2 * i]);
        assert_field(&line, place[2 * i + 1]);
    }
    return line;
}

static void assert_curves(const fs_phase *phase)
{
    char *save = NULL, *text = get(in_folder("out/curves.csv"), NULL);
    assert_contains(text, "# command: flowsim phase --model toy\n");
    char *line = first_row(text, "gamma,kind,index,t,a,b", &save);
    for (size_t k = 0; k < phase->n_panels; k++) {
        const fs_phase_panel *p = &phase->panel[k];
        for (size_t i = 0; i < p->streamlines->n; i++)
            line = assert_curve(line, &save, p->gamma, "streamline", i + 1, p->streamlines->line[i].n, NULL, p->streamlines->line[i].place);
        for (size_t i = 0; i < p->n_separatrices; i++)
            line = assert_curve(line, &save, p->gamma, "separatrix", i + 1, p->separatrix[i].n, NULL, p->separatrix[i].place);
        for (size_t i = 0; i < p->n_paths; i++) line = assert_curve(line, &save, p->gamma, "path", i + 1, p->path[i].n, p->path[i].t, p->path[i].place);
    }
    assert_null(line);
    free(text);
}

static void csv_reads_back_bit_for_bit(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("csv_reads_back_bit_for_bit");
    fs_err err = { 0 };
    fs_folder *f;
    fs_report_head head = make_head(&rich);
    fs_phase *phase = make_phase(rng, &rich);
    phase->panel[1].point[2].lowest = none;
    assert_ok(fs_folder_open(&f, in_folder("out"), 1, &err), err);
    assert_ok(fs_csv_write_phase(f, &head, phase, &err), err);
    assert_ok(fs_folder_settle(f, &err), err);
    fs_folder_destroy(f);
    char *save = NULL, *text = get(in_folder("out/field.csv"), NULL), *line = first_row(text, "a,b,risk,velocity_a,velocity_b", &save);
    for (size_t j = 0; j < GRID; j++)
        for (size_t i = 0; i < GRID; i++, line = strtok_r(NULL, "\n", &save)) {
            size_t node = j * GRID + i;
            assert_non_null(line);
            assert_field(&line, phase->a[i]);
            assert_field(&line, phase->b[j]);
            assert_field(&line, phase->risk[node]);
            assert_field(&line, phase->field[2 * node]);
            assert_field(&line, phase->field[2 * node + 1]);
        }
    assert_null(line);
    free(text);
    text = get(in_folder("out/points.csv"), NULL);
    assert_contains(text, "# a: u, an axis, in E\n# b: v, an axis, in N\n");
    line = first_row(text, "gamma,a,b,kind,lowest,highest,error,risk,distance", &save);
    for (size_t k = 0; k < phase->n_panels; k++)
        for (size_t i = 0; i < phase->panel[k].n_points; i++, line = strtok_r(NULL, "\n", &save)) {
            const fs_phase_point *p = &phase->panel[k].point[i];
            assert_non_null(line);
            assert_field(&line, phase->panel[k].gamma);
            assert_field(&line, p->place[0]);
            assert_field(&line, p->place[1]);
            assert_string_equal(word(&line), fs_phase_point_word(p));
            assert_field(&line, p->lowest);
            assert_field(&line, p->highest);
            assert_field(&line, p->error);
            assert_field(&line, p->risk);
            assert_field(&line, p->distance);
        }
    assert_null(line);
    free(text);
    assert_curves(phase);
    free_phase(phase);
    gsl_rng_free(rng);
}

static void csv_of_nothing_is_headers(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("csv_of_nothing_is_headers");
    const shape nothing = { .E = FS_E_ALL };
    fs_err err = { 0 };
    fs_folder *f;
    fs_report_head head = make_head(&nothing);
    fs_phase *phase = make_phase(rng, &nothing);
    char *save = NULL;
    phase->stopped = 1;
    assert_ok(fs_folder_open(&f, in_folder("out"), 1, &err), err);
    assert_ok(fs_csv_write_phase(f, &head, phase, &err), err);
    assert_ok(fs_folder_settle(f, &err), err);
    fs_folder_destroy(f);
    char *text = get(in_folder("out/points.csv"), NULL);
    assert_contains(text, "# interrupted");
    assert_null(first_row(text, "gamma,a,b,kind,lowest,highest,error,risk,distance", &save));
    free(text);
    text = get(in_folder("out/curves.csv"), NULL);
    assert_null(first_row(text, "gamma,kind,index,t,a,b", &save));
    free(text);
    free_phase(phase);
    gsl_rng_free(rng);
}

/* --- table ------------------------------------------------------------------------------------------------ */

static char *table_of(const fs_report_head *head, const fs_phase *phase, int colour)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    fs_table_print_phase(stream, head, phase, colour);
    fclose(stream);
    return text;
}

/* Columns: every byte that does not continue a character. */
static void assert_narrow(const char *text)
{
    size_t width = 0;
    for (const char *c = text; *c; c++) {
        width = *c == '\n' ? 0 : width + ((*c & 0xc0) != 0x80);
        if (width > 100) fail_msg("a line is wider than 100 columns in\n%s", text);
    }
}

static void table_says_what_is_known_and_what_is_not(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("table_says_what_is_known_and_what_is_not");
    const shape one = { 2, 2, 0, 0, 1, FS_E_LINE, 0, 1 };
    fs_report_head head = make_head(&one);
    fs_phase *phase = make_phase(rng, &one);
    phase->panel[0].point[0] = (fs_phase_point){ .place = { 0.5, 1e-17 }, .kind = FS_POINT_MINIMUM, .inertia = { 0, 0, 2 }, .lowest = 0.25, .highest = 1.75,
                                                 .error = 1e-14,
                                                 .risk = 0.125, .distance = 1e-17 };
    phase->panel[0].point[1] = (fs_phase_point){ .place = { -1, 1 }, .kind = FS_POINT_DEGENERATE, .inertia = { 0, 1, 1 }, .lowest = -1e-16, .highest = 1.5,
                                                 .error = 1e-14,
                                                 .risk = none, .distance = 1 };
    phase->panel[1].n_points = 0;
    phase->panel[1].path[0].outcome = FS_ATTRACTION_UNDECIDED;
    char *text = table_of(&head, phase, 0);
    assert_narrow(text);
    assert_null(strchr(text, '\033'));
    assert_null(strstr(text, "nan"));
    assert_contains(text, "        0       0.5         0  sink          0/0/2       0.25       1.75   1e-14      0.125        0\n");
    assert_contains(text, "               -1         1  undecided     0/1/1          0        1.5   1e-14          -        1\n");
    assert_contains(text, "     0.25  no stationary point in the window\n");
    assert_contains(text, "attracted");
    assert_contains(text, "undecided:  gamma = 0.25, |Y_0| = 0.5: because of number 1");
    assert_contains(text, "given by hand");
    free(text);
    text = table_of(&head, phase, 1);
    assert_contains(text, "\033[");
    free(text);
    phase->panel[0].path[0].code = FS_ENAN;
    phase->exact = 0;
    phase->panel[1].off_plane = 4;
    phase->stopped = 1;
    text = table_of(&head, phase, 0);
    assert_narrow(text);
    assert_contains(text, "FAILED:     gamma = 0, |Y_0| = 0.5: because of number 0");
    assert_contains(text, "87.5 % of the motion lies in the plane");
    assert_contains(text, "no stationary point in the window; 4 more off the plane");
    assert_contains(text, "INTERRUPTED");
    free(text);
    free_phase(phase);
    gsl_rng_free(rng);
}

static void table_of_much_and_of_nothing_stays_on_a_screen(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("table_of_much_and_of_nothing_stays_on_a_screen");
    const shape shapes[] = { { 7, 40, 0, 0, 25, FS_E_POINT, 0, 1 }, { 0, 0, 0, 0, 0, FS_E_ALL, 0, 1 }, { 3, 0, 0, 0, 0, FS_E_LINE, 1, 0 } };
    for (size_t i = 0; i < 3; i++) {
        fs_report_head head = make_head(&shapes[i]);
        fs_phase *phase = make_phase(rng, &shapes[i]);
        char *text = table_of(&head, phase, 0);
        assert_narrow(text);
        assert_true(count(text, "\n") < 230);
        free(text);
        free_phase(phase);
    }
    gsl_rng_free(rng);
}

/* --- figure ------------------------------------------------------------------------------------------------- */

static const char *scripts(void)
{
    static char path[400];
    const char *source = getenv("FLOWSIM_SRCDIR");
    snprintf(path, sizeof path, "%s/figures", source ? source : ".");
    return path;
}

static int have_gnuplot(void)
{
    int have = system("gnuplot --version >/dev/null 2>&1") == 0;
    if (!have) print_message("# gnuplot is not installed: pictures themselves were not made\n");
    return have;
}

/* Draws into folder/name. */
static void draw(fs_figure *figure, const char *name, const fs_report_head *head, const fs_phase *phase, const char *format, const char *program)
{
    fs_err err = { 0 };
    fs_folder *f;
    const fs_figure_options options = { .format = format, .scripts = scripts(), .gnuplot = program };
    assert_ok(fs_folder_open(&f, in_folder(name), 1, &err), err);
    assert_ok(fs_figure_draw_phase(figure, f, head, phase, &options, &err), err);
    assert_ok(fs_folder_settle(f, &err), err);
    fs_folder_destroy(f);
}

static char *drawn(const fs_report_head *head, const fs_phase *phase, const char *format)
{
    fs_figure figure;
    char path[40];
    size_t size;
    draw(&figure, "out", head, phase, format, NULL);
    if (!figure.made) fail_msg("%s", figure.note);
    snprintf(path, sizeof path, "out/%s", figure.file);
    char *text = get(in_folder(path), &size);
    assert_true(size > 1500);
    return text;
}

static size_t points_of(const fs_phase *phase, fs_point kind)
{
    size_t n = 0;
    for (size_t k = 0; k < phase->n_panels; k++)
        for (size_t i = 0; i < phase->panel[k].n_points; i++) n += fs_phase_point_kind(&phase->panel[k].point[i]) == kind;
    return n;
}

/* Filled polygons of a colour: heads of arrows, discs and halves of discs. */
static size_t filled(const char *svg, const char *rgb)
{
    char part[60];
    snprintf(part, sizeof part, "polygon fill = 'rgb(%s)'", rgb);
    return count(svg, part);
}

static void assert_said(const char *svg, const char *words, int expected)
{
    if ((strstr(svg, words) != NULL) != expected) fail_msg("\"%s\" is %s", words, expected ? "missing" : "there, but should not be");
}

/* What is in the plane is in the picture, once each and once in the key; what is not there is not in the key. */
static void assert_layers(const char *svg, const fs_phase *phase, const shape *s)
{
    const size_t n = phase->n_panels, sinks = points_of(phase, FS_POINT_MINIMUM), sources = points_of(phase, FS_POINT_MAXIMUM),
                 saddles = points_of(phase, FS_POINT_SADDLE),
                 undecided = points_of(phase, FS_POINT_DEGENERATE) + points_of(phase, FS_POINT_UNKNOWN);
    const char *heads[] = { "204, 121, 167", "102, 102, 102", "  0, 114, 178" };
    const size_t lines[] = { s->separatrices, s->streamlines, s->paths };
    for (size_t k = 0; k < 3; k++) {
        size_t expected = n * lines[k];
        expected += expected > 0;
        if (filled(svg, heads[k]) != expected) fail_msg("%zu heads of %s, expected %zu", filled(svg, heads[k]), heads[k], expected);
    }
    assert_count(svg, "<image", n);
    assert_count(svg, ">?<", undecided + (undecided > 0));
    assert_int_equal(filled(svg, "  0,   0,   0"), sinks + saddles + (sinks > 0) + (saddles > 0));
    assert_said(svg, ">sink<", sinks > 0);
    assert_said(svg, ">source<", sources > 0);
    assert_said(svg, ">saddle<", saddles > 0);
    assert_said(svg, "kind undecided", undecided > 0);
    assert_said(svg, ">separatrix<", n && s->separatrices);
    assert_said(svg, ">streamline<", n && s->streamlines);
    assert_said(svg, ">augmented flow<", n && s->paths);
    assert_said(svg, ">its start", n && s->paths);
    assert_said(svg, "E, the equivariant weights", s->E != FS_E_ALL);
    assert_said(svg, "|Y| ≤ 0.75", s->E != FS_E_ALL);
    assert_said(svg, "path stroke='rgb(  0, 158, 115)'", s->E != FS_E_ALL);
    assert_said(svg, "u′ = 0", n > 0);
    assert_said(svg, "path stroke='rgb(122,  75,   0)'", n > 0);
    assert_said(svg, "No stationary point in the window", n && !s->points);
    assert_said(svg, "dim E = 0: E is the origin alone", s->E == FS_E_POINT);
    assert_said(svg, "dim N = 0: all of L is E", s->E == FS_E_ALL);
    assert_said(svg, "87.5 % of the motion lies in this plane", s->slice);
    assert_said(svg, "off this plane", n && s->slice);
}

static void every_layer_is_drawn_as_often_as_it_is_there(void **state)
{
    (void)state;
    if (!have_gnuplot()) return;
    gsl_rng *rng = law_rng("every_layer_is_drawn_as_often_as_it_is_there");
    static const shape shapes[] = {
        { 3, 7, 2, 4, 2, FS_E_LINE, 0, 1 }, { 1, 1, 0, 1, 1, FS_E_LINE, 0, 1 }, { 1, 0, 0, 0, 0, FS_E_LINE, 0, 1 }, { 2, 5, 1, 2, 0, FS_E_POINT, 0, 1 },
        { 2, 3, 0, 2, 3, FS_E_ALL, 0, 0 },  { 4, 2, 0, 1, 1, FS_E_LINE, 1, 0 }, { 7, 1, 1, 1, 1, FS_E_LINE, 0, 1 }, { 0, 0, 0, 0, 0, FS_E_LINE, 0, 1 },
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        fs_report_head head = make_head(&shapes[i]);
        fs_phase *phase = make_phase(rng, &shapes[i]);
        char *svg = drawn(&head, phase, "svg");
        assert_layers(svg, phase, &shapes[i]);
        free(svg);
        free_phase(phase);
    }
    gsl_rng_free(rng);
}

/* Away from E, b' = 0 where sin 2b = 2 gamma b: twice for gamma = 0.25, never for 2 (nor, in this window, for -0.25). */
static void nullclines_move_with_gamma(void **state)
{
    (void)state;
    if (!have_gnuplot()) return;
    gsl_rng *rng = law_rng("nullclines_move_with_gamma");
    const shape bare = { 1, 0, 0, 0, 0, FS_E_LINE, 0, 1 };
    const double gamma[] = { 0.25, 2 };
    fs_report_head head = make_head(&bare);
    fs_phase *phase = make_phase(rng, &bare);
    size_t lines[2];
    for (int k = 0; k < 2; k++) {
        phase->panel[0].gamma = gamma[k];
        char *svg = drawn(&head, phase, "svg"), *script = get(in_folder("out/figure.gp"), NULL);
        assert_contains(script, k ? "has_nullcline_b_0 = 0;" : "has_nullcline_b_0 = 1;");
        assert_said(svg, "v′ = 0", !k);
        lines[k] = count(svg, "path stroke='rgb(122,  75,   0)'");
        free(svg);
        free(script);
    }
    assert_int_equal(lines[0], lines[1] + 2);       /* the curves as one element, and the key */
    free_phase(phase);
    gsl_rng_free(rng);
}

/* --- laws of the parts of a picture ----------------------------------------------------------------------- */

/* Draws, whether or not there is a program for it, and returns the data or the script. */
static char *written(const fs_report_head *head, const fs_phase *phase, const char *name)
{
    fs_figure figure;
    draw(&figure, "out", head, phase, "svg", NULL);
    return get(in_folder(name), NULL);
}

/* The rows of a block up to its end; its lines are told apart by blank ones. */
static char *block_of(char *data, const char *name)
{
    char *start = strstr(data, name), *end;
    if (!start) fail_msg("\"%s\" is missing", name);
    start = strchr(start, '\n') + 1;
    end = strstr(start, "\n\n\n");
    if (*start == '\n') *start = 0;
    else if (end) *end = 0;
    return start;
}

/* a' = sin(2a) / 2 - 2a is 0 at a = 0 alone, and b' in the same way: exactly on nodes, where no two neighbours have opposite signs. */
static void a_nullcline_on_the_nodes_is_a_line(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("a_nullcline_on_the_nodes_is_a_line");
    const shape bare = { 1, 0, 0, 0, 0, FS_E_POINT, 0, 1 };
    fs_report_head head = make_head(&bare);
    fs_phase *phase = make_phase(rng, &bare);
    phase->panel[0].gamma = 2;
    for (int k = 0; k < 2; k++) {
        char *data = written(&head, phase, "out/figure.dat"), *save = NULL;
        double place[2], low = 9, high = -9;
        size_t rows = 0;
        for (char *row = strtok_r(block_of(data, k ? "# nullcline b 0;" : "# nullcline a 0;"), "\n", &save); row; row = strtok_r(NULL, "\n", &save), rows++) {
            assert_int_equal(sscanf(row, "%lf %lf", &place[0], &place[1]), 2);
            assert_near(place[k], 0.0, 0.0);
            if (place[!k] < low) low = place[!k];
            if (place[!k] > high) high = place[!k];
        }
        assert_int_equal(rows, GRID);
        assert_near(low, -2.0, 0.0);
        assert_near(high, 2.0, 0.0);
        free(data);
    }
    char *script = written(&head, phase, "out/figure.gp");
    assert_contains(script, "has_nullcline_a_0 = 1; has_nullcline_b_0 = 1;");
    free(script);
    if (have_gnuplot()) {
        char *svg = drawn(&head, phase, "svg");
        assert_true(count(svg, "path stroke='rgb(122,  75,   0)'") >= 4);       /* both lines, and both in the key */
        free(svg);
    }
    free_phase(phase);
    gsl_rng_free(rng);
}

/* a' = a^2 + b^2 - 1: one closed line, and on an edge of length h the straight line misses a parabola by h^2 / 4 at most. */
static void a_closed_nullcline_is_one_line(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("a_closed_nullcline_is_one_line");
    const shape bare = { 1, 0, 0, 0, 0, FS_E_ALL, 0, 1 };
    const double h = 4.0 / (GRID - 1);
    fs_report_head head = make_head(&bare);
    fs_phase *phase = make_phase(rng, &bare);
    for (size_t j = 0; j < GRID; j++)
        for (size_t i = 0; i < GRID; i++) phase->field[2 * (j * GRID + i)] = phase->a[i] * phase->a[i] + phase->b[j] * phase->b[j] - 1.0;
    char *data = written(&head, phase, "out/figure.dat"), *save = NULL, *block = block_of(data, "# nullcline a 0;");
    double first[2] = { none, none }, place[2] = { none, none }, before[2];
    size_t rows = 0;
    assert_null(strstr(block, "\n\n"));
    for (char *row = strtok_r(block, "\n", &save); row; row = strtok_r(NULL, "\n", &save), rows++) {
        memcpy(before, place, sizeof before);
        assert_int_equal(sscanf(row, "%lf %lf", &place[0], &place[1]), 2);
        if (!rows) memcpy(first, place, sizeof first);
        else assert_true(hypot(place[0] - before[0], place[1] - before[1]) <= 1.5 * h);
        assert_near(place[0] * place[0] + place[1] * place[1], 1.0, 0.25 * h * h + 1e-14);
    }
    assert_true(rows > 40);
    assert_near(place[0], first[0], 0.0);
    assert_near(place[1], first[1], 0.0);
    free(data);
    free_phase(phase);
    gsl_rng_free(rng);
}

/* Where signs are those of rounding there is no line: a component nowhere above it, and one that is so in a part of the window. */
static void rounding_has_no_nullclines(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("rounding_has_no_nullclines");
    const shape bare = { 1, 0, 0, 0, 0, FS_E_ALL, 0, 1 };
    fs_report_head head = make_head(&bare);
    fs_phase *phase = make_phase(rng, &bare);
    for (int everywhere = 0; everywhere < 2; everywhere++) {
        for (size_t at = 0; at < (size_t)GRID * GRID; at++) {
            phase->field[2 * at] = 1.0;
            phase->field[2 * at + 1] = at % GRID < 10 && !everywhere ? 1.0 : 1e-15 * gsl_ran_flat(rng, -1, 1);
        }
        char *script = written(&head, phase, "out/figure.gp");
        assert_contains(script, "has_nullcline_a_0 = 0; has_nullcline_b_0 = 0;");
        free(script);
    }
    free_phase(phase);
    gsl_rng_free(rng);
}

/* The plane knows better than its largest number: no streamline, nullcline or direction, but words. */
static void a_still_panel_says_so(void **state)
{
    (void)state;
    if (!have_gnuplot()) return;
    gsl_rng *rng = law_rng("a_still_panel_says_so");
    const shape one = { 1, 0, 0, 2, 0, FS_E_LINE, 0, 1 };
    fs_report_head head = make_head(&one);
    fs_phase *phase = make_phase(rng, &one);
    for (int still = 0; still < 2; still++) {
        phase->panel[0].still = still;
        char *svg = drawn(&head, phase, "svg"), *table = table_of(&head, phase, 0);
        assert_said(svg, "the field is zero", still);
        assert_said(table, "the field is zero within rounding; no stationary point in the window", still);
        assert_said(svg, ">streamline<", !still);
        assert_said(svg, "u′ = 0", !still);
        assert_said(svg, "darker is faster", !still);
        assert_said(svg, "stroke='rgb(147, 169, 194)'", !still);        /* ticks of the direction field */
        free(svg);
        free(table);
    }
    free_phase(phase);
    gsl_rng_free(rng);
}

/* Some eigenvalues negative, none positive, and not all decided. */
static void a_point_is_no_saddle_without_a_positive_eigenvalue(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("a_point_is_no_saddle_without_a_positive_eigenvalue");
    const shape one = { 1, 1, 0, 0, 0, FS_E_LINE, 0, 1 };
    const struct { fs_point kind; fs_inertia signs; const char *word; } known[] = {
        { FS_POINT_SADDLE, { 1, 1, 0 }, "undecided" }, { FS_POINT_SADDLE, { 1, 0, 1 }, "saddle" }, { FS_POINT_SADDLE, { 0, 0, 0 }, "saddle" },
        { FS_POINT_SADDLE, { 1, 1, 1 }, "saddle" }, { FS_POINT_DEGENERATE, { 0, 1, 1 }, "undecided" }, { FS_POINT_MINIMUM, { 0, 0, 2 }, "sink" },
        { FS_POINT_MAXIMUM, { 2, 0, 0 }, "source" }, { FS_POINT_UNKNOWN, { 0, 0, 0 }, "unknown" },
    };
    fs_report_head head = make_head(&one);
    fs_phase *phase = make_phase(rng, &one);
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        phase->panel[0].point[0].kind = known[k].kind;
        phase->panel[0].point[0].inertia = known[k].signs;
        json_t *report = fs_json_phase(&head, phase);
        assert_word(json_array_get(at(json_array_get(at(report, "panels"), 0), "points"), 0), "kind", known[k].word);
        json_decref(report);
        char *table = table_of(&head, phase, 0), *data = written(&head, phase, "out/figure.dat"), *script = written(&head, phase, "out/figure.gp");
        assert_contains(table, known[k].word);
        double place[3];
        assert_int_equal(sscanf(block_of(data, "# points 0;"), "%lf %lf %lf", &place[0], &place[1], &place[2]), 3);
        assert_near(place[2], !strcmp(known[k].word, "sink") ? 0 : !strcmp(known[k].word, "source") ? 1 : !strcmp(known[k].word, "saddle") ? 2 : 3, 0);
        assert_said(script, "kind undecided", !strcmp(known[k].word, "undecided"));
        assert_said(script, "kind unknown", !strcmp(known[k].word, "unknown"));
        free(table);
        free(data);
        free(script);
    }
    free_phase(phase);
    gsl_rng_free(rng);
}

static void a_picture_can_be_drawn_in_another_size(void **state)
{
    (void)state;
    if (!have_gnuplot()) return;
    gsl_rng *rng = law_rng("a_picture_can_be_drawn_in_another_size");
    static const char *const sizes[][2] = { { "figure_width = 900", "width=\"900\"" }, { "figure_height = 333", "height=\"333\"" } };
    fs_report_head head = make_head(&rich);
    fs_phase *phase = make_phase(rng, &rich);
    free(drawn(&head, phase, "svg"));
    for (size_t k = 0; k < 2; k++) {
        char command[1200];
        snprintf(command, sizeof command, "cd %s && gnuplot -e \"%s; figure_format = 'svg'; figure_file = 'other.svg'\" figure.gp >/dev/null 2>&1",
                 in_folder("out"), sizes[k][0]);
        assert_int_equal(system(command), 0);
        char *svg = get(in_folder("out/other.svg"), NULL);
        assert_contains(svg, sizes[k][1]);
        free(svg);
    }
    free_phase(phase);
    gsl_rng_free(rng);
}

/* Labels are the numbers of their ticks to less than a hundredth of a step, no two the same, and in every window there are some. */
static void ticks_are_labelled_with_what_they_stand_at(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("ticks_are_labelled_with_what_they_stand_at");
    static const double windows[][4] = { { -2, 2, -2, 2 }, { 100, 101, 100, 101 }, { -1e6, 1e6, -1e6, 1e6 }, { -1e-9, 1e-9, -1e-9, 1e-9 }, { 1e6, 1e6 + 1, -1, 0 },
                                         { 0.1, 0.1001, 3, 1e7 }, { -7e-5, 12345, 0, 99999 } };
    fs_report_head head = make_head(&rich);
    fs_phase *phase = make_phase(rng, &rich);
    for (size_t w = 0; w < sizeof windows / sizeof *windows; w++) {
        memcpy(phase->window, windows[w], sizeof phase->window);
        char *script = written(&head, phase, "out/figure.gp");
        for (int k = 0; k < 2; k++) {
            char name[40], word[60], last[60] = "-", *found = script;
            double place, value, before = none, step = none;
            size_t labelled = 0, all = 0;
            for (size_t i = 1; snprintf(name, sizeof name, "\ntick_%c_%zu = ", k ? 'b' : 'a', i), (found = strstr(script, name)) != NULL; i++, all++) {
                const int words = sscanf(found + strlen(name), "%lf tick_%*[^']'%59[^']", &place, word);
                if (i > 1) step = place - before;
                before = place;
                assert_true(words >= 1 && (i == 1 || (step > 0 && place <= windows[w][2 * k + 1] + 1e-6 * step)));
                if (words == 1) continue;
                assert_int_equal(fs_number_parse(word, &value), FS_OK);
                if (i > 1) assert_near(value, place, 0.01 * step);
                assert_string_not_equal(word, last);
                strcpy(last, word);
                labelled++;
            }
            if (!(all >= 2 && labelled >= (k ? all : 2))) fail_msg("window %zu, axis %d: %zu ticks, %zu labels", w, k, all, labelled);
        }
        free(script);
    }
    free_phase(phase);
    gsl_rng_free(rng);
}

static void the_key_has_nothing_from_outside_the_window(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("the_key_has_nothing_from_outside_the_window");
    static const double windows[][4] = { { -2, 2, -2, 2 }, { 100, 101, 100, 101 }, { -2, 2, 0.5, 3 } };
    static const char *const words[] = { "E path start", "", "path start" };
    for (int k = 0; k < 2; k++) {
        const shape s = { 1, 0, 0, 1, 1, k ? FS_E_POINT : FS_E_LINE, 0, 1 };
        fs_report_head head = make_head(&s);
        fs_phase *phase = make_phase(rng, &s);
        for (size_t i = 0; i < phase->panel[0].path[0].n; i++) {
            phase->panel[0].path[0].place[2 * i] = 1.0;
            phase->panel[0].path[0].place[2 * i + 1] = 1.0 + 0.01 * (double)i;
        }
        for (size_t w = 0; w < 3; w++) {
            memcpy(phase->window, windows[w], sizeof phase->window);
            char *script = written(&head, phase, "out/figure.gp"), *key = strstr(script, "key_words = ");
            assert_non_null(key);
            *strchr(key, '\n') = 0;
            assert_said(key, "'E ", w == 0);
            assert_said(key, "tube", w != 1);
            assert_said(key, "path", strstr(words[w], "path") != NULL);
            assert_said(key, "start", strstr(words[w], "start") != NULL);
            free(script);
        }
        free_phase(phase);
    }
    gsl_rng_free(rng);
}

static void a_slice_says_how_little_it_shows(void **state)
{
    (void)state;
    if (!have_gnuplot()) return;
    gsl_rng *rng = law_rng("a_slice_says_how_little_it_shows");
    const shape slice = { 1, 0, 0, 1, 1, FS_E_LINE, 1, 0 };
    fs_report_head head = make_head(&slice);
    fs_phase *phase = make_phase(rng, &slice);
    snprintf(phase->axis[1].name, sizeof phase->axis[1].name, "lowest eigenvector of H_N");
    for (int little = 0; little < 2; little++) {
        phase->fraction = little ? 0.0625 : 0.125;
        char *table = table_of(&head, phase, 0), *svg = drawn(&head, phase, "svg");
        assert_said(table, "(--plane motion shows", little);
        assert_said(svg, "(--plane motion shows more)", little);
        assert_said(svg, "The start lies 0.125 off this plane.", 1);
        assert_said(svg, "H_N", 0);         /* an index is set as one */
        free(table);
        free(svg);
    }
    snprintf(phase->axis[1].name, sizeof phase->axis[1].name, "H_N^2 of {x}");
    char *svg = drawn(&head, phase, "svg");
    assert_said(svg, "H_N^2 of {x}", 1);
    free(svg);
    free_phase(phase);
    gsl_rng_free(rng);
}

/* A separatrix that comes along E and leaves it: the part that E would cover is drawn on E. */
static void a_separatrix_on_E_is_drawn_on_it(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("a_separatrix_on_E_is_drawn_on_it");
    const shape one = { 1, 0, 1, 0, 0, FS_E_LINE, 0, 1 };
    fs_report_head head = make_head(&one);
    fs_phase *phase = make_phase(rng, &one);
    fs_streamline *line = &phase->panel[0].separatrix[0];
    for (size_t i = 0; i < line->n; i++) {
        line->place[2 * i] = (double)i / 4.0 - 1.0;
        line->place[2 * i + 1] = i < 4 ? 1e-9 : 0.25 * (double)i;
    }
    char *data = written(&head, phase, "out/figure.dat"), *script = written(&head, phase, "out/figure.gp");
    assert_contains(script, "has_along_0 = 1\n");
    assert_count(block_of(data, "# separatrix on E 0;"), "\n", 3);         /* four rows */
    free(data);
    free(script);
    for (size_t i = 0; i < line->n; i++) line->place[2 * i + 1] += 0.5;
    script = written(&head, phase, "out/figure.gp");
    assert_contains(script, "has_along_0 = 0\n");
    free(script);
    free_phase(phase);
    gsl_rng_free(rng);
}

/* Half a unit of the tenth digit. */
static void the_grid_has_ten_digits(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("the_grid_has_ten_digits");
    const shape bare = { 1, 0, 0, 0, 0, FS_E_LINE, 0, 1 };
    fs_report_head head = make_head(&bare);
    fs_phase *phase = make_phase(rng, &bare);
    char *data = written(&head, phase, "out/figure.dat"), *row = strchr(strstr(data, "# grid;"), '\n') + 1;
    for (size_t i = 0; i < GRID; i++, row = strchr(row, '\n') + 1) {
        double value[5];
        const double expected[] = { phase->a[i], phase->b[0], phase->risk[i], phase->field[2 * i], phase->field[2 * i + 1] };
        assert_int_equal(sscanf(row, "%lf %lf %lf %lf %lf", &value[0], &value[1], &value[2], &value[3], &value[4]), 5);
        for (size_t k = 0; k < 5; k++) assert_near(value[k], expected[k], 5.1e-10 * fabs(expected[k]));
    }
    free(data);
    free_phase(phase);
    gsl_rng_free(rng);
}

static void panels_say_what_became_of_their_paths(void **state)
{
    (void)state;
    if (!have_gnuplot()) return;
    gsl_rng *rng = law_rng("panels_say_what_became_of_their_paths");
    const shape judged = { 4, 0, 0, 0, 1, FS_E_LINE, 0, 1 };
    fs_report_head head = make_head(&judged);
    fs_phase *phase = make_phase(rng, &judged);
    char *svg = drawn(&head, phase, "svg");
    assert_contains(svg, "γ = 0: attracted to E<");
    assert_contains(svg, "γ = 0.25: rests off E<");
    assert_contains(svg, "γ = 0.3333: away at the end<");
    assert_contains(svg, "γ = 0.5: undecided<");
    free(svg);
    for (size_t k = 0; k < 4; k++) phase->panel[k].path[0].judged = 0;
    phase->panel[0].path[0].distance_end = 1.25e-9;
    phase->panel[1].path[0].distance_end = 0.25;
    phase->panel[2].path[0].distance_end = none;
    phase->panel[3].path[0].code = FS_ENAN;
    svg = drawn(&head, phase, "svg");
    assert_contains(svg, "γ = 0: |Y| 0.5 → 1.3·10⁻⁹<");
    assert_contains(svg, "γ = 0.25: |Y| 0.5 → 0.25<");
    assert_contains(svg, "γ = 0.3333<");
    assert_contains(svg, "γ = 0.5: integration failed<");
    free(svg);
    free_phase(phase);
    phase = make_phase(rng, &rich);
    svg = drawn(&head, phase, "svg");
    assert_contains(svg, "γ = 0: 1 of 2 attracted<");
    assert_contains(svg, "γ = 0.25: 0 of 2 attracted<");
    assert_contains(svg, "2 starts<");
    free(svg);
    free_phase(phase);
    gsl_rng_free(rng);
}

/* A field that is 0 or no number everywhere, points and paths without numbers, a window of one place's size. */
static void planes_without_numbers_are_drawn(void **state)
{
    (void)state;
    if (!have_gnuplot()) return;
    gsl_rng *rng = law_rng("planes_without_numbers_are_drawn");
    for (int k = 0; k < 3; k++) {
        fs_report_head head = make_head(&rich);
        fs_phase *phase = make_phase(rng, &rich);
        for (size_t i = 0; i < (size_t)2 * GRID * GRID; i++) phase->field[i] = k == 0 ? 0.0 : k == 1 ? none : 1e-280 * phase->field[i];
        phase->penalised[1] = 0;
        phase->penalty[1][1] = 0.0;
        phase->panel[0].point[0].place[0] = none;
        phase->panel[0].path[0].place[7] = none;
        phase->panel[1].path[0].n = 0;
        phase->panel[2].separatrix[0].n = 0;
        phase->tube = 0;
        for (size_t p = 0; p < 3; p++) phase->panel[p].path[1].n = 1;
        char *svg = drawn(&head, phase, "svg");
        char *rows = get(in_folder("out/figure.dat"), NULL);
        assert_null(strstr(rows, "# separatrix 2;\n\n"));      /* an empty line in front of the next would end the block */
        free(rows);
        assert_said(svg, "over three decades", k == 2);
        assert_said(svg, "the field is zero", k < 2);
        assert_said(svg, ">streamline<", k == 2);
        assert_said(svg, "|Y| ≤", 0);
        free(svg);
        free_phase(phase);
    }
    gsl_rng_free(rng);
}

static void pictures_are_the_same_twice(void **state)
{
    (void)state;
    if (!have_gnuplot()) return;
    gsl_rng *rng = law_rng("pictures_are_the_same_twice");
    fs_report_head head = make_head(&rich);
    fs_phase *phase = make_phase(rng, &rich);
    for (int k = 0; k < 2; k++) {
        fs_figure figure;
        char *bytes[2];
        size_t size[2];
        for (int turn = 0; turn < 2; turn++) {
            draw(&figure, turn ? "two" : "one", &head, phase, k ? "svg" : "png", NULL);
            if (!figure.made) fail_msg("%s", figure.note);
            bytes[turn] = get(in_folder(turn ? k ? "two/figure.svg" : "two/figure.png" : k ? "one/figure.svg" : "one/figure.png"), &size[turn]);
            assert_true(size[turn] > 4000);
        }
        assert_int_equal(size[0], size[1]);
        assert_memory_equal(bytes[0], bytes[1], size[0]);
        free(bytes[0]);
        free(bytes[1]);
    }
    free_phase(phase);
    gsl_rng_free(rng);
}

static void squeeze_blanks(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++)
        if (*from != ' ' || to == text || to[-1] != ' ') *to++ = *from;
    *to = 0;
}

/* Letters where a terminal has no glyphs; the key has what is there. */
static void a_picture_of_characters_has_letters(void **state)
{
    (void)state;
    if (!have_gnuplot()) return;
    gsl_rng *rng = law_rng("a_picture_of_characters_has_letters");
    const shape s = { 1, 5, 1, 2, 1, FS_E_LINE, 0, 1 };
    fs_report_head head = make_head(&s);
    fs_phase *phase = make_phase(rng, &s);
    char *text = drawn(&head, phase, "dumb");
    assert_contains(text, "a toy");
    assert_contains(text, "γ = 0: attracted to E");
    squeeze_blanks(text);
    assert_contains(text, "S sink");
    assert_contains(text, "R source");
    assert_contains(text, "X saddle");
    assert_contains(text, "? stationary, kind undecided");
    assert_contains(text, "=====");
    assert_null(strstr(text, "streamline"));
    free(text);
    free_phase(phase);
    gsl_rng_free(rng);
}

static void titles_and_names_are_text_and_nothing_else(void **state)
{
    (void)state;
    if (!have_gnuplot()) return;
    gsl_rng *rng = law_rng("titles_and_names_are_text_and_nothing_else");
    char title[700];
    fs_report_head head = make_head(&rich);
    fs_phase *phase = make_phase(rng, &rich);
    snprintf(title, sizeof title, "it's `touch %s`\n\"$(x)\" @data {/Bold a_b^c} €", in_folder("pwned"));
    head.title = title;
    head.group = "C4'`touch x`\n";
    phase->exact = 0;
    snprintf(phase->centre_text, sizeof phase->centre_text, "''`touch y`'''_{x}' \"$z\" \\ %%s\n");
    snprintf(phase->axis[0].name, sizeof phase->axis[0].name, "'`touch z`, @data");
    char *svg = drawn(&head, phase, "svg");
    assert_contains(svg, "it's `touch ");
    assert_contains(svg, "''`touch y`'''_{x}' \"$z\" \\ %s");
    assert_contains(svg, "'`touch z`, @data");
    assert_false(exists(in_folder("pwned")) || exists(in_folder("out/x")) || exists(in_folder("out/y")) || exists(in_folder("out/z")));
    free(svg);
    free_phase(phase);
    gsl_rng_free(rng);
}

static void a_picture_that_cannot_be_made_leaves_data_and_script(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("a_picture_that_cannot_be_made_leaves_data_and_script");
    fs_report_head head = make_head(&rich);
    fs_phase *phase = make_phase(rng, &rich);
    fs_figure figure;
    fs_err err = { 0 };
    fs_folder *f;
    draw(&figure, "missing", &head, phase, "png", "/no/such/gnuplot");
    assert_false(figure.made);
    assert_contains(figure.note, "could not be started");
    assert_false(exists(in_folder("missing/figure.png")));
    char *data = get(in_folder("missing/figure.dat"), NULL), *script = get(in_folder("missing/figure.gp"), NULL);
    for (size_t k = 0; k < 3; k++) {
        char name[40];
        snprintf(name, sizeof name, "# streamline %zu;\n", k);
        assert_contains(data, name);
        snprintf(name, sizeof name, "# path heads %zu;\n", k);
        assert_contains(data, name);
    }
    assert_count(strstr(data, "# grid;\n"), "\n", 1 + GRID * (GRID + 1));       /* rows, and a blank line behind each scan */
    assert_contains(script, "\nn_panels = 3\n");
    assert_contains(script, "\ngamma_1 = 0.25\n");
    assert_contains(script, "has_separatrix_2 = 1;");
    free(data);
    free(script);
    draw(&figure, "nothing", &head, phase, "none", NULL);
    assert_true(!figure.made && !figure.note[0]);
    assert_ok(fs_folder_open(&f, in_folder("out"), 1, &err), err);
    assert_fails(fs_figure_draw_phase(&figure, f, &head, phase, &(fs_figure_options){ .format = "tiff", .scripts = scripts() }, &err), FS_EINPUT, err, "tiff");
    fs_folder_destroy(f);
    free_phase(phase);
    gsl_rng_free(rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_has_the_numbers_of_the_plane),
        cmocka_unit_test(json_writes_what_is_no_number_as_words),
        cmocka_unit_test(csv_reads_back_bit_for_bit),
        cmocka_unit_test(csv_of_nothing_is_headers),
        cmocka_unit_test(table_says_what_is_known_and_what_is_not),
        cmocka_unit_test(table_of_much_and_of_nothing_stays_on_a_screen),
        cmocka_unit_test(every_layer_is_drawn_as_often_as_it_is_there),
        cmocka_unit_test(nullclines_move_with_gamma),
        cmocka_unit_test(a_nullcline_on_the_nodes_is_a_line),
        cmocka_unit_test(a_closed_nullcline_is_one_line),
        cmocka_unit_test(rounding_has_no_nullclines),
        cmocka_unit_test(a_still_panel_says_so),
        cmocka_unit_test(a_point_is_no_saddle_without_a_positive_eigenvalue),
        cmocka_unit_test(a_picture_can_be_drawn_in_another_size),
        cmocka_unit_test(ticks_are_labelled_with_what_they_stand_at),
        cmocka_unit_test(the_key_has_nothing_from_outside_the_window),
        cmocka_unit_test(a_slice_says_how_little_it_shows),
        cmocka_unit_test(a_separatrix_on_E_is_drawn_on_it),
        cmocka_unit_test(the_grid_has_ten_digits),
        cmocka_unit_test(panels_say_what_became_of_their_paths),
        cmocka_unit_test(planes_without_numbers_are_drawn),
        cmocka_unit_test(pictures_are_the_same_twice),
        cmocka_unit_test(a_picture_of_characters_has_letters),
        cmocka_unit_test(titles_and_names_are_text_and_nothing_else),
        cmocka_unit_test(a_picture_that_cannot_be_made_leaves_data_and_script),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
