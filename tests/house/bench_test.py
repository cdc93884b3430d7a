# SPDX-License-Identifier: MIT
"""The benchmarks run, and say what they measured: no figure is judged, but each is there."""

import importlib.machinery
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

SOURCE = pathlib.Path(os.environ["HEAPREEL_SOURCE"])
BUILD = pathlib.Path(os.environ["HEAPREEL_BUILD"])
BENCH = SOURCE / "bench"
EVENT_COST = BUILD / "bench" / "event_cost"
sys.path.insert(0, str(BENCH))

import figures  # noqa: E402
import redis_load  # noqa: E402
import tables  # noqa: E402
import timed_run  # noqa: E402
import workload_list  # noqa: E402


def run_bench(*arguments, **variables):
    command = [sys.executable, BENCH / "run", "--build", BUILD, "--quick", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=500, env={**os.environ, **variables})


@pytest.fixture(scope="module")
def result():
    ended = run_bench("--json")
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def names_of_what_can_run(folder):
    here = [each.name for each in workload_list.all_workloads(BUILD, folder, True) if not each.missing()]
    return here, [] if redis_load.missing() else ["redis, one at a time", "redis, 16 at a time"]


def test_every_workload_is_measured(result, tmp_path):
    assert (list(result["workloads"]), list(result["loads"])) == names_of_what_can_run(tmp_path)
    for name, row in result["workloads"].items():
        assert row["events"] > 0 and row["lost_events"] == 0 and row["slowdown"] > 0, name
        assert row["bytes_per_event"] > 0 and row["waits"] >= 0, name
        assert ("added_ratio" in row) == ("heaptrack_s" in row) == (name != "g++, with children")
        assert row["cpu"]["heapreel_s"] > row["cpu"]["plain_s"] >= 0, name
    for name, row in result["loads"].items():
        assert row["events"] > 0 and row["lost_events"] == 0 and row["heapreel_per_s"] > 0, name
        assert row["cpu"]["plain_per_s"] > 0, name


def test_memory_is_that_of_the_program_and_of_the_recorder(result):
    for name, row in (result["workloads"] | result["loads"]).items():
        assert row["program"] not in ("heapreel", "heaptrack", "sh"), name
        assert 0 < row["plain_peak_bytes"] < row["heapreel_peak_bytes"] * 2, name
        assert row["tracer_peak_bytes"] > 1 << 20, name


def test_tables_have_a_line_for_each_row(result):
    lines = tables.table(tables.TIMES, result["workloads"]).splitlines()
    assert len(lines) == 2 + len(result["workloads"]) and len({len(line) for line in lines}) == 1
    assert tables.NOT_MEASURED in tables.table(tables.TIMES, {"x": {"events": 1}})


def test_a_program_that_is_missing_is_skipped_with_a_line(tmp_path):
    (tmp_path / "heaptrack").symlink_to(shutil.which("heaptrack"))
    (tmp_path / "git").symlink_to(shutil.which("git"))
    ended = run_bench("--only", "perl", PATH=str(tmp_path))
    assert ended.returncode == 0, ended.stderr
    assert "skipped perl words: no perl" in ended.stderr and "| perl" not in ended.stdout


def test_added_time_is_compared_within_a_round():
    row = figures.of_times([1.0, 2.0, 1.0], [3.0, 6.0, 2.0], [2.0, 3.0, 1.5])
    assert row["added_ratio"] == 2.0  # of 2, 4 and 2
    assert row["added_ratio_least"] == 2.0  # 2 - 1 over 1.5 - 1
    assert row["slowdown"] == 1.5


def test_time_of_the_processors_is_that_of_all_processes():
    timed_run.Run.launcher = str(BUILD / "bench" / "launch")
    loop = "i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done"
    one = timed_run.Run(["sh", "-c", loop])
    two = timed_run.Run(["sh", "-c", f"({loop}); ({loop}); ({loop}); ({loop})"])
    assert 0 < one.cpu_seconds < two.cpu_seconds


def test_a_ratio_to_nothing_is_no_number():
    assert figures.of_times([1.0], [2.0], [1.0])["added_ratio"] is None
    assert "added_ratio" not in figures.of_times([1.0], [], [1.5])


def test_slowdown_of_a_server_is_what_it_does_not_answer():
    row = figures.of_rates([100.0, 200.0], [50.0, 100.0], [80.0, 170.0])
    assert row["heaptrack_slowdown_percent"] == 50 and row["heapreel_slowdown_percent"] == pytest.approx(17.5)
    assert row["heapreel_slowdown_best_percent"] == pytest.approx(15)


def load_run():
    loader = importlib.machinery.SourceFileLoader("bench_run", str(BENCH / "run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench_run", loader))
    loader.exec_module(module)
    return module


def test_a_lost_event_ends_the_run(tmp_path):
    heapreel = tmp_path / "heapreel"
    heapreel.write_text("#!/bin/sh\necho '{\"lost_events\": 3}'\n")
    heapreel.chmod(0o755)
    timed_run.Run.launcher = str(BUILD / "bench" / "launch")
    with pytest.raises(SystemExit, match="3 events were lost"):
        load_run().Recorders(heapreel, tmp_path).take_heapreel()


def test_a_command_that_fails_ends_the_run():
    timed_run.Run.launcher = str(BUILD / "bench" / "launch")
    with pytest.raises(SystemExit, match="ended with 7"):
        timed_run.Run(["sh", "-c", "exit 7"])
    with pytest.raises(SystemExit, match="ended with 7"):
        timed_run.peaks_of(["sh", "-c", "exit 7"])


def parts_of_event_cost():
    listed = subprocess.run([EVENT_COST, "--list"], capture_output=True, text=True, check=True).stdout
    return [(name, int(frames)) for name, frames in map(str.split, listed.splitlines())]


def test_every_part_of_an_event_is_measured():
    printed = subprocess.run([EVENT_COST, "--quick", "--json"], capture_output=True, text=True, check=True, timeout=120).stdout
    measured = json.loads(printed)
    assert [(row["part"], row["frames"]) for row in measured] == parts_of_event_cost()
    assert all(0 < row["alone_least_ns"] <= row["alone_median_ns"] for row in measured)


def test_one_part_of_an_event_can_be_run_alone():
    for name, frames in parts_of_event_cost():
        subprocess.run([EVENT_COST, "--part", name, str(frames), "100"], check=True, timeout=60)
    assert subprocess.run([EVENT_COST, "--part", "no_such_part", "0", "1"], capture_output=True).returncode == 2


@pytest.mark.skipif(shutil.which("valgrind") is None, reason="no valgrind")
def test_instructions_of_a_part_are_counted():
    command = [sys.executable, BENCH / "event_instructions", "--build", BUILD, "--only", "nothing", "--frames", "22"]
    line = subprocess.run(command, capture_output=True, text=True, check=True, timeout=200).stdout.splitlines()[-1]
    assert 3 <= float(line.split("|")[2]) < 30  # a loop, a call, a return
