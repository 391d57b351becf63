/* base/vec.h -- eight doubles at a time: arithmetic of lanes and elementary functions
 *
 * fs_v8 is a GCC/clang vector type; + - * / and comparison act lane by lane, and the compiler maps them to
 * whatever the target has (baseline, AVX2, AVX-512), so the same source serves every class of base/isa.h.
 * Every function is a function of its lane alone: equal arguments give equal bits in any lane.  No branches,
 * except where sin and cos meet an argument beyond 2^17.
 *
 * Largest errors seen in 10^7 arguments of all binades, in units in the last place (of 2^-1074 for results below
 * 2^-1022), with and without contraction of a b + c; tests/test_vec.c allows each about a tenth more:
 *
 *   exp 1.04    log 0.90    log1p 0.89    tanh 1.00    softplus 1.19    logistic 0.70    sin 0.82    cos 0.82
 *
 * NaN goes in and comes out; infinities and signed zeros follow C11 Annex F (floating-point exceptions do not).
 * tanh and sin are exactly odd, cos exactly even; tanh was monotone on 10^8 pairs of consecutive doubles.
 *
 * Polynomials stand for remainders such as (e^r - 1 - r - r^2/2) / r^3.  That one is a weighted minimax fit (Remez
 * exchange); the others were interpolated at the Chebyshev nodes of their intervals.  Both in 50 digits or more,
 * rounded to double; the stated errors are those of the rounded polynomials on thousands of points.  Split constants
 * are truncations of ln 2 and pi/2.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_BASE_VEC_H
#define FS_BASE_VEC_H

#include <math.h>
#include <stdint.h>

/* Passing 64-byte vectors by value changes the calling convention with -mavx512f, and both compilers say so at every
 * definition and caller.  All functions below are always inlined: no such call is ever made.  The callers lie in
 * other files, so the setting is not restored.  (gcc keeps one note for itself; only -Wno-psabi silences that.) */
#pragma GCC diagnostic ignored "-Wpsabi"

#define FS_LANES 8

typedef double fs_v8 __attribute__((vector_size(64)));
typedef int64_t fs_v8i __attribute__((vector_size(64)));     /* masks: every lane 0 or -1 */
typedef uint64_t fs_v8u __attribute__((vector_size(64)));    /* bits of doubles */

#define FS_VEC static inline __attribute__((always_inline))

/* --- lanes --------------------------------------------------------------------------- */

/* The same number in all lanes. */
FS_VEC fs_v8 fs_v8_splat(double c)
{
    return (fs_v8){ c, c, c, c, c, c, c, c };
}

FS_VEC fs_v8u fs_v8u_splat(uint64_t c)
{
    return (fs_v8u){ c, c, c, c, c, c, c, c };
}

/* Vectors as they are compared: gcc for AVX takes a wider comparison apart lane by lane, which costs twice the time. */
#if defined __AVX__ && !defined __AVX512F__ && !defined __clang__
#define FS_VEC_BYTES 32
#else
#define FS_VEC_BYTES 64
#endif
typedef double fs_vec_part __attribute__((vector_size(FS_VEC_BYTES)));
typedef int64_t fs_vec_part_i __attribute__((vector_size(FS_VEC_BYTES)));

/* Where a > b; false where either is NaN. */
FS_VEC fs_v8i fs_v8_gt(fs_v8 a, fs_v8 b)
{
    union { fs_v8 v; fs_vec_part part[64 / FS_VEC_BYTES]; } A = { a }, B = { b };
    union { fs_v8i v; fs_vec_part_i part[64 / FS_VEC_BYTES]; } mask;
    for (int i = 0; i < 64 / FS_VEC_BYTES; i++) mask.part[i] = (fs_vec_part_i)(A.part[i] > B.part[i]);
    return mask.v;
}

