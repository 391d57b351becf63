/* problem/model_keys.c -- every key of a model file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "problem/model_keys.h"

#include "base/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT FS_KEY_TEXT
#define WORD FS_KEY_WORD
#define WHOLE FS_KEY_WHOLE
#define REAL FS_KEY_REAL
#define WHOLES FS_KEY_WHOLES
#define REALS FS_KEY_REALS
#define NAMES FS_KEY_NAMES
#define TAPS FS_KEY_TAPS
#define MAP FS_KEY_MAP
#define LAYERS FS_KEY_LAYERS
#define NESTED FS_KEY_NESTED

#define OPTIONAL ""

static const fs_model_key keys[] = {
    { "title", NULL, TEXT, NULL, NULL, "untitled", "two-layer CNN, quarter turns", "one line, shown in lists and reports" },
    { "source", NULL, TEXT, NULL, NULL, "\"\"", "\"Figure 2 of the paper, as exact flow\"", "which paper and experiment the model stands for" },
    { "group", NULL, TEXT | MAP, NULL, NULL, NULL, "C4", "the symmetry group, by name, as a product of names, or by generators; see *Groups*" },
    { "group.generators", NULL, NESTED, "[-1e6, 1e6]", NULL, NULL, "[[1, 2, 3, 0], [1, 0, 2, 3]]",
      "permutations (the images of 0, ..., n - 1) or orthogonal matrices (lists of rows), all of one degree: the group is what they generate" },
    { "group.most", NULL, WHOLE, "[1, 16384]", NULL, "2000", "5040", "refuse to generate more elements than this" },
    { "measure", NULL, WORD | REALS | MAP, "[0, 1]", "haar", "haar", "[0.7, 0.1, 0.1, 0.1]",
      "how the augmentation draws group elements: `haar` uniformly over all of them; one weight an element, summing to 1 (within 1e-9, then divided by their sum): a biased augmentation, for controls; a mapping for groups whose elements cannot all be used; see *Measure*" },
    { "measure.degree", NULL, WHOLE, "[1, 40]", NULL, OPTIONAL, "8", "continuous groups: a rule that is exact for irreducibles up to this degree" },
    { "measure.nodes", NULL, WHOLE, "[1, 4096]", NULL, OPTIONAL, "16", "SO2, O2, in place of a degree: that many equispaced rotations" },
    { "measure.subgroup", NULL, TEXT, NULL, NULL, OPTIONAL, "octahedral",
      "in place of a degree, all elements of a finite subgroup: `C<n>` of SO2 and O2; `tetrahedral`, `octahedral`, `icosahedral` of SO3 and O3" },
    { "measure.drawn", NULL, WHOLE, "[1, 100000]", NULL, OPTIONAL, "64", "S<n> with n from 8: that many elements drawn at random, once" },
    { "measure.seed", NULL, WHOLE, "[0, 18446744073709551615]", NULL, OPTIONAL, "7", "of the elements drawn; left out: 1" },

    { "data", NULL, MAP, NULL, NULL, NULL, "{source: embedded, classes: [1, 8], count: 10, size: 8}", "the samples" },
    { "data.source", NULL, WORD, NULL, "embedded|idx|npy|csv|inline|synthetic|graphs|shapes|clouds", NULL, "idx",
      "`embedded`: 100 Fashion-MNIST images inside the program; `idx`: IDX or IDX.gz files (MNIST, Fashion-MNIST); `npy`: NumPy arrays; `csv`: a table; `inline`: here, in the model file; `synthetic`: random numbers, for tests and benchmarks; `graphs`: adjacency matrices of stochastic block models, connected (label 1) or not (label 0); `shapes`: pictures of filled polygons, with their masks as targets; `clouds`: sets of points on a sphere (label 0), a line (1), a disc (2), in two clusters (3)" },
    { "data.images", "idx|npy", TEXT, NULL, NULL, NULL, "x.npy", "file of the images or vectors, relative to the model file: (N, H, W), (N, C, H, W) or (N, d)" },
    { "data.labels", "idx|npy", TEXT, NULL, NULL, NULL, "y.npy", "file of the labels: whole numbers (N), or with npy targets (N, k)" },
    { "data.file", "csv", TEXT, NULL, NULL, NULL, "points.csv", "the table, relative to the model file: a header row, then one sample a row, x first" },
    { "data.targets", "csv", WHOLE, "[1, 65536]", NULL, OPTIONAL, "2", "how many trailing columns are targets; left out: the last column is a label" },
    { "data.classes", "embedded|idx|npy|csv", WHOLES, "[0, 65535]", NULL, OPTIONAL, "[1, 8]", "only these labels, renamed 0, 1, ... in this order; left out: all, as they are" },
    { "data.count", "embedded|idx|npy|csv", WHOLE, "[1, 1000000000]", NULL, OPTIONAL, "10", "samples a class, in file order (with targets in place of labels: samples); left out: all" },
    { "data.size", "embedded|idx|npy", WHOLE, "[1, 4096]", NULL, OPTIONAL, "8", "images are padded with zeros to a multiple of it, then averaged over blocks to size x size; left out: as they are" },
    { "data.normalise", "embedded|idx", WORD, NULL, "standard|unit|none", "standard", "unit", "`standard`: one mean 0 and variance 1 over all pixels used; `unit`: 0 to 1; `none`: as they are" },
    { "data.normalise", "npy|csv", WORD, NULL, "standard|unit|none", "none", "standard", "the same; here the values are left as they are by default" },
    { "data.x", "inline", NESTED, "[-1e12, 1e12]", NULL, NULL, "[[1, 0], [0, 1]]", "one list a sample, as long as the input; lists inside it (rows of a picture) are read one after the other" },
    { "data.targets", "inline", NESTED, "[-1e12, 1e12]", NULL, OPTIONAL, "[[1], [-1]]", "one list a sample, as long as the output; this or `labels` must be there" },
    { "data.labels", "inline", WHOLES, "[0, 65535]", NULL, OPTIONAL, "[0, 1]", "one label a sample; this or `targets` must be there" },
    { "data.weights", "inline", REALS, "(0, 1]", NULL, OPTIONAL, "[0.8, 0.2]", "weight of every sample in the risk, summing to 1 (within 1e-9, then divided by their sum); left out: all the same" },
    { "data.count", "synthetic", WHOLE, "[1, 1000000000]", NULL, NULL, "64", "samples a class; with `targets`: samples" },
    { "data.classes", "synthetic", WHOLE, "[2, 65536]", NULL, OPTIONAL, "2", "number of classes: sample i of independent standard normal values has label i modulo it; this or `targets` must be there" },
    { "data.targets", "synthetic", WHOLE, "[1, 65536]", NULL, OPTIONAL, "2", "in place of `classes`, one of which must be there: that many independent standard normal targets a sample" },
    { "data.count", "graphs|shapes", WHOLE, "[1, 1000000000]", NULL, NULL, "40", "samples" },
    { "data.p", "graphs", REAL, "[0, 1]", NULL, "0.5", "0.7", "probability of an edge inside a block; the first half of the nodes is one block, the rest the other" },
    { "data.q", "graphs", REAL, "[0, 1]", NULL, "0.05", "0.2", "probability of an edge between the blocks" },
    { "data.classes", "clouds", WHOLE, "[2, 4]", NULL, NULL, "2", "the first so many of sphere, line, disc, two clusters; line and clusters lie along the last axis, so that the group has something to add" },
    { "data.count", "clouds", WHOLE, "[1, 1000000000]", NULL, NULL, "10", "samples a class" },
    { "data.noise", "shapes", REAL, "[0, 1e6]", NULL, "0.1", "0", "standard deviation of the noise of every pixel; the shape is 1 and the rest 0" },
    { "data.noise", "clouds", REAL, "[0, 1e6]", NULL, "0.05", "0", "standard deviation of the noise of every coordinate; points have mean square 1" },
    { "data.seed", "synthetic|graphs|shapes|clouds", WHOLE, "[0, 18446744073709551615]", NULL, "1", "7", "of the random data alone; `--seed` moves the initial weights and never the data" },

    { "input", NULL, MAP, NULL, NULL, NULL, "{image: 8, channels: 1}", "the input space X and how the group acts on it: an image, a vector, a set of points or a graph" },
    { "input.image", "image", WHOLE, "[1, 4096]", NULL, NULL, "8", "edge of square images; see *Inputs* for how the group moves the pixels" },
    { "input.channels", "image", WHOLE | NAMES, "[1, 65536]", NULL, "1", "[trivial, sign]", "channels of the images: a number that the group leaves alone, or representations that act on them" },
    { "input.vector", "vector", NAMES, NULL, NULL, NULL, "[2 trivial, rotation]", "representations whose sum acts on the vector; see *Representations*" },
    { "input.set", "set", WHOLE, "[1, 65536]", NULL, NULL, "6", "number of points of an unordered set; S<n> permutes n points, other groups leave them where they are" },
    { "input.features", "set", WHOLE | NAMES, "[1, 65536]", NULL, NULL, "[natural]", "features of every point: a number that the group leaves alone, or representations that act on them" },
    { "input.graph", "graph", WHOLE, "[1, 2048]", NULL, NULL, "5", "number of nodes: a vector of n x n entries (row by row) under `natural x natural`, for a group that permutes n nodes" },

    { "layers", NULL, LAYERS, NULL, NULL, NULL, "[conv: {out: 4, size: 3}, tanh: {}, dense: {out: 2}]", "the layers in the order in which they apply; a layer has no bias unless it says so" },
    { "layers.conv", NULL, MAP, NULL, NULL, OPTIONAL, "{out: 4, size: 3, support: cross}", "convolution (cross-correlation, stride 1, the image keeps its size); on a set of points the same map at every point" },
    { "layers.conv.out", NULL, WHOLE | NAMES, "[1, 65536]", NULL, NULL, "[2 trivial, regular]", "output channels: representations that act on them, or a number that the group leaves alone (with `channels: regular` copies of the regular representation)" },
    { "layers.conv.size", NULL, WHOLE, "[1, 255]", NULL, NULL, "3", "edge of the filters, odd; 1 on sets" },
    { "layers.conv.support", NULL, WORD | TAPS, NULL, "full|cross|skew|compatible", "full", "[[0, 0], [1, 1]]",
      "which filters belong to L: every tap (`full`), some of them (`cross`, `skew`, a list of [row, column]) or the span of patterns (`compatible`); see *Supports*" },
    { "layers.conv.padding", NULL, WORD, NULL, "zero|circular", "zero", "circular", "what stands beyond the border" },
    { "layers.conv.channels", NULL, WORD, NULL, "trivial|regular", OPTIONAL, "regular", "with a number in `out`: the group leaves the channels alone (as when left out), or permutes them in blocks of |G|" },
    { "layers.dense", NULL, MAP, NULL, NULL, OPTIONAL, "{out: 10}", "fully connected layer" },
    { "layers.dense.out", NULL, WHOLE | NAMES, "[1, 1000000]", NULL, NULL, "[2 regular]",
      "how many outputs; a list says how the group acts on them, a number alone is that many trivial copies (in the last dense layer: what `output` says)" },
    { "layers.dense.bias", NULL, WORD, NULL, "true|false", "false", "true", "add one weight an output, the last column of the layer's weights; see *Layers*" },
    { "layers.pool", NULL, MAP, NULL, NULL, OPTIONAL, "{average: 2}", "average over windows that tile the image" },
    { "layers.pool.average", NULL, WHOLE, "[1, 4096]", NULL, NULL, "2", "edge of the windows; divides the edge of the image" },
    { "layers.mean", NULL, MAP, NULL, NULL, OPTIONAL, "{}", "average of every channel over all pixels or points: a vector of the channels is left" },
    { "layers.norm", NULL, MAP, NULL, NULL, OPTIONAL, "{layer: spatial, eps: 1e-5}", "layer norm without parameters" },
    { "layers.norm.layer", NULL, WORD, NULL, "spatial|features|rms", "spatial", "rms",
      "`spatial`: each channel of each sample gets mean 0 and variance 1 over its pixels or points; `features`: the same over the channels at each pixel; `rms`: mean square 1 over the channels at each pixel, without a mean" },
    { "layers.norm.eps", NULL, REAL, "(0, 1e6]", NULL, "1e-5", "1e-5", "added to the variance or mean square" },
    { "layers.tanh", NULL, MAP, NULL, NULL, OPTIONAL, "{}", "tanh of every entry" },
    { "layers.softplus", NULL, MAP, NULL, NULL, OPTIONAL, "{}", "log(1 + e^z) of every entry" },
    { "layers.identity", NULL, MAP, NULL, NULL, OPTIONAL, "{}", "nothing: for linear networks" },
    { "layers.square", NULL, MAP, NULL, NULL, OPTIONAL, "{}", "square of every entry" },
    { "layers.sin", NULL, MAP, NULL, NULL, OPTIONAL, "{}", "sine of every entry" },
    { "layers.polynomial", NULL, MAP, NULL, NULL, OPTIONAL, "{coefficients: [0, 1, 1]}", "a polynomial of every entry" },
    { "layers.polynomial.coefficients", NULL, REALS, "[-1e6, 1e6]", NULL, NULL, "[0, 1, 1]", "c_0, c_1, ...: sum of c_k z^k, of degree at most 8" },
    { "layers.radial", NULL, MAP, NULL, NULL, OPTIONAL, "{}", "v / sqrt(1 + |v|^2) of every block v of channels that the group acts on; see *Layers*" },
    { "layers.gated", NULL, MAP, NULL, NULL, OPTIONAL, "{}", "trivial channels become tanh of themselves, or gates of the blocks behind them; see *Layers*" },
    { "layers.invariants", NULL, MAP, NULL, NULL, OPTIONAL, "{}", "trivial channels stay, blocks become |v|^2; see *Layers*" },

    { "loss", NULL, WORD | MAP, NULL, "cross-entropy|squared", NULL, "cross-entropy", "mean over the samples of: `cross-entropy` of the softmax; `squared`: half the squared distance to the target (labels: one-hot)" },
    { "loss.squared", NULL, MAP, NULL, NULL, NULL, "{weights: [1, 3]}", "the squared loss with a weight an output: not invariant when the group mixes outputs of different weight, a control" },
    { "loss.squared.weights", NULL, REALS, "(0, 1e6]", NULL, NULL, "[1, 3]", "one weight an output" },
    { "output", NULL, WORD | NAMES, NULL, "trivial", OPTIONAL, "[rotation]",
      "representation on the output space Y; `trivial`: the group leaves every output alone; left out: as the last layer with weights says, n being n trivial copies" },
    { "space", NULL, WORD | MAP, NULL, "full", "full", "{basis: span.npy}", "the admissible layers L: `full` is every tap of the supports" },
    { "space.basis", NULL, TEXT, NULL, NULL, OPTIONAL, "span.npy", "rows that span L, one natural-order weight vector each, relative to the model file" },
    { "space.parametrisation", NULL, WORD | MAP, NULL, "orthonormal|non-orthonormal", OPTIONAL, "{shear: 0.5}",
      "the coordinates v that gradient descent moves, A = A* + B v; `non-orthonormal` is a shear of 1/2: a control, for which Theorem 1.1 fails; see *Supports*" },
    { "space.parametrisation.shear", NULL, REAL, "[-1e3, 1e3]", NULL, OPTIONAL, "0.5",
      "B adds this multiple of each admissible weight of a layer to the next one, in natural order" },
    { "space.parametrisation.scale", NULL, REAL, "(0, 1e3]", NULL, OPTIONAL, "2",
      "B multiplies the k-th layer with weights by the k-th power of this: not orthonormal either, but its metric commutes with Pi_E, so E stays invariant" },

    { "start", NULL, MAP, NULL, NULL, "{}", "{scale: 1.5, distance: 0.1}", "initial weights: random on E, then a random step of a given length across" },
    { "start.distribution", NULL, WORD, NULL, "gaussian|kaiming", "gaussian", "kaiming", "before the projection onto E each weight is `gaussian` with deviation scale / sqrt(fan-in), or uniform with the same variance (`kaiming`)" },
    { "start.scale", NULL, REAL, "[0, 1e6]", NULL, "1", "1.5", "see `distribution`; the fan-in of a filter is its number of taps in the support times the input channels" },
    { "start.distance", NULL, REAL, "[0, 1e6]", NULL, "0.5", "0.1", "distance to E: length of a Gaussian direction in N" },

    { "flow", NULL, MAP, NULL, NULL, "{}", "{gamma: 10, t_end: 20}", "defaults of the command line's options of the same names" },
    { "flow.gamma", NULL, REAL, "[0, 1e12]", NULL, "1", "10", "penalty strength; unit 1/t" },
    { "flow.t_end", NULL, REAL, "(0, 1e12]", NULL, "10", "30", "final flow time" },
    { "flow.rtol", NULL, REAL, "[1e-14, 1e-2]", NULL, "1e-8", "1e-6", "relative tolerance" },
    { "flow.atol", NULL, REAL, "(0, 1e300]", NULL, "1e-10", "1e-12", "absolute tolerance on the E coordinates; across E it is 1e-14 of the weights" },
    { "flow.method", NULL, WORD, NULL, "bdf|adams", "bdf", "adams", "BDF with Newton, or Adams with fixed-point iteration" },
    { "flow.solver", NULL, WORD, NULL, "auto|dense|krylov", "auto", "dense", "Newton's linear systems: exact Hessian, or Krylov with exact products; `auto` by size" },
};

const fs_model_key *fs_model_keys(size_t *count)
{
    *count = sizeof keys / sizeof *keys;
    return keys;
}

size_t fs_model_key_name(const fs_model_key *key)
{
    const char *dot = strrchr(key->path, '.');
    return dot ? (size_t)(dot - key->path) + 1 : 0;
}

int fs_model_key_within(const fs_model_key *key, const char *prefix)
{
    size_t name = fs_model_key_name(key), length = strlen(prefix);
    return length ? name == length + 1 && !strncmp(key->path, prefix, length) : !name;
}

int fs_model_key_in(const fs_model_key *key, const char *variant)
{
    if (!key->when || !variant) return 1;
    size_t length = strlen(variant);
    for (const char *at = key->when; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
        if (!strncmp(at, variant, length) && (at[length] == 0 || at[length] == '|')) return 1;
    return 0;
}

const char *fs_model_key_expected(const fs_model_key *key, char buffer[FS_MODEL_KEY_EXPECTED])
{
    static const struct { unsigned type; const char *text; int ranged; } shape[] = {
        { TEXT, "a text", 0 },
        { WHOLE, "a whole number in ", 1 },
        { REAL, "a number in ", 1 },
        { WHOLES, "a list of whole numbers in ", 1 },
        { REALS, "a list of numbers in ", 1 },
        { NAMES, "a list of representations such as [2 trivial, regular]", 0 },
        { TAPS, "a list of taps [[row, column], ...]", 0 },
        { NESTED, "nested lists of numbers in ", 1 },
        { MAP, "a mapping {key: value, ...}", 0 },
        { LAYERS, "a list of layers such as - dense: {out: 2}", 0 },
    };
    size_t used = 0;
    buffer[0] = 0;
    if (!strcmp(key->path, "group")) return strcpy(buffer, FS_MODEL_GROUPS);
    for (const char *w = key->words; w && *w; w++) used += (size_t)snprintf(buffer + used, FS_MODEL_KEY_EXPECTED - used, *w == '|' ? ", " : "%c", *w);
    for (size_t i = 0; i < sizeof shape / sizeof *shape && used < FS_MODEL_KEY_EXPECTED; i++)
        if (key->types & shape[i].type)
            used += (size_t)snprintf(buffer + used, FS_MODEL_KEY_EXPECTED - used, "%s%s%s", used ? key->words && strchr(key->words, '|') ? ", or " : " or " : "",
                                     shape[i].text, shape[i].ranged ? key->range : "");
    return buffer;
}

int fs_range_contains(const char *range, double x)
{
    char low[32], high[32];
    double a = 0.0, b = 0.0;
    if (sscanf(range + 1, "%31[^,], %31[^])]", low, high) != 2 || fs_number_parse(low, &a) != FS_OK || fs_number_parse(high, &b) != FS_OK) return 0;
    int above = range[0] == '(' ? x > a : x >= a, below = strchr(range, ')') ? x < b : x <= b;
    return above && below;
}

/* --- the manual ------------------------------------------------------------------- */

