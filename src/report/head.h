/* report/head.h -- what every report says first: program, command, model, group, dimensions, hypotheses
 *
 * Filled once from the problem; table, JSON, CSV and figure read only this and the result.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_HEAD_H
#define FS_REPORT_HEAD_H

#include "problem/problem.h"

/* Plain; everything is borrowed and must outlive the head.  A NULL text is left out of the report. */
typedef struct {
    const char *version;            /* of flowsim */
    const char *command;            /* "run" */
    const char *command_line;       /* as typed */
    const char *model;              /* name */
    const char *path, *title, *source, *data_note, *text;
    const char *warning;            /* what makes the model vacuous; NULL or "": nothing */
    const char *weights;            /* file of initial weights, or NULL: from the seed */
    const char *group;
    size_t order;                   /* 0: continuous */
    size_t nodes;                   /* elements averaged over */
    size_t dim_L, dim_E, dim_N, parameters;
    const fs_hypotheses *hypotheses;    /* NULL: not measured */
    size_t n_seed;
    const uint64_t *seed;
    double wall_s;
    const char *isa, *blas_core;    /* which clones of the kernels ran; OpenBLAS's core name */
} fs_report_head;

/* The names of the six hypotheses, in the order reports list them, and the record each stands for. */
#define FS_HYPOTHESIS_COUNT 6
const char *fs_report_hypothesis(const fs_hypotheses *h, size_t i, const fs_hypothesis **record);

/* The fields that come from the problem, and isa; leaves the others as they are. */
void fs_report_head_fill(fs_report_head *head, const fs_problem *problem);

#endif
