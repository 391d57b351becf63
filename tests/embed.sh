#!/bin/sh
# tests/embed.sh -- a stranger's program: built from what `make install` puts in place, and nothing else
#
# SPDX-License-Identifier: GPL-3.0-or-later

root=${FLOWSIM_SRCDIR:-.}
. "$root/tests/tap.sh"
prefix=$tap_folder/usr
CC=${CC:-cc}

# Every folder is named: one that was given to configure must not be written to.
folders="prefix=$prefix exec_prefix=$prefix bindir=$prefix/bin libdir=$prefix/lib includedir=$prefix/include datarootdir=$prefix/share datadir=$prefix/share"

# shellcheck disable=SC2086
install_to_prefix() { ${MAKE:-make} --no-print-directory install $folders; }

# Flags from flowsim.pc, which names the folders it was configured for.
flags() {
    # shellcheck disable=SC2046
    set -- $(for folder in $folders; do echo "--define-variable=$folder"; done) "$@"
    PKG_CONFIG_PATH=$prefix/lib/pkgconfig ${PKG_CONFIG:-pkg-config} "$@" flowsim
}

every_header_compiles_alone() {
    cd "$prefix/include/flowsim" || return 1
    found=0
    for header in $(find . -name '*.h' | sort); do
        found=$((found + 1))
        echo "#include \"$header\"" |
            $CC -std=c11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c -I"$prefix/include/flowsim" -include stddef.h - ||
            { echo "in $header"; return 1; }
    done
    [ "$found" -gt 10 ]
}

compile() {
    # shellcheck disable=SC2046,SC2086
    $CC ${EMBED_CFLAGS:-} -Wall -Wextra -Wpedantic -Werror $(flags --cflags) "$root/tests/embed.c" -o "$tap_folder/embed" $(flags --libs) -lm
}

installed_program_runs() { cd "$tap_folder" && "$prefix/bin/flowsim" --version; }

law installs_under_a_prefix install_to_prefix
law every_header_compiles_alone every_header_compiles_alone
law ten_lines_compile_against_flowsim_h compile
law ten_lines_integrate_a_flow env LD_LIBRARY_PATH="$prefix/lib" "$tap_folder/embed" "$root/models/cnn_c4.yaml"
law installed_program_runs installed_program_runs
tap_done
