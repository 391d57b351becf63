#!/bin/sh
# tests/bench.sh -- make bench: speed as ratios to the dgemm peak of the same run, Hessians and eigenvalues against what users write, and whole
# flows in CPU seconds
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

echo '== 70 weights'
"$flowsim" bench --model mirror_c4 --threads 2 || status=1
echo
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

# Debian's PyTorch belongs to Debian's own Python, which need not be the first one of the path.
echo
echo '== the dense Hessian of the network of 340 weights by PyTorch, one thread'
for python in python3 /usr/bin/python3; do
    "$python" -c 'import numpy, torch' 2>/dev/null && break
    python=
done
if [ -n "$python" ]; then
    OMP_NUM_THREADS=1 "$python" "${FLOWSIM_SRCDIR:-.}/tests/bench_torch.py" "$flowsim" cnn_c4 --set layers.6.dense.out=10 || status=1
else
    echo 'PyTorch is not installed (Debian packages python3-torch and python3-numpy): the loop of double-backward passes above is the reference'
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

# The bases of E and N as the group and the number of weights grow: time and memory a weight should grow like log |G|, and not with P.
echo
echo '== bases of E and N: group, its order, weights, milliseconds, MiB, and of one weight nanoseconds and bytes'
basis() {
    "$flowsim" bench --json "$@" >"$results/json" 2>/dev/null || { echo "failed: $*"; status=1; return; }
    awk -F': *|,' '
        /^    "name"/ && !name { split($0, part, "\""); name = part[4] }
        /"(group_order|parameters|basis_s|basis_mib)"/ { gsub(/[" ]/, "", $1); value[$1] = $2 }
        END { P = value["parameters"]; printf "%-10s %6d %9d %10.3f %9.3f %8.1f %8.1f\n", name, value["group_order"], P, 1e3 * value["basis_s"], \
                     value["basis_mib"], 1e9 * value["basis_s"] / P, 1048576 * value["basis_mib"] / P }' "$results/json"
}
for n in 3 4 5 6; do basis --model graph_s5 --set group=S$n --set input.graph=$n --set data.count=2; done
for n in 2 4 8 14; do
    basis --model roto_translations --set "data={source: synthetic, classes: 2, count: 1}" --set input.image=$n --set 'layers.0.dense.out=[8 natural]'
done
for c in 4 16 64; do basis --model cnn_c4 --set layers.0.conv.out=$c --set layers.3.conv.out=$c --set data.count=1; done
for l in 1 2 4; do
    basis --model so3_points --set "layers=[conv: {out: [8 harmonic:$l], size: 1}, radial: {}, conv: {out: [8 harmonic:$l], size: 1}, mean: {}, dense: {out: 2}]" \
        --set "input.features=[harmonic:$l]" --set "data={source: synthetic, targets: 2, count: 1}" --set 'measure={subgroup: tetrahedral}'
done
exit $status
