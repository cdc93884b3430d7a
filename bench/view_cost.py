#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the terminal viewer takes of a processor while it follows a recording: view_cost.py [--build DIR] [--rate BLOCKS]
[--seconds N] [--page KEY]. On a terminal of its own of 120x36: `record --view` of a program that does nothing, then of one that
allocates so many blocks a second, then the finished reel, and no key. CPU time of the viewer's process alone, as the kernel
counts it. Prints one line of JSON for each. Judges nothing."""
import argparse
import fcntl
import json
import os
import pathlib
import pty
import struct
import subprocess
import tempfile
import termios
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEIGHT, WIDTH = 36, 120
SETTLE_SECONDS = 2


class Terminal:
    """A command on a terminal of its own. What it draws is taken, as a terminal does, and counted."""

    def __init__(self, command):
        self.ours, theirs = pty.openpty()
        self.drawn_bytes = 0
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
        self.process = subprocess.Popen([str(word) for word in command], stdin=theirs, stdout=theirs, stderr=theirs,
                                        start_new_session=True, env={**os.environ, "TERM": "xterm-256color"},
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(theirs)
        threading.Thread(target=self.drain, daemon=True).start()

    def drain(self):
        try:
            while data := os.read(self.ours, 65536):
                self.drawn_bytes += len(data)
        except OSError:
            pass  # the other end is closed

    def type(self, keys):
        os.write(self.ours, keys.encode())

    def cost(self, viewer, seconds):
        """Of the viewer's process meanwhile."""
        begin_s, cpu_s, drawn_bytes = time.monotonic(), cpu_seconds(viewer), self.drawn_bytes
        time.sleep(seconds)
        cpu_s, passed_s = cpu_seconds(viewer) - cpu_s, time.monotonic() - begin_s
        return {"seconds": round(passed_s, 2), "viewer_cpu_s": round(cpu_s, 2), "percent_of_core": round(100 * cpu_s / passed_s, 2),
                "drawn_bytes_per_second": round((self.drawn_bytes - drawn_bytes) / passed_s), "load": round(os.getloadavg()[0], 1)}


def child_with(pid, word):
    """The child that has the word among its arguments, None: not yet."""
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            if word in pathlib.Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0"):
                return int(child)
    return None


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def measure_following(arguments, reel, rate):
    """Figures of one recording."""
    seconds = arguments.seconds + 2 * SETTLE_SECONDS
    heapreel = arguments.build / "bin" / "heapreel"
    program = [arguments.build / "bench" / "paced", rate, seconds]
    terminal = Terminal([heapreel, "record", "--force", "--view", "-o", reel, "--", *program])
    time.sleep(SETTLE_SECONDS)
    terminal.type(arguments.page)
    viewer = child_with(terminal.process.pid, b"--follow")
    if viewer is None:
        raise SystemExit("view_cost: there is no viewer")
    cost = terminal.cost(viewer, arguments.seconds)
    terminal.type("q")
    terminal.process.wait(timeout=120)
    summary = json.loads(subprocess.check_output([str(heapreel), "summary", "--json", str(reel)]))
    return {"blocks_per_second": rate, "events": summary["events"], "lost_events": summary["lost_events"],
            "recorded_s": round(summary["duration_s"], 2), **cost}


def measure_finished(arguments, reel):
    """Figures of a reel that nobody writes, and of no key."""
    terminal = Terminal([arguments.build / "bin" / "heapreel", "view", reel])
    time.sleep(SETTLE_SECONDS)
    terminal.type(arguments.page)
    time.sleep(SETTLE_SECONDS)
    cost = terminal.cost(terminal.process.pid, arguments.seconds)
    terminal.type("q")
    terminal.process.wait(timeout=120)
    return {"finished": True, **cost}


def main():
    parser = argparse.ArgumentParser(prog="bench/view_cost.py", description="What the viewer takes while it follows.")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "dev", help="build tree that is measured")
    parser.add_argument("--rate", type=int, default=1_000_000, help="blocks allocated a second")
    parser.add_argument("--seconds", type=int, default=20, help="that are measured")
    parser.add_argument("--page", default="1", help="key of the page that is looked at")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="heapreel-bench-") as name:
        reel = pathlib.Path(name) / "paced.reel"
        for rate in (0, arguments.rate):
            print(json.dumps(measure_following(arguments, reel, rate)), flush=True)
        print(json.dumps(measure_finished(arguments, reel)), flush=True)


if __name__ == "__main__":
    main()
