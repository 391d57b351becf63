/* theory_checks/check.h -- a statement about flows and symmetry as a check: its record, what it finds, its verdict
 *
 *   measured + error <= bound     and the hypotheses hold, no guard tripped, the control failed as predicted:    holds
 *   measured - error >  bound                                                                                    violated
 *   anything else, NaN included                                                                                  undecided
 *
 * One file and one record a statement; the record says in words what is claimed, measured, allowed and controlled, and `measure` fills in the numbers.
 * The verdict is never a check's own: fs_check_judge derives it from the numbers in one place.
 *
 * A check that cannot fail checks nothing.  Each carries a control, the same measurement on something that breaks one hypothesis; it must come out
 * beyond the bound, at the size that theory predicts where there is one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_CHECK_H
#define FS_CHECK_H

#include <flowsim.h>

/* The hypotheses a statement asks for, bits in the order of fs_hypothesis_at. */
enum {
    FS_NEEDS_COMPATIBILITY = 1 << 0, FS_NEEDS_INVARIANCE = 1 << 1, FS_NEEDS_NONLINEARITY = 1 << 2, FS_NEEDS_LOSS = 1 << 3,
    FS_NEEDS_REPRESENTATION = 1 << 4, FS_NEEDS_MEASURE = 1 << 5, FS_NEEDS_SPACE = 1 << 6,
    FS_NEEDS_ORTHONORMAL = 1 << 7,      /* the weights move in orthonormal coordinates, or in ones whose metric commutes with Pi_E: fs_problem_parametrisation */
    FS_NEEDS_EUCLIDEAN = 1 << 8,        /* rates, Hessians and bounds are those of the Euclidean product: does not apply to a model with a parametrisation */
    FS_NEEDS_KEY_LEMMA = FS_NEEDS_NONLINEARITY | FS_NEEDS_LOSS | FS_NEEDS_REPRESENTATION | FS_NEEDS_MEASURE,
    FS_NEEDS_STATIONARY = FS_NEEDS_KEY_LEMMA | FS_NEEDS_COMPATIBILITY | FS_NEEDS_SPACE,         /* Facts A and B, Theorem 1.2 */
    FS_NEEDS_FLOW = FS_NEEDS_STATIONARY | FS_NEEDS_ORTHONORMAL,                                 /* Theorem 1.1 */
    FS_NEEDS_RATES = FS_NEEDS_FLOW | FS_NEEDS_EUCLIDEAN,                                        /* Theorems 2 and 3, Remarks */
};

/* A control: the same measurement where one hypothesis is broken. */
typedef struct {
    double measured;            /* NaN: there is none */
    double predicted;           /* by theory, through another computation; NaN: no size is predicted, it must exceed the bound 1e6 times */
    double tolerance;           /* of the prediction, relative; 0: 0.01 */
    fs_verdict verdict;         /* holds: it failed as it should.  violated: it passed, or has the wrong size.  Set by fs_check_judge */
    char what[200];             /* "measure (1 - beta) Haar + beta delta_e, beta = 1e-2" */
} fs_control;

/* A number met on the way, for comparison with exact values and for the report. */
typedef struct {
    char name[40];              /* "gamma_all", "rate", "c" */
    double value, error;
} fs_quantity;

enum { FS_QUANTITY_COUNT = 24 };

/* What a check found on one model.  Plain. */
typedef struct {
    int applies;                /* 0: the model has none of what the statement speaks of (no strict minimum, ...); note says what is missing.  No verdict then */
    double measured, error, bound;
    fs_verdict verdict;         /* set by fs_check_judge */
    fs_control control;
    char vacuous[240];          /* a guard that tripped: why a pass would mean nothing here; "" */
    fs_verdict hypotheses;      /* of those the statement needs: the worst.  Set by fs_check_judge, as is */
    char because[240];          /* the hypothesis that fails or is undecided, and where; "" */
    char note[480];             /* what was measured, in words and numbers */
    size_t n_quantity;
    fs_quantity quantity[FS_QUANTITY_COUNT];
    double wall_s;
} fs_finding;

/* The model at hand, and what several checks on it share. */
typedef struct fs_check_context fs_check_context;

