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
#include "network/part.h"

#include <stdlib.h>
#include <string.h>

static fs_status shape(const fs_layer_spec *spec, size_t layer, fs_shape in, fs_shape *out, fs_err *err)
{
    size_t taps = 0, pad = spec->size / 2;
    if (spec->out == 0)
        return fs_fail(err, FS_EINPUT, "layer %zu, conv: expected out >= 1 channels, found 0", layer);
    if (spec->size % 2 == 0 || spec->size > FS_CONV_MOST)
        return fs_fail(err, FS_EINPUT, "layer %zu, conv: expected an odd size of at most %d, found %zu", layer,
                       FS_CONV_MOST, spec->size);
    if (pad > in.height || pad > in.width)
        return fs_fail(err, FS_EINPUT,
                       "layer %zu, conv: expected padding no wider than the image, found %zu around %zu x %zu",
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

static int plan_forward(const fs_step *s, size_t group, const tap_list *taps, fs_product *p)
{
    fs_gather *g = &p->forward;
    size_t width = s->prepared.width, plane = fs_pixels(s->prepared);
    fs_gather_class *c = g->classed = fs_calloc(1, sizeof *g->classed);
    if (!c) return 0;
    g->rows = p->rows;
    g->cols = p->cols;
    g->stride = p->stride;
    g->classes = 1;
    c->terms = p->cols;
    c->positions = p->positions;
    c->term = fs_calloc(c->terms, sizeof *c->term);
    c->in = fs_calloc(group * c->positions, sizeof *c->in);
    c->out = fs_calloc(group * c->positions, sizeof *c->out);
    if (!c->term || !c->in || !c->out) return 0;
    for (size_t n = 0; n < p->cols; n++) {
        size_t i = n / taps->count, t = n % taps->count;
        p->x_of[n] = (int32_t)(i * group * plane + taps->row[t] * width + taps->col[t]);
        p->natural[n] = (i * s->size + taps->row[t]) * s->size + taps->col[t];
        c->term[n] = (fs_term){ p->x_of[n], (int32_t)n };
    }
    for (size_t n = 0; n < group * p->positions; n++) {
        size_t k = n / p->positions, q = n % p->positions;
        p->in[n] = c->in[n] = (int32_t)(k * plane + s->pool * (q / s->out.width * width + q % s->out.width));
        c->out[n] = (int32_t)n;
    }
    return 1;
}

/* The class of pixels that the same taps reach.  Its input offset is that of output (u / k, v / k), from where tap (a, b)
 * stands (a / k, b / k) back. */
static int plan_class(const fs_step *s, size_t group, const tap_list *taps, const unsigned char *reached, size_t count,
                      size_t members, fs_gather_class *c)
{
    c->terms = s->out.channels * count;
    c->term = fs_calloc(c->terms, sizeof *c->term);
    c->in = fs_calloc(group * members, sizeof *c->in);
    c->out = fs_calloc(group * members, sizeof *c->out);
    if (!c->term || !c->in || !c->out) return 0;
    fs_term *term = c->term;
    for (size_t o = 0; o < s->out.channels; o++)
        for (size_t t = 0; t < taps->count; t++)
            if (reached[t]) {
                ptrdiff_t back = (ptrdiff_t)(taps->row[t] / s->pool * s->out.width + taps->col[t] / s->pool);
                *term++ = (fs_term){ (int32_t)((ptrdiff_t)(o * group * fs_pixels(s->out)) - back), (int32_t)(o * taps->count + t) };
            }
    return 1;
}

/* Numbers the sets of taps that reach pixels: class[q], the first pixel of each class, how many there are. */
static size_t classify(size_t pixels, size_t n, const unsigned char *reached, size_t *class, size_t *first, size_t *members)
{
    size_t classes = 0;
    for (size_t q = 0; q < pixels; q++) {
        size_t c = 0;
        while (c < classes && memcmp(reached + first[c] * n, reached + q * n, n) != 0) c++;
        if (c == classes) first[classes++] = q;
        class[q] = c;
        members[c]++;
    }
    return classes;
}

static int plan_adjoint(const fs_step *s, size_t group, const tap_list *taps, fs_product *p)
{
    fs_gather *g = &p->adjoint;
    size_t pixels = fs_pixels(s->prepared), width = s->prepared.width, n = taps->count;
    unsigned char *reached = fs_calloc(pixels, n);
    size_t *class = fs_calloc(pixels, sizeof *class), *first = fs_calloc(pixels, sizeof *first);
    size_t *members = fs_calloc(pixels, sizeof *members), *count = fs_calloc(pixels, sizeof *count);
    int done = 0;
    g->classed = fs_calloc(pixels, sizeof *g->classed);
    g->rows = s->in.channels;
    g->cols = s->out.channels * n;
    g->stride = group * pixels;
    if (!reached || !class || !first || !members || !count || !g->classed) goto out;
    for (size_t q = 0; q < pixels; q++) count[q] = reached_by(s, taps, q / width, q % width, reached + q * n);
    g->classes = classify(pixels, n, reached, class, first, members);
    for (size_t c = 0; c < g->classes; c++)
        if (!plan_class(s, group, taps, reached + first[c] * n, count[first[c]], members[c], &g->classed[c])) goto out;
    /* chunk by chunk, so that a smaller group is the beginning of the list */
    for (size_t k = 0; k < group; k++)
        for (size_t q = 0; q < pixels; q++) {
            fs_gather_class *c = &g->classed[class[q]];
            size_t output = q / width / s->pool * s->out.width + q % width / s->pool;
            c->in[c->positions] = (int32_t)(k * fs_pixels(s->out) + output);
            c->out[c->positions++] = (int32_t)(k * pixels + q);
        }
    for (size_t c = 0; c < g->classes; c++) g->classed[c].positions /= group;
    done = 1;
out:
    free(reached);
    free(class);
    free(first);
    free(members);
    free(count);
    return done;
}

static fs_product *plan(const fs_step *s, size_t group, const unsigned char *support)
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
    p->positions = fs_pixels(s->out);
    p->stride = group * p->positions;
    p->natural_row = s->in.channels * s->size * s->size;
    p->natural = fs_calloc(p->cols, sizeof *p->natural);
    p->x_of = fs_calloc(p->cols, sizeof *p->x_of);
    p->in = fs_calloc(group * p->positions, sizeof *p->in);
    if (!p->natural || !p->x_of || !p->in) goto out;
    done = plan_forward(s, group, &taps, p) && plan_adjoint(s, group, &taps, p);
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
static void window_mean(const fs_step *s, const fs_v8 *x, size_t u, size_t v, fs_v8 *mean)
{
    fs_v8 sum = fs_v8_splat(0.0);
    for (size_t i = 0; i < s->pool; i++) {
        size_t row = source(s, u + i, s->in.height);
        for (size_t j = 0; j < s->pool && row < s->in.height; j++) {
            size_t col = source(s, v + j, s->in.width);
            if (col < s->in.width) sum += x[row * s->in.width + col];
        }
    }
    *mean = sum * (1.0 / (double)(s->pool * s->pool));
}

static void prepare_plane(const fs_step *s, const fs_v8 *x, fs_v8 *u)
{
    for (size_t row = 0; row < s->prepared.height; row++)
        for (size_t col = 0; col < s->prepared.width; col++) window_mean(s, x, row, col, u++);
}

FS_VEC void zeros(size_t n, fs_v8 *u)
{
    for (size_t i = 0; i < n; i++) u[i] = fs_v8_splat(0.0);
}

/* The same for zero padding, pad >= 1, no pool. */
static void pad_plane(const fs_step *s, const fs_v8 *x, fs_v8 *u)
{
    size_t height = s->in.height, width = s->in.width, pad = s->pad, across = width + 2 * pad;
    zeros(pad * across + pad, u);
    u += pad * across + pad;
    for (size_t row = 0; row < height; row++, x += width, u += across) {
        for (size_t col = 0; col < width; col++) u[col] = x[col];
        if (row + 1 < height) zeros(2 * pad, u + width);
    }
    zeros(pad * across + pad, u + width - across);
}

FS_VEC void mean_of_1(const fs_v8 *a, fs_v8 *mean)
{
    *mean = 0.25 * *a;
}

FS_VEC void mean_of_2(const fs_v8 *a, const fs_v8 *b, fs_v8 *mean)
{
    const fs_part *x = (const fs_part *)a, *y = (const fs_part *)b;
    for (size_t h = 0; h < FS_PARTS; h++) ((fs_part *)mean)[h] = 0.25 * (x[h] + y[h]);
}

/* Of a[0], a[1], b[0], b[1]. */
FS_VEC void mean_of_4(const fs_v8 *a, const fs_v8 *b, fs_v8 *mean)
{
    const fs_part *x = (const fs_part *)a, *y = (const fs_part *)b;
    for (size_t h = 0; h < FS_PARTS; h++)
        ((fs_part *)mean)[h] = 0.25 * ((x[h] + y[h]) + (x[h + FS_PARTS] + y[h + FS_PARTS]));
}

/* A row of means of two rows, or of one next to the padding (upper = lower); pad - 1 zeros at both ends, pad >= 1. */
FS_VEC void pair_means(size_t pad, size_t width, const fs_v8 *upper, const fs_v8 *lower, fs_v8 *u)
{
    zeros(pad - 1, u);
    u += pad - 1;
    if (upper == lower) {
        mean_of_1(upper, u);
        for (size_t col = 1; col < width; col++) mean_of_2(upper + col - 1, upper + col, u + col);
        mean_of_1(upper + width - 1, u + width);
    } else {
        mean_of_2(upper, lower, u);
        for (size_t col = 1; col < width; col++) mean_of_4(upper + col - 1, lower + col - 1, u + col);
        mean_of_2(upper + width - 1, lower + width - 1, u + width);
    }
    zeros(pad - 1, u + width + 1);
}

/* The same for zero padding, pad >= 1, 2 x 2 pool. */
static void pair_plane(const fs_step *s, const fs_v8 *x, fs_v8 *u)
{
    size_t height = s->in.height, width = s->in.width, pad = s->pad, across = s->prepared.width;
    zeros((pad - 1) * across, u);
    u += (pad - 1) * across;
    pair_means(pad, width, x, x, u);
    for (size_t row = 1; row < height; row++) {
        u += across;
        pair_means(pad, width, x, x + width, u);
        x += width;
    }
    u += across;
    pair_means(pad, width, x, x, u);
    zeros((pad - 1) * across, u + across);
}

typedef void plane_function(const fs_step *s, const fs_v8 *from, fs_v8 *to);

static void each_plane(const fs_step *s, const fs_frame *f, fs_range r, fs_tensor from, fs_tensor to, plane_function *apply)
{
    for (size_t c = r.c0; c < r.c1; c++) {
        const fs_v8 *x = fs_at(f, from, c);
        fs_v8 *y = fs_at(f, to, c);
        for (size_t k = 0; k < r.chunks; k++) apply(s, x + k * from.plane, y + k * to.plane);
    }
}

static void prepare(const fs_step *s, const fs_frame *f, fs_range r, int copy)
{
    int plain = !s->circular && s->pad >= 1;
    plane_function *apply = plain && s->pool == 1 ? pad_plane : plain && s->pool == 2 ? pair_plane : prepare_plane;
    each_plane(s, f, r, s->val_in[copy], s->prep[copy], apply);
}

/* Sum of the means that padded coordinate (R, C) entered. */
FS_VEC fs_v8 window_sum(const fs_step *s, const fs_v8 *u, size_t R, size_t C)
{
    size_t height = s->prepared.height, width = s->prepared.width, k = s->pool;
    size_t r0 = R + 1 > k ? R + 1 - k : 0, r1 = R < height ? R + 1 : height;
    size_t c0 = C + 1 > k ? C + 1 - k : 0, c1 = C < width ? C + 1 : width;
    fs_v8 sum = fs_v8_splat(0.0);
    for (size_t r = r0; r < r1; r++)
        for (size_t c = c0; c < c1; c++) sum += u[r * width + c];
    return sum;
}

/* Input row i has the padded coordinates first_copy, and in circular padding every n-th after it. */
FS_VEC size_t first_copy(const fs_step *s, size_t i, size_t n)
{
    return s->circular ? (i + s->pad) % n : i + s->pad;
}

static void spread_plane(const fs_step *s, const fs_v8 *u, fs_v8 *x)
{
    size_t height = s->in.height, width = s->in.width, pad = s->pad;
    for (size_t row = 0; row < height; row++)
        for (size_t col = 0; col < width; col++) {
            fs_v8 sum = fs_v8_splat(0.0);
            for (size_t R = first_copy(s, row, height); R < height + 2 * pad; R += s->circular ? height : height + 2 * pad)
                for (size_t C = first_copy(s, col, width); C < width + 2 * pad; C += s->circular ? width : width + 2 * pad)
                    sum += window_sum(s, u, R, C);
            *x++ = sum * (1.0 / (double)(s->pool * s->pool));
        }
}

static void crop_plane(const fs_step *s, const fs_v8 *u, fs_v8 *x)
{
    size_t width = s->in.width, across = s->prepared.width;
    u += s->pad * across + s->pad;
    for (size_t row = 0; row < s->in.height; row++, u += across, x += width)
        for (size_t col = 0; col < width; col++) x[col] = u[col];
}

/* 2 x 2 pool and pad >= 1: a pixel entered four means, all of them there. */
static void pair_spread_plane(const fs_step *s, const fs_v8 *u, fs_v8 *x)
{
    size_t width = s->in.width, across = s->prepared.width;
    u += (s->pad - 1) * across + s->pad - 1;
    for (size_t row = 0; row < s->in.height; row++, u += across, x += width)
        for (size_t col = 0; col < width; col++) mean_of_4(u + col, u + across + col, x + col);
}

static void prepare_adjoint(const fs_step *s, const fs_frame *f, fs_range r, int copy)
{
    int plain = !s->circular && s->pad >= 1;
    plane_function *apply = plain && s->pool == 1 ? crop_plane : plain && s->pool == 2 ? pair_spread_plane : spread_plane;
    each_plane(s, f, r, s->prep_bar[copy], s->bar_in[copy], apply);
}

extern const fs_layer_kind FS_ISA_NAME(fs_layer_conv);
const fs_layer_kind FS_ISA_NAME(fs_layer_conv) = {
    .name = "conv", .linear = 1, .shape = shape, .plan = plan, .prepare = prepare, .prepare_adjoint = prepare_adjoint,
};
