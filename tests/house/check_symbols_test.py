# SPDX-License-Identifier: MIT
"""The symbol check must be able to fail: objects and libraries that do what is forbidden."""

import os
import pathlib
import subprocess
import sys

import pytest

SOURCE = pathlib.Path(os.environ["HEAPREEL_SOURCE"])


def compile_source(tmp_path, text, *flags):
    (tmp_path / "a.c").write_text(text)
    target = tmp_path / "a.out"
    subprocess.run(["gcc", "-fPIC", *flags, "-o", target, tmp_path / "a.c"], check=True)
    return str(target)


def check(*arguments):
    script = [sys.executable, "-B", SOURCE / "tools" / "check_symbols.py", *arguments]
    result = subprocess.run(script, capture_output=True, text=True)
    return result.returncode, result.stdout + result.stderr


@pytest.mark.parametrize("call", ["malloc(1)", "free(0)", "printf(\"%d\", 1)", "getenv(\"A\")", "pthread_mutex_lock(0)"])
def test_forbidden_call_is_found(tmp_path, call):
    text = f"#include <stdio.h>\n#include <stdlib.h>\n#include <pthread.h>\nvoid f(void) {{ (void){call}; }}\n"
    status, output = check("objects", "record", compile_source(tmp_path, text, "-c", "-fno-builtin", "-w"))
    assert status == 1 and f"lib/record calls {call.split('(')[0]}" in output


def test_allowed_call_passes(tmp_path):
    text = "#include <string.h>\nsize_t f(const char *s) { return strlen(s); }\n"
    assert check("objects", "base", compile_source(tmp_path, text, "-c", "-fno-builtin"))[0] == 0


def test_objects_without_symbols_are_no_proof(tmp_path):
    status, output = check("objects", "base", compile_source(tmp_path, "int a;\n", "-c"))
    assert status != 0 and "nothing was checked" in output


def test_second_library_is_found(tmp_path):
    text = "#include <math.h>\nstatic __thread int t; double f(double x) { return cos(x) + t++; }\n"
    flags = ["-shared", "-ftls-model=initial-exec", "-Wl,--no-as-needed", "-lm"]
    status, output = check("library", compile_source(tmp_path, text, *flags))
    assert status == 1 and "needs libm.so.6" in output and "initial-exec" not in output


def test_other_tls_model_is_found(tmp_path):
    text = "__thread int t; int f(void) { return t++; }\n"
    status, output = check("library", compile_source(tmp_path, text, "-shared", "-ftls-model=global-dynamic"))
    assert status == 1 and "no initial-exec TLS" in output
