/* tests/test_spectrum.c -- eigenvalues of the Hessian on E, on N and on each irreducible
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "flows.h"
#include "observe/spectrum.h"

/* --- making spectra -------------------------------------------------------------------------- */

static fs_spectrum *spectrum_of(const fs_problem *p, fs_flow_kind kind, double gamma, const double *w, const fs_spectrum_options *o)
{
    fs_spectrum *s = NULL;
    fs_err err = { 0 };
    fs_flow *f = make_flow(p, kind, gamma);
    assert_ok(fs_spectrum_compute(&s, p, f, w, o, &err), err);
    fs_flow_destroy(f);
    return s;
}

static const fs_spectrum_options dense = { .method = FS_SOLVER_DENSE, .split = 1, .whole = 1 },
                                 krylov = { .method = FS_SOLVER_KRYLOV, .split = 1, .whole = 1 };

static fs_spectrum *at_weights(const fs_problem *p, const double *A, const fs_spectrum_options *o)
{
    double *w = calloc(dim_L(p), sizeof *w);
    fs_err err = { 0 };
    assert_non_null(w);
    assert_ok(fs_problem_state_of_weights(p, A, w, &err), err);
    fs_spectrum *s = spectrum_of(p, FS_FLOW_AUGMENTED, 0.0, w, o);
    free(w);
    return s;
}

static const fs_spectrum_block *block_named(const fs_spectrum *s, const char *name)
{
    for (size_t i = 0; i < s->n_blocks; i++)
        if (!strcmp(s->block[i].name, name)) return &s->block[i];
    print_error("no block %s\n", name);
    _fail(__FILE__, __LINE__);
    return s->block;
}

static void assert_values(const fs_spectrum_block *b, size_t count, const double *value, double tol)
{
    assert_int_equal(b->count, count);
    assert_true(b->complete);
    for (size_t i = 0; i < count; i++) assert_near(b->value[i], value[i], tol);
}

/* Both ways on a model with one value on E and one on N. */
static void assert_pair(const char *model, const char *set, double u, double on_E, double on_N)
{
    fs_problem *p = load_model(model, set, NULL, NULL);
    const double A[] = { u / sqrt(2.0), u / sqrt(2.0) }, tol = 64.0 * DBL_EPSILON * (1.0 + u * u);
    for (int way = 0; way < 2; way++) {
        fs_spectrum *s = at_weights(p, A, way ? &krylov : &dense);
        assert_int_equal(s->dense, !way);
        assert_values(&s->E, 1, &on_E, tol);
        assert_values(&s->N, 1, &on_N, tol);
        assert_int_equal(s->n_blocks, 2);
        assert_values(block_named(s, "sign"), 1, &on_N, tol);
        assert_values(block_named(s, "trivial"), 1, &on_E, tol);
        assert_string_equal(s->block[0].name, "trivial");
        assert_int_equal(s->critical, 1);
        fs_spectrum_destroy(s);
    }
    fs_problem_destroy(p);
}

/* --- closed forms ------------------------------------------------------------------------------ */

static void spectra_of_two_weights_are_the_closed_forms(void **state)
{
    (void)state;
    const double at[] = { 0.0, 0.3, 1.0, 1.7 };
    for (size_t i = 0; i < 4; i++) {
        double u = at[i], c = 0.5 * cos(sqrt(2.0) * u), q = 1.5 * u * u - 1.0;
        assert_pair("toy_sine", NULL, u, c, c);
        assert_pair("toy_quartic", NULL, u, q, q);
    }
    assert_pair("pitchfork", NULL, 1.0, 2.0, -1.0);
    assert_pair("pitchfork", "data.targets=[[0.7], [1.9]]", sqrt(0.7), 1.4, -1.9);
}

