/* risk/risk.c -- value, gradient and Hessian-vector product of  R(A) = sum_i weight_i loss(Phi_A(x_i), y_i)
 *
 * Samples are cut into blocks, blocks into groups of chunks of 8.  A group goes through the whole network at once;
 * a block's sums stay in vectors of lanes; block sums are added pairwise.  Blocks and groups follow from the
 * number of samples and the network alone, so threads, which take blocks, never change a result.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "risk/work.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#ifdef _OPENMP
#include <omp.h>
#endif

/* About one sample block for so many chunks, at most so many; vectors of a Hessian's tile, which fit the second-level cache. */
enum { BLOCK_CHUNKS = 16, BLOCKS_MOST = 8, TILE_VECTORS = 20000 };

static const fs_loss_lanes *loss_rows(fs_isa isa)
{
    switch (isa) {
#ifdef FS_HAVE_AVX512
    case FS_ISA_AVX512: return fs_loss_rows_avx512;
#endif
#ifdef FS_HAVE_AVX2
    case FS_ISA_AVX2: return fs_loss_rows_avx2;
#endif
    default: return fs_loss_rows_baseline;
    }
}

/* --- loss of one sample ------------------------------------------------------------------ */

static double cross_entropy_value(size_t k, const double *z, const double *y)
{
    double m = z[0], S = 0.0, loss = 0.0, total = 0.0;
    for (size_t j = 1; j < k; j++)
        if (!(z[j] <= m)) m = z[j];
    for (size_t j = 0; j < k; j++) {
        S += exp(z[j] - m);
        total += y[j];
        loss += y[j] * (m - z[j]);
    }
    return loss + total * log(S);
}

double fs_loss_value(const fs_loss *loss, size_t k, const double *z, const double *y)
{
    if (loss->kind == FS_LOSS_CROSS_ENTROPY) return cross_entropy_value(k, z, y);
    double sum = 0.0;
    for (size_t j = 0; j < k; j++) sum += (loss->omega ? loss->omega[j] : 1.0) * (z[j] - y[j]) * (z[j] - y[j]);
    return 0.5 * sum;
}

/* --- creation ------------------------------------------------------------------------------ */

/* Where part i begins when n things are cut into even parts. */
static size_t part_start(size_t n, size_t parts, size_t i)
{
    return n * i / parts;
}

/* Sample blocks, about one for BLOCK_CHUNKS chunks, and even groups in them. */
static int divide(fs_risk *risk, size_t chunks)
{
    size_t most = risk->net->group, g = 0;
    risk->blocks = (chunks + BLOCK_CHUNKS - 1) / BLOCK_CHUNKS;
    if (risk->blocks > BLOCKS_MOST) risk->blocks = BLOCKS_MOST;
    risk->group_first = fs_calloc(chunks + 1, sizeof *risk->group_first);
    risk->block_first = fs_calloc(risk->blocks + 1, sizeof *risk->block_first);
    if (!risk->group_first || !risk->block_first) return 0;
    for (size_t b = 0; b < risk->blocks; b++) {
        size_t first = part_start(chunks, risk->blocks, b), count = part_start(chunks, risk->blocks, b + 1) - first;
        size_t groups = (count + most - 1) / most;
        for (size_t i = 0; i < groups; i++) risk->group_first[g + i] = first + part_start(count, groups, i);
        risk->block_first[b] = g;
        g += groups;
    }
    risk->groups = risk->block_first[risk->blocks] = g;
    risk->group_first[g] = chunks;
    return 1;
}

static void load_target(const fs_risk *risk, const fs_dataset *data, size_t chunk)
{
    size_t k = risk->outputs;
    fs_v8 *target = risk->targets + chunk * (FS_TARGET_Y + k);
    fs_plan_load(data->n, 1, 1, data->weight, chunk * FS_LANES, 1, target + FS_TARGET_WEIGHT);
    fs_plan_load(data->n, k, 1, data->y, chunk * FS_LANES, 1, target + FS_TARGET_Y);
    for (size_t l = 0; l < FS_LANES; l++)
        for (size_t j = 0; j < k; j++) target[FS_TARGET_TOTAL][l] += target[FS_TARGET_Y + j][l];
}

