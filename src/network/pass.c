/* network/pass.c -- one group of chunks through the whole network
 *
 *   forward    z = W u                          z' = W' u + W u'
 *   backward   ub = W^T zb                      ub' = W'^T zb + W^T zb'
 *              gW = sum zb u^T                  gW' = sum zb' u^T + zb u'^T
 *
 * Between two linear or whole steps everything acts on each channel alone: the run of steps there is swept in tiles of a
 * few channels (or chunks), so that a plane goes through all of them while it is in the first-level cache.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "network/pass.h"

/* Entries of a plane (or a few) that are swept together. */
enum { TILE = 96 };

/* Steps a ... b-1 of channelwise steps, and linear or whole step b (or the end). */
typedef struct {
    const fs_net *net;
    const fs_frame *f;
    size_t a, b;
    int restore;            /* recompute what WORK held */
} run;

typedef void run_body(const run *v, fs_range r);

static void sweep(const run *v, size_t chunks, size_t c0, size_t c1, run_body *body)
{
    const fs_net *net = v->net;
    size_t plane = fs_pixels(v->a < net->steps ? net->step[v->a].in : net->shape[net->layers]);
    size_t channels = TILE / (plane * chunks) + 1;
    for (size_t c = c0; c < c1; c += channels)
        body(v, (fs_range){ chunks, c, c + channels < c1 ? c + channels : c1 });
}

static void prepare(const run *v, fs_range r, int copy)
{
    const fs_step *s = &v->net->step[v->b];
    if (v->b < v->net->steps && s->prepares) s->kind->prepare(s, v->f, r, copy);
}

static void prepare_adjoint(const run *v, fs_range r, int copy)
{
    const fs_step *s = &v->net->step[v->b];
    if (v->b < v->net->steps && s->prepares) s->kind->prepare_adjoint(s, v->f, r, copy);
}

static void run_forward(const run *v, fs_range r)
{
    for (const fs_step *s = v->net->step + v->a, *end = v->net->step + v->b; s < end; s++) s->kind->forward(s, v->f, r);
    prepare(v, r, FS_PRIMAL);
}

static void run_backward(const run *v, fs_range r)
{
    prepare_adjoint(v, r, FS_PRIMAL);
    for (const fs_step *s = v->net->step + v->b, *end = v->net->step + v->a; s-- > end;) s->kind->backward(s, v->f, r);
}

static void run_tangent(const run *v, fs_range r)
{
    for (const fs_step *s = v->net->step + v->a, *end = v->net->step + v->b; s < end; s++) {
        if (v->restore && s->val_out[FS_PRIMAL].arena == FS_WORK) s->kind->forward(s, v->f, r);
        s->kind->tangent(s, v->f, r);
    }
    if (v->restore) prepare(v, r, FS_PRIMAL);
    prepare(v, r, FS_DOT);
}

static void run_tangent_backward(const run *v, fs_range r)
{
    prepare_adjoint(v, r, FS_DOT);
    for (const fs_step *s = v->net->step + v->b, *end = v->net->step + v->a; s-- > end;) {
        if (v->restore && s->kind->activation) s->kind->backward(s, v->f, r);
        s->kind->tangent_backward(s, v->f, r);
    }
}

static int ends_run(const fs_step *s)
{
    return s->kind->linear || s->kind->whole;
}

/* The run that begins at step a. */
static run run_from(const fs_net *net, const fs_frame *f, size_t a, int restore)
{
    run v = { net, f, a, a, restore };
    while (v.b < net->steps && !ends_run(&net->step[v.b])) v.b++;
    return v;
}

/* The run that ends before linear or whole step b (or the end). */
static run run_to(const fs_net *net, const fs_frame *f, size_t b, int restore)
{
    run v = { net, f, b, b, restore };
    while (v.a > net->first && !ends_run(&net->step[v.a - 1])) v.a--;
    return v;
}

static size_t channels_before(const run *v)
{
    const fs_net *net = v->net;
    return v->b < net->steps ? net->step[v->b].in.channels : net->shape[net->layers].channels;
}

static void sweep_all(const run *v, size_t chunks, run_body *body)
{
    sweep(v, chunks, 0, channels_before(v), body);
}

/* All channels of a whole step. */
static fs_range all_channels(const fs_step *s, size_t chunks)
{
    return (fs_range){ chunks, 0, s->in.channels };
}

/* Whether all that one row of step `from` moves is still that one channel when it comes to step b. */
static int stays_alone(const fs_net *net, size_t from, size_t b)
{
    for (size_t i = from + 1; i < b; i++)
        if (net->step[i].kind->linear || net->step[i].kind->mixing) return 0;
    return 1;
}