/* B = A = 0: -tr(B A), half of it on N.  B A = diag(1, 0): the sign part of the second hidden unit is free to grow. */
static void the_irreducible_that_is_missing_breaks_first(void **state)
{
    (void)state;
    const double origin[8] = { 0 }, minimum[8] = { [0] = 1.0, [4] = 1.0 }, tol = 256.0 * DBL_EPSILON;
    const double at_origin[] = { -1.0, -1.0, 1.0, 1.0 }, across[] = { -1.0, 0.0, 1.0, 2.0 };
    fs_problem *p = load_model("missing_irreps", NULL, NULL, NULL);
    for (int way = 0; way < 2; way++) {
        fs_spectrum *s = at_weights(p, origin, way ? &krylov : &dense);
        assert_values(&s->N, 4, at_origin, tol);
        assert_values(block_named(s, "sign"), 4, at_origin, tol);
        fs_spectrum_destroy(s);
        s = at_weights(p, minimum, way ? &krylov : &dense);
        assert_values(&s->N, 4, across, tol);
        assert_string_equal(s->block[s->critical].name, "sign");
        assert_near(s->block[s->critical].lowest, -1.0, tol);
        /* the eigenvector: A_11 and B_11 alike, nothing else */
        double *A = calloc(8, sizeof *A);
        assert_non_null(A);
        fs_basis_expand(fs_problem_basis(p), s->N.lowest_vector, A);
        for (size_t i = 0; i < 8; i++) assert_near(fabs(A[i]), i == 3 || i == 7 ? 1.0 / sqrt(2.0) : 0.0, tol);
        assert_near(A[3], A[7], tol);
        free(A);
        fs_inertia inertia = fs_spectrum_inertia(&s->N, 0.0, 0.0);
        assert_int_equal(inertia.negative, 1);
        assert_int_equal(inertia.undecided, 1);
        assert_int_equal(inertia.positive, 2);
        fs_spectrum_destroy(s);
    }
    fs_problem_destroy(p);
}

static void tanh_units_have_the_known_transverse_eigenvalues(void **state)
{
    (void)state;
    const double c = 2.0 * tanh(0.8), known[] = { -0.7424663759649, -0.1173810148287 };
    fs_problem *p = load_model("tanh_mlp", NULL, NULL, NULL);
    for (int alpha = 0; alpha < 3; alpha++) {
        double a = 0.4 * alpha;
        const double A[] = { a, a, -0.8, a, a, 0.8, 1.0, -1.0, c };
        fs_spectrum *s = at_weights(p, A, &dense);
        assert_values(&s->N, 2, known, 1e-13);
        assert_string_equal(s->block[s->critical].name, "sign");
        fs_spectrum_destroy(s);
    }
    fs_problem_destroy(p);
}

/* The circulant Sigma_G of x = (1, 1, 0, 0) has eigenvalues 1, 1/2, 0, 1/2; every irreducible of C4 sees each of them once a row. */
static void one_cyclic_layer_has_circulant_eigenvalues(void **state)
{
    (void)state;
    const double each[] = { 0.0, 0.5, 0.5, 1.0 }, tol = 1e-14;
    fs_problem *p = load_model("cyclic_linear", NULL, NULL, NULL);
    for (int way = 0; way < 2; way++) {
        double *w = start_of(p, 3, 0.5);
        fs_spectrum *s = spectrum_of(p, FS_FLOW_AUGMENTED, 0.25, w, way ? &krylov : &dense);
        assert_int_equal(s->n_blocks, 3);
        for (size_t i = 0; i < 3; i++) assert_values(&s->block[i], 4, each, tol);
        const fs_spectrum_block *turns = block_named(s, "rotation:1");
        assert_int_equal(turns->copies, 2);
        assert_int_equal(turns->type, FS_TYPE_COMPLEX);
        assert_int_equal(turns->dim, 8);
        for (size_t i = 0; i < 12; i++) assert_near(s->N.value[i], i < 3 ? 0.0 : i < 9 ? 0.5 : 1.0, tol);
        /* gamma enters the whole only, on N */
        assert_string_equal(s->whole.name, "L");
        double sum = 0.0;
        for (size_t i = 0; i < 16; i++) sum += s->whole.value[i];
        assert_near(sum, 8.0 + 12.0 * 0.25, 16.0 * tol);
        assert_near(s->whole.value[15], 1.25, tol);
        fs_inertia inertia = fs_spectrum_inertia(turns, 0.0, 0.0);
        assert_int_equal(inertia.undecided, 2);
        assert_int_equal(inertia.positive, 6);
        fs_spectrum_destroy(s);
        free(w);
    }
    fs_problem_destroy(p);
}

