# SPDX-License-Identifier: MIT
"""Fails when clang-format would change a C or C++ file; with --fix changes it. Folders whose own .clang-format says
DisableFormat (files kept as they came) are left alone by clang-format itself."""

import subprocess
import sys

import source_tree


def main(arguments):
    files = source_tree.fail_if_empty(source_tree.walk(source_tree.ROOT, {".c", ".h", ".cc"}), "check_format")
    mode = ["-i"] if "--fix" in arguments else ["--dry-run", "--Werror"]
    status = subprocess.run(["clang-format", "--style=file", *mode, *files], cwd=source_tree.ROOT).returncode
    print(f"check_format: {len(files)} files {'formatted' if '--fix' in arguments else 'checked'}")
    return 1 if status else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