/* --- operands ------------------------------------------------------------------------------------- */

static const fs_v8 *start(const fs_frame *f, fs_tensor t)
{
    return fs_at(f, t, 0);
}

static fs_operand operand(const fs_frame *f, fs_tensor t, const double *w)
{
    return (fs_operand){ start(f, t), w, 0, SIZE_MAX };
}

static fs_outer outer(const fs_step *s, const fs_frame *f, int z, int x)
{
    return (fs_outer){ start(f, s->bar_out[z]), start(f, s->prep[x]), 0, s->product->cols };
}

static const double *forward_weights(const fs_step *s, const double *packed)
{
    return packed + s->packed;
}

static const double *adjoint_weights(const fs_step *s, const double *packed)
{
    return packed + s->packed + s->product->rows * s->product->cols;
}

static void gather(const fs_net *net, const fs_frame *f, const fs_gather *g, size_t chunks, size_t pairs,
                   const fs_operand *o, fs_tensor out)
{
    net->kernels->product->gather(g, chunks, pairs, o, fs_at(f, out, 0));
}

/* --- passes ----------------------------------------------------------------------------------------- */

void fs_pass_pack(const fs_net *net, const double *A, double *packed)
{
    for (size_t i = 0; i < net->packed; i++) packed[i] = A[net->natural[i]];
}

void fs_pass_input(const fs_net *net, const fs_frame *f, size_t chunks)
{
    run v = run_from(net, f, 0, 0);
    sweep_all(&v, chunks, run_forward);
    while (v.b < net->first) {
        const fs_step *s = &net->step[v.b];
        s->kind->forward(s, f, all_channels(s, chunks));
        v = run_from(net, f, v.b + 1, 0);
        sweep_all(&v, chunks, run_forward);
    }
}

void fs_pass_forward(const fs_net *net, const fs_frame *f, size_t chunks, const double *weights)
{
    for (size_t i = net->first; i < net->steps;) {
        const fs_step *s = &net->step[i];
        if (s->kind->whole) {
            s->kind->forward(s, f, all_channels(s, chunks));
        } else {
            fs_operand o = operand(f, s->prep[FS_PRIMAL], forward_weights(s, weights));
            gather(net, f, &s->product->forward, chunks, 1, &o, s->val_out[FS_PRIMAL]);
        }
        run v = run_from(net, f, i + 1, 0);
        sweep_all(&v, chunks, run_forward);
        i = v.b;
    }
}

void fs_pass_backward(const fs_net *net, const fs_frame *f, size_t chunks, const double *weights, fs_v8 *gradient)
{
    for (size_t b = net->steps;;) {
        run v = run_to(net, f, b, 0);
        sweep_all(&v, chunks, run_backward);
        b = v.a - 1;
        const fs_step *s = &net->step[b];
        if (s->kind->whole) {
            s->kind->backward(s, f, all_channels(s, chunks));
            continue;
        }
        fs_outer pair = outer(s, f, FS_PRIMAL, FS_PRIMAL);
        if (gradient) net->kernels->product->outer(s->product, chunks, 1, &pair, 0, gradient + s->gradient);
        if (b == net->first) break;
        fs_operand o = operand(f, s->bar_out[FS_PRIMAL], adjoint_weights(s, weights));
        gather(net, f, &s->product->adjoint, chunks, 1, &o, s->prep_bar[FS_PRIMAL]);
    }
}

void fs_pass_tangent(const fs_net *net, const fs_frame *f, size_t chunks, const double *weights, const double *direction)
{
    for (size_t i = net->first; i < net->steps;) {
        const fs_step *s = &net->step[i];
        if (s->kind->whole) {
            s->kind->tangent(s, f, all_channels(s, chunks));
        } else {
            fs_operand o[2] = { operand(f, s->prep[FS_PRIMAL], forward_weights(s, direction)),
                                operand(f, s->prep[FS_DOT], forward_weights(s, weights)) };
            gather(net, f, &s->product->forward, chunks, i == net->first ? 1 : 2, o, s->val_out[FS_DOT]);
        }
        run v = run_from(net, f, i + 1, 1);
        sweep_all(&v, chunks, run_tangent);
        i = v.b;
    }
}

