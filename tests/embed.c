/* tests/embed.c -- libflowsim in another program: the distance to E at the end of an augmented flow
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <flowsim.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    fs_err err;
    fs_problem *model = NULL;
    fs_flow *flow = NULL;
    fs_trajectory *path = NULL;
    const fs_integrate_options options = {.t_end = 2, .rtol = 1e-6, .atol = 1e-8, .n_times = 1, .times = &(double){2}};

    if (argc != 2 || fs_problem_load(&model, argv[1], 0, NULL, &err)) goto failed;
    if (fs_flow_create(&flow, FS_FLOW_AUGMENTED, fs_problem_basis(model), fs_problem_risk(model, 1), 10.0, 1, 1 << 24, &err)) goto failed;
    double *w = calloc(fs_flow_dim(flow), sizeof *w);
    if (!w || fs_problem_start_state(model, 1, 0.1, w, &err)) goto failed;
    if (fs_trajectory_compute(&path, flow, w, &options, &err)) goto failed;
    printf("%s: distance to E %.3g at t = %g (%s)\n", fs_problem_name(model), path->row[path->n_rows - 1].distance, options.t_end, path->status);
    const int shrank = path->code == FS_OK && path->row[path->n_rows - 1].distance < 1e-6;

    free(w);
    fs_trajectory_destroy(path);
    fs_flow_destroy(flow);
    fs_problem_destroy(model);
    return !shrank;
failed:
    fprintf(stderr, "embed: %s\n", argc == 2 ? err.text : "usage: embed MODEL.yaml");
    return 1;
}
