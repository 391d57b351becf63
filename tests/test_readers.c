/* tests/test_readers.c -- images and labels from IDX, gzip, .npy, CSV and the library itself
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "folder.h"
#include "law.h"

#include "base/files.h"
#include "problem/embedded.h"
#include "problem/readers.h"

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* The path of a name, at the same place for the same name, so that a spec can keep it. */
static const char *path_of(const char *place, const char *name)
{
    static char paths[32][600];
    char path[600];
    size_t i = 0;
    snprintf(path, sizeof path, "%s/%s", place, name);
    while (i < 31 && paths[i][0] && strcmp(paths[i], path) != 0) i++;
    memcpy(paths[i], path, sizeof path);
    return paths[i];
}

static const char *in_folder(const char *name)
{
    return path_of(folder, name);
}

static const char *shipped(const char *name)
{
    const char *source = getenv("FLOWSIM_SRCDIR");
    char place[500];
    snprintf(place, sizeof place, "%s/models/data", source ? source : ".");
    return path_of(place, name);
}

static void put(const char *name, const void *bytes, size_t size)
{
    FILE *f = fopen(in_folder(name), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

static fs_samples good(const fs_data_spec *spec)
{
    fs_samples s;
    fs_err err;
    assert_ok(fs_samples_read(spec, &s, &err), err);
    return s;
}

/* Refused with this word in the message, and nothing is left in the result. */
#define assert_refused(spec, word)                                                  \
    do {                                                                            \
        fs_samples s_ = { .n = 1 };                                                 \
        fs_err err_;                                                                \
        assert_fails(fs_samples_read((spec), &s_, &err_), FS_EINPUT, err_, (word)); \
        assert_true(!s_.n && !s_.x && !s_.label && !s_.target && !s_.origin);       \
    } while (0)

static void assert_same(const fs_samples *a, const fs_samples *b)
{
    assert_true(a->n == b->n && a->channels == b->channels && a->height == b->height && a->width == b->width);
    assert_int_equal(a->n_classes, b->n_classes);
    assert_memory_equal(a->x, b->x, a->n * a->channels * a->height * a->width * sizeof *a->x);
    assert_memory_equal(a->label, b->label, a->n * sizeof *a->label);
    assert_memory_equal(a->origin, b->origin, a->n * sizeof *a->origin);
}

/* --- IDX made by hand ------------------------------------------------------------------- */

/* Header and values i -> 3 i + 1 (images) or i % classes (labels); returns the size. */
static size_t idx_images(unsigned char *file, unsigned n, unsigned h, unsigned w)
{
    unsigned char header[16] = { 0, 0, 8, 3, 0, 0, 0, (unsigned char)n, 0, 0, 0, (unsigned char)h, 0, 0, 0, (unsigned char)w };
    memcpy(file, header, sizeof header);
    for (unsigned i = 0; i < n * h * w; i++) file[16 + i] = (unsigned char)(3 * i + 1);
    return 16 + n * h * w;
}

static size_t idx_labels(unsigned char *file, unsigned n, unsigned classes)
{
    unsigned char header[8] = { 0, 0, 8, 1, 0, 0, 0, (unsigned char)n };
    memcpy(file, header, sizeof header);
    for (unsigned i = 0; i < n; i++) file[8 + i] = (unsigned char)(i % classes);
    return 8 + n;
}

/* One gzip member, allocated by the caller with room enough. */
static size_t gzip(const unsigned char *bytes, size_t size, unsigned char *out, size_t room)
{
    z_stream z = { 0 };
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (unsigned char *)(uintptr_t)bytes;
    z.avail_in = (uInt)size;
    z.next_out = out;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t made = room - z.avail_out;
    deflateEnd(&z);
    return made;
}

enum { SMALL_N = 6, SMALL_SIDE = 5 };

/* Six 5 x 5 images in im, labels 0 1 2 0 1 2 in la. */
static fs_data_spec small_idx(void)
{
    unsigned char file[400];
    put("im", file, idx_images(file, SMALL_N, SMALL_SIDE, SMALL_SIDE));
    put("la", file, idx_labels(file, SMALL_N, 3));
    return (fs_data_spec){ .source = "idx", .images = in_folder("im"), .labels = in_folder("la") };
}

/* --- the embedded images ------------------------------------------------------------------ */

static void the_library_holds_the_shipped_files(void **state)
{
    (void)state;
    char *text;
    size_t size;
    fs_err err;
    assert_ok(fs_file_read(shipped("fashion100-images.idx3-ubyte"), 1000000, &text, &size, &err), err);
    assert_int_equal(size, fs_embedded_images_size);
    assert_memory_equal(text, fs_embedded_images, size);
    free(text);
    assert_ok(fs_file_read(shipped("fashion100-labels.idx1-ubyte"), 1000000, &text, &size, &err), err);
    assert_int_equal(size, fs_embedded_labels_size);
    assert_memory_equal(text, fs_embedded_labels, size);
    free(text);
}

static void embedded_reads_as_the_shipped_idx_files(void **state)
{
    (void)state;
    static const int classes[] = { 8, 1 };
    const char *images = shipped("fashion100-images.idx3-ubyte"), *labels = shipped("fashion100-labels.idx1-ubyte");
    fs_data_spec file = { .source = "idx", .images = images, .labels = labels };
    for (int variant = 0; variant < 3; variant++) {
        if (variant) {
            file.classes = classes;
            file.n_classes = 2;
            file.count = 7;
        }
        if (variant == 2) {
            file.size = 8;
            file.normalise = FS_NORMALISE_STANDARD;
        }
        fs_data_spec memory = file;
        memory.source = "embedded";
        memory.images = memory.labels = NULL;
        fs_samples a = good(&file), b = good(&memory);
        assert_same(&a, &b);
        assert_int_equal(a.n, variant ? 14 : 100);
        assert_int_equal(a.n_classes, variant ? 2 : 10);
        assert_int_equal(a.height, variant == 2 ? 8 : 28);
        fs_samples_clear(&a);
        fs_samples_clear(&b);
    }
}

static void ten_embedded_images_of_each_class(void **state)
{
    (void)state;
    fs_data_spec spec = { .source = "embedded", .count = 10, .normalise = FS_NORMALISE_UNIT };
    fs_samples s = good(&spec);
    assert_int_equal(s.n, 100);
    assert_true(s.channels == 1 && s.height == 28 && s.width == 28);
    for (size_t i = 0; i < s.n; i++) {
        double sum = 0.0;
        assert_int_equal(s.label[i], i / 10);
        for (size_t p = 0; p < 784; p++) {
            assert_true(s.x[i * 784 + p] >= 0.0 && s.x[i * 784 + p] <= 1.0);
            sum += s.x[i * 784 + p];
        }
        assert_true(sum > 10.0);
    }
    fs_samples_clear(&s);
    spec.count = 11;
    assert_refused(&spec, "expected 11 samples of class 0, found 10");
    spec.images = "fashion";            /* not looked at */
    assert_refused(&spec, "embedded images");
}

/* --- selection -------------------------------------------------------------------------------- */

static void classes_come_in_the_order_asked_and_samples_in_file_order(void **state)
{
    (void)state;
    fs_data_spec spec = small_idx();
    static const int classes[] = { 2, 0 };
    static const size_t from[] = { 2, 5, 0, 3 };
    spec.classes = classes;
    spec.n_classes = 2;
    fs_samples s = good(&spec);
    assert_true(s.n == 4 && s.n_classes == 2 && !s.target && !s.k);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(s.label[i], i / 2);
        assert_int_equal(s.origin[i], from[i]);
        for (size_t p = 0; p < 25; p++) assert_true(s.x[i * 25 + p] == (double)((3 * (from[i] * 25 + p) + 1) % 256));
    }
    fs_samples_clear(&s);

    spec.count = 1;
    s = good(&spec);
    assert_int_equal(s.n, 2);
    assert_true(s.x[0] == (double)(3 * 50 + 1) && s.x[25] == 1.0);
    fs_samples_clear(&s);

    spec.n_classes = 0;                 /* all, ascending */
    s = good(&spec);
    assert_true(s.n == 3 && s.n_classes == 3 && s.label[2] == 2 && s.x[25] == 76.0);
    fs_samples_clear(&s);
}

static void classes_that_cannot_be_had_are_named(void **state)
{
    (void)state;
    fs_data_spec spec = small_idx();
    static const int absent[] = { 1, 7 }, twice[] = { 1, 2, 1 }, negative[] = { -1 };
    spec.classes = absent;
    spec.n_classes = 2;
    assert_refused(&spec, "expected class 7 among the labels, found only 0, 1, 2");
    spec.classes = negative;
    spec.n_classes = 1;
    assert_refused(&spec, "class -1");
    spec.classes = twice;
    spec.n_classes = 3;
    assert_refused(&spec, "found 1 twice");
    spec.n_classes = 2;
    spec.count = 3;
    assert_refused(&spec, "expected 3 samples of class 1, found 2");

    double x[200] = { 0.0 }, label[200];
    fs_err err;
    for (int i = 0; i < 200; i++) label[i] = 1000000.0 + i;
    assert_ok(fs_npy_write(in_folder("many.npy"), 2, (size_t[]){ 200, 1 }, x, &err), err);
    assert_ok(fs_npy_write(in_folder("many-l.npy"), 1, (size_t[]){ 200 }, label, &err), err);
    fs_data_spec many = { .source = "npy", .images = in_folder("many.npy"), .labels = in_folder("many-l.npy") };
    many.classes = absent;
    many.n_classes = 2;
    assert_refused(&many, ", ... 1000199");
}

/* Without classes a label is what the file says, whatever numbers are missing; with them it is the place in the list. */
static void only_classes_rename_labels(void **state)
{
    (void)state;
    double x[5] = { 0.5, 1.5, 2.5, 3.5, 4.5 }, label[5] = { 9, 2000000000, 3, 9, 3 };
    static const double order[] = { 2.5, 4.5, 0.5, 3.5, 1.5 };
    static const int as_they_are[] = { 3, 3, 9, 9, 2000000000 }, renamed[] = { 0, 0, 1, 1 }, nine_three[] = { 9, 3 };
    static const size_t origin[] = { 2, 4, 0, 3, 1 };
    fs_err err;
    assert_ok(fs_npy_write(in_folder("x.npy"), 2, (size_t[]){ 5, 1 }, x, &err), err);
    assert_ok(fs_npy_write(in_folder("l.npy"), 1, (size_t[]){ 5 }, label, &err), err);
    fs_data_spec spec = { .source = "npy", .images = in_folder("x.npy"), .labels = in_folder("l.npy") };
    fs_samples s = good(&spec);
    assert_int_equal(s.n_classes, 2000000001);
    assert_memory_equal(s.x, order, sizeof order);
    assert_memory_equal(s.label, as_they_are, sizeof as_they_are);
    assert_memory_equal(s.origin, origin, sizeof origin);
    fs_samples_clear(&s);
    spec.classes = nine_three;
    spec.n_classes = 2;
    s = good(&spec);
    assert_true(s.n == 4 && s.n_classes == 2 && s.x[0] == 0.5 && s.x[2] == 2.5);
    assert_memory_equal(s.label, renamed, sizeof renamed);
    fs_samples_clear(&s);
    spec.n_classes = 0;
    spec.count = 2;                     /* of every label that is there, and of no other */
    assert_refused(&spec, "expected 2 samples of class 2000000000, found 1");

    unsigned char file[16] = { 0, 0, 8, 1, 0, 0, 0, SMALL_N, 3, 0, 3, 1, 0, 3 };
    static const int gap[] = { 0, 0, 1, 3, 3, 3 };
    spec = small_idx();
    put("gap", file, 8 + SMALL_N);
    spec.labels = in_folder("gap");
    s = good(&spec);
    assert_int_equal(s.n_classes, 4);
    assert_memory_equal(s.label, gap, sizeof gap);
    fs_samples_clear(&s);
    spec.count = 1;
    s = good(&spec);
    assert_true(s.n == 3 && s.label[0] == 0 && s.label[1] == 1 && s.label[2] == 3 && s.origin[1] == 3);
    fs_samples_clear(&s);

    static const int eight_one[] = { 8, 1 };
    spec = (fs_data_spec){ .source = "embedded", .classes = eight_one, .n_classes = 2, .count = 3 };
    s = good(&spec);
    assert_true(s.n == 6 && s.n_classes == 2 && s.label[0] == 0 && s.label[5] == 1);
    fs_samples_clear(&s);
    spec.n_classes = 0;
    s = good(&spec);
    assert_true(s.n == 30 && s.n_classes == 10);
    for (size_t i = 0; i < 30; i++) assert_int_equal(s.label[i], i / 3);
    fs_samples_clear(&s);
}

/* --- size and normalisation ---------------------------------------------------------------------- */

/* The definition, pixel by pixel: every pixel of the image is added to the block in which it lies. */
static void naive_resize(const double *image, size_t h, size_t w, size_t size, double *out)
{
    size_t longer = h > w ? h : w, side = size;
    while (side < longer) side += size;
    size_t block = side / size;
    memset(out, 0, size * size * sizeof *out);
    for (size_t i = 0; i < h; i++)
        for (size_t j = 0; j < w; j++)
            out[((side - h) / 2 + i) / block * size + ((side - w) / 2 + j) / block] += image[i * w + j] / (double)(block * block);
}

static void resizing_pads_in_the_middle_and_averages_blocks(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("resizing_pads_in_the_middle_and_averages_blocks");
    static const size_t cases[][3] = {          /* height, width, size */
        { 28, 28, 8 }, { 28, 28, 28 }, { 28, 28, 7 }, { 1, 2, 1 }, { 5, 5, 2 },
        { 5, 5, 4 }, { 5, 5, 8 }, { 5, 3, 2 }, { 2, 7, 3 }, { 7, 7, 1 },
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        size_t h = cases[c][0], w = cases[c][1], size = cases[c][2], n = 3, channels = 1 + c % 2, one = h * w;
        double *x = malloc(n * channels * one * sizeof *x), label[3] = { 0, 0, 1 };
        double *expected = malloc(size * size * sizeof *expected);
        fs_err err;
        assert_true(x && expected);
        fs_rng_gaussian(rng, n * channels * one, x);
        assert_ok(fs_npy_write(in_folder("x.npy"), 4, (size_t[]){ n, channels, h, w }, x, &err), err);
        assert_ok(fs_npy_write(in_folder("l.npy"), 1, &n, label, &err), err);
        fs_data_spec spec = { .source = "npy", .images = in_folder("x.npy"), .labels = in_folder("l.npy"), .size = size };
        fs_samples s = good(&spec);
        assert_true(s.n == n && s.channels == channels && s.height == size && s.width == size);
        for (size_t plane = 0; plane < n * channels; plane++) {
            naive_resize(x + plane * one, h, w, size, expected);
            double norm = 0.0;
            for (size_t p = 0; p < one; p++) norm += fabs(x[plane * one + p]);
            for (size_t p = 0; p < size * size; p++)
                assert_near(s.x[plane * size * size + p], expected[p], 2.0 * (double)one * DBL_EPSILON * norm);
        }
        fs_samples_clear(&s);
        free(x);
        free(expected);
    }
    gsl_rng_free(rng);
}

static void standard_means_mean_zero_variance_one(void **state)
{
    (void)state;
    static const int classes[] = { 1, 8 };
    fs_data_spec spec = { .source = "embedded", .classes = classes, .n_classes = 2, .count = 10, .size = 8 };
    spec.normalise = FS_NORMALISE_STANDARD;
    fs_samples s = good(&spec);
    spec.normalise = FS_NORMALISE_NONE;
    fs_samples raw = good(&spec);
    size_t n = s.n * 64;
    assert_int_equal(n, 1280);
    double mean = 0.0, variance = 0.0, slope = (s.x[20] - s.x[0]) / (raw.x[20] - raw.x[0]), magnitude = 0.0;
    for (size_t i = 0; i < n; i++) {
        mean += s.x[i] / (double)n;
        magnitude += fabs(s.x[i]) / (double)n;
    }
    for (size_t i = 0; i < n; i++) variance += (s.x[i] - mean) * (s.x[i] - mean) / (double)n;
    assert_near(mean, 0.0, (double)n * DBL_EPSILON * magnitude);
    assert_near(variance, 1.0, 4.0 * (double)n * DBL_EPSILON);
    /* ... and it is one affine map for all pixels. */
    for (size_t i = 0; i < n; i++) assert_near(s.x[i] - s.x[0], slope * (raw.x[i] - raw.x[0]), 64.0 * DBL_EPSILON * slope * 255.0);
    fs_samples_clear(&s);
    fs_samples_clear(&raw);
}

static fs_status read_vectors(size_t n, const double *x, fs_normalise normalise, fs_samples *s, fs_err *err)
{
    double label[16] = { 0.0 };
    assert_ok(fs_npy_write(in_folder("v.npy"), 2, (size_t[]){ n, 1 }, x, err), *err);
    assert_ok(fs_npy_write(in_folder("l.npy"), 1, &n, label, err), *err);
    fs_data_spec spec = { .source = "npy", .images = in_folder("v.npy"), .labels = in_folder("l.npy"), .normalise = normalise };
    return fs_samples_read(&spec, s, err);
}

static void unit_is_the_interval_from_zero_to_one(void **state)
{
    (void)state;
    fs_samples s;
    fs_err err;
    assert_ok(read_vectors(3, (double[]){ -2.0, 6.0, 0.0 }, FS_NORMALISE_UNIT, &s, &err), err);
    assert_true(s.x[0] == 0.0 && s.x[1] == 1.0 && s.x[2] == 0.25);
    fs_samples_clear(&s);

    fs_data_spec spec = small_idx();
    spec.normalise = FS_NORMALISE_UNIT;
    s = good(&spec);
    assert_true(s.x[0] == 1.0 / 255.0 && s.x[1] == 4.0 / 255.0);
    fs_samples_clear(&s);
}

static void data_that_cannot_be_normalised_are_refused(void **state)
{
    (void)state;
    static const fs_normalise both[] = { FS_NORMALISE_UNIT, FS_NORMALISE_STANDARD };
    fs_samples s;
    fs_err err;
    for (size_t i = 0; i < 2; i++) {
        assert_fails(read_vectors(3, (double[]){ 0.1, 0.1, 0.1 }, both[i], &s, &err), FS_EINPUT, err, "constant data, all 0.1");
        assert_fails(read_vectors(1, (double[]){ 7.0 }, both[i], &s, &err), FS_EINPUT, err, "constant");
        assert_fails(read_vectors(2, (double[]){ -DBL_MAX, DBL_MAX }, both[i], &s, &err), FS_EINPUT, err, "spread");
    }
    assert_ok(read_vectors(3, (double[]){ 0.1, 0.1, 0.1 }, FS_NORMALISE_NONE, &s, &err), err);
    fs_samples_clear(&s);
    /* Numbers whose squares underflow are not constant. */
    assert_ok(read_vectors(2, (double[]){ 1e-200, -1e-200 }, FS_NORMALISE_STANDARD, &s, &err), err);
    assert_near(s.x[0], 1.0, 4 * DBL_EPSILON);
    assert_near(s.x[1], -1.0, 4 * DBL_EPSILON);
    fs_samples_clear(&s);

    fs_data_spec spec = small_idx();
    unsigned char blank[16 + 150] = { 0, 0, 8, 3, 0, 0, 0, 6, 0, 0, 0, 5, 0, 0, 0, 5 };
    put("blank", blank, sizeof blank);
    spec.images = in_folder("blank");
    spec.normalise = FS_NORMALISE_STANDARD;
    spec.size = 4;
    assert_refused(&spec, "constant data, all 0");
}

static void sizes_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    fs_samples s;
    fs_err err;
    assert_ok(read_vectors(2, (double[]){ 1.0, 2.0 }, FS_NORMALISE_NONE, &s, &err), err);
    fs_samples_clear(&s);
    fs_data_spec spec = { .source = "npy", .images = in_folder("v.npy"), .labels = in_folder("l.npy"), .size = 2 };
    assert_refused(&spec, "found vectors");
    spec = small_idx();
    spec.size = SIZE_MAX;
    assert_refused(&spec, "at most 4096");

    double x[8] = { DBL_MAX, DBL_MAX, DBL_MAX, DBL_MAX, 1, 1, 1, 1 }, label[2] = { 1, 0 };
    assert_ok(fs_npy_write(in_folder("x.npy"), 3, (size_t[]){ 2, 2, 2 }, x, &err), err);
    assert_ok(fs_npy_write(in_folder("l.npy"), 1, (size_t[]){ 2 }, label, &err), err);
    spec = (fs_data_spec){ .source = "npy", .images = in_folder("x.npy"), .labels = in_folder("l.npy"), .size = 1 };
    assert_refused(&spec, "overflow in sample 0");
}

