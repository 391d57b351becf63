/* tests/test_check_figure.c -- laws of the pictures of `check` and `bench`, of matrix.csv, and of the report of `bench`
 *
 * Suites are made by hand: every verdict with every outcome, sizes that real ones have and do not have, names that nobody would choose.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "law.h"

#include "folder.h"
#include "theory_checks/figure.h"
#include "theory_checks/present.h"

#include "base/files.h"
#include "report/bench.h"

#include <ctype.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATEMENTS = 20, SYMBOLS = 5, OUTCOMES = 3 };

static const double none = (double)NAN, unbounded = (double)INFINITY;

/* --- suites made by hand ------------------------------------------------------------------- */

static const fs_statement *const *make_statements(void)
{
    static char text[STATEMENTS][3][40];
    static fs_statement one[STATEMENTS];
    static const fs_statement *list[STATEMENTS + 1];
    for (size_t k = 0; k < STATEMENTS; k++) {
        snprintf(text[k][0], sizeof text[k][0], "statement_%zu", k);
        snprintf(text[k][1], sizeof text[k][1], "s%zu", k);
        snprintf(text[k][2], sizeof text[k][2], "Statement %zu, part", k);
        one[k] = (fs_statement){ .id = text[k][0], .code = text[k][1], .name = text[k][2], .claim = "c", .source = "[X]", .measures = "m", .budget = "b", .controls = "c" };
        list[k] = &one[k];
    }
    return list;
}

/* 0 holds, 1 violated, 2 undecided, 3 a pass would mean nothing, 4 does not apply */
static fs_finding make_finding(size_t symbol)
{
    static const fs_verdict verdict[SYMBOLS] = { FS_HOLDS, FS_VIOLATED, FS_UNDECIDED, FS_UNDECIDED, FS_UNDECIDED };
    fs_finding f = { .applies = symbol < 4, .measured = symbol == 1 ? 0.5 : 3e-16, .error = 1e-17, .bound = 2e-14, .verdict = verdict[symbol],
                     .control = { .measured = 0.25, .predicted = 0.25, .verdict = FS_HOLDS, .what = "a planted bias" }, .note = "no strict minimum was found" };
    if (symbol == 2) snprintf(f.because, sizeof f.because, "compatibility fails");
    if (symbol == 3) snprintf(f.vacuous, sizeof f.vacuous, "nothing is left to be averaged");
    return f;
}

/* Row i, column k: one of the fifteen kinds after the other. */
static fs_suite *make_suite(size_t n_rows, size_t n_statements)
{
    fs_suite *s = fs_calloc(1, sizeof *s);
    *s = (fs_suite){ .n_statements = n_statements, .statement = make_statements(), .n_rows = n_rows, .must_show = 0, .done = 1, .wall_s = 1.5 };
    s->row = fs_calloc(n_rows + 1, sizeof *s->row);
    for (size_t i = 0; i < n_rows; i++) {
        fs_suite_row *row = &s->row[i];
        *row = (fs_suite_row){ .dim_L = 1000 + i, .dim_E = 400 + i, .dim_N = 600, .n_cells = n_statements, .wall_s = 0.25 };
        snprintf(row->name, sizeof row->name, "model_%zu", i);
        row->cell = fs_calloc(n_statements + 1, sizeof *row->cell);
        for (size_t k = 0; k < n_statements; k++) {
            size_t kind = (i + k) % (SYMBOLS * OUTCOMES);
            row->cell[k] = (fs_suite_cell){ .statement = s->statement[k], .found = make_finding(kind % SYMBOLS), .outcome = (fs_outcome)(kind / SYMBOLS), .done = 1 };
        }
    }
    return s;
}

static void free_suite(fs_suite *s)
{
    for (size_t i = 0; i < s->n_rows; i++) free(s->row[i].cell);
    free(s->row);
    free(s);
}

