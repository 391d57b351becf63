/* tests/test_gnuplot.c -- laws of drawing: whatever gnuplot is and does, we are back in time, nothing lives on, half a picture is none
 *
 * gnuplot is a shell script here: its third argument is the definition figure_file='...', and names the picture.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "folder.h"
#include "law.h"

#include "base/clock.h"
#include "report/figure_plan.h"
#include "report/gnuplot.h"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *in_folder(const char *name)
{
    static char path[4][400];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static void put(const char *path, const char *text)
{
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    assert_true(fputs(text, stream) >= 0 && fclose(stream) == 0);
}

static int exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* A program of this shell script. */
static const char *fake(const char *body)
{
    static char path[400];
    char text[2000];
    snprintf(path, sizeof path, "%s/fake", folder);
    snprintf(text, sizeof text, "#!/bin/sh\neval \"$3\"\n%s\n", body);
    put(path, text);
    assert_int_equal(chmod(path, 0755), 0);
    return path;
}

static void expect_word(const char *text, const char *word)
{
    if (!strstr(text, word)) fail_msg("\"%s\" does not say \"%s\"", text, word);
}

static int run(const char *body, double limit_s, const fs_watch *watch, char note[300])
{
    return fs_gnuplot_run(fake(body), folder, "figure_file='picture'", "figure.gp", limit_s, watch, note, 300);
}

/* A pipe that every process started from here on holds open: its end is read when the last of them is gone. */
static int held[2];

static void hold(void)
{
    assert_int_equal(pipe(held), 0);
}

static int all_gone(void)
{
    close(held[1]);
    struct pollfd end = { .fd = held[0], .events = POLLIN };
    int gone = poll(&end, 1, 2000) == 1;
    close(held[0]);
    return gone;
}

/* --- the program -------------------------------------------------------------------------------------- */

static void a_program_runs_in_the_folder_with_its_arguments(void **state)
{
    (void)state;
    char note[300];
    assert_int_equal(run("cat; printf '%s ' \"$@\" >said; echo nothing wrong", 5.0, NULL, note), 1);
    assert_string_equal(note, "nothing wrong");
    FILE *stream = fopen(in_folder("said"), "r");
    char said[100] = "";
    assert_non_null(stream);
    assert_non_null(fgets(said, sizeof said, stream));
    fclose(stream);
    assert_string_equal(said, "-d -e figure_file='picture' figure.gp ");
    assert_int_equal(run("exit 0", 5.0, NULL, note), 1);
    assert_string_equal(note, "");
}

/* One byte behind a hole of 70 MB. */
#define FAR "exec dd if=/dev/zero bs=1 count=1 seek=70000000 conv=notrunc 2>/dev/null"

static void every_failure_is_told_in_words(void **state)
{
    (void)state;
    static const struct { const char *body, *word; double limit_s; } bad[] = {
        { "echo 'line 7: undefined variable' >&2; exit 1", "status 1: line 7: undefined variable", 5.0 },
        { "echo first; kill -SEGV $$", "signal 11: first", 5.0 },
        { "echo here; exec sleep 100", "did not end within 0.2 s and was stopped: here", 0.2 },
        { "trap '' TERM INT HUP; sleep 100 & while :; do sleep 100; done", "did not end within", 0.2 },
        { "yes | head -c 3000000; echo last words >&2; exit 3", "status 3: last words", 5.0 },
        { FAR, "wrote more than 64 MB and was stopped", 5.0 },
        { FAR " >$figure_file", "wrote more than 64 MB", 5.0 },
    };
    char note[300];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double start = fs_wall_seconds();
        assert_int_equal(run(bad[i].body, bad[i].limit_s, NULL, note), 0);
        assert_at_most(fs_wall_seconds() - start, 4.0);
        expect_word(note, bad[i].word);
    }
    remove(in_folder("picture"));
    assert_int_equal(fs_gnuplot_run("/no/such/program", folder, "x=1", "figure.gp", 1.0, NULL, note, sizeof note), 0);
    expect_word(note, "/no/such/program could not be started");
    assert_int_equal(fs_gnuplot_run(fake("exit 0"), in_folder("no/such/folder"), "x=1", "figure.gp", 1.0, NULL, note, sizeof note), 0);
    expect_word(note, "could not be started");
}

