/* theory_checks/figure.h -- what a suite found, as pictures
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_CHECK_FIGURE_H
#define FS_CHECK_FIGURE_H

#include "suite.h"

/* Statement by model, a symbol a cell, what is open or not as predicted outlined; below, the models that break one hypothesis, and the closed forms in
 * words.  Both fail as fs_figure_draw_run does. */
fs_status fs_figure_draw_matrix(fs_figure *out, fs_folder *folder, const fs_suite *s, const fs_figure_options *options, fs_err *err);
/* One model: what was measured beside its bound on a logarithmic axis, and the control, which must lie beyond; then what does not apply. */
fs_status fs_figure_draw_checks(fs_figure *out, fs_folder *folder, const fs_report_head *head, const fs_suite_row *row, const fs_figure_options *options,
                                fs_err *err);

#endif
