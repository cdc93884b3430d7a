# SPDX-License-Identifier: MIT
"""The size check must be able to fail, and must not be fooled by structs, tables and attributes."""

import os
import pathlib
import sys

import pytest

SOURCE = pathlib.Path(os.environ["HEAPREEL_SOURCE"])
sys.path.insert(0, str(SOURCE / "tools"))

import check_sizes  # noqa: E402


def c_function(body_lines, head="int long_one(int count)"):
    return head + "\n{\n" + "    count++;\n" * body_lines + "}\n"


def measure_one(tmp_path, name, text):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text)
    large, complaints, _ = check_sizes.measure(tmp_path)
    return large, complaints


@pytest.mark.parametrize("head", [
    "int long_one(int count)",
    "static __attribute__((noinline, aligned(64))) int long_one(int count)",
    "static const struct thing *long_one(struct thing *thing,\n                                    int count)",
])
def test_long_c_function_is_found_under_its_name(tmp_path, head):
    large, _ = measure_one(tmp_path, "reel/a.c", c_function(70, head))
    assert large == {"reel/a.c:long_one": 73 + head.count("\n")}


def test_function_of_sixty_lines_passes(tmp_path):
    assert measure_one(tmp_path, "reel/a.c", c_function(57)) == ({}, [])


def test_long_struct_and_table_are_no_functions(tmp_path):
    struct = "struct thing\n{\n" + "    int field;\n" * 90 + "};\n"
    table = "static const int table[] =\n{\n" + "    1,\n" * 90 + "};\n"
    assert measure_one(tmp_path, "reel/a.c", struct + "\n" + table)[0] == {}


def test_two_functions_are_measured_apart(tmp_path):
    text = c_function(40, "int first(int count)") + "\n" + c_function(40, "int second(int count)")
    assert measure_one(tmp_path, "reel/a.c", text)[0] == {}
    assert [name for name, _ in check_sizes.c_functions(text.splitlines())] == ["first", "second"]


def test_long_python_function_is_found(tmp_path):
    large, _ = measure_one(tmp_path, "tools/a.py", "def long_one():\n" + "    pass\n" * 60)
    assert large == {"tools/a.py:long_one": 61}


def test_long_shell_function_is_found(tmp_path):
    large, _ = measure_one(tmp_path, "dev", "#!/usr/bin/env bash\nlong_one()\n{\n" + "    true\n" * 60 + "}\n")
    assert large == {"dev:long_one": 63}


def test_long_file_is_found(tmp_path):
    assert measure_one(tmp_path, "reel/a.h", "// line\n" * 501)[0] == {"reel/a.h": 501}


@pytest.mark.parametrize("path", ["reel/util.c", "lib/common/x.c", "tools/helpers.py", "reel/misc.h"])
def test_empty_name_is_refused(tmp_path, path):
    complaints = measure_one(tmp_path, path, "\n")[1]
    assert len(complaints) == 1 and complaints[0].startswith(path)


def test_debts_only_fall():
    assert list(check_sizes.compare({"a.c": 600}, {"a.c": 600})) == []
    assert list(check_sizes.compare({"a.c": 600}, {})) == ["a.c: 600 lines, the stop is 500"]
    assert list(check_sizes.compare({"a.c": 601}, {"a.c": 600})) == ["a.c: 601 lines, and its debt was 600"]
    assert list(check_sizes.compare({"a.c": 550}, {"a.c": 600})) == ["a.c: 550 lines now; lower its debt from 600"]
    assert list(check_sizes.compare({}, {"a.c:f": 70})) == ["a.c:f: the debt is paid; take it off the list"]


@pytest.mark.parametrize("head, name", [
    ("export function Long({ heap }: Props) {", "Long"),
    ("export const long = async (value: number) => {", "long"),
    ("class Store {\n  async long(value: number) {", "long"),
])
def test_long_typescript_function_is_found_under_its_name(tmp_path, head, name):
    margin = "  " if head.startswith("class") else ""
    body = f"{margin}  count();\n" * 70
    end = "  }\n}\n" if margin else "}\n"
    large, _ = measure_one(tmp_path, "web/front/src/a.tsx", f"{head}\n{body}{end}")
    assert large == {f"web/front/src/a.tsx:{name}": 72}


def test_short_typescript_functions_pass(tmp_path):
    short = "export function one() {\n  if (a) {\n    b();\n  }\n}\n\nconst two = (a: number) => a + 1;\n\n"
    assert measure_one(tmp_path, "web/front/src/a.ts", short * 30) == ({}, [])
