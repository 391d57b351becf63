/* problem/parts.h -- inside a problem: what its files share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_PROBLEM_PARTS_H
#define FS_PROBLEM_PARTS_H

#include "base/rng.h"
#include "problem/model_file.h"
#include "problem/problem.h"

/* Everything is owned; NULL while it has not been built. */
struct fs_problem {
    char *path, *folder, *name, *title, *source, *text, *data_note;
    fs_group *group;
    double *measure;                /* (points of the group) */
    size_t n_layers;                /* of the network; a bias is a layer of its own in front of its dense layer */
    char (*kind)[16];               /* (n_layers) "conv", "tanh", ... as the model names it; "bias" for the constant in front of a dense layer */
    size_t *place;                  /* (n_layers) index in the model's list of layers */
    unsigned *powers;               /* (n_layers) bit k: the layer's entries contain k-th powers of its inputs (linear: 1 << 1); 0: not a polynomial */
    fs_rep **stage;                 /* (n_layers + 1) */
    fs_rep *rho_H;
    fs_net *net;
    unsigned char *mask;            /* (n_par) 1: the weight is a tap of its layer's support */
    size_t n_span;                  /* rows of span; 0: L is the mask's coordinate subspace */
    double *span;                   /* (n_span, n_par) a basis of L where a support is a span of patterns */
    size_t *fan_in;                 /* one a weight block: taps in the support times input channels */
    fs_basis *basis;
    fs_sparse *parametrisation;     /* (n_par, n_par) B of A = A* + B v, or NULL: the identity */
    fs_dataset *data, *augmented;
    double *omega;                  /* weights of the squared loss, or NULL */
    fs_loss loss;
    fs_risk *risk, *risk_augmented;
    fs_hypotheses hypotheses;
    fs_irreducibles *irreducibles;  /* of the group, or NULL: why in isotypic_note */
    fs_isotypic_part *isotypic;     /* (n_isotypic) */
    size_t n_isotypic;
    char isotypic_note[200];
    fs_theorem theorem[FS_THEOREM_COUNT];
    char warning[400];
    fs_start start;
    fs_flow_settings settings;
};

/* Most entries of one stage and most weights: beyond them memory, not patience, ends first. */
#define FS_PROBLEM_STAGE_LIMIT ((size_t)1 << 22)
#define FS_PROBLEM_WEIGHT_LIMIT ((size_t)1 << 24)
/* Most numbers of the augmented data: 16 GiB. */
#define FS_PROBLEM_ORBIT_LIMIT ((size_t)1 << 31)
/* Weights of samples and of group elements sum to 1 as nearly as one writes them; they are divided by their sum. */
#define FS_PROBLEM_SUM_TOLERANCE 1e-9

/* Path of a file named in the model: relative ones count from the model's folder.  Caller frees. */
char *fs_problem_file(const fs_problem *p, const char *name);

/* group, measure */
fs_status fs_problem_build_group(fs_problem *p, const fs_model *m, fs_err *err);
/* kind, place, powers, stage, rho_H, net, mask, span, fan_in; needs the group */
fs_status fs_problem_build_network(fs_problem *p, const fs_model *m, fs_err *err);
/* data, data_note; needs the network and the loss */
fs_status fs_problem_build_data(fs_problem *p, const fs_model *m, fs_err *err);

/* Independent weights of deviation scale / sqrt(fan-in), one number for every weight of H: a support does not move the
 * draws of the others. */
void fs_problem_random_weights(const fs_problem *p, fs_start_kind kind, double scale, gsl_rng *rng, double *A);
/* |x| without overflow or underflow of the squares. */
double fs_problem_norm(size_t n, const double *x);

#endif