/* A statement.  Constant. */
typedef struct {
    const char *id;             /* "fact_a": the file's name, --statement */
    const char *code;           /* at most four letters, the head of its column in the matrix: "A", "1.1" */
    const char *name;           /* "Fact A" */
    const char *claim;          /* one line */
    const char *source;         /* "[NF25, Section 3]", as in references.md */
    unsigned needs;             /* FS_NEEDS_... */
    const char *measures;       /* what `measured` is */
    const char *budget;         /* where `bound` comes from */
    const char *controls;       /* what the control breaks */
    fs_status (*measure)(fs_check_context *c, fs_finding *found, fs_err *err);
} fs_statement;

/* All statements in the order of the theory; ends with NULL. */
extern const fs_statement *const fs_statements[];
size_t fs_statement_count(void);
/* NULL when no statement has this id. */
const fs_statement *fs_statement_find(const char *id);

/* --- the model at hand ------------------------------------------------------------- */

/* Plain. */
typedef struct {
    double gamma;               /* negative: the model's */
    double distance;            /* |Y_0|; negative: the model's */
    double t_end;               /* of flows; 0: what the check needs, at most the model's */
    double rtol, atol;          /* 0: the model's */
    uint64_t seed;
    int threads;
    size_t keep_limit;
    const fs_watch *watch;
} fs_check_options;

/* Borrows p and options->watch. */
fs_status fs_check_context_create(fs_check_context **out, const fs_problem *p, const fs_check_options *options, fs_err *err);
void fs_check_context_destroy(fs_check_context *c);

const fs_problem *fs_check_problem(const fs_check_context *c);
const fs_check_options *fs_check_options_of(const fs_check_context *c);     /* resolved: nothing negative or 0 left except t_end */
const fs_basis *fs_check_basis(const fs_check_context *c);
const fs_watch *fs_check_watch(const fs_check_context *c);

/* Each created on the first call, shared by all checks on this model, owned by the context.  Flows have the model's parametrisation; gamma as in the options,
 * for _at as given (not shared: the caller destroys it). */
fs_status fs_check_flow(fs_check_context *c, fs_flow_kind kind, fs_flow **out, fs_err *err);
fs_status fs_check_flow_at(fs_check_context *c, fs_flow_kind kind, double gamma, fs_flow **out, fs_err *err);
/* The same without the model's parametrisation: its Jacobian is minus a Hessian.  The caller destroys it. */
fs_status fs_check_plain_flow(fs_check_context *c, fs_flow_kind kind, double gamma, fs_flow **out, fs_err *err);
fs_status fs_check_risk_work(fs_check_context *c, int augmented, fs_risk_work **out, fs_err *err);
/* The state (dim L) the flows start from: that of the seed, |Y| = distance. */
fs_status fs_check_start(fs_check_context *c, const double **w, fs_err *err);
/* The stationary points of E: by the flow from the start and by Newton from FS_CHECK_STARTS more starts (a third of them where dim L exceeds
 * FS_CHECK_LARGE), with spectra split by irreducible.  gamma is the options'. */
enum { FS_CHECK_STARTS = 12, FS_CHECK_LARGE = 300 };
fs_status fs_check_stability(fs_check_context *c, const fs_stability **out, fs_err *err);
/* The augmented flow at the options' gamma from the start, BDF with the dense exact Jacobian where dim L <= 512 (Krylov beyond), 200 output times,
 * 64 nodes kept. */
fs_status fs_check_trajectory(fs_check_context *c, const fs_trajectory **out, fs_err *err);

/* --- verdicts ---------------------------------------------------------------------- */

/* Measures, with wall_s and the verdict; a failure of the measurement itself (FS_ENAN, FS_ESOLVER) is an undecided finding that says so, not a failure. */
fs_status fs_check_run(fs_check_context *c, const fs_statement *statement, fs_finding *found, fs_err *err);
/* The verdict, from what `measure` filled in. */
void fs_check_judge(const fs_statement *statement, const fs_problem *p, fs_finding *found);
/* found->quantity[] gets one more; silently full beyond FS_QUANTITY_COUNT. */
void fs_check_quantity(fs_finding *found, double value, double error, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The quantity of this name, or NULL. */
const fs_quantity *fs_finding_quantity(const fs_finding *found, const char *name);
/* found does not apply: the note. */
fs_status fs_check_absent(fs_finding *found, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A guard tripped: found->vacuous, unless one did before. */
void fs_check_vacuous(fs_finding *found, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
