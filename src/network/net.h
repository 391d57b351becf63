/* network/net.h -- a feed-forward network Phi_A : X -> Y as a list of layer records
 *
 *   x_{i+1} = sigma_i(A_i x_i),   x_0 = x,  Phi_A(x) = x_m
 *
 * Weights in natural order: layer after layer, conv [out][in][kh][kw] (cross-correlation, no flip),
 * dense [out][in] with in flattened as (channel, row, column); taps outside a support are present and unused.
 * A convolution followed by an average pool is computed as one strided convolution of the box-filtered input.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_NETWORK_NET_H
#define FS_NETWORK_NET_H

#include "base/isa.h"
#include "base/status.h"

typedef struct {
    size_t channels, height, width;     /* a vector of n features is (n, 1, 1) */
} fs_shape;

/* One layer as a model names it.  Fields that a kind does not use are ignored.
 *
 * Kinds act at every pixel (vectors have one) and are
 *   conv, dense                       linear, with weights
 *   pool, mean                        averages over size x size windows; over all pixels
 *   norm                              each channel of each sample: mean 0, variance 1 over its pixels
 *   features, rms                     over the channels at each pixel: mean 0 and variance 1; mean square 1 (v -> v / sqrt(mean v^2 + eps))
 *   tanh, softplus, identity, square, sin       entry by entry
 *   polynomial                        entry by entry, sum_k coefficient[k] z^k
 *   constant                          appends one channel that is 1 everywhere: with it a dense layer has a bias
 *   radial                            norm nonlinearity on blocks of channels: v -> v / sqrt(1 + |v|^2)
 *   gated                             channels are `scalars` plain ones, one gate for each block, then the blocks:
 *                                     (s, h, v) -> (tanh s, v_k / (1 + e^-h_k)); the gates are consumed
 *   invariants                        channels are `scalars` plain ones, then blocks: (s, v) -> (s, |v_k|^2)                    */
typedef struct {
    const char *kind;                   /* a row of fs_layer_kinds */
    size_t out;                         /* conv: output channels; dense: units */
    size_t size;                        /* conv: odd kernel edge; pool: window edge, divides height and width */
    const unsigned char *support;       /* conv: (size, size), nonzero = tap used; NULL = all taps */
    int circular;                       /* conv: circular instead of zero padding ("same" size either way) */
    double eps;                         /* norm, features, rms: added to the variance or mean square, > 0 */
    size_t scalars;                     /* gated, invariants */
    size_t blocks;                      /* radial, gated, invariants: blocks of channels ... */
    const size_t *block;                /* ... and their sizes; with scalars (and gates) they make up all channels */
    size_t coefficients;                /* polynomial: degree + 1, at most 9 */
    const double *coefficient;
} fs_layer_spec;

/* One block of weights: those of one conv or dense layer. */
typedef struct {
    size_t layer;                       /* index in the list of layers */
    const char *kind;                   /* "conv" or "dense" */
    size_t offset, count;               /* in the natural order */
    size_t out, in, size;               /* conv: (out, in, size, size); dense: (out, in), size 0 */
} fs_weight_block;

/* Opaque and immutable: shapes fit together, kernels chosen.  Copies the specs. */
typedef struct fs_net fs_net;

/* Kernels for the best instruction set of this machine, fs_isa_best(). */
fs_status fs_net_create(fs_net **out, fs_shape input, const fs_layer_spec *layers, size_t count, fs_err *err);
/* The same for a stated instruction set (tests compare them). */
fs_status fs_net_create_isa(fs_net **out, fs_shape input, const fs_layer_spec *layers, size_t count, fs_isa isa, fs_err *err);
void fs_net_destroy(fs_net *net);

fs_isa fs_net_isa(const fs_net *net);
size_t fs_net_layers(const fs_net *net);
/* Shape of x_i: stage 0 is the input, stage i the output of layer i-1; stage <= layers. */
fs_shape fs_net_shape(const fs_net *net, size_t stage);
size_t fs_net_inputs(const fs_net *net);        /* dim X */
size_t fs_net_outputs(const fs_net *net);       /* dim Y */
size_t fs_net_parameters(const fs_net *net);    /* P */
size_t fs_net_blocks(const fs_net *net, const fs_weight_block **blocks);   /* owned by net */

/* z = Phi_A(x) for n samples: x (n, inputs) row-major, z (n, outputs).  Allocates scratch for one lane block. */
fs_status fs_net_apply(const fs_net *net, const double *A, size_t n, const double *x, double *z, fs_err *err);

/* Applies layer i alone (its weights from A; may be NULL when it has none): x (inputs of the layer), y.  For equivariance checks; slow. */
fs_status fs_net_apply_layer(const fs_net *net, size_t layer, const double *A, const double *x, double *y, fs_err *err);

#endif
