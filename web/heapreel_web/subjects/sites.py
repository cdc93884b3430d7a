# SPDX-License-Identifier: MIT
"""Allocating stacks as rows: amounts, their frames, whether a filter lets them pass, and what is
told of one of them."""

import flask

from ..question import (
    NEEDED, Question, add, integers, kind_of_measure, moment, names_of, number, process, strings, text, word)
from .facts import MEASURES
from .stacks import VERBS

blueprint = flask.Blueprint("sites", __name__)

SHOWN = 2000  # rows: the greatest by what is measured
TEXT_CHARACTERS = 3000  # of the frames: C++ names a dozen of its own before those of the program

# Stacks with a function of that name; stacks with live blocks of that class and size.
PASSING = """chosen AS MATERIALIZED (SELECT DISTINCT frame FROM symbol
        WHERE :function <> '' AND instr(lower(function), lower(:function)) > 0),
    callers(stack, at, parent, frame) AS (
        SELECT stack.stack, stack.stack, stack.parent, stack.frame FROM rows JOIN stack USING (stack)
        WHERE :function <> ''
        UNION ALL
        SELECT callers.stack, s.stack, s.parent, s.frame
        FROM callers JOIN stack s ON s.stack = callers.parent AND s.stack < at WHERE callers.frame NOT IN chosen)"""
HAS_FUNCTION = "(:function = '' OR rows.stack IN (SELECT stack FROM callers WHERE frame IN chosen))"
PASSES = HAS_FUNCTION + """
        AND (:class IS NULL AND :least = 0 AND :most = 0 OR rows.stack IN (
            SELECT stack FROM blocks_at(:t) WHERE (:class IS NULL OR class_number = :class) AND requested_bytes >= :least
            AND (:most = 0 OR requested_bytes <= :most) AND :process IN (0, process)))"""
FILTER = {"function": text("", 64), "class": number(None, most=255), "least": number(0), "most": number(0)}

SITE_COLUMNS = integers("stack?", "bytes", "blocks", "live_bytes", "live_blocks", "pinned_bytes", "rounding_bytes",
                        "alone_pages") + strings("text?") + integers("is_passing")


def sites_of(measured):
    """Rows of `measured`, the greatest first, with what their live blocks hold at the moment."""
    return f"""WITH RECURSIVE rows AS MATERIALIZED (
        SELECT coalesce(stack, 0) AS stack, bytes, blocks FROM {measured}
        ORDER BY abs(bytes) DESC, stack LIMIT {SHOWN + 1}),
    blamed AS MATERIALIZED (SELECT coalesce(stack, 0) AS stack, live_bytes, live_blocks, pinned_bytes, rounding_bytes,
        alone_pages FROM blame_at(:t, :process)),
    {PASSING}
    SELECT nullif(rows.stack, 0) AS stack, bytes, blocks, coalesce(live_bytes, 0) AS live_bytes,
        coalesce(live_blocks, 0) AS live_blocks, coalesce(pinned_bytes, 0) AS pinned_bytes,
        coalesce(rounding_bytes, 0) AS rounding_bytes, coalesce(alone_pages, 0) AS alone_pages,
        substr(stack_text(nullif(rows.stack, 0)), 1, {TEXT_CHARACTERS}) AS text,
        {PASSES} AS is_passing
    FROM rows LEFT JOIN blamed ON blamed.stack = rows.stack
    ORDER BY abs(bytes) DESC, rows.stack"""


AT = {"t": moment(NEEDED), "process": process(), **FILTER}

add(blueprint, Question(
    "/sites", "Stacks by a measure at a moment", {**AT, "measure": word(MEASURES, "live")},
    sites_of("stacks_at(:t, :measure, :process)"), SITE_COLUMNS, kind=kind_of_measure, limit=SHOWN))

