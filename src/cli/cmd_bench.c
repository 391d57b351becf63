/* cli/cmd_bench.c -- flowsim bench: gradient, Hessian-vector product and Hessian of R^aug against dgemm, the lowest eigenvalues of H_N, and
 * the bases of E and N, in one run
 *
 *   fraction_of_dgemm = (executed multiply-adds of a gradient / its time) / (dgemm's rate at n = 512, one thread)
 *   hvp_in_gradients  = time of a product / time of the gradient that keeps the primal it starts from
 *   hessian_speedup = parameters * time of one row from scratch / time of the Hessian
 *
 * A row from scratch is what a loop over double backward passes of an autodiff library computes for each parameter: the primal, the gradient, and the
 * product of the Hessian with a unit vector; nothing is carried from one row to the next.  Every row costs the same, so one stands for all.
 *
 * Every time is the smallest of many repetitions, the kinds taken in turn, so that a slow moment of the machine hits all of them; calls
 * that are short are timed in groups.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/cli.h"

#include "base/clock.h"
#include "base/isa.h"
#include "base/rng.h"
#include "observe/lanczos.h"
#include "observe/transverse.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { DGEMM_N = 512, HESSIAN_LIMIT = 2048, ROUNDS = 7, EIGENVALUES = 3, EIGEN_LIMIT = 16384, LANCZOS_PRODUCTS = 2000 };
static const double batch_s = 0.04, group_s = 0.001, basis_s = 0.3, eigen_s = 0.3;
static const double lanczos_tolerance = 1e-8;   /* of the residual, relative to |H_N|: that of `spectrum` */

typedef struct {
    const fs_risk *risk;
    fs_risk_work *work, *work_threads;
    const double *A, *v, *unit;
    double *grad, *Hv, *H;
    double *a, *b, *c;                          /* (DGEMM_N, DGEMM_N) */
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
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, DGEMM_N, DGEMM_N, DGEMM_N, 1.0, k->a, DGEMM_N, k->b, DGEMM_N, 0.0,
                k->c, DGEMM_N);
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
static void measure(bench *k, int threads, double *best)
{
    for (int i = 0; i < KINDS; i++) best[i] = (double)NAN;
    for (int round = 0; round < ROUNDS && k->status == FS_OK; round++)
        for (int i = 0; i < KINDS && !cli_signal(); i++) {
            if ((i == GRADIENT_THREADS && threads == 1) || (i == HESSIAN && !k->H)) continue;
            double seconds = batch(work_of[i], k);
            if (!(seconds >= best[i])) best[i] = seconds;
        }
}

/* The most memory this process ever held, dgemm's three matrices included; MiB. */
static double peak_memory(void)
{
    struct rusage used;
    return getrusage(RUSAGE_SELF, &used) == 0 ? (double)used.ru_maxrss / 1024.0 : (double)NAN;
}

/* Bytes of a sparse matrix. */
static double size_of(const fs_sparse *A)
{
    return (double)((A->rows + 1) * sizeof *A->ptr) + (double)A->ptr[A->rows] * (double)(sizeof *A->col + sizeof *A->val);
}

/* The bases of E and N. */
typedef struct {
    double seconds, mib;
} basis_cost;

