/* theory_checks/battery.c -- problems whose answer is known, put to the checks as users get them
 *
 *   truth                right               false pass     false failure
 *   the claim holds      holds, attracted    -              violated, escaped
 *   the claim fails      violated, escaped   holds          -
 *   nothing to see       all but a pass      holds          -
 *
 * Anything else is undecided.  Starts for which neither answer is right (|Y| falls algebraically, or not at all) allow only away and undecided.
 * Exit status 1 when there is a false pass or a false failure, or 5 per cent of the problems are left undecided.
 *
 *   battery [--fast] [--seed N]        models in $FLOWSIM_SRCDIR/models
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "atlas.h"
#include "check.h"

#include <gsl/gsl_errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HALF_ROOT 0.70710678118654752
#define UV(u, v) HALF_ROOT * ((u) + (v)), HALF_ROOT * ((u) - (v))

enum { MOST = 16, PATH_SIZE = 1200, TEXT_SIZE = 4096, FAST = 5 };
static const size_t keep = (size_t)1 << 24;
static const double side = 1e-3;        /* relative distance from a threshold */

typedef enum { IT_HOLDS, IT_FAILS, NOTHING_TO_SEE, NEITHER } truth;
typedef enum { RIGHT, FALSE_PASS, FALSE_FAILURE, OPEN } result;

typedef struct {
    const char *name;
    size_t problems, right, false_pass, false_failure, undecided;
    double wall_s;
} tally;

typedef struct {
    const char *folder;         /* of the models */
    const char *temporary;
    uint64_t seed;
    int fast;
    size_t met;                 /* problems met, those left out by --fast too */
    int broken;                 /* something could not be asked at all */
    tally *now;
} battery;

static const char *truth_text(truth t)
{
    static const char *const text[] = { "holds", "fails", "nothing to see", "neither" };
    return text[t];
}

static result result_of_verdict(truth t, const fs_finding *found)
{
    if (t == NOTHING_TO_SEE) return found->applies && found->verdict == FS_HOLDS ? FALSE_PASS : RIGHT;
    if (!found->applies || found->verdict == FS_UNDECIDED) return OPEN;
    if (found->verdict == FS_HOLDS) return t == IT_HOLDS ? RIGHT : FALSE_PASS;
    return t == IT_FAILS ? RIGHT : FALSE_FAILURE;
}

static result result_of_outcome(truth t, fs_attraction_outcome outcome)
{
    if (outcome == FS_ATTRACTED) return t == IT_HOLDS ? RIGHT : FALSE_PASS;
    if (outcome == FS_ESCAPED) return t == IT_FAILS ? RIGHT : FALSE_FAILURE;
    return t == NEITHER ? RIGHT : OPEN;
}

/* Counts one problem; all but right ones are printed with what was found. */
static void count(battery *b, truth t, result r, const char *problem, const char *found)
{
    static const char *const text[] = { "", "FALSE PASS", "FALSE FAILURE", "undecided" };
    tally *now = b->now;
    now->problems++;
    now->right += r == RIGHT;
    now->false_pass += r == FALSE_PASS;
    now->false_failure += r == FALSE_FAILURE;
    now->undecided += r == OPEN;
    if (r != RIGHT) printf("# %s: %s: %s [truth: %s; found: %s]\n", now->name, text[r], problem, truth_text(t), found);
}

/* Whether the next problem is one of those that --fast keeps. */
static int wanted(battery *b)
{
    return b->met++ % FAST == 0 || !b->fast;
}

static void failed(battery *b, const char *problem, const fs_err *err)
{
    b->broken = 1;
    printf("# %s: %s: %s\n", b->now->name, problem, err->text);
}

static fs_problem *load(battery *b, const char *name, size_t n_sets, const char *const *sets)
{
    char path[PATH_SIZE];
    fs_problem *p = NULL;
    fs_err err = { 0 };
    snprintf(path, sizeof path, "%s/%s.yaml", b->folder, name);
    if (fs_problem_load(&p, path, n_sets, sets, &err) != FS_OK) failed(b, name, &err);
    return p;
}

/* A model from its text. */
static fs_problem *load_text(battery *b, const char *text)
{
    char path[PATH_SIZE];
    fs_problem *p = NULL;
    fs_err err = { 0 };
    snprintf(path, sizeof path, "%s/battery.yaml", b->temporary);
    FILE *f = fopen(path, "wb");
    int written = f && fputs(text, f) >= 0;
    if (f && fclose(f) != 0) written = 0;
    if (!written) fs_fail(&err, FS_EIO, "cannot write %s", path);
    else fs_problem_load(&p, path, 0, NULL, &err);
    if (!p) failed(b, text, &err);
    remove(path);
    return p;
}

