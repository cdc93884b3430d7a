# SPDX-License-Identifier: MIT
"""The count must not flatter: what did not run for another reason than its own wish has failed."""

import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(os.environ["HEAPREEL_SOURCE"])
CASES = {
    "good": 'status="run"/>',
    "bad": 'status="fail"><failure message=""/></testcase>',
    "missing_program": 'status="notrun"><skipped message="Unable to find executable"/></testcase>',
    "failed_fixture": 'status="notrun"><skipped message="Fixture dependency failed"/></testcase>',
    "not_installed": 'status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>',
}


def results(tmp_path, name, cases):
    path = tmp_path / name
    path.write_text("<testsuite>" + "".join(f'<testcase name="{case}" {CASES[case]}' for case in cases) + "</testsuite>")
    return path


def count(*paths):
    script = [sys.executable, "-B", SOURCE / "tools" / "count_results.py", *paths]
    result = subprocess.run(script, capture_output=True, text=True)
    return result.returncode, result.stdout.splitlines()


def test_good_runs_are_added_up(tmp_path):
    first, second = results(tmp_path, "a", ["good", "not_installed"]), results(tmp_path, "b", ["good"])
    assert count(first, second) == (0, ["skipped: not_installed", "2 passed, 0 failed"])


def test_every_failure_is_named_and_counted(tmp_path):
    status, lines = count(results(tmp_path, "a", ["good", "bad", "missing_program", "failed_fixture"]))
    assert (status, lines[-1]) == (1, "1 passed, 3 failed")
    assert lines[:-1] == ["FAILED: bad", "FAILED: missing_program", "FAILED: failed_fixture"]


def test_a_run_without_results_has_failed(tmp_path):
    assert count(results(tmp_path, "a", ["good"]), tmp_path / "absent")[1][-1] == "1 passed, 1 failed"
    assert count(results(tmp_path, "empty", []))[1][-1] == "0 passed, 1 failed"
    assert count(results(tmp_path, "c", ["not_installed"]))[0] == 1
