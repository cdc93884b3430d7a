# SPDX-License-Identifier: MIT
"""What `cmake --install` makes is complete: it records from another place than the build tree."""

import json
import os
import pathlib
import re
import signal
import subprocess
import urllib.parse
import urllib.request

import pytest

BUILD = pathlib.Path(os.environ["HEAPREEL_BUILD"])
SOURCE = pathlib.Path(os.environ["HEAPREEL_SOURCE"])


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("install") / "usr"
    subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], check=True, stdout=subprocess.DEVNULL)
    return prefix


def run(prefix, *arguments):
    command = [prefix / "bin" / "heapreel", *arguments]
    # From a folder that is not the build tree, without variables that could name one.
    return subprocess.run(command, capture_output=True, text=True, cwd=prefix.parent, env={"PATH": "/usr/bin:/bin"}, timeout=120)


def test_installed_program_knows_its_version(prefix):
    result = run(prefix, "--version")
    cache = (BUILD / "CMakeCache.txt").read_text()
    version = next(line.split("=")[1] for line in cache.splitlines() if line.startswith("CMAKE_PROJECT_VERSION:"))
    assert result.returncode == 0 and version in result.stdout


def test_installed_program_records(prefix):
    result = run(prefix, "record", "-o", "true.reel", "--", "/bin/true")
    assert result.returncode == 0, result.stderr
    summary = json.loads(run(prefix, "summary", "--json", "true.reel").stdout)
    assert summary["lost_events"] == 0 and len(summary["processes"]) == 1
    assert run(prefix, "check", "true.reel").returncode == 0


def test_installed_program_runs_its_samples(prefix):
    result = run(prefix, "claims", "--claim", "S5", "--allocator", "bump:lifo,zoned,glibc")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "skipped" not in result.stdout and "fails as designed" in result.stdout


def test_manual_explains_every_key(prefix):
    table = (SOURCE / "viewer" / "keys.def").read_text(encoding="utf-8")
    actions = [line for line in table.splitlines() if line.startswith(("KEY(", "TERMINAL_KEY("))]
    page = (prefix / "share" / "man" / "man1" / "heapreel-view.1").read_text(encoding="utf-8")
    assert len(actions) > 50 and page.count(".TP\n\\fB") == len(actions)
    assert "Goes to a moment" in page and "\\fB:\\fR" in page


@pytest.fixture
def address(prefix):
    """Where the installed program serves a reel; Ctrl-C ends it with status 0."""
    assert run(prefix, "record", "-q", "--force", "-o", "web.reel", "--", "/bin/true").returncode == 0
    command = [prefix / "bin" / "heapreel", "web", "web.reel", "--port", "0", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=prefix.parent, env={"PATH": "/usr/bin:/bin"}) as server:
        yield server.stdout.readline().split()[-1]
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=60) == 0


def fetch(browser, address):
    with browser.open(address, timeout=60) as answer:
        return answer.read().decode("utf-8")


def test_installed_pages_are_served_whole_and_nothing_is_written(prefix, address):
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    page = fetch(browser, address)
    named = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert any(name.endswith(".js") for name in named) and not any("//" in name for name in named)
    for name in named:
        assert fetch(browser, urllib.parse.urljoin(address, name))
    assert "Permission is hereby granted" in (prefix / "share/heapreel/web/static/LICENSES.txt").read_text(encoding="utf-8")
    assert list(prefix.rglob("__pycache__")) == []


def test_nothing_installed_points_into_the_build_tree(prefix):
    binaries = [path for path in prefix.rglob("*") if path.is_file() and path.read_bytes()[:4] == b"\x7fELF"]
    assert len(binaries) >= 2
    for path in binaries:
        dynamic = subprocess.run(["readelf", "--dynamic", path], capture_output=True, text=True, check=True).stdout
        assert str(BUILD) not in dynamic
