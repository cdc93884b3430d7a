# SPDX-License-Identifier: MIT
"""Fixtures of the program tests. After every test nothing may be left: no process, and nothing in shared memory.

Where the tests run as root each run of pytest has a /dev/shm of its own, so that what is left there is its own doing.
"""
import ctypes
import os
import signal
import time
from pathlib import Path

import pytest

from recording import Recorder

CLONE_NEWNS = 0x20000
MS_REC_PRIVATE = 0x4000 | 0x40000
PR_SET_CHILD_SUBREAPER = 36
LEFTOVER_SECONDS = 20
DEFAULT_SECONDS = 180
SECONDS_TO_CLEAN_UP = LEFTOVER_SECONDS + 10

libc = ctypes.CDLL(None, use_errno=True)


def mount_tmpfs(path, options):
    if libc.mount(b"none", str(path).encode(), b"tmpfs", 0, options.encode()) != 0:
        raise OSError(ctypes.get_errno(), f"cannot mount a tmpfs on {path}")


def unmount(path):
    libc.umount2(str(path).encode(), 2)


@pytest.fixture(scope="session")
def own_mounts():
    """Whether mounts made by this run are seen by nobody else and end with it."""
    if libc.unshare(CLONE_NEWNS) != 0 or libc.mount(b"none", b"/", None, MS_REC_PRIVATE, None) != 0:
        return False
    mount_tmpfs("/dev/shm", "mode=1777")
    return True


@pytest.fixture
def small_tmpfs(own_mounts, tmp_path):
    """A function that mounts a tmpfs of so many KiB on a directory (a new one where none is named)."""
    if not own_mounts:
        pytest.skip("mounting a tmpfs needs root")
    mounted = []

    def mount(kib, path=None):
        path = path or tmp_path / f"small{len(mounted)}"
        Path(path).mkdir(exist_ok=True)
        mount_tmpfs(path, f"size={kib}k,mode=1777")
        mounted.append(path)
        return Path(path)

    yield mount
    for path in mounted:
        unmount(path)


def child_processes():
    children = []
    for task in Path("/proc/self/task").iterdir():
        children += [int(word) for word in (task / "children").read_text().split()]
    return children


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        pass


def wait_until(fact, seconds):
    deadline = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)  # between two looks
    return True


def no_child_is_left():
    reap()
    return not child_processes()


def end_children():
    """Kills what is still there, by number, and returns what it was."""
    ended = []
    while children := child_processes():
        for pid in children:
            ended.append(Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return ended


@pytest.fixture(autouse=True)
def deadline(request, nothing_left):
    """Ends a test before ctest would: then what it started is still ended by number."""
    def give_up(*_):
        raise TimeoutError("this test takes too long")

    seconds = request.node.get_closest_marker("seconds")
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(max(1, (seconds.args[0] if seconds else DEFAULT_SECONDS) - SECONDS_TO_CLEAN_UP))
    yield
    signal.alarm(0)


@pytest.fixture(autouse=True)
def nothing_left(own_mounts):
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    yield
    strays = [] if wait_until(no_child_is_left, LEFTOVER_SECONDS) else end_children()
    left = os.listdir("/dev/shm") if own_mounts else []
    assert not strays and not left


@pytest.fixture
def recorder(tmp_path):
    heapreel, programs = os.environ.get("HEAPREEL_BIN"), os.environ.get("HEAPREEL_PROGRAMS")
    assert heapreel and programs, "set HEAPREEL_BIN to build/bin/heapreel and HEAPREEL_PROGRAMS to the programs' folder"
    return Recorder(heapreel, programs, tmp_path)


def pytest_configure(config):
    config.addinivalue_line("markers", "label(name, ...): labels of the test in ctest")
    config.addinivalue_line("markers", "seconds(number): time that ctest gives the test")
