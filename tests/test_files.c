/* tests/test_files.c -- numbers as text, whole files, .npy
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "folder.h"
#include "law.h"

#include "base/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *in_folder(const char *name)
{
    static char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void put(const char *path, const void *bytes, size_t size)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

static void assert_holds(const char *path, const char *expected)
{
    char *text;
    size_t size;
    fs_err err;
    assert_ok(fs_file_read(path, 1000000, &text, &size, &err), err);
    assert_string_equal(text, expected);
    assert_int_equal(size, strlen(expected));
    free(text);
}

/* How many names in the folder contain this word. */
static int names_with(const char *word)
{
    int n = 0;
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) n += strstr(e->d_name, word) != NULL;
    closedir(d);
    return n;
}

/* --- numbers -------------------------------------------------------------------------- */

static void a_number_is_the_whole_token(void **state)
{
    (void)state;
    static const struct { const char *text; double value; } good[] = {
        { "0", 0.0 }, { "-0", -0.0 }, { "+1", 1.0 }, { "1.5", 1.5 }, { ".5", 0.5 }, { "5.", 5.0 }, { "0.75", 0.75 }, { "1e3", 1e3 },
        { "1E-08", 1e-8 }, { "-2.5e+2", -250.0 }, { "0e0", 0.0 }, { "4.9e-324", 4.9e-324 }, { "1e-400", 0.0 },
        { "1.7976931348623157e308", DBL_MAX }, { "100000000000000000000000000000", 1e29 },
    };
    static const char *const bad[] = {
        "", " ", "-", "+", ".", "e5", "-.e1", "1e", "1e+", "1,5", ".5.", "1.2.3", "007", "00", "-01.5", "1_000", "0x10", "0x1p3",
        "1e-3x", " 1", "1 ", "1\n", "1\t", "--1", "+-1", "nan", "NaN", "-nan", "inf", "Infinity", "-inf", "1e400", "-1e309", "1d3", "yes",
        "\xd9\xa1", "1e5.0", "1e1e1",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double x = 7.0;
        assert_int_equal(fs_number_parse(good[i].text, &x), FS_OK);
        assert_true(x == good[i].value && signbit(x) == signbit(good[i].value));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double x = 7.0;
        if (fs_number_parse(bad[i], &x) != FS_EINPUT) fail_msg("\"%s\" was read as %.17g", bad[i], x);
        assert_true(x == 7.0);
    }
    char *nines = malloc(400);
    assert_non_null(nines);
    memset(nines, '9', 399);
    nines[399] = 0;
    double x;
    assert_int_equal(fs_number_parse(nines, &x), FS_EINPUT);
    free(nines);
}

/* A double with every bit random; not NaN or infinite. */
static double any_double(gsl_rng *rng)
{
    double x;
    do {
        uint64_t bits = (uint64_t)gsl_rng_get(rng) << 32 | gsl_rng_get(rng);
        memcpy(&x, &bits, sizeof x);
    } while (!isfinite(x));
    return x;
}

static void a_printed_number_reads_back_with_every_bit(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("a_printed_number_reads_back_with_every_bit");
    char text[32];
    for (int i = 0; i < 20000; i++) {
        double x = any_double(rng), y;
        assert_int_equal(fs_number_parse(fs_number_format(x, text), &y), FS_OK);
        assert_memory_equal(&x, &y, sizeof x);
    }
    gsl_rng_free(rng);
    assert_string_equal(fs_number_format((double)NAN, text), "nan");
    assert_string_equal(fs_number_format(copysign((double)NAN, -1.0), text), "nan");
    assert_string_equal(fs_number_format((double)INFINITY, text), "inf");
    assert_string_equal(fs_number_format(-(double)INFINITY, text), "-inf");
    assert_string_equal(fs_number_format(0.1, text), "0.10000000000000001");
    assert_string_equal(fs_number_format(-0.0, text), "-0");
    assert_string_equal(fs_number_format(-DBL_MAX, text), "-1.7976931348623157e+308");
}

