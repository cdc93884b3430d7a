#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the terminal viewer takes of a processor while it follows a recording: view_cost.py [--build DIR] [--rate BLOCKS]
[--seconds N] [--page KEY]. `record --view` of a program that allocates so many blocks a second, on a terminal of its own of
120x36, then of the same program when it does nothing; CPU time of the viewer's process alone, as the kernel counts it. Prints
one line of JSON for each. Judges nothing."""
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


def drain(terminal, taken):
    """Takes all that is drawn, as a terminal does."""
    try:
        while data := os.read(terminal, 65536):
            taken[0] += len(data)
    except OSError:
        pass  # the other end is closed


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


def measure(arguments, folder, rate):
    """Figures of one recording."""
    reel = folder / f"{rate}.reel"
    whole = arguments.seconds + 2 * SETTLE_SECONDS
    command = [arguments.build / "bin" / "heapreel", "record", "--view", "-o", reel, "--", arguments.build / "bench" / "paced",
               rate, whole]
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    recorder = subprocess.Popen([str(word) for word in command], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                                env={**os.environ, "TERM": "xterm-256color"},
                                preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    os.close(theirs)
    taken = [0]
    drawn = threading.Thread(target=drain, args=(ours, taken), daemon=True)
    drawn.start()
    time.sleep(SETTLE_SECONDS)
    os.write(ours, arguments.page.encode())
    viewer = child_with(recorder.pid, b"--follow")
    if viewer is None:
        raise SystemExit("view_cost: there is no viewer")
    begin_s, cpu_before, bytes_before = time.monotonic(), cpu_seconds(viewer), taken[0]
    time.sleep(arguments.seconds)
    spent_s, passed_s = cpu_seconds(viewer) - cpu_before, time.monotonic() - begin_s
    drawn_bytes = taken[0] - bytes_before
    os.write(ours, b"q")
    recorder.wait(timeout=120)
    summary = json.loads(subprocess.check_output([str(command[0]), "summary", "--json", str(reel)]))
    return {"blocks_per_second": rate, "page": arguments.page, "events": summary["events"], "lost_events": summary["lost_events"],
            "recorded_s": round(summary["duration_s"], 2), "seconds": round(passed_s, 2), "viewer_cpu_s": round(spent_s, 2),
            "percent_of_core": round(100 * spent_s / passed_s, 2), "drawn_bytes_per_second": round(drawn_bytes / passed_s),
            "load": round(os.getloadavg()[0], 1)}


def main():
    parser = argparse.ArgumentParser(prog="bench/view_cost.py", description="What the viewer takes while it follows.")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "dev", help="build tree that is measured")
    parser.add_argument("--rate", type=int, default=1_000_000, help="blocks allocated a second")
    parser.add_argument("--seconds", type=int, default=20, help="that are measured")
    parser.add_argument("--page", default="1", help="key of the page that is looked at")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="heapreel-bench-") as name:
        for rate in (arguments.rate, 0):
            print(json.dumps(measure(arguments, pathlib.Path(name), rate)), flush=True)


if __name__ == "__main__":
    main()
