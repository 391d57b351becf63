/* tests/test_stability_report.c -- laws of what `spectrum` and `critical` write: table, JSON, CSV, arrays, figures
 *
 * The results are made by hand in the shape of real ones, and in shapes that real ones take when nothing is found.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "flows.h"
#include "folder.h"

#include "base/files.h"
#include "problem/theorems.h"
#include "report/stability.h"
#include "report/table.h"

#include <ctype.h>
#include <sys/stat.h>

/* --- results made by hand ------------------------------------------------------------------ */

static const double none = (double)NAN;

static fs_report_head make_head(const char *command)
{
    static const uint64_t seed[] = { 1 };
    static fs_hypotheses hypotheses;
    static fs_theorem theorems[FS_THEOREM_COUNT];
    const fs_hypothesis good = { 1e-16, 1e-12, FS_HOLDS, "" };
    hypotheses = (fs_hypotheses){ good, good, good, good, good, good, good, good, 85, 0.0, 1.0 };
    fs_theorems_judge(theorems, &hypotheses);
    return (fs_report_head){
        .version = "0.1.0", .command = command, .command_line = "flowsim spectrum --model cnn_c4", .model = "cnn_c4", .path = "models/cnn_c4.yaml",
        .title = "two-layer CNN, quarter turns", .source = "Figure 2", .data_note = "20 images", .text = "title: two-layer CNN\ngroup: C4\n",
        .group = "C4", .order = 4, .nodes = 4, .rule = "all 4 elements", .dim_L = 340, .dim_E = 85, .dim_N = 255, .parameters = 340,
        .hypotheses = &hypotheses, .theorems = theorems, .isotypic_note = "", .n_seed = 1, .seed = seed, .wall_s = 0.75,
        .isa = "avx2", .blas_core = "Haswell",
    };
}

/* multiplicity values from low to high, the zeros among them below their error; complete 0: four of them, from a Krylov run. */
static fs_spectrum_block make_block(const char *name, size_t copies, size_t multiplicity, double low, double high, size_t zeros, int complete)
{
    fs_spectrum_block b = { .dim = copies * multiplicity, .copies = copies, .multiplicity = multiplicity, .count = complete ? multiplicity : 4,
                            .spread = complete ? 1e-15 : none, .complete = complete, .lowest_known = complete, .lowest = none, .lowest_error = none,
                            .highest = none, .products = 12, .type = copies > 1 ? FS_TYPE_COMPLEX : FS_TYPE_REAL };
    snprintf(b.name, sizeof b.name, "%s", name);
    if (!strcmp(name, "E") || !strcmp(name, "N")) b.type = 0;
    b.value = fs_calloc(b.count + 1, sizeof *b.value);
    b.error = fs_calloc(b.count + 1, sizeof *b.error);
    for (size_t i = 0; i < b.count; i++) {
        double part = b.count > 1 ? (double)i / (double)(b.count - 1) : 0.0;
        b.value[i] = low + (high - low) * part * part * part;
        b.error[i] = complete ? 3e-14 : 1e-6;
        if (i >= b.count / 3 && i < b.count / 3 + zeros) b.value[i] = 1e-16 * (double)i - 2e-15;
    }
    if (b.count) {
        b.lowest = b.value[0];
        b.lowest_error = b.error[0];
        b.highest = b.value[b.count - 1];
    }
    return b;
}

static fs_stationary *make_stationary(fs_search outcome, uint64_t seed, double risk)
{
    fs_stationary *s = fs_calloc(1, sizeof *s);
    *s = (fs_stationary){ .outcome = outcome, .kind = FS_FLOW_EQUIVARIANT, .seed = seed, .by_flow = seed == 1, .risk = risk, .size = 2.25,
                          .residual = 3.1e-16, .residual_E = 2.9e-16, .residual_start = 0.4, .tolerance = 4e-15, .correction = 1.7e-14,
                          .iterations = 3, .t_flow = 812.5, .steps = 97 };
    snprintf(s->note, sizeof s->note, "confirmed by a fresh gradient");
    return s;
}

/* blocks: trivial, sign, rotation:1, and further ones, all with eigenvalues from low to high */
static fs_spectrum *make_spectrum(size_t n_blocks, size_t m, double low, double high, size_t zeros, int dense)
{
    fs_spectrum *S = fs_calloc(1, sizeof *S);
    char name[48];
    *S = (fs_spectrum){ .dense = dense, .dim_E = m, .dim_N = n_blocks > 1 ? m * (2 * n_blocks - 3) : 0, .n_blocks = n_blocks, .norm = high,
                        .off_EN = 2e-15, .off_blocks = 3e-15, .off_tolerance = 4e-14, .critical = n_blocks > 1 ? n_blocks - 1 : SIZE_MAX,
                        .products = 480 };
    if (!dense) S->off_EN = S->off_blocks = none;
    S->E = make_block("E", 1, m, 0.05 * high, high, zeros, dense);
    S->N = make_block("N", 1, S->dim_N, low, 0.8 * high, n_blocks > 1 ? zeros : 0, dense || n_blocks < 2);
    S->N.lowest_known = S->N.dim && dense;
    S->block = fs_calloc(n_blocks + 1, sizeof *S->block);
    for (size_t i = 0; i < n_blocks; i++) {
        snprintf(name, sizeof name, i == 0 ? "trivial" : i == 1 ? "sign" : "rotation:%zu", i - 1);
        S->block[i] = i == 0 ? make_block(name, 1, m, 0.05 * high, high, zeros, dense)
                             : make_block(name, i == 1 ? 1 : 2, m, low * (double)(i + 1) / (double)n_blocks, 0.8 * high / (double)i, zeros, dense);
    }
    return S;
}

static void free_block(fs_spectrum_block *b)
{
    free(b->value);
    free(b->error);
}

static void free_stability(fs_stability *s)
{
    for (size_t i = 0; i < s->n_points; i++) {
        fs_spectrum *S = s->point[i].spectrum;
        if (s->point[i].at) free(s->point[i].at->w);
        free(s->point[i].at);
        if (!S) continue;
        free_block(&S->E);
        free_block(&S->N);
        free_block(&S->whole);
        for (size_t b = 0; b < S->n_blocks; b++) free_block(&S->block[b]);
        free(S->block);
        free(S);
    }
    free(s->point);
    free(s->path.t);
    free(s->path.risk);
    free(s->path.lambda_min);
    free(s->path.lambda_error);
    free(s->path.exponent);
    free(s);
}

static fs_stability *make_stability(size_t n_points, double gamma)
{
    fs_stability *s = fs_calloc(1, sizeof *s);
    *s = (fs_stability){ .kind = FS_FLOW_EQUIVARIANT, .where = FS_AT_STATIONARY, .gamma = gamma, .n_points = n_points, .wall_s = 0.75 };
    s->point = fs_calloc(n_points + 1, sizeof *s->point);
    return s;
}