static void document_row(const fs_model_key *key, FILE *out)
{
    char expected[FS_MODEL_KEY_EXPECTED];
    const char *fallback = key->fallback ? key->fallback[0] ? key->fallback : "none" : "required";
    const char *quote = key->fallback && key->fallback[0] ? "`" : "";
    fprintf(out, "| `%s`", key->path);
    if (key->when && strcmp(key->when, key->path + fs_model_key_name(key))) {
        fputs(" (", out);
        for (const char *c = key->when; *c; c++) fprintf(out, *c == '|' ? ", " : "%c", *c);
        fputs(")", out);
    }
    fputs(" | ", out);
    for (const char *c = fs_model_key_expected(key, expected); *c; c++) fprintf(out, *c == '<' ? "\\<" : "%c", *c);
    fprintf(out, " | %s%s%s | `%s` | ", quote, fallback, quote, key->example);
    for (const char *c = key->help; *c; c++) fprintf(out, *c == '|' ? "\\|" : "%c", *c);
    fputs(" |\n", out);
}

fs_status fs_model_keys_document(char **text, fs_err *err)
{
    size_t size = 0;
    *text = NULL;
    FILE *out = open_memstream(text, &size);
    if (!out) return fs_fail(err, FS_ENOMEM, "the table of keys");
    fputs("| key | value | default | example | meaning |\n|---|---|---|---|---|\n", out);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) document_row(&keys[i], out);
    int failed = ferror(out);
    if (!fclose(out) && !failed) return FS_OK;
    free(*text);
    *text = NULL;
    return fs_fail(err, FS_ENOMEM, "the table of keys");
}