/* A locale with a decimal comma is made on the spot: none need be installed. */
static void numbers_do_not_know_the_locale(void **state)
{
    (void)state;
    static const char source[] =
        "comment_char %\nescape_char /\nLC_NUMERIC\ndecimal_point \",\"\nthousands_sep \".\"\ngrouping 3;3\nEND LC_NUMERIC\n";
    char command[1400], text[32], native[32];
    double x, y;
    put(in_folder("locale.src"), source, strlen(source));
    snprintf(command, sizeof command, "localedef -c --no-archive -i '%s/locale.src' '%s/xx_COMMA' >/dev/null 2>&1", folder, folder);
    (void)!system(command);             /* 1: it warns of the categories that are not there */
    setenv("LOCPATH", folder, 1);
    assert_non_null(setlocale(LC_NUMERIC, "xx_COMMA"));
    snprintf(native, sizeof native, "%.2f", 0.75);
    fs_number_format(-1234567.75e-30, text);
    fs_status point = fs_number_parse("0.75", &x), comma = fs_number_parse("0,75", &y);
    setlocale(LC_NUMERIC, "C");
    unsetenv("LOCPATH");
    assert_string_equal(native, "0,75");
    assert_string_equal(text, "-1.23456775e-24");
    assert_int_equal(point, FS_OK);
    assert_true(x == 0.75);
    assert_int_equal(comma, FS_EINPUT);
}

/* --- reading files ----------------------------------------------------------------------- */

static void a_file_is_read_to_its_last_byte(void **state)
{
    (void)state;
    static const size_t sizes[] = { 0, 1, 7, 4095, 4096, 4097, 100000 };
    char bytes[100000];
    fs_err err;
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)(i * 31 + i / 256);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *text;
        size_t size;
        const char *path = in_folder("whole");
        put(path, bytes, sizes[i]);
        assert_ok(fs_file_read(path, sizes[i], &text, &size, &err), err);
        assert_int_equal(size, sizes[i]);
        assert_memory_equal(text, bytes, size);
        assert_int_equal(text[size], 0);
        free(text);
        if (!sizes[i]) continue;
        assert_fails(fs_file_read(path, sizes[i] - 1, &text, &size, &err), FS_EINPUT, err, "at most");
        assert_null(text);
    }
}

static void only_regular_files_are_read_and_nothing_hangs(void **state)
{
    (void)state;
    char *text;
    size_t size;
    fs_err err;
    assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
    assert_fails(fs_file_read(in_folder("fifo"), 10, &text, &size, &err), FS_EINPUT, err, "FIFO");
    assert_fails(fs_file_read(folder, 10, &text, &size, &err), FS_EINPUT, err, "folder");
    assert_fails(fs_file_read("/dev/zero", 10, &text, &size, &err), FS_EINPUT, err, "device");
    assert_fails(fs_file_read(in_folder("absent"), 10, &text, &size, &err), FS_EINPUT, err, "No such file");
    assert_fails(fs_file_read("", 10, &text, &size, &err), FS_EINPUT, err, "No such file");
    /* A regular file that says it has no bytes and has some. */
    assert_ok(fs_file_read("/proc/self/status", 1000000, &text, &size, &err), err);
    assert_true(size > 0);
    free(text);
    assert_fails(fs_file_read("/proc/self/status", 16, &text, &size, &err), FS_EINPUT, err, "found more");
    assert_null(text);
}

