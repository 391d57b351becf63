/* algebra/irreducible.h -- real irreducible representations and isotypic decompositions
 *
 * The complex irreducible characters of a finite group are the common eigenvectors of the class algebra; phi and its conjugate, or
 * phi twice, make one real irreducible according to the Frobenius-Schur indicator
 *
 *   iota = int phi(g^2) dmu = 1: real type, 0: complex type, -1: quaternionic type;     <chi, chi> = 1, 2, 4 for real characters chi
 *
 * Continuous groups: SO(2) trivial and frequency k >= 1 (complex type); O(2) trivial, sign and frequency k (real type); SO(3) degree l, O(3)
 * degree l and parity (real type).  A representation rho contains chi with multiplicity <chi_rho, chi> / <chi, chi>.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_ALGEBRA_IRREDUCIBLE_H
#define FS_ALGEBRA_IRREDUCIBLE_H

#include "algebra/rep.h"

/* <chi, chi>: the dimension of the commutant over R. */
typedef enum { FS_TYPE_REAL = 1, FS_TYPE_COMPLEX = 2, FS_TYPE_QUATERNIONIC = 4 } fs_type;
const char *fs_type_name(fs_type type);         /* "real", "complex", "quaternionic" */

/* One real irreducible. */
typedef struct {
    char name[48];              /* a known name ("trivial", "sign", "rotation:2", "standard", "sign@1", "harmonic:2", "harmonic:2 x sign") where there is one,
                                 * else "irrep:k", k the index in the list from 0 */
    size_t dim;                 /* real dimension */
    fs_type type;
    size_t degree;              /* continuous groups; 0 for finite ones */
    double indicator;           /* measured iota, before rounding */
    double *character;          /* (points) */
} fs_irreducible;

/* Plain after creation; ordered: trivial first, then by dimension, then by character values (decreasing, class by class). */
typedef struct {
    const fs_group *G;          /* borrowed */
    size_t count;
    fs_irreducible *irreducible;
    size_t largest_degree;      /* continuous groups: degrees up to this are listed; SIZE_MAX for finite ones: all are */
} fs_irreducibles;

/* All real irreducibles of an enumerated group with at most 1024 conjugacy classes (FS_EINPUT otherwise), or those of a continuous group
 * (not a product) of degree up to `degree`, at most half the degree of the Haar nodes (FS_EINPUT).  Verified: orthogonality of the characters, for
 * finite groups sum of dim^2 / <chi, chi> = order. */
fs_status fs_irreducibles_create(fs_irreducibles **out, const fs_group *G, size_t degree, fs_err *err);
void fs_irreducibles_destroy(fs_irreducibles *table);

/* Matrices (points, dim, dim) of the k-th irreducible of an enumerated group with at most 1024 elements, from an eigenspace of a random right convolution on
 * the regular representation; orthogonal and a homomorphism to rounding.  Caller frees *matrix. */
fs_status fs_irreducible_matrices(const fs_irreducibles *table, size_t k, double **matrix, fs_err *err);

/* Multiplicities of a real character chi (points) in the listed irreducibles: m[k] = <chi, chi_k> / <chi_k, chi_k> as measured (near whole numbers);
 * the inner product is over the group's Haar weights, so for continuous groups m[k] means something where the degrees of chi and chi_k sum to at
 * most fs_group_haar_degree.  m (count). */
void fs_irreducibles_multiplicities(const fs_irreducibles *table, const double *chi, double *m);

/* The isotypic projection: y = P_k x, P_k = (dim / <chi, chi>) sum_g haar[g] chi(g^-1) rho(g).  x, y (dim rho), no
 * overlap.  FS_EINPUT where the Haar nodes are not exact for rho and the irreducible. */
fs_status fs_isotypic_apply(const fs_irreducibles *table, size_t k, const fs_rep *rho, const double *x, double *y, fs_err *err);

#endif
