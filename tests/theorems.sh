#!/bin/sh
# tests/theorems.sh -- every statement on every small model, on the models made to break it, and the closed forms: `flowsim check --all --tap`
#
# SPDX-License-Identifier: GPL-3.0-or-later

cd "${TMPDIR:-/tmp}" && exec "${FLOWSIM:-./flowsim}" check --all --tap -q
