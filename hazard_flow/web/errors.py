"""Every refusal and every mistake becomes one answer: a page for people, problem+json (RFC 9457) for programs. Logged here, once."""

import errno
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from flask import Flask, Response, jsonify, make_response, redirect, render_template, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from hazard_flow.errors import FieldError, HazardFlowError, StorageFull, Unavailable
from hazard_flow.storage.troubles import Trouble, is_disk_full, trouble
from hazard_flow.web.auth import ask_nobody
from hazard_flow.web.context import kernel
from hazard_flow.web.locale import current_locale
from hazard_flow.web.sentences import error_sentence, field_sentence, named_sentence
from hazard_flow.web.views import ErrorPage

PROBLEM = "application/problem+json"
#: codes of the answers Flask and Werkzeug give by themselves
_CODES = {
    400: "bad_request",
    401: "sign_in_needed",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    414: "address_too_long",
    415: "unsupported_media",
    429: "too_many",
}
#: the page's template has better, longer sentences for these; any other code says its own
_GENERAL = frozenset({*_CODES.values(), "internal", "http_error"})
#: when whoever met a failing database may try again
COME_AGAIN_SECONDS = 5
#: what a refusal may carry beside its sentences: how a thing stands now, where a file goes on
_OFFSET = "offset"
_CARRIED = ("current", _OFFSET)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
log = structlog.get_logger("web")


@dataclass(frozen=True)
class Refusal:
    """An error as it is answered, whatever it came from."""

    code: str
    status: int
    fields: tuple[FieldError, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    #: names the entry in the log; only where the fault is ours
    reference: str = ""


def init_errors(app: Flask) -> None:
    """Take over all error answers."""
    app.register_error_handler(HazardFlowError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(SQLAlchemyError, _stored_badly)
    app.register_error_handler(OSError, _without_room)
    app.register_error_handler(Exception, _unexpected)


def wants_problem() -> bool:
    """Whether a program is asking: the API, intake, or whoever prefers JSON to a page."""
    if request.path.startswith(("/api/", "/in/")):
        return True
    accepted = request.accept_mimetypes
    return (
        bool(accepted)
        and accepted.best_match(["text/html", "application/json", PROBLEM], "text/html") != "text/html"
    )


def _refused(error: HazardFlowError) -> Response:
    if error.status >= 500:
        return _broken(error, code=error.code, status=error.status)
    if error.status == 401 and not wants_problem():
        here = request.full_path.rstrip("?") if request.method == "GET" else None
        return make_response(redirect(url_for("people.sign_in_form", next=here), code=303))
    response = _answer(Refusal(error.code, error.status, tuple(error.fields), error.params))
    if _OFFSET in error.params:
        response.headers["Upload-Offset"] = str(error.params[_OFFSET])
    return response


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400 or error.response is not None:
        return make_response(error.get_response())
    if status >= 500:
        # What broke while another answer was being written comes wrapped: the database may have gone just then.
        broke = getattr(error, "original_exception", None)
        return (
            _stored_badly(broke)
            if isinstance(broke, SQLAlchemyError)
            else _broken(error, code="internal", status=status)
        )
    response = _answer(Refusal(_CODES.get(status, "http_error"), status))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    return _broken(error, code="internal", status=500)


def _stored_badly(error: SQLAlchemyError) -> Response:
    """The database's own failures pass: whoever asks is told to come again. Anything else is a mistake of ours."""
    if is_disk_full(error):
        return _come_again(error, StorageFull)
    if trouble(error) is not Trouble.WORK:
        return _come_again(error, Unavailable)
    return _unexpected(error)


def _without_room(error: OSError) -> Response:
    return _come_again(error, StorageFull) if error.errno in _NO_ROOM else _unexpected(error)


def _come_again(error: Exception, told: type[HazardFlowError]) -> Response:
    ask_nobody()
    response = _broken(error, code=told.code, status=told.status)
    response.headers["Retry-After"] = str(COME_AGAIN_SECONDS)
    return response


def _broken(error: BaseException, *, code: str, status: int) -> Response:
    """Ours to mend: the log gets everything, the reader only the id to name it by."""
    reference = uuid.uuid4().hex[:12]
    trace = (type(error), error, error.__traceback__)
    log.error("request failed", reference=reference, method=request.method, path=request.path, exc_info=trace)
    return _answer(Refusal(code, status, reference=reference))


def _answer(refusal: Refusal) -> Response:
    locale = current_locale()
    if wants_problem():
        response = jsonify(_problem(refusal, locale))
        response.content_type = PROBLEM
    else:
        zone = kernel().settings.zone
        page = ErrorPage(
            status=refusal.status,
            sentence=""
            if refusal.code in _GENERAL
            else error_sentence(refusal.code, refusal.params, locale, zone),
            details=tuple(named_sentence(one, locale, zone) for one in refusal.fields),
            reference=refusal.reference,
        )
        response = make_response(render_template("error.html", error=page))
    response.status_code = refusal.status
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="hazard-flow"'
    return response


def _problem(error: Refusal, locale: str) -> dict[str, Any]:
    """Problem details; a conflict carries the current representation where the view put one into `params["current"]`."""
    zone = kernel().settings.zone
    title = error_sentence(error.code, error.params, locale, zone)
    errors = [
        {
            "field": one.field,
            "code": one.code,
            "message": field_sentence(one, locale, zone),
            "params": _plain(one.params),
        }
        for one in error.fields
    ]
    body: dict[str, Any] = {
        "type": f"urn:hazard-flow:problem:{error.code}",
        "status": error.status,
        "code": error.code,
        "title": title,
        "detail": " ".join(named_sentence(one, locale, zone) for one in error.fields) or title,
        "errors": errors,
    }
    body |= {name: error.params[name] for name in _CARRIED if name in error.params}
    if error.reference:
        body["reference"] = error.reference
    return body


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _json_safe(value) for name, value in params.items()}


def _json_safe(value: Any) -> Any:
    if isinstance(value, list | tuple | set | frozenset):
        return [_json_safe(one) for one in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
