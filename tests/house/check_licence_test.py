# SPDX-License-Identifier: MIT
"""The check of licences must be able to fail."""

import os
import pathlib
import sys

SOURCE = pathlib.Path(os.environ["HEAPREEL_SOURCE"])
sys.path.insert(0, str(SOURCE / "tools"))

import check_licence  # noqa: E402


def test_a_file_without_a_licence_is_named(tmp_path, capsys):
    (tmp_path / "a.ts").write_text("// SPDX-License-Identifier: MIT\n")
    assert check_licence.main([tmp_path]) == 0
    (tmp_path / "b.css").write_text("body {\n}\n")
    assert check_licence.main([tmp_path]) == 1
    assert "b.css: " in capsys.readouterr().out