static fs_report_head make_head(const char *title)
{
    static const uint64_t seed[] = { 7 };
    static fs_hypotheses hypotheses;
    const fs_hypothesis good = { 1e-16, 1e-12, FS_HOLDS, "" }, bad = { 0.5, 1e-12, FS_VIOLATED, "" }, open = { none, 1e-12, FS_UNDECIDED, "" };
    hypotheses = (fs_hypotheses){ bad, good, good, open, good, good, good, good, 85, 0.0, 1.0 };
    return (fs_report_head){ .version = "0.1.0", .command = "check", .command_line = "flowsim check", .model = "cnn_c4", .title = title, .group = "C4", .order = 4,
                             .nodes = 4, .dim_L = 212, .dim_E = 68, .dim_N = 144, .parameters = 212, .hypotheses = &hypotheses, .n_seed = 1, .seed = seed,
                             .isa = "avx2", .blas_core = "Haswell" };
}

static fs_bench make_bench(void)
{
    return (fs_bench){ .threads = 1, .samples = 80, .gradient_flops = 4e5, .product_flops = 9e5, .gradient_s = 2e-5, .gradient_threads_s = none,
                       .gradient_keep_s = 2.5e-5, .product_s = 3e-5, .row_s = 6e-5, .hessian_s = 1e-3, .dgemm_s = 5e-3, .lanczos_wanted = 3, .lanczos_found = 3,
                       .lanczos_converged = 1, .lanczos_products = 144, .lanczos_s = 6e-3, .lowest_dense_s = 2e-3, .basis_s = 1e-5, .basis_mib = 0.01,
                       .peak_memory_mib = 22.0, .data_mib = 0.04 };
}

/* Nothing was timed. */
static fs_bench make_stopped(void)
{
    return (fs_bench){ .threads = 1, .gradient_s = none, .gradient_threads_s = none, .gradient_keep_s = none, .product_s = none, .row_s = none, .hessian_s = none,
                       .dgemm_s = none, .lanczos_s = none, .lowest_dense_s = none, .basis_s = none };
}

/* --- pictures made and looked at -------------------------------------------------------------- */

typedef struct {
    const char *format;
    const fs_suite *matrix;         /* one of these three */
    const fs_suite_row *checks;
    const fs_bench *bench;
    fs_report_head head;
} subject;

static const char *scripts(void)
{
    static char path[4096];
    const char *tree = getenv("FLOWSIM_SRCDIR");
    snprintf(path, sizeof path, "%s/figures", tree ? tree : ".");
    return path;
}

static const char *in_folder(const char *name)
{
    static char path[400];
    snprintf(path, sizeof path, "%s/picture/%s", folder, name);
    return path;
}

static char *get(const char *name)
{
    fs_err err = { 0 };
    char *text;
    size_t n;
    assert_ok(fs_file_read(in_folder(name), (size_t)1 << 26, &text, &n, &err), err);
    return text;
}

static fs_status draw_with(fs_figure *out, const subject *s, const char *gnuplot, fs_err *err)
{
    const fs_figure_options look = { .format = s->format, .scripts = scripts(), .gnuplot = gnuplot };
    fs_folder *f = NULL;
    fs_status status = fs_folder_open(&f, in_folder(""), 0, err);
    if (status == FS_OK && s->matrix) status = fs_figure_draw_matrix(out, f, s->matrix, &look, err);
    else if (status == FS_OK && s->checks) status = fs_figure_draw_checks(out, f, &s->head, s->checks, &look, err);
    else if (status == FS_OK) status = fs_figure_draw_bench(out, f, &s->head, s->bench, &look, err);
    if (status == FS_OK) status = fs_folder_settle(f, err);
    fs_folder_destroy(f);
    return status;
}

/* The picture, which is there; the caller frees it. */
static char *draw(const subject *s)
{
    fs_figure figure;
    fs_err err = { 0 };
    assert_ok(draw_with(&figure, s, NULL, &err), err);
    if (!figure.made) fail_msg("no picture: %s", figure.note);
    return get(figure.file);
}

static void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part)) fail_msg("\"%s\" is missing in\n%s", part, text);
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *c = text; (c = strstr(c, part)); c += strlen(part)) n++;
    return n;
}

