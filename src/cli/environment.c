/* cli/environment.c -- self-test of the floating-point environment, and signals
 *
 * A library loaded into the process can flush denormals to zero, a wrapper can change the rounding mode, a compiler flag can
 * fold NaN tests away; each of these turns a verdict into noise, so the program refuses to start.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/cli.h"

#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* volatile: the compiler must not know the answers */
static volatile double zero = 0.0, one = 1.0, smallest = DBL_MIN, tiny = DBL_EPSILON;

static const char *unsafe_because(void)
{
    double nan = zero / zero, infinity = one / zero;
    char text[32];
    if (!isnan(nan) || nan <= one || nan >= one || isfinite(infinity) || !(infinity > one))
        return "NaN and infinity are not recognised (built with -ffast-math or -ffinite-math-only?)";
    if (!(smallest / 4.0 > 0.0)) return "denormal numbers are flushed to zero (a library built with -ffast-math was loaded?)";
    if (fegetround() != FE_TONEAREST || !(one + 0.5 * tiny <= one) || !(one + 0.75 * tiny > one))
        return "rounding is not to nearest";
    double a = one + tiny, product = a * a;
    if (a * a - product != zero) return "a * b - c is contracted or kept in excess precision (build with -ffp-contract=off)";
    snprintf(text, sizeof text, "%g", 0.5 * one);
    if (strcmp(text, "0.5") != 0) return "numbers are not printed in the C locale";
    return NULL;
}

int cli_self_test(void)
{
    const char *why = unsafe_because();
    if (!why) return EXIT_DONE;
    cli_error("unsafe floating-point environment: %s", why);
    return EXIT_UNSAFE;
}

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
    if (caught) _Exit(EXIT_SIGNAL + number);    /* the second one does not wait */
    caught = number;
}

int cli_signal(void)
{
    return (int)caught;
}

static void handle(int number, void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(number, &action, NULL);
}

void cli_catch_signals(void)
{
    handle(SIGINT, on_signal);
    handle(SIGTERM, on_signal);
    handle(SIGHUP, on_signal);
}

void cli_ignore_signals(void)
{
    handle(SIGPIPE, SIG_IGN);
    handle(SIGXFSZ, SIG_IGN);
}
