# SPDX-License-Identifier: MIT
"""The small programs, each with one nasty habit: same output and status as without us, and a clean reel."""
import json
import os
import signal

import pytest

from recording import PATH, counted, figures, total

pytestmark = pytest.mark.label("preload")
# Loading the library that captures stacks makes the dynamic loader allocate, and its first use as well.
CALLS_OF_THE_LOADER_AT_MOST = 20

is_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def record_same(recorder, argv, status=0, env=None, options=()):
    """Plain and recorded runs agree; the reel is clean and lost nothing. Returns (recorded outcome, summary)."""
    plain = recorder.run(argv, env=env)
    assert plain.status == status, plain
    outcome, summary = recorder.record_cleanly(argv, status=status, env=env, options=options)
    assert outcome == plain
    return outcome, summary


def pids(summary):
    return {process["pid"] for process in summary["processes"]}


def ends(summary):
    return sorted(process["exit_status"] for process in summary["processes"] if process["exit_status"] is not None)


def assert_counts_itself(recorder, argv, status=0, options=()):
    """The program's own counts are the reel's, but for the few calls that the loader makes for our libraries."""
    outcome, summary = recorder.record_cleanly(argv, status=status, options=options)
    counts = counted(outcome)
    for name in ("allocations", "frees"):
        assert counts[name] <= summary[name] <= counts[name] + CALLS_OF_THE_LOADER_AT_MOST
    assert summary["resizes"] == counts["resizes"]
    return summary


# --- threads ---

def test_fork_while_other_threads_allocate(recorder):
    _, summary = record_same(recorder, [recorder.program("fork_in_threads")])
    assert len(pids(summary)) == 41


@pytest.mark.parametrize("count", [5000])
def test_thousands_of_short_threads(recorder, count):
    _, summary = record_same(recorder, [recorder.program("thousand_threads"), count])
    # A detached thread may free its own stack's tables after its end was noted: then it is listed twice.
    assert count + 1 <= summary["threads"] <= count + 1 + count // 50
    assert summary["allocations"] >= 11 * count


@pytest.mark.parametrize("events", [
    pytest.param(2_000_000, id="short"),
    pytest.param(50_000_000, id="soak", marks=[pytest.mark.label("soak"), pytest.mark.seconds(1800)]),
])
def test_eight_threads_hand_blocks_to_each_other(recorder, events):
    program = recorder.program("hand_over")
    _, idle = recorder.record_cleanly([program, "0"])  # what libc allocates for the threads themselves
    outcome, summary = recorder.record_cleanly([program, str(events)], timeout=900)
    assert figures(summary) == total(figures(idle), counted(outcome))
    assert summary["events"] > 0.9 * events


def test_small_rings_make_threads_wait_and_lose_nothing(recorder):
    argv = [recorder.program("hand_over"), "400000"]
    outcome, summary = recorder.record_cleanly(argv, options=["--ring-events", "1024"])
    assert summary["waits"] > 0 and summary["resizes"] == counted(outcome)["resizes"]


def test_small_rings_that_may_drop_count_what_they_drop(recorder):
    argv = [recorder.program("hand_over"), "400000"]
    outcome, reel = recorder.record(argv, options=["--ring-events", "1024", "--full", "drop"])
    assert outcome.status == 0
    summary = recorder.summary(reel)
    assert summary["lost_events"] > 0 and summary["waits"] == 0
    calls = counted(outcome)["allocations"] + counted(outcome)["resizes"]
    assert summary["allocations"] + summary["resizes"] < calls + CALLS_OF_THE_LOADER_AT_MOST
    assert b"LOST" in recorder.ask("summary", reel).stdout
    assert recorder.check(reel).status in (0, 1)


# --- processes ---

def test_vfork_and_spawn(recorder):
    _, summary = record_same(recorder, [recorder.program("vfork_exec")])
    assert ends(summary) == [0] + [5] * 40


