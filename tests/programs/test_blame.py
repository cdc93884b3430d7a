# SPDX-License-Identifier: MIT
"""Programs with a planted culprit: `blame` names it first, whichever allocator serves them, and `top` names another."""
import json
from dataclasses import dataclass

import pytest

from backends import BUMP_LIFO, SYSTEM, ZONED

pytestmark = pytest.mark.label("preload", "backends", "blame")

MIB = 1 << 20


@dataclass(frozen=True)
class Planted:
    sample: str
    culprit: str  # its blocks pin
    pinned_bytes: int  # at least
    neighbour: str  # its blocks were freed beside
    holder: str  # of the most live bytes


PLANTED = (
    Planted("page_cache", "cache_remember", 15 * MIB, "parse_request", "load_table"),
    Planted("log_ring", "log_append", 11 * MIB, "begin_job", "load_settings"),
    Planted("interned", "intern_string", 6 * MIB, "read_word", "store_document"),
    Planted("receipts", "keep_receipt", 11 * MIB, "make_message", "load_routes"),
    Planted("columns", "save_undo", 5 * MIB, "grow_column", "grow_column"),
)
CASES = [pytest.param(planted, backend, id=f"{planted.sample}-{backend.name}")
         for planted in PLANTED for backend in (SYSTEM, BUMP_LIFO, ZONED)]


def sample(recorder, name):
    """The program of samples/ as it is built and installed with the command."""
    path, = recorder.heapreel.parent.parent.glob(f"lib*/**/samples/{name}")
    return path


def answer(recorder, reel, command, moment, *words):
    outcome = recorder.ask(command, reel, "--at", moment, "--json", *words)
    assert (outcome.status, outcome.stderr) == (0, b""), outcome
    return json.loads(outcome.stdout)


def innermost(stack):
    return stack["frames"][0]["function"]


def assert_blamed(planted, blame):
    first = blame["stacks"][0]
    assert innermost(first) == planted.culprit
    assert planted.pinned_bytes <= first["pinned_bytes"] <= blame["pinned_bytes"]
    assert first["pinned_bytes"] > 2 * first["live_bytes"]


def assert_advised(planted, blame):
    first = blame["advice"][0]
    assert innermost(first["culprit"]) == planted.culprit
    assert first["pinned_bytes"] == blame["stacks"][0]["pinned_bytes"]
    assert innermost(first["neighbour"]) == planted.neighbour
    assert first["neighbour_blocks"] > first["live_blocks"]


@pytest.mark.parametrize("planted, backend", CASES)
def test_the_planted_function_is_blamed_first(planted, backend, recorder):
    outcome, reel = recorder.record([sample(recorder, planted.sample)], options=["--allocator", backend.spec])
    assert outcome.status == 0 and len(outcome.stdout.splitlines()) == 1, outcome
    for moment in ("end", "worst"):
        blame = answer(recorder, reel, "blame", moment, "--limit", "1")
        assert_blamed(planted, blame)
        assert_advised(planted, blame)
    # Whoever looks at live bytes alone is sent to somebody else.
    top = answer(recorder, reel, "top", "end", "--by", "live", "--limit", "1")
    assert innermost(top["stacks"][0]) == planted.holder
    assert top["stacks"][0]["bytes"] > blame["stacks"][0]["live_bytes"]
