/* observe/separable.c -- cross-entropy on data that the network separates: no stationary point, proved from one evaluation
 *
 *   z = B h,   d/ds R(s B) at s = 1  =  sum_i weight_i <softmax(z_i) - onehot(y_i), z_i>  <=  -sum_i weight_i (1 - p_iy) margin_i
 *
 * B the weights of the last layer (its bias among them), h its inputs, p = softmax(z).  Where all margins are positive the derivative is
 * negative; the direction lies in TL when TL is a direct sum of what it has in the last layer and in the others, and in TE at points of E.
 * Loss_i <= R / weight_i < log 2 makes p_iy > 1/2, so R < log 2 min weight makes all margins positive there and wherever R is no larger.
 *
 * Allowance for rounding.  Inner products and functions of one variable are exact for weights that are off by a relative r = u sum over
 * layers (fan-in + 8), to first order and for each sample by itself.  |z(A (1 + e s)) - z(A)| / e with random signs s has, squared, the
 * expectation sum_j (A_j dz/dA_j)^2: what independent relative changes of all weights do.  The loss changes by at most 2 max_k |dz_k|.
 * So R is off by about
 *
 *   r sum_i weight_i 2 max_k |z_k(A (1 + e s)) - z_k(A)| / e   +   4 u (n R + max |z|),    e = 1e-7,
 *
 * the last for the loss and the sum over n samples.  The larger of two draws counts eight times: proved needs risk + 8 allowance < threshold.  This is a first-order
 * estimate, not interval arithmetic.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "observe/separable.h"

#include "base/norm.h"
#include "base/rng.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWS = 2, SAFETY = 8, RANDOM_SEED = 1 };
static const double relative_step = 1e-7, space_tolerance = 1e-10;

/* The last layer's block of weights when it is dense, else NULL. */
static const fs_weight_block *readout_of(const fs_net *net)
{
    const fs_weight_block *block;
    size_t count = fs_net_blocks(net, &block);
    if (!count) return NULL;
    block += count - 1;
    return block->layer + 1 == fs_net_layers(net) && !strcmp(block->kind, "dense") ? block : NULL;
}

/* The entry that is 1 when all others are 0, else k. */
static size_t label_of(size_t k, const double *y)
{
    size_t label = k;
    for (size_t j = 0; j < k; j++) {
        int one = y[j] >= 1.0 && y[j] <= 1.0, zero = y[j] >= 0.0 && y[j] <= 0.0;
        if ((!one && !zero) || (one && label < k)) return k;
        if (one) label = j;
    }
    return label;
}

static int labels_are_one_hot(const fs_dataset *d)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->weight[i] > 0.0 && label_of(d->outputs, d->y + i * d->outputs) == d->outputs) return 0;
    return 1;
}

/* Scaling the readout stays in L: a random vector of TL, cut to the readout's weights, is in TL again.  A random one shows what any would, with probability one. */
static fs_status readout_stays_in_L(const fs_basis *b, const fs_weight_block *readout, int *stays)
{
    *stays = 1;
    if (b->coordinate) return FS_OK;
    size_t n = b->dim_E + b->dim_N;
    gsl_rng *rng = fs_rng_stream(RANDOM_SEED, FS_STREAM_HYPOTHESES);
    double *w = fs_calloc(n, sizeof *w), *A = fs_calloc(b->n_par, 2 * sizeof *A), *cut = A + b->n_par;
    fs_status status = rng && w && A ? FS_OK : FS_ENOMEM;
    if (status == FS_OK) {
        fs_rng_gaussian(rng, n, w);
        fs_basis_expand(b, w, A);
        memcpy(cut + readout->offset, A + readout->offset, readout->count * sizeof *cut);
        fs_basis_project(b, cut, w);
        fs_basis_expand(b, w, A);
        for (size_t j = 0; j < b->n_par; j++) A[j] -= cut[j];
        *stays = fs_norm(b->n_par, A) <= space_tolerance * fs_norm(b->n_par, cut);
    }
    if (rng) gsl_rng_free(rng);
    free(w);
    free(A);
    return status;
}

static fs_status outputs_at(const fs_net *net, const fs_dataset *d, const double *A, double *z, fs_err *err)
{
    FS_TRY(fs_net_apply(net, A, d->n, d->x, z, err));
    for (size_t i = 0; i < d->n; i++)
        for (size_t k = 0; k < d->outputs; k++)
            if (d->weight[i] > 0.0 && !isfinite(z[i * d->outputs + k]))
                return fs_fail(err, FS_ENAN, "expected finite outputs, found %g at output %zu of sample %zu", z[i * d->outputs + k], k, i);
    return FS_OK;
}

