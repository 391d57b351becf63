/* theory_checks/check.c -- the context that checks on one model share, and the one place where numbers become verdicts
 *
 *   base      measured + error <= bound: holds;  measured - error > bound: violated;  otherwise undecided
 *   control   |measured - predicted| <= tolerance |predicted| and measured > bound;  without a prediction measured >= 1e6 bound
 *             (1e6 times what was measured where the bound is 0)
 *
 * What is not finite decides nothing.  A base that holds is no more than undecided where a hypothesis is not known to hold, a guard tripped, or the
 * control did not come out as it must; one that is violated stays so, and `because` says whether it is a counterexample to anything.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "check.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DENSE_LIMIT = 512, OUTPUT_TIMES = 200, NODES = 64 };
static const size_t default_keep = (size_t)1 << 30;
static const double must_exceed = 1e6, prediction_tolerance = 0.01;

struct fs_check_context {
    const fs_problem *p;
    fs_check_options options;
    fs_flow *flow[FS_FLOW_COUNT];
    fs_risk_work *work[2];
    double *start;
    fs_stability *stability;
    fs_trajectory *trajectory;
    fs_err stability_failed, trajectory_failed;     /* once is enough: what failed, status FS_OK otherwise */
};

/* --- the context ------------------------------------------------------------------------ */

fs_status fs_check_context_create(fs_check_context **out, const fs_problem *p, const fs_check_options *options, fs_err *err)
{
    const fs_flow_settings *settings = fs_problem_settings(p);
    fs_check_context *c = fs_calloc(1, sizeof *c);
    *out = c;
    if (!c) return fs_fail(err, FS_ENOMEM, "context of the checks on %s", fs_problem_name(p));
    c->p = p;
    c->options = *options;
    fs_check_options *o = &c->options;
    if (!(o->gamma >= 0.0)) o->gamma = settings->gamma;
    if (!(o->distance >= 0.0)) o->distance = fs_problem_start(p)->distance;
    if (!(o->rtol > 0.0)) o->rtol = settings->rtol;
    if (!(o->atol > 0.0)) o->atol = settings->atol;
    if (o->threads < 1) o->threads = 1;
    if (!o->keep_limit) o->keep_limit = default_keep;
    return FS_OK;
}

void fs_check_context_destroy(fs_check_context *c)
{
    if (!c) return;
    fs_trajectory_destroy(c->trajectory);
    fs_stability_destroy(c->stability);
    for (int i = 0; i < FS_FLOW_COUNT; i++) fs_flow_destroy(c->flow[i]);
    for (int i = 0; i < 2; i++) fs_risk_work_destroy(c->work[i]);
    free(c->start);
    free(c);
}

const fs_problem *fs_check_problem(const fs_check_context *c)
{
    return c->p;
}

const fs_check_options *fs_check_options_of(const fs_check_context *c)
{
    return &c->options;
}

const fs_basis *fs_check_basis(const fs_check_context *c)
{
    return fs_problem_basis(c->p);
}

const fs_watch *fs_check_watch(const fs_check_context *c)
{
    return c->options.watch;
}

fs_status fs_check_plain_flow(fs_check_context *c, fs_flow_kind kind, double gamma, fs_flow **out, fs_err *err)
{
    return fs_flow_create(out, kind, fs_problem_basis(c->p), fs_problem_risk(c->p, kind == FS_FLOW_AUGMENTED), gamma, c->options.threads, c->options.keep_limit, err);
}

fs_status fs_check_flow_at(fs_check_context *c, fs_flow_kind kind, double gamma, fs_flow **out, fs_err *err)
{
    *out = NULL;
    FS_TRY(fs_check_plain_flow(c, kind, gamma, out, err));
    fs_status status = fs_flow_set_parametrisation(*out, fs_problem_parametrisation(c->p), err);
    if (status == FS_OK) return FS_OK;
    fs_flow_destroy(*out);
    *out = NULL;
    return status;
}

