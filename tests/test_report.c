/* tests/test_report.c -- laws of what flowsim writes: table, JSON, CSV, arrays, figures, and the folder they go to
 *
 * The runs are made by hand in the shape of real ones: an augmented flow that reaches rounding or leaves E, a nominal one
 * that levels off, an equivariant one on E.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "law.h"

#include "base/files.h"
#include "problem/theorems.h"
#include "report/bounds.h"
#include "report/csv.h"
#include "report/figure.h"
#include "report/folder.h"
#include "report/gnuplot.h"
#include "report/json.h"
#include "report/spread.h"
#include "report/table.h"
#include "report/text.h"

#include <dirent.h>
#include <locale.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* --- a run made by hand ----------------------------------------------------------------- */

static const double none = (double)NAN;
static fs_hypotheses hypotheses;
static fs_theorem theorems[FS_THEOREM_COUNT];
static const fs_irreducible irreducible[] = {
    { .name = "trivial", .dim = 1, .type = FS_TYPE_REAL }, { .name = "rotation:1", .dim = 2, .type = FS_TYPE_COMPLEX },
};
static const fs_isotypic_part isotypic[] = { { &irreducible[0], 86, 1 }, { &irreducible[1], 127, 127 } };

static fs_report_head make_head(void)
{
    static const uint64_t seed[] = { 1 };
    hypotheses = (fs_hypotheses){
        .compatibility = { 2.2e-16, 1e-12, FS_HOLDS, "exact orbits" },  .invariance_of_L = { 0, 1e-12, FS_HOLDS, "" },
        .nonlinearity = { 3.1e-16, 1e-12, FS_HOLDS, "layer 2 (tanh)" }, .loss = { 1.2e-16, 1e-12, FS_HOLDS, "" },
        .representation = { 0, 1e-12, FS_HOLDS, "" },                   .measure = { 0, 1e-12, FS_HOLDS, "" },
        .equivariant_space = { 1e-16, 1e-12, FS_HOLDS, "" },            .parametrisation = { 0, 1e-12, FS_HOLDS, "" },
        .dim_E_character = 85,                                          .gap_low = 0.0,
        .gap_high = 1.0,
    };
    fs_theorems_judge(theorems, &hypotheses);
    return (fs_report_head){
        .version = "0.1.0", .command = "run", .command_line = "./flowsim --model cnn_c4 --gamma 10", .model = "cnn_c4",
        .path = "models/cnn_c4.yaml", .title = "two-layer CNN, quarter turns", .source = "Figure 2",
        .data_note = "20 Fashion-MNIST images of 8 x 8 pixels, classes 1 and 8, embedded", .text = "title: two-layer CNN\ngroup: C4\n\n# 1 \"2\"\n",
        .group = "C4", .order = 4, .nodes = 4, .rule = "all 4 elements", .dim_L = 340, .dim_E = 85, .dim_N = 255, .parameters = 340,
        .hypotheses = &hypotheses, .theorems = theorems, .isotypic = isotypic, .n_isotypic = 2, .isotypic_note = "", .n_seed = 1, .seed = seed, .wall_s = 0.75, .isa = "avx2", .blas_core = "Haswell",
    };
}

/* |Y|(t): at gamma + lambda down to rounding, up to about 1 where gamma + lambda < 0, to a plateau ~ 1/gamma for the nominal flow. */
static double fake_distance(fs_flow_kind kind, double gamma, uint64_t seed, double t)
{
    double wobble = 1.0 + 0.3 * sin((double)seed * 2.1), rate = gamma - 0.35 * wobble;
    double ripple = 1.0 + 0.6 * sin(37.0 * t + (double)seed);
    if (kind == FS_FLOW_EQUIVARIANT) return 0.0;
    if (kind == FS_FLOW_AUGMENTED && rate > 0.0) return 0.1 * exp(-rate * t) + 2e-15 * ripple * (t > 0.0 ? 1.0 : 0.0);
    if (kind == FS_FLOW_AUGMENTED) return 0.1 / (0.09 * wobble + (1.0 - 0.09 * wobble) * exp(rate * t));
    double plateau = 0.12 * wobble / (gamma + 0.1) * (0.3 + 0.7 / (1.0 + t));
    return plateau + (0.1 - plateau) * exp(-(gamma + 0.3) * t);
}

static double fake_risk(fs_flow_kind kind, double gamma, uint64_t seed, double t)
{
    static const double speed[] = { 1.6, 1.0, 0.9 };
    return (0.69 + 0.05 * (double)seed) / (1.0 + speed[kind] * t * (1.0 + 0.1 / (1.0 + gamma)));
}

static fs_trajectory *make_trajectory(fs_flow_kind kind, double gamma, uint64_t seed, double t_end, size_t n_rows)
{
    enum { STEPS = 301 };
    fs_trajectory *T = fs_calloc(1, sizeof *T);
    *T = (fs_trajectory){ .kind = kind, .gamma = gamma, .n_rows = n_rows, .n_par = 3, .n_steps_kept = STEPS, .distance_max = 0.1,
                          .atol_N = 4.4e-14, .steps = STEPS - 1, .rhs_evals = 730, .hvp_evals = 1483, .newton_iters = 400, .krylov_iters = 1483,
                          .cpu_s = 0.34, .solver = "BDF, Newton-GMRES", .code = FS_OK };
    snprintf(T->status, sizeof T->status, "reached t = %g", t_end);
    T->row = fs_calloc(n_rows, sizeof *T->row);
    T->step_t = fs_calloc(STEPS, sizeof *T->step_t);
    T->step_distance = fs_calloc(STEPS, sizeof *T->step_distance);
    T->step_exponent = fs_calloc(STEPS, sizeof *T->step_exponent);
    for (size_t i = 0; i < n_rows; i++) {
        double t = n_rows > 1 ? t_end * (double)i / (double)(n_rows - 1) : 0.0;
        T->row[i] = (fs_trajectory_row){ .t = t, .risk = fake_risk(kind, gamma, seed, t), .distance = fake_distance(kind, gamma, seed, t),
                                         .gradient_norm = exp(-0.1 * t) / 3.0, .objective = 1.0 / (3.0 + t), .speed = exp(-0.1 * t) / 2.9, .hbar = 0.6, .energy = t / 7.0,
                                         .exponent = i < 3 ? 10.6 * t : none, .energy_error = 1e-9 * (double)(i % 5) };
        if (T->row[i].distance > T->distance_max) T->distance_max = T->row[i].distance;
    }
    T->first = T->row[0];
    T->last = T->row[n_rows - 1];
    T->t_reached = T->last.t;
    for (size_t i = 0; i < STEPS; i++) {
        double part = (double)i / (STEPS - 1);
        T->step_t[i] = t_end * part * part * part;
        T->step_distance[i] = fake_distance(kind, gamma, seed, T->step_t[i]);
    }
    return T;
}

/* rate as the experiment leaves it: a bound a little weaker than the decay */
static fs_rate make_rate(fs_flow_kind kind, double gamma)
{
    enum { NODES = 12 };
    fs_rate r = { none, none, none, none, none, none, none, none, 0, NULL, NULL, "" };
    if (kind != FS_FLOW_AUGMENTED) return r;
    r.measured = gamma - 0.35;
    r.exponent = r.measured + 1e-9;
    r.lambda_min = -0.4;
    r.lambda_error = 1e-12;
    r.predicted = gamma + r.lambda_min;
    r.groenwall_bound = gamma - 1.2;
    r.t0 = 1.5;
    r.t1 = 2.3;
    r.bound_t = fs_calloc(NODES, sizeof *r.bound_t);
    r.bound = fs_calloc(NODES, sizeof *r.bound);
    r.n_bound = NODES;
    for (size_t i = 0; i < NODES; i++) {
        r.bound_t[i] = 25.0 / (gamma + 2.0) * (double)i / (NODES - 1);
        r.bound[i] = 0.1 * exp(-r.groenwall_bound * r.bound_t[i]);
    }
    return r;
}

static fs_run *make_run(size_t n_gamma, const double *gamma, size_t n_seed, const uint64_t *seed, size_t n_rows)
{
    fs_run *run = fs_calloc(1, sizeof *run);
    *run = (fs_run){ .n_gamma = n_gamma, .n_seed = n_seed, .n_kinds = 3, .distance = 0.1, .wall_s = 0.75,
                     .kind = { FS_FLOW_NOMINAL, FS_FLOW_AUGMENTED, FS_FLOW_EQUIVARIANT }, .n = n_gamma * n_seed * 3 };
    run->gamma = fs_calloc(n_gamma, sizeof *run->gamma);
    run->seed = fs_calloc(n_seed, sizeof *run->seed);
    run->flow = fs_calloc(run->n, sizeof *run->flow);
    memcpy(run->gamma, gamma, n_gamma * sizeof *gamma);
    memcpy(run->seed, seed, n_seed * sizeof *seed);
    for (size_t i = 0; i < run->n; i++) {
        fs_run_flow *f = &run->flow[i];
        f->kind = run->kind[i % 3];
        f->gamma = gamma[i / (3 * n_seed)];
        f->seed = seed[i / 3 % n_seed];
        f->trajectory = make_trajectory(f->kind, f->gamma, f->seed, 30.0, n_rows);
        f->rate = make_rate(f->kind, f->gamma);
    }
    return run;
}

static fs_run *make_single(double gamma)
{
    return make_run(1, &gamma, 1, (uint64_t[]){ 1 }, 201);
}

static fs_run *make_list(void)
{
    return make_run(5, (double[]){ 0, 0.01, 0.1, 1, 10 }, 3, (uint64_t[]){ 1, 2, 3 }, 201);
}

static void free_run(fs_run *run)
{
    for (size_t i = 0; i < run->n; i++) {
        fs_trajectory *T = run->flow[i].trajectory;
        if (T) {
            free(T->row);
            free(T->weights);
            free(T->step_t);
            free(T->step_distance);
            free(T->step_exponent);
        }
        free(T);
        free(run->flow[i].rate.bound_t);
        free(run->flow[i].rate.bound);
    }
    fs_bounds_destroy(run->bounds);
    free(run->gamma);
    free(run->seed);
    free(run->flow);
    free(run);
}

/* The chain of an augmented flow whose |Y| and bounds are exponentials; rate: of Bernoulli's, path in the middle between that and |Y|. */
static fs_bounds *make_bounds(const fs_trajectory *T, double gamma, double rate)
{
    enum { NODES = 3, STEPS = 60 };
    fs_bounds *b = fs_calloc(1, sizeof *b);
    double *block = fs_calloc(NODES * 4 + STEPS * 6, sizeof *block);
    *b = (fs_bounds){ .chain = { .gamma = gamma, .delta = 0.1, .radius = 0.1, .R0 = 0.7, .n = NODES, .stride = 1, .c_min = rate - gamma, .c_error = 1e-14, .dip = 0.0,
                                 .M3 = 0.5, .M3_K = 0.75, .K = 0.4 },
                      .t_blown_up = rate > 0.025 ? (double)INFINITY : 1.25, .error = 1e-4,
                      .verdict = FS_HOLDS, .compared = { 0, 0, 0, { 0.5, 0.25, 2.0 }, 40, 7 }, .n = STEPS };
    b->chain.t = block;
    b->chain.c = block + NODES;
    b->chain.w = NULL;
    b->rate = fs_calloc(NODES, sizeof *b->rate);
    b->t = fs_calloc(STEPS, 6 * sizeof *b->t);
    b->distance = b->t + STEPS;
    b->identity = b->distance + STEPS;
    b->path = b->identity + STEPS;
    b->bernoulli = b->path + STEPS;
    b->paper = b->bernoulli + STEPS;
    for (size_t i = 0; i < STEPS; i++) {
        double t = b->t[i] = T->step_t[i];
        b->distance[i] = b->identity[i] = T->step_distance[i];
        b->path[i] = 0.1 * exp(-0.5 * (rate + gamma - 0.35) * t);
        b->bernoulli[i] = t >= b->t_blown_up ? (double)INFINITY : 0.1 * exp(-rate * t);
        b->paper[i] = 0.1 * exp(-(rate - 0.375 * 0.4) * t);
    }
    b->t_last = b->t[STEPS - 1];
    for (size_t k = 0; k < NODES; k++) {
        b->chain.t[k] = 0.5 * (double)k * b->t_last;
        b->chain.c[k] = rate - gamma + 0.1 * (double)k;
        b->rate[k] = gamma - 0.35;
    }
    return b;
}