/* Samples into lanes; the prepared input of the first linear step, once and for all. */
static int load(fs_risk *risk, const fs_dataset *data)
{
    const fs_net *net = risk->net;
    size_t plane = net->input.plane;
    fs_v8 *work = fs_calloc_aligned(net->arena_size[FS_WORK], sizeof *work);
    if (!work) return 0;
    for (size_t g = 0; g < risk->groups; g++) {
        fs_frame f = fs_risk_frame(risk, g, NULL, work, NULL);
        for (size_t k = 0; k < fs_risk_chunks(risk, g); k++) {
            size_t chunk = risk->group_first[g] + k;
            fs_plan_load(data->n, data->inputs / plane, plane, data->x, chunk * FS_LANES, net->input.stride,
                         fs_at(&f, net->input, 0) + k * plane);
            load_target(risk, data, chunk);
        }
        fs_pass_input(net, &f, fs_risk_chunks(risk, g));
    }
    free(work);
    return 1;
}

fs_status fs_risk_create(fs_risk **out, const fs_net *net, const fs_loss *loss, const fs_dataset *data, fs_err *err)
{
    size_t k = fs_net_outputs(net);
    *out = NULL;
    if (data->n == 0) return fs_fail(err, FS_EINPUT, "expected at least one sample, found none");
    if (data->inputs != fs_net_inputs(net) || data->outputs != k)
        return fs_fail(err, FS_EINPUT, "expected samples of %zu inputs and %zu targets for this network, found %zu and %zu",
                       fs_net_inputs(net), k, data->inputs, data->outputs);
    if (loss->kind != FS_LOSS_CROSS_ENTROPY && loss->kind != FS_LOSS_SQUARED)
        return fs_fail(err, FS_EINPUT, "expected the loss cross-entropy or squared, found number %d", (int)loss->kind);
    fs_risk *risk = fs_calloc(1, sizeof *risk);
    if (!risk) goto nomem;
    risk->net = net;
    risk->loss = &loss_rows(fs_net_isa(net))[loss->kind];
    risk->n = data->n;
    risk->outputs = k;
    risk->parameters = fs_net_parameters(net);
    size_t chunks = (data->n + FS_LANES - 1) / FS_LANES, plane = net->logits.plane;
    if (!divide(risk, chunks)) goto nomem;
    risk->at = fs_calloc(k, sizeof *risk->at);
    risk->omega = fs_calloc(k, sizeof *risk->omega);
    risk->data = fs_calloc_aligned(risk->groups, net->arena_size[FS_DATA] * sizeof *risk->data);
    risk->targets = fs_calloc_aligned(chunks, (FS_TARGET_Y + k) * sizeof *risk->targets);
    if (!risk->at || !risk->omega || !risk->data || !risk->targets) goto nomem;
    for (size_t j = 0; j < k; j++) risk->at[j] = j / plane * net->logits.stride + j % plane;
    for (size_t j = 0; j < k; j++) risk->omega[j] = loss->omega ? loss->omega[j] : 1.0;
    if (!load(risk, data)) goto nomem;
    *out = risk;
    return FS_OK;
nomem:
    fs_risk_destroy(risk);
    return fs_fail(err, FS_ENOMEM, "risk of %zu samples", data->n);
}

void fs_risk_destroy(fs_risk *risk)
{
    if (!risk) return;
    free(risk->group_first);
    free(risk->block_first);
    free(risk->at);
    free(risk->omega);
    free(risk->data);
    free(risk->targets);
    free(risk);
}

size_t fs_risk_samples(const fs_risk *risk)
{
    return risk->n;
}

const fs_net *fs_risk_net(const fs_risk *risk)
{
    return risk->net;
}

/* --- scratch ----------------------------------------------------------------------------------- */

/* Zeroed vectors; on huge pages where there are many, because small pages lie scattered over the sets of the second-level
 * cache (a tenth of a large network's gradient). */
static fs_v8 *create_vectors(size_t n)
{
    const size_t huge = (size_t)1 << 21;
    if (n < huge / sizeof(fs_v8) / 2) return fs_calloc_aligned(n, sizeof(fs_v8));
    if (n > (SIZE_MAX - huge) / sizeof(fs_v8)) return NULL;
    size_t bytes = (n * sizeof(fs_v8) + huge - 1) / huge * huge;
    fs_v8 *x = aligned_alloc(huge, bytes);
    if (!x) return NULL;
#ifdef MADV_HUGEPAGE
    (void)madvise(x, bytes, MADV_HUGEPAGE);     /* a refusal costs speed only */
#endif
    memset(x, 0, bytes);
    return x;
}

