/* report/json.c -- reports as one JSON object, by jansson
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/json.h"

#include "base/files.h"
#include "base/norm.h"
#include "report/bounds.h"
#include "report/spread.h"
#include "report/text.h"

#include <gsl/gsl_version.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sundials/sundials_config.h>

/* --- building blocks ---------------------------------------------------------------- */

json_t *fs_json_real(double value)
{
    char word[FS_TEXT_NUMBER];
    return isfinite(value) ? json_real(value) : json_string(fs_text_real(value, 17, word));
}

json_t *fs_json_text(const char *text)
{
    if (!text) return json_null();
    json_t *string = json_string(text);
    if (string) return string;
    char *clean = strdup(text);
    if (!clean) return NULL;
    for (char *c = clean; *c;) {
        size_t length = fs_text_character(c);
        if (!length) *c = '?';
        c += length ? length : 1;
    }
    string = json_string(clean);
    free(clean);
    return string;
}

json_t *fs_json_seed(uint64_t seed)
{
    if (seed <= INT64_MAX) return json_integer((json_int_t)seed);
    char digits[FS_TEXT_NUMBER];
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)seed);
    return json_string(digits);
}

int fs_json_set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) != 0;
}

void fs_json_put(json_t *object, const char *key, json_t *value, int *bad)
{
    *bad |= fs_json_set(object, key, value);
}

void fs_json_append(json_t *array, json_t *value, int *bad)
{
    *bad |= json_array_append_new(array, value) != 0;
}

int fs_json_set_real(json_t *object, const char *key, double value)
{
    return fs_json_set(object, key, fs_json_real(value));
}

int fs_json_set_text(json_t *object, const char *key, const char *text)
{
    return fs_json_set(object, key, fs_json_text(text));
}

int fs_json_set_count(json_t *object, const char *key, size_t value)
{
    return fs_json_set(object, key, json_integer((json_int_t)value));
}

int fs_json_set_long(json_t *object, const char *key, long value)
{
    return fs_json_set(object, key, json_integer(value));
}

/* object, or NULL after releasing it. */
static json_t *unless(int bad, json_t *object)
{
    if (!bad) return object;
    json_decref(object);
    return NULL;
}

json_t *fs_json_reals(size_t n, const double *value)
{
    json_t *array = json_array();
    int bad = 0;
    for (size_t i = 0; i < n; i++) bad |= json_array_append_new(array, fs_json_real(value[i])) != 0;
    return unless(bad, array);
}

static json_t *seeds(size_t n, const uint64_t *seed)
{
    json_t *array = json_array();
    int bad = 0;
    for (size_t i = 0; i < n; i++) bad |= json_array_append_new(array, fs_json_seed(seed[i])) != 0;
    return unless(bad, array);
}

/* --- what every command reports ------------------------------------------------------- */

static json_t *group(const fs_report_head *head)
{
    json_t *object = json_object();
    int bad = fs_json_set_text(object, "name", head->group);
    bad |= head->order ? fs_json_set_count(object, "order", head->order) : fs_json_set_text(object, "order", "continuous");
    bad |= fs_json_set_count(object, "nodes", head->nodes);
    if (head->rule && *head->rule) bad |= fs_json_set_text(object, "rule", head->rule);
    return unless(bad, object);
}

static json_t *dims(const fs_report_head *head)
{
    json_t *object = json_object();
    int bad = fs_json_set_count(object, "L", head->dim_L);
    bad |= fs_json_set_count(object, "E", head->dim_E);
    bad |= fs_json_set_count(object, "N", head->dim_N);
    bad |= fs_json_set_count(object, "parameters", head->parameters);
    if (!head->hypotheses) return unless(bad, object);
    const double gap[2] = { head->hypotheses->gap_low, head->hypotheses->gap_high };
    bad |= fs_json_set_real(object, "E_by_characters", head->hypotheses->dim_E_character);
    bad |= fs_json_set(object, "singular_value_gap", fs_json_reals(2, gap));
    return unless(bad, object);
}

