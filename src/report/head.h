/* report/head.h -- what every report says first: program, command, model, group, dimensions, hypotheses, which theorems apply
 *
 * Filled once from the problem; table, JSON, CSV and figure read only this and the result.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_REPORT_HEAD_H
#define FS_REPORT_HEAD_H

#include "problem/hypotheses.h"

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
    size_t nodes;                   /* elements that the augmentation uses */
    const char *rule;               /* which ones: "all 4 elements"; NULL or "": not said */
    size_t dim_L, dim_E, dim_N, parameters;
    const fs_hypotheses *hypotheses;    /* NULL: not measured */
    const fs_theorem *theorems;         /* (FS_THEOREM_COUNT) or NULL */
    const fs_isotypic_part *isotypic;   /* (n_isotypic) or NULL: see isotypic_note */
    size_t n_isotypic;
    const char *isotypic_note;
    size_t n_seed;
    const uint64_t *seed;
    double wall_s;
    const char *isa, *blas_core;    /* which clones of the kernels ran; OpenBLAS's core name */
} fs_report_head;

/* The fields that come from the problem, and isa; leaves the others as they are. */
void fs_report_head_fill(fs_report_head *head, const fs_problem *problem);

#endif