static size_t sets_of(const char *const set[2])
{
    return set[0] ? set[1] ? 2 : 1 : 0;
}

/* --- statements on a model -------------------------------------------------------------- */

static void ask(battery *b, const fs_problem *p, const char *statement, uint64_t seed, truth t, const char *problem)
{
    const fs_check_options options = { .gamma = -1.0, .distance = -1.0, .seed = seed, .threads = 1, .keep_limit = keep };
    const fs_statement *s = fs_statement_find(statement);
    fs_check_context *c = NULL;
    fs_finding found;
    fs_err err = { 0 };
    char line[400], what[1600];
    snprintf(line, sizeof line, "%s on %s", statement, problem);
    if (!s) fs_fail(&err, FS_EINPUT, "no such statement");
    fs_status status = s ? fs_check_context_create(&c, p, &options, &err) : FS_EINPUT;
    if (status == FS_OK) status = fs_check_run(c, s, &found, &err);
    if (status == FS_OK) {
        snprintf(what, sizeof what, "%s, measured %.3g +- %.2g, bound %.3g, control %.3g (%s); %s %s %s", found.applies ? fs_verdict_name(found.verdict) : "does not apply",
                 found.measured, found.error, found.bound, found.control.measured, fs_verdict_name(found.control.verdict), found.vacuous, found.because, found.note);
        count(b, t, result_of_verdict(t, &found), line, what);
    } else failed(b, line, &err);
    fs_check_context_destroy(c);
}

/* set: NULL from the first one that is not used. */
static void ask_shipped(battery *b, const char *model, const char *const set[2], const char *statement, truth t)
{
    char problem[300];
    if (!wanted(b)) return;
    snprintf(problem, sizeof problem, "%s %s %s", model, set[0] ? set[0] : "", set[1] ? set[1] : "");
    fs_problem *p = load(b, model, sets_of(set), set);
    if (p) ask(b, p, statement, 1, t, problem);
    fs_problem_destroy(p);
}

/* --- attraction on both sides of exact thresholds --------------------------------------------- */

static void decide(battery *b, const fs_problem *p, const double *w, double gamma, double t_end, double rtol, truth t)
{
    const fs_attraction_options options = { .t_end = t_end, .rtol = rtol, .atol = rtol, .threads = 1, .keep_limit = keep };
    fs_attraction a;
    fs_err err = { 0 };
    char problem[300];
    snprintf(problem, sizeof problem, "%s at gamma = %.17g, w = (%.6g, %.6g), t_end = %g, rtol = %g", fs_problem_name(p), gamma, w[0], w[1], t_end, rtol);
    if (fs_attraction_decide(&a, p, w, gamma, &options, &err) != FS_OK) {
        failed(b, problem, &err);
        return;
    }
    char what[300];
    snprintf(what, sizeof what, "%s: %s", fs_attraction_name(a.outcome), a.why);
    count(b, t, result_of_outcome(t, a.outcome), problem, what);
}

/* One start, natural order: (a, b), the rest 0; in the linear network with 8 weights diag(a, b) in each layer. */
typedef struct {
    const char *model, *set[2];
    double a, b;
    double gamma;               /* the exact threshold: attracted above, escapes below */
    double t_end;               /* a thousandth from the threshold everything is slow */
} threshold;

#define BOUNDED "data.x=[[0.35355339059327379, 0.35355339059327379], [0.35355339059327379, -0.35355339059327379]]", \
                "layers=[{dense: {out: 1}}, {sin: {}}, {polynomial: {coefficients: [0, 0, 2]}}]"
#define PI 3.14159265358979324
#define MINIMUM_02 0.14335356373890981
#define MINIMUM_06 0.49012907173427359

