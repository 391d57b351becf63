/* experiment/phase_frame.c -- centre and axes of the plane of a phase portrait
 *
 *   w = centre + a u + b v
 *
 * dim L = 2: the adapted coordinates themselves.  Larger: through the point of E where the equivariant flow comes to rest, along the lowest eigenvectors of H_E and
 * H_N there, or along the principal directions of the paths, of X(t) and of Y(t): leading singular vectors of their nodes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "base/norm.h"
#include "experiment/phase_private.h"

#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A direct summand of TL: coordinates [from, from + dim). */
typedef struct {
    int in_N;
    size_t from, dim;
    const fs_spectrum_block *spectrum;
} summand;

static summand summand_of(const fs_portrait *k, int in_N)
{
    return (summand){ .in_N = in_N, .from = in_N ? k->E : 0, .dim = in_N ? k->n - k->E : k->E,
                      .spectrum = !k->spectrum ? NULL : in_N ? &k->spectrum->N : &k->spectrum->E };
}

/* --- places --------------------------------------------------------------------------------------- */

void fs_phase_project(const fs_portrait *k, const double *w, double place[2])
{
    for (int axis = 0; axis < 2; axis++) {
        const double *u = k->phase->axis[axis].direction;
        place[axis] = 0.0;
        for (size_t i = 0; i < k->n; i++) place[axis] += u[i] * (w[i] - k->phase->centre[i]);
    }
}

void fs_phase_lift(const fs_portrait *k, const double place[2], double *w)
{
    const double *u = k->phase->axis[0].direction, *v = k->phase->axis[1].direction;
    for (size_t i = 0; i < k->n; i++) w[i] = k->phase->centre[i] + (place[0] * u[i] + place[1] * v[i]);
}

double fs_phase_off(const fs_portrait *k, const double *w)
{
    const double *u = k->phase->axis[0].direction, *v = k->phase->axis[1].direction;
    double place[2], sum = 0.0;
    if (k->phase->exact) return 0.0;
    fs_phase_project(k, w, place);
    for (size_t i = 0; i < k->n; i++) {
        double d = w[i] - k->phase->centre[i] - (place[0] * u[i] + place[1] * v[i]);
        sum += d * d;
    }
    return sqrt(sum);
}

void fs_phase_penalise(const fs_phase *phase, double gamma, const double place[2], double F[2])
{
    for (int i = 0; i < 2; i++) F[i] -= gamma * (phase->penalty[i][0] * place[0] + phase->penalty[i][1] * place[1]);
}

fs_status fs_phase_observer(fs_flow **out, const fs_portrait *k, double gamma, fs_err *err)
{
    return fs_problem_flow(out, k->p, k->o->kind, gamma, k->threads, k->o->keep_limit, err);
}

static double flow_time(const fs_portrait *k)
{
    return k->o->t_end > 0.0 ? k->o->t_end : fs_problem_settings(k->p)->t_end;
}

/* --- the centre -------------------------------------------------------------------------------------- */

static void tell_centre(const fs_portrait *k)
{
    const fs_stationary *at = k->centre;
    char *text = k->phase->centre_text;
    size_t size = sizeof k->phase->centre_text;
    static const char *const why[FS_SEARCH_COUNT] = {
        [FS_SEARCH_SEPARABLE] = "no finite minimum on E, the data are separated",
        [FS_SEARCH_RUNAWAY] = "the weights seem to grow without end",
        [FS_SEARCH_UNREACHED] = "no stationary point was reached",
        [FS_SEARCH_STOPPED] = "stopped on the way",
    };
    static const char *const kind[FS_POINT_COUNT] = {
        [FS_POINT_MINIMUM] = "a strict minimum on E", [FS_POINT_DEGENERATE] = "a degenerate stationary point on E", [FS_POINT_SADDLE] = "a saddle on E",
        [FS_POINT_MAXIMUM] = "a maximum on E",        [FS_POINT_UNKNOWN] = "a stationary point on E",
    };
    if (!k->E) snprintf(text, size, "the one point of E");
    else if (k->n > FS_STABILITY_DENSE_LIMIT)
        snprintf(text, size, "the end of the equivariant flow, t = %.4g: beyond dim L = %d no stationary point is looked for", at->t_flow, FS_STABILITY_DENSE_LIMIT);
    else if (at->outcome != FS_SEARCH_FOUND) snprintf(text, size, "the end of the equivariant flow, t = %.4g: %s", at->t_flow, why[at->outcome]);
    else snprintf(text, size, "%s", kind[isfinite(k->centre_shift) ? fs_point_of(&k->spectrum->E, 0.0, k->centre_shift) : FS_POINT_UNKNOWN]);
}

