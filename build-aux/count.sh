#!/bin/sh
# build-aux/count.sh STATUS FILE.trs... -- the last line of `make check`: N passed, N failed[, N skipped]
#
# Counts laws, not programs.  A program that ends badly counts once where none of its laws failed (a crash, a leak
# found at the end); where one did, its exit status says nothing new.  STATUS is that of the suite: where it is not 0 and
# nothing failed, or where there was nothing to count, the suite itself is one failure.
#
# SPDX-License-Identifier: GPL-3.0-or-later
status=$1
shift
passed=0 failed=0 skipped=0
for file; do
    [ -f "$file" ] || continue
    # shellcheck disable=SC2046
    set -- $(awk '
        $1 != ":test-result:" { next }
        $2 == "PASS" || $2 == "XFAIL" { passed++ }
        $2 == "FAIL" || $2 == "XPASS" { failed++ }
        $2 == "ERROR" { error++ }
        $2 == "SKIP" { skipped++ }
        END { print passed + 0, failed ? failed : error + 0, skipped + 0 }' "$file")
    passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
done
if [ "$failed" -eq 0 ] && { [ "$status" -ne 0 ] || [ $((passed + skipped)) -eq 0 ]; }; then
    echo 'make check: the suite itself failed; see above' >&2
    failed=1
fi
line="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || line="$line, $skipped skipped"
echo "$line"
[ "$failed" -eq 0 ]
