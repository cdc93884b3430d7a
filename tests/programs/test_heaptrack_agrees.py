# SPDX-License-Identifier: MIT
"""Another recorder counts the same calls: heaptrack's number of allocation calls is ours within 0.1 %.

heaptrack counts a realloc as one call to an allocation function. For us it is an allocation when the block moved and a
resize when it stayed, so the same number is allocations plus resizes.
"""
import re
import shutil

import pytest

from catalogue import JSON_PY, ROWS_SQL
from recording import PATH

TOLERANCE = 0.001

WORKLOADS = {
    "sqlite3": (["sqlite3", ":memory:"], ROWS_SQL.replace("5000", "20000").encode(), {}),
    "python3": (["/usr/bin/python3", "-c", JSON_PY.replace("500", "3000")], b"", {"PYTHONMALLOC": "malloc"}),
}


def calls_by_heaptrack(recorder, argv, stdin, env):
    out = recorder.directory / "heaptrack"
    run = recorder.run(["heaptrack", "-o", out, *argv], stdin=stdin, env=env)
    assert run.status == 0, run
    data, = recorder.directory.glob("heaptrack.*")
    printed = recorder.run(["heaptrack_print", data]).stdout.decode()
    return int(re.search(r"calls to allocation functions: (\d+)", printed).group(1))


@pytest.mark.parametrize("workload", WORKLOADS)
def test_allocation_calls(recorder, workload):
    argv, stdin, env = WORKLOADS[workload]
    for word in ("heaptrack", argv[0]):
        if shutil.which(word, path=PATH) is None:
            pytest.skip(f"not installed: {word}")
    theirs = calls_by_heaptrack(recorder, argv, stdin, env)
    _, summary = recorder.record_cleanly(argv, stdin=stdin, env=env)
    ours = summary["allocations"] + summary["resizes"]
    assert theirs > 50_000
    assert abs(ours - theirs) <= TOLERANCE * theirs, f"ours {ours}, heaptrack's {theirs}"
