# SPDX-License-Identifier: MIT
"""Prints every case that pytest collects in this folder as FILE::CASE|LABEL,LABEL|SECONDS, for CMake."""
import contextlib
import io
import sys
from pathlib import Path

import pytest

from conftest import DEFAULT_SECONDS

HERE = Path(__file__).resolve().parent


class Lister:
    def __init__(self):
        self.lines = []

    def pytest_collection_finish(self, session):
        for item in session.items:
            labels = ["programs"]
            for mark in item.iter_markers("label"):
                labels += [label for label in mark.args if label not in labels]
            seconds = item.get_closest_marker("seconds")
            self.lines.append(f"{item.nodeid}|{','.join(labels)}|{seconds.args[0] if seconds else DEFAULT_SECONDS}")


def main():
    lister, said = Lister(), io.StringIO()
    with contextlib.redirect_stdout(said):
        status = pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", "--rootdir", str(HERE), str(HERE)],
                             plugins=[lister])
    if status != 0:
        sys.exit(f"{said.getvalue()}\npytest --collect-only: status {int(status)}")
    print("\n".join(lister.lines))


if __name__ == "__main__":
    main()
