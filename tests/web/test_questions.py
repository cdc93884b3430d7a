# SPDX-License-Identifier: MIT
"""What holds for every question, by the server's own description of them; and the refusals."""

import csv
import io
import json
import sqlite3

import pytest

from heapreel_web import openapi, subjects
from heapreel_web.reel import ReelError

# A value for each parameter that has no default.
NEEDED = {"t": "peak", "t1": "begin", "t2": "end", "process": "1", "begin_address": "0", "page_count": "1", "stack": "1",
          "address": "4096", "class_number": "1", "begin": "0", "end": "4096", "q": "SELECT 1"}
QUESTIONS = [(question.title(), question) for blueprint in subjects.ALL
             for question in getattr(blueprint, "questions", ())]


def address(question, **changed):
    values = {name: NEEDED[name] for name, field in question.parameters.items() if field.required}
    values.update(changed)
    return question.path + "?" + "&".join(f"{name}={value}" for name, value in values.items())


def every_question(function):
    return pytest.mark.parametrize("question", [one for _, one in QUESTIONS], ids=[name for name, _ in QUESTIONS])(function)


@every_question
def test_answers_a_real_program_as_it_is_described(serving, sqlite, question):
    response = serving(sqlite).get("/api/v1/reels/0" + address(question))
    assert response.status_code == 200, response.get_data(as_text=True)[:400]
    if question.columns is None:
        assert response.content_type == "application/octet-stream"
        return
    body = response.get_json()
    if question.columns:
        assert list(body["columns"]) == [column.name for column in question.columns]
    for column in question.columns:
        values = body["columns"][column.name]
        assert len(values) == body["rows"]
        kinds = {"integer": int, "number": (int, float), "string": str}[column.kind]
        assert all(isinstance(value, kinds) or (value is None and column.is_nullable) for value in values), column
    assert body["truncated"] in (None, "rows", "time") and body["elapsed_ms"] >= 0


@every_question
def test_its_sql_can_be_asked_in_the_shell(serving, sqlite, question):
    if question.columns is None:
        pytest.skip("its answer is a blob, without its query")
    from conftest import EXTENSION

    body = serving(sqlite).ask(address(question))
    with sqlite3.connect(f"file:{sqlite}?mode=ro", uri=True) as database:
        database.enable_load_extension(True)
        database.load_extension(str(EXTENSION))
        rows = database.execute(body["sql"]).fetchall()
    assert len(rows) >= body["rows"]


@every_question
def test_as_a_file_it_has_the_same_rows(serving, sqlite, question):
    if question.columns is None:
        pytest.skip("its answer is a blob")
    asking = serving(sqlite)
    path = "/api/v1/reels/0" + address(question)
    response = asking.get(path + "&format=csv")
    assert response.headers["Content-Disposition"].startswith("attachment;")
    lines = list(csv.reader(io.StringIO(response.get_data(as_text=True))))
    body = asking.get(path).get_json()
    assert lines[0] == list(body["columns"]) and len(lines) == body["rows"] + 1
    first = list(body["columns"].values())[0]
    assert [line[0] for line in lines[1:]] == ["" if value is None else str(value) for value in first]


@every_question
def test_unknown_parameters_are_refused(serving, sqlite, question):
    body = serving(sqlite).ask(address(question, surplus="1"), status=400)
    assert body["error"]["where"] == "surplus" and body["error"]["to_do"]


@every_question
def test_the_second_asking_needs_no_answer(serving, sqlite, question):
    asking = serving(sqlite)
    path = "/api/v1/reels/0" + address(question)
    first = asking.get(path)
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert asking.get(path, If_None_Match=first.headers["ETag"]).status_code == 304
    generation = asking.get("/api/v1/reels").get_json()["reels"][0]["generation"]
    assert "immutable" in asking.get(path + ("&" if "?" in path else "?") + "g=" + generation).headers["Cache-Control"]
    assert "immutable" not in asking.get(path + ("&" if "?" in path else "?") + "g=older").headers["Cache-Control"]


@every_question
def test_the_heap_of_the_same_moment_comes_along(serving, sqlite, question):
    asking = serving(sqlite)
    path = "/api/v1/reels/0" + address(question)
    if "also" not in question.schema()().fields:
        assert "also" in asking.get(path + "&also=heap" if "?" in path else path + "?also=heap").get_json()["error"]["where"]
        return
    alone, response = asking.get(path), asking.get(path + "&also=heap")
    if question.columns is None:
        length = int(response.headers["Heapreel-Also"])
        assert response.get_data()[:-length] == alone.get_data() and "Heapreel-Also" not in alone.headers
        also = json.loads(response.get_data()[-length:])
    else:
        also = response.get_json()["also"]
        assert response.get_json()["columns"] == alone.get_json()["columns"] and "also" not in alone.get_json()
        assert asking.get(path + "&also=heap&format=csv").get_data() == asking.get(path + "&format=csv").get_data()
    process = NEEDED["process"] if question.parameters["process"].required else "0"
    heap = asking.get(f"/api/v1/reels/0/heap?t={NEEDED['t']}&process={process}").get_json()
    assert also["heap"]["columns"] == heap["columns"] and also["heap"]["sql"] == heap["sql"]


