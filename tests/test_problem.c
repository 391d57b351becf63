/* tests/test_problem.c -- assembled models: dimensions, hypotheses, the key lemma, Facts A and B, initial states, errors with their place
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "law.h"

#include "base/files.h"
#include "problem/hypotheses.h"
#include "problem/parts.h"

#include <unistd.h>

static const char *source_tree(void)
{
    const char *tree = getenv("FLOWSIM_SRCDIR");
    return tree ? tree : ".";
}

static fs_status load_sets(fs_problem **p, const char *name, size_t n, const char *const *sets, fs_err *err)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/models/%s.yaml", source_tree(), name);
    return fs_problem_load(p, path, n, sets, err);
}

/* A shipped model, possibly with one override; it must load. */
static fs_problem *load(const char *name, const char *set)
{
    fs_problem *p = NULL;
    fs_err err = { .text = "" };
    assert_ok(load_sets(&p, name, set ? 1 : 0, &set, &err), err);
    return p;
}

/* A scratch folder with a link to the shipped data, and a model file in it. */
typedef struct {
    char folder[256], file[300], array[300], data[300];
} place;

static void path_of(char *path, size_t size, const char *folder, const char *name)
{
    snprintf(path, size, "%s/%s", folder, name);
}

static int enter(void **state)
{
    place *s = calloc(1, sizeof *s);
    const char *tmp = getenv("TMPDIR");
    snprintf(s->folder, sizeof s->folder, "%s/problem-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(s->folder)) return -1;
    path_of(s->file, sizeof s->file, s->folder, "m.yaml");
    path_of(s->array, sizeof s->array, s->folder, "a.npy");
    path_of(s->data, sizeof s->data, s->folder, "data");
    char relative[1024], *whole;
    path_of(relative, sizeof relative, source_tree(), "models/data");
    whole = realpath(relative, NULL);
    int failed = !whole || symlink(whole, s->data);
    free(whole);
    *state = s;
    return failed;
}

static int leave(void **state)
{
    place *s = *state;
    unlink(s->file);
    unlink(s->array);
    unlink(s->data);
    rmdir(s->folder);
    free(s);
    return 0;
}

static void write_text(const char *file, const char *text)
{
    FILE *f = fopen(file, "wb");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static fs_problem *load_text(const place *s, const char *text)
{
    fs_problem *p = NULL;
    fs_err err = { .text = "" };
    write_text(s->file, text);
    assert_ok(fs_problem_load(&p, s->file, 0, NULL, &err), err);
    return p;
}

static double *numbers(size_t n)
{
    double *x = calloc(n ? n : 1, sizeof *x);
    assert_non_null(x);
    return x;
}

static double norm(size_t n, const double *x)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += x[i] * x[i];
    return sqrt(sum);
}

static double distance(size_t n, const double *x, const double *y)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += (x[i] - y[i]) * (x[i] - y[i]);
    return sqrt(sum);
}

static fs_risk_work *work_of(const fs_risk *risk)
{
    fs_risk_work *w = NULL;
    fs_err err;
    assert_ok(fs_risk_work_create(&w, risk, 1, (size_t)1 << 26, &err), err);
    return w;
}

static void gradient(const fs_risk *risk, const double *A, double *value, double *grad)
{
    fs_risk_work *w = work_of(risk);
    assert_int_equal(fs_risk_gradient(risk, A, value, grad, w), FS_OK);
    fs_risk_work_destroy(w);
}

static double value(const fs_risk *risk, const double *A)
{
    fs_risk_work *w = work_of(risk);
    double R;
    assert_int_equal(fs_risk_value(risk, A, &R, w), FS_OK);
    fs_risk_work_destroy(w);
    return R;
}

/* --- the shipped models ----------------------------------------------------------- */

static const char synthetic[] = "data={source: synthetic, count: 1, classes: 10}";

static const struct {
    const char *name, *set;     /* the paper's model with other data, which are not always installed */
    size_t n_par, dim_E, dim_N;
} shipped[] = {
    { "cnn_c4", NULL, 212, 68, 144 },
    { "mirror_c4", NULL, 70, 22, 48 },
    { "cyclic_linear", NULL, 16, 4, 12 },
    { "mlp_d4", NULL, 176, 22, 154 },
    { "cnn_c4_paper", synthetic, 10288, 2896, 7392 },
};
enum { SHIPPED = sizeof shipped / sizeof *shipped };

static void shipped_models_have_their_dimensions(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHIPPED; i++) {
        fs_problem *p = load(shipped[i].name, shipped[i].set);
        const fs_basis *b = fs_problem_basis(p);
        assert_string_equal(fs_problem_name(p), shipped[i].name);
        assert_int_equal(b->n_par, shipped[i].n_par);
        assert_int_equal(b->dim_E, shipped[i].dim_E);
        assert_int_equal(b->dim_N, shipped[i].dim_N);
        assert_true(fs_problem_title(p)[0] && fs_problem_source(p)[0] && fs_problem_data_note(p)[0]);
        fs_problem_destroy(p);
    }
}

static void hypotheses_hold_on_the_shipped_models(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHIPPED; i++) {
        fs_problem *p = load(shipped[i].name, shipped[i].set);
        const fs_hypotheses *h = fs_problem_hypotheses(p);
        const struct { const char *name; const fs_hypothesis *h; } all[] = {
            { "compatibility", &h->compatibility }, { "invariance_of_L", &h->invariance_of_L }, { "nonlinearity", &h->nonlinearity },
            { "loss", &h->loss }, { "representation", &h->representation }, { "measure", &h->measure },
            { "equivariant_space", &h->equivariant_space }, { "parametrisation", &h->parametrisation },
        };
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
            if (all[k].h->verdict != FS_HOLDS)
                print_error("%s, %s: %.3g against %.3g at %s\n", shipped[i].name, all[k].name, all[k].h->value, all[k].h->tolerance, all[k].h->detail);
            assert_int_equal(all[k].h->verdict, FS_HOLDS);
            assert_at_most(all[k].h->tolerance, 1e-8);
        }
        assert_near(h->dim_E_character, (double)shipped[i].dim_E, 1e-9 * (double)shipped[i].n_par);
        fs_problem_destroy(p);
    }
}

/* TL and N are sums of their irreducibles, and every statement applies. */
static void isotypic_parts_add_up_to_L_and_N(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHIPPED; i++) {
        fs_problem *p = load(shipped[i].name, shipped[i].set);
        size_t count, dim_L = 0, dim_N = 0;
        const char *note;
        const fs_isotypic_part *part = fs_problem_isotypic(p, &count, &note);
        const fs_theorem *theorem = fs_problem_theorems(p);
        assert_non_null(part);
        assert_string_equal(note, "");
        for (size_t k = 0; k < count; k++) {
            dim_L += part[k].in_L * part[k].irreducible->dim;
            dim_N += part[k].in_N * part[k].irreducible->dim;
            assert_int_equal(part[k].in_L - part[k].in_N, strcmp(part[k].irreducible->name, "trivial") ? 0 : shipped[i].dim_E);
        }
        assert_int_equal(dim_L, shipped[i].dim_E + shipped[i].dim_N);
        assert_int_equal(dim_N, shipped[i].dim_N);
        for (size_t k = 0; k < FS_THEOREM_COUNT; k++) {
            assert_true(theorem[k].name[0] && theorem[k].claim[0]);
            assert_int_equal(theorem[k].applies, strcmp(theorem[k].name, "Theorem 3") ? FS_HOLDS : FS_UNDECIDED);
        }
        fs_problem_destroy(p);
    }
    fs_problem *p = load("cnn_c4", "layers.0.conv.support=skew");
    size_t count;
    const char *note;
    assert_null(fs_problem_isotypic(p, &count, &note));
    assert_true(note[0]);
    fs_problem_destroy(p);
}

