# SPDX-License-Identifier: MIT
"""Every program of the catalogue gives the same output and status under `heapreel record`, and a clean, whole reel; and
under each allocator of ours, recorded and not."""
import shutil

import pytest

import backends
from backends import OURS
from catalogue import CATALOGUE, LONG_CATALOGUE, names
from recording import PATH

PROGRAMS_AT_LEAST = 25


def missing(program):
    return [word for word in program.needs if shutil.which(word, path=PATH) is None]


class Stage:
    """One directory, made afresh for each run, so that both runs see the same paths."""

    def __init__(self, recorder, program):
        self.recorder, self.program = recorder, program
        self.seed, self.place = recorder.directory / "seed", recorder.directory / "run"
        self.seed.mkdir()
        for name, text in program.files.items():
            (self.seed / name).write_text(text)
        if program.prepare:
            prepared = recorder.run(["/bin/sh", "-c", program.prepare], cwd=self.seed)
            assert prepared.status == 0, prepared

    def play(self, run):
        """Runs in a fresh copy of the files; returns (stdout, stderr, status, artifacts)."""
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.copytree(self.seed, self.place)
        outcome = run(self.program.words(), stdin=self.program.stdin, env=self.program.env, cwd=self.place,
                      timeout=self.program.seconds)
        artifacts = {name: (self.place / name).read_bytes() for name in self.program.artifacts}
        return self.program.stable(outcome.stdout), self.program.stable(outcome.stderr), outcome.status, artifacts


def assert_whole(summary, program):
    processes = summary["processes"]
    assert summary["events"] > 0 and summary["lost_events"] == 0
    assert summary["events"] == sum(process["events"] for process in processes)
    assert len({process["pid"] for process in processes}) >= program.processes
    last_image = [process for process in processes if process["pid"] == processes[0]["pid"]][-1]
    assert last_image["exit_status"] == program.status


@pytest.mark.parametrize("program", CATALOGUE, ids=names())
def test_output_is_unchanged_and_reel_is_clean(program, recorder):
    if missing(program):
        pytest.skip(f"not installed: {', '.join(missing(program))}")
    stage = Stage(recorder, program)
    plain = stage.play(recorder.run)
    assert plain[2] == program.status, plain
    assert stage.play(recorder.run) == plain, "the row itself is not repeatable"
    reel = recorder.new_reel()
    recorded = stage.play(lambda argv, **how: recorder.record(argv, reel, **how)[0])
    assert recorded == plain
    recorder.assert_clean(reel)
    assert_whole(recorder.summary(reel), program)


def assert_same_under(backend, program, recorder):
    """Without us, under the allocator, and under it while recorded."""
    if missing(program):
        pytest.skip(f"not installed: {', '.join(missing(program))}")
    stage = Stage(recorder, program)
    plain = stage.play(recorder.run)
    assert plain[2] == program.status, plain
    assert stage.play(recorder.run_under(backend)) == plain
    reel = recorder.new_reel()
    recorded = stage.play(lambda argv, **how: recorder.record(argv, reel, ["--allocator", backend.spec], **how)[0])
    assert recorded == plain
    recorder.assert_clean(reel)
    assert_whole(recorder.summary(reel), program)


def rotation():
    """Each row under two allocators, each allocator with a third of the rows."""
    for number, program in enumerate(CATALOGUE):
        first, second = OURS[number % len(OURS)], OURS[(number + 1 + number // len(OURS) % 5) % len(OURS)]
        for backend in (first, second):
            yield pytest.param(backend, program, id=f"{program.name}-{backend.name}")


@pytest.mark.label("backends")
@pytest.mark.parametrize("backend, program", rotation())
def test_output_is_unchanged_under_our_allocators(backend, program, recorder):
    assert_same_under(backend, program, recorder)


@pytest.mark.label("backends", "soak")
@pytest.mark.seconds(1200)
@pytest.mark.parametrize("backend", OURS, ids=backends.names(OURS))
@pytest.mark.parametrize("program", CATALOGUE + LONG_CATALOGUE, ids=names(CATALOGUE + LONG_CATALOGUE))
def test_output_is_unchanged_under_each_allocator(backend, program, recorder):
    assert_same_under(backend, program, recorder)


def test_enough_programs_are_installed():
    installed = [program.name for program in CATALOGUE if not missing(program)]
    assert len(installed) >= PROGRAMS_AT_LEAST, f"only {installed}"
