/* network/tanh.h -- the kernels' tanh (private to network/)
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_NETWORK_TANH_H
#define FS_NETWORK_TANH_H

#include "base/vec.h"

/* tanh |x| = N / D = (1 - s - s p) / (1 + s + s p),  e^(-2 |x|) = s (1 + p), as in vec.h.  What N and D lost in rounding is put back
 * with 1/D = (1 + q) / 2; p and the quotient keep theirs: within 2 units in the last place, at three quarters of the time.  A quarter
 * of a small network's gradient is spent here. */
FS_VEC fs_v8 fs_quick_tanh(fs_v8 x)
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

#endif
