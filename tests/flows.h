/* tests/flows.h -- a shipped model, one of its flows and a start, for the tests of flow, integrate and experiment
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_TESTS_FLOWS_H
#define FS_TESTS_FLOWS_H

#include "flow/flow.h"
#include "law.h"
#include "problem/problem.h"

/* The model of the source tree with up to three overrides (NULL: none). */
static inline fs_problem *load_model(const char *name, const char *a, const char *b, const char *c)
{
    char path[1024];
    const char *folder = getenv("FLOWSIM_SRCDIR"), *sets[3];
    size_t n = 0;
    fs_problem *p = NULL;
    fs_err err = { 0 };
    if (a) sets[n++] = a;
    if (b) sets[n++] = b;
    if (c) sets[n++] = c;
    snprintf(path, sizeof path, "%s/models/%s.yaml", folder ? folder : ".", name);
    assert_ok(fs_problem_load(&p, path, n, sets, &err), err);
    return p;
}

static inline size_t dim_L(const fs_problem *p)
{
    return fs_problem_basis(p)->dim_E + fs_problem_basis(p)->dim_N;
}

static inline fs_flow *make_flow(const fs_problem *p, fs_flow_kind kind, double gamma)
{
    fs_flow *f = NULL;
    fs_err err = { 0 };
    assert_ok(fs_flow_create(&f, kind, fs_problem_basis(p), fs_problem_risk(p, kind == FS_FLOW_AUGMENTED), gamma, 1,
                             (size_t)1 << 26, &err), err);
    return f;
}

static inline double *start_of(const fs_problem *p, uint64_t seed, double distance)
{
    double *w = calloc(dim_L(p), sizeof *w);
    fs_err err = { 0 };
    assert_non_null(w);
    assert_ok(fs_problem_start_state(p, seed, distance, w, &err), err);
    return w;
}

static inline double norm_of(const double *x, size_t n)
{
    double s = 0.0;
    for (size_t i = 0; i < n; i++) s += x[i] * x[i];
    return sqrt(s);
}

static inline double dot_of(const double *x, const double *y, size_t n)
{
    double s = 0.0;
    for (size_t i = 0; i < n; i++) s += x[i] * y[i];
    return s;
}

#endif
