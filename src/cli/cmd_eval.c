/* cli/cmd_eval.c -- flowsim eval: risk, gradient, Hessian, projections and equivariance defect at given weights
 *
 *   gradient_norm = |Pi_L grad R|,  equivariance_defect = max_(g, x) |Phi_A(rho_X(g) x) - rho_Y(g) Phi_A(x)|
 *
 * over all samples x and at most 64 elements of the group, the generators among them; natural-order arrays are written as .npy.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/cli.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/norm.h"
#include "report/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Everything eval prints. */
typedef struct {
    double risk[2], gradient_norm[2];       /* nominal, augmented */
    double distance, defect, defect_relative;
} evaluation;

enum { ELEMENTS = 64 };
static const double hessian_limit = 8.0 * 1024 * 1024 * 1024;   /* bytes of the P x P array */

/* A <- Pi_L A by way of coordinates w (dim L) */
static void project_L(const fs_basis *b, double *A, double *w)
{
    fs_basis_project(b, A, w);
    fs_basis_expand(b, w, A);
}

/* The largest defect over samples and elements, and the largest output for scale. */
static fs_status equivariance(const fs_problem *p, const double *A, evaluation *e, fs_err *err)
{
    const fs_net *net = fs_problem_net(p);
    const fs_dataset *d = fs_problem_data(p);
    size_t in = d->inputs, out = fs_net_outputs(net);
    size_t element[ELEMENTS], elements = fs_elements_spread(fs_problem_group(p), ELEMENTS, element);
    double *x = fs_calloc(d->n, in * sizeof *x), *z = fs_calloc(d->n, out * sizeof *z), *zg = fs_calloc(d->n, out * sizeof *zg);
    double *moved = fs_calloc(out, sizeof *moved), scale = 0.0;
    fs_status status = x && z && zg && moved ? fs_net_apply(net, A, d->n, d->x, z, err)
                                             : fs_fail(err, FS_ENOMEM, "equivariance defect of %zu samples", d->n);
    for (size_t g = 0; status == FS_OK && g < elements; g++) {
        for (size_t i = 0; status == FS_OK && i < d->n; i++)
            status = fs_rep_apply(fs_problem_rho_X(p), element[g], d->x + i * in, x + i * in);
        if (status == FS_OK) status = fs_net_apply(net, A, d->n, x, zg, err);
        for (size_t i = 0; status == FS_OK && i < d->n; i++) {
            status = fs_rep_apply(fs_problem_rho_Y(p), element[g], z + i * out, moved);
            for (size_t k = 0; k < out; k++) moved[k] = zg[i * out + k] - moved[k];
            double defect = fs_norm(out, moved), size = fs_norm(out, z + i * out);
            fs_raise_to(&e->defect, defect);
            fs_raise_to(&scale, size);
        }
    }
    e->defect_relative = scale > 0.0 ? e->defect / scale : 0.0;
    free(x);
    free(z);
    free(zg);
    free(moved);
    return status;
}

static fs_status write_hessian(const options *o, const fs_problem *p, const fs_risk *risk, const double *A, fs_risk_work *work,
                               double *w, fs_err *err)
{
    size_t P = fs_net_parameters(fs_problem_net(p)), shape[2] = { P, P };
    double bytes = 8.0 * (double)P * (double)P;
    if (bytes > hessian_limit)
        return fs_fail(err, FS_EINPUT, "expected a network whose Hessian fits %.0f GiB, found %zu parameters (%.0f GiB)",
                       hessian_limit / 1073741824.0, P, bytes / 1073741824.0);
    double *H = fs_calloc(P, P * sizeof *H), *column = fs_calloc(P, sizeof *column);
    fs_status status = H && column ? fs_risk_hessian(risk, A, H, work) : FS_ENOMEM;
    if (status != FS_OK) fs_fail(err, status, "Hessian of %zu parameters: %s", P, fs_status_text(status));
    if (status == FS_OK) {
        const fs_basis *b = fs_problem_basis(p);
        for (size_t i = 0; i < P; i++) project_L(b, H + i * P, w);
        for (size_t j = 0; j < P; j++) {
            for (size_t i = 0; i < P; i++) column[i] = H[i * P + j];
            project_L(b, column, w);
            for (size_t i = 0; i < P; i++) H[i * P + j] = column[i];
        }
        for (size_t i = 0; i < P; i++)
            for (size_t j = 0; j < i; j++) H[i * P + j] = H[j * P + i] = 0.5 * (H[i * P + j] + H[j * P + i]);
        status = fs_npy_write(o->hessian_file, 2, shape, H, err);
    }
    free(H);
    free(column);
    return status;
}

