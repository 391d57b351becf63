/* tests/test_checks.c -- verdicts cannot lie: the judge, what a suite expects, and what tables, JSON and TAP make of it
 *
 * Statements here are scripted: they find what the test says, on real models, so that every number that a verdict rests on can be anything.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "law.h"

#include "flows.h"
#include "model_text.h"
#include "theory_checks/present.h"
#include "theory_checks/statements.h"

static const double none = (double)NAN, unbounded = (double)INFINITY;

/* --- scripted statements -------------------------------------------------------------- */

/* Well inside its bound, with a control as predicted. */
static fs_finding pass(void)
{
    return (fs_finding){ .applies = 1, .measured = 1e-16, .error = 1e-17, .bound = 1e-15, .verdict = FS_UNDECIDED,
                         .control = { .measured = 0.03, .predicted = 0.03, .verdict = FS_UNDECIDED, .what = "a planted bias" }, .note = "scripted" };
}

static fs_finding script;
static fs_status script_status;

static fs_status act(fs_check_context *c, fs_finding *found, fs_err *err)
{
    (void)c;
    *found = script;
    return script_status == FS_OK ? FS_OK : fs_fail(err, script_status, "scripted failure");
}

/* A number that belongs to the model: so that rows can be told apart. */
static fs_status measure_dim(fs_check_context *c, fs_finding *found, fs_err *err)
{
    const fs_basis *b = fs_check_basis(c);
    const double *w;
    *found = pass();
    FS_TRY(fs_check_start(c, &w, err));
    fs_check_quantity(found, (double)(b->dim_E + b->dim_N), 0.0, "dim %s", "L");
    fs_check_quantity(found, w[0], 0.0, "first");
    return FS_OK;
}

static fs_status measure_nothing(fs_check_context *c, fs_finding *found, fs_err *err)
{
    (void)c;
    (void)err;
    return fs_check_absent(found, "no strict minimum among %d points", 3);
}

#define RECORD(word, letters, asks, measures_it)                                                                                  \
    { .id = word, .code = letters, .name = "Statement " letters, .claim = "claim", .source = "[X]", .needs = asks, .measures = "m", \
      .budget = "b", .controls = "c", .measure = measures_it }
static const fs_statement scripted = RECORD("scripted", "S", FS_NEEDS_STATIONARY, act), free_of_hypotheses = RECORD("free", "F", 0, act),
                          dims = RECORD("dims", "dim", 0, measure_dim), absent = RECORD("absent", "abs", 0, measure_nothing);

/* The verdict on this finding; on a model where all hypotheses hold. */
static fs_verdict judged(fs_finding *f)
{
    static fs_problem *p;
    if (!p) p = load_model("toy_sine", NULL, NULL, NULL);
    fs_check_judge(&scripted, p, f);
    assert_string_equal(f->because, "");
    return f->verdict;
}

/* --- the judge ---------------------------------------------------------------------------- */

static void verdict_has_three_values(void **state)
{
    (void)state;
    fs_finding f = pass();
    assert_int_equal(judged(&f), FS_HOLDS);
    assert_int_equal(f.control.verdict, FS_HOLDS);
    f.measured = 1e-12;
    assert_int_equal(judged(&f), FS_VIOLATED);
    f.error = 1e-12;
    assert_int_equal(judged(&f), FS_UNDECIDED);
    f = pass();
    f.error = 1e-15;
    assert_int_equal(judged(&f), FS_UNDECIDED);
    f = pass();
    f.measured = f.error = f.bound = 0.0;
    assert_int_equal(judged(&f), FS_HOLDS);
}

/* What is not a number, in any place, is never a pass. */
static void what_is_not_finite_decides_nothing(void **state)
{
    (void)state;
    const double bad[] = { none, unbounded, -unbounded };
    for (size_t i = 0; i < 3; i++) {
        fs_finding f[5] = { pass(), pass(), pass(), pass(), pass() };
        f[0].measured = bad[i];
        f[1].error = bad[i];
        f[2].bound = bad[i];
        f[3].control.measured = bad[i];
        f[4].control.tolerance = bad[i];
        for (size_t k = 0; k < 5; k++) assert_int_equal(judged(&f[k]), FS_UNDECIDED);
    }
    fs_finding f = pass();
    f.error = -1e-3;
    assert_int_equal(judged(&f), FS_UNDECIDED);
    f = pass();
    f.control.predicted = unbounded;
    assert_int_equal(judged(&f), FS_UNDECIDED);
}

static void control_of_the_wrong_size_is_no_control(void **state)
{
    (void)state;
    fs_finding f = pass();
    f.control.measured = 0.03 * 1.0099;
    assert_int_equal(judged(&f), FS_HOLDS);
    f.control.measured = 0.03 * 1.02;
    assert_int_equal(judged(&f), FS_UNDECIDED);
    assert_int_equal(f.control.verdict, FS_VIOLATED);
    f.control.measured = 0.03 / 2.0;        /* a factor that was forgotten */
    assert_int_equal(judged(&f), FS_UNDECIDED);
    f.control.tolerance = 0.6;
    assert_int_equal(judged(&f), FS_HOLDS);
    f = pass();
    f.control.measured = -0.03;
    assert_int_equal(judged(&f), FS_UNDECIDED);
}

