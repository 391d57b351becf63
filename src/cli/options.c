/* cli/options.c -- the command line, by GNU argp from one table
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/options.h"

#include "base/files.h"
#include "base/words.h"
#include "cli/cli.h"

#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- values ----------------------------------------------------------------------------- */

/* Each returns 0, or -1 after writing one line into message: what was expected, what was found. */
typedef int parser(options *o, const char *text, void *field, char *message, size_t size);

enum { LIST_LIMIT = 10000, MESSAGE = 1000 };

static int expected(char *message, size_t size, const char *what, const char *found)
{
    snprintf(message, size, "expected %s, found \"%.100s\"", what, found);
    return -1;
}

static int real(const char *text, double low, double high, double *value)
{
    return fs_number_parse(text, value) == FS_OK && *value >= low && *value <= high ? 0 : -1;
}

/* Calls one(item) for each comma-separated item; empty items are an error. */
static int each_item(const char *text, int (*one)(void *context, const char *item), void *context)
{
    char *copy = strdup(text), *rest = copy;
    int status = copy ? 0 : -1;
    size_t count = 0;
    while (status == 0 && rest) {
        char *item = strsep(&rest, ",");
        status = *item && ++count <= LIST_LIMIT ? one(context, item) : -1;
    }
    free(copy);
    return status;
}

static int add_gamma(void *context, const char *item)
{
    options *o = context;
    double value;
    if (real(item, 0.0, 1e12, &value)) return -1;
    for (size_t i = 0; i < o->n_gamma; i++)
        if (!(o->gamma[i] < value || o->gamma[i] > value)) return -1;
    double *more = realloc(o->gamma, (o->n_gamma + 1) * sizeof *more);
    if (!more) return -1;
    o->gamma = more;
    o->gamma[o->n_gamma++] = value;
    return 0;
}

static int parse_gamma(options *o, const char *text, void *field, char *message, size_t size)
{
    (void)field;
    o->n_gamma = 0;
    return each_item(text, add_gamma, o)
               ? expected(message, size, "a penalty strength in [0, 1e12] or a list of different ones (0,0.1,10)", text)
               : 0;
}

static int whole(const char *text, uint64_t *value)
{
    if (!*text) return -1;
    for (const char *c = text; *c; c++)
        if (!isdigit((unsigned char)*c)) return -1;
    errno = 0;
    *value = strtoull(text, NULL, 10);
    return errno ? -1 : 0;
}

static int add_seed(void *context, const char *item)
{
    options *o = context;
    uint64_t value;
    if (whole(item, &value)) return -1;
    for (size_t i = 0; i < o->n_seed; i++)
        if (o->seed[i] == value) return -1;
    uint64_t *more = realloc(o->seed, (o->n_seed + 1) * sizeof *more);
    if (!more) return -1;
    o->seed = more;
    o->seed[o->n_seed++] = value;
    return 0;
}

static int parse_seed(options *o, const char *text, void *field, char *message, size_t size)
{
    (void)field;
    o->n_seed = 0;
    return each_item(text, add_seed, o)
               ? expected(message, size, "a whole number from 0 to 18446744073709551615 or a list of different ones (1,2,3)", text)
               : 0;
}

static int add_distance(void *context, const char *item)
{
    options *o = context;
    double value;
    if (real(item, 0.0, 1e12, &value)) return -1;
    if (o->n_distance && !(value > o->distance[o->n_distance - 1])) return -1;
    double *more = realloc(o->distance, (o->n_distance + 1) * sizeof *more);
    if (!more) return -1;
    o->distance = more;
    o->distance[o->n_distance++] = value;
    return 0;
}

static int parse_distance(options *o, const char *text, void *field, char *message, size_t size)
{
    (void)field;
    o->n_distance = 0;
    return each_item(text, add_distance, o) ? expected(message, size, "a distance in [0, 1e12] or a list of increasing ones (0.1,0.2,0.4)", text)
                                            : 0;
}

static int add_kind(void *context, const char *item)
{
    options *o = context;
    fs_flow_kind kind = fs_flow_from_name(item);
    if (kind == FS_FLOW_COUNT) return -1;
    for (size_t i = 0; i < o->n_kinds; i++)
        if (o->kind[i] == kind) return -1;
    o->kind[o->n_kinds++] = kind;
    return 0;
}

static int parse_flow(options *o, const char *text, void *field, char *message, size_t size)
{
    (void)field;
    o->n_kinds = 0;
    return each_item(text, add_kind, o)
               ? expected(message, size, "flows out of nominal, augmented, equivariant, each once (nominal,augmented)", text)
               : 0;
}

