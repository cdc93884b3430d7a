# SPDX-License-Identifier: MIT
"""Reports: what is in them, that they are as large as they may be and no larger, what they tell of what is missing, and
what is refused before anything is written. What browsers make of them is tested with one."""

import argparse
import base64
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import struct
import zlib

import pytest

from conftest import EXTENSION

from heapreel_web import reel, subjects
from heapreel_web.__main__ import main
from heapreel_web.report import Pack, ReportError, report
from heapreel_web.report_questions import WANTED, defaults_of

MARKUP = "</script><img src=x onerror=alert(1)>"
TEMPLATE = """<!doctype html><html><head><meta name="heapreel-policy" /><title>Heapreel</title>
<style rel="stylesheet">body { margin: 0 }</style></head><body><div id="app"></div>
<script type="application/octet-stream" id="answers"></script><script type="module">let a = 1;</script></body></html>"""
ANSWERS = re.compile(r'id="answers">([^<]*)</script>')


@pytest.fixture(scope="session")
def static(tmp_path_factory):
    folder = tmp_path_factory.mktemp("static")
    (folder / "report.html").write_text(TEMPLATE)
    return folder


def make(static, output, path, **options):
    report(argparse.Namespace(**{
        "reels": [str(path)], "extension": EXTENSION, "static": static, "output": str(output), "force": False,
        "max_bytes": 5_000_000, "points": 2, **options}))
    return output


@pytest.fixture
def reporting(static, tmp_path):
    """A function that makes a report of a reel and gives its path."""
    return lambda path, **options: make(static, options.pop("output", tmp_path / "report.html"), path, **options)


@pytest.fixture(scope="session")
def whole(static, sqlite, tmp_path_factory):
    """The report of a reel, with all that one holds."""
    return make(static, tmp_path_factory.mktemp("whole") / "report.html", sqlite)


@pytest.fixture
def copied(sqlite, tmp_path):
    """A small reel that a test may write into."""
    return pathlib.Path(shutil.copy(sqlite, tmp_path / "copied.reel"))


def answers_of(page):
    """{address: body} of a report, about the report under "about"."""
    data = zlib.decompress(base64.b64decode(ANSWERS.search(page.read_text())[1]), 31)
    at, found = 0, {}
    while at < len(data):
        name, body = struct.unpack_from("<II", data, at)
        found[data[at + 8:at + 8 + name].decode()] = data[at + 8 + name:at + 8 + name + body]
        at += 8 + name + body
    return found


def test_it_holds_what_the_server_answers(whole, serving, sqlite):
    found = answers_of(whole)
    asking = serving(sqlite)
    peak = next(events for name, events in zip(*(asking.columns("/moments")[part] for part in ("name", "events")))
                if name == "peak")
    for address, path in ((f"heap?t={peak}", "/heap?t=peak"), (f"flame?t={peak}", "/flame?t=peak"),
                          (f"top?measure=pinned&t={peak}", "/top?t=peak&measure=pinned&count=20")):
        assert json.loads(found[address])["columns"] == asking.columns(path)
    assert found[f"pages?t={peak}"] == asking.get("/api/v1/reels/0/pages?t=peak").get_data()
    assert json.loads(found["about"])["left_out"] == []


def test_every_question_of_the_table_is_one_of_the_servers():
    known = defaults_of([question for blueprint in subjects.ALL for question in blueprint.questions])
    assert {row.path for row in WANTED} <= set(known)


@pytest.mark.parametrize("part", [0.5, 0.9])
def test_the_bound_is_kept_and_what_it_cost_is_told(reporting, whole, sqlite, capsys, part):
    max_bytes = int(whole.stat().st_size * part)
    page = reporting(sqlite, max_bytes=max_bytes)
    assert page.stat().st_size <= max_bytes
    left_out = json.loads(answers_of(page)["about"])["left_out"]
    assert left_out and all(re.search(r"\(\d+ of \d+\)$", line) for line in left_out)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and left_out[0] in said[0]


