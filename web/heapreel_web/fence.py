# SPDX-License-Identifier: MIT
"""What a query that somebody wrote may do on its connection: read the reel. Everything that is not named is denied."""

import sqlite3

READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE}
PRAGMAS = {"data_version", "application_id", "user_version"}  # the engine reads them to know its reel
TABLE_PRAGMAS = {"table_info", "table_xinfo", "table_list", "module_list", "function_list", "index_list", "index_info"}
FUNCTIONS_DENIED = {"load_extension", "fts3_tokenizer", "zeroblob", "randomblob"}
LIMITS = {
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 20_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 100_000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 10,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 10,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}


def allows(action, first, second, _database, _source):
    """As SQLite asks while it prepares a statement."""
    if action in READING:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION:
        return sqlite3.SQLITE_DENY if str(second).lower() in FUNCTIONS_DENIED else sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_UPDATE and first == "sqlite_master":
        return sqlite3.SQLITE_OK  # what SQLite asks when it declares a virtual table; the file is open for reading
    if action == sqlite3.SQLITE_PRAGMA and (first in TABLE_PRAGMAS or (first in PRAGMAS and second is None)):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def close(database):
    for limit, value in LIMITS.items():
        database.setlimit(limit, value)
    database.set_authorizer(allows)
