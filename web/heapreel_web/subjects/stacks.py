# SPDX-License-Identifier: MIT
"""Call trees of what stacks are measured by, and one stack with its frames."""

import flask

from ..question import NEEDED, Question, add, integers, kind_of_measure, moment, names_of, number, process, strings, word
from .facts import MEASURES

blueprint = flask.Blueprint("stacks", __name__)

VERBS = ("allocated", "freed", "alive", "unfreed")
NODE_MAX = 4000

MEASURE = {"measure": word(MEASURES, "live")}
TREE = {"node_max": number(NODE_MAX, 0, 100_000), "direction": word(("callers", "callees"), "callers"),
        "process": process()}

NODE_COLUMNS = integers("node", "parent?", "depth") + strings("function?", "file?") + integers("line?") + strings(
    "module?") + integers(
    "self_bytes", "total_bytes", "total_blocks", "stack?")

add(blueprint, Question(
    "/flame", "The call tree of a measure at a moment",
    {"t": moment(NEEDED), **MEASURE, **TREE},
    f"SELECT {names_of(NODE_COLUMNS)} FROM flame(:t, :measure, :node_max, :direction, :process)",
    NODE_COLUMNS, kind=kind_of_measure, limit=100_000))

add(blueprint, Question(
    "/flame_between", "The call tree of what happened to blocks between two moments",
    {"t0": moment("0"), "t1": moment("end"), "verb": word(VERBS, "allocated"), **TREE},
    f"SELECT {names_of(NODE_COLUMNS)} FROM flame_between(:t0, :t1, :verb, :node_max, :process, :direction)",
    NODE_COLUMNS, kind="range", limit=100_000))

add(blueprint, Question(
    "/flame_diff", "The call tree of a measure at the second moment less that at the first",
    {"t1": moment(NEEDED), "t2": moment(NEEDED), **MEASURE, **TREE},
    f"SELECT {names_of(NODE_COLUMNS)} FROM flame_diff(:t1, :t2, :measure, :node_max, :process, :direction)",
    NODE_COLUMNS, kind="range", limit=100_000))

# A caller's number is smaller than its callee's: in a reel where it is not, the chain ends.
FRAMES = """WITH RECURSIVE up(place, stack, parent, frame) AS (
        SELECT 0, stack, parent, frame FROM stack WHERE stack = :stack
        UNION ALL
        SELECT place + 1, s.stack, s.parent, s.frame FROM up JOIN stack s ON s.stack = up.parent AND s.stack < up.stack)
    SELECT place, coalesce(depth, 0) AS depth, function, file, line, coalesce(is_inlined, 0) AS is_inlined,
        path AS module, address_offset, parent = -1 AS is_cut
    FROM up JOIN frame USING (frame) LEFT JOIN module USING (module) LEFT JOIN symbol ON symbol.frame = up.frame
    ORDER BY place, depth"""

add(blueprint, Question(
    "/stack", "The frames of one stack, innermost first, with the calls that were inlined", {"stack": number(NEEDED)},
    FRAMES, integers("place", "depth") + strings("function?", "file?") + integers("line?", "is_inlined") + strings(
        "module?") + integers("address_offset", "is_cut"), kind="facts"))
