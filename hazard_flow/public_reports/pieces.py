"""Photographs of a report as rows of JSON, and back as evidence a hazard takes. Pure."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from hazard_flow.evidence.items import EvidenceItem

_INSTANTS = ("captured_at", "exif_at", "received_at")
_NUMBERS = ("lon", "lat", "accuracy_m")
_PLAIN = (
    "sha256", "size", "mime", "stage", "kind", "filename", "crs", "display_sha256", "width", "height", "pair_of", "phash", "clock_skew_s",
)  # fmt: skip


def written(item: EvidenceItem) -> dict[str, Any]:
    """A piece as it is kept with the report."""
    found: dict[str, Any] = {name: getattr(item, name) for name in _PLAIN}
    for name in _INSTANTS:
        at = getattr(item, name)
        found[name] = at.isoformat() if at is not None else None
    for name in _NUMBERS:
        number = getattr(item, name)
        found[name] = str(number) if number is not None else None
    return found


def read(kept: Mapping[str, Any]) -> EvidenceItem:
    """The piece again."""
    given: dict[str, Any] = {name: kept[name] for name in _PLAIN}
    for name in _INSTANTS:
        given[name] = datetime.fromisoformat(kept[name]) if kept[name] else None
    for name in _NUMBERS:
        given[name] = Decimal(kept[name]) if kept[name] else None
    return EvidenceItem(**given)
