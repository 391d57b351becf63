/* problem/problem.c -- a model file, assembled
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "problem/parts.h"

#include "base/files.h"
#include "problem/hypotheses.h"
#include "problem/isotypic.h"
#include "problem/theorems.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- names ------------------------------------------------------------------------ */

char *fs_problem_file(const fs_problem *p, const char *name)
{
    char *path = NULL;
    if (name[0] == '/' || !p->folder[0]) return strdup(name);
    return asprintf(&path, "%s/%s", p->folder, name) < 0 ? NULL : path;
}

/* folder/name.yaml apart. */
static fs_status build_names(fs_problem *p, const char *path, fs_err *err)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t length = strlen(base);
    if (length > 5 && !strcmp(base + length - 5, ".yaml")) length -= 5;
    p->path = strdup(path);
    p->name = strndup(base, length);
    p->folder = slash == path ? strdup("/") : strndup(path, slash ? (size_t)(slash - path) : 0);
    return p->path && p->name && p->folder ? FS_OK : fs_fail(err, FS_ENOMEM, "the name %s", path);
}

static fs_status build_texts(fs_problem *p, const fs_model *m, fs_err *err)
{
    p->title = strdup(fs_model_text(m, "title"));
    p->source = strdup(fs_model_text(m, "source"));
    if (!p->title || !p->source) return fs_fail(err, FS_ENOMEM, "the model's title");
    return fs_model_print(m, &p->text, err);
}

/* --- loss, space, data ----------------------------------------------------------------- */

static fs_status build_loss(fs_problem *p, const fs_model *m, fs_err *err)
{
    const fs_yaml *node = fs_model_find(m, "loss"), *weights = fs_model_find(m, "loss.squared.weights");
    size_t outputs = fs_net_outputs(p->net);
    p->loss.kind =
        node->kind == FS_YAML_SCALAR && !strcmp(node->text, "cross-entropy") ? FS_LOSS_CROSS_ENTROPY : FS_LOSS_SQUARED;
    if (!weights) return FS_OK;
    if (weights->count != outputs)
        return fs_yaml_fail(weights, err, "expected %zu weights, one an output, found %zu", outputs, weights->count);
    p->omega = fs_calloc(outputs, sizeof *p->omega);
    if (!p->omega) return fs_fail(err, FS_ENOMEM, "%zu weights of the loss", outputs);
    for (size_t k = 0; k < outputs; k++) p->omega[k] = fs_yaml_real(weights->item[k]);
    p->loss.omega = p->omega;
    return FS_OK;
}

/* Rows of a file as a spanning set of TL; they live on the supports. */
static fs_status basis_of_rows(fs_problem *p, const fs_array *rows, fs_err *err)
{
    size_t n_par = fs_net_parameters(p->net);
    if (rows->dim != 2 || rows->shape[1] != n_par || !rows->shape[0])
        return fs_fail(err, FS_EINPUT,
                       "expected an array (rows, %zu) of weight vectors, found %zu axes, the last of length %zu", n_par,
                       rows->dim, rows->dim ? rows->shape[rows->dim - 1] : 0);
    for (size_t i = 0; i < rows->count; i++) {
        if (!isfinite(rows->data[i]))
            return fs_fail(err, FS_EINPUT, "expected finite entries, found %g in row %zu, column %zu", rows->data[i],
                           i / n_par, i % n_par);
        if (!p->mask[i % n_par] && rows->data[i] != 0.0)
            return fs_fail(err, FS_EINPUT, "expected zero outside the supports, found %g in row %zu, column %zu",
                           rows->data[i], i / n_par, i % n_par);
    }
    return fs_basis_create_span(&p->basis, p->rho_H, rows->shape[0], rows->data, err);
}

