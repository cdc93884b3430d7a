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
    holder: str  # of the most live bytes


PLANTED = (
    Planted("page_cache", "cache_remember", 15 * MIB, "load_table"),
    Planted("log_ring", "log_append", 11 * MIB, "load_settings"),
    Planted("interned", "intern_string", 6 * MIB, "store_document"),
    Planted("receipts", "keep_receipt", 11 * MIB, "load_routes"),
    Planted("columns", "save_undo", 5 * MIB, "grow_column"),
)
CASES = [pytest.param(planted, backend, id=f"{planted.sample}-{backend.name}")
         for planted in PLANTED for backend in (SYSTEM, BUMP_LIFO, ZONED)]


def sample(recorder, name):
    """The program of samples/ as it is built and installed with the command."""
    path, = recorder.heapreel.parent.parent.glob(f"lib*/**/samples/{name}")
    return path


def answer(recorder, reel, *words):
    outcome = recorder.ask(words[0], reel, *words[1:], "--at", "end", "--json")
    assert (outcome.status, outcome.stderr) == (0, b""), outcome
    return json.loads(outcome.stdout)


def functions(stack):
    return [frame["function"] for frame in stack["frames"]]


@pytest.mark.parametrize("planted, backend", CASES)
def test_the_planted_function_is_blamed_first(planted, backend, recorder):
    outcome, reel = recorder.record([sample(recorder, planted.sample)], options=["--allocator", backend.spec])
    assert outcome.status == 0 and len(outcome.stdout.splitlines()) == 1, outcome
    blame = answer(recorder, reel, "blame", "--limit", "3")
    first = blame["stacks"][0]
    assert functions(first)[0] == planted.culprit
    assert first["pinned_bytes"] >= planted.pinned_bytes
    assert first["pinned_bytes"] > 2 * first["live_bytes"]
    assert first["pinned_bytes"] <= blame["pinned_bytes"]
    # Whoever looks at live bytes alone is sent to somebody else.
    top = answer(recorder, reel, "top", "--by", "live", "--limit", "1")
    assert functions(top["stacks"][0])[0] == planted.holder
    assert top["stacks"][0]["bytes"] > first["live_bytes"]