static void make_path(fs_stability_path *p, size_t n, size_t exponents)
{
    p->n = n;
    p->exponents = exponents;
    p->complete = 1;
    p->t = fs_calloc(n, sizeof *p->t);
    p->risk = fs_calloc(n, sizeof *p->risk);
    p->lambda_min = fs_calloc(n, sizeof *p->lambda_min);
    p->lambda_error = fs_calloc(n, sizeof *p->lambda_error);
    p->exponent = fs_calloc(n * exponents, sizeof *p->exponent);
    for (size_t i = 0; i < n; i++) {
        double t = p->t[i] = 0.5 * (double)i;
        p->risk[i] = 0.7 * exp(-0.2 * t);
        p->lambda_min[i] = -0.4 + 0.9 * exp(-0.3 * t) - 0.6 * exp(-1.1 * (t - 2) * (t - 2));
        p->lambda_error[i] = 3e-14;
        for (size_t k = 0; k < exponents; k++)
            p->exponent[i * exponents + k] = i ? 0.4 - 0.3 * (double)k - (1.0 + 0.3 * (double)k) / (1.0 + t) : none;
    }
}

/* A minimum on E whose irreducible rotation:1 has gone critical at gamma = 0.1, two saddles, a path. */
static fs_stability *make_rich(double gamma)
{
    fs_stability *s = make_stability(3, gamma);
    for (size_t i = 0; i < 3; i++) {
        fs_stability_point *p = &s->point[i];
        p->at = make_stationary(FS_SEARCH_FOUND, i + 1, 0.125 * (double)(i + 1));
        p->spectrum = make_spectrum(3, 20, -0.35, 1.5, 2, 1);
        p->E = (fs_inertia){ 0, 2, 18 };
        p->N = (fs_inertia){ 4, 6, 50 };
        p->on_E = i ? FS_POINT_SADDLE : FS_POINT_DEGENERATE;
        p->on_L = FS_POINT_SADDLE;
        p->shift = 1e-15;
        p->flat_E = (fs_flat){ .dim = 2, .softmax = 1, .outputs = 1, .text = "2 flat directions" };
        p->gamma_critical = 0.35;
        p->gamma_error = 2e-14;
        snprintf(p->irreducible, sizeof p->irreducible, "rotation:1");
        snprintf(p->verdict, sizeof p->verdict, "degenerate on E; on L a saddle below gamma = 0.35");
    }
    s->starts = 16;
    s->missed = 14;
    make_path(&s->path, 60, 3);
    return s;
}

/* One eigenvalue, and E is all of L. */
static fs_stability *make_smallest(void)
{
    fs_stability *s = make_stability(1, 0);
    s->point[0] = (fs_stability_point){ .at = make_stationary(FS_SEARCH_FOUND, 1, 0.5), .spectrum = make_spectrum(1, 1, 0, 2, 0, 1), .E = { 0, 0, 1 },
                                        .on_E = FS_POINT_MINIMUM, .on_L = FS_POINT_MINIMUM, .gamma_critical = none, .gamma_error = none, .shift = none,
                                        .verdict = "a strict minimum on E, which is all of L" };
    return s;
}

/* The search ended in nothing, and no number is one. */
static fs_stability *make_numberless(void)
{
    fs_stability *s = make_stability(2, 1);
    for (size_t i = 0; i < 2; i++) {
        fs_stability_point *p = &s->point[i];
        *p = (fs_stability_point){ .at = make_stationary(FS_SEARCH_RUNAWAY, 1, none), .spectrum = make_spectrum(3, 4, none, none, 0, (int)i),
                                   .on_E = FS_POINT_UNKNOWN,
                                   .on_L = FS_POINT_UNKNOWN, .shift = none, .gamma_critical = none, .gamma_error = none };
        p->at->size = p->at->residual = p->at->residual_E = p->at->tolerance = p->at->correction = p->at->t_flow = p->at->distance = none;
        for (size_t k = 0; k < p->spectrum->E.count; k++) p->spectrum->E.error[k] = none;
        p->spectrum->norm = p->spectrum->off_EN = p->spectrum->off_tolerance = none;
    }
    make_path(&s->path, 3, 1);
    for (size_t i = 0; i < 3; i++) s->path.lambda_min[i] = s->path.lambda_error[i] = s->path.exponent[i] = s->path.risk[i] = none;
    s->stopped = 1;
    return s;
}

/* Nothing at all: stopped before the first search. */
static fs_stability *make_nothing(void)
{
    fs_stability *s = make_stability(0, 0);
    s->stopped = 1;
    snprintf(s->path.note, sizeof s->path.note, "no path was asked for");
    return s;
}

/* Lanczos on many irreducibles, over twelve decades, none converged at the lower end. */
static fs_stability *make_many(void)
{
    fs_stability *s = make_stability(1, 10);
    s->point[0] = (fs_stability_point){ .at = make_stationary(FS_SEARCH_FOUND, 1, 1e-9), .spectrum = make_spectrum(20, 7, -1e-7, 3e5, 0, 0),
                                        .on_E = FS_POINT_UNKNOWN,
                                        .on_L = FS_POINT_UNKNOWN, .shift = none, .gamma_critical = 1e-7, .gamma_error = (double)INFINITY,
                                        .verdict = "not enough eigenvalues are known" };
    for (size_t i = 0; i < 20; i++) s->point[0].spectrum->block[i].value[1] = 1e-3 * (double)(i + 1);
    return s;
}

/* --- critical ---------------------------------------------------------------------------------- */

static double curve(double distance) { return 0.5 + 0.75 * distance * (1.0 - distance); }

static void make_start(fs_critical_start *s, double distance, uint64_t seed, size_t n_runs)
{
    double threshold = curve(distance) * (1.0 + 0.05 * (double)(seed - 1));
    *s = (fs_critical_start){ .distance = distance, .seed = seed, .n_runs = n_runs, .decided = 1, .gamma_critical = threshold,
                              .bracket = { threshold * 0.9999, threshold },
                              .monotone = 1, .n_good = 1, .c = -0.5, .c_error = 1e-14, .M3 = 4.5, .K = 1.25, .risk_start = 0.7 };
    s->run = fs_calloc(n_runs + 1, sizeof *s->run);
    s->good = fs_calloc(2, sizeof *s->good);
    s->good[0][0] = threshold;
    s->good[0][1] = (double)INFINITY;
    for (size_t i = 0; i < n_runs; i++) {
        double gamma = 2.0 * (double)i / (double)n_runs;
        int attracted = gamma >= threshold;
        s->run[i] = (fs_attraction){ .gamma = gamma, .outcome = attracted ? FS_ATTRACTED : FS_ESCAPED, .t = 31.5, .distance = attracted ? 1e-15 : 0.7,
                                     .margin = gamma - 0.5, .margin_error = 1e-14, .speed = 1e-9, .confirmed = i == 3, .steps = 120 };
        snprintf(s->run[i].why, sizeof s->run[i].why, "|Y| small, E attracts there");
    }
    s->bound.tube = curve(distance < 0.5 ? distance : 0.5);
    s->bound.ray = s->bound.tube + 0.1;
    s->bound.lambda = s->bound.tube + 0.2;
    s->bound.bernoulli = 0.5 + 2.25 * distance;
    s->bound.paper = 1.9 + 2.25 * distance;
    s->tightness.tube = s->bound.tube / threshold;
    s->tightness.ray = s->bound.ray / threshold;
    s->tightness.lambda = s->bound.lambda / threshold;
    s->tightness.bernoulli = s->bound.bernoulli / threshold;
    s->tightness.paper = s->bound.paper / threshold;
}