static const threshold thresholds[] = {
    { "toy_sine", { 0 }, UV(PI * HALF_ROOT - 1e-6, 1.2), 1.0 / PI, 1e6 },
    { "toy_sine", { 0 }, UV(PI * HALF_ROOT - 1e-7, 1.0), 1.0 / PI, 1e6 },
    { "toy_quartic", { 0 }, UV(1.0, 1.2), 0.22737325695, 1e5 },
    { "toy_quartic", { 0 }, UV(0.5, 1.0), 0.51260702335, 1e5 },
    { "toy_quartic", { 0 }, UV(0.5, 1.4), 0.63953400722, 1e5 },
    { "toy_quartic", { 0 }, UV(1.0, 2.0), 0.63823887527, 1e5 },
    { "toy_quartic", { 0 }, UV(0.1, 1.0), 0.66252594048, 1e5 },
    { "pitchfork", { 0 }, UV(0.6, 0.01), 1.0, 1e6 },
    { "pitchfork", { 0 }, UV(0.6, 0.5), 1.0, 1e6 },
    { "pitchfork", { "data.targets=[[1], [0.3]]" }, UV(1.3, 0.05), 0.3, 1e6 },
    { "pitchfork", { "data.targets=[[0.4], [0.3]]" }, UV(0.2, 0.7), 0.3, 1e6 },
    { "pitchfork", { "data.targets=[[0.7], [1.9]]" }, UV(0.6, 0.01), 1.9, 1e6 },
    { "pitchfork", { "data.targets=[[0.7], [1.9]]" }, UV(0.6, 1.5), 1.9, 1e6 },
    { "pitchfork", { "data.targets=[[2], [5]]" }, UV(0.1, 1e-4), 5.0, 1e6 },
    { "pitchfork", { BOUNDED }, UV(1.5, 0.3), 0.5, 1e6 },
    { "pitchfork", { BOUNDED }, UV(2.5, 0.01), 0.5, 1e6 },
    { "missing_irreps", { 0 }, 1.0, 0.4, 1.0, 1e6 },
    { "missing_irreps", { 0 }, 0.7, 0.01, 1.0, 1e6 },
    { "rotations_so2", { 0 }, 0.2, -0.5, 1.0, 1e6 },
    { "rotations_so2", { "measure={nodes: 3}" }, 0.02, 0.01, 1.0, 1e6 },
    { "rotations_so2", { "data.x=[[1.2, 0]]", "data.targets=[[0.7]]" }, 0.2, -0.5, 1.008, 1e6 },
    { "rotations_so3", { 0 }, 0.2, -0.5, 2.0 / 3.0, 1e6 },
    { "rotations_so3", { "measure={subgroup: icosahedral}" }, 0.03, 0.01, 2.0 / 3.0, 1e6 },
    { "rotations_so3", { "data.x=[[0, 1.2, 0]]", "data.targets=[[0.7]]" }, 0.2, 0.4, 0.672, 1e6 },
    { "c3_transcritical", { 0 }, 0.4, -0.05, 0.535625, 1e5 },
    { "c3_transcritical", { 0 }, 0.4, -0.1, 0.5675, 1e5 },
    { "c3_transcritical", { 0 }, 0.7, -0.2, 0.62, 1e5 },
    { "c3_transcritical", { 0 }, 0.6, -0.3, 0.6575, 1e5 },
    { "c3_transcritical", { 0 }, 0.6, -0.4, 0.68, 1e5 },
    { "c3_transcritical", { 0 }, 0.6, -0.5, 0.6875, 1e5 },
    { "c3_transcritical", { 0 }, 0.6, -1.0, 0.6875, 1e5 },
    { "c3_transcritical", { 0 }, 0.2, -2.0, 0.6875, 1e5 },
    { "tanh_swap_pitchfork", { 0 }, UV(MINIMUM_06, 0.01), 1.31072, 1e6 },
    { "tanh_swap_pitchfork", { 0 }, UV(MINIMUM_06, 0.2), 1.31072, 1e6 },
    { "tanh_swap_pitchfork", { 0 }, UV(0.2, 0.5), 1.31072, 1e6 },
    { "tanh_swap", { 0 }, UV(MINIMUM_02, 0.3), 0.10788068, 1e5 },
    { "tanh_swap", { 0 }, UV(MINIMUM_02, 0.5), 0.51021912, 1e5 },
    { "tanh_swap", { 0 }, UV(MINIMUM_02, 1.0), 0.53768679866, 1e5 },
    { "tanh_swap", { 0 }, UV(MINIMUM_02, 2.0), 0.53768679866, 1e5 },
};

/* The state (MOST) of a start. */
static int state_of(battery *b, const fs_problem *p, double first, double second, double *w)
{
    double A[MOST] = { first, second };
    fs_err err = { 0 };
    if (fs_net_parameters(fs_problem_net(p)) == 8) {
        const double diagonal[8] = { first, 0, 0, second, first, 0, 0, second };
        memcpy(A, diagonal, sizeof diagonal);
    }
    if (fs_problem_state_of_weights(p, A, w, &err) == FS_OK) return 1;
    failed(b, fs_problem_name(p), &err);
    return 0;
}