/* --- IDX --------------------------------------------------------------------------------------- */

static void an_idx_header_that_lies_is_refused(void **state)
{
    (void)state;
    fs_data_spec spec = small_idx();
    unsigned char file[400], changed[401];
    size_t size = idx_images(file, SMALL_N, SMALL_SIDE, SMALL_SIDE);
    static const struct { size_t at; unsigned char byte; const char *word; } lies[] = {
        { 0, 1, "expected an IDX file (magic number 0x00000803), found 0x01000803" },
        { 1, 8, "magic number" },
        { 2, 0, "type byte 0x08 (unsigned bytes), found 0x00" },
        { 2, 0x0d, "found 0x0d" },
        { 3, 0, "expected 3 dimensions, found 0" },
        { 3, 1, "exchanged?" },
        { 3, 4, "found 4" },
        { 3, 255, "found 255" },
        { 7, 7, "the header says 175 bytes of values, found 150" },
        { 7, 5, "the header says 125 bytes of values, found 150" },
        { 4, 0xff, "bytes of values, found 150" },
        { 7, 0, "dimension 0 to be 0" },
        { 11, 0, "dimension 1 to be 0" },
        { 15, 0, "dimension 2 to be 0" },
    };
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        memcpy(changed, file, size);
        changed[lies[i].at] = lies[i].byte;
        put("lie", changed, size);
        spec.images = in_folder("lie");
        assert_refused(&spec, lies[i].word);
    }
    memcpy(changed, file, size);
    memset(changed + 4, 0xff, 12);      /* (2^32 - 1)^3 wraps 64 bits */
    put("lie", changed, size);
    assert_refused(&spec, "address space");
    memset(changed + 12, 0, 4);
    changed[15] = 1;                    /* (2^32 - 1)^2 does not, and wraps 32 */
    put("lie", changed, size);
    assert_refused(&spec, "the header says 18446744065119617025 bytes of values, found 150");
    memcpy(changed, file, size);
    changed[size] = 9;
    put("lie", changed, size + 1);
    assert_refused(&spec, "the header says 150 bytes of values, found 151");

    put("lie", file, idx_labels(file, SMALL_N - 1, 3));
    spec.images = in_folder("im");
    spec.labels = in_folder("lie");
    assert_refused(&spec, "found 6 images");
    assert_refused(&spec, "5 labels");
    spec.labels = spec.images;
    assert_refused(&spec, "expected 1 dimension, found 3 (are images and labels exchanged?)");
}

