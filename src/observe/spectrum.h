/* observe/spectrum.h -- eigenvalues of the Hessian on E, on N and on each irreducible
 *
 *   H = Pi_L Hess R Pi_L = H_E + H_N on E [NF25, Fact B],    H_N = sum over irreducibles s of H_s
 *
 * At a point of E the Hessian of R^aug commutes with G, so by Schur's lemma every eigenspace inside the isotypic component of s is a
 * sum of copies of s: eigenvalues come in groups of dim s equal ones.  The irreducible of the lowest eigenvalue on N names
 * the symmetry that breaks first when gamma falls below -lambda_min(H_N).
 *
 * Dense (LAPACK) where it fits: all eigenvalues, everything outside the blocks measured.  Otherwise Lanczos (ARPACK) on
 * Hessian-vector products, on each block by itself: the lowest and highest eigenvalues, each with its residual; small blocks are formed and complete.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_OBSERVE_SPECTRUM_H
#define FS_OBSERVE_SPECTRUM_H

#include "base/watch.h"
#include "flow/flow.h"
#include "problem/problem.h"

/* Largest dim L whose Hessian is formed when the method is auto, and when dense is asked for. */
enum { FS_SPECTRUM_AUTO_LIMIT = 1500, FS_SPECTRUM_DENSE_LIMIT = 4096 };

/* What the error of an eigenvalue leaves of its sign. */
typedef enum { FS_SIGN_NEGATIVE, FS_SIGN_UNDECIDED, FS_SIGN_POSITIVE } fs_sign;
/* value < -error, value > error, anything else (NaN too) undecided. */
fs_sign fs_sign_of(double value, double error);

/* The eigenvalues of one diagonal block.  Plain. */
typedef struct {
    char name[48];              /* "E", "N", "L", or that of the irreducible */
    size_t dim;                 /* of the block */
    size_t copies;              /* dim of the irreducible: every value below counts so often; 1 for E, N and L */
    size_t multiplicity;        /* dim / copies */
    int type;                   /* fs_type of the irreducible; 0 for E, N and L */
    size_t count;               /* values listed: multiplicity of them (dense), or the extreme ones that converged */
    double *value, *error;      /* (count) ascending; value +- error holds an eigenvalue: (n + 16) u |H| (formed), residual (Lanczos) */
    double spread;              /* complete blocks: the largest difference inside a group of `copies` eigenvalues, at rounding where Schur's lemma holds; else NaN */
    int complete;               /* all eigenvalues are listed */
    int lowest_known;           /* the lowest one is among them (Lanczos: converged) */
    double lowest, lowest_error;    /* the lowest eigenvalue, or the lowest Ritz value (an upper bound) when not known; NaN: nothing is known */
    double highest;             /* likewise, a lower bound when not known */
    double *lowest_vector;      /* (dim L) unit eigenvector of the lowest one, adapted coordinates; NULL when not known */
    long products;
} fs_spectrum_block;

/* How many of a block's eigenvalues + add, with their copies, are surely negative, surely positive, and neither, where every error grows by extra; what is
 * not listed is undecided. */
typedef struct { size_t negative, undecided, positive; } fs_inertia;
fs_inertia fs_spectrum_inertia(const fs_spectrum_block *block, double add, double extra);

/* Plain. */
typedef struct {
    int dense;
    size_t dim_E, dim_N;
    double gamma;               /* of the flow: enters `whole` only */
    fs_spectrum_block E, N;     /* the diagonal blocks of H, without gamma; dim 0: empty, count 0, complete */
    fs_spectrum_block whole;    /* name "L": H + gamma 1_N on all of L, where it was asked for; else name "" */
    size_t n_blocks;            /* irreducibles of TL, the trivial one (E itself) first; 0: not split, see note */
    fs_spectrum_block *block;
    char note[240];             /* why N is not split, what did not converge; "" */
    double norm;                /* |H|_F (dense), estimate of |H| from below (Lanczos) */
    double off_EN;              /* |Q_E^T H Q_N|_F: Fact B says rounding on E (dense; else NaN) */
    double off_blocks;          /* |H - sum of its isotypic blocks|_F (dense and split; else NaN) */
    double off_tolerance;       /* (n + 16) u |H|_F, n = dim L: what rounding explains of both */
    size_t critical;            /* the block with the lowest eigenvalue on N, SIZE_MAX when not split or not known; ties within the errors: the first */
    int stopped;
    long products;
} fs_spectrum;

/* Plain. */
typedef struct {
    fs_solver method;           /* auto, dense, krylov */
    size_t wanted;              /* Lanczos: eigenvalues from each end of each block; 0: 3 */
    double tolerance;           /* Lanczos: residual relative to |H|; 0: 1e-8 */
    size_t products;            /* Lanczos: most products a run; 0: the default of fs_lanczos */
    int split;                  /* by irreducible */
    int whole;                  /* also Hess S = H + gamma 1_N on all of L */
    const fs_watch *watch;
} fs_spectrum_options;

/* At state w (dim L) of f, which must not be the equivariant flow; p is the problem f belongs to.  A Krylov run that does not converge is no failure:
 * lowest_known is 0 and the note says so.  FS_EINPUT: dense asked for beyond FS_SPECTRUM_DENSE_LIMIT (memory stated). */
fs_status fs_spectrum_compute(fs_spectrum **out, const fs_problem *p, fs_flow *f, const double *w, const fs_spectrum_options *options, fs_err *err);
void fs_spectrum_destroy(fs_spectrum *s);

#endif