static fs_run *make_bounded(double gamma, double rate)
{
    fs_run *run = make_single(gamma);
    run->bounds = make_bounds(run->flow[1].trajectory, gamma, rate);
    return run;
}

/* --- files made and looked at ------------------------------------------------------------- */

static char root[64];               /* a new folder for one test */

static const char *in_root(const char *name)
{
    static char path[4][200];
    static unsigned turn;
    char *p = path[turn++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", root, name);
    return p;
}

static int make_root(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR");
    if (!tmp || strlen(tmp) > 30) tmp = "/tmp";
    snprintf(root, sizeof root, "%s/flowsim-report-XXXXXX", tmp);
    return mkdtemp(root) ? 0 : -1;
}

static void remove_tree(const char *path)
{
    struct stat s;
    if (lstat(path, &s) != 0) return;
    DIR *folder = S_ISDIR(s.st_mode) ? opendir(path) : NULL;
    for (const struct dirent *d; folder && (d = readdir(folder));) {
        char child[600];
        if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, "..")) continue;
        snprintf(child, sizeof child, "%s/%s", path, d->d_name);
        remove_tree(child);
    }
    if (folder) closedir(folder);
    remove(path);
}

static int remove_root(void **state)
{
    (void)state;
    remove_tree(root);
    return 0;
}

static int exists(const char *path)
{
    struct stat s;
    return lstat(path, &s) == 0;
}

static void put(const char *path, const char *text)
{
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    fputs(text, stream);
    assert_int_equal(fclose(stream), 0);
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

static size_t entries(const char *path)
{
    size_t n = 0;
    DIR *folder = opendir(path);
    assert_non_null(folder);
    while (readdir(folder)) n++;
    closedir(folder);
    return n - 2;
}

/* What a finished command leaves: names, each with one line of content. */
static void write_all(const char *path, size_t n, const char *const *name, const char *content)
{
    fs_err err = { 0 };
    fs_folder *f;
    const char *file;
    assert_ok(fs_folder_open(&f, path, 0, &err), err);
    for (size_t i = 0; i < n; i++) {
        assert_ok(fs_folder_file(f, name[i], &file, &err), err);
        put(file, content);
    }
    assert_ok(fs_folder_settle(f, &err), err);
    fs_folder_destroy(f);
}

/* --- text ---------------------------------------------------------------------------------- */

static void short_numbers_read_back(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("short_numbers_read_back");
    char text[FS_TEXT_NUMBER];
    const double known[] = { 0.1, 10, 1e6, 0.01, 1.0 / 3.0 };
    const char *const words[] = { "0.1", "10", "1000000", "0.01", "0.3333333333333333" };
    for (size_t i = 0; i < 5; i++) assert_string_equal(fs_text_short(known[i], text), words[i]);
    for (int i = 0; i < 1000; i++) {
        double x, back;
        fs_rng_gaussian(rng, 1, &x);
        x *= exp(20.0 * x);
        assert_int_equal(fs_number_parse(fs_text_short(x, text), &back), FS_OK);
        assert_memory_equal(&back, &x, sizeof x);
    }
    assert_string_equal(fs_text_short(none, text), "nan");
    assert_string_equal(fs_text_real(-(double)INFINITY, 3, text), "-inf");
    assert_string_equal(fs_text_power(0.0, 1, text), "0");
    gsl_rng_free(rng);
}

static void any_decimal_separator_becomes_a_point(void **state)
{
    (void)state;
    static const struct { const char *written, *expected; } pair[] = {
        { "1,5", "1.5" }, { "-1,25e-07", "-1.25e-07" }, { "3\xd9\xab" "5e+10", "3.5e+10" }, { "1.5", "1.5" }, { "12", "12" }, { "-1e+20", "-1e+20" },
    };
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++) {
        char number[FS_TEXT_NUMBER];
        snprintf(number, sizeof number, "%s", pair[i].written);
        assert_string_equal(fs_text_point(number), pair[i].expected);
    }
}

static void a_line_is_one_line_of_valid_utf8(void **state)
{
    (void)state;
    char out[16];
    assert_string_equal(fs_text_line("a\nb\tc\x7f", sizeof out, out), "a b c ");
    assert_string_equal(fs_text_line("\xff\xc0\x80ok\xe2\x82", sizeof out, out), "???ok??");
    assert_string_equal(fs_text_line("\xce\xb3 = 10", sizeof out, out), "\xce\xb3 = 10");
    assert_string_equal(fs_text_line("123456789012345", sizeof out, out), "123456789012345");
    assert_string_equal(fs_text_line("1234567890123456", sizeof out, out), "123456789012...");
    assert_string_equal(fs_text_line("12345678901\xce\xb3\xce\xb3\xce\xb3", sizeof out, out), "12345678901...");
    assert_string_equal(fs_text_line(NULL, sizeof out, out), "");
}

static void spread_leaves_out_what_is_not_finite(void **state)
{
    (void)state;
    double odd[] = { 5, none, 1, (double)INFINITY, 3 }, even[] = { 4, 1, 3, 2 }, nothing[] = { none };
    fs_spread s = fs_spread_of(5, odd);
    assert_int_equal(s.count, 3);
    assert_int_equal(s.missing, 2);
    assert_near(s.median, 3.0, 0);
    assert_near(s.min, 1.0, 0);
    assert_near(s.max, 5.0, 0);
    assert_near(fs_spread_of(4, even).median, 2.5, 0);
    s = fs_spread_of(1, nothing);
    assert_true(s.count == 0 && s.missing == 1 && isnan(s.median) && isnan(s.min) && isnan(s.max));
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Quantile q lies at place q (n - 1) of the sorted values; NaN and infinities are not among them. */
static void quartiles_are_order_statistics(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("quartiles_are_order_statistics");
    for (size_t n = 1; n <= 12; n++) {
        double value[16], sorted[16];
        for (size_t i = 0; i < n; i++) value[i] = sorted[i] = exp(30.0 * gsl_rng_uniform(rng) - 30.0);
        value[n] = none;
        value[n + 1] = (double)INFINITY;
        qsort(sorted, n, sizeof *sorted, ascending);
        fs_spread s = fs_spread_of(n + 2, value);
        const double found[] = { s.lower, s.median, s.upper };
        for (int k = 0; k < 3; k++) {
            double place = 0.25 * (k + 1) * (double)(n - 1);
            size_t low = (size_t)place, high = low + 1 < n ? low + 1 : low;
            double expected = sorted[low] + (place - (double)low) * (sorted[high] - sorted[low]);
            assert_near(found[k], expected, 4.0 * DBL_EPSILON * sorted[high]);
        }
        assert_int_equal(s.missing, 2);
        assert_true(s.min <= s.lower && s.lower <= s.median && s.median <= s.upper && s.upper <= s.max);
    }
    double nothing[] = { none };
    assert_true(isnan(fs_spread_of(1, nothing).lower) && isnan(fs_spread_of(1, nothing).upper));
    gsl_rng_free(rng);
}

/* --- JSON ------------------------------------------------------------------------------------ */

static double real_at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_number(value)) fail_msg("\"%s\" is missing or no number", key);
    return json_number_value(value);
}

static const char *text_at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value)) fail_msg("\"%s\" is missing or no string", key);
    return json_string_value(value);
}

/* The report as a reader sees it: written to a file and parsed again. */
static json_t *written_and_read(const fs_report_head *head, const fs_run *run)
{
    fs_err err = { 0 };
    json_error_t where;
    json_t *report = fs_json_run(head, run);
    assert_non_null(report);
    assert_ok(fs_json_write(in_root("report.json"), report, &err), err);
    json_decref(report);
    report = json_load_file(in_root("report.json"), JSON_REJECT_DUPLICATES, &where);
    if (!report) fail_msg("%s", where.text);
    return report;
}

static void json_has_every_field_of_the_contract(void **state)
{
    (void)state;
    static const char *const counts[] = { "steps", "rhs_evals", "hvp_evals", "newton_iters" };
    fs_report_head head = make_head();
    fs_run *run = make_single(10);
    json_t *report = written_and_read(&head, run), *flow, *group = json_object_get(report, "group"), *dims = json_object_get(report, "dims");
    assert_string_equal(text_at(report, "flowsim"), "0.1.0");
    assert_string_equal(text_at(report, "command"), "run");
    assert_string_equal(text_at(report, "command_line"), head.command_line);
    assert_string_equal(text_at(report, "model"), "cnn_c4");
    assert_near(real_at(report, "seed"), 1, 0);
    assert_near(real_at(report, "gamma"), 10, 0);
    assert_near(real_at(report, "wall_s"), 0.75, 0);
    assert_string_equal(text_at(group, "name"), "C4");
    assert_near(real_at(group, "order"), 4, 0);
    assert_near(real_at(group, "nodes"), 4, 0);
    assert_near(real_at(dims, "L"), 340, 0);
    assert_near(real_at(dims, "E"), 85, 0);
    assert_near(real_at(dims, "N"), 255, 0);
    assert_near(real_at(dims, "parameters"), 340, 0);
    for (size_t i = 0; i < FS_HYPOTHESIS_COUNT; i++) {
        const fs_hypothesis *record;
        const char *name = fs_hypothesis_at(&hypotheses, i, &record);
        json_t *one = json_object_get(json_object_get(report, "hypotheses"), name);
        assert_near(real_at(one, "value"), record->value, 0);
        assert_near(real_at(one, "tolerance"), 1e-12, 0);
        assert_string_equal(text_at(one, "verdict"), "holds");
    }
    assert_string_equal(text_at(group, "rule"), "all 4 elements");
    assert_near(json_real_value(json_array_get(json_object_get(dims, "singular_value_gap"), 1)), 1, 0);
    json_t *list = json_object_get(report, "theorems"), *part = json_array_get(json_object_get(report, "isotypic"), 1);
    assert_int_equal(json_array_size(list), FS_THEOREM_COUNT);
    assert_string_equal(text_at(json_array_get(list, 1), "name"), "Theorem 1.1");
    assert_string_equal(text_at(json_array_get(list, 1), "applies"), "holds");
    assert_string_equal(text_at(json_array_get(list, 1), "because"), "");
    assert_int_equal(json_array_size(json_object_get(report, "isotypic")), 2);
    assert_string_equal(text_at(part, "irreducible"), "rotation:1");
    assert_string_equal(text_at(part, "type"), "complex");
    assert_near(real_at(part, "dim"), 2, 0);
    assert_near(real_at(part, "in_L"), 127, 0);
    assert_near(real_at(part, "in_N"), 127, 0);
    assert_null(json_object_get(report, "isotypic_note"));
    assert_string_equal(text_at(json_object_get(report, "fingerprint"), "isa"), "avx2");
    assert_string_equal(text_at(json_object_get(report, "fingerprint"), "blas_core"), "Haswell");
    assert_int_equal(json_array_size(json_object_get(report, "flows")), 3);
    assert_null(json_object_get(report, "summary"));
    size_t i;
    json_array_foreach(json_object_get(report, "flows"), i, flow) {
        const fs_trajectory *T = run->flow[i].trajectory;
        const fs_trajectory_row *last = &T->row[T->n_rows - 1];
        assert_string_equal(text_at(flow, "name"), fs_flow_name(run->kind[i]));
        assert_near(real_at(flow, "t_end"), 30, 0);
        for (size_t j = 0; j < 4; j++) assert_true(json_is_integer(json_object_get(flow, counts[j])));
        assert_near(real_at(json_object_get(flow, "risk"), "start"), T->row[0].risk, 0);
        assert_near(real_at(json_object_get(flow, "risk"), "end"), last->risk, 0);
        assert_near(real_at(json_object_get(flow, "distance"), "start"), T->row[0].distance, 0);
        assert_near(real_at(json_object_get(flow, "distance"), "end"), last->distance, 0);
        assert_near(real_at(json_object_get(flow, "distance"), "max"), T->distance_max, 0);
        assert_near(real_at(flow, "gradient_norm_end"), last->gradient_norm, 0);
        assert_near(real_at(flow, "energy_identity_error"), 4e-9, 1e-24);
        assert_string_equal(text_at(flow, "status"), "reached t = 30");
    }
    json_t *nominal = json_object_get(json_array_get(json_object_get(report, "flows"), 0), "rate");
    json_t *augmented = json_object_get(json_array_get(json_object_get(report, "flows"), 1), "rate");
    assert_string_equal(text_at(nominal, "measured"), "nan");
    assert_string_equal(text_at(nominal, "predicted"), "nan");
    assert_string_equal(text_at(nominal, "groenwall_bound"), "nan");
    assert_near(real_at(augmented, "measured"), run->flow[1].rate.measured, 0);
    assert_near(real_at(augmented, "predicted"), run->flow[1].rate.predicted, 0);
    assert_near(real_at(augmented, "groenwall_bound"), run->flow[1].rate.groenwall_bound, 0);
    json_decref(report);
    free_run(run);
}