static int add_time(void *context, const char *item)
{
    options *o = context;
    double value;
    if (real(item, 0.0, 1e12, &value)) return -1;
    if (o->n_times && !(value > o->times[o->n_times - 1])) return -1;
    double *more = realloc(o->times, (o->n_times + 1) * sizeof *more);
    if (!more) return -1;
    o->times = more;
    o->times[o->n_times++] = value;
    return 0;
}

static int parse_times(options *o, const char *text, void *field, char *message, size_t size)
{
    (void)field;
    uint64_t count;
    o->n_times = o->times_count = 0;
    o->has_times = 1;
    if (whole(text, &count) == 0 && count >= 1) {
        if (count > 1000000) return expected(message, size, "at most 1000000 output times", text);
        o->times_count = (size_t)count;
        return 0;
    }
    return each_item(text, add_time, o)
               ? expected(message, size, "a number of output times from 1 to 1000000, or increasing times (0,0.5,2)", text)
               : 0;
}

static int parse_set(options *o, const char *text, void *field, char *message, size_t size)
{
    (void)field;
    if (!strchr(text, '=') || *text == '=') return expected(message, size, "KEY=VALUE (data.count=128)", text);
    const char **more = realloc(o->sets, (o->n_sets + 1) * sizeof *more);
    if (!more) return expected(message, size, "memory for one more override", text);
    o->sets = more;
    o->sets[o->n_sets++] = text;
    return 0;
}

static int parse_text(options *o, const char *text, void *field, char *message, size_t size)
{
    (void)o;
    if (!*text) return expected(message, size, "a name", text);
    memcpy(field, &text, sizeof text);
    return 0;
}

static int parse_flag(options *o, const char *text, void *field, char *message, size_t size)
{
    (void)o;
    (void)text;
    (void)message;
    (void)size;
    *(int *)field = 1;
    return 0;
}

/* A real parser a range. */
#define REAL_PARSER(name, low, high, words)                                                                  \
    static int name(options *o, const char *text, void *field, char *message, size_t size)                   \
    {                                                                                                        \
        (void)o;                                                                                             \
        return real(text, low, high, field) ? expected(message, size, words, text) : 0;                      \
    }
REAL_PARSER(parse_t_end, 1e-12, 1e12, "an end time in [1e-12, 1e12]")
REAL_PARSER(parse_rtol, 1e-14, 1e-2, "a relative tolerance in [1e-14, 1e-2]")
REAL_PARSER(parse_atol, 1e-300, 1e12, "an absolute tolerance in [1e-300, 1e12]")
REAL_PARSER(parse_seconds, 0.0, 1e9, "a number of seconds in [0, 1e9]")
REAL_PARSER(parse_tube, 0.0, 1e12, "a half width in [0, 1e12]")
REAL_PARSER(parse_accuracy, 1e-12, 0.1, "a relative width in [1e-12, 0.1]")

static int count(const char *text, uint64_t low, uint64_t high, int *value)
{
    uint64_t found;
    if (whole(text, &found) || found < low || found > high) return -1;
    *value = (int)found;
    return 0;
}

/* The same for whole numbers; the field is an int. */
#define COUNT_PARSER(name, low, high, words)                                                                 \
    static int name(options *o, const char *text, void *field, char *message, size_t size)                   \
    {                                                                                                        \
        (void)o;                                                                                             \
        return count(text, low, high, field) ? expected(message, size, words, text) : 0;                     \
    }
COUNT_PARSER(parse_threads, 1, 1024, "a number of threads from 1 to 1024")
COUNT_PARSER(parse_starts, 0, 10000, "a number of searches from 0 to 10000")
COUNT_PARSER(parse_wanted, 1, 1000, "a number of eigenvalues from 1 to 1000")

/* An unknown statement: the nearest one, and all there are. */
static int no_such_statement(const char *word, char *message, size_t size)
{
    size_t best = SIZE_MAX;
    const char *near = NULL;
    for (size_t i = 0; fs_statements[i]; i++) {
        size_t distance = fs_edit_distance(word, fs_statements[i]->id);
        if (distance < best) {
            best = distance;
            near = fs_statements[i]->id;
        }
    }
    int used = snprintf(message, size, "expected statements, found \"%.60s\"", word);
    if (near && fs_edit_near(word, best)) used += snprintf(message + used, size - (size_t)used, "; did you mean %s?", near);
    for (size_t i = 0; fs_statements[i] && (size_t)used < size; i++)
        used += snprintf(message + used, size - (size_t)used, "%s%s", i ? ", " : " (known: ", fs_statements[i]->id);
    if ((size_t)used < size) snprintf(message + used, size - (size_t)used, ")");
    return -1;
}

