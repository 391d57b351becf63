/* experiment/chain.h -- the constants of Theorem 3 along the path of an augmented flow, and the bounds on |Y(t)| that they give, each weaker than the one before
 *
 *   exact        |Y| = |Y_0| exp(-int (gamma + hbar)),   hbar = int_0^1 <u, Hess R^aug(X + s Y) u> ds,   u = Y / |Y|             [NF25, Theorem 3]
 *   path         y' = -(gamma + c(t)) y + C y^2,   c(t) = lambda_min(H_N(X(t)))
 *   Bernoulli    y' = -(gamma + c) y + C y^2,      c = min_t c(t),  C = M3 / 2
 *   paper        y' = -(gamma + c - C(K) K) y,     K^2 = |Y_0|^2 + 2 R^aug(A_0) / gamma
 *
 * M3 is radial, sup |D^3 R^aug(X + s y)[y, y, y]| over unit y of N and s up to the radius of a tube: all that the proof needs.  It is searched for around states
 * that the flow took: no proof.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_EXPERIMENT_CHAIN_H
#define FS_EXPERIMENT_CHAIN_H

#include "base/verdict.h"
#include "base/watch.h"
#include "integrate/trajectory.h"

/* --- constants of a path ------------------------------------------------------------ */

/* One flow with its constants.  Plain; the caller sets the first three, fs_chain_path and fs_chain_constants the rest. */
typedef struct {
    double gamma, delta;        /* delta = |Y_0| */
    double radius;              /* of the tube for C: delta, or more where |Y| rises */
    double R0;                  /* R^aug(A_0) */
    size_t n;                   /* nodes: every stride-th state that the trajectory keeps, and the last one */
    size_t stride;
    double *t, *c, *w;          /* (n), (n), (n, dim); one block, freed by fs_chain_clear */
    double c_min, c_error, dip; /* min c(t) with what is lost between nodes, error of an eigenvalue, how far c(t) may fall between nodes */
    double M3, M3_K, K;         /* on the tubes of the radius and of K; K infinite at gamma = 0, M3_K then NaN */
} fs_chain;

/* Is a Hessian-vector product of f so costly that a few searches must do? */
int fs_chain_costly(fs_flow *f);

/* Nodes of T, every stride-th, until the first one at or after t_last, and c(t) there; NaN where the eigenvalue did not converge.  f: the augmented flow without
 * penalty and without parametrisation. */
fs_status fs_chain_path(fs_chain *s, fs_flow *f, const fs_trajectory *T, size_t stride, double t_last, const fs_watch *watch, fs_err *err);

/* K, M3, M3_K, around a few nodes or, with all, around all of them and then around the states of T next to the place found; around some where dim L exceeds a
 * hundred, around the ends alone where products are costly.  FS_ESTOPPED; FS_ENAN. */
fs_status fs_chain_constants(fs_chain *s, fs_flow *f, const fs_trajectory *T, int all, uint64_t seed, const fs_watch *watch, fs_err *err);
void fs_chain_clear(fs_chain *s);

/* The remainder <Y, .> of the third order is int_0^1 (1 - s) D^3 R^aug(X + s Y)[Y, Y, Y] ds: C = M3 / 2. */
double fs_chain_C(double M3);
/* value, which is made of c, or 0 where it is no larger than what c may be wrong by. */
double fs_chain_above(const fs_chain *s, double value);
/* gamma + c - C(K) K; -inf at gamma = 0. */
double fs_chain_paper_rate(const fs_chain *s);

/* --- bounds at a time ----------------------------------------------------------------- */

/* The bound by the path: its value y at node k, where the walk has come to.  Starts as { delta, 0 }; times come in order. */
typedef struct { double y; size_t k; } fs_chain_walk;
typedef struct { double path, bernoulli, paper; } fs_chain_bounds;      /* infinite where there is none any more */
fs_chain_bounds fs_chain_at(const fs_chain *s, double t, fs_chain_walk *walk);

/* Largest violations in units of log |Y|, 0 where there is none; end: logs of path / exact, Bernoulli / path, paper / Bernoulli at the end; index of the last step
 * and output times compared.  Where Bernoulli's bound exceeds K >= |Y| the paper's bounds |Y|, not that one,
 * and no bound is weaker than another. */
typedef struct { double path, bernoulli, paper, end[3]; size_t last, seen; } fs_chain_comparison;
/* All steps of T and all output times until t_last and down to the floor. */
void fs_chain_compare(const fs_chain *s, const fs_trajectory *T, double t_last, double floor, fs_chain_comparison *out);
double fs_chain_violation(const fs_chain_comparison *c);

/* --- what numbers can tell -------------------------------------------------------------- */

/* How far lambda_min(H(t)) may fall below its chords between the times t (n): it is concave in H, so only as far as H(t) bends, and second differences of its values
 * see that. */
double fs_chain_dip(size_t n, const double *t, const double *lambda);

/* Below this |Y| a statement about log |Y| on T means nothing: 1e3 (atol_N + rtol max |Y|). */
double fs_chain_floor(const fs_trajectory *T, double rtol);

/* What the local errors of the integration may add up to in log |Y| until step k of T: a step's error passes the test below 1 in the weighted root mean square norm, so
 * that |e_N| <= sqrt(dim) (rtol |Y| + atol_N); ten times that, as BDF carries an error through up to five steps and the quadratures have no test of their own.  The
 * identity for |Y| holds at every state: errors add up, they are not amplified. */
double fs_chain_integration(const fs_trajectory *T, double rtol, size_t k);

/* --- all of it for one run ---------------------------------------------------------------- */

/* What `run` reports.  NaN where there is no statement; `note` then says why. */
typedef struct {
    fs_chain chain;             /* n = 0: no constants */
    double t_last;              /* the stretch on which |Y| is resolved ends here; all of the flow where it stays resolved */
    double *rate;               /* (chain.n): gamma + hbar at the nodes, by the velocity there */
    double t_blown_up;          /* Bernoulli's bound is infinite from here on; infinite: it stays finite */
    fs_chain_comparison compared;
    double error;               /* what the integration and the eigenvalues may add to a violation */
    fs_verdict verdict;         /* of exact <= path <= Bernoulli <= paper */
    int separated;              /* the network separates its data: X moves for ever, and lambda_min(H_N(X)) with it */
    int stopped;                /* on request: the constants are missing */
    size_t n;                   /* accepted steps of the stretch, the start included */
    double *t, *distance, *identity, *path, *bernoulli, *paper;     /* (n) each, one block; bounds infinite where there is none any more */
    char note[300];
} fs_bounds;

/* Of the augmented flow T of p, integrated with rtol.  FS_ENOMEM, FS_EINPUT (another flow); everything else is said in the note. */
fs_status fs_bounds_compute(fs_bounds **out, const fs_problem *p, const fs_trajectory *T, double rtol, int threads, size_t keep_limit, uint64_t seed,
                            const fs_watch *watch, fs_err *err);
void fs_bounds_destroy(fs_bounds *b);

/* How fast Bernoulli's bound falls at first, gamma + c - C delta; it falls for good where that is positive. */
double fs_bounds_start(const fs_bounds *b);

#endif
