# SPDX-License-Identifier: MIT
"""What a program finds around it is the same under `record`: descriptors, limits, signals, terminal, names of files."""
import json
import os
import signal
import sqlite3
import time

import pytest

from recording import counted
from terminal import Terminal

pytestmark = pytest.mark.label("preload")

SECONDS = 60

# What a process inherits, without what must differ (its numbers, and how much it has done).
INHERITED = r"""
umask; nice; ulimit -a; ulimit -Ha; pwd; ls /proc/self/fd | tr '\n' ' '
grep -E '^(Sig|Shd|Cap|NoNewPrivs|Seccomp|Uid|Gid|Groups|Cpus_allowed_list|THP|CoreDumping)' /proc/self/status | grep -v SigQ
cat /proc/self/oom_score_adj /proc/self/coredump_filter; ps -o pgid= -p $$ | wc -l
"""


@pytest.mark.parametrize("before", [
    "true", "trap '' INT HUP USR1 PIPE CHLD", "umask 0777", "ulimit -c 0; ulimit -n 100", "exec 7</dev/null 9>/dev/null",
    "cd /", "exec 0<&-", "exec 2>&-",
])
def test_program_inherits_what_the_recorder_got(recorder, before):
    script = f"{before}\nexec \"$@\""
    argv = ["/bin/bash", "-c", INHERITED]
    plain = recorder.run(["/bin/bash", "-c", script, "bash", *argv])
    reel = recorder.new_reel()
    recorded = recorder.run(["/bin/bash", "-c", script, "bash", *recorder.record_command(argv, reel)])
    assert recorded == plain
    recorder.assert_clean(reel)


@pytest.mark.parametrize("limit", ["-v 400000", "-v 60000", "-f 0", "-n 4", "-s 256", "-l 0", "-d 30000", "-c 0"])
def test_program_under_a_limit_does_its_work(recorder, limit):
    """Recorded where there is room for it; in any case served."""
    script = f'ulimit {limit} && exec "$0" "$@"'
    argv = ["/bin/sh", "-c", script, recorder.program("counted_calls"), "2000"]
    assert recorder.run(argv).status == 0
    outcome, reel = recorder.record(argv)
    assert (outcome.status, outcome.stderr) == (0, b"") and counted(outcome)["allocations"] > 4000
    recorder.assert_clean(reel)


def test_limit_of_memory_leaves_rings_for_threads(recorder):
    argv = ["/bin/sh", "-c", 'ulimit -v 1000000 && exec "$0" "$@"', recorder.program("hand_over"), "100000"]
    assert recorder.run(argv).status == 0
    outcome, summary = recorder.record_cleanly(argv)
    assert summary["frees"] >= counted(outcome)["frees"]


def test_limit_of_file_size_is_told_like_a_full_disk(recorder):
    """The recorder's own limit: its file cannot grow, and the program, which has the same limit, is served."""
    reel = recorder.new_reel()
    command = recorder.record_command([recorder.program("hand_over"), "200000"], reel)
    outcome = recorder.run(["/bin/sh", "-c", 'ulimit -f 20 && exec "$0" "$@"', *command])
    assert outcome.status == 3 and len(outcome.error_lines()) == 1, outcome


# --- names ---

@pytest.mark.parametrize("name", ["a b.reel", "a%20b?mode=memory#x.reel", "file:x.reel", ":memory:", "-.reel", "ü\n.reel", "x"])
def test_reel_of_any_name(recorder, tmp_path, name):
    place = tmp_path / "names"
    place.mkdir()
    command = recorder.record_command([recorder.program("prints_hello")], f"./{name}" if name.startswith("-") else name)
    assert recorder.run(command, cwd=place).status == 4
    assert os.listdir(place) == [name]
    for command in ("summary", "check"):
        assert recorder.ask(command, place / name).status == 0


def test_reel_is_named_after_program_and_process(recorder, tmp_path):
    place = tmp_path / "names"
    place.mkdir()
    assert recorder.run([recorder.heapreel, "record", "-q", recorder.program("prints_hello")], cwd=place).status == 4
    name, = os.listdir(place)
    pid = recorder.summary(place / name)["processes"][0]["pid"]
    assert name == f"prints_hello.{pid}.reel"