static fs_critical *make_critical(size_t n_distance, const double *distance, size_t n_seed, size_t n_runs)
{
    fs_critical *c = fs_calloc(1, sizeof *c);
    *c = (fs_critical){ .equilibria = make_rich(0), .gamma_critical = 0.35, .gamma_gen = 0.625, .gamma_all = none, .gen_error = 1e-13,
                        .n_starts = n_distance * n_seed,
                        .applies = 1, .wall_s = 2.5 };
    snprintf(c->gen_note, sizeof c->gen_note, "an attractor off E, stationary until gamma = 0.625");
    c->equilibria->point[0].on_E = FS_POINT_MINIMUM;
    c->start = fs_calloc(c->n_starts + 1, sizeof *c->start);
    for (size_t i = 0; i < c->n_starts; i++) make_start(&c->start[i], distance[i / n_seed], i % n_seed + 1, n_runs);
    return c;
}

static fs_critical *make_ladder(size_t n_seed)
{
    return make_critical(6, (double[]){ 0.05, 0.1, 0.25, 0.5, 0.75, 1.0 }, n_seed, 21);
}

static void break_start(fs_critical_start *s)
{
    s->monotone = 0;
    s->n_good = 2;
    s->good[0][0] = 0.1;
    s->good[0][1] = 0.2;
    s->good[1][0] = s->gamma_critical;
    s->good[1][1] = (double)INFINITY;
    s->run[1].outcome = FS_ATTRACTED;
}

/* Nothing decided, nothing measured. */
static fs_critical *make_undecided(void)
{
    fs_critical *c = make_critical(2, (double[]){ 0.1, 0.2 }, 1, 2);
    for (size_t i = 0; i < 2; i++) {
        fs_critical_start *s = &c->start[i];
        s->decided = s->monotone = 0;
        s->n_good = 0;
        s->gamma_critical = s->bracket[0] = s->bracket[1] = s->c = s->c_error = s->M3 = s->K = s->risk_start = none;
        s->bound.tube = s->bound.ray = s->bound.lambda = s->bound.bernoulli = s->bound.paper = none;
        s->tightness.tube = s->tightness.ray = s->tightness.lambda = s->tightness.bernoulli = s->tightness.paper = none;
        for (size_t j = 0; j < 2; j++) {
            s->run[j].outcome = FS_ATTRACTION_UNDECIDED;
            s->run[j].margin = s->run[j].margin_error = s->run[j].distance = s->run[j].speed = none;
            snprintf(s->run[j].why, sizeof s->run[j].why, "the solvers disagree");
        }
        snprintf(s->note, sizeof s->note, "the bounds were not measured");
    }
    free_stability(c->equilibria);
    c->equilibria = make_numberless();
    c->gamma_critical = c->gamma_gen = c->gen_error = none;
    c->gen_note[0] = 0;
    c->applies = 0;
    snprintf(c->because, sizeof c->because, "no stationary point was found");
    c->stopped = 1;
    return c;
}

/* Everything a million times smaller than the bounds. */
static fs_critical *make_tiny(void)
{
    fs_critical *c = make_critical(3, (double[]){ 1e-7, 1e-6, 1e-5 }, 1, 3);
    for (size_t i = 0; i < 3; i++) c->start[i].gamma_critical = 2e-6;
    return c;
}

static fs_critical *make_no_starts(void)
{
    fs_critical *c = fs_calloc(1, sizeof *c);
    *c = (fs_critical){ .gamma_critical = none, .gamma_gen = none, .gamma_all = none, .gen_error = none, .stopped = 1 };
    return c;
}

static void free_critical(fs_critical *c)
{
    for (size_t i = 0; i < c->n_starts; i++) {
        free(c->start[i].run);
        free(c->start[i].good);
    }
    free(c->start);
    if (c->equilibria) free_stability(c->equilibria);
    free(c);
}

static fs_stability *(*const all_stability[])(void) = { make_smallest, make_numberless, make_nothing, make_many };
static fs_critical *(*const all_critical[])(void) = { make_undecided, make_no_starts };
enum { STABILITIES = sizeof all_stability / sizeof *all_stability, CRITICALS = sizeof all_critical / sizeof *all_critical };

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

static void assert_contains(const char *text, const char *part)
{
    assert_non_null(text);
    if (!strstr(text, part)) fail_msg("\"%s\" is missing in\n%s", part, text);
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

/* Line breaks and runs of blanks become one blank. */
static void unwrap(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++)
        if ((*from != ' ' && *from != '\n') || (to > text && to[-1] != ' ')) *to++ = *from == '\n' ? ' ' : *from;
    *to = 0;
}

/* --- JSON --------------------------------------------------------------------------------------------- */

static json_t *at(const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    if (!value) fail_msg("\"%s\" is missing", key);
    return value;
}

static void assert_real(const json_t *object, const char *key, double expected)
{
    const json_t *value = at(object, key);
    if (isnan(expected)) assert_string_equal(json_string_value(value), "nan");
    else if (isinf(expected)) assert_string_equal(json_string_value(value), "inf");
    else assert_near(json_number_value(value), expected, 0);
}