static void an_idx_file_cut_anywhere_is_refused(void **state)
{
    (void)state;
    fs_data_spec spec = small_idx();
    unsigned char file[400];
    size_t size = idx_images(file, SMALL_N, SMALL_SIDE, SMALL_SIDE);
    for (size_t cut = 0; cut < size; cut++) {
        put("cut", file, cut);
        spec.images = in_folder("cut");
        assert_refused(&spec, "found");
    }
    size = idx_labels(file, SMALL_N, 3);
    spec.images = in_folder("im");
    for (size_t cut = 0; cut < size; cut++) {
        put("cut", file, cut);
        spec.labels = in_folder("cut");
        assert_refused(&spec, "found");
    }
}

static void compressed_is_the_same_as_raw(void **state)
{
    (void)state;
    fs_data_spec raw = small_idx(), packed = raw;
    unsigned char file[400], gz[800];
    fs_samples a = good(&raw);
    put("im.gz", gz, gzip(file, idx_images(file, SMALL_N, SMALL_SIDE, SMALL_SIDE), gz, sizeof gz));
    packed.images = in_folder("im.gz");
    fs_samples b = good(&packed);
    assert_same(&a, &b);
    fs_samples_clear(&b);
    put("la.gz", gz, gzip(file, idx_labels(file, SMALL_N, 3), gz, sizeof gz));
    packed.labels = in_folder("la.gz");
    b = good(&packed);
    assert_same(&a, &b);
    fs_samples_clear(&b);

    /* Three members, one of them empty, cut inside the header and inside the values. */
    size_t size = idx_images(file, SMALL_N, SMALL_SIDE, SMALL_SIDE), used = gzip(file, 7, gz, sizeof gz);
    used += gzip(file, 0, gz + used, sizeof gz - used);
    used += gzip(file + 7, 60, gz + used, sizeof gz - used);
    size_t boundary = used;
    used += gzip(file + 67, size - 67, gz + used, sizeof gz - used);
    put("im.gz", gz, used);
    packed.images = in_folder("im.gz");
    b = good(&packed);
    assert_same(&a, &b);
    fs_samples_clear(&b);
    put("im.gz", gz, boundary);         /* sound as gzip, short as IDX */
    assert_refused(&packed, "the header says 150 bytes of values, found 51");
    fs_samples_clear(&a);
}