typedef struct {
    const char *unknown;
    unsigned char *chosen;      /* (statements) */
    char word[64];
} choice;

static int add_statement(void *context, const char *item)
{
    choice *c = context;
    for (size_t i = 0; fs_statements[i]; i++) {
        if (strcmp(fs_statements[i]->id, item) != 0) continue;
        c->chosen[i] = 1;
        return 0;
    }
    snprintf(c->word, sizeof c->word, "%s", item);
    c->unknown = c->word;
    return -1;
}

static int parse_statement(options *o, const char *text, void *field, char *message, size_t size)
{
    (void)field;
    size_t count = fs_statement_count();
    choice c = { .chosen = fs_calloc(count, 1) };
    if (!o->statement) o->statement = fs_calloc(count, sizeof *o->statement);
    int status = c.chosen && o->statement ? each_item(text, add_statement, &c) : -1;
    if (status && c.unknown) no_such_statement(c.unknown, message, size);
    else if (status) expected(message, size, "statements (fact_a,fact_b)", text);
    o->n_statements = 0;
    for (size_t i = 0; !status && i < count; i++)
        if (c.chosen[i]) o->statement[o->n_statements++] = fs_statements[i];
    free(c.chosen);
    return status;
}

/* A word out of a list; its position goes to the field. */
static int word_of(const char *const *words, size_t count, const char *text, int *value, char *message, size_t size)
{
    char known[200] = "one of";
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, words[i]) == 0) {
            *value = (int)i;
            return 0;
        }
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s %s", i ? "," : "", words[i]);
    }
    return expected(message, size, known, text);
}

static int parse_method(options *o, const char *text, void *field, char *message, size_t size)
{
    (void)field;
    static const char *const words[] = { "bdf", "adams" };
    int value = 0, status = word_of(words, 2, text, &value, message, size);
    o->method = (fs_method)value;
    o->has_method = 1;
    return status;
}

static int parse_solver(options *o, const char *text, void *field, char *message, size_t size)
{
    (void)field;
    static const char *const words[] = { "auto", "dense", "krylov" };
    int value = 0, status = word_of(words, 3, text, &value, message, size);
    o->solver = (fs_solver)value;
    o->has_solver = 1;
    return status;
}

static int parse_figure(options *o, const char *text, void *field, char *message, size_t size)
{
    (void)field;
    static const char *const words[] = { "png", "svg", "pdf", "dumb", "none" };
    int value = 0, status = word_of(words, 5, text, &value, message, size);
    o->figure = words[value];
    o->has_figure = 1;
    return status;
}

static int parse_risk(options *o, const char *text, void *field, char *message, size_t size)
{
    static const char *const words[] = { "nominal", "augmented" };
    (void)o;
    return word_of(words, 2, text, field, message, size);
}

typedef struct {
    size_t count;
    double value[4];
} four;

static int add_edge(void *context, const char *item)
{
    four *edges = context;
    if (edges->count == 4 || real(item, -1e12, 1e12, &edges->value[edges->count])) return -1;
    edges->count++;
    return 0;
}

static int parse_window(options *o, const char *text, void *field, char *message, size_t size)
{
    four edges = { 0 };
    o->has_window = 1;
    if (each_item(text, add_edge, &edges) || edges.count != 4 || !(edges.value[0] < edges.value[1]) || !(edges.value[2] < edges.value[3]))
        return expected(message, size, "X0,X1,Y0,Y1 with X0 < X1 and Y0 < Y1 in [-1e12, 1e12] (-2,2,-1,1)", text);
    memcpy(field, edges.value, sizeof edges.value);
    return 0;
}

static int parse_plane(options *o, const char *text, void *field, char *message, size_t size)
{
    (void)field;
    static const char *const words[] = { [FS_PLANE_UNSTABLE] = "unstable", [FS_PLANE_MOTION] = "motion" };
    int value = 0, status = word_of(words, 2, text, &value, message, size);
    o->plane = (fs_plane_choice)value;
    return status;
}

