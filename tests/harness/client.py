"""A program that speaks HTTP to a running site: nothing of ours, only bytes and headers."""

import http.client
import json as json_
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """What came back."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json_.loads(self.body)

    @property
    def wrong(self) -> set[tuple[str, str]]:
        """(field, code) of everything that was wrong."""
        return {(e["field"], e["code"]) for e in self.json["errors"]}


@dataclass(frozen=True)
class File:
    """One part of a multipart form."""

    field: str
    name: str
    data: bytes
    mime: str = "application/octet-stream"


class Client:
    """Requests with the same headers; each on a connection of its own, so any number of threads may share one."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self.url = url
        self.headers = dict(headers)
        self.answers: list[Answer] = []

    def get(self, path: str, **headers: str) -> Answer:
        """GET."""
        return self.send("GET", path, headers=headers)

    def post(self, path: str, json: Any = None, **headers: str) -> Answer:
        """POST with a JSON body."""
        body = json_.dumps(json).encode() if json is not None else b""
        return self.send("POST", path, body, headers={"Content-Type": "application/json", **_dashed(headers)})

    def form(
        self, path: str, fields: Mapping[str, str], files: Sequence[File] = (), **headers: str
    ) -> Answer:
        """POST with a multipart form."""
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        parts += [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{f.field}"; filename="{f.name}"\r\n'
            f"Content-Type: {f.mime}\r\n\r\n".encode()
            + f.data
            + b"\r\n"
            for f in files
        ]
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        return self.send("POST", path, body, headers={"Content-Type": kind, **_dashed(headers)})

    def send(
        self, method: str, path: str, body: bytes = b"", *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Any request, the path as it stands."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        try:
            connection.request(method, path, body or None, {**self.headers, **_dashed(headers or {})})
            got = connection.getresponse()
            answer = Answer(method, path, got.status, {k.title(): v for k, v in got.getheaders()}, got.read())
        finally:
            connection.close()
        self.answers.append(answer)
        return answer


def _dashed(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
