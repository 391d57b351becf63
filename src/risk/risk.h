/* risk/risk.h -- R(A) = sum_i weight_i loss(Phi_A(x_i), y_i): value, gradient, Hessian, exactly
 *
 * The same object on the augmented data set is R^aug.  Samples stand in lanes of 8; a number of sample blocks fixed by the
 * problem alone is summed pairwise in fixed order, so results do not depend on the number of threads.
 * All arrays are natural-order weights, n_par = fs_net_parameters; gradients are those of all of H (unused taps: 0).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_RISK_RISK_H
#define FS_RISK_RISK_H

#include "network/net.h"
#include "risk/dataset.h"

typedef enum { FS_LOSS_CROSS_ENTROPY, FS_LOSS_SQUARED } fs_loss_kind;

/* Plain.  cross-entropy: -sum_k y_k log softmax(z)_k (log-sum-exp shifted by the maximum; soft targets allowed);
 * squared: 1/2 sum_k omega_k (z_k - y_k)^2, omega NULL = 1 (borrowed during creation only). */
typedef struct {
    fs_loss_kind kind;
    const double *omega;
} fs_loss;

/* loss of one sample, z and y (k); plain C, for invariance checks and tests. */
double fs_loss_value(const fs_loss *loss, size_t k, const double *z, const double *y);

/* Opaque and immutable.  Borrows net; copies data and loss. */
typedef struct fs_risk fs_risk;
/* Scratch, one per concurrent caller: lane buffers, block accumulators, the kept primal. */
typedef struct fs_risk_work fs_risk_work;

fs_status fs_risk_create(fs_risk **out, const fs_net *net, const fs_loss *loss, const fs_dataset *data, fs_err *err);
void fs_risk_destroy(fs_risk *risk);
size_t fs_risk_samples(const fs_risk *risk);
const fs_net *fs_risk_net(const fs_risk *risk);

/* threads >= 1: how many OpenMP threads a call through this work object may use; never changes a result.
 * keep_limit: bytes the kept primal may take (0: never keep; Hessian-vector products then recompute it block by block, same bits). */
fs_status fs_risk_work_create(fs_risk_work **out, const fs_risk *risk, int threads, size_t keep_limit, fs_err *err);
void fs_risk_work_destroy(fs_risk_work *w);

/* FS_ENAN when the value or an entry is not finite (outputs are then unspecified). */
fs_status fs_risk_value(const fs_risk *risk, const double *A, double *value, fs_risk_work *w);
/* value may be NULL. */
fs_status fs_risk_gradient(const fs_risk *risk, const double *A, double *value, double *grad, fs_risk_work *w);
/* The same bits, and keeps the primal and adjoint of A in w (when it fits) for products that follow: where there will be none, storing
 * them is a tenth of a large network's gradient for nothing. */
fs_status fs_risk_gradient_keep(const fs_risk *risk, const double *A, double *value, double *grad, fs_risk_work *w);
/* Hv = Hess R(A) v, exact.  Starts from the kept primal if it belongs to the same bits of A, else recomputes it first. */
fs_status fs_risk_hvp(const fs_risk *risk, const double *A, const double *v, double *Hv, fs_risk_work *w);
/* H (P, P) row-major, exactly symmetric: unit directions layer by layer, using each direction's sparsity. */
fs_status fs_risk_hessian(const fs_risk *risk, const double *A, double *H, fs_risk_work *w);

/* Multiply-adds (counted as 2) executed by one gradient / one Hessian-vector product on the kept primal; elementwise functions
 * and normalisations not counted.  For `flowsim bench`. */
double fs_risk_gradient_flops(const fs_risk *risk);
double fs_risk_hvp_flops(const fs_risk *risk);

#endif