@pytest.mark.parametrize("word", [b"\xff\xfe invalid", b'quote " and \\ and \n', b"x" * 5000, b""],
                         ids=["invalid", "quotes", "long", "empty"])
def test_arguments_are_any_bytes(recorder, word):
    reel = recorder.new_reel()
    command = [os.fsencode(str(part)) for part in recorder.record_command(["/bin/echo"], reel)] + [word]
    process = recorder.start([os.fsdecode(part) for part in command], stdout=-1, stderr=-1)
    stdout, stderr = process.communicate(timeout=SECONDS)
    assert (stdout, stderr, process.returncode) == (word + b"\n", b"", 0)
    assert recorder.summary(reel)["command"].startswith("/bin/echo")
    recorder.assert_clean(reel)


# --- readers at work while the program runs ---

def test_reel_is_read_while_it_is_recorded(recorder):
    reel = recorder.new_reel()
    process = recorder.start(recorder.record_command([recorder.program("tells_its_signals")], reel), stdout=-1, stderr=-1)
    assert process.stdout.readline() == b"ready\n"
    deadline = time.monotonic() + SECONDS
    while recorder.summary(reel)["events"] == 0:
        assert time.monotonic() < deadline
    assert recorder.summary(reel)["is_complete"] is False
    recorder.assert_clean(reel)
    process.terminate()
    assert process.communicate(timeout=SECONDS)[1] == b"" and process.returncode == signal.SIGTERM
    assert recorder.summary(reel)["is_complete"] is True


def test_finished_reel_is_one_plain_database(recorder):
    _, reel = recorder.record([recorder.program("prints_hello")])
    assert sorted(path.name for path in reel.parent.glob(reel.name + "*")) == [reel.name]
    with sqlite3.connect(f"file:{reel}?mode=ro", uri=True) as database:
        assert database.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert database.execute("pragma journal_mode").fetchone() == ("delete",)


# --- on a terminal ---

def test_program_has_the_terminal(recorder):
    reel = recorder.new_reel()
    script = "test -t 0 && test -t 1 && test -t 2 && stty -a | head -1; read x; echo got $x; exit 5"
    terminal = Terminal(recorder, recorder.record_command(["/bin/sh", "-c", script], reel))
    terminal.read_until(b"columns")
    terminal.type(b"words\n")
    terminal.read_until(b"got words")
    assert terminal.finish() == 5
    recorder.assert_clean(reel)


def test_interrupt_key_reaches_the_program_once(recorder):
    """The shell runs a trap between its commands, and so never within a read that begins just after the signal: it reads
    with a limit. Such a read may take the first of the two lines."""
    reel = recorder.new_reel()
    script = (
        "trap 'echo caught; n=$((n + 1))' INT; n=0; echo ready; until [ $n -gt 0 ]; do read -t 0.1 x; done;"
        "read y; echo caught $n times; exit 6"
    )
    terminal = Terminal(recorder, recorder.record_command(["/bin/bash", "-c", script], reel))
    terminal.read_until(b"ready")
    terminal.type(b"\x03")
    terminal.read_until(b"caught")
    terminal.type(b"y\ny\n")
    assert terminal.finish() == 6
    assert terminal.output.count(b"caught\r\n") == 1 and b"caught 1 times" in terminal.output
    recorder.assert_clean(reel)


def test_interrupt_key_ends_an_ordinary_program(recorder):
    reel = recorder.new_reel()
    terminal = Terminal(recorder, recorder.record_command(["/bin/sh", "-c", "echo ready; exec cat"], reel))
    terminal.read_until(b"ready")
    terminal.type(b"\x03")
    assert terminal.finish() == 128 + signal.SIGINT
    recorder.assert_clean(reel)
    assert json.loads(recorder.ask("summary", reel, "--json").stdout)["processes"][-1]["signal"] == signal.SIGINT


def test_progress_line_leaves_the_programs_output_whole(recorder):
    reel = recorder.new_reel()
    command = [recorder.heapreel, "record", "-o", reel, "--", recorder.program("counted_calls"), "20000"]
    terminal = Terminal(recorder, command)
    assert terminal.finish() == 0
    assert b"counted allocations=" in terminal.output and b"next: heapreel summary" in terminal.output
    events = json.loads(recorder.ask("summary", reel, "--json").stdout)["events"]
    assert f"heapreel: {events:_} events, peak ".replace("_", " ").encode() in terminal.output