/* A file that grows too large ends the program, though its caller would only be told so by the failing write. */
static void what_the_caller_ignores_still_ends_the_program(void **state)
{
    (void)state;
    char note[300];
    void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(run(FAR, 5.0, NULL, note), 0);
    signal(SIGXFSZ, before);
    expect_word(note, "wrote more than 64 MB");
}

static void nothing_it_started_lives_on(void **state)
{
    (void)state;
    char note[300];
    hold();
    assert_int_equal(run("sleep 100 & exit 2", 5.0, NULL, note), 0);
    assert_true(all_gone());
    hold();
    assert_int_equal(run("sleep 100 & wait", 0.2, NULL, note), 0);
    assert_true(all_gone());
}

typedef struct { int asked, stop_at; } patience;

static int ask(void *context, const char *stage, double fraction)
{
    patience *p = context;
    assert_string_equal(stage, "drawing");
    assert_true(fraction < 0.0);
    return ++p->asked >= p->stop_at;
}

static void a_watch_stops_it_at_once(void **state)
{
    (void)state;
    char note[300];
    patience p = { .stop_at = 20 };
    double start = fs_wall_seconds();
    hold();
    assert_int_equal(run("sleep 100 & wait", 30.0, &(fs_watch){ ask, &p }, note), 0);
    assert_at_most(fs_wall_seconds() - start, 4.0);
    assert_int_equal(p.asked, 20);
    expect_word(note, "was interrupted");
    assert_true(all_gone());
    p = (patience){ .stop_at = 1 << 30 };
    assert_int_equal(run("sleep 0.1", 30.0, &(fs_watch){ ask, &p }, note), 1);
    assert_true(p.asked > 1);
}

#ifdef __linux__
static void it_dies_with_its_caller(void **state)
{
    (void)state;
    char note[300];
    fake("echo >started; exec sleep 100");
    hold();
    pid_t caller = fork();
    if (caller == 0) _exit(fs_gnuplot_run(in_folder("fake"), folder, "x=1", "figure.gp", 50.0, NULL, note, sizeof note));
    for (int i = 0; i < 200 && !exists(in_folder("started")); i++) nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
    kill(caller, SIGKILL);
    assert_int_equal(waitpid(caller, NULL, 0), caller);
    assert_true(all_gone());
}
#endif

/* --- the picture -------------------------------------------------------------------------------------- */

static void data(FILE *stream, void *context)
{
    fs_figure_row(stream, 2, context);
}

static void variables(FILE *stream, void *context)
{
    (void)context;
    fs_figure_set_text(stream, "title_text", "a title", 76);
}

static void draw_with(fs_figure *out, const char *program, const char *format, const char *scripts)
{
    double row[] = { 1.0, 2.0 };
    const fs_figure_plan plan = { "body.gp", data, variables, row };
    const fs_figure_options options = { .format = format, .scripts = scripts, .gnuplot = program, .limit_s = 5.0 };
    fs_folder *f;
    fs_err err;
    put(in_folder("style.gp"), "# style\n");
    put(in_folder("body.gp"), "# body\n");
    assert_ok(fs_folder_open(&f, in_folder("out"), 0, &err), err);
    assert_ok(fs_figure_draw(out, f, &options, &plan, &err), err);
    assert_ok(fs_folder_settle(f, &err), err);
    fs_folder_destroy(f);
    assert_true(exists(in_folder("out/figure.dat")));
}

static void draw(fs_figure *out, const char *body, const char *format)
{
    draw_with(out, fake(body), format, folder);
}