static void assert_word(const json_t *object, const char *key, const char *expected)
{
    assert_string_equal(json_string_value(at(object, key)), expected);
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

static void assert_point(const json_t *object, const fs_stability_point *p)
{
    const json_t *stationary = at(object, "stationary"), *block;
    assert_word(stationary, "outcome", fs_search_name(p->at->outcome));
    assert_real(stationary, "residual", p->at->residual);
    assert_real(stationary, "residual_E", p->at->residual_E);
    assert_real(stationary, "tolerance", p->at->tolerance);
    assert_real(stationary, "correction", p->at->correction);
    assert_true(json_is_integer(at(stationary, "iterations")));
    assert_real(stationary, "risk", p->at->risk);
    assert_real(stationary, "size", p->at->size);
    assert_real(stationary, "distance", p->at->distance);
    assert_real(stationary, "t_flow", p->at->t_flow);
    assert_word(stationary, "note", p->at->note);
    assert_word(stationary, "kind_on_E", fs_point_name(p->on_E));
    assert_word(stationary, "kind_on_L", fs_point_name(p->on_L));
    assert_int_equal(json_array_size(at(at(object, "eigenvalues"), "E")), p->spectrum->E.count);
    assert_int_equal(json_array_size(at(at(object, "eigenvalues"), "N")), p->spectrum->N.count);
    assert_int_equal(json_array_size(at(at(object, "errors"), "N")), p->spectrum->N.count);
    assert_int_equal(json_array_size(at(object, "blocks")), p->spectrum->n_blocks);
    size_t i;
    json_array_foreach(at(object, "blocks"), i, block) {
        const fs_spectrum_block *b = &p->spectrum->block[i];
        assert_word(block, "irreducible", b->name);
        assert_real(block, "multiplicity", (double)b->multiplicity);
        assert_real(block, "dim", (double)b->copies);
        assert_word(block, "type", fs_type_name((fs_type)b->type));
        assert_int_equal(json_array_size(at(block, "eigenvalues")), b->count);
        assert_int_equal(json_array_size(at(block, "errors")), b->count);
        assert_real(block, "spread", b->spread);
        assert_real(block, "lowest", b->lowest);
        assert_real(block, "lowest_error", b->lowest_error);
        assert_int_equal(json_is_true(at(block, "complete")), b->complete);
        assert_real(block, "products", (double)b->products);
        if (b->complete) assert_int_equal(json_array_size(at(block, "eigenvalues")) * b->copies, b->dim);
    }
    assert_real(at(object, "off_block"), "E_N", p->spectrum->off_EN);
    assert_real(at(object, "off_block"), "irreducibles", p->spectrum->off_blocks);
    assert_real(at(object, "off_block"), "tolerance", p->spectrum->off_tolerance);
    assert_real(at(at(object, "inertia"), "N"), "negative", (double)p->N.negative);
    assert_real(at(at(object, "inertia"), "E"), "undecided", (double)p->E.undecided);
    assert_real(at(at(object, "inertia"), "E"), "positive", (double)p->E.positive);
    assert_real(at(at(object, "flat"), "E"), "dim", (double)p->flat_E.dim);
    assert_real(at(at(object, "flat"), "N"), "dim", (double)p->flat_N.dim);
    assert_real(object, "gamma_critical", p->gamma_critical);
    assert_real(object, "gamma_critical_error", p->gamma_error);
    assert_word(object, "irreducible", p->irreducible);
    assert_word(object, "verdict", p->verdict);
}

static void json_of_spectra_has_every_field(void **state)
{
    (void)state;
    fs_report_head head = make_head("spectrum");
    fs_stability *s = make_rich(0.1);
    json_t *report = written_and_read(fs_json_stability(&head, s)), *path = at(report, "path");
    assert_word(report, "command", "spectrum");
    assert_word(report, "flow", "equivariant");
    assert_word(report, "at", "stationary");
    assert_real(report, "gamma", 0.1);
    assert_point(report, &s->point[0]);
    assert_int_equal(json_array_size(at(report, "points")), 3);
    for (size_t i = 0; i < 3; i++) assert_point(json_array_get(at(report, "points"), i), &s->point[i]);
    assert_real(at(report, "search"), "starts", 16);
    assert_real(at(report, "search"), "missed", 14);
    assert_int_equal(json_array_size(at(path, "t")), 60);
    assert_int_equal(json_array_size(at(path, "lambda_min")), 60);
    assert_int_equal(json_array_size(at(path, "exponents")), 60);
    assert_int_equal(json_array_size(json_array_get(at(path, "exponents"), 7)), 3);
    assert_string_equal(json_string_value(json_array_get(json_array_get(at(path, "exponents"), 0), 1)), "nan");
    assert_near(json_number_value(json_array_get(json_array_get(at(path, "exponents"), 7), 2)), s->path.exponent[23], 0);
    assert_true(json_is_true(at(path, "complete")));
    assert_true(json_is_false(at(report, "interrupted")));
    json_decref(report);
    free_stability(s);
}

/* A complete block of an irreducible of dimension d lists each value once and counts it d times. */
static void json_repeats_eigenvalues_as_often_as_they_occur(void **state)
{
    (void)state;
    fs_report_head head = make_head("spectrum");
    fs_stability *s = make_smallest();
    fs_spectrum *S = s->point[0].spectrum;
    free_block(&S->N);
    S->N = make_block("N", 2, 3, -1, 1, 0, 1);
    json_t *report = written_and_read(fs_json_stability(&head, s)), *N = at(at(report, "eigenvalues"), "N");
    assert_int_equal(json_array_size(N), 6);
    for (size_t i = 0; i < 6; i++) assert_near(json_number_value(json_array_get(N, i)), S->N.value[i / 2], 0);
    json_decref(report);
    S->N.complete = 0;
    report = written_and_read(fs_json_stability(&head, s));
    assert_int_equal(json_array_size(at(at(report, "eigenvalues"), "N")), 3);
    json_decref(report);
    free_stability(s);
}

static void json_survives_results_without_numbers(void **state)
{
    (void)state;
    fs_report_head head = make_head("spectrum");
    for (size_t i = 0; i < STABILITIES; i++) {
        fs_stability *s = all_stability[i]();
        json_t *report = written_and_read(fs_json_stability(&head, s));
        assert_int_equal(json_array_size(at(report, "points")), s->n_points);
        if (s->n_points) assert_point(report, &s->point[0]);
        else assert_real(at(report, "stationary"), "residual", none);
        assert_int_equal(json_is_true(at(report, "interrupted")), s->stopped);
        assert_true(json_is_array(at(at(report, "eigenvalues"), "E")));
        assert_true(json_is_array(at(report, "blocks")));
        json_decref(report);
        if (s->n_points) {                  /* not even a place */
            fs_stationary *place = s->point[0].at;
            s->point[0].at = NULL;
            report = written_and_read(fs_json_stability(&head, s));
            assert_real(at(report, "stationary"), "risk", none);
            json_decref(report);
            s->point[0].at = place;
        }
        free_stability(s);
    }
}

static void json_of_critical_gammas_has_every_field(void **state)
{
    (void)state;
    fs_report_head head = make_head("critical");
    fs_critical *c = make_ladder(2);
    const fs_critical_start *far = &c->start[10];
    break_start(&c->start[3]);
    json_t *report = written_and_read(fs_json_critical(&head, c)), *start = json_array_get(at(report, "starts"), 3), *run;
    assert_real(report, "gamma_critical", far->gamma_critical);
    assert_real(report, "distance", 1.0);
    assert_real(at(report, "bounds"), "tube", far->bound.tube);
    assert_real(at(report, "bounds"), "bernoulli", far->bound.bernoulli);
    assert_real(at(report, "bounds"), "paper", far->bound.paper);
    assert_real(at(report, "tightness"), "ray", far->tightness.ray);
    assert_near(json_number_value(json_array_get(at(report, "bracket"), 0)), far->bracket[0], 0);
    assert_true(json_is_true(at(report, "monotone")));
    assert_true(json_is_true(at(report, "decided")));
    assert_real(at(report, "equilibrium"), "gamma_critical", 0.35);
    assert_real(at(report, "equilibrium"), "error", 2e-14);
    assert_word(at(report, "equilibrium"), "irreducible", "rotation:1");
    assert_word(at(report, "equilibrium"), "outcome", "found");
    assert_word(at(report, "equilibrium"), "kind_on_E", "strict minimum");
    assert_real(at(report, "equilibrium"), "risk", 0.125);
    assert_real(at(report, "equilibrium"), "residual", 3.1e-16);
    assert_real(report, "gamma_gen", 0.625);
    assert_real(report, "gamma_all", none);
    assert_real(report, "gen_error", 1e-13);
    assert_word(report, "gen_note", c->gen_note);
    assert_true(json_is_true(at(report, "applies")));
    assert_word(report, "because", "");
    assert_int_equal(json_array_size(at(report, "starts")), 12);
    assert_real(start, "seed", 2);
    assert_real(start, "distance", 0.1);
    assert_true(json_is_false(at(start, "monotone")));
    assert_int_equal(json_array_size(at(start, "good")), 2);
    assert_string_equal(json_string_value(json_array_get(json_array_get(at(start, "good"), 1), 1)), "inf");
    assert_real(at(start, "constants"), "C", 2.25);
    assert_real(at(start, "constants"), "risk_start", 0.7);
    assert_int_equal(json_array_size(at(start, "runs")), 21);
    run = json_array_get(at(start, "runs"), 3);
    assert_real(run, "gamma", c->start[3].run[3].gamma);
    assert_word(run, "outcome", "escaped");
    assert_true(json_is_true(at(run, "confirmed")));
    assert_word(run, "why", c->start[3].run[3].why);
    json_decref(report);
    free_critical(c);
    for (size_t i = 0; i < CRITICALS; i++) {
        c = all_critical[i]();
        report = written_and_read(fs_json_critical(&head, c));
        assert_real(report, "gamma_critical", none);
        assert_real(at(report, "bounds"), "paper", none);
        assert_real(at(report, "equilibrium"), "gamma_critical", none);
        assert_true(json_is_false(at(report, "decided")));
        assert_true(json_is_true(at(report, "interrupted")));
        json_decref(report);
        free_critical(c);
    }
}

/* --- CSV and arrays --------------------------------------------------------------------------------- */

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

static char *assert_block_rows(char *line, char **save, const char *point, const fs_spectrum_block *b)
{
    for (size_t i = 0; i < b->count; i++, line = strtok_r(NULL, "\n", save)) {
        assert_non_null(line);
        assert_string_equal(word(&line), point);
        assert_string_equal(word(&line), b->name);
        assert_field(&line, (double)(i + 1));
        assert_field(&line, b->value[i]);
        assert_field(&line, b->error[i]);
        assert_field(&line, (double)b->copies);
    }
    return line;
}

static void csv_of_spectra_reads_back_bit_for_bit(void **state)
{
    (void)state;
    fs_err err = { 0 };
    fs_report_head head = make_head("spectrum");
    fs_stability *s = make_rich(0.1);
    char *save = NULL;
    fs_spectrum *S = s->point[0].spectrum;
    S->whole = make_block("L", 1, 5, -0.1, 2, 0, 1);
    assert_ok(fs_csv_write_spectrum(in_folder("spectrum.csv"), &head, s, &err), err);
    char *text = get(in_folder("spectrum.csv"), NULL);
    assert_contains(text, "# command: flowsim spectrum --model cnn_c4\n");
    assert_contains(text, "# gamma: 0.1");
    assert_contains(text, "# model_text: group: C4\n");
    char *line = first_row(text, "point,block,index,eigenvalue,error,copies", &save);
    line = assert_block_rows(line, &save, "1", &S->E);
    line = assert_block_rows(line, &save, "1", &S->N);
    line = assert_block_rows(line, &save, "1", &S->whole);
    for (size_t b = 0; b < 3; b++) line = assert_block_rows(line, &save, "1", &S->block[b]);
    line = assert_block_rows(line, &save, "2", &s->point[1].spectrum->E);
    assert_non_null(line);
    free(text);

    assert_ok(fs_csv_write_path(in_folder("path.csv"), &head, s, &err), err);
    text = get(in_folder("path.csv"), NULL);
    line = first_row(text, "t,risk,lambda_min,lambda_error,exponent_1,exponent_2,exponent_3", &save);
    for (size_t i = 0; i < 60; i++, line = strtok_r(NULL, "\n", &save)) {
        assert_field(&line, s->path.t[i]);
        assert_field(&line, s->path.risk[i]);
        assert_field(&line, s->path.lambda_min[i]);
        assert_field(&line, s->path.lambda_error[i]);
        for (size_t k = 0; k < 3; k++) assert_field(&line, s->path.exponent[3 * i + k]);
    }
    assert_null(line);
    free(text);
    free_stability(s);
}

static void csv_of_critical_gammas_reads_back_bit_for_bit(void **state)
{
    (void)state;
    fs_err err = { 0 };
    fs_report_head head = make_head("critical");
    fs_critical *c = make_ladder(2);
    char *save = NULL;
    c->start[4].bound.paper = none;
    c->start[4].seed = UINT64_MAX;
    assert_ok(fs_csv_write_critical(in_folder("critical.csv"), &head, c, &err), err);
    char *text = get(in_folder("critical.csv"), NULL);
    char *line = first_row(text, "distance,seed,gamma_critical,bracket_low,bracket_high,monotone,tube,ray,lambda,bernoulli,paper,decided,c,c_error,M3,K,"
                                 "risk_start,runs", &save);
    for (size_t i = 0; i < 12; i++, line = strtok_r(NULL, "\n", &save)) {
        const fs_critical_start *s = &c->start[i];
        assert_field(&line, s->distance);
        if (i == 4) assert_string_equal(word(&line), "18446744073709551615");
        else assert_field(&line, (double)s->seed);
        const double expected[] = { s->gamma_critical, s->bracket[0], s->bracket[1], 1, s->bound.tube, s->bound.ray, s->bound.lambda,
                                    s->bound.bernoulli,
                                    s->bound.paper, 1, s->c, s->c_error, s->M3, s->K, s->risk_start, 21 };
        for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) assert_field(&line, expected[k]);
    }
    assert_null(line);
    free(text);

    assert_ok(fs_csv_write_scan(in_folder("scan.csv"), &head, c, &err), err);
    text = get(in_folder("scan.csv"), NULL);
    line = first_row(text, "distance,seed,gamma,outcome,t,distance_end,margin,margin_error,speed,confirmed,steps", &save);
    for (size_t i = 0; i < 12 * 21; i++, line = strtok_r(NULL, "\n", &save)) {
        const fs_attraction *r = &c->start[i / 21].run[i % 21];
        assert_field(&line, c->start[i / 21].distance);
        word(&line);
        assert_field(&line, r->gamma);
        assert_string_equal(word(&line), fs_attraction_name(r->outcome));
        const double expected[] = { r->t, r->distance, r->margin, r->margin_error, r->speed, (double)r->confirmed, (double)r->steps };
        for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) assert_field(&line, expected[k]);
    }
    assert_null(line);
    free(text);
    free_critical(c);
}

