"""What one piece of evidence is, as every caller hands it to the door; no bytes, no database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

#: At which step of the hazard's life the evidence was taken.
STAGES = ("report", "control", "rectify", "verify", "audit")
#: Coordinates as GPS receivers and EXIF give them.
WGS84 = "WGS-84"


@dataclass(frozen=True)
class EvidenceItem:
    """One received file and what is known about it; three times kept apart: the device's, the photo's own, ours."""

    sha256: str
    size: int
    mime: str
    stage: str
    kind: str
    filename: str
    #: The device's clock when the button was pressed.
    captured_at: datetime | None
    #: DateTimeOriginal inside the file.
    exif_at: datetime | None
    #: Our own clock when the bytes arrived.
    received_at: datetime
    lon: Decimal | None
    lat: Decimal | None
    crs: str | None
    accuracy_m: Decimal | None
    display_sha256: str | None
    width: int | None
    height: int | None
    #: The before-photo this after-photo answers.
    pair_of: str | None
    #: 64-bit perceptual hash, 16 hex digits; equal or near means the same picture.
    phash: str | None
    #: Seconds by which the device's clock was ahead of ours when it sent this; None where it did not say.
    clock_skew_s: int | None = None
    #: Named by its hashes; its bytes come later.
    is_declared: bool = False
    #: The tablet that declared it.
    tablet_id: UUID | None = None
    #: Arrows and circles over the photo, in thousandths of its sides.
    marks: tuple[Mapping[str, str | int], ...] = ()
    #: What of a declared piece had come when it was handed over.
    arrived: tuple["Arrived", ...] = ()

    @property
    def photo_at(self) -> datetime | None:
        """The photo's own time, as far as its original has been read."""
        return self.exif_at or next((a.exif_at for a in self.arrived if a.exif_at), None)

    @property
    def has_original(self) -> bool:
        """Whether the original lies in the store."""
        return not self.is_declared or any(a.role == "original" for a in self.arrived)

    @property
    def has_copy(self) -> bool:
        """Whether there is something to look at."""
        return self.has_original or any(a.role == "display" for a in self.arrived)

    @property
    def is_lost(self) -> bool:
        """Whether somebody said that its bytes will never come."""
        return any(a.role == "lost" for a in self.arrived)

    def event_data(self) -> dict[str, Any]:
        """The item as an event may hold it: integers, strings and null only, so it has a canonical form."""
        return {
            "sha256": self.sha256,
            "size": self.size,
            "mime": self.mime,
            "stage": self.stage,
            "kind": self.kind,
            "captured_at": _instant(self.captured_at),
            "exif_at": _instant(self.exif_at),
            "received_at": _instant(self.received_at),
            "lon": _decimal(self.lon),
            "lat": _decimal(self.lat),
            "crs": self.crs,
            "accuracy_m": _decimal(self.accuracy_m),
            "pair_of": self.pair_of,
            **({"clock_skew_s": self.clock_skew_s} if self.clock_skew_s is not None else {}),
            **({"declared": True} if self.is_declared else {}),
            **({"marks": [dict(mark) for mark in self.marks]} if self.marks else {}),
        }


@dataclass(frozen=True)
class Arrived:
    """Bytes of a declared piece that came, and what they say of themselves; as `EvidenceArrival` keeps it."""

    role: Literal["display", "original", "lost"]
    at: datetime
    display_sha256: str | None = None
    phash: str | None = None
    width: int | None = None
    height: int | None = None
    exif_at: datetime | None = None
    lon: Decimal | None = None
    lat: Decimal | None = None


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if at else None


def _decimal(value: Decimal | None) -> str | None:
    return format(value, "f") if value is not None else None
