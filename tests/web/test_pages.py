# SPDX-License-Identifier: MIT
"""The page map's answers: boxes of JSON with the engine's bytes behind them, and the blocks of a page."""

import json

HEAD_BYTES = 384
PAGE_BYTES = 4096


def stretches(asking, path, page_bytes):
    """(head, bytes) of each stretch in an answer for drawing."""
    response = asking.get("/api/v1/reels/0" + path)
    assert response.status_code == 200, response.get_data(as_text=True)[:400]
    data, at, found = response.get_data(), 0, []
    while at < len(data):
        head = json.loads(data[at:at + HEAD_BYTES])
        end = at + HEAD_BYTES + head[12] * page_bytes
        found.append((head, data[at + HEAD_BYTES:end]))
        at = end
    assert at == len(data)
    return found


def test_pages_add_up_to_what_the_zones_hold(serving, planted):
    asking = serving(planted)
    for head, data in stretches(asking, "/pages?t=peak", 8):
        pages = [data[at:at + 8] for at in range(0, len(data), 8)]
        assert sum(int.from_bytes(page[:2], "little") for page in pages) == head[5]
        assert sum(page[2:4] != b"\0\0" for page in pages) == head[6]
        assert sum(page[5] & 1 for page in pages) == head[7]
        assert len(pages) * PAGE_BYTES == head[10] - head[9]


def test_pages_of_a_window_are_those_of_the_whole(serving, planted):
    asking = serving(planted)
    (whole, data), *_ = stretches(asking, "/pages?t=peak", 8)
    begin = whole[11] + 3 * PAGE_BYTES
    window = f"&begin_address={begin}&end_address={begin + 5 * PAGE_BYTES}"
    (head, part), *others = stretches(asking, "/pages?t=peak" + window, 8)
    assert (head[:11], head[11], part) == (whole[:11], begin, data[24:64])
    assert all(head[12] == 0 for head, _ in others)
    assert all(not data for _, data in stretches(asking, "/pages?t=peak&begin_address=0&end_address=0", 8))


def test_ages_and_stacks_of_pages_agree_with_the_pages(serving, planted):
    asking = serving(planted)
    (_, pages), *_ = stretches(asking, "/pages?t=peak", 8)
    (_, ages), *_ = stretches(asking, "/page_ages?t=peak", 8)
    by_stack = [stretches(asking, f"/stack_pages?t=peak&stack={stack}", 2)[0][1] for stack in (1, 2, 3)]
    for page in range(len(pages) // 8):
        live, blocks = (int.from_bytes(pages[8 * page + at:8 * page + at + 2], "little") for at in (0, 2))
        assert (ages[8 * page:8 * page + 8] == b"\xff" * 8) == (blocks == 0)
        assert all(int.from_bytes(data[2 * page:2 * page + 2], "little") <= live for data in by_stack)


def test_pages_have_what_a_filter_leaves_of_them(serving, planted):
    asking = serving(planted)
    (_, pages), *_ = stretches(asking, "/pages?t=peak", 8)
    live = b"".join(pages[at:at + 2] for at in range(0, len(pages), 8))

    def passing(query):
        return stretches(asking, f"/stack_pages?t=peak{query}", 2)[0][1]

    assert passing("") == live and any(passing("&function=MAIN"))
    assert passing("&function=nothing") == bytes(len(live))
    assert 0 < sum(passing("&least=200&most=5000")) < sum(live)


def test_a_moment_before_the_first_block_has_no_pages(serving, planted):
    assert stretches(serving(planted), "/pages?t=begin", 8) == []


def test_the_blocks_of_a_page_fill_it_as_the_map_says(serving, planted):
    asking = serving(planted)
    (head, data), *_ = stretches(asking, "/pages?t=peak", 8)
    for page in (0, 1, len(data) // 16, len(data) // 8 - 1):
        address = head[11] + page * PAGE_BYTES
        blocks = asking.columns(f"/page_blocks?t=peak&process={head[0]}&address={address}")
        on_page = [min(begin + usable, address + PAGE_BYTES) - max(begin, address)
                   for begin, usable in zip(blocks["address"], blocks["usable_bytes"])]
        assert sum(on_page) == int.from_bytes(data[8 * page:8 * page + 2], "little")
        assert len(on_page) == int.from_bytes(data[8 * page + 2:8 * page + 4], "little")
        assert blocks["address"] == sorted(blocks["address"])


def test_a_page_inside_a_large_block_names_it(serving, sqlite):
    asking = serving(sqlite)
    query = "SELECT+process,address,usable_bytes+FROM+blocks_at('peak')+WHERE+requested_bytes>16384"
    large = asking.columns("/sql?q=" + query)
    assert large["address"]
    for process, begin, usable in zip(large["process"], large["address"], large["usable_bytes"]):
        address = (begin + usable // 2) // PAGE_BYTES * PAGE_BYTES
        blocks = asking.columns(f"/page_blocks?t=peak&process={process}&address={address}")
        assert blocks["address"] == [begin]


def test_births_of_blocks_lie_before_the_moment(serving, planted):
    asking = serving(planted)
    (head, _), *_ = stretches(asking, "/pages?t=peak", 8)
    heap = asking.columns("/heap?t=peak")
    blocks = asking.columns(f"/page_blocks?t=peak&process={head[0]}&address={head[11]}")
    assert blocks["birth_ns_about"] and all(0 <= born <= heap["t_ns"][0] for born in blocks["birth_ns_about"])


def test_a_window_that_begins_inside_a_page_is_refused(serving, planted):
    asking = serving(planted)
    (head, _), *_ = stretches(asking, "/pages?t=peak", 8)
    error = asking.ask(f"/pages?t=peak&begin_address={head[11] + 1}", 400)["error"]
    assert "where a page begins" in error["what"]
