# SPDX-License-Identifier: MIT
"""A recording that is followed in the terminal viewer: who has the terminal, and that the recording does not depend on it."""
import pytest

pytestmark = pytest.mark.label("preload")


def test_without_a_terminal_nothing_is_run(recorder):
    reel = recorder.new_reel()
    witness = recorder.directory / "witness"
    outcome = recorder.run([recorder.heapreel, "record", "--view", "-o", reel, "--", "/bin/sh", "-c", f"echo > {witness}"])
    assert outcome.status == 2 and len(outcome.error_lines()) == 1 and b"terminal" in outcome.stderr
    assert not witness.exists() and not reel.exists()