static int parse_at(options *o, const char *text, void *field, char *message, size_t size)
{
    (void)field;
    static const char *const words[] = { [FS_AT_STATIONARY] = "stationary", [FS_AT_START] = "start", [FS_AT_END] = "end" };
    int value = 0, status = word_of(words, 3, text, &value, message, size);
    o->at = (fs_stability_at)value;
    return status;
}

/* --- the table ------------------------------------------------------------------------------ */

typedef struct {
    const char *name;
    int key;                    /* a letter, or a number beyond the letters */
    const char *argument;       /* NULL: a flag */
    unsigned commands;
    parser *parse;
    size_t field;
    const char *help;
} row;

enum { KEY_FIRST = 256 };
#define AT(member) offsetof(options, member)

enum {
    CMD_STABILITY = CMD_SPECTRUM | CMD_CRITICAL,
    CMD_PLANE = CMD_PHASE | CMD_BIFURCATION,
    CMD_SOLVE = CMD_RUN | CMD_STABILITY | CMD_PLANE | CMD_ENSEMBLE,     /* those that integrate, and always write into a folder */
    CMD_FLOW = CMD_SOLVE | CMD_CHECK,       /* those that integrate */
    CMD_DRAW = CMD_FLOW | CMD_BENCH,        /* those that draw a figure, and have a folder for it */
    CMD_START = CMD_FLOW | CMD_EVAL         /* those that start somewhere */
};

