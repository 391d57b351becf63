/* problem/isotypic.h -- TL and N as sums of real irreducible representations
 *
 *   TL = sum_k m_k V_k,   m_k = <chi_L, chi_k> / <chi_k, chi_k>;   N = TL minus TE has the same m_k but for the trivial one, m_0 - dim E = 0
 *
 * chi_L is needed at one element of every conjugacy class only; at the Haar nodes for a continuous group.       [Ser77, 2.3]
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_PROBLEM_ISOTYPIC_H
#define FS_PROBLEM_ISOTYPIC_H

#include "problem/problem.h"

/* Fills p's irreducibles, isotypic, n_isotypic; or none of them and isotypic_note, where there is no decomposition to be had.  p has its
 * hypotheses. */
fs_status fs_isotypic_measure(fs_problem *p, fs_err *err);

#endif