/* --- Schur's lemma and Fact B -------------------------------------------------------------------- */

static double trace_of(const fs_problem *p, const double *w)
{
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.0);
    size_t n = dim_L(p);
    double *J = calloc(n * n, sizeof *J), trace = 0.0;
    assert_non_null(J);
    assert_int_equal(fs_flow_jacobian(f, w, J), FS_OK);
    for (size_t i = 0; i < n; i++) trace -= J[i * n + i];
    free(J);
    fs_flow_destroy(f);
    return trace;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The eigenvalues of N, all of them, are those of the blocks with their copies. */
static void assert_union(const fs_spectrum *s)
{
    double *all = calloc(s->dim_N + 1, sizeof *all);
    size_t count = 0;
    assert_non_null(all);
    for (size_t i = 1; i < s->n_blocks; i++)
        for (size_t j = 0; j < s->block[i].dim; j++) all[count++] = s->block[i].value[j / s->block[i].copies];
    assert_int_equal(count, s->dim_N);
    assert_int_equal(s->N.count, s->dim_N);
    qsort(all, count, sizeof *all, ascending);
    for (size_t i = 0; i < count; i++) assert_near(all[i], s->N.value[i], 4.0 * s->off_tolerance);
    free(all);
}

static void assert_schur(const fs_problem *p, const fs_spectrum *s)
{
    size_t parts, dims = 0;
    const char *note;
    const fs_isotypic_part *part = fs_problem_isotypic(p, &parts, &note);
    assert_string_equal(s->note, "");
    assert_at_most(s->off_EN, s->off_tolerance);
    assert_at_most(s->off_blocks, s->off_tolerance);
    for (size_t i = 0; i < s->n_blocks; i++) {
        const fs_spectrum_block *b = &s->block[i];
        dims += b->dim;
        assert_true(b->complete);
        assert_int_equal(b->count, b->multiplicity);
        assert_int_equal(b->dim, b->multiplicity * b->copies);
        if (b->dim) assert_at_most(b->spread, s->off_tolerance);
        for (size_t k = 0; i && k < parts; k++)
            if (!strcmp(part[k].irreducible->name, b->name)) {
                assert_int_equal(b->multiplicity, part[k].in_N);
                assert_int_equal(b->copies, part[k].irreducible->dim);
            }
    }
    assert_int_equal(dims, dim_L(p));
    assert_union(s);
}

/* |H v - lambda v| of every block's lowest eigenvector. */
static void assert_eigenvectors(const fs_problem *p, const double *w, const fs_spectrum *s)
{
    fs_flow *f = make_flow(p, FS_FLOW_AUGMENTED, 0.0);
    size_t n = dim_L(p);
    double *Jv = calloc(n, sizeof *Jv);
    assert_non_null(Jv);
    for (size_t i = 0; i < s->n_blocks; i++) {
        const fs_spectrum_block *b = &s->block[i];
        if (!b->dim) continue;
        assert_non_null(b->lowest_vector);
        assert_near(norm_of(b->lowest_vector, n), 1.0, 1e-12);
        assert_int_equal(fs_flow_jacobian_product(f, w, b->lowest_vector, Jv), FS_OK);
        for (size_t j = 0; j < n; j++) Jv[j] += b->lowest * b->lowest_vector[j];
        assert_at_most(norm_of(Jv, n), b->lowest_error + 4.0 * (double)n * DBL_EPSILON * s->norm);
    }
    free(Jv);
    fs_flow_destroy(f);
}

