# tests/tap.sh -- what the shell tests share; source it, state laws, end with `tap_done`
#
#   law "telling name" COMMAND...          holds when the command succeeds; its output is shown when not
#   skip "telling name" "reason"
#
# SPDX-License-Identifier: GPL-3.0-or-later

tap_count=0
tap_failed=0
tap_folder=$(mktemp -d "${TMPDIR:-/tmp}/flowsim-test.XXXXXX") || { echo 'Bail out! no temporary folder'; exit 1; }
trap 'rm -rf "$tap_folder"' EXIT
trap 'exit 1' HUP INT TERM

law() {
    tap_name=$1
    shift
    tap_count=$((tap_count + 1))
    if "$@" >"$tap_folder/said" 2>&1; then
        echo "ok $tap_count - $tap_name"
    else
        tap_failed=$((tap_failed + 1))
        echo "not ok $tap_count - $tap_name"
        sed 's/^/#   /' "$tap_folder/said"
    fi
}

skip() {
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1 # SKIP $2"
}

# Succeeds when the command prints nothing: for searches that should find nothing.
finds_nothing() {
    "$@" >"$tap_folder/found" 2>&1
    cat "$tap_folder/found"
    [ ! -s "$tap_folder/found" ]
}

tap_done() {
    echo "1..$tap_count"
    [ "$tap_failed" -eq 0 ]
}
