#!/bin/sh
# tests/cli.sh -- the program as a user meets it: results, files, exit statuses, one-line errors, nothing half-written
#
# SPDX-License-Identifier: GPL-3.0-or-later

root=${FLOWSIM_SRCDIR:-.}
flowsim=${FLOWSIM:-./flowsim}
. "$root/tests/tap.sh"
cd "$tap_folder" || exit 1
models=$root/models
quick="--set data.count=2 --t-end 1 --rtol 1e-5 --times 4 --figure none"

# fails STATUS WORD COMMAND...: that exit status, one line on stderr that begins with "flowsim: " and holds the word, nothing on
# stdout, no results folder, no temporary file.
fails() {
    expected=$1 word=$2
    shift 2
    rm -rf results out
    "$@" >stdout 2>stderr
    status=$?
    cat stderr
    [ $status -eq "$expected" ] || { echo "exit status $status, expected $expected"; return 1; }
    grep -q "^flowsim: .*$word" stderr || { echo "no line names: $word"; return 1; }
    [ "$(wc -l <stderr)" -eq 1 ] || { echo "more than one line"; return 1; }
    [ ! -s stdout ] || { echo "something on stdout"; return 1; }
    [ ! -e results ] || { echo "results were left"; return 1; }
    [ -z "$(find . -name '*.tmp*')" ] || { echo "a temporary file was left"; return 1; }
}

has() { grep -q -- "$1" "$2" || { echo "no \"$1\" in $2:"; cat "$2"; return 1; }; }
equal() { cmp "$1" "$2"; }

# near FIELD VALUE WIDTH FILE: a top-level number of a report, within WIDTH; "nan" is near nothing.
near() {
    found=$(sed -n "s/^  \"$1\": \([-0-9.e+]*\),*\$/\1/p" "$4")
    awk -v found="$found" -v value="$2" -v width="$3" 'BEGIN { exit !(found != "" && found >= value - width && found <= value + width) }' ||
        { echo "$1 is \"$found\" in $4, expected $2 +- $3"; return 1; }
}

# table FILE ROWS: at least so many rows, the header among them, each with the header's number of fields.
table() {
    has '^# model: ' "$1" || return 1
    grep -v '^#' "$1" | awk -F, -v rows="$2" 'NR == 1 { n = NF } NF != n { bad = 1 } END { exit bad || NR < rows }' || { cat "$1"; return 1; }
}

# stops COMMAND...: SIGINT after a second, then the exit status of a signal, and a report in out that says so.
stops() {
    rm -rf out
    "$@" -o out --figure none >stdout 2>stderr &
    pid=$!
    sleep 1
    kill -INT $pid 2>/dev/null
    wait $pid
    status=$?
    cat stderr
    [ $status -eq 130 ] || { echo "exit status $status"; return 1; }
    has '^flowsim: warning: ended by signal 2' stderr && has '"interrupted": true' out/report.json && [ -z "$(find out -name '*.tmp*')" ]
}

# --- the main path -------------------------------------------------------------------------------------

run_writes_everything() {
    # shellcheck disable=SC2086
    "$flowsim" --model "$models/cnn_c4.yaml" --gamma 10 $quick --save-weights >table || return 1
    for file in report.json trajectory.csv weights_nominal.npy weights_augmented.npy weights_equivariant.npy times.npy; do
        [ -s results/cnn_c4-run/$file ] || { echo "no $file"; return 1; }
    done
    for word in nominal augmented equivariant 'dim E = 68' 'results/cnn_c4-run'; do has "$word" table || return 1; done
}

# An analytic network under a rule of few nodes: right near E, wrong far from it.
distance_is_part_of_the_model() {
    cat >turned.yaml <<'EOF'
group: SO2
measure: {nodes: 24}
data: {source: inline, x: [[1, 0.2], [0.3, 0.8]], targets: [[1, 0.5], [-1, 0.3]]}
input: {vector: [rotation]}
layers: [dense: {out: [2 rotation]}, radial: {}, dense: {out: [rotation]}]
loss: squared
output: [rotation]
EOF
    "$flowsim" run --model turned.yaml --distance 9 --t-end 0.1 --times 1 --figure none --output turned >/dev/null || return 1
    has 'distance: 9' turned/trajectory.csv || return 1
    "$flowsim" eval --model turned.yaml --distance 1e-3 --json >near && "$flowsim" eval --model turned.yaml --distance 9 --json >far || return 1
    grep -A3 '"measure"' near | grep -q '"verdict": "holds"' || { grep -A3 '"measure"' near; return 1; }
    grep -A3 '"measure"' far | grep -q '"verdict": "violated"' || { grep -A3 '"measure"' far; return 1; }
}