/* The line of a picture of characters that begins with this name. */
static const char *line_of(const char *text, const char *name, size_t size, char *line)
{
    for (const char *c = text; *c; c += strcspn(c, "\n") + 1) {
        const char *word = c + strspn(c, " ");
        if (strncmp(word, name, strlen(name)) || isalnum((unsigned char)word[strlen(name)])) continue;
        snprintf(line, size, "%.*s", (int)strcspn(word, "\n"), word);
        return line;
    }
    fail_msg("no line begins with %s in\n%s", name, text);
    return NULL;
}

/* --- the matrix ----------------------------------------------------------------------------------- */

static void every_verdict_and_outcome_has_its_own_symbol(void **state)
{
    (void)state;
    static const char symbol[] = "+x?o.", side[] = " |#";
    fs_suite *s = make_suite(SYMBOLS * OUTCOMES, 1);
    char *text = draw(&(subject){ .format = "dumb", .matrix = s }), line[200], name[20], cell[4];
    for (size_t i = 0; i < SYMBOLS * OUTCOMES; i++) {
        snprintf(name, sizeof name, "model_%zu", i);
        snprintf(cell, sizeof cell, "%c%c%c", side[i / SYMBOLS], symbol[i % SYMBOLS], side[i / SYMBOLS]);
        assert_contains(line_of(text, name, sizeof line - 1, line), i / SYMBOLS ? cell : (const char[]){ ' ', symbol[i % SYMBOLS], ' ', 0 });
        assert_int_equal(count(line, "|"), i / SYMBOLS == 1 ? 2 : 0);
        assert_int_equal(count(line, "#"), i / SYMBOLS == 2 ? 2 : 0);
    }
    free(text);
    free_suite(s);
}

/* Symbol by symbol: in the key with its number, and as often in the picture, in its own shape and colour. */
static void key_counts_what_is_drawn(void **state)
{
    (void)state;
    static const char *const shape[] = {
        "'#gpPt4' ", "rgb(  0, 158, 115)'", "'#gpPt1' ", "rgb(213,  94,   0)'", "'#gpPt5' ", "rgb(119, 119, 119)'", "'#gpPt6' ", "rgb(187, 187, 187)'",
        "'#gpPt11' ", "rgb( 68,  68,  68)'", "'#gpPt3' ", "rgb(  0,   0,   0)'",
    };
    fs_suite *s = make_suite(3, STATEMENTS);
    char *svg = draw(&(subject){ .format = "svg", .matrix = s });
    const char *const key[] = { "holds: 12", "violated: 12", "undecided: 12", "a pass would mean nothing: 12", "does not apply: 12" };
    size_t outcome[3] = { 0 };
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < STATEMENTS; k++) outcome[s->row[i].cell[k].outcome]++;
    char open[40], missed[40];
    snprintf(open, sizeof open, "left open: %zu", outcome[1]);
    snprintf(missed, sizeof missed, "not as predicted: %zu", outcome[2]);
    for (size_t i = 0; i < 5; i++) assert_contains(svg, key[i]);
    assert_contains(svg, open);
    assert_contains(svg, missed);
    for (size_t i = 0; i < 6; i++) {
        size_t found = 0;
        for (const char *c = svg; (c = strstr(c, shape[2 * i])); c++) {
            char line[200];
            snprintf(line, sizeof line, "%.*s", (int)strcspn(c, ">"), c);
            found += strstr(line, shape[2 * i + 1]) != NULL;
        }
        assert_int_equal(found, 1 + (i < 4 ? 12 : outcome[i - 3]));
    }
    free(svg);
    free_suite(s);
}

