# SPDX-License-Identifier: MIT
"""The proof that stacks are right: every stack captured both ways, on a program with every kind of frame.

libunwind is the judge (`--stacks verify`). What both ways could have wrong together is asked of the names: the
allocation under each shape of frames/ must have the functions that are known to be on the stack, out to main or to where
the stack truly begins.
"""
import json
import re
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

from catalogue import CATALOGUE, LONG_CATALOGUE, names
from recording import PATH
from test_catalogue import Stage, missing

pytestmark = pytest.mark.label("stacks")

SOURCES = Path(__file__).resolve().parent / "frames"
ROUNDS = 6
ROUNDS_FOR_LONG = 120
STACKS_IN_A_ROUND = 400  # at least
FILES = ("main.c", "compilers.c", "libraries.c", "jumps.c", "assembler.c", "exceptions.cc")
CXX = {"gcc": "g++", "clang": "clang++"}
VARIANTS = {
    "O0": "-O0",
    "O2": "-O2",
    "O3": "-O3",
    "omit_frame_pointer": "-O1 -fomit-frame-pointer",
    "no_omit_frame_pointer": "-O2 -fno-omit-frame-pointer",
    "cf_protection": "-O2 -fcf-protection=full",
    "lto": "-O2 -flto",
    "stackrealign": "-O2 -mstackrealign",
    "lazy": "-O1 -Wl,-z,lazy",
    "no_plt": "-O2 -fno-plt -Wl,-z,now",
}

OUTSIDE = "enter_alone < main < .*"
# What the stack of an allocation under a shape is, innermost first, where it is not the shape's function out to main.
EXPECTED = {
    # The caller of a tail call is on the stack only where the compiler did not make one.
    "tail_calls": f"descend < (tail_end < )?(tail_middle < )?(tail_calls < )?{OUTSIDE}",
    # Cut at the limit of depth, and marked.
    "deep_recursion": r"descend < (recurse < ){200,}\.\.\.",
    # A coroutine's stack ends where makecontext began it, whoever resumed it.
    "interleaved_coroutines": rf"descend < ((take_a_turn < )*run_coroutine < \S+|interleaved_coroutines < {OUTSIDE})",
    "coroutine_moved_between_threads": r"descend < ((take_a_turn < )*run_coroutine < \S+|resume_in_thread < .*|"
                                       rf"coroutine_moved_between_threads < {OUTSIDE})",
    # libunwind's fast path knows no register but rbp, rsp and the pc, and takes this for the outermost frame.
    "through_rbp_in_a_register": "descend < rbp_in_a_register( < .*)?",
    # Without call-frame information libunwind tries rbp as a frame pointer. Where it is none, nothing tells the caller.
    "through_no_cfi_without_frame_pointer": "descend < no_cfi_without_frame_pointer( < .*)?",
    "through_code_made_at_run_time": "descend < 0x[0-9a-f]+( < .*)?",
}


def is_missing(compiler):
    return shutil.which(compiler, path=PATH) is None