static void json_of_lists_has_arrays_and_a_summary(void **state)
{
    (void)state;
    fs_report_head head = make_head();
    fs_run *run = make_list();
    head.n_seed = 3;
    head.seed = run->seed;
    /* one run fails: it is counted, not averaged */
    fs_trajectory *failed = run->flow[(4 * 3 + 2) * 3 + 1].trajectory;
    failed->code = FS_ESOLVER;
    snprintf(failed->status, sizeof failed->status, "stopped at t = 3");
    json_t *report = written_and_read(&head, run), *summary = json_object_get(report, "summary");
    assert_int_equal(json_array_size(json_object_get(report, "gamma")), 5);
    assert_int_equal(json_array_size(json_object_get(report, "seed")), 3);
    assert_int_equal(json_array_size(json_object_get(report, "flows")), 45);
    assert_int_equal(json_array_size(summary), 15);
    json_t *last = json_array_get(summary, 13);     /* gamma 10, augmented */
    double end[3];
    for (uint64_t s = 1; s <= 2; s++) end[s] = fake_distance(FS_FLOW_AUGMENTED, 10, s, 30);
    assert_string_equal(text_at(last, "flow"), "augmented");
    assert_near(real_at(last, "gamma"), 10, 0);
    assert_near(real_at(last, "runs"), 2, 0);
    assert_near(real_at(last, "missing"), 1, 0);
    assert_near(real_at(json_object_get(last, "distance_end"), "median"), (end[1] + end[2]) / 2, DBL_EPSILON * (end[1] + end[2]));
    assert_near(real_at(json_object_get(last, "distance_end"), "max"), end[1] > end[2] ? end[1] : end[2], 0);
    assert_near(real_at(json_object_get(last, "risk_end"), "min"), fake_risk(FS_FLOW_AUGMENTED, 10, 1, 30), 0);
    json_decref(report);
    free_run(run);
}

static void json_of_bounds_has_constants_and_the_order(void **state)
{
    (void)state;
    fs_report_head head = make_head();
    fs_run *run = make_bounded(10, 8);
    json_t *report = written_and_read(&head, run), *b = json_object_get(report, "bounds"), *order = json_object_get(b, "order");
    assert_near(real_at(b, "c"), -2.0, 0);
    assert_near(real_at(b, "M3"), 0.5, 0);
    assert_near(real_at(b, "C"), 0.25, 0);
    assert_near(real_at(b, "K"), 0.4, 0);
    assert_near(real_at(b, "radius"), 0.1, 0);
    assert_near(real_at(b, "states"), 3, 0);
    assert_near(real_at(json_object_get(b, "rate"), "bernoulli"), 8.0, 0);
    assert_near(real_at(json_object_get(b, "rate"), "paper"), 8.0 - 0.375 * 0.4, 1e-14);
    assert_true(json_is_true(json_object_get(json_object_get(b, "falls"), "bernoulli")) && json_is_true(json_object_get(json_object_get(b, "falls"), "paper")));
    assert_null(json_object_get(b, "gamma"));               /* c is that of this path: it says nothing about another gamma */
    assert_near(real_at(b, "bernoulli_rate_start"), 7.975, 1e-14);
    assert_string_equal(text_at(b, "bernoulli_blow_up"), "inf");
    assert_string_equal(text_at(b, "curves"), "bounds.csv");
    assert_string_equal(text_at(order, "verdict"), "holds");
    assert_near(real_at(order, "measured"), 0, 0);
    assert_near(real_at(order, "bound"), 1e-4, 0);
    assert_near(real_at(order, "steps"), 40, 0);
    assert_near(real_at(order, "t"), run->bounds->t[40], 0);
    assert_near(real_at(json_object_get(order, "log_ratio_end"), "paper"), 2.0, 0);
    json_decref(report);
    run->bounds->chain.c_min = -9.98;                       /* gamma + c = 0.02 < C delta = 0.025 */
    run->bounds->chain.K = (double)INFINITY;
    report = written_and_read(&head, run);
    b = json_object_get(json_object_get(report, "bounds"), "falls");
    assert_true(json_is_false(json_object_get(b, "bernoulli")) && json_is_null(json_object_get(b, "paper")));
    json_decref(report);
    fs_chain_clear(&run->bounds->chain);
    snprintf(run->bounds->note, sizeof run->bounds->note, "compatibility: no");
    report = written_and_read(&head, run);
    b = json_object_get(json_object_get(report, "bounds"), "falls");
    assert_true(json_is_null(json_object_get(b, "bernoulli")) && json_is_null(json_object_get(b, "paper")));
    assert_string_equal(text_at(json_object_get(report, "bounds"), "note"), "compatibility: no");
    json_decref(report);
    free_run(run);
    run = make_single(10);
    report = written_and_read(&head, run);
    assert_null(json_object_get(report, "bounds"));
    json_decref(report);
    free_run(run);
}

static void json_survives_what_numbers_and_texts_can_be(void **state)
{
    (void)state;
    json_t *inf = fs_json_real(-(double)INFINITY), *text = fs_json_text("a\xff" "b"), *small = fs_json_seed(0), *large = fs_json_seed(UINT64_MAX), *nothing = fs_json_text(NULL);
    assert_string_equal(json_string_value(inf), "-inf");
    assert_string_equal(json_string_value(text), "a?b");
    assert_true(json_is_integer(small));
    assert_string_equal(json_string_value(large), "18446744073709551615");
    assert_true(json_is_null(nothing));
    json_decref(inf);
    json_decref(text);
    json_decref(small);
    json_decref(large);
    json_decref(nothing);

    fs_report_head head = make_head();
    fs_run *run = make_single(10);
    run->flow[0].trajectory->row[7].energy_error = none;        /* one NaN on the way is not forgotten */
    fs_trajectory *T = run->flow[1].trajectory;                 /* a flow that was never integrated */
    run->flow[1].trajectory = NULL;
    head.hypotheses = NULL;
    head.theorems = NULL;
    head.isotypic = NULL;
    head.isotypic_note = "L is not invariant";
    head.order = 0;
    json_t *report = written_and_read(&head, run), *flows = json_object_get(report, "flows");
    assert_string_equal(text_at(json_array_get(flows, 0), "energy_identity_error"), "nan");
    assert_string_equal(text_at(json_array_get(flows, 1), "t_end"), "nan");
    assert_string_equal(text_at(json_array_get(flows, 1), "status"), "not integrated");
    assert_string_equal(text_at(json_object_get(report, "group"), "order"), "continuous");
    assert_true(json_is_null(json_object_get(report, "hypotheses")) && json_is_null(json_object_get(report, "theorems")));
    assert_true(json_is_null(json_object_get(report, "isotypic")));
    assert_string_equal(text_at(report, "isotypic_note"), "L is not invariant");
    json_decref(report);
    run->flow[1].trajectory = T;
    free_run(run);
}

static void a_report_that_cannot_be_written_is_an_error(void **state)
{
    (void)state;
    fs_err err = { 0 };
    json_t *report = json_object();
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_int_equal(fs_json_print(full, report, &err), FS_EIO);
    fclose(full);
    assert_int_equal(fs_json_write(in_root("missing/report.json"), report, &err), FS_EIO);
    json_decref(report);
}

/* --- CSV and arrays ---------------------------------------------------------------------------- */

/* Reads one comma-separated field as fs_number_parse does, NaN spelled "nan". */
static double field(char **line)
{
    double value = none;
    char *end = *line + strcspn(*line, ",");
    int last = !*end;
    *end = 0;
    if (strcmp(*line, "nan") != 0) assert_int_equal(fs_number_parse(*line, &value), FS_OK);
    *line = last ? end : end + 1;
    return value;
}

static void csv_reads_back_bit_for_bit(void **state)
{
    (void)state;
    fs_err err = { 0 };
    fs_report_head head = make_head();
    fs_run *run = make_single(1.0 / 3.0);
    assert_ok(fs_csv_write_run(in_root("trajectory.csv"), &head, run, &err), err);
    char *text = get(in_root("trajectory.csv"), NULL), *save = NULL;
    size_t rows = 0, comments = 0, headers = 0;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        if (*line == '#') {
            comments++;
            continue;
        }
        if (!headers++) {
            assert_string_equal(line, "flow,t,risk,gradient_norm,distance,objective,speed,hbar,energy,exponent,energy_error,bound,gamma,seed");
            continue;
        }
        const fs_run_flow *f = &run->flow[rows / 201];
        const fs_trajectory_row *r = &f->trajectory->row[rows % 201];
        const double expected[] = { r->t, r->risk, r->gradient_norm, r->distance, r->objective, r->speed, r->hbar, r->energy, r->exponent, r->energy_error };
        char *rest = strchr(line, ',');
        *rest++ = 0;
        assert_string_equal(line, fs_flow_name(f->kind));
        for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
            double value = field(&rest);
            if (isnan(expected[i])) assert_true(isnan(value));
            else assert_memory_equal(&value, &expected[i], sizeof value);
        }
        double bound = field(&rest), exact = 0.1 * exp(-f->rate.groenwall_bound * r->t);
        if (f->rate.n_bound && r->t <= f->rate.bound_t[f->rate.n_bound - 1]) assert_near(bound, exact, 64 * DBL_EPSILON * (1 + fabs(log(exact))) * exact);
        else assert_true(isnan(bound));
        assert_near(field(&rest), 1.0 / 3.0, 0);
        assert_string_equal(rest, "1");
        rows++;
    }
    assert_int_equal(rows, 603);
    assert_true(comments >= 9);
    free(text);
    free_run(run);
}

