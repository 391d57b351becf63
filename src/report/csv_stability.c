/* report/csv_stability.c -- spectrum.csv, path.csv, critical.csv, scan.csv, and the weights of stationary points
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/stability.h"

#include "base/files.h"
#include "report/csv.h"
#include "report/text.h"

#include <inttypes.h>
#include <stdlib.h>

/* --- spectrum ---------------------------------------------------------------------------- */

static void block_rows(FILE *stream, size_t point, const fs_spectrum_block *b)
{
    for (size_t i = 0; i < b->count; i++) {
        char name[sizeof b->name];
        fprintf(stream, "%zu,%s,%zu", point, fs_text_line(b->name, sizeof name, name), i + 1);
        fs_csv_columns(stream, 2, (const double[]){ b->value[i], b->error[i] });
        fprintf(stream, ",%zu\n", b->copies);
    }
}

fs_status fs_csv_write_spectrum(const char *path, const fs_report_head *head, const fs_stability *s, fs_err *err)
{
    static const char header[] =
        "# point: as in the report, from 1; index: from the lowest of the block, from 1\n"
        "# block: E, N: the Hessian without gamma; L: with gamma on N; else the irreducible\n"
        "# eigenvalue: in units of the risk over squared weights; error: eigenvalue +- error holds an eigenvalue\n"
        "# copies: how often the eigenvalue counts, the dimension of the irreducible\n"
        "point,block,index,eigenvalue,error,copies\n";
    fs_output *o;
    FILE *stream;
    char number[FS_TEXT_NUMBER], line[sizeof s->point->verdict];
    FS_TRY(fs_csv_begin(&o, &stream, path, head, s->stopped, err));
    fprintf(stream, "# flow: %s\n# gamma: %s\n", fs_flow_name(s->kind), fs_number_format(s->gamma, number));
    for (size_t i = 0; i < s->n_points; i++)
        fprintf(stream, "# point %zu: %s\n", i + 1, fs_text_line(s->point[i].verdict, sizeof line, line));
    fputs(header, stream);
    for (size_t i = 0; i < s->n_points; i++) {
        const fs_spectrum *S = s->point[i].spectrum;
        if (!S) continue;
        block_rows(stream, i + 1, &S->E);
        block_rows(stream, i + 1, &S->N);
        if (S->whole.name[0]) block_rows(stream, i + 1, &S->whole);
        for (size_t b = 0; b < S->n_blocks; b++) block_rows(stream, i + 1, &S->block[b]);
    }
    return fs_output_commit(o, err);
}

fs_status fs_csv_write_path(const char *path, const fs_report_head *head, const fs_stability *s, fs_err *err)
{
    static const char header[] =
        "# along the path X(t) in E that leads to the first point, at gamma = 0; with gamma every exponent is smaller by gamma\n"
        "# lambda_min: lowest eigenvalue of H_N(X(t)); exponent: finite-time exponents across E, largest first\n"
        "t,risk,lambda_min,lambda_error";
    const fs_stability_path *p = &s->path;
    fs_output *o;
    FILE *stream;
    char number[FS_TEXT_NUMBER], line[sizeof p->note];
    FS_TRY(fs_csv_begin(&o, &stream, path, head, s->stopped, err));
    if (p->note[0]) fprintf(stream, "# note: %s\n", fs_text_line(p->note, sizeof line, line));
    fputs(header, stream);
    for (size_t k = 0; k < p->exponents; k++) fprintf(stream, ",exponent_%zu", k + 1);
    fputc('\n', stream);
    for (size_t i = 0; i < p->n; i++) {
        fputs(fs_number_format(p->t[i], number), stream);
        fs_csv_columns(stream, 3, (const double[]){ p->risk[i], p->lambda_min[i], p->lambda_error[i] });
        if (p->exponents) fs_csv_columns(stream, p->exponents, p->exponent + i * p->exponents);
        fputc('\n', stream);
    }
    return fs_output_commit(o, err);
}

/* --- critical ------------------------------------------------------------------------------ */

