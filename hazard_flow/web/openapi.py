"""OpenAPI 3.1 out of what each view declares of itself; nothing is written twice."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from flask import Flask
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

import hazard_flow

View = TypeVar("View", bound=Callable[..., Any])

_DECLARED = "hazard_flow_operation"
_REFERENCE = "#/components/schemas/{model}"
#: every operation may answer with these (APIs that leave 400 out are caught by fuzzers at once)
_PROBLEMS = {
    "400": "The request cannot be read",
    "401": "Nobody is signed in, or the token is unknown",
    "403": "The right is missing",
    "404": "There is no such thing, or it lies outside the caller's scope",
    "405": "The method is not offered here",
    "409": "State or version moved on; `current` holds the present representation",
    "413": "The body is too large",
    "415": "The body is of a kind not taken here",
    "422": "Fields, evidence or guards are missing; `errors` lists all of them",
    "429": "Too many attempts in a short time",
    "500": "A fault of ours; `reference` names it",
    "502": "A service outside failed",
    "503": "The database does not answer, or others were in the way; the same again later is done once",
    "507": "There is no room left to store anything",
}


class ProblemField(BaseModel):
    """One thing that is wrong."""

    field: str
    code: str
    message: str
    params: dict[str, Any]


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str
    status: int
    code: str
    title: str
    detail: str
    errors: list[ProblemField]


@dataclass(frozen=True)
class Parameter:
    """A query parameter or header; path parameters follow from the route."""

    name: str
    description: str
    schema: Mapping[str, Any]
    place: Literal["query", "header"] = "query"
    required: bool = False


@dataclass(frozen=True)
class Listed:
    """A response that is a page of a list."""

    model: type[BaseModel]


#: what a response holds: a model, a page of models, a media type of bytes, or nothing
Body = type[BaseModel] | Listed | str | None


@dataclass(frozen=True)
class Operation:
    """What a view says of itself."""

    summary: str
    request: type[BaseModel] | str | None
    responses: Mapping[int, Body]
    parameters: tuple[Parameter, ...]
    tags: tuple[str, ...]


CURSOR = (
    Parameter("cursor", "Where the page begins: `next_cursor` of the page before", {"type": "string"}),
    Parameter(
        "limit", "Most items on a page", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}
    ),
)
IDEMPOTENCY = Parameter(
    "Idempotency-Key",
    "The caller's own key: the same request again is the same effect",
    {"type": "string", "maxLength": 200},
    "header",
)
IF_MATCH = Parameter("If-Match", "The version the caller looked at", {"type": "string"}, "header")


def operation(
    *,
    summary: str,
    request: type[BaseModel] | str | None = None,
    responses: Mapping[int, Body] | None = None,
    parameters: Iterable[Parameter] = (),
    tags: Iterable[str] = (),
) -> Callable[[View], View]:
    """Declare an API view; `request` is a model or a media type such as `multipart/form-data`."""
    declared = Operation(summary, request, responses or {204: None}, tuple(parameters), tuple(tags))

    def declare(view: View) -> View:
        setattr(view, _DECLARED, declared)
        return view

    return declare


def declared(app: Flask, endpoint: str) -> Operation | None:
    """What the view behind an endpoint says of itself."""
    found = getattr(app.view_functions[endpoint], _DECLARED, None)
    assert found is None or isinstance(found, Operation)
    return found


def build(app: Flask) -> dict[str, Any]:
    """The whole description."""
    found = [
        (rule, one) for rule in app.url_map.iter_rules() if (one := declared(app, rule.endpoint)) is not None
    ]
    found.sort(key=lambda pair: pair[0].rule)
    schemas = _schemas(one for _, one in found)
    paths: dict[str, dict[str, Any]] = {}
    for rule, one in found:
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(_path(rule), {})[method.lower()] = _describe(rule, one, method)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hazard Flow",
            "version": hazard_flow.__version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"session": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": app.config["SESSION_COOKIE_NAME"]},
            },
            "schemas": schemas,
            "responses": {status: _problem(text) for status, text in _PROBLEMS.items()},
        },
    }


def _schemas(operations: Iterable[Operation]) -> dict[str, Any]:
    wanted: dict[type[BaseModel], Literal["validation", "serialization"]] = {Problem: "serialization"}
    for one in operations:
        if isinstance(one.request, type):
            wanted.setdefault(one.request, "validation")
        for body in one.responses.values():
            if isinstance(body, Listed):
                wanted.setdefault(body.model, "serialization")
            elif isinstance(body, type):
                wanted.setdefault(body, "serialization")
    _, whole = models_json_schema(list(wanted.items()), ref_template=_REFERENCE)
    schemas = whole.get("$defs", {})
    assert isinstance(schemas, dict)
    twice = sorted(name for name in schemas if "__" in name)
    assert not twice, f"several models bear one name, rename all but one: {', '.join(twice)}"
    return schemas


def _describe(rule: Rule, one: Operation, method: str) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": f"{rule.endpoint.replace('.', '_')}_{method.lower()}",
        "summary": one.summary,
        "tags": list(one.tags),
        "parameters": [*_path_parameters(rule), *(_parameter(p) for p in one.parameters)],
        "responses": {
            **{str(status): _response(status, body) for status, body in one.responses.items()},
            **{s: {"$ref": f"#/components/responses/{s}"} for s in _PROBLEMS if int(s) not in one.responses},
        },
    }
    if one.request is not None:
        described["requestBody"] = {"required": method != "DELETE", "content": _content(one.request)}
    return described


def _content(body: type[BaseModel] | Listed | str) -> dict[str, Any]:
    if isinstance(body, str):
        is_form = body == "multipart/form-data"
        return {
            body: {
                "schema": {"type": "object", "additionalProperties": True}
                if is_form
                else {"type": "string", "format": "binary"}
            }
        }
    if isinstance(body, Listed):
        items = {"type": "array", "items": {"$ref": _REFERENCE.format(model=body.model.__name__)}}
        schema: dict[str, Any] = {
            "type": "object",
            "required": ["items", "next_cursor"],
            "properties": {"items": items, "next_cursor": {"type": ["string", "null"]}},
        }
        return {"application/json": {"schema": schema}}
    return {"application/json": {"schema": {"$ref": _REFERENCE.format(model=body.__name__)}}}


def _response(status: int, body: Body) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": {200: "Done", 201: "Made", 202: "Not yet", 204: "Done"}.get(status, "Answer")
    }
    if body is not None:
        described["content"] = _content(body)
    return described


def _problem(text: str) -> dict[str, Any]:
    return {
        "description": text,
        "content": {"application/problem+json": {"schema": {"$ref": _REFERENCE.format(model="Problem")}}},
    }


def _path(rule: Rule) -> str:
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)


def _path_parameters(rule: Rule) -> Sequence[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{([^}]+)\}", _path(rule))
    ]


def _parameter(one: Parameter) -> dict[str, Any]:
    return {
        "name": one.name,
        "in": one.place,
        "required": one.required,
        "description": one.description,
        "schema": dict(one.schema),
    }