static void matrices_of_all_sizes_have_their_labels(void **state)
{
    (void)state;
    const size_t rows[] = { 0, 1, 2, 40 }, statements[] = { 1, STATEMENTS };
    char text[80];
    for (size_t a = 0; a < 4; a++)
        for (size_t b = 0; b < 2; b++) {
            fs_suite *s = make_suite(rows[a], statements[b]);
            char *svg = draw(&(subject){ .format = "svg", .matrix = s });
            for (size_t i = 0; i < rows[a]; i++) {
                snprintf(text, sizeof text, ">model_%zu<", i);
                assert_contains(svg, text);
                snprintf(text, sizeof text, ">%zu<", 1000 + i);
                assert_contains(svg, text);
            }
            for (size_t k = 0; k < statements[b]; k++) {
                assert_contains(svg, s->statement[k]->name);
                assert_contains(svg, s->statement[k]->code);
            }
            snprintf(text, sizeof text, "%zu statement%s on %zu model%s<", statements[b], statements[b] == 1 ? "" : "s", rows[a], rows[a] == 1 ? "" : "s");
            assert_contains(svg, text);
            assert_int_equal(count(svg, "no model was checked"), rows[a] == 0);
            free(svg);
            free_suite(s);
        }
}

/* What is not predicted stays blank; what was refused says so; what was left out is a name below. */
static void atlas_stands_below_the_models(void **state)
{
    (void)state;
    static const fs_atlas_row broken = { .name = "broken", .breaks = "the measure: no augmentation at all" }, refused = { .name = "refused_one", .breaks = "a layer: windows" };
    static const fs_atlas_cell predicted = { .statement = "statement_2", .expected = FS_VIOLATED };
    fs_suite *s = make_suite(5, 3);
    s->row[1].atlas = &broken;                          /* between the models: the picture sorts */
    s->row[1].cell[0] = (fs_suite_cell){ .statement = s->statement[2], .predicted = &predicted, .found = make_finding(1), .outcome = FS_AS_EXPECTED, .done = 1 };
    s->row[1].n_cells = 1;
    s->row[2].atlas = &refused;
    s->row[2].load = FS_ROW_REFUSED;
    s->row[2].n_cells = 0;
    s->row[3].load = FS_ROW_LEFT_OUT;
    s->row[3].n_cells = 0;
    s->row[4].load = FS_ROW_REFUSED;
    s->row[4].outcome = FS_NOT_AS_EXPECTED;
    s->row[4].n_cells = 0;
    snprintf(s->row[4].why, sizeof s->row[4].why, "no such file");
    char *text = draw(&(subject){ .format = "dumb", .matrix = s }), *data = get("figure.dat"), line[200];
    assert_contains(text, "3 statements on 2 models, and on 2 that break one hypothesis");
    assert_contains(line_of(text, "model_1", sizeof line, line), "measure");
    assert_null(strpbrk(strstr(line, "measure") + 7, "+?o.|#"));
    assert_contains(line_of(text, "model_2", sizeof line, line), "refused, as it must be");
    assert_contains(line_of(text, "model_4", sizeof line, line), "no such file");
    assert_contains(text, "left out, larger: model_3");
    assert_true(strstr(text, "model_4") < strstr(text, "models that break one hypothesis"));
    assert_true(strstr(text, "models that break one hypothesis") < strstr(text, "model_1"));
    assert_contains(data, "\n3 3 1 0\n");               /* its own column, not the first one */
    free(text);
    free(data);
    free_suite(s);
}

static void closed_forms_are_counted_in_words(void **state)
{
    (void)state;
    fs_suite *s = make_suite(1, 1);
    fs_suite_form form[7] = { { .form = NULL } };
    form[3].outcome = FS_NOT_AS_EXPECTED;
    s->form = form;
    s->n_forms = 7;
    char *svg = draw(&(subject){ .format = "svg", .matrix = s });
    assert_contains(svg, "closed forms: 6 of 7 exact numbers");
    free(svg);
    free_suite(s);
}

