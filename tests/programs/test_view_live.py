# SPDX-License-Identifier: MIT
"""A recording as it is watched: the screen moves on with the program, stands still when told to, goes back while the recording
goes on, follows again, and tells the end. The recording knows nothing of that. Screens are compared by what does not change from
run to run: labels, headings, where they stand."""
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from conftest import wait_until
from test_record_view import follow  # a fixture

pytestmark = pytest.mark.label("viewer")

SERVER, BENCHMARK, CLIENT = (Path("/usr/bin") / f"redis-{name}" for name in ("server", "benchmark", "cli"))
REQUESTS = 1_000_000  # more than are answered while one looks; what is left then is not waited for
CHURNING = ["/usr/bin/perl", "-e", "while (1) { my @blocks = map { 'x' x $_ } 1 .. rand 500; select(undef, undef, undef, 0.001) }"]
SHOW_SECONDS = 60
HEADER = re.compile(r"(?P<kind>LIVE|REPLAY) (?P<says>\S+) +t +(?P<moment>[0-9.]+)/(?P<end>[0-9.]+) s  (?P<figures>.*\S)")

# A star stands for anything, a line of one star for any lines.
OVERVIEW_LIVE = """\
redis-server *  LIVE following  t * s  live *  pinned *  blocks *
*
     0 s *─*●
[1 Overview] 2 Classes  3 Map  4 Stacks  5 Sites  6 Life  7 Blocks  8 Findings  9 Procs
*
█ requested *  ▓ rounding *  ▒ pinned *
░ retained *  ▚ metadata *  = resident *
the kernel counted *
*
live *  waste *  blocks *
peak *  peak at *  peak resident *
*
live * z*alloc*
*
command /usr/bin/redis-server --port 0 --unixsocket *
ran * s, * events, 1 process, * allocator system, stacks on
F1 Help  q Quit *
"""
PROCESSES_LIVE = """\
bash *  LIVE following  t * s  live *  pinned *  blocks *
*
 1 Overview  2 Classes  3 Map  4 Stacks  5 Sites  6 Life  7 Blocks  8 Findings [9 Procs]
 PROCESS*PID *LIVE *PEAK ENDED *LOST *FROM *COMMAND
▶all * 19 processes
 1 * running * 0 * s bash -c *
· 2 * exec * 0 * s bash -c *
*
F1 Help  q Quit *
"""
PROCESSES_KILLED = """\
perl *  REPLAY paused  t * s  live *  pinned *  blocks *
*
 1 Overview  2 Classes  3 Map  4 Stacks  5 Sites  6 Life  7 Blocks  8 Findings [9 Procs]
 PROCESS*PID *LIVE *PEAK ENDED *LOST *FROM *COMMAND
▶all * 1 process
 1 * SIGKILL * 0 * s perl -e *
*
the program has ended, and the recording is complete
"""


def difference(text, snapshot):
    """The first line of the snapshot that is not where it belongs, None: the screen looks like it."""
    lines = text.splitlines()
    at = 0
    is_anywhere = False
    for wanted in snapshot.splitlines():
        if wanted == "*":
            is_anywhere = True
            continue
        pattern = re.compile(".*".join(re.escape(part) for part in wanted.split("*")) + r"\s*")
        found = next((i for i in range(at, len(lines)) if pattern.fullmatch(lines[i])), None)
        if found is None or (not is_anywhere and found != at):
            return wanted
        at = found + 1
        is_anywhere = False
    return None


def until_looks_like(screen, snapshot):
    """A screen may be seen while it is drawn: then the next look is at all of it."""
    def message():
        text = screen.text()
        return f"{difference(text, snapshot)!r} is not where it belongs in\n{text}"

    assert wait_until(lambda: difference(screen.text(), snapshot) is None, SHOW_SECONDS), message()


class Header:
    """What the header of a screen tells; nothing where none is drawn yet."""

    def __init__(self, text=""):
        found = HEADER.search(text)
        self.kind, self.says, self.figures = found.group("kind", "says", "figures") if found else ("", "", "")
        self.moment, self.end = map(float, found.group("moment", "end")) if found else (0, 0)


