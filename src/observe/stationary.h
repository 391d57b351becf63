/* observe/stationary.h -- stationary points: the flow to a small gradient, then Newton; many starts, found ones deflated
 *
 *   S^eq = {A in E : Pi_E grad R = 0} = S^aug with E [NOF23, Theorem 1.2]
 *
 * A search ends in one of a few ways, and only FS_SEARCH_FOUND is a stationary point.  Cross-entropy on separated data has none, which is proved, not
 * suspected (observe/separable.h); small gradients far out are no stationary points either: Newton's correction |H^+ grad| stays of order 1 there.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_OBSERVE_STATIONARY_H
#define FS_OBSERVE_STATIONARY_H

#include "base/watch.h"
#include "flow/flow.h"
#include "problem/problem.h"

#include <stdint.h>

typedef enum {
    FS_SEARCH_FOUND,            /* a stationary point: residual at rounding, confirmed by a fresh gradient */
    FS_SEARCH_SEPARABLE,        /* proved: the flow passed below every stationary point; no finite minimum */
    FS_SEARCH_RUNAWAY,          /* the weights grow without end while the gradient shrinks: an infimum at infinity is suspected */
    FS_SEARCH_UNREACHED,        /* neither by t_end: no statement */
    FS_SEARCH_STOPPED,
    FS_SEARCH_COUNT
} fs_search;
const char *fs_search_name(fs_search outcome);      /* "found", "separable", "runaway", "unreached", "stopped" */

/* One search.  Plain. */
typedef struct {
    fs_search outcome;
    fs_flow_kind kind;              /* the flow whose stationary point it is: equivariant: on E, found in dim E coordinates */
    double gamma;
    uint64_t seed;                  /* of the start; 0 when weights were given */
    int by_flow;                    /* 1: end point of the flow; 0: found by Newton from a random start (saddles too) */
    size_t dim;                     /* dim L */
    double *w;                      /* (dim L) the point, or where the search ended; y = 0 when kind is equivariant */
    double risk, distance, size;    /* R^aug (R for the nominal flow), |Y|, |A| */
    double residual;                /* |grad S| over all of L: R^aug (R for nominal) with gamma, a fresh evaluation; for kind equivariant this is
                                     * Theorem 1.2 at work: the search knew the part in E only */
    double residual_E;              /* |Pi_E grad R|, by the search's own flow */
    double residual_start;          /* |grad| at the start, of the search's own flow */
    double tolerance;               /* what rounding leaves of residual_E (or residual, off E) */
    double correction;              /* distance to the stationary set by one more Newton step */
    long iterations;                /* Newton's */
    double t_flow;                  /* flow time before Newton */
    long steps;
    char note[400];                 /* in words; for separable data the proof's numbers */
} fs_stationary;

/* Plain. */
typedef struct {
    double t_end;                   /* of the flow; 0: 100 times the model's.  The flow ends earlier where the gradient allows Newton */
    double rtol, atol;              /* 0: 1e-8, 1e-10 */
    fs_solver solver;               /* for the flow and for Newton */
    int threads;
    size_t keep_limit;
    const fs_watch *watch;
} fs_stationary_options;

/* From state w0 (dim L; for the equivariant flow its y is ignored).  Searching without success is no failure.  Borrows nothing. */
fs_status fs_stationary_find(fs_stationary **out, const fs_problem *p, fs_flow_kind kind, double gamma, const double *w0,
                             const fs_stationary_options *options, fs_err *err);
void fs_stationary_destroy(fs_stationary *s);

/* Newton without the flow from w0, staying away from the n_known points (dim L each): saddles as well as minima.  residual_start and the other fields as above. */
fs_status fs_stationary_newton(fs_stationary **out, const fs_problem *p, fs_flow_kind kind, double gamma, const double *w0, size_t n_known,
                               const fs_stationary *const *known, const fs_stationary_options *options, fs_err *err);

/* The same point: |w_a - w_b| <= 1e-6 (1 + |w_a|).  Points of one continuum are told apart. */
int fs_stationary_same(const fs_stationary *a, const fs_stationary *b);

/* A list of different stationary points. */
typedef struct {
    size_t count;
    fs_stationary **point;          /* found ones, by increasing risk */
    size_t starts, missed;          /* Newton starts made, and those that found nothing new */
    int stopped;
} fs_stationary_set;

/* Adds to set (which may hold points of earlier searches, outcome found, of the same kind and gamma) what `starts` Newton searches from random states find: seeds
 * seed, seed + 1, ..., alternating the model's start distribution and ones scaled by 1/4, 1 and 4; the origin comes first.  y at the model's distance
 * unless kind is equivariant. */
fs_status fs_stationary_search(fs_stationary_set *set, const fs_problem *p, fs_flow_kind kind, double gamma, size_t starts, uint64_t seed,
                               const fs_stationary_options *options, fs_err *err);
/* Takes point over; returns 1, or 0 and frees it when an equal one is there already, -1 when memory is short (point is freed). */
int fs_stationary_set_add(fs_stationary_set *set, fs_stationary *point);
void fs_stationary_set_clear(fs_stationary_set *set);

#endif