static json_t *hypotheses(const fs_hypotheses *h)
{
    json_t *object = json_object();
    int bad = 0;
    for (size_t i = 0; i < FS_HYPOTHESIS_COUNT; i++) {
        const fs_hypothesis *record;
        const char *name = fs_hypothesis_at(h, i, &record);
        json_t *one = json_object();
        bad |= fs_json_set_real(one, "value", record->value);
        bad |= fs_json_set_real(one, "tolerance", record->tolerance);
        bad |= fs_json_set_text(one, "verdict", fs_verdict_name(record->verdict));
        bad |= fs_json_set_text(one, "detail", record->detail);
        bad |= fs_json_set(object, name, one);
    }
    return unless(bad, object);
}

static json_t *theorems(const fs_theorem *theorem)
{
    json_t *array = json_array();
    int bad = 0;
    for (size_t i = 0; i < FS_THEOREM_COUNT; i++) {
        json_t *one = json_object();
        bad |= fs_json_set_text(one, "name", theorem[i].name);
        bad |= fs_json_set_text(one, "claim", theorem[i].claim);
        bad |= fs_json_set_text(one, "applies", fs_verdict_name(theorem[i].applies));
        bad |= fs_json_set_text(one, "because", theorem[i].because);
        bad |= json_array_append_new(array, one) != 0;
    }
    return unless(bad, array);
}

static json_t *isotypic(size_t n, const fs_isotypic_part *part)
{
    json_t *array = json_array();
    int bad = 0;
    for (size_t i = 0; i < n; i++) {
        json_t *one = json_object();
        bad |= fs_json_set_text(one, "irreducible", part[i].irreducible->name);
        bad |= fs_json_set_count(one, "dim", part[i].irreducible->dim);
        bad |= fs_json_set_text(one, "type", fs_type_name(part[i].irreducible->type));
        bad |= fs_json_set_count(one, "in_L", part[i].in_L);
        bad |= fs_json_set_count(one, "in_N", part[i].in_N);
        bad |= json_array_append_new(array, one) != 0;
    }
    return unless(bad, array);
}

static json_t *fingerprint(const fs_report_head *head)
{
    json_t *object = json_object();
    int bad = fs_json_set_text(object, "isa", head->isa);
    bad |= fs_json_set_text(object, "blas_core", head->blas_core);
    bad |= fs_json_set_text(object, "sundials", SUNDIALS_VERSION);
    bad |= fs_json_set_text(object, "gsl", GSL_VERSION);
    bad |= fs_json_set_text(object, "jansson", JANSSON_VERSION);
#ifdef __clang__
    bad |= fs_json_set_text(object, "compiler", "clang " __clang_version__);
#else
    bad |= fs_json_set_text(object, "compiler", "gcc " __VERSION__);
#endif
    return unless(bad, object);
}

json_t *fs_json_head(const fs_report_head *head)
{
    json_t *object = json_object();
    int bad = fs_json_set_text(object, "flowsim", head->version);
    bad |= fs_json_set_text(object, "command", head->command);
    bad |= fs_json_set_text(object, "command_line", head->command_line);
    bad |= fs_json_set_text(object, "model", head->model);
    bad |= fs_json_set_text(object, "path", head->path);
    bad |= fs_json_set_text(object, "title", head->title);
    bad |= fs_json_set_text(object, "source", head->source);
    bad |= fs_json_set_text(object, "data", head->data_note);
    if (head->warning && *head->warning) bad |= fs_json_set_text(object, "warning", head->warning);
    json_t *seed = head->n_seed == 1 ? fs_json_seed(head->seed[0]) : head->n_seed ? seeds(head->n_seed, head->seed) : json_null();
    bad |= fs_json_set(object, "seed", seed);
    if (head->weights) bad |= fs_json_set_text(object, "weights", head->weights);
    bad |= fs_json_set(object, "group", group(head));
    bad |= fs_json_set(object, "dims", dims(head));
    bad |= fs_json_set(object, "hypotheses", head->hypotheses ? hypotheses(head->hypotheses) : json_null());
    bad |= fs_json_set(object, "theorems", head->theorems ? theorems(head->theorems) : json_null());
    bad |= fs_json_set(object, "isotypic", head->isotypic ? isotypic(head->n_isotypic, head->isotypic) : json_null());
    if (head->isotypic_note && *head->isotypic_note) bad |= fs_json_set_text(object, "isotypic_note", head->isotypic_note);
    bad |= fs_json_set(object, "fingerprint", fingerprint(head));
    bad |= fs_json_set_real(object, "wall_s", head->wall_s);
    return unless(bad, object);
}