static fs_status build_basis(fs_problem *p, const fs_model *m, fs_err *err)
{
    const fs_yaml *node = fs_model_find(m, "space.basis"), *layers = fs_model_find(m, "layers");
    if (node && p->n_span)
        return fs_yaml_fail(node, err, "expected supports that are sets of taps beside a basis, found the support compatible, which is a basis itself");
    if (p->n_span) return fs_yaml_locate(layers, fs_basis_create_span(&p->basis, p->rho_H, p->n_span, p->span, err), err);
    if (!node) return fs_yaml_locate(layers, fs_basis_create(&p->basis, p->rho_H, p->mask, err), err);
    fs_array rows = { 0 };
    char *file = fs_problem_file(p, node->text);
    fs_status status = file ? fs_npy_read(file, &rows, err) : fs_fail(err, FS_ENOMEM, "the name %s", node->text);
    if (status == FS_OK) status = basis_of_rows(p, &rows, err);
    fs_array_clear(&rows);
    free(file);
    return fs_yaml_locate(node, status, err);
}

/* Entries of B in row i: the weight itself times own, and `shear` times the admissible weight of its layer before it. */
static void fill_row(fs_sparse *B, size_t i, double own, double shear, size_t before)
{
    size_t e = B->ptr[i];
    if (before < i && shear != 0.0) {
        B->col[e] = (uint32_t)before;
        B->val[e++] = shear;
    }
    B->col[e] = (uint32_t)i;
    B->val[e++] = own;
    B->ptr[i + 1] = e;
}

/* B = 1 + shear (next weight of the layer <- weight), or the layers times scale, scale^2, ...; 0 outside the supports. */
static fs_status fill_parametrisation(fs_problem *p, double shear, double scale, fs_err *err)
{
    const fs_weight_block *block;
    size_t blocks = fs_net_blocks(p->net, &block), n_par = fs_net_parameters(p->net);
    double own = 1.0;
    FS_TRY(fs_sparse_create(&p->parametrisation, n_par, n_par, 2 * n_par, err));
    fs_sparse *B = p->parametrisation;
    for (size_t k = 0; k < blocks; k++) {
        own *= scale;
        if (!(own > 0.0 && own <= DBL_MAX))
            return fs_fail(err, FS_EINPUT, "expected a scale whose powers up to the number of layers, %zu, are numbers, found %g", blocks, scale);
        for (size_t i = block[k].offset, before = SIZE_MAX; i < block[k].offset + block[k].count; i++) {
            B->ptr[i + 1] = B->ptr[i];
            if (!p->mask[i]) continue;
            fill_row(B, i, own, shear, before);
            before = i;
        }
    }
    return FS_OK;
}

static fs_status build_parametrisation(fs_problem *p, const fs_model *m, fs_err *err)
{
    static const double non_orthonormal = 0.5;      /* the shear that goes by this name */
    const fs_yaml *space = fs_model_find(m, "space"), *node = fs_model_find(m, "space.parametrisation");
    const fs_yaml *shear = fs_model_find(m, "space.parametrisation.shear"), *scale = fs_model_find(m, "space.parametrisation.scale");
    if (space->kind == FS_YAML_MAP && !node && !fs_model_find(m, "space.basis"))
        return fs_yaml_fail(space, err, "expected basis or parametrisation in space, found neither");
    if (!node || (node->kind == FS_YAML_SCALAR && !strcmp(node->text, "orthonormal"))) return FS_OK;
    if (node->kind == FS_YAML_MAP && !shear == !scale)
        return fs_yaml_fail(node, err, "expected either shear or scale in parametrisation, found %s", shear ? "both" : "neither");
    if (!p->basis->coordinate)
        return fs_yaml_fail(node, err, "expected supports that are sets of taps and no basis beside a parametrisation, which takes weights one by one, found %s",
                            fs_model_find(m, "space.basis") ? "a basis" : "the support compatible, which is a basis itself");
    return fs_yaml_locate(node, fill_parametrisation(p, shear ? fs_yaml_real(shear) : scale ? 0.0 : non_orthonormal, scale ? fs_yaml_real(scale) : 1.0, err), err);
}

