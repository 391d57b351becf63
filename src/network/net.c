/* network/net.c -- a network as others see it: shapes, weights, application
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "network/net.h"

#include <stdlib.h>

#include "network/pass.h"
#include "network/plan.h"

fs_status fs_net_create(fs_net **out, fs_shape input, const fs_layer_spec *layers, size_t count, fs_err *err)
{
    return fs_plan_create(out, input, layers, count, fs_isa_best(), 1, err);
}

fs_status fs_net_create_isa(fs_net **out, fs_shape input, const fs_layer_spec *layers, size_t count, fs_isa isa, fs_err *err)
{
    return fs_plan_create(out, input, layers, count, isa, 1, err);
}

fs_isa fs_net_isa(const fs_net *net)
{
    return net->isa;
}

size_t fs_net_layers(const fs_net *net)
{
    return net->layers;
}

fs_shape fs_net_shape(const fs_net *net, size_t stage)
{
    return net->shape[stage];
}

size_t fs_net_inputs(const fs_net *net)
{
    return fs_features(net->shape[0]);
}

size_t fs_net_outputs(const fs_net *net)
{
    return fs_features(net->shape[net->layers]);
}

size_t fs_net_parameters(const fs_net *net)
{
    return net->parameters;
}

size_t fs_net_blocks(const fs_net *net, const fs_weight_block **blocks)
{
    *blocks = net->block;
    return net->blocks;
}

fs_status fs_net_apply(const fs_net *net, const double *A, size_t n, const double *x, double *z, fs_err *err)
{
    fs_shape in = net->shape[0];
    size_t outputs = fs_net_outputs(net), plane = net->logits.plane;
    fs_frame f = { .base = { NULL } };
    double *packed = fs_calloc_aligned(net->packed, sizeof *packed);
    fs_status status = FS_OK;
    for (size_t a = 0; a < FS_ARENAS; a++)
        if (!(f.base[a] = fs_calloc_aligned(net->arena_size[a], sizeof(fs_v8))) || !packed) {
            status = fs_fail(err, FS_ENOMEM, "scratch to apply a network");
            goto out;
        }
    fs_pass_pack(net, A, packed);
    for (size_t first = 0; first < n; first += FS_LANES) {
        fs_plan_load(n, in.channels, fs_pixels(in), x, first, net->input.stride, fs_at(&f, net->input, 0));
        fs_pass_input(net, &f, 1);
        fs_pass_forward(net, &f, 1, packed);
        const double *logits = (const double *)fs_at(&f, net->logits, 0);
        for (size_t l = 0; l < FS_LANES && first + l < n; l++)
            for (size_t j = 0; j < outputs; j++) {
                size_t at = j / plane * net->logits.stride + j % plane;
                z[(first + l) * outputs + j] = logits[at * FS_LANES + l];
            }
    }
out:
    for (size_t a = 0; a < FS_ARENAS; a++) free(f.base[a]);
    free(packed);
    return status;
}

fs_status fs_net_apply_layer(const fs_net *net, size_t layer, const double *A, const double *x, double *y, fs_err *err)
{
    fs_net *alone;
    if (layer >= net->layers)
        return fs_fail(err, FS_EINPUT, "expected a layer below %zu, found %zu", net->layers, layer);
    const double *weights = NULL;
    for (size_t b = 0; b < net->blocks; b++)
        if (net->block[b].layer == layer) {
            if (!A) return fs_fail(err, FS_EINPUT, "layer %zu, %s: expected weights, found none", layer, net->block[b].kind);
            weights = A + net->block[b].offset;
        }
    FS_TRY(fs_plan_create(&alone, net->shape[layer], &net->spec[layer], 1, net->isa, 0, err));
    fs_status status = fs_net_apply(alone, weights, 1, x, y, err);
    fs_net_destroy(alone);
    return status;
}