static void control_that_passes_is_no_control(void **state)
{
    (void)state;
    fs_finding f = pass();
    f.control.measured = f.control.predicted = 0.5e-15;
    assert_int_equal(judged(&f), FS_UNDECIDED);
    assert_int_equal(f.control.verdict, FS_VIOLATED);
    f.control.measured = f.control.predicted = f.bound;
    assert_int_equal(judged(&f), FS_UNDECIDED);
    f.control.measured = f.control.predicted = 1.01 * f.bound;
    assert_int_equal(judged(&f), FS_HOLDS);
    f = pass();
    f.control.measured = none;              /* there is none */
    assert_int_equal(judged(&f), FS_UNDECIDED);
    assert_int_equal(f.control.verdict, FS_UNDECIDED);
}

static void control_without_a_prediction_exceeds_the_bound_a_million_times(void **state)
{
    (void)state;
    fs_finding f = pass();
    f.control.predicted = none;
    assert_int_equal(judged(&f), FS_HOLDS);
    f.control.measured = 1.1e6 * f.bound;
    assert_int_equal(judged(&f), FS_HOLDS);
    f.control.measured = 0.9e6 * f.bound;
    assert_int_equal(judged(&f), FS_UNDECIDED);
    f.measured = f.error = f.bound = 0.0;
    f.control.measured = 1e-9;
    assert_int_equal(judged(&f), FS_HOLDS);
    f.control.measured = 0.0;
    assert_int_equal(judged(&f), FS_UNDECIDED);
    f.bound = 0.0;
    f.measured = -1.0;                      /* beneath a bound of 0: what is quiet is measured */
    f.control.measured = 1e-9;
    assert_int_equal(judged(&f), FS_HOLDS);
}

static void guard_turns_a_pass_into_undecided_and_leaves_a_violation(void **state)
{
    (void)state;
    fs_finding f = pass();
    fs_check_vacuous(&f, "the gradient along E is %g", 0.0);
    fs_check_vacuous(&f, "another");
    assert_string_equal(f.vacuous, "the gradient along E is 0");
    assert_int_equal(judged(&f), FS_UNDECIDED);
    f.measured = 1.0;
    assert_int_equal(judged(&f), FS_VIOLATED);
}

static void failed_hypothesis_turns_a_pass_into_undecided_and_leaves_a_violation(void **state)
{
    (void)state;
    fs_problem *p = load_model("cnn_c4_skew", NULL, NULL, NULL);
    fs_finding f = pass();
    fs_check_judge(&scripted, p, &f);
    assert_int_equal(f.verdict, FS_UNDECIDED);
    assert_int_equal(f.control.verdict, FS_HOLDS);
    assert_non_null(strstr(f.because, "compatibility fails"));
    f.measured = 1.0;
    fs_check_judge(&scripted, p, &f);
    assert_int_equal(f.verdict, FS_VIOLATED);
    assert_non_null(strstr(f.because, "compatibility fails"));
    f = pass();
    fs_check_judge(&free_of_hypotheses, p, &f);         /* not one that it needs */
    assert_int_equal(f.verdict, FS_HOLDS);
    assert_string_equal(f.because, "");
    fs_problem_destroy(p);
}

/* Every hypothesis that a record can ask for is looked at: bit i is the i-th. */
static void every_bit_of_needs_is_a_hypothesis(void **state)
{
    (void)state;
    fs_problem *p = load_model("cnn_c4_skew", NULL, NULL, NULL);
    for (size_t i = 0; i < FS_HYPOTHESIS_COUNT; i++) {
        const fs_statement one = { .needs = 1u << i };
        const fs_hypothesis *record;
        const char *name = fs_hypothesis_at(fs_problem_hypotheses(p), i, &record);
        fs_finding f = pass();
        fs_check_judge(&one, p, &f);
        assert_int_equal(f.verdict, record->verdict == FS_HOLDS || i == 6 ? FS_HOLDS : FS_UNDECIDED);
        if (f.because[0]) assert_int_equal(strncmp(f.because, name, strlen(name)), 0);
    }
    assert_int_equal(FS_HYPOTHESIS_COUNT, 8);
    assert_int_equal(FS_NEEDS_ORTHONORMAL, 1 << (FS_HYPOTHESIS_COUNT - 1));
    fs_problem_destroy(p);
}

static void nothing_holds_where_E_is_all_of_L(void **state)
{
    (void)state;
    fs_problem *p = model_of("group: C1\ninput: {vector: [2 trivial]}\nlayers: [dense: {out: 3}]\nloss: squared\n"
                             "data: {source: synthetic, count: 4, targets: 3, seed: 1}\n");
    assert_int_equal(fs_problem_basis(p)->dim_N, 0);
    fs_finding f = pass();
    fs_check_judge(&free_of_hypotheses, p, &f);
    assert_int_equal(f.verdict, FS_UNDECIDED);
    assert_non_null(strstr(f.vacuous, "dim N = 0"));
    fs_problem_destroy(p);
}

static void what_does_not_apply_has_no_verdict(void **state)
{
    (void)state;
    fs_finding f = pass();
    assert_int_equal(fs_check_absent(&f, "no point"), FS_OK);
    assert_int_equal(judged(&f), FS_UNDECIDED);
    assert_int_equal(f.applies, 0);
    assert_string_equal(f.note, "no point");
    f.measured = 1.0;
    assert_int_equal(judged(&f), FS_UNDECIDED);
}