static void the_paper_model_reads_its_images_where_they_are_installed(void **state)
{
    (void)state;
    if (access("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz", R_OK)) {
        fs_problem *p = NULL;
        fs_err err;
        assert_true(load_sets(&p, "cnn_c4_paper", 0, NULL, &err) != FS_OK);
        assert_non_null(strstr(err.text, "dataset-fashion-mnist"));
        assert_null(p);
        return;
    }
    fs_problem *p = load("cnn_c4_paper", "data.count=2");
    assert_int_equal(fs_problem_data(p)->n, 20);
    assert_int_equal(fs_problem_data(p)->inputs, 784);
    fs_problem_destroy(p);
}

/* The text of a report, read back, is the same problem: same dimensions, same bits of both gradients and of the start. */
static void resolved_text_loads_to_the_same_problem(void **state)
{
    const place *s = *state;
    gsl_rng *rng = law_rng("resolved text");
    for (size_t i = 0; i < SHIPPED; i++) {
        fs_problem *p = load(shipped[i].name, shipped[i].set), *q = load_text(s, fs_problem_text(p));
        size_t n = fs_net_parameters(fs_problem_net(p)), dim = shipped[i].dim_E + shipped[i].dim_N;
        double *A = numbers(5 * n), *g = A + n, *h = g + n, *v = h + n, *w = v + n, R, S;
        fs_err err;
        assert_string_equal(fs_problem_text(p), fs_problem_text(q));
        assert_int_equal(n, fs_net_parameters(fs_problem_net(q)));
        assert_int_equal(fs_problem_basis(q)->dim_E, shipped[i].dim_E);
        fs_rng_gaussian(rng, n, A);
        for (int augmented = 0; augmented < 2; augmented++) {
            gradient(fs_problem_risk(p, augmented), A, &R, g);
            gradient(fs_problem_risk(q, augmented), A, &S, h);
            assert_memory_equal(&R, &S, sizeof R);
            assert_memory_equal(g, h, n * sizeof *g);
        }
        assert_ok(fs_problem_start_state(p, 7, -1.0, v, &err), err);
        assert_ok(fs_problem_start_state(q, 7, -1.0, w, &err), err);
        assert_memory_equal(v, w, dim * sizeof *v);
        assert_memory_equal(fs_problem_settings(p), fs_problem_settings(q), sizeof(fs_flow_settings));
        free(A);
        fs_problem_destroy(p);
        fs_problem_destroy(q);
    }
    gsl_rng_free(rng);
}

/* --- hypotheses that must fail ------------------------------------------------------ */

static void skew_support_violates_compatibility_by_its_known_angle(void **state)
{
    (void)state;
    fs_problem *p = load("cnn_c4", "layers.0.conv.support=skew");
    const fs_hypotheses *h = fs_problem_hypotheses(p);
    assert_near(h->compatibility.value, sqrt(3.0) / 4.0, 1e-12);
    assert_int_equal(h->compatibility.verdict, FS_VIOLATED);
    assert_int_equal(h->invariance_of_L.verdict, FS_VIOLATED);
    assert_int_equal(h->nonlinearity.verdict, FS_HOLDS);
    assert_true(isnan(h->dim_E_character));
    assert_int_equal(fs_problem_basis(p)->dim_E + fs_problem_basis(p)->dim_N, 212 - 4 * 4);
    fs_problem_destroy(p);
}

static void biased_measure_is_reported(void **state)
{
    (void)state;
    fs_problem *p = load("cnn_c4", "measure=[0.7, 0.1, 0.1, 0.1]");
    const fs_hypothesis *h = &fs_problem_hypotheses(p)->measure;
    assert_near(h->value, 0.45, 4 * DBL_EPSILON);
    assert_int_equal(h->verdict, FS_VIOLATED);
    assert_non_null(strstr(h->detail, "weighs 0.7, not 1/4"));
    fs_problem_destroy(p);
}

static const char swap_model[] =
    "title: swap\ngroup: C2\ninput: {vector: [regular]}\nlayers:\n  - dense: {out: [2 regular]}\n  - tanh: {}\n  - dense: {out: [regular]}\n"
    "data: {source: synthetic, count: 5, targets: 2}\n";

static void weighted_loss_of_swapped_outputs_is_not_invariant(void **state)
{
    char text[1024];
    snprintf(text, sizeof text, "%sloss: {squared: {weights: [1, 3]}}\n", swap_model);
    fs_problem *p = load_text(*state, text);
    assert_int_equal(fs_problem_hypotheses(p)->loss.verdict, FS_VIOLATED);
    assert_true(fs_problem_hypotheses(p)->loss.value > 0.01);
    fs_problem_destroy(p);
    snprintf(text, sizeof text, "%sloss: {squared: {weights: [3, 3]}}\n", swap_model);
    p = load_text(*state, text);
    assert_int_equal(fs_problem_hypotheses(p)->loss.verdict, FS_HOLDS);
    fs_problem_destroy(p);
}

/* A linear layer whose input or output is said not to turn is seen, however few of the weights it has. */
static void wrong_representation_of_a_stage_is_seen(void **state)
{
    (void)state;
    static const struct { const char *name; size_t stage; const char *detail; } fault[] = {
        { "cnn_c4_paper", 0, "layers.0 (conv)" },   { "mlp_d4", 0, "layers.0 (dense)" },        { "mlp_d4", 3, "layers.2 (dense)" },
        { "cyclic_linear", 0, "layers.0 (dense)" }, { "cyclic_linear", 1, "layers.0 (dense)" },
    };
    for (size_t i = 0; i < sizeof fault / sizeof *fault; i++) {
        fs_problem *p = load(fault[i].name, i == 0 ? synthetic : NULL);
        fs_rep *right = p->stage[fault[i].stage];
        fs_hypotheses h;
        fs_err err;
        assert_ok(fs_rep_create_trivial(&p->stage[fault[i].stage], p->group, fs_rep_dim(right), &err), err);
        assert_ok(fs_hypotheses_measure(&h, p, &err), err);
        assert_int_equal(h.nonlinearity.verdict, FS_VIOLATED);
        assert_true(h.nonlinearity.value > 1e-3);
        assert_non_null(strstr(h.nonlinearity.detail, fault[i].detail));
        fs_rep_destroy(p->stage[fault[i].stage]);
        p->stage[fault[i].stage] = right;
        fs_problem_destroy(p);
    }
}