def compile_program(recorder, compiler, flags):
    """The frames program, compiled and linked with these flags."""
    objects = []
    files = FILES + (("nested.c",) if compiler == "gcc" else ())
    nested = ["-DHAS_NESTED_FUNCTIONS"] if compiler == "gcc" else []
    words = [word for word in flags.split() if not word.startswith("-Wl,")]
    running = []
    for name in files:
        objects.append(recorder.directory / f"{name}.o")
        driver = CXX[compiler] if name.endswith(".cc") else compiler
        running.append(recorder.start([driver, "-g", *words, *nested, "-c", "-o", objects[-1], SOURCES / name],
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
    for process in running:
        said = process.communicate(timeout=120)[0]
        assert process.returncode == 0, said.decode()
    program = recorder.directory / "frames"
    linked = recorder.run([CXX[compiler], *flags.split(), "-o", program, *objects, "-pthread"])
    assert linked.status == 0, linked
    return program


def record_verified(recorder, argv, **how):
    """Records with each stack captured both ways, and demands that none differs. Returns (outcome, reel, summary)."""
    outcome, reel = recorder.record(argv, options=["--stacks", "verify"], **how)
    recorder.assert_clean(reel)
    summary = recorder.summary(reel)
    assert summary["lost_events"] == 0
    assert summary["verify_differences"] == 0, recorder.ask("summary", reel).stdout.decode()
    return outcome, reel, summary


def marked_stacks(recorder, outcome, reel):
    """(shape, stack as text) of each allocation that only that shape makes."""
    lines = [line.split() for line in outcome.stdout.decode().splitlines() if line.startswith("shape ")]
    shapes = {int(size): name for _, size, name in lines}
    query = ("SELECT DISTINCT requested_bytes AS size, stack_text(stack) AS stack FROM events WHERE kind = 'alloc' "
             f"AND requested_bytes BETWEEN {min(shapes)} AND {max(shapes)}")
    answer = recorder.ask("sql", reel, query, "--json")
    assert answer.status == 0, answer
    for row in json.loads(answer.stdout):
        yield shapes[row["size"]], row["stack"]


def function_of(frame):
    """The bare name: without its place, and where it comes from the symbol table, without namespace and parameters."""
    return re.sub(r"\(.*", "", frame.replace("(anonymous namespace)::", "")).strip()


def assert_names(shape, stack):
    functions = " < ".join(function_of(frame) for frame in stack.split(" < "))
    assert re.fullmatch(EXPECTED.get(shape, f"descend < (.* < )?{shape} < {OUTSIDE}"), functions), f"{shape}: {functions}"


def assert_right_stacks(recorder, compiler, flags, rounds):
    if is_missing(compiler):
        pytest.skip(f"not installed: {compiler}")
    program = compile_program(recorder, compiler, flags)
    outcome, reel, summary = record_verified(recorder, [program, str(rounds)], timeout=600)
    assert outcome.status == 0 and summary["verify_count"] > rounds * STACKS_IN_A_ROUND
    marked = list(marked_stacks(recorder, outcome, reel))
    assert len({shape for shape, _ in marked}) == outcome.stdout.count(b"shape ")
    for shape, stack in marked:
        assert_names(shape, stack)


@pytest.mark.seconds(300)
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("compiler", CXX)
def test_every_kind_of_frame(compiler, variant, recorder):
    assert_right_stacks(recorder, compiler, VARIANTS[variant], ROUNDS)


@pytest.mark.label("soak")
@pytest.mark.seconds(1200)
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("compiler", CXX)
def test_every_kind_of_frame_for_long(compiler, variant, recorder):
    assert_right_stacks(recorder, compiler, VARIANTS[variant], ROUNDS_FOR_LONG)


# --- programs of one kind of frame ---

LEVELS_OF_PIECES = 40


def compile_one(recorder, name, output, *words):
    path = recorder.directory / output
    compiled = recorder.run(["gcc", "-g", "-O1", *words, "-o", path, SOURCES / name, "-pthread"])
    assert compiled.status == 0, compiled
    return path


def test_stack_in_pieces(recorder):
    """Split stacks: further out is not always higher in memory, and a piece is used again for other frames."""
    program = compile_one(recorder, "split_stack.c", "split_stack", "-fsplit-stack")
    outcome, reel, summary = record_verified(recorder, [program])
    assert outcome.status == 0 and summary["verify_count"] > 1000
    query = "SELECT DISTINCT stack_text(stack) AS stack FROM events WHERE requested_bytes BETWEEN 100 AND 140"
    stacks = [[function_of(frame) for frame in row["stack"].split(" < ")]
              for row in json.loads(recorder.ask("sql", reel, query, "--json").stdout)]
    outside = [stack[stack.index("run") + 1:] for stack in stacks]  # main, or libc's start of a thread
    assert any("__morestack" in stack for stack in stacks)
    assert all(set(stack[:stack.index("run")]) <= {"recurse", "__morestack"} for stack in stacks)
    in_main = [frames for frames in outside if frames[0] == "main"]
    assert len(in_main) >= LEVELS_OF_PIECES and len(outside) - len(in_main) >= LEVELS_OF_PIECES


def test_code_addresses_are_used_again(recorder):
    """A rule about a library that was unloaded is not used for the next one at its place, nor is its name."""
    shared = ["-shared", "-fPIC"]
    first = compile_one(recorder, "reused_library.c", "first.so", *shared, "-DNAME=in_first", "-DFRAME_BYTES=24",
                        "-DLOADING_BYTES=1000003")
    second = compile_one(recorder, "reused_library.c", "second.so", *shared, "-DNAME=in_second", "-DFRAME_BYTES=56",
                         "-DLOADING_BYTES=1000004")
    program = compile_one(recorder, "reuses_code_addresses.c", "reuses")
    outcome, reel, summary = record_verified(recorder, [program, first, second, "40"])
    assert outcome.status == 0, "the libraries did not lie at one place"
    query = ("SELECT DISTINCT requested_bytes AS size, stack_text(stack) AS stack FROM events WHERE kind = 'alloc' "
             "AND requested_bytes BETWEEN 1000001 AND 1000004")
    through = {1000001: set(), 1000002: set(), 1000003: set(), 1000004: set()}
    for row in json.loads(recorder.ask("sql", reel, query, "--json").stdout):
        functions = [function_of(frame) for frame in row["stack"].split(" < ")]
        assert functions[0] == "allocate" and "main" in functions, row
        through[row["size"]].add(functions[1])
    assert through == {1000001: {"in_first", "turn"}, 1000002: {"in_second", "turn"}, 1000003: {"in_first"},
                       1000004: {"in_second"}}
    assert summary["verify_count"] > 1000


@pytest.mark.parametrize("frames_gone", range(9, 13))
def test_smaller_stack_at_the_same_place(frames_gone, recorder):
    """What is remembered of a stack is not read where that stack is gone."""
    program = compile_one(recorder, "shrunken_stack.c", "shrunken", f"-DFRAMES_GONE={frames_gone}")
    assert recorder.run([program]).status == 0
    outcome, _, summary = record_verified(recorder, [program])
    assert outcome.status == 0 and summary["verify_count"] >= 2


def test_wrong_call_frame_information(recorder):
    """Nobody can say what is right there; but both ways find the same, and the program does not notice."""
    program = compile_one(recorder, "wrong_information.c", "wrong")
    assert recorder.run([program]).status == 0
    outcome, _, summary = record_verified(recorder, [program])
    assert outcome.status == 0 and summary["verify_count"] > 50


# --- real programs ---

def assert_program_agrees(program, recorder):
    if missing(program):
        pytest.skip(f"not installed: {', '.join(missing(program))}")
    stage = Stage(recorder, program)
    plain = stage.play(recorder.run)
    verified = {}

    def run(argv, **how):
        outcome, _, verified["summary"] = record_verified(recorder, argv, **how)
        return outcome

    assert stage.play(run) == plain
    assert verified["summary"]["verify_count"] > 0


LARGE_CC = """
#include <algorithm>
#include <functional>
#include <map>
#include <regex>
#include <string>
#include <variant>
#include <vector>
template <int N> struct number {{ long value = N; bool operator<(const number &other) const {{ return value < other.value; }} }};
template <int N> long use(long seed)
{{
    std::map<std::string, std::vector<number<N>>> map;
    for (long i = 0; i < seed; i++) map[std::to_string(i % 7)].push_back({{i}});
    std::variant<long, std::string, number<N>> last = seed;
    std::function<long(long)> sum = [&](long start) {{ for (auto &[name, list] : map) {{ std::sort(list.begin(), list.end());
        start += std::regex_search(name, std::regex("[0-" + std::to_string(N % 10) + "]+")) ? list.front().value : 0; }} return start; }};
    return sum(std::get<long>(last));
}}
{uses}
"""


@pytest.mark.seconds(1200)
@pytest.mark.parametrize("functions", [
    pytest.param(1, id="short"),
    pytest.param(40, id="soak", marks=pytest.mark.label("soak")),
])
def test_compiler_on_a_large_file(functions, recorder):
    source = recorder.directory / "large.cc"
    source.write_text(LARGE_CC.format(uses="\n".join(f"template long use<{i}>(long);" for i in range(functions))))
    argv = ["g++", "-std=c++17", "-O2", "-g", "-c", "-o", recorder.directory / "large.o", source]
    outcome, _, summary = record_verified(recorder, argv, timeout=900)
    assert outcome.status == 0 and summary["verify_count"] > 500_000 * functions


def part_of(catalogue, parts=4):
    """A part of the rows, by their names: always the same ones."""
    return [program for program in catalogue if zlib.crc32(program.name.encode()) % parts == 0]


@pytest.mark.seconds(300)
@pytest.mark.parametrize("program", part_of(CATALOGUE), ids=names(part_of(CATALOGUE)))
def test_program_of_the_catalogue(program, recorder):
    assert_program_agrees(program, recorder)


@pytest.mark.label("soak")
@pytest.mark.seconds(1200)
@pytest.mark.parametrize("program", CATALOGUE + LONG_CATALOGUE, ids=names(CATALOGUE + LONG_CATALOGUE))
def test_each_program_of_the_catalogue(program, recorder):
    assert_program_agrees(program, recorder)
