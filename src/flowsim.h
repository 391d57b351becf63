/* flowsim.h -- the public face of libflowsim: everything from the base up to the experiments
 *
 *   nominal      A' = -Pi_L grad R(A)     - gamma Y
 *   augmented    A' = -Pi_L grad R^aug(A) - gamma Y         Y = Pi_N (A - A*)
 *   equivariant  A' = -Pi_E grad R(A)       on E
 *
 * Load a model (problem/problem.h), choose a flow (flow/flow.h), integrate it (integrate/trajectory.h), or let
 * experiment/run.h do all three; every header is its own manual.  The library prints nothing, never exits, reads no
 * environment and opens only the files it is handed; GSL's error handler belongs to the program (gsl_set_error_handler_off).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef FLOWSIM_H
#define FLOWSIM_H

#include "base/bytes.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/isa.h"
#include "base/norm.h"
#include "base/rng.h"
#include "base/sparse.h"
#include "base/status.h"
#include "base/verdict.h"
#include "base/watch.h"
#include "base/words.h"

#include "algebra/group.h"
#include "algebra/irreducible.h"
#include "algebra/rep.h"
#include "algebra/subspace.h"

#include "network/net.h"

#include "risk/dataset.h"
#include "risk/risk.h"

#include "flow/flow.h"

#include "problem/hypotheses.h"
#include "problem/problem.h"
#include "problem/readers.h"

#include "integrate/fixed_step.h"
#include "integrate/newton.h"
#include "integrate/trajectory.h"
#include "integrate/variational.h"

#include "observe/flat.h"
#include "observe/lanczos.h"
#include "observe/separable.h"
#include "observe/spectrum.h"
#include "observe/stationary.h"
#include "observe/transverse.h"
#include "observe/tube.h"

#include "experiment/bifurcation.h"
#include "experiment/branch.h"
#include "experiment/chain.h"
#include "experiment/checkpoint.h"
#include "experiment/critical.h"
#include "experiment/ensemble.h"
#include "experiment/orbit.h"
#include "experiment/phase.h"
#include "experiment/run.h"
#include "experiment/stability.h"
#include "experiment/streamlines.h"

#include "report/bench.h"
#include "report/bifurcation.h"
#include "report/bounds.h"
#include "report/csv.h"
#include "report/ensemble.h"
#include "report/figure.h"
#include "report/figure_plan.h"
#include "report/folder.h"
#include "report/gnuplot.h"
#include "report/head.h"
#include "report/json.h"
#include "report/phase.h"
#include "report/spread.h"
#include "report/stability.h"
#include "report/table.h"
#include "report/text.h"

#endif