/* Rows that mix the layers so that E meets the first one in rounding only: nothing is violated there. */
static void layers_in_which_E_has_nothing_are_equivariant(void **state)
{
    const place *s = *state;
    gsl_rng *rng = law_rng("E in one layer");
    enum { TAPS = 9, DENSE = 9, P = TAPS + DENSE, ROWS = 3 };
    static const int quarter[9] = { 6, 3, 0, 7, 4, 1, 8, 5, 2 };
    for (int trial = 0; trial < 8; trial++) {
        double direction[ROWS][P] = { { 0 } }, span[ROWS][P] = { { 0 } }, mix[ROWS * ROWS];
        const size_t shape[2] = { ROWS, P };
        fs_err err;
        for (size_t j = 0; j < DENSE; j++) direction[0][TAPS + j] = 1.0;       /* the only invariant one */
        for (size_t i = 1; i < ROWS; i++) {
            for (size_t part = 0; part < 2; part++) {
                double *v = direction[i] + part * TAPS, turned[4][9];
                fs_rng_gaussian(rng, TAPS, v);
                memcpy(turned[0], v, sizeof turned[0]);
                for (size_t g = 1; g < 4; g++)
                    for (size_t j = 0; j < 9; j++) turned[g][j] = turned[g - 1][quarter[j]];
                for (size_t j = 0; j < 9; j++) v[j] -= (turned[0][j] + turned[1][j] + turned[2][j] + turned[3][j]) / 4.0;
            }
        }
        fs_rng_gaussian(rng, ROWS * ROWS, mix);
        for (size_t i = 0; i < ROWS; i++)
            for (size_t k = 0; k < ROWS; k++)
                for (size_t j = 0; j < P; j++) span[i][j] += mix[ROWS * i + k] * direction[k][j];
        assert_ok(fs_npy_write(s->array, 2, shape, span[0], &err), err);
        fs_problem *p = load_text(s, "title: t\ngroup: C4\ninput: {image: 3}\nlayers: [conv: {out: 1, size: 3}, tanh: {}, dense: {out: 1}]\n"
                                     "data: {source: synthetic, count: 4, targets: 1}\nloss: squared\nspace: {basis: a.npy}\n");
        const fs_hypothesis *h = &fs_problem_hypotheses(p)->nonlinearity;
        assert_int_equal(fs_problem_basis(p)->dim_E, 1);
        assert_int_equal(fs_problem_basis(p)->dim_N, 2);
        if (h->verdict != FS_HOLDS) print_error("%.3g against %.3g at %s\n", h->value, h->tolerance, h->detail);
        assert_int_equal(h->verdict, FS_HOLDS);
        fs_problem_destroy(p);
    }
    gsl_rng_free(rng);
}

static void pointwise_nonlinearity_on_rotations_is_not_equivariant(void **state)
{
    (void)state;
    fs_problem *p = load("mlp_d4", "layers.0.dense.out=[rotation]");
    const fs_hypothesis *h = &fs_problem_hypotheses(p)->nonlinearity;
    assert_int_equal(h->verdict, FS_VIOLATED);
    assert_true(h->value > 1e-3);
    assert_non_null(strstr(h->detail, "layers.1 (softplus)"));
    fs_problem_destroy(p);
    /* an odd function and quarter turns: the rotation by a quarter is a signed permutation, so tanh is not a control here */
    p = load("mlp_d4", "layers=[dense: {out: [rotation]}, tanh: {}, dense: {out: [rotation]}]");
    assert_int_equal(fs_problem_hypotheses(p)->nonlinearity.verdict, FS_HOLDS);
    fs_problem_destroy(p);
    p = load_text(*state, "title: t\ngroup: C3\ninput: {vector: [2 trivial, regular]}\nlayers: [dense: {out: [rotation]}, tanh: {}, dense: {out: 2}]\n"
                          "data: {source: synthetic, count: 2, classes: 2}\nloss: cross-entropy\n");
    assert_int_equal(fs_problem_hypotheses(p)->nonlinearity.verdict, FS_VIOLATED);
    assert_non_null(strstr(fs_problem_hypotheses(p)->nonlinearity.detail, "layers.1 (tanh)"));
    fs_problem_destroy(p);
}

/* span{centre, sum of sides, sum of corners, north - south}: compatible with C4, not invariant under it. */
static void compatible_space_that_is_not_invariant(void **state)
{
    static const double row[4][9] = { { 0, 0, 0, 0, 1, 0, 0, 0, 0 }, { 0, 1, 0, 1, 0, 1, 0, 1, 0 }, { 1, 0, 1, 0, 0, 0, 1, 0, 1 }, { 0, 1, 0, 0, 0, 0, 0, -1, 0 } };
    const place *s = *state;
    enum { TAPS = 9, DENSE = 9, P = TAPS + DENSE };
    double span[4 + DENSE][P] = { { 0 } };
    const size_t shape[2] = { 4 + DENSE, P };
    fs_err err;
    for (size_t i = 0; i < 4; i++) memcpy(span[i], row[i], sizeof row[i]);
    for (size_t i = 0; i < DENSE; i++) span[4 + i][TAPS + i] = 1.0;
    assert_ok(fs_npy_write(s->array, 2, shape, span[0], &err), err);
    fs_problem *p = load_text(s, "title: t\ngroup: C4\ninput: {image: 3}\nlayers: [conv: {out: 1, size: 3}, tanh: {}, dense: {out: 1}]\n"
                                 "data: {source: synthetic, count: 4, targets: 1}\nloss: squared\nspace: {basis: a.npy}\n");
    const fs_hypotheses *h = fs_problem_hypotheses(p);
    assert_int_equal(fs_problem_basis(p)->dim_E, 3 + 3);
    assert_int_equal(fs_problem_basis(p)->dim_N, 1 + 6);
    assert_int_equal(h->compatibility.verdict, FS_HOLDS);
    assert_int_equal(h->invariance_of_L.verdict, FS_VIOLATED);
    assert_near(h->invariance_of_L.value, 1.0, 1e-12);      /* north - south turned is west - east, all of it off L */
    fs_problem_destroy(p);
}

static void cross_support_is_invariant_and_leaves_corners_out(void **state)
{
    (void)state;
    fs_problem *p = load("cnn_c4", "layers.0.conv.support=cross");
    const fs_basis *b = fs_problem_basis(p);
    double *w = numbers(b->dim_E + b->dim_N), *A = numbers(b->n_par);
    for (size_t i = 0; i < b->dim_E + b->dim_N; i++) w[i] = 1.0 + (double)i;
    fs_basis_expand(b, w, A);
    assert_int_equal(b->dim_E, 68 - 4);
    assert_int_equal(fs_problem_hypotheses(p)->invariance_of_L.verdict, FS_HOLDS);
    for (size_t filter = 0; filter < 4; filter++) assert_true(A[9 * filter] == 0.0 && A[9 * filter + 8] == 0.0 && A[9 * filter + 4] != 0.0);
    free(w);
    free(A);
    fs_problem_destroy(p);
}