/* --- running ---------------------------------------------------------------------------------- */

static fs_status run_on(fs_problem *p, const fs_watch *watch, const fs_statement *s, fs_finding *f, fs_err *err)
{
    fs_check_options o = { .gamma = -1.0, .distance = -1.0, .seed = 1, .watch = watch };
    fs_check_context *c = NULL;
    assert_ok(fs_check_context_create(&c, p, &o, err), *err);
    fs_status status = fs_check_run(c, s, f, err);
    fs_check_context_destroy(c);
    return status;
}

static void failure_to_measure_is_undecided_and_says_why(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    const fs_status soft[] = { FS_ENAN, FS_ESOLVER, FS_EINPUT }, hard[] = { FS_ENOMEM, FS_ESTOPPED };
    fs_err err = { 0 };
    fs_finding f;
    for (size_t i = 0; i < 3; i++) {
        script = pass();                    /* what it had written before it failed must not count */
        script_status = soft[i];
        assert_ok(run_on(p, NULL, &scripted, &f, &err), err);
        assert_int_equal(f.verdict, FS_UNDECIDED);
        assert_true(isnan(f.measured));
        assert_non_null(strstr(f.note, "scripted failure"));
    }
    for (size_t i = 0; i < 2; i++) {
        script_status = hard[i];
        assert_int_equal(run_on(p, NULL, &scripted, &f, &err), hard[i]);
        assert_non_null(strstr(err.text, "scripted failure"));
    }
    script_status = FS_OK;
    fs_problem_destroy(p);
}

static int always_stop(void *context, const char *stage, double fraction)
{
    (void)context;
    (void)stage;
    (void)fraction;
    return 1;
}

static void watch_stops_a_check(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_watch watch = { always_stop, NULL };
    fs_err err = { 0 };
    fs_finding f;
    assert_int_equal(run_on(p, &watch, &scripted, &f, &err), FS_ESTOPPED);
    fs_problem_destroy(p);
}

/* What several checks share is made once, from the model's settings or the options. */
static void context_makes_its_parts_once(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_check_options o = { .gamma = -1.0, .distance = 0.25, .seed = 7, .t_end = 2.0 };
    fs_check_context *c = NULL;
    fs_err err = { 0 };
    assert_ok(fs_check_context_create(&c, p, &o, &err), err);
    const fs_check_options *resolved = fs_check_options_of(c);
    assert_near(resolved->gamma, 0.6, 0.0);
    assert_near(resolved->rtol, 1e-8, 0.0);
    assert_near(resolved->atol, 1e-10, 0.0);
    assert_int_equal(resolved->threads, 1);
    assert_true(resolved->keep_limit > 0);
    fs_flow *f, *g;
    fs_risk_work *a, *b;
    const double *w, *v;
    const fs_trajectory *T, *U;
    const fs_stability *s, *t;
    assert_ok(fs_check_flow(c, FS_FLOW_AUGMENTED, &f, &err), err);
    assert_ok(fs_check_flow(c, FS_FLOW_AUGMENTED, &g, &err), err);
    assert_ptr_equal(f, g);
    assert_near(fs_flow_gamma(f), 0.6, 0.0);
    assert_ok(fs_check_flow_at(c, FS_FLOW_NOMINAL, 3.0, &g, &err), err);
    assert_near(fs_flow_gamma(g), 3.0, 0.0);
    fs_flow_destroy(g);
    assert_ok(fs_check_risk_work(c, 1, &a, &err), err);
    assert_ok(fs_check_risk_work(c, 2, &b, &err), err);
    assert_ptr_equal(a, b);
    assert_ok(fs_check_start(c, &w, &err), err);
    assert_ok(fs_check_start(c, &v, &err), err);
    assert_ptr_equal(w, v);
    assert_near(fabs(w[1]), 0.25, 4.0 * DBL_EPSILON);
    assert_ok(fs_check_trajectory(c, &T, &err), err);
    assert_ok(fs_check_trajectory(c, &U, &err), err);
    assert_ptr_equal(T, U);
    assert_int_equal(T->n_rows, 201);
    assert_near(T->t_reached, 2.0, 0.0);
    assert_ok(fs_check_stability(c, &s, &err), err);
    assert_ok(fs_check_stability(c, &t, &err), err);
    assert_ptr_equal(s, t);
    assert_true(s->starts >= FS_CHECK_STARTS);
    assert_int_equal(s->point[0].at->outcome, FS_SEARCH_FOUND);
    fs_check_context_destroy(c);
    fs_check_context_destroy(NULL);
    fs_problem_destroy(p);
}

static void quantities_are_found_by_name_and_never_overflow(void **state)
{
    (void)state;
    fs_finding f = pass();
    for (int i = 0; i < 2 * FS_QUANTITY_COUNT; i++) fs_check_quantity(&f, i, 0.5, "q%d", i);
    assert_int_equal(f.n_quantity, FS_QUANTITY_COUNT);
    assert_near(fs_finding_quantity(&f, "q3")->value, 3.0, 0.0);
    assert_null(fs_finding_quantity(&f, "q99"));
    fs_check_quantity(&f, 0.0, 0.0, "a name that is much longer than the forty letters there are");
}

