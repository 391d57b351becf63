/* network/conv.c -- convolution, with the average pool behind it where there is one
 *
 *   z[o][r][c] = sum_i sum_(a,b) w[o][i][a][b] u[i][k r + a][k c + b],   u = mean over k x k windows of the padded x
 *
 * Without a pool k = 1 and u is the padded input.  The mean of a convolution over a k x k window is a convolution of
 * means, so this is exact, and a k^2-th of the multiplications.  Cross-correlation, "same" size, edge odd.
 *
 * u is (height + size - k, width + size - k).  A padded coordinate R stands for the input row R - pad, or in circular
 * padding for that row modulo the height.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "network/layer.h"

#include <stdlib.h>
#include <string.h>

static fs_status shape(const fs_layer_spec *spec, size_t layer, fs_shape in, fs_shape *out, fs_err *err)
{
    size_t taps = 0, pad = spec->size / 2;
    if (spec->out == 0)
        return fs_fail(err, FS_EINPUT, "layer %zu, conv: expected out >= 1 channels, found 0", layer);
    if (spec->size % 2 == 0 || spec->size > FS_CONV_MOST)
        return fs_fail(err, FS_EINPUT, "layer %zu, conv: expected an odd size of at most %d, found %zu", layer, FS_CONV_MOST, spec->size);
    if (spec->circular && (pad > in.height || pad > in.width))
        return fs_fail(err, FS_EINPUT, "layer %zu, conv: expected circular padding no wider than the image, found %zu around %zu x %zu",
                       layer, pad, in.height, in.width);
    for (size_t t = 0; t < spec->size * spec->size; t++) taps += !spec->support || spec->support[t];
    if (taps == 0)
        return fs_fail(err, FS_EINPUT, "layer %zu, conv: expected a support with at least one tap, found none of %zu x %zu",
                       layer, spec->size, spec->size);
    *out = (fs_shape){ spec->out, in.height, in.width };
    return FS_OK;
}

/* --- tables -------------------------------------------------------------------------------- */

typedef struct {
    size_t count, *row, *col;       /* the support */
} tap_list;

/* Which taps reach pixel (u, v) of the prepared input: those with u - a and v - b a multiple of the pool, inside the output. */
static size_t reached_by(const fs_step *s, const tap_list *taps, size_t u, size_t v, unsigned char *reached)
{
    size_t count = 0;
    for (size_t t = 0; t < taps->count; t++) {
        size_t a = taps->row[t], b = taps->col[t];
        reached[t] = u >= a && v >= b && (u - a) % s->pool == 0 && (v - b) % s->pool == 0
                     && (u - a) / s->pool < s->out.height && (v - b) / s->pool < s->out.width;
        count += reached[t];
    }
    return count;
}

static int plan_forward(const fs_step *s, const tap_list *taps, fs_product *p)
{
    fs_gather *g = &p->forward;
    size_t width = s->prepared.width, plane = fs_pixels(s->prepared);
    fs_gather_class *c = g->classed = fs_calloc(1, sizeof *g->classed);
    if (!c) return 0;
    g->rows = p->rows;
    g->cols = p->cols;
    g->plane = p->plane;
    g->classes = 1;
    c->terms = p->cols;
    c->positions = p->positions;
    c->term = fs_calloc(c->terms, sizeof *c->term);
    c->in = fs_calloc(c->positions, sizeof *c->in);
    c->out = fs_calloc(c->positions, sizeof *c->out);
    if (!c->term || !c->in || !c->out) return 0;
    for (size_t n = 0; n < p->cols; n++) {
        size_t i = n / taps->count, t = n % taps->count;
        p->x_of[n] = (int32_t)(i * plane + taps->row[t] * width + taps->col[t]);
        p->natural[n] = (i * s->size + taps->row[t]) * s->size + taps->col[t];
        c->term[n] = (fs_term){ p->x_of[n], (int32_t)n };
    }
    for (size_t n = 0; n < p->positions; n++) {
        p->in[n] = c->in[n] = (int32_t)(s->pool * (n / s->out.width * width + n % s->out.width));
        c->out[n] = (int32_t)n;
    }
    return 1;
}

/* The class of pixels that the same taps reach.  Its input offset is that of output (u / k, v / k), from where tap (a, b)
 * stands (a / k, b / k) back. */
static int plan_class(const fs_step *s, const tap_list *taps, const unsigned char *reached, size_t count, size_t members,
                      fs_gather_class *c)
{
    c->terms = s->out.channels * count;
    c->term = fs_calloc(c->terms, sizeof *c->term);
    c->in = fs_calloc(members, sizeof *c->in);
    c->out = fs_calloc(members, sizeof *c->out);
    if (!c->term || !c->in || !c->out) return 0;
    fs_term *term = c->term;
    for (size_t o = 0; o < s->out.channels; o++)
        for (size_t t = 0; t < taps->count; t++)
            if (reached[t]) {
                ptrdiff_t back = (ptrdiff_t)(taps->row[t] / s->pool * s->out.width + taps->col[t] / s->pool);
                *term++ = (fs_term){ (int32_t)((ptrdiff_t)(o * fs_pixels(s->out)) - back), (int32_t)(o * taps->count + t) };
            }
    return 1;
}