/* The network's own taps are the orbit of the support: the gradient knows them and no others. */
static void risk_is_defined_on_the_orbit_of_the_support(void **state)
{
    (void)state;
    static const struct { const char *set; int used[9]; } support[] = {
        { "layers.0.conv.support=cross", { 0, 1, 0, 1, 1, 1, 0, 1, 0 } },
        { "layers.0.conv.support=skew", { 1, 1, 1, 1, 0, 1, 1, 1, 1 } },
        { "layers.0.conv.support=[[0, 1]]", { 0, 1, 0, 1, 0, 1, 0, 1, 0 } },
        { "layers.0.conv.support=full", { 1, 1, 1, 1, 1, 1, 1, 1, 1 } },
    };
    gsl_rng *rng = law_rng("orbit of the support");
    for (size_t i = 0; i < sizeof support / sizeof *support; i++) {
        fs_problem *p = load("cnn_c4", support[i].set);
        size_t n = fs_net_parameters(fs_problem_net(p));
        double *A = numbers(2 * n), *grad = A + n;
        fs_rng_gaussian(rng, n, A);
        gradient(fs_problem_risk(p, 0), A, NULL, grad);
        for (size_t j = 0; j < 36; j++) assert_true((grad[j] != 0.0) == support[i].used[j % 9]);
        free(A);
        fs_problem_destroy(p);
    }
    gsl_rng_free(rng);
}

/* --- models that can show nothing ----------------------------------------------------- */

static void the_shipped_models_have_no_warning(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHIPPED; i++) {
        fs_problem *p = load(shipped[i].name, shipped[i].set);
        assert_string_equal(fs_problem_warning(p), "");
        fs_problem_destroy(p);
    }
}

static void assert_warns(const char *name, const char *set, const char *word)
{
    fs_problem *p = load(name, set);
    if (!(*word ? strstr(fs_problem_warning(p), word) != NULL : !fs_problem_warning(p)[0]))
        print_error("%s, %s: \"%s\", expected \"%s\"\n", name, set, fs_problem_warning(p), word);
    assert_true(*word ? strstr(fs_problem_warning(p), word) != NULL : !fs_problem_warning(p)[0]);
    fs_problem_destroy(p);
}

/* On E a readout is constant on orbits; on a 2 x 2 grid that is a multiple of the mean, which the norm has made zero. */
static void a_risk_that_E_cannot_move_is_warned_of(void **state)
{
    (void)state;
    assert_warns("cnn_c4", "layers=[conv: {out: 4, size: 3}, pool: {average: 4}, tanh: {}, norm: {}, dense: {out: 2}]",
                 "vacuous: at random points of E the gradient of the risk along E is zero to rounding (");
    /* no equivariant weights from an invariant to a vector */
    assert_warns("mlp_d4", "layers=[dense: {out: [trivial]}, softplus: {}, dense: {out: [rotation]}]", "vacuous: at random points of E the gradient of the risk along E");
    /* the norm elsewhere, or a grid of several orbits */
    assert_warns("cnn_c4", "layers=[conv: {out: 4, size: 3}, norm: {}, pool: {average: 4}, tanh: {}, dense: {out: 2}]", "");
    assert_warns("cnn_c4", "layers=[conv: {out: 4, size: 3}, pool: {average: 2}, tanh: {}, norm: {}, dense: {out: 2}]", "");
    /* square and deep: the risk overflows at random points, of which nothing can be said */
    assert_warns("cnn_c4", "layers=[conv: {out: 4, size: 3}, square: {}, square: {}, square: {}, square: {}, square: {}, square: {}, square: {}, square: {}, "
                           "square: {}, square: {}, square: {}, dense: {out: 2}]", "");
}

static void spaces_and_data_without_a_question_are_warned_of(void **state)
{
    const place *s = *state;
    assert_warns("cnn_c4", "group=C1", "vacuous: dim N = 0, E is all of L");
    fs_problem *p = load_text(s, "title: t\ngroup: C2\ninput: {vector: [2 trivial]}\nlayers: [dense: {out: [sign]}]\n"
                                 "data: {source: synthetic, count: 4, targets: 1}\nloss: squared\n");
    assert_string_equal(fs_problem_warning(p), "vacuous: dim E = 0, only A = 0 is equivariant");
    fs_problem_destroy(p);

    static const char model[] = "title: t\ngroup: C2\ninput: {vector: [regular]}\nlayers: [dense: {out: 1}]\nloss: squared\n"
                                "data: {source: csv, file: a.npy, targets: 1}\n";
    static const struct { const char *table, *word; } data[] = {
        { "a,b,y\n0,0,0\n", "exactly 0" },
        { "a,b,y\n1,2,3\n5,5,1\n2,1,3\n", "vacuous: the augmentation maps the data onto themselves, so the augmented risk is the nominal one" },
        { "a,b,y\n1,2,3\n5,5,1\n2,1,4\n", "" },
        { "a,b,y\n1,2,3\n2,1,3\n2,1,3\n", "" },
    };
    for (size_t i = 0; i < sizeof data / sizeof *data; i++) {
        write_text(s->array, data[i].table);
        p = load_text(s, model);
        if (data[i].word[0]) assert_non_null(strstr(fs_problem_warning(p), data[i].word));
        else assert_string_equal(fs_problem_warning(p), "");
        fs_problem_destroy(p);
    }
}

/* --- the key lemma and the facts ------------------------------------------------------ */

/* With all the measure on one g:  R^g(A) = R(rho(g)^-1 A).  Every element on its own: a wrong direction cannot hide in an average. */
static void augmenting_by_one_element_turns_the_weights_back(void **state)
{
    (void)state;
    static const struct { const char *name; size_t order; } model[] = { { "cnn_c4", 4 }, { "mlp_d4", 8 } };
    gsl_rng *rng = law_rng("one element");
    for (size_t i = 0; i < 2; i++)
        for (size_t g = 0; g < model[i].order; g++) {
            char set[64] = "measure=[";
            for (size_t h = 0; h < model[i].order; h++) strcat(strcat(set, h ? "," : ""), h == g ? "1" : "0");
            strcat(set, "]");
            fs_problem *p = load(model[i].name, set);
            size_t n = fs_net_parameters(fs_problem_net(p));
            double *A = numbers(2 * n), *turned = A + n;
            fs_rng_gaussian(rng, n, A);
            assert_int_equal(fs_rep_apply(fs_problem_rho_H(p), fs_group_inverse(fs_problem_group(p), g), A, turned), FS_OK);
            double expected = value(fs_problem_risk(p, 0), turned), plain = value(fs_problem_risk(p, 0), A);
            assert_near(value(fs_problem_risk(p, 1), A), expected, 1e-12 * (1.0 + fabs(expected)));
            if (g) assert_true(fabs(plain - expected) > 1e-6);
            free(A);
            fs_problem_destroy(p);
        }
    gsl_rng_free(rng);
}

