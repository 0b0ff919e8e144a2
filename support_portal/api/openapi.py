"""The OpenAPI document, made of the declared calls and of the types their answers are checked against."""

from functools import cache
from typing import Any

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from support_portal.api.calls import CALLS, Call, Parameter
from support_portal.lookup.shapes import ProblemAnswer

VERSION = "1"
REFERENCE = "#/components/schemas/{name}"
PROBLEM = {"application/problem+json": {"schema": {"$ref": REFERENCE.format(name="ProblemAnswer")}}}


@login_not_required
@require_safe
def document(request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI document: it tells nothing that is held."""
    return JsonResponse(description())


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show every call to people."""
    shapes = description()["components"]["schemas"]
    context = {"calls": CALLS, "shapes": [_shape(name, shapes[name]) for name in sorted(shapes)]}
    return render(request, "api/docs.html", context)


@cache
def description() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    types = {each for call in CALLS for each in (call.answer, call.body) if each not in (None, Any)}
    _, schemas = msgspec.json.schema_components([*types, ProblemAnswer], ref_template=REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for call in CALLS:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Support Portal",
            "version": VERSION,
            "description": "What was sent by and about 8x8, decoded. Absent values are null, times UTC.",
        },
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(call: Call) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": call.name,
        "summary": call.words,
        "parameters": [_parameter(each) for each in call.parameters],
        "responses": _responses(call),
    }
    if call.scope:
        told |= {"security": [{"token": []}], "description": f"Scope: {call.scope}."}
    if call.body is not None:
        schema = {} if call.body is Any else _reference(call.body)
        told["requestBody"] = {
            "required": True,
            "description": call.body_words,
            "content": {kind: {"schema": schema} for kind in call.body_types},
        }
    return told


def _responses(call: Call) -> dict[str, Any]:
    good = (
        {"application/json": {"schema": _reference(call.answer)}}
        if call.answer
        else {"text/plain": {"schema": {"type": "string"}}}
    )
    answered = {"description": call.words, "content": good}
    return dict.fromkeys(map(str, (call.status, *call.also)), answered) | {
        str(status): {"description": why, "content": PROBLEM}
        for status, why in call.problems.items()
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.where,
        "required": parameter.required,
        "description": parameter.what,
        "schema": {"type": parameter.schema},
    }


def _reference(kind: type) -> dict[str, str]:
    return {"$ref": REFERENCE.format(name=kind.__name__)}


def _shape(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    fields = [
        {"name": field, "type": _words(inner), "words": inner.get("description", "")}
        for field, inner in schema.get("properties", {}).items()
    ]
    words = schema.get("description", "") or ", ".join(map(str, schema.get("enum", ())))
    return {"name": name, "words": words, "fields": fields}


def _words(schema: dict[str, Any]) -> str:
    """Say a type in words: list of ReceiptShape, text or null."""
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[1])
    if "anyOf" in schema:
        return " or ".join(_words(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_words(schema['items'])}"
    return str(schema.get("format") or schema.get("type", "anything"))
