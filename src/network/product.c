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
#include "network/part.h"

/* Rows and positions of the largest blocks: 24 of 32 registers, or 12 or 8 of 16. */
#if defined(__AVX512F__)
enum { ROWS = 4, ACROSS = 6, WIDE_ROWS = 8, WIDE_ACROSS = 3 };
#elif defined(__AVX2__)
enum { ROWS = 4, ACROSS = 3, WIDE_ROWS = 8, WIDE_ACROSS = 1 };
#else
enum { ROWS = 2, ACROSS = 4, WIDE_ROWS = 8, WIDE_ACROSS = 1 };
#endif

enum { MOST_ACROSS = 6, PAIRS = 2, COLUMN_ROWS = 5 };

/* Loops over a block are unrolled entirely, or its sums would not be registers. */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif

/* Blocks of at most `most`, as even as can be, the larger ones first: no block is left too thin to be fast. */
typedef struct {
    size_t blocks, size, larger;
} even_blocks;

static even_blocks divide(size_t n, size_t most)
{
    size_t blocks = (n + most - 1) / most;
    return blocks ? (even_blocks){ blocks, n / blocks, n % blocks } : (even_blocks){ 0 };
}

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

/* Part h of the lanes. */
FS_VEC void gather_part(const gather_block *b, const size_t rows, const size_t across, const size_t h)
{
    fs_part sum[WIDE_ROWS][MOST_ACROSS];
    UNROLL
    for (size_t r = 0; r < rows; r++)
        UNROLL
        for (size_t j = 0; j < across; j++) sum[r][j] = (fs_part){ 0 };
    for (size_t i = 0; i < b->pairs; i++) {
        const fs_part *x[MOST_ACROSS];
        const double *w = b->w[i];
        UNROLL
        for (size_t j = 0; j < across; j++) x[j] = (const fs_part *)(b->x[i] + b->in[j]) + h;
        for (const fs_term *t = b->term + b->first[i], *end = b->term + b->last[i]; t < end; t++) {
            const double *wt = w + (size_t)t->w * rows;
            fs_part v[MOST_ACROSS];
            UNROLL
            for (size_t j = 0; j < across; j++) v[j] = x[j][(ptrdiff_t)t->x * FS_PARTS];
            UNROLL
            for (size_t r = 0; r < rows; r++)
                UNROLL
                for (size_t j = 0; j < across; j++) sum[r][j] += wt[r] * v[j];
        }
    }
    UNROLL
    for (size_t j = 0; j < across; j++) {
        fs_part *out = (fs_part *)(b->out + b->at[j]) + h;
        UNROLL
        for (size_t r = 0; r < rows; r++) out[r * b->stride * FS_PARTS] = sum[r][j];
    }
}