static void augmented_risk_is_the_mean_over_turned_weights(void **state)
{
    (void)state;
    static const char *const name[] = { "cnn_c4", "mlp_d4", "mirror_c4" };
    gsl_rng *rng = law_rng("key lemma");
    for (size_t i = 0; i < 3; i++) {
        fs_problem *p = load(name[i], NULL);
        size_t n = fs_net_parameters(fs_problem_net(p)), order = fs_group_order(fs_problem_group(p));
        double *A = numbers(2 * n), *turned = A + n, mean = 0.0;
        fs_rng_gaussian(rng, n, A);
        for (size_t g = 0; g < order; g++) {
            assert_int_equal(fs_rep_apply(fs_problem_rho_H(p), g, A, turned), FS_OK);
            mean += value(fs_problem_risk(p, 0), turned) / (double)order;
        }
        assert_near(value(fs_problem_risk(p, 1), A), mean, 1e-12 * (1.0 + fabs(mean)));
        free(A);
        fs_problem_destroy(p);
    }
    gsl_rng_free(rng);
}

/* The lemma needs R on the whole orbit of L: with the skew support rho(g) A leaves L and the risk must still know its taps. */
static void key_lemma_holds_off_a_skew_support(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("skew key lemma");
    fs_problem *p = load("cnn_c4", "layers.0.conv.support=skew");
    const fs_basis *b = fs_problem_basis(p);
    double *w = numbers(b->dim_E + b->dim_N), *A = numbers(2 * b->n_par), *turned = A + b->n_par, mean = 0.0;
    fs_rng_gaussian(rng, b->dim_E + b->dim_N, w);
    fs_basis_expand(b, w, A);
    for (size_t g = 0; g < 4; g++) {
        assert_int_equal(fs_rep_apply(fs_problem_rho_H(p), g, A, turned), FS_OK);
        mean += value(fs_problem_risk(p, 0), turned) / 4.0;
    }
    assert_near(value(fs_problem_risk(p, 1), A), mean, 1e-12 * (1.0 + fabs(mean)));
    free(w);
    free(A);
    fs_problem_destroy(p);
    gsl_rng_free(rng);
}

/* Fact A: on E  Pi_L grad R^aug = Pi_E grad R.   Control: Pi_N grad R is not small. */
static void on_E_the_augmented_gradient_is_the_projected_nominal_one(void **state)
{
    (void)state;
    static const char *const name[] = { "cnn_c4", "mlp_d4" };
    gsl_rng *rng = law_rng("fact A");
    for (size_t i = 0; i < 2; i++) {
        fs_problem *p = load(name[i], NULL);
        const fs_basis *b = fs_problem_basis(p);
        size_t dim = b->dim_E + b->dim_N;
        double *x = numbers(b->dim_E), *A = numbers(2 * b->n_par), *grad = A + b->n_par, *plain = numbers(2 * dim), *augmented = plain + dim;
        for (int trial = 0; trial < 5; trial++) {
            fs_rng_gaussian(rng, b->dim_E, x);
            fs_basis_expand_E(b, x, A);
            gradient(fs_problem_risk(p, 0), A, NULL, grad);
            fs_basis_project(b, grad, plain);
            gradient(fs_problem_risk(p, 1), A, NULL, grad);
            fs_basis_project(b, grad, augmented);
            double size = norm(dim, plain), tolerance = 64.0 * (double)b->n_par * DBL_EPSILON * size;
            assert_at_most(norm(b->dim_N, augmented + b->dim_E), tolerance);
            assert_at_most(distance(b->dim_E, augmented, plain), tolerance);
            assert_true(norm(b->dim_N, plain + b->dim_E) > 1e-2 * size);
        }
        free(x);
        free(A);
        free(plain);
        fs_problem_destroy(p);
    }
    gsl_rng_free(rng);
}

/* Fact B: on E  <X, Hess R^aug Y> = 0 for X in TE, Y in N.   Control: not so for the nominal Hessian. */
static void on_E_the_augmented_hessian_does_not_mix_E_and_N(void **state)
{
    (void)state;
    static const char *const name[] = { "cnn_c4", "mlp_d4" };
    gsl_rng *rng = law_rng("fact B");
    for (size_t i = 0; i < 2; i++) {
        fs_problem *p = load(name[i], NULL);
        const fs_basis *b = fs_problem_basis(p);
        size_t dim = b->dim_E + b->dim_N;
        double *w = numbers(dim), *A = numbers(3 * b->n_par), *Y = A + b->n_par, *HY = Y + b->n_par, mixed[2], size[2];
        fs_rng_gaussian(rng, b->dim_E, w);
        fs_basis_expand_E(b, w, A);
        memset(w, 0, dim * sizeof *w);
        fs_rng_gaussian(rng, b->dim_N, w + b->dim_E);
        fs_basis_expand(b, w, Y);
        for (int augmented = 0; augmented < 2; augmented++) {
            fs_risk_work *work = work_of(fs_problem_risk(p, augmented));
            assert_int_equal(fs_risk_hvp(fs_problem_risk(p, augmented), A, Y, HY, work), FS_OK);
            fs_risk_work_destroy(work);
            fs_basis_project(b, HY, w);
            mixed[augmented] = norm(b->dim_E, w);
            size[augmented] = norm(dim, w);
        }
        assert_at_most(mixed[1], 64.0 * (double)b->n_par * DBL_EPSILON * size[1]);
        assert_true(mixed[0] > 1e-2 * size[0]);
        free(w);
        free(A);
        fs_problem_destroy(p);
    }
    gsl_rng_free(rng);
}

static void one_linear_layer_has_the_gradient_of_the_textbook(void **state)
{
    (void)state;
    static const double x[4] = { 1.0, 1.0, 0.0, 0.0 }, y[4] = { 1.0, 2.0, 0.0, -1.0 };
    gsl_rng *rng = law_rng("linear gradient");
    fs_problem *p = load("cyclic_linear", NULL);
    double W[16], grad[16];
    fs_rng_gaussian(rng, 16, W);
    gradient(fs_problem_risk(p, 0), W, NULL, grad);
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++) assert_near(grad[4 * i + j], (W[4 * i] + W[4 * i + 1] - y[i]) * x[j], 64 * DBL_EPSILON);
    fs_problem_destroy(p);
    gsl_rng_free(rng);
}

static void mirror_images_cannot_be_told_apart_on_E(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("mirror");
    fs_problem *p = load("mirror_c4", NULL);
    const fs_basis *b = fs_problem_basis(p);
    double *x = numbers(b->dim_E), *A = numbers(b->n_par), z[4];
    fs_err err;
    for (int trial = 0; trial < 5; trial++) {
        fs_rng_gaussian(rng, b->dim_E, x);
        fs_basis_expand_E(b, x, A);
        assert_ok(fs_net_apply(fs_problem_net(p), A, 2, fs_problem_data(p)->x, z, &err), err);
        assert_near(z[0], z[2], 1e-12);
        assert_near(z[1], z[3], 1e-12);
        assert_true(value(fs_problem_risk(p, 0), A) >= log(2.0) - 1e-14);
    }
    fs_rng_gaussian(rng, b->n_par, A);
    assert_ok(fs_net_apply(fs_problem_net(p), A, 2, fs_problem_data(p)->x, z, &err), err);
    assert_true(fabs(z[0] - z[2]) > 1e-6);
    free(x);
    free(A);
    fs_problem_destroy(p);
    gsl_rng_free(rng);
}