static const struct { const char *name, *set; } schur_models[] = {
    { "toy_sine", NULL }, { "tanh_mlp", NULL }, { "mlp_d4", NULL }, { "cnn_c4", "data.count=2" }, { "cnn_c4_regular", "data.count=2" },
    { "graph_s5", "layers=[{dense: {out: [natural]}}, {tanh: {}}, {dense: {out: 2}}]" }, { "roto_translations", "data.count=2" }, { "so2_vectors", NULL },
    { "rotations_so3", NULL }, { "rotations_so2", NULL }, { "mirror_c4", NULL },
};
enum { SCHUR_MODELS = sizeof schur_models / sizeof *schur_models };

static void eigenvalues_come_in_copies_of_irreducibles(void **state)
{
    (void)state;
    for (size_t m = 0; m < SCHUR_MODELS; m++) {
        fs_problem *p = load_model(schur_models[m].name, schur_models[m].set, NULL, NULL);
        double *w = start_of(p, 1, 0.0), sum = 0.0;
        fs_spectrum *s = spectrum_of(p, FS_FLOW_AUGMENTED, 0.5, w, &dense);
        if (s->n_blocks < 2) print_error("%s: %s\n", schur_models[m].name, s->note);
        assert_true(s->n_blocks >= 2);
        assert_schur(p, s);
        assert_eigenvectors(p, w, s);
        for (size_t i = 0; i < s->whole.count; i++) sum += s->whole.value[i];
        assert_near(sum - 0.5 * (double)s->dim_N, trace_of(p, w), (double)dim_L(p) * (s->off_tolerance + DBL_EPSILON));
        fs_spectrum_destroy(s);
        free(w);
        fs_problem_destroy(p);
    }
}

/* What must not pass: the nominal risk, a point off E, a measure that is not Haar. */
static void without_invariance_nothing_is_block_diagonal(void **state)
{
    (void)state;
    for (int control = 0; control < 3; control++) {
        fs_problem *p = load_model("cnn_c4", "data.count=2", control == 2 ? "measure=[0.4, 0.3, 0.2, 0.1]" : NULL, NULL);
        double *w = start_of(p, 1, control == 1 ? 1.0 : 0.0);
        fs_spectrum *s = spectrum_of(p, control == 0 ? FS_FLOW_NOMINAL : FS_FLOW_AUGMENTED, 0.0, w, &dense);
        assert_true(s->n_blocks == 3);
        assert_true(s->off_EN > 1e6 * s->off_tolerance);
        assert_true(s->off_blocks > 1e6 * s->off_tolerance);
        assert_true(block_named(s, "rotation:1")->spread > 1e6 * s->off_tolerance);
        fs_spectrum_destroy(s);
        free(w);
        fs_problem_destroy(p);
    }
}

/* All irreducibles of D2 have dimension 1: |H|^2 is the sum of the squares of the blocks' eigenvalues and of what is outside. */
static void squares_inside_and_outside_of_the_blocks_make_up_the_norm(void **state)
{
    (void)state;
    fs_problem *p = load_model("cnn_c4", "data.count=2", "group=D2", NULL);
    double *w = start_of(p, 1, 1.0), sum = 0.0;
    fs_spectrum *s = spectrum_of(p, FS_FLOW_AUGMENTED, 0.0, w, &dense);
    assert_int_equal(s->n_blocks, 4);
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < s->block[i].count; j++) sum += s->block[i].value[j] * s->block[i].value[j];
    assert_true(s->off_blocks > 1e-3 * s->norm);
    assert_near(sum + s->off_blocks * s->off_blocks, s->norm * s->norm, 8.0 * s->off_tolerance * s->norm);
    fs_spectrum_destroy(s);
    free(w);
    fs_problem_destroy(p);
}

/* --- Lanczos ---------------------------------------------------------------------------------------- */

