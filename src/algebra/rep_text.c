/* algebra/rep_text.c -- representations written as expressions
 *
 *   sum     = product { "+" product }
 *   product = copies { times copies }
 *   copies  = [ count ] factor                     count copies, the copy is the slower index: trivial(count) x factor
 *   factor  = name | "(" sum ")" | "hom" "(" sum "," sum ")"
 *   times   = "x" | "*"
 *   name    = letter { letter | digit | ":" | "@" | "_" }
 *   count   = digit { digit }
 *
 * Blanks separate and mean nothing else.  hom(U, V) = V x U.  "3 trivial" is one leaf.  A product is one flat
 * tensor product of all its factors, so "2 natural x natural" is trivial(2) x natural x natural.  What fs_rep_name prints of
 * named representations reads back as the same matrices.
 *
 * Recursive descent, at most DEPTH brackets deep.  Every named representation is built once and shared.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "algebra/rep_private.h"

#include "base/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An excerpt has room for EXCERPT bytes as \xNN and for the dots. */
enum { DEPTH = 64, EXCERPT = 24, EXCERPT_SIZE = 4 * EXCERPT + 4, NAME = 64 };

/* A name already read, and what it stands for. */
typedef struct {
    const char *text;
    size_t length;
    fs_rep *rep;
} entry;

typedef struct {
    const fs_group *G;
    const char *text, *at;      /* at: the next character */
    size_t most, depth;
    entry *known;
    size_t knowns, room;
    fs_err *err;
} parser;

typedef struct {
    fs_rep **rep;
    size_t count, room;
} list;

/* ---- characters ---- */

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int in_name(char c)
{
    return is_letter(c) || is_digit(c) || c == ':' || c == '@' || c == '_';
}

static void skip_blanks(parser *p)
{
    p->at += strspn(p->at, " \t\r\n");
}

static int accept(parser *p, char c)
{
    skip_blanks(p);
    if (*p->at != c) return 0;
    p->at++;
    return 1;
}

static int accept_times(parser *p)
{
    if (accept(p, '*')) return 1;
    if (*p->at != 'x' || in_name(p->at[1])) return 0;
    p->at++;
    return 1;
}

static size_t name_length(const char *at)
{
    size_t length = 0;
    while (is_letter(at[0]) && in_name(at[length])) length++;
    return length;
}

/* ---- messages ---- */

/* The first characters from `at` on, in at most EXCERPT bytes; what is no printable UTF-8 is shown as \xNN. */
static const char *excerpt(const char *at, size_t length, char to[EXCERPT_SIZE])
{
    size_t used = 0;
    for (size_t i = 0, n; i < length; i += n) {
        n = fs_utf8_length(at + i, length - i);
        int control = (unsigned char)at[i] < ' ' || at[i] == 0x7f || (n == 2 && (unsigned char)at[i] == 0xc2 && (unsigned char)at[i + 1] < 0xa0);
        int shown = n && !control;
        if (!shown) n = 1;
        if (i + n > EXCERPT) {
            memcpy(to + used, "...", 3);
            used += 3;
            break;
        }
        if (shown) memcpy(to + used, at + i, n);
        else snprintf(to + used, 5, "\\x%02x", (unsigned)(unsigned char)at[i]);
        used += shown ? n : 4;
    }
    to[used] = '\0';
    return to;
}

/* Expected at the next character, found what is there. */
static fs_status fail(parser *p, const char *expected)
{
    char here[EXCERPT_SIZE], token[EXCERPT_SIZE];
    skip_blanks(p);
    size_t length = strlen(p->at), word = name_length(p->at);
    if (!word) word = strspn(p->at, "0123456789");
    if (!word) word = fs_utf8_length(p->at, length);
    if (!word) word = 1;
    if (length == 0) {
        size_t whole = strlen(p->text), tail = whole > EXCERPT ? EXCERPT : whole;
        while (tail < whole && ((unsigned char)p->text[whole - tail] & 0xc0) == 0x80) tail--;    /* not inside a character */
        if (strspn(p->text, " \t\r\n") == whole) return fs_fail(p->err, FS_EINPUT, "expected %s, found nothing", expected);
        return fs_fail(p->err, FS_EINPUT, "expected %s at the end of \"%s%s\", found nothing", expected, tail < whole ? "..." : "",
                       excerpt(p->text + whole - tail, tail, here));
    }
    return fs_fail(p->err, FS_EINPUT, "expected %s at \"%s\", found \"%s\"", expected, excerpt(p->at, length, here),
                   excerpt(p->at, word, token));
}

