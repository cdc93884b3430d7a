# SPDX-License-Identifier: MIT
"""The application, made anew for each server and each test."""

import logging
import pathlib

import flask
import marshmallow
import werkzeug.exceptions

from . import answers, guard, openapi, subjects
from .question import parser
from .reel import Reel, ReelError

PREFIX = "/api/v1"
STATIC_SECONDS = 31536000


def create_application(paths, *, extension, static, token, hosts=(), port=0, limit_seconds=10.0):
    """Serves these reels. `extension`: the loadable engine; `static`: the built front end; `hosts`: names with ports
    that it may be asked under, none: any. The caller closes the reels in config["HEAPREEL_REELS"]."""
    application = flask.Flask("heapreel_web", static_folder=None)
    application.config["HEAPREEL_REELS"] = [Reel(pathlib.Path(path), extension) for path in paths]
    application.config["HEAPREEL_LIMIT_SECONDS"] = limit_seconds
    application.config["MAX_CONTENT_LENGTH"] = 0
    guard.install(application, token, frozenset(host.lower() for host in hosts), port)
    for blueprint in subjects.ALL:
        application.register_blueprint(blueprint, url_prefix=PREFIX)
    add_refusals(application)
    add_files(application, pathlib.Path(static))
    application.add_url_rule(PREFIX + "/openapi.json", "openapi", lambda: answers.json_response(openapi.describe("1")))
    return application


def add_refusals(application):
    """Every refusal has one shape, and none tells more than its line."""

    @application.errorhandler(ReelError)
    @application.errorhandler(guard.Refused)
    def refused(error):
        return answers.refusal(error.status, error.what, error.where, error.to_do)

    @application.errorhandler(werkzeug.exceptions.HTTPException)
    def known(error):
        return answers.refusal(error.code, error.name.lower(), flask.request.path, "see /api/v1/openapi.json")

    @application.errorhandler(Exception)
    def unknown(_error):
        logging.getLogger("heapreel").exception("question failed")
        return answers.refusal(500, "the server failed", flask.request.path, "the server's terminal tells why")

    @parser.error_handler
    def wrong(error, _request, _schema, *, error_status_code, error_headers):  # as webargs calls it
        name, what = first_message(error)
        raise ReelError(what, name, "see /api/v1/openapi.json", 400) from error


def first_message(error: marshmallow.ValidationError):
    messages = error.normalized_messages()
    fields = messages.get("query", messages)
    name, found = next(iter(fields.items()))
    return str(name)[:64], str(found[0] if isinstance(found, list) else found)[:200].rstrip(".").lower()


def add_files(application, static):
    """The built front end. Files whose names hold their content's hash stay for ever."""

    @application.get("/")
    def page():
        return flask.send_from_directory(static, "index.html", max_age=0)

    @application.get("/assets/<path:name>")
    def asset(name):
        return flask.send_from_directory(static / "assets", name, max_age=STATIC_SECONDS)