static void registry_has_every_statement_once(void **state)
{
    (void)state;
    size_t n = fs_statement_count();
    assert_int_equal(n, 20);
    assert_null(fs_statements[n]);
    assert_null(fs_statement_find("no_such_statement"));
    for (size_t i = 0; i < n; i++) {
        const fs_statement *s = fs_statements[i];
        assert_ptr_equal(fs_statement_find(s->id), s);
        assert_true(strlen(s->code) >= 1 && strlen(s->code) <= 4);
        assert_true(s->measure && *s->name && *s->claim && *s->source && *s->measures && *s->budget && *s->controls);
        for (size_t k = 0; k < i; k++) assert_true(strcmp(s->code, fs_statements[k]->code) != 0 && strcmp(s->name, fs_statements[k]->name) != 0);
    }
}

/* --- what is expected -------------------------------------------------------------------------------- */

static void model_cell_is_right_where_theory_promises_nothing(void **state)
{
    (void)state;
    char why[FS_REASON];
    fs_finding f = pass();
    judged(&f);
    assert_int_equal(fs_expect_of_model(&f, why), FS_AS_EXPECTED);
    f = pass();
    f.measured = 1.0;
    judged(&f);
    assert_int_equal(fs_expect_of_model(&f, why), FS_NOT_AS_EXPECTED);
    assert_non_null(strstr(why, "although every hypothesis holds"));
    strcpy(f.because, "compatibility fails");
    f.hypotheses = FS_VIOLATED;
    assert_int_equal(fs_expect_of_model(&f, why), FS_AS_EXPECTED);
    f.hypotheses = FS_UNDECIDED;
    assert_int_equal(fs_expect_of_model(&f, why), FS_LEFT_OPEN);
    f = pass();
    f.error = 1.0;
    judged(&f);
    assert_int_equal(fs_expect_of_model(&f, why), FS_LEFT_OPEN);
    f.applies = 0;
    assert_int_equal(fs_expect_of_model(&f, why), FS_AS_EXPECTED);
}

static void control_that_passes_is_a_failure_of_the_suite(void **state)
{
    (void)state;
    char why[FS_REASON];
    fs_finding f = pass();
    f.control.measured = 1e-16;
    judged(&f);
    assert_int_equal(fs_expect_of_model(&f, why), FS_NOT_AS_EXPECTED);
    assert_non_null(strstr(why, "the control passed"));
    f.control.measured = 0.05;
    judged(&f);
    assert_int_equal(fs_expect_of_model(&f, why), FS_NOT_AS_EXPECTED);
    assert_non_null(strstr(why, "wrong size"));
    f.control.measured = none;
    judged(&f);
    assert_int_equal(fs_expect_of_model(&f, why), FS_LEFT_OPEN);
}

/* A guard that tripped is no failure of a model, and no pass either. */
static void vacuous_cell_is_neither_right_nor_wrong(void **state)
{
    (void)state;
    char why[FS_REASON];
    fs_finding f = pass();
    fs_check_vacuous(&f, "nothing to average");
    f.control.measured = none;
    judged(&f);
    assert_int_equal(f.verdict, FS_UNDECIDED);
    assert_int_equal(fs_finding_is_vacuous(&f), 1);
    assert_int_equal(fs_expect_of_model(&f, why), FS_AS_EXPECTED);
    f.measured = 1.0;
    judged(&f);
    assert_int_equal(fs_finding_is_vacuous(&f), 0);
    assert_int_equal(fs_expect_of_model(&f, why), FS_NOT_AS_EXPECTED);
}

static void atlas_cell_needs_the_verdict_and_the_size(void **state)
{
    (void)state;
    char why[FS_REASON];
    const fs_atlas_cell verdict_only = { .statement = "scripted", .expected = FS_VIOLATED },
                        sized = { .statement = "scripted", .expected = FS_VIOLATED, .quantity = "kappa", .predicted = 0.4330127018922193, .formula = "sqrt(3) / 4" };
    fs_finding f = pass();
    judged(&f);
    assert_int_equal(fs_expect_of_atlas(&verdict_only, &f, why), FS_NOT_AS_EXPECTED);       /* it must not pass */
    f.error = 1.0;
    judged(&f);
    assert_int_equal(fs_expect_of_atlas(&verdict_only, &f, why), FS_NOT_AS_EXPECTED);       /* nor be left open */
    f = pass();
    f.measured = 1.0;
    judged(&f);
    assert_int_equal(fs_expect_of_atlas(&verdict_only, &f, why), FS_AS_EXPECTED);
    assert_int_equal(fs_expect_of_atlas(&sized, &f, why), FS_NOT_AS_EXPECTED);
    assert_non_null(strstr(why, "no such quantity"));
    const double value[] = { sqrt(3.0) / 4.0, 0.4330127, none, sqrt(3.0) / 2.0 };
    const fs_outcome outcome[] = { FS_AS_EXPECTED, FS_NOT_AS_EXPECTED, FS_NOT_AS_EXPECTED, FS_NOT_AS_EXPECTED };
    for (size_t i = 0; i < 4; i++) {
        f.n_quantity = 0;
        fs_check_quantity(&f, value[i], 0.0, "kappa");
        assert_int_equal(fs_expect_of_atlas(&sized, &f, why), outcome[i]);
    }
    f.n_quantity = 0;
    fs_check_quantity(&f, 0.4330127, 1e-8, "kappa");        /* within its own error */
    assert_int_equal(fs_expect_of_atlas(&sized, &f, why), FS_AS_EXPECTED);
    f.quantity[0].error = none;
    assert_int_equal(fs_expect_of_atlas(&sized, &f, why), FS_NOT_AS_EXPECTED);
    f.applies = 0;
    assert_int_equal(fs_expect_of_atlas(&verdict_only, &f, why), FS_NOT_AS_EXPECTED);
}

