# SPDX-License-Identifier: MIT
"""Random work for every allocator of ours, with contents checked, blocks freed by other threads, and forks.

Seeds are fixed: the same row does the same work again. Long rows print the seed of each of their runs.
"""
import pytest

from backends import BACKENDS, OURS, ZONED_QUEUE, names

pytestmark = pytest.mark.label("preload", "backends")

THREADS = 4
SHORT_STEPS, SHORT_FORKS = 60_000, 6
# In all about half an hour on two cores. A run is short enough for an allocator that never uses memory again.
LONG = (*OURS, ZONED_QUEUE)
LONG_STEPS, LONG_FORKS, LONG_RUNS, LONG_PARTS = 300_000, 30, 20, 4


def stress(recorder, seed, steps, threads, forks):
    return [recorder.program("allocator_stress"), str(seed), str(steps), str(threads), str(forks)]


def assert_all_right(outcome, seed):
    assert outcome.status == 0 and outcome.stderr == b"", outcome
    assert outcome.stdout.startswith(f"seed {seed}:".encode())
    assert outcome.stdout.endswith(b"all contents were right\n")


@pytest.mark.parametrize("threads", [1, THREADS])
@pytest.mark.parametrize("backend", BACKENDS, ids=names())
def test_contents_stay_right(recorder, backend, threads):
    outcome = recorder.run(stress(recorder, threads, SHORT_STEPS, threads, SHORT_FORKS), env=backend.environment(recorder))
    assert_all_right(outcome, threads)


@pytest.mark.parametrize("backend", BACKENDS, ids=names())
def test_contents_stay_right_while_recorded(recorder, backend):
    outcome, _ = recorder.record_cleanly(stress(recorder, 3, SHORT_STEPS, THREADS, SHORT_FORKS),
                                         options=["--allocator", backend.spec])
    assert_all_right(outcome, 3)


@pytest.mark.label("soak")
@pytest.mark.seconds(1800)
@pytest.mark.parametrize("part", range(LONG_PARTS))
@pytest.mark.parametrize("backend", LONG, ids=names(LONG))
def test_contents_stay_right_for_long(recorder, backend, part):
    for seed in range(100 + part * LONG_RUNS, 100 + (part + 1) * LONG_RUNS):
        print(f"seed {seed}")
        argv = stress(recorder, seed, LONG_STEPS, THREADS, LONG_FORKS)
        assert_all_right(recorder.run(argv, env=backend.environment(recorder), timeout=600), seed)


def test_wrong_contents_are_seen(recorder):
    outcome = recorder.run(stress(recorder, 1, SHORT_STEPS, 1, 0), env={"LD_PRELOAD": recorder.program("spoiling_allocator.so")})
    assert outcome.status == 134
    assert b"stress: seed 1, thread 0, step " in outcome.stderr and b"a resized block keeps its contents" in outcome.stderr
