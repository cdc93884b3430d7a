# SPDX-License-Identifier: MIT
"""A program on a terminal of its own, in tmux: keys go in, lines of text come out. Waits for what is to appear, never for a time."""
import os
import subprocess
import time

DEADLINE_SECONDS = 60
LOOK_SECONDS = 0.02


class Screen:
    """Starts the command; what it leaves on the terminal after its end stays readable."""

    def __init__(self, recorder, argv, width=120, height=36, term="xterm-256color", env=None):
        self.recorder = recorder
        self.socket = recorder.directory / f"tmux-{id(self)}"
        env = {"TERM": term, **(env or {})}
        settings = [f"{name}={value}" for name, value in env.items()]
        words = ["/usr/bin/env", *settings, *(str(word) for word in argv)]
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height), "-s", "screen",
                  "sh", "-c", '"$@"; echo "ended with $?"; exec cat', "sh", *words)

    def tmux(self, *words):
        answer = subprocess.run(["tmux", "-S", str(self.socket), *words], env=self.recorder.environment(),
                                capture_output=True, timeout=DEADLINE_SECONDS)
        assert answer.returncode == 0, answer
        return answer.stdout.decode(errors="replace")

    def text(self, colours=False):
        return self.tmux("capture-pane", "-p", "-t", "screen", *(["-e"] if colours else []))

    def lines(self):
        return self.text().splitlines()

    def until(self, *wanted, absent=()):
        """The screen as soon as all that is wanted is on it, and nothing that is to be absent."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            text = self.text()
            if all(part in text for part in wanted) and not any(part in text for part in absent):
                return text
            assert time.monotonic() < deadline, f"{wanted} (without {absent}) never came:\n{text}"
            time.sleep(LOOK_SECONDS)

    def keys(self, *names):
        """As tmux names them: P, 4, Enter, Escape, C-l, F1, Up."""
        for name in names:
            self.tmux("send-keys", "-t", "screen", *([name] if len(name) > 1 else ["-l", name]))

    def resize(self, width, height):
        self.tmux("resize-window", "-t", "screen", "-x", str(width), "-y", str(height))

    def command_pid(self):
        """Of the command, the one child of the shell in the pane."""
        shell = self.tmux("display-message", "-p", "-t", "screen", "#{pane_pid}").strip()
        child, = (word for task in os.listdir(f"/proc/{shell}/task")
                  for word in open(f"/proc/{shell}/task/{task}/children", encoding="ascii").read().split())
        return int(child)

    def end(self):
        self.tmux("kill-server")
