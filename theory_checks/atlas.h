/* theory_checks/atlas.h -- models that break exactly one hypothesis, and what the checks must find on them
 *
 * A statement that passes on a model made to break it is a failure of the suite; so is one that fails by another amount than theory predicts.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_CHECK_ATLAS_H
#define FS_CHECK_ATLAS_H

#include "check.h"

/* What one statement must find.  quantity: the name of the finding's quantity that has a predicted size; NULL: only the verdict counts.  predicted: from the
 * formula; tolerance: relative (0: 1e-9). */
typedef struct {
    const char *statement;      /* id */
    fs_verdict expected;
    const char *quantity;
    double predicted, tolerance;
    const char *formula;        /* "sqrt(3) / 4" */
} fs_atlas_cell;

enum { FS_ATLAS_CELLS = 20 };

typedef struct {
    const char *name;           /* of the model file: models/atlas/<name>.yaml */
    const char *breaks;         /* "compatibility: five taps that quarter turns do not keep" */
    const char *refused;        /* words of the message when the loader must refuse it, else NULL */
    const char *set;            /* one KEY=VALUE override, or NULL */
    fs_atlas_cell cell[FS_ATLAS_CELLS];     /* ends with statement NULL */
} fs_atlas_row;

/* Ends with name NULL. */
extern const fs_atlas_row fs_atlas[];

#endif