def until(screen, fact):
    """The header as soon as it is so."""
    header = Header()

    def is_so():
        nonlocal header
        header = Header(screen.text())
        return header.kind != "" and fact(header)

    assert wait_until(is_so, SHOW_SECONDS), f"never came:\n{screen.text()}"
    return header


def assert_is_steered(screen):
    """It moves on, is frozen, goes back, follows again, and all the time the recording goes on."""
    first = until(screen, lambda now: (now.kind, now.says) == ("LIVE", "following"))
    until(screen, lambda now: now.says == "following" and now.moment > first.moment and now.figures != first.figures)
    screen.keys("Space")
    frozen = until(screen, lambda now: now.says == "paused")
    later = until(screen, lambda now: now.end > frozen.end)
    assert (later.says, later.moment, later.figures) == ("paused", frozen.moment, frozen.figures)
    screen.keys("H")
    back = until(screen, lambda now: now.moment < frozen.moment)
    later = until(screen, lambda now: now.end > back.end)
    assert (later.says, later.moment) == ("paused", back.moment)
    screen.keys("l")
    until(screen, lambda now: now.says == "following" and now.moment >= later.end)


@pytest.fixture
def load(recorder):
    """A function that begins requests to a server, which the test need not wait for."""
    begun = []

    def start(socket):
        command = [BENCHMARK, "-s", socket, "-q", "-t", "set,lpush", "-n", REQUESTS, "-r", 10000, "-c", 10, "-P", 4]
        begun.append(recorder.start(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    yield start
    for process in begun:
        process.kill()
        process.wait()


def test_server_under_load_is_watched(recorder, follow, load):
    if not all(path.exists() for path in (SERVER, BENCHMARK, CLIENT)):
        pytest.skip("no redis-server")
    socket = recorder.directory / "socket"
    argv = [SERVER, "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no"]
    followed = follow(argv, size=(100, 36))
    assert wait_until(lambda: recorder.run([CLIENT, "-s", socket, "ping"]).stdout == b"PONG\n", SHOW_SECONDS)
    load(socket)
    assert_is_steered(followed.screen)
    until_looks_like(followed.screen, OVERVIEW_LIVE)
    assert recorder.run([CLIENT, "-s", socket, "shutdown", "nosave"]).status == 0
    followed.screen.until("REPLAY", "the program has ended, and the recording is complete")
    followed.screen.keys("q")
    followed.assert_recorded(0)


def test_forks_are_watched_as_they_come_and_go(follow):
    """A command of a pipeline is two processes: the shell's copy, and what becomes of it."""
    wait = "until read x < $0; do :; done"
    line = f"for i in 1 2 3; do ls / | sort | wc -l; done; {wait}"
    followed = follow(f"{wait}; {line}; {line}; exit 6")
    followed.screen.keys("9")
    followed.screen.until("LIVE", "[9 Procs]", "1 process\n")
    followed.go_on()
    until_looks_like(followed.screen, PROCESSES_LIVE)
    followed.screen.keys("Space")
    followed.screen.until("LIVE paused")
    followed.go_on()
    followed.screen.until("LIVE paused", "37 processes")
    followed.screen.keys("H", "l")
    followed.screen.until("LIVE following")
    followed.go_on()
    followed.screen.until("REPLAY", "exit 6", "the program has ended, and the recording is complete")
    followed.screen.keys("q")
    followed.assert_recorded(6)


def test_program_that_churns_is_watched_until_it_is_killed(follow):
    """By the pid that the screen tells."""
    followed = follow(CHURNING)
    assert_is_steered(followed.screen)
    followed.screen.keys("9")
    text = followed.screen.until("[9 Procs]")
    os.kill(int(re.search(r"^ 1 +([0-9]+) ", text, re.MULTILINE)[1]), signal.SIGKILL)
    until_looks_like(followed.screen, PROCESSES_KILLED)
    followed.screen.keys("q")
    followed.assert_recorded(128 + signal.SIGKILL)
