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
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NOT_STARTED = 127, LARGEST_FILE = 1 << 26 };

/* What the caller ignores or holds back would be so in the new program as well: a file that grows too large would be no end of it. */
static void forget_signals(void)
{
    static const int often_ignored[] = { SIGXFSZ, SIGPIPE, SIGALRM, SIGTERM, SIGHUP, SIGINT, SIGCHLD };
    sigset_t none;
    for (size_t i = 0; i < sizeof often_ignored / sizeof *often_ignored; i++) signal(often_ignored[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Killed when the caller is: by the system where it can, by an alarm elsewhere. */
static void die_with(pid_t caller, double limit_s)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != caller) _exit(NOT_STARTED);
    alarm((unsigned)limit_s + 2);
}

/* In the new process: a group of its own, so that all it starts can be ended with it, and an interrupt from the terminal is left to the caller. */
static _Noreturn void become(const char *program, const char *folder, char *const *argument, int words, pid_t caller, double limit_s)
{
    const struct rlimit largest = { LARGEST_FILE, LARGEST_FILE }, no_core = { 0, 0 };
    int nothing = open("/dev/null", O_RDONLY);
    setpgid(0, 0);
    setrlimit(RLIMIT_FSIZE, &largest);
    setrlimit(RLIMIT_CORE, &no_core);
    forget_signals();
    die_with(caller, limit_s);
    if (nothing >= 0 && dup2(nothing, 0) == 0 && dup2(words, 1) == 1 && dup2(words, 2) == 2 && chdir(folder) == 0)
        execvp(program, argument);
    _exit(NOT_STARTED);
}

typedef enum { ENDED, OUT_OF_TIME, STOPPED } ending;

/* The group of the process is killed in every case, before the process is reaped and its number can become somebody else's. */
static ending wait_for(pid_t process, double limit_s, const fs_watch *watch, int *status)
{
    const struct timespec pause = { 0, 5000000 };
    double end = fs_wall_seconds() + limit_s;
    ending how = OUT_OF_TIME;
    while (how == OUT_OF_TIME && fs_wall_seconds() < end) {
        siginfo_t info = { .si_pid = 0 };
        int failed = waitid(P_PID, (id_t)process, &info, WEXITED | WNOHANG | WNOWAIT);
        if ((failed && errno == ECHILD) || info.si_pid == process) how = ENDED;
        else if (fs_watch_report(watch, "drawing", -1.0) != FS_OK) how = STOPPED;
        else nanosleep(&pause, NULL);
    }
    kill(-process, SIGKILL);
    *status = 0;                /* stays so when the embedding program ignores SIGCHLD: the picture itself decides */
    while (waitpid(process, status, 0) < 0 && errno == EINTR) continue;
    return how;
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

/* 1 when it ended well: note is what it said; 0: note is why not. */
static int judge(const char *name, ending how, int status, double limit_s, const char *said, char *note, size_t size)
{
    const char *colon = said[0] ? ": " : "";
    if (how == STOPPED)
        snprintf(note, size, "%s was interrupted", name);
    else if (how == OUT_OF_TIME)
        snprintf(note, size, "%s did not end within %g s and was stopped%s%s", name, limit_s, colon, said);
    else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ)
        snprintf(note, size, "%s wrote more than %d MB and was stopped%s%s", name, LARGEST_FILE >> 20, colon, said);
    else if (WIFSIGNALED(status))
        snprintf(note, size, "%s was ended by signal %d%s%s", name, WTERMSIG(status), colon, said);
    else if (WEXITSTATUS(status) == NOT_STARTED)
        snprintf(note, size, "%s could not be started%s%s; Debian's package is gnuplot-nox", name, colon, said);
    else if (WEXITSTATUS(status))
        snprintf(note, size, "%s ended with status %d%s%s", name, WEXITSTATUS(status), colon, said);
    else
        snprintf(note, size, "%s", said);
    return how == ENDED && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int fs_gnuplot_run(const char *program, const char *folder, const char *definition, const char *script, double limit_s, const fs_watch *watch,
                   char *note, size_t size)
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
    pid_t caller = getpid(), process = fork();
    if (process == 0) become(program, folder, argument, fileno(words), caller, limit_s);
    if (process < 0) {
        snprintf(note, size, "%s could not be started: %s", name, strerror(errno));
    } else {
        setpgid(process, process);
        ending how = wait_for(process, limit_s, watch, &status);
        last_words(words, said, sizeof said);
        good = judge(name, how, status, limit_s, said, note, size);
    }
    fclose(words);
    return good;
}