static void a_spoilt_gzip_file_is_refused(void **state)
{
    (void)state;
    fs_data_spec raw = small_idx(), spec = raw;
    unsigned char file[400], gz[800];
    fs_samples expected = good(&raw);
    size_t size = gzip(file, idx_images(file, SMALL_N, SMALL_SIDE, SMALL_SIDE), gz, sizeof gz);
    spec.images = in_folder("bad.gz");
    for (size_t cut = 0; cut < size; cut++) {
        put("bad.gz", gz, cut);
        spec.images = in_folder("bad.gz");
        assert_refused(&spec, "found");
    }
    put("bad.gz", gz, size - 9);
    assert_refused(&spec, "truncated");
    put("bad.gz", gz, size - 1);
    assert_refused(&spec, "truncated");

    /* Any bit flipped: an error, or the same data (time stamp in the gzip header, padding of the last byte before the trailer). */
    size_t refused = 0;
    for (size_t bit = 0; bit < 8 * size; bit++) {
        fs_samples s;
        fs_err err;
        gz[bit / 8] ^= (unsigned char)(1u << bit % 8);
        put("bad.gz", gz, size);
        gz[bit / 8] ^= (unsigned char)(1u << bit % 8);
        spec.images = in_folder("bad.gz");
        fs_status status = fs_samples_read(&spec, &s, &err);
        assert_true(status == FS_OK || status == FS_EINPUT);
        if (status == FS_OK) assert_same(&s, &expected);
        refused += status != FS_OK;
        fs_samples_clear(&s);
    }
    assert_true(refused >= 8 * (size - 10) - 7);

    memcpy(gz + size, "garbage", 7);
    put("bad.gz", gz, size + 7);
    assert_refused(&spec, "found 7 more bytes (trailing garbage)");
    gz[size] = 0x1f;
    put("bad.gz", gz, size + 1);
    assert_refused(&spec, "garbage");
    gz[size] = 0;
    put("bad.gz", gz, size + 1);
    assert_refused(&spec, "garbage");
    gz[size - 5] ^= 1;                  /* of the CRC */
    put("bad.gz", gz, size);
    assert_refused(&spec, "corrupt");
    gz[size - 5] ^= 1;
    gz[size - 4] ^= 1;                  /* of the length */
    put("bad.gz", gz, size);
    assert_refused(&spec, "corrupt");
    fs_samples_clear(&expected);
}