/* The data moved by every element that the measure uses. */
static fs_status build_orbit(fs_problem *p, const fs_model *m, fs_err *err)
{
    const fs_dataset *d = p->data;
    size_t points = fs_group_points(p->group), used = 0, numbers;
    for (size_t g = 0; g < points; g++) used += p->measure[g] > 0.0;
    if (__builtin_mul_overflow(used, d->n, &numbers) || __builtin_mul_overflow(numbers, d->inputs + d->outputs, &numbers) || numbers > FS_PROBLEM_ORBIT_LIMIT)
        return fs_yaml_fail(fs_model_find(m, "data"), err,
                            "expected augmented data of at most %zu numbers, found %zu samples of %zu + %zu numbers for each of %zu elements of %s: "
                            "use fewer samples or a measure on fewer elements",
                            FS_PROBLEM_ORBIT_LIMIT, d->n, d->inputs, d->outputs, used, fs_group_name(p->group));
    return fs_dataset_create_orbit(&p->augmented, d, p->stage[0], p->stage[p->n_layers], p->measure, err);
}

/* --- start, flow -------------------------------------------------------------------- */

static void read_settings(fs_problem *p, const fs_model *m)
{
    const char *solver = fs_model_text(m, "flow.solver");
    p->start = (fs_start){
        .distribution = strcmp(fs_model_text(m, "start.distribution"), "kaiming") ? FS_START_GAUSSIAN : FS_START_KAIMING,
        .scale = fs_model_real(m, "start.scale"),
        .distance = fs_model_real(m, "start.distance"),
    };
    p->settings = (fs_flow_settings){
        .gamma = fs_model_real(m, "flow.gamma"),
        .t_end = fs_model_real(m, "flow.t_end"),
        .rtol = fs_model_real(m, "flow.rtol"),
        .atol = fs_model_real(m, "flow.atol"),
        .method = strcmp(fs_model_text(m, "flow.method"), "adams") ? FS_METHOD_BDF : FS_METHOD_ADAMS,
        .solver = !strcmp(solver, "dense") ? FS_SOLVER_DENSE : !strcmp(solver, "krylov") ? FS_SOLVER_KRYLOV : FS_SOLVER_AUTO,
    };
}

/* --- the problem -------------------------------------------------------------------- */

static fs_status build(fs_problem *p, const fs_model *m, fs_err *err)
{
    FS_TRY(build_texts(p, m, err));
    read_settings(p, m);
    FS_TRY(fs_problem_build_group(p, m, err));
    FS_TRY(fs_problem_build_network(p, m, err));
    FS_TRY(build_loss(p, m, err));
    FS_TRY(fs_problem_build_data(p, m, err));
    FS_TRY(build_basis(p, m, err));
    FS_TRY(build_parametrisation(p, m, err));
    FS_TRY(build_orbit(p, m, err));
    FS_TRY(fs_risk_create(&p->risk, p->net, &p->loss, p->data, err));
    FS_TRY(fs_risk_create(&p->risk_augmented, p->net, &p->loss, p->augmented, err));
    FS_TRY(fs_hypotheses_measure(&p->hypotheses, p, err));
    FS_TRY(fs_isotypic_measure(p, err));
    fs_theorems_judge(p->theorem, &p->hypotheses);
    return fs_vacuity_measure(p, p->warning, sizeof p->warning, err);
}

fs_status fs_problem_load(fs_problem **out, const char *path, size_t n_sets, const char *const *sets, fs_err *err)
{
    fs_model *m = NULL;
    *out = NULL;
    fs_problem *p = fs_calloc(1, sizeof *p);
    if (!p) return fs_fail(err, FS_ENOMEM, "the model %s", path);
    fs_status status = build_names(p, path, err);
    if (status == FS_OK) status = fs_model_load(&m, path, n_sets, sets, err);
    if (status == FS_OK) status = build(p, m, err);
    fs_model_destroy(m);
    if (status == FS_OK) {
        *out = p;
        return FS_OK;
    }
    fs_problem_destroy(p);
    return status;
}

