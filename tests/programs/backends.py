# SPDX-License-Identifier: MIT
"""The allocators of ours that everything is run under, by short names, and how a program is run under one."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Backend:
    name: str  # in the names of tests
    spec: str  # as HEAPREEL_ALLOCATOR and --allocator want it
    promises: tuple = ()  # what it can that the C library does not ask for

    def environment(self, recorder, preload=""):
        """For a program that is not recorded; preload: libraries that come after ours."""
        return {"LD_PRELOAD": f"{recorder.library()} {preload}".strip(), "HEAPREEL_ALLOCATOR": self.spec}


SYSTEM = Backend("system", "system")
BUMP_LIFO = Backend("bump_lifo", "bump:lifo", ("lock-free",))
BUMP_FIFO = Backend("bump_fifo", "bump:fifo", ("lock-free",))
BUMP_NONE = Backend("bump_none", "bump:none", ("lock-free", "no-reuse"))
ZONED = Backend("zoned", "zoned")
ZONED_HARDENED = Backend("zoned_hardened", "zoned,quarantine=random,guards=on,fill=on,canary=on")
ZONED_QUEUE = Backend("zoned_queue", "zoned,quarantine=fifo,canary=on")
SPLITMERGE = Backend("splitmerge", "splitmerge")

BACKENDS = (SYSTEM, BUMP_LIFO, BUMP_FIFO, BUMP_NONE, ZONED, ZONED_HARDENED, SPLITMERGE)
OURS = BACKENDS[1:]


def names(backends=BACKENDS):
    return [backend.name for backend in backends]
