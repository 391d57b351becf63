/* base/isa.c -- which clone of the vector kernels runs
 *
 * FS_HAVE_AVX2 and FS_HAVE_AVX512 say which clones the build contains.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/isa.h"

int fs_isa_available(fs_isa isa)
{
    switch (isa) {
    case FS_ISA_BASELINE:
        return 1;
#ifdef FS_HAVE_AVX2
    case FS_ISA_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
#ifdef FS_HAVE_AVX512
    case FS_ISA_AVX512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
               && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")
               && __builtin_cpu_supports("fma");
#endif
    default:
        return 0;
    }
}

fs_isa fs_isa_best(void)
{
    if (fs_isa_available(FS_ISA_AVX512)) return FS_ISA_AVX512;
    return fs_isa_available(FS_ISA_AVX2) ? FS_ISA_AVX2 : FS_ISA_BASELINE;
}

const char *fs_isa_name(fs_isa isa)
{
    static const char *const name[] = { "baseline", "avx2", "avx512" };
    return (unsigned)isa < FS_ISA_COUNT ? name[isa] : "unknown";
}