static void assert_same_ends(const fs_spectrum_block *a, const fs_spectrum_block *b)
{
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->dim, b->dim);
    if (!a->dim) return;
    assert_true(b->lowest_known);
    assert_near(a->lowest, b->lowest, a->lowest_error + b->lowest_error);
    assert_near(a->highest, b->highest, 2.0 * (a->lowest_error + b->lowest_error));
    for (size_t i = 0; i < b->count; i++) {
        double nearest = DBL_MAX;
        for (size_t j = 0; j < a->count; j++)
            if (fabs(a->value[j] - b->value[i]) < nearest) nearest = fabs(a->value[j] - b->value[i]);
        assert_at_most(nearest, a->error[0] + b->error[i]);
        if (i) assert_at_most(b->value[i - 1], b->value[i]);
        /* copies are listed once */
        if (i && b->copies > 1 && !b->complete) assert_true(b->value[i] - b->value[i - 1] > b->error[i] + b->error[i - 1]);
    }
}

static void dense_and_lanczos_agree(void **state)
{
    (void)state;
    const struct { const char *name, *set; } model[] = { { "roto_translations", "data.count=2" }, { "mlp_d4", NULL }, { "so2_vectors", NULL } };
    for (size_t m = 0; m < 3; m++)
        for (int is_split = 0; is_split < 2; is_split++) {
            fs_problem *p = load_model(model[m].name, model[m].set, NULL, NULL);
            double *w = start_of(p, 1, 0.0);
            fs_spectrum_options with = krylov;
            with.split = is_split;
            fs_spectrum *a = spectrum_of(p, FS_FLOW_AUGMENTED, 0.5, w, &dense), *b = spectrum_of(p, FS_FLOW_AUGMENTED, 0.5, w, &with);
            assert_string_equal(b->note, "");
            assert_same_ends(&a->E, &b->E);
            assert_same_ends(&a->N, &b->N);
            assert_same_ends(&a->whole, &b->whole);
            assert_int_equal(b->n_blocks, is_split ? a->n_blocks : 0);
            for (size_t i = 0; i < b->n_blocks; i++) assert_same_ends(&a->block[i], &b->block[i]);
            if (is_split) assert_eigenvectors(p, w, b);
            if (is_split) assert_near(b->block[b->critical].lowest, a->N.lowest, a->N.lowest_error + b->N.lowest_error);
            else assert_true(b->critical == SIZE_MAX);
            assert_true(isnan(b->off_EN) && isnan(b->off_blocks));
            assert_true(b->products > 0 && b->norm <= a->norm * (1.0 + 1e-12));
            fs_spectrum_destroy(a);
            fs_spectrum_destroy(b);
            free(w);
            fs_problem_destroy(p);
        }
}

/* Every error has room for the rounding of a product, also without gamma, and no block lists more than it has. */
static void errors_count_the_rounding_of_products(void **state)
{
    (void)state;
    const struct { const char *name, *set; } model[] = { { "roto_translations", "data.count=2" }, { "mlp_d4", NULL }, { "so2_vectors", NULL } };
    for (size_t m = 0; m < 3; m++) {
        fs_problem *p = load_model(model[m].name, model[m].set, NULL, NULL);
        double *w = start_of(p, 2, 0.0);
        fs_spectrum_options with = krylov;
        with.tolerance = 1e-14;         /* residuals at rounding */
        with.wanted = 8;
        fs_spectrum *a = spectrum_of(p, FS_FLOW_AUGMENTED, 0.0, w, &dense), *b = spectrum_of(p, FS_FLOW_AUGMENTED, 0.0, w, &with);
        for (size_t i = 0; i < b->n_blocks; i++) {
            const fs_spectrum_block *s = &b->block[i];
            assert_true(s->count <= s->multiplicity);
            if (s->dim) assert_true(s->lowest_error >= 0.5 * b->off_tolerance);
            for (size_t j = 0; j < s->count; j++) assert_true(s->error[j] >= 0.5 * b->off_tolerance);
            if (s->lowest_known) assert_same_ends(&a->block[i], s);
        }
        assert_true(b->N.count <= b->N.dim);
        fs_spectrum_destroy(a);
        fs_spectrum_destroy(b);
        free(w);
        fs_problem_destroy(p);
    }
}

