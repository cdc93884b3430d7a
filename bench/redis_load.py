# SPDX-License-Identifier: MIT
"""redis-server under redis-benchmark's load: the measure is how many requests a second it answers. A server of its own on
a socket in the given folder, without a port."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

import timed_run

TESTS = "set,get,incr,lpush,rpush,lpop,sadd,hset,lrange_100,mset"
CLIENTS = 50
START_LIMIT_S = 60
PROGRAMS = ("redis-server", "redis-benchmark")


def missing():
    return [name for name in PROGRAMS if shutil.which(name) is None]


def is_answering(path):
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(path))
        except OSError:
            return False
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")


def wait_until_it_answers(server, path, output):
    limit = time.monotonic() + START_LIMIT_S
    while not is_answering(path):
        if server.poll() is not None or time.monotonic() > limit:
            server.kill()
            output.seek(0)
            raise timed_run.Failed(["redis-server"], server.wait(), output.read().decode(errors="replace"))
        time.sleep(0.01)


def tell_to_end(path):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(b"SHUTDOWN NOSAVE\r\n")
        connection.recv(16)  # nothing: it ends


def load(path, requests, pipeline):
    """Seconds until all requests were answered."""
    command = ["redis-benchmark", "-s", str(path), "-q", "-t", TESTS, "-n", str(requests), "-c", str(CLIENTS)]
    command += ["-P", str(pipeline)]
    begin = time.monotonic()
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    seconds = time.monotonic() - begin
    if result.returncode != 0 or result.stdout.count("requests per second") < TESTS.count(",") + 1:
        raise timed_run.Failed(command, result.returncode, result.stdout + result.stderr)
    return seconds


def cpu_seconds_of_server(pid):
    """What redis-server has taken of the processors; it is pid or below it."""
    for each in timed_run.processes_under(pid):
        name, _, fields = pathlib.Path(f"/proc/{each}/stat").read_text().partition("(")[2].rpartition(")")
        if name == PROGRAMS[0]:
            return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")
    raise SystemExit("bench: redis-server is not there")


def run(prefix, folder, requests, pipeline):
    """The server, started by `prefix`, under load: (requests a second, requests for a second of the processors that it
    took itself, name of a process -> peak resident bytes)."""
    path = folder / "redis.sock"
    server_command = [*prefix, "redis-server", "--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no",
                      "--daemonize", "no", "--dir", str(folder)]
    peaks = {}
    with tempfile.TemporaryFile() as output:
        server = subprocess.Popen(server_command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                  env=os.environ)
        wait_until_it_answers(server, path, output)
        cpu_before = cpu_seconds_of_server(server.pid)
        seconds = load(path, requests, pipeline)
        cpu_seconds = cpu_seconds_of_server(server.pid) - cpu_before
        timed_run.note_peaks(server.pid, peaks)
        tell_to_end(path)
        if server.wait() != 0:
            output.seek(0)
            raise timed_run.Failed(server_command, server.returncode, output.read().decode(errors="replace"))
    total = requests * (TESTS.count(",") + 1)
    return total / seconds, total / max(cpu_seconds, 1e-3), peaks
