# SPDX-License-Identifier: MIT
"""How answers and refusals travel: rows as columns in JSON, blobs as they are, each with the word for its reel's state
so that a browser asks for nothing twice."""

import csv
import hashlib
import io
import json
import math

import flask

IMMUTABLE = "private, max-age=31536000, immutable"


def plain(value):
    """What JSON cannot hold, as text: blobs and infinities, which only a user's own query gives."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def tag(reel):
    """(ETag of this request, generation of the reel, whether it is finished)."""
    generation, is_complete = reel.generation()
    asked = hashlib.sha256(flask.request.full_path.encode()).hexdigest()[:16]
    return f'{generation}-{asked}', generation, is_complete


def is_known(etag):
    return flask.request.if_none_match.contains(etag)


def with_state(response, etag, generation, is_complete):
    """A question that names the state of a finished reel (g=) has one answer for ever."""
    response.set_etag(etag)
    is_for_ever = is_complete and flask.request.args.get("g") == generation
    response.headers["Cache-Control"] = IMMUTABLE if is_for_ever else "private, no-cache"
    return response


def json_text(body):
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def json_response(body, status=200):
    return flask.Response(json_text(body), status, content_type="application/json")


def body_of(answer, sql, generation):
    return {
        "columns": answer.columns(),
        "rows": len(answer.rows),
        "truncated": answer.truncated,
        "elapsed_ms": answer.elapsed_ms,
        "generation": generation,
        "sql": sql,
    }


def rows(answer, sql, generation, also=None):
    """`also`: other answers' bodies by name, which come with it."""
    if flask.request.args.get("format") == "csv":
        return csv_response(answer)
    return json_response({**body_of(answer, sql, generation), **({"also": also} if also else {})})


def csv_response(answer):
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(answer.names)
    writer.writerows(answer.rows)
    response = flask.Response(written.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{flask.request.path.rpartition("/")[2]}.csv"'
    if answer.truncated:
        response.headers["Heapreel-Truncated"] = answer.truncated
    return response


def blob(answer, also):
    """The one value of the one row, nothing where there is none; behind it what comes with it."""
    data = (answer.rows[0][0] if answer.rows else None) or b""
    beside = json_text(also).encode() if also else b""
    response = flask.Response([data, beside], content_type="application/octet-stream")
    response.content_length = len(data) + len(beside)
    if also:
        response.headers["Heapreel-Also"] = str(len(beside))
    response.headers["Server-Timing"] = f"engine;dur={answer.elapsed_ms}"
    return response


def refusal(status, what, where, to_do):
    if flask.request.accept_mimetypes.best == "text/html":  # somebody reads it, not a page
        return flask.Response(f"heapreel: {what} ({where}): {to_do}\n", status, content_type="text/plain; charset=utf-8")
    body = {"error": {"status": status, "what": what, "where": where, "to_do": to_do}}
    return json_response(body, status)
