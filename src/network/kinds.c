/* network/kinds.c -- the kinds of layers, one row each; built once for each instruction set
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "network/layer.h"

extern const fs_product_kernels FS_ISA_NAME(fs_product_kernels);
extern const fs_layer_kind FS_ISA_NAME(fs_layer_conv), FS_ISA_NAME(fs_layer_dense), FS_ISA_NAME(fs_layer_pool),
    FS_ISA_NAME(fs_layer_norm), FS_ISA_NAME(fs_layer_tanh), FS_ISA_NAME(fs_layer_softplus),
    FS_ISA_NAME(fs_layer_identity), FS_ISA_NAME(fs_layer_square), FS_ISA_NAME(fs_layer_sin);

static const fs_layer_kind *const kinds[] = {
    &FS_ISA_NAME(fs_layer_conv), &FS_ISA_NAME(fs_layer_dense), &FS_ISA_NAME(fs_layer_pool),
    &FS_ISA_NAME(fs_layer_norm), &FS_ISA_NAME(fs_layer_tanh), &FS_ISA_NAME(fs_layer_softplus),
    &FS_ISA_NAME(fs_layer_identity), &FS_ISA_NAME(fs_layer_square), &FS_ISA_NAME(fs_layer_sin),
    NULL
};

const fs_kernels FS_ISA_NAME(fs_kernels) = { kinds, &FS_ISA_NAME(fs_product_kernels) };
