#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the functions of SQL cost, as a server asks them: sql_cost.py [--build DIR] REEL. Each is asked at a moment, there again,
at moments 1/1000 of the run further on and back, and at random ones, each time on a connection of its own. Prints a line of JSON
for each: medians in ms of the asking thread's processor time, which leaves out the thread that decodes ahead, and rows. Judges
nothing."""
import argparse
import json
import pathlib
import random
import sqlite3
import statistics
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
STEPS = 1000
FORWARD, BACK, JUMPS = 12, 8, 4
PAGES_MOST = 1 << 20

# What a frame of scrubbing asks; {stretch} is the process and pages of the heap's greatest stretch.
AT_MOMENTS = {
    "heap_at": "SELECT * FROM heap_at(:t)",
    "classes_at": "SELECT class_number, live_blocks, live_bytes, usable_bytes, carved_slots FROM classes_at(:t)",
    "zones_at": "SELECT begin_address, zone_bytes, live_blocks, occupied_pages, resident_pages FROM zones_at(:t)",
    "pages_at": "SELECT data FROM pages_at(:t, {stretch})",
    "page_ages_at": "SELECT data FROM page_ages_at(:t, {stretch})",
    "stack_pages_at": "SELECT data FROM stack_pages_at(:t, {stretch}, {stack})",
    "stack_pages_at, a function": "SELECT data FROM stack_pages_at(:t, {stretch}, NULL, '1')",
    "stack_classes_at": "SELECT * FROM stack_classes_at(:t, 0, NULL, '1')",
    "sizes_at": "SELECT * FROM sizes_at(:t)",
    "stacks_at": "SELECT * FROM stacks_at(:t)",
    "sites_at": "SELECT stack, live_bytes, rounding_bytes, pinned_bytes, oldest_birth_event FROM sites_at(:t)",
    "blame_at": "SELECT * FROM blame_at(:t)",
    "flame live": "SELECT * FROM flame(:t, 'live', 4000)",
    "flame pinned": "SELECT * FROM flame(:t, 'pinned', 4000)",
    "advice_at": "SELECT * FROM advice_at(:t)",
}
OF_THE_RUN = {
    "timeline": "SELECT * FROM timeline(0, NULL, 1000)",
    "classes_over": "SELECT class_number, live_bytes, rounding_bytes FROM classes_over(0, NULL, 500)",
    "classes_over, 1/200": "SELECT class_number, live_bytes, rounding_bytes FROM classes_over("
                           "(SELECT duration_ns / 3 FROM run), (SELECT duration_ns / 3 + duration_ns / 200 FROM run), 500)",
    "moments": "SELECT * FROM moments()",
    "losses": "SELECT * FROM losses()",
}


def connect(options):
    database = sqlite3.connect(f"file:{options.reel}?mode=ro", uri=True)
    database.enable_load_extension(True)
    database.load_extension(str(options.build / "lib" / "heapreel" / "reel.so"))
    return database


def cost(database, query, moment=None):
    begin = time.thread_time()
    rows = len(database.execute(query, {"t": moment} if moment is not None else {}).fetchall())
    return (time.thread_time() - begin) * 1e3, rows


def median(costs):
    return round(statistics.median(milliseconds for milliseconds, _ in costs), 1)


def scrub(database, query, events):
    step = events // STEPS
    middle = events // 2
    dice = random.Random(5)
    cost(database, "SELECT events FROM heap_at(:t)", middle)
    first = cost(database, query, middle)
    return {"again_ms": median([cost(database, query, middle)]),
            "forward_ms": median([cost(database, query, middle + (i + 1) * step) for i in range(FORWARD)]),
            "back_ms": median([cost(database, query, middle + (FORWARD - 1 - i) * step) for i in range(BACK)]),
            "random_ms": median([cost(database, query, dice.randrange(events)) for _ in range(JUMPS)]),
            "rows": first[1]}


def places(database, events):
    """The greatest stretch of pages in the middle of the run, and the stack with most bytes there."""
    stretch = database.execute(
        "SELECT process, used_begin_address, min((used_end_address - used_begin_address) / 4096, ?) FROM zones_at(?) "
        "ORDER BY occupied_pages DESC LIMIT 1", (PAGES_MOST, events // 2)).fetchone()
    stack = database.execute("SELECT coalesce(stack, 0) FROM stacks_at(?) LIMIT 1", (events // 2,)).fetchone()
    return {"stretch": ", ".join(str(number) for number in stretch or (1, 0, 0)), "stack": stack[0] if stack else 0}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    parser.add_argument("reel")
    options = parser.parse_args()
    database = connect(options)
    events = database.execute("SELECT events FROM run").fetchone()[0]
    where = places(database, events)
    for name, query in AT_MOMENTS.items():
        print(json.dumps({"question": name, **scrub(connect(options), query.format(**where), events)}), flush=True)
    for name, query in OF_THE_RUN.items():
        database = connect(options)
        cold = cost(database, query)
        print(json.dumps({"question": name, "first_ms": round(cold[0], 1), "again_ms": median([cost(database, query)]),
                          "rows": cold[1]}), flush=True)


if __name__ == "__main__":
    main()
