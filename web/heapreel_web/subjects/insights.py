# SPDX-License-Identifier: MIT
"""What is wrong with a heap and its program, ranked: advice, sparse pages, misuses, stacks that matter most."""

import flask

from ..question import NEEDED, Question, add, integers, kind_of_measure, moment, names_of, number, process, strings, word
from .facts import MEASURES

blueprint = flask.Blueprint("insights", __name__)

AT = {"t": moment(NEEDED), "process": process()}
RANGE = {"t0": moment("0"), "t1": moment("end")}
ADVICE_COUNT = 20

add(blueprint, Question(
    "/moments", "The positions that have names", {}, "SELECT name, events, t_ns FROM moments()",
    strings("name") + integers("events", "t_ns?"), kind="facts"))

add(blueprint, Question(
    "/advice", "Stacks whose blocks pin more than they hold, with what proves it",
    {**AT, "count": number(ADVICE_COUNT, 1, 100)}, """
    SELECT a.stack, a.class_number, c.class_id, coalesce(c.is_aligned, 0) AS is_aligned, c.slot_bytes,
        coalesce(c.least_bytes, 0) AS least_bytes, c.greatest_bytes, a.pinned_bytes, a.live_bytes, a.live_blocks,
        a.alone_pages, a.median_age_ns, a.neighbour_stack, a.neighbour_lifetime_ns, a.neighbour_blocks,
        stack_text(a.stack) AS text, stack_text(a.neighbour_stack) AS neighbour_text
    FROM advice_at(:t, :process, :count) a
    LEFT JOIN classes_at(:t) c ON c.process = :process AND c.class_number = a.class_number
    ORDER BY a.pinned_bytes DESC""",
    integers("stack?", "class_number", "class_id?", "is_aligned", "slot_bytes?", "least_bytes", "greatest_bytes?",
             "pinned_bytes", "live_bytes", "live_blocks", "alone_pages", "median_age_ns", "neighbour_stack?",
             "neighbour_lifetime_ns?", "neighbour_blocks?") + strings("text?", "neighbour_text?"), kind="range"))

add(blueprint, Question(
    "/sparse", "The pages of which live blocks take less than a quarter", AT,
    "SELECT pages, pinned_bytes, live_blocks, usable_bytes FROM sparse_at(:t, :process)",
    integers("pages", "pinned_bytes", "live_blocks", "usable_bytes")))

add(blueprint, Question(
    "/top", "The stacks with most of a measure, and what all have together",
    {**AT, "measure": word(MEASURES, "live"), "count": number(5, 1, 1000)}, """
    WITH measured AS MATERIALIZED (SELECT stack, bytes, blocks FROM stacks_at(:t, :measure, :process))
    SELECT stack, bytes, blocks, (SELECT sum(bytes) FROM measured) AS total_bytes, stack_text(stack) AS text
    FROM (SELECT stack, bytes, blocks FROM measured ORDER BY bytes DESC LIMIT :count) ORDER BY bytes DESC""",
    integers("stack?", "bytes", "blocks", "total_bytes") + strings("text?"), kind=kind_of_measure))

add(blueprint, Question(
    "/growth", "Stacks whose live bytes only grow over nine moments of the range",
    {**RANGE, "count": number(100, 1, 1000)}, """
    SELECT stack, first_live_bytes, last_live_bytes, last_live_blocks, stack_text(stack) AS text
    FROM (SELECT * FROM growth(:t0, :t1) ORDER BY last_live_bytes - first_live_bytes DESC LIMIT :count)""",
    integers("stack?", "first_live_bytes", "last_live_bytes", "last_live_blocks") + strings("text?"), kind="range"))

FINDING_COLUMNS = integers("finding", "process", "thread?", "event", "t_ns") + strings("kind") + integers(
    "address", "size_bytes", "true_size_bytes?", "stack?", "free_event?", "alloc_event?", "alloc_stack?",
    "first_free_event?", "first_free_stack?")

add(blueprint, Question(
    "/findings", "What the program did wrong with its memory, as an allocator of ours noticed it", {},
    f"""SELECT {names_of(FINDING_COLUMNS)}, stack_text(stack) AS text, stack_text(alloc_stack) AS alloc_text,
        stack_text(first_free_stack) AS first_free_text FROM finding ORDER BY finding""",
    FINDING_COLUMNS + strings("text?", "alloc_text?", "first_free_text?"), kind="facts", limit=1000))

add(blueprint, Question(
    "/differences", "Stacks that both ways of capturing do not agree on", {},
    """SELECT process, number, thread, t_ns, walked_stack, unwound_stack, stack_text(walked_stack) AS walked_text,
        stack_text(unwound_stack) AS unwound_text FROM stack_difference ORDER BY process, number""",
    integers("process", "number", "thread?", "t_ns", "walked_stack?", "unwound_stack?") + strings(
        "walked_text?", "unwound_text?"), kind="facts", limit=1000))
