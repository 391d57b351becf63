#!/bin/sh
# figures/make.sh -- make figures: the pictures of README.md, drawn anew into docs/
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -eu

flowsim=${FLOWSIM:-./flowsim}
docs=${FLOWSIM_SRCDIR:-.}/docs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# draw NAME COMMAND ARGUMENTS OF FLOWSIM...
draw() {
    name=$1
    shift
    "$flowsim" "$@" --figure png --quiet --output "$work/$name" >/dev/null
    cp "$work/$name/figure.png" "$docs/$name.png"
    echo "docs/$name.png"
}

draw cnn_c4 run --model cnn_c4 --gamma 10
draw cnn_c4_gammas run --model cnn_c4 --gamma 0,0.01,0.1,1,10 --seed 1,2,3
draw mirror_c4_spectrum spectrum --model mirror_c4
draw c3_transcritical_critical critical --model c3_transcritical --distance 0.1,0.2,0.3,0.5,0.7,1