/* Where a = b; false where either is NaN. */
FS_VEC fs_v8i fs_v8_eq(fs_v8 a, fs_v8 b)
{
    union { fs_v8 v; fs_vec_part part[64 / FS_VEC_BYTES]; } A = { a }, B = { b };
    union { fs_v8i v; fs_vec_part_i part[64 / FS_VEC_BYTES]; } mask;
    for (int i = 0; i < 64 / FS_VEC_BYTES; i++) mask.part[i] = (fs_vec_part_i)(A.part[i] == B.part[i]);
    return mask.v;
}

/* a where the mask is set, b elsewhere. */
FS_VEC fs_v8 fs_v8_select(fs_v8i mask, fs_v8 a, fs_v8 b)
{
    return (fs_v8)(((fs_v8i)a & mask) | ((fs_v8i)b & ~mask));
}

/* The larger; NaN where either is NaN.  max(-0, +0) is the second argument. */
FS_VEC fs_v8 fs_v8_max(fs_v8 a, fs_v8 b)
{
    return fs_v8_select(fs_v8_gt(a, b) | ~fs_v8_eq(a, a), a, b);
}

/* The smaller; NaN where either is NaN.  min(-0, +0) is the second argument. */
FS_VEC fs_v8 fs_v8_min(fs_v8 a, fs_v8 b)
{
    return fs_v8_select(fs_v8_gt(b, a) | ~fs_v8_eq(a, a), a, b);
}

/* ((x0 + x1) + (x2 + x3)) + ((x4 + x5) + (x6 + x7)) */
FS_VEC double fs_v8_sum(fs_v8 x)
{
    return ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]));
}

FS_VEC fs_v8 fs_v8_abs(fs_v8 x)
{
    return (fs_v8)((fs_v8u)x & fs_v8u_splat(UINT64_C(0x7fffffffffffffff)));
}

/* The first 26 significant bits, truncated: products of two such numbers are exact. */
FS_VEC fs_v8 fs_v8_head(fs_v8 x)
{
    return (fs_v8)((fs_v8u)x & fs_v8u_splat(UINT64_C(0xfffffffff8000000)));
}

/* --- exponential ---------------------------------------------------------------------- */

/* Adding 1.5 2^52 rounds |x| < 2^51 to an integer, which then stands in the low bits. */
#define FS_VEC_ROUND 0x1.8p52

/* e^(c x) = 2^k (1 + p + p_low),  r = x - k ln(2) / c,  p = e^(c r) - 1,  for |c x| <= 746,  c = +-1 or -2.
 *
 * k ln2_hi is exact (42 + 11 bits), and so is x - k ln2_hi / c.  The polynomial leaves |e^r - 1 - p| < 2^-55 |r| on
 * |r| <= 0.34666 (weighted minimax, by Remez exchange).  p has half an ulp of its own, and p_low is what it lost.
 * The constant c disappears in the coefficients.  scale: k + 1023 in the lowest 12 bits of a double near 1.5 2^52. */
FS_VEC void fs_v8_exp_parts(double c, fs_v8 x, fs_v8u *scale, fs_v8 *p, fs_v8 *p_low)
{
    const double c2 = c * c, c3 = c2 * c, c4 = c2 * c2;
    fs_v8 t = x * (c * 0x1.71547652b82fep+0) + (FS_VEC_ROUND + 1023.0);
    fs_v8 k = t - (FS_VEC_ROUND + 1023.0);
    fs_v8 head = x - k * (0x1.62e42fefa3800p-1 / c);
    fs_v8 tail = k * (0x1.ef35793c76730p-45 / c);
    fs_v8 r = head - tail, r2 = r * r, r4 = r2 * r2;
    fs_v8 w01 = c3 * 0x1.555555555555ap-3 + r * (c4 * 0x1.5555555553adcp-5);
    fs_v8 w23 = c3 * (c2 * 0x1.111111110f0c7p-7) + r * (c4 * (c2 * 0x1.6c16c17a1009bp-10));
    fs_v8 w45 = c3 * (c4 * 0x1.a01a01b2be290p-13) + r * (c4 * (c4 * 0x1.a019b362bfa1ep-16));
    fs_v8 w67 = c3 * (c4 * (c2 * 0x1.71ddf06f607d3p-19)) + r * (c4 * (c4 * (c2 * 0x1.2897a250f1b56p-22)));
    fs_v8 w = (w01 + r2 * w23) + r4 * ((w45 + r2 * w67) + r4 * (c3 * (c4 * (c4 * 0x1.af6d3839ee108p-26))));
    fs_v8 v = r2 * (0.5 * c2 + r * w);
    *p = c * r + v;
    *p_low = ((c * r - *p) + v) + c * ((head - r) - tail);
    *scale = (fs_v8u)t;
}

