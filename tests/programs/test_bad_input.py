# SPDX-License-Identifier: MIT
"""What cannot be recorded or read: one clear line on stderr, the right exit status, nothing lost, no crash."""
import os
import random
import shutil
import sqlite3
import stat
import struct

import pytest

from recording import counted, figures

pytestmark = pytest.mark.label("faults")

USAGE, CANNOT = 2, 3
NOT_EXECUTABLE, NOT_FOUND = 126, 127  # as a shell says, from `record`
FINDING = 1
is_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def assert_refused(outcome, *words, status=CANNOT, stdout=b""):
    """One line on stderr that holds all the words."""
    lines = outcome.error_lines()
    assert outcome.status == status and outcome.stdout == stdout and len(lines) == 1, outcome
    for word in words:
        assert str(word) in lines[0], (word, lines[0])


# --- programs ---

@pytest.fixture
def refuse(recorder):
    """Records a program that cannot be recorded: refused in one line that names it, and no reel is left."""
    def refuse_to_record(path, *words, status=CANNOT):
        outcome, reel = recorder.record([path])
        assert_refused(outcome, path, *words, status=status)
        assert not list(reel.parent.glob(reel.name + "*"))
    return refuse_to_record


def test_missing_program(refuse, tmp_path):
    refuse(tmp_path / "missing", status=NOT_FOUND)


def test_missing_program_on_the_path(refuse):
    refuse("no-such-program-anywhere", status=NOT_FOUND)


def test_program_that_is_not_executable(refuse, tmp_path):
    path = tmp_path / "plain"
    path.write_text("#!/bin/sh\n")
    refuse(path, status=NOT_EXECUTABLE)


def test_program_that_is_a_directory(refuse, tmp_path):
    refuse(tmp_path, status=NOT_EXECUTABLE)


def test_static_program(refuse, recorder):
    refuse(recorder.program("prints_hello_static"), "static")


def test_set_uid_program(refuse, recorder, tmp_path):
    path = tmp_path / "set_uid"
    shutil.copy(recorder.program("prints_hello"), path)
    path.chmod(0o4755)
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534)  # set-uid to the caller's own user would change nothing
        path.chmod(0o4755)
    if not path.stat().st_mode & stat.S_ISUID or os.statvfs(tmp_path).f_flag & os.ST_NOSUID:
        pytest.skip("set-uid bits have no effect here")
    if os.geteuid() != 0:
        pytest.skip("a set-uid program of another user needs root to make")
    refuse(path, "set-uid")


def test_32_bit_program(refuse, tmp_path):
    path = tmp_path / "narrow"
    header = b"\x7fELF" + bytes([1, 1, 1, 0]) + bytes(8)
    header += struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, 0x8048054, 52, 0, 0, 52, 32, 1, 0, 0, 0)
    header += struct.pack("<IIIIIIII", 1, 0, 0x8048000, 0x8048000, 84, 84, 5, 4096)
    path.write_bytes(header)
    path.chmod(0o755)
    refuse(path, "32-bit")


def test_script_with_a_missing_interpreter(refuse, tmp_path):
    path = tmp_path / "script"
    path.write_text("#!/no/such/interpreter\n")
    path.chmod(0o755)
    refuse(path)


def test_no_program_at_all(recorder):
    outcome = recorder.run([recorder.heapreel, "record"])
    assert outcome.status == USAGE and outcome.stdout == b"" and outcome.stderr != b""


# --- places ---

def test_output_that_exists_is_kept(recorder):
    reel = recorder.new_reel()
    reel.write_text("precious")
    outcome, _ = recorder.record([recorder.program("prints_hello")], reel)
    assert_refused(outcome, reel, "--force")
    assert reel.read_text() == "precious"


def test_output_that_exists_is_replaced_by_force(recorder):
    reel = recorder.new_reel()
    reel.write_text("worthless")
    outcome, _ = recorder.record([recorder.program("prints_hello")], reel, options=["--force"])
    assert (outcome.stdout, outcome.status) == (b"hello\n", 4)
    recorder.assert_clean(reel)


def test_output_in_a_missing_directory(recorder, tmp_path):
    reel = tmp_path / "missing" / "x.reel"
    outcome, _ = recorder.record([recorder.program("prints_hello")], reel)
    assert_refused(outcome, reel)


def test_output_in_a_directory_that_cannot_be_written(recorder, tmp_path):
    place = "/proc" if os.geteuid() == 0 else tmp_path / "locked"  # root may write wherever a directory can be written
    if place != "/proc":
        place.mkdir(mode=0o500)
    outcome, _ = recorder.record([recorder.program("prints_hello")], os.path.join(place, "x.reel"))
    assert_refused(outcome, place)


def test_full_disk(recorder, small_tmpfs):
    """The program runs on to its end, the status tells, and the reel holds what was committed."""
    reel = small_tmpfs(16 * 1024) / "x.reel"  # room for more than one transaction
    outcome, _ = recorder.record([recorder.program("hand_over"), "12000000"], reel)
    assert outcome.status == CANNOT and len(outcome.error_lines()) == 1 and "full" in outcome.error_lines()[0], outcome
    assert counted(outcome)["allocations"] > 5_000_000
    summary = recorder.summary(reel)
    assert 0 < summary["events"] < 11_000_000 and summary["is_complete"] is False
    recorder.assert_clean(reel)