/* The blocks of Hess R at the centre, and how far they are known. */
static fs_status look_at_centre(fs_portrait *k, fs_err *err)
{
    const fs_phase_options *o = k->o;
    fs_flow *augmented = NULL, *observer = NULL;
    double *H = NULL;
    fs_spectrum_options options = { .watch = o->watch };
    k->centre_shift = (double)NAN;
    fs_status status = fs_phase_observer(&observer, k, 0.0, err);
    if (status == FS_OK) status = fs_spectrum_compute(&k->spectrum, k->p, observer, k->centre->w, &options, err);
    if (status == FS_OK && k->spectrum->stopped) status = fs_fail(err, FS_ESTOPPED, "stopped while the spectrum at the centre was computed");
    if (status != FS_OK || k->centre->outcome != FS_SEARCH_FOUND) goto done;
    status = fs_problem_flow(&augmented, k->p, FS_FLOW_AUGMENTED, 0.0, k->threads, o->keep_limit, err);
    if (status != FS_OK) goto done;
    fs_point_flows flows = { .problem = k->p, .observer = observer, .own = o->kind == FS_FLOW_AUGMENTED ? observer : augmented, .threads = k->threads,
                             .keep_limit = o->keep_limit };
    if (k->n > FS_STABILITY_DENSE_LIMIT) status = fs_point_shift_of_lowest(&k->centre_shift, &flows, k->centre, k->spectrum, err);
    else {
        H = fs_calloc(k->n, k->n * sizeof *H);
        status = H ? fs_objective_hessian(observer, k->centre->w, H, err) : fs_fail(err, FS_ENOMEM, "Hessian of dimension %zu", k->n);
        if (status == FS_OK) status = fs_point_shift(&k->centre_shift, &flows, k->centre, H, err);
    }
done:
    free(H);
    fs_flow_destroy(observer);
    fs_flow_destroy(augmented);
    return status;
}

static int look(void *context, double t, double h, long step, const fs_flow_point *p)
{
    (void)h;
    (void)step;
    (void)p;
    const fs_portrait *k = context;
    return fs_watch_report(k->o->watch, "equivariant flow", t / flow_time(k)) != FS_OK;
}

