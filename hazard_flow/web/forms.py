"""A desk form as plain values: strings, lists and files for the workflow's fields, the request key, the version looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from hazard_flow.errors import BadRequest, FieldError
from hazard_flow.storage.base import new_id

#: fields of the form itself, never of the workflow
RESERVED = frozenset({"csrf_token", "request_key", "expected_version", "next", "captured_at", "device_at"})
KEY_LENGTH_MAX = 200
_KEPT = frozenset("\n\t")


@dataclass(frozen=True)
class Upload:
    """One file of a form, not yet examined; the name is what the browser said."""

    field: str
    filename: str
    file: FileStorage

    def read(self) -> bytes:
        """All its bytes; the request's limit has bounded them."""
        return self.file.stream.read()


def values(*, many: Iterable[str] = ()) -> dict[str, Any]:
    """The form's fields: text without control characters and outer blanks; empty ones are left out; `many` are always lists."""
    lists = frozenset(many)
    found: dict[str, Any] = {}
    for name, raw in request.form.lists():
        if name in RESERVED:
            continue
        given = [value for value in map(clean, raw) if value]
        if name in lists:
            found[name] = given
        elif given:
            found[name] = given[0] if len(given) == 1 else given
    return found


def value(name: str) -> str:
    """One field as text; empty when absent."""
    return clean(request.form.get(name, ""))


def files() -> list[Upload]:
    """The files of the form, in the order given; empty file inputs are left out."""
    return [
        Upload(field=field, filename=clean(one.filename or ""), file=one)
        for field, one in request.files.items(multi=True)
        if one.filename
    ]


def request_key() -> str:
    """The key that makes sending the form twice one effect; a form without one gets a fresh key."""
    return read_key(request.form.get("request_key"), field="request_key")


def read_key(raw: str | None, *, field: str) -> str:
    """A caller's own request key, up to 200 printable characters; a fresh one where none is given."""
    if not raw:
        return str(new_id())
    if len(raw) > KEY_LENGTH_MAX or not raw.isprintable():
        raise BadRequest(
            "bad request key", fields=[FieldError(field, "bad_request_key", {"limit": KEY_LENGTH_MAX})]
        )
    return raw


def expected_version() -> int | None:
    """The version the reader looked at, where the form says one."""
    return read_version(request.form.get("expected_version"), field="expected_version")


def read_version(raw: str | None, *, field: str) -> int | None:
    """A version number out of a form field or an `If-Match` header (`"7"`, `W/"7"`, `7`); None for absent and `*`."""
    bare = (raw or "").strip().removeprefix("W/").strip('"')
    if bare in ("", "*"):
        return None
    if not (bare.isascii() and bare.isdigit() and len(bare) < 10):
        raise BadRequest("bad version", fields=[FieldError(field, "not_an_integer")])
    return int(bare)


def clean(raw: str) -> str:
    """Text as it may be kept: no control characters beside line ends and tabs, Unix line ends, no outer blanks."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        c for c in text if c in _KEPT or not (ord(c) < 32 or 127 <= ord(c) < 160 or 0xD800 <= ord(c) < 0xE000)
    ).strip()
