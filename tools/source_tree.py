# SPDX-License-Identifier: MIT
"""The source files of the tree, for the check scripts. Walks folders and asks no version control, so that a copy of the
tree is checked like a clone."""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
SKIPPED_FOLDERS = {".git", "build", "node_modules", "__pycache__", ".pytest_cache"}


def walk(root, suffixes):
    """Paths relative to root (posix strings, sorted) of the files whose suffix is among suffixes."""
    root = pathlib.Path(root)
    found = []
    pending = [root]
    while pending:
        for entry in pending.pop().iterdir():
            if entry.is_symlink():
                continue
            if entry.is_dir():
                if entry.name not in SKIPPED_FOLDERS:
                    pending.append(entry)
            elif entry.suffix in suffixes:
                found.append(entry.relative_to(root).as_posix())
    return sorted(found)


def fail_if_empty(paths, what):
    """A check of nothing is a lie: ends the script when there is nothing to check."""
    if not paths:
        raise SystemExit(f"{what}: no files found, so nothing was checked")
    return paths
