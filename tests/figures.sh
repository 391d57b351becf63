#!/bin/sh
# tests/figures.sh -- every picture of every command: drawn, whole, not empty, the same twice, in every format, whatever the title is
#
# One row of the table below is one command line.  flowsim draws the PNG; the other formats are drawn from what lies in the folder, by gnuplot
# alone.  Then gnuplot is missing, old, fails, crashes, draws half a picture or hangs, and nothing but the picture is missing.
#
# SPDX-License-Identifier: GPL-3.0-or-later

root=${FLOWSIM_SRCDIR:-.}
flowsim=${FLOWSIM:-./flowsim}
. "$root/tests/tap.sh"
cd "$tap_folder" || exit 1
gnuplot=$(command -v gnuplot)

# Every model under a title that a shell, gnuplot, SVG or a terminal might understand.
title="it's \"q\" \`touch pwned\` \$(touch pwned) %d %s {a}^b_c@d&e~f\\g <i> λ≤é"
mkdir models && cp -R "$root/models/." models && chmod -R u+w models || exit 1
# shellcheck disable=SC2016
yaml='"it'"'"'s \\"q\\" `touch pwned` $(touch pwned) %d %s {a}^b_c@d\&e~f\\\\g <i>\\nλ≤é"'
for model in models/*.yaml; do sed "s/^title:.*/title: $yaml/" "$model" >edited && mv edited "$model"; done

# colours of style.gp as SVG has them
nominal='213, *94, *0'
augmented='0, *114, *178'
equivariant='0, *158, *115'
unstable='204, *121, *167'
tube='230, *159, *0'

has() { grep -q -- "$1" "$2" || { echo "no \"$1\" in $2"; head -c 1000 "$2"; return 1; }; }
# What an SVG says, without its markup.
said() { tr '\n' ' ' <"$1" | sed -e 's/<[^>]*>/ /g' -e "s/&lt;/</g; s/&gt;/>/g; s/&quot;/\"/g; s/&#39;/'/g; s/&apos;/'/g; s/&amp;/\&/g"; }
draw() { (cd "$1" && env -i PATH="$PATH" HOME=/nonexistent gnuplot -d -e "figure_format='$2'" figure.gp 2>&1); }

# By flowsim: the report names the picture, the files to draw it again lie beside it, nothing half-written does.
drawn() {
    name=$1
    shift
    # shellcheck disable=SC2086
    "$flowsim" "$@" --figure png -q -o "$name" 2>stderr || { echo "exit status $?"; cat stderr; return 1; }
    [ ! -s stderr ] || { cat stderr; return 1; }
    for file in report.json figure.dat figure.gp figure.png; do [ -s "$name/$file" ] || { echo "no $file"; ls "$name"; return 1; }; done
    [ -z "$(find "$name" -name '*.tmp*')" ] && has '"file": "figure.png"' "$name/report.json" || return 1
    if [ -e pwned ] || [ -e "$name/pwned" ]; then echo 'the title was run'; return 1; fi
    # 1200 pixels with nothing but white on them are 4 kB
    tail -c 12 "$name/figure.png" | grep -aq IEND && [ "$(wc -c <"$name/figure.png")" -gt 12000 ]
}

# Words and colours (mark;mark;...; a digit first: a colour) are there; so is the title as it is; no number was none.
svg_shows() (
    draw "$1" svg || return 1
    said "$1/figure.svg" >words
    has '</svg>' "$1/figure.svg" && has 'font-family="DejaVu Sans' "$1/figure.svg" || return 1
    [ "$1" = matrix ] || grep -Fq -- "$title" words || { echo "the title is not there as it is:"; cut -c 1-1500 words; return 1; }
    IFS=';'
    for mark in $2; do
        case $mark in
        [0-9]*,*) grep -q "rgb( *$mark)" "$1/figure.svg" || { echo "no colour $mark"; return 1; } ;;
        *) grep -Fq -- "$mark" words || { echo "nowhere: $mark"; tr -s ' ' <words | cut -c 1-1500; return 1; } ;;
        esac
    done
    if grep -Eowi '.{0,30}(nan|\(null\)|inf).{0,30}' words; then return 1; fi
)

# A terminal's width, letters enough, and nothing that a terminal obeys.
text_shows() {
    draw "$1" dumb || return 1
    awk '{ gsub(/[ \f]/, ""); n += length($0) } END { print n, "letters"; exit !(n > 300) }' "$1/figure.txt" || return 1
    LC_ALL=C awk '{ gsub(/[\200-\277]/, "") } length($0) > 112 { print "too wide:", $0; bad = 1 } /\033/ { bad = 1 } END { exit bad }' "$1/figure.txt"
}

