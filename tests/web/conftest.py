# SPDX-License-Identifier: MIT
"""Reels and applications for the tests of the server: reels are recorded once for a run, an application is made anew for
each test."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "web"))
HEAPREEL = pathlib.Path(os.environ.get("HEAPREEL_BIN", ROOT / "build/dev/bin/heapreel")).resolve()
EXTENSION = HEAPREEL.parent.parent / "lib/heapreel/reel.so"
SAMPLES = HEAPREEL.parent.parent / "lib/heapreel/samples"
TOKEN = "token-of-the-tests"
RECORD_SECONDS = 60


def record(path, *command, options=()):
    """The reel of a command; whatever it prints is thrown away."""
    subprocess.run([HEAPREEL, "record", *options, "-o", path, "--", *command], check=True, timeout=RECORD_SECONDS,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return path


@pytest.fixture(scope="session")
def planted(tmp_path_factory):
    """A program of ours with a planted culprit: log_ring, under glibc's malloc."""
    return record(tmp_path_factory.mktemp("planted") / "planted.reel", SAMPLES / "log_ring")


@pytest.fixture(scope="session")
def zoned(tmp_path_factory):
    """The same under an allocator with a zone for each class."""
    return record(tmp_path_factory.mktemp("zoned") / "zoned.reel", SAMPLES / "log_ring", options=["--allocator", "zoned"])


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory):
    """A program that nobody here wrote."""
    query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<3000) SELECT count(i) FROM n ORDER BY 1"
    return record(tmp_path_factory.mktemp("sqlite") / "sqlite.reel", "sqlite3", ":memory:", query)


@pytest.fixture
def spoiled(planted, tmp_path):
    """A copy of a reel that a test may write into."""
    return pathlib.Path(shutil.copy(planted, tmp_path / "spoiled.reel"))


class Asking:
    """A client with the token, and the answers of reel 0 as JSON."""

    def __init__(self, application):
        self.application = application
        self.client = application.test_client()

    def get(self, path, **headers):
        headers.setdefault("Authorization", "Bearer " + TOKEN)
        return self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def ask(self, path, status=200):
        response = self.get("/api/v1/reels/0" + path)
        assert response.status_code == status, response.get_data(as_text=True)[:400]
        return response.get_json()

    def columns(self, path):
        return self.ask(path)["columns"]


@pytest.fixture
def serving():
    """A function that gives an Asking of reels; what it opened is closed after the test."""
    from heapreel_web.application import create_application

    made = []

    def serve(*paths, **options):
        static = options.pop("static", ROOT / "web/front")
        application = create_application(paths, extension=EXTENSION, static=static, token=TOKEN, **options)
        made.append(application)
        return Asking(application)

    yield serve
    for application in made:
        for reel in application.config["HEAPREEL_REELS"]:
            reel.close()
