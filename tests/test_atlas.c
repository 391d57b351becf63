/* tests/test_atlas.c -- each control breaks the hypothesis it names and no other, and the sizes predicted of it are derived once more by other means
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "flows.h"

#include "theory_checks/atlas.h"
#include "problem/hypotheses.h"

#include <glob.h>
#include <gsl/gsl_randist.h>

/* What each row breaks among the hypotheses, in their order; NULL: the loader refuses it. */
static const struct { const char *name, *violated; } control[] = {
    { "skew_filters", "compatibility invariance_of_L " },       /* L that is not compatible is not invariant either */
    { "incompatible_rotated", "compatibility invariance_of_L " },
    { "compatible_filters", "invariance_of_L " },
    { "tanh_on_rotation", "nonlinearity " },
    { "weighted_loss", "loss " },
    { "biased_measure", "measure " },
    { "doubled_element", "measure " },
    { "subgroup_measure", "measure " },
    { "nominal", "measure " },
    { "so2_four_nodes", "measure " },
    { "sheared", "parametrisation " },
    { "scaled", "" },
    { "non_orthogonal", NULL },
    { "odd_pool", NULL },
};
enum { CONTROLS = sizeof control / sizeof *control };

static const char *tree(void)
{
    const char *folder = getenv("FLOWSIM_SRCDIR");
    return folder ? folder : ".";
}

static fs_problem *load_control(const char *name, const char *set)
{
    char path[200];
    snprintf(path, sizeof path, "atlas/%s", name);
    return load_model(path, set, NULL, NULL);
}

static const fs_atlas_row *row_of(const char *name)
{
    for (const fs_atlas_row *row = fs_atlas; row->name; row++)
        if (!strcmp(row->name, name)) return row;
    fail_msg("no control %s", name);
    return &fs_atlas[0];
}

/* What the atlas predicts of a statement on a control. */
static double predicted(const char *name, const char *statement, const char *quantity)
{
    const fs_atlas_row *row = row_of(name);
    for (size_t k = 0; k < FS_ATLAS_CELLS && row->cell[k].statement; k++)
        if (!strcmp(row->cell[k].statement, statement)) {
            assert_non_null(row->cell[k].quantity);
            assert_string_equal(row->cell[k].quantity, quantity);
            assert_int_equal(row->cell[k].expected, FS_VIOLATED);
            return row->cell[k].predicted;
        }
    fail_msg("no prediction of %s on %s", statement, name);
    return (double)NAN;
}

/* --- the table ------------------------------------------------------------------------- */

static void every_control_has_a_file_a_row_and_words(void **state)
{
    (void)state;
    char pattern[1024];
    glob_t found;
    size_t rows = 0;
    snprintf(pattern, sizeof pattern, "%s/models/atlas/*.yaml", tree());
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (const fs_atlas_row *row = fs_atlas; row->name; row++, rows++) {
        char file[1024];
        int there = 0;
        snprintf(file, sizeof file, "%s/models/atlas/%s.yaml", tree(), row->name);
        for (size_t i = 0; i < found.gl_pathc; i++) there |= !strcmp(found.gl_pathv[i], file);
        assert_true(there);
        assert_true(row->breaks && row->breaks[0]);
        assert_true(!row->refused == (row->cell[0].statement != NULL));
        for (size_t k = 0; k < FS_ATLAS_CELLS && row->cell[k].statement; k++) {
            const fs_atlas_cell *cell = &row->cell[k];
            if (!fs_statement_find(cell->statement)) fail_msg("%s: no statement %s", row->name, cell->statement);
            assert_true(!cell->quantity == !cell->formula);
            for (size_t l = 0; l < k; l++) assert_string_not_equal(row->cell[l].statement, cell->statement);
        }
    }
    assert_int_equal(rows, found.gl_pathc);
    assert_int_equal(rows, CONTROLS);
    globfree(&found);
}