static void closed_form_needs_the_exact_number(void **state)
{
    (void)state;
    char why[FS_REASON];
    const fs_closed_form form = { .form = "CF1", .name = "gamma_all", .model = "toy_sine", .exact = 0.5, .formula = "1 / 2" };
    fs_finding f = pass();
    assert_int_equal(fs_expect_of_form(&form, &f, why), FS_AS_EXPECTED);
    f.measured = 1e-14;
    assert_int_equal(fs_expect_of_form(&form, &f, why), FS_NOT_AS_EXPECTED);
    assert_non_null(strstr(why, "gamma_all = 0.5"));
    f = pass();
    f.bound = unbounded;
    assert_int_equal(fs_expect_of_form(&form, &f, why), FS_NOT_AS_EXPECTED);
    f = pass();
    f.error = none;
    assert_int_equal(fs_expect_of_form(&form, &f, why), FS_NOT_AS_EXPECTED);
}

/* --- a suite ------------------------------------------------------------------------------------------- */

/* What is printed, as a text; text is freed by the caller, after fclose(stream). */
typedef struct { char *text; size_t size; FILE *stream; } memory;

static void memory_open(memory *m)
{
    *m = (memory){ NULL, 0, NULL };
    m->stream = open_memstream(&m->text, &m->size);
    assert_non_null(m->stream);
}

static const char *models_folder(void)
{
    static char path[1024];
    const char *root = getenv("FLOWSIM_SRCDIR");
    snprintf(path, sizeof path, "%s/models", root ? root : ".");
    return path;
}

enum { MODELS = 4 };

/* Files of four models: small, larger than the limit, at paper size, and one that does not load. */
static const char *const *model_files(void)
{
    static char text[MODELS][1100];
    static const char *file[MODELS];
    static const char *const name[MODELS] = { "toy_sine", "cyclic_linear", "graph_s10_paper", "no_such_model" };
    for (size_t i = 0; i < MODELS; i++) {
        snprintf(text[i], sizeof text[i], "%s/%s.yaml", models_folder(), name[i]);
        file[i] = text[i];
    }
    return file;
}

static const fs_statement *const both[] = { &scripted, &dims, &absent };

static fs_suite_options suite_options(int threads)
{
    return (fs_suite_options){ .n_statements = 3, .statement = both, .check = { .gamma = -1.0, .distance = -1.0, .seed = 3 }, .threads = threads,
                               .n_models = MODELS, .model = model_files(), .largest = 15, .folder = models_folder() };
}

static fs_suite *suite_of(const fs_suite_options *o)
{
    fs_suite *s = NULL;
    fs_err err = { 0 };
    assert_ok(fs_suite_run(&s, o, &err), err);
    return s;
}

static void suite_leaves_out_what_is_large_and_reports_what_does_not_load(void **state)
{
    (void)state;
    script = pass();
    fs_suite_options o = suite_options(1);
    fs_suite *s = suite_of(&o);
    assert_int_equal(s->n_rows, MODELS);
    assert_string_equal(s->row[0].name, "toy_sine");
    assert_int_equal(s->row[0].load, FS_ROW_LOADED);
    assert_int_equal(s->row[0].n_cells, 3);
    assert_int_equal(s->row[0].cell[0].found.verdict, FS_HOLDS);
    assert_int_equal(s->row[1].load, FS_ROW_LEFT_OUT);
    assert_non_null(strstr(s->row[1].message, "dim L = 16"));
    assert_int_equal(s->row[2].load, FS_ROW_LEFT_OUT);
    assert_int_equal(s->row[3].load, FS_ROW_REFUSED);
    assert_int_equal(s->row[3].outcome, FS_NOT_AS_EXPECTED);
    assert_int_equal(fs_suite_outcome(s), FS_NOT_AS_EXPECTED);
    fs_suite_counts n = fs_suite_count(s);
    assert_int_equal(n.holds, 2);
    assert_int_equal(n.not_applicable, 1);
    assert_int_equal(n.expected, 3);
    assert_int_equal(n.failed, 1);
    fs_suite_destroy(s);
    fs_suite_destroy(NULL);
}

