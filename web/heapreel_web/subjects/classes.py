# SPDX-License-Identifier: MIT
"""Size classes and zones."""

import flask

from ..question import NEEDED, Question, add, integers, moment, names_of, number, process, strings
from .sites import FILTER

blueprint = flask.Blueprint("classes", __name__)

CLASS_COLUMNS = integers(
    "process", "class_number", "class_id?", "is_aligned", "slot_bytes?", "least_bytes", "greatest_bytes?", "live_blocks",
    "live_bytes", "usable_bytes", "rounding_bytes", "carved_slots?", "peak_live_slots?")

add(blueprint, Question(
    "/classes", "The size classes that have or had blocks",
    {"t": moment(NEEDED), "process": process()},
    f"SELECT {names_of(CLASS_COLUMNS)} FROM classes_at(:t) WHERE process = :process",
    CLASS_COLUMNS))

ZONE_COLUMNS = integers("process", "begin_address", "zone_bytes") + strings("kind") + integers(
    "class_number?", "live_blocks", "live_usable_bytes", "occupied_pages", "resident_pages", "pinned_bytes",
    "retained_bytes", "used_begin_address", "used_end_address")

add(blueprint, Question(
    "/zones", "Stretches of address space that serve blocks; of process 0 those of all",
    {"t": moment(NEEDED), "process": process()},
    f"SELECT {names_of(ZONE_COLUMNS)} FROM zones_at(:t)"
    " WHERE :process IN (0, process) ORDER BY process, begin_address",
    ZONE_COLUMNS))

add(blueprint, Question(
    "/class_zones", "What zones of an allocator of ours serve: each of one class, or of all", {},
    "SELECT DISTINCT class_id, role FROM zone WHERE role <> 'metadata' ORDER BY class_id",
    integers("class_id?") + strings("role"), kind="facts"))

AGE_COLUMNS = integers("class_number", "oldest_birth_event?", "oldest_birth_ns?")

add(blueprint, Question(
    "/class_ages", "The oldest live block of each class: a look at all blocks",
    {"t": moment(NEEDED), "process": process()},
    f"SELECT {names_of(AGE_COLUMNS)} FROM classes_at(:t) WHERE process = :process",
    AGE_COLUMNS))

BLAME_COLUMNS = integers("class_number", "pinned_bytes", "pinned_pages", "alone_pages")

add(blueprint, Question(
    "/class_blame", "Who pins memory, by class: a look at all blocks",
    {"t": moment(NEEDED), "process": process()},
    f"SELECT {names_of(BLAME_COLUMNS)} FROM blame_classes_at(:t, :process)",
    BLAME_COLUMNS))

PASSING_COLUMNS = integers("class_number", "live_blocks", "live_bytes", "usable_bytes")

add(blueprint, Question(
    "/passing_classes", "What a filter leaves of each class: a look at all blocks",
    {"t": moment(NEEDED), "process": process(), **FILTER, "stack": number(None, most=0xFFFFFFFF)},
    f"SELECT {names_of(PASSING_COLUMNS)} FROM stack_classes_at(:t, :process, :stack, :function, :class, :least, :most)",
    PASSING_COLUMNS))

SIZE_COLUMNS = integers("requested_bytes", "live_blocks", "usable_bytes")

add(blueprint, Question(
    "/sizes", "The requested sizes of the live blocks of a class, the most frequent first",
    {"t": moment(NEEDED), "process": process(), "class_number": number(NEEDED, most=0xFFFF),
     "count": number(100, 1, 10_000)},
    f"SELECT {names_of(SIZE_COLUMNS)} FROM sizes_at(:t, :process, :class_number) LIMIT :count",
    SIZE_COLUMNS))

POINTS_MAX = 2000

# Of each class 384 bytes of JSON, filled up with blanks, and four times a double for each point.
add(blueprint, Question(
    "/classes_over", "The classes over time, for drawing: of each the blocks, live, usable and vacant bytes at the points",
    {"t0_ns": number(0), "t1_ns": number(None), "points": number(300, 1, POINTS_MAX), "process": process()},
    """SELECT CAST(group_concat(printf('%-384s', json_array(class_number, class_id, is_aligned, slot_bytes, least_bytes,
        greatest_bytes, begin_ns, end_ns, vacant_bytes IS NOT NULL,
        :points)) || live_blocks || live_bytes || usable_bytes
        || coalesce(vacant_bytes, live_blocks), '') AS BLOB)
    FROM (SELECT * FROM classes_over(:t0_ns, :t1_ns, :points, :process) ORDER BY class_number)""",
    kind="range"))