static void csv_of_bounds_reads_back_bit_for_bit(void **state)
{
    (void)state;
    fs_err err = { 0 };
    fs_report_head head = make_head();
    fs_run *run = make_bounded(1, 0.01);
    const fs_bounds *b = run->bounds;
    assert_ok(fs_csv_write_bounds(in_root("bounds.csv"), &head, b, &err), err);
    char *text = get(in_root("bounds.csv"), NULL), *save = NULL;
    size_t rows = 0, headers = 0, infinite = 0;
    assert_non_null(strstr(text, "# gamma: 1\n"));
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        if (*line == '#') continue;
        if (!headers++) {
            assert_string_equal(line, "t,distance,identity,path,bernoulli,paper");
            continue;
        }
        const double expected[] = { b->t[rows], b->distance[rows], b->identity[rows], b->path[rows], b->bernoulli[rows], b->paper[rows] };
        for (size_t i = 0; i < 6; i++) {
            char *word = line;
            if (isinf(expected[i])) {
                assert_memory_equal(word, "inf,", 4);
                line += 4;
                infinite++;
                continue;
            }
            double value = field(&line);
            assert_memory_equal(&value, &expected[i], sizeof value);
        }
        rows++;
    }
    assert_int_equal(rows, b->n);
    assert_true(infinite == 0 || isfinite(b->t_blown_up));
    free(text);
    free_run(run);
}

static void csv_comments_carry_command_seed_and_model_and_stay_comments(void **state)
{
    (void)state;
    fs_err err = { 0 };
    fs_report_head head = make_head();
    fs_run *run = make_single(10);
    head.command_line = "flowsim --model 'a\nnominal,0,0,0,0'";
    hypotheses.loss = (fs_hypothesis){ 0.25, 1e-12, FS_VIOLATED, "under g = (0 1)" };
    assert_ok(fs_csv_write_run(in_root("t.csv"), &head, run, &err), err);
    char *text = get(in_root("t.csv"), NULL);
    assert_non_null(strstr(text, "# flowsim: 0.1.0\n"));
    assert_non_null(strstr(text, "# command: flowsim --model 'a nominal,0,0,0,0'\n"));
    assert_non_null(strstr(text, "# group: C4, order 4, all 4 elements\n"));
    assert_non_null(strstr(text, "# hypothesis: loss violated, 0.25: under g = (0 1)\n"));
    assert_null(strstr(text, "# hypothesis: measure"));
    assert_non_null(strstr(text, "# seed: 1\n"));
    assert_non_null(strstr(text, "# gamma: 10\n"));
    assert_non_null(strstr(text, "# model_text: title: two-layer CNN\n# model_text: group: C4\n# model_text: \n# model_text: # 1 \"2\"\n"));
    free(text);
    free_run(run);
}

static void weights_are_arrays_of_times_by_parameters(void **state)
{
    (void)state;
    fs_err err = { 0 };
    fs_folder *f;
    fs_array a;
    fs_run *run = make_single(10), *list = make_run(1, (double[]){ 0.1 }, 2, (uint64_t[]){ 1, 7 }, 2);
    fs_trajectory *T = run->flow[1].trajectory, *U = list->flow[4].trajectory;
    T->weights = fs_calloc(T->n_rows * T->n_par, sizeof *T->weights);
    U->weights = fs_calloc(U->n_rows * U->n_par, sizeof *U->weights);
    for (size_t i = 0; i < T->n_rows * T->n_par; i++) T->weights[i] = 1.0 / (1.0 + (double)i);
    assert_ok(fs_folder_open(&f, in_root("out"), 0, &err), err);
    assert_ok(fs_weights_write_run(f, run, &err), err);
    assert_ok(fs_weights_write_run(f, list, &err), err);
    assert_ok(fs_npy_read(in_root("out/weights_augmented.npy"), &a, &err), err);
    assert_true(a.dim == 2 && a.shape[0] == 201 && a.shape[1] == 3);
    assert_memory_equal(a.data, T->weights, a.count * sizeof(double));
    fs_array_clear(&a);
    assert_true(exists(in_root("out/weights_augmented_gamma0.1_seed7.npy")));
    assert_false(exists(in_root("out/weights_nominal.npy")));
    assert_ok(fs_npy_read(in_root("out/times.npy"), &a, &err), err);
    assert_true(a.dim == 1 && a.shape[0] == 2);
    assert_near(a.data[1], 30, 0);
    fs_array_clear(&a);
    fs_folder_destroy(f);
    free_run(run);
    free_run(list);
}

/* Same bytes under a locale with a decimal comma, where the machine has one. */
static void reports_do_not_depend_on_the_locale(void **state)
{
    (void)state;
    static const char *const comma[] = { "de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8" };
    fs_err err = { 0 };
    fs_report_head head = make_head();
    fs_run *run = make_single(1.0 / 3.0);
    char *text[2][2];
    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 0; turn && i < 4 && !setlocale(LC_ALL, comma[i]); i++) continue;
        json_t *report = fs_json_run(&head, run);
        char number[FS_TEXT_NUMBER];
        assert_ok(fs_json_write(in_root("l.json"), report, &err), err);
        assert_ok(fs_csv_write_run(in_root("l.csv"), &head, run, &err), err);
        assert_string_equal(fs_text_real(0.5, 3, number), "0.5");
        assert_string_equal(fs_text_power(1.5e-7, 1, number), "1.5e-07");
        json_decref(report);
        text[turn][0] = get(in_root("l.json"), NULL);
        text[turn][1] = get(in_root("l.csv"), NULL);
    }
    setlocale(LC_ALL, "C");
    for (int i = 0; i < 2; i++) {
        assert_string_equal(text[0][i], text[1][i]);
        free(text[0][i]);
        free(text[1][i]);
    }
    free_run(run);
}

/* --- folder -------------------------------------------------------------------------------------- */

static void folder_is_made_with_parents_and_removed_when_nothing_came(void **state)
{
    (void)state;
    fs_err err = { 0 };
    fs_folder *f;
    assert_ok(fs_folder_open(&f, in_root("a/b//c/"), 0, &err), err);
    assert_true(exists(in_root("a/b/c")));
    fs_folder_destroy(f);
    assert_false(exists(in_root("a")));
    mkdir(in_root("a"), 0777);
    assert_ok(fs_folder_open(&f, in_root("a/b/c"), 0, &err), err);
    fs_folder_destroy(f);
    assert_true(exists(in_root("a")));          /* was there before */
    assert_false(exists(in_root("a/b")));
    assert_ok(fs_folder_open(&f, in_root("a"), 0, &err), err);
    fs_folder_destroy(f);
    assert_true(exists(in_root("a")));
}

static void foreign_files_are_refused_and_survive_force(void **state)
{
    (void)state;
    fs_err err = { 0 };
    fs_folder *f;
    const char *file;
    mkdir(in_root("out"), 0777);
    put(in_root("out/thesis.tex"), "years of work");
    assert_fails(fs_folder_open(&f, in_root("out"), 0, &err), FS_EINPUT, err, "thesis.tex");
    assert_null(f);
    assert_non_null(strstr(err.text, "--force"));
    assert_int_equal(entries(in_root("out")), 1);
    assert_ok(fs_folder_open(&f, in_root("out"), 1, &err), err);
    assert_ok(fs_folder_file(f, "report.json", &file, &err), err);
    put(file, "{}");
    assert_ok(fs_folder_settle(f, &err), err);
    fs_folder_destroy(f);
    char *text = get(in_root("out/thesis.tex"), NULL);
    assert_string_equal(text, "years of work");
    free(text);
    assert_fails(fs_folder_open(&f, in_root("out"), 0, &err), FS_EINPUT, err, "thesis.tex");
    remove(in_root("out/thesis.tex"));
    mkdir(in_root("out/report.json.d"), 0777);
    assert_fails(fs_folder_open(&f, in_root("out"), 0, &err), FS_EINPUT, err, "report.json.d");
}

static void a_rerun_replaces_its_files_and_removes_stale_ones(void **state)
{
    (void)state;
    const char *const first[] = { "report.json", "figure.png", "weights_nominal.npy" }, *const second[] = { "report.json", "figure.svg" };
    write_all(in_root("out"), 3, first, "old");
    write_all(in_root("out"), 2, second, "new");
    assert_int_equal(entries(in_root("out")), 3);       /* with the manifest */
    assert_false(exists(in_root("out/figure.png")));
    assert_false(exists(in_root("out/weights_nominal.npy")));
    char *text = get(in_root("out/report.json"), NULL);
    assert_string_equal(text, "new");
    free(text);
    write_all(in_root("out"), 0, NULL, "");
    assert_int_equal(entries(in_root("out")), 1);
}

/* figure.gp draws in any format: what it drew beside itself is ours, and stale; without it, or as a link, it is somebody's. */
static void a_picture_that_the_script_drew_is_ours(void **state)
{
    (void)state;
    static const char *const picture[] = { "out/figure.pdf", "out/figure.svg", "out/figure.png", "out/figure.txt" };
    const char *const names[] = { "report.json", "figure.gp" };
    fs_err err = { 0 };
    fs_folder *f;
    write_all(in_root("out"), 2, names, "old");
    for (size_t i = 0; i < sizeof picture / sizeof *picture; i++) put(in_root(picture[i]), "drawn again");
    write_all(in_root("out"), 2, names, "new");
    assert_int_equal(entries(in_root("out")), 3);
    put(in_root("out/figure.pdf"), "drawn again");
    assert_ok(fs_folder_open(&f, in_root("out"), 0, &err), err);        /* a run that dies here leaves it listed */
    fs_folder_destroy(f);
    write_all(in_root("out"), 1, names, "without a picture");
    assert_int_equal(entries(in_root("out")), 2);
    put(in_root("out/figure.pdf"), "of whom?");
    assert_fails(fs_folder_open(&f, in_root("out"), 0, &err), FS_EINPUT, err, "figure.pdf");
    assert_true(exists(in_root("out/figure.pdf")));
    remove(in_root("out/figure.pdf"));
    write_all(in_root("out"), 2, names, "old");
    static const char *const foreign[] = { "out/figures.pdf", "out/figure.ps", "out/figure.pdf.txt", "out/fig.png" };
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        put(in_root(foreign[i]), "not ours");
        assert_fails(fs_folder_open(&f, in_root("out"), 0, &err), FS_EINPUT, err, foreign[i] + 4);
        remove(in_root(foreign[i]));
    }
    char target[200];
    snprintf(target, sizeof target, "%s", in_root("thesis.pdf"));
    put(target, "not ours");
    assert_int_equal(symlink(target, in_root("out/figure.pdf")), 0);
    assert_fails(fs_folder_open(&f, in_root("out"), 0, &err), FS_EINPUT, err, "figure.pdf");
    assert_true(exists(target));
}

