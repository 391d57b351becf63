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
    head->nodes = head->order;
    head->dim_E = basis->dim_E;
    head->dim_N = basis->dim_N;
    head->dim_L = basis->dim_E + basis->dim_N;
    head->parameters = basis->n_par;
    head->hypotheses = fs_problem_hypotheses(problem);
    head->isa = fs_isa_name(fs_isa_best());
}

const char *fs_report_hypothesis(const fs_hypotheses *h, size_t i, const fs_hypothesis **record)
{
    const struct { const char *name; const fs_hypothesis *record; } row[FS_HYPOTHESIS_COUNT] = {
        { "compatibility",   &h->compatibility },
        { "invariance_of_L", &h->invariance_of_L },
        { "nonlinearity",    &h->nonlinearity },
        { "loss",            &h->loss },
        { "representation",  &h->representation },
        { "measure",         &h->measure },
    };
    if (record) *record = row[i].record;
    return row[i].name;
}