/* --- run ------------------------------------------------------------------------------ */

static json_t *rate(const fs_rate *r)
{
    json_t *object = json_object();
    const double window[2] = { r->t0, r->t1 };
    int bad = fs_json_set_real(object, "measured", r->measured);
    bad |= fs_json_set_real(object, "predicted", r->predicted);
    bad |= fs_json_set_real(object, "groenwall_bound", r->groenwall_bound);
    bad |= fs_json_set_real(object, "exponent", r->exponent);
    bad |= fs_json_set(object, "window", fs_json_reals(2, window));
    bad |= fs_json_set_real(object, "lambda_min", r->lambda_min);
    bad |= fs_json_set_real(object, "lambda_error", r->lambda_error);
    bad |= fs_json_set_text(object, "note", r->note);
    return unless(bad, object);
}

/* The largest defect of the energy identity over the output times and the end; one NaN makes it NaN. */
static double worst_energy_error(const fs_trajectory *T)
{
    double worst = T->n_steps_kept ? T->last.energy_error : (double)NAN;
    for (size_t i = 0; i < T->n_rows && !isnan(worst); i++)
        fs_raise_to(&worst, T->row[i].energy_error);
    return worst;
}

static json_t *flow(const fs_run_flow *f)
{
    const double none = (double)NAN;
    const fs_trajectory nothing = { .distance_max = none, .atol_N = none, .cpu_s = none, .status = "not integrated", .code = FS_ESOLVER };
    const fs_trajectory_row no_row = { none, none, none, none, none, none, none, none, none, none };
    const fs_trajectory *T = f->trajectory ? f->trajectory : &nothing;
    const fs_trajectory_row *start = T->n_steps_kept ? &T->first : &no_row, *end = T->n_steps_kept ? &T->last : &no_row;

    json_t *risk = json_object(), *distance = json_object(), *object = json_object();
    int bad = fs_json_set_real(risk, "start", start->risk);
    bad |= fs_json_set_real(risk, "end", end->risk);
    bad |= fs_json_set_real(distance, "start", start->distance);
    bad |= fs_json_set_real(distance, "end", end->distance);
    bad |= fs_json_set_real(distance, "max", T->distance_max);

    bad |= fs_json_set_text(object, "name", fs_flow_name(f->kind));
    bad |= fs_json_set_real(object, "gamma", f->gamma);
    bad |= fs_json_set(object, "seed", fs_json_seed(f->seed));
    bad |= fs_json_set_real(object, "t_end", end->t);
    bad |= fs_json_set_long(object, "steps", T->steps);
    bad |= fs_json_set_long(object, "rhs_evals", T->rhs_evals);
    bad |= fs_json_set_long(object, "extra_evals", T->extra_evals);
    bad |= fs_json_set_long(object, "hvp_evals", T->hvp_evals);
    bad |= fs_json_set_long(object, "jac_evals", T->jac_evals);
    bad |= fs_json_set_long(object, "newton_iters", T->newton_iters);
    bad |= fs_json_set_long(object, "krylov_iters", T->krylov_iters);
    bad |= fs_json_set_long(object, "error_test_fails", T->error_test_fails);
    bad |= fs_json_set(object, "risk", risk);
    bad |= fs_json_set(object, "distance", distance);
    bad |= fs_json_set_real(object, "gradient_norm_end", end->gradient_norm);
    bad |= fs_json_set_real(object, "speed_end", end->speed);
    bad |= fs_json_set(object, "rate", rate(&f->rate));
    bad |= fs_json_set_real(object, "energy_identity_error", worst_energy_error(T));
    bad |= fs_json_set_real(object, "atol_N", T->atol_N);
    bad |= fs_json_set_text(object, "solver", T->solver);
    bad |= fs_json_set_real(object, "cpu_s", T->cpu_s);
    bad |= fs_json_set(object, "complete", json_boolean(fs_run_complete(f)));
    bad |= fs_json_set_text(object, "status", T->status);
    return unless(bad, object);
}

