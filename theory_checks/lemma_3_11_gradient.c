/* theory_checks/lemma_3_11_gradient.c -- differentiation under the average
 *
 *   grad R^aug(A) = sum_g mu_g rho(g)^-1 grad R(rho(g) A),  any A             [NF25, Lemma 3.11]
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "pulled_back.h"
#include "statements.h"

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    return fs_lemma_3_11(c, 0, found, err);
}

const fs_statement fs_statement_lemma_3_11_gradient = {
    .id = "lemma_3_11_gradient", .code = "Lg", .name = "Lemma 3.11, gradient",
    .claim = "grad R^aug(A) = int rho(g)^-1 grad R(rho(g) A) dg at every A",
    .source = "[NF25, Lemma 3.11]",
    .needs = FS_NEEDS_KEY_LEMMA,
    .measures = "the norm of the difference at random points of L, off E, the one that is largest against its budget",
    .budget = "128 u sum_g mu_g |grad R(rho(g) A)| + 16 times the scatter of both sides under moves by one unit in the last place",
    .controls = "one element g acts on the weights as the identity: the average moves by mu_g times the difference of two gradients on moved samples",
    .measure = measure,
};
