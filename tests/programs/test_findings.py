# SPDX-License-Identifier: MIT
"""Programs with one sin each, under allocators that notice it: a finding with its stacks in the reel, one line on stderr,
and the end of the program where the policy says so."""
import re
import sqlite3
from dataclasses import dataclass

import pytest

from backends import BUMP_FIFO, BUMP_LIFO, BUMP_NONE, SPLITMERGE, SYSTEM, ZONED, ZONED_HARDENED, Backend

pytestmark = pytest.mark.label("preload", "backends", "misuse")

ABORTED = 134
STACK_FUNCTIONS = """
WITH RECURSIVE up(stack, parent, frame) AS (
    SELECT stack, parent, frame FROM stack WHERE stack = ?
    UNION ALL SELECT s.stack, s.parent, s.frame FROM stack s JOIN up ON s.stack = up.parent)
SELECT function FROM up JOIN symbol USING (frame)
"""


@dataclass(frozen=True)
class Sin:
    words: tuple  # of the program
    kind: str  # in the reel
    told: str  # on stderr
    stacks: tuple  # of the misuse, of the allocation, of the first free: a function that each holds; "": there is none
    backends: tuple  # that notice it


BUMP = (BUMP_LIFO, BUMP_FIFO, BUMP_NONE)
BOTH_ZONED = (ZONED, ZONED_HARDENED)
ALL = BUMP + BOTH_ZONED + (SPLITMERGE,)
DOUBLE_FREE_STACKS = ("free_wrongly", "make_block", "free_first")
SINS = (
    Sin(("double_free",), "double free", "double free", DOUBLE_FREE_STACKS, ALL),
    Sin(("double_free", "5000000"), "double free", "double free", DOUBLE_FREE_STACKS, ALL),
    Sin(("invalid_free",), "invalid free", "free of what is no block", ("free_wrongly", "", ""), ALL),
    Sin(("misaligned_free",), "misaligned free", "free of an address inside a block", ("free_wrongly", "make_block", ""),
        BUMP + BOTH_ZONED),
    Sin(("wrong_size_delete",), "wrong size", "free with a wrong size", ("delete_wrongly", "make_block", ""), BOTH_ZONED),
    Sin(("write_after_free",), "write after free", "write after free", ("allocate_wrongly", "make_block", "free_first"),
        (ZONED_HARDENED,)),
    Sin(("overflow",), "overflow", "write past the end of a block", ("free_wrongly", "make_block", ""), (ZONED_HARDENED,)),
    Sin(("absurd_size",), "absurd size", "absurd allocation size", ("allocate_wrongly", "", ""), ALL),
)
CASES = [pytest.param(sin, backend, id=f"{'_'.join(sin.words)}-{backend.name}") for sin in SINS for backend in sin.backends]


def argv(recorder, sin):
    return [recorder.program(sin.words[0]), *sin.words[1:]]


def rows(reel, query, *values):
    connection = sqlite3.connect(f"file:{reel}?mode=ro", uri=True)
    try:
        connection.row_factory = sqlite3.Row
        return connection.execute(query, values).fetchall()
    finally:
        connection.close()


def assert_stack_holds(reel, stack, function):
    if function == "":
        assert not stack
        return
    functions = [row["function"] for row in rows(reel, STACK_FUNCTIONS, stack)]
    assert any(name and re.match(rf"{function}\b", name) for name in functions), functions


def assert_one_line(outcome, sin):
    line, = outcome.error_lines()
    assert line.startswith(f"heapreel: {sin.told}: ") and ", by the program+0x" in line
    return line


@pytest.mark.parametrize("sin, backend", CASES)
def test_misuse_is_a_finding_with_its_stacks(sin, backend, recorder):
    outcome, reel = recorder.record(argv(recorder, sin), options=["--allocator", backend.spec])
    assert (outcome.stdout, outcome.status) == (b"went on\n", 0), outcome
    assert assert_one_line(outcome, sin).endswith("; the reel has the stacks")
    finding, = rows(reel, "SELECT * FROM finding")
    assert finding["kind"] == sin.kind
    for column, function in zip(("stack", "alloc_stack", "first_free_stack"), sin.stacks):
        assert_stack_holds(reel, finding[column], function)


@pytest.mark.parametrize("sin, backend", CASES)
def test_misuse_is_told_without_a_recording(sin, backend, recorder):
    is_end = backend in BOTH_ZONED and sin.kind != "absurd size"
    outcome = recorder.run(argv(recorder, sin), env=backend.environment(recorder))
    assert (outcome.stdout, outcome.status) == ((b"", ABORTED) if is_end else (b"went on\n", 0)), outcome
    assert ("; ended here" in assert_one_line(outcome, sin)) == is_end


@pytest.mark.parametrize("policy", ["report", "abort"])
@pytest.mark.parametrize("backend", [ZONED, BUMP_LIFO, SPLITMERGE], ids=lambda backend: backend.name)
def test_the_policy_is_the_users(policy, backend, recorder):
    told = Backend(backend.name, f"{backend.spec},on-misuse={policy}")
    sin = SINS[0]
    expected = (b"", ABORTED) if policy == "abort" else (b"went on\n", 0)
    plain = recorder.run(argv(recorder, sin), env=told.environment(recorder))
    recorded, reel = recorder.record(argv(recorder, sin), options=["--allocator", told.spec])
    for outcome in (plain, recorded):
        assert (outcome.stdout, outcome.status) == expected, outcome
        assert_one_line(outcome, sin)
    assert [row["kind"] for row in rows(reel, "SELECT kind FROM finding")] == ["double free"]


def test_an_absurd_size_is_found_under_the_programs_own_allocator(recorder):
    outcome, reel = recorder.record([recorder.program("absurd_size")], options=["--allocator", SYSTEM.spec])
    assert (outcome.stdout, outcome.stderr, outcome.status) == (b"went on\n", b"", 0)
    assert [row["kind"] for row in rows(reel, "SELECT kind FROM finding")] == ["absurd size"]