static void class_thresholds(battery *b)
{
    for (size_t i = 0; i < sizeof thresholds / sizeof *thresholds; i++) {
        const threshold *k = &thresholds[i];
        double w[MOST];
        if (!wanted(b)) continue;
        fs_problem *p = load(b, k->model, sets_of(k->set), k->set);
        if (p && state_of(b, p, k->a, k->b, w)) {
            decide(b, p, w, k->gamma * (1.0 - side), k->t_end, 0.0, IT_FAILS);
            decide(b, p, w, k->gamma * (1.0 + side), k->t_end, 0.0, IT_HOLDS);
        }
        fs_problem_destroy(p);
    }
}

/* CF5: inside the separatrix the flow comes to E, beyond it |Y| falls like t^(-1/6).  CF4: frozen without a penalty, exponential with any. */
static void class_separatrix(battery *b)
{
    static const double horizon[] = { 0.0, 100.0, 1e3, 1e4, 1e5 }, separatrix = 0.43666073;
    double w[MOST] = { 0 };
    fs_err err = { 0 };
    fs_problem *p = load(b, "wrong_rep", 0, NULL);
    for (size_t i = 0; p && i < sizeof horizon / sizeof *horizon; i++) {
        if (!wanted(b)) continue;
        if (state_of(b, p, separatrix * (1.0 + side), 0.2, w)) decide(b, p, w, 1.0, horizon[i], 0.0, NEITHER);
        if (state_of(b, p, separatrix * (1.0 - side), 0.2, w)) decide(b, p, w, 1.0, i == 1 ? 0.0 : horizon[i], 0.0, IT_HOLDS);
    }
    if (p && state_of(b, p, 1e-6, 0.7, w)) {
        decide(b, p, w, 1.4 * (1.0 + side), 1e5, 0.0, IT_HOLDS);
        decide(b, p, w, 1.4 * (1.0 - side), 1e5, 0.0, NEITHER);
    }
    fs_problem_destroy(p);
    p = load(b, "cyclic_linear", 0, NULL);
    if (p && fs_problem_start_state(p, b->seed, 0.5, w, &err) == FS_OK) {
        decide(b, p, w, side, 1e6, 0.0, IT_HOLDS);
        decide(b, p, w, 0.0, 1e3, 0.0, NEITHER);
    }
    fs_problem_destroy(p);
}

/* --- false attractors ------------------------------------------------------------------------------ */

static double uniform(gsl_rng *rng, double low, double high)
{
    return low + (high - low) * gsl_rng_uniform(rng);
}

/* v' = lambda v - v^3, lambda = y2 - gamma: E repels, and an L-stable method with long steps does not see it. */
static void class_false_attractors(battery *b)
{
    enum { PROBLEMS = 400 };
    static const double rtol[] = { 1e-3, 1e-4, 1e-6, 1e-8 };
    gsl_rng *rng = fs_rng_stream(b->seed, FS_STREAM_TEST);
    for (size_t i = 0; rng && i < PROBLEMS; i++) {
        double lambda = pow(10.0, uniform(rng, -1.0, 1.0)), v = pow(10.0, uniform(rng, -14.0, -4.0)), gamma = uniform(rng, 0.0, 2.0);
        double w[2] = { uniform(rng, 0.3, 2.0), gsl_rng_uniform(rng) < 0.5 ? -v : v };
        char target[64];
        const char *set = target;
        snprintf(target, sizeof target, "data.targets=[[1], [%.17g]]", lambda + gamma);
        if (!wanted(b)) continue;
        fs_problem *p = load(b, "pitchfork", 1, &set);
        if (p) decide(b, p, w, gamma, 200.0 / lambda, rtol[i % 4], IT_FAILS);
        fs_problem_destroy(p);
    }
    gsl_rng_free(rng);
}

/* --- random networks, Haar and biased --------------------------------------------------------------- */

typedef struct {
    const char *name;
    size_t order;
    const char *text;           /* of the model file, without measure; one %PRIu64: the seed of the data */
} architecture;

