/* problem/embedded.h -- two IDX files compiled into the library: 100 Fashion-MNIST images and their labels
 *
 * The definitions are generated from models/data/fashion100-* by build-aux/embed.sh; models/data/README.md says
 * which images they are and under which licence.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_PROBLEM_EMBEDDED_H
#define FS_PROBLEM_EMBEDDED_H

#include <stddef.h>

extern const unsigned char fs_embedded_images[], fs_embedded_labels[];
extern const size_t fs_embedded_images_size, fs_embedded_labels_size;      /* bytes */

#endif
