#!/bin/sh
# tests/gallery.sh -- every model that ships loads, says what it stands for, keeps its expected hypotheses and integrates
#
# Which hypotheses a model breaks on purpose is written here; a hypothesis that is violated and not listed fails, and so does one
# that is listed and holds.  Models of the papers' sizes are loaded as they are, and run for a shorter time on fewer and smaller samples.
#
# SPDX-License-Identifier: GPL-3.0-or-later

root=${FLOWSIM_SRCDIR:-.}
flowsim=${FLOWSIM:-./flowsim}
. "$root/tests/tap.sh"
cd "$tap_folder" || exit 1
models=$root/models
dataset=/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz

# Hypotheses that a model violates, as words between spaces.
violated_by() {
    case $1 in
    cnn_c4_skew | cnn_c4_skew_paper) echo 'compatibility invariance_of_L' ;;
    cnn_c4_compatible) echo 'invariance_of_L' ;;
    graph_s10_paper | so3_points_paper) echo 'measure' ;;
    esac
}

# Models that cannot show everything, and say so when they are loaded: E = {0}, or a risk that E does not move.
warned_by() {
    case $1 in
    rotations_so2 | rotations_so3) echo 'dim E = 0' ;;
    wrong_rep) echo 'the gradient of the risk is exactly 0' ;;
    so3_points_paper) echo 'the gradient of the risk along E is zero to rounding' ;;
    esac
}

# A shorter run on fewer and smaller samples where a gradient is dear, with one channel in place of 32 where there would be up to 1.4
# million weights.  The kinds of layers and of group stay, and so do the channels of the convolutions.
shorter() {
    quick='--t-end 1e-3 --rtol 1e-3 --atol 1e-5 --times 2'
    one='--set data.classes=[0] --set layers.0.dense.out=[natural]'
    case $1 in
    translations_2d_paper) echo "$quick $one --set group=Z7xZ7 --set data.size=7 --set input.image=7" ;;
    roto_translations_paper) echo "$quick $one --set group=p4:7 --set data.size=7 --set input.image=7" ;;
    graph_s10_paper)
        echo "$quick --set group=S8 --set input.graph=8 --set data.count=2 --set measure.drawn=2 --set layers.0.dense.out=[natural*natural]" ;;
    so3_points_paper) echo "$quick --set data.count=1 --set input.set=16" ;;
    cnn_c4_cross_paper | cnn_c4_skew_paper)
        echo "$quick --t-end 1e-4 --set data.count=1 --set data.classes=[0,1] --set data.size=12 --set input.image=12" ;;
    rotations_paper) echo "$quick --t-end 1e-4 --set data.count=1 --set input.image=8" ;;
    *_paper) echo "$quick --set data.count=1" ;;
    rotations) echo '--times 5 --t-end 1 --set data.count=2' ;;
    graph_s6 | roto_translations | translations_1d) echo '--times 5 --t-end 1' ;;
    *) echo '--times 5' ;;
    esac
}

# names VERDICT FILE: the hypotheses with that verdict in a report.
names() {
    awk -v verdict="$1" '
        /"hypotheses": *\{/ { inside = 1; next }
        inside && /": *\{/ { split($0, part, "\""); name = part[2] }
        inside && /"verdict"/ && index($0, "\"" verdict "\"") { printf "%s ", name }
        inside && /^  \}/ { exit }' "$2"
}

loads_as_expected() {
    "$flowsim" models "$models/$1.yaml" --json >shown 2>said || { cat said; return 1; }
    warning=$(warned_by "$1")
    if [ -n "$warning" ]; then
        grep -qF "$warning" said || { cat said; echo "no warning says: $warning"; return 1; }
    elif [ -s said ]; then
        cat said
        return 1
    fi
    found=$(names violated shown)
    expected=$(violated_by "$1")
    [ "$(echo $found)" = "$expected" ] || { echo "violated: $found, expected: $expected"; return 1; }
    undecided=$(names undecided shown)
    [ -z "$undecided" ] || { echo "undecided: $undecided"; return 1; }
}

says_what_it_stands_for() {
    head -n 1 "$models/$1.yaml" | grep -q '^# ' && grep -q '^title: *[^ ]' "$models/$1.yaml" && grep -q '^source: *[^ ]' "$models/$1.yaml" &&
        grep -qF "\`$1\`" "$models/README.md"
}

integrates() {
    # shellcheck disable=SC2046
    "$flowsim" run --model "$models/$1.yaml" $(shorter "$1") --figure none --output "run-$1" --json >ran || return 1
    [ "$(grep -cE '"status": "(reached t = |dimension 0: nothing moves)' ran)" -eq 3 ] || { grep '"status"' ran; return 1; }
}

for file in "$models"/*.yaml; do
    name=$(basename "$file" .yaml)
    law "$name is documented" says_what_it_stands_for "$name"
    if grep -q '/usr/share/datasets' "$file" && [ ! -r "$dataset" ]; then
        skip "$name loads and keeps its hypotheses" 'dataset-fashion-mnist is not installed'
        skip "$name integrates" 'dataset-fashion-mnist is not installed'
        continue
    fi
    law "$name loads and keeps its hypotheses" loads_as_expected "$name"
    law "$name integrates" integrates "$name"
done
tap_done
