# SPDX-License-Identifier: MIT
"""Questions that the user writes. They read, and nothing else: an authorizer allows what reading needs, the connection is
read-only, and time, rows and bytes have bounds. What came before a bound is shown, and said not to be all."""

import json
import sqlite3

import flask

from .. import answers
from ..question import NEEDED, Question, add, client_watch, number, strings, text
from ..reel import ReelError

blueprint = flask.Blueprint("sql", __name__)

SECONDS_MAX = 10
ROWS_MAX = 10_000
ROWS_DEFAULT = 1_000
QUERY_CHARACTERS_MAX = 20_000

PARAMETERS = {
    "q": text(NEEDED, QUERY_CHARACTERS_MAX, description="one SELECT"),
    "seconds": number(1, 1, SECONDS_MAX, description="the time limit"),
    "limit": number(ROWS_DEFAULT, 1, ROWS_MAX, description="rows at most"),
}

add(blueprint, Question(
    "/tables", "Tables of the reel and functions of the engine, with their columns and parameters", {}, """
    SELECT name, kind,
        (SELECT group_concat(name, ', ') FROM pragma_table_xinfo(found.name) WHERE hidden = 0) AS columns,
        (SELECT coalesce(group_concat(name, ', '), '') FROM pragma_table_xinfo(found.name) WHERE hidden = 1) AS parameters
    FROM (SELECT name, 'table' AS kind FROM sqlite_schema WHERE type = 'table'
          UNION ALL SELECT value, 'function' FROM json_each(:functions)) AS found
    ORDER BY kind, name""",
    strings("name", "kind", "columns?", "parameters"), kind="facts",
    prepare=lambda values, reel: {**values, "functions": json.dumps(reel.functions())}))


def ask(reel, asked, generation):
    """The rows of the user's own query, in columns as it names them; a second one of a name is NAME:2."""
    try:
        answer = reel.ask(asked["q"], (), asked["limit"], asked["seconds"], "sql", client_watch())
    except (sqlite3.Warning, sqlite3.ProgrammingError, ValueError) as error:  # several statements, or a zero byte
        raise ReelError(str(error).rstrip(".").lower(), "q", "write one SELECT") from error
    if not answer.names and answer.truncated is None:
        raise ReelError("it gives no rows", "q", "write one SELECT")
    answer.names = told_apart(answer.names)
    answer.rows = [tuple(map(answers.plain, row)) for row in answer.rows]
    return answers.rows(answer, asked["q"], generation)


def told_apart(names):
    found = []
    for name in names:
        times = sum(other == name or other.startswith(name + ":") for other in found)
        found.append(f"{name}:{times + 1}" if times else name)
    return found


add(blueprint, Question("/sql", "The rows of a query that the user wrote", PARAMETERS, columns=[], make=ask))
