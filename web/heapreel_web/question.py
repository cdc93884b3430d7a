# SPDX-License-Identifier: MIT
"""A question that the server answers: its address, its parameters, the query, and the columns that come back. From the
same declaration come the route, the check of what is asked, and its part of the OpenAPI description."""

import dataclasses
import re

import flask
import marshmallow
from marshmallow import fields, validate
from webargs.flaskparser import FlaskParser

from . import answers
from .reel import ReelError

LIMIT_MAX = 100_000
SIGNED_MAX = (1 << 63) - 1


class Parser(FlaskParser):
    DEFAULT_LOCATION = "query"
    DEFAULT_UNKNOWN_BY_LOCATION = {"query": marshmallow.RAISE}


parser = Parser()


def moment(default=None, **metadata):
    """12.5s, #1000, 40%, peak, worst, end, or a number of events."""
    metadata.setdefault("description", "a number of events, or 12.5s, #1000, 40%, peak, worst, end, begin")
    check = validate.Regexp(r"\A(\d{1,18}|[#\d.%a-z]{1,24})\Z", error="is no moment")
    return _field(fields.String, default, check, metadata)


def number(default=None, least=0, most=SIGNED_MAX, **metadata):
    return _field(fields.Integer, default, validate.Range(least, most), metadata)


def word(choices, default=None, **metadata):
    return _field(fields.String, default, validate.OneOf(choices), metadata)


def text(default=None, most=4096, **metadata):
    return _field(fields.String, default, validate.Length(max=most), metadata)


def process(**metadata):
    return number(0, most=0xFFFFFFFF, description="of the reel; 0: all of them", **metadata)


class Needed:
    """Marks a parameter that has no default."""


NEEDED = Needed()


def _field(kind, default, check, metadata):
    if default is NEEDED:
        return kind(required=True, validate=check, metadata=metadata)
    return kind(load_default=default, allow_none=default is None, validate=check, metadata=metadata)


@dataclasses.dataclass(frozen=True)
class Column:
    """Of an answer: `kind` is integer, number or string. A name that ends in ? may be NULL."""

    name: str
    kind: str
    is_nullable: bool = False


def columns_of(kind, names):
    return [Column(name.removesuffix("?"), kind, name.endswith("?")) for name in names]


def integers(*names):
    return columns_of("integer", names)


def strings(*names):
    return columns_of("string", names)


def names_of(columns):
    """As a query lists them."""
    return ", ".join(column.name for column in columns)


EVERYWHERE = {
    "g": text(None, 200, description="generation that is known: the answer may be kept"),
    "format": word(("json", "csv"), "json", description="csv: as a file"),
}
# Of questions at a moment of a process. A page's frame has figures of the same moment: one way, one answer.
ALONG = {
    "also": word(("heap",), None, description="heap: its answer at the same moment comes with this one, in JSON as "
                 "also.heap, behind a blob as the JSON whose length the header Heapreel-Also tells"),
}
travellers = {}  # questions whose answers may come with others', by their names in `also`


@dataclasses.dataclass(frozen=True)
class Question:
    """`sql` has named parameters, one for each of `parameters` that it uses; `prepare` may make others of them. It may be a
    function of the values that writes it.
    `columns` is None where the answer is one blob, and empty where the query names them."""

    path: str
    purpose: str
    parameters: dict
    sql: object = ""  # text, or parameters -> text
    columns: list = None
    kind: object = "moment"  # of connection (reel.py), or parameters -> kind
    limit: int = 10_000
    prepare: object = None  # parameters, reel -> parameters
    make: object = None  # for what is not one fixed query: reel, parameters, generation -> response
    travels: bool = False  # its answer may come with others'

    def schema(self):
        may_bring = self.make is None and not self.travels and {"t", "process"} <= self.parameters.keys()
        return marshmallow.Schema.from_dict({**self.parameters, **EVERYWHERE, **(ALONG if may_bring else {})},
                                            name=self.title())

    def title(self):
        return "".join(part.title() for part in self.path.strip("/").replace("_", "/").split("/"))


