# SPDX-License-Identifier: MIT
"""What the malloc family promises, fact by fact, under every allocator of ours, recorded and not. The C library itself
passes too: so the facts are facts."""
import pytest

from backends import BACKENDS, names

pytestmark = pytest.mark.label("preload", "backends")

GROUPS = ("refusals", "alignment", "contents", "edges", "threads", "forks", "limits", "cxx")


def facts(recorder):
    lines = recorder.run([recorder.program("conformance"), "list"]).stdout.decode().splitlines()
    return [line.split() for line in lines]


def assert_all_hold(recorder, outcome, group):
    said = outcome.stdout.decode().splitlines()
    assert outcome.status == 0, outcome
    assert group == "refusals" or outcome.stderr == b"", outcome
    assert all(line.startswith("heapreel: absurd allocation size: ") for line in outcome.error_lines()), outcome
    assert [line.split()[1] for line in said] == [fact for its_group, fact in facts(recorder) if its_group == group]
    assert {line.split()[0] for line in said} <= {"ok", "skip"}


def test_every_group_has_its_row(recorder):
    assert set(GROUPS) == {group for group, _ in facts(recorder)}


@pytest.mark.parametrize("group", GROUPS)
def test_the_c_library_is_the_arbiter(recorder, group):
    assert_all_hold(recorder, recorder.run([recorder.program("conformance"), group]), group)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("backend", BACKENDS, ids=names())
def test_facts_hold(recorder, backend, group):
    argv = [recorder.program("conformance"), group]
    promises = {"ALLOCATOR_PROMISES": ",".join(backend.promises)}
    plain = recorder.run(argv, env={**promises, **backend.environment(recorder)})
    assert_all_hold(recorder, plain, group)
    recorded, _ = recorder.record_cleanly(argv, env=promises, options=["--allocator", backend.spec])
    assert recorded.stdout == plain.stdout
    assert_all_hold(recorder, recorded, group)


def test_a_fact_that_does_not_hold_is_told(recorder):
    outcome = recorder.run([recorder.program("conformance"), "free_keeps_errno"],
                           env={"LD_PRELOAD": recorder.program("spoiling_allocator.so")})
    assert outcome.status == 1
    assert outcome.stdout.startswith(b"FAIL free_keeps_errno conformance_refusals.c:")