static void what_does_not_converge_is_said_and_bounds(void **state)
{
    (void)state;
    fs_problem *p = load_model("roto_translations", "data.count=2", NULL, NULL);
    double *w = start_of(p, 1, 0.0);
    for (int is_split = 0; is_split < 2; is_split++) {
        fs_spectrum_options few = krylov;
        few.split = is_split;
        few.products = 8;
        fs_spectrum *a = spectrum_of(p, FS_FLOW_AUGMENTED, 0.5, w, &dense), *b = spectrum_of(p, FS_FLOW_AUGMENTED, 0.5, w, &few);
        assert_non_null(strstr(b->note, "products"));
        assert_false(b->N.lowest_known || b->N.complete || b->stopped);
        assert_at_most(a->N.lowest - a->N.lowest_error, b->N.lowest);
        assert_at_most(b->N.highest, a->N.highest + a->N.lowest_error);
        assert_null(b->N.lowest_vector);
        assert_true(b->critical == SIZE_MAX);
        fs_inertia inertia = fs_spectrum_inertia(&b->N, 0.0, 0.0);
        assert_int_equal(inertia.negative + inertia.undecided + inertia.positive, b->dim_N);
        fs_spectrum_destroy(a);
        fs_spectrum_destroy(b);
    }
    free(w);
    fs_problem_destroy(p);
}

typedef struct { long polls, stop_at; char seen[4096]; } countdown;

static int stop_at(void *context, const char *stage, double fraction)
{
    countdown *c = context;
    assert_true(fraction <= 1.0);
    if (!strstr(c->seen, stage) && strlen(c->seen) + strlen(stage) + 2 < sizeof c->seen) {
        strcat(c->seen, stage);
        strcat(c->seen, "|");
    }
    return ++c->polls >= c->stop_at;
}

/* Stopped at any question: what is there is consistent, and nobody is asked again. */
static void a_watch_is_told_the_stage_and_stops(void **state)
{
    (void)state;
    const long when[] = { 1, 2, 3, 4, 5, 20, 70, 200, 100000 };
    fs_problem *p = load_model("cnn_c4", "data.count=2", NULL, NULL);
    double *w = start_of(p, 1, 0.0);
    for (int way = 0; way < 2; way++)
        for (size_t i = 0; i < sizeof when / sizeof *when; i++) {
            countdown c = { .stop_at = when[i] };
            fs_watch watch = { stop_at, &c };
            fs_spectrum_options o = way ? krylov : dense;
            o.watch = &watch;
            fs_spectrum *s = spectrum_of(p, FS_FLOW_AUGMENTED, 0.0, w, &o);
            assert_int_equal(s->stopped, c.polls >= when[i]);
            assert_at_most((double)c.polls, (double)when[i]);
            if (when[i] == 1) assert_true(!s->E.lowest_known && isnan(s->N.lowest) && s->critical == SIZE_MAX);
            if (when[i] == 100000) {
                assert_non_null(strstr(c.seen, way ? "norm of the Hessian|" : "Hessian|"));
                assert_non_null(strstr(c.seen, "spectrum on E|"));
                assert_non_null(strstr(c.seen, "spectrum on N, sign|"));
                assert_non_null(strstr(c.seen, "spectrum on N, rotation:1|"));
            }
            fs_spectrum_destroy(s);
        }
    free(w);
    fs_problem_destroy(p);
}

/* --- hard and bad cases ------------------------------------------------------------------------------ */

