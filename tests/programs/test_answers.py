# SPDX-License-Identifier: MIT
"""The answers about recorded programs agree with each other: what one command says adds up to what another says."""
import json
from dataclasses import dataclass, field

import pytest

from catalogue import JSON_PY, ROWS_SQL
from recording import Recorder

# Events, not times: the half of the time may be before the program began.
MOMENTS = ["peak", pytest.param("#5000", id="early"), "end"]
PARTS = ("requested_bytes", "rounding_bytes", "pinned_bytes", "retained_bytes", "metadata_bytes")
QUESTIONS = [["top"], ["top", "--by", "pinned"], ["blame"], ["classes"], ["pages"], ["timeline"],
             ["timeline", "--points", "7"], ["address", "0x1000"], ["diff", "10%", "peak"]]


@dataclass(frozen=True)
class Recorded:
    recorder: Recorder
    reel: object
    summary: dict = field(default_factory=dict)

    def ask(self, command, *words, status=0):
        outcome = self.recorder.ask(command, self.reel, *words)
        assert outcome.status == status, outcome
        return outcome

    def answer(self, command, *words):
        outcome = self.ask(command, *words, "--json")
        assert outcome.stderr == b""
        return json.loads(outcome.stdout)

    def top(self, measure, moment):
        return self.answer("top", "--by", measure, "--at", moment, "--limit", "0")


PROGRAMS = {
    "sqlite3": (["/usr/bin/sqlite3", ":memory:"], ROWS_SQL.encode(), [], {}),
    "python3": (["/usr/bin/python3", "-c", JSON_PY], b"", [], {"PYTHONMALLOC": "malloc"}),
    "sqlite3-bump": (["/usr/bin/sqlite3", ":memory:"], ROWS_SQL.encode(), ["--allocator", "bump:lifo"], {}),
    "sqlite3-zoned": (["/usr/bin/sqlite3", ":memory:"], ROWS_SQL.encode(), ["--allocator", "zoned"], {}),
}


@pytest.fixture(params=PROGRAMS, ids=PROGRAMS)
def recorded(request, recorder):
    argv, stdin, options, env = PROGRAMS[request.param]
    outcome, reel = recorder.record(argv, options=options, stdin=stdin, env=env)
    assert outcome.status == 0, outcome
    return Recorded(recorder, reel, recorder.summary(reel))


# Where all stacks are asked for: python3 has thousands.
few_stacks = pytest.mark.parametrize("recorded", [name for name in PROGRAMS if name != "python3"], indirect=True)


def bytes_of(rows):
    return sum(row["bytes"] for row in rows)


@few_stacks
def test_measures_are_the_figures_of_the_summary(recorded):
    summary = recorded.summary
    assert recorded.top("live", "peak")["bytes"] == summary["peak_live_bytes"]
    assert recorded.top("peak", "end")["bytes"] == summary["peak_live_bytes"]
    allocated = recorded.top("allocated", "end")
    assert (allocated["bytes"], allocated["blocks"]) == (summary["total_requested_bytes"], summary["allocations"])
    assert recorded.top("temporary", "end")["blocks"] == summary["temporary_allocations"]
    leaked = recorded.top("leaked", "end")
    assert (leaked["bytes"], leaked["blocks"]) == (summary["leaked_bytes"], summary["leaked_blocks"])
    for measure in ("live", "allocated", "pinned", "rounding"):
        answer = recorded.top(measure, f"#{summary['events'] // 2}")
        assert bytes_of(answer["stacks"]) == answer["bytes"] > 0
        assert [row["bytes"] for row in answer["stacks"]] == sorted((row["bytes"] for row in answer["stacks"]), reverse=True)