/* The message of a failure further down, and where it happened unless it quotes all that stands there. */
static fs_status failed_at(parser *p, fs_status status, const char *at)
{
    char here[EXCERPT_SIZE], found[EXCERPT_SIZE + 16];
    if (status == FS_OK || !p->err) return status;
    size_t used = strlen(p->err->text);
    snprintf(found, sizeof found, "found \"%s\"", excerpt(at, strlen(at), here));
    if (!strstr(p->err->text, found)) snprintf(p->err->text + used, sizeof p->err->text - used, " (at \"%s\")", here);
    return status;
}

static fs_status no_memory(parser *p)
{
    return fs_fail(p->err, FS_ENOMEM, "reading a representation of %s", fs_group_name(p->G));
}

static fs_status too_large(parser *p, const char *at)
{
    char here[EXCERPT_SIZE];
    return fs_fail(p->err, FS_EINPUT, "expected a representation of at most %zu dimensions, found more at \"%s\"", p->most,
                   excerpt(at, strlen(at), here));
}

/* ---- lists ---- */

/* Takes rep, also when it fails. */
static fs_status push(parser *p, list *to, fs_rep *rep)
{
    if (to->count == to->room) {
        size_t room = to->room ? 2 * to->room : 4;
        fs_rep **grown = reallocarray(to->rep, room, sizeof *grown);
        if (!grown) {
            fs_rep_destroy(rep);
            return no_memory(p);
        }
        to->rep = grown;
        to->room = room;
    }
    to->rep[to->count++] = rep;
    return FS_OK;
}

static void clear(list *l)
{
    for (size_t k = 0; k < l->count; k++) fs_rep_destroy(l->rep[k]);
    free(l->rep);
}

/* The only entry, or the sum or tensor product of all. */
static fs_status combine(parser *p, const list *l, int sum, fs_rep **out)
{
    if (l->count == 1) {
        *out = fs_rep_retain(l->rep[0]);
        return FS_OK;
    }
    return sum ? fs_rep_create_sum(out, l->count, l->rep, p->err) : fs_rep_create_tensor(out, l->count, l->rep, p->err);
}

/* ---- the grammar ---- */

static fs_status parse_sum(parser *p, fs_rep **out);

/* The representation `text` (length letters) names: one already built, or a new one. */
static fs_status look_up(parser *p, const char *text, size_t length, fs_rep **out)
{
    char name[NAME];
    for (size_t k = 0; k < p->knowns; k++)
        if (p->known[k].length == length && strncmp(p->known[k].text, text, length) == 0) {
            *out = fs_rep_retain(p->known[k].rep);
            return FS_OK;
        }
    if (length >= sizeof name) return fail(p, "a representation");
    memcpy(name, text, length);
    name[length] = '\0';
    if (p->knowns == p->room) {
        size_t room = p->room ? 2 * p->room : 8;
        entry *grown = reallocarray(p->known, room, sizeof *grown);
        if (!grown) return no_memory(p);
        p->known = grown;
        p->room = room;
    }
    FS_TRY(failed_at(p, fs_rep_create_named(out, p->G, name, p->err), text));
    p->known[p->knowns++] = (entry){ text, length, fs_rep_retain(*out) };
    return FS_OK;
}

static fs_status expect(parser *p, char c, const char *expected)
{
    return accept(p, c) ? FS_OK : fail(p, expected);
}

/* After "hom": ( U , V ) */
static fs_status parse_hom(parser *p, fs_rep **out)
{
    fs_rep *U = NULL, *V = NULL;
    size_t dim;
    const char *start = p->at;
    fs_status status = expect(p, '(', "\"(\" after hom");
    if (status == FS_OK) status = parse_sum(p, &U);
    if (status == FS_OK) status = expect(p, ',', "\",\" between the two spaces of hom, or \"+\" or \"x\"");
    if (status == FS_OK) status = parse_sum(p, &V);
    if (status == FS_OK) status = expect(p, ')', "\")\", \"+\" or \"x\"");
    if (status == FS_OK && (__builtin_mul_overflow(fs_rep_dim(U), fs_rep_dim(V), &dim) || dim > p->most))
        status = too_large(p, start);
    if (status == FS_OK) status = fs_rep_create_tensor(out, 2, (fs_rep *[]){ V, U }, p->err);
    fs_rep_destroy(U);
    fs_rep_destroy(V);
    return status;
}

