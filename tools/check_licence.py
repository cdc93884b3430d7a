# SPDX-License-Identifier: MIT
"""Fails when a source file does not name its licence among its first lines. Workloads of the benchmarks are left as they were
first measured."""

import pathlib
import sys

import source_tree

SUFFIXES = {".c", ".h", ".cc", ".py", ".sh", ".sql", ".cmake", ".def", ".ts", ".tsx", ".css", ".html"}
LINE = "SPDX-License-Identifier: MIT"
FIRST_LINES = 3
AS_MEASURED = "bench/workloads/"


def main(arguments):
    root = pathlib.Path(arguments[0]) if arguments else source_tree.ROOT
    files = source_tree.fail_if_empty(
        [path for path in source_tree.walk(root, SUFFIXES) if not path.startswith(AS_MEASURED)], "check_licence")
    bare = [path for path in files
            if not any(LINE in line for line in (root / path).read_text(encoding="utf-8").splitlines()[:FIRST_LINES])]
    print("\n".join([f"{path}: does not name its licence" for path in bare] + [f"check_licence: {len(files)} files, {len(bare)} complaints"]))
    return 1 if bare else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
