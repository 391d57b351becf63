#!/bin/sh
# embedded_data.sh -- the shipped images are the first ten of each class of Fashion-MNIST (TAP)
#
# A second way to the same bytes, without the script that made them: od finds the labels, dd cuts the images out.
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -u
LC_ALL=C
export LC_ALL

shipped=${FLOWSIM_SRCDIR:-.}/models/data
dataset=${FLOWSIM_FASHION_MNIST:-/usr/share/datasets/fashion-mnist}

echo "1..1"
if [ ! -r "$dataset/train-images-idx3-ubyte.gz" ] || [ ! -r "$dataset/train-labels-idx1-ubyte.gz" ]; then
    echo "ok 1 # SKIP dataset-fashion-mnist is not installed"
    exit 0
fi

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# The first 1000 images hold ten of every class; headers are 16 and 8 bytes, an image 784.
gzip -dc "$dataset/train-images-idx3-ubyte.gz" 2>/dev/null | head -c 784016 | tail -c 784000 >"$work/images"
gzip -dc "$dataset/train-labels-idx1-ubyte.gz" 2>/dev/null | head -c 1008 | tail -c 1000 >"$work/labels"

od -An -v -tu1 -w1 "$work/labels" | awk '++seen[$1] <= 10 { print NR - 1, $1 }' >"$work/chosen"
printf '\000\000\010\003\000\000\000\144\000\000\000\034\000\000\000\034' >"$work/expected-images"
printf '\000\000\010\001\000\000\000\144' >"$work/expected-labels"
while read -r index label; do
    dd if="$work/images" bs=784 skip="$index" count=1 2>/dev/null >>"$work/expected-images"
    printf "\\$(printf '%03o' "$label")" >>"$work/expected-labels"
done <"$work/chosen"

if cmp "$work/expected-images" "$shipped/fashion100-images.idx3-ubyte" >&2 &&
   cmp "$work/expected-labels" "$shipped/fashion100-labels.idx1-ubyte" >&2; then
    echo "ok 1 - the shipped images are the first ten of each class in file order"
else
    echo "not ok 1 - the shipped images are the first ten of each class in file order"
    exit 1
fi