static void csv_of_nothing_is_a_header(void **state)
{
    (void)state;
    fs_err err = { 0 };
    fs_report_head head = make_head("spectrum");
    fs_stability *s = make_nothing();
    fs_critical *c = make_no_starts();
    char *save = NULL, *text;
    assert_ok(fs_csv_write_spectrum(in_folder("spectrum.csv"), &head, s, &err), err);
    assert_ok(fs_csv_write_path(in_folder("path.csv"), &head, s, &err), err);
    assert_ok(fs_csv_write_critical(in_folder("critical.csv"), &head, c, &err), err);
    assert_ok(fs_csv_write_scan(in_folder("scan.csv"), &head, c, &err), err);
    text = get(in_folder("path.csv"), NULL);
    assert_contains(text, "# interrupted: ");
    assert_null(first_row(text, "t,risk,lambda_min,lambda_error", &save));
    free(text);
    assert_fails(fs_csv_write_scan(in_folder("no/such/scan.csv"), &head, c, &err), FS_EIO, err, "no/such");
    free_stability(s);
    free_critical(c);
}

static void weights_of_points_are_arrays_in_natural_order(void **state)
{
    (void)state;
    fs_err err = { 0 };
    fs_folder *f;
    fs_array a;
    fs_problem *p = load_model("cnn_c4", NULL, NULL, NULL);
    const fs_basis *basis = fs_problem_basis(p);
    fs_stability *s = make_rich(0);
    double *expected = fs_calloc(basis->n_par, sizeof *expected);
    s->problem = p;
    s->point[0].at->w = start_of(p, 1, 0.5);
    s->point[2].at->w = start_of(p, 2, 0.5);
    assert_ok(fs_folder_open(&f, in_folder("weights"), 0, &err), err);
    assert_ok(fs_weights_write_stability(f, s, &err), err);
    assert_ok(fs_folder_settle(f, &err), err);
    fs_folder_destroy(f);
    assert_false(exists(in_folder("weights/point_2.npy")));
    assert_ok(fs_npy_read(in_folder("weights/point_3.npy"), &a, &err), err);
    assert_int_equal(a.dim, 1);
    assert_int_equal(a.count, basis->n_par);
    fs_basis_expand(basis, s->point[2].at->w, expected);
    assert_memory_equal(a.data, expected, a.count * sizeof *expected);
    fs_array_clear(&a);
    free(expected);
    free_stability(s);
    fs_problem_destroy(p);
}

