/* network/activation.c -- y = f(z) entry by entry
 *
 *   zb = f'(z) yb        y' = f'(z) z'        zb' = f'(z) yb' + f''(z) z' yb
 *
 * tanh: f' = 1 - y^2 and f'' z' = -2 y y' need y alone, so y may overwrite z.  The others start from z.
 * polynomial: f = sum_k coefficient[k] z^k, all three by Horner's rule.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "network/layer.h"
#include "network/tanh.h"

#include <float.h>

static fs_status shape(const fs_layer_spec *spec, size_t layer, fs_shape in, fs_shape *out, fs_err *err)
{
    (void)spec;
    (void)layer;
    (void)err;
    *out = in;
    return FS_OK;
}

/* The largest degree is 8. */
enum { MOST_COEFFICIENTS = 9 };

static fs_status shape_of_polynomial(const fs_layer_spec *spec, size_t layer, fs_shape in, fs_shape *out, fs_err *err)
{
    size_t n = spec->coefficient ? spec->coefficients : 0;
    if (n < 1 || n > MOST_COEFFICIENTS)
        return fs_fail(err, FS_EINPUT, "layer %zu, polynomial: expected 1 to %d coefficients, found %zu", layer,
                       MOST_COEFFICIENTS, n);
    for (size_t k = 0; k < n; k++)
        if (!(fabs(spec->coefficient[k]) <= DBL_MAX))
            return fs_fail(err, FS_EINPUT, "layer %zu, polynomial: expected finite coefficients, found %g for the power %zu",
                           layer, spec->coefficient[k], k);
    *out = in;
    return FS_OK;
}

typedef enum { TANH, SOFTPLUS, SQUARE, SIN, POLYNOMIAL } function;

/* The polynomial (order 0), its first or second derivative. */
FS_VEC fs_v8 horner(const fs_step *s, const size_t order, fs_v8 z)
{
    fs_v8 y = fs_v8_splat(0.0);
    for (size_t k = s->coefficients; k-- > order;) {
        double factor = order == 0 ? 1.0 : order == 1 ? (double)k : (double)(k * (k - 1));
        y = y * z + factor * s->coefficient[k];
    }
    return y;
}

FS_VEC fs_v8 value(const function which, const fs_step *s, fs_v8 z)
{
    switch (which) {
    case TANH: return fs_quick_tanh(z);
    case SOFTPLUS: return fs_v8_softplus(z);
    case SQUARE: return z * z;
    case POLYNOMIAL: return horner(s, 0, z);
    default: return fs_v8_sin(z);
    }
}

/* f'; the state is y for tanh, z for the others. */
FS_VEC fs_v8 slope(const function which, const fs_step *s, fs_v8 state)
{
    switch (which) {
    case TANH: return 1.0 - state * state;
    case SOFTPLUS: return fs_v8_logistic(state);
    case SQUARE: return 2.0 * state;
    case POLYNOMIAL: return horner(s, 1, state);
    default: return fs_v8_cos(state);
    }
}

/* f'' z' */
FS_VEC fs_v8 bend(const function which, const fs_step *s, fs_v8 state, fs_v8 state_dot)
{
    switch (which) {
    case TANH: return -2.0 * state * state_dot;
    case SOFTPLUS: return fs_v8_logistic(state) * fs_v8_logistic(-state) * state_dot;
    case SQUARE: return 2.0 * state_dot;
    case POLYNOMIAL: return horner(s, 2, state) * state_dot;
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
        for (size_t i = 0; i < n; i++) y[i] = value(which, s, z[i]);
    }
}

FS_VEC void backward(const function which, const fs_step *s, const fs_frame *f, fs_range r)
{
    for (size_t c = r.c0, n = entries(s, r); c < r.c1; c++) {
        const fs_v8 *state = state_of(which, s, f, c, FS_PRIMAL), *yb = fs_at(f, s->bar_out[0], c);
        fs_v8 *zb = fs_at(f, s->bar_in[0], c);
        for (size_t i = 0; i < n; i++) zb[i] = slope(which, s, state[i]) * yb[i];
    }
}

FS_VEC void tangent(const function which, const fs_step *s, const fs_frame *f, fs_range r)
{
    for (size_t c = r.c0, n = entries(s, r); c < r.c1; c++) {
        const fs_v8 *state = state_of(which, s, f, c, FS_PRIMAL), *z_dot = fs_at(f, s->val_in[1], c);
        fs_v8 *y_dot = fs_at(f, s->val_out[1], c);
        for (size_t i = 0; i < n; i++) y_dot[i] = slope(which, s, state[i]) * z_dot[i];
    }
}

FS_VEC void tangent_backward(const function which, const fs_step *s, const fs_frame *f, fs_range r)
{
    for (size_t c = r.c0, n = entries(s, r); c < r.c1; c++) {
        const fs_v8 *state = state_of(which, s, f, c, FS_PRIMAL), *state_dot = state_of(which, s, f, c, FS_DOT);
        const fs_v8 *yb = fs_at(f, s->bar_out[0], c), *yb_dot = fs_at(f, s->bar_out[1], c);
        fs_v8 *zb_dot = fs_at(f, s->bar_in[1], c);
        for (size_t i = 0; i < n; i++)
            zb_dot[i] = slope(which, s, state[i]) * yb_dot[i] + bend(which, s, state[i], state_dot[i]) * yb[i];
    }
}

#define SWEEP(word, which, action)                                                          \
    static void word##_##action(const fs_step *s, const fs_frame *f, fs_range r)            \
    {                                                                                       \
        action(which, s, f, r);                                                             \
    }

#define ACTIVATION(word, which, shape_of)                                                   \
    SWEEP(word, which, forward)                                                             \
    SWEEP(word, which, backward)                                                            \
    SWEEP(word, which, tangent)                                                             \
    SWEEP(word, which, tangent_backward)                                                    \
    extern const fs_layer_kind FS_ISA_NAME(fs_layer_##word);                                \
    const fs_layer_kind FS_ISA_NAME(fs_layer_##word) = {                                    \
        .name = #word, .activation = 1, .in_place = (which) == TANH,                        \
        .polynomial = (which) == POLYNOMIAL, .shape = shape_of,                             \
        .forward = word##_forward, .backward = word##_backward,                             \
        .tangent = word##_tangent, .tangent_backward = word##_tangent_backward,             \
    };

ACTIVATION(tanh, TANH, shape)
ACTIVATION(softplus, SOFTPLUS, shape)
ACTIVATION(square, SQUARE, shape)
ACTIVATION(sin, SIN, shape)
ACTIVATION(polynomial, POLYNOMIAL, shape_of_polynomial)

/* Nothing to do, so no step. */
extern const fs_layer_kind FS_ISA_NAME(fs_layer_identity);
const fs_layer_kind FS_ISA_NAME(fs_layer_identity) = { .name = "identity", .shape = shape };
