#!/bin/sh
# tests/bootstrap.sh -- ./bootstrap changes nothing the second time, and says plainly what it cannot do
#
# Nothing is installed: apt-get, dpkg-query, id, sudo and the build tools are stand-ins on a PATH of their own.
#
# SPDX-License-Identifier: GPL-3.0-or-later

root=${FLOWSIM_SRCDIR:-.}
. "$root/tests/tap.sh"
bin=$tap_folder/bin
tree=$tap_folder/tree

# A stand-in that writes its name and arguments to `calls` and runs the given body.
stand_in() {
    printf '#!/bin/sh\necho "%s $*" >>"%s/calls"\n%s\n' "$1" "$tap_folder" "$2" >"$bin/$1"
    chmod +x "$bin/$1"
}

# A fresh tree and PATH.  $1: packages dpkg-query does not know; $2: user id.
fresh() {
    rm -rf "$bin" "$tree" "$tap_folder/calls" "$tap_folder/installed"
    mkdir -p "$bin" "$tree/m4"
    : >"$tap_folder/calls"
    cp "$root/bootstrap" "$tree/"
    : >"$tree/configure.ac"
    : >"$tree/Makefile.am"
    : >"$tree/m4/flowsim.m4"
    for tool in sh env dirname find printf cat touch chmod; do
        ln -s "$(command -v $tool)" "$bin/$tool" 2>/dev/null
    done
    stand_in id "echo $2"
    # A package that is missing is unknown, or known as not installed: dpkg-query knows both.
    stand_in dpkg-query "state=installed
for p; do :; done
case ' $1 ' in *\" \$p \"*) grep -qs \" \$p \" '$tap_folder/installed' || state=not-installed ;; esac
case \$state-\$p in not-installed-libgsl-dev) exit 1 ;; esac
echo \"\${3%%\\\$*}\$state\${3##*\\}}\""
    ln -s "$(command -v grep)" "$bin/grep"
    stand_in apt-get "case \$1 in install) echo \" \$* \" >>'$tap_folder/installed';; esac"
    stand_in nproc 'echo 2'
    stand_in make 'exit 0'
    stand_in autoreconf "echo : >Makefile.in; printf '#!/bin/sh\necho configure \"\$@\" >>\"$tap_folder/calls\"; : >Makefile; : >libtool; printf \"#!/bin/sh\\\\necho\\\\n\" >config.status; chmod +x config.status\n' >configure; chmod +x configure"
}

bootstrap() { (cd "$tree" && PATH=$bin ./bootstrap "$@") >"$tap_folder/out" 2>&1; status=$?; cat "$tap_folder/out" "$tap_folder/calls"; }
called() { grep -q "^$1" "$tap_folder/calls"; }
said() { grep -qF -- "$1" "$tap_folder/out"; }

first_run_installs_what_is_missing() {
    fresh 'libgsl-dev libcmocka-dev' 0
    bootstrap
    [ $status -eq 0 ] && said 'installing: libgsl-dev libcmocka-dev' && called 'apt-get update' &&
        grep '^apt-get install' "$tap_folder/calls" | grep -q 'libgsl-dev libcmocka-dev$' &&
        called 'autoreconf' && called 'configure' && called 'make'
}

second_run_installs_and_configures_nothing() {
    sleep 1         # the clock of file times
    : >"$tap_folder/calls"
    bootstrap
    [ $status -eq 0 ] && said 'nothing to install' && ! called apt-get && ! called autoreconf && ! called configure && called make
}

changed_arguments_configure_again() {
    : >"$tap_folder/calls"
    bootstrap --enable-werror
    [ $status -eq 0 ] && called 'configure .*--enable-werror' && ! called autoreconf
}

configure_that_broke_off_is_run_again() {
    : >"$tap_folder/calls"
    rm "$tree/libtool"
    bootstrap
    [ $status -eq 0 ] && called configure && ! called autoreconf
}

without_root_and_sudo_it_names_the_packages() {
    fresh 'libgsl-dev libfyaml-dev' 1000
    bootstrap
    [ $status -eq 4 ] && said 'libgsl-dev libfyaml-dev' && said 'sudo apt-get' && ! called apt-get && ! called make
}

with_sudo_it_asks_for_it() {
    fresh 'libgsl-dev' 1000
    stand_in sudo '"$@"'
    bootstrap
    [ $status -eq 0 ] && called 'sudo env DEBIAN_FRONTEND=noninteractive apt-get install'
}

failing_apt_ends_with_the_list() {
    fresh 'libgsl-dev' 0
    stand_in apt-get 'exit 100'
    bootstrap
    [ $status -eq 4 ] && said 'missing: libgsl-dev' && ! called make
}

lacking_data_set_is_only_a_note() {
    fresh 'dataset-fashion-mnist' 0
    stand_in apt-get 'exit 100'
    bootstrap
    [ $status -eq 0 ] && said 'dataset-fashion-mnist could not be installed' && called make
}

another_system_goes_on_to_configure() {
    fresh '' 0
    rm "$bin/dpkg-query" "$bin/apt-get"
    bootstrap
    [ $status -eq 0 ] && said 'no apt-get here' && called configure && called make
}

for name in first_run_installs_what_is_missing second_run_installs_and_configures_nothing changed_arguments_configure_again \
    configure_that_broke_off_is_run_again \
    without_root_and_sudo_it_names_the_packages with_sudo_it_asks_for_it failing_apt_ends_with_the_list \
    lacking_data_set_is_only_a_note another_system_goes_on_to_configure; do
    law $name $name
done
tap_done
