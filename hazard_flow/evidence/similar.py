"""Looking up photographs whose fingerprints are near: eight short index ranges, however many photographs there are."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.evidence.fingerprints import (
    DISTANCE_MAX,
    Fingerprint,
    Prints,
    bands,
    near_bands,
    signed,
    unsigned,
)
from hazard_flow.evidence.models import Evidence, PhotoPrint


@dataclass(frozen=True)
class Near:
    """A photograph that may be the same one."""

    evidence_id: uuid.UUID
    hazard_id: uuid.UUID
    display_sha256: str
    #: bits in which they differ
    distance: int
    mirrored: bool


def row(piece: Evidence, found: Fingerprint) -> dict[str, Any]:
    """The fingerprint of a piece of evidence as it is stored."""
    return {
        "evidence_id": piece.id,
        "hazard_id": piece.hazard_id,
        "display_sha256": piece.shown_sha256 or "",
        **columns(found),
    }


def columns(found: Fingerprint) -> dict[str, int]:
    """A fingerprint's two numbers and their bands."""
    cut = {
        f"{number}{place}": band
        for number, whole in (("p", found.phash), ("d", found.dhash))
        for place, band in enumerate(bands(whole))
    }
    return {"phash": signed(found.phash), "dhash": signed(found.dhash), **cut}


def near(session: Session, wanted: Prints, *, distance_max: int, limit: int) -> list[Near]:
    """At most `limit` stored photographs within `distance_max` bits, the nearest first; the picture's own row among them.

    The limit must not exceed `DISTANCE_MAX`: beyond it the look-up would miss some.
    """
    assert distance_max <= DISTANCE_MAX, f"{distance_max} bits; the bands find {DISTANCE_MAX} at most"
    found: dict[uuid.UUID, Near] = {}
    for mirrored, one in ((False, wanted.upright), (True, wanted.mirrored)):
        for id_, hazard_id, display, phash, dhash in session.execute(_candidates(one)):
            distance = one.distance(Fingerprint(unsigned(phash), unsigned(dhash)))
            known = found.get(id_)
            if distance <= distance_max and (known is None or distance < known.distance):
                found[id_] = Near(id_, hazard_id, display, distance, mirrored)
    return sorted(found.values(), key=lambda n: (n.distance, n.mirrored, n.evidence_id))[:limit]


def _candidates(one: Fingerprint) -> sa.CompoundSelect[Any]:
    """One select a band, each by its own index; a photograph found by several comes several times."""
    wanted: Sequence[Any] = (
        PhotoPrint.evidence_id,
        PhotoPrint.hazard_id,
        PhotoPrint.display_sha256,
        PhotoPrint.phash,
        PhotoPrint.dhash,
    )
    return sa.union_all(
        *(
            sa.select(*wanted).where(getattr(PhotoPrint, f"{number}{place}").in_(list(near_bands(band))))
            for number, whole in (("p", one.phash), ("d", one.dhash))
            for place, band in enumerate(bands(whole))
        )
    )
