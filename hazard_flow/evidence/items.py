"""What one piece of evidence is, as every caller hands it to the door; no bytes, no database."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

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
        }


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if at else None


def _decimal(value: Decimal | None) -> str | None:
    return format(value, "f") if value is not None else None