static int plan_adjoint(const fs_step *s, const tap_list *taps, fs_product *p)
{
    fs_gather *g = &p->adjoint;
    size_t pixels = fs_pixels(s->prepared), width = s->prepared.width, n = taps->count;
    unsigned char *reached = fs_calloc(pixels, n);
    size_t *class = fs_calloc(pixels, sizeof *class);
    int done = 0;
    g->classed = fs_calloc(pixels, sizeof *g->classed);
    g->rows = s->in.channels;
    g->cols = s->out.channels * n;
    g->plane = pixels;
    if (!reached || !class || !g->classed) goto out;
    for (size_t q = 0; q < pixels; q++) {
        size_t first = 0, members = 0, count = reached_by(s, taps, q / width, q % width, reached + q * n);
        while (memcmp(reached + first * n, reached + q * n, n) != 0) first++;
        class[q] = first < q ? class[first] : g->classes++;
        if (first < q) continue;
        for (size_t m = q; m < pixels; m++) {
            reached_by(s, taps, m / width, m % width, reached + m * n);
            members += memcmp(reached + m * n, reached + q * n, n) == 0;
        }
        if (!plan_class(s, taps, reached + q * n, count, members, &g->classed[class[q]])) goto out;
    }
    for (size_t q = 0; q < pixels; q++) {
        fs_gather_class *c = &g->classed[class[q]];
        c->in[c->positions] = (int32_t)(q / width / s->pool * s->out.width + q % width / s->pool);
        c->out[c->positions++] = (int32_t)q;
    }
    done = 1;
out:
    free(reached);
    free(class);
    return done;
}

static fs_product *plan(const fs_step *s, const unsigned char *support)
{
    tap_list taps = { 0 };
    fs_product *p = fs_calloc(1, sizeof *p);
    int done = 0;
    taps.row = fs_calloc(s->size * s->size, sizeof *taps.row);
    taps.col = fs_calloc(s->size * s->size, sizeof *taps.col);
    if (!p || !taps.row || !taps.col) goto out;
    for (size_t t = 0; t < s->size * s->size; t++)
        if (!support || support[t]) {
            taps.row[taps.count] = t / s->size;
            taps.col[taps.count++] = t % s->size;
        }
    p->rows = s->out.channels;
    p->cols = s->in.channels * taps.count;
    p->taps = p->channel_cols = taps.count;
    p->plane = p->positions = fs_pixels(s->out);
    p->natural_row = s->in.channels * s->size * s->size;
    p->natural = fs_calloc(p->cols, sizeof *p->natural);
    p->x_of = fs_calloc(p->cols, sizeof *p->x_of);
    p->in = fs_calloc(p->positions, sizeof *p->in);
    if (!p->natural || !p->x_of || !p->in) goto out;
    done = plan_forward(s, &taps, p) && plan_adjoint(s, &taps, p);
out:
    free(taps.row);
    free(taps.col);
    if (done) return p;
    fs_product_destroy(p);
    return NULL;
}

/* --- padding and means ----------------------------------------------------------------------- */

/* Input row (or column) of padded coordinate R, below n; n where it is zero. */
FS_VEC size_t source(const fs_step *s, size_t R, size_t n)
{
    if (s->circular) return (R + n - s->pad) % n;
    return R >= s->pad && R - s->pad < n ? R - s->pad : n;
}

/* Mean of the window of padded coordinates (u ... u+k-1, v ... v+k-1). */
FS_VEC fs_v8 window_mean(const fs_step *s, const fs_v8 *x, size_t u, size_t v)
{
    fs_v8 sum = fs_v8_splat(0.0);
    for (size_t i = 0; i < s->pool; i++) {
        size_t row = source(s, u + i, s->in.height);
        for (size_t j = 0; j < s->pool && row < s->in.height; j++) {
            size_t col = source(s, v + j, s->in.width);
            if (col < s->in.width) sum += x[row * s->in.width + col];
        }
    }
    return sum * (1.0 / (double)(s->pool * s->pool));
}

/* The same where no padding is met: columns v0 ... v1-1 of a row, k known. */
FS_VEC void inner_means(const fs_v8 *x, size_t width, const size_t k, size_t count, fs_v8 *u)
{
    for (size_t v = 0; v < count; v++) {
        fs_v8 sum = fs_v8_splat(0.0);
        for (size_t i = 0; i < k; i++)
            for (size_t j = 0; j < k; j++) sum += x[i * width + v + j];
        u[v] = sum * (1.0 / (double)(k * k));
    }
}

