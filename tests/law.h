/* tests/law.h -- what every test program shares: cmocka, a printed seed, comparisons that NaN fails
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FS_TESTS_LAW_H
#define FS_TESTS_LAW_H

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the five headers above first */
#include <cmocka.h>

#include "base/rng.h"
#include "base/status.h"

/* FLOWSIM_TEST_SEED, or a fixed number; printed once by law_rng. */
static inline uint64_t law_seed(void)
{
    const char *text = getenv("FLOWSIM_TEST_SEED");
    return text ? strtoull(text, NULL, 10) : 20250206u;
}

/* A fresh stream for one law; print which seed it came from so that a failure can be replayed. */
static inline gsl_rng *law_rng(const char *law)
{
    uint64_t seed = law_seed();
    printf("# %s: seed %llu\n", law, (unsigned long long)seed);
    for (const char *c = law; *c; c++) seed = seed * 1099511628211u + (unsigned char)*c;
    gsl_rng *rng = fs_rng_stream(seed, FS_STREAM_TEST);
    if (!rng) abort();
    return rng;
}

/* |a - b| <= tol, written so that NaN fails. */
#define assert_near(a, b, tol)                                                                       \
    do {                                                                                             \
        double law_a_ = (a), law_b_ = (b), law_t_ = (tol);                                           \
        if (!(fabs(law_a_ - law_b_) <= law_t_)) {                                                    \
            print_error("%s = %.17g, %s = %.17g: differ by %.3g > %.3g\n", #a, law_a_, #b, law_b_,   \
                        fabs(law_a_ - law_b_), law_t_);                                              \
            _fail(__FILE__, __LINE__);                                                               \
        }                                                                                            \
    } while (0)

/* a <= bound, NaN fails. */
#define assert_at_most(a, bound)                                                                     \
    do {                                                                                             \
        double law_a_ = (a), law_b_ = (bound);                                                       \
        if (!(law_a_ <= law_b_)) {                                                                   \
            print_error("%s = %.17g exceeds %s = %.17g\n", #a, law_a_, #bound, law_b_);              \
            _fail(__FILE__, __LINE__);                                                               \
        }                                                                                            \
    } while (0)

/* The call succeeds; otherwise its message is printed. */
#define assert_ok(call, err)                                                                         \
    do {                                                                                             \
        if ((call) != FS_OK) {                                                                       \
            print_error("%s: %s\n", #call, (err).text);                                              \
            _fail(__FILE__, __LINE__);                                                               \
        }                                                                                            \
    } while (0)

/* The call fails with this status and a message that contains the word. */
#define assert_fails(call, expected, err, word)                                                      \
    do {                                                                                             \
        (err).text[0] = 0;                                                                           \
        fs_status law_s_ = (call);                                                                   \
        if (law_s_ != (expected) || !strstr((err).text, (word))) {                                   \
            print_error("%s: status \"%s\", message \"%s\"; expected \"%s\" naming \"%s\"\n", #call, \
                        fs_status_text(law_s_), (err).text, fs_status_text(expected), (word));       \
            _fail(__FILE__, __LINE__);                                                               \
        }                                                                                            \
    } while (0)

#endif
