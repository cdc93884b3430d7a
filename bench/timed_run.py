# SPDX-License-Identifier: MIT
"""Runs of commands: what one took, and how much memory its processes had. Knows no workload and no recorder."""

import os
import pathlib
import subprocess
import tempfile
import time

SAMPLE_S = 0.002
COMM_BYTES = 15  # of a process's name, as the kernel keeps it


class Failed(SystemExit):
    def __init__(self, command, status, output):
        super().__init__(f"bench: {' '.join(map(str, command))} ended with {status}:\n{output[-2000:]}")


class Run:
    """One timed command: wall seconds, seconds of the processors for it and all below it, and what it printed."""

    launcher = None  # path of the program that starts and times; set once

    def __init__(self, command, stdin_path=None, variables=None):
        with open(stdin_path or os.devnull, "rb") as stdin, tempfile.NamedTemporaryFile("r") as cost, \
                tempfile.TemporaryFile() as output:
            result = subprocess.run([self.launcher, cost.name, *command], stdin=stdin, stdout=output,
                                    stderr=subprocess.STDOUT, env={**os.environ, **(variables or {})})
            output.seek(0)
            self.output = output.read().decode(errors="replace")
            if result.returncode != 0:
                raise Failed(command, result.returncode, self.output)
            seconds, _, cpu_seconds = cost.read().split()
            self.seconds, self.cpu_seconds = float(seconds), float(cpu_seconds)


def children_of(pid):
    try:
        threads = os.listdir(f"/proc/{pid}/task")
        lists = [pathlib.Path(f"/proc/{pid}/task/{thread}/children").read_text() for thread in threads]
    except OSError:
        return []  # has ended
    return [int(child) for text in lists for child in text.split()]


def processes_under(pid):
    """pid and all below it."""
    found = [pid]
    for parent in found:
        found += children_of(parent)
    return found


def note_peaks(pid, peaks):
    """Raises peaks, name of a process -> bytes, to what the processes under pid have had by now."""
    for each in processes_under(pid):
        try:
            fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{each}/status").read_text().splitlines())
        except OSError:
            continue
        if "VmHWM" in fields:
            name = fields["Name"].strip()
            peaks[name] = max(peaks.get(name, 0), int(fields["VmHWM"].split()[0]) * 1024)


def peaks_of(command, stdin_path=None, variables=None):
    """name of a process -> its peak resident bytes; of several with one name the largest. The kernel's own peak, read
    every 2 ms: what a process gains in its last moment is not in it."""
    peaks = {}
    with open(stdin_path or os.devnull, "rb") as stdin, tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdin=stdin, stdout=output, stderr=subprocess.STDOUT,
                                   env={**os.environ, **(variables or {})})
        while process.poll() is None:
            note_peaks(process.pid, peaks)
            time.sleep(SAMPLE_S)
        output.seek(0)
        if process.returncode != 0:
            raise Failed(command, process.returncode, output.read().decode(errors="replace"))
    return peaks


def name_of(program):
    """The name that a process has which runs that program."""
    return os.path.basename(program)[:COMM_BYTES]
