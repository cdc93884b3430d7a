# SPDX-License-Identifier: MIT
"""The user's own queries: they read, within bounds, and nothing else."""

import hashlib

import pytest


@pytest.fixture
def asking(serving, planted):
    return serving(planted)


def query(asking, sql, **options):
    response = asking.client.get("/api/v1/reels/0/sql", query_string={"q": sql, **options},
                                 headers={"Authorization": "Bearer token-of-the-tests"})
    return response.status_code, response.get_json()


@pytest.mark.parametrize("sql", [
    "SELECT * FROM heap_at('peak')",
    "SELECT pinned_bytes, live_bytes, stack_text(stack) FROM blame_at('worst') ORDER BY 1 DESC LIMIT 10",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT sum(i) FROM n",
    "SELECT name FROM pragma_table_info('run')",
    "SELECT function, total_bytes FROM flame('worst', 'pinned') WHERE depth = 1",
    "SELECT bytes, stack_text(stack) FROM stacks_between(0, 'end', 'unfreed') LIMIT 10",
    "-- a remark\nSELECT count(*) FROM events",
])
def test_reading_is_allowed(asking, sql):
    status, body = query(asking, sql)
    assert status == 200, body
    assert body["rows"] > 0 and body["sql"] == sql


@pytest.mark.parametrize("sql", [
    "DELETE FROM run", "UPDATE run SET events = 0", "INSERT INTO run DEFAULT VALUES", "DROP TABLE run", "VACUUM",
    "CREATE TABLE x(y)", "CREATE TEMP TABLE x(y)", "CREATE TEMP VIEW x AS SELECT 1", "ATTACH '/etc/passwd' AS p",
    "ATTACH ':memory:' AS p", "DETACH main", "PRAGMA query_only = 0", "PRAGMA journal_mode = DELETE", "PRAGMA writable_schema",
    "PRAGMA user_version = 7", "BEGIN", "SAVEPOINT s", "REINDEX", "ANALYZE", "SELECT load_extension('/tmp/x.so')",
    "SELECT zeroblob(1000000000)", "VACUUM INTO '/tmp/heapreel-stolen'", "ALTER TABLE run RENAME TO walk",
    "EXPLAIN DELETE FROM run", "WITH x AS (SELECT 1) DELETE FROM run", "SELECT * FROM pragma_query_only(0)",
    "INSERT INTO temp.sqlite_schema VALUES (1,2,3,4,5)",
    "UPDATE sqlite_master SET sql = ''"])
def test_all_else_is_refused_and_changes_nothing(asking, planted, sql):
    before = hashlib.sha256(planted.read_bytes()).hexdigest()
    status, body = query(asking, sql)
    assert status in (400, 403), body
    assert "\n" not in body["error"]["what"] and body["error"]["to_do"]
    assert hashlib.sha256(planted.read_bytes()).hexdigest() == before
    assert query(asking, "SELECT events FROM run")[0] == 200


@pytest.mark.parametrize("sql, told", [
    ("SELEC 1", "syntax error"), ("SELECT * FROM nowhere", "no such table"), ("SELECT 1; SELECT 2", "one statement"),
    ("", "no rows"), ("-- nothing", "no rows"), ("SELECT '\0'", ""), ("SELECT * FROM heap_at('sometime')", "not a moment")])
def test_what_is_wrong_is_told(asking, sql, told):
    status, body = query(asking, sql)
    assert status == 400 and told in body["error"]["what"], body


def test_bounds_are_kept_and_told(asking):
    status, body = query(asking, "SELECT event FROM events", limit=10)
    assert status == 200 and body["rows"] == 10 and body["truncated"] == "rows"
    status, body = query(asking, "SELECT event FROM events LIMIT 10", limit=10)
    assert status == 200 and body["truncated"] is None
    status, body = query(asking, "SELECT count(*) FROM events a, events b, events c", seconds=1)
    assert status == 200 and body["truncated"] == "time" and body["rows"] == 0
    assert query(asking, "SELECT 1", limit=0)[0] == 400
    assert query(asking, "SELECT 1", seconds=3600)[0] == 400
    assert query(asking, "SELECT " + "(" * 5000 + "1" + ")" * 5000)[0] == 400


def test_values_that_json_has_not(asking):
    status, body = query(asking, "SELECT 9e999 AS far, -9e999 AS near, x'00ff' AS bytes, NULL AS missing, 1 AS one")
    assert status == 200
    assert body["columns"] == {"far": ["inf"], "near": ["-inf"], "bytes": ["00ff"], "missing": [None], "one": [1]}


def test_columns_of_one_name_are_all_there(asking):
    status, body = query(asking, "SELECT 1 AS x, 2 AS x, 3 AS y")
    assert status == 200 and [values[0] for values in body["columns"].values()] == [1, 2, 3]


def test_the_engine_s_functions_are_listed(asking):
    columns = asking.columns("/tables")
    kinds = dict(zip(columns["name"], columns["kind"]))
    assert kinds["run"] == "table" and kinds["heap_at"] == "function" and "json_each" not in kinds
    assert columns["parameters"][columns["name"].index("flame")].startswith("t")