static void prepare_plane(const fs_step *s, const fs_v8 *x, fs_v8 *out)
{
    size_t height = s->in.height, width = s->in.width, pad = s->pad, k = s->pool;
    for (size_t u = 0; u < s->prepared.height; u++, out += s->prepared.width) {
        int inside = u >= pad && u + k <= pad + height && k <= width;
        size_t end = inside ? pad + width - k + 1 : pad;
        for (size_t v = 0; v < pad; v++) out[v] = window_mean(s, x, u, v);
        if (inside) {
            const fs_v8 *row = x + (u - pad) * width;
            if (k == 1) inner_means(row, width, 1, width, out + pad);
            else if (k == 2) inner_means(row, width, 2, width - 1, out + pad);
            else inner_means(row, width, k, width - k + 1, out + pad);
        }
        for (size_t v = end; v < s->prepared.width; v++) out[v] = window_mean(s, x, u, v);
    }
}

static void prepare(const fs_step *s, const fs_frame *f, fs_range r, int copy)
{
    for (size_t k = r.k0; k < r.k1; k++)
        for (size_t c = r.c0; c < r.c1; c++)
            prepare_plane(s, fs_at(f, s->val_in[copy], k, c), fs_at(f, s->prep[copy], k, c));
}

/* Sum of the means that padded coordinate (R, C) entered. */
FS_VEC fs_v8 window_sum(const fs_step *s, const fs_v8 *u, size_t R, size_t C, const size_t k)
{
    size_t height = s->prepared.height, width = s->prepared.width;
    size_t r0 = R + 1 > k ? R + 1 - k : 0, r1 = R < height ? R + 1 : height;
    size_t c0 = C + 1 > k ? C + 1 - k : 0, c1 = C < width ? C + 1 : width;
    fs_v8 sum = fs_v8_splat(0.0);
    for (size_t r = r0; r < r1; r++)
        for (size_t c = c0; c < c1; c++) sum += u[r * width + c];
    return sum;
}

/* Padded coordinates of input row i are first, first + n, ... below padded. */
FS_VEC size_t first_copy(const fs_step *s, size_t i, size_t n)
{
    return s->circular ? (i + s->pad) % n : i + s->pad;
}

FS_VEC fs_v8 copies_sum(const fs_step *s, const fs_v8 *u, size_t row, size_t col)
{
    size_t height = s->in.height, width = s->in.width;
    fs_v8 sum = fs_v8_splat(0.0);
    for (size_t R = first_copy(s, row, height); R < height + 2 * s->pad; R += s->circular ? height : SIZE_MAX / 2)
        for (size_t C = first_copy(s, col, width); C < width + 2 * s->pad; C += s->circular ? width : SIZE_MAX / 2)
            sum += window_sum(s, u, R, C, s->pool);
    return sum;
}

/* Zero padding and k <= 2: a pixel entered k x k means, all of them there (pad >= 1 or k = 1). */
FS_VEC void spread_means(const fs_step *s, const fs_v8 *u, const size_t k, fs_v8 *out)
{
    size_t width = s->prepared.width, at = s->pad + 1 - k;
    for (size_t row = 0; row < s->in.height; row++)
        for (size_t col = 0; col < s->in.width; col++) {
            const fs_v8 *corner = u + (row + at) * width + col + at;
            fs_v8 sum = fs_v8_splat(0.0);
            for (size_t i = 0; i < k; i++)
                for (size_t j = 0; j < k; j++) sum += corner[i * width + j];
            *out++ = sum * (1.0 / (double)(k * k));
        }
}

static void prepare_adjoint_plane(const fs_step *s, const fs_v8 *u, fs_v8 *out)
{
    int whole = !s->circular && s->pad + 1 >= s->pool;
    if (whole && s->pool == 1) spread_means(s, u, 1, out);
    else if (whole && s->pool == 2) spread_means(s, u, 2, out);
    else
        for (size_t row = 0; row < s->in.height; row++)
            for (size_t col = 0; col < s->in.width; col++)
                *out++ = copies_sum(s, u, row, col) * (1.0 / (double)(s->pool * s->pool));
}

static void prepare_adjoint(const fs_step *s, const fs_frame *f, fs_range r, int copy)
{
    for (size_t k = r.k0; k < r.k1; k++)
        for (size_t c = r.c0; c < r.c1; c++)
            prepare_adjoint_plane(s, fs_at(f, s->prep_bar[copy], k, c), fs_at(f, s->bar_in[copy], k, c));
}

extern const fs_layer_kind FS_ISA_NAME(fs_layer_conv);
const fs_layer_kind FS_ISA_NAME(fs_layer_conv) = {
    .name = "conv", .linear = 1, .shape = shape, .plan = plan, .prepare = prepare, .prepare_adjoint = prepare_adjoint,
};