/* Q_E and Q_N once more from the same L: its coordinates, or the basis at hand as a spanning set.  The best of several when they are quick. */
static fs_status measure_basis(const fs_problem *p, basis_cost *cost, fs_err *err)
{
    const fs_basis *known = fs_problem_basis(p);
    const fs_sparse *block[] = { known->Q_E, known->Q_N };
    size_t n = known->n_par, rows = known->dim_E + known->dim_N, row = 0;
    unsigned char *mask = known->coordinate ? fs_calloc(n, 1) : NULL;
    double *span = known->coordinate ? NULL : fs_calloc(rows, n * sizeof *span), spent = 0.0;
    *cost = (basis_cost){ (double)NAN, (size_of(known->Q_E) + size_of(known->Q_N)) / 1048576.0 };
    if (!mask && !span) return fs_fail(err, FS_ENOMEM, "a basis of %zu weights", n);
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < block[k]->rows; i++, row++)
            for (size_t e = block[k]->ptr[i]; e < block[k]->ptr[i + 1]; e++) {
                if (mask) mask[block[k]->col[e]] = 1;
                else span[row * n + block[k]->col[e]] = block[k]->val[e];
            }
    fs_status status = FS_OK;
    for (int i = 0; i < ROUNDS && spent < basis_s && status == FS_OK && !cli_signal(); i++) {
        fs_basis *b = NULL;
        double start = fs_wall_seconds();
        status = mask ? fs_basis_create(&b, fs_problem_rho_H(p), mask, err) : fs_basis_create_span(&b, fs_problem_rho_H(p), rows, span, err);
        double seconds = fs_wall_seconds() - start;
        fs_basis_destroy(b);
        spent += seconds;
        if (!(seconds >= cost->seconds)) cost->seconds = seconds;
    }
    free(mask);
    free(span);
    return status;
}

/* The lowest eigenvalues of H_N at the start. */
typedef struct {
    size_t wanted, found;
    int converged;
    long products;
    double seconds, dense_seconds;      /* NaN: not timed */
} eigen_cost;

/* H_N, by products of the flow's Jacobian at gamma 0. */
typedef struct {
    fs_flow *flow;
    const double *w;
    double *z, *Jz;                     /* (dim L) */
} transverse;

static fs_status apply_transverse(void *context, const double *x, double *y)
{
    transverse *k = context;
    size_t n = fs_flow_dim(k->flow), E = fs_flow_dim_E(k->flow);
    memset(k->z, 0, E * sizeof *k->z);
    memcpy(k->z + E, x, (n - E) * sizeof *x);
    FS_TRY(fs_flow_jacobian_product(k->flow, k->w, k->z, k->Jz));
    for (size_t i = E; i < n; i++) y[i - E] = -k->Jz[i];
    return FS_OK;
}

static int stop_at_signal(void *context, const char *stage, double fraction)
{
    (void)context;
    (void)stage;
    (void)fraction;
    return cli_signal();
}

/* By Lanczos, and the lowest one by LAPACK where that is what fs_transverse does. */
static fs_status measure_eigenvalues(const fs_problem *p, const double *w, eigen_cost *cost, fs_err *err)
{
    const fs_basis *b = fs_problem_basis(p);
    size_t n = b->dim_E + b->dim_N;
    fs_watch watch = { stop_at_signal, NULL };
    transverse k = { .w = w, .z = fs_calloc(n, sizeof(double)), .Jz = fs_calloc(n, sizeof(double)) };
    fs_transverse lowest;
    *cost = (eigen_cost){ .seconds = (double)NAN, .dense_seconds = (double)NAN };
    fs_status status = k.z && k.Jz ? FS_OK : fs_fail(err, FS_ENOMEM, "eigenvalues in dimension %zu", n);
    int timed = b->dim_N && n <= EIGEN_LIMIT;
    if (status == FS_OK && timed) status = fs_flow_create(&k.flow, FS_FLOW_AUGMENTED, b, fs_problem_risk(p, 1), 0.0, 1, CLI_KEEP_LIMIT, err);
    if (status == FS_OK && timed) {
        cost->wanted = b->dim_N > EIGENVALUES ? EIGENVALUES : b->dim_N > 1 ? b->dim_N - 1 : 1;
        fs_lanczos_options asked = { .n = b->dim_N, .apply = apply_transverse, .context = &k, .wanted = cost->wanted,
                                     .tolerance = lanczos_tolerance, .products = LANCZOS_PRODUCTS, .watch = &watch };
        double spent = 0.0;
        for (int i = 0; i < ROUNDS && spent < eigen_s && status == FS_OK && !cli_signal(); i++) {
            fs_lanczos found = { 0 };
            double start = fs_wall_seconds(), took, dense = (double)NAN;
            status = fs_lanczos_compute(&found, &asked, err);
            took = fs_wall_seconds() - start;
            if (status == FS_OK && n <= FS_TRANSVERSE_DENSE_LIMIT) {
                status = fs_transverse_compute(k.flow, w, &watch, &lowest, NULL, err);
                dense = fs_wall_seconds() - start - took;
            }
            spent += fs_wall_seconds() - start;
            if (!(took >= cost->seconds)) cost->seconds = took;
            if (!(dense >= cost->dense_seconds)) cost->dense_seconds = dense;
            cost->found = found.count;
            cost->converged = found.converged;
            cost->products = found.products;
            fs_lanczos_clear(&found);
        }
    }
    fs_flow_destroy(k.flow);
    free(k.z);
    free(k.Jz);
    return status;
}

