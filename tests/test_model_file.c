/* tests/test_model_file.c -- a model file is read exactly as its table of keys says, and every mistake has its place
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "law.h"

#include "base/files.h"
#include "base/words.h"
#include "problem/model_file.h"
#include "problem/model_keys.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A small correct model; line 5 and 8 are those that the tests change. */
static const char correct[] =
    "title: a test\n"
    "group: C4\n"
    "input: {image: 4}\n"
    "layers:\n"
    "  - conv: {out: 2, size: 3, support: full}\n"
    "  - tanh: {}\n"
    "  - dense: {out: 2}\n"
    "data: {source: synthetic, count: 3, classes: 2}\n"
    "loss: cross-entropy\n";

typedef struct {
    char folder[256], file[300];
} place;

static int enter(void **state)
{
    place *p = calloc(1, sizeof *p);
    const char *tmp = getenv("TMPDIR");
    snprintf(p->folder, sizeof p->folder, "%s/model_file-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(p->folder)) return -1;
    snprintf(p->file, sizeof p->file, "%s/m.yaml", p->folder);
    *state = p;
    return 0;
}

static int leave(void **state)
{
    place *p = *state;
    unlink(p->file);
    rmdir(p->folder);
    free(p);
    return 0;
}

static void write_bytes(const place *p, const char *text, size_t size)
{
    FILE *f = fopen(p->file, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

/* Loads a text; the message without the folder's name comes back in `said`. */
static fs_status load_bytes(const place *p, const char *text, size_t size, const char *set, char said[1024])
{
    fs_model *m = NULL;
    fs_err err = { .text = "" };
    write_bytes(p, text, size);
    fs_status status = fs_model_load(&m, p->file, set ? 1 : 0, &set, &err);
    assert_true((status == FS_OK) == (m != NULL));
    fs_model_destroy(m);
    size_t folder = strlen(p->folder) + 1;
    int named = !strncmp(err.text, p->folder, folder - 1);
    snprintf(said, 1024, "%s", named ? err.text + folder : err.text);
    return status;
}

static fs_status load_text(const place *p, const char *text, const char *set, char said[1024])
{
    return load_bytes(p, text, strlen(text), set, said);
}

/* The correct model with one line replaced. */
static void with_line(const char *model, int line, const char *replacement, char *text, size_t size)
{
    size_t used = 0;
    text[0] = 0;
    for (int i = 1; *model; i++) {
        int length = (int)strcspn(model, "\n");
        if (i == line)
            used += (size_t)snprintf(text + used, size - used, "%s\n", replacement);
        else
            used += (size_t)snprintf(text + used, size - used, "%.*s\n", length, model);
        model += length + 1;
    }
}

static void expect(fs_status status, const char *said, const char *expected)
{
    if (status == FS_EINPUT && !strncmp(said, expected, strlen(expected))) return;
    print_error("status \"%s\", message\n  %s\nexpected \"%s\", message\n  %s\n", fs_status_text(status), said, fs_status_text(FS_EINPUT), expected);
    fail();
}

static void the_correct_model_loads(void **state)
{
    char said[1024];
    fs_status status = load_text(*state, correct, NULL, said);
    if (status != FS_OK) print_error("%s\n", said);
    assert_int_equal(status, FS_OK);
}

static void every_mistake_in_a_line_has_its_place(void **state)
{
    static const struct {
        int line;
        const char *text, *message;
    } mistake[] = {
        { 5, "  - conv: {out: 2, size: 3, support: fulll}",
          "m.yaml:5:38: unknown support \"fulll\"; known: full, cross, skew, compatible, or a list of taps [[row, column], ...]; did you mean \"full\"?" },
        { 5, "  - conv: {out: 2, sise: 3}", "m.yaml:5:20: unknown key \"sise\" in conv; did you mean \"size\"?" },
        { 5, "  - conv: {out: 2}", "m.yaml:5:11: expected the key \"size\" in conv, found none" },
        { 5, "  - conv: {out: two, size: 3}", "m.yaml:5:17: expected a whole number in [1, 65536] or a list of representations such as [2 trivial, regular] for out, found \"two\"" },
        { 5, "  - conv: {out: \"2\", size: 3}", "m.yaml:5:17: expected a whole number in [1, 65536] or a list of representations such as [2 trivial, regular] for out, found \"2\", a text in quotes" },
        { 5, "  - conv: {out: 2.5, size: 3}", "m.yaml:5:17: expected a whole number" },
        { 5, "  - conv: {out: 0, size: 3}", "m.yaml:5:17: expected a whole number" },
        { 5, "  - conv: {out: 007, size: 3}", "m.yaml:5:17: expected a whole number" },
        { 5, "  - conv: {out: 0x10, size: 3}", "m.yaml:5:17: expected a whole number" },
        { 5, "  - conv: {out: 1_000, size: 3}", "m.yaml:5:17: expected a whole number" },
        { 5, "  - conv: {out: 18446744073709551617, size: 3}", "m.yaml:5:17: expected a whole number" },
        { 5, "  - conv: {out: [[2]], size: 3}",
          "m.yaml:5:18: expected a whole number in [1, 65536] or a list of representations such as [2 trivial, regular] for out, found the entry a list" },
        { 5, "  - conv: {out: {}, size: 3}", "m.yaml:5:17: expected a whole number in [1, 65536] or a list of representations such as [2 trivial, regular] for out, found an empty mapping" },
        { 5, "  - conv: {out: , size: 3}", "m.yaml:5:12: expected a whole number in [1, 65536] or a list of representations such as [2 trivial, regular] for out, found nothing" },
        { 5, "  - conv: {out: 2, size: 3, out: 2}", "m.yaml:5:29: expected every key once, found \"out\" again (first in line 5)" },
        { 5, "  - conv: {out: 2, size: 3, support: [[0, 1], [1]]}", "m.yaml:5:47: expected full, cross, skew, compatible, or a list of taps" },
        { 5, "  - conv: {out: 2, size: 3, support: []}", "m.yaml:5:38: expected full, cross, skew, compatible, or a list of taps [[row, column], ...] for support, found an empty list" },
        { 5, "  - convv: {out: 2, size: 3}", "m.yaml:5:5: unknown key \"convv\" in layers; did you mean \"conv\"?" },
        { 5, "  - conv", "m.yaml:5:5: expected one of conv, dense, pool, mean, norm, tanh, softplus, identity, square, sin, polynomial, radial, gated, invariants in a layer, as in - tanh: {}, found \"conv\"" },
        { 5, "  - {}", "m.yaml:5:5: expected one of conv" },
        { 5, "  - {tanh: {}, sin: {}}", "m.yaml:5:5: expected one of conv" },
        { 5, "  - conv: {out: 2, size: 3", "m.yaml:6:9: expected YAML, found an error in it: missing comma in flow mapping" },
        { 5, "  - conv: &here {out: 2, size: 3}", "m.yaml:5:17: expected a value, found an anchor" },
        { 5, "  - conv: *here", "m.yaml:5:12: expected a value, found an alias" },
        { 5, "  - conv: !!map {out: 2, size: 3}", "m.yaml:5:17: expected a value, found a tag" },
        { 5, "  - ? [conv]\n    : 1", "m.yaml:5:7: expected a key, found a list" },
        { 5, "\t- conv: {out: 2, size: 3}", "m.yaml:" },
        { 5, "  - conv: {out: 2, size: 3} # \x01", "m.yaml:5:31: expected text in UTF-8, found the byte 0x01" },
        { 5, "  - conv: {out: 2, size: 3} # \xc3", "m.yaml:5:31: expected text in UTF-8, found the byte 0xc3" },
        { 8, "data: {source: synthetc, count: 3}", "m.yaml:8:16: unknown source \"synthetc\"; known: embedded, idx, npy, csv, inline, synthetic, graphs, shapes, clouds; did you mean \"synthetic\"?" },
        { 8, "data: {source: synthetic, count: 0, classes: 2}", "m.yaml:8:34: expected a whole number in [1, 1000000000] for count, found \"0\"" },
        { 8, "data: {count: 3}", "m.yaml:8:7: expected the key \"source\" in data, found none" },
        { 8, "data: {source: csv, labels: y.npy}",
          "m.yaml:8:21: expected a key of csv data, found \"labels\"; known: source, file, targets, classes, count, normalise" },
        { 8, "data: {source: inline, x: [[1, 0, 0, .nan]], labels: [0]}", "m.yaml:8:38: expected nested lists of numbers in [-1e12, 1e12] for x, found the entry \".nan\"" },
        { 8, "data: {source: inline, x: [[1, 0], [0, a]], labels: [0, 1]}", "m.yaml:8:40: expected nested lists of numbers in [-1e12, 1e12] for x, found the entry \"a\"" },
        { 8, "data: {source: inline, x: [[1e13, 0]], labels: [0]}", "m.yaml:8:29: expected nested lists of numbers in [-1e12, 1e12] for x, found the entry \"1e13\"" },
        { 8, "data: {source: inline, x: [[[1, 2], [3, []]]], labels: [0]}", "m.yaml:8:41: expected nested lists of numbers in [-1e12, 1e12] for x, found the entry an empty list" },
        { 8, "data: {count: 3, hundred: 1}",
          "m.yaml:8:18: unknown key \"hundred\" in data; known: source, images, labels, file, targets, classes, count, size, normalise, x, weights, p, q, noise, seed" },
        { 8, "data: {source: npy, hundred: 1}", "m.yaml:8:21: unknown key \"hundred\" in data; known: source, images, labels, classes, count, size, normalise" },
        { 8, "data: {source: csv}", "m.yaml:8:7: expected the key \"file\" in data, found none" },
        { 8, "data: {source: idx, images: [x], labels: y}", "m.yaml:8:29: expected a text for images, found a list" },
        { 8, "data: 3", "m.yaml:8:7: expected a mapping {key: value, ...} for data, found \"3\"" },
        { 8, "data: {source: csv, file: x, classes: [1, -1]}", "m.yaml:8:43: expected a list of whole numbers in [0, 65535] for classes, found the entry \"-1\"" },
        { 9, "loss: squard", "m.yaml:9:7: unknown loss \"squard\"; known: cross-entropy, squared, or a mapping {key: value, ...}; did you mean \"squared\"?" },
        { 9, "loss: {squared: {weights: [1, nan]}}", "m.yaml:9:31: expected a list of numbers in (0, 1e6] for weights, found the entry \"nan\"" },
        { 9, "loss: squared\nspace: {frobnicate: 3}",
          "m.yaml:10:9: unknown key \"frobnicate\" in space; known: basis, parametrisation; in place of the mapping: full" },
        { 9, "loss: squared\nspace: {parametrization: non-orthonormal}", "m.yaml:10:9: unknown key \"parametrization\" in space; did you mean \"parametrisation\"?" },
        { 9, "loss: squared\nspace: {parametrisation: orthogonal}",
          "m.yaml:10:26: unknown parametrisation \"orthogonal\"; known: orthonormal, non-orthonormal, or a mapping {key: value, ...}; did you mean \"orthonormal\"?" },
        { 9, "loss: squared\nspace: {parametrisation: {scale: 0}}", "m.yaml:10:34: expected a number in (0, 1e3] for scale, found \"0\"" },
        { 3, "input: {sound: 3}", "m.yaml:3:9: unknown key \"sound\" in input; known: image, channels, vector, set, features, graph" },
        { 3, "input: {set: 3}", "m.yaml:3:8: expected the key \"features\" in input, found none" },
        { 3, "input: {graph: 3, features: 2}", "m.yaml:3:19: expected a key of graph input, found \"features\"; known: graph" },
        { 3, "input: {image: 3, graph: 2}", "m.yaml:3:19: expected a key of image input, found \"graph\"; known: image, channels" },
        { 3, "input: {set: 0, features: 2}", "m.yaml:3:14: expected a whole number in [1, 65536] for set" },
        { 3, "input: {set: 2, features: [[natural]]}", "m.yaml:3:28: expected a whole number in [1, 65536] or a list of representations" },
        { 3, "input: {vector: [regular], channels: 2}", "m.yaml:3:28: expected a key of vector input, found \"channels\"; known: vector" },
        { 3, "input: {channels: 2}", "m.yaml:3:8: expected image, vector, set or graph in input, found none of them" },
        { 3, "input: {vector: regular}", "m.yaml:3:17: expected a list of representations" },
        { 2, "group: [C4]", "m.yaml:2:8: expected " FS_MODEL_GROUPS " for group, found a list" },
        { 2, "group: {generator: [[1, 0]]}", "m.yaml:2:9: unknown key \"generator\" in group; did you mean \"generators\"?" },
        { 2, "group: {most: 4}", "m.yaml:2:8: expected the key \"generators\" in group, found none" },
        { 2, "group: {generators: [1, 0]}", "m.yaml:2:22: expected nested lists of numbers in [-1e6, 1e6] for generators, found the entry \"1\"" },
        { 2, "group: {generators: []}", "m.yaml:2:21: expected nested lists of numbers in [-1e6, 1e6] for generators, found an empty list" },
        { 2, "group: {generators: [[1, 0], []]}", "m.yaml:2:30: expected nested lists of numbers in [-1e6, 1e6] for generators, found the entry an empty list" },
        { 2, "group: {generators: [[1, x]]}", "m.yaml:2:26: expected nested lists of numbers in [-1e6, 1e6] for generators, found the entry \"x\"" },
        { 2, "group: {generators: [[[nan, 0], [0, 1]]]}", "m.yaml:2:24: expected nested lists of numbers in [-1e6, 1e6] for generators, found the entry \"nan\"" },
        { 2, "group: {generators: [[\"1\", 0]]}", "m.yaml:2:23: expected nested lists of numbers in [-1e6, 1e6] for generators, found the entry \"1\", a text in quotes" },
        { 2, "group: {generators: [[[1, 0], {a: 1}]]}", "m.yaml:2:31: expected nested lists of numbers in [-1e6, 1e6] for generators, found the entry a mapping" },
        { 2, "group: {generators: [[1, 0]], most: 20000}", "m.yaml:2:37: expected a whole number in [1, 16384] for most, found \"20000\"" },
        { 2, "group: C4\nmeasure: har", "m.yaml:3:10: unknown measure \"har\"; known: haar or a list of numbers in [0, 1] or a mapping {key: value, ...}; did you mean \"haar\"?" },
        { 2, "group: SO3\nmeasure: {degre: 3}", "m.yaml:3:11: unknown key \"degre\" in measure; did you mean \"degree\"?" },
        { 2, "group: SO3\nmeasure: {weight: 3}",
          "m.yaml:3:11: unknown key \"weight\" in measure; known: degree, nodes, subgroup, drawn, seed; in place of the mapping: haar or a list of numbers in [0, 1]" },
        { 2, "group: SO3\nmeasure: {degree: 41}", "m.yaml:3:19: expected a whole number in [1, 40] for degree, found \"41\"" },
        { 7, "  - dense: {out: 2, bias: yes}", "m.yaml:7:27: unknown bias \"yes\"; known: true, false" },
        { 6, "  - polynomial: {}", "m.yaml:6:17: expected the key \"coefficients\" in polynomial, found none" },
        { 6, "  - polynomial: {coefficients: [a]}", "m.yaml:6:33: expected a list of numbers in [-1e6, 1e6] for coefficients, found the entry \"a\"" },
        { 6, "  - radial: {blocks: 2}", "m.yaml:6:14: unknown key \"blocks\" in radial, which has none" },
        { 6, "  - norm: {layer: feature}", "m.yaml:6:19: unknown layer \"feature\"; known: spatial, features, rms; did you mean \"features\"?" },
        { 2, "gruop: C4", "m.yaml:2:1: unknown key \"gruop\"; did you mean \"group\"?" },
        { 2, "gama: 3", "m.yaml:2:1: unknown key \"gama\"; did you mean \"flow.gamma\"?" },
        { 2, "frobnicate: 3", "m.yaml:2:1: unknown key \"frobnicate\"; known: title, source, group, measure, data, input, layers, loss, output, space, start, flow" },
        { 2, "group: C4\ngroup: C2", "m.yaml:3:1: expected every key once, found \"group\" again (first in line 2)" },
        { 2, "group: C4\n--- \ntitle: b", "m.yaml:3:1: expected one document, found another one" },
        { 2, "group: C4\n%YAML 3.0", "m.yaml:3:1: expected a key or a value, found a directive (%)" },
        { 1, "title:", "m.yaml:1:1: expected a text for title, found nothing" },
        { 4, "layer:", "m.yaml:4:1: unknown key \"layer\"; did you mean \"layers\"?" },
    };
    for (size_t i = 0; i < sizeof mistake / sizeof *mistake; i++) {
        char text[2048], said[1024];
        with_line(correct, mistake[i].line, mistake[i].text, text, sizeof text);
        fs_status status = load_text(*state, text, NULL, said);
        expect(status, said, mistake[i].message);
        if (strstr(said, "\"hundred\"")) assert_string_equal(said, mistake[i].message);
    }
}

static void every_number_is_read_strictly(void **state)
{
    static const char *const refused[] = { "-1", "nan", ".nan", "NaN", "inf", ".inf", "1e400", "1e13", "1_000", "0x10", "0o7", "007", "yes", "~", "1,5", "1e-3x", ".5.",
                                           "1 2", "\"3\"", "'3'", "[3]", "{}", "+-3", "- 3", "1e", "e5", "true" };
    static const struct { const char *text; double value; } taken[] = { { "0", 0.0 }, { "10", 10.0 }, { "0.75", 0.75 }, { "1e-8", 1e-8 }, { "2.5E3", 2500.0 }, { "1e12", 1e12 } };
    char text[2048], said[1024];
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        snprintf(text, sizeof text, "%sflow: {gamma: %s}\n", correct, refused[i]);
        fs_status status = load_text(*state, text, NULL, said);
        expect(status, said, "m.yaml:10:");
    }
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        place *p = *state;
        fs_err err;
        fs_model *m = NULL;
        snprintf(text, sizeof text, "%sflow: {gamma: %s}\n", correct, taken[i].text);
        write_bytes(p, text, strlen(text));
        assert_ok(fs_model_load(&m, p->file, 0, NULL, &err), err);
        assert_true(fs_model_real(m, "flow.gamma") == taken[i].value);
        fs_model_destroy(m);
    }
}

static void files_that_are_no_models_are_refused_at_once(void **state)
{
    static const struct { const char *unit; const char *message; } flood[] = {
        { "[", "m.yaml:1:" }, { "{a: ", "m.yaml:1:" }, { "- ", "m.yaml:1:" }, { "? ", "m.yaml:1:" }, { "- a\n", "m.yaml:10000:" }, { "a: ", "m.yaml:1:5" },
        { "&a ", "m.yaml:1:" }, { "---\n", "m.yaml:" }, { "\t", "m.yaml:1:" }, { "#", "m.yaml:" }, { "\"", "m.yaml:1:" }, { "x", "m.yaml:1:1" }, { "a:\n ", "m.yaml:" },
    };
    place *p = *state;
    size_t size = FS_YAML_BYTES;
    char *text = malloc(size + 2), said[1024];
    clock_t start = clock();
    for (size_t i = 0; i < sizeof flood / sizeof *flood; i++) {
        size_t unit = strlen(flood[i].unit);
        for (size_t j = 0; j < size; j++) text[j] = flood[i].unit[j % unit];
        expect(load_bytes(p, text, size, NULL, said), said, flood[i].message);
    }
    assert_at_most((double)(clock() - start) / CLOCKS_PER_SEC, 5.0);

    memset(text, ' ', size + 1);
    expect(load_bytes(p, text, size + 1, NULL, said), said, "");
    expect(load_bytes(p, "", 0, NULL, said), said, "m.yaml:1:1: expected a model, found an empty file");
    expect(load_bytes(p, "# nothing\n", 10, NULL, said), said, "m.yaml:2:1: expected a model, found an empty file");
    expect(load_bytes(p, "title: a\0b\n", 11, NULL, said), said, "m.yaml:1:9: expected text in UTF-8, found the byte 0x00");
    expect(load_bytes(p, "\x7f" "ELF\x02\x01", 6, NULL, said), said, "m.yaml:1:1: expected text in UTF-8, found the byte 0x7f");
    expect(load_bytes(p, "- a\n- b\n", 8, NULL, said), said, "m.yaml:1:1: expected a model (title: ..., group: ..., ...), found a list");
    expect(load_bytes(p, "word\n", 5, NULL, said), said, "m.yaml:1:1: expected a model (title: ..., group: ..., ...), found \"word\"");
    free(text);

    fs_model *m = NULL;
    fs_err err;
    assert_true(fs_model_load(&m, "/nonexistent/m.yaml", 0, NULL, &err) != FS_OK);
    assert_fails(fs_model_load(&m, p->folder, 0, NULL, &err), FS_EINPUT, err, "folder");
    unlink(p->file);
    assert_int_equal(mkfifo(p->file, 0600), 0);
    assert_fails(fs_model_load(&m, p->file, 0, NULL, &err), FS_EINPUT, err, "FIFO");
    assert_null(m);
    unlink(p->file);
}

static void byte_order_mark_and_windows_line_ends_are_read(void **state)
{
    char text[2048] = "\xef\xbb\xbf", said[1024];
    size_t used = 3;
    for (const char *c = correct; *c; c++) {
        if (*c == '\n') text[used++] = '\r';
        text[used++] = *c;
    }
    assert_int_equal(load_bytes(*state, text, used, NULL, said), FS_OK);
}

static void overrides_change_add_and_complain_in_their_own_name(void **state)
{
    static const struct { const char *set, *message; } mistake[] = {
        { "data.cuont=3", "--set data.cuont=3: unknown key \"cuont\" in data; did you mean \"count\"?" },
        { "gamma=3", "--set gamma=3: unknown key \"gamma\"; did you mean \"flow.gamma\"?" },
        { "flow.gamma=-1", "--set flow.gamma=-1: expected a number in [0, 1e12] for gamma, found \"-1\"" },
        { "flow.gamma=", "--set flow.gamma=: expected a value after =, found nothing" },
        { "flow.gamma", "--set flow.gamma: expected KEY=VALUE, found no =" },
        { "=3", "--set =3: expected KEY=VALUE, found no key" },
        { "flow..gamma=3", "--set flow..gamma=3: expected a dotted key such as data.count, found an empty part" },
        { "layers.3.tanh={}", "--set layers.3.tanh={}: expected the number of an entry, 0 to 2, found \"3\"" },
        { "layers.x.tanh={}", "--set layers.x.tanh={}: expected the number of an entry, 0 to 2, found \"x\"" },
        { "loss.squared=3", "--set loss.squared=3: expected a mapping above \"squared\", found \"cross-entropy\"; give the whole mapping instead" },
        { "title=[a", "--set title=[a: expected YAML, found an error in it" },
        { "flow={gamma: 1, gamma: 2}", "--set flow={gamma: 1, gamma: 2}: expected every key once, found \"gamma\" twice" },
    };
    char said[1024];
    for (size_t i = 0; i < sizeof mistake / sizeof *mistake; i++) {
        fs_status status = load_text(*state, correct, mistake[i].set, said);
        expect(status, said, mistake[i].message);
    }

    char text[2048];
    with_line(correct, 8, "data: {source: inline, x: [[1, 0], [0, 1]], labels: [0, 1]}", text, sizeof text);
    expect(load_text(*state, text, "data.x.0.1=nan", said), said,
           "--set data.x.0.1=nan: expected nested lists of numbers in [-1e12, 1e12] for x, found the entry \"nan\"");

    place *p = *state;
    const char *sets[] = { "flow.gamma=10", "layers.0.conv.out=8", "data={source: csv, file: t.csv, classes: [0, 9]}", "flow.gamma=20", "data.count=5" };
    fs_model *m = NULL;
    fs_err err;
    write_bytes(p, correct, strlen(correct));
    assert_ok(fs_model_load(&m, p->file, 5, sets, &err), err);
    assert_true(fs_model_real(m, "flow.gamma") == 20.0);
    assert_int_equal(fs_yaml_whole(fs_yaml_get(fs_model_find(m, "layers")->item[0]->item[0], "out")), 8);
    assert_int_equal(fs_yaml_whole(fs_model_find(m, "data.classes")->item[1]), 9);
    assert_int_equal(fs_model_whole(m, "data.count"), 5);
    assert_string_equal(fs_model_text(m, "data.normalise"), "none");
    assert_null(fs_model_find(m, "data.size"));
    fs_model_destroy(m);
}

static void defaults_are_those_of_the_contract(void **state)
{
    place *p = *state;
    fs_model *m = NULL;
    fs_err err;
    write_bytes(p, correct, strlen(correct));
    assert_ok(fs_model_load(&m, p->file, 0, NULL, &err), err);
    assert_string_equal(fs_model_text(m, "measure"), "haar");
    assert_string_equal(fs_model_text(m, "space"), "full");
    assert_string_equal(fs_model_text(m, "source"), "");
    assert_string_equal(fs_model_text(m, "start.distribution"), "gaussian");
    assert_true(fs_model_real(m, "start.scale") == 1.0 && fs_model_real(m, "start.distance") == 0.5);
    assert_true(fs_model_real(m, "flow.gamma") == 1.0 && fs_model_real(m, "flow.t_end") == 10.0);
    assert_true(fs_model_real(m, "flow.rtol") == 1e-8 && fs_model_real(m, "flow.atol") == 1e-10);
    assert_string_equal(fs_model_text(m, "flow.method"), "bdf");
    assert_string_equal(fs_model_text(m, "flow.solver"), "auto");
    fs_model_destroy(m);
}

/* Printing and reading again gives the same text, whatever characters a title has. */
static void resolved_text_is_a_fixed_point(void **state)
{
    place *p = *state;
    const char *sets[] = { "title=\"quotes \\\" and \\\\, tab \\t, line\\nends, # no comment, \xc3\xa9, {a: b}, - x\"", "source='null'", "output=[\"rotation:1\", 2 trivial]",
                           "measure=[0.25, 0.25, 0.25, 2.5e-1]", "layers.0.conv.support=[[0, 0], [1, 1]]" };
    fs_model *m = NULL, *again = NULL;
    fs_err err;
    char *text = NULL, *second = NULL;
    write_bytes(p, correct, strlen(correct));
    assert_ok(fs_model_load(&m, p->file, 5, sets, &err), err);
    assert_ok(fs_model_print(m, &text, &err), err);
    assert_true(strstr(text, "\ndata: ") < strstr(text, "\ninput: "));     /* the order of the table, not of the file */
    write_bytes(p, text, strlen(text));
    assert_ok(fs_model_load(&again, p->file, 0, NULL, &err), err);
    assert_ok(fs_model_print(again, &second, &err), err);
    assert_string_equal(text, second);
    assert_string_equal(fs_model_text(again, "title"), "quotes \" and \\, tab \t, line\nends, # no comment, \xc3\xa9, {a: b}, - x");
    free(text);
    free(second);
    fs_model_destroy(m);
    fs_model_destroy(again);
}

/* Every row: its default and its example fit its own type. */
static void examples_and_defaults_of_the_table_are_valid(void **state)
{
    place *p = *state;
    size_t count;
    const fs_model_key *keys = fs_model_keys(&count);
    for (size_t i = 0; i < count; i++) {
        char variant[32] = "", set[400], said[1024];
        const char *name = keys[i].path + fs_model_key_name(&keys[i]);
        if (keys[i].when) snprintf(variant, sizeof variant, "%.*s", (int)strcspn(keys[i].when, "|"), keys[i].when);
        if (!strncmp(keys[i].path, "data.", 5) && keys[i].when && strcmp(variant, "synthetic"))
            snprintf(set, sizeof set, "data={source: %s%s%s, %s: %s}", variant, !strcmp(variant, "csv") ? ", file: f" : ", images: i, labels: l", "", name, keys[i].example);
        else if (!strncmp(keys[i].path, "data.", 5))
            snprintf(set, sizeof set, "data.%s=%s", name, keys[i].when ? keys[i].example : "synthetic");
        else if (!strncmp(keys[i].path, "input.", 6))
            snprintf(set, sizeof set, "input={%s%s: %s}", !strcmp(name, "channels") ? "image: 4, " : !strcmp(name, "features") ? "set: 4, " : !strcmp(name, "set") ? "features: 1, " : "",
                     name, keys[i].example);
        else if (!strncmp(keys[i].path, "group.", 6))
            snprintf(set, sizeof set, "group={%s%s: %s}", strcmp(name, "generators") ? "generators: [[0]], " : "", name, keys[i].example);
        else if (!strncmp(keys[i].path, "measure.", 8))
            snprintf(set, sizeof set, "measure={%s: %s}", name, keys[i].example);
        else if (!strncmp(keys[i].path, "layers.", 7) && fs_model_key_name(&keys[i]) == 7)
            snprintf(set, sizeof set, "layers=[%s: %s]", name, keys[i].example);
        else if (!strncmp(keys[i].path, "layers.", 7))
            snprintf(set, sizeof set, "layers=[%.*s: {out: 3, size: 3, average: 1, %s: %s}]", (int)(fs_model_key_name(&keys[i]) - 8), keys[i].path + 7, name, keys[i].example);
        else if (!strncmp(keys[i].path, "loss.squared", 12))
            snprintf(set, sizeof set, strcmp(name, "squared") ? "loss={squared: {%s: %s}}" : "loss={%s: %s}", name, keys[i].example);
        else if (!strncmp(keys[i].path, "space.parametrisation.", 22))
            snprintf(set, sizeof set, "space={parametrisation: {%s: %s}}", name, keys[i].example);
        else if (!strncmp(keys[i].path, "space.", 6))
            snprintf(set, sizeof set, "space={%s: %s}", name, keys[i].example);
        else
            snprintf(set, sizeof set, "%s=%s", keys[i].path, keys[i].example);
        fs_status status = load_text(p, correct, set, said);
        /* a layer or a source has only some of the keys given here, and a map may have one twice: those complaints are not about the example */
        int about_others = strstr(said, "unknown key") || strstr(said, "every key once") || strstr(said, "expected a key of");
        if (status != FS_OK && !about_others) print_error("%s: %s\n", keys[i].path, said);
        assert_true(status == FS_OK || about_others);
    }
}

static void the_manual_has_the_table(void **state)
{
    (void)state;
    const char *tree = getenv("FLOWSIM_SRCDIR");
    char path[1024], *manual = NULL, *table = NULL;
    size_t size = 0;
    fs_err err;
    snprintf(path, sizeof path, "%s/models/README.md", tree ? tree : ".");
    assert_ok(fs_file_read(path, 1 << 20, &manual, &size, &err), err);
    assert_ok(fs_model_keys_document(&table, &err), err);
    if (!strstr(manual, table)) print_error("expected this table in models/README.md:\n%s", table);
    assert_non_null(strstr(manual, table));
    free(manual);
    free(table);
}

static void edit_distance_is_a_metric_with_known_values(void **state)
{
    (void)state;
    assert_int_equal(fs_edit_distance("", ""), 0);
    assert_int_equal(fs_edit_distance("abc", ""), 3);
    assert_int_equal(fs_edit_distance("cuont", "count"), 1);
    assert_int_equal(fs_edit_distance("kitten", "sitting"), 3);
    gsl_rng *rng = law_rng("edit distance");
    for (int trial = 0; trial < 200; trial++) {
        char w[3][12];
        for (int k = 0; k < 3; k++) {
            size_t n = gsl_rng_uniform_int(rng, 10);
            for (size_t i = 0; i < n; i++) w[k][i] = (char)('a' + (int)gsl_rng_uniform_int(rng, 2));
            w[k][n] = 0;
        }
        size_t ab = fs_edit_distance(w[0], w[1]);
        assert_int_equal(ab, fs_edit_distance(w[1], w[0]));
        assert_true((ab == 0) == !strcmp(w[0], w[1]));
        size_t longer = strlen(w[0]) > strlen(w[1]) ? strlen(w[0]) : strlen(w[1]), shorter = strlen(w[0]) + strlen(w[1]) - longer;
        assert_true(ab <= longer && ab >= longer - shorter);
    }
    gsl_rng_free(rng);
}

static void ranges_are_read_as_written(void **state)
{
    (void)state;
    assert_true(fs_range_contains("[0, 1e12]", 0.0) && fs_range_contains("[0, 1e12]", 1e12));
    assert_false(fs_range_contains("(0, 1]", 0.0));
    assert_true(fs_range_contains("(0, 1]", 1.0));
    assert_false(fs_range_contains("[0, 1)", 1.0));
    assert_false(fs_range_contains("[0, 1]", (double)NAN));
    assert_false(fs_range_contains("[0, 1]", (double)INFINITY));
}

/* No damaged file crashes the reader or passes as something it is not: whatever loads, prints and loads again. */
static void damaged_files_are_refused_or_read_again_alike(void **state)
{
    gsl_rng *rng = law_rng("damaged model files");
    place *p = *state;
    static const char letters[] = "{}[]:,-#&*!|>'\"%@`\\ \n\t0aeE.";
    for (int trial = 0; trial < 300; trial++) {
        char text[sizeof correct];
        memcpy(text, correct, sizeof text);
        for (unsigned long k = 0; k <= gsl_rng_uniform_int(rng, 3); k++)
            text[gsl_rng_uniform_int(rng, sizeof text - 1)] = letters[gsl_rng_uniform_int(rng, sizeof letters - 1)];
        fs_model *m = NULL, *again = NULL;
        fs_err err;
        write_bytes(p, text, sizeof text - 1);
        if (fs_model_load(&m, p->file, 0, NULL, &err) != FS_OK) continue;
        char *printed = NULL, *second = NULL;
        assert_ok(fs_model_print(m, &printed, &err), err);
        write_bytes(p, printed, strlen(printed));
        assert_ok(fs_model_load(&again, p->file, 0, NULL, &err), err);
        assert_ok(fs_model_print(again, &second, &err), err);
        assert_string_equal(printed, second);
        free(printed);
        free(second);
        fs_model_destroy(m);
        fs_model_destroy(again);
    }
    gsl_rng_free(rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_correct_model_loads, enter, leave),
        cmocka_unit_test_setup_teardown(every_mistake_in_a_line_has_its_place, enter, leave),
        cmocka_unit_test_setup_teardown(every_number_is_read_strictly, enter, leave),
        cmocka_unit_test_setup_teardown(files_that_are_no_models_are_refused_at_once, enter, leave),
        cmocka_unit_test_setup_teardown(byte_order_mark_and_windows_line_ends_are_read, enter, leave),
        cmocka_unit_test_setup_teardown(overrides_change_add_and_complain_in_their_own_name, enter, leave),
        cmocka_unit_test_setup_teardown(defaults_are_those_of_the_contract, enter, leave),
        cmocka_unit_test_setup_teardown(resolved_text_is_a_fixed_point, enter, leave),
        cmocka_unit_test_setup_teardown(examples_and_defaults_of_the_table_are_valid, enter, leave),
        cmocka_unit_test(the_manual_has_the_table),
        cmocka_unit_test(edit_distance_is_a_metric_with_known_values),
        cmocka_unit_test(ranges_are_read_as_written),
        cmocka_unit_test_setup_teardown(damaged_files_are_refused_or_read_again_alike, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
