/* cli/main.c -- the program: a thin user of libflowsim
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/cli.h"

#include <gsl/gsl_errno.h>
#include <stdlib.h>

extern void openblas_set_num_threads(int count);

/* The first row is what no command means. */
const command commands[] = {
    { "run", "integrate the flows from one start, report, draw", CMD_RUN, 1, 1, command_run },
    { "check", "every statement as a verdict: measured, error, bound, and a control that must fail", CMD_CHECK, 1, 1, command_check },
    { "eval", "risk, gradient, Hessian, projections at given weights", CMD_EVAL, 1, 0, command_eval },
    { "spectrum", "stationary points, eigenvalues of the Hessian on E, on N and by irreducible", CMD_SPECTRUM, 1, 1, command_spectrum },
    { "critical", "critical gamma of an equilibrium and of starts, beside the theorem's bounds", CMD_CRITICAL, 1, 1, command_critical },
    { "phase", "phase portrait of a two-parameter model, or of a plane through a larger one", CMD_PHASE, 1, 1, command_phase },
    { "bifurcation", "stationary points against gamma: branches, stability, folds", CMD_BIFURCATION, 1, 1, command_bifurcation },
    { "ensemble", "equivariance of the mean network of an orbit ensemble against time", CMD_ENSEMBLE, 1, 1, command_ensemble },
    { "models", "list the models, or show one", CMD_MODELS, 0, 0, command_models },
    { "bench", "time gradient, Hessian-vector product, Hessian and lowest eigenvalue", CMD_BENCH, 1, 1, command_bench },
    { NULL, NULL, 0, 0, 0, NULL },
};

/* argp leaves by exit after --help; a full disk must not look like success. */
static void check_stdout(void)
{
    if (cli_flush_stdout() != EXIT_DONE) _Exit(EXIT_SYSTEM);
}

int main(int argc, char **argv)
{
    options o;
    atexit(check_stdout);
    int done, status = options_parse(&o, argc, argv, &done);
    if (status == EXIT_DONE && !done) {
        gsl_set_error_handler_off();
        openblas_set_num_threads(1);        /* its thread count would change bits; threads here are over tasks and samples */
        if (o.command->polls_signals) cli_catch_signals();
        cli_ignore_signals();
        status = cli_self_test();
        if (status == EXIT_DONE) status = o.command->run(&o);
        if (status == EXIT_DONE && o.cite) cli_cite(o.json ? stderr : stdout);
        int flushed = cli_flush_stdout();
        if (status == EXIT_DONE) status = flushed;
    }
    options_clear(&o);
    return status;
}