/* A column of milliseconds, of microseconds where three decimals would show nothing. */
static const char *duration(double seconds, char buffer[40])
{
    int small = seconds < 1e-4;
    snprintf(buffer, 40, "%10.3f %s", (small ? 1e6 : 1e3) * seconds, small ? "us" : "ms");
    return buffer;
}

static void print_hessian(const double *best, double loop)
{
    char took[40];
    if (isfinite(best[HESSIAN]))
        printf("dense Hessian            %s   %.1f gradients, %.1f times faster than one double-backward pass a row (%.4g s)\n",
               duration(best[HESSIAN], took), best[HESSIAN] / best[GRADIENT], loop / best[HESSIAN], loop);
    else
        printf("dense Hessian            not timed: more than %d parameters; one double-backward pass a row would take %.4g s\n", HESSIAN_LIMIT, loop);
}

static void print_eigenvalues(const eigen_cost *eigen)
{
    char took[40];
    if (!eigen->wanted) {
        printf("lowest eigenvalues of H_N  not timed: dim N is 0, or dim L more than %d\n", EIGEN_LIMIT);
        return;
    }
    printf("%zu lowest of H_N, Lanczos %s   %ld products", eigen->wanted, duration(eigen->seconds, took), eigen->products);
    if (eigen->found) printf(", %.0f an eigenvalue", (double)eigen->products / (double)eigen->found);
    if (!eigen->converged) printf(", %zu of %zu converged to %g |H_N| within %d products", eigen->found, eigen->wanted, lanczos_tolerance, LANCZOS_PRODUCTS);
    putchar('\n');
    if (isfinite(eigen->dense_seconds)) printf("  the lowest by LAPACK   %s   with the dense Hessian\n", duration(eigen->dense_seconds, took));
    else printf("  the lowest by LAPACK   not timed: dim L is more than %d\n", FS_TRANSVERSE_DENSE_LIMIT);
}

/* What bench adds to the head; nonzero when memory is short. */
static int add_costs(json_t *report, const double *best, double loop, const eigen_cost *eigen)
{
    int bad = fs_json_set_real(report, "gradient_s", best[GRADIENT]);
    bad |= fs_json_set_real(report, "gradient_keep_s", best[KEEP]);
    bad |= fs_json_set_real(report, "hvp_s", best[PRODUCT]);
    bad |= fs_json_set_real(report, "hessian_s", best[HESSIAN]);
    bad |= fs_json_set_real(report, "hessian_loop_s", loop);
    bad |= fs_json_set_real(report, "hessian_speedup", loop / best[HESSIAN]);
    bad |= fs_json_set_count(report, "lanczos_wanted", eigen->wanted);
    bad |= fs_json_set_count(report, "lanczos_found", eigen->found);
    bad |= fs_json_set(report, "lanczos_converged", json_boolean(eigen->converged));
    bad |= fs_json_set_long(report, "lanczos_products", eigen->products);
    bad |= fs_json_set_real(report, "lanczos_products_per_eigenvalue",
                            eigen->found ? (double)eigen->products / (double)eigen->found : (double)NAN);
    bad |= fs_json_set_real(report, "lanczos_s", eigen->seconds);
    bad |= fs_json_set_real(report, "lowest_dense_s", eigen->dense_seconds);
    return bad;
}