static const architecture architectures[] = {
    { "C2 mlp", 2,
      "group: C2\ndata: {source: synthetic, targets: 1, count: 7, seed: %" PRIu64 "}\ninput: {vector: [2 natural]}\n"
      "layers: [{dense: {out: [2 regular], bias: true}}, {tanh: {}}, {dense: {out: 1, bias: true}}]\nloss: squared\n" },
    { "C4 mlp", 4,
      "group: C4\ndata: {source: synthetic, classes: 2, count: 5, seed: %" PRIu64 "}\ninput: {vector: [natural]}\n"
      "layers: [{dense: {out: [regular]}}, {tanh: {}}, {dense: {out: 2}}]\nloss: cross-entropy\noutput: trivial\n" },
    { "D4 mlp", 8,
      "group: D4\ndata: {source: synthetic, targets: 2, count: 6, seed: %" PRIu64 "}\ninput: {vector: [natural]}\n"
      "layers: [{dense: {out: [regular]}}, {softplus: {}}, {dense: {out: [rotation]}}]\nloss: squared\noutput: [rotation]\n" },
    { "S3 mlp", 6,
      "group: S3\ndata: {source: synthetic, targets: 1, count: 6, seed: %" PRIu64 "}\ninput: {vector: [natural, sign]}\n"
      "layers: [{dense: {out: [regular]}}, {softplus: {}}, {dense: {out: 1}}]\nloss: squared\n" },
    { "sign mlp", 2,
      "group: Z2-sign\ndata: {source: synthetic, targets: 1, count: 8, seed: %" PRIu64 "}\ninput: {vector: [2 sign, trivial]}\n"
      "layers: [{dense: {out: [2 sign, trivial]}}, {tanh: {}}, {dense: {out: [sign]}}]\nloss: squared\noutput: [sign]\n" },
    { "C3 mlp", 3,
      "group: C3\ndata: {source: synthetic, targets: 1, count: 5, seed: %" PRIu64 "}\ninput: {vector: [rotation, trivial]}\n"
      "layers: [{dense: {out: [2 natural]}}, {softplus: {}}, {dense: {out: 1}}]\nloss: squared\n" },
    { "C4 conv", 4,
      "group: C4\ndata: {source: synthetic, classes: 2, count: 4, seed: %" PRIu64 "}\ninput: {image: 4, channels: 1}\n"
      "layers: [{conv: {out: 2, size: 3}}, {tanh: {}}, {dense: {out: 2}}]\nloss: cross-entropy\noutput: trivial\n" },
    { "D4 conv", 8,
      "group: D4\ndata: {source: synthetic, targets: 1, count: 4, seed: %" PRIu64 "}\ninput: {image: 4, channels: 1}\n"
      "layers: [{conv: {out: 2, size: 3}}, {pool: {average: 2}}, {tanh: {}}, {dense: {out: 1}}]\nloss: squared\n" },
    { "Z3xZ3 conv", 9,
      "group: Z3xZ3\ndata: {source: synthetic, targets: 1, count: 4, seed: %" PRIu64 "}\ninput: {image: 3, channels: 1}\n"
      "layers: [{conv: {out: 2, size: 3, padding: circular}}, {softplus: {}}, {dense: {out: 1}}]\nloss: squared\n" },
};
enum { ARCHITECTURES = sizeof architectures / sizeof *architectures };

static fs_problem *network(battery *b, const architecture *k, uint64_t seed, double beta)
{
    char text[TEXT_SIZE];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int n = snprintf(text, sizeof text, k->text, seed);
#pragma GCC diagnostic pop
    for (size_t g = 0; beta > 0.0 && g < k->order; g++)
        n += snprintf(text + n, sizeof text - (size_t)n, "%s%.17g%s", g ? ", " : "measure: [", (1.0 - beta) / (double)k->order + (g ? 0.0 : beta),
                      g + 1 < k->order ? "" : "]\n");
    return load_text(b, text);
}

/* Claims that hold on every network, and those that a bias breaks. */
static const char *const always[] = { "key_lemma", "lemma_3_11_gradient", "lemma_3_11_hessian", "compatibility", "fact_a", "fact_b", "theorem_1_1_field",
                                      "theorem_1_1_trajectories", "theorem_3_identity", "ensemble" };
static const char *const broken_by_bias[] = { "key_lemma", "fact_a", "fact_b", "theorem_1_1_field", "theorem_1_1_trajectories", "theorem_1_2" };
enum { ALWAYS = sizeof always / sizeof *always, BROKEN = sizeof broken_by_bias / sizeof *broken_by_bias };

static void class_networks(battery *b)
{
    enum { SEEDS = 2 };
    for (size_t i = 0; i < ARCHITECTURES; i++)
        for (uint64_t k = 0; k < SEEDS; k++) {
            char problem[100];
            uint64_t seed = b->seed + 10 * k + i;
            fs_problem *p = network(b, &architectures[i], seed, 0.0);
            snprintf(problem, sizeof problem, "%s, seed %" PRIu64, architectures[i].name, seed);
            for (size_t s = 0; p && s < ALWAYS; s++)
                if (wanted(b)) ask(b, p, always[s], seed, IT_HOLDS, problem);
            fs_problem_destroy(p);
        }
}

