"""Receiving one file: examine, make the copies for the eye, say what it is; then keep the original bit-exact. No database."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from hazard_flow.errors import FieldError, Refused
from hazard_flow.evidence.display import Copies, make_copies
from hazard_flow.evidence.intake import Limits, examine
from hazard_flow.evidence.items import STAGES, WGS84, EvidenceItem
from hazard_flow.evidence.kinds import KINDS
from hazard_flow.evidence.store import Store


@dataclass(frozen=True)
class Looked:
    """A file that was found good and is in memory only: nothing is stored before `keep`."""

    item: EvidenceItem
    data: bytes
    copies: Copies | None

    def keep(self, store: Store) -> None:
        """Put the file and its copies on disk; the same bytes twice cost no second copy."""
        store.put(self.data)
        if self.copies is not None:
            store.put_thumb(store.put(self.copies.display, area="display"), self.copies.thumb)


def receive(
    store: Store,
    data: bytes,
    filename: str,
    *,
    stage: str,
    kind: str,
    received_at: datetime,
    captured_at: datetime | None = None,
    lon: Decimal | None = None,
    lat: Decimal | None = None,
    crs: str | None = None,
    accuracy_m: Decimal | None = None,
    pair_of: str | None = None,
    clock_skew_s: int | None = None,
    limits: Limits | None = None,
) -> EvidenceItem:
    """`look` and keep at once; the item names file and copies by hash. The bytes are on disk when this returns."""
    looked = look(
        data,
        filename,
        stage=stage,
        kind=kind,
        received_at=received_at,
        captured_at=captured_at,
        lon=lon,
        lat=lat,
        crs=crs,
        accuracy_m=accuracy_m,
        pair_of=pair_of,
        clock_skew_s=clock_skew_s,
        limits=limits,
    )
    looked.keep(store)
    return looked.item


def look(
    data: bytes,
    filename: str,
    *,
    stage: str,
    kind: str,
    received_at: datetime,
    captured_at: datetime | None = None,
    lon: Decimal | None = None,
    lat: Decimal | None = None,
    crs: str | None = None,
    accuracy_m: Decimal | None = None,
    pair_of: str | None = None,
    clock_skew_s: int | None = None,
    limits: Limits | None = None,
) -> Looked:
    """Judge a file and make its copies, in memory.

    A place given by the device wins over the photo's own. Raises what `intake.examine` raises, and Refused for an unknown
    stage or kind.
    """
    wrong = [
        FieldError(name, f"evidence_{name}_unknown", {name: given})
        for name, given, known in (("stage", stage, STAGES), ("kind", kind, KINDS))
        if given not in known
    ]
    if wrong:
        raise Refused("evidence", fields=wrong)
    seen = examine(data, filename, limits=limits)
    # An image that does not decode is refused as a whole: it would prove nothing.
    copies = make_copies(data, seen.mime, filename=seen.filename) if seen.is_image else None
    from_device = lon is not None and lat is not None
    item = EvidenceItem(
        sha256=seen.sha256,
        size=seen.size,
        mime=seen.mime,
        stage=stage,
        kind=kind,
        filename=seen.filename,
        captured_at=captured_at,
        exif_at=seen.exif_at,
        received_at=received_at,
        lon=lon if from_device else seen.lon,
        lat=lat if from_device else seen.lat,
        crs=(crs or WGS84) if from_device else (WGS84 if seen.lon is not None else None),
        accuracy_m=accuracy_m if from_device else seen.accuracy_m,
        display_sha256=hashlib.sha256(copies.display).hexdigest() if copies else None,
        width=seen.width,
        height=seen.height,
        pair_of=pair_of,
        phash=copies.phash if copies else None,
        clock_skew_s=clock_skew_s,
    )
    return Looked(item, data, copies)