static fs_status print(const options *o, const fs_report_head *head, const fs_risk *risk, const double *best, const basis_cost *basis,
                       const eigen_cost *eigen, fs_err *err)
{
    double loop = best[ROW] * (double)head->parameters;
    double dgemm = 2e-9 * DGEMM_N * DGEMM_N * DGEMM_N / best[DGEMM];
    double gradient = 1e-9 * fs_risk_gradient_flops(risk) / best[GRADIENT];
    double product = 1e-9 * fs_risk_hvp_flops(risk) / best[PRODUCT];
    double data = (double)fs_risk_samples(risk) * (double)fs_net_inputs(fs_risk_net(risk)) * sizeof(double) / 1048576.0;
    if (!o->json) {
        char took[40];
        printf("%s: %zu parameters, %zu samples after augmentation, kernels %s, OpenBLAS core %s\n", head->model, head->parameters,
               fs_risk_samples(risk), head->isa, head->blas_core);
        printf("gradient of R^aug        %s   %5.1f GF/s, %.0f %% of dgemm (%.1f GF/s)\n", duration(best[GRADIENT], took), gradient,
               100.0 * gradient / dgemm, dgemm);
        if (o->threads > 1)
            printf("  on %d threads           %s   %.2f x\n", o->threads, duration(best[GRADIENT_THREADS], took),
                   best[GRADIENT] / best[GRADIENT_THREADS]);
        printf("  keeping its primal     %s\n", duration(best[KEEP], took));
        printf("Hessian-vector product   %s   %5.1f GF/s, %.2f gradients that keep their primal\n", duration(best[PRODUCT], took), product,
               best[PRODUCT] / best[KEEP]);
        print_hessian(best, loop);
        print_eigenvalues(eigen);
        printf("bases of E and N         %s   %.1f MiB; group %s, %zu elements used\n", duration(basis->seconds, took), basis->mib, head->group,
               head->nodes);
        printf("peak memory              %10.1f MiB   augmented data %.1f MiB\n", peak_memory(), data);
        return FS_OK;
    }
    json_t *report = fs_json_head(head);
    int bad = fs_json_set_count(report, "samples", fs_risk_samples(risk));
    bad |= head->order ? fs_json_set_count(report, "group_order", head->order) : fs_json_set_text(report, "group_order", "continuous");
    bad |= fs_json_set_count(report, "orbit_samples", fs_risk_samples(risk));
    bad |= fs_json_set_real(report, "basis_s", basis->seconds);
    bad |= fs_json_set_real(report, "basis_mib", basis->mib);
    bad |= add_costs(report, best, loop, eigen);
    bad |= fs_json_set_real(report, "gradient_gflops", gradient);
    bad |= fs_json_set_real(report, "dgemm_gflops", dgemm);
    bad |= fs_json_set_real(report, "fraction_of_dgemm", gradient / dgemm);
    bad |= fs_json_set_real(report, "hvp_in_gradients", best[PRODUCT] / best[KEEP]);
    bad |= fs_json_set_real(report, "hessian_in_gradients", best[HESSIAN] / best[GRADIENT]);
    bad |= fs_json_set_real(report, "peak_memory_mib", peak_memory());
    bad |= fs_json_set_real(report, "data_mib", data);
    bad |= fs_json_set_long(report, "threads", o->threads);
    bad |= fs_json_set_real(report, "thread_speedup", o->threads > 1 ? best[GRADIENT] / best[GRADIENT_THREADS] : 1.0);
    bad |= fs_json_set_text(report, "blas_core", head->blas_core);
    bad |= fs_json_set_text(report, "isa", head->isa);
    fs_status status = bad ? fs_fail(err, FS_ENOMEM, "report") : fs_json_print(stdout, report, err);
    json_decref(report);
    return status;
}