static void a_gzip_bomb_does_not_go_off(void **state)
{
    (void)state;
    enum { ZEROS = 64 << 20 };
    unsigned char *bomb = calloc(ZEROS, 1), *gz = malloc(1 << 20);
    assert_true(bomb && gz);
    fs_data_spec spec = small_idx();

    idx_images(bomb, 2, 3, 3);          /* the header is content with 18 bytes */
    put("bomb.gz", gz, gzip(bomb, ZEROS, gz, 1 << 20));
    spec.images = in_folder("bomb.gz");
    assert_refused(&spec, "the header says 18 bytes of values, found at least ");

    idx_images(bomb, 2, 3, 3);
    put("bomb.gz", gz, gzip(bomb, 100, gz, 1 << 20));
    assert_refused(&spec, "the header says 18 bytes of values, found 84");

    memset(bomb + 4, 0x7f, 4);          /* the header wants more than a file of this size can hold */
    put("bomb.gz", gz, gzip(bomb, 100, gz, 1 << 20));
    assert_refused(&spec, "can hold at most");
    free(bomb);
    free(gz);
}

static void what_is_not_there_is_said_so(void **state)
{
    (void)state;
    fs_data_spec spec = small_idx();
    spec.images = in_folder("nothing");
    assert_refused(&spec, "No such file");
    spec.images = "/nowhere/fashion-mnist/train-images-idx3-ubyte.gz";
    assert_refused(&spec, "No such file or directory (Debian package dataset-fashion-mnist provides it: apt-get install "
                          "dataset-fashion-mnist)");
    assert_int_equal(mkdir(in_folder("fashion-mnist"), 0700), 0);
    spec.images = in_folder("fashion-mnist");
    fs_samples s;
    fs_err err;
    assert_fails(fs_samples_read(&spec, &s, &err), FS_EINPUT, err, "folder");
    assert_null(strstr(err.text, "apt-get"));
    assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
    spec.images = in_folder("fifo");
    assert_refused(&spec, "FIFO");
    spec.images = "/dev/zero";
    assert_refused(&spec, "device");
    spec.images = NULL;
    assert_refused(&spec, "found no images");
    spec = (fs_data_spec){ .source = "npy", .images = "x" };
    assert_refused(&spec, "found no labels");
    spec.source = "idxx";
    assert_refused(&spec, "embedded, idx, npy or csv, found idxx");
    spec.source = NULL;
    assert_refused(&spec, "found none");
}