report_has_the_contract_fields() {
    json=results/cnn_c4-run/report.json
    for field in flowsim command model seed group order dims parameters hypotheses compatibility invariance_of_L nonlinearity loss \
        representation wall_s gamma flows name t_end steps rhs_evals hvp_evals newton_iters risk distance gradient_norm_end rate \
        measured predicted groenwall_bound energy_identity_error status; do
        has "\"$field\"" $json || return 1
    done
    [ "$(grep -c '"name": "\(nominal\|augmented\|equivariant\)"' $json)" -eq 3 ]
}

trajectory_is_a_table() {
    csv=results/cnn_c4-run/trajectory.csv
    has '^# model: ' $csv && has '^flow,t,risk,gradient_norm,distance' $csv || return 1
    # three flows, t = 0 and four more times, the number of fields everywhere that of the header
    grep -v '^#' $csv | awk -F, 'NR == 1 { n = NF } NF != n { bad = 1 } END { exit bad || NR != 16 }'
}

json_is_alone_on_stdout() {
    # shellcheck disable=SC2086
    "$flowsim" run --json --model "$models/mirror_c4.yaml" $quick --set data.count=1 >report.json 2>stderr || return 1
    [ ! -s stderr ] && [ "$(head -c 1 report.json)" = '{' ] && [ "$(tail -n 1 report.json)" = '}' ]
}

lists_make_a_summary() {
    # shellcheck disable=SC2086
    "$flowsim" --model "$models/cnn_c4.yaml" --gamma 0,1 --seed 1,2,3 $quick -o sweep >table || return 1
    has '"summary"' sweep/report.json && has 'median' table && [ "$(grep -c '"name": "nominal"' sweep/report.json)" -eq 6 ]
}

