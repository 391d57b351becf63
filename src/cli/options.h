/* cli/options.h -- the command line: one row an option, the same word in every command
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_CLI_OPTIONS_H
#define FS_CLI_OPTIONS_H

#include "experiment/phase.h"
#include "experiment/run.h"
#include "experiment/stability.h"
#include "theory_checks/check.h"

/* The commands an option belongs to, as a set. */
enum { CMD_RUN = 1, CMD_EVAL = 2, CMD_SPECTRUM = 4, CMD_CRITICAL = 8, CMD_MODELS = 16, CMD_BENCH = 32, CMD_CHECK = 64,
       CMD_PHASE = 128, CMD_BIFURCATION = 256, CMD_ENSEMBLE = 512, CMD_ALL = 1023 };

/* Plain: what was asked for.  Lists are owned; texts belong to argv.  has_X tells a value given from a default. */
typedef struct options {
    const struct command *command;
    int argc;
    char **argv;
    char *command_line;                 /* as typed, quoted where a shell would need it */

    const char *model;
    size_t n_sets;
    const char **sets;                  /* --set KEY=VALUE */
    size_t n_gamma;
    double *gamma;                      /* empty: the model's */
    size_t n_kinds;
    fs_flow_kind kind[FS_FLOW_COUNT];
    size_t n_distance;
    double *distance;                   /* increasing; empty: the model's */
    size_t n_seed;
    uint64_t *seed;
    const char *weights;
    double t_end, rtol, atol;           /* 0: the model's */
    int has_method, has_solver;
    fs_method method;
    fs_solver solver;
    int has_times;
    size_t times_count;                 /* N equally spaced after t = 0; 0: the list below */
    size_t n_times;
    double *times;
    int save_weights;
    int threads;
    const char *output;                 /* NULL: results/<model>-<command> */
    int force;
    int json;
    const char *figure;                 /* png, svg, pdf, dumb, none */
    int has_figure;
    double checkpoint;                  /* seconds between checkpoints; negative: none */
    const char *resume;
    const char *gradient_file, *hessian_file, *project_file;
    int augmented;                      /* --risk */
    fs_stability_at at;
    int starts;                         /* Newton searches; negative: the command's default */
    int wanted;                         /* eigenvalues from each end; 0: the default of fs_spectrum */
    double accuracy;                    /* 0: the default of fs_critical */
    int no_bounds;
    int bounds;                         /* run: the constants of Theorem 3, and the picture of its bounds */
    int has_window;
    double window[4];                   /* phase: lowest and highest of each axis */
    fs_plane_choice plane;
    double tube;                        /* phase: half width of the band around E; negative: the largest distance of a start */
    int all, tap;
    size_t n_statements;
    const fs_statement **statement;     /* --statement, in the order of the theory; empty: all */
    int quiet, verbose, cite;
} options;

/* One command: a row of the table in main.c. */
typedef struct command {
    const char *name, *does;
    unsigned bit;
    int needs_model;
    int polls_signals;                  /* stops by itself, and cleanly, when interrupted */
    int (*run)(options *o);             /* returns the exit status */
} command;

extern const command commands[];        /* ends with a row without name */

/* Exit statuses (contract with scripts). */
enum { EXIT_DONE = 0, EXIT_VIOLATED = 1, EXIT_USAGE = 2, EXIT_UNDECIDED = 3, EXIT_SYSTEM = 4, EXIT_UNSAFE = 5, EXIT_SIGNAL = 128 };

/* Parses argv; on an error prints one line and returns EXIT_USAGE; EXIT_DONE with *done set after --help or --version. */
int options_parse(options *o, int argc, char **argv, int *done);
void options_clear(options *o);

#endif