/* A picture that breaks off, as on a full disk, is none; the one that was there before is gone with it. */
static void a_picture_is_whole_or_missing(void **state)
{
    (void)state;
    static const struct { const char *format, *whole, *cut; } pictures[] = {
        { "png", "printf '\\211PNG....IEND\\256B`\\202' >$figure_file", "printf '\\211PNG....IEN' >$figure_file" },
        { "svg", "printf '<?xml ...></svg>\\n' >$figure_file", "printf '<?xml ... <path' >$figure_file" },
        { "pdf", "printf '%%PDF-1.5 ...%%%%EOF\\n' >$figure_file", "printf '%%PDF-1.5 ... endobj' >$figure_file" },
        { "dumb", "printf '\\f\\n  *\\n' >$figure_file", "printf '\\f \\n \\r\\t' >$figure_file" },
    };
    fs_figure figure;
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        char name[40];
        draw(&figure, pictures[i].whole, pictures[i].format);
        if (!figure.made) fail_msg("%s: %s", pictures[i].format, figure.note);
        assert_string_equal(figure.note, "");
        snprintf(name, sizeof name, "out/%s", figure.file);
        assert_true(exists(in_folder(name)));
        static const char *const other[] = { ":", ": >$figure_file", "echo something else >$figure_file" };
        for (size_t k = 0; k < 3 + (i < 3); k++) {
            if (k == 2 && i == 3) continue;             /* something else is a text as well */
            draw(&figure, k < 3 ? other[k] : pictures[i].cut, pictures[i].format);
            assert_false(figure.made);
            expect_word(figure.note, "ended well, but drew no");
            assert_false(exists(in_folder(name)));
        }
    }
    draw(&figure, pictures[3].cut, "dumb");
    assert_false(figure.made);
}

static void what_gnuplot_said_is_the_reason(void **state)
{
    (void)state;
    fs_figure figure;
    draw(&figure, "echo 'expected gnuplot 5.2 or later, found 4.6'", "png");
    expect_word(figure.note, "drew no png picture: expected gnuplot 5.2 or later, found 4.6");
    draw(&figure, "echo only a warning; printf '<?xml ...></svg>' >$figure_file", "svg");
    assert_true(figure.made);
    assert_string_equal(figure.note, "");
    assert_string_equal(figure.file, "figure.svg");
}

/* Before anything that an old one might not understand. */
static void the_version_is_asked_first(void **state)
{
    (void)state;
    fs_figure figure;
    char line[200] = "#";
    draw(&figure, "exit 1", "png");
    FILE *stream = fopen(in_folder("out/figure.gp"), "r");
    assert_non_null(stream);
    while (line[0] == '#' || line[0] == '\n') assert_non_null(fgets(line, sizeof line, stream));
    fclose(stream);
    expect_word(line, "if (GPVAL_VERSION < 5.2) print");
    expect_word(line, "; exit\n");
}

static void without_scripts_only_the_data_are_written(void **state)
{
    (void)state;
    fs_figure figure;
    draw_with(&figure, "gnuplot", "png", NULL);
    assert_false(figure.made);
    expect_word(figure.note, "folder of figure scripts was not found");
    assert_false(exists(in_folder("out/figure.gp")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_runs_in_the_folder_with_its_arguments),
        cmocka_unit_test(every_failure_is_told_in_words),
        cmocka_unit_test(what_the_caller_ignores_still_ends_the_program),
        cmocka_unit_test(nothing_it_started_lives_on),
        cmocka_unit_test(a_watch_stops_it_at_once),
#ifdef __linux__
        cmocka_unit_test(it_dies_with_its_caller),
#endif
        cmocka_unit_test(a_picture_is_whole_or_missing),
        cmocka_unit_test(what_gnuplot_said_is_the_reason),
        cmocka_unit_test(the_version_is_asked_first),
        cmocka_unit_test(without_scripts_only_the_data_are_written),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