/* Margins, risk and threshold from the outputs z. */
static void judge(fs_separable *out, const fs_loss *loss, const fs_dataset *d, const double *z)
{
    double least = HUGE_VAL;
    out->margin = HUGE_VAL;
    for (size_t i = 0; i < d->n; i++) {
        if (!(d->weight[i] > 0.0)) continue;
        const double *zi = z + i * d->outputs, *yi = d->y + i * d->outputs;
        size_t y = label_of(d->outputs, yi);
        double other = -HUGE_VAL;
        for (size_t k = 0; k < d->outputs; k++)
            if (k != y && zi[k] > other) other = zi[k];
        if (zi[y] - other < out->margin) out->margin = zi[y] - other;
        if (d->weight[i] < least) least = d->weight[i];
        out->risk += d->weight[i] * fs_loss_value(loss, d->outputs, zi, yi);
        out->samples++;
        out->right += zi[y] - other > 0.0;
    }
    out->threshold = M_LN2 * least;
}

/* What rounding may have done to the risk, see above; z the outputs at A. */
static fs_status rounding_of_risk(double *allowance, const fs_net *net, const fs_dataset *d, const double *A, const double *z, double risk, fs_err *err)
{
    const fs_weight_block *block;
    size_t count = fs_net_blocks(net, &block), n_par = fs_net_parameters(net);
    double relative = 0.0, size = 0.0, worst = 0.0;
    gsl_rng *rng = fs_rng_stream(RANDOM_SEED, FS_STREAM_HYPOTHESES);
    double *moved = fs_calloc(n_par, sizeof *moved), *z_moved = fs_calloc(d->n, d->outputs * sizeof *z_moved);
    fs_status status = rng && moved && z_moved ? FS_OK : fs_fail(err, FS_ENOMEM, "the outputs of %zu samples", d->n);
    for (size_t b = 0; b < count; b++) relative += (double)(block[b].count / block[b].out + 8) * 0.5 * DBL_EPSILON;
    for (int draw = 0; draw < DRAWS && status == FS_OK; draw++) {
        double sum = 0.0;
        for (size_t j = 0; j < n_par; j++) moved[j] = A[j] * (1.0 + (gsl_rng_get(rng) & 1 ? relative_step : -relative_step));
        status = outputs_at(net, d, moved, z_moved, err);
        for (size_t i = 0; i < d->n && status == FS_OK; i++) {
            double change = 0.0;
            for (size_t k = 0, at = i * d->outputs; k < d->outputs && d->weight[i] > 0.0; k++, at++) {
                if (fabs(z_moved[at] - z[at]) > change) change = fabs(z_moved[at] - z[at]);
                if (fabs(z[at]) > size) size = fabs(z[at]);
            }
            sum += d->weight[i] * 2.0 * change / relative_step;
        }
        if (sum > worst) worst = sum;
    }
    *allowance = SAFETY * (relative * worst + 2.0 * DBL_EPSILON * ((double)d->n * risk + size));
    if (rng) gsl_rng_free(rng);
    free(moved);
    free(z_moved);
    return status;
}

fs_status fs_separable_measure(fs_separable *out, const fs_problem *p, int augmented, const double *A, fs_err *err)
{
    const fs_net *net = fs_problem_net(p);
    const fs_dataset *d = augmented ? fs_problem_data_augmented(p) : fs_problem_data(p);
    const fs_weight_block *readout = readout_of(net);
    int stays;
    *out = (fs_separable){ .margin = (double)NAN, .risk = (double)NAN, .threshold = (double)NAN };
    if (fs_problem_loss(p)->kind != FS_LOSS_CROSS_ENTROPY || d->outputs < 2 || !readout || !labels_are_one_hot(d)) return FS_OK;
    if (readout_stays_in_L(fs_problem_basis(p), readout, &stays) != FS_OK) return fs_fail(err, FS_ENOMEM, "a vector of %zu weights", fs_net_parameters(net));
    if (!stays) return FS_OK;
    double *z = fs_calloc(d->n, d->outputs * sizeof *z), allowance = 0.0;
    fs_status status = z ? outputs_at(net, d, A, z, err) : fs_fail(err, FS_ENOMEM, "the outputs of %zu samples", d->n);
    if (status == FS_OK) {
        out->applies = 1;
        out->risk = 0.0;
        judge(out, fs_problem_loss(p), d, z);
        if (out->risk < out->threshold && out->margin > 0.0) {
            status = rounding_of_risk(&allowance, net, d, A, z, out->risk, err);
            out->proved = status == FS_OK && out->risk + allowance < out->threshold;
        }
    }
    free(z);
    return status;
}