static void names_of_any_characters_are_only_text(void **state)
{
    (void)state;
    static const char *const name[] = { "`touch hurt`", "it's ''quoted\"", "a\nb\\n%s{/Bold x}_^~", "\xff\xfe torn", "ein_sehr_langer_Name_\xc3\xa4\xc3\xb6\xc3\xbc_der_nie_endet_und_nie_endet" };
    fs_suite *s = make_suite(10, 2);
    for (size_t i = 0; i < 10; i++) {
        snprintf(s->row[i].name, sizeof s->row[i].name, "%s", name[i % 5]);
        s->row[i].load = i < 5 ? FS_ROW_LOADED : FS_ROW_LEFT_OUT;
        if (i >= 5) s->row[i].n_cells = 0;
    }
    char *svg = draw(&(subject){ .format = "svg", .matrix = s });
    assert_contains(svg, "`touch hurt`");
    assert_contains(svg, "a b\\n%s{/Bold x}_^~");
    assert_contains(svg, "?? torn");
    assert_contains(svg, "...");
    assert_int_not_equal(access(in_folder("hurt"), F_OK), 0);
    free(svg);
    snprintf(s->row[0].cell[0].found.note, sizeof s->row[0].cell[0].found.note, "`touch hurt`'\n\"");
    s->row[0].cell[0].found.applies = 0;
    svg = draw(&(subject){ .format = "svg", .checks = &s->row[0], .head = make_head("'`touch hurt`' \"$\"\n{/Bold y}") });
    assert_contains(svg, "{/Bold y}");
    assert_int_not_equal(access(in_folder("hurt"), F_OK), 0);
    free(svg);
    free_suite(s);
}

/* --- one model ------------------------------------------------------------------------------------- */

static void checks_of_all_sizes_have_their_labels(void **state)
{
    (void)state;
    const size_t statements[] = { 0, 1, 2, STATEMENTS };
    for (size_t a = 0; a < 4; a++) {
        fs_suite *s = make_suite(1, statements[a]);
        char *svg = draw(&(subject){ .format = "svg", .checks = s->row, .head = make_head("a model") });
        for (size_t k = 0; k < statements[a]; k++) assert_contains(svg, s->statement[k]->name);
        assert_contains(svg, "a model");
        assert_contains(svg, "C4, dim E = 68, dim N = 144, seed 7; fails: compatibility; undecided: loss");
        assert_int_equal(count(svg, "no statement applies"), statements[a] == 0);
        assert_int_equal(count(svg, "no strict minimum was found"), statements[a] / SYMBOLS);
        free(svg);
        free_suite(s);
    }
}

/* The room between the measured value and its bound is filled. */
static void assert_filled(const char *line)
{
    const char *from = strpbrk(line, "*|"), *to = strpbrk(from + 1, "*|");
    assert_non_null(to);
    assert_int_equal(strspn(from + 1, "-"), to - from - 1);
}

/* Each row of a picture of characters: the verdict, what was measured on the left of its bound or on the right, the control. */
static void measured_stands_on_its_side_of_the_bound(void **state)
{
    (void)state;
    fs_suite *s = make_suite(1, 4);
    char line[200];
    for (size_t k = 0; k < 4; k++) {
        s->row[0].cell[k].found = make_finding(k);
        s->row[0].cell[k].found.control.measured = s->row[0].cell[k].found.control.predicted = 1e4;
    }
    s->row[0].cell[3].found.measured = 0.0;
    s->row[0].cell[0].found.control.verdict = FS_VIOLATED;
    char *text = draw(&(subject){ .format = "dumb", .checks = s->row, .head = make_head("a model") });
    line_of(text, "Statement 0, part", sizeof line, line);
    assert_true(strchr(line, '+') && strchr(line, '*') < strchr(line, '|') && strchr(line, '|') < strchr(line, 'C'));
    assert_filled(line);
    line_of(text, "Statement 1, part", sizeof line, line);
    assert_true(strchr(line, 'x') && strchr(line, '|') < strchr(line, '*') && strchr(line, '*') < strrchr(line, 'c'));
    assert_filled(line);
    line_of(text, "Statement 2, part", sizeof line, line);
    assert_true(strchr(line, '?') && strchr(line, '*') < strchr(line, '|'));
    line_of(text, "Statement 3, part", sizeof line, line);
    assert_true(strstr(line, " o ") && strchr(line, '<') && !strchr(line, '*') && strchr(line, '<') < strchr(line, '|'));
    assert_contains(text, "control not as predicted: 1");
    assert_contains(text, "zero, or beyond the axis");
    free(text);
    free_suite(s);
}