/* y 2^k in two steps, so that results below 2^-1022 are rounded once and those above 2^1024 overflow. */
FS_VEC fs_v8 fs_v8_scale(fs_v8 y, fs_v8u scale)
{
    fs_v8u k = scale - (UINT64_C(0x4338000000000000) - 1023);       /* k + 2046 > 0 */
    fs_v8u half = k >> 1;
    return (y * (fs_v8)(half << 52)) * (fs_v8)((k - half) << 52);
}

/* e^x; 0 below -745.2, inf above 709.8. */
FS_VEC fs_v8 fs_v8_exp(fs_v8 x)
{
    fs_v8 p, p_low, high = fs_v8_splat(710.0), low = fs_v8_splat(-746.0);
    fs_v8u scale;
    x = fs_v8_select(fs_v8_gt(x, high), high, x);
    x = fs_v8_select(fs_v8_gt(low, x), low, x);
    fs_v8_exp_parts(1.0, x, &scale, &p, &p_low);
    return fs_v8_scale(1.0 + p, scale);
}

/* --- hyperbolic tangent ---------------------------------------------------------------- */

/* tanh a = N / D,  N = 1 - s - s p,  D = 1 + s + s p,  with  e^(-2a) = s (1 + p),  s = 2^k,  for a = |x|.
 *
 * One division gives q to two roundings.  With the heads q_h, D_h of 26 bits the remainder N - q_h D is found
 * without rounding that matters, and  1/D = (1 + q) / 2  saves a second division:  q_h + (N - q_h D) (1 + q) / 2
 * rounds once.  Beyond a = 32 the result is 1 long since. */
FS_VEC fs_v8 fs_v8_tanh(fs_v8 x)
{
    fs_v8 a = fs_v8_abs(x), limit = fs_v8_splat(32.0), p, p_low;
    fs_v8u scale, sign = (fs_v8u)x & UINT64_C(0x8000000000000000);
    a = fs_v8_select(fs_v8_gt(a, limit), limit, a);
    fs_v8_exp_parts(-2.0, a, &scale, &p, &p_low);
    fs_v8 s = (fs_v8)(scale << 52);
    fs_v8 sp = s * p, sp_low = s * p_low;
    fs_v8 D = 1.0 + (s + sp), difference = 1.0 - s, q = (difference - sp) / D;
    fs_v8 D_h = fs_v8_head(D), D_l = (((1.0 - D_h) + s) + sp) + sp_low;
    fs_v8 q_h = fs_v8_head(q);
    fs_v8 rest = ((difference - q_h * D_h) - sp) - (sp_low + q_h * D_l);
    q = q_h + rest * (0.5 + 0.5 * q);
    return (fs_v8)((fs_v8u)q | sign);
}

/* --- logarithm ------------------------------------------------------------------------- */