static fs_status parse_factor(parser *p, fs_rep **out)
{
    skip_blanks(p);
    const char *start = p->at;
    size_t length = name_length(start);
    int hom = length == 3 && strncmp(start, "hom", 3) == 0;
    if (length > 0 && !hom) {
        FS_TRY(look_up(p, start, length, out));
        p->at += length;
        return FS_OK;
    }
    if (!hom && *start != '(') return fail(p, "a representation");
    if (p->depth == DEPTH) return fail(p, "at most 64 brackets inside each other");
    p->depth++;
    p->at += hom ? 3 : 1;
    fs_status status = hom ? parse_hom(p, out) : parse_sum(p, out);
    if (status == FS_OK && !hom && (status = expect(p, ')', "\")\", \"+\" or \"x\"")) != FS_OK) {
        fs_rep_destroy(*out);
        *out = NULL;
    }
    p->depth--;
    return status;
}

/* Saturates at SIZE_MAX. */
static size_t read_count(const char *at, size_t digits)
{
    size_t count = 0;
    for (size_t k = 0; k < digits; k++)
        if (__builtin_mul_overflow(count, 10, &count) || __builtin_add_overflow(count, (size_t)(at[k] - '0'), &count))
            return SIZE_MAX;
    return count;
}

static fs_status parse_copies(parser *p, list *factors)
{
    fs_rep *rep = NULL;
    skip_blanks(p);
    size_t digits = strspn(p->at, "0123456789");
    if (digits > 0) {
        size_t count = read_count(p->at, digits);
        char expected[64];
        snprintf(expected, sizeof expected, "a count from 1 to %zu", p->most);
        if (count < 1 || count > p->most) return fail(p, expected);
        p->at += digits;
        skip_blanks(p);
        int trivial = name_length(p->at) == 7 && strncmp(p->at, "trivial", 7) == 0;
        if (trivial || count > 1) {
            FS_TRY(fs_rep_create_trivial(&rep, p->G, count, p->err));
            FS_TRY(push(p, factors, rep));
        }
        if (trivial) {
            p->at += 7;
            return FS_OK;
        }
    }
    FS_TRY(parse_factor(p, &rep));
    return push(p, factors, rep);
}

static fs_status parse_product(parser *p, fs_rep **out)
{
    list factors = { NULL, 0, 0 };
    fs_status status;
    size_t dim = 1, counted = 0;
    do {
        skip_blanks(p);
        const char *start = p->at;
        status = parse_copies(p, &factors);
        for (; status == FS_OK && counted < factors.count; counted++)
            if (__builtin_mul_overflow(dim, fs_rep_dim(factors.rep[counted]), &dim) || dim > p->most) status = too_large(p, start);
    } while (status == FS_OK && accept_times(p));
    if (status == FS_OK) status = combine(p, &factors, 0, out);
    clear(&factors);
    return status;
}

static fs_status parse_sum(parser *p, fs_rep **out)
{
    list parts = { NULL, 0, 0 };
    fs_status status;
    size_t dim = 0;
    do {
        skip_blanks(p);
        const char *start = p->at;
        fs_rep *part = NULL;
        status = parse_product(p, &part);
        if (status == FS_OK) status = push(p, &parts, part);
        /* Both terms are at most UINT32_MAX. */
        if (status == FS_OK && (dim += fs_rep_dim(part)) > p->most) status = too_large(p, start);
    } while (status == FS_OK && accept(p, '+'));
    if (status == FS_OK) status = combine(p, &parts, 1, out);
    clear(&parts);
    return status;
}

fs_status fs_rep_parse(fs_rep **out, const fs_group *G, const char *text, size_t most, fs_err *err)
{
    parser p = { .G = G, .text = text, .at = text, .most = most < UINT32_MAX ? most : UINT32_MAX, .err = err };
    fs_rep *rep = NULL;
    *out = NULL;
    fs_status status = parse_sum(&p, &rep);
    skip_blanks(&p);
    if (status == FS_OK && *p.at) status = fail(&p, "\"+\", \"x\" or the end");
    if (status == FS_OK) *out = rep;
    else fs_rep_destroy(rep);
    for (size_t k = 0; k < p.knowns; k++) fs_rep_destroy(p.known[k].rep);
    free(p.known);
    return status;
}
