/* problem/problem.h -- a model file, assembled: group, representations, network, bases, data, risks, verified hypotheses
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_PROBLEM_PROBLEM_H
#define FS_PROBLEM_PROBLEM_H

#include "algebra/irreducible.h"
#include "algebra/subspace.h"
#include "base/verdict.h"
#include "risk/risk.h"

#include <stdint.h>

/* One measured hypothesis. */
typedef struct {
    double value, tolerance;
    fs_verdict verdict;
    char detail[200];           /* where the worst value was found: "layer 2 (norm), g = 3" */
} fs_hypothesis;

/* [H1] to [H5] of the theorems, measured on this model when it was loaded. */
typedef struct {
    fs_hypothesis compatibility;        /* |[Pi_L, Pi_G]| */
    fs_hypothesis invariance_of_L;      /* max_g |(1 - Pi_L) rho(g) Q_L| */
    fs_hypothesis nonlinearity;         /* each sigma_i at random points: |sigma rho - rho sigma| / |sigma rho|, worst layer and element */
    fs_hypothesis loss;                 /* |l(rho u, rho v) - l(u, v)| relative, random points, all elements */
    fs_hypothesis representation;       /* homomorphism and orthogonality defects of every leaf */
    fs_hypothesis measure;              /* is the augmentation Haar?  enumerated groups: max_g |mu(g) - 1/|G||; continuous groups and polynomial
                                         * risks: largest |sum_g rule[g] rho_l(g)| over the nontrivial irreducibles l that the risk contains;
                                         * other risks: relative change of grad R^aug when the rule is doubled */
    fs_hypothesis equivariant_space;    /* the two routes to E: |Pi_L Pi_G Pi_L A - Pi_E A| / |A|, and dim E against the character formula */
    fs_hypothesis parametrisation;      /* |Pi_N M Pi_E| / |Pi_L M Pi_L|, M = B B^T the metric in which the weights move; 0 without a parametrisation */
    double dim_E_character;             /* character formula for E (NaN when L is not invariant) */
    double gap_low, gap_high;           /* singular values of the constraints on either side of zero (0, 1: exact orbits) */
} fs_hypotheses;

/* One real irreducible in the isotypic decomposition of TL and of N. */
typedef struct {
    const fs_irreducible *irreducible;  /* name, dim, type */
    size_t in_L, in_N;                  /* multiplicities */
} fs_isotypic_part;

/* The statements, and whether their hypotheses hold on this model.  [P1], [P2], [P3] as in theory_checks/references.md. */
enum { FS_THEOREM_COUNT = 8 };
typedef struct {
    const char *name;           /* "Theorem 1.1" */
    const char *claim;          /* "E is invariant under the augmented flow, at every gamma" */
    fs_verdict applies;         /* holds: all hypotheses hold; violated: one fails; undecided: one is */
    char because[240];          /* the hypothesis that fails and where, or "" */
} fs_theorem;

typedef enum { FS_START_GAUSSIAN, FS_START_KAIMING } fs_start_kind;
typedef enum { FS_METHOD_BDF, FS_METHOD_ADAMS } fs_method;
typedef enum { FS_SOLVER_AUTO, FS_SOLVER_DENSE, FS_SOLVER_KRYLOV } fs_solver;

/* start: of the model file. */
typedef struct {
    fs_start_kind distribution;     /* gaussian: scale * N(0,1) / sqrt(fan-in) on E; kaiming: uniform with the same variance */
    double scale;                   /* unit: weights */
    double distance;                /* |Y_0|: a Gaussian direction in N of this length */
} fs_start;

/* flow: of the model file; the command line overrides. */
typedef struct {
    double gamma, t_end, rtol, atol;
    fs_method method;
    fs_solver solver;
} fs_flow_settings;

/* Opaque outside; accessors below.  Owns everything it hands out. */
typedef struct fs_problem fs_problem;

