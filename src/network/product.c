/* network/product.c -- the two kernels of product.h, blocked for registers
 *
 * A block is a few rows by a few positions (or columns); its sums stay in registers while all terms (or positions)
 * pass.  Every size of block is its own function with constant bounds, which the compiler unrolls.
 * An output is one sum in the order of its terms, whatever the size of the block.
 *
 * Built once for each instruction set.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "network/layer.h"

/* Rows and positions of the largest blocks: 24 of 32 registers of 8 doubles, or 12 of 16 registers of 4 or 2. */
#if defined(__AVX512F__)
enum { ROWS = 4, ACROSS = 6, WIDE_ROWS = 8, WIDE_ACROSS = 3 };
#elif defined(__AVX2__)
enum { ROWS = 2, ACROSS = 3, WIDE_ROWS = 4, WIDE_ACROSS = 1 };
#else
enum { ROWS = 1, ACROSS = 3, WIDE_ROWS = 2, WIDE_ACROSS = 1 };
#endif

enum { MOST_ACROSS = 6, PAIRS = 2 };

/* Loops over a block are unrolled entirely, or its sums would not be registers. */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif

/* --- gather ------------------------------------------------------------------------------ */

/* Rows of one block at a few positions. */
typedef struct {
    const fs_term *term;
    size_t pairs, first[PAIRS], last[PAIRS];
    const fs_v8 *x[PAIRS];
    const double *w[PAIRS];
    const int32_t *in, *at;
    fs_v8 *out;
    size_t stride;
} gather_block;

FS_VEC void gather_sized(const gather_block *b, const size_t rows, const size_t across)
{
    fs_v8 sum[WIDE_ROWS][MOST_ACROSS];
    UNROLL
    for (size_t r = 0; r < rows; r++)
        UNROLL
        for (size_t j = 0; j < across; j++) sum[r][j] = fs_v8_splat(0.0);
    for (size_t i = 0; i < b->pairs; i++) {
        const fs_v8 *x[MOST_ACROSS];
        const double *w = b->w[i];
        UNROLL
        for (size_t j = 0; j < across; j++) x[j] = b->x[i] + b->in[j];
        for (const fs_term *t = b->term + b->first[i], *end = b->term + b->last[i]; t < end; t++) {
            const double *wt = w + (size_t)t->w * rows;
            fs_v8 v[MOST_ACROSS];
            UNROLL
            for (size_t j = 0; j < across; j++) v[j] = x[j][t->x];
            UNROLL
            for (size_t r = 0; r < rows; r++) {
                fs_v8 wr = fs_v8_splat(wt[r]);
                UNROLL
                for (size_t j = 0; j < across; j++) sum[r][j] += wr * v[j];
            }
        }
    }
    UNROLL
    for (size_t j = 0; j < across; j++) {
        fs_v8 *out = b->out + b->at[j];
        UNROLL
        for (size_t r = 0; r < rows; r++) out[r * b->stride] = sum[r][j];
    }
}

typedef void gather_function(const gather_block *b);

#define GATHER(rows, across)                                                    \
    static void gather_##rows##_##across(const gather_block *b)                 \
    {                                                                           \
        gather_sized(b, rows, across);                                          \
    }
#define NAMED(kernel, rows, across) [(rows) - 1][(across) - 1] = kernel##_##rows##_##across,

#if defined(__AVX512F__)
#define BLOCKS(X)                                                               \
    X(1, 1) X(1, 2) X(1, 3) X(1, 4) X(1, 5) X(1, 6)                             \
    X(2, 1) X(2, 2) X(2, 3) X(2, 4) X(2, 5) X(2, 6)                             \
    X(3, 1) X(3, 2) X(3, 3) X(3, 4) X(3, 5) X(3, 6)                             \
    X(4, 1) X(4, 2) X(4, 3) X(4, 4) X(4, 5) X(4, 6)
#define WIDE_BLOCKS(X)                                                          \
    X(5, 1) X(5, 2) X(5, 3) X(6, 1) X(6, 2) X(6, 3) X(7, 1) X(7, 2) X(7, 3) X(8, 1) X(8, 2) X(8, 3)
#elif defined(__AVX2__)
#define BLOCKS(X) X(1, 1) X(1, 2) X(1, 3) X(2, 1) X(2, 2) X(2, 3)
#define WIDE_BLOCKS(X) X(3, 1) X(4, 1)
#else
#define BLOCKS(X) X(1, 1) X(1, 2) X(1, 3)
#define WIDE_BLOCKS(X) X(2, 1)
#endif

BLOCKS(GATHER)
WIDE_BLOCKS(GATHER)

#define GATHER_NAMED(rows, across) NAMED(gather, rows, across)
static gather_function *const gathers[WIDE_ROWS][MOST_ACROSS] = { BLOCKS(GATHER_NAMED) WIDE_BLOCKS(GATHER_NAMED) };

