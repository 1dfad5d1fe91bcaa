"""Evidence that comes with a change: its rows, and how it is written in the event."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from hazard_flow.errors import FieldError
from hazard_flow.evidence.items import Arrived, EvidenceItem
from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.batch import Batch
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.originality.reuse import Used
from hazard_flow.storage.base import new_id

#: pieces on one hazard
EVIDENCE_MAX = 200
#: pieces with one change
EVIDENCE_PER_CHANGE_MAX = 20


def counts(stored: Iterable[Evidence], brought: Iterable[EvidenceItem]) -> dict[str, int]:
    """Pieces by evidence code, those on the hazard and those brought."""
    found = Counter(e.kind for e in stored)
    found.update(e.kind for e in brought)
    return dict(found)


def problems(stored: Sequence[Evidence], brought: Sequence[EvidenceItem]) -> list[FieldError]:
    """What is wrong with the pieces themselves, whatever the action asks for."""
    found = []
    if len(brought) > EVIDENCE_PER_CHANGE_MAX or len(stored) + len(brought) > EVIDENCE_MAX:
        found.append(FieldError("evidence", "too_many_files", {"most": EVIDENCE_PER_CHANGE_MAX}))
    twice = [sha for sha, n in Counter((e.sha256, e.stage) for e in brought).items() if n > 1]
    there = {(e.sha256, e.stage) for e in stored}
    if twice or any((e.sha256, e.stage) in there for e in brought):
        found.append(FieldError("evidence", "same_file_twice"))
    before = {e.sha256 for e in stored if e.kind == "PHOTO_BEFORE"} | {
        e.sha256 for e in brought if e.kind == "PHOTO_BEFORE"
    }
    if any(e.pair_of is not None and e.pair_of not in before for e in brought):
        found.append(FieldError("evidence", "unknown_pair"))
    return found


def bind(
    batch: Batch, hazard: Hazard, brought: Sequence[EvidenceItem], *, by: uuid.UUID | None
) -> list[dict[str, Any]]:
    """Rows for the pieces, bound to the event about to be appended; returns their form in the event."""
    rows = [
        Evidence(
            id=new_id(),
            home_id=hazard.home_id,
            hazard_id=hazard.id,
            event_seq=hazard.seq + 1,
            stage=item.stage,
            kind=item.kind,
            sha256=item.sha256,
            size=item.size,
            mime=item.mime,
            filename=item.filename,
            width=item.width,
            height=item.height,
            captured_at=item.captured_at,
            exif_at=item.exif_at,
            received_at=item.received_at,
            lon=_number(item.lon),
            lat=_number(item.lat),
            crs=item.crs,
            accuracy_m=_number(item.accuracy_m),
            display_sha256=item.display_sha256,
            pair_of=item.pair_of,
            phash=item.phash,
            clock_skew_s=item.clock_skew_s,
            uploaded_by=by,
            is_declared=item.is_declared,
            tablet_id=item.tablet_id,
            marks=[dict(mark) for mark in item.marks] or None,
        )
        for item in brought
    ]
    batch.new_evidence += rows
    batch.arrivals += [
        arrival_row(row, one) for row, item in zip(rows, brought, strict=True) for one in item.arrived
    ]
    for row in rows:
        batch.uses.setdefault(row.sha256, []).append(Used(row.id, hazard.id, hazard.number))
        batch.to_examine.add((hazard.id, row.event_seq))
    batch.evidence.setdefault(hazard.id, []).extend(rows)
    return [item.event_data() for item in brought]


def arrival_row(piece: Evidence, came: Arrived) -> dict[str, Any]:
    """What came of a declared piece as it is stored."""
    return {
        "evidence_id": piece.id,
        "role": came.role,
        "hazard_id": piece.hazard_id,
        "at": came.at,
        "display_sha256": came.display_sha256,
        "phash": came.phash,
        "width": came.width,
        "height": came.height,
        "exif_at": came.exif_at,
        "lon": _number(came.lon),
        "lat": _number(came.lat),
    }


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
