/* network/activation.c -- y = f(z) entry by entry
 *
 *   zb = f'(z) yb        y' = f'(z) z'        zb' = f'(z) yb' + f''(z) z' yb
 *
 * tanh: f' = 1 - y^2 and f'' z' = -2 y y' need y alone, so y may overwrite z.  The others start from z.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "network/layer.h"

static fs_status shape(const fs_layer_spec *spec, size_t layer, fs_shape in, fs_shape *out, fs_err *err)
{
    (void)spec;
    (void)layer;
    (void)err;
    *out = in;
    return FS_OK;
}

typedef enum { TANH, SOFTPLUS, SQUARE, SIN } function;

/* tanh |x| = N / D = (1 - s - s p) / (1 + s + s p),  e^(-2 |x|) = s (1 + p), as in vec.h.  What N and D lost in rounding is put back
 * with 1/D = (1 + q) / 2; p and the quotient keep theirs: within 2 units in the last place, at three quarters of the time.  A quarter
 * of a small network's gradient is spent here. */
FS_VEC fs_v8 quick_tanh(fs_v8 x)
{
    fs_v8 a = fs_v8_abs(x), limit = fs_v8_splat(32.0), p, p_low;
    fs_v8u scale, sign = (fs_v8u)x & UINT64_C(0x8000000000000000);
    a = fs_v8_select(fs_v8_gt(a, limit), limit, a);
    fs_v8_exp_parts(-2.0, a, &scale, &p, &p_low);
    fs_v8 s = (fs_v8)(scale << 52), sp = s * p;
    fs_v8 below = 1.0 - s, N = below - sp, N_low = (below - N) - sp;
    fs_v8 above = 1.0 + s, D = above + sp, D_low = (above - D) + sp;
    fs_v8 q = N / D;
    q += (N_low - q * D_low) * (0.5 + 0.5 * q);
    return (fs_v8)((fs_v8u)q | sign);
}

FS_VEC fs_v8 value(const function which, fs_v8 z)
{
    switch (which) {
    case TANH: return quick_tanh(z);
    case SOFTPLUS: return fs_v8_softplus(z);
    case SQUARE: return z * z;
    default: return fs_v8_sin(z);
    }
}

/* f'; the state is y for tanh, z for the others. */
FS_VEC fs_v8 slope(const function which, fs_v8 state)
{
    switch (which) {
    case TANH: return 1.0 - state * state;
    case SOFTPLUS: return fs_v8_logistic(state);
    case SQUARE: return 2.0 * state;
    default: return fs_v8_cos(state);
    }
}

/* f'' z' */
FS_VEC fs_v8 bend(const function which, fs_v8 state, fs_v8 state_dot)
{
    switch (which) {
    case TANH: return -2.0 * state * state_dot;
    case SOFTPLUS: return fs_v8_logistic(state) * fs_v8_logistic(-state) * state_dot;
    case SQUARE: return 2.0 * state_dot;
    default: return -fs_v8_sin(state) * state_dot;
    }
}

/* Chunks of a channel follow each other: one run of entries. */
FS_VEC size_t entries(const fs_step *s, fs_range r)
{
    return r.chunks * fs_pixels(s->in);
}

FS_VEC const fs_v8 *state_of(const function which, const fs_step *s, const fs_frame *f, size_t c, int copy)
{
    return fs_at(f, which == TANH ? s->val_out[copy] : s->val_in[copy], c);
}

FS_VEC void forward(const function which, const fs_step *s, const fs_frame *f, fs_range r)
{
    for (size_t c = r.c0, n = entries(s, r); c < r.c1; c++) {
        const fs_v8 *z = fs_at(f, s->val_in[0], c);
        fs_v8 *y = fs_at(f, s->val_out[0], c);
        for (size_t i = 0; i < n; i++) y[i] = value(which, z[i]);
    }
}

FS_VEC void backward(const function which, const fs_step *s, const fs_frame *f, fs_range r)
{
    for (size_t c = r.c0, n = entries(s, r); c < r.c1; c++) {
        const fs_v8 *state = state_of(which, s, f, c, FS_PRIMAL), *yb = fs_at(f, s->bar_out[0], c);
        fs_v8 *zb = fs_at(f, s->bar_in[0], c);
        for (size_t i = 0; i < n; i++) zb[i] = slope(which, state[i]) * yb[i];
    }
}

FS_VEC void tangent(const function which, const fs_step *s, const fs_frame *f, fs_range r)
{
    for (size_t c = r.c0, n = entries(s, r); c < r.c1; c++) {
        const fs_v8 *state = state_of(which, s, f, c, FS_PRIMAL), *z_dot = fs_at(f, s->val_in[1], c);
        fs_v8 *y_dot = fs_at(f, s->val_out[1], c);
        for (size_t i = 0; i < n; i++) y_dot[i] = slope(which, state[i]) * z_dot[i];
    }
}

FS_VEC void tangent_backward(const function which, const fs_step *s, const fs_frame *f, fs_range r)
{
    for (size_t c = r.c0, n = entries(s, r); c < r.c1; c++) {
        const fs_v8 *state = state_of(which, s, f, c, FS_PRIMAL), *state_dot = state_of(which, s, f, c, FS_DOT);
        const fs_v8 *yb = fs_at(f, s->bar_out[0], c), *yb_dot = fs_at(f, s->bar_out[1], c);
        fs_v8 *zb_dot = fs_at(f, s->bar_in[1], c);
        for (size_t i = 0; i < n; i++)
            zb_dot[i] = slope(which, state[i]) * yb_dot[i] + bend(which, state[i], state_dot[i]) * yb[i];
    }
}

#define SWEEP(word, which, action)                                                          \
    static void word##_##action(const fs_step *s, const fs_frame *f, fs_range r)            \
    {                                                                                       \
        action(which, s, f, r);                                                             \
    }

#define ACTIVATION(word, which)                                                             \
    SWEEP(word, which, forward)                                                             \
    SWEEP(word, which, backward)                                                            \
    SWEEP(word, which, tangent)                                                             \
    SWEEP(word, which, tangent_backward)                                                    \
    extern const fs_layer_kind FS_ISA_NAME(fs_layer_##word);                                \
    const fs_layer_kind FS_ISA_NAME(fs_layer_##word) = {                                    \
        .name = #word, .activation = 1, .in_place = (which) == TANH, .shape = shape,        \
        .forward = word##_forward, .backward = word##_backward,                             \
        .tangent = word##_tangent, .tangent_backward = word##_tangent_backward,             \
    };

ACTIVATION(tanh, TANH)
ACTIVATION(softplus, SOFTPLUS)
ACTIVATION(square, SQUARE)
ACTIVATION(sin, SIN)

/* Nothing to do, so no step. */
extern const fs_layer_kind FS_ISA_NAME(fs_layer_identity);
const fs_layer_kind FS_ISA_NAME(fs_layer_identity) = { .name = "identity", .shape = shape };