static void what_cannot_be_split_is_left_whole(void **state)
{
    (void)state;
    fs_problem *p = load_model("cnn_c4_skew", "data.count=2", NULL, NULL);
    double *w = start_of(p, 1, 0.0);
    for (int way = 0; way < 2; way++) {
        fs_spectrum *s = spectrum_of(p, FS_FLOW_AUGMENTED, 0.0, w, way ? &krylov : &dense);
        assert_int_equal(s->n_blocks, 0);
        assert_null(s->block);
        assert_non_null(strstr(s->note, "not invariant"));
        assert_true(s->critical == SIZE_MAX && isnan(s->off_blocks));
        assert_true(s->N.lowest_known && s->E.lowest_known);
        fs_spectrum_destroy(s);
    }
    free(w);
    fs_problem_destroy(p);
}

static void nothing_across_E_is_an_empty_block(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_sine", "input={vector: [2 trivial]}", NULL, NULL);
    const double A[] = { 0.3, 0.4 };
    assert_int_equal(fs_problem_basis(p)->dim_N, 0);
    for (int way = 0; way < 2; way++) {
        fs_spectrum *s = at_weights(p, A, way ? &krylov : &dense);
        assert_true(s->N.dim == 0 && s->N.count == 0 && s->N.complete && !s->N.lowest_known && isnan(s->N.lowest));
        assert_int_equal(s->n_blocks, 1);
        assert_true(s->critical == SIZE_MAX);
        assert_int_equal(s->E.count, 2);
        assert_near(s->E.highest, cos(0.6), 1e-14);     /* sin(w1)^2 / 2 */
        fs_spectrum_destroy(s);
    }
    fs_problem_destroy(p);
}

static void nothing_along_E_is_an_empty_block(void **state)
{
    (void)state;
    fs_problem *p = load_model("rotations_so3", NULL, NULL, NULL);
    const double A[] = { 0.0, 0.0, 0.0 };
    assert_int_equal(fs_problem_basis(p)->dim_E, 0);
    for (int way = 0; way < 2; way++) {
        fs_spectrum *s = at_weights(p, A, way ? &krylov : &dense);
        assert_true(s->E.dim == 0 && s->E.complete);
        assert_int_equal(s->n_blocks, 2);
        assert_int_equal(s->block[1].copies, 3);
        assert_int_equal(s->block[1].count, 1);
        assert_near(s->block[1].lowest, -2.0 / 3.0, 1e-14);
        fs_spectrum_destroy(s);
    }
    fs_problem_destroy(p);
}

static void the_error_decides_what_has_a_sign(void **state)
{
    (void)state;
    double none = (double)NAN;
    assert_int_equal(fs_sign_of(-1.0, 0.5), FS_SIGN_NEGATIVE);
    assert_int_equal(fs_sign_of(1.0, 0.5), FS_SIGN_POSITIVE);
    assert_int_equal(fs_sign_of(0.5, 0.5), FS_SIGN_UNDECIDED);
    assert_int_equal(fs_sign_of(-0.5, 0.5), FS_SIGN_UNDECIDED);
    assert_int_equal(fs_sign_of(1e-300, 0.0), FS_SIGN_POSITIVE);
    assert_int_equal(fs_sign_of(-1e-300, 0.0), FS_SIGN_NEGATIVE);
    assert_int_equal(fs_sign_of(0.0, 0.0), FS_SIGN_UNDECIDED);
    assert_int_equal(fs_sign_of(none, 0.1), FS_SIGN_UNDECIDED);
    assert_int_equal(fs_sign_of(1.0, none), FS_SIGN_UNDECIDED);
    assert_int_equal(fs_sign_of(-1.0, (double)INFINITY), FS_SIGN_UNDECIDED);
    double value[] = { -2.0, -0.1, 0.1, 3.0, none }, error[] = { 0.1, 0.1, 0.2, 0.1, 0.1 };
    fs_spectrum_block b = { .dim = 10, .copies = 2, .multiplicity = 5, .count = 5, .value = value, .error = error, .complete = 1 };
    fs_inertia inertia = fs_spectrum_inertia(&b, 0.0, 0.0);
    assert_int_equal(inertia.negative, 2);
    assert_int_equal(inertia.undecided, 6);
    assert_int_equal(inertia.positive, 2);
    inertia = fs_spectrum_inertia(&b, 0.25, 0.0);       /* -1.75, 0.15, 0.35, 3.25 */
    assert_int_equal(inertia.negative, 2);
    assert_int_equal(inertia.positive, 6);
    inertia = fs_spectrum_inertia(&b, 0.25, 2.0);
    assert_int_equal(inertia.undecided, 8);
    inertia = fs_spectrum_inertia(&b, 0.0, none);
    assert_int_equal(inertia.undecided, 10);
}