/* --- states ------------------------------------------------------------------------- */

static void initial_states_have_the_length_that_was_asked_for(void **state)
{
    (void)state;
    fs_problem *p = load("cnn_c4", NULL);
    const fs_basis *b = fs_problem_basis(p);
    size_t dim = b->dim_E + b->dim_N;
    double *v = numbers(3 * dim), *w = v + dim, *u = w + dim;
    fs_err err;
    assert_ok(fs_problem_start_state(p, 3, -1.0, v, &err), err);
    assert_near(norm(b->dim_N, v + b->dim_E), 0.1, 64 * DBL_EPSILON);
    assert_ok(fs_problem_start_state(p, 3, 2.5, w, &err), err);
    assert_near(norm(b->dim_N, w + b->dim_E), 2.5, 64 * DBL_EPSILON * 2.5);
    assert_memory_equal(v, w, b->dim_E * sizeof *v);
    for (size_t i = b->dim_E; i < dim; i++) assert_near(w[i], 25.0 * v[i], 64 * DBL_EPSILON);
    assert_ok(fs_problem_start_state(p, 3, 0.0, u, &err), err);
    assert_true(norm(b->dim_N, u + b->dim_E) == 0.0);
    assert_ok(fs_problem_start_state(p, 4, -1.0, u, &err), err);
    assert_true(distance(b->dim_E, u, v) > 0.1 && distance(b->dim_N, u + b->dim_E, v + b->dim_E) > 1e-3);
    gsl_rng *rng = fs_rng_stream(3, FS_STREAM_PERTURBATION);    /* a stream of its own: not the numbers of the weights again */
    fs_rng_gaussian(rng, b->dim_N, u);
    double length = norm(b->dim_N, u);
    for (size_t i = 0; i < b->dim_N; i++) assert_near(v[b->dim_E + i], 0.1 * u[i] / length, 64 * DBL_EPSILON);
    gsl_rng_free(rng);
    assert_fails(fs_problem_start_state(p, 3, (double)INFINITY, u, &err), FS_EINPUT, err, "finite");
    assert_fails(fs_problem_start_state(p, 3, (double)NAN, u, &err), FS_EINPUT, err, "finite");
    free(v);
    fs_problem_destroy(p);
}

/* Both distributions have variance (scale^2 / fan-in) on every unit direction of E; x of the paper's net has 2896 of them. */
static void initial_weights_have_the_variance_of_their_fan_in(void **state)
{
    (void)state;
    static const char *const kind[] = { "start.distribution=gaussian", "start.distribution=kaiming" };
    for (size_t k = 0; k < 2; k++) {
        const char *sets[] = { synthetic, kind[k], "start.scale=3" };
        fs_problem *p = NULL;
        fs_err err = { .text = "" };
        assert_ok(load_sets(&p, "cnn_c4_paper", 3, sets, &err), err);
        const fs_basis *b = fs_problem_basis(p);
        double *w = numbers(b->dim_E + b->dim_N), *A = numbers(b->n_par);
        assert_ok(fs_problem_start_state(p, 1, 0.0, w, &err), err);
        fs_basis_expand(b, w, A);
        /* |A_block|^2 is dim_E of the block times 9 / fan-in, with relative deviation sqrt(2 / dim_E) at most; five of them allowed */
        const struct { size_t offset, count; double dim_E, fan_in; } part[] = { { 0, 144, 48, 9 }, { 144, 2304, 768, 144 }, { 2448, 7840, 2080, 784 } };
        for (size_t i = 0; i < 3; i++) {
            double square = norm(part[i].count, A + part[i].offset), expected = part[i].dim_E * 9.0 / part[i].fan_in;
            assert_near(square * square, expected, 5.0 * expected * sqrt(2.0 / part[i].dim_E));
        }
        free(w);
        free(A);
        fs_problem_destroy(p);
    }
}

static void weights_and_states_are_two_ways_to_write_a_point_of_L(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("states of weights");
    fs_problem *p = load("cnn_c4", "layers.3.conv.support=cross");
    const fs_basis *b = fs_problem_basis(p);
    size_t dim = b->dim_E + b->dim_N;
    double *w = numbers(2 * dim), *back = w + dim, *A = numbers(b->n_par);
    fs_err err;
    fs_rng_gaussian(rng, dim, w);
    fs_basis_expand(b, w, A);
    assert_ok(fs_problem_state_of_weights(p, A, back, &err), err);
    assert_at_most(distance(dim, w, back), 64 * DBL_EPSILON * norm(dim, w));

    size_t corner = 36 + 9 * (4 * 2 + 1);       /* layers.3, filter [2][1], its first tap: outside the cross */
    A[corner] = 1e-3;
    assert_fails(fs_problem_state_of_weights(p, A, back, &err), FS_EINPUT, err, "size 0.001 off it");
    assert_non_null(strstr(err.text, "at index 117: layers.3 (conv), [2][1][0][0]"));
    A[corner] = 0.0;
    A[36 + 144 + 17] = (double)NAN;
    assert_fails(fs_problem_state_of_weights(p, A, back, &err), FS_EINPUT, err, "found nan at index 197: layers.6 (dense), [1][1]");
    for (size_t j = 0; j < b->n_par; j++) A[j] = j == 197 ? -1.5e308 : 1e308;
    assert_fails(fs_problem_state_of_weights(p, A, back, &err), FS_EINPUT, err,
                 "expected weights whose norm is finite, found overflow (largest entry -1.5e+308 at index 197: layers.6 (dense), [1][1])");
    fs_basis_expand(b, w, A);
    double scale = 1e300 / norm(dim, w);
    for (size_t j = 0; j < b->n_par; j++) A[j] *= scale;
    assert_ok(fs_problem_state_of_weights(p, A, back, &err), err);
    for (size_t i = 0; i < dim; i++) assert_near(back[i] / 1e300, w[i] * scale / 1e300, 64 * DBL_EPSILON);
    free(w);
    free(A);
    fs_problem_destroy(p);
    gsl_rng_free(rng);
}

static void synthetic_data_follow_their_own_seed(void **state)
{
    (void)state;
    fs_problem *p = load("mlp_d4", NULL), *q = load("mlp_d4", "data.seed=2"), *r = load("mlp_d4", "start.scale=2");
    const fs_dataset *d = fs_problem_data(p);
    assert_int_equal(d->n, 12);
    assert_int_equal(d->outputs, 2);
    assert_true(distance(d->n * d->inputs, d->x, fs_problem_data(q)->x) > 1.0);
    assert_memory_equal(d->x, fs_problem_data(r)->x, d->n * d->inputs * sizeof *d->x);
    assert_memory_equal(d->y, fs_problem_data(r)->y, d->n * d->outputs * sizeof *d->y);
    fs_problem_destroy(p);
    fs_problem_destroy(q);
    fs_problem_destroy(r);
    p = load("cnn_c4", "data={source: synthetic, count: 3, classes: 2}");
    d = fs_problem_data(p);
    assert_int_equal(d->n, 6);
    for (size_t i = 0; i < 6; i++) assert_true(d->y[2 * i + i % 2] == 1.0 && d->y[2 * i + 1 - i % 2] == 0.0);
    fs_problem_destroy(p);
}