/* --- .npy ------------------------------------------------------------------------------------------ */

static void npy_samples_keep_shape_and_values(void **state)
{
    (void)state;
    gsl_rng *rng = law_rng("npy_samples_keep_shape_and_values");
    static const struct { size_t dim, shape[4], n, c, h, w; } cases[] = {
        { 2, { 7, 3 }, 7, 3, 1, 1 }, { 3, { 7, 2, 5 }, 7, 1, 2, 5 }, { 4, { 7, 2, 1, 3 }, 7, 2, 1, 3 },
    };
    for (size_t i = 0; i < 3; i++) {
        size_t one = cases[i].c * cases[i].h * cases[i].w;
        double x[7 * 16], y[14];
        fs_err err;
        fs_rng_gaussian(rng, 7 * one, x);
        fs_rng_gaussian(rng, 14, y);
        assert_ok(fs_npy_write(in_folder("x.npy"), cases[i].dim, cases[i].shape, x, &err), err);
        assert_ok(fs_npy_write(in_folder("y.npy"), 2, (size_t[]){ 7, 2 }, y, &err), err);
        fs_data_spec spec = { .source = "npy", .images = in_folder("x.npy"), .labels = in_folder("y.npy") };
        fs_samples s = good(&spec);
        assert_true(s.n == 7 && s.channels == cases[i].c && s.height == cases[i].h && s.width == cases[i].w && s.k == 2);
        assert_null(s.label);
        assert_int_equal(s.n_classes, 0);
        assert_memory_equal(s.x, x, 7 * one * sizeof *x);
        assert_memory_equal(s.target, y, sizeof y);
        fs_samples_clear(&s);

        spec.count = 3;
        s = good(&spec);
        assert_true(s.n == 3 && s.k == 2);
        assert_memory_equal(s.target, y, 6 * sizeof *y);
        fs_samples_clear(&s);
        spec.count = 8;
        assert_refused(&spec, "expected 8 samples, found 7");
        spec.count = 0;
        spec.classes = (int[]){ 0 };
        spec.n_classes = 1;
        assert_refused(&spec, "found targets");
    }
    gsl_rng_free(rng);
}

