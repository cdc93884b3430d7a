# SPDX-License-Identifier: MIT
"""Compiles every header of the tree alone as C, and the public ones of parts that promise it as C++, with warnings as
errors: a header that needs another one before it fails."""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

import check_includes
import source_tree

FLAGS = ["-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-Wundef", "-D_GNU_SOURCE"]
COMPILERS = {"c": [os.environ.get("CC", "gcc"), "-x", "c", "-std=gnu17", *FLAGS],
             "c++": [os.environ.get("CXX", "g++"), "-x", "c++", "-std=c++17", *FLAGS]}


def languages_of(layers, path):
    part = layers.parts[layers.owner(path)]
    return part.get("languages", ["c"]) if layers.is_public(path) else ["c"]


def compile_alone(root, layers, path, language):
    """The compiler's complaint about a source that holds one include, '' when there is none."""
    roots = layers.parts[layers.owner(path)]["roots"] + ["", "lib"]
    command = COMPILERS[language] + [f"-I{pathlib.Path(root, place)}" for place in roots] + ["-"]
    source = f'#include "{path}"\n#include "{path}"\n'
    result = subprocess.run(command, input=source, capture_output=True, text=True, cwd=root)
    return "" if result.returncode == 0 else f"{path} as {language}:\n{result.stderr}"


def check(root, layers):
    headers = [path for path in source_tree.walk(root, {".h"}) if layers.owner(path) not in (None, "programs")]
    jobs = [(path, language) for path in headers for language in languages_of(layers, path)]
    source_tree.fail_if_empty(jobs, "check_headers")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda job: compile_alone(root, layers, *job), jobs))
    return [result for result in results if result], len(jobs)


def self_test(layers):
    """A header that needs another one, and one that is no C++, must be refused: else this check checks nothing."""
    with tempfile.TemporaryDirectory() as folder:
        bad = pathlib.Path(folder, "reel")
        bad.mkdir()
        (bad / "reader.h").write_text("#pragma once\nuint64_t needs_a_header(void);\n")
        (bad / "writer.h").write_text("#pragma once\nstruct writer { int class; };\n")
        refused, _ = check(folder, layers)
    expected = {"reel/reader.h as c", "reel/reader.h as c++", "reel/writer.h as c++"}
    if {text.split(":")[0] for text in refused} != expected:
        raise SystemExit("check_headers: bad headers were accepted, the check is broken")


def main(arguments):
    root = pathlib.Path(arguments[0]) if arguments else source_tree.ROOT
    layers = check_includes.Layers(source_tree.ROOT / "tools" / "layers.toml")
    self_test(layers)
    complaints, count = check(root, layers)
    print("\n".join(complaints + [f"check_headers: {count} compiled alone, {len(complaints)} failed"]))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