/* --- tables -------------------------------------------------------------------------------------------- */

static char *table_of(const fs_report_head *head, const fs_stability *s, const fs_critical *c, int colour)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    if (s) fs_table_print_stability(stream, head, s, colour);
    else fs_table_print_critical(stream, head, c, colour);
    fclose(stream);
    return text;
}

/* 100 columns, no number that is none, and no colour codes. */
static void assert_plain(const char *text)
{
    assert_narrow(text);
    assert_null(strchr(text, '\033'));
    for (const char *c = text; (c = strstr(c, "nan")); c += 3)
        if ((c == text || !isalpha((unsigned char)c[-1])) && !isalpha((unsigned char)c[3])) fail_msg("\"nan\" in\n%s", text);
}

static void table_of_spectra_says_what_is_known(void **state)
{
    (void)state;
    fs_report_head head = make_head("spectrum");
    fs_stability *s = make_rich(0.1);
    char *text = table_of(&head, s, NULL, 0);
    assert_plain(text);
    assert_contains(text, "flow:       equivariant, its stationary points; gamma = 0.1\n");
    assert_contains(text, "* rotation:1");
    assert_contains(text, "2 x 20");
    assert_contains(text, "* lowest on N: goes critical first");
    unwrap(text);
    assert_contains(text, "found from the end of the equivariant flow at t = 812.5 (seed 1): |Pi_E grad R| = 2.9e-16, tolerance 4.0e-15; "
                          "|grad R^aug| = 3.1e-16 on all of L; 3 Newton iterations, last correction 1.7e-14");
    assert_contains(text, "|Q_E^T H Q_N| = 2.0e-15, between the irreducibles 3.0e-15; rounding explains 4.0e-14 ");
    assert_contains(text, "gamma_c: 0.35 +- 2.0e-14; the symmetry that breaks first: rotation:1");
    assert_contains(text, "16 Newton searches for more points, 14 of them ended nowhere new");
    assert_contains(text, "The largest exponent across E ends at");
    free(text);
    text = table_of(&head, s, NULL, 1);
    assert_contains(text, "\033[");
    free(text);
    s->point[0].spectrum->off_EN = 1e-3;
    text = table_of(&head, s, NULL, 0);
    assert_contains(text, "do NOT decouple");
    free(text);
    free_stability(s);
}

/* A zero within its error is 0, undecided, and nobody's stability. */
static void table_never_calls_an_undecided_sign_stable(void **state)
{
    (void)state;
    fs_report_head head = make_head("spectrum");
    fs_stability *s = make_rich(0.1);
    fs_stability_point *p = &s->point[0];
    fs_spectrum_block *N = &p->spectrum->N;
    s->n_points = 1;
    p->gamma_critical = -1e-15;
    for (size_t i = 0; i < N->count; i++) N->value[i] = 1e-15, N->error[i] = 3e-14;
    N->lowest = N->highest = 1e-15;
    for (size_t i = 0; i < 60; i++) s->path.lambda_min[i] = 1e-16;
    p->verdict[0] = 0;
    p->on_E = p->on_L = FS_POINT_DEGENERATE;
    char *text = table_of(&head, s, NULL, 0);
    assert_plain(text);
    assert_null(strstr(text, "stable"));
    assert_null(strstr(text, "1e-15"));
    unwrap(text);
    assert_contains(text, "gamma_c: 0 within its error 2.0e-14, so its sign is undecided");
    assert_contains(text, "lowest at t = 0: 0 within its error 3.0e-14, so its sign is undecided");
    assert_contains(text, " N 60 0 .. 0 0 60 0 3e-14 ");
    free(text);
    s->n_points = 3;
    free_stability(s);
}

static void table_of_results_without_numbers_has_dashes(void **state)
{
    (void)state;
    fs_report_head head = make_head("spectrum");
    for (size_t i = 0; i < STABILITIES; i++) {
        fs_stability *s = all_stability[i]();
        char *text = table_of(&head, s, NULL, 0);
        assert_plain(text);
        assert_null(strstr(text, " stable"));
        if (s->stopped) assert_contains(text, "INTERRUPTED ");
        free(text);
        free_stability(s);
    }
    for (size_t i = 0; i < CRITICALS; i++) {
        fs_critical *c = all_critical[i]();
        char *text = table_of(&head, NULL, c, 0);
        assert_plain(text);
        assert_contains(text, "INTERRUPTED ");
        assert_contains(text, "equilibrium of E: none found");
        free(text);
        free_critical(c);
    }
}

static void table_says_why_there_is_no_stationary_point(void **state)
{
    (void)state;
    static const struct { fs_search outcome; const char *word; } end[] = {
        { FS_SEARCH_SEPARABLE, "no finite minimum" }, { FS_SEARCH_RUNAWAY, "grow without end" },
        { FS_SEARCH_UNREACHED, "neither the flow nor Newton's method" }, { FS_SEARCH_STOPPED, "the search was stopped" },
    };
    fs_report_head head = make_head("spectrum");
    fs_stability *s = make_rich(0);
    for (size_t i = 0; i < sizeof end / sizeof *end; i++) {
        s->point[0].at->outcome = end[i].outcome;
        char *text = table_of(&head, s, NULL, 0);
        assert_plain(text);
        unwrap(text);
        assert_contains(text, end[i].word);
        free(text);
    }
    s->where = FS_AT_START;
    char *text = table_of(&head, s, NULL, 0);
    assert_contains(text, "the start (seed 1), no search");
    free(text);
    free_stability(s);
}

static void table_of_many_irreducibles_stays_on_a_screen(void **state)
{
    (void)state;
    fs_report_head head = make_head("spectrum");
    fs_stability *s = make_many();
    char *text = table_of(&head, s, NULL, 0);
    size_t lines = 0;
    for (const char *c = text; *c; c++) lines += *c == '\n';
    assert_true(lines < 50);
    assert_contains(text, "* rotation:18");
    assert_contains(text, "and 4 more; all are in the report");
    assert_contains(text, "+ at least: only the ends are known");
    assert_contains(text, "at least 1e-07");
    free(text);
    free_stability(s);
}

