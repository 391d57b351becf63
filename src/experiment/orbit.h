/* experiment/orbit.h -- orbits of a start: which elements K of the group, the members rho(k) A_0, and how far outputs are from being equivariant under K
 *
 *   A_k(0) = Pi_L rho(k) A_0,  k in K            defect of f = max over g in K and inputs x of |f(rho_X(g) x) - rho_Y(g) f(x)|
 *
 * The ensemble theorem [NF24] is about the group whose average R^aug is.  A finite subgroup K serves as well when the augmentation's rule stays the same after
 * multiplication by every k in K: then R^aug(rho(k) A) = R^aug(A), and nothing else of the group is asked for.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_EXPERIMENT_ORBIT_H
#define FS_EXPERIMENT_ORBIT_H

#include "problem/problem.h"

/* The most members of an orbit, and of one by a cyclic group that was looked for. */
enum { FS_ORBIT_MOST = 1024, FS_ORBIT_CYCLIC_MOST = 8 };

/* K.  Plain; cleared by fs_orbit_clear. */
typedef struct {
    size_t n;                   /* |K|; 0: there is none, `why` says why */
    size_t *element;            /* (n) points of the group that are a group of their own, the identity first */
    int whole;                  /* K is the group */
    char name[80];              /* "C4"; of a subgroup "C8 in SO2" */
    char why[200];
} fs_orbit;

/* The group itself where it is enumerated and has at most FS_ORBIT_MOST elements; else the largest cyclic subgroup of at most FS_ORBIT_CYCLIC_MOST points that
 * keeps the augmentation's rule.  That there is none is no failure: n = 0. */
fs_status fs_orbit_choose(fs_orbit *K, const fs_problem *p, fs_err *err);
void fs_orbit_clear(fs_orbit *K);

/* w (n, dim L): from row 0, the state of A_0, the states of Pi_L rho(k) A_0.  outside (may be NULL): the largest |(1 - Pi_L) rho(k) A_0| / |A_0|, rounding where
 * L is invariant; NaN for A_0 = 0. */
fs_status fs_orbit_place(const fs_orbit *K, const fs_problem *p, double *w, double *outside, fs_err *err);

/* Does the metric M = B B^T of a model with a parametrisation commute with K?  The largest |rho(k) M v - M rho(k) v| / |M v| at state v (dim L); 0 without. */
fs_status fs_orbit_metric_defect(const fs_orbit *K, const fs_problem *p, const double *v, double *defect, fs_err *err);

/* Test inputs, and where elements of the group move them.  Plain; cleared by fs_orbit_inputs_clear. */
typedef struct {
    const fs_problem *problem;  /* borrowed */
    size_t elements;
    const size_t *element;      /* (elements) the identity first; borrowed */
    size_t inputs, in, out;     /* inputs before they are moved; dim X, dim Y */
    size_t all;                 /* elements * inputs */
    double *x;                  /* (elements, inputs, in): rho_X(g) x */
} fs_orbit_inputs;

/* n_data samples, no two the same and evenly spread over the data, all where there are fewer; and n_random Gaussian vectors of lengths that samples have. */
fs_status fs_orbit_inputs_create(fs_orbit_inputs *o, const fs_problem *p, size_t elements, const size_t *element, size_t n_data, size_t n_random, uint64_t seed,
                                 fs_err *err);
void fs_orbit_inputs_clear(fs_orbit_inputs *o);

/* The defect of f (all, out), outputs at all inputs in their order.  NaN stays. */
fs_status fs_orbit_defect(const fs_orbit_inputs *o, const double *f, double *largest, fs_err *err);

#endif
