/* theory_checks/lemma_3_11_hessian.c -- differentiation twice under the average
 *
 *   Hess R^aug(A) v = sum_g mu_g rho(g)^-1 Hess R(rho(g) A) rho(g) v,  any A and v             [NF25, Lemma 3.11]
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "pulled_back.h"
#include "statements.h"

static fs_status measure(fs_check_context *c, fs_finding *found, fs_err *err)
{
    return fs_lemma_3_11(c, 1, found, err);
}

const fs_statement fs_statement_lemma_3_11_hessian = {
    .id = "lemma_3_11_hessian", .code = "LH", .name = "Lemma 3.11, Hessian",
    .claim = "Hess R^aug(A) = int rho(g)^-1 Hess R(rho(g) A) rho(g) dg at every A",
    .source = "[NF25, Lemma 3.11]",
    .needs = FS_NEEDS_KEY_LEMMA,
    .measures = "the Frobenius norm of the difference on the whole of H where it is small, else on random directions, at random points of L, off E",
    .budget = "128 u sum_g mu_g |Hess R(rho(g) A) v| + 16 times the scatter of both sides under moves by one unit in the last place",
    .controls = "one element g acts on the weights as the identity: the average moves by mu_g times the difference of two Hessians on moved samples",
    .measure = measure,
};
