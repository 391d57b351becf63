/* theory_checks/closed_forms.h -- models whose constants, thresholds and solutions are known exactly
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_CHECK_CLOSED_FORMS_H
#define FS_CHECK_CLOSED_FORMS_H

#include "check.h"

/* One exact number.  measure computes it with the instruments of the library; accuracy is what they promise. */
typedef struct fs_closed_form fs_closed_form;
struct fs_closed_form {
    const char *form;           /* "CF1": docs/theory.md */
    const char *name;           /* "gamma_all" */
    const char *model;          /* models/<model>.yaml */
    const char *set[3];         /* overrides, NULL when fewer */
    double exact;
    const char *formula;        /* "1 / pi" */
    double accuracy;            /* relative to max(1, |exact|): measured within accuracy + error of exact */
    fs_status (*measure)(const fs_closed_form *form, const fs_problem *p, double *value, double *error, fs_err *err);
    double argument[4];         /* of measure */
};

/* Ends with form NULL. */
extern const fs_closed_form fs_closed_forms[];

/* Loads the model from `folder` (models/), measures.  found: measured = |value - exact|, error, bound; quantity "value", "exact". */
fs_status fs_closed_form_check(const fs_closed_form *form, const char *folder, fs_finding *found, fs_err *err);

#endif