/* u = 2^k (1 + f),  sqrt(1/2) <= 1 + f < sqrt 2,  for normal u > 0; scale is 2^-k. */
FS_VEC void fs_v8_log_parts(fs_v8 u, fs_v8 *k, fs_v8 *f, fs_v8 *scale)
{
    const uint64_t bias = UINT64_C(1024) << 52;
    fs_v8u j = (fs_v8u)u - UINT64_C(0x3fe6a09e667f3bcd) + bias;                /* (k + 1024) 2^52 + ... */
    fs_v8u shift = (j & UINT64_C(0xfff0000000000000)) - bias;                  /* k 2^52 */
    *k = (fs_v8)((j >> 52) | UINT64_C(0x4330000000000000)) - (0x1p52 + 1024.0);
    *f = (fs_v8)((fs_v8u)u - shift) - 1.0;
    *scale = (fs_v8)(UINT64_C(0x3ff0000000000000) - shift);
}

/* k ln 2 + log(1 + f + f_low), |f_low| <= ulp(f).
 *
 * With s = f / (2 + f):  log(1 + f) = 2 artanh s = f - s (f - s^2 R(s^2)),  R(z) = 2/3 + 2 z / 5 + ...,
 * error of s^3 R below 2^-57 |2 s| on |s| <= 0.1716. */
FS_VEC fs_v8 fs_v8_log_sum(fs_v8 k, fs_v8 f, fs_v8 f_low)
{
    fs_v8 s = f / (2.0 + f), z = s * s, z2 = z * z;
    fs_v8 R01 = 0x1.5555555555558p-1 + z * 0x1.99999999952d7p-2;
    fs_v8 R23 = 0x1.2492492df281ap-2 + z * 0x1.c71c62e3f11e6p-3;
    fs_v8 R45 = 0x1.7462b51cb66b1p-3 + z * 0x1.39fe51a7c18f9p-3;
    fs_v8 R = R01 + z2 * (R23 + z2 * (R45 + z2 * 0x1.2b5900de53b32p-3));
    fs_v8 low = (k * 0x1.ef35793c76730p-45 + (f_low - f_low * f)) - s * (f - z * R);
    return k * 0x1.62e42fefa3800p-1 + (f + low);
}

/* log x; log 0 = -inf, NaN below. */
FS_VEC fs_v8 fs_v8_log(fs_v8 x)
{
    fs_v8 zero = fs_v8_splat(0.0), inf = fs_v8_splat(HUGE_VAL), k, f, scale;
    fs_v8i denormal = fs_v8_gt(fs_v8_splat(0x1p-1022), x);
    fs_v8_log_parts(fs_v8_select(denormal, x * 0x1p54, x), &k, &f, &scale);
    k = k - fs_v8_select(denormal, fs_v8_splat(54.0), zero);
    fs_v8 y = fs_v8_log_sum(k, f, zero);
    fs_v8 special = fs_v8_select(fs_v8_gt(zero, x), fs_v8_splat((double)NAN), fs_v8_select(fs_v8_eq(x, zero), -inf, x));
    return fs_v8_select(fs_v8_gt(x, zero) & fs_v8_gt(inf, x), y, special);
}

/* log(1 + x); log1p(-1) = -inf, NaN below. */
FS_VEC fs_v8 fs_v8_log1p(fs_v8 x)
{
    fs_v8 one = fs_v8_splat(1.0), zero = fs_v8_splat(0.0), inf = fs_v8_splat(HUGE_VAL), k, f, scale;
    fs_v8 u = 1.0 + x, back = u - 1.0;
    fs_v8 u_low = (1.0 - (u - back)) + (x - back);               /* u + u_low = 1 + x exactly */
    fs_v8_log_parts(u, &k, &f, &scale);
    fs_v8 g = fs_v8_select(fs_v8_gt(fs_v8_splat(0x1p60), x), u_low * scale, zero), F = f + g;
    fs_v8 y = fs_v8_log_sum(k, F, (f - F) + g);
    fs_v8 special = fs_v8_select(fs_v8_gt(-one, x), fs_v8_splat((double)NAN), fs_v8_select(fs_v8_eq(x, -one), -inf, x));
    return fs_v8_select(fs_v8_gt(x, -one) & fs_v8_gt(inf, x) & ~fs_v8_eq(x, zero), y, special);
}

