# SPDX-License-Identifier: MIT
"""The include check must be able to fail: trees with one bad line each, judged by the real table."""

import os
import pathlib
import sys

import pytest

SOURCE = pathlib.Path(os.environ["HEAPREEL_SOURCE"])
sys.path.insert(0, str(SOURCE / "tools"))

import check_includes  # noqa: E402

HEADERS = ["lib/wire/ring.h", "lib/base/spin.h", "lib/heap/class.h", "lib/record/clock.h", "reel/reader.h",
           "reel/chunk.h", "reel/writer_internal.h", "tracer/record.h", "tracer/drain.h", "cli/command.h"]

REFUSED = [
    ("lib/wire/ring.h", "<unistd.h>", "C standard only"),
    ("lib/wire/ring.h", '"base/spin.h"', "wire may not include base"),
    ("lib/base/spin.c", '"wire/ring.h"', "base may not include wire"),
    ("lib/heap/bump.c", '"record/clock.h"', "heap may not include record"),
    ("lib/heap/bump.c", '"wire/ring.h"', "heap may not include wire"),
    ("lib/heap/bump.c", "<stdio.h>", "heap must not include <stdio.h>"),
    ("lib/record/ring.c", '"heap/class.h"', "record may not include heap"),
    ("lib/record/ring.c", "<stdio.h>", "record must not include <stdio.h>"),
    ("lib/record/ring.c", "<malloc.h>", "record must not include <malloc.h>"),
    ("lib/base/spin.c", "  <stdlib.h>", "base must not include <stdlib.h>"),
    ("lib/preload/malloc.c", "<stdio.h>", "preload must not include <stdio.h>"),
    ("lib/preload/malloc.c", '"reel/reader.h"', "not in the tree, or not under a root"),
    ("tracer/launch.c", '"record/clock.h"', "tracer may not include record"),
    ("tracer/launch.c", '"reel/chunk.h"', "private to reel"),
    ("tracer/launch.c", '"reel/writer_internal.h"', "private to reel"),
    ("tracer/launch.c", "<sqlite3.h>", "tracer may not use sqlite3"),
    ("reel/replay.c", '"tracer/record.h"', "reel may not include tracer"),
    ("reel/replay.c", '"../tracer/record.h"', "never with .."),
    ("reel/replay.c", "<ncurses.h>", "reel may not use ncursesw"),
    ("reel/replay.c", "<glib.h>", "neither libc's nor a library"),
    ("reel/replay.c", '"missing.h"', "not in the tree"),
    ("reel/replay.c", '"reader.c"', "source file"),
    ("reel/replay.c", "READER_HEADER", "by macro"),
    ("cli/top.c", '"tracer/drain.h"', "private to tracer"),
    ("cli/top.c", '"wire/ring.h"', "cli may not include wire"),
    ("viewer/screen.c", "<sqlite3.h>", "viewer may not use sqlite3"),
    ("samples/leak.c", '"reel/reader.h"', "samples may not include reel"),
    ("elsewhere/x.c", "<stdio.h>", "belongs to no part"),
]

ACCEPTED = [
    ("lib/wire/ring.h", "<stdint.h>"), ("lib/wire/session.h", "<pthread.h>"), ("lib/heap/bump.c", '"base/spin.h"'),
    ("lib/record/ring.c", '"wire/ring.h"'), ("lib/record/walk.c", "<libunwind.h>"), ("lib/preload/fork.c", '"heap/class.h"'),
    ("lib/preload/fork.c", "<malloc.h>"), ("tracer/launch.c", '"wire/ring.h"'), ("tracer/launch.c", '"reel/reader.h"'),
    ("reel/replay.c", '"reel/chunk.h"'), ("reel/replay.c", "<zstd.h>"), ("cli/top.c", '"reel/reader.h"'),
    ("cli/top.c", '"tracer/record.h"'), ("tests/reel/chunk_test.c", '"reel/chunk.h"'),
]


def complaints(tmp_path, path, included):
    for header in HEADERS:
        (tmp_path / header).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / header).write_text("#include <stdint.h>\n")
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(f"// a file\n#include {included}\n")
    layers = check_includes.Layers(SOURCE / "tools" / "layers.toml")
    found, _ = check_includes.check(tmp_path, layers)
    return [line for line in found if not line.startswith("layers:")]


@pytest.mark.parametrize("path,included,reason", REFUSED)
def test_bad_include_is_refused(tmp_path, path, included, reason):
    found = complaints(tmp_path, path, included)
    assert len(found) == 1 and found[0].startswith(path) and reason in found[0], found


@pytest.mark.parametrize("path,included", ACCEPTED)
def test_good_include_is_accepted(tmp_path, path, included):
    assert complaints(tmp_path, path, included) == []


def test_empty_tree_is_refused(tmp_path):
    with pytest.raises(SystemExit, match="nothing was checked"):
        check_includes.check(tmp_path, check_includes.Layers(SOURCE / "tools" / "layers.toml"))


def test_missing_public_header_is_named(tmp_path):
    (tmp_path / "reel").mkdir()
    (tmp_path / "reel" / "reader.c").write_text("#include <stdint.h>\n")
    found, _ = check_includes.check(tmp_path, check_includes.Layers(SOURCE / "tools" / "layers.toml"))
    assert "layers: reel/writer.h is listed as public and does not exist" in found
