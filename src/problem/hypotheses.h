/* problem/hypotheses.h -- what the theorems assume, measured on one model
 *
 *   compatibility      |[Pi_L, Pi_G]| = 0                                          [H3]
 *   invariance_of_L    rho(g) L = L                                                (sufficient for H3)
 *   nonlinearity       sigma_i(rho z) = rho sigma_i(z)                             [H1]
 *   loss               l(rho u, rho v) = l(u, v)                                   [H2]
 *   representation     rho(g) rho(h) = rho(g h), rho(g)^T rho(g) = 1               [H4]
 *   measure            the augmentation averages as Haar measure does              [H5], see measure.h
 *   equivariant_space  E by constraints, by the Reynolds average and by characters is the same
 *   parametrisation    Pi_N M Pi_E = 0, M = B B^T, where gradient descent moves v of A = A* + B v; B = 1 unless the model says otherwise
 *
 * Random points come from a stream of their own with a fixed seed: a model file always gives the same numbers.  A violated
 * hypothesis is a result, not an error.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_PROBLEM_HYPOTHESES_H
#define FS_PROBLEM_HYPOTHESES_H

#include "problem/problem.h"

/* The hypotheses in the order reports list them: the name of the i-th, and its record unless record is NULL. */
enum { FS_HYPOTHESIS_COUNT = 8 };
const char *fs_hypothesis_at(const fs_hypotheses *h, size_t i, const fs_hypothesis **record);

/* Measures all of them; p has everything but its hypotheses. */
fs_status fs_hypotheses_measure(fs_hypotheses *h, const fs_problem *p, fs_err *err);

/* The text of fs_problem_warning, "" when there is nothing to say; costs at most two gradients. */
fs_status fs_vacuity_measure(const fs_problem *p, char *text, size_t size, fs_err *err);

/* The group's name in a sentence: "C4", "the generated group". */
const char *fs_group_in_words(const fs_group *G);

/* At most `most` (>= 1) different points of the group: all of them, or the identity, the generators and others evenly spread over the list of
 * points.  element (most); returns how many. */
size_t fs_elements_spread(const fs_group *G, size_t most, size_t *element);

#endif