static void each_control_breaks_what_it_names_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONTROLS; i++) {
        if (!control[i].violated) continue;
        fs_problem *p = load_control(control[i].name, row_of(control[i].name)->set);
        char violated[300] = "";
        for (size_t k = 0; k < FS_HYPOTHESIS_COUNT; k++) {
            const fs_hypothesis *one;
            const char *name = fs_hypothesis_at(fs_problem_hypotheses(p), k, &one);
            if (one->verdict == FS_VIOLATED) snprintf(violated + strlen(violated), sizeof violated - strlen(violated), "%s ", name);
            if (one->verdict == FS_UNDECIDED) fail_msg("%s: %s is undecided", control[i].name, name);
            if (one->verdict == FS_VIOLATED) assert_true(one->value > 1e6 * one->tolerance);
        }
        if (strcmp(violated, control[i].violated)) fail_msg("%s violates %s, expected %s", control[i].name, violated, control[i].violated);
        assert_at_most((double)dim_L(p), 60.0);
        assert_true(fs_problem_basis(p)->dim_E > 0 && fs_problem_basis(p)->dim_N > 0);
        fs_problem_destroy(p);
    }
}

/* With its place in the file and the atlas's words. */
static void what_the_loader_must_refuse_it_refuses(void **state)
{
    (void)state;
    static const struct { const char *name; fs_status status; const char *message; } refused[] = {
        { "non_orthogonal", FS_ENOTREP, "non_orthogonal.yaml:5:22: group generated, generator 1: expected an orthogonal matrix, found |M^T M - 1| = 1" },
        { "odd_pool", FS_EINPUT, "odd_pool.yaml:10:22: expected a divisor of the image's edge 5, found 2: other windows would break the symmetry" },
    };
    for (size_t i = 0; i < 2; i++) {
        char path[1024];
        fs_problem *p = NULL;
        fs_err err = { 0 };
        snprintf(path, sizeof path, "%s/models/atlas/%s.yaml", tree(), refused[i].name);
        assert_fails(fs_problem_load(&p, path, 0, NULL, &err), refused[i].status, err, refused[i].message);
        assert_null(p);
        assert_non_null(row_of(refused[i].name)->refused);
        assert_non_null(strstr(err.text, row_of(refused[i].name)->refused));
    }
}

/* --- angles ----------------------------------------------------------------------------- */

/* One filter of nine taps: (1 - Pi_L) of the average over quarter turns of each of the five taps; the norm of that map by power iteration. */
static void the_angle_of_skew_filters_is_sixty_degrees(void **state)
{
    (void)state;
    static const size_t tap[5][2] = { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 2 }, { 2, 1 } };
    double defect[5][9] = { { 0.0 } }, x[5] = { 1, 2, 3, 4, 5 }, size = 0.0;
    for (size_t k = 0; k < 5; k++) {
        size_t row = tap[k][0], column = tap[k][1];
        for (int turn = 0; turn < 4; turn++) {
            defect[k][3 * row + column] += 0.25;
            size_t old = row;
            row = 2 - column;
            column = old;
        }
        for (size_t l = 0; l < 5; l++) defect[k][3 * tap[l][0] + tap[l][1]] = 0.0;
    }
    for (int step = 0; step < 200; step++) {
        double y[9] = { 0.0 }, norm = norm_of(x, 5);
        for (size_t k = 0; k < 5; k++)
            for (size_t j = 0; j < 9; j++) y[j] += defect[k][j] * x[k] / norm;
        for (size_t k = 0; k < 5; k++) x[k] = dot_of(defect[k], y, 9);
        size = norm_of(y, 9);
    }
    assert_near(predicted("skew_filters", "compatibility", "kappa"), size, 1e-14);
    fs_problem *p = load_control("skew_filters", NULL);
    assert_near(fs_problem_hypotheses(p)->compatibility.value, size, 1e-12);
    fs_problem_destroy(p);
}

