/* integrate/lapack_solver.c -- LAPACK's LU as a SUNDIALS linear solver
 *
 *   setup   P M = L U       dgetrf on the column-major data of a SUNDenseMatrix
 *   solve   M z = r         dgetrs
 *
 * Debian builds SUNDIALS without LAPACK; the library's own LU is more than ten times slower at a few hundred unknowns.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "integrate/lapack_solver.h"

#include <lapacke.h>
#include <stdlib.h>
#include <string.h>
#include <sunmatrix/sunmatrix_dense.h>

typedef struct {
    lapack_int n;
    lapack_int *pivot;
    sunindextype last;
} content;

static SUNLinearSolver_Type get_type(SUNLinearSolver S)
{
    (void)S;
    return SUNLINEARSOLVER_DIRECT;
}

static SUNLinearSolver_ID get_id(SUNLinearSolver S)
{
    (void)S;
    return SUNLINEARSOLVER_CUSTOM;
}

static int initialize(SUNLinearSolver S)
{
    ((content *)S->content)->last = SUNLS_SUCCESS;
    return SUNLS_SUCCESS;
}

static int setup(SUNLinearSolver S, SUNMatrix M)
{
    content *c = S->content;
    lapack_int info = LAPACKE_dgetrf(LAPACK_COL_MAJOR, c->n, c->n, SUNDenseMatrix_Data(M), c->n, c->pivot);
    c->last = info;
    return info == 0 ? SUNLS_SUCCESS : info > 0 ? SUNLS_LUFACT_FAIL : SUNLS_PACKAGE_FAIL_UNREC;
}

static int solve(SUNLinearSolver S, SUNMatrix M, N_Vector z, N_Vector r, sunrealtype tolerance)
{
    (void)tolerance;
    content *c = S->content;
    memcpy(N_VGetArrayPointer(z), N_VGetArrayPointer(r), (size_t)c->n * sizeof(double));
    lapack_int info = LAPACKE_dgetrs(LAPACK_COL_MAJOR, 'N', c->n, 1, SUNDenseMatrix_Data(M), c->n, c->pivot,
                                     N_VGetArrayPointer(z), c->n);
    c->last = info;
    return info == 0 ? SUNLS_SUCCESS : SUNLS_PACKAGE_FAIL_UNREC;
}

static sunindextype last_flag(SUNLinearSolver S)
{
    return ((content *)S->content)->last;
}

static int release(SUNLinearSolver S)
{
    if (!S) return SUNLS_SUCCESS;
    content *c = S->content;
    if (c) free(c->pivot);
    free(c);
    S->content = NULL;
    SUNLinSolFreeEmpty(S);
    return SUNLS_SUCCESS;
}

SUNLinearSolver fs_lapack_solver(N_Vector w, SUNContext sun)
{
    SUNLinearSolver S = SUNLinSolNewEmpty(sun);
    if (!S) return NULL;
    sunindextype n = N_VGetLength(w);
    content *c = calloc(1, sizeof *c);
    if (c) c->pivot = calloc((size_t)n, sizeof *c->pivot);
    if (!c || !c->pivot) {
        free(c);
        SUNLinSolFreeEmpty(S);
        return NULL;
    }
    c->n = (lapack_int)n;
    S->content = c;
    S->ops->gettype = get_type;
    S->ops->getid = get_id;
    S->ops->initialize = initialize;
    S->ops->setup = setup;
    S->ops->solve = solve;
    S->ops->lastflag = last_flag;
    S->ops->free = release;
    return S;
}
