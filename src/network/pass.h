/* network/pass.h -- one group of chunks through the whole network (private to network/ and risk/)
 *
 * `weights` and `direction` are packed by fs_pass_pack; the gradient is vectors of lanes, added to, and
 * becomes numbers in fs_pass_collect.  Inputs and results stand in the tensors of the frame.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_NETWORK_PASS_H
#define FS_NETWORK_PASS_H

#include "network/layer.h"

/* packed (net->packed) from A in natural order. */
void fs_pass_pack(const fs_net *net, const double *A, double *packed);

/* Steps before the first weights, and its preparation: val[0] to the DATA arena. */
void fs_pass_input(const fs_net *net, const fs_frame *f, size_t chunks);

/* From DATA to the logits. */
void fs_pass_forward(const fs_net *net, const fs_frame *f, size_t chunks, const double *weights);

/* From logits_bar down; gradient may be NULL (derivatives by the stages only). */
void fs_pass_backward(const fs_net *net, const fs_frame *f, size_t chunks, const double *weights, fs_v8 *gradient);

/* The derivatives of both along a direction of the weights; KEPT and DATA as the passes above left them. */
void fs_pass_tangent(const fs_net *net, const fs_frame *f, size_t chunks, const double *weights, const double *direction);
void fs_pass_tangent_backward(const fs_net *net, const fs_frame *f, size_t chunks, const double *weights,
                              const double *direction, fs_v8 *gradient);

/* One entry of the weights: row and column of linear step `step`. */
typedef struct {
    size_t step, row, col;
} fs_unit;

/* The same along one entry of the weights, with KEPT and WORK as forward and backward left them, and TANGENT zero but for
 * what directions of the same step and row left.  The gradient is complete in rows >= unit.row of its step and in later steps. */
void fs_pass_unit(const fs_net *net, const fs_frame *f, size_t chunks, const double *weights, fs_unit unit);
void fs_pass_unit_backward(const fs_net *net, const fs_frame *f, size_t chunks, const double *weights, fs_unit unit,
                           fs_v8 *gradient);

/* out (natural order) from lane sums, for the entries that linear steps from `step` on use, in that step from `row` on. */
void fs_pass_collect(const fs_net *net, size_t step, size_t row, const fs_v8 *gradient, double *out);

#endif
