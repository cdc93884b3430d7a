# SPDX-License-Identifier: MIT
"""Recorded programs have keyframes, which are small, and change no answer: the heap at a moment is the same without them."""
import shutil
import sqlite3

import pytest

from backends import BUMP_LIFO, SYSTEM, ZONED

pytestmark = pytest.mark.label("preload", "backends")

# A process that forks with many blocks, and frees half of them in the child.
PROGRAM = """
import os
def churn(count):
    return [[str(i), i * 7] for i in range(count)]
kept = churn(40000)
for turn in range(6):
    churn(40000)
    if turn == 2:
        child = os.fork()
        if child == 0:
            del kept[::2]
            churn(40000)
            os._exit(0)
os.waitpid(child, 0)
"""


def keyframes_of(reel):
    with sqlite3.connect(reel) as database:
        rows = database.execute("SELECT events, live_blocks, length(data) FROM keyframe ORDER BY events").fetchall()
        chunk_bytes, = database.execute("SELECT sum(length(data)) FROM chunk_data").fetchone()
    return rows, chunk_bytes


@pytest.mark.parametrize("backend", [SYSTEM, BUMP_LIFO, ZONED], ids=lambda backend: backend.name)
def test_the_heap_at_a_moment_is_the_same_without_keyframes(recorder, backend):
    outcome, reel = recorder.record(["/usr/bin/python3", "-c", PROGRAM], options=["--allocator", backend.spec],
                                    env={"PYTHONMALLOC": "malloc"})
    assert outcome.status == 0, outcome
    recorder.assert_clean(reel)
    keyframes, chunk_bytes = keyframes_of(reel)
    assert keyframes and all(live_blocks > 40000 for _, live_blocks, _ in keyframes)
    assert 3 * sum(size for _, _, size in keyframes) <= chunk_bytes
    bare = recorder.directory / "bare.reel"
    shutil.copy(reel, bare)
    with sqlite3.connect(bare) as database:
        database.execute("DELETE FROM keyframe")
    moment = keyframes[0][0] + 1000
    for words in (["classes"], ["top", "--by", "live"]):
        with_keyframes, without = (recorder.ask(words[0], file, *words[1:], "--at", f"#{moment}", "--json")
                                   for file in (reel, bare))
        assert with_keyframes.status == 0, with_keyframes
        assert with_keyframes.stdout.replace(reel.name.encode(), b"") == without.stdout.replace(b"bare.reel", b"")
