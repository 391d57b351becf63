#!/bin/sh
# tests/mutants.sh -- plants faults of the mathematics, one at a time, and reports which tests catch each
#
#   tests/mutants.sh [--all-catchers | --likely] [--jobs N] [--table FILE] [NAME...]
#   tests/mutants.sh --list | --verify
#
# The faults stand in tests/mutants.txt, one a line:
#
#   name @@ file @@ exact old text @@ new text @@ likely catchers
#
# The old text must occur exactly once in the file, or the table no longer says what it means and nothing runs (--verify looks at
# that alone).  The sources are copied to temporary folders, one for each worker, and built once; a fault is planted, what depends on
# it is built, and the tests run: the likely catchers, then the others, to the first that fails, or all of them with --all-catchers,
# or none of the others with --likely.
# A test catches a fault when it fails or does not end (60 s for a program, 300 s for a script).  In the end every test that caught
# something must pass without a fault.
#
# FLOWSIM_SRCDIR: the source tree (default: that of this script).  MUTANTS_CONFIGURE: arguments of configure (default: CFLAGS=-O2, which
# links faster than with debugging information).
# Exit status: 0 all caught; 1 one survived, or does not compile; 2 the table does not fit; 4 the sources do not build.
#
# SPDX-License-Identifier: GPL-3.0-or-later

set -u
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES      # of a `make mutants`
root=$(cd "${FLOWSIM_SRCDIR:-$(dirname "$0")/..}" && pwd) || exit 4
table=$root/tests/mutants.txt
jobs=$(nproc 2>/dev/null || echo 1)
configure_arguments=${MUTANTS_CONFIGURE-CFLAGS=-O2}
which=first action=run
scripts='theorems.sh cli.sh gallery.sh'         # the shell tests in which mathematics is at work

say() { printf 'mutants: %s\n' "$*" >&2; }

while [ $# -gt 0 ]; do
    case $1 in
    --all-catchers) which=all ;;
    --likely) which=likely ;;
    --jobs) jobs=${2:?} && shift ;;
    --table) table=${2:?} && shift ;;
    --list | --verify) action=${1#--} ;;
    -*) say "unknown option $1" && exit 2 ;;
    *) break ;;
    esac
    shift
done

# --- the table ---------------------------------------------------------------------------------------------------------

# field LINE NUMBER: a field of a line of the table.
field() {
    printf '%s\n' "$1" | awk -v n="$2" '{ split($0, part, / @@ ?/); print part[n] }'
}

mutations() { grep -v -e '^#' -e '^[[:space:]]*$' "$table"; }

# plant FILE OLD NEW: the file with the only occurrence of OLD replaced, on stdout; fails when it is not the only one.
plant() {
    OLD=$2 NEW=$3 awk '
        BEGIN { old = ENVIRON["OLD"]; new = ENVIRON["NEW"] }
        {
            rest = $0
            done = ""
            while ((at = index(rest, old)) > 0) {
                count++
                done = done substr(rest, 1, at - 1) new
                rest = substr(rest, at + length(old))
            }
            print done rest
        }
        END { exit count == 1 ? 0 : 1 }' "$1"
}

verify() {
    bad=0
    mutations >"$work/table"
    names=$(awk '{ print $1 }' "$work/table" | sort | uniq -d)
    [ -z "$names" ] || { say "named twice: $names" && bad=1; }
    while IFS= read -r line; do
        name=$(field "$line" 1) file=$(field "$line" 2) old=$(field "$line" 3) new=$(field "$line" 4)
        if [ -z "$new" ] || [ ! -f "$root/$file" ]; then
            say "$name: expected name @@ file @@ old @@ new @@ tests, found: $line" && bad=1
        elif ! plant "$root/$file" "$old" "$new" >/dev/null; then
            say "$name: the mutation no longer applies: expected exactly once in $file: $old" && bad=1
        fi
        for test in $(field "$line" 5); do
            [ -f "$root/tests/$test" ] || [ -f "$root/tests/$test.c" ] || { say "$name: no such test: $test" && bad=1; }
        done
    done <"$work/table"
    return $bad
}

work=$(mktemp -d "${TMPDIR:-/tmp}/flowsim-mutants.XXXXXX") || exit 4
workers=
finish() {
    # shellcheck disable=SC2086
    [ -z "$workers" ] || kill $workers 2>/dev/null
    wait
    for try in 1 2 3; do            # a compiler may still be writing
        rm -rf "$work" 2>/dev/null && break
        sleep 2
    done
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

case $action in
list)
    mutations | while IFS= read -r line; do printf '%-36s %-36s %s\n' "$(field "$line" 1)" "$(field "$line" 2)" "$(field "$line" 5)"; done
    exit ;;
verify)
    verify || exit 2
    echo "$(wc -l <"$work/table") mutations apply"
    exit ;;