/* A run that dies between files leaves nothing the next one would refuse, and loses nothing of the one before. */
static void an_unfinished_run_is_taken_over(void **state)
{
    (void)state;
    fs_err err = { 0 };
    fs_folder *f;
    const char *file;
    const char *const first[] = { "report.json", "trajectory.csv" };
    write_all(in_root("out"), 2, first, "old");
    assert_ok(fs_folder_open(&f, in_root("out"), 0, &err), err);
    assert_ok(fs_folder_file(f, "figure.dat", &file, &err), err);
    put(file, "half");
    put(in_root("out/figure.dat.tmp-123"), "half");
    put(in_root("out/.flowsim-manifest.tmp-123-1"), "half");
    fs_folder_destroy(f);
    assert_true(exists(in_root("out/trajectory.csv")));
    assert_ok(fs_folder_open(&f, in_root("out"), 0, &err), err);
    assert_false(exists(in_root("out/figure.dat.tmp-123")));
    assert_ok(fs_folder_file(f, "report.json", &file, &err), err);
    assert_ok(fs_folder_settle(f, &err), err);
    assert_string_equal(fs_folder_name(f, 0), "report.json");
    assert_null(fs_folder_name(f, 1));
    fs_folder_destroy(f);
    assert_int_equal(entries(in_root("out")), 2);
    put(in_root("out/other.tmp-123"), "not ours");
    assert_fails(fs_folder_open(&f, in_root("out"), 0, &err), FS_EINPUT, err, "other.tmp-123");
}

/* Names in a tampered manifest never reach outside the folder. */
static void a_tampered_manifest_removes_nothing_outside(void **state)
{
    (void)state;
    mkdir(in_root("out"), 0777);
    put(in_root("precious"), "keep");
    put(in_root("out/.flowsim-manifest"), "flowsim wrote these files\n../precious\n.\n..\n\n.flowsim-manifest\n");
    write_all(in_root("out"), 1, (const char *const[]){ "report.json" }, "x");
    assert_true(exists(in_root("precious")));
    assert_int_equal(entries(in_root("out")), 2);
}

static void what_is_no_folder_of_ours_is_a_system_error(void **state)
{
    (void)state;
    fs_err err = { 0 };
    fs_folder *f, *second;
    const char *file;
    put(in_root("file"), "x");
    mkdir(in_root("real"), 0777);
    assert_int_equal(symlink("nowhere", in_root("dangling")), 0);
    assert_int_equal(symlink("real", in_root("link")), 0);
    assert_fails(fs_folder_open(&f, in_root("file"), 1, &err), FS_EIO, err, "found a file");
    assert_fails(fs_folder_open(&f, in_root("file/sub"), 1, &err), FS_EIO, err, "file/sub");
    assert_fails(fs_folder_open(&f, in_root("dangling"), 1, &err), FS_EIO, err, "dangling symbolic link");
    assert_fails(fs_folder_open(&f, in_root("link"), 1, &err), FS_EIO, err, "symbolic link");
    assert_fails(fs_folder_open(&f, "/proc/flowsim/out", 1, &err), FS_EIO, err, "/proc/flowsim");
    assert_fails(fs_folder_open(&f, "", 1, &err), FS_EINPUT, err, "empty");
    if (geteuid() != 0) {
        chmod(in_root("real"), 0555);
        assert_fails(fs_folder_open(&f, in_root("real"), 0, &err), FS_EIO, err, "real");
        chmod(in_root("real"), 0777);
    }
    assert_ok(fs_folder_open(&f, in_root("real"), 0, &err), err);
    assert_fails(fs_folder_open(&second, in_root("real"), 0, &err), FS_EIO, err, "another flowsim");
    assert_fails(fs_folder_file(f, "../x", &file, &err), FS_EINPUT, err, "../x");
    assert_fails(fs_folder_file(f, "", &file, &err), FS_EINPUT, err, "\"\"");
    fs_folder_destroy(f);
    assert_ok(fs_folder_open(&f, in_root("real"), 0, &err), err);
    fs_folder_destroy(f);
    fs_folder_destroy(NULL);
}

/* --- table ---------------------------------------------------------------------------------------- */

static char *table_of(const fs_report_head *head, const fs_run *run, int colour)
{
    fs_err err = { 0 };
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    assert_ok(fs_table_print_run(stream, head, run, colour, &err), err);
    fclose(stream);
    return text;
}

static void assert_contains(const char *text, const char *part)
{
    assert_non_null(text);
    if (!strstr(text, part)) fail_msg("\"%s\" is missing in\n%s", part, text);
}

static void assert_narrow(const char *text)
{
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        if (strcspn(line, "\n") > 100) fail_msg("a line is wider than 100 columns:\n%s", line);
}

/* Line breaks and runs of blanks become one blank. */
static void unwrap(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++)
        if ((*from != ' ' && *from != '\n') || (to > text && to[-1] != ' ')) *to++ = *from == '\n' ? ' ' : *from;
    *to = 0;
}

static void table_of_one_start_says_the_numbers(void **state)
{
    (void)state;
    static const char *const part[] = {
        "cnn_c4: two-layer CNN, quarter turns", "C4 of order 4; dim L", "theorems:   apply: Key lemma, Theorem 1.1, Theorem 1.2, Theorem 2, Remark 1", "undecided: Theorem 3 (its", "dim L = 340, dim E = 85, dim N = 255", "all hold (compatibility 2e-16", "gamma = 10; |Y_0| = 0.1; seed 1",
        "0.01497", "9.2e-16", "9.65", "nominal     did not reach E", "levelled off at 4.8e-03", "augmented   reached E: |Y| fell from 1.0e-01 to 9.2e-16",
        "gamma + lambda_min(H_N) = 10 - 0.4 = 9.6", "All flows reached t = 30 in 0.75 s",
    };
    fs_report_head head = make_head();
    fs_run *run = make_single(10);
    char *text = table_of(&head, run, 0), *painted = table_of(&head, run, 1);
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) assert_contains(text, part[i]);
    assert_narrow(text);
    assert_null(strchr(text, '\033'));
    assert_non_null(strchr(painted, '\033'));
    free(text);
    free(painted);
    free_run(run);
}

/* |Y| at every step from its law, and the end of the flow with it. */
static void set_distances(fs_trajectory *T, double (*law)(double t))
{
    for (size_t i = 0; i < T->n_steps_kept; i++) T->step_distance[i] = law(T->step_t[i]);
    T->first.distance = law(0.0);
    T->last.distance = law(T->t_reached);
}

static double sixth_root(double t) { return pow(1.0 + t, -1.0 / 6.0); }
static double plateau(double t) { return 0.2 + 0.8 * exp(-t); }
static double above_start(double t) { return 0.9 - 0.4 * exp(-t); }
static double slow_approach(double t) { return 0.1 * exp(-0.2 * t); }
static double steep_power(double t) { return 0.1 * pow(1.0 + 100.0 * t, -2.0); }

/* A power law does not level off; and only where the augmented flow comes nearer is a plateau one of the nominal flow. */
static void table_tells_a_plateau_from_a_slow_fall(void **state)
{
    (void)state;
    static double (*const law[])(double) = { sixth_root, plateau, slow_approach, steep_power };
    static const char *const words[] = { "nominal did not reach E: |Y| went from 1.0e+00 to 5.6e-01 and was still falling like t^-0.16, more slowly than exponentially.",
                                         "nominal did not reach E: |Y| fell from 1.0e+00 and levelled off at 2.0e-01. augmented",
                                         "nominal did not reach E: |Y| went from 1.0e-01 to 2.5e-04 and was still falling. augmented",
                                         "nominal approached E: |Y| fell from 1.0e-01 to 1.1e-08 and was still falling like t^-2, more slowly than exponentially." };
    fs_report_head head = make_head();
    for (size_t k = 0; k < sizeof law / sizeof *law; k++) {
        fs_run *run = make_single(1);
        for (size_t i = 0; i < 2; i++) set_distances(run->flow[i].trajectory, law[k]);
        char *text = table_of(&head, run, 0);
        assert_narrow(text);
        unwrap(text);
        assert_contains(text, words[k]);
        assert_null(strstr(text, "points off E"));
        free(text);
        free_run(run);
    }
    fs_run *run = make_single(10);
    set_distances(run->flow[0].trajectory, plateau);
    char *text = table_of(&head, run, 0);
    unwrap(text);
    assert_contains(text, "levelled off at 2.0e-01. Without augmentation the gradient on E points off E, and gamma |Y| only balances it.");
    free(text);
    free_run(run);
}

/* A flow that sits at another attractor refutes no prediction; what is below its error is 0; a bound ends where |Y| does. */
static void table_says_what_rates_are_about(void **state)
{
    (void)state;
    fs_report_head head = make_head();
    fs_run *run = make_single(0.5);
    fs_rate *r = &run->flow[1].rate;
    set_distances(run->flow[1].trajectory, above_start);
    r->measured = -1.2e-6;                              /* over a window of 0.8: just below a millionth */
    r->predicted = 0.1;
    char *text = table_of(&head, run, 0);
    unwrap(text);
    assert_contains(text, "augmented left E: |Y| rose from 5.0e-01 to 9.0e-01 and levelled off there; E attracts nearby (gamma + "
                          "lambda_min(H_N) = 0.5 - 0.4 = 0.1 > 0), but this start ended at another attractor.");
    assert_contains(text, "9.0e-01 0 0.1 -0.7 ");
    free(text);
    r->measured = -1.3e-6;
    r->predicted = -0.1;
    text = table_of(&head, run, 0);
    unwrap(text);
    assert_contains(text, "9.0e-01 -1.3e-06 -0.1 -0.7 ");
    assert_contains(text, "predicted at its end point: gamma + lambda_min(H_N) = 0.5 - 0.4 = -0.1 < 0, E repels there.");
    free(text);
    free_run(run);

    run = make_single(10);
    r = &run->flow[1].rate;
    r->lambda_min = -1e-13;
    r->predicted = 10.0 - 1e-13;
    r->groenwall_bound = 10.25;
    text = table_of(&head, run, 0);
    unwrap(text);
    assert_contains(text, "gamma + lambda_min(H_N) = 10 + 0 = 10; the bound 10.2 holds until t = 2.3, where |Y| reached rounding.");
    free(text);
    free_run(run);
}

static void table_says_what_does_not_hold_and_what_stopped(void **state)
{
    (void)state;
    fs_report_head head = make_head();
    fs_run *run = make_single(0);
    hypotheses.compatibility = (fs_hypothesis){ 0.4330127018922193, 1e-12, FS_VIOLATED, "skew support of layer 1" };
    hypotheses.measure = (fs_hypothesis){ none, 1e-12, FS_UNDECIDED, "" };
    fs_theorems_judge(theorems, &hypotheses);
    head.group = "SO2";
    head.order = 0;
    head.rule = "exact to degree 4, 5 nodes";
    fs_trajectory *T = run->flow[0].trajectory, *U = run->flow[2].trajectory;
    T->code = FS_ESOLVER;
    snprintf(T->status, sizeof T->status, "stopped at t = 3.5: the step limit was reached");
    run->flow[2].trajectory = NULL;
    char *text = table_of(&head, run, 1);
    assert_contains(text, "\033[31m  8.8e-01\033[0m");
    free(text);
    text = table_of(&head, run, 0);
    assert_contains(text, "these hold (");
    assert_contains(text, "VIOLATED:   compatibility: 0.433 against a tolerance of 1e-12, skew support of layer 1");
    assert_contains(text, "UNDECIDED:  measure: nan");
    assert_contains(text, "SO2, continuous (exact to degree 4, 5 nodes)");
    assert_contains(text, "none applies for certain; does not apply: Theorem 1.1, Theorem 1.2");
    assert_contains(text, "undecided: Key lemma (measure), Ensemble");
    assert_contains(text, "nominal     stopped at t = 3.5: the step limit was reached.");
    assert_contains(text, "augmented   left E: |Y| rose");
    assert_contains(text, "E repels there");
    assert_contains(text, "equivariant was not integrated");
    assert_null(strstr(text, "All flows reached"));
    assert_narrow(text);
    free(text);
    run->flow[2].trajectory = U;
    free_run(run);
}

