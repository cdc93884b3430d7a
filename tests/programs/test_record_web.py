# SPDX-License-Identifier: MIT
"""A recording that is followed in the browser: the program has its terminal, the server lives beside it and not after it."""
import errno
import json
import os
import re
import signal
import socket
import subprocess
import termios
import time
import urllib.request
from pathlib import Path

import pytest

from conftest import wait_until
from terminal import Terminal

pytestmark = pytest.mark.label("web")

SECONDS = 60
ADDRESS = re.compile(rb"heapreel: (http://127\.0\.0\.1:\d+)/\?token=(\S+)")


@pytest.fixture(autouse=True)
def pages(recorder):
    if not (recorder.heapreel.parent.parent / "share/heapreel/web/static/index.html").exists():
        pytest.skip("built without the pages")


class Server:
    """The one that a recorder's output names."""

    def __init__(self, output):
        self.address, self.token = (word.decode() for word in ADDRESS.search(output).groups())

    def ask(self, path):
        request = urllib.request.Request(self.address + path, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return json.load(answer)

    def run(self):
        columns = self.ask("/api/v1/reels/0/run")["columns"]
        return {name: column[0] for name, column in columns.items()}

    def has_gone(self):
        with socket.socket() as asking:
            return asking.connect_ex(("127.0.0.1", int(self.address.rpartition(":")[2]))) == errno.ECONNREFUSED


def child_of(pid, word):
    """The child process that has the word among its arguments; None: there is none."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            if word in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0"):
                return int(child)
    return None


def command(recorder, reel, argv, *options):
    return [recorder.heapreel, "record", "--web", "-o", reel, *options, "--", *argv]


def interpreter(recorder, script, missing=""):
    """The environment with one that lacks these packages, or does this for the server."""
    path = recorder.directory / "python"
    path.write_text(f"#!/bin/sh\ntest \"$1\" = -c && echo '{missing}' && exit\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return {"HEAPREEL_PYTHON": str(path)}


class Followed:
    """`record --web` of a shell script on a terminal."""

    def __init__(self, recorder, script, *options):
        self.recorder, self.reel = recorder, recorder.new_reel()
        self.terminal = Terminal(recorder, command(recorder, self.reel, ["/bin/bash", "-c", script], *options))

    def read_until(self, text):
        self.terminal.read_until(text)

    def server(self):
        self.read_until(b"?token=")
        self.read_until(b"\r\n")
        return Server(self.terminal.output)

    def assert_ended(self, status, server):
        """The reel is one sound file, and nobody serves it any more."""
        assert self.terminal.finish() == status
        assert server.has_gone()
        assert sorted(self.reel.parent.glob(self.reel.name + "*")) == [self.reel]
        summary = self.recorder.summary(self.reel)
        assert summary["is_complete"] and summary["events"] > 0
        self.recorder.assert_clean(self.reel)


def test_reel_grows_while_it_is_served_and_stays_after_the_end(recorder):
    script = "test -t 0 && test -t 1 && test -t 2 && echo ready; read x; ls / >/dev/null; echo $x; read y; exit 7"
    followed = Followed(recorder, script)
    server = followed.server()
    followed.read_until(b"ready")
    assert wait_until(lambda: server.run()["events"] > 0, SECONDS)
    before = server.run()
    assert not before["is_complete"]
    followed.terminal.type(b"words\n")
    assert wait_until(lambda: server.run()["events"] > before["events"], SECONDS)
    followed.terminal.type(b"\n")
    followed.read_until(b"/bin/bash has ended with status 7; ^C ends the server")
    assert server.run()["is_complete"]
    followed.terminal.type(b"\x03")
    followed.assert_ended(7, server)
    assert b"\r\nwords\r\n" in followed.terminal.output


def test_interrupt_key_is_the_programs_first(recorder):
    followed = Followed(recorder, "echo ready; read x")
    server = followed.server()
    followed.read_until(b"ready")
    followed.terminal.type(b"\x03")
    followed.read_until(b"was killed by signal 2 (Interrupt); ^C ends the server")
    assert server.run()["is_complete"]
    followed.terminal.type(b"\x03")
    followed.assert_ended(128 + signal.SIGINT, server)


def test_quit_key_ends_the_server_too(recorder):
    followed = Followed(recorder, "exit 3", "--quiet")
    server = followed.server()
    followed.read_until(b"ends the server")
    followed.terminal.type(b"\x1c")
    followed.assert_ended(3, server)
    assert b"next: heapreel summary" not in followed.terminal.output


def test_termination_ends_program_and_server(recorder):
    followed = Followed(recorder, "echo ready; exec sleep 1000")
    server = followed.server()
    followed.read_until(b"ready")
    os.kill(followed.terminal.pid, signal.SIGTERM)
    followed.assert_ended(128 + signal.SIGTERM, server)
    assert b"ends the server" not in followed.terminal.output


def test_termination_after_the_program_ends_the_server(recorder):
    followed = Followed(recorder, "exit 6")
    server = followed.server()
    followed.read_until(b"ends the server")
    os.kill(followed.terminal.pid, signal.SIGTERM)
    followed.assert_ended(6, server)


def test_interrupt_key_works_after_a_program_that_left_the_terminal_raw(recorder):
    followed = Followed(recorder, "stty raw -echo; kill -9 $$")
    server = followed.server()
    followed.read_until(b"was killed by signal 9")
    assert termios.tcgetattr(followed.terminal.descriptor)[3] & termios.ISIG
    followed.terminal.type(b"\x03")
    followed.assert_ended(128 + signal.SIGKILL, server)


def test_server_dies_with_a_recorder_that_is_killed(recorder):
    followed = Followed(recorder, "read x")
    server = followed.server()
    os.kill(followed.terminal.pid, signal.SIGKILL)
    assert followed.terminal.finish() == -signal.SIGKILL
    assert wait_until(server.has_gone, SECONDS)
    recorder.record_cleanly(["/bin/true"])  # clears away what was left in shared memory


def test_recording_goes_on_without_the_server(recorder):
    followed = Followed(recorder, "read x; ls / >/dev/null; exit 5")
    server = followed.server()
    os.kill(child_of(followed.terminal.pid, b"heapreel_web"), signal.SIGKILL)
    followed.read_until(b"the server has ended with signal 9; to look on: heapreel web")
    followed.terminal.type(b"\n")
    followed.assert_ended(5, server)


def test_output_ends_with_the_program(recorder):
    """Who reads it, and has a terminal, does not wait for the server."""
    reel, words = recorder.new_reel(), recorder.directory / "words"
    line = '"$@" | { cat; echo all read >&2; } >"$0"'
    terminal = Terminal(recorder, ["/bin/bash", "-c", line, words, *command(recorder, reel, ["/bin/echo", "words"])])
    terminal.read_until(b"all read")
    terminal.read_until(b"ends the server")
    terminal.type(b"\x03")
    terminal.finish()
    assert words.read_text(encoding="ascii") == "words\n"


def test_without_a_terminal_the_server_ends_with_the_program(recorder):
    reel = recorder.new_reel()
    argv = ["/bin/sh", "-c", "cat; ls /proc/self/fd | wc -l; env | grep -E 'PYTHON|LD_PRELOAD'; exit 4"]
    plain, _ = recorder.record(argv, stdin=b"words\n")
    outcome = recorder.run(command(recorder, reel, argv), stdin=b"words\n")
    assert (outcome.stdout, outcome.status) == (plain.stdout, plain.status) and outcome.status == 4
    assert Server(outcome.stderr).has_gone() and len(outcome.error_lines()) == 2  # address, closing line
    assert sorted(reel.parent.glob(reel.name + "*")) == [reel]
    recorder.assert_clean(reel)


def test_time_begins_with_the_program(recorder):
    """Not with the server, which may take long to start."""
    gate, reel = recorder.directory / "gate", recorder.new_reel()
    os.mkfifo(gate)
    env = interpreter(recorder, f'read x <"{gate}"; echo "heapreel: ready"; exec sleep 1000')
    process = recorder.start(command(recorder, reel, ["/bin/sh", "-c", "date +%s%N"]), env=env, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    with open(gate, "w", encoding="ascii") as opened:
        before = time.time_ns()
        opened.write("go\n")
    stdout, stderr = process.communicate(timeout=SECONDS)
    assert process.returncode == 0 and stderr.startswith(b"heapreel: ready\n")
    answer = recorder.ask("sql", reel, "SELECT start_unix_ns, begin_ns FROM run, process WHERE process = 1", "--json")
    row, = json.loads(answer.stdout)
    assert before <= row["start_unix_ns"] <= row["start_unix_ns"] + row["begin_ns"] <= int(stdout)


def targets(pid):
    found = set()
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            found.add(os.readlink(f"/proc/{pid}/fd/{number}"))
        except FileNotFoundError:  # closed meanwhile
            pass
    return found


def test_server_holds_nothing_of_the_programs(recorder):
    reel = recorder.new_reel()
    process = recorder.start(command(recorder, reel, ["/bin/cat"]), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    Server(process.stderr.readline())
    server = child_of(process.pid, b"heapreel_web")
    ours = {os.readlink(f"/proc/{process.pid}/fd/{number}") for number in (0, 1, 2)}
    assert wait_until(lambda: not ours & targets(server), SECONDS)
    assert b"heapreel.so" not in Path(f"/proc/{server}/environ").read_bytes()
    assert os.getsid(server) == server
    process.communicate(timeout=SECONDS)


# --- what cannot be ---

@pytest.mark.parametrize("argv, status", [("/no/such/program", 127), ("/etc/passwd", 126)])
def test_program_that_cannot_be_run_is_not_served(recorder, argv, status):
    reel = recorder.new_reel()
    outcome = recorder.run(command(recorder, reel, [argv]))
    assert outcome.status == status and len(outcome.error_lines()) == 1 and argv.encode() in outcome.stderr
    assert not reel.exists()


def refused(recorder, *options, env=None):
    """The one line of a recording that does not begin."""
    reel, witness = recorder.new_reel(), recorder.directory / "witness"
    outcome = recorder.run(command(recorder, reel, ["/usr/bin/touch", witness], *options), env=env)
    line, = outcome.error_lines()
    assert not witness.exists() and list(reel.parent.glob(reel.name + "*")) == [] and outcome.stdout == b""
    return line, outcome.status


def test_without_flask_nothing_is_run(recorder):
    line, status = refused(recorder, env=interpreter(recorder, "", missing="python3-flask"))
    assert "apt-get install python3-flask" in line and status == 3


def test_server_that_dies_before_it_serves_is_told(recorder):
    line, status = refused(recorder, env=interpreter(recorder, "kill -9 $$"))
    assert "signal 9" in line and status == 3


def test_port_that_is_taken_is_told_before_the_program(recorder):
    reel = recorder.new_reel()
    first = recorder.start(command(recorder, reel, ["/bin/cat"]), stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    port = Server(first.stderr.readline()).address.rpartition(":")[2]
    line, status = refused(recorder, "--port", port)
    assert "--port" in line and status == 3
    first.communicate(timeout=SECONDS)


def test_interrupt_before_the_program_is_run(recorder):
    """While a server takes its time to start."""
    gate, reel = recorder.directory / "gate", recorder.new_reel()
    os.mkfifo(gate)
    env = interpreter(recorder, f'echo >"{gate}"; exec sleep 1000')
    process = recorder.start(command(recorder, reel, ["/bin/echo", "words"]), env=env, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    with open(gate, encoding="ascii") as opened:
        opened.read()
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=SECONDS)
    assert (stdout, process.returncode) == (b"", 128 + signal.SIGINT) and b"interrupted before /bin/echo" in stderr
    assert list(reel.parent.glob(reel.name + "*")) == []
