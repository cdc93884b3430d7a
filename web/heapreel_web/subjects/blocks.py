# SPDX-License-Identifier: MIT
"""Single blocks: those that live at a moment, who held an address, how long blocks lived."""

import flask

from ..question import NEEDED, Question, add, integers, moment, names_of, number, process, strings, text

blueprint = flask.Blueprint("blocks", __name__)

ROWS = 200
ROWS_MAX = 2_000
RANGE = {"t0": moment("0"), "t1": moment("end")}

BLOCK_COLUMNS = integers("process", "address", "requested_bytes", "usable_bytes", "class_number", "stack?",
                         "birth_event?", "is_inherited")
FILTER = {
    "process": process(), "class": number(None, most=255), "least": number(None), "most": number(None),
    "stack": number(None), "begin": number(None), "end": number(None), "function": text(None, 64),
}
# What each parameter leaves of the blocks; only those that are given are written, so that the engine reads less.
CONDITIONS = {
    "process": "process = :process", "class": "class_number = :class", "least": "requested_bytes >= :least",
    "most": "requested_bytes <= :most", "stack": "stack = :stack", "begin": "address >= :begin", "end": "address < :end",
    "function": """stack IN (WITH RECURSIVE outer(stack, parent, frame) AS (
            SELECT stack, parent, frame FROM stack
            UNION ALL SELECT o.stack, s.parent, s.frame FROM outer o JOIN stack s ON s.stack = o.parent AND s.stack < o.stack)
        SELECT stack FROM outer JOIN symbol USING (frame) WHERE instr(lower(function), lower(:function)) > 0)""",
    "after_process": "(process, address) > (:after_process, :after_address)",
}


def blocks_sql(values):
    """The blocks that pass, by process and address; from the one on that the browser has last."""
    given = [condition for name, condition in CONDITIONS.items() if values.get(name) not in (None, "")
             and (name != "process" or values[name] != 0)]
    where = " AND ".join(given) or "1"
    return f"""SELECT {names_of(BLOCK_COLUMNS)}, stack_text(stack) AS text FROM (
        SELECT * FROM blocks_at(:t) WHERE {where} ORDER BY process, address LIMIT :limit + 1)"""


add(blueprint, Question(
    "/blocks", "Live blocks that pass the filter, by process and address",
    {"t": moment(NEEDED), **FILTER, "after_process": number(None), "after_address": number(0),
     "limit": number(ROWS, 1, ROWS_MAX)},
    blocks_sql, BLOCK_COLUMNS + strings("text?")))

TENANT_COLUMNS = integers("process", "address", "requested_bytes", "usable_bytes", "birth_event", "birth_ns",
                          "alloc_thread?", "alloc_stack?", "free_event?", "free_ns?", "free_thread?", "free_stack?",
                          "damaged_events")

add(blueprint, Question(
    "/address", "The blocks that held a byte, in the order of their births",
    {"address": number(NEEDED), "process": process()},
    f"""SELECT {names_of(TENANT_COLUMNS)}, stack_text(alloc_stack) AS alloc_text, stack_text(free_stack) AS free_text
        FROM address_history(:address, :process, 'end')""",
    TENANT_COLUMNS + strings("alloc_text?", "free_text?"), kind="range", limit=1_000))

LIFETIME_COLUMNS = integers("least_bytes", "most_bytes?", "least_ns?", "most_ns?", "is_alive", "blocks", "bytes",
                            "damaged_events")

add(blueprint, Question(
    "/lifetimes", "Blocks by requested size and lifetime, both in powers of two", RANGE,
    f"SELECT {names_of(LIFETIME_COLUMNS)} FROM lifetimes(:t0, :t1)", LIFETIME_COLUMNS, kind="range"))
