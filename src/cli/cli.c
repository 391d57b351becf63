/* cli/cli.c -- messages, exit statuses, model search, weights, version
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/cli.h"

#include "base/files.h"
#include "base/isa.h"
#include "cli/version.h"

#include <errno.h>
#include <gsl/gsl_version.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sundials/sundials_version.h>
#include <unistd.h>

/* OpenBLAS's own report of the kernel it chose; its header is not installed under a common name everywhere. */
extern char *openblas_get_corename(void);

__attribute__((format(printf, 2, 0))) static void say(const char *prefix, const char *format, va_list arguments)
{
    fprintf(stderr, "flowsim: %s", prefix);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

void cli_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say("", format, arguments);
    va_end(arguments);
}

void cli_warning(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say("warning: ", format, arguments);
    va_end(arguments);
}

int cli_status_of(fs_status status)
{
    switch (status) {
    case FS_OK: return EXIT_DONE;
    case FS_EINPUT:
    case FS_EGROUP:
    case FS_ENOTREP: return EXIT_USAGE;
    case FS_EUNSAFE: return EXIT_UNSAFE;
    case FS_ENOMEM:
    case FS_EIO:
    case FS_ENAN:
    case FS_ESOLVER:
    case FS_ESTOPPED:
    case FS_STATUS_COUNT: break;
    }
    return EXIT_SYSTEM;
}

int cli_failed(const fs_err *err)
{
    if (err->status == FS_OK) {      /* a failure is a failure, with or without words */
        cli_error("failed without a reason");
        return EXIT_SYSTEM;
    }
    if (err->status == FS_ENOMEM && err->text[0]) cli_error("%s: %s", fs_status_text(err->status), err->text);
    else cli_error("%s", err->text[0] ? err->text : fs_status_text(err->status));
    return cli_status_of(err->status);
}

int cli_flush_stdout(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) return EXIT_DONE;
    cli_error("standard output could not be written: %s", strerror(errno));
    return EXIT_SYSTEM;
}

const char *cli_version_text(void)
{
    return FS_VERSION " (" FS_GIT_ID ")";
}

void cli_version(FILE *stream)
{
    char sundials[32] = "";
    SUNDIALSGetVersion(sundials, sizeof sundials);
    fprintf(stream,
            "flowsim %s\n"
            "kernels:  %s\n"
            "compiler: %s\n"
            "SUNDIALS %s, GSL %s, OpenBLAS core %s\n"
            "Copyright (C) 2026 the flowsim developers\n"
            "License GPL-3.0-or-later: free software, without any warranty, to the extent permitted by law.\n",
            cli_version_text(), fs_isa_name(fs_isa_best()), __VERSION__, sundials, gsl_version, openblas_get_corename());
}

void cli_cite(FILE *stream)
{
    fputs("Results of flowsim rest on:\n"
          "  O. Nordenfors, F. Ohlsson, A. Flinth. Optimization dynamics of equivariant and augmented neural networks.\n"
          "    arXiv:2303.13458 (invariance of E, stationary points, stability)\n"
          "  O. Nordenfors, A. Flinth. Data augmentation and regularization for learning group equivariance.\n"
          "    arXiv:2502.06547 (the penalty gamma/2 |Pi_N A|^2 and its exponential rate)\n"
          "  A. C. Hindmarsh et al. SUNDIALS: suite of nonlinear and differential/algebraic equation solvers.\n"
          "    ACM Trans. Math. Softw. 31 (2005) 363-396 (the integrator CVODES)\n"
          "  H. Xiao, K. Rasul, R. Vollgraf. Fashion-MNIST. arXiv:1708.07747 (the images of the cnn_c4 models)\n",
          stream);
}

/* --- models ------------------------------------------------------------------------------ */

/* the folder the program was started from, "" when unknown */
static void program_folder(size_t size, char *buffer)
{
    ssize_t n = readlink("/proc/self/exe", buffer, size - 1);
    buffer[n > 0 ? n : 0] = 0;
    char *slash = strrchr(buffer, '/');
    if (slash) *slash = 0;
}

int cli_model_folder(size_t i, size_t size, char *buffer)
{
    const char *chosen = getenv("FLOWSIM_MODELS");
    char here[PATH_MAX];
    if (i == 0) return snprintf(buffer, size, ".") > 0;
    if (chosen && *chosen && i == 1) return snprintf(buffer, size, "%s", chosen) < (int)size;
    i -= chosen && *chosen ? 2 : 1;
    if (i == 0) {
        program_folder(sizeof here, here);
        return snprintf(buffer, size, "%s/models", here) < (int)size;
    }
    if (i == 1) return snprintf(buffer, size, "%s/models", FS_SOURCE_DIR) < (int)size;
    if (i == 2) return snprintf(buffer, size, "%s/models", FS_DATA_DIR) < (int)size;
    return 0;
}