static void regular_channels_come_in_blocks_of_the_group(void **state)
{
    fs_problem *p = load_text(*state, "title: t\ngroup: D4\ninput: {image: 4}\nlayers:\n  - conv: {out: 2, size: 3, channels: regular, padding: circular}\n  - softplus: {}\n"
                                      "  - conv: {out: 1, size: 3, channels: regular}\n  - norm: {}\n  - pool: {average: 2}\n  - dense: {out: [rotation, sign]}\n"
                                      "output: [rotation, sign]\ndata: {source: synthetic, count: 4, targets: 3}\nloss: squared\n");
    const fs_hypotheses *h = fs_problem_hypotheses(p);
    assert_int_equal(fs_net_shape(fs_problem_net(p), 1).channels, 16);
    assert_int_equal(fs_net_shape(fs_problem_net(p), 3).channels, 8);
    assert_int_equal(h->nonlinearity.verdict, FS_HOLDS);
    assert_int_equal(h->compatibility.verdict, FS_HOLDS);
    assert_int_equal(h->loss.verdict, FS_HOLDS);
    /* C_c[G] to C_d[G] filters are free: |G| 2 9 / |G| and |G|^2 2 9 / |G| of them are invariant */
    assert_near(h->dim_E_character, (double)fs_problem_basis(p)->dim_E, 1e-9);
    assert_int_equal(fs_problem_basis(p)->dim_E, 2 * 9 + 2 * 8 * 9 + 3 * 4);
    fs_problem_destroy(p);
}

/* Labels 0, 1, 3 are three outputs of four, not of three. */
static void labels_are_indices_of_outputs(void **state)
{
    const place *s = *state;
    static const char model[] = "title: t\ngroup: C2\ninput: {vector: [regular]}\nlayers: [dense: {out: %d}]\nloss: cross-entropy\n"
                                "data: {source: csv, file: a.npy%s}\n";
    char text[512];
    fs_err err;
    fs_problem *p = NULL;
    write_text(s->array, "a,b,label\n1,2,3\n3,4,0\n5,6,1\n7,8,3\n");
    snprintf(text, sizeof text, model, 4, "");
    p = load_text(s, text);
    const fs_dataset *d = fs_problem_data(p);
    static const size_t expected[] = { 0, 1, 3, 3 };
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 4; k++) assert_true(d->y[4 * i + k] == (k == expected[i] ? 1.0 : 0.0));
    fs_problem_destroy(p);
    snprintf(text, sizeof text, model, 3, "");
    write_text(s->file, text);
    assert_fails(fs_problem_load(&p, s->file, 0, NULL, &err), FS_EINPUT, err,
                 "m.yaml:6:7: expected labels from 0 to 2, as the network has 3 outputs, found 3 in sample 0 (counted from 0)");
    snprintf(text, sizeof text, model, 3, ", classes: [3, 0, 1]");
    p = load_text(s, text);
    assert_true(fs_problem_data(p)->y[0] == 1.0 && fs_problem_data(p)->y[3] == 1.0);
    fs_problem_destroy(p);
}

/* --- errors ------------------------------------------------------------------------- */

static void what_does_not_fit_together_is_refused_with_its_place(void **state)
{
    static const struct { const char *set, *message; } wrong[] = {
        { "group=S3", "models/cnn_c4.yaml:6:17: expected C1, C2, C4, D1, D2, D4" },
        { "group=Q8", "--set group=Q8: unknown group \"Q8\"; known: C<n>, D<n>, " },
        { "group=C0", "--set group=C0: expected C<n> with n from 1 to 16384, found C0" },
        { "group=C16385", "--set group=C16385: expected C<n> with n from 1 to 16384, found C16385" },
        { "group=C4x", "--set group=C4x: unknown group \"\" in \"C4x\"" },
        { "group=C3", "models/cnn_c4.yaml:6:17: " },
        { "measure=[0.5, 0.5]", "--set measure=[0.5, 0.5]: expected 4 weights, one an element of C4, found 2" },
        { "measure=[0.5, 0.5, 0.5, 0]", "--set measure=[0.5, 0.5, 0.5, 0]: expected weights that sum to 1 within 1e-09, found a sum of 1.5" },
        { "input.image=7", "models/cnn_c4.yaml:9:22: expected a divisor of the image's edge 7, found 2" },
        { "layers.1.pool.average=3", "--set layers.1.pool.average=3: expected a divisor of the image's edge 8, found 3" },
        { "layers.0.conv.size=4", "--set layers.0.conv.size=4: expected an odd size, found 4" },
        { "layers.0.conv={out: 4, size: 5, support: skew}", "--set layers.0.conv={out: 4, size: 5, support: skew}: expected size 3 for the support skew, found 5" },
        { "layers.0.conv.support=[[0, 3]]", "--set layers.0.conv.support=[[0, 3]]: expected a tap inside a filter of size 3 (0 to 2), found [0, 3]" },
        { "layers.0.conv.support=[[0, 1], [0, 1]]", "--set layers.0.conv.support=[[0, 1], [0, 1]]: expected every tap once, found [0, 1] twice" },
        { "layers=[tanh: {}]", "--set layers=[tanh: {}]: expected a layer with weights, found none" },
        { "layers=[dense: {out: 2}, conv: {out: 2, size: 3}]", "--set layers=[dense: {out: 2}, conv: {out: 2, size: 3}]: expected an image or a set of points before conv, found a vector of 2" },
        { "layers=[dense: {out: 4}, pool: {average: 2}, dense: {out: 2}]",
          "--set layers=[dense: {out: 4}, pool: {average: 2}, dense: {out: 2}]: expected an image before pool, found a vector of 4" },
        { "layers.6.dense.out=[0 trivial]", "--set layers.6.dense.out=[0 trivial]: expected a count from 1 to 4194304" },
        { "layers.6.dense.out=[spin]", "--set layers.6.dense.out=[spin]: " },
        { "layers.6.dense.out=[rotation]", "models/cnn_c4.yaml:16:9: expected the representation of the last layer's outputs (rotation), or output left out, found another (2 trivial)" },
        { "output=[3 trivial]", "--set output=[3 trivial]: expected representations of total dimension 2, as the last dense layer has, found 3" },
        { "layers.6.dense.out=1", "models/cnn_c4.yaml:5:37: expected at most 1 classes, as many as the network has outputs, found 2" },
        { "data={source: embedded, size: 8}",
          "--set data={source: embedded, size: 8}: expected labels from 0 to 1, as the network has 2 outputs, found 2 in sample " },
        { "data.classes=[1, 1]", "--set data.classes=[1, 1]: expected every class once, found 1 twice" },
        { "data.classes=[1, 11]", "models/cnn_c4.yaml:5:9: " },
        { "data.size=16", "models/cnn_c4.yaml:5:9: expected images of 1 x 8 x 8 (channels x rows x columns) as input says, found images of 1 x 16 x 16 in the data" },
        { "data={source: synthetic, count: 3}", "--set data={source: synthetic, count: 3}: expected either classes or targets in synthetic data, found neither" },
        { "data={source: synthetic, count: 3, classes: 3}",
          "--set data={source: synthetic, count: 3, classes: 3}: expected at most 2, as many as the network has outputs, found 3" },
        { "data={source: synthetic, count: 3, targets: 2}",
          "--set data={source: synthetic, count: 3, targets: 2}: expected labels or probabilities as targets of the cross-entropy" },
        { "data={source: synthetic, count: 1000000000, classes: 2}", "--set data={source: synthetic, count: 1000000000, classes: 2}: expected at most" },
        { "data={source: npy, images: missing.npy, labels: y.npy}", "--set data={source: npy, images: missing.npy, labels: y.npy}: " },
        { "loss={squared: {weights: [1]}}", "--set loss={squared: {weights: [1]}}: expected 2 weights, one an output, found 1" },
        { "layers=[conv: {out: 65536, size: 3}, conv: {out: 65536, size: 3}, dense: {out: 2}]",
          "--set layers=[conv: {out: 65536, size: 3}, conv: {out: 65536, size: 3}, dense: {out: 2}]: expected at most 16777216 weights, found 65536 x 65536 x 9 in one layer" },
        { "input={image: 4096}", "--set input={image: 4096}: expected at most 4194304 entries in a stage, found 1 x 4096 x 4096" },
        { "space={basis: missing.npy}", "--set space={basis: missing.npy}: " },
        { "space={basis: missing.npy, parametrisation: non-orthonormal}", "--set space={basis: missing.npy, parametrisation: non-orthonormal}: " },
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        fs_problem *p = NULL;
        fs_err err = { .text = "" };
        fs_status status = load_sets(&p, "cnn_c4", 1, &wrong[i].set, &err);
        size_t tree = strlen(source_tree()) + 1;
        const char *said = !strncmp(err.text, "--set", 5) ? err.text : strlen(err.text) > tree ? err.text + tree : "";
        int as_expected = status != FS_OK && !strncmp(said, wrong[i].message, strlen(wrong[i].message));
        if (!as_expected) print_error("%s: status \"%s\", message\n  %s\nexpected\n  %s\n", wrong[i].set, fs_status_text(status), err.text, wrong[i].message);
        assert_true(as_expected);
        assert_null(p);
        assert_true(load_sets(&p, "cnn_c4", 1, &wrong[i].set, NULL) == status);
    }
}