static const row rows[] = {
    { "model", 'm', "NAME|FILE", CMD_ALL, parse_text, AT(model), "a model by name (see `flowsim models`) or its file" },
    { "set", 0, "KEY=VALUE", CMD_ALL, parse_set, 0, "override one key of the model file, dotted (data.count=128); repeatable" },
    { "gamma", 'g', "G[,G...]", CMD_FLOW, parse_gamma, 0, "penalty strength >= 0, unit 1/t; run: a list runs them all; phase: one panel each; critical, bifurcation: the scan; spectrum, ensemble: one" },
    { "flow", 0, "LIST", CMD_RUN | CMD_SPECTRUM | CMD_PHASE | CMD_ENSEMBLE, parse_flow, 0,
      "nominal,augmented,equivariant (default: all three; ensemble: the first two); spectrum: the one whose stationary points are meant (default: equivariant); phase: "
      "nominal or augmented (default)" },
    { "distance", 'd', "D[,D...]", CMD_START, parse_distance, 0,
      "initial distance |Y_0| to E; critical: an increasing list, > 0 (default: 1/4, 1/2, 1, 2, 4 times the model's); phase: a start each" },
    { "seed", 's', "N[,N...]", CMD_START | CMD_BENCH, parse_seed, 0, "random seed (default 1); a list starts from them all" },
    { "weights", 'w', "F.npy", CMD_SOLVE | CMD_EVAL, parse_text, AT(weights), "initial weights in natural order; overrides seed and distance (critical: the direction of Y_0)" },
    { "t-end", 't', "T", CMD_FLOW, parse_t_end, AT(t_end), "end of the flow time (spectrum: of the search, default 100 times the model's; critical: 50 times)" },
    { "rtol", 0, "R", CMD_FLOW, parse_rtol, AT(rtol), "relative tolerance, 1e-14 to 1e-2" },
    { "atol", 0, "R", CMD_FLOW, parse_atol, AT(atol), "absolute tolerance on E; on N it is 1e-14 |A_0|" },
    { "method", 0, "bdf|adams", CMD_RUN | CMD_CRITICAL | CMD_PHASE, parse_method, 0, "integrator family" },
    { "solver", 0, "auto|dense|krylov", CMD_SOLVE & ~CMD_ENSEMBLE, parse_solver, 0, "linear solver of bdf and Newton; eigenvalues by LAPACK (dense) or Lanczos (krylov)" },
    { "times", 0, "N|T1,T2,...", CMD_RUN | CMD_SPECTRUM, parse_times, 0,
      "output times: N equally spaced after t = 0 (default 200; 25 for the path of spectrum), or a list; they never change the steps" },
    { "at", 0, "stationary|start|end", CMD_SPECTRUM, parse_at, 0, "where the Hessian is taken: a stationary point (default), the start, or the flow's end" },
    { "starts", 0, "N", CMD_STABILITY | CMD_PLANE, parse_starts, AT(starts),
      "Newton searches from random points for more stationary points, saddles too (spectrum: default 0; critical: 16, and 0 leaves out gamma_gen and gamma_all; "
      "bifurcation: 16 at every gamma where branches are looked for, fewer beyond 48 parameters; given, nothing bounds the work; phase: 0, and only in models of more than two parameters)" },
    { "wanted", 0, "N", CMD_SPECTRUM, parse_wanted, AT(wanted), "Lanczos: eigenvalues from each end of each block (default 3)" },
    { "accuracy", 0, "R", CMD_CRITICAL, parse_accuracy, AT(accuracy), "width of a bracket around critical gamma, relative, 1e-12 to 0.1 (default 1e-4)" },
    { "all", 0, NULL, CMD_CHECK, parse_flag, AT(all), "every shipped model small enough, the models that break one hypothesis, and the closed forms" },
    { "statement", 0, "ID[,ID...]", CMD_CHECK, parse_statement, 0, "only these statements (fact_a,theorem_1_2; an unknown one lists them)" },
    { "tap", 0, NULL, CMD_CHECK, parse_flag, AT(tap), "one line a verdict, in the Test Anything Protocol" },
    { "no-bounds", 0, NULL, CMD_CRITICAL, parse_flag, AT(no_bounds), "leave out the theorem's bounds, which need extremes over a tube around E" },
    { "bounds", 0, NULL, CMD_RUN, parse_flag, AT(bounds), "one gamma, one seed: measure the constants of Theorem 3, and draw |Y| with the chain of its bounds" },
    { "window", 0, "X0,X1,Y0,Y1", CMD_PHASE, parse_window, AT(window), "what the panels show (default: around starts, paths and stationary points)" },
    { "plane", 0, "unstable|motion", CMD_PHASE, parse_plane, 0,
      "more than two parameters: the plane of the lowest eigenvectors on E and on N (default), or that of the paths' own principal directions" },
    { "tube", 0, "D", CMD_PHASE, parse_tube, AT(tube), "half width of the band |Y| <= D around E (default: the largest distance of a start)" },
    { "save-weights", 0, NULL, CMD_RUN | CMD_SPECTRUM, parse_flag, AT(save_weights),
      "run: weights_FLOW.npy (times, parameters) and times.npy; spectrum: point_1.npy, point_2.npy, ... (parameters)" },
    { "checkpoint", 0, "SEC", CMD_RUN, parse_seconds, AT(checkpoint), "write a checkpoint about every SEC seconds, and when interrupted" },
    { "resume", 0, "DIR", CMD_RUN, parse_text, AT(resume), "go on from the checkpoint in DIR, to the same bytes as an unbroken run" },
    { "gradient", 0, "F.npy", CMD_EVAL, parse_text, AT(gradient_file), "write Pi_L grad of the chosen risk" },
    { "hessian", 0, "F.npy", CMD_EVAL, parse_text, AT(hessian_file), "write Pi_L Hess Pi_L of the chosen risk (parameters, parameters)" },
    { "project", 0, "F.npy", CMD_EVAL, parse_text, AT(project_file), "write Pi_E A" },
    { "risk", 0, "nominal|augmented", CMD_EVAL | CMD_SPECTRUM, parse_risk, AT(augmented),
      "which risk --gradient, --hessian and the eigenvalues mean (default augmented; nominal is a control)" },
    { "threads", 'j', "N", CMD_ALL, parse_threads, AT(threads), "worker threads; never changes a result" },
    { "output", 'o', "DIR", CMD_DRAW, parse_text, AT(output), "where files go (default results/<model>-<command>)" },
    { "force", 0, NULL, CMD_DRAW, parse_flag, AT(force), "write into a folder that holds other files too" },
    { "json", 0, NULL, CMD_ALL, parse_flag, AT(json), "the report on stdout as one JSON object, nothing else there" },
    { "figure", 0, "png|svg|pdf|dumb|none", CMD_DRAW, parse_figure, 0, "what gnuplot draws (default png; check, bench: none); dumb: characters, on the terminal" },
    { "quiet", 'q', NULL, CMD_ALL, parse_flag, AT(quiet), "no table, no progress, errors only" },
    { "verbose", 'v', NULL, CMD_ALL, parse_flag, AT(verbose), "solver statistics; check: claims, sources, budgets and every number met" },
    { "cite", 0, NULL, CMD_ALL, parse_flag, AT(cite), "print the references of what was run" },
};
enum { ROWS = sizeof rows / sizeof *rows };

static int key_of(size_t i)
{
    return rows[i].key ? rows[i].key : KEY_FIRST + (int)i;
}

