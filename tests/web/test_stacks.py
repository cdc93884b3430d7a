# SPDX-License-Identifier: MIT
"""Call trees and allocating stacks: amounts agree with each other, filters let pass what they name, and a hostile table of
stacks has an end."""

import sqlite3

import pytest


@pytest.fixture
def asking(serving, planted):
    return serving(planted)


def rows_of(columns):
    return [dict(zip(columns, values)) for values in zip(*columns.values())]


def test_a_tree_holds_what_the_heap_holds(asking):
    flame = asking.columns("/flame?t=peak")
    assert flame["total_bytes"][0] == asking.columns("/heap?t=peak")["live_bytes"][0]
    assert flame["parent"][0] is None
    assert all(parent < node for node, parent in list(zip(flame["node"], flame["parent"]))[1:])


def test_the_allocating_function_comes_first_when_it_is_asked_for(asking):
    for path in ("/flame?t=peak", "/flame_between?t1=peak", "/flame_diff?t1=begin&t2=peak"):
        callers = rows_of(asking.columns(path))
        callees = rows_of(asking.columns(path + "&direction=callees"))
        allocating = {row["function"] for row in callees if row["depth"] == 1}
        assert "begin_job" in allocating and "main" not in allocating
        assert callers[0]["total_bytes"] == callees[0]["total_bytes"]


def test_a_node_of_one_stack_tells_it(asking):
    flame = rows_of(asking.columns("/flame?t=peak"))
    (job,) = [row for row in flame if row["function"] == "begin_job"]
    frames = rows_of(asking.columns(f"/stack?stack={job['stack']}"))
    assert frames[0]["function"] == "begin_job" and frames[0]["file"].endswith("log_ring.c")
    assert [row["place"] for row in frames] == sorted(row["place"] for row in frames)
    assert flame[0]["stack"] is None


def test_sites_are_the_measure_by_stack_with_names(asking):
    sites = rows_of(asking.columns("/sites?t=peak"))
    assert sum(row["bytes"] for row in sites) == asking.columns("/heap?t=peak")["live_bytes"][0]
    assert sites[0]["text"].startswith("begin_job (") and sites[0]["bytes"] == sites[0]["live_bytes"]
    assert [row["bytes"] for row in sites] == sorted((row["bytes"] for row in sites), reverse=True)
    assert all(row["is_passing"] for row in sites)


def test_a_filter_tells_which_sites_pass(asking):
    def passing(query):
        rows = rows_of(asking.columns("/sites?t=peak" + query))
        return {row["text"].split(" (")[0] for row in rows if row["is_passing"]}

    assert passing("&function=JOB") == {"begin_job"}
    assert passing("&function=main") >= {"begin_job", "load_settings", "log_append"}
    assert passing("&least=1000&most=1000") == {"load_settings"}
    assert passing("&function=begin_job&least=1000") == set()


def test_sites_of_a_difference_may_shrink(asking):
    changes = rows_of(asking.columns("/sites_diff?t=end&t1=peak&t2=end"))
    assert changes[0]["text"].startswith("begin_job (") and changes[0]["bytes"] < 0
    freed = rows_of(asking.columns("/sites_between?t=end&t0=begin&t1=end&verb=freed"))
    assert freed[0]["text"].startswith("begin_job (") and freed[0]["bytes"] >= -changes[0]["bytes"]


def test_a_stack_has_its_blocks_in_classes(asking):
    site = rows_of(asking.columns("/sites?t=peak"))[0]
    classes = asking.columns(f"/stack_classes?t=peak&stack={site['stack']}")
    assert sum(classes["live_bytes"]) == site["live_bytes"]
    assert sum(classes["live_blocks"]) == site["live_blocks"]


def test_sums_of_sites_are_those_of_the_run(asking):
    sums, run = asking.columns("/site_sums?t=end"), asking.columns("/run")
    assert sum(sums["allocated_bytes"]) == run["total_requested_bytes"][0]
    assert sum(sums["peak_bytes"]) == run["peak_live_bytes"][0]
    assert sum(sums["leaked_bytes"]) == run["leaked_bytes"][0]


def test_stacks_that_call_each_other_in_a_ring_end(serving, spoiled):
    with sqlite3.connect(spoiled) as database:
        database.execute("UPDATE stack SET parent = stack")
        database.execute("UPDATE module SET path = '/tmp/libheapreel.so'")
    database.close()
    asking = serving(spoiled)
    assert len(asking.columns("/stack?stack=1")["place"]) <= 2
    for path in ("/sites?t=peak", "/sites?t=peak&function=nobody"):
        response = asking.get("/api/v1/reels/0" + path)
        assert response.status_code in (200, 400, 422)


def test_words_that_the_engine_does_not_know_are_refused(asking):
    for path in ("/flame?t=peak&measure=weight", "/flame_between?verb=lost", "/flame?t=peak&direction=up", "/sites",
                 "/stack?stack=-1", "/sites?t=peak&function=" + "x" * 65):
        asking.ask(path, 400)
