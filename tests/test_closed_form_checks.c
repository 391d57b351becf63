/* tests/test_closed_form_checks.c -- the table of exact numbers: complete, and able to fail
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "theory_checks/closed_forms.h"
#include "law.h"

#include <gsl/gsl_errno.h>

static const char *models(void)
{
    static char path[1024];
    const char *folder = getenv("FLOWSIM_SRCDIR");
    snprintf(path, sizeof path, "%s/models", folder ? folder : ".");
    return path;
}

static fs_finding check(const fs_closed_form *form)
{
    fs_finding found;
    fs_err err = { 0 };
    assert_ok(fs_closed_form_check(form, models(), &found, &err), err);
    return found;
}

static void assert_verdict(const fs_closed_form *form, fs_verdict verdict)
{
    fs_finding found = check(form);
    if (found.verdict != verdict) print_error("%s, %s: %s\n", form->form, form->name, found.note);
    assert_int_equal(found.verdict, verdict);
}

/* A row of this form that costs little: an eigenvalue or a risk. */
static int is_cheap(const fs_closed_form *f, const char *form)
{
    return strcmp(f->form, form) == 0 && f->accuracy <= 1e-12;
}

/* The first one; the table's end when there is none. */
static const fs_closed_form *cheap_row(const char *form)
{
    const fs_closed_form *f = fs_closed_forms;
    while (f->form && !is_cheap(f, form)) f++;
    return f;
}

static const char *const names[] = { "CF1", "CF2", "CF3", "CF4", "CF5", "CF6", "CF7", "CF8", "CF9", "CF10" };
enum { FORMS = sizeof names / sizeof *names };

static void every_closed_form_is_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < FORMS; i++) {
        size_t rows = 0;
        for (const fs_closed_form *f = fs_closed_forms; f->form; f++)
            if (strcmp(f->form, names[i]) == 0) rows++;
        assert_true(rows >= 2);
        assert_non_null(cheap_row(names[i])->form);
    }
}

static void rows_are_complete_and_named_once(void **state)
{
    (void)state;
    for (const fs_closed_form *f = fs_closed_forms; f->form; f++) {
        size_t known = 0;
        for (size_t i = 0; i < FORMS; i++)
            if (strcmp(f->form, names[i]) == 0) known++;
        assert_int_equal(known, 1);
        assert_true(f->name && f->model && f->formula && f->measure);
        assert_true(strlen(f->name) > 0 && strlen(f->formula) > 0);
        assert_true(isfinite(f->exact));
        assert_true(f->accuracy > 0.0 && f->accuracy <= 1e-3);
        for (const fs_closed_form *g = f + 1; g->form; g++) assert_false(strcmp(f->form, g->form) == 0 && strcmp(f->name, g->name) == 0);
    }
}

static void right_numbers_hold_and_wrong_ones_are_violated(void **state)
{
    (void)state;
    for (size_t i = 0; i < FORMS; i++) {
        fs_closed_form row = *cheap_row(names[i]);
        double exact = row.exact, off = 3.0 * row.accuracy * (fabs(exact) > 1.0 ? fabs(exact) : 1.0);
        assert_verdict(&row, FS_HOLDS);
        row.exact = exact + off;
        assert_verdict(&row, FS_VIOLATED);
        row.exact = exact - off;
        assert_verdict(&row, FS_VIOLATED);
        row.exact = -exact + 1.0;
        assert_verdict(&row, fabs(1.0 - 2.0 * exact) > 1e-9 ? FS_VIOLATED : FS_HOLDS);
        row.exact = (double)NAN;
        assert_verdict(&row, FS_UNDECIDED);
    }
}

static void findings_carry_the_value_and_the_exact_number(void **state)
{
    (void)state;
    const fs_closed_form *row = cheap_row("CF10");
    fs_finding found = check(row);
    const fs_quantity *value = fs_finding_quantity(&found, "value"), *exact = fs_finding_quantity(&found, "exact");
    assert_true(value && exact);
    if (!value || !exact) return;
    assert_near(exact->value, row->exact, 0.0);
    assert_near(found.measured, fabs(value->value - row->exact), 0.0);
    assert_near(found.bound, row->accuracy * fabs(row->exact), 0.0);
    assert_true(found.applies);
    assert_non_null(strstr(found.note, row->formula));
    assert_non_null(strstr(found.note, row->name));
}

