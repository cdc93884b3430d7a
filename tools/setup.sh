# SPDX-License-Identifier: MIT
# Sourced by `dev`: installs what is missing of the list of packages. Installs nothing else, starts no service, and is
# silent when nothing is missing.

# wanted_packages GROUP...: the packages of these groups, one a line.
wanted_packages()
{
    awk -v groups=" $* " '!/^#/ && NF && index(groups, " " $1 " ") { print $2 }' "$root/tools/packages.txt"
}

# missing_packages: those of the names on stdin that are not installed. A node from elsewhere, which brings npm along, is as
# good as Debian's.
missing_packages()
{
    local installed name
    # shellcheck disable=SC2016
    installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
    while read -r name; do
        case $name in
        nodejs) if command -v node >/dev/null; then continue; fi ;;
        npm) if command -v npm >/dev/null; then continue; fi ;;
        esac
        grep -qxF -e "$name" <<<"$installed" || echo "$name"
    done
}

is_debian_12()
{
    local file=${OS_RELEASE_FILE:-/etc/os-release} # the variable is for the test of this file
    # shellcheck disable=SC1090
    [ -r "$file" ] && (. "$file" && [ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 12 ])
}

as_root()
{
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Debian starts and enables a daemon when its package is installed; nobody asked for that here. While apt runs a policy
# forbids starts, unless there is one already; after it, the daemons that came with this call are disabled. In a shell of
# its own, so that the policy goes again however this ends.
install_packages()
(
    log=$(mktemp)
    policy=/usr/sbin/policy-rc.d
    if [ -e $policy ]; then policy=; fi
    trap 'rm -f "$log"; [ -z "$policy" ] || as_root rm -f "$policy"' EXIT
    if [ -n "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
        as_root chmod 755 $policy
    fi
    if ! { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -q -y --no-install-recommends "$@"; } >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        exit 3
    fi
    for name in "$@"; do
        case $name in
        redis-server) as_root update-rc.d redis-server disable >/dev/null 2>&1 || true ;;
        nginx-light) as_root update-rc.d nginx disable >/dev/null 2>&1 || true ;;
        esac
    done
)

# setup GROUP...: 0 when everything is there afterwards.
setup()
{
    local missing
    if ! is_debian_12; then
        say "this is not Debian 12, so nothing is installed. Heapreel needs what these packages hold there:"
        # shellcheck disable=SC2046
        echo $(wanted_packages "$@") | fold -s -w 100 | sed 's/^/    /'
        return 0
    fi
    missing=$(wanted_packages "$@" | missing_packages)
    [ -n "$missing" ] || return 0
    # shellcheck disable=SC2086
    set -- $missing
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        say "missing: $*"
        say "not root and no sudo: run as root: apt-get install --no-install-recommends $*"
        return 3
    fi
    say "installing $# packages that are missing: $*"
    if ! install_packages "$@"; then
        say "apt-get could not install them (its words stand above)"
        return 3
    fi
}
