/* integrate/lapack_solver.h -- LAPACK's LU as a SUNDIALS linear solver
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_INTEGRATE_LAPACK_SOLVER_H
#define FS_INTEGRATE_LAPACK_SOLVER_H

#include <sundials/sundials_linearsolver.h>

/* Direct solver for SUNDenseMatrix of the length of w; NULL when memory is short.  Freed by SUNLinSolFree. */
SUNLinearSolver fs_lapack_solver(N_Vector w, SUNContext sun);

#endif
