/* problem/theorems.h -- which statements apply to a model: a table of the hypotheses that each of them needs
 *
 *   Key lemma                               nonlinearity, loss, representation, measure            [H1, H2, H4, H5]
 *   Theorem 1.2                             these and compatibility                                [H3]
 *   Theorems 1.1, 2, 3 and Remark 2         these, compatibility and parametrisation
 *   Remark 1                                these, compatibility, parametrisation and invariance_of_L
 *   Ensemble theorem                        those of the key lemma, parametrisation and invariance_of_L
 *
 * All but the key lemma and the ensemble theorem speak of E: they are undecided where equivariant_space is violated, as two routes to E
 * that disagree mean that it was computed wrong.
 *
 * Theorem 3 also asks for bounds on derivatives of R^aug (c and M_3), which are not measured when a model is loaded: where its other
 * hypotheses hold it is undecided.
 *
 * Smoothness [H6] is not measured: every layer that a model can name is smooth.                   [NOF23, NF24, NF25]
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_PROBLEM_THEOREMS_H
#define FS_PROBLEM_THEOREMS_H

#include "problem/problem.h"

/* theorem (FS_THEOREM_COUNT): a statement applies as the worst of the hypotheses it needs (violated, then undecided, then holds), and
 * `because` is the first one as bad as that, with where it fails, or what else is open. */
void fs_theorems_judge(fs_theorem *theorem, const fs_hypotheses *h);

#endif