static void npy_samples_of_the_wrong_form_are_refused(void **state)
{
    (void)state;
    double x[32] = { 0.0 };
    fs_err err;
    static const struct { size_t dim, shape[5]; size_t label_dim, label_shape[3]; double label; const char *word; } cases[] = {
        { 1, { 4 }, 1, { 4 }, 0.0, "found 1 axis" },
        { 5, { 1, 1, 1, 1, 1 }, 1, { 1 }, 0.0, "found 5 axes" },
        { 0, { 0 }, 1, { 1 }, 0.0, "found 0 axes" },
        { 3, { 0, 8, 8 }, 1, { 0 }, 0.0, "empty" },
        { 3, { 2, 0, 8 }, 1, { 2 }, 0.0, "empty" },
        { 2, { 4, 3 }, 1, { 5 }, 0.0, "for all 4 samples, found 5" },
        { 2, { 4, 3 }, 2, { 3, 1 }, 0.0, "for all 4 samples, found 3" },
        { 2, { 4, 3 }, 2, { 4, 0 }, 0.0, "k > 0" },
        { 2, { 4, 3 }, 3, { 4, 1, 1 }, 0.0, "found 3 axes" },
        { 2, { 4, 3 }, 0, { 0 }, 0.0, "found 0 axes" },
        { 2, { 4, 3 }, 1, { 4 }, -1.0, "entry (1): expected a label (a whole number from 0 to 2147483647), found -1" },
        { 2, { 4, 3 }, 1, { 4 }, 0.5, "found 0.5" },
        { 2, { 4, 3 }, 1, { 4 }, 2147483648.0, "found 2147483648" },
        { 2, { 4, 3 }, 1, { 4 }, (double)NAN, "entry (1): expected a finite number, found nan" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double label[8] = { 0.0, cases[i].label };
        assert_ok(fs_npy_write(in_folder("x.npy"), cases[i].dim, cases[i].shape, x, &err), err);
        assert_ok(fs_npy_write(in_folder("l.npy"), cases[i].label_dim, cases[i].label_shape, label, &err), err);
        fs_data_spec spec = { .source = "npy", .images = in_folder("x.npy"), .labels = in_folder("l.npy") };
        assert_refused(&spec, cases[i].word);
    }
}

static void no_quarter_turn_makes_the_letter_its_mirror_image(void **state)
{
    (void)state;
    fs_data_spec spec = { .source = "npy", .images = shipped("mirror_r-images.npy"), .labels = shipped("mirror_r-labels.npy") };
    fs_samples s = good(&spec);
    assert_true(s.n == 2 && s.channels == 1 && s.height == 8 && s.width == 8 && s.n_classes == 2);
    assert_true(s.label[0] == 0 && s.label[1] == 1);
    const double *letter = s.x, *mirror = s.x + 64;
    double turned[64], next[64];
    memcpy(turned, letter, sizeof turned);
    for (int turn = 0; turn < 4; turn++) {
        if (turn) assert_memory_not_equal(turned, letter, sizeof turned);
        assert_memory_not_equal(turned, mirror, sizeof turned);
        for (size_t i = 0; i < 8; i++)
            for (size_t j = 0; j < 8; j++) next[(7 - j) * 8 + i] = turned[i * 8 + j];
        memcpy(turned, next, sizeof turned);
    }
    for (size_t i = 0; i < 8; i++)
        for (size_t j = 0; j < 8; j++) {
            assert_true(letter[i * 8 + j] == mirror[i * 8 + 7 - j]);
            assert_true(letter[i * 8 + j] == 0.0 || letter[i * 8 + j] == 1.0);
        }
    fs_samples_clear(&s);
}

/* --- CSV ----------------------------------------------------------------------------------------------- */

static fs_data_spec csv(const char *text, size_t targets)
{
    put("t.csv", text, strlen(text));
    return (fs_data_spec){ .source = "csv", .images = in_folder("t.csv"), .targets = targets };
}

static void a_csv_table_is_vectors_and_labels_or_targets(void **state)
{
    (void)state;
    static const char *const same[] = {
        "a,b,label\n0.5,-1e-3,4\n2,3,4\n.25,5.,0\n", "a,b,label\r\n0.5,-1e-3,4\r\n2,3,4\r\n.25,5.,0\r\n",
        "\xef\xbb\xbfx,b,label\n0.5,-1e-3,4\n2,3,4\n.25,5.,0", ",,\n0.5,-1e-3,4\n2,3,4\n.25,5.,0\r\n",
        "\"x, first\",\"the \"\"b\"\"\",\"label\"\n0.5,-1e-3,4\n2,3,4.0\n.25,5.,0e1\n",
    };
    static const double x[] = { 0.25, 5.0, 0.5, -1e-3, 2.0, 3.0 };
    static const int label[] = { 0, 4, 4 };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        fs_data_spec spec = csv(same[i], 0);
        fs_samples s = good(&spec);
        assert_true(s.n == 3 && s.channels == 2 && s.height == 1 && s.width == 1 && s.n_classes == 5 && !s.target);
        assert_memory_equal(s.x, x, sizeof x);
        assert_memory_equal(s.label, label, sizeof label);
        fs_samples_clear(&s);
    }
    static const double y[] = { -1e-3, 4.0, 3.0, 4.0, 5.0, 0.0 };
    fs_data_spec spec = csv(same[0], 2);
    fs_samples s = good(&spec);
    assert_true(s.n == 3 && s.channels == 1 && s.k == 2 && !s.label && s.x[2] == 0.25);
    assert_memory_equal(s.target, y, sizeof y);
    fs_samples_clear(&s);
    /* The smallest number there is stays what it is. */
    spec = csv("x,l\n4.9e-324,1\n", 0);
    s = good(&spec);
    assert_true(s.x[0] == 4.9406564584124654e-324);
    fs_samples_clear(&s);
}