FS_VEC void gather_sized(const gather_block *b, const size_t rows, const size_t across)
{
    for (size_t h = 0; h < FS_PARTS; h++) gather_part(b, rows, across, h);
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
#define BLOCKS(X)                                                               \
    X(1, 1) X(1, 2) X(1, 3) X(2, 1) X(2, 2) X(2, 3) X(3, 1) X(3, 2) X(3, 3) X(4, 1) X(4, 2) X(4, 3)
#define WIDE_BLOCKS(X) X(5, 1) X(6, 1) X(7, 1) X(8, 1)
#else
#define BLOCKS(X) X(1, 1) X(1, 2) X(1, 3) X(1, 4) X(2, 1) X(2, 2) X(2, 3) X(2, 4)
#define WIDE_BLOCKS(X) X(3, 1) X(4, 1) X(5, 1) X(6, 1) X(7, 1) X(8, 1)
#endif

BLOCKS(GATHER)
WIDE_BLOCKS(GATHER)

#define GATHER_NAMED(rows, across) NAMED(gather, rows, across)
static gather_function *const gathers[WIDE_ROWS][MOST_ACROSS] = { BLOCKS(GATHER_NAMED) WIDE_BLOCKS(GATHER_NAMED) };

static void gather_class(const fs_gather *g, const fs_gather_class *c, size_t chunks, size_t pairs,
                         const fs_operand *operand, fs_v8 *out)
{
    const size_t positions = chunks * c->positions, most = g->width > ROWS ? WIDE_ACROSS : ACROSS;
    const even_blocks even = divide(positions, most);
    gather_block b = { .term = c->term, .pairs = pairs, .stride = g->stride };
    for (size_t i = 0; i < pairs; i++) {
        b.x[i] = operand[i].x;
        b.first[i] = operand[i].first < c->terms ? operand[i].first : c->terms;
        b.last[i] = operand[i].last < c->terms ? operand[i].last : c->terms;
    }
    for (size_t n = 0, p = 0, across; n < even.blocks; n++, p += across) {
        across = even.size + (n < even.larger);
        b.in = c->in + p;
        b.at = c->out + p;
        for (size_t row = 0; row < g->rows; row += g->width) {
            size_t rows = row + g->width < g->rows ? g->width : g->rows - row;
            for (size_t i = 0; i < pairs; i++) b.w[i] = operand[i].w + row * g->cols;
            b.out = out + row * g->stride;
            gathers[rows - 1][across - 1](&b);
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

FS_VEC void outer_part(const outer_block *b, const size_t rows, const size_t across, const size_t h)
{
    const size_t positions = b->chunks * b->p->positions, stride = b->p->stride * FS_PARTS, cols = b->p->cols * FS_PARTS;
    const int32_t *in = b->p->in;
    fs_part sum[ROWS][ACROSS], *total = (fs_part *)b->sum + h;
    ptrdiff_t of[ACROSS];
    UNROLL
    for (size_t j = 0; j < across; j++) of[j] = (ptrdiff_t)b->p->x_of[b->col + j] * FS_PARTS;
    UNROLL
    for (size_t r = 0; r < rows; r++)
        UNROLL
        for (size_t j = 0; j < across; j++) sum[r][j] = total[r * cols + j * FS_PARTS];
    for (const fs_outer *pair = b->pair; pair < b->pair + b->pairs; pair++) {
        const fs_part *z = (const fs_part *)pair->z + b->row * stride + h, *x0 = (const fs_part *)pair->x + h;
        for (size_t p = 0; p < positions; p++) {
            const fs_part *x = x0 + (ptrdiff_t)in[p] * FS_PARTS;
            fs_part v[ROWS];
            UNROLL
            for (size_t r = 0; r < rows; r++) v[r] = z[r * stride + p * FS_PARTS];
            UNROLL
            for (size_t j = 0; j < across; j++) {
                fs_part xj = x[of[j]];
                UNROLL
                for (size_t r = 0; r < rows; r++) sum[r][j] += v[r] * xj;
            }
        }
    }
    UNROLL
    for (size_t r = 0; r < rows; r++)
        UNROLL
        for (size_t j = 0; j < across; j++) total[r * cols + j * FS_PARTS] = sum[r][j];
}

FS_VEC void outer_sized(const outer_block *b, const size_t rows, const size_t across)
{
    for (size_t h = 0; h < FS_PARTS; h++) outer_part(b, rows, across, h);
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

/* Rows and columns of 8 vectors change places. */
#if defined(__AVX512F__)
FS_VEC void transpose(fs_v8 *x)
{
    fs_v8 a[FS_LANES], b[FS_LANES];
    UNROLL
    for (size_t i = 0; i < FS_LANES; i += 2) {
        a[i] = __builtin_shufflevector(x[i], x[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
        a[i + 1] = __builtin_shufflevector(x[i], x[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
    UNROLL
    for (size_t i = 0; i < FS_LANES; i++) {
        size_t j = i / 4 * 4 + i % 2;
        b[i] = i % 4 < 2 ? __builtin_shufflevector(a[j], a[j + 2], 0, 1, 8, 9, 4, 5, 12, 13)
                         : __builtin_shufflevector(a[j], a[j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
    UNROLL
    for (size_t i = 0; i < FS_LANES; i++)
        x[i] = i < 4 ? __builtin_shufflevector(b[i], b[i + 4], 0, 1, 2, 3, 8, 9, 10, 11)
                     : __builtin_shufflevector(b[i - 4], b[i], 4, 5, 6, 7, 12, 13, 14, 15);
}
#else
FS_VEC void transpose(fs_v8 *x)
{
    double *e = (double *)x;
    for (size_t i = 0; i < FS_LANES; i++)
        for (size_t j = 0; j < i; j++) {
            double swap = e[i * FS_LANES + j];
            e[i * FS_LANES + j] = e[j * FS_LANES + i];
            e[j * FS_LANES + i] = swap;
        }
}
#endif

/* sum[r] += sum_samples z[r][sample] x[sample], with lanes that are columns. */
FS_VEC void columns_sized(const double *z, size_t z_stride, const fs_v8 *x, const size_t rows, fs_v8 *gradient, size_t stride)
{
    for (size_t h = 0; h < FS_PARTS; h++) {
        fs_part sum[COLUMN_ROWS], *total = (fs_part *)gradient + h;
        const fs_part *xh = (const fs_part *)x + h;
        UNROLL
        for (size_t r = 0; r < rows; r++) sum[r] = total[r * stride * FS_PARTS];
        UNROLL
        for (size_t i = 0; i < FS_LANES; i++)
            UNROLL
            for (size_t r = 0; r < rows; r++) sum[r] += z[r * z_stride + i] * xh[i * FS_PARTS];
        UNROLL
        for (size_t r = 0; r < rows; r++) total[r * stride * FS_PARTS] = sum[r];
    }
}

/* Columns first ... last-1 at one position. */
static void columns_at(const fs_product *p, const fs_v8 *z, const fs_v8 *x, size_t first, size_t last, size_t first_row,
                       fs_v8 *gradient)
{
    size_t blocks = (p->cols + FS_LANES - 1) / FS_LANES, z_stride = p->stride * FS_LANES;
    for (size_t n = first / FS_LANES; n * FS_LANES < last; n++) {
        fs_v8 t[FS_LANES];
        for (size_t j = 0, col = n * FS_LANES; j < FS_LANES; j++, col++)
            t[j] = col >= first && col < last ? x[p->x_of[col]] : fs_v8_splat(0.0);
        transpose(t);
        size_t r = first_row;
        for (; r + COLUMN_ROWS <= p->rows; r += COLUMN_ROWS)
            columns_sized((const double *)(z + r * p->stride), z_stride, t, COLUMN_ROWS, gradient + r * blocks + n, blocks);
        for (; r < p->rows; r++)
            columns_sized((const double *)(z + r * p->stride), z_stride, t, 1, gradient + r * blocks + n, blocks);
    }
}

static void outer_by_columns(const fs_product *p, size_t chunks, size_t pairs, const fs_outer *pair, size_t first_row,
                             fs_v8 *gradient)
{
    for (size_t i = 0; i < pairs; i++)
        for (size_t q = 0; q < chunks * p->positions; q++)
            columns_at(p, pair[i].z + q, pair[i].x + p->in[q], pair[i].first, pair[i].last, first_row, gradient);
}

/* Columns outside, rows inside: a channel of x stays in the cache while z streams. */
static void outer(const fs_product *p, size_t chunks, size_t pairs, const fs_outer *pair, size_t first_row, fs_v8 *gradient)
{
    if (p->by_columns) {
        outer_by_columns(p, chunks, pairs, pair, first_row, gradient);
        return;
    }
    const even_blocks even = divide(pair->last - pair->first, ACROSS);
    outer_block b = { .p = p, .chunks = chunks, .pairs = pairs, .pair = pair };
    b.col = pair->first;
    for (size_t n = 0, across; n < even.blocks; n++, b.col += across) {
        across = even.size + (n < even.larger);
        for (b.row = first_row; b.row < p->rows; b.row += ROWS) {
            size_t rows = b.row + ROWS < p->rows ? ROWS : p->rows - b.row;
            b.sum = gradient + b.row * p->cols + b.col;
            outers[rows - 1][across - 1](&b);
        }
    }
}

static void collect(const fs_product *p, size_t first_row, const fs_v8 *gradient, double *out)
{
    size_t blocks = (p->cols + FS_LANES - 1) / FS_LANES;
    for (size_t r = first_row; r < p->rows; r++)
        for (size_t c = 0; c < p->cols; c++)
            out[r * p->natural_row + p->natural[c]] = p->by_columns ? gradient[r * blocks + c / FS_LANES][c % FS_LANES]
                                                                    : fs_v8_sum(gradient[r * p->cols + c]);
}

extern const fs_product_kernels FS_ISA_NAME(fs_product_kernels);
const fs_product_kernels FS_ISA_NAME(fs_product_kernels) = { ROWS, WIDE_ROWS, WIDE_ACROSS, gather, outer, collect };