/* In large dimension: where the equivariant flow ends, dressed as the end of a search. */
static fs_status end_of_flow(fs_portrait *k, fs_err *err)
{
    const fs_phase_options *o = k->o;
    const fs_flow_settings *settings = fs_problem_settings(k->p);
    double none = (double)NAN;
    fs_flow *f = NULL;
    fs_trajectory *T = NULL;
    fs_integrate_options integrate = { .t_end = flow_time(k), .rtol = o->rtol > 0.0 ? o->rtol : settings->rtol, .atol = o->atol > 0.0 ? o->atol : settings->atol,
                                       .method = o->method, .solver = o->solver, .progress = look, .context = k };
    fs_stationary *at = k->centre = fs_calloc(1, sizeof *at);
    if (!at) return fs_fail(err, FS_ENOMEM, "a state of dimension %zu", k->n);
    *at = (fs_stationary){ .outcome = FS_SEARCH_UNREACHED, .kind = FS_FLOW_EQUIVARIANT, .seed = k->seed[0], .by_flow = 1, .dim = k->n, .residual = none,
                           .tolerance = none, .correction = none };
    at->w = fs_calloc(k->n, sizeof *at->w);
    fs_status status = at->w ? fs_problem_flow(&f, k->p, FS_FLOW_EQUIVARIANT, 0.0, k->threads, o->keep_limit, err)
                             : fs_fail(err, FS_ENOMEM, "a state of dimension %zu", k->n);
    if (status == FS_OK) status = fs_trajectory_compute(&T, f, k->start, &integrate, err);
    if (status == FS_OK && T->code == FS_ESTOPPED) status = fs_fail(err, FS_ESTOPPED, "stopped on the way to the centre of the plane");
    if (status == FS_OK && T->code == FS_ENOMEM) status = fs_fail(err, FS_ENOMEM, "%.400s", T->status);
    if (status == FS_OK) {
        memcpy(at->w, T->w_end, k->E * sizeof *at->w);
        at->t_flow = T->t_reached;
    }
    fs_trajectory_destroy(T);
    fs_flow_destroy(f);
    return status;
}

fs_status fs_phase_centre(fs_portrait *k, fs_err *err)
{
    fs_phase *phase = k->phase;
    const fs_phase_options *o = k->o;
    phase->centre = fs_calloc(k->n, sizeof *phase->centre);
    for (int axis = 0; axis < 2; axis++) {
        phase->axis[axis].direction = fs_calloc(k->n, sizeof *phase->axis[axis].direction);
        phase->axis[axis].curvature = phase->axis[axis].curvature_error = (double)NAN;
        if (!phase->axis[axis].direction || !phase->centre) return fs_fail(err, FS_ENOMEM, "a plane in dimension %zu", k->n);
    }
    if (phase->exact) {
        snprintf(phase->centre_text, sizeof phase->centre_text, "the origin");
        return FS_OK;
    }
    fs_stationary_options search = { .solver = o->solver, .threads = k->threads, .keep_limit = o->keep_limit, .watch = o->watch };
    if (k->n > FS_STABILITY_DENSE_LIMIT) FS_TRY(end_of_flow(k, err));
    else FS_TRY(fs_stationary_find(&k->centre, k->p, FS_FLOW_EQUIVARIANT, 0.0, k->start, &search, err));
    if (k->centre->outcome == FS_SEARCH_STOPPED) return fs_fail(err, FS_ESTOPPED, "stopped on the way to a stationary point on E");
    memcpy(phase->centre, k->centre->w, k->n * sizeof *phase->centre);
    FS_TRY(look_at_centre(k, err));
    tell_centre(k);
    return FS_OK;
}

/* --- axes -------------------------------------------------------------------------------------------------- */

/* Unit, orthogonal to `other` (NULL: to nothing); 0 where nothing is left. */
static int orthonormalise(size_t n, double *u, const double *other)
{
    double before = fs_norm(n, u), along = other ? fs_dot(n, u, other) : 0.0;
    for (size_t i = 0; other && i < n; i++) u[i] -= along * other[i];
    double length = fs_norm(n, u);
    if (!(length > 1e-6 * before)) return 0;
    /* once more: what the first subtraction left of rounding is large beside a short rest */
    along = other ? fs_dot(n, u, other) / length : 0.0;
    for (size_t i = 0; i < n; i++) u[i] = u[i] / length - (other ? along * other[i] : 0.0);
    return 1;
}

/* The first coordinate direction of s that is not that of `other`. */
static void any_direction(const fs_portrait *k, summand s, double *u, const double *other)
{
    for (size_t j = 0; j < s.dim; j++) {
        memset(u, 0, k->n * sizeof *u);
        u[s.from + j] = 1.0;
        if (orthonormalise(k->n, u, other)) return;
    }
}