/* L has one direction off the invariant weight, (7, 1) on the pair. */
static void the_angle_of_the_rotated_basis_is_that_of_three_four_five(void **state)
{
    (void)state;
    double cosine = (7.0 + 1.0) / (sqrt(2.0) * sqrt(50.0)), kappa = 0.5 * sin(2.0 * acos(cosine));
    assert_near(predicted("incompatible_rotated", "compatibility", "kappa"), kappa, 1e-15);
    fs_problem *p = load_control("incompatible_rotated", NULL);
    assert_near(fs_problem_hypotheses(p)->compatibility.value, kappa, 1e-14);
    fs_problem_destroy(p);
}

/* --- measures ----------------------------------------------------------------------------- */

/* grad R and grad R^aug (n_par) at a random point of E. */
static void gradients_on_E(const fs_problem *p, gsl_rng *rng, double *nominal, double *augmented)
{
    const fs_basis *b = fs_problem_basis(p);
    double *x = calloc(b->dim_E, sizeof *x), *A = calloc(b->n_par, sizeof *A);
    assert_true(x && A);
    fs_rng_gaussian(rng, b->dim_E, x);
    fs_basis_expand_E(b, x, A);
    for (int which = 0; which < 2; which++) {
        fs_risk_work *work = NULL;
        fs_err err = { 0 };
        assert_ok(fs_risk_work_create(&work, fs_problem_risk(p, which), 1, 0, &err), err);
        assert_int_equal(fs_risk_gradient(fs_problem_risk(p, which), A, NULL, which ? augmented : nominal, work), FS_OK);
        fs_risk_work_destroy(work);
    }
    free(x), free(A);
}

static const double cosine[4] = { 1, 0, -1, 0 }, sine[4] = { 0, 1, 0, -1 };     /* of k quarter turns */

/* |sum_g chi(g) rho(g) v| / 4, chi(g) = i^(g frequency): the part of v on an irreducible of C4, up to a constant factor. */
static double part_of_quarter_turns(const fs_problem *p, size_t frequency, const double *v)
{
    size_t n = fs_problem_basis(p)->n_par;
    double *moved = calloc(n, sizeof *moved), *re = calloc(n, sizeof *re), *im = calloc(n, sizeof *im);
    assert_true(moved && re && im);
    for (size_t g = 0; g < 4; g++) {
        assert_int_equal(fs_rep_apply(fs_problem_rho_H(p), g, v, moved), FS_OK);
        size_t k = g * frequency % 4;
        for (size_t i = 0; i < n; i++) {
            re[i] += 0.25 * cosine[k] * moved[i];
            im[i] += 0.25 * sine[k] * moved[i];
        }
    }
    double size = hypot(norm_of(re, n), norm_of(im, n));
    free(moved), free(re), free(im);
    return size;
}

static void leaks_of_wrong_measures_are_their_fourier_coefficients(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("leaks_of_wrong_measures_are_their_fourier_coefficients");
    static const struct { const char *name; double nu[4]; const char *quantity; size_t told; } wrong[] = {
        { "biased_measure", { 0.4, 0.4, 0.2, 0.0 }, "leak_over_nominal:rotation:1", 1 },
        { "doubled_element", { 0.25, 0.5, 0.0, 0.25 }, "leak_over_nominal:rotation:1", 1 },
        { "subgroup_measure", { 0.5, 0.0, 0.5, 0.0 }, "leak_over_nominal:sign", 2 },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        fs_problem *p = load_control(wrong[i].name, NULL);
        size_t n = fs_problem_basis(p)->n_par;
        double *nominal = calloc(n, sizeof *nominal), *augmented = calloc(n, sizeof *augmented);
        assert_true(nominal && augmented);
        for (size_t g = 0; g < 4; g++) assert_near(fs_problem_measure(p)[g], wrong[i].nu[g], 0.0);
        for (size_t frequency = 1; frequency <= 2; frequency++) {
            double re = 0.0, im = 0.0;
            for (size_t g = 0; g < 4; g++) {
                re += wrong[i].nu[g] * cosine[g * frequency % 4];
                im += wrong[i].nu[g] * sine[g * frequency % 4];
            }
            double coefficient = hypot(re, im);
            if (frequency == wrong[i].told) assert_near(predicted(wrong[i].name, "fact_a", wrong[i].quantity), coefficient, 1e-15);
            for (int point = 0; point < 5; point++) {
                gradients_on_E(p, rng, nominal, augmented);
                double whole = part_of_quarter_turns(p, frequency, nominal);
                assert_true(whole > 1e-3 * norm_of(nominal, n));
                assert_near(part_of_quarter_turns(p, frequency, augmented), coefficient * whole, 1e-13 * norm_of(nominal, n));
            }
        }
        free(nominal), free(augmented);
        fs_problem_destroy(p);
    }
    gsl_rng_free(rng);
}