def test_with_little_room_each_page_has_the_peak(reporting, whole, sqlite):
    names = json.loads(answers_of(whole)["moments?"])["columns"]
    peak = names["events"][names["name"].index("peak")]
    found = answers_of(reporting(sqlite, max_bytes=whole.stat().st_size // 2))
    for page in ("heap", "classes", "pages", "flame", "sites", "blocks"):
        assert f"{page}?t={peak}" in found
    assert any(address not in found for address in answers_of(whole))


def test_what_takes_long_is_asked_at_moments_with_names_alone(reporting, sqlite, monkeypatch):
    monkeypatch.setattr("heapreel_web.report_plan.LONG_SECONDS", -1.0)
    monkeypatch.setattr("heapreel_web.report_plan.spread", lambda asking, points, named: [1000, 2000, 3000])
    found = answers_of(reporting(sqlite))
    moments = [address for address in found if re.fullmatch(r"heap\?t=\d+", address)]
    classes = [address for address in found if re.fullmatch(r"classes\?t=\d+", address)]
    assert len(classes) < len(moments)
    assert f"classes ({len(moments) - len(classes)} of {len(moments)})" in json.loads(found["about"])["left_out"]


def test_a_bound_below_the_least_is_refused(reporting, sqlite, tmp_path):
    with pytest.raises(ReportError) as refused:
        reporting(sqlite, max_bytes=30_000)
    assert "--max-size" in refused.value.to_do
    assert not (tmp_path / "report.html").exists()


def test_the_policy_allows_the_scripts_and_styles_of_the_page_alone(whole):
    text = whole.read_text()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
    for kind, content in (("script-src", b"let a = 1;"), ("style-src", b"body { margin: 0 }")):
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        assert f"{kind} 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy


def test_names_with_markup_are_never_markup_of_the_page(reporting, copied):
    named = copied.rename(copied.with_name("<img src=x>&.reel"))
    with sqlite3.connect(named) as database:
        database.execute("UPDATE symbol SET function = ?", (MARKUP,))
        database.execute("UPDATE run SET command = ?", (MARKUP,))
    database.close()
    page = reporting(named, points=0, max_bytes=200_000)
    assert "<img" not in page.read_text() and "<title>&lt;img src=x&gt;&amp;.reel" in page.read_text()
    assert json.loads(answers_of(page)["run?"])["columns"]["command"] == [MARKUP]


def test_a_damaged_reel_gives_what_can_be_read(reporting, copied, capsys):
    with sqlite3.connect(copied) as database:
        database.execute("UPDATE keyframe SET data = zeroblob(100)")
        database.execute("UPDATE chunk_data SET data = substr(data, 1, length(data) / 2)")
    database.close()
    try:
        assert json.loads(answers_of(reporting(copied))["run?"])["rows"] == 1
    except ReportError as refused:
        assert "\n" not in refused.what
    assert "Traceback" not in capsys.readouterr().err


def test_what_is_there_is_kept(reporting, sqlite, tmp_path):
    output = tmp_path / "report.html"
    output.write_text("mine")
    with pytest.raises(ReportError, match="exists"):
        reporting(sqlite)
    assert output.read_text() == "mine"
    reporting(sqlite, force=True, max_bytes=150_000)
    assert answers_of(output)["about"]


def test_the_reel_itself_is_never_replaced(reporting, copied):
    before = copied.read_bytes()
    link = copied.with_name("other")
    os.symlink(copied, link)
    for output in (copied, link):
        with pytest.raises(ReportError, match="reel itself"):
            reporting(copied, output=str(output), force=True)
    assert copied.read_bytes() == before


def test_an_interruption_while_the_engine_looks_is_not_lost(reporting, sqlite, tmp_path, monkeypatch):
    def interrupt(_self):
        os.kill(os.getpid(), signal.SIGINT)
        return False

    monkeypatch.setattr(reel.Connection, "_is_late", interrupt)
    monkeypatch.setattr(reel, "PROGRESS_OPCODES", 1)
    with pytest.raises(KeyboardInterrupt):
        reporting(sqlite)
    assert not (tmp_path / "report.html").exists()


def test_nothing_is_left_of_what_was_interrupted(reporting, sqlite, tmp_path, monkeypatch):
    def interrupt(_self, _address, _body):
        raise KeyboardInterrupt

    monkeypatch.setattr(Pack, "keep", interrupt)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(KeyboardInterrupt):
        reporting(sqlite)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("output, status", [("/", 3), ("/dev/null", 3), ("/nowhere/x.html", 3)])
def test_places_that_cannot_be_written(static, sqlite, capsys, output, status):
    arguments = ["report", "--extension", str(EXTENSION), "--static", str(static), "--output", output, "--force",
                 str(sqlite)]
    assert main(arguments) == status
    said = capsys.readouterr().err
    assert said.startswith(f"heapreel: {output}: ") and said.count("\n") == 1


def test_a_pack_keeps_no_part_of_what_does_not_fit():
    pack = Pack(200)
    assert pack.keep("a", b"x" * 50)
    assert not pack.keep("b", os.urandom(400))
    assert pack.keep("c", b"y")
    assert zlib.decompress(pack.whole(), 31).endswith(struct.pack("<II", 1, 1) + b"cy")
