/* algebra/isotypic.c -- multiplicities and isotypic projections
 *
 *   m_k = <chi, chi_k> / <chi_k, chi_k>                                            [Ser77, 2.3]
 *   P_k = (dim_k / <chi_k, chi_k>) sum_g haar[g] chi_k(g^-1) rho(g)                 [Ser77, 2.6]
 *
 * chi_k(g^-1) = chi_k(g): the representations are real and orthogonal.  For rho of degree p and chi_k of degree q the Haar nodes must be
 * exact to degree p + q.  A projection costs one application of rho a point.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/irreducible.h"

#include <stdlib.h>

void fs_irreducibles_multiplicities(const fs_irreducibles *table, const double *chi, double *m)
{
    const double *haar = fs_group_haar(table->G);
    size_t points = fs_group_points(table->G);
    for (size_t k = 0; k < table->count; k++) {
        const fs_irreducible *irreducible = table->irreducible + k;
        double sum = 0.0;
        for (size_t g = 0; g < points; g++) sum += haar[g] * chi[g] * irreducible->character[g];
        m[k] = sum / (double)irreducible->type;
    }
}

fs_status fs_isotypic_apply(const fs_irreducibles *table, size_t k, const fs_rep *rho, const double *x, double *y, fs_err *err)
{
    const fs_group *G = table->G;
    size_t n = fs_rep_dim(rho), points = fs_group_points(G), exact = fs_group_haar_degree(G), degree = fs_rep_degree(rho);
    if (fs_rep_group(rho) != G)
        return fs_fail(err, FS_EINPUT, "isotypic projection: expected a representation of %s, found one of %s", fs_group_name(G),
                       fs_group_name(fs_rep_group(rho)));
    if (k >= table->count) return fs_fail(err, FS_EINPUT, "isotypic projection: expected one of %zu irreducibles, found %zu", table->count, k);
    const fs_irreducible *chi = table->irreducible + k;
    if (degree > exact || chi->degree > exact - degree)
        return fs_fail(err, FS_EINPUT, "isotypic projection of %s on %s: expected degrees that sum to at most %zu, found %zu and %zu",
                       fs_rep_name(rho), chi->name, exact, degree, chi->degree);
    double *image = fs_calloc(n, sizeof *image);
    if (!image) return fs_fail(err, FS_ENOMEM, "a vector of %zu numbers", n);
    const double *haar = fs_group_haar(G);
    double scale = (double)chi->dim / (double)chi->type;
    fs_status status = FS_OK;
    for (size_t i = 0; i < n; i++) y[i] = 0.0;
    for (size_t g = 0; status == FS_OK && g < points; g++) {
        double w = scale * haar[g] * chi->character[g];
        if (w == 0.0) continue;
        status = fs_rep_apply(rho, g, x, image);
        for (size_t i = 0; i < n; i++) y[i] += w * image[i];
    }
    free(image);
    return status == FS_OK ? FS_OK : fs_fail(err, status, "isotypic projection of %s", fs_rep_name(rho));
}