/* The sine toy with the weights (1 + beta) / 2, (1 - beta) / 2: on E the gradient is (1 + beta, 1 - beta) cos sin / 2, and the leak is beta, linear in the bias. */
static void the_leak_of_the_sine_toy_is_the_bias(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("the_leak_of_the_sine_toy_is_the_bias");
    static const struct { const char *set; double beta; } bias[] = { { NULL, 1.0 }, { "measure=[0.75, 0.25]", 0.5 }, { "measure=[0.505, 0.495]", 0.01 } };
    assert_near(predicted("nominal", "fact_a", "leak_over_nominal"), 1.0, 0.0);
    assert_near(predicted("nominal", "theorem_1_1_field", "leak_over_E"), bias[0].beta, 0.0);
    for (size_t i = 0; i < sizeof bias / sizeof *bias; i++) {
        fs_problem *p = load_control("nominal", bias[i].set);
        for (int point = 0; point < 10; point++) {
            double nominal[2], g[2];
            gradients_on_E(p, rng, nominal, g);
            assert_near(fabs(g[0] - g[1]), bias[i].beta * fabs(g[0] + g[1]), 8.0 * DBL_EPSILON);
            assert_near(fabs(g[0] - g[1]), bias[i].beta * fabs(nominal[0] - nominal[1]), 8.0 * DBL_EPSILON);
        }
        fs_problem_destroy(p);
    }
    gsl_rng_free(rng);
}

/* R^aug(w0, rho, phi) = R-bar(w0, rho) + rho^4 cos(4 phi) / 32: the first of two samples has ((w0 / 2 + rho cos)^2 - 1)^2 / 2, whose frequency 4 four nodes keep. */
static void four_nodes_keep_the_frequency_four(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("four_nodes_keep_the_frequency_four");
    fs_problem *p = load_control("so2_four_nodes", NULL);
    fs_risk_work *work = NULL;
    fs_err err = { 0 };
    assert_ok(fs_risk_work_create(&work, fs_problem_risk(p, 1), 1, 0, &err), err);
    for (int point = 0; point < 20; point++) {
        double w0 = gsl_ran_gaussian(rng, 1.0), rho = fabs(gsl_ran_gaussian(rng, 1.0)), phi = 2.0 * M_PI * gsl_rng_uniform(rng), R[2];
        for (int k = 0; k < 2; k++) {
            double angle = phi + k * M_PI_4, A[3] = { w0, rho * cos(angle), rho * sin(angle) };
            assert_int_equal(fs_risk_value(fs_problem_risk(p, 1), A, &R[k], work), FS_OK);
        }
        assert_near(R[0] - R[1], pow(rho, 4.0) * cos(4.0 * phi) / 16.0, 64.0 * DBL_EPSILON * (1.0 + R[0] + R[1]));
    }
    fs_risk_work_destroy(work);
    fs_problem_destroy(p);
    gsl_rng_free(rng);
}

