/* theory_checks/registry.c -- all statements, in the order of the theory
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "statements.h"

#include <string.h>

const fs_statement *const fs_statements[] = {
    &fs_statement_key_lemma,
    &fs_statement_lemma_3_11_gradient,
    &fs_statement_lemma_3_11_hessian,
    &fs_statement_compatibility,
    &fs_statement_fact_a,
    &fs_statement_fact_b,
    &fs_statement_theorem_1_1_field,
    &fs_statement_theorem_1_1_trajectories,
    &fs_statement_theorem_1_2,
    &fs_statement_theorem_2,
    &fs_statement_theorem_2_converse,
    &fs_statement_theorem_3_identity,
    &fs_statement_theorem_3_chain,
    &fs_statement_theorem_3_rate,
    &fs_statement_theorem_3_ladder,
    &fs_statement_remark_1_plateau,
    &fs_statement_remark_1_comparison,
    &fs_statement_remark_2,
    &fs_statement_remark_2_basin,
    &fs_statement_ensemble,
    NULL,
};

size_t fs_statement_count(void)
{
    return sizeof fs_statements / sizeof *fs_statements - 1;
}

const fs_statement *fs_statement_find(const char *id)
{
    for (size_t i = 0; fs_statements[i]; i++)
        if (strcmp(fs_statements[i]->id, id) == 0) return fs_statements[i];
    return NULL;
}