/* Where a guard trips on every model the statement was never shown: open, however right each cell is. */
static void every_statement_is_shown_on_some_model(void **state)
{
    (void)state;
    for (int vacuous = 0; vacuous < 2; vacuous++) {
        script = pass();
        if (vacuous) fs_check_vacuous(&script, "nothing to average");
        fs_suite_options o = suite_options(1);
        o.n_statements = o.n_models = 1;
        o.must_show = 1;
        fs_suite *s = suite_of(&o);
        fs_suite_counts n = fs_suite_count(s);
        assert_int_equal(fs_suite_shown(s, 0), !vacuous);
        assert_int_equal(n.vacuous, vacuous);
        assert_int_equal(n.open, vacuous);
        assert_int_equal(n.expected, 2 - vacuous);
        assert_int_equal(fs_suite_outcome(s), vacuous ? FS_LEFT_OPEN : FS_AS_EXPECTED);
        memory m;
        memory_open(&m);
        fs_tap tap = { .stream = m.stream, .all = 1 };
        fs_tap_proceed(&tap, s);
        assert_int_equal(fclose(m.stream), 0);
        assert_int_equal(tap.number, 2);
        assert_int_equal(tap.failed, vacuous);
        free(m.text);
        fs_suite_destroy(s);
    }
}

static void suite_does_not_depend_on_the_number_of_threads(void **state)
{
    (void)state;
    script = pass();
    fs_suite_options one = suite_options(1), three = suite_options(3);
    one.largest = three.largest = 0;
    one.n_models = three.n_models = 2;
    fs_suite *s = suite_of(&one), *t = suite_of(&three);
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 3; k++) {
            fs_finding *f = &s->row[i].cell[k].found, *g = &t->row[i].cell[k].found;
            f->wall_s = g->wall_s = 0.0;
            assert_int_equal(f->n_quantity, g->n_quantity);
            for (size_t q = 0; q < f->n_quantity; q++) assert_memory_equal(&f->quantity[q].value, &g->quantity[q].value, sizeof(double));
            assert_int_equal(f->verdict, g->verdict);
        }
    assert_near(fs_finding_quantity(&t->row[1].cell[1].found, "dim L")->value, 16.0, 0.0);
    fs_suite_destroy(s);
    fs_suite_destroy(t);
}

static void suite_stops_when_its_watch_asks(void **state)
{
    (void)state;
    fs_watch watch = { always_stop, NULL };
    fs_suite_options o = suite_options(2);
    o.check.watch = &watch;
    fs_suite *s = NULL;
    fs_err err = { 0 };
    assert_int_equal(fs_suite_run(&s, &o, &err), FS_ESTOPPED);
    assert_null(s);
}

/* A model that has to be refused passes when it is, with the right words; one that breaks something is asked about what the atlas names. */
static void atlas_rows_are_refused_or_found_as_predicted(void **state)
{
    (void)state;
    const fs_atlas_row atlas[] = {
        { .name = "skew_filters", .breaks = "compatibility", .cell = { { .statement = "scripted", .expected = FS_UNDECIDED } } },
        { .name = "skew_filters", .breaks = "compatibility", .cell = { { .statement = "scripted", .expected = FS_HOLDS } } },
        { .name = "skew_filters", .breaks = "nothing", .set = "flow.gamma=-1", .refused = "gamma" },
        { .name = "skew_filters", .breaks = "nothing", .set = "flow.gamma=-1", .refused = "other words" },
        { .name = "skew_filters", .breaks = "nothing", .refused = "gamma" },
        { .name = NULL },
    };
    const fs_outcome cell[] = { FS_AS_EXPECTED, FS_NOT_AS_EXPECTED }, row[] = { FS_AS_EXPECTED, FS_NOT_AS_EXPECTED, FS_NOT_AS_EXPECTED };
    script = pass();
    fs_suite_options o = suite_options(1);
    o.n_models = 0;
    o.atlas = atlas;
    fs_suite *s = suite_of(&o);
    assert_int_equal(s->n_rows, 5);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(s->row[i].n_cells, 1);
        assert_int_equal(s->row[i].cell[0].outcome, cell[i]);
    }
    for (size_t i = 0; i < 3; i++) assert_int_equal(s->row[2 + i].outcome, row[i]);
    fs_suite_destroy(s);
}

static void exit_status_follows_the_worst_verdict(void **state)
{
    (void)state;
    fs_suite_cell cell[3] = { 0 };
    fs_suite_row row = { .n_cells = 3, .cell = cell };
    fs_suite s = { .n_rows = 1, .row = &row };
    assert_int_equal(fs_suite_row_verdict(&row), FS_UNDECIDED);         /* nothing applies: nothing holds */
    for (size_t k = 0; k < 3; k++) cell[k].found = (fs_finding){ .applies = 1, .verdict = FS_HOLDS };
    assert_int_equal(fs_suite_row_verdict(&row), FS_HOLDS);
    cell[0].found.applies = 0;
    assert_int_equal(fs_suite_row_verdict(&row), FS_HOLDS);
    cell[1].found.verdict = FS_UNDECIDED;
    assert_int_equal(fs_suite_row_verdict(&row), FS_UNDECIDED);
    cell[2].found.verdict = FS_VIOLATED;
    assert_int_equal(fs_suite_row_verdict(&row), FS_VIOLATED);
    assert_int_equal(fs_suite_outcome(&s), FS_AS_EXPECTED);
    cell[1].outcome = FS_LEFT_OPEN;
    assert_int_equal(fs_suite_outcome(&s), FS_LEFT_OPEN);
    row.outcome = FS_NOT_AS_EXPECTED;
    assert_int_equal(fs_suite_outcome(&s), FS_NOT_AS_EXPECTED);
}

