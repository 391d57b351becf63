/* network/part.h -- a vector of 8 numbers in parts of one register (private to network/)
 *
 * gcc keeps types wider than a register in memory, so the loops that matter most go part by part.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_NETWORK_PART_H
#define FS_NETWORK_PART_H

#include "base/vec.h"

#if defined(__AVX512F__)
enum { FS_PART_BYTES = 64 };
#elif defined(__AVX2__)
enum { FS_PART_BYTES = 32 };
#else
enum { FS_PART_BYTES = 16 };
#endif

typedef double fs_part __attribute__((vector_size(FS_PART_BYTES), may_alias));

/* Parts of an fs_v8. */
enum { FS_PARTS = (int)(sizeof(fs_v8) / sizeof(fs_part)) };

#endif