static void zeros_and_what_is_no_number_leave_a_picture(void **state)
{
    (void)state;
    const double odd[] = { 0.0, none, unbounded, -unbounded, 1e-300, 1e300, -0.5, 5e-324 };
    fs_suite *s = make_suite(1, 16);
    for (size_t k = 0; k < 16; k++) {
        fs_finding *f = &s->row[0].cell[k].found;
        *f = make_finding(k % 4);
        if (k < 8) f->measured = odd[k];
        else f->bound = f->control.measured = f->control.predicted = f->measured = f->error = odd[k - 8];
    }
    char *svg = draw(&(subject){ .format = "svg", .checks = s->row, .head = make_head("odd") }), *data = get("figure.dat");
    assert_contains(data, "\n2 nan ");
    assert_contains(data, "\n3 inf ");
    assert_contains(data, "\n5 1e-300 ");
    free(svg);
    free(data);
    for (size_t i = 0; i < 8; i++) {            /* nothing else on the axis */
        for (size_t k = 0; k < 16; k++) {
            fs_finding *f = &s->row[0].cell[k].found;
            f->bound = f->control.measured = f->control.predicted = f->measured = f->error = odd[i];
        }
        svg = draw(&(subject){ .format = "svg", .checks = s->row, .head = make_head("odd") });
        assert_contains(svg, "Statement 15, part");
        free(svg);
    }
    free_suite(s);
}

/* --- bench ------------------------------------------------------------------------------------------- */

/* The fields that scripts read, in their order, behind those of every report. */
static void bench_report_keeps_its_fields(void **state)
{
    (void)state;
    static const char *const field[] = {
        "samples", "group_order", "orbit_samples", "basis_s", "basis_mib", "gradient_s", "gradient_keep_s", "hvp_s", "hessian_s", "hessian_loop_s",
        "hessian_speedup", "lanczos_wanted", "lanczos_found", "lanczos_converged", "lanczos_products", "lanczos_products_per_eigenvalue", "lanczos_s",
        "lowest_dense_s", "gradient_gflops", "dgemm_gflops", "fraction_of_dgemm", "hvp_in_gradients", "hessian_in_gradients", "peak_memory_mib", "data_mib",
        "threads", "thread_speedup", "blas_core", "isa",
    };
    fs_report_head head = make_head("a model");
    fs_bench b = make_bench();
    json_t *report = fs_json_bench(&head, &b), *common = fs_json_head(&head);
    size_t k = 0;
    for (void *at = json_object_iter(report); at; at = json_object_iter_next(report, at)) {
        if (json_object_get(common, json_object_iter_key(at))) continue;
        assert_true(k < sizeof field / sizeof *field);
        assert_string_equal(json_object_iter_key(at), field[k++]);
    }
    assert_int_equal(k, sizeof field / sizeof *field);
    const struct { const char *name; double value; } ratio[] = {
        { "gradient_gflops", 4e5 / 2e-5 * 1e-9 }, { "dgemm_gflops", 2.0 * 512 * 512 * 512 / 5e-3 * 1e-9 }, { "hvp_in_gradients", 3e-5 / 2.5e-5 },
        { "fraction_of_dgemm", 4e5 / 2e-5 / (2.0 * 512 * 512 * 512 / 5e-3) }, { "hessian_loop_s", 212 * 6e-5 }, { "hessian_speedup", 212 * 6e-5 / 1e-3 },
        { "hessian_in_gradients", 1e-3 / 2e-5 }, { "lanczos_products_per_eigenvalue", 48.0 }, { "thread_speedup", 1.0 },
    };
    for (size_t i = 0; i < sizeof ratio / sizeof *ratio; i++)
        assert_near(json_real_value(json_object_get(report, ratio[i].name)), ratio[i].value, 8 * DBL_EPSILON * ratio[i].value);
    json_decref(report);
    b.threads = 2;
    b.gradient_threads_s = 1.25e-5;
    report = fs_json_bench(&head, &b);
    assert_near(json_real_value(json_object_get(report, "thread_speedup")), 1.6, 8 * DBL_EPSILON);
    json_decref(report);
    json_decref(common);
}

