# SPDX-License-Identifier: MIT
"""Reels that somebody else made, to do harm: the server answers or refuses in one line, and never fails."""

import contextlib
import pathlib
import random
import sqlite3

import pytest

from test_questions import QUESTIONS, address

MARKUP = "</script><img src=x onerror=alert(1)>"
GIGANTIC = (1 << 63) - 1
FLIPS = 10


def change(path, *statements):
    with sqlite3.connect(path) as database:
        for statement, values in statements:
            database.execute(statement, values)
    database.close()


def is_told(response):
    """An answer, or a refusal in one line; no traceback."""
    text = response.get_data().decode("utf-8", "replace")  # drawings are answered as bytes
    assert response.status_code != 500 and "Traceback" not in text, text[:400]
    if response.status_code != 200:
        error = response.get_json()["error"]
        assert error["what"] and "\n" not in error["what"] and len(error["what"]) < 400
    return True


def ask_everything(asking):
    for _, question in QUESTIONS:
        assert is_told(asking.get("/api/v1/reels/0" + address(question)))
    assert is_told(asking.get("/api/v1/reels"))


def columns_of(path):
    with sqlite3.connect(path) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        found = [(table, row[1], row[2]) for table in tables
                 for row in database.execute(f"PRAGMA table_info({table})") if not row[5]]
    database.close()
    return found


def test_names_with_markup_travel_as_json_alone(serving, spoiled):
    change(spoiled, *((f"UPDATE {table} SET {column} = ?", (MARKUP,))
                      for table, column, kind in columns_of(spoiled)
                      if kind == "TEXT" and column in ("command", "host", "function", "file", "path", "name")))
    asking = serving(spoiled)
    ask_everything(asking)
    response = asking.get("/api/v1/reels/0/run")
    assert response.content_type == "application/json" and response.get_json()["columns"]["command"] == [MARKUP]


@pytest.mark.parametrize("value", [GIGANTIC, -GIGANTIC - 1, -1, "text", None, b"\xff\xfe", 1e308])
def test_numbers_that_cannot_be(serving, spoiled, value):
    with sqlite3.connect(spoiled) as database:
        for table, column, kind in columns_of(spoiled):
            with contextlib.suppress(sqlite3.Error):  # a constraint of the table may forbid it
                if kind == "INTEGER":
                    database.execute(f"UPDATE OR IGNORE {table} SET {column} = ?", (value,))
    database.close()
    ask_everything(serving(spoiled))


def test_text_that_is_no_utf_8(serving, spoiled):
    change(spoiled, ("UPDATE run SET command = CAST(x'ff41c3' AS TEXT)", ()))
    asking = serving(spoiled)
    ask_everything(asking)
    assert "A" in asking.columns("/run")["command"][0]


def test_blobs_that_are_damaged(serving, spoiled):
    change(spoiled, ("UPDATE chunk_data SET data = substr(data, 1, length(data) / 2)", ()),
           ("UPDATE keyframe SET data = zeroblob(100)", ()))
    asking = serving(spoiled)
    ask_everything(asking)
    assert asking.columns("/heap?t=end")["damaged_events"] == asking.columns("/run")["events"] != [0]


@pytest.mark.parametrize("seed", range(FLIPS))
def test_flipped_bytes(serving, planted, tmp_path, seed):
    data = bytearray(pathlib.Path(planted).read_bytes())
    chosen = random.Random(seed)
    for _ in range(1 + seed * 4):
        data[chosen.randrange(100, len(data))] = chosen.randrange(256)
    path = tmp_path / "flipped.reel"
    path.write_bytes(data)
    ask_everything(serving(path))


def test_a_reel_that_goes_away(serving, spoiled):
    asking = serving(spoiled)
    asking.ask("/run")
    spoiled.unlink()
    ask_everything(asking)
