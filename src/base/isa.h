/* base/isa.h -- which clone of the vector kernels runs
 *
 * The kernels are built from the same sources for the compiler's baseline, AVX2 and AVX-512 (x86-64
 * only); the best one the processor supports is taken at run time and named in every report.
 * Between classes results differ in the last bits (fused multiply-add); within one they do not.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_BASE_ISA_H
#define FS_BASE_ISA_H

typedef enum { FS_ISA_BASELINE, FS_ISA_AVX2, FS_ISA_AVX512, FS_ISA_COUNT } fs_isa;

/* The best class that was compiled in and that this processor supports. */
fs_isa fs_isa_best(void);
int fs_isa_available(fs_isa isa);
const char *fs_isa_name(fs_isa isa);        /* "baseline", "avx2", "avx512" */

#endif