static void running_out_of_descriptors_is_the_system_s_failure(void **state)
{
    (void)state;
    struct rlimit before, none;
    char *text;
    size_t size;
    fs_err err;
    put(in_folder("there"), "x", 1);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    fs_status status = fs_file_read(in_folder("there"), 10, &text, &size, &err);
    fs_output *o;
    fs_status written = fs_output_open(&o, in_folder("never"), &err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(status, FS_EIO);
    assert_int_equal(written, FS_EIO);
    assert_null(o);
}

/* --- writing files -------------------------------------------------------------------------- */

static fs_output *begin(const char *path, const char *text)
{
    fs_output *o;
    fs_err err;
    assert_ok(fs_output_open(&o, path, &err), err);
    fputs(text, fs_output_stream(o));
    return o;
}

/* The descriptor behind an output: the one whose file is a temporary of the folder. */
static int descriptor_of(const char *word)
{
    for (int fd = 3; fd < 256; fd++) {
        char link[64], target[700];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(link, target, sizeof target - 1);
        if (n < 0) continue;
        target[n] = 0;
        if (strstr(target, word) && strstr(target, ".tmp-")) return fd;
    }
    return -1;
}

static void the_old_file_stays_until_the_new_one_is_whole(void **state)
{
    (void)state;
    const char *path = in_folder("report");
    fs_err err;
    put(path, "old", 3);
    fs_output *o = begin(path, "new");
    fflush(fs_output_stream(o));
    assert_holds(path, "old");
    assert_int_equal(names_with("report.tmp-"), 1);
    assert_ok(fs_output_commit(o, &err), err);
    assert_holds(path, "new");
    assert_int_equal(names_with(".tmp-"), 0);

    fs_output_abandon(begin(path, "unwanted"));
    assert_holds(path, "new");
    assert_int_equal(names_with(".tmp-"), 0);
    fs_output_abandon(NULL);

    assert_ok(fs_output_commit(begin(in_folder("fresh"), ""), &err), err);
    assert_holds(in_folder("fresh"), "");
}

static void a_relative_path_is_written_where_it_says(void **state)
{
    (void)state;
    char before[1024];
    fs_err err;
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    fs_output *o = begin("here", "relative");
    fs_status status = fs_output_commit(o, &err);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(status, FS_OK);
    assert_holds(in_folder("here"), "relative");
}

static void a_temporary_left_by_a_crash_is_in_nobody_s_way(void **state)
{
    (void)state;
    char name[64];
    fs_err err;
    snprintf(name, sizeof name, "again.tmp-%ld", (long)getpid());
    put(in_folder(name), "left behind", 11);
    fs_output *first = begin(in_folder("again"), "first"), *second = begin(in_folder("again"), "second");
    assert_ok(fs_output_commit(second, &err), err);
    assert_holds(in_folder("again"), "second");
    assert_ok(fs_output_commit(first, &err), err);
    assert_holds(in_folder("again"), "first");
    assert_holds(in_folder(name), "left behind");
    assert_int_equal(unlink(in_folder(name)), 0);
}

static void nothing_but_a_regular_file_is_replaced(void **state)
{
    (void)state;
    fs_output *o;
    fs_err err;
    char path[600];
    put(in_folder("elsewhere"), "precious", 8);
    snprintf(path, sizeof path, "%s/link", folder);
    assert_int_equal(symlink("elsewhere", path), 0);
    assert_fails(fs_output_open(&o, path, &err), FS_EIO, err, "symbolic link");
    assert_null(o);
    snprintf(path, sizeof path, "%s/dangling", folder);
    assert_int_equal(symlink("nowhere", path), 0);
    assert_fails(fs_output_open(&o, path, &err), FS_EIO, err, "symbolic link");
    assert_fails(fs_output_open(&o, folder, &err), FS_EIO, err, "folder");
    assert_fails(fs_output_open(&o, "/dev/null", &err), FS_EIO, err, "device");
    assert_fails(fs_output_open(&o, "/dev/full", &err), FS_EIO, err, "/dev/full");
    assert_fails(fs_output_open(&o, in_folder("no/such"), &err), FS_EIO, err, "No such file");
    assert_fails(fs_output_open(&o, in_folder("elsewhere/below"), &err), FS_EIO, err, "Not a directory");
    assert_fails(fs_output_open(&o, "", &err), FS_EIO, err, "file's name");
    assert_fails(fs_output_open(&o, in_folder("absent/"), &err), FS_EIO, err, "file's name");
    assert_holds(in_folder("elsewhere"), "precious");

    /* ... nor when it appears after the opening. */
    o = begin(in_folder("late"), "text");
    assert_int_equal(mkdir(in_folder("late"), 0700), 0);
    assert_fails(fs_output_commit(o, &err), FS_EIO, err, "folder");
    assert_int_equal(names_with(".tmp-"), 0);
}

static void a_full_device_leaves_the_old_file(void **state)
{
    (void)state;
    const char *path = in_folder("full");
    fs_err err;
    put(path, "old", 3);
    for (size_t size = 1; size < 100000; size = 7 * size) {
        fs_output *o = begin(path, "");
        int device = open("/dev/full", O_WRONLY), fd = descriptor_of("/full.tmp-");
        assert_true(device >= 0 && fd >= 0);
        assert_int_equal(dup2(device, fd), fd);
        close(device);
        for (size_t i = 0; i < size; i++) fputc('x', fs_output_stream(o));
        assert_fails(fs_output_commit(o, &err), FS_EIO, err, strerror(ENOSPC));
        assert_non_null(strstr(err.text, path));
        assert_holds(path, "old");
        assert_int_equal(names_with(".tmp-"), 0);
    }
}

static void a_file_size_limit_leaves_the_old_file(void **state)
{
    (void)state;
    const char *path = in_folder("limited");
    struct rlimit before, small;
    fs_err err;
    put(path, "old", 3);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 5000;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    fs_output *o = begin(path, "");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (int i = 0; i < 3000; i++) fputs("four", fs_output_stream(o));
    fs_status status = fs_output_commit(o, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
    assert_int_equal(status, FS_EIO);
    assert_non_null(strstr(err.text, strerror(EFBIG)));
    assert_holds(path, "old");
    assert_int_equal(names_with(".tmp-"), 0);
}

static void on_alarm(int number)
{
    (void)number;
}

/* A pipe in the file's place: its writes are interrupted by signals and come out short. */
static void interrupted_and_short_writes_lose_nothing(void **state)
{
    (void)state;
    enum { BYTES = 300000 };
    int ends[2];
    fs_err err;
    fs_output *o = begin(in_folder("pipe"), "");
    int fd = descriptor_of("/pipe.tmp-");
    assert_true(fd >= 0);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        unsigned char block[5000];
        size_t total = 0;
        int same = 1;
        close(ends[1]);
        close(fd);
        for (ssize_t n; (n = read(ends[0], block, sizeof block)) > 0; usleep(500))
            for (ssize_t i = 0; i < n; i++) same &= block[i] == (unsigned char)(total++ % 251);
        _exit(same && total == BYTES ? 0 : 1);
    }
    assert_true(child > 0);
    assert_int_equal(dup2(ends[1], fd), fd);
    close(ends[0]);
    close(ends[1]);
    struct sigaction act = { .sa_handler = on_alarm }, before;      /* no SA_RESTART */
    assert_int_equal(sigaction(SIGALRM, &act, &before), 0);
    struct itimerval often = { { 0, 700 }, { 0, 700 } }, never = { { 0, 0 }, { 0, 0 } };
    assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
    for (size_t i = 0; i < BYTES; i++) fputc((int)(i % 251), fs_output_stream(o));
    fs_status status = fs_output_commit(o, &err);
    assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
    int ended = -1;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_int_equal(status, FS_OK);
    assert_int_equal(ended, 0);
}

/* --- .npy ------------------------------------------------------------------------------------- */

static void an_array_reads_back_with_shape_and_every_bit(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("an_array_reads_back_with_shape_and_every_bit");
    const char *path = in_folder("a.npy");
    fs_err err;
    for (size_t trial = 0; trial < 27; trial++) {
        size_t dim = trial % (FS_NPY_MAX_DIM + 1), shape[FS_NPY_MAX_DIM], count = 1;
        for (size_t i = 0; i < dim; i++) {
            shape[i] = gsl_rng_uniform_int(rng, 8) == 0 ? 0 : 1 + gsl_rng_uniform_int(rng, dim > 4 ? 3 : 9);
            count *= shape[i];
        }
        double *data = malloc((count + 1) * sizeof *data);
        assert_non_null(data);
        for (size_t i = 0; i < count; i++) data[i] = any_double(rng);
        assert_ok(fs_npy_write(path, dim, shape, data, &err), err);
        fs_array a;
        assert_ok(fs_npy_read(path, &a, &err), err);
        assert_int_equal(a.dim, dim);
        if (dim) assert_memory_equal(a.shape, shape, dim * sizeof *shape);
        assert_int_equal(a.count, count);
        assert_non_null(a.data);
        if (count) assert_memory_equal(a.data, data, count * sizeof *data);
        fs_array_clear(&a);
        assert_null(a.data);
        free(data);

        char *text;
        size_t size;
        assert_ok(fs_file_read(path, 10000000, &text, &size, &err), err);
        assert_int_equal((size - 8 * count) % 64, 0);
        free(text);
    }
    gsl_rng_free(rng);
}

/* A file with this dictionary and these bytes as values; version 1 or 2. */
static size_t build(unsigned char *file, int version, const char *header, const void *values, size_t size)
{
    size_t length = strlen(header), start = version == 1 ? 10 : 12;
    memcpy(file, "\x93NUMPY", 6);
    file[6] = (unsigned char)version;
    file[7] = 0;
    for (size_t i = 8; i < start; i++) file[i] = (unsigned char)(length >> 8 * (i - 8));
    memcpy(file + start, header, length);
    if (size) memcpy(file + start + length, values, size);
    return start + length + size;
}

static fs_status read_built(int version, const char *header, const void *values, size_t size, fs_array *a, fs_err *err)
{
    unsigned char file[2000];
    size_t whole = build(file, version, header, values, size);
    put(in_folder("b.npy"), file, whole);
    return fs_npy_read(in_folder("b.npy"), a, err);
}

static void every_element_type_is_read_at_its_extremes(void **state)
{
    (void)state;
    static const struct { const char *descr; unsigned char bytes[16]; size_t size; double first, second; } cases[] = {
        { "<f8", { 0, 0, 0, 0, 0, 0, 0xf8, 0xbf, 1 }, 8, -1.5, 4.9406564584124654e-324 },
        { "<f4", { 0, 0, 0xc0, 0xbf, 0xff, 0xff, 0x7f, 0x7f }, 4, -1.5, 3.4028234663852886e38 },
        { "|i1", { 0x80, 0x7f }, 1, -128.0, 127.0 },
        { "|u1", { 0, 0xff }, 1, 0.0, 255.0 },
        { "<i2", { 0, 0x80, 0xfe, 0xff }, 2, -32768.0, -2.0 },
        { "<u2", { 0xff, 0xff, 1, 0 }, 2, 65535.0, 1.0 },
        { "<i4", { 0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0x7f }, 4, -2147483648.0, 2147483647.0 },
        { "<u4", { 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0 }, 4, 4294967295.0, 1.0 },
        { "<i8", { 0, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, 8, -9223372036854775808.0, -1.0 },
        { "<u8", { 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0x20, 0 }, 8, 9223372036854775808.0, 9007199254740992.0 },
        { "|b1", { 1, 0 }, 1, 1.0, 0.0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int version = 1; version <= 2; version++) {
            char header[128];
            fs_array a;
            fs_err err;
            snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (2,), }   \n", cases[i].descr);
            assert_ok(read_built(version, header, cases[i].bytes, 2 * cases[i].size, &a, &err), err);
            assert_true(a.count == 2 && a.data[0] == cases[i].first && a.data[1] == cases[i].second);
            fs_array_clear(&a);
        }
}

static void fortran_order_is_c_order_of_the_transposed(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("fortran_order_is_c_order_of_the_transposed");
    for (size_t trial = 0; trial < 40; trial++) {
        size_t dim = trial % 5, shape[5] = { 1, 1, 1, 1, 1 }, count = 1;
        char header[200] = "{\"shape\":(", *end = header + strlen(header);
        for (size_t i = 0; i < dim; i++) {
            shape[i] = 1 + gsl_rng_uniform_int(rng, 3);
            count *= shape[i];
            end += sprintf(end, "%zu,", shape[i]);
        }
        sprintf(end, "),\"descr\" : \"|u1\" , \"fortran_order\":True}");
        unsigned char values[81];
        for (size_t i = 0; i < count; i++) values[i] = (unsigned char)i;
        fs_array a;
        fs_err err;
        assert_ok(read_built(1, header, values, count, &a, &err), err);
        assert_int_equal(a.count, count);
        for (size_t i = 0; i < shape[0]; i++)
            for (size_t j = 0; j < shape[1]; j++)
                for (size_t k = 0; k < shape[2]; k++)
                    for (size_t l = 0; l < shape[3]; l++)
                        assert_true(a.data[((i * shape[1] + j) * shape[2] + k) * shape[3] + l] ==
                                    (double)(i + shape[0] * (j + shape[1] * (k + shape[2] * l))));
        fs_array_clear(&a);
    }
    gsl_rng_free(rng);
}

static void a_header_that_is_not_exactly_right_is_refused(void **state)
{
    (void)state;
    static const struct { const char *header, *word; } bad[] = {
        { "", "expected '{'" },
        { "[1]", "expected '{'" },
        { "{}", "all of descr" },
        { "{'descr': '<f8', 'fortran_order': False}", "all of descr" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)", "'}'" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)} x", "nothing after" },
        { "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", "once" },
        { "{'descr': '<f8', 'fortran_order': False, 'fortran_order': False, 'shape': (1,)}", "once" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (), 'shape': (1,)}", "once" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'extra': 1}", "only the keys" },
        { "{'descr': '<f8' 'fortran_order': False, 'shape': (1,)}", "','" },
        { "{'descr' '<f8', 'fortran_order': False, 'shape': (1,)}", "':'" },
        { "{descr: '<f8', 'fortran_order': False, 'shape': (1,)}", "quoted" },
        { "{'descr': '<f8, 'fortran_order': False, 'shape': (1,)}", "<f8, " },
        { "{'descr': '<f8'", "'}'" },
        { "{'descr': '<f8", "short quoted" },
        { "{'descr': '>f8', 'fortran_order': False, 'shape': (1,)}", "big-endian" },
        { "{'descr': '<c16', 'fortran_order': False, 'shape': (1,)}", "<c16" },
        { "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "|O" },
        { "{'descr': '<U3', 'fortran_order': False, 'shape': (1,)}", "<U3" },
        { "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}", "structured" },
        { "{'descr': '<f8', 'fortran_order': 0, 'shape': (1,)}", "True or False" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': 1}", "parentheses" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (1)}", "','" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (,)}", "length of an axis" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", "length of an axis" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (1.0,)}", "','" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1 1)}", "','" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}", "at most 8 axes" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999999,)}", "address space" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", "address space" },
        { "{'descr': '|u1', 'fortran_order': False, 'shape': (2305843009213693953, 8)}", "address space" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693952,)}", "address space" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 4294967296, 4294967296)}", "address space" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", "expected 16 bytes of values, found 8" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", "expected 4 bytes of values, found 8" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (0,)}", "expected 0 bytes of values, found 8" },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (100000000000000,)}", "found 8" },
    };
    double value = 1.0;
    fs_array a;
    fs_err err;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_fails(read_built(1, bad[i].header, &value, 8, &a, &err), FS_EINPUT, err, bad[i].word);
        assert_null(a.data);
    }
    static const char good[] = "{'descr': '<f8', 'fortran_order': False, 'shape': (), }\n";
    assert_ok(read_built(1, good, &value, 8, &a, &err), err);
    assert_true(a.dim == 0 && a.count == 1 && a.data[0] == 1.0);
    fs_array_clear(&a);
    assert_fails(read_built(3, good, &value, 8, &a, &err), FS_EINPUT, err, "found 3.0");

    char *longer = malloc(70000);
    assert_non_null(longer);
    memset(longer, ' ', 70000);
    unsigned char start[12] = { 0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, 0xff, 0xff, 0xff, 0xff };
    memcpy(longer, start, sizeof start);
    put(in_folder("c.npy"), longer, 70000);
    assert_fails(fs_npy_read(in_folder("c.npy"), &a, &err), FS_EINPUT, err, "4294967295");
    put(in_folder("c.npy"), "PK\3\4 and so on", 14);
    assert_fails(fs_npy_read(in_folder("c.npy"), &a, &err), FS_EINPUT, err, "another kind");
    free(longer);
}

