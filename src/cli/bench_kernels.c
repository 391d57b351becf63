/* cli/bench_kernels.c -- gradient, Hessian-vector product and Hessian of R^aug against dgemm, in one run
 *
 * Every time is the smallest of many repetitions, the kinds taken in turn, so that a slow moment of the machine hits all of them; calls
 * that are short are timed in groups.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/bench.h"

#include "base/clock.h"
#include "base/rng.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>

static const double batch_s = 0.04, group_s = 0.001;

typedef struct {
    const fs_risk *risk;
    fs_risk_work *work, *work_threads;
    const double *A;
    double *v, *unit, *grad, *Hv;               /* (P) */
    double *H;                                  /* (P, P), NULL: too large */
    double *a, *b, *c;                          /* (FS_BENCH_DGEMM, FS_BENCH_DGEMM) */
    fs_status status;
} bench;

static void note(bench *k, fs_status status)
{
    if (k->status == FS_OK) k->status = status;
}

static void do_gradient(bench *k) { note(k, fs_risk_gradient(k->risk, k->A, NULL, k->grad, k->work)); }
static void do_keep(bench *k) { note(k, fs_risk_gradient_keep(k->risk, k->A, NULL, k->grad, k->work)); }
static void do_gradient_threads(bench *k) { note(k, fs_risk_gradient(k->risk, k->A, NULL, k->grad, k->work_threads)); }
static void do_product(bench *k) { note(k, fs_risk_hvp(k->risk, k->A, k->v, k->Hv, k->work)); }
static void do_hessian(bench *k) { note(k, fs_risk_hessian(k->risk, k->A, k->H, k->work)); }
static void do_row(bench *k)
{
    note(k, fs_risk_gradient_keep(k->risk, k->A, NULL, k->grad, k->work));
    note(k, fs_risk_hvp(k->risk, k->A, k->unit, k->Hv, k->work));
}
static void do_dgemm(bench *k)
{
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, FS_BENCH_DGEMM, FS_BENCH_DGEMM, FS_BENCH_DGEMM, 1.0, k->a, FS_BENCH_DGEMM, k->b,
                FS_BENCH_DGEMM, 0.0, k->c, FS_BENCH_DGEMM);
}

enum { GRADIENT, GRADIENT_THREADS, KEEP, PRODUCT, ROW, HESSIAN, DGEMM, KINDS };
static void (*const work_of[KINDS])(bench *) = { do_gradient, do_gradient_threads, do_keep, do_product, do_row, do_hessian, do_dgemm };

/* Seconds a call: the best of groups of calls that last group_s or a little more, taken for batch_s in all. */
static double batch(void (*work)(bench *), bench *k)
{
    long calls = 1;
    double best = (double)INFINITY, start = fs_wall_seconds(), now = start;
    while (now - start < batch_s) {
        double before = now;
        for (long i = 0; i < calls; i++) work(k);
        now = fs_wall_seconds();
        if (now - before < group_s) calls *= 2;
        else if ((now - before) / (double)calls < best) best = (now - before) / (double)calls;
    }
    return best < (double)INFINITY ? best : (now - start) / (double)calls;
}

/* A product follows the gradient that keeps its primal. */
static void take_turns(bench *k, int threads, double *best)
{
    for (int i = 0; i < KINDS; i++) best[i] = (double)NAN;
    for (int round = 0; round < BENCH_ROUNDS && k->status == FS_OK; round++)
        for (int i = 0; i < KINDS && !cli_signal(); i++) {
            if ((i == GRADIENT_THREADS && threads == 1) || (i == HESSIAN && !k->H)) continue;
            double seconds = batch(work_of[i], k);
            if (!(seconds >= best[i])) best[i] = seconds;
        }
}

static fs_status create(bench *k, const options *o, const fs_problem *p, fs_err *err)
{
    size_t P = fs_problem_basis(p)->n_par, square = (size_t)FS_BENCH_DGEMM * FS_BENCH_DGEMM;
    gsl_rng *rng = fs_rng_stream(o->seed[0], FS_STREAM_BENCH);
    k->v = fs_calloc(P, sizeof *k->v);
    k->unit = fs_calloc(P, sizeof *k->unit);
    k->grad = fs_calloc(P, sizeof *k->grad);
    k->Hv = fs_calloc(P, sizeof *k->Hv);
    k->a = fs_calloc_aligned(square, sizeof *k->a);
    k->b = fs_calloc_aligned(square, sizeof *k->b);
    k->c = fs_calloc_aligned(square, sizeof *k->c);
    if (P <= FS_BENCH_HESSIAN_LIMIT) k->H = fs_calloc(P, P * sizeof *k->H);
    int short_of = !rng || !k->v || !k->unit || !k->grad || !k->Hv || !k->a || !k->b || !k->c || (P <= FS_BENCH_HESSIAN_LIMIT && !k->H);
    fs_status status = short_of ? fs_fail(err, FS_ENOMEM, "benchmark of %zu parameters", P) : FS_OK;
    if (status == FS_OK) status = fs_risk_work_create(&k->work, k->risk, 1, CLI_KEEP_LIMIT, err);
    if (status == FS_OK) status = fs_risk_work_create(&k->work_threads, k->risk, o->threads, CLI_KEEP_LIMIT, err);
    if (status == FS_OK) {
        fs_rng_gaussian(rng, P, k->v);
        k->unit[P / 2] = 1.0;
        fs_rng_gaussian(rng, square, k->a);
        fs_rng_gaussian(rng, square, k->b);
    }
    if (rng) gsl_rng_free(rng);
    return status;
}

static void clear(bench *k)
{
    fs_risk_work_destroy(k->work);
    fs_risk_work_destroy(k->work_threads);
    free(k->v);
    free(k->unit);
    free(k->grad);
    free(k->Hv);
    free(k->H);
    free(k->a);
    free(k->b);
    free(k->c);
}

fs_status bench_kernels(const options *o, const fs_problem *p, const double *A, fs_bench *b, fs_err *err)
{
    const fs_risk *risk = fs_problem_risk(p, 1);
    bench k = { .risk = risk, .A = A };
    double best[KINDS];
    fs_status status = create(&k, o, p, err);
    if (status == FS_OK) {
        take_turns(&k, o->threads, best);
        b->threads = o->threads;
        b->samples = fs_risk_samples(risk);
        b->gradient_flops = fs_risk_gradient_flops(risk);
        b->product_flops = fs_risk_hvp_flops(risk);
        b->gradient_s = best[GRADIENT];
        b->gradient_threads_s = best[GRADIENT_THREADS];
        b->gradient_keep_s = best[KEEP];
        b->product_s = best[PRODUCT];
        b->row_s = best[ROW];
        b->hessian_s = best[HESSIAN];
        b->dgemm_s = best[DGEMM];
        b->data_mib = (double)b->samples * (double)fs_net_inputs(fs_risk_net(risk)) * sizeof(double) / 1048576.0;
        if (k.status != FS_OK) status = fs_fail(err, FS_ENAN, "the risk is not finite at the start of this model");
    }
    clear(&k);
    return status;
}