static json_t *spread(const fs_spread *s)
{
    json_t *object = json_object();
    const double quartile[2] = { s->lower, s->upper };
    int bad = fs_json_set_real(object, "median", s->median);
    bad |= fs_json_set(object, "quartiles", fs_json_reals(2, quartile));
    bad |= fs_json_set_real(object, "min", s->min);
    bad |= fs_json_set_real(object, "max", s->max);
    return unless(bad, object);
}

static json_t *summary(const fs_run *run, double *buffer)
{
    json_t *array = json_array();
    int bad = 0;
    for (size_t g = 0; g < run->n_gamma; g++)
        for (size_t k = 0; k < run->n_kinds; k++) {
            fs_spread distance = fs_run_spread(run, g, k, FS_END_DISTANCE, buffer), risk = fs_run_spread(run, g, k, FS_END_RISK, buffer);
            json_t *one = json_object();
            bad |= fs_json_set_real(one, "gamma", run->gamma[g]);
            bad |= fs_json_set_text(one, "flow", fs_flow_name(run->kind[k]));
            bad |= fs_json_set_count(one, "runs", distance.count);
            bad |= fs_json_set_count(one, "missing", distance.missing);
            bad |= fs_json_set(one, "distance_end", spread(&distance));
            bad |= fs_json_set(one, "risk_end", spread(&risk));
            bad |= json_array_append_new(array, one) != 0;
        }
    return unless(bad, array);
}

json_t *fs_json_run(const fs_report_head *head, const fs_run *run)
{
    int list = run->n_gamma * run->n_seed > 1;
    double *buffer = fs_calloc(run->n_seed, sizeof *buffer);
    json_t *flows = json_array(), *object = fs_json_head(head);
    int bad = !buffer;
    bad |= fs_json_set(object, "gamma", list ? fs_json_reals(run->n_gamma, run->gamma) : fs_json_real(run->gamma[0]));
    bad |= fs_json_set(object, "seed", list ? seeds(run->n_seed, run->seed) : fs_json_seed(run->seed[0]));
    bad |= fs_json_set_real(object, "distance", run->distance);
    for (size_t i = 0; i < run->n; i++) bad |= json_array_append_new(flows, flow(&run->flow[i])) != 0;
    bad |= fs_json_set(object, "flows", flows);
    if (run->bounds) bad |= fs_json_set(object, "bounds", fs_json_bounds(run->bounds));
    if (list && buffer) bad |= fs_json_set(object, "summary", summary(run, buffer));
    free(buffer);
    return unless(bad, object);
}

/* --- writing ---------------------------------------------------------------------------- */

fs_status fs_json_print(FILE *stream, const json_t *report, fs_err *err)
{
    char *text = json_dumps(report, JSON_REAL_PRECISION(17) | JSON_PRESERVE_ORDER | JSON_INDENT(2));
    if (!text) return fs_fail(err, FS_ENOMEM, "report as JSON");
    int failed = fprintf(stream, "%s\n", text) < 0 || fflush(stream) != 0;
    free(text);
    return failed ? fs_fail(err, FS_EIO, "expected to write the report, and the stream failed") : FS_OK;
}

fs_status fs_json_write(const char *path, const json_t *report, fs_err *err)
{
    fs_output *o;
    FS_TRY(fs_output_open(&o, path, err));
    fs_status status = fs_json_print(fs_output_stream(o), report, err);
    if (status == FS_OK) return fs_output_commit(o, err);
    fs_output_abandon(o);
    return status;
}