/* That of the first start as seen from the centre, else any. */
static void start_direction(const fs_portrait *k, summand s, double *u, const double *other)
{
    memset(u, 0, k->n * sizeof *u);
    for (size_t i = s.from; i < s.from + s.dim; i++) u[i] = k->start[i] - k->phase->centre[i];
    if (!orthonormalise(k->n, u, other)) any_direction(k, s, u, other);
}

static void name_axis(const fs_portrait *k, int axis, summand s, int second, const char *what)
{
    fs_phase_axis *x = &k->phase->axis[axis];
    x->in_N = s.in_N;
    snprintf(x->name, sizeof x->name, "%c, %s%s", axis ? 'v' : 'u', second ? "second " : "", what);
}

static void name_lowest(const fs_portrait *k, int axis, summand s, int second)
{
    name_axis(k, axis, s, second, s.in_N ? "lowest eigenvector of H_N" : "lowest eigenvector of H_E");
}

/* u = the part of z in the span of `count` orthonormal rows V (count, m), orthogonal to other (NULL: to nothing), all but u in the coordinates of s. */
static int part_in(const fs_portrait *k, summand s, size_t count, const double *V, const double *z, const double *other, double *u)
{
    double size = fs_norm(s.dim, z);
    memset(u, 0, k->n * sizeof *u);
    for (size_t j = 0; j < count; j++) {
        double along = fs_dot(s.dim, V + j * s.dim, z);
        for (size_t i = 0; i < s.dim; i++) u[s.from + i] += along * V[j * s.dim + i];
    }
    return fs_norm(k->n, u) > 1e-9 * size && orthonormalise(k->n, u, other);
}

/* The axes from `axis` on along the `count` lowest eigenvectors of the diagonal block of Hess R on s, from V (dim, dim), value (dim).  Equal eigenvalues leave a
 * choice: the part of the first start in their eigenspace, which no rounding moves, then any. */
static fs_status choose_lowest(const fs_portrait *k, summand s, int axis, int count, const double *V, const double *value, double error, fs_err *err)
{
    size_t m = s.dim, from = 0;
    double *z = fs_calloc(m, sizeof *z);
    if (!z) return fs_fail(err, FS_ENOMEM, "a direction of dimension %zu", m);
    for (size_t i = 0; i < m; i++) z[i] = k->start[s.from + i] - k->phase->centre[s.from + i];
    for (int c = 0; c < count; c++) {
        fs_phase_axis *x = &k->phase->axis[axis + c];
        const double *other = c ? k->phase->axis[axis].direction : NULL;
        size_t to = from;
        while (to < m && value[to] <= value[from] + 4.0 * error) to++;
        int found = part_in(k, s, to - from, V + from * m, z, other, x->direction);
        for (size_t j = from; j < to && !found; j++) found = part_in(k, s, 1, V + j * m, V + j * m, other, x->direction);
        x->curvature = value[from];
        x->curvature_error = error;
        name_lowest(k, axis + c, s, c);
        if (to - from == 1) from = to;
    }
    free(z);
    return FS_OK;
}

static fs_status lowest_dense(const fs_portrait *k, summand s, int axis, int count, const double *H, fs_err *err)
{
    size_t n = k->n, m = s.dim;
    double *A = fs_calloc(m, m * sizeof *A), *value = fs_calloc(m, sizeof *value);
    fs_status status = A && value ? FS_OK : fs_fail(err, FS_ENOMEM, "Hessian of dimension %zu", n);
    for (size_t i = 0; status == FS_OK && i < m; i++) memcpy(A + i * m, H + (s.from + i) * n + s.from, m * sizeof *A);
    if (status == FS_OK) status = fs_symmetric_eigen(m, A, value, err);
    if (status == FS_OK) status = choose_lowest(k, s, axis, count, A, value, (double)(n + 16) * DBL_EPSILON * fs_frobenius(n * n, H, NULL), err);
    free(A);
    free(value);
    return status;
}

