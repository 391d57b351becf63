/* problem/builder.h -- a network while it is put together, layer by layer (private to architecture.c, layers.c, features.c)
 *
 * A stage is channels at pixels: rho = rho_channels tensor rho_pixels, on a vector rho_channels alone.  The channels are a
 * direct sum of parts, the entries of the list that the model file gives, so that a nonlinearity can use some of them up.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_PROBLEM_BUILDER_H
#define FS_PROBLEM_BUILDER_H

#include "problem/parts.h"

/* How the group acts on channels; owns what it holds. */
typedef struct {
    fs_rep *rep;                    /* the sum of the parts */
    size_t count;
    fs_rep **part;
} features;

/* From a list of representations, whose errors have their place in it. */
fs_status fs_features_read(features *f, const fs_group *G, const fs_yaml *list, fs_err *err);
fs_status fs_features_trivial(features *f, const fs_group *G, size_t n, fs_err *err);
fs_status fs_features_regular(features *f, const fs_group *G, size_t copies, fs_err *err);
/* n trivial ones (none for 0) and the parts from the given one on of another. */
fs_status fs_features_tail(features *f, size_t n, const features *whole, size_t from, fs_err *err);
void fs_features_clear(features *f);

/* Do two representations act alike?  Compared on random vectors, for the generators and the Lie algebra. */
fs_status fs_same_action(const fs_rep *a, const fs_rep *b, int *same, fs_err *err);
/* acts[k] = 1 where factor k of the group does something to them, else 0; (factors of the group), likewise. */
fs_status fs_features_acting(const features *f, unsigned char *acts, fs_err *err);

typedef enum { FS_SPACE_VECTOR, FS_SPACE_IMAGE, FS_SPACE_SET } fs_space;

/* What a layer of the network has besides its spec; all owned. */
typedef struct {
    unsigned char *used;            /* conv: (size, size): 2 in the support, 1 in its orbit only */
    size_t *block;                  /* sizes of blocks of channels */
    double *coefficient;
    const fs_yaml *patterns;        /* conv: the support that is a span of patterns, or NULL */
} layer_parts;

typedef struct {
    fs_problem *p;
    const fs_model *model;
    fs_err *err;
    fs_space space;
    fs_shape input, shape;          /* of stage 0, and of the stage that the next layer acts on */
    features channels;              /* of that stage */
    fs_rep *pixels;                 /* of that stage; NULL on vectors */
    unsigned char *on_values;       /* (factors of the group) 1: acts on the channels of an image as input; NULL for others */
    size_t at;                      /* the layer of the model that is being added, */
    size_t n;                       /* and the layers of the network so far */
    size_t last_weights;            /* index in the model of the last layer with weights */
    int keeps_output;               /* behind it every layer keeps the representation */
    size_t weights;                 /* so far */
    size_t n_blocks;
    fs_layer_spec *spec;            /* (2 layers of the model), as are the next two: a bias is a layer */
    layer_parts *part;
    fs_rep **block;                 /* action on the weights of each block so far */
} builder;

/* Adds a layer of the model, which may be two of the network. */
fs_status fs_builder_add(builder *b, const fs_yaml *layer);
/* Sets the pixels' action for the current shape and rho of the current stage in p->stage[b->n]. */
fs_status fs_builder_pixels(builder *b);
fs_status fs_builder_stage(builder *b);
/* No stage is larger than FS_PROBLEM_STAGE_LIMIT. */
fs_status fs_builder_check_stage(const builder *b, const fs_yaml *at);

#endif
