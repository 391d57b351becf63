/* report/gnuplot.c -- one gnuplot script, run without a shell and without trust
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report/gnuplot.h"

#include "base/clock.h"

#include "report/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NOT_STARTED = 127, LARGEST_FILE = 1 << 28 };

/* In the new process: a group of its own, so that all it starts can be ended with it; an alarm, should we be gone first. */
static _Noreturn void become(const char *program, const char *folder, char *const *argument, int words, double limit_s)
{
    const struct rlimit largest = { LARGEST_FILE, LARGEST_FILE }, no_core = { 0, 0 };
    int nothing = open("/dev/null", O_RDONLY);
    setpgid(0, 0);
    setrlimit(RLIMIT_FSIZE, &largest);
    setrlimit(RLIMIT_CORE, &no_core);
    alarm((unsigned)limit_s + 2);
    if (nothing >= 0 && dup2(nothing, 0) == 0 && dup2(words, 1) == 1 && dup2(words, 2) == 2 && chdir(folder) == 0)
        execvp(program, argument);
    _exit(NOT_STARTED);
}

/* 1 when the process ended, 0 when time was up.  Its group is killed in either case, before the process is reaped and its number
 * can become somebody else's. */
static int wait_for(pid_t process, double limit_s, int *status)
{
    const struct timespec pause = { 0, 5000000 };
    double end = fs_wall_seconds() + limit_s;
    int ended = 0;
    while (!ended && fs_wall_seconds() < end) {
        siginfo_t info = { .si_pid = 0 };
        int failed = waitid(P_PID, (id_t)process, &info, WEXITED | WNOHANG | WNOWAIT);
        ended = (failed && errno == ECHILD) || info.si_pid == process;
        if (!ended) nanosleep(&pause, NULL);
    }
    kill(-process, SIGKILL);
    *status = 0;                /* stays so when the embedding program ignores SIGCHLD: the picture itself decides */
    while (waitpid(process, status, 0) < 0 && errno == EINTR) continue;
    return ended;
}

/* The last line the program wrote: gnuplot's error message stands there. */
static void last_words(FILE *words, char *line, size_t size)
{
    char text[2048];
    line[0] = 0;
    if (fseek(words, 0, SEEK_END) != 0) return;
    long length = ftell(words), from = length > (long)sizeof text - 1 ? length - (long)sizeof text + 1 : 0;
    if (length <= 0 || fseek(words, from, SEEK_SET) != 0) return;
    size_t n = fread(text, 1, sizeof text - 1, words);
    while (n && strchr(" \t\r\n", text[n - 1])) n--;
    text[n] = 0;
    const char *newline = strrchr(text, '\n');
    fs_text_line(newline ? newline + 1 : text, size, line);
}

int fs_gnuplot_run(const char *program, const char *folder, const char *definition, const char *script, double limit_s, char *note, size_t size)
{
    char name[64], said[200];
    char *const argument[] = { (char *)program, (char *)"-d", (char *)"-e", (char *)definition, (char *)script, NULL };
    int status = 0, good = 0;
    fs_text_line(program, sizeof name, name);
    FILE *words = tmpfile();
    if (!words) {
        snprintf(note, size, "no temporary file for what %s says: %s", name, strerror(errno));
        return 0;
    }
    pid_t process = fork();
    if (process == 0) become(program, folder, argument, fileno(words), limit_s);
    if (process < 0) {
        snprintf(note, size, "%s could not be started: %s", name, strerror(errno));
        goto done;
    }
    setpgid(process, process);
    int ended = wait_for(process, limit_s, &status);
    last_words(words, said, sizeof said);
    const char *colon = said[0] ? ": " : "";
    if (!ended)
        snprintf(note, size, "%s did not end within %g s and was stopped%s%s", name, limit_s, colon, said);
    else if (WIFSIGNALED(status))
        snprintf(note, size, "%s was ended by signal %d%s%s", name, WTERMSIG(status), colon, said);
    else if (WEXITSTATUS(status) == NOT_STARTED)
        snprintf(note, size, "%s could not be started%s%s; Debian's package is gnuplot-nox", name, colon, said);
    else if (WEXITSTATUS(status))
        snprintf(note, size, "%s ended with status %d%s%s", name, WEXITSTATUS(status), colon, said);
    else
        good = 1;
done:
    fclose(words);
    return good;
}