static void what_is_not_a_finite_number_is_refused_with_its_index(void **state)
{
    (void)state;
    static const char c_order[] = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3, 2), }";
    static const char f_order[] = "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3, 2), }";
    static const struct { const char *header; size_t at; double value; const char *word; } bad[] = {
        { c_order, 7, (double)NAN, "(1, 0, 1): expected a finite number, found nan" },
        { c_order, 7, -(double)INFINITY, "(1, 0, 1): expected a finite number, found -inf" },
        { c_order, 0, (double)INFINITY, "(0, 0, 0): expected a finite number, found inf" },
        { f_order, 7, (double)NAN, "(1, 0, 1)" },       /* 7 = 1 + 2 (0 + 3 * 1) */
        { f_order, 4, (double)NAN, "(0, 2, 0)" },
    };
    fs_array a;
    fs_err err;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double values[12] = { 0.0 };
        values[bad[i].at] = bad[i].value;
        assert_fails(read_built(1, bad[i].header, values, sizeof values, &a, &err), FS_EINPUT, err, bad[i].word);
    }
    static const char bools[] = "{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}";
    static const char whole[] = "{'descr': '<i8', 'fortran_order': False, 'shape': (1,)}";
    static const char natural[] = "{'descr': '<u8', 'fortran_order': False, 'shape': (1,)}";
    assert_fails(read_built(1, bools, "\1\2", 2, &a, &err), FS_EINPUT, err, "(1): expected 0 or 1");
    assert_fails(read_built(1, whole, "\1\0\0\0\0\0\x20\0", 8, &a, &err), FS_EINPUT, err, "2^53");
    assert_fails(read_built(1, natural, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, &a, &err), FS_EINPUT, err, "2^53");
}