static void table_of_critical_gammas_has_a_row_a_start(void **state)
{
    (void)state;
    fs_report_head head = make_head("critical");
    fs_critical *c = make_ladder(1);
    char *text = table_of(&head, NULL, c, 0);
    assert_plain(text);
    assert_contains(text, "     0.25     1   0.640625    0.64056 .. 0.64062    0.6406     1.062     2.462         1      yes\n");
    unwrap(text);
    assert_contains(text, "gamma_c = 0.35 +- 2.0e-14 (rotation:1); on E: strict minimum");
    assert_contains(text, "almost every start converges to E beyond gamma_gen = 0.625 +- 1.0e-13");
    assert_contains(text, "an attractor off E, stationary until gamma = 0.625");
    assert_contains(text, "theory: Remark 2 applies");
    assert_null(strstr(text, "no interval "));
    free(text);
    break_start(&c->start[2]);
    c->start[3].run[5].outcome = FS_ATTRACTION_UNDECIDED;
    snprintf(c->start[3].run[5].why, sizeof c->start[3].run[5].why, "the solvers disagree");
    text = table_of(&head, NULL, c, 0);
    assert_plain(text);
    assert_contains(text, "       NO\n");
    unwrap(text);
    assert_contains(text, "no interval distance 0.25, seed 1: attracted for gamma in [0.1, 0.2], [0.64062, inf); between them it is not");
    assert_contains(text, "undecided: distance 0.5, seed 1, gamma = 0.47619: the solvers disagree");
    free(text);
    free_critical(c);
}

/* --- figures ----------------------------------------------------------------------------------------------- */

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

/* Draws one of the two into folder/name. */
static void draw(fs_figure *figure, const char *name, const fs_report_head *head, const fs_stability *s, const fs_critical *c, const char *format,
                 const char *program)
{
    fs_err err = { 0 };
    fs_folder *f;
    const fs_figure_options options = { .format = format, .scripts = scripts(), .gnuplot = program };
    assert_ok(fs_folder_open(&f, in_folder(name), 0, &err), err);
    if (s) assert_ok(fs_figure_draw_stability(figure, f, head, s, &options, &err), err);
    else assert_ok(fs_figure_draw_critical(figure, f, head, c, &options, &err), err);
    assert_ok(fs_folder_settle(f, &err), err);
    fs_folder_destroy(f);
}

static void assert_drawn_alike_twice(const fs_report_head *head, const fs_stability *s, const fs_critical *c, const char *format)
{
    fs_figure figure;
    char *bytes[2], path[40];
    size_t size[2];
    for (int turn = 0; turn < 2; turn++) {
        const char *name = turn ? "two" : "one";
        draw(&figure, name, head, s, c, format, NULL);
        if (!figure.made) fail_msg("%s", figure.note);
        snprintf(path, sizeof path, "%s/%s", name, figure.file);
        bytes[turn] = get(in_folder(path), &size[turn]);
        assert_true(size[turn] > 4000);
    }
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(bytes[0], bytes[1], size[0]);
    free(bytes[0]);
    free(bytes[1]);
}

static void figures_are_drawn_and_the_same_twice(void **state)
{
    (void)state;
    if (!have_gnuplot()) return;
    fs_report_head head = make_head("spectrum");
    fs_stability *s = make_rich(0.1);
    fs_critical *c = make_ladder(2);
    for (int k = 0; k < 2; k++) {
        assert_drawn_alike_twice(&head, s, NULL, k ? "svg" : "png");
        assert_drawn_alike_twice(&head, NULL, c, k ? "svg" : "png");
    }
    free_stability(s);
    free_critical(c);
}

static void figures_of_extreme_results_are_drawn(void **state)
{
    (void)state;
    if (!have_gnuplot()) return;
    fs_report_head head = make_head("spectrum");
    fs_figure figure;
    for (size_t i = 0; i < STABILITIES; i++) {
        fs_stability *s = all_stability[i]();
        draw(&figure, "out", &head, s, NULL, "svg", NULL);
        if (!figure.made) fail_msg("result %zu: %s", i, figure.note);
        free_stability(s);
    }
    for (size_t i = 0; i < CRITICALS; i++) {
        fs_critical *c = all_critical[i]();
        draw(&figure, "out", &head, NULL, c, "svg", NULL);
        if (!figure.made) fail_msg("critical result %zu: %s", i, figure.note);
        free_critical(c);
    }
    fs_critical *tiny = make_tiny();
    fs_stability *wide = make_rich(1e-6);
    wide->point[0].spectrum->E.value[0] = -1e-8;
    draw(&figure, "out", &head, NULL, tiny, "svg", NULL);
    if (!figure.made) fail_msg("%s", figure.note);
    draw(&figure, "out", &head, wide, NULL, "svg", NULL);
    if (!figure.made) fail_msg("%s", figure.note);
    free_critical(tiny);
    free_stability(wide);
}

/* Only the sign of an eigenvalue that is larger than its error is drawn as one. */
static void undecided_signs_are_data_of_their_own(void **state)
{
    (void)state;
    fs_report_head head = make_head("spectrum");
    fs_stability *s = make_smallest();
    fs_figure figure;
    fs_spectrum_block *E = &s->point[0].spectrum->E;
    static const double value[] = { -1, -1e-15, 1e-15, 1 };
    free_block(E);
    *E = make_block("E", 1, 4, 0, 1, 0, 1);
    for (size_t i = 0; i < 4; i++) E->value[i] = value[i], E->error[i] = 1e-14;
    draw(&figure, "out", &head, s, NULL, "svg", "/no/such/gnuplot");
    char *data = get(in_folder("out/figure.dat"), NULL);
    assert_contains(data, "\n1 -1 1e-14 -1\n");
    assert_contains(data, "e-15 1e-14 0\n");
    assert_contains(data, "\n1 1 1e-14 1\n");
    assert_null(strstr(data, "e-15 1e-14 1\n"));
    assert_null(strstr(data, "e-15 1e-14 -1\n"));
    free(data);
    free_stability(s);
}

static char *drawn(const char *file, const fs_stability *s, const fs_critical *c)
{
    fs_report_head head = make_head("spectrum");
    fs_figure figure;
    char path[60];
    snprintf(path, sizeof path, "out/%s", file);
    draw(&figure, "out", &head, s, c, "svg", "/no/such/gnuplot");
    return get(in_folder(path), NULL);
}

/* A lower end that was only away from E at the end of its run is no certain one, and looks different everywhere. */
static void a_soft_bracket_is_marked(void **state)
{
    (void)state;
    fs_report_head head = make_head("critical");
    fs_critical *c = make_ladder(1);
    c->start[1].decided = 0;
    c->start[1].run[0].outcome = FS_AWAY;
    char *text = table_of(&head, NULL, c, 0);
    assert_plain(text);
    assert_contains(text, " ~");
    free(text);
    text = drawn("figure.dat", NULL, c);
    assert_contains(text, "# runs away;\n");
    free(text);
    text = drawn("figure.gp", NULL, c);
    assert_contains(text, "\nn_away = 1\n");
    assert_contains(text, "\nn_soft = 1\n");
    free(text);
    free_critical(c);
}

