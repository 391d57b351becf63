/* tests/model_text.h -- a model from its text, in the temporary folder of the test program
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_TESTS_MODEL_TEXT_H
#define FS_TESTS_MODEL_TEXT_H

#include "law.h"

#include "folder.h"
#include "problem/problem.h"

/* Where model_try leaves the text. */
static inline const char *model_path(void)
{
    static char path[300];
    snprintf(path, sizeof path, "%s/m.yaml", folder);
    return path;
}

static inline fs_status model_try(fs_problem **p, const char *text, fs_err *err)
{
    FILE *f = fopen(model_path(), "wb");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
    return fs_problem_load(p, model_path(), 0, NULL, err);
}

/* A model with this text; it must load. */
static inline fs_problem *model_of(const char *text)
{
    fs_problem *p = NULL;
    fs_err err = { .text = "" };
    if (model_try(&p, text, &err) != FS_OK) print_error("%s\n%s\n", text, err.text);
    assert_non_null(p);
    return p;
}

#endif
