"""What goes to the press: one file's template and data, the pictures it prints, the record it carries, and the row it becomes."""

import hashlib
import io
import logging
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import segno

from hazard_flow.errors import NotFound
from hazard_flow.evidence.display import print_copy
from hazard_flow.evidence.store import Store
from hazard_flow.reports.worker import Attachment, Press, Rendered

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Manuscript:
    """One file to be printed: a closure file, or one language of a paper."""

    kind: str
    event_seq: int
    locale: str
    version: int
    #: as in /verify/<name>
    name: str
    #: the hazard's number
    number: str
    document_number: str | None = None
    issuer_id: uuid.UUID | None = None
    #: names, phones or flats are printed
    personal: bool = False
    data: Mapping[str, Any]
    created_at: datetime
    zone: str
    assets: tuple[tuple[str, bytes], ...]
    record_name: str
    record_bytes: bytes
    xmp: Mapping[str, str] = field(default_factory=dict)

    @property
    def record_sha256(self) -> str:
        """Hex SHA-256 of the record inside."""
        return sha256(self.record_bytes)

    def print(self, press: Press) -> Rendered:
        """The PDF; the same manuscript gives the same bytes. Raises what the press raises."""
        rendered = press.render(
            self.kind,
            self.data,
            identifier=f"{self.record_sha256}-{self.version}"
            + ("" if self.locale == "zh" else f"-{self.locale}"),
            created_at=self.created_at,
            zone=self.zone,
            assets=self.assets,
            attachments=[
                Attachment(self.record_name, "机器可读记录 Machine-readable record", self.record_bytes)
            ],
            xmp={"number": self.number, "recordSHA256": self.record_sha256, **self.xmp},
        )
        for complaint in rendered.complaints:
            log.warning("%s of %s: %s", self.kind, self.number, complaint)
        return rendered


@dataclass(frozen=True)
class Pictures:
    """The QR code and the print copies of photographs, as assets of a manuscript."""

    assets: tuple[tuple[str, bytes], ...]
    qr_asset: str
    #: display copy → asset made of it; one that is missing from the store is not printed
    prints: Mapping[str, str]


def pictures(store: Store, verify_url: str, displays: Iterable[str]) -> Pictures:
    """The pictures of a manuscript, read from the store."""
    qr = _qr(verify_url)
    assets = [("image/png", qr)]
    prints: dict[str, str] = {}
    for display in displays:
        picture = _picture(store, display)
        if picture is not None:
            prints[display] = sha256(picture)
            assets.append(("image/jpeg", picture))
    return Pictures(tuple(assets), sha256(qr), prints)


def sha256(data: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(data).hexdigest()


def _picture(store: Store, display: str) -> bytes | None:
    try:
        return print_copy(store.get(display, area="display"))
    except NotFound:
        # The original and its hash stand in the record; a lost display copy must not hold up the file.
        log.warning("display copy %s is missing from the store", display)
        return None


def _qr(url: str) -> bytes:
    out = io.BytesIO()
    segno.make(url, error="m").save(out, kind="png", scale=8, border=2)
    return out.getvalue()