static int create_scratch(fs_scratch *s, const fs_risk *risk)
{
    const fs_net *net = risk->net;
    const size_t *size = net->arena_size;
    s->kept = create_vectors(size[FS_KEPT] + size[FS_WORK] + size[FS_TANGENT] + net->gradient);
    s->row = fs_calloc_aligned(risk->parameters, sizeof *s->row);
    if (!s->kept || !s->row) return 0;
    s->work = s->kept + size[FS_KEPT];
    s->tangent = s->work + size[FS_WORK];
    s->gradient = s->tangent + size[FS_TANGENT];
    return 1;
}

fs_status fs_risk_work_create(fs_risk_work **out, const fs_risk *risk, int threads, size_t keep_limit, fs_err *err)
{
    const fs_net *net = risk->net;
    size_t record = net->arena_size[FS_KEPT] * sizeof(fs_v8), kept;
    *out = NULL;
    if (threads < 1) return fs_fail(err, FS_EINPUT, "expected threads >= 1, found %d", threads);
    fs_risk_work *w = fs_calloc(1, sizeof *w);
    if (!w) goto nomem;
    w->risk = risk;
    w->threads = (size_t)threads;
    w->scratch = fs_calloc(w->threads, sizeof *w->scratch);
    w->weights = fs_calloc_aligned(net->packed, sizeof *w->weights);
    w->direction = fs_calloc_aligned(net->packed, sizeof *w->direction);
    w->A = fs_calloc(risk->parameters, sizeof *w->A);
    w->sums = fs_calloc_aligned(risk->blocks, risk->parameters * sizeof *w->sums);
    w->values = fs_calloc(risk->blocks, sizeof *w->values);
    w->tile = TILE_VECTORS / (net->arena_size[FS_KEPT] + net->arena_size[FS_WORK]);
    w->tile = w->tile > risk->groups ? risk->groups : w->tile < 1 ? 1 : w->tile;
    w->tile_kept = create_vectors(w->tile * (net->arena_size[FS_KEPT] + net->arena_size[FS_WORK]));
    if (!w->scratch || !w->weights || !w->direction || !w->A || !w->sums || !w->values || !w->tile_kept) goto nomem;
    w->tile_work = w->tile_kept + w->tile * net->arena_size[FS_KEPT];
    for (size_t t = 0; t < w->threads; t++)
        if (!create_scratch(&w->scratch[t], risk)) goto nomem;
    if (!__builtin_mul_overflow(record, risk->groups, &kept) && kept <= keep_limit
        && !(w->kept = create_vectors(risk->groups * net->arena_size[FS_KEPT]))) goto nomem;
    *out = w;
    return FS_OK;
nomem:
    fs_risk_work_destroy(w);
    return fs_fail(err, FS_ENOMEM, "scratch for %zu samples and %zu parameters", risk->n, risk->parameters);
}

void fs_risk_work_destroy(fs_risk_work *w)
{
    if (!w) return;
    for (size_t t = 0; w->scratch && t < w->threads; t++) {
        fs_scratch *s = &w->scratch[t];
        free(s->kept);
        free(s->row);
    }
    free(w->scratch);
    free(w->weights);
    free(w->direction);
    free(w->A);
    free(w->sums);
    free(w->values);
    free(w->tile_kept);
    free(w->kept);
    free(w);
}

/* --- blocks and groups -------------------------------------------------------------------------- */

void fs_job_run(const fs_job *job, size_t count, fs_job_body *body)
{
#ifdef _OPENMP
    size_t threads = job->w->threads < count ? job->w->threads : count;
    if (threads > 1) {
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)threads)
        for (size_t i = 0; i < count; i++) body(job, i, &job->w->scratch[omp_get_thread_num()]);
        return;
    }
#endif
    for (size_t i = 0; i < count; i++) body(job, i, &job->w->scratch[0]);
}

fs_frame fs_risk_frame(const fs_risk *risk, size_t group, fs_v8 *kept, fs_v8 *work, fs_v8 *tangent)
{
    fs_v8 *data = risk->data + group * risk->net->arena_size[FS_DATA];
    return (fs_frame){ { [FS_DATA] = data, [FS_KEPT] = kept, [FS_WORK] = work, [FS_TANGENT] = tangent } };
}

