#!/bin/sh
# tests/layers.sh -- the house: includes never point upwards, and the library keeps its manners
#
# SPDX-License-Identifier: GPL-3.0-or-later

root=${FLOWSIM_SRCDIR:-.}
build=$PWD
. "$root/tests/tap.sh"
cd "$root" || exit 1

# Bottom to top.
rooms='base algebra network risk flow problem integrate observe experiment report theory_checks cli'

# Sources below the given folders, without those that make generates in the tree.
sources() { find "$@" -name '*.[ch]' 2>/dev/null | grep -vxE 'src/(cli/version.h|problem/embedded_data.c)' | sort; }

# Prints FILE: includes ROOM for every include whose room stands above the file's own, or is no room.
upward_includes() {
    for file in $(sources src/*/); do
        sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$file" |
            awk -v file="$file" -v rooms="$rooms" '
                BEGIN {
                    n = split(rooms, name, " ")
                    for (i = 1; i <= n; i++) height[name[i]] = i
                    split(file, part, "/")
                    own = part[2]
                    if (!(own in height)) print file ": no such room: " own
                }
                {
                    if (split($0, part, "/") < 2) print file ": \"" $0 "\" has no room in its path"
                    else if (!(part[1] in height)) print file ": \"" $0 "\": no such room"
                    else if (height[part[1]] > height[own]) print file " points upwards to " $0
                }'
    done
}

solver_includes_outside_integrate() {
    grep -nE '#[[:space:]]*include[[:space:]]*<(cvodes?|arkode|idas?|kinsol|nvector|sunlinsol|sunmatrix|sunnonlinsol)/' $(sources src theory_checks) | grep -v '^src/integrate/'
}

theory_checks_reaching_inside() {
    for file in $(sources theory_checks); do
        grep -nHE '#[[:space:]]*include[[:space:]]*"[a-z]+/' "$file"
    done
}

# NaN slips through these; a maximum that NaN survives is written out.
maxima_that_lose_nan() {
    grep -nE '(^|[^[:alnum:]_])(fmax|fmin|fmaxf|fminf|fmaxl|fminl|N_VMaxNorm|N_VMin)[[:space:]]*\(' $(sources src theory_checks)
}

files_without_a_head() {
    for file in $(sources src tests theory_checks); do
        name=${file#src/}
        head -n 1 "$file" | grep -qF "/* $name --" || echo "$file: the first line is not \"/* $name -- ...\""
        head -n 60 "$file" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' || echo "$file: no SPDX line"
    done
}

files_not_in_the_makefile() {
    for file in $(sources src tests theory_checks); do
        case $file in
        tests/test_*.c) entry=${file%.c} ;;     # automake's default source
        *) entry=$file ;;
        esac
        grep -qE "^[^#]*[[:space:]]$entry([[:space:]]|\$)" Makefile.am || echo "$file"
    done
}

public_headers_missing_in_flowsim_h() {
    awk '/^[a-z]+_headers *=/, !/\\$/' Makefile.am | grep -o 'src/[a-z]*/[a-z0-9_]*\.h' | sed 's/^src.//' |
        while read -r header; do
            grep -qF "#include \"$header\"" src/flowsim.h || echo "$header"
        done
}

archive=$build/.libs/libflowsim.a

# Names that the archive takes from elsewhere, version suffixes and the fortified spellings reduced to the plain name.
imported() { nm -u "$archive" | awk 'NF == 2 { print $2 }' | sed 's/@.*//; s/^__\(v*[a-z]*printf\)_chk$/\1/' | sort -u; }

# _exit is left out: a child process that cannot become gnuplot has nothing else to do; and it may put the signals back that its parent ignores.
manners() {
    imported | grep -xE 'printf|vprintf|puts|putchar|perror|stdout|stderr|stdin|exit|quick_exit|abort|getenv|secure_getenv|setenv|putenv|setlocale|sigaction|system|popen|srand|rand|time'
    nm -A -u "$archive" | grep -vE 'gnuplot\.o:' | awk '$NF == "signal" || $NF ~ /^signal@/'
}

foreign_names() {
    nm --defined-only -g "$archive" 2>/dev/null | awk 'NF == 3 { print $3 }' |
        grep -vE '^(fs_|\.gomp_critical_|__asan|__odr_asan|__gcov|__llvm|__profile|DW\.|_GLOBAL_)' | sort -u
}

law includes_never_point_upwards finds_nothing upward_includes
law only_integrate_sees_the_solvers finds_nothing solver_includes_outside_integrate
law theory_checks_see_the_public_header_only finds_nothing theory_checks_reaching_inside
law no_maximum_that_loses_nan finds_nothing maxima_that_lose_nan
law every_file_says_what_it_is_for finds_nothing files_without_a_head
law every_source_is_built finds_nothing files_not_in_the_makefile
law every_public_header_is_in_flowsim_h finds_nothing public_headers_missing_in_flowsim_h
law every_planted_fault_still_fits_the_sources sh tests/mutants.sh --verify
if [ -f "$archive" ] && command -v nm >/dev/null 2>&1; then
    law library_never_prints_exits_or_reads_the_environment finds_nothing manners
    law library_exports_names_with_its_prefix_only finds_nothing foreign_names
else
    skip library_never_prints_exits_or_reads_the_environment "no static archive"
    skip library_exports_names_with_its_prefix_only "no static archive"
fi
tap_done