static void bench_is_drawn_in_shares_of_the_peak_and_in_gradients(void **state)
{
    (void)state;
    fs_bench b = make_bench();
    char *svg = draw(&(subject){ .format = "svg", .bench = &b, .head = make_head("a model") }), *data = get("figure.dat");
    const char *const words[] = { "a model", "37 %", "56 %", "512, 53.7 GF/s", "20 μs", "gradient, keeping its primal", "Hessian, row by row", ">1.25<", ">1.5<", ">50<", ">636<", ">300<", ">100<" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) assert_contains(svg, words[i]);
    assert_contains(data, "\n1 1\n2 1.25\n3 1.5\n4 50\n");
    assert_null(strstr(svg, "slower class"));
    free(svg);
    free(data);
    subject slow = { .format = "svg", .bench = &b, .head = make_head("a model") };
    slow.head.isa = "avx512";
    assert_contains(svg = draw(&slow), "by OpenBLAS's kernels of a slower class");
    free(svg);
    slow.head.blas_core = "SkylakeX MAX_THREADS=64";
    assert_null(strstr(svg = draw(&slow), "slower class"));
    free(svg);
}

static void bench_without_times_says_so(void **state)
{
    (void)state;
    fs_bench b = make_stopped();
    char *svg = draw(&(subject){ .format = "svg", .bench = &b, .head = make_head("a model") });
    assert_int_equal(count(svg, "not timed<"), 2 + 7 + 2);
    free(svg);
    b.gradient_s = b.dgemm_s = b.product_s = 0.0;
    b.lanczos_wanted = 1;
    b.lanczos_s = unbounded;
    free(draw(&(subject){ .format = "svg", .bench = &b, .head = make_head("a model") }));
}

static char *printed(const fs_bench *b)
{
    char *text = NULL;
    size_t size = 0;
    fs_report_head head = make_head("a model");
    FILE *stream = open_memstream(&text, &size);
    fs_table_print_bench(stream, &head, b);
    fclose(stream);
    return text;
}

static void bench_table_names_what_was_not_timed(void **state)
{
    (void)state;
    fs_bench b = make_bench();
    char *text = printed(&b);
    assert_contains(text, "gradient of R^aug            20.000 us    20.0 GF/s, 37 % of dgemm (53.7 GF/s)\n");
    assert_contains(text, "dense Hessian                 1.000 ms   50.0 gradients, 12.7 times faster");
    assert_contains(text, "3 lowest of H_N, Lanczos      6.000 ms   144 products, 48 an eigenvalue\n");
    assert_null(strstr(text, "threads"));
    free(text);
    b.threads = 2;
    b.gradient_threads_s = 1e-5;
    b.hessian_s = b.lowest_dense_s = none;
    b.lanczos_found = 0;
    b.lanczos_converged = 0;
    text = printed(&b);
    assert_contains(text, "on 2 threads");
    assert_contains(text, "2.00 x");
    assert_contains(text, "not timed: more than 2048 parameters");
    assert_contains(text, "0 of 3 converged");
    assert_contains(text, "not timed: dim L is more than");
    free(text);
    b.lanczos_wanted = 0;
    text = printed(&b);
    assert_contains(text, "not timed: dim N is 0");
    free(text);
}

/* --- all of them --------------------------------------------------------------------------------------- */

static void every_format_is_drawn_and_the_same_twice(void **state)
{
    (void)state;
    static const char *const format[] = { "png", "svg", "pdf", "dumb" }, *const file[] = { "figure.png", "figure.svg", "figure.pdf", "figure.txt" };
    fs_suite *s = make_suite(4, 5);
    fs_bench b = make_bench();
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 3; k++) {
            subject one = { .format = format[i], .matrix = k == 0 ? s : NULL, .checks = k == 1 ? s->row : NULL, .bench = &b, .head = make_head("a model") };
            fs_figure figure;
            fs_err err = { 0 };
            char *text[2];
            size_t size[2];
            for (size_t turn = 0; turn < 2; turn++) {
                if (turn && i == 2) continue;           /* a PDF has its date */
                assert_ok(draw_with(&figure, &one, NULL, &err), err);
                assert_true(figure.made);
                assert_string_equal(figure.file, file[i]);
                assert_ok(fs_file_read(in_folder(file[i]), (size_t)1 << 26, &text[turn], &size[turn], &err), err);
                assert_true(size[turn] > 1000);
            }
            if (i != 2) {
                assert_int_equal(size[0], size[1]);
                assert_memory_equal(text[0], text[1], size[0]);
                free(text[1]);
            }
            free(text[0]);
        }
    free_suite(s);
}

