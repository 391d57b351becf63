#!/bin/sh
# build-aux/git-id.sh SRCDIR -- the commit that SRCDIR is at, with "-dirty" where it was edited; "release" outside git
# SPDX-License-Identifier: GPL-3.0-or-later
if [ -e "$1/.git" ] && id=$(git -C "$1" describe --always --dirty --abbrev=12 2>/dev/null); then
    echo "$id"
else
    echo release
fi