static void gather_class(const fs_gather *g, const fs_gather_class *c, size_t chunks, size_t pairs,
                         const fs_operand *operand, fs_v8 *out)
{
    size_t row_blocks = (g->rows + g->width - 1) / g->width;
    size_t most = g->width > ROWS ? WIDE_ACROSS : ACROSS;
    size_t positions = chunks * c->positions, blocks = (positions + most - 1) / most;
    gather_block b = { .term = c->term, .pairs = pairs, .stride = g->stride };
    for (size_t i = 0; i < pairs; i++) {
        b.x[i] = operand[i].x;
        b.first[i] = operand[i].first < c->terms ? operand[i].first : c->terms;
        b.last[i] = operand[i].last < c->terms ? operand[i].last : c->terms;
    }
    for (size_t n = 0, p = 0, next_p; n < blocks; n++, p = next_p) {
        next_p = p + (positions - p) / (blocks - n);
        b.in = c->in + p;
        b.at = c->out + p;
        for (size_t m = 0, row = 0, next; m < row_blocks; m++, row = next) {
            next = fs_block_start(g->rows, row_blocks, m + 1);
            for (size_t i = 0; i < pairs; i++) b.w[i] = operand[i].w + row * g->cols;
            b.out = out + row * g->stride;
            gathers[next - row - 1][next_p - p - 1](&b);
        }
    }
}

static void gather(const fs_gather *g, size_t chunks, size_t pairs, const fs_operand *operand, fs_v8 *out)
{
    for (size_t c = 0; c < g->classes; c++) gather_class(g, &g->classed[c], chunks, pairs, operand, out);
}

/* --- outer: the gradient by the weights ---------------------------------------------------- */

typedef struct {
    const fs_product *p;
    size_t chunks, pairs;
    const fs_outer *pair;
    size_t row, col;
    fs_v8 *sum;
} outer_block;

FS_VEC void outer_sized(const outer_block *b, const size_t rows, const size_t across)
{
    size_t positions = b->chunks * b->p->positions, stride = b->p->stride, cols = b->p->cols;
    const int32_t *in = b->p->in;
    fs_v8 sum[ROWS][ACROSS];
    ptrdiff_t of[ACROSS];
    UNROLL
    for (size_t j = 0; j < across; j++) of[j] = b->p->x_of[b->col + j];
    UNROLL
    for (size_t r = 0; r < rows; r++)
        UNROLL
        for (size_t j = 0; j < across; j++) sum[r][j] = b->sum[r * cols + j];
    for (const fs_outer *pair = b->pair; pair < b->pair + b->pairs; pair++) {
        const fs_v8 *z = pair->z + b->row * stride;
        for (size_t p = 0; p < positions; p++) {
            const fs_v8 *x = pair->x + in[p];
            fs_v8 v[ROWS];
            UNROLL
            for (size_t r = 0; r < rows; r++) v[r] = z[r * stride + p];
            UNROLL
            for (size_t j = 0; j < across; j++) {
                fs_v8 xj = x[of[j]];
                UNROLL
                for (size_t r = 0; r < rows; r++) sum[r][j] += v[r] * xj;
            }
        }
    }
    UNROLL
    for (size_t r = 0; r < rows; r++)
        UNROLL
        for (size_t j = 0; j < across; j++) b->sum[r * cols + j] = sum[r][j];
}

typedef void outer_function(const outer_block *b);

#define OUTER(rows, across)                                                     \
    static void outer_##rows##_##across(const outer_block *b)                   \
    {                                                                           \
        outer_sized(b, rows, across);                                           \
    }
#define OUTER_NAMED(rows, across) NAMED(outer, rows, across)

BLOCKS(OUTER)

static outer_function *const outers[ROWS][ACROSS] = { BLOCKS(OUTER_NAMED) };

/* Columns outside, rows inside: a channel of x stays in the cache while z streams. */
static void outer(const fs_product *p, size_t chunks, size_t pairs, const fs_outer *pair, size_t first_row, fs_v8 *gradient)
{
    size_t rows = p->rows - first_row, row_blocks = (rows + ROWS - 1) / ROWS;
    size_t cols = pair->last - pair->first, col_blocks = (cols + ACROSS - 1) / ACROSS;
    outer_block b = { .p = p, .chunks = chunks, .pairs = pairs, .pair = pair };
    for (size_t n = 0; n < col_blocks; n++) {
        size_t start = fs_block_start(cols, col_blocks, n), across = fs_block_start(cols, col_blocks, n + 1) - start;
        b.col = pair->first + start;
        for (size_t m = 0; m < row_blocks; m++) {
            size_t row = fs_block_start(rows, row_blocks, m), next = fs_block_start(rows, row_blocks, m + 1);
            b.row = first_row + row;
            b.sum = gradient + b.row * p->cols + b.col;
            outers[next - row - 1][across - 1](&b);
        }
    }
}

static void collect(const fs_product *p, size_t first_row, const fs_v8 *gradient, double *out)
{
    for (size_t r = first_row; r < p->rows; r++)
        for (size_t c = 0; c < p->cols; c++)
            out[r * p->natural_row + p->natural[c]] = fs_v8_sum(gradient[r * p->cols + c]);
}

extern const fs_product_kernels FS_ISA_NAME(fs_product_kernels);
const fs_product_kernels FS_ISA_NAME(fs_product_kernels) = { ROWS, WIDE_ROWS, WIDE_ACROSS, gather, outer, collect };
