/* network/kinds.c -- the kinds of layers, one row each; built once for each instruction set
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "network/layer.h"

extern const fs_product_kernels FS_ISA_NAME(fs_product_kernels);
/* One list makes the declarations and the table. */
#define KINDS(X)                                                                \
    X(conv) X(dense) X(pool) X(mean) X(norm) X(features) X(rms)                 \
    X(tanh) X(softplus) X(identity) X(square) X(sin) X(polynomial)              \
    X(constant) X(radial) X(gated) X(invariants)

#define DECLARED(word) extern const fs_layer_kind FS_ISA_NAME(fs_layer_##word);
#define ROW(word) &FS_ISA_NAME(fs_layer_##word),

KINDS(DECLARED)

static const fs_layer_kind *const kinds[] = { KINDS(ROW) NULL };

const fs_kernels FS_ISA_NAME(fs_kernels) = { kinds, &FS_ISA_NAME(fs_product_kernels) };
