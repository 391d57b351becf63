/* theory_checks/suite.h -- statements on models, the atlas and the closed forms: what was found, and whether it is as it should be
 *
 *   a model        holds, does not apply, or shows nothing (a guard tripped) where the hypotheses hold; where one fails nothing is promised, and
 *                  anything but a pass is right
 *   a statement    holds on at least one of the models: a check that no model can fail checks nothing
 *   the atlas      the verdict, and the size of what is found, that theory predicts
 *   closed forms   the exact number, within the accuracy promised
 *
 * A control that passes, or has another size than predicted, is a failure of the suite where the hypotheses hold and no guard tripped.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_CHECK_SUITE_H
#define FS_CHECK_SUITE_H

#include "atlas.h"
#include "check.h"
#include "closed_forms.h"

typedef enum { FS_AS_EXPECTED, FS_LEFT_OPEN, FS_NOT_AS_EXPECTED } fs_outcome;

enum { FS_REASON = 700 };

/* One statement on one model.  Plain. */
typedef struct {
    const fs_statement *statement;
    const fs_atlas_cell *predicted;     /* NULL outside the atlas */
    fs_finding found;
    fs_outcome outcome;
    char why[FS_REASON];                /* what is not as expected, or open; "" */
    int done;
} fs_suite_cell;

typedef enum { FS_ROW_LOADED, FS_ROW_LEFT_OUT, FS_ROW_REFUSED } fs_row_load;

/* One model.  Plain. */
typedef struct {
    char name[80];
    const fs_atlas_row *atlas;          /* NULL: a shipped model */
    fs_row_load load;
    char message[FS_REASON];            /* why it was left out or refused; "" */
    size_t dim_L, dim_E, dim_N;
    size_t n_cells;                     /* 0 unless loaded */
    fs_suite_cell *cell;
    fs_outcome outcome;                 /* of loading alone */
    char why[FS_REASON];
    double wall_s;                      /* of its cells */
} fs_suite_row;

/* One exact number.  Plain. */
typedef struct {
    const fs_closed_form *form;
    fs_finding found;
    fs_outcome outcome;
    char why[FS_REASON];
    int done;
} fs_suite_form;

typedef struct {
    size_t holds, violated, undecided, not_applicable;      /* verdicts of cells */
    size_t vacuous;                                         /* of the undecided: hypotheses hold, a guard tripped */
    size_t expected, open, failed;                          /* outcomes of rows that had to load or be refused, cells, forms and statements */
} fs_suite_counts;

/* Plain. */
typedef struct {
    size_t n_statements;
    const fs_statement *const *statement;       /* borrowed */
    size_t n_rows;
    fs_suite_row *row;          /* models as they were given, then the atlas */
    size_t *order;              /* (n_rows) the order in which they are checked; settled when is_ordered */
    int is_ordered;
    size_t n_forms;
    fs_suite_form *form;
    int must_show;              /* every statement has to hold somewhere */
    int done;
    double wall_s;
} fs_suite;

/* Plain. */
typedef struct {
    size_t n_statements;
    const fs_statement *const *statement;
    fs_check_options check;     /* threads: of one check on one model; 1 where tasks run side by side */
    int threads;                /* tasks at a time; never changes a result */
    size_t n_models;
    const char *const *model;   /* files */
    size_t largest;             /* models of a larger dim L are left out; 0: none is */
    const char *folder;         /* of the models: closed forms are there, the atlas in atlas/ below it */
    const fs_atlas_row *atlas;              /* ends with name NULL; NULL: none */
    const fs_closed_form *forms;            /* ends with form NULL; NULL: none */
    int must_show;              /* a statement that holds on none of the models is left open */
    /* called whenever a row, cell or form is done, one call at a time, from whichever thread (may be NULL) */
    void (*done)(void *context, const fs_suite *suite);
    void *context;
} fs_suite_options;

/* One task a model and a closed form, heavy models first; options->check.watch is told "model: statement: stage".  FS_ESTOPPED when it asked to stop: then
 * there is no suite. */
fs_status fs_suite_run(fs_suite **out, const fs_suite_options *options, fs_err *err);
/* The statements on one model that is loaded already: a suite of one row.  Models, atlas and forms of options are not looked at. */
fs_status fs_suite_run_problem(fs_suite **out, const fs_problem *p, const fs_suite_options *options, fs_err *err);
void fs_suite_destroy(fs_suite *s);

/* FS_NOT_AS_EXPECTED where anything is; else FS_LEFT_OPEN where anything is; else FS_AS_EXPECTED. */
fs_outcome fs_suite_outcome(const fs_suite *s);
fs_suite_counts fs_suite_count(const fs_suite *s);
/* Models, those of the atlas left out, on which the k-th statement holds. */
size_t fs_suite_shown(const fs_suite *s, size_t k);
/* The hypotheses hold, nothing is violated, and a guard tripped: neither a pass nor a failure. */
int fs_finding_is_vacuous(const fs_finding *found);
/* Of one model by its verdicts alone: violated where one is; undecided where one is, or where none holds. */
fs_verdict fs_suite_row_verdict(const fs_suite_row *row);

/* Why a finding is no plain pass, in words and numbers; "" for one that is, or that does not apply.  Returns text. */
char *fs_finding_reason(const fs_finding *found, size_t size, char *text);

/* The rules; why (FS_REASON) gets the words. */
fs_outcome fs_expect_of_model(const fs_finding *found, char *why);
fs_outcome fs_expect_of_atlas(const fs_atlas_cell *cell, const fs_finding *found, char *why);
fs_outcome fs_expect_of_form(const fs_closed_form *form, const fs_finding *found, char *why);

#endif
