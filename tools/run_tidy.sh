#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run_tidy.sh SOURCE BUILD: clang-tidy, and clang's own warnings, on every C file of the tree. Fails on what they say.
set -euo pipefail

source=$1
build=$2
log=$build.log
cd "$source"
mkdir -p "$(dirname "$build")"
cmake --preset tidy -B "$build" >"$log" 2>&1 || { cat "$log"; exit 1; }
# -k 0: everything that is wrong, not only the first file.
if cmake --build "$build" -j "$(nproc)" --target all bench_programs -- -k 0 >"$log" 2>&1; then
    echo "run_tidy: clean"
else
    grep -E '(warning|error):' "$log" | sort -u
    exit 1
fi