static void class_biased(battery *b)
{
    static const double betas[] = { 1e-2, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12 };
    for (size_t i = 0; i < ARCHITECTURES; i++)
        for (size_t k = 0; k < sizeof betas / sizeof *betas; k++) {
            char problem[100];
            uint64_t seed = b->seed + 100 + 10 * k + i;
            fs_problem *p = network(b, &architectures[i], seed, betas[k]);
            snprintf(problem, sizeof problem, "%s, seed %" PRIu64 ", bias %g", architectures[i].name, seed, betas[k]);
            for (size_t s = 0; p && s < BROKEN; s++)
                if (wanted(b)) ask(b, p, broken_by_bias[s], seed, IT_FAILS, problem);
            fs_problem_destroy(p);
        }
}

/* --- flow theorems where their hypotheses hold ------------------------------------------------------------ */

static void class_theorems(battery *b)
{
    static const char *const none[2] = { 0 };
    static const struct { const char *model, *statement[12]; } rows[] = {
        { "toy_sine", { "theorem_2", "theorem_3_identity", "theorem_3_chain", "theorem_3_rate", "theorem_3_ladder", "remark_2", "remark_2_basin" } },
        { "toy_quartic", { "theorem_2", "theorem_3_identity", "theorem_3_chain", "theorem_3_rate", "theorem_3_ladder", "remark_2", "remark_2_basin" } },
        { "pitchfork", { "theorem_2", "theorem_2_converse", "theorem_3_identity", "remark_2", "remark_2_basin" } },
        { "c3_transcritical", { "theorem_2", "theorem_3_identity", "theorem_3_chain", "theorem_3_ladder", "remark_2", "remark_2_basin" } },
        { "rotations_so2", { "theorem_3_identity", "theorem_3_ladder" } },
        { "rotations_so3", { "theorem_3_identity", "theorem_3_ladder" } },
        { "tanh_swap", { "theorem_1_2", "theorem_2", "theorem_3_identity", "theorem_3_chain", "theorem_3_rate", "theorem_3_ladder", "remark_1_plateau", "remark_2",
                         "remark_2_basin" } },
        { "tanh_swap_pitchfork", { "theorem_1_2", "theorem_2", "theorem_2_converse", "theorem_3_identity", "remark_1_plateau", "remark_2", "remark_2_basin" } },
        { "tiny_mlp", { "theorem_1_2", "theorem_2", "theorem_3_identity", "theorem_3_chain", "theorem_3_rate", "ensemble" } },
        { "tiny_mlp_trivial", { "theorem_1_2", "theorem_2_converse", "theorem_3_identity", "ensemble" } },
        { "mlp_d4", { "theorem_3_identity", "remark_1_comparison", "ensemble" } },
        { "cyclic_linear", { "theorem_3_identity", "ensemble" } },
        { "cyclic_conv", { "theorem_1_1_field", "ensemble" } },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t s = 0; s < sizeof rows->statement / sizeof *rows->statement && rows[i].statement[s]; s++)
            ask_shipped(b, rows[i].model, none, rows[i].statement[s], IT_HOLDS);
}

/* --- linear regression: quadratic risks, where the flow near a minimum is exactly linear ----------------- */

static const architecture regressions[] = {
    { "C2 regression", 2,
      "group: C2\ndata: {source: synthetic, targets: 1, count: 5, seed: %" PRIu64 "}\ninput: {vector: [natural]}\n"
      "layers: [{dense: {out: 1}}]\nloss: squared\noutput: trivial\n" },
    { "C4 regression", 4,
      "group: C4\ndata: {source: synthetic, targets: 4, count: 3, seed: %" PRIu64 "}\ninput: {vector: [natural]}\n"
      "layers: [{dense: {out: [natural]}}]\nloss: squared\noutput: [natural]\n" },
    { "S3 regression", 6,
      "group: S3\ndata: {source: synthetic, targets: 3, count: 2, seed: %" PRIu64 "}\ninput: {vector: [natural]}\n"
      "layers: [{dense: {out: [natural], bias: true}}]\nloss: squared\noutput: [natural]\n" },
};

static void class_regression(battery *b)
{
    enum { SEEDS = 8 };
    static const char *const statement[] = { "theorem_2", "remark_2", "remark_2_basin" };
    for (size_t i = 0; i < sizeof regressions / sizeof *regressions; i++)
        for (uint64_t k = 0; k < SEEDS; k++) {
            char problem[100];
            uint64_t seed = b->seed + 200 + 10 * k + i;
            fs_problem *p = network(b, &regressions[i], seed, 0.0);
            snprintf(problem, sizeof problem, "%s, seed %" PRIu64, regressions[i].name, seed);
            for (size_t s = 0; p && s < sizeof statement / sizeof *statement; s++)
                if (wanted(b)) ask(b, p, statement[s], seed, IT_HOLDS, problem);
            fs_problem_destroy(p);
        }
}

