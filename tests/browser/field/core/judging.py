"""What must hold at the end, asked of the installation itself: each report once, every byte as it was taken."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hazard_flow.hazards.models import Hazard
from hazard_flow.identity.models import Person
from hazard_flow.offline.submissions.models import Submission
from hazard_flow.storage.scope import SYSTEM
from tests.browser.field.core.ground import Ground


@dataclass(frozen=True)
class Stands:
    """How a report stands on the server."""

    hazards: int
    submissions: Sequence[tuple[str, str, str]]
    #: SHA-256 of each original as the store holds it now, computed anew
    originals: frozenset[str]
    displays: frozenset[str]


def stands(ground: Ground, description: str) -> Stands:
    """All there is of the reports with this description."""
    store = ground.place.application.store
    with ground.place.database.reading(SYSTEM) as session:
        hazards = session.scalars(sa.select(Hazard).where(Hazard.description == description)).all()
        found = session.scalars(
            sa.select(Submission).where(Submission.hazard_id.in_([hazard.id for hazard in hazards]))
        ).all()
        files = [file for one in found for file in one.attachments if file.received_at is not None]
        owners = {one.owner_id: session.get_one(Person, one.owner_id).username for one in found}
        return Stands(
            hazards=len(hazards),
            submissions=[(owners[one.owner_id], one.state, one.outcome) for one in found],
            originals=frozenset(_sha256(store.get(f.sha256)) for f in files if f.role == "original"),
            displays=frozenset(
                _sha256(store.get(f.sha256, area="display")) for f in files if f.role == "display"
            ),
        )


def once_and_whole(ground: Ground, description: str, photos: Sequence[Any], *, owner: str) -> None:
    """Exactly one hazard, handed in by its owner, and every photo equal to the last bit."""
    found = stands(ground, description)
    assert (found.hazards, list(found.submissions)) == (1, [(owner, "complete", "entered")])
    assert found.originals == {photo["sha256"] for photo in photos}
    assert found.displays == {photo["display_sha256"] for photo in photos}


def nothing_of(ground: Ground, submission_id: str) -> bool:
    """Whether the server has never heard of it."""
    with ground.place.database.reading(SYSTEM) as session:
        return session.get(Submission, uuid.UUID(submission_id)) is None


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