pdf_is_whole() {
    draw "$1" pdf && head -c 5 "$1/figure.pdf" | grep -q '%PDF-' && tail -c 8 "$1/figure.pdf" | grep -q '%%EOF' && [ "$(wc -c <"$1/figure.pdf")" -gt 5000 ]
}

same_again() {
    cp -R "$1" again && draw again png && draw again svg && cmp "$1/figure.png" again/figure.png && cmp "$1/figure.svg" again/figure.svg
    result=$?
    rm -rf again
    return $result
}

# --- every picture ---------------------------------------------------------------------------------------

# name | marks | command line
cat >table <<EOF
run | $nominal;$augmented;$equivariant;distance to E;risk;Groenwall bound | run --model models/cnn_c4.yaml --set data.count=2 --gamma 10 --t-end 4 --rtol 1e-5 --times 40
run_lists | $nominal;$augmented;single seeds;γ = 10 | run --model models/mirror_c4.yaml --gamma 0,0.3,10 --seed 1,2,3 --t-end 3 --rtol 1e-5 --times 40
run_bounds | $augmented;$tube;rounding;distance to E;c of this path | run --bounds --model models/toy_sine.yaml
spectrum | $augmented;$equivariant;$unstable;eigenvalue of the Hessian;decay rate across E;dim N = 48 | spectrum --model models/mirror_c4.yaml --times 20
spectrum_start | $augmented;$equivariant;at the start | spectrum --model models/cyclic_conv.yaml --at start
critical | $augmented;$unstable;$tube;tube bound;paper bound;distance of the start;escaped | critical --model models/c3_transcritical.yaml --distance 0.1,0.5,1
phase | $equivariant;$augmented;$unstable;x, along E;y, across E;streamline;separatrix;saddle | phase --model models/tanh_swap.yaml
phase_panels | $equivariant;$augmented;x, along E;γ = 0;γ = 1 | phase --model models/tanh_swap_pitchfork.yaml --gamma 0,0.1,1
phase_slice | $equivariant;$augmented;of the motion lies in this plane | phase --model models/mirror_c4.yaml
bifurcation | $equivariant;γ | bifurcation --model models/tanh_swap.yaml
ensemble | $augmented;equivariance error | ensemble --model models/mirror_c4.yaml
checks | Fact A;holds: | check --model models/toy_sine.yaml --statement fact_a,fact_b,theorem_3_rate
matrix | Fact A | check --all --statement fact_a
bench | $augmented;Hessian-vector product;dgemm | bench --model models/mirror_c4.yaml
EOF

every_picture() {
    while IFS='|' read -r name marks arguments; do
        name=${name% } marks=${marks# }
        # shellcheck disable=SC2086
        law "$name: drawn by flowsim, whole, with what draws it again" drawn "$name" $arguments
        law "$name: SVG has its words, colours and title" svg_shows "$name" "${marks% }"
        law "$name: characters fit a terminal" text_shows "$name"
        law "$name: PNG and SVG are the same bytes again" same_again "$name"
        case $name in run | critical | phase) law "$name: PDF" pdf_is_whole "$name" ;; esac
    done <table
}

# In a folder elsewhere, without flowsim, its environment or its installation.
drawn_by_hand() {
    mkdir elsewhere && cp spectrum/figure.gp spectrum/figure.dat elsewhere || return 1
    (cd elsewhere && env -i PATH="$PATH" HOME=/nonexistent gnuplot figure.gp && env -i PATH="$PATH" HOME=/nonexistent gnuplot -e "figure_format='svg'" figure.gp) || return 1
    cmp elsewhere/figure.png spectrum/figure.png && cmp elsewhere/figure.svg spectrum/figure.svg
}

# An older gnuplot stops at the first line that is no comment, and says why.
an_old_gnuplot_is_named() {
    sed '/^if (GPVAL_VERSION < 5.2)/!d; s/< 5.2/< 99/' run/figure.gp >old.gp && [ "$(sed '/^#/d; /^$/d; 2q' run/figure.gp | head -n 1 | cut -c 1-25)" = 'if (GPVAL_VERSION < 5.2) ' ] || return 1
    echo 'this is no command' >>old.gp
    gnuplot old.gp >said 2>&1 && has 'expected gnuplot 5.2 or later, found' said
}