def test_chain_of_execs_stays_one_process(recorder):
    _, summary = record_same(recorder, [recorder.program("exec_chain"), "16"], status=6)
    assert len(pids(summary)) == 1 and len(summary["processes"]) == 17
    assert all(process["allocations"] >= 1 for process in summary["processes"])


def test_exec_follows_into_a_cleared_environment(recorder):
    _, summary = record_same(recorder, [recorder.program("exec_cleared_environment")])
    assert len(pids(summary)) == 4
    assert ends(summary) == [0, 5, 5, 5]
    assert len([process for process in summary["processes"] if process["command"].endswith("child")]) == 3


def test_program_clears_its_environment(recorder):
    _, summary = record_same(recorder, [recorder.program("clears_environment")])
    assert summary["frees"] >= 300


def test_two_hundred_children_at_once(recorder):
    script = "for i in $(seq 200); do (exit 3) & done; wait; echo all"
    _, summary = record_same(recorder, ["/bin/sh", "-c", script])
    assert len(pids(summary)) == 202 and ends(summary).count(3) == 200


def test_daemon_is_followed_to_its_end(recorder, tmp_path):
    written = tmp_path / "written"
    outcome, summary = recorder.record_cleanly([recorder.program("daemonises"), written])
    assert outcome.stdout == b"the first process ends\n"
    assert written.read_text() == "written by the daemon\n"
    assert len(pids(summary)) == 3 and summary["frees"] > 10000


def test_forks_that_no_handler_hears_of(recorder):
    _, summary = record_same(recorder, [recorder.program("raw_clone_fork")])
    assert len(pids(summary)) == 3 and summary["frees"] >= 5000


# --- code that comes and goes, and stacks that break off ---

def test_libraries_that_come_and_go(recorder):
    record_same(recorder, [recorder.program("dlopen_dlclose_loop"), recorder.program("plugin.so"), "200"])


@pytest.mark.parametrize("stacks", ["on", "alloc", "off", "verify"])
@pytest.mark.parametrize("program", ["longjmp_out_of_callees", "cxx_exceptions", "tls_destructor_frees"])
def test_stacks_that_break_off(recorder, program, stacks):
    record_same(recorder, [recorder.program(program)], options=["--stacks", stacks])


def test_deep_recursion(recorder):
    assert_counts_itself(recorder, [recorder.program("deep_recursion"), "1000"])


# --- beginning and end ---

def test_allocations_before_and_after_everything(recorder):
    record_same(recorder, [recorder.program("early_constructor_allocates")])


@pytest.mark.parametrize("way, status", [
    ("exit", 7), ("_exit", 7), ("exit_group", 7), ("quick_exit", 7), ("return", 7), ("thread_exit", 7), ("pthread_exit", 0),
    ("abort", 128 + signal.SIGABRT), ("kill", 128 + signal.SIGKILL), ("segv", 128 + signal.SIGSEGV)])
def test_ways_to_end(recorder, way, status):
    outcome, summary = record_same(recorder, [recorder.program("exit_paths"), way], status=status)
    for name, count in counted(outcome).items():
        assert summary[name] >= count
    process, = summary["processes"]
    if status > 128:
        assert (process["exit_status"], process["signal"]) == (None, status - 128)
    else:
        assert (process["exit_status"], process["signal"]) == (status, None)


@pytest.mark.parametrize("way", ["exit", "_exit", "exit_group", "quick_exit", "return", "kill"])
def test_every_call_until_the_end_is_there(recorder, way):
    status = 128 + signal.SIGKILL if way == "kill" else 7
    assert_counts_itself(recorder, [recorder.program("exit_paths"), way], status=status)


# --- signals ---

@pytest.mark.parametrize("where", [[], ["alternate"]], ids=["own_stack", "alternate_stack"])
def test_signal_handler_allocates(recorder, where):
    record_same(recorder, [recorder.program("signal_handler_allocates"), *where])


@pytest.mark.parametrize("where", [[], ["alternate"]], ids=["own_stack", "alternate_stack"])
def test_signal_handler_allocates_inside_the_recorder(recorder, where):
    env = {"LD_PRELOAD": recorder.program("interruptible_allocator.so")}
    record_same(recorder, [recorder.program("signal_handler_allocates"), "anywhere", *where], env=env)


