# SPDX-License-Identifier: MIT
"""What the pages in the browser are built with, on machines whose node and npm are stand-ins that note what was asked for."""

import os
import pathlib
import shutil
import subprocess

import pytest

SOURCE = pathlib.Path(os.environ["HEAPREEL_SOURCE"])
OLD, NEW = "v18.20.4", "v20.19.0"


class Tree:
    """A tree with a lock file and the scripts, and a PATH that holds nothing but what they need."""

    def __init__(self, folder, node=None, has_npm=True):
        self.root = folder / "tree"
        self.programs = folder / "programs"
        self.notes = folder / "notes"
        self.notes.touch()
        self.front = self.root / "web" / "front"
        self.front.mkdir(parents=True)
        (self.root / "tools").mkdir()
        self.programs.mkdir()
        for script in ("find_node.sh", "front.sh"):
            shutil.copy(SOURCE / "tools" / script, self.root / "tools")
        for tool in ("sh", "bash", "dirname", "cmp", "cp", "mkdir", "chmod"):
            (self.programs / tool).symlink_to(shutil.which(tool))
        self.lock("1")
        if node:
            self.stand_in(self.programs / "node", f"echo {node}")
        if has_npm:
            self.npm(0)

    def lock(self, text):
        (self.front / "package-lock.json").write_text(text)

    def npm(self, status):
        """`npm ci` empties node_modules; `npm install` brings a node that is new enough."""
        fetched = self.root / "build" / "node" / "node_modules" / ".bin"
        self.stand_in(self.programs / "npm", f"""echo "$1 under $(node --version)" >>{self.notes}
            case $1 in
            ci) mkdir -p node_modules ;;
            install) mkdir -p {fetched}; printf '#!/bin/sh\\necho {NEW}\\n' >{fetched}/node; chmod +x {fetched}/node ;;
            esac
            [ {status} = 0 ] || {{ echo npm says no >&2; exit {status}; }}""")

    @staticmethod
    def stand_in(path, body):
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def run(self, script):
        result = subprocess.run(["/bin/bash", "-c", script], capture_output=True, text=True, timeout=60, env={"PATH": str(self.programs)})
        return result.returncode, result.stdout, result.stderr

    def setup(self):
        return self.run(f'set -euo pipefail; root={self.root}; say() {{ echo "== $*"; }}; . {self.root}/tools/front.sh; setup_front')

    def noted(self):
        return self.notes.read_text().splitlines()


def test_packages_are_fetched_once_for_a_lock_file(tmp_path):
    tree = Tree(tmp_path, node=NEW)
    status, output, errors = tree.setup()
    assert status == 0 and "npm ci" in output and errors == ""
    assert tree.setup() == (0, "", "") and tree.noted() == [f"ci under {NEW}"]
    tree.lock("2")
    assert tree.setup()[0] == 0 and len(tree.noted()) == 2


@pytest.mark.parametrize("node", [OLD, "v20.18.9", "v21.7.0", "v22.11.0", "rubbish"])
def test_a_node_that_is_too_old_is_replaced_for_this_tree(tmp_path, node):
    tree = Tree(tmp_path, node=node)
    assert tree.setup()[0] == 0
    assert tree.noted() == [f"install under {node}", f"ci under {NEW}"]
    status, output, _ = tree.run(f"{tree.root}/tools/find_node.sh")
    assert status == 0 and output.startswith(str(tree.root / "build" / "node"))
    assert tree.setup() == (0, "", "")


@pytest.mark.parametrize("node", [NEW, "v22.12.0", "v24.0.1"])
def test_a_node_that_is_new_enough_is_taken(tmp_path, node):
    tree = Tree(tmp_path, node=node)
    assert tree.run(f"{tree.root}/tools/find_node.sh") == (0, f"{tree.programs}/node\n", "")


def test_what_is_wrong_with_the_node_is_one_line(tmp_path):
    tree = Tree(tmp_path, node=OLD)
    status, output, errors = tree.run(f"{tree.root}/tools/find_node.sh")
    assert (status, output, errors.count("\n")) == (1, "", 1) and OLD in errors
    (tree.programs / "node").unlink()
    assert tree.run(f"{tree.root}/tools/find_node.sh")[2] == "there is no node\n"


def test_failure_of_npm_is_shown_and_tried_again(tmp_path):
    tree = Tree(tmp_path, node=NEW)
    tree.npm(1)
    status, output, errors = tree.setup()
    assert status == 3 and "could not install" in output and errors == "npm says no\n"
    tree.npm(0)
    assert tree.setup()[0] == 0 and len(tree.noted()) == 2


def test_without_npm_nothing_is_fetched(tmp_path):
    tree = Tree(tmp_path, node=NEW, has_npm=False)
    assert tree.setup() == (0, "", "")
