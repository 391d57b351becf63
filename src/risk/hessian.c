/* risk/hessian.c -- the dense Hessian of the risk, one unit direction after another
 *
 * Along one entry of the weights of layer l nothing moves before l, one row of l moves by a copy of its input, and only the
 * gradients of layers >= l are needed: the rest follows by symmetry.  The primal of a tile of chunks is
 * computed once and stays in the second-level cache while all directions pass; tiles are added in order, and
 * threads take directions, so they never change a result.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "risk/work.h"

#include <string.h>

/* Direction i in the order of steps, rows, columns. */
static fs_unit unit_of(const fs_net *net, size_t i)
{
    for (size_t step = net->first;; step++) {
        const fs_product *p = net->step[step].product;
        if (!p) continue;
        if (i < p->rows * p->cols) return (fs_unit){ step, i / p->cols, i % p->cols };
        i -= p->rows * p->cols;
    }
}

static size_t natural_of(const fs_net *net, fs_unit u)
{
    const fs_step *s = &net->step[u.step];
    return s->weights + u.row * s->product->natural_row + s->product->natural[u.col];
}

static fs_frame tile_frame(const fs_job *job, size_t group, fs_scratch *s)
{
    const size_t *size = job->risk->net->arena_size;
    size_t at = group - job->first;
    fs_v8 *kept = job->w->tile_kept + at * size[FS_KEPT], *work = job->w->tile_work + at * size[FS_WORK];
    return fs_risk_frame(job->risk, group, kept, work, s->tangent);
}

static void primal_group(const fs_job *job, size_t i, fs_scratch *s)
{
    fs_frame f = tile_frame(job, job->first + i, s);
    fs_v8 value = fs_v8_splat(0.0);
    fs_risk_primal(job->risk, &f, job->first + i, job->w->weights, 1, NULL, &value);
}

/* Row of the Hessian, from its diagonal on: what this tile adds to it. */
static void direction(const fs_job *job, size_t i, fs_scratch *s)
{
    const fs_risk *risk = job->risk;
    const fs_net *net = risk->net;
    fs_unit unit = unit_of(net, i);
    size_t P = risk->parameters, at = natural_of(net, unit), first_vector = net->step[unit.step].gradient;
    if (s->last.step != unit.step || s->last.row != unit.row)
        memset(s->tangent, 0, net->arena_size[FS_TANGENT] * sizeof *s->tangent);
    s->last = unit;
    memset(s->gradient + first_vector, 0, (net->gradient - first_vector) * sizeof *s->gradient);
    for (size_t g = job->first; g < job->last; g++) {
        size_t chunks = fs_risk_chunks(risk, g);
        fs_frame f = tile_frame(job, g, s);
        fs_pass_unit(net, &f, chunks, job->w->weights, unit);
        fs_risk_loss_tangent(risk, &f, g);
        fs_pass_unit_backward(net, &f, chunks, job->w->weights, unit, s->gradient);
    }
    fs_pass_collect(net, unit.step, unit.row, s->gradient, s->row);
    for (size_t j = at; j < P; j++) job->H[at * P + j] += s->row[j];
}

fs_status fs_risk_hessian(const fs_risk *risk, const double *A, double *H, fs_risk_work *w)
{
    size_t P = risk->parameters;
    fs_job job = { .risk = risk, .w = w, .H = H };
    memset(H, 0, P * P * sizeof *H);
    fs_risk_hold(w, A);
    for (size_t t = 0; t < w->threads; t++) {
        w->scratch[t].last.step = risk->net->steps;
        memset(w->scratch[t].row, 0, P * sizeof *w->scratch[t].row);
    }
    for (job.first = 0; job.first < risk->groups; job.first = job.last) {
        job.last = job.first + w->tile < risk->groups ? job.first + w->tile : risk->groups;
        fs_job_run(&job, job.last - job.first, primal_group);
        fs_job_run(&job, risk->net->entries, direction);
    }
    for (size_t i = 0; i < P; i++)
        for (size_t j = 0; j < i; j++) H[i * P + j] = H[j * P + i];
    return fs_risk_all_finite(P * P, H) ? FS_OK : FS_ENAN;
}