threads_change_no_byte() {
    for t in 1 2; do
        # shellcheck disable=SC2086
        "$flowsim" --model "$models/cnn_c4.yaml" --gamma 0,10 --seed 1,2 $quick --threads $t -o t$t --save-weights -q || return 1
    done
    # the command line, with its folder and number of threads, is part of the file
    for t in 1 2; do grep -v '^# command' t$t/trajectory.csv >t$t.csv; done
    equal t1.csv t2.csv || return 1
    for file in t1/*.npy; do equal "$file" "t2/${file#t1/}" || return 1; done
}

given_weights_are_the_start() {
    # shellcheck disable=SC2086
    "$flowsim" eval --model "$models/cnn_c4.yaml" --seed 3 --distance 0 --project start.npy -q || return 1
    # shellcheck disable=SC2086
    "$flowsim" --model "$models/cnn_c4.yaml" --weights start.npy $quick --flow augmented -o given --json >given.json || return 1
    # projected on E, so at rounding distance from it
    grep -Eq "\"start\": (0\.0|[0-9.]+e-1[5-9])" given.json
}

stays_the_same_when_rerun() {
    # shellcheck disable=SC2086
    for n in 1 2; do "$flowsim" --model "$models/mirror_c4.yaml" $quick --set data.count=1 -o again -q && cp again/trajectory.csv again$n.csv || return 1; done
    equal again1.csv again2.csv
}

eval_writes_arrays() {
    "$flowsim" eval --model "$models/mirror_c4.yaml" --gradient g.npy --hessian H.npy --project p.npy --risk nominal --json >eval.json || return 1
    # 70 weights: 128 bytes of header and 8 a number
    [ "$(wc -c <g.npy)" -eq 688 ] && [ "$(wc -c <p.npy)" -eq 688 ] && [ "$(wc -c <H.npy)" -eq 39328 ] || return 1
    for field in risk gradient_norm distance equivariance_defect nominal augmented; do has "\"$field\"" eval.json || return 1; done
}

models_are_listed_and_shown() {
    "$flowsim" models >list && for name in cnn_c4 mirror_c4 cyclic_linear mlp_d4; do has "^$name " list || return 1; done
    "$flowsim" models "$models/cnn_c4.yaml" >shown && has 'compatibility .*holds' shown && has '^group: ' shown
}

bench_reports_ratios() {
    "$flowsim" bench --model "$models/mirror_c4.yaml" --json >bench.json 2>/dev/null || return 1
    for field in gradient_s hvp_s hessian_s hessian_loop_s hessian_speedup lanczos_products lanczos_products_per_eigenvalue lanczos_s gradient_gflops dgemm_gflops fraction_of_dgemm hvp_in_gradients hessian_in_gradients \
        threads blas_core isa; do has "\"$field\"" bench.json || return 1; done
    has '"lanczos_converged": true' bench.json
}

# --- stability ---------------------------------------------------------------------------------------------

spectrum_writes_everything() {
    "$flowsim" spectrum --model "$models/pitchfork.yaml" --starts 6 --save-weights --times 4 --figure none >table || return 1
    for file in report.json spectrum.csv path.csv point_1.npy point_2.npy; do
        [ -s results/pitchfork-spectrum/$file ] || { echo "no $file"; ls results/*; return 1; }
    done
    has 'results/pitchfork-spectrum' table && has 'saddle' table && [ "$(wc -c <results/pitchfork-spectrum/point_1.npy)" -eq 144 ] || return 1
    # t = 0 and four more times
    table results/pitchfork-spectrum/spectrum.csv 3 && table results/pitchfork-spectrum/path.csv 6
}
spectrum_has_the_contract_fields() {
    json=results/pitchfork-spectrum/report.json
    for field in flowsim command model seed group dims hypotheses wall_s stationary outcome residual iterations eigenvalues E N blocks irreducible multiplicity \
        dim gamma_critical points path search flat inertia verdict; do has "\"$field\"" $json || return 1; done
    has '"interrupted": false' $json && has '"outcome": "found"' $json
}
# curvature 2 y1 along E and -y2 across it
spectrum_is_exact_on_the_pitchfork() {
    near gamma_critical 1 1e-12 results/pitchfork-spectrum/report.json || return 1
    "$flowsim" spectrum --model "$models/pitchfork.yaml" --set 'data.targets=[[1], [0.25]]' --figure none -o quarter --json >spectrum.json || return 1
    near gamma_critical 0.25 1e-12 spectrum.json || return 1
    grep -v '^#' results/pitchfork-spectrum/spectrum.csv | awk -F, '
        $1 == 1 && $2 == "E" { E = $4 - 2 }
        $1 == 1 && $2 == "N" { N = $4 + 1 }
        END { print E, N; exit !(E != "" && N != "" && E * E < 1e-24 && N * N < 1e-24) }'
}
spectrum_looks_where_it_is_told() {
    for at in start end; do
        "$flowsim" spectrum --model "$models/pitchfork.yaml" --at $at --t-end 2 --figure none -o at_$at --json >at.json || return 1
        has "\"at\": \"$at\"" at.json || return 1
    done
    [ ! -e at_start/path.csv ] && [ -s at_end/path.csv ] || { ls at_start at_end; return 1; }
    "$flowsim" spectrum --model "$models/mirror_c4.yaml" --at start --risk nominal --flow augmented --solver krylov --wanted 1 --gamma 0.5 --seed 7 \
        --distance 0.2 --figure none -q && has '^  "gamma": 0.5' results/mirror_c4-spectrum/report.json && has '"method": "krylov"' results/mirror_c4-spectrum/report.json
}
spectrum_says_that_data_are_separable() {
    cat >separable.yaml <<'EOF'
group: C2
data: {source: inline, x: [[1, 0.5], [-1, -0.5]], labels: [0, 1]}
input: {vector: [natural]}
layers: [dense: {out: 2}]
loss: cross-entropy
output: trivial
EOF
    "$flowsim" spectrum --model separable.yaml --figure none -o separable >table || return 1
    has '"outcome": "separable"' separable/report.json && has 'separable' table
}
spectrum_without_a_point_is_undecided() {
    "$flowsim" spectrum --model "$models/mirror_c4.yaml" --t-end 1e-6 --figure none -o unreached >stdout 2>stderr
    status=$?
    cat stderr
    [ $status -eq 3 ] && has '^flowsim: undecided: no stationary point' stderr && has '"outcome": "unreached"' unreached/report.json
}
critical_writes_everything() {
    "$flowsim" critical --model "$models/pitchfork.yaml" --distance 0.1,0.5 --accuracy 1e-3 --starts 4 --figure none >table || return 1
    [ -s results/pitchfork-critical/report.json ] && has 'results/pitchfork-critical' table &&
        table results/pitchfork-critical/critical.csv 3 && table results/pitchfork-critical/scan.csv 7
}
critical_has_the_contract_fields() {
    json=results/pitchfork-critical/report.json
    for field in flowsim command model seed hypotheses wall_s gamma_critical bounds tube bernoulli paper bracket monotone equilibrium gamma_gen gamma_all starts \
        good runs; do has "\"$field\"" $json || return 1; done
    has '"interrupted": false' $json && [ "$(grep -c '"constants"' $json)" -eq 2 ]
}
# v' = -(gamma - y2) v - v^3: every start is attracted beyond y2 and none below
critical_is_exact_on_the_pitchfork() {
    json=results/pitchfork-critical/report.json
    near gamma_critical 1 2e-3 $json && near distance 0.5 1e-15 $json && has '^  "monotone": true' $json &&
        has '^    "gamma_critical": \(1\.0\|0\.99999999\)' $json
}
# attraction without stability: almost every start beyond 2/3, every start only beyond 1
critical_is_exact_on_the_quartic() {
    "$flowsim" critical --model "$models/toy_quartic.yaml" --distance 0.1 --accuracy 1e-2 --starts 12 --no-bounds --figure none -o quartic --json >quartic.json ||
        return 1
    near gamma_all 1 1e-6 quartic.json && near gamma_gen 0.6666666666666666 1e-6 quartic.json
}
critical_scans_the_gammas_given() {
    "$flowsim" critical --model "$models/pitchfork.yaml" --gamma 4,0.25,2,0.5 --distance 0.125 --accuracy 0.1 --starts 0 --no-bounds --method adams --figure none \
        -o scan -q || return 1
    for run in '0.25,escaped' '0.5,escaped' '2,attracted' '4,attracted'; do has "^0.125,1,$run," scan/scan.csv || return 1; done
    has '^  "gamma_all": "nan"' scan/report.json && has '"tube": "nan"' scan/report.json
}
critical_climbs_a_ladder_by_default() {
    "$flowsim" critical --model "$models/pitchfork.yaml" --accuracy 0.1 --starts 0 --no-bounds --figure none -o ladder --json >ladder.json || return 1
    [ "$(grep -c '"constants"' ladder.json)" -eq 5 ] && near distance 0.4 1e-15 ladder.json
}
critical_without_an_outcome_is_undecided() {
    "$flowsim" critical --model "$models/pitchfork.yaml" --distance 0.125 --t-end 1e-6 --starts 0 --no-bounds --figure none -o short >stdout 2>stderr
    status=$?
    cat stderr
    [ $status -eq 3 ] && has '^flowsim: undecided: distance 0.125, seed 1' stderr && has '"decided": false' short/report.json
}
stability_is_quiet_and_alone_on_stdout() {
    for command in spectrum critical; do
        set -- $command --model "$models/pitchfork.yaml" --figure none -o quiet_$command
        [ $command = spectrum ] || set -- "$@" --distance 0.1 --accuracy 0.1 --starts 0 --no-bounds
        "$flowsim" "$@" -q >stdout 2>stderr && [ ! -s stdout ] && [ ! -s stderr ] || { cat stdout stderr; return 1; }
        "$flowsim" "$@" --json >stdout 2>stderr && [ ! -s stderr ] && [ "$(head -c 1 stdout)" = '{' ] && [ "$(tail -n 1 stdout)" = '}' ] || return 1
        "$flowsim" "$@" -v >stdout 2>stderr && has ' steps' stdout || return 1
    done
}
stability_replaces_what_it_wrote() {
    set -- spectrum --model "$models/pitchfork.yaml" --figure none -o replaced -q
    "$flowsim" "$@" --save-weights && [ -s replaced/point_1.npy ] && grep -v '^# command' replaced/spectrum.csv >before || return 1
    "$flowsim" "$@" && [ ! -e replaced/point_1.npy ] || { ls replaced; return 1; }
    grep -v '^# command' replaced/spectrum.csv >after
    equal before after
}
spectrum_starts_at_given_weights() {
    "$flowsim" eval --model "$models/pitchfork.yaml" --seed 4 --project w.npy -q || return 1
    "$flowsim" spectrum --model "$models/pitchfork.yaml" --weights w.npy --at start --figure none -o given_start --json >one.json || return 1
    "$flowsim" spectrum --model "$models/pitchfork.yaml" --seed 4 --at start --figure none -o given_start --json >two.json || return 1
    # the equivariant flow starts at the projection onto E
    for file in one two; do grep '"risk"' $file.json >$file; done
    [ -s one ] && equal one two
}
spectrum_stops_when_told() { stops "$flowsim" spectrum --model "$models/cnn_c4.yaml" --starts 10000; }
# a line that is rewritten: a bar, seconds, what is being done; nothing of it without a terminal (above) or with -q
progress_is_shown_on_a_terminal() {
    slow="'$flowsim' spectrum --model '$models/cnn_c4.yaml' --starts 10000 --figure none -o watched"
    TERM=dumb script -qc "timeout -s INT 2 $slow" /dev/null </dev/null >seen 2>&1
    grep -q '\[[#.]*\] .* s  [A-Za-z]' seen || { cat seen; return 1; }
    TERM=dumb script -qc "timeout -s INT 1 $slow -q" /dev/null </dev/null >seen 2>&1
    ! grep -q '\[[#.]*\]' seen
}
critical_stops_when_told() { stops "$flowsim" critical --model "$models/mirror_c4.yaml" --accuracy 1e-12 --seed "$(seq -s , 1 200)"; }

# --- restart -----------------------------------------------------------------------------------------------

restart_gives_the_same_bytes() {
    set -- --model "$models/cnn_c4.yaml" --gamma 0,1 --seed 1,2 --checkpoint 0 --rtol 1e-9 --figure none
    "$flowsim" "$@" -o whole -q || return 1
    for wait in 0.05 0.3; do
        rm -rf out
        "$flowsim" "$@" -o out -q 2>stderr &
        pid=$!
        sleep $wait
        kill -INT $pid 2>/dev/null
        wait $pid
        status=$?
        [ $status -eq 0 ] && { echo "finished before the signal"; continue; }
        [ $status -eq 130 ] || { echo "exit status $status"; cat stderr; return 1; }
        [ -e out/checkpoint.bin ] || { echo "no checkpoint"; ls -la out; cat stderr; continue; }
        [ ! -e out/report.json ] || { echo "results of a part"; return 1; }
        "$flowsim" run --resume out -q || return 1
        for folder in whole out; do grep -v '^# command' $folder/trajectory.csv >$folder.csv; done
        equal whole.csv out.csv || return 1
        [ ! -e out/checkpoint.bin ] || { echo "the checkpoint was left"; return 1; }
    done
}

# --- what must be refused -------------------------------------------------------------------------------------

m="$models/cnn_c4.yaml"
bad_options() {
    fails 2 'frobnicate' "$flowsim" frobnicate --model "$m" &&
        fails 2 'model' "$flowsim" run &&
        fails 2 'nowhere' "$flowsim" --model nowhere &&
        fails 2 'nowhere.yaml' "$flowsim" --model ./nowhere.yaml &&
        fails 2 'weights' "$flowsim" bench --model "$m" --weights w.npy
}
unknown_options() {
    fails 2 'did you mean --model' "$flowsim" --modle cnn_c4 && fails 2 'expected a value after --gamma' "$flowsim" --model "$m" --gamma &&
        fails 2 'unknown option -x' "$flowsim" -x && fails 2 'abbreviates several' "$flowsim" --model "$m" --s 3 &&
        fails 2 'no value for --json' "$flowsim" --model "$m" --json=yes
}
# a stiff penalty uses up the steps of a method for flows that are not stiff
failed_flow_is_said() {
    "$flowsim" --model "$models/pitchfork.yaml" --flow augmented --gamma 1e9 --method adams --t-end 1e6 --figure none -o failed -q >stdout 2>stderr
    status=$?
    cat stderr
    [ $status -eq 4 ] && has '^flowsim: augmented flow, gamma 1e+09, seed 1: stopped at' stderr && has '"complete": false' failed/report.json
}
eval_can_be_interrupted() {
    "$flowsim" eval --model "$m" --set 'data={source: synthetic, count: 50000, classes: 2}' --hessian interrupted.npy -q &
    pid=$!
    sleep 0.5
    kill -TERM $pid 2>/dev/null
    wait $pid
    [ $? -eq 143 ] && [ ! -e interrupted.npy ]
}
vacuous_models_are_warned_about() {
    "$flowsim" models "$m" --set 'layers=[conv: {out: 2, size: 3}, pool: {average: 4}, tanh: {}, norm: {}, dense: {out: 2}]' --json >stdout 2>stderr || return 1
    has '^flowsim: warning: cnn_c4: vacuous' stderr && has '"warning": "vacuous' stdout || return 1
    "$flowsim" models "$m" >stdout 2>stderr && [ ! -s stderr ]
}
bad_gamma() {
    for g in -1 nan inf 1e400 ten 1,, 1,1 '' 0x10; do fails 2 'gamma' "$flowsim" --model "$m" --gamma "$g" || return 1; done
}
bad_numbers() {
    fails 2 't-end' "$flowsim" --model "$m" --t-end 0 && fails 2 't-end' "$flowsim" --model "$m" --t-end 1e308 &&
        fails 2 'rtol' "$flowsim" --model "$m" --rtol 1 && fails 2 'atol' "$flowsim" --model "$m" --atol 0 &&
        fails 2 'seed' "$flowsim" --model "$m" --seed -1 && fails 2 'times' "$flowsim" --model "$m" --times 2.0,1.0 &&
        fails 2 'times up to' "$flowsim" --model "$m" --times 2.0,1e9 && fails 2 'threads' "$flowsim" --model "$m" --threads 0 &&
        fails 2 'distance' "$flowsim" --model "$m" --distance -1 && fails 2 'method' "$flowsim" --model "$m" --method euler &&
        fails 2 'figure' "$flowsim" --model "$m" --figure bmp && fails 2 'flow' "$flowsim" --model "$m" --flow up
}
stability_refuses_bad_options() {
    p="$models/pitchfork.yaml"
    for s in '--at top' '--starts -1' '--starts 10001' '--starts x' '--wanted 0' '--wanted 1001' '--risk total' '--flow up' '--solver lapack' '--times 0,0'; do
        # shellcheck disable=SC2086
        fails 2 "${s%% *}: expected" "$flowsim" spectrum --model "$p" $s || return 1
    done
    for s in '--accuracy 0' '--accuracy 0.2' '--accuracy nan' '--accuracy 1e-13' '--distance 0' '--distance 0,1' '--distance 2,1' '--distance 1,1' '--distance -1' \
        '--distance ,' '--method euler' '--gamma -1' '--gamma 1,1' '--starts 1e3' '--figure bmp'; do
        # shellcheck disable=SC2086
        fails 2 "${s%% *}: expected" "$flowsim" critical --model "$p" $s || return 1
    done
}
stability_refuses_wrong_combinations() {
    p="$models/pitchfork.yaml"
    "$flowsim" eval --model "$p" --project w.npy -q || return 1
    fails 2 'gamma: expected one value for the command spectrum, found 2' "$flowsim" spectrum --model "$p" --gamma 0,1 &&
        fails 2 'flow: expected one value' "$flowsim" spectrum --model "$p" --flow nominal,augmented &&
        fails 2 'distance: expected one value' "$flowsim" spectrum --model "$p" --distance 1,2 &&
        fails 2 'distance: expected one value' "$flowsim" run --model "$p" --distance 1,2 &&
        fails 2 'distance: expected one value' "$flowsim" eval --model "$p" --distance 1,2 &&
        fails 2 'one seed with --weights' "$flowsim" spectrum --model "$p" --weights w.npy --seed 1,2 &&
        fails 2 'one seed with --weights' "$flowsim" critical --model "$p" --weights w.npy --seed 1,2 &&
        fails 2 'starts: expected --at stationary' "$flowsim" spectrum --model "$p" --at end --starts 3 &&
        fails 2 'seed with a list: expected --at stationary' "$flowsim" spectrum --model "$p" --at end --seed 1,2 &&
        fails 2 'times: expected --at' "$flowsim" spectrum --model "$p" --at start --times 3 &&
        fails 2 'expected an option of the command critical, found --at' "$flowsim" critical --model "$p" --at end &&
        fails 2 'expected an option of the command run, found --starts' "$flowsim" run --model "$p" --starts 3 &&
        fails 2 'expected --distance' "$flowsim" critical --model "$p" --set start.distance=0 &&
        fails 2 'absent.npy' "$flowsim" critical --model "$p" --weights absent.npy
}
critical_needs_something_across() {
    sed 's/natural/2 trivial/' "$models/pitchfork.yaml" >trivial.yaml
    fails 2 'dim N' "$flowsim" critical --model ./trivial.yaml -q
}
stability_leaves_foreign_folders_alone() {
    mkdir -p theirs && echo precious >theirs/notes.txt && : >file
    for command in spectrum critical; do
        fails 2 'notes.txt' "$flowsim" $command --model "$models/pitchfork.yaml" --figure none -o theirs && [ "$(ls -A theirs)" = notes.txt ] &&
            fails 4 'file' "$flowsim" $command --model "$models/pitchfork.yaml" --figure none -o file || return 1
    done
    "$flowsim" spectrum --model "$models/pitchfork.yaml" --figure none -o theirs --force -q && [ "$(cat theirs/notes.txt)" = precious ] && [ -s theirs/report.json ]
}
bad_sets() {
    fails 2 'count' "$flowsim" --model "$m" --set data.cuont=3 && fails 2 'KEY=VALUE' "$flowsim" --model "$m" --set data.count &&
        fails 2 'count' "$flowsim" --model "$m" --set data.count=0 && fails 2 'class' "$flowsim" --model "$m" --set 'data.classes=[1,11]' &&
        fails 2 'gamma' "$flowsim" --model "$m" --set flow.gamma=-1 && fails 2 '11' "$flowsim" --model "$m" --set data.count=11
}
bad_model_files() {
    printf 'title: x\ngroup: C4\ngama: 3\n' >typo.yaml
    : >empty.yaml
    mkdir -p folder.yaml
    fails 2 'typo.yaml:3:1: .*gama' "$flowsim" --model ./typo.yaml && fails 2 'empty.yaml' "$flowsim" --model ./empty.yaml &&
        fails 2 'folder.yaml' "$flowsim" --model ./folder.yaml
}
bad_weights() {
    "$flowsim" eval --model "$models/mirror_c4.yaml" --project small.npy -q &&
        fails 2 'small.npy' "$flowsim" --model "$m" --weights small.npy && fails 2 'absent.npy' "$flowsim" --model "$m" --weights absent.npy &&
        printf 'no array' >junk.npy && fails 2 'junk.npy' "$flowsim" --model "$m" --weights junk.npy
}
foreign_folder() {
    mkdir -p mine && echo precious >mine/notes.txt
    # shellcheck disable=SC2086
    fails 2 'notes.txt' "$flowsim" --model "$m" $quick -o mine && [ "$(ls -A mine)" = notes.txt ] &&
        "$flowsim" --model "$m" $quick -o mine --force -q && [ "$(cat mine/notes.txt)" = precious ] && [ -s mine/report.json ]
}
unwritable_output() {
    : >file
    # shellcheck disable=SC2086
    fails 4 'file' "$flowsim" --model "$m" $quick -o file && fails 4 'proc' "$flowsim" --model "$m" $quick -o /proc/nothing/here
}
full_device() {
    "$flowsim" --version >/dev/full 2>stderr
    [ $? -eq 4 ] && has '^flowsim: ' stderr
}
bad_resume() {
    mkdir -p stale && echo nothing >stale/checkpoint.bin
    fails 2 'checkpoint' "$flowsim" run --resume stale && fails 2 'checkpoint' "$flowsim" run --resume absent
}
unsafe_environment() {
    printf '#include <fenv.h>\n__attribute__((constructor)) static void up(void) { fesetround(FE_UPWARD); }\n' >up.c
    ${CC:-cc} -shared -fPIC -o up.so up.c -lm || return 1
    LD_PRELOAD=$tap_folder/up.so "$flowsim" models >stdout 2>stderr
    status=$?
    cat stderr
    [ $status -eq 5 ] && [ ! -s stdout ]
}
help_names_every_command() {
    "$flowsim" --help >help && for c in run eval spectrum critical models bench --gamma --at --starts --wanted --accuracy --no-bounds --checkpoint --set 'Exit status'; do has "$c" help || return 1; done
    "$flowsim" --version >version && has '^flowsim ' version && has 'OpenBLAS core' version
}

# The exit status is that of the verdicts: all hold, one is violated, one is undecided.
check_says_its_verdict_by_its_exit_status() {
    "$flowsim" check --model "$models/tiny_mlp.yaml" -o held >stdout 2>stderr || { cat stdout stderr; return 1; }
    has '^[0-9]* hold, 0 violated, 0 undecided' stdout && has '"verdict": "holds"' held/report.json || return 1
    "$flowsim" check --model "$models/atlas/weighted_loss.yaml" --statement fact_a,key_lemma -o broken >stdout 2>stderr
    [ $? -eq 1 ] && has '^Fact A .*violated' stdout && has 'loss fails' stdout || { cat stdout stderr; return 1; }
    "$flowsim" check --model "$models/toy_sine.yaml" --statement theorem_1_2 --json -o open >stdout 2>stderr
    [ $? -eq 3 ] && has '"verdict": "undecided"' stdout && has '"vacuous": "at every point' stdout && equal stdout open/report.json
}
check_speaks_tap() {
    "$flowsim" check --model "$models/toy_quartic.yaml" --tap >stdout 2>stderr
    [ $? -eq 3 ] || { cat stdout stderr; return 1; }
    has '^ok 1 - Key lemma on toy_quartic: holds' stdout && has '^not ok .*Theorem 1.2 on toy_quartic: undecided' stdout &&
        has '# does not apply' stdout && has '^1\.\.20$' stdout && [ ! -e results/toy_quartic-check ]
}
check_names_the_nearest_statement() {
    fails 2 'fact_a' "$flowsim" check --model "$models/toy_sine.yaml" --statement fakt_a &&
        fails 2 '' "$flowsim" check && fails 2 '' "$flowsim" check --all --model "$models/toy_sine.yaml"
}
critical_refuses_weights_in_coordinates_of_their_own() {
    fails 2 'parametrisation' "$flowsim" critical --model "$models/atlas/sheared.yaml"
}

law run_writes_everything run_writes_everything
law distance_is_part_of_the_model distance_is_part_of_the_model
law report_has_the_contract_fields report_has_the_contract_fields
law trajectory_is_a_table trajectory_is_a_table
law json_is_alone_on_stdout json_is_alone_on_stdout
law lists_make_a_summary lists_make_a_summary
law threads_change_no_byte threads_change_no_byte
law given_weights_are_the_start given_weights_are_the_start
law stays_the_same_when_rerun stays_the_same_when_rerun
law eval_writes_arrays eval_writes_arrays
law models_are_listed_and_shown models_are_listed_and_shown
law bench_reports_ratios bench_reports_ratios
law spectrum_writes_everything spectrum_writes_everything
law spectrum_has_the_contract_fields spectrum_has_the_contract_fields
law spectrum_is_exact_on_the_pitchfork spectrum_is_exact_on_the_pitchfork
law spectrum_looks_where_it_is_told spectrum_looks_where_it_is_told
law spectrum_says_that_data_are_separable spectrum_says_that_data_are_separable
law spectrum_without_a_point_is_undecided spectrum_without_a_point_is_undecided
law critical_writes_everything critical_writes_everything
law critical_has_the_contract_fields critical_has_the_contract_fields
law critical_is_exact_on_the_pitchfork critical_is_exact_on_the_pitchfork
law critical_is_exact_on_the_quartic critical_is_exact_on_the_quartic
law critical_scans_the_gammas_given critical_scans_the_gammas_given
law critical_climbs_a_ladder_by_default critical_climbs_a_ladder_by_default
law critical_without_an_outcome_is_undecided critical_without_an_outcome_is_undecided
law stability_is_quiet_and_alone_on_stdout stability_is_quiet_and_alone_on_stdout
law stability_replaces_what_it_wrote stability_replaces_what_it_wrote
law spectrum_starts_at_given_weights spectrum_starts_at_given_weights
law spectrum_stops_when_told spectrum_stops_when_told
law critical_stops_when_told critical_stops_when_told
if script -qc true /dev/null </dev/null >/dev/null 2>&1; then
    law progress_is_shown_on_a_terminal progress_is_shown_on_a_terminal
fi
law restart_gives_the_same_bytes restart_gives_the_same_bytes
law bad_options_are_refused bad_options
law unknown_options_are_named unknown_options
law failed_flow_is_said failed_flow_is_said
law eval_can_be_interrupted eval_can_be_interrupted
law vacuous_models_are_warned_about vacuous_models_are_warned_about
law bad_gamma_is_refused bad_gamma
law bad_numbers_are_refused bad_numbers
law stability_refuses_bad_options stability_refuses_bad_options
law stability_refuses_wrong_combinations stability_refuses_wrong_combinations
law critical_needs_something_across critical_needs_something_across
law stability_leaves_foreign_folders_alone stability_leaves_foreign_folders_alone
law bad_overrides_are_refused bad_sets
law bad_model_files_are_refused bad_model_files
law bad_weights_are_refused bad_weights
law foreign_folder_is_left_alone foreign_folder
law unwritable_output_is_a_system_error unwritable_output
law full_device_is_a_system_error full_device
law bad_checkpoints_are_refused bad_resume
if [ -n "${EMBED_CFLAGS##*-fsanitize*}" ] || [ -z "${EMBED_CFLAGS:-}" ]; then
    law unsafe_rounding_is_refused unsafe_environment
fi
law check_says_its_verdict_by_its_exit_status check_says_its_verdict_by_its_exit_status
law check_speaks_tap check_speaks_tap
law check_names_the_nearest_statement check_names_the_nearest_statement
law critical_refuses_weights_in_coordinates_of_their_own critical_refuses_weights_in_coordinates_of_their_own
law help_names_every_command help_names_every_command
tap_done