static void picture_that_is_missing_leaves_data_and_script(void **state)
{
    (void)state;
    fs_suite *s = make_suite(2, 2);
    fs_figure figure;
    fs_err err = { 0 };
    for (size_t k = 0; k < 2; k++) {
        subject one = { .format = "svg", .matrix = k ? NULL : s, .checks = s->row, .head = make_head("a model") };
        assert_ok(draw_with(&figure, &one, "/nowhere/gnuplot", &err), err);
        assert_false(figure.made);
        assert_contains(figure.note, "could not be started");
        assert_int_equal(access(in_folder("figure.dat"), R_OK), 0);
        assert_int_equal(access(in_folder("figure.gp"), R_OK), 0);
        one.format = "none";
        assert_ok(draw_with(&figure, &one, NULL, &err), err);
        assert_false(figure.made);
        one.format = "bmp";
        assert_fails(draw_with(&figure, &one, NULL, &err), FS_EINPUT, err, "bmp");
    }
    free_suite(s);
}

static void csv_has_a_line_a_cell(void **state)
{
    (void)state;
    static const fs_atlas_row broken = { .name = "broken", .breaks = "the measure" };
    fs_suite *s = make_suite(4, STATEMENTS);
    char *text = NULL;
    size_t size = 0;
    snprintf(s->row[1].name, sizeof s->row[1].name, "a \"b\", c\nd");
    s->row[2].atlas = &broken;
    s->row[3].load = FS_ROW_LEFT_OUT;
    s->row[3].n_cells = 0;
    FILE *stream = open_memstream(&text, &size);
    fs_present_suite_csv(stream, s);
    fclose(stream);
    assert_int_equal(count(text, "\n"), 1 + 3 * STATEMENTS + 1);
    assert_true(strncmp(text, "model,statement,verdict,outcome\nmodel_0,statement_0,holds,as expected\nmodel_0,statement_1,violated,as expected\n", 100) == 0);
    assert_contains(text, "\nmodel_0,statement_4,does not apply,as expected\nmodel_0,statement_5,holds,undecided\n");
    assert_contains(text, "\nmodel_0,statement_10,holds,not as expected\n");
    assert_contains(text, "\n\"a \"\"b\"\", c d\",statement_0,violated,as expected\n");
    assert_contains(text, "\natlas/model_2,statement_0,undecided,as expected\n");
    assert_contains(text, "\nmodel_3,,left out,as expected\n");
    free(text);
    free_suite(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_verdict_and_outcome_has_its_own_symbol),
        cmocka_unit_test(key_counts_what_is_drawn),
        cmocka_unit_test(matrices_of_all_sizes_have_their_labels),
        cmocka_unit_test(atlas_stands_below_the_models),
        cmocka_unit_test(closed_forms_are_counted_in_words),
        cmocka_unit_test(names_of_any_characters_are_only_text),
        cmocka_unit_test(checks_of_all_sizes_have_their_labels),
        cmocka_unit_test(measured_stands_on_its_side_of_the_bound),
        cmocka_unit_test(zeros_and_what_is_no_number_leave_a_picture),
        cmocka_unit_test(bench_report_keeps_its_fields),
        cmocka_unit_test(bench_is_drawn_in_shares_of_the_peak_and_in_gradients),
        cmocka_unit_test(bench_without_times_says_so),
        cmocka_unit_test(bench_table_names_what_was_not_timed),
        cmocka_unit_test(every_format_is_drawn_and_the_same_twice),
        cmocka_unit_test(picture_that_is_missing_leaves_data_and_script),
        cmocka_unit_test(csv_has_a_line_a_cell),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
