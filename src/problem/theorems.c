/* problem/theorems.c -- which statements apply to a model
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "problem/theorems.h"

#include "problem/hypotheses.h"

#include <stdio.h>
#include <string.h>

enum { COMPATIBILITY = 1 << 0, INVARIANCE = 1 << 1, NONLINEARITY = 1 << 2, LOSS = 1 << 3, REPRESENTATION = 1 << 4, MEASURE = 1 << 5,
       SPACE = 1 << 6, PARAMETRISATION = 1 << 7 };
enum { KEY_LEMMA = NONLINEARITY | LOSS | REPRESENTATION | MEASURE, STATIONARY = KEY_LEMMA | COMPATIBILITY | SPACE, FLOWS = STATIONARY | PARAMETRISATION };

/* What Theorem 3 asks for beside them is no property of single layers: smoothness gives constants for bounded sets, not for all of L. */
static const char bounds[] = "its bounds are not measured on loading: <Y, Hess R^aug Y> >= c |Y|^2 on E and |D^3 R^aug[Y, Y, Y]| <= M_3 |Y|^3, with c and M_3 "
                             "for all of L (near bounded parts of E they always exist)";

static const struct {
    const char *name, *claim;
    unsigned needs;
    const char *open;           /* what else the statement needs, or NULL */
} row[FS_THEOREM_COUNT] = {
    { "Key lemma", "R^aug(rho(g) A) = R^aug(A) for every g", KEY_LEMMA, NULL },
    { "Theorem 1.1", "E is invariant under the augmented flow, at every gamma", FLOWS, NULL },
    { "Theorem 1.2", "the augmented and the equivariant flow have the same stationary points on E", STATIONARY, NULL },
    { "Theorem 2", "a point of E that is stable for the augmented flow is stable for the equivariant flow", FLOWS, NULL },
    { "Theorem 3", "from every distance to E some gamma makes E attract exponentially", FLOWS, bounds },
    { "Remark 1", "without augmentation |Y| levels off at about |Pi_N grad R| / gamma", FLOWS | INVARIANCE, NULL },
    { "Remark 2", "at a minimum on E, E attracts nearby if and only if gamma > -lambda_min(H_N)", FLOWS, NULL },
    { "Ensemble theorem", "an ensemble started from an invariant distribution has an equivariant mean at all times", KEY_LEMMA | INVARIANCE | PARAMETRISATION, NULL },
};

/* Violated is worse than undecided, and that than holds. */
static int rank(fs_verdict v)
{
    return v == FS_HOLDS ? 0 : v == FS_VIOLATED ? 2 : 1;
}

/* What the verdict on a hypothesis says about a statement that needs it.  Two routes to E that disagree are no property of the model: what was
 * computed as E is wrong, and nothing is known.  Where there is no second route E is as good as the constraints. */
static fs_verdict follows(unsigned hypothesis, fs_verdict v)
{
    if (hypothesis != SPACE) return v;
    return v == FS_VIOLATED ? FS_UNDECIDED : FS_HOLDS;
}

void fs_theorems_judge(fs_theorem *theorem, const fs_hypotheses *h)
{
    for (size_t k = 0; k < FS_THEOREM_COUNT; k++) {
        fs_theorem *t = &theorem[k];
        *t = (fs_theorem){ .name = row[k].name, .claim = row[k].claim, .applies = FS_HOLDS };
        for (size_t i = 0; i < FS_HYPOTHESIS_COUNT; i++) {
            const fs_hypothesis *one;
            const char *name = fs_hypothesis_at(h, i, &one);
            fs_verdict verdict = follows(1u << i, one->verdict);
            if (!(row[k].needs & 1u << i) || rank(verdict) <= rank(t->applies)) continue;
            t->applies = verdict;
            snprintf(t->because, sizeof t->because, "%s%s%s", name, one->detail[0] ? ": " : "", one->detail);
        }
        if (t->applies != FS_HOLDS || !row[k].open) continue;
        t->applies = FS_UNDECIDED;
        snprintf(t->because, sizeof t->because, "%s", row[k].open);
    }
}