@pytest.mark.parametrize("kib", [4, 64, 1024])
def test_shared_memory_too_small_to_begin(recorder, small_tmpfs, kib):
    small_tmpfs(kib, "/dev/shm")
    outcome, _ = recorder.record([recorder.program("prints_hello")])
    assert_refused(outcome, "/dev/shm")


def test_shared_memory_runs_out(recorder, small_tmpfs):
    """Many processes and threads at once in little shared memory: they all do their work, and what is missing is said."""
    small_tmpfs(24 * 1024, "/dev/shm")
    script = "for i in 1 2 3 4 5 6; do $0 100000 & done; $0 100000; wait"
    argv = ["/bin/sh", "-c", script, recorder.program("hand_over")]
    outcome, reel = recorder.record(argv)
    assert outcome.status == 0 and outcome.stdout.count(b"counted ") == 7
    assert recorder.check(reel).status == 0
    assert recorder.summary(reel)["events"] > 0


# --- reels ---

@pytest.fixture
def good_reel(recorder):
    _, reel = recorder.record([recorder.program("counted_calls"), "3000"])
    return reel


READERS = [["summary"], ["summary", "--json"], ["check"], ["top", "--by", "live"], ["sql", "select count(*) from events"],
           ["top", "--by", "allocated"], ["blame", "--at", "end"], ["classes"], ["pages", "--at", "50%"], ["timeline"],
           ["address", "0x1000"], ["diff", "10%", "end", "--by", "pinned"]]


def read_by_all(recorder, reel):
    for command, *words in READERS:
        yield recorder.ask(command, reel, *words)


def assert_unreadable(recorder, reel, *words):
    for outcome in read_by_all(recorder, reel):
        assert_refused(outcome, reel, *words)


def test_missing_reel(recorder, tmp_path):
    assert_unreadable(recorder, tmp_path / "missing.reel")
    assert not os.path.exists(tmp_path / "missing.reel")


def test_directory_as_reel(recorder, tmp_path):
    assert_unreadable(recorder, tmp_path)


@pytest.mark.parametrize("content", [b"", b"x", b"not a database, but a text\n" * 500, bytes(100_000)],
                         ids=["empty", "one_byte", "text", "zeroes"])
def test_file_that_is_no_database(recorder, tmp_path, content):
    path = tmp_path / "x.reel"
    path.write_bytes(content)
    assert_unreadable(recorder, path)
    assert path.read_bytes() == content


def test_database_of_another_application(recorder, tmp_path):
    path = tmp_path / "x.reel"
    with sqlite3.connect(path) as database:
        database.execute("create table process(process integer)")
        database.execute("pragma application_id = 1234")
    assert_unreadable(recorder, path, "not a reel")


def test_reel_of_a_newer_version(recorder, good_reel):
    with sqlite3.connect(good_reel) as database:
        database.execute("pragma user_version = 4711")
    assert_unreadable(recorder, good_reel, "4711")


def is_graceful(outcome):
    """An answer, or a refusal in one line; never a death by signal, never both wrong and silent."""
    if outcome.status in (0, FINDING):
        return True
    return outcome.status == CANNOT and len(outcome.error_lines()) == 1


@pytest.mark.parametrize("part", [1, 50, 99, 100, 4095, 4096, "quarter", "half", "all_but_one"])
def test_truncated_reel(recorder, good_reel, part):
    whole = good_reel.read_bytes()
    size = {"quarter": len(whole) // 4, "half": len(whole) // 2, "all_but_one": len(whole) - 1}.get(part, part)
    good_reel.write_bytes(whole[:size])
    for outcome in read_by_all(recorder, good_reel):
        assert is_graceful(outcome), outcome
    assert recorder.check(good_reel).status != 0


@pytest.mark.parametrize("times", [
    pytest.param(40, id="short"),
    pytest.param(1000, id="soak", marks=[pytest.mark.label("soak"), pytest.mark.seconds(1800)])])
def test_flipped_bits(recorder, good_reel, times):
    seed = int(os.environ.get("HEAPREEL_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"HEAPREEL_SEED={seed}")
    chance = random.Random(seed)
    whole = good_reel.read_bytes()
    for _ in range(times):
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 1, 1, 20])):
            at = chance.randrange(100 if chance.random() < 0.2 else len(damaged))
            damaged[at] ^= 1 << chance.randrange(8)
        good_reel.write_bytes(damaged)
        for command, *words in chance.sample(READERS, 2):
            outcome = recorder.ask(command, good_reel, *words)
            assert is_graceful(outcome), (command, outcome)


def test_flipped_event_is_found(recorder, good_reel):
    """A change inside the recorded events does not pass the check."""
    with sqlite3.connect(good_reel) as database:
        (first, data), = database.execute("select first_event, data from chunk_data order by length(data) desc limit 1")
        damaged = bytearray(data)
        damaged[len(damaged) // 2] ^= 0x10
        database.execute("update chunk_data set data = ? where first_event = ?", (bytes(damaged), first))
    assert recorder.check(good_reel).status in (FINDING, CANNOT)


def test_figures_of_a_good_reel_stay_the_same_when_read_again(recorder, good_reel):
    before = good_reel.read_bytes()
    first = recorder.summary(good_reel)
    assert figures(recorder.summary(good_reel)) == figures(first)
    assert good_reel.read_bytes() == before and not list(good_reel.parent.glob("*-wal"))