fs_status fs_check_flow(fs_check_context *c, fs_flow_kind kind, fs_flow **out, fs_err *err)
{
    if (!c->flow[kind]) FS_TRY(fs_check_flow_at(c, kind, c->options.gamma, &c->flow[kind], err));
    *out = c->flow[kind];
    return FS_OK;
}

fs_status fs_check_risk_work(fs_check_context *c, int augmented, fs_risk_work **out, fs_err *err)
{
    fs_risk_work **work = &c->work[augmented != 0];
    if (!*work) FS_TRY(fs_risk_work_create(work, fs_problem_risk(c->p, augmented), c->options.threads, c->options.keep_limit, err));
    *out = *work;
    return FS_OK;
}

fs_status fs_check_start(fs_check_context *c, const double **w, fs_err *err)
{
    if (!c->start) {
        const fs_basis *b = fs_problem_basis(c->p);
        double *state = fs_calloc(b->dim_E + b->dim_N, sizeof *state);
        if (!state) return fs_fail(err, FS_ENOMEM, "a start of dimension %zu", b->dim_E + b->dim_N);
        fs_status status = fs_problem_start_state(c->p, c->options.seed, c->options.distance, state, err);
        if (status != FS_OK) {
            free(state);
            return status;
        }
        c->start = state;
    }
    *w = c->start;
    return FS_OK;
}

/* What was kept of an earlier failure. */
static fs_status failed_before(const fs_err *failed, fs_err *err)
{
    return fs_fail(err, failed->status, "%s", failed->text);
}

static fs_status compute_stability(fs_check_context *c, fs_err *err)
{
    const fs_check_options *o = &c->options;
    const fs_basis *b = fs_problem_basis(c->p);
    const fs_stability_options asked = {
        .kind = FS_FLOW_EQUIVARIANT, .where = FS_AT_STATIONARY, .gamma = o->gamma, .n_seed = 1, .seed = &o->seed, .distance = o->distance,
        .starts = b->dim_E + b->dim_N > FS_CHECK_LARGE ? FS_CHECK_STARTS / 3 : FS_CHECK_STARTS,
        .search = { .rtol = o->rtol, .atol = o->atol, .solver = FS_SOLVER_AUTO, .threads = o->threads, .keep_limit = o->keep_limit },
        .spectrum = { .method = FS_SOLVER_AUTO, .split = 1 },
        .threads = o->threads, .keep_limit = o->keep_limit, .watch = o->watch,
    };
    FS_TRY(fs_stability_compute(&c->stability, c->p, &asked, err));
    if (!c->stability->stopped) return FS_OK;
    fs_stability_destroy(c->stability);
    c->stability = NULL;
    return fs_fail(err, FS_ESTOPPED, "the search for stationary points was stopped");
}

fs_status fs_check_stability(fs_check_context *c, const fs_stability **out, fs_err *err)
{
    if (c->stability_failed.status != FS_OK) return failed_before(&c->stability_failed, err);
    if (!c->stability) {
        fs_status status = compute_stability(c, &c->stability_failed);
        if (status != FS_OK) {
            c->stability_failed.status = status;
            return failed_before(&c->stability_failed, err);
        }
    }
    *out = c->stability;
    return FS_OK;
}

typedef struct { const fs_watch *watch; double t_end; } stage;

static int report_time(void *context, double t, double h, long step, const fs_flow_point *p)
{
    (void)h;
    (void)step;
    (void)p;
    const stage *s = context;
    return fs_watch_report(s->watch, "the augmented flow", t / s->t_end) != FS_OK;
}