/* The same where the Hessian is too large: by what Lanczos' method found. */
static void lowest_found(const fs_portrait *k, summand s, int axis, const double *other)
{
    fs_phase_axis *x = &k->phase->axis[axis];
    if (s.spectrum->lowest_vector && !other) {
        memcpy(x->direction, s.spectrum->lowest_vector, k->n * sizeof *x->direction);
        x->curvature = s.spectrum->lowest;
        x->curvature_error = s.spectrum->lowest_error;
        name_lowest(k, axis, s, 0);
    } else {
        start_direction(k, s, x->direction, other);
        name_axis(k, axis, s, 0, s.in_N ? "direction of the start in N" : "direction of the start in E");
    }
}

static fs_status unstable_axes(fs_portrait *k, fs_err *err)
{
    int mixed = k->E && k->n > k->E;
    summand first = summand_of(k, !k->E), second = summand_of(k, k->n > k->E);
    if (k->n > FS_STABILITY_DENSE_LIMIT) {
        lowest_found(k, first, 0, NULL);
        lowest_found(k, second, 1, mixed ? NULL : k->phase->axis[0].direction);
        return FS_OK;
    }
    fs_flow *observer = NULL;
    double *H = fs_calloc(k->n, k->n * sizeof *H);
    fs_status status = H ? fs_phase_observer(&observer, k, 0.0, err) : fs_fail(err, FS_ENOMEM, "Hessian of dimension %zu", k->n);
    if (status == FS_OK) status = fs_objective_hessian(observer, k->phase->centre, H, err);
    if (status == FS_OK) status = lowest_dense(k, first, 0, mixed ? 1 : 2, H, err);
    if (status == FS_OK && mixed) status = lowest_dense(k, second, 1, 1, H, err);
    fs_flow_destroy(observer);
    free(H);
    return status;
}

/* The first `count` principal directions of the paths' nodes in s, into the axes from `axis` on. */
static fs_status principal(fs_portrait *k, summand s, int axis, int count, fs_err *err)
{
    size_t m = 0, row = 0, q = s.dim, paths = k->phase->n_panels * k->n_starts;
    for (size_t i = 0; i < paths; i++) m += k->T[i]->n_nodes;
    size_t rank = m < q ? m : q;
    double *A = fs_calloc(m, q * sizeof *A), *U = fs_calloc(q, rank * sizeof *U), *V = fs_calloc(rank, m * sizeof *V), *value = fs_calloc(rank, sizeof *value);
    fs_status status = A && U && V && value ? FS_OK : fs_fail(err, FS_ENOMEM, "%zu states of dimension %zu", m, q);
    for (size_t i = 0; status == FS_OK && i < paths; i++)
        for (size_t node = 0; node < k->T[i]->n_nodes; node++, row++)
            for (size_t j = 0; j < q; j++) A[row * q + j] = k->T[i]->node_w[node * k->n + s.from + j] - k->phase->centre[s.from + j];
    if (status == FS_OK && !isfinite(fs_frobenius(m * q, A, NULL))) status = fs_fail(err, FS_ENAN, "the paths are too large for their principal directions");
    if (status != FS_OK) goto done;
    /* a node after the other is LAPACK's column after column */
    lapack_int info = LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'S', (lapack_int)q, (lapack_int)m, A, (lapack_int)q, value, U, (lapack_int)q, V, (lapack_int)rank);
    if (info != 0) {
        status = fs_fail(err, info == LAPACK_WORK_MEMORY_ERROR ? FS_ENOMEM : FS_ESOLVER, "LAPACK dgesdd returned %d on %zu states of dimension %zu", (int)info, m, q);
        goto done;
    }
    char what[60];
    snprintf(what, sizeof what, "principal direction of %s", s.in_N ? "Y(t)" : "X(t)");
    for (int i = 0; i < count; i++) {
        double *u = k->phase->axis[axis + i].direction;
        name_axis(k, axis + i, s, i, what);
        if ((size_t)i < rank && value[i] > DBL_EPSILON * value[0]) memcpy(u + s.from, U + (size_t)i * q, q * sizeof *u);
        else start_direction(k, s, u, i ? k->phase->axis[axis].direction : NULL);
    }
