# SPDX-License-Identifier: MIT
"""The page map: the pages of a process in address order as one blob, with the zones that they lie in; and what lies on
one page."""

import flask

from ..question import NEEDED, Question, add, integers, moment, number, process, strings
from .sites import FILTER

blueprint = flask.Blueprint("pages", __name__)

ADDRESS_MAX = (1 << 63) - 4096
PAGES_MAX = 4_194_304  # of one call of the engine

# A process's stretches of memory that hold something, cut to the addresses that are looked at; of process 0 those of the
# process with most live bytes. Each is 384 bytes of JSON, filled up with blanks, and the engine's bytes for its pages.
# Figures that take a look at all blocks are left out: this is asked for at each step of a drag.
STRETCHES = """WITH stretch AS (
    SELECT process AS owner, kind, class_number, begin_address AS first_address, zone_bytes, live_usable_bytes,
        occupied_pages, resident_pages, retained_bytes, used_begin_address, used_end_address, max(used_begin_address, :begin_address) AS data_address,
        iif(kind = 'metadata', 0, max(0, min(used_end_address, :end_address)
            - max(used_begin_address, :begin_address))) / 4096 AS data_pages
    FROM zones_at(:t)
    WHERE used_end_address > used_begin_address AND process = coalesce(nullif(:process, 0),
        (SELECT process FROM heap_at(:t) WHERE process <> 0 ORDER BY live_bytes DESC LIMIT 1))
    ORDER BY begin_address)
SELECT CAST(group_concat(printf('%-384s', json_array(owner, kind, class_number, first_address, zone_bytes,
    live_usable_bytes, occupied_pages, resident_pages, retained_bytes, used_begin_address, used_end_address,
    data_address, data_pages)) || coalesce(data, ''), '') AS BLOB)
FROM stretch JOIN """

WHERE = {"t": moment(NEEDED), "process": process(),
         "begin_address": number(0, most=ADDRESS_MAX, description="pages below it are left out"),
         "end_address": number(ADDRESS_MAX, most=ADDRESS_MAX, description="pages from it on are left out")}


def pages(function, *more):
    words = ", ".join((":t", "owner", "data_address", f"min(data_pages, {PAGES_MAX})", *more))
    return f"{STRETCHES}{function}({words})"


add(blueprint, Question(
    "/pages", "The pages of a process, for drawing: its stretches of memory, each with 8 bytes a page as pages_at has",
    WHERE, pages("pages_at")))

add(blueprint, Question(
    "/page_ages", "The same stretches, each with 8 bytes a page: the birth event of the oldest block on it",
    WHERE, pages("page_ages_at")))

add(blueprint, Question(
    "/stack_pages", "The same stretches, each with 2 bytes a page: usable bytes on it of the blocks that pass a filter",
    {**WHERE, **FILTER, "stack": number(None, most=0xFFFFFFFF, description="0: blocks without one")},
    pages("stack_pages_at", ":stack", ":function", ":class", ":least", ":most")))

BLOCK_COLUMNS = integers(
    "address", "requested_bytes", "usable_bytes", "class_number", "stack?", "birth_event?", "birth_ns_about?",
    "is_inherited") + strings("text?")

# A block that begins far before the page is a large one: only those are looked through.
BLOCKS = "SELECT * FROM blocks_at(:t) WHERE process = :process AND "
NEAR = "65536"

add(blueprint, Question(
    "/page_blocks", "The live blocks that touch a page; when they were born, as near as the rows of chunks tell",
    {"t": moment(NEEDED), "process": number(NEEDED, 1, 0xFFFFFFFF, description="of the reel"),
     "address": number(NEEDED, most=ADDRESS_MAX, description="of the page")},
    f"""WITH touching AS (
        {BLOCKS} address < :address - {NEAR} AND requested_bytes > {NEAR} / 4 AND address + usable_bytes > :address
        UNION ALL {BLOCKS} address >= :address - {NEAR} AND address < :address AND address + usable_bytes > :address
        UNION ALL {BLOCKS} address >= :address AND address < :address + 4096)
    SELECT address, requested_bytes, usable_bytes, class_number, stack, birth_event,
        (SELECT CAST(c.begin_ns + (c.end_ns - c.begin_ns) * (birth_event - c.first_event) / c.events AS INTEGER)
         FROM chunk AS c WHERE c.first_event <= birth_event ORDER BY c.first_event DESC LIMIT 1) AS birth_ns_about,
        is_inherited, stack_text(stack) AS text
    FROM touching ORDER BY address""",
    BLOCK_COLUMNS, limit=4096))
