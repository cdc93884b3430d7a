# SPDX-License-Identifier: MIT
"""The viewer on a terminal: every size and kind of one, the ways of a hand that looks for a culprit, and an end that leaves
the terminal as it was."""
import os
import random
import re
import signal
import time

import pytest

from screen import Screen
from test_blame import PLANTED, sample

pytestmark = pytest.mark.label("viewer")

SIZES = [(200, 60), (120, 36), (80, 24), (40, 10), (20, 5)]
TERMS = ["xterm-256color", "screen", "linux", "vt100"]
PAGES = ["overview", "classes", "map", "stacks", "sites", "lifetimes", "blocks", "findings", "processes"]
KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "Tab", "e", "M", "Up", "Down", "Left", "Right", "PgUp", "PgDn", "Home", "End",
        "Enter", "BSpace", "+", "-", "*", "E", "<", ">", "I", "i", "c", "{", "}", "H", "L", ",", ".", "[", "]", "^", "$", "P", "W",
        "a", "b", "d", "z", "Z", "0", "n", "N", "o", "/", "\\", ":", "x", "5", "Escape", "C-l", "F1", "Space"]
PAGE_CACHE = PLANTED[0]
GUST = 15  # sizes, with keys and a click each
COLOUR = re.compile(r"\x1b\[(?:[0-9]+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]")  # not 39 and 49, the terminal's own


@pytest.fixture
def reel(recorder):
    outcome, reel = recorder.record([sample(recorder, PAGE_CACHE.sample)])
    assert outcome.status == 0, outcome
    return reel


@pytest.fixture
def view(recorder):
    """A function that shows a reel on a new terminal."""
    shown = []

    def start(reel, *words, **how):
        shown.append(Screen(recorder, [recorder.heapreel, "view", reel, *words], **how))
        return shown[-1]

    yield start
    for screen in shown:
        screen.end()


def assert_fits(screen, width, height):
    lines = screen.lines()
    assert len(lines) <= height and all(len(line) <= width for line in lines), "\n".join(lines)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_page_is_seen_at_every_size(view, reel, size):
    screen = view(reel, width=size[0], height=size[1])
    screen.until("MiB")
    for number, _ in enumerate(PAGES, 1):
        screen.keys(str(number))
        if size[1] > 5:
            screen.until(f"[{number}")
        assert_fits(screen, *size)
    screen.keys("q")
    screen.until("ended with 0")


@pytest.mark.parametrize("term", TERMS)
@pytest.mark.parametrize("env", [{"LC_ALL": "C"}, {"LC_ALL": "C.UTF-8"}, {"NO_COLOR": "1"}], ids=["C", "UTF-8", "NO_COLOR"])
def test_every_terminal_is_served(view, reel, term, env):
    screen = view(reel, width=80, height=24, term=term, env=env)
    screen.until("[1 Overview]", PAGE_CACHE.culprit)
    screen.keys("3")
    text = screen.until("[3 Map]")
    if env.get("LC_ALL") == "C":
        assert text.isascii()
    is_colourless = "NO_COLOR" in env or term == "vt100"
    assert bool(COLOUR.search(screen.text(colours=True))) != is_colourless
    screen.keys("q")
    screen.until("ended with 0")


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"TERM": ""}], ids=["dumb", "none"])
def test_terminal_that_cannot_draw_gets_the_overview_once(view, reel, env):
    view(reel, env=env).until("Overview", "ended with 0")


def test_no_terminal_gets_the_overview_once(recorder, reel):
    outcome = recorder.ask("view", reel)
    assert (outcome.status, outcome.stderr) == (0, b"") and PAGE_CACHE.culprit in outcome.stdout.decode()


@pytest.mark.parametrize("page", PAGES)
def test_each_page_can_be_printed(recorder, reel, page):
    outcome = recorder.ask("view", reel, "--dump", page, "--size", "100x30")
    lines = outcome.stdout.decode().splitlines()
    assert (outcome.status, outcome.stderr) == (0, b"")
    assert 20 < len(lines) <= 30 and all(len(line) <= 100 for line in lines)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.sample)
def test_culprit_is_read_after_three_keys_at_most(recorder, view, planted):
    _, reel = recorder.record([sample(recorder, planted.sample)])
    screen = view(reel, width=120, height=36)
    screen.until("[1 Overview]")
    screen.keys("W", "8")
    screen.until("[8", planted.culprit, f"{planted.sample}.c:")


def test_owner_of_the_peak_is_one_key_away(view, reel):
    screen = view(reel, "--state", "v=1&t=end", width=120, height=36)
    screen.until("[1 Overview]")
    screen.keys("P")
    screen.until(PAGE_CACHE.holder, f"{PAGE_CACHE.sample}.c:")


def test_difference_of_two_moments_is_three_keys_away(view, reel):
    screen = view(reel, "--state", "v=1&t=0%", width=120, height=36)
    screen.until("[1 Overview]")
    screen.keys("a", "P", "d")
    screen.until("[4 Stacks]", "difference", "+")