static void errors_are_named(void **state)
{
    (void)state;
    fs_problem *p = load_model("toy_sine", NULL, NULL, NULL), *other = load_model("toy_quartic", NULL, NULL, NULL);
    fs_problem *large = load_model("cyclic_linear", "layers=[{dense: {out: [140 natural]}}, {dense: {out: [natural]}}]", NULL, NULL);
    fs_flow *f = make_flow(p, FS_FLOW_EQUIVARIANT, 0.0), *g = make_flow(p, FS_FLOW_AUGMENTED, 0.0), *h = make_flow(large, FS_FLOW_AUGMENTED, 0.0);
    const double w[2] = { 0.1, 0.0 }, beyond[2] = { (double)NAN, 0.0 };
    double *zero = calloc(fs_flow_dim(h), sizeof *zero);
    fs_spectrum *s;
    fs_err err = { 0 };
    assert_non_null(zero);
    assert_fails(fs_spectrum_compute(&s, p, f, w, &dense, &err), FS_EINPUT, err, "equivariant");
    assert_fails(fs_spectrum_compute(&s, other, g, w, &dense, &err), FS_EINPUT, err, "toy_quartic");
    assert_fails(fs_spectrum_compute(&s, large, h, zero, &dense, &err), FS_EINPUT, err, "GB");
    assert_fails(fs_spectrum_compute(&s, p, g, beyond, &dense, &err), FS_ENAN, err, "Hessian");
    assert_fails(fs_spectrum_compute(&s, p, g, beyond, &krylov, &err), FS_ENAN, err, "product");
    fs_flow *steep = make_flow(other, FS_FLOW_AUGMENTED, 0.0);
    const double far[2] = { 1e155, 0.0 };       /* w^2 overflows */
    assert_fails(fs_spectrum_compute(&s, other, steep, far, &dense, &err), FS_ENAN, err, "Hessian");
    assert_fails(fs_spectrum_compute(&s, other, steep, far, &krylov, &err), FS_ENAN, err, "");
    fs_flow_destroy(steep);
    assert_null(s);
    free(zero);
    fs_flow_destroy(f);
    fs_flow_destroy(g);
    fs_flow_destroy(h);
    fs_problem_destroy(p);
    fs_problem_destroy(other);
    fs_problem_destroy(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spectra_of_two_weights_are_the_closed_forms),
        cmocka_unit_test(the_irreducible_that_is_missing_breaks_first),
        cmocka_unit_test(tanh_units_have_the_known_transverse_eigenvalues),
        cmocka_unit_test(one_cyclic_layer_has_circulant_eigenvalues),
        cmocka_unit_test(eigenvalues_come_in_copies_of_irreducibles),
        cmocka_unit_test(without_invariance_nothing_is_block_diagonal),
        cmocka_unit_test(squares_inside_and_outside_of_the_blocks_make_up_the_norm),
        cmocka_unit_test(dense_and_lanczos_agree),
        cmocka_unit_test(errors_count_the_rounding_of_products),
        cmocka_unit_test(what_does_not_converge_is_said_and_bounds),
        cmocka_unit_test(a_watch_is_told_the_stage_and_stops),
        cmocka_unit_test(what_cannot_be_split_is_left_whole),
        cmocka_unit_test(nothing_across_E_is_an_empty_block),
        cmocka_unit_test(nothing_along_E_is_an_empty_block),
        cmocka_unit_test(the_error_decides_what_has_a_sign),
        cmocka_unit_test(errors_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