static void a_measure_that_was_overridden_is_blamed_itself(void **state)
{
    (void)state;
    static const struct { const char *set, *message; } wrong[] = {
        { "measure=haar", "--set measure=haar: expected a rule for averaging over SO3, such as measure: {degree: 8} or {subgroup: octahedral}, found haar" },
        { "measure=[1]", "--set measure=[1]: expected a rule for averaging over SO3" },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        fs_problem *p = NULL;
        fs_err err = { .text = "" };
        assert_int_equal(load_sets(&p, "so3_points", 1, &wrong[i].set, &err), FS_EINPUT);
        if (strncmp(err.text, wrong[i].message, strlen(wrong[i].message))) fail_msg("%s", err.text);
        assert_null(p);
    }
}

static void spanning_rows_must_be_weights_of_this_network(void **state)
{
    const place *s = *state;
    fs_problem *p = NULL;
    fs_err err;
    double rows[2 * 176] = { 0 };
    char set[400], path[1024];
    const char *sets[] = { set };
    snprintf(set, sizeof set, "space={basis: %s}", s->array);
    path_of(path, sizeof path, source_tree(), "models/mlp_d4.yaml");
    assert_ok(fs_npy_write(s->array, 2, (const size_t[]){ 2, 175 }, rows, &err), err);
    assert_fails(fs_problem_load(&p, path, 1, sets, &err), FS_EINPUT, err, "expected an array (rows, 176) of weight vectors, found 2 axes, the last of length 175");
    assert_ok(fs_npy_write(s->array, 1, (const size_t[]){ 176 }, rows, &err), err);
    assert_fails(fs_problem_load(&p, path, 1, sets, &err), FS_EINPUT, err, "expected an array (rows, 176) of weight vectors, found 1 axes");
    assert_null(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_models_have_their_dimensions),
        cmocka_unit_test(hypotheses_hold_on_the_shipped_models),
        cmocka_unit_test(isotypic_parts_add_up_to_L_and_N),
        cmocka_unit_test(the_paper_model_reads_its_images_where_they_are_installed),
        cmocka_unit_test_setup_teardown(resolved_text_loads_to_the_same_problem, enter, leave),
        cmocka_unit_test(skew_support_violates_compatibility_by_its_known_angle),
        cmocka_unit_test(biased_measure_is_reported),
        cmocka_unit_test_setup_teardown(weighted_loss_of_swapped_outputs_is_not_invariant, enter, leave),
        cmocka_unit_test_setup_teardown(pointwise_nonlinearity_on_rotations_is_not_equivariant, enter, leave),
        cmocka_unit_test(wrong_representation_of_a_stage_is_seen),
        cmocka_unit_test_setup_teardown(layers_in_which_E_has_nothing_are_equivariant, enter, leave),
        cmocka_unit_test_setup_teardown(compatible_space_that_is_not_invariant, enter, leave),
        cmocka_unit_test(cross_support_is_invariant_and_leaves_corners_out),
        cmocka_unit_test(risk_is_defined_on_the_orbit_of_the_support),
        cmocka_unit_test(the_shipped_models_have_no_warning),
        cmocka_unit_test(a_risk_that_E_cannot_move_is_warned_of),
        cmocka_unit_test_setup_teardown(spaces_and_data_without_a_question_are_warned_of, enter, leave),
        cmocka_unit_test(augmenting_by_one_element_turns_the_weights_back),
        cmocka_unit_test(augmented_risk_is_the_mean_over_turned_weights),
        cmocka_unit_test(key_lemma_holds_off_a_skew_support),
        cmocka_unit_test(on_E_the_augmented_gradient_is_the_projected_nominal_one),
        cmocka_unit_test(on_E_the_augmented_hessian_does_not_mix_E_and_N),
        cmocka_unit_test(one_linear_layer_has_the_gradient_of_the_textbook),
        cmocka_unit_test(mirror_images_cannot_be_told_apart_on_E),
        cmocka_unit_test(initial_states_have_the_length_that_was_asked_for),
        cmocka_unit_test(initial_weights_have_the_variance_of_their_fan_in),
        cmocka_unit_test(weights_and_states_are_two_ways_to_write_a_point_of_L),
        cmocka_unit_test(synthetic_data_follow_their_own_seed),
        cmocka_unit_test_setup_teardown(labels_are_indices_of_outputs, enter, leave),
        cmocka_unit_test_setup_teardown(regular_channels_come_in_blocks_of_the_group, enter, leave),
        cmocka_unit_test(what_does_not_fit_together_is_refused_with_its_place),
        cmocka_unit_test(a_measure_that_was_overridden_is_blamed_itself),
        cmocka_unit_test_setup_teardown(spanning_rows_must_be_weights_of_this_network, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