esac
verify || exit 2
if [ $# -gt 0 ]; then
    for name; do
        awk -v name="$name" '$1 == name { print; found = 1 } END { exit !found }' "$work/table" >>"$work/chosen" || { say "no mutation is called $name" && exit 2; }
    done
    mv "$work/chosen" "$work/table"
fi
total=$(wc -l <"$work/table")
[ "$total" -ge "$jobs" ] || jobs=$total

# --- a tree for each worker ----------------------------------------------------------------------------------------------

copy_sources() {
    mkdir "$1" || return
    if git -C "$root" rev-parse --git-dir >/dev/null 2>&1; then
        (cd "$root" && git ls-files -co --exclude-standard | while IFS= read -r file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done | tar -cf - -T -)
    else
        (cd "$root" && find . -type f ! -name '*.o' ! -name '*.lo' ! -name '*.la' ! -name '*.a' ! -name config.status ! -name Makefile | tar -cf - -T -)
    fi | tar -xf - -C "$1" && chmod -R u+w "$1"
}

configure_tree() {
    (cd "$1" && { [ -x configure ] || autoreconf -i; } && eval "./configure --quiet $configure_arguments") >"$1.log" 2>&1
}

# The programs that `make check` builds.
programs() {
    for test in "$1"/tests/test_*.c; do basename "$test" .c; done
}

build() {
    (cd "$1" && shift && make -s "$@")
}

say "building $root in $work"
copy_sources "$work/tree1" && configure_tree "$work/tree1" &&
    build "$work/tree1" -j"$jobs" >>"$work/tree1.log" 2>&1 &&
    build "$work/tree1" -j"$jobs" $(programs "$work/tree1" | sed 's,^,tests/,') >>"$work/tree1.log" 2>&1 || {
    tail -n 40 "$work/tree1.log" >&2
    say 'the sources do not build'
    exit 4
}
n=1
while [ "$n" -lt "$jobs" ]; do
    n=$((n + 1))
    # what configure wrote knows the folder; the objects do not
    { cp -a "$work/tree1" "$work/tree$n" && configure_tree "$work/tree$n"; } || exit 4
done

# --- one fault --------------------------------------------------------------------------------------------------------------

# runs TREE TEST: builds what the test needs and runs it, in the environment of `make check`.  125: it does not build.
runs() (
    cd "$1" || exit 125
    case $2 in
    *.sh) target='flowsim' limit=300 ;;
    *) target=tests/$2 limit=60 ;;
    esac
    make -s $target >build.log 2>&1 || exit 125
    FLOWSIM=$PWD/flowsim FLOWSIM_SRCDIR=$PWD CMOCKA_MESSAGE_OUTPUT=TAP OPENBLAS_NUM_THREADS=1 LC_ALL=C CC=${CC:-gcc} EMBED_CFLAGS='-std=c11 -O2' MAKE=make
    export FLOWSIM FLOWSIM_SRCDIR CMOCKA_MESSAGE_OUTPUT OPENBLAS_NUM_THREADS LC_ALL CC EMBED_CFLAGS MAKE
    unset FLOWSIM_MODELS OPENBLAS_CORETYPE OMP_NUM_THREADS GSL_RNG_SEED GSL_RNG_TYPE
    case $2 in
    *.sh) exec timeout -k 5 $limit sh "tests/$2" >test.log 2>&1 </dev/null ;;
    *) exec timeout -k 5 $limit "tests/$2" >test.log 2>&1 </dev/null ;;
    esac
)

# The likely catchers, then the other programs, then the scripts.
order_of() {
    { for test in $1; do echo "$test"; done
      [ $which != likely ] || return 0
      programs "$root"
      for test in $scripts; do [ ! -f "$root/tests/$test" ] || echo "$test"; done; } | awk '!seen[$0]++'
}

# attempt TREE LINE: prints what catches the fault.
attempt() {
    tree=$1 name=$(field "$2" 1) file=$(field "$2" 2) caught=
    cp -p "$tree/$file" "$tree.original"
    plant "$tree.original" "$(field "$2" 3)" "$(field "$2" 4)" >"$tree/$file"
    for test in $(order_of "$(field "$2" 5)"); do
        runs "$tree" "$test" &
        child=$!
        wait "$child"
        case $? in
        0) continue ;;
        124 | 137) caught="$caught $test(hangs)" ;;
        125)
            caught=' DOES NOT COMPILE'
            tail -n 20 "$tree/build.log" >"$work/log.$name"
            break ;;
        *) caught="$caught $test" ;;
        esac
        [ $which = all ] || break
    done
    cat "$tree.original" >"$tree/$file"         # newer than what was built with the fault
    printf '%-36s | %-36s |%s\n' "$name" "$file" "${caught:- SURVIVED}" | tee "$work/result.$name"
}

worker() {
    child=
    trap 'exit 1' TERM
    trap '[ -z "$child" ] || kill "$child" 2>/dev/null' EXIT
    while IFS= read -r line <&3; do
        mkdir "$work/claimed.${line%% *}" 2>/dev/null || continue
        attempt "$work/tree$1" "$line"
    done 3<"$work/table"
}

printf '%-36s | %-36s | %s\n' mutant file 'caught by'
n=0
while [ "$n" -lt "$jobs" ]; do
    n=$((n + 1))
    worker "$n" &
    workers="$workers $!"
done
wait
workers=

# --- the count ------------------------------------------------------------------------------------------------------------------

status=0
cat "$work"/result.* >"$work/results"
for test in $(cut -d '|' -f 3 "$work/results" | tr ' ' '\n' | sed 's/(hangs)//' | grep -E '^(test_|.*\.sh$)' | sort -u); do
    runs "$work/tree1" "$test" || { say "$test fails without a fault: what it caught does not count" && status=1; }
done
for log in "$work"/log.*; do [ ! -f "$log" ] || { say "${log##*/log.} does not compile:" && cat "$log" >&2; }; done
missed=$(grep -c -E '\| (SURVIVED|DOES NOT COMPILE)$' "$work/results")
echo "$total mutants, $((total - missed)) caught"
[ "$missed" -eq 0 ] && [ $status -eq 0 ]
