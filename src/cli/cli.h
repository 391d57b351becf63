/* cli/cli.h -- what the commands share: messages, model search, progress, signals, the self-test
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_CLI_CLI_H
#define FS_CLI_CLI_H

#include "cli/options.h"
#include "report/figure.h"
#include "report/json.h"

#include <signal.h>
#include <stdio.h>

#define CLI_VERSION_SIZE 80

/* "flowsim: " + the line, to stderr. */
void cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void cli_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints err and returns the exit status that goes with its kind. */
int cli_failed(const fs_err *err);
int cli_status_of(fs_status status);

/* Version, compiler, kernels, libraries. */
void cli_version(FILE *stream);
const char *cli_version_text(void);
/* The references of what was run. */
void cli_cite(FILE *stream);
/* Flushes stdout: EXIT_SYSTEM with a message when something could not be written. */
int cli_flush_stdout(void);

/* Opens the model named on the command line, with its overrides; start.distance is the largest --distance. */
int cli_load(const options *o, fs_problem **out);
/* Folders that are searched, in order; the i-th in buffer, 0 beyond the last. */
int cli_model_folder(size_t i, size_t size, char *buffer);
/* The folder of gnuplot templates, NULL when there is none; buffer holds it. */
const char *cli_figure_folder(size_t size, char *buffer);

/* report_head with everything but wall_s; p NULL: of no single model. */
void cli_head(const options *o, const fs_problem *p, fs_report_head *head);
/* --distance; negative: the model's. */
double cli_distance(const options *o);
/* Reads --weights: P finite numbers in natural order that lie in L; the caller frees *A.  *A = NULL without --weights. */
int cli_read_weights(const options *o, const fs_problem *p, double **A);

/* A number of the signal that asked the program to stop, or 0. */
int cli_signal(void);
/* SIGINT, SIGTERM and SIGHUP are remembered for cli_signal; the second one ends the program at once. */
void cli_catch_signals(void);
/* A broken pipe or a file-size limit becomes a write error that is reported. */
void cli_ignore_signals(void);

/* EXIT_UNSAFE with a message when NaN, denormals, rounding or the C locale do not behave. */
int cli_self_test(void);

/* A line on the terminal, rewritten; silent when stderr is no terminal or with -q. */
typedef struct cli_progress cli_progress;
cli_progress *cli_progress_create(const options *o, size_t tasks, double t_end);
/* fs_run_options.progress; context is the cli_progress. */
int cli_progress_step(void *context, size_t index, const fs_run_flow *flow, double t, double h, long step, const fs_flow_point *p);
/* Everything else that takes long; borrows p. */
fs_watch cli_progress_watch(cli_progress *p);
void cli_progress_destroy(cli_progress *p);

int cli_colour(FILE *stream);
/* text to stdout, which stands at this column, folded at blanks before column 110; following lines begin at the same column. */
void cli_folded(int column, const char *text);

/* Bytes of kept primal that a flow may use; beyond them products recompute it. */
#define CLI_KEEP_LIMIT ((size_t)1 << 30)

/* --times: N equally spaced ones after 0 up to t_end, or the list given, with 0 in front; the caller frees them, NULL when memory is short. */
double *cli_output_times(const options *o, double t_end, size_t *count);
/* --output, or results/<model>-<command>. */
int cli_open_folder(const options *o, const fs_problem *p, fs_folder **out);

/* A result, and how a command shows it; data and draw may be NULL. */
typedef struct {
    const void *result;
    json_t *(*json)(const fs_report_head *head, const void *result);
    fs_status (*data)(const options *o, fs_folder *folder, const fs_report_head *head, const void *result, fs_err *err);    /* tables and arrays */
    fs_status (*draw)(fs_figure *out, fs_folder *folder, const fs_report_head *head, const void *result, const fs_figure_options *look, fs_err *err);
    fs_status (*print)(const options *o, const fs_report_head *head, const void *result, fs_err *err);
} cli_results;

/* Writes data, report.json and figure into the folder (NULL: none), and prints table or JSON as asked for. */
int cli_report(const options *o, const fs_problem *p, fs_folder *folder, double wall_s, const cli_results *r);
/* The picture itself where it is made of characters, then the names of all files; nothing of that with --json, --tap or -q.  Why a picture is missing goes
 * to stderr. */
void cli_print_files(const options *o, const fs_folder *folder, const fs_figure *figure);
/* Says what a signal left: what was written, or nothing (folder NULL).  The exit status. */
int cli_interrupted(const fs_folder *folder);
/* After a computation that left nothing: interrupted by a signal, or failed as err says.  The exit status. */
int cli_without_result(fs_status status, const fs_err *err);

int command_run(options *o);
int command_check(options *o);
int command_eval(options *o);
int command_spectrum(options *o);
int command_critical(options *o);
int command_phase(options *o);
int command_bifurcation(options *o);
int command_ensemble(options *o);
int command_models(options *o);
int command_bench(options *o);

#endif