/* dgemm on a slower class of kernels than the processor has makes every fraction look better than it is. */
static void warn_about_blas(const char *core)
{
    if (fs_isa_best() == FS_ISA_AVX512 && !strstr(core, "SkylakeX") && !strstr(core, "Cooperlake") && !strstr(core, "Sapphire"))
        cli_warning("OpenBLAS runs its %s kernel on an AVX-512 processor: set OPENBLAS_CORETYPE=SkylakeX for a fair comparison", core);
}

int command_bench(options *o)
{
    fs_problem *p = NULL;
    bench k = { 0 };
    basis_cost basis = { 0 };
    eigen_cost eigen = { 0 };
    double best[KINDS], *A = NULL, *w = NULL, *v = NULL, *unit = NULL, start = fs_wall_seconds();
    fs_err err = { 0 };
    int status = cli_load(o, &p);
    if (status != EXIT_DONE) return status;
    const fs_basis *b = fs_problem_basis(p);
    size_t P = b->n_par, square = (size_t)DGEMM_N * DGEMM_N;
    gsl_rng *rng = fs_rng_stream(o->seed[0], FS_STREAM_BENCH);
    fs_status fine = FS_OK;
    A = fs_calloc(P, sizeof *A);
    w = fs_calloc(P, sizeof *w);
    v = fs_calloc(P, sizeof *v);
    unit = fs_calloc(P, sizeof *unit);
    k = (bench){ .risk = fs_problem_risk(p, 1), .A = A, .v = v, .unit = unit, .grad = fs_calloc(P, sizeof(double)), .Hv = fs_calloc(P, sizeof(double)),
                 .a = fs_calloc_aligned(square, sizeof(double)), .b = fs_calloc_aligned(square, sizeof(double)),
                 .c = fs_calloc_aligned(square, sizeof(double)) };
    if (P <= HESSIAN_LIMIT) k.H = fs_calloc(P, P * sizeof(double));
    if (!rng || !A || !w || !v || !unit || !k.grad || !k.Hv || !k.a || !k.b || !k.c || (P <= HESSIAN_LIMIT && !k.H))
        fine = fs_fail(&err, FS_ENOMEM, "benchmark of %zu parameters", P);
    if (fine == FS_OK) fine = fs_risk_work_create(&k.work, k.risk, 1, CLI_KEEP_LIMIT, &err);
    if (fine == FS_OK) fine = fs_risk_work_create(&k.work_threads, k.risk, o->threads, CLI_KEEP_LIMIT, &err);
    if (fine == FS_OK) fine = fs_problem_start_state(p, o->seed[0], -1.0, w, &err);
    if (fine == FS_OK) {
        fs_basis_expand(b, w, A);
        fs_rng_gaussian(rng, P, v);
        unit[P / 2] = 1.0;
        fs_rng_gaussian(rng, square, k.a);
        fs_rng_gaussian(rng, square, k.b);
        measure(&k, o->threads, best);
        fine = measure_basis(p, &basis, &err);
        if (fine == FS_OK && k.status == FS_OK && !cli_signal()) fine = measure_eigenvalues(p, w, &eigen, &err);
        if (fine == FS_OK && k.status != FS_OK) fine = fs_fail(&err, FS_ENAN, "the risk is not finite at the start of this model");
    }
    if (fine == FS_OK && cli_signal()) {
        status = EXIT_SIGNAL + cli_signal();
    } else if (fine == FS_OK) {
        fs_report_head head;
        cli_head(o, p, &head);
        head.wall_s = fs_wall_seconds() - start;
        if (!o->quiet) warn_about_blas(head.blas_core);
        fine = print(o, &head, k.risk, best, &basis, &eigen, &err);
    }
    if (fine != FS_OK) status = cli_failed(&err);
    if (rng) gsl_rng_free(rng);
    fs_risk_work_destroy(k.work);
    fs_risk_work_destroy(k.work_threads);
    free(k.grad);
    free(k.Hv);
    free(k.H);
    free(k.a);
    free(k.b);
    free(k.c);
    free(A);
    free(w);
    free(v);
    free(unit);
    fs_problem_destroy(p);
    return status;
}