static fs_status compute_trajectory(fs_check_context *c, fs_err *err)
{
    const fs_check_options *o = &c->options;
    double t_end = o->t_end > 0.0 ? o->t_end : fs_problem_settings(c->p)->t_end, times[OUTPUT_TIMES + 1];
    stage s = { o->watch, t_end };
    fs_flow *f;
    const double *w0;
    FS_TRY(fs_check_flow(c, FS_FLOW_AUGMENTED, &f, err));
    FS_TRY(fs_check_start(c, &w0, err));
    for (size_t i = 0; i <= OUTPUT_TIMES; i++) times[i] = t_end * ((double)i / OUTPUT_TIMES);
    const fs_integrate_options asked = {
        .t_end = t_end, .rtol = o->rtol, .atol = o->atol, .method = FS_METHOD_BDF,
        .solver = fs_flow_dim(f) <= DENSE_LIMIT ? FS_SOLVER_DENSE : FS_SOLVER_KRYLOV,
        .n_times = OUTPUT_TIMES + 1, .times = times, .keep_nodes = NODES, .progress = o->watch ? report_time : NULL, .context = &s,
    };
    FS_TRY(fs_trajectory_compute(&c->trajectory, f, w0, &asked, err));
    const fs_trajectory *T = c->trajectory;
    return T->code == FS_OK ? FS_OK : fs_fail(err, T->code, "the augmented flow: %s", T->status);
}

fs_status fs_check_trajectory(fs_check_context *c, const fs_trajectory **out, fs_err *err)
{
    if (c->trajectory_failed.status != FS_OK) return failed_before(&c->trajectory_failed, err);
    if (!c->trajectory) {
        fs_status status = compute_trajectory(c, &c->trajectory_failed);
        if (status != FS_OK) {
            c->trajectory_failed.status = status;
            return failed_before(&c->trajectory_failed, err);
        }
    }
    *out = c->trajectory;
    return FS_OK;
}

/* --- what a check finds ----------------------------------------------------------------------- */

void fs_check_quantity(fs_finding *found, double value, double error, const char *format, ...)
{
    if (found->n_quantity >= FS_QUANTITY_COUNT) return;
    fs_quantity *q = &found->quantity[found->n_quantity++];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(q->name, sizeof q->name, format, arguments);
    va_end(arguments);
    q->value = value;
    q->error = error;
}

const fs_quantity *fs_finding_quantity(const fs_finding *found, const char *name)
{
    for (size_t i = 0; i < found->n_quantity; i++)
        if (strcmp(found->quantity[i].name, name) == 0) return &found->quantity[i];
    return NULL;
}

fs_status fs_check_absent(fs_finding *found, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(found->note, sizeof found->note, format, arguments);
    va_end(arguments);
    found->applies = 0;
    return FS_OK;
}

void fs_check_vacuous(fs_finding *found, const char *format, ...)
{
    if (found->vacuous[0]) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(found->vacuous, sizeof found->vacuous, format, arguments);
    va_end(arguments);
}

/* --- verdicts ----------------------------------------------------------------------------------- */

static fs_verdict judge_base(const fs_finding *found)
{
    if (!isfinite(found->measured) || !isfinite(found->bound) || !(found->error >= 0.0)) return FS_UNDECIDED;
    return fs_verdict_judge(found->measured, found->error, found->bound);
}

static fs_verdict judge_control(const fs_finding *found)
{
    const fs_control *c = &found->control;
    if (!isfinite(c->measured) || !isfinite(found->bound)) return FS_UNDECIDED;
    if (isnan(c->predicted)) {
        double quiet = found->bound > 0.0 ? found->bound : found->measured;
        if (!isfinite(quiet)) return FS_UNDECIDED;
        return c->measured > 0.0 && c->measured >= must_exceed * quiet ? FS_HOLDS : FS_VIOLATED;
    }
    double tolerance = c->tolerance > 0.0 ? c->tolerance : prediction_tolerance;
    if (!isfinite(c->predicted) || !isfinite(c->tolerance)) return FS_UNDECIDED;
    return fabs(c->measured - c->predicted) <= tolerance * fabs(c->predicted) && c->measured > found->bound ? FS_HOLDS : FS_VIOLATED;
}

/* Two routes to E that disagree are no property of the model: what was computed as E is wrong, and nothing is known.  Where there is no second route E
 * is as good as the constraints. */
