# SPDX-License-Identifier: MIT
"""Whether somebody else has a file open as a database: a recording that was cut off looks like one that goes on, but for
that."""

import fcntl
import os
import struct

FLOCK = struct.Struct("hhqqi4x")  # type, whence, start, length, process: struct flock of 64-bit Linux


class Witness:
    """SQLite holds a lock on a file as long as it is open. The kernel is asked for one that would be in its way.

    The descriptor stays open as long as the connections do: closing it would take away this process's own locks."""

    def __init__(self, path):
        self.descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def is_open_elsewhere(self):
        asked = FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind = FLOCK.unpack(fcntl.fcntl(self.descriptor, fcntl.F_GETLK, asked))[0]
        return kind != fcntl.F_UNLCK

    def close(self):
        os.close(self.descriptor)
