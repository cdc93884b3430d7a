# SPDX-License-Identifier: MIT
"""Death at random moments, of the program and of the recorder: nothing that was committed is lost, nobody else suffers.

The moments are random by a seed that is printed when a test fails; HEAPREEL_SEED repeats it.
"""
import os
import random
import signal
import subprocess

import pytest

from recording import shell_status

pytestmark = pytest.mark.label("faults")

STATUS_OF_CHURN = 7
SECONDS = 120


def soak(count):
    return pytest.param(count, id="soak", marks=[pytest.mark.label("soak"), pytest.mark.seconds(1800)])


@pytest.fixture
def chance():
    seed = int(os.environ.get("HEAPREEL_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"HEAPREEL_SEED={seed}")
    return random.Random(seed)


def assert_holds_all_that_was_committed(recorder, reel):
    recorder.assert_clean(reel)
    summary = recorder.summary(reel)
    assert summary["lost_events"] == 0
    for process in summary["processes"]:
        assert process["events"] == process["committed_events"], summary
    return summary


@pytest.mark.parametrize("times", [pytest.param(20, id="short"), soak(200)])
def test_program_is_killed(recorder, chance, times):
    events = 0
    for _ in range(times):
        microseconds, threads = chance.randint(1000, 300_000), chance.randint(1, 4)
        outcome, reel = recorder.record([recorder.program("churn_until_killed"), microseconds, threads])
        assert (outcome.stdout, outcome.stderr, outcome.status) == (b"", b"", 128 + signal.SIGKILL)
        summary = assert_holds_all_that_was_committed(recorder, reel)
        process, = summary["processes"]
        assert (process["signal"], process["exit_status"]) == (signal.SIGKILL, None)
        events += summary["events"]
        reel.unlink()
    assert events > times * 1000


def test_whole_family_is_killed(recorder, chance):
    """The program and its children die by one signal to their group, in the middle of everything."""
    script = "for i in 1 2 3; do $0 0 2 & done; $0 $1 2; kill -KILL 0"
    for _ in range(3):
        argv = ["/usr/bin/setsid", "-w", "/bin/sh", "-c", script, recorder.program("churn_until_killed"),
                chance.randint(20_000, 200_000)]
        outcome, reel = recorder.record(argv)
        assert outcome.status == 128 + signal.SIGKILL
        assert_holds_all_that_was_committed(recorder, reel)


class Orphan:
    """A program whose recorder was killed: this process, a subreaper, inherits it."""

    def __init__(self, recorder, chance, seconds):
        self.reel = recorder.new_reel()
        command = recorder.record_command([recorder.program("churn_until_killed"), 0, 4], self.reel)
        tracer = recorder.start(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert tracer.stdout.readline() == b"churning\n"
        try:
            tracer.wait(timeout=chance.uniform(0, seconds))
        except subprocess.TimeoutExpired:
            tracer.kill()
        self.stdout, self.stderr = tracer.communicate(timeout=SECONDS)
        self.was_killed = tracer.returncode == -signal.SIGKILL
        self.status = self.status_of_program(tracer)

    def status_of_program(self, tracer):
        """None: the recorder had seen the program's end, and was killed after it."""
        if not self.was_killed:
            return shell_status(tracer.returncode)
        try:
            return shell_status(os.waitstatus_to_exitcode(os.waitpid(-1, 0)[1]))
        except ChildProcessError:
            return None


@pytest.mark.parametrize("times", [pytest.param(8, id="short"), soak(50)])
def test_recorder_is_killed(recorder, chance, times):
    killed = 0
    for _ in range(times):
        orphan = Orphan(recorder, chance, seconds=0.3)
        killed += orphan.was_killed and orphan.status is not None
        assert (orphan.stdout, orphan.stderr) == (b"all churned\n", b"")
        assert orphan.status in (STATUS_OF_CHURN, None)
        recorder.assert_clean(orphan.reel)
        assert recorder.summary(orphan.reel)["lost_events"] == 0
    assert killed > 0, "never killed while the program ran: it is too short"
    recorder.record_cleanly(["/bin/true"])  # and the next recording clears away what they left in shared memory


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_stubborn_program_outlives_one_interrupt(recorder, number):
    """The first SIGINT ends the recording; the program, which ignores it, runs on to its own end."""
    reel = recorder.new_reel()
    script = "trap '' INT TERM; echo ready; read line; exec \"$0\" 0 2"
    argv = ["/bin/sh", "-c", script, recorder.program("churn_until_killed")]
    process = recorder.start(recorder.record_command(argv, reel), stdin=-1, stdout=-1, stderr=-1)
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(number)
    stdout, stderr = process.communicate(b"go on\n", timeout=SECONDS)
    assert (stdout, stderr, process.returncode) == (b"churning\nall churned\n", b"", STATUS_OF_CHURN)
    recorder.assert_clean(reel)
