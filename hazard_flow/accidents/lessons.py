"""What an accident teaches elsewhere (举一反三): similar places are offered, accepted ones become tasks through a registered seam."""

import math
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hazard_flow.accidents.models import Accident, Lesson
from hazard_flow.accidents.rules import accident_rules
from hazard_flow.accidents.steps import REPORT, demand, note, on
from hazard_flow.assets.models import Asset
from hazard_flow.assets.queries import within
from hazard_flow.errors import FieldError, Refused
from hazard_flow.identity.actor import Actor
from hazard_flow.storage.journal import digest_of
from hazard_flow.storage.unit import scope_of_session

#: metres of a degree of latitude: near enough to say which place is nearer
_DEGREE_M = 111_320


@dataclass(frozen=True)
class Followed:
    """What a follow-up is made from: the accident, the places that were accepted, who decides, by when it is to be done."""

    accident: Accident
    assets: tuple[Asset, ...]
    actor: Actor
    due_at: datetime
    request_key: str
    now: datetime


@dataclass(frozen=True)
class FollowUp:
    """The seam: makes tasks of accepted places; the page of each, by asset. Registered by `app`."""

    make: Callable[[Session, Followed], dict[uuid.UUID, str]] = lambda session, followed: {}


def similar(session: Session, accident: Accident) -> Sequence[Asset]:
    """Places of the same kind within the scope, the same enterprise's and the nearest first; none where no place is known."""
    at = session.get(Asset, accident.asset_id) if accident.asset_id else None
    if at is None:
        return ()
    rows = session.scalars(
        sa.select(Asset)
        .where(Asset.kind == at.kind, Asset.id != at.id, within(scope_of_session(session)))
        .limit(5_000)
    ).all()
    nearest = sorted(rows, key=lambda one: (one.home_id != at.home_id, _metres(at, one), one.code))
    return nearest[: accident_rules().similar_places_max]


def propose(
    session: Session, *, actor: Actor, accident_id: uuid.UUID, request_key: str, now: datetime
) -> Accident:
    """Similar places that are not yet offered are; raises Refused where there are none."""
    demand(actor, REPORT)
    digest = digest_of("propose", accident_id)

    def work(accident: Accident) -> None:
        offered = {row.asset_id for row in of(session, accident)}
        fresh = [one for one in similar(session, accident) if one.id not in offered]
        if not fresh:
            raise Refused(fields=[FieldError("asset", "no_similar_places")])
        session.add_all(
            Lesson(accident_id=accident.id, asset_id=one.id, state="proposed", href="") for one in fresh
        )
        note(
            session,
            accident,
            "proposed",
            {"places": len(fresh)},
            actor=actor,
            request_key=request_key,
            digest=digest,
            now=now,
        )

    return on(session, actor, accident_id, request_key, digest, work)


def decide(
    session: Session, *, actor: Actor, accident_id: uuid.UUID, asset_ids: Sequence[uuid.UUID], accept: bool,
    due_at: datetime | None, follow_up: FollowUp, request_key: str, now: datetime,
) -> Accident:  # fmt: skip
    """Offered places are accepted, with a day by which somebody has looked, or declined. Raises Refused."""
    demand(actor, REPORT)
    digest = digest_of("decide", accident_id, sorted(map(str, asset_ids)), accept, due_at)

    def work(accident: Accident) -> None:
        offered = {row.asset_id: row for row in of(session, accident) if row.state == "proposed"}
        chosen = [offered[one] for one in dict.fromkeys(asset_ids) if one in offered]
        faults = []
        if not chosen:
            faults.append(FieldError("asset", "required"))
        if accept and (due_at is None or due_at <= now):
            faults.append(FieldError("due_at", "must_lie_ahead"))
        if faults:
            raise Refused(fields=faults)
        pages: dict[uuid.UUID, str] = {}
        if accept and due_at is not None:
            rows = session.scalars(
                sa.select(Asset).where(Asset.id.in_([one.asset_id for one in chosen])).order_by(Asset.code)
            )
            pages = follow_up.make(session, Followed(accident, tuple(rows), actor, due_at, request_key, now))
        for row in chosen:
            row.state = "accepted" if accept else "declined"
            row.decided_at, row.decided_by, row.href = now, actor.id, pages.get(row.asset_id, "")
        data = {"places": [str(one.asset_id) for one in chosen], "accepted": accept}
        note(session, accident, "decided", data, actor=actor, request_key=request_key, digest=digest, now=now)

    return on(session, actor, accident_id, request_key, digest, work)


def of(session: Session, accident: Accident) -> Sequence[Lesson]:
    """The places offered for an accident."""
    return session.scalars(sa.select(Lesson).where(Lesson.accident_id == accident.id)).all()


def _metres(one: Asset, other: Asset) -> float:
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return math.inf
    east = (one.lon - other.lon) * math.cos(math.radians(one.lat))
    return math.hypot(east, one.lat - other.lat) * _DEGREE_M
