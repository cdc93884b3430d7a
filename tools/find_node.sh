#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints the path of a node that the pages in the browser can be built with: that of PATH, else the one under build/node.
# Without one: a line on stderr that says what is wrong, and status 1. Installs nothing.
root=$(cd "$(dirname "$0")/.." && pwd)
lack="there is no node"

# What Vite asks for: ^20.19 || >=22.12.
is_new_enough()
{
    version=$("$1" --version 2>/dev/null) || return 1
    major=${version#v}
    minor=${major#*.}
    major=${major%%.*}
    minor=${minor%%.*}
    case $major$minor in *[!0-9]* | '') return 1 ;; esac
    { [ "$major" -eq 20 ] && [ "$minor" -ge 19 ]; } || { [ "$major" -eq 22 ] && [ "$minor" -ge 12 ]; } || [ "$major" -gt 22 ]
}

for node in "$(command -v node)" "$root/build/node/node_modules/.bin/node"; do
    [ -x "$node" ] || continue
    if is_new_enough "$node"; then
        echo "$node"
        exit 0
    fi
    lack="$node is ${version:-broken} and 20.19 or 22.12 is needed"
done
echo "$lack" >&2
exit 1
