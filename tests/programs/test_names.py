# SPDX-License-Identifier: MIT
"""Functions, inlined calls, files and lines of addresses, by what compilers write of them.

The functions of names/ must be on the stacks that are known, and the line of each must hold the call of the next.
"""
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from recording import PATH

pytestmark = pytest.mark.label("stacks")

SOURCES = Path(__file__).resolve().parent / "names"
CXX = {"gcc": "g++", "clang": "clang++"}
FILES = ("main.c", "first.c", "second.c", "third.cc")
ZERO_BYTES = 16 << 20
STACKS = {
    101: "keep_block < keep_two_blocks < in_first < main",
    102: "keep_block < keep_two_blocks < in_first < main",
    103: "keep_block < seldom < in_first < main",
    201: "keep_block < in_second < main",
    221: "keep_block < in_second < main",
    241: "keep_block < keep_two_blocks < further_in < in_second < main",
    301: "boxes::Box<long>::Box < in_third < main",
    311: "keep_block < keep_two_blocks < boxes::Box<long>::fill < in_third < main",
}
CALLS = {"boxes::Box<long>::Box": "box(bytes)", "boxes::Box<long>::fill": "box.fill("} # as they are written


def build(recorder, compilers, *flags, linked_with=()):
    """The program, each of its files by the compiler named for it."""
    compilers = compilers.split()
    missing = [name for name in {*compilers, *CXX.values()} if shutil.which(name, path=PATH) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    objects = []
    for source, compiler in zip(FILES, compilers, strict=True):
        driver = CXX[compiler] if source.endswith(".cc") else compiler
        objects.append(recorder.directory / f"{source}.o")
        compiled = recorder.run([driver, "-O2", *flags, "-c", "-o", objects[-1], SOURCES / source])
        assert compiled.status == 0, compiled
    program = recorder.directory / "names"
    linked = recorder.run(["g++", "-Wl,--build-id", *linked_with, "-o", program, *objects])
    assert linked.status == 0, linked
    return program


def change(recorder, *words):
    changed = recorder.run(["objcopy", *words])
    assert changed.status == 0, changed


def record(recorder, program):
    outcome, reel = recorder.record([program])
    assert outcome.status == 0, outcome
    recorder.assert_clean(reel)
    return reel


def read_stacks(recorder, reel):
    """{bytes asked for: [(function, file, line), ...] innermost first, as far as files are known}."""
    query = ("SELECT DISTINCT requested_bytes AS size, stack_text(stack) AS stack FROM events WHERE kind = 'alloc' "
             f"AND requested_bytes IN ({', '.join(map(str, STACKS))})")
    answer = recorder.ask("sql", reel, query, "--json")
    assert answer.status == 0, answer
    return {row["size"]: re.findall(r"([^ (]+)(?:\(\S[^)]*\))? \(([^():]+):(\d+)\)", row["stack"])
            for row in json.loads(answer.stdout)}


def read_functions(recorder, reel):
    answer = recorder.ask("sql", reel, "SELECT DISTINCT function FROM symbol", "--json")
    assert answer.status == 0, answer
    return {row["function"] for row in json.loads(answer.stdout)}


def assert_names(recorder, program):
    stacks = read_stacks(recorder, record(recorder, program))
    assert stacks.keys() == STACKS.keys()
    for size, expected in STACKS.items():
        functions = expected.split(" < ")
        frames = [frame for frame in stacks[size] if Path(frame[1]).parent == SOURCES]
        assert [function for function, _, _ in frames] == functions, stacks[size]
        for (_, file, line), called in zip(frames, ["malloc", *functions], strict=False):
            text = Path(file).read_text().splitlines()[int(line) - 1]
            assert CALLS.get(called, f"{called}(") in text, f"{size}: {called} is not called at {file}:{line}: {text}"


@pytest.mark.parametrize("version", (4, 5))
@pytest.mark.parametrize("compilers", ("gcc gcc gcc gcc", "clang clang clang clang", "gcc clang gcc clang",
                                       "clang gcc clang gcc"))
def test_in_the_program(compilers, version, recorder):
    assert_names(recorder, build(recorder, compilers, "-g", f"-gdwarf-{version}"))


@pytest.mark.parametrize("compilers", ("clang clang clang clang", "gcc clang gcc clang"))
def test_compressed(compilers, recorder):
    program = build(recorder, compilers, "-g")
    change(recorder, "--compress-debug-sections=zlib", program)
    assert_names(recorder, program)


@pytest.mark.parametrize("compression", ("none", "zlib"))
@pytest.mark.parametrize("compilers", ("clang clang clang clang", "gcc clang gcc clang"))
def test_in_a_separate_file(compilers, compression, recorder):
    program = build(recorder, compilers, "-g")
    separate = f"{program}.debug"
    change(recorder, "--only-keep-debug", f"--compress-debug-sections={compression}", program, separate)
    change(recorder, "--strip-all", f"--add-gnu-debuglink={separate}", program)
    assert_names(recorder, program)


@pytest.mark.parametrize("version", (4, 5))
@pytest.mark.parametrize("compilers", ("gcc gcc gcc gcc", "clang clang clang clang", "gcc clang gcc clang"))
def test_split(compilers, version, recorder):
    """-gsplit-dwarf: most of what there is lies beside the objects, in .dwo files."""
    assert_names(recorder, build(recorder, compilers, "-g", f"-gdwarf-{version}", "-gsplit-dwarf"))


def test_split_and_compressed(recorder):
    program = build(recorder, "clang clang clang clang", "-g", "-gsplit-dwarf")
    change(recorder, "--compress-debug-sections=zlib", program)
    assert_names(recorder, program)


@pytest.mark.parametrize("compiler", CXX)
def test_sections_left_out_by_the_linker(compiler, recorder):
    """What was left out has ranges at address 0."""
    program = build(recorder, f"{compiler} " * 4, "-g", "-ffunction-sections", linked_with=["-Wl,--gc-sections"])
    assert_names(recorder, program)


@pytest.mark.parametrize("compression", ("none", "zlib"))
def test_debug_information_of_zeros(compression, recorder):
    """Units without length, one behind the other: they are not walked, and functions are named by the symbol table."""
    program = build(recorder, "gcc clang gcc clang", "-g")
    zeros = recorder.directory / "zeros"
    zeros.write_bytes(bytes(ZERO_BYTES))
    change(recorder, "--update-section", f".debug_info={zeros}", program)
    change(recorder, f"--compress-debug-sections={compression}", program)
    functions = read_functions(recorder, record(recorder, program))
    assert functions >= {"in_first", "in_second", "in_third", "main"}