static const fs_v8 *target_of(const fs_risk *risk, size_t group, size_t k)
{
    return risk->targets + (risk->group_first[group] + k) * (FS_TARGET_Y + risk->outputs);
}

void fs_risk_primal(const fs_risk *risk, const fs_frame *f, size_t group, const double *weights, int backward,
                    fs_v8 *gradient, fs_v8 *value)
{
    const fs_net *net = risk->net;
    size_t chunks = fs_risk_chunks(risk, group), plane = net->logits.plane;
    fs_v8 *z = fs_at(f, net->logits, 0), *bar = fs_at(f, net->logits_bar, 0), *aux = fs_at(f, net->loss_aux, 0);
    fs_pass_forward(net, f, chunks, weights);
    for (size_t k = 0; k < chunks; k++)
        risk->loss->value(risk->outputs, risk->at, z + k * plane, target_of(risk, group, k), risk->omega, aux + k * plane,
                          bar + k * plane, value);
    if (backward) fs_pass_backward(net, f, chunks, weights, gradient);
}

void fs_risk_loss_tangent(const fs_risk *risk, const fs_frame *f, size_t group)
{
    const fs_net *net = risk->net;
    size_t chunks = fs_risk_chunks(risk, group), plane = net->logits.plane;
    const fs_v8 *z_dot = fs_at(f, net->logits_dot, 0), *aux = fs_at(f, net->loss_aux, 0);
    fs_v8 *bar_dot = fs_at(f, net->logits_bar_dot, 0);
    for (size_t k = 0; k < chunks; k++)
        risk->loss->tangent(risk->outputs, risk->at, aux + k * plane, target_of(risk, group, k), risk->omega, z_dot + k * plane,
                            bar_dot + k * plane);
}

int fs_risk_all_finite(size_t n, const double *x)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabs(x[i]) <= DBL_MAX)) return 0;
    return 1;
}

static fs_frame job_frame(const fs_job *job, size_t group, fs_scratch *s)
{
    fs_v8 *kept = job->kept ? job->kept + group * job->risk->net->arena_size[FS_KEPT] : s->kept;
    return fs_risk_frame(job->risk, group, kept, s->work, s->tangent);
}

static void primal_block(const fs_job *job, size_t b, fs_scratch *s)
{
    const fs_risk *risk = job->risk;
    fs_v8 value = fs_v8_splat(0.0);
    if (job->gradient) memset(s->gradient, 0, risk->net->gradient * sizeof *s->gradient);
    for (size_t g = risk->block_first[b]; g < risk->block_first[b + 1]; g++) {
        fs_frame f = job_frame(job, g, s);
        fs_risk_primal(risk, &f, g, job->w->weights, job->backward, job->gradient ? s->gradient : NULL, &value);
    }
    job->w->values[b] = fs_v8_sum(value);
    if (job->gradient) fs_pass_collect(risk->net, risk->net->first, 0, s->gradient, job->w->sums + b * risk->parameters);
}

static void product_block(const fs_job *job, size_t b, fs_scratch *s)
{
    const fs_risk *risk = job->risk;
    const fs_net *net = risk->net;
    fs_v8 value = fs_v8_splat(0.0);
    memset(s->gradient, 0, net->gradient * sizeof *s->gradient);
    for (size_t g = risk->block_first[b]; g < risk->block_first[b + 1]; g++) {
        size_t chunks = fs_risk_chunks(risk, g);
        fs_frame f = job_frame(job, g, s);
        if (!job->kept) fs_risk_primal(risk, &f, g, job->w->weights, 1, NULL, &value);
        fs_pass_tangent(net, &f, chunks, job->w->weights, job->w->direction);
        fs_risk_loss_tangent(risk, &f, g);
        fs_pass_tangent_backward(net, &f, chunks, job->w->weights, job->w->direction, s->gradient);
    }
    fs_pass_collect(net, net->first, 0, s->gradient, job->w->sums + b * risk->parameters);
}

