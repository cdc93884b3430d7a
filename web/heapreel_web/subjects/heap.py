# SPDX-License-Identifier: MIT
"""The heap of all processes or one: the identity at a moment, and the run as points."""

import flask

from ..question import NEEDED, Question, add, integers, moment, names_of, number, process, strings, word

blueprint = flask.Blueprint("heap", __name__)

POINTS_MAX = 10_000

HEAP_COLUMNS = integers(
    "process", "events", "t_ns", "damaged_events", "resident_bytes", "requested_bytes", "rounding_bytes", "pinned_bytes",
    "retained_bytes", "metadata_bytes", "untouched_bytes", "sample_t_ns?", "kernel_resident_bytes?", "live_blocks",
    "live_bytes", "usable_bytes", "inherited_blocks", "inherited_bytes", "header_bytes", "occupied_pages",
    "occupied_pinned_bytes") + strings("pages_by_fill") + integers(
    "carved_slots?", "carved_bytes?", "class_peak_bytes?", "peak_slot_bytes?", "live_slot_bytes?")

add(blueprint, Question(
    "/heap", "The identity of every resident byte at a moment, and its figures: a row for each process, or of all",
    {"t": moment(NEEDED), "process": process(),
     "of": word(("cursor", "mark"), "cursor", description="mark: the cursor's moment stays where it is")},
    f"SELECT {names_of(HEAP_COLUMNS)} FROM heap_at(:t) WHERE process = :process",
    HEAP_COLUMNS, kind=lambda values: "range" if values.get("of") == "mark" else "moment", travels=True))

TIMELINE_COLUMNS = integers(
    "begin_ns", "end_ns", "events", "allocations", "frees", "resizes", "requested_bytes", "live_bytes_min",
    "live_bytes_max", "live_bytes", "live_blocks", "resident_bytes?")

add(blueprint, Question(
    "/timeline", "A stretch of time in equal parts, from the rows of chunks alone",
    {"t0_ns": number(0), "t1_ns": number(None), "points": number(500, 1, POINTS_MAX)},
    f"SELECT {names_of(TIMELINE_COLUMNS)} FROM timeline(:t0_ns, :t1_ns, :points)",
    TIMELINE_COLUMNS, kind="facts"))

PARTS_POINTS_MAX = 500
OVER_COLUMNS = integers("begin_ns", "end_ns", "t_ns", "resident_bytes", "requested_bytes", "rounding_bytes",
                        "pinned_bytes", "retained_bytes", "metadata_bytes", "untouched_bytes", "sample_t_ns?")

add(blueprint, Question(
    "/heap_over", "The identity of every resident byte over time: exact at the end of each of equal parts of a stretch",
    {"t0_ns": number(0), "t1_ns": number(None), "points": number(60, 1, PARTS_POINTS_MAX), "process": process()},
    f"""SELECT {names_of(OVER_COLUMNS[:2])}, {", ".join("h." + column.name for column in OVER_COLUMNS[2:])}
        FROM timeline(:t0_ns, :t1_ns, :points) p,
            heap_at(printf('%d.%09ds', p.end_ns / 1000000000, p.end_ns % 1000000000)) h
        WHERE h.process = :process""",
    OVER_COLUMNS, kind="over"))