done:
    free(A);
    free(U);
    free(V);
    free(value);
    return status;
}

static fs_status motion_axes(fs_portrait *k, fs_err *err)
{
    if (!k->E || k->n == k->E) return principal(k, summand_of(k, !k->E), 0, 2, err);
    FS_TRY(principal(k, summand_of(k, 0), 0, 1, err));
    return principal(k, summand_of(k, 1), 1, 1, err);
}

static void exact_axes(fs_portrait *k)
{
    for (int axis = 0; axis < 2; axis++) {
        fs_phase_axis *x = &k->phase->axis[axis];
        x->in_N = (size_t)axis >= k->E;
        x->direction[axis] = 1.0;
        if (k->E == 1) snprintf(x->name, sizeof x->name, "%s", axis ? "y, across E" : "x, along E");
        else snprintf(x->name, sizeof x->name, "%c%d, %s E", k->E ? 'x' : 'y', axis + 1, k->E ? "on" : "across");
    }
}

/* Towards the first start; where that has nothing to say, the largest component positive. */
static void orient(const fs_portrait *k, double *u)
{
    double along = 0.0, largest = 0.0, size = 0.0;
    for (size_t i = 0; i < k->n; i++) {
        double d = k->start[i] - k->phase->centre[i];
        along += u[i] * d;
        size += d * d;
        if (fabs(u[i]) > fabs(largest)) largest = u[i];
    }
    double sign = fabs(along) > 1e-9 * sqrt(size) ? along : largest;
    for (size_t i = 0; i < k->n && sign < 0.0; i++) u[i] = 0.0 - u[i];
}

/* penalty = <u_i, M u_j> for the axes u_j in N, M the metric in which the weights move. */
static fs_status set_penalty(fs_portrait *k, fs_err *err)
{
    fs_phase *phase = k->phase;
    const fs_basis *basis = fs_problem_basis(k->p);
    const fs_sparse *B = fs_problem_parametrisation(k->p);
    double *A = fs_calloc(basis->n_par, 2 * sizeof *A), *z = fs_calloc(k->n, sizeof *z);
    fs_status status = A && z ? FS_OK : fs_fail(err, FS_ENOMEM, "%zu weights", basis->n_par);
    for (int j = 0; j < 2 && status == FS_OK; j++) {
        phase->penalised[j] = phase->axis[j].in_N;
        memset(A + basis->n_par, 0, basis->n_par * sizeof *A);
        fs_basis_expand(basis, phase->axis[j].direction, A);
        if (B) {
            fs_sparse_mul_transpose_add(B, A, A + basis->n_par);
            fs_sparse_mul(B, A + basis->n_par, A);
        }
        fs_basis_project(basis, A, z);
        for (int i = 0; i < 2; i++)
            phase->penalty[i][j] = !phase->penalised[j] ? 0.0 : B ? fs_dot(k->n, phase->axis[i].direction, z) : (double)(i == j);
    }
    free(A);
    free(z);
    return status;
}

fs_status fs_phase_axes(fs_portrait *k, fs_err *err)
{
    fs_phase *phase = k->phase;
    phase->E = !k->E ? FS_E_POINT : k->E == k->n ? FS_E_ALL : FS_E_LINE;
    if (phase->exact) exact_axes(k);
    else {
        FS_TRY(k->o->plane == FS_PLANE_MOTION ? motion_axes(k, err) : unstable_axes(k, err));
        for (int axis = 0; axis < 2; axis++) {
            orient(k, phase->axis[axis].direction);
            if (isfinite(k->centre_shift)) phase->axis[axis].curvature_error += k->centre_shift;
        }
    }
    return set_penalty(k, err);
}