/* A "KEY=VALUE" override per entry of sets (dotted key, YAML value), as --set gives them. */
fs_status fs_problem_load(fs_problem **out, const char *path, size_t n_sets, const char *const *sets, fs_err *err);
void fs_problem_destroy(fs_problem *p);

const char *fs_problem_name(const fs_problem *p);           /* file name without folder and .yaml */
const char *fs_problem_path(const fs_problem *p);
const char *fs_problem_title(const fs_problem *p);
const char *fs_problem_source(const fs_problem *p);
const char *fs_problem_text(const fs_problem *p);           /* the model file resolved (overrides applied, defaults filled in), YAML */
const char *fs_problem_data_note(const fs_problem *p);      /* one line: what the data are, from where, how many */

const fs_group *fs_problem_group(const fs_problem *p);
const double *fs_problem_measure(const fs_problem *p);      /* (points of the group) */
const fs_rep *fs_problem_rho_X(const fs_problem *p);
const fs_rep *fs_problem_rho_Y(const fs_problem *p);
const fs_rep *fs_problem_rho_stage(const fs_problem *p, size_t stage);   /* as fs_net_shape counts stages */
const fs_rep *fs_problem_rho_H(const fs_problem *p);        /* on weights, natural order */
const fs_net *fs_problem_net(const fs_problem *p);
/* Of one layer of the network: its kind as the model names it ("bias" for the constant in front of a dense layer), and the powers of its inputs that its
 * outputs contain (bit k; 0: not a polynomial). */
const char *fs_problem_layer_kind(const fs_problem *p, size_t layer);
unsigned fs_problem_layer_powers(const fs_problem *p, size_t layer);
const fs_basis *fs_problem_basis(const fs_problem *p);
/* B of A = A* + B v when the model's weights move in other than orthonormal coordinates (space: {parametrisation: ...}); NULL: they do. */
const fs_sparse *fs_problem_parametrisation(const fs_problem *p);
const fs_dataset *fs_problem_data(const fs_problem *p);     /* nominal samples */
const fs_dataset *fs_problem_data_augmented(const fs_problem *p);    /* those of R^aug: moved by the group, g outermost */
const fs_risk *fs_problem_risk(const fs_problem *p, int augmented);      /* R (0) or R^aug (1) */
const fs_loss *fs_problem_loss(const fs_problem *p);
const fs_hypotheses *fs_problem_hypotheses(const fs_problem *p);
/* Isotypic decomposition of TL and N: irreducibles that occur in TL, in the table's order.  NULL with *note saying why when L is not invariant or the
 * group has no table of irreducibles here; *note is "" otherwise. */
const fs_isotypic_part *fs_problem_isotypic(const fs_problem *p, size_t *count, const char **note);
/* The table those irreducibles are rows of, for fs_isotypic_apply; NULL when there is none. */
const fs_irreducibles *fs_problem_irreducibles(const fs_problem *p);
/* (FS_THEOREM_COUNT) */
const fs_theorem *fs_problem_theorems(const fs_problem *p);
/* Why this model cannot show what it is meant to show, found when it was loaded, "" when nothing was: dim E or dim N is 0; the
 * gradient of R along E is zero to rounding at two random points of E; the augmentation maps the data onto
 * themselves, so R^aug = R. */
const char *fs_problem_warning(const fs_problem *p);
const fs_start *fs_problem_start(const fs_problem *p);
const fs_flow_settings *fs_problem_settings(const fs_problem *p);

/* Initial state w = (x, y) (dim L): x = Q_E^T of random weights, y a Gaussian direction of length distance (< 0: the model's). */
fs_status fs_problem_start_state(const fs_problem *p, uint64_t seed, double distance, double *w, fs_err *err);
/* From natural-order weights (n_par); |component off L| above rounding is FS_EINPUT with its size. */
fs_status fs_problem_state_of_weights(const fs_problem *p, const double *A, double *w, fs_err *err);

#endif