/* --- what is shown --------------------------------------------------------------------------------------- */

/* A suite of one model with one cell of each kind: holds, violated, undecided, does not apply. */
static fs_suite *four_kinds(fs_problem *p)
{
    static const fs_statement *const list[] = { &scripted, &scripted, &scripted, &absent };
    fs_suite_options o = { .n_statements = 4, .statement = list, .check = { .gamma = -1.0, .distance = -1.0, .seed = 1 }, .threads = 1 };
    fs_suite *s = NULL;
    fs_err err = { 0 };
    script = pass();
    fs_check_quantity(&script, 0.25, 1e-3, "rate");
    assert_ok(fs_suite_run_problem(&s, p, &o, &err), err);
    s->row->cell[1].found.measured = 1.0;
    s->row->cell[2].found.error = none;
    snprintf(s->row->cell[2].found.note, sizeof s->row->cell[2].found.note, "a \xe2\x82 cut character");
    for (size_t k = 1; k < 3; k++) {
        fs_suite_cell *cell = &s->row->cell[k];
        fs_check_judge(&scripted, p, &cell->found);
        cell->outcome = fs_expect_of_model(&cell->found, cell->why);
    }
    return s;
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

static void json_has_the_fields_of_the_contract(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_suite *s = four_kinds(p);
    json_t *report = json_object();
    assert_int_equal(fs_present_model_json(report, s->row), 0);
    const json_t *checks = json_object_get(report, "checks"), *left = json_object_get(report, "not_applicable"), *n = json_object_get(report, "counts");
    assert_int_equal(json_array_size(checks), 3);
    assert_int_equal(json_array_size(left), 1);
    const json_t *first = json_array_get(checks, 0), *control = json_object_get(first, "control");
    assert_string_equal(text_at(first, "id"), "scripted");
    assert_string_equal(text_at(first, "name"), "Statement S");
    assert_string_equal(text_at(first, "claim"), "claim");
    assert_string_equal(text_at(first, "source"), "[X]");
    assert_string_equal(text_at(first, "model"), "toy_sine");
    assert_string_equal(text_at(first, "verdict"), "holds");
    assert_string_equal(text_at(control, "verdict"), "holds");
    assert_string_equal(text_at(control, "what"), "a planted bias");
    assert_near(json_real_value(json_object_get(first, "measured")), 1e-16, 0.0);
    assert_near(json_real_value(json_object_get(first, "bound")), 1e-15, 0.0);
    assert_near(json_real_value(json_object_get(control, "predicted")), 0.03, 0.0);
    assert_near(json_real_value(json_object_get(json_object_get(json_object_get(first, "quantities"), "rate"), "value")), 0.25, 0.0);
    assert_string_equal(text_at(json_array_get(checks, 1), "verdict"), "violated");
    assert_string_equal(text_at(json_array_get(checks, 2), "verdict"), "undecided");
    assert_string_equal(text_at(json_array_get(checks, 2), "error"), "nan");
    assert_string_equal(text_at(json_array_get(left, 0), "why"), "no strict minimum among 3 points");
    assert_int_equal(json_integer_value(json_object_get(n, "holds")), 1);
    assert_int_equal(json_integer_value(json_object_get(n, "violated")), 1);
    assert_int_equal(json_integer_value(json_object_get(n, "undecided")), 1);
    assert_int_equal(json_integer_value(json_object_get(n, "not_applicable")), 1);
    json_decref(report);
    report = json_object();
    assert_int_equal(fs_present_suite_json(report, s), 0);
    const json_t *row = json_array_get(json_object_get(report, "matrix"), 0);
    assert_string_equal(text_at(row, "model"), "toy_sine");
    assert_true(json_object_size(json_object_get(row, "verdicts")) > 0);
    assert_int_equal(json_array_size(json_object_get(row, "not_applicable")), 1);
    checks = json_object_get(report, "checks");
    assert_int_equal(json_array_size(checks), 3);
    assert_string_equal(text_at(json_array_get(checks, 1), "model"), "toy_sine");
    assert_string_equal(text_at(json_array_get(checks, 1), "outcome"), "not as expected");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(report, "counts"), "not_as_expected")), 1);
    json_decref(report);
    fs_suite_destroy(s);
    fs_problem_destroy(p);
}

static size_t longest_line(const char *text)
{
    size_t longest = 0;
    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n");
        if (n > longest) longest = n;
        line += n + (line[n] == '\n');
    }
    return longest;
}

static size_t occurrences(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *c = strstr(text, what); c; c = strstr(c + 1, what)) n++;
    return n;
}

static void table_says_why_and_counts(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_suite *s = four_kinds(p);
    for (int verbose = 0; verbose < 2; verbose++) {
        memory m;
        memory_open(&m);
        fs_present_model(m.stream, s->row, verbose, 0);
        assert_int_equal(fclose(m.stream), 0);
        assert_at_most((double)longest_line(m.text), FS_PRESENT_WIDTH);
        assert_non_null(strstr(m.text, "3.0e-02, predicted 3.0e-02: failed"));
        assert_non_null(strstr(m.text, "1 hold, 1 violated, 1 undecided, 1 do not apply"));
        assert_non_null(strstr(m.text, "no strict minimum among 3 points"));
        assert_int_equal(strstr(m.text, "rate = 0.25") != NULL, verbose);
        assert_int_equal(occurrences(m.text, "\033"), 0);
        free(m.text);
    }
    fs_suite_destroy(s);
    fs_problem_destroy(p);
}

