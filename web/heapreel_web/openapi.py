# SPDX-License-Identifier: MIT
"""The description of the server's questions (OpenAPI 3), from the declarations that make the routes. The front end's
types are made of it."""

import apispec
from apispec.ext.marshmallow import MarshmallowPlugin

from . import subjects

REEL = {"name": "reel", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
ERROR = {"type": "object", "required": ["error"], "properties": {"error": {
    "type": "object", "required": ["status", "what", "where", "to_do"], "properties": {
        "status": {"type": "integer"}, "what": {"type": "string"}, "where": {"type": "string"},
        "to_do": {"type": "string"}}}}}


def answer_schema(columns):
    arrays = {}
    for column in columns:
        arrays[column.name] = {"type": "array", "items": {"type": column.kind, "nullable": column.is_nullable}}
    free = {"type": "object", "additionalProperties": {"type": "array", "items": {}}}
    properties = {
        "columns": {"type": "object", "required": list(arrays), "properties": arrays} if arrays else free,
        "rows": {"type": "integer"},
        "truncated": {"type": "string", "enum": ["rows", "time"], "nullable": True},
        "elapsed_ms": {"type": "number"},
        "generation": {"type": "string"},
        "sql": {"type": "string"},
    }
    also = {"also": {"type": "object", "additionalProperties": {"type": "object"}}}
    return {"type": "object", "required": list(properties), "properties": {**properties, **also}}


def operation(question):
    if question.columns is None:
        content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    else:
        content = {"application/json": {"schema": answer_schema(question.columns)}}
    return {"get": {
        "operationId": question.title(),
        "summary": question.purpose,
        "parameters": [REEL, {"in": "query", "schema": question.schema()}],
        "responses": {
            "200": {"description": "the answer", "content": content},
            "default": {"description": "a refusal", "content": {"application/json": {"schema": ERROR}}},
        },
    }}


def describe(version):
    """The whole description as a dictionary."""
    spec = apispec.APISpec("Heapreel", version, "3.0.3", plugins=[MarshmallowPlugin()])
    for blueprint in subjects.ALL:
        for question in getattr(blueprint, "questions", ()):
            spec.path("/api/v1/reels/{reel}" + question.path, operations=operation(question))
    return spec.to_dict()
