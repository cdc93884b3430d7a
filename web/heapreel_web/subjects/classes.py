# SPDX-License-Identifier: MIT
"""Size classes and zones."""

import flask

from ..question import NEEDED, Question, add, integers, moment, names_of, process, strings

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