/* --- softplus and its derivative --------------------------------------------------------- */

/* e^(-a) = e + e_low for a >= 0, NaN included. */
FS_VEC void fs_v8_decay(fs_v8 a, fs_v8 *e, fs_v8 *e_low)
{
    fs_v8 limit = fs_v8_splat(746.0), p, p_low;
    fs_v8u scale;
    a = fs_v8_select(fs_v8_gt(a, limit), limit, a);
    fs_v8_exp_parts(-1.0, a, &scale, &p, &p_low);
    fs_v8 y = 1.0 + p;
    *e = fs_v8_scale(y, scale);
    *e_low = fs_v8_scale(((1.0 - y) + p) + p_low, scale);
}

/* log(1 + e^x) = max(x, 0) + log1p(e^-|x|) */
FS_VEC fs_v8 fs_v8_softplus(fs_v8 x)
{
    fs_v8 e, e_low, k, f, scale;
    fs_v8_decay(fs_v8_abs(x), &e, &e_low);
    fs_v8 u = 1.0 + e, u_low = (1.0 - u) + e;
    fs_v8_log_parts(u, &k, &f, &scale);
    fs_v8 g = u_low * scale, F = f + g;
    fs_v8 y = fs_v8_log_sum(k, F, ((f - F) + g) + e_low * scale);
    return fs_v8_max(x, fs_v8_splat(0.0)) + y;
}

/* 1 / (1 + e^-x), the derivative of softplus: N / D with D = 1 + e, e = e^-|x|, and N = 1 (x > 0) or e.
 *
 * The quotient is corrected as in tanh, with 1/D = q or 1 - q. */
FS_VEC fs_v8 fs_v8_logistic(fs_v8 x)
{
    fs_v8 e, e_low, one = fs_v8_splat(1.0), zero = fs_v8_splat(0.0);
    fs_v8i positive = fs_v8_gt(x, zero);
    fs_v8_decay(fs_v8_abs(x), &e, &e_low);
    fs_v8 N = fs_v8_select(positive, one, e), N_l = fs_v8_select(positive, zero, e_low);
    fs_v8 D = 1.0 + e, q = N / D;
    fs_v8 D_h = fs_v8_head(D), D_l = ((1.0 - D_h) + e) + e_low;
    fs_v8 q_h = fs_v8_head(q);
    fs_v8 rest = ((N - q_h * D_h) - q_h * D_l) + N_l;
    return q_h + rest * fs_v8_select(positive, q, 1.0 - q);
}

/* --- sine and cosine ----------------------------------------------------------------------- */

/* Beyond this the reduction below would lose digits: those lanes are left to the C library. */
#define FS_VEC_TRIG_LIMIT 0x1p17

/* a = k pi/2 + r + r_low,  |r| <= pi/4 (1 + 2^-30),  for 0 <= a <= 2^17.
 *
 * pi/2 in parts of 36, 36, 36 and 53 bits: k has 17, so the first three products are exact. */
FS_VEC void fs_v8_trig_parts(fs_v8 a, fs_v8u *quadrant, fs_v8 *r, fs_v8 *r_low)
{
    fs_v8 t = a * 0x1.45f306dc9c883p-1 + FS_VEC_ROUND;
    fs_v8 k = t - FS_VEC_ROUND;
    fs_v8 u = a - k * 0x1.921fb54440000p+0;                                    /* exact */
    fs_v8 b = k * 0x1.68c234c4c0000p-39;
    fs_v8 v = u - b, v_u = v + b, v_low = (u - v_u) - (b - (v_u - v));         /* u - b = v + v_low */
    fs_v8 c = k * 0x1.98a2e03700000p-77;
    fs_v8 w = v - c, w_v = w + c, w_low = (v - w_v) - (c - (w_v - w));
    fs_v8 low = (v_low + w_low) - k * 0x1.cd129024e088ap-115;
    *r = w + low;
    *r_low = (w - *r) + low;
    *quadrant = (fs_v8u)t & 3;
}