static fs_verdict follows(unsigned need, fs_verdict v)
{
    if (need != FS_NEEDS_SPACE) return v;
    return v == FS_VIOLATED ? FS_UNDECIDED : FS_HOLDS;
}

/* The first hypothesis that fails, or else the first that is not decided, to found->because. */
static void find_failed_hypothesis(const fs_statement *statement, const fs_hypotheses *h, fs_finding *found)
{
    fs_verdict worst = FS_HOLDS;
    found->because[0] = 0;
    found->hypotheses = FS_HOLDS;
    for (size_t i = 0; i < FS_HYPOTHESIS_COUNT; i++) {
        const fs_hypothesis *one;
        const char *name = fs_hypothesis_at(h, i, &one);
        fs_verdict verdict = follows(1u << i, one->verdict);
        if (!(statement->needs & 1u << i) || verdict == FS_HOLDS || worst == FS_VIOLATED || verdict == worst) continue;
        found->hypotheses = worst = verdict;
        snprintf(found->because, sizeof found->because, "%s %s%s%s", name, verdict == FS_VIOLATED ? "fails" : "is undecided",
                 one->detail[0] ? ": " : "", one->detail);
    }
}

void fs_check_judge(const fs_statement *statement, const fs_problem *p, fs_finding *found)
{
    const fs_basis *b = fs_problem_basis(p);
    found->because[0] = 0;
    found->verdict = found->control.verdict = FS_UNDECIDED;
    if (!found->applies) return;
    if (!b->dim_N) fs_check_vacuous(found, "dim N = 0: E is all of L, and nothing could leave it");
    find_failed_hypothesis(statement, fs_problem_hypotheses(p), found);
    found->control.verdict = judge_control(found);
    found->verdict = judge_base(found);
    int proved = !found->because[0] && !found->vacuous[0] && found->control.verdict == FS_HOLDS;
    if (found->verdict == FS_HOLDS && !proved) found->verdict = FS_UNDECIDED;
}

static void nothing_yet(fs_finding *found)
{
    const double none = (double)NAN;
    *found = (fs_finding){ .applies = 1, .measured = none, .error = none, .bound = none, .verdict = FS_UNDECIDED,
                           .control = { .measured = none, .predicted = none, .verdict = FS_UNDECIDED } };
}

/* The measurement itself did not succeed, which says nothing about the statement. */
static int is_no_answer(fs_status status)
{
    return status != FS_OK && status != FS_ENOMEM && status != FS_ESTOPPED;
}

fs_status fs_check_run(fs_check_context *c, const fs_statement *statement, fs_finding *found, fs_err *err)
{
    fs_err failed = { 0 };
    double start = fs_wall_seconds();
    nothing_yet(found);
    if (fs_watch_report(c->options.watch, statement->name, -1.0) != FS_OK) return fs_fail(err, FS_ESTOPPED, "stopped before %s", statement->name);
    if (statement->needs & FS_NEEDS_EUCLIDEAN && fs_problem_parametrisation(c->p)) {
        fs_check_absent(found, "the weights move in coordinates of their own: rates, bounds and thresholds are not those of the Hessian");
        return FS_OK;
    }
    if (!fs_problem_basis(c->p)->dim_N) {       /* whatever is found could not fail */
        fs_check_judge(statement, c->p, found);
        return FS_OK;
    }
    fs_status status = statement->measure(c, found, &failed);
    if (status != FS_OK && !is_no_answer(status)) return fs_fail(err, status, "%s on %s: %s", statement->name, fs_problem_name(c->p), failed.text);
    if (status != FS_OK) {
        found->applies = 1;
        found->measured = (double)NAN;
        snprintf(found->note, sizeof found->note, "not measured: %.460s", failed.text[0] ? failed.text : fs_status_text(status));
    }
    fs_check_judge(statement, c->p, found);
    found->wall_s = fs_wall_seconds() - start;
    return FS_OK;
}