fs_status fs_csv_write_critical(const char *path, const fs_report_head *head, const fs_critical *c, fs_err *err)
{
    static const char header[] =
        "# gamma_critical: the lowest gamma found from which on everything scanned is attracted; escaped at bracket_low, attracted at bracket_high\n"
        "# tube, ray, lambda, bernoulli, paper: gammas that suffice; c, M3, K: the constants behind them\n"
        "distance,seed,gamma_critical,bracket_low,bracket_high,monotone,tube,ray,lambda,bernoulli,paper,decided,c,c_error,M3,K,risk_start,runs\n";
    fs_output *o;
    FILE *stream;
    char number[FS_TEXT_NUMBER];
    FS_TRY(fs_csv_begin(&o, &stream, path, head, c->stopped, err));
    fprintf(stream, "# gamma_equilibrium: %s\n", fs_number_format(c->gamma_critical, number));
    fprintf(stream, "# gamma_gen: %s\n", fs_number_format(c->gamma_gen, number));
    fprintf(stream, "# gamma_all: %s\n", fs_number_format(c->gamma_all, number));
    fputs(header, stream);
    for (size_t i = 0; i < c->n_starts; i++) {
        const fs_critical_start *s = &c->start[i];
        fprintf(stream, "%s,%" PRIu64, fs_number_format(s->distance, number), s->seed);
        fs_csv_columns(stream, 3, (const double[]){ s->gamma_critical, s->bracket[0], s->bracket[1] });
        fprintf(stream, ",%d", s->monotone != 0);
        fs_csv_columns(stream, 5, (const double[]){ s->bound.tube, s->bound.ray, s->bound.lambda, s->bound.bernoulli, s->bound.paper });
        fprintf(stream, ",%d", s->decided != 0);
        fs_csv_columns(stream, 5, (const double[]){ s->c, s->c_error, s->M3, s->K, s->risk_start });
        fprintf(stream, ",%zu\n", s->n_runs);
    }
    return fs_output_commit(o, err);
}

fs_status fs_csv_write_scan(const char *path, const fs_report_head *head, const fs_critical *c, fs_err *err)
{
    static const char header[] =
        "# one row a run of the augmented flow; t, distance_end, speed: where it ended; margin: gamma + lambda_min(H_N(X)) there\n"
        "# confirmed: a second solver family agreed (ends of brackets only)\n"
        "distance,seed,gamma,outcome,t,distance_end,margin,margin_error,speed,confirmed,steps\n";
    fs_output *o;
    FILE *stream;
    char number[FS_TEXT_NUMBER];
    FS_TRY(fs_csv_begin(&o, &stream, path, head, c->stopped, err));
    fputs(header, stream);
    for (size_t i = 0; i < c->n_starts; i++)
        for (size_t j = 0; j < c->start[i].n_runs; j++) {
            const fs_attraction *r = &c->start[i].run[j];
            fprintf(stream, "%s,%" PRIu64, fs_number_format(c->start[i].distance, number), c->start[i].seed);
            fprintf(stream, ",%s,%s", fs_number_format(r->gamma, number), fs_attraction_name(r->outcome));
            fs_csv_columns(stream, 5, (const double[]){ r->t, r->distance, r->margin, r->margin_error, r->speed });
            fprintf(stream, ",%d,%ld\n", r->confirmed != 0, r->steps);
        }
    return fs_output_commit(o, err);
}

/* --- weights --------------------------------------------------------------------------------- */

fs_status fs_weights_write_stability(fs_folder *folder, const fs_stability *s, fs_err *err)
{
    const fs_basis *basis = fs_problem_basis(s->problem);
    double *A = fs_calloc(basis->n_par, sizeof *A);
    if (!A) return fs_fail(err, FS_ENOMEM, "%zu weights", basis->n_par);
    fs_status status = FS_OK;
    for (size_t i = 0; i < s->n_points && status == FS_OK; i++) {
        const char *file;
        char name[40];
        if (!s->point[i].at || !s->point[i].at->w) continue;
        snprintf(name, sizeof name, "point_%zu.npy", i + 1);
        fs_basis_expand(basis, s->point[i].at->w, A);
        status = fs_folder_file(folder, name, &file, err);
        if (status == FS_OK) status = fs_npy_write(file, 1, &basis->n_par, A, err);
    }
    free(A);
    return status;
}