static void matrix_fits_a_screen_and_names_what_is_wrong(void **state)
{
    (void)state;
    const fs_atlas_row atlas[] = { { .name = "skew_filters", .breaks = "compatibility", .cell = { { .statement = "scripted", .expected = FS_HOLDS } } },
                                   { .name = NULL } };
    script = pass();
    fs_suite_options o = suite_options(1);
    o.atlas = atlas;
    fs_suite *s = suite_of(&o);
    memory m;
    memory_open(&m);
    fs_present_matrix(m.stream, s, 0);
    assert_int_equal(fclose(m.stream), 0);
    assert_at_most((double)longest_line(m.text), FS_PRESENT_WIDTH);
    assert_non_null(strstr(m.text, "toy_sine              +   +   .   "));
    assert_non_null(strstr(m.text, "skew_filters          !   "));
    assert_non_null(strstr(m.text, "skew_filters, Statement S: expected holds, found undecided"));
    assert_non_null(strstr(m.text, "no_such_model: expected a model"));
    assert_non_null(strstr(m.text, "graph_s10_paper"));
    assert_non_null(strstr(m.text, "3 as theory predicts, 0 open, 2 not; "));
    free(m.text);
    fs_suite_destroy(s);
}

/* One line a cell, in the order of the suite, the plan last; what does not apply is ok and no skip. */
static void tap_has_a_line_for_every_cell(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL);
    fs_suite *s = four_kinds(p);
    for (int all = 0; all < 2; all++) {
        memory m;
        memory_open(&m);
        fs_tap tap = { .stream = m.stream, .all = all };
        s->row->cell[1].done = 0;
        fs_tap_proceed(&tap, s);
        assert_int_equal(tap.number, 1);        /* the second is not done: nothing after it either */
        s->row->cell[1].done = 1;
        fs_tap_proceed(&tap, s);
        fs_tap_proceed(&tap, s);
        fs_tap_end(&tap);
        assert_int_equal(fclose(m.stream), 0);
        assert_int_equal(occurrences(m.text, "ok "), 4);
        assert_int_equal(occurrences(m.text, "not ok "), 2);
        assert_int_equal(tap.failed, 2);
        assert_non_null(strstr(m.text, "ok 1 - Statement S on toy_sine: holds, 1.0e-16 <= 1.0e-15, control 3.0e-02 as predicted\n"));
        assert_non_null(strstr(m.text, "\nok 4 - Statement abs on toy_sine # does not apply: no strict minimum among 3 points\n1..4\n"));
        assert_null(strstr(m.text, "SKIP"));
        free(m.text);
    }
    fs_suite_destroy(s);
    fs_problem_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdict_has_three_values),
        cmocka_unit_test(what_is_not_finite_decides_nothing),
        cmocka_unit_test(control_of_the_wrong_size_is_no_control),
        cmocka_unit_test(control_that_passes_is_no_control),
        cmocka_unit_test(control_without_a_prediction_exceeds_the_bound_a_million_times),
        cmocka_unit_test(guard_turns_a_pass_into_undecided_and_leaves_a_violation),
        cmocka_unit_test(failed_hypothesis_turns_a_pass_into_undecided_and_leaves_a_violation),
        cmocka_unit_test(every_bit_of_needs_is_a_hypothesis),
        cmocka_unit_test(nothing_holds_where_E_is_all_of_L),
        cmocka_unit_test(what_does_not_apply_has_no_verdict),
        cmocka_unit_test(failure_to_measure_is_undecided_and_says_why),
        cmocka_unit_test(watch_stops_a_check),
        cmocka_unit_test(context_makes_its_parts_once),
        cmocka_unit_test(quantities_are_found_by_name_and_never_overflow),
        cmocka_unit_test(registry_has_every_statement_once),
        cmocka_unit_test(model_cell_is_right_where_theory_promises_nothing),
        cmocka_unit_test(control_that_passes_is_a_failure_of_the_suite),
        cmocka_unit_test(vacuous_cell_is_neither_right_nor_wrong),
        cmocka_unit_test(atlas_cell_needs_the_verdict_and_the_size),
        cmocka_unit_test(closed_form_needs_the_exact_number),
        cmocka_unit_test(suite_leaves_out_what_is_large_and_reports_what_does_not_load),
        cmocka_unit_test(every_statement_is_shown_on_some_model),
        cmocka_unit_test(suite_does_not_depend_on_the_number_of_threads),
        cmocka_unit_test(suite_stops_when_its_watch_asks),
        cmocka_unit_test(atlas_rows_are_refused_or_found_as_predicted),
        cmocka_unit_test(exit_status_follows_the_worst_verdict),
        cmocka_unit_test(json_has_the_fields_of_the_contract),
        cmocka_unit_test(table_says_why_and_counts),
        cmocka_unit_test(matrix_fits_a_screen_and_names_what_is_wrong),
        cmocka_unit_test(tap_has_a_line_for_every_cell),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
