# SPDX-License-Identifier: MIT
"""What the tables of a reel say of the recording as a whole: no event is read."""

import flask

from .. import answers
from ..question import Question, add, integers, strings

blueprint = flask.Blueprint("facts", __name__)

RUN = """SELECT command, allocator, stacks, when_full, host, version, start_unix_ns, is_complete, duration_ns, events,
    allocations, frees, resizes, temporary_allocations, total_requested_bytes, live_blocks, live_bytes, peak_live_bytes,
    peak_event, peak_t_ns, leaked_blocks, leaked_bytes, unknown_frees FROM run"""

add(blueprint, Question(
    "/run", "The recording as a whole", {}, RUN, kind="facts",
    columns=strings("command", "allocator", "stacks", "when_full", "host", "version") + integers(
        "start_unix_ns", "is_complete", "duration_ns", "events", "allocations", "frees", "resizes",
        "temporary_allocations", "total_requested_bytes", "live_blocks", "live_bytes", "peak_live_bytes", "peak_event?",
        "peak_t_ns?", "leaked_blocks", "leaked_bytes", "unknown_frees")))

add(blueprint, Question(
    "/losses", "What is missing from the recording, in words", {},
    "SELECT process, kind, loss_count FROM loss ORDER BY process, kind", kind="facts",
    columns=integers("process") + strings("kind") + integers("loss_count")))


@blueprint.get("/reels")
def reels():
    """The reels that are served, in the order of the command line, and how far each is recorded."""
    held = flask.current_app.config["HEAPREEL_REELS"]
    found = []
    for number, reel in enumerate(held):
        generation, is_complete = reel.generation()
        found.append({"reel": number, "name": reel.name, "generation": generation, "is_complete": is_complete})
    return answers.json_response({"reels": found})
