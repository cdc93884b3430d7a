# SPDX-License-Identifier: MIT
"""Recording beside other preloaded libraries: other allocators, a counting one as second judge, and ourselves twice."""
import shutil
from collections import Counter
from pathlib import Path

import pytest

from catalogue import JSON_PY
from recording import PATH, counted, figures, total

pytestmark = pytest.mark.label("preload")

LIBRARIES = "/usr/lib/x86_64-linux-gnu"
ALLOCATORS = {name: Path(LIBRARIES) / file for name, file in (
    ("jemalloc", "libjemalloc.so.2"), ("mimalloc", "libmimalloc.so.2"), ("tcmalloc", "libtcmalloc_minimal.so.4"))}


def environment(library, recorder):
    if not library.exists():
        pytest.skip(f"not installed: {library.name}")
    return {"LD_PRELOAD": str(library)}


@pytest.mark.parametrize("name", ALLOCATORS)
def test_the_users_allocator_still_serves(recorder, name):
    env = environment(ALLOCATORS[name], recorder)
    argv = [recorder.program("prints_usable_sizes")]
    plain = recorder.run(argv, env=env)
    assert plain.stdout != recorder.run(argv).stdout, "this allocator cannot be told from glibc's"
    outcome, _ = recorder.record_cleanly(argv, env=env)
    assert outcome == plain


@pytest.mark.parametrize("program", [["counted_calls", "5000"], ["hand_over", "200000"], ["fork_in_threads"],
                                     ["thousand_threads", "200"], ["longjmp_out_of_callees"]], ids=lambda words: words[0])
@pytest.mark.parametrize("name", ALLOCATORS)
def test_programs_beside_another_allocator(recorder, name, program):
    env = environment(ALLOCATORS[name], recorder)
    argv = [recorder.program(program[0]), *program[1:]]
    plain = recorder.run(argv, env=env)
    outcome, summary = recorder.record_cleanly(argv, env=env, status=plain.status)
    if b"counted" not in plain.stdout:
        assert outcome == plain
        return
    for kind, count in counted(outcome).items():
        assert summary[kind] >= count


def judged(directory):
    """What the counting allocator wrote, summed by pid."""
    totals = {}
    for file in directory.iterdir():
        numbers = [int.from_bytes(file.read_bytes()[at:at + 8], "little") for at in (0, 8, 16)]
        total = totals.setdefault(int(file.name.split(".")[0]), Counter())
        total.update(dict(zip(("allocations", "frees", "resizes"), numbers)))
    return totals


@pytest.mark.parametrize("words", [
    ["@counted_calls", "3000"], ["@hand_over", "100000"], ["@thousand_threads", "300"], ["@cxx_exceptions"],
    ["@tls_destructor_frees"], ["@exit_paths", "kill"], ["@exit_paths", "thread_exit"], ["@longjmp_out_of_callees"],
    ["@deep_recursion", "300"], ["@raw_clone_fork"], ["@exec_chain", "8"], ["@vfork_exec"], ["@fork_in_threads"],
    ["@dlopen_dlclose_loop", "@plugin.so", "30"], ["@exit_paths", "quick_exit"], ["@exit_paths", "pthread_exit"],
    ["/usr/bin/python3", "-c", JSON_PY], ["/usr/bin/perl", "-e", "print map {$_ x 3} 1..5000; system 'true'"],
    ["/bin/bash", "-c", "for i in 1 2 3; do (echo $i | cat); done"],
], ids=lambda words: "_".join(word.lstrip("@/") for word in words[:2])[:30].split("/")[-1].replace(" ", ""))
def test_what_the_allocator_below_saw_is_in_the_reel(recorder, tmp_path, words):
    """Call by call, in every process. Only what runs before libc itself is initialised is served and not recorded."""
    counts = tmp_path / "counts"
    counts.mkdir()
    argv = [recorder.program(word[1:]) if word.startswith("@") else word for word in words]
    env = {"LD_PRELOAD": recorder.program("counting_allocator.so"), "COUNTS_DIRECTORY": str(counts)}
    _, reel = recorder.record(argv, env=env)
    recorder.assert_clean(reel)
    summary = recorder.summary(reel)
    recorded = {}
    for process in summary["processes"]:
        recorded.setdefault(process["pid"], Counter()).update(figures(process))
    assert summary["lost_events"] == 0
    assert recorded == judged(counts)


def test_preloaded_twice(recorder):
    env = {"LD_PRELOAD": str(recorder.library())}
    _, idle = recorder.record_cleanly([recorder.program("counted_calls"), "0"], env=env)
    outcome, summary = recorder.record_cleanly([recorder.program("counted_calls"), "1000"], env=env)
    assert figures(summary) == total(figures(idle), counted(outcome))


def test_preload_library_without_a_session_is_silent(recorder):
    argv = [recorder.program("exec_chain"), "3"]
    assert recorder.run(argv, env={"LD_PRELOAD": str(recorder.library())}) == recorder.run(argv)


def test_a_recorder_can_be_recorded(recorder):
    inner = recorder.new_reel()
    outcome, outer = recorder.record(recorder.record_command([recorder.program("counted_calls"), "1000"], inner))
    assert outcome.status == 0, outcome
    recorder.assert_clean(outer)
    recorder.assert_clean(inner)
    summary, counts = recorder.summary(inner), counted(outcome)
    assert summary["resizes"] == counts["resizes"] and summary["allocations"] >= counts["allocations"]


def test_user_libraries_stay_preloaded(recorder):
    if shutil.which("stdbuf", path=PATH) is None:
        pytest.skip("not installed: stdbuf")
    outcome, reel = recorder.record(["stdbuf", "-oL", "/bin/sh", "-c", "echo a; echo $LD_PRELOAD"])
    assert b"libstdbuf" in outcome.stdout and outcome.stdout.startswith(b"a\n")
    recorder.assert_clean(reel)