/* sin(r + r_low) and cos(r + r_low);  remainders below 2^-57 |r| and 2^-59 on |r| <= pi/4. */
FS_VEC fs_v8 fs_v8_sin_small(fs_v8 r, fs_v8 r_low)
{
    fs_v8 z = r * r, z2 = z * z;
    fs_v8 S01 = -0x1.5555555555555p-3 + z * 0x1.1111111111110p-7;
    fs_v8 S23 = -0x1.a01a01a019936p-13 + z * 0x1.71de3a54605eep-19;
    fs_v8 S45 = -0x1.ae6454126638cp-26 + z * 0x1.61217ec01840fp-33;
    fs_v8 S = S01 + z2 * (S23 + z2 * (S45 + z2 * -0x1.ab17a792c9454p-41));
    return r + (r * (z * S) + r_low * (1.0 - 0.5 * z));
}

FS_VEC fs_v8 fs_v8_cos_small(fs_v8 r, fs_v8 r_low)
{
    fs_v8 z = r * r, z2 = z * z, h = 0.5 * z, w = 1.0 - h;
    fs_v8 C01 = 0x1.5555555555555p-5 + z * -0x1.6c16c16c16966p-10;
    fs_v8 C23 = 0x1.a01a019f4e867p-16 + z * -0x1.27e4fa17a41bfp-22;
    fs_v8 C45 = 0x1.1eeb68b109cf5p-29 + z * -0x1.907d7aec5a8a3p-37;
    fs_v8 C = C01 + z2 * (C23 + z2 * C45);
    return w + (((1.0 - w) - h) + (z2 * C - r * r_low));
}

/* sin(a + turn pi/2) for 0 <= a <= 2^17 or NaN */
FS_VEC fs_v8 fs_v8_sin_turned(fs_v8 a, uint64_t turn)
{
    fs_v8 r, r_low;
    fs_v8u quadrant;
    fs_v8_trig_parts(a, &quadrant, &r, &r_low);
    quadrant = quadrant + turn;
    fs_v8i odd = (fs_v8i)(0 - (quadrant & 1));
    fs_v8 y = fs_v8_select(odd, fs_v8_cos_small(r, r_low), fs_v8_sin_small(r, r_low));
    return (fs_v8)((fs_v8u)y ^ ((quadrant & 2) << 62));
}

/* True when some lane lies beyond the limit (NaN does not). */
FS_VEC int fs_v8_trig_beyond(fs_v8 a)
{
    fs_v8i far = fs_v8_gt(a, fs_v8_splat(FS_VEC_TRIG_LIMIT));
    return ((far[0] | far[1] | far[2] | far[3]) | (far[4] | far[5] | far[6] | far[7])) != 0;
}

/* sin x; lanes with |x| > 2^17 are computed one by one by the C library (NaN at infinity). */
FS_VEC fs_v8 fs_v8_sin(fs_v8 x)
{
    fs_v8 a = fs_v8_abs(x), y = fs_v8_sin_turned(a, 0);
    if (fs_v8_trig_beyond(a))
        for (int i = 0; i < FS_LANES; i++)
            if (a[i] > FS_VEC_TRIG_LIMIT) y[i] = sin(a[i]);
    return (fs_v8)((fs_v8u)y ^ ((fs_v8u)x & UINT64_C(0x8000000000000000)));
}

/* cos x; lanes with |x| > 2^17 are computed one by one by the C library (NaN at infinity). */
FS_VEC fs_v8 fs_v8_cos(fs_v8 x)
{
    fs_v8 a = fs_v8_abs(x), y = fs_v8_sin_turned(a, 1);
    if (fs_v8_trig_beyond(a))
        for (int i = 0; i < FS_LANES; i++)
            if (a[i] > FS_VEC_TRIG_LIMIT) y[i] = cos(a[i]);
    return y;
}

#endif