/* --- loss, parametrisation ------------------------------------------------------------------ */

/* W = [[a, b], [b, a]], grad = mean over samples and the swap of diag(1, omega) (W x - y) x^T, written out. */
static void the_leak_of_a_weighted_loss_is_the_contrast_of_its_weights(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("the_leak_of_a_weighted_loss_is_the_contrast_of_its_weights");
    static const double x[2][2] = { { 1, 0.4 }, { -0.3, 0.8 } }, y[2][2] = { { 0.5, -1 }, { 1.2, 0.3 } }, omega[2] = { 1, 3 };
    double exact = (omega[1] - omega[0]) / (omega[1] + omega[0]);
    assert_near(predicted("weighted_loss", "fact_a", "leak_over_E"), exact, 0.0);
    assert_near(predicted("weighted_loss", "theorem_1_1_field", "leak_over_E"), exact, 0.0);
    for (int point = 0; point < 20; point++) {
        double a = gsl_ran_gaussian(rng, 1.0), b = gsl_ran_gaussian(rng, 1.0), grad[2][2] = { { 0.0 } };
        for (size_t s = 0; s < 2; s++)
            for (size_t swap = 0; swap < 2; swap++) {
                const double u[2] = { x[s][swap], x[s][1 - swap] }, v[2] = { y[s][swap], y[s][1 - swap] };
                const double r[2] = { a * u[0] + b * u[1] - v[0], b * u[0] + a * u[1] - v[1] };
                for (size_t i = 0; i < 2; i++)
                    for (size_t j = 0; j < 2; j++) grad[i][j] += 0.25 * omega[i] * r[i] * u[j];
            }
        double along = hypot(grad[0][0] + grad[1][1], grad[0][1] + grad[1][0]), across = hypot(grad[0][0] - grad[1][1], grad[0][1] - grad[1][0]);
        assert_near(across, exact * along, 64.0 * DBL_EPSILON * (1.0 + fabs(a) + fabs(b)));
    }
    gsl_rng_free(rng);
}

/* v' = -M (1, 1) for a gradient along E, M = B B^T written out. */
static void the_leak_of_the_shear_is_one_thirteenth(void **state)
{
    (void)state;
    fs_problem *p = load_control("sheared", NULL);
    const fs_sparse *B = fs_problem_parametrisation(p);
    double dense[2][2] = { { 0.0 } }, F[2] = { 0.0 };
    for (size_t i = 0; i < 2; i++)
        for (size_t e = B->ptr[i]; e < B->ptr[i + 1]; e++) dense[i][B->col[e]] = B->val[e];
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 2; j++) F[i] -= dot_of(dense[i], dense[j], 2);
    assert_near((F[0] - F[1]) / (F[0] + F[1]), -1.0 / 13.0, DBL_EPSILON);
    assert_near(predicted("sheared", "theorem_1_1_field", "leak_over_E"), fabs(F[0] - F[1]) / fabs(F[0] + F[1]), DBL_EPSILON);
    fs_problem_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_control_has_a_file_a_row_and_words),
        cmocka_unit_test(each_control_breaks_what_it_names_and_nothing_else),
        cmocka_unit_test(what_the_loader_must_refuse_it_refuses),
        cmocka_unit_test(the_angle_of_skew_filters_is_sixty_degrees),
        cmocka_unit_test(the_angle_of_the_rotated_basis_is_that_of_three_four_five),
        cmocka_unit_test(leaks_of_wrong_measures_are_their_fourier_coefficients),
        cmocka_unit_test(the_leak_of_the_sine_toy_is_the_bias),
        cmocka_unit_test(four_nodes_keep_the_frequency_four),
        cmocka_unit_test(the_leak_of_a_weighted_loss_is_the_contrast_of_its_weights),
        cmocka_unit_test(the_leak_of_the_shear_is_one_thirteenth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