add(blueprint, Question(
    "/sites_between", "Stacks by what happened to their blocks between two moments",
    {**AT, "t0": moment("0"), "t1": moment("end"), "verb": word(VERBS, "allocated")},
    sites_of("stacks_between(:t0, :t1, :verb, :process)"), SITE_COLUMNS, kind="range", limit=SHOWN))

add(blueprint, Question(
    "/sites_diff", "Stacks by a measure at the second moment less that at the first",
    {**AT, "t1": moment(NEEDED), "t2": moment(NEEDED), "measure": word(MEASURES, "live")},
    sites_of("diff(:t1, :t2, :measure, :process)"), SITE_COLUMNS, kind="range", limit=SHOWN))

LIFETIME_COLUMNS = integers("stack?", "freed_blocks", "freed_bytes", "median_least_ns?", "median_most_ns?",
                            "alive_blocks", "alive_bytes", "damaged_events") + strings("text?") + integers("is_passing")

add(blueprint, Question(
    "/lifetimes_by_stack", "How long the blocks of each stack lived, those with the most freed blocks first",
    {"t0": moment("0"), "t1": moment("end"), "function": FILTER["function"]},
    f"""WITH RECURSIVE rows AS MATERIALIZED (SELECT * FROM lifetimes_by_stack(:t0, :t1) LIMIT {SHOWN + 1}), {PASSING}
    SELECT {names_of(LIFETIME_COLUMNS[:-2])}, substr(stack_text(stack), 1, {TEXT_CHARACTERS}) AS text,
        {HAS_FUNCTION} AS is_passing
    FROM rows""", LIFETIME_COLUMNS, kind="range", limit=SHOWN))

SUM_COLUMNS = integers("stack?", "peak_bytes", "allocated_bytes", "temporary_bytes", "leaked_bytes", "oldest_birth_ns?")

add(blueprint, Question(
    "/site_sums", "What each stack has done until a moment, and when its oldest live block was born",
    {"t": moment(NEEDED), "process": process()},
    f"SELECT {names_of(SUM_COLUMNS)} FROM sites_at(:t, :process)", SUM_COLUMNS, kind="range", limit=100_000))

add(blueprint, Question(
    "/stack_classes", "The live blocks of one stack by size class",
    {"t": moment(NEEDED), "process": process(), "stack": number(NEEDED)},
    """WITH held AS MATERIALIZED (
        SELECT class_number, count(*) AS live_blocks, sum(requested_bytes) AS live_bytes,
            sum(usable_bytes) AS usable_bytes
        FROM blocks_at(:t) WHERE stack = :stack AND :process IN (0, process) AND NOT is_inherited GROUP BY class_number)
    SELECT held.class_number, class_id, coalesce(is_aligned, 0) AS is_aligned, slot_bytes,
        coalesce(least_bytes, 0) AS least_bytes, greatest_bytes, held.live_blocks, held.live_bytes, held.usable_bytes
    FROM held LEFT JOIN classes_at(:t) c ON c.class_number = held.class_number AND c.process = 0
    ORDER BY held.live_bytes DESC""",
    integers("class_number", "class_id?", "is_aligned", "slot_bytes?", "least_bytes", "greatest_bytes?", "live_blocks",
             "live_bytes", "usable_bytes")))

add(blueprint, Question(
    "/crossings", "Blocks that one thread allocated and another freed", {"t0": moment("0"), "t1": moment("end")},
    """SELECT alloc_thread, a.name AS alloc_name, a.tid AS alloc_tid, free_thread, f.name AS free_name, f.tid AS free_tid,
        blocks, bytes, damaged_events
    FROM crossings(:t0, :t1) LEFT JOIN thread a ON a.thread = alloc_thread LEFT JOIN thread f ON f.thread = free_thread
    ORDER BY blocks DESC""",
    integers("alloc_thread") + strings("alloc_name?") + integers("alloc_tid?", "free_thread") + strings(
        "free_name?") + integers("free_tid?", "blocks", "bytes", "damaged_events"), kind="range"))
