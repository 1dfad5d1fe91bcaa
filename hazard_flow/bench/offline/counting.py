"""After the sending: is every report a hazard, once; is every file in the store, bit for bit?"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from hazard_flow.bench.offline.shots import Paper, sha256
from hazard_flow.errors import HazardFlowError
from hazard_flow.evidence.models import Evidence
from hazard_flow.evidence.store import Area, Store
from hazard_flow.hazards.models import Hazard
from hazard_flow.offline.submissions.models import Submission
from hazard_flow.storage.scope import SYSTEM
from hazard_flow.storage.unit import Database


@dataclass(frozen=True)
class Counted:
    """What is missing, there twice, or not as it was sent."""

    lost: int
    doubled: int
    damaged: int
    files: int


def count(database: Database, store: Store, written: Sequence[Paper]) -> Counted:
    """A report is lost unless it is complete, entered, and its hazard holds all its photos with their originals."""
    with database.reading(SYSTEM) as session:
        found = {one.id: one for one in session.scalars(sa.select(Submission))}
        hazards = Counter(session.scalars(sa.select(Hazard.place)))
        whole = Counter(
            piece.hazard_id
            for piece in session.scalars(sa.select(Evidence))
            if piece.has_original and piece.has_copy
        )
    lost = sum(not _is_whole(found.get(paper.id), whole, len(paper.photos)) for paper in written)
    doubled = sum(times - 1 for times in hazards.values())
    damaged = sum(
        not _is_kept(store, data, area)
        for paper in written
        for photo in paper.photos
        for area, data in (("display", photo.display), ("original", photo.original))
    )
    return Counted(lost, doubled, damaged, sum(2 * len(paper.photos) for paper in written))


def _is_whole(one: Submission | None, whole: Mapping[uuid.UUID, int], photos: int) -> bool:
    return (
        one is not None
        and (one.state, one.outcome) == ("complete", "entered")
        and one.hazard_id is not None
        and whole.get(one.hazard_id) == photos
    )


def _is_kept(store: Store, data: bytes, area: str) -> bool:
    kept: Area = "display" if area == "display" else "original"
    try:
        return store.get(sha256(data), area=kept) == data
    except HazardFlowError:
        return False