static void table_names_a_generated_group_by_its_order(void **state)
{
    (void)state;
    fs_report_head head = make_head();
    fs_run *run = make_single(10);
    head.group = "generated";
    head.order = head.nodes = 8;
    char *text = table_of(&head, run, 0);
    assert_contains(text, "group:      generated, order 8; dim L");
    free(text);
    free_run(run);
}

static void table_of_lists_tells_the_story_by_gamma(void **state)
{
    (void)state;
    fs_report_head head = make_head();
    fs_run *run = make_list();
    run->flow[1].trajectory->code = FS_ESOLVER;         /* gamma 0, seed 1, augmented */
    snprintf(run->flow[1].trajectory->status, sizeof run->flow[1].trajectory->status, "stopped at t = 1");
    char *text = table_of(&head, run, 0);
    assert_contains(text, "gammas = 0, 0.01, 0.1, 1, 10");
    assert_contains(text, "seeds 1, 2, 3");
    assert_contains(text, "1.9e-15* (9.2e-16 .. 2.9e-15)");
    assert_contains(text, "augmented   reaches E (|Y| at rounding) at gamma 10");
    assert_contains(text, "1.9e-01^ (1.4e-01 .. 2.4e-01)");
    assert_narrow(text);
    unwrap(text);
    assert_contains(text, "augmented reaches E (|Y| at rounding) at gamma 10; approaches E (|Y| below a thousandth of its start and falling) at "
                          "gamma 1; leaves E (|Y| ends above its start) at gamma 0, 0.01, 0.1.");
    assert_contains(text, "incomplete: augmented, gamma 0, seed 1: stopped at t = 1");
    free(text);
    free_run(run);

    run = make_run(1, (double[]){ 1 }, 3, (uint64_t[]){ 1, 2, 3 }, 201);
    set_distances(run->flow[4].trajectory, slow_approach);      /* seed 2: to a four hundredth, so not below a thousandth */
    text = table_of(&head, run, 0);
    unwrap(text);
    assert_contains(text, "augmented approaches E from some seeds, the others end nearer to E than at the start, at gamma 1 (2 of 3).");
    free(text);
    set_distances(run->flow[4].trajectory, above_start);
    text = table_of(&head, run, 0);
    unwrap(text);
    assert_contains(text, "augmented approaches E from some seeds only at gamma 1 (2 of 3).");
    free(text);
    free_run(run);
}

/* About the gamma of the run alone: c is measured along its path. */
static void table_of_bounds_says_whether_they_fall_here(void **state)
{
    (void)state;
    fs_report_head head = make_head();
    fs_run *run = make_bounded(10, 8);
    char *text = table_of(&head, run, 0);
    assert_narrow(text);
    unwrap(text);
    assert_contains(text, "c of this path = -2, the lowest lambda_min(H_N) at 3 of its states until t = 0.2282; C = M3 / 2 = 0.25 on the tube |y| <= 0.1, 0.375 on that of K = 0.4");
    assert_contains(text, "At this gamma Bernoulli's bound falls, at rate 7.975 at first, 8 in the end. The paper's falls at rate 7.85. Another gamma takes another path");
    assert_null(strstr(text, "gamma >"));
    assert_contains(text, "|Y| <= path <= Bernoulli <= paper holds at 40 steps and 7 output times");
    assert_contains(text, "At the end path / |Y| = 1.65, Bernoulli / path = 1.28, paper / Bernoulli = 7.39.");
    free(text);
    run->bounds->verdict = FS_VIOLATED;
    run->bounds->compared.path = 0.3;
    run->bounds->t_blown_up = 1.25;
    run->bounds->chain.c_min = -9.98;
    run->bounds->chain.K = (double)INFINITY;
    run->bounds->separated = 1;
    text = table_of(&head, run, 0);
    unwrap(text);
    assert_contains(text, "paper IS VIOLATED at 40 steps");
    assert_contains(text, "largest violation 3.0e-01 in log |Y|, of which the integration may explain 1e-04");
    assert_contains(text, "At this gamma Bernoulli's bound grows: it blows up at t = 1.25 and says nothing from there on. The paper's says nothing at gamma = 0.");
    assert_contains(text, "X moves for ever");
    free(text);
    fs_chain_clear(&run->bounds->chain);
    snprintf(run->bounds->note, sizeof run->bounds->note, "Y_0 = 0: the flow starts on E");
    text = table_of(&head, run, 0);
    unwrap(text);
    assert_contains(text, "bounds: none: Y_0 = 0: the flow starts on E.");
    free(text);
    free_run(run);
}

/* --- figures ----------------------------------------------------------------------------------------- */

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

/* Draws run into root/name; what came of it in *figure. */
static void draw(fs_figure *figure, const char *name, const fs_report_head *head, const fs_run *run, const char *format, const char *program, double limit_s)
{
    fs_err err = { 0 };
    fs_folder *f;
    fs_figure_options options = { .format = format, .scripts = scripts(), .gnuplot = program, .limit_s = limit_s };
    assert_ok(fs_folder_open(&f, in_root(name), 0, &err), err);
    assert_ok((run->bounds ? fs_figure_draw_bounds : fs_figure_draw_run)(figure, f, head, run, &options, &err), err);
    assert_ok(fs_folder_settle(f, &err), err);
    fs_folder_destroy(f);
}

static void figures_are_drawn_and_the_same_twice(void **state)
{
    (void)state;
    static const char *const format[] = { "png", "svg", "dumb", "pdf" };
    if (!have_gnuplot()) return;
    fs_report_head head = make_head();
    for (int what = 0; what < 3; what++) {
        fs_run *run = what == 0 ? make_single(10) : what == 1 ? make_list() : make_bounded(10, 8);
        for (int k = 0; k < (what == 1 ? 3 : 4); k++) {
            fs_figure figure;
            char *bytes[2], path[40];
            size_t size[2];
            for (int turn = 0; turn < 2; turn++) {
                draw(&figure, turn ? "two" : "one", &head, run, format[k], NULL, 0);
                if (!figure.made) fail_msg("%s", figure.note);
                snprintf(path, sizeof path, "%s/%s", turn ? "two" : "one", figure.file);
                bytes[turn] = get(in_root(path), &size[turn]);
                assert_true(size[turn] > (k == 2 ? 1000 : 4000));
                assert_int_equal(entries(in_root(turn ? "two" : "one")), 4);
            }
            if (k < 3) {                /* a pdf stores the time */
                assert_int_equal(size[0], size[1]);
                assert_memory_equal(bytes[0], bytes[1], size[0]);
            }
            free(bytes[0]);
            free(bytes[1]);
        }
        free_run(run);
    }
}

/* cd FOLDER; gnuplot figure.gp */
static void the_script_beside_the_data_draws_the_same_again(void **state)
{
    (void)state;
    if (!have_gnuplot()) return;
    fs_report_head head = make_head();
    fs_run *run = make_single(1);
    fs_figure figure;
    char command[300];
    size_t size[2];
    draw(&figure, "out", &head, run, "svg", NULL, 0);
    assert_true(figure.made);
    char *script = get(in_root("out/figure.gp"), NULL);
    assert_contains(script, "\nt_distance = 30.0\n");        /* not at rounding by t = 30: nothing to look at more closely */
    free(script);
    char *first = get(in_root("out/figure.svg"), &size[0]);
    remove(in_root("out/figure.svg"));
    snprintf(command, sizeof command, "cd %s && gnuplot figure.gp", in_root("out"));
    assert_int_equal(system(command), 0);
    char *again = get(in_root("out/figure.svg"), &size[1]);
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(first, again, size[0]);
    free(first);
    free(again);
    free_run(run);
}

/* No gnuplot needed: the variables above the script. */
static void the_script_says_what_the_panels_show(void **state)
{
    (void)state;
    fs_report_head head = make_head();
    fs_figure figure;
    fs_run *run = make_single(10);
    char *script;
    draw(&figure, "out", &head, run, "svg", "/no/such/gnuplot", 0.3);
    script = get(in_root("out/figure.gp"), NULL);
    assert_contains(script, "\nt_distance = 8.0\n");       /* from t = 4.43 on the nominal plateau is within exp(0.285), a hundredth of the axis, of its end; 6.6 and more */
    assert_contains(script, "rate_text = '; augmented rate 9.65, predicted 9.6'");
    free(script);
    run->flow[0].trajectory->last.t = 15.0;             /* the first 8 of 15 is more than half: both panels show all */
    run->flow[1].trajectory->last.t = run->flow[2].trajectory->last.t = 15.0;
    draw(&figure, "out", &head, run, "svg", "/no/such/gnuplot", 0.3);
    script = get(in_root("out/figure.gp"), NULL);
    assert_contains(script, "\nt_distance = 15.0\n");
    free(script);
    set_distances(run->flow[1].trajectory, plateau);    /* a prediction about flows that tend to E, where none does */
    draw(&figure, "out", &head, run, "svg", "/no/such/gnuplot", 0.3);
    script = get(in_root("out/figure.gp"), NULL);
    assert_contains(script, "rate_text = ''");
    free(script);
    free_run(run);
}

/* The rows of a block of figure.dat: numbers by columns, n of them at most. */
static size_t block(const char *data, const char *name, size_t columns, size_t n, double *value)
{
    char start[80];
    size_t count = 0;
    snprintf(start, sizeof start, "\n# %s;\n", name);
    const char *at = strstr(data, start);
    if (!at) fail_msg("no block \"%s\"", name);
    at += strlen(start);
    for (; *at != '\n' && count < n; count++)
        for (size_t k = 0; k < columns; k++) {
            char *end;
            value[count * columns + k] = strtod(at, &end);
            assert_true(end > at);
            at = end + 1;
        }
    return count;
}

/* How often something is drawn in this colour. */
static size_t colours(const char *svg, const char *rgb)
{
    char text[40];
    unsigned r, g, b;
    size_t count = 0;
    assert_int_equal(sscanf(rgb, "#%2x%2x%2x", &r, &g, &b), 3);
    snprintf(text, sizeof text, "rgb(%3u, %3u, %3u)", r, g, b);
    for (const char *at = svg; (at = strstr(at, text)) != NULL; at++) count++;
    return count;
}

