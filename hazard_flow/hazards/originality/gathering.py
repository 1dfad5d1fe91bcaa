"""What one event's evidence is held against, read set-based: its hazard, the same bytes elsewhere, the same person's other photographs."""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.assets.models import Asset
from hazard_flow.assets.places import Place
from hazard_flow.evidence.models import Evidence
from hazard_flow.hazards.models import Hazard, HazardEvent
from hazard_flow.hazards.originality.checks import Around, taken_at
from hazard_flow.hazards.originality.models import OriginalityOrder
from hazard_flow.hazards.originality.rules import OriginalityRules
from hazard_flow.workflow.permitted import BEFORE

#: a visit further away in time says nothing of speed inside a province
TRAVEL_WINDOW = timedelta(hours=6)
#: pictures of one person within that window, at most
_TRAVEL_MAX = 40
#: pieces with the same bytes that are named, at most
_SAME_MAX = 5


@dataclass(frozen=True)
class Gathered:
    """One event and what surrounds it, cut loose from the session."""

    hazard: Hazard
    event: HazardEvent
    #: without what an audit carried over
    pieces: Sequence[Evidence]
    around: Around
    #: hazards whose evidence is this one's by a split or a merge
    relatives: frozenset[uuid.UUID]
    #: the catalogue code, for the least time
    code: str
    #: when the work was finished, where this event says so
    done_at: datetime | None
    #: when it was last ordered that this be looked at; None where nobody did
    ordered_at: datetime | None


def gather(session: Session, hazard_id: uuid.UUID, event_seq: int, rules: OriginalityRules) -> Gathered:
    """Everything of one event but other hazards' evidence."""
    hazard = session.get_one(Hazard, hazard_id)
    event = session.get_one(HazardEvent, (hazard.home_id, hazard_id, event_seq))
    order = session.get(OriginalityOrder, (hazard_id, event_seq))
    stored = session.scalars(
        sa.select(Evidence).where(Evidence.hazard_id == hazard_id, Evidence.event_seq <= event_seq)
    ).all()
    return Gathered(
        hazard,
        event,
        [e for e in stored if e.event_seq == event_seq and not _is_carried_over(e, event)],
        Around(
            found_at=hazard.found_at,
            completed_at=hazard.completed_at if _is_done_by(hazard, event) else None,
            place=_place(session, hazard, rules),
            before=[e for e in stored if e.kind == BEFORE],
        ),
        relatives(session, hazard),
        (hazard.catalogue_code or "").strip().upper(),
        _done_at(event),
        order.ordered_at if order is not None else None,
    )


def relatives(session: Session, hazard: Hazard) -> frozenset[uuid.UUID]:
    """The hazards a split or a merge shares evidence with, this one among them."""
    linked = session.scalars(
        sa.select(Hazard.id).where(
            sa.or_(Hazard.split_from_id == hazard.id, Hazard.merged_into_id == hazard.id)
        )
    )
    ways = {hazard.id, hazard.split_from_id, hazard.merged_into_id, *linked}
    return frozenset(id_ for id_ in ways if id_ is not None)


def same_bytes(session: Session, piece: Evidence) -> Sequence[Evidence]:
    """Other pieces with exactly these bytes, the oldest first, of any hazard and organisation."""
    found = sa.select(Evidence).where(Evidence.sha256 == piece.sha256, Evidence.id != piece.id)
    return session.scalars(found.order_by(Evidence.received_at, Evidence.id).limit(_SAME_MAX)).all()


def visits(session: Session, piece: Evidence, *, not_of: Iterable[uuid.UUID]) -> Sequence[Evidence]:
    """Photographs the same person took elsewhere around that time, the nearest in time first."""
    at = taken_at(piece)
    if at is None or piece.uploaded_by is None:
        return ()
    by_device = sa.func.coalesce(Evidence.exif_at, Evidence.captured_at)
    found = session.scalars(
        sa.select(Evidence)
        .where(
            Evidence.uploaded_by == piece.uploaded_by,
            Evidence.hazard_id.not_in(list(not_of)),
            by_device.between(at - TRAVEL_WINDOW, at + TRAVEL_WINDOW),
            Evidence.lon.is_not(None),
        )
        .order_by(Evidence.received_at.desc())
        .limit(_TRAVEL_MAX)
    ).all()
    return sorted(found, key=lambda e: abs((taken_at(e) or datetime.max.replace(tzinfo=at.tzinfo)) - at))


def _is_carried_over(piece: Evidence, event: HazardEvent) -> bool:
    """Whether an audit brought the photograph along from the file it disputes: it is meant to be an old one."""
    return piece.kind == BEFORE and "audit" in _data(event)


def _done_at(event: HazardEvent) -> datetime | None:
    given = (_data(event).get("fields") or {}).get("completed_at")
    return datetime.fromisoformat(given) if given else None


def _data(event: HazardEvent) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(event.body)["data"]
    return data


def _is_done_by(hazard: Hazard, event: HazardEvent) -> bool:
    return hazard.completed_at is not None and hazard.completed_at <= event.at


def _place(session: Session, hazard: Hazard, rules: OriginalityRules) -> Place | None:
    """The asset's own point; the hazard's where it is tied to none; nothing for what has no one place."""
    asset = session.get(Asset, hazard.asset_id) if hazard.asset_id else None
    if asset is None:
        return Place.of(hazard)
    return None if asset.kind in rules.spread_assets else Place.of(asset)
