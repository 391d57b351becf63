/* risk/work.h -- inside a risk and its scratch (private to risk/)
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_RISK_WORK_H
#define FS_RISK_WORK_H

#include "network/pass.h"
#include "network/plan.h"
#include "risk/loss.h"

struct fs_risk {
    const fs_net *net;
    const fs_loss_lanes *loss;
    double *omega;              /* (outputs) */
    size_t n, groups, blocks;   /* samples; groups of chunks; sample blocks of the sum */
    size_t *group_first;        /* (groups + 1) first chunk of each */
    size_t *block_first;        /* (blocks + 1) first group of each */
    size_t outputs, parameters;
    size_t *at;                 /* (outputs) where the entries of the logits stand */
    fs_v8 *data;                /* (groups) DATA arenas */
    fs_v8 *targets;             /* (chunks, FS_TARGET_Y + outputs) */
};

/* Of one thread. */
typedef struct {
    fs_v8 *kept, *work, *tangent;       /* arenas of one group, and (net->gradient) sums: one block of memory from kept on */
    fs_v8 *gradient;
    double *row;                        /* (parameters) */
    fs_unit last;                       /* whose traces stand in tangent; step = net->steps: nobody's */
} fs_scratch;

struct fs_risk_work {
    const fs_risk *risk;
    size_t threads;
    fs_scratch *scratch;                /* (threads) */
    double *weights, *direction;        /* packed */
    double *A;                          /* (parameters): whose primal is kept */
    int holds;                          /* weights, and kept unless NULL, belong to A */
    fs_v8 *kept;                        /* (groups) KEPT arenas, or NULL */
    double *sums, *values;              /* (blocks, parameters), (blocks) */
    size_t tile;                        /* groups of a Hessian's tile */
    fs_v8 *tile_kept, *tile_work;       /* (tile) arenas; one block of memory from tile_kept on */
};

/* One call, for the bodies that threads run. */
typedef struct {
    const fs_risk *risk;
    fs_risk_work *w;
    fs_v8 *kept;                        /* where all groups' KEPT arenas are, or NULL */
    int gradient, backward;             /* sums wanted; derivatives wanted */
    size_t first, last;                 /* groups of a Hessian's tile */
    double *H;
} fs_job;

typedef void fs_job_body(const fs_job *job, size_t i, fs_scratch *s);

/* body(job, i, a thread's scratch) for all i < count, in any order. */
void fs_job_run(const fs_job *job, size_t count, fs_job_body *body);

/* Packs A and remembers it; nothing is kept of it yet. */
void fs_risk_hold(fs_risk_work *w, const double *A);

/* Frame of a group; KEPT, WORK and TANGENT as given. */
fs_frame fs_risk_frame(const fs_risk *risk, size_t group, fs_v8 *kept, fs_v8 *work, fs_v8 *tangent);

/* Chunks of a group. */
static inline size_t fs_risk_chunks(const fs_risk *risk, size_t group)
{
    return risk->group_first[group + 1] - risk->group_first[group];
}

/* Forward, loss, and the derivatives by the stages if wanted. */
void fs_risk_primal(const fs_risk *risk, const fs_frame *f, size_t group, const double *weights, int backward,
                    fs_v8 *gradient, fs_v8 *value);
void fs_risk_loss_tangent(const fs_risk *risk, const fs_frame *f, size_t group);

int fs_risk_all_finite(size_t n, const double *x);

#endif
