/* network/product.h -- the products of linear layers, as two kernels on tables
 *
 * Forward, and its adjoint, are one gather: for output row r at position p, summed over the terms of p's class,
 *
 *   out[r][out[p]] = sum_pairs sum_terms w[r][term.w] in[in[p] + term.x]
 *
 * Positions run through the chunks of a group, and in each through the output.  A class is a set of positions with equal
 * terms: one class for the forward product; for the adjoint of a strided convolution, one for each set of taps that reach
 * a pixel, so that no zero is ever multiplied.  Weights are packed by blocks of `width` rows (the last may have fewer),
 * block after block [column][row of the block].  The gradient by the weights is
 *
 *   gradient[r][col] += sum_pairs sum_positions z[r][p] x[in[p] + x_of[col]]
 *
 * with sums that stay vectors of lanes until `collect`.  Where there are so few positions that reading and writing these
 * vectors would be most of the work, a block of 8 columns is transposed instead, and lanes are columns.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_NETWORK_PRODUCT_H
#define FS_NETWORK_PRODUCT_H

#include "base/vec.h"
#include <stddef.h>

typedef struct {
    int32_t x, w;               /* offset in the input; column of the weights */
} fs_term;

typedef struct {
    size_t terms, positions;    /* positions of a chunk */
    fs_term *term;
    int32_t *in, *out;          /* (group, positions) */
} fs_gather_class;

typedef struct {
    size_t rows, cols, width, stride;   /* width: rows of a block, at most; stride: from one output row to the next */
    size_t classes;
    fs_gather_class *classed;
} fs_gather;

typedef struct {
    size_t rows, cols;                  /* of the weights: outputs, (input channel, tap) */
    size_t taps;                        /* columns that one row of the adjoint meets in one output row */
    size_t channel_cols;                /* columns of one input channel */
    size_t stride, positions;           /* of the output: from row to row; of a chunk */
    int by_columns;                     /* how the gradient is kept: lanes are columns, not samples */
    size_t natural_row;                 /* natural order: row * natural_row + natural[col] */
    size_t *natural;                    /* (cols) */
    int32_t *x_of;                      /* (cols) */
    int32_t *in;                        /* (group, positions) */
    fs_gather forward, adjoint;
} fs_product;

/* One of the products that are summed: input, packed weights, terms first ... last-1 of each class. */
typedef struct {
    const fs_v8 *x;
    const double *w;
    size_t first, last;
} fs_operand;

/* One of the sums over positions of z x: columns first ... last-1. */
typedef struct {
    const fs_v8 *z, *x;
    size_t first, last;
} fs_outer;

typedef struct {
    size_t width, wide, wide_across;    /* rows of a block: usual, and where there are at most wide_across positions */
    void (*gather)(const fs_gather *g, size_t chunks, size_t pairs, const fs_operand *operand, fs_v8 *out);
    /* gradient (rows, cols), or (rows, cols / 8) by columns; rows first_row ... rows-1 only; the pairs have the same columns */
    void (*outer)(const fs_product *p, size_t chunks, size_t pairs, const fs_outer *pair, size_t first_row, fs_v8 *gradient);
    /* out (natural order) = lane sums of rows first_row ... */
    void (*collect)(const fs_product *p, size_t first_row, const fs_v8 *gradient, double *out);
} fs_product_kernels;

void fs_product_destroy(fs_product *p);

#endif
