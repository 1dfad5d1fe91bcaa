"""A tablet that hands in what it captured: freezes a manifest, sends parts, asks how it stands. It lies only when told to."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hazard_flow.storage.base import new_id
from tests.harness.client import Answer, Client
from tests.harness.photos import tiny_jpeg

CHUNK_BYTES = 256 * 1024


def sha256(data: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Shot:
    """One photo: the file of the camera, and the copy for the eye the tablet made of it."""

    original: bytes
    display: bytes | None
    kind: str = "PHOTO_BEFORE"
    filename: str = "IMG_0001.jpg"
    mime: str = "image/jpeg"
    meta: Mapping[str, Any] = field(default_factory=dict)

    def listed(self) -> dict[str, Any]:
        """As a manifest names it."""
        display = self.display
        return {
            "display": {"sha256": sha256(display), "size": len(display), "mime": "image/jpeg"} if display else None,
            "original": {
                "sha256": sha256(self.original), "size": len(self.original), "mime": self.mime, "filename": self.filename,
            },
            "meta": {"kind": self.kind, **self.meta},
        }  # fmt: skip


def shot(kind: str = "PHOTO_BEFORE", **meta: Any) -> Shot:
    """A photo just taken, unlike every other."""
    return Shot(tiny_jpeg(), tiny_jpeg(), kind, meta=meta)


@dataclass
class Draft:
    """What will be sent, frozen: the same bytes however often."""

    id: uuid.UUID
    body: bytes
    shots: Sequence[Shot]

    @property
    def files(self) -> list[bytes]:
        """Every file once, copies for the eye first."""
        found = [s.display for s in self.shots if s.display is not None] + [s.original for s in self.shots]
        return list(dict.fromkeys(found))


def report(*shots: Shot, at: datetime | None = None, **payload: Any) -> Draft:
    """A report that passes, with the photos given, or with one."""
    photos = shots or (shot(),)
    data = {"description": "阀井漏气，读数偏高", "place": "青梧路 12 号", **payload.pop("data", {})}
    return draft("report", {"data": data, **payload}, photos, at=at)


def act(
    number: str,
    action: str,
    *shots: Shot,
    version: int | None = None,
    at: datetime | None = None,
    **data: Any,
) -> Draft:
    """An act on a hazard."""
    payload = {"number": number, "action": action, "expected_version": version, "data": data}
    return draft("act", payload, shots, at=at)


def draft(
    kind: str, payload: Mapping[str, Any], shots: Sequence[Shot], *, at: datetime | None = None
) -> Draft:
    """A manifest of this kind."""
    manifest = {
        "v": 1,
        "kind": kind,
        "captured_at": (at or datetime.now(UTC)).isoformat(),
        "payload": payload,
        "attachments": [one.listed() for one in shots],
    }
    return Draft(new_id(), json.dumps(manifest, ensure_ascii=False).encode(), shots)


class Tablet:
    """One tablet in somebody's hands."""

    def __init__(self, client: Client, **headers: str) -> None:
        self.client = client
        self.headers = {"X-HF-Client": "1", "X-HF-Tablet": str(new_id()), "X-HF-Version": "1.0", **headers}

    def put(self, one: Draft, body: bytes | None = None, **headers: str) -> Answer:
        """Hand in the manifest."""
        sent = {**self.headers, "Content-Type": "application/json", **headers}
        return self.client.send("PUT", f"/api/v1/submissions/{one.id}", body or one.body, headers=sent)

    def patch(self, one: Draft, name: str, offset: int, data: bytes) -> Answer:
        """Hand in one part of a file."""
        sent = {**self.headers, "Content-Type": "application/octet-stream", "Upload-Offset": str(offset)}
        return self.client.send(
            "PATCH", f"/api/v1/submissions/{one.id}/attachments/{name}", data, headers=sent
        )

    def get(self, one: Draft) -> Answer:
        """How it stands."""
        return self.client.get(f"/api/v1/submissions/{one.id}")

    def send_file(self, one: Draft, data: bytes, *, chunk_bytes: int = CHUNK_BYTES) -> Answer:
        """One file whole, from its beginning."""
        answer = None
        for offset in range(0, len(data), chunk_bytes):
            answer = self.patch(one, sha256(data), offset, data[offset : offset + chunk_bytes])
            assert answer.status == 200, answer.body.decode()
        assert answer is not None
        return answer

    def send(self, one: Draft) -> Answer:
        """Manifest and every file; the last answer."""
        answer = self.put(one)
        assert answer.status in (200, 201), answer.body.decode()
        for data in one.files:
            answer = self.send_file(one, data)
        return answer
