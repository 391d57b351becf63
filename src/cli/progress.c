/* cli/progress.c -- one line on the terminal while something takes long
 *
 *   [###########.........]  55 %  nominal gamma 10 seed 1   t 16.5  step 412  R 3.2e-01  |Y| 1.4e-02
 *   [########............]  40 %    12 s  Lanczos on N, standard
 *   [....................]          12 s  Newton                            where nobody knows how far it is
 *
 * Threads report independently; the line shows the mean of their fractions and whoever spoke last, ten times a second.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/cli.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BAR = 24 };
static const double interval = 0.1, patience = 0.5;     /* seconds between lines, and before the first */

struct cli_progress {
    int shown, enabled;
    size_t tasks;
    double t_end, start, last;
    double *fraction;               /* (tasks) */
    pthread_mutex_t lock;
};

cli_progress *cli_progress_create(const options *o, size_t tasks, double t_end)
{
    cli_progress *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->fraction = calloc(tasks ? tasks : 1, sizeof *p->fraction);
    if (!p->fraction || pthread_mutex_init(&p->lock, NULL) != 0) {
        free(p->fraction);
        free(p);
        return NULL;
    }
    p->enabled = !o->quiet && isatty(STDERR_FILENO);
    p->tasks = tasks;
    p->t_end = t_end;
    p->start = fs_wall_seconds();
    return p;
}

static void fill(char bar[BAR + 1], double done)
{
    for (int i = 0; i < BAR; i++) bar[i] = (double)i < done * BAR ? '#' : '.';
    bar[BAR] = 0;
}

static void show(cli_progress *p, const fs_run_flow *flow, double t, long step, const fs_flow_point *point)
{
    char bar[BAR + 1];
    double done = 0.0;
    for (size_t i = 0; i < p->tasks; i++) done += p->fraction[i];
    done /= (double)p->tasks;
    fill(bar, done);
    fprintf(stderr, "\r[%s] %3.0f %%  %-11s gamma %-6g seed %-4llu t %-9.4g step %-6ld R %.3e |Y| %.1e\033[K", bar, 100.0 * done,
            fs_flow_name(flow->kind), flow->gamma, (unsigned long long)flow->seed, t, step, point->risk, point->distance);
    fflush(stderr);
    p->shown = 1;
}

/* Is it time for a line? */
static int due(cli_progress *p)
{
    double now = fs_wall_seconds();
    if (!(now - p->start > patience && now - p->last > interval)) return 0;
    p->last = now;
    return 1;
}

int cli_progress_step(void *context, size_t index, const fs_run_flow *flow, double t, double h, long step, const fs_flow_point *point)
{
    (void)h;
    cli_progress *p = context;
    if (p->enabled) {
        pthread_mutex_lock(&p->lock);
        p->fraction[index] = t / p->t_end;
        if (due(p)) show(p, flow, t, step, point);
        pthread_mutex_unlock(&p->lock);
    }
    return cli_signal();
}

static void show_stage(cli_progress *p, const char *stage, double fraction)
{
    char bar[BAR + 1], percent[16] = "     ";
    int known = fraction >= 0.0;
    fill(bar, known ? fraction : 0.0);
    if (known) snprintf(percent, sizeof percent, "%3.0f %%", 100.0 * (fraction < 1.0 ? fraction : 1.0));
    fprintf(stderr, "\r[%s] %s %5.0f s  %.80s\033[K", bar, percent, p->last - p->start, stage);
    fflush(stderr);
    p->shown = 1;
}

static int report_stage(void *context, const char *stage, double fraction)
{
    cli_progress *p = context;
    if (p->enabled) {
        pthread_mutex_lock(&p->lock);
        if (due(p)) show_stage(p, stage, fraction);
        pthread_mutex_unlock(&p->lock);
    }
    return cli_signal();
}

fs_watch cli_progress_watch(cli_progress *p)
{
    return (fs_watch){ report_stage, p };
}

void cli_progress_destroy(cli_progress *p)
{
    if (!p) return;
    if (p->shown) fputs("\r\033[K", stderr);
    pthread_mutex_destroy(&p->lock);
    free(p->fraction);
    free(p);
}