# Printed on the terminal, and kept.
dumb_is_printed() {
    "$flowsim" spectrum --model models/pitchfork.yaml --figure dumb -o dumb >stdout && has 'eigenvalue of the Hessian' stdout && has 'eigenvalue of the Hessian' dumb/figure.txt
}

# --- gnuplot as it may be ----------------------------------------------------------------------------------

# A gnuplot of this shell script, first in PATH; $figure_file is where the picture should go.
# shellcheck disable=SC2016
fake() {
    rm -rf fake && mkdir fake && printf '#!/bin/sh\neval "$3"\n%s\n' "$1" >fake/gnuplot && chmod +x fake/gnuplot
}

# missing WORD: done, with a warning; every other file is there, the picture of an earlier run is not.
missing() {
    rm -rf out
    "$flowsim" spectrum --model models/pitchfork.yaml -q -o out && [ -s out/figure.png ] || return 1
    for quiet in -q --json; do
        PATH=$PWD/fake$2 "$flowsim" spectrum --model models/pitchfork.yaml $quiet -o out >stdout 2>stderr || { echo "exit status $?"; cat stderr; return 1; }
        has "^flowsim: warning: the figure is missing: .*$1" stderr && has "\"note\": \".*$1" out/report.json && has '"file": null' out/report.json || return 1
        cut -c 1-400 stderr | cmp - stderr || return 1
        [ "$(find out -type f | sed 's,.*/,,' | sort | tr '\n' ' ')" = '.flowsim-manifest figure.dat figure.gp path.csv report.json spectrum.csv ' ] || { ls -A out; return 1; }
    done
    grep -v wall_s stdout >one && grep -v wall_s out/report.json | cmp - one
}
not_there() { rm -rf fake && mkdir fake && missing 'could not be started' ''; }
too_old() { fake "echo 'expected gnuplot 5.2 or later, found 4.6' >&2" && missing 'drew no png picture: expected gnuplot 5.2 or later, found 4.6' ":$PATH"; }
fails() { fake 'echo "line 7: undefined variable" >&2; exit 1' && missing 'status 1: line 7: undefined variable' ":$PATH"; }
crashes() { fake 'kill -SEGV $$' && missing 'signal 11' ":$PATH"; }
# shellcheck disable=SC2016
draws_nothing() { fake ': >"$figure_file"' && missing 'drew no png picture' ":$PATH"; }
draws_half() { fake "head -c 3000 '$tap_folder/run/figure.png' >\"\$figure_file\"" && missing 'drew no png picture' ":$PATH"; }
talks_and_talks() { fake 'yes "no end of it" | head -c 3000000 >&2; echo >&2; echo last words >&2; exit 3' && missing 'status 3: last words' ":$PATH"; }

# An interrupt while gnuplot hangs: the end at once, with all but the picture, and no process left.
interrupted() {
    # shellcheck disable=SC2016
    fake 'head -c 100 /dev/zero >"$figure_file"; trap "" INT TERM HUP; echo $$ >"$HERE/pid"; sleep 60' && rm -rf out pid || return 1
    PATH=$PWD/fake:$PATH HERE=$PWD "$flowsim" spectrum --model models/pitchfork.yaml -o out >stdout 2>stderr &
    program=$!
    tries=30
    while [ ! -s pid ] && [ $((tries -= 1)) -gt 0 ]; do sleep 0.2; done
    kill -INT $program
    wait $program
    status=$?
    cat stderr
    [ $status -eq 130 ] || { echo "exit status $status"; return 1; }
    has 'gnuplot was interrupted' stderr && has '"interrupted": false' out/report.json && [ ! -e out/figure.png ] && [ -z "$(find out -name '*.tmp*')" ] || return 1
    if kill -0 "$(cat pid)" 2>/dev/null; then return 1; fi
}

if [ -z "$gnuplot" ]; then
    skip 'every picture of every command' 'gnuplot is not installed'
else
    every_picture
    law 'a folder moved elsewhere is drawn by gnuplot alone' drawn_by_hand
    law 'figure.gp begins by asking for gnuplot 5.2' an_old_gnuplot_is_named
    law '--figure dumb is printed' dumb_is_printed
    law 'gnuplot missing' not_there
    law 'gnuplot too old' too_old
    law 'gnuplot fails' fails
    law 'gnuplot crashes' crashes
    law 'gnuplot draws nothing' draws_nothing
    law 'gnuplot draws half a picture' draws_half
    law 'gnuplot writes megabytes of messages' talks_and_talks
    law 'gnuplot hangs and flowsim is interrupted' interrupted
fi
tap_done
