# SPDX-License-Identifier: MIT
"""Running programs plainly and under `heapreel record`, and asking `heapreel` about the reels.

Knows the command line and the JSON of `heapreel`, and nothing of what is inside a reel.
"""
import json
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

# The system's programs alone, and nothing of the user's: output must not depend on who runs the tests.
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = {
    "PATH": PATH,
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "TERM": "xterm",
    "PERL_HASH_SEED": "0",
    "PYTHONHASHSEED": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
}


@dataclass(frozen=True)
class Outcome:
    """How a command ended. status is as a shell gives it: 128 plus the signal's number for a signal."""

    stdout: bytes
    stderr: bytes
    status: int

    def error_lines(self):
        return self.stderr.decode(errors="replace").splitlines()


def shell_status(returncode):
    return returncode if returncode >= 0 else 128 - returncode


class Recorder:
    """One test's way to run things: in its own directory, with a deadline for each command."""

    def __init__(self, heapreel, programs, directory):
        self.heapreel = Path(heapreel)
        self.programs = Path(programs)
        self.directory = Path(directory)
        self.home = self.directory / "home"
        self.home.mkdir()
        self.reel_count = 0

    def program(self, name):
        return str(self.programs / name)

    def library(self):
        """The preload library that lies beside the command."""
        library, = self.heapreel.parent.parent.glob("lib*/**/libheapreel.so")
        return library

    def environment(self, extra=None):
        return {**ENVIRONMENT, "HOME": str(self.home), "TMPDIR": str(self.home), **(extra or {})}

    def start(self, argv, env=None, cwd=None, **options):
        return subprocess.Popen([str(word) for word in argv], env=self.environment(env), cwd=cwd or self.directory,
                                start_new_session=True, **options)

    def run(self, argv, stdin=b"", env=None, cwd=None, timeout=120):
        process = self.start(argv, env, cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            stdout, stderr = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            stdout, stderr = process.communicate()
            raise AssertionError(f"not over after {timeout} s: {argv}\n{stdout[-2000:]}\n{stderr[-2000:]}") from None
        return Outcome(stdout, stderr, shell_status(process.returncode))

    def run_under(self, backend):
        """Like run, but with an allocator of ours, and not recorded."""
        return lambda argv, env=None, **how: self.run(argv, env={**(env or {}), **backend.environment(self)}, **how)

    def new_reel(self):
        self.reel_count += 1
        return self.directory / f"{self.reel_count}.reel"

    def record_command(self, argv, reel, options=()):
        return [self.heapreel, "record", "--quiet", "-o", reel, *options, "--", *argv]

    def record(self, argv, reel=None, options=(), **how):
        """Records into a new reel of this test (or `reel`) and returns (outcome, reel)."""
        reel = reel or self.new_reel()
        return self.run(self.record_command(argv, reel, options), **how), reel

    def ask(self, command, reel, *words, timeout=120):
        return self.run([self.heapreel, command, reel, *words], timeout=timeout)

    def summary(self, reel):
        answer = self.ask("summary", reel, "--json")
        assert answer.status == 0 and answer.stderr == b"", answer
        return json.loads(answer.stdout)

    def check(self, reel):
        return self.ask("check", reel)

    def assert_clean(self, reel):
        verdict = self.check(reel)
        assert verdict.status == 0, (verdict.stdout + verdict.stderr).decode(errors="replace")

    def record_cleanly(self, argv, status=0, **how):
        """Records, and demands the exit status, a clean check and that nothing was lost. Returns (outcome, summary)."""
        outcome, reel = self.record(argv, **how)
        assert outcome.status == status, outcome
        self.assert_clean(reel)
        summary = self.summary(reel)
        assert summary["lost_events"] == 0, summary["losses"]
        assert summary["events"] == summary["allocations"] + summary["frees"] + summary["resizes"]
        return outcome, summary


def counted(outcome):
    """The counts that a program printed of its own calls: {"allocations": ..., "frees": ..., "resizes": ...}."""
    lines = [line for line in outcome.stdout.decode().splitlines() if line.startswith("counted ")]
    assert len(lines) == 1, outcome
    return {name: int(number) for name, number in (word.split("=") for word in lines[0].split()[1:])}


def figures(holder):
    """The three counts of a summary, or of one of its processes."""
    return {name: holder[name] for name in ("allocations", "frees", "resizes")}


def total(*counts):
    return {name: sum(count[name] for count in counts) for name in counts[0]}