def test_goto_search_and_filter_take_text(view, reel):
    screen = view(reel, "--state", "p=stacks&m=live", width=120, height=36)
    screen.until("[4 Stacks]")
    screen.keys(*":nowhere", "Enter")
    screen.until("nowhere", "no moment", "12.5s")
    screen.keys("Escape", *":end", "Enter", "/", *PAGE_CACHE.culprit, "Enter")
    screen.until(f"/{PAGE_CACHE.culprit}", PAGE_CACHE.culprit)
    screen.keys("Escape", "\\", *f"fn:{PAGE_CACHE.holder}", "Enter")
    screen.until(f"fn:{PAGE_CACHE.holder}")


def test_state_that_is_shown_begins_another_viewer_there(view, reel):
    screen = view(reel, width=200, height=60)
    screen.until("[1 Overview]")
    screen.keys("W", "4", "M", "o")
    said, = (line for line in screen.until("--state").splitlines() if "--state" in line)
    state = said.split("--state '")[1].split("'")[0]
    other = view(reel, "--state", state, width=200, height=60)
    other.until("[4 Stacks]")
    screen.keys("Escape")
    first = screen.until("[4 Stacks]", absent=["--state"])
    assert other.until("[4 Stacks]") == first


def test_help_lists_every_key_and_closes(view, reel):
    screen = view(reel, width=200, height=60)
    screen.until("[1 Overview]")
    screen.keys("?")
    screen.until("Everywhere")
    screen.keys("q")
    screen.until("[1 Overview]", absent=["Everywhere"])
    screen.keys("q")
    screen.until("ended with 0")


def blow(screen, chance):
    """A new size, keys, and a click or a turn of the wheel somewhere near."""
    width, height = chance.randint(1, 220), chance.randint(1, 70)
    screen.resize(width, height)
    screen.keys(*(chance.choice(KEYS) for _ in range(4)))
    button = chance.choice([0, 32, 64, 65])  # down, dragged, wheel on and back
    column, line = chance.randint(1, width + 2), chance.randint(1, height + 2)
    screen.keys(f"\x1b[<{button};{column};{line}M" + f"\x1b[<0;{column};{line}m" * (button == 0))


def weather(screen, chance, seconds):
    """Gusts, and calm after each, so that no more keys are waiting than a slow viewer gets done with."""
    screen.until("[1 Overview]")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for _ in range(GUST):
            blow(screen, chance)
        screen.resize(120, 36)
        screen.keys("Escape", "Escape", "Escape", "Escape", "1", "C-l")
        screen.until("[1 Overview]")
    screen.keys("q")
    screen.until("ended with 0")


def test_storm_of_sizes_and_keys_is_survived(view, reel):
    weather(view(reel, width=80, height=24), random.Random(20191128), 3)


@pytest.mark.label("soak")
@pytest.mark.seconds(600)
def test_storm_breaks_no_rule_of_memory(recorder, reel):
    """The viewer that a sanitizer watches, and another storm each time."""
    sanitized = recorder.heapreel.parents[2] / "asan" / "bin" / "heapreel"
    if not sanitized.exists():
        pytest.skip(f"there is no {sanitized}: cmake --preset asan && cmake --build --preset asan --target heapreel")
    seed = random.randrange(1 << 32)
    print("the seed of the storm is", seed)
    report = f"log_path={recorder.directory / 'sanitizer'}"  # on the screen it would be drawn over
    env = {"ASAN_OPTIONS": report, "UBSAN_OPTIONS": report}
    screen = Screen(recorder, [sanitized, "view", reel], width=80, height=24, env=env)
    try:
        weather(screen, random.Random(seed), 30)
    finally:
        screen.end()
        for path in recorder.directory.glob("sanitizer.*"):
            print(path.read_text())


@pytest.mark.parametrize("number, status", [(signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGSEGV, 139), (signal.SIGABRT, 134)],
                         ids=["TERM", "HUP", "SEGV", "ABRT"])
def test_signal_leaves_the_terminal_as_it_was(recorder, view, reel, number, status):
    script = 'stty -g >before; "$0" "$@"; status=$?; stty -g >after; exit $status'
    screen = Screen(recorder, ["sh", "-c", f"cd {recorder.directory}; {script}", recorder.heapreel, "view", reel])
    try:
        screen.until("[1 Overview]")
        shell = screen.command_pid()
        child, = open(f"/proc/{shell}/task/{shell}/children", encoding="ascii").read().split()
        os.kill(int(child), number)
        text = screen.until(f"ended with {status}")
        assert "Overview" not in text
        assert (recorder.directory / "before").read_text() == (recorder.directory / "after").read_text()
    finally:
        screen.end()


@pytest.mark.parametrize("words, line", [
    (["--state", "v=9"], "v=9"), (["--state", "t=never"], "never"), (["--dump", "nothing"], "overview"), (["--size", "0x0"], "80x24"),
    (["--keys", "<Nothing>"], "--keys"), (["--state", "process=7"], "process=7"),
])
def test_bad_words_get_one_line(recorder, reel, words, line):
    outcome = recorder.ask("view", reel, *words)
    assert outcome.status == 2 and len(outcome.error_lines()) == 1 and line in outcome.error_lines()[0], outcome
