# SPDX-License-Identifier: MIT
"""The bundle of the pages in the browser: small enough, made the same every time, and with the licences of what is in it."""

import filecmp
import json
import os
import pathlib
import re
import subprocess

FRONT = pathlib.Path(__file__).resolve().parents[2] / "web" / "front"
STATIC = pathlib.Path(os.environ["HEAPREEL_PAGES"])
SCRIPT_BYTES_MAX = 400 * 1024


def files_of(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_size():
    sizes = {path.name: path.stat().st_size for path in STATIC.rglob("*.js")}
    assert sizes and sum(sizes.values()) <= SCRIPT_BYTES_MAX, sizes


def test_licences():
    """Every package of the lock file whose code is in the bundle is there with its words."""
    text = (STATIC / "LICENSES.txt").read_text(encoding="utf-8")
    parts = dict(re.findall(r"^(\S+ [\d.]+): [^\n]+\n\n(.*?)(?=^----$|\Z)", text, re.M | re.S))
    locked = json.loads((FRONT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    versions = {f"{path.rpartition('node_modules/')[2]} {package.get('version')}" for path, package in locked.items()}
    assert any(name.startswith("preact ") for name in parts) and set(parts) <= versions
    assert [name for name, words in parts.items() if "copyright" not in words.lower()] == []


def test_rebuild(tmp_path):
    vite = [os.environ["HEAPREEL_NODE"], "node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"]
    for mode in ([], ["--mode", "report"]) if (STATIC / "report.html").exists() else ([],):
        subprocess.run([*vite, *mode], cwd=FRONT, check=True, env={**os.environ, "HEAPREEL_STATIC": str(tmp_path)}, timeout=100)
    assert files_of(tmp_path) == files_of(STATIC)
    same, different, unread = filecmp.cmpfiles(tmp_path, STATIC, files_of(STATIC), shallow=False)
    assert len(same) >= 3 and different == [] and unread == []
