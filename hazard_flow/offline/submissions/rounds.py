"""A round that a tablet hands in: walked under its author's name, by our clock, its pictures declared; exactly once."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.orm import Session

from hazard_flow.errors import BadRequest, FieldError, NotFound
from hazard_flow.evidence.items import Arrived, EvidenceItem
from hazard_flow.hazards import receiving
from hazard_flow.hazards.changes import Offline
from hazard_flow.hazards.models import Hazard
from hazard_flow.hazards.rules import rules_of
from hazard_flow.identity.actor import Actor
from hazard_flow.inspections import operations
from hazard_flow.inspections.asked import GivenRound, paper_of
from hazard_flow.inspections.models import Round, RoundAnswer, RoundPhoto
from hazard_flow.offline.submissions.manifest import RoundManifest
from hazard_flow.offline.submissions.models import Submission


def hand_in(
    session: Session,
    submission: Submission,
    manifest: RoundManifest,
    files: Sequence[EvidenceItem],
    actor: Actor,
    now: datetime,
    offline: Offline,
    *,
    request_key: str,
) -> Round:
    """The round as `inspections` takes it, whole or not at all. Raises what that raises, BadRequest for a paper that is none."""
    round_id = _id(manifest.payload.round)
    body = _paper(manifest.payload.data)
    field_of = {one.original.sha256: one.meta.field or "" for one in manifest.attachments}
    pictures = [(field_of[one.sha256], _seen(one)) for one in files]
    paper = paper_of(session, round_id, body, pictures, source="tablet")
    skew = timedelta(seconds=submission.clock_skew_s or 0)
    with session.begin_nested():
        return operations.hand_in(
            session,
            actor,
            round_id,
            replace(
                paper,
                started_at=min(paper.started_at - skew, now),
                ended_at=min(paper.ended_at - skew, now),
                visits=[
                    replace(one, visited_at=min(one.visited_at - skew, now) if one.visited_at else None)
                    for one in paper.visits
                ],
                track=[replace(one, at=one.at - skew) for one in paper.track],
            ),
            request_key=request_key,
            now=now,
            zone=rules_of(session).zone,
            offline=offline,
        )


def note_arrival(session: Session, round_id: uuid.UUID, came: Arrived, *, sha256: str, now: datetime) -> None:
    """Bytes of a picture that came after the round was taken up: for the round, and for every hazard that took the picture along."""
    rows = session.scalars(
        sa.select(RoundPhoto).where(
            RoundPhoto.round_id == round_id,
            sa.or_(RoundPhoto.sha256 == sha256, RoundPhoto.display_sha256 == sha256),
        )
    ).all()
    for row in rows:
        row.display_sha256 = row.display_sha256 or came.display_sha256
        row.phash, row.exif_at = row.phash or came.phash, row.exif_at or came.exif_at
    places = {(row.asset_id, row.item) for row in rows}
    answers = session.scalars(
        sa.select(RoundAnswer).where(RoundAnswer.round_id == round_id, RoundAnswer.hazard_id.is_not(None))
    )
    for hazard_id in {one.hazard_id for one in answers if (one.asset_id, one.item) in places}:
        if hazard_id is not None and session.get(Hazard, hazard_id) is not None:
            receiving.note(session, hazard_id, came, sha256=sha256, now=now)


def round_of(session: Session, raw: str) -> Round | None:
    """The round a manifest names, as far as the session's scope reaches it."""
    try:
        return session.get(Round, _id(raw))
    except NotFound:
        return None


def _seen(one: EvidenceItem) -> EvidenceItem:
    """With what its bytes said of themselves, as far as they have come."""
    shown = next((a.display_sha256 for a in one.arrived if a.display_sha256), one.display_sha256)
    return replace(one, display_sha256=shown, phash=next((a.phash for a in one.arrived if a.phash), None))


def _paper(data: dict[str, Any]) -> GivenRound:
    try:
        return GivenRound.model_validate(data)
    except ValidationError as error:
        faults = [
            FieldError(".".join(map(str, one["loc"])), "wrong_type", {"reason": str(one["msg"])[:200]})
            for one in error.errors()[:20]
        ]
        raise BadRequest("no paper of a round", fields=faults) from error


def _id(raw: str) -> uuid.UUID:
    try:
        return uuid.UUID(raw)
    except ValueError as error:
        raise NotFound(f"round {raw[:40]}") from error