def test_a_marks_heap_is_found_beside_the_cursors(serving, sqlite):
    asking = serving(sqlite)
    reel = asking.application.config["HEAPREEL_REELS"][0]
    marked = asking.ask("/heap?t=peak&of=mark")["columns"]
    assert "moment" not in reel._connections  # whose replay follows the cursor
    assert marked == asking.ask("/heap?t=peak")["columns"]


@pytest.mark.parametrize("moment", ["xx", "1.5", "-1", "101%", "#", "9" * 18, "'; DROP TABLE run; --", "", "a" * 400])
def test_wrong_moments_are_told_in_one_line(serving, sqlite, moment):
    response = serving(sqlite).client.get(
        "/api/v1/reels/0/heap", query_string={"t": moment}, headers={"Authorization": "Bearer token-of-the-tests"})
    error = response.get_json()["error"]
    assert response.status_code == 400 and "\n" not in error["what"] and error["to_do"]


def test_a_question_that_takes_too_long_says_so(serving, planted):
    reel = serving(planted).application.config["HEAPREEL_REELS"][0]
    answer = reel.ask("SELECT a.event FROM events a UNION ALL SELECT count(*) FROM events a, events b", seconds=0.3)
    assert answer.truncated == "time" and len(answer.rows) < 400_000
    assert reel.ask("SELECT 1").rows == [(1,)]


def test_an_answer_that_has_no_time_for_a_row_has_its_columns(serving, planted, monkeypatch):
    monkeypatch.setattr("heapreel_web.reel.PROGRESS_OPCODES", 1)
    body = serving(planted, limit_seconds=0).ask("/site_sums?t=end")
    assert (body["rows"], body["truncated"]) == (0, "time")
    assert body["columns"]["stack"] == [] and body["columns"]["peak_bytes"] == []


def test_a_reel_is_prepared_before_anybody_asks(serving, planted):
    reel = serving(planted).application.config["HEAPREEL_REELS"][0]
    reel.prepare()
    assert set(reel._connections) == {"facts", "moment"}


def test_what_cannot_be_prepared_is_told_to_who_asks(serving, spoiled):
    reel = serving(spoiled).application.config["HEAPREEL_REELS"][0]
    spoiled.write_bytes(b"no reel")
    reel.prepare()
    with pytest.raises(ReelError, match="heapreel check"):
        reel.ask("SELECT 1 FROM run")


def test_a_limit_is_told(serving, planted):
    answer = serving(planted).application.config["HEAPREEL_REELS"][0].ask("SELECT event FROM events", limit=7)
    assert (len(answer.rows), answer.truncated) == (7, "rows")
    exact = serving(planted).application.config["HEAPREEL_REELS"][0].ask("SELECT 1 UNION SELECT 2", limit=2)
    assert (len(exact.rows), exact.truncated) == (2, None)


def test_a_question_nobody_waits_for_ends(serving, planted):
    reel = serving(planted).application.config["HEAPREEL_REELS"][0]
    answer = reel.ask("SELECT count(*) FROM events a, events b", is_stopped=lambda: True)
    assert (answer.rows, answer.truncated) == ([], "time")
    assert reel.ask("SELECT 1").rows == [(1,)]


def test_who_hung_up_does_not_wait_for_others(serving, planted):
    reel = serving(planted).application.config["HEAPREEL_REELS"][0]
    connection = reel.connection("moment")
    with connection.lock, pytest.raises(ReelError, match="busy"):
        reel.ask("SELECT 1", is_stopped=lambda: True)
    with connection.lock, pytest.raises(ReelError, match="busy"):
        reel.ask("SELECT 1", seconds=0.1)
    assert reel.ask("SELECT 1").rows == [(1,)]


def test_the_description_names_every_question():
    described = openapi.describe("1")
    json.dumps(described)
    assert len(described["paths"]) == len(QUESTIONS) > 0


def test_what_is_no_reel_is_told(serving, tmp_path):
    other = tmp_path / "other.reel"
    other.write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    body = serving(other).ask("/run", status=503)
    assert "heapreel check" in body["error"]["to_do"]
    missing = serving(tmp_path / "missing.reel").ask("/run", status=503)
    assert "missing.reel" in missing["error"]["where"]
