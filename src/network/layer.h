/* network/layer.h -- what a layer is to the passes: a record of functions on groups of chunks
 *
 * Samples stand in lanes: a chunk is 8 samples.  A group is up to net->group chunks that are processed together, and a
 * tensor of a group is (channels, group, plane) vectors of 8 doubles; the last chunks of a smaller group are unused.
 * A network is a list of steps; a convolution and the average pool behind it are one step.  Linear steps (conv, dense)
 * are products on all channels, and whole ones (features, gated, ...) functions of all channels at a pixel; all other
 * steps act on each channel alone, so the passes run them channel by channel while the plane is in the cache.
 *
 *   val[s]   output of step s, val[0] the input     bar[s]   derivative of the risk by val[s]
 *   prep     prepared input of a convolution: padded, and box-filtered when a pool follows
 *
 * Each of the three exists twice: the primal one and its tangent (the derivative along a direction of the weights).
 *
 * Where a tensor lives says how long it is needed.  KEPT: what a Hessian-vector product starts from; one record a group.
 * WORK: recomputed cheaply from KEPT (norms, pools, prepared inputs, derivatives before an activation).
 * TANGENT: one direction's.  DATA: prepared input of the first linear step, computed once for a data set.
 *
 * This header is private to network/ and risk/.  Files that are built once for each instruction set name what they
 * export with FS_ISA_NAME.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_NETWORK_LAYER_H
#define FS_NETWORK_LAYER_H

#include "base/vec.h"
#include "network/net.h"
#include "network/product.h"

#ifdef FS_ISA_SUFFIX
#define FS_ISA_JOIN_(name, suffix) name##_##suffix
#define FS_ISA_JOIN(name, suffix) FS_ISA_JOIN_(name, suffix)
#define FS_ISA_NAME(name) FS_ISA_JOIN(name, FS_ISA_SUFFIX)
#endif

/* The largest edge of a convolution's window. */
enum { FS_CONV_MOST = 255 };

typedef enum { FS_DATA, FS_KEPT, FS_WORK, FS_TANGENT, FS_ARENAS } fs_arena;

/* Channel c of chunk k starts at base[arena] + offset + c * stride + k * plane. */
typedef struct {
    fs_arena arena;
    size_t offset, stride, plane;
} fs_tensor;

/* A group of chunks: where its arenas are. */
typedef struct {
    fs_v8 *base[FS_ARENAS];
} fs_frame;

/* The first chunks of a group, channels c0 ... c1-1. */
typedef struct {
    size_t chunks, c0, c1;
} fs_range;

/* Which of the two copies of a tensor. */
enum { FS_PRIMAL, FS_DOT, FS_COPIES };

typedef struct fs_layer_kind fs_layer_kind;

typedef struct {
    const fs_layer_kind *kind;
    size_t layer;                               /* in the list of layers; of the convolution, where a pool is merged */
    size_t size, pool, pad;                     /* window edge; merged pool (1: none); padding */
    int circular;
    double eps;
    size_t scalars, blocks, coefficients;       /* as in fs_layer_spec; the arrays are the network's copies */
    const size_t *block;
    const double *coefficient;
    fs_shape in, out;
    fs_tensor val_in[FS_COPIES], val_out[FS_COPIES], bar_in[FS_COPIES], bar_out[FS_COPIES];
    fs_tensor prep[FS_COPIES], prep_bar[FS_COPIES];     /* equal to val_in, bar_in where nothing is to prepare */
    fs_tensor kept_aux, work_aux, tangent_aux;  /* curved: one vector a channel */
    fs_tensor scale;                            /* whole: kind->scales vectors a pixel */
    int prepares;
    fs_shape prepared;
    fs_product *product;                        /* linear steps */
    size_t weights, packed, gradient;           /* offsets: natural order, packed weights, gradient vectors */
} fs_step;

/* These functions read and write a range of a group; `copy` chooses primal or tangent tensors. */
typedef void fs_sweep(const fs_step *s, const fs_frame *f, fs_range r);
typedef void fs_sweep_copy(const fs_step *s, const fs_frame *f, fs_range r, int copy);

struct fs_layer_kind {
    const char *name;
    int linear;                 /* has weights; product, prepare, prepare_adjoint */
    int activation;             /* f(z) entry by entry: bar_in is cheap, val_out is not */
    int in_place;               /* f', f'' follow from f: val_out may overwrite val_in */
    int curved;                 /* not entry by entry, with a second derivative that needs bar_in */
    int whole;                  /* all channels at once: ends a run; val_out and bar_out are kept */
    int mixing;                 /* whole, and a channel of val_out depends on several of val_in */
    int blocked;                /* reads blocks of the specification */
    int polynomial;             /* reads coefficients of the specification */

    /* Shape of the output, or what is wrong with the layer. */
    fs_status (*shape)(const fs_layer_spec *spec, size_t layer, fs_shape in, fs_shape *out, fs_err *err);

    /* linear: tables of the products; NULL when memory is short */
    fs_product *(*plan)(const fs_step *s, size_t group, const unsigned char *support);
    fs_sweep_copy *prepare;             /* val_in -> prep */
    fs_sweep_copy *prepare_adjoint;     /* prep_bar -> bar_in */

    /* whole: how many factors of the forward function its derivatives use again, a pixel; or NULL */
    size_t (*scales)(const fs_step *s);

    /* others: val_in -> val_out; bar_out -> bar_in; their derivatives val_in' -> val_out', bar_out' -> bar_in'.
     * A kind that is neither linear nor has these is no step at all (identity). */
    fs_sweep *forward, *backward, *tangent, *tangent_backward;
};

/* All that is built for one instruction set. */
typedef struct {
    const fs_layer_kind *const *kinds;          /* ends with NULL */
    const fs_product_kernels *product;
} fs_kernels;

extern const fs_kernels fs_kernels_baseline, fs_kernels_avx2, fs_kernels_avx512;

/* Channel c of chunk 0; the planes of the other chunks follow. */
static inline fs_v8 *fs_at(const fs_frame *f, fs_tensor t, size_t c)
{
    return f->base[t.arena] + t.offset + c * t.stride;
}

/* Whether scalars (none: scalars = 0), `gates` gates a block and the blocks make up the channels. */
fs_status fs_plan_check_blocks(const fs_layer_spec *spec, size_t layer, size_t scalars, size_t gates, fs_shape in, fs_err *err);

static inline size_t fs_pixels(fs_shape s)
{
    return s.height * s.width;
}

static inline size_t fs_features(fs_shape s)
{
    return s.channels * s.height * s.width;
}

struct fs_net {
    const fs_kernels *kernels;
    fs_isa isa;
    size_t layers, steps, first;                /* first linear step; steps when there is none */
    fs_layer_spec *spec;                        /* (layers); arrays in `copy`, names of the kinds' records */
    void **copy;                                /* (layers) the one array that a specification has, or NULL */
    fs_shape *shape;                            /* (layers + 1) */
    fs_step *step;
    size_t parameters, blocks;
    fs_weight_block *block;
    size_t arena_size[FS_ARENAS];               /* vectors a group */
    fs_tensor input, logits, logits_bar, logits_dot, logits_bar_dot, loss_aux;
    size_t packed, gradient, entries;           /* doubles of packed weights; vectors of a gradient; weights in use */
    uint32_t *natural;                          /* (packed): place of each in the natural order */
    size_t group;                               /* chunks processed together */
};

#endif