def as_event_count(values):
    """A moment that is digits alone is a number of events; texts go to the engine as they are."""
    return {name: event_count(value) if name in MOMENTS else value for name, value in values.items()}


def event_count(value):
    if value == "begin":
        return 0
    return int(value) if isinstance(value, str) and value.isdigit() else value


MOMENTS = {"t", "t0", "t1", "t2"}


def kind_of_measure(values):
    """What is kept at the moment follows the cursor; other measures read the events up to it, and it must not wait."""
    return "moment" if values["measure"] in ("live", "pinned", "rounding") else "range"


def reel_of(number_of_reel):
    reels = flask.current_app.config["HEAPREEL_REELS"]
    if not 0 <= number_of_reel < len(reels):
        raise ReelError("there is no such reel", str(number_of_reel), f"there are {len(reels)}, from 0", 404)
    return reels[number_of_reel]


def client_watch():
    """A function that tells whether the browser has hung up on this request; None where the server cannot tell."""
    return flask.request.environ.get("waitress.client_disconnected")


def answered(reel, schema, make):
    """The response to this request: make(reel, parameters, generation), unless the browser has it already."""
    held = reel_of(reel)
    asked = parser.parse(schema, flask.request, location="query")
    if held.is_another_since(asked["g"]):
        raise ReelError("another recording has taken its place", held.name, "reload the page", 409)
    etag, generation, is_complete = answers.tag(held)
    known = answers.is_known(etag)
    made = flask.Response(status=304) if known else make(held, asked, generation)
    return answers.with_state(made, etag, generation, is_complete)


def add(blueprint, question):
    """The question's route below /api/v1/reels/N."""
    schema = question.schema()()

    def make(held, asked, generation):
        values = {name: value for name, value in asked.items() if name not in EVERYWHERE and name not in ALONG}
        answer, sql = put(question, held, values)
        also = {}
        if asked.get("also") and asked["format"] == "json":
            beside, its_sql = put(travellers[asked["also"]], held, {"t": values["t"], "process": values["process"]})
            also = {asked["also"]: answers.body_of(beside, its_sql, generation)}
        return response(question, answer, sql, generation, also)

    blueprint.add_url_rule("/reels/<int:reel>" + question.path, question.title(),
                           lambda reel: answered(reel, schema, question.make or make))
    questions = blueprint.__dict__.setdefault("questions", [])
    questions.append(question)
    if question.travels:
        travellers[question.path.strip("/")] = question


def put(question, held, values):
    """Asks the reel: (the answer, its query with the values)."""
    values = as_event_count(values)
    if question.prepare is not None:
        values = question.prepare(values, held)
    sql = question.sql(values) if callable(question.sql) else question.sql
    limit = min(values.get("limit", question.limit), LIMIT_MAX)
    seconds = flask.current_app.config["HEAPREEL_LIMIT_SECONDS"]
    kind = question.kind(values) if callable(question.kind) else question.kind
    answer = held.ask(sql, values, limit, seconds, kind, client_watch())
    if question.columns is not None:
        # SQLite does not tell them where the time was up before the first row.
        answer.names = answer.names or [column.name for column in question.columns]
    return answer, written_out(sql, values)


def response(question, answer, sql, generation, also):
    if question.columns is not None:
        return answers.rows(answer, sql, generation, also)
    if answer.truncated == "time":
        raise ReelError("took longer than the time limit", question.path, "see --limit-seconds", 503)
    return answers.blob(answer, also)


def written_out(sql, values):
    """The query with its values, for the page of SQL and for the shell."""
    text = re.sub(r":([a-z]\w*)", lambda match: literal(values.get(match[1])), sql)
    return " ".join(text.split())


def literal(value):
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, (int, float)) else "'" + value.replace("'", "''") + "'"