/* --- nothing to see ---------------------------------------------------------------------------------- */

/* Zero weights leave Fact B something to see: the Hessian of R couples E and N there.  Where the data are fitted exactly, or one sample is all there is, no
 * gradient is left to be averaged at a stationary point; under a swap the curvatures of R and R^aug across E are the same. */
static void class_vacuous(battery *b)
{
    static const struct { const char *model, *set[2], *statement[6]; } rows[] = {
        { "toy_sine", { "group=C1", "input={vector: [2 trivial]}" }, { "key_lemma", "fact_a", "fact_b", "theorem_1_1_field", "theorem_1_1_trajectories", "ensemble" } },
        { "toy_quartic", { "input={vector: [2 trivial]}" }, { "key_lemma", "fact_a", "fact_b", "theorem_1_1_field", "theorem_1_1_trajectories" } },
        { "toy_quartic", { "layers=[{dense: {out: 1}}, {polynomial: {coefficients: [1]}}]" },
          { "key_lemma", "fact_a", "fact_b", "theorem_1_1_field", "theorem_1_1_trajectories", "theorem_1_2" } },
        { "toy_sine", { "start.scale=0" }, { "fact_a", "theorem_1_1_field" } },
        { "tiny_mlp", { "start.scale=0" }, { "fact_a", "theorem_1_1_field" } },
        { "pitchfork", { 0 }, { "fact_a", "fact_b", "theorem_1_1_field", "theorem_1_1_trajectories" } },
        { "tiny_mlp", { "data.x=[[1, -1], [-1, 1]]", "data.targets=[[1], [1]]" }, { "fact_a", "fact_b", "theorem_1_1_field", "theorem_1_1_trajectories" } },
        { "rotations_so2", { 0 }, { "fact_a", "fact_b", "theorem_1_1_field", "theorem_1_1_trajectories" } },
        { "tiny_mlp", { "start.distance=0" }, { "theorem_3_identity", "theorem_3_chain" } },
        { "tiny_mlp", { 0 }, { "remark_1_comparison" } },
        { "toy_sine", { 0 }, { "theorem_1_2", "remark_1_comparison" } },
        { "toy_quartic", { 0 }, { "theorem_1_2", "remark_1_comparison" } },
        { "cyclic_linear", { 0 }, { "theorem_1_2" } },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t s = 0; s < sizeof rows->statement / sizeof *rows->statement && rows[i].statement[s]; s++)
            ask_shipped(b, rows[i].model, rows[i].set, rows[i].statement[s], NOTHING_TO_SEE);
}

/* --- other hypotheses that fail ------------------------------------------------------------------------ */

static void class_broken(battery *b)
{
    static const struct { const char *model, *set[2], *statement; truth t; } rows[] = {
        { "cnn_c4_skew", { 0 }, "compatibility", IT_FAILS },
        { "cnn_c4_skew", { 0 }, "fact_a", IT_FAILS },
        { "cnn_c4_skew", { 0 }, "theorem_1_1_field", IT_FAILS },
        { "cnn_c4_skew", { 0 }, "ensemble", IT_FAILS },
        { "cnn_c4_skew", { 0 }, "key_lemma", IT_HOLDS },
        { "cnn_c4_compatible", { 0 }, "compatibility", IT_HOLDS },
        { "cnn_c4_compatible", { 0 }, "fact_a", IT_HOLDS },
        { "cnn_c4_compatible", { 0 }, "theorem_1_1_field", IT_HOLDS },
        { "cyclic_linear", { "loss={squared: {weights: [1, 3, 1, 1]}}" }, "key_lemma", IT_FAILS },
        { "cyclic_linear", { "loss={squared: {weights: [1, 3, 1, 1]}}" }, "fact_a", IT_FAILS },
        { "cyclic_linear", { "loss={squared: {weights: [1, 3, 1, 1]}}" }, "theorem_1_1_field", IT_FAILS },
        { "cyclic_linear", { "loss={squared: {weights: [2, 2, 2, 2]}}" }, "theorem_1_1_field", IT_HOLDS },
        { "rotations_so2", { "measure={nodes: 4}" }, "key_lemma", IT_FAILS },
        { "rotations_so3", { "measure={subgroup: octahedral}" }, "key_lemma", IT_FAILS },
        { "rotations_so2", { "measure={nodes: 3}" }, "key_lemma", IT_HOLDS },
        { "rotations_so3", { "measure={subgroup: icosahedral}" }, "key_lemma", IT_HOLDS },
        { "c3_transcritical", { "layers=[{dense: {out: [natural]}}, {square: {}}, {dense: {out: 1}}]" }, "key_lemma", IT_HOLDS },
        { "c3_transcritical", { "layers=[{dense: {out: [rotation]}}, {tanh: {}}, {dense: {out: 1}}]" }, "key_lemma", IT_FAILS },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) ask_shipped(b, rows[i].model, rows[i].set, rows[i].statement, rows[i].t);
}

