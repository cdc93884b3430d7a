# SPDX-License-Identifier: MIT
"""Commands on a terminal."""
import os
import pty
import select
import time

SECONDS = 60


class Terminal:
    """A command on a pseudo-terminal of its own."""

    def __init__(self, recorder, argv):
        self.output = b""
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.chdir(recorder.directory)
            os.execve(str(argv[0]), [str(word) for word in argv], recorder.environment())

    def read_until(self, text, seconds=SECONDS):
        deadline = time.monotonic() + seconds
        while text not in self.output:
            assert time.monotonic() < deadline, self.output
            if select.select([self.descriptor], [], [], 0.1)[0]:
                self.output += os.read(self.descriptor, 65536)

    def type(self, keys):
        os.write(self.descriptor, keys)

    def finish(self):
        """Reads to the end; returns the exit status."""
        while True:
            try:
                piece = os.read(self.descriptor, 65536)
            except OSError:  # the other side is closed
                break
            if not piece:
                break
            self.output += piece
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.descriptor)
        return status