static void a_csv_table_with_a_fault_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct { const char *text; size_t targets; const char *word; } bad[] = {
        { "", 0, "t.csv:1: expected a header row, found an empty file" },
        { "\xef\xbb\xbf", 0, "empty file" },
        { "x,l\n", 0, "t.csv:2: expected at least one row" },
        { "x,l", 0, "t.csv:2: expected at least one row" },
        { "1,2\n3,4\n", 0, "t.csv:1: expected a header row with the columns' names, found only numbers" },
        { "x,2\n3,4\n", 0, "a number among them" },
        { "x\n3\n", 0, "t.csv:1: expected at least 2 columns" },
        { "x;l\n3;1\n", 0, "at least 2 columns" },
        { "x,y\n3,1\n", 2, "at least 3 columns" },
        { "x,y\n3,1\n", SIZE_MAX - 1, "columns" },
        { "x,l\n3,1\n1,2,3\n", 0, "t.csv:3:3: expected 2 cells as in the header, found 3" },
        { "x,l\n0,5,1\n", 0, "decimal comma?" },
        { "x,y,l\n1,2,0\n1,2\n", 0, "t.csv:3:2: expected 3 cells as in the header, found 2" },
        { "x,l\n1,2\n\n", 0, "t.csv:3:1: expected 2 cells as in the header, found 0 (an empty row)" },
        { "x,l\n1,2\n\r\n3,4\n", 0, "t.csv:3:1: expected 2 cells as in the header, found 0 (an empty row)" },
        { "x,l\n,2\n", 0, "t.csv:2:1: expected a number, found an empty cell" },
        { "x,l\n2,\n", 0, "t.csv:2:2: expected a number, found an empty cell" },
        { "x,l\n2,\r\n", 0, "t.csv:2:2: expected a number, found an empty cell" },
        { "x,l\n1e400,1\n", 0, "t.csv:2:1: expected a finite number such as -1.5e-3, found \"1e400\"" },
        { "x,l\nnan,1\n", 0, "found \"nan\"" },
        { "x,l\n-inf,1\n", 0, "found \"-inf\"" },
        { "x,l\n\"1\",1\n", 0, "found \"\"1\"\"" },
        { "x,l\n 1,1\n", 0, "found \" 1\"" },
        { "x,l\n1,1 \n", 0, "t.csv:2:2" },
        { "x,l\n1,1\n0x10,1\n", 0, "t.csv:3:1" },
        { "x,l\n1\r2,1\n", 0, "found \"1?2\"" },
        { "x,l\n\xff\x1b[31m,1\n", 0, "found \"??[31m\"" },
        { "x,l\n1,0.5\n", 0, "t.csv:2:2: expected a label (a whole number from 0 to 2147483647), found 0.5" },
        { "x,l\n1,-1\n", 0, "found -1" },
        { "x,l\n1,1e10\n", 0, "found 10000000000" },
        { "\"x,l\n1,1\n", 0, "t.csv:1:1: expected a name in double quotes, found no closing quote before the end" },
        { "\"x\"y,l\n1,1\n", 0, "t.csv:1:1: expected a name in double quotes" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fs_data_spec spec = csv(bad[i].text, bad[i].targets);
        assert_refused(&spec, bad[i].word);
    }
    put("t.csv", "x,l\n1,1\n1\0,1\n", 13);
    fs_data_spec spec = { .source = "csv", .images = in_folder("t.csv") };
    assert_refused(&spec, "t.csv:3: expected text, found a NUL byte");
}

/* A long header and many short rows would make a table much larger than the file. */
static void a_ragged_table_is_refused_before_it_is_allocated(void **state)
{
    (void)state;
    enum { SIZE = 2000000 };
    char *text = malloc(SIZE + 1);
    assert_non_null(text);
    memset(text, ',', SIZE / 2);
    memset(text + SIZE / 2, '\n', SIZE / 2);
    text[SIZE] = 0;
    fs_data_spec spec = csv(text, 0);
    assert_refused(&spec, "t.csv:2:1: expected 1000001 cells as in the header, found 0");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_library_holds_the_shipped_files),
        cmocka_unit_test(embedded_reads_as_the_shipped_idx_files),
        cmocka_unit_test(ten_embedded_images_of_each_class),
        cmocka_unit_test(classes_come_in_the_order_asked_and_samples_in_file_order),
        cmocka_unit_test(classes_that_cannot_be_had_are_named),
        cmocka_unit_test(only_classes_rename_labels),
        cmocka_unit_test(resizing_pads_in_the_middle_and_averages_blocks),
        cmocka_unit_test(standard_means_mean_zero_variance_one),
        cmocka_unit_test(unit_is_the_interval_from_zero_to_one),
        cmocka_unit_test(data_that_cannot_be_normalised_are_refused),
        cmocka_unit_test(sizes_that_make_no_sense_are_refused),
        cmocka_unit_test(an_idx_header_that_lies_is_refused),
        cmocka_unit_test(an_idx_file_cut_anywhere_is_refused),
        cmocka_unit_test(compressed_is_the_same_as_raw),
        cmocka_unit_test(a_spoilt_gzip_file_is_refused),
        cmocka_unit_test(a_gzip_bomb_does_not_go_off),
        cmocka_unit_test(what_is_not_there_is_said_so),
        cmocka_unit_test(npy_samples_keep_shape_and_values),
        cmocka_unit_test(npy_samples_of_the_wrong_form_are_refused),
        cmocka_unit_test(no_quarter_turn_makes_the_letter_its_mirror_image),
        cmocka_unit_test(a_csv_table_is_vectors_and_labels_or_targets),
        cmocka_unit_test(a_csv_table_with_a_fault_is_refused_with_its_place),
        cmocka_unit_test(a_ragged_table_is_refused_before_it_is_allocated),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
