# SPDX-License-Identifier: MIT
"""Filters and pages of the list of blocks, by what the whole list says."""

import pytest


@pytest.fixture
def asking(serving, planted):
    return serving(planted)


def rows(asking, **options):
    query = "&".join(f"{name}={value}" for name, value in options.items())
    columns = asking.columns("/blocks?t=peak&" + query)
    return list(zip(*columns.values())), list(columns)


def test_pages_follow_each_other_without_gap(asking):
    whole, names = rows(asking, limit=60)
    process, address = names.index("process"), names.index("address")
    found, after = [], {}
    for _ in range(3):
        page, _ = rows(asking, limit=20, **after)
        found += page
        after = {"after_process": page[-1][process], "after_address": page[-1][address]}
    assert found == whole and asking.ask("/blocks?t=peak&limit=20")["truncated"] == "rows"


@pytest.mark.parametrize("options, passes", [
    ({"least": 100, "most": 130}, lambda row: 100 <= row["requested_bytes"] <= 130),
    ({"class": 8}, lambda row: row["class_number"] == 8),
    ({"class": 0}, lambda row: row["class_number"] == 0),
    ({"function": "LOG_APPEND"}, lambda row: "log_append" in row["text"]),
    ({"function": "log_append", "least": 130}, lambda row: "log_append" in row["text"] and row["requested_bytes"] >= 130),
    ({"function": "nobody_has_this_name"}, lambda row: False),
])
def test_a_filter_leaves_what_passes(asking, options, passes):
    whole, names = rows(asking, limit=2000)
    expected = [row for row in whole if passes(dict(zip(names, row)))]
    found, _ = rows(asking, limit=2000, **options)
    assert found[:len(expected)] == expected and all(passes(dict(zip(names, row))) for row in found)


def test_a_stretch_of_memory(asking):
    whole, names = rows(asking, limit=2000)
    address = names.index("address")
    begin = whole[500][address]
    found, _ = rows(asking, begin=begin, end=begin + 4096, process=1)
    assert found == [row for row in whole if begin <= row[address] < begin + 4096] != []


def test_who_held_an_address(asking):
    page, names = rows(asking, function="log_append", limit=1)
    block = dict(zip(names, page[0]))
    tenants = asking.columns(f"/address?address={block['address'] + 1}&process=1")
    assert block["birth_event"] in tenants["birth_event"]
    assert tenants["birth_event"] == sorted(tenants["birth_event"])
    assert "log_append" in tenants["alloc_text"][tenants["birth_event"].index(block["birth_event"])]


def test_lifetimes_count_each_block_once(asking):
    columns = asking.columns("/lifetimes")
    run = asking.columns("/run")
    assert sum(columns["blocks"]) == run["allocations"][0]
    freed = [blocks for blocks, is_alive in zip(columns["blocks"], columns["is_alive"]) if not is_alive]
    assert sum(freed) == run["frees"][0] - run["unknown_frees"][0]
    by_stack = asking.columns("/lifetimes_by_stack")
    assert sum(by_stack["freed_blocks"]) == sum(freed)
    assert sum(by_stack["alive_blocks"]) == sum(columns["blocks"]) - sum(freed)
    assert by_stack["freed_blocks"] == sorted(by_stack["freed_blocks"], reverse=True)


def test_lifetimes_of_stacks_tell_the_filter(asking):
    columns = asking.columns("/lifetimes_by_stack?function=LOG_append")
    passing = [text for text, passes in zip(columns["text"], columns["is_passing"]) if passes]
    assert passing and all("log_append" in text for text in passing)
    assert len(passing) < len(columns["text"])
