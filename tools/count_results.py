# SPDX-License-Identifier: MIT
"""Adds up what ctest wrote (JUnit files): names what failed and what was skipped; the last line is the count."""

import sys
import xml.etree.ElementTree


def verdict(case):
    """passed, skipped or failed. ctest says "notrun" also of tests whose program does not exist: those are failures."""
    status = case.get("status")
    if status == "notrun":
        reason = case.find("skipped")
        was_asked = reason is not None and reason.get("message", "").startswith("SKIP_")
        return "skipped" if was_asked else "failed"
    return {"run": "passed", "disabled": "skipped"}.get(status, "failed")


def read(path):
    """(name, verdict) of each test of one run; a file that cannot be read, or holds no test, is one failure."""
    try:
        cases = list(xml.etree.ElementTree.parse(path).getroot().iter("testcase"))
    except (OSError, xml.etree.ElementTree.ParseError):
        return [(f"{path}: no results", "failed")]
    return [(case.get("name"), verdict(case)) for case in cases] or [(f"{path}: no tests", "failed")]


def main(paths):
    results = [result for path in paths for result in read(path)]
    named = {kind: [name for name, each in results if each == kind] for kind in ("passed", "skipped", "failed")}
    for name in named["skipped"]:
        print(f"skipped: {name}")
    for name in named["failed"]:
        print(f"FAILED: {name}")
    print(f"{len(named['passed'])} passed, {len(named['failed'])} failed")
    return 0 if named["passed"] and not named["failed"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