void fs_pass_tangent_backward(const fs_net *net, const fs_frame *f, size_t chunks, const double *weights,
                              const double *direction, fs_v8 *gradient)
{
    for (size_t b = net->steps;;) {
        run v = run_to(net, f, b, 1);
        sweep_all(&v, chunks, run_tangent_backward);
        b = v.a - 1;
        const fs_step *s = &net->step[b];
        if (s->kind->whole) {
            s->kind->tangent_backward(s, f, all_channels(s, chunks));
            continue;
        }
        fs_outer pair[2] = { outer(s, f, FS_DOT, FS_PRIMAL), { 0 } };
        if (b > net->first) pair[1] = outer(s, f, FS_PRIMAL, FS_DOT);
        net->kernels->product->outer(s->product, chunks, b > net->first ? 2 : 1, pair, 0, gradient + s->gradient);
        if (b == net->first) break;
        fs_operand o[2] = { operand(f, s->bar_out[FS_PRIMAL], adjoint_weights(s, direction)),
                            operand(f, s->bar_out[FS_DOT], adjoint_weights(s, weights)) };
        gather(net, f, &s->product->adjoint, chunks, 2, o, s->prep_bar[FS_DOT]);
    }
}

/* --- unit directions ---------------------------------------------------------------------------------- */

void fs_pass_unit(const fs_net *net, const fs_frame *f, size_t chunks, const double *weights, fs_unit unit)
{
    const fs_step *s = &net->step[unit.step];
    const fs_product *p = s->product;
    const fs_v8 *u = fs_at(f, s->prep[FS_PRIMAL], 0) + p->x_of[unit.col];
    fs_v8 *z_dot = fs_at(f, s->val_out[FS_DOT], unit.row);
    for (size_t q = 0; q < chunks * p->positions; q++) z_dot[q] = u[p->in[q]];
    const fs_range row = { chunks, unit.row, unit.row + 1 };
    int alone = 1;              /* only that channel moves */
    run v = run_from(net, f, unit.step + 1, 0);
    sweep(&v, chunks, row.c0, row.c1, run_tangent);
    for (size_t i = v.b; i < net->steps; i = v.b) {
        s = &net->step[i];
        if (s->kind->whole) {
            alone = alone && !s->kind->mixing;
            s->kind->tangent(s, f, alone ? row : all_channels(s, chunks));
        } else {
            fs_operand o = operand(f, s->prep[FS_DOT], forward_weights(s, weights));
            if (alone) {
                o.first = row.c0 * s->product->channel_cols;
                o.last = row.c1 * s->product->channel_cols;
            }
            alone = 0;
            gather(net, f, &s->product->forward, chunks, 1, &o, s->val_out[FS_DOT]);
        }
        v = run_from(net, f, i + 1, 0);
        if (alone) sweep(&v, chunks, row.c0, row.c1, run_tangent);
        else sweep_all(&v, chunks, run_tangent);
    }
}

void fs_pass_unit_backward(const fs_net *net, const fs_frame *f, size_t chunks, const double *weights, fs_unit unit,
                           fs_v8 *gradient)
{
    for (size_t b = net->steps;;) {
        run v = run_to(net, f, b, 0);
        sweep_all(&v, chunks, run_tangent_backward);
        b = v.a - 1;
        const fs_step *s = &net->step[b];
        if (s->kind->whole) {
            s->kind->tangent_backward(s, f, all_channels(s, chunks));
            continue;
        }
        fs_outer pair[2] = { outer(s, f, FS_DOT, FS_PRIMAL), { 0 } };
        if (b > unit.step) pair[1] = outer(s, f, FS_PRIMAL, FS_DOT);
        if (b > unit.step && stays_alone(net, unit.step, b)) {
            pair[1].first = unit.row * s->product->channel_cols;
            pair[1].last = pair[1].first + s->product->channel_cols;
        }
        for (size_t i = 0; i < (b > unit.step ? 2 : 1); i++)
            net->kernels->product->outer(s->product, chunks, 1, &pair[i], b == unit.step ? unit.row : 0, gradient + s->gradient);
        if (b == unit.step) break;
        fs_operand o = operand(f, s->bar_out[FS_DOT], adjoint_weights(s, weights));
        gather(net, f, &s->product->adjoint, chunks, 1, &o, s->prep_bar[FS_DOT]);
    }
}

void fs_pass_collect(const fs_net *net, size_t step, size_t row, const fs_v8 *gradient, double *out)
{
    for (size_t i = step; i < net->steps; i++) {
        const fs_step *s = &net->step[i];
        if (s->kind->linear)
            net->kernels->product->collect(s->product, i == step ? row : 0, gradient + s->gradient, out + s->weights);
    }
}