# --- programs that lock themselves in ---

def test_every_descriptor_is_closed(recorder):
    assert_counts_itself(recorder, [recorder.program("closes_all_descriptors")])


@pytest.mark.parametrize("way, options", [
    pytest.param("futex", [], id="large_ring"), pytest.param("futex", ["--ring-events", "1024"], id="small_ring"),
    pytest.param("no_futex", [], id="no_futex")])
def test_seccomp_filter_that_kills(recorder, way, options):
    assert_counts_itself(recorder, [recorder.program("seccomp_strict_filter"), way], options=options)


def test_seccomp_filter_that_kills_threads(recorder):
    outcome, summary = record_same(recorder, [recorder.program("seccomp_strict_filter"), "threads"])
    assert summary["frees"] >= counted(outcome)["frees"]


@is_root
def test_chroot(recorder, tmp_path):
    jail = tmp_path / "jail"
    jail.mkdir()
    outcome, summary = recorder.record_cleanly([recorder.program("chroots"), jail])
    assert outcome.stdout == b"child 4\n" and summary["frees"] >= 50000
    assert os.listdir(jail) == []


@is_root
def test_dropped_privileges(recorder):
    _, summary = record_same(recorder, [recorder.program("drops_privileges")])
    assert summary["frees"] >= 15000 and summary["threads"] >= 2


# --- the malloc family ---

def test_requests_reach_the_allocator_unchanged(recorder):
    record_same(recorder, [recorder.program("prints_usable_sizes")])


def test_blocks_are_as_large_as_the_allocator_says(recorder):
    outcome, reel = recorder.record([recorder.program("tells_where_and_how_large")])
    recorder.assert_clean(reel)
    query = "select cast(address as text) as address, usable_bytes from events where kind <> 'free' order by event"
    rows = json.loads(recorder.ask("sql", reel, query, "--json").stdout)
    recorded = {row["address"]: row["usable_bytes"] for row in rows}
    told = dict(line.split() for line in outcome.stdout.decode().splitlines())
    assert len(told) == 4000
    assert {address: recorded[address] for address in told} == {address: int(size) for address, size in told.items()}


def test_one_thread_counts_exactly(recorder):
    assert_counts_itself(recorder, [recorder.program("counted_calls"), "20000"])


# --- what passes between the terminal and the program ---

@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGWINCH"])
def test_signals_are_passed_on(recorder, name):
    number = signal.Signals[name]
    reel = recorder.new_reel()
    process = recorder.start(recorder.record_command([recorder.program("tells_its_signals")], reel), stdout=-1, stderr=-1)
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=60)
    assert (stdout.decode(), stderr) == (f"got {name[3:]}\n", b"")
    assert process.returncode == number
    recorder.assert_clean(reel)


def test_environment_gains_only_our_variables(recorder):
    plain = recorder.run(["/usr/bin/env", "-0"]).stdout.split(b"\0")
    recorded = recorder.record(["/usr/bin/env", "-0"])[0].stdout.split(b"\0")
    gained = set(recorded) - set(plain)
    assert set(plain) <= set(recorded)
    assert all(line.startswith((b"LD_PRELOAD=", b"HEAPREEL_")) for line in gained), gained


def test_standard_input_and_directory_are_the_programs(recorder, tmp_path):
    outcome, _ = recorder.record(["/bin/sh", "-c", "pwd; cat; exit 3"], stdin=b"some input\n" * 10000, cwd=tmp_path)
    assert outcome.stdout == str(tmp_path).encode() + b"\n" + b"some input\n" * 10000 and outcome.status == 3


def test_program_is_found_on_the_path(recorder):
    outcome, reel = recorder.record(["true"], env={"PATH": PATH})
    assert (outcome.stdout, outcome.stderr, outcome.status) == (b"", b"", 0)
    recorder.assert_clean(reel)
