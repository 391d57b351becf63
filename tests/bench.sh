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

for model in cnn_c4 cnn_c4_paper; do
    "$flowsim" bench --model $model --threads 2 || status=1
    echo
done

echo 'cnn_c4, three flows to T = 1000 at rtol 1e-6, one thread'
for gamma in 0 10 1e3 1e6; do
    start=$(date +%s.%N)
    "$flowsim" run --model cnn_c4 --gamma $gamma --t-end 1000 --rtol 1e-6 --threads 1 --figure none --quiet \
        --output "$results/flow" --force >/dev/null || status=1
    date +%s.%N | awk -v start="$start" -v gamma=$gamma '{ printf "  gamma %-4s  %.2f s\n", gamma, $1 - start }'
done
exit $status