/* Block sums, pairwise, into the first. */
static void add_blocks(size_t blocks, size_t n, double *sums)
{
    for (size_t step = 1; step < blocks; step *= 2)
        for (size_t b = 0; b + step < blocks; b += 2 * step)
            for (size_t i = 0; i < n; i++) sums[b * n + i] += sums[(b + step) * n + i];
}

/* --- the three functions -------------------------------------------------------------------------- */

void fs_risk_hold(fs_risk_work *w, const double *A)
{
    w->holds = 0;
    memcpy(w->A, A, w->risk->parameters * sizeof *w->A);
    fs_pass_pack(w->risk->net, A, w->weights);
}

fs_status fs_risk_value(const fs_risk *risk, const double *A, double *value, fs_risk_work *w)
{
    fs_job job = { .risk = risk, .w = w };
    fs_risk_hold(w, A);
    fs_job_run(&job, risk->blocks, primal_block);
    add_blocks(risk->blocks, 1, w->values);
    *value = w->values[0];
    return fs_risk_all_finite(1, value) ? FS_OK : FS_ENAN;
}

static fs_status gradient_into(fs_v8 *kept, const fs_risk *risk, const double *A, double *value, double *grad, fs_risk_work *w)
{
    fs_job job = { .risk = risk, .w = w, .kept = kept, .gradient = 1, .backward = 1 };
    fs_risk_hold(w, A);
    fs_job_run(&job, risk->blocks, primal_block);
    add_blocks(risk->blocks, 1, w->values);
    add_blocks(risk->blocks, risk->parameters, w->sums);
    memcpy(grad, w->sums, risk->parameters * sizeof *grad);
    if (value) *value = w->values[0];
    w->holds = kept == w->kept;
    return fs_risk_all_finite(1, w->values) && fs_risk_all_finite(risk->parameters, grad) ? FS_OK : FS_ENAN;
}

fs_status fs_risk_gradient(const fs_risk *risk, const double *A, double *value, double *grad, fs_risk_work *w)
{
    return gradient_into(NULL, risk, A, value, grad, w);
}

fs_status fs_risk_gradient_keep(const fs_risk *risk, const double *A, double *value, double *grad, fs_risk_work *w)
{
    return gradient_into(w->kept, risk, A, value, grad, w);
}

fs_status fs_risk_hvp(const fs_risk *risk, const double *A, const double *v, double *Hv, fs_risk_work *w)
{
    fs_job job = { .risk = risk, .w = w, .kept = w->kept, .backward = 1 };
    if (!w->holds || memcmp(w->A, A, risk->parameters * sizeof *A) != 0) {
        fs_risk_hold(w, A);
        if (w->kept) fs_job_run(&job, risk->blocks, primal_block);
        w->holds = 1;
    }
    fs_pass_pack(risk->net, v, w->direction);
    fs_job_run(&job, risk->blocks, product_block);
    add_blocks(risk->blocks, risk->parameters, w->sums);
    memcpy(Hv, w->sums, risk->parameters * sizeof *Hv);
    return fs_risk_all_finite(risk->parameters, Hv) ? FS_OK : FS_ENAN;
}

/* --- how much work it is ---------------------------------------------------------------------------- */

/* Multiply-adds of one sample: forward (or gradient), adjoint. */
static void step_flops(const fs_step *s, double *forward, double *adjoint)
{
    const fs_product *p = s->product;
    *forward = (double)p->rows * (double)p->cols * (double)p->positions;
    *adjoint = 0.0;
    for (size_t c = 0; c < p->adjoint.classes; c++)
        *adjoint += (double)p->adjoint.rows * (double)p->adjoint.classed[c].terms * (double)p->adjoint.classed[c].positions;
}

/* The first linear step costs forward + gradient either way; every other one three products, each twice for a direction. */
static double flops(const fs_risk *risk, double times)
{
    double sum = 0.0, forward, adjoint;
    for (size_t i = risk->net->first; i < risk->net->steps; i++) {
        if (!risk->net->step[i].kind->linear) continue;
        step_flops(&risk->net->step[i], &forward, &adjoint);
        sum += i == risk->net->first ? 2.0 * forward : times * (2.0 * forward + adjoint);
    }
    return 2.0 * sum * (double)risk->n;
}

double fs_risk_gradient_flops(const fs_risk *risk)
{
    return flops(risk, 1.0);
}

double fs_risk_hvp_flops(const fs_risk *risk)
{
    return flops(risk, 2.0);
}