/* No gnuplot needed: an asinh axis where decades apart, -gamma where it is near, exponents turned into rates of decay. */
static void the_script_says_what_the_panels_show(void **state)
{
    (void)state;
    fs_stability *s = make_rich(0.1);
    fs_critical *c = make_ladder(1);
    char *text = drawn("figure.gp", s, NULL), row[80], a[40], b[40];
    assert_contains(text, "\nscale = 0.001\n");
    assert_contains(text, "\nticks = '0 -1.00000e-02 1.00000e-02 -1.00000e-01 1.00000e-01 1.00000e+00'\n");
    assert_contains(text, "\ngamma_line = 1\n");
    assert_contains(text, "\ncritical_column = 4\n");
    assert_contains(text, "\ncolumn_size_4 = '2 × 20'\n");
    assert_contains(text, "\nhas_path = 1\n");
    assert_contains(text, "\nt_step = 10.0\n");             /* of 29.5: 0, 10, 20 */
    assert_null(strstr(text, "\nn_on_E = 0\n"));
    assert_contains(text, "stationary point: degenerate on E, critical γ = 0.35'\n");
    free(text);
    text = drawn("figure.dat", s, NULL);
    snprintf(row, sizeof row, "\n14.5 %s %s ", fs_number_format(s->path.lambda_min[29], a), fs_number_format(-s->path.exponent[3 * 29], b));
    assert_contains(text, row);
    free(text);
    free_block(&s->point[0].spectrum->E);
    s->point[0].spectrum->E = make_block("E", 1, 3, 1, 2, 0, 1);
    s->point[0].spectrum->n_blocks = 0;
    s->point[0].spectrum->N.count = 0;
    s->gamma = 100;
    text = drawn("figure.gp", s, NULL);
    assert_contains(text, "\nscale = 0.0\n");
    assert_contains(text, "\ngamma_line = 2\n");           /* too far below to be drawn */
    free(text);
    s->point[0].at->kind = FS_FLOW_AUGMENTED;               /* off E the line would mean nothing */
    s->point[0].at->distance = 0.3;
    text = drawn("figure.gp", s, NULL);
    assert_contains(text, "\ngamma_line = 0\n");
    free(text);
    text = drawn("figure.gp", NULL, c);
    assert_contains(text, "\nscale = 0.1\n");            /* the paper's bound would leave gamma* less than a sixth of a linear axis */
    assert_contains(text, "\ngamma_equilibrium = 0.35\n");
    assert_contains(text, "\ndistances = '5.00000e-02 1.00000e-01 2.50000e-01 5.00000e-01 7.50000e-01 1.00000e+00'\n");
    free(text);
    c->start[0].bound.paper = 1e4;
    c->gamma_critical = -0.5;
    text = drawn("figure.gp", NULL, c);
    assert_contains(text, "\nscale = 0.1\n");
    assert_contains(text, "\ngamma_equilibrium = -0.5\n");
    assert_contains(text, "\nlow = 0.0\n");
    free(text);
    s->point[0].spectrum->n_blocks = 3;
    free_stability(s);
    free_critical(c);
}

static void a_picture_that_cannot_be_made_leaves_data_and_script(void **state)
{
    (void)state;
    fs_report_head head = make_head("spectrum");
    fs_stability *s = make_rich(0.1);
    fs_critical *c = make_ladder(1);
    fs_figure figure;
    for (int k = 0; k < 2; k++) {
        draw(&figure, "out", &head, k ? NULL : s, k ? c : NULL, "png", "/no/such/gnuplot");
        assert_false(figure.made);
        assert_contains(figure.note, "could not be started");
        assert_true(exists(in_folder("out/figure.dat")) && exists(in_folder("out/figure.gp")));
        assert_false(exists(in_folder("out/figure.png")));
        draw(&figure, "none", &head, k ? NULL : s, k ? c : NULL, "none", NULL);
        assert_true(!figure.made && !figure.note[0]);
    }
    char *script = get(in_folder("out/figure.gp"), NULL);
    assert_contains(script, "gamma_gen = 0.625\n");
    assert_contains(script, "gamma_all = NaN\n");
    assert_contains(script, "distance_logarithmic = 1\n");
    free(script);
    free_stability(s);
    free_critical(c);
}

static void titles_and_names_are_text_and_nothing_else(void **state)
{
    (void)state;
    if (!have_gnuplot()) return;
    char title[700];
    fs_report_head head = make_head("spectrum");
    fs_stability *s = make_rich(0.1);
    fs_critical *c = make_ladder(1);
    fs_figure figure;
    snprintf(title, sizeof title, "it's `touch %s` \"$(x)\" @data {/Bold a_b^c} \\", in_folder("pwned"));
    head.title = title;
    head.group = "C4'`touch x`";
    snprintf(s->point[0].spectrum->block[1].name, sizeof s->point[0].spectrum->block[1].name, "''`touch y`'''_{x}'");
    for (int k = 0; k < 2; k++) {
        draw(&figure, "out", &head, k ? NULL : s, k ? c : NULL, "svg", NULL);
        if (!figure.made) fail_msg("%s", figure.note);
        assert_false(exists(in_folder("pwned")) || exists(in_folder("out/x")) || exists(in_folder("out/y")));
        char *text = get(in_folder("out/figure.svg"), NULL);
        assert_contains(text, "it's `touch ");
        if (!k) assert_contains(text, "''`touch y`'''_{x}'");
        free(text);
    }
    free_stability(s);
    free_critical(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_of_spectra_has_every_field),
        cmocka_unit_test(json_repeats_eigenvalues_as_often_as_they_occur),
        cmocka_unit_test(json_survives_results_without_numbers),
        cmocka_unit_test(json_of_critical_gammas_has_every_field),
        cmocka_unit_test(csv_of_spectra_reads_back_bit_for_bit),
        cmocka_unit_test(csv_of_critical_gammas_reads_back_bit_for_bit),
        cmocka_unit_test(csv_of_nothing_is_a_header),
        cmocka_unit_test(weights_of_points_are_arrays_in_natural_order),
        cmocka_unit_test(table_of_spectra_says_what_is_known),
        cmocka_unit_test(table_never_calls_an_undecided_sign_stable),
        cmocka_unit_test(table_of_results_without_numbers_has_dashes),
        cmocka_unit_test(table_says_why_there_is_no_stationary_point),
        cmocka_unit_test(table_of_many_irreducibles_stays_on_a_screen),
        cmocka_unit_test(a_soft_bracket_is_marked),
        cmocka_unit_test(table_of_critical_gammas_has_a_row_a_start),
        cmocka_unit_test(figures_are_drawn_and_the_same_twice),
        cmocka_unit_test(figures_of_extreme_results_are_drawn),
        cmocka_unit_test(undecided_signs_are_data_of_their_own),
        cmocka_unit_test(the_script_says_what_the_panels_show),
        cmocka_unit_test(a_picture_that_cannot_be_made_leaves_data_and_script),
        cmocka_unit_test(titles_and_names_are_text_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