static void class_atlas(battery *b)
{
    for (const fs_atlas_row *row = fs_atlas; row->name; row++) {
        char name[200];
        if (row->refused) continue;
        snprintf(name, sizeof name, "atlas/%s", row->name);
        fs_problem *p = load(b, name, row->set != NULL, &row->set);
        for (const fs_atlas_cell *k = row->cell; p && k < row->cell + FS_ATLAS_CELLS && k->statement; k++) {
            truth t = k->expected == FS_HOLDS ? IT_HOLDS : k->expected == FS_VIOLATED ? IT_FAILS : NOTHING_TO_SEE;
            if (wanted(b)) ask(b, p, k->statement, 1, t, row->name);
        }
        fs_problem_destroy(p);
    }
}

/* --- all classes ------------------------------------------------------------------------------------------ */

static const struct { const char *name; void (*run)(battery *b); } classes[] = {
    { "thresholds at 1 +- 1e-3", class_thresholds },
    { "separatrix and frozen", class_separatrix },
    { "false attractors", class_false_attractors },
    { "random networks", class_networks },
    { "planted bias 1e-2 .. 1e-12", class_biased },
    { "theorems of the flow", class_theorems },
    { "linear regression", class_regression },
    { "vacuous", class_vacuous },
    { "other broken hypotheses", class_broken },
    { "atlas", class_atlas },
};
enum { CLASSES = sizeof classes / sizeof *classes };

static void print_tally(const tally *t)
{
    printf("%-28s %8zu %8zu %11zu %14zu %10zu %8.1f\n", t->name, t->problems, t->right, t->false_pass, t->false_failure, t->undecided, t->wall_s);
}

static int run_all(battery *b)
{
    tally each[CLASSES] = { { 0 } }, all = { .name = "all" };
    for (size_t i = 0; i < CLASSES; i++) {
        each[i].name = classes[i].name;
        b->now = &each[i];
        fprintf(stderr, "battery: %s ...\n", classes[i].name);
        double begin = fs_wall_seconds();
        classes[i].run(b);
        each[i].wall_s = fs_wall_seconds() - begin;
        all.problems += each[i].problems;
        all.right += each[i].right;
        all.false_pass += each[i].false_pass;
        all.false_failure += each[i].false_failure;
        all.undecided += each[i].undecided;
        all.wall_s += each[i].wall_s;
    }
    printf("\nseed %" PRIu64 "%s\n%-28s %8s %8s %11s %14s %10s %8s\n", b->seed, b->fast ? ", every fifth problem" : "", "class", "problems", "right",
           "false pass", "false failure", "undecided", "s");
    for (size_t i = 0; i < CLASSES; i++) print_tally(&each[i]);
    print_tally(&all);
    if (b->broken) printf("some problems could not be asked; see above\n");
    return b->broken || all.false_pass || all.false_failure || !(20 * all.undecided < all.problems);
}

int main(int argc, char **argv)
{
    const char *source = getenv("FLOWSIM_SRCDIR"), *where = getenv("TMPDIR");
    char folder[1000], temporary[1000];
    battery b = { .folder = folder, .temporary = temporary, .seed = 20250207 };
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--fast") == 0) b.fast = 1;
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc) b.seed = strtoull(argv[++i], NULL, 10);
        else {
            fprintf(stderr, "battery: expected --fast or --seed N, found %s\n", argv[i]);
            return 2;
        }
    }
    gsl_set_error_handler_off();
    snprintf(folder, sizeof folder, "%s/models", source ? source : ".");
    snprintf(temporary, sizeof temporary, "%s/flowsim-battery-XXXXXX", where ? where : "/tmp");
    if (!mkdtemp(temporary)) {
        fprintf(stderr, "battery: expected a folder for temporary files, found none at %s\n", temporary);
        return 2;
    }
    int bad = run_all(&b);
    rmdir(temporary);
    return bad;
}