const char *cli_figure_folder(size_t size, char *buffer)
{
    char here[PATH_MAX];
    program_folder(sizeof here, here);
    const char *roots[] = { here, FS_SOURCE_DIR, FS_DATA_DIR };
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        if (snprintf(buffer, size, "%s/figures", roots[i]) < (int)size && access(buffer, R_OK | X_OK) == 0) return buffer;
    return NULL;
}

static int find_model(const char *model, size_t size, char *path)
{
    char folder[PATH_MAX];
    size_t length = strlen(model);
    int named_in_full = model[0] == '/' || (length > 5 && strcmp(model + length - 5, ".yaml") == 0), in_folder = strchr(model, '/') != NULL;
    /* atlas/NAME is sought in every folder of models, unless there is such a file here */
    if (!named_in_full && !(in_folder && access(model, F_OK) == 0))
        for (size_t i = 0; cli_model_folder(i, sizeof folder, folder); i++)
            if (snprintf(path, size, "%s/%s.yaml", folder, model) < (int)size && access(path, F_OK) == 0) return EXIT_DONE;
    if (named_in_full || in_folder) {
        snprintf(path, size, "%s", model);
        return EXIT_DONE;
    }
    cli_error("expected a model, found no \"%.100s.yaml\" in ., $FLOWSIM_MODELS, the source tree's models or %s/models "
              "(flowsim models lists what there is)", model, FS_DATA_DIR);
    return EXIT_USAGE;
}

/* The start's distance is part of the model: the measure of the augmentation is judged at it. */
static fs_status load_from(const options *o, const char *path, fs_problem **out, fs_err *err)
{
    char number[32], distance[64];
    double largest = o->n_distance ? o->distance[o->n_distance - 1] : -1.0;
    if (!(largest >= 0.0 && largest <= 1e6)) return fs_problem_load(out, path, o->n_sets, o->sets, err);
    const char **sets = fs_calloc(o->n_sets + 1, sizeof *sets);
    if (!sets) return fs_fail(err, FS_ENOMEM, "%zu overrides", o->n_sets + 1);
    for (size_t i = 0; i < o->n_sets; i++) sets[i] = o->sets[i];
    fs_number_format(largest, number);
    snprintf(distance, sizeof distance, "start.distance=%s", number);
    sets[o->n_sets] = distance;
    fs_status status = fs_problem_load(out, path, o->n_sets + 1, sets, err);
    free(sets);
    return status;
}

int cli_load(const options *o, fs_problem **out)
{
    char path[PATH_MAX];
    fs_err err = { 0 };
    *out = NULL;
    int status = find_model(o->model, sizeof path, path);
    if (status != EXIT_DONE) return status;
    if (load_from(o, path, out, &err) != FS_OK) return cli_failed(&err);
    if (!o->quiet && *fs_problem_warning(*out)) cli_warning("%s: %s", fs_problem_name(*out), fs_problem_warning(*out));
    return EXIT_DONE;
}

void cli_head(const options *o, const fs_problem *p, fs_report_head *head)
{
    *head = (fs_report_head){ .version = cli_version_text(), .command = o->command->name, .command_line = o->command_line,
                              .weights = o->weights, .n_seed = o->n_seed, .seed = o->seed,
                              .blas_core = openblas_get_corename() };
    if (p) fs_report_head_fill(head, p);
}

double cli_distance(const options *o)
{
    return o->n_distance ? o->distance[0] : -1.0;
}

int cli_read_weights(const options *o, const fs_problem *p, double **A)
{
    fs_array file = { 0 };
    fs_err err = { 0 };
    *A = NULL;
    if (!o->weights) return EXIT_DONE;
    size_t P = fs_net_parameters(fs_problem_net(p));
    if (fs_npy_read(o->weights, &file, &err) != FS_OK) return cli_failed(&err);
    if (file.dim != 1 || file.count != P) {
        cli_error("%s: expected an array of shape (%zu), the weights of %s in natural order; found %zu numbers in %zu axes", o->weights, P,
                  fs_problem_name(p), file.count, file.dim);
        fs_array_clear(&file);
        return EXIT_USAGE;
    }
    double *w = fs_calloc(P, sizeof *w);
    fs_status status = w ? fs_problem_state_of_weights(p, file.data, w, &err) : fs_fail(&err, FS_ENOMEM, "%zu weights", P);
    free(w);
    if (status == FS_OK) {
        *A = file.data;
        return EXIT_DONE;
    }
    fs_array_clear(&file);
    cli_error("%s: %s", o->weights, err.text);
    return cli_status_of(status);
}

int cli_colour(FILE *stream)
{
    const char *no = getenv("NO_COLOR");
    return !(no && *no) && isatty(fileno(stream));
}

void cli_folded(int column, const char *text)
{
    enum { WIDTH = 110 };
    int at = column;
    for (const char *word = text; *word;) {
        int length = (int)strcspn(word, " ");
        if (word > text && at + 1 + length > WIDTH) {
            printf("\n%*s", column, "");
            at = column;
        } else if (word > text) {
            putchar(' ');
            at++;
        }
        printf("%.*s", length, word);
        at += length;
        word += length;
        word += strspn(word, " ");
    }
    putchar('\n');
}
