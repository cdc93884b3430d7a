# SPDX-License-Identifier: MIT
"""A recording that is followed in the terminal viewer: who has the terminal, and that the recording does not depend on it."""
import os
import signal
from pathlib import Path

import pytest

from screen import Screen

pytestmark = pytest.mark.label("viewer")


class Followed:
    """`record --view` of a shell script that may wait for the word to go on, or of a program's argv, on a screen of its own."""

    def __init__(self, recorder, program, size=(100, 24)):
        self.recorder = recorder
        self.reel = recorder.new_reel()
        self.log = self.reel.with_suffix(".log")
        self.gate = recorder.directory / "gate"
        os.mkfifo(self.gate)
        argv = ["/bin/bash", "-c", program, self.gate] if isinstance(program, str) else program
        command = [recorder.heapreel, "record", "--view", "-o", self.reel, "--", *argv]
        self.screen = Screen(recorder, command, width=size[0], height=size[1])

    def go_on(self):
        """The program is at its `read < $0` by then, or comes to it: opening waits for that."""
        with open(self.gate, "w", encoding="ascii") as gate:
            gate.write("go\n")

    def child(self, word):
        """The child of the recorder that has the word among its arguments, None: there is none."""
        recorder = self.screen.command_pid()
        for task in Path(f"/proc/{recorder}/task").iterdir():
            for pid in (task / "children").read_text(encoding="ascii").split():
                if word in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                    return int(pid)
        return None

    def assert_recorded(self, status):
        """The program's status is the command's, and the reel is one sound file that has what the program did."""
        text = self.screen.until(f"ended with {status}", "next: heapreel summary").replace("\n", "")
        assert f"what the program wrote is in {self.log}" in text
        assert sorted(self.reel.parent.glob(self.reel.stem + ".*")) == [self.log, self.reel]
        summary = self.recorder.summary(self.reel)
        assert summary["is_complete"] and summary["lost_events"] == 0 and summary["events"] > 0
        self.recorder.assert_clean(self.reel)


@pytest.fixture
def follow(recorder):
    """A function that begins a recording with the viewer."""
    begun = []

    def start(program, **how):
        begun.append(Followed(recorder, program, **how))
        return begun[-1]

    yield start
    for followed in begun:
        followed.screen.end()


def test_without_a_terminal_nothing_is_run(recorder):
    reel = recorder.new_reel()
    witness = recorder.directory / "witness"
    outcome = recorder.run([recorder.heapreel, "record", "--view", "-o", reel, "--", "/bin/sh", "-c", f"echo > {witness}"])
    assert outcome.status == 2 and len(outcome.error_lines()) == 1 and b"terminal" in outcome.stderr
    assert not witness.exists() and not reel.exists()


def test_end_of_the_program_is_seen_and_the_viewer_stays(follow):
    followed = follow("read x < $0; ls / > /dev/null; exit 7")
    followed.screen.until("LIVE", "blocks")
    followed.go_on()
    followed.screen.until("REPLAY", "[1 Overview]", absent=["LIVE", "ended with"])
    followed.screen.keys("q")
    followed.assert_recorded(7)


def test_program_that_is_killed_is_seen_to_its_end(follow):
    """It and its children are in one reel, and the viewer has seen them come and go."""
    followed = follow("read x < $0; (ls / > /dev/null; ls / > /dev/null); kill -9 $$")
    followed.screen.until("LIVE")
    followed.go_on()
    followed.screen.keys("9")
    followed.screen.until("REPLAY", "[9", "SIGKILL", "6 processes")
    followed.screen.keys("q")
    followed.assert_recorded(128 + signal.SIGKILL)


def test_program_leaves_the_terminal_alone(follow):
    followed = follow("test -t 0 || cat; echo $((41 + 1))000; echo $((42 + 1))000 >&2; read x < $0; echo last")
    followed.screen.until("LIVE")
    followed.go_on()
    text = followed.screen.until("REPLAY")
    assert "42000" not in text and "43000" not in text
    followed.screen.keys("q")
    followed.assert_recorded(0)
    assert followed.log.read_text() == "42000\n43000\nlast\n"


def test_recording_goes_on_without_the_viewer(follow):
    followed = follow("ls / > /dev/null; read x < $0; for i in 1 2 3; do ls / > /dev/null; done; exit 5")
    followed.screen.until("LIVE")
    followed.screen.keys("q")
    followed.screen.until("heapreel: ", "events, ", "live, peak", absent=["LIVE"])  # the progress line
    followed.go_on()
    followed.assert_recorded(5)


def test_keys_of_signals_do_not_reach_the_program(follow):
    followed = follow("trap 'echo caught' INT QUIT; echo ready; read x < $0; echo $x")
    followed.screen.until("LIVE")
    followed.screen.keys("C-\\", "C-c")  # the last one quits
    followed.screen.until("live, peak", absent=["LIVE"])
    followed.go_on()
    followed.assert_recorded(0)
    assert followed.log.read_text() == "ready\ngo\n"


def test_viewer_that_dies_leaves_the_terminal_and_the_recording(follow):
    followed = follow("read x < $0; exit 4")
    followed.screen.until("LIVE")
    os.kill(followed.child(b"--follow"), signal.SIGKILL)
    followed.screen.until("the viewer has died of signal 9; recording goes on", absent=["LIVE"])
    followed.go_on()
    followed.assert_recorded(4)
    followed.screen.keys("w", "o", "r", "d")
    followed.screen.until("word")  # it is echoed


def test_termination_ends_program_and_viewer(follow):
    followed = follow("read x < $0")
    followed.screen.until("LIVE")
    os.kill(followed.screen.command_pid(), signal.SIGTERM)
    followed.assert_recorded(128 + signal.SIGTERM)


def test_reel_of_a_process_is_found_by_its_number(recorder):
    """By that of the program, of what it has become with another environment, and of the recorder."""
    reel = recorder.new_reel()
    argv = ["/usr/bin/env", "-i", "/bin/bash", "-c", "echo $$; read x; exit 3"]
    process = recorder.start(recorder.record_command(argv, reel), stdin=-1, stdout=-1, stderr=-1)
    numbers = [int(process.stdout.readline()), process.pid]
    for number in numbers:
        answer = recorder.run([recorder.heapreel, "view", number, "--dump", "overview"])
        assert answer.status == 0 and b"LIVE" in answer.stdout and answer.stderr == b"", answer
    assert process.communicate(b"go\n", timeout=60)[1] == b"" and process.returncode == 3
    for number in [*numbers, os.getpid()]:
        answer = recorder.run([recorder.heapreel, "view", number])
        assert answer.status == 3 and len(answer.error_lines()) == 1, answer
