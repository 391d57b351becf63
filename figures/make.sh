#!/bin/sh
# figures/make.sh -- make figures: every picture of README.md and docs/, drawn anew
#
#   [ 3/16] toy_sine_phase  1.4 s
#
# Each goes to $FIGURES_DIR/NAME (default results/figures/NAME) with its data, script, PNG and SVG; those that docs/ shows are copied there.
# $FIGURES_JOBS at a time (default 2, with one thread each).  One that fails is named, with what was said; the others are still drawn.
#
# SPDX-License-Identifier: GPL-3.0-or-later
set -u

# name | 1: docs/NAME.png is this picture | command line; what takes longest comes first
pictures='
all_checks                   | 1 | check --all
cnn_c4_gammas                | 1 | run --model cnn_c4 --gamma 0,0.01,0.1,1,10 --seed 1,2,3,4,5,6,7,8,9,10
cnn_c4_slice                 | 1 | phase --model cnn_c4 --plane motion --gamma 0,0.1,1
cnn_c4_checks                | 1 | check --model cnn_c4
tanh_swap_phase              | 1 | phase --model tanh_swap
tanh_swap_pitchfork_phase    | 1 | phase --model tanh_swap_pitchfork
toy_sine_phase               | 1 | phase --model toy_sine --seed 2 --window -5,1,-3,3
toy_quartic_phase            | 1 | phase --model toy_quartic
cnn_c4                       | 1 | run --model cnn_c4 --gamma 10
cnn_c4_groenwall             | 1 | run --bounds --model cnn_c4 --gamma 10
mirror_c4_spectrum           | 1 | spectrum --model mirror_c4
c3_transcritical_critical    | 1 | critical --model c3_transcritical --distance 0.1,0.2,0.3,0.5,0.7,1
tanh_swap_bifurcation        | 1 | bifurcation --model tanh_swap
c3_transcritical_bifurcation | 1 | bifurcation --model c3_transcritical
cnn_c4_ensemble              | 1 | ensemble --model cnn_c4
cnn_c4_bench                 | 0 | bench --model cnn_c4
'

flowsim=${FLOWSIM:-./flowsim}
docs=${FLOWSIM_SRCDIR:-.}/docs
target=${FIGURES_DIR:-results/figures}
jobs=${FIGURES_JOBS:-2}
: "${OMP_NUM_THREADS:=1}" "${OPENBLAS_NUM_THREADS:=1}"
export OMP_NUM_THREADS OPENBLAS_NUM_THREADS

for program in "$flowsim" gnuplot; do
    command -v "$program" >/dev/null || { echo "figures: expected the program $program, found none" >&2; exit 4; }
done
mkdir -p "$target" || exit 4
work=$(mktemp -d) || exit 4
trap 'rm -rf "$work"' EXIT
running=
# end SIGNAL: the workers end, and with each of them the flowsim it has started
end() {
    # shellcheck disable=SC2086
    [ -z "$running" ] || kill $running 2>/dev/null
    wait
    exit $((128 + $1))
}
trap 'end 1' HUP
trap 'end 2' INT
trap 'end 15' TERM
echo "$pictures" | grep -v '^$' >"$work/table"
total=$(wc -l <"$work/table")

# Hundredths of a second.
now() { date +%s%N | cut -c 1-12; }

# picture NUMBER NAME SHOWN COMMAND...: what became of it is printed as one line
picture() {
    number=$1 name=$2 shown=$3
    shift 3
    folder=$target/$name
    start=$(now)
    "$flowsim" "$@" --threads 1 --figure png --quiet --output "$folder" >"$work/$name" 2>&1 &
    child=$!
    wait $child
    status=$?
    # 1 and 3 are verdicts: a picture of those is a picture
    case $status in 0 | 1 | 3) ;; *) [ -s "$work/$name" ] || echo "exit status $status" >"$work/$name"; status=4 ;; esac
    if [ $status -ne 4 ]; then
        if [ ! -s "$folder/figure.png" ]; then
            echo 'no figure.png' >>"$work/$name"
            status=4
        elif ! (cd "$folder" && gnuplot -d -e "figure_format='svg'" figure.gp) >>"$work/$name" 2>&1; then
            status=4
        elif [ "$shown" -eq 1 ]; then
            { cp "$folder/figure.png" "$docs/$name.png.new" && mv -f "$docs/$name.png.new" "$docs/$name.png"; } >>"$work/$name" 2>&1 || status=4
        fi
    fi
    seconds=$(awk -v from="$start" -v to="$(now)" 'BEGIN { printf "%.1f", (to - from) / 100 }')
    if [ $status -eq 4 ]; then
        echo "$name" >>"$work/failed"
        printf '[%2d/%d] %s  FAILED after %s s\n%s\n' "$number" "$total" "$name" "$seconds" "$(sed 's/^/        /' "$work/$name")"
    else
        printf '[%2d/%d] %s  %s s\n' "$number" "$total" "$name" "$seconds"
    fi
}

# Each worker takes the next row that nobody has taken: a folder can be made only once.
worker() {
    row=0 child=
    trap '[ -z "$child" ] || kill $child 2>/dev/null; exit 0' HUP INT TERM
    while IFS='|' read -r name shown arguments; do
        row=$((row + 1))
        mkdir "$work/row$row" 2>/dev/null || continue
        # shellcheck disable=SC2086
        picture $row $name $shown $arguments </dev/null
    done <"$work/table"
}

start=$(now)
workers=0
while [ $workers -lt "$jobs" ]; do
    workers=$((workers + 1))
    worker &
    running="$running $!"
done
wait
awk -v from="$start" -v to="$(now)" -v n="$total" -v folder="$target" 'BEGIN { printf "%d pictures in %.0f s, in %s\n", n, (to - from) / 100, folder }'
if [ -s "$work/failed" ]; then
    echo "figures: failed: $(tr '\n' ' ' <"$work/failed")" >&2
    exit 1
fi