/* Quartiles of four seeds or more, of those that finished. */
static void a_sweep_has_a_band_where_there_are_four_runs(void **state)
{
    (void)state;
    fs_report_head head = make_head();
    fs_figure figure;
    fs_run *run = make_run(2, (double[]){ 0.1, 1 }, 5, (uint64_t[]){ 1, 2, 3, 4, 5 }, 201);
    double row[3 * 201], sorted[5];
    draw(&figure, "out", &head, run, "svg", have_gnuplot() ? NULL : "/no/such/gnuplot", 0);
    char *script = get(in_root("out/figure.gp"), NULL), *data = get(in_root("out/figure.dat"), NULL);
    assert_contains(script, "\nhas_band = 1\n");
    assert_contains(script, "\nfailed_text = ''\n");
    assert_contains(script, "\nx_text = 't'\n");
    assert_int_equal(block(data, "band augmented 1", 3, 201, row), 201);
    for (size_t i = 0; i < 201; i += 40) {
        for (size_t s = 0; s < 5; s++) sorted[s] = fs_run_at(run, 1, s, 1)->trajectory->row[i].distance;
        qsort(sorted, 5, sizeof *sorted, ascending);
        assert_near(row[3 * i], fs_run_at(run, 1, 0, 1)->trajectory->row[i].t, 0);
        assert_near(row[3 * i + 1], sorted[1], 4 * DBL_EPSILON * sorted[1]);
        assert_near(row[3 * i + 2], sorted[3], 4 * DBL_EPSILON * sorted[3]);
    }
    free(script);
    free(data);
    if (figure.made) {
        char *svg = get(in_root("out/figure.svg"), NULL);
        assert_contains(svg, "quartiles");
        assert_contains(svg, "single seeds");
        assert_true(colours(svg, "#d55e00") && colours(svg, "#0072b2") && strstr(svg, "fill-opacity"));
        free(svg);
    }
    /* two runs of one gamma do not finish: three are no band there; four nominal ones are */
    for (size_t s = 1; s < 3; s++) fs_run_at(run, 1, s, 1)->trajectory->code = FS_ESOLVER;
    fs_run_at(run, 1, 4, 0)->trajectory->code = FS_ESOLVER;
    draw(&figure, "out", &head, run, "svg", "/no/such/gnuplot", 0);
    script = get(in_root("out/figure.gp"), NULL);
    data = get(in_root("out/figure.dat"), NULL);
    assert_contains(script, "failed_text = '; left out: 3 runs that did not finish'");
    assert_int_equal(block(data, "band augmented 1", 3, 201, row), 1);
    assert_true(isnan(row[0]) && isnan(row[1]));
    assert_int_equal(block(data, "band nominal 1", 3, 201, row), 201);
    assert_int_equal(block(data, "single augmented 1 1", 2, 201, row), 1);      /* a row of NaN keeps the block */
    assert_true(isnan(row[0]));
    for (size_t s = 0; s < 5; s++) sorted[s] = s == 1 || s == 2 ? 1e9 : fs_run_at(run, 1, s, 1)->trajectory->row[80].distance;
    qsort(sorted, 5, sizeof *sorted, ascending);
    double middle[4 * 201];
    assert_int_equal(block(data, "median augmented 1", 4, 201, middle), 201);
    assert_near(middle[4 * 80 + 1], sorted[1], 0);
    free(script);
    free(data);
    free_run(run);
    run = make_list();
    draw(&figure, "out", &head, run, "svg", "/no/such/gnuplot", 0);
    script = get(in_root("out/figure.gp"), NULL);
    assert_contains(script, "\nhas_band = 0\n");
    free(script);
    free_run(run);
}

/* Panels of one to twelve gammas: enough places for all, each row but the last one full. */
static void sweeps_of_any_length_have_room(void **state)
{
    (void)state;
    fs_report_head head = make_head();
    double gamma[12];
    for (size_t n = 1; n <= 12; n++) {
        fs_figure figure;
        gamma[n - 1] = 0.5 * (double)n;
        fs_run *run = make_run(n, gamma, 2, (uint64_t[]){ 1, 2 }, 11);
        draw(&figure, "out", &head, run, "svg", n % 5 == 1 && have_gnuplot() ? NULL : "/no/such/gnuplot", 0);
        assert_int_equal(figure.made, n % 5 == 1 && have_gnuplot());
        char *script = get(in_root("out/figure.gp"), NULL);
        const char *columns_at = strstr(script, "\ncolumns = "), *rows_at = strstr(script, "\nrows = ");
        assert_true(columns_at && rows_at);
        size_t columns = strtoul(columns_at + 11, NULL, 10), rows = strtoul(rows_at + 8, NULL, 10);
        assert_true(columns <= 5 && columns * rows >= n && columns * (rows - 1) < n);
        free(script);
        free_run(run);
    }
}

/* Every curve that the key names is drawn in its colour; a bound that is not there is not named. */
static void the_chain_of_bounds_is_drawn_as_its_key_says(void **state)
{
    (void)state;
    static const struct { const char *title, *rgb; size_t times; } curve[] = {      /* in the key, and in one panel or both */
        { "nominal", "#d55e00", 2 }, { "augmented", "#0072b2", 3 }, { "path bound", "#e69f00", 3 }, { "Bernoulli bound", "#56b4e9", 3 },
        { "paper bound", "#777777", 3 }, { "exact identity", "#000000", 2 }, { "predicted rate 9.6", "#000000", 3 },
    };
    fs_report_head head = make_head();
    fs_figure figure;
    fs_err err = { 0 };
    fs_run *run = make_bounded(10, 8);
    double row[6 * 60];
    draw(&figure, "out", &head, run, "svg", have_gnuplot() ? NULL : "/no/such/gnuplot", 0);
    char *script = get(in_root("out/figure.gp"), NULL), *data = get(in_root("out/figure.dat"), NULL);
    assert_contains(script, "constants_text = 'c of this path = −2, C = 0.25, C(K) = 0.375, K = 0.4'");
    assert_contains(script, "words_text = 'at this γ Bernoulli''s bound falls, rate 7.97 to 8; the paper''s falls, rate 7.85'");
    assert_contains(script, "slope_text = '9.6'");
    assert_int_equal(block(data, "path", 2, 60, row), 60);
    for (size_t i = 0; i < 60; i++) assert_near(row[2 * i + 1], run->bounds->path[i], 0);
    assert_int_equal(block(data, "rates", 3, 60, row), 3);
    assert_near(row[1], 9.65, 1e-14);
    assert_near(row[2], 8.0, 1e-14);
    assert_int_equal(block(data, "bound rates", 4, 60, row), 60);
    assert_near(row[0], 0.0, 0);
    assert_near(row[1], 7.975, 1e-14);                      /* all start at gamma + c - C delta, here with c(0) = c */
    assert_near(row[2], 7.975, 1e-14);
    assert_near(row[3], 8.0 - 0.15, 1e-14);
    assert_int_equal(block(data, "guide", 2, 2, row), 2);
    assert_near(log(row[1] / row[3]) / (row[2] - row[0]), 9.6, 1e-9);
    free(script);
    free(data);
    if (figure.made) {
        char *svg = get(in_root("out/figure.svg"), NULL);
        for (size_t i = 0; i < sizeof curve / sizeof *curve; i++)
            if (!strstr(svg, curve[i].title) || colours(svg, curve[i].rgb) < curve[i].times) fail_msg("%s, %s: not in the picture", curve[i].title, curve[i].rgb);
        free(svg);
    }
    fs_chain_clear(&run->bounds->chain);                    /* no constants: |Y| and the identity alone */
    for (size_t i = 0; i < run->bounds->n; i++) run->bounds->path[i] = run->bounds->bernoulli[i] = run->bounds->paper[i] = none;
    snprintf(run->bounds->note, sizeof run->bounds->note, "it's `not` so");
    draw(&figure, "out", &head, run, "svg", have_gnuplot() ? NULL : "/no/such/gnuplot", 0);
    script = get(in_root("out/figure.gp"), NULL);
    assert_contains(script, "words_text = 'no bounds: it''s `not` so'");
    assert_contains(script, "\nhas_path = 0\nhas_bernoulli = 0\nhas_paper = 0\n");
    assert_contains(script, "\nhas_rates = 0\n");
    free(script);
    if (figure.made) {
        char *svg = get(in_root("out/figure.svg"), NULL);
        assert_contains(svg, "no bounds: it");
        assert_true(!colours(svg, "#e69f00") && !colours(svg, "#56b4e9") && !strstr(svg, "Bernoulli") && colours(svg, "#0072b2"));
        free(svg);
    }
    free_run(run);
    run = make_single(10);
    fs_folder *f;
    fs_figure_options options = { .format = "svg", .scripts = scripts() };
    assert_ok(fs_folder_open(&f, in_root("bare"), 0, &err), err);
    assert_fails(fs_figure_draw_bounds(&figure, f, &head, run, &options, &err), FS_EINPUT, err, "bounds");
    fs_folder_destroy(f);
    free_run(run);
}

/* Too small a gamma: Bernoulli's bound ends in the panel, and words say when. */
static void a_bound_that_blows_up_is_said_in_the_picture(void **state)
{
    (void)state;
    fs_report_head head = make_head();
    fs_figure figure;
    fs_run *run = make_bounded(1, -0.4);
    draw(&figure, "out", &head, run, "svg", have_gnuplot() ? NULL : "/no/such/gnuplot", 0);
    if (have_gnuplot()) assert_true(figure.made);
    char *script = get(in_root("out/figure.gp"), NULL);
    assert_contains(script, "words_text = 'at this γ Bernoulli''s bound grows, to infinity at t = 1.25; the paper''s grows, rate 0.55'");
    free(script);
    run->bounds->verdict = FS_VIOLATED;
    run->bounds->compared.bernoulli = 0.5;
    draw(&figure, "out", &head, run, "dumb", have_gnuplot() ? NULL : "/no/such/gnuplot", 0);
    script = get(in_root("out/figure.gp"), NULL);
    assert_contains(script, "the order IS VIOLATED: 0.5 in log |Y| against an error of 0.0001");
    free(script);
    free_run(run);
}

/* Bounds that are infinite long before |Y| is at rounding: the panels end soon behind them, and draw them finely. */
static void the_panels_end_where_the_bounds_do(void **state)
{
    (void)state;
    fs_report_head head = make_head();
    fs_figure figure;
    fs_run *run = make_bounded(1, -0.4);
    fs_bounds *b = run->bounds;
    double row[2 * 1001], last = 0.0;
    b->chain.M3 = 800.0;                                    /* C delta = 40, gamma + c = -0.4: blown up at log(40.4 / 40) / 0.4 = 0.025 */
    b->chain.M3_K = 1600.0;
    for (size_t k = 0; k < b->chain.n; k++) b->chain.c[k] = b->chain.c_min;
    for (size_t i = 1; i < b->n; i++) {
        double left = 1.0 - 100.0 * expm1(0.4 * b->t[i]);
        b->path[i] = b->bernoulli[i] = left > 0.0 ? 0.1 * exp(0.4 * b->t[i]) / left : (double)INFINITY;
        b->paper[i] = 0.1 * exp(320.4 * b->t[i]);
        if (b->path[i] <= 30.0 * run->flow[1].trajectory->distance_max) last = b->t[i];
    }
    assert_true(last > 0.0 && 4.0 * last < b->t_last);
    draw(&figure, "out", &head, run, "svg", have_gnuplot() ? NULL : "/no/such/gnuplot", 0);
    char *script = get(in_root("out/figure.gp"), NULL), *data = get(in_root("out/figure.dat"), NULL), *at = strstr(script, "\nt_shown = ");
    assert_non_null(at);
    double shown = strtod(at + 11, NULL);
    assert_true(shown >= 4.0 * last && shown <= 6.0 * last);
    assert_contains(script, "\nhas_rates = 1\n");
    assert_contains(script, "\nhas_path = 1\nhas_bernoulli = 1\nhas_paper = 1\n");
    assert_contains(script, "\nfar_text = '−∞'\n");
    size_t n = block(data, "bernoulli", 2, 1001, row);
    assert_true(n > 150 && row[2 * (n - 1)] < log(1.01) / 0.4 && row[2 * (n - 1)] > 0.95 * log(1.01) / 0.4);
    for (size_t i = 0; i < n; i++) assert_near(row[2 * i + 1], 0.1 * exp(0.4 * row[2 * i]) / (1.0 - 100.0 * expm1(0.4 * row[2 * i])), 1e-10 * row[2 * i + 1]);
    free(script);
    free(data);
    free_run(run);
}