@few_stacks
@pytest.mark.parametrize("moment", MOMENTS)
def test_blame_classes_and_pages_agree(recorded, moment):
    live = recorded.top("live", moment)
    blame = recorded.answer("blame", "--at", moment, "--limit", "0")
    classes = recorded.answer("classes", "--at", moment)
    pages = recorded.answer("pages", "--at", moment, "--limit", "0")
    identity = blame["identity"]
    assert identity["resident_bytes"] == sum(identity[part] for part in PARTS)
    assert classes["identity"] == identity
    assert pages["processes"][0]["identity"] == identity
    assert blame["live_bytes"] == classes["live_bytes"] == live["bytes"]
    assert blame["live_blocks"] == classes["live_blocks"] == live["blocks"]
    assert sum(row["live_blocks"] for row in classes["classes"]) == live["blocks"]
    assert sum(row["rounding_bytes"] for row in classes["classes"]) == blame["rounding_bytes"]
    # Shares are rounded down, once for each stack or class.
    for rows in (blame["stacks"], classes["classes"]):
        assert 0 <= blame["pinned_bytes"] - sum(row["pinned_bytes"] for row in rows) <= len(rows)
    assert sum(pages["processes"][0]["pages_by_fill"]) == pages["processes"][0]["occupied_pages"]
    assert sum(region["live_blocks"] for region in pages["processes"][0]["regions"]) == live["blocks"]


@few_stacks
def test_a_difference_is_what_the_moments_differ_by(recorded):
    before, after = recorded.top("live", "20%"), recorded.top("live", "peak")
    difference = recorded.answer("diff", "20%", "peak", "--limit", "0")
    assert difference["bytes"] == after["bytes"] - before["bytes"]
    assert bytes_of(difference["stacks"]) == difference["bytes"]
    held = {row["stack"]: row["bytes"] for row in after["stacks"]}
    for row in before["stacks"]:
        held[row["stack"]] = held.get(row["stack"], 0) - row["bytes"]
    assert {row["stack"]: row["bytes"] for row in difference["stacks"] if row["bytes"]} == {
        stack: change for stack, change in held.items() if change}


@pytest.mark.parametrize("recorded", ["python3"], indirect=True)
def test_the_parts_of_a_large_heap_agree(recorded):
    blame, classes = recorded.answer("blame", "--at", "end"), recorded.answer("classes", "--at", "end")
    identity = blame["identity"]
    assert identity["is_sampled"] and identity == classes["identity"]
    assert identity["resident_bytes"] == sum(identity[part] for part in PARTS)
    assert len(blame["stacks"]) == 10 and blame["stacks"][0]["frames"]
    assert sum(row["live_blocks"] for row in classes["classes"]) == blame["live_blocks"]
    assert recorded.answer("top", "--limit", "1")["bytes"] == recorded.summary["peak_live_bytes"]


def test_the_timeline_has_all_events_and_the_peak(recorded):
    points = recorded.answer("timeline", "--points", "20")["points"]
    assert len(points) == 20
    for name in ("allocations", "frees", "resizes"):
        assert sum(point[name] for point in points) == recorded.summary[name]
    assert max(point["live_bytes_max"] for point in points) == recorded.summary["peak_live_bytes"]
    assert points[-1]["events"] == recorded.summary["events"]


def test_an_address_tells_the_events_of_its_blocks(recorded):
    query = ("select address, count(*), max(event) from events where kind = 'alloc' group by address "
             "having count(*) between 2 and 50 order by 2 desc, 1 limit 1")
    row, = json.loads(recorded.ask("sql", query, "--json").stdout)
    answer = recorded.answer("address", str(row["address"]), "--limit", "0")
    mine = [block for block in answer["blocks"] if int(block["address"], 16) == row["address"]]
    assert len(mine) == row["count(*)"] and mine[-1]["birth_event"] == row["max(event)"]
    for block, later in zip(mine, mine[1:]):
        assert block["birth_event"] < block["free_event"] < later["birth_event"]
    assert mine[-1]["allocated"]["frames"]


def test_every_question_has_an_answer_in_words(recorded):
    for command, *words in QUESTIONS:
        outcome = recorded.ask(command, *words)
        assert outcome.stdout and outcome.stderr == b"", (command, outcome)


def test_bounds_fail_a_build(recorded):
    for command in ("summary", "top", "blame", "classes"):
        recorded.ask(command, "--fail-if", "live_bytes < 1 or lost_events > 0")
        outcome = recorded.ask(command, "--fail-if", "live_bytes > 1 and events > 1", status=1)
        assert outcome.error_lines()[0].startswith("heapreel: --fail-if: live_bytes is ")
        assert outcome.stdout == recorded.ask(command).stdout