static void an_array_cut_anywhere_is_refused(void **state)
{
    (void)state;
    unsigned char file[2000];
    double values[6] = { 1, 2, 3, 4, 5, 6 };
    fs_array a;
    fs_err err;
    size_t whole = build(file, 1, "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }  \n", values, sizeof values);
    for (size_t size = 0; size < whole; size++) {
        put(in_folder("d.npy"), file, size);
        assert_fails(fs_npy_read(in_folder("d.npy"), &a, &err), FS_EINPUT, err,
                     size < 10 ? "d.npy" : size < whole - sizeof values ? "the header should have" : "expected 48 bytes");
        assert_null(a.data);
    }
    file[whole] = 0;
    put(in_folder("d.npy"), file, whole + 1);
    assert_fails(fs_npy_read(in_folder("d.npy"), &a, &err), FS_EINPUT, err, "expected 48 bytes of values, found 49");

    /* Any one byte of magic, length or header changed: another array or an error, and no accident. */
    for (size_t at = 0; at < whole - sizeof values; at++)
        for (int change = 1; change < 256; change += 6) {
            file[at] = (unsigned char)(file[at] + change);
            put(in_folder("d.npy"), file, whole);
            file[at] = (unsigned char)(file[at] - change);
            fs_status status = fs_npy_read(in_folder("d.npy"), &a, &err);
            assert_true(status == FS_OK || status == FS_EINPUT);
            fs_array_clear(&a);
        }
}

