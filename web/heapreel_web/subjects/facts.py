# SPDX-License-Identifier: MIT
"""What the tables of a reel say of the recording as a whole: no event is read."""

import flask

from .. import answers
from ..question import Question, add, integers, names_of, process, strings

blueprint = flask.Blueprint("facts", __name__)

MEASURES = ("live", "peak", "allocated", "temporary", "leaked", "pinned", "rounding")

RUN = """SELECT command, allocator, stacks, when_full, host, version, start_unix_ns, is_complete, duration_ns, events,
    allocations, frees, resizes, temporary_allocations, total_requested_bytes, live_blocks, live_bytes, peak_live_bytes,
    peak_event, peak_t_ns, leaked_blocks, leaked_bytes, unknown_frees FROM run"""

add(blueprint, Question(
    "/run", "The recording as a whole", {}, RUN, kind="facts",
    columns=strings("command", "allocator", "stacks", "when_full", "host", "version") + integers(
        "start_unix_ns", "is_complete", "duration_ns", "events", "allocations", "frees", "resizes",
        "temporary_allocations", "total_requested_bytes", "live_blocks", "live_bytes", "peak_live_bytes", "peak_event?",
        "peak_t_ns", "leaked_blocks", "leaked_bytes", "unknown_frees")))

add(blueprint, Question(
    "/losses", "What is missing from the recording or wrong in it, in words", {},
    "SELECT process, kind, loss_count FROM losses()", kind="facts",
    columns=integers("process") + strings("kind") + integers("loss_count")))


@blueprint.get("/reels")
def reels():
    """The reels that are served, in the order of the command line, and how far each is recorded."""
    held = flask.current_app.config["HEAPREEL_REELS"]
    found = []
    for number, reel in enumerate(held):
        reel.follow_name()
        generation, is_complete = reel.generation()
        found.append({"reel": number, "name": reel.name, "generation": generation, "is_complete": is_complete,
                      "is_growing": not is_complete and reel.is_open_elsewhere()})
    return answers.json_response({"reels": found})


PROCESS_COLUMNS = integers("process", "pid", "parent_pid", "parent_process?", "is_fork") + strings(
    "command?", "executable?") + integers("begin_ns", "begin_event", "end_ns?", "end_event?") + strings(
    "end_kind?") + integers("exit_status?", "signal?", "inherited_blocks", "events", "live_bytes", "peak_live_bytes", "leaked_blocks", "leaked_bytes",
    "lost_events", "peak_resident_bytes", "threads")

add(blueprint, Question(
    "/processes", "The processes, in the order of their beginning", {},
    f"SELECT {names_of(PROCESS_COLUMNS)} FROM process ORDER BY process", PROCESS_COLUMNS, kind="facts"))

add(blueprint, Question(
    "/threads", "The threads of a process, or of all", {"process": process()},
    """SELECT thread, process, tid, name, begin_ns, end_ns FROM thread WHERE :process IN (0, process)
    ORDER BY thread""",
    integers("thread", "process", "tid") + strings("name?") + integers("begin_ns?", "end_ns?"), kind="facts"))
