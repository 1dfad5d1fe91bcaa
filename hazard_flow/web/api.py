"""The root of `/api/v1`: reading JSON and its headers, answering with models and pages of them."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import Blueprint, Response, current_app, jsonify, request
from pydantic import BaseModel, ValidationError

from hazard_flow.errors import BadRequest, FieldError, UnsupportedMedia
from hazard_flow.storage.json_text import from_outside
from hazard_flow.storage.paging import Page
from hazard_flow.web import forms
from hazard_flow.web.auth import public
from hazard_flow.web.openapi import build

PREFIX = "/api/v1"
JSON_DEPTH_MAX = 20

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

blueprint = Blueprint("api", __name__, url_prefix=PREFIX)


@blueprint.get("/openapi.json")
@public
def openapi() -> Response:
    """The description of this API, made from the declared operations."""
    return jsonify(build(current_app))


def read_json() -> dict[str, Any]:
    """The body as a JSON object; `{}` where there is no body. Anything else is refused as malformed."""
    raw = request.get_data(cache=True)
    if not raw.strip():
        return {}
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise UnsupportedMedia("send application/json")
    try:
        body = from_outside(raw, depth_max=JSON_DEPTH_MAX)
    except (ValueError, RecursionError) as error:
        raise BadRequest("the body is not JSON", fields=[FieldError("", "not_json")]) from error
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object", fields=[FieldError("", "not_an_object")])
    return body


def parse_json(raw: str, *, field: str) -> Any:
    """One part of a form that holds JSON."""
    try:
        value = from_outside(raw, depth_max=JSON_DEPTH_MAX)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"{field} is not JSON", fields=[FieldError(field, "not_json")]) from error
    return value


def read_model(model: type[M], raw: dict[str, Any] | None = None) -> M:
    """The body as a declared model; raises BadRequest listing every field that does not fit."""
    try:
        return model.model_validate(read_json() if raw is None else raw)
    except ValidationError as error:
        raise BadRequest(
            "the body does not fit", fields=[_field_error(one) for one in error.errors()]
        ) from error


def request_key() -> str:
    """The `Idempotency-Key` of a write; a fresh key where none is given."""
    return forms.read_key(request.headers.get("Idempotency-Key"), field="Idempotency-Key")


def expected_version(in_body: int | None = None) -> int | None:
    """The version the caller looked at: `expected_version` of the body, else `If-Match`."""
    return (
        in_body
        if in_body is not None
        else forms.read_version(request.headers.get("If-Match"), field="If-Match")
    )


def answer(model: BaseModel, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """One representation."""
    response = jsonify(model.model_dump(mode="json", by_alias=True))
    response.status_code = status
    response.headers.update(headers or {})
    return response


def envelope(page: Page[T], represent: Callable[[T], BaseModel]) -> Response:
    """One page of a list: `{"items": […], "next_cursor": …}`."""
    return listing([represent(item) for item in page.items], page.next_cursor)


def listing(items: Sequence[BaseModel], next_cursor: str | None = None) -> Response:
    """A list already represented."""
    return jsonify(
        {"items": [item.model_dump(mode="json", by_alias=True) for item in items], "next_cursor": next_cursor}
    )


def _field_error(one: Any) -> FieldError:
    place = ".".join(str(step) for step in one["loc"])
    code = {"missing": "required", "extra_forbidden": "unknown_field"}.get(str(one["type"]), "wrong_type")
    return FieldError(place, code, {"reason": str(one["msg"])})
