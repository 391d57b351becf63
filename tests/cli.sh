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
    for field in gradient_s hvp_s hessian_s gradient_gflops dgemm_gflops fraction_of_dgemm hvp_in_gradients hessian_in_gradients \
        threads blas_core isa; do has "\"$field\"" bench.json || return 1; done
}

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
failed_flow_is_said() {
    "$flowsim" --model "$models/mirror_c4.yaml" --gamma 1e9 --method adams --t-end 1e6 --figure none -o failed -q >stdout 2>stderr
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
    "$flowsim" --help >help && for c in run eval models bench --gamma --checkpoint --set 'Exit status'; do has "$c" help || return 1; done
    "$flowsim" --version >version && has '^flowsim ' version && has 'OpenBLAS core' version
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
law restart_gives_the_same_bytes restart_gives_the_same_bytes
law bad_options_are_refused bad_options
law unknown_options_are_named unknown_options
law failed_flow_is_said failed_flow_is_said
law eval_can_be_interrupted eval_can_be_interrupted
law vacuous_models_are_warned_about vacuous_models_are_warned_about
law bad_gamma_is_refused bad_gamma
law bad_numbers_are_refused bad_numbers
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
law help_names_every_command help_names_every_command
tap_done
