"""Outlets that need nothing of ours: a text file that only grows, and an address that takes a POST."""

import http.client
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from hazard_flow.errors import OutsideWorld
from hazard_flow.ledger.statements import Statement

TIMEOUT_SECONDS = 15.0
#: what is sent over the network: one line of canonical JSON
CONTENT_TYPE = "application/json"


class NotTaken(OutsideWorld):
    """The outlet did not take the checkpoint."""

    code = "checkpoint_not_taken"


@dataclass(frozen=True)
class FileOutlet:
    """A checkpoint a line, appended and synced. Kept on another machine or a medium written once, it is the copy `ledger verify` wants."""

    path: Path
    every: timedelta = timedelta()

    @property
    def name(self) -> str:
        """Its path."""
        return self.path.resolve().as_uri()

    def send(self, statement: Statement) -> bytes | None:
        """Append one line."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(statement.line() + "\n")
            file.flush()
            os.fsync(file.fileno())
        return None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Whoever sends us elsewhere has not taken it."""

    def redirect_request(self, *_given: object, **_named: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


@dataclass(frozen=True)
class WebOutlet:
    """An address that gets each checkpoint by POST and answers 2xx."""

    url: str
    every: timedelta = timedelta()

    @property
    def name(self) -> str:
        """Its address up to the path: what follows, and user and password before it, may be secret."""
        return shown(self.url)

    def send(self, statement: Statement) -> bytes | None:
        """Hand it over. Raises NotTaken."""
        post(self.url, statement.line().encode(), content_type=CONTENT_TYPE)
        return None


def post(url: str, body: bytes, *, content_type: str) -> bytes:
    """What the address answers to a POST. Raises NotTaken, which never carries the address."""
    request = urllib.request.Request(  # noqa: S310 - http(s) only, checked with the settings
        url, data=body, headers={"Content-Type": content_type, "User-Agent": "hazard-flow"}, method="POST"
    )
    try:
        with _OPENER.open(request, timeout=TIMEOUT_SECONDS) as answer:
            status, given = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        error.close()
        raise NotTaken(f"status {error.code}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotTaken(type(error).__name__) from None
    if not 200 <= status < 300:
        raise NotTaken(f"status {status}")
    return bytes(given)


def shown(url: str) -> str:
    """An address without user, password and query."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"