/* --- measures made for the purpose: the value is argument[0], its error argument[1] ------------- */

static fs_status given(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    (void)p;
    (void)err;
    *value = form->argument[0];
    *error = form->argument[1];
    return FS_OK;
}

/* Fails with the status argument[0], after it has left a value that looks right. */
static fs_status failing(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err)
{
    (void)p;
    *value = form->exact;
    *error = 0.0;
    return fs_fail(err, (fs_status)form->argument[0], "on purpose");
}

static fs_closed_form row_of(double value, double error)
{
    return (fs_closed_form){ .form = "CF1", .name = "given", .model = "toy_sine", .exact = 2.0, .formula = "2", .accuracy = 1e-3, .measure = given,
                             .argument = { value, error } };
}

static void only_numbers_surely_inside_the_accuracy_hold(void **state)
{
    (void)state;
    static const struct { double value, error; fs_verdict verdict; } rows[] = {
        { 2.0, 0.0, FS_HOLDS },           { 2.0019, 0.0, FS_HOLDS },     { 2.0021, 0.0, FS_VIOLATED },      { 1.9979, 0.0, FS_VIOLATED },
        { 2.0019, 2e-4, FS_UNDECIDED },   { 2.0021, 2e-4, FS_UNDECIDED }, { 2.0, 3e-3, FS_UNDECIDED },       { -2.0, 0.0, FS_VIOLATED },
        { (double)NAN, 0.0, FS_UNDECIDED }, { 2.0, (double)NAN, FS_UNDECIDED }, { 2.0, (double)INFINITY, FS_UNDECIDED },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fs_closed_form row = row_of(rows[i].value, rows[i].error);
        assert_verdict(&row, rows[i].verdict);
    }
}

static void failed_measurements_are_undecided_or_errors(void **state)
{
    (void)state;
    static const fs_status decides_nothing[] = { FS_ENAN, FS_ESOLVER }, error[] = { FS_ENOMEM, FS_EINPUT, FS_ESTOPPED };
    fs_closed_form row = row_of(0.0, 0.0);
    fs_finding found;
    fs_err err = { 0 };
    row.measure = failing;
    for (size_t i = 0; i < 2; i++) {
        row.argument[0] = (double)decides_nothing[i];
        found = check(&row);
        assert_int_equal(found.verdict, FS_UNDECIDED);
        assert_true(isnan(found.measured));
        assert_non_null(strstr(found.note, "on purpose"));
    }
    for (size_t i = 0; i < 3; i++) {
        row.argument[0] = (double)error[i];
        assert_fails(fs_closed_form_check(&row, models(), &found, &err), error[i], err, "on purpose");
    }
}

static void models_that_are_not_there_are_errors(void **state)
{
    (void)state;
    fs_closed_form row = row_of(2.0, 0.0);
    fs_finding found;
    fs_err err = { 0 };
    char long_name[1100];
    row.model = "no_such_model";
    assert_int_not_equal(fs_closed_form_check(&row, models(), &found, &err), FS_OK);
    assert_non_null(strstr(err.text, "no_such_model"));
    row.model = "toy_sine";
    row.set[0] = "data.cuont=3";
    assert_fails(fs_closed_form_check(&row, models(), &found, &err), FS_EINPUT, err, "cuont");
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    row.set[0] = NULL;
    assert_fails(fs_closed_form_check(&row, long_name, &found, &err), FS_EINPUT, err, "folder name");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_closed_form_is_there),
        cmocka_unit_test(rows_are_complete_and_named_once),
        cmocka_unit_test(right_numbers_hold_and_wrong_ones_are_violated),
        cmocka_unit_test(findings_carry_the_value_and_the_exact_number),
        cmocka_unit_test(only_numbers_surely_inside_the_accuracy_hold),
        cmocka_unit_test(failed_measurements_are_undecided_or_errors),
        cmocka_unit_test(models_that_are_not_there_are_errors),
    };
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