static error_t on_argument(int key, char *text, struct argp_state *state)
{
    options *o = state->input;
    char message[MESSAGE];
    if (key == ARGP_KEY_ARG) {
        if (!o->command) {
            const command *c = commands;
            while (c->name && strcmp(c->name, text) != 0) c++;
            if (!c->name) {
                char known[200] = "";
                for (const command *k = commands; k->name; k++) {
                    size_t used = strlen(known);
                    snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", k->name);
                }
                cli_error("expected a command (%s), found \"%.100s\"", known, text);
                exit(EXIT_USAGE);
            }
            o->command = c;
            return 0;
        }
        if (o->command->bit == CMD_MODELS && !o->model) {
            o->model = text;
            return 0;
        }
        cli_error("expected nothing more after the command %s, found \"%.100s\"", o->command->name, text);
        exit(EXIT_USAGE);
    }
    for (size_t i = 0; i < ROWS; i++) {
        if (key != key_of(i)) continue;
        if (rows[i].parse(o, text, (char *)o + rows[i].field, message, sizeof message)) {
            cli_error("--%s: %s", rows[i].name, message);
            exit(EXIT_USAGE);
        }
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

/* --- what argp would say in its own words ------------------------------------------------------- */

/* Options that argp adds by itself. */
static const char *const plain_options[] = { "help", "usage", "version" };
enum { PLAIN = sizeof plain_options / sizeof *plain_options };

static const char *option_name(size_t i)
{
    return i < ROWS ? rows[i].name : plain_options[i - ROWS];
}

/* The option that word (length letters) names or abbreviates; ROWS + PLAIN and a message when there is none or more than one. */
static size_t find_option(const char *word, size_t length)
{
    size_t found = ROWS + PLAIN, near = 0, best = SIZE_MAX, matches = 0;
    char text[64];
    snprintf(text, sizeof text, "%.*s", (int)length, word);
    for (size_t i = 0; i < ROWS + PLAIN; i++) {
        const char *name = option_name(i);
        if (strcmp(name, text) == 0) return i;
        if (strncmp(name, text, length) == 0) {
            found = i;
            matches++;
        }
        size_t distance = fs_edit_distance(text, name);
        if (distance < best) {
            best = distance;
            near = i;
        }
    }
    if (matches == 1) return found;
    if (matches > 1) cli_error("expected an option, found --%s, which abbreviates several (see flowsim --help)", text);
    else if (fs_edit_near(text, best)) cli_error("unknown option --%s; did you mean --%s?", text, option_name(near));
    else cli_error("unknown option --%s (see flowsim --help)", text);
    return ROWS + PLAIN;
}

static size_t find_letter(char letter)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].key == letter) return i;
    return letter == '?' || letter == 'V' ? ROWS : ROWS + PLAIN;
}

/* Every word of the command line is an option that exists, with its value, or a plain word. */
static int check_words(int argc, char **argv)
{
    for (int a = 1; a < argc; a++) {
        const char *word = argv[a];
        if (strcmp(word, "--") == 0) break;
        if (word[0] != '-' || !word[1]) continue;
        int is_long = word[1] == '-', has_value = 0;
        size_t i = ROWS;
        if (is_long) {
            size_t length = strcspn(word + 2, "=");
            i = find_option(word + 2, length);
            if (i == ROWS + PLAIN) return EXIT_USAGE;
            has_value = word[2 + length] == '=';
            if (has_value && (i >= ROWS || !rows[i].argument)) {
                cli_error("expected no value for --%s, found \"%.100s\"", option_name(i), word + 3 + length);
                return EXIT_USAGE;
            }
        } else {
            for (const char *letter = word + 1; *letter && !has_value; letter++) {
                i = find_letter(*letter);
                if (i == ROWS + PLAIN) {
                    cli_error("unknown option -%c (see flowsim --help)", *letter);
                    return EXIT_USAGE;
                }
                has_value = i < ROWS && rows[i].argument && letter[1];
            }
        }
        if (i >= ROWS || !rows[i].argument || has_value) continue;
        if (++a == argc) {
            cli_error("expected a value after --%s (%s), found the end of the command line", rows[i].name, rows[i].argument);
            return EXIT_USAGE;
        }
    }
    return EXIT_DONE;
}

