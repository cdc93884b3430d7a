# SPDX-License-Identifier: MIT
"""Small programs with nasty habits, limits, and other preloaded libraries, under each allocator of ours."""
import os
from pathlib import Path

import pytest

from backends import BACKENDS, OURS, names
from catalogue import JSON_PY

pytestmark = pytest.mark.label("preload", "backends")

NASTY = (
    ("closes_all_descriptors",), ("cxx_exceptions",), ("deep_recursion", "1000"),
    ("dlopen_dlclose_loop", "@plugin.so", "50"), ("early_constructor_allocates",), ("exec_chain", "4"),
    ("exit_paths", "thread_exit"), ("exit_paths", "quick_exit"), ("fork_in_threads",), ("longjmp_out_of_callees",),
    ("raw_clone_fork",), ("signal_handler_allocates",), ("thousand_threads", "1000"), ("tls_destructor_frees",),
    ("vfork_exec",))
STDBUF = Path("/usr/libexec/coreutils/libstdbuf.so")


def words(recorder, program):
    return [recorder.program(program[0]), *(recorder.program(word[1:]) if word[0] == "@" else word for word in program[1:])]


@pytest.mark.parametrize("program", NASTY, ids="_".join)
@pytest.mark.parametrize("backend", OURS, ids=names(OURS))
def test_nasty_habits_are_borne(recorder, backend, program):
    argv = words(recorder, program)
    plain = recorder.run(argv)
    assert recorder.run_under(backend)(argv) == plain
    recorded, _ = recorder.record_cleanly(argv, status=plain.status, options=["--allocator", backend.spec])
    if b"counted" not in plain.stdout:
        assert recorded == plain


@pytest.mark.parametrize("backend", [backend for backend in OURS if "lock-free" in backend.promises], ids=lambda b: b.name)
@pytest.mark.parametrize("stack", [(), ("alternate",)], ids=["own_stack", "alternate_stack"])
def test_handlers_may_interrupt_a_lock_free_allocator_anywhere(recorder, backend, stack):
    argv = [recorder.program("signal_handler_allocates"), "anywhere", *stack]
    assert recorder.run_under(backend)(argv).stdout == b"handlers allocated\n"
    recorded, _ = recorder.record_cleanly(argv, options=["--allocator", backend.spec])
    assert recorded.stdout == b"handlers allocated\n"


@pytest.mark.parametrize("kib", [400_000, 2_000_000, 40_000_000])
@pytest.mark.parametrize("backend", BACKENDS, ids=names())
def test_a_limited_address_space_is_enough(recorder, backend, kib):
    argv = ["/bin/sh", "-c", f"ulimit -v {kib} && exec /usr/bin/python3 -c '{JSON_PY}'"]
    plain = recorder.run(argv, env={"PYTHONMALLOC": "malloc"})
    assert plain.status == 0 and plain.stderr == b""
    assert recorder.run_under(backend)(argv, env={"PYTHONMALLOC": "malloc"}) == plain
    recorded, _ = recorder.record_cleanly(argv, env={"PYTHONMALLOC": "malloc"}, options=["--allocator", backend.spec])
    assert recorded == plain


@pytest.mark.parametrize("backend", BACKENDS, ids=names())
def test_named_twice_and_beside_others(recorder, backend):
    beside = [str(recorder.library()), recorder.program("counting_allocator.so")]
    beside += [str(STDBUF)] if STDBUF.exists() else []
    argv = [recorder.program("conformance"), "contents"]
    plain = recorder.run(argv)
    counts = {"COUNTS_DIRECTORY": str(recorder.directory)}
    assert recorder.run(argv, env={**counts, **backend.environment(recorder, preload=" ".join(beside))}) == plain


def test_an_unknown_allocator_is_refused(recorder):
    env = {"LD_PRELOAD": str(recorder.library()), "HEAPREEL_ALLOCATOR": "zoned,guards=perhaps"}
    outcome = recorder.run(["/bin/true"], env=env)
    line, = outcome.error_lines()
    assert outcome.status == 2 and line.startswith("heapreel: HEAPREEL_ALLOCATOR=zoned,guards=perhaps: ")
    outcome = recorder.run(recorder.record_command(["/bin/true"], recorder.new_reel(), ["--allocator", "zones"]))
    assert outcome.status == 2 and len(outcome.error_lines()) == 1
    assert os.listdir(recorder.directory) == ["home"]
