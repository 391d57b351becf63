/* observe/spectrum_private.h -- what the dense and the Krylov way to a spectrum share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_OBSERVE_SPECTRUM_PRIVATE_H
#define FS_OBSERVE_SPECTRUM_PRIVATE_H

#include "observe/spectrum.h"

/* One computation. */
typedef struct {
    const fs_problem *p;
    fs_flow *f;
    const double *w;
    const fs_spectrum_options *o;
    fs_spectrum *s;
    size_t n, E, N;             /* dim L, dim E, dim N */
} fs_spectrum_work;

/* Asks the watch; s->stopped from then on. */
int fs_spectrum_stopped(fs_spectrum_work *k, const char *stage);
/* "spectrum on N, sign" for a block of N, "spectrum on E" for others; stage (96). */
void fs_spectrum_stage(const fs_spectrum_block *b, char *stage);
/* One more sentence of s->note. */
void fs_spectrum_say(fs_spectrum *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What rounding leaves of an eigenvalue of a matrix of this norm: (dim L + 16) u norm; the 16 are those of an entry of the Hessian. */
double fs_spectrum_rounding(const fs_spectrum_work *k, double norm);

/* A block of which nothing is known yet. */
void fs_spectrum_name_block(fs_spectrum_block *b, const char *name, size_t dim, size_t copies, int type);
fs_status fs_spectrum_allocate_block(fs_spectrum_block *b, size_t count, fs_err *err);
/* All eigenvalues of block b, whose dim, name and copies are set, from its matrix M (dim, dim), rows of length ld.  error: of every eigenvalue.  The eigenvector
 * of the lowest is U^T v at coordinate `first` of L: U (dim, columns), or NULL for the unit vectors. */
fs_status fs_spectrum_solve_block(const fs_spectrum_work *k, fs_spectrum_block *b, const double *M, size_t ld, const double *U, size_t columns,
                                  size_t first, double error, fs_err *err);

/* E once more, under the name of the trivial irreducible that b has. */
fs_status fs_spectrum_copy_E(const fs_spectrum_work *k, fs_spectrum_block *b, fs_err *err);

/* Names and sizes of s->block, or none and a note saying why.  Row number of each block in the table of irreducibles: table_index (n_blocks). */
fs_status fs_spectrum_list_blocks(fs_spectrum_work *k, size_t **table_index, fs_err *err);
/* s->n_blocks = 0. */
void fs_spectrum_unlist_blocks(fs_spectrum *s);
/* U (dim of the block, dim N): an orthonormal basis of the block in the coordinates y of N; index: its row in the table of irreducibles.
 * *found = 0 and a note where the block has another dimension or the projection is not to be had. */
fs_status fs_spectrum_block_basis(fs_spectrum_work *k, const fs_spectrum_block *b, size_t index, double *U, int *found, fs_err *err);
/* Numbers that one isotypic projection moves. */
double fs_spectrum_projection_work(const fs_spectrum_work *k);

/* The two ways; both leave s complete or with what is known. */
fs_status fs_spectrum_dense(fs_spectrum_work *k, fs_err *err);
fs_status fs_spectrum_lanczos(fs_spectrum_work *k, fs_err *err);

#endif