void fs_problem_destroy(fs_problem *p)
{
    if (!p) return;
    fs_risk_destroy(p->risk);
    fs_risk_destroy(p->risk_augmented);
    fs_dataset_destroy(p->data);
    fs_dataset_destroy(p->augmented);
    fs_basis_destroy(p->basis);
    fs_sparse_destroy(p->parametrisation);
    fs_net_destroy(p->net);
    fs_rep_destroy(p->rho_H);
    for (size_t i = 0; p->stage && i <= p->n_layers; i++) fs_rep_destroy(p->stage[i]);
    fs_irreducibles_destroy(p->irreducibles);
    fs_group_destroy(p->group);
    void *const block[] = { p->path, p->folder, p->name,   p->title, p->source, p->text,   p->data_note, p->measure,  p->kind,
                            p->place, p->powers, p->stage, p->mask,  p->span,   p->fan_in, p->omega,     p->isotypic, p };
    for (size_t i = 0; i < sizeof block / sizeof *block; i++) free(block[i]);
}

/* --- queries ------------------------------------------------------------------------ */

const char *fs_problem_name(const fs_problem *p) { return p->name; }
const char *fs_problem_path(const fs_problem *p) { return p->path; }
const char *fs_problem_title(const fs_problem *p) { return p->title; }
const char *fs_problem_source(const fs_problem *p) { return p->source; }
const char *fs_problem_text(const fs_problem *p) { return p->text; }
const char *fs_problem_data_note(const fs_problem *p) { return p->data_note; }
const fs_group *fs_problem_group(const fs_problem *p) { return p->group; }
const double *fs_problem_measure(const fs_problem *p) { return p->measure; }
const fs_rep *fs_problem_rho_X(const fs_problem *p) { return p->stage[0]; }
const fs_rep *fs_problem_rho_Y(const fs_problem *p) { return p->stage[p->n_layers]; }
const fs_rep *fs_problem_rho_stage(const fs_problem *p, size_t stage) { return p->stage[stage]; }
const fs_rep *fs_problem_rho_H(const fs_problem *p) { return p->rho_H; }
const fs_net *fs_problem_net(const fs_problem *p) { return p->net; }
const fs_basis *fs_problem_basis(const fs_problem *p) { return p->basis; }
const fs_sparse *fs_problem_parametrisation(const fs_problem *p) { return p->parametrisation; }
const fs_dataset *fs_problem_data(const fs_problem *p) { return p->data; }
const fs_risk *fs_problem_risk(const fs_problem *p, int augmented) { return augmented ? p->risk_augmented : p->risk; }
const fs_loss *fs_problem_loss(const fs_problem *p) { return &p->loss; }
const fs_hypotheses *fs_problem_hypotheses(const fs_problem *p) { return &p->hypotheses; }
const fs_theorem *fs_problem_theorems(const fs_problem *p) { return p->theorem; }
const char *fs_problem_warning(const fs_problem *p) { return p->warning; }
const fs_dataset *fs_problem_data_augmented(const fs_problem *p) { return p->augmented; }
const char *fs_problem_layer_kind(const fs_problem *p, size_t layer) { return p->kind[layer]; }
unsigned fs_problem_layer_powers(const fs_problem *p, size_t layer) { return p->powers[layer]; }
const fs_start *fs_problem_start(const fs_problem *p) { return &p->start; }
const fs_flow_settings *fs_problem_settings(const fs_problem *p) { return &p->settings; }

const fs_irreducibles *fs_problem_irreducibles(const fs_problem *p)
{
    return p->irreducibles;
}

const fs_isotypic_part *fs_problem_isotypic(const fs_problem *p, size_t *count, const char **note)
{
    *count = p->n_isotypic;
    *note = p->isotypic_note;
    return p->isotypic;
}