static double settles(double t) { return exp(-2.0 * t); }

/* Each panel ends half as much again behind where its curves settle; nothing off E: all of t. */
static void the_panels_of_a_run_end_where_the_curves_settle(void **state)
{
    (void)state;
    fs_report_head head = make_head();
    fs_figure figure;
    fs_run *run = make_single(10);
    for (size_t i = 0; i < run->n; i++) {
        fs_trajectory *T = run->flow[i].trajectory;
        for (size_t j = 0; j < T->n_rows; j++) T->row[j].risk = settles(T->row[j].t);
        for (size_t j = 0; j < T->n_steps_kept; j++) T->step_distance[j] = i == 2 ? 0.0 : exp(-4.0 * fmin(T->step_t[j], 3.0));
    }
    draw(&figure, "out", &head, run, "svg", "/no/such/gnuplot", 0);
    char *script = get(in_root("out/figure.gp"), NULL);
    assert_contains(script, "\nt_risk = 4.0\n");           /* settled at log(100) / 2 = 2.3, at the output time behind it */
    assert_contains(script, "\nt_distance = 5.0\n");       /* at 3, less a hundredth of the 12 that log |Y| falls */
    free(script);
    for (size_t i = 0; i < run->n; i++)
        for (size_t j = 0; j < run->flow[i].trajectory->n_steps_kept; j++) run->flow[i].trajectory->step_distance[j] = 0.0;
    run->flow[1].rate.n_bound = 0;
    draw(&figure, "out", &head, run, "svg", "/no/such/gnuplot", 0);
    script = get(in_root("out/figure.gp"), NULL);
    assert_contains(script, "\nt_distance = 30.0\n");
    assert_contains(script, "\ndistance_drawn = 0\n");
    free(script);
    free_run(run);
}

static void figures_of_degenerate_runs_are_drawn(void **state)
{
    (void)state;
    if (!have_gnuplot()) return;
    fs_report_head head = make_head();
    fs_figure figure;
    for (int k = 0; k < 6; k++) {
        fs_run *run = k == 5 ? make_run(2, (double[]){ 0, 1e6 }, 1, (uint64_t[]){ 1 }, 1) : make_single(10);
        for (size_t i = 0; i < run->n; i++) {
            fs_trajectory *T = run->flow[i].trajectory;
            if (k == 0 || k == 4)                       /* on E, without tolerance; dim N = 0 */
                for (size_t j = 0; j < T->n_steps_kept; j++) T->step_distance[j] = 0;
            if (k == 0) T->atol_N = 0;
            if (k == 1) T->n_rows = T->n_steps_kept = 1;
            if (k == 2) T->n_rows = T->n_steps_kept = 0;
            if (k == 3)
                for (size_t j = 0; j < T->n_rows; j++) T->row[j].risk = T->row[j].distance = T->step_distance[j] = none;
        }
        if (k == 4) run->kind[0] = run->flow[0].kind = FS_FLOW_EQUIVARIANT, run->n_kinds = run->n = 1;
        draw(&figure, "out", &head, run, "svg", NULL, 0);
        if (!figure.made) fail_msg("degenerate run %d: %s", k, figure.note);
        run->n = run->n_gamma * run->n_seed * 3;
        free_run(run);
    }
}

static void titles_are_text_and_nothing_else(void **state)
{
    (void)state;
    if (!have_gnuplot()) return;
    char title[400];
    fs_report_head head = make_head();
    fs_run *run = make_single(10);
    fs_figure figure;
    snprintf(title, sizeof title, "it's `touch %s`\n'; system('touch %s') \"$(x)\" @data {/Bold a_b^c} \\", in_root("pwned"), in_root("pwned"));
    head.title = title;
    head.group = "C4'`touch x`";
    draw(&figure, "out", &head, run, "svg", NULL, 0);
    if (!figure.made) fail_msg("%s", figure.note);
    char *script = get(in_root("out/figure.gp"), NULL);
    assert_contains(script, "\nt_distance = 8.0\n");
    free(script);
    assert_false(exists(in_root("pwned")));
    assert_false(exists(in_root("out/x")));
    char *text = get(in_root("out/figure.svg"), NULL);
    assert_contains(text, "it's `touch ");
    free(text);
    head.title = "{/Bold a_b^c} @data \\";
    draw(&figure, "out", &head, run, "svg", NULL, 0);
    text = get(in_root("out/figure.svg"), NULL);
    assert_contains(text, "{/Bold a_b^c} @data \\");
    free(text);
    free_run(run);
}

static const char *fake(const char *name, const char *body)
{
    char text[300];
    const char *path = in_root(name);
    snprintf(text, sizeof text, "#!/bin/sh\n%s\n", body);
    put(path, text);
    assert_int_equal(chmod(path, 0755), 0);
    return path;
}

static double wall(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Whatever gnuplot does, the data are there, the picture is reported as missing, an old one is gone, and we are back in time. */
static void a_picture_that_cannot_be_made_is_missing_in_words(void **state)
{
    (void)state;
    static const struct { const char *body, *word; } bad[] = {
        { "echo 'line 3: undefined variable' >&2; exit 1", "status 1: line 3: undefined variable" },
        { "kill -SEGV $$", "signal 11" },
        { "sleep 1000", "did not end within" },
        { "trap '' TERM INT HUP; sleep 1000 & while :; do sleep 1000; done", "did not end within" },
        { "exit 0", "drew no png picture" },
        { ": > figure.png; for f in \"$@\"; do :; done; exit 0", "drew no png picture" },
        { "yes | head -c 3000000; echo last words >&2; exit 3", "last words" },
    };
    fs_report_head head = make_head();
    fs_run *run = make_single(10);
    fs_figure figure;
    const char *const old[] = { "figure.png" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char program[200];
        snprintf(program, sizeof program, "%s", fake("gnuplot", bad[i].body));
        write_all(in_root("out"), 1, old, "old");
        double start = wall();
        draw(&figure, "out", &head, run, "png", program, 0.3);
        assert_at_most(wall() - start, 5.0);
        assert_false(figure.made);
        assert_contains(figure.note, bad[i].word);
        assert_int_equal(entries(in_root("out")), 3);
        assert_true(exists(in_root("out/figure.dat")) && exists(in_root("out/figure.gp")));
    }
    /* nothing it started lives on */
    char late[400], program[200];
    snprintf(late, sizeof late, "(sleep 0.3; : > %s) & exit 2", in_root("late"));
    snprintf(program, sizeof program, "%s", fake("gnuplot", late));
    draw(&figure, "out", &head, run, "png", program, 0.3);
    assert_contains(figure.note, "status 2");
    nanosleep(&(struct timespec){ 0, 600000000 }, NULL);
    assert_false(exists(in_root("late")));

    draw(&figure, "out", &head, run, "png", "/no/such/gnuplot", 0.3);
    assert_contains(figure.note, "could not be started");
    draw(&figure, "none", &head, run, "none", NULL, 0.3);
    assert_true(!figure.made && !figure.note[0]);
    assert_false(exists(in_root("none/figure.dat")));

    fs_err err = { 0 };
    fs_folder *f;
    fs_figure_options options = { .format = "png", .scripts = "/no/such/folder" };
    assert_ok(fs_folder_open(&f, in_root("bare"), 0, &err), err);
    assert_ok(fs_figure_draw_run(&figure, f, &head, run, &options, &err), err);
    assert_contains(figure.note, "/no/such/folder");
    options.format = "gif";
    assert_fails(fs_figure_draw_run(&figure, f, &head, run, &options, &err), FS_EINPUT, err, "gif");
    assert_true(fs_figure_knows("none") && fs_figure_knows("svg") && !fs_figure_knows("gif"));
    fs_folder_destroy(f);
    free_run(run);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_root, remove_root)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_numbers_read_back),
        cmocka_unit_test(any_decimal_separator_becomes_a_point),
        cmocka_unit_test(a_line_is_one_line_of_valid_utf8),
        cmocka_unit_test(quartiles_are_order_statistics),
        cmocka_unit_test(spread_leaves_out_what_is_not_finite),
        IN_FOLDER(json_has_every_field_of_the_contract),
        IN_FOLDER(json_of_lists_has_arrays_and_a_summary),
        IN_FOLDER(json_of_bounds_has_constants_and_the_order),
        IN_FOLDER(json_survives_what_numbers_and_texts_can_be),
        IN_FOLDER(a_report_that_cannot_be_written_is_an_error),
        IN_FOLDER(csv_reads_back_bit_for_bit),
        IN_FOLDER(csv_of_bounds_reads_back_bit_for_bit),
        IN_FOLDER(csv_comments_carry_command_seed_and_model_and_stay_comments),
        IN_FOLDER(weights_are_arrays_of_times_by_parameters),
        IN_FOLDER(reports_do_not_depend_on_the_locale),
        IN_FOLDER(folder_is_made_with_parents_and_removed_when_nothing_came),
        IN_FOLDER(foreign_files_are_refused_and_survive_force),
        IN_FOLDER(a_rerun_replaces_its_files_and_removes_stale_ones),
        IN_FOLDER(a_picture_that_the_script_drew_is_ours),
        IN_FOLDER(an_unfinished_run_is_taken_over),
        IN_FOLDER(a_tampered_manifest_removes_nothing_outside),
        IN_FOLDER(what_is_no_folder_of_ours_is_a_system_error),
        cmocka_unit_test(table_of_one_start_says_the_numbers),
        cmocka_unit_test(table_tells_a_plateau_from_a_slow_fall),
        cmocka_unit_test(table_says_what_rates_are_about),
        cmocka_unit_test(table_says_what_does_not_hold_and_what_stopped),
        cmocka_unit_test(table_names_a_generated_group_by_its_order),
        cmocka_unit_test(table_of_lists_tells_the_story_by_gamma),
        cmocka_unit_test(table_of_bounds_says_whether_they_fall_here),
        IN_FOLDER(figures_are_drawn_and_the_same_twice),
        IN_FOLDER(the_script_beside_the_data_draws_the_same_again),
        IN_FOLDER(the_script_says_what_the_panels_show),
        IN_FOLDER(a_sweep_has_a_band_where_there_are_four_runs),
        IN_FOLDER(sweeps_of_any_length_have_room),
        IN_FOLDER(the_chain_of_bounds_is_drawn_as_its_key_says),
        IN_FOLDER(a_bound_that_blows_up_is_said_in_the_picture),
        IN_FOLDER(the_panels_end_where_the_bounds_do),
        IN_FOLDER(the_panels_of_a_run_end_where_the_curves_settle),
        IN_FOLDER(figures_of_degenerate_runs_are_drawn),
        IN_FOLDER(titles_are_text_and_nothing_else),
        IN_FOLDER(a_picture_that_cannot_be_made_is_missing_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
