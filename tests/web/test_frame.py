# SPDX-License-Identifier: MIT
"""What the frame of the pages asks: how far a reel is, and the frames of a stack."""

import pathlib
import shutil
import sqlite3
import subprocess
import sys

import pytest

HOLDS = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("SELECT count(*) FROM run").fetchone()
database.execute("BEGIN")
database.execute("SELECT count(*) FROM run").fetchone()
print("held", flush=True)
sys.stdin.read()
"""


def reels(asking):
    return asking.get("/api/v1/reels").get_json()["reels"]


def test_a_finished_reel_does_not_grow(serving, planted):
    assert [(reel["is_complete"], reel["is_growing"]) for reel in reels(serving(planted))] == [(True, False)]


def test_a_reel_that_was_cut_off_grows_only_while_its_recorder_has_it(serving, spoiled):
    with sqlite3.connect(spoiled) as database:
        database.execute("UPDATE run SET is_complete = 0")
    database.close()
    asking = serving(spoiled)
    assert [(reel["is_complete"], reel["is_growing"]) for reel in reels(asking)] == [(False, False)]
    holder = subprocess.Popen([sys.executable, "-c", HOLDS, spoiled], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"held\n"
        assert reels(asking)[0]["is_growing"]
    finally:
        holder.communicate()
    assert not reels(asking)[0]["is_growing"]


def test_a_program_that_is_recorded_again_under_the_same_name_is_shown(serving, spoiled, sqlite, tmp_path):
    asking = serving(spoiled)
    before = reels(asking)[0]["generation"]
    asking.ask("/run?g=" + before)
    pathlib.Path(shutil.copy(sqlite, tmp_path / "again.reel")).replace(spoiled)
    assert "log_ring" in asking.columns("/run")["command"][0]  # until a page is loaded
    after = reels(asking)[0]["generation"]
    assert asking.columns("/run?g=" + after)["command"][0].startswith("sqlite3")
    refused = asking.ask("/run?g=" + before, status=409)  # a page that shows the one before
    assert refused["error"]["to_do"] == "reload the page"


def test_a_file_that_was_taken_away_is_still_served(serving, spoiled):
    asking = serving(spoiled)
    before = reels(asking)
    spoiled.unlink()
    assert reels(asking) == before
    assert "log_ring" in asking.columns("/run")["command"][0]


def test_the_frames_of_a_stack_are_those_of_its_text(serving, planted):
    asking = serving(planted)
    top = asking.columns("/top?t=peak&count=1")
    frames = asking.columns(f"/stack?stack={top['stack'][0]}")
    names = [text.split(" (")[0] for text in top["text"][0].split(" < ")]
    assert names == [name for name, module in zip(frames["function"], frames["module"])
                     if "libheapreel" not in (module or "")][:len(names)]
    assert {"main"} <= set(frames["function"])
    assert any(file and file.endswith("log_ring.c") and line for file, line in zip(frames["file"], frames["line"]))


@pytest.mark.parametrize("stack", [0, 4294967295])
def test_a_stack_that_there_is_not_has_no_frames(serving, planted, stack):
    assert serving(planted).ask(f"/stack?stack={stack}")["rows"] == 0


@pytest.mark.parametrize("stack", ["-1", "9223372036854775808", "x", ""])
def test_what_is_no_stack_is_refused(serving, planted, stack):
    serving(planted).ask(f"/stack?stack={stack}", status=400)


def test_callers_that_go_round_end(serving, spoiled):
    with sqlite3.connect(spoiled) as database:
        database.execute("UPDATE stack SET parent = stack")
    database.close()
    assert set(serving(spoiled).columns("/stack?stack=5")["place"]) == {0}


def test_the_parts_over_time_are_those_of_the_moments(serving, planted):
    asking = serving(planted)
    over = asking.columns("/heap_over?points=7")
    parts = ("requested", "rounding", "pinned", "retained", "metadata")
    assert len(over["end_ns"]) == 7 and over["end_ns"] == asking.columns("/timeline?points=7")["end_ns"]
    for row, end_ns in enumerate(over["end_ns"]):
        heap = asking.columns(f"/heap?t={end_ns // 10**9}.{end_ns % 10**9:09}s")
        assert sum(over[f"{part}_bytes"][row] for part in parts) == over["resident_bytes"][row]
        assert [over[f"{part}_bytes"][row] for part in parts] == [heap[f"{part}_bytes"][0] for part in parts]
    assert max(over["pinned_bytes"]) > 0
