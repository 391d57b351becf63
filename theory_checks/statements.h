/* theory_checks/statements.h -- the records, one a file of the same name
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_CHECK_STATEMENTS_H
#define FS_CHECK_STATEMENTS_H

#include "check.h"

extern const fs_statement fs_statement_key_lemma, fs_statement_lemma_3_11_gradient, fs_statement_lemma_3_11_hessian, fs_statement_compatibility,
    fs_statement_fact_a, fs_statement_fact_b, fs_statement_theorem_1_1_field, fs_statement_theorem_1_1_trajectories, fs_statement_theorem_1_2,
    fs_statement_theorem_2, fs_statement_theorem_2_converse, fs_statement_theorem_3_identity, fs_statement_theorem_3_chain, fs_statement_theorem_3_rate,
    fs_statement_theorem_3_ladder, fs_statement_remark_1_plateau, fs_statement_remark_1_comparison, fs_statement_remark_2, fs_statement_remark_2_basin,
    fs_statement_ensemble;

#endif