static void an_array_that_cannot_be_written_leaves_the_old_one(void **state)
{
    (void)state;
    fs_err err;
    double value = 1.0;
    size_t nine[9] = { 1, 1, 1, 1, 1, 1, 1, 1, 1 }, huge[2] = { SIZE_MAX / 4, 8 };
    size_t empty[8] = { 0, 99999, 99999, 99999, 1, 1, 1, 1 }, size;
    char *text;
    const char *path = in_folder("e.npy");
    put(path, "old", 3);
    assert_fails(fs_npy_write(path, 9, nine, &value, &err), FS_EINPUT, err, "at most 8 axes");
    assert_fails(fs_npy_write(path, 2, huge, &value, &err), FS_EINPUT, err, "address space");
    assert_fails(fs_npy_write(path, 1, huge, &value, &err), FS_EINPUT, err, "address space");
    assert_holds(path, "old");
    assert_fails(fs_npy_write(in_folder("no/folder.npy"), 1, nine, &value, &err), FS_EIO, err, "No such file");
    assert_fails(fs_npy_read(in_folder("absent.npy"), &(fs_array){ 0 }, &err), FS_EINPUT, err, "No such file");

    assert_ok(fs_npy_write(path, 8, empty, &value, &err), err);
    assert_ok(fs_file_read(path, 1000, &text, &size, &err), err);
    assert_int_equal(size, 128);        /* a longer header is aligned, too */
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_the_whole_token),
        cmocka_unit_test(a_printed_number_reads_back_with_every_bit),
        cmocka_unit_test(numbers_do_not_know_the_locale),
        cmocka_unit_test(a_file_is_read_to_its_last_byte),
        cmocka_unit_test(only_regular_files_are_read_and_nothing_hangs),
        cmocka_unit_test(running_out_of_descriptors_is_the_system_s_failure),
        cmocka_unit_test(the_old_file_stays_until_the_new_one_is_whole),
        cmocka_unit_test(a_relative_path_is_written_where_it_says),
        cmocka_unit_test(a_temporary_left_by_a_crash_is_in_nobody_s_way),
        cmocka_unit_test(nothing_but_a_regular_file_is_replaced),
        cmocka_unit_test(a_full_device_leaves_the_old_file),
        cmocka_unit_test(a_file_size_limit_leaves_the_old_file),
        cmocka_unit_test(interrupted_and_short_writes_lose_nothing),
        cmocka_unit_test(an_array_reads_back_with_shape_and_every_bit),
        cmocka_unit_test(every_element_type_is_read_at_its_extremes),
        cmocka_unit_test(fortran_order_is_c_order_of_the_transposed),
        cmocka_unit_test(a_header_that_is_not_exactly_right_is_refused),
        cmocka_unit_test(what_is_not_a_finite_number_is_refused_with_its_index),
        cmocka_unit_test(an_array_cut_anywhere_is_refused),
        cmocka_unit_test(an_array_that_cannot_be_written_leaves_the_old_one),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