/* Fills e and writes the files asked for. */
static fs_status evaluate(const options *o, const fs_problem *p, const double *A, evaluation *e, fs_err *err)
{
    const fs_basis *b = fs_problem_basis(p);
    size_t P = b->n_par, dim = b->dim_E + b->dim_N;
    double *grad = fs_calloc(P, sizeof *grad), *w = fs_calloc(dim, sizeof *w);
    fs_status status = grad && w ? FS_OK : fs_fail(err, FS_ENOMEM, "gradient of %zu parameters", P);
    for (int k = 0; status == FS_OK && k < 2; k++) {
        const fs_risk *risk = fs_problem_risk(p, k);
        fs_risk_work *work = NULL;
        status = fs_risk_work_create(&work, risk, o->threads, CLI_KEEP_LIMIT, err);
        if (status == FS_OK) {
            status = fs_risk_gradient(risk, A, &e->risk[k], grad, work);
            if (status != FS_OK) fs_fail(err, status, "the risk at these weights cannot be evaluated: %s", fs_status_text(status));
        }
        if (status == FS_OK) {
            project_L(b, grad, w);
            e->gradient_norm[k] = fs_norm(dim, w);
            if (k == o->augmented && o->gradient_file) status = fs_npy_write(o->gradient_file, 1, &P, grad, err);
        }
        if (status == FS_OK && k == o->augmented && o->hessian_file) status = write_hessian(o, p, risk, A, work, w, err);
        fs_risk_work_destroy(work);
    }
    if (status == FS_OK) {
        fs_basis_project(b, A, w);
        e->distance = fs_norm(b->dim_N, w + b->dim_E);
        if (o->project_file) {
            fs_basis_expand_E(b, w, grad);
            status = fs_npy_write(o->project_file, 1, &P, grad, err);
        }
    }
    if (status == FS_OK) status = equivariance(p, A, e, err);
    free(grad);
    free(w);
    return status;
}

static fs_status print(const options *o, const fs_report_head *head, const evaluation *e, fs_err *err)
{
    if (!o->json) {
        if (o->quiet) return FS_OK;
        printf("%s: %s\n", head->model, head->title);
        printf("                  nominal        augmented\n");
        printf("risk              %-14.8g %.8g\n", e->risk[0], e->risk[1]);
        printf("|Pi_L grad|       %-14.8g %.8g\n", e->gradient_norm[0], e->gradient_norm[1]);
        printf("distance to E     %.8g\n", e->distance);
        for (size_t i = 0; i < FS_HYPOTHESIS_COUNT; i++) {
            const fs_hypothesis *found;
            const char *name = fs_hypothesis_at(head->hypotheses, i, &found);
            char line[sizeof found->detail + 80];
            if (found->verdict == FS_HOLDS) continue;
            snprintf(line, sizeof line, "%s: %.3g against a tolerance of %.1g%s%s", fs_verdict_name(found->verdict), found->value, found->tolerance,
                     found->detail[0] ? "; " : "", found->detail);
            printf("%-17s ", name);
            cli_folded(18, line);
        }
        printf("equivariance      max |Phi(g x) - g Phi(x)| = %.3g (%.3g of the largest output)\n", e->defect, e->defect_relative);
        return FS_OK;
    }
    json_t *report = fs_json_head(head), *risk = json_object(), *gradient = json_object();
    int bad = fs_json_set_real(risk, "nominal", e->risk[0]);
    bad |= fs_json_set_real(risk, "augmented", e->risk[1]);
    bad |= fs_json_set_real(gradient, "nominal", e->gradient_norm[0]);
    bad |= fs_json_set_real(gradient, "augmented", e->gradient_norm[1]);
    bad |= fs_json_set(report, "risk", risk);
    bad |= fs_json_set(report, "gradient_norm", gradient);
    bad |= fs_json_set_real(report, "distance", e->distance);
    bad |= fs_json_set_real(report, "equivariance_defect", e->defect);
    bad |= fs_json_set_real(report, "equivariance_defect_relative", e->defect_relative);
    fs_status status = bad ? fs_fail(err, FS_ENOMEM, "report") : fs_json_print(stdout, report, err);
    json_decref(report);
    return status;
}

int command_eval(options *o)
{
    fs_problem *p = NULL;
    double *A = NULL, *w = NULL;
    fs_err err = { 0 };
    evaluation e = { 0 };
    double start = fs_wall_seconds();
    const char *const files[] = { o->gradient_file, o->hessian_file, o->project_file };
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < i; j++)
            if (files[i] && files[j] && strcmp(files[i], files[j]) == 0) {
                cli_error("expected different files for --gradient, --hessian and --project, found \"%s\" twice", files[i]);
                return EXIT_USAGE;
            }
    int status = cli_load(o, &p);
    if (status == EXIT_DONE) status = cli_read_weights(o, p, &A);
    if (status != EXIT_DONE) {
        fs_problem_destroy(p);
        return status;
    }
    const fs_basis *b = fs_problem_basis(p);
    fs_status fine = FS_OK;
    w = fs_calloc(b->dim_E + b->dim_N, sizeof *w);
    if (!w) fine = fs_fail(&err, FS_ENOMEM, "state of dimension %zu", b->dim_E + b->dim_N);
    if (fine == FS_OK && !A) {
        A = fs_calloc(b->n_par, sizeof *A);
        fine = A ? fs_problem_start_state(p, o->seed[0], cli_distance(o), w, &err) : fs_fail(&err, FS_ENOMEM, "weights");
        if (fine == FS_OK) fs_basis_expand(b, w, A);
    }
    if (fine == FS_OK) fine = evaluate(o, p, A, &e, &err);
    if (fine == FS_OK) {
        fs_report_head head;
        cli_head(o, p, &head);
        head.wall_s = fs_wall_seconds() - start;
        fine = print(o, &head, &e, &err);
    }
    if (fine != FS_OK) status = cli_failed(&err);
    free(A);
    free(w);
    fs_problem_destroy(p);
    return status;
}