/* An option that the chosen command does not have. */
static int misplaced(const options *o, int argc, char **argv)
{
    for (int a = 1; a < argc; a++) {
        if (strcmp(argv[a], "--") == 0) break;
        for (size_t i = 0; i < ROWS; i++) {
            size_t length = strlen(rows[i].name);
            int same = strncmp(argv[a], "--", 2) == 0 && strncmp(argv[a] + 2, rows[i].name, length) == 0 &&
                       (argv[a][2 + length] == 0 || argv[a][2 + length] == '=');
            if (same && !(rows[i].commands & o->command->bit)) {
                cli_error("expected an option of the command %s, found --%s (see flowsim --help)", o->command->name, rows[i].name);
                return EXIT_USAGE;
            }
        }
    }
    return EXIT_DONE;
}

/* Lists where the command takes one value, and values that belong to something else. */
static int check_values(const options *o)
{
    unsigned bit = o->command->bit;
    const struct {
        const char *name;
        size_t count;
        unsigned lists;             /* commands that take several */
    } value[] = {
        { "gamma", o->n_gamma, CMD_RUN | CMD_CRITICAL | CMD_PLANE },
        { "distance", o->n_distance, CMD_CRITICAL | CMD_PHASE },
        { "seed", o->n_seed, (CMD_SOLVE & ~CMD_BIFURCATION & ~CMD_ENSEMBLE) },
        { "flow", o->n_kinds, CMD_RUN | CMD_ENSEMBLE },
    };
    for (size_t i = 0; i < sizeof value / sizeof *value; i++)
        if (value[i].count > 1 && !(value[i].lists & bit)) {
            cli_error("--%s: expected one value for the command %s, found %zu", value[i].name, o->command->name, value[i].count);
            return EXIT_USAGE;
        }
    if (bit == CMD_CHECK && o->all && (o->model || o->n_sets)) {
        cli_error("expected --all or --model with --set, found %s", o->model ? "--all and --model" : "--all and --set");
        return EXIT_USAGE;
    }
    if (bit == CMD_CHECK && o->tap && o->json) {
        cli_error("expected --tap or --json, found both");
        return EXIT_USAGE;
    }
    if (bit == CMD_PHASE && o->n_kinds && o->kind[0] == FS_FLOW_EQUIVARIANT) {
        cli_error("--flow: expected nominal or augmented for the command phase (the equivariant flow stays on E), found equivariant");
        return EXIT_USAGE;
    }
    if (o->bounds && (o->n_gamma > 1 || o->n_seed > 1)) {
        cli_error("expected one gamma and one seed with --bounds, found %zu %s", o->n_gamma > 1 ? o->n_gamma : o->n_seed, o->n_gamma > 1 ? "gammas" : "seeds");
        return EXIT_USAGE;
    }
    if (o->weights && o->n_seed > 1) {
        cli_error("expected one seed with --weights (the start is given), found %zu", o->n_seed);
        return EXIT_USAGE;
    }
    if (bit == CMD_CRITICAL && o->n_distance && !(o->distance[0] > 0.0)) {
        cli_error("--distance: expected distances > 0 for the command critical (a start on E stays there), found %g", o->distance[0]);
        return EXIT_USAGE;
    }
    if (o->at != FS_AT_STATIONARY && (o->starts > 0 || o->n_seed > 1)) {
        cli_error("--%s: expected --at stationary with it (elsewhere there is nothing to search), found --at %s",
                  o->starts > 0 ? "starts" : "seed with a list", o->at == FS_AT_START ? "start" : "end");
        return EXIT_USAGE;
    }
    if (o->at == FS_AT_START && o->has_times) {
        cli_error("--times: expected --at stationary or --at end with it (no path leads to a start), found --at start");
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}

static char *joined(int argc, char **argv)
{
    size_t size = 1;
    for (int i = 0; i < argc; i++) size += 4 * strlen(argv[i]) + 3;
    char *line = malloc(size), *to = line;
    for (int i = 0; line && i < argc; i++) {
        const char *word = i ? argv[i] : "flowsim";
        int plain = *word && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=,./:+%@") == strlen(word);
        if (i) *to++ = ' ';
        if (!plain) *to++ = '\'';
        for (; *word; word++) {
            if (*word == '\'') {
                memcpy(to, "'\\''", 4);
                to += 4;
            } else {
                *to++ = *word;
            }
        }
        if (!plain) *to++ = '\'';
    }
    if (line) *to = 0;
    return line;
}

static const char before_options[] =
    "Exact gradient flows of small neural networks under a symmetry group: nominal, augmented, equivariant.\n"
    "Commands (no command means run):\n"
    "  run      integrate the flows from one start, report, draw\n"
    "  check    every theorem as a verdict, with its error budget and a control that must fail\n"
    "  eval     risk, gradient, Hessian, projections, equivariance defect at given weights\n"
    "  spectrum stationary points, Hessian eigenvalues on E, on N, by irreducible\n"
    "  critical critical gamma of an equilibrium and of starts, beside the bounds\n"
    "  phase    phase portrait: streamlines, nullclines, E, stationary points by computed stability\n"
    "  bifurcation  stationary points against gamma: branches, stability, folds\n"
    "  ensemble equivariance of the mean network of an orbit ensemble against time\n"
    "  models   list the models, or show one: flowsim models NAME\n"
    "  bench    time gradient, Hessian-vector product, Hessian, lowest eigenvalues\n"
    "\n"
    "Example: flowsim --model cnn_c4 --gamma 10\v"
    "Exit status: 0 done, and for check every verdict holds; 1 a verdict is violated; 2 usage or bad input; 3 undecided; 4 numerical or system failure; 5 unsafe floating-point "
    "environment; 128+n ended by signal n.\n"
    "Models are sought in ., $FLOWSIM_MODELS, the source tree's models/, and the installed data folder. "
    "NO_COLOR is honoured.";

int options_parse(options *o, int argc, char **argv, int *done)
{
    *o = (options){ .argc = argc, .argv = argv, .threads = 1, .augmented = 1, .starts = -1,
                    .checkpoint = -1.0, .tube = -1.0, .figure = "png" };
    *done = 0;
    struct argp_option table[ROWS + 2];
    memset(table, 0, sizeof table);
    for (size_t i = 0; i < ROWS; i++)
        table[i] = (struct argp_option){ .name = rows[i].name, .key = key_of(i), .arg = rows[i].argument, .doc = rows[i].help };
    struct argp parser_of_all = { .options = table, .parser = on_argument, .args_doc = "[COMMAND]", .doc = before_options };
    for (int i = 1; i < argc; i++)          /* argp prints these in an order of its own; version text is ours */
        if (strcmp(argv[i], "--version") == 0 || strcmp(argv[i], "-V") == 0) {
            cli_version(stdout);
            *done = 1;
            return cli_flush_stdout();
        }
    int words = check_words(argc, argv);
    if (words != EXIT_DONE) return words;
    o->command_line = joined(argc, argv);       /* before argp sorts the words */
    argp_err_exit_status = EXIT_USAGE;
    error_t failed = argp_parse(&parser_of_all, argc, argv, 0, NULL, o);
    if (failed) {
        cli_error("the command line could not be read: %s", strerror(failed));
        return EXIT_SYSTEM;
    }
    if (!o->command) o->command = commands;
    int status = misplaced(o, argc, argv);
    if (status != EXIT_DONE) return status;
    if (o->cite && o->command->needs_model && !o->model && !o->resume && !o->all) {
        cli_cite(stdout);
        *done = 1;
        return cli_flush_stdout();
    }
    if (o->command->needs_model && !o->model && !o->resume && !o->all) {
        cli_error("expected --model NAME or FILE%s, found none (flowsim models lists them)", o->command->bit == CMD_CHECK ? ", or --all" : "");
        return EXIT_USAGE;
    }
    status = check_values(o);
    if (status != EXIT_DONE) return status;
    if (!o->has_figure && o->command->bit & (CMD_CHECK | CMD_BENCH)) o->figure = "none";
    if (!o->n_seed && add_seed(o, "1")) return EXIT_SYSTEM;
    if (!o->has_times) o->times_count = o->command->bit == CMD_SPECTRUM ? 25 : 200;
    if (!o->n_kinds && o->command->bit == CMD_SPECTRUM) o->kind[o->n_kinds++] = FS_FLOW_EQUIVARIANT;
    if (!o->n_kinds && o->command->bit == CMD_PHASE) o->kind[o->n_kinds++] = FS_FLOW_AUGMENTED;
    if (!o->n_kinds && o->command->bit == CMD_ENSEMBLE) {
        o->kind[o->n_kinds++] = FS_FLOW_NOMINAL;
        o->kind[o->n_kinds++] = FS_FLOW_AUGMENTED;
    }
    if (!o->n_kinds)
        for (int k = 0; k < FS_FLOW_COUNT; k++) o->kind[o->n_kinds++] = (fs_flow_kind)k;
    return EXIT_DONE;
}

void options_clear(options *o)
{
    free(o->command_line);
    free(o->sets);
    free(o->gamma);
    free(o->distance);
    free(o->seed);
    free(o->times);
    free(o->statement);
}
