/* report/head.c -- what every report says first
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/head.h"

void fs_report_head_fill(fs_report_head *head, const fs_problem *problem)
{
    const fs_group *G = fs_problem_group(problem);
    const fs_basis *basis = fs_problem_basis(problem);
    head->model = fs_problem_name(problem);
    head->path = fs_problem_path(problem);
    head->title = fs_problem_title(problem);
    head->source = fs_problem_source(problem);
    head->data_note = fs_problem_data_note(problem);
    head->text = fs_problem_text(problem);
    head->warning = fs_problem_warning(problem);
    head->group = fs_group_name(G);
    head->order = fs_group_order(G);
    head->rule = fs_group_rule_note(G);
    head->nodes = 0;
    for (size_t g = 0; g < fs_group_points(G); g++) head->nodes += fs_problem_measure(problem)[g] > 0.0;
    head->dim_E = basis->dim_E;
    head->dim_N = basis->dim_N;
    head->dim_L = basis->dim_E + basis->dim_N;
    head->parameters = basis->n_par;
    head->hypotheses = fs_problem_hypotheses(problem);
    head->theorems = fs_problem_theorems(problem);
    head->isotypic = fs_problem_isotypic(problem, &head->n_isotypic, &head->isotypic_note);
    head->isa = fs_isa_name(fs_isa_best());
}
