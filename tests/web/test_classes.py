# SPDX-License-Identifier: MIT
"""Size classes over time, which come as boxes of JSON with doubles behind them, and what is asked for inside a class."""

import json
import struct

HEAD_BYTES = 384
POINTS = 20
LINES = 4


def classes_over(asking, more=""):
    """(head, its lines of numbers) of each class."""
    response = asking.get(f"/api/v1/reels/0/classes_over?points={POINTS}{more}")
    assert response.status_code == 200
    data, found = response.get_data(), []
    size = HEAD_BYTES + LINES * 8 * POINTS
    assert len(data) % size == 0
    for at in range(0, len(data), size):
        numbers = struct.unpack_from(f"<{LINES * POINTS}d", data, at + HEAD_BYTES)
        found.append((json.loads(data[at:at + HEAD_BYTES]), [numbers[k * POINTS:(k + 1) * POINTS] for k in range(LINES)]))
    return found


def test_the_last_point_is_the_end(serving, planted):
    asking = serving(planted)
    over = classes_over(asking)
    assert over and all(head[9] == POINTS for head, _ in over)
    drawn = {head[0]: tuple(line[-1] for line in lines[:3]) for head, lines in over}
    end = asking.columns("/classes?t=end")
    rows = zip(end["class_number"], end["live_blocks"], end["live_bytes"], end["usable_bytes"])
    told = {number: figures for number, *figures in rows if figures[0]}
    assert told and {number: tuple(figures) for number, figures in told.items()} == {
        number: figures for number, figures in drawn.items() if figures[0]}


def test_every_point_is_a_moment(serving, planted):
    asking = serving(planted)
    over = classes_over(asking)
    begin, end = over[0][0][6:8]
    for point in (4, 9, 14):
        seconds = (begin + (end - begin) * (point + 1) // POINTS) / 1e9
        live = sum(lines[1][point] for _, lines in over)
        assert live == sum(asking.columns(f"/classes?t={seconds:.9f}s")["live_bytes"])


def test_a_stretch_is_cut_to(serving, planted):
    over = classes_over(serving(planted), "&t0_ns=1000000&t1_ns=2000000")
    assert all((head[6], head[7]) == (1_000_000, 2_000_000) for head, _ in over)


def test_sizes_of_a_class_are_all_its_blocks(serving, planted):
    asking = serving(planted)
    classes = asking.columns("/classes?t=peak")
    for number, blocks, live, usable in zip(classes["class_number"], classes["live_blocks"], classes["live_bytes"],
                                            classes["usable_bytes"]):
        sizes = asking.columns(f"/sizes?t=peak&class_number={number}&count=10000")
        assert sum(sizes["live_blocks"]) == blocks and sum(sizes["usable_bytes"]) == usable
        assert sum(size * count for size, count in zip(sizes["requested_bytes"], sizes["live_blocks"])) == live
        assert sizes["live_blocks"] == sorted(sizes["live_blocks"], reverse=True)


def test_the_blame_of_classes_is_the_heaps(serving, planted):
    asking = serving(planted)
    blame = asking.columns("/class_blame?t=worst&process=1")
    pinned = asking.columns("/heap?t=worst&process=1")["occupied_pinned_bytes"][0]
    assert pinned > 0 and abs(sum(blame["pinned_bytes"]) - pinned) <= len(blame["class_number"])


def test_a_filter_leaves_of_the_classes_what_passes(serving, planted):
    asking = serving(planted)
    names = ("class_number", "live_blocks", "live_bytes", "usable_bytes")
    classes = asking.columns("/classes?t=peak")
    living = [row for row in zip(*(classes[name] for name in names)) if row[1]]

    def passing(query):
        return list(zip(*(asking.columns(f"/passing_classes?t=peak{query}")[name] for name in names)))

    assert passing("") == living and 0 < len(passing("&function=MAIN")) <= len(living)
    assert passing("&function=nothing") == []
    number = living[0][0]
    assert passing(f"&class={number}") == living[:1]
    sites = asking.columns("/sites?t=peak")
    stack, live = max(zip(sites["stack"], sites["live_bytes"]), key=lambda pair: pair[1])
    assert sum(row[2] for row in passing(f"&stack={stack}")) == live
    name = sites["text"][0].split(" (")[0]
    named = [bytes_ for bytes_, is_passing in zip(sites["live_bytes"], asking.columns(
        f"/sites?t=peak&function={name}")["is_passing"]) if is_passing]
    assert sum(row[2] for row in passing(f"&function={name}")) == sum(named)


def test_zones_tell_which_classes_have_their_own(serving, planted, zoned):
    assert serving(planted).columns("/class_zones") == {"class_id": [], "role": []}
    own = serving(zoned).columns("/class_zones")
    assert set(own["role"]) == {"slots"} and None not in own["class_id"]
    ids = serving(zoned).columns("/classes?t=end")["class_id"]
    assert {number for number in ids if number is not None} <= set(own["class_id"])
