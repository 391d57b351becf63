#!/bin/sh
# tests/bench.sh -- make bench: speed as ratios to the dgemm peak of the same run, and whole flows in CPU seconds
#
# OpenBLAS is told the processor's class, which it does not always find out: a slow peak would flatter every ratio.
#
# SPDX-License-Identifier: GPL-3.0-or-later

flowsim=${FLOWSIM:-./flowsim}
results=$(mktemp -d) || exit 1
trap 'rm -rf "$results"' EXIT
status=0

if [ -z "${OPENBLAS_CORETYPE:-}" ] && [ -r /proc/cpuinfo ]; then
    if grep -qm1 '^flags.* avx512vl' /proc/cpuinfo; then
        OPENBLAS_CORETYPE=SkylakeX
    elif grep -qm1 '^flags.* avx2' /proc/cpuinfo && grep -qm1 'GenuineIntel' /proc/cpuinfo; then
        OPENBLAS_CORETYPE=Haswell
    fi
    [ -z "${OPENBLAS_CORETYPE:-}" ] || export OPENBLAS_CORETYPE
fi

# The network of 340 weights: ten classes in place of two; six images of each, 240 samples after augmentation.
set -- --set 'data.classes=[0,1,2,3,4,5,6,7,8,9]' --set data.count=6 --set layers.6.dense.out=10

echo '== the default network'
"$flowsim" bench --model cnn_c4 --threads 2 || status=1
echo
echo '== 340 weights'
"$flowsim" bench --model cnn_c4 "$@" --threads 2 || status=1
echo
echo "== the paper's network"
if "$flowsim" models cnn_c4_paper >/dev/null 2>&1; then
    "$flowsim" bench --model cnn_c4_paper --threads 2 || status=1
else
    echo 'not timed: needs the Debian package dataset-fashion-mnist'
fi

echo
echo '== the augmented flow of the network of 340 weights to T = 1000 at rtol 1e-6, one thread'
for gamma in 0 10 1e3 1e6; do
    "$flowsim" run --model cnn_c4 "$@" --gamma $gamma --t-end 1000 --rtol 1e-6 --atol 1e-8 --flow augmented --times 1 --threads 1 \
        --figure none --output "$results/flow" --json >"$results/json" || status=1
    awk -F'[:,]' -v gamma=$gamma '
        /"(steps|rhs_evals|extra_evals|hvp_evals|cpu_s)"/ { gsub(/[" ]/, "", $1); value[$1] = $2 }
        END { printf "gamma %-4s %4d steps, %4d velocities + %4d products (and %d velocities for the quadratures), %.2f s of CPU\n", gamma, \
                     value["steps"], value["rhs_evals"], value["hvp_evals"], value["extra_evals"], value["cpu_s"] }' "$results/json"
done
exit $status
